//! Runs that nobody watches: stopped, killed, refused, two at once; and what those who do not watch are told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use gongkai::publish::{Lock, faults};
use rustix::process::{Pid, Signal, kill_process};

use crate::util::{build, corpus, data, gongkai, root};

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Starts a run.
fn start(input: &Path, out: &Path, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_gongkai"))
        .args(["build", text(input), "--out", text(out)])
        .args(more)
        .current_dir(root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Names in a folder that begin like litter of a run.
fn litter(out: &Path) -> Vec<String> {
    fs::read_dir(out)
        .expect("out")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.') && name != ".lock")
        .collect()
}

/// The settings of the program with a change, in a folder of their own.
fn settings(folder: &Path, from: &str, to: &str) -> PathBuf {
    let default = fs::read_to_string(root().join("config/gongkai.toml")).expect("settings");
    assert!(default.contains(from), "{from}");
    let place = folder.join("config");
    fs::create_dir_all(&place).expect("folder");
    fs::write(place.join("gongkai.toml"), default.replace(from, to)).expect("settings");
    place
}

/// Writes a small change into the inputs, another one each time.
fn change(input: &Path, at: usize) {
    fs::write(input.join("note.txt"), format!("note {at}")).expect("file");
}

/// Whether this process ignores a signal.
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("status");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("signals");
    let mask = u64::from_str_radix(mask.trim(), 16).expect("a mask");
    mask >> (signal.as_raw() - 1) & 1 == 1
}

#[test]
fn a_signal_stops_a_run_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 20);
    build(&input, &out, &[], 0);
    let before = data(&out);
    corpus(&input, 2_500);
    let signals = [(Signal::TERM, 143, "SIGTERM"), (Signal::INT, 130, "SIGINT"), (Signal::HUP, 129, "SIGHUP")];
    // A shell without a terminal starts what it puts in the background with SIGINT ignored, `nohup` with SIGHUP; the
    // program inherits that from the tests, and goes on then, as it should.
    let heeded: Vec<_> = signals.into_iter().filter(|(signal, ..)| !is_ignored(*signal)).collect();
    assert!(!heeded.is_empty());
    for (signal, code, name) in heeded {
        let child = start(&input, &out, &["--fresh"]);
        let staging = out.join(format!(".staging-{}", child.id()));
        let started = Instant::now();
        while !staging.join("records").exists() {
            assert!(started.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(100));
        let asked = Instant::now();
        kill_process(Pid::from_child(&child), signal).expect("sent");
        let output = child.wait_with_output().expect("ends");
        assert!(asked.elapsed() < Duration::from_secs(10), "{name}");
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(&format!("stopped by {name}")) && said.contains("read; nothing is published"), "{said}");
        assert_eq!(litter(&out), [""; 0], "{name}");
        assert!(data(&out) == before, "{name}");
        drop(Lock::take(&out).expect("the lock is free"));
        let status: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("status.json")).expect("status")).expect("JSON");
        assert_eq!(
            (&status["last_run"]["outcome"], &status["last_run"]["exit_code"]),
            (&"stopped".into(), &code.into())
        );
    }
}

#[test]
fn what_reads_a_document_is_stopped_too() {
    let folder = tempfile::tempdir().expect("folder");
    // A reader that never answers.
    let program = folder.path().join("reader");
    fs::write(&program, "#!/bin/sh\nexec sleep 1000\n").expect("script");
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    let workers = gongkai::worker::Workers::of(&program);
    let limits = gongkai::config::Config::embedded().expect("settings").limits;
    let started = Instant::now();
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| workers.decode(b"%PDF-1.7\n", &limits).map(|decoded| decoded.document.is_err()));
        std::thread::sleep(Duration::from_millis(300));
        workers.stop();
        assert!(matches!(reading.join().expect("ends"), Ok(true)));
    });
    assert!(workers.decode(b"%PDF-1.7\n", &limits).is_err(), "no reader is started any more");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn of_two_runs_at_once_one_works_and_the_other_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 600);
    let children = [start(&input, &out, &[]), start(&input, &out, &[])];
    let outputs = children.map(|child| child.wait_with_output().expect("ends"));
    let mut codes = outputs.each_ref().map(|output| output.status.code());
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(75)], "{}{}", said(&outputs[0]), said(&outputs[1]));
    let lock = Lock::take(&out).expect("lock");
    let asked = Instant::now();
    let message = build(&input, &out, &["--quiet"], 75);
    assert!(asked.elapsed() < Duration::from_secs(5) && message.contains("process"), "{message}");
    let waiting = start(&input, &out, &["--wait", "5m"]);
    std::thread::sleep(Duration::from_millis(300));
    drop(lock);
    assert_eq!(waiting.wait_with_output().expect("ends").status.code(), Some(0));
}

#[test]
fn a_run_killed_at_any_instant_costs_nothing_but_time() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    let config = settings(folder.path(), "keep_last = 30", "keep_last = 3");
    let option = ["--config", text(&config)];
    corpus(&input, 120);
    let begun = Instant::now();
    build(&input, &out, &option, 0);
    let whole = u64::try_from(begun.elapsed().as_millis()).expect("milliseconds");
    #[expect(clippy::disallowed_methods, reason = "more rounds on request")]
    let rounds = std::env::var("GONGKAI_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    let mut dice: u64 = 88_172_645_463_325_252;
    for round in 0..rounds {
        change(&input, round);
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let mut child = start(&input, &out, &option);
        std::thread::sleep(Duration::from_millis(dice % whole.max(50)));
        child.kill().expect("killed");
        child.wait().expect("ends");
        let current = fs::canonicalize(out.join("current")).expect("current");
        assert_eq!(faults(&current).expect("listed"), [""; 0], "round {round}");
    }
    build(&input, &out, &option, 0);
    let from_nothing = folder.path().join("from-nothing");
    build(&input, &from_nothing, &option, 0);
    assert!(data(&out) == data(&from_nothing));
    assert_eq!(litter(&out), [""; 0]);
    assert_eq!(gongkai(&["doctor", "--out", text(&out)]).status.code(), Some(0));
}

#[test]
fn a_reader_of_current_never_meets_a_gap_or_a_mix() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 10);
    build(&input, &out, &[], 0);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut n_read = 0;
            while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                let folder = fs::canonicalize(out.join("current")).expect("current is always there");
                assert_eq!(faults(&folder).expect("listed"), [""; 0]);
                let run: serde_json::Value =
                    serde_json::from_slice(&fs::read(folder.join("run.json")).expect("run.json")).expect("JSON");
                assert_eq!(run["id"].as_str(), folder.file_name().and_then(|name| name.to_str()));
                n_read += 1;
            }
            n_read
        });
        let change_and_build = |at| {
            change(&input, at);
            start(&input, &out, &[]).wait_with_output().map(|output| output.status.code())
        };
        let codes: Vec<_> = (0..10).map(change_and_build).collect();
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
        assert!(codes.into_iter().all(|code| code.is_ok_and(|code| code == Some(0))));
        assert!(reading.join().expect("reads") > 0);
    });
}

#[test]
fn files_that_come_change_and_go_while_they_are_read_stop_no_run() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 150);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut at = 0;
            while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                at += 1;
                let path = input.join(format!("{:02}", at % 7)).join(format!("passing-{}.txt", at % 5));
                fs::write(&path, format!("note {at}")).expect("file");
                change(&input, at);
                if at % 2 == 0 {
                    fs::remove_file(&path).expect("removed");
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let outputs: Vec<_> = (0..6).map(|_| start(&input, &out, &[]).wait_with_output()).collect();
        // Told before anything may fail here: the other thread would go on for ever.
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
        for output in outputs {
            let output = output.expect("ends");
            let code = output.status.code();
            assert!(code == Some(0) || code == Some(3), "{code:?}: {}", said(&output));
        }
    });
    build(&input, &out, &[], 0);
    let from_nothing = folder.path().join("from-nothing");
    build(&input, &from_nothing, &[], 0);
    assert!(data(&out) == data(&from_nothing));
}

#[test]
fn a_guard_refuses_what_shrank_or_broke_until_a_person_accepts_it() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 150);
    build(&input, &out, &[], 0);
    let before = fs::read_link(out.join("current")).expect("link");
    let empty = folder.path().join("raw-not-mounted");
    fs::create_dir_all(&empty).expect("folder");
    let message = build(&empty, &out, &["--quiet"], 4);
    assert!(message.contains("hold 0 files and held 150") && message.contains("--accept-guard"), "{message}");
    assert_eq!(message.lines().count(), 1);
    // Pages whose sums broke, all of them.
    let broken = folder.path().join("broken");
    corpus(&broken, 150);
    for entry in walkdir::WalkDir::new(&broken) {
        let entry = entry.expect("entry");
        if entry.file_type().is_file()
            && let Ok(page) = fs::read_to_string(entry.path())
        {
            fs::write(entry.path(), page.replace("总计", "总")).expect("file");
        }
    }
    let message = build(&broken, &out, &[], 4);
    assert!(
        message.contains("are accepted, in the last run") && message.contains("more often than then: "),
        "{message}"
    );
    assert_eq!(fs::read_link(out.join("current")).expect("link"), before);
    assert_eq!(litter(&out), [""; 0]);
    let status: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("status.json")).expect("status")).expect("JSON");
    assert_eq!((&status["last_run"]["outcome"], &status["last_run"]["exit_code"]), (&"refused".into(), &4.into()));
    assert!(status["last_success"]["snapshot"].is_string());
    build(&broken, &out, &["--accept-guard"], 0);
    assert_ne!(fs::read_link(out.join("current")).expect("link"), before);
    // A first snapshot has nothing to be held against.
    build(&empty, &folder.path().join("other"), &[], 0);
}

#[test]
fn old_snapshots_go_by_rule_and_what_is_pointed_to_stays() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 5);
    let config = settings(folder.path(), "keep_last = 30\nkeep_monthly = 24", "keep_last = 2\nkeep_monthly = 0");
    let option = ["--config", text(&config)];
    build(&input, &out, &option, 0);
    let first = fs::read_link(out.join("current")).expect("link");
    let promoted = gongkai(&["promote", "--out", text(&out)]);
    assert_eq!(promoted.status.code(), Some(0), "{}", said(&promoted));
    assert_eq!(fs::read_link(out.join("stable")).expect("link"), first);
    for at in 0..4 {
        change(&input, at);
        build(&input, &out, &option, 0);
    }
    let mut left: Vec<PathBuf> =
        fs::read_dir(out.join("snapshots")).expect("list").map(|entry| entry.expect("entry").path()).collect();
    left.sort();
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(left[0], out.join(&first));
    assert_eq!(
        fs::canonicalize(out.join("current")).expect("current"),
        fs::canonicalize(&left[2]).expect("a snapshot")
    );
    // What is not whole is not promoted.
    fs::write(left[1].join("CODEBOOK.md"), "x").expect("damage");
    let name = left[1].file_name().and_then(|name| name.to_str()).expect("UTF-8");
    let refused = gongkai(&["promote", name, "--out", text(&out)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("CODEBOOK.md is not as it was published"), "{}", said(&refused));
    for name in ["2001.1.1", "..", "../snapshots", ""] {
        assert_eq!(gongkai(&["promote", name, "--out", text(&out)]).status.code(), Some(2), "{name}");
    }
    assert_eq!(fs::read_link(out.join("stable")).expect("link"), first);
    assert_eq!(gongkai(&["promote", "--out", text(&out)]).status.code(), Some(0));
    assert_eq!(fs::read_link(out.join("stable")).expect("link"), fs::read_link(out.join("current")).expect("link"));
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 8);
    let doctor = |more: &[&str]| {
        let arguments: Vec<&str> = ["doctor", "--out", text(&out)].into_iter().chain(more.iter().copied()).collect();
        let output = gongkai(&arguments);
        (output.status.code(), said(&output))
    };
    let is_ill = |more: &[&str], words: &str| {
        let (code, said) = doctor(more);
        assert!(code == Some(1) && said.contains(words), "{words}: {said}");
    };
    is_ill(&[], "run gongkai build");
    build(&input, &out, &[], 0);
    assert_eq!(doctor(&[]).0, Some(0), "{}", doctor(&[]).1);
    std::thread::sleep(Duration::from_millis(1_100));
    is_ill(&["--max-age", "0s"], "the last success is 0 hours old");
    is_ill(&["--max-unchanged", "0s"], "has been the newest for 0 days, and 0 are allowed");
    // A run that fails is not a success.
    fs::write(folder.path().join("none"), "").expect("file");
    build(&folder.path().join("gone"), &out, &[], 2);
    is_ill(&["--max-age", "0s"], "the last run ended with exit code 2: failed to build");
    assert_eq!(doctor(&["--max-age", "2h"]).0, Some(0));
    let index = out.join("state/index");
    let whole = fs::read(&index).expect("index");
    fs::write(&index, &whole[..whole.len() / 2]).expect("damage");
    is_ill(&[], "the next run reads every file");
    fs::write(&index, &whole).expect("mended");
    let page = out.join("current/CODEBOOK.md");
    let whole = fs::read(&page).expect("page");
    fs::write(&page, "x").expect("damage");
    is_ill(&[], "CODEBOOK.md is not as it was published");
    let (_, said) = doctor(&["--json"]);
    let record: serde_json::Value = serde_json::from_str(said.trim()).expect("one line of JSON");
    assert_eq!((&record["healthy"], record["findings"].as_array().map(Vec::len)), (&false.into(), Some(1)));
    // A run that would publish the same puts a whole one in the place of the damaged one.
    build(&input, &out, &["--fresh"], 0);
    assert_eq!(doctor(&[]).0, Some(0), "{}", doctor(&[]).1);
    assert_ne!(whole, b"x");
    fs::remove_file(out.join("current")).expect("removed");
    is_ill(&[], "current is missing");
    std::os::unix::fs::symlink("snapshots/none", out.join("current")).expect("link");
    is_ill(&[], "current points to no snapshot");
}

#[test]
fn how_runs_went_is_noted_for_those_who_do_not_watch() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 8);
    build(&input, &out, &[], 0);
    let metric = |name: &str| -> f64 {
        let text = fs::read_to_string(out.join("metrics.prom")).expect("metrics");
        let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap_or_else(|| panic!("{name}"));
        line.rsplit_once(' ').and_then(|(_, value)| value.parse().ok()).expect("a number")
    };
    assert!(metric("gongkai_files_read") > 7.0 && metric("gongkai_files{outcome=\"report\"}") > 0.0);
    let success = metric("gongkai_last_success_timestamp_seconds");
    build(&input, &out, &[], 0);
    assert!(metric("gongkai_files_read") < 1.0 && metric("gongkai_files_kept") > 7.0);
    // A run that fails keeps what is known of the last success.
    fs::rename(out.join("snapshots"), out.join("aside")).expect("renamed");
    fs::write(out.join("snapshots"), "x").expect("file");
    change(&input, 1);
    let message = build(&input, &out, &["--log-format", "json"], 1);
    let record: serde_json::Value = serde_json::from_str(message.trim()).expect("one line of JSON");
    assert_eq!(record["level"], "error");
    assert!((metric("gongkai_last_run_exit_code") - 1.0).abs() < f64::EPSILON);
    assert!(metric("gongkai_last_success_timestamp_seconds") >= success);
    let status: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("status.json")).expect("status")).expect("JSON");
    assert_eq!(status["last_run"]["run_id"], record["run"]);
    assert_eq!(status["last_run"]["message"], record["message"]);
    assert_eq!(litter(&out), [""; 0]);
}

#[test]
fn a_snapshot_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 5);
    build(&input, &out, &[], 0);
    let run = out.join("current/run.json");
    let own = gongkai::publish::schema::SCHEMA_VERSION;
    let text = fs::read_to_string(&run).expect("run.json").replace(&format!("\"{own}\""), "\"9.10.0\"");
    fs::write(&run, &text).expect("run.json");
    change(&input, 1);
    let message = build(&input, &out, &[], 1);
    assert!(message.contains("9.10.0") && message.contains(own), "{message}");
    assert_eq!(fs::read_to_string(&run).expect("run.json"), text);
    assert_eq!(fs::read_dir(out.join("snapshots")).expect("list").count(), 1);
    // An older one is followed by one of today.
    fs::write(&run, text.replace("9.10.0", "0.9.0")).expect("run.json");
    build(&input, &out, &[], 0);
    assert_eq!(fs::read_dir(out.join("snapshots")).expect("list").count(), 2);
}

#[test]
fn order_comes_from_the_sequence_and_not_from_the_clock() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 5);
    for entry in walkdir::WalkDir::new(&input) {
        let path = entry.expect("entry").into_path();
        let far = std::time::UNIX_EPOCH + Duration::from_secs(4_100_000_000);
        fs::File::open(&path).and_then(|file| file.set_modified(far)).expect("time");
    }
    build(&input, &out, &[], 0);
    // The last snapshot comes from the future.
    let first = fs::canonicalize(out.join("current")).expect("current");
    fs::rename(&first, out.join("snapshots/2099.12.31")).expect("renamed");
    fs::remove_file(out.join("current")).expect("removed");
    std::os::unix::fs::symlink("snapshots/2099.12.31", out.join("current")).expect("link");
    change(&input, 1);
    build(&input, &out, &[], 0);
    let run: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("current/run.json")).expect("run.json")).expect("JSON");
    assert_eq!(run["sequence"], 2);
    assert_ne!(run["id"], "2099.12.31");
    assert!(build(&input, &out, &[], 0).contains("nothing changed"));
}

#[test]
fn the_environment_of_cron_changes_no_byte() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 20);
    fs::copy(root().join("tests/formats/report.pdf"), input.join("report.pdf")).expect("copy");
    build(&input, &out, &[], 0);
    let cron = folder.path().join("cron");
    let output = Command::new("/bin/sh")
        .args(["-c", "umask 077; cd /; exec \"$0\" build \"$1\" --out \"$2\" --quiet", env!("CARGO_BIN_EXE_gongkai")])
        .args([&input, &cron])
        .env_clear()
        .env("LANG", "C")
        .stdin(Stdio::null())
        .output()
        .expect("starts");
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""));
    assert!(data(&out) == data(&cron));
}

#[test]
fn a_reader_that_goes_away_stops_no_run() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 10);
    let script = "\"$0\" build \"$1\" --out \"$2\" >&- 2>&-";
    let status = Command::new("/bin/sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_gongkai")])
        .args([&input, &out])
        .status()
        .expect("starts");
    assert_eq!(status.code(), Some(0));
    let current = fs::canonicalize(out.join("current")).expect("current");
    assert_eq!(faults(&current).expect("listed"), [""; 0]);
}

#[test]
fn the_script_for_cron_is_silent_unless_something_is_wrong() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 8);
    // What would ping notes the address instead.
    let tools = folder.path().join("bin");
    fs::create_dir_all(&tools).expect("folder");
    let curl = tools.join("curl");
    fs::write(
        &curl,
        format!("#!/bin/sh\nfor last; do :; done\necho \"$last\" >> '{}'\n", folder.path().join("pings").display()),
    )
    .expect("script");
    fs::set_permissions(&curl, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    let run = |arguments: &[&Path]| {
        Command::new(root().join("scripts/nightly.sh"))
            .args(arguments)
            .arg("--out")
            .arg(&out)
            .env("GONGKAI", env!("CARGO_BIN_EXE_gongkai"))
            .env("GONGKAI_PING", "http://ping.example/one/")
            .env("PATH", format!("{}:/usr/bin:/bin", tools.display()))
            .output()
            .expect("the script starts")
    };
    let output = run(&[&input]);
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""));
    let output = run(&[&folder.path().join("gone")]);
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.starts_with("gongkai failed with code 2") && said.contains("does not exist"), "{said}");
    let pings = fs::read_to_string(folder.path().join("pings")).expect("pings");
    let pings: Vec<&str> = pings.lines().map(|line| line.trim_start_matches("http://ping.example/one")).collect();
    assert_eq!(pings, ["/start", "/0", "/start", "/2"]);
}
