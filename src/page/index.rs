//! What `index.html` shows, as its template takes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use askama::Template;

use super::PageError;
use super::chart::{Point, Stack, bars, columns, per_cent, trend};
use super::cover::Coverage;
use super::heat::{Counts, HeatTable};
use super::list::Held;
use super::read::{footer, footer_of};
use super::sheet::{Sheet, lay_out};
use super::tally::{Split, Tally};
use super::trend::{Quartiles, Trends};
use super::words::{Pair, address, code, count, pair, same, share, size};
use crate::config::Config;
use crate::model::file::Summed;
use crate::model::report::ReportStatus;
use crate::wording::printable;

/// All that was counted.
pub(super) struct Counted {
    pub(super) tally: Tally,
    pub(super) heat: Vec<HeatTable>,
    pub(super) trends: Trends,
    pub(super) held: Held,
    pub(super) coverage: Coverage,
}

#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Index<'p> {
    schema_version: String,
    input_digest: String,
    facts: Vec<Fact>,
    years: String,
    contents: Vec<Figure>,
    trends: Vec<Figure>,
    causes: CauseTable,
    cause_figure: Figure,
    sites: SiteTable,
    messages: Vec<MessageRow>,
    heat: Vec<HeatView>,
    n_held: u64,
    held: Held,
    coverage: Coverage,
    n_unnamed: u64,
    files: Vec<FileRow<'p>>,
}

/// A number of the head of the page.
struct Fact {
    code: &'static str,
    label: Pair,
    value: String,
    note: Pair,
}

/// A chart with what stands around it.
struct Figure {
    id: String,
    title: Pair,
    note: Pair,
    svg: String,
    /// Names of the series, where there are several.
    legend: Vec<Pair>,
    heads: Vec<Pair>,
    rows: Vec<(Pair, Vec<String>)>,
}

/// Problems by cause and year.
struct CauseTable {
    years: Vec<Pair>,
    rows: Vec<(Pair, Vec<u64>, u64)>,
    total: u64,
}

/// Problems by site and cause.
struct SiteTable {
    causes: Vec<Pair>,
    rows: Vec<(Pair, Vec<u64>, u64)>,
    /// Sites that are not shown, and their problems.
    n_other: u64,
    other: u64,
}

struct MessageRow {
    n: u64,
    cause: Pair,
    message: Pair,
}

struct HeatView {
    form: String,
    sheet: Sheet<Counts>,
    most: u64,
}

struct FileRow<'p> {
    file: &'p Summed,
    href: String,
    size: String,
    rows: String,
    about: Pair,
}

impl<'p> Index<'p> {
    /// Puts the page together.
    ///
    /// # Errors
    /// When the footer of a table cannot be read.
    pub(super) fn new(
        folder: &Path,
        config: &'p Config,
        files: &'p [Summed],
        counted: Counted,
    ) -> Result<Self, PageError> {
        let Counted { tally, heat, trends, held, coverage } = counted;
        let footer = footer_of(folder, "files")?;
        let known = tally.years.keys().filter(|year| !year.is_empty());
        let years = match (known.clone().next(), known.clone().next_back()) {
            (Some(first), Some(last)) if first == last => first.clone(),
            (Some(first), Some(last)) => format!("{first}–{last}"),
            _ => String::new(),
        };
        Ok(Self {
            schema_version: footer.note("gongkai.schema_version").unwrap_or_default(),
            input_digest: footer.note("gongkai.input_digest").unwrap_or_default(),
            facts: facts(folder, &tally)?,
            years,
            contents: contents(&tally, config),
            trends: trend_figures(&trends, config),
            causes: cause_table(&tally, config),
            cause_figure: cause_figure(&tally, config),
            sites: site_table(&tally, config),
            messages: messages(&tally, config),
            heat: heat_views(&heat, config),
            n_held: tally.reports.0[1],
            held,
            coverage,
            n_unnamed: tally.n_unnamed,
            files: file_rows(folder, files, config)?,
        })
    }

    /// A count as it is written.
    fn count(number: &u64) -> String {
        count(*number)
    }

    /// Whether a file of this name is beside the page.
    fn has(&self, name: &str) -> bool {
        self.files.iter().any(|row| row.file.name == name)
    }
}

fn facts(folder: &Path, tally: &Tally) -> Result<Vec<Fact>, PageError> {
    let [accepted, quarantined, duplicate] = tally.reports.0;
    let n_files: u64 = tally.outcomes.values().sum();
    let unreadable = tally.outcomes.get("unreadable").copied().unwrap_or(0);
    let fact = |code, label, value, note| Fact { code, label, value: count(value), note };
    let not_duplicate = accepted + quarantined;
    Ok(vec![
        fact(
            "reports",
            pair("份报告", "reports"),
            tally.reports.total(),
            pair(
                format!("来自 {} 个文件，其中重复 {} 份", count(n_files), count(duplicate)),
                format!("from {} files, {} of them duplicates", count(n_files), count(duplicate)),
            ),
        ),
        fact(
            "accepted",
            pair("份采信", "accepted"),
            accepted,
            pair(
                format!("占非重复报告 {}", share(accepted, not_duplicate)),
                format!("{} of those that are no duplicates", share(accepted, not_duplicate)),
            ),
        ),
        fact(
            "quarantined",
            pair("份隔离", "held back"),
            quarantined,
            pair(
                format!("另有 {} 个文件无法读取", count(unreadable)),
                format!("and {} files that could not be read", count(unreadable)),
            ),
        ),
        fact(
            "bodies",
            pair("个机关", "public bodies"),
            tally.bodies.len() as u64,
            pair(
                format!("其报告之间缺 {} 个年度", count(tally.bodies.values().map(super::tally::Body::gaps).sum())),
                format!(
                    "with {} years missing between their reports",
                    count(tally.bodies.values().map(super::tally::Body::gaps).sum())
                ),
            ),
        ),
        fact(
            "cells",
            pair("个单元格", "printed cells"),
            footer_of(folder, "cells")?.n_rows,
            pair("逐格存原文、所读之数与推算之数", "each with its print, what was read, and what follows"),
        ),
        fact(
            "checks",
            pair("次勾稽校验", "rules applied"),
            footer_of(folder, "checks")?.n_rows,
            pair("通过与否，逐条列出", "each listed, the passes included"),
        ),
    ])
}

/// Names of the series of reports by status, in the order of [`ReportStatus::ALL`].
fn statuses() -> Vec<Pair> {
    let name = |status: &ReportStatus| match status {
        ReportStatus::Accepted => pair("采信", "accepted"),
        ReportStatus::Quarantined => pair("隔离", "held back"),
        ReportStatus::Duplicate => pair("重复", "duplicate"),
    };
    ReportStatus::ALL.iter().map(name).collect()
}

/// The reports, divided in each way.
fn contents(tally: &Tally, config: &Config) -> Vec<Figure> {
    let unknown = |of: Pair| move |label: &str| if label.is_empty() { of.clone() } else { same(&printable(label)) };
    let named = |list: &'static str, of: Pair| {
        move |label: &str| if label.is_empty() { of.clone() } else { code(config, list, label) }
    };
    let form = |label: &str| match config.forms.by_id(label) {
        None if label.is_empty() => pair("无统一表式（文字报告）", "no form (free prose)"),
        None => same(label),
        Some(_) => pair(format!("{label} 年表式"), format!("form of {label}")),
    };
    let none = || pair("不明", "unknown");
    let of = |id: &str, title: Pair, note: Pair, split: &Split, label: &dyn Fn(&str) -> Pair, is_by_year: bool| {
        split_figure((id, title, note), split, label, is_by_year)
    };
    let years = of(
        "years",
        pair("各年度报告数", "Reports by year"),
        pair("报告所述年度，非发布年度。", "The year reported on, not that of publication."),
        &tally.years,
        &unknown(none()),
        true,
    );
    let forms = of(
        "forms",
        pair("表式", "Form"),
        pair("按主动公开表（表一）的表式；由印出的标签判定。", "Of the disclosures table, told by its printed labels."),
        &tally.forms,
        &form,
        false,
    );
    let levels = of(
        "levels",
        pair("层级", "Level"),
        pair("报告主体所属的行政层级。", "Rank of the division that the body works for."),
        &tally.levels,
        &named("level", none()),
        false,
    );
    let sectors = of(
        "sectors",
        pair("领域", "Sector"),
        pair("由机关名称判定。", "Told by the name of the body."),
        &tally.sectors,
        &named("sector", none()),
        false,
    );
    let provinces = of(
        "provinces",
        pair("省份", "Province"),
        pair(
            "由机关名称判定；名称适于多处者不计入任何一处。",
            "Told by the name of the body; a name that fits several divisions has none.",
        ),
        &tally.provinces,
        &unknown(none()),
        false,
    );
    vec![years, forms, levels, provinces, sectors]
}

/// Bars of a chart; what is less is summed up in the last of them.
const MOST_BARS: usize = 12;

fn split_figure(
    (id, title, note): (&str, Pair, Pair),
    split: &Split,
    label: &dyn Fn(&str) -> Pair,
    is_by_year: bool,
) -> Figure {
    let mut entries: Vec<_> = split.iter().collect();
    if !is_by_year {
        // The most first, those alike by their codes.
        entries.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.total()));
    }
    let rows = entries.iter().map(|(code, counts)| {
        let numbers = counts.0.iter().copied().chain([counts.total()]).map(count).collect();
        (label(code), numbers)
    });
    let rows = rows.collect();
    let mut stacks: Vec<Stack> =
        entries.iter().map(|(code, counts)| Stack { label: label(code), parts: counts.0.to_vec() }).collect();
    if !is_by_year && stacks.len() > MOST_BARS {
        let rest = stacks.split_off(MOST_BARS - 1);
        let parts = (0..ReportStatus::ALL.len()).map(|at| rest.iter().map(|stack| stack.parts[at]).sum()).collect();
        let label = pair(format!("其余 {} 类", rest.len()), format!("{} others", rest.len()));
        stacks.push(Stack { label, parts });
    }
    Figure {
        id: id.to_owned(),
        note,
        svg: if is_by_year { columns(&stacks) } else { bars(&stacks) },
        legend: statuses(),
        heads: std::iter::once(title.clone()).chain(statuses()).chain([pair("合计", "total")]).collect(),
        title,
        rows,
    }
}

fn trend_figures(trends: &Trends, config: &Config) -> Vec<Figure> {
    let figure = |(indicator, by_year): (&String, &BTreeMap<i32, Quartiles>)| {
        let point = |(year, of): (&i32, &Quartiles)| Point {
            year: *year,
            low: of.low,
            middle: of.middle,
            high: of.high,
            n: of.n,
        };
        let points: Vec<Point> = by_year.iter().map(point).collect();
        let last = points.last()?;
        let (low, middle, high) = (per_cent(last.low), per_cent(last.middle), per_cent(last.high));
        let (year, n) = (last.year, count(last.n));
        let row = |point: &Point| {
            let quartiles = [point.low, point.middle, point.high].map(per_cent);
            (same(&point.year.to_string()), std::iter::once(count(point.n)).chain(quartiles).collect())
        };
        Some(Figure {
            id: indicator.clone(),
            title: code(config, "indicator", indicator),
            note: pair(
                format!("{year} 年：中位数 {middle}，中间一半在 {low} 至 {high} 之间，N={n}。"),
                format!("{year}: median {middle}, the middle half between {low} and {high}, N={n}."),
            ),
            svg: trend(&points),
            legend: Vec::new(),
            heads: vec![
                pair("年度", "year"),
                same("N"),
                pair("下四分位", "lower quartile"),
                pair("中位数", "median"),
                pair("上四分位", "upper quartile"),
            ],
            rows: points.iter().map(row).collect(),
        })
    };
    config.page.indicators.iter().zip(trends).filter_map(figure).collect()
}

/// What stands for no year.
fn year_label(year: Option<i32>) -> Pair {
    year.map_or_else(|| pair("无年度", "no year"), |year| same(&year.to_string()))
}

fn cause_years(tally: &Tally) -> Vec<Option<i32>> {
    let years: BTreeSet<Option<i32>> = tally.causes.values().flat_map(|years| years.keys().copied()).collect();
    // No year stands last.
    let known = years.iter().copied().filter(Option::is_some);
    known.chain(years.contains(&None).then_some(None)).collect()
}

fn cause_table(tally: &Tally, config: &Config) -> CauseTable {
    let years = cause_years(tally);
    let mut rows: Vec<_> = tally
        .causes
        .iter()
        .map(|(cause, by_year)| {
            let counts = years.iter().map(|year| by_year.get(year).copied().unwrap_or(0)).collect();
            (code(config, "cause", cause), counts, by_year.values().sum::<u64>())
        })
        .collect();
    rows.sort_by_key(|(_, _, total)| std::cmp::Reverse(*total));
    let total = rows.iter().map(|(_, _, total)| total).sum();
    CauseTable { years: years.into_iter().map(year_label).collect(), rows, total }
}

fn cause_figure(tally: &Tally, config: &Config) -> Figure {
    let table = cause_table(tally, config);
    // In the colour of what is held back, which is the second.
    let stacks = |at: usize| Stack {
        label: table.years[at].clone(),
        parts: vec![0, table.rows.iter().map(|row| row.1[at]).sum()],
    };
    let stacks: Vec<Stack> = (0..table.years.len()).map(stacks).collect();
    Figure {
        id: "causes".to_owned(),
        title: pair("各年度隔离原因数", "Reasons by year"),
        note: pair("一份报告可有多条原因。", "A report may have several."),
        legend: Vec::new(),
        heads: vec![pair("年度", "year"), pair("原因数", "reasons")],
        rows: stacks.iter().map(|stack| (stack.label.clone(), vec![count(stack.parts[1])])).collect(),
        svg: columns(&stacks),
    }
}

fn site_table(tally: &Tally, config: &Config) -> SiteTable {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for causes in tally.sites.values() {
        for (cause, n) in causes {
            *sums.entry(cause).or_default() += n;
        }
    }
    let mut causes: Vec<&str> = sums.keys().copied().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(sums[cause]));
    let mut sites: Vec<_> = tally.sites.iter().map(|(site, of)| (site, of, of.values().sum::<u64>())).collect();
    sites.sort_by_key(|(_, _, total)| std::cmp::Reverse(*total));
    let rest = sites.split_off(sites.len().min(config.page.sites));
    let row = |(site, of, total): &(&String, &BTreeMap<String, u64>, u64)| {
        let counts = causes.iter().map(|cause| of.get(*cause).copied().unwrap_or(0)).collect();
        let name =
            if site.is_empty() { pair("（不在文件夹内）", "(in no folder)") } else { same(&printable(site)) };
        (name, counts, *total)
    };
    SiteTable {
        rows: sites.iter().map(row).collect(),
        causes: causes.iter().map(|cause| code(config, "cause", cause)).collect(),
        n_other: rest.len() as u64,
        other: rest.iter().map(|(_, _, total)| total).sum(),
    }
}

/// Commonest messages that are shown.
const MESSAGES: usize = 10;

fn messages(tally: &Tally, config: &Config) -> Vec<MessageRow> {
    let mut all: Vec<_> = tally.messages.iter().collect();
    all.sort_by_key(|(_, message)| std::cmp::Reverse(message.n));
    let row = |(english, message): (&String, &super::tally::Message)| MessageRow {
        n: message.n,
        cause: code(config, "cause", &message.cause),
        message: pair(printable(&message.chinese), printable(english)),
    };
    all.into_iter().take(MESSAGES).map(row).collect()
}

fn heat_views(heat: &[HeatTable], config: &Config) -> Vec<HeatView> {
    let view = |of: &HeatTable| {
        let form = &config.forms.forms[of.form];
        let sheet = lay_out(&form.tables[of.table], |row, column| of.at(row, column), |_| false);
        let most =
            sheet.parts.iter().flat_map(|part| &part.lines).flat_map(|line| &line.cells).map(|cell| cell.n).max();
        HeatView { form: form.id.clone(), sheet, most: most.unwrap_or(0) }
    };
    heat.iter().filter(|of| of.is_used()).map(view).collect()
}

impl Counts {
    /// Shares of the reports that have the cell, in per cent.
    fn shares(&self) -> [String; 4] {
        [self.failing, self.suspected, self.blank, self.implied].map(|part| match part {
            0 => "0".to_owned(),
            _ => share(part, self.n).trim_end_matches('%').to_owned(),
        })
    }

    /// How deep each is coloured, up to 9: by its root, as most shares are small.
    fn depths(&self) -> [u64; 4] {
        [self.failing, self.suspected, self.blank, self.implied].map(|part| {
            let thousandths = part * 1000 / self.n.max(1);
            if part == 0 { 0 } else { (thousandths.isqrt() * 9 / 31).clamp(1, 9) }
        })
    }
}

fn file_rows<'p>(folder: &Path, files: &'p [Summed], config: &Config) -> Result<Vec<FileRow<'p>>, PageError> {
    let row = |file: &'p Summed| {
        let name = file.name.as_str();
        let described = |(chinese, english): (String, String)| pair(chinese, english);
        // A table as CSV has the rows of its Parquet file.
        let (rows, about) = match parquet_of(name) {
            Some(table) => {
                let footer = footer(&folder.join(table))?;
                let title = footer.note("gongkai.title_zh").zip(footer.note("gongkai.title_en"));
                (count(footer.n_rows), title.map(described))
            }
            None => (String::new(), config.page.files.get(name).map(Pair::from)),
        };
        Ok(FileRow { file, href: address(name), size: size(file.bytes), rows, about: about.unwrap_or_default() })
    };
    files.iter().map(row).collect()
}

/// The Parquet file of the table that a file holds.
fn parquet_of(name: &str) -> Option<String> {
    match name.strip_suffix(".csv") {
        None => name.ends_with(".parquet").then(|| name.to_owned()),
        Some(stem) => {
            let (folder, table) = stem.split_once('/')?;
            let folder = if folder == "csv" { "parquet" } else { folder };
            Some(format!("{folder}/{table}.parquet"))
        }
    }
}
