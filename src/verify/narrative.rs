//! The narrative: sections that are numbered, statements that stand in them and speak of cells.

use super::cells::{Cells, Plan};
use super::facts::{SectionRow, StatementRow};

/// The sum of cells named `table.row.column`, several joined by `;`: `None` when the report has not all of them,
/// `Some(None)` when one has no number.
pub(super) fn sum(cells: &Cells<'_>, names: &str, plan: &Plan<'_>) -> Option<Option<f64>> {
    let mut sum = Some(0.0);
    for name in names.split(';') {
        let cell = cells.get(plan.dotted(name.trim())?)?;
        sum = sum.zip(cell.filed()).map(|(sum, number)| sum + number);
    }
    Some(sum)
}

/// What is wrong with the sections and statements of a report.
pub(super) fn check(
    sections: &[SectionRow<'_>],
    statements: &[StatementRow<'_>],
    cells: &Cells<'_>,
    plan: &Plan<'_>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (ordinal, section) in (1..).zip(sections) {
        if section.ordinal != ordinal {
            wrong.push(format!("the section {} stands where {ordinal} is expected", section.ordinal));
        }
    }
    for of in statements {
        let section = sections.iter().find(|section| section.ordinal == of.ordinal);
        let quote = section.filter(|section| section.section == of.section).and_then(|section| {
            let [start, end] = of.range.map(|at| usize::try_from(at).ok());
            section.text.get(start?..end?)
        });
        if quote != Some(of.quote) {
            wrong.push(format!("the statement {:?} does not stand in the text of section {}", of.quote, of.ordinal));
        }
        match of.cell.map(|names| (names, sum(cells, names, plan))) {
            None if of.agrees.is_none() => {}
            None => wrong.push(format!("the statement {:?} agrees or not with no cell", of.quote)),
            Some((names, None)) => {
                wrong.push(format!("the statement {:?} speaks of {names}, which the report does not have", of.quote));
            }
            Some((names, Some(sum))) => {
                let agrees = sum.filter(|_| !of.is_approximate).map(|sum| (sum - of.value).abs() < 1e-9);
                if agrees != of.agrees {
                    wrong.push(format!("whether the statement {:?} agrees with {names} is told wrong", of.quote));
                }
            }
        }
    }
    wrong
}
