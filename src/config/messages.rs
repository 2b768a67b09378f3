//! What is said in Chinese of what is held back for another cause than a rule.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ConfigError;
use crate::model::verdict::Cause;

const FILE: &str = "messages.toml";

/// Sentences in Chinese.
#[derive(Debug)]
pub struct Messages {
    /// One for each cause but that of rules.
    causes: BTreeMap<String, String>,
    /// Messages of the program that are said more closely; the first that fits counts.
    sentences: Vec<Sentence>,
}

/// A message of the program, and how it is said.
#[derive(Debug)]
struct Sentence {
    /// What stands around the names in the English message.
    pieces: Vec<String>,
    /// The sentence in Chinese, `{1}` for the first name.
    chinese: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMessages {
    schema_version: u32,
    cause: BTreeMap<String, String>,
    sentence: Vec<RawSentence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSentence {
    en: String,
    zh: String,
}

impl Messages {
    pub(super) fn load(text: &str) -> Result<Self, ConfigError> {
        let parsed = toml::from_str::<RawMessages>(text);
        let raw = parsed.map_err(|source| ConfigError::Parse { file: FILE.to_owned(), source: Box::new(source) })?;
        let wrong = |what: String| ConfigError::Messages { what };
        if raw.schema_version != 1 {
            return Err(wrong(format!("schema_version is {}, and 1 is known", raw.schema_version)));
        }
        // Rules say in their own words what fails.
        let known: Vec<&str> = Cause::ALL.iter().filter(|of| **of != Cause::Arithmetic).map(|of| of.as_str()).collect();
        if let Some(code) = known.iter().find(|code| !raw.cause.contains_key(**code)) {
            return Err(wrong(format!("the cause {code:?} has no sentence")));
        }
        if let Some(code) = raw.cause.keys().find(|code| !known.contains(&code.as_str())) {
            return Err(wrong(format!("{code:?} is no cause that needs a sentence")));
        }
        let sentences: Result<_, String> = raw.sentence.into_iter().map(Sentence::of).collect();
        Ok(Self { causes: raw.cause, sentences: sentences.map_err(wrong)? })
    }

    /// What is said of a problem with this cause and message; `name` gives the words for what the message names.
    #[must_use]
    pub fn chinese(&self, cause: Cause, message: &str, name: impl Fn(&str) -> String) -> String {
        let said = self.sentences.iter().find_map(|sentence| sentence.say(message, &name));
        said.unwrap_or_else(|| self.causes.get(cause.as_str()).cloned().unwrap_or_default())
    }
}

impl Sentence {
    fn of(raw: RawSentence) -> Result<Self, String> {
        let pieces: Vec<String> = raw.en.split("{}").map(str::to_owned).collect();
        let last = pieces.len();
        if raw.zh.contains(&format!("{{{last}}}")) {
            return Err(format!("the sentence {:?} names {{{last}}}, which its message does not", raw.zh));
        }
        if pieces[1..last.max(2) - 1].iter().any(String::is_empty) {
            return Err(format!("in the message {:?} two names touch", raw.en));
        }
        Ok(Self { pieces, chinese: raw.zh })
    }

    /// The sentence with the names of a message; `None` where it is of another message.
    fn say(&self, message: &str, name: &impl Fn(&str) -> String) -> Option<String> {
        let (first, rest) = self.pieces.split_first()?;
        let mut left = message.strip_prefix(first.as_str())?;
        let Some((last, between)) = rest.split_last() else { return left.is_empty().then(|| self.chinese.clone()) };
        left = left.strip_suffix(last.as_str())?;
        let mut names = Vec::with_capacity(rest.len());
        for piece in between {
            let (before, after) = left.split_once(piece.as_str())?;
            names.push(before);
            left = after;
        }
        names.push(left);
        let mut said = self.chinese.clone();
        for (at, text) in names.iter().enumerate().rev() {
            said = said.replace(&format!("{{{}}}", at + 1), &name(text));
        }
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = include_str!("../../config/messages.toml");

    #[test]
    fn a_message_is_said_with_its_names_and_any_other_by_its_cause() {
        let messages = Messages::load(MESSAGES).expect("messages");
        let say = |cause: Cause, message: &str| messages.chinese(cause, message, |name| format!("<{name}>"));
        assert_eq!(
            say(Cause::Ambiguous, "row a of table b stands out of its place or twice: compare it with the source"),
            "“<b>”表“<a>”一行不在其位或出现两次，请与原文核对"
        );
        assert_eq!(
            say(Cause::Incomplete, "the page ends inside a table: fetch it again"),
            "网页在表格中间截断，请重新获取"
        );
        assert_eq!(say(Cause::Empty, "row a of a table that nobody knows"), "文件为空，请重新获取");
        assert!(Cause::ALL.iter().all(|of| (*of == Cause::Arithmetic) == say(*of, "nothing known").is_empty()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let broken = |from: &str, to: &str| {
            assert!(MESSAGES.contains(from), "{from}");
            Messages::load(&MESSAGES.replacen(from, to, 1)).expect_err("broken messages are refused").to_string()
        };
        assert_eq!(broken("empty =", "emty ="), "messages.toml: the cause \"empty\" has no sentence");
        assert_eq!(
            broken("[cause]\n", "[cause]\narithmetic = \"\"\n"),
            "messages.toml: \"arithmetic\" is no cause that needs a sentence"
        );
        assert_eq!(
            broken("{1} 年不可能", "{2} 年不可能"),
            "messages.toml: the sentence \"{2} 年不可能是报告年度，请与原文核对\" names {2}, which its message does not"
        );
        assert_eq!(
            broken("the year {} cannot", "the year {}{} cannot"),
            "messages.toml: in the message \"the year {}{} cannot be a report year: compare with the source\" two names touch"
        );
    }
}
