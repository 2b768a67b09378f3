//! A form file as written: every key known, nothing checked against anything else yet.

use serde::Deserialize;

use super::{RowKind, Shape, ValueType};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) schema_version: u32,
    pub(super) form: RawForm,
    pub(super) fingerprint: RawFingerprint,
    #[serde(default)]
    pub(super) section: Vec<RawSection>,
    #[serde(default)]
    pub(super) subsection: Vec<RawSection>,
    pub(super) table: Vec<RawTable>,
    #[serde(default)]
    pub(super) block: Vec<RawElement>,
    #[serde(default)]
    pub(super) column_group: Vec<RawElement>,
    pub(super) column: Vec<RawElement>,
    pub(super) row: Vec<RawElement>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "who issued a form and when is for the readers of its file")]
pub(super) struct RawForm {
    pub(super) id: String,
    pub(super) name_zh: String,
    pub(super) name_en: String,
    #[serde(default)]
    pub(super) issuer_zh: String,
    #[serde(default)]
    pub(super) doc_no: String,
    #[serde(default)]
    pub(super) doc_date: String,
    pub(super) first_report_year: i32,
    /// 0 while the form is in force.
    pub(super) last_report_year: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFingerprint {
    pub(super) strong: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the order of the sections is for readers of the file")]
pub(super) struct RawSection {
    pub(super) code: String,
    #[serde(default)]
    pub(super) section: Option<String>,
    #[serde(default)]
    pub(super) ordinal: u32,
    pub(super) label: String,
    pub(super) label_en: String,
    #[serde(default)]
    pub(super) aliases_seen: Vec<String>,
    #[serde(default)]
    pub(super) aliases_expected: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    pub(super) code: String,
    #[serde(default)]
    pub(super) section: Option<String>,
    pub(super) label: String,
    pub(super) label_en: String,
    pub(super) shape: Shape,
    #[serde(default)]
    pub(super) corner: Option<String>,
    #[serde(default)]
    pub(super) corner_aliases: Vec<String>,
}

/// A block, column group, column or row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "where a label was met is for the readers of the file")]
pub(super) struct RawElement {
    pub(super) table: String,
    #[serde(default)]
    pub(super) block: Option<String>,
    pub(super) code: String,
    #[serde(default)]
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) parent: Option<String>,
    #[serde(default)]
    pub(super) channel: bool,
    #[serde(default)]
    pub(super) result: Option<String>,
    #[serde(default)]
    pub(super) outcome_group: Option<String>,
    #[serde(default)]
    pub(super) kind: Option<RowKind>,
    #[serde(default)]
    pub(super) head: Option<String>,
    #[serde(default)]
    pub(super) optional: bool,
    pub(super) label: String,
    pub(super) label_en: String,
    #[serde(default)]
    pub(super) value_type: Option<ValueType>,
    #[serde(default)]
    pub(super) unit: String,
    #[serde(default)]
    pub(super) evidence: Option<String>,
    #[serde(default)]
    pub(super) aliases_seen: Vec<String>,
    #[serde(default)]
    pub(super) aliases_expected: Vec<String>,
}
