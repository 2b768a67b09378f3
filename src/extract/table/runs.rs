//! Cuts a run of numbers into rows.
//!
//! Where numbers of several rows follow one another without a word between them, lines and rows of cells
//! tell where each ends, and where every number has a line of its own, their count does.

use super::super::token::{Kind, Tokens};
use crate::model::document::Place;

/// The rows of a run, each of `n` columns where it is whole.
pub(super) fn split(tokens: &Tokens<'_, '_>, run: &[usize], n: usize) -> Vec<Vec<usize>> {
    if run.len() <= n {
        return vec![run.to_vec()];
    }
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
