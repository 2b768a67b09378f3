//! Explains printed text by labels.
//!
//! Converters break labels over lines, print them vertically beside other labels, split them around
//! their numbers, glue them to a neighbour and move them away from their numbers; the characters of each
//! label still come in order. So a label is a stream of characters, several streams run at a time, and
//! every printed word must be the next characters of one of them. [`headers()`] does this for labels that
//! may come in any order, [`rows()`] for the rows of a form with the numbers between them.

mod headers;
mod order;
mod rows;
mod state;

pub(super) use headers::{Element, headers};
pub(super) use order::rows_in_any_order;
pub(super) use rows::{Event, Explanation, RowLabels, is_row, rows};

/// At most this many explanations are followed at a time.
const MAX_STATES: usize = 48;
/// Labels glued together in one word are cut in at most this many ways; no label of a form comes near.
const MAX_CUTS: usize = 400;
