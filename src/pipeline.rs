//! The order of the stages: walk, read, decode, extract, reconcile, stage, publish.
//!
//! Two phases. First each file becomes a record in the staging store, a batch of files at a time, in
//! parallel and in the order of their paths. Then, knowing the keys of all reports, the tables are
//! written in order. In memory are one batch and the keys, never the tables of all reports. One bad
//! file costs one row; a panic is caught for each file and becomes a row too. Nothing here prints:
//! what happens is told by [`Event`]s.

#![expect(clippy::disallowed_methods, reason = "durations of a run are measured here, for its record and its progress")]

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::config::Config;
use crate::decode::decode;
use crate::extract::extract;
use crate::ingest::{self, Entry, IngestError, Walk};
use crate::model::file::{FileOutcome, FileRow, hex};
use crate::model::report::{Report, ReportStatus};
use crate::model::verdict::{Blame, Cause, Problem};
use crate::publish::{Item, Lock, PublishError, Published, Publisher, RunFacts, Staging};
use crate::reconcile::reconcile;
use crate::state::{FileRecord, Key, Location, ReportRecord, StateError, Store, to_bytes};

/// Why a run ended without a result.
#[derive(Debug, Error)]
pub enum RunError {
    /// The inputs cannot be used.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The output cannot be written.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The staging store cannot be written or read.
    #[error(transparent)]
    State(#[from] StateError),
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
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<RunSummary, RunError> {
    let walk = Walk::new(inputs, out, &config.input)?;
    // Whether the output can be written shows before any file is read.
    let lock = Lock::take(out)?;
    let staging = Staging::create(out, &lock)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(config.run.jobs).build().map_err(RunError::Threads)?;
    pool.install(|| {
        let start = Instant::now();
        let mut staged = stage(&walk, &staging, config, on_event)?;
        let read_seconds = start.elapsed().as_secs_f64();
        let accounted: u64 = staged.facts.files.values().sum();
        if accounted != staged.n_seen {
            return Err(RunError::Conservation { seen: staged.n_seen, accounted });
        }
        let start = Instant::now();
        write(&mut staged, &staging, config, on_event)?;
        staged.facts.seconds = BTreeMap::from([("read", read_seconds), ("write", start.elapsed().as_secs_f64())]);
        let published = staging.publish(&staged.facts)?;
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
    n_seen: u64,
    facts: RunFacts,
}

/// What one file became.
struct FileResult {
    row: FileRow,
    problems: Vec<Problem>,
    /// Year, status and record of each report.
    reports: Vec<(Option<i32>, ReportStatus, Vec<u8>)>,
    causes: Vec<Cause>,
}

fn stage(
    walk: &Walk,
    staging: &Staging,
    config: &Config,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<Staged, RunError> {
    let mut staged = Staged {
        store: Store::create(staging.folder())?,
        files: Vec::new(),
        items: Vec::new(),
        n_seen: 0,
        facts: RunFacts {
            version: env!("CARGO_PKG_VERSION"),
            config_digest: config.digest.clone(),
            files: FileOutcome::ALL.iter().map(|outcome| (outcome.as_str(), 0)).collect(),
            reports: ReportStatus::ALL.iter().map(|status| (status.as_str(), 0)).collect(),
            ..RunFacts::default()
        },
    };
    // Half a hash tells files apart; the other half is in their rows.
    let mut known: HashMap<[u8; 16], u32> = HashMap::new();
    let mut entries = walk.entries();
    loop {
        let batch: Vec<Entry> = entries.by_ref().take(config.run.batch_files).collect();
        if batch.is_empty() {
            break;
        }
        staged.n_seen += batch.len() as u64;
        let results: Vec<FileResult> = batch.into_par_iter().map(|entry| file(entry, config)).collect();
        for mut result in results {
            let number = u32::try_from(staged.files.len()).unwrap_or(u32::MAX);
            if let Some(hash) = result.row.sha256 {
                let half: [u8; 16] = hash[..16].try_into().expect("half of 32 is 16");
                if let Some(first) = known.get(&half) {
                    staged.store.flush()?;
                    let first = staged.store.file_record(staged.files[*first as usize])?;
                    result.row.outcome = FileOutcome::Duplicate;
                    result.row.report_count = 0;
                    result.row.detail = Some(first.row.path);
                    result.problems.clear();
                    result.reports.clear();
                    result.causes.clear();
                } else {
                    known.insert(half, number);
                }
            }
            commit(&mut staged, number, result)?;
        }
        let count = |status: ReportStatus| staged.facts.reports.get(status.as_str()).copied().unwrap_or(0);
        on_event(Event::Read {
            done: staged.n_seen,
            accepted: count(ReportStatus::Accepted),
            quarantined: count(ReportStatus::Quarantined),
        });
    }
    staged.store.flush()?;
    // Equal files count once here and all in their number.
    let mut hashes: Vec<[u8; 16]> = known.into_keys().collect();
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

/// Counts a file and puts its records in the store.
fn commit(staged: &mut Staged, number: u32, result: FileResult) -> Result<(), RunError> {
    let facts = &mut staged.facts;
    *facts.files.entry(result.row.outcome.as_str()).or_default() += 1;
    for cause in result.causes.iter().chain(result.problems.iter().map(|problem| &problem.cause)) {
        *facts.causes.entry(cause.as_str()).or_default() += 1;
        facts.incomplete |= cause.is_access();
    }
    for (at, (year, status, record)) in result.reports.into_iter().enumerate() {
        *facts.reports.entry(status.as_str()).or_default() += 1;
        let ordinal = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let location = staged.store.append(&record)?;
        staged.items.push((Key::new(year, number, ordinal), location));
    }
    let record = FileRecord { row: result.row, problems: result.problems };
    let location = staged.store.append(&to_bytes(&record))?;
    staged.files.push(location);
    if !record.problems.is_empty() {
        staged.items.push((Key::new(None, number, 0), location));
    }
    Ok(())
}

/// Writes the tables from the store, a batch of records at a time.
fn write(
    staged: &mut Staged,
    staging: &Staging,
    config: &Config,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Result<(), RunError> {
    staged.items.sort_unstable_by_key(|(key, _)| *key);
    let store = &staged.store;
    let mut publisher = Publisher::create(&staging.snapshot(), config, &staged.facts.input_digest)?;
    for batch in staged.files.chunks(config.run.batch_files) {
        let rows: Result<Vec<FileRow>, StateError> =
            batch.par_iter().map(|location| Ok(store.file_record(*location)?.row)).collect();
        publisher.write_files(&rows?)?;
    }
    let total = staged.items.len() as u64;
    let mut done = 0;
    for batch in staged.items.chunks(config.run.batch_files) {
        let items: Result<Vec<Item>, StateError> = batch
            .par_iter()
            .map(|(key, location)| match key.ordinal {
                0 => Ok(Item::File(store.file_record(*location)?)),
                _ => Ok(Item::Report(Box::new(store.report_record(*location)?))),
            })
            .collect();
        publisher.write_items(&items?, config)?;
        done += batch.len() as u64;
        on_event(Event::Written { done, total });
    }
    staged.facts.rows = publisher.finish()?.into_iter().collect();
    Ok(())
}

/// Turns one entry into its rows. Never fails and never panics.
fn file(entry: Entry, config: &Config) -> FileResult {
    let path = entry.path().to_owned();
    guard(path, move || match entry {
        Entry::Skipped { path, reason } => FileResult {
            row: FileRow { detail: Some(reason), ..FileRow::new(path, FileOutcome::Skipped) },
            problems: Vec::new(),
            reports: Vec::new(),
            causes: Vec::new(),
        },
        Entry::Unlisted { path, reason } => {
            let message = format!("the file or folder cannot be listed ({reason}): check its permissions and its disk");
            unreadable(
                FileRow::new(path, FileOutcome::Unreadable),
                Problem::new(Cause::Unreadable, Blame::Open, message),
            )
        }
        Entry::File { path, location } => {
            let inspected = inspect(path, &location, config);
            let sha256 = inspected.row.sha256.unwrap_or_default();
            let mut causes = Vec::new();
            let reports = inspected
                .reports
                .into_iter()
                .map(|report| {
                    causes.extend(report.problems.iter().map(|problem| problem.cause));
                    let (year, status) = (report.identity.year, report.status);
                    let record = ReportRecord { path: inspected.row.path.clone(), sha256, report };
                    (year, status, to_bytes(&record))
                })
                .collect();
            FileResult { row: inspected.row, problems: inspected.problem.into_iter().collect(), reports, causes }
        }
    })
}

/// Runs the work on one file; a panic becomes a problem of cause `internal`.
fn guard(path: String, work: impl FnOnce() -> FileResult) -> FileResult {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let message =
            format!("a fault of this program stopped the reading of the file ({what}): report it with the file");
        unreadable(FileRow::new(path, FileOutcome::Unreadable), Problem::new(Cause::Internal, Blame::Reading, message))
    })
}

fn unreadable(mut row: FileRow, problem: Problem) -> FileResult {
    row.outcome = FileOutcome::Unreadable;
    row.detail = Some(problem.message.clone());
    FileResult { row, problems: vec![problem], reports: Vec::new(), causes: Vec::new() }
}

/// What was found in one file.
#[derive(Debug)]
pub struct Inspected {
    /// Its row of `files`.
    pub row: FileRow,
    /// Why it could not be read.
    pub problem: Option<Problem>,
    /// Its reports, reconciled.
    pub reports: Vec<Report>,
}

/// Reads one file through all stages but the last.
#[must_use]
pub fn inspect(path: String, location: &Path, config: &Config) -> Inspected {
    let mut row = FileRow::new(path, FileOutcome::Unreadable);
    let refuse = |mut row: FileRow, problem: Problem| {
        row.detail = Some(problem.message.clone());
        Inspected { row, problem: Some(problem), reports: Vec::new() }
    };
    let contents = match ingest::read(location, config.limits.file_bytes) {
        Ok(contents) => contents,
        Err(problem) => return refuse(row, problem),
    };
    row.sha256 = Some(contents.sha256);
    row.size_bytes = Some(contents.bytes.len() as u64);
    let decoded = decode(&contents.bytes, config);
    row.format = decoded.format;
    row.encoding = decoded.encoding.map(str::to_owned);
    let mut document = match decoded.document {
        Ok(document) => document,
        Err(problem) => return refuse(row, problem),
    };
    document.path = last_parts(&row.path).to_owned();
    let extracted = extract(&document, config);
    let mut reports = extracted.reports;
    for report in &mut reports {
        reconcile(report, config);
    }
    row.outcome = if reports.is_empty() { FileOutcome::NotAReport } else { FileOutcome::Report };
    row.report_count = u32::try_from(reports.len()).unwrap_or(u32::MAX);
    row.detail = extracted.not_a_report;
    Inspected { row, problem: None, reports }
}

/// The last three parts of a path: what a report may be told from, wherever the folder of all files lies.
fn last_parts(path: &str) -> &str {
    path.rmatch_indices('/').nth(2).map_or(path, |(at, _)| &path[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_costs_one_row() {
        let result = guard("a.txt".to_owned(), || panic!("index out of bounds"));
        assert_eq!(result.row.outcome, FileOutcome::Unreadable);
        assert_eq!(result.problems[0].cause, Cause::Internal);
        assert!(result.problems[0].message.contains("index out of bounds"), "{}", result.problems[0].message);
    }
}
