//! Scripts of mirror sites: machines turn pages into traditional characters, or print sounds behind them.
//!
//! Only characters of labels, headings and kinds of bodies are known, and none that a simplified text may
//! hold too (乾, 於, 著 stand in names of places). See `data/reference/README.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::is_han;

/// One line a simplified character, with the traditional ones for it behind it.
const TRADITIONAL: &str = include_str!("../../../data/reference/traditional.txt");

/// First of the characters that are told apart.
const FIRST: u32 = 0x4e00;

/// Traditional characters and those they stand for.
pub(super) struct Traditional {
    /// A bit for each character from [`FIRST`] on: whether it is one. Nearly every character is asked about.
    is_one: Vec<u64>,
    simplified: HashMap<char, char>,
}

impl Traditional {
    /// The simplified character for one, or the character itself.
    pub(super) fn simplified(&self, c: char) -> char {
        let at = (c as u32).wrapping_sub(FIRST) as usize;
        let is_one = self.is_one.get(at / 64).is_some_and(|bits| bits >> (at % 64) & 1 == 1);
        if is_one { self.simplified.get(&c).copied().unwrap_or(c) } else { c }
    }
}

/// The known traditional characters, read on first use.
pub(super) fn traditional() -> &'static Traditional {
    static TABLE: LazyLock<Traditional> = LazyLock::new(|| {
        let mut simplified = HashMap::new();
        for line in TRADITIONAL.lines() {
            let mut characters = line.chars();
            let Some(simple) = characters.next() else { continue };
            simplified.extend(characters.map(|c| (c, simple)));
        }
        let mut is_one = vec![0; 0x5200 / 64];
        for line in TRADITIONAL.lines() {
            for c in line.chars().skip(1) {
                let at = (c as u32 - FIRST) as usize;
                is_one[at / 64] |= 1 << (at % 64);
            }
        }
        Traditional { is_one, simplified }
    });
    &TABLE
}

/// Whether a page is in traditional script: it holds many such characters.
#[must_use]
pub fn is_converted(text: &str) -> bool {
    /// A name or a quotation in a simplified page has fewer.
    const MIN_CHARACTERS: usize = 12;
    let table = traditional();
    text.chars().filter(|c| table.simplified(*c) != *c).nth(MIN_CHARACTERS).is_some()
}

/// A letter with the mark of its tone.
pub(super) fn is_sound(c: char) -> bool {
    matches!(
        c,
        'ā' | 'á'
            | 'ǎ'
            | 'à'
            | 'ē'
            | 'é'
            | 'ě'
            | 'è'
            | 'ī'
            | 'í'
            | 'ǐ'
            | 'ì'
            | 'ō'
            | 'ó'
            | 'ǒ'
            | 'ò'
            | 'ū'
            | 'ú'
            | 'ǔ'
            | 'ù'
            | 'ǖ'
            | 'ǘ'
            | 'ǚ'
            | 'ǜ'
            | 'ü'
    )
}

/// Whether a page prints sounds behind characters.
#[must_use]
pub fn is_glossed(text: &str) -> bool {
    /// Lead bytes of such letters; no other character of a Chinese page has them.
    const LEADS: std::ops::RangeInclusive<u8> = 0xc3..=0xc7;
    if !text.bytes().any(|byte| LEADS.contains(&byte)) {
        return false;
    }
    let mut folded = text.replace('（', "(").replace('）', ")");
    let length = folded.len();
    drop_glosses(&mut folded, 0);
    folded.len() < length
}

/// Drops the sounds in brackets behind characters (`数(shù)`) from a folded text, from a place on.
pub(super) fn drop_glosses(folded: &mut String, start: usize) {
    /// The longest syllables have six letters.
    const MOST_LETTERS: usize = 6;
    let mut from = start;
    while let Some(open) = folded[from..].find('(').map(|at| from + at) {
        from = open + 1;
        let inside = &folded[from..];
        let Some(close) = inside.find(')') else { return };
        let letters = &inside[..close];
        let is_syllable = letters.chars().count() <= MOST_LETTERS
            && letters.chars().any(is_sound)
            && letters.chars().all(|c| c.is_ascii_lowercase() || is_sound(c));
        if is_syllable && folded[..open].ends_with(is_han) {
            folded.replace_range(open..=from + close, "");
            from = open;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold;
    use super::*;

    #[test]
    fn traditional_script_and_sounds_fold_away() {
        assert_eq!(fold("一、本年新收政府信息公開申請數量"), "一、本年新收政府信息公开申请数量");
        assert_eq!(fold("本年制发件数(shù)"), "本年制发件数");
        assert_eq!(fold("结(jié)果维（wéi）持"), "结果维持");
        assert_eq!(fold("行政处罚(fa)"), "行政处罚(fa)");
        assert_eq!(fold("(shù)"), "(shù)");
    }

    #[test]
    fn each_character_stands_for_one_of_the_same_length() {
        let mut known = std::collections::BTreeSet::new();
        for line in TRADITIONAL.lines() {
            let simple = line.chars().next().expect("no empty line");
            for c in line.chars().skip(1) {
                assert!(known.insert(c) && c != simple && is_han(c), "{line}");
                assert_eq!(c.len_utf8(), simple.len_utf8(), "{line}");
                assert_eq!(fold(&simple.to_string()), simple.to_string(), "{line}");
            }
        }
    }

    #[test]
    fn names_of_places_hold_none_of_them() {
        for names in [
            include_str!("../../../data/reference/divisions.csv"),
            include_str!("../../../data/reference/townships.txt"),
        ] {
            assert!(!names.chars().any(|c| traditional().simplified(c) != c));
        }
    }

    #[test]
    fn pages_of_mirrors_are_told() {
        assert!(is_glossed("第二十条 本年制发件数（shù）"));
        assert!(!is_glossed("本年制发件数（件），见café"));
        assert!(is_converted(&"本年度辦理結果".repeat(7)));
        assert!(!is_converted("於2023年开展工作，負責人签字"));
    }
}
