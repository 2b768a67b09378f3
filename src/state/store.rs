//! The staging store: records in segments, appended once and fetched in any order.
//!
//! A run writes two segments, one of what the next run may use again and one of what holds for this run alone, and
//! reads those that earlier runs left. A segment begins with its own number. Before each record stand its length
//! and a checksum over its bytes, its place and the number of its segment, so that a record is never taken for another.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use twox_hash::XxHash3_64;

use super::{FileRecord, ReportRecord, StateError};
use crate::disk;

/// How segments begin: their kind and the version of their layout, then their number.
const MAGIC: [u8; 8] = *b"gkrecs\0\x01";
const HEAD_BYTES: usize = 16;

/// What stands before a record: its length and its checksum.
const FRAME_BYTES: usize = 12;

/// Where a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// It holds for this run alone.
    Scratch,
    /// The next run may use it again.
    Kept,
}

/// Where a record lies: its segment, the length of its bytes, the place of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    segment: u32,
    length: u32,
    offset: u64,
}

impl Location {
    /// The place behind the record.
    fn end(self) -> u64 {
        self.offset + (FRAME_BYTES + self.length as usize) as u64
    }
}

/// A file of records.
#[derive(Debug)]
struct Segment {
    path: PathBuf,
    file: File,
    id: u64,
    length: u64,
}

/// The store of one run.
#[derive(Debug)]
pub struct Store {
    /// The two that are written, then those of earlier runs.
    segments: Vec<Segment>,
    writers: Vec<BufWriter<disk::File>>,
}

impl Store {
    /// Makes an empty store in a folder.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn create(folder: &Path) -> Result<Self, StateError> {
        let (scratch, scratch_writer) = Segment::create(folder.join("records-of-run"))?;
        let (kept, kept_writer) = Segment::create(folder.join("records"))?;
        Ok(Self { segments: vec![scratch, kept], writers: vec![scratch_writer, kept_writer] })
    }

    /// A store that only reads what earlier runs left.
    pub(super) fn of_earlier_runs() -> Self {
        Self { segments: Vec::new(), writers: Vec::new() }
    }

    /// Opens a segment of an earlier run.
    ///
    /// # Errors
    /// When it is not there, or not as it was written.
    pub fn open(&mut self, path: PathBuf, id: u64, length: u64) -> Result<(), StateError> {
        let damaged = |what: &str| StateError::Damaged { path: path.clone(), what: what.to_owned() };
        let file = File::open(&path).map_err(|error| damaged(&error.to_string()))?;
        let found = file.metadata().map_err(|error| damaged(&error.to_string()))?;
        if !found.is_file() || found.len() != length {
            return Err(damaged("it has another length"));
        }
        let mut head = [0; HEAD_BYTES];
        file.read_exact_at(&mut head, 0).map_err(|error| damaged(&error.to_string()))?;
        if head != head_of(id) {
            return Err(damaged("it is another segment"));
        }
        self.segments.push(Segment { path, file, id, length });
        Ok(())
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append(&mut self, lane: Lane, bytes: &[u8]) -> Result<Location, StateError> {
        let at = lane as usize;
        let segment = &mut self.segments[at];
        let io = |source| StateError::Io { action: "write", path: segment.path.clone(), source };
        let length = u32::try_from(bytes.len()).map_err(|_| io(std::io::ErrorKind::FileTooLarge.into()))?;
        let location = Location { segment: u32::from(lane == Lane::Kept), length, offset: segment.length };
        let mut frame = [0; FRAME_BYTES];
        frame[..4].copy_from_slice(&length.to_le_bytes());
        frame[4..].copy_from_slice(&checksum(segment.id, location.offset, bytes).to_le_bytes());
        let writer = &mut self.writers[at];
        writer.write_all(&frame).and_then(|()| writer.write_all(bytes)).map_err(io)?;
        segment.length = location.end();
        Ok(location)
    }

    /// Makes everything appended readable.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&mut self) -> Result<(), StateError> {
        for (segment, writer) in self.segments.iter().zip(&mut self.writers) {
            let io = |source| StateError::Io { action: "write", path: segment.path.clone(), source };
            writer.flush().map_err(io)?;
        }
        Ok(())
    }

    /// The segment that the next run may use: its file, its number and its length, where anything stands in it.
    #[must_use]
    pub fn kept(&self) -> Option<(&Path, u64, u64)> {
        let segment = &self.segments[Lane::Kept as usize];
        (segment.length > HEAD_BYTES as u64).then_some((&segment.path, segment.id, segment.length))
    }

    /// Segment and place of a record, in numbers that hold for the next run too.
    #[must_use]
    pub fn place(&self, location: Location) -> (u64, u64) {
        (self.segments[location.segment as usize].id, location.offset)
    }

    /// The bytes from the beginning of one record to the end of another one.
    #[must_use]
    pub fn extent(first: Location, last: Location) -> u64 {
        last.end().saturating_sub(first.offset)
    }

    /// Reads the record of a file.
    ///
    /// # Errors
    /// When the disk refuses or the record does not read back.
    pub fn file_record(&self, location: Location) -> Result<FileRecord, StateError> {
        self.fetch(location)
    }

    /// Reads a report.
    ///
    /// # Errors
    /// When the disk refuses or the record does not read back.
    pub fn report_record(&self, location: Location) -> Result<ReportRecord, StateError> {
        self.fetch(location)
    }

    /// Reads the record of a file that an earlier run wrote, and says where it and its reports lie, one behind
    /// the other.
    ///
    /// # Errors
    /// When it does not read back.
    pub fn kept_record(&self, segment: u64, offset: u64) -> Result<(FileRecord, Vec<Location>), StateError> {
        let number = self.segments.iter().position(|known| known.id == segment);
        let Some(number) = number else {
            let what = "it names a segment that is not there".to_owned();
            let path = self.segments.last().map(|known| known.path.clone()).unwrap_or_default();
            return Err(StateError::Damaged { path, what });
        };
        let location = self.located(u32::try_from(number).unwrap_or(u32::MAX), offset)?;
        let record: FileRecord = self.fetch(location)?;
        let mut locations = vec![location];
        for _ in &record.reports {
            let before = locations[locations.len() - 1];
            locations.push(self.located(before.segment, before.end())?);
        }
        Ok((record, locations))
    }

    /// The place behind the last of some records.
    #[must_use]
    pub fn behind(locations: &[Location]) -> u64 {
        locations.last().map_or(HEAD_BYTES as u64, |last| last.end())
    }

    /// The bytes of a record.
    ///
    /// # Errors
    /// When the disk refuses or the record does not read back.
    pub fn bytes(&self, location: Location) -> Result<Vec<u8>, StateError> {
        let segment = &self.segments[location.segment as usize];
        if location.end() > segment.length {
            return Err(segment.damaged("a record reaches beyond its end"));
        }
        let mut bytes = vec![0; FRAME_BYTES + location.length as usize];
        segment.file.read_exact_at(&mut bytes, location.offset).map_err(|error| segment.damaged(&error.to_string()))?;
        let known = u64::from_le_bytes(bytes[4..FRAME_BYTES].try_into().expect("eight bytes"));
        if known != checksum(segment.id, location.offset, &bytes[FRAME_BYTES..]) {
            return Err(segment.damaged("a checksum does not hold"));
        }
        bytes.drain(..FRAME_BYTES);
        Ok(bytes)
    }

    fn fetch<T: DeserializeOwned>(&self, location: Location) -> Result<T, StateError> {
        let bytes = self.bytes(location)?;
        let segment = &self.segments[location.segment as usize];
        postcard::from_bytes(&bytes).map_err(|error| segment.damaged(&format!("a record does not read back: {error}")))
    }

    /// The record that begins here.
    fn located(&self, number: u32, offset: u64) -> Result<Location, StateError> {
        let segment = &self.segments[number as usize];
        let mut length = [0; 4];
        segment.file.read_exact_at(&mut length, offset).map_err(|error| segment.damaged(&error.to_string()))?;
        let location = Location { segment: number, length: u32::from_le_bytes(length), offset };
        if location.end() > segment.length {
            return Err(segment.damaged("a record reaches beyond its end"));
        }
        Ok(location)
    }
}

impl Segment {
    fn create(path: PathBuf) -> Result<(Self, BufWriter<disk::File>), StateError> {
        // A number that no other segment has, neither one of another run nor one of another machine.
        let id = RandomState::new().hash_one(&path);
        let make = || -> std::io::Result<(File, BufWriter<disk::File>)> {
            let written = disk::File::create_new(&path)?;
            let file = written.reader()?;
            let mut writer = BufWriter::with_capacity(1 << 20, written);
            writer.write_all(&head_of(id))?;
            Ok((file, writer))
        };
        let (file, writer) = make().map_err(|source| StateError::Io { action: "make", path: path.clone(), source })?;
        Ok((Self { path, file, id, length: HEAD_BYTES as u64 }, writer))
    }

    fn damaged(&self, what: &str) -> StateError {
        StateError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }
}

fn head_of(id: u64) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&MAGIC);
    head[8..].copy_from_slice(&id.to_le_bytes());
    head
}

/// A checksum that holds for these bytes in this place only.
fn checksum(id: u64, offset: u64, bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(id ^ offset, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::{FileOutcome, FileRow};
    use crate::state::to_bytes;

    fn record(name: &str) -> FileRecord {
        FileRecord::bare(FileRow::new(name.to_owned(), FileOutcome::Skipped), Vec::new())
    }

    #[test]
    fn records_read_back_in_any_order() {
        let folder = tempfile::tempdir().expect("folder");
        let mut store = Store::create(folder.path()).expect("store");
        let one = store.append(Lane::Kept, &to_bytes(&record("一"))).expect("append");
        let two = store.append(Lane::Scratch, &to_bytes(&record("二"))).expect("append");
        let three = store.append(Lane::Kept, &to_bytes(&record("三"))).expect("append");
        store.flush().expect("flush");
        for (location, name) in [(three, "三"), (two, "二"), (one, "一")] {
            assert_eq!(store.file_record(location).expect("reads back"), record(name));
        }
    }

    #[test]
    fn what_an_earlier_run_wrote_reads_back_or_is_called_damaged() {
        let folder = tempfile::tempdir().expect("folder");
        let mut store = Store::create(folder.path()).expect("store");
        let mut places = Vec::new();
        for name in ["一", "二"] {
            let location = store.append(Lane::Kept, &to_bytes(&record(name))).expect("append");
            places.push(store.place(location));
        }
        store.flush().expect("flush");
        let (path, id, length) = store.kept().map(|(path, id, length)| (path.to_owned(), id, length)).expect("kept");
        let whole = std::fs::read(&path).expect("segment");
        let read = |bytes: &[u8]| {
            let next = tempfile::tempdir().expect("folder");
            let mut store = Store::create(next.path()).expect("store");
            let path = next.path().join("old");
            std::fs::write(&path, bytes).expect("segment");
            store.open(path, id, length)?;
            places
                .iter()
                .map(|(id, offset)| Ok(store.kept_record(*id, *offset)?.0))
                .collect::<Result<Vec<_>, StateError>>()
        };
        assert_eq!(read(&whole).expect("reads back"), [record("一"), record("二")]);
        // Every byte counts.
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(matches!(read(&flipped), Err(StateError::Damaged { .. })), "byte {at}");
        }
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err());
        }
        // Two records of one length that changed places.
        let [one, two] = [0, 1].map(|at: usize| usize::try_from(places[at].1).expect("a place"));
        let mut swapped = whole[..one].to_vec();
        swapped.extend(&whole[two..]);
        swapped.extend(&whole[one..two]);
        assert!(read(&swapped).is_err());
    }
}
