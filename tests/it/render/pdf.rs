//! Tables as the text of a PDF: labels wrapped in narrow columns, figures where the order puts them.

use super::canvas::{Placed, Setting, fragments, set, spaced};
use super::dice::Dice;
use super::grid::{Grid, Role};

fn setting(dice: &mut Dice, line_gap: usize) -> Setting {
    Setting { label_width: dice.pick(&[26, 30, 36, 40]), heading_width: dice.pick(&[4, 6, 8]), gap: 2, line_gap }
}

/// The narrow heads of columns are wrapped too.
fn typeset(grid: &Grid, dice: &mut Dice, line_gap: usize) -> Vec<Placed> {
    let mut grid = grid.clone();
    let at = dice.pick(&[2, 3, 4, 100]);
    let header = grid.header;
    for (row, cells) in grid.rows.iter_mut().enumerate() {
        let is_header = row < header || cells.iter().skip(1).any(super::grid::Cell::is_label);
        for cell in cells.iter_mut().filter(|cell| is_header && cell.is_label() && cell.columns == 1) {
            let n = cell.text.chars().count();
            if n > at && n <= 8 && !cell.text.contains('\n') {
                cell.text = wrapped(&cell.text, at);
            }
        }
    }
    set(&grid, setting(dice, line_gap))
}

fn wrapped(text: &str, at: usize) -> String {
    let glyphs: Vec<char> = text.chars().collect();
    glyphs.chunks(at).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\n")
}

fn is_figure(cell: &Placed) -> bool {
    matches!(cell.role, Role::Figure(_) | Role::Local)
}

fn rows(placed: &[Placed]) -> Vec<Vec<&Placed>> {
    let n_rows = placed.iter().map(|cell| cell.row + 1).max().unwrap_or(0);
    (0..n_rows).map(|row| placed.iter().filter(|cell| cell.row == row).collect()).collect()
}

fn print(cell: &Placed) -> String {
    cell.lines.join("")
}

/// The order of drawing: label lines, then the figures of the row on a line.
pub(super) fn raw(grid: &Grid, dice: &mut Dice) -> Vec<String> {
    let placed = typeset(grid, dice, 0);
    let joins_heads = dice.percent(50);
    let mut lines: Vec<String> = Vec::new();
    for row in rows(&placed) {
        let figures: Vec<String> = row.iter().filter(|cell| is_figure(cell)).map(|cell| print(cell)).collect();
        let figures = figures.iter().filter(|text| !text.trim().is_empty()).cloned().collect::<Vec<_>>().join(" ");
        let labels: Vec<&&Placed> = row.iter().filter(|cell| !is_figure(cell)).collect();
        let is_one_line = labels.iter().all(|cell| cell.lines.len() == 1);
        if joins_heads && figures.is_empty() && is_one_line {
            lines.push(labels.iter().map(|cell| print(cell)).collect::<Vec<_>>().join(" "));
            continue;
        }
        for (at, cell) in labels.iter().enumerate() {
            lines.extend(cell.lines.iter().filter(|line| !line.is_empty()).cloned());
            if at + 1 == labels.len() && cell.lines.len() == 1 && !figures.is_empty() {
                let last = lines.pop().unwrap_or_default();
                lines.push(format!("{last} {figures}").trim_start().to_owned());
            }
        }
        if labels.last().is_none_or(|cell| cell.lines.len() > 1) && !figures.is_empty() {
            lines.push(figures);
        }
    }
    lines
}

/// Each line of each cell on its own, cell after cell.
pub(super) fn reading(grid: &Grid, dice: &mut Dice) -> Vec<String> {
    let placed = typeset(grid, dice, 0);
    rows(&placed)
        .into_iter()
        .flatten()
        .flat_map(|cell| cell.lines.iter().filter(|line| !line.is_empty()).cloned())
        .collect()
}

/// Line by line, the parts of a line apart by one space.
pub(super) fn lines(grid: &Grid, dice: &mut Dice) -> Vec<String> {
    let sheet = fragments(&typeset(grid, dice, 0), true);
    sheet.values().map(|line| line.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")).collect()
}

/// Line by line, columns kept by spaces, a blank line between rows.
pub(super) fn columns(grid: &Grid, dice: &mut Dice) -> Vec<String> {
    let line_gap = dice.index(2);
    spaced(&fragments(&typeset(grid, dice, line_gap), true))
}

/// Runs of rows whose figures come before or after all their labels, row by row or column by column.
pub(super) fn detached(grid: &Grid, dice: &mut Dice) -> Vec<String> {
    let placed = typeset(grid, dice, 0);
    let rows = rows(&placed);
    let mut lines = Vec::new();
    let mut rest = rows.as_slice();
    while !rest.is_empty() {
        let (run, after) = rest.split_at((1 + dice.index(6)).min(rest.len()));
        rest = after;
        let labels = run.iter().flatten().filter(|cell| !is_figure(cell)).flat_map(|cell| cell.lines.clone());
        let mut figures: Vec<(usize, usize, String)> = run
            .iter()
            .flatten()
            .filter(|cell| is_figure(cell))
            .map(|cell| (cell.row, cell.left, print(cell)))
            .collect();
        let by_column = dice.percent(30);
        figures.sort_by_key(|(row, left, _)| if by_column { (*left, *row) } else { (*row, *left) });
        let figures = figures.into_iter().map(|(_, _, text)| text);
        if dice.percent(50) {
            lines.extend(labels.chain(figures).filter(|line| !line.trim().is_empty()));
        } else {
            lines.extend(figures.chain(labels).filter(|line| !line.trim().is_empty()));
        }
    }
    lines
}
