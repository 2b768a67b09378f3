//! `gongkai diff`: what differs between two snapshots, and why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::Diff;
use super::build::say;
use super::{ExitStatus, fail};
use crate::publish::{Change, PublishError, compare};
use crate::wording::printable;

/// Changes that are shown of each kind, unless all are asked for.
const EXAMPLES: usize = 3;

pub(super) fn run(arguments: &Diff) -> ExitStatus {
    let folders = [&arguments.before, &arguments.after].map(|name| folder_of(name, &arguments.out));
    if let Some(missing) = folders.iter().find(|folder| !folder.join("parquet").is_dir()) {
        let error = anyhow::anyhow!("{} is no snapshot: it has no folder parquet", missing.display());
        return fail(&error, ExitStatus::Usage);
    }
    let mut counts: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    let told = compare(&folders[0], &folders[1], &mut |change| {
        let n = counts.entry((change.table, change.kind.as_str(), change.cause.as_str())).or_default();
        *n += 1;
        if arguments.json {
            say(&record(&change).to_string());
        } else if arguments.all || *n <= EXAMPLES as u64 {
            say(&sentence(&change));
        }
        Ok::<(), PublishError>(())
    });
    if let Err(error) = told {
        return fail(&anyhow::Error::new(error), ExitStatus::Failed);
    }
    let total: u64 = counts.values().sum();
    if arguments.json {
        let counts: Vec<_> = counts
            .iter()
            .map(|((table, kind, cause), n)| json!({"table": table, "kind": kind, "cause": cause, "changes": n}))
            .collect();
        say(&json!({"type": "summary", "changes": total, "counts": counts}).to_string());
        return ExitStatus::Done;
    }
    if total == 0 {
        say("no table differs");
        return ExitStatus::Done;
    }
    say("");
    for ((table, kind, cause), n) in &counts {
        say(&format!("{table:12} {kind:7} {cause:16} {n:>9}"));
    }
    let shown: u64 = counts.values().map(|n| (*n).min(EXAMPLES as u64)).sum();
    if !arguments.all && shown < total {
        say(&format!("{shown} of {total} changes are shown above; --all shows all"));
    }
    ExitStatus::Done
}

/// A folder as named, or a snapshot of the output folder by its id.
fn folder_of(name: &str, out: &Path) -> PathBuf {
    let named = PathBuf::from(name);
    if named.is_dir() {
        return named;
    }
    [out.join("snapshots").join(name), out.join(name)].into_iter().find(|folder| folder.is_dir()).unwrap_or(named)
}

fn record(change: &Change) -> serde_json::Value {
    json!({
        "type": "change",
        "table": change.table,
        "key": change.key,
        "column": change.column,
        "old": change.old,
        "new": change.new,
        "kind": change.kind.as_str(),
        "cause": change.cause.as_str(),
    })
}

fn sentence(change: &Change) -> String {
    /// Longer values are cut.
    const LONG: usize = 100;
    let value = |value: &Option<String>| match value {
        None => "(null)".to_owned(),
        Some(value) => {
            let plain = printable(value);
            let cut: String = plain.chars().take(LONG).collect();
            if cut.len() < plain.len() { cut + "…" } else { cut }
        }
    };
    let (table, kind, cause) = (change.table, change.kind, change.cause);
    let key = value(&Some(change.key.clone()));
    match change.column {
        Some(column) => {
            format!("{table} {key}: {column} {} -> {} ({cause})", value(&change.old), value(&change.new))
        }
        None => format!(
            "{table} {key}: {kind} {} ({cause})",
            value(if change.new.is_some() { &change.new } else { &change.old })
        ),
    }
}
