//! Plain text and Markdown: lines, and rows whose cells are separated by tabs or pipes.

use std::borrow::Cow;

use super::{delimited, drawing, html, inline, listed, padded};
use crate::config::Config;
use crate::model::document::{Document, Place};
use crate::model::verdict::Problem;

/// Whether a line is a Markdown heading.
pub(super) fn is_markdown_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    (1..=6).contains(&level) && rest.starts_with(' ')
}

/// Whether a line is the rule under the header of a Markdown table.
pub(super) fn is_markdown_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains("--") && line.contains('|') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '+' | '='))
}

/// Reads text line by line.
pub(super) fn decode(text: &str, config: &Config) -> Result<Document, Problem> {
    let text = inline::strip(text);
    let text = padded::unwrapped(text.as_ref());
    let text = text.as_ref();
    let mut document = Document::default();
    document.text.reserve(text.len());
    document.pieces.reserve(text.len() / 8);
    let mut rows = 0;
    let mut grids = 0;
    let mut rest = text;
    let mut number = 0;
    // What a text does not hold at all need not be looked for in each of its lines.
    let marks = Marks::of(text);
    while !rest.is_empty() {
        let end = marks.line_end(rest);
        let (line, after) = rest.split_at(end);
        number += 1;
        // Tables written as HTML inside Markdown reach to their closing tag, over any number of lines.
        if marks.has_tags
            && let Some(start) = find_tag(line, "<table")
        {
            let from = text.len() - rest.len() + start;
            let table = &text[from..];
            let length = find_tag(table, "</table>").map_or(table.len(), |at| at + "</table>".len());
            push_line(&mut document, &line[..start], false, number, &mut rows, &marks, config);
            html::decode_table(&table[..length], number, &mut grids, &mut document, &config.limits)?;
            number += u32::try_from(table[..length].matches('\n').count()).unwrap_or(u32::MAX);
            rest = &table[length..];
            continue;
        }
        if marks.has_drawings && drawing::is_edge(line) {
            let length = push_drawing(&mut document, rest, number, &mut grids);
            number += u32::try_from(rest[..length].matches('\n').count().saturating_sub(1)).unwrap_or(u32::MAX);
            rest = &rest[length..];
            continue;
        }
        if marks.has_commas && !line.starts_with('[') && line.matches(',').nth(2).is_some() {
            let table = delimited::rows(rest);
            if !table.is_empty() {
                for row in &table {
                    push_row(&mut document, row.cells.iter().map(AsRef::as_ref), number, &mut rows);
                    number += u32::try_from(row.n_lines).unwrap_or(u32::MAX);
                }
                number -= 1;
                rest = delimited::after(rest, &table);
                continue;
            }
        }
        // A bare number beside the end of a page is the page's.
        let is_page_number = marks.has_rare_ends
            && !line.trim().is_empty()
            && line.trim().len() <= 4
            && line.trim().bytes().all(|byte| byte.is_ascii_digit())
            && (after.trim_start_matches([' ', '\n', '\r']).starts_with('\u{c}')
                || text[..text.len() - rest.len()].trim_end_matches([' ', '\n', '\r']).ends_with('\u{c}'));
        if !is_page_number {
            push_line(&mut document, line, after.is_empty(), number, &mut rows, &marks, config);
        }
        let mark = after.chars().next().map_or(0, char::len_utf8);
        rest = after.strip_prefix("\r\n").unwrap_or(&after[mark..]);
    }
    Ok(document)
}

/// Reads the drawn table that a text begins with; gives its bytes.
fn push_drawing(document: &mut Document, text: &str, number: u32, grids: &mut u32) -> usize {
    let lines = drawing::lines(text);
    let grid = *grids;
    *grids += 1;
    let small = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    for cell in drawing::read(&lines) {
        let place = Place::Grid {
            grid,
            row: u32::try_from(cell.row).unwrap_or(u32::MAX),
            column: small(cell.column),
            row_span: small(cell.row_span),
            column_span: small(cell.column_span),
        };
        document.push(&cell.text, number.saturating_add(u32::try_from(cell.line).unwrap_or(u32::MAX)), place);
    }
    lines.iter().map(|line| line.len()).sum()
}

/// Which marks a text holds at all.
struct Marks {
    has_tags: bool,
    has_rare_ends: bool,
    has_boxes: bool,
    /// Upper edges of drawn tables.
    has_drawings: bool,
    has_commas: bool,
    /// Rules of tables whose rows neither begin nor end with a pipe (`---|---`): a pipe at the end of a row closes none.
    has_open_rows: bool,
}

impl Marks {
    fn of(text: &str) -> Self {
        let has_boxes = BOXES.iter().any(|mark| text.contains(*mark));
        Self {
            has_tags: text.contains('<'),
            // One character at a time is found by a scan of bytes, a set of characters is not.
            has_rare_ends: ['\r', '\u{c}', '\u{b}', '\u{2028}', '\u{2029}'].iter().any(|end| text.contains(*end)),
            has_boxes,
            has_drawings: has_boxes || text.contains("+-") || text.contains("+="),
            has_commas: text.contains(','),
            has_open_rows: text.contains("-|-") && text.lines().any(is_open_rule),
        }
    }

    fn line_end(&self, text: &str) -> usize {
        let end = if self.has_rare_ends { text.find(is_line_end) } else { text.find('\n') };
        end.unwrap_or(text.len())
    }

    /// Whether a line holds a mark that separates cells, and which those marks are.
    fn separators(&self, line: &str) -> Option<&'static [char]> {
        const PIPES: [char; 1] = ['|'];
        if self.has_boxes && line.contains(BOXES) {
            return Some(&SEPARATORS);
        }
        line.contains('|').then_some(&PIPES)
    }
}

/// Whether a line is the rule of a table whose rows neither begin nor end with a pipe.
fn is_open_rule(line: &str) -> bool {
    let line = line.trim();
    is_markdown_rule(line) && !line.starts_with('|') && !line.ends_with('|')
}

/// Lines that draw tables.
const BOXES: [char; 2] = ['│', '┃'];
const SEPARATORS: [char; 3] = ['|', '│', '┃'];

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{c}' | '\u{b}' | '\u{2028}' | '\u{2029}')
}

/// Finds a tag whatever its case.
fn find_tag(text: &str, tag: &str) -> Option<usize> {
    let (text, tag) = (text.as_bytes(), tag.as_bytes());
    let first = tag[0];
    let mut from = 0;
    while let Some(at) = text.get(from..)?.iter().position(|byte| *byte == first) {
        if text[from + at..].get(..tag.len()).is_some_and(|found| found.eq_ignore_ascii_case(tag)) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn push_line(
    document: &mut Document,
    line: &str,
    is_last: bool,
    number: u32,
    rows: &mut u32,
    marks: &Marks,
    config: &Config,
) {
    if line.trim_start().starts_with('[') {
        let lists = listed::rows(line);
        if !lists.is_empty() {
            for row in &lists {
                push_row(document, row.iter().map(String::as_str), number, rows);
            }
            return;
        }
    }
    if line.contains('[') && (line.contains("![") || line.contains("[image:")) {
        document.push_picture();
    }
    let line: Cow<'_, str> =
        if line.contains(['[', '<']) { config.reading.residue.replace_all(line, " ") } else { line.into() };
    let line = if line.contains('\\') { Cow::Owned(unescaped(&line)) } else { line };
    let trimmed = line.trim();
    if trimmed.is_empty() {
        // A line of nothing but one tab is an empty cell where each line is a cell; at the very end it is
        // what is left of a cut one.
        if line.as_ref() == "\t" && !is_last {
            document.push("", number, Place::Row { row: *rows, column: 0 });
            *rows += 1;
        }
        return;
    }
    let is_prose = line.len() > config.limits.line_bytes || line.contains('。');
    if is_prose && has_fallen_tables(trimmed) {
        // Marks become blanks byte by byte, so that what is left stands where it stood.
        document.push(unmarked(trimmed).trim(), number, Place::Line);
        return;
    }
    if let Some(separators) = marks.separators(trimmed) {
        if trimmed.chars().all(|c| matches!(c, '|' | '│' | '┃' | '-' | ':' | ' ' | '+' | '=' | '\t')) {
            return;
        }
        let inner = trimmed.strip_prefix(separators).unwrap_or(trimmed);
        let is_open = marks.has_open_rows && inner.len() == trimmed.len();
        let inner = inner.strip_suffix(separators).filter(|_| !is_open).unwrap_or(inner);
        match separators {
            [separator] => push_row(document, unpadded(inner, separators, config).split(*separator), number, rows),
            _ => push_row(document, unpadded(inner, separators, config).split(separators), number, rows),
        }
    } else if trimmed.contains('\t') && !is_prose {
        push_row(document, line.split('\t'), number, rows);
    } else if line.starts_with('\t') && !is_prose {
        // One cell a line, each led in by a tab.
        push_row(document, std::iter::once(trimmed), number, rows);
    } else if line.ends_with('\t') && !is_prose {
        push_row(document, line.split('\t'), number, rows);
    } else if !(trimmed.len() >= 3 && trimmed.chars().all(|c| matches!(c, '-' | '=' | '+' | ' '))) {
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        document.push_indented(trimmed, u32::try_from(indent).unwrap_or(u32::MAX), number, Place::Line);
    }
}

/// Whether tables inside the cell of a table fell into its line, prose and rules and all: what its pipes part are no
/// cells of one row.
fn has_fallen_tables(line: &str) -> bool {
    /// Fewer bytes hold no table.
    const LEAST: usize = 600;
    line.len() >= LEAST && (line.contains("| --- |") || line.contains("|---|"))
}

/// A line without the marks of Markdown tables.
fn unmarked(line: &str) -> String {
    line.replace("---", "   ").replace('|', " ")
}

/// A row without its blank cells at the end, where it is wider than any table: sheets saved as text pad each row
/// to their full width. Those that hold white space stay when the others suffice.
fn unpadded<'l>(row: &'l str, separators: &[char], config: &Config) -> &'l str {
    let is_wide = |row: &str| row.matches(separators).nth(config.limits.table_columns).is_some();
    if !is_wide(row) {
        return row;
    }
    let bare = row.trim_end_matches(separators).trim_end();
    if !is_wide(bare) {
        return bare.strip_suffix(separators).unwrap_or(bare);
    }
    row.trim_end_matches(|c: char| c.is_whitespace() || separators.contains(&c))
}

/// A line of Markdown without the backslashes that keep marks from being read as marks (`3\.5`). One before
/// a pipe stays: it keeps the pipe in its cell.
fn unescaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let is_escape = c == '\\' && characters.peek().is_some_and(|next| next.is_ascii_punctuation() && *next != '|');
        if !is_escape {
            text.push(c);
        } else if let Some(next) = characters.next() {
            text.push(next);
        }
    }
    text
}

fn push_row<'a>(document: &mut Document, cells: impl Iterator<Item = &'a str>, line: u32, rows: &mut u32) {
    for (column, cell) in cells.enumerate() {
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        // White space tells an empty cell that is printed from one that fills a row up.
        let indent = cell.len() - cell.trim_start().len();
        let indent = u32::try_from(indent).unwrap_or(u32::MAX);
        document.push_indented(cell.trim(), indent, line, Place::Row { row: *rows, column });
    }
    *rows += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a text: `L:` for lines, `row.column:` for cells of rows, `#row.column:` for grids.
    fn check(text: &str, expected: &[&str]) {
        let document = decode(text, &Config::embedded().expect("settings")).expect("text decodes");
        let pieces: Vec<String> = document
            .pieces
            .iter()
            .map(|piece| match piece.place {
                Place::Line => format!("L:{}", document.text_of(piece)),
                Place::Row { row, column } => format!("{row}.{column}:{}", document.text_of(piece)),
                Place::Grid { row, column, .. } => format!("#{row}.{column}:{}", document.text_of(piece)),
            })
            .collect();
        assert_eq!(pieces, expected, "{text:?}");
    }

    #[test]
    fn rows_keep_their_blank_cells() {
        check("规章\t0\t\t3", &["0.0:规章", "0.1:0", "0.2:", "0.3:3"]);
        check("| 规章 | 0 |  | 3 |", &["0.0:规章", "0.1:0", "0.2:", "0.3:3"]);
        check("规章 | 0 | ||", &["0.0:规章", "0.1:0", "0.2:", "0.3:"]);
        check("\t(二)部分公开\t0", &["0.0:", "0.1:(二)部分公开", "0.2:0"]);
    }

    #[test]
    fn padding_wider_than_any_table_falls() {
        check(&format!("规章 | 0 | | 3 {}", "|".repeat(300)), &["0.0:规章", "0.1:0", "0.2:", "0.3:3"]);
        check(&format!("规章 | 0 {}", "|".repeat(4)), &["0.0:规章", "0.1:0", "0.2:", "0.3:", "0.4:"]);
    }

    #[test]
    fn printed_blanks_stay_beside_padding() {
        check(&format!("规章 | 0 |  |  | {}", "|".repeat(300)), &["0.0:规章", "0.1:0", "0.2:", "0.3:"]);
    }

    #[test]
    fn a_pipe_at_the_end_of_an_open_row_closes_no_cell() {
        check("a | b  \n---|---  \n1 |   ", &["0.0:a", "0.1:b", "1.0:1", "1.1:"]);
        check("| a | b |\n|---|---|\n| 1 | |", &["0.0:a", "0.1:b", "1.0:1", "1.1:"]);
    }

    #[test]
    fn one_cell_a_line_keeps_empty_cells() {
        check("\t规章\n\t5\n\t\n\t0", &["0.0:规章", "1.0:5", "2.0:", "3.0:0"]);
        check("规章 |\n| \n0 |", &["0.0:规章", "1.0:0"]);
        check("\t规章\n\t", &["0.0:规章"]);
    }

    #[test]
    fn escapes_of_markdown_fall() {
        check("| 1\\.属于国家秘密 | 3\\.5 | \\- |", &["0.0:1.属于国家秘密", "0.1:3.5", "0.2:-"]);
    }

    #[test]
    fn rules_residue_and_blank_lines_are_no_pieces() {
        check("| a | b |\n|---|:-:|\n| 1 | 2 |", &["0.0:a", "0.1:b", "1.0:1", "1.1:2"]);
        check("[bookmark: OLE_1]正文\n[image: x.png]\n\n-----\n尾", &["L:正文", "L:尾"]);
    }

    #[test]
    fn every_kind_of_line_end_counts() {
        check("一\r\n二\r三\u{2028}四\u{c}五", &["L:一", "L:二", "L:三", "L:四", "L:五"]);
    }

    #[test]
    fn html_tables_in_markdown_are_grids() {
        check(
            "# 题\n前<table><tr><td>规章</td>\n<td>3</td></tr></table>后\n",
            &["L:# 题", "L:前", "#0.0:规章", "#0.1:3", "L:后"],
        );
    }
}
