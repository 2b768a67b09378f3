//! Ready ways into the data: DuckDB views, and functions for pandas, polars and R.
//!
//! Whatever they name comes from the schema and the forms, so a new table, column or code is in them at once.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::schema::{
    APPLICATIONS, Column, ColumnType, DISCLOSURES, INDICATORS, OUTCOMES, REVIEWS, STATISTICS, Table, tables,
};
use crate::config::Config;
use crate::form::{FormTable, RowKind};

const PYTHON: &str = include_str!("templates/load.py");
const R: &str = include_str!("templates/load.R");

/// Characters that Stata allows in a name.
const NAME_CHARACTERS: usize = 32;

/// What a view says of the report that a row belongs to.
const OF_REPORT: [&str; 11] = [
    "agency",
    "agency_id",
    "region_code",
    "province",
    "city",
    "county",
    "level",
    "sector",
    "scope",
    "is_current",
    "corrected",
];

/// `load.py`.
pub(super) fn python() -> String {
    let lines = tables().fold(String::new(), |mut lines, table| {
        let _ = writeln!(lines, "    \"{}\": \"{}\",", table.name, table.parquet_path());
        lines
    });
    PYTHON.replace("{{tables}}", &lines)
}

/// `load.R`.
pub(super) fn r() -> String {
    let list = |lines: Vec<String>| lines.join(",\n");
    let parquet = tables().map(|table| format!("  {} = \"{}\"", table.name, table.parquet_path()));
    let csv = tables().filter_map(|table| Some(format!("  {} = \"{}\"", table.name, table.csv_path()?)));
    let types = tables().filter(|table| table.csv_folder.is_some()).map(|table| {
        let types = table.columns.iter().map(|column| format!("{} = \"{}\"", column.name, r_type(column)));
        format!("  {} = c({})", table.name, types.collect::<Vec<_>>().join(", "))
    });
    R.replace("{{parquet}}", &list(parquet.collect()))
        .replace("{{csv}}", &list(csv.collect()))
        .replace("{{types}}", &list(types.collect()))
}

fn r_type(column: &Column) -> &'static str {
    match column.column_type {
        ColumnType::Text => "character",
        ColumnType::Int64 | ColumnType::Float64 => "numeric",
        ColumnType::Int32 => "integer",
        ColumnType::Bool => "logical",
        ColumnType::Date => "Date",
    }
}

/// `load.sql`: a view for each table, its rows with labels and report, one row a report, and totals.
pub(super) fn sql(config: &Config) -> String {
    let mut sql = HEAD.to_owned();
    for table in tables() {
        let _ =
            writeln!(sql, "CREATE OR REPLACE VIEW {} AS FROM read_parquet('{}');", table.name, table.parquet_path());
    }
    sql.push_str("CREATE OR REPLACE VIEW codes AS FROM read_csv('codes.csv', header = true, all_varchar = true);\n");
    sql.push_str("\n-- Rows with the labels of their codes and what is known of their report.\n");
    for table in [DISCLOSURES, APPLICATIONS, OUTCOMES, REVIEWS, STATISTICS, INDICATORS] {
        labelled(&mut sql, &table);
    }
    sql.push_str("\n-- One row a report, one column a cell of the form; names have at most 32 characters.\n");
    for wide in wides(config) {
        wide.print(&mut sql);
    }
    sql.push_str(TOTALS);
    sql
}

const HEAD: &str = "\
-- DuckDB views over this folder. Start DuckDB in it, then:  .read load.sql
-- From elsewhere:  SET file_search_path = '/path/to/the/folder';  .read /path/to/the/folder/load.sql
-- Before counting, read CODEBOOK.md: blank is not zero, and a report with scope jurisdiction or system contains its agencies.

";

const TOTALS: &str = "\
-- Totals of each report, summed from its rows: they are not printed totals. A sum is null where every row is.
CREATE OR REPLACE VIEW totals AS
SELECT report_id, year, new_received, carried_in, outcome_total, carried_forward, outcomes, reviews
FROM (SELECT report_id, year, SUM(new_received)::BIGINT AS new_received, SUM(carried_in)::BIGINT AS carried_in,
             SUM(outcome_total)::BIGINT AS outcome_total, SUM(carried_forward)::BIGINT AS carried_forward
      FROM applications GROUP BY ALL)
FULL JOIN (SELECT report_id, year, SUM(count)::BIGINT AS outcomes FROM outcomes GROUP BY ALL) USING (report_id, year)
FULL JOIN (SELECT report_id, year, SUM(count)::BIGINT AS reviews FROM reviews GROUP BY ALL) USING (report_id, year);

-- Bodies by years: the reports to use, one for each body and year, with their totals.
CREATE OR REPLACE VIEW panel AS
SELECT r.report_id, r.agency_id, r.agency, r.year, r.region_code, r.province, r.city, r.county, r.level, r.sector, r.scope,
       t.* EXCLUDE (report_id, year)
FROM reports r LEFT JOIN totals t USING (report_id)
WHERE r.status = 'accepted' AND r.is_current;
";

/// A view of a table's rows with labels.
fn labelled(sql: &mut String, table: &Table) {
    let mut labels = String::new();
    let mut joins = String::new();
    for column in table.columns {
        let Some(list) = column.codes else { continue };
        let name = column.name;
        let _ = write!(labels, ", {name}_codes.label_zh AS {name}_zh, {name}_codes.label_en AS {name}_en");
        let _ = write!(
            joins,
            "\nLEFT JOIN codes AS {name}_codes ON {name}_codes.list = '{list}' AND {name}_codes.code = t.{name}"
        );
    }
    let report = OF_REPORT.map(|column| format!("r.{column}")).join(", ");
    let _ = writeln!(
        sql,
        "CREATE OR REPLACE VIEW {0}_labelled AS\nSELECT t.*{labels},\n       {report}\nFROM {0} AS t JOIN reports AS r USING (report_id){joins};",
        table.name
    );
}

/// A view with one row for each report (and what else is named), and one column for each cell.
struct Wide {
    name: String,
    table: &'static str,
    /// What names a row beside the report.
    also: &'static str,
    /// Name of a column, and what it sums.
    columns: Vec<(String, String)>,
}

impl Wide {
    fn print(&self, sql: &mut String) {
        let _ = write!(sql, "CREATE OR REPLACE VIEW {} AS\nSELECT report_id, year{}", self.name, self.also);
        for (name, sum) in &self.columns {
            let _ = write!(sql, ",\n       {sum} AS {name}");
        }
        let _ = writeln!(sql, "\nFROM {} GROUP BY report_id, year{};", self.table, self.also);
    }
}

/// All wide views; columns are in the order of the newest form that has them.
fn wides(config: &Config) -> Vec<Wide> {
    let name = |parts: &[&str]| parts.join("_");
    let tables = |code: &'static str| config.forms.tables(code).rev().map(|(_, table)| table);
    let applicants = columns_of(tables("applications"));
    let measures = ["new_received", "carried_in", "outcome_total", "carried_forward"];
    let applications = measures.iter().flat_map(|measure| {
        applicants.iter().map(move |applicant| {
            let sum = format!("SUM({measure}) FILTER (applicant = '{applicant}')::BIGINT");
            (name(&[measure, applicant]), sum)
        })
    });
    let outcomes: Vec<(String, String)> = leaves_of(tables("applications"))
        .iter()
        .map(|row| (name(&[row]), format!("SUM(count) FILTER (outcome = '{row}')::BIGINT")))
        .collect();
    let mut reviews = Vec::new();
    for table in tables("reviews") {
        for column in &table.columns {
            let channel = column.group.map(|group| &table.groups[group]).filter(|group| group.is_channel);
            let (Some(channel), Some(result)) = (channel, column.result.as_deref().filter(|result| *result != TOTAL))
            else {
                continue;
            };
            let sum = format!("SUM(count) FILTER (channel = '{}' AND result = '{result}')::BIGINT", channel.code);
            reviews.push((name(&[&channel.code, result]), sum));
        }
    }
    let mut disclosures = Vec::new();
    for table in tables("disclosures") {
        for row in &table.value_rows {
            let item = &table.rows[*row].code;
            for column in &table.columns[table.columns_of(*row)] {
                let sum = format!("SUM(value) FILTER (item = '{item}' AND measure = '{}')", column.code);
                disclosures.push((name(&[item, &column.code]), sum));
            }
        }
    }
    let statistics = leaves_and_totals(tables("statistics"))
        .into_iter()
        .map(|row| (name(&[row]), format!("SUM(value) FILTER (indicator = '{row}')")));
    let indicators =
        config.forms.indicators.iter().map(|indicator| {
            (name(&[&indicator.code]), format!("MAX(value) FILTER (indicator = '{}')", indicator.code))
        });
    let wide = |table: &'static str, also: &'static str, columns: Vec<(String, String)>| {
        let mut seen = BTreeSet::new();
        let mut columns: Vec<_> = columns.into_iter().filter(|(name, _)| seen.insert(name.clone())).collect();
        // Where one name is too long, all of the view are shortened alike.
        if columns.iter().any(|(name, _)| name.len() > NAME_CHARACTERS) {
            for (name, _) in &mut columns {
                *name = config.dataset.shorten(name);
            }
        }
        let of = if also.is_empty() { "" } else { "_by_applicant" };
        Wide { name: format!("{table}{of}_wide"), table, also, columns }
    };
    vec![
        wide("disclosures", "", disclosures),
        wide("applications", "", applications.collect()),
        wide("outcomes", "", outcomes.clone()),
        wide("outcomes", ", applicant", outcomes),
        wide("reviews", "", reviews),
        wide("statistics", "", statistics.collect()),
        wide("indicators", "", indicators.collect()),
    ]
}

const TOTAL: &str = "total";
/// What a total leaves unexplained.
const UNSPECIFIED: &str = "unspecified";

/// The columns of a table in all forms but the total, and what a total leaves open.
fn columns_of<'f>(tables: impl Iterator<Item = &'f FormTable>) -> Vec<&'f str> {
    let codes = tables.flat_map(|table| &table.columns).map(|column| column.code.as_str());
    distinct(codes.filter(|code| *code != TOTAL).chain([UNSPECIFIED]))
}

/// The outcomes of a table in all forms, and what a total leaves open.
fn leaves_of<'f>(tables: impl Iterator<Item = &'f FormTable>) -> Vec<&'f str> {
    let leaves =
        tables.flat_map(|table| &table.rows).filter(|row| row.outcome_group.is_some() && row.kind != RowKind::Group);
    distinct(leaves.map(|row| row.code.as_str()).chain([UNSPECIFIED]))
}

/// The rows of a list that hold numbers.
fn leaves_and_totals<'f>(tables: impl Iterator<Item = &'f FormTable>) -> Vec<&'f str> {
    distinct(tables.flat_map(|table| table.value_rows.iter().map(|row| table.rows[*row].code.as_str())))
}

fn distinct<'c>(codes: impl Iterator<Item = &'c str>) -> Vec<&'c str> {
    let mut seen = BTreeSet::new();
    codes.filter(|code| seen.insert(*code)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_columns_have_names_that_stata_takes_and_none_twice() {
        let config = Config::embedded().expect("settings");
        for wide in wides(&config) {
            assert!(!wide.columns.is_empty(), "{}", wide.name);
            let mut sums: Vec<&String> = wide.columns.iter().map(|(_, sum)| sum).collect();
            sums.sort_unstable();
            sums.dedup();
            assert_eq!(sums.len(), wide.columns.len(), "{} sums one thing twice", wide.name);
            for (name, _) in &wide.columns {
                assert!(name.len() <= NAME_CHARACTERS, "{}.{name}", wide.name);
            }
        }
        let names = |at: usize| wides(&config)[at].columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert!(names(4).contains(&"recon_suit_corrected".to_owned()), "{:?}", names(4));
        // Six kinds of applicants and the rest, four measures.
        assert_eq!(names(1).len(), 28);
    }

    #[test]
    fn loaders_name_every_table_and_type() {
        let (python, r) = (python(), r());
        for table in tables() {
            assert!(python.contains(&format!("\"{}\": \"{}\",", table.name, table.parquet_path())));
            assert!(r.contains(&format!("  {} = \"{}\"", table.name, table.parquet_path())));
        }
        assert!(r.contains("count = \"numeric\", implied = \"logical\""));
        assert!(!python.contains("{{") && !r.contains("{{"));
    }
}
