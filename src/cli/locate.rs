//! From the id of a report to the file it was read from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::publish::{PublishedReport, published_reports};

/// A report that is meant by its id.
pub(super) struct Meant {
    pub(super) id: String,
    /// The reports of the newest snapshot, it among them.
    pub(super) published: Vec<PublishedReport>,
}

/// The file that a subject means, and the report when it is the id of one.
///
/// # Errors
/// When it is neither a file nor the id of a published report whose file is still there.
pub(super) fn locate(subject: &str, inputs: &[PathBuf], out: &Path) -> Result<(PathBuf, Option<Meant>)> {
    let file = Path::new(subject);
    if file.exists() {
        return Ok((file.to_owned(), None));
    }
    let is_id =
        subject.len() > 17 && subject.as_bytes()[16] == b'-' && subject[..16].bytes().all(|c| c.is_ascii_hexdigit());
    if !is_id {
        bail!("{subject}: no such file, and no id of a report");
    }
    let published = published_reports(out).with_context(|| format!("look {subject} up in {}", out.display()))?;
    let found = published.iter().find(|report| report.report_id == subject);
    let Some(path) = found.map(|report| &report.path) else {
        bail!("{} has no report {subject}: build first", out.join("current").display())
    };
    match file_of(path, inputs) {
        Some(file) => Ok((file, Some(Meant { id: subject.to_owned(), published }))),
        None => bail!("{path} is not below the inputs any more: name the folder it was read from with --input"),
    }
}

/// The file with a published path, that of a container for what is inside it.
pub(super) fn file_of(path: &str, inputs: &[PathBuf]) -> Option<PathBuf> {
    let path = path.split("!/").next().unwrap_or(path);
    let relative = plain(path)?;
    let candidates = inputs.iter().flat_map(|input| {
        // Of several inputs the last names lead the paths; a single file is its own.
        let parent = input.parent().unwrap_or(input);
        [input.join(&relative), parent.join(&relative)]
    });
    candidates.into_iter().find(|file| file.is_file())
}

/// A path with its `%XX` turned back.
fn plain(path: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, more @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (first, more) {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files")]
mod tests {
    use super::*;

    #[test]
    fn published_paths_lead_back_to_files() {
        let folder = tempfile::tempdir().expect("folder");
        let raw = folder.path().join("raw");
        std::fs::create_dir_all(raw.join("a")).expect("folder");
        for name in ["a/50% 报告.html", "b.zip"] {
            std::fs::write(raw.join(name), "x").expect("file");
        }
        let inputs = [raw.clone()];
        assert_eq!(file_of("a/50%25 报告.html", &inputs), Some(raw.join("a/50% 报告.html")));
        assert_eq!(file_of("raw/b.zip!/c/d.docx", &inputs), Some(raw.join("b.zip")));
        assert_eq!(file_of("b.zip", &[raw.join("b.zip")]), Some(raw.join("b.zip")));
        assert_eq!(file_of("c.html", &inputs), None);
    }
}
