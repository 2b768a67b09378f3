//! Bytes out of compressed files, never more than the limits allow.
//!
//! Nothing is written to disk, no size that a file claims is believed, and every byte that comes out is
//! counted. [`Package`] reads the named parts of a document (DOCX, XLSX, ODT), [`for_each`] the files inside a
//! container (zip, tar, gz, zst), [`for_each_record`] the pages in a collection (WARC, JSON lines, Parquet).

mod collection;
mod members;
mod package;

use std::io::{self, Read};

pub use collection::{Bulk, collection, for_each_record};
pub use members::{Contents, Member, Stop, container, for_each};
pub use package::Package;

use crate::config::Limits;
use crate::model::verdict::{Blame, Cause, Problem};

/// Output below this is never a bomb, however small its source.
const HARMLESS_BYTES: u64 = 1 << 20;

/// Reads to the end, or says what is wrong.
///
/// # Errors
/// `archive_bomb` when more comes out than `limits.inflated_bytes`, or than `limits.inflated_ratio` times
/// the `packed` bytes that went in; `corrupt` when the source is damaged.
pub(crate) fn read_bounded(
    mut source: impl Read,
    packed: u64,
    what: &str,
    limits: &Limits,
) -> Result<Vec<u8>, Problem> {
    let by_ratio = packed.saturating_mul(limits.inflated_ratio).max(HARMLESS_BYTES);
    let most = by_ratio.min(limits.inflated_bytes);
    let mut bytes = Vec::new();
    source.by_ref().take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| damaged(what, &error))?;
    if bytes.len() as u64 > most {
        return Err(bomb(
            what,
            most,
            if by_ratio < limits.inflated_bytes { "inflated_ratio" } else { "inflated_bytes" },
        ));
    }
    Ok(bytes)
}

fn bomb(what: &str, most: u64, limit: &str) -> Problem {
    let message =
        format!("{what} inflates to more than {most} bytes (limits.{limit}): check whether it is a real file");
    Problem::new(Cause::ArchiveBomb, Blame::Source, message)
}

fn damaged(what: &str, error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::OutOfMemory {
        return limit(format!(
            "{what} needs more memory than there is for it (limits.worker_bytes): check whether it is a real file"
        ));
    }
    corrupt(format!("{what} is damaged ({error}): fetch it again"))
}

pub(crate) fn corrupt(message: String) -> Problem {
    Problem::new(Cause::Corrupt, Blame::Source, message)
}

fn limit(message: String) -> Problem {
    Problem::new(Cause::Limit, Blame::Source, message)
}
