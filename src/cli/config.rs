//! `gongkai config show`: every setting, with where it comes from.

use std::path::Path;

use serde_json::json;

use super::build::say;
use super::{ExitStatus, fail};
use crate::config::{Source, sources};

/// The files whose settings are values; the others hold knowledge in lists, of which only the origin is told.
const VALUES: [&str; 2] = ["gongkai.toml", "dataset.toml"];

pub(super) fn show(folder: Option<&Path>, is_json: bool) -> ExitStatus {
    let sources = match sources(folder) {
        Ok(sources) => sources,
        Err(error) => return fail(&anyhow::Error::new(error), ExitStatus::Usage),
    };
    for source in &sources {
        let origin = origin(source);
        if !VALUES.contains(&source.name.as_str()) {
            if is_json {
                say(&json!({"file": source.name, "origin": origin}).to_string());
            } else {
                say(&format!("# {}: {origin}", source.name));
            }
            continue;
        }
        // That the settings load was seen before this is called.
        let values: toml::Table = source.text.parse().unwrap_or_default();
        if !is_json {
            say(&format!("# {}: {origin}", source.name));
        }
        let prefix = if source.name == "dataset.toml" { "dataset" } else { "" };
        walk(&toml::Value::Table(values), prefix, &mut |key, value| {
            if is_json {
                say(&json!({"file": source.name, "key": key, "value": value, "origin": origin}).to_string());
            } else {
                // JSON prints strings, numbers and lists as TOML does.
                say(&format!("{key} = {}", json!(value)));
            }
        });
    }
    ExitStatus::Done
}

fn origin(source: &Source) -> String {
    source.from.as_ref().map_or_else(|| "built in".to_owned(), |path| path.display().to_string())
}

/// Tells every value with its whole key.
fn walk(value: &toml::Value, key: &str, tell: &mut dyn FnMut(&str, &toml::Value)) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                walk(value, &key, tell);
            }
        }
        value => tell(key, value),
    }
}
