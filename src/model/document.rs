//! What is on a page, in reading order and with its place; no meaning yet.
//!
//! A [`Document`] is one text and a flat list of pieces cut out of it. A piece is a line of running
//! text, a cell of a row that some mark separated (tab, pipe), or a cell of a laid-out grid. Keeping
//! one text and ranges into it makes a page of four hundred cells two allocations, not four hundred.

use serde::{Deserialize, Serialize};

use super::report::Origin;

/// A decoded page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// All text in reading order; pieces are ranges of it.
    pub text: String,
    /// The pieces in reading order.
    pub pieces: Vec<Piece>,
    /// What the page says of itself outside its body.
    pub metadata: Metadata,
    /// The last parts of the path of its file, `/` between them; empty where it comes from no file. A weak hint of
    /// where a body is, never of the year.
    pub path: String,
    /// Number of characters that could not be decoded (U+FFFD put in their place).
    pub n_replaced: usize,
    /// The source ends inside a table.
    pub is_cut: bool,
    /// Pictures: for each the number of the piece that follows it.
    pub pictures: Vec<u32>,
    /// Pages: for each the number of its first piece. Empty where the source knows no pages.
    pub pages: Vec<u32>,
}

/// What a page says of itself outside its body (HTML head).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Titles, the most specific first: article title, heading, page title.
    pub titles: Vec<String>,
    /// Publication date as printed.
    pub published: Option<String>,
    /// Address of the page.
    pub url: Option<String>,
}

/// One piece of a page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Byte range in [`Document::text`].
    pub start: u32,
    /// End of the range.
    pub end: u32,
    /// Line of the source, from 1; 0 where the source has no lines worth naming.
    pub line: u32,
    /// Characters of white space before it in its line.
    pub indent: u32,
    /// How the piece stands on the page.
    pub place: Place,
}

/// How a piece stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// A line of text.
    Line,
    /// A cell of a row whose cells are separated by marks; nothing is known of what lies above it.
    Row {
        /// Number of the row on the page, from 0.
        row: u32,
        /// Number of the cell in its row, from 0.
        column: u16,
    },
    /// A cell of a grid, spans resolved.
    Grid {
        /// Number of the grid on the page, from 0.
        grid: u32,
        /// First row it covers, from 0.
        row: u32,
        /// First column it covers, from 0.
        column: u16,
        /// Rows it covers.
        row_span: u16,
        /// Columns it covers.
        column_span: u16,
    },
}

impl Place {
    /// Whether two cells stand in one row; lines of text never do.
    #[must_use]
    pub fn shares_row(self, other: Self) -> bool {
        match (self, other) {
            (Self::Row { row: one, .. }, Self::Row { row: two, .. }) => one == two,
            (Self::Grid { grid: one, row: a, .. }, Self::Grid { grid: two, row: b, .. }) => (one, a) == (two, b),
            _ => false,
        }
    }
}

impl Document {
    /// The text of a piece as it stands on the page.
    #[must_use]
    pub fn text_of(&self, piece: &Piece) -> &str {
        self.text.get(piece.start as usize..piece.end as usize).unwrap_or("")
    }

    /// Where a piece stands, for people.
    #[must_use]
    pub fn origin(&self, piece: usize) -> Origin {
        let Piece { line, place, .. } = self.pieces[piece];
        let n_pages = self.pages.partition_point(|first| *first as usize <= piece);
        let mut origin = Origin {
            page: (n_pages > 0).then(|| position(n_pages)),
            line: (line > 0).then_some(line),
            ..Origin::default()
        };
        if let Place::Grid { grid, row, column, .. } = place {
            origin.grid = Some(grid + 1);
            origin.grid_row = Some(row + 1);
            origin.grid_column = Some(u32::from(column) + 1);
        }
        origin
    }

    /// The page as rows: the cells of one row of a grid or of one separated row, or a line of text.
    pub fn rows(&self) -> impl Iterator<Item = &[Piece]> {
        self.pieces.chunk_by(|one, two| one.place.shares_row(two.place))
    }

    /// Number of the row of [`Document::rows`] that something stands in, and of its piece there.
    #[must_use]
    pub fn row_of(&self, origin: Origin) -> Option<(usize, usize)> {
        let mut first = 0;
        let mut best = None;
        for (number, row) in self.rows().enumerate() {
            for (at, piece) in row.iter().enumerate() {
                let own = self.origin(first + at);
                if own == origin {
                    return Some((number, at));
                }
                // Several cells of a separated row share their line.
                let is_line = origin.grid.is_none() && (own.page, own.line) == (origin.page, origin.line);
                if best.is_none() && origin.line.is_some() && is_line && piece.line > 0 {
                    best = Some((number, at));
                }
            }
            first += row.len();
        }
        best
    }

    /// What stands in a row, cells parted by `|`, cut to a readable length.
    #[must_use]
    pub fn excerpt(&self, row: &[Piece]) -> String {
        /// Longer rows are cut.
        const MOST: usize = 160;
        let cells: Vec<&str> = row.iter().map(|piece| self.text_of(piece).trim()).collect();
        cells.join(" | ").chars().take(MOST).collect()
    }

    /// Notes that a page begins behind the last piece.
    pub fn push_page(&mut self) {
        self.pages.push(position(self.pieces.len()));
    }

    /// Notes a picture behind the last piece.
    pub fn push_picture(&mut self) {
        self.pictures.push(position(self.pieces.len()));
    }

    /// Appends a piece with this text.
    pub fn push(&mut self, text: &str, line: u32, place: Place) {
        self.push_indented(text, 0, line, place);
    }

    /// Appends a piece with this text that stands behind `indent` characters of white space.
    pub fn push_indented(&mut self, text: &str, indent: u32, line: u32, place: Place) {
        let start = position(self.text.len());
        self.text.push_str(text);
        self.pieces.push(Piece { start, end: position(self.text.len()), line, indent, place });
    }
}

/// A position as stored in a piece. Files are bounded well below 4 GiB, so it always fits.
fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
