//! The narrative of a report, head by head, tables left out.
//!
//! A row is a section or a part of one under its sub-head. Every printed character outside the tables
//! stands in exactly one row, in its heading or its text.

use std::ops::Range;

use super::heads::{Context, Names, heads, ordinal_number};
use super::outline::{Outline, Part, Role};
use super::value::trim;
use crate::config::Config;
use crate::form::label::{Ordinal, split_ordinal};
use crate::model::document::Place;
use crate::model::report::Section;

/// Characters beyond which a numbered line is a sentence, not a heading.
const MAX_HEADING: usize = 30;

/// Code of a section or sub-head that no form knows.
pub(super) const OTHER: &str = "other";

/// Whether a line outside the tables is a heading of the first level that no form knows.
fn is_other_heading(outline: &Outline<'_>, at: usize) -> bool {
    let text = outline.folded(at);
    outline.roles[at] == Role::Short
        && matches!(outline.document.pieces[at].place, Place::Line)
        && text.chars().count() <= MAX_HEADING
        && matches!(split_ordinal(text), Some((Ordinal::First, rest)) if !rest.is_empty())
        && !text.contains([',', ';', '。'])
}

/// Number of headings of the first level.
pub(super) fn n_headings(outline: &Outline<'_>, pieces: &Range<usize>) -> usize {
    pieces.clone().filter(|at| matches!(outline.roles[*at], Role::Heading(_)) || is_other_heading(outline, *at)).count()
}

/// A line of the narrative.
struct Line<'d> {
    /// Its piece.
    at: usize,
    /// What is printed, without white space around it.
    print: &'d str,
    /// The section that it opens as a whole.
    opens: Option<&'d str>,
    /// It looks like a heading and is none.
    not: Option<Not>,
}

/// What a line that looks like a heading is instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Not {
    /// An entry of a list of contents.
    Contents,
    /// A numbered part of a section.
    Part,
}

/// The sections of a report in the order of the page, the text before the first heading as `preamble`; what
/// stands after the text, as signature and links do, comes last as `other` without a heading.
pub(super) fn sections(outline: &Outline<'_>, part: &Part, config: &Config) -> Vec<Section> {
    let lines = lines(outline, part);
    let width = wrap_width(outline, &lines);
    let end = lines.len() - n_trailing(outline, &lines, config);
    let mut rows = Rows::new("preamble");
    for (nth, line) in lines.iter().enumerate().take(end) {
        if let Some(code) = line.opens {
            rows.open(code, None, line.print);
            rows.number = ordinal_number(outline.folded(line.at)).unwrap_or(rows.number + 1);
            continue;
        }
        let is_wrapped = nth > 0
            && width.is_some_and(|width| is_cut(outline, &lines[nth - 1], width))
            && matches!(outline.document.pieces[line.at].place, Place::Line);
        if line.not == Some(Not::Contents) {
            rows.text(line.print, false);
            continue;
        }
        let context = Context {
            section: &rows.current.code,
            number: rows.number,
            level: rows.level,
            is_part: line.not == Some(Not::Part),
            is_before_prose: lines.get(nth + 1).is_some_and(|next| {
                next.opens.is_none() && (outline.roles[next.at] == Role::Prose || next.print.contains('。'))
            }),
        };
        let found = heads(outline, line.at, line.print, context);
        let mut from = 0;
        for head in found {
            rows.text(&line.print[from..head.start], is_wrapped && from == 0);
            let print = &line.print[head.start..head.end];
            match head.names {
                Names::Section(code) => {
                    rows.open(code, None, print);
                    rows.number = ordinal_number(&crate::form::label::fold(print)).unwrap_or(rows.number + 1);
                }
                Names::Subsection(code) => rows.open_part(code, head.level, print),
                Names::Unknown => rows.open_part(OTHER, head.level, print),
            }
            from = head.end;
        }
        rows.text(&line.print[from..], is_wrapped && from == 0);
    }
    rows.end();
    if end < lines.len() {
        rows.current = Section { code: OTHER.into(), ..Section::default() };
        for line in &lines[end..] {
            rows.text(line.print, false);
        }
        rows.end();
    }
    rows.done
}

/// The lines outside the tables, with the sections that they open.
fn lines<'d>(outline: &Outline<'d>, part: &Part) -> Vec<Line<'d>> {
    let document = outline.document;
    let mut tables: Vec<&Range<usize>> = part.regions.iter().flat_map(|region| &region.ranges).collect();
    tables.sort_by_key(|range| range.start);
    let mut tables = tables.into_iter().peekable();
    let mut lines: Vec<Line<'d>> = Vec::new();
    for at in part.pieces.clone() {
        while tables.next_if(|range| range.end <= at).is_some() {}
        if outline.roles[at] == Role::Continued {
            // The pieces of a heading follow one another in the text.
            if let Some(last) = lines.last_mut() {
                let (start, end) = (document.pieces[last.at].start as usize, document.pieces[at].end as usize);
                last.print = document.text.get(start..end).map_or(last.print, trim);
            }
            continue;
        }
        let opens = match outline.roles[at] {
            Role::Heading(heading) => Some(outline.section(heading)),
            _ if tables.peek().is_some_and(|range| range.contains(&at)) => continue,
            Role::Empty => continue,
            _ if is_other_heading(outline, at) => Some(OTHER),
            _ => None,
        };
        lines.push(Line { at, print: trim(document.text_of(&document.pieces[at])), opens, not: None });
    }
    keep_contents(&mut lines);
    keep_parts(outline, &mut lines);
    lines
}

/// A list of contents opens no section: headings one upon the other, each of which comes again.
fn keep_contents(lines: &mut [Line<'_>]) {
    let mut later: Vec<&str> = Vec::new();
    let mut comes_again = vec![false; lines.len()];
    for (nth, line) in lines.iter().enumerate().rev() {
        let Some(code) = line.opens.filter(|code| *code != OTHER) else { continue };
        comes_again[nth] = later.contains(&code);
        if !comes_again[nth] {
            later.push(code);
        }
    }
    let mut is_list = false;
    for nth in 0..lines.len() {
        if lines[nth].opens.is_none() {
            continue;
        }
        let is_followed = lines.get(nth + 1).is_some_and(|next| next.opens.is_some());
        is_list = comes_again[nth] && (is_followed || is_list);
        if is_list {
            lines[nth].opens = None;
            lines[nth].not = Some(Not::Contents);
        }
    }
}

/// Numbered parts of a section look like headings of the first level: a heading that no form knows, or one
/// whose words also head a part, must fit between the numbers of its neighbours.
fn keep_parts(outline: &Outline<'_>, lines: &mut [Line<'_>]) {
    let bare = |line: &Line<'_>| {
        let folded = outline.folded(line.at);
        split_ordinal(folded).map_or(folded, |(_, rest)| rest).trim_end_matches([':', '。', '.', ',']).to_owned()
    };
    let is_open = |line: &Line<'_>, section: &str| {
        line.opens == Some(OTHER) || outline.subsection_of(&bare(line)).is_some_and(|(of, _)| of == section)
    };
    // Numbers of the next heading that is one beyond doubt.
    let mut next = vec![None; lines.len()];
    let mut coming = None;
    for (nth, line) in lines.iter().enumerate().rev() {
        next[nth] = coming;
        let number = ordinal_number(outline.folded(line.at));
        // Words that also head a part are beyond doubt under the number that the form gives the section.
        let is_sure = |section: usize| {
            number.is_some_and(|number| number as usize == section + 1) || outline.subsection_of(&bare(line)).is_none()
        };
        if matches!(outline.roles[line.at], Role::Heading(section) if line.opens.is_some() && is_sure(section)) {
            coming = number.or(coming);
        }
    }
    let mut open = ("", 0);
    for nth in 0..lines.len() {
        let Some(code) = lines[nth].opens else { continue };
        let number = ordinal_number(outline.folded(lines[nth].at));
        let is_part = number.is_some_and(|number| {
            let is_next = number > open.1 && next[nth].is_none_or(|next| number < next || next <= open.1);
            open.1 > 0 && !is_next
        });
        if is_part && is_open(&lines[nth], open.0) {
            lines[nth].opens = None;
            lines[nth].not = Some(Not::Part);
            continue;
        }
        open = (code, number.unwrap_or(open.1 + 1));
    }
}

/// Columns that a line takes, a wide character two.
fn width(print: &str) -> usize {
    print.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// The width at which the lines were wrapped, where they were.
fn wrap_width(outline: &Outline<'_>, lines: &[Line<'_>]) -> Option<usize> {
    const MIN_LINES: usize = 4;
    let is_text =
        |line: &&Line<'_>| line.opens.is_none() && matches!(outline.document.pieces[line.at].place, Place::Line);
    let mut widths: Vec<usize> = lines.iter().filter(is_text).map(|line| width(line.print)).collect();
    widths.sort_unstable();
    let width = *widths.get(widths.len() * 9 / 10)?;
    let n_full = widths.iter().filter(|of| (width.saturating_sub(SLACK)..=width + SLACK).contains(*of)).count();
    ((30..=130).contains(&width) && n_full >= MIN_LINES && 3 * n_full >= widths.len()).then_some(width)
}

/// Columns by which wrapped lines differ: a number or a mark of punctuation that would not be cut.
const SLACK: usize = 10;

/// Whether a line was cut within a sentence.
fn is_cut(outline: &Outline<'_>, line: &Line<'_>, wrap: usize) -> bool {
    let ends_sentence = |c: char| matches!(c, '。' | '！' | '？' | '；' | '：' | '!' | '?' | ';' | ':');
    line.opens.is_none()
        && matches!(outline.document.pieces[line.at].place, Place::Line)
        && width(line.print) + SLACK >= wrap
        && !line.print.ends_with(ends_sentence)
}

/// Lines at the end that are no text: signature and date, links, what is left of a chart.
fn n_trailing(outline: &Outline<'_>, lines: &[Line<'_>], config: &Config) -> usize {
    let trailing = &config.reading.trailing;
    let folded = |nth: usize| outline.folded(lines[nth].at);
    // What follows a heading is its text, whatever it looks like.
    let is_text = |nth: usize| {
        lines[nth].opens.is_some()
            || nth == 0
            || lines[nth - 1].opens.is_some()
            || matches!(outline.roles[lines[nth].at], Role::Prose | Role::Title)
            || folded(nth).contains('。')
    };
    let start = (0..lines.len()).rev().find(|nth| is_text(*nth)).map_or(0, |last| last + 1);
    let is_residue = |nth: &usize| {
        !matches!(outline.document.pieces[lines[*nth].at].place, Place::Line)
            || trailing.links.is_match(folded(*nth))
            || trailing.dates.is_match(folded(*nth))
            || (nth + 1 < lines.len() && trailing.dates.is_match(folded(nth + 1)))
    };
    (start..lines.len()).find(is_residue).map_or(0, |first| lines.len() - first)
}

/// The rows so far.
struct Rows {
    done: Vec<Section>,
    current: Section,
    /// Number of the open section.
    number: u32,
    /// Level of its sub-heads.
    level: Option<Ordinal>,
}

impl Rows {
    fn new(code: &str) -> Self {
        let current = Section { code: code.into(), ..Section::default() };
        Self { done: Vec::new(), current, number: 0, level: None }
    }

    fn open(&mut self, code: &str, subsection: Option<&str>, print: &str) {
        self.end();
        self.current = Section {
            code: code.into(),
            subsection: subsection.map(Into::into),
            heading: Some(print.trim_matches(|c: char| matches!(c, '#' | '*') || c.is_whitespace()).into()),
            text: String::new(),
        };
        if subsection.is_none() {
            self.level = None;
        }
    }

    fn open_part(&mut self, subsection: &str, level: Ordinal, print: &str) {
        let section = self.current.code.clone();
        self.open(&section, Some(subsection), print);
        self.level.get_or_insert(level);
    }

    fn text(&mut self, print: &str, is_wrapped: bool) {
        let print = trim(print);
        if print.is_empty() {
            return;
        }
        let text = &mut self.current.text;
        if let (Some(last), Some(next)) = (text.chars().next_back(), print.chars().next()) {
            match (is_wrapped, last.is_ascii_alphanumeric() && next.is_ascii_alphanumeric()) {
                // Digits that a break parts may be two numbers.
                (true, true) if last.is_ascii_digit() && next.is_ascii_digit() => text.push('\n'),
                (true, true) => text.push(' '),
                (true, false) => {}
                (false, _) => text.push('\n'),
            }
        }
        text.push_str(print);
    }

    fn end(&mut self) {
        let row = std::mem::take(&mut self.current);
        if !row.text.is_empty() || row.heading.is_some() {
            self.done.push(row);
        }
    }
}

/// Whether one of the form's sections is not there.
pub(super) fn is_any_missing(sections: &[Section], config: &Config) -> bool {
    let Some(form) = config.forms.forms.last() else { return false };
    let has = |code: &str| sections.iter().any(|section| section.subsection.is_none() && *section.code == *code);
    form.sections.iter().any(|known| !has(&known.code))
}

#[cfg(test)]
mod tests;
