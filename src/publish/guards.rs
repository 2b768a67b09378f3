//! Whether what a run found may take the place of what stands: a disk that is not mounted, a site that changed its
//! layout or a fault of ours must not.

use std::collections::BTreeMap;

use super::snapshot::{CellFacts, Counts, RunFacts};
use crate::config::Guards;

/// Why the result of a run is not published over that of the run before, one plain sentence each.
#[must_use]
pub fn reasons(before: &RunFacts, now: &RunFacts, rules: &Guards) -> Vec<String> {
    let mut reasons = Vec::new();
    let n_files = |facts: &RunFacts| facts.files.values().sum::<u64>();
    let (old, new) = (n_files(before), n_files(now));
    if new == 0 && old > 0 || is_lost(old, new, rules.files_lost_percent, rules) {
        reasons.push(format!(
            "the inputs hold {new} files and held {old} in the last run: see whether a folder or a disk is missing"
        ));
    }
    for (key, old) in &before.years {
        let new = now.years.get(key).copied().unwrap_or(0);
        if is_lost(*old, new, rules.reports_lost_percent, rules) {
            let (year, form) = key.split_once('/').unwrap_or((key, "none"));
            let year = if year == "none" { "without a year".to_owned() } else { format!("on {year}") };
            let form = if form == "none" { "without tables".to_owned() } else { format!("with the form of {form}") };
            reasons.push(format!(
                "there are {new} reports {year} {form} and were {old} in the last run: see what became of their files"
            ));
        }
    }
    let accepted = |facts: &RunFacts| {
        let number = |status: &str| facts.reports.get(status).copied().unwrap_or(0);
        (number("accepted"), number("accepted") + number("quarantined"))
    };
    let (old, new) = (accepted(before), accepted(now));
    if is_worse((old.1 - old.0, old.1), (new.1 - new.0, new.1), rules.accepted_drop_points, rules) {
        reasons.push(format!(
            "of {} reports {} are accepted, in the last run {} of {} were; more often than then: {}",
            new.1,
            new.0,
            old.0,
            old.1,
            risen(before, now)
        ));
    }
    let unreadable = |facts: &RunFacts| (facts.files.get("unreadable").copied().unwrap_or(0), n_files(facts));
    let (old, new) = (unreadable(before), unreadable(now));
    if is_worse(old, new, rules.unreadable_rise_points, rules) {
        reasons.push(format!(
            "of {} files {} cannot be read, in the last run {} of {} could not; more often than then: {}",
            new.1,
            new.0,
            old.0,
            old.1,
            risen(before, now)
        ));
    }
    reasons.extend(failing(before, now, rules));
    reasons.extend(emptied(before, now, rules));
    reasons
}

/// Reports of each form.
fn by_form(facts: &RunFacts) -> BTreeMap<&str, u64> {
    let mut forms = BTreeMap::new();
    for (key, n) in &facts.years {
        *forms.entry(key.rsplit('/').next().unwrap_or_default()).or_default() += n;
    }
    forms
}

/// Rules that fail much more often for a form.
fn failing(before: &RunFacts, now: &RunFacts, rules: &Guards) -> Vec<String> {
    let [forms_before, forms_now] = [before, now].map(by_form);
    let reason = |(key, new): (&String, &u64)| {
        let (rule, form) = key.rsplit_once('/')?;
        let n = |forms: &BTreeMap<&str, u64>| forms.get(form).copied().unwrap_or(0);
        let old = before.failing.get(key).copied().unwrap_or(0);
        let (all_old, all_new) = (n(&forms_before), n(&forms_now));
        // A run of a program that did not count them says nothing of them.
        let is_known = !before.filling.is_empty();
        (is_known && is_worse((old, all_old), (*new, all_new), rules.failing_rise_points, rules)).then(|| {
            format!(
                "the rule {rule} fails for {new} of {all_new} reports with the form of {form}, in the last run for {old} of {all_old}: see whether they are read right"
            )
        })
    };
    now.failing.iter().filter_map(reason).collect()
}

/// Forms whose cells hold numbers much less often.
fn emptied(before: &RunFacts, now: &RunFacts, rules: &Guards) -> Vec<String> {
    let reason = |(form, old): (&String, &CellFacts)| {
        let new = now.filling.get(form)?;
        let empty = |of: &CellFacts| (of.all - of.filled.min(of.all), of.all);
        is_worse(empty(old), empty(new), rules.filled_drop_points, rules).then(|| {
            format!(
                "of {} cells with the form of {form} {} hold a number, in the last run {} of {} did: see whether they are read right",
                new.all, new.filled, old.filled, old.all
            )
        })
    };
    before.filling.iter().filter_map(reason).collect()
}

/// Whether more went than so many percent, and more than a few.
fn is_lost(old: u64, new: u64, percent: u64, rules: &Guards) -> bool {
    let lost = old.saturating_sub(new);
    lost > rules.small_number && lost.saturating_mul(100) > old.saturating_mul(percent)
}

/// Whether a share rose by more than so many points of a hundred, and by more than a few cases.
fn is_worse(old: (u64, u64), new: (u64, u64), points: u64, rules: &Guards) -> bool {
    if old.1 == 0 || new.1 == 0 {
        return false;
    }
    // new.0 / new.1 - old.0 / old.1 > points / 100, in whole numbers.
    let product = |one: u64, two: u64| u128::from(one) * u128::from(two);
    let rise = product(new.0, old.1).saturating_sub(product(old.0, new.1));
    let whole = product(new.1, old.1);
    let n_expected = product(old.0, new.1) / u128::from(old.1);
    rise * 100 > whole * u128::from(points)
        && u128::from(new.0).saturating_sub(n_expected) > u128::from(rules.small_number)
}

/// The causes that are met more often, the most first.
fn risen(before: &RunFacts, now: &RunFacts) -> String {
    let number = |causes: &Counts, cause: &str| causes.get(cause).copied().unwrap_or(0);
    let mut risen: BTreeMap<(std::cmp::Reverse<u64>, &str), String> = BTreeMap::new();
    for (cause, new) in &now.causes {
        let old = number(&before.causes, cause);
        if *new > old {
            risen.insert((std::cmp::Reverse(new - old), cause), format!("{cause} ({old} then, {new} now)"));
        }
    }
    if risen.is_empty() { "nothing".to_owned() } else { risen.into_values().collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Guards = Guards {
        files_lost_percent: 10,
        reports_lost_percent: 10,
        accepted_drop_points: 5,
        unreadable_rise_points: 5,
        failing_rise_points: 20,
        filled_drop_points: 10,
        small_number: 10,
    };

    fn facts(read: u64, unreadable: u64, accepted: u64, quarantined: u64) -> RunFacts {
        RunFacts {
            files: [("report".into(), read), ("unreadable".into(), unreadable)].into(),
            reports: [("accepted".into(), accepted), ("quarantined".into(), quarantined)].into(),
            years: [("2023/2021".to_owned(), accepted + quarantined)].into(),
            causes: [("arithmetic".into(), quarantined), ("corrupt".into(), unreadable)].into(),
            ..RunFacts::default()
        }
    }

    fn check(before: &RunFacts, now: &RunFacts, expected: &[&str]) {
        let reasons = reasons(before, now, &RULES);
        assert_eq!(reasons.len(), expected.len(), "{reasons:#?}");
        for (reason, expected) in reasons.iter().zip(expected) {
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn what_shrinks_or_worsens_is_named_with_its_numbers() {
        let before = facts(1_000, 10, 950, 50);
        check(&before, &before, &[]);
        check(&before, &facts(2_000, 15, 1_900, 100), &[]);
        check(&before, &facts(950, 10, 910, 40), &[]);
        let gone = ["hold 0 files and held 1010", "0 reports on 2023 with the form of 2021 and were 1000"];
        check(&before, &facts(0, 0, 0, 0), &gone);
        check(&before, &facts(1_000, 10, 890, 110), &["of 1000 reports 890 are accepted, in the last run 950 of 1000"]);
        check(&before, &facts(1_000, 10, 890, 110), &["arithmetic (50 then, 110 now)"]);
        check(&before, &facts(1_000, 90, 950, 50), &["of 1090 files 90 cannot be read"]);
    }

    #[test]
    fn a_rule_that_fails_more_often_and_cells_that_are_emptied_are_named() {
        let with = |n_failing: u64, filled: u64| RunFacts {
            failing: [("norms_stock/2021".to_owned(), n_failing)].into(),
            filling: [("2021".to_owned(), CellFacts { filled, all: 200_000 })].into(),
            ..facts(1_000, 10, 950, 50)
        };
        check(&with(50, 190_000), &with(240, 175_000), &[]);
        check(
            &with(50, 190_000),
            &with(260, 190_000),
            &[
                "the rule norms_stock fails for 260 of 1000 reports with the form of 2021, in the last run for 50 of 1000",
            ],
        );
        check(
            &with(50, 190_000),
            &with(50, 165_000),
            &["of 200000 cells with the form of 2021 165000 hold a number, in the last run 190000 of 200000 did"],
        );
        // What the last run did not count cannot have risen.
        check(&facts(1_000, 10, 950, 50), &with(900, 1), &[]);
    }

    #[test]
    fn small_numbers_say_little_but_nothing_left_says_all() {
        let before = facts(20, 0, 18, 2);
        check(&before, &facts(12, 0, 8, 4), &[]);
        check(&before, &facts(0, 0, 8, 2), &["hold 0 files"]);
        check(&RunFacts::default(), &facts(0, 0, 0, 0), &[]);
        check(&RunFacts::default(), &facts(9, 90, 1, 99), &[]);
    }
}
