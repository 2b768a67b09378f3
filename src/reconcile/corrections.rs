//! Puts right what a person corrected, beside what is printed, never in its place.
//!
//! A correction is refused when the print is another than the one it replaces, when the report has no such cell, and when
//! it breaks a rule that held before. The corrections of one report count together: two cells may have changed places.

use std::collections::BTreeSet;

use super::reconcile;
use crate::config::{Config, Correction};
use crate::form::ValueType;
use crate::model::report::{Report, ReportStatus};
use crate::model::verdict::Cause;

/// Applies the rules to a report with these corrections; gives for each why it was refused, or nothing.
pub fn correct(report: &mut Report, corrections: &[&Correction], config: &Config) -> Vec<Option<String>> {
    let mut corrected = report.clone();
    reconcile(report, config);
    let mut outcomes: Vec<Option<String>> =
        corrections.iter().map(|correction| place(&mut corrected, correction, config).err()).collect();
    if corrected.problems.is_empty() && corrected.status == ReportStatus::Quarantined {
        corrected.status = ReportStatus::Accepted;
    }
    reconcile(&mut corrected, config);
    let before = failures(report);
    match failures(&corrected).difference(&before).next() {
        Some((rule, scope)) => {
            for outcome in &mut outcomes {
                outcome
                    .get_or_insert_with(|| format!("with it {rule} would fail for {scope}: compare the cells again"));
            }
        }
        None => *report = corrected,
    }
    outcomes
}

/// The hard rules that fail, by rule and scope.
fn failures(report: &Report) -> BTreeSet<(&str, &str)> {
    let arithmetic = report.problems.iter().filter(|problem| problem.cause == Cause::Arithmetic);
    arithmetic
        .map(|problem| (problem.rule.as_deref().unwrap_or_default(), problem.scope.as_deref().unwrap_or_default()))
        .collect()
}

/// Puts a corrected number beside a cell.
fn place(report: &mut Report, correction: &Correction, config: &Config) -> Result<(), String> {
    let cell = report.cells.iter_mut().find(|cell| config.forms.cell_name(cell.key) == correction.cell);
    let cell = cell.ok_or_else(|| "the report has no such cell: see its rows in cells".to_owned())?;
    let printed = cell.printed.as_deref().unwrap_or_default().trim();
    if printed != correction.printed.trim() {
        return Err(format!("the cell prints {printed:?}, not {:?}: look at it again", correction.printed.trim()));
    }
    if cell.corrected.is_some() {
        return Err("the cell is corrected twice: keep one line".to_owned());
    }
    let value_type = config.forms.value_type(cell.key);
    let is_whole = correction.value.fract() == 0.0;
    // Larger numbers are no exact ones, and no rule could check them.
    let digits = i32::try_from(config.limits.number_digits).unwrap_or(15);
    let is_exact = correction.value.abs() < 10_f64.powi(digits);
    let is_held = is_exact
        && match value_type {
            ValueType::Count => is_whole && correction.value >= 0.0,
            ValueType::SignedCount => is_whole,
            ValueType::Decimal | ValueType::Money | ValueType::Number => correction.value >= 0.0,
            ValueType::Label => false,
        };
    if !is_held {
        return Err(format!("the cell cannot hold {}", correction.value));
    }
    if cell.value == Some(correction.value) {
        return Err(format!("the cell holds {} already", correction.value));
    }
    cell.corrected = Some(correction.value);
    let key = cell.key;
    // What was wrong with the print alone is mended.
    report.problems.retain(|problem| problem.cell != Some(key));
    Ok(())
}
