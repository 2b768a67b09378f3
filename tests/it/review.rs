//! From a report that is held back to one that a person put right: explain, review, corrections.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::util::{build, gongkai, root, table, text};

const HEAD: &str = "report,cell,printed,value,reason,who,date\n";
/// A report of the sample with one wrong number: 33 where 32 is right.
const XUGOU: &str = "9dbe9b9070d30bf4-1";
const WRONG: &str = "applications.outcome_total.natural_person";

fn said(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

/// Runs the program in a folder, with these lines to read.
fn talk(folder: &Path, arguments: &[&str], answers: &str) -> (String, String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gongkai"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("stdin").write_all(answers.as_bytes()).expect("answers");
    said(&child.wait_with_output().expect("the program ends"))
}

fn sample(name: &str) -> PathBuf {
    root().join("data/sample").join(name)
}

/// A folder with one report and these corrections, built.
fn corrected(rows: &str) -> (tempfile::TempDir, String, Option<i32>) {
    let folder = tempfile::tempdir().expect("folder");
    fs::create_dir(folder.path().join("raw")).expect("folder");
    fs::copy(sample("xugou-arithmetic-2022.txt"), folder.path().join("raw/report.txt")).expect("copy");
    fs::write(folder.path().join("corrections.csv"), format!("{HEAD}{rows}")).expect("corrections");
    let (out, error, code) = talk(folder.path(), &["build", "raw", "--corrections", "corrections.csv"], "");
    (folder, format!("{out}{error}"), code)
}

#[test]
fn a_correction_stands_beside_the_print_and_mends_the_report() {
    let (folder, said, code) = corrected(&format!("{XUGOU},{WRONG},33,32,the rows add up to 32,Li,2024-05-01\n"));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 corrections applied"), "{said}");
    let out = folder.path().join("out");
    let reports = table(&out, "reports");
    assert_eq!((text(&reports[0], "status"), text(&reports[0], "corrected")), ("accepted", "true"));
    let cells = table(&out, "cells");
    let is_it = |row: &&crate::util::Row| ["table", "row", "column"].map(|part| text(row, part)).join(".") == WRONG;
    let cell = cells.iter().find(is_it).expect("cell");
    assert_eq!(["printed", "value", "corrected"].map(|column| text(cell, column)), ["33", "33", "32"]);
    assert_eq!(cells.iter().filter(|row| row["corrected"].is_some()).count(), 1);
    let applications = table(&out, "applications");
    let natural = applications.iter().find(|row| text(row, "applicant") == "natural_person").expect("row");
    assert_eq!(text(natural, "outcome_total"), "32");
    assert_eq!(table(&out, "quarantine").len(), 0);
    assert!(table(&out, "checks").iter().all(|row| text(row, "severity") != "hard" || text(row, "status") != "fail"));
    let run: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("current/run.json")).expect("run.json")).expect("JSON");
    assert_eq!(run["corrections"]["applied"], 1);
    // The same once more changes nothing; without the correction the report is held back again.
    let (again, _, _) = talk(folder.path(), &["build", "raw", "--corrections", "corrections.csv"], "");
    assert!(again.contains("nothing changed"), "{again}");
    let (_, _, code) = talk(folder.path(), &["build", "raw"], "");
    assert_eq!(code, Some(0));
    assert_eq!(text(&table(&out, "reports")[0], "status"), "quarantined");
}

#[test]
fn corrections_that_do_not_fit_are_refused_and_said() {
    let check = |row: &str, why: &str| {
        let (folder, said, code) = corrected(&format!("{row},r,Li,2024-05-01\n"));
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("is refused: ") && said.contains(why), "{said}");
        let out = folder.path().join("out");
        let reports = table(&out, "reports");
        assert_eq!((text(&reports[0], "status"), text(&reports[0], "corrected")), ("quarantined", "false"));
        assert!(table(&out, "cells").iter().all(|row| row["corrected"].is_none()));
        let run: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("current/run.json")).expect("run.json")).expect("JSON");
        assert_eq!(
            (&run["corrections"]["applied"], run["corrections"]["refused"].as_array().map(Vec::len)),
            (&0.into(), Some(1))
        );
    };
    check(&format!("{XUGOU},{WRONG},34,32"), "the cell prints \"33\", not \"34\"");
    check(&format!("{XUGOU},applications.outcome_total.nobody,33,32"), "the report has no such cell");
    check(&format!("{XUGOU},{WRONG},33,-1"), "the cell cannot hold -1");
    check(&format!("{XUGOU},{WRONG},33,9000000000000000"), "the cell cannot hold 9000000000000000");
    check(&format!("{XUGOU},{WRONG},33,33"), "the cell holds 33 already");
    check(&format!("{XUGOU},applications.granted.total,18,19"), "with it applications_");
    check("0000000000000000-1,applications.granted.total,18,19", "no report of the inputs has this id");
}

#[test]
fn a_broken_list_of_corrections_is_refused_before_anything_is_read() {
    let (_folder, said, code) = corrected("only,three,columns\n");
    assert_eq!(code, Some(2));
    assert!(said.contains("corrections.csv, line 2: "), "{said}");
}

#[test]
fn a_number_that_is_none_can_be_put_right() {
    let folder = tempfile::tempdir().expect("folder");
    let page = fs::read_to_string(sample("zhashui-2024.txt")).expect("sample");
    let page = page.replacen("行政规范性文件 | 1 |", "行政规范性文件 | l |", 1);
    fs::create_dir(folder.path().join("raw")).expect("folder");
    fs::write(folder.path().join("raw/report.txt"), page).expect("report");
    let (said, _, _) = talk(folder.path(), &["build", "raw"], "");
    assert!(said.contains("0 reports accepted, 1 quarantined"), "{said}");
    let out = folder.path().join("out");
    let id = text(&table(&out, "reports")[0], "report_id").to_owned();
    let (said, error, code) =
        talk(folder.path(), &["review", "raw", "--who", "Li"], "e\ndisclosures.normative_documents.issued 1\nl is 1\n");
    assert_eq!(code, Some(0), "{said}{error}");
    assert!(said.contains("accepted with it") && said.contains("1 reports mended"), "{said}");
    let written = fs::read_to_string(folder.path().join("data/corrections.csv")).expect("corrections");
    assert!(
        written.starts_with(&format!("{HEAD}{id},disclosures.normative_documents.issued,l,1.0,l is 1,Li,20")),
        "{written}"
    );
    let (said, _, _) = talk(folder.path(), &["build", "raw"], "");
    assert!(said.contains("1 reports accepted, 0 quarantined"), "{said}");
    let disclosures = table(&out, "disclosures");
    let row =
        disclosures.iter().find(|row| text(row, "measure") == "issued" && text(row, "item") == "normative_documents");
    assert_eq!(row.and_then(|row| row["value"].as_deref()), Some("1"));
}

#[test]
fn a_person_accepts_edits_skips_and_leaves() {
    let folder = tempfile::tempdir().expect("folder");
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).expect("folder");
    for name in ["xugou-arithmetic-2022.txt", "hongze-2023.html"] {
        fs::copy(sample(name), raw.join(name)).expect("copy");
    }
    build(&raw, &folder.path().join("out"), &[], 0);
    // Reports come in the order of the snapshot: 2022, then 2023.
    let (said, error, code) = talk(folder.path(), &["review", "raw"], "x\na\nthe rows add up\nLi Na\ns\n");
    assert_eq!(code, Some(3), "{said}{error}");
    assert!(said.contains("\"x\" is none of these"), "{said}");
    assert!(said.contains("1 reports mended, 1 seen and still held back"), "{said}");
    // What is mended is not asked again; two totals are one answer.
    let (said, error, code) = talk(folder.path(), &["review", "raw", "--who", "Li"], "a\nsums of the parts\n");
    assert_eq!(code, Some(0), "{said}{error}");
    let written = fs::read_to_string(folder.path().join("data/corrections.csv")).expect("corrections");
    assert_eq!(written.lines().count(), 1 + 1 + 2, "{written}");
    assert!(written.contains(&format!("{XUGOU},{WRONG},33,32.0,the rows add up,Li Na,")), "{written}");
    // An edit that breaks another sum is refused and not written.
    fs::remove_file(folder.path().join("data/corrections.csv")).expect("removed");
    let (said, _, code) =
        talk(folder.path(), &["review", "raw", "--who", "Li"], "e\napplications.granted.total 19\nno reason\nq\n");
    assert_eq!(code, Some(3));
    assert!(said.contains("refused: with it applications_"), "{said}");
    assert!(!folder.path().join("data/corrections.csv").exists());
    let (said, _, code) = talk(folder.path(), &["build", "raw"], "");
    assert_eq!(code, Some(0));
    assert!(said.contains("0 reports accepted, 2 quarantined"), "{said}");
}

#[test]
fn review_without_a_snapshot_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let (_, error, code) = talk(folder.path(), &["review", "raw"], "");
    assert_eq!(code, Some(2));
    assert!(error.contains("there is no snapshot to review: build first"), "{error}");
}

/// A folder with two versions of a report that differ in one cell, built; the ids of both by their paths.
fn versions() -> (tempfile::TempDir, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().expect("folder");
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).expect("folder");
    let page = fs::read_to_string(sample("hongze-2024.html")).expect("sample");
    fs::write(raw.join("a.html"), page.replace("2776", "2777")).expect("file");
    fs::write(raw.join("b.html"), &page).expect("file");
    build(&raw, &folder.path().join("out"), &[], 0);
    let reports = table(&folder.path().join("out"), "reports");
    let ids = reports.iter().map(|row| (text(row, "path").to_owned(), text(row, "report_id").to_owned())).collect();
    (folder, ids)
}

#[test]
fn versions_of_a_report_are_explained_cell_by_cell() {
    let (folder, ids) = versions();
    let (said, error, code) = talk(folder.path(), &["explain", &ids["a.html"], "--input", "raw"], "");
    assert_eq!(code, Some(3), "{said}{error}");
    let head = format!("another report of this body on this year has other figures: b.html, {}", ids["b.html"]);
    assert!(said.contains(&head), "{said}");
    let row = said.lines().find(|line| line.contains("disclosures.admin_penalty.decisions")).expect("the cell");
    assert_eq!(row.split_whitespace().rev().take(2).collect::<Vec<_>>(), ["2776", "2777"], "{said}");
    assert_eq!(said.matches("disclosures.").count(), 1, "{said}");
    assert!(said.contains("say with gongkai review which one counts"), "{said}");
    let (said, _, code) = talk(folder.path(), &["explain", &ids["b.html"], "--input", "raw", "--lang", "zh"], "");
    assert!(code == Some(3) && said.contains("同一机关同一年度的另一份报告数字不同：a.html"), "{said}");
    let (said, _, _) = talk(folder.path(), &["explain", &ids["b.html"], "--input", "raw", "--json"], "");
    let record: serde_json::Value = serde_json::from_str(&said).expect("a line of JSON");
    let version = &record["versions"][0];
    assert_eq!((&version["report_id"], &version["path"]), (&ids["a.html"].as_str().into(), &"a.html".into()));
    let cell = &version["differing"]["disclosures.admin_penalty.decisions"];
    assert_eq!((&cell["here"]["number"], &cell["there"]["printed"]), (&2776.0.into(), &"2777".into()));
    // Where the other file is not found, that is said too, and the report is not passed by.
    fs::create_dir(folder.path().join("only")).expect("folder");
    fs::copy(folder.path().join("raw/a.html"), folder.path().join("only/a.html")).expect("copy");
    let elsewhere = "held back for a report in another file, see the quarantine";
    let (said, _, code) = talk(folder.path(), &["explain", &ids["a.html"], "--input", "only"], "");
    assert!(code == Some(3) && said.contains(elsewhere) && !said.contains("Nothing holds it back"), "{said}");
    let (said, _, code) = talk(folder.path(), &["review", "only"], "");
    assert!(code == Some(3) && said.contains(&format!("a.html, {}: {elsewhere}", ids["a.html"])), "{said}");
    assert!(said.contains("0 reports mended, 2 seen and still held back"), "{said}");
    // A file without another version has none.
    let (said, _, _) = talk(folder.path(), &["explain", "raw/b.html", "--json"], "");
    let record: serde_json::Value = serde_json::from_str(&said).expect("a line of JSON");
    assert_eq!(record["versions"], serde_json::json!([]));
}

#[test]
fn a_person_says_which_version_counts() {
    let (folder, ids) = versions();
    // What a person skips stays held back, and both are asked.
    let (said, _, code) = talk(folder.path(), &["review", "raw", "--who", "Li"], "s\ns\n");
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("0 reports mended, 2 seen and still held back"), "{said}");
    // The one that counts is named once; the other then says the same and is not asked.
    let (said, error, code) = talk(folder.path(), &["review", "raw", "--who", "Li"], "t\nthe page says 2777\n");
    assert_eq!(code, Some(0), "{said}{error}");
    assert!(said.contains("1 reports mended, 0 seen and still held back"), "{said}");
    let written = fs::read_to_string(folder.path().join("data/corrections.csv")).expect("corrections");
    let line = format!("{},disclosures.admin_penalty.decisions,2776,2777.0,the page says 2777,Li,20", ids["b.html"]);
    assert!(written.lines().count() == 2 && written.contains(&line), "{written}");
    let (said, error, code) = talk(folder.path(), &["build", "raw"], "");
    assert_eq!(code, Some(0), "{said}{error}");
    let out = folder.path().join("out");
    let mut status: Vec<String> = table(&out, "reports").iter().map(|row| text(row, "status").to_owned()).collect();
    status.sort();
    assert_eq!(status, ["accepted", "duplicate"]);
    let disclosures = table(&out, "disclosures");
    let is_it = |row: &&crate::util::Row| text(row, "item") == "admin_penalty" && text(row, "measure") == "decisions";
    assert_eq!(disclosures.iter().find(is_it).and_then(|row| row["value"].as_deref()), Some("2777"));
}

#[test]
fn a_report_is_explained_by_path_and_by_id() {
    let path = "data/sample/xugou-arithmetic-2022.txt";
    let (text, _, code) = said(&gongkai(&["explain", path]));
    assert_eq!(code, Some(3));
    for part in [
        &format!("{XUGOU}: quarantined"),
        "33→32",
        "^ applications_outcomes fails for natural_person: 32 against 33",
        "whose fault: the document itself",
        "58 | （七）总计 | 33 | 6 | 1 | 0 | 2 | 0 | 41",
        "what probably happened: one number is wrong",
        "applications.outcome_total.natural_person (（七）总计 自然人) = 32",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    // The number is underlined, and nothing else of its line.
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.contains("58 | （七）总计")).expect("the line");
    assert_eq!(lines[at + 1].trim(), "^^");
    let prefix = lines[at].split("33").next().expect("a prefix");
    let width: usize = prefix.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    assert_eq!(lines[at + 1].find('^'), Some(width));
    assert!(!text.contains('\u{1b}'));
    assert!(said(&gongkai(&["explain", path, "--color", "always"])).0.contains("\u{1b}[1;31m33→32\u{1b}[0m"));

    let out = tempfile::tempdir().expect("folder");
    build(&root().join("data/sample"), out.path(), &[], 0);
    let folder = out.path().to_str().expect("UTF-8");
    let (by_id, error, code) = said(&gongkai(&["explain", XUGOU, "--out", folder]));
    assert_eq!((code, by_id.lines().skip(1).eq(text.lines().skip(1))), (Some(3), true), "{by_id}{error}");
    let (_, error, code) = said(&gongkai(&["explain", "0000000000000000-1", "--out", folder]));
    assert_eq!(code, Some(2));
    assert!(error.contains("has no report 0000000000000000-1: build first"), "{error}");
    let (_, error, code) = said(&gongkai(&["explain", "no-such-file", "--out", folder]));
    assert!(code == Some(2) && error.contains("no such file, and no id of a report"), "{error}");
    assert_eq!(said(&gongkai(&["explain", "data/sample/zhashui-2024.txt"])).2, Some(0));
}

#[test]
fn a_report_is_explained_in_chinese_and_to_programs() {
    let path = "data/sample/hongze-2023.html";
    let (text, _, code) = said(&gongkai(&["explain", path, "--lang", "zh"]));
    assert_eq!(code, Some(3));
    for part in [
        "1. 行政复议：四种结果之和，等于该类案件总计，不成立（左边 11，右边 0，相差 +11）",
        "“行政复议 总计”应为 11，则各式均成立，请核对原文",
        "责任：原文自身有误",
        "最可能的情形：总计误填为零",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let (text, _, code) = said(&gongkai(&["explain", path, "--json"]));
    assert_eq!(code, Some(3));
    let record: serde_json::Value = serde_json::from_str(&text).expect("a line of JSON");
    let problems = record["problems"].as_array().expect("problems");
    assert_eq!(problems.len(), 2);
    assert_eq!(problems[0]["suggestion"]["kind"], "zero_total");
    assert_eq!(problems[0]["suggestion"]["changes"]["reviews.cases.reconsideration_total"], 11.0);
    assert_eq!(problems[1]["blame"], "source");
}
