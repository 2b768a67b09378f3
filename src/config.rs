//! Settings: typed as written, then checked together, then handed on as values that cannot be wrong.
//!
//! Defaults are the compiled-in files of `config/`, so the commented files are the truth. A folder
//! given by `--config` replaces them file by file: `gongkai.toml`, `codes.toml`, `dataset.toml`, `rules.toml`, `indicators.toml`,
//! `messages.toml`, `statements.toml` and, when it has a folder `forms`, all forms.

mod codes;
mod collections;
mod corrections;
mod dataset;
mod error;
mod limits;
mod messages;
mod night;
mod reading;
mod sources;
mod statements;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::agency::Agencies;
use crate::form::label::fold;
use crate::form::{FormError, Forms};
use crate::model::file::hex;

const SETTINGS: &str = include_str!("../config/gongkai.toml");
const AGENCIES: &str = include_str!("../config/agencies.toml");
const CODES: &str = include_str!("../config/codes.toml");
const DATASET: &str = include_str!("../config/dataset.toml");
const INDICATORS: &str = include_str!("../config/indicators.toml");
const MESSAGES: &str = include_str!("../config/messages.toml");
const RULES: &str = include_str!("../config/rules.toml");
const STATEMENTS: &str = include_str!("../config/statements.toml");
const FORMS: [(&str, &str); 3] = [
    ("forms/2014.toml", include_str!("../config/forms/2014.toml")),
    ("forms/2019.toml", include_str!("../config/forms/2019.toml")),
    ("forms/2021.toml", include_str!("../config/forms/2021.toml")),
];

pub use collections::Collections;
pub use corrections::{Correction, Corrections};
pub use dataset::{Creator, CreatorKind, Dataset, License, Workbook};
pub use error::ConfigError;
pub use limits::Limits;
pub use messages::Messages;
pub use night::{Guards, Retention};
pub use reading::{Reading, Trailing};
pub use sources::{Source, sources};
pub use statements::{Kind, Pattern, Statements};

/// Everything the program is told, checked.
#[derive(Debug)]
pub struct Config {
    /// How a run works.
    pub run: Run,
    /// What is read.
    pub input: Input,
    /// How collections of pages are read.
    pub collections: Collections,
    /// Where reading stops.
    pub limits: Limits,
    /// How agency and year are found.
    pub identity: Identity,
    /// What a report's title holds.
    pub titles: Titles,
    /// What a page may be instead of a report, and how free prose is told.
    pub kinds: Kinds,
    /// How tables are read.
    pub reading: Reading,
    /// How tables are written.
    pub publish: Publish,
    /// What the page of a snapshot shows.
    pub page: Page,
    /// Which old snapshots stay.
    pub retention: Retention,
    /// What is not published over the last snapshot.
    pub guards: Guards,
    /// The official forms.
    pub forms: Forms,
    /// What is known of public bodies.
    pub agencies: Agencies,
    /// What the narrative may state in numbers.
    pub statements: Statements,
    /// What is said in Chinese of what is held back.
    pub messages: Messages,
    /// Labels of codes: list, code, Chinese and English.
    pub codes: Codes,
    /// What the published dataset says of itself.
    pub dataset: Dataset,
    /// What persons put right.
    pub corrections: Corrections,
    /// SHA-256 over all settings and corrections, in hex: part of the input digest.
    pub digest: String,
    /// The same without corrections: what the reading of every file depends on.
    pub settings_digest: String,
}

/// Labels of codes: list, then code, then Chinese and English.
pub type Codes = BTreeMap<String, BTreeMap<String, [String; 2]>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    run: Run,
    input: Input,
    collections: collections::RawCollections,
    limits: Limits,
    identity: Identity,
    titles: Titles,
    kinds: Kinds,
    reading: reading::RawReading,
    publish: Publish,
    page: Page,
    retention: Retention,
    guards: Guards,
}

/// How a run works.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Threads; 0 means one for each core.
    pub jobs: usize,
    /// Files in memory at a time.
    pub batch_files: usize,
}

/// What is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Names that are skipped; `*` stands for any characters.
    pub skip_names: Vec<String>,
}

/// How agency and year are found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// First report year.
    pub first_year: i32,
    /// Last report year.
    pub last_year: i32,
    /// Ends of the names of public bodies.
    pub agency_ends: Vec<String>,
    /// Words that lead up to a name and stand inside none.
    pub leads: Vec<String>,
    /// Words that are cut at the beginning of a name only.
    pub leads_at_start: Vec<String>,
    /// Words that stand for the body without naming it.
    pub pronouns: Vec<String>,
    /// What a name holds that is none: marks of a template or of a made example.
    pub placeholders: Vec<String>,
}

/// What a report's title holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Titles {
    /// One of these.
    pub subject: Vec<String>,
    /// And one of these.
    pub kind: Vec<String>,
    /// And none of these.
    pub other: Vec<String>,
    /// A line above a table that holds one of these captions it.
    pub captions: Vec<String>,
    /// One that holds one of these tells a date and captions nothing.
    pub dates: Vec<String>,
}

/// What a page may be instead of a report, and how free prose is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    /// Pages with less text than this may be messages of a server.
    pub short_page_bytes: usize,
    /// Words of such messages.
    pub errors: Vec<String>,
    /// What such a page is.
    pub error_reason: String,
    /// A page with so many titles of reports and no text lists them.
    pub listing_titles: usize,
    /// What such a page is.
    pub listing_reason: String,
    /// What a form without figures, body and year is.
    pub blank_form_reason: String,
    /// Words of a page in another language that speaks of disclosure.
    pub foreign: Vec<String>,
    /// What such a page is.
    pub foreign_reason: String,
    /// What figures of a period much shorter than a year are.
    pub part_of_year_reason: String,
    /// What a page is that none of this tells.
    pub unknown_reason: String,
    /// Pages told by their title; the first that fits counts.
    pub other: Vec<OtherPage>,
    /// Sections of free prose; the first whose words stand in a heading counts.
    pub free_section: Vec<FreeSection>,
}

/// A kind of page that is no report, told by its title.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherPage {
    /// One of these stands in its title.
    pub words: Vec<String>,
    /// And one of these, when there are any.
    #[serde(default)]
    pub with: Vec<String>,
    /// And none of these.
    #[serde(default)]
    pub without: Vec<String>,
    /// What it is and what to do, in one sentence.
    pub reason: String,
    /// Its title counts even where the tables of a form are read.
    #[serde(default)]
    pub overrules_tables: bool,
    /// The sections of a report on the page count for more than its title.
    #[serde(default)]
    pub yields_to_sections: bool,
}

impl OtherPage {
    /// Whether a folded title names this kind of page.
    #[must_use]
    pub fn is_named(&self, title: &str) -> bool {
        let has = |words: &[String]| words.iter().any(|word| title.contains(word.as_str()));
        has(&self.words) && (self.with.is_empty() || has(&self.with)) && !has(&self.without)
    }
}

/// A section of free prose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeSection {
    /// Code, as in `sections.section`.
    pub code: String,
    /// One of these stands in its heading.
    pub words: Vec<String>,
}

/// How tables are written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Rows of a Parquet row group.
    pub row_group_rows: usize,
    /// zstd level of the Parquet pages.
    pub zstd_level: i32,
}

/// What the page of a snapshot shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Reports held back that are drawn on the page itself; more than these are all drawn on companion pages.
    pub reports_inline: usize,
    /// Reports on a companion page.
    pub reports_per_page: usize,
    /// Rows of a list of what is held back.
    pub listed: usize,
    /// Bodies whose years are shown on the page itself; more than these are all shown on companion pages.
    pub bodies_inline: usize,
    /// Bodies on a companion page.
    pub bodies_per_page: usize,
    /// Sites that are named.
    pub sites: usize,
    /// Indicators that are drawn over the years.
    pub indicators: Vec<String>,
    /// What the files of a snapshot are that are no tables, in Chinese and English.
    pub files: BTreeMap<String, [String; 2]>,
}

/// The texts of the settings, but those of the forms.
struct Texts<'t> {
    settings: &'t str,
    agencies: &'t str,
    codes: &'t str,
    dataset: &'t str,
    rules: &'t str,
    indicators: &'t str,
    messages: &'t str,
    statements: &'t str,
}

/// The compiled-in files.
const EMBEDDED: Texts<'static> = Texts {
    settings: SETTINGS,
    agencies: AGENCIES,
    codes: CODES,
    dataset: DATASET,
    rules: RULES,
    indicators: INDICATORS,
    messages: MESSAGES,
    statements: STATEMENTS,
};

/// What stands in files of its own beside the settings, loaded.
struct Knowledge {
    codes: Codes,
    dataset: Dataset,
    agencies: Agencies,
    forms: Forms,
    statements: Statements,
    messages: Messages,
}

impl Config {
    /// The compiled-in settings.
    ///
    /// # Errors
    /// Never for an unchanged program; tests hold the files against it.
    pub fn embedded() -> Result<Self, ConfigError> {
        let forms = FORMS.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self::from_texts(&EMBEDDED, &forms)
    }

    /// The settings of a folder; what it lacks is taken from the compiled-in files.
    ///
    /// # Errors
    /// The first thing that cannot be read or is wrong.
    pub fn from_folder(folder: &Path) -> Result<Self, ConfigError> {
        let sources = sources(Some(folder))?;
        let text = |name: &str| sources.iter().find(|source| source.name == name).map_or("", |source| &source.text);
        let texts = Texts {
            settings: text("gongkai.toml"),
            agencies: text("agencies.toml"),
            codes: text("codes.toml"),
            dataset: text("dataset.toml"),
            rules: text("rules.toml"),
            indicators: text("indicators.toml"),
            messages: text("messages.toml"),
            statements: text("statements.toml"),
        };
        let forms = sources.iter().filter(|source| source.name.starts_with("forms/"));
        let forms: Vec<(String, String)> = forms.map(|form| (form.name.clone(), form.text.clone())).collect();
        Self::from_texts(&texts, &forms)
    }

    /// Takes in a file of corrections, which counts as a part of the settings.
    ///
    /// # Errors
    /// When it cannot be read, or a line is wrong.
    pub fn correct(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        self.corrections = Corrections::load(text.as_bytes(), path)?;
        // A file without a correction changes nothing.
        if !self.corrections.all.is_empty() {
            let mut hash = Sha256::new();
            hash.update(self.digest.as_bytes());
            hash.update(&text);
            self.digest = hex(&hash.finalize());
        }
        Ok(())
    }

    fn from_texts(texts: &Texts<'_>, forms: &[(String, String)]) -> Result<Self, ConfigError> {
        let parse_error = |file: &str| {
            let file = file.to_owned();
            move |source| ConfigError::Parse { file, source: Box::new(source) }
        };
        let raw: RawConfig = toml::from_str(texts.settings).map_err(parse_error("gongkai.toml"))?;
        let mut codes: Codes = toml::from_str(texts.codes).map_err(parse_error("codes.toml"))?;
        let agencies = Agencies::load(texts.agencies).map_err(parse_error("agencies.toml"))?;
        codes::check(&codes, &agencies)?;
        let dataset = Dataset::load(texts.dataset)?;
        let mut hash = Sha256::new();
        let own = [
            ("gongkai.toml", texts.settings),
            ("agencies.toml", texts.agencies),
            ("codes.toml", texts.codes),
            ("dataset.toml", texts.dataset),
            ("rules.toml", texts.rules),
            ("indicators.toml", texts.indicators),
            ("messages.toml", texts.messages),
            ("statements.toml", texts.statements),
        ];
        for (name, text) in own.into_iter().chain(forms.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update(text.as_bytes());
            hash.update([0]);
        }
        let forms = forms.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let forms = Forms::load(forms, ("rules.toml", texts.rules), ("indicators.toml", texts.indicators))?;
        let statements = Statements::load(texts.statements, &forms)?;
        for (rule, kind) in forms.statements() {
            if statements.kinds.iter().all(|of| of.code != kind) {
                let what = format!("it names the statement {kind:?}, which does not exist");
                return Err(FormError::Rule { rule: rule.to_owned(), what }.into());
            }
        }
        for rule in &forms.rules {
            let is_unknown = |code: &&String| forms.indicators.iter().all(|of| of.code != **code);
            if let Some(code) = rule.indicator.as_ref().filter(is_unknown) {
                let what = format!("it names the indicator {code:?}, which does not exist");
                return Err(FormError::Rule { rule: rule.code.clone(), what }.into());
            }
        }
        let messages = Messages::load(texts.messages)?;
        codes::add_known(&mut codes, &forms, &statements);
        raw.check(hex(&hash.finalize()), Knowledge { codes, dataset, agencies, forms, statements, messages })
    }
}

impl RawConfig {
    fn check(mut self, digest: String, knowledge: Knowledge) -> Result<Config, ConfigError> {
        let Knowledge { codes, dataset, agencies, forms, statements, messages } = knowledge;
        let positive = |key, value: usize| {
            if value == 0 { Err(range(key, 0, "must be at least 1")) } else { Ok(()) }
        };
        positive("run.batch_files", self.run.batch_files)?;
        positive("limits.table_rows", self.limits.table_rows)?;
        positive("limits.table_columns", self.limits.table_columns)?;
        positive("limits.html_depth", self.limits.html_depth)?;
        positive("limits.table_tokens", self.limits.table_tokens)?;
        positive("limits.line_bytes", self.limits.line_bytes)?;
        positive("publish.row_group_rows", self.publish.row_group_rows)?;
        positive("page.reports_per_page", self.page.reports_per_page)?;
        positive("page.bodies_per_page", self.page.bodies_per_page)?;
        for code in &self.page.indicators {
            if forms.indicators.iter().all(|indicator| indicator.code != *code) {
                return Err(ConfigError::UnknownIndicator { code: code.clone() });
            }
        }
        positive("retention.keep_last", self.retention.keep_last)?;
        if self.run.jobs > 1024 {
            return Err(range("run.jobs", self.run.jobs as u64, "must be at most 1024"));
        }
        // Places in a page are stored in 32 bits.
        if self.limits.file_bytes > 1 << 30 {
            return Err(range("limits.file_bytes", self.limits.file_bytes, "must be at most 1073741824"));
        }
        // A float64 holds every integer of 15 digits.
        if !(1..=15).contains(&self.limits.number_digits) {
            return Err(range("limits.number_digits", self.limits.number_digits as u64, "must be between 1 and 15"));
        }
        if self.identity.first_year > self.identity.last_year {
            return Err(range("identity.first_year", self.identity.first_year, "must not be after identity.last_year"));
        }
        if !(1..=22).contains(&self.publish.zstd_level) {
            return Err(range("publish.zstd_level", self.publish.zstd_level, "must be between 1 and 22"));
        }
        let lists = [&mut self.identity.agency_ends, &mut self.identity.pronouns, &mut self.identity.placeholders];
        let lists = lists.into_iter().chain([&mut self.titles.subject, &mut self.titles.kind, &mut self.titles.other]);
        let kinds = &mut self.kinds;
        let pages = kinds.other.iter_mut().flat_map(|page| [&mut page.words, &mut page.with, &mut page.without]);
        let sections = kinds.free_section.iter_mut().map(|section| &mut section.words);
        for word in lists.chain(pages).chain(sections).flatten() {
            *word = fold(word);
        }
        for word in kinds.errors.iter_mut().chain(&mut kinds.foreign) {
            *word = fold(word).to_ascii_lowercase();
        }
        // The longest end first, so that the first match is the longest.
        self.identity.agency_ends.sort_by_key(|end| std::cmp::Reverse(end.chars().count()));
        Ok(Config {
            run: self.run,
            input: self.input,
            collections: self.collections.check()?,
            limits: self.limits,
            identity: self.identity,
            titles: self.titles,
            kinds: self.kinds,
            reading: self.reading.check()?,
            publish: self.publish,
            page: self.page,
            retention: self.retention,
            guards: self.guards,
            forms,
            agencies,
            statements,
            messages,
            codes,
            dataset,
            corrections: Corrections::default(),
            settings_digest: digest.clone(),
            digest,
        })
    }
}

fn range(key: &'static str, value: impl Into<i128>, expected: &'static str) -> ConfigError {
    let value: i128 = value.into();
    ConfigError::Range { key, value: value.to_string(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(settings: &str, codes: &str) -> String {
        let forms = FORMS.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let texts = Texts { settings, codes, ..EMBEDDED };
        let error = Config::from_texts(&texts, &forms).expect_err("broken settings are refused");
        match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }
    }

    #[test]
    fn the_embedded_settings_are_sound() {
        let config = Config::embedded().expect("embedded settings load");
        assert_eq!(config.forms.forms.len(), 3);
        assert_eq!(config.digest.len(), 64);
    }

    #[test]
    fn an_unknown_key_is_named_with_the_allowed_ones() {
        let message = broken(&SETTINGS.replace("batch_files", "batch_file"), CODES);
        assert!(message.contains("batch_file`") && message.contains("batch_files"), "{message}");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let message = broken(&SETTINGS.replace("number_digits = 15", "number_digits = 16"), CODES);
        assert_eq!(message, "limits.number_digits = 16: must be between 1 and 15");
        let message = broken(&SETTINGS.replace("\"-\\\\d{1,4}-\"", "\"(\""), CODES);
        assert!(message.starts_with("reading.furniture: a pattern is not valid"), "{message}");
    }

    #[test]
    fn the_page_shows_indicators_that_exist() {
        let message = broken(&SETTINGS.replace("\"denial_rate\"", "\"denial_rat\""), CODES);
        assert_eq!(message, "page.indicators: \"denial_rat\" is no indicator");
    }

    #[test]
    fn a_rule_may_only_ask_for_statements_that_are_read() {
        let forms = FORMS.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let rules = RULES.replace("statement.fee_notices", "statement.fee_notice");
        let texts = Texts { rules: &rules, ..EMBEDDED };
        let error = Config::from_texts(&texts, &forms).expect_err("a broken rule is refused");
        assert_eq!(
            error.to_string(),
            "rule applications_unpaid_fee: it names the statement \"fee_notice\", which does not exist"
        );
    }

    #[test]
    fn a_rule_may_only_hold_the_narrative_to_an_indicator_that_there_is() {
        let rules = RULES.replace("indicator = \"clearance_rate\"", "indicator = \"clearance\"");
        let forms = FORMS.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let texts = Texts { rules: &rules, ..EMBEDDED };
        let error = Config::from_texts(&texts, &forms).expect_err("a broken rule is refused");
        assert_eq!(
            error.to_string(),
            "rule narrative_clearance: it names the indicator \"clearance\", which does not exist"
        );
    }

    #[test]
    fn code_lists_and_program_agree() {
        assert_eq!(
            broken(SETTINGS, &CODES.replace("vanished =", "vanisht =")),
            "codes.toml, [cause]: \"vanished\" is missing"
        );
        let message = broken(SETTINGS, &CODES.replace("[flag]", "[flag]\nodd = [\"a\", \"b\"]"));
        assert_eq!(message, "codes.toml, [flag]: \"odd\" is not a code of the program");
    }
}
