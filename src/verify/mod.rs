//! An independent check of a published snapshot, as someone makes it who downloaded it.
//!
//! It reads what is published and nothing else, and shares with the program that built it the schema of the tables and
//! the settings, above all the catalogue of rules. How rules come out, what the normalised tables hold and what is a
//! sound file is worked out here anew, so that a fault of the builder is no fault of its check.
//!
//! The tables are sorted by report: they are walked side by side, some reports at a time.

#![expect(clippy::disallowed_methods, reason = "a snapshot is read here as a stranger would read it")]

mod atomic;
mod cells;
mod census;
mod codes;
mod csv;
mod facts;
mod finding;
mod functions;
mod links;
mod narrative;
mod prose;
mod ratios;
mod report;
mod rules;
mod sums;
mod table;
mod walk;

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::config::Config;
use census::Census;
use finding::Findings;
use table::Opened;

pub use finding::{Area, Finding, Verdict};

/// Why a folder cannot be verified at all.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The folder holds no snapshot.
    #[error("{0} holds no snapshot: name a folder with SHA256SUMS and run.json, such as out/current")]
    NoSnapshot(PathBuf),
}

/// Checks a snapshot: its sums, tables, order, keys, counts, codes, and every figure that follows from its cells.
///
/// The settings are those it was built with; others than that show as rules that come out otherwise.
///
/// # Errors
/// When the folder holds no snapshot. Whatever is wrong with a snapshot that is there is a finding.
pub fn verify(folder: &Path, config: &Config) -> Result<Verdict, VerifyError> {
    let is_there = |name: &str| folder.join(name).is_file();
    if !is_there("SHA256SUMS") && !is_there("run.json") {
        return Err(VerifyError::NoSnapshot(folder.to_owned()));
    }
    let mut findings = Findings::default();
    let n_files = sums::check(folder, &mut findings);
    let run = census::Run::read(folder, &mut findings);
    let opened = Opened::all(folder, &run, &mut findings);
    csv::check(folder, &opened, &mut findings);
    let mut rows = 0;
    let mut n_reports = 0;
    if opened.is_complete() {
        rows = opened.n_rows();
        let codes = codes::Codes::of(config);
        if let Some(census) = Census::take(&opened, &codes, &mut findings) {
            n_reports = census.reports.len();
            walk::walk(&opened, &census, &codes, config, &mut findings);
            census.close(&run, &opened, &mut findings);
        }
    } else {
        findings.add(Area::Tables, "what the tables say was not looked at, as not all of them can be read".to_owned());
    }
    Ok(findings.verdict(n_files, n_reports, rows))
}
