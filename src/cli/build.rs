//! `gongkai build`: the main job, with its progress and its last line.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Build, Progress};
use super::{ExitStatus, fail, program, workers};
use crate::config::{Config, ConfigError};
use crate::pipeline::{self, Event, Job, RunError, RunSummary, Stop};
use crate::publish::{Counts, PublishError, Published};

pub(super) fn run(arguments: &Build, config: &mut Config) -> ExitStatus {
    if let Some(jobs) = arguments.jobs {
        config.run.jobs = jobs;
    }
    if let Err(error) = take_corrections(arguments.corrections.as_deref(), config) {
        return fail(&anyhow::Error::new(error), ExitStatus::Usage);
    }
    let is_drawn = match arguments.progress {
        Progress::Always => true,
        Progress::Never => false,
        Progress::Auto => !arguments.quiet && std::io::stderr().is_terminal(),
    };
    let bar = if is_drawn { bar(arguments, config) } else { ProgressBar::hidden() };
    let mut is_writing = false;
    let (workers, stop, program) = (workers(), Stop::default(), program());
    let mut job = Job::new(&arguments.inputs, &arguments.out, config, &workers, &stop);
    (job.program, job.is_fresh) = (program.as_deref(), arguments.fresh);
    let result = pipeline::run(&job, &mut |event| match event {
        Event::Read { done, accepted, quarantined } => {
            bar.set_position(done);
            bar.set_message(format!("{} accepted, {} quarantined", HumanCount(accepted), HumanCount(quarantined)));
        }
        Event::Written { done, total } => {
            if !is_writing {
                is_writing = true;
                bar.reset();
                bar.set_length(total);
                bar.set_prefix("writing");
            }
            bar.set_position(done);
        }
    });
    bar.finish_and_clear();
    match result {
        Ok(summary) => report(arguments, &summary),
        Err(error) => {
            let status = match &error {
                RunError::Ingest(_) => ExitStatus::Usage,
                RunError::Publish(PublishError::Locked { .. }) => ExitStatus::Locked,
                _ => ExitStatus::Failed,
            };
            let error = Err::<(), _>(error).with_context(|| format!("failed to build {}", arguments.out.display()));
            match error {
                Ok(()) => status,
                Err(error) => fail(&error, status),
            }
        }
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
fn report(arguments: &Build, summary: &RunSummary) -> ExitStatus {
    let facts = &summary.facts;
    for warning in &summary.warnings {
        eprintln!("gongkai: {warning}");
    }
    let status = if facts.incomplete { ExitStatus::Incomplete } else { ExitStatus::Done };
    if arguments.json {
        let (outcome, id) = match &summary.published {
            Published::New(id) => ("published", id),
            Published::Unchanged(id) => ("unchanged", id),
        };
        let mut record = serde_json::to_value(facts).unwrap_or_default();
        record["outcome"] = outcome.into();
        record["snapshot"] = id.as_str().into();
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
        eprintln!("gongkai: the correction of {} in {} is refused: {}", refused.cell, refused.report, refused.why);
    }
    if let Some(why) = &facts.state.dropped
        && !arguments.fresh
    {
        say(&format!("every file was read: the state of the last run is not used, as {why}"));
    }
    if facts.incomplete {
        eprintln!("gongkai: some inputs could not be read; {out}/current/quarantine/quarantine.csv names them");
    }
    status
}

/// Prints a line; a reader that went away is no failure of the run.
pub(super) fn say(line: &str) {
    use std::io::Write;
    drop(writeln!(std::io::stdout(), "{line}"));
}
