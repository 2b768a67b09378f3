//! Every code of the tables is one of the list that the schema names for its column.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use super::finding::{Area, Findings};
use super::table::{get, text};
use crate::config::Config;
use crate::publish::schema::{Column, tables};

/// The lists of codes.
pub(super) struct Codes<'c>(&'c BTreeMap<String, BTreeMap<String, [String; 2]>>);

impl<'c> Codes<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        Self(&config.codes)
    }

    /// Says which codes of some rows no list has; `whose` names the rows. Columns that were not read are left out, and
    /// those whose list depends on another column: names of cells are looked up with the cells.
    pub(super) fn check(&self, table: &str, rows: &RecordBatch, whose: &str, findings: &mut Findings) {
        let columns = tables().filter(|of| of.name == table).flat_map(|of| of.columns);
        for column in columns.filter(|column| rows.column_by_name(column.name).is_some()) {
            let Some(list) = column.codes.filter(|list| !list.starts_with('{')) else { continue };
            let values = text(rows, column.name);
            for field in (0..rows.num_rows()).filter_map(|at| get(values, at)) {
                if let Some(code) = self.unknown(list, column, field) {
                    let what = format!("{whose} has {code:?} in {table}.{}, which is no code of it", column.name);
                    findings.add(Area::Codes, what);
                }
            }
        }
    }

    /// The first code of a field that is not in its list.
    fn unknown<'f>(&self, list: &str, column: &Column, field: &'f str) -> Option<&'f str> {
        let is_unknown = |code: &&str| self.0.get(list).is_none_or(|codes| !codes.contains_key(*code));
        if column.joins_codes() { field.split(';').find(is_unknown) } else { Some(field).filter(is_unknown) }
    }
}
