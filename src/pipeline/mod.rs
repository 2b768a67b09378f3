//! The order of the stages: walk, read, decode, extract, reconcile, stage, publish.
//!
//! Two phases. First each file becomes a record in the staging store, a batch of files at a time, in
//! parallel and in the order of their paths. Then, knowing the keys of all reports, versions of one report and pairs of
//! reports are found, and the tables are written in order. In memory are one batch and the keys, never the tables of all reports. One bad
//! file costs one row; a panic is caught for each file and becomes a row too. Nothing here prints:
//! what happens is told by [`Event`]s.

#![expect(
    clippy::disallowed_methods,
    reason = "durations of a run are measured here, and the time against which files are dated"
)]

mod container;
#[cfg(test)]
mod faults;
mod file;
mod kept;
mod links;
mod space;
mod staged;
mod stop;
mod versions;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use thiserror::Error;

use crate::config::Config;
use crate::ingest::{self, Entry, IngestError, Walk};
use crate::model::file::{FileRow, hex};
use crate::model::report::ReportStatus;
use crate::page::{self, PageError};
use crate::publish::{
    Item, Lock, PublishError, Published, Publisher, RunFacts, Staging, StateFacts, current, current_facts, describe,
    is_complete, reasons, retain,
};
use crate::state::{Footer, Index, Kept, Made, Opened, StateError};
use crate::worker::{WorkerError, Workers};
use container::expand;
use file::{Found, Reader};
use kept::{Sameness, Seen, Taken};
use staged::Staged;

pub use file::{Corrected, Inspected};
pub use stop::Stop;
pub use versions::{Differing, differing};

/// Why a run ended without a result.
#[derive(Debug, Error)]
pub enum RunError {
    /// The inputs cannot be used.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The output cannot be written.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The page of the snapshot cannot be made.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The staging store cannot be written or read.
    #[error(transparent)]
    State(#[from] StateError),
    /// A process to read with cannot be started.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The volume of the output is full.
    #[error("{}", space::words(out, *written, *needed))]
    NoSpace {
        /// The output folder.
        out: PathBuf,
        /// Bytes that the run had written.
        written: u64,
        /// Bytes that it would have written, where the newest snapshot tells.
        needed: Option<u64>,
        /// Where it stopped.
        #[source]
        source: Box<RunError>,
    },
    /// The threads cannot be started.
    #[error("start threads")]
    Threads(#[source] rayon::ThreadPoolBuildError),
    /// The run was asked to stop.
    #[error("stopped by signal {signal}")]
    Stopped {
        /// The number of the signal.
        signal: usize,
    },
    /// What was found may not take the place of what stands.
    #[error("refused by a guard: {}", reasons.join("; "))]
    Refused {
        /// Why, one sentence each.
        reasons: Vec<String>,
    },
    /// Files were seen that have no row, or rows that have no file.
    #[error("{seen} files were seen and {accounted} are accounted for: nothing is published")]
    Conservation {
        /// Files that the walk met.
        seen: u64,
        /// Files by outcome, summed.
        accounted: u64,
    },
}

/// What happens during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Files were read.
    Read {
        /// Files so far.
        done: u64,
        /// Reports accepted so far.
        accepted: u64,
        /// Reports held back so far.
        quarantined: u64,
    },
    /// Reports were written to the tables.
    Written {
        /// Reports so far.
        done: u64,
        /// Reports in all.
        total: u64,
    },
}

/// What a run did.
#[derive(Debug)]
pub struct RunSummary {
    /// What became of the snapshot.
    pub published: Published,
    /// What `run.json` says.
    pub facts: RunFacts,
    /// What went wrong beside the publication, one sentence each.
    pub warnings: Vec<String>,
}

/// What a run is to do.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Files and folders to read.
    pub inputs: &'a [PathBuf],
    /// Folder to publish in.
    pub out: &'a Path,
    /// Settings.
    pub config: &'a Config,
    /// Processes that read what is dangerous to read.
    pub workers: &'a Workers,
    /// What tells this build of the program from others; without it nothing of earlier runs is used.
    pub program: Option<&'a str>,
    /// The name of the run.
    pub run_id: &'a str,
    /// Everything is read, whatever earlier runs read.
    pub is_fresh: bool,
    /// How long another run is waited for.
    pub patience: Duration,
    /// What guards say is not asked.
    pub accepts_guard: bool,
    /// Whether the run should stop.
    pub stop: &'a Stop,
}

impl<'a> Job<'a> {
    /// A run that reads everything and nobody stops.
    #[must_use]
    pub fn new(inputs: &'a [PathBuf], out: &'a Path, config: &'a Config, workers: &'a Workers, stop: &'a Stop) -> Self {
        let (program, run_id, patience) = (None, "", Duration::ZERO);
        Self { inputs, out, config, workers, program, run_id, is_fresh: false, patience, accepts_guard: false, stop }
    }
}

/// What tells the build of a program, or of a library, from others: its version and the hash of its bytes; `None` where
/// it cannot be read.
#[must_use]
pub fn program_of(path: &Path) -> Option<String> {
    let (_, sha256) = ingest::digest(path).ok()?;
    Some(format!("{} {}", env!("CARGO_PKG_VERSION"), hex(&sha256)))
}

/// Files that the walk meets; a second walk reads them.
///
/// # Errors
/// When the inputs cannot be used.
pub fn count_files(inputs: &[PathBuf], out: &Path, config: &Config) -> Result<u64, IngestError> {
    Ok(Walk::new(inputs, out, &config.input)?.entries().count() as u64)
}

/// Reads the inputs and publishes a snapshot.
///
/// # Errors
/// When inputs or output cannot be used, the disk refuses, files are not accounted for, or the run was asked to stop;
/// the last snapshot then stands as it was.
pub fn run(job: &Job<'_>, on_event: &mut (dyn FnMut(Event) + Send)) -> Result<RunSummary, RunError> {
    let walk = Walk::new(job.inputs, job.out, &job.config.input)?;
    // Whether the output can be written shows before any file is read.
    let lock = Lock::wait(job.out, job.patience, &|| job.stop.asked().is_some());
    job.stop.check()?;
    let lock = lock.map_err(|error| space::told(error.into(), job.out, None))?;
    let before = current_facts(job.out)?;
    let mut staging = Staging::create(job.out, &lock).map_err(|error| space::told(error.into(), job.out, None))?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(job.config.run.jobs).build().map_err(RunError::Threads)?;
    let result = pool.install(|| {
        let start = Start { at: Instant::now(), second: second() };
        let (kept, dropped) = match opened(job) {
            Opened::Kept(kept) => (Some(*kept), None),
            Opened::Dropped(why) => (None, why),
        };
        let place = Place { walk: &walk, lock: &lock, before: before.as_ref(), start };
        let result = attempt(job, place, &staging, kept.as_ref(), dropped, on_event);
        match (result, kept) {
            (Err(RunError::State(StateError::Damaged { path, what })), Some(_)) => {
                staging.renew()?;
                let dropped = Some(format!("it is not as it was written ({}: {what})", path.display()));
                attempt(job, place, &staging, None, dropped, on_event)
            }
            (result, _) => result,
        }
    });
    // What fails while the run is being stopped fails because of that.
    match (result, job.stop.asked()) {
        (Err(_), Some(signal)) => Err(RunError::Stopped { signal }),
        (Err(error), None) => Err(space::told(error, job.out, Some(staging.folder()))),
        (result, _) => result,
    }
}

/// When a run began.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: Instant,
    /// By the clock of the system, which also dates files.
    second: i64,
}

fn second() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

/// What the state of the output depends on.
fn made(job: &Job<'_>) -> Made {
    let program = job.program.unwrap_or_default().to_owned();
    Made { program, settings: job.config.settings_digest.clone() }
}

fn opened(job: &Job<'_>) -> Opened {
    match job.program {
        None => Opened::Dropped(None),
        Some(_) if job.is_fresh => Opened::Dropped(Some("everything was to be read".to_owned())),
        Some(_) => Kept::open(&job.out.join(STATE), &made(job)),
    }
}

/// Folder of the state in the output.
const STATE: &str = "state";

/// What a run finds in its place.
#[derive(Clone, Copy)]
struct Place<'a> {
    walk: &'a Walk,
    lock: &'a Lock,
    /// What the newest snapshot says of its run.
    before: Option<&'a RunFacts>,
    start: Start,
}

/// Reads all of the state of an output folder, as a run would; says what is wrong with it.
///
/// # Errors
/// What is wrong, in a few words.
pub fn check_state(out: &Path) -> Result<(), String> {
    crate::state::check(&out.join(STATE)).map_err(|error| chain(&error))
}

/// A whole run with what an earlier one read, or without.
fn attempt(
    job: &Job<'_>,
    place: Place<'_>,
    staging: &Staging,
    kept: Option<&Kept>,
    dropped: Option<String>,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<RunSummary, RunError> {
    let (config, walk, start) = (job.config, place.walk, place.start);
    let reader = Reader { config, workers: job.workers, keeps_pages: false, stop: job.stop };
    if let Some(kept) = kept
        && let Some(summary) = unchanged(job, reader, walk, staging, start, kept)?
    {
        return Ok(summary);
    }
    let mut index = Index::create(staging.folder())?;
    let mut staged = stage(walk, staging, reader, start, kept, &mut index, on_event)?;
    staged.facts.state.dropped = dropped;
    staged.facts.run_id = job.run_id.to_owned();
    let read_seconds = start.at.elapsed().as_secs_f64();
    let accounted: u64 = staged.facts.files.values().sum();
    if accounted != staged.n_seen {
        return Err(RunError::Conservation { seen: staged.n_seen, accounted });
    }
    if let Some(before) = place.before.filter(|_| !job.accepts_guard) {
        let reasons = reasons(before, &staged.facts, &config.guards);
        if !reasons.is_empty() {
            return Err(RunError::Refused { reasons });
        }
    }
    let write_start = Instant::now();
    write(&mut staged, staging, reader, on_event)?;
    let seconds = [("read", read_seconds), ("write", write_start.elapsed().as_secs_f64())];
    staged.facts.seconds = seconds.map(|(phase, seconds)| (phase.into(), seconds)).into();
    job.stop.check()?;
    let published = staging.publish(&staged.facts, |edition| -> Result<(), RunError> {
        let page = || page::write(&edition.folder, config, &edition.files);
        let (described, page) = rayon::join(|| describe(edition, config), page);
        described?;
        page?;
        Ok(())
    })?;
    let mut warnings = Vec::new();
    if job.program.is_some()
        && let Some(snapshot) = current(job.out)
    {
        let facts = serde_json::to_string(&staged.facts).unwrap_or_default();
        let footer = Footer { made: made(job), digest: config.digest.clone(), snapshot, facts, ..Footer::default() };
        let lengths = kept.map(|kept| kept.footer.segments.clone()).unwrap_or_default();
        // The snapshot stands: what is lost is time.
        if let Err(error) = index.save(&job.out.join(STATE), staged.store.kept(), &lengths, footer) {
            let error = chain(&error);
            warnings.push(format!("the state cannot be kept, the next run reads more than it needs to ({error})"));
        }
    }
    if let Err(error) = retain(job.out, staging.folder(), &config.retention, place.lock) {
        warnings.push(format!("old snapshots cannot be removed ({})", chain(&error)));
    }
    Ok(RunSummary { published, facts: staged.facts, warnings })
}

/// An error with what is behind it.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        text.push_str(&format!(": {error}"));
        behind = error.source();
    }
    text
}

/// The summary of a run that has nothing to do: program, settings, corrections and all files are those of the state,
/// and the newest snapshot is the one that came of it.
fn unchanged(
    job: &Job<'_>,
    reader: Reader<'_>,
    walk: &Walk,
    staging: &Staging,
    start: Start,
    kept: &Kept,
) -> Result<Option<RunSummary>, RunError> {
    let footer = &kept.footer;
    let is_known = footer.digest == job.config.digest && footer.n_entries == footer.n_files;
    let facts: Option<RunFacts> = serde_json::from_str(&footer.facts).ok();
    let (Some(mut facts), Some(snapshot), true) = (facts, current(job.out), is_known) else { return Ok(None) };
    if snapshot != footer.snapshot || !is_complete(&job.out.join("current")) {
        return Ok(None);
    }
    let mut warnings = Vec::new();
    match kept::compare(reader, walk, kept, staging.folder(), start.second)? {
        Sameness::Changed => return Ok(None),
        Sameness::Same => {}
        Sameness::Renewed(index) => {
            if let Err(error) = index.save(&job.out.join(STATE), None, &footer.segments, footer.clone()) {
                warnings.push(format!("the state cannot be renewed ({})", chain(&error)));
            }
        }
    }
    facts.seconds = [("read".into(), start.at.elapsed().as_secs_f64())].into();
    facts.run_id = job.run_id.to_owned();
    facts.state = StateFacts { files_kept: facts.files.values().sum(), files_read: 0, dropped: None };
    Ok(Some(RunSummary { published: Published::Unchanged(snapshot.0), facts, warnings }))
}

/// The first phase: every file becomes records.
fn stage<'c>(
    walk: &Walk,
    staging: &Staging,
    reader: Reader<'c>,
    start: Start,
    kept: Option<&Kept>,
    index: &mut Index,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<Staged<'c>, RunError> {
    let config = reader.config;
    let mut staged = Staged::create(staging.folder(), config)?;
    let mut lookup = None;
    if let Some(kept) = kept {
        kept.open_segments(&mut staged.store)?;
        staged.gathers = kept.is_scattered();
        lookup = Some(kept.lookup());
    }
    let mut entries = walk.entries();
    loop {
        let mut batch = Vec::with_capacity(config.run.batch_files);
        for walked in entries.by_ref().take(config.run.batch_files) {
            let known = match (&mut lookup, &walked) {
                (Some(lookup), Entry::File { path, .. }) => lookup.find(path)?,
                _ => None,
            };
            if let Entry::Skipped { path, reason } = &walked {
                index.skip(path, reason);
            }
            batch.push((walked, known));
        }
        if batch.is_empty() {
            break;
        }
        let store = &staged.store;
        let read = |(walked, known)| kept::take(reader, walked, known, store);
        let taken: Result<Vec<Taken>, RunError> = batch.into_par_iter().map(read).collect();
        for taken in taken? {
            let seen = enter(&mut staged, reader, taken)?;
            let group = staged.group();
            if let Some(seen) = seen {
                index.push(kept::entry_of(seen, group, &staged.store, start.second).as_ref())?;
            }
        }
        let count = |status: ReportStatus| staged.facts.reports.get(status.as_str()).copied().unwrap_or(0);
        on_event(Event::Read {
            done: staged.n_seen,
            accepted: count(ReportStatus::Accepted),
            quarantined: count(ReportStatus::Quarantined),
        });
    }
    versions::settle(&mut staged)?;
    staged.facts.corrections = staged.corrections();
    staged.store.flush()?;
    staged.pairs = links::pairs(&mut staged);
    staged.facts.input_digest = staged.input_digest();
    Ok(staged)
}

/// Takes in what was made of an entry of the walk.
fn enter(staged: &mut Staged<'_>, reader: Reader<'_>, taken: Taken) -> Result<Option<Seen>, RunError> {
    let (n_files, n_items) = (staged.files.len(), staged.items.len());
    let (n_taken, seen) = match taken {
        Taken::Read(Found::File(result), seen) => {
            staged.take_in(result)?;
            staged.facts.state.files_read += u64::from(seen.is_some());
            (1, seen)
        }
        Taken::Read(Found::Container(row, source), seen) => {
            let n_members = expand(reader, row, source, 1, &mut |result| staged.take_in(result))?;
            staged.facts.state.files_read += n_members + 1;
            (n_members + 1, seen)
        }
        Taken::Again { record, locations, known, seen } => {
            let n_taken = kept::take_again(staged, *record, &locations, &known)?;
            staged.facts.state.files_kept += n_taken;
            (n_taken, Some(seen))
        }
    };
    staged.n_seen += n_taken;
    if n_taken > 1 {
        // Members come in any order.
        staged.sort_from(n_files, n_items)?;
    }
    Ok(seen)
}

/// Writes the tables from the store, a batch of records at a time.
fn write(
    staged: &mut Staged<'_>,
    staging: &Staging,
    reader: Reader<'_>,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<(), RunError> {
    let config = reader.config;
    staged.items.sort_unstable_by_key(|(key, _)| *key);
    let (store, pairs) = (&staged.store, &staged.pairs);
    let mut publisher = Publisher::create(&staging.snapshot(), config, &staged.facts.input_digest)?;
    for batch in staged.files.chunks(config.run.batch_files) {
        reader.stop.check()?;
        let rows: Result<Vec<FileRow>, StateError> =
            batch.par_iter().map(|location| Ok(store.file_record(*location)?.row)).collect();
        publisher.write_files(&rows?)?;
    }
    let total = staged.items.len() as u64;
    let mut done = 0;
    for batch in staged.items.chunks(config.run.batch_files) {
        reader.stop.check()?;
        let items: Result<Vec<Item>, RunError> = batch
            .par_iter()
            .map(|(key, location)| match key.ordinal {
                0 => Ok(Item::File(store.file_record(*location)?)),
                _ => {
                    let record = store.report_record(*location)?;
                    let (links, ratios) = links::of(*key, &record, pairs, store, config)?;
                    Ok(Item::Report(Box::new(record), links, ratios))
                }
            })
            .collect();
        publisher.write_items(&items?, config)?;
        done += batch.len() as u64;
        on_event(Event::Written { done, total });
    }
    let rows = publisher.finish(&staging.snapshot(), config)?;
    staged.facts.rows = rows.into_iter().map(|(table, rows)| (table.into(), rows)).collect();
    Ok(())
}

/// Reads one file, and the files inside it, through all stages but the last.
///
/// # Errors
/// When a process to read with cannot be started.
pub fn inspect(path: String, location: &Path, config: &Config, workers: &Workers) -> Result<Vec<Inspected>, RunError> {
    let reader = Reader { config, workers, keeps_pages: true, stop: &Stop::default() };
    let mut all: Vec<Inspected> = Vec::new();
    match reader.opened(reader.open(Entry::File { path, location: location.to_owned() }))? {
        Found::File(inspected) => all.push(inspected),
        Found::Container(row, source) => {
            let mut take = |inspected| {
                all.push(inspected);
                Ok::<(), RunError>(())
            };
            expand(reader, row, source, 1, &mut take)?;
            all.sort_by(|one, two| one.row.path.cmp(&two.row.path));
        }
    }
    Ok(all)
}
