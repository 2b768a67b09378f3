//! The codebook: every table, column, code and rule for people, made from the one schema and the one configuration.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::PublishError;
use super::schema::{ColumnType, FILES, REPORT_TABLES, SCHEMA_VERSION, Table};
use crate::config::Config;
use crate::form::{Means, Rule};
use crate::model::verdict::Cause;

/// Writes `CODEBOOK.md` into the folder of a snapshot.
///
/// # Errors
/// When the disk refuses.
pub(super) fn write(folder: &Path, config: &Config) -> Result<(), PublishError> {
    let path = folder.join("CODEBOOK.md");
    fs::write(&path, text(config)).map_err(|source| PublishError::io("write", &path, source))
}

fn text(config: &Config) -> String {
    let mut text = format!("# Codebook 数据字典\n\nSchema version {SCHEMA_VERSION}.\n\n");
    text.push_str(CAVEATS);
    text.push_str("\n## Tables 表\n");
    for table in std::iter::once(&FILES).chain(&REPORT_TABLES) {
        table_page(&mut text, table);
    }
    forms(&mut text, config);
    codes(&mut text, config);
    text.push_str("\n## Rules 勾稽关系\n\nSeverity: `hard` holds a report back, `soft` is recorded, `info` is for information. Where a rule does not apply it has no row in `checks`.\n");
    for rule in &config.forms.rules {
        rule_page(&mut text, rule);
    }
    text
}

const CAVEATS: &str = "\
## Before you count 使用须知

- **Blank is not zero** (空白不是零): an empty cell, `/`, `-` and 无 are null. What the sums say of a blank stands in `cells.implied`, and
  `outcomes` and `reviews` take it with `implied` true.
- **A roll-up contains its agencies** (汇总报告包含所属单位): a report with `scope` jurisdiction or system counts what the bodies below it
  count in their own reports. Never add both.
- **A printed total is no row** (合计不成行): sums over `disclosures`, `applications`, `outcomes` and `reviews` are right as they are; what a
  total says beyond its parts is a row `unspecified`.
- **Forms differ** (表式不同): `other_handling` of form 2019 is `other_no_correction`, `other_unpaid_fee` and `other_other` of form 2021 together;
  `disclosed_total` (2019) and `in_force` (2021) count different things, as do the fee items of 2019 and the fee amount of 2021. The sheet of 2014 compares
  with neither.
- **Held back is not gone** (隔离不等于丢失): reports with `status` quarantined have their rows in `cells`, `checks`, `sections` and `quarantine`, and none
  in the normalised tables.
- **Printed, implied, corrected are three things** (原文、推算、更正三者分列): `cells.value`, `cells.implied`, `cells.corrected`.
";

fn table_page(text: &mut String, table: &Table) {
    let place = if table.csv_folder.is_some() { "Parquet and CSV" } else { "Parquet" };
    let _ = write!(
        text,
        "\n### {}\n\n{place}.\n\n| column | type | null | meaning |\n| --- | --- | --- | --- |\n",
        table.name
    );
    for column in table.columns {
        let kind = match column.column_type {
            ColumnType::Text => "text",
            ColumnType::Int64 | ColumnType::Int32 => "integer",
            ColumnType::Float64 => "number",
            ColumnType::Bool => "true or false",
            ColumnType::Date => "date",
        };
        let null = if column.nullable { "may be" } else { "" };
        let _ = writeln!(text, "| `{}` | {kind} | {null} | {} |", column.name, cell(column.about));
    }
}

/// The codes of rows and columns of the official forms.
fn forms(text: &mut String, config: &Config) {
    text.push_str("\n## Rows and columns of the forms 表式行列代码\n");
    for form in config.forms.forms.iter().rev() {
        for table in &form.tables {
            let _ = write!(
                text,
                "\n### {} of form {}\n\n| code | kind | label |\n| --- | --- | --- |\n",
                table.code, form.id
            );
            let rows = table.rows.iter().map(|row| (&row.code, "row", &row.labels.official));
            let columns = table.columns.iter().map(|column| (&column.code, "column", &column.labels.official));
            for (code, kind, label) in rows.chain(columns) {
                let _ = writeln!(text, "| `{code}` | {kind} | {} |", cell(label));
            }
        }
    }
}

fn codes(text: &mut String, config: &Config) {
    text.push_str("\n## Codes 代码\n");
    for (list, codes) in &config.codes {
        let _ = write!(text, "\n### {list}\n\n");
        // Every cause belongs to one outcome of its file.
        let is_cause = list == "cause";
        text.push_str(if is_cause {
            "| code | 中文 | English | outcome of the file |\n| --- | --- | --- | --- |\n"
        } else {
            "| code | 中文 | English |\n| --- | --- | --- |\n"
        });
        for (code, [zh, en]) in codes {
            let _ = write!(text, "| `{code}` | {} | {} |", cell(zh), cell(en));
            if let Some(cause) = Cause::ALL.iter().find(|cause| is_cause && cause.as_str() == code) {
                let _ = write!(text, " {} |", cause.outcome());
            }
            text.push('\n');
        }
    }
}

fn rule_page(text: &mut String, rule: &Rule) {
    let [zh, en] = &rule.title;
    let _ = write!(text, "\n### {}\n\n{zh}。\n\n{en}.\n\n", rule.code);
    let _ = writeln!(text, "- severity: `{}`; number in the catalogue: {}", rule.severity, rule.id);
    if !rule.forms.is_empty() {
        let _ = writeln!(text, "- forms: {}", rule.forms.join(", "));
    }
    if let Some(table) = &rule.table {
        let _ = writeln!(text, "- table: `{table}`");
    }
    let _ = match &rule.means {
        Means::Formula(formula) => writeln!(text, "- formula: `{formula}`"),
        Means::Function(_) => writeln!(text, "- worked out by the program, as no formula says it"),
        Means::Cause(cause) => {
            writeln!(text, "- held while a page is read: a breach is a row of `quarantine` with cause `{cause}`")
        }
        Means::Flag(flag) => writeln!(text, "- noted while a page is read: a breach is `{flag}` in `reports.flags`"),
    };
    if !rule.example.is_empty() {
        let parts: Vec<String> = rule.example.iter().map(|(name, value)| format!("`{name}` {value}")).collect();
        let _ = writeln!(text, "- fails with: {}", parts.join(", "));
    }
    let _ = writeln!(text, "- why: {}", rule.why);
    let [zh, en] = &rule.advice;
    let _ = writeln!(text, "- what to do: {en}（{zh}）");
}

/// A text inside a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_column_code_and_rule_has_its_line() {
        let config = Config::embedded().expect("settings");
        let text = text(&config);
        for table in std::iter::once(&FILES).chain(&REPORT_TABLES) {
            assert!(text.contains(&format!("\n### {}\n", table.name)), "{}", table.name);
            assert!(table.columns.iter().all(|column| text.contains(&format!("| `{}` | ", column.name))));
        }
        for rule in &config.forms.rules {
            assert!(text.contains(&format!("\n### {}\n\n{}。", rule.code, rule.title[0])), "{}", rule.code);
        }
        assert!(text.contains("| `zero_total` | 总计误填为零 |"));
        assert!(text.contains("| `no_text` | 无文字 | the file has no text | unreadable |"));
        assert!(text.contains("| `other_unpaid_fee` | row | 2.申请人逾期未按收费通知要求缴纳费用"));
        assert!(text.contains("- formula: `new_received + carried_in = outcome_total + carried_forward`"));
    }
}
