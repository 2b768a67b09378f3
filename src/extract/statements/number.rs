//! Numbers in running text, each with its unit.
//!
//! A number is read whole or not at all: digits that a space parts, a wide comma between digits, a
//! numeral like 两三 are no number.

use crate::config::Statements;
use crate::extract::mapped::Mapped;

/// Digits of a number, at most: a float64 holds every integer of 15 digits.
const MAX_DIGITS: usize = 15;

/// A number with its unit in a folded sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number<'c> {
    /// First byte of the number.
    pub(super) start: usize,
    /// Byte after the number, before its unit.
    pub(super) end: usize,
    /// Byte after the unit.
    pub(super) unit_end: usize,
    /// The value.
    pub(super) value: f64,
    /// It is rounded, or the print says more than.
    pub(super) is_approximate: bool,
    /// It is printed in Chinese numerals.
    pub(super) is_numeral: bool,
    /// Its unit.
    pub(super) unit: &'c str,
    /// Power of ten in 元, for a unit of money.
    pub(super) money: Option<u32>,
}

/// The value of a Chinese numeral below ten.
fn digit(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// The power of ten of a Chinese numeral.
fn scale(c: char) -> Option<u32> {
    Some(match c {
        '十' => 1,
        '百' => 2,
        '千' => 3,
        '万' => 4,
        '亿' => 8,
        _ => return None,
    })
}

/// Whether a character may belong to a number in Chinese numerals.
pub(super) fn is_numeral(c: char) -> bool {
    digit(c).is_some() || matches!(c, '十' | '百' | '千' | '万')
}

/// The value of a numeral in Chinese characters; `None` for a row of digits (两三) and for what is none.
pub(super) fn numeral(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut section = 0_u64;
    let mut last: Option<u64> = None;
    let mut is_any = false;
    for c in text.chars() {
        if let Some(value) = digit(c) {
            if last.is_some_and(|last| last > 0) {
                return None;
            }
            last = Some(value);
        } else {
            let power = 10_u64.checked_pow(scale(c)?)?;
            if power >= 10_000 {
                total = total.checked_add(section.checked_add(last.unwrap_or(0))?.checked_mul(power)?)?;
                section = 0;
            } else {
                section = section.checked_add(last.unwrap_or(1).checked_mul(power)?)?;
            }
            last = None;
        }
        is_any = true;
    }
    is_any.then(|| total.checked_add(section)?.checked_add(last.unwrap_or(0))).flatten()
}

/// Reads the number that begins at a byte of a folded sentence, `print` being the sentence as printed from
/// `base` on. Gives the number, when one with a unit stands there, and the byte to go on from.
pub(super) fn read<'c>(
    mapped: &Mapped,
    start: usize,
    print: &str,
    base: usize,
    statements: &'c Statements,
) -> (Option<Number<'c>>, usize) {
    let text = &mapped.text[start..];
    let is_digits = text.starts_with(|c: char| c.is_ascii_digit());
    let length = if is_digits { digits_length(text) } else { text.find(|c| !is_numeral(c)).unwrap_or(text.len()) };
    let next = start + length.max(1);
    let run = &text[..length];
    let is_parted = (start + 1..start + length).any(|at| mapped.is_gap(at, print, base));
    let has_wide_comma =
        is_digits && run.contains(',') && print_of(mapped, start, start + length, print, base).contains('，');
    let mut end = start + length;
    let value = if is_digits {
        let scaled = mapped.text[end..].chars().next().filter(|c| matches!(c, '万' | '千' | '百' | '亿'));
        let is_money = statements.units.iter().any(|unit| unit.money.is_some() && starts(mapped, end, &unit.print));
        let power = scaled.filter(|_| !is_money).map_or(0, |c| scale(c).unwrap_or(0));
        if power > 0 {
            end += scaled.map_or(0, char::len_utf8);
        }
        decimal(run, power)
    } else {
        // Digits above 2^53 are no count of anything.
        numeral(run).and_then(|value| u32::try_from(value).ok()).map(f64::from)
    };
    let is_scaled = is_digits && end > start + length;
    let rest = &mapped.text[end..];
    let more = rest.chars().next().filter(|c| matches!(c, '余' | '多'));
    let end = end + more.map_or(0, char::len_utf8);
    let unit = statements.units.iter().find(|unit| starts(mapped, end, &unit.print));
    let (Some(value), Some(unit), false) = (value, unit, is_parted || has_wide_comma) else { return (None, next) };
    let number = Number {
        start,
        end,
        unit_end: end + unit.print.len(),
        value,
        is_approximate: is_scaled || more.is_some(),
        is_numeral: !is_digits,
        unit: &unit.print,
        money: unit.money,
    };
    (Some(number), next)
}

fn starts(mapped: &Mapped, at: usize, unit: &str) -> bool {
    mapped.text[at..].starts_with(unit)
}

fn print_of<'p>(mapped: &Mapped, start: usize, end: usize, print: &'p str, base: usize) -> &'p str {
    let from = mapped.start(start).unwrap_or(base) - base;
    print.get(from..mapped.end(end, print, base) - base).unwrap_or_default()
}

/// Length of a run of digits with thousands commas and one decimal point.
fn digits_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let run = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = run(0);
    while end > 0 && bytes.get(end) == Some(&b',') && run(end + 1) == 3 {
        end += 4;
    }
    if bytes.get(end) == Some(&b'.') && run(end + 1) > 0 {
        end += 1 + run(end + 1);
    }
    end
}

/// The value of printed digits times a power of ten, exact where a float64 can be.
fn decimal(digits: &str, power: u32) -> Option<f64> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let is_grouped = groups.len() == 1 || (1..=3).contains(&groups[0].len());
    if !is_grouped || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let all: String = groups.concat() + fraction;
    if all.len() + power as usize > MAX_DIGITS {
        return None;
    }
    let mantissa: u64 = all.parse().ok()?;
    let decimals = u32::try_from(fraction.len()).ok()?;
    let scaled = mantissa * 10_u64.pow(power.saturating_sub(decimals));
    #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
    let scaled = scaled as f64;
    Some(scaled / 10_f64.powi(i32::try_from(decimals.saturating_sub(power)).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn check(print: &str, expected: Option<(f64, &str, bool)>) {
        let config = Config::embedded().expect("settings");
        let mut mapped = Mapped::default();
        mapped.read(print, 7, usize::MAX);
        let (number, next) = read(&mapped, 0, print, 7, &config.statements);
        assert!(next > 0);
        assert_eq!(number.map(|number| (number.value, number.unit, number.is_approximate)), expected, "{print}");
    }

    #[test]
    fn numbers_are_read_whole() {
        check("89条", Some((89.0, "条", false)));
        check("８９ 条", Some((89.0, "条", false)));
        check("1,234件", Some((1234.0, "件", false)));
        check("12,345,678人次", Some((12_345_678.0, "人次", false)));
        check("0件", Some((0.0, "件", false)));
        check("4.5万篇", Some((45_000.0, "篇", true)));
        check("377.8929万次", Some((3_778_929.0, "次", true)));
        check("9万余条", Some((90_000.0, "条", true)));
        check("700余条", Some((700.0, "条", true)));
        check("0.394万元", Some((0.394, "万元", false)));
        check("380元", Some((380.0, "元", false)));
        check("十二期", Some((12.0, "期", false)));
        check("两次", Some((2.0, "次", false)));
        check("一百零五件", Some((105.0, "件", false)));
        check("二十余条", Some((20.0, "条", true)));
        check("三万二千条", Some((32_000.0, "条", false)));
    }

    #[test]
    fn what_is_not_whole_is_no_number() {
        for print in [
            "1 2条",
            "12\n3条",
            "1，234件",
            "两三次",
            "一二件",
            "2023年",
            "12%",
            "05件",
            "260余",
            "12345678901234567件",
            "1234,56件",
            "几条",
        ] {
            check(print, None);
        }
    }
}
