//! What an earlier run read is not read again where its file is the same.
//!
//! A file is the same when size, times and number are, and no write since could have left them so; where one of them
//! moved, when its bytes hash alike. What could not be read for reasons outside the file is read again whatever they
//! say, and so is a file one of whose reports has other corrections now. What depends on other files (duplicates,
//! versions, links) is worked out anew by every run. Whether anything changed at all is told by a walk alone.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::RunError;
use super::file::{Found, Opened, Reader};
use super::staged::{FileResult, Group, Staged, is_corrected_alike};
use crate::config::Config;
use crate::ingest::{self, Entry as Walked, Walk};
use crate::model::file::Stamp;
use crate::state::{Entry, FileRecord, Index, Kept, Location, Store};

/// A file of the walk as it was before it was read.
#[derive(Debug)]
pub(super) struct Seen {
    path: String,
    location: PathBuf,
    stamp: Option<Stamp>,
    sha256: Option<[u8; 32]>,
}

/// What was made of an entry of the walk.
pub(super) enum Taken {
    /// It was read.
    Read(Found<FileResult>, Option<Seen>),
    /// An earlier run read it; where it is a container, the records of the files inside follow the first.
    Again { record: Box<FileRecord>, locations: Vec<Location>, known: Entry, seen: Seen },
}

/// Reads an entry of the walk, unless what an earlier run read of it still holds.
pub(super) fn take(reader: Reader<'_>, walked: Walked, known: Option<Entry>, store: &Store) -> Result<Taken, RunError> {
    reader.stop.check()?;
    let (path, location) = match &walked {
        Walked::File { path, location } => (path.clone(), location.clone()),
        Walked::Skipped { .. } | Walked::Unlisted { .. } => {
            return Ok(Taken::Read(reader.opened(reader.open(walked))?.map(FileResult::from), None));
        }
    };
    let mut seen = Seen { path, location, stamp: None, sha256: None };
    let known = known.filter(|known| known.path == seen.path);
    if let Some(known) = known.as_ref().filter(|known| known.is_settled) {
        seen.stamp = ingest::stamp(&seen.location);
        if seen.stamp == Some(known.stamp)
            && let Some((record, locations)) = first(known, store, reader.config)?
        {
            seen.sha256 = known.sha256;
            return Ok(Taken::Again { record: Box::new(record), locations, known: known.clone(), seen });
        }
    }
    let opened: Opened = reader.open(walked);
    (seen.stamp, seen.sha256) = (opened.stamp, opened.sha256);
    if let Some(known) = known.filter(|known| known.sha256.is_some() && known.sha256 == seen.sha256)
        && let Some((record, locations)) = first(&known, store, reader.config)?
    {
        return Ok(Taken::Again { record: Box::new(record), locations, known, seen });
    }
    Ok(Taken::Read(reader.opened(opened)?.map(FileResult::from), Some(seen)))
}

/// The first record of an entry, unless a correction of one of its reports changed.
fn first(known: &Entry, store: &Store, config: &Config) -> Result<Option<(FileRecord, Vec<Location>)>, RunError> {
    let first = store.kept_record(known.segment, known.offset)?;
    let mut is_alike = is_corrected_alike(&first.0, &config.corrections);
    let mut offset = Store::behind(&first.1);
    for _ in 1..known.n_files {
        let (record, locations) = store.kept_record(known.segment, offset)?;
        is_alike &= is_corrected_alike(&record, &config.corrections);
        offset = Store::behind(&locations);
    }
    Ok(is_alike.then_some(first))
}

/// Takes in what an earlier run made of an entry; gives the number of files.
pub(super) fn take_again(
    staged: &mut Staged<'_>,
    record: FileRecord,
    locations: &[Location],
    known: &Entry,
) -> Result<u64, RunError> {
    let mut offset = Store::behind(locations);
    staged.take_again(record, locations)?;
    for _ in 1..known.n_files {
        let (record, locations) = staged.store.kept_record(known.segment, offset)?;
        offset = Store::behind(&locations);
        staged.take_again(record, &locations)?;
    }
    Ok(known.n_files)
}

/// The entry that the next run finds a file by; `None` where it is to be read again.
pub(super) fn entry_of(seen: Seen, group: Group, store: &Store, started: i64) -> Option<Entry> {
    let (Some(stamp), Some(first), Some(last)) = (seen.stamp, group.first, group.last) else { return None };
    // A container is read piece by piece: it may have changed meanwhile.
    let is_same = group.n_files == 1 || ingest::stamp(&seen.location) == Some(stamp);
    let (segment, offset) = store.place(first);
    (group.is_lasting && is_same).then(|| Entry {
        path: seen.path,
        stamp,
        is_settled: stamp.is_settled_at(started),
        sha256: seen.sha256,
        segment,
        offset,
        length: Store::extent(first, last),
        n_files: group.n_files,
    })
}

/// What a walk tells of the inputs against the state.
pub(super) enum Sameness {
    /// Some file is new, gone or changed.
    Changed,
    /// All files are as the state says.
    Same,
    /// They are, and this index says so with what the file system says now.
    Renewed(Box<Index>),
}

/// Walks over the inputs and stops at the first file that is not as the state says.
pub(super) fn compare(
    reader: Reader<'_>,
    walk: &Walk,
    kept: &Kept,
    staging: &Path,
    started: i64,
) -> Result<Sameness, RunError> {
    let mut index = Index::create(staging)?;
    let mut lookup = kept.lookup();
    let mut entries = walk.entries();
    let mut is_renewed = false;
    loop {
        reader.stop.check()?;
        let batch: Vec<Walked> = entries.by_ref().take(reader.config.run.batch_files).collect();
        if batch.is_empty() {
            break;
        }
        let mut pairs = Vec::with_capacity(batch.len());
        for walked in batch {
            match walked {
                Walked::Skipped { path, reason } => index.skip(&path, &reason),
                Walked::Unlisted { .. } => return Ok(Sameness::Changed),
                Walked::File { path, location } => match lookup.find(&path)? {
                    Some(known) => pairs.push((known, location)),
                    None => return Ok(Sameness::Changed),
                },
            }
        }
        let same: Option<Vec<(Entry, bool)>> = pairs
            .into_par_iter()
            .map(|(known, location)| if reader.stop.asked().is_some() { None } else { same(known, &location, started) })
            .collect();
        let Some(same) = same else {
            reader.stop.check()?;
            return Ok(Sameness::Changed);
        };
        for (entry, is_new) in same {
            is_renewed |= is_new;
            index.push(Some(&entry))?;
        }
    }
    if !index.is_as_long_as(&kept.footer) {
        return Ok(Sameness::Changed);
    }
    Ok(if is_renewed { Sameness::Renewed(Box::new(index)) } else { Sameness::Same })
}

/// The entry of a file that is the same, and whether it is told otherwise now.
fn same(known: Entry, location: &Path, started: i64) -> Option<(Entry, bool)> {
    let stamp = ingest::stamp(location)?;
    if known.is_settled && stamp == known.stamp {
        return Some((known, false));
    }
    let (_, sha256) = ingest::digest(location).ok()?;
    let is_same = known.sha256 == Some(sha256) && ingest::stamp(location) == Some(stamp);
    is_same.then(|| (Entry { stamp, is_settled: stamp.is_settled_at(started), ..known }, true))
}
