//! Where on the printed form cells fail, are blank, or follow from others: counts for each cell of each table.

use std::collections::BTreeSet;
use std::path::Path;

use super::PageError;
use super::follow::Follower;
use super::marks::{OwnForms, Rules, forms_of, operands};
use super::read::{Table, text};
use crate::config::Config;
use crate::form::{FormTable, Place};
use crate::model::report::{CellState, ReportStatus};
use crate::model::verdict::{CheckStatus, Severity};

/// What is known of one cell over all reports but duplicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Reports that have the cell.
    pub(super) n: u64,
    /// It stands in a hard rule that fails, or holds no number.
    pub(super) failing: u64,
    /// A suggestion names it.
    pub(super) suspected: u64,
    /// Nothing is printed in it, or a dash.
    pub(super) blank: u64,
    /// What it holds follows from other cells.
    pub(super) implied: u64,
}

/// A table of a form with the counts of its cells.
#[derive(Debug)]
pub(super) struct HeatTable {
    /// Index of the form, and of the table in it.
    pub(super) form: usize,
    pub(super) table: usize,
    /// Counts by row, then column.
    counts: Vec<Counts>,
    n_columns: usize,
}

/// Columns by which a report is followed, and what is asked of it.
const REPORT: [&str; 4] = ["report_id", "status", "form", "form_applications"];

impl HeatTable {
    /// The counts of a cell.
    pub(super) fn at(&self, row: usize, column: usize) -> Counts {
        self.counts[row * self.n_columns + column]
    }

    /// Whether any report has the table.
    pub(super) fn is_used(&self) -> bool {
        self.counts.iter().any(|counts| counts.n > 0)
    }
}

/// Counts the cells of all reports but duplicates.
///
/// # Errors
/// When a table cannot be read.
pub(super) fn heat(folder: &Path, config: &Config) -> Result<Vec<HeatTable>, PageError> {
    let mut heat = Heat::new(config);
    let mut reports = Table::open(folder, "reports", &REPORT)?;
    let mut cells = Follower::new(folder, "cells", &["report_id", "table", "row", "column", "state", "implied"])?;
    let failing = ("status", CheckStatus::Fail.as_str());
    let check_columns = ["report_id", "rule", "scope", "severity"];
    let mut checks = Follower::of_rows_where(folder, "checks", &check_columns, failing)?;
    let mut problems = Follower::new(folder, "quarantine", &["report_id", "suggested_cell"])?;
    while let Some(batch) = reports.next()? {
        let [ids, statuses, forms, of_applications] = REPORT.map(|column| batch.texts(column));
        let (ids, statuses, forms, of_applications) = (ids?, statuses?, forms?, of_applications?);
        for row in 0..batch.n_rows() {
            let id = ids.value(row);
            let is_counted = statuses.value(row) != ReportStatus::Duplicate.as_str();
            let own = OwnForms { form: text(forms, row), applications: text(of_applications, row) };
            heat.begin(own);
            let mut named = BTreeSet::new();
            checks.rows_of(id, |batch, rows| {
                let (rules, scopes) = (batch.texts("rule")?, batch.texts("scope")?);
                let severities = batch.texts("severity")?;
                for row in rows.filter(|row| severities.value(*row) == Severity::Hard.as_str()) {
                    named.extend(heat.of_rule(own, rules.value(row), scopes.value(row)));
                }
                Ok(())
            })?;
            let mut suspected = BTreeSet::new();
            problems.rows_of(id, |batch, mut rows| {
                let cells = batch.texts("suggested_cell")?;
                rows.try_for_each(|row| {
                    let names = text(cells, row).into_iter().flat_map(|names| names.split(';'));
                    suspected.extend(names.filter_map(|name| heat.named(name)));
                    Ok(())
                })
            })?;
            cells.rows_of(id, |batch, rows| {
                let (tables, in_rows, columns) = (batch.texts("table")?, batch.texts("row")?, batch.texts("column")?);
                let (states, implied) = (batch.texts("state")?, batch.numbers("implied")?);
                for row in rows.filter(|_| is_counted) {
                    // A local row has no place on the form.
                    let (Some(in_row), Some(column)) = (text(in_rows, row), text(columns, row)) else { continue };
                    let Some((table, at)) = heat.place(tables.value(row), in_row, column) else { continue };
                    let is_implied = !arrow::array::Array::is_null(implied, row);
                    let (state, cell) = (states.value(row), (table, at));
                    heat.count(cell, state, is_implied, named.contains(&cell), suspected.contains(&cell));
                }
                Ok(())
            })?;
        }
    }
    for follower in [cells, checks, problems] {
        follower.end()?;
    }
    Ok(heat.tables)
}

/// A table of [`Heat`], and a cell in it by row, then column.
type Cell = (usize, usize);

struct Heat<'c> {
    config: &'c Config,
    rules: Rules<'c>,
    tables: Vec<HeatTable>,
    /// For each table whether the report being counted is asked for it before the same table of another form.
    is_first: Vec<bool>,
    /// All tables in the order in which the report is asked for them.
    asked: Vec<usize>,
    /// The cell met last: the next one is mostly its neighbour.
    last: Cell,
}

impl<'c> Heat<'c> {
    fn new(config: &'c Config) -> Self {
        let mut tables = Vec::new();
        for (form, of) in config.forms.forms.iter().enumerate().rev() {
            for (table, of) in of.tables.iter().enumerate() {
                let counts = vec![Counts::default(); of.rows.len() * of.columns.len()];
                tables.push(HeatTable { form, table, counts, n_columns: of.columns.len() });
            }
        }
        Self { config, rules: Rules::new(config), tables, is_first: Vec::new(), asked: Vec::new(), last: (0, 0) }
    }

    fn form_table(&self, table: usize) -> &'c FormTable {
        let of = &self.tables[table];
        &self.config.forms.forms[of.form].tables[of.table]
    }

    /// Turns to the next report.
    fn begin(&mut self, own: OwnForms<'_>) {
        let rank = |table: usize| {
            let forms = forms_of(self.config, own, self.form_table(table).shape);
            forms.iter().position(|form| *form == self.tables[table].form)
        };
        let ranks: Vec<Option<usize>> = (0..self.tables.len()).map(rank).collect();
        self.asked.clear();
        self.asked.extend(0..self.tables.len());
        self.asked.sort_by_key(|table| ranks[*table]);
        self.is_first.clear();
        self.is_first.extend(ranks.iter().map(|rank| *rank == Some(0)));
    }

    /// The place of a cell in the first form of the report that has it.
    fn place(&mut self, table: &str, row: &str, column: &str) -> Option<Cell> {
        let (last_table, last) = self.last;
        let of = self.form_table(last_table);
        let (next_row, next_column) = ((last + 1) / of.columns.len(), (last + 1) % of.columns.len());
        let is_next = self.is_first[last_table]
            && of.rows.get(next_row).is_some_and(|of| of.code == row)
            && of.columns[next_column].code == column
            && of.code == table;
        self.last = if is_next { (last_table, last + 1) } else { self.search(table, row, column)? };
        Some(self.last)
    }

    fn search(&self, table: &str, row: &str, column: &str) -> Option<Cell> {
        self.asked.iter().find_map(|at| {
            let of = self.form_table(*at);
            if of.code != table {
                return None;
            }
            Some((*at, of.row(row)? * of.columns.len() + of.column(column)?))
        })
    }

    /// The place of a published cell `table.row.column`.
    fn named(&self, name: &str) -> Option<Cell> {
        let mut parts = name.splitn(3, '.');
        self.search(parts.next()?, parts.next()?, parts.next()?)
    }

    /// The cells that a rule speaks of at a scope.
    fn of_rule(&self, own: OwnForms<'_>, rule: &str, scope: &str) -> Vec<Cell> {
        let Some((form, scope)) = self.rules.find(own, rule, scope) else { return Vec::new() };
        let cell = |place: Place| {
            let at = self.tables.iter().position(|of| (of.form, of.table) == (form, place.table))?;
            Some((at, place.row * self.tables[at].n_columns + place.column))
        };
        operands(scope).filter_map(cell).collect()
    }

    fn count(&mut self, (table, at): Cell, state: &str, is_implied: bool, is_named: bool, is_suspected: bool) {
        let is = |states: &[CellState]| states.iter().any(|of| of.as_str() == state);
        let counts = &mut self.tables[table].counts[at];
        counts.n += 1;
        counts.failing += u64::from(is_named || is(&[CellState::Text, CellState::Absent, CellState::Unreadable]));
        counts.suspected += u64::from(is_suspected);
        counts.blank += u64::from(is(&[CellState::Blank, CellState::Dash]));
        counts.implied += u64::from(is_implied);
    }
}
