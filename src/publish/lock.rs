//! The lock of an output folder: one run works in it at a time.
//!
//! The kernel holds the lock, so that none outlives its process; what stands in the file is for people.

use std::fs::TryLockError;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::PublishError;
use crate::disk::{self, File};

/// How often a lock that is held is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// The lock of an output folder, held by the kernel until this value goes.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of an output folder, which is made when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be written, or another run holds the lock.
    pub fn take(out: &Path) -> Result<Self, PublishError> {
        Self::wait(out, Duration::ZERO, &|| false)
    }

    /// Takes the lock, and waits for it so long, unless told to stop.
    ///
    /// # Errors
    /// When the folder cannot be written, or another run still holds the lock.
    pub fn wait(out: &Path, patience: Duration, is_stopped: &dyn Fn() -> bool) -> Result<Self, PublishError> {
        disk::create_dir_all(out).map_err(|source| PublishError::io("make", out, source))?;
        let path = out.join(".lock");
        let mut file = File::keep(&path).map_err(|source| PublishError::io("open", &path, source))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < patience && !is_stopped() => {
                    std::thread::sleep(PAUSE.min(patience));
                }
                Err(TryLockError::WouldBlock) => return Err(held(&mut file, path)),
                Err(TryLockError::Error(source)) => return Err(PublishError::io("lock", &path, source)),
            }
        }
        let write = |file: &mut File| {
            file.clear()?;
            writeln!(file, "process {}", std::process::id())
        };
        write(&mut file).map_err(|source| PublishError::io("write", &path, source))?;
        Ok(Self { _file: file })
    }
}

/// Says who holds the lock.
fn held(file: &mut File, path: PathBuf) -> PublishError {
    let mut holder = String::new();
    // The name of the holder is a help, not a need.
    let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
    let holder = if known { format!(" ({})", holder.trim()) } else { String::new() };
    PublishError::Locked { path, holder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for() {
        let folder = tempfile::tempdir().expect("folder");
        let lock = Lock::take(folder.path()).expect("lock");
        let refused = Lock::wait(folder.path(), Duration::from_millis(250), &|| false).expect_err("held");
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        let start = Instant::now();
        assert!(Lock::wait(folder.path(), Duration::from_secs(600), &|| true).is_err());
        assert!(start.elapsed() < Duration::from_secs(60));
        let waiting = std::thread::spawn({
            let out = folder.path().to_owned();
            move || Lock::wait(&out, Duration::from_secs(600), &|| false).is_ok()
        });
        std::thread::sleep(Duration::from_millis(200));
        drop(lock);
        assert!(waiting.join().expect("ends"));
    }

    #[test]
    fn what_stands_in_the_file_holds_nobody_back() {
        let folder = tempfile::tempdir().expect("folder");
        // A run that was killed, or a process of that number that lives and is another.
        std::fs::write(folder.path().join(".lock"), "process 1\n").expect("file");
        assert!(Lock::take(folder.path()).is_ok());
    }
}
