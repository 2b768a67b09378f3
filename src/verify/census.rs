//! Who is there: every file and every report by its key, counted and held against the record of the run.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use arrow::array::Array;
use compact_str::CompactString;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::codes::Codes;
use super::finding::{Area, Findings};
use super::rules::Known;
use super::table::{Opened, get, int, ints, longs, texts};

/// What `run.json` says.
pub(super) struct Run(Value);

impl Run {
    pub(super) fn read(folder: &Path, findings: &mut Findings) -> Self {
        let text = fs::read(folder.join("run.json")).map_err(|error| error.to_string());
        let value = text.and_then(|text| serde_json::from_slice(&text).map_err(|error| error.to_string()));
        Self(value.unwrap_or_else(|error| {
            findings.add(Area::Tables, format!("run.json cannot be read ({error})"));
            Value::Null
        }))
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    /// A number in one of its lists.
    pub(super) fn count(&self, list: &str, key: &str) -> Option<u64> {
        self.0.get(list)?.get(key)?.as_u64()
    }

    /// The numbers of a list that are not zero.
    fn counts(&self, list: &str) -> BTreeMap<String, u64> {
        let entries = self.0.get(list).and_then(Value::as_object).into_iter().flatten();
        let counts = entries.filter_map(|(key, count)| Some((key.clone(), count.as_u64().filter(|count| *count > 0)?)));
        counts.collect()
    }
}

/// What is kept of a file.
pub(super) struct FileFacts {
    /// The first half of its SHA-256.
    pub(super) file_id: Option<u128>,
    is_duplicate: bool,
    /// Reports of it among `reports`.
    n_reports: i32,
    /// A row of `quarantine` is about the file as a whole.
    has_problem: bool,
}

/// What is kept of a report.
pub(super) struct ReportFacts {
    pub(super) year: Option<i32>,
    pub(super) is_accepted: bool,
    pub(super) is_duplicate: bool,
    /// The number of the body's id.
    pub(super) body: Option<u64>,
    /// The code of its division.
    pub(super) region: Option<u32>,
    /// It speaks for all of its division.
    pub(super) is_area: bool,
}

/// The table of requests by applicant.
pub(super) const REQUESTS: &str = "applications";
/// Its columns of counts, which are rows of the form.
const MEASURES: [&str; 4] = ["new_received", "carried_in", "outcome_total", "carried_forward"];

/// The requests of a report, by applicant: what reports on the year after are held against.
#[derive(Default)]
pub(super) struct Requests(Vec<(CompactString, [Option<i64>; 4])>);

impl Requests {
    /// What is known of a count, by the codes of the form's row and column.
    pub(super) fn figure(&self, row: &str, column: &str) -> Known {
        let Some(measure) = MEASURES.iter().position(|of| *of == row) else { return Known::Unread };
        let of = |applicant: &str| self.0.iter().find(|(code, _)| code == applicant).map(|(_, counts)| counts[measure]);
        let known = |count: Option<i64>| count.map_or(Known::Blank, |count| Known::Number(count.into()));
        if column != "total" {
            return of(column).map_or(Known::Unread, known);
        }
        // What the applicants leave open of a total stands in a row of its own.
        let is_open = of("unspecified").flatten().is_none()
            && self.0.iter().any(|(code, counts)| code != "unspecified" && counts[measure].is_none());
        known((!is_open).then(|| self.0.iter().filter_map(|(_, counts)| counts[measure]).sum()))
    }
}

/// All files and reports by their keys.
pub(super) struct Census {
    /// By a hash of the path, which is too long to keep.
    files: HashMap<[u8; 16], FileFacts>,
    /// In the order of the table.
    pub(super) reports: Vec<ReportFacts>,
    /// By place in the table of reports.
    requests: HashMap<usize, Requests>,
    ids: HashMap<CompactString, usize>,
    outcomes: BTreeMap<String, u64>,
    statuses: BTreeMap<String, u64>,
    causes: BTreeMap<String, u64>,
}

fn hash(path: &str) -> [u8; 16] {
    let digest = Sha256::digest(path);
    std::array::from_fn(|at| digest[at])
}

/// The number that hex digits of a known length say.
fn hex(text: &str, n_digits: usize) -> Option<u128> {
    (text.len() == n_digits).then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

impl Census {
    /// Reads the tables of files and reports; `None` when one of them cannot be read.
    pub(super) fn take(opened: &Opened, codes: &Codes<'_>, findings: &mut Findings) -> Option<Self> {
        let mut census = Self {
            files: HashMap::new(),
            reports: Vec::new(),
            requests: HashMap::new(),
            ids: HashMap::new(),
            outcomes: BTreeMap::new(),
            statuses: BTreeMap::new(),
            causes: BTreeMap::new(),
        };
        let done = census.take_files(opened, codes, findings).and_then(|()| census.take_reports(opened, findings));
        let done = done.and_then(|()| census.take_problems(opened, codes, findings));
        let done = done.and_then(|()| census.take_requests(opened));
        match done {
            Ok(()) => Some(census),
            Err(what) => {
                findings.add(Area::Tables, what);
                None
            }
        }
    }

    fn take_files(&mut self, opened: &Opened, codes: &Codes<'_>, findings: &mut Findings) -> Result<(), String> {
        let mut reader = opened.get("files").read(None)?;
        let mut last = String::new();
        while let Some(batch) = reader.next_batch()? {
            codes.check("files", &batch, "files", findings);
            let [paths, ids, sums, outcomes, details] =
                texts(&batch, ["path", "file_id", "sha256", "outcome", "detail"]);
            let [counts] = ints(&batch, ["report_count"]);
            for at in 0..batch.num_rows() {
                let (path, outcome) = (paths.value(at), outcomes.value(at));
                if last.as_str() >= path && !last.is_empty() {
                    findings.add(Area::Order, format!("files is not sorted by path: {path:?} stands behind {last:?}"));
                }
                last.clear();
                last.push_str(path);
                let (id, sum) = (get(ids, at), get(sums, at));
                let file_id = id.and_then(|id| hex(id, 32));
                if id != sum.and_then(|sum| sum.get(..32)) || id.is_some() != file_id.is_some() {
                    findings.add(Area::Keys, format!("the file_id of {path:?} is not the first half of its sha256"));
                }
                let count = int(counts, at).unwrap_or(0);
                if (count > 0) != (outcome == "report") || count < 0 {
                    findings.add(
                        Area::Conservation,
                        format!("the file {path:?} has the outcome {outcome} and a report_count of {count}"),
                    );
                }
                let is_duplicate = outcome == "duplicate";
                if is_duplicate {
                    let first = get(details, at).and_then(|first| self.files.get(&hash(first)));
                    if first.is_none_or(|first| first.is_duplicate || first.file_id != file_id) {
                        findings.add(
                            Area::Keys,
                            format!("the duplicate {path:?} does not name an earlier file with the same bytes"),
                        );
                    }
                }
                *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
                let facts = FileFacts { file_id, is_duplicate, n_reports: 0, has_problem: false };
                if self.files.insert(hash(path), facts).is_some() {
                    findings.add(Area::Keys, format!("files has the path {path:?} twice"));
                }
            }
        }
        Ok(())
    }

    fn take_reports(&mut self, opened: &Opened, findings: &mut Findings) -> Result<(), String> {
        let columns = ["report_id", "file_id", "path", "status", "agency_id", "region_code", "scope"];
        let with_year: Vec<&str> = columns.iter().copied().chain(["year"]).collect();
        let mut reader = opened.get("reports").read(Some(&with_year))?;
        let mut last = (i64::MIN, String::new(), 0);
        while let Some(batch) = reader.next_batch()? {
            let [ids, file_ids, paths, statuses, bodies, regions, scopes] = texts(&batch, columns);
            let [years] = ints(&batch, ["year"]);
            for at in 0..batch.num_rows() {
                let (id, file_id, path, status) =
                    (ids.value(at), file_ids.value(at), paths.value(at), statuses.value(at));
                let ordinal = ordinal(id, file_id);
                if ordinal.is_none() {
                    findings.add(
                        Area::Keys,
                        format!("the report_id {id} is not made of its file_id {file_id} and an ordinal"),
                    );
                }
                let year = int(years, at);
                let key = (place(year), path.to_owned(), ordinal.unwrap_or(0));
                if last >= key {
                    findings.add(
                        Area::Order,
                        format!("reports is not sorted by year, path and ordinal: {id} stands too far behind"),
                    );
                }
                last = key;
                self.note_file_of_report(id, file_id, path, findings);
                *self.statuses.entry(status.to_owned()).or_default() += 1;
                let body = get(bodies, at).and_then(|body| u64::from_str_radix(body, 16).ok());
                let (is_accepted, is_duplicate) = (status == "accepted", status == "duplicate");
                let known = self.ids.insert(id.into(), self.reports.len());
                if known.is_some() {
                    findings.add(Area::Keys, format!("reports has the report_id {id} twice"));
                }
                let region = get(regions, at).and_then(|region| region.parse().ok());
                let is_area = scopes.value(at) == "jurisdiction";
                self.reports.push(ReportFacts { year, is_accepted, is_duplicate, body, region, is_area });
            }
        }
        Ok(())
    }

    fn note_file_of_report(&mut self, id: &str, file_id: &str, path: &str, findings: &mut Findings) {
        match self.files.get_mut(&hash(path)) {
            Some(file) if file.file_id == hex(file_id, 32) && file.file_id.is_some() => file.n_reports += 1,
            Some(_) => findings.add(
                Area::Keys,
                format!("the report {id} has the file_id {file_id}, and its file {path:?} another one"),
            ),
            None => findings.add(Area::Keys, format!("the file {path:?} of report {id} is not in files")),
        }
    }

    /// The place of a report in its table.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied()
    }

    /// A report by its id.
    pub(super) fn report(&self, id: &str) -> Option<&ReportFacts> {
        self.reports.get(self.index(id)?)
    }

    /// Reads why things are held back: rows of reports, and of files as a whole.
    fn take_problems(&mut self, opened: &Opened, codes: &Codes<'_>, findings: &mut Findings) -> Result<(), String> {
        let columns = ["report_id", "file_id", "path", "cause"];
        let coded = ["blame", "rule", "suggested_kind"];
        let all: Vec<&str> = columns.into_iter().chain(coded).collect();
        let mut reader = opened.get("quarantine").read(Some(&all))?;
        let mut last = (i64::MIN, String::new(), 0);
        let mut row = 0;
        while let Some(batch) = reader.next_batch()? {
            codes.check("quarantine", &batch, "quarantine", findings);
            let columns = texts(&batch, columns);
            for at in 0..batch.num_rows() {
                row += 1;
                let [report, file_id, path, cause] = columns.map(|column| get(column, at));
                let path = path.unwrap_or_default();
                let year = report.and_then(|id| self.report(id)).and_then(|report| report.year);
                let ordinal = report.zip(file_id).and_then(|(id, file_id)| ordinal(id, file_id));
                let key = (place(year), path.to_owned(), ordinal.unwrap_or(0));
                if last > key {
                    findings.add(
                        Area::Order,
                        format!("quarantine is not sorted by year, path and ordinal: row {row} stands too far behind"),
                    );
                }
                last = key;
                *self.causes.entry(cause.unwrap_or_default().to_owned()).or_default() += 1;
                let wrong = match self.files.get_mut(&hash(path)) {
                    Some(file) if file.file_id == file_id.and_then(|id| hex(id, 32)) => {
                        file.has_problem |= report.is_none();
                        continue;
                    }
                    Some(_) => "names another file_id than files",
                    None => "is of a path that is not in files",
                };
                findings.add(Area::Keys, format!("row {row} of quarantine {wrong}: {path:?}"));
            }
        }
        Ok(())
    }

    fn take_requests(&mut self, opened: &Opened) -> Result<(), String> {
        let names = ["report_id", "applicant"];
        let all: Vec<&str> = names.into_iter().chain(MEASURES).collect();
        let mut reader = opened.get(REQUESTS).read(Some(&all))?;
        while let Some(batch) = reader.next_batch()? {
            let [ids, applicants] = texts(&batch, names);
            let counts = longs(&batch, MEASURES);
            for at in 0..batch.num_rows() {
                let Some(report) = self.index(ids.value(at)) else { continue };
                let counts = counts.map(|column| column.is_valid(at).then(|| column.value(at)));
                self.requests.entry(report).or_default().0.push((applicants.value(at).into(), counts));
            }
        }
        Ok(())
    }

    /// The requests of an accepted report.
    pub(super) fn requests(&self, id: &str) -> Option<&Requests> {
        self.requests.get(&self.index(id)?)
    }

    /// What adds up only when all rows were seen.
    pub(super) fn close(&self, run: &Run, opened: &Opened, findings: &mut Findings) {
        let lists = [("files", &self.outcomes), ("reports", &self.statuses), ("causes", &self.causes)];
        for (list, counted) in lists {
            let said = run.counts(list);
            let keys: std::collections::BTreeSet<&String> = said.keys().chain(counted.keys()).collect();
            for key in keys {
                let [said, counted] = [&said, counted].map(|counts| counts.get(key).copied().unwrap_or(0));
                if said != counted {
                    findings.add(
                        Area::Conservation,
                        format!("run.json counts {said} of {key} under {list}, and the tables hold {counted}"),
                    );
                }
            }
        }
        if let Err(what) = self.close_files(opened, findings) {
            findings.add(Area::Tables, what);
        }
    }

    fn close_files(&self, opened: &Opened, findings: &mut Findings) -> Result<(), String> {
        let mut reader = opened.get("files").read(Some(&["path", "outcome", "report_count"]))?;
        while let Some(batch) = reader.next_batch()? {
            let [paths, outcomes] = texts(&batch, ["path", "outcome"]);
            let [counts] = ints(&batch, ["report_count"]);
            for at in 0..batch.num_rows() {
                let path = paths.value(at);
                let Some(file) = self.files.get(&hash(path)) else { continue };
                let count = counts.value(at);
                if file.n_reports != count {
                    findings.add(
                        Area::Conservation,
                        format!("the file {path:?} counts {count} reports, and reports has {} of it", file.n_reports),
                    );
                }
                if outcomes.value(at) == "unreadable" && !file.has_problem {
                    findings.add(
                        Area::Conservation,
                        format!("the file {path:?} is unreadable, and quarantine does not say why"),
                    );
                }
            }
        }
        Ok(())
    }
}

/// The place of a year in the order of the tables: no year comes last.
pub(super) fn place(year: Option<i32>) -> i64 {
    year.map_or(i64::MAX, i64::from)
}

/// The ordinal of a report, where its id is made of its file's.
pub(super) fn ordinal(id: &str, file_id: &str) -> Option<u32> {
    let rest = id.strip_prefix(file_id.get(..16)?)?.strip_prefix('-')?;
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_digit()) && !rest.starts_with('0');
    rest.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_its_file_and_a_number() {
        let file_id = "0123456789abcdef0123456789abcdef";
        assert_eq!(ordinal("0123456789abcdef-12", file_id), Some(12));
        for id in ["0123456789abcdee-1", "0123456789abcdef-0", "0123456789abcdef-", "0123456789abcdef-+1"] {
            assert_eq!(ordinal(id, file_id), None, "{id}");
        }
    }
}
