//! What the narrative states in numbers: counts, amounts, and zeros in words.
//!
//! Each number with a unit is looked at once, with what stands before it in its clause and what follows;
//! the kinds of `config/statements.toml` say what it counts. A number belongs to the noun before it and
//! to the year of the report, or it is left alone: a statement that may be misread is none.

mod number;

use std::ops::Range;

use crate::config::{Config, Pattern, Statements};
use crate::model::report::{Flag, Report, Section, Statement};

use super::mapped::Mapped;
use super::sections::OTHER;
use number::Number;

/// Characters before a number that may say what it counts.
const WINDOW: usize = 80;

/// Characters after a number or a denial that may.
const REACH: usize = 48;

/// Nouns that one number may be said of each of.
const MAX_EACH: usize = 8;

/// Reads the statements of a report's sections, in the order of the text, and flags sums that cannot be.
pub(super) fn read(report: &mut Report, config: &Config) {
    let mut found = Vec::new();
    let mut is_any_exceeded = false;
    let mut mapped = Mapped::default();
    for (at, section) in report.sections.iter().enumerate() {
        // What stands after the text of a report is no part of it.
        if *section.code == *OTHER && section.heading.is_none() {
            continue;
        }
        let Ok(at) = u32::try_from(at) else { break };
        let year = report.identity.year;
        let config = &config.statements;
        let mut reader = Reader { section, at, year, config, found: &mut found, is_any_exceeded: false };
        reader.section(&mut mapped);
        is_any_exceeded |= reader.is_any_exceeded;
    }
    report.statements = found;
    if is_any_exceeded {
        report.flag(Flag::SentenceSum);
    }
}

/// Reads one section.
struct Reader<'r> {
    section: &'r Section,
    at: u32,
    year: Option<i32>,
    config: &'r Statements,
    found: &'r mut Vec<Statement>,
    /// The parts of a total exceed it.
    is_any_exceeded: bool,
}

/// A sentence, folded.
#[derive(Clone, Copy)]
struct Sentence<'s> {
    mapped: &'s Mapped,
    print: &'s str,
    base: usize,
}

impl Reader<'_> {
    fn section(&mut self, mapped: &mut Mapped) {
        let text = self.section.text.as_str();
        let mut start = 0;
        let mut may_hold = false;
        let mut last = ' ';
        for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
            match c {
                '。' | ';' | '；' | '!' | '！' | '?' | '？' | '\n' => {
                    if may_hold {
                        let print = &text[start..at];
                        mapped.read(print, start, usize::MAX);
                        self.sentence(Sentence { mapped, print, base: start });
                    }
                    start = (at + c.len_utf8()).min(text.len());
                    may_hold = false;
                }
                '0'..='9' | '０'..='９' => may_hold = true,
                c if self.config.negations.contains(&c) => may_hold = true,
                // A numeral counts when a unit stands right behind it.
                c => may_hold |= number::is_numeral(last) && !number::is_numeral(c),
            }
            last = c;
        }
    }

    fn sentence(&mut self, sentence: Sentence<'_>) {
        let text = sentence.mapped.text.as_str();
        if self.config.skipped.is_match(text) {
            return;
        }
        let mut year = None;
        let mut in_title = false;
        let mut numbers: Vec<Number<'_>> = Vec::new();
        let mut last_end = 0;
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let next = at + c.len_utf8();
            match c {
                '《' => in_title = true,
                '》' => in_title = false,
                _ if in_title => {}
                c if c.is_ascii_digit() || number::is_numeral(c) => {
                    // 零 is both.
                    if let Some(end) = self.zero(sentence, at, year) {
                        at = end;
                        continue;
                    }
                    let (number, end) = number::read(sentence.mapped, at, sentence.print, sentence.base, self.config);
                    if end - at == 4 && text[end..].starts_with('年') && c.is_ascii_digit() {
                        year = text[at..end].parse::<i32>().ok();
                    }
                    if let Some(number) = number {
                        if self.number(sentence, number, last_end, self.is_other_year(year)) {
                            numbers.push(number);
                        }
                        last_end = number.unit_end;
                    }
                    at = end;
                    continue;
                }
                _ => {
                    at = self.zero(sentence, at, year).unwrap_or(next);
                    continue;
                }
            }
            at = next;
        }
        self.sum(text, &numbers);
    }

    /// What stands before a byte of a sentence, as far as it may say what a number counts.
    fn before(text: &str, at: usize) -> &str {
        let start = text[..at].char_indices().rev().nth(WINDOW - 1).map_or(0, |(start, _)| start);
        let window = &text[start..at];
        // A window that begins within a clause must not pass for the beginning of one.
        if start == 0 { window } else { window.split_once(',').map_or("", |(_, rest)| rest) }
    }

    fn after(text: &str, at: usize) -> &str {
        let end = text[at..].char_indices().nth(REACH).map_or(text.len(), |(end, _)| at + end);
        &text[at..end]
    }

    /// Says what a number counts; false when it counts nothing of the year.
    fn number(&mut self, sentence: Sentence<'_>, number: Number<'_>, last_end: usize, is_other_year: bool) -> bool {
        let text = sentence.mapped.text.as_str();
        let before = Self::before(text, number.start);
        let exclusions = &self.config.exclusions;
        let after = Self::after(text, number.end);
        if exclusions.before.is_match(before) || exclusions.after.is_match(after) {
            return false;
        }
        let is_excluded = |set: &regex::RegexSet, text: &str| number.is_numeral && set.is_match(text);
        if is_excluded(&exclusions.before_numeral, before) || is_excluded(&exclusions.after_numeral, after) {
            return false;
        }
        let is_other_year = is_other_year || exclusions.other_year.is_match(before);
        let Some(each) = self.config.each.find(before) else {
            return self.count(sentence, number, 0..number.start, last_end, is_other_year);
        };
        // Each of several nouns has this number.
        let list_end = number.start - (before.len() - each.start());
        let list = &text[list_end - each.start()..list_end];
        let clause = list.rfind([',', ':', '(']).map_or(0, |at| at + 1);
        let ends = list[clause..].char_indices().filter(|(_, c)| matches!(c, '、' | '和' | '及' | '与'));
        let ends: Vec<usize> = ends.map(|(at, _)| list_end - list.len() + clause + at).chain([list_end]).collect();
        if ends.len() > MAX_EACH {
            return false;
        }
        let mut start = 0;
        for end in ends {
            self.count(sentence, number, start..end, last_end, is_other_year);
            start = end;
        }
        true
    }

    /// Adds the statements of a number whose noun ends a range of the sentence.
    fn count(
        &mut self,
        sentence: Sentence<'_>,
        number: Number<'_>,
        noun: Range<usize>,
        last_end: usize,
        is_other_year: bool,
    ) -> bool {
        let text = sentence.mapped.text.as_str();
        let before = Self::before(text, noun.end);
        let before = &before[before.len() - before.len().min(noun.len())..];
        let before = before.trim_start_matches(['、', '和', '及', '与']);
        let first = noun.end - before.len();
        let after = Self::after(text, number.unit_end);
        let mut kinds: Vec<(usize, usize, usize)> = Vec::new();
        let around = &text[first..number.unit_end + after.len()];
        for at in self.config.words.matches(around) {
            let kind = &self.config.kinds[at];
            let is_unit = kind.units.is_empty() || kind.units.iter().any(|unit| unit == number.unit);
            if !is_unit || (is_other_year && !kind.is_of_other_year) {
                continue;
            }
            let hit = kind.patterns.iter().find_map(|pattern| self.fits(pattern, before, after));
            kinds.extend(hit.map(|(start, end)| (at, first + start, number.unit_end + end)));
        }
        let all: Vec<usize> = kinds.iter().map(|(kind, _, _)| *kind).collect();
        kinds.retain(|(kind, _, _)| !self.config.kinds[*kind].yields_to.iter().any(|other| all.contains(other)));
        kinds.sort_unstable();
        let is_approximate = number.is_approximate
            || self.config.approximate_before.is_match(before)
            || self.config.approximate_after.is_match(after);
        if kinds.is_empty() {
            // Other counts are kept under their label, where digits and a list leave no doubt of it.
            if number.is_numeral || is_other_year || *self.section.code == *"preamble" {
                return !is_other_year;
            }
            let Some(label) = self.config.label.find(before) else { return true };
            kinds.push((usize::from(self.config.item), (first + label.start()).max(last_end), number.unit_end));
        }
        for (kind, start, end) in kinds {
            let (value, unit) = match (self.config.kinds[kind].money.as_deref(), number.money) {
                (Some(unit), Some(power)) => {
                    let own = self.config.units.iter().find(|known| known.print == unit).and_then(|unit| unit.money);
                    (convert(number.value, power, own.unwrap_or(0)), unit)
                }
                _ => (number.value, number.unit),
            };
            let start = skip_marks(text, start);
            self.push(sentence, kind, value, is_approximate, Some(unit), start..end);
        }
        true
    }

    /// Where the quote of a pattern begins before the number and ends after its unit, when it fits.
    fn fits(&self, pattern: &Pattern, before: &str, after: &str) -> Option<(usize, usize)> {
        if !self.is_near(&pattern.near) {
            return None;
        }
        let start = quote_start(pattern.before.get(), before)?;
        let end = match &pattern.after {
            None => 0,
            Some(pattern) => pattern.get().find(after)?.end(),
        };
        (!self.config.exclusions.denied.is_match(&before[..start])).then_some((start, end))
    }

    /// Adds the zeros that a denial states; gives the byte after the longest of them.
    fn zero(&mut self, sentence: Sentence<'_>, at: usize, year: Option<i32>) -> Option<usize> {
        let text = sentence.mapped.text.as_str();
        let is_denial = text[at..].starts_with(self.config.negations.as_slice());
        if !is_denial || self.is_other_year(year) {
            return None;
        }
        let after = Self::after(text, at);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for nth in self.config.zeros.set.matches(after) {
            let (kind, pattern, near) = &self.config.zeros.patterns[nth];
            if !self.is_near(near) || found.iter().any(|(known, _)| known == kind) {
                continue;
            }
            if let Some(hit) = pattern.get().find(after) {
                let quote = hit.as_str().trim_end_matches([',', ':', ')', '、', ';']);
                found.push((*kind, at + quote.len()));
            }
        }
        if found.is_empty()
            || self.config.exclusions.before_zero.is_match(Self::before(text, at))
            || self.config.exclusions.other_year.is_match(Self::before(text, at))
        {
            return None;
        }
        found.sort_unstable();
        for (kind, end) in &found {
            let unit = self.config.kinds[*kind].money.as_deref();
            self.push(sentence, *kind, 0.0, false, unit, at..*end);
        }
        found.iter().map(|(_, end)| *end).max()
    }

    /// Whether a year named before is not that of the report.
    fn is_other_year(&self, year: Option<i32>) -> bool {
        year.zip(self.year).is_some_and(|(year, own)| year != own)
    }

    fn is_near(&self, near: &[String]) -> bool {
        let is_here =
            |code: &String| *self.section.code == **code || self.section.subsection.as_deref() == Some(code.as_str());
        near.is_empty() || near.iter().any(is_here)
    }

    fn push(
        &mut self,
        sentence: Sentence<'_>,
        kind: usize,
        value: f64,
        is_approximate: bool,
        unit: Option<&str>,
        quote: Range<usize>,
    ) {
        let Sentence { mapped, print, base } = sentence;
        let (Some(start), Ok(kind)) = (mapped.start(quote.start), u16::try_from(kind)) else { return };
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(mapped.end(quote.end, print, base))) else {
            return;
        };
        self.found.push(Statement {
            section: self.at,
            kind,
            value,
            is_approximate,
            unit: unit.map(Into::into),
            start,
            end,
            agreement: None,
        });
    }

    /// Notes when the parts listed after a total exceed it; a list that falls short may name some of them only.
    fn sum(&mut self, text: &str, numbers: &[Number<'_>]) {
        let Some((last, _)) = numbers.split_last() else { return };
        if numbers.len() < 3 {
            return;
        }
        let Some(word) = self.config.parts.find(text) else { return };
        let Some(total) = numbers.iter().rev().find(|number| number.unit_end <= word.start()) else { return };
        let parts: Vec<&Number<'_>> = numbers.iter().filter(|number| number.start >= word.end()).collect();
        let is_plain = |number: &&Number<'_>| !number.is_approximate && number.unit == total.unit;
        // A second total begins another list.
        if parts.len() < 2
            || total.is_approximate
            || !parts.iter().all(is_plain)
            || self.config.parts.is_match(&text[word.end()..last.unit_end])
        {
            return;
        }
        let mut sum = 0.0;
        for part in parts {
            sum += part.value;
            // What follows a whole list is no part of it.
            if sum == total.value {
                return;
            }
        }
        self.is_any_exceeded |= sum > total.value;
    }
}

/// Where the quote of a pattern begins: at its empty group, or where it begins itself.
fn quote_start(pattern: &regex::Regex, before: &str) -> Option<usize> {
    if pattern.captures_len() == 1 {
        return pattern.find(before).map(|found| found.start());
    }
    let groups = pattern.captures(before)?;
    groups.get(1).or_else(|| groups.get(0)).map(|found| found.start())
}

/// An amount in another unit of money, both given as powers of ten.
fn convert(value: f64, from: u32, to: u32) -> f64 {
    let factor = |power: u32| 10_f64.powi(i32::try_from(power).unwrap_or(0));
    // Rounded to a tenth of a fen, which is less than any amount says.
    let base = (value * factor(from) * 1e4).round() / 1e4;
    base / factor(to)
}

/// The first byte from `start` on that is no mark between clauses.
fn skip_marks(text: &str, start: usize) -> usize {
    let rest = text[start..].trim_start_matches([',', ':', '、', '(', ')', ';']);
    text.len() - rest.len()
}

#[cfg(test)]
mod tests;
