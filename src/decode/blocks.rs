//! Paragraphs and tables as text processors keep them, laid out as pieces.
//!
//! The readers of office files build these; what is the same for all of them is done here: which tables are
//! there for layout, how spans are cut, what becomes a line, a row or a cell of a grid.

use std::{mem, slice};

use super::UNKNOWN;
use crate::config::Limits;
use crate::model::document::{Document, Place};

/// A cell with more characters than this holds an article, not a figure.
pub(super) const LAYOUT_CELL_CHARACTERS: usize = 500;

/// A cell of a layout table with no more characters than this is a figure or a label, and keeps its place.
pub(super) const SHORT_CELL_CHARACTERS: usize = 60;

/// A cell of a sheet with more characters than this, or with a full stop, holds prose.
const PROSE_CHARACTERS: usize = 60;

/// A part of a text, in reading order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    /// A paragraph; `\n` ends a line in it, `\t` parts its columns.
    Paragraph(String),
    /// A picture, chart or embedded object.
    Picture,
    /// A table.
    Table(Table),
    /// A page of the source begins.
    Page,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    /// Its rows, each with its cells.
    pub(super) rows: Vec<Vec<Cell>>,
    /// Rows at which a page of the source begins, in order.
    pub(super) pages: Vec<usize>,
}

impl From<Vec<Vec<Cell>>> for Table {
    fn from(rows: Vec<Vec<Cell>>) -> Self {
        Self { rows, pages: Vec::new() }
    }
}

/// A cell that is not covered by another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// First column it covers, from 0.
    pub(super) column: usize,
    /// Columns it covers, at least 1.
    pub(super) columns: usize,
    /// Rows it covers, at least 1.
    pub(super) rows: usize,
    pub(super) blocks: Vec<Block>,
}

/// Lays blocks out as pieces of a document.
pub(super) fn lay_out(blocks: &[Block], limits: &Limits) -> Document {
    let mut document = Document::default();
    Layout { limits, document: &mut document, grids: &mut 0, rows: &mut 0 }.blocks(blocks);
    document
}

/// The rows of a sheet as blocks: prose as paragraphs, what lies between as tables. Tables are parted by empty rows and
/// by headings; each reaches no further to the right than what stands in it.
pub(super) fn sheet(rows: Vec<Vec<Cell>>) -> Vec<Block> {
    let kinds: Vec<RowKind> = rows.iter().map(|cells| RowKind::of(cells)).collect();
    let mut sheet = SheetTables { blocks: Vec::new(), rows: Vec::new(), width: 0 };
    for (at, cells) in rows.into_iter().enumerate() {
        // A label alone in its row is a heading where the table below it is of another width; else it is the label of
        // a row that is blank.
        let width_below = || kinds[at + 1..].iter().map_while(|kind| kind.row_end()).max();
        match kinds[at] {
            RowKind::Empty => sheet.end_table(),
            RowKind::Prose => {
                sheet.end_table();
                sheet.blocks.extend(cells.into_iter().flat_map(|cell| cell.blocks));
            }
            RowKind::Alone { end, is_merged } => {
                if is_merged && end >= sheet.width || width_below().is_some_and(|below| below != sheet.width) {
                    sheet.end_table();
                }
                sheet.rows.push(cells);
            }
            RowKind::Cells { end } => {
                sheet.width = sheet.width.max(end);
                sheet.rows.push(cells);
            }
        }
    }
    sheet.end_table();
    sheet.blocks
}

/// What stands in a row of a sheet.
#[derive(Clone, Copy, Debug)]
enum RowKind {
    Empty,
    Prose,
    /// One filled cell.
    Alone {
        end: usize,
        is_merged: bool,
    },
    Cells {
        end: usize,
    },
}

impl RowKind {
    fn of(cells: &[Cell]) -> Self {
        let filled: Vec<&Cell> = cells.iter().filter(|cell| !is_blank(&cell.blocks)).collect();
        let end = filled.iter().map(|cell| cell.column.saturating_add(cell.columns)).max().unwrap_or(0);
        match filled.as_slice() {
            [] => Self::Empty,
            _ if filled.iter().any(|cell| is_prose(cell)) => Self::Prose,
            [only] => Self::Alone { end, is_merged: only.columns > 1 },
            _ => Self::Cells { end },
        }
    }

    /// The end of a row of several cells.
    fn row_end(self) -> Option<usize> {
        match self {
            Self::Cells { end } => Some(end),
            Self::Empty | Self::Prose | Self::Alone { .. } => None,
        }
    }
}

/// The tables of a sheet so far, and the rows of the next.
struct SheetTables {
    blocks: Vec<Block>,
    rows: Vec<Vec<Cell>>,
    /// Where its rows of several cells end.
    width: usize,
}

impl SheetTables {
    fn end_table(&mut self) {
        let width = mem::take(&mut self.width);
        let mut rows = mem::take(&mut self.rows);
        if width == 0 {
            // Headings only.
            self.blocks.extend(rows.into_iter().flatten().flat_map(|cell| cell.blocks));
            return;
        }
        // A figure alone in its row to the right of all others is not lost.
        let filled = rows.iter().flatten().filter(|cell| !is_blank(&cell.blocks));
        let width = filled.map(|cell| cell.column + 1).max().unwrap_or(0).max(width);
        for cells in &mut rows {
            cells.retain(|cell| cell.column < width);
            for cell in cells {
                cell.columns = cell.columns.min(width - cell.column);
            }
        }
        self.blocks.push(Block::Table(rows.into()));
    }
}

/// Whether the rows of a table are those of a sheet that holds a whole report: prose stands alone in a row, over several
/// columns.
pub(super) fn is_sheet(rows: &[Vec<Cell>]) -> bool {
    rows.iter().any(|cells| {
        let mut filled = cells.iter().filter(|cell| !is_blank(&cell.blocks));
        filled.next().is_some_and(|cell| cell.columns > 1 && is_prose(cell)) && filled.next().is_none()
    })
}

/// Whether nothing of blocks can be seen.
pub(super) fn is_blank(blocks: &[Block]) -> bool {
    blocks.iter().all(|block| matches!(block, Block::Paragraph(text) if text.trim().is_empty()))
}

fn is_prose(cell: &Cell) -> bool {
    cell.blocks.iter().any(|block| match block {
        Block::Paragraph(text) => text.contains('。') || text.chars().count() > PROSE_CHARACTERS,
        Block::Table(_) | Block::Picture | Block::Page => true,
    })
}

/// Where blocks are laid out, and how many grids and rows there are so far.
pub(super) struct Layout<'a> {
    pub(super) limits: &'a Limits,
    pub(super) document: &'a mut Document,
    pub(super) grids: &'a mut u32,
    pub(super) rows: &'a mut u32,
}

impl Layout<'_> {
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        let mut rest = blocks;
        while let [block, after @ ..] = rest {
            rest = after;
            match block {
                Block::Paragraph(text) => text.split('\n').for_each(|line| self.line(line)),
                Block::Picture => self.document.push_picture(),
                Block::Page => self.document.push_page(),
                Block::Table(table) if is_layout(table) => self.layout_table(table),
                Block::Table(table) => {
                    let mut parts = vec![table];
                    while let Some((part, after)) = next_part(table, rest) {
                        parts.push(part);
                        rest = after;
                    }
                    self.grid(&parts);
                }
            }
        }
    }

    /// A line of text; tabs inside it part it into the cells of a row.
    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return;
        }
        if trimmed.contains('\t') && trimmed.len() <= self.limits.line_bytes {
            for (column, cell) in trimmed.split('\t').enumerate() {
                self.document.push(cell.trim(), 0, Place::Row { row: *self.rows, column: small(column) });
            }
            *self.rows += 1;
        } else {
            let indent = line.chars().take_while(|c| c.is_whitespace()).count();
            self.document.push_indented(trimmed, u32::try_from(indent).unwrap_or(u32::MAX), 0, Place::Line);
        }
    }

    /// The cells of a table that is there for layout, as lines. Short ones keep their place in their row, so that
    /// an empty one does not vanish and two figures in one do not become two cells.
    fn layout_table(&mut self, table: &Table) {
        for cells in &table.rows {
            for (column, cell) in cells.iter().enumerate() {
                if is_short(cell) {
                    let text = self.cell_text(&cell.blocks);
                    self.document.push(&text, 0, Place::Row { row: *self.rows, column: small(column) });
                } else {
                    self.blocks(&cell.blocks);
                }
            }
            *self.rows += 1;
        }
    }

    /// A table in its parts, one below the other.
    fn grid(&mut self, parts: &[&Table]) {
        let grid = *self.grids;
        *self.grids += 1;
        let mut rows: Vec<&Vec<Cell>> = Vec::new();
        let mut pages = Vec::new();
        for part in parts {
            pages.extend(part.pages.iter().map(|row| rows.len() + row));
            rows.extend(&part.rows);
        }
        rows.truncate(self.limits.table_rows);
        let n_rows = rows.len();
        let n_columns = self.limits.table_columns;
        for (row, cells) in rows.into_iter().enumerate() {
            pages.iter().filter(|page| **page == row).for_each(|_| self.document.push_page());
            for cell in cells.iter().filter(|cell| cell.column < n_columns) {
                let place = Place::Grid {
                    grid,
                    row: u32::try_from(row).unwrap_or(u32::MAX),
                    column: small(cell.column),
                    row_span: small(cell.rows.clamp(1, n_rows - row)),
                    column_span: small(cell.columns.clamp(1, n_columns - cell.column)),
                };
                let mut text = self.cell_text(&cell.blocks);
                // What shows a picture is not blank.
                if text.is_empty() && cell.blocks.contains(&Block::Picture) {
                    text = UNKNOWN.to_owned();
                }
                self.document.push(&text, 0, place);
            }
        }
    }

    /// The text of a cell in one line.
    fn cell_text(&mut self, blocks: &[Block]) -> String {
        let mut text = String::new();
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) if text.len() < self.limits.cell_bytes => {
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.extend(paragraph.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }));
                }
                Block::Paragraph(_) | Block::Table(_) | Block::Page => {}
                Block::Picture => self.document.push_picture(),
            }
        }
        text.trim().to_owned()
    }
}

/// The next part of a table that was cut, as at the end of a page: as wide, and nothing said between.
fn next_part<'b>(table: &Table, rest: &'b [Block]) -> Option<(&'b Table, &'b [Block])> {
    let at = rest.iter().position(|block| !is_blank(slice::from_ref(block)))?;
    match &rest[at] {
        Block::Table(part) if !is_layout(part) && width(part) == width(table) => Some((part, &rest[at + 1..])),
        _ => None,
    }
}

fn width(table: &Table) -> usize {
    table.rows.iter().flatten().map(|cell| cell.column.saturating_add(cell.columns)).max().unwrap_or(0)
}

/// Whether a table is there for layout: it holds another table, or a cell as long as an article.
fn is_layout(table: &Table) -> bool {
    table.rows.iter().flatten().any(|cell| holds_table(cell) || characters(cell) > LAYOUT_CELL_CHARACTERS)
}

fn is_short(cell: &Cell) -> bool {
    !holds_table(cell) && characters(cell) <= SHORT_CELL_CHARACTERS
}

fn holds_table(cell: &Cell) -> bool {
    cell.blocks.iter().any(|block| matches!(block, Block::Table(_)))
}

fn characters(cell: &Cell) -> usize {
    let count = |block: &Block| match block {
        Block::Paragraph(text) => text.chars().filter(|c| !c.is_whitespace()).count(),
        Block::Picture | Block::Table(_) | Block::Page => 0,
    };
    cell.blocks.iter().map(count).sum()
}

pub(super) fn small(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn cell(column: usize, columns: usize, rows: usize, blocks: Vec<Block>) -> Cell {
        Cell { column, columns, rows, blocks }
    }

    fn text(text: &str) -> Vec<Block> {
        vec![Block::Paragraph(text.to_owned())]
    }

    fn check(blocks: &[Block], expected: &[&str]) {
        let document = lay_out(blocks, &Config::embedded().expect("settings").limits);
        let pieces: Vec<String> = document
            .pieces
            .iter()
            .map(|piece| match piece.place {
                Place::Line => format!("L:{}", document.text_of(piece)),
                Place::Row { row, column } => format!("{row}.{column}:{}", document.text_of(piece)),
                Place::Grid { grid, row, column, row_span, column_span } => {
                    format!("#{grid} {row}.{column}+{row_span}x{column_span}:{}", document.text_of(piece))
                }
            })
            .collect();
        assert_eq!(pieces, expected);
    }

    #[test]
    fn spans_are_cut_to_the_table() {
        let rows = vec![
            vec![cell(0, 1, 9, text("甲")), cell(1, usize::MAX, 1, text("乙\n丙"))],
            vec![cell(1, 1, 1, text("1")), cell(64, 1, 1, text("beyond"))],
        ];
        check(&[Block::Table(rows.into())], &["#0 0.0+2x1:甲", "#0 0.1+1x63:乙 丙", "#0 1.1+1x1:1"]);
    }

    #[test]
    fn a_sheet_is_parted_by_headings_and_prose() {
        let row = |cells: &[(usize, &str)]| {
            let column = |at: usize| cells[..at].iter().map(|(columns, _)| columns).sum();
            cells.iter().enumerate().map(|(at, (columns, print))| cell(column(at), *columns, 1, text(print))).collect()
        };
        let rows: Vec<Vec<Cell>> = vec![
            row(&[(4, "题")]),
            row(&[(4, "正文。")]),
            row(&[(1, "规章"), (1, "0"), (1, "3"), (1, "")]),
            row(&[(1, "续"), (1, ""), (1, ""), (1, "")]),
            row(&[(3, "第二十条"), (1, "")]),
            row(&[(1, "许可"), (1, "7"), (2, "")]),
        ];
        assert!(is_sheet(&rows) && !is_sheet(&rows[2..]));
        check(
            &sheet(rows),
            &[
                "L:题",
                "L:正文。",
                "#0 0.0+1x1:规章",
                "#0 0.1+1x1:0",
                "#0 0.2+1x1:3",
                "#0 1.0+1x1:续",
                "#0 1.1+1x1:",
                "#0 1.2+1x1:",
                "#1 0.0+1x2:第二十条",
                "#1 1.0+1x1:许可",
                "#1 1.1+1x1:7",
            ],
        );
    }

    #[test]
    fn a_figure_beside_a_sheet_is_kept() {
        let row = |cells: &[(usize, &str)]| cells.iter().map(|(at, print)| cell(*at, 1, 1, text(print))).collect();
        let rows = vec![row(&[(0, "甲"), (1, "1")]), row(&[(3, "77")])];
        check(&sheet(rows), &["#0 0.0+1x1:甲", "#0 0.1+1x1:1", "#0 1.3+1x1:77"]);
    }

    #[test]
    fn parts_of_a_table_are_joined() {
        let part = |row: &str, columns| Block::Table(vec![vec![cell(0, columns, 1, text(row))]].into());
        let gap = Block::Paragraph(" ".to_owned());
        let blocks =
            [part("甲", 2), gap.clone(), part("乙", 2), part("丙", 3), gap, text("丁").remove(0), part("戊", 3)];
        check(&blocks, &["#0 0.0+1x2:甲", "#0 1.0+1x2:乙", "#1 0.0+1x3:丙", "L:丁", "#2 0.0+1x3:戊"]);
    }

    #[test]
    fn tables_around_tables_are_for_layout() {
        let inner = Table::from(vec![vec![cell(0, 1, 1, text("0"))]]);
        let around = vec![Block::Paragraph("题".to_owned()), Block::Table(inner)];
        let rows = vec![vec![cell(0, 1, 1, text("首页")), cell(1, 1, 1, around)]];
        check(&[Block::Table(rows.into())], &["0.0:首页", "L:题", "#0 0.0+1x1:0"]);
    }

    #[test]
    fn tabs_part_a_paragraph_and_breaks_end_its_lines() {
        check(&text("\t题\n规章\t0\t\t3"), &["L:题", "0.0:规章", "0.1:0", "0.2:", "0.3:3"]);
    }
}
