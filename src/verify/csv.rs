//! The CSV of a table says what its Parquet says, field by field.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use csv::{ReaderBuilder, StringRecord};
use rayon::prelude::*;

use super::finding::{Area, Findings};
use super::table::{OpenTable, Opened};

/// Fields of one file that are named before the rest is left alone.
const NAMED: usize = 20;

/// Compares every table that has a CSV with it.
pub(super) fn check(folder: &Path, opened: &Opened, findings: &mut Findings) {
    let found: Vec<Vec<String>> = opened
        .tables
        .par_iter()
        .with_max_len(1)
        .map(|open| {
            let mut found = Vec::new();
            if let Err(what) = compare(folder, open, &mut found) {
                found.push(what);
            }
            found
        })
        .collect();
    for what in found.into_iter().flatten() {
        findings.add(Area::Csv, what);
    }
}

/// Compares one table; what ends the comparison is the error.
fn compare(folder: &Path, open: &OpenTable, found: &mut Vec<String>) -> Result<(), String> {
    let Some(name) = open.table.csv_path() else { return Ok(()) };
    let failed = |error: &dyn std::fmt::Display| format!("{name} cannot be read ({error})");
    let mut file = BufReader::new(File::open(folder.join(&name)).map_err(|error| failed(&error))?);
    let mut mark = [0; 3];
    file.read_exact(&mut mark).map_err(|error| failed(&error))?;
    if mark != *b"\xef\xbb\xbf" {
        return Err(format!("{name} does not begin with the mark of UTF-8, by which Excel knows it"));
    }
    let mut records = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut record = StringRecord::new();
    let mut next = |record: &mut StringRecord| records.read_record(record).map_err(|error| failed(&error));
    let is_there = next(&mut record)?;
    if !is_there || !record.iter().eq(open.table.columns.iter().map(|column| column.name)) {
        return Err(format!(
            "{name} has other columns than the Parquet: {}",
            record.iter().collect::<Vec<_>>().join(",")
        ));
    }
    let mut reader = open.read(None)?;
    let mut row = 0;
    while let Some(batch) = reader.next_batch()? {
        for at in 0..batch.num_rows() {
            row += 1;
            if !next(&mut record)? {
                return Err(format!("{name} ends before row {row} of the {} that the Parquet has", open.n_rows));
            }
            if record.len() != open.table.columns.len() {
                return Err(format!("row {row} of {name} has {} fields", record.len()));
            }
            for ((column, of), field) in batch.columns().iter().zip(open.table.columns).zip(&record) {
                if !says(field, column.as_ref(), at) {
                    found.push(format!(
                        "{name} says {field:?} in row {row}, column {}, and the Parquet does not",
                        of.name
                    ));
                }
            }
            if found.len() >= NAMED {
                return Err(format!("{name} was not compared beyond row {row}"));
            }
        }
    }
    if next(&mut record)? {
        return Err(format!("{name} has more rows than the {} of the Parquet", open.n_rows));
    }
    Ok(())
}

/// Whether a field is the print of a value: empty for null, a text with an apostrophe where a spreadsheet would take it
/// for a formula.
fn says(field: &str, column: &dyn Array, at: usize) -> bool {
    if column.is_null(at) {
        return field.is_empty();
    }
    match column.data_type() {
        DataType::Utf8 => {
            let text = column.as_string::<i32>().value(at);
            if is_formula(text) { field.strip_prefix('\'') == Some(text) } else { field == text }
        }
        DataType::Int64 => field.parse() == Ok(column.as_primitive::<Int64Type>().value(at)),
        DataType::Int32 => field.parse() == Ok(column.as_primitive::<Int32Type>().value(at)),
        DataType::Float64 => field.parse() == Ok(column.as_primitive::<Float64Type>().value(at)),
        DataType::Boolean => field.parse() == Ok(column.as_boolean().value(at)),
        DataType::Date32 => days(field) == Some(column.as_primitive::<Date32Type>().value(at)),
        _ => false,
    }
}

fn is_formula(text: &str) -> bool {
    text.chars().next().is_some_and(|first| "=+-@\t\r＝＋－＠".contains(first))
}

/// The days since 1970-01-01 of `YYYY-MM-DD`.
pub(super) fn days(text: &str) -> Option<i32> {
    let mut parts = text.split('-').map(|part| part.parse::<i32>().ok());
    let (Some(year), Some(month), Some(day), None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    days_of(year, month, day)
}

/// The days since 1970-01-01 of a day of the calendar, counted year by year and month by month.
pub(super) fn days_of(year: i32, month: i32, day: i32) -> Option<i32> {
    let is_leap = |year: i32| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months = [31, 28 + i32::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    let length = *months.get(index)?;
    if !(1..=length).contains(&day) || !(1600..=9999).contains(&year) {
        return None;
    }
    let years: i32 = if year >= 1970 {
        (1970..year).map(|year| 365 + i32::from(is_leap(year))).sum()
    } else {
        -(year..1970).map(|year| 365 + i32::from(is_leap(year))).sum::<i32>()
    };
    Some(years + months[..index].iter().sum::<i32>() + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, StringArray};

    #[test]
    fn a_field_is_held_against_its_value() {
        let texts = StringArray::from(vec![Some("a,b"), Some("=1"), None]);
        assert!(says("a,b", &texts, 0) && !says("a", &texts, 0));
        assert!(says("'=1", &texts, 1) && !says("=1", &texts, 1));
        assert!(says("", &texts, 2) && !says("0", &texts, 2));
        let floats = Float64Array::from(vec![Some(0.1), Some(12.0)]);
        assert!(says("0.1", &floats, 0) && says("12", &floats, 1) && !says("12.5", &floats, 1));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("2000-02-29"), Some(11_016));
        assert_eq!(days("2023-12-31"), Some(19_722));
        assert_eq!(days("1969-12-31"), Some(-1));
        assert_eq!(days("2023-02-29"), None);
    }
}
