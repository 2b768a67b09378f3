//! Numbers that Word counts by itself: "一、", "（一）", "1." stand in no run of text, only in the list's definition.

use std::collections::BTreeMap;

use crate::config::Limits;
use crate::decode::xml::{Node, Xml};
use crate::model::verdict::Problem;

/// Levels of a list.
pub(super) const LEVELS: usize = 9;

/// The lists of a document and how far each is counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// Levels of each abstract list.
    lists: BTreeMap<String, [Level; LEVELS]>,
    /// Abstract list of each list, and where it begins anew.
    numbers: BTreeMap<String, (String, [Option<u32>; LEVELS])>,
    counters: BTreeMap<String, [u32; LEVELS]>,
    /// Lists whose own beginning was taken.
    begun: Vec<String>,
}

/// How a level of a list counts and is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    pub(super) start: u32,
    /// The kind of its numbers, by the name of ECMA-376 part 1, 17.18.59.
    pub(super) format: String,
    /// What is shown, with `%1` for the number of the first level, `%2` for that of the second.
    pub(super) text: String,
    /// Its numbers are counted and not shown.
    pub(super) is_hidden: bool,
}

impl Numbering {
    /// Reads `numbering.xml`.
    pub(super) fn read(text: &str, limits: &Limits) -> Result<Self, Problem> {
        let mut numbering = Self::default();
        let mut xml = Xml::new(text, "numbering.xml", limits);
        let (mut list, mut number, mut level) = (String::new(), None::<String>, 0);
        while let Some(node) = xml.next()? {
            let Node::Open(tag) = node else { continue };
            let value = tag.attribute("val");
            match tag.name() {
                "abstractNum" => {
                    list = tag.attribute("abstractNumId").unwrap_or_default();
                    number = None;
                    numbering.lists.entry(list.clone()).or_default();
                }
                "num" => {
                    let id = tag.attribute("numId").unwrap_or_default();
                    numbering.numbers.insert(id.clone(), Default::default());
                    number = Some(id);
                }
                "abstractNumId" => {
                    if let Some(entry) = number.as_ref().and_then(|id| numbering.numbers.get_mut(id)) {
                        entry.0 = value.unwrap_or_default();
                    }
                }
                "lvl" | "lvlOverride" => level = tag.number("ilvl").unwrap_or(0).min(LEVELS - 1),
                "startOverride" => {
                    if let Some(entry) = number.as_ref().and_then(|id| numbering.numbers.get_mut(id)) {
                        entry.1[level] = tag.number("val").and_then(|start| u32::try_from(start).ok());
                    }
                }
                // A level that one list redefines for itself: taken as the list's own would be; seldom met.
                name @ ("start" | "numFmt" | "lvlText" | "vanish") => {
                    let key = number.as_ref().and_then(|id| numbering.numbers.get(id)).map_or(&list, |entry| &entry.0);
                    let Some(levels) = numbering.lists.get_mut(key) else { continue };
                    let level = &mut levels[level];
                    match name {
                        "start" => level.start = tag.number("val").and_then(|start| start.try_into().ok()).unwrap_or(1),
                        "numFmt" => level.format = value.unwrap_or_default(),
                        "lvlText" => level.text = value.unwrap_or_default(),
                        _ => {
                            level.is_hidden =
                                !value.is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off"));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(numbering)
    }

    /// Adds the levels of an abstract list.
    pub(super) fn define(&mut self, list: String, levels: [Level; LEVELS]) {
        self.lists.insert(list, levels);
    }

    /// Adds a list, and where its levels begin anew.
    pub(super) fn add(&mut self, id: String, list: String, starts: [Option<u32>; LEVELS]) {
        self.numbers.insert(id, (list, starts));
    }

    /// A level of an abstract list.
    pub(super) fn level_mut(&mut self, list: &str, level: usize) -> Option<&mut Level> {
        self.lists.get_mut(list)?.get_mut(level)
    }

    /// The number before the next paragraph of a list, as it is shown; empty for bullets and unknown kinds.
    pub(super) fn next(&mut self, id: &str, level: usize) -> String {
        let level = level.min(LEVELS - 1);
        let Some((list, starts)) = self.numbers.get(id) else { return String::new() };
        let Some(levels) = self.lists.get(list) else { return String::new() };
        let is_known = self.counters.contains_key(list);
        let counters = self.counters.entry(list.clone()).or_default();
        if !is_known {
            for (counter, level) in counters.iter_mut().zip(levels) {
                *counter = level.start.saturating_sub(1);
            }
        }
        if !self.begun.iter().any(|known| known == id) {
            self.begun.push(id.to_owned());
            for (counter, start) in counters.iter_mut().zip(starts) {
                if let Some(start) = start {
                    *counter = start.saturating_sub(1);
                }
            }
        }
        counters[level] = counters[level].saturating_add(1);
        for deeper in level + 1..LEVELS {
            counters[deeper] = levels[deeper].start.saturating_sub(1);
        }
        let mut shown = String::new();
        let mut rest = levels[level].text.as_str();
        while let Some((before, after)) = rest.split_once('%') {
            shown.push_str(before);
            let mut characters = after.chars();
            let of = characters.next().and_then(|c| c.to_digit(10)).filter(|of| (1..=9).contains(of));
            let Some(of) = of.and_then(|of| usize::try_from(of - 1).ok()) else {
                rest = after;
                continue;
            };
            // A level above that was never counted shows its first number.
            let count = counters[of].max(if of < level { levels[of].start } else { 0 });
            let Some(number) = number(count, &levels[of].format) else { return String::new() };
            shown.push_str(&number);
            rest = characters.as_str();
        }
        if levels[level].format == "bullet" || levels[level].is_hidden {
            return String::new();
        }
        shown + rest
    }
}

/// A number as a list of this kind shows it (ECMA-376 part 1, 17.18.59); `None` for kinds that are not known.
fn number(count: u32, format: &str) -> Option<String> {
    let from = |first: char, most: u32| {
        (1..=most).contains(&count).then(|| char::from_u32(u32::from(first) + count - 1)).flatten().map(String::from)
    };
    let of = |signs: &str| signs.chars().nth(usize::try_from(count.checked_sub(1)?).ok()?).map(String::from);
    match format {
        "" | "decimal" | "decimalHalfWidth" => Some(count.to_string()),
        "decimalZero" => Some(format!("{count:02}")),
        "decimalFullWidth" | "decimalFullWidth2" => {
            Some(count.to_string().chars().filter_map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10)).collect())
        }
        "none" => Some(String::new()),
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "ideographDigital" => Some(chinese(count)),
        "chineseLegalSimplified" => of("壹贰叁肆伍陆柒捌玖"),
        "ideographTraditional" => of("甲乙丙丁戊己庚辛壬癸"),
        "ideographZodiac" => of("子丑寅卯辰巳午未申酉戌亥"),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => from('①', 20),
        "decimalEnclosedParen" => from('⑴', 20),
        "decimalEnclosedFullstop" => from('⒈', 20),
        "ideographEnclosedCircle" => from('㊀', 10),
        "upperLetter" => from('A', 26),
        "lowerLetter" => from('a', 26),
        "upperRoman" => of("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"),
        "lowerRoman" => of("ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ"),
        _ => None,
    }
}

/// A number below a hundred in Chinese; larger ones, which no list of a report reaches, digit by digit.
fn chinese(count: u32) -> String {
    let digit = |digit: u32| "〇一二三四五六七八九".chars().nth(usize::try_from(digit).unwrap_or(0)).unwrap_or('〇');
    let (tens, ones) = (count / 10, count % 10);
    let mut text = String::new();
    match tens {
        0 => return digit(ones).to_string(),
        1 => text.push('十'),
        2..=9 => text.extend([digit(tens), '十']),
        _ => return count.to_string().chars().filter_map(|c| c.to_digit(10)).map(digit).collect(),
    }
    if ones > 0 {
        text.push(digit(ones));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn lists_count_as_word_shows_them() {
        let text = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0">
            <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
            <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
            <w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%3"/></w:lvl>
            </w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>
            <w:num w:numId="6"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num>
            </w:numbering>"#;
        let mut numbering = Numbering::read(text, &Config::embedded().expect("settings").limits).expect("sound");
        let mut next = |id: &str, level| numbering.next(id, level);
        assert_eq!([next("5", 0), next("5", 1), next("5", 1), next("5", 0)], ["一、", "（一）", "（二）", "二、"]);
        assert_eq!([next("5", 1), next("5", 2), next("6", 0), next("7", 0)], ["（一）", "二.3", "九、", ""]);
    }

    #[test]
    fn hidden_numbers_are_counted_and_not_shown() {
        let text = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0">
            <w:lvl w:ilvl="0"><w:start w:val="1"/><w:lvlText w:val="%1"/><w:rPr><w:vanish/></w:rPr></w:lvl>
            <w:lvl w:ilvl="1"><w:start w:val="1"/><w:lvlText w:val="%1.%2"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:lvl>
            </w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#;
        let mut numbering = Numbering::read(text, &Config::embedded().expect("settings").limits).expect("sound");
        let mut next = |level| numbering.next("5", level);
        assert_eq!([next(0), next(0), next(1)], ["", "", "2.1"]);
    }

    #[test]
    fn numbers_are_shown_in_their_kind() {
        let shown = |count, format| number(count, format).unwrap_or_else(|| "?".to_owned());
        assert_eq!([shown(12, "chineseCounting"), shown(20, "chineseCounting")], ["十二", "二十"]);
        assert_eq!([shown(3, "decimalEnclosedCircle"), shown(3, "decimalFullWidth")], ["③", "３"]);
        assert_eq!([shown(21, "decimalEnclosedCircle"), shown(1, "hebrew1")], ["?", "?"]);
    }
}
