//! One report against another: whole runs over made filings of several years and bodies.

use std::fs;
use std::path::Path;

use crate::util::{Row, build, root, table, text};

/// A page on one of the forms, with these numbers in the rows that hold these words. A row of none of them is zero.
pub(crate) struct Page {
    agency: &'static str,
    year: i32,
    template: &'static str,
    rows: Vec<(&'static str, Vec<i64>)>,
    /// The page as it is, where it is told whole.
    whole: Option<String>,
}

const FORM_2021: &str = "data/sample/zhashui-2024.txt";
const FORM_2019: &str = "tests/fixtures/text/ok/made-form-2019-in-2022/input.txt";
const NEW: &str = "一、本年新收";
const CARRIED_IN: &str = "二、上年结转";
const GRANTED: &str = "予以公开";
const TOTAL: &str = "（七）总计";
const CARRIED_FORWARD: &str = "四、结转下年度";
const DOCUMENTS: &str = "规范性文件";

/// A row of table 2 with requests of natural persons alone.
fn persons(n: i64) -> Vec<i64> {
    vec![n, 0, 0, 0, 0, 0, n]
}

impl Page {
    /// A page that is told whole.
    pub(crate) fn of(whole: String) -> Self {
        Self { agency: "", year: 0, template: FORM_2021, rows: Vec::new(), whole: Some(whole) }
    }

    pub(crate) fn print(&self) -> String {
        if let Some(whole) = &self.whole {
            return whole.clone();
        }
        let page = fs::read_to_string(root().join(self.template)).expect("template");
        let separator = if self.template == FORM_2021 { '|' } else { '\t' };
        let line = |line: &str| -> String {
            let is_number = |cell: &str| cell.trim().trim_start_matches('+').parse::<i64>().is_ok();
            let first = line.split(separator).next().unwrap_or_default();
            if !line.contains(separator) || line.contains("第二十条") {
                return line.to_owned();
            }
            let folded = line.replace('(', "（").replace(')', "）");
            let own =
                self.rows.iter().find(|(label, _)| folded.contains(label) || *label == "reviews" && is_number(first));
            let mut values = own.map(|(_, values)| values.iter()).into_iter().flatten();
            let mut cell = |cell: &str| match is_number(cell) {
                true => format!(" {} ", values.next().copied().unwrap_or(0)),
                false => cell.to_owned(),
            };
            let cells: Vec<String> = line.split(separator).map(&mut cell).collect();
            assert!(values.next().is_none(), "{line} has no place for all numbers");
            cells.join(&separator.to_string())
        };
        // What the template tells of its own year and body.
        let named = ["柞水县医疗保障局", "虚构省样例市第一区财政局"]
            .iter()
            .fold(page, |page, other| page.replace(other, self.agency));
        let named = named.replace("2024", &self.year.to_string()).replace("2022", &self.year.to_string());
        named.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Requests that flow through a year.
pub(crate) fn flow(agency: &'static str, year: i32, [new, carried_in, granted, carried_forward]: [i64; 4]) -> Page {
    let rows = vec![
        (NEW, persons(new)),
        (CARRIED_IN, persons(carried_in)),
        (GRANTED, persons(granted)),
        (TOTAL, persons(granted)),
        (CARRIED_FORWARD, persons(carried_forward)),
    ];
    Page { agency, year, template: FORM_2021, rows, whole: None }
}

/// Writes pages, runs the program, and expects so many accepted reports.
pub(crate) fn published(folder: &Path, pages: &[(&str, Page)], n_accepted: usize) -> Vec<Row> {
    let input = folder.join("raw");
    fs::create_dir_all(&input).expect("folder");
    for (name, page) in pages {
        fs::write(input.join(name), page.print()).expect("page");
    }
    let out = folder.join("out");
    build(&input, &out, &["--jobs", "1"], 0);
    let verdict = gongkai::verify::verify(&out.join("current"), crate::util::config()).expect("a snapshot");
    assert!(verdict.holds(), "{:#?}", verdict.findings);
    let reports = table(&out, "reports");
    let accepted = reports.iter().filter(|row| text(row, "status") == "accepted").count();
    assert_eq!(accepted, n_accepted, "{:#?}", table(&out, "quarantine"));
    let links = table(&out, "links");
    // Ids as paths, which the tests know.
    let path = |id: &str| {
        let report = reports.iter().find(|row| text(row, "report_id") == id).expect("a link names reports");
        Some(text(report, "path").to_owned())
    };
    let with_paths = |mut row: Row| {
        for column in ["report_id", "other_report_id"] {
            let found = path(text(&row, column));
            row.insert(column.to_owned(), found);
        }
        row
    };
    let links: Vec<Row> = links.into_iter().map(with_paths).collect();
    // Other threads, other folder: the same bytes.
    let again = folder.join("again");
    build(&input, &again, &["--jobs", "8"], 0);
    let bytes = |out: &Path| fs::read(out.join("current/parquet/links.parquet")).expect("links");
    assert!(bytes(&out) == bytes(&again));
    links
}

/// Rule, scope and status of each row.
fn found(links: &[Row]) -> Vec<[&str; 3]> {
    links
        .iter()
        .filter(|row| is_of_figures(row))
        .map(|row| ["rule", "scope", "status"].map(|column| text(row, column)))
        .collect()
}

/// Whether a row is not about the words of the template, which all pages share.
fn is_of_figures(row: &Row) -> bool {
    !text(row, "rule").starts_with("narrative_")
}

/// Rules of rows that fail.
fn failed(links: &[Row]) -> Vec<(&str, &str, &str)> {
    let failed = links.iter().filter(|row| text(row, "status") == "fail" && is_of_figures(row));
    failed.map(|row| (text(row, "rule"), text(row, "report_id"), text(row, "other_report_id"))).collect()
}

const BODY: &str = "柞水县民政局";

#[test]
fn a_year_is_held_against_the_year_before() {
    let folder = tempfile::tempdir().expect("folder");
    let mut before = flow(BODY, 2022, [5, 0, 4, 1]);
    before.rows.push((DOCUMENTS, vec![1, 0, 10]));
    let mut now = flow(BODY, 2023, [3, 2, 5, 0]);
    now.rows.push((DOCUMENTS, vec![2, 1, 11]));
    let links = published(folder.path(), &[("b.txt", before), ("a.txt", now)], 2);
    let expected = [
        ["reviews_suits_after", "report", "pass_vacuous"],
        ["reviews_pending_flow", "reconsideration", "pass_vacuous"],
        ["reviews_pending_flow", "litigation_direct", "pass_vacuous"],
        ["reviews_pending_flow", "litigation_after_reconsideration", "pass_vacuous"],
        ["carry_over", "total", "fail"],
        ["carry_over_applicants", "natural_person", "fail"],
        ["carry_over_applicants", "commercial_enterprise", "pass_vacuous"],
        ["carry_over_applicants", "research_institution", "pass_vacuous"],
        ["carry_over_applicants", "public_welfare_org", "pass_vacuous"],
        ["carry_over_applicants", "legal_service_org", "pass_vacuous"],
        ["carry_over_applicants", "other_org", "pass_vacuous"],
        ["norms_carry_over", "regulations", "pass_vacuous"],
        ["norms_carry_over", "normative_documents", "pass"],
    ];
    assert_eq!(found(&links), expected);
    let carry = &links[4];
    assert_eq!(["report_id", "other_report_id"].map(|column| text(carry, column)), ["a.txt", "b.txt"]);
    assert_eq!(["left", "right", "delta"].map(|column| text(carry, column)), ["2", "1", "1"]);
}

/// The rows of an indicator: path of the report, numerator, denominator, value.
fn indicator(out: &Path, code: &str) -> Vec<[String; 4]> {
    let reports = table(out, "reports");
    let rows = table(out, "indicators").into_iter().filter(|row| text(row, "indicator") == code);
    let shown = |row: Row| {
        let report = reports.iter().find(|of| of["report_id"] == row["report_id"]).expect("a report");
        let number = |column: &str| row[column].clone().unwrap_or_default();
        [text(report, "path").to_owned(), number("numerator"), number("denominator"), number("value")]
    };
    rows.map(shown).collect()
}

#[test]
fn indicators_of_two_years_have_a_row_where_both_are_accepted() {
    let folder = tempfile::tempdir().expect("folder");
    let mut elder = flow(BODY, 2021, [0, 0, 0, 0]);
    elder.template = FORM_2019;
    let pages = [
        ("a.txt", elder),
        ("b.txt", flow(BODY, 2022, [8, 0, 4, 4])),
        ("c.txt", flow(BODY, 2023, [6, 3, 9, 0])),
        ("d.txt", flow(BODY, 2025, [1, 0, 1, 0])),
    ];
    published(folder.path(), &pages, 4);
    let row = |of: [&str; 4]| of.map(str::to_owned);
    let out = folder.path().join("out");
    // A year before without requests is no base, and no year before leaves no row.
    assert_eq!(indicator(&out, "intake_growth"), [row(["b.txt", "8", "0", ""]), row(["c.txt", "-2", "8", "-0.25"])]);
    assert_eq!(indicator(&out, "carry_gap"), [row(["b.txt", "0", "0", ""]), row(["c.txt", "1", "4", "0.25"])]);
}

#[test]
fn a_rule_whose_cells_the_other_form_does_not_have_does_not_apply() {
    let folder = tempfile::tempdir().expect("folder");
    let mut before = flow(BODY, 2020, [5, 0, 4, 1]);
    before.template = FORM_2019;
    before.rows.push((DOCUMENTS, vec![3, 2, 12]));
    let now = flow(BODY, 2021, [3, 1, 4, 0]);
    let links = published(folder.path(), &[("a.txt", before), ("b.txt", now)], 2);
    assert_eq!(failed(&links), []);
    let rules: std::collections::BTreeSet<&str> = found(&links).into_iter().map(|[rule, ..]| rule).collect();
    let expected = ["carry_over", "carry_over_applicants", "reviews_pending_flow", "reviews_suits_after"];
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), expected);
    let carry = links.iter().find(|row| text(row, "rule") == "carry_over").expect("row");
    assert_eq!((text(carry, "status"), text(carry, "left"), text(carry, "right")), ("pass", "1", "1"));
}

#[test]
fn rows_of_the_form_of_2019_are_held_against_their_own_year_before() {
    let folder = tempfile::tempdir().expect("folder");
    let page = |year: i32, stock: i64, items: i64| {
        let mut page = flow(BODY, year, [0; 4]);
        page.template = FORM_2019;
        page.rows.extend([(DOCUMENTS, vec![3, 2, stock]), ("行政许可", vec![items, 4, 45])]);
        page
    };
    let links = published(folder.path(), &[("a.txt", page(2019, 12, 21)), ("b.txt", page(2020, 15, 25))], 2);
    assert_eq!(failed(&links), [("norms_disclosed_stock", "b.txt", "a.txt")]);
    assert!(found(&links).contains(&["items_carry_over", "admin_licence", "pass"]));
}

#[test]
fn a_report_is_no_copy_of_itself() {
    let folder = tempfile::tempdir().expect("folder");
    // Of a body that is not known, and with figures in one table alone.
    let row = |label: &'static str| (label, vec![31, 12, 7, 8, 5, 9, 72]);
    let rows = vec![row(NEW), row(GRANTED), row(TOTAL)];
    let page =
        Page { agency: "虚构省样例市第一区财政局", year: 2023, template: FORM_2021, rows, whole: None };
    assert_eq!(published(folder.path(), &[("a.txt", page)], 1), Vec::<Row>::new());
}

#[test]
fn without_a_partner_that_counts_there_is_no_row() {
    let folder = tempfile::tempdir().expect("folder");
    // The year before does not add up, is another body's, or is another scope's.
    let mut broken = flow(BODY, 2022, [5, 0, 4, 1]);
    broken.rows[3].1[0] = 3;
    let other = flow("柞水县财政局", 2022, [5, 0, 4, 1]);
    let pages = [("a.txt", broken), ("b.txt", other), ("c.txt", flow(BODY, 2023, [3, 2, 5, 0]))];
    assert_eq!(found(&published(folder.path(), &pages, 2)), Vec::<[&str; 3]>::new());
}

#[test]
fn a_missing_year_is_named_by_the_reports_around_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut broken = flow(BODY, 2021, [5, 0, 4, 1]);
    broken.rows[3].1[0] = 3;
    let page = |year: i32| flow(BODY, year, [0; 4]);
    // 2021 is there, though it is held back; 2023 and 2024 are not.
    let pages = [("a.txt", page(2020)), ("b.txt", broken), ("c.txt", page(2022)), ("d.txt", page(2025))];
    let links = published(folder.path(), &pages, 3);
    assert_eq!(failed(&links), [("year_gap", "d.txt", "c.txt")]);
    let gap = links.iter().find(|row| is_of_figures(row)).expect("a row");
    assert_eq!(["left", "right", "delta"].map(|column| text(gap, column)), ["2025", "2022", "3"]);
}

#[test]
fn figures_filed_twice_are_named_and_hold_nothing_back() {
    let folder = tempfile::tempdir().expect("folder");
    let large = |agency: &'static str, year: i32, licences: i64| {
        let rows = vec![
            (NEW, vec![31, 12, 0, 0, 5, 0, 48]),
            (GRANTED, vec![20, 11, 0, 0, 4, 0, 35]),
            ("不掌握", vec![11, 1, 0, 0, 1, 0, 13]),
            (TOTAL, vec![31, 12, 0, 0, 5, 0, 48]),
            ("行政许可", vec![licences]),
        ];
        Page { agency, year, template: FORM_2021, rows, whole: None }
    };
    let pages = [
        ("a.txt", large("柞水县民政局", 2021, 326)),
        ("b.txt", large("柞水县财政局", 2021, 326)),
        ("c.txt", large("柞水县民政局", 2023, 326)),
        ("d.txt", large("柞水县教育局", 2022, 17)),
        // Few figures are the same in many reports.
        ("e.txt", flow("柞水县水利局", 2022, [2, 0, 2, 0])),
        ("f.txt", flow("柞水县司法局", 2022, [2, 0, 2, 0])),
    ];
    let links = published(folder.path(), &pages, 6);
    let same: Vec<_> = links.iter().filter(|row| text(row, "rule") == "same_figures").collect();
    let named: Vec<[&str; 4]> = same
        .iter()
        .map(|row| ["scope", "report_id", "other_report_id", "left"].map(|column| text(row, column)))
        .collect();
    let expected = [
        ["report", "b.txt", "a.txt", "17"],
        ["applications", "d.txt", "a.txt", "16"],
        ["report", "c.txt", "a.txt", "17"],
    ];
    assert_eq!(named, expected);
    assert!(same.iter().all(|row| text(row, "status") == "fail" && row["right"].is_none()));
    // The body with two reports lacks a year as well.
    assert!(failed(&links).contains(&("year_gap", "c.txt", "a.txt")));
}
