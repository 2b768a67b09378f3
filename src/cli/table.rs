//! Tables on a terminal: columns that line up with Chinese text, remarks under the cells they concern.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

/// A table being drawn.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Row {
    Cells(Vec<String>),
    /// A remark: under which column it points, and what it says.
    Remark(Option<usize>, String),
}

impl Table {
    /// Adds a row of cells; the first is a label.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(Row::Cells(cells.into_iter().map(|cell| printable(&cell)).collect()));
    }

    /// Adds a remark under a column, or under the whole row.
    pub(super) fn remark(&mut self, column: Option<usize>, text: &str) {
        self.rows.push(Row::Remark(column, printable(text)));
    }

    /// Draws the table: labels to the left, numbers to the right.
    pub(super) fn draw(&self) -> String {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            let Row::Cells(cells) = row else { continue };
            if widths.len() < cells.len() {
                widths.resize(cells.len(), 0);
            }
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.width());
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            match row {
                Row::Cells(cells) => {
                    for (at, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                        let pad = " ".repeat(width.saturating_sub(cell.width()));
                        if at == 0 {
                            let _ = write!(text, "  {cell}{pad}");
                        } else {
                            let _ = write!(text, "  {pad}{cell}");
                        }
                    }
                }
                Row::Remark(column, remark) => {
                    let before: usize = match column {
                        Some(column) => {
                            widths.iter().take(column + 1).map(|width| width + 2).sum::<usize>().saturating_sub(1)
                        }
                        None => 2,
                    };
                    let _ = write!(text, "{}^ {remark}", " ".repeat(before));
                }
            }
            let end = text.trim_end().len();
            text.truncate(end);
            text.push('\n');
        }
        text
    }
}

/// A text without characters that would move the cursor or reorder the line.
pub(super) fn printable(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().flat_map(|c| if is_unsafe(c) { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_remarks_point() {
        let mut table = Table::default();
        table.row(["行".to_owned(), "自然人".to_owned(), "总计".to_owned()]);
        table.row(["new_received".to_owned(), "5".to_owned(), "12345".to_owned()]);
        table.remark(Some(2), "5 against 12345");
        assert_eq!(
            table.draw(),
            "  行            自然人   总计\n  new_received       5  12345\n                            ^ 5 against 12345\n"
        );
    }

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
    }
}
