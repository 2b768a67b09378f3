//! Statements are read as `config/statements.toml` says, and nothing else is read as one.

use super::*;
use crate::model::report::{Identity, Layout, ReportStatus};

/// The settings, read once.
fn settings() -> &'static Config {
    static CONFIG: std::sync::OnceLock<Config> = std::sync::OnceLock::new();
    CONFIG.get_or_init(|| Config::embedded().expect("settings"))
}

/// A report for 2023 with one row of narrative.
fn report(code: &str, subsection: Option<&str>, text: &str) -> Report {
    Report {
        ordinal: 1,
        status: ReportStatus::Accepted,
        duplicate_of: None,
        identity: Identity { year: Some(2023), ..Identity::default() },
        form: None,
        form_applications: None,
        layout: Layout::Stream,
        cells: Vec::new(),
        local_cells: Vec::new(),
        labels: Vec::new(),
        sections: vec![Section {
            code: code.into(),
            subsection: subsection.map(Into::into),
            heading: Some("一、".into()),
            text: text.to_owned(),
        }],
        statements: Vec::new(),
        checks: Vec::new(),
        problems: Vec::new(),
        flags: Vec::new(),
    }
}

fn read_in(code: &str, subsection: Option<&str>, text: &str, config: &Config) -> Report {
    let mut report = report(code, subsection, text);
    read(&mut report, config);
    report
}

/// Kind, value, and quote of each statement of a text under 依申请公开 of the first section.
fn stated(text: &str) -> Vec<(String, f64, String)> {
    let config = settings();
    let report = read_in("overview", Some("on_request"), text, config);
    let stated = |statement: &Statement| {
        let quote = text.get(statement.start as usize..statement.end as usize).expect("a range of the text");
        let kind = &config.statements.kinds[usize::from(statement.kind)];
        (kind.code.clone(), statement.value, quote.to_owned())
    };
    report.statements.iter().map(stated).collect()
}

fn check(text: &str, expected: &[(&str, f64, &str)]) {
    let found = stated(text);
    let found: Vec<(&str, f64, &str)> =
        found.iter().map(|(kind, value, quote)| (kind.as_str(), *value, quote.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn every_kind_reads_its_examples_and_not_its_counter_examples() {
    let config = settings();
    let mut wrong = Vec::new();
    for (at, kind) in config.statements.kinds.iter().enumerate() {
        let of = |code: &str, subsection: Option<&str>, text: &str| -> Vec<f64> {
            let report = read_in(code, subsection, text, config);
            let own = report.statements.iter().filter(|statement| usize::from(statement.kind) == at);
            own.map(|statement| statement.value).collect()
        };
        for (text, value) in &kind.examples {
            if !of("overview", None, text).contains(value) {
                wrong.push(format!("{}: {text} gives {:?}, not {value}", kind.code, of("overview", None, text)));
            }
        }
        for text in &kind.counter_examples {
            for subsection in [None, Some("on_request"), Some("processing_fee")] {
                let found = of("overview", subsection, text);
                if !found.is_empty() {
                    wrong.push(format!("{}: {text} under {subsection:?} gives {found:?}", kind.code));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_list_gives_each_of_its_numbers() {
    check(
        "共主动公开政府信息 130 条，其中动态信息 71 条、公示公告 52 条，财政信息 7 条。",
        &[
            ("proactive_total", 130.0, "主动公开政府信息 130 条"),
            ("item", 71.0, "其中动态信息 71 条"),
            ("notices", 52.0, "公示公告 52 条"),
            ("budget_items", 7.0, "财政信息 7 条"),
        ],
    );
    check(
        "公开单位预算、决算各 2 件。",
        &[("budget_items", 2.0, "预算、决算各 2 件"), ("budget_items", 2.0, "决算各 2 件")],
    );
    check(
        "人大代表建议、政协提案各3件",
        &[("npc_proposals", 3.0, "人大代表建议、政协提案各3件"), ("cppcc_proposals", 3.0, "政协提案各3件")],
    );
}

#[test]
fn zeros_in_words_say_what_they_deny() {
    check(
        "全年未收到政府信息公开申请，不存在因政府信息公开引起的行政复议及行政诉讼情况。",
        &[
            ("applications_received", 0.0, "未收到政府信息公开申请"),
            ("reconsideration", 0.0, "不存在因政府信息公开引起的行政复议"),
            ("litigation", 0.0, "不存在因政府信息公开引起的行政复议及行政诉讼"),
        ],
    );
    check("未收到政协提案。", &[("cppcc_proposals", 0.0, "未收到政协提案")]);
    check("不存在未按时答复的情况。", &[]);
    check("没有应当修改的规范性文件。", &[]);
}

#[test]
fn what_is_no_count_of_the_year_is_left_alone() {
    for text in [
        "依据条例第二十条和第二十一条规定",
        "答复了“第17号建议”和“第40号提案”",
        "报告由六部分组成",
        "市九届人大二次会议通过",
        "经办人员一人多岗",
        "每月给专栏供稿最少3篇",
        "收到申请同比增长1.4倍，占比82.4%",
        "较2022年增加申请12件",
        "地址：示例市示例路105号3栋2个门；邮编：755000；电话：0955-8598906",
        "示例办发〔2021〕30号文件",
        "2022年收到政府信息公开申请6件",
        "近三年收到政府信息公开申请16件",
        "人大建议和政协提案分别为3件、5件",
        "在3至5个工作日内办结",
        "主动公开信息3-5条",
        "主动公开政府信息1 2条",
        "主动公开政府信息260余",
        "计划举办培训班2期",
        "自2023年1月1日起至2023年12月31日止",
        "高效办成一件事，最多跑一次，一次性告知",
        "抓住“3+2”个要点",
        "《示例县培训3次方案》",
    ] {
        check(text, &[]);
    }
}

#[test]
fn the_year_of_a_number_is_that_of_the_last_year_named() {
    check(
        "2022年收到政府信息公开申请6件，2023年收到政府信息公开申请5件",
        &[("applications_received", 5.0, "收到政府信息公开申请5件")],
    );
    check("2022年结转申请2件", &[("applications_carried_in", 2.0, "2022年结转申请2件")]);
}

#[test]
fn rounded_numbers_are_marked() {
    let config = settings();
    for (text, is_approximate) in [
        ("主动公开政府信息700余条", true),
        ("主动公开政府信息约700条", true),
        ("主动公开政府信息700条以上", true),
        ("主动公开政府信息1.2万条", true),
        ("主动公开政府信息1,200条", false),
        ("主动公开政府信息共700条", false),
    ] {
        let report = read_in("overview", None, text, config);
        let found: Vec<bool> = report.statements.iter().map(|statement| statement.is_approximate).collect();
        assert_eq!(found, [is_approximate], "{text}");
    }
}

#[test]
fn amounts_of_money_are_in_the_unit_of_their_kind() {
    let config = settings();
    for (text, value, unit) in [
        ("收取信息处理费380元", 380.0, "元"),
        ("信息公开处理费收入0.394万元", 3940.0, "元"),
        ("行政事业性收费12000元", 1.2, "万元"),
        ("行政事业性收费96171.6万元", 96171.6, "万元"),
    ] {
        let report = read_in("other_matters", None, text, config);
        let [statement] = report.statements.as_slice() else { panic!("{text}: {:?}", report.statements) };
        assert!((statement.value - value).abs() < 1e-9, "{text}: {}", statement.value);
        assert_eq!(statement.unit.as_deref(), Some(unit), "{text}");
    }
}

#[test]
fn parts_that_exceed_their_total_are_flagged() {
    let config = settings();
    let flags = |text: &str| read_in("overview", None, text, config).flags;
    assert_eq!(flags("主动公开信息105条，其中动态56条，公告49条。"), []);
    assert_eq!(flags("主动公开信息105条，其中动态56条，公告59条。"), [Flag::SentenceSum]);
    assert_eq!(flags("主动公开信息105条，其中动态56条，公告9条等。"), []);
    assert_eq!(flags("办结1447件，其中公开1400件、不公开47件，结转下年度52件。"), []);
    assert_eq!(flags("主动公开信息105条，其中动态56条。"), []);
    assert_eq!(flags("主动公开信息105条，其中动态60条，公众号3个，公告59条。"), []);
}

#[test]
fn text_after_the_report_states_nothing() {
    let config = settings();
    let mut report = report("other", None, "主动公开政府信息3条");
    report.sections[0].heading = None;
    read(&mut report, config);
    assert_eq!(report.statements, []);
}

#[test]
fn hostile_text_takes_its_time_in_proportion() {
    let config = settings();
    for unit in ["1条", "7", "未", "一", "1,", "其中1条、", "《", "各1件、", "2023年"] {
        let text = unit.repeat(200_000 / unit.len());
        let start = text.len();
        let report = read_in("overview", None, &text, config);
        assert!(report.statements.len() <= start);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, cases: 64, ..Default::default() })]

    #[test]
    fn a_quote_is_a_range_of_its_text(words in proptest::collection::vec(0..24_usize, 0..60)) {
        const WORDS: [&str; 24] = [
            "主动公开政府信息", "12", "条", " ", "　", "**", "，", "。", "其中", "未收到", "政府信息公开申请", "１２", "万", "元", "各", "、",
            "行政复议", "“", "①", "三", "次", "培训", "2023年", "\n",
        ];
        let text: String = words.iter().map(|word| WORDS[*word]).collect();
        for (_, value, quote) in stated(&text) {
            proptest::prop_assert!(!quote.is_empty() && value.is_finite());
            let bare = quote.trim_start_matches(|c: char| c.is_whitespace());
            proptest::prop_assert_eq!(bare.len(), quote.len());
        }
    }
}
