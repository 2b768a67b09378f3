//! Reports of one body on one year in different files: a page and its attachment, or a report and its correction.
//!
//! Where all say the same, the first counts and the others are duplicates of it. Where figures differ nobody can tell
//! which count: all are held back, none wins.

use crate::model::report::{Report, ReportStatus};
use crate::model::verdict::{Blame, Cause, Problem};
use crate::state::{ReportRecord, to_bytes};

use super::{RunError, Staged};

/// A body, a year and a scope: the number of the body's `agency_id`, for a roll-up is no version of the body's own report.
pub(super) type AgencyYear = (u64, i32, &'static str);

/// Whose report on which year one is that is accepted so far; `None` while the region is unknown, as many bodies share
/// a name, and for free prose, which has no figures to compare.
pub(super) fn agency_year(report: &Report) -> Option<AgencyYear> {
    if report.status != ReportStatus::Accepted || report.cells.is_empty() {
        return None;
    }
    let agency = u64::from_str_radix(report.identity.agency_id.as_deref()?, 16).ok()?;
    Some((agency, report.identity.year?, report.identity.scope.as_str()))
}

/// Compares the reports that share body and year, and writes what comes out into their records.
pub(super) fn settle(staged: &mut Staged) -> Result<(), RunError> {
    let mut versions = std::mem::take(&mut staged.versions);
    let items = &staged.items;
    versions.sort_unstable_by_key(|(of, item)| (*of, items[*item].0));
    staged.store.flush()?;
    for group in versions.chunk_by(|one, two| one.0 == two.0).filter(|group| group.len() > 1) {
        let mut records: Vec<(usize, ReportRecord)> = Vec::new();
        for (_, item) in group {
            records.push((*item, staged.store.report_record(staged.items[*item].1)?));
        }
        let first = records[0].1.clone();
        let other = records.iter().find(|(_, record)| !record.report.says_the_same(&first.report));
        let other = other.map(|(_, record)| record.path.clone());
        for (at, (item, mut record)) in records.into_iter().enumerate() {
            let status = match &other {
                None if at == 0 => continue,
                None => {
                    record.duplicate_of = Some(first.id());
                    ReportStatus::Duplicate
                }
                Some(other) => {
                    let other = if record.report.says_the_same(&first.report) { other } else { &first.path };
                    let message = format!(
                        "another report of this body on this year has other figures ({other}): tell which one counts"
                    );
                    record.report.problems.push(Problem::new(Cause::Conflict, Blame::Source, message));
                    ReportStatus::Quarantined
                }
            };
            staged.restate(item, record, status)?;
        }
        staged.store.flush()?;
    }
    Ok(())
}

impl Staged {
    /// Puts a report's record anew, with another status than accepted.
    fn restate(&mut self, item: usize, mut record: ReportRecord, status: ReportStatus) -> Result<(), RunError> {
        record.report.status = status;
        if let Some(accepted) = self.facts.reports.get_mut(ReportStatus::Accepted.as_str()) {
            *accepted = accepted.saturating_sub(1);
        }
        *self.facts.reports.entry(status.as_str()).or_default() += 1;
        if status == ReportStatus::Quarantined {
            *self.facts.causes.entry(Cause::Conflict.as_str()).or_default() += 1;
        }
        self.items[item].1 = self.store.append(&to_bytes(&record))?;
        Ok(())
    }
}
