//! What the narrative may state in numbers: kinds of statements, their patterns, and what is no statement.
//!
//! A pattern is what stands around a number: `before {N} after`, the unit being looked for between the
//! number and `after`. A zero in words is a pattern that begins with its negation. All are matched
//! against folded text (see [`crate::form::label`]), so they hold no white space and no wide marks.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::{Regex, RegexSet};
use serde::Deserialize;

use super::ConfigError;
use crate::form::Forms;
use crate::model::report::CellKey;

const FILE: &str = "statements.toml";

/// Everything that is known of statements.
#[derive(Debug)]
pub struct Statements {
    /// The kinds in the order of the file.
    pub kinds: Vec<Kind>,
    /// Index of the kind of an entry of a list that is no other kind.
    pub item: u16,
    /// Units that make a number a count, the longest first, with the factor to the base unit of money.
    pub units: Vec<Unit>,
    /// Words of each kind, by its index: where none stands around a number, no pattern of it fits.
    pub words: RegexSet,
    /// Patterns of zeros in words; they begin with the negation.
    pub zeros: ZeroPatterns,
    /// Characters with which a negation begins.
    pub negations: Vec<char>,
    /// What makes a number no statement of the year.
    pub exclusions: Exclusions,
    /// The end of what stands before a number that is no exact one.
    pub approximate_before: Regex,
    /// What follows the unit of a number that is no exact one.
    pub approximate_after: Regex,
    /// The end of what stands before a number that each of several labels takes.
    pub each: Regex,
    /// The label of an entry of a list, at the end of what stands before its number.
    pub label: Regex,
    /// Words after which the parts of a total are listed.
    pub parts: Regex,
    /// Sentences that hold no statement: addresses, telephones.
    pub skipped: RegexSet,
}

/// A kind of statement.
#[derive(Debug)]
pub struct Kind {
    /// Code, as in `statements.kind`.
    pub code: String,
    /// Title in Chinese and English.
    pub titles: [String; 2],
    /// Units that its number may have; none listed means any.
    pub units: Vec<String>,
    /// Patterns around its number.
    pub patterns: Vec<Pattern>,
    /// Unit of money that its value is given in.
    pub money: Option<String>,
    /// Cells that it may speak of, by form; of each reading the sum of its cells.
    pub readings: Vec<Reading>,
    /// Kinds before which it stands back when both fit one number.
    pub yields_to: Vec<usize>,
    /// It speaks of the year before or after, so a mention of that year does not exclude it.
    pub is_of_other_year: bool,
    /// Sentences that state it, with the value.
    pub examples: Vec<(String, f64)>,
    /// Sentences that do not state it.
    pub counter_examples: Vec<String>,
}

/// Cells that a statement may speak of.
#[derive(Debug)]
pub struct Reading {
    /// `table.row.column`, several joined by `;`.
    pub cells: String,
    /// The cells in each form that has all of them.
    pub keys: Vec<Vec<CellKey>>,
}

/// A unit of a number.
#[derive(Debug)]
pub struct Unit {
    /// As printed.
    pub print: String,
    /// For a unit of money: its power of ten in 元.
    pub money: Option<u32>,
}

/// A regular expression that is made when it is first needed; it is known to be valid.
#[derive(Debug)]
pub struct Lazy {
    text: String,
    regex: OnceLock<Regex>,
}

impl Lazy {
    fn new(text: String) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    /// The expression.
    pub fn get(&self) -> &Regex {
        self.regex.get_or_init(|| Regex::new(&self.text).expect("compiled in its set when the settings were read"))
    }
}

/// Where patterns hold.
#[derive(Debug)]
pub struct Pattern {
    /// What stands before the number, up to it.
    pub before: Lazy,
    /// What follows the unit.
    pub after: Option<Lazy>,
    /// Sections and sub-heads under which alone it holds; none listed means all.
    pub near: Vec<String>,
}

/// Patterns of zeros in words.
#[derive(Debug)]
pub struct ZeroPatterns {
    /// Matched against the text from the negation on.
    pub set: RegexSet,
    /// The patterns, by index in the set: kind, expression, and where it holds.
    pub patterns: Vec<(usize, Lazy, Vec<String>)>,
}

/// What makes a number or a negation no statement.
#[derive(Debug)]
pub struct Exclusions {
    /// Ends of what stands before a number.
    pub before: RegexSet,
    /// Beginnings of what follows a number, unit included.
    pub after: RegexSet,
    /// Ends of what stands before a number that belongs to another year.
    pub other_year: RegexSet,
    /// Ends of what stands before a negation that denies nothing.
    pub before_zero: RegexSet,
    /// Ends of what stands before a quote that is denied.
    pub denied: RegexSet,
    /// Ends of what stands before a numeral in Chinese characters.
    pub before_numeral: RegexSet,
    /// Beginnings of what follows a numeral in Chinese characters, unit included.
    pub after_numeral: RegexSet,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    schema_version: u32,
    macros: BTreeMap<String, String>,
    number: RawNumber,
    exclude: RawExclude,
    kind: Vec<RawKind>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNumber {
    units: Vec<String>,
    money: BTreeMap<String, u32>,
    negations: String,
    approximate_before: String,
    approximate_after: String,
    each: String,
    label: String,
    parts: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExclude {
    sentences: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
    other_year: Vec<String>,
    before_zero: Vec<String>,
    denied: Vec<String>,
    before_numeral: Vec<String>,
    after_numeral: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    code: String,
    title_zh: String,
    title_en: String,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    units: Vec<String>,
    #[serde(default)]
    money: Option<String>,
    #[serde(default)]
    cells: Vec<String>,
    #[serde(default)]
    yields_to: Vec<String>,
    #[serde(default)]
    is_of_other_year: bool,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    zeros: Vec<String>,
    /// Sections and sub-heads that say what a sentence leaves out.
    #[serde(default)]
    near: Vec<String>,
    #[serde(default)]
    near_patterns: Vec<String>,
    #[serde(default)]
    near_zeros: Vec<String>,
    #[serde(default)]
    examples: Vec<(String, f64)>,
    #[serde(default)]
    counter_examples: Vec<String>,
}

/// The number in a pattern.
const NUMBER: &str = "{N}";

impl Statements {
    /// Reads and checks the file against the forms.
    pub(super) fn load(text: &str, forms: &Forms) -> Result<Self, ConfigError> {
        let raw: RawFile = toml::from_str(text)
            .map_err(|source| ConfigError::Parse { file: FILE.to_owned(), source: Box::new(source) })?;
        if raw.schema_version != 1 {
            return Err(invalid("schema_version", &format!("{} is not 1", raw.schema_version)));
        }
        let expand = |pattern: &str| {
            raw.macros
                .iter()
                .fold(pattern.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
        };
        let set = |key: &str, patterns: &[String], frame: fn(&str) -> String| {
            RegexSet::new(patterns.iter().map(|pattern| frame(&expand(pattern)))).map_err(|source| wrong(key, source))
        };
        let ends = |pattern: &str| format!("(?:{pattern})$");
        let begins = |pattern: &str| format!("^(?:{pattern})");
        let one = |key: &str, pattern: String| Regex::new(&pattern).map_err(|source| wrong(key, source));
        let mut kinds: Vec<Kind> = Vec::new();
        let mut zeros = Vec::new();
        let mut all = Vec::new();
        // Matches nothing: the kind without words has no patterns either.
        let words_of =
            |kind: &RawKind| if kind.words.is_empty() { "[^\\s\\S]".to_owned() } else { kind.words.join("|") };
        for (at, kind) in raw.kind.iter().enumerate() {
            let code = &kind.code;
            if kinds.iter().any(|other| other.code == *code) {
                return Err(invalid(code, "is used twice"));
            }
            let is_item = kind.patterns.is_empty() && kind.zeros.is_empty() && kind.near_patterns.is_empty();
            if kind.examples.len() < 2 || (kind.counter_examples.is_empty() && !is_item) {
                return Err(invalid(code, "needs two examples and a counter-example"));
            }
            if kind.words.is_empty() != is_item {
                return Err(invalid(code, "needs words that stand around its numbers"));
            }
            let mut own = Vec::new();
            for (patterns, near) in [(&kind.patterns, Vec::new()), (&kind.near_patterns, kind.near.clone())] {
                for pattern in patterns {
                    let pattern = expand(pattern);
                    let Some((before, after)) = pattern.split_once(NUMBER) else {
                        return Err(invalid(code, &format!("the pattern {pattern:?} has no {NUMBER}")));
                    };
                    let after = (!after.is_empty()).then(|| Lazy::new(begins(after)));
                    let before = Lazy::new(ends(before));
                    all.extend([Some(&before), after.as_ref()].into_iter().flatten().map(|lazy| lazy.text.clone()));
                    own.push(Pattern { before, after, near: near.clone() });
                }
            }
            for (patterns, near) in [(&kind.zeros, Vec::new()), (&kind.near_zeros, kind.near.clone())] {
                for pattern in patterns {
                    zeros.push((at, Lazy::new(begins(&expand(pattern))), near.clone()));
                }
            }
            let reading = |cells: &String| {
                let keys = keys(cells, forms);
                if keys.is_empty() {
                    return Err(invalid(code, &format!("no form has the cells {cells}")));
                }
                Ok(Reading { cells: cells.clone(), keys })
            };
            let yields = |other: &String| {
                let found = raw.kind.iter().position(|kind| kind.code == *other);
                found.ok_or_else(|| invalid(code, &format!("yields to {other:?}, which does not exist")))
            };
            kinds.push(Kind {
                code: code.clone(),
                titles: [kind.title_zh.clone(), kind.title_en.clone()],
                units: kind.units.clone(),
                patterns: own,
                money: kind.money.clone(),
                readings: kind.cells.iter().map(reading).collect::<Result<_, _>>()?,
                yields_to: kind.yields_to.iter().map(yields).collect::<Result<_, _>>()?,
                is_of_other_year: kind.is_of_other_year,
                examples: kind.examples.clone(),
                counter_examples: kind.counter_examples.clone(),
            });
        }
        let item = raw.kind.iter().position(|kind| kind.patterns.is_empty() && kind.zeros.is_empty());
        let item = item.and_then(|at| u16::try_from(at).ok());
        let money = |print: &String| raw.number.money.get(print).copied();
        let mut units: Vec<Unit> =
            raw.number.units.iter().map(|print| Unit { print: print.clone(), money: money(print) }).collect();
        units.sort_by_key(|unit| std::cmp::Reverse(unit.print.len()));
        let set_of = |patterns: Vec<&Lazy>| {
            RegexSet::new(patterns.iter().map(|pattern| &pattern.text)).map_err(|source| wrong("kind", source))
        };
        // Each is made when it is needed; here they are only seen to be valid.
        RegexSet::new(&all).map_err(|source| wrong("kind", source))?;
        Ok(Self {
            item: item.ok_or_else(|| invalid("kind", "one kind without patterns takes the entries of lists"))?,
            units,
            words: RegexSet::new(raw.kind.iter().map(words_of)).map_err(|source| wrong("kind", source))?,
            zeros: ZeroPatterns { set: set_of(zeros.iter().map(|(_, zero, _)| zero).collect())?, patterns: zeros },
            negations: raw.number.negations.chars().collect(),
            exclusions: Exclusions {
                before: set("exclude.before", &raw.exclude.before, ends)?,
                after: set("exclude.after", &raw.exclude.after, begins)?,
                other_year: set("exclude.other_year", &raw.exclude.other_year, ends)?,
                before_zero: set("exclude.before_zero", &raw.exclude.before_zero, ends)?,
                denied: set("exclude.denied", &raw.exclude.denied, ends)?,
                before_numeral: set("exclude.before_numeral", &raw.exclude.before_numeral, ends)?,
                after_numeral: set("exclude.after_numeral", &raw.exclude.after_numeral, begins)?,
            },
            approximate_before: one("number.approximate_before", ends(&raw.number.approximate_before))?,
            approximate_after: one("number.approximate_after", begins(&raw.number.approximate_after))?,
            each: one("number.each", ends(&expand(&raw.number.each)))?,
            label: one("number.label", ends(&expand(&raw.number.label)))?,
            parts: one("number.parts", expand(&raw.number.parts))?,
            skipped: set("exclude.sentences", &raw.exclude.sentences, str::to_owned)?,
            kinds,
        })
    }
}

/// The cells of a reading in each form that has all of them.
fn keys(cells: &str, forms: &Forms) -> Vec<Vec<CellKey>> {
    let key = |form: usize, cell: &str| -> Option<CellKey> {
        let mut codes = cell.splitn(3, '.');
        let at = forms.forms[form].table(codes.next()?)?;
        let table = &forms.forms[form].tables[at];
        let row = table.row(codes.next()?).filter(|row| table.value_rows.contains(row))?;
        let code = codes.next()?;
        // Blocks have columns of one code, each its own.
        let column = table.columns_of(row).find(|column| table.columns[*column].code == code)?;
        Some(CellKey {
            form: u8::try_from(form).ok()?,
            table: u8::try_from(at).ok()?,
            row: u16::try_from(row).ok()?,
            column: u16::try_from(column).ok()?,
        })
    };
    (0..forms.forms.len()).filter_map(|form| cells.split(';').map(|cell| key(form, cell)).collect()).collect()
}

fn invalid(key: &str, what: &str) -> ConfigError {
    ConfigError::Statement { key: key.to_owned(), what: what.to_owned() }
}

fn wrong(key: &str, source: regex::Error) -> ConfigError {
    ConfigError::StatementPattern { key: key.to_owned(), source: Box::new(source) }
}
