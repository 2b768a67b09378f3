//! Words in, words and exit code out.

#![expect(clippy::print_stderr, reason = "talking to the user is what this module is for")]

mod args;
mod build;
mod check;
mod codebook;
mod config;
mod diff;
mod doctor;
mod duration;
mod exit;
mod explain;
mod locate;
mod log;
mod promote;
mod review;
mod sheet;
mod signals;
mod table;
mod verify;
mod versions;

use std::ffi::OsString;
use std::path::Path;

use clap::{CommandFactory, Parser};

use crate::config::Config;
use crate::wording::printable;
use crate::worker::{self, Workers};
use args::{Arguments, Command, ConfigCommand};

pub use exit::ExitStatus;

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to stdout with code 0, wrong usage to stderr with code 2.
            let is_usage = error.use_stderr();
            // Nobody is left to tell when the terminal is gone.
            drop(error.print());
            return if is_usage { ExitStatus::Usage } else { ExitStatus::Done };
        }
    };
    if matches!(arguments.command, Command::Worker) {
        return work();
    }
    if let Command::Completions { shell } = &arguments.command {
        return completions(*shell);
    }
    if matches!(arguments.command, Command::Man) {
        return man();
    }
    let loaded = match &arguments.config {
        Some(folder) => Config::from_folder(folder),
        None => Config::embedded(),
    };
    let mut config = match loaded {
        Ok(config) => config,
        Err(error) => return fail(&anyhow::Error::new(error), ExitStatus::Usage),
    };
    match arguments.command {
        Command::Build(build) => build::run(&build, &mut config),
        Command::Check(check) => check::run(&check, &config),
        Command::Explain(explain) => explain::run(&explain, &mut config),
        Command::Review(review) => review::run(&review, &mut config),
        Command::Diff(diff) => diff::run(&diff),
        Command::Codebook => codebook::run(&config),
        Command::Config { command: ConfigCommand::Show { json } } => config::show(arguments.config.as_deref(), json),
        // What needs no settings was done before they were read.
        Command::Completions { shell } => completions(shell),
        Command::Man => man(),
        Command::Verify(verify) => verify::run(&verify, &config),
        Command::Promote(promote) => promote::run(&promote, &config),
        Command::Doctor(doctor) => doctor::run(&doctor),
        Command::Worker => work(),
    }
}

/// Prints what a shell needs to complete words.
fn completions(shell: clap_complete::Shell) -> ExitStatus {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "gongkai", &mut script);
    build::say(String::from_utf8_lossy(&script).trim_end());
    ExitStatus::Done
}

/// Prints the page of the manual, commands after the page of the program.
fn man() -> ExitStatus {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let visible = command.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect::<Vec<_>>();
    let commands = visible.into_iter().filter(|command| command.get_name() != "help");
    for command in std::iter::once(command.clone()).chain(commands) {
        if let Err(error) = clap_mangen::Man::new(command).render(&mut page) {
            return fail(&anyhow::Error::new(error), ExitStatus::Failed);
        }
    }
    build::say(String::from_utf8_lossy(&page).trim_end());
    ExitStatus::Done
}

/// Reads files for another process of this program until there are no more.
fn work() -> ExitStatus {
    // That the other end is gone is no news to anybody.
    if worker::serve(std::io::stdin().lock(), std::io::stdout().lock()).is_ok() {
        ExitStatus::Done
    } else {
        ExitStatus::Failed
    }
}

/// The processes that read what is dangerous to read: this program once more.
fn workers() -> Workers {
    // The running program, also where its file was replaced meanwhile.
    let running = Path::new("/proc/self/exe");
    let program = if running.exists() { Some(running.to_owned()) } else { std::env::current_exe().ok() };
    program.map_or_else(Workers::none, |program| Workers::of(&program))
}

/// What tells this build of the program from others: a number made of its bytes. Without one nothing is taken from
/// earlier runs.
fn program() -> Option<String> {
    let running = Path::new("/proc/self/exe");
    let program = if running.exists() { running.to_owned() } else { std::env::current_exe().ok()? };
    crate::pipeline::program_of(&program)
}

/// Says what went wrong, with every cause behind it, and gives the exit code back.
fn fail(error: &anyhow::Error, status: ExitStatus) -> ExitStatus {
    eprintln!("gongkai: {}", printable(&format!("{error:#}")));
    status
}
