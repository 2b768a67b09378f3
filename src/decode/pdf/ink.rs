//! Pictures, as far as it matters what they cover.

use hayro_interpret::kurbo::{Affine, Point};
use hayro_interpret::{Image, LumaData};
use hayro_syntax::object::Dict;

/// A larger picture is not looked at.
const MAX_PIXELS: u64 = 16_000_000;

/// How much a picture covers, point by point.
pub(super) struct Cover {
    to_picture: Affine,
    alpha: LumaData,
    width: f64,
    height: f64,
}

impl Cover {
    /// `None` when the picture cannot be looked at.
    pub(super) fn of(image: &Image<'_, '_>, transform: Affine) -> Option<Self> {
        let (width, height) = (image.width(), image.height());
        if u64::from(width) * u64::from(height) > MAX_PIXELS || transform.determinant().abs() < 1e-9 {
            return None;
        }
        let mut alpha = None;
        match image {
            Image::Raster(raster) => raster.with_rgba(|_, mask| alpha = mask, None),
            Image::Stencil(stencil) => stencil.with_stencil(|mask, _| alpha = Some(mask), None),
        }
        let (width, height) = (f64::from(width), f64::from(height));
        Some(Self { to_picture: transform.inverse(), alpha: alpha?, width, height })
    }

    /// From 0, nothing, to 1.
    pub(super) fn at(&self, point: Point) -> f32 {
        let point = self.to_picture * point;
        let index =
            |share: f64, count: u32| (0..count).rfind(|at| f64::from(*at) <= share * f64::from(count)).unwrap_or(0);
        let (x, y) = (index(point.x / self.width, self.alpha.width), index(point.y / self.height, self.alpha.height));
        let at = usize::try_from(u64::from(y) * u64::from(self.alpha.width) + u64::from(x)).unwrap_or(usize::MAX);
        self.alpha.data.get(at).map_or(1.0, |alpha| f32::from(*alpha) / 255.0)
    }
}

/// Whether a picture lets nothing through.
pub(super) fn is_opaque(dict: &Dict<'_>) -> bool {
    !["SMask", "Mask", "SMaskInData"].iter().any(|key| dict.contains_key(key.as_bytes()))
}
