//! What the newest snapshot says of a report.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int32Type;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use sha2::{Digest, Sha256};

use super::PublishError;
use super::schema::SCHEMA_VERSION;
use super::snapshot::RunFacts;
use crate::disk;
use crate::model::file::hex;

/// A report of the newest snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedReport {
    /// Its id.
    pub report_id: String,
    /// Path of its file.
    pub path: String,
    /// Its status.
    pub status: String,
    /// Body, year and scope, which other versions of it share; `None` while body or year is unknown.
    pub version_of: Option<(String, i32, String)>,
}

/// The reports of the newest snapshot, in its order.
///
/// # Errors
/// When there is no snapshot, or it cannot be read.
pub fn published_reports(out: &Path) -> Result<Vec<PublishedReport>, PublishError> {
    let path = out.join("current/parquet/reports.parquet");
    let file = File::open(&path).map_err(|source| PublishError::io("open", &path, source))?;
    let broken = |source: ParquetError| PublishError::Parquet { path: path.clone(), source: Box::new(source) };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(broken)?;
    let columns = ["report_id", "path", "status", "agency_id", "scope"];
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.into_iter().chain(["year"]));
    let mut reports = Vec::new();
    for batch in builder.with_projection(mask).build().map_err(broken)? {
        let batch = batch.map_err(|error| broken(error.into()))?;
        let texts = columns.map(|name| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>()));
        let [Some(ids), Some(paths), Some(statuses), Some(bodies), Some(scopes)] = texts else { continue };
        let years = batch.column_by_name("year").and_then(|column| column.as_primitive_opt::<Int32Type>());
        let Some(years) = years else { continue };
        for row in 0..batch.num_rows() {
            reports.push(PublishedReport {
                report_id: ids.value(row).to_owned(),
                path: paths.value(row).to_owned(),
                status: statuses.value(row).to_owned(),
                version_of: (bodies.is_valid(row) && years.is_valid(row))
                    .then(|| (bodies.value(row).to_owned(), years.value(row), scopes.value(row).to_owned())),
            });
        }
    }
    Ok(reports)
}

/// The id of the newest snapshot and the digest of its checksums, where both are there.
#[must_use]
pub fn current(out: &Path) -> Option<(String, String)> {
    let link = out.join("current");
    let id = std::fs::read_link(&link).ok()?.file_name()?.to_string_lossy().into_owned();
    let sums = std::fs::read(link.join("SHA256SUMS")).ok()?;
    Some((id, hex(&Sha256::digest(&sums))))
}

/// What the newest snapshot says of the run that made it; `None` where there is none that can be read.
///
/// # Errors
/// When the disk refuses, or a newer program wrote it: what this one would publish in its place may lack what readers
/// count on.
pub fn current_facts(out: &Path) -> Result<Option<RunFacts>, PublishError> {
    let path = out.join("current/run.json");
    let text = match disk::read(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        // What it says is not known, and guards hold against it.
        Err(source) => return Err(PublishError::io("read", &path, source)),
    };
    let Ok(run) = serde_json::from_slice::<serde_json::Value>(&text) else { return Ok(None) };
    let found = run.get("schema_version").and_then(serde_json::Value::as_str).unwrap_or_default();
    let parts = |version: &str| -> Vec<u64> { version.split('.').map(|part| part.parse().unwrap_or(0)).collect() };
    if parts(found) > parts(SCHEMA_VERSION) {
        return Err(PublishError::Newer { found: found.to_owned(), own: SCHEMA_VERSION });
    }
    Ok(serde_json::from_value(run).ok())
}
