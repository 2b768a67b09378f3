//! Which calls fail in a test.
//!
//! A plan counts for the calls below its folder, whichever thread makes them, so that tests beside it are not disturbed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Call;

/// Error numbers of Linux, of which a disk gives these.
pub(crate) const EIO: i32 = 5;
pub(crate) const EACCES: i32 = 13;
pub(crate) const EXDEV: i32 = 18;
pub(crate) const EMFILE: i32 = 24;
pub(crate) const ENOSPC: i32 = 28;
pub(crate) const EROFS: i32 = 30;

/// What fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Calls of this kind count, or of any.
    pub(crate) call: Option<Call>,
    /// The number of the call that fails, from 1; 0 for none.
    pub(crate) at: usize,
    /// All calls of the kind after it fail too.
    pub(crate) lasts: bool,
    /// Half of the bytes of a write that fails are written before.
    pub(crate) is_torn: bool,
    /// What it fails with.
    pub(crate) errno: i32,
    /// Bytes that the disk has room for.
    pub(crate) quota: Option<u64>,
}

impl Fault {
    /// Nothing fails, and calls are counted.
    pub(crate) const NONE: Self = Self { call: None, at: 0, lasts: false, is_torn: false, errno: EIO, quota: None };
}

#[derive(Debug)]
struct State {
    fault: Fault,
    n_met: usize,
    n_written: u64,
    /// A write of which half was written: the next one to its file fails.
    torn: Option<PathBuf>,
    failed: Vec<(Call, PathBuf)>,
}

impl State {
    /// Whether this call is one that fails.
    fn is_hit(&mut self, call: Call) -> bool {
        if self.fault.call.is_some_and(|wanted| wanted != call) {
            return false;
        }
        self.n_met += 1;
        self.fault.at > 0 && (self.n_met == self.fault.at || self.fault.lasts && self.n_met > self.fault.at)
    }

    fn fail(&mut self, call: Call, path: &Path, errno: i32) -> io::Error {
        self.failed.push((call, path.to_owned()));
        io::Error::from_raw_os_error(errno)
    }
}

type Shared = Arc<Mutex<State>>;

static PLANS: Mutex<Vec<(PathBuf, Shared)>> = Mutex::new(Vec::new());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn plan_of(path: &Path) -> Option<Shared> {
    locked(&PLANS).iter().find(|(root, _)| path.starts_with(root)).map(|(_, state)| Arc::clone(state))
}

/// A plan that counts until this value goes.
#[derive(Debug)]
pub(crate) struct Armed(Shared);

impl Armed {
    /// Arms a plan for the calls below a folder.
    pub(crate) fn new(root: &Path, fault: Fault) -> Self {
        let state = State { fault, n_met: 0, n_written: 0, torn: None, failed: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        locked(&PLANS).push((root.to_owned(), Arc::clone(&state)));
        Self(state)
    }

    /// Calls that counted so far.
    pub(crate) fn n_met(&self) -> usize {
        locked(&self.0).n_met
    }

    /// Bytes that were written so far.
    pub(crate) fn n_written(&self) -> u64 {
        locked(&self.0).n_written
    }

    /// The calls that failed so far.
    pub(crate) fn failed(&self) -> Vec<(Call, PathBuf)> {
        locked(&self.0).failed.clone()
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        locked(&PLANS).retain(|(_, state)| !Arc::ptr_eq(state, &self.0));
    }
}

/// Fails where the plan of the folder says so.
pub(super) fn meet(call: Call, path: &Path) -> io::Result<()> {
    let Some(plan) = plan_of(path) else { return Ok(()) };
    let mut state = locked(&plan);
    if state.is_hit(call) {
        let errno = state.fault.errno;
        return Err(state.fail(call, path, errno));
    }
    Ok(())
}

/// How many of so many bytes may be written; fails where none may.
pub(super) fn room(path: &Path, n: usize) -> io::Result<usize> {
    let Some(plan) = plan_of(path) else { return Ok(n) };
    let mut state = locked(&plan);
    let errno = state.fault.errno;
    if state.torn.as_deref() == Some(path) {
        state.torn = None;
        return Err(state.fail(Call::Write, path, errno));
    }
    let mut allowed = n;
    if state.is_hit(Call::Write) {
        if !state.fault.is_torn || n < 2 {
            return Err(state.fail(Call::Write, path, errno));
        }
        state.torn = Some(path.to_owned());
        allowed = n / 2;
    }
    if let Some(quota) = state.fault.quota {
        let left = usize::try_from(quota.saturating_sub(state.n_written)).unwrap_or(usize::MAX);
        if left == 0 && n > 0 {
            return Err(state.fail(Call::Write, path, ENOSPC));
        }
        allowed = allowed.min(left);
    }
    state.n_written += allowed as u64;
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;
    use crate::disk;

    #[test]
    fn a_plan_counts_below_its_folder_only() {
        let folder = tempfile::tempdir().expect("folder");
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        for place in [&one, &two] {
            fs::create_dir(place).expect("folder");
        }
        let armed = Armed::new(&one, Fault { at: 2, call: Some(Call::Create), ..Fault::NONE });
        disk::File::create(&one.join("a")).expect("the first");
        disk::create_dir_all(&one.join("b")).expect("another kind");
        disk::File::create(&two.join("a")).expect("elsewhere");
        let error = disk::File::create(&one.join("c")).expect_err("the second");
        assert_eq!(error.raw_os_error(), Some(EIO));
        disk::File::create(&one.join("c")).expect("the third");
        assert_eq!((armed.n_met(), armed.failed()), (3, vec![(Call::Create, one.join("c"))]));
        drop(armed);
        let armed = Armed::new(&one, Fault { at: 1, lasts: true, errno: EXDEV, ..Fault::NONE });
        for _ in 0..3 {
            assert!(disk::rename(&one.join("a"), &one.join("d")).is_err());
        }
        drop(armed);
        disk::rename(&one.join("a"), &one.join("d")).expect("nothing is armed");
    }

    #[test]
    fn writes_are_torn_and_disks_are_full() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        let write = |fault| {
            let armed = Armed::new(folder.path(), fault);
            let written = disk::File::create(&path).and_then(|mut file| file.write_all(b"ten bytes."));
            (written.err().and_then(|error| error.raw_os_error()), armed.n_written(), fs::read(&path).expect("file"))
        };
        let first = Fault { at: 1, call: Some(Call::Write), ..Fault::NONE };
        assert_eq!(write(first), (Some(EIO), 0, Vec::new()));
        assert_eq!(write(Fault { is_torn: true, ..first }), (Some(EIO), 5, b"ten b".to_vec()));
        assert_eq!(write(Fault { quota: Some(7), ..Fault::NONE }), (Some(ENOSPC), 7, b"ten byt".to_vec()));
        assert_eq!(write(Fault { quota: Some(10), ..Fault::NONE }), (None, 10, b"ten bytes.".to_vec()));
    }
}
