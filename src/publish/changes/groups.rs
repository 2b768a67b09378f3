//! A published table, one report at a time.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::row::{RowConverter, SortField};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use super::super::PublishError;
use super::super::facts::row_of;
use super::super::schema::Table;

/// The rows of one report, or of one file where a table has no reports.
pub(super) struct Group {
    /// What the rows have in common.
    pub(super) key: String,
    /// Every row as bytes that are equal where the rows are.
    pub(super) rows: Vec<Box<[u8]>>,
    /// The rows as they lie in batches.
    pieces: Vec<RecordBatch>,
}

impl Group {
    /// The rows, each value as the CSV prints it.
    pub(super) fn printed(&self) -> impl Iterator<Item = Vec<Option<String>>> {
        self.pieces.iter().flat_map(|piece| (0..piece.num_rows()).map(|row| row_of(piece, row)))
    }
}

/// Positions, in the schema, of the columns that a table has in both snapshots with the type of the schema; all where
/// one of them lacks the table.
pub(super) fn common_columns(table: &Table, before: &Path, after: &Path) -> Result<Vec<usize>, PublishError> {
    let mut columns: Vec<usize> = (0..table.columns.len()).collect();
    let wanted = table.arrow();
    for folder in [before, after] {
        if let Some((_, builder)) = open(folder, table)? {
            let found = builder.schema().clone();
            columns.retain(|at| {
                let field = wanted.field(*at);
                found.field_with_name(field.name()).is_ok_and(|other| other.data_type() == field.data_type())
            });
        }
    }
    Ok(columns)
}

type Builder = ParquetRecordBatchReaderBuilder<File>;

/// A table of a snapshot; `None` where the snapshot lacks it.
fn open(folder: &Path, table: &Table) -> Result<Option<(std::path::PathBuf, Builder)>, PublishError> {
    let path = folder.join(table.parquet_path());
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(PublishError::io("open", &path, source)),
    };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|source| PublishError::Parquet { path: path.clone(), source: Box::new(source) })?;
    Ok(Some((path, builder)))
}

/// Reads some columns of a table, in the order of the schema; nothing where the snapshot lacks the table.
pub(super) fn read(
    folder: &Path,
    table: &Table,
    columns: &[&str],
    take: &mut dyn FnMut(&RecordBatch),
) -> Result<(), PublishError> {
    let Some((path, builder)) = open(folder, table)? else { return Ok(()) };
    let broken = |source: ParquetError| PublishError::Parquet { path: path.clone(), source: Box::new(source) };
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    for batch in builder.with_projection(mask).build().map_err(broken)? {
        take(&batch.map_err(|error| broken(error.into()))?);
    }
    Ok(())
}

/// The columns that rows of one report have in common.
pub(super) fn group_columns(table: &Table) -> &'static [&'static str] {
    match table.name {
        "files" => &["path"],
        // A file without a report has problems too.
        "quarantine" => &["path", "report_id"],
        _ => &["report_id"],
    }
}

/// The key of a row's group: its columns joined by `|`.
pub(super) fn group_key(batch: &RecordBatch, columns: &[usize], row: usize) -> String {
    let mut key = String::new();
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            key.push('|');
        }
        let texts = batch.column(*column).as_string::<i32>();
        if !texts.is_null(row) {
            key.push_str(texts.value(row));
        }
    }
    key
}

/// A hash of a text that is the same in every run.
pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Iterates over the groups of a table.
pub(super) struct Groups {
    /// Places of the groups in their order, by a hash of their keys. Two keys of one hash cost memory, never a row.
    places: HashMap<u64, usize>,
    /// Place of the group that comes next.
    at: usize,
    reader: Option<ParquetRecordBatchReader>,
    path: std::path::PathBuf,
    converter: RowConverter,
    /// Positions of the group columns in the batches.
    key_columns: Vec<usize>,
    /// Positions of the columns of the batches, in the order wanted.
    order: Vec<usize>,
    batch: Option<(RecordBatch, usize)>,
}

impl Groups {
    /// Opens a table with these columns of the schema.
    pub(super) fn open(folder: &Path, table: &'static Table, columns: &[usize]) -> Result<Self, PublishError> {
        let names: Vec<&str> = columns.iter().map(|at| table.columns[*at].name).collect();
        let wanted = table.arrow();
        let fields = columns.iter().map(|at| SortField::new(wanted.field(*at).data_type().clone())).collect();
        let converter = RowConverter::new(fields).expect("every type of the schema can be compared");
        let mut places = HashMap::new();
        let key_names = group_columns(table);
        let mut last = None;
        read(folder, table, key_names, &mut |batch| {
            let columns = positions(batch, key_names);
            for row in 0..batch.num_rows() {
                let key = hash(&group_key(batch, &columns, row));
                if last != Some(key) {
                    last = Some(key);
                    let place = places.len();
                    places.entry(key).or_insert(place);
                }
            }
        })?;
        let (path, reader) = match open(folder, table)? {
            None => (folder.join(table.parquet_path()), None),
            Some((path, builder)) => {
                let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
                let reader = builder.with_projection(mask).build();
                let reader =
                    reader.map_err(|source| PublishError::Parquet { path: path.clone(), source: Box::new(source) })?;
                (path, Some(reader))
            }
        };
        let mut groups =
            Self { places, at: 0, reader, path, converter, key_columns: Vec::new(), order: Vec::new(), batch: None };
        groups.fetch(&names)?;
        if let Some((batch, _)) = &groups.batch {
            groups.key_columns = positions(batch, key_names);
        }
        Ok(groups)
    }

    /// Whether a group of this key is somewhere in the table.
    pub(super) fn has(&self, key: &str) -> bool {
        self.places.contains_key(&hash(key))
    }

    /// How many groups stand between the next one and the one of this key.
    pub(super) fn distance(&self, key: &str) -> usize {
        self.places.get(&hash(key)).map_or(0, |place| place.abs_diff(self.at))
    }

    fn fetch(&mut self, names: &[&str]) -> Result<(), PublishError> {
        let batch = self.reader.as_mut().and_then(Iterator::next).transpose();
        let batch =
            batch.map_err(|error| PublishError::Parquet { path: self.path.clone(), source: Box::new(error.into()) })?;
        if let (Some(batch), true) = (&batch, self.order.is_empty()) {
            self.order = positions(batch, names);
        }
        self.batch = batch.map(|batch| {
            let ordered = batch.project(&self.order).expect("the columns are those of the batch");
            (ordered, 0)
        });
        Ok(())
    }

    /// The next group.
    pub(super) fn next(&mut self) -> Result<Option<Group>, PublishError> {
        let mut group: Option<Group> = None;
        while let Some((batch, from)) = self.batch.take() {
            let mut to = from;
            while to < batch.num_rows() {
                let key = group_key(&batch, &self.key_columns, to);
                let of = group.get_or_insert_with(|| Group { key: key.clone(), rows: Vec::new(), pieces: Vec::new() });
                if of.key != key {
                    break;
                }
                to += 1;
            }
            if let Some(group) = &mut group
                && to > from
            {
                let piece = batch.slice(from, to - from);
                let rows =
                    self.converter.convert_columns(piece.columns()).expect("the columns are those of the schema");
                group.rows.extend(rows.iter().map(|row| Box::from(row.as_ref())));
                group.pieces.push(piece);
            }
            if to < batch.num_rows() {
                self.batch = Some((batch, to));
                break;
            }
            self.fetch(&[])?;
        }
        self.at += usize::from(group.is_some());
        Ok(group)
    }
}

/// Where columns of these names stand in a batch.
fn positions(batch: &RecordBatch, names: &[&str]) -> Vec<usize> {
    names.iter().filter_map(|name| batch.schema().index_of(name).ok()).collect()
}
