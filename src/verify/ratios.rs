//! Indicators worked out anew from the cells.

use super::atomic::{Record, Value, float, int};
use super::cells::{Cells, Plan, holds};
use super::census::{REQUESTS, Requests};
use super::facts::CheckRow;
use super::rules::{Known, Side, known};
use crate::form::formula::Term;
use crate::form::{Indicator, IndicatorMeans, Sum};

/// The rows that an accepted report gives in `indicators`.
pub(super) fn of<'v>(
    cells: &Cells<'_>,
    checks: &[CheckRow<'_>],
    before: Option<&Requests>,
    plan: &Plan<'v>,
) -> Vec<Record<'v>> {
    let mut records = Vec::new();
    for indicator in &plan.config.forms.indicators {
        let Some([numerator, denominator]) = ratio(indicator, cells, checks, before, plan) else { continue };
        let code = Value::Text(&indicator.code);
        records.push(vec![code, int(numerator), int(denominator), float(divide(numerator, denominator))]);
    }
    records
}

/// The value of an indicator: `None` where it does not apply, `Some(None)` where it has none.
pub(super) fn value(
    indicator: &Indicator,
    cells: &Cells<'_>,
    checks: &[CheckRow<'_>],
    before: Option<&Requests>,
    plan: &Plan<'_>,
) -> Option<Option<f64>> {
    let [numerator, denominator] = ratio(indicator, cells, checks, before, plan)?;
    Some(divide(numerator, denominator))
}

fn ratio(
    indicator: &Indicator,
    cells: &Cells<'_>,
    checks: &[CheckRow<'_>],
    before: Option<&Requests>,
    plan: &Plan<'_>,
) -> Option<[Option<i64>; 2]> {
    let own = || cells.named().filter(|(name, _)| plan.is_of_any(*name, &indicator.forms)).map(|(_, cell)| cell);
    match &indicator.means {
        IndicatorMeans::Sums { numerator, denominator } => sides(numerator, denominator, cells, before, plan),
        IndicatorMeans::Gap(pairs) => gap(pairs, cells, before, plan),
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
    }
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
    before: Option<&Requests>,
    plan: &Plan<'_>,
) -> Option<[Option<i64>; 2]> {
    for sum in numerator.iter().chain(denominator).filter_map(|term| term.of.as_ref()) {
        number(sum, cells, before, plan)?;
    }
    let side = |terms: &[Term<Sum>]| {
        let side = Side::of(terms, &|sum: &Sum| number(sum, cells, before, plan).unwrap_or(Known::Unread));
        i64::try_from(side.sum).ok().filter(|_| side.n_blank == 0 && !side.is_unread)
    };
    Some([side(numerator), side(denominator)])
}

/// How far cells are from those of the year before, and what these come to.
fn gap(pairs: &[[Sum; 2]], cells: &Cells<'_>, before: Option<&Requests>, plan: &Plan<'_>) -> Option<[Option<i64>; 2]> {
    let mut sides = [Some(0_i128), Some(0)];
    for [now, then] in pairs {
        let [now, then] = [number(now, cells, before, plan)?, number(then, cells, before, plan)?];
        let value = |of: Known| if let Known::Number(value) = of { Some(value) } else { None };
        sides[0] = sides[0].zip(value(now).zip(value(then))).map(|(sum, (now, then))| sum + (now - then).abs());
        sides[1] = sides[1].zip(value(then)).map(|(sum, then)| sum + then);
    }
    Some(sides.map(|side| i64::try_from(side?).ok()))
}

/// The sum of the cells that a name stands for in the first form of which the report has them all.
fn number(sum: &Sum, cells: &Cells<'_>, before: Option<&Requests>, plan: &Plan<'_>) -> Option<Known> {
    sum.iter().find_map(|(form, places)| {
        let tables = &plan.config.forms.forms[*form].tables;
        let mut total = Known::Number(0);
        for place in places {
            let figure = if place.is_last_year {
                let table = &tables[place.table];
                // Of other years the requests alone are known.
                let row = Some(&table.rows[place.row].code).filter(|_| table.code == REQUESTS)?;
                before?.figure(row, &table.columns[place.column].code)
            } else {
                known(cells.get(plan.place(tables, *place))?, holds(tables, *place), true)
            };
            total = match (total, figure) {
                (Known::Number(one), Known::Number(other)) => Known::Number(one + other),
                (Known::Unread, _) | (_, Known::Unread) => Known::Unread,
                _ => Known::Blank,
            };
        }
        Some(total)
    })
}
