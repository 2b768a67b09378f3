//! `gongkai codebook`: the codebook of the schema and the settings, without a snapshot.

use super::ExitStatus;
use super::build::say;
use crate::config::Config;
use crate::publish::codebook;

pub(super) fn run(config: &Config) -> ExitStatus {
    say(codebook(config).trim_end());
    ExitStatus::Done
}
