//! What differs between two snapshots, row by row, with the reason.
//!
//! Tables are walked side by side, one report at a time: rows of a report stand together, and nearly all reports stand in the
//! same order in both, so memory holds only the reports that moved. A report whose rows are the same is passed over without
//! looking at its values.

mod cause;
mod groups;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::{Map, Value};

use super::PublishError;
use super::columns::Rows;
use super::parquet::{Batch, TableWriter};
use super::schema::{CHANGES, ColumnType, Table, tables};
use super::snapshot::{self, Edition, Summed};
use super::sums;
use crate::config::Config;
use crate::model::change::{ChangeCause, ChangeKind};
use cause::Causes;
use groups::{Group, Groups, common_columns};

/// A difference between two snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The table.
    pub table: &'static str,
    /// Key columns of the row joined by `|`, with `#n` for the n-th row of one key.
    pub key: String,
    /// The column; `None` for a row added or removed.
    pub column: Option<&'static str>,
    /// The value before; of a removed row the row as JSON.
    pub old: Option<String>,
    /// The value now; of an added row the row as JSON.
    pub new: Option<String>,
    /// What happened to the row.
    pub kind: ChangeKind,
    /// Why.
    pub cause: ChangeCause,
}

/// Tells every difference between two snapshots, table by table.
///
/// # Errors
/// When a table cannot be read, or `tell` fails.
pub fn compare(
    before: &Path,
    after: &Path,
    tell: &mut dyn FnMut(Change) -> Result<(), PublishError>,
) -> Result<(), PublishError> {
    let known = [before, after].map(listed);
    let causes = Causes::read(before, after)?;
    for table in tables() {
        let path = table.parquet_path();
        let [old, new] = known.each_ref().map(|sums| sums.get(&path));
        // The same bytes are the same rows.
        if old.is_some() && old == new {
            continue;
        }
        let columns = common_columns(table, before, after)?;
        let mut walk = Walk { table, columns, causes: &causes, tell: &mut *tell };
        walk.tables(before, after)?;
    }
    Ok(())
}

/// The checksums that a snapshot names; none where it has no list.
fn listed(folder: &Path) -> HashMap<String, String> {
    let list = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap_or_default();
    sums::entries(&list).flatten().map(|(sum, name)| (name.to_owned(), sum.to_owned())).collect()
}

/// Writes `changes.parquet` of an edition against the snapshot before it; gives the file and its rows.
pub(super) fn write(edition: &Edition, config: &Config) -> Result<(Summed, u64), PublishError> {
    let mut writer = TableWriter::create(&edition.folder, CHANGES, &config.publish, &[])?;
    let mut changes = Vec::new();
    if let Some(previous) = &edition.previous {
        compare(previous, &edition.folder, &mut |change| {
            changes.push(change);
            if changes.len() >= CHUNK { push(&mut writer, &std::mem::take(&mut changes)) } else { Ok(()) }
        })?;
    }
    push(&mut writer, &changes)?;
    let (path, rows) = writer.finish()?;
    Ok((snapshot::checksum(&path, CHANGES.parquet_path())?, rows as u64))
}

/// Changes that are written at once.
const CHUNK: usize = 8192;

fn push(writer: &mut TableWriter, changes: &[Change]) -> Result<(), PublishError> {
    let mut rows = Rows::with_capacity(CHANGES, changes.len());
    for change in changes {
        rows.text(change.table).text(&change.key).opt_text(change.column);
        rows.opt_text(change.old.as_deref()).opt_text(change.new.as_deref());
        rows.text(change.kind.as_str()).text(change.cause.as_str()).end();
    }
    TableWriter::write_all(std::slice::from_mut(writer), &[vec![Batch::new(&CHANGES, rows.finish())]])
}

/// One table of both snapshots, side by side.
struct Walk<'a> {
    table: &'static Table,
    /// Positions, in the schema, of the columns that both have.
    columns: Vec<usize>,
    causes: &'a Causes,
    tell: &'a mut dyn FnMut(Change) -> Result<(), PublishError>,
}

impl Walk<'_> {
    fn tables(&mut self, before: &Path, after: &Path) -> Result<(), PublishError> {
        let mut old = Groups::open(before, self.table, &self.columns)?;
        let mut new = Groups::open(after, self.table, &self.columns)?;
        // Reports that stand elsewhere in the other snapshot wait here for their other half.
        let (mut old_waiting, mut new_waiting) = (BTreeMap::new(), BTreeMap::new());
        let (mut one, mut two) = (old.next()?, new.next()?);
        loop {
            match (one.take(), two.take()) {
                (None, None) => break,
                (Some(a), Some(b)) if a.key == b.key => {
                    self.group(Some(&a), Some(&b))?;
                    (one, two) = (old.next()?, new.next()?);
                }
                (Some(a), b) if !new.has(&a.key) => {
                    self.group(Some(&a), None)?;
                    (one, two) = (old.next()?, b);
                }
                (a, Some(b)) if !old.has(&b.key) => {
                    self.group(None, Some(&b))?;
                    (one, two) = (a, new.next()?);
                }
                (a, b) => {
                    let is_old_moved = match (&a, &b) {
                        (Some(a), Some(b)) => new.distance(&a.key) >= old.distance(&b.key),
                        (a, _) => a.is_some(),
                    };
                    if is_old_moved {
                        let a = a.expect("an old group is there");
                        match new_waiting.remove(&a.key) {
                            Some(other) => self.group(Some(&a), Some(&other))?,
                            None => drop(old_waiting.insert(a.key.clone(), a)),
                        }
                        (one, two) = (old.next()?, b);
                    } else {
                        let b = b.expect("a new group is there");
                        match old_waiting.remove(&b.key) {
                            Some(other) => self.group(Some(&other), Some(&b))?,
                            None => drop(new_waiting.insert(b.key.clone(), b)),
                        }
                        (one, two) = (a, new.next()?);
                    }
                }
            }
        }
        for (_, group) in old_waiting {
            self.group(Some(&group), None)?;
        }
        for (_, group) in new_waiting {
            self.group(None, Some(&group))?;
        }
        Ok(())
    }

    /// The rows of one report in both.
    fn group(&mut self, old: Option<&Group>, new: Option<&Group>) -> Result<(), PublishError> {
        if let (Some(old), Some(new)) = (old, new)
            && old.rows == new.rows
        {
            return Ok(());
        }
        let key = new.or(old).map_or("", |group| &group.key);
        let cause = self.causes.of(self.table, key, new.is_some());
        let rows = |group: Option<&Group>| group.map_or_else(BTreeMap::new, |group| self.named(group));
        let (mut old, new) = (rows(old), rows(new));
        for (key, row) in new {
            match old.remove(&key) {
                None => {
                    let new = Some(self.json(&row));
                    self.tell(Change { new, ..self.change(key, ChangeKind::Insert, cause) })?;
                }
                Some(before) => {
                    for (at, (old, new)) in before.into_iter().zip(row).enumerate().filter(|(_, (old, new))| old != new)
                    {
                        let column = Some(self.table.columns[self.columns[at]].name);
                        self.tell(Change { column, old, new, ..self.change(key.clone(), ChangeKind::Update, cause) })?;
                    }
                }
            }
        }
        for (key, row) in old {
            let old = Some(self.json(&row));
            self.tell(Change { old, ..self.change(key, ChangeKind::Delete, cause) })?;
        }
        Ok(())
    }

    fn tell(&mut self, change: Change) -> Result<(), PublishError> {
        (self.tell)(change)
    }

    fn change(&self, key: String, kind: ChangeKind, cause: ChangeCause) -> Change {
        Change { table: self.table.name, key, column: None, old: None, new: None, kind, cause }
    }

    /// Rows by their keys; the second and later ones of one key are numbered.
    fn named(&self, group: &Group) -> BTreeMap<String, Vec<Option<String>>> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut rows = BTreeMap::new();
        for row in group.printed() {
            let value = |name: &&str| {
                let at = self.columns.iter().position(|at| self.table.columns[*at].name == *name)?;
                row[at].clone()
            };
            let parts: Vec<String> =
                self.table.key.columns().iter().map(|name| value(name).unwrap_or_default()).collect();
            let key = parts.join("|");
            let n = seen.entry(key.clone()).and_modify(|n| *n += 1).or_insert(1);
            let key = if *n == 1 { key } else { format!("{key}#{n}") };
            rows.insert(key, row);
        }
        rows
    }

    /// A row as JSON, its nulls left out.
    fn json(&self, row: &[Option<String>]) -> String {
        let mut object = Map::new();
        for (at, value) in self.columns.iter().zip(row) {
            let Some(value) = value else { continue };
            let column = &self.table.columns[*at];
            let value = match column.column_type {
                ColumnType::Text | ColumnType::Date => Value::from(value.as_str()),
                _ => serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.as_str())),
            };
            object.insert(column.name.to_owned(), value);
        }
        Value::from(object).to_string()
    }
}
