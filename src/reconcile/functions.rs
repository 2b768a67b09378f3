//! Rules that the language of rules cannot say, and what the narrative has to say of failures.

use std::collections::BTreeMap;

use super::prose::nth_scope;
use super::{Sheet, number};
use crate::config::Config;
use crate::form::check::Number;
use crate::form::{Function, Shape};
use crate::model::day::day;
use crate::model::report::{Cell, CellKey, CellState, Level, Report, Scope, Section, Statement};
use crate::model::verdict::{Check, CheckScope, CheckStatus, Problem};

/// A check of a rule that a function decides.
pub(super) fn check(rule: usize, scope: &str, status: CheckStatus, left: Option<f64>, right: Option<f64>) -> Check {
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
        && matches!(report.identity.level, Level::County | Level::Township)
        && sheet.is_first(report, config)
    {
        let made = report.cells.iter().filter(|cell| {
            let (of, row, _) = config.forms.codes(cell.key);
            (of, row) == (table.code.as_str(), REGULATIONS)
        });
        let sum: f64 = made.filter_map(Cell::number).sum();
        let status = if sum > 0.0 { CheckStatus::Fail } else { CheckStatus::PassVacuous };
        checks.push(check(rule, REGULATIONS, status, Some(sum), Some(0.0)));
    }
}

/// Code of the row of regulations (规章).
const REGULATIONS: &str = "regulations";

/// Whether a table of nothing but zeros was filled in: each zero is printed, or the narrative says so.
fn is_confirmed(sheet: &Sheet, report: &Report, config: &Config) -> bool {
    sheet.cells(report).all(|cell| cell.state == CellState::Zero) || says_zero(sheet, report, config)
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

/// The rules of the report as a whole: when it was published, and whether it tells of problems.
pub(super) fn of_report(report: &Report, config: &Config, checks: &mut Vec<Check>) {
    /// The first report year under the Regulation of 2019, which sets the days.
    const FIRST_YEAR: i32 = 2019;
    /// Shorter texts are stock phrases.
    const MIN_CHARACTERS: u32 = 10;
    let has_form = report.form.or(report.form_applications).is_some();
    if let Some(rule) = config.forms.function(Function::PublishedInTime, None)
        && let (Some(year), Some(published)) = (report.identity.year, report.identity.published)
        && year >= FIRST_YEAR
    {
        // A government speaks for its whole division.
        let is_government = report.identity.scope == Scope::Jurisdiction;
        let last = if is_government { day(year + 1, 3, 31) } else { day(year + 1, 1, 31) };
        if let (Some(last), Some(end)) = (last, day(year, 12, 31)) {
            let status = if published <= last { CheckStatus::Pass } else { CheckStatus::Fail };
            // Days after the end of the report year.
            checks.push(check(rule, "report", status, Some(f64::from(published - end)), Some(f64::from(last - end))));
        }
    }
    if let Some(rule) = config.forms.function(Function::ProblemsSection, None)
        && has_form
    {
        let is_problems = |section: &&Section| section.code.as_ref() == PROBLEMS;
        let mut told = report.sections.iter().filter(is_problems).peekable();
        // That the section is missing is said by another rule.
        if told.peek().is_some() {
            let n = told.flat_map(|section| section.text.chars()).filter(|c| !c.is_whitespace()).count();
            let n = u32::try_from(n).unwrap_or(u32::MAX);
            let status = if n < MIN_CHARACTERS { CheckStatus::Fail } else { CheckStatus::Pass };
            checks.push(check(rule, PROBLEMS, status, Some(n.into()), Some(MIN_CHARACTERS.into())));
        }
    }
}

/// Code of the section on problems and improvement.
const PROBLEMS: &str = "problems";

/// What the narrative says of cells.
pub(super) fn of_narrative(report: &Report, config: &Config, checks: &mut Vec<Check>) {
    let rules = [Function::Statements, Function::ZeroStatements].map(|of| config.forms.function(of, None));
    // How often a rule was applied to a kind of statement: more than one may speak of one cell.
    let mut n_met: BTreeMap<(usize, u16), u32> = BTreeMap::new();
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
        let nth = n_met.entry((rule, statement.kind)).or_default();
        *nth += 1;
        checks.push(check(rule, &nth_scope(&kind.code, *nth), status, Some(statement.value), cells));
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
    let speaks_of = |statement: &Statement| {
        let kind = &config.statements.kinds[usize::from(statement.kind)];
        let mut keys = kind.readings.iter().flat_map(|reading| &reading.keys);
        !statement.is_approximate
            && (statement.value - value).abs() < 1e-9
            && keys.any(|keys| keys.as_slice() == [*cell])
    };
    if report.statements.iter().any(speaks_of) {
        problem.message.push_str(&format!("; the narrative states {value} too"));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::config::Config;
    use crate::model::report::{Identity, Layout, ReportStatus};

    pub(in crate::reconcile) fn report(
        year: i32,
        published: Option<(i32, i32, i32)>,
        scope: Scope,
        problems: Option<&str>,
    ) -> Report {
        let published = published.and_then(|(year, month, of)| day(year, month, of));
        let section = |text: &str| Section { code: PROBLEMS.into(), text: text.to_owned(), ..Section::default() };
        Report {
            ordinal: 1,
            status: ReportStatus::Accepted,
            duplicate_of: None,
            identity: Identity { year: Some(year), published, scope, ..Identity::default() },
            form: Some(0),
            form_applications: None,
            layout: Layout::Stream,
            cells: Vec::new(),
            local_cells: Vec::new(),
            labels: Vec::new(),
            sections: problems.map(section).into_iter().collect(),
            statements: Vec::new(),
            checks: Vec::new(),
            problems: Vec::new(),
            flags: Vec::new(),
        }
    }

    fn decided(report: &Report) -> Vec<(String, CheckStatus, Option<f64>)> {
        let config = Config::embedded().expect("settings");
        let mut checks = Vec::new();
        of_report(report, &config, &mut checks);
        let name = |check: &Check| config.forms.rules[usize::from(check.rule)].code.clone();
        checks.iter().map(|check| (name(check), check.status, check.delta())).collect()
    }

    #[test]
    fn bodies_publish_by_january_and_governments_by_march() {
        let check = |published, scope, status, days| {
            let found = decided(&report(2023, Some(published), scope, None));
            assert_eq!(found, [("published_in_time".to_owned(), status, Some(days))], "{published:?}");
        };
        check((2024, 1, 31), Scope::Agency, CheckStatus::Pass, 0.0);
        check((2024, 2, 1), Scope::Agency, CheckStatus::Fail, 1.0);
        check((2024, 3, 31), Scope::Jurisdiction, CheckStatus::Pass, 0.0);
        check((2024, 4, 2), Scope::Jurisdiction, CheckStatus::Fail, 2.0);
        assert_eq!(decided(&report(2023, None, Scope::Agency, None)), []);
        assert_eq!(decided(&report(2018, Some((2019, 5, 1)), Scope::Agency, None)), []);
    }

    #[test]
    fn a_section_of_a_few_characters_tells_of_no_problem() {
        let status = |text: &str| decided(&report(2018, None, Scope::Agency, Some(text)))[0].1;
        assert_eq!(status("无。"), CheckStatus::Fail);
        assert_eq!(status("公开不够及时，下一年改进审核流程。"), CheckStatus::Pass);
    }
}
