//! The order of the stages: walk, read, decode, extract, reconcile, stage, publish.
//!
//! Two phases. First each file becomes a record in the staging store, a batch of files at a time, in
//! parallel and in the order of their paths. Then, knowing the keys of all reports, versions of one report and pairs of
//! reports are found, and the tables are written in order. In memory are one batch and the keys, never the tables of all reports. One bad
//! file costs one row; a panic is caught for each file and becomes a row too. Nothing here prints:
//! what happens is told by [`Event`]s.

#![expect(clippy::disallowed_methods, reason = "durations of a run are measured here, for its record and its progress")]

mod container;
mod file;
mod links;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::config::Config;
use crate::ingest::{Entry, IngestError, Walk};
use crate::model::file::{FileOutcome, FileRow, hex};
use crate::model::report::ReportStatus;
use crate::model::verdict::{Cause, Problem};
use crate::page::{self, PageError};
use crate::publish::{
    CorrectionFacts, Item, Lock, PublishError, Published, Publisher, RefusedCorrection, RunFacts, Staging, describe,
};
use crate::reconcile;
use crate::state::{FileRecord, Key, Location, ReportRecord, StateError, Store, to_bytes};
use crate::worker::{WorkerError, Workers};
use container::expand;
use file::{Found, Reader};
use links::Pair;
use versions::Filing;

pub use file::{Corrected, Inspected};

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
    /// The threads cannot be started.
    #[error("start threads")]
    Threads(#[source] rayon::ThreadPoolBuildError),
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
}

/// Files that the walk meets; a second walk reads them.
///
/// # Errors
/// When the inputs cannot be used.
pub fn count_files(inputs: &[PathBuf], out: &Path, config: &Config) -> Result<u64, IngestError> {
    Ok(Walk::new(inputs, out, &config.input)?.entries().count() as u64)
}

/// Reads the inputs and publishes a snapshot in `out`.
///
/// # Errors
/// When inputs or output cannot be used, the disk refuses, or files are not accounted for; the last
/// snapshot then stands as it was.
pub fn run(
    inputs: &[PathBuf],
    out: &Path,
    config: &Config,
    workers: &Workers,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<RunSummary, RunError> {
    let walk = Walk::new(inputs, out, &config.input)?;
    // Whether the output can be written shows before any file is read.
    let lock = Lock::take(out)?;
    let staging = Staging::create(out, &lock)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(config.run.jobs).build().map_err(RunError::Threads)?;
    pool.install(|| {
        let start = Instant::now();
        let mut staged = stage(&walk, &staging, Reader { config, workers, keeps_pages: false }, on_event)?;
        let read_seconds = start.elapsed().as_secs_f64();
        let accounted: u64 = staged.facts.files.values().sum();
        if accounted != staged.n_seen {
            return Err(RunError::Conservation { seen: staged.n_seen, accounted });
        }
        let start = Instant::now();
        write(&mut staged, &staging, config, on_event)?;
        staged.facts.seconds = BTreeMap::from([("read", read_seconds), ("write", start.elapsed().as_secs_f64())]);
        let published = staging.publish(&staged.facts, |edition| -> Result<(), RunError> {
            describe(edition, config)?;
            page::write(&edition.folder, config, &edition.files)?;
            Ok(())
        })?;
        Ok(RunSummary { published, facts: staged.facts })
    })
}

/// What the first phase leaves: a store of records and the keys to read it by.
struct Staged {
    store: Store,
    /// Records of files, in the order of paths.
    files: Vec<Location>,
    /// Records of reports, and of files with problems of their own, to be sorted by key.
    items: Vec<(Key, Location)>,
    /// Where the first file of some bytes lies. Half a hash tells files apart; the other half is in their rows.
    known: HashMap<[u8; 16], Location>,
    /// What became of the corrections, by their numbers.
    corrected: BTreeMap<usize, Option<String>>,
    /// The reports of bodies that are known, each as its place in `items`.
    filings: Vec<(Filing, usize)>,
    /// Hashes of the figures of accepted reports, each with its place in `items`.
    figures: Vec<(u64, usize)>,
    /// The reports that are held against others.
    pairs: Vec<Pair>,
    n_seen: u64,
    facts: RunFacts,
}

/// What one file became, its reports as records.
struct FileResult {
    row: FileRow,
    problems: Vec<Problem>,
    reports: Vec<Recorded>,
    causes: Vec<Cause>,
    corrected: Vec<Corrected>,
}

/// A report as a record, and what of it is kept in memory.
struct Recorded {
    year: Option<i32>,
    status: ReportStatus,
    filing: Option<Filing>,
    figures: Vec<u64>,
    bytes: Vec<u8>,
}

impl From<Inspected> for FileResult {
    fn from(inspected: Inspected) -> Self {
        let sha256 = inspected.row.sha256.unwrap_or_default();
        let mut causes = Vec::new();
        let mut reports = Vec::new();
        for report in inspected.reports {
            causes.extend(report.problems.iter().map(|problem| problem.cause));
            let (year, status, filing) = (report.identity.year, report.status, Filing::of(&report));
            let figures = if status == ReportStatus::Accepted { reconcile::links::keys(&report) } else { Vec::new() };
            let record = ReportRecord { path: inspected.row.path.clone(), sha256, duplicate_of: None, report };
            reports.push(Recorded { year, status, filing, figures, bytes: to_bytes(&record) });
        }
        Self {
            row: inspected.row,
            problems: inspected.problem.into_iter().collect(),
            reports,
            causes,
            corrected: inspected.corrected,
        }
    }
}

fn stage(
    walk: &Walk,
    staging: &Staging,
    reader: Reader<'_>,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<Staged, RunError> {
    let config = reader.config;
    let mut staged = Staged {
        store: Store::create(staging.folder())?,
        files: Vec::new(),
        items: Vec::new(),
        known: HashMap::new(),
        corrected: BTreeMap::new(),
        filings: Vec::new(),
        figures: Vec::new(),
        pairs: Vec::new(),
        n_seen: 0,
        facts: RunFacts {
            version: env!("CARGO_PKG_VERSION"),
            config_digest: config.digest.clone(),
            settings_digest: config.settings_digest.clone(),
            files: FileOutcome::ALL.iter().map(|outcome| (outcome.as_str(), 0)).collect(),
            reports: ReportStatus::ALL.iter().map(|status| (status.as_str(), 0)).collect(),
            ..RunFacts::default()
        },
    };
    let mut entries = walk.entries();
    loop {
        let batch: Vec<Entry> = entries.by_ref().take(config.run.batch_files).collect();
        if batch.is_empty() {
            break;
        }
        let read = |entry| Ok(reader.entry(entry)?.map(FileResult::from));
        let found: Result<Vec<Found<FileResult>>, WorkerError> = batch.into_par_iter().map(read).collect();
        for found in found? {
            staged.n_seen += 1;
            match found {
                Found::File(result) => staged.take_in(result)?,
                Found::Container(row, source) => {
                    let (n_files, n_items) = (staged.files.len(), staged.items.len());
                    staged.n_seen += expand(reader, row, source, 1, &mut |result| staged.take_in(result))?;
                    // Members come in any order.
                    staged.sort_from(n_files, n_items)?;
                }
            }
        }
        let count = |status: ReportStatus| staged.facts.reports.get(status.as_str()).copied().unwrap_or(0);
        on_event(Event::Read {
            done: staged.n_seen,
            accepted: count(ReportStatus::Accepted),
            quarantined: count(ReportStatus::Quarantined),
        });
    }
    versions::settle(&mut staged, config)?;
    staged.facts.corrections = staged.corrections(config);
    staged.store.flush()?;
    staged.pairs = links::pairs(&mut staged);
    // Equal files count once here and all in their number.
    let mut hashes: Vec<[u8; 16]> = staged.known.drain().map(|(hash, _)| hash).collect();
    hashes.sort_unstable();
    let mut digest = Sha256::new();
    for hash in &hashes {
        digest.update(hash);
    }
    digest.update(staged.n_seen.to_le_bytes());
    digest.update(config.digest.as_bytes());
    digest.update(env!("CARGO_PKG_VERSION").as_bytes());
    staged.facts.input_digest = hex(&digest.finalize());
    Ok(staged)
}

impl Staged {
    /// Takes in a file: tells whether its bytes were met before, counts it and puts its records in the store.
    fn take_in(&mut self, mut result: FileResult) -> Result<(), RunError> {
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let half = result.row.sha256.and_then(|hash| <[u8; 16]>::try_from(&hash[..16]).ok());
        let first = half.and_then(|half| self.known.get(&half).copied());
        if let Some(first) = first {
            self.store.flush()?;
            let first = self.store.file_record(first)?;
            result.row.outcome = FileOutcome::Duplicate;
            result.row.report_count = 0;
            result.row.detail = Some(first.row.path);
            result.problems.clear();
            result.reports.clear();
            result.causes.clear();
        }
        self.corrected.extend(result.corrected.drain(..).map(|of| (of.correction, of.refusal)));
        let location = self.commit(number, result)?;
        if let (Some(half), None) = (half, first) {
            self.known.insert(half, location);
        }
        Ok(())
    }

    fn commit(&mut self, number: u32, result: FileResult) -> Result<Location, RunError> {
        let facts = &mut self.facts;
        *facts.files.entry(result.row.outcome.as_str()).or_default() += 1;
        for cause in result.causes.iter().chain(result.problems.iter().map(|problem| &problem.cause)) {
            *facts.causes.entry(cause.as_str()).or_default() += 1;
            facts.incomplete |= cause.is_access();
        }
        for (at, report) in result.reports.into_iter().enumerate() {
            *facts.reports.entry(report.status.as_str()).or_default() += 1;
            let ordinal = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let location = self.store.append(&report.bytes)?;
            self.filings.extend(report.filing.map(|of| (of, self.items.len())));
            self.figures.extend(report.figures.into_iter().map(|hash| (hash, self.items.len())));
            self.items.push((Key::new(report.year, number, ordinal), location));
        }
        let record = FileRecord { row: result.row, problems: result.problems };
        let location = self.store.append(&to_bytes(&record))?;
        self.files.push(location);
        if !record.problems.is_empty() {
            self.items.push((Key::new(None, number, 0), location));
        }
        Ok(location)
    }

    /// What became of the corrections of the run.
    fn corrections(&mut self, config: &Config) -> CorrectionFacts {
        let mut facts = CorrectionFacts::default();
        for (at, correction) in config.corrections.all.iter().enumerate() {
            let refusal = match self.corrected.remove(&at) {
                Some(None) => {
                    facts.applied += 1;
                    continue;
                }
                Some(Some(refusal)) => refusal,
                None => "no report of the inputs has this id: keep it only if its file comes back".to_owned(),
            };
            let (report, cell) = (correction.report.clone(), correction.cell.clone());
            facts.refused.push(RefusedCorrection { report, cell, why: refusal });
        }
        facts
    }

    /// Brings the files taken in since there were so many of them into the order of their paths.
    fn sort_from(&mut self, n_files: usize, n_items: usize) -> Result<(), RunError> {
        self.store.flush()?;
        let mut order: Vec<(String, usize)> = Vec::new();
        for (at, location) in self.files.iter().enumerate().skip(n_files) {
            order.push((self.store.file_record(*location)?.row.path, at));
        }
        order.sort_unstable();
        let locations: Vec<Location> = order.iter().map(|(_, at)| self.files[*at]).collect();
        let mut places = vec![0; order.len()];
        for (place, (_, at)) in order.iter().enumerate() {
            places[at - n_files] = n_files + place;
        }
        self.files.splice(n_files.., locations);
        for (key, _) in &mut self.items[n_items..] {
            let place = places.get(key.file as usize - n_files).copied();
            key.file = place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX);
        }
        Ok(())
    }
}

/// Writes the tables from the store, a batch of records at a time.
fn write(
    staged: &mut Staged,
    staging: &Staging,
    config: &Config,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<(), RunError> {
    staged.items.sort_unstable_by_key(|(key, _)| *key);
    let (store, pairs) = (&staged.store, &staged.pairs);
    let mut publisher = Publisher::create(&staging.snapshot(), config, &staged.facts.input_digest)?;
    for batch in staged.files.chunks(config.run.batch_files) {
        let rows: Result<Vec<FileRow>, StateError> =
            batch.par_iter().map(|location| Ok(store.file_record(*location)?.row)).collect();
        publisher.write_files(&rows?)?;
    }
    let total = staged.items.len() as u64;
    let mut done = 0;
    for batch in staged.items.chunks(config.run.batch_files) {
        let items: Result<Vec<Item>, RunError> = batch
            .par_iter()
            .map(|(key, location)| match key.ordinal {
                0 => Ok(Item::File(store.file_record(*location)?)),
                _ => {
                    let record = store.report_record(*location)?;
                    let links = links::of(*key, &record, pairs, store, config)?;
                    Ok(Item::Report(Box::new(record), links))
                }
            })
            .collect();
        publisher.write_items(&items?, config)?;
        done += batch.len() as u64;
        on_event(Event::Written { done, total });
    }
    staged.facts.rows = publisher.finish(&staging.snapshot(), config)?.into_iter().collect();
    Ok(())
}

/// Reads one file, and the files inside it, through all stages but the last.
///
/// # Errors
/// When a process to read with cannot be started.
pub fn inspect(path: String, location: &Path, config: &Config, workers: &Workers) -> Result<Vec<Inspected>, RunError> {
    let reader = Reader { config, workers, keeps_pages: true };
    let mut all: Vec<Inspected> = Vec::new();
    match reader.entry(Entry::File { path, location: location.to_owned() })? {
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
