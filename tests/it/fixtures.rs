//! Fixtures: one folder a case, found by listing.
//!
//! `tests/fixtures/<format>/ok|err/<name>/` holds `input.*`, `expected.txt` and `why.md`. A case under `ok`
//! is accepted in all its reports, one under `err` in none that it names a problem for. With
//! `UPDATE_EXPECT=1` the expected texts are written anew; the difference is read before it is kept.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gongkai::model::report::{CellState, ReportStatus};

use crate::util::{config, read, root};

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(of)
        .unwrap_or_else(|error| panic!("{}: {error}", of.display()))
        .map(|entry| entry.expect("entry").path())
        .collect();
    folders.sort();
    folders
}

/// What was read, in a form that a person can compare with the input.
fn describe(bytes: &[u8]) -> (String, bool) {
    let config = config();
    let extracted = read(bytes, config);
    let mut text = String::new();
    let mut is_sound = true;
    if let Some(reason) = &extracted.not_a_report {
        let _ = writeln!(text, "no report: {reason}");
        is_sound = false;
    }
    for report in &extracted.reports {
        is_sound &= report.status == ReportStatus::Accepted;
        let form = |form: Option<u8>| form.map_or("-", |form| config.forms.form(form).id.as_str());
        let _ = writeln!(
            text,
            "report {}: {}, {} {}, form {}/{}, {}, {} cells",
            report.ordinal,
            report.status,
            report.identity.agency.as_deref().unwrap_or("?"),
            report.identity.year.map_or("?".to_owned(), |year| year.to_string()),
            form(report.form),
            form(report.form_applications),
            report.layout,
            report.cells.len()
        );
        for flag in &report.flags {
            let _ = writeln!(text, "  flag {flag}");
        }
        for problem in &report.problems {
            let _ = writeln!(text, "  {} {}", problem.cause, problem.message);
        }
        for cell in report.cells.iter().filter(|cell| cell.state != CellState::Zero) {
            let (table, row, column) = config.forms.codes(cell.key);
            let print = cell.printed.as_deref().unwrap_or("");
            let value = cell.value.map_or(String::new(), |value| format!(" = {value}"));
            let _ = writeln!(text, "  {table}.{row}.{column} {} {print:?}{value}", cell.state);
        }
    }
    (text, is_sound)
}

#[test]
fn every_fixture_reads_as_expected() {
    let is_updating = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut n_cases = 0;
    for format in folders(&root().join("tests/fixtures")) {
        for kind in folders(&format) {
            let is_ok = match kind.file_name().and_then(|name| name.to_str()) {
                Some("ok") => true,
                Some("err") => false,
                other => panic!("{other:?} is neither ok nor err"),
            };
            for case in folders(&kind) {
                let name = case.strip_prefix(root()).expect("below the root").display().to_string();
                let files: Vec<String> = folders(&case)
                    .iter()
                    .map(|path| path.file_name().expect("name").to_string_lossy().into_owned())
                    .collect();
                let inputs: Vec<&String> = files.iter().filter(|file| file.starts_with("input.")).collect();
                let [input] = inputs.as_slice() else { panic!("{name} needs one input") };
                assert!(files.contains(&"why.md".to_owned()), "{name} says not why it is there");
                assert!(files.len() <= 3, "{name} holds files that no test reads: {files:?}");
                let (described, is_sound) = describe(&std::fs::read(case.join(input)).expect("input"));
                assert_eq!(is_sound, is_ok, "{name}:\n{described}");
                let path = case.join("expected.txt");
                if is_updating {
                    std::fs::write(&path, &described).expect("expected.txt");
                }
                let expected = std::fs::read_to_string(&path).unwrap_or_default();
                assert!(described == expected, "{name} reads otherwise:\n{described}\nexpected:\n{expected}");
                n_cases += 1;
            }
        }
    }
    assert!(n_cases >= 10, "only {n_cases} cases were found");
}
