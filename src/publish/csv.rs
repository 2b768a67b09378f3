//! CSV for people: UTF-8 with a mark so that Excel reads it right, RFC 4180, safe against formulas.

use std::io::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use csv::{Terminator, WriterBuilder};

use super::schema::Table;
use crate::model::day::civil;

/// Writes the mark and the names of the columns.
pub(super) fn write_header(file: &mut impl Write, table: &Table) -> std::io::Result<()> {
    file.write_all("\u{feff}".as_bytes())?;
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(file);
    writer.write_record(table.columns.iter().map(|column| column.name))?;
    writer.flush()
}

/// The rows of a batch as CSV.
pub(super) fn to_csv(batch: &RecordBatch) -> Vec<u8> {
    let mut writer =
        WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::with_capacity(batch.num_rows() * 64));
    let mut field = String::new();
    let mut digits = itoa::Buffer::new();
    for row in 0..batch.num_rows() {
        for column in batch.columns() {
            field.clear();
            print(column.as_ref(), row, &mut digits, &mut field);
            writer.write_field(&field).expect("writing to memory cannot fail");
        }
        writer.write_record(None::<&[u8]>).expect("every row has a field for each column");
    }
    writer.into_inner().expect("writing to memory cannot fail")
}

/// A value as text, not disarmed; `None` for a null.
pub(super) fn printed(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    if column.data_type() == &DataType::Utf8 {
        return Some(column.as_string::<i32>().value(row).to_owned());
    }
    let mut field = String::new();
    print(column, row, &mut itoa::Buffer::new(), &mut field);
    Some(field)
}

/// Prints one value; null is empty.
fn print(column: &dyn Array, row: usize, digits: &mut itoa::Buffer, field: &mut String) {
    use std::fmt::Write as _;
    if column.is_null(row) {
        return;
    }
    // Writing to a string cannot fail.
    let _ = match column.data_type() {
        DataType::Utf8 => {
            disarm(column.as_string::<i32>().value(row), field);
            Ok(())
        }
        DataType::Int64 => {
            field.push_str(digits.format(column.as_primitive::<Int64Type>().value(row)));
            Ok(())
        }
        DataType::Int32 => {
            field.push_str(digits.format(column.as_primitive::<Int32Type>().value(row)));
            Ok(())
        }
        DataType::Float64 => write!(field, "{}", column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => write!(field, "{}", column.as_boolean().value(row)),
        DataType::Date32 => {
            let (year, month, day) = civil(column.as_primitive::<Date32Type>().value(row));
            write!(field, "{year:04}-{month:02}-{day:02}")
        }
        other => unreachable!("the schema has no column of type {other}"),
    };
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front.
fn disarm(text: &str, field: &mut String) {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        field.push('\'');
    }
    field.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Date32Array, Float64Array, StringArray};

    #[test]
    fn fields_are_quoted_disarmed_and_plain() {
        let columns: [(&str, ArrayRef); 3] = [
            ("t", Arc::new(StringArray::from(vec![Some("a,\"b\"\n"), Some("=1+1"), Some("-8"), None]))),
            ("f", Arc::new(Float64Array::from(vec![Some(12.0), Some(160.5964), None, Some(-8.0)]))),
            ("d", Arc::new(Date32Array::from(vec![Some(0), Some(19_722), Some(11_016), Some(-1)]))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
            .expect("batch");
        let expected =
            "\"a,\"\"b\"\"\n\",12,1970-01-01\r\n'=1+1,160.5964,2023-12-31\r\n'-8,,2000-02-29\r\n,-8,1969-12-31\r\n";
        assert_eq!(String::from_utf8(to_csv(&batch)).expect("text"), expected);
    }
}
