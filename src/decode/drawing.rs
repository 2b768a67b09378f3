//! Tables drawn with lines: `│`, `├──┼──┤` of terminal browsers, `+---+---+` of plain text.
//!
//! The drawing is a picture in columns of the terminal, where a Chinese character takes two. Bars cut each
//! line into cells, rules end them; a cell beside a rule that does not cross it goes on below and spans
//! rows. What comes out is a grid with spans, as if it were read from the page that was drawn.

use unicode_width::UnicodeWidthChar;

/// More lines than any table has.
const MAX_LINES: usize = 2_000;
/// Columns of the terminal; a longer line is no drawing.
const MAX_WIDTH: usize = 4_000;

/// More blank lines than this end a drawing.
const MAX_BLANK: usize = 3;

/// A cell of a drawn table.
#[derive(Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) row_span: usize,
    pub(super) column_span: usize,
    /// Line of the drawing it begins in, from 0.
    pub(super) line: usize,
}

/// Whether a line begins a drawn table: its upper edge.
pub(super) fn is_edge(line: &str) -> bool {
    let line = line.trim();
    let is_boxed = line.starts_with(['┌', '┏', '╔', '├', '╭']) && line.ends_with(['┐', '┓', '╗', '┤', '╮']);
    let is_plain = line.starts_with("+-") && line.ends_with("-+") || line.starts_with("+=") && line.ends_with("=+");
    let is_rule = |c: char| is_horizontal(c) || is_vertical(c) || matches!(c, '+' | '-' | '=' | ':');
    (is_boxed || is_plain) && line.chars().all(is_rule)
}

/// Whether a line belongs to a drawing: it stands between bars.
pub(super) fn is_inside(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(|c| is_vertical(c) || matches!(c, '|' | '+'))
        && line.ends_with(|c| is_vertical(c) || matches!(c, '|' | '+'))
}

/// The lines of the drawing that a text begins with. Where blank lines stand between all of them, they are of the drawing
/// too; one between two edges parts two drawings.
pub(super) fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let mut n_drawn = 0;
    for line in text.split_inclusive('\n') {
        let is_blank = line.trim().is_empty();
        let is_parted = lines.len() > n_drawn;
        let is_next = is_edge(line) && n_drawn > 0 && is_parted && is_edge(lines[n_drawn - 1]);
        if !is_blank && (is_next || !(is_edge(line) || is_inside(line))) {
            break;
        }
        lines.push(line);
        if !is_blank {
            n_drawn = lines.len();
        } else if lines.len() > n_drawn + MAX_BLANK {
            break;
        }
    }
    lines.truncate(n_drawn);
    lines
}

fn is_vertical(c: char) -> bool {
    matches!(c, '│' | '┃' | '║' | '├'..='╋' | '┌'..='┛' | '╒'..='╬' | '╭'..='╰')
}

fn is_horizontal(c: char) -> bool {
    matches!(c, '─' | '━' | '═' | '├'..='╋' | '┌'..='┛' | '╒'..='╬' | '╭'..='╰')
}

/// A line of the drawing in columns of the terminal; the second column of a wide character is empty.
struct Line {
    columns: Vec<Option<char>>,
    /// It holds a rule, so `+`, `-` and `=` are parts of lines and not text.
    has_rule: bool,
}

impl Line {
    /// `ambiguous` is the width of characters that some terminals draw narrow and some wide.
    fn new(text: &str, ambiguous: usize) -> Self {
        let mut columns = Vec::new();
        for c in text.chars().take(MAX_WIDTH) {
            columns.push(Some(c));
            let width = match (c.width(), c.width_cjk()) {
                _ if is_vertical(c) || is_horizontal(c) => 1,
                (Some(1), Some(2)) => ambiguous,
                (width, _) => width.unwrap_or(0),
            };
            columns.extend((1..width).map(|_| None));
        }
        let has_rule =
            ["+-", "-+", "+=", "=+"].iter().any(|mark| text.contains(mark)) || text.contains(['─', '━', '═']);
        Self { columns, has_rule }
    }

    fn is_bar(&self, x: usize) -> bool {
        self.columns
            .get(x)
            .copied()
            .flatten()
            .is_some_and(|c| is_vertical(c) || c == '|' || (c == '+' && self.has_rule))
    }

    fn is_rule(&self, x: usize) -> bool {
        let c = self.columns.get(x).copied().flatten();
        c.is_some_and(|c| is_horizontal(c) || (self.has_rule && matches!(c, '-' | '=' | '+' | ':')))
    }

    fn text(&self, from: usize, to: usize) -> String {
        let text: String =
            self.columns.get(from..to.min(self.columns.len())).unwrap_or_default().iter().flatten().collect();
        text.trim().to_owned()
    }
}

/// The cells of a drawing whose bars do not stand below one another, as wide characters pushed them aside: where every
/// rule and every line has equally many marks, so that no cell spans another, the count tells the columns.
fn counted(lines: &[&str], n_edges: usize) -> Option<Vec<Cell>> {
    const RULE: [char; 4] = ['+', '-', '=', ':'];
    let n_bars = lines.first()?.matches('+').count();
    if n_bars < 3 || n_edges <= n_bars || lines.len() > MAX_LINES {
        return None;
    }
    let mut cells: Vec<Cell> = Vec::new();
    let mut row = 0;
    let mut begin = 0;
    for (number, line) in lines.iter().map(|line| line.trim()).enumerate().filter(|(_, line)| !line.is_empty()) {
        if line.starts_with('+') && line.chars().all(|c| RULE.contains(&c)) {
            if line.matches('+').count() != n_bars {
                return None;
            }
            row += usize::from(cells.len() > begin);
            begin = cells.len();
            continue;
        }
        let inner = line.strip_prefix('|')?.strip_suffix('|')?;
        if inner.matches('|').count() + 2 != n_bars {
            return None;
        }
        let is_new = cells.len() == begin;
        for (column, part) in inner.split('|').map(str::trim).enumerate() {
            if is_new {
                let text = part.to_owned();
                cells.push(Cell { text, row, column, row_span: 1, column_span: 1, line: number });
            } else if !part.is_empty() {
                let text = &mut cells[begin + column].text;
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(part);
            }
        }
    }
    Some(cells)
}

/// Reads the drawing whose lines these are.
pub(super) fn read(lines: &[&str]) -> Vec<Cell> {
    let source = lines;
    let drawn = |ambiguous| {
        let lines: Vec<Line> = lines.iter().take(MAX_LINES).map(|line| Line::new(line.trim_end(), ambiguous)).collect();
        // Every place where a bar stands anywhere is the edge of a column.
        let mut edges: Vec<usize> = Vec::new();
        for line in &lines {
            edges.extend((0..line.columns.len()).filter(|x| line.is_bar(*x)));
        }
        edges.sort_unstable();
        edges.dedup();
        (lines, edges)
    };
    // In the width that was meant, bars stand under bars.
    let (lines, edges) = [drawn(1), drawn(2)].into_iter().min_by_key(|(_, edges)| edges.len()).unwrap_or_default();
    if let Some(cells) = counted(source, edges.len()) {
        return cells;
    }
    let mut cells: Vec<Cell> = Vec::new();
    // Cells that have begun and not ended: left edge, right edge, place among the cells.
    let mut open: Vec<(usize, usize, usize)> = Vec::new();
    let mut row = 0;
    let mut is_row_begun = false;
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.columns.is_empty()) {
        let bars: Vec<usize> = edges.iter().copied().filter(|x| line.is_bar(*x)).collect();
        let spans = bars.windows(2).map(|pair| (pair[0], pair[1])).filter(|(from, to)| to - from > 1);
        let spans: Vec<(usize, usize)> = spans.collect();
        let is_ruled = |(from, to): &(usize, usize)| (from + 1..*to).all(|x| line.is_rule(x));
        let is_separator = spans.iter().any(is_ruled);
        if is_separator && is_row_begun {
            row += 1;
            is_row_begun = false;
        }
        // A rule ends the cells above it.
        open.retain(|(from, to, _)| !(from + 1..*to).all(|x| line.is_rule(x)));
        for (from, to) in spans {
            if is_ruled(&(from, to)) {
                continue;
            }
            let text = line.text(from + 1, to);
            is_row_begun |= !is_separator;
            match open.iter().find(|(left, right, _)| (*left, *right) == (from, to)) {
                Some((_, _, at)) => {
                    let cell = &mut cells[*at];
                    if !text.is_empty() {
                        if !cell.text.is_empty() {
                            cell.text.push(' ');
                        }
                        cell.text.push_str(&text);
                    }
                    cell.row_span = row + usize::from(is_separator) - cell.row + usize::from(!is_separator);
                }
                None => {
                    let column = edges.partition_point(|edge| *edge < from);
                    let end = edges.partition_point(|edge| *edge < to);
                    open.push((from, to, cells.len()));
                    let column_span = end.saturating_sub(column).max(1);
                    cells.push(Cell { text, row, column, row_span: 1, column_span, line: number });
                }
            }
        }
    }
    cells.sort_by_key(|cell| (cell.row, cell.column));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(drawing: &str, expected: &[(&str, usize, usize, usize, usize)]) {
        let lines: Vec<&str> = drawing.trim_matches('\n').lines().collect();
        let cells = read(&lines);
        let found: Vec<(&str, usize, usize, usize, usize)> = cells
            .iter()
            .map(|cell| (cell.text.as_str(), cell.row, cell.column, cell.row_span, cell.column_span))
            .collect();
        assert_eq!(found, expected, "{drawing}");
    }

    #[test]
    fn blank_lines_between_all_lines_are_of_the_drawing() {
        let dense = "+---+---+\n| a | b |\n+---+---+\n| 1 | 2 |\n+---+---+\n";
        let loose = dense.replace('\n', "\n\n");
        let cells = |text: &str| -> Vec<String> { read(&lines(text)).into_iter().map(|cell| cell.text).collect() };
        assert_eq!(cells(&format!("{loose}\n文。\n")), ["a", "b", "1", "2"]);
        assert_eq!(cells(dense), ["a", "b", "1", "2"]);
        // Two drawings, one below the other.
        assert_eq!(lines(&format!("{dense}\n{dense}")).len(), 5);
    }

    #[test]
    fn boxes_are_grids_with_spans() {
        check(
            "
┌──────┬────────────┐
│      │  申请人情况│
│ 勾稽 ├──────┬─────┤
│      │自然人│总计 │
├──────┼──────┼─────┤
│新收  │0     │12   │
└──────┴──────┴─────┘
",
            &[
                ("勾稽", 0, 0, 2, 1),
                ("申请人情况", 0, 1, 1, 2),
                ("自然人", 1, 1, 1, 1),
                ("总计", 1, 2, 1, 1),
                ("新收", 2, 0, 1, 1),
                ("0", 2, 1, 1, 1),
                ("12", 2, 2, 1, 1),
            ],
        );
    }

    #[test]
    fn plain_grids_keep_minus_signs_and_wrapped_labels() {
        check(
            "
+------+----+
| 规   | -3 |
| 章   |    |
+======+====+
| 许可 |    |
+------+----+
",
            &[("规 章", 0, 0, 1, 1), ("-3", 0, 1, 1, 1), ("许可", 1, 0, 1, 1), ("", 1, 1, 1, 1)],
        );
    }

    #[test]
    fn bars_pushed_aside_by_wide_characters_are_counted() {
        check(
            "
+---+---+
| 结 | 总 |
| 果 |   |
+===+===+
| 0 | 12 |
+---+---+
",
            &[("结 果", 0, 0, 1, 1), ("总", 0, 1, 1, 1), ("0", 1, 0, 1, 1), ("12", 1, 1, 1, 1)],
        );
    }

    #[test]
    fn edges_are_told_from_text() {
        assert!(is_edge("┌──┬──┐") && is_edge("  +---+---+") && is_edge("+===+"));
        assert!(!is_edge("| 规章 | 0 |") && !is_edge("+3") && !is_edge("-----"));
    }
}
