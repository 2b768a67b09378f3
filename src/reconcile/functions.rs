//! Rules that the language of rules cannot say, and what the narrative has to say of failures.

use super::{Sheet, number};
use crate::config::Config;
use crate::form::check::Number;
use crate::form::{Function, Shape};
use crate::model::report::{CellKey, CellState, Level, Report};
use crate::model::verdict::{Check, CheckScope, CheckStatus, Problem};

/// A check of a rule that a function decides.
fn check(rule: usize, scope: &str, status: CheckStatus, left: Option<f64>, right: Option<f64>) -> Check {
    Check { rule: number(rule), scope: CheckScope::Named(scope.into()), status, left, right }
}

/// The rules of one table.
pub(super) fn of_table(sheet: &Sheet, report: &Report, config: &Config, checks: &mut Vec<Check>) {
    let table = config.forms.table(sheet.form, sheet.table);
    if let Some(rule) = config.forms.function(Function::ZeroTable, Some(&table.code))
        && sheet.numbers.is_vacuous()
    {
        let status = if is_confirmed(sheet, report, config) { CheckStatus::Pass } else { CheckStatus::Undecided };
        checks.push(check(rule, &table.code, status, None, None));
    }
    if let Some(rule) = config.forms.function(Function::RegulationMakers, Some(&table.code))
        && table.shape == Shape::Blocks
    {
        let is_lower = matches!(report.identity.level, Level::County | Level::Township);
        let made = report.cells.iter().filter(|cell| (cell.key.form, cell.key.table) == (sheet.form, sheet.table));
        let made = made.filter(|cell| config.forms.codes(cell.key).1 == REGULATIONS);
        let sum: f64 = made.filter_map(|cell| cell.number()).sum();
        if is_lower {
            let status = if sum > 0.0 { CheckStatus::Fail } else { CheckStatus::PassVacuous };
            checks.push(check(rule, REGULATIONS, status, Some(sum), Some(0.0)));
        }
    }
}

/// Code of the row of regulations (规章).
const REGULATIONS: &str = "regulations";

/// Whether a table of nothing but zeros was filled in: each zero is printed, or the narrative says so.
fn is_confirmed(sheet: &Sheet, report: &Report, config: &Config) -> bool {
    let mut cells = report.cells.iter().filter(|cell| (cell.key.form, cell.key.table) == (sheet.form, sheet.table));
    cells.all(|cell| cell.state == CellState::Zero) || says_zero(sheet, report, config)
}

fn says_zero(sheet: &Sheet, report: &Report, config: &Config) -> bool {
    report.statements.iter().any(|statement| {
        let Some(agreement) = statement.agreement else { return false };
        let kind = &config.statements.kinds[usize::from(statement.kind)];
        let keys =
            kind.readings.get(usize::from(agreement.reading)).into_iter().flat_map(|of| of.keys.iter().flatten());
        let is_here = |key: &CellKey| (key.form, key.table) == (sheet.form, sheet.table);
        statement.value == 0.0 && agreement.agrees != Some(false) && keys.into_iter().any(is_here)
    })
}

/// What the narrative says of cells.
pub(super) fn of_narrative(report: &Report, config: &Config, checks: &mut Vec<Check>) {
    let rules = [Function::Statements, Function::ZeroStatements].map(|of| config.forms.function(of, None));
    for statement in &report.statements {
        let Some(agreement) = statement.agreement else { continue };
        let kind = &config.statements.kinds[usize::from(statement.kind)];
        // A zero in words has no unit.
        let is_zero = statement.value == 0.0 && statement.unit.is_none();
        let Some(rule) = rules[usize::from(is_zero)] else { continue };
        let keys = kind.readings.get(usize::from(agreement.reading)).map(|of| of.keys.as_slice()).unwrap_or_default();
        let cells = keys.iter().find_map(|keys| super::statements::sum(&report.cells, keys)).flatten();
        let status = match agreement.agrees {
            Some(true) if statement.value == 0.0 => CheckStatus::PassVacuous,
            Some(true) => CheckStatus::Pass,
            Some(false) => CheckStatus::Fail,
            None => CheckStatus::Undecided,
        };
        checks.push(check(rule, &kind.code, status, Some(statement.value), cells));
    }
}

/// The number that the narrative states first of a kind; blank when it states none.
pub(super) fn stated(report: &Report, kind: &str, config: &Config) -> Number {
    let is_kind = |at: u16| config.statements.kinds[usize::from(at)].code == kind;
    let found = report.statements.iter().find(|statement| is_kind(statement.kind) && !statement.is_approximate);
    found.map_or(Number::Blank, |statement| Number::of(Some(statement.value), CellState::Number))
}

/// Adds to a problem that the narrative states the number which would mend it.
pub(super) fn cite(problem: &mut Problem, report: &Report, config: &Config) {
    let Some(suggestion) = &problem.suggestion else { return };
    let [(cell, value)] = suggestion.changes.as_slice() else { return };
    let speaks_of = |statement: &&crate::model::report::Statement| {
        let kind = &config.statements.kinds[usize::from(statement.kind)];
        let mut keys = kind.readings.iter().flat_map(|reading| &reading.keys);
        !statement.is_approximate
            && (statement.value - value).abs() < 1e-9
            && keys.any(|keys| keys.as_slice() == [*cell])
    };
    if report.statements.iter().any(|statement| speaks_of(&statement)) {
        problem.message.push_str(&format!("; the narrative states {value} too"));
    }
}
