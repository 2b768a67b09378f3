//! Whole runs of the program: outcomes, exit codes, determinism, atomic publication.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::util::{build, corpus, data, files_below, gongkai, root, table, text};

fn sample(name: &str) -> PathBuf {
    root().join("data/sample").join(name)
}

#[test]
fn the_same_bytes_for_any_number_of_threads_and_any_batch() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    corpus(&input, 150);
    // Documents read by other processes, and containers.
    for entry in fs::read_dir(root().join("tests/formats")).expect("formats") {
        let path = entry.expect("entry").path();
        fs::copy(&path, input.join(path.file_name().expect("name"))).expect("copy");
    }
    let settings = folder.path().join("config");
    fs::create_dir_all(&settings).expect("folder");
    let default = fs::read_to_string(root().join("config/gongkai.toml")).expect("settings");
    // Small batches cross the borders of batches and row groups many times.
    fs::write(settings.join("gongkai.toml"), default.replace("batch_files = 512", "batch_files = 16"))
        .expect("settings");
    let settings = settings.to_str().expect("UTF-8");
    let mut first = None;
    for jobs in ["1", "2", "8"] {
        let out = folder.path().join(format!("out-{jobs}"));
        build(&input, &out, &["--jobs", jobs, "--config", settings], 0);
        let data = data(&out);
        assert_eq!(data.len(), 34, "{:?}", data.keys());
        match &first {
            None => first = Some(data),
            Some(first) => assert!(*first == data, "{jobs} threads publish other bytes than one"),
        }
    }
}

#[test]
fn a_second_run_over_the_same_files_publishes_nothing_new() {
    let out = tempfile::tempdir().expect("folder");
    build(&root().join("data/sample"), out.path(), &[], 0);
    let before = fs::read_link(out.path().join("current")).expect("link");
    let said = build(&root().join("data/sample"), out.path(), &[], 0);
    assert!(said.contains("nothing changed"), "{said}");
    assert_eq!(fs::read_link(out.path().join("current")).expect("link"), before);
    assert_eq!(fs::read_dir(out.path().join("snapshots")).expect("snapshots").count(), 1);
}

#[test]
fn other_bytes_are_noticed_where_size_and_time_are_the_same() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    fs::create_dir_all(&input).expect("folder");
    let page = fs::read_to_string(sample("hongze-2024.html")).expect("sample");
    let path = input.join("a.html");
    fs::write(&path, &page).expect("file");
    let time = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("time");
    build(&input, &out, &[], 0);
    let hash = |out: &Path| table(out, "files")[0]["sha256"].clone();
    let before = hash(&out);
    fs::write(&path, page.replace("2776", "2777")).expect("file");
    fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).expect("time");
    let said = build(&input, &out, &[], 0);
    assert!(!said.contains("nothing changed"), "{said}");
    assert_ne!(hash(&out), before);
}

#[test]
fn no_two_files_have_one_path() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    fs::create_dir_all(input.join("x!")).expect("folder");
    fs::write(input.join("x!/y.txt"), "one").expect("file");
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    header.set_mode(0o644);
    builder.append_data(&mut header, "y.txt", &b"two"[..]).expect("appends");
    fs::write(input.join("x"), builder.into_inner().expect("finishes")).expect("file");
    build(&input, &out, &[], 0);
    let paths: Vec<String> = table(&out, "files").iter().map(|row| text(row, "path").to_owned()).collect();
    assert_eq!(paths, ["x", "x!/y.txt", "x%21/y.txt"]);
}

#[test]
fn a_snapshot_verifies_and_counts_itself() {
    let out = tempfile::tempdir().expect("folder");
    build(&root().join("data/sample"), out.path(), &[], 0);
    let snapshot = out.path().join("current");
    let sums = fs::read_to_string(snapshot.join("SHA256SUMS")).expect("sums");
    let files = files_below(&fs::canonicalize(&snapshot).expect("current"));
    assert_eq!(sums.lines().count(), files.len() - 1);
    for line in sums.lines() {
        use sha2::Digest;
        let (sum, name) = line.split_once("  ").expect("two fields");
        assert_eq!(gongkai::model::file::hex(&sha2::Sha256::digest(&files[Path::new(name)])), sum, "{name}");
    }
    let run: serde_json::Value = serde_json::from_slice(&files[Path::new("run.json")]).expect("run.json");
    for name in [
        "files",
        "reports",
        "disclosures",
        "applications",
        "outcomes",
        "reviews",
        "sections",
        "statements",
        "cells",
        "checks",
        "indicators",
        "links",
        "quarantine",
    ] {
        assert_eq!(run["rows"][name].as_u64(), Some(table(out.path(), name).len() as u64), "{name}");
    }
    // CSV holds the rows of Parquet.
    for name in ["files", "reports", "outcomes", "statements", "indicators"] {
        let bytes = &files[&PathBuf::from(format!("csv/{name}.csv"))];
        assert!(bytes.starts_with(b"\xef\xbb\xbf"));
        let records: Vec<_> =
            csv::Reader::from_reader(&bytes[3..]).into_records().collect::<Result<_, _>>().expect("records");
        assert_eq!(records.len(), table(out.path(), name).len(), "{name}");
    }
}

#[test]
fn every_file_has_one_row_and_one_outcome() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    fs::create_dir_all(input.join("deep")).expect("folder");
    fs::copy(sample("zhashui-2024.txt"), input.join("deep/report.txt")).expect("copy");
    fs::copy(sample("zhashui-2024.txt"), input.join("twin.txt")).expect("copy");
    fs::write(input.join("empty.txt"), "").expect("file");
    fs::write(input.join("noise.bin"), b"\x00\x01\x02\xff\x00\x07\x00\x00noise").expect("file");
    fs::write(input.join("scan.pdf"), b"%PDF-1.7\n").expect("file");
    fs::write(input.join("news.html"), "<html><body><p>今日要闻</p></body></html>").expect("file");
    fs::write(
        input.join("half.txt"),
        [("政府信息公开".repeat(30)).as_bytes(), &[0xd5, 0xfe, 0xb8, 0xae].repeat(80)].concat(),
    )
    .expect("file");
    fs::write(input.join(".DS_Store"), "x").expect("file");
    fs::write(input.join(std::ffi::OsStr::from_bytes(b"name-\xff,\"\n.txt")), "x").expect("file");
    std::os::unix::fs::symlink("/etc/hostname", input.join("link.txt")).expect("link");
    let status = std::process::Command::new("mkfifo").arg(input.join("pipe")).status();
    let n_pipes = usize::from(status.is_ok_and(|status| status.success()));
    let out = folder.path().join("out");
    build(&input, &out, &[], 0);
    let files = table(&out, "files");
    assert_eq!(files.len(), 10 + n_pipes);
    let outcome = |path: &str| {
        let row = files.iter().find(|row| text(row, "path") == path).unwrap_or_else(|| panic!("{path} has no row"));
        text(row, "outcome").to_owned()
    };
    assert_eq!(outcome("deep/report.txt"), "report");
    assert_eq!(outcome("twin.txt"), "duplicate");
    assert_eq!(outcome("empty.txt"), "unreadable");
    assert_eq!(outcome("noise.bin"), "unreadable");
    assert_eq!(outcome("scan.pdf"), "unreadable");
    assert_eq!(outcome("half.txt"), "unreadable");
    assert_eq!(outcome("news.html"), "not_a_report");
    assert_eq!(outcome(".DS_Store"), "skipped");
    assert_eq!(outcome("link.txt"), "skipped");
    assert_eq!(outcome("name-%FF,\"\n.txt"), "not_a_report");
    let twin = files.iter().find(|row| text(row, "path") == "twin.txt").expect("row");
    assert_eq!(text(twin, "detail"), "deep/report.txt");
    let mut causes: Vec<(String, String)> = table(&out, "quarantine")
        .iter()
        .map(|row| (text(row, "path").to_owned(), text(row, "cause").to_owned()))
        .collect();
    causes.sort();
    let expected =
        [("empty.txt", "empty"), ("half.txt", "decode"), ("noise.bin", "unsupported_format"), ("scan.pdf", "corrupt")];
    assert_eq!(causes, expected.map(|(path, cause)| (path.to_owned(), cause.to_owned())));
}

#[test]
fn what_cannot_be_read_is_listed_and_the_exit_code_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    fs::create_dir_all(&input).expect("folder");
    fs::copy(sample("zhashui-2024.txt"), input.join("a.txt")).expect("copy");
    fs::copy(sample("zhongwei-2023.txt"), input.join("b.txt")).expect("copy");
    fs::create_dir_all(input.join("closed")).expect("folder");
    fs::write(input.join("closed/c.txt"), "x").expect("file");
    for name in ["b.txt", "closed"] {
        fs::set_permissions(input.join(name), fs::Permissions::from_mode(0o000)).expect("permissions");
    }
    let out = folder.path().join("out");
    // The superuser reads everything.
    if fs::read(input.join("b.txt")).is_ok() {
        build(&input, &out, &[], 0);
        return;
    }
    let said = build(&input, &out, &["--quiet"], 3);
    assert!(said.contains("could not be read"), "{said}");
    fs::set_permissions(input.join("closed"), fs::Permissions::from_mode(0o755)).expect("permissions");
    let quarantine = table(&out, "quarantine");
    let rows: Vec<_> = quarantine.iter().map(|row| (text(row, "path"), text(row, "cause"))).collect();
    assert_eq!(rows, [("b.txt", "unreadable"), ("closed", "unreadable")]);
    assert_eq!(table(&out, "reports").len(), 1);
}

#[test]
fn wrong_usage_and_unusable_places_are_refused_before_any_work() {
    let folder = tempfile::tempdir().expect("folder");
    let place = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let code = |arguments: &[&str]| {
        let output = gongkai(arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (missing, said) = code(&["build", &place("none"), "--out", &place("out")]);
    assert_eq!(missing, Some(2), "{said}");
    assert!(said.contains("does not exist"), "{said}");
    let (usage, said) = code(&["build", "--jbos", "2"]);
    assert_eq!(usage, Some(2));
    assert!(said.contains("--jobs"), "{said}");
    fs::create_dir_all(folder.path().join("config")).expect("folder");
    fs::write(folder.path().join("config/gongkai.toml"), "[run]\njobs = 1\nbatchfiles = 3\n").expect("settings");
    let (settings, said) = code(&["build", "--config", &place("config"), "--out", &place("out")]);
    assert_eq!(settings, Some(2));
    assert!(said.contains("batchfiles") && said.contains("line 3"), "{said}");
    fs::create_dir_all(folder.path().join("out/raw")).expect("folder");
    let (inside, said) = code(&["build", &place("out/raw"), "--out", &place("out")]);
    assert_eq!(inside, Some(2));
    assert!(said.contains("inside the output folder"), "{said}");
    fs::write(folder.path().join("file"), "x").expect("file");
    let (output, said) = code(&["build", "data/sample", "--out", &place("file")]);
    assert_eq!(output, Some(1), "{said}");
    let help = gongkai(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.starts_with("Examples:"), "{help}");
    assert!(help.contains("75  another run holds the lock"), "{help}");
}

#[test]
fn a_second_run_at_the_same_time_is_told_who_works() {
    let folder = tempfile::tempdir().expect("folder");
    let lock = gongkai::publish::Lock::take(folder.path()).expect("lock");
    let said = build(&root().join("data/sample"), folder.path(), &[], 75);
    assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
    drop(lock);
    build(&root().join("data/sample"), folder.path(), &[], 0);
}

#[test]
fn a_killed_run_leaves_the_last_snapshot_and_the_next_one_clears_up() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    corpus(&input, 40);
    build(&input, &out, &[], 0);
    let before = data(&out);
    corpus(&input, 400);
    for delay in [5, 20, 60, 120] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_gongkai"))
            .args(["build", input.to_str().expect("UTF-8"), "--out", out.to_str().expect("UTF-8"), "--quiet"])
            .spawn()
            .expect("the program starts");
        std::thread::sleep(std::time::Duration::from_millis(delay));
        let is_done = child.try_wait().expect("child").is_some();
        child.kill().expect("killed");
        child.wait().expect("child");
        if is_done {
            break;
        }
        assert!(data(&out) == before || fs::read_dir(out.join("snapshots")).expect("snapshots").count() > 1);
    }
    build(&input, &out, &[], 0);
    let undisturbed = folder.path().join("undisturbed");
    build(&input, &undisturbed, &[], 0);
    assert!(data(&out) == data(&undisturbed));
    let litter: Vec<_> = fs::read_dir(&out)
        .expect("out")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".staging") || name.starts_with(".current"))
        .collect();
    assert!(litter.is_empty(), "{litter:?}");
}

#[test]
fn quiet_is_silent_and_json_is_for_programs() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("out");
    assert_eq!(build(&root().join("data/sample"), &out, &["--quiet"], 0), "");
    let said = build(&root().join("data/sample"), &out, &["--json"], 0);
    let record: serde_json::Value = serde_json::from_str(said.trim()).expect("one line of JSON");
    assert_eq!(record["reports"]["accepted"], 15);
    assert_eq!(record["outcome"], "unchanged");
    let bar = build(&root().join("data/sample"), &out, &["--progress", "always"], 0);
    assert!(bar.contains("nothing changed"), "{bar}");
}

#[test]
fn check_draws_the_tables_and_points_at_what_fails() {
    let output = gongkai(&["check", "data/sample/hongze-2023.html"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = said.lines().collect();
    let total = lines.iter().position(|line| line.contains("行政复议 总计")).expect("the total is drawn");
    assert!(lines[total + 1].contains("^ reviews_total fails for reconsideration: 11 against 0"), "{said}");
    assert_eq!(gongkai(&["check", "data/sample/zhashui-2024.txt"]).status.code(), Some(0));
    assert_eq!(gongkai(&["check", "data/sample/none.txt"]).status.code(), Some(2));
    let output = gongkai(&["check", "--json", "data/sample/zhashui-2024.txt", "data/sample/shili-news-2024.html"]);
    assert_eq!(output.status.code(), Some(3));
    let records: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(records[0]["cells"]["disclosures.normative_documents.issued"]["value"], 1.0);
    assert_eq!(records[1]["outcome"], "not_a_report");
}

#[test]
fn a_form_is_changed_by_an_edit_in_config_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let forms = folder.path().join("forms");
    fs::create_dir_all(&forms).expect("folder");
    for name in ["2014.toml", "2019.toml"] {
        fs::copy(root().join("config/forms").join(name), forms.join(name)).expect("copy");
    }
    let form = fs::read_to_string(root().join("config/forms/2021.toml")).expect("form");
    let report =
        fs::read_to_string(sample("zhashui-2024.txt")).expect("sample").replace("行政许可 |", "许可事项办理 |");
    let path = folder.path().join("report.txt");
    fs::write(&path, report).expect("report");
    let path = path.to_str().expect("UTF-8");
    assert_eq!(gongkai(&["check", path]).status.code(), Some(3));
    let taught = form.replace("aliases_seen = [\"政许可\"]", "aliases_seen = [\"政许可\", \"许可事项办理\"]");
    assert_ne!(form, taught);
    fs::write(forms.join("2021.toml"), taught).expect("form");
    let config = folder.path().to_str().expect("UTF-8");
    assert_eq!(gongkai(&["check", path, "--config", config]).status.code(), Some(0));
}

#[test]
fn versions_of_one_report_count_once_or_not_at_all() {
    let folder = tempfile::tempdir().expect("folder");
    let (input, out) = (folder.path().join("raw"), folder.path().join("out"));
    fs::create_dir_all(&input).expect("folder");
    let page = fs::read_to_string(sample("hongze-2024.html")).expect("sample");
    fs::write(input.join("b-page.html"), &page).expect("file");
    fs::write(input.join("c-again.html"), format!("{page}\n<!-- served anew -->")).expect("file");
    build(&input, &out, &[], 0);
    let reports = table(&out, "reports");
    let row = |path: &str| reports.iter().find(|row| row["path"].as_deref() == Some(path)).expect("a report");
    assert_eq!(row("b-page.html")["status"].as_deref(), Some("accepted"));
    assert_eq!(row("c-again.html")["status"].as_deref(), Some("duplicate"));
    assert_eq!(row("c-again.html")["duplicate_of"], row("b-page.html")["report_id"]);
    assert_eq!(row("c-again.html")["is_current"].as_deref(), Some("false"));
    let ids: std::collections::BTreeSet<_> =
        table(&out, "disclosures").into_iter().map(|row| row["report_id"].clone()).collect();
    assert_eq!(ids, [row("b-page.html")["report_id"].clone()].into());
    // A version with other figures: nobody can tell which counts.
    assert!(page.contains("2776"));
    fs::write(input.join("a-other.html"), page.replace("2776", "2777")).expect("file");
    build(&input, &out, &[], 0);
    let reports = table(&out, "reports");
    assert_eq!(reports.len(), 3);
    assert!(reports.iter().all(|row| row["status"].as_deref() == Some("quarantined")), "{reports:?}");
    let problems = table(&out, "quarantine");
    assert_eq!(problems.len(), 3);
    for problem in &problems {
        assert_eq!(problem["cause"].as_deref(), Some("conflict"));
        let (path, message) =
            (problem["path"].as_deref().expect("path"), problem["message"].as_deref().expect("message"));
        let other = if path == "a-other.html" { "b-page.html" } else { "a-other.html" };
        assert!(message.contains(other), "{path}: {message}");
        // Each names the figure in which the other differs.
        let (own, its) = if path == "a-other.html" { (2777, 2776) } else { (2776, 2777) };
        let cell = format!("disclosures.admin_penalty.decisions {own} against {its}; tell which one counts");
        assert!(message.ends_with(&cell), "{path}: {message}");
        assert_eq!(problem["rule"].as_deref(), Some("versions_agree"));
    }
    assert!(table(&out, "disclosures").is_empty());
}

#[test]
fn a_collection_too_large_to_be_read_whole_is_read_as_it_comes() {
    let folder = tempfile::tempdir().expect("folder");
    let report = fs::read_to_string(sample("zhashui-2024.txt")).expect("sample");
    let line = |text: &str| serde_json::json!({ "url": "http://a.example/nb.html", "text": text }).to_string();
    let path = folder.path().join("crawl.jsonl");
    fs::write(&path, [line("今日要闻"), line(&report), "{".to_owned()].join("\n")).expect("file");
    let mut config = gongkai::config::Config::embedded().expect("settings");
    config.limits.file_bytes = 1_000;
    let read = |config: &gongkai::config::Config| {
        let workers = gongkai::worker::Workers::none();
        gongkai::pipeline::inspect("crawl.jsonl".to_owned(), &path, config, &workers).expect("reads")
    };
    let files = read(&config);
    let outcomes: Vec<(&str, &str)> =
        files.iter().map(|file| (file.row.path.as_str(), file.row.outcome.as_str())).collect();
    let expected = [
        ("crawl.jsonl", "container"),
        ("crawl.jsonl!/1", "not_a_report"),
        ("crawl.jsonl!/2", "report"),
        ("crawl.jsonl!/3", "unreadable"),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(files[2].reports[0].identity.url.as_deref(), Some("http://a.example/nb.html"));
    assert!(files[0].row.sha256.is_some());
    config.limits.collection_bytes = 1_000;
    assert_eq!(read(&config)[0].problem.as_ref().map(|problem| problem.cause.as_str()), Some("too_large"));
}
