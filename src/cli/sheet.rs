//! One table of a report as it is printed, with what is wrong in it marked.

use super::table::{Mark, Table};
use crate::config::Config;
use crate::form::{FormTable, RuleScope, Shape};
use crate::model::report::{Cell, CellKey, Report};
use crate::model::verdict::{Check, CheckScope, CheckStatus, Severity};
use crate::wording::{Language, cell_label, cell_text};

/// How something is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) language: Language,
    pub(super) is_coloured: bool,
}

/// A rule that fails, with where it was applied.
type Failed<'r> = (&'r Check, &'r RuleScope);

/// The rules that fail in a table of a form.
fn failed<'r>(report: &'r Report, first: CellKey, config: &'r Config) -> Vec<Failed<'r>> {
    let form = config.forms.form(first.form);
    let fails = report.checks.iter().filter(|check| check.status == CheckStatus::Fail);
    let scopes = fails.filter_map(|check| match check.scope {
        CheckScope::Form { form: of, check: at } if of == first.form => Some((check, &form.checks[usize::from(at)])),
        _ => None,
    });
    scopes.filter(|(_, scope)| scope.table == usize::from(first.table)).collect()
}

/// Draws a table; its cells are those of one table of a report, at least one.
pub(super) fn draw(cells: &[Cell], report: &Report, view: View, config: &Config) -> String {
    let first = cells[0].key;
    let form = config.forms.form(first.form);
    let table = &form.tables[usize::from(first.table)];
    let failed = failed(report, first, config);
    let sheet = Sheet { report, failed: &failed, view, config };
    let mut drawing = Table::default();
    let is_wide = table.blocks.is_empty() && table.value_rows.len() > 1 && table.shape != Shape::List;
    if is_wide {
        let header = table.columns.iter().map(|column| (column.labels.official.clone(), sheet.scope(&column.code)));
        drawing.marked_row(std::iter::once((table.code.clone(), Mark::None)).chain(header));
    } else {
        drawing.row([table.code.clone()]);
    }
    for row in cells.chunk_by(|one, two| one.key.row == two.key.row && one.key.form == two.key.form) {
        let of = config.forms.table(row[0].key.form, row[0].key.table);
        let at = usize::from(row[0].key.row);
        if is_wide {
            let label = (shorten(&of.rows[at].labels.official), sheet.scope(&of.rows[at].code));
            drawing.marked_row(std::iter::once(label).chain(row.iter().map(|cell| sheet.cell(cell))));
            sheet.remarks(&mut drawing, |total| total.row == at, |total| total.column + 1);
        } else {
            for cell in row {
                drawing.marked_row([(tall_label(of, cell, config), Mark::None), sheet.cell(cell)]);
                let place = (at, usize::from(cell.key.column));
                sheet.remarks(&mut drawing, |total| (total.row, total.column) == place, |_| 1);
            }
        }
    }
    let local = report.local_cells.iter().filter(|cell| (cell.form, cell.table) == (first.form, first.table));
    for cell in local {
        let row = cell.row.map_or("", |row| &table.rows[usize::from(row)].labels.official);
        let unit = cell.unit.as_deref().unwrap_or_default();
        drawing.row([format!("{row}+ {}", cell.label), format!("{} {unit}", cell.printed).trim().to_owned()]);
    }
    drawing.draw(view.is_coloured)
}

struct Sheet<'r> {
    report: &'r Report,
    failed: &'r [Failed<'r>],
    view: View,
    config: &'r Config,
}

impl Sheet<'_> {
    /// A cell with its mark; beside a suspected number stands the one that would mend it.
    fn cell(&self, cell: &Cell) -> (String, Mark) {
        let suggestions = self.report.problems.iter().filter_map(|problem| problem.suggestion.as_ref());
        let mut changes = suggestions.flat_map(|suggestion| &suggestion.changes);
        if let Some((_, value)) = changes.find(|(key, _)| *key == cell.key) {
            return (format!("{}→{value}", cell_text(cell)), Mark::Suspect);
        }
        if self.report.problems.iter().any(|problem| problem.cell == Some(cell.key)) {
            return (cell_text(cell), Mark::Suspect);
        }
        let place = (usize::from(cell.key.row), usize::from(cell.key.column));
        let is_operand = |(check, scope): &Failed<'_>| {
            self.is_hard(check)
                && scope.formula.operands().filter_map(|of| of.place()).any(|of| (of.row, of.column) == place)
        };
        let mark = if self.failed.iter().any(is_operand) { Mark::Failing } else { Mark::None };
        (cell_text(cell), mark)
    }

    fn is_hard(&self, check: &Check) -> bool {
        self.config.forms.rules[usize::from(check.rule)].severity == Severity::Hard
    }

    /// The mark of a row or column to which a failing rule was applied.
    fn scope(&self, code: &str) -> Mark {
        let is_failing = self.failed.iter().any(|(check, scope)| self.is_hard(check) && scope.scope == code);
        if is_failing { Mark::Failing } else { Mark::None }
    }

    /// Remarks on the rules that end in these cells.
    fn remarks(
        &self,
        drawing: &mut Table,
        ends_here: impl Fn(crate::form::Place) -> bool,
        column: impl Fn(crate::form::Place) -> usize,
    ) {
        for (check, scope) in self.failed {
            if let Some(total) = scope.total().filter(|total| ends_here(*total)) {
                drawing.remark(Some(column(total)), &self.verdict(check, scope));
            }
        }
    }

    fn verdict(&self, check: &Check, scope: &RuleScope) -> String {
        let number = |number: Option<f64>| number.map_or("?".to_owned(), |number| number.to_string());
        let rule = &self.config.forms.rules[usize::from(check.rule)];
        let (left, right) = (number(check.left), number(check.right));
        match self.view.language {
            Language::English => {
                format!("{} fails for {}: {left} against {right} ({})", rule.code, scope.scope, rule.title[1])
            }
            Language::Chinese => format!("{left} 对 {right}：{}", rule.title[0]),
        }
    }
}

/// The label of a cell in a table drawn one cell a line.
fn tall_label(table: &FormTable, cell: &Cell, config: &Config) -> String {
    match table.shape {
        Shape::List => table.rows[usize::from(cell.key.row)].labels.official.clone(),
        _ => cell_label(cell.key, config),
    }
}

fn shorten(label: &str) -> String {
    const MOST: usize = 22;
    if label.chars().count() <= MOST { label.to_owned() } else { label.chars().take(MOST - 1).chain(['…']).collect() }
}
