//! How collections of pages are read: which columns, and which pages are worth a closer look.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use encoding_rs::{BIG5, Encoding, GB18030};
use serde::Deserialize;

use super::ConfigError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCollections {
    text_columns: Vec<String>,
    address_columns: Vec<String>,
    needed: Vec<String>,
    signs: Vec<String>,
    n_signs: usize,
}

/// How collections of pages are read.
#[derive(Debug)]
pub struct Collections {
    /// Names of the column that holds the page; the first that is there counts.
    pub text_columns: Vec<String>,
    /// Names of the column that holds its address.
    pub address_columns: Vec<String>,
    /// The needed ones alone: few enough for a search that skips through the pages without any.
    needed: AhoCorasick,
    /// Words of reports as bytes, in the encodings that pages come in.
    words: AhoCorasick,
    /// For each pattern the number of its word; those that are needed come first.
    word_of: Vec<usize>,
    n_needed: usize,
    n_words: usize,
    n_signs: usize,
}

impl RawCollections {
    pub(super) fn check(self) -> Result<Collections, ConfigError> {
        let mut patterns = Vec::new();
        let mut word_of = Vec::new();
        let n_needed = self.needed.len();
        for (at, word) in self.needed.iter().chain(&self.signs).enumerate() {
            for pattern in spellings(word) {
                patterns.push(pattern);
                word_of.push(at);
            }
        }
        let too_many = |_| ConfigError::Range {
            key: "collections.signs",
            value: format!("{} words", self.signs.len()),
            expected: "fewer and shorter words",
        };
        let needed: Vec<Vec<u8>> = self.needed.iter().flat_map(|word| spellings(word)).collect();
        // Only a search for the leftmost word may skip.
        let leftmost = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&needed);
        let needed = leftmost.map_err(too_many)?;
        // Every page that holds one of those is searched whole: the fastest kind, though larger.
        let words = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&patterns).map_err(too_many)?;
        if self.n_signs > self.signs.len() || n_needed == 0 {
            return Err(ConfigError::Range {
                key: "collections.n_signs",
                value: self.n_signs.to_string(),
                expected: "no more than there are signs, and at least one needed word",
            });
        }
        Ok(Collections {
            text_columns: self.text_columns,
            address_columns: self.address_columns,
            needed,
            words,
            word_of,
            n_needed,
            n_words: n_needed + self.signs.len(),
            n_signs: self.n_signs,
        })
    }
}

impl Collections {
    /// Whether the bytes of a page can be those of a report, by the words in them. It is asked before anything is read
    /// more closely, so it errs towards yes.
    #[must_use]
    pub fn may_hold_report(&self, page: &[u8]) -> bool {
        if !self.needed.is_match(page) {
            return false;
        }
        let mut met = vec![false; self.n_words];
        let (mut is_needed, mut n_signs) = (false, 0);
        for found in self.words.find_iter(page) {
            let word = self.word_of[found.pattern().as_usize()];
            if !std::mem::replace(&mut met[word], true) {
                is_needed |= word < self.n_needed;
                n_signs += usize::from(word >= self.n_needed);
                if is_needed && n_signs >= self.n_signs {
                    return true;
                }
            }
        }
        false
    }
}

/// A word as bytes: in the encodings of Chinese pages, and as the references that HTML knows.
fn spellings(word: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![word.as_bytes().to_vec()];
    let in_encoding = |encoding: &'static Encoding| {
        let (bytes, _, is_lossy) = encoding.encode(word);
        (!is_lossy).then(|| bytes.into_owned())
    };
    all.extend([GB18030, BIG5].into_iter().filter_map(in_encoding));
    all.push(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
    all.push(word.encode_utf16().flat_map(u16::to_be_bytes).collect());
    all.push(word.chars().map(|c| format!("&#{};", u32::from(c))).collect::<String>().into_bytes());
    all.push(word.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect::<String>().into_bytes());
    all.push(word.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect::<String>().into_bytes());
    all
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use crate::config::Config;

    #[test]
    fn pages_with_the_words_of_a_report_are_looked_at() {
        let collections = Config::embedded().expect("settings").collections;
        let report = "某局2023年政府信息公开工作年度报告 一、总体情况 主动公开 依申请公开 行政复议";
        assert!(collections.may_hold_report(report.as_bytes()));
        assert!(collections.may_hold_report(&GB18030.encode(report).0));
        let references: String = report.chars().map(|c| format!("&#{};", u32::from(c))).collect();
        assert!(collections.may_hold_report(references.as_bytes()));
        assert!(!collections.may_hold_report("政府信息公开 指南 主动公开".as_bytes()));
        assert!(!collections.may_hold_report("年度报告 主动公开 行政复议 行政诉讼".as_bytes()));
    }
}
