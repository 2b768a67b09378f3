//! The Parquet tables: opened, held against the schema, and read in runs of rows of one report.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Float64Type, Int32Type, Int64Type};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::census::Run;
use super::finding::{Area, Findings};
use crate::publish::schema::{SCHEMA_VERSION, Table, tables};

/// Rows read at a time.
const BATCH_ROWS: usize = 4096;

/// A table that can be read and is built as the schema says.
pub(super) struct OpenTable {
    pub(super) table: Table,
    path: PathBuf,
    pub(super) n_rows: u64,
}

/// The tables of a snapshot that can be read.
pub(super) struct Opened {
    pub(super) tables: Vec<OpenTable>,
}

impl Opened {
    /// Opens every table of the schema and says what is wrong with each as such.
    pub(super) fn all(folder: &Path, run: &Run, findings: &mut Findings) -> Self {
        Self { tables: tables().filter_map(|table| open(folder, *table, run, findings)).collect() }
    }

    /// Whether every table of the schema is there.
    pub(super) fn is_complete(&self) -> bool {
        self.tables.len() == tables().count()
    }

    pub(super) fn n_rows(&self) -> u64 {
        self.tables.iter().map(|table| table.n_rows).sum()
    }

    /// A table, which is there.
    pub(super) fn get(&self, name: &str) -> &OpenTable {
        self.tables.iter().find(|open| open.table.name == name).expect("every table is open")
    }
}

fn open(folder: &Path, table: Table, run: &Run, findings: &mut Findings) -> Option<OpenTable> {
    let name = table.name;
    let inside = table.parquet_path();
    let path = folder.join(&inside);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => {
            findings.add(Area::Tables, format!("{inside} cannot be opened ({error})"));
            return None;
        }
    };
    let builder = match ParquetRecordBatchReaderBuilder::try_new(file) {
        Ok(builder) => builder,
        Err(error) => {
            findings.add(Area::Tables, format!("{inside} is no whole Parquet file ({error})"));
            return None;
        }
    };
    let metadata = builder.metadata().file_metadata();
    let pairs = metadata.key_value_metadata().map(Vec::as_slice).unwrap_or_default();
    let expected = [
        ("gongkai.table", Some(name)),
        ("gongkai.schema_version", Some(SCHEMA_VERSION)),
        ("gongkai.input_digest", run.text("input_digest")),
    ];
    for (key, value) in expected {
        let found = pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.as_deref());
        if found != value {
            let [found, value] = [found, value].map(|text| text.unwrap_or("nothing"));
            findings.add(Area::Tables, format!("the metadata {key} of table {name} is {found} and not {value}"));
        }
    }
    let n_rows = u64::try_from(metadata.num_rows()).unwrap_or(0);
    match run.count("rows", name) {
        Some(rows) if rows == n_rows => {}
        Some(rows) => findings
            .add(Area::Conservation, format!("table {name} has {n_rows} rows, and run.json counts {rows} of them")),
        None => findings.add(Area::Conservation, format!("run.json does not count the rows of table {name}")),
    }
    let is_as_said = compare_schema(&table, &builder, findings);
    is_as_said.then_some(OpenTable { table, path, n_rows })
}

/// Whether names, types and nullability are those of the schema.
fn compare_schema(table: &Table, builder: &ParquetRecordBatchReaderBuilder<File>, findings: &mut Findings) -> bool {
    let expected = table.arrow();
    let found = builder.schema();
    let mut is_same = true;
    for at in 0..expected.fields().len().max(found.fields().len()) {
        let show = |field: Option<&arrow::datatypes::FieldRef>| {
            field.map_or("nothing".to_owned(), |field| {
                let null = if field.is_nullable() { ", may be null" } else { "" };
                format!("{} ({}{null})", field.name(), field.data_type())
            })
        };
        let [expected, found] = [show(expected.fields().get(at)), show(found.fields().get(at))];
        if expected != found {
            findings
                .add(Area::Tables, format!("column {} of table {} is {found} and not {expected}", at + 1, table.name));
            is_same = false;
        }
    }
    is_same
}

impl OpenTable {
    /// Reads the rows from the start: all columns, or those named.
    pub(super) fn read(&self, columns: Option<&[&str]>) -> Result<Reader, String> {
        let name = self.table.name;
        let failed = |error: &dyn std::fmt::Display| format!("table {name} cannot be read ({error})");
        let file = File::open(&self.path).map_err(|error| failed(&error))?;
        let mut builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(&error))?;
        if let Some(columns) = columns {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(|error| failed(&error))?;
        Ok(Reader { name, reader, batch: None, at: 0, n_before: 0 })
    }
}

/// Reads a table from its start to its end.
pub(super) struct Reader {
    pub(super) name: &'static str,
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    /// The next row in the batch.
    at: usize,
    /// Rows of earlier batches.
    n_before: usize,
}

/// Rows of one table that stand together.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Slices of what was read.
    pub(super) parts: Vec<RecordBatch>,
    /// Number of the first row in its table, from 1.
    pub(super) first: usize,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(RecordBatch::num_rows).sum()
    }
}

impl Reader {
    /// The next rows, as many as come at once.
    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>, String> {
        let number = self.n_before + 1;
        match self.reader.next() {
            None => Ok(None),
            Some(Ok(batch)) => {
                self.n_before += batch.num_rows();
                Ok(Some(batch))
            }
            Some(Err(error)) => Err(format!("table {} cannot be read from row {number} on ({error})", self.name)),
        }
    }

    /// Whether a row is there to be looked at; takes the next batch where the last is used up.
    fn fill(&mut self) -> Result<bool, String> {
        while self.batch.as_ref().is_none_or(|batch| self.at >= batch.num_rows()) {
            match self.next_batch()? {
                Some(batch) => {
                    self.batch = Some(batch);
                    self.at = 0;
                }
                None => {
                    self.batch = None;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The report of the next row, `None` in it where the row is of no report; `None` at the end.
    pub(super) fn head(&mut self) -> Result<Option<Option<String>>, String> {
        if !self.fill()? {
            return Ok(None);
        }
        let id = self.batch.as_ref().map(|batch| get(text(batch, "report_id"), self.at).map(str::to_owned));
        Ok(id)
    }

    /// Takes the rows that have the report of the next one.
    pub(super) fn take(&mut self) -> Result<Rows, String> {
        let mut rows = Rows::default();
        let head = self.head()?;
        while self.fill()? {
            let Some(batch) = &self.batch else { break };
            let ids = text(batch, "report_id");
            let is_same = |at: &usize| Some(get(ids, *at)) == head.as_ref().map(|head| head.as_deref());
            let n = (self.at..batch.num_rows()).take_while(is_same).count();
            if n == 0 {
                break;
            }
            if rows.parts.is_empty() {
                rows.first = self.n_before - batch.num_rows() + self.at + 1;
            }
            rows.parts.push(batch.slice(self.at, n));
            self.at += n;
        }
        Ok(rows)
    }
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b dyn Array {
    batch.column_by_name(name).expect("the schema was compared")
}

/// A column of text.
pub(super) fn text<'b>(batch: &'b RecordBatch, name: &str) -> &'b StringArray {
    column(batch, name).as_string::<i32>()
}

/// Columns of text.
pub(super) fn texts<'b, const N: usize>(batch: &'b RecordBatch, names: [&str; N]) -> [&'b StringArray; N] {
    names.map(|name| text(batch, name))
}

/// Columns of floats.
pub(super) fn floats<'b, const N: usize>(batch: &'b RecordBatch, names: [&str; N]) -> [&'b Float64Array; N] {
    names.map(|name| column(batch, name).as_primitive::<Float64Type>())
}

/// Columns of 64-bit integers.
pub(super) fn longs<'b, const N: usize>(batch: &'b RecordBatch, names: [&str; N]) -> [&'b Int64Array; N] {
    names.map(|name| column(batch, name).as_primitive::<Int64Type>())
}

/// Columns of 32-bit integers.
pub(super) fn ints<'b, const N: usize>(batch: &'b RecordBatch, names: [&str; N]) -> [&'b Int32Array; N] {
    names.map(|name| column(batch, name).as_primitive::<Int32Type>())
}

/// A column of days.
pub(super) fn day(batch: &RecordBatch, name: &str, at: usize) -> Option<i32> {
    let days = column(batch, name).as_primitive::<Date32Type>();
    days.is_valid(at).then(|| days.value(at))
}

/// Columns of true and false.
pub(super) fn bools<'b, const N: usize>(batch: &'b RecordBatch, names: [&str; N]) -> [&'b BooleanArray; N] {
    names.map(|name| column(batch, name).as_boolean())
}

/// A text; `None` for null.
pub(super) fn get(column: &StringArray, at: usize) -> Option<&str> {
    column.is_valid(at).then(|| column.value(at))
}

/// A float.
pub(super) fn float(column: &Float64Array, at: usize) -> Option<f64> {
    column.is_valid(at).then(|| column.value(at))
}

/// A 32-bit integer.
pub(super) fn int(column: &Int32Array, at: usize) -> Option<i32> {
    column.is_valid(at).then(|| column.value(at))
}
