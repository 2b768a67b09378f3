//! Coverage: which bodies have a report on which years, and which years are missing between two of them.

use std::collections::BTreeMap;

use askama::Template;

use super::tally::{Body, Tally};
use super::{PageError, Writer};
use crate::config::Config;
use crate::wording::printable;

/// Coverage as it is shown.
#[derive(Default)]
pub(super) struct Coverage {
    pub(super) years: Vec<i32>,
    pub(super) provinces: Vec<Province>,
    /// Sums over the provinces.
    pub(super) n_bodies: u64,
    pub(super) gaps: u64,
    /// Companion pages that hold the bodies, where they are many.
    pub(super) pages: Vec<String>,
}

/// A province with its bodies.
pub(super) struct Province {
    /// Empty where it is not known.
    pub(super) name: String,
    pub(super) number: usize,
    pub(super) n_bodies: u64,
    pub(super) gaps: u64,
    /// Bodies with an accepted report, and with one that is held back alone, by year.
    pub(super) years: Vec<(u64, u64)>,
    pub(super) bodies: Vec<BodyRow>,
    /// The companion page that its bodies begin on.
    pub(super) page: Option<String>,
}

/// A body and its years.
#[derive(Clone)]
pub(super) struct BodyRow {
    pub(super) name: String,
    pub(super) years: Vec<Covered>,
}

/// What there is of a body on a year.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Covered {
    Accepted,
    Held,
    Gap,
    Outside,
}

impl Covered {
    /// The cell of the table: its class and its sign.
    pub(super) fn cell(self) -> &'static str {
        match self {
            Self::Accepted => "<td class=ok>✓",
            Self::Held => "<td class=held>!",
            Self::Gap => "<td class=gap>–",
            Self::Outside => "<td>",
        }
    }
}

#[derive(Template)]
#[template(path = "coverage.html")]
struct CoveragePage<'p> {
    years: &'p [i32],
    /// Provinces, each with those of its bodies that stand on the page.
    provinces: Vec<(&'p Province, &'p [BodyRow])>,
    number: usize,
    n_pages: usize,
}

impl CoveragePage<'_> {
    fn name(number: usize) -> String {
        format!("coverage-{number:04}.html")
    }
}

/// Lays the coverage out; writes companion pages where the bodies are too many for one page.
///
/// # Errors
/// When a page cannot be written.
pub(super) fn coverage(tally: &Tally, config: &Config, writer: &mut Writer<'_>) -> Result<Coverage, PageError> {
    let years = || tally.bodies.values().flat_map(|body| body.years.keys().copied());
    let (Some(first), Some(last)) = (years().min(), years().max()) else { return Ok(Coverage::default()) };
    let years: Vec<i32> = (first..=last).collect();
    // Provinces stand in the order of their codes, the unknown one last.
    let mut grouped: BTreeMap<(bool, &str, &str), Vec<&Body>> = BTreeMap::new();
    for body in tally.bodies.values() {
        let code = body.region_code.get(..2).unwrap_or_default();
        grouped.entry((body.province.is_empty(), code, &body.province)).or_default().push(body);
    }
    let mut coverage = Coverage { years, ..Coverage::default() };
    for ((_, _, name), mut bodies) in grouped {
        bodies.sort_by(|one, two| (&one.region_code, &one.name).cmp(&(&two.region_code, &two.name)));
        coverage.add(name, &bodies);
    }
    if tally.bodies.len() > config.page.bodies_inline {
        coverage.write_pages(config.page.bodies_per_page, writer)?;
    }
    Ok(coverage)
}

impl Coverage {
    fn add(&mut self, name: &str, bodies: &[&Body]) {
        let count = |year: &i32, is_accepted: bool| {
            bodies.iter().filter(|body| body.years.get(year) == Some(&is_accepted)).count() as u64
        };
        let gaps = bodies.iter().map(|body| body.gaps()).sum();
        let n_bodies = bodies.len() as u64;
        self.n_bodies += n_bodies;
        self.gaps += gaps;
        self.provinces.push(Province {
            name: printable(name),
            number: self.provinces.len() + 1,
            n_bodies,
            gaps,
            years: self.years.iter().map(|year| (count(year, true), count(year, false))).collect(),
            bodies: bodies.iter().map(|body| row(body, &self.years)).collect(),
            page: None,
        });
    }

    /// Moves the bodies to companion pages, so many on each.
    fn write_pages(&mut self, per_page: usize, writer: &mut Writer<'_>) -> Result<(), PageError> {
        let n_pages = self.provinces.iter().map(|province| province.bodies.len()).sum::<usize>().div_ceil(per_page);
        let mut pages: Vec<Vec<(usize, std::ops::Range<usize>)>> = vec![Vec::new()];
        let mut room = per_page;
        for (at, province) in self.provinces.iter().enumerate() {
            let mut start = 0;
            while start < province.bodies.len() {
                if room == 0 {
                    pages.push(Vec::new());
                    room = per_page;
                }
                let end = province.bodies.len().min(start + room);
                pages.last_mut().expect("there is a page").push((at, start..end));
                room -= end - start;
                start = end;
            }
        }
        for (at, parts) in pages.into_iter().enumerate() {
            let number = at + 1;
            let name = CoveragePage::name(number);
            let part = |(at, range): &(usize, std::ops::Range<usize>)| {
                let province = &self.provinces[*at];
                (province, &province.bodies[range.clone()])
            };
            let provinces = parts.iter().map(part).collect();
            writer.write(&format!("pages/{name}"), &CoveragePage { years: &self.years, provinces, number, n_pages })?;
            for (at, range) in parts {
                if range.start == 0 {
                    self.provinces[at].page = Some(format!("pages/{name}#p{}", self.provinces[at].number));
                }
            }
            self.pages.push(name);
        }
        for province in &mut self.provinces {
            province.bodies.clear();
        }
        Ok(())
    }
}

fn row(body: &Body, years: &[i32]) -> BodyRow {
    let first = body.years.keys().next().copied().unwrap_or(i32::MAX);
    let last = body.years.keys().next_back().copied().unwrap_or(i32::MIN);
    let covered = |year: &i32| match body.years.get(year) {
        Some(true) => Covered::Accepted,
        Some(false) => Covered::Held,
        None if (first..=last).contains(year) => Covered::Gap,
        None => Covered::Outside,
    };
    BodyRow { name: printable(&body.name), years: years.iter().map(covered).collect() }
}
