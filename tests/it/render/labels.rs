//! Oddities of labels: wordings, ordinals, spaces, breaks, slips.

use super::Class;
use super::Work;
use super::grid::Cell;
use super::grid::Role;
use super::names::{Name, Names};
use super::oddity::Oddity;

pub(super) fn apply(oddity: Oddity, work: &mut Work<'_>) {
    let mut grids = std::mem::take(&mut work.grids);
    let before: Vec<String> = texts(&grids);
    let mut left = if oddity == Oddity::PageNumberInLabel { 1 } else { usize::MAX };
    let style = work.dice.index(8);
    for (table, grid) in
        grids.iter_mut().enumerate().flat_map(|(table, grids)| grids.iter_mut().map(move |grid| (table, grid)))
    {
        let header = grid.header;
        let n_rows = grid.rows.len();
        let target = work.dice.index(n_rows);
        for (at, row) in grid.rows.iter_mut().enumerate() {
            for cell in row {
                let Role::Label(name) = cell.role else { continue };
                if cell.text.is_empty() {
                    continue;
                }
                match oddity {
                    Oddity::Aliases => alias(cell, table, name, work),
                    Oddity::Instructions => cell.text = instructed(&cell.text, work.truth.filing.year),
                    Oddity::Ordinals => cell.text = ordinal(&cell.text, style),
                    Oddity::OrdinalsMissing => cell.text = bare(&cell.text).to_owned(),
                    Oddity::HalfWidthLabels => cell.text = half_width(&cell.text),
                    Oddity::Quotes => cell.text = quoted(&cell.text, style),
                    Oddity::Typos => typo(cell, work),
                    Oddity::LabelSpaces => spaced(cell, style, work),
                    Oddity::LabelBreaks => broken(cell, work),
                    Oddity::Vertical if cell.rows > 1 && at >= header => {
                        cell.text = cell.text.chars().map(String::from).collect::<Vec<_>>().join("\n");
                    }
                    Oddity::PageNumberInLabel if left > 0 && at >= target && bare(&cell.text).chars().count() > 5 => {
                        let mark = work.dice.pick(&["- 5 -", "— 5 —", "-3-", "第3页"]);
                        let at = place(&cell.text, work);
                        let (head, tail) = cell.text.split_at(at);
                        cell.text = format!("{head}\n{mark}\n{tail}");
                        left -= 1;
                    }
                    _ => {}
                }
            }
        }
    }
    let has_changed = texts(&grids) != before;
    work.grids = grids;
    if has_changed {
        work.note(oddity, Class::Sound);
    }
}

fn texts(grids: &[Vec<super::grid::Grid>; 3]) -> Vec<String> {
    grids.iter().flatten().flat_map(|grid| &grid.rows).flatten().map(|cell| cell.text.clone()).collect()
}

fn alias(cell: &mut Cell, table: usize, name: Name, work: &mut Work<'_>) {
    let filing = &work.truth.filing;
    let of = filing.table(table, work.config);
    let at = work.config.forms.forms[filing.forms[table]].table(&of.code).expect("table");
    let wordings = Names::of(work.config).get(filing.forms[table], at, name);
    let is_amount = matches!(name, Name::Column(column) if of.columns[column].code == "amount");
    // Another wording of an amount may name another unit, or none.
    let unit = if cell.text.contains("万元") { "万元" } else { "元" };
    let fits = |wording: &&String| {
        !is_amount
            || (wording.contains("万元") == (unit == "万元") && wording.contains("元") == cell.text.contains('元'))
    };
    let wordings: Vec<&String> = wordings.iter().filter(fits).collect();
    if !wordings.is_empty() && work.dice.percent(60) {
        cell.text.clone_from(work.dice.pick(&wordings));
    }
}

fn instructed(text: &str, year: i32) -> String {
    let more = match text {
        "规章" => "（设区的市、自治州以上人民政府及其部门应提供相关数据）".to_owned(),
        "上一年项目数量" => format!("（指{}年事项数）", year - 1),
        "本年增/减" => "（与上一年相比的变化，减用负值表示，如-8）".to_owned(),
        "处理决定数量" => format!("（指{year}年办件量）"),
        _ => String::new(),
    };
    format!("{text}{more}")
}

/// Splits a leading ordinal off: level (0 for 一、, 1 for （一）, 2 for 1.), its numeral, the rest.
fn split(text: &str) -> Option<(usize, char, &str)> {
    let mut characters = text.chars();
    let first = characters.next()?;
    let numerals = "一二三四五六七";
    if first == '（' {
        let numeral = characters.next().filter(|c| numerals.contains(*c))?;
        return (characters.next() == Some('）')).then_some((1, numeral, characters.as_str()));
    }
    let mark = characters.next()?;
    match (numerals.contains(first), first.is_ascii_digit(), mark) {
        (true, _, '、') => Some((0, first, characters.as_str())),
        (_, true, '.') => Some((2, first, characters.as_str())),
        _ => None,
    }
}

fn bare(text: &str) -> &str {
    split(text).map_or(text, |(_, _, rest)| rest)
}

fn ordinal(text: &str, style: usize) -> String {
    let Some((level, numeral, rest)) = split(text) else { return text.to_owned() };
    let mark = match level {
        0 => ["一、", "一 、", "一．", "一，"][style % 4].replace('一', &numeral.to_string()),
        1 => ["(一)", "（一） ", "㈠", "(一）"][style % 4].replace('一', &numeral.to_string()),
        _ => ["1、", "1．", "1. ", "(1)", "（1）", "①", "⑴", "1)"][style].replace('1', &numeral.to_string()),
    };
    // Glyphs that hold the whole ordinal.
    let at = "一二三四五六七"
        .chars()
        .position(|c| c == numeral)
        .or_else(|| numeral.to_digit(10).map(|digit| digit as usize - 1));
    let glyph = |base: char| char::from_u32(base as u32 + u32::try_from(at.unwrap_or(0)).unwrap_or(0)).unwrap_or(base);
    let mark = match (level, style) {
        (1, 2 | 6) => glyph('㈠').to_string(),
        (2, 5) => glyph('①').to_string(),
        (2, 6) => glyph('⑴').to_string(),
        _ => mark,
    };
    mark + rest
}

pub(super) fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            '，' => ',',
            '：' => ':',
            '；' => ';',
            c => c,
        })
        .collect()
}

fn quoted(text: &str, style: usize) -> String {
    let [open, close] = [["", ""], ["\"", "\""], ["「", "」"], ["‘", "’"]][style % 4];
    text.replace('“', open).replace('”', close)
}

/// One glyph lost, doubled or replaced by one that no label holds, in labels long enough to bear it.
fn typo(cell: &mut Cell, work: &mut Work<'_>) {
    let rest = bare(&cell.text);
    let start = cell.text.len() - rest.len();
    // A slip in a character that turns the meaning makes another label of it.
    let telling = &crate::util::config().reading.telling;
    let is_plain = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) && !telling.contains(c);
    let places: Vec<(usize, char)> = rest.char_indices().filter(|(_, c)| is_plain(*c)).collect();
    if places.len() < 6 || !work.dice.percent(12) {
        return;
    }
    let (at, old) = places[1 + work.dice.index(places.len() - 2)];
    let new = match work.dice.roll(3) {
        0 => String::new(),
        1 => format!("{old}{old}"),
        _ => work.dice.pick(&["呈", "某", "曰", "己"]).to_owned(),
    };
    cell.text.replace_range(start + at..start + at + old.len_utf8(), &new);
}

/// The places between glyphs of a label behind its ordinal.
fn place(text: &str, work: &mut Work<'_>) -> usize {
    let start = text.len() - bare(text).len();
    let places: Vec<usize> = text[start..].char_indices().map(|(at, _)| start + at).skip(1).collect();
    if places.is_empty() { text.len() } else { work.dice.pick(&places) }
}

fn spaced(cell: &mut Cell, style: usize, work: &mut Work<'_>) {
    if !work.dice.percent(50) || cell.text.contains('\n') {
        return;
    }
    let rest = bare(&cell.text).to_owned();
    let start = cell.text.len() - rest.len();
    let space = if style.is_multiple_of(3) { "\u{3000}" } else { " " };
    if style < 5 && rest.chars().count() <= 12 {
        let spaced: Vec<String> = rest.chars().map(String::from).collect();
        cell.text.replace_range(start.., &spaced.join(space));
    } else {
        let at = place(&cell.text, work);
        cell.text.insert_str(at, space);
    }
}

fn broken(cell: &mut Cell, work: &mut Work<'_>) {
    let n = bare(&cell.text).chars().count();
    if n < 2 || cell.text.contains('\n') || !work.dice.percent(45) {
        return;
    }
    for _ in 0..=work.dice.index(2) {
        let at = place(&cell.text, work);
        if !cell.text[..at].ends_with('\n') && !cell.text[at..].starts_with('\n') {
            cell.text.insert(at, '\n');
        }
    }
}
