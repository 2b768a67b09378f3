//! What others watch: how the last run ended, for people and scripts (`status.json`) and for the text-file collector of
//! node_exporter (`metrics.prom`). Both are replaced at once, after every run, also one that failed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::PublishError;
use super::snapshot::{Counts, seconds_now, write_synced};
use crate::disk;

/// How the runs of an output folder went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The last run.
    pub last_run: LastRun,
    /// The last one that published, or found nothing to publish.
    pub last_success: Option<Success>,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastRun {
    /// Its name, which stands on each of its lines in a log.
    pub run_id: String,
    /// Version of the program.
    pub version: String,
    /// `published`, `unchanged`, `refused`, `stopped` or `failed`.
    pub outcome: String,
    /// Its exit code.
    pub exit_code: u8,
    /// What went wrong, in one sentence.
    pub message: Option<String>,
    /// When it ended, in seconds since 1970.
    pub finished_unix: u64,
    /// How long it took.
    pub seconds: f64,
}

/// What a run that succeeded found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Success {
    /// When it ended, in seconds since 1970.
    pub finished_unix: u64,
    /// The snapshot that is current since.
    pub snapshot: String,
    /// When a run first found it current: nothing that was published has changed since.
    pub changed_unix: u64,
    /// Files by outcome.
    pub files: Counts,
    /// Reports by status.
    pub reports: Counts,
    /// Problems by cause.
    pub causes: Counts,
    /// Files that it read, and files that an earlier run had read.
    pub files_read: u64,
    /// See there.
    pub files_kept: u64,
}

/// The status of an output folder; `None` where no run has noted one.
#[must_use]
pub fn status(out: &Path) -> Option<Status> {
    serde_json::from_slice(&fs::read(out.join("status.json")).ok()?).ok()
}

/// Notes how a run ended; without a success the last one stays.
///
/// # Errors
/// When the disk refuses.
pub fn note(out: &Path, run: LastRun, success: Option<Success>) -> Result<(), PublishError> {
    let finished_unix = seconds_now();
    let last_success = match success {
        Some(success) => {
            let last = status(out).and_then(|status| status.last_success);
            let same = last.filter(|last| last.snapshot == success.snapshot && last.changed_unix > 0);
            let changed_unix = same.map_or(finished_unix, |last| last.changed_unix);
            Some(Success { finished_unix, changed_unix, ..success })
        }
        None => status(out).and_then(|status| status.last_success),
    };
    let status = Status { last_run: LastRun { finished_unix, ..run }, last_success };
    let json = serde_json::to_string_pretty(&status).unwrap_or_default();
    replace(out, "status.json", &format!("{json}\n"))?;
    replace(out, "metrics.prom", &metrics(&status))
}

fn replace(out: &Path, name: &str, text: &str) -> Result<(), PublishError> {
    let place = out.join(name);
    let aside = out.join(format!(".{name}-{}", std::process::id()));
    write_synced(&aside, text.as_bytes())?;
    disk::rename(&aside, &place).map_err(|source| {
        drop(disk::remove_file(&aside));
        PublishError::io("swap", &place, source)
    })
}

/// The status as lines of the text format of Prometheus.
fn metrics(status: &Status) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, help: &str, samples: &[(String, String)]| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP gongkai_{name} {help}\n# TYPE gongkai_{name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(text, "gongkai_{name}{labels} {value}");
        }
    };
    let one = |value: String| vec![(String::new(), value)];
    let run = &status.last_run;
    metric("last_run_timestamp_seconds", "When the last run ended.", &one(run.finished_unix.to_string()));
    metric("last_run_exit_code", "Exit code of the last run; 0 and 3 published.", &one(run.exit_code.to_string()));
    metric("last_run_duration_seconds", "How long the last run took.", &one(format!("{:.3}", run.seconds)));
    let Some(success) = &status.last_success else { return text };
    let counts = |label: &str, counts: &Counts| -> Vec<(String, String)> {
        counts.iter().map(|(code, number)| (format!("{{{label}=\"{code}\"}}"), number.to_string())).collect()
    };
    let at = success.finished_unix.to_string();
    metric("last_success_timestamp_seconds", "When a run last published or found nothing to publish.", &one(at));
    let id = success.snapshot.replace(['\\', '"', '\n'], "_");
    metric("snapshot_info", "The newest snapshot.", &[(format!("{{id=\"{id}\"}}"), "1".to_owned())]);
    metric("files", "Files of the inputs by outcome.", &counts("outcome", &success.files));
    metric("reports", "Reports by status.", &counts("status", &success.reports));
    metric("problems", "Problems by cause.", &counts("cause", &success.causes));
    let changed = success.changed_unix.to_string();
    metric("snapshot_changed_timestamp_seconds", "Since when the newest snapshot is current.", &one(changed));
    metric("files_read", "Files that the run read.", &one(success.files_read.to_string()));
    metric("files_kept", "Files that an earlier run had read.", &one(success.files_kept.to_string()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_what_is_known_of_the_last_success() {
        let folder = tempfile::tempdir().expect("folder");
        let run = |exit_code| LastRun { exit_code, outcome: "published".to_owned(), ..LastRun::default() };
        let success =
            Success { snapshot: "2026.1.2".to_owned(), files: [("report".into(), 5)].into(), ..Success::default() };
        note(folder.path(), run(0), Some(success)).expect("notes");
        let first = status(folder.path()).expect("a status");
        note(folder.path(), run(1), None).expect("notes");
        let second = status(folder.path()).expect("a status");
        assert_eq!((first.last_run.exit_code, second.last_run.exit_code), (0, 1));
        assert_eq!(second.last_success, first.last_success);
        let known = second.last_success.expect("a success");
        assert!(known.finished_unix > 0 && known.changed_unix == known.finished_unix);
        // A run that finds the same snapshot keeps the time since which it stands, a new one does not.
        let write = |changed_unix: u64| {
            let status = Status { last_success: Some(Success { changed_unix, ..known.clone() }), ..Status::default() };
            let json = serde_json::to_string(&status).expect("JSON");
            fs::write(folder.path().join("status.json"), json).expect("status");
        };
        let noted = |snapshot: &str| {
            write(5);
            let success = Success { snapshot: snapshot.to_owned(), ..known.clone() };
            note(folder.path(), run(0), Some(success)).expect("notes");
            status(folder.path()).and_then(|status| status.last_success).expect("a success").changed_unix
        };
        assert_eq!(noted("2026.1.2"), 5);
        assert!(noted("2026.1.3") > 5);
        note(folder.path(), run(1), None).expect("notes");
        let metrics = fs::read_to_string(folder.path().join("metrics.prom")).expect("metrics");
        for line in [
            "gongkai_last_run_exit_code 1",
            "gongkai_files{outcome=\"report\"} 5",
            "gongkai_snapshot_info{id=\"2026.1.3\"} 1",
        ] {
            assert!(metrics.lines().any(|known| known == line), "{metrics}");
        }
        // Each metric is told of before its samples, and nothing else stands there.
        for line in metrics.lines() {
            assert!(
                line.starts_with("# ") || line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok())
            );
        }
        let names: Vec<_> = fs::read_dir(folder.path()).expect("list").collect();
        assert_eq!(names.len(), 2);
    }
}
