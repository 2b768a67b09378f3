//! Lists files in sorted order, each with the path it is published under.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use thiserror::Error;
use walkdir::{DirEntry, WalkDir};

use crate::config::Input;

/// What can be wrong with the inputs as a whole.
#[derive(Debug, Error)]
pub enum IngestError {
    /// An input is not there.
    #[error("input {path} does not exist")]
    Missing {
        /// The input.
        path: PathBuf,
    },
    /// An input lies in the output folder, or is it.
    #[error("input {input} lies inside the output folder {output}: a run must not read what it writes")]
    InsideOutput {
        /// The input.
        input: PathBuf,
        /// The output.
        output: PathBuf,
    },
    /// Two inputs have the same last name, so their paths could not be told apart.
    #[error("two inputs are called {name}: rename one, or give the folder above them")]
    SameName {
        /// The name.
        name: String,
    },
}

/// What the walk says of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A file to read.
    File {
        /// Path as published.
        path: String,
        /// Path on this machine.
        location: PathBuf,
    },
    /// Left alone by rule, for this reason.
    Skipped {
        /// Path as published.
        path: String,
        /// One sentence.
        reason: String,
    },
    /// A file or folder that could not be listed, for this reason.
    Unlisted {
        /// Path as published.
        path: String,
        /// One sentence.
        reason: String,
    },
}

impl Entry {
    /// The path as published.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::File { path, .. } | Self::Skipped { path, .. } | Self::Unlisted { path, .. } => path,
        }
    }
}

/// The files of some inputs, sorted by published path.
#[derive(Debug)]
pub struct Walk {
    roots: Vec<(PathBuf, String)>,
    output: Option<PathBuf>,
    skip_names: Vec<String>,
}

impl Walk {
    /// Prepares a walk over inputs that exist, do not lie in the output and differ in their last names.
    ///
    /// # Errors
    /// When they do not.
    pub fn new(inputs: &[PathBuf], output: &Path, settings: &Input) -> Result<Self, IngestError> {
        let output = output.canonicalize().ok();
        let mut roots: Vec<(PathBuf, String)> = Vec::new();
        for input in inputs {
            let Ok(place) = input.canonicalize() else { return Err(IngestError::Missing { path: input.clone() }) };
            if let Some(output) = &output
                && place.starts_with(output)
            {
                return Err(IngestError::InsideOutput { input: input.clone(), output: output.clone() });
            }
            let name = printable(place.file_name().unwrap_or_default());
            let prefix = if inputs.len() > 1 { name.clone() } else { String::new() };
            if roots.iter().any(|(_, other)| inputs.len() > 1 && *other == prefix) {
                return Err(IngestError::SameName { name });
            }
            roots.push((input.clone(), prefix));
        }
        // A folder sorts as the paths inside it do.
        let key = |(root, prefix): &(PathBuf, String)| {
            if root.is_dir() { unlike_container(&format!("{prefix}/")).into_owned() } else { prefix.clone() }
        };
        roots.sort_by_key(key);
        Ok(Self { roots, output, skip_names: settings.skip_names.clone() })
    }

    /// The entries in the order of their published paths.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.roots.iter().flat_map(move |(root, prefix)| self.walk(root, prefix))
    }

    fn walk<'a>(&'a self, root: &'a Path, prefix: &'a str) -> impl Iterator<Item = Entry> + 'a {
        // Folders sort as their paths do, with the separator after the name.
        let key = |entry: &DirEntry| {
            let mut name = printable(entry.file_name());
            if entry.file_type().is_dir() {
                name.push('/');
            }
            unlike_container(&name).into_owned()
        };
        let mut walk =
            WalkDir::new(root).follow_links(false).sort_by(move |one, two| key(one).cmp(&key(two))).into_iter();
        std::iter::from_fn(move || {
            loop {
                let entry = match walk.next()? {
                    Ok(entry) => entry,
                    Err(error) => {
                        let path = error.path().unwrap_or(root);
                        let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                        return Some(Entry::Unlisted { path: published(path, root, prefix), reason });
                    }
                };
                let path = || published(entry.path(), root, prefix);
                if self.is_litter(entry.file_name()) && entry.depth() > 0 {
                    if entry.file_type().is_dir() {
                        walk.skip_current_dir();
                    }
                    return Some(Entry::Skipped { path: path(), reason: LITTER.to_owned() });
                }
                let kind = entry.file_type();
                if kind.is_dir() {
                    // Folders are not files; the run's own output is never read.
                    let is_output = self.output.as_ref().is_some_and(|output| {
                        entry.file_name() == output.file_name().unwrap_or_default()
                            && entry.path().canonicalize().is_ok_and(|place| place == *output)
                    });
                    if is_output {
                        walk.skip_current_dir();
                    }
                    continue;
                }
                if kind.is_file() {
                    return Some(Entry::File { path: path(), location: entry.into_path() });
                }
                let reason = if kind.is_symlink() { "a link; links are not followed" } else { "no regular file" };
                return Some(Entry::Skipped { path: path(), reason: reason.to_owned() });
            }
        })
    }

    fn is_litter(&self, name: &OsStr) -> bool {
        is_litter(name.as_bytes(), &self.skip_names)
    }
}

/// Whether a name is that of litter.
fn is_litter(name: &[u8], skip_names: &[String]) -> bool {
    skip_names.iter().any(|pattern| matches_name(pattern.as_bytes(), name))
}

/// Why a file inside a container is left alone, if it is: a name in its path is that of litter.
#[must_use]
pub fn litter(path: &str, settings: &Input) -> Option<&'static str> {
    let is_litter = path.split('/').any(|name| is_litter(name.as_bytes(), &settings.skip_names));
    is_litter.then_some(LITTER)
}

const LITTER: &str = "its name marks it as litter; see input.skip_names";

/// Whether a name matches a pattern in which `*` stands for any characters.
fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|at| matches_name(rest, &name[at..])),
        Some((first, rest)) => name.split_first().is_some_and(|(c, name)| c == first && matches_name(rest, name)),
    }
}

/// The path as published: relative to its input, `/` separated; an input that is a file is its name.
fn published(path: &Path, root: &Path, prefix: &str) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let mut name = prefix.to_owned();
    let relative = if relative.as_os_str().is_empty() {
        if prefix.is_empty() { printable(path.file_name().unwrap_or_default()) } else { String::new() }
    } else {
        printable(relative.as_os_str())
    };
    if !name.is_empty() && !relative.is_empty() {
        name.push('/');
    }
    name.push_str(&relative);
    unlike_container(&name).into_owned()
}

/// A path in which no folder ends in `!`, as only containers do: that `!` is `%21`. So no two files have one path.
fn unlike_container(path: &str) -> Cow<'_, str> {
    if path.contains("!/") { path.replace("!/", "%21/").into() } else { path.into() }
}

/// A name as text: bytes that are not UTF-8 as `%XX`, and `%` itself as `%25`, so that it can be undone.
fn printable(name: &OsStr) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '%' { text.push_str("%25") } else { text.push(c) }
        }
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn settings() -> Input {
        Input { skip_names: vec![".DS_Store".to_owned(), "~$*".to_owned()] }
    }

    fn paths(folder: &Path) -> Vec<String> {
        let walk =
            Walk::new(&[folder.to_owned()], Path::new("/nonexistent/out"), &settings()).expect("inputs are sound");
        walk.entries()
            .map(|entry| match entry {
                Entry::File { path, .. } => path,
                Entry::Skipped { path, .. } => format!("skipped {path}"),
                Entry::Unlisted { path, .. } => format!("unlisted {path}"),
            })
            .collect()
    }

    #[test]
    fn files_come_in_the_order_of_their_paths() {
        let folder = tempfile::tempdir().expect("folder");
        for name in ["b.txt", "a/z.txt", "a.txt", "a-b.txt", ".DS_Store", "~$x.docx", "b!/x.txt", "b!!/x!.txt", "b#"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("has a parent")).expect("folder");
            fs::write(path, name).expect("file");
        }
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("link");
        let found = paths(folder.path());
        assert_eq!(
            found,
            [
                "skipped .DS_Store",
                "a-b.txt",
                "a.txt",
                "a/z.txt",
                "b!%21/x!.txt",
                "b#",
                "b%21/x.txt",
                "b.txt",
                "skipped loop",
                "skipped ~$x.docx"
            ]
        );
    }

    #[test]
    fn names_that_are_not_utf8_can_be_undone() {
        assert_eq!(printable(OsStr::from_bytes(b"a\xff%\n")), "a%FF%25\n");
    }

    #[test]
    fn inputs_are_refused_when_they_cannot_be_told_apart() {
        let folder = tempfile::tempdir().expect("folder");
        for name in ["one/raw", "two/raw", "out"] {
            fs::create_dir_all(folder.path().join(name)).expect("folder");
        }
        let new = |inputs: &[&str]| {
            let inputs: Vec<PathBuf> = inputs.iter().map(|name| folder.path().join(name)).collect();
            Walk::new(&inputs, &folder.path().join("out"), &settings()).map(|_| ())
        };
        assert!(matches!(new(&["one/raw", "two/raw"]), Err(IngestError::SameName { .. })));
        assert!(matches!(new(&["three"]), Err(IngestError::Missing { .. })));
        assert!(matches!(new(&["out"]), Err(IngestError::InsideOutput { .. })));
        assert!(new(&["one/raw", "two"]).is_ok());
    }

    #[test]
    fn the_output_folder_is_never_read() {
        let folder = tempfile::tempdir().expect("folder");
        fs::create_dir_all(folder.path().join("out/current")).expect("folder");
        fs::write(folder.path().join("out/current/x.txt"), "x").expect("file");
        fs::write(folder.path().join("a.txt"), "a").expect("file");
        let walk = Walk::new(&[folder.path().to_owned()], &folder.path().join("out"), &settings()).expect("sound");
        assert_eq!(walk.entries().map(|entry| entry.path().to_owned()).collect::<Vec<_>>(), ["a.txt"]);
    }
}
