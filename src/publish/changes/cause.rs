//! Why rows of two snapshots differ: the source moved, the program moved, or a person put something right.

use std::collections::HashMap;
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Float64Type;
use serde_json::Value;

use super::super::PublishError;
use super::super::schema::{CELLS, FILES, REPORTS, Table};
use super::groups::{hash, read};
use crate::model::change::ChangeCause;

/// What is known of one snapshot.
struct Known {
    /// Hashes of the bytes of files by hashes of their paths.
    files: HashMap<u64, u64>,
    /// Hashes of the paths of reports by hashes of their ids.
    reports: HashMap<u64, u64>,
    /// What persons corrected, hashed, by hashes of report ids.
    corrected: HashMap<u64, u64>,
    /// Version of the program and digest of its settings.
    program: [Value; 2],
}

/// What is known of two snapshots.
pub(super) struct Causes {
    old: Known,
    new: Known,
}

impl Known {
    fn read(folder: &Path) -> Result<Self, PublishError> {
        let run = std::fs::read(folder.join("run.json")).unwrap_or_default();
        // Without a readable record nothing is known of the program.
        let run: Value = serde_json::from_slice(&run).unwrap_or_default();
        let program = ["version", "settings_digest"].map(|key| run[key].clone());
        Ok(Self {
            files: pairs(folder, &FILES, ["path", "sha256"])?,
            reports: pairs(folder, &REPORTS, ["report_id", "path"])?,
            corrected: corrected(folder)?,
            program,
        })
    }
}

/// Hashes of the second of two text columns by hashes of the first.
fn pairs(folder: &Path, table: &Table, columns: [&str; 2]) -> Result<HashMap<u64, u64>, PublishError> {
    let mut pairs = HashMap::new();
    read(folder, table, &columns, &mut |batch| {
        let [Some(keys), Some(values)] = columns.map(|name| batch.column_by_name(name)) else { return };
        let (keys, values) = (keys.as_string::<i32>(), values.as_string::<i32>());
        for row in 0..batch.num_rows() {
            let value = if values.is_null(row) { 0 } else { hash(values.value(row)) };
            pairs.insert(hash(keys.value(row)), value);
        }
    })?;
    Ok(pairs)
}

/// What persons corrected in each report, hashed.
fn corrected(folder: &Path) -> Result<HashMap<u64, u64>, PublishError> {
    let names = ["report_id", "table", "row", "column", "corrected"];
    let mut corrected: HashMap<u64, u64> = HashMap::new();
    // Most corpora hold no correction, and a column of nulls is read at once.
    let mut is_any = false;
    read(folder, &CELLS, &names[4..], &mut |batch| {
        is_any |= batch.columns().iter().any(|column| column.null_count() < batch.num_rows());
    })?;
    if !is_any {
        return Ok(corrected);
    }
    read(folder, &CELLS, &names, &mut |batch| {
        let [Some(ids), Some(tables), Some(rows), Some(columns), Some(values)] =
            names.map(|name| batch.column_by_name(name))
        else {
            return;
        };
        let values = values.as_primitive::<Float64Type>();
        let text = |column: &dyn Array, row: usize| column.as_string::<i32>().value(row).to_owned();
        for row in (0..batch.num_rows()).filter(|row| !values.is_null(*row)) {
            let place = [tables, rows, columns].map(|column| text(column, row)).join(".");
            let seen = corrected.entry(hash(&text(ids, row))).or_default();
            *seen = hash(&format!("{seen} {place} {}", values.value(row)));
        }
    })?;
    Ok(corrected)
}

impl Causes {
    pub(super) fn read(old: &Path, new: &Path) -> Result<Self, PublishError> {
        let (old, new) = rayon::join(|| Known::read(old), || Known::read(new));
        Ok(Self { old: old?, new: new? })
    }

    /// Why the rows of a group differ; `is` says whether the newer snapshot has any.
    pub(super) fn of(&self, table: &Table, key: &str, is: bool) -> ChangeCause {
        let first = key.split('|').next().unwrap_or_default();
        let has_paths = table.column("path").is_some() && table.name != REPORTS.name;
        // The path of the file, in the snapshot that has the rows; quarantine and files name it themselves.
        let known = if is { &self.new } else { &self.old };
        let path = if has_paths { Some(hash(path_of(table, key))) } else { known.reports.get(&hash(first)).copied() };
        let Some(path) = path else { return self.other_than_input() };
        match (self.old.files.get(&path), self.new.files.get(&path)) {
            (None, _) => ChangeCause::InputNew,
            (Some(_), None) => ChangeCause::InputGone,
            (Some(one), Some(two)) if one != two => ChangeCause::InputChanged,
            (Some(_), Some(_)) => {
                let report = hash(if has_paths { key.rsplit('|').next().unwrap_or_default() } else { first });
                let (one, two) = (self.old.corrected.get(&report), self.new.corrected.get(&report));
                if one != two { ChangeCause::Correction } else { self.other_than_input() }
            }
        }
    }

    /// Why a report differs whose file is the same and which nobody corrected.
    fn other_than_input(&self) -> ChangeCause {
        if self.old.program != self.new.program {
            ChangeCause::ProgramChanged
        } else if self.old.files == self.new.files {
            // Only a correction of another report can bear on this one then.
            ChangeCause::Correction
        } else {
            ChangeCause::InputChanged
        }
    }
}

/// The path in the key of a group of a table that names paths. A path may hold the mark between the parts.
fn path_of<'k>(table: &Table, key: &'k str) -> &'k str {
    if table.name == FILES.name { key } else { key.rsplit_once('|').map_or(key, |(path, _)| path) }
}
