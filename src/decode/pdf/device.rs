//! What the drawing commands of a page say, handed on to its canvas.

use compact_str::CompactString;
use hayro_interpret::font::{Glyph as PdfGlyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, Rect};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask};

use super::super::print::{Before, Canvas, Ink, Sign, area, character};
use super::ink::{Cover, is_opaque};

/// Notes what is drawn.
pub(super) struct Recorder(pub(super) Canvas);

impl Recorder {
    fn ink(&self, paint: &Paint<'_>) -> Ink {
        match paint {
            Paint::Color(color) => {
                let [red, green, blue, alpha] = color.to_rgba().components();
                Ink { color: Some([red, green, blue]), alpha: alpha * self.0.opacity() }
            }
            Paint::Pattern(_) => Ink { color: None, alpha: self.0.opacity() },
        }
    }
}

impl<'a> Device<'a> for Recorder {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let ink = self.ink(&props.paint);
        match mode {
            DrawMode::Fill(_) | DrawMode::FillAndStroke(..) => {
                let is_plain = props.blend_mode == BlendMode::default() && props.soft_mask.is_none();
                self.0.fill_path(&(props.transform * path), ink, is_plain);
            }
            DrawMode::Stroke(stroke) => {
                let width = f64::from(stroke.line_width) * props.transform.determinant().abs().sqrt();
                self.0.stroke_path(path, props.transform, width, ink);
            }
            DrawMode::Invisible => {}
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.0.push_clip(&clip.path, clip.fill);
    }

    fn pop_clip(&mut self) {
        self.0.pop_clip();
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.0.push_group(opacity, mask.is_some());
    }

    fn pop_transparency_group(&mut self) {
        self.0.pop_group();
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let ink = (!matches!(mode, DrawMode::Invisible)).then(|| self.ink(&props.paint));
        let is_masked = props.soft_mask.is_some();
        let mut before = Before::default();
        for glyph in run.glyphs() {
            let advance = match &**glyph {
                PdfGlyph::Outline(outline) => outline.advance_width(),
                PdfGlyph::Type3(glyph) => glyph.advance_width(),
            };
            let sign = Sign {
                text: known(glyph),
                transform: props.transform * glyph.transform() * Affine::scale(1_000.0),
                advance: f64::from(advance.unwrap_or(1_000.0)) / 1_000.0,
                ink,
                is_masked,
            };
            self.0.sign(&sign, &mut before);
            if self.0.is_full() {
                return;
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let size = Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let is_covering = match &image {
            Image::Raster(raster) => is_opaque(raster.stream().dict()) && props.soft_mask.is_none(),
            Image::Stencil(_) => false,
        };
        let cover = if is_covering { None } else { Cover::of(&image, props.transform) };
        let shows = |point| cover.as_ref().map_or(1.0, |cover| cover.at(point));
        self.0.picture(area(props.transform.transform_rect_bbox(size)), is_covering, shows);
    }
}

/// What a glyph stands for, if its font says so.
fn known(glyph: &PdfGlyph<'_>) -> Option<CompactString> {
    match glyph.as_unicode()? {
        BfString::Char(c) => character(c.encode_utf8(&mut [0; 4])),
        BfString::String(text) => character(&text),
    }
}
