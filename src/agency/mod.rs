//! Public bodies: from a printed name to its division, level, field of work and a stable id.
//!
//! Knowledge is data: `config/agencies.toml` says how names are built and what their words mean, `data/reference/`
//! holds the divisions. [`Agencies::resolve`] takes a name and what else a page tells of it. Where two divisions
//! fit and nothing printed tells which, there is none: a guess is worse than nothing. Texts are folded
//! (half-width, no white space) throughout.

mod divisions;
mod grammar;
mod kind;
mod places;

use std::collections::{BTreeMap, HashMap};

use compact_str::CompactString;
use regex::Regex;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::model::report::{Level, Region, Scope};

use divisions::{DIVISIONS_OF_CHINA, Id};

/// What the program knows of public bodies.
#[derive(Debug)]
pub struct Agencies {
    grammar: Grammar,
    corps: Corps,
    short_forms: BTreeMap<String, String>,
    /// Words of sectors by their first character, the longest first.
    sector_words: HashMap<char, Vec<(String, String)>>,
    /// Codes of the sectors that words name, sorted.
    sectors: Vec<String>,
    scope: ScopeMarks,
    places: Places,
    /// Key words of the contact sentence.
    pub contact: ContactWords,
    /// Any key of the contact sentence.
    contact_keys: Regex,
    /// Key words of lines about a page.
    pub page: PageWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAgencies {
    grammar: Grammar,
    corps: Corps,
    short_forms: BTreeMap<String, String>,
    sectors: BTreeMap<String, Vec<String>>,
    scope: ScopeMarks,
    places: Places,
    contact: ContactWords,
    page: PageWords,
}

/// How names are built.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Grammar {
    systems: Vec<String>,
    national: Vec<String>,
    township_ends: Vec<String>,
    township_cores: Vec<String>,
    governments: Vec<String>,
    government_offices: Vec<String>,
    bare_government: String,
    bare_street: String,
    street: String,
    marks: String,
    stops: String,
    zones: Vec<String>,
    zone_ends: Vec<String>,
    not_divisions: Vec<String>,
    branch_ends: Vec<String>,
    owner_ends: Vec<String>,
}

/// The Xinjiang Production and Construction Corps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Corps {
    names: Vec<String>,
    province: u32,
    divisions: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeMarks {
    jurisdiction: Vec<String>,
    system: Vec<String>,
    agency: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    hosts: BTreeMap<String, u32>,
    postcodes: BTreeMap<String, Vec<u32>>,
}

/// Key words of the contact sentence.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactWords {
    /// Words one of which stands before the first key: whom to ask.
    pub triggers: Vec<String>,
    /// Words one of which stands before the first key: about what.
    pub about: Vec<String>,
    /// Words of the footers of sites, which are no contact of a report.
    pub footers: Vec<String>,
    /// Keys of a postal address.
    pub address: Vec<String>,
    /// Keys of a postcode.
    pub postcode: Vec<String>,
    /// Keys of a telephone.
    pub phone: Vec<String>,
    /// Keys of a fax.
    pub fax: Vec<String>,
    /// Keys of an e-mail address.
    pub email: Vec<String>,
    /// Keys of what is not read.
    pub other: Vec<String>,
}

/// Key words of lines about a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageWords {
    /// Keys of the day of publication.
    pub published: Vec<String>,
    /// Keys of the day of issue, which stands for it where it is not printed.
    pub issued: Vec<String>,
    /// Keys of the address of the page.
    pub url: Vec<String>,
}

/// What a page tells of a body, folded but for the addresses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clues<'c> {
    /// The body's name.
    pub name: &'c str,
    /// The report year.
    pub year: Option<i32>,
    /// The title of the report.
    pub title: &'c str,
    /// The text before the first section.
    pub opening: &'c str,
    /// Address of the page.
    pub url: Option<&'c str>,
    /// Path of the file as the walk gives it.
    pub path: &'c str,
    /// Telephone of the contact sentence.
    pub phone: Option<&'c str>,
    /// Postcode of the contact sentence.
    pub postcode: Option<&'c str>,
}

/// What a name resolves to.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Where it works.
    pub region: Region,
    /// Rank of its division.
    pub level: Level,
    /// Code of its field of work.
    pub sector: CompactString,
    /// Whose work its report counts.
    pub scope: Scope,
    /// What kind of body it is.
    pub kind: Kind,
    /// Stable over years and files; none while the region is not known.
    pub id: Option<CompactString>,
    /// The name fits several divisions and nothing tells which.
    pub is_ambiguous: bool,
}

/// What kind of body a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Government of a province, prefecture or county.
    Government,
    /// Its office.
    GovernmentOffice,
    /// A bureau, committee or office.
    Department,
    /// A branch of a bureau.
    Branch,
    /// A local body of a central system.
    Vertical,
    /// Government of a town, township or street.
    Township,
    /// A body that runs a zone.
    DevZone,
    /// Of the Xinjiang Production and Construction Corps.
    Corps,
    /// A body of the nation.
    National,
}

impl Agencies {
    /// Reads `agencies.toml`.
    ///
    /// # Errors
    /// When the text is not the TOML that is expected.
    pub fn load(text: &str) -> Result<Self, toml::de::Error> {
        let raw: RawAgencies = toml::from_str(text)?;
        let mut sector_words: HashMap<char, Vec<(String, String)>> = HashMap::new();
        for (sector, words) in &raw.sectors {
            for word in words {
                if let Some(first) = word.chars().next() {
                    sector_words.entry(first).or_default().push((word.clone(), sector.clone()));
                }
            }
        }
        for first in raw.sectors.values().flatten().filter_map(|word| word.chars().next()) {
            let words = sector_words.get_mut(&first).expect("entered above");
            words.sort_by(|(one, _), (two, _)| two.len().cmp(&one.len()).then_with(|| one.cmp(two)));
        }
        let contact = &raw.contact;
        let keys = [&contact.address, &contact.postcode, &contact.phone, &contact.fax, &contact.email];
        let keys: Vec<String> = keys.into_iter().flatten().map(|key| regex::escape(key)).collect();
        let contact_keys = Regex::new(&keys.join("|")).expect("escaped words are a pattern");
        Ok(Self {
            contact_keys,
            grammar: raw.grammar,
            corps: raw.corps,
            short_forms: raw.short_forms,
            sector_words,
            sectors: raw.sectors.into_keys().collect(),
            scope: raw.scope,
            places: raw.places,
            contact: raw.contact,
            page: raw.page,
        })
    }

    /// Codes of all sectors: those that words name, and those given by the kind of body.
    pub fn sectors(&self) -> impl Iterator<Item = &str> {
        self.sectors.iter().map(String::as_str).chain(kind::SECTORS_OF_KINDS)
    }

    /// Any key of the contact sentence, to be looked for in a whole report at once.
    #[must_use]
    pub fn contact_keys(&self) -> &Regex {
        &self.contact_keys
    }

    /// Finds division, level, sector, scope and id of a body.
    ///
    /// Never fails: what the name and the page do not tell is none or unknown.
    #[must_use]
    pub fn resolve(&self, clues: &Clues<'_>) -> Body {
        let name = self.parse(clues.name, clues.year);
        let place = self.place(&name, clues);
        let kind = self.kind(&name);
        let code = place.region.code;
        let id = code.map(|code| self.id(code, &name, place.region.township.as_deref()));
        Body {
            sector: self.sector(&name, kind).into(),
            scope: self.scope(&name, kind, clues),
            level: place.level,
            kind,
            id,
            is_ambiguous: place.is_ambiguous,
            region: place.region,
        }
    }

    /// First 16 hex digits of the SHA-256 of the region code and the normalised name: divisions taken off, short
    /// forms written out. Whether a page prints the prefecture too makes no difference.
    fn id(&self, code: u32, name: &grammar::Name<'_>, township: Option<&str>) -> CompactString {
        let mut normal = name.core.to_owned();
        if let Some(township) = township {
            let rest = normal.strip_prefix(township).unwrap_or(&normal).to_owned();
            let core = match (rest.as_str(), township.ends_with(&self.grammar.street)) {
                ("", true) => &self.grammar.bare_street,
                ("", false) => &self.grammar.bare_government,
                (rest, _) => rest,
            };
            normal = format!("{township}{core}");
        } else if normal.is_empty() {
            normal.clone_from(&self.grammar.bare_government);
        }
        // The longest short form first; a written-out form ends with none of them.
        let ends = self.short_forms.iter().filter(|(short, _)| normal.ends_with(short.as_str()));
        if let Some((short, long)) = ends.max_by_key(|(short, _)| short.len())
            && !normal.ends_with(long.as_str())
        {
            normal = format!("{}{long}", &normal[..normal.len() - short.len()]);
        }
        let hash = Sha256::digest(format!("{code:06}{normal}"));
        hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The divisions of these ids, one of each code.
fn one_of_each_code(ids: &[Id]) -> Vec<Id> {
    let mut ids = ids.to_vec();
    ids.sort_by_key(|id| DIVISIONS_OF_CHINA.get(*id).code);
    ids.dedup_by_key(|id| DIVISIONS_OF_CHINA.get(*id).code);
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agencies() -> Agencies {
        Agencies::load(include_str!("../../config/agencies.toml")).expect("agencies.toml")
    }

    fn kind_code(kind: Kind) -> &'static str {
        match kind {
            Kind::Government => "government",
            Kind::GovernmentOffice => "government_office",
            Kind::Department => "department",
            Kind::Branch => "branch",
            Kind::Vertical => "vertical",
            Kind::Township => "township",
            Kind::DevZone => "dev_zone",
            Kind::Corps => "corps",
            Kind::National => "national",
        }
    }

    #[test]
    fn names_resolve_as_written_down() {
        let agencies = agencies();
        let mut wrong = Vec::new();
        let mut n_names = 0;
        for line in include_str!("../../tests/agency_names.txt").lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split(" ; ").collect();
            let [name, year, code, level, kind, sector, scope, more @ ..] = fields.as_slice() else {
                panic!("seven fields: {line}");
            };
            let value = |key: &str| more.iter().find_map(|field| field.strip_prefix(key)?.strip_prefix('='));
            let body = agencies.resolve(&Clues {
                name,
                year: year.parse().ok(),
                title: value("title").unwrap_or_default(),
                opening: value("opening").unwrap_or_default(),
                url: value("url"),
                path: value("path").unwrap_or_default(),
                phone: value("phone"),
                postcode: value("postcode"),
            });
            let region = &body.region;
            let found_code = region.code.map_or("-".to_owned(), |code| format!("{code:06}"));
            let found =
                [found_code.as_str(), body.level.as_str(), kind_code(body.kind), &body.sector, body.scope.as_str()];
            let mut is_right = found == [*code, *level, *kind, *sector, *scope];
            is_right &= body.id.is_some() == region.code.is_some();
            is_right &= body.is_ambiguous == more.contains(&"ambiguous");
            let parts = [
                ("province", &region.province),
                ("city", &region.city),
                ("county", &region.county),
                ("township", &region.township),
            ];
            is_right &= parts.iter().all(|(key, part)| value(key).is_none_or(|value| part.as_deref() == Some(value)));
            if !is_right {
                wrong.push(format!("{line}\n    {found:?} {region:?} ambiguous: {}", body.is_ambiguous));
            }
            n_names += 1;
        }
        assert!(wrong.is_empty(), "{} of {n_names}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(n_names > 150);
    }

    #[test]
    fn one_body_has_one_id() {
        let agencies = agencies();
        let id = |name: &str, year: i32| {
            agencies.resolve(&Clues { name, year: Some(year), ..Clues::default() }).id.expect("has a region")
        };
        assert_eq!(id("利通区医疗保障局", 2022), id("吴忠市利通区医疗保障局", 2023));
        assert_eq!(id("利通区医保局", 2022), id("利通区医疗保障局", 2023));
        assert_eq!(id("沭阳县发改局", 2022), id("沭阳县发展和改革局", 2023));
        assert_eq!(id("将乐县", 2022), id("将乐县人民政府", 2023));
        assert_eq!(id("洪泽区岔河镇", 2022), id("淮安市洪泽区岔河镇人民政府", 2023));
        assert_eq!(id("利通区政府办", 2022), id("利通区人民政府办公室", 2023));
        assert_ne!(id("利通区民政局", 2022), id("利通区财政局", 2022));
        assert_ne!(id("将乐县人民政府", 2022), id("将乐县人民政府办公室", 2022));
        // `printf '640302医疗保障局' | sha256sum`
        assert_eq!(id("利通区医疗保障局", 2023), "c2b633b4466d6292");
    }

    #[test]
    fn odd_names_resolve_to_nothing_and_break_nothing() {
        let agencies = agencies();
        for name in
            ["", "市", "区", "局", "省市区县", "分局", "第", "兵团", "中华人民共和国", "中共", "\u{20000}镇", "(市)"]
        {
            let body = agencies.resolve(&Clues { name, phone: Some("0"), url: Some("://"), ..Clues::default() });
            assert_eq!(body.region.code, None, "{name}");
        }
        let long = "市".repeat(20_000);
        assert_eq!(agencies.resolve(&Clues { name: &long, opening: &long, ..Clues::default() }).region.code, None);
    }
}
