//! The documents of a snapshot that say what its tables are.
//!
//! All of them are made from the schema, the settings and the tables themselves, so none can say something else. They
//! hold no clock and no id, so that they are the same whenever the data are.

mod codebook;

use std::fs;
use std::path::Path;

use csv::{Terminator, WriterBuilder};

use super::PublishError;
use super::facts::TableFacts;
use crate::config::Config;

/// The codebook of the schema and the settings, without a snapshot.
#[must_use]
pub fn codebook(config: &Config) -> String {
    codebook::text(config, None)
}

/// Writes the documents into the folder of a snapshot whose tables are finished.
pub(super) fn write(folder: &Path, facts: &[TableFacts], config: &Config) -> Result<(), PublishError> {
    let documents: [(&str, Vec<u8>); 3] = [
        ("CODEBOOK.md", codebook::text(config, Some(facts)).into_bytes()),
        ("codebook.csv", codebook::columns_csv(facts)),
        ("codes.csv", codebook::codes_csv(config)),
    ];
    for (name, bytes) in documents {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|source| PublishError::io("write", &path, source))?;
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
