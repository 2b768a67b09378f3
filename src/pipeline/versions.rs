//! Reports of one body on one year in different files: a page and its attachment, or a report and its correction.
//!
//! Where all say the same, the first counts and the others are duplicates of it. Where figures differ nobody can tell
//! which count: all are held back, none wins, and each names where the other differs.

use std::collections::{BTreeMap, BTreeSet};

use crate::form::{Forms, Function};
use crate::model::report::{Cell, CellKey, Report, ReportStatus, Scope};
use crate::model::verdict::{Blame, Cause, Problem};
use crate::state::{Filing, Lane, ReportRecord, Standing, to_bytes};

use super::RunError;
use super::staged::Staged;

/// A cell in which two versions of a report differ.
#[derive(Clone, Copy, Debug)]
pub struct Differing<'r> {
    /// Which.
    pub key: CellKey,
    /// What the one has there.
    pub own: Option<&'r Cell>,
    /// What the other has.
    pub other: Option<&'r Cell>,
}

/// Cells that a message names before it counts the rest.
const NAMED_CELLS: usize = 5;

impl Filing {
    /// What a report is filed under; `None` while the year or the region is unknown, as many bodies share a name.
    #[must_use]
    pub(super) fn of(report: &Report) -> Option<Self> {
        let standing = match (report.status, report.cells.is_empty()) {
            (ReportStatus::Accepted, false) => Standing::Figures,
            (ReportStatus::Accepted, true) => Standing::Prose,
            _ => Standing::Held,
        };
        let body = u64::from_str_radix(report.identity.agency_id.as_deref()?, 16).ok()?;
        let identity = &report.identity;
        let (scope, region, level) = (identity.scope, identity.region.code, identity.level);
        Some(Self { body, year: identity.year?, scope, region, level, standing })
    }

    fn version_of(&self) -> (u64, i32, Scope) {
        (self.body, self.year, self.scope)
    }
}

/// Compares the reports that share body and year, and writes what comes out into their records.
pub(super) fn settle(staged: &mut Staged<'_>) -> Result<(), RunError> {
    let config = staged.config;
    let mut filings = std::mem::take(&mut staged.filings);
    let items = &staged.items;
    filings.sort_unstable_by_key(|(of, item)| (of.version_of(), of.standing, items[*item].0));
    staged.store.flush()?;
    let mut restated = BTreeSet::new();
    let is_one = |one: &Filing, two: &Filing| {
        one.version_of() == two.version_of() && [one, two].iter().all(|of| of.standing == Standing::Figures)
    };
    for group in filings.chunk_by_mut(|(one, _), (two, _)| is_one(one, two)).filter(|group| group.len() > 1) {
        let mut records: Vec<(usize, ReportRecord)> = Vec::new();
        for (_, item) in group.iter() {
            records.push((*item, staged.store.report_record(staged.items[*item].1)?));
        }
        let first = records[0].1.clone();
        let other = records.iter().find(|(_, record)| !record.report.says_the_same(&first.report));
        let other = other.map(|(_, record)| record.clone());
        for (at, (item, mut record)) in records.into_iter().enumerate() {
            let status = match &other {
                None if at == 0 => continue,
                None => {
                    record.duplicate_of = Some(first.id());
                    ReportStatus::Duplicate
                }
                Some(other) => {
                    let other = if record.report.says_the_same(&first.report) { other } else { &first };
                    let problem = conflict(&record, other, &config.forms);
                    record.report.problems.push(problem);
                    ReportStatus::Quarantined
                }
            };
            group[at].0.standing = Standing::Held;
            restated.insert(item);
            staged.restate(item, record, status)?;
        }
        staged.store.flush()?;
    }
    staged.filings = filings;
    staged.figures.retain(|(_, item)| !restated.contains(item));
    staged.texts.retain(|(_, item)| !restated.contains(item));
    Ok(())
}

/// Says that another version has other figures, and which.
fn conflict(record: &ReportRecord, other: &ReportRecord, forms: &Forms) -> Problem {
    let message = format!(
        "another report of this body on this year has other figures ({}): {}; tell which one counts",
        other.path,
        differences(&record.report, &other.report, forms)
    );
    let mut problem = Problem::new(Cause::Conflict, Blame::Source, message);
    problem.rule = forms.function(Function::Versions, None).map(|rule| forms.rules[rule].code.as_str().into());
    problem
}

/// The cells in which two reports differ, with what each has there.
pub fn differing<'r>(report: &'r Report, other: &'r Report) -> Vec<Differing<'r>> {
    let by_key = |report: &'r Report| -> BTreeMap<_, _> { report.cells.iter().map(|cell| (cell.key, cell)).collect() };
    let (ours, theirs) = (by_key(report), by_key(other));
    let keys: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let both = keys.into_iter().map(|key| Differing {
        key: *key,
        own: ours.get(key).copied(),
        other: theirs.get(key).copied(),
    });
    both.filter(|cell| cell.own.map(Cell::figure) != cell.other.map(Cell::figure)).collect()
}

/// The cells in which two reports differ, the first few by name with both prints.
fn differences(report: &Report, other: &Report, forms: &Forms) -> String {
    let differing = differing(report, other);
    let words = differing.iter().take(NAMED_CELLS).map(|cell| {
        let [own, other] = [cell.own, cell.other].map(|cell| cell.map_or("no cell".to_owned(), print));
        format!("{} {own} against {other}", forms.cell_name(cell.key))
    });
    let words = words.collect::<Vec<_>>().join(", ");
    match differing.len().saturating_sub(NAMED_CELLS) {
        0 => words,
        1 => format!("{words} and 1 more cell"),
        rest => format!("{words} and {rest} more cells"),
    }
}

/// What stands in a cell, in words.
fn print(cell: &Cell) -> String {
    match (cell.number(), &cell.printed) {
        (Some(value), _) => value.to_string(),
        (None, Some(printed)) if !printed.is_empty() => printed.to_string(),
        (None, _) => cell.state.to_string(),
    }
}

impl Staged<'_> {
    /// Puts a report's record anew, with another status than accepted.
    fn restate(&mut self, item: usize, mut record: ReportRecord, status: ReportStatus) -> Result<(), RunError> {
        record.report.status = status;
        if let Some(accepted) = self.facts.reports.get_mut(ReportStatus::Accepted.as_str()) {
            *accepted = accepted.saturating_sub(1);
        }
        *self.facts.reports.entry(status.as_str().into()).or_default() += 1;
        if status == ReportStatus::Quarantined {
            *self.facts.causes.entry(Cause::Conflict.as_str().into()).or_default() += 1;
        }
        self.items[item].1 = self.store.append(Lane::Scratch, &to_bytes(&record))?;
        Ok(())
    }
}
