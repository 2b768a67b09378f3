//! Which value of a row belongs to which column.
//!
//! A grid says so by itself: a value stands under its header. Rows of separated cells and streams
//! keep only the order, so a row counts when it has exactly the values of its columns, or when the
//! place of its blanks follows from rows of the same build.

use std::collections::HashMap;

use super::super::token::{Kind, Tokens};
use super::super::weave::{self, Element};
use super::laid::Laid;
use super::runs;
use crate::model::document::{Piece, Place};
use crate::model::verdict::Cause;

/// Why the values of a row could not be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Fewer values than columns, and no telling which are missing.
    Short,
    /// More values than columns.
    Long,
}

impl Fault {
    /// What is wrong with a row that may be placed in these ways.
    pub(super) fn of(ways: &[Placed]) -> Self {
        let is_full = !ways.is_empty() && ways.iter().flatten().all(|(_, token)| token.is_some());
        if is_full { Self::Long } else { Self::Short }
    }

    /// The cause it counts as, and what to say of the row.
    pub(super) fn explain(self) -> (Cause, &'static str) {
        match self {
            Self::Short => (Cause::Incomplete, "fewer values than columns, and which are missing cannot be told"),
            Self::Long => (Cause::Leftover, "more values than columns"),
        }
    }
}

/// A column and the token that stands in it; none for a cell that vanished from the text.
pub(super) type Placed = Vec<(usize, Option<usize>)>;

/// Where the values of a row belong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Placing {
    /// There is one place for each.
    Sure(Placed),
    /// Cells are blank, and the page does not say surely which; or one value is the number of a page.
    Open {
        /// Every way to place them; none where there are too many.
        ways: Vec<Placed>,
        /// Where the cells are printed: all blank ones stand at the end of their row, where a row that lost
        /// cells is filled up too.
        printed: Option<Placed>,
    },
}

/// More ways to place the blanks of a row than this are not looked at.
const MAX_WAYS: usize = 500;

/// The columns of a table or block, as its header prints them.
#[derive(Debug)]
pub(super) struct Columns {
    /// Columns in printed order; empty when the order is not known.
    pub(super) order: Vec<usize>,
    /// The column over each printed column, where they line up.
    pub(super) grid: Option<Above>,
    /// Build of rows that are full: (cells, place of the last word) and the place of the first value;
    /// `None` when two rows disagree.
    builds: HashMap<(usize, usize), Option<u16>>,
    /// A row was met with a blank between its values: blank cells are kept in their places.
    keeps_blanks: bool,
    /// A row was met that is full and has blanks between its values.
    is_padded_inside: bool,
    /// What the header shows of how rows are written out.
    writing: Writing,
    /// A row was met with more cells than columns.
    has_wider_row: bool,
    /// A row was met with as many cells as columns, all of them filled.
    has_exact_row: bool,
}

/// What the rows of a header, whose labels span columns, show of how the rows of a table are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// Nothing: labels may have moved together, and rows been filled up at their ends.
    Unknown,
    /// Labels stand over their columns, so cells keep their places. Rows that lost a cell may be filled up.
    Placed,
    /// Rows are filled up with cells that hold nothing at all, where printed ones hold white space.
    Filled,
    /// Rows end where their cells end: none is filled up.
    Ragged,
}

impl Writing {
    /// Looks at the words of a header over so many columns.
    fn of(tokens: &Tokens<'_, '_>, header: &[usize], n_columns: usize) -> Self {
        let is_apart = |pair: &[usize]| !tokens.is_same_row(pair[0], pair[1]);
        let has_single_cells = header.windows(2).all(is_apart);
        let rows: Option<Vec<Self>> = header
            .chunk_by(|one, two| tokens.is_same_row(*one, *two))
            .map(|words| Self::of_row(tokens, words, n_columns))
            .collect();
        let rows = rows.unwrap_or_default();
        let has = |writing: Self| rows.contains(&writing);
        match (has(Self::Unknown), has(Self::Filled), has(Self::Placed)) {
            (true, ..) | (_, true, true) => Self::Unknown,
            (_, true, _) => Self::Filled,
            (.., true) => Self::Placed,
            // Cells that are each a row of their own show nothing of rows.
            _ if has_single_cells => Self::Unknown,
            _ => rows.first().copied().unwrap_or(Self::Unknown),
        }
    }

    /// The same of one row; `None` where there are no rows of separated cells.
    fn of_row(tokens: &Tokens<'_, '_>, words: &[usize], n_columns: usize) -> Option<Self> {
        let Place::Row { row, column: first } = tokens.place(*words.first()?) else { return None };
        let last = *words.last()?;
        let Place::Row { column, .. } = tokens.place(last) else { return None };
        let end = usize::from(column) + 1 + usize::from(tokens.tokens[last].repeats);
        let in_row = |piece: &&Piece| matches!(piece.place, Place::Row { row: of, .. } if of == row);
        let pieces = &tokens.outline.document.pieces[tokens.tokens[last].piece..];
        let rest: Vec<&Piece> = pieces.iter().take_while(in_row).skip(end - usize::from(column)).collect();
        let is_apart = first > 0 || end - usize::from(first) > words.len();
        Some(match () {
            () if end + rest.len() < n_columns => Self::Ragged,
            () if is_apart || rest.is_empty() => Self::Placed,
            // White space stands behind the pipe that ends the last cell.
            () if rest[0].indent <= 1 && rest[1..].iter().all(|piece| piece.indent == 0) => Self::Filled,
            () => Self::Unknown,
        })
    }
}

/// What stands above the columns of a laid-out table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Above {
    /// Number of the table on the page.
    table: u32,
    /// Column of the form over each printed column.
    columns: Vec<Option<usize>>,
    /// Merged cells are printed once for each column they span, values too.
    is_repeated: bool,
}

impl Above {
    /// Whether each of these columns stands somewhere.
    pub(super) fn has_all(&self, mut columns: impl Iterator<Item = usize>) -> bool {
        columns.all(|column| self.columns.contains(&Some(column)))
    }
}

impl Columns {
    /// Columns of which nothing is known but their header.
    pub(super) fn new(order: Option<Vec<usize>>, grid: Option<Above>) -> Self {
        Self {
            order: order.unwrap_or_default(),
            grid,
            builds: HashMap::new(),
            keeps_blanks: false,
            is_padded_inside: false,
            writing: Writing::Unknown,
            has_wider_row: false,
            has_exact_row: false,
        }
    }

    /// The same with what the words of their header show of how rows are written out.
    pub(super) fn under(self, tokens: &Tokens<'_, '_>, header: &[usize]) -> Self {
        Self { writing: Writing::of(tokens, header, self.len()), ..self }
    }

    /// Whether cells keep their places: blank ones at the end of this row are printed there, if it lost none.
    pub(super) fn keeps_places(&self, tokens: &Tokens<'_, '_>, run: &[usize]) -> bool {
        let is_blank = |at: &&usize| tokens.tokens[**at].kind == Kind::Blank;
        match self.writing {
            Writing::Unknown => false,
            Writing::Filled => run.iter().rev().take_while(is_blank).all(|at| tokens.before(*at).0 > 1),
            Writing::Placed | Writing::Ragged => true,
        }
    }

    /// Whether blank cells at the end of this row are printed there.
    fn ends_are_printed(&self, tokens: &Tokens<'_, '_>, run: &[usize]) -> bool {
        // Rows may carry an empty cell behind their last one.
        let is_narrow = self.has_exact_row && !self.has_wider_row;
        self.keeps_blanks || (is_narrow && self.writing != Writing::Placed && self.keeps_places(tokens, run))
    }

    /// Number of columns.
    pub(super) fn len(&self) -> usize {
        match &self.grid {
            Some(above) if self.order.is_empty() => {
                let mut found: Vec<usize> = above.columns.iter().flatten().copied().collect();
                found.sort_unstable();
                found.dedup();
                found.len()
            }
            _ => self.order.len(),
        }
    }

    /// Learns from a row where values begin in rows of its build, and whether blanks keep their places.
    pub(super) fn learn(&mut self, tokens: &Tokens<'_, '_>, run: &[usize]) {
        self.has_wider_row |= run.len() > self.len();
        self.has_exact_row |= run.len() == self.len() && run.iter().all(|at| tokens.tokens[*at].kind == Kind::Value);
        let is_value = |at: &&usize| tokens.tokens[**at].kind == Kind::Value;
        let values: Vec<usize> = run.iter().filter(is_value).copied().collect();
        if let (Some(first), Some(last)) = (values.first(), values.last()) {
            let has_blanks = (first + 1..*last).any(|at| tokens.tokens[at].kind == Kind::Blank);
            self.keeps_blanks |= has_blanks;
            self.is_padded_inside |= has_blanks && values.len() >= self.len();
        }
        if values.len() != self.len() {
            return;
        }
        if let Some(first) = values.first()
            && let Some((build, _)) = build_of(tokens, run)
            && let Place::Row { column, .. } = tokens.place(*first)
        {
            self.builds
                .entry(build)
                .and_modify(|known| *known = known.filter(|known| *known == column))
                .or_insert(Some(column));
        }
    }

    /// The token of each column, in the order of [`Self::order`] or of the grid.
    pub(super) fn place(&self, tokens: &Tokens<'_, '_>, run: &[usize]) -> Result<Placing, Fault> {
        let n = self.len();
        let sure = |placed: Vec<(usize, usize)>| {
            Placing::Sure(placed.into_iter().map(|(column, token)| (column, Some(token))).collect())
        };
        let values: Vec<usize> = run.iter().copied().filter(|at| tokens.tokens[*at].kind == Kind::Value).collect();
        if let Some(placed) = self.place_in_grid(tokens, run) {
            let is_laid_out = run.iter().all(|at| tokens.slot(*at).is_some_and(|slot| slot.is_laid_out));
            if is_laid_out || self.ends_are_printed(tokens, run) || !ends_in_blank(tokens, &placed) {
                return Ok(sure(placed));
            }
            return self.open(&values, Some(&placed));
        }
        // A table whose merged cells are repeated has more figures in a row than columns.
        let is_repeated = self.grid.as_ref().is_some_and(|above| above.is_repeated);
        if self.order.len() != n || (is_repeated && run.iter().any(|at| tokens.slot(*at).is_some())) {
            return Err(Fault::Short);
        }
        // Cells of a table inside a cell do not line up with those around it.
        let is_in_grid = |at: &usize| matches!(tokens.place(*at), Place::Grid { .. });
        if run.iter().any(is_in_grid) && !run.iter().all(is_in_grid) {
            return Err(Fault::Short);
        }
        if values.len() > n {
            let ways = self.ways_without_page_number(tokens, &values);
            return if ways.is_empty() { Err(Fault::Long) } else { Ok(Placing::Open { ways, printed: None }) };
        }
        // In a grid whose header does not say where a value belongs, an empty cell may be any of them.
        if values.len() < run.len() && run.iter().any(|at| self.is_under_header(tokens, *at)) {
            return Err(Fault::Short);
        }
        if values.len() == n {
            return Ok(sure(self.order.iter().copied().zip(values).collect()));
        }
        if run.len() == n && is_one_cell_each(tokens, run) {
            let placed: Vec<(usize, usize)> = self.order.iter().copied().zip(run.iter().copied()).collect();
            // An empty cell behind a row may be the first one of the next row, as behind rows that are full.
            if !self.has_wider_row || !ends_in_blank(tokens, &placed) {
                return Ok(sure(placed));
            }
        }
        if let Some(window) = self.only_window(tokens, run) {
            return Ok(sure(self.order.iter().copied().zip(window.iter().copied()).collect()));
        }
        if let Some(window) = self.window(tokens, run, &values) {
            let placed: Vec<(usize, usize)> = self.order.iter().copied().zip(window).collect();
            if self.ends_are_printed(tokens, run) || values.is_empty() || !ends_in_blank(tokens, &placed) {
                return Ok(sure(placed));
            }
            if !run.iter().any(is_in_grid) {
                return self.open(&values, Some(&placed));
            }
        }
        // Where cells are laid out, or blank ones kept, none vanishes.
        if self.keeps_blanks || run.iter().any(is_in_grid) {
            return Err(Fault::Short);
        }
        // A row of as many cells as columns, and nothing beside them.
        let is_one_row = run.len() == n && run.windows(2).all(|pair| tokens.is_same_row(pair[0], pair[1]));
        let placed: Vec<(usize, usize)> = self.order.iter().copied().zip(run.iter().copied()).collect();
        if is_one_row && self.ends_are_printed(tokens, run) {
            return Ok(sure(placed));
        }
        self.open(&values, is_one_row.then_some(&placed[..]))
    }

    /// The values of a short row where they stand, in lines that stand as on the page.
    pub(super) fn place_as_laid(
        &self,
        tokens: &Tokens<'_, '_>,
        run: &[usize],
        laid: &Laid<'_, '_, '_>,
    ) -> Option<Placed> {
        let is_value = |at: &usize| tokens.tokens[*at].kind == Kind::Value;
        if run.len() >= self.order.len() || !run.iter().all(is_value) {
            return None;
        }
        let places = laid.place(run)?;
        let token = |printed: usize| places.iter().position(|place| *place == printed).map(|at| run[at]);
        Some(self.order.iter().enumerate().map(|(printed, column)| (*column, token(printed))).collect())
    }

    /// The ways to place the values of a row that has one more than columns: one that stands alone on a line of
    /// text may be the number of a page. Two that leave the same prints are one.
    fn ways_without_page_number(&self, tokens: &Tokens<'_, '_>, values: &[usize]) -> Vec<Placed> {
        if values.len() != self.order.len() + 1 {
            return Vec::new();
        }
        let mut ways: Vec<Placed> = Vec::new();
        let print = |way: &Placed| -> Vec<&str> {
            way.iter().filter_map(|(_, token)| token.map(|token| tokens.printed(token))).collect()
        };
        for page in values.iter().filter(|at| runs::is_page_number(tokens, **at)) {
            let rest = values.iter().filter(|at| *at != page);
            let way: Placed = self.order.iter().zip(rest).map(|(column, token)| (*column, Some(*token))).collect();
            if !ways.iter().any(|other| print(other) == print(&way)) {
                ways.push(way);
            }
        }
        ways
    }

    /// The ways to place the values of a row, with where its cells are printed.
    fn open(&self, values: &[usize], printed: Option<&[(usize, usize)]>) -> Result<Placing, Fault> {
        let token = |at: usize| values.contains(&at).then_some(at);
        let printed: Option<Placed> =
            printed.map(|cells| cells.iter().map(|(column, at)| (*column, token(*at))).collect());
        let ways = self.ways(values).unwrap_or_default();
        if ways.is_empty() && printed.is_none() {
            return Err(Fault::Short);
        }
        Ok(Placing::Open { ways, printed })
    }

    /// Every way to place values in the columns in their order; `None` when there are none, or too many.
    fn ways(&self, values: &[usize]) -> Option<Vec<Placed>> {
        let n = self.order.len();
        if values.is_empty() || values.len() >= n {
            return None;
        }
        let mut ways: Vec<Placed> = vec![Vec::new()];
        for (at, column) in self.order.iter().enumerate() {
            let mut next = Vec::new();
            for way in ways {
                let n_used = way.iter().filter(|(_, token)| token.is_some()).count();
                let n_left = n - at;
                let n_values_left = values.len() - n_used;
                if n_values_left > 0 {
                    let mut with = way.clone();
                    with.push((*column, Some(values[n_used])));
                    next.push(with);
                }
                if n_values_left < n_left {
                    let mut without = way;
                    without.push((*column, None));
                    next.push(without);
                }
            }
            if next.len() > MAX_WAYS {
                return None;
            }
            ways = next;
        }
        Some(ways)
    }

    /// Whether a token is an empty cell of a grid that stands under a column, or may.
    fn is_under_header(&self, tokens: &Tokens<'_, '_>, at: usize) -> bool {
        let Place::Grid { column, .. } = tokens.place(at) else { return false };
        tokens.tokens[at].kind == Kind::Blank
            && self
                .grid
                .as_ref()
                .is_none_or(|above| above.columns.get(usize::from(column)).is_some_and(Option::is_some))
    }

    /// Values stand under their headers: every column has one token of the row, and every value has
    /// a column.
    fn place_in_grid(&self, tokens: &Tokens<'_, '_>, run: &[usize]) -> Option<Vec<(usize, usize)>> {
        let above = self.grid.as_ref()?;
        let n = self.len();
        let mut placed: Vec<(usize, usize)> = Vec::with_capacity(n);
        for at in run {
            let slot = tokens.slot(*at)?;
            if slot.table != above.table {
                return None;
            }
            let is_value = tokens.tokens[*at].kind == Kind::Value;
            // An empty cell behind the last one that has a header.
            if slot.first >= above.columns.len() && !is_value {
                continue;
            }
            let over = above.columns.get(slot.first..slot.end)?;
            let first = *over.first()?;
            match first {
                Some(column) if over.iter().all(|other| *other == Some(column)) => {
                    if let Some((_, other)) = placed.iter_mut().find(|(known, _)| *known == column) {
                        // A header over two printed columns may have a value and a blank below it.
                        let other_is_value = tokens.tokens[*other].kind == Kind::Value;
                        let is_same = above.is_repeated && tokens.printed(*at) == tokens.printed(*other);
                        if is_value && other_is_value && !is_same {
                            return None;
                        }
                        // Where a merged value is printed for each column, one of them is not blank.
                        if above.is_repeated && is_value != other_is_value {
                            return None;
                        }
                        if is_value && !other_is_value {
                            *other = *at;
                        }
                    } else {
                        placed.push((column, *at));
                    }
                }
                _ if is_value => return None,
                _ => {}
            }
        }
        (placed.len() == n).then_some(placed)
    }

    /// The cells of a short row that begins and ends with a figure, so that nothing but it holds them all: as many cells as
    /// columns, whatever pads the row before and after. Where rows are padded between their figures too, cells cannot
    /// be counted.
    fn only_window<'r>(&self, tokens: &Tokens<'_, '_>, run: &'r [usize]) -> Option<&'r [usize]> {
        let is_value = |at: &usize| tokens.tokens[*at].kind == Kind::Value;
        let window = &run[run.iter().position(is_value)?..=run.iter().rposition(is_value)?];
        let is_one_row = || window.windows(2).all(|pair| tokens.is_same_row(pair[0], pair[1]));
        let is_counted = window.len() == self.len() && !self.is_padded_inside;
        (is_counted && (is_one_row() || is_one_cell_each(tokens, window))).then_some(window)
    }

    /// The cells of a short row of separated cells, where rows of the same build say where they begin.
    fn window(&self, tokens: &Tokens<'_, '_>, run: &[usize], values: &[usize]) -> Option<Vec<usize>> {
        let (build, row) = build_of(tokens, run)?;
        let first = (*self.builds.get(&build)?)?;
        let last = first + u16::try_from(self.len()).ok()?;
        let window: Vec<usize> = run
            .iter()
            .copied()
            .filter(|at| matches!(tokens.place(*at), Place::Row { row: of, column } if of == row && (first..last).contains(&column)))
            .collect();
        (window.len() == self.len() && values.iter().all(|value| window.contains(value))).then_some(window)
    }
}

/// Whether the last of these cells is blank: a row that lost a cell and was filled up at its end looks the
/// same.
fn ends_in_blank(tokens: &Tokens<'_, '_>, placed: &[(usize, usize)]) -> bool {
    let last = placed.iter().map(|(_, token)| *token).max();
    last.is_some_and(|last| tokens.tokens[last].kind == Kind::Blank)
}

/// Whether every token stands in a row of its own, so that an empty cell keeps its place.
fn is_one_cell_each(tokens: &Tokens<'_, '_>, run: &[usize]) -> bool {
    let row = |at: &usize| match tokens.place(*at) {
        Place::Row { row, .. } => Some(row),
        _ => None,
    };
    run.iter().all(|at| row(at).is_some()) && run.windows(2).all(|pair| row(&pair[0]) != row(&pair[1]))
}

/// The build of a row of separated cells: how many cells it has and which of them holds its last
/// word. `None` for other layouts and for runs over several rows.
fn build_of(tokens: &Tokens<'_, '_>, run: &[usize]) -> Option<((usize, usize), u32)> {
    let first = *run.first()?;
    let Place::Row { row, .. } = tokens.place(first) else { return None };
    let in_row =
        |piece: usize| matches!(tokens.outline.document.pieces[piece].place, Place::Row { row: of, .. } if of == row);
    if !run.iter().all(|at| in_row(tokens.tokens[*at].piece)) {
        return None;
    }
    let piece = tokens.tokens[first].piece;
    let n_before = (0..piece).rev().take_while(|at| in_row(*at)).count();
    let n_after = (piece..tokens.outline.document.pieces.len()).take_while(|at| in_row(*at)).count();
    let word = first.checked_sub(1).filter(|at| in_row(tokens.tokens[*at].piece)).map(|at| tokens.place(at));
    let word = match word {
        Some(Place::Row { column, .. }) => usize::from(column) + 1,
        _ => 0,
    };
    Some(((n_before + n_after, word), row))
}

/// The columns of a table by what stands above them: for each printed column, the texts of the header
/// cells that cover it, from the top, must end with a column's label and otherwise hold labels of groups.
///
/// `header` are the tokens of the header; `explain` names the column that the folded texts head.
pub(super) fn columns_above(
    tokens: &Tokens<'_, '_>,
    header: &[usize],
    explain: impl Fn(&[&str]) -> Option<usize>,
) -> Option<Above> {
    let mut table = None;
    let mut above: Vec<Vec<&str>> = Vec::new();
    let mut is_repeated = false;
    for at in header {
        let slot = tokens.slot(*at)?;
        if *table.get_or_insert(slot.table) != slot.table {
            // A caption in a table of its own.
            table = Some(slot.table);
            above.clear();
            is_repeated = false;
        }
        is_repeated |= tokens.is_repeated(*at);
        if above.len() < slot.end {
            above.resize(slot.end, Vec::new());
        }
        for texts in &mut above[slot.first..slot.end] {
            // A label that spans rows may be printed once for each of them.
            if texts.last() != Some(&tokens.folded(*at)) {
                texts.push(tokens.folded(*at));
            }
        }
    }
    let columns: Vec<Option<usize>> = above.iter().map(|texts| explain(texts)).collect();
    columns.iter().any(Option::is_some).then_some(Above { table: table?, columns, is_repeated })
}

/// Names what the texts above a grid column say: labels of groups, then one column's label.
pub(super) fn explain_above<'f>(
    texts: &[&str],
    groups: &[&'f [String]],
    columns: &[(usize, &'f [String])],
) -> Option<usize> {
    /// Longer than all labels of a header together.
    const MAX_BYTES: usize = 400;
    let whole = texts.concat();
    if whole.len() > MAX_BYTES {
        return None;
    }
    // One label, however many elements carry it.
    let mut groups: Vec<&str> = groups.iter().flat_map(|keys| keys.iter().map(String::as_str)).collect();
    groups.sort_unstable();
    groups.dedup();
    // Split headers (商业 over 企业) join to a label; groups stand before it.
    fn ends_with(text: &str, groups: &[&str], columns: &[(usize, &[String])], found: &mut Vec<usize>) {
        for (column, keys) in columns {
            if keys.iter().any(|key| key == text) && !found.contains(column) {
                found.push(*column);
            }
        }
        for key in groups {
            if let Some(rest) = text.strip_prefix(key)
                && !rest.is_empty()
            {
                ends_with(rest, groups, columns, found);
            }
        }
    }
    let mut found = Vec::new();
    ends_with(&whole, &groups, columns, &mut found);
    match found.as_slice() {
        [column] => Some(*column),
        _ => None,
    }
}

/// What the elements of a header say in the order in which its words begin them.
pub(super) fn header_order<T: PartialEq>(
    tokens: &Tokens<'_, '_>,
    words: &[usize],
    elements: &[Element<'_>],
    read: impl Fn(&[usize], bool) -> Option<T>,
) -> Option<T> {
    let words: Vec<&str> = words.iter().map(|at| tokens.folded(*at)).collect();
    weave::headers(&words, elements).agreed(read)
}
