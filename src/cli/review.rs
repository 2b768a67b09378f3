//! `gongkai review`: walks a person through the quarantine and writes down what they put right.

#![expect(clippy::disallowed_methods, reason = "corrections are written by the person who makes them, through here")]

use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::args::Review;
use super::build::{CORRECTIONS, say, take_corrections};
use super::explain::say_report;
use super::locate::file_of;
use super::sheet::View;
use super::versions::{Version, unexplained, versions};
use super::{ExitStatus, fail, workers};
use crate::config::{Config, Correction, Corrections};
use crate::model::report::{Cell, Report, ReportStatus};
use crate::pipeline::{Inspected, differing, inspect};
use crate::publish::{PublishedReport, published_reports, today};
use crate::wording::printable;
use crate::worker::Workers;

pub(super) fn run(arguments: &Review, config: &mut Config) -> ExitStatus {
    if let Err(error) = take_corrections(arguments.corrections.as_deref(), config) {
        // A file that is not there yet is made with the first correction.
        let is_new = arguments.corrections.as_ref().is_some_and(|path| !path.exists());
        if !is_new {
            return fail(&anyhow::Error::new(error), ExitStatus::Usage);
        }
    }
    let reports = match published_reports(&arguments.out) {
        Ok(reports) => reports,
        Err(error) => {
            let error = anyhow::Error::new(error).context("there is no snapshot to review: build first");
            return fail(&error, ExitStatus::Usage);
        }
    };
    let mut desk = Desk {
        arguments,
        view: arguments.view.view(),
        workers: workers(),
        file: arguments.corrections.clone().unwrap_or_else(|| CORRECTIONS.into()),
        answers: std::io::stdin().lock(),
        who: arguments.who.clone(),
        n_held: 0,
        n_mended: 0,
    };
    for report in reports.iter().filter(|report| report.status == ReportStatus::Quarantined.as_str()) {
        match desk.report(report, &reports, config) {
            Ok(Next::Go) => {}
            Ok(Next::Stop) => break,
            Err(error) => return fail(&error, ExitStatus::Failed),
        }
    }
    say(&format!("{} reports mended, {} seen and still held back", desk.n_mended, desk.n_held));
    if desk.n_mended > 0 {
        say("run gongkai build to publish them");
    }
    if desk.n_held > 0 { ExitStatus::Incomplete } else { ExitStatus::Done }
}

enum Next {
    Go,
    Stop,
}

struct Desk<'a, R> {
    arguments: &'a Review,
    view: View,
    workers: Workers,
    /// Where corrections are written.
    file: PathBuf,
    answers: R,
    /// Who answers for the corrections.
    who: Option<String>,
    n_held: usize,
    n_mended: usize,
}

impl<R: BufRead> Desk<'_, R> {
    /// Shows a report and takes what the person says, until it is mended or left.
    fn report(&mut self, of: &PublishedReport, all: &[PublishedReport], config: &mut Config) -> Result<Next> {
        let (id, path) = (of.report_id.as_str(), of.path.as_str());
        let Some(file) = file_of(path, &self.arguments.inputs) else {
            let path = printable(path);
            say(&format!("{path} is not below the inputs any more: name the folder it was read from"));
            self.n_held += 1;
            return Ok(Next::Go);
        };
        let mut is_corrected = false;
        loop {
            let files = inspect(file.to_string_lossy().into_owned(), &file, config, &self.workers)?;
            let found = files.iter().find_map(|inspected| Some((inspected, inspected.report(id)?)));
            let Some((inspected, report)) = found else {
                say(&format!("{} has changed since it was published: build again", printable(path)));
                self.n_held += 1;
                return Ok(Next::Go);
            };
            let versions = versions(report, id, all, &self.arguments.inputs, config, &self.workers)?;
            if report.status != ReportStatus::Quarantined && versions.differing.is_empty() {
                // What is corrected, here or in another version, waits for the next build.
                if versions.is_unexplained {
                    say(&format!("{}, {id}: {}", printable(path), unexplained(self.view)));
                    self.n_held += 1;
                }
                self.n_mended += usize::from(is_corrected);
                return Ok(Next::Go);
            }
            say("");
            say_report(report, inspected, &versions, self.view, config);
            match self.choose(report, inspected, &versions.differing, config)? {
                Choice::Corrections(corrections) => {
                    let others = versions.differing.iter().map(|version| (version.id.as_str(), &version.file));
                    for (id, file) in others.chain([(id, &file)]) {
                        let own: Vec<_> = corrections.iter().filter(|of| of.report == id).cloned().collect();
                        is_corrected |= !own.is_empty() && self.try_out(&own, id, file, config)?;
                    }
                }
                Choice::Skip => {
                    self.n_held += 1;
                    return Ok(Next::Go);
                }
                Choice::Quit => {
                    self.n_held += 1;
                    return Ok(Next::Stop);
                }
            }
        }
    }

    /// What the person wants.
    fn choose(
        &mut self,
        report: &Report,
        inspected: &Inspected,
        versions: &[Version],
        config: &Config,
    ) -> Result<Choice> {
        let id = inspected.report_id(report);
        let suggested: Vec<Correction> = suggested(report, &id, config);
        let language = self.view.language;
        let mut question = String::new();
        if !suggested.is_empty() {
            question += language.word("[a] 采纳建议  ", "[a]ccept what is suggested, ");
        }
        if !versions.is_empty() {
            question += language.word("[t] 以本份为准  ", "[t]his report counts, ");
        }
        question += language.word("[e] 改一格  [s] 跳过  [q] 结束 > ", "[e]dit a cell, [s]kip, [q]uit > ");
        loop {
            match self.ask(&question)?.as_deref().map(str::trim) {
                None | Some("q") => return Ok(Choice::Quit),
                Some("s" | "") => return Ok(Choice::Skip),
                Some("a") if !suggested.is_empty() => return self.signed(suggested.clone()),
                Some("t") if !versions.is_empty() => match as_here(report, versions, config) {
                    Ok(corrections) => return self.signed(corrections),
                    Err(why) => say(&why),
                },
                Some("e") => {
                    if let Some(correction) = self.edited(report, &id, config)? {
                        return self.signed(vec![correction]);
                    }
                }
                Some(other) => say(&format!("{other:?} is none of these")),
            }
        }
    }

    /// A cell and its number, as the person gives them.
    fn edited(&mut self, report: &Report, id: &str, config: &Config) -> Result<Option<Correction>> {
        let question = self.view.language.word(
            "格名 数字（如 reviews.cases.reconsideration_total 11）> ",
            "cell and number, as in reviews.cases.reconsideration_total 11 > ",
        );
        let Some(answer) = self.ask(question)? else { return Ok(None) };
        let mut words = answer.split_whitespace();
        let (Some(name), Some(number), None) = (words.next(), words.next(), words.next()) else {
            say("a cell and a number are needed");
            return Ok(None);
        };
        let Some(cell) = report.cells.iter().find(|cell| config.forms.cell_name(cell.key) == name) else {
            say(&format!("the report has no cell {name}"));
            return Ok(None);
        };
        let value = match amount(cell, number, config) {
            Ok(value) => value,
            Err(why) => {
                say(&why);
                return Ok(None);
            }
        };
        let printed = cell.printed.as_deref().unwrap_or_default().to_owned();
        Ok(Some(Correction { value, ..bare(id, name.to_owned(), printed) }))
    }

    /// Asks why and who, once for corrections that belong together.
    fn signed(&mut self, corrections: Vec<Correction>) -> Result<Choice> {
        let reason = self.ask(self.view.language.word("理由 > ", "why (what the source says) > "))?;
        if self.who.is_none() {
            self.who = self.ask(self.view.language.word("姓名 > ", "who answers for it > "))?;
        }
        let (Some(reason), Some(who)) = (reason, self.who.clone()) else { return Ok(Choice::Quit) };
        if reason.trim().is_empty() || who.trim().is_empty() {
            say("a correction needs a reason and a name; it is left out");
            self.who = self.who.take().filter(|who| !who.trim().is_empty());
            return Ok(Choice::Skip);
        }
        let sign = |correction| Correction {
            reason: reason.trim().to_owned(),
            who: who.trim().to_owned(),
            date: today(),
            ..correction
        };
        Ok(Choice::Corrections(corrections.into_iter().map(sign).collect()))
    }

    /// Reads the report again with the corrections; keeps them when none is refused. Gives whether it is accepted now.
    fn try_out(&self, new: &[Correction], id: &str, file: &Path, config: &mut Config) -> Result<bool> {
        let first = config.corrections.all.len();
        for correction in new {
            config.corrections.push(correction.clone());
        }
        let files = inspect(file.to_string_lossy().into_owned(), file, config, &self.workers)?;
        let refusal = files.iter().flat_map(|inspected| &inspected.corrected);
        let refusal = refusal.filter(|of| of.correction >= first).find_map(|of| of.refusal.as_ref());
        if let Some(refusal) = refusal {
            say(&format!("refused: {refusal}"));
            config.corrections.truncate(first);
            return Ok(false);
        }
        append(&self.file, new).with_context(|| format!("write {}", self.file.display()))?;
        let report = files.iter().find_map(|inspected| inspected.report(id));
        let is_accepted = report.is_some_and(|report| report.status == ReportStatus::Accepted);
        say(if is_accepted { "accepted with it" } else { "noted; something else still holds it back" });
        Ok(is_accepted)
    }

    fn ask(&mut self, question: &str) -> Result<Option<String>> {
        let mut out = std::io::stdout();
        write!(out, "{question}")?;
        out.flush()?;
        let mut answer = String::new();
        let n_bytes = self.answers.read_line(&mut answer).context("read the answer")?;
        Ok((n_bytes > 0).then_some(answer))
    }
}

enum Choice {
    /// Of the report, or of other versions of it.
    Corrections(Vec<Correction>),
    Skip,
    Quit,
}

fn bare(id: &str, cell: String, printed: String) -> Correction {
    Correction { report: id.to_owned(), cell, printed, ..Correction::default() }
}

/// The number that an answer gives a cell; amounts of money, which are noted in 万元, need their unit.
fn amount(cell: &Cell, answer: &str, config: &Config) -> Result<f64, String> {
    let parse = |text: &str| text.parse::<f64>().map_err(|_| format!("{answer:?} is no number"));
    if !config.forms.value_type(cell.key).is_amount() {
        return parse(answer);
    }
    let units = &config.reading.money_units;
    match units.iter().find_map(|(unit, power)| Some((answer.strip_suffix(unit.as_str())?, *power))) {
        Some((number, power)) => Ok(parse(number)? * 10_f64.powi(i32::from(power))),
        None => Err(format!("{answer:?} needs its unit, as in {answer}万元 or {answer}元")),
    }
}

/// The corrections that all suggestions of a report come to, each cell once.
fn suggested(report: &Report, id: &str, config: &Config) -> Vec<Correction> {
    let mut corrections: Vec<Correction> = Vec::new();
    let suggestions = report.problems.iter().filter_map(|problem| problem.suggestion.as_ref());
    for (key, value) in suggestions.flat_map(|suggestion| &suggestion.changes) {
        let name = config.forms.cell_name(*key);
        if corrections.iter().any(|correction| correction.cell == name) {
            continue;
        }
        let cell = report.cells.iter().find(|cell| cell.key == *key);
        let printed = cell.and_then(|cell| cell.printed.as_deref()).unwrap_or_default().to_owned();
        corrections.push(Correction { value: *value, ..bare(id, name, printed) });
    }
    corrections
}

/// The corrections that give other versions the figures of a report.
fn as_here(report: &Report, versions: &[Version], config: &Config) -> Result<Vec<Correction>, String> {
    let mut corrections = Vec::new();
    for version in versions {
        for cell in differing(report, &version.report) {
            let name = config.forms.cell_name(cell.key);
            // A correction gives a printed cell a number; whatever else differs is for the source to mend.
            let (Some(value), Some(other)) = (cell.own.and_then(Cell::number), cell.other) else {
                return Err(format!("{name} is no number in both: keep only the file that counts, and build again"));
            };
            let printed = other.printed.as_deref().unwrap_or_default().to_owned();
            corrections.push(Correction { value, ..bare(&version.id, name, printed) });
        }
    }
    Ok(corrections)
}

/// Appends corrections to the file, which is made with its head when it is not there.
fn append(path: &Path, corrections: &[Correction]) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let old = if path.exists() { std::fs::read(path)? } else { Vec::new() };
    let head = csv::Reader::from_reader(old.as_slice()).headers()?.clone();
    let mut writer = csv::WriterBuilder::new().has_headers(head.is_empty()).from_writer(Vec::new());
    for correction in corrections {
        if head.is_empty() {
            writer.serialize(correction)?;
            continue;
        }
        // In the order of the columns that are there.
        let fields = serde_json::to_value(correction)?;
        let field = |name: &str| match &fields[name] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        writer.write_record(head.iter().map(field))?;
    }
    let mut bytes = writer.into_inner()?;
    // An editor may have left the last line open.
    if !old.is_empty() && !old.ends_with(b"\n") {
        bytes.insert(0, b'\n');
    }
    let n_before = Corrections::load(old.as_slice(), path)?.all.len();
    let whole = Corrections::load([old, bytes.clone()].concat().as_slice(), path)?;
    let is_whole = whole.all.len() == n_before + corrections.len() && whole.all[n_before..] == *corrections;
    ensure!(is_whole, "its last line has an open quote: mend it by hand");
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    Ok(())
}
