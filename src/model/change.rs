//! What differs between two snapshots.

use super::code_enum;

code_enum! {
    /// What happened to a row.
    ChangeKind {
        /// The row is new.
        Insert => "insert",
        /// The row has another value in a column.
        Update => "update",
        /// The row is gone.
        Delete => "delete",
    }
}

code_enum! {
    /// Why a row differs.
    ChangeCause {
        /// A file is new.
        InputNew => "input_new",
        /// A file changed, or another file bears on the report.
        InputChanged => "input_changed",
        /// A file is gone.
        InputGone => "input_gone",
        /// The program, its forms or its rules changed.
        ProgramChanged => "program_changed",
        /// A person corrected the report, or took a correction back.
        Correction => "correction",
    }
}
