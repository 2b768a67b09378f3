//! The files inside a container, one after another.
//!
//! Each member is read whole and handed on before the next is read, so that a container of thousands costs
//! the memory of a few. Links and devices are never followed or made.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Cursor, ErrorKind, Read};

use encoding_rs::GB18030;
use flate2::bufread::MultiGzDecoder;
use tar::EntryType;

use super::package::{open, read_entry, refuse};
use super::{HARMLESS_BYTES, Package, bomb, corrupt, damaged, limit, read_bounded};
use crate::config::Limits;
use crate::model::file::Format;
use crate::model::verdict::Problem;

/// A longer name is no name.
const MAX_NAME_BYTES: u64 = 1 << 16;

/// A file inside a container.
#[derive(Debug)]
pub struct Member {
    /// Its name, `/` between folders, no other member's.
    pub name: String,
    /// Address it was fetched from, where the container says so.
    pub address: Option<String>,
    /// Encoding of its text, where the container says so.
    pub charset: Option<String>,
    /// What it holds.
    pub contents: Contents,
}

impl Member {
    /// A member of which only its name and contents are known.
    #[must_use]
    pub fn new(name: String, contents: Contents) -> Self {
        Self { name, address: None, charset: None, contents }
    }
}

/// What a member holds.
#[derive(Debug)]
pub enum Contents {
    /// The bytes of a file.
    Bytes(Vec<u8>),
    /// It is left alone by rule, for this reason.
    Skipped(&'static str),
    /// It cannot be read.
    Unreadable(Problem),
}

/// Why the reading of a container stopped before its end.
#[derive(Debug)]
pub enum Stop<E> {
    /// Whoever takes the members failed.
    Taker(E),
    /// The container is damaged, or a limit was met.
    Container(Problem),
}

impl<E> From<Problem> for Stop<E> {
    fn from(problem: Problem) -> Self {
        Self::Container(problem)
    }
}

/// What kind of container bytes are, by their content; `None` for documents, those in a zip package among them.
#[must_use]
pub fn container(bytes: &[u8], limits: &Limits) -> Option<Format> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        const MARKS: [&str; 3] = ["[Content_Types].xml", "mimetype", "OFD.xml"];
        let is_document = match Package::open(bytes, limits) {
            // Anybody may call a file so; a document also says which of its parts is read first.
            Ok(package) if package.has(MARKS[0]) => ["_rels/", "word/", "xl/", "ppt/"]
                .iter()
                .any(|folder| package.names().any(|name| name.starts_with(folder))),
            Ok(package) => MARKS.iter().any(|name| package.has(name)),
            // Whoever reads it tells why it cannot be opened; its first entry says which of the two that is.
            Err(_) => MARKS.iter().any(|name| bytes.get(30..).is_some_and(|rest| rest.starts_with(name.as_bytes()))),
        };
        return (!is_document).then_some(Format::Zip);
    }
    if bytes.starts_with(b"\x1f\x8b") {
        return Some(Format::Gzip);
    }
    if bytes.starts_with(b"\x28\xb5\x2f\xfd") {
        return Some(Format::Zstd);
    }
    is_tar(bytes).then_some(Format::Tar)
}

/// Whether bytes begin with the header of a tar: its checksum holds.
fn is_tar(bytes: &[u8]) -> bool {
    let Some(block) = bytes.get(..512) else { return false };
    if block[0] == 0 {
        return false;
    }
    let mut header = tar::Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    let sum: u32 = block[..148].iter().chain(&[b' '; 8]).chain(&block[156..]).map(|byte| u32::from(*byte)).sum();
    header.cksum().is_ok_and(|claimed| claimed == sum)
}

/// Hands on the members of a container of this format, in the container's own order.
///
/// `name` is the last name of the container: a file that was only compressed has no other.
///
/// # Errors
/// What `take` gives back, or why the container cannot be read further; what stands before is handed on.
pub fn for_each<E>(
    bytes: &[u8],
    format: Format,
    name: &str,
    limits: &Limits,
    take: &mut dyn FnMut(Member) -> Result<(), E>,
) -> Result<(), Stop<E>> {
    let mut hand = Hand::new(take, limits, limits.archive_entries, "container", "limits.archive_entries");
    let packed = bytes.len() as u64;
    match format {
        Format::Zip => zip(bytes, &mut hand),
        Format::Tar => tar(bytes, &mut hand),
        Format::Gzip => compressed(|| Ok(MultiGzDecoder::new(bytes)), packed, name, &mut hand),
        _ => {
            let begin = || {
                let decoder = zstd::Decoder::with_buffer(bytes).and_then(|mut decoder| {
                    // Windows of 64 MiB, what zstd itself uses unless asked for more.
                    decoder.window_log_max(26)?;
                    Ok(decoder)
                });
                decoder.map_err(|error| damaged("the compressed file", &error))
            };
            compressed(begin, packed, name, &mut hand)
        }
    }
}

/// Hands members on and counts them.
pub(super) struct Hand<'a, E> {
    take: &'a mut dyn FnMut(Member) -> Result<(), E>,
    limits: &'a Limits,
    n_members: usize,
    /// How many there may be, in what, and which setting says so.
    most: (usize, &'static str, &'static str),
    /// How often a name was met.
    met: HashMap<String, u32>,
}

impl<'a, E> Hand<'a, E> {
    pub(super) fn new(
        take: &'a mut dyn FnMut(Member) -> Result<(), E>,
        limits: &'a Limits,
        most: usize,
        what: &'static str,
        setting: &'static str,
    ) -> Self {
        Self { take, limits, n_members: 0, most: (most, what, setting), met: HashMap::new() }
    }

    /// Hands on a member whose name no other has.
    pub(super) fn on(&mut self, member: Member) -> Result<(), Stop<E>> {
        self.n_members += 1;
        let (most, what, setting) = self.most;
        if self.n_members > most {
            let message =
                format!("the {what} holds more than {most} files ({setting}): take it apart, or raise the limit");
            return Err(limit(message).into());
        }
        (self.take)(member).map_err(Stop::Taker)
    }

    /// Hands on a member whose name others may have.
    fn named(&mut self, mut name: String, contents: Contents) -> Result<(), Stop<E>> {
        let met = self.met.entry(name.clone()).or_default();
        *met += 1;
        if *met > 1 {
            // Writing to a string cannot fail.
            let _ = write!(name, "#{met}");
        }
        self.on(Member::new(name, contents))
    }
}

fn zip<E>(bytes: &[u8], hand: &mut Hand<'_, E>) -> Result<(), Stop<E>> {
    let mut archive = open(bytes, hand.limits)?;
    let mut left = hand.limits.archive_bytes;
    for at in 0..archive.len() {
        let entry = archive.by_index_data(at).map_err(|error| refuse("the zip", &error))?;
        if entry.is_dir() {
            continue;
        }
        let name = printable(entry.name_raw());
        let is_link = entry.is_symlink();
        if is_link {
            hand.named(name, Contents::Skipped("a link; links are not followed"))?;
            continue;
        }
        let contents = match read_entry(&mut archive, at, hand.limits) {
            Ok(bytes) => {
                left = left.checked_sub(bytes.len() as u64).ok_or_else(|| total(hand.limits.archive_bytes))?;
                Contents::Bytes(bytes)
            }
            Err(problem) => Contents::Unreadable(problem),
        };
        hand.named(name, contents)?;
    }
    Ok(())
}

/// A file that was compressed as a whole: a tar, or one file.
///
/// `again` begins to inflate it once more.
fn compressed<E, R: Read>(
    again: impl Fn() -> Result<R, Problem>,
    packed: u64,
    name: &str,
    hand: &mut Hand<'_, E>,
) -> Result<(), Stop<E>> {
    let mut source = again()?;
    let mut head = Vec::with_capacity(512);
    source.by_ref().take(512).read_to_end(&mut head).map_err(|error| damaged("the compressed file", &error))?;
    let is_tar = is_tar(&head);
    let source = Cursor::new(head).chain(source);
    if is_tar {
        // The checksum stands at the end: a tar is handed on only when all of it is sound.
        let mut whole = again()?;
        let by_ratio = packed.saturating_mul(hand.limits.inflated_ratio).max(HARMLESS_BYTES);
        let left = by_ratio.min(hand.limits.archive_bytes);
        let most = hand.limits.archive_bytes;
        io::copy(&mut Counted { source: &mut whole, left }, &mut io::sink())
            .map_err(|error| broken("tar", most, &error))?;
        return tar(Counted { source, left }, hand);
    }
    let bytes = read_bounded(source, packed, "the compressed file", hand.limits)?;
    let suffixes = [".gz", ".zst", ".gzip", ".zstd"];
    let lower = name.to_ascii_lowercase();
    let suffix = suffixes.iter().find(|suffix| lower.ends_with(**suffix) && lower.len() > suffix.len());
    let name = suffix.map_or(name, |suffix| &name[..name.len() - suffix.len()]);
    hand.named(name.to_owned(), Contents::Bytes(bytes))
}

fn tar<E>(source: impl Read, hand: &mut Hand<'_, E>) -> Result<(), Stop<E>> {
    let most = hand.limits.archive_bytes;
    let broken = |error: io::Error| broken("tar", most, &error);
    let mut archive = tar::Archive::new(source);
    // Tars are joined by writing one behind the other.
    archive.set_ignore_zeros(true);
    // Raw: the library would read a name of any length into memory.
    let entries = archive.entries().map_err(broken)?.raw(true);
    let mut long_name: Option<Vec<u8>> = None;
    for entry in entries {
        let mut entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::GNULongName | EntryType::XHeader) {
            let mut text = Vec::new();
            entry.by_ref().take(MAX_NAME_BYTES).read_to_end(&mut text).map_err(broken)?;
            if entry.size() > MAX_NAME_BYTES {
                return Err(corrupt(format!("the tar holds a name of {} bytes: fetch it again", entry.size())).into());
            }
            if kind == EntryType::GNULongName {
                long_name = Some(text.strip_suffix(&[0]).unwrap_or(&text).to_vec());
            } else {
                let path = tar::PaxExtensions::new(&text)
                    .filter_map(Result::ok)
                    .find(|extension| extension.key_bytes() == b"path")
                    .map(|extension| extension.value_bytes().to_vec());
                long_name = path.or(long_name);
            }
            continue;
        }
        let name = printable(&long_name.take().unwrap_or_else(|| entry.header().path_bytes().into_owned()));
        match kind {
            EntryType::Regular | EntryType::Continuous => {
                let mut bytes = Vec::new();
                let most = hand.limits.inflated_bytes;
                entry.by_ref().take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(broken)?;
                let contents = if bytes.len() as u64 > most {
                    Contents::Unreadable(bomb("the file in the tar", most, "inflated_bytes"))
                } else if (bytes.len() as u64) < entry.size() {
                    return Err(corrupt("the tar ends inside a file: fetch it again".to_owned()).into());
                } else {
                    Contents::Bytes(bytes)
                };
                hand.named(name, contents)?;
            }
            EntryType::Directory | EntryType::XGlobalHeader | EntryType::GNULongLink => {}
            EntryType::Link | EntryType::Symlink => {
                hand.named(name, Contents::Skipped("a link; links are not followed"))?;
            }
            _ => hand.named(name, Contents::Skipped("no regular file"))?,
        }
    }
    Ok(())
}

fn broken(what: &str, most: u64, error: &io::Error) -> Problem {
    match error.kind() {
        ErrorKind::FileTooLarge => total(most),
        _ => damaged(&format!("the {what}"), error),
    }
}

fn total(most: u64) -> Problem {
    bomb("the container", most, "archive_bytes")
}

/// Lets so many bytes through and no more.
pub(super) struct Counted<R> {
    pub(super) source: R,
    pub(super) left: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or(ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

/// A name as text: UTF-8 where it is that, else GB18030 as Chinese systems write it, else bytes as `%XX`; a `%` itself
/// is `%25`, and a `!` that ends the name of a folder, as only containers have it, is `%21`. Folders are parted by `/`,
/// none stands in front.
fn printable(name: &[u8]) -> String {
    let decoded = match std::str::from_utf8(name) {
        Ok(name) => Some(name.to_owned()),
        Err(_) => GB18030.decode_without_bom_handling_and_without_replacement(name).map(Into::into),
    };
    let text = decoded.map_or_else(
        || {
            name.iter().fold(String::new(), |mut text, byte| {
                // Writing to a string cannot fail.
                let _ = match byte {
                    b'%' | 0x80.. => write!(text, "%{byte:02X}"),
                    _ => write!(text, "{}", char::from(*byte)),
                };
                text
            })
        },
        |name| name.replace('%', "%25"),
    );
    let text = text.replace('\\', "/").replace("!/", "%21/");
    let text = text.trim_start_matches(['/']).trim_start_matches("./");
    if text.is_empty() { "unnamed".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;
    use crate::config::Config;
    use crate::model::verdict::Cause;

    fn limits() -> Limits {
        Config::embedded().expect("settings").limits
    }

    /// What a container hands on, and how it ends.
    fn members(bytes: &[u8], name: &str, limits: &Limits) -> (Vec<String>, Option<Cause>) {
        let mut found = Vec::new();
        let format = container(bytes, limits).expect("a container");
        let end = for_each(bytes, format, name, limits, &mut |member| {
            found.push(match member.contents {
                Contents::Bytes(bytes) => format!("{} {}", member.name, String::from_utf8_lossy(&bytes)),
                Contents::Skipped(reason) => format!("{} skipped: {reason}", member.name),
                Contents::Unreadable(problem) => format!("{} {}", member.name, problem.cause),
            });
            Ok::<(), ()>(())
        });
        let cause = end.err().map(|stop| match stop {
            Stop::Container(problem) => problem.cause,
            Stop::Taker(()) => panic!("nobody failed"),
        });
        (found, cause)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("compresses")
    }

    fn tar_of(files: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            // Straight into the header: the library would refuse the names that are tested here.
            header.as_gnu_mut().expect("gnu").name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).expect("appends");
        }
        builder.into_inner().expect("finishes")
    }

    #[test]
    fn files_come_out_and_links_do_not() {
        let tar = tar_of(&[
            ("a.txt", EntryType::Regular, b"one"),
            ("../up.txt", EntryType::Regular, b"two"),
            ("b.txt", EntryType::Symlink, b""),
            ("a.txt", EntryType::Regular, b"three"),
        ]);
        let expected = ["a.txt one", "../up.txt two", "b.txt skipped: a link; links are not followed", "a.txt#2 three"];
        for bytes in [tar.clone(), gzip(&tar), zstd::encode_all(&tar[..], 1).expect("compresses")] {
            assert_eq!(members(&bytes, "x", &limits()), (expected.map(str::to_owned).to_vec(), None));
        }
        assert_eq!(members(&gzip(b"one"), "a.html.gz", &limits()).0, ["a.html one"]);
        assert_eq!(members(&zstd::encode_all(&b"one"[..], 1).expect("compresses"), "a", &limits()).0, ["a one"]);
    }

    #[test]
    fn names_are_read_in_their_own_encoding() {
        assert_eq!(printable("年报.html".as_bytes()), "年报.html");
        assert_eq!(printable(&GB18030.encode("年报\\甲.html").0), "年报/甲.html");
        assert_eq!(printable(b"/a%\xff"), "a%25%FF");
    }

    #[test]
    fn what_inflates_beyond_the_limits_is_stopped() {
        let limits = Limits { inflated_bytes: 3 << 20, archive_bytes: 5 << 20, archive_entries: 3, ..limits() };
        let cause = |bytes: &[u8]| members(bytes, "x.gz", &limits).1;
        assert_eq!(cause(&gzip(&vec![0; 4 << 20])), Some(Cause::ArchiveBomb));
        let noise: Vec<u8> = (0..2_u32 << 18).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let many = |count: usize| vec![("a", EntryType::Regular, &noise[..]); count];
        assert_eq!(members(&gzip(&tar_of(&many(2))), "x", &limits).0.len(), 2);
        assert_eq!(cause(&gzip(&tar_of(&many(3)))), Some(Cause::ArchiveBomb));
        assert_eq!(cause(&tar_of(&[("a", EntryType::Regular, &b""[..]); 4])), Some(Cause::Limit));
        let (found, end) = members(&tar_of(&[("a", EntryType::Regular, &vec![0; 4 << 20])]), "x", &limits);
        assert_eq!((found, end), (vec!["a archive_bomb".to_owned()], None));
    }

    #[test]
    fn joined_tars_are_read_whole_and_damaged_ones_not_at_all() {
        let (one, two) = (tar_of(&[("a", EntryType::Regular, b"one")]), tar_of(&[("b", EntryType::Regular, b"two")]));
        let joined = [one.clone(), two].concat();
        assert_eq!(members(&joined, "x", &limits()), (vec!["a one".to_owned(), "b two".to_owned()], None));
        let mut damaged = gzip(&one);
        let checksum = damaged.len() - 6;
        damaged[checksum] ^= 1;
        assert_eq!(members(&damaged, "x.tar.gz", &limits()), (vec![], Some(Cause::Corrupt)));
    }

    #[test]
    fn a_cut_container_hands_on_what_stands_before() {
        let tar = tar_of(&[("a", EntryType::Regular, b"one"), ("b", EntryType::Regular, &[b'x'; 2_000])]);
        assert_eq!(members(&tar[..2_000], "x", &limits()), (vec!["a one".to_owned()], Some(Cause::Corrupt)));
        assert_eq!(members(&gzip(b"one")[..12], "x.gz", &limits()), (vec![], Some(Cause::Corrupt)));
    }
}
