//! Exit codes, stable by promise.

use std::process::ExitCode;

/// How a run of the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done; quarantine rows are normal.
    Done,
    /// Failed; the old snapshot stands.
    Failed,
    /// Wrong usage or settings.
    Usage,
    /// Done, but some inputs could not be read; or, for `check`, something is held back.
    Incomplete,
    /// Refused by a guard; the old snapshot stands.
    Refused,
    /// Another run holds the lock.
    Locked,
    /// Stopped by the signal of this number; the old snapshot stands.
    Stopped(usize),
}

impl ExitStatus {
    /// The number the system sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Refused => 4,
            Self::Locked => 75,
            Self::Stopped(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
