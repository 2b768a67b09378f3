//! Versions of one report in several files: what keeps all of them back, cell by cell.

use std::path::PathBuf;

use anyhow::Result;

use super::build::say;
use super::locate::file_of;
use super::sheet::View;
use super::table::{Mark, Table};
use crate::config::Config;
use crate::model::report::{Cell, Report, ReportStatus};
use crate::pipeline::{Differing, differing, inspect};
use crate::publish::PublishedReport;
use crate::wording::{cell_label, cell_text, printable};
use crate::worker::Workers;

/// Another report of the same body on the same year, in which nothing else is wrong than that its figures differ.
pub(super) struct Version {
    pub(super) id: String,
    /// Its path in the snapshot.
    pub(super) path: String,
    /// Where that file lies.
    pub(super) file: PathBuf,
    pub(super) report: Report,
}

/// What is known of the other versions of a report.
#[derive(Default)]
pub(super) struct Versions {
    /// Those with other figures.
    pub(super) differing: Vec<Version>,
    /// The newest snapshot holds the report back, and neither its file nor one of theirs says why, or was put right since.
    pub(super) is_unexplained: bool,
}

/// The other versions of a report of the newest snapshot, as their files read now.
///
/// # Errors
/// When a file cannot be read at all.
pub(super) fn versions(
    report: &Report,
    id: &str,
    published: &[PublishedReport],
    inputs: &[PathBuf],
    config: &Config,
    workers: &Workers,
) -> Result<Versions> {
    let mut found = Versions::default();
    // Reports with faults of their own are held back for these, and settle nothing.
    let Some(own) = published.iter().find(|of| of.report_id == id).filter(|_| is_sound(report)) else {
        return Ok(found);
    };
    let is_version = |of: &&PublishedReport| of.report_id != id && of.version_of == own.version_of;
    let mut is_put_right = report.is_corrected();
    for other in published.iter().filter(|_| own.version_of.is_some()).filter(is_version) {
        let Some(file) = file_of(&other.path, inputs) else { continue };
        for inspected in inspect(file.to_string_lossy().into_owned(), &file, config, workers)? {
            let Some(its) = inspected.report(&other.report_id).filter(|its| is_sound(its)) else { continue };
            if its.says_the_same(report) {
                is_put_right |= its.is_corrected();
                continue;
            }
            let (id, path, report) = (other.report_id.clone(), other.path.clone(), its.clone());
            found.differing.push(Version { id, path, file: file.clone(), report });
        }
    }
    let is_held = own.status == ReportStatus::Quarantined.as_str();
    found.is_unexplained = is_held && !is_put_right && found.differing.is_empty();
    Ok(found)
}

/// What is said of a report that is held back and whose file does not say why.
pub(super) fn unexplained(view: View) -> &'static str {
    view.language.word(
        "因另一文件中的报告而隔离，见 quarantine 表",
        "held back for a report in another file, see the quarantine",
    )
}

fn is_sound(report: &Report) -> bool {
    report.status == ReportStatus::Accepted && !report.cells.is_empty()
}

/// Shows in which cells other versions of a report differ.
pub(super) fn say_versions(report: &Report, versions: &[Version], view: View, config: &Config) {
    for (number, version) in versions.iter().enumerate() {
        let what = view.language.word(
            "同一机关同一年度的另一份报告数字不同：",
            "another report of this body on this year has other figures: ",
        );
        say("");
        say(&Mark::Failing
            .paint(&format!("{}. {what}{}, {}", number + 1, printable(&version.path), version.id), view.is_coloured));
        let mut table = Table::default();
        let heads = ["", view.language.word("本份", "here"), view.language.word("另一份", "there")];
        table.row(heads.map(str::to_owned));
        for cell in differing(report, &version.report) {
            let name = format!("{} ({})", config.forms.cell_name(cell.key), cell_label(cell.key, config));
            let [own, other] = texts(&cell, view);
            table.marked_row([(name, Mark::None), (own, Mark::Suspect), (other, Mark::Suspect)]);
        }
        say(table.draw(view.is_coloured).trim_end());
    }
    if !versions.is_empty() {
        say(view.language.word(
            "   数字不同的各份均不采用。请核对发布的网页，用 gongkai review 指明以哪一份为准，或只留其中一份",
            "   None of them is used. Look at what the body publishes; then say with gongkai review which one counts, or keep that one only",
        ));
    }
}

/// What two versions have in a cell.
fn texts(cell: &Differing<'_>, view: View) -> [String; 2] {
    let none = view.language.word("无此格", "no cell");
    [cell.own, cell.other].map(|cell| cell.map_or(none.to_owned(), cell_text))
}

/// The same for programs.
pub(super) fn json(report: &Report, versions: &[Version], config: &Config) -> serde_json::Value {
    let print = |cell: Option<&Cell>| {
        cell.map(|cell| serde_json::json!({ "printed": cell.printed, "state": cell.state.as_str(), "number": cell.number() }))
    };
    let version = |version: &Version| {
        let cells = differing(report, &version.report).into_iter().map(|cell| {
            let both = serde_json::json!({ "here": print(cell.own), "there": print(cell.other) });
            (config.forms.cell_name(cell.key), both)
        });
        let cells: serde_json::Map<String, serde_json::Value> = cells.collect();
        serde_json::json!({ "report_id": version.id, "path": version.path, "differing": cells })
    };
    versions.iter().map(version).collect()
}
