//! What the tables say of what the narrative says.
//!
//! A statement may speak of several cells, by form and by wording (requests received may or may not count
//! those carried in). The first reading that agrees is taken, else the first that can be compared.
//! A disagreement is recorded and holds nothing back: prose often speaks of one office, tables of many.

use crate::config::Statements;
use crate::model::report::{Agreement, Cell, CellKey, Report};

/// Compares every statement of a report with its cells.
pub(super) fn compare(report: &mut Report, kinds: &Statements) {
    for at in 0..report.statements.len() {
        let statement = &report.statements[at];
        let readings = &kinds.kinds[usize::from(statement.kind)].readings;
        let mut first = None;
        for (nth, reading) in readings.iter().enumerate() {
            let Ok(nth) = u8::try_from(nth) else { break };
            let value = reading.keys.iter().find_map(|keys| sum(&report.cells, keys));
            let Some(cells) = value else { continue };
            let agrees = cells.map(|cells| (cells - statement.value).abs() < 1e-9);
            let agrees = agrees.filter(|_| !statement.is_approximate);
            let agreement = Agreement { reading: nth, agrees };
            if agrees == Some(true) {
                first = Some(agreement);
                break;
            }
            first = first.filter(|known: &Agreement| known.agrees.is_some() || agrees.is_none()).or(Some(agreement));
        }
        report.statements[at].agreement = first;
    }
}

/// The cell with this key.
pub(super) fn cell<'r>(cells: &'r [Cell], key: &CellKey) -> Option<&'r Cell> {
    let order = |key: &CellKey| (key.table, key.form, key.row, key.column);
    let at = cells.binary_search_by_key(&order(key), |cell| order(&cell.key)).ok()?;
    Some(&cells[at])
}

/// The sum of cells: `None` when the report has not all of them, `Some(None)` when one has no number.
pub(super) fn sum(cells: &[Cell], keys: &[CellKey]) -> Option<Option<f64>> {
    let mut sum = Some(0.0);
    for key in keys {
        let cell = cell(cells, key)?;
        sum = sum.zip(cell.number()).map(|(sum, value)| sum + value);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::model::report::{CellState, Layout, Origin, ReportStatus, Statement};

    /// A report on the form of 2021 with some cells and one statement.
    fn report(cells: &[(&str, Option<f64>)], kind: &str, value: f64, is_approximate: bool, config: &Config) -> Report {
        let key = |name: &str| -> CellKey {
            let readings = config.statements.kinds.iter().flat_map(|kind| &kind.readings);
            let form = u8::try_from(config.forms.by_id("2021").expect("form")).expect("small");
            let mut all = readings.flat_map(|reading| reading.keys.iter().flatten().copied());
            let of = |key: &CellKey| {
                let (table, row, column) = config.forms.codes(*key);
                key.form == form && format!("{table}.{row}.{column}") == name
            };
            all.find(of).unwrap_or_else(|| panic!("no kind speaks of {name}"))
        };
        let cell = |(name, value): &(&str, Option<f64>)| Cell {
            key: key(name),
            printed: None,
            unit: None,
            state: if value.is_some() { CellState::Number } else { CellState::Blank },
            value: *value,
            implied: None,
            corrected: None,
            flags: Vec::new(),
            origin: Origin::default(),
        };
        let mut cells: Vec<Cell> = cells.iter().map(cell).collect();
        cells.sort_by_key(|cell| (cell.key.table, cell.key.form, cell.key.row, cell.key.column));
        let kind = config.statements.kinds.iter().position(|of| of.code == kind).expect("kind");
        let kind = u16::try_from(kind).expect("small");
        let unit = None;
        Report {
            ordinal: 1,
            status: ReportStatus::Accepted,
            duplicate_of: None,
            identity: crate::model::report::Identity::default(),
            form: None,
            form_applications: None,
            layout: Layout::Stream,
            cells,
            local_cells: Vec::new(),
            labels: Vec::new(),
            sections: Vec::new(),
            statements: vec![Statement {
                section: 0,
                kind,
                value,
                is_approximate,
                unit,
                start: 0,
                end: 0,
                agreement: None,
            }],
            checks: Vec::new(),
            problems: Vec::new(),
            flags: Vec::new(),
        }
    }

    fn check(
        cells: &[(&str, Option<f64>)],
        kind: &str,
        value: f64,
        is_approximate: bool,
        expected: Option<(u8, Option<bool>)>,
    ) {
        let config = Config::embedded().expect("settings");
        let mut report = report(cells, kind, value, is_approximate, &config);
        compare(&mut report, &config.statements);
        let agreement = report.statements[0].agreement.map(|agreement| (agreement.reading, agreement.agrees));
        assert_eq!(agreement, expected, "{kind} {value}");
    }

    const NEW: &str = "applications.new_received.total";
    const CARRIED: &str = "applications.carried_in.total";

    #[test]
    fn a_statement_agrees_with_its_cell_or_not() {
        check(&[(NEW, Some(5.0))], "applications_received", 5.0, false, Some((0, Some(true))));
        check(&[(NEW, Some(3.0))], "applications_received", 2.0, false, Some((0, Some(false))));
        check(&[(NEW, Some(0.0))], "applications_received", 0.0, false, Some((0, Some(true))));
    }

    #[test]
    fn requests_carried_in_may_be_counted_too() {
        let cells = [(NEW, Some(713.0)), (CARRIED, Some(36.0))];
        check(&cells, "applications_accepted", 749.0, false, Some((1, Some(true))));
        check(&cells, "applications_accepted", 713.0, false, Some((0, Some(true))));
        check(&cells, "applications_accepted", 700.0, false, Some((0, Some(false))));
    }

    #[test]
    fn suits_are_the_sum_of_two_cells() {
        let cells = [
            ("reviews.cases.litigation_direct_total", Some(8.0)),
            ("reviews.cases.litigation_after_reconsideration_total", Some(1.0)),
        ];
        check(&cells, "litigation", 9.0, false, Some((0, Some(true))));
        check(&cells[..1], "litigation", 9.0, false, None);
    }

    #[test]
    fn a_blank_or_a_rounded_number_decides_nothing() {
        check(&[(NEW, None)], "applications_received", 5.0, false, Some((0, None)));
        check(&[(NEW, Some(5.0))], "applications_received", 5.0, true, Some((0, None)));
        check(&[], "applications_received", 5.0, false, None);
        check(&[(NEW, Some(5.0))], "item", 5.0, false, None);
    }
}
