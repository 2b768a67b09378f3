//! The outlines of drawings, as the standard abbreviates them: letters, each with the places that it needs.

use hayro_interpret::kurbo::{Arc, BezPath, Point, SvgArc, Vec2};

use super::tree::number;

/// A longer outline is no part of a table.
const MAX_STEPS: usize = 100_000;

/// An outline; `None` where it is not written as it should be.
pub(super) fn outline(text: &str) -> Option<BezPath> {
    let mut path = BezPath::new();
    let mut tokens = Tokens { rest: text };
    let mut letter = None;
    let mut last = Point::ZERO;
    let mut n_steps = 0;
    while !tokens.is_empty() {
        n_steps += 1;
        if n_steps > MAX_STEPS {
            return None;
        }
        // A letter may stand for several steps.
        letter = tokens.letter().or(letter);
        let is_begun = !path.elements().is_empty();
        match letter? {
            'M' | 'S' => {
                last = tokens.point()?;
                path.move_to(last);
            }
            _ if !is_begun => return None,
            'L' => {
                last = tokens.point()?;
                path.line_to(last);
            }
            'Q' => {
                let handle = tokens.point()?;
                last = tokens.point()?;
                path.quad_to(handle, last);
            }
            'B' => {
                let (one, other) = (tokens.point()?, tokens.point()?);
                last = tokens.point()?;
                path.curve_to(one, other, last);
            }
            'A' => {
                let radii = tokens.point()?;
                let (angle, large, sweep) = (tokens.number()?, tokens.number()?, tokens.number()?);
                let to = tokens.point()?;
                let arc = SvgArc {
                    from: last,
                    to,
                    radii: Vec2::new(radii.x, radii.y),
                    x_rotation: angle.to_radians(),
                    large_arc: large != 0.0,
                    sweep: sweep != 0.0,
                };
                match Arc::from_svg_arc(&arc) {
                    Some(arc) => arc.to_cubic_beziers(0.1, |one, other, to| path.curve_to(one, other, to)),
                    None => path.line_to(to),
                }
                last = to;
            }
            'C' => {
                path.close_path();
                // Nothing follows it but another letter.
                letter = None;
            }
            _ => return None,
        }
    }
    Some(path)
}

struct Tokens<'t> {
    rest: &'t str,
}

impl Tokens<'_> {
    fn is_empty(&mut self) -> bool {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        self.rest.is_empty()
    }

    fn letter(&mut self) -> Option<char> {
        let letter = self.rest.chars().next().filter(char::is_ascii_alphabetic)?;
        self.rest = &self.rest[1..];
        Some(letter)
    }

    fn number(&mut self) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        let is_end = |(at, c): &(usize, char)| {
            let is_exponent =
                matches!(c, 'e' | 'E') || self.rest[..*at].ends_with(['e', 'E']) && matches!(c, '-' | '+');
            !(c.is_ascii_digit() || *c == '.' || is_exponent || *at == 0 && matches!(c, '-' | '+'))
        };
        let end = self.rest.char_indices().find(is_end).map_or(self.rest.len(), |(at, _)| at);
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        number(word)
    }

    fn point(&mut self) -> Option<Point> {
        Some(Point::new(self.number()?, self.number()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(outline(text).map(|path| path.to_svg()).as_deref(), expected, "{text}");
    }

    #[test]
    fn letters_and_places_make_an_outline() {
        check("M 0 0 L 10 0 L 10 5 C", Some("M0,0 L10,0 L10,5 Z"));
        check("S 1 1 M0 0L10,0 20 0", Some("M1,1 M0,0 L10,0 L20,0"));
        check("M 0 0 Q 1 2 3 4 B 1 1 2 2 3e0 -3", Some("M0,0 Q1,2 3,4 C1,1 2,2 3,-3"));
        check("", Some(""));
    }

    #[test]
    fn an_arc_ends_where_it_says() {
        let path = outline("M 0 0 A 5 5 0 0 1 10 0").expect("an outline");
        let end = path.elements().last().and_then(|element| element.end_point()).expect("an end");
        assert!((end - Point::new(10.0, 0.0)).hypot() < 1e-6);
    }

    #[test]
    fn what_is_no_outline_is_none() {
        check("L 1 1", None);
        check("M 1", None);
        check("M NaN 0 L inf 1", None);
        check("M 0 0 Z", None);
        check("5 5", None);
        check("M 0 0 C 5 5", None);
    }
}
