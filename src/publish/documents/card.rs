//! The card of the dataset: `README.md`, with the front matter that dataset hubs read.

use std::fmt::Write as _;

use super::super::facts::TableFacts;
use super::super::schema::REPORTS;
use crate::config::Config;

const BODY: &str = include_str!("templates/card.md");

/// `README.md`.
pub(super) fn card(facts: &[TableFacts], config: &Config) -> String {
    let dataset = &config.dataset;
    let mut card = String::from("---\n");
    let list = |card: &mut String, key: &str, values: &[String]| {
        let _ = writeln!(card, "{key}:");
        for value in values {
            let _ = writeln!(card, "- {}", quoted(value));
        }
    };
    let _ = writeln!(card, "pretty_name: {}", quoted(dataset.title()[1]));
    list(&mut card, "language", &dataset.languages);
    let _ = writeln!(card, "license: {}", dataset.license.id.to_lowercase());
    list(&mut card, "tags", &dataset.keywords);
    let rows: u64 = facts.iter().map(|facts| facts.rows).sum();
    list(&mut card, "size_categories", &[size_class(rows).to_owned()]);
    card.push_str("configs:\n");
    // Hubs show the default first.
    let of_reports = |facts: &&TableFacts| facts.table.name == REPORTS.name;
    for facts in facts.iter().filter(of_reports).chain(facts.iter().filter(|facts| !of_reports(facts))) {
        let _ = writeln!(card, "- config_name: {}", facts.table.name);
        let _ = writeln!(card, "  data_files: {}", facts.table.parquet_path());
        if of_reports(&facts) {
            card.push_str("  default: true\n");
        }
    }
    card.push_str("---\n\n");
    let tables = facts.iter().fold(String::new(), |mut lines, facts| {
        let table = facts.table;
        let _ = writeln!(lines, "| `{}` | {} | {} | {} |", table.name, table.title[0], facts.rows, table.about[1]);
        lines
    });
    let [title_zh, title_en] = dataset.title();
    let [description_zh, description_en] = dataset.description();
    let [source_zh, source_en] = dataset.source();
    let values = [
        ("title_zh", title_zh),
        ("title_en", title_en),
        ("description_zh", description_zh),
        ("description_en", description_en),
        ("source_zh", source_zh),
        ("source_en", source_en),
        ("license_title", &dataset.license.title),
        ("license_url", &dataset.license.url),
        ("tables", &tables),
    ];
    let fill = |body: String, (name, value): (&str, &str)| body.replace(&["{{", name, "}}"].concat(), value);
    card + &values.into_iter().fold(BODY.to_owned(), fill)
}

/// A text as YAML; JSON strings are YAML too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// How hubs call so many rows.
fn size_class(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        10_000_000..100_000_000 => "10M<n<100M",
        _ => "100M<n<1B",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_card_is_filled() {
        let config = Config::embedded().expect("settings");
        let facts = TableFacts { table: &REPORTS, rows: 3, nulls: Vec::new(), example: None };
        let card = card(&[facts], &config);
        assert!(!card.contains("{{"), "{card}");
        assert!(card.contains("- config_name: reports\n  data_files: parquet/reports.parquet\n  default: true\n---\n"));
        assert!(card.contains("license: cc-by-4.0\n") && card.contains("size_categories:\n- \"n<1K\"\n"));
        assert!(card.contains("| `reports` | 报告 | 3 |"));
    }
}
