//! Who reports on which year.
//!
//! Evidence in order of trust: the title, the sentence that publishes the report, the period. Where
//! title and period name different years a third place decides; where nothing decides, nothing is
//! guessed. Neither path nor publication date ever gives the year.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::outline::{Outline, Role, is_title};
use super::value::trim;
use crate::config::Config;
use crate::form::label::fold;
use crate::model::document::Place;
use crate::model::report::{Day, Flag, Identity};

/// Identity found, with the remarks it needs and what could not be told.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) identity: Identity,
    pub(super) flags: Vec<Flag>,
    /// One sentence when agency or year cannot be told.
    pub(super) problem: Option<String>,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("patterns of this file are valid")
}

static PERIOD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(20[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日(?:起|开始)?,?(?:至|到|-|~|～)+(?:(20[0-9]{2})年)?([0-9]{1,2})月([0-9]{1,2})日",
    )
});
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([\p{Han}()·]{0,60}?)(20[0-9]{2})年度?([\p{Han}()]{0,30}?)(?:政府信息公开|政务信息公开|信息公开|政务公开)[\p{Han}]{0,8}?(?:年度报告|年报|报告)",
    )
});
static MENTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(20[0-9]{2})年"));
static CONTACT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:请与|请联系|与|联系|咨询|致电|由)([\p{Han}]{4,40}?)(?:联系|反映|咨询|编制|\()"));
static DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(20[0-9]{2})[-年/.]([0-9]{1,2})[-月/.]([0-9]{1,2})"));

/// Finds agency, year, period and title of the report in `pieces`; `head` ends where its first section
/// or table begins. `is_only` says that the page holds no other report.
pub(super) fn find(outline: &Outline<'_>, pieces: &Range<usize>, head: usize, is_only: bool, config: &Config) -> Found {
    let mut found = Found::default();
    let metadata = &outline.document.metadata;
    let head_text = join(outline, pieces.start..head);
    let body: String = join(outline, pieces.start..pieces.end);
    let sentence = opening(&head_text, config);
    let period = period(&head_text).or_else(|| period(&body));
    // What a page says of itself speaks of all that is on it.
    let mut titles = if is_only { metadata_titles(outline, config) } else { Vec::new() };
    titles.extend(printed_titles(outline, pieces.start..head, config));
    // The title that the opening and the period bear out.
    let support = |title: &Title| {
        let (year, name) = sentence.clone().map_or((None, None), |(year, name)| (Some(year), name));
        let period_year = period.map(|(_, (year, _))| year);
        let agrees = name.zip(title.agency.as_ref()).is_some_and(|(name, agency)| agree(&name, agency));
        2 * u32::from(title.agency.is_some())
            + 2 * u32::from(title.year.is_some())
            + u32::from(agrees)
            + u32::from(title.year.is_some() && title.year == year)
            + u32::from(title.year.is_some() && title.year == period_year)
    };
    let most = titles.iter().map(support).max();
    let mut best = titles.iter().filter(|title| Some(support(title)) == most);
    let title = best.next();
    if let Some(title) = title
        && best.any(|other| {
            let agencies = title.agency.as_ref().zip(other.agency.as_ref());
            other.year != title.year || agencies.is_some_and(|(one, two)| !agree(one, two))
        })
    {
        found.problem =
            Some("the page names several reports and nothing tells which it is: look for its title".to_owned());
    }
    let (mut agency, mut title_year) = (None::<String>, None);
    if let Some(title) = title {
        title_year = title.year;
        agency.clone_from(&title.agency);
        found.identity.title = Some(title.printed.clone());
    }
    let sentence_agency = sentence.as_ref().and_then(|(_, name)| name.clone());
    if let (Some(title), Some(sentence)) = (&agency, &sentence_agency)
        && !agree(title, sentence)
    {
        found.problem = Some(format!("the title names {title}, the opening {sentence}: tell whose report it is"));
    }
    let contact = contact_agency(&body, config);
    agency = longest(agency.as_ref(), sentence_agency.as_ref(), contact.as_ref());
    // The office of a government answers for many bodies.
    if agency.is_none()
        && !titles.iter().any(|title| title.is_name_unknown)
        && let Some(name) = contact.filter(|name| !name.ends_with("政府办公室") && !name.ends_with("政府办公厅"))
    {
        agency = Some(name);
        found.flags.push(Flag::AgencyFromContact);
    }
    found.identity.agency = agency;

    if let Some((start, end)) = period {
        found.identity.period_start = Some(start.1);
        found.identity.period_end = Some(end.1);
        let sentence_year = sentence.map(|(year, _)| year);
        year_of(title_year, sentence_year, end.0, &body, &mut found);
    } else {
        found.flags.push(Flag::PeriodMissing);
        let sentence_year = sentence.map(|(year, _)| year);
        match (title_year, sentence_year) {
            (Some(title), Some(sentence)) if title != sentence => {
                if most_mentioned(&body) == Some(title) {
                    found.identity.year = Some(title);
                    found.flags.push(Flag::YearConflict);
                } else {
                    found.problem =
                        Some(format!("the title names the year {title}, the opening {sentence}: tell which is right"));
                }
            }
            (title, sentence) => found.identity.year = title.or(sentence),
        }
    }
    if let Some(year) = found.identity.year
        && !(config.identity.first_year..=config.identity.last_year).contains(&year)
    {
        found.identity.year = None;
        found.problem = Some(format!("the year {year} cannot be a report year: compare with the source"));
    }
    if found.problem.is_none() {
        found.problem = match (&found.identity.agency, found.identity.year) {
            (Some(_), Some(_)) => None,
            (None, Some(_)) => {
                Some("the reporting body is not named: look for it in the title and the contact sentence".to_owned())
            }
            (Some(_), None) => Some("the report year is not named: look for it in the title and the period".to_owned()),
            (None, None) => {
                Some("neither the reporting body nor the year is named: look for the title of the page".to_owned())
            }
        };
    }
    if is_only {
        found.identity.url.clone_from(&metadata.url);
        found.identity.published = metadata.published.as_deref().and_then(|text| {
            let date = DATE.captures(text)?;
            day(date[1].parse().ok()?, date[2].parse().ok()?, date[3].parse().ok()?)
        });
    }
    found
}

/// The sentence that publishes the report: its year, and the body it names. Titles of notices on how to
/// report (《…关于做好2023年…年度报告编制工作的通知》) are passed over.
fn opening(text: &str, config: &Config) -> Option<(i32, Option<String>)> {
    const NOTICES: [&str; 6] = ["编制", "通知", "格式", "要求", "指南", "办法"];
    let found = |found: regex::Captures<'_>| {
        let end = found.get(0)?.end();
        let after: String = text[end..].chars().take_while(|c| !matches!(c, '。' | ',' | ';' | ')')).take(12).collect();
        if NOTICES.iter().any(|notice| after.contains(notice)) {
            return None;
        }
        let year = found[2].parse::<i32>().ok()?;
        let name = agency_at_end(&found[1], config).or_else(|| agency_at_end(&found[3], config));
        Some((year, name))
    };
    let sentences: Vec<(i32, Option<String>)> = SENTENCE.captures_iter(text).filter_map(found).collect();
    sentences.iter().find(|(_, name)| name.is_some()).or_else(|| sentences.first()).cloned()
}

/// Two of title, period and a third place decide the year.
fn year_of(title: Option<i32>, sentence: Option<i32>, period: i32, body: &str, found: &mut Found) {
    let Some(title) = title else {
        match sentence {
            Some(sentence) if sentence != period => {
                if most_mentioned(body) == Some(period) || most_mentioned(body) == Some(sentence) {
                    found.identity.year = most_mentioned(body);
                    found.flags.push(Flag::YearConflict);
                } else {
                    found.problem = Some(format!(
                        "the opening names the year {sentence}, the period ends in {period}: tell which is right"
                    ));
                }
            }
            _ => found.identity.year = Some(period),
        }
        return;
    };
    if title == period {
        found.identity.year = Some(title);
        return;
    }
    let third = sentence.or_else(|| most_mentioned(body));
    if third == Some(title) || third == Some(period) {
        found.identity.year = third;
        found.flags.push(Flag::YearConflict);
    } else {
        found.problem =
            Some(format!("the title names the year {title}, the period ends in {period}: tell which is right"));
    }
}

/// The year named most often, when it is named at least twice and more often than any other.
fn most_mentioned(text: &str) -> Option<i32> {
    // The period is a witness of its own.
    let text = PERIOD.replace_all(text, "");
    let mut counts = std::collections::BTreeMap::<i32, usize>::new();
    for mention in MENTION.captures_iter(&text) {
        if let Ok(year) = mention[1].parse() {
            *counts.entry(year).or_default() += 1;
        }
    }
    let most = *counts.values().max()?;
    let mut years = counts.iter().filter(|(_, count)| **count == most);
    let (year, _) = years.next()?;
    (most >= 2 && years.next().is_none()).then_some(*year)
}

struct Title {
    printed: String,
    year: Option<i32>,
    agency: Option<String>,
    /// It names a body in words that are not known to be one; no other line may stand in for it.
    is_name_unknown: bool,
}

/// The titles that a page gives itself.
fn metadata_titles(outline: &Outline<'_>, config: &Config) -> Vec<Title> {
    let titles = outline.document.metadata.titles.iter().map(|title| (title, fold(title)));
    let titles =
        titles.filter(|(_, folded)| is_title(folded, config)).map(|(title, folded)| read_title(title, &folded, config));
    titles.filter(|title| title.year.is_some() && title.agency.is_some()).collect()
}

/// The titles printed above the text: on one line, or broken over several; the agency may stand on a line
/// of its own beside it.
fn printed_titles(outline: &Outline<'_>, head: Range<usize>, config: &Config) -> Vec<Title> {
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
        let window = window.into_iter().find_map(|first| {
            let text =
                lines[first..end].iter().map(|at| trim(document.text_of(&document.pieces[*at]))).collect::<String>();
            let folded = fold(&text);
            is_title(&folded, config).then_some((first, text, folded))
        });
        if let Some((first, printed, folded)) = window {
            let mut title = read_title(&printed, &folded, config);
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

/// The first year of this century in a folded text: its value and the bytes it covers, 年 and 度 included.
/// Four digits inside a longer number are no year.
fn find_year(folded: &str) -> Option<(i32, Range<usize>)> {
    folded.match_indices("20").find_map(|(at, _)| {
        let digits = folded.get(at..at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        let is_digit = |c: char| c.is_ascii_digit();
        if folded[..at].ends_with(is_digit) || folded[at + 4..].starts_with(is_digit) {
            return None;
        }
        let rest = &folded[at + 4..];
        let unit = if rest.starts_with("年度") {
            "年度".len()
        } else if rest.starts_with('年') {
            "年".len()
        } else {
            0
        };
        Some((digits.parse().ok()?, at..at + 4 + unit))
    })
}

/// A line that is nothing but a year.
fn whole_year(line: &str) -> Option<i32> {
    find_year(line).filter(|(_, range)| range.len() > 4 && *range == (0..line.len())).map(|(year, _)| year)
}

/// Chinese numerals of a year as digits: 二〇二三年.
fn arabic_year(folded: String) -> String {
    static CHINESE: LazyLock<Regex> =
        LazyLock::new(|| pattern("二([〇零○])([一二三四五六七八九〇零○])([一二三四五六七八九〇零○])年"));
    // Hardly any text holds such a year; looking for one character is a scan of bytes.
    if !['〇', '○', '零'].iter().any(|zero| folded.contains(*zero)) {
        return folded;
    }
    let digit = |text: &str| match text.chars().next() {
        Some('一') => '1',
        Some('二') => '2',
        Some('三') => '3',
        Some('四') => '4',
        Some('五') => '5',
        Some('六') => '6',
        Some('七') => '7',
        Some('八') => '8',
        Some('九') => '9',
        _ => '0',
    };
    CHINESE
        .replace_all(&folded, |year: &regex::Captures<'_>| format!("20{}{}年", digit(&year[2]), digit(&year[3])))
        .into_owned()
}

fn read_title(printed: &str, folded: &str, config: &Config) -> Title {
    let folded = arabic_year(folded.to_owned());
    let subject =
        config.titles.subject.iter().filter_map(|word| folded.find(word.as_str())).min().unwrap_or(folded.len());
    let before = &folded[..subject];
    let year = find_year(before);
    let parts = match &year {
        Some((_, range)) => [&before[..range.start], before[range.end..].trim_start_matches(['年', '度'])],
        None => [before, ""],
    };
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

/// A line that is nothing but the name of a body.
fn whole_agency(line: &str, config: &Config) -> Option<String> {
    agency_at_end(line, config).filter(|name| name == line)
}

/// The name of a body at the end of a text, words that lead up to it taken off.
fn agency_at_end(text: &str, config: &Config) -> Option<String> {
    // The name is the last run of characters that names are written with.
    let is_name = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}' | '(' | ')' | '·' | '〇');
    let start = text.char_indices().rev().take_while(|(_, c)| is_name(*c)).last().map(|(at, _)| at)?;
    // Cut out of a longer word, it is not the whole name.
    if text[..start].ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut name = text[start..].trim_end_matches(['的', '(']);
    // Words that lead up to a name; none of them stands inside one.
    const LEADS: [&str; 9] = ["现将", "现公布", "现发布", "现予公布", "公布", "发布", "现就", "关于印发", "关于"];
    for lead in LEADS {
        if let Some((_, rest)) = name.rsplit_once(lead)
            && is_agency(rest, config)
        {
            name = rest;
        }
    }
    // These may stand inside a name, so they are cut at its beginning only.
    for lead in ["编制", "结合", "形成", "印发", "按照", "根据", "标题", "名称"] {
        if let Some(rest) = name.strip_prefix(lead)
            && is_agency(rest, config)
        {
            name = rest;
        }
    }
    is_agency(name, config).then(|| name.to_owned())
}

fn is_agency(name: &str, config: &Config) -> bool {
    let n = name.chars().count();
    // 司法局(区行政复议局)
    let core = match name.rfind('(') {
        Some(at) if name.ends_with(')') && at > 0 => &name[..at],
        _ => name,
    };
    let balanced = name.matches('(').count() == name.matches(')').count();
    (3..=45).contains(&n)
        && balanced
        && config.identity.agency_ends.iter().any(|end| core.ends_with(end.as_str()) && core.len() > end.len())
        && !config.identity.pronouns.iter().any(|pronoun| core == pronoun || core.starts_with(pronoun.as_str()))
        && !core.contains("年度")
        && !core.ends_with('年')
        && !config.titles.subject.iter().any(|word| core.contains(word.as_str()))
        && !config.titles.kind.iter().any(|word| core.contains(word.as_str()))
}

/// The agency in the contact sentence, its office taken off.
fn contact_agency(body: &str, config: &Config) -> Option<String> {
    // The pattern may begin anywhere, so it is tried only where a contact can be.
    let near = |(at, _): (usize, &str)| {
        let start = floor_boundary(body, at.saturating_sub(180));
        &body[start..floor_boundary(body, at + 30)]
    };
    let places = body.match_indices("联系").chain(body.match_indices("编制")).map(near);
    places.flat_map(|place| CONTACT.captures_iter(place)).find_map(|contact| {
        let name = contact.get(1)?.as_str();
        let office =
            ["办公室", "办公厅", "综合科", "综合股", "党政办"].iter().find_map(|office| name.strip_suffix(office));
        let name = match office {
            // 人民政府办公室 is a body of its own.
            Some(rest) if is_agency(rest, config) && !rest.ends_with("政府") => rest,
            _ => name,
        };
        agency_at_end(name, config)
    })
}

/// The nearest start of a character at or before a byte position.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Whether two prints may name one body: the same, or one a short form of the other. One character is enough
/// to tell 财政局 from 民政局, so no slip is forgiven.
fn agree(one: &str, two: &str) -> bool {
    let is_short_form = |short: &str, long: &str| {
        let mut long = long.chars();
        short.chars().all(|c| long.any(|other| other == c))
    };
    is_short_form(one, two) || is_short_form(two, one)
}

/// The longest form of a name: one that ends with the shorter form adds a region in front of it.
fn longest(title: Option<&String>, sentence: Option<&String>, contact: Option<&String>) -> Option<String> {
    let mut name = title.or(sentence)?.clone();
    for other in sentence.into_iter().chain(contact) {
        if other.len() > name.len() && other.ends_with(name.as_str()) {
            name.clone_from(other);
        }
    }
    Some(name)
}

/// The period: year and day of its start and its end.
fn period(text: &str) -> Option<((i32, Day), (i32, Day))> {
    PERIOD.captures_iter(text).find_map(|found| {
        let number = |at: usize| found.get(at).and_then(|number| number.as_str().parse::<i32>().ok());
        let start = number(1)?;
        let end = number(4).unwrap_or(start);
        let days = (day(start, number(2)?, number(3)?)?, day(end, number(5)?, number(6)?)?);
        // A report covers a year; shorter spans are something else.
        (days.1 - days.0 >= 27).then_some(((start, days.0), (end, days.1)))
    })
}

/// Days since 1970-01-01, or `None` for a day that does not exist.
fn day(year: i32, month: i32, day: i32) -> Option<Day> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    // Years counted from March make the leap day the last of its year.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days_before_year = year * 365 + year / 4 - year / 100 + year / 400;
    Some(days_before_year + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// The folded text of a stretch, lines joined as hard-wrapped lines must be.
fn join(outline: &Outline<'_>, pieces: Range<usize>) -> String {
    let mut text = String::new();
    for at in pieces {
        match outline.roles[at] {
            Role::Empty => {}
            // Titles are read apart; a sentence must not run on from one.
            Role::Title | Role::Heading(_) | Role::Continued | Role::Opens(_) | Role::List(_) => text.push('。'),
            Role::Short | Role::Prose => {
                if matches!(outline.document.pieces[at].place, Place::Line) {
                    text.push_str(outline.folded(at));
                } else {
                    text.push('。');
                }
            }
        }
    }
    arabic_year(text)
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
        assert_eq!(title("2023年政府信息公开工作年度报告"), (Some(2023), None));
        assert_eq!(title("我局2023年政府信息公开工作年度报告"), (Some(2023), None));
        is("将乐县人民政府2023年政府信息公开工作年度报告", 2023, "将乐县人民政府");
        is("中共示例县委机构编制委员会办公室2023年政府信息公开年报", 2023, "中共示例县委机构编制委员会办公室");
        is("样例市青年路街道办事处2023年政府信息公开工作年度报告", 2023, "样例市青年路街道办事处");
        assert_eq!(title("样例市12345热线中心2023年政府信息公开工作年度报告"), (Some(2023), None));
        assert_eq!(title("索引号11320800/000 政府信息公开年度报告").0, None);
    }

    #[test]
    fn the_opening_names_the_body_and_notices_do_not() {
        let config = Config::embedded().expect("settings");
        let opening = |text: &str| opening(&fold(text), &config);
        let body = |year: i32, name: &str| Some((year, Some(name.to_owned())));
        assert_eq!(opening("现将示例县财政局2022年政府信息公开工作年度报告予以公布。"), body(2022, "示例县财政局"));
        assert_eq!(
            opening(
                "按《样例市人民政府办公室关于做好2023年度政府信息公开工作年度报告编制和发布工作的通知》要求,现发布《示例区审计局2023年政府信息公开工作年度报告》。"
            ),
            body(2023, "示例区审计局")
        );
        assert_eq!(opening("根据样例市人民政府办公室2023年政府信息公开工作年度报告格式要求编写。"), None);
    }

    #[test]
    fn short_forms_agree_and_strangers_do_not() {
        assert!(agree("示例县发改局", "示例县发展和改革局"));
        assert!(agree("示例医疗保障局", "示例市医疗保障局"));
        assert!(!agree("示例县民政局", "示例县财政局"));
        assert!(!agree("示例县交通运输局", "示例县应急管理局"));
        assert!(!agree("示例县样板镇人民政府", "另一县别处镇人民政府"));
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day(1970, 1, 1), Some(0));
        assert_eq!(day(2000, 3, 1), Some(11_017));
        assert_eq!(day(2023, 12, 31), Some(19_722));
        assert_eq!(day(2023, 2, 29), None);
        assert_eq!(day(2023, 13, 1), None);
    }

    #[test]
    fn periods_are_read_and_broken_ones_are_not() {
        let years = |text: &str| period(&fold(text)).map(|(start, end)| (start.0, end.0));
        assert_eq!(years("自2023年1月1日起至2023年12月31日止"), Some((2023, 2023)));
        assert_eq!(years("从 2023 年 1 月 1 日至 12 月 31 日"), Some((2023, 2023)));
        assert_eq!(years("2023年1月1日—2023年12月31日"), Some((2023, 2023)));
        assert_eq!(years("202311日至20231231日"), None);
        assert_eq!(years("2023年1月1日至1月7日"), None);
    }
}
