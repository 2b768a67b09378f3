//! Rules as data: a rule added in `config/` alone takes effect wherever rules are seen.

use std::fs;
use std::path::PathBuf;

use crate::util::{build, gongkai, root, table, text};

/// A folder of settings with these rules more.
fn settings(more: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let rules = fs::read_to_string(root().join("config/rules.toml")).expect("rules");
    fs::write(folder.path().join("rules.toml"), format!("{rules}\n{more}")).expect("rules");
    let path = folder.path().to_owned();
    (folder, path)
}

const NO_DOCUMENTS: &str = r#"
[[rule]]
code = "no_documents"
id = "X-01"
forms = ["2021"]
table = "disclosures"
over = "rows"
only = ["normative_documents"]
formula = "issued + repealed <= 0"
example = { issued = 1, repealed = 0 }
severity = "hard"
title_zh = "不得有规范性文件"
title_en = "There are no documents"
why = "An example of a rule that somebody adds."
advice_zh = "请核对文件数"
advice_en = "count the documents"
"#;

#[test]
fn a_rule_is_added_in_config_alone() {
    let input = root().join("data/sample/zhashui-2024.txt");
    let (_folder, config) = settings(NO_DOCUMENTS);
    let config = config.to_str().expect("UTF-8");
    let out = tempfile::tempdir().expect("folder");
    build(&input, out.path(), &["--config", config], 0);
    let checks = table(out.path(), "checks");
    let check = checks.iter().find(|row| text(row, "rule") == "no_documents").expect("the rule is checked");
    assert_eq!(
        ["scope", "severity", "status", "left", "right"].map(|column| text(check, column)),
        ["normative_documents", "hard", "fail", "1", "0"]
    );
    let quarantine = table(out.path(), "quarantine");
    assert_eq!(quarantine.len(), 1);
    assert_eq!(
        text(&quarantine[0], "message"),
        "no_documents (there are no documents) fails for disclosures, normative_documents: 1 against 0; count the documents"
    );
    assert_eq!(text(&quarantine[0], "blame"), "source");
    assert!(text(&quarantine[0], "message_zh").ends_with("（左边 1，右边 0，相差 +1）（第 12 行）；请核对文件数"));
    let codebook = fs::read_to_string(out.path().join("current/CODEBOOK.md")).expect("the codebook");
    assert!(codebook.contains("### no_documents\n\n不得有规范性文件。"));
    let explained = gongkai(&["explain", input.to_str().expect("UTF-8"), "--config", config]);
    assert!(String::from_utf8_lossy(&explained.stdout).contains("1. no_documents (there are no documents) fails"));
    assert_eq!(table(out.path(), "disclosures").len(), 0);
    let output = gongkai(&["check", input.to_str().expect("UTF-8"), "--config", config]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("no_documents fails for normative_documents: 1 against 0 (There are no documents)"),
        "{said}"
    );
}

#[test]
fn a_hard_rule_may_speak_of_two_tables() {
    let rule = NO_DOCUMENTS
        .replace("table = \"disclosures\"\nover = \"rows\"\nonly = [\"normative_documents\"]", "over = \"report\"")
        .replace(
            "issued + repealed <= 0",
            "disclosures.normative_documents.issued <= reviews.cases.reconsideration_total",
        )
        .replace(
            "{ issued = 1, repealed = 0 }",
            "{ \"disclosures.normative_documents.issued\" = 1, \"reviews.cases.reconsideration_total\" = 0 }",
        );
    let (_folder, config) = settings(&rule);
    let out = tempfile::tempdir().expect("folder");
    let input = root().join("data/sample/zhashui-2024.txt");
    build(&input, out.path(), &["--config", config.to_str().expect("UTF-8")], 0);
    let quarantine = table(out.path(), "quarantine");
    assert_eq!(quarantine.len(), 1);
    assert_eq!(["rule", "scope", "left"].map(|column| text(&quarantine[0], column)), ["no_documents", "report", "1"]);
    assert_eq!(text(&table(out.path(), "reports")[0], "status"), "quarantined");
}

#[test]
fn a_soft_rule_is_recorded_and_holds_nothing_back() {
    let input = root().join("data/sample/zhashui-2024.txt");
    let (_folder, config) = settings(&NO_DOCUMENTS.replace("\"hard\"", "\"soft\""));
    let out = tempfile::tempdir().expect("folder");
    build(&input, out.path(), &["--config", config.to_str().expect("UTF-8")], 0);
    let checks = table(out.path(), "checks");
    assert!(checks.iter().any(|row| text(row, "rule") == "no_documents" && text(row, "status") == "fail"));
    assert_eq!(table(out.path(), "quarantine").len(), 0);
    let reports = table(out.path(), "reports");
    assert_eq!((text(&reports[0], "status"), text(&reports[0], "checks_fail")), ("accepted", "1"));
}

#[test]
fn a_rule_that_names_no_cell_is_refused_with_its_name() {
    let (_folder, config) = settings(&NO_DOCUMENTS.replace("issued + repealed <= 0", "isued + repealed <= 0"));
    let output = gongkai(&["check", "data/sample/zhashui-2024.txt", "--config", config.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("rule no_documents: its example names \"issued\", which its formula does not"), "{said}");
}

#[test]
fn zeros_are_confirmed_by_print_or_by_words() {
    let out = tempfile::tempdir().expect("folder");
    build(&root().join("data/sample"), out.path(), &[], 0);
    let checks = table(out.path(), "checks");
    let zeros: Vec<(&str, &str)> = checks
        .iter()
        .filter(|row| text(row, "rule").ends_with("_zeros"))
        .map(|row| (text(row, "scope"), text(row, "status")))
        .collect();
    assert!(zeros.contains(&("reviews", "pass")), "{zeros:?}");
    // No hard rule was left out of any report that is accepted.
    for report in table(out.path(), "reports").iter().filter(|row| text(row, "status") == "accepted") {
        if report["form_applications"].is_none() {
            continue;
        }
        let own = |row: &&crate::util::Row| row["report_id"] == report["report_id"] && text(row, "severity") == "hard";
        let hard: Vec<_> = checks.iter().filter(own).collect();
        let expected = if text(report, "form_applications") == "2021" { 42 } else { 40 };
        assert_eq!(hard.len(), expected, "{}", text(report, "path"));
        assert!(hard.iter().all(|row| text(row, "status") != "fail"));
    }
}

#[test]
fn every_reason_is_said_in_chinese_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("raw");
    fs::create_dir_all(&input).expect("folder");
    let fixtures = walkdir::WalkDir::new(root().join("tests/fixtures")).sort_by_file_name();
    let is_page = |entry: &walkdir::DirEntry| entry.file_name().to_string_lossy().starts_with("input.");
    for (at, entry) in fixtures.into_iter().map(|entry| entry.expect("entry")).filter(is_page).enumerate() {
        fs::copy(entry.path(), input.join(format!("f{at}"))).expect("copy");
    }
    fs::write(input.join("empty.html"), "").expect("file");
    fs::write(input.join("damaged.zip"), b"PK\x03\x04 and nothing that follows").expect("file");
    let out = folder.path().join("out");
    build(&input, &out, &[], 0);
    // Quotes are in the language of the page.
    let english = regex::Regex::new("[A-Za-z_]{3,} [A-Za-z_]{2,}").expect("pattern");
    let quoted = regex::Regex::new("“[^”]*”").expect("pattern");
    let quarantine = table(&out, "quarantine");
    let causes: std::collections::BTreeSet<&str> = quarantine.iter().map(|row| text(row, "cause")).collect();
    assert!(causes.len() > 10, "{causes:?}");
    for row in &quarantine {
        let said = quoted.replace_all(text(row, "message_zh"), "");
        assert!(!english.is_match(&said), "{said} of {}", text(row, "message"));
    }
}
