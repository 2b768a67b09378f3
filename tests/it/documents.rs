//! What a snapshot says of itself: schema, codebook, descriptors, CSV and workbook say the same.

use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use gongkai::publish::schema::{CHANGES, ColumnType, Key, tables};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::util::{build, root, table};

fn sample() -> tempfile::TempDir {
    let out = tempfile::tempdir().expect("folder");
    build(&root().join("data/sample"), out.path(), &[], 0);
    out
}

fn json(out: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(out.join("current").join(name)).expect(name)).expect("JSON")
}

#[test]
fn schema_codebook_descriptors_and_headers_say_the_same() {
    let out = sample();
    let (package, croissant) = (json(out.path(), "datapackage.json"), json(out.path(), "croissant.json"));
    let read = |path: &str| fs::read_to_string(out.path().join("current").join(path)).expect(path);
    let (codebook, columns) = (read("CODEBOOK.md"), read("codebook.csv"));
    let resources = package["resources"].as_array().expect("resources");
    for of in tables().chain([&CHANGES]) {
        let names: Vec<&str> = of.columns.iter().map(|column| column.name).collect();
        assert!(codebook.contains(&format!("\n### {}\n", of.name)), "{}", of.name);
        for suffix in ["", "-csv"].into_iter().take(1 + usize::from(of.csv_folder.is_some())) {
            let name = format!("{}{suffix}", of.name);
            let resource = resources.iter().find(|resource| resource["name"] == *name).expect("a resource");
            let fields = resource["schema"]["fields"].as_array().expect("fields");
            assert_eq!(fields.iter().map(|field| field["name"].as_str().expect("name")).collect::<Vec<_>>(), names);
            for (field, column) in fields.iter().zip(of.columns) {
                let kind = match column.column_type {
                    ColumnType::Text => "string",
                    ColumnType::Int64 | ColumnType::Int32 => "integer",
                    ColumnType::Float64 => "number",
                    ColumnType::Bool => "boolean",
                    ColumnType::Date => "date",
                };
                assert_eq!(field["type"], kind, "{name}.{}", column.name);
                assert_eq!(field["title_zh"], column.title()[0]);
            }
            match of.key {
                Key::Primary(key) => assert_eq!(resource["schema"]["primaryKey"], Value::from(key.to_vec())),
                Key::Naming(_) => assert_eq!(resource["schema"]["primaryKey"], Value::Null),
            }
            // The file is what the descriptor says.
            let bytes =
                fs::read(out.path().join("current").join(resource["path"].as_str().expect("path"))).expect("file");
            assert_eq!(resource["bytes"], bytes.len());
            let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(resource["hash"], format!("sha256:{sum}"), "{name}");
        }
        if of.name == CHANGES.name {
            continue;
        }
        assert_eq!(
            resources.iter().find(|resource| resource["name"] == of.name).expect("a resource")["rows"],
            table(out.path(), of.name).len()
        );
        assert!(columns.contains(&format!("\n{},{},", of.name, names[0])));
        let records = croissant["recordSet"].as_array().expect("record sets");
        let records = records.iter().find(|records| records["name"] == of.name).expect("a record set");
        let fields = records["field"].as_array().expect("fields");
        assert_eq!(fields.iter().map(|field| field["name"].as_str().expect("name")).collect::<Vec<_>>(), names);
        if let Some(path) = of.csv_path() {
            let header = read(&path).lines().next().expect("a header").trim_end().to_owned();
            assert_eq!(header, format!("\u{feff}{}", names.join(",")));
        }
    }
}

#[test]
fn the_newest_edition_is_described_without_checksums() {
    let out = sample();
    let (edition, live) = (json(out.path(), "croissant.json"), json(out.path(), "croissant-live.json"));
    let files = |of: &Value| of["distribution"].as_array().expect("files").clone();
    assert_eq!([&edition["isLiveDataset"], &live["isLiveDataset"]], [&Value::from(false), &Value::from(true)]);
    assert!(files(&edition).iter().all(|file| file["sha256"].as_str().is_some_and(|sum| sum.len() == 64)));
    assert!(files(&live).iter().all(|file| file["sha256"].is_null() && file["contentSize"].is_null()));
    let paths = |of| files(of).iter().map(|file| file["contentUrl"].clone()).collect::<Vec<_>>();
    assert_eq!((paths(&edition), &edition["recordSet"]), (paths(&live), &live["recordSet"]));
}

#[test]
fn the_workbook_holds_numbers_as_numbers_and_text_as_text() {
    let out = sample();
    let mut workbook: Xlsx<_> = open_workbook(out.path().join("current/gongkai.xlsx")).expect("a workbook");
    assert_eq!(workbook.sheet_names().len(), 1 + tables().count());
    for of in tables() {
        let sheet = workbook.worksheet_range(of.title[0]).expect("a sheet");
        let rows = table(out.path(), of.name);
        assert_eq!(sheet.rows().count(), 2 + rows.len(), "{}", of.name);
        for (at, column) in of.columns.iter().enumerate() {
            assert_eq!(sheet.get((0, at)), Some(&Data::String(column.title()[0].to_owned())));
            assert_eq!(sheet.get((1, at)), Some(&Data::String(column.name.to_owned())));
            for (row, expected) in rows.iter().enumerate() {
                let found = sheet.get((row + 2, at)).unwrap_or(&Data::Empty);
                match (&expected[column.name], column.column_type, found) {
                    (None, _, Data::Empty) => {}
                    (Some(text), ColumnType::Text, Data::String(found)) => assert_eq!(found.trim(), text.trim()),
                    (Some(text), ColumnType::Text, Data::Empty) => assert_eq!(text, ""),
                    (Some(text), ColumnType::Bool, Data::Bool(found)) => assert_eq!(*text, found.to_string()),
                    (Some(_), ColumnType::Date, Data::DateTime(_)) => {}
                    (Some(text), _, Data::Float(found)) => {
                        let value: f64 = text.parse().expect("a number");
                        // Excel keeps 15 to 17 digits.
                        assert!((value - found).abs() <= value.abs() * 1e-12, "{}.{}", of.name, column.name);
                    }
                    other => panic!("{}.{} row {row}: {other:?}", of.name, column.name),
                }
            }
        }
    }
}

#[test]
fn a_corpus_that_is_too_large_has_no_workbook() {
    let folder = tempfile::tempdir().expect("folder");
    let settings = folder.path().join("config");
    fs::create_dir_all(&settings).expect("folder");
    let dataset = fs::read_to_string(root().join("config/dataset.toml")).expect("settings");
    assert!(dataset.contains("max_rows = 200_000"));
    fs::write(settings.join("dataset.toml"), dataset.replace("max_rows = 200_000", "max_rows = 100"))
        .expect("settings");
    let out = folder.path().join("out");
    build(&root().join("data/sample"), &out, &["--config", settings.to_str().expect("UTF-8")], 0);
    assert!(!out.join("current/gongkai.xlsx").exists());
    assert!(out.join("current/README.md").exists());
}
