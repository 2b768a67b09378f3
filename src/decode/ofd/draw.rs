//! The layers of a page and the objects in them, drawn on a canvas.

use hayro_interpret::FillRule;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape};

use super::POINTS;
use super::path::outline;
use super::resources::Resources;
use super::tree::{Element, too_many};
use crate::archive::corrupt;
use crate::config::Limits;
use crate::decode::print::{Area, Canvas, Ink, area};
use crate::model::verdict::{Blame, Cause, Problem};

/// Drawings that are used more than once lie in one another no deeper.
const MAX_DEPTH: usize = 16;

/// What is drawn may stand out of its boundary by so much, in millimetres: writers round.
const SLACK: f64 = 0.35;

/// A picture that shines through and covers more than this share of a page is its ground or a watermark.
const GROUND: f64 = 0.25;

/// Objects that may still be drawn.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self(limits.pdf_objects)
    }
}

/// What is drawn for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Purpose {
    /// The page itself.
    Page,
    /// A note on the page: what it says is no data, and what it covers cannot be known.
    Note,
    /// A mark over the page that leaves it readable.
    Watermark,
}

/// Where objects are drawn.
#[derive(Clone, Copy)]
pub(super) struct Place<'e> {
    /// From the places around the objects to the page.
    pub(super) transform: Affine,
    /// The settings of the layer.
    pub(super) settings: Option<&'e str>,
}

/// Draws what a part says.
pub(super) struct Painter<'p> {
    pub(super) canvas: &'p mut Canvas,
    pub(super) resources: &'p Resources<'p>,
    budget: &'p mut Budget,
    limits: &'p Limits,
    pub(super) purpose: Purpose,
    /// Drawings that are being drawn, by their numbers.
    units: Vec<String>,
    /// How many lists of objects lie in one another.
    depth: usize,
    /// The part of the page that is shown, in millimetres; `None` where all is.
    pub(super) shown: Option<Rect>,
}

impl<'p> Painter<'p> {
    pub(super) fn new(
        canvas: &'p mut Canvas,
        resources: &'p Resources<'p>,
        budget: &'p mut Budget,
        limits: &'p Limits,
    ) -> Self {
        Self { canvas, resources, budget, limits, purpose: Purpose::Page, units: Vec::new(), depth: 0, shown: None }
    }

    /// Draws the layers of a page, the lowest first.
    pub(super) fn page(&mut self, page: &Element) -> Result<(), Problem> {
        let layers = || page.children("Content").flat_map(|content| content.children("Layer"));
        let height = |layer: &Element| match layer.attribute("Type") {
            Some("Background") => 0,
            Some("Foreground") => 2,
            _ => 1,
        };
        for now in 0..3 {
            for layer in layers().filter(|layer| height(layer) == now && layer.flag("Visible") != Some(false)) {
                let place = Place { transform: Affine::scale(POINTS), settings: layer.attribute("DrawParam") };
                self.canvas.push_group(layer.opacity(), false);
                self.objects(layer, place)?;
                self.canvas.pop_group();
            }
        }
        Ok(())
    }

    /// Draws the notes of a page.
    pub(super) fn notes(&mut self, notes: &Element) -> Result<(), Problem> {
        for note in notes.children("Annot").filter(|note| note.flag("Visible") != Some(false)) {
            let is_watermark = note.attribute("Type") == Some("Watermark");
            self.purpose = if is_watermark { Purpose::Watermark } else { Purpose::Note };
            for look in note.children("Appearance").filter(|look| look.flag("Visible") != Some(false)) {
                let origin = look.boundary().map_or(Point::ZERO, |boundary| boundary.origin());
                let transform = Affine::scale(POINTS) * Affine::translate(origin.to_vec2());
                self.objects(look, Place { transform, settings: None })?;
            }
        }
        Ok(())
    }

    fn objects(&mut self, list: &Element, place: Place<'_>) -> Result<(), Problem> {
        if self.depth >= self.limits.xml_depth {
            let message = format!(
                "drawings of the OFD file lie more than {} deep in one another (limits.xml_depth): check whether it is a real file",
                self.limits.xml_depth
            );
            return Err(Problem::new(Cause::Limit, Blame::Source, message));
        }
        self.depth += 1;
        let drawn = self.each(list, place);
        self.depth -= 1;
        drawn
    }

    fn each(&mut self, list: &Element, place: Place<'_>) -> Result<(), Problem> {
        for object in &list.children {
            if self.canvas.is_full() {
                return Ok(());
            }
            let left = self.budget.0.checked_sub(1);
            self.budget.0 = left.ok_or_else(|| too_many("the pages", self.limits))?;
            let is_shown = object.flag("Visible") != Some(false);
            self.canvas.push_group(if is_shown { object.opacity() } else { 0.0 }, false);
            match object.name.as_str() {
                "TextObject" => self.text(object, place),
                "PathObject" => self.path(object, place),
                "ImageObject" => self.image(object, place),
                "CompositeObject" => self.composite(object, place)?,
                "PageBlock" => self.objects(object, place)?,
                _ => {}
            }
            self.canvas.pop_group();
        }
        Ok(())
    }

    /// From the places inside an object to the page.
    pub(super) fn inside(object: &Element, place: Place<'_>) -> Affine {
        let origin = object.boundary().map_or(Point::ZERO, |boundary| boundary.origin());
        place.transform * Affine::translate(origin.to_vec2()) * object.matrix()
    }

    /// Leaves only what is inside the boundary and the clips of an object, and says how many clips these are.
    fn clip(&mut self, object: &Element, place: Place<'_>) -> usize {
        let mut count = 0;
        if let Some(boundary) = object.boundary() {
            let around = boundary.inflate(SLACK, SLACK).to_path(0.1);
            self.canvas.push_clip(&(place.transform * around), FillRule::NonZero);
            count += 1;
        }
        for clip in clips(object, place).into_iter().flatten() {
            self.canvas.push_clip(&clip, FillRule::NonZero);
            count += 1;
        }
        count
    }

    fn unclip(&mut self, count: usize) {
        for _ in 0..count {
            self.canvas.pop_clip();
        }
    }

    fn path(&mut self, object: &Element, place: Place<'_>) {
        let data = object.child("AbbreviatedData").map_or("", |data| data.text.as_str());
        let transform = Self::inside(object, place);
        let Some(path) = outline(data) else {
            self.doubt(object, place);
            return;
        };
        if path.elements().len() < 2 {
            return;
        }
        let settings = self.resources.settings(object, place.settings);
        let n_clips = self.clip(object, place);
        let opacity = self.canvas.opacity();
        let inked = |ink: Ink| Ink { alpha: ink.alpha * opacity, ..ink };
        if object.flag("Fill") == Some(true) {
            let path = transform * &path;
            let bounds = area(path.bounding_box());
            match settings.ink("FillColor") {
                Some(ink) => self.canvas.fill_path(&path, inked(ink), true),
                // By the standard nothing is filled without a colour, and some readers fill it black.
                None if bounds.width().min(bounds.height()) <= POINTS => {
                    self.canvas.fill_path(&path, inked(settings.ink_or_black("FillColor")), false);
                }
                None => self.canvas.smear(bounds),
            }
        }
        if object.flag("Stroke") != Some(false) {
            let width = settings.line_width() * transform.determinant().abs().sqrt();
            self.canvas.stroke_path(&path, transform, width, inked(settings.ink_or_black("StrokeColor")));
        }
        self.unclip(n_clips);
    }

    fn image(&mut self, object: &Element, place: Place<'_>) {
        let unit = match (object.boundary(), object.attribute("CTM")) {
            // A picture fills a square of one unit.
            (_, Some(_)) | (None, None) => Rect::new(0.0, 0.0, 1.0, 1.0),
            (Some(boundary), None) => Rect::from_origin_size(Point::ZERO, boundary.size()),
        };
        let shown = area(Self::inside(object, place).transform_rect_bbox(unit));
        let is_opaque = object.attribute("ResourceID").and_then(|id| self.resources.is_opaque(id));
        let is_covering = is_opaque == Some(true) && object.attribute("ImageMask").is_none();
        let share = shown.width() * shown.height() / (self.canvas.page.width * self.canvas.page.height);
        if !is_covering && self.purpose != Purpose::Page {
            // Seals and marks that shine through leave readable what is under them.
            return;
        }
        let shows = if share > GROUND { 0.0 } else { 1.0 };
        let n_clips = self.clip(object, place);
        self.canvas.picture(shown, is_covering, |_| shows);
        self.unclip(n_clips);
    }

    fn composite(&mut self, object: &Element, place: Place<'_>) -> Result<(), Problem> {
        let id = object.attribute("ResourceID").unwrap_or_default();
        let resources = self.resources;
        let Some(unit) = resources.unit(id) else {
            self.doubt(object, place);
            return Ok(());
        };
        if self.units.len() >= MAX_DEPTH || self.units.iter().any(|unit| unit == id) {
            let message = format!("the drawing {id} of the OFD file is drawn within itself: fetch the file again");
            return Err(corrupt(message));
        }
        let transform = Self::inside(object, place);
        let n_clips = self.clip(object, place);
        self.units.push(id.to_owned());
        for content in unit.children("Content") {
            self.objects(content, Place { transform, settings: object.attribute("DrawParam").or(place.settings) })?;
        }
        self.units.pop();
        self.unclip(n_clips);
        Ok(())
    }

    /// Something is drawn here, and what cannot be told.
    fn doubt(&mut self, object: &Element, place: Place<'_>) {
        if let Some(boundary) = object.boundary() {
            self.canvas.note(area(place.transform.transform_rect_bbox(boundary)));
        }
    }
}

/// The outlines that an object is cut to, on the page; `None` for one made of letters.
pub(super) fn clips(object: &Element, place: Place<'_>) -> Vec<Option<BezPath>> {
    let lists = object.children("Clips").flat_map(|clips| {
        let is_turned = clips.flag("TransFlag") != Some(false);
        clips.children("Clip").map(move |clip| (clip, is_turned))
    });
    let outlines = lists.map(|(clip, is_turned)| {
        let origin = object.boundary().map_or(Point::ZERO, |boundary| boundary.origin());
        let around = place.transform * Affine::translate(origin.to_vec2());
        let around = if is_turned { around * object.matrix() } else { around };
        let mut all = BezPath::new();
        for part in clip.children("Area") {
            for shape in &part.children {
                let data = shape.child("AbbreviatedData").filter(|_| shape.name == "Path")?;
                let origin = shape.boundary().map_or(Point::ZERO, |boundary| boundary.origin());
                let inside = around * part.matrix() * Affine::translate(origin.to_vec2()) * shape.matrix();
                all.extend(inside * outline(&data.text)?);
            }
        }
        Some(all)
    });
    outlines.collect()
}

/// Whether a place is inside an outline, or near its edge.
pub(super) fn is_within(outline: &BezPath, point: Point, slack: f64) -> bool {
    let steps = [(0.0, 0.0), (-slack, 0.0), (slack, 0.0), (0.0, -slack), (0.0, slack)];
    steps.iter().any(|(x, y)| outline.winding(Point::new(point.x + x, point.y + y)) != 0)
}

/// The square of a glyph on the page.
pub(super) fn square(transform: Affine, advance: f64) -> Area {
    area(transform.transform_rect_bbox(Rect::new(0.0, -0.1, advance, 0.8)))
}
