//! From bytes to what is on the page, each piece with its place.
//!
//! Pure: bytes in, a [`Document`] out; no disk, no clock. This stage does not know that there is a
//! form. What a file is, is found by its content; its name is never asked.

mod blocks;
mod charset;
mod css;
mod delimited;
mod drawing;
mod html;
mod inline;
mod listed;
mod mhtml;
mod ofd;
mod office;
mod padded;

mod pdf;
mod print;
mod radicals;
mod text;
mod xml;

use encoding_rs::Encoding;

use crate::config::{Config, Limits};
use crate::model::document::Document;
use crate::model::file::Format;
use crate::model::verdict::{Blame, Cause, Problem};

/// Stands for something that is there and cannot be known: a sign without a character, a picture in the place of a figure,
/// a formula never worked out.
const UNKNOWN: &str = "\u{fffd}";

/// What came out of a file.
#[derive(Debug)]
pub struct Decoded {
    /// What the bytes are.
    pub format: Format,
    /// Text encoding used, by its WHATWG name.
    pub encoding: Option<&'static str>,
    /// The page, or why there is none.
    pub document: Result<Document, Problem>,
    /// Whether the page was refused only because reading it may take long: [`decode_apart`] reads it.
    pub needs_child: bool,
}

/// Whether bytes are of a binary format: one whose reader may need more time or memory than there is, or die of
/// what a hostile file holds. Such files are best read in a process of their own, by [`decode_binary`].
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    matches!(binary_format(bytes), Some(Format::Zip | Format::Ole | Format::Pdf | Format::Rtf))
}

/// The format of a binary file as far as its first bytes tell.
#[must_use]
pub fn format_of(bytes: &[u8]) -> Format {
    binary_format(bytes).unwrap_or(Format::Unknown)
}

/// The format of a file that is not read: by its first bytes.
#[must_use]
pub fn likely_format(bytes: &[u8]) -> Format {
    let first = bytes.trim_ascii_start().first();
    binary_format(bytes).unwrap_or(if first == Some(&b'<') { Format::Html } else { Format::Text })
}

/// Reads bytes for which [`is_binary`] holds.
#[must_use]
pub fn decode_binary(bytes: &[u8], limits: &Limits) -> Decoded {
    let (format, document) = match binary_format(bytes) {
        Some(Format::Ole) => office::decode_compound(bytes, limits),
        Some(Format::Pdf) => (Format::Pdf, pdf::decode(bytes, limits)),
        Some(Format::Rtf) => office::decode_rtf(bytes, limits),
        _ => office::decode_package(bytes, limits),
    };
    let document =
        document.and_then(|document| if document.pieces.is_empty() { Err(no_text(&document)) } else { Ok(document) });
    Decoded { format, encoding: None, document, needs_child: false }
}

fn no_text(document: &Document) -> Problem {
    let what = match document.pictures.len() {
        0 => "the document holds no text".to_owned(),
        count => format!("the document holds {count} pictures and no text"),
    };
    Problem::new(Cause::NoText, Blame::Source, format!("{what}: look for the report as a page or as a text document"))
}

/// Reads bytes as a page.
///
/// Never fails as such: what cannot be read is a [`Problem`] that says why and what to do.
#[must_use]
pub fn decode(bytes: &[u8], config: &Config) -> Decoded {
    decode_told(bytes, None, config)
}

/// Reads bytes as a page; `charset` is the name of the encoding that their text is said to have, as HTTP says it.
#[must_use]
pub fn decode_told(bytes: &[u8], charset: Option<&str>, config: &Config) -> Decoded {
    let refuse = |format, cause, message: &str| Decoded {
        format,
        encoding: None,
        document: Err(Problem::new(cause, Blame::Source, message.to_owned())),
        needs_child: false,
    };
    if charset::is_blank(bytes) {
        return refuse(Format::Unknown, Cause::Empty, "the file holds nothing but blanks; fetch it again");
    }
    if is_binary(bytes) {
        return decode_binary(bytes, &config.limits);
    }
    if let Some(format) = binary_format(bytes) {
        let message = format!("no reader for {} files yet; convert the file to HTML or text", format.as_str());
        return refuse(format, Cause::UnsupportedFormat, &message);
    }
    if mhtml::is_archive(bytes) {
        return mhtml::decode(bytes, config);
    }
    let text = match charset::decode(bytes, charset.and_then(|name| Encoding::for_label(name.as_bytes()))) {
        Ok(text) => text,
        Err(message) => return refuse(Format::Unknown, Cause::Decode, message),
    };
    let page = radicals::plain(&text.text);
    let mut needs_child = false;
    let (format, document) = match text_format(&page) {
        format @ (Format::Odt | Format::Ods) => (format, office::decode_flat(&page, &config.limits)),
        Format::Html => {
            let document = html::decode(&page, &config.limits, false);
            needs_child = document.is_err() && html::needs_child(&page, &config.limits);
            (Format::Html, document)
        }
        format => (format, text::decode(&page, config)),
    };
    Decoded { needs_child, ..decoded(format, &text, document) }
}

fn decoded(format: Format, text: &charset::Text, document: Result<Document, Problem>) -> Decoded {
    let document = document.map(|mut document| {
        document.n_replaced = text.n_replaced;
        document
    });
    Decoded { format, encoding: Some(text.encoding), document, needs_child: false }
}

/// Reads bytes for which [`is_binary`] holds, or of a page that [`decode`] left to a process whose time and memory are
/// bounded.
#[must_use]
pub fn decode_apart(bytes: &[u8], limits: &Limits) -> Decoded {
    if is_binary(bytes) {
        return decode_binary(bytes, limits);
    }
    match charset::decode(bytes, None) {
        Ok(text) => decoded(Format::Html, &text, html::decode(&radicals::plain(&text.text), limits, true)),
        Err(_) => decode_binary(bytes, limits),
    }
}

/// The format of a file that is not text, by its first bytes.
fn binary_format(bytes: &[u8]) -> Option<Format> {
    const MAGIC: [(&[u8], Format); 11] = [
        (b"%PDF-", Format::Pdf),
        (b"PK\x03\x04", Format::Zip),
        (b"PK\x05\x06", Format::Zip),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::Ole),
        (b"{\\rtf", Format::Rtf),
        (b"\x1f\x8b", Format::Gzip),
        (b"\x89PNG\r\n\x1a\n", Format::Image),
        (b"\xff\xd8\xff", Format::Image),
        (b"GIF8", Format::Image),
        (b"II*\0", Format::Image),
        (b"\x7fELF", Format::Unknown),
    ];
    let found = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, format)| *format);
    // Text holds no NUL unless it is UTF-16 or UTF-32, which `charset` knows by their pattern.
    found.or_else(|| (bytes.contains(&0) && !charset::is_wide(bytes)).then_some(Format::Unknown))
}

/// Tells web pages, Markdown and plain text apart.
fn text_format(text: &str) -> Format {
    let has_outline = text.contains('#') && text.lines().any(text::is_markdown_heading);
    let has_rules = || text.contains("--") && text.lines().any(text::is_markdown_rule);
    let markdown = |is_markdown| if is_markdown { Format::Markdown } else { Format::Text };
    if !text.contains('<') {
        return markdown(has_outline || has_rules());
    }
    let mut head = 16_384.min(text.len());
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    let lower = text[..head].to_ascii_lowercase();
    if lower.trim_start_matches('\u{feff}').starts_with("<?xml") && lower.contains("<office:document") {
        return if lower.contains("opendocument.spreadsheet") { Format::Ods } else { Format::Odt };
    }
    let is_page = ["<!doctype html", "<html", "<head", "<body", "<div", "<p>", "<p ", "<span", "<td"]
        .iter()
        .filter(|tag| lower.contains(**tag))
        .count();
    // A Markdown file may hold tables as HTML, and what it has no marks for; its own lines still end paragraphs.
    let is_markdown = has_outline || has_rules();
    if is_page > 0 && !(is_markdown && !lower.contains("<body") && !lower.contains("<html")) {
        return Format::Html;
    }
    markdown(is_markdown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], format: Format, cause: Option<Cause>) {
        let decoded = decode(bytes, &Config::embedded().expect("settings"));
        assert_eq!((decoded.format, decoded.document.err().map(|problem| problem.cause)), (format, cause));
    }

    #[test]
    fn content_decides_what_a_file_is() {
        check(b"", Format::Unknown, Some(Cause::Empty));
        check("\u{feff} \r\n\u{3000}".as_bytes(), Format::Unknown, Some(Cause::Empty));
        check(b"%PDF-1.7 ...", Format::Pdf, Some(Cause::Corrupt));
        check(b"PK\x03\x04rest", Format::Zip, Some(Cause::Corrupt));
        check(b"\x00\x01\x02\x03\x04\x05\x06\x07 noise", Format::Unknown, Some(Cause::UnsupportedFormat));
        check("<html><body>年报</body></html>".as_bytes(), Format::Html, None);
        check("<table><tr><td>规章</td></tr></table>".as_bytes(), Format::Html, None);
        check("# 年报\n<table><tr><td>规章</td></tr></table>".as_bytes(), Format::Markdown, None);
        check("年报\n规章 0 0 0".as_bytes(), Format::Text, None);
    }
}
