//! Rows of the tables as plain values.

use super::table::{Rows, bools, day, float, floats, get, int, ints, text, texts};

/// A row of `reports`.
#[derive(Debug)]
pub(super) struct ReportRow<'r> {
    pub(super) id: &'r str,
    pub(super) file_id: &'r str,
    pub(super) path: &'r str,
    pub(super) status: &'r str,
    pub(super) duplicate_of: Option<&'r str>,
    pub(super) is_current: bool,
    pub(super) corrected: bool,
    pub(super) level: &'r str,
    pub(super) scope: &'r str,
    pub(super) year: Option<i32>,
    pub(super) form: Option<&'r str>,
    pub(super) form_applications: Option<&'r str>,
    pub(super) published: Option<i32>,
    pub(super) flags: &'r str,
    /// Checks by status, in the order of [`STATUSES`].
    pub(super) n_checks: [i32; 5],
}

/// What comes out of a check, in the order of the columns of `reports` that count them.
pub(super) const STATUSES: [&str; 5] = ["pass", "pass_vacuous", "fail", "undecided", "suspended"];

impl<'r> ReportRow<'r> {
    /// The one row there is.
    pub(super) fn of(rows: &'r Rows) -> Option<Self> {
        let batch = rows.parts.first()?;
        let of = |name: &str| get(text(batch, name), 0);
        let columns = ["checks_pass", "checks_vacuous", "checks_fail", "checks_undecided", "checks_suspended"];
        let [is_current, corrected] = bools(batch, ["is_current", "corrected"]).map(|column| column.value(0));
        let [years] = ints(batch, ["year"]);
        Some(Self {
            id: of("report_id")?,
            file_id: of("file_id")?,
            path: of("path")?,
            status: of("status")?,
            duplicate_of: of("duplicate_of"),
            is_current,
            corrected,
            level: of("level")?,
            scope: of("scope")?,
            year: int(years, 0),
            form: of("form"),
            form_applications: of("form_applications"),
            published: day(batch, "published", 0),
            flags: of("flags").unwrap_or_default(),
            n_checks: ints(batch, columns).map(|column| column.value(0)),
        })
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.status == "accepted"
    }

    pub(super) fn has_flag(&self, flag: &str) -> bool {
        self.flags.split(';').any(|of| of == flag)
    }
}

/// A row of `cells`.
#[derive(Debug)]
pub(super) struct CellRow<'r> {
    pub(super) table: &'r str,
    pub(super) row: Option<&'r str>,
    pub(super) column: Option<&'r str>,
    pub(super) label: Option<&'r str>,
    pub(super) printed: Option<&'r str>,
    pub(super) unit: Option<&'r str>,
    pub(super) state: &'r str,
    pub(super) value: Option<f64>,
    pub(super) implied: Option<f64>,
    pub(super) implied_by: Option<&'r str>,
    pub(super) corrected: Option<f64>,
}

impl<'r> CellRow<'r> {
    pub(super) fn all(rows: &'r Rows) -> Vec<Self> {
        let mut all = Vec::with_capacity(rows.len());
        for batch in &rows.parts {
            let names = ["table", "row", "column", "label", "printed", "unit", "state", "implied_by"];
            let columns = texts(batch, names);
            let numbers = floats(batch, ["value", "implied", "corrected"]);
            for at in 0..batch.num_rows() {
                let [table, row, column, label, printed, unit, state, implied_by] =
                    columns.map(|column| get(column, at));
                let [value, implied, corrected] = numbers.map(|column| float(column, at));
                let (table, state) = (table.unwrap_or_default(), state.unwrap_or_default());
                all.push(Self {
                    table,
                    row,
                    column,
                    label,
                    printed,
                    unit,
                    state,
                    value,
                    implied,
                    implied_by,
                    corrected,
                });
            }
        }
        all
    }

    /// What is printed or was put right.
    pub(super) fn filed(&self) -> Option<f64> {
        self.corrected.or(self.value)
    }

    /// What counts: corrected, else printed, else implied.
    pub(super) fn counted(&self) -> Option<f64> {
        self.filed().or(self.implied)
    }

    pub(super) fn name(&self) -> String {
        let part = |code: Option<&str>| code.unwrap_or("?").to_owned();
        format!("{}.{}.{}", self.table, part(self.row), part(self.column))
    }
}

/// A row of `checks`.
#[derive(Debug)]
pub(super) struct CheckRow<'r> {
    pub(super) rule: &'r str,
    pub(super) scope: &'r str,
    pub(super) severity: &'r str,
    pub(super) status: &'r str,
    pub(super) left: Option<f64>,
    pub(super) right: Option<f64>,
    pub(super) delta: Option<f64>,
}

impl<'r> CheckRow<'r> {
    pub(super) fn all(rows: &'r Rows) -> Vec<Self> {
        let mut all = Vec::with_capacity(rows.len());
        for batch in &rows.parts {
            let columns = texts(batch, ["rule", "scope", "severity", "status"]);
            let numbers = floats(batch, ["left", "right", "delta"]);
            for at in 0..batch.num_rows() {
                let [rule, scope, severity, status] = columns.map(|column| column.value(at));
                let [left, right, delta] = numbers.map(|column| float(column, at));
                all.push(Self { rule, scope, severity, status, left, right, delta });
            }
        }
        all
    }
}

/// Left minus right, where both are known.
pub(super) fn difference(left: Option<f64>, right: Option<f64>) -> Option<f64> {
    Some(left? - right?)
}

/// A row of `sections`.
#[derive(Debug)]
pub(super) struct SectionRow<'r> {
    pub(super) section: &'r str,
    /// Its text stands under a sub-head.
    pub(super) is_part: bool,
    pub(super) heading: Option<&'r str>,
    pub(super) ordinal: i32,
    pub(super) text: &'r str,
}

impl<'r> SectionRow<'r> {
    pub(super) fn all(rows: &'r Rows) -> Vec<Self> {
        let mut all = Vec::with_capacity(rows.len());
        for batch in &rows.parts {
            let [sections, parts, headings, texts] = texts(batch, ["section", "subsection", "heading", "text"]);
            let [ordinals] = ints(batch, ["ordinal"]);
            for at in 0..batch.num_rows() {
                let (section, text, ordinal) = (sections.value(at), texts.value(at), ordinals.value(at));
                let (is_part, heading) = (get(parts, at).is_some(), get(headings, at));
                all.push(Self { section, is_part, heading, ordinal, text });
            }
        }
        all
    }
}

/// A row of `statements`.
#[derive(Debug)]
pub(super) struct StatementRow<'r> {
    pub(super) section: &'r str,
    pub(super) ordinal: i32,
    pub(super) kind: &'r str,
    pub(super) value: f64,
    pub(super) is_approximate: bool,
    pub(super) unit: Option<&'r str>,
    pub(super) quote: &'r str,
    pub(super) range: [i64; 2],
    pub(super) cell: Option<&'r str>,
    pub(super) agrees: Option<bool>,
}

impl<'r> StatementRow<'r> {
    pub(super) fn all(rows: &'r Rows) -> Vec<Self> {
        use arrow::array::Array;
        let mut all = Vec::with_capacity(rows.len());
        for batch in &rows.parts {
            let [sections, kinds, units, quotes, cells] = texts(batch, ["section", "kind", "unit", "quote", "cell"]);
            let [ordinals] = ints(batch, ["ordinal"]);
            let [values] = floats(batch, ["value"]);
            let [approximate, agrees] = bools(batch, ["approximate", "agrees"]);
            let ends = super::table::longs(batch, ["start", "end"]);
            for at in 0..batch.num_rows() {
                all.push(Self {
                    section: sections.value(at),
                    ordinal: ordinals.value(at),
                    kind: kinds.value(at),
                    value: values.value(at),
                    is_approximate: approximate.value(at),
                    unit: get(units, at),
                    quote: quotes.value(at),
                    range: ends.map(|column| column.value(at)),
                    cell: get(cells, at),
                    agrees: agrees.is_valid(at).then(|| agrees.value(at)),
                });
            }
        }
        all
    }
}
