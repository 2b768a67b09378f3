//! One annual report found in a file: identity, cells, sections, checks, problems.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::code_enum;
use super::day::Day;
use super::verdict::{Check, Problem};

code_enum! {
    /// Whether a report's figures stand in the normalised tables.
    ReportStatus {
        /// Identity known, all tables whole, every number used once, no hard check fails.
        Accepted => "accepted",
        /// Held back; nothing of it is lost and nothing of it is in the normalised tables.
        Quarantined => "quarantined",
        /// Another report is the one to use.
        Duplicate => "duplicate",
    }
}

code_enum! {
    /// How the tables of a report reached us.
    Layout {
        /// Laid-out tables with rows and columns.
        Grid => "grid",
        /// Rows whose cells are separated by marks.
        Lines => "lines",
        /// A stream of words and numbers.
        Stream => "stream",
    }
}

code_enum! {
    /// What stands in a cell. Blank is not zero.
    CellState {
        /// A number other than zero.
        Number => "number",
        /// A printed zero.
        Zero => "zero",
        /// An empty cell.
        Blank => "blank",
        /// A mark that stands for nothing (`/`, `-`, `—`, `无`).
        Dash => "dash",
        /// Something that is no number.
        Text => "text",
        /// The source has no such cell.
        Absent => "absent",
        /// The source has the cell, but which of several it is cannot be told.
        Unreadable => "unreadable",
    }
}

code_enum! {
    /// Rank of the division that a body works for.
    Level {
        /// The nation.
        National => "national",
        /// Province, autonomous region or municipality.
        Province => "province",
        /// Prefecture.
        Prefecture => "prefecture",
        /// County, district or county-level city.
        County => "county",
        /// Town, township or street.
        Township => "township",
        /// Cannot be told.
        Unknown => "unknown",
    }
}

code_enum! {
    /// Whose work a report counts.
    Scope {
        /// The body alone.
        Agency => "agency",
        /// A government with the bodies below it: contains their reports.
        Jurisdiction => "jurisdiction",
        /// A body with its branches: contains their reports.
        System => "system",
        /// Cannot be told.
        Unknown => "unknown",
    }
}

code_enum! {
    /// Remarks on a report that do not hold it back.
    Flag {
        /// The agency was found in the contact sentence alone.
        AgencyFromContact => "agency_from_contact",
        /// The agency was found in the name of the file alone.
        AgencyFromFileName => "agency_from_file_name",
        /// An amount is printed without its unit.
        AmountUnitUnknown => "amount_unit_unknown",
        /// The name of the body fits several divisions and nothing tells which.
        DivisionAmbiguous => "division_ambiguous",
        /// The year lies outside the years for which the form was prescribed.
        FormYear => "form_year",
        /// A label is no known wording, but nearly one; the table is whole with it.
        FuzzyLabel => "fuzzy_label",
        /// A table has a row that the form does not have.
        LocalRow => "local_row",
        /// The page is in traditional script or prints sounds behind characters: a machine's copy of another page.
        MirrorCopy => "mirror_copy",
        /// Blocks of one table come from different forms.
        MixedForm => "mixed_form",
        /// A bare number inside a table can only be that of a page; no cell holds it.
        PageNumber => "page_number",
        /// No period is printed.
        PeriodMissing => "period_missing",
        /// Marks of the printed period are lost; it can only be the whole report year.
        PeriodRepaired => "period_repaired",
        /// The page holds characters that could not be decoded.
        ReplacementCharacter => "replacement_character",
        /// One of the six sections was not found.
        SectionMissing => "section_missing",
        /// A sentence of the narrative names a total and parts that exceed it.
        SentenceSum => "sentence_sum",
        /// The year in the title and the year of the period differ; a third place decided.
        YearConflict => "year_conflict",
    }
}

code_enum! {
    /// Remarks on one cell.
    CellFlag {
        /// Two readings fit and only this one satisfies every rule.
        DecidedByRules => "decided_by_rules",
        /// The label of its row or column is no known wording, but within the distance of one.
        FuzzyLabel => "fuzzy_label",
    }
}

/// Where something stands in its source. All numbers are those a reader would count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Page, from 1.
    pub page: Option<u32>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Grid on the page, from 1.
    pub grid: Option<u32>,
    /// Row in the grid, from 1.
    pub grid_row: Option<u32>,
    /// Column in the grid, from 1.
    pub grid_column: Option<u32>,
}

/// A cell's address in a form: indices into the loaded forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellKey {
    /// Index of the form.
    pub form: u8,
    /// Index of the table in the form.
    pub table: u8,
    /// Index of the row in the table.
    pub row: u16,
    /// Index of the column in the table.
    pub column: u16,
}

/// One printed position of a form's table, whatever stands in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Which position.
    pub key: CellKey,
    /// What is printed; `None` for a cell that the source does not have.
    pub printed: Option<CompactString>,
    /// Unit as printed in the cell or its header.
    pub unit: Option<CompactString>,
    /// What kind of thing is printed.
    pub state: CellState,
    /// The number read; amounts in 万元. Never derived from other cells.
    pub value: Option<f64>,
    /// What a rule says of a cell without a number.
    pub implied: Option<Implied>,
    /// The number that a person put in its place.
    pub corrected: Option<f64>,
    /// Remarks, sorted.
    pub flags: Vec<CellFlag>,
    /// Where it stands.
    pub origin: Origin,
}

impl Cell {
    /// A cell in which nothing was read, and why: the source does not have it, or its place cannot be told.
    #[must_use]
    pub fn without_print(key: CellKey, state: CellState) -> Self {
        Self {
            key,
            printed: None,
            unit: None,
            state,
            value: None,
            implied: None,
            corrected: None,
            flags: Vec::new(),
            origin: Origin::default(),
        }
    }

    /// What it says, for comparison with another filing: its number, or why it has none.
    #[must_use]
    pub fn figure(&self) -> (Option<u64>, Option<CellState>) {
        match self.number() {
            Some(number) => (Some(number.to_bits()), None),
            None => (None, Some(self.state)),
        }
    }

    /// The number that counts where one is printed or was put right.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.corrected.or(self.value)
    }
}

/// A number that nobody printed and that follows from printed ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Implied {
    /// The number.
    pub value: f64,
    /// Index of the rule it follows from, in the catalogue.
    pub rule: u16,
}

/// A cell of a row or column that the form does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalCell {
    /// Index of the form.
    pub form: u8,
    /// Index of the table in the form.
    pub table: u8,
    /// Index of the row, where the form has it.
    pub row: Option<u16>,
    /// Index of the column, where the form has it.
    pub column: Option<u16>,
    /// The label of the row or column, as printed.
    pub label: CompactString,
    /// What is printed in the cell.
    pub printed: CompactString,
    /// Unit as printed.
    pub unit: Option<CompactString>,
    /// What kind of thing is printed.
    pub state: CellState,
    /// The number read.
    pub value: Option<f64>,
    /// Where it stands.
    pub origin: Origin,
}

/// A run of narrative under one heading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Code of the section.
    pub code: Box<str>,
    /// Code of the sub-head the text stands under, `other` for one that no form knows.
    pub subsection: Option<Box<str>>,
    /// The heading as printed.
    pub heading: Option<Box<str>>,
    /// The prose under it, tables left out.
    pub text: String,
}

/// A number, or a zero in words, that the narrative states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Index of the section in [`Report::sections`].
    pub section: u32,
    /// Index of the kind in the loaded kinds of statements.
    pub kind: u16,
    /// The number; amounts of money in the unit of the kind.
    pub value: f64,
    /// The print says about, more than, or rounds to ten thousands.
    pub is_approximate: bool,
    /// Unit of the value: the classifier as printed, or the unit of money of the kind.
    pub unit: Option<CompactString>,
    /// First byte of the quote in the text of the section.
    pub start: u32,
    /// End of the quote.
    pub end: u32,
    /// Index of the reading of the kind that was compared, and whether the table says the same.
    pub agreement: Option<Agreement>,
}

/// What the tables say of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Index among the cells that the kind of statement may speak of.
    pub reading: u8,
    /// Whether the table says the same; `None` when it says nothing, or the statement is about.
    pub agrees: Option<bool>,
}

/// The division that a body works for; names are those of the report year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Code of GB/T 2260, six digits: of the county for a township.
    pub code: Option<u32>,
    /// Province.
    pub province: Option<CompactString>,
    /// Prefecture; none in municipalities and counties run by their province.
    pub city: Option<CompactString>,
    /// County.
    pub county: Option<CompactString>,
    /// Town, township or street.
    pub township: Option<CompactString>,
}

/// Whom to ask about a report, as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Postal address.
    pub address: Option<String>,
    /// Postcode.
    pub postcode: Option<CompactString>,
    /// Telephone.
    pub phone: Option<CompactString>,
    /// Fax.
    pub fax: Option<CompactString>,
    /// E-mail address.
    pub email: Option<CompactString>,
}

/// Who reports on which year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The reporting body's name in its longest printed form.
    pub agency: Option<String>,
    /// Stable id of the body: 16 hex digits; known where the region is.
    pub agency_id: Option<CompactString>,
    /// Where the body works.
    pub region: Region,
    /// Rank of its division.
    pub level: Level,
    /// Code of its field of work.
    pub sector: Option<CompactString>,
    /// Whose work the report counts.
    pub scope: Scope,
    /// Whom to ask.
    pub contact: Contact,
    /// The report year.
    pub year: Option<i32>,
    /// First day reported on.
    pub period_start: Option<Day>,
    /// Last day reported on.
    pub period_end: Option<Day>,
    /// The title as printed.
    pub title: Option<String>,
    /// Address of the page.
    pub url: Option<String>,
    /// Day of publication.
    pub published: Option<Day>,
}

impl Default for Identity {
    /// Nothing is known.
    fn default() -> Self {
        Self {
            agency: None,
            agency_id: None,
            region: Region::default(),
            level: Level::Unknown,
            sector: None,
            scope: Scope::Unknown,
            contact: Contact::default(),
            year: None,
            period_start: None,
            period_end: None,
            title: None,
            url: None,
            published: None,
        }
    }
}

/// One annual report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Number of the report in its file, from 1.
    pub ordinal: u32,
    /// Whether its figures are published.
    pub status: ReportStatus,
    /// Ordinal of the report of its file that says the same, where one stands before it.
    pub duplicate_of: Option<u32>,
    /// Who reports on which year.
    pub identity: Identity,
    /// Form of the disclosures table (index into the loaded forms).
    pub form: Option<u8>,
    /// Form of the applications table.
    pub form_applications: Option<u8>,
    /// How its tables reached us.
    pub layout: Layout,
    /// Every printed cell, totals included, in the order of the form.
    pub cells: Vec<Cell>,
    /// Cells of local rows and columns.
    pub local_cells: Vec<LocalCell>,
    /// Row labels as printed, for cells whose label is published beside their code (lists); in their order.
    pub labels: Vec<(CellKey, CompactString)>,
    /// The narrative.
    pub sections: Vec<Section>,
    /// What the narrative says in numbers, in the order of the text.
    pub statements: Vec<Statement>,
    /// Every rule applied.
    pub checks: Vec<Check>,
    /// Why it is held back; empty when accepted.
    pub problems: Vec<Problem>,
    /// Remarks, sorted.
    pub flags: Vec<Flag>,
}

impl Report {
    /// Whether another report has the same cells with the same figures.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let figures = |report: &Self| -> Vec<_> { report.cells.iter().map(|cell| (cell.key, cell.figure())).collect() };
        figures(self) == figures(other)
    }

    /// Whether a person corrected a cell of it.
    #[must_use]
    pub fn is_corrected(&self) -> bool {
        self.cells.iter().any(|cell| cell.corrected.is_some())
    }

    /// Notes a remark once, keeping them sorted.
    pub fn flag(&mut self, flag: Flag) {
        if let Err(at) = self.flags.binary_search(&flag) {
            self.flags.insert(at, flag);
        }
    }
}
