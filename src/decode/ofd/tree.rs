//! An XML part as a tree of bounded size, and the values that its attributes hold.

use compact_str::CompactString;
use hayro_interpret::kurbo::{Affine, Rect};

use super::super::xml::{Node, Xml, text};
use crate::config::Limits;
use crate::model::verdict::{Blame, Cause, Problem};

/// An object is made of no more elements than this, on the whole.
const ELEMENTS_PER_OBJECT: usize = 8;

/// A larger number is no length.
const LARGEST: f64 = 1e7;

/// An element. Names are those behind the colon: prefixes are each writer's own.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) name: CompactString,
    attributes: Vec<(CompactString, CompactString)>,
    pub(super) children: Vec<Element>,
    /// Its own text, that of its children left out.
    pub(super) text: CompactString,
}

/// Reads a part.
///
/// # Errors
/// `corrupt`, `decode`, or `limit` where it holds more elements than a report.
pub(super) fn parse(bytes: &[u8], part: &str, limits: &Limits) -> Result<Element, Problem> {
    let text = text(bytes, part)?;
    let mut xml = Xml::new(&text, part, limits);
    let mut open = vec![Element::default()];
    let mut n_elements = 0;
    while let Some(node) = xml.next()? {
        match node {
            Node::Open(tag) => {
                n_elements += 1;
                if n_elements > limits.pdf_objects.saturating_mul(ELEMENTS_PER_OBJECT) {
                    return Err(too_many(part, limits));
                }
                open.push(Element { name: tag.name().into(), attributes: tag.attributes(), ..Element::default() });
            }
            Node::Close => {
                if let Some(element) = open.pop()
                    && let Some(around) = open.last_mut()
                {
                    around.children.push(element);
                }
            }
            Node::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text);
                }
            }
        }
    }
    Ok(open.pop().and_then(|mut whole| whole.children.pop()).unwrap_or_default())
}

/// More is drawn than a report holds.
pub(super) fn too_many(what: &str, limits: &Limits) -> Problem {
    let message = format!(
        "{what} of the OFD file holds more than {} objects (limits.pdf_objects): check whether it is a report",
        limits.pdf_objects
    );
    Problem::new(Cause::Limit, Blame::Source, message)
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn children<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// An attribute that is a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.attribute(name).and_then(number)
    }

    /// An attribute that is true or false.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.attribute(name)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            other => Some(other.eq_ignore_ascii_case("true")),
        }
    }

    /// Where it stands in what is around it.
    pub(super) fn boundary(&self) -> Option<Rect> {
        self.attribute("Boundary").and_then(rectangle)
    }

    /// From its own places to those inside its boundary.
    pub(super) fn matrix(&self) -> Affine {
        let numbers = self.attribute("CTM").map(numbers).unwrap_or_default();
        <[f64; 6]>::try_from(numbers).map_or(Affine::IDENTITY, Affine::new)
    }

    /// How much of what lies under it shows through, from its attribute of 0 to 255.
    pub(super) fn opacity(&self) -> f32 {
        share(self.number("Alpha").unwrap_or(255.0))
    }
}

/// A part of 255.
fn share(value: f64) -> f32 {
    share_of(value, 255.0)
}

/// A part of a whole, which is no less than one.
pub(super) fn share_of(value: f64, whole: f64) -> f32 {
    // Numbers of colours are small: nothing is lost that can be seen.
    let value = value.clamp(0.0, whole) / whole;
    #[expect(clippy::cast_possible_truncation, reason = "a share needs few digits")]
    let share = value as f32;
    share
}

/// A number that can be a length.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && number.abs() <= LARGEST)
}

/// Numbers parted by spaces; none when one of them is none.
pub(super) fn numbers(text: &str) -> Vec<f64> {
    let parts = text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty());
    parts.take(64).map(number).collect::<Option<Vec<f64>>>().unwrap_or_default()
}

/// Left and upper end, width and height.
pub(super) fn rectangle(text: &str) -> Option<Rect> {
    let [x, y, width, height] = <[f64; 4]>::try_from(numbers(text)).ok()?;
    Some(Rect::new(x, y, x + width.max(0.0), y + height.max(0.0)))
}
