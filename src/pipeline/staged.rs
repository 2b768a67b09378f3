//! What the first phase leaves: records in the staging store, and in memory the keys to read them by.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::RunError;
use super::file::{Corrected, Inspected};
use super::links::Pair;
use crate::config::{Config, Corrections};
use crate::model::file::{FileOutcome, FileRow, hex};
use crate::model::report::{Cell, CellState, Report, ReportStatus};
use crate::model::verdict::{CheckStatus, Problem};
use crate::publish::{CorrectionFacts, RefusedCorrection, RunFacts};
use crate::reconcile;
use crate::state::{
    FileRecord, Filing, KeptCorrection, Key, Lane, Location, ReportKeys, ReportRecord, Store, fingerprint, report_id,
    to_bytes,
};

/// A store of records and the keys to read it by.
pub(super) struct Staged<'c> {
    pub(super) config: &'c Config,
    pub(super) store: Store,
    /// Records of files, in the order of paths.
    pub(super) files: Vec<Location>,
    /// Records of reports, and of files with problems of their own, to be sorted by key.
    pub(super) items: Vec<(Key, Location)>,
    /// Where the first file of some bytes lies. Half a hash tells files apart; the other half is in their rows.
    known: HashMap<[u8; 16], Location>,
    /// What became of the corrections, by their numbers.
    corrected: BTreeMap<usize, Option<String>>,
    /// The reports of bodies that are known, each as its place in `items`.
    pub(super) filings: Vec<(Filing, usize)>,
    /// Hashes of the figures of accepted reports, each with its place in `items`.
    pub(super) figures: Vec<(u64, usize)>,
    /// Keys of the narratives of accepted reports, each with its place in `items`.
    pub(super) texts: Vec<(u64, usize)>,
    /// Figures of accepted reports that count for more than one body, or for one of them.
    pub(super) covered: Vec<(Filing, usize, Vec<Option<i64>>)>,
    /// The reports that are held against others.
    pub(super) pairs: Vec<Pair>,
    pub(super) n_seen: u64,
    pub(super) facts: RunFacts,
    /// Records of earlier runs are written anew.
    pub(super) gathers: bool,
    group: Group,
}

/// The records of one entry of the walk, which lie behind one another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) first: Option<Location>,
    pub(super) last: Option<Location>,
    /// Files that they tell of.
    pub(super) n_files: u64,
    /// The next run may use them again.
    pub(super) is_lasting: bool,
}

impl Group {
    fn new() -> Self {
        Self { first: None, last: None, n_files: 0, is_lasting: true }
    }
}

/// What one file became, its reports as records.
pub(super) struct FileResult {
    row: FileRow,
    problems: Vec<Problem>,
    reports: Vec<(ReportKeys, Vec<u8>)>,
    corrected: Vec<Corrected>,
}

/// The rules that fail for a report, each once.
fn failed(report: &Report) -> Vec<u16> {
    let failed = report.checks.iter().filter(|check| check.status == CheckStatus::Fail).map(|check| check.rule);
    failed.collect::<BTreeSet<u16>>().into_iter().collect()
}

/// How many cells of a report hold a number, and how many it has.
fn filled(report: &Report) -> [u32; 2] {
    let is_filled = |cell: &&Cell| matches!(cell.state, CellState::Number | CellState::Zero);
    let n = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    [n(report.cells.iter().filter(is_filled).count()), n(report.cells.len())]
}

impl From<Inspected> for FileResult {
    fn from(inspected: Inspected) -> Self {
        let sha256 = inspected.row.sha256.unwrap_or_default();
        let mut reports = Vec::new();
        for (report, covered) in inspected.reports.into_iter().zip(inspected.covered) {
            let (year, status) = (report.identity.year, report.status);
            let is_accepted = status == ReportStatus::Accepted;
            let keys = ReportKeys {
                year,
                status,
                filing: Filing::of(&report),
                form: report.form,
                figures: if is_accepted { reconcile::links::keys(&report) } else { Vec::new() },
                texts: if is_accepted { reconcile::links::text_keys(&report) } else { Vec::new() },
                covered: if is_accepted { covered } else { Vec::new() },
                failed: failed(&report),
                filled: filled(&report),
                causes: report.problems.iter().map(|problem| problem.cause).collect(),
            };
            let record = ReportRecord { path: inspected.row.path.clone(), sha256, duplicate_of: None, report };
            reports.push((keys, to_bytes(&record)));
        }
        Self {
            row: inspected.row,
            problems: inspected.problem.into_iter().collect(),
            reports,
            corrected: inspected.corrected,
        }
    }
}

impl<'c> Staged<'c> {
    /// An empty store in a folder.
    pub(super) fn create(folder: &Path, config: &'c Config) -> Result<Self, RunError> {
        Ok(Self {
            config,
            store: Store::create(folder)?,
            files: Vec::new(),
            items: Vec::new(),
            known: HashMap::new(),
            corrected: BTreeMap::new(),
            filings: Vec::new(),
            figures: Vec::new(),
            texts: Vec::new(),
            covered: Vec::new(),
            pairs: Vec::new(),
            n_seen: 0,
            facts: RunFacts {
                version: env!("CARGO_PKG_VERSION").into(),
                config_digest: config.digest.clone(),
                settings_digest: config.settings_digest.clone(),
                files: FileOutcome::ALL.iter().map(|outcome| (outcome.as_str().into(), 0)).collect(),
                reports: ReportStatus::ALL.iter().map(|status| (status.as_str().into(), 0)).collect(),
                ..RunFacts::default()
            },
            gathers: false,
            group: Group::new(),
        })
    }

    /// Takes in a file that was read in this run.
    pub(super) fn take_in(&mut self, result: FileResult) -> Result<(), RunError> {
        let all = &self.config.corrections.all;
        let kept = |of: Corrected| KeptCorrection { digest: digest_of(all, of.correction), refusal: of.refusal };
        let corrections = result.corrected.into_iter().map(kept).collect();
        let (reports, bytes): (Vec<_>, Vec<_>) = result.reports.into_iter().unzip();
        let record = FileRecord { row: result.row, problems: result.problems, reports, corrections };
        self.put(record, bytes)
    }

    /// Takes in a file as an earlier run read it.
    pub(super) fn take_again(&mut self, record: FileRecord, locations: &[Location]) -> Result<(), RunError> {
        if self.gathers {
            let bytes: Result<Vec<_>, _> = locations[1..].iter().map(|location| self.store.bytes(*location)).collect();
            return self.put(record, bytes?);
        }
        self.enter(record, locations)
    }

    /// Writes the records of a file into the store.
    fn put(&mut self, record: FileRecord, reports: Vec<Vec<u8>>) -> Result<(), RunError> {
        let mut locations = vec![self.store.append(Lane::Kept, &to_bytes(&record))?];
        for bytes in reports {
            locations.push(self.store.append(Lane::Kept, &bytes)?);
        }
        self.enter(record, &locations)
    }

    /// Takes the keys of a file into memory, tells whether its bytes were met before, and counts it.
    fn enter(&mut self, record: FileRecord, locations: &[Location]) -> Result<(), RunError> {
        self.group.first = self.group.first.or(locations.first().copied());
        self.group.last = locations.last().copied();
        self.group.n_files += 1;
        self.group.is_lasting &= record.is_lasting();
        let numbers = numbers_of(&record, &self.config.corrections);
        self.corrected.extend(numbers.into_iter().zip(record.corrections.iter().map(|of| of.refusal.clone())));
        let half = record.row.sha256.and_then(|hash| <[u8; 16]>::try_from(&hash[..16]).ok());
        let Some(first) = half.and_then(|half| self.known.get(&half).copied()) else {
            if let (Some(half), Some(location)) = (half, locations.first()) {
                self.known.insert(half, *location);
            }
            return self.count(record, locations);
        };
        self.store.flush()?;
        let first = self.store.file_record(first)?;
        let row =
            FileRow { outcome: FileOutcome::Duplicate, report_count: 0, detail: Some(first.row.path), ..record.row };
        let record = FileRecord::bare(row, Vec::new());
        let location = self.store.append(Lane::Scratch, &to_bytes(&record))?;
        self.count(record, &[location])
    }

    fn count(&mut self, record: FileRecord, locations: &[Location]) -> Result<(), RunError> {
        let [location, reports @ ..] = locations else { return Ok(()) };
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let facts = &mut self.facts;
        *facts.files.entry(record.row.outcome.as_str().into()).or_default() += 1;
        let causes = record.reports.iter().flat_map(|report| &report.causes);
        for cause in causes.chain(record.problems.iter().map(|problem| &problem.cause)) {
            *facts.causes.entry(cause.as_str().into()).or_default() += 1;
            facts.incomplete |= cause.is_access();
        }
        for (at, (report, location)) in record.reports.into_iter().zip(reports).enumerate() {
            *facts.reports.entry(report.status.as_str().into()).or_default() += 1;
            let year = report.year.map_or_else(|| "none".to_owned(), |year| year.to_string());
            let form = report.form.and_then(|form| self.config.forms.forms.get(usize::from(form)));
            let form = form.map_or("none", |form| form.id.as_str());
            *facts.years.entry(format!("{year}/{form}")).or_default() += 1;
            let ordinal = u32::try_from(at + 1).unwrap_or(u32::MAX);
            self.filings.extend(report.filing.map(|of| (of, self.items.len())));
            self.figures.extend(report.figures.into_iter().map(|hash| (hash, self.items.len())));
            self.texts.extend(report.texts.into_iter().map(|key| (key, self.items.len())));
            let is_known = report.covered.iter().any(Option::is_some);
            self.covered.extend(report.filing.filter(|_| is_known).map(|of| (of, self.items.len(), report.covered)));
            for rule in report.failed {
                let code = &self.config.forms.rules[usize::from(rule)].code;
                *facts.failing.entry(format!("{code}/{form}")).or_default() += 1;
            }
            let cells = facts.filling.entry(form.to_owned()).or_default();
            cells.filled += u64::from(report.filled[0]);
            cells.all += u64::from(report.filled[1]);
            self.items.push((Key::new(report.year, number, ordinal), *location));
        }
        self.files.push(*location);
        if !record.problems.is_empty() {
            self.items.push((Key::new(None, number, 0), *location));
        }
        Ok(())
    }

    /// The records taken in since it was last asked: those of one entry of the walk.
    pub(super) fn group(&mut self) -> Group {
        std::mem::replace(&mut self.group, Group::new())
    }

    /// What became of the corrections of the run.
    pub(super) fn corrections(&mut self) -> CorrectionFacts {
        let mut facts = CorrectionFacts::default();
        for (at, correction) in self.config.corrections.all.iter().enumerate() {
            let refusal = match self.corrected.remove(&at) {
                Some(None) => {
                    facts.applied += 1;
                    continue;
                }
                Some(Some(refusal)) => refusal,
                None => "no report of the inputs has this id: keep it only if its file comes back".to_owned(),
            };
            let (report, cell) = (correction.report.clone(), correction.cell.clone());
            facts.refused.push(RefusedCorrection { report, cell, why: refusal });
        }
        facts
    }

    /// Brings the files taken in since there were so many of them into the order of their paths.
    pub(super) fn sort_from(&mut self, n_files: usize, n_items: usize) -> Result<(), RunError> {
        self.store.flush()?;
        let mut order: Vec<(String, usize)> = Vec::new();
        for (at, location) in self.files.iter().enumerate().skip(n_files) {
            order.push((self.store.file_record(*location)?.row.path, at));
        }
        order.sort_unstable();
        let locations: Vec<Location> = order.iter().map(|(_, at)| self.files[*at]).collect();
        let mut places = vec![0; order.len()];
        for (place, (_, at)) in order.iter().enumerate() {
            places[at - n_files] = n_files + place;
        }
        self.files.splice(n_files.., locations);
        for (key, _) in &mut self.items[n_items..] {
            let place = places.get(key.file as usize - n_files).copied();
            key.file = place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX);
        }
        Ok(())
    }

    /// Digest over files, settings and program; lets go of what tells equal files.
    pub(super) fn input_digest(&mut self) -> String {
        // Equal files count once here and all in their number.
        let mut hashes: Vec<[u8; 16]> = self.known.drain().map(|(hash, _)| hash).collect();
        hashes.sort_unstable();
        let mut digest = Sha256::new();
        for hash in &hashes {
            digest.update(hash);
        }
        digest.update(self.n_seen.to_le_bytes());
        digest.update(self.config.digest.as_bytes());
        digest.update(env!("CARGO_PKG_VERSION").as_bytes());
        hex(&digest.finalize())
    }
}

/// The numbers of the corrections of a file's reports, in the order of the reports.
fn numbers_of(record: &FileRecord, corrections: &Corrections) -> Vec<usize> {
    if corrections.all.is_empty() {
        return Vec::new();
    }
    let sha256 = record.row.sha256.unwrap_or_default();
    let ordinals = 1..=u32::try_from(record.reports.len()).unwrap_or(u32::MAX);
    ordinals.flat_map(|ordinal| corrections.of(&report_id(sha256, ordinal)).to_vec()).collect()
}

/// Whether the reports of a file were read with the corrections that they have now.
pub(super) fn is_corrected_alike(record: &FileRecord, corrections: &Corrections) -> bool {
    let now = numbers_of(record, corrections).into_iter().map(|at| digest_of(&corrections.all, at));
    now.eq(record.corrections.iter().map(|of| of.digest))
}

fn digest_of(corrections: &[crate::config::Correction], number: usize) -> u64 {
    corrections.get(number).map_or(0, |correction| fingerprint(&to_bytes(correction)))
}
