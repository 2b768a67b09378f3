//! The ways in which a page with tables reaches us as text or HTML.

use super::grid::Grid;
use super::{canvas, dice::Dice, pdf, rows, stream};

macro_rules! layouts {
    ($($(#[doc = $doc:literal])* $name:ident => $code:literal,)*) => {
        /// A way in which tables are printed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Layout { $($(#[doc = $doc])* $name,)* }

        impl Layout {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in lists and on the command line.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

layouts! {
    /// Tabs, covered places empty.
    Tabs => "tabs",
    /// Tabs, covered places left out.
    TabsShort => "tabs_short",
    /// Tabs, each covered place filled with the cell that covers it.
    TabsRepeated => "tabs_repeated",
    /// Comma-separated values, covered places filled.
    Csv => "csv",
    /// `A | B | C |` padded with bare pipes.
    PipesPadded => "pipes_padded",
    /// `A | B | C |` without padding.
    PipesBare => "pipes_bare",
    /// `| A | B | `.
    PipesLeading => "pipes_leading",
    /// `A |` a line, padding on a line of its own.
    CellPipe => "cell_pipe",
    /// A lone pipe on a line between cells.
    LonePipe => "lone_pipe",
    /// Each cell on a line of its own inside pipes.
    PipeBreak => "pipe_break",
    /// Rows that end in hundreds of pipes.
    ManyPipes => "many_pipes",
    /// Markdown, covered places filled.
    MarkdownRepeated => "markdown_repeated",
    /// Markdown, covered places empty.
    MarkdownEmptied => "markdown_emptied",
    /// Markdown under an empty header, covered columns empty, covered rows left out, bold labels.
    MarkdownRagged => "markdown_ragged",
    /// Markdown without outer pipes, a ruler under the first row, breaks kept in cells.
    MarkdownBroken => "markdown_broken",
    /// Many tiny Markdown tables, as recognised from a picture.
    Scraps => "scraps",
    /// A cell a line.
    CellPerLine => "cell_per_line",
    /// A cell a line after a tab, a blank line between rows.
    CellPerTabbedLine => "cell_per_tabbed_line",
    /// A cell a paragraph.
    CellPerParagraph => "cell_per_paragraph",
    /// A row a line, cells apart by one space.
    Spaces => "spaces",
    /// The whole page in one line.
    OneLine => "one_line",
    /// PDF in the order of drawing.
    PdfRaw => "pdf_raw",
    /// PDF, each line of each cell on its own.
    PdfReading => "pdf_reading",
    /// PDF line by line, the parts of a line apart by one space.
    PdfLines => "pdf_lines",
    /// PDF line by line, columns kept by spaces.
    PdfColumns => "pdf_columns",
    /// PDF with runs of figures torn from their labels.
    PdfDetached => "pdf_detached",
    /// Columns kept by spaces, nothing wrapped.
    Aligned => "aligned",
    /// Boxes drawn of lines.
    Boxes => "boxes",
    /// Boxes drawn of `+`, `-` and `|`.
    AsciiBoxes => "ascii_boxes",
    /// Pipes at fixed columns, wrapped cells on several lines.
    FixedPipes => "fixed_pipes",
    /// Columns under rulers of dashes, blank lines between rows.
    Rulers => "rulers",
    /// HTML as a person writes it.
    Html => "html",
    /// HTML as word processors write it.
    HtmlWord => "html_word",
    /// HTML of a content management system: navigation, layout tables.
    HtmlSite => "html_site",
    /// A row a line as programs print lists, covered places `None`.
    Listed => "listed",
    /// Cells over several lines padded to one width, a padded blank line between rows.
    Padded => "padded",
    /// Each table on a line of its own.
    TableLines => "table_lines",
    /// The whole page in one line with the pipes and rules of its Markdown tables.
    Fallen => "fallen",
}

impl Layout {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|layout| layout.name() == name)
    }

    pub(crate) fn is_html(self) -> bool {
        matches!(self, Self::Html | Self::HtmlWord | Self::HtmlSite)
    }

    pub(crate) fn is_pdf(self) -> bool {
        matches!(self, Self::PdfRaw | Self::PdfReading | Self::PdfLines | Self::PdfColumns | Self::PdfDetached)
    }

    pub(crate) fn is_markdown(self) -> bool {
        matches!(
            self,
            Self::MarkdownRepeated | Self::MarkdownEmptied | Self::MarkdownRagged | Self::MarkdownBroken | Self::Scraps
        )
    }

    /// An empty cell leaves something that tells its place.
    pub(crate) fn keeps_blanks(self) -> bool {
        !matches!(
            self,
            Self::CellPipe
                | Self::CellPerLine
                | Self::CellPerParagraph
                | Self::Spaces
                | Self::OneLine
                | Self::TableLines
                | Self::Fallen
                | Self::Padded
                | Self::PdfRaw
                | Self::PdfReading
                | Self::PdfLines
                | Self::PdfDetached
        )
    }

    /// A row of a table is a line or a row of a grid, so that what stands alone in a line is no cell.
    pub(crate) fn keeps_rows(self) -> bool {
        !matches!(
            self,
            Self::CellPipe
                | Self::LonePipe
                | Self::PipeBreak
                | Self::CellPerLine
                | Self::CellPerParagraph
                | Self::OneLine
                | Self::TableLines
                | Self::Fallen
                | Self::PdfReading
                | Self::PdfDetached
        )
    }

    /// Which column a figure stands in can be seen, not only counted.
    pub(crate) fn keeps_columns(self) -> bool {
        self.is_html()
            || matches!(
                self,
                Self::Tabs
                    | Self::TabsRepeated
                    | Self::Csv
                    | Self::Listed
                    | Self::MarkdownRepeated
                    | Self::MarkdownEmptied
                    | Self::Scraps
                    | Self::CellPerTabbedLine
                    | Self::PdfColumns
                    | Self::Aligned
                    | Self::Boxes
                    | Self::AsciiBoxes
                    | Self::FixedPipes
                    | Self::Rulers
            )
    }

    /// The whole page is one line.
    pub(crate) fn is_one_line(self) -> bool {
        matches!(self, Self::OneLine | Self::Fallen)
    }

    /// A covered place shows the cell that covers it.
    pub(crate) fn repeats(self) -> bool {
        matches!(self, Self::TabsRepeated | Self::Csv | Self::MarkdownRepeated)
    }

    /// The lines of a table; HTML is printed elsewhere.
    pub(crate) fn lines(self, grid: &Grid, dice: &mut Dice) -> Vec<String> {
        match self {
            Self::Tabs => rows::tabs(grid),
            Self::TabsShort => rows::joined(grid, "", "\t", ""),
            Self::TabsRepeated => rows::repeated(grid, "", "\t", ""),
            Self::Csv => rows::csv(grid),
            Self::PipesPadded => rows::padded(grid, grid.width),
            Self::PipesBare => rows::joined(grid, "", " | ", " |"),
            Self::PipesLeading => rows::joined(grid, "| ", " | ", " | "),
            Self::CellPipe => stream::cell_pipe(grid, dice),
            Self::LonePipe => stream::lone_pipe(grid),
            Self::PipeBreak => stream::pipe_break(grid),
            Self::ManyPipes => rows::padded(grid, 300),
            Self::MarkdownRepeated => rows::with_ruler(rows::repeated(grid, "| ", " | ", " |"), grid.width),
            Self::MarkdownEmptied => rows::with_ruler(rows::emptied(grid), grid.width),
            Self::MarkdownRagged => rows::ragged(grid),
            Self::MarkdownBroken => rows::broken(grid),
            Self::Scraps => rows::scraps(grid, dice),
            Self::CellPerLine => stream::cells(grid, "", false),
            Self::CellPerTabbedLine => stream::tabbed(grid),
            Self::CellPerParagraph => stream::cells(grid, "", true),
            Self::Spaces => stream::spaces(grid),
            Self::OneLine | Self::TableLines => vec![stream::spaces(grid).join(" ")],
            Self::Fallen => vec![rows::with_ruler(rows::emptied(grid), grid.width).join(" ")],
            Self::Listed => rows::listed(grid),
            Self::Padded => canvas::padded(grid),
            Self::PdfRaw => pdf::raw(grid, dice),
            Self::PdfReading => pdf::reading(grid, dice),
            Self::PdfLines => pdf::lines(grid, dice),
            Self::PdfColumns => pdf::columns(grid, dice),
            Self::PdfDetached => pdf::detached(grid, dice),
            Self::Aligned => canvas::aligned(grid),
            Self::Boxes => canvas::boxes(grid, false),
            Self::AsciiBoxes => canvas::boxes(grid, true),
            Self::FixedPipes => canvas::fixed_pipes(grid),
            Self::Rulers => canvas::rulers(grid),
            Self::Html | Self::HtmlWord | Self::HtmlSite => Vec::new(),
        }
    }
}
