//! Words in, words and exit code out.

#![expect(clippy::print_stderr, reason = "talking to the user is what this module is for")]

mod args;
mod build;
mod check;
mod exit;
mod table;

use std::ffi::OsString;

use clap::Parser;

use crate::config::Config;
use args::{Arguments, Command};

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
    }
}

/// Says what went wrong, with every cause behind it, and gives the exit code back.
fn fail(error: &anyhow::Error, status: ExitStatus) -> ExitStatus {
    eprintln!("gongkai: {error:#}");
    status
}
