//! What a page says about itself in lines and small tables above the text, and what its file is called.
//!
//! The day of publication and the address are taken only where they are certain. The name of a file may
//! name the body when nothing in it does; it never gives the year.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::name::agency_at_end;
use super::{Found, pattern};
use crate::agency::Clues;
use crate::config::Config;
use crate::extract::outline::Outline;
use crate::form::label::fold;
use crate::model::day::{Day, day};
use crate::model::report::{Flag, Identity};

static DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(20[0-9]{2})[-年/.]([0-9]{1,2})[-月/.]([0-9]{1,2})"));
static URL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^https?://[A-Za-z0-9.-]+[!-~]*"));

/// Pieces above the text that are looked at; the small tables and lines about a page come first.
const MAX_PIECES: usize = 80;
/// Bytes of a piece that holds such a line.
const MAX_BYTES: usize = 400;

/// Address and day of publication: from the head of the page, or from lines printed above the text.
pub(super) fn read(outline: &Outline<'_>, head: Range<usize>, config: &Config, identity: &mut Identity) {
    let metadata = &outline.document.metadata;
    identity.url.clone_from(&metadata.url);
    identity.published = metadata.published.as_deref().and_then(|text| date(text.trim_start()));
    let head = head.start..head.end.min(head.start + MAX_PIECES);
    if identity.published.is_none() {
        identity.published = published(outline, &head, config);
    }
    if identity.url.is_none() {
        identity.url = config.agencies.page.url.iter().find_map(|key| {
            let at = head.clone().find(|at| outline.folded(*at).starts_with(key.as_str()))?;
            let print = outline.document.text_of(&outline.document.pieces[at]);
            let value = print.find("http").and_then(|start| URL.find(&print[start..]))?;
            Some(value.as_str().to_owned())
        });
    }
}

/// The day of publication, where the lines that print it print one day alone.
fn published(outline: &Outline<'_>, head: &Range<usize>, config: &Config) -> Option<Day> {
    let page = &config.agencies.page;
    let days = days_behind(outline, head, &page.published);
    let days = if days.is_empty() { days_behind(outline, head, &page.issued) } else { days };
    match days.as_slice() {
        [day] => Some(*day),
        _ => None,
    }
}

/// The different days printed behind some keys.
fn days_behind(outline: &Outline<'_>, head: &Range<usize>, keys: &[String]) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for at in head.clone() {
        let text = outline.folded(at);
        if text.len() > MAX_BYTES {
            continue;
        }
        for (found, key) in keys.iter().flat_map(|key| text.match_indices(key.as_str())) {
            let rest = text[found + key.len()..].trim_start_matches([':', ')', ']', '〕', '】', '|']);
            // The value may stand in the next cell.
            let next = (at + 1..head.end).map(|at| outline.folded(at)).find(|text| !text.is_empty());
            let value = if rest.is_empty() { next.unwrap_or_default() } else { rest };
            days.extend(date(value));
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

/// The day at the beginning of a text.
fn date(text: &str) -> Option<Day> {
    let date = DATE.captures(text)?;
    let number = |at: usize| date.get(at)?.as_str().parse().ok();
    day(number(1)?, number(2)?, number(3)?)
}

/// Takes the body from the name of the file, when that names one in a place that is known.
pub(super) fn agency_of_file_name(outline: &Outline<'_>, config: &Config, found: &mut Found) {
    let path = outline.document.path.as_str();
    let file = path.rsplit('/').next().unwrap_or(path);
    // Folding drops the mark that names of files are cut with.
    let stem = fold(&file.rsplit_once('.').map_or(file, |(stem, _)| stem).replace(['_', ' '], "|"));
    // 示例县财政局2023年…年度报告: the name ends where the year or the subject begins.
    let is_name = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '(' | ')' | '·');
    let runs = stem.split(|c: char| !is_name(c)).filter(|run| !run.is_empty());
    let names = runs.filter_map(|run| {
        let end = config.titles.subject.iter().filter_map(|word| run.find(word.as_str())).min().unwrap_or(run.len());
        agency_at_end(run[..end].trim_start_matches(['年', '度']), config)
    });
    let is_known = |name: &String| {
        // Two bodies in one name.
        if ["局和", "局及", "局与", "委和"].iter().any(|joint| name.contains(joint)) {
            return false;
        }
        let clues = Clues { name, year: found.identity.year, ..Clues::default() };
        config.agencies.resolve(&clues).region.code.is_some()
    };
    let mut names: Vec<String> = names.filter(is_known).collect();
    names.dedup();
    if let [name] = names.as_slice() {
        found.identity.agency = Some(name.clone());
        found.flags.push(Flag::AgencyFromFileName);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::document::{Document, Place};

    fn identity(lines: &[&str], path: &str) -> Found {
        let config = Config::embedded().expect("settings");
        let mut document = Document { path: path.to_owned(), ..Document::default() };
        for line in lines {
            document.push(line, 0, Place::Line);
        }
        let outline = Outline::new(&document, &config);
        let mut found = Found::default();
        read(&outline, 0..lines.len(), &config, &mut found.identity);
        agency_of_file_name(&outline, &config, &mut found);
        found
    }

    #[test]
    fn the_day_of_publication_is_taken_where_it_is_certain() {
        let check = |lines: &[&str], expected: Option<(i32, i32, i32)>| {
            let expected = expected.and_then(|(y, m, d)| day(y, m, d));
            assert_eq!(identity(lines, "").identity.published, expected, "{lines:?}");
        };
        check(&["发布日期：2024-01-15 来源：示例县财政局"], Some((2024, 1, 15)));
        check(&["索引号：123 发布时间：2024年1月5日"], Some((2024, 1, 5)));
        check(&["发布日期", "2024/01/15", "名称"], Some((2024, 1, 15)));
        check(&["发布日期：2024-01-15", "发布日期：2024-01-15"], Some((2024, 1, 15)));
        check(&["发布日期：2024-01-15", "发布日期：2023-01-15"], None);
        check(&["发布日期：2024-01-15", "发布时间：2024-01-20"], None);
        check(&["发文日期：2024-01-10", "发布时间：2024-01-20"], Some((2024, 1, 20)));
        check(&["发文日期：2024-01-10"], Some((2024, 1, 10)));
        check(&["采集时间：2025-12-30", "2024-01-15"], None);
        check(&["发布日期：2024-13-15"], None);
        check(&["发布日期："], None);
    }

    #[test]
    fn the_address_of_the_page_is_taken_from_its_line() {
        let url = |line: &str| identity(&[line], "").identity.url;
        assert_eq!(
            url("原文链接：https://www.example.gov.cn/a_b/1.html"),
            Some("https://www.example.gov.cn/a_b/1.html".to_owned())
        );
        assert_eq!(url("链接 https://www.example.gov.cn/"), None);
        assert_eq!(url("原文链接：见附件"), None);
    }

    #[test]
    fn a_file_may_name_a_body_of_a_known_place() {
        let agency = |path: &str| identity(&[], path).identity.agency;
        assert_eq!(agency("2023/沭阳县发改局2023年政府信息公开年度报告.html").as_deref(), Some("沭阳县发改局"));
        assert_eq!(agency("a/2022_柞水县医疗保障局_年报.txt").as_deref(), Some("柞水县医疗保障局"));
        assert_eq!(agency("a/示例县财政局2023年.txt"), None);
        assert_eq!(agency("柞水县/报告.txt"), None);
        assert_eq!(agency("柞水县财政局和利通区民政局.txt"), None);
        assert_eq!(agency("柞水县财政局_利通区民政局.txt"), None);
    }
}
