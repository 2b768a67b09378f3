//! Published tables, read again: some columns, a batch at a time, in the order in which they were written.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, BooleanArray, PrimitiveArray, RecordBatch, StringArray};
use arrow::compute::kernels::cmp::eq;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float64Type, Int32Type};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter,
};
use parquet::errors::ParquetError;

use super::PageError;
use crate::disk;

/// Rows in memory of one table at a time.
const BATCH_ROWS: usize = 8_192;

/// A published table being read.
pub(super) struct Table {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
}

/// What the footer of a table says.
pub(super) struct Footer {
    /// Its rows.
    pub(super) n_rows: u64,
    /// What was noted with it: key and value.
    notes: Vec<(String, String)>,
}

/// Some rows of a table.
pub(super) struct Batch {
    path: PathBuf,
    rows: RecordBatch,
}

/// The path of a table in the folder of a snapshot.
fn path_of(folder: &Path, table: &str) -> PathBuf {
    let place = if table == "quarantine" { "quarantine" } else { "parquet" };
    folder.join(place).join(format!("{table}.parquet"))
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, PageError> {
    let file = disk::open(path).map_err(|source| PageError::Io { action: "open", path: path.to_owned(), source })?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| broken(path, source))
}

fn broken(path: &Path, source: ParquetError) -> PageError {
    PageError::Parquet { path: path.to_owned(), source: Box::new(source) }
}

/// What the footer of a table says.
///
/// # Errors
/// When it cannot be read.
pub(super) fn footer_of(folder: &Path, table: &str) -> Result<Footer, PageError> {
    footer(&path_of(folder, table))
}

/// The same of a Parquet file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn footer(path: &Path) -> Result<Footer, PageError> {
    let builder = open(path)?;
    let metadata = builder.metadata().file_metadata();
    let notes = metadata.key_value_metadata().into_iter().flatten();
    let notes = notes.filter_map(|note| Some((note.key.clone(), note.value.clone()?))).collect();
    Ok(Footer { n_rows: u64::try_from(metadata.num_rows()).unwrap_or(0), notes })
}

impl Footer {
    /// What was noted with a table under a key.
    pub(super) fn note(&self, key: &str) -> Option<String> {
        self.notes.iter().find(|(of, _)| of == key).map(|(_, value)| value.clone())
    }
}

impl Table {
    /// Opens a table of a snapshot for these columns.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn open(folder: &Path, table: &str, columns: &[&str]) -> Result<Self, PageError> {
        let path = path_of(folder, table);
        let builder = open(&path)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
        Ok(Self { reader: reader.map_err(|source| broken(&path, source))?, path })
    }

    /// The same, only the rows in which a column of text says this.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn open_where(
        folder: &Path,
        table: &str,
        columns: &[&str],
        (column, value): (&str, &str),
    ) -> Result<Self, PageError> {
        let value = StringArray::new_scalar(value);
        Self::open_tested(folder, table, columns, column, move |texts| eq(&texts, &value))
    }

    fn open_tested(
        folder: &Path,
        table: &str,
        columns: &[&str],
        tested: &str,
        test: impl Fn(&dyn Array) -> Result<BooleanArray, ArrowError> + Send + 'static,
    ) -> Result<Self, PageError> {
        let path = path_of(folder, table);
        let builder = open(&path)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        let tested = ProjectionMask::columns(builder.parquet_schema(), [tested]);
        let test = ArrowPredicateFn::new(tested, move |rows: RecordBatch| test(rows.column(0)));
        let filter = RowFilter::new(vec![Box::new(test)]);
        let reader = builder.with_projection(mask).with_row_filter(filter).with_batch_size(BATCH_ROWS).build();
        Ok(Self { reader: reader.map_err(|source| broken(&path, source))?, path })
    }

    /// The same, only the rows of these reports.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn open_for(
        folder: &Path,
        table: &str,
        columns: &[&str],
        reports: HashSet<String>,
    ) -> Result<Self, PageError> {
        let is_theirs = move |id: Option<&str>| Some(id.is_some_and(|id| reports.contains(id)));
        Self::open_tested(folder, table, columns, "report_id", move |ids| {
            Ok(ids.as_string::<i32>().iter().map(&is_theirs).collect())
        })
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn next(&mut self) -> Result<Option<Batch>, PageError> {
        match self.reader.next() {
            None => Ok(None),
            Some(Ok(rows)) => Ok(Some(Batch { path: self.path.clone(), rows })),
            Some(Err(error)) => Err(broken(&self.path, error.into())),
        }
    }
}

impl Batch {
    /// How many rows there are.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.num_rows()
    }

    fn column(&self, name: &'static str, is_right: impl Fn(&DataType) -> bool) -> Result<&dyn Array, PageError> {
        let column = self.rows.column_by_name(name).filter(|column| is_right(column.data_type()));
        let column = column.ok_or_else(|| PageError::Column { path: self.path.clone(), column: name });
        column.map(AsRef::as_ref)
    }

    /// A column of text.
    ///
    /// # Errors
    /// When there is no such column.
    pub(super) fn texts(&self, name: &'static str) -> Result<&StringArray, PageError> {
        Ok(self.column(name, |of| *of == DataType::Utf8)?.as_string::<i32>())
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// When there is no such column.
    pub(super) fn numbers(&self, name: &'static str) -> Result<&PrimitiveArray<Float64Type>, PageError> {
        self.primitive::<Float64Type>(name)
    }

    /// A column of small integers.
    ///
    /// # Errors
    /// When there is no such column.
    pub(super) fn integers(&self, name: &'static str) -> Result<&PrimitiveArray<Int32Type>, PageError> {
        self.primitive::<Int32Type>(name)
    }

    fn primitive<T: ArrowPrimitiveType>(&self, name: &'static str) -> Result<&PrimitiveArray<T>, PageError> {
        Ok(self.column(name, |of| *of == T::DATA_TYPE)?.as_primitive::<T>())
    }
}

/// A text of a row, where it is not null.
pub(super) fn text(column: &StringArray, row: usize) -> Option<&str> {
    (!column.is_null(row)).then(|| column.value(row))
}

/// A value of a row, where it is not null.
pub(super) fn value<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    (!column.is_null(row)).then(|| column.value(row))
}
