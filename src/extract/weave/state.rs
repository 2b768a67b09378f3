//! An explanation of a table's words and numbers so far: what has been begun, what is owed, what it costs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::MAX_STATES;

/// Prices of what an explanation assumes. What is wrong with a table costs more than any odd layout.
pub(super) mod price {
    /// A row whose numbers are not there.
    pub(in crate::extract::weave) const MISSING: u32 = 40;
    /// A word that no label explains.
    pub(in crate::extract::weave) const WORD: u32 = 60;
    /// A label that is not printed to its end.
    pub(in crate::extract::weave) const CUT: u32 = 60;
    /// A label that is not printed at all beside numbers that are.
    pub(in crate::extract::weave) const UNLABELLED: u32 = 240;
    /// Numbers that belong to no row.
    pub(in crate::extract::weave) const RUN: u32 = 160;
    /// Numbers before the label of their row.
    pub(in crate::extract::weave) const EARLY: u32 = 3;
    /// A label begun after that of a later row.
    pub(in crate::extract::weave) const LATE: u32 = 2;
    /// A label still waiting for its numbers when another row's come.
    pub(in crate::extract::weave) const WAITING: u32 = 2;
    /// A label glued to the middle of another one.
    pub(in crate::extract::weave) const GLUED: u32 = 1;
    /// A heading that is not printed to its end.
    pub(in crate::extract::weave) const HEADING: u32 = 4;
    /// A label still open when other numbers come.
    pub(in crate::extract::weave) const OPEN: u32 = 1;
    /// A header repeated between rows, as page breaks do, and each of its labels printed once more.
    pub(in crate::extract::weave) const HEADER: u32 = 2;
    /// A label without its ordinal that is so short that it may be something else.
    pub(in crate::extract::weave) const BARE: u32 = 2;
    /// Blanks after a whole label that are not its row's cells.
    pub(in crate::extract::weave) const PADDING: u32 = 2;
    /// An explanation dearer by this than another is not followed any further.
    pub(in crate::extract::weave) const HOPELESS: u32 = 200;
    /// An explanation must be cheaper by this than one that places the numbers otherwise.
    pub(in crate::extract::weave) const MARGIN: u32 = 2;
}

/// Labels open at one time: vertical headings beside vertical headings beside a broken label.
const MAX_OPEN: usize = 4;

#[derive(Clone, Default)]
pub(super) struct State<'f> {
    /// Rows before it have had their labels begun, or passed over.
    pub(super) labels: usize,
    /// Rows before it have had their numbers, or will not have any.
    pub(super) numbers: usize,
    /// Rows whose label was passed over.
    pub(super) owed: Vec<usize>,
    /// Rows whose label was begun since the last numbers, and that still want theirs.
    pub(super) fresh: Vec<usize>,
    /// Rests of labels begun and not finished, with their rows.
    pub(super) open: Vec<(usize, &'f str)>,
    /// Rests of headings begun and not finished.
    pub(super) headings: Vec<&'f str>,
    /// Rests of repeated header labels begun and not finished.
    pub(super) header: Vec<&'f str>,
    /// Header labels repeated so far.
    pub(super) repeated: Vec<usize>,
    /// Of them, those before the last numbers.
    pub(super) n_settled: usize,
    /// The row whose label the last word belongs to.
    pub(super) last: Option<usize>,
    pub(super) cost: u32,
    pub(super) rows: Vec<Option<usize>>,
    pub(super) unexplained: Vec<usize>,
}

impl State<'_> {
    /// What tells it from other states; equal for states that differ in their cost and history alone.
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.labels, self.numbers, self.last, &self.owed, &self.fresh, &self.open).hash(&mut hasher);
        (&self.headings, &self.header, &self.rows).hash(&mut hasher);
        hasher.finish()
    }

    pub(super) fn is_begun(&self, row: usize) -> bool {
        row < self.labels && !self.owed.contains(&row)
    }

    pub(super) fn is_whole(&self, row: usize) -> bool {
        self.is_begun(row) && !self.open.iter().any(|(open, _)| *open == row)
    }

    /// Nothing is open, owed or waiting.
    pub(super) fn is_plain(&self) -> bool {
        self.labels == self.numbers && self.owed.is_empty() && self.open.is_empty() && self.headings.is_empty()
    }
}

/// The explanations of everything up to some place, each once.
#[derive(Default)]
pub(super) struct States<'f> {
    states: Vec<State<'f>>,
    places: HashMap<u64, usize>,
    least: Option<u32>,
}

impl<'f> States<'f> {
    pub(super) fn push(&mut self, state: State<'f>) {
        let least = self.least.get_or_insert(state.cost);
        if state.cost > *least + price::HOPELESS {
            return;
        }
        *least = state.cost.min(*least);
        match self.places.entry(state.fingerprint()) {
            Entry::Occupied(place) => {
                let other = &mut self.states[*place.get()];
                if state.cost < other.cost {
                    *other = state;
                }
            }
            Entry::Vacant(place) => {
                place.insert(self.states.len());
                self.states.push(state);
            }
        }
    }

    /// The cheapest ones.
    pub(super) fn best(mut self) -> Vec<State<'f>> {
        self.states.sort_by_key(|state| state.cost);
        self.states.truncate(MAX_STATES);
        let least = self.least.unwrap_or_default();
        self.states.retain(|state| state.cost <= least + price::HOPELESS);
        self.states
    }
}

/// A label of two characters may be the rest of any other one.
fn is_bare(key: &str) -> bool {
    key.chars().nth(2).is_none()
}

/// Begins the label of a row: the next one, a later one, or one that is owed.
pub(super) fn begin_row<'f>(state: &State<'f>, row: usize, key: &str, rest: &'f str) -> Option<State<'f>> {
    let is_owed = row < state.labels;
    if state.open.len() >= MAX_OPEN || (is_owed && !state.owed.contains(&row)) {
        return None;
    }
    let mut state = state.clone();
    if is_owed {
        state.owed.retain(|owed| *owed != row);
        state.cost += price::LATE;
    } else {
        state.owed.extend(state.labels..row);
        state.labels = row + 1;
    }
    state.last = Some(row);
    if is_bare(key) {
        state.cost += price::BARE;
    }
    if row >= state.numbers {
        state.fresh.push(row);
    }
    if !rest.is_empty() {
        state.open.push((row, rest));
    }
    Some(state)
}

/// Begins a heading; it may be repeated, as page breaks and spans do, and come late.
pub(super) fn begin_heading<'f>(state: &State<'f>, last: usize, rest: &'f str) -> Option<State<'f>> {
    if state.headings.len() >= MAX_OPEN {
        return None;
    }
    let mut state = state.clone();
    state.last = None;
    if last + 1 < state.numbers.min(state.labels) {
        state.cost += price::LATE;
    }
    if !rest.is_empty() {
        state.headings.push(rest);
    }
    Some(state)
}

/// Begins a repeated header label; before the first numbers it is no repetition.
pub(super) fn begin_header<'f>(state: &State<'f>, label: usize, rest: &'f str) -> Option<State<'f>> {
    /// More labels than any header has.
    const MAX_HEADER: usize = 16;
    if state.numbers == 0 || state.header.len() >= MAX_HEADER {
        return None;
    }
    let mut state = state.clone();
    state.last = None;
    let since = &state.repeated[state.n_settled..];
    if since.is_empty() || since.contains(&label) {
        state.cost += price::HEADER;
    }
    state.repeated.push(label);
    if !rest.is_empty() {
        state.header.push(rest);
    }
    Some(state)
}
