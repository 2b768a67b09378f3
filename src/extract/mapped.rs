//! Folded text that remembers where each of its bytes is printed.
//!
//! Sub-heads and statements are found in folded text and quoted as printed, so every byte of the folded
//! text knows the character that it came from.

use crate::form::label::fold_into;

/// A folded text with the way back to its print.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    /// The folded text.
    pub(super) text: String,
    /// For each byte of `text`: where the character that it came from begins in the print.
    offsets: Vec<u32>,
}

impl Mapped {
    /// Folds at most `max_chars` characters of a print anew; `base` is added to every place.
    pub(super) fn read(&mut self, print: &str, base: usize, max_chars: usize) {
        self.text.clear();
        self.offsets.clear();
        for (at, c) in print.char_indices().take(max_chars) {
            let length = c.len_utf8();
            match c {
                '0'..='9' | 'A'..='Z' | 'a'..='z' => self.text.push(c),
                _ => fold_into(&print[at..at + length], &mut self.text),
            }
            self.offsets.resize(self.text.len(), u32::try_from(base + at).unwrap_or(u32::MAX));
        }
    }

    /// Where the character of the byte at `at` begins in the print; `None` past the end.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        self.offsets.get(at).map(|offset| *offset as usize)
    }

    /// Where the character before the byte at `at` ends in the print that was read with `base`.
    pub(super) fn end(&self, at: usize, print: &str, base: usize) -> usize {
        let Some(start) = at.checked_sub(1).and_then(|last| self.start(last)) else { return base };
        let length = print.get(start - base..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        start + length
    }

    /// Whether something of the print was dropped between the byte at `at` and the one before it.
    pub(super) fn is_gap(&self, at: usize, print: &str, base: usize) -> bool {
        at > 0 && self.start(at).is_some_and(|start| start > self.end(at, print, base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_knows_its_print() {
        let print = "共 **１2** 条";
        let mut mapped = Mapped::default();
        mapped.read(print, 100, usize::MAX);
        assert_eq!(mapped.text, "共12条");
        assert_eq!(mapped.start(0), Some(100));
        assert_eq!(&print[mapped.start(3).unwrap() - 100..mapped.end(5, print, 100) - 100], "１2");
        assert!(!mapped.is_gap(4, print, 100));
        assert!(mapped.is_gap(5, print, 100));
        assert_eq!(mapped.end(mapped.text.len(), print, 100), 100 + print.len());
        assert_eq!(mapped.end(0, print, 100), 100);
    }

    #[test]
    fn a_character_that_folds_to_several_is_one_place() {
        let mut mapped = Mapped::default();
        mapped.read("①好", 0, usize::MAX);
        assert_eq!(mapped.text, "(1)好");
        assert_eq!([mapped.start(0), mapped.start(2), mapped.start(3)], [Some(0), Some(0), Some(3)]);
    }
}
