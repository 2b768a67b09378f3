//! The page of a snapshot: what is in it, what is held back and why, how it is covered, and how to load it.
//!
//! `index.html` is the first thing a person opens: one page with its style, its script and its charts in it, and companion
//! pages where reports or bodies are too many for one. Every figure on it is counted in the published tables, which are read again for
//! it, so that a query on them gives the same. It knows no clock, no place and no number of the snapshot: the same data make
//! the same bytes. What agencies print is text here, never markup.

mod chart;
mod cover;
mod follow;
mod heat;
mod held;
mod index;
mod list;
mod marks;
mod read;
mod sheet;
mod tally;
mod trend;
mod words;

use std::path::{Path, PathBuf};

use askama::Template;
use thiserror::Error;

use crate::config::Config;
use crate::disk;
use crate::model::file::Summed;

/// What can go wrong while the page of a snapshot is made.
#[derive(Debug, Error)]
pub enum PageError {
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
    /// A published table cannot be read.
    #[error("read {path}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<parquet::errors::ParquetError>,
    },
    /// A published table lacks a column, or has another type in it.
    #[error("{path} has no column {column} of the type that is published")]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// The rows of a table are not in the order of the reports, or belong to none of them.
    #[error("the rows of table {table} do not follow the reports")]
    Order {
        /// The table.
        table: &'static str,
    },
    /// A template cannot be filled in.
    #[error("fill in a template")]
    Template(#[source] askama::Error),
}

/// Writes the page of a snapshot into its folder, whose tables are all written, and gives the names of what was written.
/// `files` are the files to list: those that depend on nothing but the inputs, or the page would not either.
///
/// # Errors
/// When a table cannot be read, or the disk refuses.
pub fn write(folder: &Path, config: &Config, files: &[Summed]) -> Result<Vec<String>, PageError> {
    let mut writer = Writer { folder, written: Vec::new() };
    let (facts, (heat, trends)) = rayon::join(
        || tally::tally(folder),
        || rayon::join(|| heat::heat(folder, config), || trend::trends(folder, &config.page.indicators)),
    );
    let tally = facts?;
    let held = list::held(folder, tally.reports.0[1], config, &mut writer)?;
    let coverage = cover::coverage(&tally, config, &mut writer)?;
    let index = index::Index::new(
        folder,
        config,
        files,
        index::Counted { tally, heat: heat?, trends: trends?, held, coverage },
    )?;
    writer.write("index.html", &index)?;
    Ok(writer.written)
}

/// Writes pages.
struct Writer<'w> {
    folder: &'w Path,
    written: Vec<String>,
}

impl Writer<'_> {
    fn write(&mut self, name: &str, page: &impl Template) -> Result<(), PageError> {
        let path = self.folder.join(name);
        let io = |action, source| PageError::Io { action, path: path.clone(), source };
        if let Some(folder) = path.parent() {
            disk::create_dir_all(folder).map_err(|source| io("make the folder of", source))?;
        }
        let text = page.render().map_err(PageError::Template)?;
        disk::write_synced(&path, text.as_bytes()).map_err(|(action, source)| io(action, source))?;
        self.written.push(name.to_owned());
        Ok(())
    }
}
