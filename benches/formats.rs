//! Files a second of each format, with binary documents read in processes of their own and without, in one run.
//!
//! Copies the fixtures of `tests/formats`, each with a few bytes of its own at its end, and builds them. Where
//! pandoc, python-docx or pdftotext are installed, their time for the same files stands beside. Then the pages of a crawl,
//! one report in a thousand, against the bare inflating and splitting of its records. Run by `scripts/bench.sh`.

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
use flate2::Compression;
use flate2::write::GzEncoder;
use gongkai::archive;
use gongkai::config::Config;
use gongkai::model::file::Format;
use gongkai::pipeline::{self, Job, Stop};
use gongkai::worker::Workers;

const FILES: usize = 2_000;
const RUNS: usize = 3;
const FORMATS: [&str; 12] = ["docx", "doc", "rtf", "odt", "pdf", "ofd", "xlsx", "xls", "ods", "html", "mht", "txt"];
const PAGES: usize = 20_000;

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
        match format {
            "docx" => {
                report_peer("pandoc", pandoc(&input), isolated.wall);
                report_peer("python-docx", python_docx(&input), isolated.wall);
            }
            "pdf" => report_peer("pdftotext", each(&input, "pdf", &["pdftotext", "-layout"], &["-"]), isolated.wall),
            _ => {}
        }
    }
    crawl(&folder, &config)
}

/// Words of two characters, a thousand of them, in an order that does not repeat.
struct Words(u32);

impl Iterator for Words {
    type Item = [char; 2];

    fn next(&mut self) -> Option<Self::Item> {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word = (self.0 >> 16) % 1_000;
        let character = |number: u32| char::from_u32(0x5000 + number).unwrap_or('一');
        Some([character(word * 7 % 3_001), character(word * 13 % 2_003)])
    }
}

/// The text of a page of some 17 KB, which packs as pages do.
fn paragraphs(words: &mut Words) -> String {
    let paragraph = |number| {
        let text: String = words.by_ref().take(60).flatten().collect();
        format!("<p class=\"text\" id=\"p{number}\"><a href=\"/news/{number}.html\">{text}</a></p>\n")
    };
    (0..40).map(paragraph).collect()
}

/// Pages a second of a crawl, and the share of the speed at which its records are inflated and parted.
fn crawl(folder: &Path, config: &Config) -> Result<()> {
    let input = folder.join("raw-crawl");
    fs::create_dir_all(&input)?;
    let path = input.join("crawl.warc.gz");
    let report = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/report.html"))?;
    let mut crawl = Vec::new();
    let mut words = Words(1);
    for at in 0..PAGES {
        // The other pages are of all kinds of sites; every tenth is of one like that of the report, with its menu.
        let page = if at % 1_000 == 500 {
            report.replace("</body>", &format!("<p>{at}</p></body>"))
        } else {
            let menu =
                if at % 10 == 0 { "<ul><li>政府信息公开</li><li>信息公开指南</li></ul>" } else { "" };
            format!("<html><head><title>新闻{at}</title></head><body>{menu}{}</body></html>", paragraphs(&mut words))
        };
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}");
        let record = format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/{at}\r\nContent-Length: {}\r\n\r\n{answer}\r\n\r\n",
            answer.len()
        );
        let mut encoder = GzEncoder::new(&mut crawl, Compression::default());
        encoder.write_all(record.as_bytes())?;
        encoder.finish()?;
    }
    fs::write(&path, crawl)?;
    let split = || {
        let (start, before) = (Instant::now(), processor()?);
        let mut pages = 0;
        let end =
            archive::for_each_record(archive::Bulk::File(fs::File::open(&path)?), Format::Warc, config, &mut |_| {
                pages += 1;
                Ok::<(), ()>(())
            });
        ensure!(end.is_ok() && pages == PAGES, "the crawl was not read to its end");
        Ok(Took { wall: start.elapsed(), processor: processor()? - before })
    };
    let whole = || {
        let out = folder.join("out-formats");
        drop(fs::remove_dir_all(&out));
        let (start, before) = (Instant::now(), processor()?);
        let summary = pipeline::run(
            &Job::new(std::slice::from_ref(&input), &out, config, &Workers::none(), &Stop::default()),
            &mut |_| {},
        )?;
        ensure!(
            summary.facts.reports.get("accepted") == Some(&(PAGES as u64 / 1_000)),
            "not every report was accepted"
        );
        Ok(Took { wall: start.elapsed(), processor: processor()? - before })
    };
    let (split, whole) = (best(split)?, best(whole)?);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = |time: Duration| PAGES as f64 / time.as_secs_f64();
    println!(
        "  crawl {:6.0} pages a second; its records are inflated and parted at {:.0} a second (share {:.0} %)",
        rate(whole.wall),
        rate(split.wall),
        split.wall.as_secs_f64() / whole.wall.as_secs_f64() * 100.0
    );
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
    let summary = pipeline::run(&Job::new(&[input.to_owned()], &out, config, workers, &Stop::default()), &mut |_| {})?;
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

/// How many files other programs are given, each file with the start of its program where they take one.
const SOME: usize = 20;

fn some(input: &Path, format: &str) -> Vec<PathBuf> {
    (0..SOME).map(|at| input.join(format!("{at:05}.{format}"))).collect()
}

/// The time of a program that is started for each file; `None` when it is not installed.
fn each(input: &Path, format: &str, before: &[&str], after: &[&str]) -> Option<Duration> {
    let start = Instant::now();
    for file in some(input, format) {
        let (program, options) = before.split_first()?;
        let mut command = Command::new(program);
        command.args(options).arg(file).args(after).stdout(Stdio::null()).stderr(Stdio::null());
        if !command.status().is_ok_and(|status| status.success()) {
            return None;
        }
    }
    Some(start.elapsed())
}

fn pandoc(input: &Path) -> Option<Duration> {
    each(input, "docx", &["pandoc", "-t", "plain"], &[])
}

fn python_docx(input: &Path) -> Option<Duration> {
    let program = "import sys, docx\nfor name in sys.argv[1:]:\n    for table in docx.Document(name).tables:\n        [[cell.text for cell in row.cells] for row in table.rows]\n";
    let start = Instant::now();
    let status = Command::new("python3").args(["-c", program]).args(some(input, "docx")).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success()).then(|| start.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn report_peer(name: &str, time: Option<Duration>, ours: Duration) {
    match time {
        Some(time) => {
            let each = time.as_secs_f64() / SOME as f64;
            println!("        {name}: {:.1} a second, {:.1} times slower", 1.0 / each, each * rate(ours));
        }
        None => println!("        {name}: not measured, it is not installed"),
    }
}
