//! Glyphs to lines of text.

use std::mem;

use super::super::UNKNOWN;
use super::{Area, Glyph};

/// A gap wider than this share of the height of the font parts two words.
const WORD_GAP: f64 = 0.25;

/// Shares of the height of a font above and below the base line.
const ASCENT: f64 = 0.85;
const DESCENT: f64 = 0.15;

/// A line of text.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Upper and lower end, left and right.
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x0: f64,
    pub(super) x1: f64,
    /// Height of its largest font.
    pub(super) size: f64,
    pub(super) words: Vec<Word>,
}

/// What stands together in a line.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) text: String,
}

impl Line {
    /// Something that nobody can read stands here.
    pub(super) fn unknown(area: &Area) -> Self {
        let word = Word { x0: area.x0, x1: area.x1, text: UNKNOWN.to_owned() };
        Self { top: area.y0, bottom: area.y1, x0: area.x0, x1: area.x1, size: area.height(), words: vec![word] }
    }

    /// Its text; words parted by a space.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for word in &self.words {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
        text
    }
}

/// The lines that glyphs make, from above; text that is turned comes behind text that is not.
pub(super) fn lines(glyphs: &[Glyph]) -> Vec<Line> {
    let mut lines = Vec::new();
    for turn in 0..4 {
        let upright = glyphs.iter().filter(|glyph| glyph.turn == turn).map(|glyph| {
            let (x, y) = match turn {
                1 => (glyph.y, -glyph.x),
                2 => (-glyph.x, -glyph.y),
                3 => (-glyph.y, glyph.x),
                _ => (glyph.x, glyph.y),
            };
            Glyph { x, y, ..glyph.clone() }
        });
        lines.extend(upright_lines(upright.collect()));
    }
    lines
}

fn upright_lines(mut glyphs: Vec<Glyph>) -> Vec<Line> {
    glyphs.retain(|glyph| !glyph.text.trim().is_empty());
    glyphs.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    let mut lines = Vec::new();
    let mut line: Vec<Glyph> = Vec::new();
    // The part of the page that the largest glyph of the line takes.
    let mut body = (0.0, 0.0);
    for glyph in glyphs {
        let (top, bottom) = (glyph.y - ASCENT * glyph.size, glyph.y + DESCENT * glyph.size);
        // Signs of other fonts and raised ones stand a little off the line, but beside it.
        let shared = bottom.min(body.1) - top.max(body.0);
        if !line.is_empty() && shared < 0.5 * glyph.size.min(body.1 - body.0) {
            lines.push(read(mem::take(&mut line)));
        }
        if line.is_empty() || glyph.size > body.1 - body.0 {
            body = (top, bottom);
        }
        line.push(glyph);
    }
    if !line.is_empty() {
        lines.push(read(line));
    }
    lines
}

/// Puts the glyphs of a line, at least one, in order.
fn read(mut glyphs: Vec<Glyph>) -> Line {
    glyphs.sort_by(|a, b| a.x.total_cmp(&b.x));
    let size = glyphs.iter().map(|glyph| glyph.size).fold(0.0, f64::max);
    let base = glyphs.iter().map(|glyph| glyph.y).fold(f64::MIN, f64::max);
    let mut words: Vec<Word> = Vec::new();
    let mut last: Option<&Glyph> = None;
    for glyph in &glyphs {
        let Some(before) = last else {
            words.push(Word { x0: glyph.x, x1: glyph.x + glyph.advance, text: glyph.text.to_string() });
            last = Some(glyph);
            continue;
        };
        let Some(word) = words.last_mut() else { break };
        let smaller = before.size.min(glyph.size);
        let narrower = before.advance.min(glyph.advance);
        // A letter drawn twice, a little aside, is bold.
        let is_shadow = before.text == glyph.text && glyph.x - before.x < 0.12 * smaller;
        if is_shadow && (glyph.y - before.y).abs() < 0.12 * smaller {
            continue;
        }
        // Two figures in one place: neither can be read.
        let overlap = word.x1 - glyph.x;
        if overlap > 0.5 * narrower && (before.is_digit() || glyph.is_digit()) {
            word.text.push_str(UNKNOWN);
            word.x1 = word.x1.max(glyph.x + glyph.advance);
            last = Some(glyph);
            continue;
        }
        // A raised or lowered sign is a mark, not a part of the figure.
        let is_mark = (before.y - glyph.y).abs() > 0.1 * size;
        if glyph.x - word.x1 > WORD_GAP * smaller || is_mark && (before.is_digit() || glyph.is_digit()) {
            words.push(Word { x0: glyph.x, x1: glyph.x + glyph.advance, text: glyph.text.to_string() });
        } else {
            word.text.push_str(&glyph.text);
            word.x1 = word.x1.max(glyph.x + glyph.advance);
        }
        last = Some(glyph);
    }
    Line {
        top: base - ASCENT * size,
        bottom: base + DESCENT * size,
        x0: words.first().map_or(0.0, |word| word.x0),
        x1: words.last().map_or(0.0, |word| word.x1),
        size,
        words,
    }
}
