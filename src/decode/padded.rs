//! Tables whose rows are padded to one width, with a padded blank line between them: what is printed in the lines
//! between two such blanks is one row, and a cell of it may go over several lines.

use std::borrow::Cow;

/// Longer than any wrapped label: such text is prose.
const MAX_CELL: usize = 80;
/// Fewer blanks do not part cells.
const GAP: usize = 2;

/// A part of a line, with its place counted in characters.
struct Part<'t> {
    from: usize,
    to: usize,
    text: &'t str,
}

impl Part<'_> {
    fn is_number(&self) -> bool {
        self.text.contains(|c: char| c.is_numeric()) && !self.text.chars().any(char::is_alphabetic)
    }
}

/// The text with each row that goes over several padded lines on one line; the lines it leaves are blank.
pub(super) fn unwrapped(text: &str) -> Cow<'_, str> {
    // A padded blank line stands between padded lines; without any, no row is told from the next.
    if !text.contains("  \n  ") {
        return text.into();
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut rows: Vec<(usize, usize, String)> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let width = padding_of(lines[at]);
        let Some(width) = width else {
            at += 1;
            continue;
        };
        let count = lines[at + 1..].iter().take_while(|line| padding_of(line) == Some(width)).count();
        let end = at + 1 + count;
        let is_closed =
            lines.get(end).is_some_and(|line| is_blank(line, width)) && at > 0 && is_blank(lines[at - 1], width);
        if count > 0
            && is_closed
            && let Some(row) = joined(&lines[at..end])
        {
            rows.push((at, end, row));
        }
        at = end;
    }
    if rows.is_empty() {
        return text.into();
    }
    let mut unwrapped = String::with_capacity(text.len());
    let mut rows = rows.into_iter().peekable();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            unwrapped.push('\n');
        }
        match rows.peek() {
            Some((first, _, row)) if *first == at => unwrapped.push_str(row),
            Some((first, end, _)) if (*first..*end).contains(&at) => {}
            _ => unwrapped.push_str(line),
        }
        if rows.peek().is_some_and(|(_, end, _)| at + 1 == *end) {
            rows.next();
        }
    }
    unwrapped.into()
}

/// The width of a line with something on it that is padded with blanks.
fn padding_of(line: &str) -> Option<usize> {
    (line.ends_with("  ") && !line.trim().is_empty()).then(|| line.chars().count())
}

/// Whether a line is nothing but blanks of a width.
fn is_blank(line: &str, width: usize) -> bool {
    line.len() == width && line.bytes().all(|byte| byte == b' ')
}

/// The parts of a line, which two blanks part.
fn parts(line: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut n_blanks = GAP;
    let mut start = 0;
    for (place, (at, c)) in line.char_indices().enumerate() {
        if c == ' ' {
            n_blanks += 1;
            continue;
        }
        let end = at + c.len_utf8();
        match parts.last_mut() {
            Some(part) if n_blanks < GAP => {
                part.text = &line[start..end];
                part.to = place + 1;
            }
            _ => {
                start = at;
                parts.push(Part { from: place, to: place + 1, text: &line[at..end] });
            }
        }
        n_blanks = 0;
    }
    parts
}

/// The lines of a row as one: what stands one below the other is one cell. `None` where that is not sure: where a
/// figure would be joined to something, where all is in one column, and in prose.
fn joined(lines: &[&str]) -> Option<String> {
    /// What a cell holds: where it begins and ends, its text, its last line.
    struct Cell {
        from: usize,
        to: usize,
        text: String,
        line: usize,
    }
    let mut cells: Vec<Cell> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        for part in parts(line) {
            if part.text.chars().count() > MAX_CELL || part.text.contains('。') {
                return None;
            }
            let mut above = cells.iter_mut().filter(|cell| cell.from < part.to && part.from < cell.to);
            match (above.next(), above.next()) {
                (None, _) => {
                    cells.push(Cell { from: part.from, to: part.to, text: part.text.to_owned(), line: at });
                }
                (Some(cell), None) => {
                    let is_figure = part.is_number() || !cell.text.chars().any(|c| c.is_alphabetic() || c == '.');
                    if cell.line == at || is_figure {
                        return None;
                    }
                    cell.text.push_str(part.text);
                    (cell.from, cell.to, cell.line) = (cell.from.min(part.from), cell.to.max(part.to), at);
                }
                (Some(_), Some(_)) => return None,
            }
        }
    }
    if cells.len() < 2 {
        return None;
    }
    cells.sort_by_key(|cell| cell.from);
    let mut row = String::new();
    let mut n_characters = 0;
    for cell in cells {
        let n_blanks = cell.from.saturating_sub(n_characters).max(if row.is_empty() { 0 } else { GAP });
        row.extend(std::iter::repeat_n(' ', n_blanks));
        row.push_str(&cell.text);
        n_characters += n_blanks + cell.text.chars().count();
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: &[&str]) {
        let pad = |line: &&str| format!("{line}{}", " ".repeat(30 - line.chars().count()));
        let text = lines.iter().map(pad).collect::<Vec<_>>().join("\n");
        let unwrapped = unwrapped(&text);
        let lines: Vec<&str> = unwrapped.split('\n').map(str::trim_end).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn cells_over_several_lines_are_one() {
        check(&["", "  行政", "        50", "  许可", ""], &["  行政许可  50"]);
        check(&["", "  3.", "        0  0", "  其他", ""], &["  3.其他  0  0"]);
        check(
            &["", "  结果        其他", "        总计        总计", "  维持        结果", ""],
            &["  结果维持  总计  其他结果  总计"],
        );
    }

    #[test]
    fn rows_that_nothing_parts_stay() {
        check(&["", "  规章  1  2", "  许可  3  4", ""], &["  规章  1  2", "  许可  3  4"]);
        check(&["", "  规章  1", "  许可  2"], &["  规章  1", "  许可  2"]);
        // One column, a figure below a word, a figure below a figure.
        check(&["", "  附件", "  目录", ""], &["  附件", "  目录"]);
        check(&["", "  规章  总计", "      5", ""], &["  规章  总计", "      5"]);
        check(&["", "  规章  1", "      5", ""], &["  规章  1", "      5"]);
    }
}
