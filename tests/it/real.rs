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
    province: Option<String>,
    city: Option<String>,
    county: Option<String>,
    sector: Option<String>,
    #[serde(default)]
    contact: BTreeMap<String, String>,
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
        let extracted = read(&bytes, &config);
        let [report] = extracted.reports.as_slice() else { panic!("{}: {:?}", truth.file, extracted.not_a_report) };
        assert_eq!(report.status.as_str() == "accepted", truth.accepted, "{}: {:#?}", truth.file, report.problems);
        assert_eq!(report.identity.agency.as_deref(), Some(truth.agency.as_str()), "{}", truth.file);
        assert_eq!(report.identity.year, Some(truth.year), "{}", truth.file);
        let identity = &report.identity;
        let place = [&identity.region.province, &identity.region.city, &identity.region.county];
        let expected = [&truth.province, &truth.city, &truth.county];
        assert_eq!(place.map(|name| name.as_deref()), expected.map(|name| name.as_deref()), "{}", truth.file);
        assert!(identity.agency_id.as_ref().is_some_and(|id| id.len() == 16), "{}", truth.file);
        assert_eq!(identity.sector.as_deref(), truth.sector.as_deref(), "{}", truth.file);
        assert_eq!(identity.scope.as_str(), "agency", "{}", truth.file);
        let contact = &identity.contact;
        let values = [
            ("postcode", &contact.postcode),
            ("phone", &contact.phone),
            ("fax", &contact.fax),
            ("email", &contact.email),
        ];
        for (key, value) in values {
            assert_eq!(value.as_deref(), truth.contact.get(key).map(String::as_str), "{} {key}", truth.file);
        }
        // Who prints a telephone prints an address.
        assert_eq!(contact.address.is_some(), truth.contact.contains_key("phone"), "{}", truth.file);
        let form = |form: Option<u8>| form.map(|form| config.forms.form(form).id.as_str());
        assert_eq!(form(report.form), Some(truth.form.as_str()), "{}", truth.file);
        let applications = truth.form_applications.as_deref().unwrap_or(&truth.form);
        assert_eq!(form(report.form_applications), Some(applications), "{}", truth.file);
        let read = cells(report, &config);
        assert_eq!(read.keys().collect::<Vec<_>>(), truth.cells.keys().collect::<Vec<_>>(), "{}", truth.file);
        for (cell, value) in &truth.cells {
            let expected = value.map_or(Cell::Blank, Cell::Number);
            assert_eq!(read[cell], expected, "{} {cell}", truth.file);
        }
        n_compared += 1;
    }
    assert_eq!(n_compared, 5);
}

/// Codes and levels of the same filings, as a person looked them up.
#[test]
fn the_bodies_of_real_filings_are_known() {
    if !folder().join("truth.json").exists() {
        return;
    }
    let config = config();
    let bodies = [
        ("000_2e52dc39fd46a706", 640_500, "prefecture"),
        ("001_fd90817f31466881", 640_302, "county"),
        ("002_e59935bf3fbf3f4b", 611_026, "county"),
        ("003_bd965010b2642c5a", 330_482, "county"),
        ("004_f4909b148243f3ce", 370_323, "county"),
    ];
    for (name, code, level) in bodies {
        let bytes = std::fs::read(folder().join(format!("seeds/{name}.txt"))).expect("a real filing");
        let report = &read(&bytes, &config).reports[0];
        assert_eq!(report.identity.region.code, Some(code), "{name}");
        assert_eq!(report.identity.level.as_str(), level, "{name}");
    }
}
