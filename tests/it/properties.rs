//! What must hold for every filing: it reads back equal, a changed cell shows, a cut never lies.

use gongkai::config::Config;
use gongkai::model::report::{Flag, Report, ReportStatus};
use gongkai::model::verdict::CheckStatus;
use proptest::prelude::*;

use crate::render::{Dice, Filing, Style, render};
use crate::util::{Cell, cells, config, read};

const FORMS: [&str; 2] = ["2021", "2019"];

/// The first cell of an accepted report that is not as printed.
fn wrong_cell(report: &Report, filing: &Filing, config: &Config) -> Option<String> {
    let read = cells(report, config);
    let form = &config.forms.forms[filing.form];
    for key in filing.cells.keys() {
        let (table, row, column) = *key;
        let table = &form.tables[table];
        let name = format!("{}.{}.{}", table.code, table.rows[row].code, table.columns[column].code);
        let expected = Cell::Number(filing.value(*key));
        // An amount whose unit got lost has no value and is flagged.
        let is_unit_lost = report.flags.contains(&Flag::AmountUnitUnknown) && read.get(&name) == Some(&Cell::Unknown);
        // A zero that got lost from flat text looks like a blank, whose implied value then is zero.
        let is_implied = report.cells.iter().any(|cell| {
            config.forms.codes(cell.key) == (table.code.as_str(), &table.rows[row].code, &table.columns[column].code)
                && cell.implied.is_some_and(|implied| Cell::Number(implied.value) == expected)
        });
        if read.get(&name) != Some(&expected) && !is_unit_lost && !is_implied {
            return Some(format!("{name} is printed {expected:?} and read {:?}", read.get(&name)));
        }
    }
    (read.len() != filing.cells.len()).then(|| format!("{} cells printed, {} read", filing.cells.len(), read.len()))
}

fn only_report(text: &str, config: &Config) -> Result<Report, String> {
    let mut extracted = read(text.as_bytes(), config);
    match extracted.reports.len() {
        1 => Ok(extracted.reports.remove(0)),
        n => Err(format!("{n} reports: {:?}", extracted.not_a_report)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filing_reads_back_equal_in_every_layout(seed in any::<u64>(), form in 0..2_usize, style in 0..8_usize) {
        let config = config();
        let mut dice = Dice::new(seed);
        let filing = Filing::new(FORMS[form], &config, &mut dice);
        let style = Style::ALL[style];
        let text = render(&filing, style, &config, &mut dice);
        let report = only_report(&text, &config).map_err(TestCaseError::fail)?;
        prop_assert_eq!(report.status, ReportStatus::Accepted, "{:?}: {:#?}\n{}", style, report.problems, text);
        prop_assert_eq!(report.identity.agency.as_deref(), Some(filing.agency.as_str()));
        prop_assert_eq!(report.identity.year, Some(filing.year));
        let wrong = wrong_cell(&report, &filing, &config);
        prop_assert!(wrong.is_none(), "{style:?}: {wrong:?}\n{text}");
        prop_assert!(report.checks.iter().all(|check| matches!(check.status, CheckStatus::Pass | CheckStatus::PassVacuous)));
    }

    #[test]
    fn one_changed_cell_is_always_reported_by_the_rules(seed in any::<u64>(), form in 0..2_usize, style in 0..8_usize) {
        let config = config();
        let mut dice = Dice::new(seed);
        let mut filing = Filing::new(FORMS[form], &config, &mut dice);
        // Table 1 has no rule of its own; every cell of the other two stands in one.
        let keys: Vec<_> = filing.cells.keys().copied().filter(|(table, _, _)| *table > 0).collect();
        let key = dice.pick(&keys);
        let old: u64 = filing.cells[&key].parse().expect("a count");
        let most = dice.pick(&[1, 9, 1_000_000]);
        let delta = 1 + dice.roll(most);
        let new = if old >= delta && dice.roll(2) == 0 { old - delta } else { old + delta };
        filing.cells.insert(key, new.to_string());
        let text = render(&filing, Style::ALL[style], &config, &mut dice);
        let report = only_report(&text, &config).map_err(TestCaseError::fail)?;
        prop_assert_eq!(report.status, ReportStatus::Quarantined);
        prop_assert!(report.checks.iter().any(|check| check.status == CheckStatus::Fail));
        prop_assert!(report.problems.iter().any(|problem| problem.rule.is_some()));
    }

    #[test]
    fn a_text_cut_anywhere_never_yields_a_wrong_number(seed in any::<u64>(), form in 0..2_usize, style in 0..8_usize) {
        let config = config();
        let mut dice = Dice::new(seed);
        let filing = Filing::new(FORMS[form], &config, &mut dice);
        let text = render(&filing, Style::ALL[style], &config, &mut dice);
        for _ in 0..8 {
            let cut = dice.index(text.len());
            // Bytes, not characters: a cut may fall inside one.
            for report in read(&text.as_bytes()[..cut], &config).reports {
                if report.status == ReportStatus::Accepted {
                    let wrong = wrong_cell(&report, &filing, &config);
                    prop_assert!(wrong.is_none(), "cut at {cut}: {wrong:?}");
                }
            }
        }
    }

    #[test]
    fn lost_and_doubled_lines_never_yield_a_wrong_number(seed in any::<u64>(), form in 0..2_usize, style in 0..8_usize) {
        let config = config();
        let mut dice = Dice::new(seed);
        let filing = Filing::new(FORMS[form], &config, &mut dice);
        let text = render(&filing, Style::ALL[style], &config, &mut dice);
        let lines: Vec<&str> = text.lines().collect();
        let at = dice.index(lines.len());
        let lost: Vec<&str> = lines.iter().enumerate().filter(|(line, _)| *line != at).map(|(_, line)| *line).collect();
        let doubled: Vec<&str> = lines.iter().enumerate().flat_map(|(line, text)| vec![*text; if line == at { 2 } else { 1 }]).collect();
        for damaged in [lost, doubled] {
            for report in read(damaged.join("\n").as_bytes(), &config).reports {
                if report.status == ReportStatus::Accepted {
                    let wrong = wrong_cell(&report, &filing, &config);
                    prop_assert!(wrong.is_none(), "line {at} {:?}: {wrong:?}", lines[at]);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes, &config());
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
        for report in read(text.concat().as_bytes(), &config()).reports {
            prop_assert_ne!(report.status, ReportStatus::Accepted);
        }
    }
}
