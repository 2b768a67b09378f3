//! What the tests share: running the program, reading what it publishes.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use gongkai::config::Config;
use gongkai::decode::decode;
use gongkai::extract::{Extracted, extract};
use gongkai::model::report::{CellState, Report};
use gongkai::reconcile::reconcile;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// The folder of the package.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The built-in settings.
pub(crate) fn config() -> &'static Config {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    CONFIG.get_or_init(|| Config::embedded().expect("embedded settings load"))
}

/// Runs the program in the folder of the package.
pub(crate) fn gongkai(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gongkai"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the program starts")
}

/// Runs `build` and expects this exit code; gives what it printed.
pub(crate) fn build(input: &Path, out: &Path, more: &[&str], code: i32) -> String {
    let (input, out) = (input.to_str().expect("UTF-8"), out.to_str().expect("UTF-8"));
    let arguments: Vec<&str> = ["build", input, "--out", out].into_iter().chain(more.iter().copied()).collect();
    let output = gongkai(&arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

/// One value of a published table as text; null is `None`.
pub(crate) type Row = BTreeMap<String, Option<String>>;

/// The rows of a published table.
pub(crate) fn table(out: &Path, name: &str) -> Vec<Row> {
    let folder = if name == "quarantine" { "quarantine" } else { "parquet" };
    let path = out.join("current").join(folder).join(format!("{name}.parquet"));
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("reader");
    let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>().expect("batches");
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| read_row(batch, row))).collect()
}

fn read_row(batch: &RecordBatch, row: usize) -> Row {
    let schema = batch.schema();
    let value = |column: &dyn Array| -> Option<String> {
        if column.is_null(row) {
            return None;
        }
        Some(match column.data_type() {
            DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
            DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
            DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
            DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
            DataType::Boolean => column.as_boolean().value(row).to_string(),
            DataType::Date32 => column.as_primitive::<Date32Type>().value(row).to_string(),
            other => panic!("no such type in the schema: {other}"),
        })
    };
    schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| (field.name().clone(), value(column.as_ref())))
        .collect()
}

/// A text of a row that must not be null.
pub(crate) fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row[column].as_deref().unwrap_or_else(|| panic!("{column} is null in {row:?}"))
}

/// Reads bytes through all stages but the last.
pub(crate) fn read(bytes: &[u8], config: &Config) -> Extracted {
    match decode(bytes, config).document {
        Ok(document) => {
            let mut extracted = extract(&document, config);
            for report in &mut extracted.reports {
                reconcile(report, config);
            }
            extracted
        }
        Err(problem) => Extracted { reports: Vec::new(), not_a_report: Some(problem.message) },
    }
}

/// What stands in a cell, as the tests write it down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    Blank,
    Dash,
    Unknown,
}

/// The cells of a report by `table.row.column`.
pub(crate) fn cells(report: &Report, config: &Config) -> BTreeMap<String, Cell> {
    report
        .cells
        .iter()
        .map(|cell| {
            let (table, row, column) = config.forms.codes(cell.key);
            let value = match (cell.value, cell.state) {
                (Some(value), _) => Cell::Number(value),
                (None, CellState::Blank) => Cell::Blank,
                (None, CellState::Dash) => Cell::Dash,
                (None, _) => Cell::Unknown,
            };
            (format!("{table}.{row}.{column}"), value)
        })
        .collect()
}

/// All files below a folder with their bytes, by relative path.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("entry"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("below").to_owned();
            (path, std::fs::read(entry.path()).expect("readable"))
        })
        .collect()
}

/// Files that name the snapshot, its day or the one before it.
pub(crate) const DATED: [&str; 7] = [
    "run.json",
    "changes.parquet",
    "datapackage.json",
    "croissant-live.json",
    "croissant.json",
    "CITATION.cff",
    ".zenodo.json",
];

/// The published data, without the run's own record.
pub(crate) fn data(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files_below(&std::fs::canonicalize(out.join("current")).expect("current"));
    files.retain(|path, _| !path.ends_with("SHA256SUMS") && !DATED.iter().any(|name| path.ends_with(name)));
    files
}

/// A folder of many files: the sample, repeated under other names and years.
pub(crate) fn corpus(folder: &Path, n: usize) {
    let mut names: Vec<PathBuf> = std::fs::read_dir(root().join("data/sample"))
        .expect("sample")
        .map(|entry| entry.expect("entry").path())
        .collect();
    names.sort();
    for at in 0..n {
        let source = &names[at % names.len()];
        let mut bytes = std::fs::read(source).expect("sample file");
        bytes.extend(format!("\n{at}\n").bytes());
        let place = folder
            .join(format!("{:02}", at % 7))
            .join(format!("{at:04}-{}", source.file_name().expect("name").to_string_lossy()));
        std::fs::create_dir_all(place.parent().expect("parent")).expect("folder");
        std::fs::write(place, bytes).expect("file");
    }
}
