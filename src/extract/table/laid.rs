//! Columns of figures in lines of text that stand as on the page.
//!
//! Where white space keeps the columns, a blank cell leaves its width behind, and the parts of a broken label stand above
//! one another. So rows that hold a figure in every column tell where the columns lie; a figure of a short row belongs to
//! the column it stands under, and a column is headed by what stands above its figures.

use unicode_width::UnicodeWidthChar;

use super::super::token::{Kind, Tokens};
use crate::model::document::Place;

/// How wide characters are taken to be: programs count each as one, or a Chinese one as two, and differ in marks that
/// stand in both scripts.
const MEASURES: [fn(char) -> usize; 3] =
    [|_| 1, |c| UnicodeWidthChar::width(c).unwrap_or(0), |c| UnicodeWidthChar::width_cjk(c).unwrap_or(0)];

/// White space between two columns; one space parts words of running text too.
const GAP: usize = 2;

/// Full rows before and after a line that tell its columns: further away another page may be set otherwise.
const MOST_NEAR: usize = 3;

/// Fewer full rows line up by chance.
const MIN_FULL: usize = 3;

/// First place and the one after the last.
type Span = (usize, usize);

/// The rows of a region that hold a figure in every column.
pub(super) struct Laid<'t, 'o, 'd> {
    tokens: &'t Tokens<'o, 'd>,
    /// Their figures.
    rows: Vec<Vec<usize>>,
    n_columns: usize,
}

impl<'t, 'o, 'd> Laid<'t, 'o, 'd> {
    /// Finds the full rows of a table with so many columns; `None` when they are too few to tell anything.
    pub(super) fn new(tokens: &'t Tokens<'o, 'd>, n_columns: usize) -> Option<Self> {
        let is_value = |at: &usize| tokens.tokens[*at].kind == Kind::Value;
        let all: Vec<usize> = (0..tokens.tokens.len()).collect();
        let lines = all.chunk_by(|one, two| tokens.is_same_line(*one, *two));
        // No word between them or after them.
        let figures = |line: &[usize]| line.iter().copied().skip_while(|at| !is_value(at)).collect::<Vec<_>>();
        let rows: Vec<Vec<usize>> = lines
            .filter(|line| line.len() >= n_columns && matches!(tokens.place(line[0]), Place::Line))
            .map(figures)
            .filter(|figures| figures.len() == n_columns && figures.iter().all(is_value))
            .collect();
        (rows.len() >= MIN_FULL).then_some(Self { tokens, rows, n_columns })
    }

    /// The printed column of each of these figures of one line, told by the full rows around it; `None` when any of them
    /// may stand in another column, or the last column is blank: a row that lost a cell and moved together looks so.
    pub(super) fn place(&self, figures: &[usize]) -> Option<Vec<usize>> {
        let first = *figures.first()?;
        if figures.iter().any(|at| !self.tokens.is_same_line(*at, first)) {
            return None;
        }
        let after = self.rows.partition_point(|row| row[0] < first);
        let near = &self.rows[after.saturating_sub(MOST_NEAR)..(after + MOST_NEAR).min(self.rows.len())];
        let place = |measure: &fn(char) -> usize| {
            let columns = self.columns(near, *measure)?;
            let spans = spans(self.tokens, figures, *measure);
            let column = |span: &Span| {
                let mut under = (0..columns.len()).filter(|column| overlap(columns[*column], *span));
                under.next().filter(|_| under.next().is_none())
            };
            let placed: Vec<usize> = spans.iter().map(column).collect::<Option<_>>()?;
            placed.windows(2).all(|pair| pair[0] < pair[1]).then_some(placed)
        };
        let placed = agreed(self.measures(near).iter().filter_map(place))?;
        (placed.last() == Some(&(self.n_columns - 1))).then_some(placed)
    }

    /// What stands above each column, from the top, as `explain` understands it.
    pub(super) fn header<T: PartialEq>(
        &self,
        header: &[usize],
        explain: impl Fn(&[Vec<&'o str>]) -> Option<T>,
    ) -> Option<T> {
        let is_line = |at: &usize| matches!(self.tokens.place(*at), Place::Line);
        let last = *header.last().filter(|_| header.iter().all(is_line))?;
        let below = self.rows.partition_point(|row| row[0] < last);
        let near = &self.rows[below..(below + MOST_NEAR).min(self.rows.len())];
        let above = |measure: &fn(char) -> usize| {
            let columns = self.columns(near, *measure)?;
            let mut texts: Vec<Vec<&'o str>> = vec![Vec::new(); columns.len()];
            for line in header.chunk_by(|one, two| self.tokens.is_same_line(*one, *two)) {
                for (at, span) in line.iter().zip(spans(self.tokens, line, *measure)) {
                    let n_under = columns.iter().filter(|column| overlap(**column, span)).count();
                    let is_above = |column: usize| match n_under {
                        0 | 1 => nearest(&columns, span) == Some(column),
                        // A label that spans columns.
                        _ => overlap(columns[column], span),
                    };
                    for column in (0..columns.len()).filter(|column| is_above(*column)) {
                        texts[column].push(self.tokens.folded(*at));
                    }
                }
            }
            explain(&texts)
        };
        agreed(self.measures(near).iter().filter_map(above))
    }

    /// The measures in which some full rows line up best, by their left edges, their right edges or their middles.
    fn measures(&self, rows: &[Vec<usize>]) -> Vec<fn(char) -> usize> {
        let edges: [fn(Span) -> usize; 3] = [|span| 2 * span.0, |span| 2 * span.1, |span| span.0 + span.1];
        let slack = |measure: fn(char) -> usize| {
            let rows: Vec<Vec<Span>> = rows.iter().map(|row| spans(self.tokens, row, measure)).collect();
            let slack = |edge: fn(Span) -> usize| -> usize {
                let of = |column: usize| rows.iter().map(move |row| edge(row[column]));
                let range =
                    |column: usize| of(column).max().zip(of(column).min()).map_or(0, |(most, least)| most - least);
                (0..self.n_columns).map(range).sum()
            };
            edges.into_iter().map(slack).min().unwrap_or_default()
        };
        let slacks = MEASURES.map(slack);
        let least = slacks.iter().min().copied().unwrap_or_default();
        MEASURES.iter().zip(slacks).filter(|(_, slack)| *slack == least).map(|(measure, _)| *measure).collect()
    }

    /// Where the columns of some full rows lie; `None` when the rows do not line up.
    fn columns(&self, rows: &[Vec<usize>], measure: fn(char) -> usize) -> Option<Vec<Span>> {
        let mut columns: Vec<Span> = Vec::new();
        for row in rows {
            for (at, (start, end)) in spans(self.tokens, row, measure).into_iter().enumerate() {
                match columns.get_mut(at) {
                    Some(column) => *column = (column.0.min(start), column.1.max(end)),
                    None => columns.push((start, end)),
                }
            }
        }
        let is_apart = columns.windows(2).all(|pair| pair[0].1 + GAP <= pair[1].0);
        (columns.len() == self.n_columns && is_apart).then_some(columns)
    }
}

/// The label that each of these figures of one line stands under, as a place among the labels from left to right; `None` when
/// one stands under none or several, or `is_order` finds the labels in another order than the columns.
pub(super) fn under_labels(
    tokens: &Tokens<'_, '_>,
    figures: &[usize],
    labels: &[usize],
    is_order: impl Fn(&[usize]) -> bool,
) -> Option<Vec<usize>> {
    let first = *figures.first()?;
    let is_line = |at: &usize| matches!(tokens.place(*at), Place::Line);
    if !labels.iter().all(is_line) || figures.iter().any(|at| !is_line(at) || !tokens.is_same_line(*at, first)) {
        return None;
    }
    let place = |measure: &fn(char) -> usize| {
        let mut above: Vec<(Span, usize)> = Vec::new();
        for label in labels {
            above.push((spans(tokens, &[*label], *measure)[0], *label));
        }
        above.sort_unstable();
        let order: Vec<usize> = above.iter().map(|(_, label)| *label).collect();
        let is_apart = above.windows(2).all(|pair| pair[0].0.1 < pair[1].0.0);
        let column = |span: &Span| {
            let mut over = (0..above.len()).filter(|at| overlap(above[*at].0, *span));
            over.next().filter(|_| over.next().is_none())
        };
        let placed: Vec<usize> = spans(tokens, figures, *measure).iter().map(column).collect::<Option<_>>()?;
        let is_sorted = placed.windows(2).all(|pair| pair[0] < pair[1]);
        (is_apart && is_sorted && is_order(&order)).then_some(placed)
    };
    agreed(MEASURES.iter().filter_map(place))
}

fn overlap(one: Span, two: Span) -> bool {
    one.0 < two.1 && two.0 < one.1
}

/// The column whose middle is nearest to that of a label; none for what stands before the first column.
fn nearest(columns: &[Span], span: Span) -> Option<usize> {
    let middle = |span: Span| span.0 + span.1;
    let (first, second) = (columns.first()?, columns.get(1)?);
    let half = (middle(*second) - middle(*first)) / 2;
    let is_before = middle(span) + half < middle(*first) || span.1 + 1 < first.0;
    (0..columns.len()).filter(|_| !is_before).min_by_key(|column| middle(columns[*column]).abs_diff(middle(span)))
}

/// The first of these when all are equal.
fn agreed<T: PartialEq>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Where tokens of one line stand in it.
fn spans(tokens: &Tokens<'_, '_>, line: &[usize], measure: fn(char) -> usize) -> Vec<Span> {
    let Some(first) = line.first() else { return Vec::new() };
    let (indent, before) = tokens.before(*first);
    let mut x = indent + before.chars().map(measure).sum::<usize>();
    let mut spans = Vec::with_capacity(line.len());
    for (number, at) in line.iter().enumerate() {
        let start = x;
        x += tokens.printed(*at).chars().map(measure).sum::<usize>();
        spans.push((start, x));
        if let Some(next) = line.get(number + 1) {
            x += tokens.between(*at, *next).chars().map(measure).sum::<usize>();
        }
    }
    spans
}
