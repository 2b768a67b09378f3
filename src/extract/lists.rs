//! Where the lists of a page lie: the sheet of label, unit and number of 2014 and its local kin.
//!
//! A list is found by its row labels, many of them close together. Some head sections of the narrative
//! too, so a list never reaches over prose. Nothing here reads a number.

use std::collections::BTreeSet;
use std::ops::Range;

use super::outline::{Outline, Role};
use crate::config::Config;
use crate::form::ListLabels;
use crate::form::label::bare_key;
use crate::model::document::Place;

/// Fewer row labels than this close together are no list.
const MIN_ROWS: usize = 8;
/// More pieces than this without a row label end a list.
const MAX_GAP: usize = 80;
/// Characters that may stand behind a label in its line: unit, number, marks.
const MAX_REST: usize = 16;
/// Pieces before the first and behind the last row label that may belong to the list.
const MARGIN: usize = 24;

/// The lists of a page: number of the table in the index of the forms, pieces.
pub(super) fn find(outline: &Outline<'_>, config: &Config) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    for list in config.forms.index.lists.iter().filter(|list| list.is_in(outline.all_folded())) {
        let mut cluster: Option<Cluster> = None;
        for at in 0..outline.roles.len() {
            if let Some(row) = row_label(outline, at, list) {
                let cluster = cluster.get_or_insert_with(|| Cluster { first: at, last: at, rows: BTreeSet::new() });
                cluster.last = at;
                cluster.rows.insert(row);
                continue;
            }
            let is_end = matches!(outline.roles[at], Role::Prose | Role::Title);
            if cluster.as_ref().is_some_and(|cluster| is_end || at - cluster.last > MAX_GAP) {
                found.extend(cluster.take().and_then(|cluster| cluster.pieces(outline, list)));
            }
        }
        found.extend(cluster.and_then(|cluster| cluster.pieces(outline, list)));
    }
    found
}

/// Row labels close together.
struct Cluster<'i> {
    first: usize,
    last: usize,
    rows: BTreeSet<&'i str>,
}

impl Cluster<'_> {
    fn pieces(self, outline: &Outline<'_>, list: &ListLabels) -> Option<(usize, Range<usize>)> {
        if self.rows.len() < MIN_ROWS {
            return None;
        }
        let is_part = |at: usize| matches!(outline.roles[at], Role::Short | Role::Empty);
        // The header may stand some lines above the first row.
        let above = (self.first.saturating_sub(MARGIN)..self.first).rev().take_while(|at| is_part(*at));
        let is_head = |at: &usize| list.heads.iter().any(|head| outline.folded(*at).starts_with(head.as_str()));
        let mut start = above.filter(is_head).last().unwrap_or(self.first);
        while start > 0 && is_part(start - 1) && is_row(outline, start - 1, self.first, start) {
            start -= 1;
        }
        let mut end = self.last + 1;
        while end < outline.roles.len() {
            let is_near = end - self.last <= MARGIN && is_part(end);
            if !is_near && !is_row(outline, end, self.last, end - 1) {
                break;
            }
            end += 1;
        }
        Some((list.table, start..end))
    }
}

/// Whether a piece stands in the grid of another, or in the row of a third.
fn is_row(outline: &Outline<'_>, at: usize, of_grid: usize, of_row: usize) -> bool {
    let place = |at: usize| outline.document.pieces[at].place;
    match (place(at), place(of_grid), place(of_row)) {
        (Place::Grid { grid, .. }, Place::Grid { grid: other, .. }, _) => grid == other,
        (Place::Row { row, .. }, _, Place::Row { row: other, .. }) => row == other,
        _ => false,
    }
}

/// The row label that a piece holds: all of it, or all but a unit and a number.
fn row_label<'i>(outline: &Outline<'_>, at: usize, list: &'i ListLabels) -> Option<&'i str> {
    let folded = outline.folded(at);
    // Labels are short and begin with no digit but that of their ordinal.
    if matches!(outline.roles[at], Role::Empty | Role::Title) || folded.len() > 240 {
        return None;
    }
    let bare = bare_key(folded);
    let (row, rest) = list.row_of(&bare)?;
    (rest.chars().count() <= MAX_REST && !folded.contains('。')).then_some(row)
}
