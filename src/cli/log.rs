//! What a run says on stderr: plain lines for people, lines of JSON for programs, each with the name of the run.
//!
//! A run says a dozen kinds of things, once each: lines are put together here, and no logging library is needed.

use std::io::{IsTerminal, Write};

use super::args::LogFormat;
use crate::publish::moment;
use crate::wording::printable;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Info,
    Warning,
    Error,
}

/// Where and how a run speaks.
#[derive(Clone, Debug)]
pub(super) struct Log {
    format: LogFormat,
    /// The name of the run.
    pub(super) run_id: String,
    is_terminal: bool,
    is_quiet: bool,
}

impl Log {
    pub(super) fn new(format: LogFormat, is_quiet: bool) -> Self {
        let time = moment().replace(['-', ':'], "");
        let run_id = format!("{time}-{}", std::process::id());
        Self { format, run_id, is_terminal: std::io::stderr().is_terminal(), is_quiet }
    }

    /// Whether lines go where nobody watches them come.
    pub(super) fn is_unwatched(&self) -> bool {
        !self.is_terminal && !self.is_quiet
    }

    /// Says something; a reader that went away is no failure of the run.
    pub(super) fn line(&self, level: Level, message: &str) {
        if level == Level::Info && self.is_quiet {
            return;
        }
        drop(writeln!(std::io::stderr(), "{}", self.text(level, message)));
    }

    fn text(&self, level: Level, message: &str) -> String {
        match self.format {
            LogFormat::Json => {
                let level = match level {
                    Level::Info => "info",
                    Level::Warning => "warning",
                    Level::Error => "error",
                };
                serde_json::json!({ "time": moment(), "level": level, "run": self.run_id, "message": message })
                    .to_string()
            }
            LogFormat::Text if self.is_terminal => format!("gongkai: {}", printable(message)),
            LogFormat::Text => format!("gongkai[{}]: {}", self.run_id, printable(message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_forges_no_line() {
        let log = |format| Log { format, run_id: "r".to_owned(), is_terminal: false, is_quiet: false };
        let message = "cannot read a\nb\u{1b}[2J\u{202e}c.txt";
        assert_eq!(
            log(LogFormat::Text).text(Level::Error, message),
            "gongkai[r]: cannot read a\\u{a}b\\u{1b}[2J\\u{202e}c.txt"
        );
        let line = log(LogFormat::Json).text(Level::Warning, message);
        assert_eq!(line.lines().count(), 1);
        let record: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(
            (&record["level"], &record["run"], &record["message"]),
            (&"warning".into(), &"r".into(), &message.into())
        );
    }
}
