//! Tables whose rows stand in the order of the reports they belong to.
//!
//! All tables are written in one order, so what belongs to a report is met by reading each of them once, side by side.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use arrow::array::Array;

use super::PageError;
use super::read::{Batch, Table, text};

/// The rows of a table, report by report.
pub(super) struct Follower {
    name: &'static str,
    table: Table,
    batch: Option<Batch>,
    at: usize,
}

impl Follower {
    /// Follows a table of a snapshot; `report_id` is among its columns.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn new(folder: &Path, name: &'static str, columns: &[&str]) -> Result<Self, PageError> {
        Self::of(name, Table::open(folder, name, columns)?)
    }

    /// The same, only the rows in which a column says this.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn of_rows_where(
        folder: &Path,
        name: &'static str,
        columns: &[&str],
        test: (&str, &str),
    ) -> Result<Self, PageError> {
        Self::of(name, Table::open_where(folder, name, columns, test)?)
    }

    /// The same, only the rows of these reports.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn of_reports(
        folder: &Path,
        name: &'static str,
        columns: &[&str],
        reports: HashSet<String>,
    ) -> Result<Self, PageError> {
        Self::of(name, Table::open_for(folder, name, columns, reports)?)
    }

    fn of(name: &'static str, mut table: Table) -> Result<Self, PageError> {
        let batch = table.next()?;
        Ok(Self { name, table, batch, at: 0 })
    }

    /// Hands over the rows of a report, in ranges of batches; passes over those that belong to none.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub(super) fn rows_of(
        &mut self,
        report_id: &str,
        mut take: impl FnMut(&Batch, Range<usize>) -> Result<(), PageError>,
    ) -> Result<(), PageError> {
        while let Some(batch) = &self.batch {
            let ids = batch.texts("report_id")?;
            let start = self.at;
            while self.at < ids.len() && text(ids, self.at) == Some(report_id) {
                self.at += 1;
            }
            if self.at > start {
                take(batch, start..self.at)?;
            }
            while self.at < ids.len() && text(ids, self.at).is_none() {
                self.at += 1;
            }
            if self.at < ids.len() && text(ids, self.at) != Some(report_id) {
                return Ok(());
            }
            if self.at == ids.len() {
                self.batch = self.table.next()?;
                self.at = 0;
            }
        }
        Ok(())
    }

    /// Makes sure that no row is left over but those that belong to no report.
    ///
    /// # Errors
    /// When one is: the tables do not belong together.
    pub(super) fn end(mut self) -> Result<(), PageError> {
        self.rows_of("", |_, _| Ok(()))?;
        match self.batch {
            None => Ok(()),
            Some(_) => Err(PageError::Order { table: self.name }),
        }
    }
}
