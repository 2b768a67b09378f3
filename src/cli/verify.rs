//! `gongkai verify`: an independent check of a published snapshot.

use indicatif::HumanCount;

use super::args::Verify;
use super::build::say;
use super::{ExitStatus, fail};
use crate::config::Config;
use crate::verify::{Verdict, verify};
use crate::wording::printable;

pub(super) fn run(arguments: &Verify, config: &Config) -> ExitStatus {
    let verdict = match verify(&arguments.snapshot, config) {
        Ok(verdict) => verdict,
        Err(error) => return fail(&anyhow::Error::new(error), ExitStatus::Usage),
    };
    if arguments.json {
        let mut record = serde_json::to_value(&verdict).unwrap_or_default();
        record["snapshot"] = arguments.snapshot.to_string_lossy().into();
        record["holds"] = verdict.holds().into();
        say(&record.to_string());
    } else {
        say_verdict(arguments, &verdict);
    }
    if verdict.holds() { ExitStatus::Done } else { ExitStatus::Failed }
}

fn say_verdict(arguments: &Verify, verdict: &Verdict) {
    for finding in &verdict.findings {
        say(&printable(&format!("{}: {}", finding.area.as_str(), finding.sentence)));
    }
    for (area, more) in &verdict.more {
        say(&format!("{area}: {} more like these", HumanCount(*more)));
    }
    let folder = arguments.snapshot.display();
    let [files, reports] = [verdict.files, verdict.reports].map(|n| HumanCount(n as u64));
    let seen = format!("{files} files, {reports} reports and {} rows", HumanCount(verdict.rows));
    if verdict.holds() {
        say(&format!("{folder} holds: {seen} were checked, and all is as it should be"));
    } else {
        let n = verdict.findings.len() as u64 + verdict.more.values().sum::<u64>();
        say(&format!("{folder} does not hold: {} findings in {seen}", HumanCount(n)));
    }
}
