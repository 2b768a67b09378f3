//! What differs between two snapshots, row by row, with the reason.
//!
//! Tables are walked side by side, one report at a time: rows of a report stand together, and nearly all reports stand in the
//! same order in both, so memory holds only the reports that moved. Rows that are the same are passed over by whole columns.
//! Several tables are walked at once; what is found is told table by table.

mod cause;
mod groups;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

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
    let is_other = |table: &&'static Table| {
        let path = table.parquet_path();
        let [old, new] = known.each_ref().map(|sums| sums.get(&path));
        // The same bytes are the same rows.
        old.is_none() || old != new
    };
    // Tables are taken up in the order in which they are told, so the one that is listened to is always being walked; a
    // later one waits when it has told so much ahead.
    let channel = |table| {
        let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
        ((table, sender), receiver)
    };
    let (walks, receivers): (Vec<_>, Vec<_>) = tables().filter(is_other).map(channel).unzip();
    // Those who walk own what is left to walk: were they all gone, nobody would be listened to for ever.
    let walks = Arc::new(Mutex::new(walks.into_iter()));
    std::thread::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(receivers.len()) {
            let (walks, causes) = (Arc::clone(&walks), &causes);
            scope.spawn(move || {
                let next = || walks.lock().unwrap_or_else(PoisonError::into_inner).next();
                while let Some((table, sender)) = next() {
                    let mut teller = Teller { sender, chunk: Vec::new() };
                    let end = walk_table(table, before, after, causes, &mut teller);
                    teller.end(end);
                }
            });
        }
        drop(walks);
        // Where this ends early the receivers go, and what still walks ends with the next chunk it tells.
        for message in receivers.into_iter().flatten() {
            message?.into_iter().try_for_each(&mut *tell)?;
        }
        Ok(())
    })
}

/// Changes that are handed over at once.
const HANDED: usize = 256;
/// Chunks of changes that a table may be ahead of the one that is told.
const CHUNKS_AHEAD: usize = 16;

/// Some changes of a table, or why there are no more.
type Told = Result<Vec<Change>, PublishError>;

/// Hands changes over in chunks.
struct Teller {
    sender: SyncSender<Told>,
    chunk: Vec<Change>,
}

impl Teller {
    fn tell(&mut self, change: Change) -> Result<(), Stop> {
        self.chunk.push(change);
        if self.chunk.len() < HANDED { Ok(()) } else { self.hand() }
    }

    fn hand(&mut self) -> Result<(), Stop> {
        self.sender.send(Ok(std::mem::take(&mut self.chunk))).map_err(|_| Stop::Unheard)
    }

    fn end(mut self, end: Result<(), Stop>) {
        if let Err(Stop::Failed(error)) = end.and_then(|()| self.hand()) {
            // Where nobody listens any more, an error was told already.
            drop(self.sender.send(Err(error)));
        }
    }
}

/// Why the walk over a table ends before its end.
enum Stop {
    /// Nobody listens any more.
    Unheard,
    Failed(PublishError),
}

impl From<PublishError> for Stop {
    fn from(error: PublishError) -> Self {
        Self::Failed(error)
    }
}

/// Walks one table of both snapshots.
fn walk_table(
    table: &'static Table,
    before: &Path,
    after: &Path,
    causes: &Causes,
    teller: &mut Teller,
) -> Result<(), Stop> {
    let columns = common_columns(table, before, after)?;
    Walk { table, columns, causes, teller }.tables(before, after)
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
    teller: &'a mut Teller,
}

impl Walk<'_> {
    fn tables(&mut self, before: &Path, after: &Path) -> Result<(), Stop> {
        let mut old = Groups::open(before, self.table, &self.columns)?;
        let mut new = Groups::open(after, self.table, &self.columns)?;
        // Reports that stand elsewhere in the other snapshot wait here for their other half.
        let (mut old_waiting, mut new_waiting) = (BTreeMap::new(), BTreeMap::new());
        let (mut one, mut two) = both(&mut old, &mut new)?;
        loop {
            match (one.take(), two.take()) {
                (None, None) => break,
                (Some(a), Some(b)) if a.key == b.key => {
                    self.group(Some(&a), Some(&b))?;
                    (one, two) = both(&mut old, &mut new)?;
                }
                (Some(a), b) if !new.has(&a.key)? => {
                    self.group(Some(&a), None)?;
                    (one, two) = (old.next()?, b);
                }
                (a, Some(b)) if !old.has(&b.key)? => {
                    self.group(None, Some(&b))?;
                    (one, two) = (a, new.next()?);
                }
                (a, b) => {
                    let is_old_moved = match (&a, &b) {
                        (Some(a), Some(b)) => new.distance(&a.key)? >= old.distance(&b.key)?,
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
    fn group(&mut self, old: Option<&Group>, new: Option<&Group>) -> Result<(), Stop> {
        if let (Some(old), Some(new)) = (old, new)
            && old.is_same(new)
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

    fn tell(&mut self, change: Change) -> Result<(), Stop> {
        self.teller.tell(change)
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

/// The next groups of both tables that may differ.
fn both<'a>(old: &mut Groups<'a>, new: &mut Groups<'a>) -> Result<(Option<Group>, Option<Group>), PublishError> {
    old.pass_same(new);
    Ok((old.next()?, new.next()?))
}
