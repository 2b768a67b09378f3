//! Signals that ask a run to end: it is given a few seconds to do so by itself.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::ExitStatus;
use super::log::{Level, Log};
use crate::disk;
use crate::pipeline::Stop;
use crate::worker::Workers;

/// How often it is looked whether a signal came.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the run may take to end by itself; promised are ten seconds.
const PATIENCE: Duration = Duration::from_secs(7);

/// How far a run got, in words that follow "stopped".
#[derive(Clone, Debug)]
pub(super) struct Progress(Arc<Mutex<String>>);

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new("before any file was read".to_owned())))
    }

    pub(super) fn set(&self, words: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }

    pub(super) fn words(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Makes signals stop the run: it ends by itself, its children are killed, and if it takes too long the process ends
/// with its staging folder removed. A second signal ends the process at once.
pub(super) fn watch(stop: &Stop, workers: &Arc<Workers>, out: &Path, log: &Log, progress: &Progress) {
    let is_impatient = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        if is_ignored(signal) {
            continue;
        }
        let Ok(number) = usize::try_from(signal) else { continue };
        // Without its handler a signal ends the process as it always does, and the next run clears up.
        drop(flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_impatient)));
        drop(flag::register_usize(signal, stop.wish(), number));
    }
    let (stop, workers, log, progress) = (stop.clone(), Arc::clone(workers), log.clone(), progress.clone());
    let staging = out.join(format!(".staging-{}", std::process::id()));
    std::thread::spawn(move || {
        let signal = loop {
            match stop.asked() {
                Some(signal) => break signal,
                None => std::thread::sleep(PAUSE),
            }
        };
        is_impatient.store(true, Ordering::SeqCst);
        workers.stop();
        std::thread::sleep(PATIENCE);
        end(signal, &staging, &log, &progress);
    });
}

/// Ends the process.
fn end(signal: usize, staging: &Path, log: &Log, progress: &Progress) -> ! {
    drop(disk::remove_dir_all(staging));
    log.line(Level::Error, &words(signal, progress));
    std::process::exit(ExitStatus::Stopped(signal).code().into())
}

/// What is said of a run that was stopped.
pub(super) fn words(signal: usize, progress: &Progress) -> String {
    let name = match i32::try_from(signal) {
        Ok(SIGTERM) => "SIGTERM",
        Ok(SIGINT) => "SIGINT",
        Ok(SIGHUP) => "SIGHUP",
        _ => "a signal",
    };
    format!("stopped by {name} {}; nothing is published, the last snapshot stands", progress.words())
}

/// Whether whoever started the program wants it to go on in spite of a signal, as `nohup` does.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}
