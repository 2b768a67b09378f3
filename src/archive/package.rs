//! The parts of a document that is a zip package: DOCX, XLSX, ODT and their kin.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{corrupt, limit, read_bounded};
use crate::config::Limits;
use crate::model::verdict::{Blame, Cause, Problem};

/// A package whose parts are read by name.
#[derive(Debug)]
pub struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Number of each part by its name, folded as [`fold`] does.
    parts: BTreeMap<String, usize>,
    limits: &'a Limits,
}

impl<'a> Package<'a> {
    /// Opens a package.
    ///
    /// # Errors
    /// `corrupt` when it is no sound zip or holds two parts of one name, `limit` when it holds too many.
    pub fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, Problem> {
        let archive = open(bytes, limits)?;
        let mut parts = BTreeMap::new();
        for at in 0..archive.len() {
            let name = archive.by_index_data(at).map_err(|error| refuse("the document", &error))?;
            if parts.insert(fold(&String::from_utf8_lossy(name.name_raw())), at).is_some() {
                return Err(twice(&String::from_utf8_lossy(name.name_raw())));
            }
        }
        Ok(Self { archive, parts, limits })
    }

    /// Whether there is a part of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&fold(name))
    }

    /// The names of all parts, folded, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// The bytes of a part; `None` where there is no such part.
    ///
    /// # Errors
    /// `archive_bomb`, `corrupt` or `encrypted`.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        let Some(at) = self.parts.get(&fold(name)) else { return Ok(None) };
        read_entry(&mut self.archive, *at, self.limits).map(Some)
    }
}

/// Opens a zip whose entries all have names of their own and are no more than allowed.
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<ZipArchive<Cursor<&'a [u8]>>, Problem> {
    if claimed_entries(bytes)?.is_some_and(|count| count > limits.archive_entries) {
        return Err(too_many(limits));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| refuse("the zip", &error))?;
    if archive.len() > limits.archive_entries {
        return Err(too_many(limits));
    }
    if archive.offset() > 0 && bytes.starts_with(b"PK") {
        return Err(corrupt("another zip stands before the zip: part them, for only one can be read".to_owned()));
    }
    if archive.has_duplicate_names() {
        return Err(corrupt(
            "two entries of the zip have the same name: which of them counts cannot be told".to_owned(),
        ));
    }
    if archive.has_overlapping_files().map_err(|error| refuse("the zip", &error))? {
        let message = "entries of the zip share their bytes, as in a zip bomb: check whether it is a real file";
        return Err(Problem::new(Cause::ArchiveBomb, Blame::Source, message.to_owned()));
    }
    Ok(archive)
}

/// The bytes of an entry.
pub(super) fn read_entry<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    at: usize,
    limits: &Limits,
) -> Result<Vec<u8>, Problem> {
    let entry = archive.by_index(at).map_err(|error| refuse("an entry of the zip", &error))?;
    let what = format!("the part {} of the zip", String::from_utf8_lossy(entry.name_raw()));
    let packed = entry.compressed_size();
    read_bounded(entry, packed, &what, limits)
}

/// The number of entries that the end of a zip claims, to be refused before a table of them is built.
///
/// # Errors
/// `corrupt` when the directory holds another number: some entries would be passed over.
fn claimed_entries(bytes: &[u8]) -> Result<Option<usize>, Problem> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let from = bytes.len().saturating_sub(65_557);
    let Some(end) = bytes[from..].windows(END.len()).rposition(|window| window == END) else { return Ok(None) };
    let end = from + end;
    let number = |at: usize, length: usize| {
        let digits = bytes.get(at..at + length)?;
        Some(digits.iter().rev().fold(0_usize, |number, digit| number << 8 | usize::from(*digit)))
    };
    let (Some(claimed), Some(size)) = (number(end + 10, 2), number(end + 12, 4)) else { return Ok(None) };
    // Numbers that did not fit stand elsewhere.
    let Some(mut at) = end.checked_sub(size).filter(|_| claimed < 0xffff) else { return Ok(Some(claimed)) };
    let mut count = 0;
    while at < end && bytes[at..].starts_with(ENTRY) && count <= claimed {
        let lengths = [28, 30, 32].iter().map(|field| number(at + field, 2).unwrap_or(0)).sum::<usize>();
        at = at.saturating_add(46 + lengths);
        count += 1;
    }
    // Fewer than claimed is told by the library.
    if count > claimed || claimed == 0 && bytes.starts_with(b"PK\x03\x04") {
        let message = format!("the zip says that it holds {claimed} entries and holds more: fetch it again");
        return Err(corrupt(message));
    }
    Ok(Some(claimed))
}

/// A name as packages compare them: `/` between folders, none in front, letters of one case.
fn fold(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase()
}

fn too_many(limits: &Limits) -> Problem {
    limit(format!(
        "the zip holds more than {} entries (limits.archive_entries): unpack it, or raise the limit",
        limits.archive_entries
    ))
}

fn twice(name: &str) -> Problem {
    corrupt(format!("two parts of the document have the name {name}: which of them counts cannot be told"))
}

pub(super) fn refuse(what: &str, error: &ZipError) -> Problem {
    let is_locked = matches!(error, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED));
    if is_locked || matches!(error, ZipError::InvalidPassword) {
        let message = format!("{what} is locked by a password: ask for the open file");
        return Problem::new(Cause::Encrypted, Blame::Source, message);
    }
    if let ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) = error {
        let message = format!("{what} is packed in a way that is not read ({error}): pack it again with deflate");
        return Problem::new(Cause::UnsupportedFormat, Blame::Source, message);
    }
    corrupt(format!("{what} is damaged ({error}): fetch it again"))
}
