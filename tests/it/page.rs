//! The page of a snapshot: its figures are those of the tables, nothing on it comes from elsewhere, and what a page prints is
//! text on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dom_query::Document;
use gongkai::page::PageError;

use crate::util::{DATED, Row, build, config, root, table, text};

/// Builds the sample, with more files beside it, and gives the output folder.
fn snapshot(folder: &Path, more: &[(&str, &[u8])], arguments: &[&str]) -> PathBuf {
    let input = folder.join("raw");
    fs::create_dir_all(input.join("sample")).expect("folder");
    for entry in fs::read_dir(root().join("data/sample")).expect("sample") {
        let path = entry.expect("entry").path();
        fs::copy(&path, input.join("sample").join(path.file_name().expect("name"))).expect("copy");
    }
    for (name, bytes) in more {
        let path = input.join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, bytes).expect("file");
    }
    let out = folder.join("out");
    build(&input, &out, arguments, 0);
    out
}

fn page(out: &Path, name: &str) -> String {
    fs::read_to_string(out.join("current").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A part of a page without the markup of its English half.
fn chinese(html: &str) -> String {
    let document = Document::from(html);
    document.select(".e").remove();
    document.text().trim().to_owned()
}

/// The rows of a table on a page: their cells as Chinese readers see them.
fn rows(document: &Document, selector: &str) -> Vec<Vec<String>> {
    let rows = document.select(&format!("{selector} tbody tr"));
    let cells = |row: dom_query::Selection<'_>| -> Vec<String> {
        row.children().iter().map(|cell| chinese(&cell.inner_html())).collect()
    };
    rows.iter().map(cells).collect()
}

fn counted(rows: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row).or_default() += 1;
    }
    counts
}

fn status(reports: &[Row], status: &str) -> usize {
    reports.iter().filter(|row| text(row, "status") == status).count()
}

#[test]
fn figures_are_those_of_the_tables() {
    let folder = tempfile::tempdir().expect("folder");
    let twin = fs::read_to_string(root().join("data/sample/hongze-2024.html")).expect("sample");
    let twin = format!("{twin}<!-- served anew -->");
    let out = snapshot(folder.path(), &[("twin/a.html", twin.as_bytes()), ("broken.pdf", b"%PDF-1.7\n")], &[]);
    let document = Document::from(page(&out, "index.html").as_str());
    let reports = table(&out, "reports");

    let fact = |code: &str| document.select(&format!("[data-fact={code}] > dd:first-child")).text().replace(',', "");
    assert_eq!(fact("reports"), reports.len().to_string());
    assert_eq!(fact("accepted"), status(&reports, "accepted").to_string());
    assert_eq!(fact("quarantined"), status(&reports, "quarantined").to_string());
    assert_eq!(fact("cells"), table(&out, "cells").len().to_string());
    assert_eq!(fact("checks"), table(&out, "checks").len().to_string());
    assert!(status(&reports, "duplicate") > 0);

    for (figure, column) in [("years", "year"), ("provinces", "province")] {
        let shown: BTreeMap<String, Vec<String>> =
            rows(&document, &format!("#{figure}")).into_iter().map(|row| (row[0].clone(), row[1..].to_vec())).collect();
        let named = |row: &Row| row[column].clone().unwrap_or("不明".to_owned());
        let known: BTreeSet<String> = reports.iter().map(named).collect();
        assert_eq!(shown.keys().cloned().collect::<BTreeSet<_>>(), known, "{figure}");
        for (name, numbers) in shown {
            let of: Vec<Row> = reports.iter().filter(|row| named(row) == name).cloned().collect();
            let expected = [status(&of, "accepted"), status(&of, "quarantined"), status(&of, "duplicate"), of.len()];
            assert_eq!(numbers, expected.map(|n| n.to_string()), "{figure}, {name}");
        }
    }

    let year = |row: &Row| {
        let report = reports.iter().find(|report| report["report_id"] == row["report_id"]);
        report.and_then(|report| report["year"].clone()).unwrap_or("无年度".to_owned())
    };
    let problems = table(&out, "quarantine");
    let heads = document.select("#cause-table thead th");
    let heads: Vec<String> = heads.iter().map(|head| chinese(&head.inner_html())).collect();
    let label = |cause: &str| config().codes["cause"][cause][0].clone();
    let mut expected = counted(problems.iter().map(|row| format!("{} {}", label(text(row, "cause")), year(row))));
    for row in rows(&document, "#cause-table") {
        for (head, number) in heads.iter().zip(&row).skip(1).take(heads.len() - 2) {
            let n = expected.remove(&format!("{} {head}", row[0])).unwrap_or(0);
            assert_eq!(*number, n.to_string(), "{} {head}", row[0]);
        }
    }
    assert!(expected.is_empty(), "not shown: {expected:?}");
    let sites: usize =
        rows(&document, "#site-table").iter().map(|row| row.last().map_or(0, |n| n.parse().expect("n"))).sum();
    assert_eq!(sites, problems.len());
}

#[test]
fn trends_are_the_quartiles_of_the_indicators() {
    let folder = tempfile::tempdir().expect("folder");
    let out = snapshot(folder.path(), &[], &[]);
    let document = Document::from(page(&out, "index.html").as_str());
    let indicators = table(&out, "indicators");
    let mut n_checked = 0;
    for code in &config().page.indicators {
        let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for row in indicators.iter().filter(|row| text(row, "indicator") == code && row["value"].is_some()) {
            values.entry(text(row, "year")).or_default().push(text(row, "value").parse().expect("a number"));
        }
        let shown = rows(&document, &format!("#{code}"));
        assert_eq!(shown.len(), values.len(), "{code}");
        for row in shown {
            let values = values.get_mut(row[0].as_str()).expect("a year with values");
            values.sort_by(f64::total_cmp);
            let middle = values.len() / 2;
            let median =
                if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 };
            let median = format!("{:.1}", median * 100.0);
            assert_eq!(row[1], values.len().to_string(), "{code} {}", row[0]);
            assert_eq!(row[3], format!("{}%", median.trim_end_matches(".0")), "{code} {}", row[0]);
            n_checked += 1;
        }
    }
    assert!(n_checked > 30, "{n_checked}");
}

#[test]
fn the_heat_map_counts_the_cells_of_the_form() {
    let folder = tempfile::tempdir().expect("folder");
    let out = snapshot(folder.path(), &[], &[]);
    let document = Document::from(page(&out, "index.html").as_str());
    let reports = table(&out, "reports");
    let of_form = |row: &Row| {
        let report = reports.iter().find(|report| report["report_id"] == row["report_id"]).expect("a report");
        text(report, "status") != "duplicate" && report["form_applications"].as_deref() == Some("2021")
    };
    let cells: Vec<Row> =
        table(&out, "cells").into_iter().filter(|row| text(row, "table") == "applications" && of_form(row)).collect();
    let form = &config().forms.forms[config().forms.by_id("2021").expect("form")];
    let of = &form.tables[form.table("applications").expect("table")];
    let maps = document.select("details.heat");
    let map = maps.iter().find(|map| {
        let summary = chinese(&map.select("summary").inner_html());
        summary.contains(of.titles[0].as_str()) && summary.contains("2021")
    });
    let lines = map.expect("a map").select("tbody tr");
    let lines: Vec<_> = lines.iter().filter(|line| line.select("td[title]").exists()).collect();
    assert_eq!(lines.len(), of.value_rows.len());
    let share = |part: usize, whole: usize| match part {
        0 => "0".to_owned(),
        _ => format!("{}.{}", (part * 2000 + whole) / (whole * 2) / 10, (part * 2000 + whole) / (whole * 2) % 10),
    };
    let mut n_blank = 0;
    for (line, row) in lines.iter().zip(&of.value_rows) {
        let shown = line.select("td[title]");
        for (cell, column) in shown.iter().zip(&of.columns) {
            let these: Vec<&Row> = cells
                .iter()
                .filter(|cell| cell["row"].as_deref() == Some(of.rows[*row].code.as_str()))
                .filter(|cell| cell["column"].as_deref() == Some(column.code.as_str()))
                .collect();
            let blank = these.iter().filter(|cell| ["blank", "dash"].contains(&text(cell, "state"))).count();
            let implied = these.iter().filter(|cell| cell["implied"].is_some()).count();
            assert_eq!(cell.attr("title").expect("title").to_string(), format!("N={}", these.len()));
            assert_eq!(cell.select("i.b").text().to_string(), share(blank, these.len()));
            assert_eq!(cell.select("i.i").text().to_string(), share(implied, these.len()));
            n_blank += blank;
        }
    }
    assert!(n_blank > 0);
    // The sample has a column that does not add up, and a total that would mend it.
    let failing = document.select("details.heat td i.f");
    assert!(failing.iter().any(|cell| cell.text().as_ref() != "0"));
    let suspected = document.select("details.heat td i.s");
    assert!(suspected.iter().any(|cell| cell.text().as_ref() != "0"));
}

#[test]
fn every_report_held_back_is_drawn_with_both_sides_and_what_would_mend_it() {
    let folder = tempfile::tempdir().expect("folder");
    let out = snapshot(folder.path(), &[], &[]);
    let document = Document::from(page(&out, "index.html").as_str());
    let held: Vec<Row> =
        table(&out, "reports").into_iter().filter(|row| text(row, "status") == "quarantined").collect();
    assert_eq!(document.select("details.held").length(), held.len());
    assert_eq!(rows(&document, "#held-list").len(), held.len());
    for (at, report) in held.iter().enumerate() {
        let drawn = document.select(&format!("#r{}", at + 1));
        let said = chinese(&drawn.inner_html());
        assert!(said.contains(text(report, "path")) && said.contains(text(report, "agency")), "{said}");
        let problems: Vec<Row> =
            table(&out, "quarantine").into_iter().filter(|row| row["report_id"] == report["report_id"]).collect();
        assert_eq!(drawn.select("ol.problems > li").length(), problems.len());
        for (problem, shown) in problems.iter().zip(drawn.select("ol.problems > li").iter()) {
            assert!(chinese(&shown.inner_html()).contains(text(problem, "message_zh")));
            let sums: Vec<String> = shown.select(".sum").iter().map(|sum| sum.text().to_string()).collect();
            if text(problem, "cause") == "arithmetic" {
                assert_eq!(sums, [text(problem, "left"), text(problem, "right")]);
            }
            if let Some(value) = &problem["suggested_value"] {
                assert_eq!(shown.select(".remedy b").text().as_ref(), value);
                assert!(drawn.select("td.suspect ins").iter().any(|cell| cell.text().as_ref() == value));
            }
        }
    }
}

#[test]
fn what_a_file_prints_is_text_on_the_page() {
    let folder = tempfile::tempdir().expect("folder");
    let report = fs::read_to_string(root().join("data/sample/xugou-arithmetic-2022.txt")).expect("sample");
    let report = format!("<img src=x onerror=alert(1)>\n{report}\n&\u{202e}<script>alert(2)</script>\n");
    let name = "x/<svg onload=alert(3)>\u{202e}\u{1b}[2J\"'&.txt";
    let out = snapshot(folder.path(), &[(name, report.as_bytes()), ("<b>.pdf", b"%PDF-1.7\n")], &[]);
    let html = page(&out, "index.html");
    for harm in ["<img", "<svg onload", "<script>alert", "<b>.pdf", "\u{202e}", "\u{1b}"] {
        assert!(!html.contains(harm), "{harm}");
    }
    let shown = Document::from(html.as_str()).text().to_string();
    assert!(shown.contains("x/<svg onload=alert(3)>\\u{202e}\\u{1b}[2J\"'&.txt"), "the path is shown");
    // Nothing is asked for: no source, no style or script from elsewhere.
    for request in ["src=", "@import", "url(", "<link rel=\"stylesheet"] {
        assert!(!html.contains(request), "{request}");
    }
    assert_eq!(html.matches("<script").count(), 1);
}

#[test]
fn many_reports_and_bodies_go_to_companion_pages() {
    let folder = tempfile::tempdir().expect("folder");
    let settings = folder.path().join("config");
    fs::create_dir_all(&settings).expect("folder");
    let mut default = fs::read_to_string(root().join("config/gongkai.toml")).expect("settings");
    for (key, from, to) in [
        ("reports_inline", "30", "1"),
        ("reports_per_page", "50", "2"),
        ("bodies_inline", "600", "3"),
        ("bodies_per_page", "3_000", "5"),
    ] {
        let changed = default.replace(&format!("\n{key} = {from}\n"), &format!("\n{key} = {to}\n"));
        assert_ne!(changed, default, "{key}");
        default = changed;
    }
    fs::write(settings.join("gongkai.toml"), default).expect("settings");
    let out = snapshot(folder.path(), &[], &["--config", settings.to_str().expect("UTF-8")]);
    let held = status(&table(&out, "reports"), "quarantined");
    let index = page(&out, "index.html");
    let document = Document::from(index.as_str());
    assert!(!document.select("details.held").exists());
    let drawn = |name: &str| Document::from(page(&out, name).as_str()).select("details.held").length();
    assert_eq!(drawn("pages/quarantine-0001.html"), 2);
    assert_eq!(drawn("pages/quarantine-0001.html") + drawn("pages/quarantine-0002.html"), held);
    let bodies: usize = (1..=4)
        .map(|number| {
            let page = page(&out, &format!("pages/coverage-{number:04}.html"));
            Document::from(page.as_str()).select(".matrix tbody tr").length()
        })
        .sum();
    assert_eq!(document.select("[data-fact=bodies] > dd:first-child").text().as_ref(), bodies.to_string());
    // Every link leads somewhere.
    for name in ["index.html", "pages/quarantine-0001.html", "pages/coverage-0002.html"] {
        let document = Document::from(page(&out, name).as_str());
        for link in &document.select("a[href]") {
            let href = link.attr("href").expect("href").to_string();
            let (file, anchor) = href.split_once('#').unwrap_or((&href, ""));
            let file = if file.is_empty() {
                name.to_owned()
            } else {
                name.rsplit_once('/').map_or(file.to_owned(), |(folder, _)| format!("{folder}/{file}"))
            };
            let path = out.join("current").join(file);
            assert!(path.exists(), "{name}: {href}");
            if !anchor.is_empty() {
                let to = fs::read_to_string(&path).expect("a page");
                assert!(Document::from(to.as_str()).select(&format!("[id='{anchor}']")).exists(), "{name}: {href}");
            }
        }
    }
}

#[test]
fn files_are_listed_with_rows_size_and_hash() {
    let folder = tempfile::tempdir().expect("folder");
    let out = snapshot(folder.path(), &[], &[]);
    let document = Document::from(page(&out, "index.html").as_str());
    let sums = page(&out, "SHA256SUMS");
    let shown = rows(&document, "#file-table");
    for row in &shown {
        assert!(sums.contains(&format!("{}  {}\n", row[4], row[0])), "{row:?}");
        let name = row[0].rsplit('/').next().and_then(|name| name.split_once('.')).map_or("", |(name, _)| name);
        if row[0].contains('/') {
            assert_eq!(row[2].replace(',', ""), table(&out, name).len().to_string(), "{row:?}");
            assert!(!row[1].is_empty(), "{row:?}");
        }
    }
    let listed: BTreeSet<&str> = shown.iter().map(|row| row[0].as_str()).collect();
    let others = sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, name)| name);
    let unlisted: Vec<&str> = others.filter(|name| !listed.contains(name)).collect();
    // The page knows no day and no number of its snapshot, so it names no file that does.
    assert!(unlisted.iter().all(|name| *name == "index.html" || DATED.contains(name)), "{unlisted:?}");
}

#[test]
fn a_snapshot_without_a_report_has_its_page_too() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    fs::create_dir_all(&input).expect("folder");
    fs::write(input.join("empty.txt"), "").expect("file");
    let out = folder.path().join("out");
    build(&input, &out, &[], 0);
    let document = Document::from(page(&out, "index.html").as_str());
    assert_eq!(document.select("[data-fact=reports] > dd:first-child").text().as_ref(), "0");
    assert_eq!(rows(&document, "#lost-list").len(), 1);
}

#[test]
fn tables_that_do_not_belong_together_are_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let out = snapshot(folder.path(), &[], &[]);
    let other = folder.path().join("other");
    build(&root().join("data/sample/zhashui-2024.txt"), &other, &[], 0);
    let copy = folder.path().join("copy");
    for name in ["files", "reports", "cells", "checks", "indicators"] {
        fs::create_dir_all(copy.join("parquet")).expect("folder");
        let from = if name == "reports" { &other } else { &out };
        let path = format!("parquet/{name}.parquet");
        fs::copy(from.join("current").join(&path), copy.join(&path)).expect("copy");
    }
    fs::create_dir_all(copy.join("quarantine")).expect("folder");
    let path = "quarantine/quarantine.parquet";
    fs::copy(out.join("current").join(path), copy.join(path)).expect("copy");
    let refused = gongkai::page::write(&copy, config(), &[]).expect_err("refused");
    assert!(matches!(refused, PageError::Order { .. }), "{refused}");
    assert!(!copy.join("index.html").exists());
}
