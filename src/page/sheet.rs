//! A table of a form as it is printed: its rows under its heads, whatever stands in its cells.

use super::words::{Pair, labels, pair, same};
use crate::form::{FormTable, RowKind, Shape};

/// A printed table with something in each cell.
pub(super) struct Sheet<T> {
    /// What it is about.
    pub(super) title: Pair,
    /// The parts it is printed in: the blocks of table 1, else one.
    pub(super) parts: Vec<Part<T>>,
    /// Columns of its widest part.
    pub(super) n_columns: usize,
}

/// Rows under heads of their own.
pub(super) struct Part<T> {
    pub(super) title: Option<Pair>,
    pub(super) heads: Vec<Head>,
    pub(super) lines: Vec<Line<T>>,
}

/// The head of a column.
pub(super) struct Head {
    pub(super) label: Pair,
    /// The head over it and its neighbours, with their number; on the first of them.
    pub(super) over: Option<(Pair, usize)>,
    /// It has no head over it.
    pub(super) is_alone: bool,
    /// A rule that fails was applied to it.
    pub(super) is_marked: bool,
}

/// A row; one without cells is a heading.
pub(super) struct Line<T> {
    pub(super) label: Pair,
    pub(super) depth: usize,
    pub(super) is_marked: bool,
    pub(super) cells: Vec<T>,
}

impl<T> Part<T> {
    /// Whether its heads stand in two rows.
    pub(super) fn is_two_headed(&self) -> bool {
        self.heads.iter().any(|head| !head.is_alone)
    }
}

/// Lays a table out; `cell` says what stands at a row and a column, `is_marked` whether a code of a row, column or channel
/// is.
pub(super) fn lay_out<T>(
    table: &FormTable,
    mut cell: impl FnMut(usize, usize) -> T,
    is_marked: impl Fn(&str) -> bool,
) -> Sheet<T> {
    let parts = match table.shape {
        Shape::Channels => vec![channels(table, &mut cell, &is_marked)],
        Shape::Blocks => table
            .blocks
            .iter()
            .map(|block| {
                let (rows, columns) = (block.rows.clone().collect::<Vec<_>>(), block.columns.clone());
                part(table, Some(labels(&block.labels)), &rows, columns, &mut cell, &is_marked)
            })
            .collect(),
        Shape::Matrix => {
            let rows: Vec<usize> = (0..table.rows.len()).collect();
            vec![part(table, None, &rows, 0..table.columns.len(), &mut cell, &is_marked)]
        }
        Shape::List => {
            let value = table.column("value").expect("a list has a column of values");
            let rows: Vec<usize> = (0..table.rows.len()).collect();
            vec![part(table, None, &rows, value..value + 1, &mut cell, &is_marked)]
        }
    };
    let n_columns = parts.iter().map(|part: &Part<T>| part.heads.len()).max().unwrap_or(0);
    Sheet { title: Pair::from(&table.titles), parts, n_columns }
}

fn part<T>(
    table: &FormTable,
    title: Option<Pair>,
    rows: &[usize],
    columns: std::ops::Range<usize>,
    cell: &mut impl FnMut(usize, usize) -> T,
    is_marked: &impl Fn(&str) -> bool,
) -> Part<T> {
    let heads = heads(table, columns.clone(), is_marked);
    let line = |row: &usize| {
        let of = &table.rows[*row];
        let is_heading = of.kind == RowKind::Group;
        Line {
            label: labels(&of.labels),
            depth: table.ancestors(*row).count(),
            is_marked: !is_heading && is_marked(&of.code),
            cells: if is_heading { Vec::new() } else { columns.clone().map(|column| cell(*row, column)).collect() },
        }
    };
    Part { title, heads, lines: rows.iter().map(line).collect() }
}

/// The heads of columns; neighbours of one group have its label over them.
fn heads(table: &FormTable, columns: std::ops::Range<usize>, is_marked: &impl Fn(&str) -> bool) -> Vec<Head> {
    let of: Vec<_> = table.columns[columns].iter().collect();
    let mut heads = Vec::new();
    for run in of.chunk_by(|one, two| one.group == two.group) {
        let group = run[0].group.filter(|_| run.len() > 1).map(|group| labels(&table.groups[group].labels));
        let is_alone = group.is_none();
        for (at, column) in run.iter().enumerate() {
            let over = group.clone().filter(|_| at == 0).map(|label| (label, run.len()));
            heads.push(Head { label: labels(&column.labels), over, is_alone, is_marked: is_marked(&column.code) });
        }
    }
    heads
}

/// The one row of the channels, which is as long as the page is wide, laid out as a row a channel.
fn channels<T>(
    table: &FormTable,
    cell: &mut impl FnMut(usize, usize) -> T,
    is_marked: &impl Fn(&str) -> bool,
) -> Part<T> {
    let row = table.value_rows[0];
    let mut heads: Vec<Head> = Vec::new();
    let mut lines = Vec::new();
    for (at, group) in table.groups.iter().enumerate().filter(|(_, group)| group.is_channel) {
        let columns = (0..table.columns.len()).filter(|column| table.columns[*column].group == Some(at));
        let columns: Vec<usize> = columns.collect();
        if heads.is_empty() {
            heads.extend(columns.iter().map(|column| Head {
                label: labels(&table.columns[*column].labels),
                over: None,
                is_alone: true,
                is_marked: false,
            }));
        }
        lines.push(Line {
            label: labels(&group.labels),
            depth: 0,
            is_marked: is_marked(&group.code),
            cells: columns.into_iter().map(|column| cell(row, column)).collect(),
        });
    }
    Part { title: None, heads, lines }
}

/// The label of a cell in few words: of its row, or of its channel, and of its column where it is one of several.
pub(super) fn cell_label(table: &FormTable, row: usize, column: usize) -> Pair {
    let of = &table.columns[column];
    let group = of.group.map(|group| &table.groups[group]).filter(|group| group.is_channel);
    let head = labels(&of.labels);
    let line = match group {
        Some(group) => labels(&group.labels),
        None => labels(&table.rows[row].labels),
    };
    if table.shape == Shape::List || (group.is_none() && table.columns_of(row).len() < 2) {
        return line;
    }
    pair(format!("{}·{}", line.chinese, head.chinese), format!("{}, {}", line.english, head.english))
}

/// The label of a cell among those of a row, a column or a channel: what tells it from the others.
pub(super) fn label_at(table: &FormTable, (row, column): (usize, usize), scope: &str) -> Pair {
    let of = &table.columns[column];
    let is_in_group = of.group.is_some_and(|group| table.groups[group].is_channel && table.groups[group].code == scope);
    if of.code == scope {
        labels(&table.rows[row].labels)
    } else if table.rows[row].code == scope || is_in_group {
        labels(&of.labels)
    } else {
        cell_label(table, row, column)
    }
}

/// The label of a scope: of a row, a column or a channel; the scope itself where it is none of these.
pub(super) fn scope_label(table: &FormTable, scope: &str) -> Pair {
    let row = table.row(scope).map(|at| &table.rows[at].labels);
    let column = table.column(scope).map(|at| &table.columns[at].labels);
    let group = table.groups.iter().find(|group| group.code == scope).map(|group| &group.labels);
    row.or(column).or(group).map_or_else(|| same(scope), labels)
}
