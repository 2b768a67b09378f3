//! Office files: a zip package of XML parts, an OLE compound file, or rich text.

mod biff;
mod doc;
mod docx;
mod ink;
mod numbering;
mod odf;
mod rows;
mod rtf;
mod sheet;
mod story;

pub(super) use odf::decode_flat;

use std::io::Cursor;

use super::{UNKNOWN, ofd, xml};
use crate::archive::{Package, corrupt};
use crate::config::Limits;
use crate::model::document::Document;
use crate::model::file::Format;
use crate::model::verdict::{Blame, Cause, Problem};

/// Reads a zip package: says which kind of document it is, and what it holds.
pub(super) fn decode_package(bytes: &[u8], limits: &Limits) -> (Format, Result<Document, Problem>) {
    let mut package = match Package::open(bytes, limits) {
        Ok(package) => package,
        Err(problem) => return (Format::Zip, Err(problem)),
    };
    let (format, main) = match kind(&mut package, limits) {
        Ok(known) => known,
        Err(problem) => return (Format::Zip, Err(problem)),
    };
    if format == Format::Ofd {
        return (format, ofd::decode(&mut package, limits));
    }
    if let Some(name) = stranger(&package, &[]) {
        return (format, Err(beside(name)));
    }
    let document = match format {
        Format::Docx => docx::decode(&mut package, &main, limits),
        Format::Xlsx => sheet::decode_xlsx(bytes, &mut package, &main, limits),
        Format::Odt | Format::Ods => odf::decode(&mut package, limits),
        other => Err(unsupported(other)),
    };
    (format, document)
}

/// Reads an OLE compound file.
pub(super) fn decode_compound(bytes: &[u8], limits: &Limits) -> (Format, Result<Document, Problem>) {
    let streams = root_streams(bytes);
    let has = |name: &str| match &streams {
        // Word and Excel do not mind the case of names.
        Some(streams) => streams.iter().any(|stream| stream.eq_ignore_ascii_case(name)),
        None => has_stream(bytes, name),
    };
    if has("EncryptedPackage") {
        let message = "the document is locked by a password: ask for the open file";
        return (Format::Ole, Err(Problem::new(Cause::Encrypted, Blame::Source, message.to_owned())));
    }
    match () {
        () if has(doc::MAIN) => (Format::Doc, doc::decode(bytes, limits)),
        () if has("Workbook") || has("Book") => (Format::Xls, sheet::decode_xls(bytes, limits)),
        () if streams.is_none() => {
            let message = "the file is cut or damaged, so that nothing tells what it holds: fetch it again";
            (Format::Ole, Err(corrupt(message.to_owned())))
        }
        () => (Format::Ole, Err(unsupported(Format::Ole))),
    }
}

/// Reads rich text.
pub(super) fn decode_rtf(bytes: &[u8], limits: &Limits) -> (Format, Result<Document, Problem>) {
    (Format::Rtf, rtf::decode(bytes, limits))
}

/// The streams of a compound file itself, and not of the objects embedded in it; `None` where it is damaged.
fn root_streams(bytes: &[u8]) -> Option<Vec<String>> {
    let file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    Some(file.read_root_storage().filter(cfb::Entry::is_stream).map(|entry| entry.name().to_owned()).collect())
}

/// Whether a compound file names a stream: its name stands in UTF-16, with an end, at the head of a directory entry.
fn has_stream(bytes: &[u8], name: &str) -> bool {
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    // Entries are 128 bytes long and lie in sectors of 512 or more.
    bytes.chunks_exact(128).skip(4).any(|entry| entry.starts_with(&name))
}

/// The kind of a package, and the name of its main part, as the package itself declares them.
fn kind(package: &mut Package<'_>, limits: &Limits) -> Result<(Format, String), Problem> {
    if ofd::is_in(package) {
        return Ok((Format::Ofd, String::new()));
    }
    if let Some(mimetype) = package.read("mimetype")? {
        let mimetype = String::from_utf8_lossy(&mimetype);
        let is = |kind: &str| mimetype.trim().starts_with(&format!("application/vnd.oasis.opendocument.{kind}"));
        let format = match () {
            () if is("text") => Format::Odt,
            () if is("spreadsheet") => Format::Ods,
            () => Format::Zip,
        };
        return Ok((format, "content.xml".to_owned()));
    }
    let mut main = find(package, "_rels/.rels", limits, |tag| {
        let is_main = tag.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument"));
        tag.attribute("Target").filter(|_| is_main)
    })?;
    if let Some(name) = &mut main {
        *name = name.trim_start_matches("./").trim_start_matches('/').to_owned();
    }
    let declared = find(package, "[Content_Types].xml", limits, |tag| {
        let part = tag.attribute("PartName")?;
        let is_main = main.as_ref().is_some_and(|main| part.trim_start_matches('/').eq_ignore_ascii_case(main));
        tag.attribute("ContentType").filter(|_| is_main)
    })?
    .unwrap_or_default();
    let starts = |folder: &str| package.names().any(|name| name.starts_with(folder));
    let is = |kind: &str, folder: &str| declared.contains(kind) || declared.is_empty() && starts(folder);
    Ok(match () {
        () if is("wordprocessingml", "word/") || declared.contains("ms-word") => {
            (Format::Docx, main.unwrap_or_else(|| "word/document.xml".to_owned()))
        }
        () if is("spreadsheetml", "xl/") || declared.contains("ms-excel") => {
            (Format::Xlsx, main.unwrap_or_else(|| "xl/workbook.xml".to_owned()))
        }
        () => (Format::Zip, String::new()),
    })
}

/// The first thing that a test finds in the tags of a part.
fn find(
    package: &mut Package<'_>,
    part: &str,
    limits: &Limits,
    mut test: impl FnMut(&xml::Tag<'_>) -> Option<String>,
) -> Result<Option<String>, Problem> {
    let Some(bytes) = package.read(part)? else { return Ok(None) };
    let text = xml::text(&bytes, part)?;
    let mut xml = xml::Xml::new(&text, part, limits);
    while let Some(node) = xml.next()? {
        if let xml::Node::Open(tag) = node
            && let Some(found) = test(&tag)
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The document would be read and another file passed over.
pub(super) fn beside(name: &str) -> Problem {
    let message =
        format!("the document and other files ({name}) lie in one package: part them, for only one can be read");
    Problem::new(Cause::Corrupt, Blame::Source, message)
}

/// A page or a document in a package that is no part of it: it would be passed over. What lies in folders that the
/// document calls its `own` is a part.
pub(super) fn stranger<'p>(package: &'p Package<'_>, own: &[String]) -> Option<&'p str> {
    const FOLDERS: [&str; 10] =
        ["word", "xl", "ppt", "_rels", "docprops", "customxml", "meta-inf", "basic", "configurations2", "thumbnails"];
    const ENDS: [&str; 18] = [
        ".html", ".htm", ".mht", ".mhtml", ".txt", ".md", ".csv", ".doc", ".docx", ".rtf", ".pdf", ".xls", ".xlsx",
        ".ods", ".odt", ".zip", ".ofd", ".wps",
    ];
    package.names().find(|name| {
        let folder = name.split_once('/').map_or("", |(folder, _)| folder);
        let is_own = FOLDERS.contains(&folder) || own.iter().any(|own| own == folder) || folder.starts_with("object");
        ENDS.iter().any(|end| name.ends_with(end)) && !is_own
    })
}

fn unsupported(format: Format) -> Problem {
    let message = format!("no reader for {format} files yet; convert the file to DOCX, HTML or text");
    Problem::new(Cause::UnsupportedFormat, Blame::Source, message)
}

/// The pieces of a document: `L:` for lines, `row.column:` for rows, `#row.column+rows x columns:` for grids.
#[cfg(test)]
pub(super) fn pieces(document: &Document) -> Vec<String> {
    use crate::model::document::Place;
    let describe = |place: Place| match place {
        Place::Line => "L:".to_owned(),
        Place::Row { row, column } => format!("{row}.{column}:"),
        Place::Grid { row, column, row_span, column_span, .. } => format!("#{row}.{column}+{row_span}x{column_span}:"),
    };
    document.pieces.iter().map(|piece| describe(piece.place) + document.text_of(piece)).collect()
}
