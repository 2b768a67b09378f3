//! Commands that print what the program knows: settings, codebook, completions, manual.

use std::fs;

use crate::util::{config, gongkai, root};

fn printed(arguments: &[&str]) -> String {
    let output = gongkai(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_setting_is_shown_with_the_file_it_comes_from() {
    let folder = tempfile::tempdir().expect("folder");
    let settings = fs::read_to_string(root().join("config/gongkai.toml")).expect("settings");
    fs::write(folder.path().join("gongkai.toml"), settings.replace("batch_files = 512", "batch_files = 17"))
        .expect("settings");
    let folder = folder.path().to_str().expect("UTF-8");
    let shown = printed(&["config", "show", "--config", folder]);
    assert!(shown.contains(&format!("# gongkai.toml: {folder}/gongkai.toml\n")), "{shown}");
    assert!(shown.contains("\nrun.batch_files = 17\n"));
    assert!(shown.contains("\n# dataset.toml: built in\n") && shown.contains("\ndataset.license.id = \"CC-BY-4.0\"\n"));
    assert!(shown.contains("\n# forms/2021.toml: built in\n"));
    let lines = printed(&["config", "show", "--json"]);
    let keys: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let batch = keys.iter().find(|line| line["key"] == "run.batch_files").expect("a setting");
    assert_eq!((batch["value"].as_u64(), batch["origin"].as_str()), (Some(512), Some("built in")));
    let wrong = gongkai(&["config", "show", "--config", "no/such/folder"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn codebook_completions_and_manual_name_what_there_is() {
    let codebook = printed(&["codebook"]);
    assert_eq!(codebook.trim_end(), gongkai::publish::codebook(config()).trim_end());
    let page = printed(&["man"]);
    let commands = ["build", "check", "explain", "review", "verify", "diff", "codebook", "config", "completions"];
    for command in commands {
        assert!(
            page.contains(&format!(".TH {command} ")) || page.contains(&format!("gongkai\\-{command}")),
            "{command}"
        );
    }
    assert!(page.contains("another run holds the lock"));
    // What is for the program itself is offered to nobody.
    assert!(!page.contains("worker"));
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(&["completions", shell]);
        assert!(commands.iter().all(|command| script.contains(command)), "{shell}");
    }
}
