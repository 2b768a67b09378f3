//! Who reports on which year.
//!
//! Evidence in order of trust: the title, the sentence that publishes the report, the period. Where
//! title and period name different years a third place decides; where nothing decides, nothing is
//! guessed. Neither path nor publication date ever gives the year. The name, once found, is resolved to a
//! division by what is known of public bodies.

mod contact;
mod name;
mod opening;
mod page;
mod period;
mod title;

use std::cell::OnceCell;
use std::ops::Range;

use regex::Regex;

use super::outline::{Outline, Role};
use crate::agency::Clues;
use crate::config::Config;
use crate::form::label::fold;
use crate::model::day::day;
use crate::model::document::Place;
use crate::model::report::{Flag, Identity};

use name::{agree, longest};
use period::Years;
use title::Title;

/// Identity found, with the remarks it needs and what could not be told.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) identity: Identity,
    pub(super) flags: Vec<Flag>,
    /// One sentence when agency or year cannot be told.
    pub(super) problem: Option<String>,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("patterns of this module are valid")
}

/// A report on its page, and its text, joined when it is first asked for.
struct Source<'o> {
    outline: &'o Outline<'o>,
    pieces: Range<usize>,
    config: &'o Config,
    /// The text before the first section or table.
    head: String,
    body: OnceCell<String>,
}

impl Source<'_> {
    /// The whole text, tables and titles left out.
    fn body(&self) -> &str {
        self.body.get_or_init(|| join(self.outline, self.pieces.clone()))
    }
}

/// Finds agency, year, period and title of the report in `pieces`; `head` ends where its first section
/// or table begins. `is_only` says that the page holds no other report.
pub(super) fn find(outline: &Outline<'_>, pieces: &Range<usize>, head: usize, is_only: bool, config: &Config) -> Found {
    let mut found = Found::default();
    let source = Source {
        outline,
        pieces: pieces.clone(),
        config,
        head: join(outline, pieces.start..head),
        body: OnceCell::new(),
    };
    let sentence = opening::opening(&source.head, config);
    let (sentence_year, sentence_agency) = sentence.map_or((None, None), |(year, name)| (Some(year), name));
    let period = period::period(&source.head).or_else(|| period::period(source.body()));
    // What a page says of itself speaks of all that is on it.
    let mut titles = if is_only { title::metadata_titles(outline, config) } else { Vec::new() };
    titles.extend(title::printed_titles(outline, pieces.start..head, config));
    let torn = if period.is_none() { period::torn_period(&source.head) } else { None };
    let years = Years { sentence: sentence_year, period: period.map(|(_, (year, _))| year).or(torn) };
    let title = best_title(&titles, years, sentence_agency.as_deref(), &mut found);
    let title_year = title.and_then(|title| title.year);
    found.identity.title = title.map(|title| title.printed.clone());
    let title_agency = title.and_then(|title| title.agency.as_ref());
    let is_name_unknown = titles.iter().any(|title| title.is_name_unknown);
    name_agency(&source, title_agency, sentence_agency.as_ref(), is_name_unknown, &mut found);

    years.decide(title_year, &source, &mut found);
    if let Some((start, end)) = period {
        found.identity.period_start = Some(start.1);
        found.identity.period_end = Some(end.1);
        // A body may be founded during the year; one that reports on its first months does not report on it.
        if found.problem.is_none() && !period::ends_the_year(end) {
            found.problem = Some(
                "the period printed ends before December: tell whether it is a report on the whole year".to_owned(),
            );
        }
    } else if let Some(year) = torn
        && found.identity.year == Some(year)
    {
        found.identity.period_start = day(year, 1, 1);
        found.identity.period_end = day(year, 12, 31);
        found.flags.push(Flag::PeriodRepaired);
    } else {
        found.flags.push(Flag::PeriodMissing);
    }
    if let Some(year) = found.identity.year
        && !(config.identity.first_year..=config.identity.last_year).contains(&year)
    {
        found.identity.year = None;
        found.problem = Some(format!("the year {year} cannot be a report year: compare with the source"));
    }
    if is_only {
        page::read(outline, pieces.start..head, config, &mut found.identity);
    }
    found.identity.contact = contact::contact(outline, pieces, config);
    if is_only && found.identity.agency.is_none() && !is_name_unknown && found.problem.is_none() {
        page::agency_of_file_name(outline, config, &mut found);
    }
    resolve(&source, &mut found);
    if found.problem.is_none() {
        found.problem = missing(&found.identity).map(str::to_owned);
    }
    found
}

/// The title that the opening and the period bear out; a problem where two are borne out alike.
fn best_title<'t>(
    titles: &'t [Title],
    years: Years,
    sentence_agency: Option<&str>,
    found: &mut Found,
) -> Option<&'t Title> {
    let support = |title: &Title| {
        let agrees = sentence_agency.zip(title.agency.as_ref()).is_some_and(|(name, agency)| agree(name, agency));
        2 * u32::from(title.agency.is_some())
            + 2 * u32::from(title.year.is_some())
            + u32::from(agrees)
            + u32::from(title.year.is_some() && title.year == years.sentence)
            + u32::from(title.year.is_some() && title.year == years.period)
    };
    let most = titles.iter().map(support).max();
    let mut best = titles.iter().filter(|title| Some(support(title)) == most);
    let title = best.next()?;
    let differs = |other: &Title| {
        let agencies = title.agency.as_ref().zip(other.agency.as_ref());
        other.year != title.year || agencies.is_some_and(|(one, two)| !agree(one, two))
    };
    if best.any(differs) {
        found.problem =
            Some("the page names several reports and nothing tells which it is: look for its title".to_owned());
    }
    Some(title)
}

/// Names the body: the title, the sentence that publishes the report, then the contact sentence.
fn name_agency(
    source: &Source<'_>,
    title: Option<&String>,
    sentence: Option<&String>,
    is_name_unknown: bool,
    found: &mut Found,
) {
    if let (Some(title), Some(sentence)) = (title, sentence)
        && !agree(title, sentence)
    {
        found.problem = Some(format!("the title names {title}, the opening {sentence}: tell whose report it is"));
    }
    let contact = contact::contact_agency(source.outline, &source.pieces, source.config);
    found.identity.agency = longest(title, sentence, contact.as_ref());
    // The office of a government answers for many bodies.
    if found.identity.agency.is_none()
        && !is_name_unknown
        && let Some(name) = contact.filter(|name| !name.ends_with("政府办公室") && !name.ends_with("政府办公厅"))
    {
        found.identity.agency = Some(name);
        found.flags.push(Flag::AgencyFromContact);
    }
}

/// Resolves the name to its division, level, sector, scope and id.
fn resolve(source: &Source<'_>, found: &mut Found) {
    let identity = &mut found.identity;
    let Some(agency) = &identity.agency else { return };
    let title = identity.title.as_deref().map(fold).unwrap_or_default();
    let document = source.outline.document;
    let body = source.config.agencies.resolve(&Clues {
        name: agency,
        year: identity.year,
        title: &title,
        opening: &source.head,
        url: identity.url.as_deref(),
        path: &document.path,
        phone: identity.contact.phone.as_deref(),
        postcode: identity.contact.postcode.as_deref(),
    });
    identity.agency_id = body.id;
    identity.region = body.region;
    identity.level = body.level;
    identity.sector = Some(body.sector);
    identity.scope = body.scope;
    if body.is_ambiguous {
        found.flags.push(Flag::DivisionAmbiguous);
    }
}

/// What of agency and year is missing, in one sentence.
fn missing(identity: &Identity) -> Option<&'static str> {
    match (&identity.agency, identity.year) {
        (Some(_), Some(_)) => None,
        (None, Some(_)) => Some("the reporting body is not named: look for it in the title and the contact sentence"),
        (Some(_), None) => Some("the report year is not named: look for it in the title and the period"),
        (None, None) => Some("neither the reporting body nor the year is named: look for the title of the page"),
    }
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
    period::arabic_year(text)
}

/// Whether a folded line captions a table of another year: it names one, not that of the report, and says
/// that a table follows.
pub(super) fn is_caption_of_another_year(folded: &str, year: i32, config: &Config) -> bool {
    const MAX_CHARACTERS: usize = 40;
    let has = |words: &[String]| words.iter().any(|word| folded.contains(word.as_str()));
    period::find_year(folded).is_some_and(|(named, range)| named != year && range.len() > 4)
        && folded.chars().count() <= MAX_CHARACTERS
        && !folded.contains(&year.to_string())
        && has(&config.titles.captions)
        && !has(&config.titles.dates)
}
