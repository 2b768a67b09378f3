//! What the published dataset says of itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ConfigError;

/// What the published dataset says of itself: the descriptors, the card, the citation and the loaders are made from it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    schema_version: u32,
    /// Lower-case name without a date.
    pub name: String,
    title_zh: String,
    title_en: String,
    description_zh: String,
    description_en: String,
    /// Words that it is found by.
    pub keywords: Vec<String>,
    /// Codes of its languages (ISO 639-1), the main one first.
    pub languages: Vec<String>,
    /// Where it is published; empty while nowhere.
    pub homepage: String,
    /// Who made it.
    pub creators: Vec<Creator>,
    /// The terms under which it is given away.
    pub license: License,
    source: Source,
    /// When the workbook is written.
    pub workbook: Workbook,
    short: BTreeMap<String, String>,
}

/// Who made the dataset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creator {
    /// Name; of a person the family name first, then a comma.
    pub name: String,
    /// What kind of maker.
    pub kind: CreatorKind,
    /// ORCID of a person, as sixteen digits in groups of four.
    #[serde(default)]
    pub orcid: Option<String>,
}

/// What kind of maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreatorKind {
    /// An organization.
    Organization,
    /// A person.
    Person,
}

/// The terms under which the dataset is given away.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct License {
    /// SPDX identifier.
    pub id: String,
    /// Full name.
    pub title: String,
    /// Where its text stands.
    pub url: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    title_zh: String,
    title_en: String,
}

/// When the workbook is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workbook {
    /// Rows of all its tables together, up to which it is written.
    pub max_rows: usize,
}

fn wrong(key: &'static str, value: impl Into<String>, expected: &'static str) -> ConfigError {
    ConfigError::Range { key, value: value.into(), expected }
}

impl Dataset {
    pub(super) fn load(text: &str) -> Result<Self, ConfigError> {
        let parse = |source| ConfigError::Parse { file: "dataset.toml".to_owned(), source: Box::new(source) };
        let dataset: Self = toml::from_str(text).map_err(parse)?;
        if dataset.schema_version != 1 {
            return Err(wrong("dataset.schema_version", dataset.schema_version.to_string(), "must be 1"));
        }
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_.".contains(&byte))
        };
        if !is_name(&dataset.name) {
            return Err(wrong("dataset.name", dataset.name, "must be lower-case letters, -, _ and . alone"));
        }
        if !(dataset.homepage.is_empty() || dataset.homepage.starts_with("https://")) {
            return Err(wrong("dataset.homepage", dataset.homepage, "must be an https address, or empty"));
        }
        if dataset.creators.is_empty() {
            return Err(wrong("dataset.creators", "[]", "must name somebody"));
        }
        Ok(dataset)
    }

    /// Title in Chinese and English.
    #[must_use]
    pub fn title(&self) -> [&str; 2] {
        [&self.title_zh, &self.title_en]
    }

    /// Description in Chinese and English.
    #[must_use]
    pub fn description(&self) -> [&str; 2] {
        [&self.description_zh, &self.description_en]
    }

    /// A name with the short forms of the codes in it; the longest code that fits counts.
    #[must_use]
    pub fn shorten(&self, name: &str) -> String {
        let mut short: Vec<(&String, &String)> = self.short.iter().collect();
        short.sort_by_key(|(code, _)| std::cmp::Reverse(code.len()));
        short.into_iter().fold(name.to_owned(), |name, (code, short)| name.replace(code.as_str(), short))
    }

    /// Where the figures come from, in Chinese and English.
    #[must_use]
    pub fn source(&self) -> [&str; 2] {
        [&self.source.title_zh, &self.source.title_en]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../config/dataset.toml");

    #[test]
    fn what_a_dataset_says_of_itself_is_checked() {
        assert_eq!(Dataset::load(TEXT).expect("valid").license.id, "CC-BY-4.0");
        let refused = |from: &str, to: &str| {
            assert!(TEXT.contains(from), "{from}");
            Dataset::load(&TEXT.replace(from, to)).expect_err(to).to_string()
        };
        assert!(refused("name = \"gongkai\"\n", "name = \"gongkai 2024\"\n").contains("dataset.name"));
        assert!(refused("homepage = \"\"", "homepage = \"here\"").contains("dataset.homepage"));
        assert!(refused("schema_version = 1", "schema_version = 2").contains("dataset.schema_version"));
        assert!(refused("max_rows", "most_rows").contains("dataset.toml"));
    }
}
