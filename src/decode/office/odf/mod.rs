//! OpenDocument text and spreadsheets (ISO/IEC 26300): one reader, as both keep their tables alike.
//!
//! Cells are read as they are displayed. What is hidden (rows, columns, sheets, text), deleted by a tracked
//! change or said in a comment is not read.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::UNKNOWN;
use super::ink::Ink;
use super::sheet::too_large;
use super::story::marks;
use super::xml::{Node, Tag, Xml, text};
use crate::archive::{Package, corrupt};
use crate::config::Limits;
use crate::decode::blocks::{Block, Cell, is_blank, lay_out, sheet};
use crate::decode::css::{Colour, colour_of};
use crate::model::document::Document;
use crate::model::verdict::{Blame, Cause, Problem};

/// Reads a document.
pub(super) fn decode(package: &mut Package<'_>, limits: &Limits) -> Result<Document, Problem> {
    let manifest = package.read("META-INF/manifest.xml")?.unwrap_or_default();
    if manifest.windows(15).any(|window| window == b"encryption-data") {
        let message = "the document is locked by a password: ask for the open file";
        return Err(Problem::new(Cause::Encrypted, Blame::Source, message.to_owned()));
    }
    let Some(bytes) = package.read("content.xml")? else {
        return Err(corrupt("the document has no part content.xml: fetch it again".to_owned()));
    };
    let text = text(&bytes, "content.xml")?;
    let mut styles = Styles::default();
    if let Some(bytes) = package.read("styles.xml")? {
        styles.read(&self::text(&bytes, "styles.xml")?, limits)?;
    }
    read(&text, styles, limits)
}

/// Reads a document that is one XML file.
pub(in crate::decode) fn decode_flat(text: &str, limits: &Limits) -> Result<Document, Problem> {
    read(text, Styles::default(), limits)
}

fn read(text: &str, mut styles: Styles, limits: &Limits) -> Result<Document, Problem> {
    styles.read(text, limits)?;
    let mut reader = Reader {
        xml: Xml::new(text, "content.xml", limits),
        limits,
        styles,
        frames: Vec::new(),
        unshown: None,
        notes: Vec::new(),
        is_workbook: false,
        apart: Vec::new(),
        inks: Vec::new(),
        done: Vec::new(),
    };
    while let Some(node) = reader.xml.next()? {
        match node {
            Node::Open(tag) => reader.open(&tag)?,
            Node::Close => reader.close()?,
            Node::Text(text) => reader.push_collapsed(&text),
        }
    }
    reader.done.append(&mut reader.notes);
    Ok(lay_out(&reader.done, limits))
}

/// What styles hide, by family and name.
#[derive(Debug, Default)]
struct Styles {
    shown: BTreeMap<(String, String), bool>,
    parents: BTreeMap<(String, String), String>,
    /// Styles that raise, lower or strike out.
    apart: BTreeSet<(String, String)>,
    inks: BTreeMap<(String, String), Ink>,
}

impl Styles {
    /// Reads the styles that a part defines.
    fn read(&mut self, text: &str, limits: &Limits) -> Result<(), Problem> {
        let mut style = (String::new(), String::new());
        let mut xml = Xml::new(text, "styles", limits);
        while let Some(node) = xml.next()? {
            let Node::Open(tag) = node else { continue };
            match tag.name() {
                "style" | "default-style" => {
                    let attribute = |name: &str| tag.attribute(name).unwrap_or_default();
                    style = (attribute("family"), attribute("name"));
                    if let Some(parent) = tag.attribute("parent-style-name") {
                        self.parents.insert(style.clone(), parent);
                    }
                }
                // Formats of numbers and lists have colours of their own.
                name if name.ends_with("-style") => style = (String::new(), String::new()),
                "paragraph-properties" | "table-cell-properties" | "table-properties" | "text-properties" => {
                    let colour = |name: &str| tag.attribute(name).map(|value| colour_of(&value.to_ascii_lowercase()));
                    let said = Ink { ink: colour("color"), ground: colour("background-color") };
                    let ink = self.inks.entry(style.clone()).or_default();
                    *ink = said.or(*ink);
                    if let Some(display) = tag.attribute("display") {
                        self.shown.insert(style.clone(), display != "false" && display != "none");
                    }
                    let raises = tag.attribute("text-position").is_some_and(|value| !value.starts_with("0%"));
                    let strikes = tag.attribute("text-line-through-style").is_some_and(|value| value != "none");
                    if raises || strikes {
                        self.apart.insert(style.clone());
                    }
                }
                "body" => break,
                _ => {}
            }
        }
        Ok(())
    }

    /// What a style, or the next of those that it is based on, says.
    fn find<T>(&self, family: &str, name: String, says: impl Fn(&(String, String)) -> Option<T>) -> Option<T> {
        let mut style = (family.to_owned(), name);
        // A loop of styles ends here.
        for _ in 0..16 {
            if let Some(found) = says(&style) {
                return Some(found);
            }
            style.1.clone_from(self.parents.get(&style)?);
        }
        None
    }

    fn is_apart(&self, family: &str, name: String) -> bool {
        self.find(family, name, |style| self.apart.contains(style).then_some(())).is_some()
    }

    /// The colours of its text, and of what lies behind it.
    fn ink(&self, family: &str, name: String) -> Ink {
        let name_of = |name: String, says: fn(&Ink) -> Option<Colour>| {
            let of_default = || self.inks.get(&(family.to_owned(), String::new())).and_then(says);
            self.find(family, name, |style| self.inks.get(style).and_then(says)).or_else(of_default)
        };
        let seen = |colour: &Colour| *colour != Colour::Transparent;
        Ink { ink: name_of(name.clone(), |ink| ink.ink), ground: name_of(name, |ink| ink.ground).filter(seen) }
    }

    fn is_hidden(&self, family: &str, name: String) -> bool {
        self.find(family, name, |style| self.shown.get(style).copied()) == Some(false)
    }
}

/// An element that is being read, and the depth at which it began.
#[derive(Debug)]
enum Frame {
    /// A text box.
    Blocks(Vec<Block>),
    Note(Vec<Block>),
    Paragraph {
        text: String,
        behind: Vec<Block>,
    },
    Table {
        rows: Vec<Vec<Cell>>,
        hidden_columns: BTreeSet<usize>,
        n_columns: usize,
        is_sheet: bool,
    },
    Row {
        cells: Vec<Cell>,
        next: usize,
        repeated: usize,
        is_hidden: bool,
    },
    Cell {
        cell: Cell,
        repeated: usize,
        /// What stands for a value that is not displayed as text.
        value: Option<String>,
        /// It holds text that is not shown.
        hides: bool,
    },
}

struct Reader<'a> {
    xml: Xml<'a>,
    limits: &'a Limits,
    styles: Styles,
    frames: Vec<(usize, Frame)>,
    /// The depth of an element that is not shown.
    unshown: Option<usize>,
    notes: Vec<Block>,
    /// Whether its tables are sheets.
    is_workbook: bool,
    /// Depths of the open spans that stand apart: raised, lowered or struck out.
    apart: Vec<usize>,
    /// Colours of the text, with the depths of the elements that say them.
    inks: Vec<(usize, Ink)>,
    done: Vec<Block>,
}

impl Reader<'_> {
    fn open(&mut self, tag: &Tag<'_>) -> Result<(), Problem> {
        let depth = self.xml.depth();
        let family = match tag.name() {
            "table" => "table",
            "table-cell" => "table-cell",
            "p" | "h" => "paragraph",
            "span" | "a" => "text",
            _ => "",
        };
        let style = if family.is_empty() { None } else { tag.attribute("style-name") };
        if !family.is_empty() && family != "table" {
            let own = self.styles.ink(family, style.clone().unwrap_or_default());
            let around = self.inks.last().map_or_else(Ink::default, |(_, ink)| *ink);
            self.inks.push((depth, own.or(around)));
        }
        let may_part = matches!(tag.name(), "span" | "p" | "h");
        if style.clone().is_some_and(|style| may_part && self.styles.is_apart(family, style)) {
            self.push(" ");
            self.apart.push(depth);
        }
        let is_hidden = style.is_some_and(|style| self.styles.is_hidden(family, style));
        let is_hidden =
            is_hidden || tag.name() == "section" && tag.attribute("display").is_some_and(|value| value != "true");
        // In a cell, what is hidden makes it no blank.
        let in_cell = self.frames.iter().any(|(_, frame)| matches!(frame, Frame::Cell { .. }));
        if is_hidden && (tag.name() == "table" || tag.name() == "section" && !in_cell) {
            return self.xml.skip();
        }
        if is_hidden && self.unshown.is_none() {
            self.unshown = Some(depth);
        }
        let is_collapsed = || tag.attribute("visibility").is_some_and(|value| value != "visible");
        match tag.name() {
            "p" | "h" => self.frames.push((depth, Frame::Paragraph { text: String::new(), behind: Vec::new() })),
            "s" => self.push(&" ".repeat(tag.number("c").unwrap_or(1).min(self.limits.cell_bytes))),
            "tab" => self.push("\t"),
            "line-break" => self.push("\n"),
            "text-box" => self.frames.push((depth, Frame::Blocks(Vec::new()))),
            "note-body" => self.frames.push((depth, Frame::Note(Vec::new()))),
            "image" | "object" | "object-ole" | "control" => self.add(Block::Picture),
            "spreadsheet" => self.is_workbook = true,
            "table" => {
                let is_sheet =
                    !self.frames.iter().any(|(_, frame)| matches!(frame, Frame::Cell { .. })) && self.is_workbook;
                let table = Frame::Table { rows: Vec::new(), hidden_columns: BTreeSet::new(), n_columns: 0, is_sheet };
                self.frames.push((depth, table));
            }
            "table-column" => {
                let (is_hidden, most) = (is_collapsed(), self.limits.table_columns);
                if let Some((_, Frame::Table { hidden_columns, n_columns, .. })) = self.frames.last_mut() {
                    let next = n_columns.saturating_add(tag.number("number-columns-repeated").unwrap_or(1)).min(most);
                    if is_hidden {
                        hidden_columns.extend(*n_columns..next);
                    }
                    *n_columns = next;
                }
            }
            "table-row" => {
                let repeated = tag.number("number-rows-repeated").unwrap_or(1).max(1);
                let row = Frame::Row { cells: Vec::new(), next: 0, repeated, is_hidden: is_collapsed() };
                self.frames.push((depth, row));
            }
            "table-cell" => {
                let repeated = tag.number("number-columns-repeated").unwrap_or(1).max(1);
                let column = match self.frames.last() {
                    Some((_, Frame::Row { next, .. })) => *next,
                    _ => return Ok(()),
                };
                let span = |name: &str| tag.number(name).unwrap_or(1).max(1);
                let cell = Cell {
                    column,
                    columns: span("number-columns-spanned"),
                    rows: span("number-rows-spanned"),
                    blocks: Vec::new(),
                };
                let value = ["value", "date-value", "time-value", "boolean-value", "string-value"]
                    .iter()
                    .find_map(|name| tag.attribute(name));
                // A formula that was never worked out has a value that nobody knows.
                let value = value.or_else(|| tag.attribute("formula").map(|_| UNKNOWN.to_owned()));
                self.frames.push((depth, Frame::Cell { cell, repeated, value, hides: false }));
            }
            "covered-table-cell" => {
                let repeated = tag.number("number-columns-repeated").unwrap_or(1).max(1);
                if let Some((_, Frame::Row { next, .. })) = self.frames.last_mut() {
                    *next = next.saturating_add(repeated);
                }
                self.xml.skip()?;
            }
            // Whether it is shown hangs on a condition, and what the condition came to may be noted.
            "hidden-text" if tag.attribute("is-hidden").as_deref() == Some("true") => self.xml.skip()?,
            "hidden-text" | "hidden-paragraph" => {
                self.push(UNKNOWN);
                self.xml.skip()?;
            }
            // Deleted, said beside the text, or drawn from elsewhere.
            "tracked-changes" | "table-of-content" | "annotation" | "note-citation" | "ruby-text" | "forms"
            | "shapes" | "dde-source" | "table-source" | "desc" | "title" => {
                self.xml.skip()?;
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        let depth = self.xml.depth() + 1;
        if self.unshown == Some(depth) {
            self.unshown = None;
        }
        if self.inks.last().is_some_and(|(begun, _)| *begun >= depth) {
            self.inks.pop();
        }
        if self.apart.last() == Some(&depth) {
            self.apart.pop();
            self.push(" ");
        }
        if self.frames.last().is_none_or(|(begun, _)| *begun != depth) {
            return Ok(());
        }
        let Some((_, frame)) = self.frames.pop() else { return Ok(()) };
        match frame {
            Frame::Blocks(blocks) => blocks.into_iter().for_each(|block| self.add(block)),
            Frame::Note(blocks) => self.notes.extend(blocks),
            Frame::Paragraph { text, behind } => {
                self.add(Block::Paragraph(text));
                behind.into_iter().for_each(|block| self.add(block));
            }
            Frame::Table { rows, is_sheet: true, .. } => self.done.extend(sheet(rows)),
            Frame::Table { rows, .. } => self.add(Block::Table(rows.into())),
            Frame::Row { cells, repeated, is_hidden, .. } => self.close_row(cells, repeated, is_hidden)?,
            Frame::Cell { mut cell, repeated, value, hides } => {
                // A figure that is there and not shown is no blank.
                let value = if hides { Some(UNKNOWN.to_owned()) } else { value };
                if is_blank(&cell.blocks) {
                    cell.blocks = value.map(Block::Paragraph).into_iter().collect();
                }
                self.close_cell(&cell, repeated)?;
            }
        }
        Ok(())
    }

    fn close_row(&mut self, cells: Vec<Cell>, repeated: usize, is_hidden: bool) -> Result<(), Problem> {
        let most = self.limits.table_rows;
        let Some((_, Frame::Table { rows, hidden_columns, .. })) = self.frames.last_mut() else { return Ok(()) };
        if is_hidden {
            return Ok(());
        }
        let cells: Vec<Cell> = cells.into_iter().filter(|cell| !hidden_columns.contains(&cell.column)).collect();
        // Empty rows only part what stands above from what stands below.
        let count = if cells.iter().all(|cell| cell.blocks.is_empty()) { 1 } else { repeated };
        if rows.len().saturating_add(count) > most {
            return Err(too_large(&format!("a sheet has more than {most} rows (limits.table_rows)")));
        }
        rows.extend(std::iter::repeat_n(cells, count));
        Ok(())
    }

    fn close_cell(&mut self, cell: &Cell, repeated: usize) -> Result<(), Problem> {
        let most = self.limits.table_columns;
        let Some((_, Frame::Row { cells, next, .. })) = self.frames.last_mut() else { return Ok(()) };
        let end = next.saturating_add(repeated);
        if end > most && !cell.blocks.is_empty() {
            return Err(too_large(&format!("a sheet has more than {most} columns (limits.table_columns)")));
        }
        for column in *next..end.min(most) {
            cells.push(Cell { column, ..cell.clone() });
        }
        *next = end;
        Ok(())
    }

    /// Adds a block to what is being read around it.
    fn add(&mut self, block: Block) {
        match self.frames.last_mut() {
            Some((_, Frame::Blocks(blocks) | Frame::Note(blocks))) => blocks.push(block),
            Some((_, Frame::Cell { cell, .. })) => cell.blocks.push(block),
            Some((_, Frame::Paragraph { behind, .. })) => behind.push(block),
            _ => self.done.push(block),
        }
    }

    fn push(&mut self, more: &str) {
        if self.unshown.is_some() {
            let in_cell = self.frames.iter_mut().rev().find(|(_, frame)| !matches!(frame, Frame::Paragraph { .. }));
            if let Some((_, Frame::Cell { hides, .. })) = in_cell {
                *hides |= !more.trim().is_empty();
            }
        } else if let Some((_, Frame::Paragraph { text, .. })) = self.frames.last_mut() {
            // What is raised or struck out holds marks, or figures that count no more.
            let is_lost = self.inks.last().is_some_and(|(_, ink)| ink.is_lost());
            let more = if self.apart.is_empty() && !is_lost { more.into() } else { marks(more) };
            text.extend(more.chars().filter(|c| *c != '\u{ad}'));
        }
    }

    /// Appends text of the source, in which every run of white space is one space.
    fn push_collapsed(&mut self, more: &str) {
        let mut collapsed = String::with_capacity(more.len());
        for c in more.chars() {
            match c {
                ' ' | '\t' | '\n' | '\r' if collapsed.ends_with(' ') => {}
                ' ' | '\t' | '\n' | '\r' => collapsed.push(' '),
                c => collapsed.push(c),
            }
        }
        self.push(&collapsed);
    }
}
