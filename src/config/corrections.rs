//! What persons put right: a list of corrections, one a line, each with its reason and who answers for it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// A number that a person read in the source, in the place of what was read or printed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The report: `report_id`.
    pub report: String,
    /// The cell: `table.row.column`.
    pub cell: String,
    /// What is printed there, so that a correction of another filing is not taken for one of this.
    pub printed: String,
    /// The number that counts; amounts in 万元.
    pub value: f64,
    /// Why it is right.
    pub reason: String,
    /// Who says so.
    pub who: String,
    /// On which day, `YYYY-MM-DD`.
    pub date: String,
}

/// The corrections of a run.
#[derive(Debug, Default)]
pub struct Corrections {
    /// In the order of the file.
    pub all: Vec<Correction>,
    /// By report, as numbers in `all`.
    by_report: BTreeMap<String, Vec<usize>>,
}

impl Corrections {
    /// Reads a file of corrections.
    ///
    /// # Errors
    /// When it is no CSV of these columns, with the line.
    pub fn load(source: impl Read, path: &Path) -> Result<Self, ConfigError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::None).from_reader(source);
        let mut corrections = Self::default();
        for (at, row) in reader.deserialize::<Correction>().enumerate() {
            let wrong =
                |what: &str| ConfigError::Correction { path: path.to_owned(), line: at + 2, what: what.to_owned() };
            let row = row.map_err(|error| wrong(&error.to_string()))?;
            if !row.value.is_finite() {
                return Err(wrong("its value is no number"));
            }
            if [&row.reason, &row.who, &row.date].iter().any(|text| text.trim().is_empty()) {
                return Err(wrong("it needs a reason, who answers for it, and a date"));
            }
            corrections.push(row);
        }
        Ok(corrections)
    }

    /// Adds a correction.
    pub fn push(&mut self, correction: Correction) {
        self.by_report.entry(correction.report.clone()).or_default().push(self.all.len());
        self.all.push(correction);
    }

    /// Takes back what was added behind the first so many.
    pub fn truncate(&mut self, n_kept: usize) {
        self.all.truncate(n_kept);
        for numbers in self.by_report.values_mut() {
            numbers.retain(|at| *at < n_kept);
        }
    }

    /// The numbers of the corrections of a report.
    #[must_use]
    pub fn of(&self, report_id: &str) -> &[usize] {
        self.by_report.get(report_id).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "report,cell,printed,value,reason,who,date\n";

    fn load(rows: &str) -> Result<Corrections, ConfigError> {
        Corrections::load(format!("{HEAD}{rows}").as_bytes(), Path::new("corrections.csv"))
    }

    #[test]
    fn corrections_are_found_by_report() {
        let rows = "a-1,x.y.z,0,11,\"seen, in print\",Li,2024-05-01\nb-1,x.y.z,,5,r,Li,2024-05-01\na-1,x.y.w,3,4,r,Li,2024-05-01\n";
        let corrections = load(rows).expect("corrections");
        assert_eq!(corrections.of("a-1"), [0, 2]);
        assert_eq!(corrections.of("c-1"), [0; 0]);
        assert_eq!((corrections.all[0].reason.as_str(), corrections.all[1].printed.as_str()), ("seen, in print", ""));
        assert!(load("").expect("none").all.is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let error = |rows: &str| load(rows).expect_err("wrong").to_string();
        let good = "a-1,x.y.z,0,11,r,Li,2024-05-01\n";
        assert!(error(&format!("{good}a-1,x.y.z,0,eleven,r,Li,2024-05-01\n")).starts_with("corrections.csv, line 3: "));
        assert_eq!(
            error("a-1,x.y.z,0,11,r,,2024-05-01\n"),
            "corrections.csv, line 2: it needs a reason, who answers for it, and a date"
        );
        assert!(error("a-1,x.y.z,0,NaN,r,Li,2024-05-01\n").ends_with("its value is no number"));
        assert!(error("a-1,x.y.z,0\n").starts_with("corrections.csv, line 2: "));
    }
}
