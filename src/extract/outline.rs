//! The outline of a page: what each piece is, where the tables lie, where one report ends and the
//! next begins.
//!
//! A table is found by its opening labels and reaches to the next heading, the next prose or the
//! opening of another table. Nothing here reads a number.

use std::ops::Range;

use super::lists;
use crate::config::Config;
use crate::form::Index;
use crate::form::label::fold_into;
use crate::model::document::{Document, Place};

/// No title of a report is shorter: a subject and a kind.
const MIN_TITLE_BYTES: usize = 18;

/// The section that every report begins with.
const OVERVIEW: &str = "overview";

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An empty cell.
    Empty,
    /// Heading of the section with this number in the index of the forms.
    Heading(usize),
    /// The rest of a heading broken over lines.
    Continued,
    /// Running text.
    Prose,
    /// A line that titles a report.
    Title,
    /// Opens the table with this number in the index of the forms.
    Opens(usize),
    /// Part of the list with this number in the index of the forms.
    List(usize),
    /// Anything short: a label, a number, a line of navigation.
    Short,
}

/// A page with its pieces folded and named.
pub(super) struct Outline<'d> {
    pub(super) document: &'d Document,
    folded: String,
    ranges: Vec<(u32, u32)>,
    pub(super) roles: Vec<Role>,
    /// What a line may be.
    index: &'d Index,
}

/// The pieces of one table of one report.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Region {
    /// Number of the table in the index of the forms.
    pub(super) table: usize,
    /// Its pieces; several ranges where prose stands in between.
    pub(super) ranges: Vec<Range<usize>>,
}

/// One report of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// Its pieces.
    pub(super) pieces: Range<usize>,
    /// Its tables in the order in which they open.
    pub(super) regions: Vec<Region>,
}

impl<'d> Outline<'d> {
    /// Folds and names the pieces of a page.
    pub(super) fn new(document: &'d Document, config: &'d Config) -> Self {
        let mut outline = Self {
            document,
            folded: String::with_capacity(document.text.len()),
            ranges: Vec::with_capacity(document.pieces.len()),
            roles: Vec::with_capacity(document.pieces.len()),
            index: &config.forms.index,
        };
        for piece in &document.pieces {
            let start = outline.folded.len();
            fold_into(document.text_of(piece), &mut outline.folded);
            outline.ranges.push((number(start), number(outline.folded.len())));
        }
        for at in 0..document.pieces.len() {
            let role = outline.role(at, config);
            outline.roles.push(role);
        }
        outline.join_lines();
        for (table, pieces) in lists::find(&outline, config) {
            outline.roles[pieces].fill(Role::List(table));
        }
        outline
    }

    /// Finds headings and openings of tables that are broken over lines.
    fn join_lines(&mut self) {
        /// No heading is broken over more lines.
        const MOST_LINES: usize = 12;
        let is_line = |outline: &Self, at: usize| {
            outline.roles[at] == Role::Short
                && match outline.document.pieces[at].place {
                    Place::Line => true,
                    // A row of one cell.
                    Place::Row { column, .. } => {
                        let next = outline.document.pieces.get(at + 1).map(|next| next.place);
                        column == 0 && !matches!(next, Some(Place::Row { column: 1.., .. }))
                    }
                    Place::Grid { .. } => false,
                }
        };
        let mut joined = String::new();
        let mut at = 0;
        while at < self.roles.len() {
            let first = at;
            at += 1;
            if !is_line(self, first) || !self.index.may_go_on(self.folded(first)) {
                continue;
            }
            joined.clear();
            joined.push_str(self.folded(first));
            for next in first + 1..(first + MOST_LINES).min(self.roles.len()) {
                if !is_line(self, next) {
                    break;
                }
                joined.push_str(self.folded(next));
                let heading = self.index.section_of(&joined).map(Role::Heading);
                let role = heading.or_else(|| self.index.opens(&joined).map(Role::Opens));
                if let Some(role) = role {
                    self.roles[first] = role;
                    // The lines of a heading are read with it; those of a label are words of its table.
                    if matches!(role, Role::Heading(_)) {
                        self.roles[first + 1..=next].fill(Role::Continued);
                    }
                    at = next + 1;
                    break;
                }
                if !self.index.may_go_on(&joined) {
                    break;
                }
            }
        }
    }

    /// Code of the section of a heading.
    pub(super) fn section(&self, heading: usize) -> &'d str {
        &self.index.sections[heading]
    }

    /// Codes of the sections.
    pub(super) fn sections(&self) -> &'d [String] {
        &self.index.sections
    }

    /// Code of the section that a label without its ordinal names.
    pub(super) fn section_named(&self, label: &str) -> Option<&'d str> {
        self.index.section_named(label).map(|section| self.section(section))
    }

    /// Codes of the section and the sub-head that a label without its ordinal names.
    pub(super) fn subsection_of(&self, label: &str) -> Option<(&'d str, &'d str)> {
        self.index.subsection_of(label).map(|(section, code)| (self.section(section), code))
    }

    /// Codes of the tables.
    pub(super) fn tables(&self) -> &'d [String] {
        &self.index.tables
    }

    /// Whether a table is a list.
    pub(super) fn is_list(&self, table: usize) -> bool {
        self.index.lists.iter().any(|list| list.table == table)
    }

    /// The folded text of all pieces, one after the other.
    pub(super) fn all_folded(&self) -> &str {
        &self.folded
    }

    /// The folded text of a piece.
    pub(super) fn folded(&self, piece: usize) -> &str {
        self.ranges.get(piece).map_or("", |(start, end)| &self.folded[*start as usize..*end as usize])
    }

    /// The folded text of some pieces, run together.
    pub(super) fn folded_of(&self, pieces: &Range<usize>) -> &str {
        let start = self.ranges.get(pieces.start).map_or(self.folded.len(), |(start, _)| *start as usize);
        let end =
            pieces.end.checked_sub(1).and_then(|last| self.ranges.get(last)).map_or(start, |(_, end)| *end as usize);
        self.folded.get(start..end).unwrap_or("")
    }

    /// The pieces that hold some bytes of [`Self::folded_of`], each with its part of them.
    pub(super) fn slices(&self, pieces: &Range<usize>, bytes: Range<usize>) -> impl Iterator<Item = (usize, &str)> {
        let base = self.ranges.get(pieces.start).map_or(0, |(start, _)| *start as usize);
        let (from, to) = (base + bytes.start, base + bytes.end);
        let first = self.ranges[..pieces.end].partition_point(|(_, end)| (*end as usize) <= from).max(pieces.start);
        (first..pieces.end).take_while(move |at| (self.ranges[*at].0 as usize) < to).map(move |at| {
            let (start, end) = (self.ranges[at].0 as usize, self.ranges[at].1 as usize);
            let mut start = start.max(from);
            while !self.folded.is_char_boundary(start) {
                start += 1;
            }
            let mut end = end.min(to).max(start);
            while !self.folded.is_char_boundary(end) {
                end -= 1;
            }
            (at, &self.folded[start..end])
        })
    }

    fn role(&self, at: usize, config: &Config) -> Role {
        let (start, end) = self.ranges[at];
        let text = &self.folded[start as usize..end as usize];
        if text.is_empty() {
            return Role::Empty;
        }
        // Most pieces of a table are numbers of a few digits.
        if text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Role::Short;
        }
        let in_grid = matches!(self.document.pieces[at].place, Place::Grid { .. });
        // Labels on one line are no prose for the instructions between them.
        let is_long = text.len() > 3 * config.reading.prose_characters
            && (text.contains('。') || !config.reading.instructions.is_match(text));
        let index = &config.forms.index;
        if !is_long && let Some(section) = index.section_of(text) {
            return Role::Heading(section);
        }
        if let Some(table) = index.opens(text) {
            return Role::Opens(table);
        }
        if in_grid || text.len() < MIN_TITLE_BYTES {
            return Role::Short;
        }
        if !is_long && is_title(text, config) {
            return Role::Title;
        }
        if is_long || text.contains('。') { Role::Prose } else { Role::Short }
    }

    /// The reports of the page, each with its tables.
    pub(super) fn parts(&self) -> Vec<Part> {
        let mut parts = vec![Part { pieces: 0..self.roles.len(), regions: Vec::new() }];
        let mut starts = self.overview_starts().into_iter().peekable();
        for (table, range) in self.regions() {
            while let Some(start) = starts.next_if(|start| *start <= range.start) {
                self.begin_part(&mut parts, start);
            }
            let part = parts.last_mut().expect("never empty");
            let n_regions = part.regions.len();
            match part.regions.iter().position(|region| region.table == table) {
                // A table that goes on after a break, or a second one of its kind.
                Some(at) if at + 1 == n_regions => part.regions[at].ranges.push(range),
                Some(at) => {
                    let from = part.regions[n_regions - 1].ranges.last().map_or(0, |range| range.end);
                    match self.report_start(from, range.start) {
                        Some(start) => {
                            self.begin_part(&mut parts, start);
                            let part = parts.last_mut().expect("pushed above");
                            part.regions.push(Region { table, ranges: vec![range] });
                        }
                        None => part.regions[at].ranges.push(range),
                    }
                }
                None => part.regions.push(Region { table, ranges: vec![range] }),
            }
        }
        parts
    }

    /// Ends the last part at a piece and begins another there.
    fn begin_part(&self, parts: &mut Vec<Part>, start: usize) {
        let Some(part) = parts.last_mut() else { return };
        if start > part.pieces.start && start < part.pieces.end {
            let end = part.pieces.end;
            part.pieces.end = start;
            parts.push(Part { pieces: start..end, regions: Vec::new() });
        }
    }

    /// Where reports after the first begin, told by the heading of their first section: the title above it
    /// or the heading itself. A list of contents has no prose between its headings and begins nothing.
    fn overview_starts(&self) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut last: Option<usize> = None;
        for (at, role) in self.roles.iter().enumerate() {
            let Role::Heading(heading) = *role else { continue };
            if self.section(heading) != OVERVIEW {
                continue;
            }
            if let Some(last) = last {
                let between = last + 1..at;
                let has_prose = between.clone().any(|at| self.roles[at] == Role::Prose);
                let has_other =
                    between.clone().any(|at| matches!(self.roles[at], Role::Heading(other) if other != heading));
                if has_prose && has_other {
                    starts.push(self.report_start(last + 1, at + 1).unwrap_or(at));
                }
            }
            last = Some(at);
        }
        starts
    }

    /// Where a new report begins between two tables: at a title, with the lines of the agency's name
    /// above it, or at the heading of the first section.
    fn report_start(&self, from: usize, to: usize) -> Option<usize> {
        let title = (from..to).rev().find(|at| self.roles[*at] == Role::Title);
        let overview = || {
            (from..to).find(|at| match self.roles[*at] {
                Role::Heading(heading) => self.section(heading) == OVERVIEW,
                _ => false,
            })
        };
        let mut start = title.or_else(overview)?;
        // Titles over several lines.
        while start > from && self.roles[start - 1] == Role::Title {
            start -= 1;
        }
        if start > from && self.roles[start - 1] == Role::Short {
            let above = self.folded(start - 1);
            if above.chars().count() <= 30 && !above.contains([',', ';', ':', '.', '@', '!', '?']) {
                start -= 1;
            }
        }
        Some(start)
    }

    /// The first piece of a header that begins before the label that opens its table: cells of the same row,
    /// and header labels right before it.
    pub(super) fn header_start(&self, start: usize, from: usize) -> usize {
        let row = |at: usize| match self.document.pieces[at].place {
            Place::Row { row, .. } => Some((u32::MAX, row)),
            Place::Grid { grid, row, .. } => Some((grid, row)),
            Place::Line => None,
        };
        let mut first = start;
        let mut at = start;
        while at > from {
            at -= 1;
            let is_label = self.roles[at] == Role::Short && self.index.is_header_label(self.folded(at));
            if is_label || (row(at).is_some() && row(at) == row(start)) {
                first = at;
            } else if self.roles[at] != Role::Empty {
                break;
            }
        }
        first
    }

    /// The first piece of the run of short pieces that a table opens in: a header whose first labels are
    /// broken begins before the label that opens the table.
    pub(super) fn reach_back(&self, start: usize, from: usize) -> usize {
        let is_short = |at: &usize| matches!(self.roles[*at], Role::Short | Role::Empty);
        (from..start).rev().take_while(is_short).last().unwrap_or(start)
    }

    fn regions(&self) -> Vec<(usize, Range<usize>)> {
        let mut regions = Vec::new();
        let mut open: Option<(usize, usize)> = None;
        for (at, role) in self.roles.iter().enumerate() {
            if at > 0
                && matches!(self.roles[at - 1], Role::List(_))
                && self.roles[at - 1] != *role
                && let Some((table, start)) = open.take()
            {
                regions.push((table, start..at));
            }
            match *role {
                Role::List(table) => match open {
                    Some((other, _)) if other == table => {}
                    _ => {
                        if let Some((other, start)) = open.replace((table, at)) {
                            regions.push((other, start..at));
                        }
                    }
                },
                Role::Opens(table) => match open {
                    Some((other, _)) if other == table => {}
                    Some((other, start)) => {
                        let first = self.header_start(at, start + 1);
                        regions.push((other, start..first));
                        open = Some((table, first));
                    }
                    None => {
                        let from = regions.last().map_or(0, |(_, range): &(usize, Range<usize>)| range.end);
                        open = Some((table, self.header_start(at, from)));
                    }
                },
                Role::Heading(_) | Role::Prose | Role::Title => {
                    if let Some((table, start)) = open.take() {
                        regions.push((table, start..at));
                        if self.is_running_title(at) {
                            open = Some((table, at + 1));
                        }
                    }
                }
                Role::Empty | Role::Short | Role::Continued => {}
            }
        }
        if let Some((table, start)) = open {
            regions.push((table, start..self.roles.len()));
        }
        self.add_unopened(&mut regions);
        regions
    }

    /// Whether a title inside a table is that of the page once more, printed over each of its sheets: many numbers
    /// follow before anything else does.
    fn is_running_title(&self, at: usize) -> bool {
        const MIN_NUMBERS: usize = 7;
        let is_title = |other: usize| self.roles[other] == Role::Title && self.folded(other) == self.folded(at);
        if self.roles[at] != Role::Title || !(0..at).any(is_title) {
            return false;
        }
        let is_inside = |at: &usize| matches!(self.roles[*at], Role::Short | Role::Empty);
        (at + 1..self.roles.len()).take_while(is_inside).map(|at| self.n_numbers(at)).sum::<usize>() >= MIN_NUMBERS
    }

    /// How many figures a short piece holds: they may stand on one line or each on its own.
    fn n_numbers(&self, at: usize) -> usize {
        if self.roles[at] != Role::Short {
            return 0;
        }
        let words = self.document.text_of(&self.document.pieces[at]).split_whitespace();
        words.filter(|word| word.ends_with(|c: char| c.is_ascii_digit())).count()
    }

    /// A table whose opening label is broken is looked for under its section's heading: everything short
    /// up to the next heading, when enough numbers are among it.
    fn add_unopened(&self, regions: &mut Vec<(usize, Range<usize>)>) {
        const MIN_NUMBERS: usize = 3;
        for (at, role) in self.roles.iter().enumerate() {
            let Role::Heading(heading) = *role else { continue };
            let of = |section: &Option<String>| section.as_deref() == Some(self.section(heading));
            let Some(table) = self.index.table_sections.iter().position(of) else { continue };
            let end = (at + 1..self.roles.len())
                .find(|at| matches!(self.roles[*at], Role::Heading(_) | Role::Title | Role::Opens(_) | Role::List(_)))
                .unwrap_or(self.roles.len());
            let is_known =
                |(other, range): &(usize, Range<usize>)| *other == table && (at..=end).contains(&range.start);
            if regions.iter().any(is_known) {
                continue;
            }
            let start = (at + 1..end).rev().find(|at| self.roles[*at] == Role::Prose).map_or(at + 1, |prose| prose + 1);
            if (start..end).map(|at| self.n_numbers(at)).sum::<usize>() >= MIN_NUMBERS {
                let place = regions.iter().position(|(_, range)| range.start > start).unwrap_or(regions.len());
                regions.insert(place, (table, start..end));
            }
        }
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Whether a folded line titles a report.
pub(super) fn is_title(text: &str, config: &Config) -> bool {
    let has = |words: &[String]| words.iter().any(|word| text.contains(word.as_str()));
    has(&config.titles.subject)
        && has(&config.titles.kind)
        && !has(&config.titles.other)
        && !text.contains([';', '。', '!'])
        && text.chars().count() <= 60
}
