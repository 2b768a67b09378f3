//! Days of the calendar, without clocks and zones.

/// A day, as days since 1970-01-01.
pub type Day = i32;

/// Days since 1970-01-01, or `None` for a day that does not exist.
#[must_use]
pub fn day(year: i32, month: i32, day: i32) -> Option<Day> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    // Years counted from March make the leap day the last of its year.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days_before_year = year * 365 + year / 4 - year / 100 + year / 400;
    Some(days_before_year + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// Year, month and day of a number of days since 1970-01-01.
#[must_use]
pub fn civil(days: Day) -> (i32, i32, i32) {
    // Counted from March 1 of year 0, so that leap days end their years.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i32::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day(1970, 1, 1), Some(0));
        assert_eq!(day(2000, 3, 1), Some(11_017));
        assert_eq!(day(2023, 12, 31), Some(19_722));
        assert_eq!(day(2023, 2, 29), None);
        assert_eq!(day(2023, 13, 1), None);
    }

    #[test]
    fn days_lead_back_to_dates() {
        for (year, month, of) in [(1970, 1, 1), (2000, 2, 29), (2023, 12, 31), (2024, 3, 1)] {
            assert_eq!(day(year, month, of).map(civil), Some((year, month, of)));
        }
        assert_eq!(civil(-1), (1969, 12, 31));
    }
}
