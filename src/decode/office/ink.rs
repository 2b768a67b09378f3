//! The colour of text and of what lies behind it, as office files say it: figures that no reader can see are unknown.

use crate::decode::css::{Colour, colour_of};

/// What is said of a stretch of text. [`Colour::Other`] is the colour that a program chooses, which can be seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ink {
    pub(super) ink: Option<Colour>,
    pub(super) ground: Option<Colour>,
}

impl Ink {
    /// This, and where it says nothing what stands around it.
    pub(super) fn or(self, around: Self) -> Self {
        Self { ink: self.ink.or(around.ink), ground: self.ground.or(around.ground) }
    }

    /// Whether its figures may not be seen. White ones may not wherever they stand: nobody knows whether the ground
    /// that is said to show them is drawn.
    pub(super) fn is_lost(self) -> bool {
        let is_on = |ground| self.ink.is_some_and(|ink| ink.is_lost_on(ground));
        is_on(Colour::Known([255; 3])) || self.ground.is_some_and(is_on)
    }
}

/// A colour of six digits without a mark before them, as DOCX writes it, or a name.
pub(super) fn hexadecimal(value: &str) -> Colour {
    match colour_of(&format!("#{value}")) {
        Colour::Other => colour_of(&value.to_ascii_lowercase()),
        known => known,
    }
}

/// A colour of the short list of Word ([MS-DOC] 2.9.119).
pub(super) fn numbered(number: u8) -> Colour {
    const COLOURS: [[u8; 3]; 16] = [
        [0, 0, 0],
        [0, 0, 255],
        [0, 255, 255],
        [0, 255, 0],
        [255, 0, 255],
        [255, 0, 0],
        [255, 255, 0],
        [255, 255, 255],
        [0, 0, 128],
        [0, 128, 128],
        [0, 128, 0],
        [128, 0, 128],
        [128, 0, 0],
        [128, 128, 0],
        [128, 128, 128],
        [192, 192, 192],
    ];
    let known = usize::from(number).checked_sub(1).and_then(|at| COLOURS.get(at));
    known.map_or(Colour::Other, |known| Colour::Known(*known))
}
