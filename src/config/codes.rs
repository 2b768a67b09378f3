//! The code lists: every code that is published has its labels, and no other has.

use std::collections::BTreeMap;

use super::{Codes, ConfigError, Statements};
use crate::agency::Agencies;
use crate::form::Forms;
use crate::model::change::{ChangeCause, ChangeKind};
use crate::model::file::{FileOutcome, Format};
use crate::model::report::{CellFlag, CellState, Flag, Layout, Level, ReportStatus, Scope};
use crate::model::verdict::{Blame, Cause, CheckStatus, Severity, SuggestionKind};

/// Holds the code lists against the codes in the program, both ways.
pub(super) fn check(codes: &Codes, agencies: &Agencies) -> Result<(), ConfigError> {
    fn strings<T: Copy>(all: &[T], as_str: fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().map(|code| as_str(*code)).collect()
    }
    let lists: [(&'static str, Vec<&str>); 17] = [
        ("format", strings(Format::ALL, Format::as_str)),
        ("outcome", strings(FileOutcome::ALL, FileOutcome::as_str)),
        ("status", strings(ReportStatus::ALL, ReportStatus::as_str)),
        ("layout", strings(Layout::ALL, Layout::as_str)),
        ("state", strings(CellState::ALL, CellState::as_str)),
        ("severity", strings(Severity::ALL, Severity::as_str)),
        ("check_status", strings(CheckStatus::ALL, CheckStatus::as_str)),
        ("blame", strings(Blame::ALL, Blame::as_str)),
        ("cause", strings(Cause::ALL, Cause::as_str)),
        ("level", strings(Level::ALL, Level::as_str)),
        ("scope", strings(Scope::ALL, Scope::as_str)),
        ("sector", agencies.sectors().collect()),
        ("flag", strings(Flag::ALL, Flag::as_str)),
        ("cell_flag", strings(CellFlag::ALL, CellFlag::as_str)),
        ("change", strings(ChangeKind::ALL, ChangeKind::as_str)),
        ("change_cause", strings(ChangeCause::ALL, ChangeCause::as_str)),
        ("suggested_kind", strings(SuggestionKind::ALL, SuggestionKind::as_str)),
    ];
    for (list, known) in lists {
        let empty = BTreeMap::new();
        let listed = codes.get(list).unwrap_or(&empty);
        if let Some(code) = known.iter().find(|code| !listed.contains_key(**code)) {
            return Err(ConfigError::Code { list, code: (*code).to_owned(), what: "is missing" });
        }
        if let Some(code) = listed.keys().find(|code| !known.contains(&code.as_str())) {
            return Err(ConfigError::Code { list, code: code.clone(), what: "is not a code of the program" });
        }
    }
    Ok(())
}

/// What the results of a table and the kinds of applicants that a total leaves open are called.
const UNSPECIFIED: &str = "unspecified";

/// Adds the codes that stand with their labels in the files of forms, rules, indicators and statements.
///
/// `TABLE.row` and `TABLE.column` are the codes of a table over all forms; where forms differ in the label of a code, the
/// newest one's counts.
pub(super) fn add_known(codes: &mut Codes, forms: &Forms, statements: &Statements) {
    let mut add = |list: &str, code: &str, titles: [&String; 2]| {
        // The one column of a list has no label.
        if titles[0].is_empty() {
            return;
        }
        let list = codes.entry(list.to_owned()).or_default();
        list.entry(code.to_owned()).or_insert_with(|| titles.map(String::clone));
    };
    for form in forms.forms.iter().rev() {
        add("form", &form.id, form.titles.each_ref());
        for section in &form.sections {
            for subsection in &section.subsections {
                add("subsection", &subsection.code, subsection.titles.each_ref());
            }
        }
        for table in &form.tables {
            add("table", &table.code, table.titles.each_ref());
            for row in &table.rows {
                add(&format!("{}.row", table.code), &row.code, row.labels.titles());
            }
            for column in &table.columns {
                add(&format!("{}.column", table.code), &column.code, column.labels.titles());
                if let Some(result) = &column.result {
                    add(&format!("{}.result", table.code), result, column.labels.titles());
                }
            }
        }
    }
    for rule in &forms.rules {
        add("rule", &rule.code, rule.title.each_ref());
    }
    for kind in &statements.kinds {
        add("statement", &kind.code, kind.titles.each_ref());
    }
    for indicator in &forms.indicators {
        add("indicator", &indicator.code, indicator.titles.each_ref());
    }
    // Where a total is printed without its parts, the rest belongs to no code of the form.
    let rest = codes.get("outcome_group").and_then(|groups| groups.get(UNSPECIFIED)).cloned().unwrap_or_default();
    for list in ["applications.row", "applications.column", "reviews.result"] {
        codes.entry(list.to_owned()).or_default().insert(UNSPECIFIED.to_owned(), rest.clone());
    }
}
