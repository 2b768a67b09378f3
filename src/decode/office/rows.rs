//! Rows of a table as text processors keep them, each cell with what it says of its merging, to a table with spans.

use std::collections::BTreeMap;

use crate::decode::blocks::{Block, Cell, Table};

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
