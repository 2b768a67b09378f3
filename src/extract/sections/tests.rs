//! Rows of sections as a reader would cut the page.

use super::*;
use crate::model::document::Document;

fn document(lines: &[&str]) -> Document {
    let mut document = Document::default();
    for (at, line) in lines.iter().enumerate() {
        document.push(line, u32::try_from(at + 1).unwrap_or(u32::MAX), Place::Line);
    }
    document
}

fn rows(lines: &[&str]) -> Vec<Section> {
    let config = Config::embedded().expect("settings");
    let document = document(lines);
    let outline = Outline::new(&document, &config);
    let parts = outline.parts();
    let rows: Vec<Section> = parts.iter().flat_map(|part| sections(&outline, part, &config)).collect();
    // Every printed character stands in one row, in its order.
    let bare = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace() && !"#*".contains(*c)).collect() };
    let printed: String = lines.iter().map(|line| bare(line)).collect();
    let kept: String =
        rows.iter().map(|row| bare(row.heading.as_deref().unwrap_or_default()) + &bare(&row.text)).collect();
    assert_eq!(kept, printed);
    rows
}

/// Section, sub-head, heading, text of each row.
fn check(lines: &[&str], expected: &[(&str, &str, &str, &str)]) {
    let rows = rows(lines);
    let found: Vec<(&str, &str, &str, &str)> = rows
        .iter()
        .map(|row| {
            let or_none = |text: &Option<Box<str>>| text.as_deref().unwrap_or("-").to_owned();
            (&*row.code, or_none(&row.subsection), or_none(&row.heading), row.text.as_str())
        })
        .map(|(code, sub, heading, text)| (code, &*sub.leak(), &*heading.leak(), text))
        .collect();
    assert_eq!(found, expected);
}

const TEXT: &str = "全年工作平稳推进，按照年初的安排逐项落实，没有发生需要特别说明的事情。";

#[test]
fn sub_heads_in_every_style_open_rows() {
    for (line, heading) in [
        ("（一）主动公开情况", "（一）主动公开情况"),
        ("(一)主动公开", "(一)主动公开"),
        ("### （一）主动公开情况。", "（一）主动公开情况。"),
        ("1.主动公开", "1.主动公开"),
        ("1、主动公开情况：", "1、主动公开情况："),
        ("（1）主动公开", "（1）主动公开"),
        ("①主动公开", "①主动公开"),
        ("一、主动公开", "一、主动公开"),
        ("主动公开", "主动公开"),
        ("**（一）主动公开**", "（一）主动公开"),
        ("　　（一） 主动公开 情况", "（一） 主动公开 情况"),
    ] {
        check(
            &["一、总体情况", line, TEXT],
            &[("overview", "-", "一、总体情况", ""), ("overview", "proactive", heading, TEXT)],
        );
    }
}

#[test]
fn a_sub_head_may_run_into_its_sentence() {
    for (line, heading) in [
        ("（一）主动公开情况。我局公开三类信息。", "（一）主动公开情况。"),
        ("（一）主动公开：我局公开三类信息。", "（一）主动公开："),
        ("（一）主动公开 我局公开三类信息。", "（一）主动公开"),
        ("**（一）主动公开。**我局公开三类信息。", "（一）主动公开。"),
        ("(一)主动公开政府信息情况.我局公开三类信息。", "(一)主动公开政府信息情况."),
    ] {
        let rows = rows(&["一、总体情况", line]);
        assert_eq!(rows.len(), 2, "{line}: {rows:?}");
        assert_eq!(rows[1].subsection.as_deref(), Some("proactive"), "{line}");
        assert_eq!(
            rows[1].heading.as_deref().map(str::trim_end).map(|heading| heading.trim_end_matches('*')),
            Some(heading),
            "{line}"
        );
        assert_eq!(rows[1].text, "我局公开三类信息。", "{line}");
    }
}

#[test]
fn several_heads_in_one_line_are_told_apart() {
    check(
        &["全文如下：一、总体情况 1、主动公开。今年公开的信息有三大类。2、依申请公开。全年没有人提出公开申请。"],
        &[
            ("preamble", "-", "-", "全文如下："),
            ("overview", "-", "一、总体情况", ""),
            ("overview", "proactive", "1、主动公开。", "今年公开的信息有三大类。"),
            ("overview", "on_request", "2、依申请公开。", "全年没有人提出公开申请。"),
        ],
    );
}

#[test]
fn a_list_of_titles_opens_nothing() {
    let list = "报告包括“一、总体情况；二、主动公开政府信息情况；三、收到和处理政府信息公开申请情况”等部分，敬请阅读。";
    check(&[list, "一、总体情况", TEXT], &[("preamble", "-", "-", list), ("overview", "-", "一、总体情况", TEXT)]);
    check(
        &[
            "一、总体情况",
            "五、存在的主要问题及改进情况",
            TEXT,
            "一、总体情况",
            TEXT,
            "五、存在的主要问题及改进情况",
            TEXT,
        ],
        &[
            ("preamble", "-", "-", &format!("一、总体情况\n五、存在的主要问题及改进情况\n{TEXT}")),
            ("overview", "-", "一、总体情况", TEXT),
            ("problems", "-", "五、存在的主要问题及改进情况", TEXT),
        ],
    );
}

#[test]
fn numbered_points_of_a_section_are_parts_of_it() {
    check(
        &[
            "一、总体情况",
            TEXT,
            "一、加强领导",
            TEXT,
            "三、健全制度",
            TEXT,
            "四、依申请公开情况",
            TEXT,
            "五、存在的主要问题及改进情况",
            TEXT,
        ],
        &[
            ("overview", "-", "一、总体情况", TEXT),
            ("overview", "other", "一、加强领导", TEXT),
            ("other", "-", "三、健全制度", TEXT),
            ("applications", "-", "四、依申请公开情况", TEXT),
            ("problems", "-", "五、存在的主要问题及改进情况", TEXT),
        ],
    );
    check(
        &["一、总体情况", "一、加强领导", TEXT, "三、健全制度", TEXT, "二、主动公开政府信息情况", TEXT],
        &[
            ("overview", "-", "一、总体情况", ""),
            ("overview", "other", "一、加强领导", TEXT),
            ("overview", "other", "三、健全制度", TEXT),
            ("proactive", "-", "二、主动公开政府信息情况", TEXT),
        ],
    );
}

#[test]
fn a_section_more_than_the_form_has_stays_one() {
    check(
        &["五、存在的主要问题及改进情况", TEXT, "六、明年工作思路", TEXT, "七、其他需要报告的事项", "无"],
        &[
            ("problems", "-", "五、存在的主要问题及改进情况", TEXT),
            ("other", "-", "六、明年工作思路", TEXT),
            ("other_matters", "-", "七、其他需要报告的事项", "无"),
        ],
    );
}

#[test]
fn unknown_sub_heads_are_kept_and_sentences_are_none() {
    check(
        &["一、总体情况", "（一）主动公开", TEXT, "（二）政民互动", TEXT, "（三）全年未收到申请。", "一是加强学习。"],
        &[
            ("overview", "-", "一、总体情况", ""),
            ("overview", "proactive", "（一）主动公开", TEXT),
            ("overview", "other", "（二）政民互动", &format!("{TEXT}\n（三）全年未收到申请。\n一是加强学习。")),
        ],
    );
}

#[test]
fn lines_that_the_page_cut_are_joined() {
    let lines = [
        "一、总体情况",
        "本局在本年度里认真贯彻落实各项规定精神进一步规范公开的内",
        "容、健全公开制度，拓展公开渠道，着力推进重点领域的公开工",
        "作，及时、准确地向社会公开各类信息，推动工作有序开展，依",
        "法保障群众的知情权、参与权和监督权，取得了应有的成效。",
        "年内又对各项制度作了清理修订并于 12",
        "月公布，受到各方面的好评。",
    ];
    let rows = rows(&lines);
    let expected = format!("{}\n{}\n{}", lines[1..5].concat(), lines[5], lines[6]);
    assert_eq!(rows[0].text, expected);
    // Short lines were not cut.
    check(&["一、总体情况", "今年", "明年"], &[("overview", "-", "一、总体情况", "今年\n明年")]);
}

#[test]
fn what_follows_the_text_is_kept_apart() {
    check(
        &["六、其他需要报告的事项", "无", "示例县统计局", "2024年1月18日", "打印本页", "上一篇：工作简报"],
        &[
            ("other_matters", "-", "六、其他需要报告的事项", "无"),
            ("other", "-", "-", "示例县统计局\n2024年1月18日\n打印本页\n上一篇：工作简报"),
        ],
    );
    check(
        &["六、其他需要报告的事项", "本年度没有收取费用", "没有其他事项"],
        &[("other_matters", "-", "六、其他需要报告的事项", "本年度没有收取费用\n没有其他事项")],
    );
}

#[test]
fn many_heads_take_their_time_in_proportion() {
    let line = "（一）主动公开。好。".repeat(5_000);
    let lines: Vec<&str> = vec!["一、总体情况"; 20_000];
    assert!(!rows(&[&line]).is_empty());
    assert!(!rows(&lines).is_empty());
}
