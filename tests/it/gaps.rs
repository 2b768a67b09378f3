//! Every layout with every oddity, against the list of what is known not to be read yet.
//!
//! `tests/known-gaps.toml` names the pairs. A pair outside the list must be read; a pair on the list that is
//! read fails the suite too, so that it is struck off. Pages that are accepted wrong stand there as well, each to be mended.
//! `UPDATE_GAPS=1` writes the list anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rayon::prelude::*;
use serde::Deserialize;

use crate::render::judge::{Outcome, judge};
use crate::render::layout::Layout;
use crate::render::oddity::Oddity;
use crate::render::{Case, Class, render};
use crate::util::{config, read, root};

/// The name of the page without any oddity.
const NONE: &str = "none";
/// Stands in the list for every layout that is read without oddities.
const ALL: &str = "all";
/// Pages tried for a pair.
const PAGES: usize = 2;
/// Seeds tried to find them: an oddity may leave no trace on a filing.
const SEEDS: u64 = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gaps {
    /// By oddity: why it is hard, and the layouts in which it is not read.
    gap: BTreeMap<String, Gap>,
    /// Pages that are accepted and should not be, by layouts and oddities.
    #[serde(default)]
    wrong: Vec<Wrong>,
    /// Formats of which no file was met that a stranger made.
    #[serde(default)]
    unmet: Vec<Unmet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unmet {
    format: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    why: String,
    layouts: Vec<String>,
    /// All of them together.
    oddities: Vec<String>,
    /// A page in the first layout that shows it.
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    why: String,
    layouts: BTreeSet<String>,
}

/// Whether all pages of a pair are read, or the first that is not; `None` where none need be.
fn is_read(layout: Layout, oddity: Option<Oddity>) -> Option<Result<(), String>> {
    let place = Oddity::ALL.iter().position(|other| Some(*other) == oddity).map_or(0, |at| at + 1);
    let mut n_pages = 0;
    for seed in 0..SEEDS {
        let seed = (place as u64 * 100 + layout as u64) * 1000 + seed;
        let case = Case { layout, oddities: oddity.into_iter().collect(), seed };
        let rendering = render(&case, config());
        if rendering.truth.class != Class::Sound || oddity.is_some_and(|oddity| !rendering.applied.contains(&oddity)) {
            continue;
        }
        let extracted = read(&rendering.bytes, config());
        let outcome = judge(&rendering, &extracted.reports, extracted.not_a_report.as_deref(), config());
        if !outcome.is_right(Class::Sound) {
            return Some(Err(format!("seed {seed}: {outcome:?}")));
        }
        n_pages += 1;
        if n_pages == PAGES {
            break;
        }
    }
    (n_pages > 0).then_some(Ok(()))
}

/// Whether a page is of a kind that is known to be accepted wrong.
pub(crate) fn is_known_wrong(case: &Case) -> bool {
    static LIST: OnceLock<Gaps> = OnceLock::new();
    let has = |name: &String| case.oddities.iter().any(|oddity| oddity.name() == name);
    let is_of = |wrong: &Wrong| {
        wrong.layouts.iter().any(|layout| layout == case.layout.name()) && wrong.oddities.iter().all(has)
    };
    LIST.get_or_init(|| list().1).wrong.iter().any(is_of)
}

#[test]
fn what_is_known_to_be_accepted_wrong_still_is() {
    for wrong in list().1.wrong {
        let layout = wrong.layouts.first().and_then(|name| Layout::named(name)).expect("a layout");
        let oddities = wrong.oddities.iter().map(|name| Oddity::named(name).expect("an oddity")).collect();
        let case = Case { layout, oddities, seed: wrong.seed };
        let rendering = render(&case, config());
        let extracted = read(&rendering.bytes, config());
        let outcome = judge(&rendering, &extracted.reports, None, config());
        assert!(matches!(outcome, Outcome::Wrong(_)), "{case:?} is mended, strike it off: {}", wrong.why);
    }
}

#[test]
fn formats_of_which_no_real_file_is_kept_are_read_from_made_ones() {
    for unmet in list().1.unmet {
        assert!(!unmet.why.is_empty(), "{} has no reason", unmet.format);
        let made = root().join(format!("tests/formats/report.{}", unmet.format));
        assert!(made.exists(), "{} is not among the made reports", unmet.format);
        let kept = std::fs::read_dir(root().join(format!("tests/fixtures/{}/ok", unmet.format)));
        let is_real = |name: &str| name.starts_with("real-");
        let is_met =
            kept.is_ok_and(|mut kept| kept.any(|entry| is_real(&entry.expect("entry").file_name().to_string_lossy())));
        assert!(!is_met, "a real file of {} is kept, strike it off: {}", unmet.format, unmet.why);
    }
}

fn list() -> (String, Gaps) {
    let text = std::fs::read_to_string(root().join("tests/known-gaps.toml")).expect("known-gaps.toml");
    let gaps = toml::from_str(&text).unwrap_or_else(|error| panic!("known-gaps.toml: {error}"));
    (text, gaps)
}

type Pairs = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// Tries some pairs: those that are not read with what went wrong, and all that were tried.
fn tried(pairs: &[(Layout, Option<Oddity>)], faults: &mut BTreeMap<(&'static str, &'static str), String>) -> Pairs {
    let results: Vec<_> = pairs.par_iter().map(|(layout, oddity)| is_read(*layout, *oddity)).collect();
    let mut tried = Pairs::new();
    for ((layout, oddity), result) in pairs.iter().zip(results) {
        let Some(result) = result else { continue };
        let name = oddity.map_or(NONE, Oddity::name);
        tried.entry(name).or_default().insert(layout.name());
        if let Err(fault) = result {
            faults.insert((name, layout.name()), fault);
        }
    }
    tried
}

#[test]
fn every_layout_is_read_with_every_oddity_but_for_the_known_gaps() {
    let (text, Gaps { gap: gaps, .. }) = list();
    let mut faults = BTreeMap::new();
    let bare: Vec<_> = Layout::ALL.iter().map(|layout| (*layout, None)).collect();
    let mut pairs = tried(&bare, &mut faults);
    // A layout that is not read as it should be need not be tried with oddities.
    let mut odd = Vec::new();
    for layout in Layout::ALL.iter().filter(|layout| !faults.contains_key(&(NONE, layout.name()))) {
        odd.extend(Oddity::ALL.iter().filter(|oddity| oddity.fits(*layout)).map(|oddity| (*layout, Some(*oddity))));
    }
    pairs.extend(tried(&odd, &mut faults));
    if std::env::var_os("UPDATE_GAPS").is_some() {
        write(&text, &pairs, &faults, &gaps);
        return;
    }
    let mut news = Vec::new();
    for (name, layouts) in &pairs {
        for layout in layouts {
            let is_listed =
                gaps.get(*name).is_some_and(|gap| gap.layouts.iter().any(|one| one == layout || one == ALL));
            match faults.get(&(*name, *layout)) {
                Some(fault) if !is_listed => news.push(format!("{layout} with {name} is not read: {fault}")),
                None if is_listed => news.push(format!("{layout} with {name} is read: strike it off")),
                _ => {}
            }
        }
    }
    for (name, gap) in &gaps {
        let known = |layout: &String| {
            layout == ALL || pairs.get(name.as_str()).is_some_and(|known| known.contains(layout.as_str()))
        };
        news.extend(
            gap.layouts
                .iter()
                .filter(|layout| !known(layout))
                .map(|layout| format!("{layout} with {name} is not tried")),
        );
        if !pairs.contains_key(name.as_str()) {
            news.push(format!("{name} is nothing that is tried"));
        }
    }
    assert!(news.is_empty(), "{} pairs are not as listed:\n{}", news.len(), news.join("\n"));
}

/// Writes the list anew: the reasons stay, the layouts are those found.
fn write(old: &str, pairs: &Pairs, faults: &BTreeMap<(&str, &str), String>, reasons: &BTreeMap<String, Gap>) {
    let mut text: String = old.lines().take_while(|line| line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    for (name, layouts) in pairs {
        let open: Vec<&str> = layouts.iter().copied().filter(|layout| faults.contains_key(&(*name, *layout))).collect();
        if open.is_empty() {
            continue;
        }
        let why = reasons.get(*name).map_or("not looked into yet", |gap| gap.why.as_str());
        let is_all = *name != NONE && open.len() == layouts.len();
        let list = if is_all { vec![ALL] } else { open };
        text.push_str(&format!("\n[gap.{name}]\nwhy = {why:?}\nlayouts = {list:?}\n"));
    }
    // What is accepted wrong, and what was never met, was written by hand and stays.
    if let Some(at) = ["\n[[wrong]]", "\n[[unmet]]"].iter().filter_map(|mark| old.find(mark)).min() {
        text.push_str(&old[at..]);
    }
    std::fs::write(root().join("tests/known-gaps.toml"), text).expect("known-gaps.toml is written");
}

#[test]
fn names_are_unique_and_found() {
    for layout in Layout::ALL {
        assert_eq!(Layout::named(layout.name()), Some(*layout));
    }
    for oddity in Oddity::ALL {
        assert_eq!(Oddity::named(oddity.name()), Some(*oddity));
        assert_ne!(oddity.name(), NONE);
    }
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    for seed in 0..40 {
        let case = Case::any(seed);
        assert_eq!(render(&case, config()).bytes, render(&case, config()).bytes, "{case:?}");
    }
}
