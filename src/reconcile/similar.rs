//! How alike two narratives are: the share of runs of five characters that both have, of all that one has.
//!
//! Only what a body tells of itself is looked at: the sections on the year as a whole and on its problems. Digits, marks and
//! blanks are left out, so that a text filed again with the figures of another year is the same.

use crate::model::report::Report;

/// Characters of a run.
const RUN: usize = 5;
/// Sections in which bodies write freely.
const OWN_WORDS: [&str; 2] = ["overview", "problems"];
/// Texts of fewer runs are alike by chance.
const FEWEST: usize = 300;
/// Texts this much alike are one.
pub(super) const ALIKE: f64 = 0.95;

/// The runs of a text as numbers, sorted, each once; none for a text that is too short.
pub(super) struct Runs(Vec<u64>);

impl Runs {
    pub(super) fn of(report: &Report) -> Self {
        let mut runs = Vec::new();
        each(report, |run| runs.push(run));
        runs.sort_unstable();
        runs.dedup();
        if runs.len() < FEWEST {
            runs.clear();
        }
        Self(runs)
    }

    /// How much two texts are alike, where this is enough to call them one.
    pub(super) fn alike(&self, other: &Self) -> Option<f64> {
        let (one, two) = (self.0.as_slice(), other.0.as_slice());
        let share = |part: usize, whole: usize| -> f64 {
            let [part, whole] = [part, whole].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
            f64::from(part) / f64::from(whole)
        };
        let (fewer, more) = (one.len().min(two.len()), one.len().max(two.len()));
        if fewer == 0 || share(fewer, more) < ALIKE {
            return None;
        }
        let (mut at, mut both) = (0, 0);
        for run in one {
            at += two[at..].iter().take_while(|other| *other < run).count();
            both += usize::from(two.get(at) == Some(run));
        }
        let alike = share(both, one.len() + two.len() - both);
        // As many decimals as a reader cares for.
        (alike >= ALIKE).then(|| (alike * 1_000.0).round() / 1_000.0)
    }
}

/// Hands on every run of a text as a number, spread evenly over all numbers.
fn each(report: &Report, mut take: impl FnMut(u64)) {
    let own = report.sections.iter().filter(|section| OWN_WORDS.contains(&section.code.as_ref()));
    for section in own {
        let mut last = [0_u64; RUN];
        for (at, c) in section.text.chars().filter(|c| c.is_alphabetic()).enumerate() {
            last.rotate_left(1);
            last[RUN - 1] = u64::from(u32::from(c));
            if at + 1 >= RUN {
                take(last.iter().fold(0, |run, c| mixed(run ^ c, 29)));
            }
        }
    }
}

fn mixed(number: u64, turn: u32) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(turn)
}

/// Numbers of which two texts that are nearly one have one in common, and others hardly ever: of the runs in each of 32
/// shares of all numbers the least, eight of them together. None for a text that is too short.
pub(super) fn keys(report: &Report) -> Vec<u64> {
    const SHARES: usize = 32;
    const TOGETHER: usize = 8;
    let mut least = [u64::MAX; SHARES];
    let mut n_runs = 0;
    each(report, |run| {
        n_runs += 1;
        // The shares are told by digits that the order within them does not depend on.
        let share = (run % 32) as usize;
        least[share] = least[share].min(run);
    });
    if n_runs < FEWEST {
        return Vec::new();
    }
    let bands = (0_u64..).zip(least.chunks(TOGETHER));
    bands.map(|(band, least)| least.iter().fold(band, |key, run| mixed(key ^ run, 31))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        let section =
            crate::model::report::Section { code: "overview".into(), text: text.to_owned(), ..Default::default() };
        let mut report = super::super::functions::tests::report(2023, None, crate::model::report::Scope::Agency, None);
        report.sections = vec![section];
        report
    }

    fn runs(text: &str) -> Runs {
        Runs::of(&report(text))
    }

    /// A text of so many characters, none of its runs twice.
    fn text(from: u32, n: u32) -> String {
        (0..n).filter_map(|at| char::from_u32(0x4e00 + (from + at) % 20_000)).collect()
    }

    #[test]
    fn a_text_with_other_figures_is_the_same_and_another_is_not() {
        let one = text(0, 2_000);
        let with_figures = one.replace('乏', "乏2023年共12件，");
        assert!(with_figures.len() > one.len());
        let same = runs(&one).alike(&runs(&with_figures)).expect("alike");
        assert!(same > 0.98, "{same}");
        assert_eq!(runs(&one).alike(&runs(&one)), Some(1.0));
        assert_eq!(runs(&one).alike(&runs(&text(500, 2_000))), None);
        assert_eq!(runs(&one).alike(&runs(&text(5_000, 2_000))), None);
        // Short texts are alike by chance.
        assert_eq!(runs(&text(0, 200)).alike(&runs(&text(0, 200))), None);
        assert!(keys(&report(&text(0, 200))).is_empty());
    }

    #[test]
    fn texts_that_are_nearly_one_have_a_key_in_common() {
        let one = text(0, 3_000);
        let own = keys(&report(&one));
        let met = |other: &str| keys(&report(other)).iter().any(|key| own.contains(key));
        // A word put in at different places.
        let found = (0..40).filter(|at| met(&format!("{}甲乙丙{}", text(0, at * 70), text(at * 70, 3_000 - at * 70))));
        assert!(found.count() >= 38);
        assert!((4..40).all(|at| !met(&text(at * 400, 2_800))));
    }
}
