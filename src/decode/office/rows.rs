//! Rows of a table as text processors keep them, each cell with what it says of its merging, to a table with spans.

use std::collections::BTreeMap;
use std::slice;

use crate::decode::blocks::{Block, Cell, Table, is_blank};

/// A row and its cells, from left to right.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Columns left out before its first cell.
    pub(super) before: usize,
    pub(super) is_hidden: bool,
    /// For each cell the columns it covers, its merging and what stands in it.
    pub(super) cells: Vec<(usize, Merge, Vec<Block>)>,
}

/// How a cell is merged with those around it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Merge {
    #[default]
    None,
    /// Covered by the cell above.
    Above,
    /// Covered by the cell on its left.
    Left,
}

/// A table whose merged cells are resolved.
pub(super) fn table(rows: Vec<Row>) -> Table {
    let mut table = Table::default();
    // For each first column the place of the cell that covers it from above.
    let mut above: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let at = table.rows.len();
        let mut cells: Vec<Cell> = Vec::new();
        let mut column = row.before;
        let mut here: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (span, merge, blocks) in row.cells {
            let covering = above.get(&column).copied();
            match (merge, covering, cells.last_mut()) {
                (Merge::Above, Some((row, cell)), _) => {
                    let above: &mut Vec<Cell> = &mut table.rows[row];
                    above[cell].rows += 1;
                    here.insert(column, (row, cell));
                }
                (Merge::Left, _, Some(left)) => left.columns = left.columns.saturating_add(span),
                _ => {
                    here.insert(column, (at, cells.len()));
                    cells.push(Cell { column, columns: span, rows: 1, blocks });
                }
            }
            column = column.saturating_add(span);
        }
        above = here;
        table.rows.push(cells);
    }
    table
}

/// A row that says where the borders of its cells lie, in twentieths of a point.
#[derive(Debug)]
pub(super) struct EdgeRow {
    pub(super) left: i32,
    pub(super) cells: Vec<(Edge, Vec<Block>)>,
}

/// The right border of a cell, and how the cell is merged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) right: i32,
    pub(super) merge: Merge,
}

/// Borders that lie no further apart are one: programs round widths.
const SAME_BORDER: i32 = 24;

/// A table on its way, part of a text.
#[derive(Debug)]
pub(super) enum Item {
    Block(Block),
    Rows(Vec<EdgeRow>),
}

/// Whether nothing of some items can be seen.
pub(super) fn are_blank(items: &[Item]) -> bool {
    items.iter().all(|item| match item {
        Item::Block(block) => is_blank(slice::from_ref(block)),
        Item::Rows(_) => false,
    })
}

/// The items with their tables worked out. Tables with nothing between them are parts of one where their borders say so:
/// the columns of a part follow from the borders of all.
pub(super) fn settle(items: Vec<Item>) -> Vec<Block> {
    let mut groups: Vec<Vec<i32>> = Vec::new();
    let mut group_of = Vec::new();
    let mut goes_on = false;
    for item in &items {
        let Item::Rows(rows) = item else {
            goes_on &= are_blank(slice::from_ref(item));
            continue;
        };
        let own = borders(rows);
        match groups.last_mut().filter(|_| goes_on).and_then(|known| joint(known, &own).map(|joint| (known, joint))) {
            Some((known, joint)) => *known = joint,
            None => groups.push(own),
        }
        group_of.push(groups.len() - 1);
        goes_on = true;
    }
    let mut group_of = group_of.into_iter().filter_map(|group| groups.get(group));
    let block = |item| match item {
        Item::Block(block) => block,
        Item::Rows(rows) => Block::Table(edge_table(rows, group_of.next().map_or(&[][..], Vec::as_slice))),
    };
    items.into_iter().map(block).collect()
}

/// The borders of two tables where one has all those of the other, and both are as wide.
fn joint(one: &[i32], other: &[i32]) -> Option<Vec<i32>> {
    let mut all: Vec<i32> = one.iter().chain(other).copied().collect();
    all.sort_unstable();
    let all = grouped(&all, SAME_BORDER);
    let ends = |borders: &[i32]| Some((*borders.first()?, *borders.last()?));
    let ((left, right), (other_left, other_right)) = (ends(one)?, ends(other)?);
    let is_near = |one: i32, other: i32| one.abs_diff(other) <= SAME_BORDER.unsigned_abs();
    let is_same = is_near(left, other_left) && is_near(right, other_right) && all.len() == one.len().max(other.len());
    is_same.then_some(all)
}

/// A table whose columns lie between these borders.
fn edge_table(rows: Vec<EdgeRow>, borders: &[i32]) -> Table {
    let column = |edge: i32| borders.partition_point(|border| *border < edge);
    let rows = rows.into_iter().map(|row| {
        let before = column(row.left);
        let mut at = before;
        let mut cells: Vec<(usize, Merge, Vec<Block>)> = Vec::with_capacity(row.cells.len());
        for (edge, blocks) in row.cells {
            let end = column(edge.right);
            match cells.last_mut() {
                // A cell without width cannot be seen; what stands in it stays beside its neighbour.
                Some((_, Merge::None, left)) if end <= at => left.extend(blocks),
                _ => {
                    cells.push((end.saturating_sub(at).max(1), edge.merge, blocks));
                    at = end.max(at + 1);
                }
            }
        }
        Row { before, is_hidden: false, cells }
    });
    table(rows.collect())
}

/// The borders of a table, each group of near ones by the last of them.
fn borders(rows: &[EdgeRow]) -> Vec<i32> {
    let mut edges = Vec::new();
    // Two borders of one row are never one, however near.
    let mut narrowest = i32::MAX;
    for row in rows {
        let mut left = row.left;
        edges.push(left);
        for (edge, _) in &row.cells {
            let width = edge.right.saturating_sub(left);
            if width > 0 {
                narrowest = narrowest.min(width);
            }
            edges.push(edge.right);
            left = edge.right;
        }
    }
    edges.sort_unstable();
    grouped(&edges, SAME_BORDER.min(narrowest.saturating_sub(1)))
}

/// The last of each group of sorted numbers that lie no further from its first than this.
fn grouped(edges: &[i32], near: i32) -> Vec<i32> {
    let mut groups: Vec<i32> = Vec::new();
    let mut first = i32::MIN;
    for edge in edges {
        match groups.last_mut() {
            Some(last) if edge.saturating_sub(first) <= near => *last = *edge,
            _ => {
                groups.push(*edge);
                first = *edge;
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row that begins at `left`, of cells (right border, merging, text).
    fn row(left: i32, cells: &[(i32, Merge, &str)]) -> EdgeRow {
        let cells = cells.iter().map(|(right, merge, text)| {
            (Edge { right: *right, merge: *merge }, vec![Block::Paragraph((*text).to_owned())])
        });
        EdgeRow { left, cells: cells.collect() }
    }

    /// Each cell as `row.column+rows x columns:text`.
    #[track_caller]
    fn check(rows: Vec<EdgeRow>, expected: &[&str]) {
        let borders = borders(&rows);
        let table = edge_table(rows, &borders);
        let text = |cell: &Cell| {
            let texts = cell.blocks.iter().map(|block| match block {
                Block::Paragraph(text) => text.as_str(),
                Block::Picture | Block::Table(_) | Block::Page => "?",
            });
            texts.collect::<Vec<_>>().join("|")
        };
        let cells: Vec<String> = table
            .rows
            .iter()
            .enumerate()
            .flat_map(|(at, cells)| {
                cells
                    .iter()
                    .map(move |cell| format!("{at}.{}+{}x{}:{}", cell.column, cell.rows, cell.columns, text(cell)))
            })
            .collect();
        assert_eq!(cells, expected);
    }

    #[test]
    fn columns_lie_between_the_borders_of_all_rows() {
        use Merge::{Above, Left, None};
        let head = row(0, &[(1000, None, "甲"), (3000, None, "乙")]);
        let cells = row(5, &[(1004, Above, ""), (2010, None, "1"), (2995, None, "2")]);
        let late = row(1000, &[(2000, None, "3"), (3000, Left, "")]);
        check(vec![head, cells, late], &["0.0+2x1:甲", "0.1+1x2:乙", "1.1+1x1:1", "1.2+1x1:2", "2.1+1x2:3"]);
    }

    #[test]
    fn narrow_cells_are_columns_and_cells_without_width_are_not_lost() {
        use Merge::None;
        let narrow = row(0, &[(10, None, "1"), (20, None, "2"), (1000, None, "3")]);
        check(vec![narrow], &["0.0+1x1:1", "0.1+1x1:2", "0.2+1x1:3"]);
        let folded = row(0, &[(1000, None, "12"), (1000, None, "3"), (2000, None, "4")]);
        check(vec![folded], &["0.0+1x1:12|3", "0.1+1x1:4"]);
        let backwards = row(0, &[(-5, None, "1"), (i32::MIN, None, "2"), (i32::MAX, None, "3")]);
        check(vec![backwards], &["0.1+1x1:1|2|3"]);
    }

    #[test]
    fn parts_of_a_table_have_the_columns_of_all() {
        use Merge::None;
        let columns = |items: Vec<Item>| -> Vec<Vec<usize>> {
            let tables = settle(items).into_iter().filter_map(|block| match block {
                Block::Table(table) => Some(table.rows.iter().flatten().map(|cell| cell.columns).collect()),
                Block::Paragraph(_) | Block::Picture | Block::Page => Option::None,
            });
            tables.collect()
        };
        let part =
            |edges: &[i32]| Item::Rows(vec![row(0, &edges.iter().map(|edge| (*edge, None, "1")).collect::<Vec<_>>())]);
        let text = |text: &str| Item::Block(Block::Paragraph(text.to_owned()));
        assert_eq!(
            columns(vec![part(&[2000, 3000]), text(" "), part(&[1000, 2000, 3000])]),
            [vec![2, 1], vec![1, 1, 1]]
        );
        assert_eq!(
            columns(vec![part(&[2000, 3000]), text("题"), part(&[1000, 2000, 3000])]),
            [vec![1, 1], vec![1, 1, 1]]
        );
        assert_eq!(columns(vec![part(&[2000, 4000]), part(&[1000, 2000, 3000])]), [vec![1, 1], vec![1, 1, 1]]);
        assert_eq!(columns(vec![part(&[1500, 3000]), part(&[1000, 2000, 3000])]), [vec![1, 1], vec![1, 1, 1]]);
    }
}
