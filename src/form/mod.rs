//! The official forms, as data: what is printed on them and what must add up.
//!
//! [`Forms::load`] takes the texts of `config/forms/*.toml`, of the rules and of the indicators, checks them against each other and gives
//! forms that cannot be wrong: codes unique, labels unique where they could be confused, every rule
//! naming cells that exist. A form knows nothing of file formats.

pub mod check;
pub mod formula;
mod index;
mod indicators;
pub mod label;
mod load;
mod raw;
mod rules;

use std::ops::Range;

use crate::model::report::CellKey;
use crate::model::verdict::CheckScope;

pub use index::{Index, ListLabels};
pub use indicators::{Indicator, Means as IndicatorMeans, Ratio, Sum};
pub use load::FormError;
pub use rules::{Equation, Function, Means, Note, Operand, Place, Rule, RuleScope, SignedCell};

/// All forms, in the order of their files' names, newest last.
#[derive(Debug)]
pub struct Forms {
    /// The forms.
    pub forms: Vec<Form>,
    /// The catalogue of rules.
    pub rules: Vec<Rule>,
    /// What of the literature is no rule, and why.
    pub notes: Vec<Note>,
    /// The indicators.
    pub indicators: Vec<Indicator>,
    /// What a line may be, by the labels of all forms.
    pub index: Index,
}

/// One generation of the official form.
#[derive(Debug)]
pub struct Form {
    /// Code: `2021`, `2019`, `2014`.
    pub id: String,
    /// Name in Chinese and English.
    pub titles: [String; 2],
    /// Number of the document that prescribes it; empty where none is known.
    pub document: String,
    /// First report year it was prescribed for.
    pub first_report_year: i32,
    /// Last report year, `None` while it is in force.
    pub last_report_year: Option<i32>,
    /// Folded labels that only this form carries.
    pub fingerprint: Vec<String>,
    /// The sections of the report.
    pub sections: Vec<Section>,
    /// The tables.
    pub tables: Vec<FormTable>,
    /// Every formula at every scope, in the order of the rules.
    pub checks: Vec<RuleScope>,
    /// Those that ask for cells of the year before.
    pub links: Vec<RuleScope>,
}

/// A section of the report (一、 to 六、).
#[derive(Debug)]
pub struct Section {
    /// Code, as in `sections.section`.
    pub code: String,
    /// Folded headings that name it, ordinals stripped.
    pub keys: Vec<String>,
    /// Folded headings shared with a subsection: they count only under an ordinal of the first level.
    pub shared_keys: Vec<String>,
    /// Its sub-heads.
    pub subsections: Vec<Subsection>,
}

/// A sub-head of a section (（一）主动公开 and the like).
#[derive(Debug)]
pub struct Subsection {
    /// Code, as in `sections.subsection`.
    pub code: String,
    /// Folded headings that name it, ordinals stripped.
    pub keys: Vec<String>,
    /// The official heading in Chinese and English.
    pub titles: [String; 2],
}

/// How a table of a form is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Blocks, each with its own columns (table 1).
    Blocks,
    /// Rows times columns (table 2).
    Matrix,
    /// One row, its columns in channels that repeat the same results (table 3).
    Channels,
    /// A list of label, unit, number (the sheet of 2014).
    List,
}

/// What a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// An integer, zero or more.
    Count,
    /// An integer with a sign.
    SignedCount,
    /// An amount in the unit of the header.
    Decimal,
    /// An amount whose unit stands in the cell or nowhere.
    Money,
    /// A count or an amount.
    Number,
    /// Text.
    Label,
}

impl ValueType {
    /// Whether it holds amounts of money.
    #[must_use]
    pub fn is_amount(self) -> bool {
        matches!(self, Self::Decimal | Self::Money)
    }
}

/// The labels of one element, folded for comparison.
#[derive(Debug, Default)]
pub struct Labels {
    /// The official wording.
    pub official: String,
    /// The same in English.
    pub english: String,
    /// Folded official wording and variants, with and without their ordinals; the official one first.
    pub keys: Vec<String>,
}

impl Labels {
    /// The official wording in Chinese and English.
    #[must_use]
    pub fn titles(&self) -> [&String; 2] {
        [&self.official, &self.english]
    }
}

/// A table of a form.
#[derive(Debug)]
pub struct FormTable {
    /// Code: `disclosures`, `applications`, `reviews`, `statistics`.
    pub code: String,
    /// Name in Chinese and English.
    pub titles: [String; 2],
    /// Code of the section it stands in.
    pub section: Option<String>,
    /// How it is built.
    pub shape: Shape,
    /// Folded texts of the corner cell.
    pub corner: Vec<String>,
    /// Blocks (only of shape blocks).
    pub blocks: Vec<Block>,
    /// Groups of columns (headers that span several columns).
    pub groups: Vec<Group>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, headings included.
    pub rows: Vec<Row>,
    /// Indices of the rows that carry numbers, in printed order.
    pub value_rows: Vec<usize>,
}

/// A block of table 1 (第二十条第（N）项).
#[derive(Debug)]
pub struct Block {
    /// Code.
    pub code: String,
    /// Title line.
    pub labels: Labels,
    /// The words over the label column (信息内容).
    pub head: String,
    /// May be left out.
    pub optional: bool,
    /// Its columns.
    pub columns: Range<usize>,
    /// Its rows.
    pub rows: Range<usize>,
}

/// A header over several columns.
#[derive(Debug)]
pub struct Group {
    /// Code.
    pub code: String,
    /// Printed labels.
    pub labels: Labels,
    /// Its columns are the results of one channel of cases.
    pub is_channel: bool,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Code.
    pub code: String,
    /// Printed labels.
    pub labels: Labels,
    /// What it may hold.
    pub value_type: ValueType,
    /// Unit of its numbers, empty when the form names none.
    pub unit: String,
    /// Index of the group it belongs to.
    pub group: Option<usize>,
    /// Result code within its channel (upheld, corrected, ..., total).
    pub result: Option<String>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// Holds numbers of its own.
    Leaf,
    /// A heading over other rows.
    Group,
    /// A printed sum.
    Total,
    /// A part of the row before it.
    OfWhich,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Code.
    pub code: String,
    /// Printed labels.
    pub labels: Labels,
    /// What it is.
    pub kind: RowKind,
    /// Index of the heading it stands under.
    pub parent: Option<usize>,
    /// Block it belongs to.
    pub block: Option<usize>,
    /// For an outcome: the group it counts under.
    pub outcome_group: Option<String>,
    /// What its numbers are, where its column leaves that open (a list).
    pub value_type: Option<ValueType>,
    /// Unit of its numbers, empty when the form names none.
    pub unit: String,
}

impl Forms {
    /// The form with this code.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<usize> {
        self.forms.iter().position(|form| form.id == id)
    }

    /// The form at an index that came out of this value.
    #[must_use]
    pub fn form(&self, index: u8) -> &Form {
        self.forms.get(usize::from(index)).expect("form indices come from these forms")
    }

    /// The statements that rules ask for: code of the rule, kind of statement.
    pub fn statements(&self) -> impl Iterator<Item = (&str, &str)> {
        let scopes = self.forms.iter().flat_map(|form| form.checks.iter().chain(&form.links));
        scopes.flat_map(|scope| {
            scope.formula.operands().filter_map(|operand| match operand {
                Operand::Statement(kind) => Some((self.rules[scope.rule].code.as_str(), kind.as_str())),
                Operand::Cell(_) => None,
            })
        })
    }

    /// The index of a rule that a function enforces, for a table where there is one for each.
    #[must_use]
    pub fn function(&self, function: Function, table: Option<&str>) -> Option<usize> {
        let is_of = |rule: &Rule| rule.means == Means::Function(function) && rule.table.as_deref() == table;
        self.rules.iter().position(is_of)
    }

    /// The rules that a function enforces, with their indices.
    pub fn functions(&self, function: Function) -> impl Iterator<Item = (usize, &Rule)> {
        self.rules.iter().enumerate().filter(move |(_, rule)| rule.means == Means::Function(function))
    }

    /// The table with this code in each form that has it, with the index of the form, oldest first.
    pub fn tables<'f>(&'f self, code: &str) -> impl DoubleEndedIterator<Item = (usize, &'f FormTable)> {
        let found = move |(at, form): (usize, &'f Form)| Some((at, &form.tables[form.table(code)?]));
        self.forms.iter().enumerate().filter_map(found)
    }

    /// The scope that a check was applied at, as in `checks.scope`.
    #[must_use]
    pub fn scope<'s>(&'s self, scope: &'s CheckScope) -> &'s str {
        match scope {
            CheckScope::Form { form, check } => &self.form(*form).checks[usize::from(*check)].scope,
            CheckScope::Named(name) => name,
        }
    }

    /// The codes of a cell: table, row, column.
    #[must_use]
    pub fn codes(&self, key: CellKey) -> (&str, &str, &str) {
        let table = self.table(key.form, key.table);
        (&table.code, &table.rows[usize::from(key.row)].code, &table.columns[usize::from(key.column)].code)
    }

    /// The published name of a cell: `table.row.column`.
    #[must_use]
    pub fn cell_name(&self, key: CellKey) -> String {
        let (table, row, column) = self.codes(key);
        format!("{table}.{row}.{column}")
    }

    /// What a cell may hold: what its row says, or its column.
    #[must_use]
    pub fn value_type(&self, key: CellKey) -> ValueType {
        let table = self.table(key.form, key.table);
        table.rows[usize::from(key.row)].value_type.unwrap_or(table.columns[usize::from(key.column)].value_type)
    }

    /// A table by the indices of a cell.
    #[must_use]
    pub fn table(&self, form: u8, table: u8) -> &FormTable {
        self.form(form).tables.get(usize::from(table)).expect("table indices come from these forms")
    }
}

impl Form {
    /// The table with this code.
    #[must_use]
    pub fn table(&self, code: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.code == code)
    }
}

impl FormTable {
    /// The row with this code.
    #[must_use]
    pub fn row(&self, code: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.code == code)
    }

    /// The column with this code.
    #[must_use]
    pub fn column(&self, code: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.code == code)
    }

    /// The columns of a row: those of its block, or all.
    #[must_use]
    pub fn columns_of(&self, row: usize) -> Range<usize> {
        match self.rows.get(row).and_then(|row| row.block) {
            Some(block) => self.blocks[block].columns.clone(),
            None => 0..self.columns.len(),
        }
    }

    /// The headings a row stands under, the nearest first.
    pub fn ancestors(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.rows[row].parent, |parent| self.rows[*parent].parent)
    }
}
