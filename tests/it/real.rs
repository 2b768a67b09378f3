//! Real filings with known cells, where a folder of them lies beside the checkout.
//!
//! The documents are not ours to publish, so they are no part of the project; without them
//! there is nothing to compare.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::util::{Cell, cells, config, read, root};

#[derive(Deserialize)]
struct Truth {
    file: String,
    agency: String,
    year: i32,
    form: String,
    form_applications: Option<String>,
    accepted: bool,
    cells: BTreeMap<String, Option<f64>>,
}

fn folder() -> PathBuf {
    root().join("../shared")
}

#[test]
fn the_cells_of_real_filings_are_read_as_a_person_read_them() {
    let Ok(truth) = std::fs::read_to_string(folder().join("truth.json")) else {
        return;
    };
    let truth: Vec<Truth> = serde_json::from_str(&truth).expect("truth.json parses");
    let config = config();
    let mut n_compared = 0;
    for truth in truth.iter().filter(|truth| truth.file.ends_with(".txt")) {
        let bytes = std::fs::read(folder().join(&truth.file)).expect("a real filing");
        let extracted = read(&bytes, config);
        let [report] = extracted.reports.as_slice() else { panic!("{}: {:?}", truth.file, extracted.not_a_report) };
        assert_eq!(report.status.as_str() == "accepted", truth.accepted, "{}: {:#?}", truth.file, report.problems);
        assert_eq!(report.identity.agency.as_deref(), Some(truth.agency.as_str()), "{}", truth.file);
        assert_eq!(report.identity.year, Some(truth.year), "{}", truth.file);
        let form = |form: Option<u8>| form.map(|form| config.forms.form(form).id.as_str());
        assert_eq!(form(report.form), Some(truth.form.as_str()), "{}", truth.file);
        let applications = truth.form_applications.as_deref().unwrap_or(&truth.form);
        assert_eq!(form(report.form_applications), Some(applications), "{}", truth.file);
        let read = cells(report, config);
        assert_eq!(read.keys().collect::<Vec<_>>(), truth.cells.keys().collect::<Vec<_>>(), "{}", truth.file);
        for (cell, value) in &truth.cells {
            let expected = value.map_or(Cell::Blank, Cell::Number);
            assert_eq!(read[cell], expected, "{} {cell}", truth.file);
        }
        n_compared += 1;
    }
    assert_eq!(n_compared, 5);
}
