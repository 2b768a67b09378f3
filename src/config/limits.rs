//! Limits of reading: on by default, each with its cause in `quarantine` when it strikes.

use serde::{Deserialize, Serialize};

/// Where reading stops.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Rows of a grid.
    pub table_rows: usize,
    /// Columns of a grid.
    pub table_columns: usize,
    /// Nesting of HTML elements.
    pub html_depth: usize,
    /// Tables of an HTML page.
    pub html_tables: usize,
    /// Bytes of a line that may belong to a table.
    pub line_bytes: usize,
    /// Words, numbers and blanks of a table region.
    pub table_tokens: usize,
    /// Digits of a number.
    pub number_digits: usize,
    /// Bytes that come out of a compressed file or part.
    pub inflated_bytes: u64,
    /// The same as a multiple of what goes in.
    pub inflated_ratio: u64,
    /// Bytes that come out of a container.
    pub archive_bytes: u64,
    /// Files in a container.
    pub archive_entries: usize,
    /// Containers inside one another.
    pub archive_depth: usize,
    /// Bytes of a collection.
    pub collection_bytes: u64,
    /// Records of a collection.
    pub collection_records: usize,
    /// Nesting of XML elements, and of groups of rich text.
    pub xml_depth: usize,
    /// Bytes of the text of a cell.
    pub cell_bytes: usize,
    /// Pages of a PDF or OFD file.
    pub pdf_pages: usize,
    /// Objects of a PDF file, and objects drawn in an OFD file.
    pub pdf_objects: usize,
    /// Seconds of the processor for a file read in a process of its own.
    pub worker_seconds: u64,
    /// Bytes of memory of such a process.
    pub worker_bytes: u64,
    /// Files after which such a process ends.
    pub worker_files: usize,
}
