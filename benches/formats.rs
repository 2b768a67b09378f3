//! Files a second of each format, with binary documents read in processes of their own and without, in one run.
//!
//! Copies the fixtures of `tests/formats`, each with a few bytes of its own at its end, and builds them. Where
//! pandoc or python-docx are installed, their time for the same DOCX files stands beside. Run by `scripts/bench.sh`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures time on real files and prints what it finds"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gongkai::config::Config;
use gongkai::pipeline;
use gongkai::worker::Workers;

const FILES: usize = 2_000;
const RUNS: usize = 3;
const FORMATS: [&str; 10] = ["docx", "doc", "rtf", "odt", "xlsx", "xls", "ods", "html", "mht", "txt"];

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join("gongkai-bench");
    let mut config = Config::embedded()?;
    config.run.jobs = 1;
    println!("files a second, one thread, from start to end:");
    for format in FORMATS {
        let input = corpus(&folder.join(format!("raw-{format}")), format)?;
        let program = Path::new(env!("CARGO_BIN_EXE_gongkai"));
        let isolated = best(|| build(&input, &folder, &config, &Workers::of(program)))?;
        let together = best(|| build(&input, &folder, &config, &Workers::none()))?;
        println!(
            "  {format:5} {:6.0}, in one process {:6.0} (processor time {:+.0} %)",
            rate(isolated.wall),
            rate(together.wall),
            (isolated.processor / together.processor - 1.0) * 100.0
        );
        if format == "docx" {
            peers(&input, isolated.wall);
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(time: Duration) -> f64 {
    FILES as f64 / time.as_secs_f64()
}

/// What a build took.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    /// Seconds of the processor, of this process and its children: other programs change them less.
    processor: f64,
}

fn best(mut run: impl FnMut() -> Result<Took>) -> Result<Took> {
    let mut best = run()?;
    for _ in 1..RUNS {
        let took = run()?;
        best = Took { wall: best.wall.min(took.wall), processor: best.processor.min(took.processor) };
    }
    Ok(best)
}

/// Seconds of the processor that this process and its ended children took so far.
fn processor() -> Result<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().context("no fields")?.split_whitespace();
    // User and system time, then those of children: fields 14 to 17.
    let ticks: f64 = fields.skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_PER_SECOND)
}

fn build(input: &Path, folder: &Path, config: &Config, workers: &Workers) -> Result<Took> {
    let out = folder.join("out-formats");
    drop(fs::remove_dir_all(&out));
    let (start, before) = (Instant::now(), processor()?);
    let summary = pipeline::run(&[input.to_owned()], &out, config, workers, &mut |_| {})?;
    workers.rest();
    let took = Took { wall: start.elapsed(), processor: processor()? - before };
    ensure!(summary.facts.reports.get("accepted") == Some(&(FILES as u64)), "not every file was accepted");
    Ok(took)
}

/// Makes the files, unless they are there.
fn corpus(folder: &Path, format: &str) -> Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/formats/report.{format}"));
    let bytes = fs::read(&source).with_context(|| source.display().to_string())?;
    fs::create_dir_all(folder)?;
    for at in 0..FILES {
        let path = folder.join(format!("{at:05}.{format}"));
        let mut bytes = bytes.clone();
        let mark = format!("{at:08}");
        match bytes.windows(4).rposition(|window| window == b"PK\x05\x06") {
            // The comment of the zip.
            Some(end) if bytes.starts_with(b"PK") => {
                bytes.truncate(end + 20);
                bytes.extend([8, 0]);
                bytes.extend(mark.bytes());
            }
            _ => bytes.extend(format!("\n{mark}\n").bytes()),
        }
        fs::write(path, bytes)?;
    }
    Ok(folder.to_owned())
}

/// The same files through other programs, a few of them, each with its start.
fn peers(input: &Path, ours: Duration) {
    const SOME: usize = 20;
    let files: Vec<PathBuf> = (0..SOME).map(|at| input.join(format!("{at:05}.docx"))).collect();
    let python = "import sys, docx\nfor name in sys.argv[1:]:\n    for table in docx.Document(name).tables:\n        [[cell.text for cell in row.cells] for row in table.rows]\n";
    let mut pandoc = Duration::ZERO;
    let mut has_pandoc = true;
    for file in &files {
        let start = Instant::now();
        let status =
            Command::new("pandoc").arg(file).args(["-t", "plain"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        has_pandoc &= status.is_ok_and(|status| status.success());
        pandoc += start.elapsed();
    }
    let start = Instant::now();
    let status = Command::new("python3").args(["-c", python]).args(&files).stderr(Stdio::null()).status();
    let python = status.is_ok_and(|status| status.success()).then(|| start.elapsed());
    for (name, time) in [("pandoc", has_pandoc.then_some(pandoc)), ("python-docx", python)] {
        match time {
            #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
            Some(time) => {
                let each = time.as_secs_f64() / SOME as f64;
                println!("        {name}: {:.1} a second, {:.0} times slower", 1.0 / each, each * rate(ours));
            }
            None => println!("        {name}: not measured, it is not installed"),
        }
    }
}
