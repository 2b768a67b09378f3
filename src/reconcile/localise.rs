//! Which printed number is wrong: with all its equations table 2 corrects its own single errors.
//!
//! Every cell of table 2 stands in two or three equations, and no two cells stand in the same ones. A wrong number
//! leaves a residual in each of its equations: these name the cell, and the residual its right value. Nothing
//! is assumed about rows and columns here; the equations say which cells hang together. An explanation is a set of
//! changes after which every equation holds, blanks within their bounds; explanations are ranked, and one is
//! named only when no other of its rank exists.

use std::collections::{BTreeMap, BTreeSet};

use crate::form::check::{Number, Numbers, equations};
use crate::form::{Equation, Form};
use crate::model::verdict::SuggestionKind;

/// Row and column of a cell.
type Cell = (usize, usize);

/// What would make every equation hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Explanation {
    /// What happened.
    pub(super) kind: SuggestionKind,
    /// The cells and the numbers that mend them, in the order of the form.
    pub(super) changes: BTreeMap<Cell, i64>,
}

/// The explanations of the highest rank for equations that hang together and do not hold.
#[derive(Debug)]
pub(super) struct Located {
    /// The checks that fail.
    pub(super) failed: Vec<usize>,
    /// The explanations; exactly one is a suggestion.
    pub(super) explanations: Vec<Explanation>,
}

/// Explains the failing equations of a table, apart for those that share no cell with one another.
pub(super) fn locate(form: &Form, table: usize, numbers: &Numbers) -> Vec<Located> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (check, equation) in equations(form, table) {
        let cells: BTreeSet<Cell> = equation.terms.iter().map(|(row, column, _)| (*row, *column)).collect();
        let (near, mut apart): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| !part.cells.is_disjoint(&cells));
        let mut part = Part { cells, equations: vec![(check, equation)] };
        for other in near {
            part.cells.extend(other.cells);
            part.equations.extend(other.equations);
        }
        part.equations.sort_by_key(|(check, _)| *check);
        apart.push(part);
        parts = apart;
    }
    parts.sort_by_key(|part| part.equations[0].0);
    let is_parted = parts.len() > 1;
    let boards = parts.into_iter().map(|part| Board::new(form, table, numbers, part.equations));
    let mut located: Vec<Located> =
        boards.filter(|board| !board.failed.is_empty()).map(|board| board.explain()).collect();
    // What explains several parts apart may be one row that stands beside its cells.
    if is_parted && located.len() > 1 {
        let shifted = Board::new(form, table, numbers, equations(form, table).collect()).shifted_rows();
        for part in &mut located {
            part.explanations.extend(shifted.iter().cloned());
        }
    }
    located
}

/// Equations that hang together by their cells.
struct Part<'f> {
    cells: BTreeSet<Cell>,
    equations: Vec<(usize, &'f Equation)>,
}

struct Board<'f> {
    form: &'f Form,
    table: usize,
    numbers: &'f Numbers,
    equations: Vec<Line<'f>>,
    /// Numbers of equations by cell, with the sign it has there.
    by_cell: BTreeMap<Cell, Vec<(usize, i64)>>,
    /// Numbers of the equations that do not hold.
    failed: BTreeSet<usize>,
}

/// An equation with what its cells leave.
struct Line<'f> {
    check: usize,
    equation: &'f Equation,
    /// Sum of the known cells.
    sum: i64,
    /// A blank may make it larger, smaller.
    may_grow: bool,
    may_shrink: bool,
    /// Every cell can be read.
    is_readable: bool,
}

impl Line<'_> {
    /// Whether it holds, or blanks may make it hold, with its sum changed so.
    fn holds(&self, change: i64) -> bool {
        let Some(sum) = self.sum.checked_add(change) else { return false };
        !self.is_readable || sum == 0 || (sum < 0 && self.may_grow) || (sum > 0 && self.may_shrink)
    }

    fn has_blanks(&self) -> bool {
        self.may_grow || self.may_shrink
    }
}

impl<'f> Board<'f> {
    fn new(form: &'f Form, table: usize, numbers: &'f Numbers, equations: Vec<(usize, &'f Equation)>) -> Self {
        let mut by_cell: BTreeMap<Cell, Vec<(usize, i64)>> = BTreeMap::new();
        let mut lines = Vec::new();
        for (check, equation) in equations {
            let mut line = Line { check, equation, sum: 0, may_grow: false, may_shrink: false, is_readable: true };
            for (row, column, sign) in &equation.terms {
                by_cell.entry((*row, *column)).or_default().push((lines.len(), *sign));
                match numbers.get(*row, *column) {
                    Number::Known(value) => line.sum = line.sum.saturating_add(sign * value),
                    Number::Blank if *sign > 0 => line.may_grow = true,
                    Number::Blank => line.may_shrink = true,
                    Number::BlankChange | Number::Bad => line.is_readable = false,
                }
            }
            lines.push(line);
        }
        let failed = (0..lines.len()).filter(|at| !lines[*at].holds(0)).collect();
        Self { form, table, numbers, equations: lines, by_cell, failed }
    }

    fn explain(&self) -> Located {
        let failed = self.failed.iter().map(|at| self.equations[*at].check).collect();
        let ranks: [fn(&Self) -> Vec<Explanation>; 5] =
            [Self::zero_totals, Self::slips, Self::two_cells, Self::shifted_rows, Self::parts_with_totals];
        let explanations = ranks.iter().map(|rank| rank(self)).find(|found| !found.is_empty());
        Located { failed, explanations: explanations.unwrap_or_default() }
    }

    fn known(&self, cell: Cell) -> Option<i64> {
        match self.numbers.get(cell.0, cell.1) {
            Number::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether every equation holds after these changes.
    fn mends(&self, changes: &BTreeMap<Cell, i64>) -> bool {
        let mut moved: BTreeMap<usize, i64> = BTreeMap::new();
        for (cell, new) in changes {
            let Some(old) = self.known(*cell) else { return false };
            for (at, sign) in self.by_cell.get(cell).into_iter().flatten() {
                let of = moved.entry(*at).or_default();
                *of = of.saturating_add(sign * (new - old));
            }
        }
        let is_mended = self.failed.iter().all(|at| moved.contains_key(at))
            && moved.iter().all(|(at, change)| self.equations[*at].holds(*change));
        is_mended && (!self.equations.iter().any(Line::has_blanks) || self.is_consistent(changes))
    }

    /// Whether numbers for the blanks remain.
    fn is_consistent(&self, changes: &BTreeMap<Cell, i64>) -> bool {
        let mut numbers = self.numbers.clone();
        for ((row, column), new) in changes {
            numbers.set(*row, *column, Number::Known(*new));
        }
        let own = |check: usize| self.equations.iter().any(|line| line.check == check);
        !numbers.contradiction(self.form, self.table).is_some_and(own)
    }

    /// Totals printed 0 beside parts that are not.
    fn zero_totals(&self) -> Vec<Explanation> {
        let mut changes: BTreeMap<Cell, i64> = BTreeMap::new();
        // A total of totals follows them.
        for _ in 0..3 {
            for line in &self.equations {
                let mut totals = line.equation.terms.iter().filter(|(_, _, sign)| *sign < 0);
                let (Some((row, column, _)), None) = (totals.next(), totals.next()) else { continue };
                if self.known((*row, *column)) != Some(0) || line.has_blanks() || !line.is_readable {
                    continue;
                }
                let parts = line.equation.terms.iter().filter(|(_, _, sign)| *sign > 0).map(|(row, column, _)| {
                    changes.get(&(*row, *column)).copied().or_else(|| self.known((*row, *column))).unwrap_or(0)
                });
                let sum: i64 = parts.sum();
                if sum > 0 {
                    changes.insert((*row, *column), sum);
                }
            }
        }
        let is_found = !changes.is_empty() && self.mends(&changes);
        is_found.then_some(Explanation { kind: SuggestionKind::ZeroTotal, changes }).into_iter().collect()
    }

    /// One wrong number.
    fn slips(&self) -> Vec<Explanation> {
        let Some(line) = self.failed.iter().map(|at| &self.equations[*at]).find(|line| !line.has_blanks()) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (row, column, sign) in &line.equation.terms {
            let Some(new) = self.known((*row, *column)).map(|old| old - sign * line.sum) else { continue };
            let changes = BTreeMap::from([((*row, *column), new)]);
            if new >= 0 && self.mends(&changes) {
                found.push(Explanation { kind: SuggestionKind::Slip, changes });
            }
        }
        found
    }

    /// Two numbers that changed places, one that stands in a cell beside its own, one torn in two.
    fn two_cells(&self) -> Vec<Explanation> {
        let mut found: BTreeMap<BTreeMap<Cell, i64>, SuggestionKind> = BTreeMap::new();
        let mut add = |kind: SuggestionKind, changes: [(Cell, i64); 2]| {
            let changes = BTreeMap::from(changes);
            if changes.values().all(|new| *new >= 0) && !found.contains_key(&changes) && self.mends(&changes) {
                found.insert(changes, kind);
            }
        };
        let cells: Vec<(Cell, i64)> =
            self.by_cell.keys().filter_map(|cell| Some((*cell, self.known(*cell)?))).collect();
        for (at, (one, a)) in cells.iter().enumerate() {
            for (other, b) in &cells[at + 1..] {
                let is_row = one.0 == other.0;
                if !is_row && one.1 != other.1 {
                    continue;
                }
                if *a != *b && *a != 0 && *b != 0 {
                    add(SuggestionKind::SwappedCells, [(*one, *b), (*other, *a)]);
                }
                if is_row && other.1 == one.1 + 1 && *a > 0 {
                    let digits = b.checked_ilog10().map_or(1, |digits| digits + 1);
                    if let Some(whole) = a.checked_mul(10_i64.saturating_pow(digits)).and_then(|a| a.checked_add(*b)) {
                        add(SuggestionKind::TornDigits, [(*one, whole), (*other, 0)]);
                        add(SuggestionKind::TornDigits, [(*one, 0), (*other, whole)]);
                    }
                }
                if let Some(amount) = self.moved(*one, *other) {
                    let kind = if is_row { SuggestionKind::WrongApplicant } else { SuggestionKind::WrongRow };
                    add(kind, [(*one, a - amount), (*other, b + amount)]);
                }
            }
        }
        found.into_iter().map(|(changes, kind)| Explanation { kind, changes }).collect()
    }

    /// How much of the first cell belongs into the second, where both are parts of one sum.
    fn moved(&self, one: Cell, other: Cell) -> Option<i64> {
        self.too_much(one, other, 1)
    }

    /// A number and the sum it counts in that are both wrong by the same amount, so that their own equation holds.
    fn parts_with_totals(&self) -> Vec<Explanation> {
        let cells: Vec<(Cell, i64)> =
            self.by_cell.keys().filter_map(|cell| Some((*cell, self.known(*cell)?))).collect();
        let mut found: Vec<Explanation> = Vec::new();
        for (at, (one, a)) in cells.iter().enumerate() {
            for (other, b) in &cells[at + 1..] {
                if one.0 != other.0 && one.1 != other.1 {
                    continue;
                }
                let Some(amount) = self.too_much(*one, *other, -1) else { continue };
                let changes = BTreeMap::from([(*one, a - amount), (*other, b - amount)]);
                if changes.values().all(|new| *new >= 0) && self.mends(&changes) {
                    found.push(Explanation { kind: SuggestionKind::PartAndTotal, changes });
                }
            }
        }
        found
    }

    /// By how much the first cell is too large, as a failing equation without the other one says, where both stand in one
    /// equation with this sign between them.
    fn too_much(&self, one: Cell, other: Cell, sign: i64) -> Option<i64> {
        let (of_one, of_other) = (self.by_cell.get(&one)?, self.by_cell.get(&other)?);
        if !of_one.iter().any(|(at, own)| of_other.contains(&(*at, own * sign))) {
            return None;
        }
        let alone = of_one.iter().find(|(at, _)| {
            self.failed.contains(at) && !self.equations[*at].has_blanks() && of_other.iter().all(|(of, _)| of != at)
        });
        let amount = alone.map(|(at, sign)| sign * self.equations[*at].sum)?;
        (amount != 0).then_some(amount)
    }

    /// A row whose numbers all stand one or two cells beside their own.
    fn shifted_rows(&self) -> Vec<Explanation> {
        let mut rows: BTreeMap<usize, Vec<(usize, i64)>> = BTreeMap::new();
        for cell in self.by_cell.keys() {
            if let Some(value) = self.known(*cell) {
                rows.entry(cell.0).or_default().push((cell.1, value));
            }
        }
        let mut found: Vec<Explanation> = Vec::new();
        for (row, cells) in rows.iter().filter(|(_, cells)| cells.len() > 2) {
            for step in [1, 2] {
                let values: Vec<i64> = cells.iter().map(|(_, value)| *value).collect();
                let (head, tail) = (values.split_at(step), values.split_at(values.len() - step));
                // What is shifted out was nothing.
                let left = head.0.iter().all(|value| *value == 0).then(|| [head.1, &[0, 0][..step]].concat());
                let right = tail.1.iter().all(|value| *value == 0).then(|| [&[0, 0][..step], tail.0].concat());
                for shifted in [left, right].into_iter().flatten() {
                    let pairs = cells.iter().zip(&shifted).filter(|((_, old), new)| old != *new);
                    let changes: BTreeMap<Cell, i64> =
                        pairs.map(|((column, _), new)| ((*row, *column), *new)).collect();
                    if self.mends(&changes) && !found.iter().any(|other| other.changes == changes) {
                        found.push(Explanation { kind: SuggestionKind::ShiftedRow, changes });
                    }
                }
            }
        }
        found
    }
}
