//! Web pages saved in one file (MHTML, RFC 2557), and messages: parts behind heads, of which the page is read.

use encoding_rs::Encoding;
use mailparse::{DispositionType, ParsedMail};

use super::{Decoded, charset, html, text};
use crate::config::Config;
use crate::model::document::{Document, Place};
use crate::model::file::Format;
use crate::model::verdict::{Blame, Cause, Problem};

/// Lines in which a head must say what it is.
const HEAD_LINES: usize = 100;

/// Parts in a file. A page has some dozens of pictures.
const MOST_PARTS: usize = 2_000;

/// A page with fewer characters only frames others.
const FEW_CHARACTERS: usize = 200;

/// Whether bytes begin with the head of a message or of an archive of a page.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let (mut is_mime, mut has_kind, mut has_parts) = (false, false, false);
    for line in bytes.split(|byte| *byte == b'\n').take(HEAD_LINES) {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            break;
        }
        // A line goes on behind white space.
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii().to_ascii_lowercase());
        if name.is_empty() || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            return false;
        }
        is_mime |= name.eq_ignore_ascii_case(b"mime-version");
        if name.eq_ignore_ascii_case(b"content-type") {
            has_kind = true;
            has_parts = value.starts_with(b"multipart/");
        }
    }
    has_parts || is_mime && has_kind
}

/// Reads the page of an archive, or the text of a message.
pub(super) fn decode(bytes: &[u8], config: &Config) -> Decoded {
    let refuse = |cause, message: &str| Err(Problem::new(cause, Blame::Source, message.to_owned()));
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let mut encoding = None;
    let document = match mailparse::parse_mail(bytes) {
        // It holds no more than what is here, in parts that do not nest deeper than its parser goes.
        Ok(mail) => read(&mail, bytes, config, &mut encoding),
        Err(_) => refuse(Cause::Corrupt, "the saved page is damaged: save it or fetch it again"),
    };
    Decoded { format: Format::Mhtml, encoding, document, needs_child: false }
}

fn read(
    mail: &ParsedMail<'_>,
    bytes: &[u8],
    config: &Config,
    encoding: &mut Option<&'static str>,
) -> Result<Document, Problem> {
    let mut parts = Vec::new();
    gather(mail, &mut parts);
    if parts.len() > MOST_PARTS {
        let message = format!("the file has more than {MOST_PARTS} parts: check whether it is a saved page");
        return Err(Problem::new(Cause::Limit, Blame::Source, message));
    }
    if parts.iter().copied().any(is_attached_document) {
        let message = "the message carries documents: take them out of it and read them by themselves";
        return Err(Problem::new(Cause::UnsupportedFormat, Blame::Source, message.to_owned()));
    }
    parts.retain(|part| !is_attached(part));
    let mut pages: Vec<&ParsedMail<'_>> =
        parts.iter().copied().filter(|part| part.ctype.mimetype == "text/html").collect();
    // The page that others belong to stands first, unless the head names another.
    if let Some(start) = mail.ctype.params.get("start") {
        let is_start = |part: &&ParsedMail<'_>| header(part, "Content-ID").is_some_and(|id| id.trim() == start.trim());
        if let Some(at) = pages.iter().position(is_start) {
            let page = pages.remove(at);
            pages.insert(0, page);
        }
    }
    let Some((first, others)) = pages.split_first() else {
        return match parts.iter().find(|part| part.ctype.mimetype == "text/plain") {
            Some(part) => page(part, config, encoding),
            None => Err(no_page()),
        };
    };
    let mut document = page(first, config, encoding)?;
    // A page without an end in a file without an end was cut.
    document.is_cut |= is_cut(bytes) && !ends(first);
    let n_characters = characters(&document);
    // The parts of a message stand one below the other; those of a saved page stand in it.
    if n_characters >= FEW_CHARACTERS && mail.ctype.mimetype == "multipart/mixed" {
        for other in others {
            if characters(&page(other, config, &mut None)?) >= FEW_CHARACTERS {
                let message = "the message holds several pages: take them out of it and read them by themselves";
                return Err(Problem::new(Cause::UnsupportedFormat, Blame::Source, message.to_owned()));
            }
        }
    }
    if n_characters < FEW_CHARACTERS {
        // Frames, or the sheets of a workbook.
        for other in others {
            let mut ignored = None;
            append(&mut document, page(other, config, &mut ignored)?);
        }
    }
    if document.pieces.is_empty() { Err(no_page()) } else { Ok(document) }
}

fn characters(document: &Document) -> usize {
    document.text.chars().filter(|c| !c.is_whitespace()).count()
}

fn no_page() -> Problem {
    let message = "the file holds no page and no text: look for the report as a page or as a text document";
    Problem::new(Cause::NoText, Blame::Source, message.to_owned())
}

/// Whether a part is attached to a message and none of its text.
fn is_attached(part: &ParsedMail<'_>) -> bool {
    part.get_content_disposition().disposition == DispositionType::Attachment
}

/// Whether a part is a document that may hold the report; signatures are none.
fn is_attached_document(part: &ParsedMail<'_>) -> bool {
    let kind = part.ctype.mimetype.as_str();
    is_attached(part) && !kind.starts_with("image/") && !kind.contains("signature")
}

/// The parts that hold no others, in their order.
fn gather<'a, 'b>(mail: &'a ParsedMail<'b>, parts: &mut Vec<&'a ParsedMail<'b>>) {
    if mail.subparts.is_empty() {
        parts.push(mail);
    }
    // Its parser has bounded the depth.
    for part in &mail.subparts {
        gather(part, parts);
    }
}

fn header(part: &ParsedMail<'_>, name: &str) -> Option<String> {
    part.headers.iter().find(|header| header.get_key_ref().eq_ignore_ascii_case(name)).map(|header| header.get_value())
}

/// Reads one part.
fn page(part: &ParsedMail<'_>, config: &Config, encoding: &mut Option<&'static str>) -> Result<Document, Problem> {
    let refuse = |cause, message: &str| Problem::new(cause, Blame::Source, message.to_owned());
    let bytes = part
        .get_body_raw()
        .map_err(|_| refuse(Cause::Corrupt, "a part of the saved page is damaged: fetch it again"))?;
    let told = part.ctype.params.get("charset").and_then(|label| Encoding::for_label(label.as_bytes()));
    let content = charset::decode(&bytes, told).map_err(|message| refuse(Cause::Decode, message))?;
    *encoding = Some(content.encoding);
    let mut document = if part.ctype.mimetype == "text/html" {
        html::decode(&content.text, &config.limits, false)?
    } else {
        text::decode(&content.text, config)?
    };
    document.n_replaced = content.n_replaced;
    Ok(document)
}

/// Puts one page behind another.
fn append(document: &mut Document, other: Document) {
    let (mut grids, mut rows) = (0, 0);
    for piece in &document.pieces {
        match piece.place {
            Place::Grid { grid, .. } => grids = grids.max(grid.saturating_add(1)),
            Place::Row { row, .. } => rows = rows.max(row.saturating_add(1)),
            Place::Line => {}
        }
    }
    let mut pictures = other.pictures.iter().peekable();
    for (at, piece) in other.pieces.iter().enumerate() {
        while pictures.next_if(|picture| **picture as usize <= at).is_some() {
            document.push_picture();
        }
        let mut place = piece.place;
        match &mut place {
            Place::Grid { grid, .. } => *grid = grid.saturating_add(grids),
            Place::Row { row, .. } => *row = row.saturating_add(rows),
            Place::Line => {}
        }
        document.push_indented(other.text_of(piece), piece.indent, piece.line, place);
    }
    pictures.for_each(|_| document.push_picture());
    document.n_replaced += other.n_replaced;
    document.is_cut |= other.is_cut;
    document.metadata.titles.extend(other.metadata.titles);
}

/// Whether a page says that it is at its end.
fn ends(part: &ParsedMail<'_>) -> bool {
    part.get_body_raw().is_ok_and(|bytes| bytes.windows(7).any(|window| window.eq_ignore_ascii_case(b"</html>")))
}

/// Whether the last part of an archive is not ended.
fn is_cut(bytes: &[u8]) -> bool {
    let Ok((headers, _)) = mailparse::parse_headers(bytes) else { return true };
    let kind = headers.iter().find(|header| header.get_key_ref().eq_ignore_ascii_case("content-type"));
    let boundary = kind.and_then(|kind| mailparse::parse_content_type(&kind.get_value()).params.remove("boundary"));
    boundary.is_some_and(|boundary| {
        let end = format!("--{boundary}--");
        !bytes.windows(end.len()).any(|window| window == end.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(archive: &str) -> Result<String, Cause> {
        let config = Config::embedded().expect("settings");
        assert!(is_archive(archive.as_bytes()), "{archive:.40}");
        let document = decode(archive.as_bytes(), &config).document;
        document.map(|document| document.text).map_err(|problem| problem.cause)
    }

    const HEAD: &str = "From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"b\"\r\n\r\n";

    fn part(head: &str, body: &str) -> String {
        format!("--b\r\nContent-Type: {head}\r\n\r\n{body}\r\n")
    }

    #[test]
    fn heads_tell_what_a_file_is() {
        assert!(is_archive(HEAD.as_bytes()));
        assert!(is_archive(b"content-type: Multipart/Related;\n boundary=a\n\n"));
        assert!(is_archive(b"MIME-Version: 1.0\nContent-Type: text/html\n\n"));
        assert!(!is_archive(b"Content-Type: text/html\n\n"));
        assert!(!is_archive(b"MIME-Version: 1.0\n\nContent-Type: text/html\n"));
        assert!(!is_archive("标题: MIME-Version: 1.0\nContent-Type: text/html\n\n".as_bytes()));
        assert!(!is_archive(b"a line\nMIME-Version: 1.0\nContent-Type: text/html\n\n"));
    }

    #[test]
    fn the_page_is_read_in_its_encoding() {
        let coded = "text/html; charset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable";
        let page = part(coded, "<p>=E8=A7=84=E7=AB=A0 1=\r\n2</p>") + &part("image/png", "noise") + "--b--\r\n";
        assert_eq!(read(&(HEAD.to_owned() + &page)), Ok("规章 12".to_owned()));
        let coded = "text/html\r\nContent-Transfer-Encoding: base64";
        let page = part(coded, "PHA+6KeE56ugPC9wPg==") + "--b--\r\n";
        assert_eq!(read(&(HEAD.to_owned() + &page)), Ok("规章".to_owned()));
        let plain = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n规章 12\n";
        assert_eq!(read(plain), Ok("规章 12".to_owned()));
    }

    #[test]
    fn frames_are_read_where_the_page_itself_is_empty() {
        let frames = part("text/html", "<frameset><frame src=a></frameset>") + &part("text/html", "<p>甲</p>");
        let sheets = HEAD.to_owned() + &frames + &part("text/html", "<p>乙</p>") + "--b--";
        assert_eq!(read(&sheets), Ok("甲乙".to_owned()));
        let long = format!("<p>{}</p>", "文".repeat(300));
        let page = HEAD.to_owned() + &part("text/html", &long) + &part("text/html", "<p>乙</p>") + "--b--";
        assert_eq!(read(&page), Ok("文".repeat(300)));
        let started = HEAD.replace("related;", "related; start=\"<two>\";")
            + &part("text/html", "<p>乙</p>")
            + &part("text/html\r\nContent-ID: <two>", &long)
            + "--b--";
        assert_eq!(read(&started), Ok("文".repeat(300)));
    }

    #[test]
    fn what_holds_no_page_or_is_cut_is_told() {
        assert_eq!(read(&(HEAD.to_owned() + &part("image/png", "noise") + "--b--")), Err(Cause::NoText));
        let attached = part("application/pdf\r\nContent-Disposition: attachment", "%PDF") + "--b--";
        assert_eq!(read(&(HEAD.to_owned() + &part("text/plain", "见附件") + &attached)), Err(Cause::UnsupportedFormat));
        let cut = HEAD.to_owned() + &part("text/html", "<p>规章</p>");
        let config = Config::embedded().expect("settings");
        let document = decode(cut.as_bytes(), &config).document.expect("a page");
        assert!(document.is_cut);
        let lost_end = HEAD.to_owned() + &part("text/html", "<p>规章</p></HTML>");
        assert!(!decode(lost_end.as_bytes(), &config).document.expect("a page").is_cut);
        let deep: String =
            (0..10_000).map(|at| format!("Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n")).collect();
        assert!(read(&deep).is_err());
    }
}
