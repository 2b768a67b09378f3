//! The files inside containers: read a batch at a time, in the container's own order.

use std::path::PathBuf;

use rayon::prelude::*;

use super::RunError;
use super::file::{Found, Inspected, Of, Reader};
use crate::archive::{self, Bulk, Contents, Member, Stop};
use crate::ingest;
use crate::model::file::{FileRow, Format};
use crate::model::verdict::{Blame, Cause, Problem};

/// Members in memory at a time, by number and by bytes.
const BATCH_MEMBERS: usize = 256;
const BATCH_BYTES: usize = 32 << 20;

/// Where the bytes of a container are.
#[derive(Debug)]
pub(super) enum Source {
    /// On the disk: read again when its turn comes, so that a batch never holds many of them.
    File(PathBuf),
    /// Inside another container, of which a batch is in memory anyway.
    Member(Vec<u8>),
}

/// Reads the files inside a container, and inside those, and hands each on; its own row comes last, when it is known
/// how it ended. Gives the number of files inside.
///
/// # Errors
/// What `take` gives back, that a process to read with cannot be started, or that the run is to stop.
pub(super) fn expand<T: From<Inspected> + Send>(
    reader: Reader<'_>,
    mut row: FileRow,
    source: Source,
    depth: usize,
    take: &mut dyn FnMut(T) -> Result<(), RunError>,
) -> Result<u64, RunError> {
    let mut n_members = 0;
    let mut batch = Vec::new();
    let of = match row.format {
        Format::Warc | Format::Jsonl | Format::Parquet => Of::Collection,
        _ => Of::Container,
    };
    let end = match bulk(&row, of, source, depth, reader) {
        Err(problem) => Err(Stop::Container(problem)),
        Ok(bulk) => {
            let name = row.path.rsplit('/').next().unwrap_or_default();
            let mut n_bytes = 0;
            let mut collect = |member: Member| {
                if let Contents::Bytes(bytes) = &member.contents {
                    n_bytes += bytes.len();
                }
                batch.push(member);
                if batch.len() == BATCH_MEMBERS || n_bytes >= BATCH_BYTES {
                    n_bytes = 0;
                    n_members += members(reader, &row.path, of, std::mem::take(&mut batch), depth, take)?;
                }
                Ok(())
            };
            match bulk {
                Bulk::Bytes(bytes) if of == Of::Container => {
                    archive::for_each(&bytes, row.format, name, &reader.config.limits, &mut collect)
                }
                bulk => archive::for_each_record(bulk, row.format, reader.config, &mut collect),
            }
        }
    };
    n_members += members(reader, &row.path, of, batch, depth, take)?;
    let inspected = match end {
        Ok(()) => {
            let files = if n_members == 1 { "file" } else { "files" };
            row.detail = Some(format!("holds {n_members} {files}"));
            Inspected::bare(row)
        }
        Err(Stop::Taker(error)) => return Err(error),
        Err(Stop::Container(problem)) => {
            let mut inspected = Inspected::refused(row, problem);
            if n_members > 0
                && let Some(detail) = &mut inspected.row.detail
            {
                detail.push_str(&format!(" ({n_members} files that stand before are listed)"));
            }
            inspected
        }
    };
    take(inspected.into())?;
    Ok(n_members)
}

fn bulk(row: &FileRow, of: Of, source: Source, depth: usize, reader: Reader<'_>) -> Result<Bulk, Problem> {
    let limits = &reader.config.limits;
    if depth > limits.archive_depth {
        let message = format!(
            "containers lie in one another more than {} deep (limits.archive_depth): unpack the outer ones",
            limits.archive_depth
        );
        return Err(Problem::new(Cause::Limit, Blame::Source, message));
    }
    match source {
        Source::Member(bytes) => Ok(Bulk::Bytes(bytes)),
        // Its records are read as they come: it may be larger than memory.
        Source::File(location) if of == Of::Collection => Ok(Bulk::File(ingest::open(&location)?)),
        Source::File(location) => {
            let contents = ingest::read(&location, limits.file_bytes)?;
            if row.sha256 == Some(contents.sha256) {
                return Ok(Bulk::Bytes(contents.bytes));
            }
            let message = "the file changed while the run read it: it is taken up by the next run";
            Err(Problem::new(Cause::ChangedWhileReading, Blame::Open, message.to_owned()))
        }
    }
}

/// Reads a batch of members in parallel and hands them on in their order.
fn members<T: From<Inspected> + Send>(
    reader: Reader<'_>,
    path: &str,
    of: Of,
    batch: Vec<Member>,
    depth: usize,
    take: &mut dyn FnMut(T) -> Result<(), RunError>,
) -> Result<u64, RunError> {
    let mut n_members = batch.len() as u64;
    let read = |member| {
        reader.stop.check()?;
        Ok(reader.member(path, of, member)?.map(T::from))
    };
    let found: Result<Vec<Found<T>>, RunError> = batch.into_par_iter().map(read).collect();
    for found in found? {
        match found {
            Found::File(file) => take(file)?,
            Found::Container(row, source) => n_members += expand(reader, row, source, depth + 1, take)?,
        }
    }
    Ok(n_members)
}
