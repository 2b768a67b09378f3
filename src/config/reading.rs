//! `[reading]` of the settings: how tables are read.

use std::collections::BTreeMap;

use regex::{Regex, RegexSet};
use serde::Deserialize;

use super::{ConfigError, range};
use crate::form::label::fold;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReading {
    furniture: Vec<String>,
    instructions: Vec<String>,
    years_in_labels: Vec<(String, i32)>,
    remarks: Vec<String>,
    prose_characters: usize,
    telling: String,
    dashes: Vec<String>,
    count_units: Vec<String>,
    list_units: Vec<String>,
    money_units: BTreeMap<String, i8>,
    residue: Vec<String>,
    trailing_links: Vec<String>,
    trailing_dates: Vec<String>,
}

/// How tables are read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Text of a table region that belongs to no cell, matched against the whole folded text.
    pub furniture: RegexSet,
    /// Text in brackets inside a label that instructs the filer, matched anywhere in it.
    pub instructions: Regex,
    /// Instructions that name a year, which is their group, with how many years before that of the report it is.
    pub years_in_labels: Vec<(Regex, i32)>,
    /// Folded heads of columns for remarks.
    pub remarks: Vec<String>,
    /// Characters from which a line is prose.
    pub prose_characters: usize,
    /// Characters that turn the meaning of a label: a slip in one of them is not forgiven.
    pub telling: String,
    /// Marks that stand for nothing in a cell.
    pub dashes: Vec<String>,
    /// Units that may follow a count.
    pub count_units: Vec<String>,
    /// More units of the lists of older reports.
    pub list_units: Vec<String>,
    /// Units of money with their power of ten in 万元; the longest first.
    pub money_units: Vec<(String, i8)>,
    /// Tool residue that is dropped from lines.
    pub residue: Regex,
    /// Lines after the text of a report, matched against whole folded lines.
    pub trailing: Trailing,
}

/// What lines after the text of a report look like.
#[derive(Clone, Debug)]
pub struct Trailing {
    /// Links, editors, counters.
    pub links: RegexSet,
    /// The date under a signature.
    pub dates: RegexSet,
}

impl RawReading {
    /// Compiles the patterns and folds what is compared with folded text.
    pub(super) fn check(self) -> Result<Reading, ConfigError> {
        if self.prose_characters == 0 {
            return Err(range("reading.prose_characters", 0, "must be at least 1"));
        }
        let set = |key, patterns: &[String]| {
            let set = RegexSet::new(patterns.iter().map(|pattern| format!("^(?:{pattern})$")));
            set.map_err(|source| wrong(key, source))
        };
        let any = |key, patterns: &[String]| Regex::new(&patterns.join("|")).map_err(|source| wrong(key, source));
        let years_in_labels = self.years_in_labels.iter().map(|(pattern, back)| Ok((Regex::new(pattern)?, *back)));
        let years_in_labels = years_in_labels.collect::<Result<Vec<_>, regex::Error>>();
        let mut money_units: Vec<(String, i8)> = self.money_units.into_iter().collect();
        money_units.sort_by_key(|(unit, _)| std::cmp::Reverse(unit.len()));
        Ok(Reading {
            furniture: set("reading.furniture", &self.furniture)?,
            instructions: any("reading.instructions", &self.instructions)?,
            years_in_labels: years_in_labels.map_err(|source| wrong("reading.years_in_labels", source))?,
            remarks: self.remarks.iter().map(|head| fold(head)).collect(),
            prose_characters: self.prose_characters,
            telling: self.telling,
            dashes: self.dashes,
            count_units: self.count_units,
            list_units: self.list_units,
            money_units,
            residue: any("reading.residue", &self.residue)?,
            trailing: Trailing {
                links: set("reading.trailing_links", &self.trailing_links)?,
                dates: set("reading.trailing_dates", &self.trailing_dates)?,
            },
        })
    }
}

fn wrong(key: &'static str, source: regex::Error) -> ConfigError {
    ConfigError::Pattern { key, source: Box::new(source) }
}
