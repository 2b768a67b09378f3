//! `gongkai.xlsx`: the tables for people who work in Excel, while the corpus is small enough.
//!
//! Text is written as text, so that codes keep their zeros and nothing is taken for a formula; numbers are numbers.

use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Date32Type, Float64Type, Int32Type, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::super::PublishError;
use super::super::facts::TableFacts;
use super::super::schema::{ColumnType, Table};
use crate::config::Config;
use crate::disk;

/// Rows of a sheet (Excel specifications and limits), without the two of the head.
const SHEET_ROWS: u64 = 1_048_574;
/// Characters of a cell.
const CELL_CHARACTERS: usize = 32_767;
/// Width of a column in characters.
const WIDTH: f64 = 16.0;
/// Days from 1899-12-30, the zero of Excel's dates, to 1970-01-01.
const EPOCH: i32 = 25_569;

/// The workbook of a snapshot; `None` when its tables have more rows than the settings allow.
pub(super) fn workbook(folder: &Path, facts: &[TableFacts], config: &Config) -> Result<Option<Vec<u8>>, PublishError> {
    let rows: u64 = facts.iter().map(|facts| facts.rows).sum();
    if rows > config.dataset.workbook.max_rows as u64 {
        return Ok(None);
    }
    let head = Format::new().set_bold();
    let mut workbook = Workbook::new();
    // The day on which a workbook was made would make it another one every day.
    let day = ExcelDateTime::from_ymd(2000, 1, 1).map_err(unwritable)?;
    let [title, _] = config.dataset.title();
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&day));
    columns(workbook.add_worksheet(), facts, &head).map_err(unwritable)?;
    for facts in facts.iter().filter(|facts| facts.rows <= SHEET_ROWS) {
        let sheet = workbook.add_worksheet();
        head_of(sheet, facts.table, &head).map_err(unwritable)?;
        table(sheet, folder, facts.table)?;
    }
    workbook.save_to_buffer().map(Some).map_err(unwritable)
}

/// Only a fault of the program makes what the library refuses: names of sheets and their sizes are known.
fn unwritable(error: XlsxError) -> PublishError {
    PublishError::io("write", Path::new("gongkai.xlsx"), std::io::Error::other(error))
}

/// The sheet that says what the columns are.
fn columns(sheet: &mut Worksheet, facts: &[TableFacts], head: &Format) -> Result<(), XlsxError> {
    sheet.set_name("数据字典")?;
    let titles =
        ["表", "table", "列", "column", "含义", "meaning", "单位", "unit", "空值含义", "null means", "行数 rows"];
    for (at, title) in (0_u16..).zip(titles) {
        sheet.write_string_with_format(0, at, title, head)?;
        sheet.set_column_width(at, WIDTH)?;
    }
    let mut row = 1;
    for facts in facts {
        for column in facts.table.columns {
            let [unit_zh, unit_en] = column.unit.unwrap_or_default();
            let [null_zh, null_en] = column.null.about().unwrap_or_default();
            let [zh, _] = column.title();
            let [about_zh, about_en] = column.about;
            let texts = [facts.table.title[0], facts.table.name, zh, column.name, about_zh, about_en];
            for (at, text) in (0_u16..).zip(texts.into_iter().chain([unit_zh, unit_en, null_zh, null_en])) {
                sheet.write_string(row, at, text)?;
            }
            sheet.write_number(row, 10, number(facts.rows))?;
            row += 1;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, row - 1, 10)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a sheet has at most a million rows")]
fn number(rows: u64) -> f64 {
    rows as f64
}

/// Two rows of heads: what a column is called in Chinese, and its name.
fn head_of(sheet: &mut Worksheet, table: &Table, head: &Format) -> Result<(), XlsxError> {
    sheet.set_name(table.title[0])?;
    for (at, column) in (0_u16..).zip(table.columns) {
        sheet.write_string_with_format(0, at, column.title()[0], head)?;
        sheet.write_string_with_format(1, at, column.name, head)?;
        sheet.set_column_width(at, WIDTH)?;
    }
    sheet.set_freeze_panes(2, 1)?;
    Ok(())
}

fn table(sheet: &mut Worksheet, folder: &Path, table: &Table) -> Result<(), PublishError> {
    let path = folder.join(table.parquet_path());
    let file = disk::open(&path).map_err(|source| PublishError::io("reopen", &path, source))?;
    let broken = |source: ParquetError| PublishError::Parquet { path: path.clone(), source: Box::new(source) };
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build()).map_err(broken)?;
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let mut first = 2;
    for batch in reader {
        let batch = batch.map_err(|error| broken(error.into()))?;
        for ((at, values), column) in (0_u16..).zip(batch.columns()).zip(table.columns) {
            for (row, sheet_row) in (0..batch.num_rows()).zip(first..) {
                if !values.is_null(row) {
                    cell(sheet, (sheet_row, at), values.as_ref(), row, column.column_type, &date)
                        .map_err(unwritable)?;
                }
            }
        }
        first += u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
    }
    let last = u16::try_from(table.columns.len() - 1).unwrap_or(u16::MAX);
    sheet.autofilter(1, 0, first.max(2) - 1, last).map_err(unwritable)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "Excel holds every number as a float; counts have at most 15 digits")]
fn cell(
    sheet: &mut Worksheet,
    (at_row, at_column): (u32, u16),
    values: &dyn Array,
    row: usize,
    column_type: ColumnType,
    date: &Format,
) -> Result<(), XlsxError> {
    let write = match column_type {
        ColumnType::Text => {
            let text = values.as_string::<i32>().value(row);
            if text.chars().count() <= CELL_CHARACTERS {
                sheet.write_string(at_row, at_column, text)
            } else {
                // The whole text is in the other files.
                let cut: String = text.chars().take(CELL_CHARACTERS - 1).chain(['…']).collect();
                sheet.write_string(at_row, at_column, cut)
            }
        }
        ColumnType::Int64 => {
            sheet.write_number(at_row, at_column, values.as_primitive::<Int64Type>().value(row) as f64)
        }
        ColumnType::Int32 => sheet.write_number(at_row, at_column, values.as_primitive::<Int32Type>().value(row)),
        ColumnType::Float64 => sheet.write_number(at_row, at_column, values.as_primitive::<Float64Type>().value(row)),
        ColumnType::Bool => sheet.write_boolean(at_row, at_column, values.as_boolean().value(row)),
        ColumnType::Date => {
            let days = values.as_primitive::<Date32Type>().value(row) + EPOCH;
            sheet.write_number_with_format(at_row, at_column, days, date)
        }
    };
    write.map(drop)
}
