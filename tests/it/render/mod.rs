//! Prints made filings in every layout, with every oddity that real pages show.
//!
//! [`render`] takes a [`Case`] (layout, oddities, seed) and gives the bytes of a page together with what it
//! says: the filing and how far it can be told from the page alone. [`judge::judge`] compares a reading with that.

mod canvas;
pub(crate) mod dice;
mod figures;
pub(crate) mod filing;
mod grid;
mod html;
pub(crate) mod judge;
mod labels;
pub(crate) mod layout;
mod names;
pub(crate) mod oddity;
mod page;
mod pdf;
mod prose;
mod rows;
mod stream;
mod structure;
mod text;

use std::collections::BTreeSet;

use gongkai::config::Config;

use dice::Dice;
use filing::{Filing, Generation, Key, Scale};
use grid::Grid;
use layout::Layout;
use oddity::{Oddity, Stage};

/// How far the filing can be told from the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A person who knows the form and the rules can tell every cell: it must be read.
    Sound,
    /// More than one reading fits, or could: held back, or read right.
    Ambiguous,
    /// Something is lost or wrong: held back, or read right.
    Damaged,
}

impl Class {
    /// The class of something that is clear only where a layout shows it.
    fn sound_if(is_shown: bool) -> Self {
        if is_shown { Self::Sound } else { Self::Ambiguous }
    }
}

/// What to print.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) layout: Layout,
    pub(crate) oddities: Vec<Oddity>,
    pub(crate) seed: u64,
}

/// A printed page and what it says.
pub(crate) struct Rendering {
    pub(crate) bytes: Vec<u8>,
    pub(crate) truth: Truth,
    /// The oddities that left a trace.
    pub(crate) applied: Vec<Oddity>,
}

/// What a page says.
pub(crate) struct Truth {
    pub(crate) filing: Filing,
    pub(crate) class: Class,
    /// Cells whose figure is not, or not surely, on the page: null is right for them.
    pub(crate) lost: BTreeSet<Key>,
    /// Must not be accepted.
    pub(crate) is_void: bool,
    /// Figures of rows that the form does not have.
    pub(crate) local: Vec<f64>,
}

/// A page in the making.
struct Work<'c> {
    config: &'c Config,
    layout: Layout,
    dice: Dice,
    truth: Truth,
    applied: Vec<Oddity>,
    /// The tables of each section; reviews may come in three.
    grids: [Vec<Grid>; 3],
}

impl Work<'_> {
    /// Notes that an oddity left a trace, and what that does to the page.
    fn note(&mut self, oddity: Oddity, class: Class) {
        self.truth.class = self.truth.class.max(class);
        self.applied.push(oddity);
    }
}

impl Case {
    /// A random case: most have one oddity, some none, some several.
    pub(crate) fn any(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x5eed);
        let layout = dice.pick(Layout::ALL);
        let n_oddities = match dice.roll(10) {
            0..=1 => 0,
            2..=6 => 1,
            7..=8 => 2,
            _ => 3 + dice.index(3),
        };
        let mut oddities: Vec<Oddity> = Vec::new();
        for _ in 0..n_oddities {
            let oddity = dice.pick(Oddity::ALL);
            let is_free = !oddities.iter().any(|other| *other == oddity || oddity.excludes(*other));
            // In a mere stream of cells a page number takes the place of a lost figure, and nobody could tell.
            let is_untellable = !layout.keeps_rows()
                && oddities.iter().chain([&oddity]).any(|one| *one == Oddity::BarePageNumber)
                && oddities.iter().chain([&oddity]).any(|one| one.loses_a_figure());
            if is_free && !is_untellable && oddity.fits(layout) {
                oddities.push(oddity);
            }
        }
        oddities.sort();
        Self { layout, oddities, seed }
    }
}

/// Prints a case. The same case gives the same bytes.
pub(crate) fn render(case: &Case, config: &Config) -> Rendering {
    let mut dice = Dice::new(case.seed);
    let drawn = dice.pick(&Generation::ALL);
    let generation = case.oddities.iter().find_map(|oddity| oddity.generation()).unwrap_or(drawn);
    let scale = if case.oddities.contains(&Oddity::Thousands) { Scale::Large } else { Scale::Any };
    let filing = Filing::new(generation, scale, config, &mut dice);
    let class = if case.layout == Layout::PdfDetached { Class::Ambiguous } else { Class::Sound };
    let truth = Truth { filing, class, lost: BTreeSet::new(), is_void: false, local: Vec::new() };
    let mut work = Work { config, layout: case.layout, dice, truth, applied: Vec::new(), grids: Default::default() };
    let of = |stage: Stage| case.oddities.iter().copied().filter(move |oddity| oddity.stage() == stage);
    for oddity in of(Stage::Figures) {
        figures::apply(oddity, &mut work);
    }
    for table in 0..3 {
        work.grids[table] = vec![Grid::new(&work.truth.filing, table, config)];
    }
    for oddity in of(Stage::Rows) {
        structure::apply(oddity, &mut work);
    }
    for oddity in of(Stage::Labels) {
        labels::apply(oddity, &mut work);
    }
    let page_oddities: Vec<Oddity> = of(Stage::Page).collect();
    let page = page::page(&page_oddities, &mut work);
    let text = if case.layout.is_html() { html::print(&page, &mut work) } else { page::print(&page, &mut work) };
    let bytes = text::finish(text, &of(Stage::Text).collect::<Vec<_>>(), &mut work);
    Rendering { bytes, truth: work.truth, applied: work.applied }
}
