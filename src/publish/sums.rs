//! Whether the files of a snapshot are those that its checksums were made of.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::PublishError;
use super::snapshot::checksum;

/// The lines of a list of checksums: sum and name; `None` for a line that is none.
pub(super) fn entries(sums: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    sums.lines().map(|line| line.split_once("  "))
}

/// What is wrong with the files that a snapshot was published with, one sentence each.
pub(super) fn damage(folder: &Path) -> Vec<String> {
    let Ok(sums) = fs::read_to_string(folder.join("SHA256SUMS")) else {
        return vec!["SHA256SUMS is missing or cannot be read".to_owned()];
    };
    let Some(lines) = entries(&sums).collect::<Option<Vec<_>>>().filter(|lines| !lines.is_empty()) else {
        return vec!["SHA256SUMS is damaged".to_owned()];
    };
    let wrong = |(sum, name): &(&str, &str)| match checksum(&folder.join(name), (*name).to_owned()) {
        Err(_) => Some(format!("{name} is missing or cannot be read")),
        Ok(found) if found.sha256 == *sum => None,
        Ok(_) => Some(format!("{name} is not as it was published")),
    };
    lines.par_iter().with_max_len(1).filter_map(wrong).collect()
}

/// What is wrong with the files of a snapshot, one sentence each; empty when all are as they were published, and no other
/// file lies among them.
///
/// # Errors
/// When the folder cannot be listed.
pub fn faults(folder: &Path) -> Result<Vec<String>, PublishError> {
    let mut faults = damage(folder);
    let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap_or_default();
    let known: BTreeSet<&str> = entries(&sums).flatten().map(|(_, name)| name).collect();
    // Of a link, what it points to is walked.
    let place = folder.canonicalize().map_err(|source| PublishError::io("list", folder, source))?;
    // Python leaves compiled modules beside load.py.
    let is_own = |entry: &walkdir::DirEntry| entry.file_name() != "__pycache__";
    for entry in walkdir::WalkDir::new(&place).sort_by_file_name().into_iter().filter_entry(is_own) {
        let entry = entry.map_err(|error| PublishError::io("list", folder, error.into()))?;
        let name = entry.path().strip_prefix(&place).unwrap_or(entry.path()).to_string_lossy();
        if !entry.file_type().is_dir() && name != "SHA256SUMS" && !known.contains(name.as_ref()) {
            faults.push(format!("{name} does not belong to it"));
        }
    }
    Ok(faults)
}

/// Whether all files that the checksums of a snapshot name are there, whatever is in them.
#[must_use]
pub fn is_complete(folder: &Path) -> bool {
    let Ok(sums) = fs::read_to_string(folder.join("SHA256SUMS")) else { return false };
    entries(&sums).all(|entry| entry.is_some_and(|(_, name)| folder.join(name).is_file()))
}
