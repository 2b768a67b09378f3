//! The divisions of China: provinces, prefectures, counties under all names since 2008, and townships.
//!
//! Compiled in from `data/reference/`, read on first use. A place that changed its name or code has a row for
//! each pair, with the months between which it can have been valid. Looking a name up is one hash; nothing
//! here scans the list.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::report::Level;

const DIVISIONS: &str = include_str!("../../data/reference/divisions.csv");
const TOWNSHIPS: &str = include_str!("../../data/reference/townships.txt");
const AREA_CODES: &str = include_str!("../../data/reference/area-codes.csv");

/// Words for autonomous divisions and what is said for short.
const AUTONOMOUS: [(&str, &str); 3] = [("自治州", "州"), ("自治县", "县"), ("自治旗", "旗")];

/// Months since the year 0, so that months compare.
type Month = i32;

/// One division under one name.
#[derive(Debug)]
pub(super) struct Division {
    /// Code of GB/T 2260, six digits.
    pub(super) code: u32,
    /// Its full name.
    pub(super) name: &'static str,
    /// The name without the word for its kind; empty where that leaves one character.
    pub(super) short: &'static str,
    /// First month in which it can have been valid.
    from: Month,
    /// Last month in which it can have been valid.
    to: Month,
}

/// Number of a division in the list.
pub(super) type Id = u16;

/// All divisions with the maps to find them.
#[derive(Debug)]
pub(super) struct Divisions {
    list: Vec<Division>,
    /// Full names, and what autonomous divisions are called for short (恩施州, 长阳县).
    by_name: HashMap<Cow<'static, str>, Vec<Id>>,
    by_short: HashMap<&'static str, Vec<Id>>,
    /// Townships of a county, separated by spaces.
    townships: HashMap<u32, &'static str>,
    /// Prefectures (and provinces without any) of a telephone area.
    areas: HashMap<&'static str, Vec<u32>>,
    longest_name: usize,
}

/// The divisions, read once.
pub(super) static DIVISIONS_OF_CHINA: LazyLock<Divisions> = LazyLock::new(Divisions::load);

impl Division {
    /// Level by code: `xx0000`, `xxyy00`, others.
    pub(super) fn level(&self) -> Level {
        match self.code {
            code if code.is_multiple_of(10_000) => Level::Province,
            code if code.is_multiple_of(100) => Level::Prefecture,
            _ => Level::County,
        }
    }

    /// Whether another division lies in this one, or is this one.
    pub(super) fn holds(&self, code: u32) -> bool {
        let unit = match self.level() {
            Level::Province => 10_000,
            Level::Prefecture => 100,
            _ => 1,
        };
        code / unit == self.code / unit
    }

    /// Whether it can have been valid in one of these months.
    fn is_valid(&self, from: Month, to: Month) -> bool {
        self.from <= to && from <= self.to
    }
}

/// How surely a division was valid when a report on a year was filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// At the end of the year.
    EndOfYear,
    /// Within the year or the next.
    Near,
    /// A year further off: bodies keep their names for a while.
    Far,
    /// Not at all.
    No,
}

impl Divisions {
    fn load() -> Self {
        let mut list = Vec::with_capacity(3_700);
        for line in DIVISIONS.lines().skip(1) {
            let mut fields = line.split(',');
            let mut field = || fields.next().expect("a row of divisions.csv has seven fields");
            let code = field().parse().expect("codes of divisions.csv are numbers");
            let (name, short, _, _) = (field(), field(), field(), field());
            let from = month(field()).unwrap_or(Month::MIN);
            let to = month(field()).unwrap_or(Month::MAX);
            list.push(Division { code, name, short, from, to });
        }
        let mut by_name: HashMap<Cow<'static, str>, Vec<Id>> = HashMap::with_capacity(list.len());
        let mut by_short: HashMap<&str, Vec<Id>> = HashMap::with_capacity(list.len());
        for (at, division) in list.iter().enumerate() {
            let id = Id::try_from(at).expect("fewer than 65,536 divisions");
            by_name.entry(Cow::Borrowed(division.name)).or_default().push(id);
            for (autonomous, kind) in AUTONOMOUS {
                if division.name.ends_with(autonomous) && !division.short.is_empty() {
                    by_name.entry(Cow::Owned(format!("{}{kind}", division.short))).or_default().push(id);
                }
            }
            if !division.short.is_empty() {
                by_short.entry(division.short).or_default().push(id);
            }
        }
        let townships = TOWNSHIPS.lines().filter_map(|line| {
            let (code, names) = line.split_once(' ')?;
            Some((code.parse().ok()?, names))
        });
        let mut areas: HashMap<&str, Vec<u32>> = HashMap::new();
        for (area, code) in AREA_CODES.lines().skip(1).filter_map(|line| line.split_once(',')) {
            areas.entry(area).or_default().push(code.parse().expect("codes of area-codes.csv are numbers"));
        }
        let longest_name = list.iter().map(|division| division.name.len()).max().unwrap_or(0);
        Self { by_name, by_short, townships: townships.collect(), areas, longest_name, list }
    }

    pub(super) fn get(&self, id: Id) -> &Division {
        &self.list[usize::from(id)]
    }

    /// Divisions of exactly this name.
    pub(super) fn named(&self, name: &str) -> &[Id] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Divisions of exactly this short name.
    pub(super) fn short_named(&self, short: &str) -> &[Id] {
        self.by_short.get(short).map_or(&[], Vec::as_slice)
    }

    /// The longest name at the beginning of a text among the divisions that `is_wanted`: its length in bytes
    /// and who bears it.
    pub(super) fn longest_name(&self, text: &str, is_wanted: impl Fn(&Division) -> bool) -> Option<(usize, Vec<Id>)> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= self.longest_name);
        ends.collect::<Vec<_>>().into_iter().rev().find_map(|end| {
            let ids: Vec<Id> = self.named(&text[..end]).iter().copied().filter(|id| is_wanted(self.get(*id))).collect();
            (!ids.is_empty()).then_some((end, ids))
        })
    }

    /// The bearers of a name in use when a report on a year was filed: those surely in use if there are any,
    /// else those that may have been.
    pub(super) fn of_year(&self, ids: &[Id], year: Option<i32>) -> Vec<Id> {
        let Some(year) = year else { return ids.to_vec() };
        let fit = |id: &Id| {
            let division = self.get(*id);
            let (first, last) = (year * 12, year * 12 + 11);
            if division.is_valid(last, last) {
                Fit::EndOfYear
            } else if division.is_valid(first, last + 12) {
                Fit::Near
            } else if division.is_valid(first - 12, last + 24) {
                Fit::Far
            } else {
                Fit::No
            }
        };
        let best = ids.iter().map(fit).min().unwrap_or(Fit::No);
        ids.iter().copied().filter(|id| best != Fit::No && fit(id) == best).collect()
    }

    /// The name of a code in a year.
    pub(super) fn name_of(&self, code: u32, year: Option<i32>) -> Option<&'static str> {
        let start = self.list.partition_point(|division| division.code < code);
        let rows = self.list[start..].iter().take_while(|division| division.code == code);
        let ids: Vec<Id> = (start..start + rows.count()).filter_map(|at| Id::try_from(at).ok()).collect();
        match self.of_year(&ids, year).as_slice() {
            [id] => Some(self.get(*id).name),
            _ => None,
        }
    }

    /// The longest township of a county (or prefecture without counties) at the beginning of a text.
    pub(super) fn township(&self, code: u32, text: &str) -> Option<&'static str> {
        let names = self.townships.get(&code)?;
        names.split(' ').filter(|name| text.starts_with(name)).max_by_key(|name| name.len())
    }

    /// The divisions of a telephone area; empty where the area is not known.
    pub(super) fn area(&self, area: &str) -> &[u32] {
        self.areas.get(area).map_or(&[], Vec::as_slice)
    }

    /// Whether the area codes of a division's prefecture are known at all.
    pub(super) fn has_area(&self, code: u32) -> bool {
        let is_in = |known: &u32| {
            known / 100 == code / 100 || (known.is_multiple_of(10_000) && known / 10_000 == code / 10_000)
        };
        // A few hundred numbers, asked for once a report that has a telephone.
        self.areas.values().flatten().any(is_in)
    }
}

/// A month as `YYYY-MM`.
fn month(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    Some(year.parse::<Month>().ok()? * 12 + month.parse::<Month>().ok()? - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(name: &str, year: Option<i32>) -> Vec<u32> {
        let divisions = &*DIVISIONS_OF_CHINA;
        divisions.of_year(divisions.named(name), year).iter().map(|id| divisions.get(*id).code).collect()
    }

    #[test]
    fn names_are_found_with_their_codes() {
        assert_eq!(codes("宁夏回族自治区", None), [640_000]);
        assert_eq!(codes("中卫市", Some(2023)), [640_500]);
        assert_eq!(codes("利通区", Some(2023)), [640_302]);
        assert_eq!(codes("平湖市", None), [330_482]);
        assert_eq!(codes("神农架林区", None), [429_021]);
        assert_eq!(codes("示例县", None), [0_u32; 0]);
        assert_eq!(codes("市辖区", None), [0_u32; 0]);
    }

    #[test]
    fn names_change_with_the_years() {
        assert_eq!(codes("辽中县", Some(2010)), [210_122]);
        assert_eq!(codes("辽中县", Some(2023)), [0_u32; 0]);
        assert_eq!(codes("闸北区", Some(2014)), [310_108]);
        assert_eq!(codes("钢城区", Some(2017)), [371_203]);
        assert_eq!(codes("钢城区", Some(2019)), [370_117]);
        assert_eq!(codes("巢湖市", Some(2009)), [341_400]);
        assert_eq!(codes("巢湖市", Some(2020)), [340_181]);
        assert_eq!(codes("朝阳区", Some(2023)), [110_105, 220_104]);
        assert_eq!(DIVISIONS_OF_CHINA.name_of(320_813, Some(2023)), Some("洪泽区"));
        assert_eq!(DIVISIONS_OF_CHINA.name_of(320_800, None), Some("淮安市"));
    }

    #[test]
    fn the_list_is_whole() {
        let divisions = &*DIVISIONS_OF_CHINA;
        assert!(divisions.list.is_sorted_by_key(|division| division.code));
        let current = |level: Level| {
            divisions.list.iter().filter(|division| division.to == Month::MAX && division.level() == level).count()
        };
        assert_eq!(current(Level::Province), 31);
        assert_eq!(current(Level::Prefecture), 333);
        assert!((2_840..2_850).contains(&current(Level::County)), "{}", current(Level::County));
        for division in &divisions.list {
            assert!(division.from <= division.to, "{division:?}");
            let province = division.code / 10_000 * 10_000;
            assert!(divisions.name_of(province, None).is_some(), "{division:?}");
        }
    }

    #[test]
    fn townships_and_area_codes_are_found() {
        let divisions = &*DIVISIONS_OF_CHINA;
        assert_eq!(divisions.township(441_900, "虎门镇人民政府"), Some("虎门镇"));
        assert_eq!(divisions.township(110_101, "东华门街道办事处"), Some("东华门街道"));
        assert_eq!(divisions.township(110_101, "虎门镇"), None);
        assert_eq!(divisions.area("0955"), [640_500]);
        assert!(divisions.area("0731").len() > 1);
        assert!(divisions.area("0000").is_empty() && divisions.has_area(640_502));
    }
}
