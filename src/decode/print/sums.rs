//! Whether pages hold text that can be known.

use super::canvas::Canvas;
use crate::model::verdict::{Blame, Cause, Problem};

/// A page whose pictures cover more than this share of it is a scan when it has no text.
const SCANNED_SHARE: f64 = 0.5;

/// More glyphs without a character than this share of all: the text cannot be read.
const UNKNOWN_SHARE: f64 = 0.05;

/// What the pages hold in all.
#[derive(Default)]
pub(in super::super) struct Sums {
    pub(in super::super) n_glyphs: usize,
    n_unknown: usize,
    n_hidden: usize,
    /// Pages that are one picture.
    scans: Vec<usize>,
    n_pages: usize,
}

impl Sums {
    /// Counts a page, which has this number.
    pub(in super::super) fn add(&mut self, number: usize, canvas: &Canvas) {
        let page = &canvas.page;
        self.n_pages += 1;
        self.n_glyphs += page.glyphs.len();
        self.n_unknown += canvas.n_unknown;
        self.n_hidden += canvas.n_hidden;
        let covered: f64 = page.pictures.iter().map(|area| area.width() * area.height()).sum();
        if page.glyphs.is_empty() && covered > SCANNED_SHARE * page.width * page.height {
            self.scans.push(number);
        }
    }

    /// Why there is no text to read in a file; `kind` names its format.
    pub(in super::super) fn problem(&self, kind: &str) -> Option<Problem> {
        let no_text = |what: String| Some(Problem::new(Cause::NoText, Blame::Source, what));
        if self.n_glyphs == 0 {
            let layer = match self.n_hidden {
                0 => String::new(),
                count => format!(
                    "; {count} characters lie there unseen, as text recognition leaves them, and are not trusted"
                ),
            };
            return no_text(match (self.scans.len(), self.n_pages) {
                (0, _) => {
                    format!("the {kind} file shows no text{layer}: look for the report as a page or as a text document")
                }
                (1, 1) => format!(
                    "the page of the {kind} file is a picture{layer}: look for the report as a page or as a text document"
                ),
                (scans, pages) => format!(
                    "{scans} of {pages} pages of the {kind} file are pictures, from page {}{layer}: look for the report as a page or as a text document",
                    self.scans[0]
                ),
            });
        }
        let share = self.n_unknown as f64 / self.n_glyphs as f64;
        if share > UNKNOWN_SHARE {
            return no_text(format!(
                "fonts of the {kind} file do not say which characters {} of its {} glyphs are: look for the report as a page or as a text document",
                self.n_unknown, self.n_glyphs
            ));
        }
        None
    }
}
