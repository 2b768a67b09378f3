//! Text objects: characters with their places, one by one.
//!
//! Places are given as steps from character to character. How wide a character is stands only in its font, which is
//! not opened: the step to the next one tells, else the square that Chinese fonts draw in.

use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Vec2};

use super::POINTS;
use super::draw::{Painter, Place, Purpose, clips, is_within, square};
use super::tree::{Element, number};
use crate::decode::print::{Before, Ink, Sign, character};

/// A sign may stand out of the boundary of its object by this share of its height: writers measure roughly.
const SLACK: f64 = 0.3;

/// Steps within these shares of the usual width of a character are its width.
const NARROWEST_FIGURE: f64 = 0.6;
const NARROWEST: f64 = 0.15;
const WIDEST: f64 = 1.3;

/// A text without steps that begins with no more blanks than this, in heights of its font, is where it seems.
const MAX_INDENT: f64 = 2.0;

/// What holds for all characters of an object.
struct Run {
    transform: Affine,
    ink: Option<Ink>,
    size: f64,
    /// The width of letters as a share of their height, where fonts are drawn narrower or wider.
    stretch: f64,
    /// Which way lines run, and how characters stand in them, as quarters of a turn to the right.
    direction: Vec2,
    turn: Affine,
    boundary: Option<Rect>,
    clips: Vec<Option<BezPath>>,
    /// What lies around the object.
    around: Affine,
    is_doubtful: bool,
}

impl Painter<'_> {
    /// Draws a text object.
    pub(super) fn text(&mut self, object: &Element, place: Place<'_>) {
        let settings = self.resources.settings(object, place.settings);
        let ink = match (object.flag("Fill") != Some(false), object.flag("Stroke") == Some(true)) {
            (true, _) => Some(settings.ink_or_black("FillColor")),
            (false, true) => Some(settings.ink_or_black("StrokeColor")),
            (false, false) => None,
        };
        let boundary = object.boundary();
        // What is cut to nothing is not drawn.
        let is_empty = boundary.is_some_and(|boundary| boundary.width() <= 0.0 || boundary.height() <= 0.0);
        let opacity = self.canvas.opacity();
        let size = object.number("Size").filter(|size| *size > 0.0);
        let quarter = |name| object.number(name).unwrap_or(0.0).to_radians();
        let direction = Vec2::from_angle(quarter("ReadDirection"));
        let run = Run {
            transform: Self::inside(object, place),
            ink: ink.filter(|_| !is_empty).map(|ink| Ink { alpha: ink.alpha * opacity, ..ink }),
            size: size.or_else(|| boundary.map(|boundary| boundary.height())).unwrap_or(0.0),
            stretch: object.number("HScale").filter(|scale| *scale > 0.0).unwrap_or(1.0),
            direction,
            turn: Affine::rotate(quarter("CharDirection")),
            boundary,
            clips: clips(object, place),
            around: place.transform,
            is_doubtful: size.is_none() || has_uneven_glyphs(object),
        };
        let is_mapped = object.child("CGTransform").is_some();
        let mut origin = Point::ZERO;
        for code in object.children("TextCode") {
            // A place that is not given is that of the code before.
            origin = Point::new(code.number("X").unwrap_or(origin.x), code.number("Y").unwrap_or(origin.y));
            self.code(code, origin, &run, is_mapped);
        }
    }

    fn code(&mut self, code: &Element, mut at: Point, run: &Run, is_mapped: bool) {
        let steps = Steps::of(code);
        let mut before = Before::default();
        let mut is_loose = false;
        let mut indent = 0.0;
        let (mut is_begun, mut is_parted) = (false, false);
        let has_steps = !steps.across.is_empty() || !steps.down.is_empty();
        for (place, c) in steps.text.chars().enumerate() {
            let usual = if c < '\u{2000}' { 0.5 } else { 1.0 };
            let step = steps.after(place);
            let advance = step.map_or(usual, |step| width(c, step, usual, run));
            // A place that nothing gives is known while the text runs on from one that is.
            let is_placed = !is_loose || !has_steps && !is_parted;
            if !c.is_whitespace() {
                is_begun = true;
                let transform = run.transform
                    * Affine::translate(at.to_vec2())
                    * run.turn
                    * Affine::scale_non_uniform(run.size * run.stretch, -run.size);
                let middle = transform * Point::new(advance / 2.0, 0.35);
                // By the standard it is not shown, but some readers show it: figures there are unknown, words none.
                let is_outside = self.shown.is_some_and(|shown| !shown.contains(Affine::scale(1.0 / POINTS) * middle));
                let text = character(c.encode_utf8(&mut [0; 4]));
                let sign = Sign {
                    // Writers put this sign where a glyph has no character.
                    text: text.filter(|_| !(is_mapped && c == '¤')),
                    transform,
                    advance,
                    ink: run.ink.filter(|_| !is_outside || c.is_numeric()),
                    is_masked: run.is_doubtful || !is_placed || !run.holds(middle) || is_outside,
                };
                self.draw(&sign, &mut before);
            } else {
                before = Before::default();
                indent += usual;
                is_parted |= is_begun || indent > MAX_INDENT;
            }
            match step {
                Some(step) => at += step,
                None => {
                    is_loose = true;
                    let upright = if run.direction.x.abs() > 0.5 { usual * run.stretch } else { 1.0 };
                    at += run.direction * (upright * run.size);
                }
            }
            if self.canvas.is_full() {
                return;
            }
        }
    }

    fn draw(&mut self, sign: &Sign, before: &mut Before) {
        match self.purpose {
            Purpose::Page => self.canvas.sign(sign, before),
            Purpose::Watermark => {}
            Purpose::Note => {
                if sign.ink.is_some_and(|ink| ink.alpha > 0.0) {
                    self.canvas.note(square(sign.transform, sign.advance));
                }
            }
        }
    }
}

impl Run {
    /// Whether a place on the page is inside what the object is cut to. Readers differ in how they cut text, so that
    /// a figure outside is unknown.
    fn holds(&self, point: Point) -> bool {
        // In points.
        let slack = SLACK * self.size * scale(self.transform);
        let is_inside = self.boundary.is_none_or(|boundary| {
            let inner = scale(self.around);
            let around = boundary.inflate(slack / inner, slack / inner);
            inner > 1e-9 && around.contains(self.around.inverse() * point)
        });
        let is_left = |clip: &Option<BezPath>| clip.as_ref().is_some_and(|clip| is_within(clip, point, slack));
        is_inside && self.clips.iter().all(is_left)
    }
}

/// How much larger things are drawn.
fn scale(transform: Affine) -> f64 {
    transform.determinant().abs().sqrt()
}

/// How wide a character is, as a share of the height of its font, that stands so far from the next one.
fn width(c: char, step: Vec2, usual: f64, run: &Run) -> f64 {
    let scale = run.size * run.stretch;
    if scale <= 0.0 || step.y.abs() > 0.1 * run.size {
        return usual;
    }
    let share = step.x / scale;
    let narrowest = if c.is_numeric() { NARROWEST_FIGURE * usual } else { NARROWEST };
    if (narrowest..=WIDEST * usual).contains(&share) { share } else { usual }
}

/// Whether some characters are drawn with another number of glyphs: then steps cannot be told to belong to characters.
fn has_uneven_glyphs(object: &Element) -> bool {
    let count = |map: &Element, name| map.number(name).unwrap_or(1.0);
    object.children("CGTransform").any(|map| (count(map, "CodeCount") - count(map, "GlyphCount")).abs() > 0.5)
}

/// A text with the steps from character to character.
struct Steps<'c> {
    text: &'c str,
    across: Vec<f64>,
    down: Vec<f64>,
}

impl<'c> Steps<'c> {
    fn of(code: &'c Element) -> Self {
        let whole = code.text.as_str();
        let most = whole.chars().count();
        let across = steps(code.attribute("DeltaX").unwrap_or_default(), most);
        let down = steps(code.attribute("DeltaY").unwrap_or_default(), most);
        // Parts that are indented for people have blanks around the text that count for nothing.
        let is_counted = across.len().max(down.len()) + 1 >= most;
        let text = if whole.contains(['\n', '\r']) && !is_counted {
            whole.trim_matches(|c: char| c.is_ascii_whitespace())
        } else {
            whole
        };
        Self { text, across, down }
    }

    /// From a character to the next one; `None` where nothing says.
    fn after(&self, place: usize) -> Option<Vec2> {
        match (self.across.get(place), self.down.get(place)) {
            (None, None) => None,
            (x, y) => Some(Vec2::new(x.copied().unwrap_or(0.0), y.copied().unwrap_or(0.0))),
        }
    }
}

/// Steps as the standard writes them: numbers, or `g`, how often, and the number. No more than `most`.
fn steps(text: &str, most: usize) -> Vec<f64> {
    let mut words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let mut steps = Vec::new();
    while steps.len() < most {
        let Some(word) = words.next() else { break };
        if word != "g" {
            match number(word) {
                Some(step) => steps.push(step),
                None => break,
            }
            continue;
        }
        let count = words.next().and_then(|count| count.parse::<usize>().ok());
        let (Some(count), Some(step)) = (count, words.next().and_then(number)) else { break };
        let count = count.min(most - steps.len());
        steps.extend(std::iter::repeat_n(step, count));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[f64]) {
        assert_eq!(steps(text, 6), expected, "{text}");
    }

    #[test]
    fn steps_are_numbers_or_repeated_ones() {
        check("1 2.5 3", &[1.0, 2.5, 3.0]);
        check("g 3 2 5", &[2.0, 2.0, 2.0, 5.0]);
        check("1 g 2 4 g 1 7", &[1.0, 4.0, 4.0, 7.0]);
        check("", &[]);
    }

    #[test]
    fn steps_are_no_more_than_characters_and_end_where_they_are_none() {
        check("g 4000000000 2", &[2.0; 6]);
        check("g 99999999999999999999999 2", &[]);
        check("1 g 2", &[1.0]);
        check("1 NaN 2", &[1.0]);
        check("1 inf", &[1.0]);
        check("g -1 2", &[]);
    }
}
