//! Tables that ruling lines close off, joined over the ends of pages.

use std::mem;

use super::super::blocks::{Block, Cell, Table};
use super::Area;
use super::grid::Span;

/// Edges of two parts of a table differ by no more than this.
pub(super) const NEAR: f64 = 4.0;

/// Rows that a table repeats on each page, at most.
const MAX_HEADER_ROWS: usize = 8;

/// A table, maybe of several pages.
#[derive(Debug)]
pub(super) struct PrintedTable {
    pub(super) area: Area,
    /// Where its columns begin and end.
    pub(super) xs: Vec<f64>,
    pub(super) n_rows: usize,
    pub(super) cells: Vec<(Span, Vec<Block>)>,
    /// Rows at which a page begins.
    pub(super) pages: Vec<usize>,
}

impl PrintedTable {
    /// Takes in the part on the next page, if it is as wide.
    pub(super) fn join(&mut self, mut part: Self) -> Result<(), Self> {
        let is_as_wide = (self.area.x0 - part.area.x0).abs() < NEAR && (self.area.x1 - part.area.x1).abs() < NEAR;
        if !is_as_wide {
            return Err(part);
        }
        let mut xs = [self.xs.as_slice(), &part.xs].concat();
        xs.sort_by(f64::total_cmp);
        xs.dedup_by(|next, first| *next - *first < NEAR);
        self.use_columns(&xs);
        part.use_columns(&xs);
        part.drop_rows(self.repeated_rows(&part));
        self.drop_room();
        if self.is_row_split(&part) {
            self.take_rest_of_row(&mut part);
        }
        let first = self.n_rows;
        self.pages.push(first);
        // Below the last row of a header an empty cell is one without a figure, not the rest of its head.
        let is_below_header = part.has_figures(0) && !first.checked_sub(1).is_some_and(|last| self.has_figures(last));
        for (mut span, blocks) in part.cells {
            span.row += first;
            if span.row == first && blocks.is_empty() && !is_below_header && self.reaches_into(&span) {
                continue;
            }
            self.cells.push((span, blocks));
        }
        self.pages.extend(part.pages.iter().map(|row| row + first));
        self.n_rows += part.n_rows;
        Ok(())
    }

    /// Places the cells in these columns.
    fn use_columns(&mut self, xs: &[f64]) {
        let number = |x: f64| xs.partition_point(|column| *column < x - NEAR);
        for (span, _) in &mut self.cells {
            let (from, to) = (self.xs[span.column], self.xs[span.column + span.columns]);
            span.column = number(from);
            span.columns = number(to).saturating_sub(span.column).max(1);
        }
        self.xs = xs.to_vec();
    }

    /// How many rows at the head of a part are those at the head of this table.
    fn repeated_rows(&self, part: &Self) -> usize {
        let head = |table: &Self, n_rows: usize| -> Option<Vec<(Span, String)>> {
            let mut head = Vec::new();
            for (span, blocks) in table.cells.iter().filter(|(span, _)| span.row < n_rows) {
                if span.row + span.rows > n_rows {
                    return None;
                }
                head.push((*span, text(blocks)));
            }
            Some(head)
        };
        let is_label = |text: &str| !is_figure(text);
        (1..=MAX_HEADER_ROWS.min(part.n_rows.saturating_sub(1)))
            .rev()
            .find(|n_rows| {
                let (known, again) = (head(self, *n_rows), head(part, *n_rows));
                known.is_some()
                    && known == again
                    && again.iter().flatten().all(|(_, text)| text.is_empty() || is_label(text))
                    && again.iter().flatten().any(|(_, text)| is_label(text))
            })
            .unwrap_or(0)
    }

    fn drop_rows(&mut self, n_rows: usize) {
        self.cells.retain(|(span, _)| span.row >= n_rows);
        for (span, _) in &mut self.cells {
            span.row -= n_rows;
        }
        self.n_rows -= n_rows;
    }

    /// Drops the room that is left on a page below its last row, where the next one did not fit: nothing is printed in it, it is not
    /// parted into the columns, and labels that span rows reach down into it.
    fn drop_room(&mut self) {
        let Some(last) = self.n_rows.checked_sub(1) else { return };
        let own = || self.cells.iter().filter(|(span, _)| span.row == last);
        let is_empty = own().all(|(_, blocks)| text(blocks).is_empty());
        let is_reached = self.cells.iter().any(|(span, _)| span.row < last && span.row + span.rows > last);
        if !is_empty || !is_reached || own().all(|(span, _)| span.columns == 1) {
            return;
        }
        self.cells.retain(|(span, _)| span.row != last);
        for (span, _) in &mut self.cells {
            span.rows = span.rows.min(last - span.row);
        }
        self.n_rows = last;
    }

    /// The cell above one at the head of the next page.
    fn cell_above(&mut self, below: &Span) -> Option<&mut (Span, Vec<Block>)> {
        let n_rows = self.n_rows;
        self.cells.iter_mut().find(|(span, _)| {
            span.row + span.rows == n_rows && span.column == below.column && span.columns == below.columns
        })
    }

    /// Whether the first row of the next page is the rest of the last one: it only goes on with what is said there.
    fn is_row_split(&mut self, part: &Self) -> bool {
        let mut is_shorter = false;
        let mut goes_on = false;
        for (below, blocks) in part.cells.iter().filter(|(span, _)| span.row == 0 && span.rows == 1) {
            let Some((_, above)) = self.cell_above(below) else { return false };
            let (above, rest) = (text(above), text(blocks));
            if !rest.is_empty() && (above.is_empty() || is_figure(&rest) || begins_item(&rest)) {
                return false;
            }
            is_shorter |= rest.is_empty() && !above.is_empty();
            goes_on |= !rest.is_empty();
        }
        is_shorter && goes_on
    }

    /// Adds the first row of the next page to the last one.
    fn take_rest_of_row(&mut self, part: &mut Self) {
        for (span, blocks) in mem::take(&mut part.cells) {
            match (span.row, span.rows) {
                (0, 1) => {
                    let Some((_, above)) = self.cell_above(&span) else { continue };
                    for block in blocks {
                        match (above.last_mut(), block) {
                            (Some(Block::Paragraph(text)), Block::Paragraph(rest)) => text.push_str(&rest),
                            (_, block) => above.push(block),
                        }
                    }
                }
                (0, rows) => part.cells.push((Span { rows: rows - 1, ..span }, blocks)),
                (row, _) => part.cells.push((Span { row: row - 1, ..span }, blocks)),
            }
        }
        part.n_rows -= 1;
    }

    /// Whether a figure stands in a row.
    fn has_figures(&self, row: usize) -> bool {
        let is_printed = |text: String| !text.is_empty() && is_figure(&text);
        self.cells.iter().any(|(span, blocks)| span.row == row && is_printed(text(blocks)))
    }

    /// Whether an empty cell at the head of the next page is the rest of a label that spans rows: then that grows.
    fn reaches_into(&mut self, below: &Span) -> bool {
        let above = self.cell_above(below);
        let Some((span, blocks)) = above else { return false };
        let is_label = !blocks.is_empty() && !is_figure(&text(blocks));
        if !is_label || span.rows == 1 && below.rows == 1 {
            return false;
        }
        span.rows += below.rows;
        true
    }

    pub(super) fn block(self) -> Block {
        let mut rows = vec![Vec::new(); self.n_rows];
        for (span, blocks) in self.cells {
            rows[span.row].push(Cell { column: span.column, columns: span.columns, rows: span.rows, blocks });
        }
        for row in &mut rows {
            row.sort_by_key(|cell: &Cell| cell.column);
        }
        Block::Table(Table { rows, pages: self.pages })
    }
}

/// Whether a text is a number or a mark that stands for none.
pub(super) fn is_figure(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '/'))
}

/// Whether a text begins with the number of an item.
fn begins_item(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || "（(一二三四五六七八九十".contains(c));
    rest.len() < text.len() && rest.starts_with(['.', '．', '、', '）', ')'])
}

/// What stands in a cell, without white space.
fn text(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => text.extend(paragraph.chars().filter(|c| !c.is_whitespace())),
            Block::Picture | Block::Table(_) | Block::Page => text.push('\u{fffc}'),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table two columns wide; each cell as its row, column, rows and text.
    fn table(n_rows: usize, cells: &[(usize, usize, usize, &str)]) -> PrintedTable {
        let cell = |&(row, column, rows, text): &(usize, usize, usize, &str)| {
            let paragraph = (!text.is_empty()).then(|| Block::Paragraph(text.to_owned()));
            (Span { row, column, rows, columns: 1 }, paragraph.into_iter().collect())
        };
        PrintedTable {
            area: Area { x0: 0.0, y0: 0.0, x1: 80.0, y1: 40.0 },
            xs: vec![0.0, 40.0, 80.0],
            n_rows,
            cells: cells.iter().map(cell).collect(),
            pages: Vec::new(),
        }
    }

    #[track_caller]
    fn check(mut upper: PrintedTable, lower: PrintedTable, expected: &[(usize, usize, usize, &str)]) {
        upper.join(lower).expect("they are as wide");
        let found: Vec<(usize, usize, usize, String)> =
            upper.cells.iter().map(|(span, blocks)| (span.row, span.column, span.rows, text(blocks))).collect();
        let found: Vec<_> = found.iter().map(|(row, at, rows, text)| (*row, *at, *rows, text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_empty_cell_below_a_header_is_no_part_of_it() {
        let header = table(2, &[(0, 0, 2, "维持"), (0, 1, 1, "诉讼"), (1, 1, 1, "总计")]);
        let figures = table(1, &[(0, 0, 1, ""), (0, 1, 1, "3")]);
        let expected = [(0, 0, 2, "维持"), (0, 1, 1, "诉讼"), (1, 1, 1, "总计"), (2, 0, 1, ""), (2, 1, 1, "3")];
        check(header, figures, &expected);
    }

    #[test]
    fn room_below_the_last_row_of_a_page_is_no_row() {
        let upper = || {
            let mut upper = table(2, &[(0, 0, 2, "办理"), (0, 1, 1, "公开"), (0, 2, 1, "1"), (1, 1, 1, "")]);
            upper.xs = vec![0.0, 20.0, 60.0, 80.0];
            upper
        };
        let mut lower = table(1, &[(0, 0, 1, "结果"), (0, 1, 1, "不公开"), (0, 2, 1, "3")]);
        lower.xs.clone_from(&upper().xs);
        let mut with_room = upper();
        with_room.cells[3].0.columns = 2;
        let row = [(1, 0, 1, "结果"), (1, 1, 1, "不公开"), (1, 2, 1, "3")];
        let expected = [&[(0, 0, 1, "办理"), (0, 1, 1, "公开"), (0, 2, 1, "1")][..], &row].concat();
        check(with_room, lower, &expected);
        // A row of the columns is one, whether or not anything stands in it.
        let mut blank = upper();
        blank.cells.push((Span { row: 1, column: 2, rows: 1, columns: 1 }, Vec::new()));
        blank.drop_room();
        assert_eq!((blank.n_rows, blank.cells.len()), (2, 5));
    }

    #[test]
    fn a_heading_goes_on_over_the_end_of_a_page() {
        let upper = table(2, &[(0, 0, 2, "办理"), (0, 1, 1, "1"), (1, 1, 1, "2")]);
        let lower = table(1, &[(0, 0, 1, ""), (0, 1, 1, "3")]);
        check(upper, lower, &[(0, 0, 3, "办理"), (0, 1, 1, "1"), (1, 1, 1, "2"), (2, 1, 1, "3")]);
    }
}
