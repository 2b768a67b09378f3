//! Rules on the narrative itself: how its sections are numbered, what a template left in it, what it states twice, and
//! its percentages.

use std::collections::BTreeMap;

use compact_str::{CompactString, format_compact};
use regex::Regex;

use super::functions::check;
use crate::config::Config;
use crate::form::check::Figures;
use crate::form::{Function, Ratio, Rule};
use crate::model::report::{Report, Statement};
use crate::model::verdict::{Check, CheckScope, CheckStatus};

/// The scope of rules on all of the narrative.
const NARRATIVE: &str = "narrative";

/// The rules that a report decides by itself.
pub(super) fn of_report(report: &Report, config: &Config, checks: &mut Vec<Check>) {
    checks.extend(section_order(report, config));
    checks.extend(template_marks(report, config));
    restated(report, config, checks);
    let mut figures = None;
    for (rule, of) in config.forms.functions(Function::Percentage) {
        let Some(indicator) = config.forms.indicators.iter().find(|it| Some(&it.code) == of.indicator.as_ref()) else {
            continue;
        };
        if indicator.is_of_two_years {
            continue;
        }
        let said = percentages(report, of);
        if said.is_empty() {
            continue;
        }
        let figures = figures.get_or_insert_with(|| Figures::of(&config.forms, &report.cells));
        if let Some(ratio) = indicator.of(&report.cells, &report.checks, figures) {
            checks.extend(compared(rule, &said, ratio));
        }
    }
}

/// Holds percentages that speak of two years against the indicators of both.
pub(super) fn of_years(report: &Report, ratios: &[(usize, Ratio)], config: &Config) -> Vec<Check> {
    let of_rule = |(rule, of): (usize, &Rule)| {
        let is_it = |(at, _): &&(usize, Ratio)| Some(&config.forms.indicators[*at].code) == of.indicator.as_ref();
        let (_, ratio) = ratios.iter().find(is_it)?;
        Some(compared(rule, &percentages(report, of), *ratio))
    };
    config.forms.functions(Function::Percentage).filter_map(of_rule).flatten().collect()
}

/// Headings that carry the number of their section, of those that carry a number.
fn section_order(report: &Report, config: &Config) -> Option<Check> {
    let rule = config.forms.function(Function::SectionOrder, None)?;
    let form = config.forms.form(report.form.or(report.form_applications)?);
    let (mut n_right, mut n, mut last) = (0_u32, 0_u32, 0);
    for section in report.sections.iter().filter(|section| section.subsection.is_none()) {
        let place = form.sections.iter().position(|of| of.code == *section.code).map(|at| at + 1);
        let Some((place, number)) = place.zip(section.heading.as_deref().and_then(ordinal)) else { continue };
        n += 1;
        n_right += u32::from(number == place && place > last);
        last = place;
    }
    let status = if n_right < n { CheckStatus::Fail } else { CheckStatus::Pass };
    (n > 0).then(|| check(rule, NARRATIVE, status, Some(n_right.into()), Some(n.into())))
}

/// The number in front of a heading of the first level: `一、`, `第一部分`, `1.`.
fn ordinal(heading: &str) -> Option<usize> {
    const DIGITS: &str = "一二三四五六七八九";
    let text = heading.trim_start();
    let text = text.strip_prefix('第').unwrap_or(text);
    let first = text.chars().next()?;
    let number = match first {
        '1'..='9' => first.to_digit(10)? as usize,
        '１'..='９' => (u32::from(first) - u32::from('０')) as usize,
        _ => DIGITS.chars().position(|digit| digit == first)? + 1,
    };
    let next = text[first.len_utf8()..].chars().next()?;
    (next.is_whitespace() || "、.．,，:：部章节".contains(next)).then_some(number)
}

/// Marks that a template or a tool left in the narrative.
fn template_marks(report: &Report, config: &Config) -> Option<Check> {
    let (rule, of) = config.forms.functions(Function::TemplateMarks).next()?;
    if report.sections.is_empty() {
        return None;
    }
    let texts = || report.sections.iter().map(|section| section.text.as_str());
    let n: usize =
        of.patterns.iter().map(|pattern| texts().map(|text| pattern.find_iter(text).count()).sum::<usize>()).sum();
    let status = if n > 0 { CheckStatus::Fail } else { CheckStatus::PassVacuous };
    Some(check(rule, NARRATIVE, status, u32::try_from(n).ok().map(f64::from), Some(0.0)))
}

/// Numbers that the narrative states more than once for the same cells.
fn restated(report: &Report, config: &Config, checks: &mut Vec<Check>) {
    let Some(rule) = config.forms.function(Function::Restated, None) else { return };
    let mut met: Vec<((u16, u8), Vec<&Statement>)> = Vec::new();
    for statement in report.statements.iter().filter(|statement| !statement.is_approximate) {
        let Some(agreement) = statement.agreement else { continue };
        let of = (statement.kind, agreement.reading);
        match met.iter_mut().find(|(known, _)| *known == of) {
            Some((_, all)) => all.push(statement),
            None => met.push((of, vec![statement])),
        }
    }
    let mut n_met: BTreeMap<u16, u32> = BTreeMap::new();
    for ((kind, _), all) in met.iter().filter(|(_, all)| all.len() > 1) {
        let first = all[0].value;
        let other = all.iter().map(|of| of.value).find(|value| (value - first).abs() >= 1e-9);
        let status = match other {
            Some(_) => CheckStatus::Fail,
            None if first == 0.0 => CheckStatus::PassVacuous,
            None => CheckStatus::Pass,
        };
        let nth = n_met.entry(*kind).or_default();
        *nth += 1;
        let scope = nth_scope(&config.statements.kinds[usize::from(*kind)].code, *nth);
        checks.push(check(rule, &scope, status, Some(first), Some(other.unwrap_or(first))));
    }
}

/// A scope that is told from others of its name by its number among them, from the second on.
pub(super) fn nth_scope(name: &str, nth: u32) -> CompactString {
    if nth > 1 { format_compact!("{name}.{nth}") } else { name.into() }
}

/// A percentage as printed, and how much it may be off.
struct Percentage {
    value: f64,
    unit: f64,
}

/// The percentages that a rule looks for. A pattern has a group `up` for a number, or `down` for one that is less than zero.
fn percentages(report: &Report, rule: &Rule) -> Vec<Percentage> {
    let mut said = Vec::new();
    for section in report.sections.iter().filter(|section| section.text.contains(['%', '％'])) {
        let mut found: Vec<(usize, Percentage)> = Vec::new();
        let in_text = |pattern: &Regex| {
            let all = pattern.captures_iter(&section.text).filter_map(|of| {
                let (number, sign) = of.name("up").map(|up| (up, 1.0)).or(of.name("down").map(|down| (down, -1.0)))?;
                let n_decimals = number.as_str().split_once('.').map_or(0, |(_, decimals)| decimals.len());
                let unit = (0..n_decimals).fold(1.0, |unit, _| unit / 10.0);
                Some((number.start(), Percentage { value: sign * number.as_str().parse::<f64>().ok()?, unit }))
            });
            all.collect::<Vec<_>>()
        };
        found.extend(rule.patterns.iter().flat_map(in_text));
        found.sort_by_key(|(at, _)| *at);
        found.dedup_by_key(|(at, _)| *at);
        said.extend(found.into_iter().map(|(_, percentage)| percentage));
    }
    said
}

/// Each percentage against a ratio: rounded or cut off it is the same.
fn compared(rule: usize, said: &[Percentage], ratio: Ratio) -> Vec<Check> {
    let right = ratio.value().map(|value| value * 100.0);
    let one = |(nth, of): (u32, &Percentage)| {
        let status = match right {
            None => CheckStatus::Undecided,
            Some(right) if (right - of.value).abs() >= of.unit => CheckStatus::Fail,
            Some(0.0) => CheckStatus::PassVacuous,
            Some(_) => CheckStatus::Pass,
        };
        let scope = CheckScope::Named(nth_scope(NARRATIVE, nth));
        Check { scope, ..check(rule, NARRATIVE, status, Some(of.value), right) }
    };
    (1..).zip(said).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_heading_is_read_as_it_is_written() {
        let cases = [("一、总体情况", 1), ("第三部分 申请", 3), ("２．主动公开", 2), (" 6. 其他", 6), ("四 复议", 4)];
        for (heading, number) in cases {
            assert_eq!(ordinal(heading), Some(number), "{heading}");
        }
        for heading in ["总体情况", "（一）主动公开", "一些情况", "2023年工作", "十一、其他", ""]
        {
            assert_eq!(ordinal(heading), None, "{heading}");
        }
    }
}
