//! Names that point to snapshots: `current`, which every run moves, and `stable`, which a person moves.

use std::fs;
use std::path::Path;

use super::PublishError;
use super::lock::Lock;
use super::snapshot::sync_folder;
use super::sums;
use crate::disk;

/// The pointer that people move.
pub const STABLE: &str = "stable";

/// Points a name in the output folder at a snapshot, in one rename.
pub(super) fn point(out: &Path, name: &str, id: &str) -> Result<(), PublishError> {
    let place = out.join(name);
    let link = out.join(format!(".{name}-{}", std::process::id()));
    // Left by a run that was killed, whose number this process has.
    drop(disk::remove_file(&link));
    let target = Path::new("snapshots").join(id);
    disk::symlink(&target, &link).map_err(|source| PublishError::io("link", &link, source))?;
    disk::rename(&link, &place).map_err(|source| {
        drop(disk::remove_file(&link));
        PublishError::io("swap", &place, source)
    })?;
    sync_folder(out)
}

/// The snapshot that a name points to; `None` where it is no link to a snapshot that is there.
#[must_use]
pub fn pointed(out: &Path, name: &str) -> Option<String> {
    let link = out.join(name);
    let target = fs::read_link(&link).ok()?;
    let id = target.file_name()?.to_string_lossy().into_owned();
    let is_snapshot = target.parent() == Some(Path::new("snapshots")) && link.is_dir();
    is_snapshot.then_some(id)
}

/// Moves `stable` to a snapshot, the newest where none is named; gives its id. Its files must be whole, and `check`,
/// which gets its folder, must find no fault in what they say.
///
/// # Errors
/// When there is no such snapshot, it is not whole, or the disk refuses; `stable` then stays where it was.
pub fn promote(
    out: &Path,
    id: Option<&str>,
    _lock: &Lock,
    check: impl FnOnce(&Path) -> Option<String>,
) -> Result<String, PublishError> {
    let id = match id {
        Some(id) => id.to_owned(),
        None => pointed(out, "current").ok_or_else(|| PublishError::NoSnapshot { id: "current".to_owned() })?,
    };
    let folder = out.join("snapshots").join(&id);
    let is_name = Path::new(&id).components().count() == 1 && !id.starts_with('.');
    if !is_name || !folder.join("run.json").is_file() {
        return Err(PublishError::NoSnapshot { id });
    }
    if let Some(fault) = sums::faults(&folder)?.into_iter().next().or_else(|| check(&folder)) {
        return Err(PublishError::Unsound { folder, fault });
    }
    point(out, STABLE, &id)?;
    Ok(id)
}
