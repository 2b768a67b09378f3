//! Lengths of time as people write them: `90s`, `10m`, `36h`, `2d`.

use std::time::Duration;

/// Reads a length of time; a bare number is seconds.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("write a number and s, m, h or d, such as 36h".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write a number and s, m, h or d, such as 36h".to_owned())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_number_and_a_unit() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("10m", 600), ("36h", 129_600), ("2 d", 172_800)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "h", "1.5h", "-1h", "3 weeks", "99999999999999999999d", "999999999999999999d"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
