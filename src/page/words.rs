//! Texts of the page: in Chinese and English, numbers as people read them, nothing that moves a cursor or turns a line.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::config::Config;
use crate::form::Labels;

/// A text in Chinese and in English. It displays as markup, escaped: templates take it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) chinese: String,
    pub(super) english: String,
}

impl HtmlSafe for Pair {}

impl fmt::Display for Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.chinese == self.english {
            return write!(formatter, "{}", escaped(&self.chinese));
        }
        let (chinese, english) = (escaped(&self.chinese), escaped(&self.english));
        write!(formatter, "<span class=z>{chinese}</span><span class=e lang=en>{english}</span>")
    }
}

impl From<&[String; 2]> for Pair {
    fn from([chinese, english]: &[String; 2]) -> Self {
        pair(chinese, english)
    }
}

/// A text as markup.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// The same text in both languages.
pub(super) fn same(text: &str) -> Pair {
    pair(text, text)
}

/// A pair of texts.
pub(super) fn pair(chinese: impl Into<String>, english: impl Into<String>) -> Pair {
    Pair { chinese: chinese.into(), english: english.into() }
}

/// The labels of a code; the code itself where it has none.
pub(super) fn code(config: &Config, list: &str, code: &str) -> Pair {
    config.codes.get(list).and_then(|codes| codes.get(code)).map_or_else(|| same(code), Pair::from)
}

/// The labels of an element of a form.
pub(super) fn labels(labels: &Labels) -> Pair {
    pair(&labels.official, &labels.english)
}

/// A count with its thousands parted.
pub(super) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in per cent with one decimal, rounded half up; empty where there is nothing to share.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let thousandths = (u128::from(part) * 2000 + u128::from(whole)) / (u128::from(whole) * 2);
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// A size as people read it.
pub(super) fn size(bytes: u64) -> String {
    let (divisor, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = (bytes * 10 + divisor / 2) / divisor;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// A text with each number in it replaced by a mark, so that sentences that differ in numbers alone are one.
pub(super) fn without_numbers(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut is_number = false;
    for c in text.chars() {
        if c.is_ascii_digit() {
            if !is_number {
                result.push('#');
            }
            is_number = true;
        } else {
            result.push(c);
            is_number = false;
        }
    }
    result
}

/// A path as the address of a link: what has a meaning in addresses is spelt in hex.
pub(super) fn address(path: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(share(1, 3), "33.3%");
        assert_eq!(share(2, 3), "66.7%");
        assert_eq!(share(1, 2000), "0.1%");
        assert_eq!(share(5, 5), "100.0%");
        assert_eq!(share(0, 0), "");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_250), "1.3 kB");
        assert_eq!(size(2_000_000_000), "2.0 GB");
    }

    #[test]
    fn a_pair_is_markup_and_its_texts_are_none() {
        assert_eq!(same("<b> & \"c\"").to_string(), "&lt;b&gt; &amp; &quot;c&quot;");
        assert_eq!(pair("甲<", "a").to_string(), "<span class=z>甲&lt;</span><span class=e lang=en>a</span>");
    }

    #[test]
    fn sentences_that_differ_in_numbers_are_one() {
        assert_eq!(without_numbers("row 12: 5 against 600"), "row #: # against #");
        assert_eq!(without_numbers("1.5"), "#.#");
    }

    #[test]
    fn addresses_hold_no_marks() {
        assert_eq!(address("csv/年 报.csv"), "csv/%E5%B9%B4%20%E6%8A%A5.csv");
    }
}
