//! Real filings with known cells, where a folder of them lies beside the checkout.
//!
//! The documents are not ours to publish, so they are no part of the project; without them
//! there is nothing to compare.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::util::{Cell, build, cells, config, read, root, table, text};

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
        let extracted = read(&bytes, config);
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
        let report = &read(&bytes, config).reports[0];
        assert_eq!(report.identity.region.code, Some(code), "{name}");
        assert_eq!(report.identity.level.as_str(), level, "{name}");
    }
}

/// Kind and value of some statements of a filing, and the sub-heads it has in order.
struct Narrative {
    file: &'static str,
    stated: &'static [(&'static str, f64)],
    subsections: &'static [&'static str],
}

const OVERVIEW: [&str; 5] = ["proactive", "on_request", "information_management", "platform", "supervision"];

#[test]
fn the_narrative_of_real_filings_is_read_as_a_person_read_it() {
    let filings = [
        Narrative {
            file: "seeds/000_2e52dc39fd46a706.txt",
            stated: &[
                ("documents_published", 13.0),
                ("proactive_total", 89.0),
                ("policy_interpretation", 3.0),
                ("new_media_total", 458.0),
                ("npc_cppcc_combined", 3.0),
                ("admin_penalty", 19.0),
                ("applications_received", 0.0),
                ("reconsideration", 0.0),
                ("litigation", 0.0),
                ("hotline_12345", 41.0),
                ("training_events", 4.0),
                ("normative_issued", 0.0),
                ("fee_amount_yuan", 0.0),
            ],
            subsections: &["work_points", "processing_fee"],
        },
        Narrative {
            file: "seeds/001_fd90817f31466881.txt",
            stated: &[("proactive_total", 2.0), ("applications_received", 0.0), ("fee_amount_yuan", 0.0)],
            subsections: &[],
        },
        Narrative {
            file: "seeds/002_e59935bf3fbf3f4b.txt",
            stated: &[
                ("proactive_total", 167.0),
                ("notices", 5.0),
                ("policy_interpretation", 32.0),
                ("applications_received", 0.0),
                ("fee_amount_yuan", 0.0),
            ],
            subsections: &["problems", "improvement"],
        },
        Narrative {
            file: "seeds/003_bd965010b2642c5a.txt",
            stated: &[
                ("proactive_total", 105.0),
                ("notices", 45.0),
                ("npc_cppcc_combined", 1.0),
                ("budget_items", 2.0),
                ("applications_received", 0.0),
                ("fee_notices", 0.0),
                ("fee_amount_yuan", 0.0),
            ],
            subsections: &["problems", "improvement"],
        },
        Narrative {
            file: "seeds/004_f4909b148243f3ce.txt",
            stated: &[
                ("policy_interpretation", 5.0),
                ("applications_received", 5.0),
                ("fee_amount_yuan", 0.0),
                ("cppcc_proposals", 0.0),
            ],
            subsections: &["processing_fee", "work_points", "proposals", "innovation", "other"],
        },
    ];
    let config = config();
    for filing in filings {
        let Ok(bytes) = std::fs::read(folder().join(filing.file)) else { return };
        let extracted = read(&bytes, config);
        let report = &extracted.reports[0];
        let code = |kind: u16| config.statements.kinds[usize::from(kind)].code.as_str();
        for (kind, value) in filing.stated {
            let mut found = report.statements.iter().filter(|statement| code(statement.kind) == *kind);
            assert!(found.any(|statement| statement.value == *value), "{}: {kind} {value}", filing.file);
        }
        // Nothing else is stated of these kinds.
        for statement in &report.statements {
            let kind = code(statement.kind);
            let is_listed = |(known, value): &(&str, f64)| *known == kind && *value == statement.value;
            let is_known = filing.stated.iter().any(|(known, _)| *known == kind);
            assert!(!is_known || filing.stated.iter().any(is_listed), "{}: {kind} {}", filing.file, statement.value);
            assert_ne!(statement.agreement.and_then(|of| of.agrees), Some(false), "{}: {kind}", filing.file);
        }
        let found: Vec<&str> = report.sections.iter().filter_map(|section| section.subsection.as_deref()).collect();
        let expected: Vec<&str> = OVERVIEW.iter().chain(filing.subsections).copied().collect();
        assert_eq!(found, expected, "{}", filing.file);
    }
}

#[test]
fn printed_filings_are_read_as_a_person_read_them_and_their_wrong_totals_named() {
    let real = folder().join("real");
    if !real.join("hongze-2023.pdf").exists() {
        return;
    }
    let (input, out) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let truth = std::fs::read_to_string(folder().join("truth.json")).expect("truth.json");
    let truth: Vec<Truth> = serde_json::from_str(&truth).expect("truth.json parses");
    let truth: Vec<&Truth> = truth.iter().filter(|truth| truth.file.ends_with(".pdf")).collect();
    for truth in &truth {
        let name = truth.file.rsplit('/').next().expect("a name");
        std::fs::copy(folder().join(&truth.file), input.path().join(name)).expect("copied");
    }
    build(input.path(), out.path(), &[], 0);
    let [reports, cells, quarantine] = ["reports", "cells", "quarantine"].map(|name| table(out.path(), name));
    assert_eq!((truth.len(), reports.len()), (2, 2));
    for truth in truth {
        let report = reports.iter().find(|report| truth.file.ends_with(text(report, "path"))).expect("report");
        assert_eq!(text(report, "status") == "accepted", truth.accepted, "{}", truth.file);
        let own = cells.iter().filter(|cell| cell["report_id"] == report["report_id"]);
        let read: BTreeMap<String, Option<f64>> = own
            .map(|cell| {
                let name = ["table", "row", "column"].map(|part| text(cell, part)).join(".");
                (name, cell["value"].as_deref().map(|value| value.parse().expect("a number")))
            })
            .collect();
        assert_eq!(read, truth.cells, "{}", truth.file);
    }
    let wrong: Vec<[Option<&str>; 7]> = quarantine
        .iter()
        .map(|row| {
            ["rule", "scope", "blame", "left", "right", "suggested_cell", "suggested_value"]
                .map(|column| row[column].as_deref())
        })
        .collect();
    let row = |scope, left, cell| {
        [Some("reviews_total"), Some(scope), Some("source"), Some(left), Some("0"), Some(cell), Some(left)]
    };
    assert_eq!(
        wrong,
        [
            row("reconsideration", "11", "reviews.cases.reconsideration_total"),
            row("litigation_after_reconsideration", "5", "reviews.cases.litigation_after_reconsideration_total"),
        ]
    );
    assert!(quarantine.iter().all(|row| text(row, "suggested_kind") == "zero_total"));
}
