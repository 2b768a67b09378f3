//! Atoms to rows: which words make a label, and what stands beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::atoms::{AtomKind, Atoms};
use super::header::{Header, Role};
use crate::form::FormTable;
use crate::form::label::{bare_key, split_ordinal};

/// Labels of the rows of a list without ordinals and punctuation.
pub(super) struct Labels {
    rows: BTreeMap<String, Vec<usize>>,
}

impl Labels {
    pub(super) fn new(of: &FormTable) -> Self {
        let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, row) in of.rows.iter().enumerate() {
            for key in row.labels.keys.iter().map(|key| bare_key(key)) {
                let rows = rows.entry(key).or_default();
                if !rows.contains(&at) {
                    rows.push(at);
                }
            }
        }
        Self { rows }
    }

    /// The rows that carry a label.
    pub(super) fn rows_of(&self, label: &str) -> &[usize] {
        self.rows.get(label).map_or(&[], Vec::as_slice)
    }

    /// Whether a label begins with this text.
    pub(super) fn begins(&self, text: &str) -> bool {
        !text.is_empty() && self.rows.range(text.to_owned()..).next().is_some_and(|(label, _)| label.starts_with(text))
    }
}

/// A row as printed.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// Atoms of its label.
    pub(super) words: Vec<usize>,
    /// Its label without ordinals and punctuation.
    pub(super) label: String,
    /// Its label as printed.
    pub(super) printed: String,
    pub(super) unit: Option<usize>,
    pub(super) values: Vec<usize>,
}

/// The rows of a list. `leftover` is told of atoms that belong to no row.
pub(super) fn items(
    atoms: &Atoms<'_, '_>,
    labels: &Labels,
    header: &Header,
    leftover: &mut dyn FnMut(usize, &str),
) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    // An ordinal apart from its label.
    let mut ordinal: Option<usize> = None;
    for at in (header.first_row..atoms.atoms.len()).filter(|at| !header.is_repeated(*at)) {
        let atom = &atoms.atoms[at];
        let kind = match (atom.kind, header.role(atom)) {
            (AtomKind::Blank, _) | (_, Some(Role::Aside)) => continue,
            (AtomKind::Word, Some(Role::Number)) => AtomKind::Value,
            (AtomKind::Word, Some(Role::Unit)) => AtomKind::Unit,
            (AtomKind::Unit, Some(Role::Label)) => AtomKind::Word,
            (kind, _) => kind,
        };
        match kind {
            AtomKind::Word if bare_key(&atom.folded).is_empty() => {
                let is_value = items.last().is_some_and(|item| item.unit.is_some() && item.values.is_empty())
                    && items.last().is_some_and(|item| item.unit.is_some_and(|unit| is_beside(atoms, unit, at)));
                if is_value {
                    leftover(at, "is no number");
                } else {
                    ordinal = Some(at);
                }
            }
            AtomKind::Word => {
                word(at, ordinal.take(), atoms, labels, &mut items);
            }
            AtomKind::Unit | AtomKind::Value => {
                let Some(item) = items.last_mut() else {
                    leftover(at, "stands before the first row");
                    continue;
                };
                if is_elsewhere(atoms, item, at) {
                    leftover(at, "stands in a row without a label");
                    continue;
                }
                if atom.is_tall && kind == AtomKind::Value {
                    leftover(at, "covers several rows");
                    continue;
                }
                match kind {
                    AtomKind::Value => item.values.push(at),
                    _ if item.unit.is_none()
                        && (item.values.is_empty() || is_beside(atoms, item.values[item.values.len() - 1], at)) =>
                    {
                        item.unit = Some(at);
                    }
                    _ => leftover(at, "is a unit without a label"),
                }
            }
            AtomKind::Blank => {}
        }
    }
    if !header.is_placed() {
        for item in &mut items {
            // A mark in the column of units.
            if item.unit.is_none() && item.values.len() > 1 && atoms.is_dash(item.values[0]) {
                item.unit = Some(item.values.remove(0));
            }
        }
    }
    items
}

/// Whether an atom stands in a row of cells that holds no word of the item's label, where rows of cells mean
/// something.
fn is_elsewhere(atoms: &Atoms<'_, '_>, item: &Item, at: usize) -> bool {
    let row = atoms.atoms[at].row;
    // A line between rows of cells may be a page number.
    let is_in_row = row.is_some() && item.words.iter().any(|word| atoms.atoms[*word].row == row);
    !is_in_row && (atoms.n_in_row(at) > 1 || item.words.iter().any(|word| atoms.n_in_row(*word) > 1))
}

/// Whether two atoms stand in one line or row.
fn is_beside(atoms: &Atoms<'_, '_>, one: usize, two: usize) -> bool {
    let (one, two) = (&atoms.atoms[one], &atoms.atoms[two]);
    one.piece == two.piece || (one.row.is_some() && one.row == two.row)
}

/// Adds a word to the label that it goes on, or begins a row with it.
fn word(at: usize, ordinal: Option<usize>, atoms: &Atoms<'_, '_>, labels: &Labels, items: &mut Vec<Item>) {
    /// Longer labels are running text.
    const MAX_LABEL_BYTES: usize = 400;
    /// Shorter beginnings of a label may be anything.
    const MIN_BEGINNING: usize = 4;
    let atom = &atoms.atoms[at];
    let bare = bare_key(&atom.folded);
    let has_ordinal = ordinal.is_some() || split_ordinal(&atom.folded).is_some();
    let goes_on = items.last().filter(|item| item.printed.len() < MAX_LABEL_BYTES).is_some_and(|item| {
        let joined = format!("{}{bare}", item.label);
        let is_open = item.values.is_empty() && item.unit.is_none();
        let is_whole = !labels.rows_of(&item.label).is_empty();
        let is_bracket_open = item.printed.matches(['(', '（']).count() > item.printed.matches([')', '）']).count();
        let begins = labels.begins(&bare) && bare.chars().count() >= MIN_BEGINNING;
        // `1.` at the head of a word is its ordinal even where digits could go on a label.
        (labels.begins(&joined) && !(has_ordinal && is_whole))
            || (is_open && (is_bracket_open || (atom.row.is_none() && !is_whole && !has_ordinal && !begins)))
    });
    let printed = atoms.print(at).trim();
    if goes_on && let Some(item) = items.last_mut() {
        // Ordinals inside a label are part of it once it has begun.
        let more: String = atom.folded.chars().filter(|c| c.is_alphanumeric()).collect();
        let joined = format!("{}{bare}", item.label);
        item.label = if labels.begins(&joined) { joined } else { format!("{}{more}", item.label) };
        if printed.is_ascii() || item.printed.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            item.printed.push(' ');
        }
        item.printed.push_str(printed);
        item.words.push(at);
        return;
    }
    let lead = ordinal.map_or("", |at| atoms.print(at).trim());
    items.push(Item { words: vec![at], label: bare, printed: format!("{lead}{printed}"), ..Item::default() });
}

/// Whether an item stands in the row of cells right below the item before it, its number beside its label.
pub(super) fn goes_on(items: &[Item], at: usize, atoms: &Atoms<'_, '_>) -> bool {
    let row = |at: usize| items.get(at).and_then(|item| item.words.first()).and_then(|word| atoms.atoms[*word].row);
    let (Some(above), Some(own)) = (at.checked_sub(1).and_then(row), row(at)) else { return false };
    let is_below = above.0 == own.0 && (own.0.is_some() || own.1 == above.1 + 1);
    is_below && items[at].values.iter().any(|value| atoms.atoms[*value].row == Some(own))
}

/// Takes off the numbers that only count the rows (01, 02, ...): a form that carries them and nothing else
/// is an empty one.
pub(super) fn strip_line_codes(items: &mut [Item], atoms: &Atoms<'_, '_>) {
    const FEWEST: usize = 5;
    let mut numbers: Vec<&mut Vec<usize>> = items.iter_mut().map(|item| &mut item.values).collect();
    numbers.retain(|values| values.first().is_some_and(|at| !atoms.is_dash(*at)));
    let code = |values: &[usize]| atoms.atoms[values[0]].folded.parse::<u32>().ok();
    let counts_up = numbers.iter().zip(1..).all(|(values, row)| code(values) == Some(row));
    if numbers.len() >= FEWEST && counts_up {
        for values in numbers {
            values.remove(0);
        }
    }
}

/// Rows of a text whose number stands on a line of its own while those of others stand beside their label
/// or unit: page numbers look like that.
pub(super) fn values_apart(items: &[Item], atoms: &Atoms<'_, '_>) -> BTreeSet<usize> {
    let (mut apart, mut n_beside) = (BTreeSet::new(), 0);
    for (at, item) in items.iter().enumerate() {
        let Some(value) = item.values.first().filter(|value| atoms.atoms[**value].row.is_none()) else { continue };
        if item.unit.iter().chain(&item.words).any(|other| is_beside(atoms, *other, *value)) {
            n_beside += 1;
        } else {
            apart.insert(at);
        }
    }
    if n_beside == 0 { BTreeSet::new() } else { apart }
}
