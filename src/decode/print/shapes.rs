//! Rectangles, frames and curves, as far as it matters what they cover.

use hayro_interpret::kurbo::{Affine, BezPath, Line, ParamCurveNearest, PathEl, Point, Rect, Shape};

use super::Area;

/// A rectangle of the library.
pub(in super::super) fn area(rect: Rect) -> Area {
    Area { x0: rect.min_x(), y0: rect.min_y(), x1: rect.max_x(), y1: rect.max_y() }
}

/// Whether a path is a rectangle along the edges of the page.
pub(super) fn is_rectangle(path: &BezPath) -> bool {
    let n_lines = path.elements().iter().filter(|element| matches!(element, PathEl::LineTo(_))).count();
    let is_straight =
        path.elements().iter().all(|element| !matches!(element, PathEl::QuadTo(..) | PathEl::CurveTo(..)));
    is_straight && (3..=4).contains(&n_lines) && {
        let bounds = path.bounding_box();
        (path.area().abs() - bounds.area()).abs() <= 0.02 * bounds.area()
    }
}

/// The outer and inner edge of what is filled between two rectangles.
pub(super) fn frame(parts: &[BezPath]) -> Option<(Area, Area)> {
    let [one, other] = parts else { return None };
    let (one, other) = (
        is_rectangle(one).then(|| area(one.bounding_box()))?,
        is_rectangle(other).then(|| area(other.bounding_box()))?,
    );
    let is_inside = |inner: &Area, outer: &Area| {
        inner.x0 >= outer.x0 && inner.x1 <= outer.x1 && inner.y0 >= outer.y0 && inner.y1 <= outer.y1
    };
    if is_inside(&other, &one) { Some((one, other)) } else { is_inside(&one, &other).then_some((other, one)) }
}

/// The four sides of a frame.
pub(super) fn sides(outer: Area, inner: Area) -> [Area; 4] {
    [
        Area { y1: inner.y0, ..outer },
        Area { y0: inner.y1, ..outer },
        Area { x1: inner.x0, ..outer },
        Area { x0: inner.x1, ..outer },
    ]
}

/// How far a curve may run from the line between its ends.
pub(super) fn bulge(element: PathEl, from: Point, to: Point, transform: Affine) -> f64 {
    let line = Line::new(from, to);
    let off = |handle: Point| line.nearest(transform * handle, 0.1).distance_sq.sqrt();
    match element {
        PathEl::QuadTo(handle, _) => off(handle),
        PathEl::CurveTo(one, other, _) => off(one).max(off(other)),
        PathEl::MoveTo(_) | PathEl::LineTo(_) | PathEl::ClosePath => 0.0,
    }
}

/// The parts of a path, each begun by a move.
pub(super) fn parts(path: &BezPath) -> Vec<BezPath> {
    let mut parts: Vec<BezPath> = Vec::new();
    for element in path.elements() {
        match (element, parts.last_mut()) {
            (PathEl::MoveTo(_), _) | (_, None) => parts.push(BezPath::from_vec(vec![match element {
                PathEl::MoveTo(_) => *element,
                _ => PathEl::MoveTo(Point::ZERO),
            }])),
            (_, Some(part)) => part.push(*element),
        }
    }
    parts
}
