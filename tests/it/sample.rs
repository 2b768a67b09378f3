//! The sample, read through the library and through the program, against what its makers wrote down.

use std::collections::BTreeMap;

use gongkai::model::report::ReportStatus;
use gongkai::model::verdict::{CheckStatus, Severity};
use serde::Deserialize;

use crate::util::{Cell, build, cells, config, read, root, table, text};

#[derive(Deserialize)]
struct Expected {
    report: Vec<ExpectedReport>,
    file: Vec<ExpectedFile>,
}

#[derive(Deserialize)]
struct ExpectedReport {
    file: String,
    ordinal: u32,
    status: String,
    agency: Option<String>,
    region_code: Option<String>,
    level: String,
    sector: String,
    scope: String,
    #[serde(default)]
    contact: BTreeMap<String, String>,
    year: Option<i32>,
    period_start: Option<String>,
    period_end: Option<String>,
    form: Option<String>,
    form_applications: Option<String>,
    layout: Option<String>,
    #[serde(default)]
    causes: Vec<String>,
    #[serde(default)]
    failed: Vec<String>,
    n_cells: usize,
    #[serde(default)]
    cells: Option<BTreeMap<String, toml::Value>>,
}

#[derive(Deserialize)]
struct ExpectedFile {
    path: String,
    outcome: String,
}

fn expected() -> Expected {
    let text = std::fs::read_to_string(root().join("tests/sample/expected.toml")).expect("expected.toml");
    toml::from_str(&text).expect("expected.toml parses")
}

/// Days since 1970-01-01 of the first and last day of a year, as the sample's periods have.
fn day(text: &str) -> i32 {
    let year: i32 = text[..4].parse().expect("year");
    let first = (1970..year).map(|year| if year % 4 == 0 { 366 } else { 365 }).sum::<i32>();
    match &text[5..] {
        "01-01" => first,
        "12-31" => first + if year % 4 == 0 { 365 } else { 364 },
        other => panic!("no such day in the sample: {other}"),
    }
}

#[test]
fn every_report_of_the_sample_reads_as_written_down() {
    let config = config();
    for expected in expected().report {
        let name = format!("{}#{}", expected.file, expected.ordinal);
        let bytes = std::fs::read(root().join("data/sample").join(&expected.file)).expect("sample file");
        let extracted = read(&bytes, config);
        let report = extracted.reports.iter().find(|report| report.ordinal == expected.ordinal);
        let report = report.unwrap_or_else(|| panic!("{name} was not found: {:?}", extracted.not_a_report));
        assert_eq!(report.status.as_str(), expected.status, "{name}: {:#?}", report.problems);
        assert_eq!(report.identity.agency, expected.agency, "{name}");
        assert_eq!(report.identity.year, expected.year, "{name}");
        assert_eq!(report.identity.period_start, expected.period_start.as_deref().map(day), "{name}");
        assert_eq!(report.identity.period_end, expected.period_end.as_deref().map(day), "{name}");
        let form = |form: Option<u8>| form.map(|form| config.forms.form(form).id.clone());
        assert_eq!(form(report.form), expected.form, "{name}");
        assert_eq!(form(report.form_applications), expected.form_applications, "{name}");
        if let Some(layout) = &expected.layout {
            assert_eq!(report.layout.as_str(), layout, "{name}");
        }
        let mut causes: Vec<&str> = report.problems.iter().map(|problem| problem.cause.as_str()).collect();
        causes.dedup();
        assert_eq!(causes, expected.causes, "{name}");
        let mut failed: Vec<String> = report
            .checks
            .iter()
            .filter(|check| check.status == CheckStatus::Fail)
            .filter(|check| config.forms.rules[usize::from(check.rule)].severity == Severity::Hard)
            .map(|check| {
                let rule = &config.forms.rules[usize::from(check.rule)];
                format!("{}|{}", rule.code, config.forms.scope(&check.scope))
            })
            .collect();
        let mut expected_failed = expected.failed.clone();
        failed.sort();
        expected_failed.sort();
        assert_eq!(failed, expected_failed, "{name}");
        let Some(written) = expected.cells else { continue };
        let read = cells(report, config);
        assert_eq!(read.len(), expected.n_cells, "{name}");
        for (cell, value) in &read {
            let expected = match written.get(cell) {
                None => Cell::Number(0.0),
                Some(toml::Value::Integer(number)) => Cell::Number(f64::from(i32::try_from(*number).expect("small"))),
                Some(toml::Value::Float(number)) => Cell::Number(*number),
                Some(toml::Value::String(text)) if text.is_empty() => Cell::Blank,
                Some(_) => Cell::Dash,
            };
            assert_eq!(*value, expected, "{name} {cell}");
        }
        assert!(written.keys().all(|cell| read.contains_key(cell)), "{name} lacks cells that were written down");
    }
}

#[test]
fn the_main_job_publishes_the_sample() {
    let out = tempfile::tempdir().expect("folder");
    let said = build(&root().join("data/sample"), out.path(), &[], 0);
    assert!(said.contains("15 reports accepted, 3 quarantined; 2 no reports, 1 duplicates"), "{said}");
    let expected = expected();
    let files = table(out.path(), "files");
    let n_files = std::fs::read_dir(root().join("data/sample")).expect("sample").count();
    assert_eq!(files.len(), n_files);
    for file in &files {
        let written = expected.file.iter().find(|expected| expected.path == text(file, "path"));
        let outcome = written.map_or("report", |expected| expected.outcome.as_str());
        assert_eq!(text(file, "outcome"), outcome, "{}", text(file, "path"));
    }
    let reports = table(out.path(), "reports");
    let key = |report: &crate::util::Row| {
        let ordinal = text(report, "report_id").rsplit_once('-').expect("has an ordinal").1.to_owned();
        (text(report, "path").to_owned(), ordinal)
    };
    assert_eq!(reports.len(), expected.report.len());
    for written in &expected.report {
        let found = reports.iter().find(|report| key(report) == (written.file.clone(), written.ordinal.to_string()));
        let report = found.unwrap_or_else(|| panic!("{} has no row", written.file));
        assert_eq!(text(report, "status"), written.status);
        assert_eq!(report["agency"], written.agency);
        assert_eq!(report["region_code"], written.region_code, "{}", written.file);
        assert_eq!(report["agency_id"].is_some(), written.region_code.is_some(), "{}", written.file);
        assert_eq!(text(report, "level"), written.level, "{}", written.file);
        assert_eq!(text(report, "sector"), written.sector, "{}", written.file);
        assert_eq!(text(report, "scope"), written.scope, "{}", written.file);
        for key in ["address", "postcode", "phone", "fax", "email"] {
            let value = report[&format!("contact_{key}")].as_deref();
            assert_eq!(value, written.contact.get(key).map(String::as_str), "{} {key}", written.file);
        }
    }
    // Sums over the normalised tables are the sums over the accepted reports.
    let accepted: Vec<&ExpectedReport> = expected.report.iter().filter(|report| report.status == "accepted").collect();
    let written_total: f64 = accepted
        .iter()
        .filter_map(|report| report.cells.as_ref())
        .filter_map(|cells| cells.get("applications.outcome_total.total"))
        .filter_map(|value| {
            value.as_float().or(value.as_integer().map(|number| f64::from(i32::try_from(number).expect("small"))))
        })
        .sum();
    let count = |row: &crate::util::Row, column: &str| {
        row[column].as_deref().map_or(0.0, |count| count.parse::<f64>().expect("number"))
    };
    let outcomes: f64 = table(out.path(), "outcomes").iter().map(|row| count(row, "count")).sum();
    let handled: f64 = table(out.path(), "applications").iter().map(|row| count(row, "outcome_total")).sum();
    assert!((outcomes - written_total).abs() < 0.5, "outcomes sum to {outcomes}, the totals to {written_total}");
    assert!((handled - written_total).abs() < 0.5, "applicants sum to {handled}, the totals to {written_total}");
    let quarantine = table(out.path(), "quarantine");
    assert!(quarantine.iter().all(|row| text(row, "message").len() > 20));
    let held: std::collections::BTreeSet<&str> = quarantine.iter().map(|row| text(row, "path")).collect();
    assert_eq!(
        held.into_iter().collect::<Vec<_>>(),
        ["hongze-2023.html", "shili-cut-2023.txt", "xugou-arithmetic-2022.txt"]
    );
    assert_eq!(ReportStatus::ALL.len(), 3);
}
