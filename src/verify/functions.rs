//! Rules that no formula says, worked out anew from what is published.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cells::Plan;
use super::csv::days_of;
use super::prose::nth_scope;
use super::rules::{Case, Outcome};
use crate::form::{Function, Shape};

/// Rule, scope, outcome.
pub(super) type Named<'n> = (&'n str, Cow<'n, str>, Outcome);

/// What comes out of them: rule, scope, outcome.
pub(super) fn outcomes<'n>(case: &Case<'_, 'n>, plan: &Plan<'n>) -> Vec<Named<'n>> {
    let mut outcomes = narrative(case, plan);
    outcomes.extend(regulations(case, plan));
    outcomes.extend(published(case, plan));
    outcomes.extend(problems(case, plan));
    outcomes.extend(zeros(case, plan));
    outcomes.extend(super::prose::outcomes(case, plan));
    outcomes
}

fn rule<'n>(plan: &Plan<'n>, function: Function, table: Option<&str>) -> Option<&'n str> {
    Some(plan.config.forms.rules[plan.config.forms.function(function, table)?].code.as_str())
}

/// Each statement that speaks of cells is held against their sum.
fn narrative<'n>(case: &Case<'_, 'n>, plan: &Plan<'n>) -> Vec<Named<'n>> {
    let numbers = rule(plan, Function::Statements, None);
    let zeros = rule(plan, Function::ZeroStatements, None);
    // Of several statements of one kind each later one has its number behind the kind.
    let mut n_met: HashMap<(&str, &str), u32> = HashMap::new();
    let outcome = |of: &super::facts::StatementRow<'n>| {
        let sum = super::narrative::sum(case.cells, of.cell?, plan)?;
        // A zero in words has no unit.
        let rule = if of.value == 0.0 && of.unit.is_none() { zeros } else { numbers };
        let status = match of.agrees {
            Some(true) if of.value == 0.0 => "pass_vacuous",
            Some(true) => "pass",
            Some(false) => "fail",
            None => "undecided",
        };
        let rule = rule?;
        let nth = n_met.entry((rule, of.kind)).or_default();
        *nth += 1;
        Some((rule, nth_scope(of.kind, *nth), Outcome { status, left: Some(of.value), right: sum }))
    };
    case.statements.iter().filter_map(outcome).collect()
}

/// Counties and towns make no regulations.
fn regulations<'n>(case: &Case<'_, 'n>, plan: &Plan<'n>) -> Option<Named<'n>> {
    const REGULATIONS: &str = "regulations";
    if !matches!(case.report.level, "county" | "township") {
        return None;
    }
    let tables = plan.config.forms.forms.iter().flat_map(|form| &form.tables);
    let table = tables.filter(|table| table.shape == Shape::Blocks).find(|table| has_cells(case, &table.code))?;
    let rule = rule(plan, Function::RegulationMakers, Some(&table.code))?;
    let made = case
        .cells
        .rows
        .iter()
        .filter(|cell| cell.table == table.code && cell.row == Some(REGULATIONS) && cell.label.is_none());
    let sum: f64 = made.filter_map(|cell| cell.filed()).sum();
    let status = if sum > 0.0 { "fail" } else { "pass_vacuous" };
    Some((rule, REGULATIONS.into(), Outcome { status, left: Some(sum), right: Some(0.0) }))
}

fn has_cells(case: &Case<'_, '_>, table: &str) -> bool {
    case.cells.rows.iter().any(|cell| cell.table == table && cell.label.is_none())
}

/// Bodies publish by the end of January, governments by the end of March, since the report year 2019.
fn published<'n>(case: &Case<'_, 'n>, plan: &Plan<'n>) -> Option<Named<'n>> {
    const FIRST_YEAR: i32 = 2019;
    let rule = rule(plan, Function::PublishedInTime, None)?;
    let year = case.report.year.filter(|year| *year >= FIRST_YEAR)?;
    let published = case.report.published?;
    let end = days_of(year, 12, 31)?;
    let last = if case.report.scope == "jurisdiction" { days_of(year + 1, 3, 31)? } else { days_of(year + 1, 1, 31)? };
    let status = if published <= last { "pass" } else { "fail" };
    let days = |day: i32| Some(f64::from(day - end));
    Some((rule, "report".into(), Outcome { status, left: days(published), right: days(last) }))
}

/// The section on problems says more than a stock phrase.
fn problems<'n>(case: &Case<'_, 'n>, plan: &Plan<'n>) -> Option<Named<'n>> {
    const PROBLEMS: &str = "problems";
    const MIN_CHARACTERS: u32 = 10;
    let rule = rule(plan, Function::ProblemsSection, None)?;
    case.report.form.or(case.report.form_applications)?;
    let told = || case.sections.iter().filter(|section| section.section == PROBLEMS);
    told().next()?;
    let n = told().flat_map(|section| section.text.chars()).filter(|c| !c.is_whitespace()).count();
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    let status = if n < MIN_CHARACTERS { "fail" } else { "pass" };
    Some((rule, PROBLEMS.into(), Outcome { status, left: Some(n.into()), right: Some(MIN_CHARACTERS.into()) }))
}

/// A table of nothing but zeros and blanks is confirmed by printed zeros, or by a zero that the narrative states.
fn zeros<'n>(case: &Case<'_, 'n>, plan: &Plan<'n>) -> Vec<Named<'n>> {
    let rules = plan.config.forms.rules.iter();
    let rules = rules.filter(|rule| rule.means == crate::form::Means::Function(Function::ZeroTable));
    let outcome = |rule: &'n crate::form::Rule| {
        let table = rule.table.as_deref()?;
        let cells = || case.cells.rows.iter().filter(|cell| cell.table == table && cell.label.is_none());
        let is_nothing = |cell: &super::facts::CellRow<'_>| match cell.counted() {
            Some(number) => number == 0.0,
            None => matches!(cell.state, "blank" | "dash"),
        };
        if !has_cells(case, table) || !cells().all(is_nothing) {
            return None;
        }
        let is_stated = case.statements.iter().any(|of| {
            let mut names = of.cell.into_iter().flat_map(|cells| cells.split(';'));
            of.value == 0.0 && of.agrees != Some(false) && names.any(|name| name.split('.').next() == Some(table))
        });
        let is_confirmed = is_stated || cells().all(|cell| cell.state == "zero");
        let status = if is_confirmed { "pass" } else { "undecided" };
        Some((rule.code.as_str(), table.into(), Outcome { status, left: None, right: None }))
    };
    rules.filter_map(outcome).collect()
}
