//! Cuts a run of numbers into rows.
//!
//! Where numbers of several rows follow one another without a word between them, lines and rows of cells
//! tell where each ends, and where every number has a line of its own, their count does.

use super::super::token::{Kind, Tokens};
use crate::model::document::Place;

/// The numbers that stand in the row of their label, and those that follow on lines of their own.
///
/// A row of cells ends where it ends, and where a label shares its line with numbers, so do all numbers of
/// its row: what follows is another row, or the number of a page.
pub(super) fn own<'r>(tokens: &Tokens<'_, '_>, words: &[usize], run: &'r [usize]) -> (&'r [usize], &'r [usize]) {
    let Some(at) = run.iter().position(|at| tokens.tokens[*at].kind == Kind::Value) else { return (run, &[]) };
    // Blank cells beside the label are its row's, whatever figure comes on the next line.
    let beside = words.last().zip(run.first()).filter(|(word, blank)| is_same_line(tokens, **word, **blank));
    let first = beside.map_or(run[at], |(_, blank)| *blank);
    let shares = |at: &usize| is_same_line(tokens, *at, first);
    // Blanks before it end the row above.
    let start =
        if beside.is_some() { 0 } else { run[..at].iter().rposition(|at| !shares(at)).map_or(0, |above| above + 1) };
    let is_row = words.last().is_some_and(shares) || run[start..].get(1).is_some_and(shares);
    if !is_row {
        return (run, &[]);
    }
    let run = &run[start..];
    run.split_at(run.iter().position(|at| !shares(at)).unwrap_or(run.len()))
}

/// Whether a number that stands alone on a line may be that of the page: a few digits.
pub(super) fn is_page_number(tokens: &Tokens<'_, '_>, token: usize) -> bool {
    const MOST_DIGITS: usize = 3;
    let piece = |at: usize| tokens.tokens.get(at).map(|token| token.piece);
    let printed = tokens.printed(token).trim();
    let is_alone =
        [token.checked_sub(1), token.checked_add(1)].into_iter().flatten().all(|other| piece(other) != piece(token));
    is_alone
        && is_text(tokens, token)
        && (1..=MOST_DIGITS).contains(&printed.len())
        && printed.bytes().all(|byte| byte.is_ascii_digit())
}

/// The rows of a run, each of `n` columns where it is whole.
pub(super) fn split(tokens: &Tokens<'_, '_>, run: &[usize], n: usize) -> Vec<Vec<usize>> {
    if run.len() <= n {
        return vec![run.to_vec()];
    }
    // Beside a row that is whole, a lone number is that of the page.
    let is_whole = |line: &[usize]| line.iter().filter(|at| tokens.tokens[**at].kind == Kind::Value).count() == n;
    let mut lines = run.chunk_by(|one, two| is_same_line(tokens, *one, *two));
    let kept: Vec<usize>;
    let run = if n > 1 && lines.any(|line| line.len() > 1 && is_whole(line)) {
        kept = run.iter().copied().filter(|at| !is_page_number(tokens, *at)).collect();
        &kept[..]
    } else {
        run
    };
    let mut rows: Vec<Vec<usize>> = Vec::new();
    // Numbers that stand alone on their lines and are still to be cut.
    let mut alone: Vec<usize> = Vec::new();
    for line in run.chunk_by(|one, two| is_same_line(tokens, *one, *two)) {
        let n_values = line.iter().filter(|at| tokens.tokens[**at].kind == Kind::Value).count();
        // A line that holds part of a row is cut like numbers alone on theirs.
        if line.len() == 1 || (n_values < n && is_text(tokens, line[0])) {
            alone.extend(line);
            continue;
        }
        cut(&mut alone, n, &mut rows);
        match is_text(tokens, line[0]) && n_values > n && n_values.is_multiple_of(n) {
            true => rows.extend(line.chunks(n).map(<[usize]>::to_vec)),
            false => rows.push(line.to_vec()),
        }
    }
    cut(&mut alone, n, &mut rows);
    rows
}

/// Cuts numbers that stand alone when they make whole rows; otherwise they stay together.
fn cut(alone: &mut Vec<usize>, n: usize, rows: &mut Vec<Vec<usize>>) {
    if alone.is_empty() {
        return;
    }
    let alone = std::mem::take(alone);
    if alone.len().is_multiple_of(n) {
        rows.extend(alone.chunks(n).map(<[usize]>::to_vec));
    } else {
        rows.push(alone);
    }
}

fn is_text(tokens: &Tokens<'_, '_>, token: usize) -> bool {
    matches!(tokens.place(token), Place::Line)
}

fn is_same_line(tokens: &Tokens<'_, '_>, one: usize, two: usize) -> bool {
    tokens.is_same_row(one, two) || tokens.tokens[one].piece == tokens.tokens[two].piece
}
