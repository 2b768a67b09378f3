//! Which files the state knows: what the file system said of each, and where its records lie.
//!
//! One file, in the order of the walk, so that it is read along with it and never held in memory. A footer says what
//! made it; a digest over everything stands last. It is written beside the segments that it names and swapped in by
//! one rename, so that a state is the old one or the new one.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{StateError, Store};
use crate::disk;
use crate::model::file::Stamp;

/// How an index begins: its kind and the version of its layout.
const MAGIC: [u8; 8] = *b"gkindex\x01";
/// How it ends: the length of the footer, and the digest.
const TAIL_BYTES: usize = 8 + 32;
/// An entry is never longer: a path and a few numbers.
const MAX_ENTRY_BYTES: u32 = 1 << 20;
/// With so many segments, or so many times the bytes that are still used, everything is written anew.
const MAX_SEGMENTS: usize = 16;
const MAX_WASTE: u64 = 2;

/// What a state depends on as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The program, by its content.
    pub program: String,
    /// The settings, without corrections.
    pub settings: String,
}

/// A file of the walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Path as published.
    pub path: String,
    /// What the file system said of it before it was read.
    pub stamp: Stamp,
    /// The stamp moves with any later write.
    pub is_settled: bool,
    /// SHA-256 of its bytes; `None` when they were not read.
    pub sha256: Option<[u8; 32]>,
    /// The segment of its records.
    pub segment: u64,
    /// The place of the first.
    pub offset: u64,
    /// The bytes of all.
    pub length: u64,
    /// How many files they tell of: those inside a container, and itself.
    pub n_files: u64,
}

/// What an index says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Footer {
    /// What made it.
    pub made: Made,
    /// Settings and corrections of the run.
    pub digest: String,
    /// Segments that are used, with their lengths.
    pub segments: Vec<(u64, u64)>,
    /// The bytes of all records that entries name.
    pub n_used_bytes: u64,
    /// Files of the walk that were to be read.
    pub n_files: u64,
    /// Entries; fewer than files where some are to be read again whatever happens.
    pub n_entries: u64,
    /// Digest over what was left alone by rule.
    pub skipped: [u8; 32],
    /// The snapshot that came of it, and the digest of its checksums.
    pub snapshot: (String, String),
    /// What the run said of itself, as JSON.
    pub facts: String,
}

/// The state of an earlier run.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    file: File,
    /// What it says of itself.
    pub footer: Footer,
}

/// What was found in the place of the state.
#[derive(Debug)]
pub enum Opened {
    /// A state to use.
    Kept(Box<Kept>),
    /// None, or one that does not count, for this reason.
    Dropped(Option<String>),
}

impl Kept {
    /// Opens the state of an earlier run, if there is one that is whole and was made alike.
    #[must_use]
    pub fn open(folder: &Path, made: &Made) -> Opened {
        let path = folder.join(INDEX);
        if fs::symlink_metadata(&path).is_err() {
            return Opened::Dropped(None);
        }
        match Self::read(folder, &path) {
            Err(error) => Opened::Dropped(Some(format!("it is not as it was written ({error})"))),
            Ok(None) => Opened::Dropped(Some("another version of the program wrote it".to_owned())),
            Ok(Some(kept)) if kept.footer.made.program != made.program => {
                Opened::Dropped(Some("another build of the program wrote it".to_owned()))
            }
            Ok(Some(kept)) if kept.footer.made.settings != made.settings => {
                Opened::Dropped(Some("the settings changed".to_owned()))
            }
            Ok(Some(kept)) => Opened::Kept(Box::new(kept)),
        }
    }

    fn read(folder: &Path, path: &Path) -> std::io::Result<Option<Self>> {
        let wrong = |what: &str| std::io::Error::other(what.to_owned());
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut magic = [0; 8];
        file.read_exact_at(&mut magic, 0)?;
        if magic[..7] != MAGIC[..7] {
            return Err(wrong("it is no index"));
        }
        if magic != MAGIC {
            return Ok(None);
        }
        let body = length.checked_sub(TAIL_BYTES as u64).ok_or_else(|| wrong("it is cut"))?;
        let mut tail = [0; TAIL_BYTES];
        file.read_exact_at(&mut tail, body)?;
        let mut digest = Sha256::new();
        let mut whole = BufReader::with_capacity(1 << 20, &file).take(body + 8);
        std::io::copy(&mut whole, &mut digest)?;
        if digest.finalize()[..] != tail[8..] {
            return Err(wrong("its checksum does not hold"));
        }
        let footer_length = u64::from_le_bytes(tail[..8].try_into().expect("eight bytes"));
        let start = body.checked_sub(footer_length).ok_or_else(|| wrong("its footer is cut"))?;
        let mut footer = vec![0; usize::try_from(footer_length).map_err(std::io::Error::other)?];
        file.read_exact_at(&mut footer, start)?;
        let footer = postcard::from_bytes(&footer).map_err(std::io::Error::other)?;
        Ok(Some(Self { folder: folder.to_owned(), file, footer }))
    }

    /// Opens its segments in the store of a run.
    ///
    /// # Errors
    /// When one is not as it was written.
    pub fn open_segments(&self, store: &mut Store) -> Result<(), StateError> {
        for (id, length) in &self.footer.segments {
            store.open(self.folder.join(segment_name(*id)), *id, *length)?;
        }
        Ok(())
    }

    /// Whether what is used should be written anew, as it lies scattered among what is not.
    #[must_use]
    pub fn is_scattered(&self) -> bool {
        let n_bytes: u64 = self.footer.segments.iter().map(|(_, length)| length).sum();
        self.footer.segments.len() >= MAX_SEGMENTS || n_bytes > self.footer.n_used_bytes.saturating_mul(MAX_WASTE)
    }

    /// Its entries, to be asked for in the order of the walk.
    #[must_use]
    pub fn lookup(&self) -> Lookup<'_> {
        Lookup {
            file: &self.file,
            buffer: vec![0; 1 << 16],
            at: 0,
            filled: 0,
            offset: MAGIC.len() as u64,
            n_left: self.footer.n_entries,
            path: self.folder.join(INDEX),
            current: None,
        }
    }
}

/// Reads all of a state, every record and every checksum; none at all is whole too.
///
/// # Errors
/// The first thing that is not as it was written.
pub fn check(folder: &Path) -> Result<(), StateError> {
    let path = folder.join(INDEX);
    if fs::symlink_metadata(&path).is_err() {
        return Ok(());
    }
    let damaged = |error: std::io::Error| StateError::Damaged { path: path.clone(), what: error.to_string() };
    let Some(kept) = Kept::read(folder, &path).map_err(damaged)? else { return Ok(()) };
    let mut store = Store::of_earlier_runs();
    kept.open_segments(&mut store)?;
    let mut lookup = kept.lookup();
    while let Some(entry) = lookup.next()? {
        let mut offset = entry.offset;
        for _ in 0..entry.n_files {
            let (_, locations) = store.kept_record(entry.segment, offset)?;
            for report in &locations[1..] {
                store.report_record(*report)?;
            }
            offset = Store::behind(&locations);
        }
    }
    Ok(())
}

/// The entries of an index, read as they are asked for.
#[derive(Debug)]
pub struct Lookup<'k> {
    file: &'k File,
    buffer: Vec<u8>,
    /// The next byte of the buffer, and how many are filled.
    at: usize,
    filled: usize,
    /// The next byte of the file.
    offset: u64,
    n_left: u64,
    path: PathBuf,
    current: Option<Entry>,
}

impl Lookup<'_> {
    /// The entry of this path. Paths must be asked for in the order of the walk.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn find(&mut self, path: &str) -> Result<Option<Entry>, StateError> {
        loop {
            if self.current.is_none() {
                self.current = self.next()?;
            }
            match &self.current {
                None => return Ok(None),
                Some(entry) => match entry.path.as_str().cmp(path) {
                    std::cmp::Ordering::Less => self.current = None,
                    std::cmp::Ordering::Equal => return Ok(self.current.take()),
                    std::cmp::Ordering::Greater => return Ok(None),
                },
            }
        }
    }

    fn next(&mut self) -> Result<Option<Entry>, StateError> {
        if self.n_left == 0 {
            return Ok(None);
        }
        self.n_left -= 1;
        let damaged = |what: &str| StateError::Damaged { path: self.path.clone(), what: what.to_owned() };
        let mut length = [0; 4];
        let mut read = |bytes: &mut [u8]| -> std::io::Result<()> {
            let mut n_done = 0;
            while n_done < bytes.len() {
                if self.at == self.filled {
                    self.filled = self.file.read_at(&mut self.buffer, self.offset)?;
                    self.offset += self.filled as u64;
                    self.at = 0;
                    if self.filled == 0 {
                        return Err(std::io::ErrorKind::UnexpectedEof.into());
                    }
                }
                let n = (bytes.len() - n_done).min(self.filled - self.at);
                bytes[n_done..n_done + n].copy_from_slice(&self.buffer[self.at..self.at + n]);
                n_done += n;
                self.at += n;
            }
            Ok(())
        };
        read(&mut length).map_err(|error| damaged(&error.to_string()))?;
        let length = u32::from_le_bytes(length);
        if length > MAX_ENTRY_BYTES {
            return Err(damaged("an entry is too long"));
        }
        let mut bytes = vec![0; length as usize];
        read(&mut bytes).map_err(|error| damaged(&error.to_string()))?;
        let entry = postcard::from_bytes(&bytes).map_err(|error| damaged(&error.to_string()))?;
        Ok(Some(entry))
    }
}

const INDEX: &str = "index";

fn segment_name(id: u64) -> String {
    format!("{id:016x}.records")
}

/// The index of a run while it is written.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    file: BufWriter<disk::File>,
    digest: Sha256,
    skipped: Sha256,
    segments: Vec<u64>,
    n_used_bytes: u64,
    n_files: u64,
    n_entries: u64,
}

impl Index {
    /// Begins an index in a staging folder.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(staging: &Path) -> Result<Self, StateError> {
        let path = staging.join(INDEX);
        let file = disk::File::create(&path).map_err(|source| StateError::Io {
            action: "make",
            path: path.clone(),
            source,
        })?;
        let mut index = Self {
            path,
            file: BufWriter::with_capacity(1 << 16, file),
            digest: Sha256::new(),
            skipped: Sha256::new(),
            segments: Vec::new(),
            n_used_bytes: 0,
            n_files: 0,
            n_entries: 0,
        };
        index.write(&MAGIC)?;
        Ok(index)
    }

    /// Notes a file of the walk; without an entry it is read again by the next run.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn push(&mut self, entry: Option<&Entry>) -> Result<(), StateError> {
        self.n_files += 1;
        let Some(entry) = entry else { return Ok(()) };
        self.n_entries += 1;
        self.n_used_bytes = self.n_used_bytes.saturating_add(entry.length);
        if !self.segments.contains(&entry.segment) {
            self.segments.push(entry.segment);
        }
        let bytes = super::to_bytes(entry);
        self.write(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        self.write(&bytes)
    }

    /// Notes what is left alone by rule.
    pub fn skip(&mut self, path: &str, reason: &str) {
        for text in [path, reason] {
            self.skipped.update((text.len() as u64).to_le_bytes());
            self.skipped.update(text);
        }
    }

    /// Whether it tells of the same files as the footer of another one.
    #[must_use]
    pub fn is_as_long_as(&self, footer: &Footer) -> bool {
        (self.n_files, self.n_entries) == (footer.n_files, footer.n_entries)
            && self.skipped.clone().finalize()[..] == footer.skipped
    }

    /// Closes the index and puts it in the place of the one in a folder, with the segment of the run; what is not
    /// used any more is removed. Nothing is synced: what a power cut damages, its checksum shows.
    ///
    /// # Errors
    /// When the disk refuses; the next run then reads more than it needs to.
    pub fn save(
        mut self,
        folder: &Path,
        own: Option<(&Path, u64, u64)>,
        lengths: &[(u64, u64)],
        footer: Footer,
    ) -> Result<(), StateError> {
        let known =
            |id: &u64| lengths.iter().copied().chain(own.map(|(_, id, length)| (id, length))).find(|of| of.0 == *id);
        let segments: Vec<(u64, u64)> = self.segments.iter().filter_map(known).collect();
        let footer = Footer {
            segments,
            n_used_bytes: self.n_used_bytes,
            n_files: self.n_files,
            n_entries: self.n_entries,
            skipped: self.skipped.clone().finalize().into(),
            ..footer
        };
        let bytes = super::to_bytes(&footer);
        self.write(&bytes)?;
        self.write(&(bytes.len() as u64).to_le_bytes())?;
        let digest = self.digest.clone().finalize();
        let io = |action, path: &Path| {
            let path = path.to_owned();
            move |source| StateError::Io { action, path, source }
        };
        self.file.write_all(&digest).and_then(|()| self.file.flush()).map_err(io("write", &self.path))?;
        make_folder(folder).map_err(io("make", folder))?;
        if let Some((path, id, _)) = own.filter(|(_, id, _)| self.segments.contains(id)) {
            let place = folder.join(segment_name(id));
            disk::rename(path, &place).map_err(io("swap", &place))?;
        }
        let place = folder.join(INDEX);
        if fs::symlink_metadata(&place).is_ok_and(|known| known.is_dir()) {
            disk::remove_dir_all(&place).map_err(io("remove", &place))?;
        }
        disk::rename(&self.path, &place).map_err(io("swap", &place))?;
        let used: Vec<String> = footer.segments.iter().map(|(id, _)| segment_name(*id)).collect();
        for entry in fs::read_dir(folder).map_err(io("list", folder))? {
            let path = entry.map_err(io("list", folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name != INDEX && !used.contains(&name) {
                remove(&path).map_err(io("remove", &path))?;
            }
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        self.digest.update(bytes);
        let path = &self.path;
        self.file.write_all(bytes).map_err(|source| StateError::Io { action: "write", path: path.clone(), source })
    }
}

/// Makes a folder, in the place of whatever else has its name.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    if fs::symlink_metadata(folder).is_ok_and(|known| !known.is_dir()) {
        disk::remove_file(folder)?;
    }
    disk::create_dir_all(folder)
}

fn remove(path: &Path) -> std::io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { disk::remove_dir_all(path) } else { disk::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        let stamp = Stamp { size_bytes: 3, modified: (1, 2), changed: (3, 4), inode: 5 };
        Entry {
            path: path.to_owned(),
            stamp,
            is_settled: true,
            sha256: Some([7; 32]),
            segment: 9,
            offset: 16,
            length: 40,
            n_files: 1,
        }
    }

    fn made() -> Made {
        Made { program: "one".to_owned(), settings: "two".to_owned() }
    }

    fn save(folder: &Path) {
        let mut index = Index::create(folder).expect("index");
        for path in ["a", "b/c", "d"] {
            index.push(Some(&entry(path))).expect("push");
        }
        index.push(None).expect("push");
        index.skip("x", "a link");
        let footer = Footer { made: made(), facts: "{}".to_owned(), ..Footer::default() };
        index.save(&folder.join("state"), None, &[(9, 56)], footer).expect("saves");
    }

    #[test]
    fn entries_are_found_in_the_order_of_the_walk() {
        let folder = tempfile::tempdir().expect("folder");
        save(folder.path());
        let Opened::Kept(kept) = Kept::open(&folder.path().join("state"), &made()) else { panic!("a state") };
        assert_eq!((kept.footer.n_files, kept.footer.n_entries), (4, 3));
        assert_eq!(kept.footer.segments, [(9, 56)]);
        assert_eq!(kept.footer.n_used_bytes, 120);
        assert!(!kept.is_scattered());
        let mut lookup = kept.lookup();
        assert_eq!(lookup.find("a").expect("reads"), Some(entry("a")));
        assert_eq!(lookup.find("b").expect("reads"), None);
        assert_eq!(lookup.find("d").expect("reads"), Some(entry("d")));
        assert_eq!(lookup.find("e").expect("reads"), None);
    }

    #[test]
    fn another_program_other_settings_and_damage_drop_it() {
        let folder = tempfile::tempdir().expect("folder");
        let state = folder.path().join("state");
        assert!(matches!(Kept::open(&state, &made()), Opened::Dropped(None)));
        save(folder.path());
        for made in [Made { program: String::new(), ..made() }, Made { settings: String::new(), ..made() }] {
            assert!(matches!(Kept::open(&state, &made), Opened::Dropped(Some(_))));
        }
        let whole = fs::read(state.join("index")).expect("index");
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(state.join("index"), flipped).expect("index");
            assert!(matches!(Kept::open(&state, &made()), Opened::Dropped(Some(_))), "byte {at}");
            fs::write(state.join("index"), &whole[..at]).expect("index");
            assert!(matches!(Kept::open(&state, &made()), Opened::Dropped(Some(_))), "cut at {at}");
        }
        fs::remove_file(state.join("index")).expect("removed");
        fs::create_dir(state.join("index")).expect("folder");
        assert!(matches!(Kept::open(&state, &made()), Opened::Dropped(Some(_))));
        // A new one takes the place of all of these.
        save(folder.path());
        assert!(matches!(Kept::open(&state, &made()), Opened::Kept(_)));
        fs::remove_dir_all(&state).expect("removed");
        fs::write(&state, "x").expect("file");
        save(folder.path());
        assert!(matches!(Kept::open(&state, &made()), Opened::Kept(_)));
    }
}
