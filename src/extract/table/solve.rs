//! Places the blanks that a page does not place, where the rules leave one way.
//!
//! Cells vanish from flat text, and a row comes up short. Every way to place its values is tried against
//! the hard rules of the form, together with those of the other short rows; one is taken only when no
//! other satisfies every rule, and when the rules say that each of its blanks is zero: a cell that must
//! hold more was not blank but lost. Where many rows leave the same columns blank, those among them that any
//! other way would break tell it for the others. A row of one value more than columns is read without the one
//! that is the number of a page, where all rules hold with that one left out and with no other. Nothing is computed that was not printed.

use super::columns::{Fault, Placed};
use super::{Collector, Context};
use crate::form::check::{Number, Numbers, hard};
use crate::form::{Operand, RuleScope};
use crate::model::report::{Cell, CellFlag, Flag};

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
    /// Where its cells are printed, in a table whose header shows that cells keep their places.
    pub(super) printed: Option<Placed>,
    /// Its blank cells are printed, though not surely in their places.
    pub(super) has_blanks: bool,
    /// Its one way is that of its figures on the page, where white space keeps the columns.
    pub(super) is_laid_out: bool,
}

impl OpenRow {
    /// What is wrong with it when no way is taken.
    pub(super) fn fault(&self) -> Fault {
        Fault::of(&self.ways)
    }
}

/// Chooses the way of each open row and reads its cells; gives `false`, and reads nothing, when the rules
/// leave no way or more than one.
pub(super) fn place(context: &Context<'_, '_, '_>, open: &[OpenRow], into: &mut Collector) -> bool {
    let mut search = Search::new(context, open, &into.cells);
    if let Some(printed) = search.as_printed() {
        for (row, way) in open.iter().zip(printed) {
            for (column, token) in way {
                context.placed_cell(context.key(context.form, row.row, *column), *token, into);
            }
        }
        return true;
    }
    if open.iter().any(|row| row.ways.is_empty()) {
        return false;
    }
    search.row(0);
    let is_done = search.steps < MAX_STEPS;
    let found = search.found.first().filter(|found| is_done && search.found.len() == 1 && search.is_lossless(found));
    let Some(found) = found.cloned().or_else(|| Search::new(context, open, &into.cells).pattern()) else {
        return false;
    };
    for (row, way) in open.iter().zip(&found) {
        if row.fault() == Fault::Long {
            into.flags.push(Flag::PageNumber);
        }
        for (column, token) in &row.ways[*way] {
            let key = context.key(context.form, row.row, *column);
            context.placed_cell(key, *token, into);
            if let Some(cell) = into.cells.last_mut().filter(|_| !row.is_laid_out) {
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

impl<'s, 't, 'o, 'd> Search<'s, 't, 'o, 'd> {
    fn new(context: &'s Context<'t, 'o, 'd>, open: &'s [OpenRow], cells: &[Cell]) -> Self {
        let mut numbers = Numbers::of(context.table, cells);
        for row in open {
            for column in 0..context.table.columns.len() {
                numbers.set(row.row, column, Number::Blank);
            }
        }
        Self { context, open, numbers, steps: 0, chosen: Vec::new(), found: Vec::new() }
    }

    /// Takes the values of a row as placed in a way, and something for the cells that vanished.
    fn set(&mut self, row: usize, way: &Placed, vanished: Number) {
        for (column, token) in way {
            let read = token.map(|token| self.context.number(*column, token));
            self.numbers.set(row, *column, read.unwrap_or(vanished));
        }
    }

    /// Where the cells of each row are printed, when their header shows that cells keep their places, no rule is broken by it,
    /// and what is blank is no cell lost here or there: whole groups of columns with their sums, or the same column
    /// in many rows.
    fn as_printed(&mut self) -> Option<Vec<&'s Placed>> {
        /// Fewer rows may each have lost a cell.
        const MIN_ROWS: usize = 6;
        let open = self.open;
        let printed: Vec<&Placed> = open.iter().map(|row| row.printed.as_ref()).collect::<Option<_>>()?;
        for (row, way) in open.iter().zip(&printed) {
            self.set(row.row, way, Number::Blank);
        }
        let is_blank = |way: &Placed| -> Vec<bool> { way.iter().map(|(_, token)| token.is_none()).collect() };
        let is_column = printed.len() >= MIN_ROWS && printed.iter().all(|way| is_blank(way) == is_blank(printed[0]));
        let is_whole = || open.iter().zip(&printed).all(|(row, way)| self.blanks_are_groups(row.row, way));
        ((is_column || is_whole()) && open.iter().all(|row| self.fits(row.row))).then_some(printed)
    }

    /// Whether each rule of a row has all of its cells in it blank, or none, and each blank has such a rule.
    fn blanks_are_groups(&self, row: usize, way: &Placed) -> bool {
        let form = &self.context.config.forms.forms[self.context.form];
        let Some(table) = form.table(&self.context.table.code) else { return false };
        let is_blank = |column: usize| way.iter().any(|(of, token)| *of == column && token.is_none());
        let columns_of = |scope: &RuleScope| -> Vec<usize> {
            let places = scope.formula.operands().filter_map(Operand::place);
            places.filter(|place| place.table == table && place.row == row).map(|place| place.column).collect()
        };
        let rules: Vec<Vec<usize>> = hard(form, table).map(|(_, scope)| columns_of(scope)).collect();
        let is_group = |rule: &Vec<usize>| rule.len() > 1 && rule.iter().all(|column| is_blank(*column));
        let is_parted = |rule: &Vec<usize>| {
            let n_blank = rule.iter().filter(|column| is_blank(**column)).count();
            n_blank > 0 && n_blank < rule.len()
        };
        let is_held = |column: usize| rules.iter().any(|rule| is_group(rule) && rule.contains(&column));
        !rules.iter().any(is_parted) && way.iter().all(|(column, token)| token.is_some() || is_held(*column))
    }

    /// The way of each row when all of them leave the same columns blank: many rows, of which some would break a
    /// rule in any other way, and no other columns fit them all. Their blanks are printed there, or zero.
    fn pattern(&mut self) -> Option<Vec<usize>> {
        /// Fewer rows may be alike by chance.
        const MIN_ROWS: usize = 6;
        const MIN_TELLING: usize = 4;
        let n_ways = self.open.first()?.ways.len();
        if self.open.len() < MIN_ROWS || self.open.iter().any(|row| row.ways.len() != n_ways) {
            return None;
        }
        let open = self.open;
        let mut fitting = None;
        for way in 0..n_ways {
            for row in open {
                self.set(row.row, &row.ways[way], Number::Blank);
            }
            if open.iter().all(|row| self.fits(row.row)) && fitting.replace(way).is_some() {
                return None;
            }
        }
        let way = fitting?;
        for row in open {
            self.set(row.row, &row.ways[way], Number::Blank);
        }
        let mut n_telling = 0;
        for row in open {
            let is_other = |other: &usize| *other != way;
            let mut others = (0..n_ways).filter(is_other);
            let is_telling = others.all(|other| {
                // Only zeros vanish.
                self.set(row.row, &row.ways[other], Number::Known(0));
                !self.fits(row.row)
            });
            self.set(row.row, &row.ways[way], Number::Blank);
            n_telling += usize::from(is_telling);
        }
        let found = vec![way; open.len()];
        let is_printed = open.iter().all(|row| row.has_blanks);
        (n_telling >= MIN_TELLING && (is_printed || self.is_lossless(&found))).then_some(found)
    }

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
            self.set(row.row, way, Number::Blank);
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

    /// Whether the rules make every cell that vanished zero. One whose place is blank on the page need not be told by
    /// them; where they make it more than zero, it was not blank but lost.
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
                    vanished.push((row, *column));
                }
            }
        }
        let _ = numbers.fill(form, table);
        vanished.iter().all(|(row, column)| match numbers.get(row.row, *column) {
            Number::Known(number) => number == 0,
            _ => row.is_laid_out,
        })
    }

    /// Whether no hard rule that a row stands in is broken; rows not placed yet count as blank.
    fn fits(&self, row: usize) -> bool {
        let form = &self.context.config.forms.forms[self.context.form];
        let table = form.table(&self.context.table.code);
        let is_of_row = |operand: &Operand| operand.place().is_some_and(|place| place.row == row);
        table.is_none_or(|table| {
            let of_row = hard(form, table).filter(|(_, scope)| scope.formula.operands().any(is_of_row));
            of_row.map(|(_, scope)| scope).all(|scope| !self.numbers.breaks(scope))
        })
    }
}
