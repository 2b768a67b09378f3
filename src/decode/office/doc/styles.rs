//! What styles say of text ([MS-DOC] 2.9.271): whether it is shown, whether it stands apart, which list counts it.

use super::sprm::{Paragraph, Run, Sprms};
use super::{damaged, u16_at};
use crate::decode::office::ink::Ink;
use crate::model::verdict::Problem;

/// Styles that may be based on one another.
const MOST_PARENTS: usize = 16;

/// The styles of a document, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: Vec<Style>,
}

#[derive(Debug, Default)]
struct Style {
    parent: usize,
    run: Run,
    list: Option<u16>,
    level: Option<u8>,
}

impl Styles {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut styles = Self::default();
        if bytes.is_empty() {
            return Ok(styles);
        }
        let broken = || damaged("its list of styles is broken");
        let head = usize::from(u16_at(bytes, 0).ok_or_else(broken)?);
        let count = u16_at(bytes, 2).ok_or_else(broken)?;
        let base = usize::from(u16_at(bytes, 4).ok_or_else(broken)?);
        let mut at = 2 + head;
        for _ in 0..count {
            let Some(length) = u16_at(bytes, at).map(usize::from) else { break };
            let Some(style) = bytes.get(at + 2..at + 2 + length) else { break };
            styles.styles.push(Style::read(style, base).unwrap_or_default());
            at += 2 + length + length % 2;
        }
        Ok(styles)
    }

    /// A style and those that it is based on.
    fn line(&self, style: u16) -> impl Iterator<Item = &Style> {
        // A loop of styles ends here.
        std::iter::successors(self.styles.get(usize::from(style)), |style| self.styles.get(style.parent))
            .take(MOST_PARENTS)
    }

    pub(super) fn is_hidden(&self, style: u16) -> bool {
        self.line(style).find_map(|style| style.run.says_hidden()).is_some_and(|value| value == 1)
    }

    pub(super) fn is_apart(&self, style: u16) -> bool {
        self.line(style).any(|style| style.run.is_apart())
    }

    /// The colours of its text.
    pub(super) fn ink(&self, style: u16) -> Ink {
        self.line(style).fold(Ink::default(), |ink, style| ink.or(style.run.ink))
    }

    /// List and level of a paragraph, by itself or by its style.
    pub(super) fn list(&self, paragraph: &Paragraph) -> Option<(u16, u8)> {
        let of_style = |style: &Style| style.list;
        let list = paragraph.list.or_else(|| self.line(paragraph.style).find_map(of_style))?;
        let level = paragraph.level.or_else(|| self.line(paragraph.style).find_map(|style| style.level));
        Some((list, level.unwrap_or(0)))
    }
}

impl Style {
    fn read(bytes: &[u8], base: usize) -> Option<Self> {
        let kind = u16_at(bytes, 2)?;
        let n_parts = u16_at(bytes, 4)? & 15;
        let mut style = Self { parent: usize::from(kind >> 4), ..Self::default() };
        // Behind the fixed part the name, with its length before it and a zero behind.
        let mut at = base + 2 + 2 * usize::from(u16_at(bytes, base)?) + 2;
        for nth in 0..n_parts {
            at += at % 2;
            let length = usize::from(u16_at(bytes, at)?);
            let part = bytes.get(at + 2..at + 2 + length)?;
            at += 2 + length;
            match (kind & 15, nth) {
                (1, 0) => {
                    let mut paragraph = Paragraph::default();
                    paragraph.apply(Sprms(part.get(2..).unwrap_or(&[])));
                    (style.list, style.level) = (paragraph.list, paragraph.level);
                }
                (1, 1) | (2, 0) => style.run.apply(Sprms(part)),
                _ => {}
            }
        }
        Some(style)
    }
}
