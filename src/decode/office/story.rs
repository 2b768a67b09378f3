//! A text built from what a reader meets in it, one thing after another: marks end paragraphs, cells and rows.
//!
//! DOC and RTF keep their tables so. A row says where the borders of its cells lie; which columns a cell covers follows
//! from the borders of all rows of its table.

use std::borrow::Cow;

use std::mem;

use super::UNKNOWN;
use super::rows::{Edge, EdgeRow, Item, are_blank, settle};
use crate::archive::corrupt;
use crate::decode::blocks::{Block, is_blank};
use crate::model::verdict::{Blame, Cause, Problem};

/// Tables in one another. No page of a report comes near it.
const MOST_TABLES: usize = 32;

/// A text on its way: the body, a text box, the notes.
#[derive(Debug, Default)]
pub(super) struct Story {
    items: Vec<Item>,
    /// The open tables, one in another.
    tables: Vec<OpenTable>,
    /// The paragraph so far.
    text: String,
    /// What stands behind its text: pictures, text boxes.
    behind: Vec<Block>,
    /// A paragraph whose end was deleted, with which the next goes on.
    carried: Option<String>,
    /// The last text pushed stands apart from what follows.
    is_apart: bool,
    /// The paragraph holds text that is not shown.
    is_hiding: bool,
}

#[derive(Debug, Default)]
struct OpenTable {
    rows: Vec<EdgeRow>,
    /// Finished cells of the row.
    cells: Vec<Vec<Block>>,
    /// The cell so far.
    items: Vec<Item>,
    /// It holds text that is not shown.
    hides: bool,
}

/// How the text of a paragraph ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Paragraph,
    /// Its end was deleted: the next paragraph goes on with it.
    Deleted,
    /// The end of a cell, too.
    Cell,
}

impl Story {
    /// Appends text; what stands apart (raised, lowered, struck out) does not run together with its neighbours.
    pub(super) fn push(&mut self, text: &str, is_apart: bool) {
        if text.is_empty() {
            return;
        }
        if is_apart != self.is_apart {
            self.text.push(' ');
            self.is_apart = is_apart;
        }
        // A soft hyphen shows only where a line happens to end; a sign of a symbol font has no character.
        let shown = text.chars().filter(|c| *c != '\u{ad}');
        self.text
            .extend(shown.map(|c| if matches!(c, '\u{f000}'..='\u{f0ff}') { char::REPLACEMENT_CHARACTER } else { c }));
    }

    /// Notes that there is text which is not shown.
    pub(super) fn hide(&mut self, text: &str) {
        self.is_hiding |= !text.trim().is_empty();
    }

    /// Puts the number that a list counts before the paragraph.
    pub(super) fn number(&mut self, number: &str) {
        self.text.insert_str(0, number);
    }

    /// Adds what stands behind the text of the paragraph.
    pub(super) fn behind(&mut self, blocks: impl IntoIterator<Item = Block>) {
        self.behind.extend(blocks);
    }

    /// Ends the paragraph, which stands in so many tables.
    pub(super) fn end(&mut self, depth: usize, end: End) -> Result<(), Problem> {
        self.go_to(depth)?;
        let text = self.carried.take().unwrap_or_default() + &mem::take(&mut self.text);
        self.is_apart = false;
        let (is_hiding, behind) = (mem::take(&mut self.is_hiding), mem::take(&mut self.behind));
        if let Some(table) = self.tables.last_mut() {
            table.hides |= is_hiding;
        }
        if end == End::Deleted {
            self.carried = Some(text);
        } else {
            self.add(Block::Paragraph(text));
        }
        behind.into_iter().for_each(|block| self.add(block));
        let Some(table) = self.tables.last_mut().filter(|_| end == End::Cell) else { return Ok(()) };
        let mut blocks = settle(mem::take(&mut table.items));
        // A figure that is there and not shown is no blank.
        if mem::take(&mut table.hides) && is_blank(&blocks) {
            blocks.push(Block::Paragraph(UNKNOWN.to_owned()));
        }
        table.cells.push(blocks);
        Ok(())
    }

    /// Ends a row of the innermost of so many tables: `left` is its left border, each of the `edges` the right border of a cell.
    pub(super) fn end_row(&mut self, depth: usize, left: i32, edges: &[Edge], is_deleted: bool) -> Result<(), Problem> {
        self.go_to(depth)?;
        self.end_carried();
        // What stands behind the last cell of a row is no part of any; nothing that can be seen does.
        let (text, behind) = (mem::take(&mut self.text), mem::take(&mut self.behind));
        (self.is_apart, self.is_hiding) = (false, false);
        let Some(table) = self.tables.last_mut() else { return Err(damaged()) };
        let cells = mem::take(&mut table.cells);
        let after = mem::take(&mut table.items);
        table.hides = false;
        if !text.trim().is_empty() || !is_blank(&behind) || !are_blank(&after) || cells.len() != edges.len() {
            return Err(damaged());
        }
        // A row was deleted when all of it was: the mark of its end may be of the run of what follows.
        let is_gone = is_deleted && cells.iter().all(|blocks| is_blank(blocks));
        if !is_gone && !cells.is_empty() {
            table.rows.push(EdgeRow { left, cells: edges.iter().copied().zip(cells).collect() });
        }
        Ok(())
    }

    /// All that was built.
    pub(super) fn finish(mut self) -> Result<Vec<Block>, Problem> {
        if !self.text.trim().is_empty() || !self.behind.is_empty() {
            let depth = self.tables.len();
            self.end(depth, End::Paragraph)?;
        }
        self.go_to(0)?;
        self.end_carried();
        Ok(settle(self.items))
    }

    /// Ends tables or begins them until so many are open.
    fn go_to(&mut self, depth: usize) -> Result<(), Problem> {
        if depth != self.tables.len() {
            self.end_carried();
        }
        if depth > MOST_TABLES {
            let message =
                format!("more than {MOST_TABLES} tables stand in one another: check whether it is a real file");
            return Err(Problem::new(Cause::Limit, Blame::Source, message));
        }
        while self.tables.len() > depth {
            let Some(table) = self.tables.pop() else { break };
            if !table.cells.is_empty() || !are_blank(&table.items) {
                return Err(damaged());
            }
            self.items().push(Item::Rows(table.rows));
        }
        while self.tables.len() < depth {
            self.tables.push(OpenTable::default());
        }
        Ok(())
    }

    /// Ends a paragraph whose end was deleted where none follows.
    fn end_carried(&mut self) {
        if let Some(text) = self.carried.take() {
            self.add(Block::Paragraph(text));
        }
    }

    fn add(&mut self, block: Block) {
        self.items().push(Item::Block(block));
    }

    fn items(&mut self) -> &mut Vec<Item> {
        self.tables.last_mut().map_or(&mut self.items, |table| &mut table.items)
    }
}

fn damaged() -> Problem {
    corrupt("a row of a table does not end, or has other cells than it says: fetch the file again".to_owned())
}

/// Whether a field without a result shows something that its code says: what was chosen from a list, an equation
/// or signs with their sound above, an object.
pub(super) fn shows_itself(code: &str) -> bool {
    ["FORMDROPDOWN", "EQ ", "EMBED"].iter().any(|kind| code.trim_start().starts_with(kind))
}

/// The text of a run that is raised, lowered or struck out: figures in it are marks, or count no more.
pub(super) fn marks(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_numeric) { text.replace(char::is_numeric, UNKNOWN).into() } else { text.into() }
}
