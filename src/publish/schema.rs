//! The published tables: every column once, with type, nullability and meaning.
//!
//! Rows, CSV headers and Parquet schemas are made from here, and tests hold the contract against it.
//! A column that a later part of the program fills is null until then.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// Version of the published tables: columns added raise the second number, columns renamed or dropped the first.
pub const SCHEMA_VERSION: &str = "1.2.0";

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text; codes are text too.
    Text,
    /// 64-bit integer.
    Int64,
    /// 32-bit integer.
    Int32,
    /// 64-bit float.
    Float64,
    /// True or false.
    Bool,
    /// A day.
    Date,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name, at most 32 characters.
    pub name: &'static str,
    /// Type.
    pub column_type: ColumnType,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it says, in English.
    pub about: &'static str,
}

/// A published table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Name of the table and of its files.
    pub name: &'static str,
    /// Folder of its Parquet file.
    pub folder: &'static str,
    /// Folder of its CSV file; `None` when it is published as Parquet only.
    pub csv_folder: Option<&'static str>,
    /// The columns in order.
    pub columns: &'static [Column],
}

impl Table {
    /// The schema in Arrow.
    #[must_use]
    pub fn arrow(&self) -> SchemaRef {
        let field = |column: &Column| {
            let data_type = match column.column_type {
                ColumnType::Text => DataType::Utf8,
                ColumnType::Int64 => DataType::Int64,
                ColumnType::Int32 => DataType::Int32,
                ColumnType::Float64 => DataType::Float64,
                ColumnType::Bool => DataType::Boolean,
                ColumnType::Date => DataType::Date32,
            };
            Field::new(column.name, data_type, column.nullable)
        };
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }
}

macro_rules! columns {
    ($($name:ident $type:ident $(($mark:tt))? $about:literal,)+) => {
        &[$(Column { name: stringify!($name), column_type: ColumnType::$type, nullable: columns!(@null $($mark)?), about: $about },)+]
    };
    (@null ?) => { true };
    (@null) => { false };
}

/// One row for every raw input.
pub const FILES: Table = Table {
    name: "files",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        path Text "relative to its INPUT, / separated, container!/file inside a container; % as %25, ! at the end of a folder as %21; key",
        file_id Text (?) "first 32 hex digits of the SHA-256 of the bytes",
        size_bytes Int64 (?) "length of the bytes",
        sha256 Text (?) "SHA-256 of the bytes, as sha256sum prints it",
        format Text "what the bytes are, found by content",
        encoding Text (?) "text encoding used, by its WHATWG name",
        outcome Text "what became of the file",
        report_count Int32 "reports found in it",
        detail Text (?) "one sentence on the outcome; for a duplicate the first path with the same bytes",
    },
};

/// One row for every report, accepted or not.
pub const REPORTS: Table = Table {
    name: "reports",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "first 16 hex digits of file_id, -, ordinal; key",
        file_id Text "file it was found in",
        path Text "path of that file",
        status Text "accepted, quarantined or duplicate",
        duplicate_of Text (?) "the report to use instead",
        is_current Bool "the one version of an agency-year to use",
        corrected Bool "a person corrected a cell of it",
        agency Text (?) "longest printed form of the reporting body's name",
        agency_id Text (?) "stable id of the body; null while its region is unknown",
        region_code Text (?) "GB/T 2260",
        province Text (?) "province",
        city Text (?) "prefecture",
        county Text (?) "county",
        township Text (?) "township",
        level Text "national, province, prefecture, county, township or unknown",
        sector Text (?) "sector",
        scope Text "agency, jurisdiction, system or unknown",
        year Int32 (?) "report year",
        period_start Date (?) "first day reported on",
        period_end Date (?) "last day reported on",
        form Text (?) "form of the disclosures table or of the statistics sheet; null for free prose",
        form_applications Text (?) "form of the applications table",
        title Text (?) "title as printed",
        url Text (?) "address of the page",
        published Date (?) "day of publication",
        contact_address Text (?) "contact data as printed",
        contact_postcode Text (?) "contact data as printed",
        contact_phone Text (?) "contact data as printed",
        contact_fax Text (?) "contact data as printed",
        contact_email Text (?) "contact data as printed",
        layout Text "how its tables reached us: grid, lines or stream",
        checks_pass Int32 "checks that passed",
        checks_vacuous Int32 "checks that passed because everything is zero",
        checks_fail Int32 "checks that failed",
        checks_undecided Int32 "checks with a blank operand and no broken bound",
        checks_suspended Int32 "checks with an operand that could not be read",
        flags Text (?) "remarks, sorted, joined by ;",
    },
};

/// Proactive disclosure (主动公开), accepted reports.
pub const DISCLOSURES: Table = Table {
    name: "disclosures",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 "report year",
        item Text "row code",
        measure Text "column code",
        value Float64 (?) "the number; amounts in 万元; null for a blank, a dash or an unknown unit",
        unit Text "unit of value",
        implied Bool "the value follows from other cells",
    },
};

/// Requests (申请) by applicant, accepted reports.
pub const APPLICATIONS: Table = Table {
    name: "applications",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 "report year",
        applicant Text "column code, or unspecified for what a total leaves unexplained",
        new_received Int64 (?) "requests newly received",
        carried_in Int64 (?) "requests carried over from last year",
        outcome_total Int64 (?) "requests handled",
        carried_forward Int64 (?) "requests carried forward to next year",
    },
};

/// Outcomes of requests (本年度办理结果), accepted reports.
pub const OUTCOMES: Table = Table {
    name: "outcomes",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 "report year",
        applicant Text "column code, or unspecified",
        outcome_group Text "group of the outcome",
        outcome Text "leaf row code, or unspecified",
        count Int64 (?) "requests",
        implied Bool "the count follows from other cells",
    },
};

/// Reconsideration and litigation (复议、诉讼), accepted reports.
pub const REVIEWS: Table = Table {
    name: "reviews",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 "report year",
        channel Text "channel of the case",
        result Text "result of the case, or unspecified",
        count Int64 (?) "cases",
        implied Bool "the count follows from other cells",
    },
};

/// The statistics sheet of 2014 and local sheets like it, accepted reports.
pub const STATISTICS: Table = Table {
    name: "statistics",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 "report year",
        indicator Text (?) "row code; null for a local row",
        label Text "label of the row as printed",
        value Float64 (?) "the number; amounts of the sheet's own rows in 万元; null for a blank, a dash or an unknown unit",
        unit Text (?) "unit of value; null where none is printed",
    },
};

/// The narrative, all reports.
pub const SECTIONS: Table = Table {
    name: "sections",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 (?) "report year",
        section Text "code of the section",
        subsection Text (?) "code of the sub-head; other for one that no form knows",
        ordinal Int32 "number of the row in its report, from 1",
        heading Text (?) "heading or sub-head as printed",
        text Text "the prose under it, tables left out; lines cut by the page are joined",
    },
};

/// Numbers and zeros that the narrative states, all reports.
pub const STATEMENTS: Table = Table {
    name: "statements",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 (?) "report year",
        section Text "code of the section",
        ordinal Int32 "number of the row of sections it stands in",
        kind Text "code of what it states; item for another count, named in the quote",
        value Float64 "the number; amounts in the unit of the kind; 0 for a zero in words",
        approximate Bool "the print says about or more than, or is rounded to ten thousands",
        unit Text (?) "classifier as printed, or unit of money of the kind; null for a zero in words",
        quote Text "the words, as printed",
        start Int64 "first byte of the quote in the text of that row, UTF-8",
        end Int64 "byte after the quote",
        cell Text (?) "table.row.column it speaks of; several joined by ; where it speaks of their sum",
        agrees Bool (?) "the table says the same; null when a cell has no number or the statement is approximate",
    },
};

/// Every printed cell, all reports.
pub const CELLS: Table = Table {
    name: "cells",
    folder: "parquet",
    csv_folder: None,
    columns: columns! {
        report_id Text "report",
        table Text "table code",
        row Text (?) "row code; null for a local row",
        column Text (?) "column code; null for a local column",
        label Text (?) "label as printed, for a row or column without a code",
        printed Text (?) "what is printed; null for a cell that the source does not have",
        unit Text (?) "unit as printed",
        state Text "what kind of thing is printed",
        value Float64 (?) "the number read",
        implied Float64 (?) "the number that a rule implies",
        implied_by Text (?) "that rule",
        corrected Float64 (?) "the number a person put in its place",
        flags Text (?) "remarks",
        page Int32 (?) "page of the source, from 1",
        line Int32 (?) "line of the source, from 1",
        grid Int32 (?) "grid on the page, from 1",
        grid_row Int32 (?) "row in the grid, from 1",
        grid_column Int32 (?) "column in the grid, from 1",
    },
};

/// Every rule applied, all reports.
pub const CHECKS: Table = Table {
    name: "checks",
    folder: "parquet",
    csv_folder: None,
    columns: columns! {
        report_id Text "report",
        rule Text "code of the rule",
        scope Text "column, row or channel it was applied to",
        severity Text "hard, soft or info",
        status Text "what came out",
        left Float64 (?) "known part of the left side",
        right Float64 (?) "known part of the right side",
        delta Float64 (?) "left minus right",
    },
};

/// Ratios that one report determines, accepted reports.
pub const INDICATORS: Table = Table {
    name: "indicators",
    folder: "parquet",
    csv_folder: Some("csv"),
    columns: columns! {
        report_id Text "report",
        year Int32 "report year",
        indicator Text "code of the indicator",
        numerator Int64 (?) "what is set in relation; null where a cell of it is blank",
        denominator Int64 (?) "to what; null where a cell of it is blank",
        value Float64 (?) "numerator by denominator; null where one is null or the denominator is 0 or less",
    },
};

/// One report against another: last year's cells, missing years, same figures.
pub const LINKS: Table = Table {
    name: "links",
    folder: "parquet",
    csv_folder: None,
    columns: columns! {
        rule Text "code of the rule",
        scope Text "column, row or channel it was applied to, table, or report",
        report_id Text "report, the later of the two",
        other_report_id Text "report that it is held against",
        status Text "what came out; a failure holds nothing back",
        left Float64 (?) "known part of the left side; years of a gap, number of figures that are the same",
        right Float64 (?) "known part of the right side",
        delta Float64 (?) "left minus right",
    },
};

/// One row a problem.
pub const QUARANTINE: Table = Table {
    name: "quarantine",
    folder: "quarantine",
    csv_folder: Some("quarantine"),
    columns: columns! {
        report_id Text (?) "report; null for a problem of the whole file",
        file_id Text (?) "file",
        path Text "path of that file",
        cause Text "kind of problem",
        blame Text "whose fault: source, reading or open",
        rule Text (?) "rule that fails",
        scope Text (?) "scope of that rule",
        message Text "one plain sentence: what, where, what next",
        left Float64 (?) "left side of the rule",
        right Float64 (?) "right side of the rule",
        printed Text (?) "what is printed there",
        excerpt Text (?) "the source around it",
        page Int32 (?) "page of the source, from 1",
        line Int32 (?) "line of the source, from 1",
        suggested_cell Text (?) "table.row.column of the cell that would mend it",
        suggested_value Float64 (?) "the value that would mend it",
        suggestion Text (?) "cell=value; cell=value",
        suggested_kind Text (?) "kind of the suggestion",
        message_zh Text "the sentence in Chinese; of other causes than arithmetic the cause and place, the rest in English",
    },
};

/// All tables but `files`, in the order in which rows are built.
pub const REPORT_TABLES: [Table; 13] = [
    REPORTS,
    DISCLOSURES,
    APPLICATIONS,
    OUTCOMES,
    REVIEWS,
    STATISTICS,
    SECTIONS,
    STATEMENTS,
    CELLS,
    CHECKS,
    QUARANTINE,
    INDICATORS,
    LINKS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_unique() {
        for table in REPORT_TABLES.iter().chain([&FILES]) {
            let mut names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            assert!(names.iter().all(|name| name.len() <= 32), "{}", table.name);
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        }
    }
}
