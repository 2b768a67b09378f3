//! The staging folder of a run, and the snapshot that comes of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::PublishError;
use super::lock::Lock;
use super::pointers::point;
use super::retention::listed;
use super::schema::SCHEMA_VERSION;
use super::sums;
use crate::disk;
use crate::model::day::civil;
pub(super) use crate::model::file::Summed;
use crate::model::file::hex;

/// The folder in which a run writes before anything is published. It is removed when this value goes.
#[derive(Debug)]
pub struct Staging {
    out: PathBuf,
    folder: PathBuf,
}

/// Numbers by code.
pub type Counts = BTreeMap<Cow<'static, str>, u64>;

/// What a run says of itself in `run.json`.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct RunFacts {
    /// The name of the run, as on the lines of its log.
    pub run_id: String,
    /// Version of the program.
    pub version: Cow<'static, str>,
    /// Digest over the sorted hashes of the files, the settings and the version.
    pub input_digest: String,
    /// Digest of the settings and the corrections.
    pub config_digest: String,
    /// Digest of the settings alone.
    pub settings_digest: String,
    /// Files by outcome.
    pub files: Counts,
    /// Reports by status.
    pub reports: Counts,
    /// Reports by year and form, `2023/2021`, duplicates included.
    pub years: BTreeMap<String, u64>,
    /// Problems by cause.
    pub causes: Counts,
    /// Reports in which a rule fails, by rule and form, `norms_stock/2021`.
    pub failing: BTreeMap<String, u64>,
    /// Cells by form.
    pub filling: BTreeMap<String, CellFacts>,
    /// What became of the corrections.
    pub corrections: CorrectionFacts,
    /// Rows by table.
    pub rows: BTreeMap<Cow<'static, str>, usize>,
    /// Some inputs could not be read.
    pub incomplete: bool,
    /// What was taken from earlier runs.
    pub state: StateFacts,
    /// Seconds of reading and of writing.
    pub seconds: BTreeMap<Cow<'static, str>, f64>,
}

/// Cells of the reports of a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct CellFacts {
    /// Those that hold a number.
    pub filled: u64,
    /// All of them.
    pub all: u64,
}

/// What a run took from earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct StateFacts {
    /// Files whose records an earlier run made.
    pub files_kept: u64,
    /// Files that were read.
    pub files_read: u64,
    /// Why the state of earlier runs was not used, where there was one.
    pub dropped: Option<String>,
}

/// What became of the corrections of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CorrectionFacts {
    /// Applied.
    pub applied: u64,
    /// Refused.
    pub refused: Vec<RefusedCorrection>,
}

/// A correction that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefusedCorrection {
    /// The report it names.
    pub report: String,
    /// The cell it names.
    pub cell: String,
    /// Why.
    pub why: String,
}

/// Files that say which snapshot this is, when it was made or what came before it: they differ where the data do not.
pub(crate) const DATED: [&str; 7] = [
    ".zenodo.json",
    "CITATION.cff",
    "changes.parquet",
    "croissant-live.json",
    "croissant.json",
    "datapackage.json",
    "run.json",
];

/// Whether a file is made from the others of its snapshot, or says which one it is: whether anything changed, the others tell.
fn is_beside(name: &str) -> bool {
    DATED.contains(&name) || name == "index.html" || name.starts_with("pages/")
}

/// A snapshot about to be published.
#[derive(Debug)]
pub struct Edition {
    /// Its id.
    pub id: String,
    /// The day of today, `YYYY-MM-DD`.
    pub day: String,
    /// Its files so far, by name.
    pub files: Vec<Summed>,
    /// Where it is being written.
    pub folder: PathBuf,
    /// The snapshot before it.
    pub previous: Option<PathBuf>,
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// A new snapshot with this id.
    New(String),
    /// The newest snapshot already holds the same bytes.
    Unchanged(String),
}

/// How names begin that are links and files before they are swapped in.
const LITTER: [&str; 4] = [".current-", ".stable-", ".status.json-", ".metrics.prom-"];
/// The empty folder that shows that a snapshot can be put among the others.
const PROBE: &str = ".probe";

impl Staging {
    /// Makes the staging folder of a run and clears what killed runs left. The lock must be held.
    ///
    /// # Errors
    /// When the folder cannot be made, litter cannot be removed, or no snapshot could be put in its place.
    pub fn create(out: &Path, _lock: &Lock) -> Result<Self, PublishError> {
        let entries = fs::read_dir(out).map_err(|source| PublishError::io("list", out, source))?;
        for entry in entries {
            let path = entry.map_err(|source| PublishError::io("list", out, source))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(".staging-") {
                disk::remove_dir_all(&path).map_err(|source| PublishError::io("remove", &path, source))?;
            } else if LITTER.iter().any(|start| name.starts_with(start)) {
                disk::remove_file(&path).map_err(|source| PublishError::io("remove", &path, source))?;
            }
        }
        let staging = Self { out: out.to_owned(), folder: out.join(format!(".staging-{}", std::process::id())) };
        let snapshot = staging.snapshot();
        disk::create_dir_all(&snapshot).map_err(|source| PublishError::io("make", &snapshot, source))?;
        staging.probe()?;
        Ok(staging)
    }

    /// Moves an empty folder to where the snapshot will go, so that a place that cannot be written, or lies on another
    /// device, is known before any file is read.
    fn probe(&self) -> Result<(), PublishError> {
        let io = |action, path: &Path| {
            let path = path.to_owned();
            move |source| PublishError::io(action, &path, source)
        };
        let (probe, snapshots) = (self.folder.join("probe"), self.out.join("snapshots"));
        let place = snapshots.join(PROBE);
        disk::create_dir_all(&probe).map_err(io("make", &probe))?;
        disk::create_dir_all(&snapshots).map_err(io("make", &snapshots))?;
        // Left by a run that was killed.
        drop(disk::remove_dir(&place));
        disk::rename(&probe, &place).map_err(io("move a folder to", &place))?;
        disk::remove_dir(&place).map_err(io("remove", &place))
    }

    /// Empties the staging folder.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn renew(&mut self) -> Result<(), PublishError> {
        disk::remove_dir_all(&self.folder).map_err(|source| PublishError::io("remove", &self.folder, source))?;
        let snapshot = self.snapshot();
        disk::create_dir_all(&snapshot).map_err(|source| PublishError::io("make", &snapshot, source))
    }

    /// The staging folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder in which the snapshot is written.
    #[must_use]
    pub fn snapshot(&self) -> PathBuf {
        self.folder.join("snapshot")
    }

    /// Puts the finished snapshot in its place and points `current` at it, unless `current` already
    /// holds the same bytes. `describe` writes what depends on the run, and the page: it gets the edition, and the names in
    /// `DATED` and those of the page are the only ones it may write.
    ///
    /// # Errors
    /// When the disk refuses; the last snapshot then stands as it was.
    pub fn publish<E: From<PublishError>>(
        &self,
        facts: &RunFacts,
        describe: impl FnOnce(&Edition) -> Result<(), E>,
    ) -> Result<Published, E> {
        let folder = self.snapshot();
        let mut sums = checksums(&folder, |name| !is_beside(name))?;
        let current = self.out.join("current");
        let sums_path = |folder: &Path| folder.join("SHA256SUMS");
        // One that was damaged since is published anew, and nothing is held against it.
        let is_whole = sums::damage(&current).is_empty();
        if let Ok(known) = fs::read_to_string(sums_path(&current))
            && is_whole
            && strip_run(&known) == lines(&sums)
            && let Ok(target) = fs::read_link(&current)
        {
            return Ok(Published::Unchanged(target.file_name().unwrap_or_default().to_string_lossy().into_owned()));
        }
        let snapshots = self.out.join("snapshots");
        let (id, sequence) = next_id(&snapshots)?;
        let previous = is_whole.then(|| current.clone());
        let edition = Edition { id: id.clone(), day: today(), files: sums.clone(), folder: folder.clone(), previous };
        describe(&edition)?;
        write_synced(&folder.join("run.json"), run_json(facts, &id, sequence).as_bytes())?;
        sums.extend(checksums(&folder, is_beside)?);
        sums.sort_by(|one, two| one.name.cmp(&two.name));
        write_synced(&sums_path(&folder), lines(&sums).as_bytes())?;
        sync_folders(&folder)?;
        let place = snapshots.join(&id);
        disk::rename(&folder, &place).map_err(|source| PublishError::io("rename the snapshot to", &place, source))?;
        sync_folder(&snapshots)?;
        point(&self.out, "current", &id)?;
        Ok(Published::New(id))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is cleared by the next run.
        drop(disk::remove_dir_all(&self.folder));
    }
}

/// The rows of a Parquet file, as its footer says.
pub(super) fn count_rows(path: &Path) -> Result<usize, PublishError> {
    let file = disk::open(path).map_err(|source| PublishError::io("reopen", path, source))?;
    let reader = SerializedFileReader::new(file)
        .map_err(|source| PublishError::Parquet { path: path.to_owned(), source: Box::new(source) })?;
    Ok(usize::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(usize::MAX))
}

/// The sums of the files below a folder whose names are wanted, sorted by name.
fn checksums(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<Summed>, PublishError> {
    let mut names = Vec::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.map_err(|error| PublishError::io("list", folder, error.into()))?;
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.retain(|name| is_wanted(name));
    names.sort();
    names.into_par_iter().with_max_len(1).map(|name| checksum(&folder.join(&name), name)).collect()
}

pub(super) fn checksum(path: &Path, name: String) -> Result<Summed, PublishError> {
    let mut file = disk::open(path).map_err(|source| PublishError::io("reopen", path, source))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let n = file.read(&mut buffer).map_err(|source| PublishError::io("read", path, source))?;
        if n == 0 {
            return Ok(Summed { name, bytes, sha256: hex(&hash.finalize()) });
        }
        bytes += n as u64;
        hash.update(&buffer[..n]);
    }
}

/// The lines of SHA256SUMS.
fn lines(sums: &[Summed]) -> String {
    sums.iter().map(|sum| format!("{}  {}\n", sum.sha256, sum.name)).collect()
}

/// A list of checksums without those of files that differ from run to run.
fn strip_run(sums: &str) -> String {
    let is_dated = |line: &str| line.split_once("  ").is_some_and(|(_, name)| is_beside(name));
    sums.lines().filter(|line| !is_dated(line)).fold(String::new(), |list, line| list + line + "\n")
}

/// The id of the next snapshot and its number in the sequence: the day of today, with a count when
/// there is one of today already. Order comes from the sequence, never from the clock.
fn next_id(snapshots: &Path) -> Result<(String, u64), PublishError> {
    // A snapshot without a readable record does not count.
    let sequence = listed(snapshots)?.first().map_or(0, |(sequence, _)| *sequence);
    let (year, month, day) = civil(i32::try_from(now() / 86_400).unwrap_or(0));
    let today = format!("{year}.{month}.{day}");
    // Behind every name of today: that of a snapshot that was removed is not given again.
    let mut n_today: u64 = 0;
    for entry in fs::read_dir(snapshots).map_err(|source| PublishError::io("list", snapshots, source))? {
        let name = entry.map_err(|source| PublishError::io("list", snapshots, source))?.file_name();
        let number = match name.to_str().and_then(|name| name.strip_prefix(&today)) {
            Some("") => 1,
            Some(rest) => rest.strip_prefix('-').and_then(|number| number.parse().ok()).unwrap_or(0),
            None => 0,
        };
        n_today = n_today.max(number);
    }
    let id = if n_today == 0 { today } else { format!("{today}-{}", n_today.saturating_add(1)) };
    Ok((id, sequence + 1))
}

/// The day of today, `YYYY-MM-DD`, in UTC.
#[must_use]
pub fn today() -> String {
    let (year, month, day) = civil(i32::try_from(now() / 86_400).unwrap_or(0));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The moment in UTC, `YYYY-MM-DDTHH:MM:SSZ`.
#[must_use]
pub fn moment() -> String {
    let (days, second) = (seconds_now() / 86_400, seconds_now() % 86_400);
    let (year, month, day) = civil(i32::try_from(days).unwrap_or(0));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Seconds since 1970; `SOURCE_DATE_EPOCH` stands for the clock where it is set, so that a build can be repeated.
fn now() -> u64 {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    set.unwrap_or_else(seconds_now)
}

/// Seconds since 1970, by the clock.
#[must_use]
pub fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

fn run_json(facts: &RunFacts, id: &str, sequence: u64) -> String {
    let mut run = serde_json::json!({
        "id": id,
        "sequence": sequence,
        "schema_version": SCHEMA_VERSION,
        "finished_unix": now(),
        "outcome": "published",
    });
    let facts = serde_json::to_value(facts).expect("facts are plain values");
    if let (Some(run), Some(facts)) = (run.as_object_mut(), facts.as_object()) {
        run.extend(facts.clone());
    }
    format!("{run:#}\n")
}

pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), PublishError> {
    disk::write_synced(path, bytes).map_err(|(action, source)| PublishError::io(action, path, source))
}

pub(super) fn sync_folder(path: &Path) -> Result<(), PublishError> {
    disk::sync_folder(path).map_err(|source| PublishError::io("sync", path, source))
}

fn sync_folders(folder: &Path) -> Result<(), PublishError> {
    for entry in walkdir::WalkDir::new(folder).contents_first(true) {
        let entry = entry.map_err(|error| PublishError::io("list", folder, error.into()))?;
        if entry.file_type().is_dir() {
            sync_folder(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> RunFacts {
        RunFacts { version: "0".into(), ..RunFacts::default() }
    }

    fn run(out: &Path, text: &str) -> Published {
        let lock = Lock::take(out).expect("lock");
        let staging = Staging::create(out, &lock).expect("staging");
        fs::write(staging.snapshot().join("data.csv"), text).expect("data");
        staging.publish(&facts(), |_| Ok::<(), PublishError>(())).expect("publish")
    }

    #[test]
    fn a_new_snapshot_is_swapped_in_and_the_old_one_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let Published::New(first) = run(folder.path(), "one") else { panic!("published") };
        let Published::New(second) = run(folder.path(), "two") else { panic!("published") };
        assert_eq!(second, format!("{first}-2"));
        let read = |path: &str| fs::read_to_string(folder.path().join(path)).expect("readable");
        assert_eq!(read("current/data.csv"), "two");
        assert_eq!(read(&format!("snapshots/{first}/data.csv")), "one");
        assert!(read("current/run.json").contains("\"sequence\": 2"));
        assert_eq!(run(folder.path(), "two"), Published::Unchanged(second));
        let names: Vec<_> =
            fs::read_dir(folder.path()).expect("list").map(|entry| entry.expect("entry").file_name()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
    }

    #[test]
    fn one_run_at_a_time_and_litter_is_cleared() {
        let folder = tempfile::tempdir().expect("folder");
        fs::create_dir_all(folder.path().join(".staging-1/snapshot")).expect("litter");
        let lock = Lock::take(folder.path()).expect("lock");
        let refused = Lock::take(folder.path()).expect_err("held");
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        let staging = Staging::create(folder.path(), &lock).expect("staging");
        assert!(!folder.path().join(".staging-1").exists());
        drop(staging);
        drop(lock);
        assert!(Lock::take(folder.path()).is_ok());
    }
}
