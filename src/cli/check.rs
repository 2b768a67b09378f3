//! `gongkai check`: the tables of a report as they are read, each failed rule under its cells.

use super::args::Check;
use super::build::say;
use super::sheet::{View, draw};
use super::{ExitStatus, fail, workers};
use crate::config::Config;
use crate::model::file::FileOutcome;
use crate::model::report::{Report, ReportStatus};
use crate::model::verdict::Problem;
use crate::pipeline::{Inspected, inspect};
use crate::wording::message;
use crate::wording::printable;

pub(super) fn run(arguments: &Check, config: &Config) -> ExitStatus {
    let mut status = ExitStatus::Done;
    let workers = workers();
    let view = arguments.view.view();
    for file in &arguments.files {
        if !file.exists() {
            return fail(&anyhow::anyhow!("{}: no such file", file.display()), ExitStatus::Usage);
        }
        let files = match inspect(file.to_string_lossy().into_owned(), file, config, &workers) {
            Ok(files) => files,
            Err(error) => return fail(&anyhow::Error::new(error), ExitStatus::Failed),
        };
        for inspected in &files {
            if is_held(inspected) {
                status = ExitStatus::Incomplete;
            }
            if arguments.json { say_json(inspected, config) } else { say_tables(inspected, view, config) }
        }
    }
    status
}

/// Whether something of a file is held back, or nothing was found in it.
pub(super) fn is_held(inspected: &Inspected) -> bool {
    let is_container = inspected.row.outcome == FileOutcome::Container;
    let is_accepted = |report: &Report| report.status == ReportStatus::Accepted;
    !is_container && (inspected.reports.is_empty() || !inspected.reports.iter().all(is_accepted))
}

fn say_tables(inspected: &Inspected, view: View, config: &Config) {
    let name = printable(&inspected.row.path);
    if inspected.reports.is_empty() {
        say_nothing_found(inspected);
    }
    for report in &inspected.reports {
        say(&format!("{name}, report {}: {}", report.ordinal, report.status));
        say(&format!("  {}", of_whom(report, config)));
        for cells in report.cells.chunk_by(|one, two| one.key.table == two.key.table) {
            say("");
            say(draw(cells, report, view, config).trim_end());
        }
        if !report.problems.is_empty() {
            say("");
            say(view.language.word("  隔离原因：", "  held back because:"));
        }
        for problem in &report.problems {
            say(&format!(
                "  - {}: {}{}",
                problem.cause,
                printable(&message(problem, view.language, config)),
                at(problem)
            ));
            if let Some(excerpt) = &problem.excerpt {
                say(&format!("      {}", printable(excerpt)));
            }
        }
        for flag in &report.flags {
            let about = config.codes.get("flag").and_then(|flags| flags.get(flag.as_str()));
            let about = about.map_or(flag.as_str(), |labels| view.language.of(labels));
            say(&format!("  {}{about}", view.language.word("备注：", "note: ")));
        }
    }
}

/// Says what a file without a report is.
pub(super) fn say_nothing_found(inspected: &Inspected) {
    let detail = inspected.row.detail.as_deref().unwrap_or("nothing was found in it");
    say(&format!("{}: {} ({}): {detail}", printable(&inspected.row.path), inspected.row.outcome, inspected.row.format));
}

/// Body, year, forms, cells and layout of a report, in a line.
pub(super) fn of_whom(report: &Report, config: &Config) -> String {
    let identity = &report.identity;
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "?".to_owned());
    let form = |form: Option<u8>| form.map_or("-".to_owned(), |form| config.forms.form(form).id.clone());
    format!(
        "{} {}, form {}/{}, {} cells, layout {}",
        printable(&or_unknown(identity.agency.clone())),
        or_unknown(identity.year.map(|year| year.to_string())),
        form(report.form),
        form(report.form_applications),
        report.cells.len(),
        report.layout
    )
}

/// Where a problem stands, in brackets.
pub(super) fn at(problem: &Problem) -> String {
    let parts = [("page", problem.origin.page), ("line", problem.origin.line)];
    let parts: Vec<String> = parts.iter().filter_map(|(what, at)| Some(format!("{what} {}", (*at)?))).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn say_json(inspected: &Inspected, config: &Config) {
    let row = &inspected.row;
    if inspected.reports.is_empty() {
        let line = serde_json::json!({ "path": row.path, "outcome": row.outcome.as_str(), "format": row.format.as_str(), "detail": row.detail });
        say(&line.to_string());
    }
    for report in &inspected.reports {
        say(&json(report, &row.path, config).to_string());
    }
}

/// A report for programs.
pub(super) fn json(report: &Report, path: &str, config: &Config) -> serde_json::Value {
    let form = |form: Option<u8>| form.map(|form| config.forms.form(form).id.as_str());
    let cells: serde_json::Map<String, serde_json::Value> = report
        .cells
        .iter()
        .map(|cell| {
            let value = serde_json::json!({ "printed": cell.printed, "state": cell.state.as_str(), "value": cell.value, "corrected": cell.corrected, "line": cell.origin.line });
            (config.forms.cell_name(cell.key), value)
        })
        .collect();
    let problems: Vec<serde_json::Value> = report
        .problems
        .iter()
        .map(|problem| {
            let suggestion = problem.suggestion.as_ref().map(|suggestion| {
                let changes = suggestion.changes.iter().map(|(key, value)| (config.forms.cell_name(*key), (*value).into()));
                let changes: serde_json::Map<String, serde_json::Value> = changes.collect();
                serde_json::json!({ "kind": suggestion.kind.as_str(), "changes": changes })
            });
            serde_json::json!({
                "cause": problem.cause.as_str(), "blame": problem.blame.as_str(), "rule": problem.rule, "scope": problem.scope,
                "message": problem.message, "left": problem.left, "right": problem.right, "printed": problem.printed,
                "excerpt": problem.excerpt, "page": problem.origin.page, "line": problem.origin.line, "suggestion": suggestion,
            })
        })
        .collect();
    serde_json::json!({
        "path": path, "ordinal": report.ordinal, "status": report.status.as_str(), "agency": report.identity.agency,
        "year": report.identity.year, "form": form(report.form), "form_applications": form(report.form_applications),
        "layout": report.layout.as_str(), "flags": report.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>(),
        "cells": cells, "problems": problems,
    })
}
