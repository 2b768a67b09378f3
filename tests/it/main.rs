//! Whole runs and whole documents: the real program, its exit codes, tables and quarantine.

mod properties;
mod real;
mod render;
mod runs;
mod sample;
mod tidy;
mod util;
