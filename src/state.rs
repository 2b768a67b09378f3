//! What is known of files and reports between the two phases of a run, and from one run to the next.
//!
//! The staging store has one compact record for each file and report, written once and read back in any order; in
//! memory stay only the keys. Records are serialised by the threads that made them. What the first phase made of files
//! is kept in `state/` for the next run: segments of records, and an index that says which file they are of and what
//! the file system said of it. Every record carries a checksum, so that a damaged state costs time and never data.

#![expect(clippy::disallowed_methods, reason = "the staging store and the state lie on disk")]

mod index;
mod store;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use twox_hash::XxHash3_64;

use crate::model::file::{FileRow, hex};
use crate::model::report::{Level, Report, ReportStatus, Scope};
use crate::model::verdict::{Cause, Problem};

pub use index::{Entry, Footer, Index, Kept, Lookup, Made, Opened, check};
pub use store::{Lane, Location, Store};

/// What can go wrong with the store.
#[derive(Debug, Error)]
pub enum StateError {
    /// The disk refuses.
    #[error("{action} staging file {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not as it was written.
    #[error("{path} is not as it was written: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

/// What is kept of a file: its row, the problems that belong to no report, and the keys of its reports, whose records
/// follow this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The row of `files`.
    pub row: FileRow,
    /// Problems of the file as a whole.
    pub problems: Vec<Problem>,
    /// What is kept in memory of each of its reports.
    pub reports: Vec<ReportKeys>,
    /// The corrections of its reports, in their order.
    pub corrections: Vec<KeptCorrection>,
}

impl FileRecord {
    /// The record of a file without reports.
    #[must_use]
    pub fn bare(row: FileRow, problems: Vec<Problem>) -> Self {
        Self { row, problems, reports: Vec::new(), corrections: Vec::new() }
    }

    /// Whether the same bytes would be read alike another time: nothing outside the file stopped the reading.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        self.problems.iter().all(|problem| !problem.cause.is_access() && problem.cause != Cause::WorkerDied)
    }
}

/// What is kept in memory of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportKeys {
    /// The report year.
    pub year: Option<i32>,
    /// The status by itself, before it is held against others.
    pub status: ReportStatus,
    /// Whose report it is.
    pub filing: Option<Filing>,
    /// The form of its tables.
    pub form: Option<u8>,
    /// Hashes of its figures.
    pub figures: Vec<u64>,
    /// Keys of its narrative.
    pub texts: Vec<u64>,
    /// Its figures that are held against those of the bodies it speaks for, or of the one that speaks for it.
    pub covered: Vec<Option<i64>>,
    /// Rules that fail, by number, each once.
    pub failed: Vec<u16>,
    /// Cells that hold a number, and all.
    pub filled: [u32; 2],
    /// Causes of its problems.
    pub causes: Vec<Cause>,
}

/// What became of a correction when its report was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCorrection {
    /// Digest of the correction.
    pub digest: u64,
    /// Why it was refused; `None` when it was applied.
    pub refusal: Option<String>,
}

/// Whose report on which year one is, and what it is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// The number of the body's `agency_id`.
    pub body: u64,
    /// The report year.
    pub year: i32,
    /// A roll-up is no version of the body's own report.
    pub scope: Scope,
    /// The division that it works for, as a code.
    pub region: Option<u32>,
    /// The rank of that division.
    pub level: Level,
    /// What it can be compared by.
    pub standing: Standing,
}

/// What a report can be compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// It is accepted and has figures.
    Figures,
    /// It is accepted free prose.
    Prose,
    /// It is there, and does not count.
    Held,
}

/// What is kept of a report: the report and the file it was found in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRecord {
    /// Path of its file.
    pub path: String,
    /// SHA-256 of its file.
    pub sha256: [u8; 32],
    /// The id of the report of another file that says the same, where one stands before it.
    pub duplicate_of: Option<String>,
    /// The report.
    pub report: Report,
}

impl ReportRecord {
    /// The published `report_id`.
    #[must_use]
    pub fn id(&self) -> String {
        self.id_of(self.report.ordinal)
    }

    /// The id of the report of the same file with this ordinal.
    #[must_use]
    pub fn id_of(&self, ordinal: u32) -> String {
        report_id(self.sha256, ordinal)
    }
}

/// The published `report_id`: the first 16 hex digits of the SHA-256 of a file, and the number of the report in it.
#[must_use]
pub fn report_id(sha256: [u8; 32], ordinal: u32) -> String {
    format!("{}-{ordinal}", hex(&sha256[..8]))
}

/// The key of a record in publishing order: year (none last), number of the path, ordinal in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// 0 for a year, 1 for none, so that none sorts last.
    no_year: u8,
    year: i32,
    /// Number of the file in the order of paths.
    pub file: u32,
    /// Ordinal of the report; 0 for the file's own problems.
    pub ordinal: u32,
}

impl Key {
    /// The key of a report, or of a file's own problems with ordinal 0.
    #[must_use]
    pub fn new(year: Option<i32>, file: u32, ordinal: u32) -> Self {
        Self { no_year: u8::from(year.is_none()), year: year.unwrap_or(0), file, ordinal }
    }
}

/// A record as bytes, made by the thread that read the file.
#[must_use]
pub fn to_bytes<T: Serialize>(record: &T) -> Vec<u8> {
    // A report of two hundred cells and its text take about this much.
    let bytes = Vec::with_capacity(16 << 10);
    postcard::to_extend(record, bytes).expect("records hold nothing that cannot be serialised")
}

/// A number that tells contents apart; no defence against anybody.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_none_last() {
        let mut keys =
            [Key::new(None, 0, 1), Key::new(Some(2023), 5, 1), Key::new(Some(2023), 2, 2), Key::new(Some(2022), 9, 1)];
        keys.sort_unstable();
        assert_eq!(keys.map(|key| key.file), [9, 2, 5, 0]);
    }
}
