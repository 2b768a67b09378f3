//! Ruling lines to the cells they close off.

use super::{Area, Rule};

/// Lines nearer to each other than this are one: double borders, and pieces drawn cell by cell.
const NEAR: f64 = 3.0;

/// A shorter line is a stroke of a sign, not a border.
const SHORTEST: f64 = 4.0;

/// Share of the edge of a cell that must be drawn to be a border.
const DRAWN: f64 = 0.5;

/// A table: where its lines run, and its cells.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Vertical lines from the left, horizontal lines from above.
    pub(super) xs: Vec<f64>,
    pub(super) ys: Vec<f64>,
    pub(super) cells: Vec<Span>,
    /// The number of the cell in each place, row by row.
    places: Vec<usize>,
}

/// What a cell covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Grid {
    pub(super) fn area(&self) -> Area {
        let first = |lines: &[f64]| lines.first().copied().unwrap_or(0.0);
        let last = |lines: &[f64]| lines.last().copied().unwrap_or(0.0);
        Area { x0: first(&self.xs), y0: first(&self.ys), x1: last(&self.xs), y1: last(&self.ys) }
    }

    /// The cell that a point lies in.
    pub(super) fn cell_at(&self, point: (f64, f64)) -> Option<usize> {
        if !self.area().holds(point) {
            return None;
        }
        let place = |lines: &[f64], at: f64| lines.partition_point(|line| *line <= at).clamp(1, lines.len() - 1) - 1;
        let (row, column) = (place(&self.ys, point.1), place(&self.xs, point.0));
        self.places.get(row * (self.xs.len() - 1) + column).copied()
    }
}

/// The tables that lines draw, the smallest first: one may lie in a cell of another.
pub(super) fn grids(rules: &[Rule]) -> Vec<Grid> {
    let (across, down) = (joined(rules, false), joined(rules, true));
    let mut grids: Vec<Grid> = components(&across, &down).into_iter().filter_map(|part| grid(&part)).collect();
    grids.sort_by(|a, b| (a.area().width() * a.area().height()).total_cmp(&(b.area().width() * b.area().height())));
    grids
}

/// Lines of one direction, each in one piece.
pub(super) fn joined(rules: &[Rule], is_vertical: bool) -> Vec<Rule> {
    let mut rules: Vec<Rule> = rules.iter().filter(|rule| rule.is_vertical == is_vertical).copied().collect();
    rules.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    let mut joined: Vec<Rule> = Vec::new();
    let mut rest = rules.as_slice();
    while let [first, ..] = rest {
        let end = rest.partition_point(|rule| rule.at - first.at <= NEAR);
        let mut level = rest[..end].to_vec();
        rest = &rest[end..];
        level.sort_by(|a, b| a.from.total_cmp(&b.from));
        let begin = joined.len();
        for rule in level {
            match joined[begin..].last_mut() {
                Some(last) if rule.from - last.to <= NEAR => last.to = last.to.max(rule.to),
                _ => joined.push(rule),
            }
        }
    }
    joined.retain(|rule| rule.to - rule.from >= SHORTEST);
    joined
}

/// Lines that touch one another, directly or by others.
fn components(across: &[Rule], down: &[Rule]) -> Vec<Vec<Rule>> {
    let mut groups = Groups::of(across.len() + down.len());
    let reaches = |rule: &Rule, at: f64| (rule.from - NEAR..=rule.to + NEAR).contains(&at);
    for (a, horizontal) in across.iter().enumerate() {
        for (d, vertical) in down.iter().enumerate() {
            if reaches(horizontal, vertical.at) && reaches(vertical, horizontal.at) {
                groups.join(a, across.len() + d);
            }
        }
    }
    let mut parts: Vec<Vec<Rule>> = vec![Vec::new(); across.len() + down.len()];
    for (index, rule) in across.iter().chain(down).enumerate() {
        parts[groups.find(index)].push(*rule);
    }
    let (mut tables, rest): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.len() > 2);
    for rule in rest.into_iter().filter(|part| part.len() == 1).flatten().filter(|rule| rule.is_vertical) {
        let mut beside = tables.iter_mut().filter(|table| is_side(&rule, table));
        if let (Some(table), None) = (beside.next(), beside.next()) {
            table.push(rule);
        }
    }
    tables
}

/// Whether a line that meets no other is a side of a table, as tall as it: that of a cell which began on the page before
/// and goes on upon the next.
fn is_side(line: &Rule, table: &[Rule]) -> bool {
    let (low, high) = bounds(table, false);
    (low - line.from).abs() <= NEAR && (high - line.to).abs() <= NEAR
}

/// Between where lines of one direction lie. Tables that are open at a side end where the lines across end.
fn bounds(rules: &[Rule], is_vertical: bool) -> (f64, f64) {
    let all = rules
        .iter()
        .flat_map(|rule| if rule.is_vertical == is_vertical { [rule.at, rule.at] } else { [rule.from, rule.to] });
    all.fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)))
}

fn grid(rules: &[Rule]) -> Option<Grid> {
    let of = |is_vertical: bool| rules.iter().filter(move |rule| rule.is_vertical == is_vertical);
    let levels = |is_vertical: bool| {
        let (low, high) = bounds(rules, is_vertical);
        let mut levels: Vec<f64> = of(is_vertical).map(|rule| rule.at).chain([low, high]).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup_by(|next, first| *next - *first <= NEAR);
        levels
    };
    let (xs, ys) = (levels(true), levels(false));
    let (n_columns, n_rows) = (xs.len().saturating_sub(1), ys.len().saturating_sub(1));
    if n_columns * n_rows < 2 {
        return None;
    }
    let mut groups = Groups::of(n_columns * n_rows);
    for row in 0..n_rows {
        for column in 0..n_columns {
            let place = row * n_columns + column;
            if column + 1 < n_columns && !is_drawn(of(true), xs[column + 1], ys[row], ys[row + 1]) {
                groups.join(place, place + 1);
            }
            if row + 1 < n_rows && !is_drawn(of(false), ys[row + 1], xs[column], xs[column + 1]) {
                groups.join(place, place + n_columns);
            }
        }
    }
    Some(spans(xs, ys, &mut groups))
}

/// Whether lines cover the better part of an edge.
fn is_drawn<'r>(rules: impl Iterator<Item = &'r Rule>, at: f64, from: f64, to: f64) -> bool {
    let covered: f64 = rules
        .filter(|rule| (rule.at - at).abs() <= NEAR)
        .map(|rule| (rule.to.min(to) - rule.from.max(from)).max(0.0))
        .sum();
    covered >= DRAWN * (to - from)
}

/// The cells of a table: what no border parts. Where that is no rectangle, each row stands alone.
fn spans(xs: Vec<f64>, ys: Vec<f64>, groups: &mut Groups) -> Grid {
    let (n_columns, n_rows) = (xs.len() - 1, ys.len() - 1);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); n_columns * n_rows];
    for place in 0..n_columns * n_rows {
        members[groups.find(place)].push(place);
    }
    let mut cells = Vec::new();
    let mut places = vec![0; n_columns * n_rows];
    for places_of_cell in members.iter().filter(|places| !places.is_empty()) {
        for part in rectangles(places_of_cell, n_columns) {
            for row in part.row..part.row + part.rows {
                places[row * n_columns + part.column..][..part.columns].fill(cells.len());
            }
            cells.push(part);
        }
    }
    // In reading order.
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|at| (cells[*at].row, cells[*at].column));
    let mut numbers = vec![0; cells.len()];
    for (number, at) in order.iter().enumerate() {
        numbers[*at] = number;
    }
    let cells = order.iter().map(|at| cells[*at]).collect();
    for place in &mut places {
        *place = numbers[*place];
    }
    Grid { xs, ys, cells, places }
}

fn rectangles(places: &[usize], n_columns: usize) -> Vec<Span> {
    let rows = || places.iter().map(|place| place / n_columns);
    let columns = || places.iter().map(|place| place % n_columns);
    let (top, bottom) = (rows().min().unwrap_or(0), rows().max().unwrap_or(0));
    let (left, right) = (columns().min().unwrap_or(0), columns().max().unwrap_or(0));
    let whole = Span { row: top, column: left, rows: bottom - top + 1, columns: right - left + 1 };
    if whole.rows * whole.columns == places.len() {
        return vec![whole];
    }
    let mut parts: Vec<Span> = Vec::new();
    for place in places {
        let (row, column) = (place / n_columns, place % n_columns);
        match parts.last_mut() {
            Some(last) if last.row == row && last.column + last.columns == column => last.columns += 1,
            _ => parts.push(Span { row, column, rows: 1, columns: 1 }),
        }
    }
    parts
}

/// Things that belong together.
struct Groups {
    parents: Vec<usize>,
}

impl Groups {
    fn of(count: usize) -> Self {
        Self { parents: (0..count).collect() }
    }

    fn find(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        // The lower number stays, so that the result does not depend on the order of joining.
        self.parents[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn across(at: f64, from: f64, to: f64) -> Rule {
        Rule { is_vertical: false, at, from, to }
    }

    fn down(at: f64, from: f64, to: f64) -> Rule {
        Rule { is_vertical: true, at, from, to }
    }

    /// The cells of the only grid, as `row.column+rows x columns`.
    #[track_caller]
    fn check(rules: &[Rule], expected: &[&str]) {
        let grids = grids(rules);
        assert_eq!(grids.len(), 1);
        let describe = |span: &Span| format!("{}.{}+{}x{}", span.row, span.column, span.rows, span.columns);
        assert_eq!(grids[0].cells.iter().map(describe).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_missing_border_joins_two_cells() {
        let frame = [across(0.0, 0.0, 60.0), across(40.0, 0.0, 60.0), down(0.0, 0.0, 40.0), down(60.0, 0.0, 40.0)];
        let mut rules = frame.to_vec();
        rules.extend([across(20.0, 0.0, 60.0), down(30.0, 20.0, 40.0)]);
        check(&rules, &["0.0+1x2", "1.0+1x1", "1.1+1x1"]);
    }

    #[test]
    fn borders_drawn_in_pieces_and_twice_are_borders() {
        let mut rules = vec![down(0.0, 0.0, 40.0), down(60.5, 0.0, 19.0), down(60.0, 20.0, 40.0)];
        rules.extend([
            across(0.0, 0.0, 31.0),
            across(0.4, 30.0, 60.0),
            across(1.6, 0.0, 60.0),
            across(40.0, 0.0, 60.0),
        ]);
        rules.extend((0..20).map(|dot| across(20.0, f64::from(dot) * 3.0, f64::from(dot) * 3.0 + 1.0)));
        check(&rules, &["0.0+1x1", "1.0+1x1"]);
    }

    #[test]
    fn tables_open_at_their_sides_end_where_their_lines_end() {
        let rules = [across(0.0, 0.0, 60.0), across(20.0, 0.0, 60.0), across(40.0, 0.0, 60.0), down(30.0, 0.0, 40.0)];
        check(&rules, &["0.0+1x1", "0.1+1x1", "1.0+1x1", "1.1+1x1"]);
    }

    #[test]
    fn a_cell_that_goes_over_the_whole_page_has_a_side_that_meets_nothing() {
        let table = [across(0.0, 30.0, 60.0), across(20.0, 30.0, 60.0), down(30.0, 0.0, 40.0), down(60.0, 0.0, 40.0)];
        let with = |line: Rule| [&table[..], &[line]].concat();
        check(&with(down(0.0, 0.0, 40.0)), &["0.0+2x1", "0.1+1x1", "1.1+1x1"]);
        // A line of another height is none of it.
        check(&with(down(0.0, 0.0, 30.0)), &["0.0+1x1", "1.0+1x1"]);
    }

    #[test]
    fn what_is_no_rectangle_falls_into_rows() {
        let frame = [across(0.0, 0.0, 60.0), across(40.0, 0.0, 60.0), down(0.0, 0.0, 40.0), down(60.0, 0.0, 40.0)];
        let mut rules = frame.to_vec();
        rules.extend([across(20.0, 30.0, 60.0), down(30.0, 20.0, 40.0)]);
        check(&rules, &["0.0+1x2", "1.0+1x1", "1.1+1x1"]);
    }

    #[test]
    fn a_frame_and_an_underline_are_no_tables() {
        let frame = [across(0.0, 0.0, 60.0), across(40.0, 0.0, 60.0), down(0.0, 0.0, 40.0), down(60.0, 0.0, 40.0)];
        assert!(grids(&frame).is_empty());
        assert!(grids(&[across(20.0, 0.0, 60.0), across(40.0, 0.0, 60.0)]).is_empty());
    }
}
