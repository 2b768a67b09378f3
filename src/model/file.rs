//! A raw input and what became of it: the row of `files`.

use super::code_enum;

code_enum! {
    /// What the bytes of a file are, found by content and never by extension alone.
    Format {
        /// A web page.
        Html => "html",
        /// Plain text in any linearisation.
        Text => "text",
        /// Text with Markdown headings or tables.
        Markdown => "markdown",
        /// A PDF file.
        Pdf => "pdf",
        /// A document of Word or WPS in Office Open XML.
        Docx => "docx",
        /// A document of Word 97 to 2003, or of WPS.
        Doc => "doc",
        /// A workbook in Office Open XML.
        Xlsx => "xlsx",
        /// A workbook of Excel 97 to 2003.
        Xls => "xls",
        /// An OpenDocument text.
        Odt => "odt",
        /// An OpenDocument spreadsheet.
        Ods => "ods",
        /// A fixed-layout document (GB/T 33190).
        Ofd => "ofd",
        /// A zip container, or a zip package of a kind that is not known.
        Zip => "zip",
        /// An OLE compound file that is neither DOC nor XLS.
        Ole => "ole",
        /// Rich text.
        Rtf => "rtf",
        /// A page saved with its parts in one file (MHTML), or a message.
        Mhtml => "mhtml",
        /// A tar container.
        Tar => "tar",
        /// A gzip stream.
        Gzip => "gzip",
        /// A Zstandard stream.
        Zstd => "zstd",
        /// Records of a crawl (ISO 28500).
        Warc => "warc",
        /// Lines of JSON, each a page.
        Jsonl => "jsonl",
        /// A Parquet file, each row a page.
        Parquet => "parquet",
        /// A picture.
        Image => "image",
        /// Nothing the program knows.
        Unknown => "unknown",
    }
}

code_enum! {
    /// What became of a file. Every file has exactly one outcome (the law of conservation).
    FileOutcome {
        /// At least one report was found in it, accepted or not.
        Report => "report",
        /// Its bytes equal those of a file met before; its reports are that file's.
        Duplicate => "duplicate",
        /// It was read, and it is something else.
        NotAReport => "not_a_report",
        /// It could not be read; `quarantine` says why.
        Unreadable => "unreadable",
        /// It was left alone by rule (links, devices, litter).
        Skipped => "skipped",
        /// It holds other files, which have rows of their own.
        Container => "container",
    }
}

/// One row of `files`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FileRow {
    /// Relative to its INPUT, `/` separated, bytes that are not UTF-8 as `%XX`.
    pub path: String,
    /// SHA-256 of the bytes; `None` when they were not read.
    pub sha256: Option<[u8; 32]>,
    /// Length of the bytes; `None` when not known.
    pub size_bytes: Option<u64>,
    /// What the bytes are.
    pub format: Format,
    /// Text encoding used, by its WHATWG name.
    pub encoding: Option<String>,
    /// What became of the file.
    pub outcome: FileOutcome,
    /// Number of reports found in it.
    pub report_count: u32,
    /// One sentence on the outcome; for a duplicate, the first path with the same bytes.
    pub detail: Option<String>,
}

impl FileRow {
    /// A row for a file of which nothing but its path is known yet.
    #[must_use]
    pub fn new(path: String, outcome: FileOutcome) -> Self {
        Self {
            path,
            sha256: None,
            size_bytes: None,
            format: Format::Unknown,
            encoding: None,
            outcome,
            report_count: 0,
            detail: None,
        }
    }

    /// The whole SHA-256 in lower-case hex.
    #[must_use]
    pub fn sha256_hex(&self) -> Option<String> {
        self.sha256.map(|hash| hex(&hash))
    }

    /// The first 32 hex digits of the SHA-256: the published `file_id`.
    #[must_use]
    pub fn file_id(&self) -> Option<String> {
        self.sha256.map(|hash| hex(&hash[..16]))
    }
}

/// A file of a snapshot, with its checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summed {
    /// Name in the snapshot, `/` between folders.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// What the file system says of a file. Where none of it moved, nobody wrote to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    /// Length of the bytes.
    pub size_bytes: u64,
    /// When it was modified, in seconds and nanoseconds; anybody may set this.
    pub modified: (i64, i64),
    /// When it was changed in any way, in seconds and nanoseconds; the system alone sets this.
    pub changed: (i64, i64),
    /// Number of the file in its file system.
    pub inode: u64,
}

impl Stamp {
    /// Clocks of file systems tick in steps of up to two seconds: a write within a step moves no time.
    const TICK_SECONDS: i64 = 2;

    /// A file dated further ahead than this was dated so by somebody: its time does not tell when it was written.
    const AHEAD_SECONDS: i64 = 86_400;

    /// Whether any write after this second of the system's clock would move one of the times.
    #[must_use]
    pub fn is_settled_at(&self, second: i64) -> bool {
        let is_past = |time: i64| time < second - Self::TICK_SECONDS;
        is_past(self.changed.0) && (is_past(self.modified.0) || self.modified.0 > second + Self::AHEAD_SECONDS)
    }
}

/// Lower-case hex of some bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_about_now_may_be_written_again_unseen() {
        let stamp =
            |modified, changed| Stamp { size_bytes: 1, modified: (modified, 0), changed: (changed, 0), inode: 1 };
        let now = 1_700_000_000;
        assert!(stamp(now - 3, now - 3).is_settled_at(now));
        assert!(!stamp(now - 9, now - 2).is_settled_at(now));
        assert!(!stamp(now - 1, now - 9).is_settled_at(now));
        // Changed in the future: the clock went back. Dated in the future: anybody can do that.
        assert!(!stamp(now - 9, now + 9_999_999).is_settled_at(now));
        assert!(!stamp(now + 9, now - 9).is_settled_at(now));
        assert!(stamp(now + 9_999_999, now - 9).is_settled_at(now));
    }
}
