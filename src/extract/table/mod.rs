//! Reads one table of a report from the tokens of its region.
//!
//! Rows and columns are found by their labels, never by position alone. A reading is complete when
//! every row of the form was met once, every number has its cell and every word is explained; what is
//! missing or left over becomes a problem that holds the report back.

mod blocks;
mod channels;
mod columns;
mod laid;
mod list;
mod matrix;
mod runs;
mod solve;

use std::ops::Range;

use compact_str::CompactString;

use columns::{Columns, Fault, Placing};

use super::outline::Outline;
use super::token::{Kind, Tokens};
use super::value::{read_value, trim};
use crate::config::Config;
use crate::form::check::Number;
use crate::form::label::{distance, fold, strip_ordinal, tolerance};
use crate::form::{FormTable, Shape};
use crate::model::report::{Cell, CellFlag, CellKey, CellState, Flag, Layout, LocalCell};
use crate::model::verdict::{Blame, Cause, Problem};

/// What was read of a table.
#[derive(Debug)]
pub(super) struct Reading {
    /// Form of the table; of most of its blocks.
    pub(super) form: usize,
    /// Its cells in the order of the form.
    pub(super) cells: Vec<Cell>,

    /// Why it is not whole.
    pub(super) problems: Vec<Problem>,
    /// Remarks.
    pub(super) flags: Vec<Flag>,
    /// How it reached us.
    pub(super) layout: Layout,
    /// Cells in which something is printed.
    pub(super) n_filled: usize,
    /// Cells of rows and columns that the form does not have.
    pub(super) local_cells: Vec<LocalCell>,
    /// Row labels as printed, of a list.
    pub(super) labels: Vec<(CellKey, CompactString)>,
}

impl Reading {
    /// Marks the cells of rows and columns whose labels were respelt.
    fn respelt(mut self, labels: &[&str], config: &Config) -> Self {
        self.flags.push(Flag::FuzzyLabel);
        for cell in &mut self.cells {
            let table = &config.forms.form(cell.key.form).tables[usize::from(cell.key.table)];
            let row = &table.rows[usize::from(cell.key.row)].labels.keys;
            let column = &table.columns[usize::from(cell.key.column)].labels.keys;
            if row.iter().chain(column).any(|key| labels.contains(&key.as_str())) {
                cell.flags.push(CellFlag::FuzzyLabel);
            }
        }
        self
    }

    /// The reading of a region in which no value is printed.
    fn blank(layout: Layout) -> Self {
        Self {
            form: 0,
            cells: Vec::new(),
            problems: Vec::new(),
            flags: Vec::new(),
            layout,
            n_filled: 0,
            local_cells: Vec::new(),
            labels: Vec::new(),
        }
    }
}

/// Whether a region without any value is read too, cell by blank cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blanks {
    /// It is read.
    Read,
    /// It is only named: a page of nothing but such regions is a blank form.
    Skip,
}

/// Reads the table with this code, trying each form that has it; the reading with the fewest problems
/// counts, the newer form on a tie.
pub(super) fn read<'o>(
    outline: &'o Outline<'_>,
    ranges: &[Range<usize>],
    code: &str,
    blanks: Blanks,
    config: &'o Config,
) -> Option<Reading> {
    if let Some(list) = list_of(code, config) {
        let reading = list::read(outline, ranges, list, config);
        let is_blank = reading.n_filled == 0 && reading.problems.is_empty();
        return Some(if is_blank && blanks == Blanks::Skip { Reading::blank(reading.layout) } else { reading });
    }
    let mut tokens = Tokens::new(outline, ranges, config);
    if blanks == Blanks::Skip && tokens.tokens.iter().all(|token| token.kind != Kind::Value) {
        let is_labelled = tokens.tokens.iter().filter(|token| token.kind == Kind::Word).nth(2).is_some();
        return is_labelled.then(|| Reading::blank(tokens.layout));
    }
    if tokens.tokens.len() > config.limits.table_tokens {
        let message = format!(
            "the region of table {code} holds {} words and numbers, more than limits.table_tokens: compare it with the source",
            tokens.tokens.len()
        );
        let mut reading = Reading::blank(tokens.layout);
        reading.problems.push(Problem::new(Cause::Ambiguous, Blame::Open, message));
        return Some(reading);
    }
    let reading = read_tokens(&tokens, code, config)?;
    if reading.problems.is_empty() {
        return Some(reading);
    }
    // A slip in a label is forgiven when the table is whole with it.
    let respelt = tokens.respell(code, config);
    if respelt.is_empty() {
        return Some(reading);
    }
    let other = read_tokens(&tokens, code, config);
    let other = other.filter(|other| other.problems.is_empty());
    Some(other.map_or(reading, |other| other.respelt(&respelt, config)))
}

/// Reads tokens by each form that has the table.
fn read_tokens(tokens: &Tokens<'_, '_>, code: &str, config: &Config) -> Option<Reading> {
    let mut best: Option<Reading> = None;
    for (form, table) in config.forms.tables(code).rev() {
        let context = Context { tokens, config, form, table };
        let reading = match table.shape {
            Shape::Blocks => return Some(blocks::read(&context)),
            Shape::Matrix => matrix::read(&context),
            Shape::Channels => return Some(channels::read(&context)),
            Shape::List => continue,
        };
        if reading.problems.is_empty() {
            return Some(reading);
        }
        if best.as_ref().is_none_or(|best| reading.problems.len() < best.problems.len()) {
            best = Some(reading);
        }
    }
    best
}

/// Form and table of the list with this code.
pub(super) fn list_of(code: &str, config: &Config) -> Option<(usize, usize)> {
    config.forms.forms.iter().enumerate().rev().find_map(|(form, of)| {
        let table = of.table(code).filter(|table| of.tables[*table].shape == Shape::List)?;
        Some((form, table))
    })
}

/// What every reader needs.
struct Context<'t, 'o, 'd> {
    tokens: &'t Tokens<'o, 'd>,
    config: &'t Config,
    form: usize,
    table: &'t FormTable,
}

/// Words, then the run of values and blanks after them.
struct Segment {
    words: Vec<usize>,
    run: Vec<usize>,
    is_blank: bool,
}

impl<'t> Context<'t, '_, '_> {
    /// Cuts the tokens into words and the runs after them.
    fn segments(&self) -> Vec<Segment> {
        let mut segments = vec![Segment { words: Vec::new(), run: Vec::new(), is_blank: true }];
        for (at, token) in self.tokens.tokens.iter().enumerate() {
            let last = segments.last_mut().expect("never empty");
            match token.kind {
                Kind::Word if last.run.is_empty() => last.words.push(at),
                Kind::Word => segments.push(Segment { words: vec![at], run: Vec::new(), is_blank: true }),
                Kind::Value => {
                    last.run.push(at);
                    last.is_blank = false;
                }
                // Blanks before the first word are padding.
                Kind::Blank if last.words.is_empty() && last.run.is_empty() => {}
                Kind::Blank => last.run.push(at),
            }
        }
        if segments.last().is_some_and(|last| !last.run.is_empty()) {
            segments.push(Segment { words: Vec::new(), run: Vec::new(), is_blank: true });
        }
        segments
    }

    /// This table in another form that has it.
    fn table_in(&self, form: usize) -> &'t FormTable {
        let of = &self.config.forms.forms[form];
        of.table(&self.table.code).map_or(self.table, |at| &of.tables[at])
    }

    fn key(&self, form: usize, row: usize, column: usize) -> CellKey {
        let table = self.config.forms.forms[form].table(&self.table.code).expect("forms in use have the table");
        CellKey {
            form: u8::try_from(form).expect("few forms"),
            table: u8::try_from(table).expect("few tables"),
            row: u16::try_from(row).expect("few rows"),
            column: u16::try_from(column).expect("few columns"),
        }
    }

    /// Reads a cell from its token.
    fn cell(&self, key: CellKey, token: usize, header_unit: Option<&str>, into: &mut Collector) {
        let printed = trim(self.tokens.printed(token));
        let column = &self.config.forms.table(key.form, key.table).columns[usize::from(key.column)];
        let limit = self.config.limits.number_digits;
        let value = read_value(printed, column.value_type, header_unit, &self.config.reading, limit);
        if let Some(cause) = value.fault {
            let (_, row, column) = self.config.forms.codes(key);
            let what = match cause {
                Cause::OutOfRange => "holds a number that it cannot hold",
                _ => "holds something that is no number",
            };
            let place = format!("{}.{row}.{column}", self.table.code);
            let mut problem =
                self.problem(cause, &format!("the cell {place} {what}: compare it with the source"), Some(token));
            problem.printed = Some(printed.chars().take(80).collect());
            problem.cell = Some(key);
            into.problems.push(problem);
        }
        if value.is_unit_unknown {
            into.flags.push(Flag::AmountUnitUnknown);
        }
        into.cells.push(Cell {
            key,
            printed: Some(printed.into()),
            unit: value.unit.or(header_unit.filter(|_| value.value.is_some())).map(Into::into),
            state: value.state,
            value: value.value,
            implied: None,
            corrected: None,
            flags: Vec::new(),
            origin: self.tokens.origin(token),
        });
    }

    /// A cell that the source does not have, or whose place in its row cannot be told.
    fn no_cell(&self, key: CellKey, state: CellState, into: &mut Collector) {
        into.cells.push(Cell::without_print(key, state));
    }

    /// A cell of a row whose values were placed; a cell that vanished is blank.
    fn placed_cell(&self, key: CellKey, token: Option<usize>, into: &mut Collector) {
        match token {
            Some(token) => self.cell(key, token, None, into),
            None => self.no_cell(key, CellState::Blank, into),
        }
    }

    /// A row whose values could not be placed: says so and marks its cells.
    fn unplaced_row(&self, form: usize, row: usize, fault: Fault, token: Option<usize>, into: &mut Collector) {
        let table = self.table_in(form);
        let (cause, what) = fault.explain();
        let message =
            format!("row {} of table {} has {what}: compare it with the source", table.rows[row].code, table.code);
        into.problems.push(self.problem(cause, &message, token));
        self.unread_row(form, row, into);
    }

    /// Marks every cell of a row as there and not readable.
    fn unread_row(&self, form: usize, row: usize, into: &mut Collector) {
        for column in self.table_in(form).columns_of(row) {
            self.no_cell(self.key(form, row, column), CellState::Unreadable, into);
        }
    }

    /// Keeps a row that the form does not have: its words and its numbers stand in one printed row, or each on a
    /// line of its own, and every number under a column. Gives `false` when they do not.
    fn local_row(&self, form: usize, columns: &Columns, words: &[usize], run: &[usize], into: &mut Collector) -> bool {
        let [first, ..] = *run else { return false };
        let is_beside = |at: &usize| self.tokens.is_same_row(*at, first) || self.tokens.is_same_line(*at, first);
        let label: String = words.iter().map(|at| trim(self.tokens.printed(*at))).collect();
        let n_han = label.chars().filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}')).count();
        let is_row = words.iter().chain(run).all(is_beside);
        // A number alone behind a line may be that of a page; two are a row when they fill it.
        let is_stream = || {
            let n_columns = columns.len();
            let is_alone = |pair: &[usize]| {
                !self.tokens.is_same_row(pair[0], pair[1]) && !self.tokens.is_same_line(pair[0], pair[1])
            };
            let is_value = |at: &usize| self.tokens.tokens[*at].kind == Kind::Value;
            n_columns >= 2
                && run.iter().filter(|at| is_value(at)).count() == n_columns
                && run.windows(2).all(is_alone)
                && words.last().is_some_and(|last| is_alone(&[*last, first]))
        };
        if words.is_empty() || n_han < 2 || self.is_known(&label) || !(is_row || is_stream()) {
            return false;
        }
        let Ok(Placing::Sure(placed)) = columns.place(self.tokens, run) else { return false };
        let key = self.key(form, 0, 0);
        let table = self.table_in(form);
        let config = &self.config;
        for (column, token) in placed {
            let Some(token) = token else { continue };
            let printed = trim(self.tokens.printed(token));
            let value_type = table.columns[column].value_type;
            let value = read_value(printed, value_type, None, &config.reading, config.limits.number_digits);
            into.local_cells.push(LocalCell {
                form: key.form,
                table: key.table,
                row: None,
                column: u16::try_from(column).ok(),
                label: label.as_str().into(),
                printed: printed.into(),
                unit: value.unit.map(Into::into),
                state: value.state,
                value: value.value,
                origin: self.tokens.origin(token),
            });
        }
        into.flags.push(Flag::LocalRow);
        true
    }

    /// Whether a label is one that the table has in some form, or nearly one, or holds one.
    fn is_known(&self, label: &str) -> bool {
        let label = fold(label);
        let bare = strip_ordinal(&label);
        let is_alike = |key: &String| {
            let known = strip_ordinal(key);
            let is_long = known.chars().count() >= 4;
            bare == known
                || (is_long && (bare.contains(known) || known.contains(bare)))
                || distance(bare, known, tolerance(known)).is_some()
        };
        self.config.forms.tables(&self.table.code).any(|(_, table)| {
            let rows = table.rows.iter().map(|row| &row.labels.keys);
            let columns = table.columns.iter().map(|column| &column.labels.keys);
            rows.chain(columns).flatten().any(is_alike)
        })
    }

    /// What a token would be as a count in a column of the table.
    fn number(&self, column: usize, token: usize) -> Number {
        let printed = trim(self.tokens.printed(token));
        let value_type = self.table.columns[column].value_type;
        let value = read_value(printed, value_type, None, &self.config.reading, self.config.limits.number_digits);
        Number::of(value.value, value.state)
    }

    fn problem(&self, cause: Cause, message: &str, token: Option<usize>) -> Problem {
        let mut problem = Problem::new(cause, Blame::Open, message.to_owned());
        if let Some(token) = token {
            problem.origin = self.tokens.origin(token);
            problem.excerpt = Some(self.tokens.excerpt(token));
        }
        problem
    }

    /// Values after the table's last row that belong to no cell.
    fn leftover_values(&self, rest: impl Iterator<Item = usize>, into: &mut Collector) {
        for token in rest {
            if self.tokens.tokens[token].kind == Kind::Value && self.is_cell_like(token) {
                self.leftover(token, into);
            }
        }
    }

    fn leftover(&self, token: usize, into: &mut Collector) {
        let printed: String = trim(self.tokens.printed(token)).chars().take(80).collect();
        let message = format!(
            "{printed:?} in the region of table {} belongs to no cell: compare it with the source",
            self.table.code
        );
        let mut problem = self.problem(Cause::Leftover, &message, Some(token));
        problem.printed = Some(printed);
        into.problems.push(problem);
    }

    /// A number inside a line of text (`工作信息 56 条`) is not a cell; one at its end is.
    fn is_cell_like(&self, token: usize) -> bool {
        let tokens = &self.tokens.tokens;
        !matches!(self.tokens.place(token), crate::model::document::Place::Line)
            || tokens.get(token + 1).is_none_or(|next| next.piece != tokens[token].piece || next.kind != Kind::Word)
    }
}

/// What a reader gathers.
#[derive(Default)]
struct Collector {
    cells: Vec<Cell>,
    local_cells: Vec<LocalCell>,
    problems: Vec<Problem>,
    flags: Vec<Flag>,
}

impl Collector {
    fn finish(mut self, form: usize, layout: Layout) -> Reading {
        self.cells.sort_by_key(|cell| cell.key);
        let n_filled = self
            .cells
            .iter()
            .filter(|cell| !matches!(cell.state, CellState::Blank | CellState::Absent | CellState::Unreadable))
            .count();
        // One row misread leaves many marks; the first few say what is wrong.
        const MOST: usize = 12;
        if self.problems.len() > MOST {
            let rest = self.problems.len() - MOST;
            self.problems.truncate(MOST);
            self.problems.push(Problem::new(
                Cause::Leftover,
                Blame::Open,
                format!("{rest} more places of the same table could not be read: mend the first ones"),
            ));
        }
        Reading {
            form,
            cells: self.cells,
            local_cells: self.local_cells,
            problems: self.problems,
            flags: self.flags,
            n_filled,
            ..Reading::blank(layout)
        }
    }
}
