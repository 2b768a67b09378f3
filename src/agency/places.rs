//! Which of the divisions that a name fits is meant, by what else the page tells.

use crate::model::report::{Level, Region};

use super::divisions::{DIVISIONS_OF_CHINA, Division, Id};
use super::grammar::Name;
use super::{Agencies, Clues, one_of_each_code};

/// Where a body works.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) region: Region,
    pub(super) level: Level,
    pub(super) is_ambiguous: bool,
}

/// What the hints leave of several divisions.
enum Choice {
    One(Id),
    /// Several fit.
    Ambiguous,
    /// None fits the year or the telephone.
    None,
}

/// The first characters of a text in which a name of the division above counts.
const NEAR: usize = 300;

impl Agencies {
    /// Finds the division of a name.
    pub(super) fn place(&self, name: &Name<'_>, clues: &Clues<'_>) -> Place {
        let nowhere = |level: Level, is_ambiguous: bool| Place { region: Region::default(), level, is_ambiguous };
        if name.is_national {
            return Place {
                region: Region { code: Some(0), ..Region::default() },
                level: Level::National,
                is_ambiguous: false,
            };
        }
        if let Some(city) = name.corps {
            return self.place_of_corps(name, city, clues.year);
        }
        if name.ids.is_empty() {
            let found = self.by_first_character(name, clues).unwrap_or_default();
            return match self.choose(name, &found, clues) {
                Choice::One(id) => region_of(name, id, None, clues.year),
                _ => nowhere(self.level_by_words(name), false),
            };
        }
        let mut ids = name.ids.clone();
        if let Some(township) = name.township {
            // A township that only one of several counties has.
            let has_it =
                |id: &Id| DIVISIONS_OF_CHINA.township(DIVISIONS_OF_CHINA.get(*id).code, township) == Some(township);
            let with: Vec<Id> = ids.iter().copied().filter(has_it).collect();
            if !with.is_empty() {
                ids = with;
            }
        }
        match self.choose(name, &ids, clues) {
            Choice::One(id) => region_of(name, id, self.branch_of(name, id, clues.year), clues.year),
            Choice::Ambiguous => nowhere(common_level(self, name), true),
            Choice::None => nowhere(common_level(self, name), false),
        }
    }

    fn place_of_corps(&self, name: &Name<'_>, city: Option<u32>, year: Option<i32>) -> Place {
        let province = DIVISIONS_OF_CHINA.name_of(self.corps.province, year).map(Into::into);
        // Regiments lie outside the city of their division as often as in it.
        let city = city.filter(|_| !name.core.contains('团'));
        let county = city.and_then(|code| DIVISIONS_OF_CHINA.name_of(code, year));
        let level = if county.is_some() { Level::County } else { Level::Unknown };
        let code = county.and(city);
        let region = Region { code, province, county: county.map(Into::into), ..Region::default() };
        Place { region, level, is_ambiguous: false }
    }

    /// 区人社局, 县应急管理局: the one division of that kind which the opening names.
    fn by_first_character(&self, name: &Name<'_>, clues: &Clues<'_>) -> Option<Vec<Id>> {
        if name.township.is_some() || name.unknown_place.is_some() || name.is_branch {
            return None;
        }
        let first = name.core.chars().next().filter(|c| matches!(c, '区' | '县' | '旗'))?;
        let text: String = clues.opening.chars().take(NEAR).collect();
        let mut found: Vec<Id> = Vec::new();
        for (at, _) in text.match_indices(first) {
            let end = at + first.len_utf8();
            // The longest name that ends here.
            let starts = text[..at].char_indices().rev().map(|(start, _)| start).take(14).skip(1);
            if let Some(ids) = starts.filter_map(|start| text.get(start..end)).rev_longest() {
                found.extend(ids);
            }
        }
        found.sort_unstable();
        found.dedup();
        let mut names: Vec<&str> = found.iter().map(|id| DIVISIONS_OF_CHINA.get(*id).name).collect();
        names.dedup();
        (names.len() == 1).then_some(found)
    }

    /// Picks the division that the year and the hints leave; never the first of several.
    fn choose(&self, name: &Name<'_>, ids: &[Id], clues: &Clues<'_>) -> Choice {
        let divisions = &*DIVISIONS_OF_CHINA;
        let mut ids = one_of_each_code(&divisions.of_year(ids, clues.year));
        if ids.is_empty() {
            return Choice::None;
        }
        // 东区 and 城区 are names of many parts of towns that are no divisions.
        let is_common = |id: &Id| {
            let name = divisions.get(*id).name;
            name.chars().count() == 2 && name.ends_with('区')
        };
        let is_weak = name.n_parents == 0 && ids.iter().all(is_common);
        let mut is_confirmed = !is_weak;
        let narrow = |ids: &mut Vec<Id>, is_supported: &dyn Fn(&Division) -> bool| {
            let kept: Vec<Id> = ids.iter().copied().filter(|id| is_supported(divisions.get(*id))).collect();
            let is_any = !kept.is_empty();
            if is_any {
                *ids = kept;
            }
            is_any
        };
        if ids.len() > 1 || is_weak {
            let opening: String = clues.opening.chars().take(NEAR).collect();
            for text in [clues.title, &opening] {
                if ids.len() > 1 || !is_confirmed {
                    is_confirmed |= narrow(&mut ids, &|division| names_parent(text, division, clues.year));
                }
            }
            if let Some(province) = clues.url.and_then(|url| self.province_of_host(url))
                && (ids.len() > 1 || !is_confirmed)
            {
                narrow(&mut ids, &|division| division.code / 10_000 == province / 10_000);
            }
            if ids.len() > 1 {
                narrow(&mut ids, &|division| names_parent(clues.path, division, clues.year));
            }
        }
        let area = clues.phone.and_then(area_of).map_or(&[][..], |area| divisions.area(area));
        if !area.is_empty() {
            let is_in_area = |division: &Division| {
                area.iter().any(|code| {
                    let same_prefecture = code / 100 == division.code / 100;
                    let province_wide = code.is_multiple_of(10_000) && code / 10_000 == division.code / 10_000;
                    same_prefecture || province_wide || division.level() == Level::Province && division.holds(*code)
                })
            };
            // The telephone is asked of every name that stands alone: a place of that name may be elsewhere.
            let is_asked = ids.len() > 1 || name.n_parents == 0;
            let is_known =
                |division: &Division| division.level() == Level::Province || divisions.has_area(division.code);
            if is_asked && !narrow(&mut ids, &is_in_area) && ids.iter().any(|id| is_known(divisions.get(*id))) {
                return if ids.len() > 1 { Choice::Ambiguous } else { Choice::None };
            }
        }
        if ids.len() > 1
            && let Some(provinces) = clues.postcode.and_then(|code| self.places.postcodes.get(code.get(..2)?))
            && !narrow(&mut ids, &|division| {
                provinces.iter().any(|province| province / 10_000 == division.code / 10_000)
            })
        {
            return Choice::Ambiguous;
        }
        match ids.as_slice() {
            [id] if is_confirmed => Choice::One(*id),
            _ => Choice::Ambiguous,
        }
    }

    /// The division of a branch, where it is one that the list holds.
    fn branch_of(&self, name: &Name<'_>, owner: Id, year: Option<i32>) -> Option<Option<Id>> {
        if !name.is_branch {
            return None;
        }
        match one_of_each_code(&self.branch_division(name, &[owner], year)).as_slice() {
            [id] => Some(Some(*id)),
            _ => Some(None),
        }
    }

    /// The province whose host a page stands on: `label.gov.cn` at its end.
    fn province_of_host(&self, url: &str) -> Option<u32> {
        let host = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = host.split(['/', ':', '?']).next()?;
        let label = host.strip_suffix(".gov.cn")?.rsplit('.').next()?;
        self.places.hosts.get(label).copied()
    }
}

/// The longest of some prints that is the name of a division.
trait Longest {
    fn rev_longest(self) -> Option<Vec<Id>>;
}

impl<'t, I: Iterator<Item = &'t str>> Longest for I {
    fn rev_longest(self) -> Option<Vec<Id>> {
        let named = self
            .filter_map(|name| Some((name.len(), DIVISIONS_OF_CHINA.named(name))).filter(|(_, ids)| !ids.is_empty()));
        named.max_by_key(|(length, _)| *length).map(|(_, ids)| ids.to_vec())
    }
}

/// Whether a text names a division above this one.
fn names_parent(text: &str, division: &Division, year: Option<i32>) -> bool {
    let codes = [division.code / 100 * 100, division.code / 10_000 * 10_000];
    codes
        .into_iter()
        .filter(|code| *code != division.code)
        .any(|code| DIVISIONS_OF_CHINA.name_of(code, year).is_some_and(|name| text.contains(name)))
}

/// The area code of a telephone: its digits from the leading zero on.
fn area_of(phone: &str) -> Option<&str> {
    let start = phone.find('0').filter(|at| phone[..*at].trim_matches('(').is_empty())?;
    let digits = phone[start..].find(|c: char| !c.is_ascii_digit()).map_or(phone.len(), |end| start + end);
    let code = &phone[start..digits];
    // Without a mark after it the code is the first three or four digits: 010 and 02x have three.
    let length = if code.starts_with("01") || code.starts_with("02") { 3 } else { 4 };
    code.get(..length)
}

/// The region of a body of one division.
fn region_of(name: &Name<'_>, id: Id, branch: Option<Option<Id>>, year: Option<i32>) -> Place {
    let divisions = &*DIVISIONS_OF_CHINA;
    let owner = divisions.get(id);
    let division = branch.flatten().map_or(owner, |branch| divisions.get(branch));
    let mut place = Place { region: names_of(division, year), level: division.level(), is_ambiguous: false };
    if branch == Some(None) {
        // The branch lies in the division of its owner; what it covers is not known.
        place.level = Level::Unknown;
        return place;
    }
    if let Some(township) = name.township {
        place.level = Level::Township;
        place.region.township = Some(township.into());
        let has_townships = division.level() == Level::County || divisions.township(division.code, township).is_some();
        if !has_townships {
            place.region.code = None;
        }
    } else if name.unknown_place.is_some() {
        // A place below this one that is not in the list.
        place.region.code = None;
        place.level = Level::Unknown;
    }
    place
}

/// The names of a division and those above it.
fn names_of(division: &Division, year: Option<i32>) -> Region {
    let name = |code: u32| DIVISIONS_OF_CHINA.name_of(code, year).map(Into::into);
    let own = |level: Level| (division.level() == level).then(|| division.name.into());
    let prefecture = division.code / 100 * 100;
    Region {
        code: Some(division.code),
        province: own(Level::Province).or_else(|| name(division.code / 10_000 * 10_000)),
        city: match division.level() {
            Level::Province => None,
            Level::Prefecture => Some(division.name.into()),
            _ => name(prefecture),
        },
        county: own(Level::County),
        township: None,
    }
}

/// The level that all divisions of a name share.
fn common_level(agencies: &Agencies, name: &Name<'_>) -> Level {
    if name.township.is_some() {
        return Level::Township;
    }
    if name.unknown_place.is_some() || name.is_branch {
        return agencies.level_by_words(name);
    }
    let mut levels = name.ids.iter().map(|id| DIVISIONS_OF_CHINA.get(*id).level());
    let first = levels.next().unwrap_or(Level::Unknown);
    if levels.all(|level| level == first) { first } else { Level::Unknown }
}
