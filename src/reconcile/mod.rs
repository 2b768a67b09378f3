//! Does it add up (勾稽): applies the rules of the forms to the cells of a report.
//!
//! Pure, and it never changes a value. A rule passes, passes because everything is zero, fails, or
//! cannot be decided because an operand is blank; a blank does not hide a failure that the known
//! parts prove. What the rules say of a blank is noted beside it as implied.

mod implied;
mod statements;

use crate::config::Config;
use crate::form::check::{Numbers, Side, decide};
use crate::form::{Form, RuleScope};
use crate::model::report::{Cell, Report, ReportStatus};
use crate::model::verdict::{Blame, Cause, Check, CheckStatus, Problem, Severity};

/// Applies every rule of the report's forms: fills `checks`, adds a problem for each hard failure and
/// settles the status. Statements of the narrative are compared with the cells they speak of.
pub fn reconcile(report: &mut Report, config: &Config) {
    let forms = &config.forms;
    let mut checks = Vec::with_capacity(48);
    let mut problems = Vec::new();
    // A reading without any problem found every label and used every token.
    let blame = if report.problems.is_empty() { Blame::Source } else { Blame::Open };
    for cells in report.cells.chunk_by_mut(|one, two| (one.key.form, one.key.table) == (two.key.form, two.key.table)) {
        let (form_at, table_at) = (cells[0].key.form, cells[0].key.table);
        let form = forms.form(form_at);
        let mut numbers = Numbers::of(&form.tables[usize::from(table_at)], cells);
        let n_problems = problems.len();
        for (at, scope) in form.checks.iter().enumerate().filter(|(_, scope)| scope.table == usize::from(table_at)) {
            let sides = [numbers.sum(&scope.left), numbers.sum(&scope.right)];
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
                problems.push(failure(form, scope, &numbers, blame, cells));
            }
        }
        if problems.len() == n_problems {
            implied::fill(form, usize::from(table_at), &mut numbers, cells);
            // Two rules may ask different numbers of one blank: then no number satisfies both.
            let of_table = form.checks.iter().filter(|scope| scope.table == usize::from(table_at));
            for scope in of_table.filter(|scope| form.rules[scope.rule].severity == Severity::Hard) {
                if numbers.check(form, scope) == CheckStatus::Fail {
                    problems.push(failure(form, scope, &numbers, blame, cells));
                }
            }
            if problems.len() > n_problems {
                cells.iter_mut().for_each(|cell| cell.implied = None);
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

fn failure(form: &Form, scope: &RuleScope, numbers: &Numbers, blame: Blame, cells: &[Cell]) -> Problem {
    let sides = [numbers.sum(&scope.left), numbers.sum(&scope.right)];
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
    let total = scope.right.first().and_then(|(row, column)| {
        cells.iter().find(|cell| (usize::from(cell.key.row), usize::from(cell.key.column)) == (*row, *column))
    });
    if let Some(cell) = total {
        problem.origin = cell.origin;
    }
    problem
}
