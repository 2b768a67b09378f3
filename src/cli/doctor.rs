//! `gongkai doctor`: whether an output folder is well, and what to do where it is not.

use std::path::Path;

use super::ExitStatus;
use super::args::Doctor;
use super::build::say;
use crate::publish::{STABLE, Status, faults, pointed, seconds_now, status};
use crate::wording::printable;

/// Faults of one snapshot that are named before the rest is counted.
const NAMED_FAULTS: usize = 5;

pub(super) fn run(arguments: &Doctor) -> ExitStatus {
    let out = &arguments.out;
    let known = status(out);
    let mut findings = age(arguments, known.as_ref());
    findings.extend(pointers(out));
    if let Err(fault) = crate::pipeline::check_state(out) {
        findings.push(format!(
            "the state in {}/state is damaged ({fault}): nothing is lost, the next run reads every file and writes it anew",
            out.display()
        ));
    }
    if arguments.json {
        let success = known.as_ref().and_then(|status| status.last_success.as_ref());
        say(&serde_json::json!({
            "healthy": findings.is_empty(),
            "findings": findings,
            "current": pointed(out, "current"),
            "stable": pointed(out, STABLE),
            "last_success_unix": success.map(|success| success.finished_unix),
            "last_exit_code": known.as_ref().map(|status| status.last_run.exit_code),
        })
        .to_string());
    } else if findings.is_empty() {
        say(&format!("{} is well: {} is whole", out.display(), pointed(out, "current").unwrap_or_default()));
    } else {
        findings.iter().for_each(|finding| say(&printable(finding)));
    }
    if findings.is_empty() { ExitStatus::Done } else { ExitStatus::Failed }
}

/// Whether a run succeeded lately, and whether what it publishes ever changes.
fn age(arguments: &Doctor, status: Option<&Status>) -> Vec<String> {
    let Some(status) = status else {
        return vec![format!("no run has noted how it went in {}: run gongkai build", arguments.out.display())];
    };
    let run = &status.last_run;
    let ended = match &run.message {
        Some(message) => format!("the last run ended with exit code {}: {message}", run.exit_code),
        None => format!("the last run ended with exit code {}", run.exit_code),
    };
    let Some(success) = &status.last_success else {
        return vec![format!("no run has succeeded yet; {ended}")];
    };
    let mut findings = Vec::new();
    let unchanged = seconds_now().saturating_sub(success.changed_unix);
    if success.changed_unix > 0 && unchanged > arguments.max_unchanged.as_secs() {
        let days = |seconds: u64| seconds / 86_400;
        findings.push(format!(
            "snapshot {} has been the newest for {} days, and {} are allowed: see whether anything is still fetched",
            success.snapshot,
            days(unchanged),
            days(arguments.max_unchanged.as_secs())
        ));
    }
    let age = seconds_now().saturating_sub(success.finished_unix);
    if age <= arguments.max_age.as_secs() {
        return findings;
    }
    let hours = |seconds: u64| seconds / 3_600;
    findings.push(format!(
        "the last success is {} hours old and should not be older than {}; {ended}: see whether the nightly run is started, and its log",
        hours(age),
        hours(arguments.max_age.as_secs())
    ));
    findings
}

/// Whether `current` and `stable` point to snapshots that are whole.
fn pointers(out: &Path) -> Vec<String> {
    let mut findings = Vec::new();
    let mut checked: Option<String> = None;
    for name in ["current", STABLE] {
        let link = out.join(name);
        let is_there = link.symlink_metadata().is_ok();
        let Some(id) = pointed(out, name) else {
            if name == "current" || is_there {
                let what = if is_there { "points to no snapshot" } else { "is missing" };
                let mend = if name == "current" { "run gongkai build" } else { "run gongkai promote" };
                findings.push(format!("{} {what}: {mend}", link.display()));
            }
            continue;
        };
        if checked.as_ref() == Some(&id) {
            continue;
        }
        let mend = if name == "current" { "run gongkai build, which publishes it anew" } else { "promote another one" };
        match faults(&link) {
            Ok(faults) => {
                let named = faults.iter().take(NAMED_FAULTS).cloned().collect::<Vec<_>>().join(", ");
                let rest = faults.len().saturating_sub(NAMED_FAULTS);
                let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
                if !faults.is_empty() {
                    findings.push(format!("snapshot {id}, which {name} points to, is damaged ({named}{rest}): {mend}"));
                }
            }
            Err(error) => {
                findings.push(format!("snapshot {id}, which {name} points to, cannot be read ({error}): {mend}"));
            }
        }
        checked = Some(id);
    }
    findings
}
