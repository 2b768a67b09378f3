//! Years and days: the period a report covers, and the report year when its witnesses differ.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Source, pattern};
use crate::model::day::{Day, day};
use crate::model::report::Flag;

static PERIOD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(20[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日(?:起|开始)?,?(?:至|到|-|~|～)+(?:(20[0-9]{2})年)?([0-9]{1,2})月([0-9]{1,2})日",
    )
});
// The whole year with marks lost on the way: 202311日至20231231日.
static TORN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^0-9])(20[0-9]{2})年?1月?1日?(?:起|开始)?,?(?:至|到|-|~|～)+(?:(20[0-9]{2})年?)?12月?31日?(?:$|[^0-9])",
    )
});
static MENTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(20[0-9]{2})年"));

/// The period: year and day of its start and its end.
pub(super) fn period(text: &str) -> Option<((i32, Day), (i32, Day))> {
    PERIOD.captures_iter(text).find_map(|found| {
        let number = |at: usize| found.get(at).and_then(|number| number.as_str().parse::<i32>().ok());
        let start = number(1)?;
        let end = number(4).unwrap_or(start);
        let days = (day(start, number(2)?, number(3)?)?, day(end, number(5)?, number(6)?)?);
        // A report covers a year; shorter spans are something else.
        (days.1 - days.0 >= 27).then_some(((start, days.0), (end, days.1)))
    })
}

/// The year of a period that names a whole year and has lost 年, 月 or 日, when both its ends name that year.
pub(super) fn torn_period(text: &str) -> Option<i32> {
    TORN.captures_iter(text).find_map(|found| {
        let year = |at: usize| found.get(at).and_then(|year| year.as_str().parse::<i32>().ok());
        year(1).filter(|first| year(2).is_none_or(|last| last == *first))
    })
}

/// What the opening and the period say of the year.
#[derive(Clone, Copy, Debug)]
pub(super) struct Years {
    /// The sentence that publishes the report.
    pub(super) sentence: Option<i32>,
    /// The end of the period.
    pub(super) period: Option<i32>,
}

impl Years {
    /// Two of title, period and a third place decide the year.
    pub(super) fn decide(self, title: Option<i32>, source: &Source<'_>, found: &mut Found) {
        let witnesses = [
            (title, "the title names the year"),
            (self.sentence, "the opening names the year"),
            (self.period, "the period ends in"),
        ];
        let mut named = witnesses.into_iter().filter_map(|(year, says)| Some((year?, says)));
        let Some((first, first_says)) = named.next() else { return };
        let Some((other, other_says)) = named.find(|(year, _)| *year != first) else {
            found.identity.year = Some(first);
            return;
        };
        let all = [title, self.sentence, self.period];
        let n_named = |year: i32| all.iter().filter(|named| **named == Some(year)).count();
        // A third of the witnesses decides; where there are two, the year named most often in the text.
        let decided = [first, other].into_iter().find(|year| n_named(*year) >= 2);
        let decided = decided.or_else(|| {
            let is_third_free = all.iter().flatten().count() == 2;
            // Without a period nothing outweighs the title but itself.
            let may_be = |year: &i32| *year == first || self.period.is_some() && *year == other;
            most_mentioned(source.body()).filter(|year| is_third_free && may_be(year))
        });
        if let Some(year) = decided {
            found.identity.year = Some(year);
            found.flags.push(Flag::YearConflict);
        } else {
            found.problem = Some(format!("{first_says} {first}, {other_says} {other}: tell which is right"));
        }
    }
}

/// The year named most often, when it is named at least twice and more often than any other.
pub(super) fn most_mentioned(text: &str) -> Option<i32> {
    // The period is a witness of its own.
    let text = PERIOD.replace_all(text, "");
    let mut counts = std::collections::BTreeMap::<i32, usize>::new();
    for mention in MENTION.captures_iter(&text) {
        if let Ok(year) = mention[1].parse() {
            *counts.entry(year).or_default() += 1;
        }
    }
    let most = *counts.values().max()?;
    let mut years = counts.iter().filter(|(_, count)| **count == most);
    let (year, _) = years.next()?;
    (most >= 2 && years.next().is_none()).then_some(*year)
}

/// The first year of this century in a folded text: its value and the bytes it covers, 年 and 度 included.
/// Four digits inside a longer number are no year, and those of a date only where no other is.
pub(super) fn find_year(folded: &str) -> Option<(i32, Range<usize>)> {
    let mut years = years(folded);
    let first = years.next()?;
    let is_named = |range: &Range<usize>| range.len() > 4;
    Some(if is_named(&first.1) { first } else { years.find(|(_, range)| is_named(range)).unwrap_or(first) })
}

fn years(folded: &str) -> impl Iterator<Item = (i32, Range<usize>)> {
    folded.match_indices("20").filter_map(|(at, _)| {
        let digits = folded.get(at..at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        let is_digit = |c: char| c.is_ascii_digit();
        if folded[..at].ends_with(is_digit) || folded[at + 4..].starts_with(is_digit) {
            return None;
        }
        let rest = &folded[at + 4..];
        let unit = if rest.starts_with("年度") {
            "年度".len()
        } else if rest.starts_with('年') {
            "年".len()
        } else {
            0
        };
        Some((digits.parse().ok()?, at..at + 4 + unit))
    })
}

/// A line that is nothing but a year.
pub(super) fn whole_year(line: &str) -> Option<i32> {
    find_year(line).filter(|(_, range)| range.len() > 4 && *range == (0..line.len())).map(|(year, _)| year)
}

/// Chinese numerals of a year as digits: 二〇二三年.
pub(super) fn arabic_year(folded: String) -> String {
    static CHINESE: LazyLock<Regex> =
        LazyLock::new(|| pattern("二([〇零○])([一二三四五六七八九〇零○])([一二三四五六七八九〇零○])年"));
    // Hardly any text holds such a year; looking for one character is a scan of bytes.
    if !['〇', '○', '零'].iter().any(|zero| folded.contains(*zero)) {
        return folded;
    }
    let digit = |text: &str| match text.chars().next() {
        Some('一') => '1',
        Some('二') => '2',
        Some('三') => '3',
        Some('四') => '4',
        Some('五') => '5',
        Some('六') => '6',
        Some('七') => '7',
        Some('八') => '8',
        Some('九') => '9',
        _ => '0',
    };
    CHINESE
        .replace_all(&folded, |year: &regex::Captures<'_>| format!("20{}{}年", digit(&year[2]), digit(&year[3])))
        .into_owned()
}

/// Whether a period ends in the last month of its year, given as year and day. Wrong last days are common.
pub(super) fn ends_the_year((year, end): (i32, Day)) -> bool {
    day(year, 12, 1).is_none_or(|december| end >= december)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::label::fold;

    #[test]
    fn a_year_with_its_unit_outweighs_a_date() {
        let year = |text: &str| find_year(&fold(text)).map(|(year, _)| year);
        assert_eq!(year("[2024-01-20]示例县财政局2023年"), Some(2023));
        assert_eq!(year("2024-01-20"), Some(2024));
        assert_eq!(year("2022年至2023年"), Some(2022));
    }

    #[test]
    fn a_period_that_ends_in_summer_is_no_year() {
        let ends = |month, of| day(2023, month, of).is_some_and(|end| ends_the_year((2023, end)));
        assert!(ends(12, 31) && ends(12, 30) && !ends(6, 30) && !ends(11, 30));
    }

    #[test]
    fn periods_are_read_and_broken_ones_are_not() {
        let years = |text: &str| period(&fold(text)).map(|(start, end)| (start.0, end.0));
        assert_eq!(years("自2023年1月1日起至2023年12月31日止"), Some((2023, 2023)));
        assert_eq!(years("从 2023 年 1 月 1 日至 12 月 31 日"), Some((2023, 2023)));
        assert_eq!(years("2023年1月1日—2023年12月31日"), Some((2023, 2023)));
        assert_eq!(years("202311日至20231231日"), None);
        assert_eq!(years("2023年1月1日至1月7日"), None);
        let check = |text: &str, year: Option<i32>| assert_eq!(torn_period(&fold(text)), year, "{text}");
        check("统计期限为202311日至20231231日。", Some(2023));
        check("统计期限为2018年11日至2018年1231日。", Some(2018));
        check("自20251月1日至202512月31日止", Some(2025));
        check("自2021年1月1日起,至2021年12月31止", Some(2021));
        check("自2021年1月1日至1231日", Some(2021));
        check("自202211日至20231231日", None);
        check("自202311日至20231230日", None);
        check("自2023年11月12日至12月31日", None);
        check("自2023年1月15日至12月31日", None);
        check("12023年1月1日至12月31日", None);
    }
}
