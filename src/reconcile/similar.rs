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
        let own = report.sections.iter().filter(|section| OWN_WORDS.contains(&section.code.as_ref()));
        let mut runs = Vec::new();
        for section in own {
            let mut last = [0_u64; RUN];
            for (at, c) in section.text.chars().filter(|c| c.is_alphabetic()).enumerate() {
                last[at % RUN] = u64::from(u32::from(c));
                if at + 1 >= RUN {
                    let run = (1..=RUN).fold(0, |run: u64, next| {
                        (run ^ last[(at + next) % RUN]).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
                    });
                    runs.push(run ^ (run >> 32));
                }
            }
        }
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

    /// Numbers of which two texts that are nearly one have one in common, and others hardly ever: of the runs in each of 32
    /// shares of all numbers the least, eight of them together.
    pub(super) fn keys(&self) -> Vec<u64> {
        const SHARES: usize = 32;
        const TOGETHER: usize = 8;
        if self.0.is_empty() {
            return Vec::new();
        }
        // They are sorted, so the first of each share is its least.
        let least = |share: usize| {
            let from = (share as u64) << 59;
            self.0.get(self.0.partition_point(|run| *run < from)).copied().unwrap_or_default()
        };
        let of_band = |band: usize| {
            (0..TOGETHER).fold(band as u64, |key, at| {
                (key ^ least(band * TOGETHER + at)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
            })
        };
        (0..SHARES / TOGETHER).map(of_band).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> Runs {
        let section =
            crate::model::report::Section { code: "overview".into(), text: text.to_owned(), ..Default::default() };
        let mut report = super::super::functions::tests::report(2023, None, crate::model::report::Scope::Agency, None);
        report.sections = vec![section];
        Runs::of(&report)
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
        assert!(runs(&text(0, 200)).keys().is_empty());
    }

    #[test]
    fn texts_that_are_nearly_one_have_a_key_in_common() {
        let one = text(0, 3_000);
        let met = |other: &str| runs(other).keys().iter().any(|key| runs(&one).keys().contains(key));
        // A word put in at different places.
        let found = (0..40).filter(|at| met(&format!("{}甲乙丙{}", text(0, at * 70), text(at * 70, 3_000 - at * 70))));
        assert!(found.count() >= 38);
        assert!((1..40).all(|at| !met(&text(at * 400, 3_000 - 200)) || at < 2));
    }
}
