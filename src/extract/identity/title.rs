//! Titles: those a page gives itself, and those printed above its text.

use std::ops::Range;

use super::name::{agency_at_end, whole_agency};
use super::period::{arabic_year, find_year, whole_year};
use crate::config::Config;
use crate::extract::outline::{Outline, Role, is_title};
use crate::extract::value::trim;
use crate::form::label::fold;
use crate::model::document::Place;

/// A title read: what it names.
pub(super) struct Title {
    /// As printed, cut where it is no title any more.
    pub(super) printed: String,
    /// The report year.
    pub(super) year: Option<i32>,
    /// The body.
    pub(super) agency: Option<String>,
    /// It names a body in words that are not known to be one; no other line may stand in for it.
    pub(super) is_name_unknown: bool,
}

/// The titles that a page gives itself.
pub(super) fn metadata_titles(outline: &Outline<'_>, config: &Config) -> Vec<Title> {
    let titles = outline.document.metadata.titles.iter().map(|title| (title, fold(title)));
    let titles =
        titles.filter(|(_, folded)| is_title(folded, config)).map(|(title, folded)| read_title(title, &folded, config));
    titles.filter(|title| title.year.is_some() && title.agency.is_some()).collect()
}

/// The titles printed above the text: on one line, or broken over several; the agency may stand on a line
/// of its own beside it.
pub(super) fn printed_titles(outline: &Outline<'_>, head: Range<usize>, config: &Config) -> Vec<Title> {
    const MOST_LINES: usize = 4;
    const MOST_TITLES: usize = 20;
    let document = outline.document;
    let lines: Vec<usize> = head
        .filter(|at| {
            !matches!(outline.roles[*at], Role::Empty | Role::Prose | Role::Continued)
                && !matches!(document.pieces[*at].place, Place::Grid { .. })
        })
        .collect();
    let mut titles = Vec::new();
    let mut end = 1;
    while end <= lines.len() && titles.len() < MOST_TITLES {
        // The fewest lines that end here and make a title.
        let window = (end.saturating_sub(MOST_LINES)..end).rev().take_while(|first| {
            // A line above that is a title already is no part of another.
            *first == end - 1 || outline.roles[lines[*first]] != Role::Title
        });
        let joined = |first: usize| {
            let text =
                lines[first..end].iter().map(|at| trim(document.text_of(&document.pieces[*at]))).collect::<String>();
            let folded = fold(&text);
            is_title(&folded, config).then_some((first, text, folded))
        };
        let mut above = window.into_iter();
        if let Some((first, printed, folded)) = above.find_map(joined) {
            let mut title = read_title(&printed, &folded, config);
            // The end of a title may be one too: 示例县财政局2023年政府 / 信息公开工作年度报告.
            if title.agency.is_none() && title.year.is_none() && !title.is_name_unknown {
                let whole = above.filter_map(joined).map(|(_, printed, folded)| read_title(&printed, &folded, config));
                title = whole.into_iter().find(|of| of.agency.is_some() && of.year.is_some()).unwrap_or(title);
            }
            let around = |n_above: usize, n_below: usize| {
                (first.saturating_sub(n_above)..first).rev().chain(end..(end + n_below).min(lines.len()))
            };
            if title.agency.is_none() && !title.is_name_unknown {
                title.agency = around(3, 2).find_map(|at| whole_agency(outline.folded(lines[at]), config));
            }
            if title.year.is_none() {
                title.year = around(2, 1).find_map(|at| whole_year(outline.folded(lines[at])));
            }
            titles.push(title);
        }
        end += 1;
    }
    titles
}

pub(super) fn read_title(printed: &str, folded: &str, config: &Config) -> Title {
    let folded = arabic_year(folded.to_owned());
    // The last one: 政务公开 may stand in the name of the body. Of overlapping ones, the longest.
    let subjects =
        config.titles.subject.iter().filter_map(|word| folded.rfind(word.as_str()).map(|at| (at, word.len())));
    let end = subjects.clone().map(|(at, length)| at + length).max();
    let subject =
        subjects.filter(|(at, length)| Some(at + length) == end).map(|(at, _)| at).min().unwrap_or(folded.len());
    let before = &folded[..subject];
    let year = find_year(before);
    let parts = match &year {
        Some((_, range)) => [&before[..range.start], before[range.end..].trim_start_matches(['年', '度'])],
        None => [before, ""],
    };
    // 【示例县财政局】2023年…: brackets around the name are none of it.
    // 示例县财政局关于2023年…: the word between is none of it either.
    let parts = parts.map(|part| {
        part.trim_end_matches("关于").trim_matches(['【', '】', '《', '》', '〔', '〕', '<', '>', '|', ':', '-', '·'])
    });
    let agency = parts.iter().find_map(|part| agency_at_end(part, config));
    let is_name_unknown = agency.is_none()
        && parts.iter().any(|part| {
            let rest = part.trim_start_matches("关于");
            rest.chars().filter(|c| matches!(c, '\u{3400}'..='\u{9fff}')).count() >= 2
                && !config.identity.pronouns.iter().any(|pronoun| pronoun == rest)
        });
    let year = year.or_else(|| find_year(&folded[subject..])).map(|(year, _)| year);
    Title { printed: printed.chars().take(200).collect(), year, agency, is_name_unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> (Option<i32>, Option<String>) {
        let config = Config::embedded().expect("settings");
        let title = read_title(text, &fold(text), &config);
        (title.year, title.agency)
    }

    #[test]
    fn titles_name_body_and_year_in_any_order() {
        let is = |text: &str, year: i32, agency: &str| {
            assert_eq!(title(text), (Some(year), Some(agency.to_owned())), "{text}");
        };
        is("示例县财政局2022年政府信息公开工作年度报告", 2022, "示例县财政局");
        is("2022年度示例县样板镇人民政府政府信息公开工作年度报告", 2022, "示例县样板镇人民政府");
        is("# 示例市医疗保障局 2023 年度政府信息公开 工作年度报告", 2023, "示例市医疗保障局");
        is("示例市司法局（区行政复议局）二〇二三年政府信息公开年报", 2023, "示例市司法局(区行政复议局)");
        is("关于示例县审计局2021年政务公开工作报告", 2021, "示例县审计局");
        is("示例县人民政府办公室政府信息公开2020年度报告", 2020, "示例县人民政府办公室");
        is("【示例县财政局】2023年政府信息公开工作年度报告", 2023, "示例县财政局");
        is("【2023】示例县财政局政府信息公开工作年度报告", 2023, "示例县财政局");
        is("2023年示例县财政局-政府信息公开工作年度报告", 2023, "示例县财政局");
        assert_eq!(title("2023年政府信息公开工作年度报告"), (Some(2023), None));
        assert_eq!(title("我局2023年政府信息公开工作年度报告"), (Some(2023), None));
        is("将乐县人民政府2023年政府信息公开工作年度报告", 2023, "将乐县人民政府");
        is("中共示例县委机构编制委员会办公室2023年政府信息公开年报", 2023, "中共示例县委机构编制委员会办公室");
        is("样例市青年路街道办事处2023年政府信息公开工作年度报告", 2023, "样例市青年路街道办事处");
        assert_eq!(title("样例市12345热线中心2023年政府信息公开工作年度报告"), (Some(2023), None));
        assert_eq!(title("索引号11320800/000 政府信息公开年度报告").0, None);
    }
}
