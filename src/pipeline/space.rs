//! What is said where the volume of the output is full: how much was written, and how much is needed.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;

use walkdir::WalkDir;

use super::RunError;

/// The error of a run; one that says that the volume is full says with it how much the run needed. `staging` is what it
/// wrote, which is still there.
pub(super) fn told(error: RunError, out: &Path, staging: Option<&Path>) -> RunError {
    if !is_full(&error) {
        return error;
    }
    let written = staging.map_or(0, bytes_below);
    let snapshot = staging.map_or(0, |staging| bytes_below(&staging.join("snapshot")));
    // Beside the new snapshot lie the records that it is made from.
    let needed = written - snapshot.min(written) + snapshot.max(bytes_below(&out.join("current")));
    let needed = Some(needed).filter(|needed| *needed > written);
    RunError::NoSpace { out: out.to_owned(), written, needed, source: Box::new(error) }
}

/// The sentence of [`RunError::NoSpace`].
pub(super) fn words(out: &Path, written: u64, needed: Option<u64>) -> String {
    let needs = match needed {
        Some(needed) => {
            format!("the run needs about {}, judged by the newest snapshot, and had room for", size(needed))
        }
        None => "the run needs more than".to_owned(),
    };
    format!("no space left in {}: {needs} {}", out.display(), size(written))
}

fn is_full(error: &RunError) -> bool {
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) {
            return true;
        }
        next = error.source();
    }
    false
}

/// Bytes of the files below a folder, as far as they can be seen.
fn bytes_below(folder: &Path) -> u64 {
    let entries = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let metadata = entries.filter_map(|entry| entry.metadata().ok());
    metadata.filter(|metadata| metadata.is_file()).map(|metadata| metadata.len()).sum()
}

fn size(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
