//! Fixtures: one folder a case, found by listing.
//!
//! `tests/fixtures/<format>/ok|err|gap/<name>/` holds `input.*`, `expected.txt` and `why.md`. A case under `ok`
//! is accepted in all its reports, one under `err` in none that it names a problem for. With
//! `UPDATE_EXPECT=1` the expected texts are written anew; the difference is read before it is kept.
//!
//! A case under `gap` should be accepted and is held back today. Its expected text, written by hand, says what
//! a person reads: body, year, and every cell that is no zero. It fails once it is read, to be moved to `ok`.

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
        for cell in &report.local_cells {
            let value = cell.value.map_or(String::new(), |value| format!(" = {value}"));
            let row = cell.row.map_or("", |row| &config.forms.table(cell.form, cell.table).rows[usize::from(row)].code);
            let unit = cell.unit.as_deref().unwrap_or("");
            let _ = writeln!(text, "  local {row}[{}] {} {:?} {unit}{value}", cell.label, cell.state, cell.printed);
        }
    }
    (text, is_sound)
}

/// What is wrong with a case, if anything.
fn fault(case: &Path, kind: &str, is_updating: bool) -> Result<(), String> {
    let files: Vec<String> =
        folders(case).iter().map(|path| path.file_name().expect("name").to_string_lossy().into_owned()).collect();
    let inputs: Vec<&String> = files.iter().filter(|file| file.starts_with("input.")).collect();
    let [input] = inputs.as_slice() else { return Err("needs one input".to_owned()) };
    if !files.contains(&"why.md".to_owned()) {
        return Err("says not why it is there".to_owned());
    }
    if files.len() > 3 {
        return Err(format!("holds files that no test reads: {files:?}"));
    }
    let (described, is_sound) = describe(&std::fs::read(case.join(input)).expect("input"));
    let path = case.join("expected.txt");
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if kind == "gap" {
        return match (expected.is_empty(), is_sound) {
            (true, _) => Err("says not what is to be read".to_owned()),
            (false, false) => Ok(()),
            (false, true) => Err(format!("is read: compare and move it to ok:\n{described}\nexpected:\n{expected}")),
        };
    }
    if is_sound != (kind == "ok") {
        return Err(described);
    }
    if is_updating {
        std::fs::write(&path, &described).expect("expected.txt");
    } else if described != expected {
        return Err(format!("reads otherwise:\n{described}\nexpected:\n{expected}"));
    }
    Ok(())
}

#[test]
fn every_fixture_reads_as_expected() {
    let is_updating = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut n_cases = 0;
    let mut faults = Vec::new();
    for format in folders(&root().join("tests/fixtures")) {
        for kind in folders(&format) {
            let name = kind.file_name().expect("name").to_string_lossy().into_owned();
            assert!(["ok", "err", "gap"].contains(&name.as_str()), "{name} is neither ok nor err nor gap");
            for case in folders(&kind) {
                let place = case.strip_prefix(root()).expect("below the root").display().to_string();
                faults.extend(fault(&case, &name, is_updating).err().map(|fault| format!("{place}: {fault}")));
                n_cases += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{} fixtures are not as they should be:\n{}", faults.len(), faults.join("\n\n"));
    assert!(n_cases >= 100, "only {n_cases} cases were found");
}
