//! Indicators worked out anew from the cells.

use super::atomic::{Record, Value, float, int};
use super::cells::{Cells, Plan, holds};
use super::facts::CheckRow;
use super::rules::{Known, Side, known};
use crate::form::formula::Term;
use crate::form::{IndicatorMeans, Sum};

/// The rows that an accepted report gives in `indicators`.
pub(super) fn of<'v>(cells: &Cells<'_>, checks: &[CheckRow<'_>], plan: &Plan<'v>) -> Vec<Record<'v>> {
    let mut records = Vec::new();
    for indicator in &plan.config.forms.indicators {
        let own = || cells.named().filter(|(name, _)| plan.is_of_any(*name, &indicator.forms)).map(|(_, cell)| cell);
        let ratio = match &indicator.means {
            IndicatorMeans::Sums { numerator, denominator } => sides(numerator, denominator, cells, plan),
            IndicatorMeans::FilledCells(table) => {
                let all = own().filter(|cell| cell.table == table).count();
                let filled = own().filter(|cell| cell.table == table && matches!(cell.state, "number" | "zero"));
                (all > 0).then(|| [filled.count(), all].map(|n| i64::try_from(n).ok()))
            }
            IndicatorMeans::Consistency => {
                let n = |status: &str| checks.iter().filter(|check| check.status == status).count();
                let counts = [n("pass"), n("pass") + n("fail")];
                own().next().is_some().then(|| counts.map(|n| i64::try_from(n).ok()))
            }
        };
        let Some([numerator, denominator]) = ratio else { continue };
        let code = Value::Text(&indicator.code);
        records.push(vec![code, int(numerator), int(denominator), float(divide(numerator, denominator))]);
    }
    records
}

#[expect(clippy::cast_precision_loss, reason = "the published column is a float")]
fn divide(numerator: Option<i64>, denominator: Option<i64>) -> Option<f64> {
    let base = denominator.filter(|base| *base > 0)?;
    Some(numerator? as f64 / base as f64)
}

/// Both sums; `None` where the report has not the cells of one.
fn sides(
    numerator: &[Term<Sum>],
    denominator: &[Term<Sum>],
    cells: &Cells<'_>,
    plan: &Plan<'_>,
) -> Option<[Option<i64>; 2]> {
    for sum in numerator.iter().chain(denominator).filter_map(|term| term.of.as_ref()) {
        number(sum, cells, plan)?;
    }
    let side = |terms: &[Term<Sum>]| {
        let side = Side::of(terms, &|sum: &Sum| number(sum, cells, plan).unwrap_or(Known::Unread));
        i64::try_from(side.sum).ok().filter(|_| side.n_blank == 0 && !side.is_unread)
    };
    Some([side(numerator), side(denominator)])
}

/// The sum of the cells that a name stands for in the first form of which the report has them all.
fn number(sum: &Sum, cells: &Cells<'_>, plan: &Plan<'_>) -> Option<Known> {
    sum.iter().find_map(|(form, places)| {
        let tables = &plan.config.forms.forms[*form].tables;
        let mut total = Known::Number(0);
        for place in places {
            let cell = cells.get(plan.place(tables, *place))?;
            total = match (total, known(cell, holds(tables, *place), true)) {
                (Known::Number(one), Known::Number(other)) => Known::Number(one + other),
                (Known::Unread, _) | (_, Known::Unread) => Known::Unread,
                _ => Known::Blank,
            };
        }
        Some(total)
    })
}
