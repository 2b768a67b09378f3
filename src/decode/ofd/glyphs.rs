//! Which glyphs of a font the figures of a document are drawn by, as far as it says.
//!
//! Fonts are not opened, so what a glyph looks like is not known. It is known that one glyph looks like one sign, and
//! that a font draws a figure in one way: a text that says something else is not what the page shows.

use std::collections::BTreeMap;

use compact_str::CompactString;

use super::tree::Element;

/// What was said so far.
#[derive(Default)]
pub(super) struct Glyphs {
    /// By font and glyph.
    signs: BTreeMap<(CompactString, u32), char>,
    /// By font and figure.
    figures: BTreeMap<(CompactString, char), u32>,
    /// A figure that is drawn by several glyphs, or whose glyph is another sign as well.
    pub(super) torn: Option<char>,
}

impl Glyphs {
    /// Takes in what the texts of a tree say, which is no deeper than parts may be.
    pub(super) fn read(&mut self, tree: &Element) {
        if tree.name == "TextObject" {
            self.add(tree);
        }
        tree.children.iter().for_each(|child| self.read(child));
    }

    /// Takes in what a text object says.
    fn add(&mut self, object: &Element) {
        let font = CompactString::from(object.attribute("Font").unwrap_or_default());
        let text: Vec<char> = object.children("TextCode").flat_map(|code| code.text.chars()).collect();
        for map in object.children("CGTransform") {
            let begin = map.attribute("CodePosition").and_then(|place| place.parse::<usize>().ok()).unwrap_or(0);
            let glyphs = map.child("Glyphs").map_or("", |glyphs| glyphs.text.as_str());
            let glyphs = glyphs.split_whitespace().map(|glyph| glyph.parse::<u32>().ok());
            for (c, glyph) in text.iter().skip(begin).zip(glyphs) {
                if let (Some(glyph), false) = (glyph, c.is_whitespace()) {
                    self.note(&font, *c, glyph);
                }
            }
        }
    }

    fn note(&mut self, font: &CompactString, c: char, glyph: u32) {
        let known = *self.signs.entry((font.clone(), glyph)).or_insert(c);
        if known != c && (known.is_numeric() || c.is_numeric()) && wide(known) != wide(c) {
            self.torn = self.torn.or(Some(if c.is_numeric() { c } else { known }));
        }
        if c.is_numeric() && *self.figures.entry((font.clone(), c)).or_insert(glyph) != glyph {
            self.torn = self.torn.or(Some(c));
        }
    }
}

/// A figure without its width: some fonts draw both alike.
fn wide(c: char) -> u32 {
    match c {
        '０'..='９' => u32::from(c) - u32::from('０') + u32::from('0'),
        _ => u32::from(c),
    }
}
