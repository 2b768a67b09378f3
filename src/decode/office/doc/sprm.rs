//! Properties as Word keeps them ([MS-DOC] 2.6): a code of two bytes, whose highest bits tell the length of what follows.

use super::{i16_at, u16_at, u32_at};
use crate::decode::css::Colour;
use crate::decode::office::ink::{Ink, numbered};
use crate::decode::office::rows::{Edge, Merge};

/// The definition of a row, whose own length has two bytes.
const T_DEF_TABLE: u16 = 0xd608;
/// Cells of a row: Word makes no more than 63.
const MOST_CELLS: usize = 255;
/// Tab stops, whose length may not fit its byte.
const P_CHG_TABS: u16 = 0xc615;

/// The properties of a list of them, each with its code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sprms<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Sprms<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let code = u16_at(self.0, 0)?;
        let byte = |at: usize| self.0.get(at).copied().map(usize::from);
        let (head, length) = match (code >> 13, code) {
            (6, T_DEF_TABLE) => (4, usize::from(u16_at(self.0, 2)?).checked_sub(1)?),
            (6, P_CHG_TABS) if byte(2)? == 255 => {
                let n_deleted = 4 * byte(3)?;
                (3, 1 + n_deleted + 1 + 3 * byte(4 + n_deleted)?)
            }
            (6, _) => (3, byte(2)?),
            (0 | 1, _) => (2, 1),
            (2 | 4 | 5, _) => (2, 2),
            (3, _) => (2, 4),
            _ => (2, 3),
        };
        let operand = self.0.get(head..head + length)?;
        self.0 = &self.0[head + length..];
        Some((code, operand))
    }
}

/// What is known of a paragraph.
#[derive(Clone, Debug, Default)]
pub(super) struct Paragraph {
    pub(super) style: u16,
    is_in_table: bool,
    depth: Option<u32>,
    ends_outer_row: bool,
    ends_inner_row: bool,
    pub(super) ends_inner_cell: bool,
    /// Number of its list, from 1.
    pub(super) list: Option<u16>,
    /// Its level in the list.
    pub(super) level: Option<u8>,
    pub(super) row: RowShape,
    pub(super) ground: Option<Colour>,
    /// Where in the stream of data its properties stand, when they are too long for their page, and those of its row.
    pub(super) elsewhere: [Option<u32>; 2],
}

impl Paragraph {
    pub(super) fn apply(&mut self, sprms: Sprms<'_>) {
        for (code, operand) in sprms {
            let is_on = operand.first().is_some_and(|value| *value != 0);
            match code {
                0x2416 => self.is_in_table = is_on,
                0x2417 => self.ends_outer_row = is_on,
                0x244b => self.ends_inner_cell = is_on,
                0x244c => self.ends_inner_row = is_on,
                0x6649 => self.depth = u32_at(operand, 0),
                // The depth as a change of it.
                0x664a => {
                    let depth = i64::from(self.depth()) + i64::from(u32_at(operand, 0).unwrap_or(0).cast_signed());
                    self.depth = u32::try_from(depth).ok();
                }
                0x460b => self.list = u16_at(operand, 0),
                0xc64d => self.ground = back(operand),
                0x260a => self.level = operand.first().copied(),
                0x6645 | 0x6646 => self.elsewhere[0] = u32_at(operand, 0),
                0x646b => self.elsewhere[1] = u32_at(operand, 0),
                _ => self.row.apply(code, operand),
            }
        }
    }

    /// In how many tables it stands.
    pub(super) fn depth(&self) -> u32 {
        match self.depth {
            Some(depth) if depth > 0 => depth,
            _ => u32::from(self.is_in_table),
        }
    }

    /// Whether its mark ends a row and not a cell.
    pub(super) fn ends_row(&self) -> bool {
        self.ends_outer_row || self.ends_inner_row
    }
}

/// The borders and merges of a row's cells.
#[derive(Clone, Debug, Default)]
pub(super) struct RowShape {
    pub(super) left: i32,
    /// Right border and flags of each cell.
    cells: Vec<(i32, u16)>,
}

impl RowShape {
    const FIRST_MERGED: u16 = 1;
    const MERGED: u16 = 2;
    const GOES_ON_ABOVE: u16 = 0x20;
    const BEGINS_BELOW: u16 = 0x40;

    fn apply(&mut self, code: u16, operand: &[u8]) {
        let byte = |at: usize| operand.get(at).copied().map_or(0, usize::from);
        let n_cells = self.cells.len();
        match code {
            T_DEF_TABLE => {
                let n_cells = byte(0);
                let edge = |at: usize| i16_at(operand, 1 + 2 * at).map(i32::from);
                let flags = |at: usize| u16_at(operand, 3 + 2 * n_cells + 20 * at).unwrap_or(0);
                self.left = edge(0).unwrap_or(0);
                self.cells = (0..n_cells).map_while(|at| Some((edge(at + 1)?, flags(at)))).collect();
            }
            // One cell goes on from above, begins what goes on, or stands alone.
            0xd62b => {
                if let Some((_, flags)) = self.cells.get_mut(byte(0)) {
                    *flags &= !(Self::GOES_ON_ABOVE | Self::BEGINS_BELOW);
                    *flags |= match byte(1) {
                        1 => Self::GOES_ON_ABOVE,
                        3 => Self::GOES_ON_ABOVE | Self::BEGINS_BELOW,
                        _ => 0,
                    };
                }
            }
            // Cells from a first to before a last are merged, or parted again.
            0x5624 | 0x5625 => {
                for at in byte(0)..byte(1).min(n_cells) {
                    let flags = &mut self.cells[at].1;
                    *flags &= !(Self::FIRST_MERGED | Self::MERGED);
                    if code == 0x5624 {
                        *flags |= if at == byte(0) { Self::FIRST_MERGED } else { Self::MERGED };
                    }
                }
            }
            0x5622 if byte(0) < byte(1) && byte(1) <= n_cells => {
                let back = self.edge(byte(0)).saturating_sub(self.cells[byte(1) - 1].0);
                self.cells.drain(byte(0)..byte(1));
                self.shift(byte(0), back);
            }
            0x7621 if byte(0) <= n_cells && n_cells + byte(1) <= MOST_CELLS => {
                let first = byte(0);
                let width = i16_at(operand, 2).map_or(0, i32::from);
                for at in first..first + byte(1) {
                    let right = self.edge(at).saturating_add(width);
                    self.cells.insert(at, (right, 0));
                    self.shift(at + 1, width);
                }
            }
            0x7623 => {
                let width = i16_at(operand, 2).map_or(0, i32::from);
                for at in byte(0)..byte(1).min(n_cells) {
                    let right = self.edge(at).saturating_add(width);
                    self.shift(at, right.saturating_sub(self.cells[at].0));
                }
            }
            _ => {}
        }
    }

    /// The left border of a cell.
    fn edge(&self, at: usize) -> i32 {
        at.checked_sub(1).and_then(|at| self.cells.get(at)).map_or(self.left, |(edge, _)| *edge)
    }

    fn shift(&mut self, from: usize, by: i32) {
        for (edge, _) in self.cells.iter_mut().skip(from) {
            *edge = edge.saturating_add(by);
        }
    }

    pub(super) fn edges(&self) -> Vec<Edge> {
        let merge = |flags: u16| match () {
            () if flags & Self::MERGED != 0 && flags & Self::FIRST_MERGED == 0 => Merge::Left,
            () if flags & Self::GOES_ON_ABOVE != 0 && flags & Self::BEGINS_BELOW == 0 => Merge::Above,
            () => Merge::None,
        };
        self.cells.iter().map(|(right, flags)| Edge { right: *right, merge: merge(*flags) }).collect()
    }
}

/// What is known of a stretch of characters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    pub(super) style: u16,
    /// Whether it is hidden, where that is said: 0 and 1, 0x80 as its style says, 0x81 the contrary.
    hidden: Option<u8>,
    pub(super) is_deleted: bool,
    /// Control characters in it are marks and no text.
    pub(super) is_special: bool,
    /// Its character stands for a sign of a symbol font.
    pub(super) is_symbol: bool,
    is_raised: bool,
    is_lifted: bool,
    is_struck: bool,
    is_struck_twice: bool,
    pub(super) ink: Ink,
    /// Its picture is data of a form.
    pub(super) is_data: bool,
}

impl Run {
    pub(super) fn apply(&mut self, sprms: Sprms<'_>) {
        for (code, operand) in sprms {
            let value = operand.first().copied().unwrap_or(0);
            let is_on = value != 0 && value != 0x80;
            match code {
                0x0800 => self.is_deleted = is_on,
                0x0806 => self.is_data = is_on,
                0x0855 => self.is_special = is_on,
                0x6a09 => (self.is_special, self.is_symbol) = (true, true),
                0x6a03 => self.is_special = true,
                0x4a30 => self.style = u16_at(operand, 0).unwrap_or(0),
                0x083c => self.hidden = Some(value),
                0x0837 => self.is_struck = is_on,
                0x6870 => self.ink.ink = colour(operand, 0),
                0x2a42 => self.ink.ink = Some(numbered(value)),
                0x2a0c => self.ink.ground = Some(numbered(value)),
                0xca71 => self.ink.ground = back(operand),
                0x2a53 => self.is_struck_twice = is_on,
                0x2a48 => self.is_raised = value != 0,
                0x4845 => self.is_lifted = u16_at(operand, 0).unwrap_or(0) != 0,
                // Back to the style.
                0x2a33 => {
                    *self = Self {
                        is_deleted: self.is_deleted,
                        is_special: self.is_special,
                        is_symbol: self.is_symbol,
                        is_data: self.is_data,
                        ..Self::default()
                    };
                }
                _ => {}
            }
        }
    }

    /// Whether it is hidden, of a style that hides or not.
    pub(super) fn is_hidden(&self, by_style: bool) -> bool {
        match self.hidden {
            None | Some(0x80) => by_style,
            Some(0x81) => !by_style,
            Some(value) => value != 0,
        }
    }

    pub(super) fn says_hidden(&self) -> Option<u8> {
        self.hidden
    }

    /// Whether its figures are marks, or count no more: a raised or lowered index, or struck out.
    pub(super) fn is_mark(&self) -> bool {
        self.is_raised || self.is_struck || self.is_struck_twice
    }

    /// Whether it stands apart from its neighbours.
    pub(super) fn is_apart(&self) -> bool {
        self.is_mark() || self.is_lifted
    }
}

/// A colour ([MS-DOC] 2.9.43): its parts, and a byte that leaves it to the program.
fn colour(operand: &[u8], at: usize) -> Option<Colour> {
    match operand.get(at..at.checked_add(4)?)? {
        [red, green, blue, 0] => Some(Colour::Known([*red, *green, *blue])),
        _ => Some(Colour::Other),
    }
}

/// What a shading puts behind text ([MS-DOC] 2.9.247).
fn back(operand: &[u8]) -> Option<Colour> {
    match u16_at(operand, 8)? {
        0 => colour(operand, 4),
        1 => colour(operand, 0),
        _ => Some(Colour::Other),
    }
}

/// The one property that a piece may carry in itself ([MS-DOC] 2.9.215), as a list of one.
pub(super) fn of_piece(prm: u16) -> Option<[u8; 3]> {
    let code: u16 = match (prm >> 1) & 0x7f {
        0x18 => 0x2416,
        0x19 => 0x2417,
        0x41 => 0x0800,
        0x53 => 0x2a33,
        0x57 => 0x0837,
        0x5c => 0x083c,
        0x68 => 0x2a48,
        0x73 => 0x2a53,
        _ => return None,
    };
    let [low, high] = code.to_le_bytes();
    Some([low, high, prm.to_le_bytes()[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_properties_end_where_they_are_cut() {
        let codes = |bytes: &[u8]| Sprms(bytes).map(|(code, operand)| (code, operand.len())).collect::<Vec<_>>();
        assert_eq!(codes(&[0x16, 0x24, 1, 0x0b, 0x46, 1, 0, 0x49]), [(0x2416, 1), (0x460b, 2)]);
        assert_eq!(codes(&[0x08, 0xd6, 4, 0, 7, 8, 9, 0x17, 0x24, 1]), [(0xd608, 3), (0x2417, 1)]);
        assert_eq!(codes(&[0x08, 0xd6, 0, 0, 7]), []);
        assert_eq!(codes(&[0x15, 0xc6, 255, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0x16, 0x24, 1]), [(0xc615, 9), (0x2416, 1)]);
        assert_eq!(codes(&[0x15, 0xc6, 255, 255]), []);
    }

    #[test]
    fn rows_are_changed_after_they_are_defined() {
        let mut row = RowShape::default();
        let mut def = vec![3];
        for edge in [-100_i16, 900, 1900, 2900] {
            def.extend(edge.to_le_bytes());
        }
        // The flags of two cells only; the rest is plain.
        def.extend([0x60, 0].into_iter().chain([0; 18]).chain([0x20, 0]).chain([0; 18]));
        row.apply(T_DEF_TABLE, &def);
        let shown = |row: &RowShape| row.edges().iter().map(|edge| (edge.right, edge.merge)).collect::<Vec<_>>();
        assert_eq!(shown(&row), [(900, Merge::None), (1900, Merge::Above), (2900, Merge::None)]);
        row.apply(0xd62b, &[1, 3]);
        row.apply(0x5624, &[1, 3]);
        assert_eq!(shown(&row), [(900, Merge::None), (1900, Merge::None), (2900, Merge::Left)]);
        row.apply(0x5625, &[0, 9]);
        row.apply(0x5622, &[0, 1]);
        assert_eq!(shown(&row), [(900, Merge::None), (1900, Merge::None)]);
        row.apply(0x7621, &[1, 2, 100, 0]);
        assert_eq!(shown(&row).iter().map(|cell| cell.0).collect::<Vec<_>>(), [900, 1000, 1100, 2100]);
        row.apply(0x7623, &[0, 1, 0xf4, 1]);
        assert_eq!(shown(&row).iter().map(|cell| cell.0).collect::<Vec<_>>(), [400, 500, 600, 1600]);
        for (code, operand) in [(0x7621, [255, 255, 255, 127]), (0x5622, [9, 1, 0, 0]), (0x7623, [0, 255, 255, 127])] {
            row.apply(code, &operand);
        }
    }
}
