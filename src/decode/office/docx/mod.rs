//! Word and WPS documents in Office Open XML (ECMA-376 part 1, clause 17).
//!
//! What a reader of the printed page sees is read: inserted text and not deleted text, results of fields and not
//! their codes, a text box once, numbers that lists count by themselves. Headers, footers and comments are not.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::UNKNOWN;
use super::ink::{Ink, hexadecimal};
use super::numbering::Numbering;
use super::rows::{Merge, Row, table};
use super::story::{marks, shows_itself};
use super::xml::{Node, Tag, Xml, text};
use crate::archive::{Package, corrupt};
use crate::config::Limits;
use crate::decode::blocks::{Block, is_blank, lay_out};
use crate::model::document::Document;
use crate::model::verdict::Problem;

/// The vocabulary of word processing, in the transitional and the strict form of the standard.
const NAMESPACES: [&str; 2] = [
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
];

/// Reads a document.
pub(super) fn decode(package: &mut Package<'_>, main: &str, limits: &Limits) -> Result<Document, Problem> {
    let Some(bytes) = package.read(main)? else {
        return Err(corrupt(format!("the document has no part {main}: fetch it again")));
    };
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut lists = match package.read(&format!("{folder}/numbering.xml"))? {
        Some(bytes) => Numbering::read(&text(&bytes, "numbering.xml")?, limits)?,
        None => Numbering::default(),
    };
    let styles = match package.read(&format!("{folder}/styles.xml"))? {
        Some(bytes) => Styles::read(&text(&bytes, "styles.xml")?, limits)?,
        None => Styles::default(),
    };
    let mut blocks = Reader::read(&text(&bytes, main)?, main, &styles, &mut lists, limits)?;
    // Notes stand at the foot of a page; here behind the text, where they part no table.
    for notes in ["footnotes.xml", "endnotes.xml"] {
        if let Some(bytes) = package.read(&format!("{folder}/{notes}"))? {
            blocks.extend(Reader::read(&text(&bytes, notes)?, notes, &styles, &mut lists, limits)?);
        }
    }
    Ok(lay_out(&blocks, limits))
}

/// What styles say of text: whether it is shown, and which list counts it.
#[derive(Debug, Default)]
struct Styles {
    /// Whether a style hides its text, where it says so.
    hidden: BTreeMap<String, bool>,
    /// Styles that lift or drop.
    apart: BTreeSet<String>,
    /// Styles of raised or lowered marks, or that strike out.
    marks: BTreeSet<String>,
    /// Colours of their text.
    inks: BTreeMap<String, Ink>,
    /// List and level of a style's paragraphs.
    lists: BTreeMap<String, (String, usize)>,
    parents: BTreeMap<String, String>,
}

impl Styles {
    fn read(text: &str, limits: &Limits) -> Result<Self, Problem> {
        let mut styles = Self::default();
        let mut xml = Xml::new(text, "styles.xml", limits);
        let (mut style, mut level) = (String::new(), 0);
        while let Some(node) = xml.next()? {
            let Node::Open(tag) = node else { continue };
            match tag.name() {
                "style" => (style, level) = (tag.attribute("styleId").unwrap_or_default(), 0),
                "basedOn" => {
                    styles.parents.insert(style.clone(), tag.attribute("val").unwrap_or_default());
                }
                "vanish" => {
                    styles.hidden.insert(style.clone(), is_on(&tag));
                }
                "position" if is_apart(&tag) => {
                    styles.apart.insert(style.clone());
                }
                "strike" | "dstrike" | "vertAlign" if is_apart(&tag) => {
                    styles.marks.insert(style.clone());
                }
                "color" => {
                    let ink = tag.attribute("val").map(|value| hexadecimal(&value));
                    styles.inks.insert(style.clone(), Ink { ink, ground: None });
                }
                "ilvl" => level = tag.number("val").unwrap_or(0),
                "numId" => {
                    styles.lists.insert(style.clone(), (tag.attribute("val").unwrap_or_default(), level));
                }
                _ => {}
            }
        }
        Ok(styles)
    }

    /// A style and those that it is based on.
    fn line<'a>(&'a self, style: &'a str) -> impl Iterator<Item = &'a str> {
        // A loop of styles ends here.
        std::iter::successors(Some(style), |style| self.parents.get(*style).map(String::as_str)).take(16)
    }

    fn is_apart(&self, style: &str) -> bool {
        self.line(style).any(|style| self.apart.contains(style) || self.marks.contains(style))
    }

    fn is_mark(&self, style: &str) -> bool {
        self.line(style).any(|style| self.marks.contains(style))
    }

    fn ink(&self, style: &str) -> Ink {
        self.line(style).find_map(|style| self.inks.get(style)).copied().unwrap_or_default()
    }

    fn is_hidden(&self, style: &str) -> bool {
        self.line(style).find_map(|style| self.hidden.get(style)).copied().unwrap_or(false)
    }

    fn list(&self, style: &str) -> Option<&(String, usize)> {
        self.line(style).find_map(|style| self.lists.get(style))
    }
}

/// Whether a switch is on: it is unless it says otherwise.
fn is_on(tag: &Tag<'_>) -> bool {
    !tag.attribute("val").is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off" | "none"))
}

/// Whether a property parts a run from its neighbours: raised, lowered or struck out.
fn is_apart(tag: &Tag<'_>) -> bool {
    match tag.name() {
        "vertAlign" => tag.attribute("val").is_some_and(|value| value != "baseline"),
        "position" => tag.attribute("val").is_some_and(|value| value != "0"),
        _ => is_on(tag),
    }
}

/// An element that is being read, and the depth at which it began.
#[derive(Debug)]
enum Frame {
    /// The body, a text box or a note.
    Blocks(Vec<Block>),
    Paragraph {
        text: String,
        /// Text boxes and pictures in it, which stand behind its text.
        behind: Vec<Block>,
        /// Its end was deleted: the next paragraph goes on with it.
        goes_on: bool,
        /// It holds text that is not shown.
        is_hiding: bool,
    },
    Table(Vec<Row>),
    Row(Row),
    Cell {
        blocks: Vec<Block>,
        span: usize,
        merge: Merge,
        is_deleted: bool,
        /// It holds text that is not shown.
        hides: bool,
    },
}

/// Where the reader is in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Field {
    /// In its code.
    Code,
    /// In its code, which asks for a table of contents.
    Contents,
    /// In a field that shows a sign of its own: a choice, an equation, an object.
    Sign,
    /// In its result.
    Result,
    /// In a table of contents, which repeats what stands below.
    ContentsResult,
}

struct Reader<'a> {
    xml: Xml<'a>,
    styles: &'a Styles,
    lists: &'a mut Numbering,
    /// Prefixes of the elements of word processing.
    prefixes: Vec<String>,
    frames: Vec<(usize, Frame)>,
    /// The open fields, one in another.
    fields: Vec<Field>,
    /// The depth of the run that is not shown.
    hidden: Option<usize>,
    /// The depth of the control that shows the placeholder of an empty one.
    placeholder: Option<usize>,
    /// The text of a paragraph whose end was deleted.
    carried: Option<String>,
    /// Whether the run stands apart from its neighbours: raised, lowered or struck out.
    is_apart: bool,
    /// The figures of the run are marks, or struck out.
    is_mark: bool,
    /// Depths of alternate contents of which one was read.
    chosen: Vec<usize>,
    done: Vec<Block>,
}

impl<'a> Reader<'a> {
    fn read(
        text: &'a str,
        part: &'a str,
        styles: &'a Styles,
        lists: &'a mut Numbering,
        limits: &Limits,
    ) -> Result<Vec<Block>, Problem> {
        let mut reader = Self {
            xml: Xml::new(text, part, limits),
            styles,
            lists,
            prefixes: Vec::new(),
            frames: Vec::new(),
            fields: Vec::new(),
            hidden: None,
            placeholder: None,
            carried: None,
            is_apart: false,
            is_mark: false,
            chosen: Vec::new(),
            done: Vec::new(),
        };
        while let Some(node) = reader.xml.next()? {
            match node {
                Node::Open(tag) => reader.open(&tag)?,
                Node::Close => reader.close(),
                // Text stands in its own elements, which are read whole.
                Node::Text(_) => {}
            }
        }
        Ok(reader.done)
    }

    fn open(&mut self, tag: &Tag<'_>) -> Result<(), Problem> {
        let depth = self.xml.depth();
        if depth == 1 {
            self.prefixes.extend(tag.prefixes_of(&NAMESPACES));
        }
        match tag.name() {
            // Several ways to show one thing: the first that is offered counts.
            "Choice" | "Fallback" if self.chosen.contains(&depth) => return self.xml.skip(),
            "Choice" | "Fallback" => self.chosen.push(depth),
            "blip" | "imagedata" | "OLEObject" | "chart" | "relIds" | "altChunk" => self.behind(Block::Picture),
            "t" if tag.prefix() == "m" => {
                // A fraction or a power is no row of digits.
                let text = self.text()?;
                self.push(&format!(" {text} "));
            }
            _ if self.prefixes.iter().any(|prefix| prefix == tag.prefix()) => return self.open_word(tag, depth),
            _ => {}
        }
        Ok(())
    }

    /// An element of word processing begins. One that is not named here is looked through.
    fn open_word(&mut self, tag: &Tag<'_>, depth: usize) -> Result<(), Problem> {
        match tag.name() {
            "body" | "footnote" | "endnote" | "txbxContent" => self.frames.push((depth, Frame::Blocks(Vec::new()))),
            // What stands outside the body is shown by no program.
            "p" | "tbl" if self.frames.is_empty() => self.xml.skip()?,
            "p" => {
                let text = self.carried.take().unwrap_or_default();
                let paragraph = Frame::Paragraph { text, behind: Vec::new(), goes_on: false, is_hiding: false };
                self.frames.push((depth, paragraph));
            }
            "tbl" => {
                self.end_carried();
                self.frames.push((depth, Frame::Table(Vec::new())));
            }
            "tr" if matches!(self.frames.last(), Some((_, Frame::Table(_)))) => {
                self.frames.push((depth, Frame::Row(Row::default())));
            }
            "tc" if matches!(self.frames.last(), Some((_, Frame::Row(_)))) => {
                let cell =
                    Frame::Cell { blocks: Vec::new(), span: 1, merge: Merge::None, is_deleted: false, hides: false };
                self.frames.push((depth, cell));
            }
            "pPr" => self.paragraph_properties()?,
            "rPr" => self.run_properties()?,
            "trPr" => self.row_properties()?,
            "tcPr" => self.cell_properties()?,
            "sdtPr" => self.control_properties()?,
            "t" => {
                let text = self.text()?;
                self.push(&text);
            }
            "tab" | "ptab" => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "footnoteReference" | "endnoteReference" => self.push(" "),
            "noBreakHyphen" => self.push("-"),
            // A sign of a symbol font has no character.
            "sym" => self.push(UNKNOWN),
            "fldChar" => match (tag.attribute("fldCharType").as_deref(), self.fields.last_mut()) {
                (Some("begin"), _) => self.fields.push(Field::Code),
                (Some("separate"), Some(field)) => {
                    *field = match field {
                        Field::Sign => Field::Sign,
                        Field::Contents => Field::ContentsResult,
                        _ => Field::Result,
                    };
                }
                (Some("end"), _) => {
                    let sign = self.fields.pop().filter(|field| *field == Field::Sign);
                    sign.into_iter().for_each(|_| self.push(UNKNOWN));
                }
                _ => {}
            },
            "instrText" => {
                let code = self.text()?;
                if let Some(field @ Field::Code) = self.fields.last_mut() {
                    if code.trim_start().starts_with("TOC") {
                        *field = Field::Contents;
                    } else if shows_itself(&code) {
                        *field = Field::Sign;
                    }
                }
            }
            "r" => (self.is_apart, self.is_mark) = (false, false),
            // Deleted or moved away, or no text of the page: codes, sounds beside signs, data of forms.
            "del" | "moveFrom" | "delText" | "delInstrText" | "rt" | "ffData" | "tblPr" | "tblGrid" | "tblPrEx"
            | "sectPr" | "sdtEndPr" => self.xml.skip()?,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        let depth = self.xml.depth() + 1;
        for hiding in [&mut self.hidden, &mut self.placeholder] {
            if *hiding == Some(depth) {
                *hiding = None;
            }
        }
        // What was chosen inside an alternate content is forgotten at its end.
        self.chosen.retain(|chosen| *chosen <= depth);
        if self.frames.last().is_none_or(|(begun, _)| *begun != depth) {
            return;
        }
        if !matches!(self.frames.last(), Some((_, Frame::Paragraph { .. }))) {
            self.end_carried();
        }
        let Some((_, frame)) = self.frames.pop() else { return };
        match frame {
            Frame::Blocks(blocks) => match self.frames.last_mut() {
                Some((_, Frame::Paragraph { behind, .. })) => behind.extend(blocks),
                Some((_, Frame::Blocks(around) | Frame::Cell { blocks: around, .. })) => around.extend(blocks),
                _ => self.done.extend(blocks),
            },
            Frame::Paragraph { text, behind, goes_on, is_hiding } => {
                if let Some((_, Frame::Cell { hides, .. })) = self.frames.last_mut() {
                    *hides |= is_hiding;
                }
                if goes_on {
                    self.carried = Some(text);
                } else {
                    self.add(Block::Paragraph(text));
                }
                behind.into_iter().for_each(|block| self.add(block));
            }
            Frame::Table(rows) => self.add(Block::Table(table(rows))),
            Frame::Row(row) => {
                if let Some((_, Frame::Table(rows))) = self.frames.last_mut()
                    && !row.is_hidden
                {
                    rows.push(row);
                }
            }
            Frame::Cell { mut blocks, span, merge, is_deleted, hides } => {
                // A figure that is there and not shown is no blank.
                if hides && is_blank(&blocks) {
                    blocks.push(Block::Paragraph(UNKNOWN.to_owned()));
                }
                if let Some((_, Frame::Row(row))) = self.frames.last_mut()
                    && !is_deleted
                {
                    row.cells.push((span, merge, blocks));
                }
            }
        }
    }

    /// Ends a paragraph whose end was deleted where none follows.
    fn end_carried(&mut self) {
        if let Some(text) = self.carried.take() {
            self.add(Block::Paragraph(text));
        }
    }

    /// Adds a block to what is being read around it.
    fn add(&mut self, block: Block) {
        match self.frames.last_mut() {
            Some((_, Frame::Blocks(blocks) | Frame::Cell { blocks, .. })) => blocks.push(block),
            Some((_, Frame::Paragraph { behind, .. })) => behind.push(block),
            _ => self.done.push(block),
        }
    }

    fn behind(&mut self, block: Block) {
        if self.is_shown() {
            self.add(block);
        }
    }

    /// Whether text is shown here: not in a hidden run, the code of a field or a table of contents.
    fn is_shown(&self) -> bool {
        self.hidden.is_none() && self.placeholder.is_none() && self.fields.iter().all(|field| *field == Field::Result)
    }

    fn push(&mut self, more: &str) {
        if !self.is_shown() {
            if let Some((_, Frame::Paragraph { is_hiding, .. })) = self.frames.last_mut() {
                *is_hiding |= self.placeholder.is_none() && !more.trim().is_empty();
            }
            return;
        }
        let is_apart = self.is_apart;
        if let Some((_, Frame::Paragraph { text, .. })) = self.frames.last_mut() {
            if is_apart {
                text.push(' ');
            }
            let more = if self.is_mark { marks(more) } else { more.into() };
            // A soft hyphen shows only where a line happens to end.
            text.extend(more.chars().filter(|c| *c != '\u{ad}'));
            if is_apart {
                text.push(' ');
            }
        }
    }

    /// The text of the element that began last.
    fn text(&mut self) -> Result<Cow<'a, str>, Problem> {
        let outside = self.xml.depth().saturating_sub(1);
        let mut all = Cow::Borrowed("");
        while self.xml.depth() > outside {
            match self.xml.next()? {
                Some(Node::Text(text)) if all.is_empty() => all = text,
                Some(Node::Text(text)) => all.to_mut().push_str(&text),
                Some(_) => {}
                None => break,
            }
        }
        Ok(all)
    }

    /// Reads the properties that began last, each handed on with the depth at which it stands in them.
    fn properties(&mut self, mut each: impl FnMut(&Tag<'_>, usize)) -> Result<(), Problem> {
        let outside = self.xml.depth().saturating_sub(1);
        while self.xml.depth() > outside {
            match self.xml.next()? {
                Some(Node::Open(tag)) => each(&tag, self.xml.depth() - outside),
                Some(_) => {}
                None => break,
            }
        }
        Ok(())
    }

    fn paragraph_properties(&mut self) -> Result<(), Problem> {
        let (mut style, mut id, mut level, mut is_deleted) = (String::new(), None, None, false);
        // What the properties were before a tracked change stands in them too, deeper.
        self.properties(|tag, depth| match (tag.name(), depth) {
            ("pStyle", 2) => style = tag.attribute("val").unwrap_or_default(),
            ("numId", 3) => id = tag.attribute("val"),
            ("ilvl", 3) => level = tag.number("val"),
            // Under the properties of the paragraph's own end.
            ("del", 3) => is_deleted = true,
            _ => {}
        })?;
        if let Some((_, Frame::Paragraph { goes_on, .. })) = self.frames.last_mut() {
            *goes_on = is_deleted;
        }
        if self.styles.is_hidden(&style) && self.hidden.is_none() {
            self.hidden = Some(self.xml.depth());
        }
        let of_style = self.styles.list(&style);
        let Some(id) = id.as_ref().or(of_style.map(|(id, _)| id)) else { return Ok(()) };
        let level = level.or(of_style.map(|(_, level)| *level)).unwrap_or(0);
        let number = self.lists.next(id, level);
        self.push(&number);
        Ok(())
    }

    fn run_properties(&mut self) -> Result<(), Problem> {
        let run = self.xml.depth() - 1;
        let styles = self.styles;
        let (mut is_hidden, mut stands_apart, mut is_mark) = (false, false, false);
        let (mut ink, mut of_style) = (Ink::default(), Ink::default());
        self.properties(|tag, depth| {
            if depth > 2 {
                return;
            }
            match tag.name() {
                "vanish" => is_hidden = is_on(tag),
                "rStyle" => {
                    let style = tag.attribute("val").unwrap_or_default();
                    is_hidden |= styles.is_hidden(&style);
                    stands_apart |= styles.is_apart(&style);
                    is_mark |= styles.is_mark(&style);
                    of_style = styles.ink(&style);
                }
                "position" => stands_apart |= is_apart(tag),
                "strike" | "dstrike" | "vertAlign" if is_apart(tag) => (stands_apart, is_mark) = (true, true),
                "color" => ink.ink = tag.attribute("val").map(|value| hexadecimal(&value)),
                "highlight" => ink.ground = tag.attribute("val").map(|value| hexadecimal(&value)),
                "shd" => ink.ground = ink.ground.or(tag.attribute("fill").map(|value| hexadecimal(&value))),
                // Too small to be seen.
                "sz" => is_mark |= tag.number("val").is_some_and(|halves| halves <= 6),
                "w" => is_mark |= tag.number("val").is_some_and(|percent| percent < 20),
                _ => {}
            }
        })?;
        self.is_apart = stands_apart;
        self.is_mark = is_mark || ink.or(of_style).is_lost();
        if is_hidden && self.hidden.is_none() {
            self.hidden = Some(run);
        }
        Ok(())
    }

    fn row_properties(&mut self) -> Result<(), Problem> {
        let (mut before, mut is_hidden) = (0, false);
        self.properties(|tag, depth| match (tag.name(), depth) {
            ("gridBefore", 2) => before = tag.number("val").unwrap_or(0),
            ("hidden", 2) => is_hidden |= is_on(tag),
            ("del", 2) => is_hidden = true,
            _ => {}
        })?;
        if let Some((_, Frame::Row(row))) = self.frames.last_mut() {
            (row.before, row.is_hidden) = (before, is_hidden);
        }
        Ok(())
    }

    fn cell_properties(&mut self) -> Result<(), Problem> {
        let (mut columns, mut merged, mut deleted) = (1, Merge::None, false);
        let goes_on = |tag: &Tag<'_>| tag.attribute("val").is_none_or(|value| value == "continue");
        self.properties(|tag, depth| match (tag.name(), depth) {
            ("gridSpan", 2) => columns = tag.number("val").unwrap_or(1).max(1),
            ("vMerge", 2) if goes_on(tag) => merged = Merge::Above,
            ("hMerge", 2) if goes_on(tag) => merged = Merge::Left,
            ("cellDel", 2) => deleted = true,
            _ => {}
        })?;
        if let Some((_, Frame::Cell { span, merge, is_deleted, .. })) = self.frames.last_mut() {
            (*span, *merge, *is_deleted) = (columns, merged, deleted);
        }
        Ok(())
    }

    /// The placeholder of a control that nobody filled is no text.
    fn control_properties(&mut self) -> Result<(), Problem> {
        let control = self.xml.depth() - 1;
        let mut is_placeholder = false;
        self.properties(|tag, depth| {
            if depth == 2 && tag.name() == "showingPlcHdr" {
                is_placeholder = is_on(tag);
            }
        })?;
        if is_placeholder && self.placeholder.is_none() {
            self.placeholder = Some(control);
        }
        Ok(())
    }
}
