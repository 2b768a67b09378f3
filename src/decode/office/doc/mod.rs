//! Documents of Word 97 to 2003, and of WPS, which keeps to them ([MS-DOC]).
//!
//! A compound file holds the text in pieces, and pages of properties that say which characters are hidden, deleted or
//! raised, which marks end a cell or a row, and where the borders of a row's cells lie. Read is what the reader of DOCX
//! reads: inserted text and not deleted text, results of fields and not their codes, text boxes once, numbers that lists
//! count, notes behind the text; no headers, footers and comments. No length that a file claims is allocated.

mod lists;
mod parts;
mod sprm;
mod styles;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::ops::Range;

use super::UNKNOWN;
use super::ink::Ink;
use super::numbering::Numbering;
use super::story::{End, Story, marks, shows_itself};
use crate::archive::corrupt;
use crate::config::Limits;
use crate::decode::blocks::{Block, lay_out};
use crate::model::document::Document;
use crate::model::verdict::Problem;
use parts::{Fib, Pages, Part, Structure, Text};
use styles::Styles;

/// The stream of the text.
pub(super) const MAIN: &str = "WordDocument";

/// Reads a document.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|error| damaged(&error.to_string()))?;
    let mut stream = |name: &str| -> Result<Vec<u8>, Problem> {
        let mut content = Vec::new();
        let stream = file.open_stream(format!("/{name}")).map_err(|error| damaged(&error.to_string()))?;
        // A stream is no longer than its file.
        stream.take(bytes.len() as u64).read_to_end(&mut content).map_err(|error| damaged(&error.to_string()))?;
        Ok(content)
    };
    let document = stream(MAIN)?;
    let fib = Fib::read(&document)?;
    let table = stream(if fib.is_first_table { "1Table" } else { "0Table" })?;
    // Only tables of very many columns need it.
    let data = stream("Data").unwrap_or_default();
    Ok(lay_out(&read(&fib, &document, &table, &data)?, limits))
}

/// Reads the streams of a document.
fn read(fib: &Fib, document: &[u8], table: &[u8], data: &[u8]) -> Result<Vec<Block>, Problem> {
    let text = Text::read(document, fib.get(table, Structure::Pieces)?)?;
    let mut reader = Reader {
        text: &text,
        paragraphs: Pages { document, table: fib.get(table, Structure::ParagraphPages)? },
        runs: Pages { document, table: fib.get(table, Structure::RunPages)? },
        data,
        styles: Styles::read(fib.get(table, Structure::Styles)?)?,
        lists: lists::read(table, fib.place(Structure::Lists), fib.place(Structure::ListNumbers)),
        shapes: shapes(fib.get(table, Structure::Shapes)?, fib.length(Part::Main)),
        boxes: Vec::new(),
    };
    let mut ends = [0; 6];
    let mut end = 0_usize;
    let all = [Part::Main, Part::Footnotes, Part::Headers, Part::Comments, Part::Endnotes, Part::TextBoxes];
    for (part, at) in all.into_iter().zip(&mut ends) {
        end = end.saturating_add(fib.length(part));
        *at = end;
    }
    if end > text.units.len() {
        return Err(damaged("its text is cut off"));
    }
    let [main, footnotes, _, comments, endnotes, _] = ends;
    reader.boxes = boxes(fib.get(table, Structure::TextBoxes)?, endnotes, end);
    let mut blocks = reader.read(0..main)?;
    // Boxes that are part of a drawing are told by no character.
    for at in 0..reader.boxes.len() {
        blocks.extend(reader.text_box(at)?);
    }
    for notes in [main..footnotes, comments..endnotes] {
        blocks.extend(reader.read(notes)?);
    }
    Ok(blocks)
}

fn damaged(what: &str) -> Problem {
    corrupt(format!("the document is damaged ({what}): fetch it again"))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn i16_at(bytes: &[u8], at: usize) -> Option<i16> {
    u16_at(bytes, at).map(u16::cast_signed)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// The shapes of the text by the characters that they hang on ([MS-DOC] 2.9.253).
fn shapes(table: &[u8], end: usize) -> BTreeMap<usize, u32> {
    let count = table.len().saturating_sub(4) / 30;
    let shape = |at: usize| {
        let character = usize::try_from(u32_at(table, 4 * at)?).ok()?;
        Some((character, u32_at(table, 4 * (count + 1) + 26 * at)?))
    };
    // In text boxes there are none: reading them does not lead into itself.
    (0..count).map_while(shape).filter(|(character, _)| *character < end).collect()
}

/// The text boxes: the shape of each, and its text, which is taken when it is read ([MS-DOC] 2.8.32).
fn boxes(table: &[u8], first: usize, end: usize) -> Vec<(u32, Option<Range<usize>>)> {
    let count = table.len().saturating_sub(4) / 26;
    let edge = |at: usize| Some(first.saturating_add(usize::try_from(u32_at(table, 4 * at)?).ok()?).min(end));
    let text_box = |at: usize| Some((u32_at(table, 4 * (count + 1) + 22 * at + 14)?, Some(edge(at)?..edge(at + 1)?)));
    let known: Vec<_> = (0..count).map_while(text_box).collect();
    // Text that no box of the table claims is not lost.
    let is_sound =
        known.windows(2).all(|pair| matches!(pair, [(_, Some(one)), (_, Some(other))] if one.end == other.start));
    match known.last() {
        Some((_, Some(last))) if is_sound => {
            let rest = last.end..end;
            known.into_iter().chain([(0, Some(rest))]).collect()
        }
        _ => vec![(0, Some(first..end))],
    }
}

/// Where the reader is in a field.
#[derive(Debug)]
enum Field {
    /// In its code, which begins so.
    Code(String),
    Result,
    /// In a table of contents, which repeats what stands below.
    ContentsResult,
}

struct Reader<'a> {
    text: &'a Text<'a>,
    paragraphs: Pages<'a>,
    runs: Pages<'a>,
    data: &'a [u8],
    styles: Styles,
    lists: Numbering,
    /// Shapes by the characters that they hang on.
    shapes: BTreeMap<usize, u32>,
    boxes: Vec<(u32, Option<Range<usize>>)>,
}

impl Reader<'_> {
    /// Reads a part of the text.
    fn read(&mut self, characters: Range<usize>) -> Result<Vec<Block>, Problem> {
        let mut story = Story::default();
        let mut fields: Vec<Field> = Vec::new();
        let mut first = characters.start;
        while first < characters.end {
            let units = self.text.units.get(first..characters.end).unwrap_or(&[]);
            let length = units.iter().position(|unit| matches!(unit, 0x07 | 0x0c | 0x0d));
            let mark = length.map_or(characters.end - 1, |length| first + length);
            self.paragraph(first..mark + 1, &mut story, &mut fields)?;
            first = mark + 1;
        }
        if !fields.is_empty() {
            return Err(damaged("a field in it has no end"));
        }
        story.finish()
    }

    /// Reads a paragraph, whose last character is its mark, or the end of a cell or a row.
    fn paragraph(
        &mut self,
        characters: Range<usize>,
        story: &mut Story,
        fields: &mut Vec<Field>,
    ) -> Result<(), Problem> {
        let mark = characters.end - 1;
        let paragraph = parts::paragraph(self.text, self.paragraphs, self.data, mark);
        let hides = self.styles.is_hidden(paragraph.style);
        let around = Ink { ink: None, ground: paragraph.ground }.or(self.styles.ink(paragraph.style));
        let is_shown = |fields: &[Field]| fields.iter().all(|field| matches!(field, Field::Result));
        // A row counts for no list.
        let list = if paragraph.ends_row() { None } else { self.styles.list(&paragraph) };
        let number = list.map(|(list, level)| self.lists.next(&list.to_string(), usize::from(level)));
        let shows_number = !hides && is_shown(fields);
        let mut is_mark_deleted = false;
        let mut at = characters.start;
        let mut high = None;
        while at < characters.end {
            let (run, end) = parts::run(self.text, self.runs, at);
            let is_hidden = run.is_hidden(hides || run.style != 0 && self.styles.is_hidden(run.style));
            let is_apart = run.is_apart() || run.style != 0 && self.styles.is_apart(run.style);
            let of_style = if run.style == 0 { Ink::default() } else { self.styles.ink(run.style) };
            let is_mark = run.is_mark() || run.ink.or(of_style).or(around).is_lost();
            for character in at..end.min(characters.end) {
                let Some(unit) = self.text.units.get(character).copied() else { break };
                if character == mark && matches!(unit, 0x07 | 0x0c | 0x0d) {
                    is_mark_deleted = run.is_deleted;
                    break;
                }
                let text = match unit {
                    // Marks of fields count even where they are hidden or deleted: they come in pairs.
                    0x13 if run.is_special => {
                        fields.push(Field::Code(String::new()));
                        continue;
                    }
                    0x14 if run.is_special => {
                        let is_sign = matches!(fields.last(), Some(Field::Code(code)) if shows_itself(code));
                        if let Some(field) = fields.last_mut().filter(|_| !is_sign) {
                            let is_contents =
                                matches!(field, Field::Code(code) if code.trim_start().starts_with("TOC"));
                            *field = if is_contents { Field::ContentsResult } else { Field::Result };
                        }
                        continue;
                    }
                    0x15 if run.is_special => {
                        let is_seen = matches!(fields.pop(), Some(Field::Code(code)) if shows_itself(&code));
                        if is_seen && is_shown(fields) && !is_hidden {
                            story.push(UNKNOWN, is_apart);
                        }
                        continue;
                    }
                    _ if run.is_deleted => continue,
                    // A picture, an object or a shape.
                    0x01 | 0x08 if run.is_special => {
                        if !run.is_data && !is_hidden && is_shown(fields) {
                            self.show(character, story)?;
                        }
                        continue;
                    }
                    // The mark of a note stands apart from a figure before it; that of a comment is not shown.
                    0x02 if run.is_special => " ".to_owned(),
                    0x05 if run.is_special => continue,
                    _ if run.is_symbol => UNKNOWN.to_owned(),
                    0x09 => "\t".to_owned(),
                    0x0a | 0x0b | 0x0e => "\n".to_owned(),
                    0x1e => "-".to_owned(),
                    0x1f => continue,
                    0x00..=0x1f => UNKNOWN.to_owned(),
                    0xd800..=0xdbff => {
                        high = Some(unit);
                        continue;
                    }
                    _ => char::decode_utf16(high.take().into_iter().chain([unit]))
                        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                        .collect(),
                };
                if let Some(Field::Code(code)) = fields.last_mut() {
                    // Its first word tells what it asks for.
                    if code.len() < 32 {
                        code.push_str(&text);
                    }
                }
                match fields.last() {
                    Some(Field::Code(_)) => {}
                    _ if is_shown(fields) && !is_hidden && is_mark => story.push(&marks(&text), is_apart),
                    _ if is_shown(fields) && !is_hidden => story.push(&text, is_apart),
                    _ => story.hide(&text),
                }
            }
            at = end.max(at + 1);
        }
        if let Some(number) = number.filter(|_| shows_number) {
            story.number(&number);
        }
        let depth = usize::try_from(paragraph.depth()).unwrap_or(usize::MAX);
        let last = self.text.units.get(mark).copied();
        if last == Some(0x07) && depth == 0 {
            return Err(damaged("a cell stands in no table"));
        }
        let ends_cell = match last {
            Some(0x07) => depth == 1,
            _ => depth > 1 && paragraph.ends_inner_cell,
        };
        if depth > 0 && paragraph.ends_row() && matches!(last, Some(0x07 | 0x0d)) {
            let edges = paragraph.row.edges();
            return story.end_row(depth, paragraph.row.left, &edges, is_mark_deleted);
        }
        match () {
            () if ends_cell => story.end(depth, End::Cell),
            () if is_mark_deleted => story.end(depth, End::Deleted),
            () => story.end(depth, End::Paragraph),
        }
    }

    /// What a character stands for that is no text: the text box that hangs on it, or a picture.
    fn show(&mut self, character: usize, story: &mut Story) -> Result<(), Problem> {
        let shape = self.shapes.get(&character).copied();
        let mut is_box = false;
        for at in 0..self.boxes.len() {
            if shape == Some(self.boxes[at].0) {
                is_box = true;
                let blocks = self.text_box(at)?;
                story.behind(blocks);
            }
        }
        if !is_box {
            story.behind([Block::Picture]);
        }
        Ok(())
    }

    /// The text of a box, once.
    fn text_box(&mut self, at: usize) -> Result<Vec<Block>, Problem> {
        match self.boxes.get_mut(at).and_then(|(_, text)| text.take()) {
            Some(text) => self.read(text),
            None => Ok(Vec::new()),
        }
    }
}
