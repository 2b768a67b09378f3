//! The whole program against the bare reading of the same files, in one run.
//!
//! Makes a corpus of N reports by varying the text reports of `data/sample`, then measures on the warm
//! cache: reading every byte on two threads, `rg -c` over the files where ripgrep is installed, and
//! `gongkai build` from start to end. Prints ratios, reports a second and peak memory. Run it by
//! `scripts/bench.sh`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures time on real files and prints what it finds"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;

const USAGE: &str = "usage: bench.sh [--reports N] [--runs N] [--folder DIR] [--threads N]";

struct Arguments {
    reports: usize,
    runs: usize,
    folder: PathBuf,
    threads: usize,
}

fn arguments() -> Result<Arguments> {
    let mut arguments =
        Arguments { reports: 20_000, runs: 3, folder: std::env::temp_dir().join("gongkai-bench"), threads: 2 };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| USAGE.to_owned())?;
        match word.as_str() {
            "--reports" => arguments.reports = value.parse().context(USAGE)?,
            "--runs" => arguments.runs = value.parse().context(USAGE)?,
            "--folder" => arguments.folder = value.into(),
            "--threads" => arguments.threads = value.parse().context(USAGE)?,
            _ => anyhow::bail!("{word}: {USAGE}"),
        }
    }
    Ok(arguments)
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let input = arguments.folder.join(format!("raw-{}", arguments.reports));
    let (files, bytes) = corpus(&input, arguments.reports)?;
    println!("corpus: {} files, {} MB, mean {} bytes", files.len(), bytes / 1_000_000, bytes / files.len() as u64);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build()?;
    // Once to warm the cache, then the best of several.
    let read = || {
        pool.install(|| files.par_iter().map(|file| fs::read(file).map_or(0, |bytes| bytes.len() as u64)).sum::<u64>())
    };
    ensure!(read() == bytes, "the corpus changed");
    let bare = best(arguments.runs.max(3), || {
        let start = Instant::now();
        std::hint::black_box(read());
        Ok(start.elapsed())
    })?;
    println!("bare read, {} threads: {:.3} s", arguments.threads, bare.as_secs_f64());
    let ripgrep = best(arguments.runs, || {
        let start = Instant::now();
        let status = Command::new("rg").args(["-c", "总计"]).arg(&input).stdout(Stdio::null()).status()?;
        ensure!(status.success());
        Ok(start.elapsed())
    });
    match ripgrep {
        Ok(time) => println!("rg -c 总计: {:.3} s", time.as_secs_f64()),
        Err(_) => println!("rg -c 总计: not measured, ripgrep is not installed"),
    }
    let mut peak = 0;
    let whole = best(arguments.runs, || {
        let out = arguments.folder.join("out");
        drop(fs::remove_dir_all(&out));
        let start = Instant::now();
        let memory = build(&input, &out, arguments.threads)?;
        peak = peak.max(memory);
        Ok(start.elapsed())
    })?;
    let out = arguments.folder.join("out");
    let run: serde_json::Value = serde_json::from_slice(&fs::read(out.join("current/run.json"))?)?;
    let n_reports = run["rows"]["reports"].as_u64().unwrap_or(0);
    let n_rows: u64 = run["rows"].as_object().into_iter().flatten().filter_map(|(_, rows)| rows.as_u64()).sum();
    println!(
        "gongkai build, {} threads: {:.2} s (reading {:.2}, writing {:.2}), {n_reports} reports, {} rows a report",
        arguments.threads,
        whole.as_secs_f64(),
        run["seconds"]["read"].as_f64().unwrap_or(0.0),
        run["seconds"]["write"].as_f64().unwrap_or(0.0),
        n_rows / n_reports.max(1),
    );
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!("ratio to the bare read: {ratio:.1}");
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = n_reports as f64 / whole.as_secs_f64();
    println!("{rate:.0} reports a second, peak memory {} MB", peak / 1024);
    Ok(())
}

fn best(runs: usize, mut run: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..runs {
        best = best.min(run()?);
    }
    Ok(best)
}

/// Runs the program and watches its peak memory, in kilobytes.
fn build(input: &Path, out: &Path, threads: usize) -> Result<u64> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gongkai"))
        .arg("build")
        .arg(input)
        .arg("--out")
        .arg(out)
        .args(["--quiet", "--jobs", &threads.to_string()])
        .spawn()?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // The last reading before the end misses a few milliseconds.
        let status = fs::read_to_string(&status_file).unwrap_or_default();
        let high = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let memory = high.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(memory.unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "gongkai build ended with {status}");
            return Ok(peak);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Makes the corpus, unless it is there: text reports of the sample in turn, each with a year and a
/// counter of its own.
fn corpus(folder: &Path, n: usize) -> Result<(Vec<PathBuf>, u64)> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let mut sources: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(&sample).with_context(|| sample.display().to_string())? {
        let path = entry?.path();
        let is_text = path.extension().is_some_and(|extension| extension == "txt" || extension == "md");
        if let (true, Ok(text)) = (is_text, fs::read_to_string(&path)) {
            let is_whole = text.contains("尚未审结") || text.contains("行政复议");
            if is_whole && text.matches("总计").count() >= 4 && text.contains("20") {
                sources.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text));
            }
        }
    }
    sources.sort();
    ensure!(!sources.is_empty(), "data/sample holds no text reports");
    let mut files = Vec::with_capacity(n);
    let mut bytes = 0;
    for at in 0..n {
        let (name, text) = &sources[at % sources.len()];
        let path = folder.join(format!("{:03}", at % 256)).join(format!("{at:06}-{name}"));
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let year = 2019 + at % 6;
            let varied = ["2020", "2022", "2023", "2024"]
                .iter()
                .fold(text.clone(), |text, old| text.replace(old, &year.to_string()));
            let mut file = fs::File::create(&path)?;
            write!(file, "{varied}\n{at}\n")?;
        }
        bytes += fs::metadata(&path)?.len();
        files.push(path);
    }
    Ok((files, bytes))
}
