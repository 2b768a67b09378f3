//! The wordings that the forms know for each label, as written in their files.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use gongkai::config::Config;

/// What a label names, within a table of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Corner,
    /// 信息内容
    Head,
    Block(usize),
    Group(usize),
    Column(usize),
    Row(usize),
    /// A label that no form has.
    Local,
}

/// Wordings by form, table and label.
pub(crate) struct Names {
    labels: BTreeMap<(usize, usize, Name), Vec<String>>,
    /// Headings of the six sections, ordinals left out.
    pub(crate) sections: Vec<Vec<String>>,
}

impl Names {
    /// The wordings of the embedded forms.
    pub(crate) fn of(config: &Config) -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        NAMES.get_or_init(|| Self::load(config))
    }

    /// All wordings of a label, the official one first.
    pub(crate) fn get(&self, form: usize, table: usize, name: Name) -> &[String] {
        self.labels.get(&(form, table, name)).map_or(&[], Vec::as_slice)
    }

    fn load(config: &Config) -> Self {
        let texts = [
            ("2019", include_str!("../../../config/forms/2019.toml")),
            ("2021", include_str!("../../../config/forms/2021.toml")),
        ];
        let mut labels = BTreeMap::new();
        let mut sections = Vec::new();
        for (id, text) in texts {
            let file: toml::Table = text.parse().expect("a form is TOML");
            let entries = |kind: &str| file.get(kind).and_then(toml::Value::as_array).cloned().unwrap_or_default();
            let word = |entry: &toml::Value, key: &str| {
                entry.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
            };
            let at = config.forms.by_id(id).expect("form");
            for (number, table) in config.forms.forms[at].tables.iter().enumerate() {
                let mut find = |kind: &str, block: Option<&str>, code: &str, name: Name| {
                    let found = entries(kind).into_iter().find(|entry| {
                        word(entry, "table") == table.code
                            && word(entry, "code") == code
                            && block.is_none_or(|block| word(entry, "block") == block)
                    });
                    labels.insert((at, number, name), wordings(&found.expect("every label stands in its file")));
                };
                for (block_at, block) in table.blocks.iter().enumerate() {
                    find("block", None, &block.code, Name::Block(block_at));
                    for column in block.columns.clone() {
                        find("column", Some(&block.code), &table.columns[column].code, Name::Column(column));
                    }
                }
                if table.blocks.is_empty() {
                    for (column_at, column) in table.columns.iter().enumerate() {
                        find("column", None, &column.code, Name::Column(column_at));
                    }
                }
                for (row_at, row) in table.rows.iter().enumerate() {
                    find("row", None, &row.code, Name::Row(row_at));
                }
                for (group_at, group) in table.groups.iter().enumerate() {
                    find("column_group", None, &group.code, Name::Group(group_at));
                }
                labels.insert((at, number, Name::Head), vec!["信息内容".to_owned()]);
                let corner = entries("table").into_iter().find(|entry| word(entry, "code") == table.code);
                let corner = corner.map(|entry| word(&entry, "corner")).unwrap_or_default();
                labels.insert((at, number, Name::Corner), vec![corner]);
            }
            if id == "2021" {
                sections = entries("section").iter().map(wordings).collect();
            }
        }
        Self { labels, sections }
    }
}

fn wordings(entry: &toml::Value) -> Vec<String> {
    let list = |key: &str| entry.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let official = entry.get("label").cloned();
    official
        .into_iter()
        .chain(list("aliases_seen"))
        .chain(list("aliases_expected"))
        .filter_map(|label| label.as_str().map(str::to_owned))
        .collect()
}
