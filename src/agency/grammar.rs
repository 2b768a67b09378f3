//! The grammar of names: `[system] division{0..3} core [branch]`.
//!
//! Divisions at the beginning are matched longest first and top down: a division found restricts the next to
//! what lies in it. A name that goes on with the name of a place that is not in the list is not cut short to
//! the place above it.

use crate::model::report::Level;

use super::Agencies;
use super::divisions::{DIVISIONS_OF_CHINA, Division, Id};

/// A name taken apart.
#[derive(Debug, Default)]
pub(super) struct Name<'n> {
    /// What the divisions at its beginning may be, the last of them; several where the name is shared.
    pub(super) ids: Vec<Id>,
    /// Divisions printed above the last.
    pub(super) n_parents: usize,
    /// What follows the divisions.
    pub(super) core: &'n str,
    /// The township at the beginning of the core, by its words; which county it lies in may not be known.
    pub(super) township: Option<&'n str>,
    /// A place that is not in the list at the beginning of the core.
    pub(super) unknown_place: Option<&'n str>,
    /// The division or zone that a branch works for, as printed.
    pub(super) branch: Option<&'n str>,
    /// It is a branch.
    pub(super) is_branch: bool,
    /// A central system stands in front.
    pub(super) is_system: bool,
    /// It is a body of the nation.
    pub(super) is_national: bool,
    /// It belongs to the Xinjiang Production and Construction Corps; the city of its division, where there is one.
    pub(super) corps: Option<Option<u32>>,
}

impl Agencies {
    /// Takes a name apart.
    pub(super) fn parse<'n>(&self, name: &'n str, year: Option<i32>) -> Name<'n> {
        let grammar = &self.grammar;
        let mut rest = name.strip_prefix("中华人民共和国").unwrap_or(name);
        if grammar.national.iter().any(|national| national == rest) {
            return Name { core: rest, is_national: true, ..Name::default() };
        }
        let mut is_system = rest.len() < name.len();
        while let Some(system) = grammar.systems.iter().find(|system| rest.starts_with(system.as_str())) {
            rest = &rest[system.len()..];
            is_system = true;
        }
        if let Some((after, corps)) = self.corps_at(rest) {
            return Name { core: after, corps: Some(corps), is_system, ..Name::default() };
        }
        let (ids, n_parents, core) = self.leading_divisions(rest, year);
        let mut parsed = Name { ids, n_parents, core, is_system, ..Name::default() };
        parsed.township = self.township_at(&parsed);
        if parsed.township.is_none() {
            parsed.unknown_place = self.unknown_place(core);
        }
        self.find_branch(&mut parsed);
        parsed
    }

    /// The divisions at the beginning of a name: what the last may be, how many stand above it, and the rest.
    fn leading_divisions<'n>(&self, name: &'n str, year: Option<i32>) -> (Vec<Id>, usize, &'n str) {
        let divisions = &*DIVISIONS_OF_CHINA;
        let mut ids: Vec<Id> = Vec::new();
        let mut n_found = 0_usize;
        let mut rest = name;
        // No name of a body has more than a handful of divisions; each round takes one off.
        while n_found < 6 {
            let is_below = |division: &Division| {
                ids.is_empty()
                    || ids
                        .iter()
                        .map(|id| divisions.get(*id))
                        .any(|parent| parent.code != division.code && parent.holds(division.code))
            };
            if let Some((length, found)) = divisions.longest_name(rest, is_below)
                && !self.is_name_of_township(rest, length)
            {
                ids = found;
                rest = &rest[length..];
            } else if let Some(length) = repeated(&ids, rest) {
                // The same division twice, on two lines of a title.
                rest = &rest[length..];
                continue;
            } else if let Some((length, found)) = short_before_full(rest, is_below, year) {
                // 杭州西湖区: a short form counts where one of its own divisions follows.
                ids = found;
                rest = &rest[length..];
            } else {
                break;
            }
            n_found += 1;
        }
        (ids, n_found.saturating_sub(1), rest)
    }

    /// Whether a division's name is the beginning of the name of a township (城区街道).
    fn is_name_of_township(&self, rest: &str, length: usize) -> bool {
        let after = &rest[length..];
        self.grammar.township_ends.iter().any(|end| after.starts_with(end.as_str()))
    }

    /// The township at the beginning of the core, where a government of a township follows or the list of one
    /// of the counties has it.
    fn township_at<'n>(&self, name: &Name<'n>) -> Option<&'n str> {
        let core = name.core;
        let listed = name.ids.iter().filter_map(|id| {
            let division = DIVISIONS_OF_CHINA.get(*id);
            DIVISIONS_OF_CHINA.township(division.code, core)
        });
        if let Some(listed) = listed.max_by_key(|listed| listed.len()) {
            return Some(&core[..listed.len()]);
        }
        let grammar = &self.grammar;
        let own = grammar.township_cores.iter().filter_map(|end| core.strip_suffix(end.as_str()));
        let township = own.chain([core]).find(|township| {
            let n = township.chars().count();
            (2..=12).contains(&n) && grammar.township_ends.iter().any(|end| township.ends_with(end.as_str()))
        })?;
        // A place above it that is not in the list: nothing is known of where it lies.
        if self.unknown_place(township).is_some() { None } else { Some(township) }
    }

    /// The name of a place that the list does not hold, at the beginning of a core: it ends like a division.
    pub(super) fn unknown_place<'n>(&self, core: &'n str) -> Option<&'n str> {
        const MAX_CHARACTERS: usize = 8;
        let grammar = &self.grammar;
        let mut last = None;
        let mut from = 0;
        for (at, c) in core.char_indices() {
            let end = at + c.len_utf8();
            // Past the name of a bureau no place follows that the bureau belongs to.
            if grammar.stops.contains(c) {
                break;
            }
            if !grammar.marks.contains(c) {
                continue;
            }
            let n = core[from..end].chars().count();
            let around = |word: &String| {
                core[from..end].ends_with(word.as_str()) || {
                    // Words that begin with the mark or hold it in the middle: 市场, 城市.
                    let before = core[..at].char_indices().next_back().map_or(at, |(before, _)| before);
                    core[at..].starts_with(word.as_str()) || core[before..].starts_with(word.as_str())
                }
            };
            if !(3..=MAX_CHARACTERS).contains(&n)
                || core[..end].ends_with("自治州") && n < 5
                || grammar.not_divisions.iter().any(around)
                || grammar.zones.iter().any(|zone| core[..end].ends_with(zone.as_str()))
            {
                if n > MAX_CHARACTERS {
                    break;
                }
                continue;
            }
            last = Some(end);
            from = end;
        }
        last.map(|end| &core[..end])
    }

    /// The division of the Corps at the beginning of a name, and what follows it.
    fn corps_at<'n>(&self, name: &'n str) -> Option<(&'n str, Option<u32>)> {
        let corps = &self.corps;
        let long = corps.names.iter().filter(|corps| name.starts_with(corps.as_str())).map(String::len).max();
        let rest = &name[long.unwrap_or(0)..];
        let division = corps.divisions.iter().find(|(division, _)| rest.starts_with(division.as_str()));
        match (long, division) {
            (None, None) => None,
            (_, Some((division, city))) => {
                let rest = &rest[division.len()..];
                let city_name = DIVISIONS_OF_CHINA.name_of(*city, None).unwrap_or_default();
                Some((rest.strip_prefix(city_name).unwrap_or(rest), Some(*city)))
            }
            (Some(_), None) => Some((rest, None)),
        }
    }

    /// What a branch works for: the words between the body it belongs to and its own end.
    fn find_branch(&self, name: &mut Name<'_>) {
        let grammar = &self.grammar;
        let core = name.core;
        let ends = grammar.branch_ends.iter().filter_map(|end| core.strip_suffix(end.as_str()));
        let Some(head) = ends.min_by_key(|head| head.len()) else { return };
        let after = |end: &String| head.rfind(end.as_str()).map(|at| at + end.len());
        let Some(start) = grammar.owner_ends.iter().filter_map(after).max() else { return };
        name.is_branch = true;
        name.branch = Some(&head[start..]).filter(|branch| !branch.is_empty());
        // The place is the branch's, not one above the body it belongs to.
        if name.unknown_place.is_some_and(|place| place.len() > start) {
            name.unknown_place = None;
        }
    }

    /// The division of a branch, among those within the body's own.
    pub(super) fn branch_division(&self, name: &Name<'_>, owners: &[Id], year: Option<i32>) -> Vec<Id> {
        let divisions = &*DIVISIONS_OF_CHINA;
        let Some(branch) = name.branch else { return Vec::new() };
        let within = |ids: &[Id]| -> Vec<Id> {
            let is_within = |id: &&Id| {
                let code = divisions.get(**id).code;
                owners.iter().map(|owner| divisions.get(*owner)).any(|owner| owner.code != code && owner.holds(code))
            };
            divisions.of_year(&ids.iter().filter(is_within).copied().collect::<Vec<_>>(), year)
        };
        let full = within(divisions.named(branch));
        if full.is_empty() { within(divisions.short_named(branch)) } else { full }
    }

    /// Level told by the words of a name whose division is not known.
    pub(super) fn level_by_words(&self, name: &Name<'_>) -> Level {
        if name.township.is_some() {
            return Level::Township;
        }
        let grammar = &self.grammar;
        let is_township = grammar
            .township_cores
            .iter()
            .filter_map(|end| name.core.strip_suffix(end.as_str()))
            .any(|head| grammar.township_ends.iter().any(|end| head.ends_with(end.as_str())));
        if is_township {
            return Level::Township;
        }
        // 县应急管理局, 区人社局: the first character says it all.
        let place = name.unknown_place.unwrap_or(name.core);
        let mark = if name.unknown_place.is_some() { place.chars().next_back() } else { place.chars().next() };
        match mark {
            Some('省') => Level::Province,
            Some('县' | '旗') => Level::County,
            Some('区') if place.ends_with("自治区") => Level::Province,
            Some('区') if name.branch.is_none() => Level::County,
            _ => Level::Unknown,
        }
    }
}

/// The length of a division's name at the beginning of a text that names it once more.
fn repeated(ids: &[Id], rest: &str) -> Option<usize> {
    let names = ids.iter().map(|id| DIVISIONS_OF_CHINA.get(*id).name);
    names.filter(|name| rest.starts_with(name)).map(str::len).max()
}

/// A short form of a province or prefecture that the full name of one of its own divisions follows: its length
/// and what it may stand for.
fn short_before_full(rest: &str, is_wanted: impl Fn(&Division) -> bool, year: Option<i32>) -> Option<(usize, Vec<Id>)> {
    let divisions = &*DIVISIONS_OF_CHINA;
    let ends = rest.char_indices().skip(2).take(4).map(|(end, _)| end);
    ends.filter_map(|end| {
        let is_parent = |id: &&Id| {
            let division = divisions.get(**id);
            let is_below = |below: &Division| below.code != division.code && division.holds(below.code);
            division.level() != Level::County
                && is_wanted(division)
                && divisions.longest_name(&rest[end..], is_below).is_some()
        };
        let ids: Vec<Id> = divisions.short_named(&rest[..end]).iter().filter(is_parent).copied().collect();
        let ids = divisions.of_year(&ids, year);
        (!ids.is_empty()).then_some((end, ids))
    })
    .last()
}
