//! What the finished tables of a snapshot hold, read from their own files.

use std::path::Path;

use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use super::PublishError;
use super::csv::printed;
use super::schema::{Table, tables};
use crate::disk;

/// What a finished table holds.
#[derive(Clone, Debug)]
pub(super) struct TableFacts {
    pub(super) table: &'static Table,
    /// Rows.
    pub(super) rows: u64,
    /// Nulls of each column.
    pub(super) nulls: Vec<u64>,
    /// A row as an example, each value as the CSV prints it; `None` for an empty table.
    pub(super) example: Option<Vec<Option<String>>>,
}

impl TableFacts {
    /// The share of nulls of a column in percent; `None` for an empty table.
    pub(super) fn null_share(&self, column: usize) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "shares are printed with one decimal")]
        (self.rows > 0).then(|| 100.0 * self.nulls[column] as f64 / self.rows as f64)
    }
}

/// What the data tables in the folder of a snapshot hold.
pub(super) fn read(folder: &Path) -> Result<Vec<TableFacts>, PublishError> {
    tables().map(|table| read_table(folder, table)).collect()
}

fn read_table(folder: &Path, table: &'static Table) -> Result<TableFacts, PublishError> {
    let path = folder.join(table.parquet_path());
    let file = disk::open(&path).map_err(|source| PublishError::io("reopen", &path, source))?;
    let broken = |source: ParquetError| PublishError::Parquet { path: path.clone(), source: Box::new(source) };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(broken)?;
    let (rows, nulls) = footer(builder.metadata(), table.columns.len());
    let first = builder.with_batch_size(1).with_limit(1).build().map_err(broken)?.next();
    let first = first.transpose().map_err(|error| broken(error.into()))?;
    let example = first.filter(|batch| batch.num_rows() > 0).map(|batch| row_of(&batch, 0));
    Ok(TableFacts { table, rows, nulls, example })
}

/// Rows, and nulls of each column. The statistics of every column chunk are always written.
fn footer(metadata: &ParquetMetaData, n_columns: usize) -> (u64, Vec<u64>) {
    let mut nulls = vec![0; n_columns];
    let mut rows = 0;
    for group in metadata.row_groups() {
        rows += u64::try_from(group.num_rows()).unwrap_or(0);
        for (nulls, column) in nulls.iter_mut().zip(group.columns()) {
            *nulls += column.statistics().and_then(|statistics| statistics.null_count_opt()).unwrap_or(0);
        }
    }
    (rows, nulls)
}

/// A row, each value as the CSV prints it; `None` for a null.
pub(super) fn row_of(batch: &RecordBatch, row: usize) -> Vec<Option<String>> {
    batch.columns().iter().map(|column| printed(column.as_ref(), row)).collect()
}
