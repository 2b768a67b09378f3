//! The whole program against the bare reading of the same files, in one run.
//!
//! Makes a corpus of N reports, text reports of `data/sample` varied or web pages of 100 kB around the report of
//! `tests/formats`, then measures on the warm cache: reading every byte, `rg -c` over the files where ripgrep is
//! installed, building the trees of the pages, `gongkai build` from start to end, writing the same tables from memory,
//! the run again with nothing changed (against `find`) and with one file in a hundred changed, the run on one thread,
//! and a Python script with pandas on the same files. Prints ratios, reports a second and peak memory. Run it by
//! `scripts/bench.sh`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark measures time on real files and prints rates for people"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use arrow::array::RecordBatch;
use gongkai::config::Config;
use gongkai::publish::Publisher;
use gongkai::publish::schema::REPORT_TABLES;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;

const USAGE: &str = "usage: bench.sh [--kind text|html] [--reports N] [--runs N] [--folder DIR] [--threads N]";
/// Bytes of a web page, about.
const PAGE_BYTES: usize = 100_000;

struct Arguments {
    is_html: bool,
    reports: usize,
    runs: usize,
    folder: PathBuf,
    threads: usize,
}

fn arguments() -> Result<Arguments> {
    let folder = std::env::temp_dir().join("gongkai-bench");
    let mut arguments = Arguments { is_html: false, reports: 0, runs: 3, folder, threads: 2 };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| USAGE.to_owned())?;
        match word.as_str() {
            "--kind" => arguments.is_html = value == "html",
            "--reports" => arguments.reports = value.parse().context(USAGE)?,
            "--runs" => arguments.runs = value.parse().context(USAGE)?,
            "--folder" => arguments.folder = value.into(),
            "--threads" => arguments.threads = value.parse().context(USAGE)?,
            _ => anyhow::bail!("{word}: {USAGE}"),
        }
    }
    if arguments.reports == 0 {
        arguments.reports = if arguments.is_html { 4_000 } else { 20_000 };
    }
    Ok(arguments)
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let kind = if arguments.is_html { "html" } else { "text" };
    let input = arguments.folder.join(format!("raw-{kind}-{}", arguments.reports));
    let out = arguments.folder.join("out");
    let (files, bytes) = corpus(&input, &arguments)?;
    println!("{kind}: {} files, {} MB, mean {} bytes", files.len(), bytes / 1_000_000, bytes / files.len() as u64);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build()?;
    let bare = bare(&arguments, &pool, &input, &files, bytes)?;
    let mut peak = 0;
    let whole = best(arguments.runs, || {
        drop(fs::remove_dir_all(&out));
        let start = Instant::now();
        let memory = build(&input, &out, arguments.threads)?;
        peak = peak.max(memory);
        Ok(start.elapsed())
    })?;
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
    println!(
        "{:.0} reports a second, {:.1} times the bare read, peak memory {} MB",
        n_reports as f64 / whole.as_secs_f64(),
        ratio(whole, bare),
        peak / 1024
    );
    let tables = from_memory(&arguments, &pool, &out.join("current"))?;
    println!(
        "writing the tables from memory: {:.2} s; the whole is {:.2} times that",
        seconds(tables),
        ratio(whole, tables)
    );
    if arguments.is_html {
        let trees = trees(&arguments, &pool, &files)?;
        println!(
            "building the trees of the pages: {:.2} s, {:.0} % of the whole",
            seconds(trees),
            100.0 * ratio(trees, whole)
        );
    }
    again(&arguments, &input, &files, whole)?;
    peer(&arguments, &input, whole);
    Ok(())
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// Reading every byte; and what ripgrep needs to look at them.
fn bare(
    arguments: &Arguments,
    pool: &rayon::ThreadPool,
    input: &Path,
    files: &[PathBuf],
    bytes: u64,
) -> Result<Duration> {
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
    println!("bare read, {} threads: {:.3} s", arguments.threads, seconds(bare));
    let ripgrep = best(arguments.runs, || {
        let start = Instant::now();
        let status = Command::new("rg").args(["-c", "总计"]).arg(input).stdout(Stdio::null()).status()?;
        ensure!(status.success());
        Ok(start.elapsed())
    });
    match ripgrep {
        Ok(time) => println!("rg -c 总计: {:.3} s", seconds(time)),
        Err(_) => println!("rg -c 总计: not measured, ripgrep is not installed"),
    }
    Ok(bare)
}

/// Writing the tables of reports of a snapshot, read into memory before, as Parquet and CSV. The table of files is not
/// among them, nor are the documents.
fn from_memory(arguments: &Arguments, pool: &rayon::ThreadPool, snapshot: &Path) -> Result<Duration> {
    let config = Config::embedded()?;
    let mut tables: Vec<(Vec<RecordBatch>, usize)> = Vec::new();
    for table in &REPORT_TABLES {
        let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(snapshot.join(table.parquet_path()))?)?;
        let batches = builder.with_batch_size(1 << 14).build()?.collect::<Result<Vec<_>, _>>()?;
        let n_rows = batches.iter().map(RecordBatch::num_rows).sum();
        tables.push((batches, n_rows));
    }
    // Pieces as large as those of a run, 64 reports each.
    let n_chunks = tables[0].1.div_ceil(64).max(1);
    let chunk = |at: usize| -> Result<Vec<RecordBatch>> {
        let pieces = tables.iter().zip(&REPORT_TABLES).map(|((batches, n_rows), table)| {
            let (from, to) = (n_rows * at / n_chunks, n_rows * (at + 1) / n_chunks);
            let mut start = 0;
            let mut parts = Vec::new();
            for batch in batches {
                let end = start + batch.num_rows();
                let (first, last) = (from.clamp(start, end), to.clamp(start, end));
                parts.extend((first < last).then(|| batch.slice(first - start, last - first)));
                start = end;
            }
            Ok(arrow::compute::concat_batches(&table.arrow(), &parts)?)
        });
        pieces.collect()
    };
    let chunks = (0..n_chunks).map(chunk).collect::<Result<Vec<_>>>()?;
    let folder = arguments.folder.join("from-memory");
    best(arguments.runs, || {
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder)?;
        let start = Instant::now();
        pool.install(|| -> Result<()> {
            let mut publisher = Publisher::create(&folder, &config, "")?;
            for chunks in chunks.chunks(config.run.batch_files.div_ceil(64)) {
                publisher.write_rows(chunks)?;
            }
            publisher.close()?;
            Ok(())
        })?;
        Ok(start.elapsed())
    })
}

/// What the builder of HTML trees needs for the same pages, text decoding included.
fn trees(arguments: &Arguments, pool: &rayon::ThreadPool, files: &[PathBuf]) -> Result<Duration> {
    best(arguments.runs, || {
        let start = Instant::now();
        let count = |file: &PathBuf| {
            let text = fs::read_to_string(file).unwrap_or_default();
            dom_query::Document::from(text).select("table").length()
        };
        let n_tables: usize = pool.install(|| files.par_iter().map(count).sum());
        ensure!(n_tables >= files.len(), "pages without tables");
        Ok(start.elapsed())
    })
}

/// The same input once more: nothing changed, against `find`; one file in a hundred changed; and from
/// nothing on one thread.
fn again(arguments: &Arguments, input: &Path, files: &[PathBuf], whole: Duration) -> Result<()> {
    let out = arguments.folder.join("out");
    let listed = best(arguments.runs, || {
        let start = Instant::now();
        let find = Command::new("find").arg(input).args(["-printf", "%p %s %T@\\n"]).stdout(Stdio::null()).status()?;
        ensure!(find.success());
        Ok(start.elapsed())
    })?;
    let unchanged = best(arguments.runs, || timed(input, &out, arguments.threads))?;
    println!(
        "nothing changed: {:.3} s, {:.1} times find -printf ({:.3} s)",
        seconds(unchanged),
        ratio(unchanged, listed),
        seconds(listed)
    );
    for file in files.iter().step_by(100) {
        writeln!(fs::OpenOptions::new().append(true).open(file)?)?;
    }
    let changed = timed(input, &out, arguments.threads)?;
    let run: serde_json::Value = serde_json::from_slice(&fs::read(out.join("current/run.json"))?)?;
    println!(
        "1 % changed: {:.2} s (reading {:.2}, writing {:.2}), {:.0} % of the whole run",
        seconds(changed),
        run["seconds"]["read"].as_f64().unwrap_or(0.0),
        run["seconds"]["write"].as_f64().unwrap_or(0.0),
        100.0 * ratio(changed, whole)
    );
    drop(fs::remove_dir_all(&out));
    let alone = timed(input, &out, 1)?;
    println!("on one thread: {:.2} s, {:.2} times that on {}", seconds(alone), ratio(alone, whole), arguments.threads);
    Ok(())
}

fn timed(input: &Path, out: &Path, threads: usize) -> Result<Duration> {
    let start = Instant::now();
    build(input, out, threads)?;
    Ok(start.elapsed())
}

/// The script in Python, once, where the environment of `scripts/consumers.sh` has pandas and lxml.
fn peer(arguments: &Arguments, input: &Path, whole: Duration) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("GONGKAI_CONSUMERS").map(PathBuf::from);
    let python = named.unwrap_or_else(|| root.join("target/consumers")).join("bin/python");
    let start = Instant::now();
    let script = Command::new(&python)
        .arg(root.join("benches/peer.py"))
        .arg(input)
        .arg(arguments.folder.join("peer"))
        .stderr(Stdio::null())
        .status();
    let time = start.elapsed();
    if script.is_ok_and(|status| status.success()) {
        println!("Python with pandas, two processes: {:.1} s, {:.1} times gongkai", seconds(time), ratio(time, whole));
    } else {
        println!("Python with pandas: not measured, as this Python has no pandas and lxml");
    }
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

/// Makes the corpus, unless it is there.
fn corpus(folder: &Path, arguments: &Arguments) -> Result<(Vec<PathBuf>, u64)> {
    let sources = if arguments.is_html { vec![("report.html".to_owned(), page()?)] } else { texts()? };
    ensure!(!sources.is_empty(), "data/sample holds no text reports");
    let mut files = Vec::with_capacity(arguments.reports);
    let mut bytes = 0;
    for at in 0..arguments.reports {
        let (name, text) = &sources[at % sources.len()];
        let path = folder.join(format!("{:03}", at % 256)).join(format!("{at:06}-{name}"));
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let year = 2019 + at % 6;
            let varied = ["2020", "2022", "2023", "2024"]
                .iter()
                .fold(text.clone(), |text, old| text.replace(old, &year.to_string()));
            let counter = if arguments.is_html { format!("<p>{at}</p>") } else { at.to_string() };
            write!(fs::File::create(&path)?, "{varied}\n{counter}\n")?;
        }
        bytes += fs::metadata(&path)?.len();
        files.push(path);
    }
    Ok((files, bytes))
}

/// Text reports of the sample, in turn.
fn texts() -> Result<Vec<(String, String)>> {
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
    Ok(sources)
}

/// A report between the menus and lists of a site.
fn page() -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/report.html");
    let report = fs::read_to_string(path)?;
    let entry = |at: usize| {
        format!(
            "<li class=\"nav-item\"><a class=\"nav-link\" href=\"/channel/{at}/index.html\" target=\"_blank\" \
             title=\"政务服务栏目{at}\"><span class=\"icon\"></span>政务服务栏目{at}</a></li>\n"
        )
    };
    let n_entries = PAGE_BYTES.saturating_sub(report.len()) / entry(100).len();
    let menu = |range: std::ops::Range<usize>| -> String {
        let lists = range.collect::<Vec<_>>();
        let list = |list: &[usize]| {
            format!("<div class=\"menu\"><ul>{}</ul></div>", list.iter().map(|at| entry(*at)).collect::<String>())
        };
        lists.chunks(12).map(list).collect()
    };
    let (before, after) = (menu(0..n_entries / 2), menu(n_entries / 2..n_entries));
    let start = report.find("<body").and_then(|at| Some(at + report[at..].find('>')? + 1)).unwrap_or(0);
    let end = report.rfind("</body>").unwrap_or(report.len());
    Ok(format!("{}{before}{}{after}{}", &report[..start], &report[start..end], &report[end..]))
}
