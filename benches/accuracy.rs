//! How many made reports are read, and how many wrongly: a table per layout and per oddity.
//!
//! Prints random pages by the renderer of the tests and reads them through every stage, in parallel. Run
//! it by `scripts/accuracy.sh`. The number of a page is its seed, so that each can be printed again.

#![expect(clippy::print_stdout, reason = "a measurement prints what it finds")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

#[path = "../tests/it/render/mod.rs"]
mod render;
#[expect(dead_code, clippy::disallowed_methods, reason = "the tests use all of it")]
#[path = "../tests/it/util.rs"]
mod util;

use render::judge::{Outcome, judge};
use render::layout::Layout;
use render::oddity::Oddity;
use render::{Case, Class, Rendering};
use util::{config, read};

const USAGE: &str =
    "usage: accuracy.sh [--reports N] [--seed S] [--layout NAME] [--oddity NAME] [--examples N] [--show] [--list]";

struct Arguments {
    reports: u64,
    seed: u64,
    layout: Option<Layout>,
    oddity: Option<Oddity>,
    examples: usize,
    shows: bool,
}

/// What became of the pages of one kind.
#[derive(Clone, Default)]
struct Count {
    reports: u64,
    sound: u64,
    accepted: u64,
    exact: u64,
    wrong: u64,
    needless: u64,
    /// Seeds of pages that ended badly: wrong ones first.
    wrong_seeds: Vec<u64>,
    needless_seeds: Vec<u64>,
}

const N_EXAMPLES: usize = 3;

impl Count {
    fn add(&mut self, class: Class, outcome: &Outcome, seed: u64) {
        self.reports += 1;
        self.sound += u64::from(class == Class::Sound);
        self.accepted += u64::from(!matches!(outcome, Outcome::Held(_)));
        self.exact += u64::from(*outcome == Outcome::Exact);
        let is_wrong = matches!(outcome, Outcome::Wrong(_));
        self.wrong += u64::from(is_wrong);
        if is_wrong && self.wrong_seeds.len() < N_EXAMPLES {
            self.wrong_seeds.push(seed);
        }
        if !is_wrong && !outcome.is_right(class) {
            self.needless += 1;
            if self.needless_seeds.len() < N_EXAMPLES {
                self.needless_seeds.push(seed);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.reports += other.reports;
        self.sound += other.sound;
        self.accepted += other.accepted;
        self.exact += other.exact;
        self.wrong += other.wrong;
        self.needless += other.needless;
        for (seeds, more) in
            [(&mut self.wrong_seeds, &other.wrong_seeds), (&mut self.needless_seeds, &other.needless_seeds)]
        {
            seeds.extend(more);
            seeds.truncate(N_EXAMPLES);
        }
    }
}

type Counts = BTreeMap<(&'static str, &'static str), Count>;

fn arguments() -> Result<Option<Arguments>> {
    let mut arguments = Arguments { reports: 100_000, seed: 1, layout: None, oddity: None, examples: 20, shows: false };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--show" => arguments.shows = true,
            "--list" => {
                println!("layouts: {}", Layout::ALL.iter().map(|layout| layout.name()).collect::<Vec<_>>().join(" "));
                println!("oddities: {}", Oddity::ALL.iter().map(|oddity| oddity.name()).collect::<Vec<_>>().join(" "));
                return Ok(None);
            }
            "--reports" | "--seed" | "--layout" | "--oddity" | "--examples" => {
                let value = words.next().context(USAGE)?;
                match word.as_str() {
                    "--reports" => arguments.reports = value.parse().context(USAGE)?,
                    "--seed" => arguments.seed = value.parse().context(USAGE)?,
                    "--examples" => arguments.examples = value.parse().context(USAGE)?,
                    "--layout" => arguments.layout = Some(Layout::named(&value).context("no such layout: --list")?),
                    _ => arguments.oddity = Some(Oddity::named(&value).context("no such oddity: --list")?),
                }
            }
            _ => bail!("{word}: {USAGE}"),
        }
    }
    Ok(Some(arguments))
}

fn case(seed: u64, arguments: &Arguments) -> Case {
    let mut case = Case::any(seed);
    if let Some(layout) = arguments.layout {
        case.layout = layout;
        case.oddities.retain(|oddity| oddity.fits(layout));
    }
    if let Some(oddity) = arguments.oddity {
        case.oddities = vec![oddity];
    }
    case
}

fn look(case: &Case) -> (Rendering, Outcome) {
    let rendering = render::render(case, config());
    let extracted = read(&rendering.bytes, config());
    let outcome = judge(&rendering, &extracted.reports, extracted.not_a_report.as_deref(), config());
    (rendering, outcome)
}

fn main() -> Result<ExitCode> {
    let Some(arguments) = arguments()? else { return Ok(ExitCode::SUCCESS) };
    if arguments.shows {
        let case = case(arguments.seed, &arguments);
        let (rendering, outcome) = look(&case);
        println!("{}", String::from_utf8_lossy(&rendering.bytes));
        println!("--- {case:?}, {:?}, applied {:?}", rendering.truth.class, rendering.applied);
        println!("--- {outcome:?}");
        return Ok(ExitCode::from(u8::from(matches!(outcome, Outcome::Wrong(_)))));
    }
    let counts: Counts = (arguments.seed..arguments.seed.saturating_add(arguments.reports))
        .into_par_iter()
        .fold(Counts::new, |mut counts, seed| {
            let case = case(seed, &arguments);
            let (rendering, outcome) = look(&case);
            let kinds: Vec<&str> = match rendering.applied.as_slice() {
                [] => vec!["none"],
                applied => applied.iter().map(|oddity| oddity.name()).collect(),
            };
            let layout = case.layout.name();
            counts.entry((layout, "")).or_default().add(rendering.truth.class, &outcome, seed);
            for kind in &kinds {
                counts.entry(("", kind)).or_default().add(rendering.truth.class, &outcome, seed);
            }
            if let [kind] = kinds.as_slice() {
                counts.entry((layout, kind)).or_default().add(rendering.truth.class, &outcome, seed);
            }
            counts
        })
        .reduce(Counts::new, |mut all, some| {
            for (kind, count) in some {
                all.entry(kind).or_default().merge(&count);
            }
            all
        });
    Ok(print(&counts, &arguments))
}

fn print(counts: &Counts, arguments: &Arguments) -> ExitCode {
    let line = |name: &str, count: &Count| {
        println!(
            "{name:24} {:>9} {:>9} {:>9} {:>9} {:>6} {:>9}",
            count.reports, count.sound, count.accepted, count.exact, count.wrong, count.needless
        );
    };
    let head = |name: &str| {
        println!(
            "{name:24} {:>9} {:>9} {:>9} {:>9} {:>6} {:>9}",
            "reports", "sound", "accepted", "exact", "wrong", "needless"
        );
    };
    head("layout");
    let mut total = Count::default();
    for ((name, _), count) in counts.iter().filter(|((_, oddity), _)| oddity.is_empty()) {
        line(name, count);
        total.merge(count);
    }
    line("all", &total);
    println!();
    head("oddity");
    for ((_, name), count) in counts.iter().filter(|((layout, _), _)| layout.is_empty()) {
        line(name, count);
    }
    // Wrong ones first, then those that are held back most often.
    let mut pairs: Vec<(&(&str, &str), &Count)> = counts
        .iter()
        .filter(|((layout, oddity), count)| {
            (!layout.is_empty() && !oddity.is_empty() && count.needless > 0) || (!layout.is_empty() && count.wrong > 0)
        })
        .collect();
    pairs.sort_by_key(|(_, count)| {
        std::cmp::Reverse((count.wrong, count.needless * 1000 / count.sound.max(1), count.needless))
    });
    println!("\nworst pairs; print one with --reports 1 --seed S --show");
    for ((layout, oddity), count) in pairs.iter().take(arguments.examples) {
        println!(
            "{layout} with {}: {} wrong {:?}, {} of {} held back without need {:?}",
            if oddity.is_empty() { "anything" } else { oddity },
            count.wrong,
            count.wrong_seeds,
            count.needless,
            count.sound,
            count.needless_seeds
        );
    }
    println!("{} wrong accepted in {} reports", total.wrong, total.reports);
    ExitCode::from(u8::from(total.wrong > 0))
}
