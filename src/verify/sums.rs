//! Every file has the sum that SHA256SUMS gives it, and no file is missing there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::finding::{Area, Findings};

const LIST: &str = "SHA256SUMS";

/// Checks the files of a snapshot; gives how many have a sum.
pub(super) fn check(folder: &Path, findings: &mut Findings) -> usize {
    let list = match fs::read_to_string(folder.join(LIST)) {
        Ok(list) => list,
        Err(error) => {
            findings.add(Area::Sums, format!("{LIST} cannot be read ({error})"));
            return 0;
        }
    };
    let mut entries: Vec<(&str, &str)> = Vec::new();
    for (at, line) in list.lines().enumerate() {
        match line.split_once("  ").filter(|(sum, name)| is_sum(sum) && is_inside(name)) {
            Some((sum, name)) => entries.push((name, sum)),
            None => findings.add(Area::Sums, format!("line {} of {LIST} is no sum and name: {line:?}", at + 1)),
        }
    }
    for pair in entries.windows(2).filter(|pair| pair[0].0 >= pair[1].0) {
        findings.add(Area::Sums, format!("{LIST} is not sorted: {} stands before {}", pair[0].0, pair[1].0));
    }
    let wrong: Vec<Option<String>> =
        entries.par_iter().with_max_len(1).map(|(name, sum)| wrong(folder, name, sum)).collect();
    for what in wrong.into_iter().flatten() {
        findings.add(Area::Sums, what);
    }
    let listed: BTreeSet<&str> = entries.iter().map(|(name, _)| *name).collect();
    match names_below(folder) {
        Ok(names) => {
            for name in names.iter().filter(|name| *name != LIST && !listed.contains(name.as_str())) {
                findings.add(Area::Sums, format!("{name} is no file of the snapshot, as {LIST} does not list it"));
            }
        }
        Err(error) => findings.add(Area::Sums, format!("the folder cannot be listed ({error})")),
    }
    entries.len()
}

fn is_sum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a name stays inside the folder.
fn is_inside(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('/') && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// What is wrong with a file.
fn wrong(folder: &Path, name: &str, sum: &str) -> Option<String> {
    match sum_of(&folder.join(name)) {
        Ok(found) if found == sum => None,
        Ok(found) => Some(format!("{name} has the SHA-256 {found} and not {sum} as {LIST} says")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Some(format!("{name} is missing, though {LIST} lists it"))
        }
        Err(error) => Some(format!("{name} cannot be read ({error})")),
    }
}

fn sum_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    let mut sum = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(sum, "{byte:02x}");
    }
    Ok(sum)
}

/// The names of all files below a folder, `/` separated, sorted.
fn names_below(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = folders.pop() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                // Python leaves compiled modules beside load.py.
                if name == "__pycache__" {
                    continue;
                }
                folders.push((entry.path(), format!("{name}/")));
            } else {
                names.insert(name);
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        assert!(is_inside("parquet/cells.parquet"));
        for name in ["", "/etc/passwd", "../run.json", "csv//a", "./a"] {
            assert!(!is_inside(name), "{name}");
        }
    }
}
