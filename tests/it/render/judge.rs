//! What a reading of a printed page is worth.

use std::collections::BTreeMap;

use gongkai::config::Config;
use gongkai::model::report::{Flag, Report, ReportStatus};

use super::filing::{Figure, Key, Mark};
use super::{Class, Rendering, Truth};

/// What became of a printed page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Accepted, every cell as printed.
    Exact,
    /// Accepted, null where the page lost the figure.
    Partial,
    /// Held back, or no report seen, with the reasons.
    Held(String),
    /// Accepted, and something in it is not what the page says.
    Wrong(String),
}

/// Judges the reports that were read from a rendering; `not_a_report` says why there are none.
pub(crate) fn judge(rendering: &Rendering, reports: &[Report], not_a_report: Option<&str>, config: &Config) -> Outcome {
    let accepted: Vec<&Report> = reports.iter().filter(|report| report.status == ReportStatus::Accepted).collect();
    match accepted.as_slice() {
        [] => {
            let causes: Vec<String> = reports
                .iter()
                .flat_map(|report| &report.problems)
                .map(|problem| format!("{}: {}", problem.cause, problem.message))
                .chain(not_a_report.map(|reason| format!("no report: {reason}")))
                .collect();
            Outcome::Held(causes.join("; "))
        }
        [report] => match fault(&rendering.truth, report, config) {
            Ok(is_exact) if is_exact => Outcome::Exact,
            Ok(_) => Outcome::Partial,
            Err(fault) => Outcome::Wrong(fault),
        },
        _ => Outcome::Wrong(format!("{} reports accepted", accepted.len())),
    }
}

impl Outcome {
    /// Whether a page of a class may end so.
    pub(crate) fn is_right(&self, class: Class) -> bool {
        match self {
            Self::Exact => true,
            Self::Partial | Self::Held(_) => class != Class::Sound,
            Self::Wrong(_) => false,
        }
    }
}

/// Whether an accepted report has every cell, or what is wrong with it.
fn fault(truth: &Truth, report: &Report, config: &Config) -> Result<bool, String> {
    if truth.is_void {
        return Err("accepted, though a rule is broken or a part is missing".to_owned());
    }
    let filing = &truth.filing;
    if report.identity.agency.as_deref() != Some(filing.agency.as_str()) {
        return Err(format!("agency {:?} for {}", report.identity.agency, filing.agency));
    }
    if report.identity.year != Some(filing.year) {
        return Err(format!("year {:?} for {}", report.identity.year, filing.year));
    }
    let forms = [report.form, report.form_applications].map(|form| form.map(usize::from));
    if forms != [Some(filing.forms[0]), Some(filing.forms[1])] {
        return Err(format!("forms {forms:?} for {:?}", filing.generation));
    }
    let mut local: Vec<f64> = report.local_cells.iter().filter_map(|cell| cell.value).collect();
    for figure in &truth.local {
        let at = local.iter().position(|value| value == figure).ok_or(format!("local figure {figure} is lost"))?;
        local.remove(at);
    }
    let names: BTreeMap<String, (Key, &Figure)> =
        filing.figures.iter().map(|(key, figure)| (filing.name(*key, config), (*key, figure))).collect();
    if names.len() != report.cells.len() {
        return Err(format!("{} cells for {}", report.cells.len(), names.len()));
    }
    let mut is_exact = true;
    for cell in &report.cells {
        let (table, row, column) = config.forms.codes(cell.key);
        let name = format!("{table}.{row}.{column}");
        let Some((key, figure)) = names.get(&name) else { return Err(format!("{name} is not on the form")) };
        let is_lost = truth.lost.contains(key);
        match (figure.mark, cell.value) {
            (Mark::Number, Some(value)) if same(value, figure.number) => {}
            (Mark::Number, None) if is_lost => is_exact = false,
            (Mark::Blank | Mark::Dash, None) => {}
            (Mark::NoUnit, None) if report.flags.contains(&Flag::AmountUnitUnknown) || is_lost => {}
            _ => {
                return Err(format!(
                    "{name} is printed {:?} ({:?}) and read {:?}",
                    figure.print, figure.mark, cell.value
                ));
            }
        }
        if let Some(implied) = cell.implied
            && !same(implied.value, figure.number)
        {
            return Err(format!("{name} is {} and said to be {}", figure.number, implied.value));
        }
    }
    Ok(is_exact)
}

/// Both are the nearest to one decimal print.
fn same(one: f64, other: f64) -> bool {
    one.to_bits() == (other + 0.0).to_bits()
}
