//! One report: everything that must hold among its rows in all tables.

use std::collections::BTreeSet;

use super::atomic::{Atomic, compare, value_of};
use super::cells::{Cells, Plan};
use super::census::Census;
use super::codes::Codes;
use super::facts::{CellRow, CheckRow, ReportRow, STATUSES, SectionRow, StatementRow};
use super::finding::{Area, Findings};
use super::rules::Case;
use super::table::{Rows, get, int, ints, text};
use super::{links, narrative, ratios};
use crate::publish::schema::{Key, REPORT_TABLES, Table};

/// The rows of a report, by table in the order of [`REPORT_TABLES`].
pub(super) struct Filed {
    pub(super) tables: Vec<Rows>,
}

/// Tables that have a row of accepted reports alone.
const NORMALISED: [&str; 6] = ["disclosures", "applications", "outcomes", "reviews", "statistics", "indicators"];

impl Filed {
    fn rows(&self, table: &str) -> &Rows {
        let at = REPORT_TABLES.iter().position(|of| of.name == table).expect("a table of the schema");
        &self.tables[at]
    }

    /// Says what does not hold.
    pub(super) fn check(&self, census: &Census, codes: &Codes<'_>, plan: &Plan<'_>) -> Findings {
        let mut findings = Findings::default();
        let Some(report) = ReportRow::of(self.rows("reports")) else { return findings };
        let mut add = |area: Area, what: String| findings.add(area, format!("in report {}, {what}", report.id));
        for (table, rows) in REPORT_TABLES.iter().zip(&self.tables) {
            same_year(table.name, rows, report.year).into_iter().for_each(|what| add(Area::Keys, what));
            twice(table, rows).into_iter().for_each(|what| add(Area::Keys, what));
        }
        let (cells, wrong) = Cells::of(CellRow::all(self.rows("cells")), plan);
        wrong.into_iter().for_each(|what| add(Area::Keys, what));
        let checks = CheckRow::all(self.rows("checks"));
        let sections = SectionRow::all(self.rows("sections"));
        let statements = StatementRow::all(self.rows("statements"));
        self.standing(&report, census).into_iter().for_each(|what| add(Area::Conservation, what));
        counts(&report, &checks).into_iter().for_each(|what| add(Area::Conservation, what));
        for cell in &cells.rows {
            if let Some(what) = wrong_cell(cell) {
                add(Area::Cells, format!("the cell {} {what}", cell.name()));
            }
        }
        if report.corrected != cells.rows.iter().any(|cell| cell.corrected.is_some()) {
            add(Area::Cells, "corrected tells another thing than its cells".to_owned());
        }
        narrative::check(&sections, &statements, &cells, plan).into_iter().for_each(|what| add(Area::Keys, what));
        let case =
            Case { report: &report, cells: &cells, sections: &sections, statements: &statements, checks: &checks };
        case.check(plan).into_iter().for_each(|what| add(Area::Rules, what));
        links::check(report.id, self.rows("links"), &cells, &sections, census, plan)
            .into_iter()
            .for_each(|what| add(Area::Links, what));
        let (atomic, indicators) = if report.is_accepted() {
            let before = links::year_before(self.rows("links"), plan).and_then(|id| census.requests(id));
            (Atomic::of(&report, &cells, plan), ratios::of(&cells, &checks, before, plan))
        } else {
            (Atomic::default(), Vec::new())
        };
        let Atomic { disclosures, applications, outcomes, reviews, statistics } = &atomic;
        let expected = [disclosures, applications, outcomes, reviews, statistics, &indicators];
        for (table, expected) in NORMALISED.iter().zip(expected) {
            let area = if *table == "indicators" { Area::Indicators } else { Area::Cells };
            compare(table, self.rows(table), expected).into_iter().for_each(|what| add(area, what));
        }
        // Quarantine was looked at row by row before.
        for (table, rows) in REPORT_TABLES.iter().zip(&self.tables).filter(|(table, _)| table.name != "quarantine") {
            for part in &rows.parts {
                codes.check(table.name, part, &format!("report {}", report.id), &mut findings);
            }
        }
        findings
    }

    /// What its status says of its other rows.
    fn standing(&self, report: &ReportRow<'_>, census: &Census) -> Vec<String> {
        let mut wrong = Vec::new();
        let n_problems = self.rows("quarantine").len();
        match report.status {
            "accepted" if n_problems > 0 => wrong.push("quarantine has a row, though it is accepted".to_owned()),
            "accepted" if report.year.is_none() => wrong.push("no year is known, though it is accepted".to_owned()),
            "quarantined" if n_problems == 0 => wrong.push("quarantine does not say why it is held back".to_owned()),
            _ => {}
        }
        if report.is_accepted() && report.n_checks[2] > 0 {
            let checks = CheckRow::all(self.rows("checks"));
            let failed = checks.iter().filter(|check| check.severity == "hard" && check.status == "fail");
            wrong.extend(
                failed.map(|check| {
                    format!("the hard rule {} fails at {}, though it is accepted", check.rule, check.scope)
                }),
            );
        }
        if (report.status == "duplicate") != report.duplicate_of.is_some()
            || report.is_current == report.duplicate_of.is_some()
        {
            wrong.push("status, duplicate_of and is_current tell different things".to_owned());
        }
        if let Some(of) = report.duplicate_of
            && (of == report.id || census.report(of).is_none_or(|of| of.is_duplicate))
        {
            wrong.push(format!("duplicate_of names {of}, which is no report that can be used instead"));
        }
        let [of_file, own] = [&report.file_id, &report.path];
        for batch in &self.rows("quarantine").parts {
            let [ids, paths] = [text(batch, "file_id"), text(batch, "path")];
            let is_its = |at: usize| get(ids, at) == Some(of_file) && paths.value(at) == *own;
            if !(0..batch.num_rows()).all(is_its) {
                wrong.push("a row of quarantine names another file than the report".to_owned());
            }
        }
        wrong
    }
}

/// Rows of a report repeat its year.
fn same_year(table: &str, rows: &Rows, year: Option<i32>) -> Vec<String> {
    let mut wrong = Vec::new();
    for batch in rows.parts.iter().filter(|batch| batch.column_by_name("year").is_some()) {
        let [years] = ints(batch, ["year"]);
        if (0..batch.num_rows()).any(|at| int(years, at) != year) {
            wrong.push(format!("a row of {table} has another year than reports"));
        }
    }
    wrong
}

/// The counts of checks by status.
fn counts(report: &ReportRow<'_>, checks: &[CheckRow<'_>]) -> Vec<String> {
    let of_status = |status: &str| checks.iter().filter(|check| check.status == status).count();
    let wrong = STATUSES.iter().zip(report.n_checks).filter_map(|(status, said)| {
        let n = of_status(status);
        (i32::try_from(n) != Ok(said)).then(|| format!("reports counts {said} checks of {status}, and checks has {n}"))
    });
    wrong.collect()
}

/// What is wrong with a cell in itself.
fn wrong_cell(cell: &CellRow<'_>) -> Option<&'static str> {
    let is_sound = match cell.state {
        "zero" => cell.value == Some(0.0),
        // An amount whose unit is not known has no value.
        "number" => cell.value != Some(0.0),
        _ => cell.value.is_none(),
    };
    if !is_sound {
        return Some("has a value that its state does not have");
    }
    if cell.printed.zip(cell.value).is_some_and(|(printed, value)| !is_print_of(printed, value)) {
        return Some("has a value that is not what is printed");
    }
    if cell.implied.is_some() != cell.implied_by.is_some() {
        return Some("has an implied number without its rule, or a rule without a number");
    }
    if cell.implied.is_some() && (cell.filed().is_some() || !matches!(cell.state, "blank" | "dash")) {
        return Some("has an implied number, though it is not blank");
    }
    let numbers = [cell.value, cell.implied, cell.corrected];
    let is_finite = numbers.iter().flatten().all(|number| number.is_finite());
    (!is_finite).then_some("holds what is no number")
}

/// Whether a print has the digits of a number and its sign; a unit may move the point.
fn is_print_of(printed: &str, value: f64) -> bool {
    let digit = |c: char| match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    };
    let digits: String = printed.chars().filter_map(digit).collect();
    let number: String = value.abs().to_string().chars().filter(char::is_ascii_digit).collect();
    let is_negative = printed.contains(['-', '−', '‐', '‑', '－']);
    digits.trim_matches('0') == number.trim_matches('0') && (value == 0.0 || is_negative == (value < 0.0))
}

/// Rows that agree in what should tell them apart.
fn twice(table: &Table, rows: &Rows) -> Vec<String> {
    let Key::Primary(key) = table.key else { return Vec::new() };
    let mut met: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut wrong = Vec::new();
    for batch in &rows.parts {
        for at in 0..batch.num_rows() {
            let values: Vec<String> =
                key.iter().filter_map(|name| Some(value_of(batch.column_by_name(name)?, at).show())).collect();
            if met.contains(&values) {
                wrong.push(format!("{} has the key ({}) twice", table.name, values.join(", ")));
            }
            met.insert(values);
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_digits_of_its_print() {
        for (printed, value) in [
            ("12", 12.0),
            ("１，２００件", 1200.0),
            ("0.5万元", 0.5),
            ("105000元", 10.5),
            ("-3", -3.0),
            ("0.00", 0.0),
            ("+7", 7.0),
        ] {
            assert!(is_print_of(printed, value), "{printed}");
        }
        for (printed, value) in [("12", 21.0), ("12", 1.0), ("-3", 3.0), ("3", -3.0), ("", 1.0), ("102", 12.0)] {
            assert!(!is_print_of(printed, value), "{printed}");
        }
    }
}
