//! Table 2: rows times applicants.

use super::super::token::Kind;
use super::super::weave::{self, Element, RowLabels};
use super::columns::{Columns, Placing, columns_above, explain_above, header_order};
use super::laid::Laid;
use super::solve::{self, OpenRow};
use super::{Collector, Context, Reading, Segment, runs};
use crate::model::report::CellState;
use crate::model::verdict::Cause;

pub(super) fn read(context: &Context<'_, '_, '_>) -> Reading {
    let mut segments = context.segments();
    let labels = row_labels(context);
    let mut into = Collector::default();
    let header = take_header(context, &mut segments, &labels);
    let laid = Laid::new(context.tokens, context.table.columns.len());
    let mut columns = read_header(context, &header, laid.as_ref());
    if columns.len() != context.table.columns.len() {
        let message = format!(
            "the column labels of table {} were not found: compare its header with the form",
            context.table.code
        );
        into.problems.push(context.problem(Cause::Incomplete, &message, header.first().copied()));
    }
    let (events, runs) = events(context, &segments);
    let woven: Vec<weave::Event<'_>> = events.iter().map(|event| event.woven).collect();
    let mut explained = weave::rows(&woven, &labels, &repeated_labels(context));
    if let Some(other) = in_another_order(context, &woven, &runs, &labels, &explained) {
        explained = other;
    }
    let last = explained.rows.iter().rposition(Option::is_some);
    for run in &runs {
        columns.learn(context.tokens, run);
    }
    let local = local_rows(context, &events, &runs, &explained, &columns, &mut into);
    report_words(context, &events, &explained, last, &local, &mut into);
    let mut met = vec![false; labels.len()];
    let mut open: Vec<OpenRow> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let Some(row) = explained.rows.get(at).copied().flatten() else {
            let is_blank = run.iter().all(|at| context.tokens.tokens[*at].kind == Kind::Blank);
            let is_local = local.iter().any(|event| events[*event].token == run[0]);
            if !is_blank && !is_local && last.is_some_and(|last| at < last) {
                into.problems.push(context.problem(
                    Cause::Leftover,
                    &format!(
                        "a row of numbers in table {} has no label of the form: compare it with the source",
                        context.table.code
                    ),
                    run.first().copied(),
                ));
            }
            continue;
        };
        met[row] = true;
        read_row(context, (&columns, laid.as_ref()), context.table.value_rows[row], run, &mut open, &mut into);
    }
    report_missing(context, &met, &mut into);
    if !open.is_empty() && !solve::place(context, &open, &mut into) {
        for row in open {
            context.unplaced_row(context.form, row.row, row.fault(), Some(row.token), &mut into);
        }
    }
    let after = last.map_or(0, |last| last + 1);
    let is_local = |run: &&Vec<usize>| local.iter().any(|event| events[*event].token == run[0]);
    context.leftover_values(runs.iter().skip(after).filter(|run| !is_local(run)).flatten().copied(), &mut into);
    report_shifted(context, &mut into);
    into.finish(context.form, context.tokens.layout)
}

/// Holds a row back that lost a cell and moved: its total is blank where every other row prints one, and the column
/// before it holds a figure where it is blank in every other row.
fn report_shifted(context: &Context<'_, '_, '_>, into: &mut Collector) {
    let Some(last) = context.table.columns.len().checked_sub(1).filter(|last| *last > 0) else { return };
    let column = |of: usize| -> Vec<(u16, bool)> {
        let cells = into.cells.iter().filter(|cell| usize::from(cell.key.column) == of);
        cells.map(|cell| (cell.key.row, cell.state == CellState::Blank)).collect()
    };
    let (totals, before) = (column(last), column(last - 1));
    let alone = |cells: &[(u16, bool)], is_blank: bool| {
        let mut odd = cells.iter().filter(|(_, blank)| *blank == is_blank);
        let row = odd.next().map(|(row, _)| *row);
        row.filter(|_| odd.next().is_none() && cells.len() > 2)
    };
    let Some(row) = alone(&totals, true).filter(|row| alone(&before, false) == Some(*row)) else { return };
    let message = format!(
        "row {} of table {} seems to have lost a cell: its total is blank where all others are printed",
        context.table.rows[usize::from(row)].code,
        context.table.code
    );
    into.problems.push(context.problem(Cause::Ambiguous, &message, None));
}

/// A word or a row of numbers on the page.
struct Event<'a> {
    /// As the weaver takes it.
    woven: weave::Event<'a>,
    /// Its token; of a row of numbers, the first one.
    token: usize,
}

/// The words and the rows of numbers in reading order, and the tokens of each row of numbers.
fn events<'o>(context: &Context<'_, 'o, '_>, segments: &[Segment]) -> (Vec<Event<'o>>, Vec<Vec<usize>>) {
    let mut events: Vec<Event<'o>> = Vec::new();
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for segment in segments {
        for token in &segment.words {
            events.push(Event { woven: weave::Event::Word(context.tokens.folded(*token)), token: *token });
        }
        if segment.run.is_empty() {
            continue;
        }
        for run in runs::split(context.tokens, &segment.run, context.table.columns.len()) {
            let is_blank = run.iter().all(|at| context.tokens.tokens[*at].kind == Kind::Blank);
            let last = events.last().filter(|event| matches!(event.woven, weave::Event::Word(_)));
            let is_beside = last.is_some_and(|word| {
                let tokens = &context.tokens;
                tokens.is_same_line(word.token, run[0]) || tokens.is_same_row(word.token, run[0])
            });
            events.push(Event { woven: weave::Event::Run { is_blank, is_beside }, token: run[0] });
            runs.push(run);
        }
    }
    (events, runs)
}

/// The rows of a table whose rows stand in another order than that of the form, where it cannot be read in order.
fn in_another_order(
    context: &Context<'_, '_, '_>,
    events: &[weave::Event<'_>],
    runs: &[Vec<usize>],
    labels: &[RowLabels<'_>],
    explained: &weave::Explanation,
) -> Option<weave::Explanation> {
    let n_values = |run: &Vec<usize>| run.iter().filter(|at| context.tokens.tokens[**at].kind == Kind::Value).count();
    let is_left = |(run, row): (&Vec<usize>, &Option<usize>)| row.is_none() && n_values(run) > 0;
    let is_cut = !explained.cut_labels.is_empty() || explained.is_ambiguous;
    let is_read = !is_cut
        && explained.rows.iter().flatten().count() == labels.len()
        && !runs.iter().zip(&explained.rows).any(is_left);
    let is_whole = |run: &Vec<usize>| [0, context.table.columns.len()].contains(&n_values(run));
    if is_read || !runs.iter().all(is_whole) {
        return None;
    }
    weave::rows_in_any_order(events, labels)
}

/// Keeps rows between those of the form that it does not have; gives the events that make them up.
fn local_rows(
    context: &Context<'_, '_, '_>,
    events: &[Event<'_>],
    runs: &[Vec<usize>],
    explained: &weave::Explanation,
    columns: &Columns,
    into: &mut Collector,
) -> Vec<usize> {
    let mut local = Vec::new();
    if columns.len() != context.table.columns.len() {
        return local;
    }
    let mut n_runs = 0;
    for (at, event) in events.iter().enumerate() {
        if !matches!(event.woven, weave::Event::Run { .. }) {
            continue;
        }
        n_runs += 1;
        if explained.rows.get(n_runs - 1).copied().flatten().is_some() {
            continue;
        }
        let first = (0..at).rev().take_while(|word| explained.unexplained.contains(word)).last().unwrap_or(at);
        let words: Vec<usize> = events[first..at].iter().map(|event| event.token).collect();
        if context.local_row(context.form, columns, &words, &runs[n_runs - 1], into) {
            local.extend(first..=at);
        }
    }
    local
}

/// Labels of the header, which a page break may repeat.
fn repeated_labels<'c>(context: &Context<'c, '_, '_>) -> Vec<&'c [String]> {
    let columns = context.table.columns.iter().map(|column| &column.labels.keys[..]);
    columns
        .chain(context.table.groups.iter().map(|group| &group.labels.keys[..]))
        .chain([&context.table.corner[..], &context.config.reading.remarks[..]])
        .collect()
}

/// The labels of the rows that carry numbers, with those of their headings.
fn row_labels<'c>(context: &Context<'c, '_, '_>) -> Vec<RowLabels<'c>> {
    let table = context.table;
    table
        .value_rows
        .iter()
        .map(|row| RowLabels {
            keys: &table.rows[*row].labels.keys,
            headings: table.ancestors(*row).map(|heading| &table.rows[heading].labels.keys[..]).collect(),
        })
        .collect()
}

/// Takes the words of the header off the segments: all words before the label of the first row.
fn take_header(context: &Context<'_, '_, '_>, segments: &mut Vec<Segment>, labels: &[RowLabels<'_>]) -> Vec<usize> {
    let mut header = Vec::new();
    for at in 0..segments.len() {
        let segment = &segments[at];
        if let Some(first) = first_row_word(context, &segment.words, labels) {
            header.extend(segments[at].words.drain(..first));
            segments.drain(..at);
            return header;
        }
        // Header rows have blank cells between their labels; a number means that rows have begun.
        if !segment.is_blank {
            break;
        }
        header.extend(&segment.words);
    }
    // No first row: everything up to the first number is header, and the rows tell what is missing.
    let Some(at) = segments.iter().position(|segment| !segment.is_blank) else { return header };
    header = segments[..at].iter().flat_map(|segment| segment.words.iter().copied()).collect();
    let words = std::mem::take(&mut segments[at].words);
    let begin = |word: &str| {
        labels.iter().any(|row| row.keys.iter().any(|key| word.chars().count() >= 3 && key.starts_with(word)))
    };
    let first = (0..words.len()).rev().find(|word| begin(context.tokens.folded(words[*word]))).unwrap_or(0);
    header.extend(&words[..first]);
    segments[at].words = words[first..].to_vec();
    segments.drain(..at);
    header
}

/// Where the label of a row begins among words that end with it: the longest end that is one.
fn first_row_word(context: &Context<'_, '_, '_>, words: &[usize], labels: &[RowLabels<'_>]) -> Option<usize> {
    const MOST_WORDS: usize = 24;
    let mut found = None;
    let mut text = String::new();
    for first in (words.len().saturating_sub(MOST_WORDS)..words.len()).rev() {
        text.insert_str(0, context.tokens.folded(words[first]));
        // 总计 and 其他 head columns too.
        let is_header = context.table.columns.iter().any(|column| column.labels.keys.contains(&text));
        if !is_header && labels.iter().any(|row| weave::is_row(&text, row)) {
            found = Some(first);
        } else if found.is_some() {
            break;
        }
    }
    found
}

/// A label that spans rows of the header may be printed once for each of them.
const MAX_REPEATS: u8 = 3;

fn read_header(context: &Context<'_, '_, '_>, header: &[usize], laid: Option<&Laid<'_, '_, '_>>) -> Columns {
    let table = context.table;
    let groups: Vec<&[String]> =
        table.groups.iter().map(|group| &group.labels.keys[..]).chain([&table.corner[..]]).collect();
    let labels: Vec<(usize, &[String])> =
        table.columns.iter().enumerate().map(|(at, column)| (at, &column.labels.keys[..])).collect();
    let grid = columns_above(context.tokens, header, |texts| explain_above(texts, &groups, &labels))
        .filter(|above| above.has_all(0..table.columns.len()));
    // A column for remarks, which hold no figures: a word in it would be explained by nothing.
    let remarks = Element { keys: &context.config.reading.remarks, times: MAX_REPEATS };
    let elements = labels.iter().map(|(_, keys)| *keys).chain(groups.iter().copied());
    let elements: Vec<Element<'_>> =
        elements.map(|keys| Element { keys, times: MAX_REPEATS }).chain([remarks]).collect();
    // Labels that stand right above the figures say the order by themselves.
    let above = laid.and_then(|laid| {
        laid.header(header, |texts| {
            let order: Vec<usize> =
                texts.iter().map(|texts| explain_above(texts, &groups, &labels)).collect::<Option<_>>()?;
            (0..labels.len()).all(|column| order.contains(&column)).then_some(order)
        })
    });
    let hints = Hints { above, ..Hints::new(context, header) };
    let order =
        header_order(context.tokens, header, &elements, |begun, is_plain| flat_order(context, begun, is_plain, &hints));
    Columns::new(order, grid).under(context.tokens, header)
}

/// What the lines of a flattened header say beyond the order of its labels.
struct Hints {
    /// 总计 is printed in the row of 申请人情况, so that it spans the rows below and stands last.
    is_total_beside_heading: bool,
    /// The lines are those of the page, several labels to a line, and 法人或其他组织 stands on a line above
    /// that of 自然人, which spans the rows below it.
    is_first_centred: bool,
    /// Several labels share a line, and on each line those that begin there stand in the order of the form.
    has_ordered_lines: bool,
    /// Where the label of each column begins in its line, in lines that stand as on the page.
    x: Option<Vec<Option<usize>>>,
    /// The columns as their labels stand above the figures, in lines that stand as on the page.
    above: Option<Vec<usize>>,
}

impl Hints {
    fn new(context: &Context<'_, '_, '_>, header: &[usize]) -> Self {
        let table = context.table;
        let begins = |at: &usize, keys: &[String]| {
            let word = context.tokens.folded(*at);
            keys.iter().any(|key| key.starts_with(word) || word.starts_with(key.as_str()))
        };
        let first = header.iter().find(|at| begins(at, &table.columns[0].labels.keys));
        let kinds = table.groups.get(1).and_then(|group| header.iter().find(|at| begins(at, &group.labels.keys)));
        let has_shared_lines = header.windows(2).any(|pair| context.tokens.is_same_line(pair[0], pair[1]));
        let is_apart = first.zip(kinds).is_some_and(|(first, kinds)| !context.tokens.is_same_line(*first, *kinds));
        let x = context.tokens.is_laid_out_text(header).then(|| {
            let of = |keys: &[String]| header.iter().rfind(|at| begins(at, keys)).map(|at| context.tokens.x(*at));
            table.columns.iter().map(|column| of(&column.labels.keys)).collect()
        });
        Self {
            is_total_beside_heading: is_total_beside_heading(context, header),
            is_first_centred: has_shared_lines && is_apart,
            has_ordered_lines: has_shared_lines && has_ordered_lines(context, header),
            x,
            above: None,
        }
    }

    /// Whether labels broken over lines stand in this order. One that is broken begins above those beside it,
    /// so the order in which they begin is that of the columns only when it is that of the form, and when
    /// the places in their lines say so too.
    fn bear_out(&self, inner: &[usize]) -> bool {
        let x = |column: &usize| self.x.as_ref().map_or(Some(*column), |x| x[*column]);
        inner.iter().all(|column| x(column).is_some()) && inner.is_sorted_by_key(x)
    }

    /// Whether the first or the last column does not stand where its order says.
    fn contradict(&self, order: &[usize]) -> bool {
        let (Some(x), [first, inner @ .., last]) = (&self.x, order) else { return false };
        let (Some(first), Some(last)) = (x[*first], x[*last]) else { return false };
        let inner = inner.iter().filter_map(|column| x[*column]);
        inner.clone().min().is_some_and(|inner| inner < first) || inner.max().is_some_and(|inner| inner > last)
    }
}

/// Whether on each line of a header the labels that can only be one column's stand in the order of the form.
fn has_ordered_lines(context: &Context<'_, '_, '_>, header: &[usize]) -> bool {
    let columns = &context.table.columns;
    let column_of = |at: &usize| {
        let word = context.tokens.folded(*at);
        let begins = |column: &usize| columns[*column].labels.keys.iter().any(|key| key.starts_with(word));
        let mut found = (0..columns.len()).filter(begins);
        found.next().filter(|_| found.next().is_none())
    };
    header
        .chunk_by(|one, two| context.tokens.is_same_line(*one, *two))
        .all(|line| line.iter().filter_map(column_of).is_sorted())
}

/// Whether the total is printed in the row of 申请人情况, so that it spans the rows below and stands last.
fn is_total_beside_heading(context: &Context<'_, '_, '_>, header: &[usize]) -> bool {
    let table = context.table;
    let is = |at: &usize, keys: &[String]| keys.iter().any(|key| key == context.tokens.folded(*at));
    let heading = table.groups.first().map(|group| &group.labels.keys[..]).unwrap_or_default();
    let total = table.columns.last().map(|column| &column.labels.keys[..]).unwrap_or_default();
    header
        .windows(2)
        .any(|pair| is(&pair[0], heading) && is(&pair[1], total) && context.tokens.is_same_row(pair[0], pair[1]))
}

/// The printed order of the columns, from the order in which a flattened header begins its labels.
///
/// A header of three levels, read row by row, has 总计 before the kinds of organisation although its
/// column stands last; so the kinds keep their order, the first column must begin before them and the
/// total must not begin before the first column, except beside the heading of all.
fn flat_order(context: &Context<'_, '_, '_>, begun: &[usize], is_plain: bool, hints: &Hints) -> Option<Vec<usize>> {
    let told = order_of_labels(context, begun, is_plain, hints);
    let Some(above) = &hints.above else { return told };
    let has_all = (0..context.table.columns.len()).all(|column| begun.contains(&column));
    let is_contradicted = told.is_some_and(|told| told != *above);
    (has_all && !is_contradicted).then(|| above.clone())
}

/// The same as far as the order of the labels alone tells.
fn order_of_labels(
    context: &Context<'_, '_, '_>,
    begun: &[usize],
    is_plain: bool,
    hints: &Hints,
) -> Option<Vec<usize>> {
    let table = context.table;
    let n = table.columns.len();
    // The last print of a label stands in the lowest row of the header.
    let is_last = |(at, label): &(usize, &usize)| !begun[at + 1..].contains(label);
    let columns: Vec<usize> =
        begun.iter().enumerate().filter(is_last).map(|(_, label)| *label).filter(|label| *label < n).collect();
    if columns.len() != n {
        return None;
    }
    let first = 0;
    let last = n - 1;
    let at = |column: usize| begun.iter().rposition(|other| *other == column);
    let mut inner: Vec<usize> = columns.iter().copied().filter(|column| *column != first && *column != last).collect();
    let is_sorted = inner.is_sorted();
    if !is_plain {
        inner.sort_unstable();
    }
    let order: Vec<usize> = [first].into_iter().chain(inner.iter().copied()).chain([last]).collect();
    let first_at = at(first)?;
    let last_at = at(last)?;
    // 申请人情况 spans all columns, 法人或其他组织 the kinds of organisation.
    let heading = begun.iter().position(|other| *other == n);
    let kinds = begun.iter().position(|other| *other == n + 1);
    let is_kinds_first = kinds.is_some_and(|kinds| begun[..kinds].iter().all(|label| *label != first));
    if is_kinds_first && (!hints.is_first_centred || hints.contradict(&order)) {
        return None;
    }
    let is_beside_heading =
        last_at < first_at && heading.is_some_and(|heading| last_at == heading + 1) && hints.is_total_beside_heading;
    let is_after_kinds = kinds.is_some_and(|kinds| last_at > kinds);
    let is_last = inner.iter().all(|column| at(*column).is_some_and(|inner| inner < last_at));
    let is_first = inner.iter().all(|column| at(*column).is_some_and(|inner| inner > first_at));
    let has_order = is_plain || (is_sorted && hints.bear_out(&inner));
    let is_told_by_order = has_order && is_first && (is_beside_heading || is_after_kinds || is_last);
    // A label of fewer lines begins lower than its neighbours: then the lines tell, not the order of beginnings.
    let has_lines = if hints.x.is_some() { hints.bear_out(&inner) } else { hints.has_ordered_lines };
    let is_told_by_lines = !is_plain && has_lines && !hints.contradict(&order);
    if !is_told_by_order && !is_told_by_lines {
        return None;
    }
    Some(order)
}

fn read_row(
    context: &Context<'_, '_, '_>,
    (columns, laid): (&Columns, Option<&Laid<'_, '_, '_>>),
    row: usize,
    run: &[usize],
    open: &mut Vec<OpenRow>,
    into: &mut Collector,
) {
    let n = context.table.columns.len();
    if columns.len() != n {
        // Said once for the whole table.
        context.unread_row(context.form, row, into);
        return;
    }
    match columns.place(context.tokens, run) {
        Ok(Placing::Sure(placed)) => {
            for (column, token) in placed {
                context.placed_cell(context.key(context.form, row, column), token, into);
            }
        }
        Ok(Placing::Open { ways, printed }) => {
            let has_blanks = run.len() >= n;
            let printed = printed.filter(|_| columns.keeps_places(context.tokens, run));
            open.push(match laid.and_then(|laid| columns.place_as_laid(context.tokens, run, laid)) {
                Some(way) => OpenRow { row, token: run[0], ways: vec![way], printed, has_blanks, is_laid_out: true },
                None => OpenRow { row, token: run[0], ways, printed, has_blanks, is_laid_out: false },
            });
        }
        Err(fault) => context.unplaced_row(context.form, row, fault, run.first().copied(), into),
    }
}

fn report_missing(context: &Context<'_, '_, '_>, met: &[bool], into: &mut Collector) {
    let missing: Vec<usize> =
        (0..met.len()).filter(|row| !met[*row]).map(|row| context.table.value_rows[row]).collect();
    for row in &missing {
        for column in 0..context.table.columns.len() {
            context.no_cell(context.key(context.form, *row, column), CellState::Absent, into);
        }
    }
    if !missing.is_empty() {
        let codes: Vec<&str> = missing.iter().map(|row| context.table.rows[*row].code.as_str()).collect();
        let shown = codes.iter().take(6).copied().collect::<Vec<_>>().join(", ");
        let more = if codes.len() > 6 { format!(" and {} more", codes.len() - 6) } else { String::new() };
        let message = format!(
            "{} of {} rows of table {} were not found ({shown}{more}): compare with the source, or add the printed label to the form",
            codes.len(),
            met.len(),
            context.table.code
        );
        into.problems.push(context.problem(Cause::Incomplete, &message, context.tokens.tokens.first().map(|_| 0)));
    }
}

fn report_words(
    context: &Context<'_, '_, '_>,
    events: &[Event<'_>],
    explained: &weave::Explanation,
    last: Option<usize>,
    local: &[usize],
    into: &mut Collector,
) {
    let is_run = |event: &Event<'_>| matches!(event.woven, weave::Event::Run { .. });
    let ends = events.iter().enumerate().filter(|(_, event)| is_run(event)).map(|(at, _)| at);
    let end = last.and_then(|last| ends.clone().nth(last)).unwrap_or(0);
    for word in &explained.unexplained {
        // What follows the last row lies outside the table.
        if *word <= end && !local.contains(word) {
            context.leftover(events[*word].token, into);
        }
    }
    for row in &explained.cut_labels {
        let code = &context.table.rows[context.table.value_rows[*row]].code;
        let message = format!(
            "the label of row {code} in table {} is cut short or missing: compare it with the source",
            context.table.code
        );
        into.problems.push(context.problem(Cause::Ambiguous, &message, None));
    }
    // A header that a page break repeats must name the columns in the same order.
    if !explained.repeated.is_empty() && !is_header_order(context, &explained.repeated) {
        let message = format!(
            "the header repeated inside table {} names its columns in another order: compare it with the source",
            context.table.code
        );
        into.problems.push(context.problem(Cause::Ambiguous, &message, None));
    }
    if explained.is_ambiguous {
        let message = format!(
            "the rows of table {} can be read in more than one way: compare them with the source",
            context.table.code
        );
        into.problems.push(context.problem(Cause::Ambiguous, &message, None));
    }
}

/// Whether the kinds of applicant in a repeated header begin in the order of the form.
fn is_header_order(context: &Context<'_, '_, '_>, begun: &[usize]) -> bool {
    let last = context.table.columns.len() - 1;
    let mut kinds: Vec<usize> = begun.iter().copied().filter(|label| *label < last).collect();
    // A label that spans rows of the header may be printed once for each of them.
    kinds.dedup();
    kinds.chunk_by(|one, two| one < two).all(|kinds| kinds.len() == last)
}
