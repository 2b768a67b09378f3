//! Where things stand in a DOC file: its head, the pieces of its text, the pages of properties.

use super::sprm::{Paragraph, Run, Sprms, of_piece};
use super::{damaged, u16_at, u32_at};
use crate::model::verdict::{Blame, Cause, Problem};

/// Bytes of a page of properties.
const PAGE: usize = 512;

/// The head of a document ([MS-DOC] 2.5.1).
#[derive(Debug)]
pub(super) struct Fib {
    /// Whether the table stream is `1Table`.
    pub(super) is_first_table: bool,
    bytes: Vec<u8>,
}

/// Parts of the text, one behind the other ([MS-DOC] 2.5.4), by the place of their length in the head.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Main = 76,
    Footnotes = 80,
    Headers = 84,
    Comments = 92,
    Endnotes = 96,
    TextBoxes = 100,
}

/// Structures of the table stream, by their number in the head ([MS-DOC] 2.5.6).
#[derive(Clone, Copy, Debug)]
pub(super) enum Structure {
    Styles = 1,
    RunPages = 12,
    ParagraphPages = 13,
    Pieces = 33,
    Shapes = 40,
    TextBoxes = 56,
    Lists = 73,
    ListNumbers = 74,
}

impl Fib {
    pub(super) fn read(document: &[u8]) -> Result<Self, Problem> {
        let refuse = |cause, message: &str| Err(Problem::new(cause, Blame::Source, message.to_owned()));
        let (Some(mark), Some(version), Some(flags)) = (u16_at(document, 0), u16_at(document, 2), u16_at(document, 10))
        else {
            return Err(damaged("its head is cut off"));
        };
        if mark == 0xa5dc || mark == 0xa5ec && version < 0xc1 {
            let message = "the document is of Word 95 or older: convert the file to DOCX, HTML or text";
            return refuse(Cause::UnsupportedFormat, message);
        }
        if mark != 0xa5ec {
            return Err(damaged("its head is of no kind that is known"));
        }
        if flags & 0x8100 != 0 {
            return refuse(Cause::Encrypted, "the document is locked by a password: ask for the open file");
        }
        let bytes = document.get(..document.len().min(2_048)).unwrap_or(document).to_vec();
        Ok(Self { is_first_table: flags & 0x200 != 0, bytes })
    }

    /// Characters of a part.
    pub(super) fn length(&self, part: Part) -> usize {
        u32_at(&self.bytes, part as usize).and_then(|length| usize::try_from(length).ok()).unwrap_or(0)
    }

    /// Where a structure stands in the table stream.
    pub(super) fn place(&self, structure: Structure) -> Option<(usize, usize)> {
        let number = structure as usize;
        if number >= usize::from(u16_at(&self.bytes, 152)?) {
            return None;
        }
        let at = |at: usize| usize::try_from(u32_at(&self.bytes, 154 + 8 * number + at)?).ok();
        Some((at(0)?, at(4)?)).filter(|(_, length)| *length > 0)
    }

    /// A structure; empty where the document has none.
    pub(super) fn get<'a>(&self, table: &'a [u8], structure: Structure) -> Result<&'a [u8], Problem> {
        let Some((at, length)) = self.place(structure) else { return Ok(&[]) };
        at.checked_add(length)
            .and_then(|end| table.get(at..end))
            .ok_or_else(|| damaged("one of its structures is cut off"))
    }
}

/// A stretch of text that is stored in one way.
#[derive(Debug)]
struct Piece<'a> {
    /// Its first character.
    first: usize,
    /// Where in the stream it begins, and the bytes of each of its characters.
    at: usize,
    width: usize,
    /// Properties of all of it.
    properties: Properties<'a>,
}

#[derive(Debug)]
enum Properties<'a> {
    List(&'a [u8]),
    One([u8; 3]),
}

/// The text of a document, and where each character of it is stored.
#[derive(Debug, Default)]
pub(super) struct Text<'a> {
    /// The characters, each in a unit of UTF-16.
    pub(super) units: Vec<u16>,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Text<'a> {
    /// Reads the table of pieces ([MS-DOC] 2.9.38) and the text that it names.
    pub(super) fn read(document: &[u8], pieces: &'a [u8]) -> Result<Self, Problem> {
        let broken = || damaged("the table of its pieces of text is broken");
        let mut lists: Vec<&[u8]> = Vec::new();
        let mut rest = pieces;
        while rest.first() == Some(&1) {
            let length = usize::from(u16_at(rest, 1).ok_or_else(broken)?);
            lists.push(rest.get(3..3 + length).ok_or_else(broken)?);
            rest = &rest[3 + length..];
        }
        let length = u32_at(rest, 1).and_then(|length| usize::try_from(length).ok()).ok_or_else(broken)?;
        let table = length.checked_add(5).and_then(|end| rest.get(5..end)).ok_or_else(broken)?;
        let n_pieces = table.len().saturating_sub(4) / 12;
        if rest.first() != Some(&2) || n_pieces == 0 {
            return Err(broken());
        }
        let mut text = Self::default();
        for at in 0..n_pieces {
            let character = |at: usize| u32_at(table, 4 * at).and_then(|at| usize::try_from(at).ok());
            let (Some(first), Some(end)) = (character(at), character(at + 1)) else { return Err(broken()) };
            let entry = 4 * (n_pieces + 1) + 8 * at;
            let (Some(place), Some(prm)) = (u32_at(table, entry + 2), u16_at(table, entry + 6)) else {
                return Err(broken());
            };
            let length = end.checked_sub(first).filter(|_| first == text.units.len()).ok_or_else(broken)?;
            let (at, width) = match usize::try_from(place & 0x3fff_ffff).map_err(|_| broken())? {
                place_of_bytes if place & 0x4000_0000 != 0 => (place_of_bytes / 2, 1),
                place_of_units => (place_of_units, 2),
            };
            let stored = length
                .checked_mul(width)
                .and_then(|length| document.get(at..at.checked_add(length)?))
                .ok_or_else(broken)?;
            if width == 1 {
                text.units.extend(stored.iter().map(|byte| windows_1252(*byte)));
            } else {
                text.units.extend(stored.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
            }
            // Each character is stored once: pieces that repeat bytes may not make more text than there is.
            if text.units.len() > document.len() {
                return Err(broken());
            }
            let properties = if prm & 1 == 0 {
                of_piece(prm).map_or(Properties::List(&[]), Properties::One)
            } else {
                Properties::List(lists.get(usize::from(prm >> 1)).copied().ok_or_else(broken)?)
            };
            text.pieces.push(Piece { first, at, width, properties });
        }
        Ok(text)
    }

    /// Where a character is stored, and what its piece says of it.
    pub(super) fn place(&self, character: usize) -> Option<(usize, Sprms<'_>)> {
        let nth = self.pieces.partition_point(|piece| piece.first <= character).checked_sub(1)?;
        let piece = self.pieces.get(nth)?;
        let sprms = Sprms(match &piece.properties {
            Properties::List(list) => list,
            Properties::One(one) => one,
        });
        Some((piece.at + (character - piece.first) * piece.width, sprms))
    }

    /// The first character behind the piece of this one.
    pub(super) fn piece_end(&self, character: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.first <= character);
        self.pieces.get(next).map_or(self.units.len(), |piece| piece.first)
    }

    /// How many bytes a character of the piece of this one has.
    pub(super) fn width(&self, character: usize) -> usize {
        let nth = self.pieces.partition_point(|piece| piece.first <= character);
        nth.checked_sub(1).and_then(|nth| self.pieces.get(nth)).map_or(1, |piece| piece.width)
    }
}

/// A byte of a compressed piece as UTF-16; control characters stay what they are.
fn windows_1252(byte: u8) -> u16 {
    const HIGH: [u16; 32] = [
        0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d,
        0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d,
        0x17e, 0x178,
    ];
    byte.checked_sub(0x80).and_then(|at| HIGH.get(usize::from(at)).copied()).unwrap_or(u16::from(byte))
}

/// Properties of paragraphs or runs, kept in pages ([MS-DOC] 2.9.33, 2.9.174) that a table of the pages tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pages<'a> {
    pub(super) document: &'a [u8],
    pub(super) table: &'a [u8],
}

/// The stretch of the stream that some properties are of, and the place of these in their page.
#[derive(Clone, Copy, Debug)]
struct Found<'a> {
    end: usize,
    page: &'a [u8],
    crun: usize,
    nth: usize,
}

impl<'a> Pages<'a> {
    fn find(self, at: usize) -> Option<Found<'a>> {
        let at = u32::try_from(at).ok()?;
        let n_pages = self.table.len().checked_sub(4)? / 8;
        let nth = last_at_most(self.table, n_pages, at)?;
        let number = usize::try_from(u32_at(self.table, 4 * (n_pages + 1) + 4 * nth)? & 0x003f_ffff).ok()?;
        let page = self.document.get(number * PAGE..(number + 1) * PAGE)?;
        let crun = usize::from(*page.last()?);
        let nth = last_at_most(page, crun, at)?;
        Some(Found { end: usize::try_from(u32_at(page, 4 * (nth + 1))?).ok()?, page, crun, nth })
    }

    /// The properties of the paragraph whose mark is stored here: its style, and what it says by itself.
    pub(super) fn paragraph(self, at: usize) -> Option<(u16, Sprms<'a>)> {
        let found = self.find(at)?;
        let place = 2 * usize::from(*found.page.get(4 * (found.crun + 1) + 13 * found.nth)?);
        if place == 0 {
            return None;
        }
        let (start, length) = match usize::from(*found.page.get(place)?) {
            0 => (place + 2, 2 * usize::from(*found.page.get(place + 1)?)),
            words => (place + 1, 2 * words - 1),
        };
        let properties = found.page.get(start..start + length)?;
        Some((u16_at(properties, 0)?, Sprms(properties.get(2..)?)))
    }

    /// The properties of the character that is stored here, and where those of another begin.
    pub(super) fn run(self, at: usize) -> Option<(usize, Sprms<'a>)> {
        let found = self.find(at)?;
        let place = 2 * usize::from(*found.page.get(4 * (found.crun + 1) + found.nth)?);
        if place == 0 {
            return Some((found.end, Sprms(&[])));
        }
        let length = usize::from(*found.page.get(place)?);
        Some((found.end, Sprms(found.page.get(place + 1..place + 1 + length)?)))
    }
}

/// The number of the stretch that a place lies in, of `count` stretches told by their bounds.
fn last_at_most(bounds: &[u8], count: usize, at: u32) -> Option<usize> {
    let (mut low, mut high) = (0, count.checked_add(1)?);
    while low < high {
        let middle = usize::midpoint(low, high);
        if u32_at(bounds, 4 * middle)? <= at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.checked_sub(1).filter(|nth| *nth < count)
}

/// The properties of the paragraph that ends with this mark, which those of its piece change.
pub(super) fn paragraph(text: &Text<'_>, pages: Pages<'_>, data: &[u8], mark: usize) -> Paragraph {
    let mut paragraph = Paragraph::default();
    let Some((at, of_piece)) = text.place(mark) else { return paragraph };
    if let Some((style, sprms)) = pages.paragraph(at) {
        paragraph.style = style;
        paragraph.apply(sprms);
    }
    paragraph.apply(of_piece);
    for nth in 0..paragraph.elsewhere.len() {
        if let Some(place) = paragraph.elsewhere[nth].take().and_then(|place| usize::try_from(place).ok())
            && let Some(length) = u16_at(data, place).map(usize::from)
            && let Some(sprms) = data.get(place + 2..place + 2 + length)
        {
            paragraph.apply(Sprms(sprms));
        }
    }
    paragraph
}

/// The properties of a character, and how far they reach.
pub(super) fn run(text: &Text<'_>, pages: Pages<'_>, character: usize) -> (Run, usize) {
    let mut run = Run::default();
    let piece_end = text.piece_end(character);
    let Some((at, of_piece)) = text.place(character) else { return (run, piece_end) };
    let mut end = piece_end;
    if let Some((until, sprms)) = pages.run(at) {
        run.apply(sprms);
        let n_characters = until.saturating_sub(at) / text.width(character).max(1);
        end = end.min(character + n_characters.max(1));
    }
    run.apply(of_piece);
    (run, end)
}
