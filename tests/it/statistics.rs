//! The statistics sheet of 2014 from file to published tables.

use crate::util::{Row, build, root, table, text};

/// The rows of a table published from one fixture.
fn published(fixture: &str, tables: &[&str]) -> Vec<Vec<Row>> {
    let out = tempfile::tempdir().expect("folder");
    build(&root().join("tests/fixtures").join(fixture), out.path(), &[], 0);
    tables.iter().map(|name| table(out.path(), name)).collect()
}

#[test]
fn the_sheet_is_published_with_labels_units_and_checks() {
    let tables = published("html/ok/made-sheet-2014-grid/input.html", &["statistics", "reports", "checks", "cells"]);
    let [statistics, reports, checks, cells] = tables.as_slice() else { panic!("four tables") };
    assert_eq!(reports.len(), 1);
    assert_eq!((text(&reports[0], "form"), &reports[0]["form_applications"]), ("2014", &None));
    assert_eq!(text(&reports[0], "status"), "accepted");
    let of = |indicator: &str| {
        let row = statistics.iter().find(|row| row["indicator"].as_deref() == Some(indicator)).expect("row");
        (text(row, "label").to_owned(), row["value"].clone(), row["unit"].clone())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(of("requests_received"), ("（一）收到申请数".to_owned(), some("5"), some("件")));
    assert_eq!(of("fees"), ("七、依申请公开信息收取的费用".to_owned(), some("2.5"), some("万元")));
    assert_eq!(of("reconsideration_corrected").1, some("1"));
    assert_eq!(of("litigation_corrected").1, some("0"));
    // 58 rows of the form, then three that it does not have.
    let local: Vec<(&str, Option<&str>)> = statistics
        .iter()
        .filter(|row| row["indicator"].is_none())
        .map(|row| (text(row, "label"), row["value"].as_deref()))
        .collect();
    assert_eq!(statistics.len(), 58 + local.len());
    assert_eq!(
        local,
        [
            ("1.财政预决算公开信息数", Some("17")),
            ("2.行政执法信息公开数", Some("0")),
            ("（四）印发公开简报数", Some("4"))
        ]
    );
    let received = checks.iter().find(|check| text(check, "rule") == "statistics_received").expect("check");
    assert_eq!((text(received, "status"), text(received, "severity")), ("pass", "soft"));
    let local = cells.iter().find(|cell| cell["label"].as_deref() == Some("（四）印发公开简报数")).expect("cell");
    assert_eq!((&local["row"], text(local, "column"), text(local, "printed")), (&None, "value", "4"));
}

#[test]
fn a_blank_is_null_and_a_sheet_held_back_publishes_no_row() {
    let tables = published("text/ok/made-sheet-2014-tabs/input.txt", &["statistics"]);
    let row = tables[0].iter().find(|row| row["indicator"].as_deref() == Some("offices")).expect("row");
    assert_eq!(row["value"], None);
    let tables = published("text/err/made-sheet-2014-row-lost/input.txt", &["statistics", "cells"]);
    assert_eq!(tables[0].len(), 0);
    let lost = tables[1].iter().find(|cell| cell["row"].as_deref() == Some("closed_extended")).expect("cell");
    assert_eq!((text(lost, "state"), &lost["value"]), ("absent", &None));
}
