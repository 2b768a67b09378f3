//! The page around the tables: title, opening, headings, prose, and what its site adds.

use super::grid::{Cell, Grid, Role};
use super::layout::Layout;
use super::names::{Name, Names};
use super::oddity::Oddity;
use super::prose;
use super::{Class, Work};

/// A part of a page.
pub(super) enum Block {
    Title(String),
    Heading(String),
    Prose(String),
    /// A line of the site.
    Line(String),
    Table(Grid),
}

/// A page in the order of its parts.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

const NUMERALS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "七"];

/// Puts a page together.
pub(super) fn page(oddities: &[Oddity], work: &mut Work<'_>) -> Page {
    let has = |oddity: Oddity| oddities.contains(&oddity);
    for oddity in oddities {
        let class = if *oddity == Oddity::TableTwice { Class::Ambiguous } else { Class::Sound };
        let class = if *oddity == Oddity::TableDropped { Class::Damaged } else { class };
        work.note(*oddity, class);
    }
    let (agency, year) = (work.truth.filing.agency.clone(), work.truth.filing.year);
    let lines = prose::title(&agency, year, has(Oddity::Titles), &mut work.dice);
    let title = format!("{agency}{year}年政府信息公开工作年度报告");
    let mut blocks = Vec::new();
    if has(Oddity::Navigation) {
        blocks.extend(prose::above(year).into_iter().map(Block::Line));
    }
    if has(Oddity::Stamps) {
        blocks.push(Block::Line(format!("页面生成时间 {}-05-28 10:11:12", year + 2)));
    }
    if has(Oddity::Metadata) {
        blocks.push(Block::Table(metadata(&agency, year)));
    }
    if !has(Oddity::TitleMissing) {
        blocks.extend(lines.into_iter().map(Block::Title));
    }
    blocks.push(Block::Prose(opening(&agency, year, has(Oddity::Contents))));
    sections(oddities, &mut blocks, work);
    if has(Oddity::Contact) {
        blocks.push(Block::Prose(prose::contact(&agency, &mut work.dice)));
    }
    if has(Oddity::Chart) {
        let lines = ["近三年依申请公开办件数量", "2021", "1", "2022", "7", "2023", "5"];
        blocks.extend(lines.iter().map(|line| Block::Line((*line).to_owned())));
    }
    if has(Oddity::Stamps) {
        blocks.push(Block::Line(format!("采集时间 {}-12-30", year + 2)));
    }
    if has(Oddity::Navigation) {
        blocks.extend(prose::below(year).into_iter().map(Block::Line));
    }
    Page { title, blocks }
}

fn opening(agency: &str, year: i32, lists_sections: bool) -> String {
    let contents = "全文由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、政府信息公开行政复议、行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项六部分组成。";
    format!(
        "根据《中华人民共和国政府信息公开条例》，现公布{agency}{year}年政府信息公开工作年度报告。{}本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
        if lists_sections { contents } else { "" }
    )
}

fn metadata(agency: &str, year: i32) -> Grid {
    let cell = |text: &str, columns: usize| Cell::new(text, columns, 1, Role::Label(Name::Local));
    let title = format!("{agency}{year}年政府信息公开工作年度报告");
    Grid {
        width: 4,
        header: 0,
        rows: vec![
            vec![
                cell("索引号", 1),
                cell(&format!("0000-1234/{}-00056", year + 1), 1),
                cell("发布机构", 1),
                cell(agency, 1),
            ],
            vec![cell("名称", 1), cell(&title, 3)],
            vec![cell("发布日期", 1), cell(&format!("{}-01-25", year + 1), 1), cell("浏览次数", 1), cell("87", 1)],
        ],
        before: Vec::new(),
        after: Vec::new(),
    }
}

fn sections(oddities: &[Oddity], blocks: &mut Vec<Block>, work: &mut Work<'_>) {
    let has = |oddity: Oddity| oddities.contains(&oddity);
    let names = Names::of(work.config);
    let missing = if has(Oddity::HeadingMissing) { work.dice.pick(&[2, 3, 4]) } else { usize::MAX };
    let dropped = if has(Oddity::TableDropped) { work.dice.pick(&[1, 2, 3]) } else { usize::MAX };
    let twice = if has(Oddity::TableTwice) { work.dice.pick(&[1, 2, 3]) } else { usize::MAX };
    let style = if has(Oddity::HeadingOrdinals) { 1 + work.dice.index(4) } else { 0 };
    let mut shift = 0;
    for (at, wordings) in names.sections.iter().enumerate() {
        if at == 5 && has(Oddity::ExtraSection) {
            let year = work.truth.filing.year;
            blocks.push(Block::Heading(format!("六、{}年工作思路", year + 1)));
            blocks.push(Block::Prose(prose::SENTENCES[5].to_owned()));
            shift = 1;
        }
        let wording = if has(Oddity::Headings) { work.dice.index(wordings.len()) } else { 0 };
        if at != missing {
            blocks.push(Block::Heading(ordinal(NUMERALS[at + shift], &wordings[wording], style)));
        }
        if !(1..=3).contains(&at) {
            narrative(at, has(Oddity::FalseHeadings), blocks, work);
            continue;
        }
        if at == dropped {
            work.truth.is_void = true;
            continue;
        }
        if has(Oddity::ProseAround) {
            let year = work.truth.filing.year;
            blocks.push(Block::Prose(format!(
                "截至{year}年12月31日，相关工作按要求完成，共办结事项{}件。",
                1 + work.dice.roll(90)
            )));
        }
        for _ in 0..if at == twice { 2 } else { 1 } {
            blocks.extend(work.grids[at - 1].iter().cloned().map(Block::Table));
        }
        if has(Oddity::ProseAround) {
            blocks.push(Block::Prose(format!(
                "以上数据由各科室汇总，涉及群众{}人次，占比17.46%。",
                1 + work.dice.roll(90)
            )));
        }
    }
}

fn narrative(section: usize, has_false_headings: bool, blocks: &mut Vec<Block>, work: &mut Work<'_>) {
    if section == 0 && has_false_headings {
        for (numeral, text) in [("一", "加强组织领导"), ("三", "强化监督检查"), ("四", "做好平台维护")]
        {
            blocks.push(Block::Prose(format!("{numeral}、{text}。{}", work.dice.pick(&prose::SENTENCES))));
        }
    }
    for _ in 0..=work.dice.index(2) {
        let text = format!("{}{}", work.dice.pick(&prose::SENTENCES), work.dice.pick(&prose::SENTENCES));
        blocks.push(Block::Prose(text));
    }
}

fn ordinal(numeral: &str, text: &str, style: usize) -> String {
    match style {
        0 => format!("{numeral}、{text}"),
        1 => text.to_owned(),
        2 => format!("{numeral} 、{text}"),
        3 => format!("{}、{text}", if numeral == "一" { "—" } else { numeral }),
        _ => format!("{numeral}．{text}"),
    }
}

/// Prints a page as text.
pub(super) fn print(page: &Page, work: &mut Work<'_>) -> String {
    let layout = work.layout;
    let gap = match layout {
        Layout::CellPerParagraph => true,
        Layout::CellPerLine | Layout::OneLine | Layout::Fallen | Layout::Spaces => false,
        layout if layout.is_markdown() => true,
        _ => work.dice.percent(50),
    };
    let marks = layout.is_markdown();
    let mut lines: Vec<String> = Vec::new();
    for block in &page.blocks {
        match block {
            Block::Title(text) => {
                lines.push(format!("{}{text}", if marks { work.dice.pick(&["# ", "## ", ""]) } else { "" }));
            }
            Block::Heading(text) if marks => {
                let mark = work.dice.pick(&["# ", "## ", "### ", "##### ", "", "**"]);
                lines.push(format!("{mark}{text}{}", if mark == "**" { "**" } else { "" }));
            }
            Block::Heading(text) | Block::Line(text) => lines.push(text.clone()),
            Block::Prose(text) if layout.is_pdf() => lines.extend(wrapped(text, 28)),
            Block::Prose(text) => lines.push(text.clone()),
            Block::Table(grid) => {
                lines.extend(grid.before.iter().cloned());
                if marks {
                    lines.push(String::new());
                }
                lines.extend(layout.lines(grid, &mut work.dice));
                if marks {
                    lines.push(String::new());
                }
                lines.extend(grid.after.iter().cloned());
            }
        }
        if gap {
            lines.push(String::new());
        }
    }
    if layout == Layout::Fallen {
        return format!("| {} |\n", lines.join("  "));
    }
    if layout == Layout::OneLine {
        return lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ") + "\n";
    }
    lines.join("\n") + "\n"
}

fn wrapped(text: &str, at: usize) -> Vec<String> {
    let glyphs: Vec<char> = text.chars().collect();
    glyphs.chunks(at).map(|line| line.iter().collect()).collect()
}
