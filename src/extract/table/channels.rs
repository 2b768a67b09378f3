//! Table 3: one row of numbers under channels that repeat the same results.

use super::super::weave::Element;
use super::columns::{Columns, explain_above, grid_columns, header_order};
use super::{Collector, Context, Reading};
use crate::model::report::CellState;
use crate::model::verdict::Cause;

pub(super) fn read(context: &Context<'_, '_, '_>) -> Reading {
    let table = context.table;
    let row = table.value_rows[0];
    let segments = context.segments();
    let mut into = Collector::default();
    // The header is everything before the first value; blanks in it are padding.
    let first = segments.iter().position(|segment| !segment.is_blank);
    let n_header = first.map_or(segments.len(), |first| first + 1);
    let header: Vec<usize> = segments[..n_header].iter().flat_map(|segment| segment.words.iter().copied()).collect();
    let columns = read_header(context, &header);
    let placed = if columns.len() == table.columns.len() {
        // A row of blanks only is the last run of its region.
        let run = match first {
            Some(first) => Some(&segments[first].run),
            None => segments.iter().map(|segment| &segment.run).rfind(|run| run.len() >= table.columns.len()),
        };
        match run.map(|run| columns.place(context.tokens, run)) {
            Some(Ok(placed)) => Some(placed),
            Some(Err(fault)) => {
                let (cause, what) = fault.explain();
                let message = format!("the row of table {} has {what}: compare it with the source", table.code);
                into.problems.push(context.problem(
                    cause,
                    &message,
                    first.and_then(|first| segments[first].run.first().copied()),
                ));
                None
            }
            None => {
                let message = format!("table {} has no row of numbers: compare it with the source", table.code);
                into.problems.push(context.problem(Cause::Incomplete, &message, header.first().copied()));
                None
            }
        }
    } else {
        let message =
            format!("the column labels of table {} were not found: compare its header with the form", table.code);
        into.problems.push(context.problem(Cause::Incomplete, &message, header.first().copied()));
        None
    };
    match placed {
        Some(placed) => {
            for (column, token) in placed {
                context.cell(context.key(context.form, row, column), token, None, &mut into);
            }
        }
        None => {
            for column in 0..table.columns.len() {
                context.no_cell(context.key(context.form, row, column), CellState::Unreadable, &mut into);
            }
        }
    }
    if let Some(first) = first {
        context.leftover_values(&segments, first + 1, &mut into);
    }
    into.finish(context.form, context.tokens.layout)
}

fn read_header(context: &Context<'_, '_, '_>, header: &[usize]) -> Columns {
    let table = context.table;
    // In a grid the channel stands over its results.
    let grid = grid_columns(context.tokens, header, |texts| {
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
    .filter(|(_, columns)| (0..table.columns.len()).all(|column| columns.contains(&Some(column))));
    Columns::new(flat_order(context, header), grid)
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
    let begun = header_order(context.tokens, header, &elements)?;
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
    let n_repeated = printed_results.len().checked_sub(table.columns.len())?;
    let sets = || printed_results.chunks(results.len());
    if printed_channels.len() != channels.len()
        || !(n_repeated == 0 || (n_repeated == results.len() && sets().all(|set| sets().next() == Some(set))))
    {
        return None;
    }
    let mut order = Vec::with_capacity(table.columns.len());
    for (set, channel) in sets().zip(printed_channels) {
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
