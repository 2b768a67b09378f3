//! The header of a list: which columns it has, and which holds the number to use.

use std::collections::BTreeSet;
use std::ops::Range;

use super::atoms::{Atom, AtomKind, Atoms};
use super::rows::{Item, Labels};
use crate::form::FormTable;
use crate::form::label::bare_key;

/// What a column of a list holds, by the code of its label in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Indicator,
    Unit,
    /// The number, said in no more words.
    Value,
    /// The number of the year.
    Year,
    /// The sum over several columns.
    Total,
    /// A number of other years too.
    Cumulative,
    /// Codes of lines.
    Code,
    Remark,
    /// A label that the form does not have.
    Local,
}

impl Class {
    fn of(code: &str) -> Self {
        match code {
            "indicator" => Self::Indicator,
            "unit" => Self::Unit,
            "value" => Self::Value,
            "value_year" => Self::Year,
            "value_total" => Self::Total,
            "cumulative" => Self::Cumulative,
            "code" => Self::Code,
            "remark" => Self::Remark,
            _ => Self::Local,
        }
    }

    fn is_number(self) -> bool {
        !matches!(self, Self::Indicator | Self::Unit | Self::Code | Self::Remark)
    }
}

/// What an atom is by the column it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Label,
    Unit,
    Number,
    /// Codes of lines and remarks.
    Aside,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    /// Its label as printed.
    pub(super) label: String,
    class: Class,
    /// Columns of cells that it covers.
    columns: Option<Range<u16>>,
}

/// The header of a list.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) columns: Vec<Column>,
    /// First atom of the first row.
    pub(super) first_row: usize,
    /// Atoms of the header where it is printed again, as page breaks do.
    repeated: BTreeSet<usize>,
    /// It stands in a grid, where what stands above a cell is its header.
    is_grid: bool,
    /// More than one row of it: only a grid tells what stands above what.
    has_levels: bool,
}

/// Which number of a row is the one to use.
#[derive(Debug, PartialEq)]
pub(super) enum Choice {
    /// The only one.
    Only,
    /// That of this column.
    Column(usize),
    /// It cannot be told, and why.
    Unclear(String),
}

impl Header {
    pub(super) fn read(atoms: &Atoms<'_, '_>, labels: &Labels, of: &FormTable) -> Self {
        let is_first = |atom: &Atom| {
            let bare = bare_key(&atom.folded);
            atom.kind == AtomKind::Word
                && (!labels.rows_of(&bare).is_empty() || (bare.chars().count() >= 4 && labels.begins(&bare)))
        };
        let mut first_row = atoms.atoms.iter().position(is_first).unwrap_or(atoms.atoms.len());
        let row = atoms.atoms.get(first_row).and_then(|atom| atom.row);
        while first_row > 0 && row.is_some() && atoms.atoms[first_row - 1].row == row {
            first_row -= 1;
        }
        let mut header =
            Self { columns: Vec::new(), first_row, repeated: BTreeSet::new(), is_grid: false, has_levels: false };
        let heads = &of.columns[0].labels.keys;
        let is_head = |at: usize| {
            let piece = atoms.outline.folded(atoms.atoms[at].piece);
            heads.iter().any(|head| piece.starts_with(head.as_str()))
        };
        header.repeated = repeated(atoms, first_row, of);
        let Some(start) = (0..first_row).find(|at| is_head(*at)) else { return header };
        let mut start = start;
        while start > 0 && atoms.atoms[start].row.is_some() && atoms.atoms[start - 1].row == atoms.atoms[start].row {
            start -= 1;
        }
        let zone = &atoms.atoms[start..first_row];
        header.is_grid = zone.iter().all(|atom| atom.row.is_some_and(|(grid, _)| grid.is_some()));
        let is_rows = !header.is_grid && zone.iter().all(|atom| atom.row == zone[0].row && atom.row.is_some());
        header.has_levels = !header.is_grid && !is_rows && zone.iter().any(|atom| atom.row.is_some());
        if header.is_grid {
            header.grid_columns(atoms, start, of);
        } else {
            let mut last_piece = None;
            for at in (start..first_row).filter(|at| atoms.atoms[*at].kind != AtomKind::Blank) {
                let atom = &atoms.atoms[at];
                if last_piece == Some(atom.piece) {
                    continue;
                }
                last_piece = Some(atom.piece);
                let columns = is_rows.then(|| atom.columns.clone()).flatten();
                header.push_labels(atoms.outline.folded(atom.piece), columns.as_ref(), of);
            }
        }
        header
    }

    /// The lowest label above each column of a grid.
    fn grid_columns(&mut self, atoms: &Atoms<'_, '_>, start: usize, of: &FormTable) {
        let zone = &atoms.atoms[start..self.first_row];
        let filled = zone.iter().filter(|atom| atom.kind != AtomKind::Blank);
        for atom in filled {
            let Some(columns) = atom.columns.clone() else { continue };
            // A label over several columns gives way to the labels below it.
            let is_over = |below: &&Atom| {
                below.kind != AtomKind::Blank
                    && below.row > atom.row
                    && below
                        .columns
                        .as_ref()
                        .is_some_and(|other| other.start >= columns.start && other.end <= columns.end)
            };
            if zone.iter().find(is_over).is_none() {
                let class = class_of(atoms.outline.folded(atom.piece), of);
                self.columns.push(Column { label: atom.folded.clone(), class, columns: Some(columns) });
            }
        }
        self.columns.sort_by_key(|column| column.columns.as_ref().map(|columns| columns.start));
    }

    /// The labels of a piece, which may stand in one line.
    fn push_labels(&mut self, folded: &str, columns: Option<&Range<u16>>, of: &FormTable) {
        let mut rest = folded;
        while !rest.is_empty() {
            let known = of.columns.iter().flat_map(|column| column.labels.keys.iter().map(move |key| (column, key)));
            let longest = known.filter(|(_, key)| rest.starts_with(key.as_str())).max_by_key(|(_, key)| key.len());
            let (class, length) = match longest {
                Some((column, key)) if columns.is_none() || key.len() == folded.len() => {
                    (Class::of(&column.code), key.len())
                }
                _ => (class_of(rest, of), rest.len()),
            };
            self.columns.push(Column { label: rest[..length].to_owned(), class, columns: columns.cloned() });
            rest = &rest[length..];
        }
    }

    /// Whether an atom is part of a header printed again.
    pub(super) fn is_repeated(&self, at: usize) -> bool {
        self.repeated.contains(&at)
    }

    /// Whether the columns of cells are known.
    pub(super) fn is_placed(&self) -> bool {
        !self.columns.is_empty() && self.columns.iter().all(|column| column.columns.is_some())
    }

    /// What an atom is by its column, where the header says.
    pub(super) fn role(&self, atom: &Atom) -> Option<Role> {
        let column = self.column_of(atom)?;
        // Rows of cells may lack one; only a grid is sure. No number and no label is as short as a unit.
        if !self.is_grid {
            const UNIT_CHARACTERS: usize = 3;
            if self.columns[column].class == Class::Unit
                && atom.kind == AtomKind::Word
                && atom.folded.chars().count() <= UNIT_CHARACTERS
            {
                return Some(Role::Unit);
            }
            return matches!(self.columns[column].class, Class::Code | Class::Remark)
                .then_some(Role::Aside)
                .filter(|_| self.has_codes());
        }
        Some(match self.columns[column].class {
            Class::Indicator => Role::Label,
            Class::Unit => Role::Unit,
            Class::Code | Class::Remark => Role::Aside,
            _ => Role::Number,
        })
    }

    fn has_codes(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.class, Class::Code | Class::Remark))
    }

    fn column_of(&self, atom: &Atom) -> Option<usize> {
        if !self.is_placed() {
            return None;
        }
        let start = atom.columns.as_ref()?.start;
        self.columns.iter().position(|column| column.columns.as_ref().is_some_and(|columns| columns.contains(&start)))
    }

    fn numbers(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| self.columns[*at].class.is_number()).collect()
    }

    /// Which number of each row is the one to use.
    pub(super) fn choose(&self, items: &[Item], atoms: &Atoms<'_, '_>) -> Choice {
        let numbers = self.numbers();
        let of =
            |class: Class| numbers.iter().copied().filter(|at| self.columns[*at].class == class).collect::<Vec<_>>();
        let (totals, years, cumulative) = (of(Class::Total), of(Class::Year), of(Class::Cumulative));
        let chosen = match numbers.as_slice() {
            [] => {
                let has_several =
                    items.iter().any(|item| item.values.iter().filter(|at| atoms.is_number(**at)).count() > 1);
                return if has_several {
                    Choice::Unclear(
                        "the list has several columns of numbers and no header that tells them apart: compare with the source"
                            .to_owned(),
                    )
                } else {
                    Choice::Only
                };
            }
            [only] if !matches!(self.columns[*only].class, Class::Cumulative | Class::Local) => Some(*only),
            [_] => None,
            _ if totals.len() == 1 && years.is_empty() && cumulative.is_empty() => Some(totals[0]),
            _ if years.len() == 1 && cumulative.len() == numbers.len() - 1 => Some(years[0]),
            _ => None,
        };
        match chosen {
            // Rows of cells may lack one: with a single number nothing can be mistaken for it.
            Some(_) if numbers.len() == 1 && !self.is_grid && !self.has_codes() => Choice::Only,
            Some(_) if self.has_levels => Choice::Unclear(
                "the header of the list has several levels, which only a grid tells apart: compare with the source"
                    .to_owned(),
            ),
            Some(column) => Choice::Column(column),
            None => {
                let labels: Vec<&str> = numbers.iter().map(|at| self.columns[*at].label.as_str()).collect();
                Choice::Unclear(format!(
                    "the list has the columns {}, and which is the body's own number of the year is not told: compare with the source",
                    labels.join(", ")
                ))
            }
        }
    }

    /// The column of each number beside a label; `None` where one has none.
    pub(super) fn place(&self, item: &Item, atoms: &Atoms<'_, '_>) -> Option<Vec<(usize, usize)>> {
        let numbers = self.numbers();
        let mut placed: Vec<(usize, usize)> = Vec::new();
        if !self.is_placed() {
            if item.values.is_empty() {
                return Some(placed);
            }
            return (item.values.len() == numbers.len())
                .then(|| numbers.into_iter().zip(item.values.clone()).collect());
        }
        if !self.is_grid
            && item.words.first().is_some_and(|word| self.column_of(&atoms.atoms[*word]) != self.indicator())
        {
            return None;
        }
        for value in &item.values {
            let column = self.column_of(&atoms.atoms[*value])?;
            if !numbers.contains(&column) {
                if atoms.is_dash(*value) {
                    continue;
                }
                return None;
            }
            if placed.iter().any(|(other, _)| *other == column) {
                return None;
            }
            placed.push((column, *value));
        }
        Some(placed)
    }

    fn indicator(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.class == Class::Indicator)
    }
}

/// Atoms below the first row that print the header again: the row of cells that holds the label of the labels,
/// or that label and the column labels right behind it.
fn repeated(atoms: &Atoms<'_, '_>, first_row: usize, of: &FormTable) -> BTreeSet<usize> {
    let is_column = |at: usize, columns: &[crate::form::Column]| {
        let folded = atoms.outline.folded(atoms.atoms[at].piece);
        columns.iter().any(|column| column.labels.keys.iter().any(|key| key == folded))
    };
    let mut found = BTreeSet::new();
    let mut is_running = false;
    for at in first_row..atoms.atoms.len() {
        let is_head = is_column(at, &of.columns[..1]);
        is_running = is_head || (is_running && is_column(at, &of.columns));
        if is_running {
            found.insert(at);
        }
        if let Some(row) = atoms.atoms[at].row.filter(|_| is_head) {
            let in_row = |other: &usize| atoms.atoms[*other].row == Some(row);
            found.extend((first_row..at).rev().take_while(in_row));
            found.extend((at..atoms.atoms.len()).take_while(in_row));
        }
    }
    found
}

fn class_of(folded: &str, of: &FormTable) -> Class {
    let bare = bare_key(folded);
    let is = |key: &String| bare_key(key) == bare;
    of.columns
        .iter()
        .find(|column| column.labels.keys.iter().any(is))
        .map_or(Class::Local, |column| Class::of(&column.code))
}
