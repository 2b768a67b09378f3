//! How the dataset is cited: `CITATION.cff` and `.zenodo.json`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::snapshot::Edition;
use super::card::quoted;
use crate::config::{Config, Creator, CreatorKind};

/// `CITATION.cff`, version 1.2.0 of the format.
pub(super) fn cff(edition: &Edition, config: &Config) -> String {
    let dataset = &config.dataset;
    let mut cff =
        String::from("cff-version: 1.2.0\nmessage: \"Please cite the version that you used.\"\ntype: dataset\n");
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(cff, "{key}: {}", quoted(value));
    };
    line("title", dataset.title()[1]);
    line("abstract", dataset.description()[1]);
    line("version", &edition.id);
    line("date-released", &edition.day);
    line("license", &dataset.license.id);
    if !dataset.homepage.is_empty() {
        line("url", &dataset.homepage);
    }
    cff.push_str("authors:\n");
    for creator in &dataset.creators {
        match names(creator) {
            (family, Some(given)) => {
                let _ = writeln!(cff, "- family-names: {}\n  given-names: {}", quoted(family), quoted(given));
            }
            (name, None) => {
                let _ = writeln!(cff, "- name: {}", quoted(name));
            }
        }
        if let Some(orcid) = &creator.orcid {
            let _ = writeln!(cff, "  orcid: {}", quoted(&format!("https://orcid.org/{orcid}")));
        }
    }
    cff.push_str("keywords:\n");
    for keyword in &dataset.keywords {
        let _ = writeln!(cff, "- {}", quoted(keyword));
    }
    cff
}

/// `.zenodo.json`.
pub(super) fn zenodo(edition: &Edition, config: &Config) -> Value {
    let dataset = &config.dataset;
    let creators = dataset.creators.iter().map(|creator| {
        let mut entry = json!({"name": creator.name});
        if let Some(orcid) = &creator.orcid {
            entry["orcid"] = orcid.as_str().into();
        }
        entry
    });
    json!({
        "upload_type": "dataset",
        "title": dataset.title()[1],
        "description": format!("<p>{}</p><p>{}</p>", dataset.description()[1], dataset.description()[0]),
        "creators": creators.collect::<Vec<_>>(),
        "version": edition.id,
        "publication_date": edition.day,
        "access_right": "open",
        "license": dataset.license.id.to_lowercase(),
        "keywords": dataset.keywords,
        "language": "zho",
    })
}

/// How an edition is cited, in one line.
pub(super) fn sentence(edition: &Edition, config: &Config) -> String {
    let dataset = &config.dataset;
    let creators: Vec<&str> = dataset.creators.iter().map(|creator| creator.name.as_str()).collect();
    let year = edition.day.split('-').next().unwrap_or_default();
    let home = if dataset.homepage.is_empty() { String::new() } else { format!(", {}", dataset.homepage) };
    format!("{} ({year}): {}, version {}{home}", creators.join("; "), dataset.title()[1], edition.id)
}

/// Family name and given names of a person; the whole name of an organization.
fn names(creator: &Creator) -> (&str, Option<&str>) {
    match creator.name.split_once(", ").filter(|_| creator.kind == CreatorKind::Person) {
        Some((family, given)) => (family, Some(given)),
        None => (&creator.name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn persons_and_organizations_are_cited_each_in_their_way() {
        let mut config = Config::embedded().expect("settings");
        let person = Creator {
            name: "Li, Na".to_owned(),
            kind: CreatorKind::Person,
            orcid: Some("0000-0002-1825-0097".to_owned()),
        };
        config.dataset.creators.push(person);
        let edition = Edition {
            id: "2026.1.2".to_owned(),
            day: "2026-01-02".to_owned(),
            files: Vec::new(),
            folder: PathBuf::new(),
            previous: None,
        };
        let cff = cff(&edition, &config);
        let author = "- name: \"gongkai contributors\"\n- family-names: \"Li\"\n  given-names: \"Na\"\n  orcid: \"https://orcid.org/0000-0002-1825-0097\"\n";
        assert!(cff.contains(author), "{cff}");
        assert!(cff.contains("version: \"2026.1.2\"\ndate-released: \"2026-01-02\"\n"));
        assert_eq!(zenodo(&edition, &config)["creators"][1]["orcid"], "0000-0002-1825-0097");
        assert!(sentence(&edition, &config).starts_with("gongkai contributors; Li, Na (2026): Annual reports"));
    }
}
