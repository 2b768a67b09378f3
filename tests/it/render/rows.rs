//! Tables printed a row a line, cells apart by tabs, pipes or commas.

use super::dice::Dice;
use super::grid::{Cell, Grid, is_furniture};

/// A cell on one line; a break inside becomes a space, as most converters write it.
fn flat(cell: &Cell) -> String {
    cell.text.replace('\n', " ")
}

/// The text at each place of each row: first of a cell, covered by one to the left, covered from above.
#[derive(Clone, Copy)]
enum Place<'a> {
    First(&'a Cell),
    Left(&'a Cell),
    Above(&'a Cell),
    Hole,
}

fn places(grid: &Grid) -> Vec<Option<Vec<Place<'_>>>> {
    let starts = grid.places();
    grid.resolved()
        .iter()
        .enumerate()
        .map(|(at, row)| {
            if is_furniture(&grid.rows[at]) {
                return None;
            }
            let place = |column: usize, found: &Option<(usize, usize)>| match *found {
                None => Place::Hole,
                Some((from, number)) => {
                    let cell = &grid.rows[from][number];
                    match (from == at, starts[from][number] == column) {
                        (true, true) => Place::First(cell),
                        (true, false) => Place::Left(cell),
                        (false, _) => Place::Above(cell),
                    }
                }
            };
            Some(row.iter().enumerate().map(|(column, found)| place(column, found)).collect())
        })
        .collect()
}

fn per_row(grid: &Grid, print: impl Fn(usize, &[Place<'_>]) -> String) -> Vec<String> {
    let rows = places(grid);
    rows.iter()
        .enumerate()
        .map(|(at, row)| row.as_ref().map_or_else(|| grid.rows[at][0].text.clone(), |row| print(at, row)))
        .collect()
}

pub(super) fn tabs(grid: &Grid) -> Vec<String> {
    per_row(grid, |_, row| {
        let cells: Vec<String> =
            row.iter().map(|place| if let Place::First(cell) = place { flat(cell) } else { String::new() }).collect();
        cells.join("\t")
    })
}

/// Only the cells that begin in a row.
pub(super) fn joined(grid: &Grid, first: &str, between: &str, last: &str) -> Vec<String> {
    let row = |row: &Vec<Cell>| {
        let cells: Vec<String> = row.iter().map(flat).collect();
        if is_furniture(row) { cells.join("") } else { format!("{first}{}{last}", cells.join(between)) }
    };
    grid.rows.iter().map(row).collect()
}

pub(super) fn padded(grid: &Grid, width: usize) -> Vec<String> {
    let row = |row: &Vec<Cell>| {
        let cells: Vec<String> = row.iter().map(flat).collect();
        if is_furniture(row) {
            return cells.join("");
        }
        let pad = "|".repeat(width - row.len().min(width));
        format!("{} | {pad}", cells.join(" | ")).trim_end().to_owned()
    };
    grid.rows.iter().map(row).collect()
}

fn full(row: &[Place<'_>]) -> Vec<String> {
    row.iter()
        .map(|place| match place {
            Place::First(cell) | Place::Left(cell) | Place::Above(cell) => flat(cell),
            Place::Hole => String::new(),
        })
        .collect()
}

pub(super) fn repeated(grid: &Grid, first: &str, between: &str, last: &str) -> Vec<String> {
    per_row(grid, |_, row| format!("{first}{}{last}", full(row).join(between)))
}

pub(super) fn csv(grid: &Grid) -> Vec<String> {
    let quoted = |text: String| {
        if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    };
    per_row(grid, |_, row| full(row).into_iter().map(quoted).collect::<Vec<_>>().join(","))
}

/// Lists as Python prints them; what is covered is nothing.
pub(super) fn listed(grid: &Grid) -> Vec<String> {
    let quoted = |cell: &Cell| format!("'{}'", cell.text.replace('\n', "\\n"));
    per_row(grid, |_, row| {
        let cells =
            row.iter().map(|place| if let Place::First(cell) = place { quoted(cell) } else { "None".to_owned() });
        format!("[{}]", cells.collect::<Vec<_>>().join(", "))
    })
}

pub(super) fn emptied(grid: &Grid) -> Vec<String> {
    per_row(grid, |_, row| {
        let cells = row.iter().map(|place| if let Place::First(cell) = place { flat(cell) } else { String::new() });
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    })
}

pub(super) fn with_ruler(mut lines: Vec<String>, width: usize) -> Vec<String> {
    lines.insert(1.min(lines.len()), format!("|{}", " --- |".repeat(width)));
    lines
}

/// An empty header, then rows without what is covered from above; labels bold.
pub(super) fn ragged(grid: &Grid) -> Vec<String> {
    let mut lines = vec![format!("|{}", "  |".repeat(grid.width)), format!("|{}", " --- |".repeat(grid.width))];
    lines.extend(per_row(grid, |_, row| {
        let mut line = "|".to_owned();
        for place in row {
            match place {
                Place::First(cell) if cell.is_label() && !cell.text.is_empty() => {
                    line.push_str(&format!(" **{}** |", flat(cell)));
                }
                Place::First(cell) => line.push_str(&format!(" {} |", flat(cell))),
                Place::Left(_) | Place::Hole => line.push_str(" |"),
                Place::Above(_) => {}
            }
        }
        line
    }));
    lines
}

/// No outer pipes, breaks inside cells kept behind two spaces, a ruler under the first row.
pub(super) fn broken(grid: &Grid) -> Vec<String> {
    let mut lines: Vec<String> = grid
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row.iter().map(|cell| cell.text.replace('\n', "  \n")).collect();
            format!("{}  ", cells.join(" | "))
        })
        .collect();
    let n_first = grid.rows.first().map_or(1, Vec::len);
    lines.insert(1.min(lines.len()), vec!["---"; n_first].join("|") + "  ");
    lines
}

/// The table in pieces of a few rows, each a table of its own whose first row poses as its header.
pub(super) fn scraps(grid: &Grid, dice: &mut Dice) -> Vec<String> {
    let rows = emptied(grid);
    let mut lines = Vec::new();
    let mut rest = rows.as_slice();
    let mut length = grid.header.max(1) + dice.index(3);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        lines.extend(with_ruler(piece.to_vec(), grid.width));
        lines.push(String::new());
        rest = after;
        length = 1 + dice.index(6);
    }
    lines
}
