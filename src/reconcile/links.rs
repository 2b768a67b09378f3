//! One report against another: the cells of the year before, years that are missing, figures that were filed twice.
//!
//! Nothing here holds a report back: what comes out are rows of `links`, which name both.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::similar::{ALIKE, Runs};
use super::{functions, number, prose, similar, statements};
use crate::config::Config;
use crate::form::check::{Figures, Number};
use crate::form::{Function, Indicator, Operand, Ratio};
use crate::model::report::{Cell, CellKey, Report};
use crate::model::verdict::{Check, CheckScope, CheckStatus};

/// The scope of a rule that is about reports as a whole.
const REPORT: &str = "report";

/// Digits of figures, sums among them, from which on two reports with all of them are no chance: those of a report of
/// some ten requests that ended in several ways. Small bodies have the same few figures year by year.
const TELLING_DIGITS: usize = 24;

/// Applies the rules that ask for cells of the year before. They are found by their codes, in whatever form that
/// report has them; a rule with a cell that either report does not have does not apply. Percentages of the narrative are
/// held against the `ratios` of both years.
#[must_use]
pub fn years(later: &Report, earlier: &Report, ratios: &[(usize, Ratio)], config: &Config) -> Vec<Check> {
    let forms = &config.forms;
    let (now, before) = (Figures::of(forms, &later.cells), Figures::of(forms, &earlier.cells));
    let own: BTreeSet<u8> = later.cells.iter().map(|cell| cell.key.form).collect();
    let mut checks = Vec::new();
    for (form, scope) in own.iter().flat_map(|form| forms.form(*form).links.iter().map(|scope| (*form, scope))) {
        let figure = |operand: &Operand| match operand {
            Operand::Cell(place) if place.is_last_year => before.counterpart(usize::from(form), *place),
            Operand::Cell(place) => now.get(usize::from(form), *place),
            Operand::Statement(kind) => Some(functions::stated(later, kind, config)),
        };
        if scope.formula.operands().any(|operand| figure(operand).is_none()) {
            continue;
        }
        let Some(decided) = scope.formula.decide(|operand| figure(operand).unwrap_or(Number::Bad)) else { continue };
        checks.push(Check {
            rule: number(scope.rule),
            scope: CheckScope::Named(scope.scope.as_str().into()),
            status: decided.status,
            left: scope.published(decided.left),
            right: scope.published(decided.right),
        });
    }
    checks.extend(prose::of_years(later, ratios, config));
    checks.extend(same_text(later, earlier, Function::RepeatedText, config));
    checks
}

/// Keys of which reports with nearly the same narrative have one in common, and others hardly ever.
#[must_use]
pub fn text_keys(report: &Report) -> Vec<u64> {
    similar::keys(report)
}

/// Says that a report of another body has nearly the same narrative.
#[must_use]
pub fn copied_text(later: &Report, earlier: &Report, config: &Config) -> Option<Check> {
    let bodies = later.identity.agency_id.as_ref().zip(earlier.identity.agency_id.as_ref());
    bodies.filter(|(one, other)| one != other)?;
    same_text(later, earlier, Function::CopiedText, config)
}

fn same_text(later: &Report, earlier: &Report, function: Function, config: &Config) -> Option<Check> {
    let rule = config.forms.function(function, None)?;
    let alike = Runs::of(later).alike(&Runs::of(earlier))?;
    let scope = CheckScope::Named(REPORT.into());
    Some(Check { rule: number(rule), scope, status: CheckStatus::Fail, left: Some(alike), right: Some(ALIKE) })
}

/// The figures of a report that the figures of bodies it speaks for are held against: those that the rule names.
#[must_use]
pub fn covered_figures(report: &Report, config: &Config) -> Vec<Option<i64>> {
    let Some((_, rule)) = config.forms.functions(Function::Covers).next() else { return Vec::new() };
    let figure = |(_, keys): &(String, Vec<CellKey>)| {
        let cell = keys.iter().find_map(|key| statements::cell(&report.cells, key))?;
        let value = cell.number().or(cell.implied.map(|implied| implied.value));
        Number::of(value, cell.state).known()
    };
    rule.cells.iter().map(figure).collect()
}

/// Says whether a figure of a government is at least what those of its bodies come to.
#[must_use]
pub fn covers(cell: usize, [whole, sum]: [i64; 2], config: &Config) -> Option<Check> {
    let (rule, of) = config.forms.functions(Function::Covers).next()?;
    let status = match (whole >= sum, whole) {
        (false, _) => CheckStatus::Fail,
        (true, 0) => CheckStatus::PassVacuous,
        (true, _) => CheckStatus::Pass,
    };
    let scope = CheckScope::Named(of.cells.get(cell)?.0.as_str().into());
    let [left, right] = [whole, sum].map(published);
    Some(Check { rule: number(rule), scope, status, left, right })
}

#[expect(clippy::cast_precision_loss, reason = "sums of numbers of 15 digits; the published column is float64")]
fn published(sum: i64) -> Option<f64> {
    Some(sum as f64)
}

/// The indicators that ask for the year before, each with its number; none where a report lacks their cells.
#[must_use]
pub fn ratios(later: &Report, earlier: &Report, config: &Config) -> Vec<(usize, Ratio)> {
    let forms = &config.forms;
    let (now, before) = (Figures::of(forms, &later.cells), Figures::of(forms, &earlier.cells));
    let of_two_years = forms.indicators.iter().enumerate().filter(|(_, indicator)| indicator.is_of_two_years);
    let ratio = |(at, indicator): (usize, &Indicator)| {
        Some((at, indicator.between(&later.cells, &later.checks, &now, Some(&before))?))
    };
    of_two_years.filter_map(ratio).collect()
}

/// Says that years are missing between two reports.
#[must_use]
pub fn gap(later: &Report, earlier: &Report, config: &Config) -> Option<Check> {
    let rule = config.forms.function(Function::Gap, None)?;
    let year = |report: &Report| report.identity.year.map(f64::from);
    let scope = CheckScope::Named(REPORT.into());
    Some(Check { rule: number(rule), scope, status: CheckStatus::Fail, left: year(later), right: year(earlier) })
}

/// Keys that are equal for reports with the same figures: of each table that has enough of them, and of all tables
/// together. Others may have an equal key too.
#[must_use]
pub fn keys(report: &Report) -> Vec<u64> {
    let tables = tables(report);
    let all = (tables.len() > 1).then_some(report.cells.as_slice());
    let telling = tables.into_iter().chain(all).map(figures).filter(|figures| is_telling(figures));
    telling
        .map(|figures| {
            let mut hasher = DefaultHasher::new();
            figures.hash(&mut hasher);
            hasher.finish()
        })
        .collect()
}

/// Says which figures of a report are those of another one on another body or year: all, or those of whole tables.
/// The left side is how many they are.
#[must_use]
pub fn same_figures(later: &Report, earlier: &Report, config: &Config) -> Vec<Check> {
    let Some(rule) = config.forms.function(Function::SameFigures, None) else { return Vec::new() };
    let identity = |report: &Report| report.identity.agency_id.clone().zip(report.identity.year);
    if identity(later).is_some() && identity(later) == identity(earlier) {
        return Vec::new();
    }
    let same = |one: &[Cell], other: &[Cell]| {
        let found = figures(one);
        (is_telling(&found) && found == figures(other)).then_some(found.len())
    };
    let check = |(scope, n_figures): (&str, usize)| Check {
        rule: number(rule),
        scope: CheckScope::Named(scope.into()),
        status: CheckStatus::Fail,
        left: u32::try_from(n_figures).ok().map(f64::from),
        right: None,
    };
    if let Some(n_figures) = same(&later.cells, &earlier.cells) {
        return vec![check((REPORT, n_figures))];
    }
    let place = |cells: &[Cell]| (cells[0].key.form, cells[0].key.table);
    let of_table = |table: &[Cell]| {
        let others = tables(earlier).into_iter().filter(|other| place(other) == place(table));
        let n_figures = others.filter_map(|other| same(table, other)).next()?;
        let (form, at) = place(table);
        Some((config.forms.table(form, at).code.as_str(), n_figures))
    };
    tables(later).into_iter().filter_map(of_table).map(check).collect()
}

/// The cells of a report, a table at a time.
fn tables(report: &Report) -> Vec<&[Cell]> {
    report.cells.chunk_by(|one, two| (one.key.form, one.key.table) == (two.key.form, two.key.table)).collect()
}

/// The numbers other than zero, as bits.
fn figures(cells: &[Cell]) -> Vec<(CellKey, u64)> {
    let number = |cell: &Cell| cell.number().filter(|number| *number != 0.0);
    cells.iter().filter_map(|cell| Some((cell.key, number(cell)?.to_bits()))).collect()
}

fn is_telling(figures: &[(CellKey, u64)]) -> bool {
    let n_digits =
        |(_, bits): &(CellKey, u64)| f64::from_bits(*bits).to_string().bytes().filter(u8::is_ascii_digit).count();
    figures.iter().map(n_digits).sum::<usize>() >= TELLING_DIGITS
}
