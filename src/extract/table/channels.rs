//! Table 3: one row of numbers under channels that repeat the same results.

use super::super::token::Kind;
use super::super::weave::Element;
use super::columns::{Columns, Placed, Placing, columns_above, explain_above, header_order};
use super::laid::under_labels;
use super::solve::{self, OpenRow};
use super::{Collector, Context, Reading, Segment, runs};
use crate::model::report::Layout;
use crate::model::verdict::Cause;

pub(super) fn read(context: &Context<'_, '_, '_>) -> Reading {
    let table = context.table;
    let row = table.value_rows[0];
    let segments = context.segments();
    let mut into = Collector::default();
    // The header is everything before the first value; blanks in it are padding.
    let mut first = segments.iter().position(|segment| !segment.is_blank);
    let words_to = |end: usize| segments[..end].iter().flat_map(|segment| segment.words.iter().copied()).collect();
    let mut header: Vec<usize> = words_to(first.map_or(segments.len(), |first| first + 1));
    let mut columns = read_header(context, &header);
    let beside = values_beside_labels(context, &segments).filter(|_| columns.len() != table.columns.len());
    if let Some(last) = beside.as_ref().and_then(|_| segments.iter().rposition(|segment| !segment.is_blank)) {
        first = Some(last);
        header = words_to(last + 1);
        columns = read_header(context, &header);
    }
    let split = if columns.len() == table.columns.len() { None } else { split_channels(context, &segments) };
    if let Some(placed) = split {
        for (column, token) in placed {
            context.cell(context.key(context.form, row, column), token, None, &mut into);
        }
        return into.finish(context.form, context.tokens.layout);
    }
    let fault = if columns.len() == table.columns.len() {
        // A row of blanks only is the last run of its region.
        let run = match first {
            Some(first) => Some(beside.as_ref().unwrap_or(&segments[first].run)),
            None => segments.iter().map(|segment| &segment.run).rfind(|run| run.len() >= table.columns.len()),
        };
        // A row of fifteen numbers may run on to the next line.
        let is_whole = |run: &[usize]| {
            let values = run.iter().filter(|at| context.tokens.tokens[**at].kind == Kind::Value);
            values.count() == table.columns.len()
        };
        let own = run.map(|run| if is_whole(run) { (&run[..], &[][..]) } else { runs::own(context.tokens, &[], run) });
        for token in own.iter().flat_map(|(_, rest)| *rest).filter(|at| !runs::is_page_number(context.tokens, **at)) {
            if context.tokens.tokens[*token].kind == Kind::Value {
                context.leftover(*token, &mut into);
            }
        }
        match own.map(|(run, _)| (run.first().copied(), columns.place(context.tokens, run))) {
            Some((_, Ok(Placing::Sure(placed)))) => {
                for (column, token) in placed {
                    context.placed_cell(context.key(context.form, row, column), token, &mut into);
                }
                None
            }
            Some((token, Ok(Placing::Open { ways, printed }))) => {
                let run = own.map(|(run, _)| run).unwrap_or_default();
                let printed = printed.filter(|_| columns.keeps_places(context.tokens, run));
                let token_of = token.unwrap_or_default();
                let open = [OpenRow { row, token: token_of, ways, printed, has_blanks: false, is_laid_out: false }];
                (!solve::place(context, &open, &mut into)).then_some((open[0].fault(), token))
            }
            Some((token, Err(fault))) => {
                let run = own.map(|(run, _)| run).unwrap_or_default();
                let printed = place_as_laid(context, &header, run, &columns.order);
                let is_laid_out = printed.is_some();
                let open = [OpenRow { row, token: run[0], ways: Vec::new(), printed, has_blanks: false, is_laid_out }];
                (!is_laid_out || !solve::place(context, &open, &mut into)).then_some((fault, token))
            }
            None => {
                let message = format!("table {} has no row of numbers: compare it with the source", table.code);
                into.problems.push(context.problem(Cause::Incomplete, &message, header.first().copied()));
                context.unread_row(context.form, row, &mut into);
                None
            }
        }
    } else {
        let message =
            format!("the column labels of table {} were not found: compare its header with the form", table.code);
        into.problems.push(context.problem(Cause::Incomplete, &message, header.first().copied()));
        context.unread_row(context.form, row, &mut into);
        None
    };
    if let Some((fault, token)) = fault {
        context.unplaced_row(context.form, row, fault, token, &mut into);
    }
    if let Some(first) = first {
        let rest = segments.iter().skip(first + 1).flat_map(|segment| segment.run.iter().copied());
        context.leftover_values(rest, &mut into);
    }
    into.finish(context.form, context.tokens.layout)
}

/// The figures of a short row under the labels of their columns, in lines that stand as on the page.
fn place_as_laid(context: &Context<'_, '_, '_>, header: &[usize], run: &[usize], order: &[usize]) -> Option<Placed> {
    let tokens = context.tokens;
    let is_of =
        |column: usize, at: usize| context.table.columns[column].labels.keys.iter().any(|key| key == tokens.folded(at));
    let labels: Vec<usize> =
        header.iter().copied().filter(|at| order.iter().any(|column| is_of(*column, *at))).collect();
    let is_value = |at: &usize| tokens.tokens[*at].kind == Kind::Value;
    if labels.len() != order.len() || !run.iter().all(is_value) {
        return None;
    }
    let is_order = |labels: &[usize]| labels.iter().zip(order).all(|(label, column)| is_of(*column, *label));
    let places = under_labels(tokens, run, &labels, is_order)?;
    let token = |printed: usize| places.iter().position(|place| *place == printed).map(|at| run[at]);
    Some(order.iter().enumerate().map(|(printed, column)| (*column, token(printed))).collect())
}

/// The columns and tokens of a table that is split into one for each channel, each under a header of its own.
fn split_channels(context: &Context<'_, '_, '_>, segments: &[Segment]) -> Option<Vec<(usize, usize)>> {
    let table = context.table;
    let elements: Vec<Element<'_>> =
        table.groups.iter().map(|group| Element { keys: &group.labels.keys, times: 1 }).collect();
    let mut placed: Vec<(usize, usize)> = Vec::new();
    let mut words: Vec<usize> = Vec::new();
    for segment in segments {
        words.extend(&segment.words);
        if segment.is_blank {
            continue;
        }
        let of_channel = |channel: usize| -> Vec<usize> {
            (0..table.columns.len()).filter(|column| table.columns[*column].group == Some(channel)).collect()
        };
        let order = (0..table.groups.len()).filter(|group| table.groups[*group].is_channel).find_map(|channel| {
            let columns = of_channel(channel);
            let labels = columns.iter().map(|column| Element { keys: &table.columns[*column].labels.keys, times: 1 });
            let own = elements.iter().map(|element| Element { keys: element.keys, times: 1 }).chain(labels);
            let own: Vec<Element<'_>> = own.collect();
            header_order(context.tokens, &words, &own, |begun, _| {
                let channels: Vec<usize> = begun
                    .iter()
                    .copied()
                    .filter(|at| table.groups.get(*at).is_some_and(|group| group.is_channel))
                    .collect();
                let results: Vec<usize> = begun.iter().filter_map(|at| at.checked_sub(elements.len())).collect();
                (channels == [channel] && results.iter().copied().eq(0..columns.len())).then(|| columns.clone())
            })
        })?;
        words.clear();
        let (run, rest) = runs::own(context.tokens, &[], &segment.run);
        let is_extra = |at: &usize| !runs::is_page_number(context.tokens, *at);
        let is_whole = run.len() == order.len() && !rest.iter().any(is_extra);
        if !is_whole || order.iter().any(|column| placed.iter().any(|(known, _)| known == column)) {
            return None;
        }
        placed.extend(order.into_iter().zip(run.iter().copied()));
    }
    (placed.len() == table.columns.len() && words.is_empty()).then_some(placed)
}

/// The values of a region in which each stands below its own label, so that text printed column by column
/// has them among the words: there are exactly as many as columns.
fn values_beside_labels(context: &Context<'_, '_, '_>, segments: &[Segment]) -> Option<Vec<usize>> {
    let values: Vec<usize> = segments
        .iter()
        .flat_map(|segment| &segment.run)
        .copied()
        .filter(|at| context.tokens.tokens[*at].kind == Kind::Value)
        .collect();
    let is_stream = context.tokens.layout == Layout::Stream;
    (is_stream && values.len() == context.table.columns.len()).then_some(values)
}

fn read_header(context: &Context<'_, '_, '_>, header: &[usize]) -> Columns {
    let table = context.table;
    // In a grid the channel stands over its results.
    let grid = columns_above(context.tokens, header, |texts| {
        let mut found = None;
        for (group, of) in table.groups.iter().enumerate().filter(|(_, group)| group.is_channel) {
            let is_over = texts.iter().any(|text| of.labels.keys.iter().any(|key| key == text));
            if !is_over {
                continue;
            }
            let groups: Vec<&[String]> = table.groups.iter().map(|group| &group.labels.keys[..]).collect();
            let columns: Vec<(usize, &[String])> = (0..table.columns.len())
                .filter(|column| table.columns[*column].group == Some(group))
                .map(|column| (column, &table.columns[column].labels.keys[..]))
                .collect();
            match (found, explain_above(texts, &groups, &columns)) {
                (None, column) => found = column,
                (Some(_), Some(_)) => return None,
                (Some(_), None) => {}
            }
        }
        found
    })
    .filter(|above| above.has_all(0..table.columns.len()));
    Columns::new(flat_order(context, header), grid).under(context.tokens, header)
}

/// The printed order of the columns in a flattened header.
///
/// The results repeat once for each channel and keep the order of their columns, so the n-th set of
/// results belongs to the n-th channel.
fn flat_order(context: &Context<'_, '_, '_>, header: &[usize]) -> Option<Vec<usize>> {
    let table = context.table;
    let channels: Vec<usize> = (0..table.groups.len()).filter(|group| table.groups[*group].is_channel).collect();
    let first = *channels.first()?;
    let results: Vec<usize> =
        (0..table.columns.len()).filter(|column| table.columns[*column].group == Some(first)).collect();
    // The first channel's results span two rows of the header and may be printed once for each.
    let times = u8::try_from(channels.len()).ok()? + 1;
    let elements: Vec<Element<'_>> = table
        .groups
        .iter()
        .map(|group| Element { keys: &group.labels.keys, times: 1 })
        .chain(results.iter().map(|column| Element { keys: &table.columns[*column].labels.keys, times }))
        .collect();
    header_order(context.tokens, header, &elements, |begun, is_plain| {
        columns_of(context, begun, &channels, &results, is_plain)
    })
}

/// The columns that labels in this order head.
fn columns_of(
    context: &Context<'_, '_, '_>,
    begun: &[usize],
    channels: &[usize],
    results: &[usize],
    is_plain: bool,
) -> Option<Vec<usize>> {
    let table = context.table;
    let first = *channels.first()?;
    let printed_channels: Vec<usize> = begun.iter().copied().filter(|at| channels.contains(at)).collect();
    let printed_results: Vec<usize> = begun.iter().filter_map(|at| at.checked_sub(table.groups.len())).collect();
    // In a header of three levels the first channel stands in its first row, the others two rows lower
    // under a heading of their own: the order in which labels begin is that of the columns only when the
    // first channel comes before everything and that heading before its channels.
    let parents: Vec<usize> = (0..table.groups.len()).filter(|group| !table.groups[*group].is_channel).collect();
    let at = |group: usize| begun.iter().position(|other| *other == group);
    let in_order = |parent: &usize| {
        at(*parent).is_none_or(|parent| channels.iter().skip(1).all(|channel| at(*channel) > Some(parent)))
    };
    if begun.first() != Some(&first) || printed_channels != channels || !parents.iter().all(in_order) {
        return None;
    }
    let sets = printed_sets(&printed_results, results, table.columns.len(), is_plain)?;
    let mut order = Vec::with_capacity(table.columns.len());
    for (set, channel) in sets.iter().zip(printed_channels) {
        for result in set {
            let code = &table.columns[*results.get(*result)?].result;
            let column = (0..table.columns.len()).find(|column| {
                table.columns[*column].group == Some(channel) && &table.columns[*column].result == code
            })?;
            if order.contains(&column) {
                return None;
            }
            order.push(column);
        }
    }
    Some(order)
}

/// The results of each channel in printed order, from the order in which all their labels begin.
///
/// Results in another order than that of the form count only where each label is printed whole before the
/// next. The first channel's results may be printed twice, as they span two rows of the header. Where labels are
/// broken over lines, the lower ones of neighbouring columns begin late: a total counts as the last of its
/// channel when all its other results have begun before it.
fn printed_sets(begun: &[usize], results: &[usize], n_columns: usize, is_plain: bool) -> Option<Vec<Vec<usize>>> {
    let n = results.len();
    let n_repeated = begun.len().checked_sub(n_columns)?;
    if !(n_repeated == 0 || n_repeated == n) {
        return None;
    }
    let sets: Vec<Vec<usize>> = begun.chunks(n).map(<[usize]>::to_vec).collect();
    let is_set = |set: &Vec<usize>| match is_plain {
        true => (0..n).all(|result| set.contains(&result)),
        false => set.iter().copied().eq(0..n),
    };
    if sets.iter().all(is_set) && (n_repeated == 0 || sets.iter().all(|set| *set == sets[0])) {
        return Some(sets);
    }
    let total = n - 1;
    let parts: Vec<usize> = begun.iter().copied().filter(|result| *result != total).collect();
    let is_in_order = parts.chunks(total).all(|set| set.iter().copied().eq(0..total));
    let totals = begun.iter().enumerate().filter(|(_, result)| **result == total).map(|(at, _)| at);
    let is_last = totals.enumerate().all(|(before, at)| at - before >= total * (before + 1));
    (is_in_order && is_last).then(|| vec![(0..n).collect(); n_columns / n])
}
