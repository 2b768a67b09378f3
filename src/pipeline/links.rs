//! Which reports are held against which others: those of a body on the year before, those before and after missing
//! years, and those with the same figures.
//!
//! Keys of all reports are in memory, the reports are not: a pair is fetched when the rows of its later report are
//! written, so that `links` comes in the order of the other tables.

use std::collections::BTreeSet;

use super::RunError;
use super::staged::Staged;
use crate::config::Config;
use crate::form::Ratio;
use crate::model::verdict::Link;
use crate::reconcile::links;
use crate::state::{Key, Location, ReportRecord, Standing, Store};

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
            let have_figures = [before, now].iter().all(|of| of.standing == Standing::Figures);
            if now.year - before.year == 1 {
                pairs.extend(have_figures.then(|| pair(*later, Kind::Years, *earlier)));
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
    pairs.sort_unstable_by_key(Pair::key);
    pairs.dedup_by_key(|pair| pair.key());
    pairs
}

impl Pair {
    fn key(&self) -> (Key, Kind, Key) {
        (self.of, self.kind, self.other)
    }
}

/// What comes out of holding a report against the others of its pairs: rows of `links`, and the indicators that ask for
/// the year before.
pub(super) fn of(
    key: Key,
    record: &ReportRecord,
    pairs: &[Pair],
    store: &Store,
    config: &Config,
) -> Result<(Vec<Link>, Vec<(usize, Ratio)>), RunError> {
    let start = pairs.partition_point(|pair| pair.of < key);
    let (mut found, mut ratios) = (Vec::new(), Vec::new());
    for pair in pairs[start..].iter().take_while(|pair| pair.of == key) {
        let other = store.report_record(pair.location)?;
        let (one, two) = (&record.report, &other.report);
        let checks = match pair.kind {
            Kind::Years => {
                ratios.extend(links::ratios(one, two, config));
                links::years(one, two, config)
            }
            Kind::Gap => links::gap(one, two, config).into_iter().collect(),
            Kind::Figures => links::same_figures(one, two, config),
        };
        found.extend(checks.into_iter().map(|check| Link { other: other.id(), check }));
    }
    Ok((found, ratios))
}
