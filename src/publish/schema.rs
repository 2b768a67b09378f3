//! The published tables: every column once, with type, unit, key, and meaning in Chinese and English.
//!
//! Rows, CSV headers, Parquet schemas, the codebook, the descriptors and the loaders are all made from
//! here, so none of them can say something else. Tests hold the contract against it.

mod tables;

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

pub use tables::{
    APPLICATIONS, CELLS, CHANGES, CHECKS, DISCLOSURES, FILES, INDICATORS, LINKS, OUTCOMES, QUARANTINE, REPORT_TABLES,
    REPORTS, REVIEWS, SECTIONS, STATEMENTS, STATISTICS,
};

/// Version of the published tables: columns added raise the second number, columns renamed or dropped the first.
pub const SCHEMA_VERSION: &str = "1.3.0";

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text; codes are text too.
    Text,
    /// 64-bit integer.
    Int64,
    /// 32-bit integer.
    Int32,
    /// 64-bit float.
    Float64,
    /// True or false.
    Bool,
    /// A day.
    Date,
}

/// What a null in a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// There is none.
    Never,
    /// The bytes were not read.
    Unread,
    /// The source does not state it.
    Absent,
    /// Blank or a dash in the source, and no rule implies a number.
    Blank,
    /// It does not apply to the row.
    Inapplicable,
    /// It could not be worked out.
    Unknown,
}

impl Null {
    /// The meaning in Chinese and English; nothing where there are no nulls.
    #[must_use]
    pub fn about(self) -> Option<[&'static str; 2]> {
        Some(match self {
            Self::Never => return None,
            Self::Unread => ["未读取该文件", "the file was not read"],
            Self::Absent => ["原文未载", "the source does not state it"],
            Self::Blank => {
                ["原文空白或划线，且无法由其他数推出", "blank or a dash in the source, and no rule implies it"]
            }
            Self::Inapplicable => ["不适用于该行", "does not apply to the row"],
            Self::Unknown => ["无法确定", "could not be determined"],
        })
    }
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name, at most 32 characters.
    pub name: &'static str,
    /// Type.
    pub column_type: ColumnType,
    /// What a null means.
    pub null: Null,
    /// Unit of the numbers, in Chinese and English.
    pub unit: Option<[&'static str; 2]>,
    /// The list of codes that its values come from; several joined by `;` where [`Column::joins_codes`].
    pub codes: Option<&'static str>,
    /// What it says, in Chinese and English. What stands before the first `；` or `;` is its title.
    pub about: [&'static str; 2],
}

impl Column {
    /// Whether it may be null.
    #[must_use]
    pub fn nullable(&self) -> bool {
        self.null != Null::Never
    }

    /// Short names in Chinese and English, at most 80 characters each.
    #[must_use]
    pub fn title(&self) -> [&'static str; 2] {
        let [zh, en] = self.about;
        let first = |text: &'static str, end: char| text.split(end).next().unwrap_or(text);
        [first(zh, '；'), first(en, ';')]
    }

    /// Whether a value may be several codes joined by `;`.
    #[must_use]
    pub fn joins_codes(&self) -> bool {
        self.name == "flags"
    }
}

/// Columns that point to a row of another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The columns here.
    pub columns: &'static [&'static str],
    /// The table they point to.
    pub table: &'static str,
    /// The columns there.
    pub to: &'static [&'static str],
}

/// What tells the rows of a table apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// No two rows agree in these columns, and none of them is null.
    Primary(&'static [&'static str]),
    /// These columns name a row; where several rows agree in them, their order tells them apart.
    Naming(&'static [&'static str]),
}

impl Key {
    /// The columns.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Primary(columns) | Self::Naming(columns) => columns,
        }
    }
}

/// A published table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Name of the table and of its files.
    pub name: &'static str,
    /// Folder of its Parquet file; empty for the top of the snapshot.
    pub folder: &'static str,
    /// Folder of its CSV file; `None` when it is published as Parquet only.
    pub csv_folder: Option<&'static str>,
    /// Name in Chinese and English.
    pub title: [&'static str; 2],
    /// What a row is and what the table is for, in Chinese and English.
    pub about: [&'static str; 2],
    /// What tells its rows apart.
    pub key: Key,
    /// What its rows point to.
    pub foreign: &'static [Foreign],
    /// The columns in order.
    pub columns: &'static [Column],
}

impl Table {
    /// The schema in Arrow.
    #[must_use]
    pub fn arrow(&self) -> SchemaRef {
        let field = |column: &Column| {
            let data_type = match column.column_type {
                ColumnType::Text => DataType::Utf8,
                ColumnType::Int64 => DataType::Int64,
                ColumnType::Int32 => DataType::Int32,
                ColumnType::Float64 => DataType::Float64,
                ColumnType::Bool => DataType::Boolean,
                ColumnType::Date => DataType::Date32,
            };
            Field::new(column.name, data_type, column.nullable())
        };
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }

    /// Where its Parquet file lies in a snapshot.
    #[must_use]
    pub fn parquet_path(&self) -> String {
        [self.folder, if self.folder.is_empty() { "" } else { "/" }, self.name, ".parquet"].concat()
    }

    /// Where its CSV file lies in a snapshot, for a table that has one.
    #[must_use]
    pub fn csv_path(&self) -> Option<String> {
        self.csv_folder.map(|folder| format!("{folder}/{}.csv", self.name))
    }

    /// The column with this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// All data tables, `files` and `reports` first.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    std::iter::once(&FILES).chain(&REPORT_TABLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_unique_and_titles_fit_labels() {
        for table in tables().chain([&CHANGES]) {
            let mut names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
            for column in table.columns {
                assert!(column.name.len() <= 32, "{}", column.name);
                for title in column.title() {
                    let length = title.chars().count();
                    assert!((1..=80).contains(&length), "{}.{}: {title}", table.name, column.name);
                }
            }
        }
    }

    #[test]
    fn keys_are_columns_and_point_to_keys() {
        for table in tables() {
            let has = |name: &&str| table.column(name).is_some();
            assert!(table.key.columns().iter().all(has), "{}", table.name);
            if let Key::Primary(columns) = table.key {
                assert!(columns.iter().all(|name| table.column(name).is_some_and(|column| !column.nullable())));
            }
            for foreign in table.foreign {
                assert!(foreign.columns.iter().all(has), "{}", table.name);
                let other = tables().find(|other| other.name == foreign.table).expect("the table exists");
                assert_eq!(other.key, Key::Primary(foreign.to), "{} of {}", foreign.table, table.name);
            }
        }
    }

    #[test]
    fn only_counts_and_amounts_have_units() {
        for column in tables().flat_map(|table| table.columns) {
            let is_number = matches!(column.column_type, ColumnType::Int64 | ColumnType::Int32 | ColumnType::Float64);
            assert!(is_number || column.unit.is_none(), "{}", column.name);
        }
    }
}
