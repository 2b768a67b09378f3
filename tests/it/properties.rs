//! What must hold for every page, whatever its layout and oddities: nothing wrong is ever accepted.

use gongkai::model::report::ReportStatus;
use proptest::prelude::*;

use crate::gaps::is_known_wrong;
use crate::render::dice::Dice;
use crate::render::judge::{Outcome, judge};
use crate::render::layout::Layout;
use crate::render::oddity::Oddity;
use crate::render::{Case, render};
use crate::util::{config, read};

/// Renders and reads a case; what is wrong with it, if anything.
fn wrong(case: &Case) -> Option<String> {
    if is_known_wrong(case) {
        return None;
    }
    let rendering = render(case, config());
    let extracted = read(&rendering.bytes, config());
    match judge(&rendering, &extracted.reports, extracted.not_a_report.as_deref(), config()) {
        Outcome::Wrong(fault) => Some(format!("{case:?}: {fault}\n{}", String::from_utf8_lossy(&rendering.bytes))),
        _ => None,
    }
}

/// What must be noticed, or do no harm.
const DAMAGE: [Oddity; 12] = [
    Oddity::DigitChanged,
    Oddity::TotalZero,
    Oddity::LostLast,
    Oddity::RowShortened,
    Oddity::RowDropped,
    Oddity::RowLabelLost,
    Oddity::TableDropped,
    Oddity::Deduplicated,
    Oddity::LineLost,
    Oddity::LineDoubled,
    Oddity::LinesSwapped,
    Oddity::Truncated,
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_page_is_accepted_wrong(seed in any::<u64>()) {
        let wrong = wrong(&Case::any(seed));
        prop_assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }

    #[test]
    fn no_damaged_page_is_accepted_wrong(seed in any::<u64>(), layout in 0..Layout::ALL.len(), damage in 0..DAMAGE.len()) {
        let case = Case { layout: Layout::ALL[layout], oddities: vec![DAMAGE[damage]], seed };
        let wrong = if case.oddities[0].fits(case.layout) { wrong(&case) } else { None };
        prop_assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }

    #[test]
    fn a_page_cut_between_any_two_bytes_is_not_accepted_wrong(seed in any::<u64>()) {
        let case = Case::any(seed);
        prop_assume!(!is_known_wrong(&case));
        let rendering = render(&case, config());
        let mut dice = Dice::new(seed);
        for _ in 0..4 {
            let cut = dice.index(rendering.bytes.len());
            let extracted = read(&rendering.bytes[..cut], config());
            let outcome = judge(&rendering, &extracted.reports, None, config());
            prop_assert!(!matches!(outcome, Outcome::Wrong(_)), "{case:?} cut at {cut}: {outcome:?}");
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes, config());
    }

    #[test]
    fn any_words_of_the_form_are_read_without_a_panic(seed in any::<u64>()) {
        let words = [
            "第二十条第（一）项", "信息内容", "本年制发件数", "规章", "0", "12", "申请人情况", "自然人", "总计", "其他", "商业", "企业", "|", "\t", "\n",
            "一、本年新收政府信息公开申请数量", "三、本年度办理结果", "（三）不予公开", "1.属于国家秘密", "行政复议", "行政诉讼", "结果维持", "结果",
            "<table>", "<tr>", "<td colspan=3>", "</table>", "2023年政府信息公开工作年度报告", "一、总体情况", "/", "-3-", "万元", "。",
        ];
        let mut dice = Dice::new(seed);
        let n = 5 + dice.roll(120);
        let text: Vec<&str> = (0..n).map(|_| dice.pick(&words)).collect();
        for report in read(text.concat().as_bytes(), config()).reports {
            prop_assert_ne!(report.status, ReportStatus::Accepted);
        }
    }
}
