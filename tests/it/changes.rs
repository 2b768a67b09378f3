//! What differs between two snapshots: every row of it, with the reason, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gongkai::model::day::civil;
use gongkai::publish::schema::{Table, tables};
use serde_json::Value;

use crate::util::{Row, build, gongkai, root, table, text};

/// A report of the sample with one wrong number.
const XUGOU: &str = "9dbe9b9070d30bf4-1";

/// Two snapshots of inputs that differ in every way: a file new, changed, gone and moved, a number corrected.
fn two_snapshots(folder: &Path) {
    let (input, out) = (folder.join("raw"), folder.join("out"));
    fs::create_dir_all(&input).expect("folder");
    let sample = root().join("data/sample");
    for entry in fs::read_dir(&sample).expect("sample") {
        let path = entry.expect("entry").path();
        fs::copy(&path, input.join(path.file_name().expect("name"))).expect("copy");
    }
    fs::remove_file(input.join("pinghu-2023.md")).expect("new only later");
    build(&input, &out, &[], 0);
    fs::copy(sample.join("pinghu-2023.md"), input.join("pinghu-2023.md")).expect("copy");
    fs::remove_file(input.join("litong-2023.txt")).expect("gone");
    // The last of its year comes first.
    fs::rename(input.join("yiyuan-2023.txt"), input.join("a-yiyuan-2023.txt")).expect("moved");
    let changed = input.join("zhashui-2024.txt");
    let page = fs::read_to_string(&changed).expect("readable");
    fs::write(&changed, format!("{page}\n")).expect("changed");
    let corrections = folder.join("corrections.csv");
    let line = format!("{XUGOU},applications.outcome_total.natural_person,33,32,rows add up to 32,test,2026-01-02\n");
    fs::write(&corrections, format!("report,cell,printed,value,reason,who,date\n{line}")).expect("written");
    build(&input, &out, &["--corrections", corrections.to_str().expect("UTF-8")], 0);
}

/// The changes that `diff` tells, and the counts of its last line.
fn diff(out: &Path, before: &str, after: &str) -> (Vec<Value>, Value) {
    let output = gongkai(&["diff", before, after, "--out", out.to_str().expect("UTF-8"), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    let mut lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let summary = lines.pop().expect("a last line");
    (lines, summary)
}

/// The ids of the snapshots, in the order in which they were made.
fn ids(out: &Path) -> [String; 2] {
    let mut ids: Vec<(u64, String)> = fs::read_dir(out.join("snapshots"))
        .expect("snapshots")
        .map(|entry| {
            let entry = entry.expect("entry");
            let run = fs::read_to_string(entry.path().join("run.json")).expect("record");
            let run: Value = serde_json::from_str(&run).expect("JSON");
            (run["sequence"].as_u64().expect("number"), entry.file_name().into_string().expect("UTF-8"))
        })
        .collect();
    ids.sort();
    <[String; 2]>::try_from(ids.into_iter().map(|(_, id)| id).collect::<Vec<_>>()).expect("two snapshots")
}

/// The rows of a table of a snapshot by their keys, dates as they are printed.
fn rows(snapshot: &Path, of: &Table) -> BTreeMap<String, Row> {
    // `table` looks below a folder `current`.
    let home = tempfile::tempdir().expect("folder");
    std::os::unix::fs::symlink(snapshot, home.path().join("current")).expect("link");
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = BTreeMap::new();
    for mut row in table(home.path(), of.name) {
        for date in ["period_start", "period_end", "published"] {
            if let Some(Some(value)) = row.get_mut(date) {
                let (year, month, day) = civil(value.parse().expect("days"));
                *value = format!("{year:04}-{month:02}-{day:02}");
            }
        }
        let key: Vec<&str> = of.key.columns().iter().map(|name| row[*name].as_deref().unwrap_or_default()).collect();
        let key = key.join("|");
        let n = seen.entry(key.clone()).or_default();
        *n += 1;
        let key = if *n == 1 { key } else { format!("{key}#{n}") };
        rows.insert(key, row);
    }
    rows
}

fn apply(rows: &mut BTreeMap<String, Row>, of: &Table, change: &Value) {
    let key = change["key"].as_str().expect("key").to_owned();
    let words = |value: &Value| value.as_str().map(str::to_owned);
    match change["kind"].as_str().expect("kind") {
        "insert" => {
            let new: Value = serde_json::from_str(change["new"].as_str().expect("a row")).expect("JSON");
            let value = |name: &str| match &new[name] {
                Value::Null => None,
                Value::String(value) => Some(value.clone()),
                // Floats print here as the tables' own do.
                Value::Number(value) if value.is_f64() => Some(value.as_f64().expect("float").to_string()),
                other => Some(other.to_string()),
            };
            let row = of.columns.iter().map(|column| (column.name.to_owned(), value(column.name))).collect();
            assert!(rows.insert(key.clone(), row).is_none(), "{} {key} was there", of.name);
        }
        "delete" => assert!(rows.remove(&key).is_some(), "{} {key} was not there", of.name),
        "update" => {
            let row = rows.get_mut(&key).unwrap_or_else(|| panic!("{} {key} was not there", of.name));
            let column = change["column"].as_str().expect("column");
            assert_eq!(row[column], words(&change["old"]), "{} {key} {column}", of.name);
            row.insert(column.to_owned(), words(&change["new"]));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn changes_applied_to_the_old_snapshot_give_the_new_one() {
    let folder = tempfile::tempdir().expect("folder");
    two_snapshots(folder.path());
    let out = folder.path().join("out");
    let [first, second] = ids(&out);
    for (before, after) in [(&first, &second), (&second, &first)] {
        let (changes, summary) = diff(&out, before, after);
        assert_eq!(summary["changes"], changes.len());
        for of in tables() {
            let [mut rows, expected] = [before, after].map(|id| rows(&out.join("snapshots").join(id), of));
            for change in changes.iter().filter(|change| change["table"] == of.name) {
                apply(&mut rows, of, change);
            }
            assert!(rows == expected, "{}", of.name);
        }
    }
    let (none, summary) = diff(&out, &second, "current");
    assert_eq!((none.len(), &summary["changes"]), (0, &Value::from(0)));
}

#[test]
fn every_change_has_its_cause() {
    let folder = tempfile::tempdir().expect("folder");
    two_snapshots(folder.path());
    let out = folder.path().join("out");
    let [first, second] = ids(&out);
    let (changes, _) = diff(&out, &first, &second);
    // Published with the snapshot, the same changes.
    let published = table(&out, "../changes");
    assert_eq!(published.len(), changes.len());
    let cause = |wanted: &str, key: &str| {
        let found: Vec<&Row> =
            published.iter().filter(|row| text(row, "table") == wanted && text(row, "key").starts_with(key)).collect();
        assert!(!found.is_empty(), "{wanted} {key}");
        let mut causes: Vec<(&str, &str)> = found.iter().map(|row| (text(row, "kind"), text(row, "cause"))).collect();
        causes.dedup();
        causes
    };
    assert_eq!(cause("files", "pinghu-2023.md"), [("insert", "input_new")]);
    assert_eq!(cause("files", "litong-2023.txt"), [("delete", "input_gone")]);
    assert_eq!(cause("files", "zhashui-2024.txt"), [("update", "input_changed")]);
    assert_eq!(cause("outcomes", XUGOU), [("insert", "correction")]);
    let reports =
        |path: &str| table(&out, "reports").into_iter().find(|row| text(row, "path") == path).expect("a report");
    assert_eq!(cause("cells", text(&reports("pinghu-2023.md"), "report_id")), [("insert", "input_new")]);
    assert_eq!(cause("cells", text(&reports("zhashui-2024.txt"), "report_id")), [("insert", "input_changed")]);
    assert_eq!(cause("reports", text(&reports("a-yiyuan-2023.txt"), "report_id")), [("update", "input_new")]);
    // What moved without changing is no change of its figures.
    let yiyuan = reports("a-yiyuan-2023.txt");
    assert!(
        !published
            .iter()
            .any(|row| text(row, "table") == "cells" && text(row, "key").starts_with(text(&yiyuan, "report_id")))
    );
}

#[test]
fn another_program_is_told_from_another_input() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("out");
    let input = root().join("data/sample/hongze-2024.html");
    build(&input, &out, &[], 0);
    let settings = folder.path().join("config");
    fs::create_dir_all(&settings).expect("folder");
    let indicators = fs::read_to_string(root().join("config/indicators.toml")).expect("indicators");
    let start = indicators.find("[[indicator]]").expect("the first");
    let end = start + 1 + indicators[start + 1..].find("[[indicator]]").expect("the second");
    let fewer = [&indicators[..start], &indicators[end..]].concat();
    fs::write(settings.join("indicators.toml"), fewer).expect("indicators");
    build(&input, &out, &["--config", settings.to_str().expect("UTF-8")], 0);
    let published = table(&out, "../changes");
    assert!(published.iter().any(|row| text(row, "table") == "indicators" && text(row, "kind") == "delete"));
    for row in &published {
        assert_eq!(text(row, "cause"), "program_changed", "{row:?}");
    }
}

#[test]
fn what_a_reader_leaves_in_a_snapshot_hides_no_change() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    fs::create_dir_all(&input).expect("folder");
    let copy = |name: &str| fs::copy(root().join("data/sample").join(name), input.join(name)).expect("copy");
    copy("hongze-2024.html");
    build(&input, &out, &[], 0);
    let current = out.join("current");
    // Python leaves the first where load.py was imported, R the second.
    fs::create_dir_all(current.join("__pycache__")).expect("folder");
    fs::write(current.join("__pycache__/load.cpython-311.pyc"), "compiled").expect("written");
    let snapshot = current.to_str().expect("UTF-8");
    assert_eq!(gongkai(&["verify", snapshot]).status.code(), Some(0));
    assert_eq!(gongkai(&["doctor", "--out", out.to_str().expect("UTF-8")]).status.code(), Some(0));
    fs::write(current.join(".Rhistory"), "load_table()").expect("written");
    copy("zhashui-2024.txt");
    build(&input, &out, &[], 0);
    let published = table(&out, "../changes");
    let is_new = |row: &Row| text(row, "table") == "files" && text(row, "key") == "zhashui-2024.txt";
    assert!(published.iter().any(is_new), "{published:?}");
}
