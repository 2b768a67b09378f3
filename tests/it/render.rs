//! Prints a made filing in every layout that the reader must know.
//!
//! Labels come from the forms, figures from the filing; how rows, headings and line breaks fall is drawn
//! from a seed, so that a failure can be seen again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gongkai::config::Config;
use gongkai::form::{FormTable, Shape, ValueType};

/// Small numbers drawn from a seed (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    /// A number below a length.
    pub(crate) fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.roll(below as u64)).expect("fits")
    }

    /// One of some things.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.roll(one_in) == 0
    }
}

/// A filing that is valid by every rule.
pub(crate) struct Filing {
    pub(crate) form: usize,
    pub(crate) agency: String,
    pub(crate) year: i32,
    /// What is printed in each cell: table, row, column.
    pub(crate) cells: BTreeMap<(usize, usize, usize), String>,
}

impl Filing {
    /// A filing on a form, drawn from a seed.
    pub(crate) fn new(form_id: &str, config: &Config, dice: &mut Dice) -> Self {
        let form = config.forms.by_id(form_id).expect("form");
        let mut cells = BTreeMap::new();
        // Most filings are mostly zeros; some are not.
        let zeros = dice.pick(&[1, 2, 6, 30]);
        let size = dice.pick(&[3, 40, 5000, 120_000]);
        let count = |dice: &mut Dice| if dice.chance(zeros) || zeros == 1 { dice.roll(size) } else { 0 };
        for (at, table) in config.forms.forms[form].tables.iter().enumerate() {
            match table.shape {
                Shape::Blocks => {
                    for (row, column) in positions(table) {
                        let print = match table.columns[column].value_type {
                            ValueType::SignedCount => match dice.roll(3) {
                                0 => format!("+{}", 1 + dice.roll(99)),
                                1 => format!("-{}", 1 + dice.roll(99)),
                                _ => "0".to_owned(),
                            },
                            ValueType::Decimal => format!("{}.{}", dice.roll(99_999), 1 + dice.roll(9)),
                            ValueType::Money => format!("{}.{}万元", dice.roll(9999), 1 + dice.roll(9)),
                            _ => count(dice).to_string(),
                        };
                        cells.insert((at, row, column), print);
                    }
                }
                Shape::Matrix => {
                    let row = |code: &str| table.row(code).expect("row");
                    let last = table.columns.len() - 1;
                    let mut numbers: BTreeMap<(usize, usize), u64> = BTreeMap::new();
                    for column in 0..last {
                        let mut total = 0;
                        for leaf in table.value_rows.iter().filter(|row| table.rows[**row].outcome_group.is_some()) {
                            let number = count(dice);
                            numbers.insert((*leaf, column), number);
                            total += number;
                        }
                        let forward = count(dice);
                        let carried = dice.roll(total + forward + 1);
                        numbers.insert((row("outcome_total"), column), total);
                        numbers.insert((row("carried_forward"), column), forward);
                        numbers.insert((row("carried_in"), column), carried);
                        numbers.insert((row("new_received"), column), total + forward - carried);
                    }
                    for row in &table.value_rows {
                        let total = (0..last).map(|column| numbers[&(*row, column)]).sum();
                        numbers.insert((*row, last), total);
                    }
                    cells.extend(
                        numbers.into_iter().map(|((row, column), number)| ((at, row, column), number.to_string())),
                    );
                }
                Shape::Channels => {
                    let mut total = 0;
                    for (column, of) in table.columns.iter().enumerate() {
                        let number = if of.result.as_deref() == Some("total") {
                            std::mem::take(&mut total)
                        } else {
                            count(dice)
                        };
                        if of.result.as_deref() != Some("total") {
                            total += number;
                        }
                        cells.insert((at, table.value_rows[0], column), number.to_string());
                    }
                }
                Shape::List => {}
            }
        }
        let agency = format!("虚构省样例市第{}区财政局", dice.pick(&["一", "二", "三", "四"]));
        let year = 2019 + i32::try_from(dice.roll(7)).expect("small");
        Self { form, agency, year, cells }
    }

    /// The number printed in a cell, as the reader must give it.
    pub(crate) fn value(&self, key: (usize, usize, usize)) -> f64 {
        self.cells[&key].trim_end_matches("万元").parse().expect("a printed number")
    }
}

fn positions(table: &FormTable) -> Vec<(usize, usize)> {
    table.value_rows.iter().flat_map(|row| table.columns_of(*row).map(|column| (*row, column))).collect()
}

/// The ways in which a filing is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Tabs,
    Pipes,
    LeadingPipes,
    Markdown,
    CellPerLine,
    CellPerParagraph,
    PdfLines,
    Html,
}

impl Style {
    pub(crate) const ALL: [Self; 8] = [
        Self::Tabs,
        Self::Pipes,
        Self::LeadingPipes,
        Self::Markdown,
        Self::CellPerLine,
        Self::CellPerParagraph,
        Self::PdfLines,
        Self::Html,
    ];
}

/// A cell of a printed table: text, columns and rows it spans, whether it is a label.
struct Printed {
    text: String,
    columns: usize,
    rows: usize,
    is_label: bool,
}

fn label(text: &str, columns: usize, rows: usize) -> Printed {
    Printed { text: text.to_owned(), columns, rows, is_label: true }
}

fn number(text: &str) -> Printed {
    Printed { text: text.to_owned(), columns: 1, rows: 1, is_label: false }
}

/// The rows of a table as a word processor would lay them out.
fn rows(filing: &Filing, at: usize, table: &FormTable) -> Vec<Vec<Printed>> {
    let print = |row: usize, column: usize| number(&filing.cells[&(at, row, column)]);
    let mut rows: Vec<Vec<Printed>> = Vec::new();
    match table.shape {
        Shape::Blocks => {
            for block in &table.blocks {
                rows.push(vec![label(&block.labels.official, 4, 1)]);
                let mut header = vec![label("信息内容", 1, 1)];
                header.extend(
                    table.columns[block.columns.clone()].iter().map(|column| label(&column.labels.official, 1, 1)),
                );
                rows.push(header);
                for row in block.rows.clone() {
                    let mut cells = vec![label(&table.rows[row].labels.official, 1, 1)];
                    cells.extend(block.columns.clone().map(|column| print(row, column)));
                    rows.push(cells);
                }
            }
        }
        Shape::Matrix => {
            let groups: Vec<&str> = table.groups.iter().map(|group| group.labels.official.as_str()).collect();
            let column = |at: usize, rows: usize| label(&table.columns[at].labels.official, 1, rows);
            rows.push(vec![
                label("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
                label(groups[0], 7, 1),
            ]);
            rows.push(vec![column(0, 2), label(groups[1], 5, 1), column(6, 2)]);
            rows.push((1..6).map(|at| column(at, 1)).collect());
            let mut shown: Vec<usize> = Vec::new();
            for row in &table.value_rows {
                let mut headings: Vec<usize> = table.ancestors(*row).collect();
                headings.reverse();
                let depth = headings.len();
                let mut cells = Vec::new();
                for heading in headings {
                    if !shown.contains(&heading) {
                        shown.push(heading);
                        let n_rows = table
                            .value_rows
                            .iter()
                            .filter(|row| table.ancestors(**row).any(|other| other == heading))
                            .count();
                        cells.push(label(&table.rows[heading].labels.official, 1, n_rows));
                    }
                }
                cells.push(label(&table.rows[*row].labels.official, 3 - depth, 1));
                cells.extend(table.columns_of(*row).map(|column| print(*row, column)));
                rows.push(cells);
            }
        }
        Shape::Channels => {
            let group =
                |code: &str| &table.groups.iter().find(|group| group.code == code).expect("group").labels.official;
            let results =
                |rows: usize| table.columns[..5].iter().map(move |column| label(&column.labels.official, 1, rows));
            rows.push(vec![label(group("reconsideration"), 5, 1), label(group("litigation"), 10, 1)]);
            let mut second: Vec<Printed> = results(2).collect();
            second.push(label(group("litigation_direct"), 5, 1));
            second.push(label(group("litigation_after_reconsideration"), 5, 1));
            rows.push(second);
            rows.push(results(1).chain(results(1)).collect());
            rows.push((0..15).map(|column| print(table.value_rows[0], column)).collect());
        }
        Shape::List => {}
    }
    rows
}

/// Prints a filing.
pub(crate) fn render(filing: &Filing, style: Style, config: &Config, dice: &mut Dice) -> String {
    let form = &config.forms.forms[filing.form];
    let (agency, year) = (&filing.agency, filing.year);
    let mut text = String::new();
    let html = style == Style::Html;
    let paragraph = |line: &str, text: &mut String| {
        let _ = if html { writeln!(text, "<p>{line}</p>") } else { writeln!(text, "{line}\n") };
    };
    if html {
        text.push_str("<html><head><title>公开</title></head><body><ul><li>首页</li><li>2011年政府信息公开工作年度报告</li></ul>\n");
    }
    let mark = if style == Style::Markdown { dice.pick(&["# ", "## ", "### ", ""]) } else { "" };
    if dice.chance(2) {
        paragraph(&format!("{mark}{agency}{year}年政府信息公开工作年度报告"), &mut text);
    } else {
        paragraph(&format!("{mark}{agency}"), &mut text);
        paragraph(&format!("{mark}{year} 年政府信息公开工作年度报告"), &mut text);
    }
    paragraph(
        &format!("依照条例编制。所列数据的统计期限自{year}年1月1日起至{year}年12月31日止，联系电话：0000-1234567。"),
        &mut text,
    );
    let headings = [
        "总体情况",
        "主动公开政府信息情况",
        "收到和处理政府信息公开申请情况",
        "政府信息公开行政复议、行政诉讼情况",
        "存在的主要问题及改进情况",
        "其他需要报告的事项",
    ];
    let numerals = ["一", "二", "三", "四", "五", "六"];
    for (at, heading) in headings.iter().enumerate() {
        let mark = if style == Style::Markdown { dice.pick(&["## ", "### ", "##### ", ""]) } else { "" };
        paragraph(&format!("{mark}{}、{heading}", numerals[at]), &mut text);
        let table = form
            .tables
            .iter()
            .position(|table| table.code == ["", "disclosures", "applications", "reviews", "", ""][at]);
        match table {
            None => {
                paragraph(
                    "全年主动公开信息 105 条，其中公告 45 条，办理建议 3 件。下一步将补短板、强弱项。",
                    &mut text,
                );
            }
            Some(table) => print_table(&rows(filing, table, &form.tables[table]), style, dice, &mut text),
        }
    }
    if html {
        text.push_str("</body></html>\n");
    }
    text
}

fn print_table(rows: &[Vec<Printed>], style: Style, dice: &mut Dice, text: &mut String) {
    let broken = |cell: &Printed, dice: &mut Dice, mark: &str| -> String {
        let n = cell.text.chars().count();
        if !cell.is_label || n < 4 || !dice.chance(3) {
            return cell.text.clone();
        }
        // An ordinal torn from its label is a number to any reader.
        let first = if cell.text.starts_with(|c: char| c.is_ascii_digit()) { 3 } else { 1 };
        let at = first + dice.index(n - first);
        cell.text.chars().take(at).chain(mark.chars()).chain(cell.text.chars().skip(at)).collect()
    };
    if style == Style::Html {
        text.push_str("<table border=1>\n");
    }
    for (at, row) in rows.iter().enumerate() {
        match style {
            Style::Tabs => {
                // Covered cells of a heading that spans rows are empty cells in front, or lost.
                let width: usize = row.iter().map(|cell| cell.columns).sum();
                let most: usize = rows.iter().map(|row| row.iter().map(|cell| cell.columns).sum()).max().unwrap_or(0);
                let in_front = if dice.chance(4) { 0 } else { most - width };
                text.push_str(&"\t".repeat(in_front));
                let cells: Vec<String> =
                    row.iter().map(|cell| cell.text.clone() + &"\t".repeat(cell.columns - 1)).collect();
                text.push_str(&cells.join("\t"));
                text.push_str(&"\t".repeat(dice.index(3)));
                text.push('\n');
            }
            Style::Pipes => {
                let cells: Vec<String> = row.iter().map(|cell| broken(cell, dice, " ")).collect();
                let _ = writeln!(text, "{} |{}", cells.join(" | "), "|".repeat(dice.index(3)));
            }
            Style::LeadingPipes | Style::Markdown => {
                let cells: Vec<String> = row.iter().map(|cell| broken(cell, dice, " ")).collect();
                let _ = writeln!(text, "| {} |", cells.join(" | "));
                if style == Style::Markdown && at == 0 {
                    let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
                }
            }
            Style::CellPerLine => {
                for cell in row {
                    let _ = writeln!(text, "\t{}", broken(cell, dice, "\n"));
                }
                text.push('\n');
            }
            Style::CellPerParagraph => {
                for cell in row {
                    let _ = writeln!(text, "{}\n", broken(cell, dice, "\n\n"));
                }
            }
            Style::PdfLines => pdf_row(row, dice, text),
            Style::Html => {
                text.push_str("<tr>");
                for cell in row {
                    let spans = match (cell.columns, cell.rows) {
                        (1, 1) => String::new(),
                        (columns, 1) => format!(" colspan=\"{columns}\""),
                        (1, rows) => format!(" rowspan={rows}"),
                        (columns, rows) => format!(" colspan='{columns}' rowspan='{rows}'"),
                    };
                    let mark = dice.pick(&["<br>", "</span><span>", "</p><p>"]);
                    let print = broken(cell, dice, mark);
                    let end = if dice.chance(5) { "" } else { "</td>" };
                    let _ = write!(text, "<td{spans}><p><span>{print}</span></p>&nbsp;{end}");
                }
                text.push_str(if dice.chance(5) { "\n" } else { "</tr>\n" });
            }
        }
    }
    if style == Style::Html {
        text.push_str("</table>");
    }
    text.push('\n');
}

/// A row as PDF text: labels wrapped at their columns' width, headings first, numbers on a line.
fn pdf_row(row: &[Printed], dice: &mut Dice, text: &mut String) {
    let mut numbers: Vec<&str> = Vec::new();
    let mut last_line = String::new();
    for cell in row {
        if !cell.is_label {
            numbers.push(&cell.text);
            continue;
        }
        if !last_line.is_empty() {
            let _ = writeln!(text, "{last_line}\n");
        }
        let width = if cell.rows > 1 { 2 + dice.index(3) } else { 13 };
        let glyphs: Vec<char> = cell.text.chars().collect();
        let lines: Vec<String> = glyphs.chunks(width).map(|line| line.iter().collect()).collect();
        for line in &lines[..lines.len() - 1] {
            let _ = writeln!(text, "{line}\n");
        }
        last_line = lines.last().cloned().unwrap_or_default();
    }
    if !last_line.is_empty() && !numbers.is_empty() && dice.chance(2) {
        let _ = writeln!(text, "{last_line} {}", numbers.join(" "));
        return;
    }
    if !last_line.is_empty() {
        let _ = writeln!(text, "{last_line}\n");
    }
    if !numbers.is_empty() {
        let _ = writeln!(text, "{}\n", numbers.join(" "));
    }
}
