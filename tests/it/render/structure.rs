//! Oddities of rows and columns: lost, moved, added, repeated.

use super::grid::{Cell, Grid, Role, Row, is_furniture};
use super::names::Name;
use super::oddity::Oddity;
use super::{Class, Work};

pub(super) fn apply(oddity: Oddity, work: &mut Work<'_>) {
    match oddity {
        Oddity::LostLast | Oddity::RowShortened | Oddity::RowDropped | Oddity::RowLabelLost => lose(oddity, work),
        Oddity::RowsSwapped => swap_rows(work),
        Oddity::ColumnsSwapped => swap_columns(work),
        Oddity::LocalRow => local_row(work),
        Oddity::LocalColumn => local_column(work),
        Oddity::BlockTitleMissing => {
            let keeps_some = work.dice.percent(50);
            let grid = &mut work.grids[0][0];
            let mut at = 0;
            grid.rows.retain(|row| {
                let is_title = matches!(row[0].role, Role::Label(Name::Block(_)));
                at += usize::from(is_title);
                !is_title || (keeps_some && at % 2 == 0)
            });
            work.note(oddity, Class::Sound);
        }
        Oddity::ReviewsSplit => split_reviews(work),
        Oddity::HeaderPadded => {
            pad_header(&mut work.grids[1][0]);
            work.grids[2].iter_mut().for_each(pad_header);
            work.note(oddity, Class::Sound);
        }
        Oddity::CornerMissing => {
            work.grids[1][0].rows[0][0].text.clear();
            work.note(oddity, Class::Sound);
        }
        Oddity::GroupRepeated => repeat_groups(work),
        Oddity::GroupAbsent => {
            let is_all = work.dice.percent(50);
            let grid = &mut work.grids[1][0];
            let header = grid.header;
            let groups = grid.rows.iter_mut().skip(header).flatten().filter(|cell| cell.is_label() && cell.rows > 1);
            for cell in groups {
                if is_all || work.dice.percent(40) {
                    cell.text.clear();
                }
            }
            work.note(oddity, Class::Sound);
        }
        Oddity::GroupGlued => {
            let grid = &mut work.grids[1][0];
            let header = grid.header;
            for row in grid.rows.iter_mut().skip(header) {
                let n_headings = row.iter().take_while(|cell| cell.is_label() && cell.rows > 1).count();
                if n_headings > 0 && work.dice.percent(70) {
                    let heading = row.remove(n_headings - 1);
                    row[n_headings - 1].text.insert_str(0, &heading.text);
                }
            }
            work.note(oddity, Class::Sound);
        }
        Oddity::HeadsGlued => glue_heads(work),
        Oddity::HeaderRepeated => repeat_header(work),
        Oddity::TrailingCell => {
            for grid in work.grids.iter_mut().flatten() {
                grid.width += 1;
                for row in
                    grid.rows.iter_mut().filter(|row| !is_furniture(row) && row.last().is_some_and(Cell::is_figure))
                {
                    row.push(Cell::new("", 1, 1, Role::Local));
                }
            }
            work.note(oddity, Class::Sound);
        }
        Oddity::PageNumber | Oddity::BarePageNumber => page_numbers(oddity, work),
        Oddity::Caption => {
            for table in 0..3 {
                let text = work.dice.pick(&["单位：件", "（单位：件）", "计量单位：件", "表1", "续表", "附表一"]);
                work.grids[table][0].before.push(text.to_owned());
            }
            work.note(oddity, Class::Sound);
        }
        Oddity::TemplateHint => {
            let text = work.dice.pick(&["该部分以表格形式报告。表格如下：", "该部分以表格形式报告", "表格如下："]);
            work.grids.iter_mut().for_each(|grids| grids[0].before.push(text.to_owned()));
            work.note(oddity, Class::Sound);
        }
        Oddity::NoteBelow => {
            let table = work.dice.index(3);
            let text = work.dice.pick(&[
                "注：以上数量含上年度结转数量。",
                "注：行政许可数量含下属2家单位办理的数量。",
                "说明：1.数据截至12月31日；2.不含垂直管理单位。",
                "备注：本表由办公室填报",
            ]);
            let grid = work.grids[table].last_mut().expect("a table");
            if work.dice.percent(50) {
                grid.after.push(text.to_owned());
            } else {
                grid.rows.push(vec![Cell::new(text, 1, 1, Role::Furniture)]);
            }
            work.note(oddity, Class::Sound);
        }
        _ => {}
    }
}

/// A row that still has figures, in one of the tables.
fn draw_row(work: &mut Work<'_>) -> Option<(usize, usize)> {
    let table = work.dice.pick(&[0, 1, 1, 1, 2]);
    let rows = work.grids[table][0].figure_rows();
    let at = work.dice.index(rows.len());
    rows.get(at).map(|row| (table, *row))
}

fn lose(oddity: Oddity, work: &mut Work<'_>) {
    let Some((table, at)) = draw_row(work) else { return };
    let filing_rows = &mut work.grids[table][0].rows;
    let row = &mut filing_rows[at];
    let first = row.iter().position(Cell::is_figure).expect("a row with figures");
    let key = |cell: &Cell| if let Role::Figure(key) = cell.role { Some(key) } else { None };
    match oddity {
        Oddity::LostLast => {
            let last = row.iter_mut().rev().find(|cell| key(cell).is_some()).expect("a figure");
            if last.text.is_empty() {
                return;
            }
            last.text.clear();
            work.truth.lost.extend(key(last));
            work.note(oddity, Class::Damaged);
        }
        Oddity::RowShortened => {
            if row.len() - first < 2 {
                return;
            }
            let number = first + work.dice.index(row.len() - first);
            let is_alike = row[first..].iter().all(|cell| cell.text == row[first].text);
            let gone = row.remove(number);
            work.truth.lost.extend(key(&gone));
            if is_alike {
                // Which of equal figures went cannot be told; a blank in any place is right.
                work.truth.lost.extend(row.iter().filter_map(key));
            }
            work.note(oddity, Class::Damaged);
        }
        Oddity::RowDropped => {
            let gone = filing_rows.remove(at);
            // What spans rows goes on in the next row, or above it ends a row earlier.
            for cell in gone.into_iter().rev().filter(|cell| cell.rows > 1) {
                filing_rows[at].insert(0, Cell { rows: cell.rows - 1, ..cell });
            }
            for (before, cells) in filing_rows.iter_mut().enumerate().take(at) {
                for cell in cells.iter_mut().filter(|cell| cell.rows > 1 && before + cell.rows > at) {
                    cell.rows -= 1;
                }
            }
            work.truth.is_void = true;
            work.note(oddity, Class::Damaged);
        }
        _ => {
            if let Some(label) = row.iter_mut().rev().find(|cell| cell.is_label()) {
                label.text.clear();
                work.note(oddity, Class::Ambiguous);
            }
        }
    }
}

fn swap_rows(work: &mut Work<'_>) {
    let grid = &mut work.grids[1][0];
    // Neighbours that both begin with their own label, under one heading.
    let is_plain = |row: &Row| row.first().is_some_and(|cell| cell.is_label() && cell.rows == 1 && cell.columns == 1);
    let pairs: Vec<usize> = (grid.header..grid.rows.len() - 1)
        .filter(|at| is_plain(&grid.rows[*at]) && is_plain(&grid.rows[at + 1]))
        .collect();
    let at = work.dice.pick(&pairs);
    grid.rows.swap(at, at + 1);
    work.note(Oddity::RowsSwapped, Class::Sound);
}

fn swap_columns(work: &mut Work<'_>) {
    let (one, other) = work.dice.pick(&[(0, 1), (1, 2), (2, 4), (0, 3), (1, 3)]);
    let grid = &mut work.grids[1][0];
    grid.rows[2].swap(one, other);
    for row in grid.rows.iter_mut().skip(3) {
        let first = row.iter().position(Cell::is_figure);
        if let Some(first) = first.filter(|first| first + 7 <= row.len()) {
            row.swap(first + 1 + one, first + 1 + other);
        }
    }
    let class = Class::sound_if(work.layout.keeps_columns());
    work.note(Oddity::ColumnsSwapped, class);
}

fn local_row(work: &mut Work<'_>) {
    let grid = &mut work.grids[0][0];
    let at = grid.figure_rows()[1];
    let mut row = vec![Cell::new("其他主动公开文件", 1, 1, Role::Label(Name::Local))];
    for _ in 0..3 {
        let number = 1 + work.dice.roll(40);
        work.truth.local.push(u32::try_from(number).expect("small").into());
        row.push(Cell::new(number.to_string(), 1, 1, Role::Local));
    }
    grid.rows.insert(at + 1, row);
    work.note(Oddity::LocalRow, Class::Sound);
}

fn local_column(work: &mut Work<'_>) {
    let grid = &mut work.grids[1][0];
    grid.width += 1;
    grid.rows[0].push(Cell::new("备注", 1, 3, Role::Label(Name::Local)));
    for row in grid.rows.iter_mut().skip(3).filter(|row| !is_furniture(row)) {
        row.push(Cell::new("", 1, 1, Role::Local));
    }
    work.note(Oddity::LocalColumn, Class::Sound);
}

fn split_reviews(work: &mut Work<'_>) {
    let grid = work.grids[2][0].clone();
    let [groups, second, third, figures] = grid.rows.as_slice() else { return };
    // Another oddity may have taken a cell away.
    if figures.len() != 15 {
        return;
    }
    let width = |cell: &Cell| Cell { columns: 5, rows: 1, ..cell.clone() };
    let flat = |cell: &Cell| Cell { rows: 1, ..cell.clone() };
    let part = |heads: Vec<Row>, results: &[Cell], from: usize| {
        let mut rows = heads;
        rows.push(results.iter().map(flat).collect());
        rows.push(figures[from..from + 5].to_vec());
        Grid { rows, width: 5, header: 2, before: Vec::new(), after: Vec::new() }
    };
    let litigation = width(&groups[1]);
    work.grids[2] = vec![
        part(vec![vec![width(&groups[0])]], &second[..5], 0),
        part(vec![vec![litigation.clone()], vec![width(&second[5])]], &third[..5], 5),
        part(vec![vec![litigation], vec![width(&second[6])]], &third[5..], 10),
    ];
    work.note(Oddity::ReviewsSplit, Class::Sound);
}

/// Every head that spans rows becomes one with empty cells below.
fn pad_header(grid: &mut Grid) {
    let places = grid.resolved();
    let starts = grid.places();
    let mut rows: Vec<Row> = Vec::new();
    for (at, places) in places.iter().enumerate().take(grid.header) {
        let mut row: Row = Vec::new();
        let mut column = 0;
        while column < grid.width {
            let Some((from, number)) = places[column] else {
                column += 1;
                continue;
            };
            let cell = &grid.rows[from][number];
            let text = if from == at && starts[from][number] == column { cell.text.clone() } else { String::new() };
            row.push(Cell { text, rows: 1, ..cell.clone() });
            column += cell.columns;
        }
        rows.push(row);
    }
    grid.rows.splice(..grid.header, rows);
}

/// Every heading over rows becomes one cell a row.
fn repeat_groups(work: &mut Work<'_>) {
    let grid = &mut work.grids[1][0];
    let places = grid.resolved();
    let mut rows = grid.rows.clone();
    for (at, row) in rows.iter_mut().enumerate().skip(grid.header) {
        let mut covering: Row = Vec::new();
        for place in places[at].iter().take(2).flatten() {
            let cell = &grid.rows[place.0][place.1];
            if place.0 < at {
                covering.push(Cell { rows: 1, ..cell.clone() });
            }
        }
        for cell in row.iter_mut() {
            cell.rows = 1;
        }
        row.splice(0..0, covering);
    }
    grid.rows = rows;
    work.note(Oddity::GroupRepeated, Class::Sound);
}

fn glue_heads(work: &mut Work<'_>) {
    let grid = &mut work.grids[1][0];
    if grid.rows[1].len() == 3 && work.dice.percent(60) {
        let first = grid.rows[2].remove(0);
        grid.rows[1][2].text.push_str(&first.text);
    } else {
        let second = grid.rows[2].remove(1);
        grid.rows[2][0].text.push_str(&second.text);
    }
    for row in &mut work.grids[0][0].rows {
        if matches!(row[0].role, Role::Label(Name::Head)) && work.dice.percent(40) {
            let next = row.remove(1);
            row[0].text.push_str(&next.text);
        }
    }
    work.note(Oddity::HeadsGlued, Class::Sound);
}

/// The header of table 2 again, before a row that opens a group; what spans the place is cut in two.
fn repeat_header(work: &mut Work<'_>) {
    let repeats_label = work.dice.percent(50);
    let grid = &mut work.grids[1][0];
    let opens = |row: &Row| row.len() == 9 && row[0].rows > 1;
    let places: Vec<usize> = (grid.header + 3..grid.rows.len()).filter(|at| opens(&grid.rows[*at])).collect();
    if places.is_empty() {
        return;
    }
    let at = work.dice.pick(&places);
    let head: Vec<Row> = grid.rows[..grid.header].to_vec();
    for before in grid.header..at {
        let spanning = grid.rows[before].iter_mut().find(|cell| before + cell.rows > at);
        if let Some(cell) = spanning {
            let rest = before + cell.rows - at;
            cell.rows = at - before;
            let text = if repeats_label { cell.text.clone() } else { String::new() };
            let copy = Cell { text, rows: rest, ..cell.clone() };
            grid.rows[at].insert(0, copy);
            break;
        }
    }
    grid.rows.splice(at..at, head);
    work.note(Oddity::HeaderRepeated, Class::Sound);
}

fn page_numbers(oddity: Oddity, work: &mut Work<'_>) {
    let number = 2 + work.dice.roll(8);
    let text = if oddity == Oddity::BarePageNumber {
        number.to_string()
    } else {
        match work.dice.roll(6) {
            0 => format!("- {number} -"),
            1 => format!("— {number} —"),
            2 => format!("-{number}-"),
            3 => format!("第{number}页"),
            4 => format!("第{number}页 共9页"),
            _ => format!("{number} / 9"),
        }
    };
    let table = work.dice.pick(&[0, 1, 1]);
    let grid = &mut work.grids[table][0];
    let rows = grid.figure_rows();
    let after = rows[work.dice.index(rows.len() - 1)];
    let row = vec![Cell::new(text, 1, 1, Role::Furniture)];
    let is_told =
        oddity == Oddity::PageNumber || work.layout.keeps_rows() || (table == 1 && is_clear(&grid.rows[after], number));
    let class = Class::sound_if(is_told);
    grid.rows.insert(after + 1, row);
    work.note(oddity, class);
}

/// Whether only one of the eight figures of a row can be left out so that the rest adds up.
fn is_clear(row: &Row, number: u64) -> bool {
    let figures: Option<Vec<u64>> =
        row.iter().filter(|cell| cell.is_figure()).map(|cell| cell.text.parse().ok()).collect();
    let Some(mut figures) = figures.filter(|figures| figures.len() == 7) else { return false };
    figures.push(number);
    let mut readings: Vec<Vec<u64>> = (0..figures.len())
        .map(|out| figures.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, number)| *number).collect())
        .filter(|rest: &Vec<u64>| rest[..6].iter().sum::<u64>() == rest[6])
        .collect();
    readings.sort();
    readings.dedup();
    readings.len() == 1
}
