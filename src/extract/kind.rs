//! What kind of page it is: a report, a report whose tables are lost, a free-form report of the years before
//! the forms, or something else, each with its own plain reason.
//!
//! Titles decide first, then what stands on the page. Which words say what is data (`[kinds]` of the
//! settings). A page whose tables are read is a report unless its own title says that it only speaks of one.

use std::collections::BTreeSet;

use super::identity::Found;
use super::outline::{Outline, Part, Region, Role, is_title};
use crate::config::{Config, OtherPage};
use crate::form::Shape;
use crate::form::label::{fold, split_ordinal, strip_ordinal};
use crate::model::document::Place;
use crate::model::verdict::{Blame, Cause, Problem};

/// Headings that a report without tables shows at the least.
const MIN_HEADINGS: usize = 3;

/// What a title says.
#[derive(Clone, Copy, Debug)]
enum Said<'c> {
    Report,
    Other(&'c OtherPage),
}

/// Why a page with figures is no report all the same: its own title says that it is another thing.
pub(super) fn speaks_of_a_report(
    outline: &Outline<'_>,
    part: &Part,
    found: &Found,
    head: usize,
    config: &Config,
) -> Option<String> {
    /// Days of a period that is no year.
    const PART_OF_A_YEAR: i32 = 200;
    let titles = titles(outline, part, head);
    let mut said = titles.iter().filter_map(|(title, _)| say(title, config));
    let Some(first) = said.next() else {
        let days = found.identity.period_start.zip(found.identity.period_end).map(|(start, end)| end - start);
        let is_part = days.is_some_and(|days| days < PART_OF_A_YEAR);
        return is_part.then(|| config.kinds.part_of_year_reason.clone());
    };
    let Said::Other(page) = first else { return None };
    let has_title = || titles.iter().any(|(title, _)| is_title(title, config));
    let is_borne_out = page.overrules_tables && !has_title();
    is_borne_out.then(|| page.reason.clone())
}

/// Decides what a part without a figure in any table is; says why it is no report, or why it is held back.
///
/// # Errors
/// The reason, in one sentence, when it is no report.
pub(super) fn without_figures(
    outline: &Outline<'_>,
    part: &Part,
    found: &Found,
    head: usize,
    has_empty_tables: bool,
    config: &Config,
) -> Result<Vec<Problem>, String> {
    let kinds = &config.kinds;
    let headings: BTreeSet<usize> = part
        .pieces
        .clone()
        .filter_map(|at| match outline.roles[at] {
            Role::Heading(heading) => Some(heading),
            _ => None,
        })
        .collect();
    let has_sections = headings.len() >= MIN_HEADINGS;
    let text: usize = part.pieces.clone().map(|at| outline.folded(at).len()).sum();
    // A report that names body, year and period is begun, whatever is lost of it.
    let is_known = found.identity.agency.is_some() && found.identity.year.is_some();
    let is_begun = is_known && found.identity.period_start.is_some();
    if text < kinds.short_page_bytes && !has_sections && !is_begun && has_any(outline, part, &kinds.errors) {
        return Err(kinds.error_reason.clone());
    }
    let is_report = |title: &str| matches!(say(title, config), Some(Said::Report));
    let n_prose = part.pieces.clone().filter(|at| outline.roles[*at] == Role::Prose).count();
    let listed: BTreeSet<&str> =
        part.pieces.clone().map(|at| outline.folded(at)).filter(|line| is_report(line)).collect();
    if listed.len() >= kinds.listing_titles && n_prose <= 2 && !has_sections {
        return Err(kinds.listing_reason.clone());
    }
    let titles = titles(outline, part, head);
    let mut said = titles.iter().filter_map(|(title, is_own)| Some((say(title, config)?, *is_own)));
    if let Some((Said::Other(page), is_own)) = said.next() {
        // A link beside the title may name a commentary; the sections of a report prove it.
        let is_beside = has_sections && (!is_own || page.yields_to_sections) && {
            page.yields_to_sections || said.any(|(said, _)| matches!(said, Said::Report))
        };
        if !is_beside {
            return Err(page.reason.clone());
        }
    }
    // Titles without a year and names on a line of their own say it too.
    let named = format!(
        "{}{}",
        found.identity.agency.as_deref().unwrap_or_default(),
        found.identity.title.as_deref().map(fold).unwrap_or_default()
    );
    if let Some(page) = kinds.other.iter().find(|page| page.is_named(&named) && !page.yields_to_sections) {
        return Err(page.reason.clone());
    }
    if has_empty_tables {
        if !is_known {
            return Err(kinds.blank_form_reason.clone());
        }
        let message = "the tables hold no figures: ask the publisher for the filled report";
        return Ok(vec![Problem::new(Cause::Incomplete, Blame::Source, message.to_owned())]);
    }
    if is_foreign(outline, part, config) {
        return Err(kinds.foreign_reason.clone());
    }
    let is_old = found.identity.year.is_some_and(|year| year < first_form_year(config));
    let has_title = found.identity.title.is_some();
    let n_numbered = super::sections::n_headings(outline, &part.pieces);
    let has_parts = has_sections
        || (has_title && n_numbered >= MIN_HEADINGS)
        || (is_old && n_run_in(outline, part, config) >= MIN_HEADINGS);
    if !has_parts && is_begun {
        let message = "the page begins a report and shows neither its tables nor its sections: it is cut or run together into lines that cannot be read, fetch it again";
        return Ok(vec![Problem::new(Cause::Incomplete, Blame::Open, message.to_owned())]);
    }
    if !has_parts && holds_form_labels(outline, config) {
        let message = "labels of the form stand on the page, and no table that can be read: the page may be run together into lines, fetch it again";
        return Ok(vec![Problem::new(Cause::Incomplete, Blame::Reading, message.to_owned())]);
    }
    if !has_parts || !(has_title || is_known) {
        // Words of navigation say something only where nothing else does.
        let lines = part.pieces.clone().filter(|at| matches!(outline.roles[*at], Role::Short | Role::Title));
        let mut pages = lines.filter_map(|at| kinds.other.iter().find(|page| page.is_named(outline.folded(at))));
        let reason = pages.next().map_or(&kinds.unknown_reason, |page| &page.reason);
        return Err(reason.clone());
    }
    let has_list = part.regions.iter().any(|region| outline.is_list(region.table));
    if !has_list && config.forms.index.lists.iter().any(|list| list.is_in(outline.all_folded())) {
        let message = "the labels of the statistics sheet stand on the page, but not as a list that can be read: compare with the source";
        return Ok(vec![Problem::new(Cause::Incomplete, Blame::Reading, message.to_owned())]);
    }
    if is_old {
        return Ok(Vec::new());
    }
    let has_pictures = outline.document.pictures.iter().any(|at| part.pieces.contains(&(*at as usize)));
    let message = if has_pictures {
        "the report has no tables, and pictures stand on the page: the tables are most likely pictures, read them from the source"
    } else {
        "the report has no tables: they may be pictures on the page, or lost when it was copied"
    };
    Ok(vec![Problem::new(Cause::NoTables, Blame::Open, message.to_owned())])
}

/// Whether labels that only a form with tables of requests carries stand on the page.
fn holds_form_labels(outline: &Outline<'_>, config: &Config) -> bool {
    const ENOUGH: usize = 3;
    let forms = config.forms.forms.iter().filter(|form| form.tables.iter().any(|table| table.shape == Shape::Matrix));
    let labels = forms.flat_map(|form| &form.fingerprint);
    labels.filter(|label| outline.all_folded().contains(label.as_str())).take(ENOUGH).count() == ENOUGH
}

/// Whether the only numbers in the tables count their lines (01, 02, ...): an empty form.
pub(super) fn is_numbered_blank(outline: &Outline<'_>, part: &Part) -> bool {
    const FEWEST: usize = 5;
    let pieces = part.regions.iter().flat_map(|region| &region.ranges).flat_map(Clone::clone);
    let numbers = pieces.map(|at| outline.folded(at)).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let mut last = 0_u32;
    let mut n = 0;
    for number in numbers.filter(|text| !text.is_empty()) {
        let Ok(number) = number.parse::<u32>() else { return false };
        if number != last + 1 && !(number == 1 && last >= 3) {
            return false;
        }
        last = number;
        n += 1;
    }
    n >= FEWEST
}

/// The problem of a page from which every repeated line was taken: of equal figures only the first is left.
/// `is_whole` says that nothing of its tables is missing.
pub(super) fn stripped(outline: &Outline<'_>, part: &Part, is_whole: bool) -> Option<Problem> {
    const FEWEST: usize = 40;
    let mut has_table = false;
    for region in &part.regions {
        let list = outline.is_list(region.table);
        // A list prints most of its lines once, unless every cell has a line of its own.
        has_table |= if list { is_cell_a_line(outline, region) } else { !is_whole };
    }
    if !has_table {
        return None;
    }
    let mut lines = BTreeSet::new();
    let mut at = part.pieces.start;
    while at < part.pieces.end {
        let row = |at: usize| match outline.document.pieces[at].place {
            Place::Row { row, .. } => Some(row),
            _ => None,
        };
        if matches!(outline.document.pieces[at].place, Place::Grid { .. }) {
            return None;
        }
        let mut end = at + 1;
        while end < part.pieces.end && row(at).is_some() && row(end) == row(at) {
            end += 1;
        }
        let line: Vec<&str> = (at..end).map(|at| outline.folded(at)).collect();
        if line.iter().any(|text| !text.is_empty()) && !lines.insert(line) {
            return None;
        }
        at = end;
    }
    let message = "no line of the page stands on it twice, although the form repeats labels and figures: repeated lines were removed when it was copied, fetch it again";
    (lines.len() >= FEWEST).then(|| Problem::new(Cause::Incomplete, Blame::Source, message.to_owned()))
}

/// Whether units or numbers of a list stand on lines of their own.
fn is_cell_a_line(outline: &Outline<'_>, region: &Region) -> bool {
    const FEWEST: usize = 2;
    const UNIT_BYTES: usize = 6;
    let mut pieces = region.ranges.iter().flat_map(Clone::clone).filter(|at| {
        let text = outline.folded(*at);
        (1..=UNIT_BYTES).contains(&text.len())
            && !matches!(outline.document.pieces[*at].place, Place::Grid { .. })
            && !is_beside(outline, *at)
    });
    pieces.nth(FEWEST - 1).is_some()
}

/// Whether another cell stands in the row of a piece.
fn is_beside(outline: &Outline<'_>, at: usize) -> bool {
    let row = |at: usize| match outline.document.pieces.get(at)?.place {
        Place::Row { row, .. } => Some(row),
        _ => None,
    };
    row(at).is_some() && (row(at + 1) == row(at) || (at > 0 && row(at - 1) == row(at)))
}

/// Names the headings of free prose, which carry other words and often no numerals: those of a part without
/// tables that reports on a year before the forms.
pub(super) fn name_free_headings(outline: &mut Outline<'_>, part: &Part, year: Option<i32>, config: &Config) {
    if part.regions.iter().any(|region| !outline.is_list(region.table))
        || year.is_none_or(|year| year >= first_form_year(config))
    {
        return;
    }
    let mut named = Vec::new();
    for at in part.pieces.clone() {
        if outline.roles[at] != Role::Short || !matches!(outline.document.pieces[at].place, Place::Line) {
            continue;
        }
        let Some(code) = free_heading(outline.folded(at), config) else { continue };
        // Lines of navigation have no text below them.
        let below = (at + 1..part.pieces.end).find(|below| outline.roles[*below] != Role::Empty);
        let is_text = below.is_some_and(|below| {
            outline.roles[below] == Role::Prose || outline.folded(below).contains([',', ';', ':', '。'])
        });
        let section = outline.sections().iter().position(|section| section == code);
        if let Some(section) = section.filter(|_| is_text) {
            named.push((at, section));
        }
    }
    for (at, section) in named {
        outline.roles[at] = Role::Heading(section);
    }
}

/// The section that a short line heads in free prose.
fn free_heading<'c>(folded: &str, config: &'c Config) -> Option<&'c str> {
    const MAX_CHARACTERS: usize = 32;
    let is_sub = matches!(split_ordinal(folded), Some((level, _)) if level != crate::form::label::Ordinal::First);
    let bare = strip_ordinal(folded).trim_end_matches([':', '.']);
    if is_sub
        || bare.chars().count() > MAX_CHARACTERS
        || bare.contains([',', ';', '。', ':', '!', '?', '>', '|', '@', '《'])
        || bare.contains(|c: char| c.is_ascii_alphanumeric())
    {
        return None;
    }
    let section =
        config.kinds.free_section.iter().find(|section| section.words.iter().any(|word| bare.contains(word)))?;
    Some(section.code.as_str())
}

/// Kinds of sections that begin in free prose, headings that run on into their text included.
fn n_run_in(outline: &Outline<'_>, part: &Part, config: &Config) -> usize {
    let begins = |at: usize| match outline.roles[at] {
        Role::Heading(section) => Some(outline.section(section)),
        Role::Prose | Role::Short => {
            let end = outline.folded(at).find(['。', ':', ',', ';'])?;
            free_heading(&outline.folded(at)[..end], config)
        }
        _ => None,
    };
    part.pieces.clone().filter_map(begins).collect::<BTreeSet<_>>().len()
}

/// First report year of a form with tables of requests.
fn first_form_year(config: &Config) -> i32 {
    let forms = config.forms.forms.iter();
    let with_requests = forms.filter(|form| form.tables.iter().any(|table| table.shape == Shape::Matrix));
    with_requests.map(|form| form.first_report_year).min().unwrap_or(i32::MAX)
}

/// What may title the page, in the order of trust, folded, and whether the page says it of itself: the titles
/// of its head, then the lines above `head`. A site's name and path may stand beside the title, each is
/// looked at alone.
fn titles(outline: &Outline<'_>, part: &Part, head: usize) -> Vec<(String, bool)> {
    const MOST_LINES: usize = 400;
    let split = |text: &str| text.split(['-', '_', '|', '>']).map(str::to_owned).collect::<Vec<_>>();
    let own = outline.document.metadata.titles.iter().flat_map(|title| split(&fold(title)));
    let lines = (part.pieces.start..head.min(part.pieces.end)).take(MOST_LINES);
    let lines = lines.filter(|at| matches!(outline.roles[*at], Role::Short | Role::Title));
    let lines = lines.flat_map(|at| split(outline.folded(at)));
    own.map(|title| (title, true)).chain(lines.map(|line| (line, false))).collect()
}

/// What a title says; nothing when it names no year and so may be a line of navigation.
fn say<'c>(title: &str, config: &'c Config) -> Option<Said<'c>> {
    const MOST_CHARACTERS: usize = 80;
    if title.len() < 12 || title.chars().count() > MOST_CHARACTERS || title.contains('。') {
        return None;
    }
    let has_year = ["20", "二〇", "二○", "二零"].iter().any(|century| title.contains(century));
    if !has_year {
        return None;
    }
    match config.kinds.other.iter().find(|page| page.is_named(title)) {
        Some(page) => Some(Said::Other(page)),
        None => is_title(title, config).then_some(Said::Report),
    }
}

fn has_any(outline: &Outline<'_>, part: &Part, words: &[String]) -> bool {
    /// So short a word counts only alone: `404` may be part of a number.
    const ALONE_BYTES: usize = 3;
    let has = |text: &str| {
        let text = text.to_ascii_lowercase();
        words.iter().any(|word| if word.len() <= ALONE_BYTES { text == *word } else { text.contains(word.as_str()) })
    };
    part.pieces.clone().any(|at| has(outline.folded(at)))
        || outline.document.metadata.titles.iter().any(|title| has(&fold(title)))
}

/// Whether the page is written in letters and speaks of disclosure: a translation.
fn is_foreign(outline: &Outline<'_>, part: &Part, config: &Config) -> bool {
    let (mut letters, mut others) = (0_usize, 0_usize);
    for c in part.pieces.clone().flat_map(|at| outline.folded(at).chars()) {
        if c.is_ascii_alphabetic() {
            letters += 1;
        } else if !c.is_ascii() {
            others += 1;
        }
    }
    letters > 10 * others && has_any(outline, part, &config.kinds.foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_tell_reports_from_pages_about_them() {
        let config = Config::embedded().expect("settings");
        let check = |title: &str, expected: &str| {
            let said = match say(&fold(title), &config) {
                None => "nothing",
                Some(Said::Report) => "report",
                Some(Said::Other(page)) => page.reason.as_str(),
            };
            assert!(said.contains(expected), "{title}: {said}");
        };
        check("示例县民政局2023年政府信息公开工作年度报告", "report");
        check("关于2022年政府信息公开工作的年度报告", "report");
        check("2024年度政府信息公开工作报告", "report");
        check("示例县第一中学2023年政府信息公开工作年度报告", "report");
        // Names of bodies hold words of other pages.
        check("示例县机构编制委员会办公室2023年政府信息公开工作年度报告", "report");
        check("示例县就业培训中心2023年政府信息公开工作年度报告", "report");
        check("示例县预算编审中心2023年政府信息公开工作年度报告", "report");
        check("示例市第一图书馆2023年政府信息公开工作年度报告", "report");
        check("示例县会议接待中心2023年政府信息公开工作年度报告", "report");
        check("政府信息公开指南", "nothing");
        check("政策解读", "nothing");
        check("《示例县2023年政府信息公开工作年度报告》解读", "comments");
        check("一图读懂示例县2023年政府信息公开年报", "comments");
        check("示例县2024年上半年政府信息公开工作报告", "part of a year");
        check("关于做好2024年度政府信息公开工作年度报告编制工作的通知", "how to file");
        check("示例县2023年法治政府建设年度报告", "law-based");
        check("示例大学2022-2023学年信息公开年度报告", "institution");
        check("示例县召开2023年政府信息公开培训会", "news");
    }

    #[test]
    fn headings_of_free_prose_are_told_by_a_word() {
        let config = Config::embedded().expect("settings");
        let check = |line: &str, code: Option<&str>| assert_eq!(free_heading(&fold(line), &config), code, "{line}");
        check("概述", Some("overview"));
        check("二、主动公开政府信息的情况", Some("proactive"));
        check("依申请公开办理情况", Some("applications"));
        check("四、政府信息公开的收费及减免情况", Some("other"));
        check("因政府信息公开申请行政复议、提起行政诉讼和有关申诉的情况", Some("reviews"));
        check("存在的主要问题和改进措施", Some("problems"));
        check("（一）主动公开", None);
        check("主动公开信息63条", None);
        check("没有发生复议，也没有诉讼", None);
    }
}
