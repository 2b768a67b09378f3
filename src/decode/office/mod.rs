//! Office files: a zip package of XML parts, or an OLE compound file.

mod docx;
mod numbering;
mod odf;
mod sheet;
mod xml;

use crate::archive::Package;
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
    let format = match kind(&mut package) {
        Ok(format) => format,
        Err(problem) => return (Format::Zip, Err(problem)),
    };
    let document = match format {
        Format::Docx => docx::decode(&mut package, limits),
        Format::Xlsx => sheet::decode_xlsx(bytes, &mut package, limits),
        Format::Odt | Format::Ods => odf::decode(&mut package, limits),
        other => Err(unsupported(other)),
    };
    (format, document)
}

/// Reads an OLE compound file.
pub(super) fn decode_compound(bytes: &[u8], limits: &Limits) -> (Format, Result<Document, Problem>) {
    if has_stream(bytes, "EncryptedPackage") {
        let message = "the document is locked by a password: ask for the open file";
        return (Format::Ole, Err(Problem::new(Cause::Encrypted, Blame::Source, message.to_owned())));
    }
    if has_stream(bytes, "Workbook") || has_stream(bytes, "Book") {
        return (Format::Xls, sheet::decode_xls(bytes, limits));
    }
    let format = if has_stream(bytes, "WordDocument") { Format::Doc } else { Format::Ole };
    (format, Err(unsupported(format)))
}

/// Whether a compound file names a stream: its name stands in UTF-16, with an end, at the head of a directory entry.
fn has_stream(bytes: &[u8], name: &str) -> bool {
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    // Entries are 128 bytes long and lie in sectors of 512 or more.
    bytes.chunks_exact(128).skip(4).any(|entry| entry.starts_with(&name))
}

/// The kind of a package, by its declared main part.
fn kind(package: &mut Package<'_>) -> Result<Format, Problem> {
    if package.has("OFD.xml") {
        return Ok(Format::Ofd);
    }
    if let Some(mimetype) = package.read("mimetype")? {
        let mimetype = String::from_utf8_lossy(&mimetype);
        let is = |kind: &str| mimetype.trim().starts_with(&format!("application/vnd.oasis.opendocument.{kind}"));
        return Ok(match () {
            () if is("text") => Format::Odt,
            () if is("spreadsheet") => Format::Ods,
            () => Format::Zip,
        });
    }
    let starts = |folder: &str| package.names().any(|name| name.starts_with(folder));
    Ok(match () {
        () if starts("word/") => Format::Docx,
        () if starts("xl/") => Format::Xlsx,
        () => Format::Zip,
    })
}

fn unsupported(format: Format) -> Problem {
    let message = format!("no reader for {format} files yet; convert the file to DOCX, HTML or text");
    Problem::new(Cause::UnsupportedFormat, Blame::Source, message)
}
