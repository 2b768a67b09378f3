//! Indicators of the sample, against sums worked out from its cells another way.

use std::collections::BTreeMap;

use crate::util::{Row, build, config, root, table, text};

type Numbers = BTreeMap<String, f64>;

/// The numbers of a report by table.row.column: corrected, else printed, else implied.
fn numbers(cells: &[Row], report_id: &str) -> Numbers {
    let own = cells.iter().filter(|row| text(row, "report_id") == report_id && row["row"].is_some());
    own.filter_map(|row| {
        let value = ["corrected", "value", "implied"].iter().find_map(|column| row[*column].as_deref())?;
        let name = format!("{}.{}.{}", text(row, "table"), text(row, "row"), text(row, "column"));
        Some((name, value.parse().expect("a number")))
    })
    .collect()
}

/// The sum of the rows of table 2 whose codes begin so, in its total column; `None` where one of them is blank.
fn rows(of: &Numbers, prefix: &str, n: usize) -> Option<f64> {
    let is_row = |name: &str| name.starts_with(&format!("applications.{prefix}")) && name.ends_with(".total");
    let found: Vec<f64> = of.iter().filter(|(name, _)| is_row(name)).map(|(_, value)| *value).collect();
    (found.len() == n).then(|| found.iter().sum())
}

#[test]
fn indicators_of_the_sample_are_those_of_its_cells() {
    let (n_values, n_blank) = compare("data/sample");
    assert!(n_values > 50, "{n_values}, {n_blank} with a blank");
}

#[test]
fn a_blank_leaves_an_indicator_null() {
    let (n_values, n_blank) = compare("tests/fixtures/html/ok");
    assert!(n_values > 50 && n_blank > 0, "{n_values}, {n_blank} with a blank");
}

/// Compares the indicators of the reports in a folder; gives how many have a value and how many a blank.
fn compare(folder: &str) -> (usize, usize) {
    let out = tempfile::tempdir().expect("folder");
    build(&root().join(folder), out.path(), &[], 0);
    let (cells, indicators) = (table(out.path(), "cells"), table(out.path(), "indicators"));
    let mut n_values = 0;
    let mut n_blank = 0;
    for report in table(out.path(), "reports") {
        let id = text(&report, "report_id");
        let own: BTreeMap<&str, &Row> = indicators
            .iter()
            .filter(|row| text(row, "report_id") == id)
            .map(|row| (text(row, "indicator"), row))
            .collect();
        let is_accepted = text(&report, "status") == "accepted";
        if !is_accepted || report["form_applications"].is_none() {
            // The sheet of 2014 has its own completeness and consistency.
            let n_own = if is_accepted && report["form"].as_deref() == Some("2014") { 2 } else { 0 };
            assert_eq!(own.len(), n_own, "{}", text(&report, "path"));
            continue;
        }
        let is_2021 = |column: &str| report[column].as_deref() == Some("2021");
        // Six ask for cells that the form of 2019 does not have.
        let expected = 72 - if is_2021("form") { 0 } else { 2 } - if is_2021("form_applications") { 0 } else { 4 };
        assert_eq!(own.len(), expected, "{}", text(&report, "path"));
        assert!(own.values().all(|row| row["year"] == report["year"]));
        let of = numbers(&cells, id);
        let cell = |name: &str| of.get(name).copied();
        let total = |row: &str| cell(&format!("applications.{row}.total"));
        let case = |column: &str| cell(&format!("reviews.cases.{column}"));
        let plus = |one: Option<f64>, two: Option<f64>| Some(one? + two?);
        let disclosed = plus(total("granted"), total("partially_granted"));
        let refused = rows(&of, "denied_", 8);
        let decided = plus(
            plus(case("reconsideration_upheld"), case("reconsideration_corrected")),
            case("reconsideration_other"),
        );
        let expected = [
            ("disclosure_rate_strict", total("granted"), total("outcome_total")),
            ("disclosure_rate_substance", disclosed, plus(disclosed, refused)),
            ("denial_mix_process_info", total("denied_process_info"), refused),
            ("unavailability_rate", rows(&of, "unavailable_", 3), total("outcome_total")),
            ("not_processed_rate", rows(&of, "rejected_", 5), total("outcome_total")),
            ("clearance_rate", total("outcome_total"), plus(total("new_received"), total("carried_in"))),
            ("backlog_growth", total("carried_forward"), total("carried_in")),
            ("applicant_share_natural_person", cell("applications.new_received.natural_person"), total("new_received")),
            (
                "applicant_disclosure_rate_other_org",
                plus(cell("applications.granted.other_org"), cell("applications.partially_granted.other_org")),
                cell("applications.outcome_total.other_org"),
            ),
            ("escalation_rate", case("litigation_after_reconsideration_total"), decided),
            ("review_correction_rate", case("reconsideration_corrected"), decided),
            (
                "coercion_per_penalty",
                cell("disclosures.admin_coercion.decisions"),
                cell("disclosures.admin_penalty.decisions"),
            ),
        ];
        for (code, numerator, denominator) in expected {
            let row = own[code];
            let number = |column: &str| row[column].as_deref().map(|value| value.parse::<f64>().expect("a number"));
            assert_eq!(number("numerator"), numerator, "{} {code}", text(&report, "path"));
            assert_eq!(number("denominator"), denominator, "{} {code}", text(&report, "path"));
            let value = numerator.zip(denominator.filter(|base| *base > 0.0)).map(|(one, two)| one / two);
            assert_eq!(number("value"), value, "{} {code}", text(&report, "path"));
            n_values += usize::from(value.is_some());
            n_blank += usize::from(numerator.is_none() || denominator.is_none());
        }
        // Parts of a whole add up to it.
        let sum = |prefix: &str, column: &str| -> Option<i64> {
            let parts = own.iter().filter(|(code, _)| code.starts_with(prefix) && !code.ends_with("_business"));
            parts.map(|(_, row)| row[column].as_deref().map(|value| value.parse::<i64>().expect("a count"))).sum()
        };
        if let Some(all) = sum("denial_mix_", "denominator") {
            assert_eq!(sum("denial_mix_", "numerator").map(|sum| sum * 8), Some(all), "{}", text(&report, "path"));
        }
        let complete = own["completeness_applications"];
        let n_printed = cells.iter().filter(|row| {
            text(row, "report_id") == id
                && text(row, "table") == "applications"
                && ["number", "zero"].contains(&text(row, "state"))
        });
        assert_eq!(text(complete, "numerator"), n_printed.count().to_string());
        assert_eq!(text(own["consistency"], "numerator"), text(&report, "checks_pass"));
    }
    (n_values, n_blank)
}

#[test]
fn every_indicator_has_its_labels_in_the_code_lists() {
    let config = config();
    assert_eq!(config.forms.indicators.len(), 75);
    let labels = &config.codes["indicator"];
    assert!(config.forms.indicators.iter().all(|indicator| labels[&indicator.code] == indicator.titles));
    // No two say the same.
    let mut titles: Vec<&str> = labels.values().flatten().map(String::as_str).collect();
    titles.sort_unstable();
    let n = titles.len();
    titles.dedup();
    assert_eq!(titles.len(), n);
}
