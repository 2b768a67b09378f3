//! Tables on a terminal: columns that line up with Chinese text, remarks under the cells they concern, marks in colour.

use std::fmt::Write as _;

use crate::wording::printable;

use unicode_width::UnicodeWidthStr;

/// How something is marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not at all.
    #[default]
    None,
    /// It stands in a rule that fails.
    Failing,
    /// It is what would have to change.
    Suspect,
    /// It is said beside the matter.
    Aside,
}

impl Mark {
    /// The text in the colour of the mark; as it is where colours are not wanted.
    pub(super) fn paint(self, text: &str, is_coloured: bool) -> String {
        let code = match self {
            Self::None => return text.to_owned(),
            _ if !is_coloured => return text.to_owned(),
            Self::Failing => "33",
            Self::Suspect => "1;31",
            Self::Aside => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// A table being drawn.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Row {
    Cells(Vec<(String, Mark)>),
    /// A remark: under which column it points, and what it says.
    Remark(Option<usize>, String),
}

impl Table {
    /// Adds a row of cells; the first is a label.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.marked_row(cells.into_iter().map(|cell| (cell, Mark::None)));
    }

    /// The same, each cell with its mark.
    pub(super) fn marked_row(&mut self, cells: impl IntoIterator<Item = (String, Mark)>) {
        self.rows.push(Row::Cells(cells.into_iter().map(|(cell, mark)| (printable(&cell), mark)).collect()));
    }

    /// Adds a remark under a column, or under the whole row.
    pub(super) fn remark(&mut self, column: Option<usize>, text: &str) {
        self.rows.push(Row::Remark(column, printable(text)));
    }

    /// Draws the table: labels to the left, numbers to the right.
    pub(super) fn draw(&self, is_coloured: bool) -> String {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            let Row::Cells(cells) = row else { continue };
            if widths.len() < cells.len() {
                widths.resize(cells.len(), 0);
            }
            for (width, (cell, _)) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.width());
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            match row {
                Row::Cells(cells) => {
                    for (at, ((cell, mark), width)) in cells.iter().zip(&widths).enumerate() {
                        let pad = " ".repeat(width.saturating_sub(cell.width()));
                        let cell = mark.paint(cell, is_coloured);
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
                    let remark = Mark::Failing.paint(&format!("^ {remark}"), is_coloured);
                    let _ = write!(text, "{}{remark}", " ".repeat(before));
                }
            }
            let end = text.trim_end().len();
            text.truncate(end);
            text.push('\n');
        }
        text
    }
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
            table.draw(false),
            "  行            自然人   总计\n  new_received       5  12345\n                            ^ 5 against 12345\n"
        );
    }

    #[test]
    fn marks_are_coloured_where_that_is_wanted() {
        let mut table = Table::default();
        table.marked_row([("a".to_owned(), Mark::None), ("5".to_owned(), Mark::Suspect)]);
        assert_eq!(table.draw(true), "  a  \u{1b}[1;31m5\u{1b}[0m\n");
        assert_eq!(table.draw(false), "  a  5\n");
    }
}
