//! Which reports are held against which others: those of a body on the year before, those before and after missing
//! years, those with the same figures or the same words, and those of bodies that a government speaks for.
//!
//! Keys of all reports are in memory, the reports are not: a pair is fetched when the rows of its later report are
//! written, so that `links` comes in the order of the other tables.

use std::collections::{BTreeSet, HashMap};

use super::RunError;
use super::staged::Staged;
use crate::config::Config;
use crate::form::Ratio;
use crate::model::report::{Level, Scope};
use crate::model::verdict::Link;
use crate::reconcile::links;
use crate::state::{Filing, Key, Location, ReportRecord, Standing, Store};

/// A report and another one that it is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// The later one in publishing order.
    of: Key,
    kind: Kind,
    other: Key,
    location: Location,
}

/// What two reports have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A body's reports on a year and the year before.
    Years,
    /// A body's reports with years between them on which it has none.
    Gap,
    /// Their figures may be the same.
    Figures,
    /// Their narratives may be, of two bodies.
    Texts,
    /// A government speaks for a body: a figure of the one, and what those of its bodies come to.
    Covers {
        /// Which of the figures.
        figure: usize,
        /// That of the government.
        whole: i64,
        /// What those of the bodies come to, this one the last.
        sum: i64,
    },
}

/// Finds the pairs, in publishing order of the later report, and lets go of what they were found by.
pub(super) fn pairs(staged: &mut Staged<'_>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let items = &staged.items;
    let pair = |of: usize, kind: Kind, other: usize| {
        let ((one, _), (two, location)) = (items[of], items[other]);
        Pair { of: one, kind, other: two, location }
    };
    let mut filings = std::mem::take(&mut staged.filings);
    filings.sort_unstable_by_key(|(of, item)| (of.body, of.scope, of.year, of.standing, items[*item].0));
    for of_body in filings.chunk_by(|(one, _), (two, _)| one.body == two.body) {
        // A report that is held back, or counts another scope, is there all the same.
        let present: BTreeSet<i32> = of_body.iter().map(|(of, _)| of.year).collect();
        let mut counted: Vec<_> = of_body.iter().filter(|(of, _)| of.standing != Standing::Held).collect();
        // Of several on one year there is one with figures at most, and it stands first.
        counted.dedup_by_key(|(of, _)| (of.scope, of.year));
        for two in counted.windows(2) {
            let [(before, earlier), (now, later)] = two else { continue };
            if before.scope != now.scope {
                continue;
            }
            if now.year - before.year == 1 {
                pairs.push(pair(*later, Kind::Years, *earlier));
            } else if (before.year + 1..now.year).any(|year| !present.contains(&year)) {
                pairs.push(pair(*later, Kind::Gap, *earlier));
            }
        }
    }
    let mut figures = std::mem::take(&mut staged.figures);
    figures.sort_unstable_by_key(|(hash, item)| (*hash, items[*item].0));
    // A report whose figures stand in one of its tables alone has their hash twice, and is no copy of itself.
    figures.dedup();
    for group in figures.chunk_by(|one, two| one.0 == two.0) {
        // Each names the first: of many copies every one has one row.
        let (_, first) = group[0];
        pairs.extend(group[1..].iter().map(|(_, item)| pair(*item, Kind::Figures, first)));
    }
    pairs.extend(texts(std::mem::take(&mut staged.texts), items, &filings, pair));
    pairs.extend(covered(std::mem::take(&mut staged.covered), items, &filings, pair));
    pairs.sort_unstable_by_key(Pair::key);
    pairs.dedup_by_key(|pair| pair.key());
    pairs
}

/// Reports of two bodies with a key of their narratives in common.
fn texts(
    mut texts: Vec<(u64, usize)>,
    items: &[(Key, Location)],
    filings: &[(Filing, usize)],
    pair: impl Fn(usize, Kind, usize) -> Pair,
) -> Vec<Pair> {
    /// Reports of a group that others are held against: copies of copies need no more.
    const FIRST: usize = 4;
    let bodies: HashMap<usize, u64> = filings.iter().map(|(of, item)| (*item, of.body)).collect();
    texts.retain(|(_, item)| bodies.contains_key(item));
    texts.sort_unstable_by_key(|(key, item)| (*key, items[*item].0));
    let mut pairs = Vec::new();
    for group in texts.chunk_by(|one, two| one.0 == two.0) {
        for (at, (_, item)) in group.iter().enumerate() {
            let before = group[..at].iter().take(FIRST).map(|(_, other)| *other);
            let other = before.into_iter().find(|other| bodies[other] != bodies[item]);
            pairs.extend(other.map(|other| pair(*item, Kind::Texts, other)));
        }
    }
    pairs
}

/// Governments that speak for their division, each with the body at which the figures of its bodies pass its own, or
/// with the last of them.
fn covered(
    mut all: Vec<(Filing, usize, Vec<Option<i64>>)>,
    items: &[(Key, Location)],
    filings: &[(Filing, usize)],
    pair: impl Fn(usize, Kind, usize) -> Pair,
) -> Vec<Pair> {
    // Of several reports of a body the one with figures counts.
    let standing: HashMap<usize, Standing> = filings.iter().map(|(of, item)| (*item, of.standing)).collect();
    all.retain(|(of, item, _)| of.region.is_some() && standing.get(item) == Some(&Standing::Figures));
    all.sort_unstable_by_key(|(of, item, _)| (of.region, of.year, items[*item].0));
    let mut pairs = Vec::new();
    for group in all.chunk_by(|(one, ..), (two, ..)| (one.region, one.year) == (two.region, two.year)) {
        let is_area = |of: &Filing| of.scope == Scope::Jurisdiction && of.level != Level::Township;
        for (area, at, figures) in group.iter().filter(|(of, ..)| is_area(of)) {
            let is_its =
                |of: &Filing| of.level == area.level && of.scope == Scope::Agency || of.level == Level::Township;
            let bodies: Vec<_> = group.iter().filter(|(of, ..)| is_its(of)).collect();
            for (figure, whole) in figures.iter().enumerate() {
                let Some(whole) = *whole else { continue };
                let (mut sum, mut last) = (0_i64, None);
                for (_, body, own) in &bodies {
                    let Some(own) = own.get(figure).copied().flatten() else { continue };
                    sum = sum.saturating_add(own);
                    last = Some(*body);
                    if sum > whole {
                        break;
                    }
                }
                pairs.extend(last.map(|body| pair(*at, Kind::Covers { figure, whole, sum }, body)));
            }
        }
    }
    pairs
}

impl Pair {
    fn key(&self) -> (Key, Kind, Key) {
        (self.of, self.kind, self.other)
    }
}

/// Indicators by their numbers.
pub(super) type Ratios = Vec<(usize, Ratio)>;

/// What comes out of holding a report against the others of its pairs: rows of `links`, and the indicators that ask for
/// the year before.
pub(super) fn of(
    key: Key,
    record: &ReportRecord,
    pairs: &[Pair],
    store: &Store,
    config: &Config,
) -> Result<(Vec<Link>, Ratios), RunError> {
    let start = pairs.partition_point(|pair| pair.of < key);
    let (mut found, mut ratios) = (Vec::new(), Vec::new());
    for pair in pairs[start..].iter().take_while(|pair| pair.of == key) {
        let other = store.report_record(pair.location)?;
        let (one, two) = (&record.report, &other.report);
        let checks = match pair.kind {
            Kind::Years => {
                ratios = links::ratios(one, two, config);
                links::years(one, two, &ratios, config)
            }
            Kind::Gap => links::gap(one, two, config).into_iter().collect(),
            Kind::Figures => links::same_figures(one, two, config),
            Kind::Texts => links::copied_text(one, two, config).into_iter().collect(),
            Kind::Covers { figure, whole, sum } => links::covers(figure, [whole, sum], config).into_iter().collect(),
        };
        found.extend(checks.into_iter().map(|check| Link { other: other.id(), check }));
    }
    Ok((found, ratios))
}
