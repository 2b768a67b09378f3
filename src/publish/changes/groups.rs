//! A published table, one report at a time.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::compute::kernels::cmp::not_distinct;
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
    /// The rows as they lie in batches.
    pieces: Vec<RecordBatch>,
}

impl Group {
    /// The rows, each value as the CSV prints it.
    pub(super) fn printed(&self) -> impl Iterator<Item = Vec<Option<String>>> {
        self.pieces.iter().flat_map(|piece| (0..piece.num_rows()).map(|row| row_of(piece, row)))
    }

    /// Whether two groups have the same rows in the same order.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let n_rows = |group: &Self| group.pieces.iter().map(RecordBatch::num_rows).sum::<usize>();
        let whole = |group: &Self| {
            let schema = group.pieces.first().map(RecordBatch::schema)?;
            concat_batches(&schema, &group.pieces).ok()
        };
        n_rows(self) == n_rows(other)
            && matches!((whole(self), whole(other)), (Some(one), Some(two)) if n_same(&one, &two) == one.num_rows())
    }
}

/// How many rows of two batches of one length are the same before the first that differs.
fn n_same(one: &RecordBatch, two: &RecordBatch) -> usize {
    one.columns().iter().zip(two.columns()).fold(one.num_rows(), |n, (one, two)| {
        // A column is looked at only as far as those before it are the same.
        let (one, two) = (one.slice(0, n), two.slice(0, n));
        if let (Some(one), Some(two)) = (one.as_string_opt(), two.as_string_opt())
            && is_one_text(one, two)
        {
            return n;
        }
        let same = not_distinct(&one, &two).expect("columns of one name have one type");
        if same.true_count() == n { n } else { same.values().iter().position(|is_same| !is_same).unwrap_or(n) }
    })
}

/// Whether two columns of texts hold the same bytes with the same ends, which tells most equal columns at once; others
/// may be the same too.
fn is_one_text(one: &StringArray, two: &StringArray) -> bool {
    let bytes = |texts: &StringArray| {
        let ends = texts.value_offsets();
        let end = |at: Option<&i32>| at.and_then(|end| usize::try_from(*end).ok()).unwrap_or(0);
        end(ends.first())..end(ends.last())
    };
    let ends = one.value_offsets().iter().zip(two.value_offsets());
    let shift = one.value_offsets()[0].wrapping_sub(two.value_offsets()[0]);
    one.len() == two.len()
        && one.nulls() == two.nulls()
        && ends.fold(true, |is_one, (one, two)| is_one & (one.wrapping_sub(*two) == shift))
        && one.value_data()[bytes(one)] == two.value_data()[bytes(two)]
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

/// Whether a row of a batch belongs to the group of the row before it.
fn goes_on(batch: &RecordBatch, columns: &[usize], row: usize) -> bool {
    columns.iter().all(|column| {
        let texts = batch.column(*column).as_string::<i32>();
        let value = |row: usize| if texts.is_valid(row) { texts.value(row) } else { "" };
        value(row) == value(row - 1)
    })
}

/// A hash of a text that is the same in every run.
pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Rows of a table that are decoded at once; few in tests, where groups are to reach over the ends of batches.
const BATCH_ROWS: usize = if cfg!(test) { 8 } else { 1 << 13 };

/// Iterates over the groups of a table.
pub(super) struct Groups<'a> {
    folder: &'a Path,
    table: &'static Table,
    /// Places of the groups in their order, by a hash of their keys; read when they are asked for first. Two keys of one
    /// hash cost memory, never a row.
    places: Option<HashMap<u64, usize>>,
    /// Place of the group that comes next.
    at: usize,
    reader: Option<ParquetRecordBatchReader>,
    path: std::path::PathBuf,
    /// Positions of the group columns in the batches.
    key_columns: Vec<usize>,
    /// Positions of the columns of the batches, in the order wanted.
    order: Vec<usize>,
    batch: Option<(RecordBatch, usize)>,
}

impl<'a> Groups<'a> {
    /// Opens a table with these columns of the schema.
    pub(super) fn open(folder: &'a Path, table: &'static Table, columns: &[usize]) -> Result<Self, PublishError> {
        let names: Vec<&str> = columns.iter().map(|at| table.columns[*at].name).collect();
        let (path, reader) = match open(folder, table)? {
            None => (folder.join(table.parquet_path()), None),
            Some((path, builder)) => {
                let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
                let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
                let reader =
                    reader.map_err(|source| PublishError::Parquet { path: path.clone(), source: Box::new(source) })?;
                (path, Some(reader))
            }
        };
        let (key_columns, order) = (Vec::new(), Vec::new());
        let mut groups = Self { folder, table, places: None, at: 0, reader, path, key_columns, order, batch: None };
        groups.fetch(&names)?;
        if let Some((batch, _)) = &groups.batch {
            groups.key_columns = positions(batch, group_columns(table));
        }
        Ok(groups)
    }

    fn places(&mut self) -> Result<&HashMap<u64, usize>, PublishError> {
        if self.places.is_none() {
            let mut places = HashMap::new();
            let mut last = None;
            let key_names = group_columns(self.table);
            read(self.folder, self.table, key_names, &mut |batch| {
                let columns = positions(batch, key_names);
                for row in 0..batch.num_rows() {
                    if row > 0 && goes_on(batch, &columns, row) {
                        continue;
                    }
                    let key = hash(&group_key(batch, &columns, row));
                    if last != Some(key) {
                        last = Some(key);
                        let place = places.len();
                        places.entry(key).or_insert(place);
                    }
                }
            })?;
            self.places = Some(places);
        }
        Ok(self.places.get_or_insert_default())
    }

    /// Whether a group of this key is somewhere in the table.
    pub(super) fn has(&mut self, key: &str) -> Result<bool, PublishError> {
        Ok(self.places()?.contains_key(&hash(key)))
    }

    /// How many groups stand between the next one and the one of this key.
    pub(super) fn distance(&mut self, key: &str) -> Result<usize, PublishError> {
        let at = self.at;
        Ok(self.places()?.get(&hash(key)).map_or(0, |place| place.abs_diff(at)))
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

    /// Passes over the groups that come next in both tables with the same rows, as far as they end in the batches at hand.
    pub(super) fn pass_same(&mut self, other: &mut Self) {
        let (Some((one, from)), Some((two, other_from))) = (&self.batch, &other.batch) else { return };
        let n = (one.num_rows() - from).min(two.num_rows() - other_from);
        let (one, two) = (one.slice(*from, n), two.slice(*other_from, n));
        let n = n_same(&one, &two);
        // The last of them may go on, or differ later.
        let starts = (1..n).filter(|row| !goes_on(&one, &self.key_columns, *row));
        let (n_groups, last) = starts.fold((0, 0), |(n_groups, _), row| (n_groups + 1, row));
        for groups in [self, other] {
            groups.at += n_groups;
            if let Some((_, from)) = &mut groups.batch {
                *from += last;
            }
        }
    }

    /// The next group.
    pub(super) fn next(&mut self) -> Result<Option<Group>, PublishError> {
        let mut group: Option<Group> = None;
        while let Some((batch, from)) = self.batch.take() {
            let key = group_key(&batch, &self.key_columns, from);
            let of = group.get_or_insert_with(|| Group { key: key.clone(), pieces: Vec::new() });
            let mut to = from;
            if of.key == key {
                to += 1;
                while to < batch.num_rows() && goes_on(&batch, &self.key_columns, to) {
                    to += 1;
                }
                of.pieces.push(batch.slice(from, to - from));
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
