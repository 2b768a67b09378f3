//! Which old snapshots stay.
//!
//! Removed is only what no rule keeps and no link of the output folder points to. A snapshot leaves its place by one
//! rename before its files go, so that nobody finds half of one. One whose record cannot be read is left alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::PublishError;
use super::lock::Lock;
use crate::config::Retention;
use crate::disk;

/// Removes snapshots that no rule keeps; gives their ids. What is removed goes through the staging folder.
///
/// # Errors
/// When the disk refuses; what was not removed stays whole.
pub fn retain(out: &Path, staging: &Path, rules: &Retention, _lock: &Lock) -> Result<Vec<String>, PublishError> {
    let snapshots = out.join("snapshots");
    let known = listed(&snapshots)?;
    let kept = kept(&known, rules);
    let pointed = pointed(out)?;
    let mut removed = Vec::new();
    for (_, id) in known.iter().filter(|(_, id)| !kept.contains(id.as_str()) && !pointed.contains(id)) {
        let place = snapshots.join(id);
        let grave = staging.join(format!("removed-{id}"));
        disk::rename(&place, &grave).map_err(|source| PublishError::io("remove", &place, source))?;
        disk::remove_dir_all(&grave).map_err(|source| PublishError::io("remove", &grave, source))?;
        removed.push(id.clone());
    }
    Ok(removed)
}

/// The snapshots with their numbers in the sequence, the newest first.
pub(super) fn listed(snapshots: &Path) -> Result<Vec<(u64, String)>, PublishError> {
    let mut known = Vec::new();
    if !snapshots.exists() {
        return Ok(known);
    }
    for entry in fs::read_dir(snapshots).map_err(|source| PublishError::io("list", snapshots, source))? {
        let path = entry.map_err(|source| PublishError::io("list", snapshots, source))?.path();
        let run = fs::read(path.join("run.json")).ok();
        let run = run.and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
        let sequence = run.and_then(|run| run.get("sequence")?.as_u64());
        if let (Some(sequence), Some(name)) = (sequence, path.file_name()) {
            known.push((sequence, name.to_string_lossy().into_owned()));
        }
    }
    known.sort_unstable_by(|one, two| two.cmp(one));
    Ok(known)
}

/// The ids that a rule keeps: the last so many, and the last of each of so many months.
fn kept<'k>(known: &'k [(u64, String)], rules: &Retention) -> BTreeSet<&'k str> {
    let mut kept: BTreeSet<&str> = known.iter().take(rules.keep_last).map(|(_, id)| id.as_str()).collect();
    let mut months: Vec<&str> = Vec::new();
    for (_, id) in known {
        // The day and the count within it go.
        let month = id.rmatch_indices('.').next().map_or(id.as_str(), |(at, _)| &id[..at]);
        if !months.contains(&month) && months.len() < rules.keep_monthly {
            months.push(month);
            kept.insert(id);
        }
    }
    kept
}

/// The snapshots that links of the output folder point to: `current`, `stable`, and what people made.
fn pointed(out: &Path) -> Result<BTreeSet<String>, PublishError> {
    let mut pointed = BTreeSet::new();
    for entry in fs::read_dir(out).map_err(|source| PublishError::io("list", out, source))? {
        let path = entry.map_err(|source| PublishError::io("list", out, source))?.path();
        if let Ok(target) = fs::read_link(&path) {
            pointed.extend(target.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    Ok(pointed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 7] = ["2025.1.1", "2025.1.30", "2025.2.3", "2025.2.3-2", "2025.3.1", "2025.3.2", "2025.3.2-2"];

    fn run(keep_last: usize, keep_monthly: usize, links: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("folder");
        let (out, staging) = (folder.path(), folder.path().join(".staging-1"));
        fs::create_dir_all(&staging).expect("folder");
        for (at, id) in IDS.iter().enumerate() {
            let place = out.join("snapshots").join(id);
            fs::create_dir_all(&place).expect("folder");
            fs::write(place.join("run.json"), format!("{{\"sequence\": {}}}", at + 1)).expect("record");
        }
        fs::create_dir_all(out.join("snapshots/of-somebody")).expect("folder");
        for (name, id) in links {
            std::os::unix::fs::symlink(Path::new("snapshots").join(id), out.join(name)).expect("link");
        }
        let lock = Lock::take(out).expect("lock");
        retain(out, &staging, &Retention { keep_last, keep_monthly }, &lock).expect("retains");
        let mut left: Vec<String> = fs::read_dir(out.join("snapshots"))
            .expect("list")
            .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        left.retain(|name| name != "of-somebody");
        left
    }

    #[test]
    fn the_last_ones_and_one_a_month_stay() {
        assert_eq!(run(9, 0, &[]), IDS);
        assert_eq!(run(2, 0, &[]), ["2025.3.2", "2025.3.2-2"]);
        assert_eq!(run(1, 2, &[]), ["2025.2.3-2", "2025.3.2-2"]);
        assert_eq!(run(1, 9, &[]), ["2025.1.30", "2025.2.3-2", "2025.3.2-2"]);
    }

    #[test]
    fn what_something_points_to_stays() {
        let links = [("current", "2025.3.1"), ("stable", "2025.1.1"), ("paper", "2025.2.3")];
        assert_eq!(run(1, 0, &links), ["2025.1.1", "2025.2.3", "2025.3.1", "2025.3.2-2"]);
    }
}
