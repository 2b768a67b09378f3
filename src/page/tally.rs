//! What is in a snapshot, counted: its files, its reports, what holds some of them back, the bodies and their years.

use std::collections::BTreeMap;
use std::path::Path;

use super::PageError;
use super::follow::Follower;
use super::read::{Batch, Table, text, value};
use super::words::without_numbers;
use crate::model::report::ReportStatus;

/// Reports by status: accepted, quarantined, duplicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByStatus(pub(super) [u64; 3]);

impl ByStatus {
    pub(super) fn total(self) -> u64 {
        self.0.iter().sum()
    }
}

/// A division of the reports; what a report does not say is the empty text.
pub(super) type Split = BTreeMap<String, ByStatus>;

/// What is in a snapshot.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Files by outcome, and by format.
    pub(super) outcomes: BTreeMap<String, u64>,
    pub(super) formats: BTreeMap<String, u64>,
    /// Reports in all, and divided.
    pub(super) reports: ByStatus,
    pub(super) years: Split,
    pub(super) forms: Split,
    pub(super) provinces: Split,
    pub(super) levels: Split,
    pub(super) sectors: Split,
    /// Problems by cause and year; no year stands for a file without a report or a report without a year.
    pub(super) causes: BTreeMap<String, BTreeMap<Option<i32>, u64>>,
    /// Problems by the site they come from and their cause.
    pub(super) sites: BTreeMap<String, BTreeMap<String, u64>>,
    /// Problems by sentence, numbers left out.
    pub(super) messages: BTreeMap<String, Message>,
    /// Bodies by id, or by name where they have none.
    pub(super) bodies: BTreeMap<String, Body>,
    /// Reports that name no body, or no year.
    pub(super) n_unnamed: u64,
}

/// A sentence that problems share but for its numbers.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// Problems.
    pub(super) n: u64,
    /// The sentence in Chinese, as it was met first.
    pub(super) chinese: String,
    /// Cause.
    pub(super) cause: String,
}

/// A public body.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Its name, as it was met first.
    pub(super) name: String,
    /// Division.
    pub(super) region_code: String,
    /// Province.
    pub(super) province: String,
    /// Its years, and whether a report of each was accepted.
    pub(super) years: BTreeMap<i32, bool>,
}

impl Body {
    /// Years between its first and its last without a report.
    pub(super) fn gaps(&self) -> u64 {
        let (Some((first, _)), Some((last, _))) = (self.years.first_key_value(), self.years.last_key_value()) else {
            return 0;
        };
        u64::from(last.abs_diff(*first)) + 1 - self.years.len() as u64
    }
}

/// Counts a snapshot.
///
/// # Errors
/// When a table cannot be read.
pub(super) fn tally(folder: &Path) -> Result<Tally, PageError> {
    let mut tally = Tally::default();
    tally.files(folder)?;
    tally.reports(folder)?;
    Ok(tally)
}

impl Tally {
    fn files(&mut self, folder: &Path) -> Result<(), PageError> {
        let mut table = Table::open(folder, "files", &["outcome", "format"])?;
        while let Some(batch) = table.next()? {
            for (column, counts) in [("outcome", &mut self.outcomes), ("format", &mut self.formats)] {
                for code in batch.texts(column)?.iter().flatten() {
                    *entry(counts, code) += 1;
                }
            }
        }
        Ok(())
    }

    fn reports(&mut self, folder: &Path) -> Result<(), PageError> {
        let columns = [
            "report_id",
            "path",
            "status",
            "agency",
            "agency_id",
            "region_code",
            "province",
            "level",
            "sector",
            "year",
            "form",
            "url",
        ];
        let mut table = Table::open(folder, "reports", &columns)?;
        let problem_columns = ["report_id", "path", "cause", "message", "message_zh"];
        let mut problems = Follower::new(folder, "quarantine", &problem_columns)?;
        while let Some(batch) = table.next()? {
            let (ids, paths, urls) = (batch.texts("report_id")?, batch.texts("path")?, batch.texts("url")?);
            let years = batch.integers("year")?;
            for row in 0..batch.n_rows() {
                self.report(&batch, row)?;
                let (year, site) = (value(years, row), site(text(urls, row), paths.value(row)));
                problems.rows_of(ids.value(row), |batch, rows| {
                    rows.into_iter().try_for_each(|row| self.problem(batch, row, year, site))
                })?;
            }
        }
        problems.end()?;
        // Problems of files without a report.
        let mut problems = Table::open(folder, "quarantine", &problem_columns)?;
        while let Some(batch) = problems.next()? {
            let (ids, paths) = (batch.texts("report_id")?, batch.texts("path")?);
            for row in (0..batch.n_rows()).filter(|row| text(ids, *row).is_none()) {
                self.problem(&batch, row, None, site(None, paths.value(row)))?;
            }
        }
        Ok(())
    }

    fn report(&mut self, batch: &Batch, row: usize) -> Result<(), PageError> {
        let of = |column| Ok::<_, PageError>(text(batch.texts(column)?, row));
        let status = of("status")?.unwrap_or_default();
        let at = ReportStatus::ALL.iter().position(|known| known.as_str() == status);
        let at = at.ok_or(PageError::Order { table: "reports" })?;
        let year = value(batch.integers("year")?, row);
        let year_text = year.map(|year| year.to_string());
        self.reports.0[at] += 1;
        for (split, value) in [
            (&mut self.years, year_text.as_deref()),
            (&mut self.forms, of("form")?),
            (&mut self.provinces, of("province")?),
            (&mut self.levels, of("level")?),
            (&mut self.sectors, of("sector")?),
        ] {
            entry(split, value.unwrap_or_default()).0[at] += 1;
        }
        if status == ReportStatus::Duplicate.as_str() {
            return Ok(());
        }
        let name = of("agency")?;
        let key = of("agency_id")?.map(|id| format!("id {id}")).or(name.map(|name| format!("name {name}")));
        let (Some(key), Some(year)) = (key, year) else {
            self.n_unnamed += 1;
            return Ok(());
        };
        let body = self.bodies.entry(key).or_default();
        if body.years.is_empty() {
            body.name = name.unwrap_or_default().to_owned();
            body.region_code = of("region_code")?.unwrap_or_default().to_owned();
            body.province = of("province")?.unwrap_or_default().to_owned();
        }
        *body.years.entry(year).or_default() |= status == ReportStatus::Accepted.as_str();
        Ok(())
    }

    fn problem(&mut self, batch: &Batch, row: usize, year: Option<i32>, site: &str) -> Result<(), PageError> {
        let cause = batch.texts("cause")?.value(row);
        *entry(&mut self.causes, cause).entry(year).or_default() += 1;
        *entry(entry(&mut self.sites, site), cause) += 1;
        let message = self.messages.entry(without_numbers(batch.texts("message")?.value(row))).or_default();
        if message.n == 0 {
            message.chinese = without_numbers(batch.texts("message_zh")?.value(row));
            message.cause = cause.to_owned();
        }
        message.n += 1;
        Ok(())
    }
}

/// The entry of a map under a text that is seldom new.
fn entry<'m, T: Default>(map: &'m mut BTreeMap<String, T>, key: &str) -> &'m mut T {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), T::default());
    }
    map.get_mut(key).expect("it was put in above")
}

/// Where a report comes from: the host of its address, or else the first folder of its path.
pub(super) fn site<'t>(url: Option<&'t str>, path: &'t str) -> &'t str {
    let host = url.and_then(|url| url.split_once("://")).map(|(_, rest)| rest);
    let host = host.map(|rest| rest.split(['/', '?', '#', ':']).next().unwrap_or_default());
    host.filter(|host| !host.is_empty()).or_else(|| path.split_once('/').map(|(folder, _)| folder)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_a_host_or_a_folder() {
        assert_eq!(site(Some("https://www.a.gov.cn:8080/x/nb.html"), "b/c.html"), "www.a.gov.cn");
        assert_eq!(site(None, "b/c.html"), "b");
        assert_eq!(site(Some("nb.html"), "c.html"), "");
    }

    #[test]
    fn gaps_lie_between_the_first_year_and_the_last() {
        let body = |years: &[i32]| Body { years: years.iter().map(|year| (*year, true)).collect(), ..Body::default() };
        assert_eq!(body(&[]).gaps(), 0);
        assert_eq!(body(&[2021]).gaps(), 0);
        assert_eq!(body(&[2018, 2021, 2022]).gaps(), 2);
    }
}
