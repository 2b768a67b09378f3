//! Rules on the narrative: each on a page on which it fails and on one on which it holds.

use std::fs;

use crate::links::{Page, flow, published};
use crate::util::{build, config, read, root, text};

const SAMPLE: &str = "data/sample/zhashui-2024.txt";
const RECEIVED: &str = "本年度收到政府信息公开申请0件,往年没有遗留件,因此没有作出答复决定";
const FEES: &str = "本机关2024年度未发出信息处理费收费通知,收取金额0元";

/// The sample with some texts replaced.
fn sample(changes: &[(&str, &str)]) -> String {
    let page = fs::read_to_string(root().join(SAMPLE)).expect("sample");
    changes.iter().fold(page, |page, (from, to)| {
        assert!(page.contains(from), "{from}");
        page.replace(from, to)
    })
}

/// Scope, status and sides of each check of a rule.
fn checks(page: &str, rule: &str) -> Vec<(String, String, Option<f64>, Option<f64>)> {
    let config = config();
    let reports = read(page.as_bytes(), config).reports;
    assert_eq!(reports.len(), 1);
    let of_rule = reports[0].checks.iter().filter(|check| config.forms.rules[usize::from(check.rule)].code == rule);
    let shown = of_rule.map(|check| {
        (config.forms.scope(&check.scope).to_owned(), check.status.as_str().to_owned(), check.left, check.right)
    });
    shown.collect()
}

#[track_caller]
fn check(page: &str, rule: &str, expected: &[(&str, &str, f64, f64)]) {
    let expected: Vec<_> =
        expected.iter().map(|of| (of.0.to_owned(), of.1.to_owned(), Some(of.2), Some(of.3))).collect();
    assert_eq!(checks(page, rule), expected, "{rule}");
}

#[test]
fn headings_carry_the_numbers_of_their_sections() {
    check(&sample(&[]), "section_order", &[("narrative", "pass", 5.0, 5.0)]);
    let twice = sample(&[("五、存在的主要问题", "四、存在的主要问题")]);
    check(&twice, "section_order", &[("narrative", "fail", 4.0, 5.0)]);
}

#[test]
fn what_a_template_left_is_counted() {
    check(&sample(&[]), "template_marks", &[("narrative", "pass_vacuous", 0.0, 0.0)]);
    let marks = [("业务干部1名负责", "业务干部XX名负责，20XX年更换，图见images/a1.png，"), ("每月末自查", "××局自查")];
    check(&sample(&marks), "template_marks", &[("narrative", "fail", 4.0, 0.0)]);
}

#[test]
fn a_number_stated_twice_is_the_same_and_each_statement_has_its_key() {
    let twice = |n: u32| sample(&[(RECEIVED, &format!("{RECEIVED}。全年共收到政府信息公开申请{n}件"))]);
    check(&sample(&[]), "narrative_restated", &[]);
    check(&twice(0), "narrative_restated", &[("applications_received", "pass_vacuous", 0.0, 0.0)]);
    check(&twice(3), "narrative_restated", &[("applications_received", "fail", 0.0, 3.0)]);
    let said: Vec<String> = checks(&twice(3), "narrative_numbers").into_iter().map(|check| check.0).collect();
    let received: Vec<&String> = said.iter().filter(|scope| scope.starts_with("applications_received")).collect();
    assert_eq!(received, ["applications_received", "applications_received.2"]);
}

#[test]
fn fees_go_with_notices_and_come_in_tens() {
    let fees = |n_notices: u32, yuan: u32| {
        sample(&[(FEES, &format!("本机关2024年度发出收费通知{n_notices}件,收取信息处理费{yuan}元"))])
    };
    check(&fees(0, 0), "fee_without_notice", &[("report", "pass_vacuous", 0.0, 0.0)]);
    check(&fees(0, 380), "fee_without_notice", &[("report", "fail", 380.0, 0.0)]);
    check(&fees(2, 380), "fee_without_notice", &[]);
    check(&fees(2, 380), "fee_in_tens", &[("report", "pass", 380.0, 10.0)]);
    check(&fees(2, 385), "fee_in_tens", &[("report", "fail", 385.0, 10.0)]);
    check(&sample(&[(FEES, "本机关没有其他情况")]), "fee_in_tens", &[]);
}

/// A page with requests that flow through a year, and this sentence on them.
fn requests(year: i32, numbers: [i64; 4], sentence: &str) -> String {
    let page = flow("柞水县民政局", year, numbers).print();
    assert!(page.contains(RECEIVED));
    page.replace(RECEIVED, sentence)
}

#[test]
fn a_rate_is_that_of_the_table() {
    let page = |sentence: &str| requests(2023, [26, 1, 26, 1], sentence);
    let rule = "narrative_clearance";
    check(&page("本年度收到政府信息公开申请26件,申请办结率96.3%"), rule, &[("narrative", "pass", 96.3, 2600.0 / 27.0)]);
    // Cut off, it is the same too.
    check(&page("受理申请27件，办结率为 96.29％"), rule, &[("narrative", "pass", 96.29, 2600.0 / 27.0)]);
    let both = page("申请办结率达到98%,申请答复率达96%");
    check(&both, rule, &[("narrative", "fail", 98.0, 2600.0 / 27.0), ("narrative.2", "pass", 96.0, 2600.0 / 27.0)]);
    check(&page("申请按时办结率100%。提案办结率100%"), rule, &[]);
    let nothing = requests(2023, [0, 0, 0, 0], "受理申请0件，办结率100%");
    assert_eq!(checks(&nothing, rule), [("narrative".to_owned(), "undecided".to_owned(), Some(100.0), None)]);
}

#[test]
fn growth_is_that_of_two_years() {
    let growth = |sentence: &str| {
        let folder = tempfile::tempdir().expect("folder");
        let pages = [
            ("a.txt", Page::of(requests(2022, [8, 0, 8, 0], "本年度收到政府信息公开申请8件"))),
            ("b.txt", Page::of(requests(2023, [6, 0, 6, 0], sentence))),
        ];
        let links = published(folder.path(), &pages, 2);
        let own = links.iter().filter(|row| text(row, "rule") == "narrative_growth");
        own.map(|row| ["report_id", "scope", "status", "left", "right"].map(|of| text(row, of)).join(" "))
            .collect::<Vec<_>>()
    };
    assert_eq!(growth("本年度收到政府信息公开申请6件,同比下降25%"), ["b.txt narrative pass -25 -25"]);
    assert_eq!(growth("本年度收到政府信息公开申请6件,比上年增长25%"), ["b.txt narrative fail 25 -25"]);
    assert_eq!(growth("本年度收到政府信息公开申请6件,公文同比下降三成"), Vec::<String>::new());
}

/// Links of a rule as texts.
fn linked(pages: &[(&str, Page)], rule: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("folder");
    let links = published(folder.path(), pages, pages.len());
    let own = links.iter().filter(|row| text(row, "rule") == rule);
    own.map(|row| ["report_id", "other_report_id", "scope", "status", "right"].map(|of| text(row, of)).join(" "))
        .collect()
}

/// A page with other words in its sections on the year and on its problems.
fn other_words(page: &str) -> String {
    let shift = |c: char| match c {
        '、' | '，' | '。' => c,
        c if c.is_alphabetic() && !c.is_ascii() => char::from_u32(u32::from(c) ^ 1).unwrap_or(c),
        c => c,
    };
    let free = |line: &&str| {
        !line.contains('|') && ["(三)", "(四)", "(一)存在", "(二)改进"].iter().any(|head| line.starts_with(head))
    };
    page.lines()
        .map(|line| if free(&line) { line.chars().map(shift).collect() } else { line.to_owned() })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_narrative_filed_again_is_named() {
    let page = |year: i32, n: i64| flow("柞水县民政局", year, [n, 0, n, 0]).print();
    let pages = |second: String| [("a.txt", Page::of(page(2022, 8))), ("b.txt", Page::of(second))];
    assert_eq!(linked(&pages(page(2023, 6)), "narrative_repeated"), ["b.txt a.txt report fail 0.95"]);
    assert_eq!(linked(&pages(other_words(&page(2023, 6))), "narrative_repeated"), Vec::<String>::new());
    // What is a year apart only counts as a year filed again.
    assert_eq!(linked(&pages(page(2023, 6)), "narrative_copied"), Vec::<String>::new());
}

#[test]
fn a_narrative_of_another_body_is_named() {
    let page = |body: &'static str, year: i32| flow(body, year, [8, 0, 8, 0]).print();
    let pages = [
        ("a.txt", Page::of(page("柞水县民政局", 2022))),
        ("b.txt", Page::of(page("柞水县财政局", 2022))),
        ("c.txt", Page::of(other_words(&page("柞水县教育局", 2022)))),
        ("d.txt", Page::of(page("柞水县财政局", 2024))),
    ];
    let expected = ["b.txt a.txt report fail 0.95", "d.txt a.txt report fail 0.95"];
    assert_eq!(linked(&pages, "narrative_copied"), expected);
}

#[test]
fn a_government_counts_what_its_bodies_count() {
    let page = |body: &'static str, n: i64| flow(body, 2022, [n, 0, n, 0]);
    let pages = |whole: i64| {
        [
            ("a.txt", page("柞水县民政局", 8)),
            ("b.txt", page("柞水县财政局", 5)),
            ("c.txt", page("柞水县教育局", 4)),
            ("d.txt", page("柞水县人民政府", whole)),
        ]
    };
    let new = |whole: i64| {
        let found = linked(&pages(whole), "area_covers_bodies");
        assert_eq!(found.len(), 7, "{found:?}");
        found.into_iter().find(|row| row.contains("new_received")).expect("a row")
    };
    assert_eq!(new(20), "d.txt c.txt applications.new_received.total pass 17");
    // The body with which they pass it is named.
    assert_eq!(new(12), "d.txt b.txt applications.new_received.total fail 13");
    let bodies_alone = linked(
        &pages(12)[..3].iter().map(|(name, page)| (*name, Page::of(page.print()))).collect::<Vec<_>>(),
        "area_covers_bodies",
    );
    assert_eq!(bodies_alone, Vec::<String>::new());
}

#[test]
fn a_snapshot_of_such_pages_holds() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    fs::create_dir_all(&input).expect("folder");
    let twice = format!("{RECEIVED}。全年共收到政府信息公开申请3件，申请办结率99.5%");
    let odd = sample(&[
        (RECEIVED, &twice),
        ("五、存在", "四、存在"),
        ("业务干部1名", "业务干部XX名"),
        (FEES, "收取信息处理费385元"),
    ]);
    fs::write(input.join("odd.txt"), odd).expect("page");
    fs::write(input.join("rate.txt"), requests(2023, [26, 1, 26, 1], "受理申请27件，办结率为96.3%")).expect("page");
    let out = folder.path().join("out");
    build(&input, &out, &[], 0);
    let verdict = gongkai::verify::verify(&out.join("current"), config()).expect("a snapshot");
    assert!(verdict.holds(), "{:#?}", verdict.findings);
    let rules: std::collections::BTreeSet<String> =
        crate::util::table(&out, "checks").iter().map(|row| text(row, "rule").to_owned()).collect();
    for rule in ["section_order", "template_marks", "narrative_restated", "fee_in_tens", "narrative_clearance"] {
        assert!(rules.contains(rule), "{rule}");
    }
}
