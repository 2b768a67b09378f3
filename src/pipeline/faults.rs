//! Whole runs of which the n-th call on the disk fails: what stands afterwards, what is said, and what the next run makes of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{Job, RunError, RunSummary, Stop, chain, run};
use crate::config::Config;
use crate::disk::Call;
use crate::disk::plan::{Armed, EACCES, EIO, EMFILE, ENOSPC, EROFS, EXDEV, Fault};
use crate::publish::{DATED, Published, faults, pointed};
use crate::worker::Workers;

/// The settings of the program, with one thread, so that the n-th call is the same one each time.
fn config() -> &'static Config {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    CONFIG.get_or_init(|| {
        let mut config = Config::embedded().expect("settings");
        config.run.jobs = 1;
        config
    })
}

/// The data of the newest snapshot by name: what does not say which one it is or what came before it.
type Data = BTreeMap<PathBuf, Vec<u8>>;

fn data(out: &Path) -> Data {
    let current = fs::canonicalize(out.join("current")).expect("current");
    assert_eq!(faults(&current).expect("listed"), [""; 0], "{}", current.display());
    walkdir::WalkDir::new(&current)
        .into_iter()
        .map(|entry| entry.expect("entry"))
        .filter(|entry| entry.file_type().is_file() && !is_dated(&entry.file_name().to_string_lossy()))
        .map(|entry| {
            let name = entry.path().strip_prefix(&current).expect("below").to_owned();
            (name, fs::read(entry.path()).expect("readable"))
        })
        .collect()
}

fn is_dated(name: &str) -> bool {
    name == "SHA256SUMS" || DATED.contains(&name)
}

fn build(input: &Path, out: &Path) -> Result<RunSummary, RunError> {
    let (inputs, workers, stop) = ([input.to_owned()], Workers::none(), Stop::default());
    let job = Job { program: Some("test"), accepts_guard: true, ..Job::new(&inputs, out, config(), &workers, &stop) };
    run(&job, &mut |_| ())
}

/// Names that a run must not leave.
fn litter(out: &Path) -> Vec<String> {
    let snapshots = out.join("snapshots");
    let list =
        |folder: &Path| fs::read_dir(folder).map(|entries| entries.map(|entry| entry.expect("entry").file_name()));
    let names = [out, &snapshots].into_iter().filter_map(|folder| list(folder).ok()).flatten();
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name.starts_with('.') && name != ".lock").collect()
}

/// Inputs, an output folder with the snapshot of an earlier state of them, and what both come to.
struct Site {
    folder: tempfile::TempDir,
    old: Data,
    new: Data,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let (raw, base) = (folder.path().join("raw"), folder.path().join("base"));
        fs::create_dir(&raw).expect("folder");
        let take = |name: &str| {
            let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample").join(name);
            fs::copy(sample, raw.join(name)).expect("copy");
        };
        take("zhashui-2024.txt");
        fs::write(raw.join("note.txt"), "note").expect("file");
        build(&raw, &base).expect("the first run");
        take("litong-2023.txt");
        build(&raw, &folder.path().join("whole")).expect("an undisturbed run");
        let (old, new) = (data(&base), data(&folder.path().join("whole")));
        assert!(old != new);
        Self { folder, old, new }
    }

    fn raw(&self) -> PathBuf {
        self.folder.path().join("raw")
    }

    /// The output folder as the first run left it.
    fn out(&self) -> PathBuf {
        let (base, out) = (self.folder.path().join("base"), self.folder.path().join("out"));
        drop(fs::remove_dir_all(&out));
        for entry in walkdir::WalkDir::new(&base) {
            let entry = entry.expect("entry");
            let place = out.join(entry.path().strip_prefix(&base).expect("below"));
            if entry.file_type().is_dir() {
                fs::create_dir(&place).expect("folder");
            } else if entry.path_is_symlink() {
                let target = fs::read_link(entry.path()).expect("link");
                std::os::unix::fs::symlink(target, &place).expect("link");
            } else {
                fs::copy(entry.path(), &place).expect("copy");
            }
        }
        out
    }

    /// A run with a fault: whether anything failed, and what became of it.
    fn disturbed(&self, out: &Path, fault: Fault) -> (Vec<(Call, PathBuf)>, Result<RunSummary, RunError>) {
        let armed = Armed::new(out, fault);
        let result = build(&self.raw(), out);
        let failed = armed.failed();
        drop(armed);
        let now = data(out);
        let what = format!("{fault:?} {failed:?} {result:?}");
        assert!(now == self.old || now == self.new, "a mix: {what}");
        match &result {
            Ok(_) => assert!(now == self.new, "it ended well and published nothing: {what}"),
            Err(error) => {
                let said = chain(error);
                assert!(failed.iter().any(|(_, path)| said.contains(path.to_str().expect("UTF-8"))), "{said}: {what}");
                let calls =
                    ["make", "open", "reopen", "read", "write", "sync", "rename", "move", "swap", "link", "remove"];
                assert!(calls.iter().any(|call| said.contains(&format!("{call} "))), "{said}: {what}");
                assert!(said.contains("os error"), "{said}: {what}");
            }
        }
        (failed, result)
    }

    /// An undisturbed run ends like one in a folder that never saw a fault, and clears up.
    fn assert_heals(&self, out: &Path, what: &str) {
        build(&self.raw(), out).unwrap_or_else(|error| panic!("{what}: the next run fails: {}", chain(&error)));
        assert!(data(out) == self.new, "{what}: the next run publishes other bytes");
        assert_eq!(litter(out), [""; 0], "{what}");
    }

    /// The calls of an undisturbed run.
    fn n_calls(&self, call: Option<Call>) -> usize {
        let out = self.out();
        let armed = Armed::new(&out, Fault { call, ..Fault::NONE });
        build(&self.raw(), &out).expect("an undisturbed run");
        armed.n_met()
    }
}

/// So many of the numbers up to one, spread over them, the first and the last among them.
fn spread(n: usize, n_wanted: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..n_wanted).map(|at| 1 + at * (n - 1) / (n_wanted - 1).max(1)).collect();
    chosen.dedup();
    chosen
}

#[test]
fn a_call_that_fails_leaves_the_old_snapshot_or_the_new_one() {
    let site = Site::new();
    let n = site.n_calls(None);
    assert!(n > 150, "{n} calls");
    // All calls on request, each once and for ever.
    let is_all = std::env::var_os("GONGKAI_FAULTS").is_some();
    let modes = [(false, EIO), (true, ENOSPC)];
    let chosen = spread(n, if is_all { n } else { 40 }).into_iter().enumerate();
    let trials =
        chosen.flat_map(|(step, at)| modes.into_iter().enumerate().map(move |(way, mode)| (step, at, way, mode)));
    for (_, at, _, (lasts, errno)) in trials.filter(|(step, _, way, _)| is_all || step % 2 == *way) {
        let fault = Fault { at, lasts, errno, ..Fault::NONE };
        let out = site.out();
        let (failed, result) = site.disturbed(&out, fault);
        assert!(!failed.is_empty(), "call {at} of {n} was not met");
        let is_left = failed.iter().any(|(call, _)| *call == Call::Remove);
        assert!(is_left || result.is_ok() || litter(&out).is_empty(), "call {at}: {:?}", litter(&out));
        site.assert_heals(&out, &format!("{fault:?}"));
    }
}

/// Whether the path is one that is written before anything is read.
fn is_refused(out: &Path, result: &Result<RunSummary, RunError>, words: &str) -> bool {
    let Err(error) = result else { return false };
    let said = chain(error);
    said.contains(words) && said.contains(out.to_str().expect("UTF-8"))
}

#[test]
fn a_write_that_is_torn_is_never_published() {
    let site = Site::new();
    let n = site.n_calls(Some(Call::Write));
    for at in spread(n, 8) {
        let fault = Fault { call: Some(Call::Write), at, is_torn: true, ..Fault::NONE };
        let out = site.out();
        drop(site.disturbed(&out, fault));
        site.assert_heals(&out, &format!("{fault:?}"));
    }
}

#[test]
fn a_fault_while_a_fault_is_recovered_from_costs_nothing_more() {
    let site = Site::new();
    let n = site.n_calls(None);
    for (step, at) in spread(n, 8).into_iter().enumerate() {
        let out = site.out();
        drop(site.disturbed(&out, Fault { at, lasts: true, ..Fault::NONE }));
        // The second one meets what the first one left.
        for then in [step + 1, n - at + 1] {
            drop(site.disturbed(&out, Fault { at: then, lasts: step % 2 == 0, ..Fault::NONE }));
        }
        site.assert_heals(&out, &format!("call {at}, then {} and {}", step + 1, n - at + 1));
    }
}

#[test]
fn a_full_disk_is_told_with_what_was_needed() {
    let site = Site::new();
    let out = site.out();
    let armed = Armed::new(&out, Fault::NONE);
    build(&site.raw(), &out).expect("an undisturbed run");
    let n_bytes = armed.n_written();
    drop(armed);
    assert!(n_bytes > 100_000);
    let mut n_full = 0;
    for at in 0..10 {
        let quota = n_bytes * at / 10;
        let out = site.out();
        let (failed, result) = site.disturbed(&out, Fault { quota: Some(quota), ..Fault::NONE });
        assert!(!failed.is_empty());
        assert_eq!(litter(&out), [""; 0], "{quota} of {n_bytes} bytes");
        if let Err(error) = &result {
            assert!(data(&out) == site.old);
            let said = chain(error);
            let RunError::NoSpace { written, needed, .. } = error else { panic!("{said}") };
            assert!(said.starts_with("no space left in ") && said.contains(" MB: "), "{said}");
            assert!(*written <= quota && needed.is_none_or(|needed| needed > *written), "{quota}: {said}");
            // The newest snapshot is nearly as large as the one that was being written.
            let judged = needed.unwrap_or(*written);
            assert!((n_bytes / 2..n_bytes * 2).contains(&judged), "{judged} for {n_bytes}: {said}");
            n_full += 1;
        }
        site.assert_heals(&out, &format!("{quota} of {n_bytes} bytes"));
    }
    assert!(n_full > 5, "{n_full}");
    // Without a snapshot nobody knows how much it takes.
    let fresh = site.folder.path().join("fresh");
    let armed = Armed::new(&fresh, Fault { quota: Some(n_bytes / 2), ..Fault::NONE });
    let error = build(&site.raw(), &fresh).expect_err("the disk is full");
    drop(armed);
    assert!(chain(&error).contains("the run needs more than "), "{}", chain(&error));
    assert!(pointed(&fresh, "current").is_none() && litter(&fresh).is_empty());
}

#[test]
fn another_device_is_noticed_before_anything_is_read() {
    let site = Site::new();
    let n = site.n_calls(Some(Call::Rename));
    assert!(n > 3, "{n} renames");
    for at in 1..=n {
        let out = site.out();
        let fault = Fault { call: Some(Call::Rename), at, lasts: true, errno: EXDEV, ..Fault::NONE };
        let (_, result) = site.disturbed(&out, fault);
        if at == 1 {
            assert!(is_refused(&out, &result, "move a folder to"), "{result:?}");
        }
        site.assert_heals(&out, &format!("rename {at}"));
    }
}

#[test]
fn a_run_without_descriptors_fails_clean() {
    let site = Site::new();
    for call in [Call::Create, Call::Open] {
        let n = site.n_calls(Some(call));
        assert!(n > 20, "{n} files");
        for at in spread(n, 6) {
            let out = site.out();
            let fault = Fault { call: Some(call), at, lasts: true, errno: EMFILE, ..Fault::NONE };
            drop(site.disturbed(&out, fault));
            site.assert_heals(&out, &format!("{fault:?}"));
        }
    }
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_anything_is_read() {
    let site = Site::new();
    // The calls of a run before its first file: none of them may be left to the end.
    for call in [Call::Create, Call::Folder, Call::Rename, Call::Write] {
        for errno in [EROFS, EACCES] {
            let out = site.out();
            let armed = Armed::new(&out, Fault { call: Some(call), at: 1, lasts: true, errno, ..Fault::NONE });
            let (inputs, workers, stop) = ([site.raw()], Workers::none(), Stop::default());
            let mut n_events = 0;
            let job = Job::new(&inputs, &out, config(), &workers, &stop);
            let error = run(&job, &mut |_| n_events += 1).expect_err("it cannot be written");
            drop(armed);
            let said = chain(&error);
            assert_eq!(n_events, 0, "{said}");
            let cause = std::io::Error::from_raw_os_error(errno).to_string();
            assert!(said.contains(out.to_str().expect("UTF-8")) && said.contains(&cause), "{said}");
            assert!(data(&out) == site.old);
            site.assert_heals(&out, &said);
        }
    }
}

#[test]
fn a_record_that_cannot_be_read_is_not_taken_for_none() {
    let site = Site::new();
    let out = site.out();
    let armed = Armed::new(&out, Fault { call: Some(Call::Open), at: 1, ..Fault::NONE });
    let error = build(&site.raw(), &out).expect_err("guards need it");
    assert_eq!(armed.failed(), [(Call::Open, out.join("current/run.json"))]);
    drop(armed);
    assert!(is_refused(&out, &Err(error), "read "));
    let result = build(&site.raw(), &out).expect("a run");
    assert!(matches!(result.published, Published::New(_)));
}
