//! Folding of printed labels, so that two prints of one label compare equal.
//!
//! Folding forgets what typesetting and copying change and keeps what carries meaning: width, white
//! space, quotation marks and Markdown emphasis go, traditional script and the sounds that mirrors print
//! behind characters too; brackets, ordinals and characters stay. Numbers are never read from folded text:
//! folding `1 2` gives `12`.

mod script;

pub use script::{is_converted, is_glossed};

/// Folds a text for comparison. See [`fold_into`].
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Appends the folded text.
///
/// Full-width forms become half-width; white space, zero-width characters, quotation marks and
/// Markdown marks are dropped; circled numbers become bracketed ones; long dashes become `-`;
/// radicals and compatibility ideographs (as PDF text carries them) become plain ideographs; traditional
/// characters that stand for one of a label become that one, of the same length in bytes.
pub fn fold_into(text: &str, folded: &mut String) {
    let start = folded.len();
    let mut has_sounds = false;
    let traditional = script::traditional();
    for c in text.chars() {
        match c {
            '\u{4e00}'..='\u{9fff}' => folded.push(traditional.simplified(c)),
            '0'..='9' | 'A'..='Z' | 'a'..='z' => folded.push(c),
            c if c.is_whitespace() => {}
            '*' | '#' | '_' | '\\' | '`' | '"' | '\'' => {}
            '!'..='~' => folded.push(c),
            '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』' | '＂' | '＇' | '″' | '′' | '〝' | '〞' | '‟' | '„' =>
                {}
            c if is_invisible(c) => {}
            '＊' | '＃' | '＿' | '＼' | '｀' => {}
            '［' | '﹝' => folded.push('〔'),
            '］' | '﹞' => folded.push('〕'),
            '、' | '。' | '〔' | '〕' => folded.push(c),
            '—' | '–' | '―' | '─' | '－' | '﹣' | '−' | '‐' | '‑' | '﹘' => folded.push('-'),
            '\u{ff01}'..='\u{ff5e}' => folded.push(half_width(c)),
            '•' | '・' | '‧' | '∙' => folded.push('·'),
            '①'..='⑳' => bracketed(c as u32 - '①' as u32 + 1, folded),
            '⑴'..='⒇' => bracketed(c as u32 - '⑴' as u32 + 1, folded),
            '⒈'..='⒛' => {
                folded.push_str(&(c as u32 - '⒈' as u32 + 1).to_string());
                folded.push('.');
            }
            '㈠'..='㈩' => {
                const NUMERALS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
                folded.push('(');
                folded.extend(NUMERALS.get((c as u32 - '㈠' as u32) as usize));
                folded.push(')');
            }
            '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' => {
                use unicode_normalization::UnicodeNormalization;
                folded.extend(std::iter::once(c).nfkc());
            }
            c => {
                has_sounds |= script::is_sound(c);
                folded.push(c);
            }
        }
    }
    if has_sounds {
        script::drop_glosses(folded, start);
    }
}

fn bracketed(number: u32, folded: &mut String) {
    folded.push('(');
    folded.push_str(&number.to_string());
    folded.push(')');
}

/// A full-width form (U+FF01 to U+FF5E) as its ASCII twin; anything else unchanged.
#[must_use]
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Characters that print nothing: zero-width, joiners, marks of direction, soft hyphen.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{0}'..='\u{8}')
}

/// Chinese characters, compatibility forms and rare ones included.
#[must_use]
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ffff}')
}

/// Numerals of ordinals.
pub(super) fn is_numeral(c: char) -> bool {
    matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
}

/// Drops leading ordinals (`一、`, `（一）`, `1.`, `(1)`) of a folded text.
#[must_use]
pub fn strip_ordinal(folded: &str) -> &str {
    let mut rest = folded;
    while let Some((_, after)) = split_ordinal(rest) {
        rest = after;
    }
    rest
}

/// The level of a leading ordinal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordinal {
    /// `一、`
    First,
    /// `（一）`
    Second,
    /// `1.` or `(1)`
    Third,
}

/// Splits one leading ordinal off a folded text.
#[must_use]
pub fn split_ordinal(folded: &str) -> Option<(Ordinal, &str)> {
    let (open, body) = match folded.strip_prefix('(') {
        Some(body) => (true, body),
        None => (false, folded),
    };
    let chinese = body.find(|c| !is_numeral(c)).unwrap_or(body.len());
    let arabic = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
    // At most three numerals of three bytes each, or two digits: longer runs are numbers, not ordinals.
    let (length, level) = match (chinese, arabic) {
        (3..=9, _) => (chinese, if open { Ordinal::Second } else { Ordinal::First }),
        (_, 1..=2) => (arabic, Ordinal::Third),
        _ => return None,
    };
    let after = &body[length..];
    let mark = after.chars().next()?;
    let closes =
        if open { mark == ')' } else { matches!(mark, '、' | '.' | ',') || (mark == ')' && level == Ordinal::Third) };
    let rest = &after[mark.len_utf8()..];
    // `1.5` is a number.
    let is_number = mark == '.' && rest.starts_with(|c: char| c.is_ascii_digit());
    (closes && !is_number).then_some((level, rest))
}

/// A folded label without its ordinals and all its punctuation: what two prints of one label share even
/// where commas and brackets differ.
#[must_use]
pub fn bare_key(folded: &str) -> String {
    strip_ordinal(folded).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The keys under which a printed label is looked up: the folded text, and the same without its
/// ordinal and closing punctuation.
#[must_use]
pub fn keys(label: &str) -> Vec<String> {
    let whole = fold(label);
    let bare = strip_ordinal(&whole).trim_end_matches([':', '.', ',', '。', '、']).to_owned();
    let mut keys = vec![whole];
    if !bare.is_empty() && bare != keys[0] {
        keys.push(bare);
    }
    keys
}

/// How many characters two texts differ in (inserted, lost, replaced), `None` beyond `most`.
#[must_use]
pub fn distance(one: &str, two: &str, most: usize) -> Option<usize> {
    let two: Vec<char> = two.chars().collect();
    let n_one = one.chars().count();
    if n_one.abs_diff(two.len()) > most {
        return None;
    }
    let mut costs: Vec<usize> = (0..=two.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut diagonal = at;
        costs[0] = at + 1;
        for (other, d) in two.iter().enumerate() {
            let replaced = diagonal + usize::from(c != *d);
            diagonal = costs[other + 1];
            costs[other + 1] = replaced.min(diagonal + 1).min(costs[other] + 1);
        }
        if costs.iter().min().is_none_or(|least| *least > most) {
            return None;
        }
    }
    costs.last().copied().filter(|cost| *cost <= most)
}

/// How many characters a print of a label may differ in and still be taken for it: none in a short label.
#[must_use]
pub fn tolerance(label: &str) -> usize {
    match label.chars().count() {
        0..=4 => 0,
        5..=9 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_forgets_width_space_and_quotes() {
        for (print, folded) in [
            ("第二十条 第（一）项", "第二十条第(一)项"),
            ("3. 危及“三安全一稳定”", "3.危及三安全一稳定"),
            ("本年收费金额（单位：万元）", "本年收费金额(单位:万元)"),
            ("结果\u{3000}维持", "结果维持"),
            ("## **六、其他需要报告的事项**", "六、其他需要报告的事项"),
            ("③要求", "(3)要求"),
            ("㈡部分公开", "(二)部分公开"),
            ("⾏政许可", "行政许可"),
            ("自\u{200b}然人", "自然人"),
        ] {
            assert_eq!(fold(print), folded, "{print}");
        }
    }

    #[test]
    fn ordinals_are_stripped_and_numbers_are_not() {
        for (folded, rest) in [
            ("一、总体情况", "总体情况"),
            ("(十二)其他", "其他"),
            ("3.其他", "其他"),
            ("(3)其他", "其他"),
            ("1.5", "1.5"),
            ("2023.", "2023."),
            ("三类", "三类"),
            ("一、(一)主动公开", "主动公开"),
        ] {
            assert_eq!(strip_ordinal(folded), rest, "{folded}");
        }
    }

    #[test]
    fn distances_are_counted_up_to_a_limit() {
        for (one, two, most, expected) in [
            ("结转下年度继续办理", "转结下年度继续办理", 2, Some(2)),
            ("本年废止件数", "本年止件数", 1, Some(1)),
            ("本年废止件数", "本年制发件数", 1, None),
            ("属于国家秘密", "属于国家秘密", 0, Some(0)),
            ("", "一", 1, Some(1)),
        ] {
            assert_eq!(distance(one, two, most), expected, "{one} {two}");
        }
        assert_eq!(
            [tolerance("其他结果"), tolerance("本年废止件数"), tolerance("没有现成信息需要另行制作")],
            [0, 1, 2]
        );
    }

    #[test]
    fn folding_agrees_with_nfkc_on_labels() {
        use unicode_normalization::UnicodeNormalization;
        for text in ["（一）予以公开", "１２３", "第（五）项", "万元：", "ＡＢ"] {
            let reference: String = text.nfkc().collect();
            assert_eq!(fold(text), reference);
        }
    }
}
