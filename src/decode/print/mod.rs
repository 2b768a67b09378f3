//! Pages as they are printed: glyphs, ruling lines and pictures with their places, turned back into text and tables.
//!
//! Formats that keep no tables, only what is drawn where, come here. A table is what ruling lines close off: where a
//! border is missing two cells are one. Text without ruling lines stays as it is laid out, column under column.

mod broken;
mod canvas;
mod columns;
mod flow;
mod furniture;
mod grid;
mod lines;
mod shapes;
mod sums;
mod table;

use compact_str::CompactString;

use super::UNKNOWN;

pub(super) use self::canvas::{Before, Canvas, Ink, Sign, character};
pub(super) use self::flow::lay_out;
pub(super) use self::shapes::area;
pub(super) use self::sums::Sums;

/// A page. Lengths are points, to the right and downwards from the upper left corner.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) width: f64,
    pub(super) height: f64,
    /// What can be seen, in the order of drawing.
    pub(super) glyphs: Vec<Glyph>,
    /// Straight lines along the edges of the page.
    pub(super) rules: Vec<Rule>,
    pub(super) pictures: Vec<Area>,
    /// What is drawn and is neither text nor a straight line nor a ground.
    pub(super) drawings: Vec<Area>,
}

/// A character, or several that are drawn as one, with its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Glyph {
    pub(super) text: CompactString,
    /// Where it begins on its base line.
    pub(super) x: f64,
    pub(super) y: f64,
    /// How far the next one stands from it.
    pub(super) advance: f64,
    /// Height of its font.
    pub(super) size: f64,
    /// Quarters of a turn to the right in which it is written.
    pub(super) turn: u8,
}

/// A straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) is_vertical: bool,
    /// Its distance from the left edge when vertical, from the upper one when not.
    pub(super) at: f64,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    pub(super) x0: f64,
    pub(super) y0: f64,
    pub(super) x1: f64,
    pub(super) y1: f64,
}

impl Area {
    pub(super) fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.x0..=self.x1).contains(&x) && (self.y0..=self.y1).contains(&y)
    }

    pub(super) fn middle(&self) -> (f64, f64) {
        (f64::midpoint(self.x0, self.x1), f64::midpoint(self.y0, self.y1))
    }

    pub(super) fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    pub(super) fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }
}

impl Glyph {
    /// The middle of its body.
    pub(super) fn center(&self) -> (f64, f64) {
        let (along, up) = (self.advance / 2.0, self.size * 0.35);
        match self.turn {
            1 => (self.x + up, self.y + along),
            2 => (self.x - along, self.y + up),
            3 => (self.x - up, self.y - along),
            _ => (self.x + along, self.y - up),
        }
    }

    pub(super) fn is_digit(&self) -> bool {
        self.text.chars().any(char::is_numeric)
    }
}

impl Page {
    /// Turns the page so that most of its text reads from left to right. Figures that still do not are unknown.
    fn upright(&mut self) {
        let mut counts = [0_usize; 4];
        for glyph in &self.glyphs {
            counts[usize::from(glyph.turn % 4)] += 1;
        }
        // Vertical labels of a table are few; half a page of them turns it.
        let turn = (1..4).find(|turn| counts[*turn] * 2 > self.glyphs.len());
        for _ in 0..turn.map_or(0, |turn| 4 - turn) {
            self.turn_right();
        }
        // A 6 that stands on its head is a 9 to whoever looks, and figures that lie come in an order of their own.
        for glyph in self.glyphs.iter_mut().filter(|glyph| glyph.turn != 0 && glyph.is_digit()) {
            glyph.text = UNKNOWN.into();
        }
    }

    /// Turns the page by a quarter to the right.
    fn turn_right(&mut self) {
        let height = self.height;
        let point = |x: f64, y: f64| (height - y, x);
        for glyph in &mut self.glyphs {
            (glyph.x, glyph.y) = point(glyph.x, glyph.y);
            glyph.turn = (glyph.turn + 1) % 4;
        }
        for rule in &mut self.rules {
            *rule = if rule.is_vertical {
                Rule { is_vertical: false, at: rule.at, from: height - rule.to, to: height - rule.from }
            } else {
                Rule { is_vertical: true, at: height - rule.at, ..*rule }
            };
        }
        for picture in self.pictures.iter_mut().chain(&mut self.drawings) {
            let ((x1, y0), (x0, y1)) = (point(picture.x0, picture.y0), point(picture.x1, picture.y1));
            *picture = Area { x0, y0, x1, y1 };
        }
        (self.width, self.height) = (self.height, self.width);
    }
}
