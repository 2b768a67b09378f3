//! `gongkai promote`: points `stable` at a snapshot that holds when all of it is checked anew.

use std::path::Path;

use super::args::Promote;
use super::{ExitStatus, build, fail};
use crate::config::Config;
use crate::publish::{Lock, PublishError, STABLE, promote};
use crate::verify::verify;

pub(super) fn run(arguments: &Promote, config: &Config) -> ExitStatus {
    let out = &arguments.out;
    if !out.is_dir() {
        return fail(
            &anyhow::anyhow!("there is no folder {}: name the output folder by --out", out.display()),
            ExitStatus::Usage,
        );
    }
    let promoted = Lock::wait(out, arguments.wait, &|| false)
        .and_then(|lock| promote(out, arguments.snapshot.as_deref(), &lock, |folder| fault(folder, config)));
    match promoted {
        Ok(id) => {
            build::say(&format!("{}/{STABLE} points to snapshots/{id}", out.display()));
            ExitStatus::Done
        }
        Err(error) => {
            let status = match &error {
                PublishError::Locked { .. } => ExitStatus::Locked,
                PublishError::NoSnapshot { .. } => ExitStatus::Usage,
                _ => ExitStatus::Failed,
            };
            fail(&anyhow::Error::new(error), status)
        }
    }
}

/// The first thing in a snapshot that does not hold.
fn fault(folder: &Path, config: &Config) -> Option<String> {
    match verify(folder, config) {
        Ok(verdict) => verdict.findings.into_iter().next().map(|finding| finding.sentence),
        Err(error) => Some(error.to_string()),
    }
}
