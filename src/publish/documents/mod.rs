//! The documents of a snapshot that say what its tables are.
//!
//! All of them are made from the schema, the settings and the tables themselves, so none can say something else. Those
//! of [`fn@write`] hold no clock and no id, so that they are the same whenever the data are; those of [`write_dated`] name the edition.

mod card;
mod citation;
mod codebook;
mod croissant;
mod datapackage;
mod loaders;
mod workbook;

use std::path::Path;

use croissant::Subject;
use csv::{Terminator, WriterBuilder};

use super::PublishError;
use super::facts::TableFacts;
use super::snapshot::{Edition, Summed, write_synced};
use crate::config::Config;

/// The codebook of the schema and the settings, without a snapshot.
#[must_use]
pub fn codebook(config: &Config) -> String {
    codebook::text(config, None)
}

/// Writes the documents into the folder of a snapshot whose tables are finished.
pub(super) fn write(folder: &Path, facts: &[TableFacts], config: &Config) -> Result<(), PublishError> {
    let documents: [(&str, Vec<u8>); 7] = [
        ("CODEBOOK.md", codebook::text(config, Some(facts)).into_bytes()),
        ("codebook.csv", codebook::columns_csv(facts)),
        ("codes.csv", codebook::codes_csv(config)),
        ("README.md", card::card(facts, config).into_bytes()),
        ("load.sql", loaders::sql(config).into_bytes()),
        ("load.py", loaders::python().into_bytes()),
        ("load.R", loaders::r().into_bytes()),
    ];
    write_all(folder, documents)?;
    if let Some(bytes) = workbook::workbook(folder, facts, config)? {
        write_synced(&folder.join("gongkai.xlsx"), &bytes)?;
    }
    Ok(())
}

/// Writes the documents that say which edition this is, beside its table of changes.
pub(super) fn write_dated(
    edition: &Edition,
    facts: &[TableFacts],
    changes: (&Summed, u64),
    config: &Config,
) -> Result<(), PublishError> {
    let json = |value: serde_json::Value| format!("{value:#}\n").into_bytes();
    let croissant = |subject| json(croissant::croissant(subject, edition, facts, config));
    let documents: [(&str, Vec<u8>); 5] = [
        ("datapackage.json", json(datapackage::datapackage(edition, facts, changes, config))),
        ("croissant.json", croissant(Subject::Edition)),
        ("croissant-live.json", croissant(Subject::Newest)),
        ("CITATION.cff", citation::cff(edition, config).into_bytes()),
        (".zenodo.json", json(citation::zenodo(edition, config))),
    ];
    write_all(&edition.folder, documents)
}

fn write_all<const N: usize>(folder: &Path, documents: [(&str, Vec<u8>); N]) -> Result<(), PublishError> {
    for (name, bytes) in documents {
        write_synced(&folder.join(name), &bytes)?;
    }
    Ok(())
}

/// A small table as CSV that opens right in Excel.
fn sheet(head: &[&str], lines: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut bytes);
    let expect = "writing to memory cannot fail";
    writer.write_record(head).expect(expect);
    for line in lines {
        writer.write_record(&line).expect(expect);
    }
    writer.flush().expect(expect);
    drop(writer);
    bytes
}
