//! What a page says as a report: identity, sections, and every cell of its tables.
//!
//! Pure: a [`Document`] and the forms in, reports and problems out. This stage does no arithmetic and
//! never guesses: two readings that fit are a problem, a missing row is missing.

mod heads;
mod identity;
mod mapped;
mod outline;
mod sections;
mod statements;
mod table;
mod token;
mod value;
mod weave;

use crate::config::Config;
use crate::model::document::Document;
use crate::model::report::{Flag, Layout, Report, ReportStatus};
use crate::model::verdict::{Blame, Cause, Problem};

use identity::Found;
use outline::{Outline, Part, Region, Role};
use table::{Blanks, Reading};

/// What was found on a page.
#[derive(Debug)]
pub struct Extracted {
    /// Its reports, numbered from 1. Status is accepted where no problem was found so far.
    pub reports: Vec<Report>,
    /// Why the page is no report, in one sentence; set when there are none.
    pub not_a_report: Option<String>,
}

/// Reads the reports of a page.
///
/// Never fails: a page may hold none, and a report that cannot be read whole carries its problems.
#[must_use]
pub fn extract(document: &Document, config: &Config) -> Extracted {
    let outline = Outline::new(document, config);
    let parts = outline.parts();
    let mut reports = Vec::new();
    let mut not_a_report = None;
    for part in &parts {
        match report(&outline, part, parts.len() == 1, config) {
            Ok(mut report) => {
                report.ordinal = u32::try_from(reports.len()).unwrap_or(u32::MAX).saturating_add(1);
                if document.is_cut {
                    let message = "the page ends inside a table: fetch it again";
                    report.problems.push(Problem::new(Cause::Incomplete, Blame::Source, message.to_owned()));
                    report.status = ReportStatus::Quarantined;
                }
                if document.n_replaced > 0 {
                    report.flag(Flag::ReplacementCharacter);
                }
                reports.push(report);
            }
            Err(reason) => not_a_report = not_a_report.or(Some(reason)),
        }
    }
    if !reports.is_empty() {
        not_a_report = None;
    }
    Extracted { reports, not_a_report }
}

/// Reads one report, or says why the part is none.
fn report(outline: &Outline<'_>, part: &Part, is_only: bool, config: &Config) -> Result<Report, String> {
    let mut readings: Vec<(&str, Reading)> = Vec::new();
    let mut blank_regions = Vec::new();
    for region in &part.regions {
        let code = outline.tables()[region.table].as_str();
        let Some(reading) = read_table(outline, part, region, Blanks::Skip, config) else { continue };
        match (reading.cells.is_empty(), reading.problems.is_empty()) {
            (true, true) => blank_regions.push(region),
            _ => readings.push((code, reading)),
        }
    }
    let has_empty_tables = !blank_regions.is_empty();
    if !readings.is_empty() {
        for region in blank_regions {
            let reading = read_table(outline, part, region, Blanks::Read, config);
            readings.extend(reading.map(|reading| (outline.tables()[region.table].as_str(), reading)));
        }
    }
    let n_filled: usize = readings.iter().map(|(_, reading)| reading.n_filled).sum();
    let first_table = part.regions.iter().filter_map(|region| region.ranges.first()).map(|range| range.start).min();
    let head = (part.pieces.start..part.pieces.end)
        .find(|at| matches!(outline.roles[*at], Role::Heading(_)) || Some(*at) == first_table)
        .unwrap_or(part.pieces.end);
    let found = identity::find(outline, &part.pieces, head, is_only, config);
    let n_headings = sections::n_headings(outline, &part.pieces);
    let mut problems = Vec::new();
    if n_filled == 0 {
        no_tables(outline, part, &found, n_headings, has_empty_tables, config, &mut problems)?;
    }
    let mut report = Report {
        ordinal: 1,
        status: ReportStatus::Accepted,
        identity: found.identity,
        form: None,
        form_applications: None,
        layout: main_layout(&readings),
        cells: Vec::with_capacity(200),
        local_cells: Vec::new(),
        sections: sections::sections(outline, part, config),
        statements: Vec::new(),
        checks: Vec::new(),
        problems,
        flags: Vec::new(),
    };
    if let Some(message) = found.problem {
        report.problems.push(Problem::new(Cause::Identity, Blame::Open, message));
    }
    for flag in found.flags {
        report.flag(flag);
    }
    if n_filled > 0 {
        for code in outline.tables() {
            if !readings.iter().any(|(known, _)| known == code) {
                let message =
                    format!("table {code} was not found: compare with the source, it may be a picture or cut off");
                report.problems.push(Problem::new(Cause::Incomplete, Blame::Open, message));
            }
        }
    }
    for (code, reading) in readings {
        let form = u8::try_from(reading.form).ok();
        match config.forms.forms[reading.form].table(code).map(|at| config.forms.forms[reading.form].tables[at].shape) {
            Some(crate::form::Shape::Blocks) => report.form = form,
            Some(crate::form::Shape::Matrix) => report.form_applications = form,
            _ => {}
        }
        report.cells.extend(reading.cells);
        report.problems.extend(reading.problems);
        for flag in reading.flags {
            report.flag(flag);
        }
    }
    report.cells.sort_by_key(|cell| (cell.key.table, cell.key.form, cell.key.row, cell.key.column));
    let form = report.form.or(report.form_applications).map(|form| config.forms.form(form));
    if let (Some(form), Some(year)) = (form, report.identity.year)
        && (year < form.first_report_year || form.last_report_year.is_some_and(|last| year > last))
    {
        report.flag(Flag::FormYear);
    }
    if report.form.is_some() && sections::is_any_missing(&report.sections, config) {
        report.flag(Flag::SectionMissing);
    }
    statements::read(&mut report, config);
    if !report.problems.is_empty() {
        report.status = ReportStatus::Quarantined;
    }
    Ok(report)
}

/// Reads the table of a region; when it is not whole, with the short lines before it too, which may
/// hold the first labels of its header.
fn read_table(outline: &Outline<'_>, part: &Part, region: &Region, blanks: Blanks, config: &Config) -> Option<Reading> {
    let code = outline.tables()[region.table].as_str();
    let reading = table::read(outline, &region.ranges, code, blanks, config)?;
    if reading.problems.is_empty() {
        return Some(reading);
    }
    let mut ranges = region.ranges.clone();
    let first = ranges.first_mut()?;
    first.start = outline.reach_back(first.start, part.pieces.start);
    if ranges == region.ranges {
        return Some(reading);
    }
    let other = table::read(outline, &ranges, code, blanks, config)?;
    Some(if other.problems.len() < reading.problems.len() { other } else { reading })
}

/// Decides what a part without a figure in any table is: a free-form report of the years before the
/// forms, a report whose tables are lost, or no report.
fn no_tables(
    outline: &Outline<'_>,
    part: &Part,
    found: &Found,
    n_headings: usize,
    has_empty_tables: bool,
    config: &Config,
    problems: &mut Vec<Problem>,
) -> Result<(), String> {
    const MIN_HEADINGS: usize = 3;
    if has_empty_tables {
        if found.identity.agency.is_none() || found.identity.year.is_none() {
            return Err(
                "the page holds the form with no figures and names no body and year: it is a blank form".to_owned()
            );
        }
        let message = "the tables hold no figures: ask the publisher for the filled report";
        problems.push(Problem::new(Cause::Incomplete, Blame::Source, message.to_owned()));
        return Ok(());
    }
    let has_title = found.identity.title.is_some();
    if !has_title || n_headings < MIN_HEADINGS {
        return Err("the page has neither the tables of a form nor the title and sections of a report".to_owned());
    }
    let sheet = config.forms.forms.iter().filter(|form| form.table("statistics").is_some()).any(|form| {
        let is_printed = |label: &&String| part.pieces.clone().any(|at| outline.folded(at).contains(label.as_str()));
        form.fingerprint.iter().filter(is_printed).count() >= 3
    });
    if sheet {
        let message =
            "the report carries the statistics sheet of 2014, which is not read yet: keep the file for a later version";
        problems.push(Problem::new(Cause::Incomplete, Blame::Reading, message.to_owned()));
        return Ok(());
    }
    let first_form_year = config
        .forms
        .forms
        .iter()
        .filter(|form| form.tables.iter().any(|table| table.shape == crate::form::Shape::Matrix))
        .map(|form| form.first_report_year)
        .min();
    if found.identity.year.is_some_and(|year| first_form_year.is_some_and(|first| year < first)) {
        return Ok(());
    }
    let message = "the report has no tables: they may be pictures on the page, or lost when it was copied";
    problems.push(Problem::new(Cause::NoTables, Blame::Open, message.to_owned()));
    Ok(())
}

fn main_layout(readings: &[(&str, Reading)]) -> Layout {
    // The largest table says how the report reached us.
    readings.iter().max_by_key(|(_, reading)| reading.cells.len()).map_or(Layout::Stream, |(_, reading)| reading.layout)
}
