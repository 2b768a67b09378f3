//! The code lists: every code that is published has its labels, and no other has.

use std::collections::BTreeMap;

use super::{Codes, ConfigError};
use crate::agency::Agencies;
use crate::model::file::{FileOutcome, Format};
use crate::model::report::{CellFlag, CellState, Flag, Layout, Level, ReportStatus, Scope};
use crate::model::verdict::{Blame, Cause, CheckStatus, Severity, SuggestionKind};

/// Holds the code lists against the codes in the program, both ways.
pub(super) fn check(codes: &Codes, agencies: &Agencies) -> Result<(), ConfigError> {
    fn strings<T: Copy>(all: &[T], as_str: fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().map(|code| as_str(*code)).collect()
    }
    let lists: [(&'static str, Vec<&str>); 15] = [
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
