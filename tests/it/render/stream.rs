//! Tables printed cell after cell, the rows lost or marked by little.

use super::dice::Dice;
use super::grid::{Cell, Grid, is_furniture};

fn is_blank(cell: &Cell) -> bool {
    cell.text.trim().is_empty()
}

/// Each cell on a line or in a paragraph of its own; what is empty vanishes.
pub(super) fn cells(grid: &Grid, indent: &str, is_paragraph: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for cell in grid.rows.iter().flatten().filter(|cell| !is_blank(cell)) {
        for line in cell.text.split('\n') {
            lines.push(format!("{indent}{line}"));
            if is_paragraph {
                lines.push(String::new());
            }
        }
    }
    lines
}

/// A tab before each cell, covered places as tabs alone, a blank line after each row.
pub(super) fn tabbed(grid: &Grid) -> Vec<String> {
    let mut lines = Vec::new();
    for (row, starts) in grid.rows.iter().zip(grid.places()) {
        if is_furniture(row) {
            lines.extend([row[0].text.clone(), String::new()]);
            continue;
        }
        let mut next = 0;
        for (cell, start) in row.iter().zip(starts) {
            lines.extend((next..start).map(|_| "\t".to_owned()));
            let mut parts = cell.text.split('\n');
            lines.push(format!("\t{}", parts.next().unwrap_or_default()));
            lines.extend(parts.map(str::to_owned));
            next = start + cell.columns;
        }
        lines.push(String::new());
    }
    lines
}

/// `cell |` a line; now and then the pipe slips to the next line; missing cells as bare pipes.
pub(super) fn cell_pipe(grid: &Grid, dice: &mut Dice) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &grid.rows {
        if is_furniture(row) {
            lines.push(row[0].text.clone());
            continue;
        }
        for cell in row {
            if cell.is_label() && dice.percent(4) {
                lines.extend([cell.text.clone(), "|".to_owned()]);
            } else {
                lines.push(format!("{} |", cell.text));
            }
        }
        if row.len() < grid.width {
            lines.push("|".repeat(grid.width - row.len()));
        }
    }
    lines
}

/// A pipe alone on a line before, between and after the cells of a row.
pub(super) fn lone_pipe(grid: &Grid) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &grid.rows {
        if is_furniture(row) {
            lines.push(row[0].text.clone());
            continue;
        }
        lines.push("|".to_owned());
        for cell in row {
            lines.extend([cell.text.clone(), "|".to_owned()]);
        }
    }
    lines
}

/// A pipe that opens the row, then each cell with its pipe.
pub(super) fn pipe_break(grid: &Grid) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &grid.rows {
        if is_furniture(row) {
            lines.push(row[0].text.clone());
            continue;
        }
        lines.push("| ".to_owned());
        lines.extend(row.iter().map(|cell| format!("{}  | ", cell.text)));
    }
    lines
}

/// A row a line, one space between cells; what is empty vanishes.
pub(super) fn spaces(grid: &Grid) -> Vec<String> {
    let row = |row: &Vec<Cell>| {
        let cells: Vec<String> =
            row.iter().filter(|cell| !is_blank(cell)).map(|cell| cell.text.replace('\n', " ")).collect();
        cells.join(" ")
    };
    grid.rows.iter().map(row).filter(|line| !line.is_empty()).collect()
}
