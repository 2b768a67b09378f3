//! The normalised tables, made anew from the cells.
//!
//! A printed total is no row. Where it says more than its parts, one of which is blank, the rest is a row `unspecified`.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};

use super::cells::{Cells, Holds, Plan, holds};
use super::facts::{CellRow, ReportRow};
use super::table::Rows;
use crate::form::{FormTable, Place, Shape, ValueType};

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'v> {
    Null,
    Text(&'v str),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// Some text that the other tables do not tell.
    SomeText,
}

impl Value<'_> {
    fn is_met_by(&self, found: &Self) -> bool {
        match self {
            Self::SomeText => matches!(found, Value::Text(_)),
            _ => self == found,
        }
    }

    pub(super) fn show(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Text(text) => (*text).to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Bool(is) => is.to_string(),
            Self::SomeText => "a label".to_owned(),
        }
    }
}

/// A row without its report and year.
pub(super) type Record<'v> = Vec<Value<'v>>;

pub(super) fn text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Null, Value::Text)
}

pub(super) fn int(number: Option<i64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Int)
}

pub(super) fn float(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Float)
}

/// Published rows, without the columns `report_id` and `year`.
fn records(rows: &Rows) -> Vec<Record<'_>> {
    let mut records = Vec::with_capacity(rows.len());
    for batch in &rows.parts {
        let schema = batch.schema_ref();
        let own = |at: &usize| !matches!(schema.field(*at).name().as_str(), "report_id" | "year");
        let columns: Vec<&dyn Array> =
            (0..batch.num_columns()).filter(own).map(|at| batch.column(at).as_ref()).collect();
        for at in 0..batch.num_rows() {
            records.push(columns.iter().map(|column| value_of(*column, at)).collect());
        }
    }
    records
}

/// A value of a column.
pub(super) fn value_of(column: &dyn Array, at: usize) -> Value<'_> {
    if column.is_null(at) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => Value::Text(column.as_string::<i32>().value(at)),
        DataType::Int64 => Value::Int(column.as_primitive::<Int64Type>().value(at)),
        DataType::Int32 => Value::Int(column.as_primitive::<Int32Type>().value(at).into()),
        DataType::Float64 => Value::Float(column.as_primitive::<Float64Type>().value(at)),
        _ => Value::Bool(column.as_boolean().value(at)),
    }
}

/// Says where published rows are others than those expected.
pub(super) fn compare(table: &str, rows: &Rows, expected: &[Record<'_>]) -> Vec<String> {
    let found = records(rows);
    let show = |record: &[Value<'_>]| record.iter().map(Value::show).collect::<Vec<_>>().join(", ");
    let mut wrong = Vec::new();
    let is_met = |(expected, found): &(&Record<'_>, &Record<'_>)| {
        expected.len() == found.len() && expected.iter().zip(*found).all(|(one, other)| one.is_met_by(other))
    };
    if let Some((expected, found)) = expected.iter().zip(&found).find(|pair| !is_met(pair)) {
        wrong.push(format!("{table} has ({}) where its cells give ({})", show(found), show(expected)));
    }
    if expected.len() != found.len() {
        wrong.push(format!("{table} has {} rows where its cells give {}", found.len(), expected.len()));
    }
    wrong
}

/// The rows that the cells of a report give in each normalised table.
#[derive(Default)]
pub(super) struct Atomic<'v> {
    pub(super) disclosures: Vec<Record<'v>>,
    pub(super) applications: Vec<Record<'v>>,
    pub(super) outcomes: Vec<Record<'v>>,
    pub(super) reviews: Vec<Record<'v>>,
    pub(super) statistics: Vec<Record<'v>>,
}

const UNSPECIFIED: &str = "unspecified";
const TOTAL: &str = "total";

impl<'v> Atomic<'v> {
    /// Those of an accepted report.
    pub(super) fn of(report: &ReportRow<'_>, cells: &'v Cells<'v>, plan: &Plan<'v>) -> Self {
        let mut atomic = Self::default();
        // The form that the report names for a table comes first; of blocks from several forms, any that has the cell.
        let mut forms: Vec<_> = plan.config.forms.forms.iter().collect();
        forms.sort_by_key(|form| ![report.form, report.form_applications].contains(&Some(form.id.as_str())));
        for cell in &cells.rows {
            let (Some(row), Some(column), None) = (cell.row, cell.column, cell.label) else { continue };
            let found = forms.iter().find_map(|form| {
                let table = form.table(cell.table)?;
                let row = form.tables[table].row(row)?;
                let columns = form.tables[table].columns_of(row);
                let column = columns.into_iter().find(|at| form.tables[table].columns[*at].code == column)?;
                Some((form, Place { table, row, column, is_last_year: false }))
            });
            let Some((form, place)) = found else { continue };
            match form.tables[place.table].shape {
                Shape::Blocks => atomic.disclosures.push(disclosure(cell, &form.tables, place)),
                Shape::List => atomic.statistics.push(statistic(cell, &form.tables[place.table], place)),
                Shape::Matrix | Shape::Channels => {}
            }
        }
        for form in &forms {
            for table in &form.tables {
                let sheet = Sheet { table, cells, plan };
                match table.shape {
                    Shape::Matrix if report.form_applications == Some(form.id.as_str()) => sheet.requests(&mut atomic),
                    Shape::Channels if atomic.reviews.is_empty() => sheet.reviews(&mut atomic.reviews),
                    Shape::List => atomic.statistics.extend(local_rows(cells, &table.code)),
                    _ => {}
                }
            }
        }
        atomic
    }
}

fn disclosure<'v>(cell: &'v CellRow<'v>, tables: &'v [FormTable], place: Place) -> Record<'v> {
    let column = &tables[place.table].columns[place.column];
    let unit = if holds(tables, place) == Holds::Amount { "万元" } else { &column.unit };
    let is_implied = cell.filed().is_none() && cell.implied.is_some();
    vec![text(cell.row), text(cell.column), float(cell.counted()), Value::Text(unit), Value::Bool(is_implied)]
}

fn statistic<'v>(cell: &'v CellRow<'v>, table: &'v FormTable, place: Place) -> Record<'v> {
    let row = &table.rows[place.row];
    let is_amount = matches!(row.value_type, Some(ValueType::Decimal | ValueType::Money));
    let unit = if is_amount && cell.filed().is_some() { Some(row.unit.as_str()) } else { cell.unit };
    vec![text(cell.row), Value::SomeText, float(cell.counted()), text(unit)]
}

/// Rows of a list that the form does not have.
fn local_rows<'v>(cells: &'v Cells<'v>, table: &str) -> Vec<Record<'v>> {
    let local = |cell: &&CellRow<'_>| {
        cell.table == table && cell.label.is_some() && cell.row.is_none() && cell.column.is_some()
    };
    let record = |cell: &'v CellRow<'v>| vec![Value::Null, text(cell.label), float(cell.value), text(cell.unit)];
    cells.rows.iter().filter(local).map(record).collect()
}

/// A table of counts.
struct Sheet<'a, 'v> {
    table: &'v FormTable,
    cells: &'a Cells<'v>,
    plan: &'a Plan<'v>,
}

impl<'v> Sheet<'_, 'v> {
    fn cell(&self, row: &str, column: &str) -> Option<&CellRow<'v>> {
        self.cells.get(self.plan.name([&self.table.code, row, column])?)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a float above all counts is cut to one, and then differs")]
    fn count(&self, row: &str, column: &str) -> Option<i64> {
        self.cell(row, column)?.counted().map(|number| number as i64)
    }

    fn is_implied(&self, row: &str, column: &str) -> bool {
        self.cell(row, column).is_some_and(|cell| cell.filed().is_none() && cell.implied.is_some())
    }

    /// What a total says beyond its parts, one of which is blank.
    fn rest(total: Option<i64>, parts: &[Option<i64>]) -> Option<i64> {
        let rest = total? - parts.iter().flatten().sum::<i64>();
        (rest > 0 && parts.contains(&None)).then_some(rest)
    }

    /// Rows of `applications` and `outcomes`.
    fn requests(&self, atomic: &mut Atomic<'v>) {
        const MEASURES: [&str; 4] = ["new_received", "carried_in", "outcome_total", "carried_forward"];
        let columns = self.table.columns.iter().map(|column| column.code.as_str());
        let applicants: Vec<&str> = columns.filter(|code| *code != TOTAL).collect();
        if self.cell(MEASURES[0], TOTAL).is_none() {
            return;
        }
        let across = |row: &str| -> Vec<Option<i64>> { applicants.iter().map(|of| self.count(row, of)).collect() };
        for applicant in &applicants {
            let counts = MEASURES.map(|measure| int(self.count(measure, applicant)));
            atomic.applications.push([Value::Text(applicant)].into_iter().chain(counts).collect());
        }
        let rests = MEASURES.map(|measure| Self::rest(self.count(measure, TOTAL), &across(measure)));
        if rests.iter().any(Option::is_some) {
            let rests = rests.map(int);
            atomic.applications.push([Value::Text(UNSPECIFIED)].into_iter().chain(rests).collect());
        }
        let rows = self.table.value_rows.iter().map(|row| &self.table.rows[*row]);
        let leaves: Vec<(&str, &str)> =
            rows.filter_map(|row| Some((row.code.as_str(), row.outcome_group.as_deref()?))).collect();
        let mut told = 0;
        let mut push = |applicant: &'v str, group: &'v str, leaf: &'v str, count: Option<i64>, is_implied: bool| {
            told += count.unwrap_or(0);
            let codes = [applicant, group, leaf].map(Value::Text);
            atomic.outcomes.push(codes.into_iter().chain([int(count), Value::Bool(is_implied)]).collect());
            told
        };
        let mut so_far = 0;
        for applicant in &applicants {
            for (leaf, group) in &leaves {
                let count = self.count(leaf, applicant);
                so_far = push(applicant, group, leaf, count, self.is_implied(leaf, applicant));
            }
        }
        for (leaf, group) in &leaves {
            if let Some(rest) = Self::rest(self.count(leaf, TOTAL), &across(leaf)) {
                so_far = push(UNSPECIFIED, group, leaf, Some(rest), false);
            }
        }
        // Nothing is told twice: in all there are as many requests as the last total says.
        let total = MEASURES[2];
        let whole = self.count(total, TOTAL).unwrap_or_else(|| across(total).iter().flatten().sum());
        for applicant in &applicants {
            let parts: Vec<Option<i64>> = leaves.iter().map(|(leaf, _)| self.count(leaf, applicant)).collect();
            let rest = Self::rest(self.count(total, applicant), &parts).map(|rest| rest.min(whole - so_far));
            if let Some(rest) = rest.filter(|rest| *rest > 0) {
                so_far = push(applicant, UNSPECIFIED, UNSPECIFIED, Some(rest), false);
            }
        }
        let is_open = leaves.iter().any(|(leaf, _)| self.count(leaf, TOTAL).is_none());
        if is_open && whole > so_far {
            push(UNSPECIFIED, UNSPECIFIED, UNSPECIFIED, Some(whole - so_far), false);
        }
    }

    /// Rows of `reviews`.
    fn reviews(&self, records: &mut Vec<Record<'v>>) {
        let Some(row) = self.table.value_rows.first().map(|row| self.table.rows[*row].code.as_str()) else { return };
        if self.table.columns.iter().any(|column| self.cell(row, &column.code).is_none()) {
            return;
        }
        for (at, group) in self.table.groups.iter().enumerate().filter(|(_, group)| group.is_channel) {
            let columns = || self.table.columns.iter().filter(|column| column.group == Some(at));
            let result = |column: &'v crate::form::Column| column.result.as_deref().unwrap_or(UNSPECIFIED);
            let mut parts = Vec::new();
            for column in columns().filter(|column| result(column) != TOTAL) {
                let count = self.count(row, &column.code);
                parts.push(count);
                let codes = [group.code.as_str(), result(column)].map(Value::Text);
                let rest = [int(count), Value::Bool(self.is_implied(row, &column.code))];
                records.push(codes.into_iter().chain(rest).collect());
            }
            let total = columns().find(|column| result(column) == TOTAL);
            let total = total.and_then(|column| self.count(row, &column.code));
            if let Some(rest) = Self::rest(total, &parts) {
                let codes = [group.code.as_str(), UNSPECIFIED].map(Value::Text);
                records.push(codes.into_iter().chain([Value::Int(rest), Value::Bool(false)]).collect());
            }
        }
    }
}
