//! From form files to forms that cannot be wrong.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::label::{fold, keys, split_ordinal};
use super::raw::{RawElement, RawFile};
use super::{
    Block, Column, Form, FormTable, Forms, Group, Index, Labels, Row, RowKind, Section, Shape, Subsection, indicators,
    rules,
};

/// What can be wrong with the form files.
#[derive(Debug, Error)]
pub enum FormError {
    /// The file is not the TOML that is expected.
    #[error("read form file {file}")]
    Parse {
        /// Name of the file.
        file: String,
        /// What the parser says: line and key.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The file is of another generation of this program.
    #[error("form file {file}: schema_version {found} is not 1")]
    SchemaVersion {
        /// Name of the file.
        file: String,
        /// The version found.
        found: u32,
    },
    /// Two elements carry one code.
    #[error("form {form}: {key} is used twice")]
    DuplicateCode {
        /// Code of the form.
        form: String,
        /// Kind, place and code.
        key: String,
    },
    /// Two elements that could be confused carry one label.
    #[error("form {form}: the label {label:?} of {key} is also that of {other}")]
    DuplicateLabel {
        /// Code of the form.
        form: String,
        /// The folded label.
        label: String,
        /// Kind, place and code of the one.
        key: String,
        /// The same of the other.
        other: String,
    },
    /// A key names something that does not exist.
    #[error("form {form}: {key} names {name:?}, which does not exist")]
    UnknownName {
        /// Code of the form.
        form: String,
        /// The key that names it.
        key: String,
        /// The name.
        name: String,
    },
    /// A rule is wrong.
    #[error("rule {rule}: {what}")]
    Rule {
        /// Code of the rule.
        rule: String,
        /// What is wrong with it.
        what: String,
    },
    /// An indicator is wrong.
    #[error("indicator {indicator}: {what}")]
    Indicator {
        /// Code of the indicator.
        indicator: String,
        /// What is wrong with it.
        what: String,
    },
    /// A key that this kind of element needs is missing or has a value that it cannot have.
    #[error("form {form}: {key}")]
    Invalid {
        /// Code of the form.
        form: String,
        /// Which key, and what it needs.
        key: String,
    },
}

impl Forms {
    /// Loads and checks all forms, given as (file name, text) pairs, the rules and the indicators; the forms stand in
    /// the order of their codes.
    ///
    /// # Errors
    /// The first thing that is wrong, with the key that names it.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        rules: (&str, &str),
        indicators: (&str, &str),
    ) -> Result<Self, FormError> {
        let mut forms = Vec::new();
        for (file, text) in files {
            let raw = parse(file, text, |raw: &RawFile| raw.schema_version)?;
            forms.push(Loader { id: raw.form.id.clone(), labels: BTreeMap::new() }.form(raw)?);
        }
        forms.sort_by(|one: &Form, other| one.id.cmp(&other.id));
        if let Some(pair) = forms.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(FormError::DuplicateCode { form: pair[0].id.clone(), key: "form.id".to_owned() });
        }
        let (rules, notes) = rules::load(rules.0, rules.1, &mut forms)?;
        let indicators = indicators::load(indicators.0, indicators.1, &forms)?;
        let index = Index::new(&forms);
        Ok(Self { forms, rules, notes, indicators, index })
    }
}

/// Reads a file as it is written, which must be of the version that is known.
pub(super) fn parse<T: DeserializeOwned>(file: &str, text: &str, version: impl Fn(&T) -> u32) -> Result<T, FormError> {
    let raw: T =
        toml::from_str(text).map_err(|source| FormError::Parse { file: file.to_owned(), source: Box::new(source) })?;
    match version(&raw) {
        1 => Ok(raw),
        found => Err(FormError::SchemaVersion { file: file.to_owned(), found }),
    }
}

struct Loader {
    id: String,
    /// Folded label at its place -> code, to find labels that could be confused.
    labels: BTreeMap<(String, String), String>,
}

impl Loader {
    fn form(mut self, raw: RawFile) -> Result<Form, FormError> {
        let sections = self.sections(&raw)?;
        let mut tables: Vec<FormTable> = Vec::new();
        for table in &raw.table {
            if tables.iter().any(|other| other.code == table.code) {
                return Err(self.twice(&format!("table {}", table.code)));
            }
            if let Some(section) = &table.section
                && !sections.iter().any(|other| &other.code == section)
            {
                return Err(self.unknown(&format!("table {}, section", table.code), section));
            }
            let corner = table.corner.iter().chain(&table.corner_aliases).map(|text| fold(text)).collect();
            let mut built = self.table(&raw, &table.code, table.shape, corner)?;
            built.titles = [table.label.clone(), table.label_en.clone()];
            built.section.clone_from(&table.section);
            tables.push(built);
        }
        for element in raw.block.iter().chain(&raw.column_group).chain(&raw.column).chain(&raw.row) {
            if !tables.iter().any(|table| table.code == element.table) {
                return Err(self.unknown(&format!("{}, table", element.code), &element.table));
            }
        }
        Ok(Form {
            id: raw.form.id,
            titles: [raw.form.name_zh, raw.form.name_en],
            document: raw.form.doc_no,
            first_report_year: raw.form.first_report_year,
            last_report_year: (raw.form.last_report_year != 0).then_some(raw.form.last_report_year),
            fingerprint: raw.fingerprint.strong.iter().map(|label| fold(label)).collect(),
            sections,
            tables,
            checks: Vec::new(),
            links: Vec::new(),
        })
    }

    fn sections(&mut self, raw: &RawFile) -> Result<Vec<Section>, FormError> {
        let mut sub_keys: HashMap<String, &str> = HashMap::new();
        let mut subsections: Vec<(String, Subsection)> = Vec::new();
        for subsection in &raw.subsection {
            let parent = subsection.section.clone().unwrap_or_default();
            if !raw.section.iter().any(|section| section.code == parent) {
                return Err(self.unknown(&format!("subsection {}, section", subsection.code), &parent));
            }
            let labels = self.labels(
                &format!("subsection {parent}"),
                &subsection.code,
                &subsection.label,
                [&subsection.aliases_seen, &subsection.aliases_expected],
            )?;
            if subsections.iter().any(|(_, other)| other.code == subsection.code) {
                return Err(self.twice(&format!("subsection {}", subsection.code)));
            }
            for key in &labels.keys {
                // A sub-head is looked up without its section, so one label may name one code alone.
                if let Some(other) = sub_keys.insert(key.clone(), &subsection.code) {
                    return Err(FormError::DuplicateLabel {
                        form: self.id.clone(),
                        label: key.clone(),
                        key: format!("subsection {}", subsection.code),
                        other: format!("subsection {other}"),
                    });
                }
            }
            let titles = [subsection.label.clone(), subsection.label_en.clone()];
            subsections.push((parent, Subsection { code: subsection.code.clone(), keys: labels.keys, titles }));
        }
        let mut sections: Vec<Section> = Vec::new();
        for section in &raw.section {
            if sections.iter().any(|other| other.code == section.code) {
                return Err(self.twice(&format!("section {}", section.code)));
            }
            let labels = self.labels(
                "section",
                &section.code,
                &section.label,
                [&section.aliases_seen, &section.aliases_expected],
            )?;
            let (shared_keys, keys) = labels.keys.into_iter().partition(|key| sub_keys.contains_key(key));
            let (own, others) = subsections.into_iter().partition(|(parent, _)| *parent == section.code);
            subsections = others;
            let own: Vec<(String, Subsection)> = own;
            let own = own.into_iter().map(|(_, subsection)| subsection).collect();
            sections.push(Section { code: section.code.clone(), keys, shared_keys, subsections: own });
        }
        Ok(sections)
    }

    fn table(&mut self, raw: &RawFile, code: &str, shape: Shape, corner: Vec<String>) -> Result<FormTable, FormError> {
        let of = |elements: &'_ [RawElement]| -> Vec<usize> {
            (0..elements.len()).filter(|at| elements[*at].table == code).collect()
        };
        let mut table = FormTable {
            code: code.to_owned(),
            titles: Default::default(),
            section: None,
            shape,
            corner,
            blocks: Vec::new(),
            groups: Vec::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            value_rows: Vec::new(),
        };
        for at in of(&raw.column_group) {
            let group = &raw.column_group[at];
            if table.groups.iter().any(|other| other.code == group.code) {
                return Err(self.twice(&format!("column_group {code}.{}", group.code)));
            }
            let labels = self.element_labels(&format!("column_group {code}"), group)?;
            table.groups.push(Group { code: group.code.clone(), labels, is_channel: group.channel });
        }
        let blocks = of(&raw.block);
        if blocks.is_empty() {
            self.columns_and_rows(raw, code, None, &mut table)?;
        }
        for at in blocks {
            let block = &raw.block[at];
            if table.blocks.iter().any(|other| other.code == block.code) {
                return Err(self.twice(&format!("block {code}.{}", block.code)));
            }
            let (first_column, first_row) = (table.columns.len(), table.rows.len());
            let labels = self.element_labels(&format!("block {code}"), block)?;
            table.blocks.push(Block {
                code: block.code.clone(),
                labels,
                head: fold(block.head.as_deref().unwrap_or_default()),
                optional: block.optional,
                columns: 0..0,
                rows: 0..0,
            });
            self.columns_and_rows(raw, code, Some(&block.code), &mut table)?;
            let (columns, rows) = (first_column..table.columns.len(), first_row..table.rows.len());
            if columns.is_empty() || rows.is_empty() {
                return Err(self.invalid(&format!("block {code}.{} needs a column and a row", block.code)));
            }
            let block = table.blocks.last_mut().expect("pushed above");
            (block.columns, block.rows) = (columns, rows);
        }
        table.value_rows = (0..table.rows.len()).filter(|row| table.rows[*row].kind != RowKind::Group).collect();
        if table.value_rows.is_empty() || table.columns.is_empty() {
            return Err(self.invalid(&format!("table {code} needs a row and a column")));
        }
        if shape == Shape::List && table.column("value").is_none() {
            return Err(self.invalid(&format!("table {code} needs a column value")));
        }
        if shape == Shape::Channels
            && table.columns.iter().any(|column| column.group.is_none() || column.result.is_none())
        {
            return Err(self.invalid(&format!("every column of table {code} needs a group and a result")));
        }
        Ok(table)
    }

    fn columns_and_rows(
        &mut self,
        raw: &RawFile,
        code: &str,
        block: Option<&String>,
        table: &mut FormTable,
    ) -> Result<(), FormError> {
        let inside = |element: &&RawElement| element.table == code && element.block.as_ref() == block;
        let place = match block {
            Some(block) => format!("{code}.{block}"),
            None => code.to_owned(),
        };
        let first_column = table.columns.len();
        for column in raw.column.iter().filter(inside) {
            if table.columns[first_column..].iter().any(|other| other.code == column.code) {
                return Err(self.twice(&format!("column {place}.{}", column.code)));
            }
            let group = match &column.group {
                None => None,
                Some(name) => Some(
                    table
                        .groups
                        .iter()
                        .position(|group| &group.code == name)
                        .ok_or_else(|| self.unknown(&format!("column {place}.{}, group", column.code), name))?,
                ),
            };
            let parent = column.group.as_deref().unwrap_or_default();
            let labels = self.element_labels(&format!("column {place} {parent}"), column)?;
            table.columns.push(Column {
                code: column.code.clone(),
                labels,
                value_type: column
                    .value_type
                    .ok_or_else(|| self.invalid(&format!("column {place}.{} needs a value_type", column.code)))?,
                unit: column.unit.clone(),
                group,
                result: column.result.clone(),
            });
        }
        for row in raw.row.iter().filter(inside) {
            if table.rows.iter().any(|other| other.code == row.code) {
                return Err(self.twice(&format!("row {place}.{}", row.code)));
            }
            let parent = match &row.parent {
                None => None,
                Some(name) => Some(
                    table
                        .rows
                        .iter()
                        .position(|other| &other.code == name)
                        .ok_or_else(|| self.unknown(&format!("row {place}.{}, parent", row.code), name))?,
                ),
            };
            let labels =
                self.element_labels(&format!("row {place} {}", row.parent.as_deref().unwrap_or_default()), row)?;
            table.rows.push(Row {
                code: row.code.clone(),
                labels,
                kind: row.kind.ok_or_else(|| self.invalid(&format!("row {place}.{} needs a kind", row.code)))?,
                parent,
                block: block.map(|_| table.blocks.len() - 1),
                outcome_group: row.outcome_group.clone(),
                value_type: row.value_type,
                unit: row.unit.clone(),
            });
        }
        Ok(())
    }

    fn element_labels(&mut self, place: &str, element: &RawElement) -> Result<Labels, FormError> {
        let aliases = [&element.aliases_seen, &element.aliases_expected];
        let labels = self.labels(place, &element.code, &element.label, aliases)?;
        Ok(Labels { english: element.label_en.clone(), ..labels })
    }

    /// Folds the labels of an element and refuses those that another element of the same kind and
    /// place carries too.
    fn labels(
        &mut self,
        place: &str,
        code: &str,
        official: &str,
        aliases: [&Vec<String>; 2],
    ) -> Result<Labels, FormError> {
        let mut labels = Labels { official: official.to_owned(), ..Labels::default() };
        for label in std::iter::once(official).chain(aliases.into_iter().flatten().map(String::as_str)) {
            for key in keys(label) {
                if key.is_empty() || labels.keys.contains(&key) {
                    continue;
                }
                let at = (place.to_owned(), key.clone());
                if let Some(other) = self.labels.insert(at, code.to_owned()) {
                    return Err(FormError::DuplicateLabel {
                        form: self.id.clone(),
                        label: key,
                        key: format!("{place}.{code}"),
                        other: format!("{place}.{other}"),
                    });
                }
                labels.keys.push(key);
            }
        }
        for key in with_ordinals(official, &labels.keys) {
            let at = (place.to_owned(), key.clone());
            // Two labels that differ in their ordinals alone are told by the ordinals they are printed with.
            if !labels.keys.contains(&key) && !self.labels.contains_key(&at) {
                self.labels.insert(at, code.to_owned());
                labels.keys.push(key);
            }
        }
        Ok(labels)
    }

    fn twice(&self, key: &str) -> FormError {
        FormError::DuplicateCode { form: self.id.clone(), key: key.to_owned() }
    }

    fn unknown(&self, key: &str, name: &str) -> FormError {
        FormError::UnknownName { form: self.id.clone(), key: key.to_owned(), name: name.to_owned() }
    }

    fn invalid(&self, key: &str) -> FormError {
        FormError::Invalid { form: self.id.clone(), key: key.to_owned() }
    }
}

/// The wordings of a label under every form of the ordinal of its official wording.
fn with_ordinals(official: &str, keys: &[String]) -> Vec<String> {
    let official = fold(official);
    let Some((_, rest)) = split_ordinal(&official) else { return Vec::new() };
    let numeral = official[..official.len() - rest.len()].trim_matches(['(', ')', '、', '.', ',']);
    let bare = keys.iter().filter(|key| split_ordinal(key).is_none());
    let forms = |key: &String| {
        ["、", ".", ",", ")"]
            .map(|mark| format!("{numeral}{mark}{key}"))
            .into_iter()
            .chain([format!("({numeral}){key}")])
    };
    bare.flat_map(forms).filter(|key| split_ordinal(key).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM_2021: &str = include_str!("../../config/forms/2021.toml");
    const FORM_2019: &str = include_str!("../../config/forms/2019.toml");
    const FORM_2014: &str = include_str!("../../config/forms/2014.toml");

    const RULES: (&str, &str) = ("rules.toml", include_str!("../../config/rules.toml"));

    const NONE: (&str, &str) = ("indicators.toml", "schema_version = 1\nindicator = []");

    fn forms() -> Forms {
        let files = [("2021", FORM_2021), ("2019", FORM_2019), ("2014", FORM_2014)];
        Forms::load(files, RULES, NONE).expect("the default forms load")
    }

    /// The message of loading the 2021 form with one text replaced.
    fn broken(from: &str, to: &str) -> String {
        assert!(FORM_2021.contains(from), "{from}");
        let text = FORM_2021.replacen(from, to, 1);
        // A form alone has no rules that name others.
        let rules = ("rules.toml", "schema_version = 1\nrule = []");
        let error = Forms::load([("2021.toml", text.as_str())], rules, NONE).expect_err("a broken form is refused");
        match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }
    }

    #[test]
    fn forms_have_the_cells_of_the_official_forms() {
        let forms = forms();
        let cells = |id: &str, table: &str| -> usize {
            let form = &forms.forms[forms.by_id(id).expect("form")];
            let table = &form.tables[form.table(table).expect("table")];
            table.value_rows.iter().map(|row| table.columns_of(*row).len()).sum()
        };
        assert_eq!(
            [cells("2021", "disclosures"), cells("2021", "applications"), cells("2021", "reviews")],
            [10, 175, 15]
        );
        assert_eq!(
            [cells("2019", "disclosures"), cells("2019", "applications"), cells("2019", "reviews")],
            [22, 161, 15]
        );
    }

    #[test]
    fn every_outcome_row_has_a_group() {
        for form in forms().forms {
            let Some(at) = form.table("applications") else { continue };
            let table = &form.tables[at];
            let n = table.value_rows.iter().filter(|row| table.rows[**row].outcome_group.is_some()).count();
            assert_eq!(n, if form.id == "2021" { 21 } else { 19 });
        }
    }

    #[test]
    fn a_wrong_key_is_named() {
        assert!(broken("label_en = \"Overall situation\"", "lable_en = \"x\"").contains("lable_en"));
        let twice = broken("code = \"carried_in\"", "code = \"new_received\"");
        assert!(twice.contains("row applications.new_received is used twice"), "{twice}");
        let label = broken("label = \"商业企业\"", "label = \"科研 机构\"");
        assert!(label.contains("科研机构") && label.contains("research_institution"), "{label}");
    }

    #[test]
    fn sub_heads_are_known_by_their_labels_whatever_the_section() {
        let forms = forms();
        let check = |label: &str, code: &str| {
            let found = forms.index.subsection_of(label).map(|(_, code)| code);
            assert_eq!(found, Some(code), "{label}");
        };
        check("主动公开情况", "proactive");
        check("平台建设", "platform");
        check("存在问题", "problems");
        check("收取信息处理费情况", "processing_fee");
        assert_eq!(forms.index.subsection_of("主动"), None);
        let twice = broken("code = \"on_request\"", "code = \"proactive\"");
        assert!(twice.contains("proactive"), "{twice}");
    }

    #[test]
    fn the_same_label_may_stand_under_two_headings() {
        let forms = forms();
        let form = &forms.forms[forms.by_id("2014").expect("form")];
        let table = &form.tables[0];
        let twins = table.rows.iter().filter(|row| row.labels.keys.iter().any(|key| key == "被依法纠错数")).count();
        assert_eq!(twins, 2);
    }
}
