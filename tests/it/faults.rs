//! Faults of the place where a run works; and that each fault of the model has its tests, as `tests/faults.toml` says.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use gongkai::publish::{Lock, promote};

use crate::util::{build, corpus, data, root};

#[derive(serde::Deserialize)]
struct Line {
    about: String,
    tests: Vec<String>,
}

#[test]
fn every_fault_has_tests_that_exist() {
    let text = fs::read_to_string(root().join("tests/faults.toml")).expect("the table of faults");
    let table: BTreeMap<String, Line> = toml::from_str(&text).expect("TOML");
    let expected: Vec<String> = (1..=15).chain(69..=78).map(|number| format!("F{number:02}")).collect();
    assert_eq!(table.keys().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    let mut tests = Vec::new();
    for folder in ["src", "tests/it"] {
        for entry in walkdir::WalkDir::new(root().join(folder)) {
            let path = entry.expect("entry").into_path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                tests.extend(tests_of(&fs::read_to_string(&path).expect("source")));
            }
        }
    }
    for (id, line) in table {
        assert!(!line.tests.is_empty() && !line.about.is_empty(), "{id} has no test");
        let missing: Vec<&String> = line.tests.iter().filter(|name| !tests.contains(name)).collect();
        assert!(missing.is_empty(), "{id} ({}) names tests that do not exist: {missing:?}", line.about);
    }
}

/// The names of the functions of a source that are tests.
fn tests_of(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let name = |pair: &[&str]| {
        let name = pair[1].strip_prefix("fn ").filter(|_| pair[0] == "#[test]")?;
        Some(name.split('(').next().unwrap_or(name).to_owned())
    };
    lines.windows(2).filter_map(name).collect()
}

#[test]
fn a_function_is_no_test_by_its_name() {
    assert_eq!(tests_of("#[test]\n    fn one() {\n}\nfn two() {\n// #[test]\nfn three() {"), ["one"]);
}

#[test]
fn a_name_that_moves_can_be_opened_a_thousand_times() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 3);
    build(&input, &out, &[], 0);
    fs::write(input.join("note.txt"), "note").expect("file");
    build(&input, &out, &[], 0);
    let ids: Vec<String> = fs::read_dir(out.join("snapshots"))
        .expect("list")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    let lock = Lock::take(&out).expect("lock");
    let swap = |id: &str| promote(&out, Some(id), &lock, |_| None).expect("swapped");
    swap(&ids[0]);
    // `stable` moves as `current` does, and needs no run for it.
    let is_over = AtomicBool::new(false);
    let n_swaps = std::thread::scope(|scope| {
        let swapping = scope.spawn(|| {
            let mut n_swaps = 0;
            while !is_over.load(Ordering::SeqCst) || n_swaps < 20 {
                n_swaps += 1;
                swap(&ids[n_swaps % 2]);
            }
            n_swaps
        });
        let mut met = BTreeMap::new();
        let mut n_read = 0;
        let mut failed = None;
        while failed.is_none() && (n_read < 1_000 || met.len() < 2) {
            n_read += 1;
            // One look at the name, and everything else from what it pointed to then.
            match fs::read(out.join("stable/run.json")) {
                Ok(bytes) => {
                    let run: serde_json::Value = serde_json::from_slice(&bytes).expect("a whole record");
                    *met.entry(run["id"].as_str().expect("an id").to_owned()).or_insert(0) += 1;
                }
                Err(error) => failed = Some(error),
            }
        }
        // Told before anything may fail here: the other thread would go on for ever.
        is_over.store(true, Ordering::SeqCst);
        assert!(failed.is_none(), "a gap after {n_read} reads: {failed:?}");
        assert!(met.keys().all(|id| ids.contains(id)), "{met:?}");
        swapping.join().expect("swaps")
    });
    assert!(n_swaps >= 20, "{n_swaps}");
}

#[test]
fn temporary_folder_locale_and_time_zone_change_no_byte() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 12);
    fs::copy(root().join("tests/formats/report.pdf"), input.join("report.pdf")).expect("copy");
    fs::copy(root().join("tests/formats/report.zip"), input.join("report.zip")).expect("copy");
    build(&input, &out, &[], 0);
    let environments = [
        ("/proc/none", "zh_CN.GB18030", "Pacific/Kiritimati"),
        ("/dev/shm", "tr_TR.UTF-8", "America/Adak"),
        ("", "", ""),
    ];
    for (at, (temporary, locale, zone)) in environments.into_iter().enumerate() {
        let other = folder.path().join(format!("out-{at}"));
        let output = Command::new(env!("CARGO_BIN_EXE_gongkai"))
            .args([Path::new("build"), &input, Path::new("--out"), &other, Path::new("--quiet")])
            .current_dir(root())
            .envs([("TMPDIR", temporary), ("LC_ALL", locale), ("LANG", locale), ("TZ", zone)])
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(data(&out) == data(&other), "{temporary} {locale} {zone}");
    }
}

#[test]
fn a_run_short_of_descriptors_ends_well_or_fails_clean() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 6);
    build(&input, &out, &[], 0);
    let old = data(&out);
    corpus(&input, 9);
    let whole = folder.path().join("whole");
    build(&input, &whole, &[], 0);
    let new = data(&whole);
    let mut codes = Vec::new();
    for n in [6, 9, 14, 24, 40, 256] {
        let output = Command::new("/bin/sh")
            .args([
                "-c",
                "ulimit -n \"$1\"; exec \"$0\" build \"$2\" --out \"$3\" --quiet",
                env!("CARGO_BIN_EXE_gongkai"),
            ])
            .args([Path::new(&n.to_string()), &input, &out])
            .output()
            .expect("starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let now = data(&out);
        match output.status.code() {
            Some(0) => assert!(now == new, "{n} descriptors: {said}"),
            Some(1) => assert!(now == old && said.contains("Too many open files"), "{n} descriptors: {said}"),
            code => panic!("{n} descriptors: {code:?}: {said}"),
        }
        codes.push(output.status.code());
    }
    assert_eq!((codes[0], codes[5]), (Some(1), Some(0)));
}

#[test]
fn inputs_are_never_touched() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 8);
    fs::copy(root().join("tests/formats/report.zip"), input.join("report.zip")).expect("copy");
    let entries = || -> Vec<PathBuf> {
        let walk = walkdir::WalkDir::new(&input).sort_by_file_name();
        walk.into_iter().map(|entry| entry.expect("entry").into_path()).collect()
    };
    let mode = |path: &Path, folder_mode, file_mode| {
        let mode = if path.is_dir() { folder_mode } else { file_mode };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    };
    for path in entries() {
        mode(&path, 0o555, 0o444);
    }
    // A write of the superuser, whom permissions do not hold back, moves the time of change.
    let seen = || -> Vec<_> {
        let seen = |path: PathBuf| {
            let metadata = fs::symlink_metadata(&path).expect("metadata");
            let times = (metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec());
            (path, metadata.ino(), metadata.len(), metadata.mode(), times)
        };
        entries().into_iter().map(seen).collect()
    };
    let before = seen();
    build(&input, &out, &[], 0);
    build(&input, &out, &["--fresh"], 0);
    let after = seen();
    for path in entries() {
        mode(&path, 0o755, 0o644);
    }
    assert_eq!(before, after);
}

#[test]
fn a_snapshot_that_was_damaged_is_replaced_and_not_carried_on() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 8);
    build(&input, &out, &[], 0);
    let whole = data(&out);
    let change = |name: &str, spoil: &dyn Fn(&Path)| {
        let damaged = fs::canonicalize(out.join("current")).expect("current");
        spoil(&damaged.join(name));
        build(&input, &out, &["--fresh"], 0);
        assert_ne!(fs::canonicalize(out.join("current")).expect("current"), damaged, "{name}");
        assert!(data(&out) == whole, "{name}");
    };
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).expect("file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        fs::write(path, bytes).expect("damage");
    };
    let cut = |path: &Path| fs::write(path, "").expect("damage");
    let remove = |path: &Path| fs::remove_file(path).expect("removed");
    change("parquet/cells.parquet", &flip);
    change("csv/reports.csv", &cut);
    change("parquet/files.parquet", &remove);
    change("SHA256SUMS", &cut);
    change("run.json", &remove);
}

#[test]
fn nothing_speaks_to_a_network() {
    let mut breaches = Vec::new();
    for entry in walkdir::WalkDir::new(root().join("src")) {
        let path = entry.expect("entry").into_path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("source");
            let names = ["std::net", "TcpStream", "UdpSocket", "UnixStream", "ToSocketAddrs", "rustix::net"];
            breaches.extend(names.into_iter().filter(|name| text.contains(name)).map(|name| (path.clone(), name)));
        }
    }
    assert!(breaches.is_empty(), "{breaches:?}");
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file");
    let clients = ["reqwest", "ureq", "hyper", "curl", "rustls", "native-tls", "openssl", "tokio", "mio", "socket2"];
    let found: Vec<&str> = clients.into_iter().filter(|name| lock.contains(&format!("name = \"{name}\"\n"))).collect();
    assert!(found.is_empty(), "{found:?}");
}
