//! Heads inside lines: sub-heads of a section, and headings that a site ran into the text.
//!
//! A head is an ordinal, a label and something that ends it. A known label makes a head anywhere after
//! the end of a sentence; an unknown one only at the beginning of a line.

use super::mapped::Mapped;
use super::outline::Outline;
use crate::form::label::{Ordinal, split_ordinal};

/// Characters of a head with its ordinal, at most.
const MAX_HEAD: usize = 48;

/// Characters of an unknown label, at most.
const MAX_UNKNOWN: usize = 24;

/// Heads that follow one another with less text than this (characters) are a list of contents.
const MIN_TEXT: usize = 8;

/// What a head names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names<'d> {
    /// A section of the forms: its code.
    Section(&'d str),
    /// A sub-head of the forms: its code.
    Subsection(&'d str),
    /// A sub-head that no form knows.
    Unknown,
}

/// A head in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head<'d> {
    /// Byte at which it begins in the line.
    pub(super) start: usize,
    /// Byte at which the text after it begins.
    pub(super) end: usize,
    /// Level of its ordinal.
    pub(super) level: Ordinal,
    /// What it names.
    pub(super) names: Names<'d>,
}

/// What is open where a line stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'c> {
    /// Code of the section.
    pub(super) section: &'c str,
    /// Number printed before its heading, 0 where none is.
    pub(super) number: u32,
    /// Level of the sub-heads so far.
    pub(super) level: Option<Ordinal>,
    /// The line after is running text.
    pub(super) is_before_prose: bool,
    /// The line is numbered like a section and is none.
    pub(super) is_part: bool,
}

/// The heads of a line in order, `print` being the line without white space around it.
pub(super) fn heads<'d>(outline: &Outline<'d>, at: usize, print: &str, context: Context<'_>) -> Vec<Head<'d>> {
    let mut heads = Vec::new();
    let mut is_boundary = true;
    let mut mapped = Mapped::default();
    let mut skip = 0;
    let mut last_end = 0;
    let mut first = None;
    for (start, c) in print.char_indices() {
        if start < skip {
            continue;
        }
        if matches!(c, '*' | '#' | '“' | '"') || c.is_whitespace() {
            is_boundary |= c.is_whitespace();
            continue;
        }
        let is_first = *first.get_or_insert(start) == start;
        // Marks of emphasis and level before a head belong to it.
        let marked = print[..start].trim_end_matches(|c: char| matches!(c, '*' | '#') || c.is_whitespace()).len();
        if (is_boundary || is_first)
            && begins_ordinal(c)
            && let Some(head) = read_head(outline, &print[start..], start, is_first, context, &mut mapped)
        {
            skip = head.end;
            heads.push(Head { start: marked.max(last_end), ..head });
            last_end = head.end;
            is_boundary = true;
            continue;
        }
        is_boundary = matches!(c, '。' | '；' | ';' | '：' | ':' | '！' | '!' | '？' | '?');
    }
    if heads.is_empty() {
        let bare = outline.folded(at).trim_end_matches([':', '。', '.', ',']);
        if let Some((section, code)) = outline.subsection_of(bare)
            && section == context.section
        {
            heads.push(Head { start: 0, end: print.len(), level: Ordinal::Second, names: Names::Subsection(code) });
        }
    }
    drop_lists(&mut heads, print);
    heads
}

/// Whether an ordinal may begin with this character.
fn begins_ordinal(c: char) -> bool {
    numeral(c).is_some() || matches!(c, '(' | '（' | '0'..='9' | '０'..='９' | '①'..='⑳' | '⑴'..='⒛' | '㈠'..='㈩')
}

/// The value of a numeral that orders headings.
fn numeral(c: char) -> Option<u32> {
    const NUMERALS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    NUMERALS.iter().position(|numeral| *numeral == c).and_then(|at| u32::try_from(at + 1).ok())
}

/// The number of the ordinal that a folded text begins with.
pub(super) fn ordinal_number(folded: &str) -> Option<u32> {
    let (_, rest) = split_ordinal(folded)?;
    let ordinal = folded[..folded.len() - rest.len()].trim_start_matches('(');
    let ordinal = ordinal.trim_end_matches(|c: char| numeral(c).is_none() && !c.is_ascii_digit());
    if let Ok(number) = ordinal.parse() {
        return Some(number);
    }
    let mut number = 0;
    for c in ordinal.chars() {
        number = match numeral(c)? {
            10 => number.max(1) * 10,
            digit => number + digit,
        };
    }
    Some(number)
}

/// Reads the head that a text begins with; `base` is where the text begins in its line.
fn read_head<'d>(
    outline: &Outline<'d>,
    text: &str,
    base: usize,
    is_first: bool,
    context: Context<'_>,
    mapped: &mut Mapped,
) -> Option<Head<'d>> {
    mapped.read(text, base, MAX_HEAD);
    let folded = mapped.text.as_str();
    let (level, rest) = split_ordinal(folded)?;
    if rest.is_empty() {
        return None;
    }
    let label_start = folded.len() - rest.len();
    let is_whole = mapped.end(folded.len(), text, base) == base + text.trim_end_matches(['*', '#', ' ']).len();
    let head = |end: usize, names: Names<'d>| {
        // The mark that ends the head belongs to it, and so does emphasis that closes after it.
        let mark = folded[end..].chars().next().filter(|c| matches!(c, '。' | ':' | ';' | '.'));
        let end = end + mark.map_or(0, char::len_utf8);
        let end = mapped.end(end, text, base);
        let rest = text[end - base..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '#'));
        Head { start: base, end: base + text.len() - rest.len(), level, names }
    };
    let mut known = None;
    let mut sentence_end = None;
    let mut last = None;
    for (at, c) in rest.char_indices() {
        let end = label_start + at;
        let is_mark = matches!(c, '。' | ':' | ';' | '.' | '!');
        if at > 0 && (is_mark || mapped.is_gap(end, text, base) || last == Some('。')) {
            known = names(outline, &rest[..at], level, folded, context).map(|names| (end, names)).or(known);
        }
        if is_mark {
            sentence_end = Some((at, c));
            break;
        }
        last = Some(c);
    }
    if sentence_end.is_none() && is_whole {
        known = names(outline, rest, level, folded, context).map(|names| (folded.len(), names)).or(known);
    }
    if let Some((end, names)) = known {
        return Some(head(end, names));
    }
    let is_level = match context.level {
        None => level == Ordinal::Second || context.is_part,
        Some(open) => level == open,
    };
    if !is_first || !is_level {
        return None;
    }
    let (label, end) = match sentence_end {
        // A sentence of its own is text, however short.
        Some((at, '。' | ':')) if !is_whole || label_start + at + 3 < folded.len() => (&rest[..at], label_start + at),
        None if is_whole && context.is_before_prose => (rest, folded.len()),
        _ => return None,
    };
    let is_label = label.chars().count() <= MAX_UNKNOWN && !label.contains(|c: char| c.is_ascii_digit());
    is_label.then(|| head(end, Names::Unknown))
}

/// What a label after an ordinal names.
fn names<'d>(
    outline: &Outline<'d>,
    label: &str,
    level: Ordinal,
    folded: &str,
    context: Context<'_>,
) -> Option<Names<'d>> {
    let subsection = outline.subsection_of(label);
    if level != Ordinal::First {
        return subsection.map(|(_, code)| Names::Subsection(code));
    }
    // 一、 inside the first section numbers its parts anew.
    let is_restart = ordinal_number(folded).is_some_and(|number| number <= context.number);
    match (outline.section_named(label), subsection) {
        (_, Some((section, code))) if section == context.section && is_restart => Some(Names::Subsection(code)),
        (Some(section), _) => Some(Names::Section(section)),
        (None, Some((section, code))) if section == context.section => Some(Names::Subsection(code)),
        _ => None,
    }
}

/// Drops heads that stand in a list of heads: next to no text between one and the next of its kind.
fn drop_lists(heads: &mut Vec<Head<'_>>, print: &str) {
    if heads.len() < 2 {
        return;
    }
    let is_section = |head: &Head<'_>| matches!(head.names, Names::Section(_));
    let mut is_list = vec![false; heads.len()];
    let mut last: [Option<usize>; 2] = [None, None];
    for at in 0..heads.len() {
        let last = &mut last[usize::from(is_section(&heads[at]))];
        if let Some(before) = *last
            && print[heads[before].end..heads[at].start].chars().take(MIN_TEXT).count() < MIN_TEXT
        {
            is_list[before] = true;
            is_list[at] = true;
        }
        *last = Some(at);
    }
    let mut at = 0;
    heads.retain(|_| {
        at += 1;
        !is_list[at - 1]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_have_numbers() {
        for (folded, number) in [
            ("一、总体", Some(1)),
            ("(三)平台", Some(3)),
            ("十二、其他", Some(12)),
            ("二十、其他", Some(20)),
            ("2.其他", Some(2)),
            ("(10)其他", Some(10)),
            ("其他", None),
        ] {
            assert_eq!(ordinal_number(folded), number, "{folded}");
        }
    }
}
