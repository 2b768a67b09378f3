//! Runs over inputs of which most is as it was: the same bytes as a run from nothing, in less time.

use std::fs;
use std::path::{Path, PathBuf};

use crate::util::{build, corpus, data, root, table, text};

/// A folder of reports in several formats, and a run over them.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new(n: usize) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        corpus(&folder.path().join("raw"), n);
        for name in ["report.pdf", "report.tar.gz", "report.zip"] {
            fs::copy(root().join("tests/formats").join(name), folder.path().join("raw").join(name)).expect("copy");
        }
        Self { folder }
    }

    fn raw(&self, name: &str) -> PathBuf {
        self.folder.path().join("raw").join(name)
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// Runs and gives the run's record.
    fn build(&self, more: &[&str]) -> serde_json::Value {
        let more: Vec<&str> = more.iter().copied().chain(["--json"]).collect();
        let said = build(&self.raw(""), &self.out(), &more, 0);
        serde_json::from_str(said.lines().next().expect("a line")).expect("JSON")
    }

    /// Holds the newest snapshot against that of a run from nothing.
    fn assert_as_from_nothing(&self, more: &[&str], what: &str) {
        let out = self.folder.path().join("from-nothing");
        drop(fs::remove_dir_all(&out));
        build(&self.raw(""), &out, more, 0);
        assert!(data(&self.out()) == data(&out), "{what}: other bytes than from nothing");
    }

    /// Dates all files back, as the clocks of file systems are coarse.
    fn settle(&self) {
        std::thread::sleep(std::time::Duration::from_millis(3_100));
    }
}

fn kept(record: &serde_json::Value) -> (u64, u64) {
    let number = |name: &str| record["state"][name].as_u64().expect("a number");
    (number("files_kept"), number("files_read"))
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).expect("copy");
}

#[test]
fn only_what_changed_is_read_again_and_the_bytes_are_those_of_a_run_from_nothing() {
    let site = Site::new(40);
    let first = site.build(&[]);
    let n_files: u64 = first["files"].as_object().expect("files").values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(kept(&first), (0, n_files));
    let again = site.build(&[]);
    assert_eq!((again["outcome"].as_str(), kept(&again)), (Some("unchanged"), (n_files, 0)));
    // New, changed, gone, renamed, and another container.
    copy(&root().join("data/sample/hongze-2024.html"), &site.raw("new.html"));
    let changed = site.raw("00/0000-README.md");
    let changed = if changed.exists() {
        changed
    } else {
        fs::read_dir(site.raw("00")).expect("list").next().expect("a file").expect("entry").path()
    };
    fs::write(&changed, [fs::read(&changed).expect("file"), b"\nmore\n".to_vec()].concat()).expect("file");
    let gone = fs::read_dir(site.raw("01")).expect("list").next().expect("a file").expect("entry").path();
    fs::remove_file(gone).expect("removed");
    let renamed = fs::read_dir(site.raw("02")).expect("list").next().expect("a file").expect("entry").path();
    fs::rename(&renamed, site.raw("renamed.txt")).expect("renamed");
    let record = site.build(&[]);
    assert_eq!((record["outcome"].as_str(), kept(&record)), (Some("published"), (n_files - 3, 3)));
    site.assert_as_from_nothing(&[], "changed files");
    // A container that changed is read whole; a second copy of it under another name is a file of its own.
    copy(&site.raw("report.tar.gz"), &site.raw("report.zip"));
    let record = site.build(&[]);
    assert!(kept(&record).1 > 0, "{record}");
    site.assert_as_from_nothing(&[], "a container");
    // The first of equal files goes: the second counts now, though it was a duplicate when it was read.
    copy(&site.raw("new.html"), &site.raw("newer.html"));
    site.build(&[]);
    fs::remove_file(site.raw("new.html")).expect("removed");
    let record = site.build(&[]);
    assert_eq!(kept(&record).1, 0);
    site.assert_as_from_nothing(&[], "the first of equal files");
}

#[test]
fn a_file_is_known_by_its_bytes_where_its_times_moved() {
    let site = Site::new(20);
    site.build(&[]);
    let path = site.raw("report.pdf");
    let bytes = fs::read(&path).expect("file");
    fs::remove_file(&path).expect("removed");
    fs::write(&path, bytes).expect("file");
    let record = site.build(&[]);
    assert_eq!((record["outcome"].as_str(), kept(&record).1), (Some("unchanged"), 0));
    // With another change beside it, so that all files are gone through.
    copy(&root().join("data/sample/hongze-2024.html"), &site.raw("new.html"));
    fs::File::options()
        .append(true)
        .open(&path)
        .and_then(|file| file.set_modified(std::time::UNIX_EPOCH))
        .expect("time");
    let record = site.build(&[]);
    assert_eq!((record["outcome"].as_str(), kept(&record).1), (Some("published"), 1));
}

#[test]
fn a_write_that_moves_no_time_is_noticed() {
    let site = Site::new(10);
    // Read within a tick of the clock of the file: the stamp of a later write may be the same.
    let path = site.raw("a.html");
    let page = fs::read_to_string(root().join("data/sample/hongze-2024.html")).expect("sample");
    fs::write(&path, &page).expect("file");
    site.build(&[]);
    fs::write(&path, page.replace("2776", "2777")).expect("file");
    assert_eq!(site.build(&[])["outcome"], "published");
    site.assert_as_from_nothing(&[], "a write at once");
    site.settle();
    site.build(&[]);
    let time = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("time");
    fs::write(&path, &page).expect("file");
    fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(time)).expect("time");
    assert_eq!(site.build(&[])["outcome"], "published");
    site.assert_as_from_nothing(&[], "a write with its time set back");
}

#[test]
fn other_settings_read_everything_and_other_corrections_what_they_name() {
    let site = Site::new(20);
    site.build(&[]);
    let settings = site.folder.path().join("config");
    fs::create_dir_all(&settings).expect("folder");
    let default = fs::read_to_string(root().join("config/gongkai.toml")).expect("settings");
    fs::write(settings.join("gongkai.toml"), default.replace("zstd_level = 3", "zstd_level = 2")).expect("settings");
    let record = site.build(&["--config", settings.to_str().expect("UTF-8")]);
    assert_eq!(kept(&record).0, 0);
    assert_eq!(record["state"]["dropped"], "the settings changed");
    let record = site.build(&[]);
    assert_eq!(kept(&record).0, 0);
    // A correction of one report.
    let quarantine = table(&site.out(), "quarantine");
    let row = quarantine.iter().find(|row| row["suggested_cell"].is_some()).expect("a suggestion");
    let (report, cell) = (text(row, "report_id"), text(row, "suggested_cell"));
    let cells = table(&site.out(), "cells");
    let name = |row: &crate::util::Row| {
        let part = |column: &str| row[column].clone().unwrap_or_default();
        format!("{}.{}.{}", part("table"), part("row"), part("column"))
    };
    let printed = cells.iter().find(|row| text(row, "report_id") == report && name(row) == cell).expect("the cell");
    let line = format!(
        "{report},{cell},{},{},read again,Li,2026-01-02\n",
        text(printed, "printed"),
        text(row, "suggested_value")
    );
    let corrections = site.folder.path().join("corrections.csv");
    fs::write(&corrections, format!("report,cell,printed,value,reason,who,date\n{line}")).expect("corrections");
    let option = ["--corrections", corrections.to_str().expect("UTF-8")];
    let record = site.build(&option);
    assert_eq!((kept(&record).1, record["corrections"]["applied"].as_u64()), (1, Some(1)));
    site.assert_as_from_nothing(&option, "a correction");
    let record = site.build(&option);
    assert_eq!((record["outcome"].as_str(), record["corrections"]["applied"].as_u64()), (Some("unchanged"), Some(1)));
    // Taken back.
    let record = site.build(&[]);
    assert_eq!((kept(&record).1, record["corrections"]["applied"].as_u64()), (1, Some(0)));
    site.assert_as_from_nothing(&[], "no correction");
}

#[test]
fn a_state_that_is_damaged_or_gone_costs_time_and_never_data() {
    let site = Site::new(12);
    site.build(&[]);
    site.settle();
    // Everything settled, so that no file is hashed again.
    site.build(&[]);
    let state = site.out().join("state");
    let segment = fs::read_dir(&state)
        .expect("state")
        .map(|entry| entry.expect("entry").path())
        .find(|path| path.extension().is_some())
        .expect("a segment");
    let index = state.join("index");
    let (whole_index, whole_segment) = (fs::read(&index).expect("index"), fs::read(&segment).expect("segment"));
    let mut variants: Vec<(String, Box<dyn Fn()>)> = Vec::new();
    let damage = |bytes: &[u8], how: usize| -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let n = bytes.len();
        match how {
            0 => bytes.clear(),
            1 => bytes.truncate(n / 2),
            2 => bytes.truncate(n - 1),
            3 => bytes.fill(0),
            4 => bytes[n / 3..n / 3 + 512].fill(0),
            5 => bytes[n / 2] ^= 4,
            6 => bytes[7] += 1,
            _ => bytes.push(0),
        }
        bytes
    };
    for how in 0..8 {
        for (path, whole) in [(&index, &whole_index), (&segment, &whole_segment)] {
            let (path, bytes) = (path.clone(), damage(whole, how));
            let what = format!("{} damaged in way {how}", path.display());
            variants.push((what, Box::new(move || fs::write(&path, &bytes).expect("damage"))));
        }
    }
    for path in [&index, &segment] {
        let path = path.clone();
        let gone = path.clone();
        variants.push((format!("{} gone", path.display()), Box::new(move || fs::remove_file(&gone).expect("removed"))));
        variants.push((
            format!("{} a folder", path.display()),
            Box::new(move || {
                fs::remove_file(&path).expect("removed");
                fs::create_dir_all(path.join("x")).expect("folder");
            }),
        ));
    }
    let folder = state.clone();
    variants.push(("no state".to_owned(), Box::new(move || fs::remove_dir_all(&folder).expect("removed"))));
    let folder = state.clone();
    variants.push((
        "a file for a state".to_owned(),
        Box::new(move || {
            fs::remove_dir_all(&folder).expect("removed");
            fs::write(&folder, "x").expect("file");
        }),
    ));
    // A file that changes each time, so that the run goes through all of them; what should come out, either way.
    let expected = [0, 1].map(|at| {
        fs::write(site.raw("note.txt"), format!("note {at}")).expect("file");
        let out = site.folder.path().join(format!("from-nothing-{at}"));
        build(&site.raw(""), &out, &[], 0);
        data(&out)
    });
    for (at, (what, spoil)) in variants.iter().enumerate() {
        drop(fs::remove_dir_all(&state));
        drop(fs::remove_file(&state));
        fs::create_dir_all(&state).expect("folder");
        fs::write(&index, &whole_index).expect("index");
        fs::write(&segment, &whole_segment).expect("segment");
        spoil();
        fs::write(site.raw("note.txt"), format!("note {}", at % 2)).expect("file");
        let record = site.build(&[]);
        assert_eq!(kept(&record).0, 0, "{what}: files were taken from it");
        assert!(data(&site.out()) == expected[at % 2], "{what}: other bytes than from nothing");
    }
    // What it left is a state that can be used.
    assert_eq!(site.build(&[])["outcome"], "unchanged");
}

#[test]
fn what_could_not_be_read_is_looked_for_again() {
    use gongkai::model::file::{FileOutcome, FileRow};
    use gongkai::model::verdict::{Blame, Cause, Problem};
    for cause in Cause::ALL {
        let row = FileRow::new("a".to_owned(), FileOutcome::Unreadable);
        let problem = Problem::new(*cause, Blame::Open, String::new());
        let record = gongkai::state::FileRecord::bare(row, vec![problem]);
        let is_read_again =
            ["unreadable", "vanished", "changed_while_reading", "worker_died"].contains(&cause.as_str());
        assert_eq!(record.is_lasting(), !is_read_again, "{cause}");
    }
}

#[test]
fn a_fresh_run_reads_everything() {
    let site = Site::new(3);
    let n_files = kept(&site.build(&[])).1;
    let record = site.build(&["--fresh"]);
    assert_eq!((record["outcome"].as_str(), kept(&record)), (Some("unchanged"), (0, n_files)));
}

#[test]
fn what_is_left_alone_counts_as_a_change_too() {
    let site = Site::new(5);
    site.build(&[]);
    std::os::unix::fs::symlink("/etc/hostname", site.raw("link.txt")).expect("link");
    let record = site.build(&[]);
    assert_eq!((record["outcome"].as_str(), kept(&record).1), (Some("published"), 0));
    fs::write(site.raw(".DS_Store"), "x").expect("file");
    assert_eq!(site.build(&[])["outcome"], "published");
    assert_eq!(site.build(&[])["outcome"], "unchanged");
    site.assert_as_from_nothing(&[], "what is left alone");
}

#[test]
fn a_state_of_many_nights_stays_small() {
    let site = Site::new(6);
    for night in 0..24 {
        fs::write(site.raw("note.txt"), format!("note {night}")).expect("file");
        site.build(&[]);
        let names: Vec<_> = fs::read_dir(site.out().join("state")).expect("state").collect();
        assert!(names.len() <= 18, "night {night}: {} files", names.len());
    }
    site.assert_as_from_nothing(&[], "many nights");
}

#[test]
fn the_newest_snapshot_must_be_the_one_that_the_state_made() {
    let site = Site::new(6);
    site.build(&[]);
    let first = fs::read_link(site.out().join("current")).expect("link");
    fs::write(site.raw("note.txt"), "note").expect("file");
    site.build(&[]);
    // Somebody points `current` back.
    fs::remove_file(site.out().join("current")).expect("removed");
    std::os::unix::fs::symlink(&first, site.out().join("current")).expect("link");
    assert_eq!(site.build(&[])["outcome"], "published");
    site.assert_as_from_nothing(&[], "current pointed back");
    fs::remove_file(site.out().join("current/SHA256SUMS")).expect("removed");
    assert_eq!(site.build(&[])["outcome"], "published");
    site.assert_as_from_nothing(&[], "no checksums");
}
