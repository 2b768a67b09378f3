//! What a page says as a report: identity, sections, and every cell of its tables.
//!
//! Pure: a [`Document`] and the forms in, reports and problems out. This stage does no arithmetic and
//! never guesses: two readings that fit are a problem, a missing row is missing.

mod heads;
mod identity;
mod kind;
mod lists;
mod mapped;
mod outline;
mod sections;
mod split;
mod statements;
mod table;
mod token;
mod value;
mod weave;

use crate::config::Config;
use crate::form::label::{is_converted, is_glossed};
use crate::model::document::Document;
use crate::model::report::{Flag, Layout, Report, ReportStatus};
use crate::model::verdict::{Blame, Cause, Problem};

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
    let document = split::long_lines(document, config);
    let document = document.as_ref();
    let mut outline = Outline::new(document, config);
    let parts = outline.parts();
    let mut reports = Vec::new();
    let mut not_a_report = None;
    for part in &parts {
        if part.regions.iter().all(|region| outline.is_list(region.table)) {
            let found = identity::find(&outline, &part.pieces, head(&outline, part), parts.len() == 1, config);
            kind::name_free_headings(&mut outline, part, found.identity.year, config);
        }
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
                if is_converted(&document.text) || is_glossed(&document.text) {
                    report.flag(Flag::MirrorCopy);
                }
                reports.push(report);
            }
            Err(reason) => not_a_report = not_a_report.or(Some(reason)),
        }
    }
    if !reports.is_empty() {
        not_a_report = None;
    }
    compare(&mut reports);
    doubt(&mut reports);
    Extracted { reports, not_a_report }
}

/// Compares the reports of one body on one year: of two that say the same the first counts, two that differ are both
/// held back.
fn compare(reports: &mut [Report]) {
    for at in 1..reports.len() {
        let (before, rest) = reports.split_at_mut(at);
        let later = &mut rest[0];
        let is_same = |first: &&mut Report| {
            let known = |report: &Report| report.identity.agency.is_some() && report.identity.year.is_some();
            let names = |report: &Report| (report.identity.agency.clone(), report.identity.year);
            known(first) && names(first) == names(later) && !first.cells.is_empty() && !later.cells.is_empty()
        };
        let Some(first) = before.iter_mut().find(is_same) else { continue };
        if first.says_the_same(later) {
            later.status = ReportStatus::Duplicate;
            later.duplicate_of = Some(first.ordinal);
            continue;
        }
        let message = format!(
            "reports {} and {} of the file are of one body and one year and differ in their figures: tell which one counts",
            first.ordinal, later.ordinal
        );
        for report in [first, later] {
            report.problems.push(Problem::new(Cause::Conflict, Blame::Source, message.clone()));
            report.status = ReportStatus::Quarantined;
        }
    }
}

/// Holds back what stands beside tables that name neither a body nor a year: they may be its own, and what it was
/// given those of another year.
fn doubt(reports: &mut [Report]) {
    for at in 1..reports.len() {
        let (before, rest) = reports.split_at_mut(at);
        let (Some(named), nameless) = (before.last_mut(), &rest[0]) else { continue };
        let is_nameless = nameless.identity.agency.is_none() && nameless.identity.year.is_none();
        if is_nameless && !nameless.cells.is_empty() && !named.cells.is_empty() && !named.says_the_same(nameless) {
            let message = format!(
                "the file holds further tables that name no body and no year (report {}): tell which are those of report {}",
                nameless.ordinal, named.ordinal
            );
            named.problems.push(Problem::new(Cause::Ambiguous, Blame::Source, message));
            named.status = ReportStatus::Quarantined;
        }
    }
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
    if kind::is_numbered_blank(outline, part) {
        blank_regions.extend(part.regions.iter().take(1));
        readings.clear();
    }
    let has_empty_tables = !blank_regions.is_empty();
    if !readings.is_empty() {
        for region in blank_regions {
            let reading = read_table(outline, part, region, Blanks::Read, config);
            readings.extend(reading.map(|reading| (outline.tables()[region.table].as_str(), reading)));
        }
    }
    let n_filled: usize = readings.iter().map(|(_, reading)| reading.n_filled).sum();
    let head = head(outline, part);
    let found = identity::find(outline, &part.pieces, head, is_only, config);
    let mut problems = Vec::new();
    let is_whole = n_filled > 0 && readings.iter().all(|(_, reading)| reading.problems.is_empty());
    let is_missing = n_filled == 0
        || readings
            .iter()
            .any(|(_, reading)| reading.problems.iter().any(|problem| problem.cause == Cause::Incomplete));
    let stripped = kind::stripped(outline, part, is_whole || !is_missing);
    if n_filled > 0 {
        if let Some(reason) = kind::speaks_of_a_report(outline, part, &found, head, config) {
            return Err(reason);
        }
    } else if stripped.is_none() {
        problems = kind::without_figures(outline, part, &found, head, has_empty_tables, config)?;
    }
    problems.extend(stripped);
    let mut report = Report {
        ordinal: 1,
        status: ReportStatus::Accepted,
        duplicate_of: None,
        identity: found.identity,
        form: None,
        form_applications: None,
        layout: main_layout(&readings),
        cells: Vec::with_capacity(200),
        local_cells: Vec::new(),
        labels: Vec::new(),
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
    let is_list = |code: &str| table::list_of(code, config).is_some();
    if readings.iter().any(|(code, _)| !is_list(code)) {
        for code in outline.tables().iter().filter(|code| !is_list(code)) {
            if !readings.iter().any(|(known, _)| known == code) {
                let message =
                    format!("table {code} was not found: compare with the source, it may be a picture or cut off");
                report.problems.push(Problem::new(Cause::Incomplete, Blame::Open, message));
            }
        }
    }
    let mut list_form = None;
    for (code, reading) in readings {
        let form = u8::try_from(reading.form).ok();
        match config.forms.forms[reading.form].table(code).map(|at| config.forms.forms[reading.form].tables[at].shape) {
            Some(crate::form::Shape::Blocks) => report.form = form,
            Some(crate::form::Shape::Matrix) => report.form_applications = form,
            Some(crate::form::Shape::List) => list_form = form,
            _ => {}
        }
        report.cells.extend(reading.cells);
        report.local_cells.extend(reading.local_cells);
        report.labels.extend(reading.labels);
        report.problems.extend(reading.problems);
        for flag in reading.flags {
            report.flag(flag);
        }
    }
    if report.form.is_none() && report.form_applications.is_none() {
        report.form = list_form;
    }
    report.cells.sort_by_key(|cell| (cell.key.table, cell.key.form, cell.key.row, cell.key.column));
    let form = report.form.or(report.form_applications).map(|form| config.forms.form(form));
    if let (Some(form), Some(year)) = (form, report.identity.year)
        && (year < form.first_report_year || form.last_report_year.is_some_and(|last| year > last))
    {
        report.flag(Flag::FormYear);
    }
    if let Some(year) = report.identity.year {
        report
            .problems
            .extend(part.regions.iter().filter_map(|region| foreign_caption(outline, part, region, year, config)));
        report.problems.extend(part.regions.iter().filter_map(|region| foreign_label(outline, region, year, config)));
    }
    if report.form.is_some() && report.form != list_form && sections::is_any_missing(&report.sections, config) {
        report.flag(Flag::SectionMissing);
    }
    statements::read(&mut report, config);
    if !report.problems.is_empty() {
        report.status = ReportStatus::Quarantined;
    }
    Ok(report)
}

/// Where the first section or table of a part begins.
fn head(outline: &Outline<'_>, part: &Part) -> usize {
    let first_table = part.regions.iter().filter_map(|region| region.ranges.first()).map(|range| range.start).min();
    part.pieces
        .clone()
        .find(|at| matches!(outline.roles[*at], Role::Heading(_)) || Some(*at) == first_table)
        .unwrap_or(part.pieces.end)
}

/// The problem of a table whose caption names another year than that of the report: it may be last year's.
fn foreign_caption(outline: &Outline<'_>, part: &Part, region: &Region, year: i32, config: &Config) -> Option<Problem> {
    const MOST_LINES: usize = 2;
    let start = region.ranges.first()?.start;
    let above = (part.pieces.start..start).rev().filter(|at| outline.roles[*at] != Role::Empty).take(MOST_LINES);
    let caption = above
        .take_while(|at| matches!(outline.roles[*at], Role::Short | Role::Prose))
        .find(|at| identity::is_caption_of_another_year(outline.folded(*at), year, config))?;
    let code = &outline.tables()[region.table];
    let printed: String = outline.document.text_of(&outline.document.pieces[caption]).chars().take(60).collect();
    let message = format!(
        "the line {printed:?} above table {code} names another year than {year}: tell which year the table is of"
    );
    Some(Problem::new(Cause::Conflict, Blame::Open, message))
}

/// The problem of a table of which a label names a year that is not the one its column is of.
fn foreign_label(outline: &Outline<'_>, region: &Region, year: i32, config: &Config) -> Option<Problem> {
    let text: String = region.ranges.iter().flat_map(|range| range.clone()).map(|at| outline.folded(at)).collect();
    let named = config.reading.years_in_labels.iter().find_map(|(pattern, years_back)| {
        let mut years = pattern.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_str().to_owned()));
        years.find(|named| named.parse() != Ok(year - years_back))
    })?;
    let code = &outline.tables()[region.table];
    let message = format!(
        "a label of table {code} names the year {named} in a report on {year}: tell which year the table is of"
    );
    Some(Problem::new(Cause::Conflict, Blame::Open, message))
}

/// Reads the table of a region; when it is not whole, with the short lines before it too, which may
/// hold the first labels of its header.
fn read_table(outline: &Outline<'_>, part: &Part, region: &Region, blanks: Blanks, config: &Config) -> Option<Reading> {
    let code = outline.tables()[region.table].as_str();
    let reading = table::read(outline, &region.ranges, code, blanks, config)?;
    if reading.problems.is_empty() || table::list_of(code, config).is_some() {
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

fn main_layout(readings: &[(&str, Reading)]) -> Layout {
    // The largest table says how the report reached us.
    readings.iter().max_by_key(|(_, reading)| reading.cells.len()).map_or(Layout::Stream, |(_, reading)| reading.layout)
}
