//! The words, units, numbers and blanks of a list, in reading order.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::super::outline::Outline;
use super::super::super::value::{is_dash, is_plain_number, trim};
use crate::config::Config;
use crate::form::label::{fold, is_han, strip_ordinal};
use crate::form::{FormTable, ValueType};
use crate::model::document::Place;
use crate::model::report::{Layout, Origin};

/// What an atom is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtomKind {
    /// Part of a label.
    Word,
    /// A unit of counting or of money.
    Unit,
    /// A number, a mark for nothing, or something that tries to be a number.
    Value,
    /// An empty cell.
    Blank,
}

/// A piece of the list, or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    pub(super) kind: AtomKind,
    /// Piece it was cut from.
    pub(super) piece: usize,
    /// Byte range of its print in the document.
    start: usize,
    end: usize,
    pub(super) folded: String,
    /// Row of cells that it stands in: grid (none for separated rows) and row.
    pub(super) row: Option<(Option<u32>, u32)>,
    /// First column it stands in, and one past its last.
    pub(super) columns: Option<Range<u16>>,
    /// It covers several rows.
    pub(super) is_tall: bool,
}

/// The atoms of a list.
pub(super) struct Atoms<'o, 'd> {
    pub(super) outline: &'o Outline<'d>,
    pub(super) atoms: Vec<Atom>,
    pub(super) layout: Layout,
    /// Known units, folded, the longest first.
    pub(super) units: Vec<String>,
    config: &'o Config,
    /// Atoms in each row of cells, blanks left out.
    n_in_row: BTreeMap<(Option<u32>, u32), usize>,
}

impl<'o, 'd> Atoms<'o, 'd> {
    pub(super) fn new(outline: &'o Outline<'d>, ranges: &[Range<usize>], of: &FormTable, config: &'o Config) -> Self {
        let mut units: Vec<String> = of.rows.iter().map(|row| fold(&row.unit)).collect();
        units.extend(config.reading.count_units.iter().chain(&config.reading.list_units).map(|unit| fold(unit)));
        units.extend(config.reading.money_units.iter().map(|(unit, _)| fold(unit)));
        units.retain(|unit| !unit.is_empty() && !is_dash(unit, &config.reading) && !unit.contains('-'));
        units.sort_by(|one, two| two.len().cmp(&one.len()).then_with(|| one.cmp(two)));
        units.dedup();
        let mut atoms =
            Self { outline, atoms: Vec::new(), layout: Layout::Stream, units, config, n_in_row: BTreeMap::new() };
        for at in ranges.iter().flat_map(Clone::clone) {
            atoms.piece(at, of);
            // More than any list has; the reader refuses it.
            if atoms.atoms.len() > config.limits.table_tokens {
                break;
            }
        }
        for atom in &atoms.atoms {
            if let Some(row) = atom.row.filter(|_| atom.kind != AtomKind::Blank) {
                *atoms.n_in_row.entry(row).or_default() += 1;
            }
        }
        atoms.layout = atoms.find_layout();
        atoms
    }

    /// The print of an atom.
    pub(super) fn print(&self, at: usize) -> &'d str {
        self.outline.document.text.get(self.atoms[at].start..self.atoms[at].end).unwrap_or("")
    }

    /// Whether a value is one of the marks that stand for nothing.
    pub(super) fn is_dash(&self, at: usize) -> bool {
        is_dash(self.print(at), &self.config.reading)
    }

    /// Whether something other than such a mark stands there.
    pub(super) fn is_filled(&self, at: usize) -> bool {
        self.atoms[at].kind != AtomKind::Blank && !self.is_dash(at)
    }

    /// Whether a value begins with a digit.
    pub(super) fn is_number(&self, at: usize) -> bool {
        self.atoms[at].folded.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Atoms that stand in the row of cells of an atom, blanks left out.
    pub(super) fn n_in_row(&self, at: usize) -> usize {
        self.atoms[at].row.and_then(|row| self.n_in_row.get(&row)).copied().unwrap_or(0)
    }

    /// Where an atom stands, for people.
    pub(super) fn origin(&self, at: Option<usize>) -> Origin {
        let Some(at) = at else { return Origin::default() };
        self.outline.document.origin(self.atoms[at].piece)
    }

    fn piece(&mut self, at: usize, of: &FormTable) {
        let piece = &self.outline.document.pieces[at];
        let (start, text) = (piece.start as usize, self.outline.document.text_of(piece));
        let folded = self.outline.folded(at);
        let is_line = matches!(piece.place, Place::Line);
        // Page numbers and marks of continuation; a bare number never is one.
        if folded.len() <= 120
            && !is_plain_number(folded)
            && !is_dash(folded, &self.config.reading)
            && self.config.reading.furniture.is_match(folded)
        {
            return;
        }
        let whole = self.kind_of(text, folded);
        let words = || text.split_whitespace().map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word));
        let ends_in_value = whole == AtomKind::Word
            && words().count() > 1
            && text
                .split_whitespace()
                .next_back()
                .is_some_and(|word| self.kind_of(word, &fold(word)) != AtomKind::Word);
        let begins_with_number = whole == AtomKind::Word
            && text.split_whitespace().next().is_some_and(|word| word.len() < text.len() && is_plain_number(word));
        if is_line || ends_in_value || begins_with_number {
            let parts: Vec<(usize, usize)> = words().map(|(from, word)| (from, from + word.len())).collect();
            for (from, to) in parts {
                self.word(at, start, text, (from, to), of);
            }
        } else if whole == AtomKind::Word {
            self.word(at, start, text, (0, text.len()), of);
        } else {
            self.push(at, start, start + text.len(), whole, folded.to_owned());
        }
    }

    /// A word, from which a unit and a number run together with it are taken off.
    fn word(&mut self, at: usize, start: usize, text: &str, (from, to): (usize, usize), of: &FormTable) {
        let print = &text[from..to];
        let folded = fold(print);
        let kind = self.kind_of(print, &folded);
        let mut cut = None;
        if kind == AtomKind::Word {
            cut = self.glued(&folded, of).and_then(|rest| Some(print.strip_suffix(rest)?.len()));
        }
        let Some(cut) = cut else {
            self.push(at, start + from, start + to, kind, folded);
            return;
        };
        let mut begin = start + from + cut;
        if cut > 0 {
            self.push(at, start + from, begin, AtomKind::Word, fold(&print[..cut]));
        }
        let rest = &print[cut..];
        let unit =
            self.units.iter().find_map(|unit| rest.starts_with(unit.as_str()).then_some(unit.len())).unwrap_or(0);
        if unit > 0 {
            self.push(at, begin, begin + unit, AtomKind::Unit, rest[..unit].to_owned());
            begin += unit;
        }
        if begin < start + to {
            self.push(at, begin, start + to, AtomKind::Value, fold(&rest[unit..]));
        }
    }

    /// The unit and number that stand glued behind a known label, or a number behind a unit.
    fn glued<'t>(&self, folded: &'t str, of: &FormTable) -> Option<&'t str> {
        let is_tail = |rest: &str| {
            let number = self.units.iter().find_map(|unit| rest.strip_prefix(unit.as_str())).unwrap_or(rest);
            !rest.is_empty() && (number.is_empty() || is_plain_number(number)) && (rest != number || !number.is_empty())
        };
        if self.units.iter().any(|unit| folded.strip_prefix(unit.as_str()).is_some_and(is_plain_number)) {
            return Some(folded);
        }
        let bare = strip_ordinal(folded);
        let keys = of.rows.iter().flat_map(|row| &row.labels.keys);
        let ends = keys.filter_map(|key| folded.strip_prefix(key.as_str()).or_else(|| bare.strip_prefix(key.as_str())));
        // The longest label leaves the shortest rest.
        ends.min_by_key(|rest| rest.len()).filter(|rest| is_tail(rest))
    }

    fn push(&mut self, piece: usize, start: usize, end: usize, kind: AtomKind, folded: String) {
        let (row, columns, is_tall) = match self.outline.document.pieces[piece].place {
            Place::Line => (None, None, false),
            Place::Row { row, column } => (Some((None, row)), Some(column..column.saturating_add(1)), false),
            Place::Grid { grid, row, column, row_span, column_span } => {
                (Some((Some(grid), row)), Some(column..column.saturating_add(column_span)), row_span > 1)
            }
        };
        self.atoms.push(Atom { kind, piece, start, end, folded, row, columns, is_tall });
    }

    fn kind_of(&self, print: &str, folded: &str) -> AtomKind {
        let print = trim(print);
        if print.is_empty() {
            return AtomKind::Blank;
        }
        if is_dash(print, &self.config.reading) {
            return AtomKind::Value;
        }
        if self.is_unit(folded.trim_matches(['(', ')'])) {
            return AtomKind::Unit;
        }
        if strip_ordinal(folded).is_empty() {
            return AtomKind::Word;
        }
        let number = folded.trim_start_matches(['+', '-']);
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            let tail = number.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
            let is_label = tail.chars().any(is_han) && !self.is_unit(tail);
            return if is_label { AtomKind::Word } else { AtomKind::Value };
        }
        let has_han = folded.chars().any(is_han);
        let has_digit = folded.chars().any(char::is_numeric);
        let is_letters = folded.len() <= 4 && folded.chars().all(|c| c.is_ascii_alphabetic());
        if !has_han && (has_digit || is_letters) { AtomKind::Value } else { AtomKind::Word }
    }

    fn is_unit(&self, folded: &str) -> bool {
        self.units.iter().any(|unit| unit == folded)
    }

    fn find_layout(&self) -> Layout {
        let values = || (0..self.atoms.len()).filter(|at| self.atoms[*at].kind == AtomKind::Value);
        let is_grid = |at: &usize| self.atoms[*at].row.is_some_and(|(grid, _)| grid.is_some());
        let grid = values().filter(is_grid).count();
        let rows = values().filter(|at| !is_grid(at) && self.n_in_row(*at) > 1).count();
        let all = values().count();
        if grid * 2 > all {
            Layout::Grid
        } else if rows * 2 > all {
            Layout::Lines
        } else {
            Layout::Stream
        }
    }
}

/// A number without the unit of counting behind it; units of money stay with amounts, which they scale.
pub(super) fn without_unit<'t>(printed: &'t str, value_type: ValueType, units: &[String]) -> &'t str {
    if matches!(value_type, ValueType::Decimal | ValueType::Money) {
        return printed;
    }
    let bare = units.iter().find_map(|unit| printed.strip_suffix(unit.as_str())).unwrap_or(printed);
    if bare.is_empty() { printed } else { trim(bare) }
}
