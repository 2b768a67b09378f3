//! The check of a snapshot: clean ones hold, and every kind of damage is found, also where the sums were made anew.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int32Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{Float64Type, Int32Type};
use gongkai::publish::schema::tables;
use gongkai::verify::verify;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;
use sha2::{Digest, Sha256};

use crate::links::flow;
use crate::render::{Case, render};
use crate::util::{build, config, files_below, gongkai, root};

/// Builds a snapshot; gives its folder.
fn built(input: &Path, out: &Path) -> PathBuf {
    build(input, out, &["--jobs", "2"], 0);
    fs::canonicalize(out.join("current")).expect("current")
}

/// What is found in a snapshot.
fn sentences(snapshot: &Path) -> Vec<String> {
    let verdict = verify(snapshot, config()).expect("a snapshot");
    assert_eq!(verdict.holds(), verdict.findings.is_empty());
    verdict.findings.into_iter().map(|finding| format!("{}: {}", finding.area.as_str(), finding.sentence)).collect()
}

#[test]
fn the_sample_holds() {
    let out = tempfile::tempdir().expect("folder");
    let snapshot = built(&root().join("data/sample"), out.path());
    assert_eq!(sentences(&snapshot), Vec::<String>::new());
    let output = gongkai(&["verify", snapshot.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("18 reports"), "{output:?}");
}

#[test]
fn fixtures_and_made_pages_hold_whatever_is_wrong_with_them() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    fs::create_dir_all(&input).expect("folder");
    for seed in 0..400 {
        fs::write(input.join(format!("{seed}.html")), render(&Case::any(seed), config()).bytes).expect("page");
    }
    let fixtures = walkdir::WalkDir::new(root().join("tests/fixtures")).sort_by_file_name();
    let is_page = |entry: &walkdir::DirEntry| entry.file_name().to_string_lossy().starts_with("input.");
    for (at, entry) in fixtures.into_iter().map(|entry| entry.expect("entry")).filter(is_page).enumerate() {
        fs::copy(entry.path(), input.join(format!("f{at}"))).expect("copy");
    }
    let snapshot = built(&input, &folder.path().join("out"));
    assert_eq!(sentences(&snapshot), Vec::<String>::new());
    let verdict = verify(&snapshot, config()).expect("a snapshot");
    assert!(verdict.reports > 500 && verdict.rows > 100_000, "{verdict:?}");
}

#[test]
fn what_is_no_snapshot_is_wrong_usage() {
    let folder = tempfile::tempdir().expect("folder");
    let output = gongkai(&["verify", folder.path().to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("holds no snapshot"), "{output:?}");
}

/// A snapshot of the sample, of some fixtures and of two years of one body, built once.
fn whole() -> &'static Path {
    static WHOLE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, snapshot) = WHOLE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("folder");
        let input = folder.path().join("raw");
        fs::create_dir_all(&input).expect("folder");
        for entry in fs::read_dir(root().join("data/sample")).expect("sample") {
            let path = entry.expect("entry").path();
            fs::copy(&path, input.join(path.file_name().expect("name"))).expect("copy");
        }
        for (at, fixture) in ["html/ok/made-sheet-2014-grid/input.html", "text/err/made-sheet-2014-row-lost/input.txt"]
            .iter()
            .enumerate()
        {
            fs::copy(root().join("tests/fixtures").join(fixture), input.join(format!("{at}"))).expect("copy");
        }
        for (name, year, requests) in [("y1", 2022, [5, 0, 4, 1]), ("y2", 2023, [3, 2, 5, 0])] {
            fs::write(input.join(name), flow("柞水县民政局", year, requests).print()).expect("page");
        }
        let snapshot = built(&input, &folder.path().join("out"));
        (folder, snapshot)
    });
    snapshot
}

/// A copy of the snapshot to be damaged.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        for (path, bytes) in files_below(whole()) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("parent")).expect("folder");
            fs::write(path, bytes).expect("copy");
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).expect("text");
        assert!(text.contains(from), "{from} is not in {name}");
        fs::write(self.path(name), text.replacen(from, to, 1)).expect("edited");
    }

    /// Writes a Parquet table anew with other rows, and its number of rows into the record of the run.
    fn rewrite(&self, table: &str, change: impl FnOnce(RecordBatch) -> RecordBatch) {
        let of = tables().find(|of| of.name == table).expect("table");
        let path = self.path(&of.parquet_path());
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).expect("table")).expect("Parquet");
        let metadata = builder.metadata().file_metadata().key_value_metadata().cloned();
        let batches: Vec<RecordBatch> = builder.build().expect("reader").map(|batch| batch.expect("batch")).collect();
        let old = concat_batches(&of.arrow(), &batches).expect("one batch");
        let n_old = old.num_rows();
        let new = change(old);
        let properties = WriterProperties::builder().set_key_value_metadata(metadata).build();
        let file = File::create(&path).expect("file");
        let mut writer = ArrowWriter::try_new(file, new.schema(), Some(properties)).expect("writer");
        writer.write(&new).expect("rows");
        writer.close().expect("closed");
        let count = |n: usize| format!("\"{table}\": {n}");
        self.edit("run.json", &count(n_old), &count(new.num_rows()));
    }

    /// Makes the sums fit what is there.
    fn sum(&self) {
        let mut list = String::new();
        for (path, bytes) in files_below(self.folder.path()) {
            let name = path.to_string_lossy().into_owned();
            if name != "SHA256SUMS" {
                let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                list.push_str(&format!("{sum}  {name}\n"));
            }
        }
        let mut lines: Vec<&str> = list.lines().collect();
        lines.sort_by_key(|line| line.split_once("  ").map(|(_, name)| name.to_owned()));
        fs::write(self.path("SHA256SUMS"), lines.join("\n") + "\n").expect("sums");
    }

    /// Expects that a finding begins with an area and holds some words.
    fn shows(&self, area: &str, words: &[&str]) {
        let found = sentences(self.folder.path());
        let is_it = |sentence: &String| {
            sentence.starts_with(&format!("{area}: ")) && words.iter().all(|word| sentence.contains(word))
        };
        assert!(found.iter().any(is_it), "{area} {words:?} is not among {found:#?}");
    }
}

/// Damages the rows of a table, mends the sums, and expects a finding.
fn damaged(table: &str, change: impl FnOnce(RecordBatch) -> RecordBatch, area: &str, words: &[&str]) {
    let copy = Copy::new();
    copy.rewrite(table, change);
    copy.sum();
    copy.shows(area, words);
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b ArrayRef {
    batch.column_by_name(name).expect("column")
}

/// The first row with these texts.
fn row(batch: &RecordBatch, texts: &[(&str, &str)]) -> usize {
    let is_it = |at: &usize| {
        texts.iter().all(|(name, text)| {
            let column = column(batch, name).as_string::<i32>();
            column.is_valid(*at) && column.value(*at) == *text
        })
    };
    (0..batch.num_rows()).find(is_it).unwrap_or_else(|| panic!("no row with {texts:?}"))
}

fn with(batch: &RecordBatch, name: &str, new: ArrayRef) -> RecordBatch {
    let at = batch.schema().index_of(name).expect("column");
    let mut columns = batch.columns().to_vec();
    columns[at] = new;
    RecordBatch::try_new(batch.schema(), columns).expect("the same types")
}

fn with_text(batch: &RecordBatch, name: &str, at: usize, text: &str) -> RecordBatch {
    let old = column(batch, name).as_string::<i32>();
    let new = old.iter().enumerate().map(|(row, value)| if row == at { Some(text) } else { value });
    with(batch, name, Arc::new(new.collect::<StringArray>()))
}

fn with_float(batch: &RecordBatch, name: &str, at: usize, number: Option<f64>) -> RecordBatch {
    let old = column(batch, name).as_primitive::<Float64Type>();
    let new = old.iter().enumerate().map(|(row, value)| if row == at { number } else { value });
    with(batch, name, Arc::new(new.collect::<Float64Array>()))
}

fn with_int(batch: &RecordBatch, name: &str, at: usize, number: i32) -> RecordBatch {
    let old = column(batch, name).as_primitive::<Int32Type>();
    let new = old.iter().enumerate().map(|(row, value)| if row == at { Some(number) } else { value });
    with(batch, name, Arc::new(new.collect::<Int32Array>()))
}

/// The rows in another order, some left out or doubled.
fn rows(batch: &RecordBatch, order: impl Iterator<Item = usize>) -> RecordBatch {
    let order: UInt32Array = order.map(|at| u32::try_from(at).expect("few")).collect();
    take_record_batch(batch, &order).expect("rows")
}

fn without(batch: &RecordBatch, row: usize) -> RecordBatch {
    rows(batch, (0..batch.num_rows()).filter(|at| *at != row))
}

fn doubled(batch: &RecordBatch, row: usize) -> RecordBatch {
    rows(batch, (0..batch.num_rows()).flat_map(|at| std::iter::repeat_n(at, if at == row { 2 } else { 1 })))
}

fn swapped(batch: &RecordBatch, one: usize, other: usize) -> RecordBatch {
    let place = |at: usize| match at {
        at if at == one => other,
        at if at == other => one,
        at => at,
    };
    rows(batch, (0..batch.num_rows()).map(place))
}

/// A row of an accepted report in a table, and of one held back.
fn report(status: &str) -> String {
    let file = File::open(whole().join("parquet/reports.parquet")).expect("table");
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("reader");
    let batch = reader.next().expect("a batch").expect("rows");
    let at = row(&batch, &[("status", status), ("form_applications", "2021")]);
    column(&batch, "report_id").as_string::<i32>().value(at).to_owned()
}

#[test]
fn files_that_changed_are_missing_or_do_not_belong_are_named() {
    let copy = Copy::new();
    let path = copy.path("parquet/cells.parquet");
    let mut bytes = fs::read(&path).expect("table");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).expect("damage");
    copy.shows("sums", &["parquet/cells.parquet has the SHA-256", "get the file again"]);

    let copy = Copy::new();
    fs::remove_file(copy.path("csv/reviews.csv")).expect("removed");
    copy.shows("sums", &["csv/reviews.csv is missing"]);
    copy.sum();
    copy.shows("csv", &["csv/reviews.csv cannot be read"]);

    let copy = Copy::new();
    fs::write(copy.path("csv/more.csv"), "").expect("file");
    copy.shows("sums", &["csv/more.csv is no file of the snapshot"]);

    let copy = Copy::new();
    let sums = fs::read_to_string(copy.path("SHA256SUMS")).expect("sums");
    let reversed: Vec<&str> = sums.lines().rev().collect();
    fs::write(copy.path("SHA256SUMS"), reversed.join("\n")).expect("sums");
    copy.shows("sums", &["is not sorted"]);

    let output = gongkai(&["verify", "--json", copy.folder.path().to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    let record: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&record["holds"], &record["findings"][0]["area"]), (&false.into(), &"sums".into()));
}

#[test]
fn a_table_that_cannot_be_read_or_is_built_otherwise_is_named() {
    let copy = Copy::new();
    fs::write(copy.path("parquet/links.parquet"), "PAR1").expect("damage");
    copy.sum();
    copy.shows("tables", &["parquet/links.parquet is no whole Parquet file"]);

    // Bytes of a page of data, behind sums that fit.
    let copy = Copy::new();
    let path = copy.path("parquet/sections.parquet");
    let mut bytes = fs::read(&path).expect("table");
    for byte in bytes.iter_mut().skip(64).take(4000) {
        *byte = 0xaa;
    }
    fs::write(&path, bytes).expect("damage");
    copy.sum();
    copy.shows("tables", &["table sections cannot be read from row"]);

    let all_but_last = |batch: RecordBatch| {
        let kept: Vec<usize> = (0..batch.num_columns() - 1).collect();
        batch.project(&kept).expect("columns")
    };
    damaged("reviews", all_but_last, "tables", &["of table reviews is nothing and not implied (Boolean)"]);
    let copy = Copy::new();
    copy.edit("run.json", "\"input_digest\": \"", "\"input_digest\": \"0");
    copy.sum();
    copy.shows("tables", &["gongkai.input_digest"]);
}

#[test]
fn csv_that_says_another_thing_is_named() {
    let check = |from: &str, to: &str, words: &[&str]| {
        let copy = Copy::new();
        copy.edit("csv/reports.csv", from, to);
        copy.sum();
        copy.shows("csv", words);
    };
    check(",accepted,", ",duplicate,", &["csv/reports.csv says \"duplicate\" in row 1, column status"]);
    check("\u{feff}", "", &["does not begin with the mark"]);
    check("report_id,file_id", "file_id,report_id", &["has other columns"]);
    let copy = Copy::new();
    let text = fs::read_to_string(copy.path("csv/reports.csv")).expect("CSV");
    let shorter = text.trim_end().rsplit_once('\n').expect("lines").0;
    fs::write(copy.path("csv/reports.csv"), format!("{shorter}\n")).expect("CSV");
    copy.sum();
    copy.shows("csv", &["csv/reports.csv ends before row"]);
}

#[test]
fn rows_that_are_lost_doubled_or_moved_are_named() {
    let id = report("accepted");
    let of = |batch: &RecordBatch| row(batch, &[("report_id", &id)]);
    damaged("cells", |batch| without(&batch, of(&batch)), "cells", &[&id, "rows where its cells give"]);
    damaged("cells", |batch| doubled(&batch, of(&batch)), "keys", &[&id, "is there twice"]);
    damaged("reports", |batch| doubled(&batch, of(&batch)), "keys", &["reports has the report_id", &id, "twice"]);
    damaged("reports", |batch| without(&batch, of(&batch)), "keys", &[&id, "which is not in reports"]);
    damaged("reports", |batch| swapped(&batch, 0, 3), "order", &["reports is not sorted by year, path and ordinal"]);
    damaged("files", |batch| swapped(&batch, 0, 3), "order", &["files is not sorted by path"]);
    damaged("files", |batch| without(&batch, 0), "keys", &["is not in files"]);
    damaged("indicators", |batch| swapped(&batch, 0, batch.num_rows() - 1), "order", &["stands too far behind"]);
    damaged("outcomes", |batch| doubled(&batch, of(&batch)), "keys", &[&id, "outcomes has the key", "twice"]);
    damaged("disclosures", |batch| without(&batch, of(&batch)), "cells", &[&id, "disclosures has"]);
    damaged(
        "sections",
        |batch| without(&batch, of(&batch)),
        "keys",
        &[&id, "the section 2 stands where 1 is expected"],
    );
    damaged("checks", |batch| without(&batch, of(&batch)), "rules", &[&id, "checks has no row for applications_flow"]);
    damaged("checks", |batch| doubled(&batch, of(&batch)), "rules", &[&id, "which does not apply"]);
    let held = report("quarantined");
    let all_of = |batch: RecordBatch| {
        let ids = column(&batch, "report_id").as_string::<i32>().clone();
        rows(&batch, (0..batch.num_rows()).filter(|at| ids.is_null(*at) || ids.value(*at) != held))
    };
    damaged("quarantine", all_of, "conservation", &[&held, "quarantine does not say why it is held back"]);
}

#[test]
fn numbers_that_the_cells_do_not_give_are_named() {
    let id = report("accepted");
    let flow =
        |batch: &RecordBatch| row(batch, &[("report_id", &id), ("rule", "applications_flow"), ("scope", "total")]);
    let change = |name: &'static str, number| {
        let id = id.clone();
        move |batch: RecordBatch| {
            let at = row(&batch, &[("report_id", &id), ("rule", "applications_flow"), ("scope", "total")]);
            with_float(&batch, name, at, number)
        }
    };
    damaged("checks", change("left", Some(1e6)), "rules", &[&id, "applications_flow at total", "1000000 against"]);
    damaged("checks", change("delta", Some(1.0)), "rules", &[&id, "delta that is not left minus right"]);
    let failed = |batch: RecordBatch| with_text(&batch, "status", flow(&batch), "fail");
    damaged("checks", failed, "rules", &[&id, "checks says fail for applications_flow at total"]);
    let soft = |batch: RecordBatch| with_text(&batch, "severity", flow(&batch), "soft");
    damaged("checks", soft, "rules", &[&id, "has the severity soft"]);
    // A cell that no longer adds up: its rules, its rows and its ratios tell.
    let cell = |batch: RecordBatch| {
        let at = row(&batch, &[("report_id", &id), ("row", "new_received"), ("column", "total")]);
        let batch = with_float(&batch, "value", at, Some(4321.0));
        with_text(&batch, "state", at, "number")
    };
    for (area, words) in
        [("rules", "and its cells fail"), ("cells", "applications has"), ("indicators", "indicators has")]
    {
        let copy = Copy::new();
        copy.rewrite("cells", cell);
        copy.sum();
        if area == "cells" {
            // A total is no row: what changes is what its parts leave, and here all parts are known.
            let found = sentences(copy.folder.path());
            assert!(!found.iter().any(|sentence| sentence.contains(words)), "{found:#?}");
        } else {
            copy.shows(area, &[&id, words]);
        }
    }
    let part = |batch: RecordBatch| {
        let at = row(&batch, &[("report_id", &id), ("row", "new_received"), ("column", "natural_person")]);
        let batch = with_float(&batch, "value", at, Some(4321.0));
        with_text(&batch, "state", at, "number")
    };
    damaged("cells", part, "cells", &[&id, "applications has (natural_person", "4321"]);
    let state = |batch: RecordBatch| with_text(&batch, "state", row(&batch, &[("state", "zero")]), "blank");
    damaged("cells", state, "cells", &["has a value that its state does not have"]);
    let ratio = |batch: RecordBatch| {
        let at = row(&batch, &[("report_id", &id), ("indicator", "consistency")]);
        with_float(&batch, "value", at, Some(0.5))
    };
    damaged("indicators", ratio, "indicators", &[&id, "consistency"]);
}

#[test]
fn an_indicator_of_two_years_follows_from_both() {
    let change = |batch: RecordBatch| {
        let at = row(&batch, &[("indicator", "intake_growth")]);
        with_float(&batch, "value", at, Some(0.5))
    };
    damaged("indicators", change, "indicators", &["indicators has", "intake_growth"]);
    let gone = |batch: RecordBatch| {
        let at = row(&batch, &[("indicator", "carry_gap")]);
        without(&batch, at)
    };
    damaged("indicators", gone, "indicators", &["indicators has"]);
}

#[test]
fn a_value_is_what_is_printed() {
    let change = |batch: RecordBatch| {
        let at = row(&batch, &[("state", "number")]);
        let printed = format!("{}7", column(&batch, "printed").as_string::<i32>().value(at));
        with_text(&batch, "printed", at, &printed)
    };
    damaged("cells", change, "cells", &["has a value that is not what is printed"]);
}

#[test]
fn a_text_that_is_called_the_same_is_nearly_so() {
    let change = |batch: RecordBatch| {
        let at = row(&batch, &[("rule", "narrative_repeated")]);
        let batch = with_float(&batch, "left", at, Some(0.5));
        with_float(&batch, "delta", at, Some(0.5 - 0.95))
    };
    damaged("links", change, "links", &["narrative_repeated", "does not tell of a text"]);
}

#[test]
fn no_two_checks_of_a_report_have_one_key() {
    let change = |batch: RecordBatch| {
        let at = row(&batch, &[("rule", "narrative_numbers")]);
        doubled(&batch, at)
    };
    damaged("checks", change, "keys", &["checks has the key", "narrative_numbers"]);
}

#[test]
fn implied_numbers_follow_from_their_rule_and_none_is_missing() {
    let implied = |batch: &RecordBatch| {
        let numbers = column(batch, "implied");
        (0..batch.num_rows()).find(|at| numbers.is_valid(*at)).expect("an implied number")
    };
    let other = |batch: RecordBatch| with_float(&batch, "implied", implied(&batch), Some(7.0));
    damaged("cells", other, "rules", &["the implied number of", "does not follow from"]);
    let none = |batch: RecordBatch| {
        let n = batch.num_rows();
        let batch = with(&batch, "implied", Arc::new(Float64Array::new_null(n)));
        with(&batch, "implied_by", Arc::new(StringArray::new_null(n)))
    };
    damaged("cells", none, "rules", &["leaves one number for its blanks, and cells does not imply it"]);
}

#[test]
fn links_that_their_ends_do_not_bear_out_are_named() {
    let at = |batch: &RecordBatch| row(batch, &[("rule", "carry_over"), ("status", "fail")]);
    let status = |batch: RecordBatch| with_text(&batch, "status", at(&batch), "pass");
    damaged("links", status, "links", &["the link carry_over at total", "has a status that its sides do not bear out"]);
    let ghost = |batch: RecordBatch| with_text(&batch, "other_report_id", at(&batch), "0000000000000000-1");
    damaged("links", ghost, "links", &["the link carry_over at total to 0000000000000000-1 leads to no report"]);
    let id = report("accepted");
    let other = |batch: RecordBatch| with_text(&batch, "other_report_id", at(&batch), &id);
    damaged("links", other, "links", &["does not lead to an accepted report of the same body on the year before"]);
    let own = |batch: RecordBatch| {
        let batch = with_float(&batch, "left", at(&batch), Some(9.0));
        let place = at(&batch);
        with_float(&batch, "delta", place, Some(8.0))
    };
    damaged("links", own, "links", &["has a side that the report's own cells do not give"]);
}

#[test]
fn status_keys_codes_and_counts_that_do_not_fit_are_named() {
    let (accepted, held) = (report("accepted"), report("quarantined"));
    let status = |id: &str, status: &str| {
        let (id, status) = (id.to_owned(), status.to_owned());
        move |batch: RecordBatch| with_text(&batch, "status", row(&batch, &[("report_id", &id)]), &status)
    };
    damaged(
        "reports",
        status(&held, "accepted"),
        "conservation",
        &[&held, "quarantine has a row, though it is accepted"],
    );
    damaged("reports", status(&held, "accepted"), "conservation", &["run.json counts", "of accepted under reports"]);
    damaged("reports", status(&accepted, "quarantined"), "cells", &[&accepted, "rows where its cells give 0"]);
    damaged("reports", status(&accepted, "approved"), "codes", &["\"approved\" in reports.status"]);
    let at = |id: &'static str| move |batch: &RecordBatch| row(batch, &[("rule", id)]);
    let count = |batch: RecordBatch| with_int(&batch, "checks_pass", 0, 999);
    damaged("reports", count, "conservation", &["reports counts 999 checks of pass"]);
    let year = |batch: RecordBatch| with_int(&batch, "year", row(&batch, &[("report_id", &accepted)]), 1999);
    damaged("sections", year, "keys", &[&accepted, "a row of sections has another year than reports"]);
    let reports_of = |batch: RecordBatch| with_int(&batch, "report_count", row(&batch, &[("outcome", "report")]), 2);
    damaged("files", reports_of, "conservation", &["counts 2 reports, and reports has 1 of it"]);
    let ghost = |batch: RecordBatch| with_text(&batch, "report_id", 0, "0000000000000000-1");
    damaged("checks", ghost, "keys", &["is of report 0000000000000000-1, which is not in reports"]);
    let rule = |batch: RecordBatch| with_text(&batch, "rule", at("applications_flow")(&batch), "applications_flown");
    damaged("checks", rule, "codes", &["applications_flown"]);
    let row_code = |batch: RecordBatch| with_text(&batch, "row", row(&batch, &[("row", "granted")]), "gifted");
    damaged("cells", row_code, "keys", &["the cell applications.gifted", "is of no form"]);
    let quote = |batch: RecordBatch| with_text(&batch, "quote", 0, "?");
    damaged("statements", quote, "keys", &["the statement \"?\" does not stand in the text"]);
    let copy = Copy::new();
    copy.edit("run.json", "\"accepted\": ", "\"accepted\": 1");
    copy.sum();
    copy.shows("conservation", &["run.json counts 1", "of accepted under reports"]);
    let copy = Copy::new();
    copy.edit("run.json", "\"cells\": ", "\"cells\": 1");
    copy.sum();
    copy.shows("conservation", &["table cells has", "run.json counts 1"]);
}
