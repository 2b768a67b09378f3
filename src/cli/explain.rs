//! `gongkai explain`: why a report is held back, where, whose fault it is, and what would mend it.

use std::ops::Range;

use super::args::Explain;
use super::build::{say, take_corrections};
use super::check::{at, is_held, json, of_whom, say_nothing_found};
use super::locate::locate;
use super::sheet::{View, draw};
use super::table::Mark;
use super::versions::{self, Versions, say_versions, unexplained, versions};
use super::{ExitStatus, fail, workers};
use crate::config::Config;
use crate::model::document::{Document, Piece};
use crate::model::report::Report;
use crate::model::verdict::{Blame, Problem};
use crate::pipeline::{Inspected, inspect};
use crate::wording::{Language, cell_label, message, printable};

pub(super) fn run(arguments: &Explain, config: &mut Config) -> ExitStatus {
    if let Err(error) = take_corrections(arguments.corrections.as_deref(), config) {
        return fail(&anyhow::Error::new(error), ExitStatus::Usage);
    }
    let workers = workers();
    let view = arguments.view.view();
    let mut status = ExitStatus::Done;
    for subject in &arguments.subjects {
        let (path, meant) = match locate(subject, &arguments.inputs, &arguments.out) {
            Ok(found) => found,
            Err(error) => return fail(&error, ExitStatus::Usage),
        };
        let files = match inspect(path.to_string_lossy().into_owned(), &path, config, &workers) {
            Ok(files) => files,
            Err(error) => return fail(&anyhow::Error::new(error), ExitStatus::Failed),
        };
        let mut is_found = meant.is_none();
        for inspected in &files {
            let is_meant = |report: &&Report| meant.as_ref().is_none_or(|of| inspected.report_id(report) == of.id);
            let reports: Vec<&Report> = inspected.reports.iter().filter(is_meant).collect();
            if meant.is_some() && reports.is_empty() {
                continue;
            }
            is_found = true;
            if is_held(inspected) {
                status = ExitStatus::Incomplete;
            }
            if reports.is_empty() && !arguments.json {
                say_nothing_found(inspected);
            }
            for report in reports {
                // A file that is named may be in no snapshot.
                let versions = meant.as_ref().map_or(Ok(Versions::default()), |of| {
                    versions(report, &of.id, &of.published, &arguments.inputs, config, &workers)
                });
                let versions = match versions {
                    Ok(versions) => versions,
                    Err(error) => return fail(&error, ExitStatus::Failed),
                };
                if versions.is_unexplained || !versions.differing.is_empty() {
                    status = ExitStatus::Incomplete;
                }
                if arguments.json {
                    let mut record = json(report, &inspected.row.path, config);
                    record["versions"] = versions::json(report, &versions.differing, config);
                    say(&record.to_string());
                } else {
                    say_report(report, inspected, &versions, view, config);
                }
            }
        }
        if !is_found {
            let error = anyhow::anyhow!("{} holds no report {subject} any more: build again", path.display());
            return fail(&error, ExitStatus::Usage);
        }
    }
    status
}

/// Shows a report: the tables that are concerned, then each reason.
pub(super) fn say_report(report: &Report, inspected: &Inspected, versions: &Versions, view: View, config: &Config) {
    let id = inspected.report_id(report);
    say(&format!("{}, {id}: {}", printable(&inspected.row.path), report.status));
    say(&format!("  {}", of_whom(report, config)));
    say_versions(report, &versions.differing, view, config);
    if versions.is_unexplained {
        say(&format!("  {}", unexplained(view)));
    } else if report.problems.is_empty() && versions.differing.is_empty() {
        say(view.language.word("  没有隔离原因。", "  Nothing holds it back."));
    }
    for cells in report.cells.chunk_by(|one, two| one.key.table == two.key.table) {
        let table = config.forms.table(cells[0].key.form, cells[0].key.table);
        let is_concerned = |problem: &Problem| {
            let of_rule =
                problem.rule.as_deref().and_then(|code| config.forms.rules.iter().find(|rule| rule.code == code));
            of_rule.is_some_and(|rule| rule.table.as_ref() == Some(&table.code))
                || problem.cell.is_some_and(|key| config.forms.codes(key).0 == table.code)
        };
        if report.problems.iter().any(is_concerned) {
            say("");
            say(draw(cells, report, view, config).trim_end());
        }
    }
    let mut said = None;
    for (number, problem) in report.problems.iter().enumerate() {
        say("");
        say_problem(number + 1, problem, view, config);
        // Rules that one number breaks are mended together, and stand in one place.
        let remedy = (problem.suggestion.as_deref(), problem.origin);
        if said.replace(remedy) != Some(remedy) {
            say_source(problem, inspected.page.as_deref(), view);
            say_remedy(problem, &id, view, config);
        }
    }
}

fn say_problem(number: usize, problem: &Problem, view: View, config: &Config) {
    let blame = match (problem.blame, view.language) {
        (Blame::Source, Language::English) => "the document itself",
        (Blame::Source, Language::Chinese) => "原文自身有误",
        (Blame::Reading, Language::English) => "perhaps our reading",
        (Blame::Reading, Language::Chinese) => "可能是识读有误",
        (Blame::Open, Language::English) => "cannot be told",
        (Blame::Open, Language::Chinese) => "未定",
    };
    let text = printable(&message(problem, view.language, config));
    say(&format!("{number}. {}{}", Mark::Failing.paint(&text, view.is_coloured), at(problem)));
    say(&format!("   {}{blame}", view.language.word("责任：", "whose fault: ")));
}

/// The rows of the page around a problem, what it is about underlined.
fn say_source(problem: &Problem, page: Option<&Document>, view: View) {
    let Some(page) = page else { return };
    let Some((row, piece)) = page.row_of(problem.origin) else { return };
    let rows: Vec<&[Piece]> = page.rows().skip(row.saturating_sub(1)).take(if row == 0 { 2 } else { 3 }).collect();
    for (at, pieces) in rows.iter().enumerate() {
        let is_it = at == row.min(1);
        let line = pieces.first().map_or(0, |piece| piece.line);
        let number = if line > 0 { format!("{line:>6}") } else { " ".repeat(6) };
        if !is_it {
            let text = printable(&page.excerpt(pieces));
            say(&Mark::Aside.paint(&format!("   {number} | {text}"), view.is_coloured));
            continue;
        }
        let mut text = format!("   {number} | ");
        let mut under = String::new();
        let plain: Vec<&str> = pieces.iter().map(|piece| page.text_of(piece).trim()).collect();
        let words: Vec<String> = plain.iter().map(|words| printable(words)).collect();
        for (at, words) in words.iter().enumerate() {
            if let Some(range) = pointed_at(at, piece, &plain, problem) {
                let before = width(&text) + width(&words[..range.start.min(words.len())]);
                under.push_str(&" ".repeat(before.saturating_sub(width(&under))));
                under.push_str(&"^".repeat(width(words.get(range).unwrap_or_default()).max(1)));
            }
            text.push_str(words);
            if at + 1 < pieces.len() {
                text.push_str(" | ");
            }
        }
        say(&text);
        say(&Mark::Suspect.paint(&under, view.is_coloured));
    }
}

/// The part of a piece of a row to point at: the whole of the one that is meant, or what is printed of the problem. Where
/// only the line is known, every piece that prints the same.
fn pointed_at(at: usize, meant: usize, words: &[&str], problem: &Problem) -> Option<Range<usize>> {
    let printed = problem.printed.as_deref().filter(|printed| !printed.is_empty());
    let is_same = |word: &&str| Some(*word) == printed;
    if printed.is_none() || problem.origin.grid.is_some() || words.get(meant).is_some_and(is_same) {
        return (at == meant).then(|| 0..words[at].len());
    }
    if words.iter().any(is_same) {
        return is_same(&words[at]).then(|| 0..words[at].len());
    }
    let printed = printed?;
    let start = words[at].find(printed)?;
    (at == meant).then(|| start..start + printed.len())
}

fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// What to do next.
fn say_remedy(problem: &Problem, id: &str, view: View, config: &Config) {
    let Some(suggestion) = &problem.suggestion else { return };
    let kinds = config.codes.get("suggested_kind").and_then(|kinds| kinds.get(suggestion.kind.as_str()));
    let kind = kinds.map_or(suggestion.kind.as_str(), |labels| view.language.of(labels));
    say(&format!("   {}{kind}", view.language.word("最可能的情形：", "what probably happened: ")));
    for (key, value) in &suggestion.changes {
        let change = format!("{} ({}) = {value}", config.forms.cell_name(*key), cell_label(*key, config));
        say(&format!("     {}", Mark::Suspect.paint(&change, view.is_coloured)));
    }
    let next = view.language.word(
        "   核对原文后，可用 gongkai review 记入更正",
        "   when the source says so, note it with gongkai review as a correction of",
    );
    say(&format!("{next} {id}"));
}
