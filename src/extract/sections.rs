//! The narrative of a report, section by section, tables left out.

use std::ops::Range;

use super::outline::{Outline, Part, Role};
use super::value::trim;
use crate::config::Config;
use crate::form::label::{Ordinal, split_ordinal};
use crate::model::document::Place;
use crate::model::report::Section;

/// Characters beyond which a numbered line is a sentence, not a heading.
const MAX_HEADING: usize = 30;

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

/// The sections of a report in the order of the page, the text before the first heading as `preamble`.
pub(super) fn sections(outline: &Outline<'_>, part: &Part) -> Vec<Section> {
    let document = outline.document;
    let mut sections: Vec<Section> = Vec::new();
    let mut current = Section { code: "preamble".into(), heading: None, text: String::new() };
    let mut tables: Vec<&Range<usize>> = part.regions.iter().flat_map(|region| &region.ranges).collect();
    tables.sort_by_key(|range| range.start);
    let mut tables = tables.into_iter().peekable();
    for at in part.pieces.clone() {
        while tables.next_if(|range| range.end <= at).is_some() {}
        let print = trim(document.text_of(&document.pieces[at]));
        if outline.roles[at] == Role::Continued {
            let heading = current.heading.take().unwrap_or_default();
            current.heading = Some(format!("{heading}{print}").into());
            continue;
        }
        let heading = match outline.roles[at] {
            Role::Heading(heading) => Some(outline.section(heading)),
            _ if tables.peek().is_some_and(|range| range.contains(&at)) => continue,
            Role::Empty => continue,
            _ if is_other_heading(outline, at) => Some("other"),
            _ => None,
        };
        if let Some(code) = heading {
            if !current.text.is_empty() || current.heading.is_some() {
                sections.push(current);
            }
            let heading = print.trim_start_matches(['#', '*', ' ']).trim_end_matches(['*', ' ']);
            current = Section { code: code.into(), heading: Some(heading.into()), text: String::new() };
            continue;
        }
        if !current.text.is_empty() {
            current.text.push('\n');
        }
        current.text.push_str(print);
    }
    if !current.text.is_empty() || current.heading.is_some() {
        sections.push(current);
    }
    sections
}

/// Whether one of the form's sections is not there.
pub(super) fn is_any_missing(sections: &[Section], config: &Config) -> bool {
    let Some(form) = config.forms.forms.last() else { return false };
    form.sections.iter().any(|known| !sections.iter().any(|section| *section.code == *known.code))
}
