//! House rules as checks: who may import whom, and what no file may hold.

use std::path::{Path, PathBuf};

use crate::util::root;

const STAGES: [&str; 6] = ["ingest", "decode", "extract", "reconcile", "publish", "page"];

/// The modules of the crate that a module may name.
fn allowed(module: &str) -> Vec<&'static str> {
    match module {
        "model" => vec![],
        "form" | "agency" => vec!["model"],
        "config" => vec!["model", "form", "agency"],
        "archive" => vec!["model", "config"],
        "wording" => vec!["model", "form", "config"],
        "disk" => vec![],
        "state" => vec!["disk", "model", "form", "config"],
        // The rows of the tables are made from staged records.
        "publish" => vec!["disk", "model", "form", "config", "wording", "state"],
        // What is shown is read from the published tables.
        "page" => vec!["disk", "model", "form", "config", "wording"],
        "ingest" | "extract" | "reconcile" => vec!["model", "form", "agency", "config"],
        "decode" => vec!["model", "config", "archive"],
        // A stage in another process.
        "worker" => vec!["model", "config", "decode"],
        "pipeline" => vec![
            "disk",
            "model",
            "form",
            "config",
            "archive",
            "state",
            "ingest",
            "decode",
            "worker",
            "extract",
            "reconcile",
            "publish",
            "page",
        ],
        // Of what builds a snapshot its check takes the schema alone.
        "verify" => vec!["model", "form", "config", "publish"],
        // The words around a run: what it did, and what a report holds.
        "cli" => vec!["disk", "model", "form", "config", "wording", "pipeline", "publish", "verify", "worker"],
        "lib" | "main" => vec!["cli"],
        other => panic!("module {other} has no place in the import rule"),
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let walk = walkdir::WalkDir::new(root().join("src")).sort_by_file_name();
    walk.into_iter()
        .map(|entry| entry.expect("entry").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("source");
            (path, text)
        })
        .collect()
}

/// The module of a source file: the first name below `src`.
fn module_of(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).expect("below src");
    let first = relative.components().next().expect("has a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules that a text names after `crate::`.
fn named(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.match_indices("crate::").map(|(at, _)| &line[at + "crate::".len()..]).collect::<Vec<_>>())
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn stages_import_what_they_may_and_never_one_another() {
    let mut breaches = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        let allowed = allowed(&module);
        for name in named(&text) {
            if name != module && !allowed.contains(&name.as_str()) {
                breaches.push(format!("{} names crate::{name}", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
    for stage in STAGES {
        assert!(STAGES.iter().all(|other| !allowed(stage).contains(other)), "{stage} may import a stage");
    }
}

#[test]
fn the_check_of_a_snapshot_shares_no_working_with_its_builder() {
    for (path, text) in sources().into_iter().filter(|(path, _)| module_of(path) == "verify") {
        let is_shared = |line: &&str| {
            let of_publish = line.contains("crate::publish") && !line.contains("crate::publish::schema::");
            of_publish || line.contains("form::check") || line.contains(".decide(") || line.contains("formula::Side")
        };
        let shared: Vec<&str> = text.lines().filter(is_shared).collect();
        assert!(shared.is_empty(), "{}: {shared:?}", path.display());
    }
}

/// Calls of a source, its tests aside, that change a disk past the module which may fail them in tests.
fn past_disk(text: &str) -> Vec<&str> {
    let calls =
        ["fs::write(", "fs::rename(", "fs::create_dir", "fs::remove_", "fs::symlink(", "fs::copy(", "OpenOptions"];
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let has_own_file = code.contains("std::fs::File") || code.contains("std::fs::{self, File");
    let is_past = |line: &&str| {
        let makes = has_own_file && line.replace("disk::File::", "").contains("File::create");
        makes || calls.iter().any(|call| line.contains(call))
    };
    code.lines().filter(is_past).collect()
}

#[test]
fn what_is_written_goes_through_the_disk_module() {
    let mut breaches = Vec::new();
    for (path, text) in sources() {
        // A person's corrections lie outside of the output folder.
        let is_free =
            path.ends_with("cli/review.rs") || path.ends_with("tests.rs") || path.ends_with("pipeline/faults.rs");
        let writes = ["publish", "page", "state", "pipeline", "cli"].contains(&module_of(&path).as_str());
        if writes && !is_free && path.file_name().is_some_and(|name| name != "locate.rs") {
            breaches.extend(past_disk(&text).into_iter().map(|line| format!("{}: {line}", path.display())));
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
    assert_eq!(
        past_disk("use std::fs::File;\nlet a = disk::File::create(a)?;\nFile::create(b)?;\nstd::fs::rename(a, b)"),
        ["File::create(b)?;", "std::fs::rename(a, b)"]
    );
}

#[test]
fn a_breach_would_be_seen() {
    assert_eq!(
        named("use crate::decode::decode;\n// crate::publish\nlet x = crate::ingest::read();"),
        ["decode", "ingest"]
    );
}

#[test]
fn chinese_labels_stay_in_config() {
    // Labels of the forms that no source line may match on; comments and tests may name them.
    let labels =
        ["予以公开", "不予公开", "自然人", "商业企业", "行政许可", "行政复议", "结果维持", "本年新收", "规范性文件"];
    let mut breaches = Vec::new();
    // The words about the published columns are matched on by nothing.
    let is_free = |path: &Path| path.ends_with("tests.rs") || path.ends_with("publish/schema/tables.rs");
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_free(path)) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap_or_default();
            if labels.iter().any(|label| line.contains(label)) {
                breaches.push(format!("{}:{}", path.display(), at + 1));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn files_stay_readable_in_length() {
    for (path, text) in sources() {
        let n_lines = text.lines().count();
        assert!(n_lines <= 650, "{} has {n_lines} lines: split it by meaning", path.display());
    }
}
