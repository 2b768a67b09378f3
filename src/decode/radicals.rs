//! Radicals that stand for the characters they look like, as the fonts of many PDF files name them.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Radicals of the supplement block (U+2E80 to U+2EF3) that are whole characters, each before its character
/// (Unicode Character Database, `EquivalentUnifiedIdeograph.txt`). Those of the first block (U+2F00 to U+2FD5) have
/// compatibility decompositions.
const SUPPLEMENT: &str = "⺁厂⺇几⺈刀⺊卜⺎兀⺒巳⺓幺⺗心⺛旡⺜日⺝月⺟母⺠民⺧牛⺩王⺪疋⺫目⺬示⺮竹⺳网⺶羊⺷羊⺸羊⺻聿⺼肉⺽臼⻁虎⻄西⻅见⻆角⻉贝\
    ⻋车⻑長⻓长⻔门⻕阜⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻬齐⻮齿⻰龙⻳龟";

/// The text with plain characters for radicals.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    // U+2E80 to U+2FDF begin with these bytes.
    let may_hold = text.as_bytes().windows(2).any(|pair| pair[0] == 0xe2 && (0xba..=0xbf).contains(&pair[1]));
    if !may_hold {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2e80}'..='\u{2eff}' => {
                let mut pairs = SUPPLEMENT.chars().filter(|c| !c.is_whitespace());
                let known = pairs.by_ref().position(|radical| radical == c).and_then(|_| pairs.next());
                plain.push(known.unwrap_or(c));
            }
            '\u{2f00}'..='\u{2fdf}' => plain.extend(std::iter::once(c).nfkc()),
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn radicals_become_the_characters_they_show() {
        assert_eq!(plain("⼈⺠政府⻢鞍⼭市⻓⻛⻔⻚"), "人民政府马鞍山市长风门页");
        assert_eq!(plain("⺀人民 2023"), "⺀人民 2023");
        assert!(matches!(plain("人民政府"), std::borrow::Cow::Borrowed(_)));
    }
}
