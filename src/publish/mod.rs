//! Complete, immutable, identical snapshots: tables as Parquet and CSV, checked, then swapped in.
//!
//! Everything is written under a staging folder inside the output, synced, reopened and counted; then
//! one rename puts the snapshot in its place and one rename points `current` at it. A killed run
//! leaves the last snapshot as it was. This stage does not decide what is accepted.

#![expect(clippy::disallowed_methods, reason = "this stage writes the output folder and dates its snapshots")]

mod changes;
mod columns;
mod csv;
mod documents;
mod facts;
mod guards;
mod lock;
mod parquet;
mod pointers;
mod published;
mod retention;
mod rows;
pub mod schema;
mod snapshot;
mod status;
mod sums;

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use rayon::prelude::*;
use thiserror::Error;

use crate::config::Config;
use crate::disk;
use crate::form::Ratio;
use crate::model::file::FileRow;
use crate::model::verdict::Link;
use crate::state::{FileRecord, ReportRecord};

use columns::Rows;
use parquet::{Batch, TableWriter};
use rows::{ReportRows, push_file_row};
use schema::{FILES, REPORT_TABLES};

pub use changes::{Change, compare};
pub use documents::codebook;
pub use guards::reasons;
pub use lock::Lock;
pub use pointers::{STABLE, pointed, promote};
pub use published::{PublishedReport, current, current_facts, published_reports};
pub use retention::retain;
pub use snapshot::{
    CorrectionFacts, Counts, Edition, Published, RefusedCorrection, RunFacts, Staging, StateFacts, moment, seconds_now,
    today,
};
pub use status::{LastRun, Status, Success, note, status};
pub use sums::{faults, is_complete};

#[cfg(test)]
pub(crate) use snapshot::DATED;

/// What can go wrong while publishing.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The disk refuses.
    #[error("{action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A Parquet file cannot be written or read back.
    #[error("write {path}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<::parquet::errors::ParquetError>,
    },
    /// A table has other rows than were written to it.
    #[error("table {table} reads back with {found} rows instead of {expected}")]
    Count {
        /// The table.
        table: &'static str,
        /// Rows written.
        expected: usize,
        /// Rows read back.
        found: usize,
    },
    /// There is no such snapshot.
    #[error("there is no snapshot {id}: see the names in snapshots/")]
    NoSnapshot {
        /// Its name.
        id: String,
    },
    /// A snapshot cannot be relied on.
    #[error("{folder} is not whole ({fault}): choose another snapshot, or build anew")]
    Unsound {
        /// The snapshot.
        folder: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// A newer program wrote the newest snapshot.
    #[error(
        "the newest snapshot has schema version {found}, and this program writes {own}: update the program, or publish in another folder"
    )]
    Newer {
        /// Version of its schema.
        found: String,
        /// Version that this program writes.
        own: &'static str,
    },
    /// Another run works in the output folder.
    #[error("another run holds the lock {path}{holder}")]
    Locked {
        /// The lock.
        path: PathBuf,
        /// Who holds it, as far as is known.
        holder: String,
    },
}

impl PublishError {
    fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}

/// Writes what changed since the snapshot before, and the documents that say which snapshot this is.
///
/// # Errors
/// When the disk refuses, or a table cannot be read back.
pub fn describe(edition: &Edition, config: &Config) -> Result<(), PublishError> {
    let (changes, rows) = changes::write(edition, config)?;
    documents::write_dated(edition, &facts::read(&edition.folder)?, (&changes, rows), config)
}

/// Something that becomes rows: a report, or the problems of a file without one.
#[derive(Debug)]
pub enum Item {
    /// A report, what came out of holding it against others, and its indicators that ask for the year before, by number.
    Report(Box<ReportRecord>, Vec<Link>, Vec<(usize, Ratio)>),
    /// A file with problems of its own.
    File(FileRecord),
}

/// Writes the tables of one snapshot.
pub struct Publisher {
    files: TableWriter,
    tables: Vec<TableWriter>,
}

/// Reports whose rows are built by one task.
const CHUNK: usize = 64;

impl Publisher {
    /// Opens all tables in the folder of a snapshot.
    ///
    /// # Errors
    /// When a folder or file cannot be made.
    pub fn create(folder: &Path, config: &Config, input_digest: &str) -> Result<Self, PublishError> {
        for sub_folder in ["parquet", "csv", "quarantine"] {
            let path = folder.join(sub_folder);
            disk::create_dir_all(&path).map_err(|source| PublishError::io("make", &path, source))?;
        }
        let metadata = [("gongkai.input_digest".to_owned(), input_digest.to_owned())];
        let create = |table| TableWriter::create(folder, table, &config.publish, &metadata);
        Ok(Self { files: create(FILES)?, tables: REPORT_TABLES.into_iter().map(create).collect::<Result<_, _>>()? })
    }

    /// Appends rows of `files`, which come in the order of their paths.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_files(&mut self, files: &[FileRow]) -> Result<(), PublishError> {
        let mut rows = Rows::with_capacity(FILES, files.len());
        for file in files {
            push_file_row(&mut rows, file);
        }
        TableWriter::write_all(std::slice::from_mut(&mut self.files), &[vec![Batch::new(&FILES, rows.finish())]])
    }

    /// Appends the rows of items, which come in publishing order.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_items(&mut self, items: &[Item], config: &Config) -> Result<(), PublishError> {
        let chunks = items
            .par_chunks(CHUNK)
            .map(|items| {
                let mut rows = ReportRows::with_capacity(items.len());
                for item in items {
                    match item {
                        Item::Report(record, links, ratios) => {
                            rows.push_report(record, ratios, config);
                            rows.push_links(record, links, &config.forms);
                        }
                        Item::File(record) => rows.push_file(record, config),
                    }
                }
                let tables = REPORT_TABLES.iter().zip(rows.tables);
                tables.map(|(table, rows)| Batch::new(table, rows.finish())).collect()
            })
            .collect();
        self.write_chunks(chunks)
    }

    /// Appends rows that are ready: for each chunk of reports a batch of every table, in the order of
    /// [`REPORT_TABLES`].
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_rows(&mut self, chunks: &[Vec<RecordBatch>]) -> Result<(), PublishError> {
        let chunks = chunks
            .par_iter()
            .map(|chunk| REPORT_TABLES.iter().zip(chunk).map(|(table, rows)| Batch::new(table, rows.clone())).collect())
            .collect();
        self.write_chunks(chunks)
    }

    fn write_chunks(&mut self, chunks: Vec<Vec<Batch>>) -> Result<(), PublishError> {
        let mut batches: Vec<Vec<Batch>> = REPORT_TABLES.iter().map(|_| Vec::with_capacity(chunks.len())).collect();
        for chunk in chunks {
            for (batches, batch) in batches.iter_mut().zip(chunk) {
                batches.push(batch);
            }
        }
        TableWriter::write_all(&mut self.tables, &batches)
    }

    /// Closes and syncs all tables, reopens each and counts its rows, and writes the documents beside them; gives the
    /// counts by table.
    ///
    /// # Errors
    /// When the disk refuses or a table reads back with other rows than were written.
    pub fn finish(self, folder: &Path, config: &Config) -> Result<Vec<(&'static str, usize)>, PublishError> {
        let counts = self.close()?;
        documents::write(folder, &facts::read(folder)?, config)?;
        Ok(counts)
    }

    /// The tables of [`Publisher::finish`] without the documents.
    ///
    /// # Errors
    /// As there.
    pub fn close(self) -> Result<Vec<(&'static str, usize)>, PublishError> {
        let mut writers = self.tables;
        writers.push(self.files);
        let finish = |writer: TableWriter| {
            let table = writer.table.name;
            let (path, expected) = writer.finish()?;
            let found = snapshot::count_rows(&path)?;
            if found != expected {
                return Err(PublishError::Count { table, expected, found });
            }
            Ok((table, expected))
        };
        writers.into_par_iter().with_max_len(1).map(finish).collect()
    }
}
