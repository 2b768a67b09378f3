//! What a run that nobody watches keeps, and what it refuses to publish.

use serde::Deserialize;

/// Which old snapshots stay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The newest so many.
    pub keep_last: usize,
    /// And the last of each of so many months.
    pub keep_monthly: usize,
}

/// What must not happen from one run to the next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// Files that may go, in percent.
    pub files_lost_percent: u64,
    /// Reports of one year and form that may go, in percent.
    pub reports_lost_percent: u64,
    /// By how many points of a hundred the share of accepted reports may fall.
    pub accepted_drop_points: u64,
    /// By how many the share of unreadable files may rise.
    pub unreadable_rise_points: u64,
    /// By how many the share of reports of a form in which a rule fails may rise.
    pub failing_rise_points: u64,
    /// By how many the share of cells that hold a number may fall.
    pub filled_drop_points: u64,
    /// So many of anything may always go or change.
    pub small_number: u64,
}
