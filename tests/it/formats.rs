//! One report in every format: the same cells, whatever the file.
//!
//! `tests/formats` holds what `scripts/format_fixtures.py` made once with python-docx, openpyxl, xlwt and
//! LibreOffice, and the cells that its figures have in the form.

use std::collections::{BTreeMap, BTreeSet};

use crate::util::{build, root, table};

#[derive(serde::Deserialize)]
struct Expected {
    agency: String,
    year: i32,
    cells: BTreeMap<String, f64>,
}

#[test]
fn one_report_reads_alike_in_every_format() {
    let expected = std::fs::read_to_string(root().join("tests/formats/expected.json")).expect("expected.json");
    let expected: Expected = serde_json::from_str(&expected).expect("expected.json parses");
    let folder = tempfile::tempdir().expect("folder");
    build(&root().join("tests/formats"), folder.path(), &[], 0);
    let mut read: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for cell in table(folder.path(), "cells") {
        let value = |name: &str| cell[name].clone().expect("a code");
        let code = format!("{}.{}.{}", value("table"), value("row"), value("column"));
        let number = cell["value"].as_ref().expect("no cell is blank").parse().expect("a number");
        read.entry(value("report_id")).or_default().insert(code, number);
    }
    let files: BTreeMap<String, BTreeMap<String, Option<String>>> =
        table(folder.path(), "files").into_iter().map(|file| (file["path"].clone().expect("path"), file)).collect();
    let mut formats = BTreeSet::new();
    let reports = table(folder.path(), "reports");
    for report in &reports {
        let path = report["path"].as_deref().expect("path");
        assert_eq!(report["status"].as_deref(), Some("accepted"), "{path}");
        assert_eq!(report["agency"].as_deref(), Some(expected.agency.as_str()), "{path}");
        assert_eq!(report["year"].as_deref(), Some(expected.year.to_string().as_str()), "{path}");
        assert_eq!(read[report["report_id"].as_ref().expect("id")], expected.cells, "{path}");
        formats.insert(files[path]["format"].as_deref().expect("format"));
    }
    let all = ["doc", "docx", "html", "markdown", "mhtml", "ods", "odt", "ofd", "pdf", "rtf", "text", "xls", "xlsx"];
    assert_eq!(formats.iter().copied().collect::<Vec<_>>(), all);
    // What lies in containers equals a file met before, or is the first of its bytes.
    for (path, file) in files.iter().filter(|(path, _)| path.contains("!/")) {
        let outcome = file["outcome"].as_deref().expect("outcome");
        assert!(outcome == "duplicate" || outcome == "report", "{path} is {outcome}: {:?}", file["detail"]);
    }
    let containers = files.values().filter(|file| file["outcome"].as_deref() == Some("container"));
    let kinds: BTreeSet<&str> = containers.map(|file| file["format"].as_deref().expect("format")).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["gzip", "zip", "zstd"]);
    assert!(files.contains_key("report.zip!/年报/样例市园林绿化局2023年年报.docx"), "{:?}", files.keys());
}
