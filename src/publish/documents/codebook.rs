//! The codebook: every table, column, code and rule for people, made from the one schema and the one configuration.

use std::fmt::Write as _;

use super::super::facts::TableFacts;
use super::super::schema::{CHANGES, Column, ColumnType, Key, SCHEMA_VERSION, Table, tables};
use crate::config::Config;
use crate::form::{Function, Means, Rule};
use crate::model::verdict::Cause;

/// The text of `CODEBOOK.md`; `facts` adds what the tables of a snapshot hold.
pub(super) fn text(config: &Config, facts: Option<&[TableFacts]>) -> String {
    let [zh, en] = config.dataset.title();
    let [about_zh, about_en] = config.dataset.description();
    let mut text = format!(
        "# Codebook 数据字典\n\n**{zh}** {about_zh}\n\n**{en}.** {about_en}\n\nSchema version {SCHEMA_VERSION}.\n\n"
    );
    text.push_str(CAVEATS);
    text.push_str("\n## Tables 表\n\n| table | 表 | one row is | rows |\n| --- | --- | --- | --- |\n");
    for (at, table) in tables().enumerate() {
        let rows = facts.and_then(|facts| facts.get(at)).map_or(String::new(), |facts| facts.rows.to_string());
        let _ =
            writeln!(text, "| [{0}](#{0}) | {1} | {2} | {rows} |", table.name, table.title[0], cell(table.about[1]));
    }
    for (at, table) in tables().enumerate() {
        table_page(&mut text, table, facts.and_then(|facts| facts.get(at)), config);
    }
    table_page(&mut text, &CHANGES, None, config);
    forms(&mut text, config);
    codes(&mut text, config);
    text.push_str("\n## Rules 勾稽关系\n\nSeverity: `hard` holds a report back, `soft` is recorded, `info` is for information. Where a rule does not apply it has no row in `checks`.\n");
    for rule in &config.forms.rules {
        rule_page(&mut text, rule);
    }
    notes(&mut text, config);
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

/// The page of a table: what a row is, its keys, its columns, an example.
fn table_page(text: &mut String, table: &Table, facts: Option<&TableFacts>, config: &Config) {
    let place = [Some(table.parquet_path()), table.csv_path()];
    let place: Vec<String> = place.into_iter().flatten().map(|path| format!("`{path}`")).collect();
    let _ = write!(
        text,
        "\n### {}\n\n{}：{}。\n\n{}: {}.\n\n",
        table.name, table.title[0], table.about[0], table.title[1], table.about[1]
    );
    let _ = writeln!(text, "- files: {}", place.join(", "));
    let columns = |columns: &[&str]| columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let _ = match table.key {
        Key::Primary(key) => writeln!(text, "- key: {}", columns(key)),
        Key::Naming(key) => writeln!(text, "- named by: {} (several rows may agree in them)", columns(key)),
    };
    for foreign in table.foreign {
        let _ =
            writeln!(text, "- {} points to {} of `{}`", columns(foreign.columns), columns(foreign.to), foreign.table);
    }
    if let Some(facts) = facts {
        let _ = writeln!(text, "- rows in this snapshot: {}", facts.rows);
    }
    let share = if facts.is_some() { " null here |" } else { "" };
    let line = if facts.is_some() { " --- |" } else { "" };
    let _ = write!(
        text,
        "\n| column | type | unit | 含义 | meaning | null means 空值含义 |{share} codes |\n| --- | --- | --- | --- | --- | --- |{line} --- |\n"
    );
    for (at, column) in table.columns.iter().enumerate() {
        column_line(text, table, column, facts.map(|facts| facts.null_share(at)), config);
    }
    if let Some(example) = facts.and_then(|facts| facts.example.as_ref()) {
        text.push_str("\nA row, for example 示例:\n\n| column | value |\n| --- | --- |\n");
        for (column, value) in table.columns.iter().zip(example) {
            let value = value.as_deref().map_or_else(|| "(null)".to_owned(), |value| cell(&cut(value)));
            let _ = writeln!(text, "| `{}` | {value} |", column.name);
        }
    }
}

fn column_line(text: &mut String, table: &Table, column: &Column, share: Option<Option<f64>>, config: &Config) {
    let unit = column.unit.map_or(String::new(), |[zh, en]| format!("{en} {zh}"));
    let null = column.null.about().map_or(String::new(), |[zh, en]| format!("{en} {zh}"));
    let _ = write!(
        text,
        "| `{}` | {} | {unit} | {} | {} | {null} |",
        column.name,
        kind(column.column_type),
        cell(column.about[0]),
        cell(column.about[1])
    );
    match share {
        None => {}
        Some(None) => text.push_str(" |"),
        Some(Some(share)) => {
            let _ = write!(text, " {share:.1} % |");
        }
    }
    // A column that is a row of the form's table carries its printed label.
    let label = config.codes.get(&format!("{}.row", table.name)).and_then(|rows| rows.get(column.name));
    let codes = match (column.codes, label) {
        (Some(list), _) => format!("`{list}`"),
        (None, Some([official, _])) => format!("row of the form 表中行：{}", cell(official)),
        (None, None) => String::new(),
    };
    let _ = writeln!(text, " {codes} |");
}

/// What people call a type.
fn kind(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text => "text",
        ColumnType::Int64 | ColumnType::Int32 => "integer",
        ColumnType::Float64 => "number",
        ColumnType::Bool => "true or false",
        ColumnType::Date => "date",
    }
}

/// As much of a long text as an example needs.
fn cut(text: &str) -> String {
    const LONG: usize = 80;
    if text.chars().count() <= LONG { text.to_owned() } else { text.chars().take(LONG).chain(['…']).collect() }
}

/// `codebook.csv`: the columns for programs and for people with a sheet.
pub(super) fn columns_csv(facts: &[TableFacts]) -> Vec<u8> {
    let head = [
        "table", "column", "type", "unit_zh", "unit_en", "title_zh", "title_en", "about_zh", "about_en", "null_zh",
        "null_en", "codes", "rows", "nulls",
    ];
    let lines = facts.iter().flat_map(|facts| {
        facts.table.columns.iter().zip(&facts.nulls).map(|(column, nulls)| {
            let [unit_zh, unit_en] = column.unit.unwrap_or_default();
            let [null_zh, null_en] = column.null.about().unwrap_or_default();
            let [title_zh, title_en] = column.title();
            let [about_zh, about_en] = column.about;
            let fixed =
                [kind(column.column_type), unit_zh, unit_en, title_zh, title_en, about_zh, about_en, null_zh, null_en];
            [facts.table.name, column.name]
                .into_iter()
                .chain(fixed)
                .chain([column.codes.unwrap_or_default()])
                .map(str::to_owned)
                .chain([facts.rows.to_string(), nulls.to_string()])
                .collect::<Vec<String>>()
        })
    });
    super::sheet(&head, lines)
}

/// `codes.csv`: every code with its labels.
pub(super) fn codes_csv(config: &Config) -> Vec<u8> {
    let lines = config.codes.iter().flat_map(|(list, codes)| {
        codes.iter().map(move |(code, [zh, en])| vec![list.clone(), code.clone(), zh.clone(), en.clone()])
    });
    super::sheet(&["list", "code", "label_zh", "label_en"], lines)
}

/// The codes of rows and columns of the official forms.
fn forms(text: &mut String, config: &Config) {
    text.push_str("\n## Rows and columns of the forms 表式行列代码\n");
    for form in config.forms.forms.iter().rev() {
        let years = match form.last_report_year {
            Some(last) => format!("{} to {last}", form.first_report_year),
            None => format!("from {}", form.first_report_year),
        };
        let [zh, en] = &form.titles;
        let document = if form.document.is_empty() { String::new() } else { format!("，{}", form.document) };
        let _ = write!(text, "\n**Form {}**: {zh}{document}. {en}; report years {years}.\n", form.id);
        for table in &form.tables {
            let _ = write!(
                text,
                "\n### {} of form {}\n\n{}，{}\n\n| code | kind | 标签 | label |\n| --- | --- | --- | --- |\n",
                table.code, form.id, table.titles[0], table.titles[1]
            );
            let rows = table.rows.iter().map(|row| (&row.code, "row", row.labels.titles()));
            let columns = table.columns.iter().map(|column| (&column.code, "column", column.labels.titles()));
            for (code, kind, [zh, en]) in rows.chain(columns) {
                let _ = writeln!(text, "| `{code}` | {kind} | {} | {} |", cell(zh), cell(en));
            }
        }
    }
}

fn codes(text: &mut String, config: &Config) {
    text.push_str("\n## Codes 代码\n");
    // Rows and columns of the forms and the rules have pages of their own.
    let has_page = |list: &str| list.contains('.') || list == "rule";
    for (list, codes) in config.codes.iter().filter(|(list, _)| !has_page(list)) {
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
        Means::Function(Function::Run) => writeln!(text, "- held by every run before it publishes"),
        Means::Function(Function::Verify) => writeln!(text, "- held by `gongkai verify`, from what is published"),
        Means::Function(Function::Doctor) => writeln!(text, "- held by `gongkai doctor`, from how the runs went"),
        Means::Function(_) => writeln!(text, "- worked out by the program, as no formula says it"),
        Means::Cause(cause) => {
            writeln!(text, "- held while a page is read: a breach is a row of `quarantine` with cause `{cause}`")
        }
        Means::Flag(flag) => writeln!(text, "- noted while a page is read: a breach is `{flag}` in `reports.flags`"),
    };
    if let Some(indicator) = &rule.indicator {
        let _ = writeln!(text, "- held against the indicator `{indicator}`, in percent");
    }
    for pattern in &rule.patterns {
        let _ = writeln!(text, "- looks for: `{}`", pattern.as_str().replace('`', "'"));
    }
    if !rule.example.is_empty() {
        let parts: Vec<String> = rule.example.iter().map(|(name, value)| format!("`{name}` {value}")).collect();
        let _ = writeln!(text, "- fails with: {}", parts.join(", "));
    }
    let _ = writeln!(text, "- why: {}", rule.why);
    let [zh, en] = &rule.advice;
    let _ = writeln!(text, "- what to do: {en}（{zh}）");
}

/// What of the literature is no rule.
fn notes(text: &mut String, config: &Config) {
    let heads = [
        (false, "\n### What holds without a rule 无须规则即成立\n\n"),
        (true, "\n### What nothing checks 尚未核对\n\n"),
    ];
    for (is_open, head) in heads {
        let mut notes = config.forms.notes.iter().filter(|note| note.is_open == is_open).peekable();
        if notes.peek().is_some() {
            text.push_str(head);
        }
        for note in notes {
            let _ = writeln!(text, "- {}: {} {}", note.ids.join(", "), note.en, note.zh);
        }
    }
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
        let text = text(&config, None);
        for table in tables() {
            assert!(text.contains(&format!("\n### {}\n", table.name)), "{}", table.name);
            assert!(table.columns.iter().all(|column| text.contains(&format!("| `{}` | ", column.name))));
        }
        for rule in &config.forms.rules {
            assert!(text.contains(&format!("\n### {}\n\n{}。", rule.code, rule.title[0])), "{}", rule.code);
        }
        let (checked, open) = text.split_once("### What nothing checks").expect("notes");
        for note in &config.forms.notes {
            let place = if note.is_open { open } else { checked };
            assert!(place.contains(&format!("- {}: {} {}\n", note.ids.join(", "), note.en, note.zh)), "{:?}", note.ids);
        }
        assert!(text.contains("- held against the indicator `clearance_rate`, in percent\n- looks for: `申请"));
        assert!(text.contains("- held by `gongkai doctor`, from how the runs went"));
        assert!(text.contains("| `zero_total` | 总计误填为零 |"));
        assert!(text.contains("| `no_text` | 无文字 | the file has no text | unreadable |"));
        assert!(text.contains("| `other_unpaid_fee` | row | 2.申请人逾期未按收费通知要求缴纳费用"));
        assert!(text.contains("- formula: `new_received + carried_in = outcome_total + carried_forward`"));
    }
}
