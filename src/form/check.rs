//! Whether a rule holds, blanks and unreadable cells included.
//!
//! Counts are zero or more, so a blank can only add to its side: known parts that exceed a known total
//! break the rule whatever the blanks are.

use super::{Form, FormTable, Relation, RuleScope};
use crate::model::report::{Cell, CellState};
use crate::model::verdict::{CheckStatus, Severity};

/// What is known of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// It holds this count.
    Known(i64),
    /// It is blank or a mark for nothing: zero or more.
    Blank,
    /// It could not be read or is not there: it may be anything.
    Bad,
}

impl Number {
    /// What a reading of a cell leaves known.
    #[must_use]
    pub fn of(value: Option<f64>, state: CellState) -> Self {
        match (whole(value), state) {
            (Some(value), _) => Self::Known(value),
            (None, CellState::Blank | CellState::Dash) => Self::Blank,
            (None, _) => Self::Bad,
        }
    }
}

/// The cells of a table by row and column.
#[derive(Clone, Debug)]
pub struct Numbers {
    numbers: Vec<Number>,
    n_columns: usize,
}

/// One side of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// Sum of the operands that are known.
    pub sum: i64,
    /// Operands that are known.
    pub n_known: usize,
    /// Operands that are blank.
    pub n_blank: usize,
    /// An operand could not be read, or the sum is beyond all counts.
    pub is_bad: bool,
    /// All known operands are zero.
    pub is_zero: bool,
}

impl Side {
    /// The known part as published.
    #[expect(clippy::cast_precision_loss, reason = "sums of numbers of 15 digits; the published column is float64")]
    #[must_use]
    pub fn known(self) -> Option<f64> {
        (self.n_known > 0).then_some(self.sum as f64)
    }
}

impl Numbers {
    /// What the cells of a table leave known; a cell that is not among them may be anything.
    #[must_use]
    pub fn of(table: &FormTable, cells: &[Cell]) -> Self {
        let n_columns = table.columns.len();
        let mut numbers = Self { numbers: vec![Number::Bad; table.rows.len() * n_columns], n_columns };
        for cell in cells {
            let number = Number::of(cell.value, cell.state);
            numbers.set(usize::from(cell.key.row), usize::from(cell.key.column), number);
        }
        numbers
    }

    /// Sets a cell.
    pub fn set(&mut self, row: usize, column: usize, number: Number) {
        self.numbers[row * self.n_columns + column] = number;
    }

    /// What is known of a cell.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Number {
        self.numbers[row * self.n_columns + column]
    }

    /// The sum of one side of a rule.
    #[must_use]
    pub fn sum(&self, operands: &[(usize, usize)]) -> Side {
        let mut side = Side { sum: 0, n_known: 0, n_blank: 0, is_bad: false, is_zero: true };
        for (row, column) in operands {
            match self.get(*row, *column) {
                Number::Known(value) => {
                    match side.sum.checked_add(value) {
                        Some(sum) => side.sum = sum,
                        None => side.is_bad = true,
                    }
                    side.n_known += 1;
                    side.is_zero &= value == 0;
                }
                Number::Blank => side.n_blank += 1,
                Number::Bad => side.is_bad = true,
            }
        }
        side
    }

    /// Whether a rule holds at one scope.
    #[must_use]
    pub fn check(&self, form: &Form, scope: &RuleScope) -> CheckStatus {
        decide(self.sum(&scope.left), self.sum(&scope.right), form.rules[scope.rule].relation)
    }
}

/// A blank that the equations of a form fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Its row.
    pub row: usize,
    /// Its column.
    pub column: usize,
    /// What it must be.
    pub value: i64,
    /// Index of the rule that says so.
    pub rule: usize,
}

impl Numbers {
    /// Fills every blank that the hard equations of a table fix.
    ///
    /// Zero closure: parts of a total that the known parts make up already are zero. Refill: the one blank
    /// of an equation is what its sides lack. Both hold because counts are zero or more. No hard rule of
    /// the table may fail.
    pub fn fill(&mut self, form: &Form, table: usize) -> Vec<Filled> {
        let mut found: Vec<Filled> = Vec::new();
        if !self.numbers.contains(&Number::Blank) {
            return found;
        }
        // Each pass fixes a cell or is the last.
        loop {
            let n_before = found.len();
            for scope in form.checks.iter().filter(|scope| scope.table == table) {
                let rule = &form.rules[scope.rule];
                if rule.relation != Relation::Equal || rule.severity != Severity::Hard {
                    continue;
                }
                let (left, right) = (self.sum(&scope.left), self.sum(&scope.right));
                if left.is_bad || right.is_bad {
                    continue;
                }
                let (short, full, operands) = match (left.n_blank, right.n_blank) {
                    (1.., 0) => (left, right, &scope.left),
                    (0, 1..) => (right, left, &scope.right),
                    _ => continue,
                };
                let Some(value) = full.sum.checked_sub(short.sum) else { continue };
                if !(value == 0 || (value > 0 && short.n_blank == 1)) {
                    continue;
                }
                for (row, column) in operands {
                    if self.get(*row, *column) == Number::Blank {
                        self.set(*row, *column, Number::Known(value));
                        found.push(Filled { row: *row, column: *column, value, rule: scope.rule });
                    }
                }
            }
            if found.len() == n_before {
                return found;
            }
        }
    }
}

/// A count as an integer. Values have at most 15 digits, which a float64 holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the value is whole and below 2^53")]
#[must_use]
fn whole(value: Option<f64>) -> Option<i64> {
    value.filter(|value| value.fract() == 0.0 && value.abs() < 9.0e15).map(|value| value as i64)
}

/// How two sides compare.
#[must_use]
pub fn decide(left: Side, right: Side, relation: Relation) -> CheckStatus {
    if left.is_bad || right.is_bad {
        return CheckStatus::Suspended;
    }
    let at_most = |one: Side, two: Side| one.sum <= two.sum || two.n_blank > 0;
    // Counts are zero or more, so blanks can only add to a side.
    let holds = match relation {
        Relation::Equal => at_most(left, right) && at_most(right, left),
        Relation::AtMost => at_most(left, right),
        Relation::AtLeast => at_most(right, left),
    };
    if !holds {
        return CheckStatus::Fail;
    }
    if left.n_blank + right.n_blank > 0 {
        return CheckStatus::Undecided;
    }
    if left.is_zero && right.is_zero { CheckStatus::PassVacuous } else { CheckStatus::Pass }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(known: &[i64], n_blank: usize) -> Side {
        Side {
            sum: known.iter().sum(),
            n_known: known.len(),
            n_blank,
            is_bad: false,
            is_zero: known.iter().all(|value| *value == 0),
        }
    }

    fn check(left: Side, right: Side, status: CheckStatus) {
        assert_eq!(decide(left, right, Relation::Equal), status, "{left:?} {right:?}");
    }

    #[test]
    fn equal_sides_pass_and_zeros_pass_vacuously() {
        check(side(&[3, 4], 0), side(&[7], 0), CheckStatus::Pass);
        check(side(&[0, 0], 0), side(&[0], 0), CheckStatus::PassVacuous);
        check(side(&[3, 4], 0), side(&[8], 0), CheckStatus::Fail);
    }

    #[test]
    fn a_blank_is_no_zero_and_hides_no_proof() {
        check(side(&[3], 1), side(&[7], 0), CheckStatus::Undecided);
        check(side(&[3, 4], 0), side(&[], 1), CheckStatus::Undecided);
        check(side(&[], 6), side(&[0], 0), CheckStatus::Undecided);
        // Known parts exceed the total.
        check(side(&[9], 1), side(&[7], 0), CheckStatus::Fail);
        check(side(&[34, 2], 0), side(&[35], 1), CheckStatus::Undecided);
    }

    #[test]
    fn an_operand_that_cannot_be_read_suspends() {
        let bad = Side { is_bad: true, ..side(&[1], 0) };
        check(bad, side(&[7], 0), CheckStatus::Suspended);
    }
}
