//! A table of a filing as a word processor lays it out: rows of cells that span columns and rows.

use gongkai::config::Config;
use gongkai::form::{FormTable, Shape};

use super::filing::{Filing, Key};
use super::names::{Name, Names};

/// What a printed cell is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Label(Name),
    Figure(Key),
    /// A page number or a note: it stands alone in its row.
    Furniture,
    /// A cell of a column or row that the form does not have.
    Local,
}

/// A printed cell. A line break in its text stands for one in the cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) role: Role,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>, columns: usize, rows: usize, role: Role) -> Self {
        Self { text: text.into(), columns, rows, role }
    }

    pub(crate) fn is_label(&self) -> bool {
        matches!(self.role, Role::Label(_))
    }

    pub(crate) fn is_figure(&self) -> bool {
        matches!(self.role, Role::Figure(_) | Role::Local)
    }
}

pub(crate) type Row = Vec<Cell>;

/// Whether a row is furniture.
pub(crate) fn is_furniture(row: &[Cell]) -> bool {
    matches!(row, [Cell { role: Role::Furniture, .. }])
}

/// A printed table.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    pub(crate) width: usize,
    pub(crate) rows: Vec<Row>,
    /// How many rows are the header.
    pub(crate) header: usize,
    /// Lines above and below.
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
}

impl Grid {
    /// A table of a filing, official wordings throughout.
    pub(crate) fn new(filing: &Filing, table: usize, config: &Config) -> Self {
        let of = filing.table(table, config);
        let form = filing.forms[table];
        let at = config.forms.forms[form].table(&of.code).expect("table");
        let build = Build { filing, table, of, names: Names::of(config), form, at };
        let (width, header, rows) = match of.shape {
            Shape::Matrix => (10, 3, build.matrix()),
            Shape::Channels => (15, 3, build.channels()),
            _ => (4, 0, build.blocks()),
        };
        Self { width, rows, header, before: Vec::new(), after: Vec::new() }
    }

    /// The first column of each cell, spans resolved.
    pub(crate) fn places(&self) -> Vec<Vec<usize>> {
        let mut covered = vec![0_usize; self.width];
        let mut places = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            if is_furniture(row) {
                places.push(vec![0]);
                continue;
            }
            let mut column = 0;
            let mut starts = Vec::with_capacity(row.len());
            for cell in row {
                while column < self.width && covered[column] > 0 {
                    column += 1;
                }
                starts.push(column.min(self.width - 1));
                for under in covered.iter_mut().skip(column).take(cell.columns) {
                    *under = cell.rows;
                }
                column += cell.columns;
            }
            places.push(starts);
            for under in &mut covered {
                *under = under.saturating_sub(1);
            }
        }
        places
    }

    /// The table with every span resolved: for each place the row and number of the cell that covers it.
    pub(crate) fn resolved(&self) -> Vec<Vec<Option<(usize, usize)>>> {
        let mut full = vec![vec![None; self.width]; self.rows.len()];
        for (at, (row, starts)) in self.rows.iter().zip(self.places()).enumerate() {
            for (number, (cell, start)) in row.iter().zip(starts).enumerate() {
                let n_rows = if is_furniture(row) { 1 } else { cell.rows };
                let mut below = 0;
                for (line, places) in full.iter_mut().enumerate().skip(at) {
                    if below == n_rows {
                        break;
                    }
                    if line > at && is_furniture(&self.rows[line]) {
                        continue;
                    }
                    for place in places.iter_mut().skip(start).take(cell.columns) {
                        place.get_or_insert((at, number));
                    }
                    below += 1;
                }
            }
        }
        full
    }

    /// The rows that carry figures.
    pub(crate) fn figure_rows(&self) -> Vec<usize> {
        (0..self.rows.len())
            .filter(|row| self.rows[*row].iter().any(|cell| matches!(cell.role, Role::Figure(_))))
            .collect()
    }
}

struct Build<'a> {
    filing: &'a Filing,
    table: usize,
    of: &'a FormTable,
    names: &'a Names,
    form: usize,
    at: usize,
}

impl Build<'_> {
    fn label(&self, name: Name, columns: usize, rows: usize) -> Cell {
        let text = self.names.get(self.form, self.at, name).first().cloned().unwrap_or_default();
        Cell::new(text, columns, rows, Role::Label(name))
    }

    fn figure(&self, row: usize, column: usize, columns: usize) -> Cell {
        let key = (self.table, row, column);
        Cell::new(self.filing.figures[&key].print.clone(), columns, 1, Role::Figure(key))
    }

    fn blocks(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (at, block) in self.of.blocks.iter().enumerate().filter(|(at, _)| self.filing.has_block(self.of, *at)) {
            rows.push(vec![self.label(Name::Block(at), 4, 1)]);
            // The last column takes what is left of the four.
            let spans = |column: usize| if column + 1 == block.columns.end { 4 - block.columns.len() } else { 1 };
            let mut header = vec![self.label(Name::Head, 1, 1)];
            for column in block.columns.clone() {
                let mut cell = self.label(Name::Column(column), spans(column), 1);
                if self.of.columns[column].code == "amount"
                    && self.of.columns[column].unit.is_empty()
                    && self.filing.has_money_header
                {
                    cell.text = "采购总金额（万元）".to_owned();
                }
                header.push(cell);
            }
            rows.push(header);
            for row in block.rows.clone() {
                let figures = block.columns.clone().map(|column| self.figure(row, column, spans(column)));
                rows.push(std::iter::once(self.label(Name::Row(row), 1, 1)).chain(figures).collect());
            }
        }
        rows
    }

    fn matrix(&self) -> Vec<Row> {
        let column = |at: usize, rows: usize| self.label(Name::Column(at), 1, rows);
        let mut rows = vec![
            vec![self.label(Name::Corner, 3, 3), self.label(Name::Group(0), 7, 1)],
            vec![column(0, 2), self.label(Name::Group(1), 5, 1), column(6, 2)],
            (1..6).map(|at| column(at, 1)).collect(),
        ];
        let mut shown: Vec<usize> = Vec::new();
        for row in &self.of.value_rows {
            let mut headings: Vec<usize> = self.of.ancestors(*row).collect();
            headings.reverse();
            let depth = headings.len();
            let mut cells = Vec::new();
            for heading in headings {
                if !shown.contains(&heading) {
                    shown.push(heading);
                    let under = |row: &&usize| self.of.ancestors(**row).any(|other| other == heading);
                    let n_rows = self.of.value_rows.iter().filter(under).count();
                    cells.push(self.label(Name::Row(heading), 1, n_rows));
                }
            }
            cells.push(self.label(Name::Row(*row), 3 - depth, 1));
            cells.extend(self.of.columns_of(*row).map(|column| self.figure(*row, column, 1)));
            rows.push(cells);
        }
        rows
    }

    fn channels(&self) -> Vec<Row> {
        let group = |code: &str, columns: usize| {
            let at = self.of.groups.iter().position(|group| group.code == code).expect("group");
            self.label(Name::Group(at), columns, 1)
        };
        let results =
            |from: usize, rows: usize| (from..from + 5).map(move |column| self.label(Name::Column(column), 1, rows));
        let mut second: Row = results(0, 2).collect();
        second.push(group("litigation_direct", 5));
        second.push(group("litigation_after_reconsideration", 5));
        vec![
            vec![group("reconsideration", 5), group("litigation", 10)],
            second,
            results(5, 1).chain(results(10, 1)).collect(),
            (0..15).map(|column| self.figure(self.of.value_rows[0], column, 1)).collect(),
        ]
    }
}
