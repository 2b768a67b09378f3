//! What is drawn on a page, noted glyph by glyph and line by line.
//!
//! Readers of formats that draw hand over each glyph, path and picture in the order of drawing, with its ink; what is
//! left is what can be seen. Figures that something else covers, crosses or cuts are unknown.

use std::sync::Arc;

use compact_str::CompactString;
use hayro_interpret::FillRule;
use hayro_interpret::kurbo::{Affine, BezPath, Line, ParamCurveNearest, PathEl, Point, Rect, Shape, Vec2};

use super::super::{UNKNOWN, radicals};
use super::shapes::{area, bulge, frame, is_rectangle, parts, sides};
use super::{Area, Glyph, Page, Rule};
use crate::model::verdict::{Blame, Cause, Problem};

/// A filled area thinner than this is a line.
const THIN: f64 = 3.2;

/// Ink that lets more than this through is none.
const FAINT: f32 = 0.15;

/// Colours that differ by less than this, of one, cannot be told apart.
const ALIKE: f32 = 0.12;

/// Glyphs smaller than this cannot be read.
const SMALLEST: f64 = 1.5;

/// An area that covers less than this share of a page is a patch, not its ground.
const PATCH: f64 = 0.25;

/// More strokes and areas than this are a drawing, not a table.
const MAX_SHAPES: usize = 200_000;

/// More glyphs than any page has.
const MAX_GLYPHS: usize = 200_000;

/// Where ink shows.
#[derive(Clone, Default)]
struct Clip {
    area: Area,
    /// A rectangle in it where none shows.
    hole: Option<Area>,
    /// Its outline, when it is no rectangle, or that of one around.
    shape: Option<(Arc<BezPath>, FillRule)>,
}

impl Clip {
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        let is_inside = |(path, rule): &(Arc<BezPath>, FillRule)| {
            let winding = path.winding(Point::new(x, y));
            if *rule == FillRule::EvenOdd { winding % 2 != 0 } else { winding != 0 }
        };
        self.area.holds((x, y)) && self.shape.as_ref().is_none_or(is_inside)
    }
}

/// What stands before a glyph in its run.
#[derive(Clone, Copy, Default, PartialEq)]
pub(in super::super) enum Before {
    /// No figure.
    #[default]
    Other,
    /// A figure that is cut off.
    Cut,
    /// A figure that is seen, with its place among the glyphs of the page.
    Seen(usize),
}

/// What is drawn with: a colour, none for patterns, and how much of it there is.
#[derive(Clone, Copy)]
pub(in super::super) struct Ink {
    pub(in super::super) color: Option<[f32; 3]>,
    pub(in super::super) alpha: f32,
}

/// A glyph to be drawn.
pub(in super::super) struct Sign {
    /// What it stands for, if that is known.
    pub(in super::super) text: Option<CompactString>,
    /// From the square of its font, one unit wide and high with the base line below, to the page.
    pub(in super::super) transform: Affine,
    /// How far the next one stands from it, in these units.
    pub(in super::super) advance: f64,
    /// What it is drawn with; `None` where it is not drawn.
    pub(in super::super) ink: Option<Ink>,
    /// Something may hide it.
    pub(in super::super) is_masked: bool,
}

/// Notes what is drawn.
pub(in super::super) struct Canvas {
    pub(in super::super) page: Page,
    /// Glyphs that stand for no known character.
    pub(in super::super) n_unknown: usize,
    /// Glyphs that cannot be seen.
    pub(in super::super) n_hidden: usize,
    /// What is left of the page around, innermost last.
    clips: Vec<Clip>,
    /// How much the groups around let through, and whether a mask may hide what they hold.
    groups: Vec<(f32, bool)>,
    /// Areas filled so far, with their colours; pictures have none.
    grounds: Vec<(Area, Option<[f32; 3]>)>,
    /// Figures that a small area covers.
    patched: Vec<Glyph>,
    n_shapes: usize,
    is_too_large: bool,
}

impl Canvas {
    pub(in super::super) fn new(width: f64, height: f64) -> Self {
        Self {
            page: Page { width, height, ..Page::default() },
            n_unknown: 0,
            n_hidden: 0,
            clips: vec![Clip { area: Area { x0: 0.0, y0: 0.0, x1: width, y1: height }, ..Clip::default() }],
            groups: vec![(1.0, false)],
            grounds: Vec::new(),
            patched: Vec::new(),
            n_shapes: 0,
            is_too_large: false,
        }
    }

    /// The page, unless it holds more than a page can.
    /// `kind` names the format.
    pub(in super::super) fn finish(mut self, kind: &str) -> Result<Self, Problem> {
        if self.is_too_large {
            let message = format!(
                "a page of the {kind} file holds more strokes or letters than a report has: check whether it is one"
            );
            return Err(Problem::new(Cause::Limit, Blame::Source, message));
        }
        // A figure under a patch with nothing on it: a blank, or one that shall not be seen.
        let mut unknown = std::mem::take(&mut self.patched);
        unknown.retain(|patched| {
            let (x, y) = patched.center();
            let reach = patched.size;
            let around = Area { x0: x - reach, y0: y - reach / 2.0, x1: x + reach, y1: y + reach / 2.0 };
            !self.page.glyphs.iter().any(|glyph| around.holds(glyph.center()))
        });
        self.page.glyphs.extend(unknown.into_iter().map(|patched| Glyph { text: UNKNOWN.into(), ..patched }));
        Ok(self)
    }

    /// A note stands here whose look only other programs know.
    pub(in super::super) fn note(&mut self, note: Area) {
        self.mark(|middle, _| note.holds((middle.x, middle.y)));
        self.page.drawings.push(note);
    }

    /// Something may be drawn here: the figures under it cannot be known.
    pub(in super::super) fn smear(&mut self, area: Area) {
        self.mark(|middle, _| area.holds((middle.x, middle.y)));
    }

    fn clip(&self) -> Area {
        self.clips.last().map_or_else(Area::default, |clip| clip.area)
    }

    /// How much the groups around let through.
    pub(in super::super) fn opacity(&self) -> f32 {
        self.groups.last().map_or(1.0, |(opacity, _)| *opacity)
    }

    fn is_masked(&self) -> bool {
        self.groups.last().is_some_and(|(_, is_masked)| *is_masked)
    }

    /// Whether ink can be told from what lies under it.
    fn is_told_apart(&self, color: Option<[f32; 3]>, at: (f64, f64)) -> bool {
        let Some(color) = color else { return true };
        let ground = self.grounds.iter().rev().find(|(area, _)| area.holds(at));
        match ground {
            None => !is_alike(color, [1.0; 3]),
            Some((_, Some(ground))) => !is_alike(color, *ground),
            // Light text on a picture may be seen or not.
            Some((_, None)) => color.iter().any(|part| *part < 0.6),
        }
    }

    /// Something is drawn over what is there.
    fn cover(&mut self, area: Area, color: Option<[f32; 3]>) {
        let is_patch = area.width() * area.height() < PATCH * self.page.width * self.page.height;
        let (covered, seen): (Vec<Glyph>, Vec<Glyph>) =
            self.page.glyphs.drain(..).partition(|glyph| area.holds(glyph.center()));
        self.page.glyphs = seen;
        self.n_hidden += covered.len();
        if is_patch {
            self.patched.extend(covered.into_iter().filter(Glyph::is_digit));
        }
        self.grounds.push((area, color));
    }

    /// Something is drawn across what is there: figures that it touches cannot be known. `touches` is asked of the
    /// middle of a figure and of the reach around it.
    fn mark(&mut self, touches: impl Fn(Point, f64) -> bool) {
        for glyph in self.page.glyphs.iter_mut().filter(|glyph| glyph.is_digit()) {
            let (x, y) = glyph.center();
            if touches(Point::new(x, y), 0.25 * glyph.size) {
                glyph.text = UNKNOWN.into();
            }
        }
    }

    /// A filled shape that is no rectangle.
    fn blot(&mut self, path: &BezPath) {
        let bounds = area(path.bounding_box()).and(&self.clip());
        if !self.shape() || bounds.x1 < bounds.x0 || bounds.y1 < bounds.y0 {
            return;
        }
        self.mark(|middle, reach| {
            let around =
                Area { x0: middle.x - reach, y0: middle.y - reach, x1: middle.x + reach, y1: middle.y + reach };
            let both = around.and(&bounds);
            let is_near = both.x1 >= both.x0 && both.y1 >= both.y0;
            is_near && [-reach, 0.0, reach].iter().any(|dx| path.winding(Point::new(middle.x + dx, middle.y)) != 0)
        });
        self.page.drawings.push(bounds);
    }

    /// A line that is no ruling line: drawn askew, or as thick as text is high.
    fn scrawl(&mut self, one: Point, other: Point, width: f64) {
        let line = Line::new(one, other);
        self.mark(|middle, reach| line.nearest(middle, 0.1).distance_sq.sqrt() < reach + width / 2.0);
        let bounds = area(Rect::from_points(one, other)).and(&self.clip());
        if bounds.x1 >= bounds.x0 && bounds.y1 >= bounds.y0 {
            self.page.drawings.push(bounds);
        }
    }

    /// Counts a shape; whether more of them are taken.
    fn shape(&mut self) -> bool {
        self.n_shapes += 1;
        self.is_too_large |= self.n_shapes > MAX_SHAPES;
        !self.is_too_large
    }

    fn rule(&mut self, one: Point, other: Point) {
        let clip = self.clip();
        let (dx, dy) = ((one.x - other.x).abs(), (one.y - other.y).abs());
        let along = |a: f64, b: f64, low: f64, high: f64| (a.min(b).max(low), a.max(b).min(high));
        let rule = if dx <= 1.0 && dy > dx {
            let (from, to) = along(one.y, other.y, clip.y0, clip.y1);
            Rule { is_vertical: true, at: f64::midpoint(one.x, other.x), from, to }
        } else if dy <= 1.0 && dx > dy {
            let (from, to) = along(one.x, other.x, clip.x0, clip.x1);
            Rule { is_vertical: false, at: f64::midpoint(one.y, other.y), from, to }
        } else {
            return;
        };
        let (low, high) = if rule.is_vertical { (clip.x0, clip.x1) } else { (clip.y0, clip.y1) };
        if rule.to > rule.from && (low - 1.0..=high + 1.0).contains(&rule.at) {
            self.page.rules.push(rule);
        }
    }

    fn stroke(&mut self, path: &BezPath, transform: Affine, width: f64) {
        let mut start = Point::ZERO;
        let mut last = Point::ZERO;
        for element in path.elements() {
            let from = last;
            match *element {
                PathEl::MoveTo(point) => {
                    start = transform * point;
                    last = start;
                    continue;
                }
                PathEl::LineTo(point) => last = transform * point,
                PathEl::QuadTo(_, point) | PathEl::CurveTo(_, _, point) => last = transform * point,
                PathEl::ClosePath => last = start,
            }
            if !self.shape() {
                return;
            }
            let is_straight = matches!(element, PathEl::LineTo(_) | PathEl::ClosePath);
            let is_ruled = (from.x - last.x).abs().min((from.y - last.y).abs()) <= 1.0;
            if is_straight && is_ruled && width <= THIN {
                self.rule(from, last);
            } else {
                // A curve runs near the line between its ends, or further off by no more than its handles.
                self.scrawl(from, last, width + bulge(*element, from, last, transform));
            }
        }
    }

    /// A filled area: a line when thin, else a ground.
    fn fill(&mut self, area: Area, color: Option<[f32; 3]>, alpha: f32, is_plain: bool) {
        let clip = self.clips.last().cloned().unwrap_or_default();
        let area = area.and(&clip.area);
        if let Some(hole) = clip.hole {
            // What is filled around a hole is a border.
            let hole = hole.and(&area);
            for side in sides(area, hole).into_iter().filter(|side| side.width().min(side.height()) <= THIN) {
                self.thin(side, color, alpha);
            }
            return;
        }
        // What shows through the outline of signs, or is painted with a pattern, may be signs.
        if clip.shape.is_some() || color.is_none() && area.width().min(area.height()) > THIN {
            self.page.drawings.push(area);
        }
        let is_plain = is_plain && clip.shape.is_none();
        if !self.shape() || area.x1 < area.x0 || area.y1 < area.y0 {
            return;
        }
        if area.width().min(area.height()) <= THIN {
            self.thin(area, color, alpha);
        } else if alpha > 1.0 - FAINT && is_plain {
            self.cover(area, color);
        }
    }

    /// A thin area; a dot may be of a line in either direction.
    fn thin(&mut self, area: Area, color: Option<[f32; 3]>, alpha: f32) {
        let (x, y) = area.middle();
        if !self.shape() || alpha <= FAINT || !self.is_told_apart(color, (x, y)) {
            return;
        }
        let (width, height) = (area.width(), area.height());
        if height <= THIN && width > 0.8 * height {
            self.rule(Point::new(area.x0, y), Point::new(area.x1, y));
        }
        if width <= THIN && height > 0.8 * width {
            self.rule(Point::new(x, area.y0), Point::new(x, area.y1));
        }
    }

    /// Fills a path, given in places of the page. `is_plain`: what it covers cannot shine through.
    pub(in super::super) fn fill_path(&mut self, path: &BezPath, ink: Ink, is_plain: bool) {
        let Ink { color, alpha } = ink;
        // Several rectangles may be filled at once.
        let parts = parts(path);
        if let Some((outer, inner)) = frame(&parts) {
            for side in sides(outer, inner) {
                self.fill(side, color, alpha, is_plain);
            }
            return;
        }
        for part in parts {
            let bounds = area(part.bounding_box());
            if is_rectangle(&part) || bounds.width().min(bounds.height()) <= THIN {
                self.fill(bounds, color, alpha, is_plain);
            } else if alpha > FAINT {
                self.blot(&part);
            }
        }
    }

    /// Strokes a path with a line of a width in points.
    pub(in super::super) fn stroke_path(&mut self, path: &BezPath, transform: Affine, width: f64, ink: Ink) {
        let center = transform * path.bounding_box().center();
        // A thick line in the colour of the paper covers what is under it.
        if ink.alpha > FAINT && (width > THIN || self.is_told_apart(ink.color, (center.x, center.y))) {
            self.stroke(path, transform, width);
        }
    }

    /// Draws a picture. `shows` says how much of it covers at a place.
    pub(in super::super) fn picture(&mut self, area: Area, is_covering: bool, shows: impl Fn(Point) -> f32) {
        let area = area.and(&self.clip());
        if !self.shape() || area.x1 < area.x0 || area.y1 < area.y0 || self.opacity() <= FAINT {
            return;
        }
        if area.width().min(area.height()) <= THIN {
            self.fill(area, None, 1.0, false);
            return;
        }
        let opacity = self.opacity();
        if is_covering && opacity > 1.0 - FAINT {
            self.cover(area, None);
        } else {
            self.mark(|middle, reach| {
                area.holds((middle.x, middle.y))
                    && [-reach, 0.0, reach]
                        .iter()
                        .any(|dx| shows(Point::new(middle.x + dx, middle.y)) * opacity > FAINT)
            });
        }
        self.page.pictures.push(area);
    }

    /// Leaves only what is inside a path, until [`Self::pop_clip`].
    pub(in super::super) fn push_clip(&mut self, path: &BezPath, rule: FillRule) {
        let parts = parts(path);
        let hole = frame(&parts).map(|(_, inner)| inner);
        let around = self.clips.last().cloned().unwrap_or_default();
        let is_plain = parts.len() == 1 && parts.iter().all(is_rectangle);
        let shape = (!is_plain).then(|| (Arc::new(path.clone()), rule));
        let area = area(path.bounding_box()).and(&around.area);
        self.clips.push(Clip { area, hole: hole.or(around.hole), shape: shape.or(around.shape) });
    }

    pub(in super::super) fn pop_clip(&mut self) {
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    /// Begins a group that lets so much through, until [`Self::pop_group`].
    pub(in super::super) fn push_group(&mut self, opacity: f32, is_masked: bool) {
        self.groups.push((self.opacity() * opacity, is_masked || self.is_masked()));
    }

    pub(in super::super) fn pop_group(&mut self) {
        if self.groups.len() > 1 {
            self.groups.pop();
        }
    }

    /// Draws a glyph. `before` is what stood before it in its run.
    pub(in super::super) fn sign(&mut self, sign: &Sign, before: &mut Before) {
        let [a, b, c, d, x, y] = sign.transform.as_coeffs();
        let (along, up, origin) = (Vec2::new(a, b), Vec2::new(c, d), Point::new(x, y));
        let turn = match (along.x.abs() >= along.y.abs(), along.x > 0.0, along.y > 0.0) {
            (true, true, _) => 0,
            (true, false, _) => 2,
            (false, _, true) => 1,
            (false, _, false) => 3,
        };
        // What is written askew runs across the text, as stamps and watermarks do.
        let is_askew = along.x.abs().min(along.y.abs()) > 0.1 * along.hypot();
        // Lines run downwards here: what is not mirrored turns to the left from along to up.
        let is_mirrored = along.cross(up) > 0.0;
        let mut glyph = Glyph {
            text: sign.text.clone().unwrap_or_else(|| UNKNOWN.into()),
            x: origin.x,
            y: origin.y,
            advance: along.hypot() * sign.advance,
            size: up.hypot(),
            turn,
        };
        let center = glyph.center();
        let is_inked = sign.ink.is_some_and(|ink| ink.alpha > FAINT);
        let is_placed = origin.x.is_finite() && origin.y.is_finite();
        let is_cut = !self.clips.last().is_some_and(|clip| clip.holds(center));
        let is_seen = is_inked
            && is_placed
            && !is_cut
            && !is_askew
            && glyph.size >= SMALLEST
            && self.is_told_apart(sign.ink.and_then(|ink| ink.color), center);
        // A number of which a part is cut off is another number.
        if glyph.is_digit() && is_inked && is_placed {
            if let (Before::Seen(at), true) = (*before, is_cut)
                && let Some(seen) = self.page.glyphs.get_mut(at)
            {
                seen.text = UNKNOWN.into();
            }
            if !is_cut && *before == Before::Cut {
                glyph.text = UNKNOWN.into();
            }
            *before = if is_cut { Before::Cut } else { Before::Seen(self.page.glyphs.len()) };
        } else {
            *before = Before::Other;
        }
        if !is_seen {
            self.n_hidden += 1;
            // Paper-coloured signs on others rub them out.
            if is_inked && is_placed && !is_cut && !is_askew && glyph.size >= SMALLEST {
                let rubbed = Point::new(center.0, center.1);
                self.mark(|middle, reach| middle.distance(rubbed) < reach);
            }
            return;
        }
        if sign.text.is_none() {
            self.n_unknown += 1;
        }
        // A pattern or a shading may be as light as its ground.
        let is_patterned = sign.ink.is_some_and(|ink| ink.color.is_none());
        if (sign.is_masked || self.is_masked() || is_mirrored || is_patterned) && glyph.is_digit() {
            glyph.text = UNKNOWN.into();
        }
        if self.page.glyphs.len() >= MAX_GLYPHS {
            self.is_too_large = true;
            return;
        }
        self.page.glyphs.push(glyph);
    }

    /// Whether the page holds more than it can; what comes more is not noted.
    pub(in super::super) fn is_full(&self) -> bool {
        self.is_too_large
    }
}

/// What a printed text stands for, if it is known.
pub(in super::super) fn character(text: &str) -> Option<CompactString> {
    let text = CompactString::from(radicals::plain(text));
    // Private characters mean what their font likes.
    let is_known = |c: char| {
        !matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fffd}')
            && (!c.is_control() || c.is_whitespace())
    };
    (!text.is_empty() && text.chars().all(is_known)).then_some(text)
}

fn is_alike(one: [f32; 3], other: [f32; 3]) -> bool {
    one.iter().zip(other).all(|(one, other)| (one - other).abs() < ALIKE)
}
