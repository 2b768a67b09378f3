//! What was checked and what is wrong.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::code_enum;
use super::file::FileOutcome;
use super::report::{CellKey, Origin};

code_enum! {
    /// What a failed check does.
    Severity {
        /// The report is held back.
        Hard => "hard",
        /// The failure is recorded.
        Soft => "soft",
        /// For information only.
        Info => "info",
    }
}

code_enum! {
    /// Result of a check.
    CheckStatus {
        /// Both sides are equal, and not all operands are zero.
        Pass => "pass",
        /// Both sides are equal because every operand is zero.
        PassVacuous => "pass_vacuous",
        /// The sides differ, or the known parts alone break the relation.
        Fail => "fail",
        /// An operand is blank and no bound is broken.
        Undecided => "undecided",
        /// An operand is already known to be bad.
        Suspended => "suspended",
    }
}

code_enum! {
    /// Whose fault a problem is.
    Blame {
        /// The document itself does not add up.
        Source => "source",
        /// We may have misread.
        Reading => "reading",
        /// Cannot be told.
        Open => "open",
    }
}

code_enum! {
    /// Why something is held back: the closed list of `quarantine.cause`.
    Cause {
        /// A rule of the form does not hold.
        Arithmetic => "arithmetic",
        /// A row, column, block or table of the form is missing.
        Incomplete => "incomplete",
        /// Two readings fit.
        Ambiguous => "ambiguous",
        /// Something in a table region belongs to no cell.
        Leftover => "leftover",
        /// A cell holds something that is no number.
        BadNumber => "bad_number",
        /// A number that the cell cannot hold.
        OutOfRange => "out_of_range",
        /// Two reports or tables contradict each other.
        Conflict => "conflict",
        /// Agency or year cannot be told.
        Identity => "identity",
        /// The file has no text.
        NoText => "no_text",
        /// The report has no tables.
        NoTables => "no_tables",
        /// The file is empty.
        Empty => "empty",
        /// The file is larger than the limit.
        TooLarge => "too_large",
        /// The file is locked by a password.
        Encrypted => "encrypted",
        /// The file is damaged.
        Corrupt => "corrupt",
        /// The file inflates beyond the limit.
        ArchiveBomb => "archive_bomb",
        /// Another limit was met.
        Limit => "limit",
        /// No reader for this kind of file.
        UnsupportedFormat => "unsupported_format",
        /// The text encoding cannot be told or is broken.
        Decode => "decode",
        /// The file cannot be opened or read.
        Unreadable => "unreadable",
        /// The file was there and is gone.
        Vanished => "vanished",
        /// The file kept changing while it was read.
        ChangedWhileReading => "changed_while_reading",
        /// The process that read it died.
        WorkerDied => "worker_died",
        /// A fault of this program.
        Internal => "internal",
    }
}

impl Cause {
    /// The outcome of the file that a cause belongs to.
    #[must_use]
    pub fn outcome(self) -> FileOutcome {
        match self {
            Self::Arithmetic
            | Self::Incomplete
            | Self::Ambiguous
            | Self::Leftover
            | Self::BadNumber
            | Self::OutOfRange
            | Self::Conflict
            | Self::Identity
            | Self::NoTables => FileOutcome::Report,
            Self::NoText
            | Self::Empty
            | Self::TooLarge
            | Self::Encrypted
            | Self::Corrupt
            | Self::ArchiveBomb
            | Self::Limit
            | Self::UnsupportedFormat
            | Self::Decode
            | Self::Unreadable
            | Self::Vanished
            | Self::ChangedWhileReading
            | Self::WorkerDied
            | Self::Internal => FileOutcome::Unreadable,
        }
    }

    /// Whether the cause means that an input could not be read for reasons outside its content
    /// (permission, vanished, input or output): the run then ends with exit code 3.
    #[must_use]
    pub fn is_access(self) -> bool {
        matches!(self, Self::Unreadable | Self::Vanished | Self::ChangedWhileReading)
    }
}

code_enum! {
    /// What happened to a number that does not fit: the closed list of `quarantine.suggested_kind`.
    SuggestionKind {
        /// One number is wrong.
        Slip => "slip",
        /// Totals are printed 0 beside parts that are not.
        ZeroTotal => "zero_total",
        /// Two numbers changed places.
        SwappedCells => "swapped_cells",
        /// A number stands under another kind of applicant.
        WrongApplicant => "wrong_applicant",
        /// A number stands in another row.
        WrongRow => "wrong_row",
        /// The numbers of a row stand beside their cells.
        ShiftedRow => "shifted_row",
        /// The digits of one number stand in two cells.
        TornDigits => "torn_digits",
        /// A number and the sum it counts in are wrong by the same amount.
        PartAndTotal => "part_and_total",
    }
}

/// What would make every rule hold. It is never applied by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What happened.
    pub kind: SuggestionKind,
    /// The cells and the numbers that mend them.
    pub changes: Vec<(CellKey, f64)>,
}

/// Where a rule was applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CheckScope {
    /// To cells of a form.
    Form {
        /// Index of the form.
        form: u8,
        /// Index in the form's list of checks.
        check: u16,
    },
    /// To what the rule itself names.
    Named(CompactString),
}

/// A rule applied to a report at one scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Index of the rule in the catalogue.
    pub rule: u16,
    /// Where it was applied.
    pub scope: CheckScope,
    /// What came out.
    pub status: CheckStatus,
    /// Known part of the left side.
    pub left: Option<f64>,
    /// Known part of the right side.
    pub right: Option<f64>,
}

impl Check {
    /// Left minus right, where both sides are known.
    #[must_use]
    pub fn delta(&self) -> Option<f64> {
        Some(self.left? - self.right?)
    }
}

/// A rule applied to a report and another one: a row of `links`.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The id of the other report.
    pub other: String,
    /// What came out.
    pub check: Check,
}

/// One reason why something is held back: a row of `quarantine`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of reason.
    pub cause: Cause,
    /// Whose fault.
    pub blame: Blame,
    /// Code of the rule that fails.
    pub rule: Option<Box<str>>,
    /// Scope of the rule.
    pub scope: Option<Box<str>>,
    /// One plain sentence: what, where, what next.
    pub message: String,
    /// Left side of the rule.
    pub left: Option<f64>,
    /// Right side of the rule.
    pub right: Option<f64>,
    /// What is printed at the place.
    pub printed: Option<String>,
    /// The source around it.
    pub excerpt: Option<String>,
    /// Where it stands.
    pub origin: Origin,
    /// The cell whose print alone is the reason.
    pub cell: Option<CellKey>,
    /// What would mend it.
    pub suggestion: Option<Box<Suggestion>>,
}

impl Problem {
    /// A problem with nothing but its kind and its sentence.
    #[must_use]
    pub fn new(cause: Cause, blame: Blame, message: String) -> Self {
        Self {
            cause,
            blame,
            rule: None,
            scope: None,
            message,
            left: None,
            right: None,
            printed: None,
            excerpt: None,
            origin: Origin::default(),
            cell: None,
            suggestion: None,
        }
    }
}
