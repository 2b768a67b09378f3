//! The staging store: one compact record for each file, written once and read back in any order.
//!
//! In memory stay only the keys: where a record lies, its year and its path's number. Records are
//! serialised by the threads that made them; here bytes are appended and fetched. Later runs will keep
//! this store to read only what changed.

#![expect(clippy::disallowed_methods, reason = "the staging store lies on disk")]

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::file::{FileRow, hex};
use crate::model::report::Report;
use crate::model::verdict::Problem;

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
    /// A record does not read back.
    #[error("a record of staging file {path} does not read back")]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: postcard::Error,
    },
}

/// What is kept of a file: its row and the problems that belong to no report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The row of `files`.
    pub row: FileRow,
    /// Problems of the file as a whole.
    pub problems: Vec<Problem>,
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

/// Where a record lies.
#[derive(Clone, Copy, Debug)]
pub struct Location {
    offset: u64,
    length: u32,
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

/// The store of one run.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: BufWriter<File>,
    length: u64,
}

impl Store {
    /// Makes an empty store in a folder.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join("records");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| StateError::Io { action: "make", path: path.clone(), source })?;
        Ok(Self { path, file: BufWriter::with_capacity(1 << 20, file), length: 0 })
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append(&mut self, bytes: &[u8]) -> Result<Location, StateError> {
        self.file.write_all(bytes).map_err(|source| self.io("write", source))?;
        let location = Location { offset: self.length, length: u32::try_from(bytes.len()).unwrap_or(u32::MAX) };
        self.length += bytes.len() as u64;
        Ok(location)
    }

    /// Makes everything appended readable.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&mut self) -> Result<(), StateError> {
        self.file.flush().map_err(|source| self.io("write", source))
    }

    /// Reads the record of a file.
    ///
    /// # Errors
    /// When the disk refuses or the record does not read back.
    pub fn file_record(&self, location: Location) -> Result<FileRecord, StateError> {
        self.fetch(location)
    }

    /// Reads a report.
    ///
    /// # Errors
    /// When the disk refuses or the record does not read back.
    pub fn report_record(&self, location: Location) -> Result<ReportRecord, StateError> {
        self.fetch(location)
    }

    fn fetch<T: DeserializeOwned>(&self, location: Location) -> Result<T, StateError> {
        let mut bytes = vec![0; location.length as usize];
        self.file.get_ref().read_exact_at(&mut bytes, location.offset).map_err(|source| self.io("read", source))?;
        postcard::from_bytes(&bytes).map_err(|source| StateError::Record { path: self.path.clone(), source })
    }

    fn io(&self, action: &'static str, source: std::io::Error) -> StateError {
        StateError::Io { action, path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::FileOutcome;

    #[test]
    fn records_read_back_and_keys_sort_none_last() {
        let folder = tempfile::tempdir().expect("folder");
        let mut store = Store::create(folder.path()).expect("store");
        let record =
            |name: &str| FileRecord { row: FileRow::new(name.to_owned(), FileOutcome::Skipped), problems: Vec::new() };
        let one = store.append(&to_bytes(&record("一"))).expect("append");
        let two = store.append(&to_bytes(&record("二"))).expect("append");
        store.flush().expect("flush");
        assert_eq!(store.file_record(two).expect("reads back"), record("二"));
        assert_eq!(store.file_record(one).expect("reads back"), record("一"));
        let mut keys =
            [Key::new(None, 0, 1), Key::new(Some(2023), 5, 1), Key::new(Some(2023), 2, 2), Key::new(Some(2022), 9, 1)];
        keys.sort_unstable();
        assert_eq!(keys.map(|key| key.file), [9, 2, 5, 0]);
    }
}
