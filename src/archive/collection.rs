//! Collections of pages: records of a crawl (WARC), lines of JSON, rows of Parquet.
//!
//! They are read as they come, a record at a time, so that a collection may be larger than memory. A record is called by
//! its number, from 1: of the WARC record, of the line, of the row.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Schema};
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::members::{Contents, Counted, Hand, Member, Stop};
use super::{HARMLESS_BYTES, bomb, corrupt, damaged, limit};
use crate::config::{Collections, Config, Limits};
use crate::model::file::Format;
use crate::model::verdict::{Blame, Cause, Problem};

/// A longer line of a header is none.
const MAX_HEADER_BYTES: u64 = 1 << 16;

/// More lines than a header has.
const MAX_HEADER_LINES: usize = 256;

/// Rows of Parquet in memory at a time.
const ROWS: usize = 64;

/// Where the bytes of a collection are.
#[derive(Debug)]
pub enum Bulk {
    /// In memory.
    Bytes(Vec<u8>),
    /// On the disk.
    File(File),
}

/// What kind of collection bytes begin, and whether it is compressed. `head` may be the first part of them only.
#[must_use]
pub fn collection(head: &[u8], settings: &Collections) -> Option<Format> {
    if head.starts_with(b"\x1f\x8b") {
        let mut inner = Vec::new();
        // The end of a part cannot be inflated; what comes before it is enough.
        let _ = MultiGzDecoder::new(head).take(HARMLESS_BYTES).read_to_end(&mut inner);
        return plain(&inner, settings).filter(|format| *format != Format::Parquet);
    }
    plain(head, settings)
}

fn plain(head: &[u8], settings: &Collections) -> Option<Format> {
    if head.starts_with(b"WARC/1.") || head.starts_with(b"WARC/0.") {
        return Some(Format::Warc);
    }
    if head.starts_with(b"PAR1") {
        return Some(Format::Parquet);
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !head.starts_with(b"{") {
        return None;
    }
    // The first line is an object with a text; one that is cut off here at least begins as one.
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    let is_record = match serde_json::from_slice::<Line>(line) {
        Ok(line) => settings.text_columns.iter().any(|name| line.0.contains_key(name)),
        Err(error) => error.is_eof() && line.len() == head.len() && line.len() > 4_096,
    };
    is_record.then_some(Format::Jsonl)
}

/// The columns of a line; a name that stands twice is an error.
struct Line(HashMap<String, serde_json::Value>);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;
        impl<'de> Visitor<'de> for Columns {
            type Value = Line;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
                let mut columns = HashMap::new();
                while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
                    if let Some(name) = columns.insert(name.clone(), value).map(|_| name) {
                        return Err(serde::de::Error::custom(format!("it names {name:?} twice")));
                    }
                }
                Ok(Line(columns))
            }
        }
        deserializer.deserialize_map(Columns)
    }
}

/// Hands on the records of a collection of this format.
///
/// # Errors
/// What `take` gives back, or why the collection cannot be read further; what stands before is handed on.
pub fn for_each_record<E>(
    bulk: Bulk,
    format: Format,
    config: &Config,
    take: &mut dyn FnMut(Member) -> Result<(), E>,
) -> Result<(), Stop<E>> {
    let limits = &config.limits;
    let mut hand = Hand::new(take, limits, limits.collection_records, "collection", "limits.collection_records");
    if format == Format::Parquet {
        return match bulk {
            Bulk::Bytes(bytes) => parquet(Bytes::from(bytes), config, &mut hand),
            Bulk::File(file) => parquet(file, config, &mut hand),
        };
    }
    let length = match &bulk {
        Bulk::Bytes(bytes) => bytes.len() as u64,
        Bulk::File(file) => file.metadata().map_or(0, |metadata| metadata.len()),
    };
    let source: Box<dyn Read> = match bulk {
        Bulk::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        Bulk::File(file) => Box::new(file),
    };
    let mut source = BufReader::with_capacity(1 << 17, source);
    let is_compressed = source.fill_buf().is_ok_and(|head| head.starts_with(b"\x1f\x8b"));
    if !is_compressed {
        return records(&mut source, format, config, &mut hand);
    }
    let left = length.saturating_mul(limits.inflated_ratio).max(HARMLESS_BYTES);
    let source = Counted { source: MultiGzDecoder::new(source), left };
    records(&mut BufReader::with_capacity(1 << 17, source), format, config, &mut hand)
}

fn records<E>(
    source: &mut impl BufRead,
    format: Format,
    config: &Config,
    hand: &mut Hand<'_, E>,
) -> Result<(), Stop<E>> {
    match format {
        Format::Warc => warc(source, &config.limits, hand),
        _ => lines(source, config, hand),
    }
}

fn broken(what: &str, error: &io::Error) -> Problem {
    match error.kind() {
        ErrorKind::FileTooLarge => {
            let message =
                "the collection inflates to more than limits.inflated_ratio times its size: check whether it is real";
            Problem::new(Cause::ArchiveBomb, Blame::Source, message.to_owned())
        }
        ErrorKind::UnexpectedEof => corrupt(format!("{what} ends inside a record: fetch it again")),
        _ => damaged(what, error),
    }
}

/// Reads to the end of a line, its end included; what is longer than `most` is passed over and `None`.
fn line(source: &mut impl BufRead, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    source.by_ref().take(most.saturating_add(1)).read_until(b'\n', &mut line)?;
    if line.len() as u64 <= most {
        return Ok(Some(line));
    }
    while !line.ends_with(b"\n") {
        line.clear();
        if source.by_ref().take(1 << 20).read_until(b'\n', &mut line)? == 0 {
            break;
        }
    }
    Ok(None)
}

// JSON ---------------------------------------------------------------------------------------------------------------

fn lines<E>(source: &mut impl BufRead, config: &Config, hand: &mut Hand<'_, E>) -> Result<(), Stop<E>> {
    let most = config.limits.inflated_bytes;
    for number in 1_u64.. {
        let line = line(source, most).map_err(|error| broken("the collection", &error))?;
        let (contents, address) = match line {
            Some(line) if line.is_empty() => break,
            Some(line) => match json(&line, number == 1, &config.collections) {
                Some(record) => record,
                None => continue,
            },
            None => (Contents::Unreadable(bomb("the line", most, "inflated_bytes")), None),
        };
        hand.on(Member { address, ..Member::new(number.to_string(), contents) })?;
    }
    Ok(())
}

/// What a line holds; `None` for a blank one.
fn json(line: &[u8], is_first: bool, settings: &Collections) -> Option<(Contents, Option<String>)> {
    let line = if is_first { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
    if line.trim_ascii().is_empty() {
        return None;
    }
    let mut record: Line = match serde_json::from_slice(line) {
        Ok(record) => record,
        Err(error) => {
            let message = format!("the line is no object of JSON ({error}): write the collection again");
            return Some((Contents::Unreadable(corrupt(message)), None));
        }
    };
    let mut text = |names: &[String]| {
        names.iter().find_map(|name| match record.0.remove(name) {
            Some(serde_json::Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        })
    };
    let address = text(&settings.address_columns);
    let contents = text(&settings.text_columns).map_or(NO_TEXT, |text| Contents::Bytes(text.into_bytes()));
    Some((contents, address))
}

const NO_TEXT: Contents = Contents::Skipped("the record holds no text");

// Parquet ------------------------------------------------------------------------------------------------------------

fn parquet<E>(source: impl ChunkReader + 'static, config: &Config, hand: &mut Hand<'_, E>) -> Result<(), Stop<E>> {
    // The library trusts what a file says of itself; where that lies it may panic.
    let contradiction = || damaged_parquet("it contradicts itself");
    let opened = catch_unwind(AssertUnwindSafe(|| open(source, config)));
    let mut batches = opened.unwrap_or_else(|_| Err(contradiction()))?;
    let mut number = 0_u64;
    loop {
        let next = catch_unwind(AssertUnwindSafe(|| batches.next().transpose()));
        let next = next.map_err(|_| contradiction())?;
        let Some(batch) = next.map_err(damaged_parquet)? else { break };
        let schema = batch.schema();
        let column = |names: &[String]| position(&schema, names).map(|at| batch.column(at));
        let (texts, addresses) =
            (column(&config.collections.text_columns), column(&config.collections.address_columns));
        for row in 0..batch.num_rows() {
            number += 1;
            let bytes = texts.and_then(|texts| value(texts.as_ref(), row)).filter(|bytes| !bytes.is_empty());
            let address = addresses.and_then(|addresses| value(addresses.as_ref(), row));
            let address = address.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
            let contents = bytes.map_or(NO_TEXT, |bytes| Contents::Bytes(bytes.to_vec()));
            hand.on(Member { address, ..Member::new(number.to_string(), contents) })?;
        }
    }
    Ok(())
}

fn damaged_parquet(error: impl fmt::Display) -> Problem {
    corrupt(format!("the Parquet file is damaged ({error}): fetch it again"))
}

/// The column of the first of these names that is there.
fn position(schema: &Schema, names: &[String]) -> Option<usize> {
    names.iter().find_map(|name| schema.fields().iter().position(|field| field.name() == name))
}

fn open(
    source: impl ChunkReader + 'static,
    config: &Config,
) -> Result<parquet::arrow::arrow_reader::ParquetRecordBatchReader, Problem> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source).map_err(damaged_parquet)?;
    let settings = &config.collections;
    let metadata = builder.metadata();
    // Pages are inflated whole: what a group of rows claims must be bearable.
    let most = i64::try_from(config.limits.archive_bytes).unwrap_or(i64::MAX);
    if metadata.row_groups().iter().flat_map(|group| group.columns()).any(|column| column.uncompressed_size() > most) {
        return Err(limit(
            "the Parquet file claims a column larger than limits.archive_bytes: write it in smaller groups of rows"
                .to_owned(),
        ));
    }
    let known = |names: &[String]| position(builder.schema(), names);
    let Some(texts) = known(&settings.text_columns) else {
        let message = format!(
            "the Parquet file has no column of texts ({}; collections.text_columns): name the column so",
            settings.text_columns.join(", ")
        );
        return Err(Problem::new(Cause::UnsupportedFormat, Blame::Source, message));
    };
    let columns: Vec<usize> = [Some(texts), known(&settings.address_columns)].into_iter().flatten().collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns);
    builder.with_projection(mask).with_batch_size(ROWS).build().map_err(damaged_parquet)
}

/// The bytes of a text.
fn value(column: &dyn Array, row: usize) -> Option<&[u8]> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row).as_bytes()),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row).as_bytes()),
        DataType::Utf8View => Some(column.as_string_view().value(row).as_bytes()),
        DataType::Binary => Some(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(column.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(column.as_binary_view().value(row)),
        DataType::Dictionary(..) => {
            let column = column.as_any_dictionary();
            value(column.values().as_ref(), column.normalized_keys()[row])
        }
        _ => None,
    }
}

// WARC ---------------------------------------------------------------------------------------------------------------

/// The fields of a header, names in lower case.
fn header(source: &mut impl BufRead) -> io::Result<HashMap<String, String>> {
    let mut fields = HashMap::new();
    for _ in 0..MAX_HEADER_LINES {
        let Some(line) = line(source, MAX_HEADER_BYTES)? else { continue };
        if line.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Ok(fields);
        }
        if let Some((name, value)) = text.split_once(':') {
            fields.entry(name.trim().to_ascii_lowercase()).or_insert_with(|| value.trim().to_owned());
        }
    }
    Err(io::Error::other("a header has too many lines"))
}

fn warc<E>(source: &mut impl BufRead, limits: &Limits, hand: &mut Hand<'_, E>) -> Result<(), Stop<E>> {
    let failed = |error: io::Error| broken("the crawl", &error);
    let most = limits.inflated_bytes;
    for number in 1_u64.. {
        // Blank lines part records.
        let mut version = Vec::new();
        while version.trim_ascii().is_empty() {
            match line(source, MAX_HEADER_BYTES).map_err(failed)? {
                Some(line) if line.is_empty() => return Ok(()),
                Some(line) => version = line,
                None => {}
            }
        }
        if !version.starts_with(b"WARC/") {
            return Err(corrupt(format!("record {number} of the crawl does not begin as one: fetch it again")).into());
        }
        let fields = header(source).map_err(failed)?;
        let field = |name: &str| fields.get(name).map(String::as_str);
        let Some(length) = field("content-length").and_then(|length| length.parse::<u64>().ok()) else {
            return Err(corrupt(format!("record {number} of the crawl does not say its length: fetch it again")).into());
        };
        let kind = field("warc-type").unwrap_or_default().to_ascii_lowercase();
        let is_page =
            kind == "response" && field("content-type").is_none_or(|of| of.to_ascii_lowercase().contains("http"));
        let mut block = Vec::new();
        let wanted = if is_page { length.min(most.saturating_add(1)) } else { 0 };
        source.by_ref().take(wanted).read_to_end(&mut block).map_err(failed)?;
        let passed = io::copy(&mut source.by_ref().take(length - wanted), &mut io::sink()).map_err(failed)?;
        if block.len() as u64 != wanted || passed != length - wanted {
            return Err(broken("the crawl", &ErrorKind::UnexpectedEof.into()).into());
        }
        let address = field("warc-target-uri").map(|address| address.trim_matches(['<', '>']).to_owned());
        if !is_page {
            // Other records tell of the crawl; these hold something that was fetched, in another way.
            if matches!(kind.as_str(), "response" | "resource" | "conversion" | "continuation") {
                let contents =
                    Contents::Skipped("a record that is no answer of HTTP (resource, conversion or continuation)");
                hand.on(Member { address, ..Member::new(number.to_string(), contents) })?;
            }
            continue;
        }
        let mut member = if length > most {
            Member::new(number.to_string(), Contents::Unreadable(bomb("the record", most, "inflated_bytes")))
        } else {
            response(number, block, limits)
        };
        member.address = address;
        hand.on(member)?;
    }
    Ok(())
}

/// The page that an answer carries.
fn response(number: u64, block: Vec<u8>, limits: &Limits) -> Member {
    let member = |contents| Member::new(number.to_string(), contents);
    let mut source = Cursor::new(block);
    let mut status = Vec::new();
    let fields =
        source.by_ref().take(MAX_HEADER_BYTES).read_until(b'\n', &mut status).and_then(|_| header(&mut source));
    let Ok(fields) = fields else {
        return member(Contents::Unreadable(corrupt(
            "the record holds no whole answer of HTTP: fetch it again".to_owned(),
        )));
    };
    let status = String::from_utf8_lossy(&status);
    if status.split_ascii_whitespace().nth(1) != Some("200") {
        return member(Contents::Skipped("an answer without a page (its status is not 200)"));
    }
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let kind = field("content-type").to_ascii_lowercase();
    const OTHER: [&str; 8] =
        ["image/", "video/", "audio/", "font/", "text/css", "javascript", "application/json", "woff"];
    if OTHER.iter().any(|other| kind.contains(other)) {
        return member(Contents::Skipped("no document (a picture, a style, a script or a font)"));
    }
    let at = usize::try_from(source.position()).unwrap_or(usize::MAX);
    let mut body = source.into_inner().split_off(at);
    // Some crawlers join the chunks and leave the header.
    if field("transfer-encoding").to_ascii_lowercase().contains("chunked") && begins_with_length(&body) {
        match unchunked(&body) {
            Some(whole) => body = whole,
            None => {
                let message = "the chunks of the answer do not add up: fetch the page again".to_owned();
                return member(Contents::Unreadable(corrupt(message)));
            }
        }
    }
    let encoding = field("content-encoding").to_ascii_lowercase();
    let packed = body.len() as u64;
    let inflated = match encoding.trim() {
        "gzip" | "x-gzip" if body.starts_with(b"\x1f\x8b") => inflate(GzDecoder::new(&body[..]), packed, limits),
        // Both kinds go by this name.
        "deflate" => inflate(ZlibDecoder::new(&body[..]), packed, limits)
            .or_else(|_| inflate(DeflateDecoder::new(&body[..]), packed, limits)),
        "br" => {
            let message = "the page is compressed in a way that is not read (br): fetch it without".to_owned();
            Err(Problem::new(Cause::UnsupportedFormat, Blame::Source, message))
        }
        // Some crawlers inflate pages and leave the header.
        _ => Ok(body),
    };
    let charset = kind.split("charset=").nth(1).map(|name| name.trim_matches(['"', '\'', ' ', ';']).to_owned());
    Member { charset, ..member(inflated.map_or_else(Contents::Unreadable, Contents::Bytes)) }
}

fn inflate(source: impl Read, packed: u64, limits: &Limits) -> Result<Vec<u8>, Problem> {
    super::read_bounded(source, packed, "the page", limits)
}

/// Whether a body begins with the length of a chunk.
fn begins_with_length(body: &[u8]) -> bool {
    let end = body.iter().position(|byte| *byte == b'\n').unwrap_or(body.len());
    let length = body[..end].split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    !length.is_empty() && length.len() <= 16 && length.iter().all(u8::is_ascii_hexdigit)
}

/// A body without the lengths of its chunks; `None` where they do not add up.
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(body.len());
    loop {
        let end = body.windows(2).take(1_024).position(|pair| pair == b"\r\n")?;
        let length = std::str::from_utf8(&body[..end]).ok()?.split(';').next()?.trim();
        let length = usize::from_str_radix(length, 16).ok()?;
        body = &body[end + 2..];
        if length == 0 {
            return Some(whole);
        }
        let chunk = body.get(..length)?;
        whole.extend_from_slice(chunk);
        body = body.get(length + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BinaryArray, RecordBatch, StringArray};
    use flate2::{Compression, write::GzEncoder};
    use parquet::arrow::ArrowWriter;

    use super::*;

    /// What a collection hands on, and how it ends.
    fn records(bytes: &[u8], config: &Config) -> (Vec<String>, Option<Cause>) {
        let mut found = Vec::new();
        let format = collection(bytes, &config.collections).expect("a collection");
        let end = for_each_record(Bulk::Bytes(bytes.to_vec()), format, config, &mut |member| {
            let address = member.address.map(|address| format!(" <{address}>")).unwrap_or_default();
            let charset = member.charset.map(|charset| format!(" ({charset})")).unwrap_or_default();
            found.push(match member.contents {
                Contents::Bytes(bytes) => {
                    format!("{}{address}{charset} {}", member.name, String::from_utf8_lossy(&bytes))
                }
                Contents::Skipped(reason) => format!("{}{address} skipped: {reason}", member.name),
                Contents::Unreadable(problem) => format!("{}{address} {}", member.name, problem.cause),
            });
            Ok::<(), ()>(())
        });
        let cause = end.err().map(|stop| match stop {
            Stop::Container(problem) => problem.cause,
            Stop::Taker(()) => panic!("nobody failed"),
        });
        (found, cause)
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str], end: Option<Cause>) {
        let config = Config::embedded().expect("settings");
        assert_eq!(records(bytes, &config), (expected.iter().map(|record| (*record).to_owned()).collect(), end));
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("compresses")
    }

    #[test]
    fn lines_of_json_are_pages_by_their_number() {
        let text = "\u{feff}{\"url\": \"http://a\", \"text\": \"甲\"}\r\n\n{\"text\": null}\n{\"text\": \"乙\n{\"id\": 1, \"content\": \"丙\"}\n{\"text\": \"丁\", \"text\": \"戊\"}";
        let expected = ["1 <http://a> 甲", "3 skipped: the record holds no text", "4 corrupt", "5 丙", "6 corrupt"];
        check(text.as_bytes(), &expected, None);
        check(&gzip(text.as_bytes()), &expected, None);
        let settings = Config::embedded().expect("settings").collections;
        for other in ["{\n \"text\": \"甲\"\n}", "{\"id\": 1}\n", "[1]", "{公开}", ""] {
            assert_eq!(collection(other.as_bytes(), &settings), None, "{other}");
        }
    }

    #[test]
    fn a_line_beyond_the_limit_costs_one_row() {
        let mut config = Config::embedded().expect("settings");
        config.limits.inflated_bytes = 40;
        let long = format!("{{\"text\": \"a\"}}\n{{\"text\": \"{}\"}}\n{{\"text\": \"b\"}}\n", "x".repeat(3 << 20));
        let expected = ["1 a", "2 archive_bomb", "3 b"].map(str::to_owned).to_vec();
        assert_eq!(records(long.as_bytes(), &config), (expected, None));
        config.limits.collection_records = 1;
        assert_eq!(records(long.as_bytes(), &config), (vec!["1 a".to_owned()], Some(Cause::Limit)));
        let config = Config::embedded().expect("settings");
        let bomb = gzip(format!("{{\"text\": \"{}\"}}\n", "0".repeat(20 << 20)).as_bytes());
        assert_eq!(records(&bomb, &config), (vec![], Some(Cause::ArchiveBomb)));
    }

    fn record(kind: &str, block: &[u8]) -> Vec<u8> {
        let head = format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: <http://a/>\r\nContent-Type: application/http\r\n\
             content-length: {}\r\n\r\n",
            block.len()
        );
        [head.as_bytes(), block, b"\r\n\r\n"].concat()
    }

    fn answer(head: &str, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), body].concat()
    }

    #[test]
    fn answers_of_a_crawl_are_pages() {
        let chunked = b"3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n";
        let records = [
            record("warcinfo", b"software: x\r\n"),
            record("response", &answer("Content-Type: text/html; charset=\"gb2312\"\r\n", b"page")),
            record("request", b"GET / HTTP/1.1\r\n\r\n"),
            record("response", b"HTTP/1.1 404 Not Found\r\n\r\nnone"),
            record("response", &answer("Transfer-Encoding: chunked\r\n", chunked)),
            record("response", &answer("Content-Encoding: gzip\r\n", &gzip(b"packed"))),
            record("response", &answer("Content-Encoding: gzip\r\n", b"not packed")),
            record("response", &answer("Content-Encoding: br\r\n", b"\x8b")),
            record("response", &answer("Content-Type: image/png\r\n", b"\x89PNG")),
            record("response", b"nothing"),
            record("response", &answer("Transfer-Encoding: chunked\r\n", b"joined")),
            record("response", &answer("Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n")),
            record("response", &answer("Transfer-Encoding: chunked\r\n", b"3\nabc\n0\n\n")),
            record("resource", b"page"),
        ];
        let expected = [
            "2 <http://a/> (gb2312) page",
            "4 <http://a/> skipped: an answer without a page (its status is not 200)",
            "5 <http://a/> abcde",
            "6 <http://a/> packed",
            "7 <http://a/> not packed",
            "8 <http://a/> unsupported_format",
            "9 <http://a/> skipped: no document (a picture, a style, a script or a font)",
            "10 <http://a/> corrupt",
            "11 <http://a/> joined",
            "12 <http://a/> corrupt",
            "13 <http://a/> corrupt",
            "14 <http://a/> skipped: a record that is no answer of HTTP (resource, conversion or continuation)",
        ];
        check(&records.concat(), &expected, None);
        // Each record compressed by itself, as crawlers write them.
        let packed: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
        check(&packed, &expected, None);
        check(&packed[..packed.len() - 20], &expected[..11], Some(Cause::Corrupt));
        let whole = records[..2].concat();
        check(&whole[..whole.len() - 7], &[], Some(Cause::Corrupt));
        check(&[&whole[..], b"else\r\n"].concat(), &expected[..1], Some(Cause::Corrupt));
    }

    fn table(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)));
        let batch = batch.expect("a batch");
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("writes");
        writer.into_inner().expect("finishes")
    }

    #[test]
    fn rows_of_parquet_are_pages_by_their_number() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("甲"), None, Some("乙")]));
        let addresses: ArrayRef = Arc::new(BinaryArray::from_opt_vec(vec![Some(b"http://a"), None, None]));
        let whole = table(vec![("id", texts.clone()), ("url", addresses.clone()), ("content", texts.clone())]);
        check(&whole, &["1 <http://a> 甲", "2 skipped: the record holds no text", "3 乙"], None);
        check(&table(vec![("url", addresses)]), &[], Some(Cause::UnsupportedFormat));
        check(&whole[..whole.len() - 9], &[], Some(Cause::Corrupt));
    }
}
