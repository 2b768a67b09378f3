//! What is held back, one after the other: the list of `index.html`, and each report drawn, in it or on companion pages.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use askama::Template;

use super::follow::Follower;
use super::held::{CELL_COLUMNS, CellRow, HeldReport, PROBLEM_COLUMNS, ProblemRow, REPORT_COLUMNS, ReportRow};
use super::marks::Rules;
use super::read::{Table, text};
use super::words::{Pair, code};
use super::{PageError, Writer};
use crate::config::Config;
use crate::model::report::ReportStatus;
use crate::wording::printable;

/// A row of the list of reports that are held back.
#[derive(Clone)]
pub(super) struct HeldRow {
    pub(super) number: u64,
    /// Where it is drawn, from the page that lists it.
    pub(super) place: String,
    pub(super) agency: String,
    pub(super) province: String,
    pub(super) year: String,
    pub(super) path: String,
    pub(super) causes: Vec<Pair>,
    pub(super) n_problems: usize,
    pub(super) has_suggestion: bool,
}

/// A file that is held back as a whole.
pub(super) struct LostRow {
    pub(super) path: String,
    pub(super) cause: Pair,
    pub(super) message: Pair,
}

/// A companion page.
pub(super) struct PageLink {
    pub(super) name: String,
    pub(super) first: u64,
    pub(super) last: u64,
}

/// What is held back.
#[derive(Default)]
pub(super) struct Held {
    /// The first reports, as many as are listed.
    pub(super) rows: Vec<HeldRow>,
    /// All of them drawn, where they are few; else empty.
    pub(super) drawn: Vec<String>,
    /// The companion pages that hold them otherwise.
    pub(super) pages: Vec<PageLink>,
    /// The first files without a report, as many as are listed, and how many there are.
    pub(super) lost: Vec<LostRow>,
    pub(super) n_lost: u64,
}

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage<'p> {
    rows: &'p [HeldRow],
    drawn: &'p [String],
    first: u64,
    last: u64,
    total: u64,
    number: usize,
    n_pages: usize,
}

impl HeldPage<'_> {
    fn name(number: usize) -> String {
        format!("quarantine-{number:04}.html")
    }
}

/// Reads what is held back, `n_held` reports in all, and writes the companion pages where there are any.
///
/// # Errors
/// When a table cannot be read or a page cannot be written.
pub(super) fn held(folder: &Path, n_held: u64, config: &Config, writer: &mut Writer<'_>) -> Result<Held, PageError> {
    let mut held = Held::default();
    held.lost(folder, config)?;
    if n_held > 0 {
        held.reports(folder, n_held, config, writer)?;
    }
    Ok(held)
}

impl Held {
    fn lost(&mut self, folder: &Path, config: &Config) -> Result<(), PageError> {
        let columns = ["report_id", "path", "cause", "message", "message_zh"];
        let mut table = Table::open(folder, "quarantine", &columns)?;
        while let Some(batch) = table.next()? {
            let [ids, paths, causes, english, chinese] = columns.map(|column| batch.texts(column));
            let (ids, paths, causes, english, chinese) = (ids?, paths?, causes?, english?, chinese?);
            for row in (0..batch.n_rows()).filter(|row| text(ids, *row).is_none()) {
                self.n_lost += 1;
                if self.lost.len() < config.page.listed {
                    self.lost.push(LostRow {
                        path: printable(paths.value(row)),
                        cause: code(config, "cause", causes.value(row)),
                        message: Pair {
                            chinese: printable(chinese.value(row)),
                            english: printable(english.value(row)),
                        },
                    });
                }
            }
        }
        Ok(())
    }

    fn reports(
        &mut self,
        folder: &Path,
        n_held: u64,
        config: &Config,
        writer: &mut Writer<'_>,
    ) -> Result<(), PageError> {
        let per_page = config.page.reports_per_page;
        let is_inline = n_held <= config.page.reports_inline as u64;
        let n_pages = usize::try_from(n_held).unwrap_or(usize::MAX).div_ceil(per_page);
        let rules = Rules::new(config);
        let ids = ids(folder)?;
        let mut cells = Follower::of_reports(folder, "cells", &CELL_COLUMNS, ids.clone())?;
        let mut problems = Follower::of_reports(folder, "quarantine", &PROBLEM_COLUMNS, ids)?;
        let mut reports = open_held(folder, &REPORT_COLUMNS)?;
        let (mut rows, mut drawn, mut number) = (Vec::new(), Vec::new(), 0_u64);
        while let Some(batch) = reports.next()? {
            for row in 0..batch.n_rows() {
                number += 1;
                let report = ReportRow::read(&batch, row)?;
                let its_cells = rows_of(&mut cells, &report.id, CellRow::read)?;
                let its_problems = rows_of(&mut problems, &report.id, ProblemRow::read)?;
                let view = HeldReport::new(number, &report, &its_cells, &its_problems, &rules, config);
                drawn.push(view.render().map_err(PageError::Template)?);
                rows.push(held_row(number, &report, &its_problems, config));
                if !is_inline && (drawn.len() == per_page || number == n_held) {
                    self.page(&rows, &drawn, n_held, n_pages, writer)?;
                    self.list(&rows, config);
                    rows.clear();
                    drawn.clear();
                }
            }
        }
        cells.end()?;
        problems.end()?;
        self.rows.append(&mut rows);
        self.drawn = drawn;
        Ok(())
    }

    /// Takes rows of a companion page into the list, as many as still fit.
    fn list(&mut self, rows: &[HeldRow], config: &Config) {
        let page = self.pages.last().map_or("", |page| page.name.as_str());
        let room = config.page.listed.saturating_sub(self.rows.len());
        let rows = rows.iter().take(room).cloned();
        self.rows.extend(rows.map(|row| HeldRow { place: format!("pages/{page}{}", row.place), ..row }));
    }

    fn page(
        &mut self,
        rows: &[HeldRow],
        drawn: &[String],
        total: u64,
        n_pages: usize,
        writer: &mut Writer<'_>,
    ) -> Result<(), PageError> {
        let number = self.pages.len() + 1;
        let (first, last) = (rows.first().map_or(0, |row| row.number), rows.last().map_or(0, |row| row.number));
        let page = HeldPage { rows, drawn, first, last, total, number, n_pages };
        let name = HeldPage::name(number);
        writer.write(&format!("pages/{name}"), &page)?;
        self.pages.push(PageLink { name, first, last });
        Ok(())
    }
}

fn open_held(folder: &Path, columns: &[&str]) -> Result<Table, PageError> {
    Table::open_where(folder, "reports", columns, ("status", ReportStatus::Quarantined.as_str()))
}

/// The reports that are held back.
fn ids(folder: &Path) -> Result<HashSet<String>, PageError> {
    let mut ids = HashSet::new();
    let mut reports = open_held(folder, &["report_id"])?;
    while let Some(batch) = reports.next()? {
        ids.extend(batch.texts("report_id")?.iter().flatten().map(str::to_owned));
    }
    Ok(ids)
}

/// The rows of a report in a table.
fn rows_of<T>(
    table: &mut Follower,
    id: &str,
    read: impl Fn(&super::read::Batch, usize) -> Result<T, PageError>,
) -> Result<Vec<T>, PageError> {
    let mut found = Vec::new();
    table.rows_of(id, |batch, rows| {
        for row in rows {
            found.push(read(batch, row)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn held_row(number: u64, report: &ReportRow, problems: &[ProblemRow], config: &Config) -> HeldRow {
    let causes: BTreeSet<&str> = problems.iter().map(|problem| problem.cause.as_str()).collect();
    HeldRow {
        number,
        place: format!("#r{number}"),
        agency: report.agency.clone().unwrap_or_default(),
        province: report.province.clone().unwrap_or_default(),
        year: report.year.map_or_else(String::new, |year| year.to_string()),
        path: report.path.clone(),
        causes: causes.into_iter().map(|cause| code(config, "cause", cause)).collect(),
        n_problems: problems.len(),
        has_suggestion: problems.iter().any(ProblemRow::has_suggestion),
    }
}
