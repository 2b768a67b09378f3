//! `gongkai build`: the main job, with its progress, its last line, and the note of how it went.

#![expect(clippy::disallowed_methods, reason = "how long a run takes is told to those who watch it")]

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Build, Progress};
use super::log::{Level, Log};
use super::{ExitStatus, program, signals, workers};
use crate::config::{Config, ConfigError};
use crate::pipeline::{self, Event, Job, RunError, RunSummary, Stop};
use crate::publish::{Counts, LastRun, PublishError, Published, Success, note};

/// Lines on how far a run got come at most so often where nobody watches.
const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn run(arguments: &Build, config: &mut Config) -> ExitStatus {
    let log = Log::new(arguments.log_format, arguments.quiet);
    if let Some(jobs) = arguments.jobs {
        config.run.jobs = jobs;
    }
    if let Err(error) = take_corrections(arguments.corrections.as_deref(), config) {
        log.line(Level::Error, &format!("{:#}", anyhow::Error::new(error)));
        return ExitStatus::Usage;
    }
    let start = Instant::now();
    let progress = signals::Progress::new();
    let result = build(arguments, config, &log, &progress);
    let (status, run, success) = match &result {
        Ok(summary) => {
            let status = report(arguments, summary, &log);
            let (outcome, id) = outcome(summary);
            (status, LastRun { outcome: outcome.to_owned(), ..LastRun::default() }, Some(success(summary, id)))
        }
        Err(error) => {
            let (status, outcome, message) = failure(arguments, error, &progress);
            log.line(Level::Error, &message);
            if status == ExitStatus::Locked {
                // How it goes is for the run that works to say.
                return status;
            }
            (status, LastRun { outcome: outcome.to_owned(), message: Some(message), ..LastRun::default() }, None)
        }
    };
    let run = LastRun {
        run_id: log.run_id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        exit_code: status.code(),
        seconds: start.elapsed().as_secs_f64(),
        ..run
    };
    if let Err(error) = note(&arguments.out, run, success) {
        // The outcome of the run stands; where its folder cannot be written, that was said before.
        if result.is_ok() {
            let error = anyhow::Error::new(error);
            log.line(Level::Warning, &format!("how the run went cannot be noted: {error:#}"));
        }
    }
    status
}

fn build(arguments: &Build, config: &Config, log: &Log, progress: &signals::Progress) -> Result<RunSummary, RunError> {
    let is_drawn = match arguments.progress {
        Progress::Always => true,
        Progress::Never => false,
        Progress::Auto => !arguments.quiet && std::io::stderr().is_terminal(),
    };
    let bar = if is_drawn { bar(arguments, config) } else { ProgressBar::hidden() };
    let (workers, stop, program) = (Arc::new(workers()), Stop::default(), program());
    signals::watch(&stop, &workers, &arguments.out, log, progress);
    let job = Job {
        program: program.as_deref(),
        run_id: &log.run_id,
        is_fresh: arguments.fresh,
        patience: arguments.wait,
        accepts_guard: arguments.accept_guard,
        ..Job::new(&arguments.inputs, &arguments.out, config, &workers, &stop)
    };
    let mut is_writing = false;
    let mut spoke = Instant::now();
    let result = pipeline::run(&job, &mut |event| {
        match event {
            Event::Read { done, accepted, quarantined } => {
                bar.set_position(done);
                bar.set_message(format!("{} accepted, {} quarantined", HumanCount(accepted), HumanCount(quarantined)));
                progress.set(format!("after {} files were read", HumanCount(done)));
            }
            Event::Written { done, total } => {
                if !is_writing {
                    is_writing = true;
                    bar.reset();
                    bar.set_length(total);
                    bar.set_prefix("writing");
                }
                bar.set_position(done);
                progress.set(format!("after {} of {} reports were written", HumanCount(done), HumanCount(total)));
            }
        }
        if !is_drawn && log.is_unwatched() && spoke.elapsed() > MINUTE {
            spoke = Instant::now();
            log.line(Level::Info, &format!("goes on {}", progress.words()));
        }
    });
    bar.finish_and_clear();
    result
}

/// What a run that failed ends with: its code, its name for programs, and what is said to people.
fn failure(arguments: &Build, error: &RunError, progress: &signals::Progress) -> (ExitStatus, &'static str, String) {
    let out = arguments.out.display();
    match error {
        RunError::Stopped { signal } => (ExitStatus::Stopped(*signal), "stopped", signals::words(*signal, progress)),
        RunError::Refused { reasons } => {
            let message = format!(
                "nothing is published, {out}/current stays: {}; if this is as it should be, run again with --accept-guard",
                reasons.join("; ")
            );
            (ExitStatus::Refused, "refused", message)
        }
        error => {
            let status = match error {
                RunError::Ingest(_) => ExitStatus::Usage,
                RunError::Publish(PublishError::Locked { .. }) => ExitStatus::Locked,
                _ => ExitStatus::Failed,
            };
            (status, "failed", format!("failed to build {out}: {}", pipeline::chain(error)))
        }
    }
}

fn outcome(summary: &RunSummary) -> (&'static str, &str) {
    match &summary.published {
        Published::New(id) => ("published", id),
        Published::Unchanged(id) => ("unchanged", id),
    }
}

fn success(summary: &RunSummary, id: &str) -> Success {
    let facts = &summary.facts;
    Success {
        snapshot: id.to_owned(),
        files: facts.files.clone(),
        reports: facts.reports.clone(),
        causes: facts.causes.clone(),
        files_read: facts.state.files_read,
        files_kept: facts.state.files_kept,
        ..Success::default()
    }
}

fn bar(arguments: &Build, config: &Config) -> ProgressBar {
    // What cannot be counted is said by the run itself.
    let n_files = pipeline::count_files(&arguments.inputs, &arguments.out, config).unwrap_or(0);
    let bar = ProgressBar::with_draw_target(Some(n_files), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{prefix:>7} {bar:28} {human_pos}/{human_len} ({per_sec}) {msg}, {eta} left")
            .expect("the template is valid");
    bar.set_style(style);
    bar.set_prefix("reading");
    bar
}

/// Where corrections are looked for when no file is named.
pub(super) const CORRECTIONS: &str = "data/corrections.csv";

/// Takes in the file of corrections that is named, or the usual one where it is there.
pub(super) fn take_corrections(named: Option<&Path>, config: &mut Config) -> Result<(), ConfigError> {
    let usual = Path::new(CORRECTIONS);
    match named.or_else(|| usual.exists().then_some(usual)) {
        Some(path) => config.correct(path),
        None => Ok(()),
    }
}

/// Says in one line what the run did.
fn report(arguments: &Build, summary: &RunSummary, log: &Log) -> ExitStatus {
    let facts = &summary.facts;
    for warning in &summary.warnings {
        log.line(Level::Warning, warning);
    }
    let status = if facts.incomplete { ExitStatus::Incomplete } else { ExitStatus::Done };
    if arguments.json {
        let (outcome, id) = outcome(summary);
        let mut record = serde_json::to_value(facts).unwrap_or_default();
        record["outcome"] = outcome.into();
        record["snapshot"] = id.into();
        say(&record.to_string());
        return status;
    }
    if arguments.quiet && status == ExitStatus::Done && facts.corrections.refused.is_empty() {
        return status;
    }
    let count = |map: &Counts, key: &str| HumanCount(map.get(key).copied().unwrap_or(0));
    let out = arguments.out.display();
    let place = match &summary.published {
        Published::New(id) => format!("published {out}/snapshots/{id} ({out}/current points to it)"),
        Published::Unchanged(id) => format!("nothing changed, {out}/snapshots/{id} stays current"),
    };
    let seconds: f64 = facts.seconds.values().sum();
    say(&format!(
        "{} files: {} reports accepted, {} quarantined; {} no reports, {} duplicates, {} unreadable, {} skipped; {place} in {seconds:.1} s",
        HumanCount(facts.files.values().sum()),
        count(&facts.reports, "accepted"),
        count(&facts.reports, "quarantined"),
        count(&facts.files, "not_a_report"),
        count(&facts.files, "duplicate"),
        count(&facts.files, "unreadable"),
        count(&facts.files, "skipped"),
    ));
    let corrections = &facts.corrections;
    if corrections.applied > 0 {
        say(&format!("{} corrections applied", corrections.applied));
    }
    for refused in &corrections.refused {
        let (report, cell, why) = (&refused.report, &refused.cell, &refused.why);
        log.line(Level::Warning, &format!("the correction of {cell} in {report} is refused: {why}"));
    }
    if let Some(why) = &facts.state.dropped
        && !arguments.fresh
    {
        say(&format!("every file was read: the state of the last run is not used, as {why}"));
    }
    if facts.incomplete {
        let place = format!("{out}/current/quarantine/quarantine.csv names them");
        log.line(Level::Warning, &format!("some inputs could not be read; {place}"));
    }
    status
}

/// Prints a line; a reader that went away is no failure of the run.
pub(super) fn say(line: &str) {
    use std::io::Write;
    drop(writeln!(std::io::stdout(), "{line}"));
}
