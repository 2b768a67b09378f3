//! What can be wrong with settings, each with the file or key that it is found in.

use std::path::PathBuf;

use thiserror::Error;

use crate::form::FormError;

/// What can be wrong with the settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file of the folder cannot be read.
    #[error("read {path}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not the TOML that is expected.
    #[error("read settings in {file}")]
    Parse {
        /// Name of the file.
        file: String,
        /// What the parser says: line, key and the keys that are allowed.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A value is out of its range.
    #[error("{key} = {value}: {expected}")]
    Range {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A pattern is no regular expression.
    #[error("{key}: a pattern is not valid")]
    Pattern {
        /// The key.
        key: &'static str,
        /// What the parser of patterns says.
        #[source]
        source: Box<regex::Error>,
    },
    /// A code list and the program disagree.
    #[error("codes.toml, [{list}]: {code:?} {what}")]
    Code {
        /// The list.
        list: &'static str,
        /// The code.
        code: String,
        /// Missing or unknown.
        what: &'static str,
    },
    /// The page is to show an indicator that does not exist.
    #[error("page.indicators: {code:?} is no indicator")]
    UnknownIndicator {
        /// The code.
        code: String,
    },
    /// A kind of statement is wrong.
    #[error("statements.toml, {key}: {what}")]
    Statement {
        /// The kind or key.
        key: String,
        /// What is wrong with it.
        what: String,
    },
    /// A pattern of a statement is no regular expression.
    #[error("statements.toml, {key}: a pattern is not valid")]
    StatementPattern {
        /// The kind or key.
        key: String,
        /// What the parser of patterns says.
        #[source]
        source: Box<regex::Error>,
    },
    /// What is said in Chinese is wrong.
    #[error("messages.toml: {what}")]
    Messages {
        /// What is wrong with it.
        what: String,
    },
    /// A file of corrections is wrong.
    #[error("{path}, line {line}: {what}")]
    Correction {
        /// The file.
        path: PathBuf,
        /// The line, its head being the first.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A form is wrong.
    #[error(transparent)]
    Form(#[from] FormError),
}
