//! Builds the rows of a table column by column.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, RecordBatch, StringBuilder,
};

use super::schema::{ColumnType, Table};

/// Bytes of a usual text: ids and codes.
const TEXT_BYTES: usize = 20;

enum Builder {
    Text(StringBuilder),
    Int64(Int64Builder),
    Int32(Int32Builder),
    Float64(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
}

/// Rows of one table in the making. Values are pushed in the order of the columns; a push of another
/// type than the schema's is a fault of the program and panics.
pub(super) struct Rows {
    table: Table,
    builders: Vec<Builder>,
    at: usize,
}

macro_rules! push {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $type:ty) => {
        $(#[$doc])*
        pub(super) fn $name(&mut self, value: Option<$type>) -> &mut Self {
            match self.next() {
                Builder::$variant(builder) => builder.append_option(value),
                _ => unreachable!("values are pushed in the order and type of the schema"),
            }
            self
        }
    };
}

impl Rows {
    /// `n_rows` is how many rows are expected; more may come.
    pub(super) fn with_capacity(table: Table, n_rows: usize) -> Self {
        let builder = |column_type: ColumnType| match column_type {
            ColumnType::Text => Builder::Text(StringBuilder::with_capacity(n_rows, n_rows * TEXT_BYTES)),
            ColumnType::Int64 => Builder::Int64(Int64Builder::with_capacity(n_rows)),
            ColumnType::Int32 => Builder::Int32(Int32Builder::with_capacity(n_rows)),
            ColumnType::Float64 => Builder::Float64(Float64Builder::with_capacity(n_rows)),
            ColumnType::Bool => Builder::Bool(BooleanBuilder::with_capacity(n_rows)),
            ColumnType::Date => Builder::Date(Date32Builder::with_capacity(n_rows)),
        };
        let builders = table.columns.iter().map(|column| builder(column.column_type)).collect();
        Self { table, builders, at: 0 }
    }

    fn next(&mut self) -> &mut Builder {
        let at = self.at;
        self.at += 1;
        self.builders.get_mut(at).expect("a row has as many values as the table has columns")
    }

    push!(
        /// A text.
        opt_text, Text, &str
    );
    push!(
        /// A 64-bit integer.
        int, Int64, i64
    );
    push!(
        /// A 32-bit integer.
        int32, Int32, i32
    );
    push!(
        /// A float.
        float, Float64, f64
    );
    push!(
        /// A day.
        date, Date, i32
    );
    push!(
        /// True or false.
        opt_bool, Bool, bool
    );

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.opt_text(Some(value))
    }

    /// Nulls for columns that a later part of the program fills.
    pub(super) fn nulls(&mut self, n: usize) -> &mut Self {
        for _ in 0..n {
            match self.next() {
                Builder::Text(builder) => builder.append_null(),
                Builder::Int64(builder) => builder.append_null(),
                Builder::Int32(builder) => builder.append_null(),
                Builder::Float64(builder) => builder.append_null(),
                Builder::Bool(builder) => builder.append_null(),
                Builder::Date(builder) => builder.append_null(),
            }
        }
        self
    }

    /// Ends a row.
    pub(super) fn end(&mut self) {
        assert_eq!(self.at, self.builders.len(), "a row of {} has a value for each column", self.table.name);
        self.at = 0;
    }

    /// The rows so far as a batch.
    pub(super) fn finish(self) -> RecordBatch {
        let finish = |builder: Builder| -> ArrayRef {
            match builder {
                Builder::Text(mut builder) => Arc::new(builder.finish()),
                Builder::Int64(mut builder) => Arc::new(builder.finish()),
                Builder::Int32(mut builder) => Arc::new(builder.finish()),
                Builder::Float64(mut builder) => Arc::new(builder.finish()),
                Builder::Bool(mut builder) => Arc::new(builder.finish()),
                Builder::Date(mut builder) => Arc::new(builder.finish()),
            }
        };
        RecordBatch::try_new(self.table.arrow(), self.builders.into_iter().map(finish).collect())
            .expect("required columns hold no null")
    }
}
