//! Lines whose columns stand below one another without ruling lines.

use super::super::UNKNOWN;
use super::lines::{Line, Word};

/// A gap wider than this many heights of the font parts two columns.
const COLUMN_GAP: f64 = 1.4;

/// No page is wider than this many characters.
const MAX_INDENT: u16 = 10_000;

/// Whether a line is parted into columns.
pub(super) fn is_laid_out(line: &Line) -> bool {
    let mut gaps: Vec<f64> = line.words.windows(2).map(|pair| pair[1].x0 - pair[0].x1).collect();
    gaps.sort_by(f64::total_cmp);
    let Some(widest) = gaps.last() else { return false };
    // Letters set apart over the whole line are no columns.
    let is_letter = |word: &Word| word.text.chars().count() == 1 && !is_figure(word);
    let is_spaced = gaps.len() > 4 && gaps[gaps.len() / 2] * 2.0 > *widest && line.words.iter().all(is_letter);
    *widest > COLUMN_GAP * line.size && !is_spaced
}

/// Lines as text. Rows of figures of which some lack one are rows of cells, parted by tabs; in others white space says
/// where things stand.
pub(super) fn lay_out(lines: &[Line]) -> Vec<String> {
    let left = lines.iter().map(|line| line.x0).fold(f64::MAX, f64::min);
    let size = lines.iter().map(|line| line.size).fold(f64::MAX, f64::min);
    let mut texts: Vec<String> = lines.iter().map(|line| spaced(line, left, size)).collect();
    let mut rest = 0..lines.len();
    while let Some(first) = rest.find(|at| !figures(&lines[*at]).is_empty()) {
        let end = end_of_rows(lines, first);
        let header = lines[..first].iter().rposition(|line| !figures(line).is_empty()).map_or(0, |at| at + 1);
        if let Some(columns) = columns(&lines[header..first], &lines[first..end]) {
            let rows = || lines[first..end].iter().filter(|line| !figures(line).is_empty());
            let n_labels = rows().map(|line| labels(line).len()).max().unwrap_or(0);
            for (line, text) in lines[first..end].iter().zip(&mut texts[first..end]) {
                if let Some(row) = row(line, n_labels, &columns) {
                    *text = row;
                }
            }
        }
        rest = end..lines.len();
    }
    texts
}

/// Whether a word is a number, or a mark that stands for none.
fn is_figure(word: &Word) -> bool {
    const BLANKS: [char; 7] = ['/', '-', '—', '–', '－', '\\', '无'];
    // What cannot be read may be a digit.
    let is_digit = |c: char| c.is_numeric() || UNKNOWN.contains(c);
    let is_number =
        word.text.contains(is_digit) && word.text.chars().all(|c| is_digit(c) || matches!(c, '.' | ',' | '+' | '-'));
    is_number || !word.text.is_empty() && word.text.chars().all(|c| BLANKS.contains(&c))
}

/// Whether a line ends with figures.
pub(super) fn has_figures(line: &Line) -> bool {
    !figures(line).is_empty()
}

/// Whether a line holds nothing but figures.
pub(super) fn are_figures(line: &Line) -> bool {
    line.words.iter().all(is_figure)
}

/// The figures at the end of a line, behind its label.
fn figures(line: &Line) -> &[Word] {
    let n_labels = line.words.iter().rposition(|word| !is_figure(word)).map_or(0, |at| at + 1);
    &line.words[n_labels..]
}

/// Where the rows end whose first is known: at the next line that has words where the figures stand.
fn end_of_rows(lines: &[Line], first: usize) -> usize {
    let mut left = f64::MAX;
    for (at, line) in lines.iter().enumerate().skip(first) {
        match figures(line).first() {
            Some(figure) => left = left.min(figure.x0),
            None if line.x1 > left => return at,
            None => {}
        }
    }
    lines.len()
}

/// What stands in a line before its figures.
fn labels(line: &Line) -> &[Word] {
    &line.words[..line.words.len() - figures(line).len()]
}

/// From where to where the columns of rows reach, if they are plain: a row fills them all or each has its header, and
/// some row does not fill them all.
fn columns(header: &[Line], rows: &[Line]) -> Option<Vec<(f64, f64)>> {
    let span = |word: &Word| (word.x0, word.x1);
    let labels_end = rows.iter().flat_map(labels).map(|word| word.x1).fold(f64::MIN, f64::max);
    let heads: Vec<(f64, f64)> = header.iter().flat_map(|line| &line.words).map(span).collect();
    let meets = |one: &(f64, f64), other: &(f64, f64)| one.0 <= other.1 && other.0 <= one.1;
    // What stands over several heads is the head of several columns.
    let is_parent = |head: &(f64, f64)| {
        let mut below = heads.iter().filter(|other| *other != head && meets(head, other));
        below.next().is_some_and(|first| below.any(|next| !meets(first, next)))
    };
    let is_own = |head: &&(f64, f64)| f64::midpoint(head.0, head.1) > labels_end && !is_parent(head);
    let heads: Vec<(f64, f64)> = heads.iter().filter(is_own).copied().collect();
    let mut spans: Vec<(f64, f64)> = rows.iter().flat_map(figures).map(span).chain(heads.iter().copied()).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut columns: Vec<(f64, f64)> = Vec::new();
    for (x0, x1) in spans {
        match columns.last_mut() {
            Some(last) if x0 <= last.1 => last.1 = last.1.max(x1),
            _ => columns.push((x0, x1)),
        }
    }
    let counts = || rows.iter().map(|line| figures(line).len()).filter(|count| *count > 0);
    let is_known = counts().any(|count| count == columns.len())
        || columns.iter().all(|column| heads.iter().any(|head| meets(head, column)));
    let is_short = |count: usize| count < columns.len();
    (columns.len() > 1 && is_known && counts().any(is_short)).then_some(columns)
}

/// A row of figures as cells; `None` when a line has none or two stand in one column.
fn row(line: &Line, n_labels: usize, columns: &[(f64, f64)]) -> Option<String> {
    let figures = figures(line);
    if figures.is_empty() {
        return None;
    }
    let labels = labels(line);
    // Labels of several rows stand to the left of those of one.
    let mut cells = vec![""; n_labels - labels.len()];
    cells.extend(labels.iter().map(|word| word.text.as_str()));
    let mut rest = figures;
    for (_, end) in columns {
        let here = rest.first().filter(|word| word.x1 <= *end);
        cells.push(here.map_or("", |word| word.text.as_str()));
        rest = &rest[usize::from(here.is_some())..];
    }
    rest.is_empty().then(|| cells.join("\t"))
}

/// How many lines at the head of a page repeat the header of a table, as it stands on the page before.
pub(super) fn repeated_header(before: &[&Line], page: &[&Line]) -> usize {
    let known: Vec<&Word> =
        before.iter().filter(|line| figures(line).is_empty()).flat_map(|line| &line.words).collect();
    let is_known = |word: &Word| known.iter().any(|other| (other.x0 - word.x0).abs() < 2.0 && other.text == word.text);
    let is_again = |line: &&&Line| figures(line).is_empty() && line.words.iter().all(is_known);
    let n_lines = page.iter().take_while(is_again).count();
    // Only a header has columns and no figures.
    if page[..n_lines].iter().any(|line| is_laid_out(line)) { n_lines } else { 0 }
}

/// A line with white space between its words as they stand apart.
fn spaced(line: &Line, left: f64, size: f64) -> String {
    let mut text = String::new();
    let mut n_characters = 0_usize;
    for word in &line.words {
        let place = (word.x0 - left) / (size / 2.0) - 0.5;
        let place = (0..MAX_INDENT).take_while(|at| f64::from(*at) < place).count();
        let n_spaces = place.saturating_sub(n_characters).max(usize::from(n_characters > 0));
        text.extend(std::iter::repeat_n(' ', n_spaces));
        text.push_str(&word.text);
        n_characters += n_spaces + word.text.chars().count();
    }
    text
}
