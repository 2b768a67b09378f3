//! What is found, in sentences, and how much of it is listed.

use std::collections::BTreeMap;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Files and their sums.
    Sums,
    /// Tables as such: schema, metadata, number of rows.
    Tables,
    /// The CSV beside the Parquet.
    Csv,
    /// The order of the rows.
    Order,
    /// Keys, and what they name in other tables.
    Keys,
    /// What counts the same in several places.
    Conservation,
    /// Codes that no list has.
    Codes,
    /// Cells in themselves, and the normalised tables that are made of them.
    Cells,
    /// Rules against what `checks` says of them.
    Rules,
    /// Ratios.
    Indicators,
    /// Reports against others.
    Links,
}

impl Area {
    /// The name in records for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sums => "sums",
            Self::Tables => "tables",
            Self::Csv => "csv",
            Self::Order => "order",
            Self::Keys => "keys",
            Self::Conservation => "conservation",
            Self::Codes => "codes",
            Self::Cells => "cells",
            Self::Rules => "rules",
            Self::Indicators => "indicators",
            Self::Links => "links",
        }
    }

    /// What a reader does about it.
    fn advice(self) -> &'static str {
        match self {
            Self::Sums => "get the file again from where the snapshot was published",
            Self::Tables => "get the snapshot again, or verify it with the version of the program that built it",
            Self::Csv => "use the Parquet, and tell the publisher",
            Self::Order | Self::Keys | Self::Conservation => "do not use the snapshot, and tell the publisher",
            Self::Codes => "verify with the settings it was built with; if that does not help, tell the publisher",
            Self::Cells | Self::Indicators | Self::Links => "do not use these rows, and tell the publisher",
            Self::Rules => {
                "verify with the settings it was built with; if that does not help, do not use the report and tell the publisher"
            }
        }
    }
}

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// What it is about.
    pub area: Area,
    /// One plain sentence: what, where, what next.
    pub sentence: String,
}

/// What came out of a verification.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// The findings, the first few of each area.
    pub findings: Vec<Finding>,
    /// How many more there are in each area.
    pub more: BTreeMap<&'static str, u64>,
    /// Files with their sums.
    pub files: usize,
    /// Reports.
    pub reports: usize,
    /// Rows of all tables.
    pub rows: u64,
}

impl Verdict {
    /// Whether nothing was found.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Findings that are listed in each area.
const LISTED: u64 = 20;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    listed: BTreeMap<Area, Vec<Finding>>,
    counts: BTreeMap<Area, u64>,
}

impl Findings {
    /// Notes what is wrong and where; what to do next follows from the area.
    pub(super) fn add(&mut self, area: Area, what: String) {
        let count = self.counts.entry(area).or_default();
        *count += 1;
        if *count <= LISTED {
            let mut sentence = what;
            sentence.push_str(": ");
            sentence.push_str(area.advice());
            self.listed.entry(area).or_default().push(Finding { area, sentence });
        }
    }

    /// Takes in what was found apart from these, after them.
    pub(super) fn append(&mut self, other: Self) {
        for (area, count) in other.counts {
            let own = self.counts.entry(area).or_default();
            let free = usize::try_from(LISTED.saturating_sub(*own)).unwrap_or(0);
            *own += count;
            let found = other.listed.get(&area).into_iter().flatten().take(free).cloned();
            self.listed.entry(area).or_default().extend(found);
        }
    }

    pub(super) fn verdict(self, files: usize, reports: usize, rows: u64) -> Verdict {
        let rest = |(area, count): (&Area, &u64)| {
            let more = count.saturating_sub(LISTED);
            (more > 0).then_some((area.as_str(), more))
        };
        let more = self.counts.iter().filter_map(rest).collect();
        Verdict { findings: self.listed.into_values().flatten().collect(), more, files, reports, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_listed_and_the_rest_counted() {
        let mut findings = Findings::default();
        for n in 0..15 {
            findings.add(Area::Csv, format!("row {n}"));
        }
        let mut others = Findings::default();
        for n in 15..40 {
            others.add(Area::Csv, format!("row {n}"));
        }
        findings.append(others);
        let verdict = findings.verdict(0, 0, 0);
        assert!(!verdict.holds());
        assert_eq!(verdict.findings.len(), 20);
        assert!(verdict.findings[19].sentence.starts_with("row 19: use the Parquet"));
        assert_eq!(verdict.more, BTreeMap::from([("csv", 20)]));
    }
}
