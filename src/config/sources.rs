//! Where each file of the settings comes from.

use std::fs;
use std::path::{Path, PathBuf};

use super::{AGENCIES, CODES, ConfigError, DATASET, FORMS, INDICATORS, MESSAGES, RULES, SETTINGS, STATEMENTS};

/// A file of the settings as it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name in `config/`.
    pub name: String,
    /// The file it was read from; `None` for the compiled-in one.
    pub from: Option<PathBuf>,
    /// Its text.
    pub text: String,
}

/// The files that settings are read from: those of the folder, and the compiled-in ones where it has none.
///
/// # Errors
/// When the folder or a file of it cannot be read.
pub fn sources(folder: Option<&Path>) -> Result<Vec<Source>, ConfigError> {
    let files = [
        ("gongkai.toml", SETTINGS),
        ("agencies.toml", AGENCIES),
        ("codes.toml", CODES),
        ("dataset.toml", DATASET),
        ("indicators.toml", INDICATORS),
        ("messages.toml", MESSAGES),
        ("rules.toml", RULES),
        ("statements.toml", STATEMENTS),
    ];
    let built_in =
        |(name, text): &(&str, &str)| Source { name: (*name).to_owned(), from: None, text: (*text).to_owned() };
    let Some(folder) = folder else { return Ok(files.iter().chain(&FORMS).map(built_in).collect()) };
    let listing = fs::read_dir(folder).map_err(|source| ConfigError::Read { path: folder.to_owned(), source })?;
    drop(listing);
    let mut sources = Vec::new();
    for file in &files {
        let path = folder.join(file.0);
        sources.push(if path.exists() { own(file.0.to_owned(), path)? } else { built_in(file) });
    }
    let forms = folder.join("forms");
    if !forms.is_dir() {
        sources.extend(FORMS.iter().map(built_in));
        return Ok(sources);
    }
    let entries = fs::read_dir(&forms)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| ConfigError::Read { path: forms.clone(), source })?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    for path in paths {
        sources.push(own(format!("forms/{}", path.file_name().unwrap_or_default().to_string_lossy()), path)?);
    }
    Ok(sources)
}

fn own(name: String, path: PathBuf) -> Result<Source, ConfigError> {
    let text = fs::read_to_string(&path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
    Ok(Source { name, from: Some(path), text })
}
