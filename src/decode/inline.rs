//! HTML tags inside lines of text, as converters to Markdown leave them.
//!
//! Tags that only dress characters are dropped, so that `<span>规</span>章` is one label; those that end
//! a paragraph become line ends. A tag that hides what it holds stays as it is and shows as text: what is
//! not seen on the page is not read in silence. Tables are left alone; they are read as tables.

use std::borrow::Cow;

/// Elements that dress characters.
const INLINE: [&str; 19] = [
    "span",
    "font",
    "b",
    "strong",
    "em",
    "i",
    "u",
    "a",
    "small",
    "big",
    "code",
    "mark",
    "ins",
    "label",
    "o:p",
    "bdi",
    "tt",
    "st1:chsdate",
    "st1:chmetcnv",
];
/// Elements that end a paragraph.
const BLOCK: [&str; 9] = ["div", "p", "center", "section", "article", "header", "main", "figure", "blockquote"];
/// No tag worth dropping is longer.
const MAX_TAG_BYTES: usize = 2_000;

/// Drops inline tags outside tables. Lines keep their numbers: line ends inside a dropped tag are made up
/// for at the end of its line.
pub(super) fn strip(text: &str) -> Cow<'_, str> {
    if !text.contains("</") {
        return Cow::Borrowed(text);
    }
    let mut stripped = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_table = 0_usize;
    let mut owed_lines = 0;
    while let Some(at) = rest.find(['<', '\n']) {
        let (before, tail) = rest.split_at(at);
        stripped.push_str(before);
        if let Some(after) = tail.strip_prefix('\n') {
            stripped.push('\n');
            for _ in 0..owed_lines {
                stripped.push('\n');
            }
            owed_lines = 0;
            rest = after;
            continue;
        }
        let Some((name, tag)) = tag(tail) else {
            stripped.push('<');
            rest = &tail[1..];
            continue;
        };
        rest = &tail[tag.len()..];
        if name.eq_ignore_ascii_case("table") {
            in_table = if tag.starts_with("</") { in_table.saturating_sub(1) } else { in_table + 1 };
        }
        let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        if in_table > 0 || hides(tag) || !(is(&INLINE) || is(&BLOCK)) {
            stripped.push_str(tag);
        } else {
            owed_lines += tag.matches('\n').count();
            // The end of a paragraph is one even where the converter put no line end.
            if is(&BLOCK) && !stripped.is_empty() && !stripped.ends_with('\n') && !rest.starts_with('\n') {
                stripped.push('\u{2028}');
            }
        }
    }
    stripped.push_str(rest);
    Cow::Owned(stripped)
}

/// The tag that a text begins with: its name, and all of it.
fn tag(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("</").or_else(|| text.strip_prefix('<'))?;
    let n_name = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(inner.len());
    let after = inner[n_name..].chars().next();
    if n_name == 0 || !matches!(after, Some('>' | '/' | ' ' | '\n' | '\t' | '\r')) {
        return None;
    }
    let end = text.bytes().take(MAX_TAG_BYTES).position(|byte| byte == b'>')?;
    (!text[1..end].contains('<')).then(|| (&inner[..n_name], &text[..=end]))
}

/// Whether a tag may hide what it holds.
fn hides(tag: &str) -> bool {
    let style: String = tag.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    ["display:", "visibility", "mso-hide", "font-size:0", "opacity", "hidden", "line-through", "vertical-align"]
        .iter()
        .any(|rule| style.contains(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dressing_goes_and_the_rest_stays() {
        for (text, expected) in [
            ("<span lang=\"EN-US\">第二十条</span>第（一）项", "第二十条第（一）项"),
            ("本<span\nstyle=\"font-size:12pt\">年废止</span>件数\n规章", "本年废止件数\n\n规章"),
            ("甲<div>乙</div>丙", "甲\u{2028}乙\u{2028}丙"),
            ("<div>\n\n甲\n\n</div>", "\n\n甲\n\n"),
            ("<table><tr><td><span>1</span></td></tr></table>", "<table><tr><td><span>1</span></td></tr></table>"),
            ("1<span style='display: none'>7</span>", "1<span style='display: none'>7"),
            ("a < b </c> 2<3", "a < b </c> 2<3"),
            ("<br></br>", "<br></br>"),
        ] {
            assert_eq!(strip(text), expected, "{text}");
        }
    }
}
