//! One file, from its bytes to its rows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::container::Source;
use super::stop::Stop;
use crate::archive::{self, Contents, Member};
use crate::config::{Config, Correction};
use crate::decode::{Decoded, decode_told, is_binary, likely_format};
use crate::extract::extract;
use crate::ingest::{self, Entry};
use crate::model::document::Document;
use crate::model::file::{FileOutcome, FileRow, Format, Stamp};
use crate::model::report::{Origin, Report};
use crate::model::verdict::{Blame, Cause, Problem};
use crate::reconcile::{correct, links, reconcile};
use crate::state::report_id;
use crate::worker::{WorkerError, Workers, internal};

/// What reading needs: settings, and the processes for what is dangerous to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) config: &'a Config,
    pub(super) workers: &'a Workers,
    /// Pages are kept beside what was read of them.
    pub(super) keeps_pages: bool,
    /// Whether reading should end.
    pub(super) stop: &'a Stop,
}

/// What a file is a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Of files that somebody put together.
    Container,
    /// Of pages, mostly others.
    Collection,
}

/// What a file turned out to be.
#[derive(Debug)]
pub(super) enum Found<T> {
    /// A file that was read, or is known not to be readable.
    File(T),
    /// A container, whose members are to be read one after another.
    Container(FileRow, Source),
}

/// An entry of the walk whose bytes are there, or known not to be.
#[derive(Debug)]
pub(super) struct Opened {
    /// What the file system said of it before they were read.
    pub(super) stamp: Option<Stamp>,
    /// Their hash, where they were read.
    pub(super) sha256: Option<[u8; 32]>,
    what: What,
}

#[derive(Debug)]
enum What {
    /// There is nothing to read.
    Nothing(Box<Inspected>),
    /// The bytes, and where they are from.
    Bytes(FileRow, Vec<u8>, PathBuf),
    /// A collection to be read as it comes.
    Collection(FileRow, Source),
}

impl<T> Found<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::File(file) => Found::File(change(file)),
            Self::Container(row, source) => Found::Container(row, source),
        }
    }
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
    /// Of each report, its figures that are held against those of bodies it speaks for.
    pub covered: Vec<Vec<Option<i64>>>,
    /// What became of the corrections of its reports.
    pub corrected: Vec<Corrected>,
    /// The page it was read from, where that was asked for.
    pub page: Option<Box<Document>>,
}

/// What became of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// Its number among the corrections of the run.
    pub correction: usize,
    /// Why it was refused; `None` when it was applied.
    pub refusal: Option<String>,
}

impl Inspected {
    /// The id of one of its reports.
    #[must_use]
    pub fn report_id(&self, report: &Report) -> String {
        report_id(self.row.sha256.unwrap_or_default(), report.ordinal)
    }

    /// The report with this id, where it is one of its reports.
    #[must_use]
    pub fn report(&self, id: &str) -> Option<&Report> {
        self.reports.iter().find(|report| self.report_id(report) == id)
    }

    /// A file in which nothing was looked for.
    pub(super) fn bare(row: FileRow) -> Self {
        Self { row, problem: None, reports: Vec::new(), covered: Vec::new(), corrected: Vec::new(), page: None }
    }

    /// A file that cannot be read, for this reason.
    pub(super) fn refused(row: FileRow, problem: Problem) -> Self {
        let row = FileRow { outcome: FileOutcome::Unreadable, detail: Some(problem.message.clone()), ..row };
        Self { problem: Some(problem), ..Self::bare(row) }
    }

    /// A file that is left alone, for this reason.
    fn skipped(row: FileRow, reason: String) -> Self {
        Self::bare(FileRow { outcome: FileOutcome::Skipped, detail: Some(reason), ..row })
    }
}

impl Reader<'_> {
    /// Takes the bytes of an entry of the walk, or says why there are none to read.
    pub(super) fn open(self, entry: Entry) -> Opened {
        let row = FileRow::new(entry.path().to_owned(), FileOutcome::Unreadable);
        let nothing = |stamp, inspected| Opened { stamp, sha256: None, what: What::Nothing(Box::new(inspected)) };
        match entry {
            Entry::Skipped { reason, .. } => nothing(None, Inspected::skipped(row, reason)),
            Entry::Unlisted { reason, .. } => {
                let message =
                    format!("the file or folder cannot be listed ({reason}): check its permissions and its disk");
                nothing(None, Inspected::refused(row, Problem::new(Cause::Unreadable, Blame::Open, message)))
            }
            Entry::File { location, .. } => {
                let stamp = ingest::stamp(&location);
                match ingest::read(&location, self.config.limits.file_bytes) {
                    Ok(contents) => {
                        let size_bytes = Some(contents.bytes.len() as u64);
                        let row = FileRow { sha256: Some(contents.sha256), size_bytes, ..row };
                        let what = What::Bytes(row, contents.bytes, location);
                        Opened { stamp: Some(contents.stamp), sha256: Some(contents.sha256), what }
                    }
                    Err(problem) if problem.cause == Cause::TooLarge => match self.collection(row, location, problem) {
                        Found::File(inspected) => nothing(stamp, inspected),
                        Found::Container(row, source) => {
                            Opened { stamp, sha256: row.sha256, what: What::Collection(row, source) }
                        }
                    },
                    Err(problem) => nothing(stamp, Inspected::refused(row, problem)),
                }
            }
        }
    }

    /// Reads what was opened. Never panics.
    ///
    /// # Errors
    /// When a process to read with cannot be started.
    pub(super) fn opened(self, opened: Opened) -> Result<Found<Inspected>, WorkerError> {
        match opened.what {
            What::Nothing(inspected) => Ok(Found::File(*inspected)),
            What::Bytes(row, bytes, location) => self.contents(row, bytes, |_| Source::File(location)),
            What::Collection(row, source) => Ok(Found::Container(row, source)),
        }
    }

    /// A file too large to be read whole: a collection of pages is read as it comes.
    fn collection(self, row: FileRow, location: PathBuf, too_large: Problem) -> Found<Inspected> {
        /// Enough to see the first record.
        const HEAD_BYTES: u64 = 1 << 20;
        let opened = ingest::head(&location, HEAD_BYTES).and_then(|head| {
            let format = archive::collection(&head, &self.config.collections).ok_or(too_large)?;
            let (size_bytes, sha256) = ingest::digest(&location)?;
            let row = FileRow { format, sha256: Some(sha256), size_bytes: Some(size_bytes), ..row.clone() };
            if size_bytes <= self.config.limits.collection_bytes {
                return Ok(row);
            }
            let most = self.config.limits.collection_bytes;
            let message = format!("the collection has more than {most} bytes (limits.collection_bytes): take it apart");
            Err(Problem::new(Cause::TooLarge, Blame::Source, message))
        });
        match opened {
            Ok(row) => Found::Container(FileRow { outcome: FileOutcome::Container, ..row }, Source::File(location)),
            Err(problem) => Found::File(Inspected::refused(row, problem)),
        }
    }

    /// Reads a member of the container of this path. Never panics.
    ///
    /// # Errors
    /// When a process to read with cannot be started.
    pub(super) fn member(self, container: &str, of: Of, member: Member) -> Result<Found<Inspected>, WorkerError> {
        let row = FileRow::new(format!("{container}!/{}", member.name), FileOutcome::Unreadable);
        let litter = ingest::litter(&member.name, &self.config.input);
        match (litter, member.contents) {
            (Some(reason), _) | (None, Contents::Skipped(reason)) => {
                Ok(Found::File(Inspected::skipped(row, reason.to_owned())))
            }
            (None, Contents::Unreadable(problem)) => Ok(Found::File(Inspected::refused(row, problem))),
            (None, Contents::Bytes(bytes)) => {
                let sha256 = Some(Sha256::digest(&bytes).into());
                let row = FileRow { sha256, size_bytes: Some(bytes.len() as u64), ..row };
                if of != Of::Collection || archive::container(&bytes, &self.config.limits).is_some() {
                    return self.contents(row, bytes, Source::Member);
                }
                let format = likely_format(&bytes);
                let is_text = matches!(format, Format::Html | Format::Text);
                if is_text && !self.config.collections.may_hold_report(&bytes) {
                    let detail = Some("a page without the words of a report (collections.signs)".to_owned());
                    let row = FileRow { format, outcome: FileOutcome::NotAReport, detail, ..row };
                    return Ok(Found::File(Inspected::bare(row)));
                }
                Ok(Found::File(self.bytes(row, &bytes, member.charset.as_deref(), member.address)?))
            }
        }
    }

    fn contents(
        self,
        row: FileRow,
        bytes: Vec<u8>,
        source: impl FnOnce(Vec<u8>) -> Source,
    ) -> Result<Found<Inspected>, WorkerError> {
        let head = &bytes[..bytes.len().min(1 << 20)];
        let format = archive::collection(head, &self.config.collections);
        match format.or_else(|| archive::container(&bytes, &self.config.limits)) {
            Some(format) => {
                Ok(Found::Container(FileRow { format, outcome: FileOutcome::Container, ..row }, source(bytes)))
            }
            None => Ok(Found::File(self.bytes(row, &bytes, None, None)?)),
        }
    }

    /// Reads the bytes of a file through all stages but the last; a panic becomes a problem of cause `internal`.
    fn bytes(
        self,
        row: FileRow,
        bytes: &[u8],
        charset: Option<&str>,
        address: Option<String>,
    ) -> Result<Inspected, WorkerError> {
        let config = self.config;
        let apart = || self.workers.decode(bytes, &config.limits);
        let decoded = if is_binary(bytes) {
            apart()?
        } else {
            match catch_unwind(AssertUnwindSafe(|| decode_told(bytes, charset, config))) {
                Ok(here) if here.needs_child && self.workers.are_there() => Decoded { format: here.format, ..apart()? },
                Ok(here) => here,
                Err(panic) => return Ok(Inspected::refused(row, internal(panic.as_ref()))),
            }
        };
        Ok(guard(row, move |mut row| {
            row.format = decoded.format;
            row.encoding = decoded.encoding.map(str::to_owned);
            let mut document = match decoded.document {
                Ok(document) => document,
                Err(problem) => return Inspected::refused(row, problem),
            };
            document.path = last_parts(&row.path).to_owned();
            document.metadata.url = address.or(document.metadata.url);
            let extracted = extract(&document, config);
            let mut reports = extracted.reports;
            let mut corrected = Vec::new();
            for report in &mut reports {
                let numbers = config.corrections.of(&report_id(row.sha256.unwrap_or_default(), report.ordinal));
                if numbers.is_empty() {
                    reconcile(report, config);
                    continue;
                }
                let own: Vec<&Correction> = numbers.iter().map(|at| &config.corrections.all[*at]).collect();
                let refusals = correct(report, &own, config);
                let outcomes = numbers.iter().zip(refusals);
                corrected.extend(outcomes.map(|(at, refusal)| Corrected { correction: *at, refusal }));
            }
            for problem in reports.iter_mut().flat_map(|report| &mut report.problems) {
                cite(problem, &document);
            }
            row.outcome = if reports.is_empty() { FileOutcome::NotAReport } else { FileOutcome::Report };
            row.report_count = u32::try_from(reports.len()).unwrap_or(u32::MAX);
            row.detail = extracted.not_a_report;
            let page = self.keeps_pages.then(|| Box::new(document));
            let covered = reports.iter().map(|report| links::covered_figures(report, config)).collect();
            Inspected { row, problem: None, reports, covered, corrected, page }
        }))
    }
}

/// Adds the row of the page that a problem stands in.
fn cite(problem: &mut Problem, document: &Document) {
    if problem.excerpt.is_none()
        && problem.origin != Origin::default()
        && let Some((row, _)) = document.row_of(problem.origin)
        && let Some(row) = document.rows().nth(row)
    {
        problem.excerpt = Some(document.excerpt(row));
    }
}

/// Runs the work on one file; a panic becomes a problem of cause `internal`.
fn guard(row: FileRow, work: impl FnOnce(FileRow) -> Inspected) -> Inspected {
    let known = FileRow { format: Format::Unknown, ..row.clone() };
    catch_unwind(AssertUnwindSafe(|| work(row)))
        .unwrap_or_else(|panic| Inspected::refused(known, internal(panic.as_ref())))
}

/// The last three parts of a path: what a report may be told from, wherever the folder of all files lies.
fn last_parts(path: &str) -> &str {
    path.rmatch_indices('/').nth(2).map_or(path, |(at, _)| &path[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_or_cannot_be_listed_costs_one_row() {
        let (config, workers) = (Config::embedded().expect("settings"), Workers::none());
        let reader = Reader { config: &config, workers: &workers, keeps_pages: false, stop: &Stop::default() };
        let path = "a.txt".to_owned();
        let gone = Entry::File { path: path.clone(), location: "/nonexistent/a.txt".into() };
        let unlisted = Entry::Unlisted { path, reason: "permission denied".to_owned() };
        for (entry, cause) in [(gone, Cause::Vanished), (unlisted, Cause::Unreadable)] {
            let Ok(Found::File(inspected)) = reader.opened(reader.open(entry)) else { panic!("a file") };
            assert_eq!(inspected.row.outcome, FileOutcome::Unreadable);
            let problem = inspected.problem.expect("a problem");
            assert!(problem.cause == cause && cause.is_access(), "{}", problem.message);
        }
    }

    #[test]
    fn a_panic_costs_one_row() {
        let row = FileRow::new("a.txt".to_owned(), FileOutcome::Unreadable);
        let inspected = guard(row, |_| panic!("index out of bounds"));
        assert_eq!(inspected.row.outcome, FileOutcome::Unreadable);
        let problem = inspected.problem.expect("a problem");
        assert_eq!(problem.cause, Cause::Internal);
        assert!(problem.message.contains("index out of bounds"), "{}", problem.message);
    }
}
