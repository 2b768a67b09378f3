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
    /// Another run holds the lock.
    Locked,
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
            Self::Locked => 75,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
