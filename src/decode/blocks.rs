//! Paragraphs and tables as text processors keep them, laid out as pieces.
//!
//! The readers of office files build these; what is the same for all of them is done here: which tables are
//! there for layout, how spans are cut, what becomes a line, a row or a cell of a grid.

use crate::config::Limits;
use crate::model::document::{Document, Place};

/// A cell with more characters than this holds an article, not a figure.
const LAYOUT_CELL_CHARACTERS: usize = 500;

/// A cell of a layout table with no more characters than this is a figure or a label, and keeps its place.
const SHORT_CELL_CHARACTERS: usize = 60;

/// A part of a text, in reading order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    /// A paragraph; `\n` ends a line in it, `\t` parts its columns.
    Paragraph(String),
    /// A picture, chart or embedded object.
    Picture,
    /// A table.
    Table(Table),
}

/// A table: its rows, each with its cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<Cell>>,
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
    let mut layout = Layout { limits, document: Document::default(), grids: 0, rows: 0 };
    layout.blocks(blocks);
    layout.document
}

struct Layout<'a> {
    limits: &'a Limits,
    document: Document,
    grids: u32,
    rows: u32,
}

impl Layout<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(text) => text.split('\n').for_each(|line| self.line(line)),
                Block::Picture => self.document.push_picture(),
                Block::Table(table) if is_layout(table) => self.layout_table(table),
                Block::Table(table) => self.grid(table),
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
                self.document.push(cell.trim(), 0, Place::Row { row: self.rows, column: small(column) });
            }
            self.rows += 1;
        } else {
            let indent = line.chars().take_while(|c| c.is_whitespace()).count();
            self.document.push_indented(trimmed, 0, u32::try_from(indent).unwrap_or(u32::MAX), Place::Line);
        }
    }

    /// The cells of a table that is there for layout, as lines. Short ones keep their place in their row, so that
    /// an empty one does not vanish and two figures in one do not become two cells.
    fn layout_table(&mut self, table: &Table) {
        for cells in &table.rows {
            for (column, cell) in cells.iter().enumerate() {
                if is_short(cell) {
                    let text = self.cell_text(&cell.blocks);
                    self.document.push(&text, 0, Place::Row { row: self.rows, column: small(column) });
                } else {
                    self.blocks(&cell.blocks);
                }
            }
            self.rows += 1;
        }
    }

    fn grid(&mut self, table: &Table) {
        let grid = self.grids;
        self.grids += 1;
        let n_rows = table.rows.len().min(self.limits.table_rows);
        let n_columns = self.limits.table_columns;
        for (row, cells) in table.rows.iter().take(n_rows).enumerate() {
            for cell in cells.iter().filter(|cell| cell.column < n_columns) {
                let place = Place::Grid {
                    grid,
                    row: u32::try_from(row).unwrap_or(u32::MAX),
                    column: small(cell.column),
                    row_span: small(cell.rows.clamp(1, n_rows - row)),
                    column_span: small(cell.columns.clamp(1, n_columns - cell.column)),
                };
                let text = self.cell_text(&cell.blocks);
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
                Block::Paragraph(_) | Block::Table(_) => {}
                Block::Picture => self.document.push_picture(),
            }
        }
        text.trim().to_owned()
    }
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
        Block::Picture | Block::Table(_) => 0,
    };
    cell.blocks.iter().map(count).sum()
}

fn small(number: usize) -> u16 {
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
        check(&[Block::Table(Table { rows })], &["#0 0.0+2x1:甲", "#0 0.1+1x63:乙 丙", "#0 1.1+1x1:1"]);
    }

    #[test]
    fn tables_around_tables_are_for_layout() {
        let inner = Table { rows: vec![vec![cell(0, 1, 1, text("0"))]] };
        let around = vec![Block::Paragraph("题".to_owned()), Block::Table(inner)];
        let rows = vec![vec![cell(0, 1, 1, text("首页")), cell(1, 1, 1, around)]];
        check(&[Block::Table(Table { rows })], &["0.0:首页", "L:题", "#0 0.0+1x1:0"]);
    }

    #[test]
    fn tabs_part_a_paragraph_and_breaks_end_its_lines() {
        check(&text("\t题\n规章\t0\t\t3"), &["L:题", "0.0:规章", "0.1:0", "0.2:", "0.3:3"]);
    }
}
