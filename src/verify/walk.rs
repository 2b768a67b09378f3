//! The tables side by side: report after report, some at a time, its rows of every table together.

use rayon::prelude::*;

use super::cells::Plan;
use super::census::Census;
use super::codes::Codes;
use super::finding::{Area, Findings};
use super::report::Filed;
use super::table::{Opened, Reader, Rows};
use crate::config::Config;
use crate::publish::schema::REPORT_TABLES;

/// Reports looked at together.
const REPORTS: usize = 256;

/// Checks every report.
pub(super) fn walk(opened: &Opened, census: &Census, codes: &Codes<'_>, config: &Config, findings: &mut Findings) {
    let plan = Plan::of(config);
    if let Err(what) = steps(opened, census, codes, &plan, findings) {
        findings.add(Area::Tables, what);
    }
}

fn steps(
    opened: &Opened,
    census: &Census,
    codes: &Codes<'_>,
    plan: &Plan<'_>,
    findings: &mut Findings,
) -> Result<(), String> {
    let readers = REPORT_TABLES.iter().map(|table| opened.get(table.name).read(None));
    let mut readers: Vec<Reader> = readers.collect::<Result<_, _>>()?;
    let n_reports = census.reports.len();
    for start in (0..n_reports).step_by(REPORTS) {
        let end = (start + REPORTS).min(n_reports);
        let taken: Vec<Result<Taken, String>> =
            readers.par_iter_mut().with_max_len(1).map(|reader| take(reader, start..end, census)).collect();
        // Of several tables that cannot be read the first is named, whichever was met first.
        let taken = taken.into_iter().collect::<Result<Vec<Taken>, String>>()?;
        let mut filed: Vec<Filed> = (start..end).map(|_| Filed { tables: Vec::new() }).collect();
        for taken in taken {
            taken.note(findings);
            for (filed, rows) in filed.iter_mut().zip(taken.rows) {
                filed.tables.push(rows);
            }
        }
        let found: Vec<Findings> = filed.par_iter().map(|filed| filed.check(census, codes, plan)).collect();
        found.into_iter().for_each(|found| findings.append(found));
    }
    // What is left belongs to no report, or stands where it should not.
    for reader in &mut readers {
        take(reader, n_reports..n_reports + 1, census)?.note(findings);
    }
    Ok(())
}

/// What one table has of some reports.
struct Taken {
    /// By report.
    rows: Vec<Rows>,
    wrong: Vec<(Area, String)>,
}

/// Takes the rows of a range of reports from a table.
fn take(reader: &mut Reader, range: std::ops::Range<usize>, census: &Census) -> Result<Taken, String> {
    let rows = range.clone().map(|_| Rows::default()).collect();
    let mut taken = Taken { rows, wrong: Vec::new() };
    let name = reader.name;
    let mut next = range.start;
    while let Some(head) = reader.head()? {
        let Some(id) = head else {
            // A problem of a file as a whole.
            reader.take()?;
            continue;
        };
        let index = census.index(&id);
        if index.is_some_and(|index| index >= range.end) {
            break;
        }
        let rows = reader.take()?;
        let row = rows.first;
        match index {
            None => taken
                .wrong
                .push((Area::Keys, format!("row {row} of {name} is of report {id}, which is not in reports"))),
            Some(index) if index < next => {
                taken
                    .wrong
                    .push((Area::Order, format!("row {row} of {name} is of report {id} and stands too far behind")));
            }
            Some(index) => {
                taken.rows[index - range.start] = rows;
                next = index + 1;
            }
        }
    }
    Ok(taken)
}

impl Taken {
    fn note(&self, findings: &mut Findings) {
        for (area, what) in &self.wrong {
            findings.add(*area, what.clone());
        }
    }
}
