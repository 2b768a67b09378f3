//! `gongkai check`: the tables of a report as they are read, each failed rule under its cells.

use super::args::Check;
use super::build::say;
use super::table::{Table, printable};
use super::{ExitStatus, fail, workers};
use crate::config::Config;
use crate::form::{FormTable, RuleScope, Shape};
use crate::model::file::FileOutcome;
use crate::model::report::{Cell, CellState, Report, ReportStatus};
use crate::model::verdict::{Check as RuleCheck, CheckScope, CheckStatus};
use crate::pipeline::{Inspected, inspect};

pub(super) fn run(arguments: &Check, config: &Config) -> ExitStatus {
    let mut status = ExitStatus::Done;
    let workers = workers();
    for file in &arguments.files {
        if !file.exists() {
            return fail(&anyhow::anyhow!("{}: no such file", file.display()), ExitStatus::Usage);
        }
        let files = match inspect(file.to_string_lossy().into_owned(), file, config, &workers) {
            Ok(files) => files,
            Err(error) => return fail(&anyhow::Error::new(error), ExitStatus::Failed),
        };
        for inspected in &files {
            let is_container = inspected.row.outcome == FileOutcome::Container;
            let is_held = inspected.reports.is_empty()
                || inspected.reports.iter().any(|report| report.status != ReportStatus::Accepted);
            if is_held && !is_container {
                status = ExitStatus::Incomplete;
            }
            if arguments.json { say_json(inspected, config) } else { say_tables(inspected, config) }
        }
    }
    status
}

fn say_tables(inspected: &Inspected, config: &Config) {
    let name = printable(&inspected.row.path);
    if inspected.reports.is_empty() {
        let detail = inspected.row.detail.as_deref().unwrap_or("nothing was found in it");
        say(&format!("{name}: {} ({}): {detail}", inspected.row.outcome, inspected.row.format));
    }
    for report in &inspected.reports {
        let identity = &report.identity;
        let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "?".to_owned());
        let form = |form: Option<u8>| form.map_or("-".to_owned(), |form| config.forms.form(form).id.clone());
        say(&format!("{name}, report {}: {}", report.ordinal, report.status));
        say(&format!(
            "  {} {}, form {}/{}, {} cells, layout {}",
            printable(&or_unknown(identity.agency.clone())),
            or_unknown(identity.year.map(|year| year.to_string())),
            form(report.form),
            form(report.form_applications),
            report.cells.len(),
            report.layout
        ));
        for cells in report.cells.chunk_by(|one, two| one.key.table == two.key.table) {
            say("");
            say(draw(cells, report, config).trim_end());
        }
        if !report.problems.is_empty() {
            say("");
            say("  held back because:");
        }
        for problem in &report.problems {
            let line = problem.origin.line.map_or(String::new(), |line| format!(" (line {line})"));
            say(&format!("  - {}: {}{line}", problem.cause, printable(&problem.message)));
            if let Some(excerpt) = &problem.excerpt {
                say(&format!("      {}", printable(excerpt)));
            }
        }
        for flag in &report.flags {
            let about = config.codes.get("flag").and_then(|flags| flags.get(flag.as_str()));
            say(&format!("  note: {}", about.map_or(flag.as_str(), |labels| &labels[1])));
        }
    }
}

/// Draws one table of a report.
fn draw(cells: &[Cell], report: &Report, config: &Config) -> String {
    let first = cells[0].key;
    let form = config.forms.form(first.form);
    let table = &form.tables[usize::from(first.table)];
    let mut drawing = Table::default();
    let failed: Vec<(&RuleCheck, &RuleScope)> = report
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Fail)
        .filter_map(|check| match check.scope {
            CheckScope::Form { form: of, check: at } if of == first.form => {
                Some((check, &form.checks[usize::from(at)]))
            }
            _ => None,
        })
        .filter(|(_, scope)| scope.table == usize::from(first.table))
        .collect();
    let is_wide = table.blocks.is_empty() && table.value_rows.len() > 1 && table.shape != Shape::List;
    if is_wide {
        let header = table.columns.iter().map(|column| column.labels.official.clone());
        drawing.row(std::iter::once(table.code.clone()).chain(header));
    } else {
        drawing.row([table.code.clone()]);
    }
    for row in cells.chunk_by(|one, two| one.key.row == two.key.row && one.key.form == two.key.form) {
        let of = config.forms.table(row[0].key.form, row[0].key.table);
        if is_wide {
            let label = shorten(&of.rows[usize::from(row[0].key.row)].labels.official);
            drawing.row(std::iter::once(label).chain(row.iter().map(print)));
            remarks(&mut drawing, &failed, usize::from(row[0].key.row), config);
        } else {
            for cell in row {
                drawing.row([tall_label(of, cell), print(cell)]);
                let place = (usize::from(cell.key.row), usize::from(cell.key.column));
                let ends_here =
                    |scope: &RuleScope| scope.total().is_some_and(|total| (total.row, total.column) == place);
                for (check, scope) in failed.iter().filter(|(_, scope)| ends_here(scope)) {
                    drawing.remark(Some(1), &verdict(check, scope, config));
                }
            }
        }
    }
    let local = report.local_cells.iter().filter(|cell| (cell.form, cell.table) == (first.form, first.table));
    for cell in local {
        let row = cell.row.map_or("", |row| &table.rows[usize::from(row)].labels.official);
        let unit = cell.unit.as_deref().unwrap_or_default();
        drawing.row([format!("{row}+ {}", cell.label), format!("{} {unit}", cell.printed).trim().to_owned()]);
    }
    drawing.draw()
}

/// Remarks under a row: the rules whose total stands in it.
fn remarks(drawing: &mut Table, failed: &[(&RuleCheck, &RuleScope)], row: usize, config: &Config) {
    for (check, scope) in failed {
        if let Some(total) = scope.total().filter(|total| total.row == row) {
            drawing.remark(Some(total.column + 1), &verdict(check, scope, config));
        }
    }
}

fn verdict(check: &RuleCheck, scope: &RuleScope, config: &Config) -> String {
    let number = |number: Option<f64>| number.map_or("?".to_owned(), |number| number.to_string());
    let rule = &config.forms.rules[scope.rule];
    format!(
        "{} fails for {}: {} against {} ({})",
        rule.code,
        scope.scope,
        number(check.left),
        number(check.right),
        rule.title[0]
    )
}

/// The label of a cell in a table drawn one cell a line.
fn tall_label(table: &FormTable, cell: &Cell) -> String {
    let row = &table.rows[usize::from(cell.key.row)].labels.official;
    let column = &table.columns[usize::from(cell.key.column)];
    match column.group {
        Some(group) => format!("{} {}", table.groups[group].labels.official, column.labels.official),
        None if table.shape == Shape::List => row.clone(),
        None => format!("{row} {}", column.labels.official),
    }
}

fn shorten(label: &str) -> String {
    const MOST: usize = 22;
    if label.chars().count() <= MOST { label.to_owned() } else { label.chars().take(MOST - 1).chain(['…']).collect() }
}

/// What is printed in a cell, with a mark where it is no plain number.
fn print(cell: &Cell) -> String {
    let printed = cell.printed.as_deref().unwrap_or_default();
    match cell.state {
        CellState::Number | CellState::Zero | CellState::Dash => printed.to_owned(),
        CellState::Blank => "·".to_owned(),
        CellState::Text => format!("?{printed}"),
        CellState::Absent => "missing".to_owned(),
        CellState::Unreadable => "?".to_owned(),
    }
}

fn say_json(inspected: &Inspected, config: &Config) {
    let row = &inspected.row;
    if inspected.reports.is_empty() {
        let line = serde_json::json!({ "path": row.path, "outcome": row.outcome.as_str(), "format": row.format.as_str(), "detail": row.detail });
        say(&line.to_string());
    }
    for report in &inspected.reports {
        let form = |form: Option<u8>| form.map(|form| config.forms.form(form).id.as_str());
        let cells: serde_json::Map<String, serde_json::Value> = report
            .cells
            .iter()
            .map(|cell| {
                let (table, row, column) = config.forms.codes(cell.key);
                let value = serde_json::json!({ "printed": cell.printed, "state": cell.state.as_str(), "value": cell.value, "line": cell.origin.line });
                (format!("{table}.{row}.{column}"), value)
            })
            .collect();
        let problems: Vec<serde_json::Value> = report
            .problems
            .iter()
            .map(|problem| {
                serde_json::json!({
                    "cause": problem.cause.as_str(), "blame": problem.blame.as_str(), "rule": problem.rule, "scope": problem.scope,
                    "message": problem.message, "left": problem.left, "right": problem.right, "printed": problem.printed,
                    "excerpt": problem.excerpt, "line": problem.origin.line,
                })
            })
            .collect();
        let line = serde_json::json!({
            "path": row.path, "ordinal": report.ordinal, "status": report.status.as_str(), "agency": report.identity.agency,
            "year": report.identity.year, "form": form(report.form), "form_applications": form(report.form_applications),
            "layout": report.layout.as_str(), "flags": report.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>(),
            "cells": cells, "problems": problems,
        });
        say(&line.to_string());
    }
}
