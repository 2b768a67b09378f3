//! Does it add up (勾稽): applies the rules of the forms to the cells of a report.
//!
//! Pure, and it never changes a value. A rule passes, passes because everything is zero, fails, or
//! cannot be decided because an operand is blank; a blank does not hide a failure that the known
//! parts prove.

mod statements;

use crate::config::Config;
use crate::form::{Form, Relation, RuleScope};
use crate::model::report::{Cell, CellState, Report, ReportStatus};
use crate::model::verdict::{Blame, Cause, Check, CheckStatus, Problem, Severity};

/// Applies every rule of the report's forms: fills `checks`, adds a problem for each hard failure and
/// settles the status. Statements of the narrative are compared with the cells they speak of.
pub fn reconcile(report: &mut Report, config: &Config) {
    let forms = &config.forms;
    let mut checks = Vec::with_capacity(48);
    let mut problems = Vec::new();
    // A reading without any problem found every label and used every token.
    let blame = if report.problems.is_empty() { Blame::Source } else { Blame::Open };
    for table in tables_of(&report.cells) {
        let (form_at, table_at, cells) = table;
        let form = forms.form(form_at);
        let grid = Grid::new(form, usize::from(table_at), cells);
        for (at, scope) in form.checks.iter().enumerate().filter(|(_, scope)| scope.table == usize::from(table_at)) {
            let sides = [grid.sum(&scope.left), grid.sum(&scope.right)];
            let relation = form.rules[scope.rule].relation;
            let status = decide(sides[0], sides[1], relation);
            checks.push(Check {
                form: form_at,
                check: u16::try_from(at).unwrap_or(u16::MAX),
                status,
                left: sides[0].known(),
                right: sides[1].known(),
            });
            if status == CheckStatus::Fail && form.rules[scope.rule].severity == Severity::Hard {
                problems.push(failure(form, scope, sides, blame, &grid));
            }
        }
    }
    report.checks = checks;
    statements::compare(report, &config.statements);
    report.problems.extend(problems);
    if !report.problems.is_empty() && report.status == ReportStatus::Accepted {
        report.status = ReportStatus::Quarantined;
    }
}

/// Cells in runs of one form and table; they come sorted.
fn tables_of(cells: &[Cell]) -> impl Iterator<Item = (u8, u8, &[Cell])> {
    cells
        .chunk_by(|one, two| (one.key.form, one.key.table) == (two.key.form, two.key.table))
        .map(|cells| (cells[0].key.form, cells[0].key.table, cells))
}

/// One side of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Side {
    /// Sum of the operands that are known.
    sum: i64,
    /// Operands that are known.
    n_known: usize,
    /// Operands that are blank.
    n_blank: usize,
    /// An operand is there but could not be read: it may be anything.
    is_bad: bool,
    /// All known operands are zero.
    is_zero: bool,
}

impl Side {
    #[expect(clippy::cast_precision_loss, reason = "sums of numbers of 15 digits; the published column is float64")]
    fn known(self) -> Option<f64> {
        (self.n_known > 0).then_some(self.sum as f64)
    }
}

/// The cells of a table by row and column.
struct Grid<'r> {
    cells: Vec<Option<&'r Cell>>,
    n_columns: usize,
}

impl<'r> Grid<'r> {
    fn new(form: &Form, table: usize, cells: &'r [Cell]) -> Self {
        let table = &form.tables[table];
        let n_columns = table.columns.len();
        let mut grid = Self { cells: vec![None; n_columns * table.rows.len()], n_columns };
        for cell in cells {
            grid.cells[usize::from(cell.key.row) * n_columns + usize::from(cell.key.column)] = Some(cell);
        }
        grid
    }

    fn cell(&self, (row, column): (usize, usize)) -> Option<&'r Cell> {
        self.cells[row * self.n_columns + column]
    }

    fn sum(&self, operands: &[(usize, usize)]) -> Side {
        let mut side = Side { sum: 0, n_known: 0, n_blank: 0, is_bad: false, is_zero: true };
        for operand in operands {
            let cell = self.cell(*operand);
            match cell.and_then(|cell| whole(cell.value)) {
                Some(value) => {
                    match side.sum.checked_add(value) {
                        Some(sum) => side.sum = sum,
                        None => side.is_bad = true,
                    }
                    side.n_known += 1;
                    side.is_zero &= value == 0;
                }
                None => match cell.map(|cell| cell.state) {
                    Some(CellState::Blank | CellState::Dash) => side.n_blank += 1,
                    _ => side.is_bad = true,
                },
            }
        }
        side
    }
}

/// A count as an integer. Values have at most 15 digits, which a float64 holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the value is whole and below 2^53")]
fn whole(value: Option<f64>) -> Option<i64> {
    value.filter(|value| value.fract() == 0.0 && value.abs() < 9.0e15).map(|value| value as i64)
}

fn decide(left: Side, right: Side, relation: Relation) -> CheckStatus {
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

fn failure(form: &Form, scope: &RuleScope, sides: [Side; 2], blame: Blame, grid: &Grid<'_>) -> Problem {
    let rule = &form.rules[scope.rule];
    let table = &form.tables[scope.table].code;
    let print = |side: Side| {
        let blanks = if side.n_blank > 0 { format!(" and {} blank", side.n_blank) } else { String::new() };
        format!("{}{blanks}", side.sum)
    };
    let message = format!(
        "{} ({}) fails for {table}, {}: {} against {}; compare the cells with the source",
        rule.code,
        rule.title_en.to_lowercase(),
        scope.scope,
        print(sides[0]),
        print(sides[1])
    );
    let mut problem = Problem::new(Cause::Arithmetic, blame, message);
    problem.rule = Some(rule.code.as_str().into());
    problem.scope = Some(scope.scope.as_str().into());
    problem.left = sides[0].known();
    problem.right = sides[1].known();
    // The total is where a reader looks first.
    if let Some(cell) = scope.right.first().and_then(|operand| grid.cell(*operand)) {
        problem.origin = cell.origin;
    }
    problem
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
