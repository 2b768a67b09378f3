//! Tables drawn on a sheet of character cells: wrapped labels, columns by position, boxes.

use std::collections::BTreeMap;

use super::grid::{Grid, Role, is_furniture};

/// How many columns of a terminal a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if c < '\u{2e80}' && !('\u{2000}'..='\u{206f}').contains(&c) { 1 } else { 2 }).sum()
}

/// A cell with its place on the sheet.
pub(super) struct Placed {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) columns: usize,
    /// First and last line, exclusive.
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) lines: Vec<String>,
    pub(super) role: Role,
}

/// How a table is set.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    /// Labels are wrapped at this width in a column of their own.
    pub(super) label_width: usize,
    /// Headings that span rows are wrapped at this width.
    pub(super) heading_width: usize,
    /// Columns and lines between cells.
    pub(super) gap: usize,
    pub(super) line_gap: usize,
}

/// Nothing is wrapped.
const LOOSE: Setting = Setting { label_width: usize::MAX, heading_width: usize::MAX, gap: 2, line_gap: 0 };

fn wrap(text: &str, at: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for part in text.split('\n') {
        let mut line = String::new();
        for c in part.chars() {
            if !line.is_empty() && width(&line) + width(c.encode_utf8(&mut [0; 4])) > at {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
        lines.push(line);
    }
    lines
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| width(line)).max().unwrap_or(0)
}

/// Sets a table: wraps labels, finds widths and heights, gives each cell its place.
pub(super) fn set(grid: &Grid, setting: Setting) -> Vec<Placed> {
    let places = grid.places();
    let mut widths = vec![2_usize; grid.width];
    let limit = |cell: &super::grid::Cell| match cell.role {
        Role::Label(_) if cell.rows > 1 => setting.heading_width,
        Role::Label(_) => setting.label_width,
        _ => usize::MAX,
    };
    for (row, starts) in grid.rows.iter().zip(&places).filter(|(row, _)| !is_furniture(row)) {
        for (cell, start) in row.iter().zip(starts).filter(|(cell, _)| cell.columns == 1) {
            widths[*start] = widths[*start].max(widest(&wrap(&cell.text, limit(cell))));
        }
    }
    if setting.label_width == usize::MAX {
        for (row, starts) in grid.rows.iter().zip(&places).filter(|(row, _)| !is_furniture(row)) {
            for (cell, start) in row.iter().zip(starts).filter(|(cell, _)| cell.columns > 1) {
                let end = (start + cell.columns).min(grid.width);
                let have: usize = widths[*start..end].iter().sum::<usize>() + setting.gap * (end - start - 1);
                let need = widest(&wrap(&cell.text, usize::MAX));
                widths[end - 1] += need.saturating_sub(have);
            }
        }
    }
    let mut lefts = vec![0];
    for width in &widths {
        lefts.push(lefts[lefts.len() - 1] + width + setting.gap);
    }
    let mut heights = vec![1_usize; grid.rows.len()];
    let mut placed = Vec::new();
    for (at, (row, starts)) in grid.rows.iter().zip(&places).enumerate() {
        for (cell, start) in row.iter().zip(starts) {
            let columns = if is_furniture(row) { grid.width } else { cell.columns };
            let end = (start + columns).min(grid.width);
            let (left, right) = (lefts[*start], lefts[end] - setting.gap);
            let lines = wrap(&cell.text, (right - left).max(2));
            let last = (at + if is_furniture(row) { 1 } else { cell.rows }).min(grid.rows.len());
            let have: usize = heights[at..last].iter().sum();
            heights[last - 1] += lines.len().saturating_sub(have);
            placed.push(Placed {
                row: at,
                column: *start,
                columns: end - start,
                top: 0,
                bottom: last,
                left,
                right,
                lines,
                role: cell.role,
            });
        }
    }
    let mut tops = vec![0];
    for height in &heights {
        tops.push(tops[tops.len() - 1] + height + setting.line_gap);
    }
    for cell in &mut placed {
        cell.top = tops[cell.row];
        cell.bottom = tops[cell.bottom] - setting.line_gap;
    }
    placed
}

/// Every line of every cell as (line, column, text), cells centred from top to bottom where asked.
pub(super) fn fragments(placed: &[Placed], is_centred: bool) -> BTreeMap<usize, Vec<(usize, String)>> {
    let mut sheet: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
    for cell in placed {
        let spare = (cell.bottom - cell.top).saturating_sub(cell.lines.len());
        let top = cell.top + if is_centred { spare / 2 } else { 0 };
        for (at, line) in cell.lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let spare = (cell.right - cell.left).saturating_sub(width(line));
            let left = cell.left + if is_centred { spare / 2 } else { 0 };
            sheet.entry(top + at).or_default().push((left, line.clone()));
        }
    }
    for line in sheet.values_mut() {
        line.sort();
    }
    sheet
}

/// A sheet as lines of text, columns kept by spaces, at least two between parts.
pub(super) fn spaced(sheet: &BTreeMap<usize, Vec<(usize, String)>>) -> Vec<String> {
    let n_lines = sheet.keys().next_back().map_or(0, |last| last + 1);
    let line = |at: usize| {
        let mut line = String::new();
        for (left, text) in sheet.get(&at).into_iter().flatten() {
            let least = if line.is_empty() { 0 } else { 2 };
            line.push_str(&" ".repeat(left.saturating_sub(width(&line)).max(least)));
            line.push_str(text);
        }
        line
    };
    (0..n_lines).map(line).collect()
}

pub(super) fn aligned(grid: &Grid) -> Vec<String> {
    spaced(&fragments(&set(grid, LOOSE), false))
}

/// Pipes where the cells of a line begin and end.
pub(super) fn fixed_pipes(grid: &Grid) -> Vec<String> {
    let setting = Setting { label_width: 44, heading_width: 18, gap: 1, line_gap: 0 };
    let placed = set(grid, setting);
    let n_lines = placed.iter().map(|cell| cell.bottom).max().unwrap_or(0);
    let mut lines = Vec::new();
    for at in 0..n_lines {
        let mut here: Vec<&Placed> = placed.iter().filter(|cell| (cell.top..cell.bottom).contains(&at)).collect();
        here.sort_by_key(|cell| cell.left);
        if let [Placed { role: Role::Furniture, lines: text, .. }] = here.as_slice() {
            lines.push(text.join(""));
            continue;
        }
        let mut line = "|".to_owned();
        for cell in here {
            let text = cell.lines.get(at - cell.top).map_or("", String::as_str);
            line.push_str(text);
            line.push_str(&" ".repeat((cell.right - cell.left).saturating_sub(width(text))));
            line.push('|');
        }
        lines.push(line);
    }
    lines
}

/// Rulers of dashes above and below, cells left-aligned between, a blank line after each row.
pub(super) fn rulers(grid: &Grid) -> Vec<String> {
    let setting = Setting { line_gap: 1, gap: 1, ..LOOSE };
    let placed = set(grid, setting);
    let mut columns: BTreeMap<usize, usize> = BTreeMap::new();
    for cell in placed.iter().filter(|cell| cell.columns == 1) {
        columns.insert(cell.column, cell.right - cell.left);
    }
    let ruler: Vec<String> = columns.values().map(|width| "-".repeat(*width)).collect();
    let ruler = format!("  {}", ruler.join(" "));
    let mut lines = vec![ruler.clone()];
    lines.extend(spaced(&fragments(&placed, false)).into_iter().map(|line| format!("  {line}")));
    lines.push(ruler);
    lines
}

/// Cells wrapped and set in the middle of their rows, column by column of what stands in the row; all lines padded
/// to one width, places counted in characters.
pub(super) fn padded(grid: &Grid) -> Vec<String> {
    let count = |text: &str| text.chars().count();
    let cell = |cell: &super::grid::Cell| wrap(&cell.text, if cell.is_label() { 44 } else { usize::MAX });
    let rows: Vec<Vec<Vec<String>>> = grid.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let mut widths = vec![0; grid.rows.iter().map(Vec::len).max().unwrap_or(0)];
    for (at, lines) in rows.iter().flat_map(|row| row.iter().enumerate()) {
        widths[at] = widths[at].max(lines.iter().map(|line| count(line)).max().unwrap_or(0));
    }
    let total = widths.iter().sum::<usize>() + 2 * widths.len() + 4;
    let mut sheet = vec![String::new()];
    for row in &rows {
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let mut line = String::from("  ");
            for (lines, width) in row.iter().zip(&widths) {
                let above = (height - lines.len()) / 2;
                let text = at.checked_sub(above).and_then(|at| lines.get(at)).map_or("", String::as_str);
                line.push_str(text);
                line.push_str(&" ".repeat(width - count(text) + 2));
            }
            sheet.push(line);
        }
        sheet.push(String::new());
    }
    sheet.into_iter().map(|line| format!("{line}{}", " ".repeat(total - count(&line)))).collect()
}

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

/// A box around every cell.
pub(super) fn boxes(grid: &Grid, is_ascii: bool) -> Vec<String> {
    let setting = Setting { label_width: 60, heading_width: 18, gap: 1, line_gap: 1 };
    let placed = set(grid, setting);
    let n_columns = placed.iter().map(|cell| cell.right + 2).max().unwrap_or(0);
    let n_lines = placed.iter().map(|cell| cell.bottom + 2).max().unwrap_or(0);
    let mut strokes = vec![vec![0_u8; n_columns]; n_lines];
    let mut letters: Vec<Vec<Option<char>>> = vec![vec![Some(' '); n_columns]; n_lines];
    for cell in &placed {
        // The frame runs in the gaps: sheet places are shifted by one to make room for the first.
        let (top, bottom, left, right) = (cell.top, cell.bottom + 1, cell.left, cell.right + 1);
        for edge in [top, bottom] {
            for (column, stroke) in strokes[edge].iter_mut().enumerate().take(right + 1).skip(left) {
                *stroke |= (if column > left { LEFT } else { 0 }) | (if column < right { RIGHT } else { 0 });
            }
        }
        for (line, places) in strokes.iter_mut().enumerate().take(bottom + 1).skip(top) {
            let mark = (if line > top { UP } else { 0 }) | (if line < bottom { DOWN } else { 0 });
            places[left] |= mark;
            places[right] |= mark;
        }
        let spare = (cell.bottom - cell.top).saturating_sub(cell.lines.len()) / 2;
        for (at, text) in cell.lines.iter().enumerate() {
            let mut column = left + 1;
            for c in text.chars() {
                let wide = width(c.encode_utf8(&mut [0; 4]));
                if column + wide > right {
                    break;
                }
                letters[top + 1 + spare + at][column] = Some(c);
                if wide == 2 {
                    letters[top + 1 + spare + at][column + 1] = None;
                }
                column += wide;
            }
        }
    }
    let line = |at: usize| -> String {
        let glyph = |column: usize| match strokes[at][column] {
            0 => letters[at][column],
            stroke => Some(frame(stroke, is_ascii)),
        };
        (0..n_columns).filter_map(glyph).collect::<String>().trim_end().to_owned()
    };
    (0..n_lines).map(line).filter(|line| !line.is_empty()).collect()
}

fn frame(stroke: u8, is_ascii: bool) -> char {
    const LINES: [char; 16] = [' ', '│', '│', '│', '─', '┘', '┐', '┤', '─', '└', '┌', '├', '─', '┴', '┬', '┼'];
    let across = stroke & (LEFT | RIGHT) != 0;
    let down = stroke & (UP | DOWN) != 0;
    match (is_ascii, across, down) {
        (false, _, _) => LINES[usize::from(stroke)],
        (true, true, true) => '+',
        (true, true, false) => '-',
        (true, false, _) => '|',
    }
}
