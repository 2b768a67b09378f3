//! The arguments of the program.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{duration, sheet};
use crate::wording::Language;

/// Builds an open dataset from the annual reports on government information disclosure
/// (政府信息公开工作年度报告) that China's public bodies file.
#[derive(Debug, Parser)]
#[command(name = "gongkai", version, before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Folder with settings and forms that replace the built-in ones
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) config: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  gongkai build                          read data/sample, publish a dataset in out/
  gongkai build raw/ --out /srv/gongkai  read a folder of reports, publish elsewhere
  gongkai build raw/ --quiet             for cron: nothing is printed when all is well
  gongkai check report.html              show one report's tables as they are read
  gongkai explain report.html            say what is wrong in a report, where, and what would mend it
  gongkai review raw/ --who lina         go through what is held back, and note corrections
  gongkai diff 2026.11.22 current        what changed between two snapshots, and why
  gongkai verify out/current             check a published dataset, sums, counts and every rule";

const EXIT_CODES: &str = "\
Exit codes:
  0   done (quarantined reports are normal)
  1   failed, the last dataset stands
  2   wrong usage or settings
  3   done, but some inputs could not be read; for check, explain and review: something is held back
  4   refused by a guard: files or reports are missing, or many more are held back; the last dataset stands
  75  another run holds the lock
  129, 130, 143  stopped by SIGHUP, SIGINT, SIGTERM; the last dataset stands";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Reads reports and publishes a dataset
    Build(Build),
    /// Shows the tables of reports as they are read, with every rule that fails
    Check(Check),
    /// Says why reports are held back, whose fault it is and what would mend them
    Explain(Explain),
    /// Goes through what is held back with a person, who accepts or edits numbers
    Review(Review),
    /// Tells what differs between two snapshots, row by row, and why
    Diff(Diff),
    /// Prints the codebook: every table, column, code and rule
    Codebook,
    /// Settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Prints a script with which a shell completes commands
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Prints the page of the manual: gongkai man | man -l -
    Man,
    /// Checks a published snapshot, all of it anew
    Verify(Verify),
    /// Points `stable` at a snapshot that people may rely on
    Promote(Promote),
    /// Says whether the output folder is well: how old the last success is, whether all files are whole
    Doctor(Doctor),
    /// Reads files for another process of this program
    #[command(name = crate::worker::SUBCOMMAND, hide = true)]
    Worker,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Shows every setting, with the file it comes from
    Show {
        /// Print one line of JSON for each setting
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai build                    read data/sample, publish in out/
  gongkai build raw/2023 raw/2024  read two folders; their names lead the paths
  gongkai build raw/ --json        print the run's record for a program")]
pub(super) struct Build {
    /// Files or folders to read
    #[arg(value_name = "INPUT", default_value = "data/sample")]
    pub(super) inputs: Vec<PathBuf>,
    /// Folder to publish in
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,
    /// What persons put right, as CSV; data/corrections.csv where it is there
    #[arg(long, value_name = "FILE")]
    pub(super) corrections: Option<PathBuf>,
    /// When another run works, wait for it so long: 90s, 10m, 2h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "0s")]
    pub(super) wait: Duration,
    /// Publish also when a guard refuses: files or reports are missing, or many more are held back
    #[arg(long)]
    pub(super) accept_guard: bool,
    /// How lines on stderr look
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
    /// Read every file, also those that earlier runs read
    #[arg(long)]
    pub(super) fresh: bool,
    /// Threads; 0 means one for each core
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
    /// When to draw a progress bar
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Progress::Auto)]
    pub(super) progress: Progress,
    /// Print nothing when all is well
    #[arg(long)]
    pub(super) quiet: bool,
    /// Print the run's record as JSON on stdout
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai promote             stable points to the newest snapshot of out/
  gongkai promote 2026.3.1    or to this one")]
pub(super) struct Promote {
    /// Name of a snapshot; the newest where none is given
    #[arg(value_name = "SNAPSHOT")]
    pub(super) snapshot: Option<String>,
    /// Folder with the snapshots
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,
    /// When a run works, wait for it so long: 90s, 10m, 2h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "0s")]
    pub(super) wait: Duration,
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai doctor                            say what is wrong with out/, end with 1 when something is
  gongkai doctor --out /srv/gongkai --json  for programs")]
pub(super) struct Doctor {
    /// Folder with the snapshots
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,
    /// How old the last success may be: 36h, 2d
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "36h")]
    pub(super) max_age: Duration,
    /// How long the newest snapshot may stay the same while runs succeed: 90d
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "400d")]
    pub(super) max_unchanged: Duration,
    /// Print one line of JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Plain lines
    Text,
    /// Lines of JSON
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Progress {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai check data/sample/hongze-2023.html   a report whose totals do not add up
  gongkai check --json a.txt b.html            one line of JSON for each report")]
pub(super) struct Check {
    /// Files to read
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Print one line of JSON for each report
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) view: View,
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai explain data/sample/hongze-2023.html   what is wrong in a file
  gongkai explain 0123456789abcdef-1             in a report of the newest snapshot, by its id
  gongkai explain --lang zh report.docx          in Chinese")]
pub(super) struct Explain {
    /// Files, or ids of published reports
    #[arg(value_name = "FILE|REPORT_ID", required = true)]
    pub(super) subjects: Vec<String>,
    /// Where the files of published reports lie
    #[arg(long = "input", value_name = "INPUT", default_value = "data/sample")]
    pub(super) inputs: Vec<PathBuf>,
    /// Folder with the snapshots
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,
    /// What persons put right, as CSV; data/corrections.csv where it is there
    #[arg(long, value_name = "FILE")]
    pub(super) corrections: Option<PathBuf>,
    /// Print one line of JSON for each report
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) view: View,
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai review                         go through what the newest snapshot of out/ holds back
  gongkai review raw/ --who lina         its files lie in raw/; corrections are signed so")]
pub(super) struct Review {
    /// Files or folders that the snapshot was built from
    #[arg(value_name = "INPUT", default_value = "data/sample")]
    pub(super) inputs: Vec<PathBuf>,
    /// Folder with the snapshots
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,
    /// Where corrections are written
    #[arg(long, value_name = "FILE")]
    pub(super) corrections: Option<PathBuf>,
    /// Who answers for the corrections
    #[arg(long, value_name = "NAME")]
    pub(super) who: Option<String>,
    #[command(flatten)]
    pub(super) view: View,
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai diff 2026.11.22 current           what the newest snapshot of out/ changed
  gongkai diff old/ new/ --json             one line of JSON for each change, counts in the last")]
pub(super) struct Diff {
    /// The older snapshot: a folder, or an id in the output folder
    #[arg(value_name = "BEFORE")]
    pub(super) before: String,
    /// The newer snapshot
    #[arg(value_name = "AFTER")]
    pub(super) after: String,
    /// Folder with the snapshots
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(super) out: PathBuf,
    /// Show every change instead of a few of each kind
    #[arg(long)]
    pub(super) all: bool,
    /// Print one line of JSON for each change, and counts in a last line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  gongkai verify                        check the newest snapshot of out/
  gongkai verify ~/downloads/2026.3.1   check one that was downloaded; code 1 when something does not hold")]
pub(super) struct Verify {
    /// Folder of the snapshot
    #[arg(value_name = "SNAPSHOT", default_value = "out/current")]
    pub(super) snapshot: PathBuf,
    /// Print what was found as one JSON record
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct View {
    /// Language of messages
    #[arg(long = "lang", value_enum, value_name = "LANG", default_value_t = Lang::En)]
    pub(super) language: Lang,
    /// When to use colours
    #[arg(long = "color", value_enum, value_name = "WHEN", default_value_t = Progress::Auto)]
    pub(super) color: Progress,
}

impl View {
    pub(super) fn view(&self) -> sheet::View {
        let is_coloured = match self.color {
            Progress::Auto => std::io::IsTerminal::is_terminal(&std::io::stdout()),
            Progress::Always => true,
            Progress::Never => false,
        };
        let language = match self.language {
            Lang::En => Language::English,
            Lang::Zh => Language::Chinese,
        };
        sheet::View { language, is_coloured }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}
