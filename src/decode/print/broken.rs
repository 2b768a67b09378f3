//! Figures that a narrow cell breaks over lines.

use super::grid::Grid;
use super::lines::Line;
use super::table::is_figure;

/// More lines than this are no broken figure.
const MOST_LINES: usize = 4;
/// So many rows with figures on one line show that lines part the rows of a table.
const LEAST_ROWS: usize = 3;

/// Puts a figure together that stands in its cell on several lines, where nothing but the width of the cell can have
/// broken it: each line but the last is as full as a line of the table can be. Lines that are rows of their own must not
/// be joined: another cell of the row holds a figure on one line, or the table has such rows and breaks no figure but so.
pub(super) fn join_figures(grid: &Grid, texts: &mut [Vec<Line>]) {
    let Some(padding) = padding(grid, texts) else { return };
    let is_single = |lines: &[Line]| matches!(lines, [line] if digits(line).is_some());
    let mut single: Vec<usize> = grid
        .cells
        .iter()
        .zip(texts.iter())
        .filter(|(span, lines)| span.rows == 1 && is_single(lines))
        .map(|(span, _)| span.row)
        .collect();
    single.dedup();
    let are_figures = |lines: &[Line]| lines.len() > 1 && lines.iter().all(|line| digits(line).is_some());
    let tall = grid.cells.iter().enumerate().filter(|(at, _)| are_figures(&texts[*at]));
    let found: Vec<(usize, usize, Option<Line>)> = tall
        .map(|(at, span)| {
            let room = grid.xs[span.column + span.columns] - grid.xs[span.column] - 2.0 * padding;
            let line = (span.rows == 1 && span.columns == 1).then(|| joined(&texts[at], room)).flatten();
            (at, span.row, line)
        })
        .collect();
    let is_ruled = single.len() >= LEAST_ROWS && found.iter().all(|(_, _, line)| line.is_some());
    let broken: Vec<(usize, Line)> = found
        .into_iter()
        .filter(|(_, row, _)| is_ruled || single.contains(row))
        .filter_map(|(at, _, line)| Some((at, line?)))
        .collect();
    for (at, line) in broken {
        texts[at] = vec![line];
    }
}

/// The lines of a cell as one figure, where each but the last has no room for one more digit.
fn joined(lines: &[Line], room: f64) -> Option<Line> {
    /// A step between lines that is wider than this share of their font parts two texts.
    const LEADING: f64 = 1.8;
    let [first, .., last] = lines else { return None };
    if lines.len() > MOST_LINES {
        return None;
    }
    let mut text = String::new();
    for line in lines {
        text.push_str(digits(line)?);
    }
    let is_even = lines.windows(2).all(|pair| {
        let step = pair[1].bottom - pair[0].bottom;
        (pair[0].size - pair[1].size).abs() < 0.05 * pair[0].size && step > 0.0 && step < LEADING * pair[0].size
    });
    let is_full = |line: &Line| {
        let width = line.x1 - line.x0;
        let count = digits(line).map_or(1.0, |digits| f64::from(u8::try_from(digits.len()).unwrap_or(u8::MAX)));
        width + width / count > room
    };
    // A line that begins with nought after a full one is the rest of a figure all the same; a figure that does is none.
    let is_figure = !text.starts_with('0') || text.starts_with("0.");
    if !is_even || !is_figure || !lines[..lines.len() - 1].iter().all(is_full) || last.x1 - last.x0 > room + last.size {
        return None;
    }
    let mut line = first.clone();
    line.bottom = last.bottom;
    line.x0 = lines.iter().map(|line| line.x0).fold(f64::MAX, f64::min);
    line.x1 = lines.iter().map(|line| line.x1).fold(f64::MIN, f64::max);
    line.words.truncate(1);
    if let Some(word) = line.words.first_mut() {
        (word.x0, word.x1, word.text) = (line.x0, line.x1, text);
    }
    Some(line)
}

/// The one word of a line, if it is all digits, with a dot at most.
fn digits(line: &Line) -> Option<&str> {
    let [word] = line.words.as_slice() else { return None };
    let is_digits = word.text.chars().all(|c| c.is_ascii_digit() || c == '.') && is_figure(&word.text);
    is_digits.then_some(word.text.as_str())
}

/// How near to the sides of its cell text stands at the nearest: the table leaves that much free on both.
fn padding(grid: &Grid, texts: &[Vec<Line>]) -> Option<f64> {
    let cells = grid.cells.iter().zip(texts);
    let gaps = cells.flat_map(|(span, lines)| {
        let (left, right) = (grid.xs[span.column], grid.xs[span.column + span.columns]);
        lines.iter().map(move |line| (line.x0 - left).min(right - line.x1))
    });
    gaps.min_by(f64::total_cmp).map(|gap| gap.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::super::grid::Span;
    use super::super::lines::Word;
    use super::*;

    /// Cells 40 wide with lines of digits 10 wide each.
    fn row_of(cells: &[&str]) -> (Grid, Vec<Vec<Line>>) {
        let rules = |is_vertical, count: usize, to: f64| {
            (0..=count).map(move |at| {
                let at = 40.0 * f64::from(u8::try_from(at).expect("few"));
                super::super::Rule { is_vertical, at, from: 0.0, to }
            })
        };
        let width = 40.0 * f64::from(u8::try_from(cells.len()).expect("few"));
        let rules: Vec<_> = rules(true, cells.len(), 40.0).chain(rules(false, 1, width)).collect();
        let grid = super::super::grid::grids(&rules).remove(0);
        let texts = cells.iter().zip(&grid.cells).map(|(cell, span)| cell_of(cell, span)).collect();
        (grid, texts)
    }

    fn cell_of(cell: &str, span: &Span) -> Vec<Line> {
        let left = 40.0 * f64::from(u8::try_from(span.column).expect("few")) + 2.0;
        let line = |(at, text): (usize, &str)| {
            let x1 = left + 10.0 * f64::from(u8::try_from(text.chars().count()).expect("few"));
            let top = 10.0 * f64::from(u8::try_from(at).expect("few"));
            let words = vec![Word { x0: left, x1, text: text.to_owned() }];
            Line { top, bottom: top + 10.0, x0: left, x1, size: 10.0, words }
        };
        cell.split('/').enumerate().map(line).collect()
    }

    #[track_caller]
    fn check(cells: &[&str], expected: &[&str]) {
        let (grid, mut texts) = row_of(cells);
        join_figures(&grid, &mut texts);
        let joined = texts.iter().map(|lines| lines.iter().map(Line::text).collect::<Vec<_>>().join("/"));
        assert_eq!(joined.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn figures_that_their_cells_break_are_put_together() {
        check(&["规章", "123/45", "0", "168"], &["规章", "12345", "0", "168"]);
        check(&["规章", "123/456/7", "0"], &["规章", "1234567", "0"]);
    }

    #[test]
    fn figures_that_need_not_have_been_broken_stay_apart() {
        // One more digit had room in the first line.
        check(&["规章", "12/345", "0"], &["规章", "12/345", "0"]);
        // All cells of the row hold two lines: two rows without a line between them.
        check(&["规章", "123/456", "789/123"], &["规章", "123/456", "789/123"]);
        check(&["规章", "012/345", "0"], &["规章", "012/345", "0"]);
        check(&["规章", "123/件", "0"], &["规章", "123/件", "0"]);
    }
}
