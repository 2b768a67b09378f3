//! Rich text (RTF 1.9.1): groups, control words and bytes in the code page of their font.
//!
//! Read is what the reader of DOCX reads: results of fields and not their codes, text boxes once, notes behind the
//! text, numbers of lists as they are written out; no hidden or deleted text, headers, footers and comments. Groups are
//! kept in a list, not in the stack of this program, and no length that a file claims is trusted.

mod fonts;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;
use std::mem;

use super::UNKNOWN;
use super::ink::Ink;
use super::rows::{Edge, Merge};
use super::story::{End, Story, marks, shows_itself};
use crate::archive::corrupt;
use crate::config::Limits;
use crate::decode::blocks::{Block, lay_out};
use crate::decode::css::Colour;
use crate::model::document::Document;
use crate::model::verdict::{Blame, Cause, Problem};
use fonts::{SYMBOLS, code_page, encoding};
use token::{Token, next};

/// Text boxes and notes in one another.
const MOST_STORIES: usize = 16;

/// Reads a document.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let mut reader = Reader {
        limits,
        state: State::default(),
        groups: Vec::new(),
        stories: vec![Scene::default()],
        notes: Vec::new(),
        code_page: 1252,
        default_font: 0,
        fonts: BTreeMap::new(),
        colours: Vec::new(),
        colour: None,
        bytes: Vec::new(),
        units: Vec::new(),
        is_starred: false,
        skip: 0,
        fields: Vec::new(),
        has_ended: false,
    };
    let mut rest = bytes;
    while let Some((token, after)) = next(rest) {
        rest = after;
        reader.token(token)?;
        if reader.has_ended {
            break;
        }
    }
    let blocks = reader.finish()?;
    Ok(lay_out(&blocks, limits))
}

/// What becomes of the text of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Goal {
    /// It is text of the page.
    #[default]
    Page,
    /// It is not shown.
    Nothing,
    Fonts,
    Colours,
    /// The code of a field.
    Code,
    /// The number that a list counts, written out.
    Number,
    /// Text before Unicode, whose better form follows in it.
    Older,
    /// The definition of a row that stands in a cell.
    InnerRow,
    /// Properties of a shape, whose pictures are shown.
    Shape,
}

/// What a group inherits from the one around it.
#[derive(Clone, Debug, Default)]
struct State {
    goal: Goal,
    font: i32,
    /// Characters that follow one in Unicode for programs that know none.
    fallback: usize,
    is_hidden: bool,
    is_deleted: bool,
    is_raised: bool,
    is_lifted: bool,
    is_struck: bool,
    ink: Ink,
    /// What lies behind the paragraph.
    ground: Option<Colour>,
    is_in_table: bool,
    depth: Option<usize>,
}

/// A group that is open: the state around it, and what ends with it.
#[derive(Debug)]
struct Group {
    around: State,
    end: AtEnd,
    /// What it is for was not told yet.
    is_new: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum AtEnd {
    #[default]
    Nothing,
    TextBox,
    Note,
    Field,
}

/// A story, and the row that is being defined in it.
#[derive(Debug, Default)]
struct Scene {
    story: Story,
    row: RowShape,
    inner_row: RowShape,
    /// A row was begun, and no paragraph said since that it stands outside.
    has_row: bool,
    /// Cells of the row that have ended.
    n_cells: usize,
    number: String,
}

#[derive(Clone, Debug, Default)]
struct RowShape {
    left: i32,
    edges: Vec<Edge>,
    merge: Merge,
    /// What lies behind each cell, and behind the next.
    grounds: Vec<Option<Colour>>,
    ground: Option<Colour>,
}

struct Reader<'a> {
    limits: &'a Limits,
    state: State,
    groups: Vec<Group>,
    /// The page, and text boxes and notes that stand in it.
    stories: Vec<Scene>,
    notes: Vec<Block>,
    code_page: i32,
    default_font: i32,
    /// Code page of each font.
    fonts: BTreeMap<i32, i32>,
    /// The table of colours, and what is said of its next one.
    colours: Vec<Colour>,
    colour: Option<[u8; 3]>,
    /// Text that is not decoded yet, as bytes or as units of UTF-16.
    bytes: Vec<u8>,
    units: Vec<u16>,
    /// A program that does not know the next word skips its group.
    is_starred: bool,
    /// Characters to skip behind one in Unicode.
    skip: usize,
    /// The codes of the open fields.
    fields: Vec<String>,
    has_ended: bool,
}

impl Reader<'_> {
    fn token(&mut self, token: Token<'_>) -> Result<(), Problem> {
        if self.skip > 0 {
            match token {
                Token::Open | Token::Close => self.skip = 0,
                Token::Text(b'\r' | b'\n') => return Ok(()),
                _ => {
                    self.skip -= 1;
                    return Ok(());
                }
            }
        }
        match token {
            Token::Text(b'\r' | b'\n' | 0) => {}
            Token::Text(byte) | Token::Hex(byte) => self.byte(byte),
            Token::Symbol(symbol @ (b'\\' | b'{' | b'}')) => self.byte(symbol),
            Token::Binary => {}
            Token::Open => self.open()?,
            Token::Close => self.close()?,
            Token::Symbol(symbol) => {
                self.flush();
                match symbol {
                    b'*' => self.is_starred = true,
                    b'~' => self.push("\u{a0}"),
                    b'_' => self.push("-"),
                    b'\r' | b'\n' => self.paragraph()?,
                    b'\t' => self.push("\t"),
                    // A place where a word may be cut, marks of an index, a byte that is none.
                    b'\'' => self.push(UNKNOWN),
                    _ => {}
                }
            }
            Token::Word(word, number) => {
                // A unit of UTF-16 may be half a character.
                if word != b"u" {
                    self.flush();
                }
                self.word(word, number)?;
            }
        }
        if !matches!(token, Token::Open | Token::Symbol(b'*') | Token::Text(b'\r' | b'\n'))
            && let Some(group) = self.groups.last_mut()
        {
            group.is_new = false;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Problem> {
        self.flush();
        if self.groups.len() >= self.limits.xml_depth {
            let most = self.limits.xml_depth;
            let message = format!("the document nests more than {most} groups: check whether it is a real file");
            return Err(Problem::new(Cause::Limit, Blame::Source, message));
        }
        self.is_starred = false;
        self.groups.push(Group { around: self.state.clone(), end: AtEnd::Nothing, is_new: true });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        self.flush();
        self.is_starred = false;
        let Some(group) = self.groups.pop() else {
            return Err(corrupt("the document closes more groups than it opens: fetch it again".to_owned()));
        };
        let goal = mem::replace(&mut self.state, group.around).goal;
        if goal == Goal::Number && self.state.goal == Goal::Page {
            self.number();
        }
        match group.end {
            AtEnd::Nothing => {}
            AtEnd::Field => {
                if self.fields.pop().is_some_and(|code| shows_itself(&code)) {
                    self.push(UNKNOWN);
                }
            }
            AtEnd::TextBox | AtEnd::Note => {
                if let Some(scene) = self.stories.pop() {
                    let blocks = scene.story.finish()?;
                    match self.stories.last_mut() {
                        Some(scene) if group.end == AtEnd::TextBox => scene.story.behind(blocks),
                        _ => self.notes.extend(blocks),
                    }
                }
            }
        }
        // What follows the document is none of it.
        self.has_ended = self.groups.is_empty();
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Block>, Problem> {
        self.flush();
        if !self.groups.is_empty() || self.stories.len() != 1 {
            return Err(corrupt("the document ends inside a group: fetch it again".to_owned()));
        }
        let mut blocks = Vec::new();
        for scene in self.stories {
            blocks.extend(scene.story.finish()?);
        }
        blocks.extend(self.notes);
        Ok(blocks)
    }

    fn scene(&mut self) -> Option<&mut Scene> {
        self.stories.last_mut()
    }

    /// A byte of text in the code page of its font.
    fn byte(&mut self, byte: u8) {
        if !self.units.is_empty() {
            self.flush();
        }
        if matches!(self.state.goal, Goal::Page | Goal::Number | Goal::Code) {
            self.bytes.push(byte);
        }
        if self.state.goal == Goal::Colours && byte == b';' {
            // One without parts is what the program chooses.
            self.colours.push(self.colour.take().map_or(Colour::Other, Colour::Known));
        }
    }

    /// A colour of the table.
    fn colour(&self, number: i32) -> Option<Colour> {
        usize::try_from(number).ok().and_then(|at| self.colours.get(at)).copied()
    }

    /// Decodes what was gathered.
    fn flush(&mut self) {
        if !self.units.is_empty() {
            let units = mem::take(&mut self.units);
            let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            self.push(&text);
        }
        if !self.bytes.is_empty() {
            let bytes = mem::take(&mut self.bytes);
            let text = self.decode(&bytes);
            self.push(&text);
        }
    }

    fn decode(&self, bytes: &[u8]) -> String {
        if bytes.is_ascii() && self.fonts.get(&self.state.font) != Some(&SYMBOLS) {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        let font = self.fonts.get(&self.state.font).copied().unwrap_or(0);
        if font == SYMBOLS {
            // A sign of a symbol font has no character.
            return bytes.iter().map(|byte| if *byte == b' ' { " " } else { UNKNOWN }).collect();
        }
        let whole = encoding(self.code_page);
        // Programs name a western font for text of the code page of the whole file.
        if matches!(font, 0 | 1252) && !whole.is_single_byte() {
            let (text, has_errors) = whole.decode_without_bom_handling(bytes);
            if !has_errors {
                return text.into_owned();
            }
        }
        let of_font = if font == 0 { whole } else { encoding(font) };
        of_font.decode_without_bom_handling(bytes).0.into_owned()
    }

    fn push(&mut self, text: &str) {
        let state = &self.state;
        let of_row = self.stories.last().filter(|_| self.depth() == 1);
        let of_cell = of_row.and_then(|scene| scene.row.grounds.get(scene.n_cells).copied().flatten());
        let ink = state.ink.or(Ink { ink: None, ground: state.ground.or(of_cell) });
        let stands_apart = state.is_raised || state.is_struck;
        let (is_mark, is_apart) = (stands_apart || ink.is_lost(), stands_apart || state.is_lifted);
        let (is_hidden, is_deleted) = (state.is_hidden, state.is_deleted);
        let Some(scene) = self.stories.last_mut() else { return };
        match state.goal {
            Goal::Page if is_deleted => {}
            Goal::Page if is_hidden => scene.story.hide(text),
            Goal::Page if is_mark => scene.story.push(&marks(text), is_apart),
            Goal::Page => scene.story.push(text, is_apart),
            Goal::Number if !is_deleted && !is_hidden => scene.number.push_str(text),
            Goal::Code => {
                // Its first word tells what it asks for.
                if let Some(code) = self.fields.last_mut().filter(|code| code.len() < 32) {
                    code.push_str(text);
                }
            }
            _ => {}
        }
    }

    /// Puts the number of a list where it stands; a bullet is no number.
    fn number(&mut self) {
        let Some(scene) = self.stories.last_mut() else { return };
        let number = mem::take(&mut scene.number);
        let number = number.trim_end();
        if number.chars().any(char::is_alphanumeric) {
            scene.story.push(number, false);
        }
    }

    /// In how many tables the paragraph stands.
    fn depth(&self) -> usize {
        let of_row = self.stories.last().is_some_and(|scene| scene.has_row);
        match self.state.depth {
            Some(depth) if depth > 0 => depth,
            _ => usize::from(self.state.is_in_table || of_row),
        }
    }

    fn paragraph(&mut self) -> Result<(), Problem> {
        let end = if self.state.is_deleted { End::Deleted } else { End::Paragraph };
        self.end(self.depth(), end)
    }

    fn end(&mut self, depth: usize, end: End) -> Result<(), Problem> {
        if self.state.goal != Goal::Page {
            return Ok(());
        }
        self.scene().map_or(Ok(()), |scene| scene.story.end(depth, end))
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) -> Result<(), Problem> {
        let is_starred = mem::take(&mut self.is_starred);
        let is_new = self.groups.last().is_some_and(|group| group.is_new);
        if is_new && self.goal(word, is_starred)? {
            return Ok(());
        }
        let is_on = number != Some(0);
        let value = number.unwrap_or(0);
        match word {
            b"u" => {
                if !self.bytes.is_empty() {
                    self.flush();
                }
                // Signed or not, it is a unit of UTF-16.
                if let Ok(unit) = u16::try_from(value & 0xffff) {
                    self.units.push(unit);
                }
                self.skip = self.fallback();
            }
            b"uc" => self.state.fallback = usize::try_from(value).unwrap_or(0).min(16) + 1,
            b"ansicpg" => self.code_page = value,
            b"mac" => self.code_page = 10_000,
            b"pc" => self.code_page = 437,
            b"pca" => self.code_page = 850,
            b"deff" => (self.default_font, self.state.font) = (value, value),
            b"f" => self.state.font = value,
            b"fcharset" if self.state.goal == Goal::Fonts => {
                self.fonts.insert(self.state.font, code_page(value));
            }
            b"cpg" if self.state.goal == Goal::Fonts => {
                self.fonts.insert(self.state.font, value);
            }
            b"plain" => {
                let (old, font) = (mem::take(&mut self.state), self.default_font);
                self.state = State {
                    goal: old.goal,
                    fallback: old.fallback,
                    font,
                    ground: old.ground,
                    is_in_table: old.is_in_table,
                    depth: old.depth,
                    ..State::default()
                };
            }
            b"red" | b"green" | b"blue" if self.state.goal == Goal::Colours => {
                let part = u8::try_from(value).unwrap_or(255);
                let at = usize::from(word == b"green") + 2 * usize::from(word == b"blue");
                self.colour.get_or_insert_default()[at] = part;
            }
            b"cf" => self.state.ink.ink = self.colour(value),
            b"cb" | b"chcbpat" | b"highlight" => self.state.ink.ground = self.colour(value),
            b"cbpat" => self.state.ground = self.colour(value),
            b"v" => self.state.is_hidden = is_on,
            b"deleted" => self.state.is_deleted = is_on,
            b"super" | b"sub" => self.state.is_raised = is_on,
            b"nosupersub" => self.state.is_raised = false,
            b"up" | b"dn" => self.state.is_lifted = is_on,
            b"strike" | b"striked" => self.state.is_struck = is_on,
            b"pard" => {
                (self.state.is_in_table, self.state.depth, self.state.ground) = (false, None, None);
                let is_page = self.state.goal == Goal::Page;
                if let Some(scene) = self.scene().filter(|_| is_page) {
                    scene.has_row = false;
                }
            }
            b"intbl" => self.state.is_in_table = is_on,
            b"itap" => self.state.depth = usize::try_from(value).ok(),
            b"par" | b"sect" => self.paragraph()?,
            b"page" | b"line" | b"lbr" | b"column" | b"softline" => self.push("\n"),
            b"tab" => self.push("\t"),
            b"chftn" => self.push(" "),
            b"emdash" => self.push("—"),
            b"endash" => self.push("–"),
            b"lquote" => self.push("‘"),
            b"rquote" => self.push("’"),
            b"ldblquote" => self.push("“"),
            b"rdblquote" => self.push("”"),
            b"bullet" => self.push("•"),
            b"emspace" | b"enspace" | b"qmspace" => self.push(" "),
            // Numbers that a program works out when it shows the page.
            b"chpgn" | b"sectnum" | b"chdate" | b"chdpl" | b"chdpa" | b"chtime" => self.push(UNKNOWN),
            _ => self.table_word(word, value)?,
        }
        Ok(())
    }

    /// The characters to skip behind one in Unicode, one unless the file says otherwise.
    fn fallback(&self) -> usize {
        self.state.fallback.checked_sub(1).unwrap_or(1)
    }

    /// Words of tables.
    fn table_word(&mut self, word: &[u8], value: i32) -> Result<(), Problem> {
        let goal = self.state.goal;
        if !matches!(goal, Goal::Page | Goal::InnerRow) {
            return Ok(());
        }
        let depth = self.depth();
        let is_deleted = self.state.is_deleted;
        let colour = self.colour(value);
        let Some(scene) = self.stories.last_mut() else { return Ok(()) };
        let row = if goal == Goal::InnerRow { &mut scene.inner_row } else { &mut scene.row };
        match word {
            b"clcbpat" => row.ground = colour,
            b"trowd" => {
                *row = RowShape::default();
                if goal == Goal::Page {
                    scene.n_cells = 0;
                }
                scene.has_row |= goal == Goal::Page && self.state.depth.is_none_or(|depth| depth < 2);
            }
            b"trleft" => row.left = value,
            b"clmrg" => row.merge = Merge::Left,
            b"clvmrg" => row.merge = Merge::Above,
            b"cellx" => {
                let merge = mem::take(&mut row.merge);
                row.edges.push(Edge { right: value, merge });
                row.grounds.push(row.ground.take());
            }
            b"cell" if goal == Goal::Page => {
                scene.n_cells += 1;
                scene.story.end(1, End::Cell)?;
            }
            b"nestcell" if goal == Goal::Page => scene.story.end(depth.max(2), End::Cell)?,
            b"row" if goal == Goal::Page => {
                let row = scene.row.clone();
                (scene.has_row, scene.n_cells) = (false, 0);
                scene.story.end_row(1, row.left, &row.edges, is_deleted)?;
            }
            b"nestrow" => {
                let row = scene.inner_row.clone();
                scene.story.end_row(depth.max(2), row.left, &row.edges, is_deleted)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What the group that begins with this word is for; whether the word says no more than that.
    fn goal(&mut self, word: &[u8], is_starred: bool) -> Result<bool, Problem> {
        if self.state.goal == Goal::Nothing {
            return Ok(true);
        }
        let goal = match word {
            b"fonttbl" => Goal::Fonts,
            b"colortbl" => Goal::Colours,
            b"fldinst" => Goal::Code,
            b"fldrslt" => match self.fields.last() {
                // It repeats what stands below.
                Some(code) if code.trim_start().starts_with("TOC") => Goal::Nothing,
                _ => self.state.goal,
            },
            b"listtext" | b"pntext" => Goal::Number,
            b"nesttableprops" => Goal::InnerRow,
            b"upr" => Goal::Older,
            b"sp" | b"sv" => Goal::Shape,
            b"ud" if self.state.goal == Goal::Older => Goal::Page,
            b"field" => {
                self.fields.push(String::new());
                self.end_with(AtEnd::Field);
                return Ok(true);
            }
            b"shptxt" | b"dptxbxtext" => return self.begin_story(AtEnd::TextBox).map(|()| true),
            b"footnote" => {
                self.push(" ");
                return self.begin_story(AtEnd::Note).map(|()| true);
            }
            b"pict" | b"moMath" => {
                if matches!(self.state.goal, Goal::Page | Goal::Shape)
                    && !self.state.is_hidden
                    && !self.state.is_deleted
                {
                    if word == b"pict" {
                        self.stories.last_mut().into_iter().for_each(|scene| scene.story.behind([Block::Picture]));
                    } else {
                        self.push(UNKNOWN);
                    }
                }
                Goal::Nothing
            }
            b"object" => {
                if self.state.goal == Goal::Page && !self.state.is_hidden && !self.state.is_deleted {
                    self.stories.last_mut().into_iter().for_each(|scene| scene.story.behind([Block::Picture]));
                }
                return Ok(true);
            }
            // Groups around what is shown.
            b"shppict" | b"shpinst" | b"shp" | b"shpgrp" | b"do" | b"result" | b"ltrch" | b"rtlch" | b"revised" => {
                return Ok(word != b"ltrch" && word != b"rtlch" && word != b"revised");
            }
            // What is written once more for older programs, shown by none, or no text of the page.
            b"nonshppict" | b"shprslt" | b"nonesttables" | b"stylesheet" | b"info" | b"header" | b"headerl"
            | b"headerr" | b"headerf" | b"footer" | b"footerl" | b"footerr" | b"footerf" | b"annotation"
            | b"ftnsep" | b"ftnsepc" | b"ftncn" | b"aftnsep" | b"aftnsepc" | b"aftncn" | b"xe" | b"tc" | b"tcn"
            | b"rxe" | b"bkmkstart" | b"bkmkend" | b"filetbl" | b"revtbl" | b"listtable" | b"listoverridetable"
            | b"objdata" | b"objclass" | b"objname" | b"template" | b"sn" | b"mmathPict" | b"private" | b"pntxta"
            | b"pntxtb" | b"falt" | b"panose" | b"background" => Goal::Nothing,
            _ if is_starred => Goal::Nothing,
            _ => return Ok(false),
        };
        self.state.goal = goal;
        Ok(true)
    }

    fn end_with(&mut self, end: AtEnd) {
        if let Some(group) = self.groups.last_mut() {
            group.end = end;
        }
    }

    /// Begins a text box or a note.
    fn begin_story(&mut self, end: AtEnd) -> Result<(), Problem> {
        if self.stories.len() >= MOST_STORIES {
            let message =
                format!("more than {MOST_STORIES} text boxes stand in one another: check whether it is a real file");
            return Err(Problem::new(Cause::Limit, Blame::Source, message));
        }
        if self.state.goal != Goal::Page || self.state.is_hidden || self.state.is_deleted {
            self.state.goal = Goal::Nothing;
            return Ok(());
        }
        self.end_with(end);
        let (goal, fallback, font) = (Goal::Page, self.state.fallback, self.default_font);
        self.state = State { goal, fallback, font, ..State::default() };
        self.stories.push(Scene::default());
        Ok(())
    }
}
