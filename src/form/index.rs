//! Finds at once what a folded line may be: the heading of a section, the opening of a table.
//!
//! Every line of every page is asked, so the labels of all forms are gathered in maps when the forms
//! are loaded.

use std::collections::HashMap;

use super::label::{Ordinal, bare_key, is_numeral, split_ordinal, strip_ordinal};
use super::{Form, Shape};

/// The section of a heading that none of the others names.
const OTHER: &str = "other";

/// Labels that head sections and open tables, of all forms.
#[derive(Debug, Default)]
pub struct Index {
    /// Codes of the tables, in the order in which they stand in the newest form that has them.
    pub tables: Vec<String>,
    /// Code of the section of each table.
    pub table_sections: Vec<Option<String>>,
    /// Codes of the sections.
    pub sections: Vec<String>,
    /// Heading without its ordinal: section, and whether only an ordinal of the first level makes it one.
    headings: HashMap<String, (usize, bool)>,
    /// Codes of the sub-heads, each with its section in [`Self::sections`].
    subsections: Vec<(usize, String)>,
    /// Sub-head without its ordinal: which of them.
    sub_heads: HashMap<String, usize>,
    /// A whole line that opens a table.
    whole: HashMap<String, usize>,
    /// Beginnings of lines that may open a table.
    beginnings: Vec<(String, Beginning, usize)>,
    /// Labels of columns and of groups of columns, the longest first.
    header_labels: Vec<String>,
    /// Headings without their ordinals and whole lines that open a table, sorted.
    broken: Vec<String>,
    /// The lists of label, unit and number.
    pub lists: Vec<ListLabels>,
}

/// How a list (the sheet of 2014) is known on a page.
#[derive(Debug, Default)]
pub struct ListLabels {
    /// Index in [`Index::tables`].
    pub table: usize,
    /// Folded labels that only this list carries.
    pub marks: Vec<String>,
    /// Labels of its rows without ordinals and punctuation, the longest first.
    pub rows: Vec<String>,
    /// Folded labels over its column of labels.
    pub heads: Vec<String>,
}

impl ListLabels {
    /// Whether a text may hold the list: enough of its own labels stand in it.
    #[must_use]
    pub fn is_in(&self, folded: &str) -> bool {
        const ENOUGH: usize = 3;
        self.marks.iter().filter(|mark| folded.contains(mark.as_str())).take(ENOUGH).count() == ENOUGH
    }

    /// The row label that a bare text is or begins with, and what follows it.
    #[must_use]
    pub fn row_of<'t>(&self, bare: &'t str) -> Option<(&str, &'t str)> {
        self.rows.iter().find_map(|row| Some((row.as_str(), bare.strip_prefix(row.as_str())?)))
    }
}

/// What must follow the beginning of a line that opens a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    /// Anything.
    Anything,
    /// A column label.
    Column,
    /// Digits only.
    Digits,
    /// Labels of the same header only.
    Labels,
}

impl Index {
    /// Gathers the labels of forms, the newest of which comes last.
    #[must_use]
    pub(super) fn new(forms: &[Form]) -> Self {
        let mut index = Self::default();
        for form in forms.iter().rev() {
            for section in &form.sections {
                let at = index.sections.iter().position(|code| *code == section.code).unwrap_or_else(|| {
                    index.sections.push(section.code.clone());
                    index.sections.len() - 1
                });
                for (keys, is_shared) in [(&section.keys, false), (&section.shared_keys, true)] {
                    for key in keys {
                        index.headings.entry(key.clone()).or_insert((at, is_shared));
                    }
                }
                for subsection in &section.subsections {
                    let known = index.subsections.iter().position(|(_, code)| *code == subsection.code);
                    let sub = known.unwrap_or_else(|| {
                        index.subsections.push((at, subsection.code.clone()));
                        index.subsections.len() - 1
                    });
                    for key in &subsection.keys {
                        index.sub_heads.entry(key.clone()).or_insert(sub);
                    }
                }
            }
            for table in &form.tables {
                let at = index.tables.iter().position(|code| *code == table.code).unwrap_or_else(|| {
                    index.tables.push(table.code.clone());
                    index.table_sections.push(table.section.clone());
                    index.tables.len() - 1
                });
                let mut begin = |key: &String, what| {
                    let entry = (key.clone(), what, at);
                    if !index.beginnings.contains(&entry) {
                        index.beginnings.push(entry);
                    }
                };
                match table.shape {
                    Shape::Blocks => {
                        for block in &table.blocks {
                            index.whole.insert(block.head.clone(), at);
                            begin(&block.head, Beginning::Column);
                            for key in &block.labels.keys {
                                index.whole.insert(key.clone(), at);
                                begin(&format!("{key}{}", block.head), Beginning::Anything);
                            }
                            let columns = table.columns[block.columns.clone()].iter();
                            index.header_labels.extend(columns.flat_map(|column| column.labels.keys.iter().cloned()));
                        }
                    }
                    Shape::Matrix => {
                        for corner in &table.corner {
                            begin(corner, Beginning::Anything);
                            // A corner broken over lines opens the table with its first line.
                            let ends = corner.char_indices().map(|(end, _)| end).skip(6);
                            index.whole.extend(ends.map(|end| (corner[..end].to_owned(), at)));
                            index.whole.insert(corner.clone(), at);
                        }
                        for key in table.groups.first().into_iter().flat_map(|group| &group.labels.keys) {
                            index.whole.insert(key.clone(), at);
                        }
                        for key in &table.rows[table.value_rows[0]].labels.keys {
                            begin(key, Beginning::Digits);
                        }
                        let groups = table.groups.iter().flat_map(|group| &group.labels.keys);
                        let columns = table.columns.iter().flat_map(|column| &column.labels.keys);
                        index.header_labels.extend(groups.chain(columns).cloned());
                    }
                    Shape::Channels => {
                        for key in table.groups.first().into_iter().flat_map(|group| &group.labels.keys) {
                            begin(key, Beginning::Labels);
                        }
                        let groups = table.groups.iter().flat_map(|group| &group.labels.keys);
                        let results = table.columns.iter().flat_map(|column| &column.labels.keys);
                        index.header_labels.extend(groups.chain(results).cloned());
                    }
                    Shape::List => {
                        let mut rows: Vec<String> =
                            table.rows.iter().flat_map(|row| &row.labels.keys).map(|key| bare_key(key)).collect();
                        rows.sort_by(|one, two| two.len().cmp(&one.len()).then_with(|| one.cmp(two)));
                        rows.dedup();
                        let heads = table.columns.first().map_or_else(Vec::new, |column| column.labels.keys.clone());
                        index.lists.push(ListLabels { table: at, marks: form.fingerprint.clone(), rows, heads });
                    }
                }
            }
        }
        // Headings of free prose may be of this section too.
        index.sections.push(OTHER.to_owned());
        // The longest label first, so that a cut takes the whole label.
        index.header_labels.sort_by(|one, two| two.len().cmp(&one.len()).then_with(|| one.cmp(two)));
        index.header_labels.dedup();
        index.broken = index.headings.keys().chain(index.whole.keys()).cloned().collect();
        index.broken.sort_unstable();
        index
    }

    /// The section that a folded line heads: index in [`Self::sections`].
    #[must_use]
    pub fn section_of(&self, text: &str) -> Option<usize> {
        // A dash in the place of 一.
        let (level, bare) = match text.strip_prefix("-、") {
            Some(bare) => (Some(Ordinal::First), bare),
            None => (split_ordinal(text).map(|(level, _)| level), strip_ordinal(text)),
        };
        // （一）… and 1. … head parts of a section.
        if !matches!(level, None | Some(Ordinal::First)) {
            return None;
        }
        let (section, is_shared) = self.headings.get(bare.trim_end_matches([':', '。', '.', ',']))?;
        (!is_shared || level == Some(Ordinal::First)).then_some(*section)
    }

    /// The sub-head that a folded label without its ordinal names: section as index in [`Self::sections`], and code.
    #[must_use]
    pub fn subsection_of(&self, label: &str) -> Option<(usize, &str)> {
        self.sub_heads.get(label).map(|sub| (self.subsections[*sub].0, self.subsections[*sub].1.as_str()))
    }

    /// The section that a folded label without its ordinal names: index in [`Self::sections`].
    #[must_use]
    pub fn section_named(&self, label: &str) -> Option<usize> {
        self.headings.get(label).map(|(section, _)| *section)
    }

    /// The table that a folded line or cell opens: index in [`Self::tables`].
    #[must_use]
    pub fn opens(&self, text: &str) -> Option<usize> {
        if let Some(table) = self.whole.get(text) {
            return Some(*table);
        }
        let begins = |(beginning, what, table): &(String, Beginning, usize)| {
            let rest = text.strip_prefix(beginning.as_str())?;
            let opens = match what {
                Beginning::Anything => true,
                Beginning::Column => self.header_labels.iter().any(|label| rest.starts_with(label.as_str())),
                Beginning::Digits => rest.bytes().all(|byte| byte.is_ascii_digit()),
                Beginning::Labels => self.is_header(rest),
            };
            opens.then_some(*table)
        };
        self.beginnings.iter().find_map(begins)
    }

    /// Whether a heading or the opening of a table may go on in the next lines after this text: it is no more
    /// than an ordinal, or the beginning of one.
    #[must_use]
    pub fn may_go_on(&self, text: &str) -> bool {
        let bare = strip_ordinal(text);
        let is_begun = |text: &str| {
            let at = self.broken.partition_point(|key| key.as_str() < text);
            self.broken.get(at).is_some_and(|key| key.len() > text.len() && key.starts_with(text))
        };
        match bare {
            "" => matches!(split_ordinal(text), Some((Ordinal::First, _))),
            // The numeral of an ordinal alone.
            bare if bare.len() <= 9 && bare.chars().all(is_numeral) => true,
            bare => is_begun(bare) || is_begun(text),
        }
    }

    /// Whether a folded line or cell is a label of a header.
    #[must_use]
    pub fn is_header_label(&self, text: &str) -> bool {
        self.header_labels.iter().any(|label| label == text)
    }

    /// Whether a text is nothing but header labels.
    fn is_header(&self, text: &str) -> bool {
        let mut rest = text;
        while !rest.is_empty() {
            let Some(label) = self.header_labels.iter().find(|label| rest.starts_with(label.as_str())) else {
                return false;
            };
            rest = &rest[label.len()..];
        }
        true
    }
}
