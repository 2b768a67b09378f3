//! Rules on the narrative itself, worked out anew from its sections and statements.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cells::Plan;
use super::facts::{SectionRow, StatementRow};
use super::functions::Named;
use super::ratios;
use super::rules::{Case, Outcome};
use crate::form::{Function, Rule};

const NARRATIVE: &str = "narrative";

/// What comes out of them.
pub(super) fn outcomes<'n>(case: &Case<'_, 'n>, plan: &Plan<'n>) -> Vec<Named<'n>> {
    let forms = &plan.config.forms;
    let mut outcomes = Vec::new();
    let of = |function: Function| forms.functions(function).map(|(_, rule)| rule);
    for rule in of(Function::SectionOrder) {
        outcomes.extend(order(case, plan).map(|outcome| (rule.code.as_str(), NARRATIVE.into(), outcome)));
    }
    for rule in of(Function::TemplateMarks).filter(|_| !case.sections.is_empty()) {
        let pieces = case.sections.iter().flat_map(|section| rule.patterns.iter().map(|of| of.find_iter(section.text)));
        let n = u32::try_from(pieces.flatten().count()).unwrap_or(u32::MAX);
        let status = if n == 0 { "pass_vacuous" } else { "fail" };
        let outcome = Outcome { status, left: Some(n.into()), right: Some(0.0) };
        outcomes.push((rule.code.as_str(), NARRATIVE.into(), outcome));
    }
    for rule in of(Function::Restated) {
        let restated = restated(case.statements).into_iter();
        outcomes.extend(restated.map(|(scope, outcome)| (rule.code.as_str(), scope, outcome)));
    }
    for rule in of(Function::Percentage) {
        let indicator = forms.indicators.iter().find(|indicator| Some(&indicator.code) == rule.indicator.as_ref());
        let Some(indicator) = indicator.filter(|indicator| !indicator.is_of_two_years) else { continue };
        let Some(ratio) = ratios::value(indicator, case.cells, case.checks, None, plan) else { continue };
        outcomes
            .extend(held(rule, case.sections, ratio).into_iter().map(|(scope, of)| (rule.code.as_str(), scope, of)));
    }
    outcomes
}

/// Numbered headings of the first level that have the number of their section and stand behind the one before.
fn order(case: &Case<'_, '_>, plan: &Plan<'_>) -> Option<Outcome> {
    let id = case.report.form.or(case.report.form_applications)?;
    let form = plan.config.forms.forms.iter().find(|form| form.id == id)?;
    let places: Vec<[usize; 2]> = case
        .sections
        .iter()
        .filter(|section| !section.is_part)
        .filter_map(|section| {
            let place = 1 + form.sections.iter().position(|of| of.code == section.section)?;
            Some([place, number(section.heading?)?])
        })
        .collect();
    let before = std::iter::once(0).chain(places.iter().map(|[place, _]| *place));
    let right = places.iter().zip(before).filter(|([place, said], before)| place == said && place > before).count();
    let [left, all] = [right, places.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let status = if left == all { "pass" } else { "fail" };
    (all > 0).then(|| Outcome { status, left: Some(left.into()), right: Some(all.into()) })
}

/// The number that a heading begins with.
fn number(heading: &str) -> Option<usize> {
    let heading = heading.trim_start().trim_start_matches('第');
    let mut characters = heading.chars();
    let (first, next) = (characters.next()?, characters.next()?);
    if !(next.is_whitespace() || "、.．,，:：部章节".contains(next)) {
        return None;
    }
    let kinds = ["123456789", "１２３４５６７８９", "一二三四五六七八九"];
    kinds.iter().find_map(|digits| Some(1 + digits.chars().position(|digit| digit == first)?))
}

/// Exact statements of one kind on the same cells, from two on.
fn restated<'n>(statements: &[StatementRow<'n>]) -> Vec<(Cow<'n, str>, Outcome)> {
    let exact = || statements.iter().filter(|of| !of.is_approximate && of.cell.is_some());
    let mut groups: Vec<Vec<&StatementRow<'n>>> = Vec::new();
    for of in exact() {
        match groups.iter_mut().find(|group| (group[0].kind, group[0].cell) == (of.kind, of.cell)) {
            Some(group) => group.push(of),
            None => groups.push(vec![of]),
        }
    }
    let mut n_met: HashMap<&str, u32> = HashMap::new();
    let outcome = |group: &Vec<&StatementRow<'n>>| {
        let (kind, first) = (group[0].kind, group[0].value);
        let other = group.iter().map(|of| of.value).find(|value| (value - first).abs() >= 1e-9);
        let status = match other {
            Some(_) => "fail",
            None if first == 0.0 => "pass_vacuous",
            None => "pass",
        };
        let nth = n_met.entry(kind).or_default();
        *nth += 1;
        (nth_scope(kind, *nth), Outcome { status, left: Some(first), right: other.or(Some(first)) })
    };
    groups.iter().filter(|group| group.len() > 1).map(outcome).collect()
}

/// A name, with its number behind it from the second on.
pub(super) fn nth_scope(name: &str, nth: u32) -> Cow<'_, str> {
    if nth == 1 { Cow::Borrowed(name) } else { Cow::Owned(format!("{name}.{nth}")) }
}

/// The percentages that a rule finds, each held against a ratio.
pub(super) fn held(rule: &Rule, sections: &[SectionRow<'_>], ratio: Option<f64>) -> Vec<(Cow<'static, str>, Outcome)> {
    let mut all = Vec::new();
    for section in sections {
        let mut found: Vec<(usize, f64, usize)> = Vec::new();
        for of in rule.patterns.iter().flat_map(|pattern| pattern.captures_iter(section.text)) {
            let Some((sign, digits)) = of.name("up").map(|up| (1.0, up)).or(of.name("down").map(|of| (-1.0, of)))
            else {
                continue;
            };
            let Ok(number) = digits.as_str().parse::<f64>() else { continue };
            let n_decimals = digits.as_str().find('.').map_or(0, |dot| digits.len() - dot - 1);
            if found.iter().all(|(at, _, _)| *at != digits.start()) {
                found.push((digits.start(), sign * number, n_decimals));
            }
        }
        found.sort_by_key(|(at, _, _)| *at);
        all.extend(found);
    }
    let right = ratio.map(|ratio| ratio * 100.0);
    let outcome = |(nth, (_, left, n_decimals)): (u32, &(usize, f64, usize))| {
        let unit = (0..*n_decimals).fold(1.0, |unit: f64, _| unit / 10.0);
        let status = match right {
            None => "undecided",
            Some(right) if (right - left).abs() >= unit => "fail",
            Some(0.0) => "pass_vacuous",
            Some(_) => "pass",
        };
        (nth_scope(NARRATIVE, nth), Outcome { status, left: Some(*left), right })
    };
    (1..).zip(&all).map(outcome).collect()
}
