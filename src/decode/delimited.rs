//! Comma-separated rows inside a text.

use std::borrow::Cow;

/// Rows of fewer cells are prose with commas.
const MIN_CELLS: usize = 4;
/// Fewer rows of equal width are chance.
const MIN_ROWS: usize = 3;
/// A table has a number among its first rows.
const MAX_HEADER: usize = 20;
/// More blank lines than this end a table.
const MAX_BLANK: usize = 3;
/// A quoted cell reaches over at most this many lines.
const MAX_LINES: usize = 20;

/// A row: its cells and the lines that it takes.
pub(super) struct Row<'t> {
    pub(super) cells: Vec<Cow<'t, str>>,
    pub(super) n_lines: usize,
    /// Bytes with the line end.
    length: usize,
}

/// What follows rows that [`rows`] found at the beginning of a text.
pub(super) fn after<'t>(text: &'t str, rows: &[Row<'_>]) -> &'t str {
    let length: usize = rows.iter().map(|row| row.length).sum();
    text.get(length..).unwrap_or_default()
}

/// The comma-separated rows that a text begins with; none when it begins with anything else. A table has
/// at least three rows of one width, and at least one cell that is a number.
pub(super) fn rows(text: &str) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut has_numbers = false;
    let mut rest = text;
    while let Some(row) = row(rest) {
        if row.cells.len() < MIN_CELLS || rows.first().is_some_and(|first| first.cells.len() != row.cells.len()) {
            break;
        }
        has_numbers |= row.cells.iter().any(|cell| is_number(cell));
        // Blank lines may stand between rows; those after the last one are read with it.
        let after = &rest[row.length..];
        let next = after.trim_start_matches(['\n', '\r']);
        let blank = &after[..after.len() - next.len()];
        let n_blank = blank.matches('\n').count();
        rest = if n_blank <= MAX_BLANK { next } else { after };
        let length = if n_blank <= MAX_BLANK { row.length + blank.len() } else { row.length };
        let n_lines = row.n_lines + if n_blank <= MAX_BLANK { n_blank } else { 0 };
        rows.push(Row { length, n_lines, ..row });
        if !has_numbers && rows.len() > MAX_HEADER {
            break;
        }
    }
    if rows.len() < MIN_ROWS || !has_numbers {
        rows.clear();
    }
    rows
}

/// Whether a cell is a number in digits of any width, perhaps with a sign and a unit.
fn is_number(cell: &str) -> bool {
    /// No unit is longer.
    const MOST_UNIT: usize = 2;
    let number = cell.trim_start_matches(['+', '-', '＋', '－']);
    let unit = number.trim_start_matches(char::is_numeric);
    unit.len() < number.len() && unit.chars().count() <= MOST_UNIT && unit.chars().all(char::is_alphabetic)
}

/// Whether bare text shows that its commas part no cells: marks that part the cells of other tables, or two groups of
/// digits beside one another, where commas part thousands (`34,814,866 27,659,422`).
fn has_other_marks(cell: &str) -> bool {
    let is_digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let words = || cell.split_whitespace();
    cell.contains(['|', '│', '┃', '\t'])
        || words().zip(words().skip(1)).any(|(one, two)| is_digits(one) && is_digits(two))
}

/// The first row of a text.
fn row(text: &str) -> Option<Row<'_>> {
    let mut cells: Vec<Cow<'_, str>> = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = cell(rest)?;
        cells.push(cell);
        match after.chars().next() {
            Some(',') => rest = &after[1..],
            None | Some('\n' | '\r') => {
                let after = after.strip_prefix('\r').unwrap_or(after);
                let after = after.strip_prefix('\n').unwrap_or(after);
                let length = text.len() - after.len();
                let n_lines = text[..length].matches('\n').count().max(1);
                return (length > 0 && n_lines <= MAX_LINES).then_some(Row { cells, n_lines, length });
            }
            Some(_) => return None,
        }
    }
}

/// The first cell of a text, quotes taken off, and what follows it.
fn cell(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', '\n', '\r']).unwrap_or(text.len());
        // A sentence, or a quotation mark inside: no cell that a writer of such rows leaves bare.
        let is_plain = !text[..end].contains(['"', '。']) && !has_other_marks(&text[..end]);
        return is_plain.then(|| (Cow::Borrowed(text[..end].trim()), &text[end..]));
    };
    let mut cell = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('"')?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => {
                let cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
                return Some((Cow::Owned(cell), rest));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&[&str]]) {
        let rows = rows(text);
        let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.cells.iter().map(AsRef::as_ref).collect()).collect();
        assert_eq!(cells, expected, "{text:?}");
    }

    #[test]
    fn rows_of_one_width_are_a_table() {
        check(
            "规章,0,1,2\n文件,3,,4\n许可,5,6,7\n完\n",
            &[&["规章", "0", "1", "2"], &["文件", "3", "", "4"], &["许可", "5", "6", "7"]],
        );
        check(
            "\"商业\n企业\",a,b,c\r\n1,2,\"3,000\",4\r\n\"x \"\"y\"\"\",5,6,7",
            &[&["商业 企业", "a", "b", "c"], &["1", "2", "3,000", "4"], &["x \"y\"", "5", "6", "7"]],
        );
    }

    #[test]
    fn prose_and_short_tables_are_not() {
        check("一是,二是,三是,四是。\n一,二,三,四\n一,二,三,四\n", &[]);
        check("a,b,c,d\n1,2,3,4\n", &[]);
        check("a,b,c,d\ne,f,g,h\ni,j,k,l\n", &[]);
        check("1,2\n3,4\n5,6\n", &[]);
        check("\"1,2,3,4\n", &[]);
    }
}
