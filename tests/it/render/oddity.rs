//! What goes otherwise than in the official form, one switch a kind.

use super::filing::Generation;
use super::layout::Layout;

/// Where in the making of a page an oddity comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Figures,
    Rows,
    Labels,
    Page,
    Text,
}

macro_rules! oddities {
    ($($stage:ident: $($(#[doc = $doc:literal])* $name:ident => $code:literal,)*;)*) => {
        /// A kind of oddity.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Oddity { $($($(#[doc = $doc])* $name,)*)* }

        impl Oddity {
            /// All of them, in the order in which they are applied.
            pub(crate) const ALL: &'static [Self] = &[$($(Self::$name,)*)*];

            /// Its name in lists and on the command line.
            pub(crate) fn name(self) -> &'static str {
                match self { $($(Self::$name => $code,)*)* }
            }

            pub(crate) fn stage(self) -> Stage {
                match self { $($(Self::$name => Stage::$stage,)*)* }
            }
        }
    };
}

oddities! {
    Figures:
    /// Some zeros are left blank.
    BlankCells => "blank_cells",
    /// The columns of organisations are blank where all are zero.
    BlankOrganisations => "blank_organisations",
    /// The totals of outcomes are blank.
    BlankTotals => "blank_totals",
    /// The last channel of reviews is blank.
    BlankChannel => "blank_channel",
    /// Marks stand for some zeros.
    Dashes => "dashes",
    /// Wide or fixed spaces around figures.
    SpacedFigures => "spaced_figures",
    /// Full-width digits.
    FullWidthDigits => "full_width_digits",
    /// Separators of thousands.
    Thousands => "thousands",
    /// A unit behind each count.
    UnitsInCells => "units_in_cells",
    /// Letters in the place of digits.
    Letters => "letters",
    /// A note with a second number in a cell.
    CellNote => "cell_note",
    /// A figure broken over two lines.
    FigureTorn => "figure_torn",
    /// A figure that breaks a rule.
    DigitChanged => "digit_changed",
    /// A total of reviews left at zero.
    TotalZero => "total_zero",
    ;
    Rows:
    /// The last figure of a row is lost.
    LostLast => "lost_last",
    /// A row lacks one of its cells.
    RowShortened => "row_shortened",
    /// A row is missing.
    RowDropped => "row_dropped",
    /// The label of a row is missing.
    RowLabelLost => "row_label_lost",
    /// Two rows in each other's place, labels and all.
    RowsSwapped => "rows_swapped",
    /// Two columns in each other's place, labels and all.
    ColumnsSwapped => "columns_swapped",
    /// A row that the form does not have.
    LocalRow => "local_row",
    /// An empty column for remarks.
    LocalColumn => "local_column",
    /// The titles of blocks are missing.
    BlockTitleMissing => "block_title_missing",
    /// Three tables of reviews, one a channel.
    ReviewsSplit => "reviews_split",
    /// Empty cells below labels in the place of spans.
    HeaderPadded => "header_padded",
    /// The words of the corner are missing.
    CornerMissing => "corner_missing",
    /// The heading of a group is printed on each of its rows.
    GroupRepeated => "group_repeated",
    /// Headings of groups are missing.
    GroupAbsent => "group_absent",
    /// The heading of a group runs into its first row.
    GroupGlued => "group_glued",
    /// Heads of columns run into each other.
    HeadsGlued => "heads_glued",
    /// The header again after a page break.
    HeaderRepeated => "header_repeated",
    /// An empty cell at the end of each row.
    TrailingCell => "trailing_cell",
    /// Marked page numbers between rows.
    PageNumber => "page_number",
    /// A bare page number between rows.
    BarePageNumber => "bare_page_number",
    /// The unit of the table, or its number, above it.
    Caption => "caption",
    /// The hint of the template above the table.
    TemplateHint => "template_hint",
    /// A note below the table.
    NoteBelow => "note_below",
    ;
    Labels:
    /// Other wordings that the forms know.
    Aliases => "aliases",
    /// Explanations of the template left inside labels.
    Instructions => "instructions",
    /// Ordinals of another kind.
    Ordinals => "ordinals",
    /// No ordinals.
    OrdinalsMissing => "ordinals_missing",
    /// Half-width punctuation in labels.
    HalfWidthLabels => "half_width_labels",
    /// Quotation marks of another kind, or none.
    Quotes => "quotes",
    /// One glyph wrong or lost in a long label.
    Typos => "typos",
    /// Spaces between glyphs of labels.
    LabelSpaces => "label_spaces",
    /// Line breaks anywhere in labels.
    LabelBreaks => "label_breaks",
    /// Headings printed one glyph a line.
    Vertical => "vertical",
    /// A page number inside a label.
    PageNumberInLabel => "page_number_in_label",
    ;
    Page:
    /// Other wordings of the headings.
    Headings => "headings",
    /// Ordinals of headings missing or disfigured.
    HeadingOrdinals => "heading_ordinals",
    /// A heading is missing.
    HeadingMissing => "heading_missing",
    /// A seventh section before the last.
    ExtraSection => "extra_section",
    /// Titles of other shapes.
    Titles => "titles",
    /// No title at all.
    TitleMissing => "title_missing",
    /// Address, telephone, codes at the end.
    Contact => "contact",
    /// Navigation above, links below.
    Navigation => "navigation",
    /// A table about the page before its first.
    Metadata => "metadata",
    /// Dates of printing and collecting.
    Stamps => "stamps",
    /// Prose with numbers above and below the tables.
    ProseAround => "prose_around",
    /// The opening lists the titles of all sections.
    Contents => "contents",
    /// Points of the first section numbered like sections.
    FalseHeadings => "false_headings",
    /// Data of a chart at the end.
    Chart => "chart",
    /// A table is missing.
    TableDropped => "table_dropped",
    /// A table is there twice.
    TableTwice => "table_twice",
    ;
    Text:
    /// Traditional script by machine.
    Traditional => "traditional",
    /// Half-width punctuation everywhere.
    HalfWidthText => "half_width_text",
    /// Sounds in Latin letters behind some glyphs.
    Glosses => "glosses",
    /// A blank line after each line.
    BlankLines => "blank_lines",
    /// Carriage returns and a byte order mark.
    CarriageReturns => "carriage_returns",
    /// Each distinct line survives once.
    Deduplicated => "deduplicated",
    /// One line is lost.
    LineLost => "line_lost",
    /// One line is there twice.
    LineDoubled => "line_doubled",
    /// Two neighbouring lines in each other's place.
    LinesSwapped => "lines_swapped",
    /// The page ends somewhere.
    Truncated => "truncated",
    /// UTF-8 read as GBK.
    Mojibake => "mojibake",
    /// GB18030.
    Gb18030 => "gb18030",
    ;
}

impl Oddity {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|oddity| oddity.name() == name)
    }

    /// Whether it can occur in a layout.
    pub(crate) fn fits(self, layout: Layout) -> bool {
        let is_drawn = matches!(
            layout,
            Layout::Aligned
                | Layout::Boxes
                | Layout::AsciiBoxes
                | Layout::FixedPipes
                | Layout::Rulers
                | Layout::PdfColumns
                | Layout::PdfLines
        );
        match self {
            Self::GroupGlued | Self::HeadsGlued => !layout.keeps_columns() && !layout.repeats() && !is_drawn,
            Self::PageNumberInLabel => !layout.is_html() && !layout.repeats() && !is_drawn,
            Self::BarePageNumber => !layout.is_html() && !layout.repeats() && !layout.is_markdown(),
            Self::BlankLines => !layout.is_html() && !layout.is_one_line() && !layout.is_markdown(),
            Self::LineLost | Self::LineDoubled | Self::LinesSwapped | Self::Deduplicated => !layout.is_one_line(),
            Self::TrailingCell => {
                !is_drawn
                    && !layout.is_pdf()
                    && !layout.repeats()
                    && layout.keeps_blanks()
                    && layout != Layout::CellPerTabbedLine
            }
            Self::ReviewsSplit | Self::HeaderPadded | Self::LocalColumn => layout != Layout::PdfDetached,
            _ => true,
        }
    }

    /// The generation of the form that it needs.
    pub(crate) fn generation(self) -> Option<Generation> {
        (self == Self::Instructions).then_some(Generation::Form2019)
    }

    /// Marks of PDF and word processors that reach any text but change what another expects: these two
    /// do not go together.
    pub(crate) fn excludes(self, other: Self) -> bool {
        let pair = |a: Self, b: Self| (self == a && other == b) || (self == b && other == a);
        pair(Self::Ordinals, Self::OrdinalsMissing)
            || pair(Self::GroupRepeated, Self::GroupAbsent)
            || pair(Self::GroupRepeated, Self::GroupGlued)
            || pair(Self::GroupAbsent, Self::GroupGlued)
            || pair(Self::BlankCells, Self::Dashes)
            || pair(Self::Mojibake, Self::Gb18030)
            || pair(Self::ColumnsSwapped, Self::HeadsGlued)
            // A row that lacks a cell would keep the old order of the columns: no page is printed so.
            || pair(Self::ColumnsSwapped, Self::RowShortened)
            || pair(Self::ColumnsSwapped, Self::LostLast)
            || pair(Self::HeaderPadded, Self::HeadsGlued)
            || pair(Self::TableTwice, Self::TableDropped)
            || (self.breaks_a_rule() && other.hides_figures())
            || (other.breaks_a_rule() && self.hides_figures())
    }

    /// A figure of a row is gone, and nothing stands in its place.
    pub(crate) fn loses_a_figure(self) -> bool {
        matches!(self, Self::LostLast | Self::RowShortened | Self::LineLost | Self::BlankCells | Self::BlankTotals)
    }

    fn breaks_a_rule(self) -> bool {
        matches!(self, Self::DigitChanged | Self::TotalZero)
    }

    /// It may hide the very figure that breaks a rule, or one that shows it.
    fn hides_figures(self) -> bool {
        self.breaks_a_rule()
            || matches!(
                self,
                Self::BlankCells
                    | Self::BlankOrganisations
                    | Self::BlankTotals
                    | Self::BlankChannel
                    | Self::Dashes
                    | Self::Letters
                    | Self::CellNote
                    | Self::LostLast
                    | Self::RowShortened
                    | Self::LineLost
                    | Self::LineDoubled
                    | Self::LinesSwapped
            )
    }
}
