//! Places the blanks that a page does not place, where the rules leave one way.
//!
//! Cells vanish from flat text, and a row comes up short. Every way to place its values is tried against
//! the hard rules of the form, together with those of the other short rows; one is taken only when no
//! other satisfies every rule, and when the rules say that each of its blanks is zero: a cell that must
//! hold more was not blank but lost. Nothing is computed that was not printed.

use super::columns::Placed;
use super::{Collector, Context};
use crate::form::check::{Number, Numbers};
use crate::model::report::CellFlag;
use crate::model::verdict::{CheckStatus, Severity};

/// More combinations than this are not tried.
const MAX_STEPS: usize = 20_000;

/// A row with the ways in which its values may be placed.
pub(super) struct OpenRow {
    /// Row of the form.
    pub(super) row: usize,
    /// First token of its numbers.
    pub(super) token: usize,
    /// The ways.
    pub(super) ways: Vec<Placed>,
}

/// Chooses the way of each open row and reads its cells; gives `false`, and reads nothing, when the rules
/// leave no way or more than one.
pub(super) fn place(context: &Context<'_, '_, '_>, open: &[OpenRow], into: &mut Collector) -> bool {
    let mut numbers = Numbers::of(context.table, &into.cells);
    for row in open {
        for column in 0..context.table.columns.len() {
            numbers.set(row.row, column, Number::Blank);
        }
    }
    let mut search = Search { context, open, numbers, steps: 0, chosen: Vec::new(), found: Vec::new() };
    search.row(0);
    let [found] = search.found.as_slice() else { return false };
    if search.steps >= MAX_STEPS {
        return false;
    }
    if !search.is_lossless(found) {
        return false;
    }
    for (row, way) in open.iter().zip(found) {
        for (column, token) in &row.ways[*way] {
            let key = context.key(context.form, row.row, *column);
            context.placed_cell(key, *token, into);
            if let Some(cell) = into.cells.last_mut() {
                cell.flags.push(CellFlag::DecidedByRules);
            }
        }
    }
    true
}

struct Search<'s, 't, 'o, 'd> {
    context: &'s Context<'t, 'o, 'd>,
    open: &'s [OpenRow],
    numbers: Numbers,
    steps: usize,
    chosen: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Search<'_, '_, '_, '_> {
    /// Tries every way of a row and of those after it, until two fit.
    fn row(&mut self, at: usize) {
        let Some(row) = self.open.get(at) else {
            self.found.push(self.chosen.clone());
            return;
        };
        for (number, way) in row.ways.iter().enumerate() {
            self.steps += 1;
            if self.steps >= MAX_STEPS || self.found.len() > 1 {
                return;
            }
            for (column, token) in way {
                let read = token.map(|token| self.context.number(*column, token));
                self.numbers.set(row.row, *column, read.unwrap_or(Number::Blank));
            }
            if self.fits(row.row) {
                self.chosen.push(number);
                self.row(at + 1);
                self.chosen.pop();
            }
        }
        for (column, _) in row.ways.first().into_iter().flatten() {
            self.numbers.set(row.row, *column, Number::Blank);
        }
    }

    /// Whether the rules make every cell that vanished zero.
    fn is_lossless(&self, found: &[usize]) -> bool {
        let form = &self.context.config.forms.forms[self.context.form];
        let Some(table) = form.table(&self.context.table.code) else { return false };
        let mut numbers = self.numbers.clone();
        let mut vanished = Vec::new();
        for (row, way) in self.open.iter().zip(found) {
            for (column, token) in &row.ways[*way] {
                let read = token.map(|token| self.context.number(*column, token));
                numbers.set(row.row, *column, read.unwrap_or(Number::Blank));
                if token.is_none() {
                    vanished.push((row.row, *column));
                }
            }
        }
        let _ = numbers.fill(form, table);
        vanished.iter().all(|(row, column)| numbers.get(*row, *column) == Number::Known(0))
    }

    /// Whether no hard rule that a row stands in is broken; rows not placed yet count as blank.
    fn fits(&self, row: usize) -> bool {
        let form = &self.context.config.forms.forms[self.context.form];
        let table = form.table(&self.context.table.code);
        let of_row = |(other, _): &(usize, usize)| *other == row;
        form.checks
            .iter()
            .filter(|scope| Some(scope.table) == table && form.rules[scope.rule].severity == Severity::Hard)
            .filter(|scope| scope.left.iter().any(of_row) || scope.right.iter().any(of_row))
            .all(|scope| self.numbers.check(form, scope) != CheckStatus::Fail)
    }
}
