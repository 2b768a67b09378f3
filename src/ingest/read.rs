//! The bytes of one file, whole and of one version.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::model::file::Stamp;
use crate::model::verdict::{Blame, Cause, Problem};

/// The bytes of a file.
#[derive(Debug)]
pub struct Contents {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// What the file system said of this version.
    pub stamp: Stamp,
}

/// Reads a file whole, or says why not. A file that changes while it is read is read once more.
///
/// # Errors
/// The problem to list: too large (its size is in the message), vanished, unreadable, changed while reading.
pub fn read(location: &Path, max_bytes: u64) -> Result<Contents, Problem> {
    read_watched(location, max_bytes, || {})
}

/// Reads a file; `meanwhile` runs when its bytes are read and it is not yet known whether they are of one version.
fn read_watched(location: &Path, max_bytes: u64, mut meanwhile: impl FnMut()) -> Result<Contents, Problem> {
    for _ in 0..2 {
        if let Some(contents) = read_once(location, max_bytes, &mut meanwhile)? {
            return Ok(contents);
        }
    }
    Err(Problem::new(
        Cause::ChangedWhileReading,
        Blame::Open,
        "the file changed twice while it was read: it is taken up by the next run".to_owned(),
    ))
}

/// The first bytes of a file.
///
/// # Errors
/// The problem to list: vanished, unreadable.
pub fn head(location: &Path, n_bytes: u64) -> Result<Vec<u8>, Problem> {
    let mut head = Vec::new();
    open(location)?.take(n_bytes).read_to_end(&mut head).map_err(|error| access(&error))?;
    Ok(head)
}

/// Size and SHA-256 of a file, read in pieces.
///
/// # Errors
/// The problem to list: vanished, unreadable.
pub fn digest(location: &Path) -> Result<(u64, [u8; 32]), Problem> {
    let mut digest = Sha256::new();
    let size_bytes = std::io::copy(&mut open(location)?, &mut digest).map_err(|error| access(&error))?;
    Ok((size_bytes, digest.finalize().into()))
}

/// Opens a file.
///
/// # Errors
/// The problem to list: vanished, unreadable.
pub fn open(location: &Path) -> Result<File, Problem> {
    File::open(location).map_err(|error| access(&error))
}

fn access(error: &std::io::Error) -> Problem {
    let cause = if error.kind() == ErrorKind::NotFound { Cause::Vanished } else { Cause::Unreadable };
    let message = match cause {
        Cause::Vanished => "the file was listed and is gone: it is looked for again by the next run".to_owned(),
        _ => format!("the file cannot be read ({error}): check its permissions and its disk"),
    };
    Problem::new(cause, Blame::Open, message)
}

fn read_once(location: &Path, max_bytes: u64, meanwhile: &mut impl FnMut()) -> Result<Option<Contents>, Problem> {
    let mut file = open(location)?;
    let before = file.metadata().map_err(|error| access(&error))?;
    if before.len() > max_bytes {
        let message = format!(
            "the file has {} bytes, more than limits.file_bytes = {max_bytes}: raise the limit if it is a report",
            before.len()
        );
        return Err(Problem::new(Cause::TooLarge, Blame::Source, message));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0).saturating_add(1));
    // One byte more than allowed shows a file that grew beyond the limit meanwhile.
    file.by_ref().take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| access(&error))?;
    meanwhile();
    let after = file.metadata().map_err(|error| access(&error))?;
    let stamp = stamp_of(&before);
    if stamp != stamp_of(&after) || after.len() != bytes.len() as u64 {
        return Ok(None);
    }
    let sha256 = Sha256::digest(&bytes).into();
    Ok(Some(Contents { bytes, sha256, stamp }))
}

/// What the file system says of a file; `None` where it says nothing, or the file is no regular one any more.
#[must_use]
pub fn stamp(location: &Path) -> Option<Stamp> {
    let metadata = std::fs::symlink_metadata(location).ok()?;
    metadata.is_file().then(|| stamp_of(&metadata))
}

/// What differs when a file was written to: its time of change cannot be set back, as its time of modification can.
fn stamp_of(metadata: &Metadata) -> Stamp {
    Stamp {
        size_bytes: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_are_read_whole_or_refused_with_their_cause() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        fs::write(&path, "abc").expect("file");
        let contents = read(&path, 3).expect("readable");
        assert_eq!(contents.bytes, b"abc");
        assert_eq!(crate::model::file::hex(&contents.sha256)[..16], *"ba7816bf8f01cfea");
        assert_eq!(read(&path, 2).map_err(|problem| problem.cause).err(), Some(Cause::TooLarge));
        assert_eq!(read(&folder.path().join("b"), 3).map_err(|problem| problem.cause).err(), Some(Cause::Vanished));
        assert_eq!(read(folder.path(), 1 << 20).map_err(|problem| problem.cause).err(), Some(Cause::Unreadable));
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_read_once_more() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        fs::write(&path, "one").expect("file");
        let mut texts = vec!["three"];
        let contents =
            read_watched(&path, 9, || texts.drain(..).for_each(|text| fs::write(&path, text).expect("file")));
        assert_eq!(contents.expect("readable").bytes, b"three");
        let mut length = 0;
        let grown = read_watched(&path, 9, || {
            length += 1;
            fs::write(&path, "x".repeat(length)).expect("file");
        });
        assert_eq!(grown.map_err(|problem| problem.cause).err(), Some(Cause::ChangedWhileReading));
        // Other bytes, as many, and the time of modification set back; clocks of files tick slowly.
        std::thread::sleep(std::time::Duration::from_millis(30));
        let time = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("time");
        let mut texts = vec!["yy"];
        let contents = read_watched(&path, 9, || {
            texts.drain(..).for_each(|text| fs::write(&path, text).expect("file"));
            File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).expect("time");
        });
        // Setting the time back changes the file each time.
        assert!(contents.is_err_and(|problem| problem.cause == Cause::ChangedWhileReading));
    }

    #[test]
    fn a_sparse_giant_is_refused_by_its_size() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("giant");
        File::create(&path).and_then(|file| file.set_len(5 << 30)).expect("sparse file");
        assert_eq!(read(&path, 64 << 20).map_err(|problem| problem.cause).err(), Some(Cause::TooLarge));
    }
}
