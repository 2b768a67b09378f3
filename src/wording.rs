//! What is said to people, in English or Chinese.
//!
//! Messages are written in English where they arise. In Chinese a rule speaks by its title and the labels of the form, and
//! what else there is by the sentences of `config/messages.toml`.

use crate::config::Config;
use crate::form::FormTable;
use crate::model::report::{Cell, CellKey};
use crate::model::verdict::{Cause, Problem, Suggestion};

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The one of a pair of texts in Chinese and English.
    #[must_use]
    pub fn of(self, pair: &[String; 2]) -> &str {
        match self {
            Self::Chinese => &pair[0],
            Self::English => &pair[1],
        }
    }

    /// The same of words of the program.
    #[must_use]
    pub fn word(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// A text in which characters that would hide, move or turn what stands beside them are spelt out.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(is_unsafe) {
        return text.to_owned();
    }
    text.chars().flat_map(|c| if is_unsafe(c) { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// The labels of a cell as the form prints them.
#[must_use]
pub fn cell_label(key: CellKey, config: &Config) -> String {
    let table = config.forms.table(key.form, key.table);
    let column = &table.columns[usize::from(key.column)];
    let row = &table.rows[usize::from(key.row)].labels.official;
    match column.group.map(|group| &table.groups[group]) {
        Some(group) if group.is_channel => format!("{} {}", group.labels.official, column.labels.official),
        _ if table.columns.len() < 2 => row.clone(),
        _ => format!("{row} {}", column.labels.official),
    }
}

/// The label of a row, a column or a channel of cases.
fn label_in<'t>(table: &'t FormTable, code: &str) -> Option<&'t str> {
    let row = table.row(code).map(|at| &table.rows[at].labels.official);
    let column = table.column(code).map(|at| &table.columns[at].labels.official);
    let group = table.groups.iter().find(|group| group.code == code).map(|group| &group.labels.official);
    row.or(column).or(group).map(String::as_str)
}

/// Why something is held back, in one sentence.
#[must_use]
pub fn message(problem: &Problem, language: Language, config: &Config) -> String {
    match language {
        Language::English => problem.message.clone(),
        Language::Chinese => chinese(problem, config),
    }
}

fn chinese(problem: &Problem, config: &Config) -> String {
    let cause = config.codes.get("cause").and_then(|causes| causes.get(problem.cause.as_str()));
    let cause = cause.map_or(problem.cause.as_str(), |titles| &titles[0]);
    let rule = problem.rule.as_deref().and_then(|code| config.forms.rules.iter().find(|rule| rule.code == code));
    let Some(rule) = rule.filter(|_| problem.cause == Cause::Arithmetic) else {
        let sentence = config.messages.chinese(problem.cause, &problem.message, |name| named(name, problem, config));
        let printed = problem.printed.as_deref().filter(|printed| !sentence.contains(*printed));
        let printed = printed.map_or(String::new(), |printed| format!("（原文为“{printed}”）"));
        return format!("{cause}{}：{sentence}{printed}", place(problem));
    };
    let code = problem.scope.as_deref().unwrap_or_default();
    let of_rule = |table: &&FormTable| rule.table.as_ref().is_none_or(|of| *of == table.code);
    let mut tables = config.forms.forms.iter().rev().flat_map(|form| &form.tables).filter(of_rule);
    let scope = tables.find_map(|table| label_in(table, code)).unwrap_or(code);
    let number = |side: Option<f64>| side.map_or("空白".to_owned(), |side| side.to_string());
    let difference = problem.left.zip(problem.right).map(|(left, right)| left - right).filter(|of| *of != 0.0);
    let difference = difference.map_or(String::new(), |of| format!("，相差 {of:+}"));
    let remedy = match &problem.suggestion {
        Some(suggestion) => format!("{}，则各式均成立，请核对原文", changes(suggestion, config)),
        None => rule.advice[0].clone(),
    };
    format!(
        "{scope}：{}，不成立（左边 {}，右边 {}{difference}）{}；{remedy}",
        rule.title[0],
        number(problem.left),
        number(problem.right),
        place(problem)
    )
}

/// What a message names, in the words of the form: a code as its label, a quote in Chinese marks, a list with each of its names.
fn named(text: &str, problem: &Problem, config: &Config) -> String {
    if let Some(quote) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return format!("“{quote}”");
    }
    if let Some(key) = problem.cell.filter(|key| config.forms.cell_name(*key) == text) {
        return cell_label(key, config);
    }
    if let Some((names, rest)) = text.split_once(" and ")
        && let Some(n_more) = rest.strip_suffix(" more")
    {
        return format!("{}，另有 {n_more} 项", named(names, problem, config));
    }
    if text.contains(", ") {
        return text.split(", ").map(|name| named(name, problem, config)).collect::<Vec<_>>().join("、");
    }
    let label = |table: &FormTable| {
        let block = table.blocks.iter().find(|block| block.code == text).map(|block| &block.labels.official);
        let table_or_block = if table.code == text { Some(&table.titles[0]) } else { block };
        table_or_block.map(String::as_str).or_else(|| label_in(table, text)).map(str::to_owned)
    };
    let mut tables = config.forms.forms.iter().rev().flat_map(|form| &form.tables);
    tables.find_map(label).unwrap_or_else(|| text.to_owned())
}

fn changes(suggestion: &Suggestion, config: &Config) -> String {
    let change = |(key, value): &(CellKey, f64)| format!("“{}”应为 {value}", cell_label(*key, config));
    suggestion.changes.iter().map(change).collect::<Vec<_>>().join("、")
}

/// Where something stands, in Chinese brackets.
fn place(problem: &Problem) -> String {
    let parts = [(problem.origin.page, "第", "页"), (problem.origin.line, "第", "行")];
    let parts: String = parts.iter().filter_map(|(at, one, two)| Some(format!("{one} {} {two}", (*at)?))).collect();
    if parts.is_empty() { parts } else { format!("（{parts}）") }
}

/// What a person reads of a cell: the print, and what stands in its place.
#[must_use]
pub fn cell_text(cell: &Cell) -> String {
    use crate::model::report::CellState;
    let printed = cell.printed.as_deref().unwrap_or_default();
    let text = match cell.state {
        CellState::Number | CellState::Zero | CellState::Dash => printed.to_owned(),
        CellState::Blank => "·".to_owned(),
        CellState::Text => format!("?{printed}"),
        CellState::Absent => "missing".to_owned(),
        CellState::Unreadable => "?".to_owned(),
    };
    match cell.corrected {
        Some(value) => format!("{text}⇒{value}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::verdict::{Blame, SuggestionKind};

    #[test]
    fn a_failed_rule_is_said_in_chinese() {
        let config = Config::embedded().expect("settings");
        let form = config.forms.by_id("2021").expect("form");
        let of = &config.forms.forms[form];
        let table = of.table("reviews").expect("table");
        let column = of.tables[table].column("reconsideration_total").expect("column");
        let small = |at: usize| u16::try_from(at).expect("small");
        let key = CellKey {
            form: u8::try_from(form).expect("small"),
            table: u8::try_from(table).expect("small"),
            row: small(of.tables[table].value_rows[0]),
            column: small(column),
        };
        let mut problem = Problem::new(Cause::Arithmetic, Blame::Source, "in English".to_owned());
        problem.rule = Some("reviews_total".into());
        problem.scope = Some("reconsideration".into());
        (problem.left, problem.right) = (Some(11.0), Some(0.0));
        problem.origin.line = Some(7);
        assert_eq!(
            message(&problem, Language::Chinese, &config),
            "行政复议：四种结果之和，等于该类案件总计，不成立（左边 11，右边 0，相差 +11）（第 7 行）；核对该类案件五格"
        );
        problem.suggestion = Some(Box::new(Suggestion { kind: SuggestionKind::ZeroTotal, changes: vec![(key, 11.0)] }));
        assert!(
            message(&problem, Language::Chinese, &config)
                .ends_with("；“行政复议 总计”应为 11，则各式均成立，请核对原文")
        );
        assert_eq!(message(&problem, Language::English, &config), "in English");
        let mut problem = Problem::new(
            Cause::BadNumber,
            Blame::Source,
            "the cell reviews.cases.reconsideration_total holds something that is no number: compare it with the source"
                .to_owned(),
        );
        problem.cell = Some(key);
        problem.printed = Some("1O".to_owned());
        assert_eq!(
            message(&problem, Language::Chinese, &config),
            "数字有误：“行政复议 总计”格内不是数字，请与原文核对（原文为“1O”）"
        );
    }

    #[test]
    fn what_a_message_names_is_said_in_the_words_of_the_form() {
        let config = Config::embedded().expect("settings");
        let say = |cause: Cause, message: &str| {
            super::message(&Problem::new(cause, Blame::Source, message.to_owned()), Language::Chinese, &config)
        };
        assert_eq!(
            say(
                Cause::Incomplete,
                "8 of 25 rows of table applications were not found (new_received, carried_in and 6 more): compare with \
                 the source, or add the printed label to the form"
            ),
            "不完整：“收到和处理政府信息公开申请情况”表应有 25 行，其中 8 行没有找到（一、本年新收政府信息公开申请数量、二、上年结转政府信息公开申请数量，另有 6 项），请与原文核对，或将其印出的标签补入表式"
        );
        assert_eq!(
            say(
                Cause::Leftover,
                "\"3人\" in the region of table reviews belongs to no cell: compare it with the source"
            ),
            "剩余：“政府信息公开行政复议、行政诉讼情况”表范围内的“3人”不属于任何一格，请与原文核对"
        );
        assert_eq!(
            say(Cause::Corrupt, "the zip is damaged (bad sum): fetch it again"),
            "损坏：文件已损坏，请重新获取，或打开后另存"
        );
    }

    #[test]
    fn characters_that_hide_move_or_turn_are_spelt_out() {
        assert_eq!(printable("市<b>"), "市<b>");
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
        assert_eq!(printable("a\u{1b}[2J\u{202e}b\u{200b}"), "a\\u{1b}[2J\\u{202e}b\\u{200b}");
    }
}
