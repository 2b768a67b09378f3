//! Whole runs and whole documents: the real program, its exit codes, tables and quarantine.

#![expect(clippy::disallowed_methods, reason = "tests write inputs and read what was published")]

mod changes;
mod commands;
mod documents;
mod faults;
mod fixtures;
mod formats;
mod gaps;
mod hostile;
mod incremental;
mod indicators;
mod links;
mod night;
mod page;
mod properties;
mod prose;
mod real;
mod render;
mod review;
mod rules;
mod runs;
mod sample;
mod statistics;
mod tidy;
mod util;
mod verify;
