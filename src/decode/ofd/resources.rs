//! What pages refer to by number: settings of drawing, colour spaces, pictures and drawings used more than once.

use std::collections::BTreeMap;

use compact_str::CompactString;

use super::Parts;
use super::tree::{Element, numbers, share_of};
use crate::decode::print::Ink;
use crate::model::verdict::Problem;

/// Settings refer to one another no deeper.
const MAX_RELATIVES: usize = 16;

const BLACK: [f32; 3] = [0.0; 3];

/// The number of a colour that is full, unless its colour space says something else.
const FULL: f64 = 255.0;

/// What the numbers of a colour stand for.
struct Space {
    /// The number that is full.
    whole: f64,
    palette: Vec<Vec<f64>>,
}

impl Space {
    fn of(element: &Element) -> Self {
        let bits = element.number("BitsPerComponent").filter(|bits| (1.0..=16.0).contains(bits));
        let palette = element.child("Palette").into_iter().flat_map(|palette| palette.children("CV"));
        Self {
            whole: bits.map_or(FULL, |bits| bits.exp2() - 1.0),
            palette: palette.map(|color| components(&color.text)).collect(),
        }
    }
}

/// The resources of a document, or of a page within its document.
#[derive(Default)]
pub(super) struct Resources<'r> {
    around: Option<&'r Resources<'r>>,
    params: BTreeMap<CompactString, Element>,
    spaces: BTreeMap<CompactString, Space>,
    /// The colour space of colours that name none.
    usual_space: Option<CompactString>,
    /// Pictures, and whether they let nothing through.
    pictures: BTreeMap<CompactString, bool>,
    units: BTreeMap<CompactString, Element>,
}

impl<'r> Resources<'r> {
    /// Resources that are looked for elsewhere when they are not found here.
    pub(super) fn within(around: &'r Resources<'r>) -> Self {
        Self { around: Some(around), ..Self::default() }
    }

    /// Resources of a document, whose colours are of the colour space of this number where they name none.
    pub(super) fn with_space(usual_space: Option<&str>) -> Self {
        Self { usual_space: usual_space.map(CompactString::from), ..Self::default() }
    }

    /// Takes in the resources that a part lists.
    pub(super) fn add(&mut self, parts: &mut Parts<'_, '_>, part: &str) -> Result<(), Problem> {
        let mut root = parts.tree(part)?;
        let folder = format!("{part}/../{}/", root.attribute("BaseLoc").unwrap_or_default());
        for list in &mut root.children {
            for element in std::mem::take(&mut list.children) {
                let Some(id) = element.attribute("ID").map(CompactString::from) else { continue };
                match element.name.as_str() {
                    "DrawParam" => {
                        self.params.insert(id, element);
                    }
                    "ColorSpace" => {
                        self.spaces.insert(id, Space::of(&element));
                    }
                    "MultiMedia" => {
                        let file = element.child("MediaFile").map(|file| file.text.trim().to_owned());
                        let is_opaque = match file.and_then(|file| parts.find(&[&folder, part], &file)) {
                            // A damaged picture hides nothing for sure.
                            Some(file) => parts.bytes(&file).is_ok_and(|bytes| is_opaque(&bytes)),
                            None => false,
                        };
                        self.pictures.insert(id, is_opaque);
                    }
                    "CompositeGraphicUnit" => {
                        self.units.insert(id, element);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn find<T>(&self, list: impl Fn(&Self) -> Option<&T>) -> Option<&T> {
        list(self).or_else(|| list(self.around?))
    }

    /// A drawing that is used more than once.
    pub(super) fn unit(&self, id: &str) -> Option<&Element> {
        self.find(|resources| resources.units.get(id))
    }

    /// The drawings that these resources hold themselves.
    pub(super) fn units(&self) -> impl Iterator<Item = &Element> {
        self.units.values()
    }

    /// Whether a picture lets nothing through; `None` where there is no such picture.
    pub(super) fn is_opaque(&self, id: &str) -> Option<bool> {
        self.find(|resources| resources.pictures.get(id)).copied()
    }

    /// What holds for an object: what it says itself, then its settings, then those of its layer.
    pub(super) fn settings<'e>(&'e self, object: &'e Element, layer: Option<&'e str>) -> Settings<'e> {
        let mut sources = vec![object];
        for start in [object.attribute("DrawParam"), layer].into_iter().flatten() {
            let mut next = Some(start);
            for _ in 0..MAX_RELATIVES {
                let Some(param) = next.and_then(|id| self.find(|resources| resources.params.get(id))) else { break };
                sources.push(param);
                next = param.attribute("Relative");
            }
        }
        Settings { resources: self, sources }
    }

    /// The ink that a colour makes.
    fn ink(&self, color: &Element) -> Ink {
        const PATTERNS: [&str; 5] = ["Pattern", "AxialShd", "RadialShd", "GouraudShd", "LaGouraudShd"];
        let alpha = color.opacity();
        if PATTERNS.iter().any(|pattern| color.child(pattern).is_some()) {
            return Ink { color: None, alpha };
        }
        let usual = self.find(|resources| resources.usual_space.as_ref()).map(CompactString::as_str);
        let space = color.attribute("ColorSpace").or(usual);
        let space = space.and_then(|id| self.find(|resources| resources.spaces.get(id)));
        let value = match (color.attribute("Value"), color.attribute("Index")) {
            (Some(value), _) => components(value),
            (None, Some(index)) => {
                let entry = index.parse::<usize>().ok().and_then(|index| space?.palette.get(index));
                entry.cloned().unwrap_or_default()
            }
            (None, None) => return Ink { color: Some(BLACK), alpha },
        };
        let whole = space.map_or(FULL, |space| space.whole);
        let share = |part: &f64| share_of(*part, whole);
        let color = match value.as_slice() {
            [gray] => Some([share(gray); 3]),
            [red, green, blue] => Some([share(red), share(green), share(blue)]),
            [cyan, magenta, yellow, black] => {
                Some([cyan, magenta, yellow].map(|part| (1.0 - share(part)) * (1.0 - share(black))))
            }
            _ => None,
        };
        Ink { color, alpha }
    }
}

/// What holds for an object, nearest first.
pub(super) struct Settings<'e> {
    resources: &'e Resources<'e>,
    sources: Vec<&'e Element>,
}

impl Settings<'_> {
    /// The colour of this name, if one is set.
    pub(super) fn ink(&self, name: &str) -> Option<Ink> {
        let color = self.sources.iter().find_map(|source| source.child(name))?;
        Some(self.resources.ink(color))
    }

    /// The ink of letters and lines, which are black unless something else is set.
    pub(super) fn ink_or_black(&self, name: &str) -> Ink {
        self.ink(name).unwrap_or(Ink { color: Some(BLACK), alpha: 1.0 })
    }

    /// How thick lines are, in millimetres.
    pub(super) fn line_width(&self) -> f64 {
        const USUAL: f64 = 0.353;
        let set = self.sources.iter().find_map(|source| source.number("LineWidth"));
        set.map_or(USUAL, f64::abs)
    }
}

/// The parts of a colour: numbers, or hexadecimal ones behind `#`.
fn components(text: &str) -> Vec<f64> {
    if !text.contains('#') {
        return numbers(text);
    }
    let parts = text.split_whitespace().take(8).map(|part| u8::from_str_radix(part.trim_start_matches('#'), 16));
    parts
        .collect::<Result<Vec<u8>, _>>()
        .map_or_else(|_| Vec::new(), |parts| parts.into_iter().map(f64::from).collect())
}

/// Whether a picture lets nothing through: what its first bytes say.
fn is_opaque(bytes: &[u8]) -> bool {
    // A PNG file says in its head whether its points have a share, and in a part of its own which colour is none.
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let has_shares = bytes.get(25).is_none_or(|kind| kind & 4 != 0);
        let head = &bytes[..bytes.len().min(4_096)];
        return !has_shares && !head.windows(4).any(|window| window == b"tRNS");
    }
    bytes.starts_with(b"\xff\xd8\xff") || bytes.starts_with(b"BM")
}
