//! What a printed cell holds.
//!
//! A number is read whole or it is text: nothing is joined, repaired or guessed. Blank is not zero.

use crate::config::Reading;
use crate::form::ValueType;
use crate::form::label::{fold, half_width, is_invisible};
use crate::model::report::CellState;
use crate::model::verdict::Cause;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value<'a> {
    pub(super) state: CellState,
    pub(super) value: Option<f64>,
    /// Unit printed in the cell.
    pub(super) unit: Option<&'a str>,
    /// Why the cell holds its report back.
    pub(super) fault: Option<Cause>,
    /// An amount whose unit is printed nowhere.
    pub(super) is_unit_unknown: bool,
}

impl Value<'_> {
    fn without_number(state: CellState, fault: Option<Cause>) -> Self {
        Self { state, value: None, unit: None, fault, is_unit_unknown: false }
    }
}

/// White space, and characters that print nothing; marks of direction may reorder digits and stay.
fn is_edge(c: char) -> bool {
    c.is_whitespace()
        || (is_invisible(c)
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// A cell's print without white space around it.
pub(super) fn trim(printed: &str) -> &str {
    printed.trim_matches(is_edge)
}

/// Whether a print is one of the marks that stand for nothing.
pub(super) fn is_dash(printed: &str, reading: &Reading) -> bool {
    let printed = trim(printed);
    reading.dashes.iter().any(|dash| dash == printed)
}

/// Whether a print is a whole number, the commonest cell by far.
pub(super) fn is_plain_number(printed: &str) -> bool {
    !printed.is_empty() && printed.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads what a cell holds.
///
/// `header_unit` is the unit of money printed in the header of an amount. Never fails: what is no
/// number is [`CellState::Text`] with the cause that holds the report back.
pub(super) fn read_value<'a>(
    printed: &'a str,
    value_type: ValueType,
    header_unit: Option<&'a str>,
    reading: &'a Reading,
    max_digits: usize,
) -> Value<'a> {
    let text = trim(printed);
    if text == "0" {
        return Value { state: CellState::Zero, value: Some(0.0), unit: None, fault: None, is_unit_unknown: false };
    }
    if text.is_empty() {
        return Value::without_number(CellState::Blank, None);
    }
    let is_money = matches!(value_type, ValueType::Decimal | ValueType::Money);
    // The common case: a whole number of at most nine digits.
    if !is_money && is_plain_number(text) && text.len() <= max_digits.min(9) && !text.starts_with('0') {
        let value = text.parse::<u32>().ok().map(f64::from);
        return Value { state: CellState::Number, value, unit: None, fault: None, is_unit_unknown: false };
    }
    if is_dash(text, reading) {
        return Value::without_number(CellState::Dash, None);
    }
    let (digits, unit) = split_unit(text, is_money, reading);
    let Some(number) = plain_digits(digits) else {
        return Value::without_number(CellState::Text, Some(Cause::BadNumber));
    };
    if number.bytes().filter(u8::is_ascii_digit).count() > max_digits {
        return Value { unit, ..Value::without_number(CellState::Number, Some(Cause::OutOfRange)) };
    }
    let is_zero = number.bytes().all(|byte| !byte.is_ascii_digit() || byte == b'0');
    let unit_of_money =
        unit.or(header_unit).and_then(|unit| reading.money_units.iter().find(|(known, _)| known == unit));
    let is_unit_unknown = is_money && unit_of_money.is_none() && !is_zero;
    let exponent = unit_of_money.filter(|_| is_money).map_or(0, |(_, exponent)| *exponent);
    // Shifting the decimal point in the text rounds once, and right.
    let Ok(value) = format!("{number}e{exponent}").parse::<f64>() else {
        return Value::without_number(CellState::Text, Some(Cause::BadNumber));
    };
    let fault = match value_type {
        ValueType::Count if value < 0.0 => Some(Cause::OutOfRange),
        ValueType::Decimal | ValueType::Money if value < 0.0 => Some(Cause::OutOfRange),
        ValueType::Count if number.starts_with('+') => Some(Cause::BadNumber),
        ValueType::Count | ValueType::SignedCount if value.fract() != 0.0 => Some(Cause::BadNumber),
        _ => None,
    };
    Value {
        state: if is_zero { CellState::Zero } else { CellState::Number },
        // `-0` is zero.
        value: (!is_unit_unknown && fault.is_none()).then_some(value + 0.0),
        unit,
        fault,
        is_unit_unknown,
    }
}

fn split_unit<'a>(text: &'a str, is_money: bool, reading: &'a Reading) -> (&'a str, Option<&'a str>) {
    let split = |unit: &'a String| {
        let (digits, tail) = text.split_at_checked(text.len().checked_sub(unit.len())?)?;
        // 萬元: folding keeps the length.
        (tail == unit || (!tail.is_ascii() && fold(tail) == *unit)).then_some((digits, unit.as_str()))
    };
    let found = if is_money {
        reading.money_units.iter().find_map(|(unit, _)| split(unit))
    } else {
        reading.count_units.iter().find_map(split)
    };
    match found {
        Some((digits, unit)) => (digits.trim_end_matches(is_edge), Some(unit)),
        None => (text, None),
    }
}

/// The print as a plain decimal, or `None` when it is anything but one number: a sign, digits with
/// thousands separators in their right places, a fraction. Full-width forms count, other digits do not.
fn plain_digits(text: &str) -> Option<String> {
    let mut number = String::with_capacity(text.len());
    let mut characters = text.chars().map(half_width).peekable();
    match characters.peek() {
        Some('+') => {
            number.push('+');
            characters.next();
        }
        Some('-' | '−' | '‐' | '‑') => {
            number.push('-');
            characters.next();
        }
        _ => {}
    }
    let (mut groups, mut fraction) = (vec![0_usize], None::<usize>);
    for c in characters {
        match (c, &mut fraction) {
            ('0'..='9', None) => {
                number.push(c);
                *groups.last_mut()? += 1;
            }
            ('0'..='9', Some(length)) => {
                number.push(c);
                *length += 1;
            }
            (',', None) => groups.push(0),
            ('.', None) => {
                number.push('.');
                fraction = Some(0);
            }
            _ => return None,
        }
    }
    let whole = number.trim_start_matches(['+', '-']);
    let separated = groups.len() > 1;
    let groups_fit = (1..=3).contains(&groups[0]) && groups[1..].iter().all(|length| *length == 3);
    // Two cells run together start with a zero: `00`, `05`.
    let leading_zero = whole.len() > 1 && whole.starts_with('0') && !whole.starts_with("0.");
    (groups[0] > 0 && (!separated || groups_fit) && fraction != Some(0) && !leading_zero).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn check(value_type: ValueType, printed: &str, state: CellState, value: Option<f64>) {
        let config = Config::embedded().expect("settings");
        let read = read_value(printed, value_type, None, &config.reading, config.limits.number_digits);
        assert_eq!((read.state, read.value), (state, value), "{printed:?}");
    }

    fn count(printed: &str, state: CellState, value: Option<f64>) {
        check(ValueType::Count, printed, state, value);
    }

    #[test]
    fn blank_is_not_zero() {
        for blank in ["", " ", "\u{a0}", "\u{3000}", "\u{200b}"] {
            count(blank, CellState::Blank, None);
        }
        for dash in ["/", "-", "—", "——", "无", " / "] {
            count(dash, CellState::Dash, None);
        }
        for zero in ["0", " 0\u{a0}", "０"] {
            count(zero, CellState::Zero, Some(0.0));
        }
    }

    #[test]
    fn numbers_are_read_whole() {
        for (printed, value) in [
            ("12", 12.0),
            ("　　1", 1.0),
            ("１２", 12.0),
            ("1,234", 1234.0),
            ("1，234，567", 1_234_567.0),
            ("12件", 12.0),
            ("3.0", 3.0),
        ] {
            count(printed, CellState::Number, Some(value));
        }
    }

    #[test]
    fn what_is_no_number_is_text() {
        for printed in [
            "1 2",
            "1\u{200b}2",
            "5 (3)",
            "5（3）",
            "1O",
            "l",
            "约20",
            "20余",
            "1-3",
            "0x10",
            "1e3",
            "NaN",
            "12,34",
            "1,2345",
            ",123",
            "00",
            "05",
            "５²",
            "²",
            "①",
            "一",
            "零",
            "1.",
            ".5",
            "1.2.3",
            "٣",
            "\u{202e}12",
            "12\u{202e}3",
            "--8",
        ] {
            count(printed, CellState::Text, None);
        }
    }

    #[test]
    fn only_changes_carry_a_sign() {
        check(ValueType::SignedCount, "-8", CellState::Number, Some(-8.0));
        check(ValueType::SignedCount, "+19", CellState::Number, Some(19.0));
        check(ValueType::SignedCount, "－8", CellState::Number, Some(-8.0));
        count("-8", CellState::Number, None);
        count("+8", CellState::Number, None);
        count("1.5", CellState::Number, None);
        count("1234567890123456", CellState::Number, None);
    }

    #[test]
    fn amounts_are_in_wan_yuan_or_unknown() {
        let config = Config::embedded().expect("settings");
        let read = |printed: &'static str, unit| read_value(printed, ValueType::Money, unit, &config.reading, 15);
        assert_eq!(read("160.5964万元", None).value, Some(160.5964));
        assert_eq!(read("251000元", None).value, Some(25.1));
        assert_eq!(read("8040", Some("元")).value, Some(0.804));
        assert_eq!(read("7730.28", Some("万元")).value, Some(7730.28));
        assert_eq!((read("8040", None).value, read("8040", None).is_unit_unknown), (None, true));
        assert_eq!((read("0", None).value, read("0.00", None).is_unit_unknown), (Some(0.0), false));
    }
}
