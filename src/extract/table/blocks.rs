//! Table 1: blocks (第二十条第（N）项), each with its own columns, possibly of different forms.

use super::super::token::Kind;
use super::super::weave::{Element, headers};
use super::columns::{Columns, Fault, Placing, columns_above, explain_above};
use super::{Collector, Context, Reading, Segment, runs};
use crate::form::label::fold;
use crate::form::{FormTable, ValueType};
use crate::model::report::{CellState, Flag};
use crate::model::verdict::Cause;

/// Whether a word may be the unit of the figure before it: a few characters, no ordinal.
fn is_unit_like(word: &str) -> bool {
    const MOST: usize = 5;
    word.chars().count() <= MOST && !word.chars().any(|c| c.is_ascii_digit() || matches!(c, '、' | '.'))
}

/// A block as met on the page.
struct Met {
    form: usize,
    block: usize,
    columns: Columns,
    /// Unit of money in the header of each column.
    units: Vec<Option<String>>,
    rows: Vec<usize>,
    /// For each of them whose label and numbers stand on lines of text: whether they share one, and the token.
    lines: Vec<(bool, usize)>,
}

/// What a stretch of words before a number says.
#[derive(Default)]
struct Words<'a> {
    /// Code of the block named.
    block: Option<&'a str>,
    /// The head of the label column was met.
    has_head: bool,
    /// Tokens of the header's column labels, in printed order, with the text each makes.
    columns: Vec<String>,
    /// The label of the row.
    row: String,
}

pub(super) fn read(context: &Context<'_, '_, '_>) -> Reading {
    let segments = context.segments();
    let mut into = Collector::default();
    let mut met: Vec<Met> = Vec::new();
    let mut words: Vec<usize> = Vec::new();
    let mut last = None;
    // Words of a segment that belong to the label before its numbers.
    let mut n_taken = 0;
    for (at, segment) in segments.iter().enumerate() {
        words.extend(segment.words.iter().skip(std::mem::take(&mut n_taken)));
        if segment.run.is_empty() {
            continue;
        }
        drop_repeated_title(context, met.last(), &mut words);
        let said = explain(context, &words).or_else(|| {
            let after = segments.get(at + 1).map(|next| &next.words[..])?;
            let (n, said) = explain_around(context, &words, after)?;
            n_taken = n;
            Some(said)
        });
        let Some(said) = said else {
            // Blanks beside a title or a header are padding.
            if segment.is_blank {
                continue;
            }
            if let Some(open) = met.last()
                && context.local_row(open.form, &open.columns, &words, &segment.run, &mut into)
            {
                words.clear();
                continue;
            }
            if last.is_some_and(|last| !more_to_come(context, &segments, last)) {
                break;
            }
            let shown: String =
                words.iter().map(|at| context.tokens.folded(*at)).collect::<String>().chars().take(60).collect();
            let message = format!(
                "{shown:?} before numbers in table {} is no label of the form: compare it with the source",
                context.table.code
            );
            into.problems.push(context.problem(Cause::Leftover, &message, segment.run.first().copied()));
            words.clear();
            continue;
        };
        if said.row.is_empty() {
            // A figure beside a title or a header belongs to no cell.
            for token in segment.run.iter().filter(|at| context.tokens.tokens[**at].kind == Kind::Value) {
                context.leftover(*token, &mut into);
            }
            continue;
        }
        if !said.columns.is_empty() && !open_block(context, &words, &said, &mut met, &mut into, segment) {
            words.clear();
            continue;
        }
        if read_row(context, &said, segment, &mut met, &mut into) {
            last = Some(at);
        }
        words.clear();
    }
    report_missing(context, &met, &mut into);
    report_lines(context, &met, &mut into);
    report_empty_block(context, &words, &mut into);
    if let Some(last) = last {
        let rest = segments.iter().skip(last + 1).flat_map(|segment| segment.run.iter().copied());
        context.leftover_values(rest, &mut into);
        // `84565 | 元`: what stands right behind the last figure may change its meaning.
        if let Some(word) = segments.get(last + 1).and_then(|next| next.words.first())
            && is_unit_like(context.tokens.folded(*word))
        {
            context.leftover(*word, &mut into);
        }
    }
    let form = main_form(context, &met);
    if met.iter().any(|block| block.form != form) {
        into.flags.push(Flag::MixedForm);
    }
    into.finish(form, context.tokens.layout)
}

/// Whether words of the table still follow a segment.
fn more_to_come(context: &Context<'_, '_, '_>, segments: &[Segment], after: usize) -> bool {
    segments.iter().skip(after + 1).flat_map(|segment| &segment.words).any(|at| {
        let word = context.tokens.folded(*at);
        tables(context).any(|(_, table)| {
            table.blocks.iter().any(|block| block.head == word || block.labels.keys.iter().any(|key| key == word))
                || table.rows.iter().any(|row| row.labels.keys.iter().any(|key| key == word))
        })
    })
}

fn tables<'c>(context: &Context<'c, '_, '_>) -> impl Iterator<Item = (usize, &'c FormTable)> {
    context.config.forms.tables(&context.table.code).rev()
}

/// Cuts the words whole into labels: a block's title, the head of the label column, column labels,
/// and at last a row's label. `None` when something else stands among them.
fn explain<'c>(context: &Context<'c, '_, '_>, words: &[usize]) -> Option<Words<'c>> {
    /// Longer than a title, a header and a row's label together.
    const MAX_BYTES: usize = 800;
    let text: String = words.iter().map(|at| context.tokens.folded(*at)).collect();
    let mut said = Words::default();
    if text.len() > MAX_BYTES {
        return None;
    }
    if cut(context, &text, &mut said) {
        return Some(said);
    }
    weave(context, words)
}

/// Drops the title of the open block where a page break repeats it before the title of the next one.
fn drop_repeated_title(context: &Context<'_, '_, '_>, open: Option<&Met>, words: &mut Vec<usize>) {
    let is_title = |word: &str, of: Option<&str>| {
        let blocks = tables(context).flat_map(|(_, table)| &table.blocks);
        let mut blocks = blocks.into_iter().filter(|block| of.is_none_or(|code| block.code == code));
        blocks.any(|block| block.labels.keys.iter().any(|key| key == word))
    };
    if let (Some(open), [first, second, ..]) = (open, words.as_slice())
        && is_title(context.tokens.folded(*first), Some(&block_code(context, open)))
        && is_title(context.tokens.folded(*second), None)
    {
        words.remove(0);
    }
}

/// The same for a label that is split around its numbers (行政 | 50 | 许可): how many words after the numbers
/// belong to it.
fn explain_around<'c>(context: &Context<'c, '_, '_>, words: &[usize], after: &[usize]) -> Option<(usize, Words<'c>)> {
    /// No label of a row is broken into more.
    const MOST: usize = 4;
    let mut words = words.to_vec();
    for (n_taken, word) in (1..).zip(after.iter().take(MOST)) {
        words.push(*word);
        if let Some(said) = explain(context, &words).filter(|said| !said.row.is_empty()) {
            return Some((n_taken, said));
        }
    }
    None
}

/// The same for a header whose labels are broken over lines beside one another (本年制 本年废 发件数 止件数).
fn weave<'c>(context: &Context<'c, '_, '_>, words: &[usize]) -> Option<Words<'c>> {
    let words: Vec<&str> = words.iter().map(|at| context.tokens.folded(*at)).collect();
    for (_, table) in tables(context) {
        for block in &table.blocks {
            let Some(first) = table.rows[block.rows.clone()].first() else { continue };
            let labels = [&block.labels.keys[..], std::slice::from_ref(&block.head)].into_iter();
            let columns = table.columns[block.columns.clone()].iter().map(|column| &column.labels.keys[..]);
            let row = [&first.labels.keys[..]].into_iter();
            let elements: Vec<Element<'_>> =
                labels.chain(columns).chain(row).map(|keys| Element { keys, times: 1 }).collect();
            // The columns in the order of the form, the row last; the head stands beside broken labels.
            let explain = |elements: &[Element<'_>]| {
                headers(&words, elements).agreed(|begun, _| {
                    let columns_and_row = begun.iter().copied().filter(|element| *element >= 2);
                    columns_and_row.eq(2..elements.len()).then(|| begun.contains(&0))
                })
            };
            let Some(is_titled) = explain(&elements) else { continue };
            // Which of a column's wordings is printed tells its unit.
            let label = |at: usize| {
                let is_printed = |key: &&String| {
                    let with = |(of, element): (usize, &Element<'c>)| Element {
                        keys: if of == at { std::slice::from_ref(*key) } else { element.keys },
                        times: element.times,
                    };
                    explain(&elements.iter().enumerate().map(with).collect::<Vec<_>>()).is_some()
                };
                let keys = elements[at].keys;
                if keys.len() == 1 { keys.first() } else { keys.iter().filter(is_printed).max_by_key(|key| key.len()) }
            };
            return Some(Words {
                block: is_titled.then_some(&block.code),
                has_head: true,
                columns: (2..2 + block.columns.len()).filter_map(label).cloned().collect(),
                row: first.labels.keys.first()?.clone(),
            });
        }
    }
    None
}

fn cut<'c>(context: &Context<'c, '_, '_>, text: &str, said: &mut Words<'c>) -> bool {
    if text.is_empty() {
        return true;
    }
    for (_, table) in tables(context) {
        for block in &table.blocks {
            if said.block.is_none() && said.columns.is_empty() && said.row.is_empty() {
                for key in &block.labels.keys {
                    if let Some(rest) = text.strip_prefix(key.as_str()) {
                        said.block = Some(&block.code);
                        if cut(context, rest, said) {
                            return true;
                        }
                        said.block = None;
                    }
                }
            }
            // The head stands once; a second one is no header of ours.
            if !said.has_head
                && said.columns.is_empty()
                && said.row.is_empty()
                && !block.head.is_empty()
                && let Some(rest) = text.strip_prefix(block.head.as_str())
            {
                said.has_head = true;
                if cut(context, rest, said) {
                    return true;
                }
                said.has_head = false;
            }
        }
    }
    /// More columns than any block has.
    const MAX_COLUMNS: usize = 6;
    if !said.row.is_empty() || said.columns.len() > MAX_COLUMNS {
        return false;
    }
    // Labels share beginnings, so the longest is tried first.
    let mut labels: Vec<(&str, bool)> = tables(context)
        .flat_map(|(_, table)| {
            let columns =
                table.columns.iter().flat_map(|column| column.labels.keys.iter().map(|key| (key.as_str(), false)));
            columns.chain(table.rows.iter().flat_map(|row| row.labels.keys.iter().map(|key| (key.as_str(), true))))
        })
        .filter(|(key, _)| {
            key.as_bytes().first_chunk::<3>() == text.as_bytes().first_chunk::<3>() && text.starts_with(*key)
        })
        .collect();
    labels.sort_by_key(|(key, is_row)| (std::cmp::Reverse(key.len()), *is_row));
    labels.dedup();
    for (key, is_row) in labels {
        let rest = &text[key.len()..];
        if is_row {
            if rest.is_empty() {
                key.clone_into(&mut said.row);
                return true;
            }
            continue;
        }
        said.columns.push(key.to_owned());
        if cut(context, rest, said) {
            return true;
        }
        said.columns.pop();
    }
    false
}

/// Finds the form and block whose columns the header prints, and opens it.
fn open_block(
    context: &Context<'_, '_, '_>,
    words: &[usize],
    said: &Words<'_>,
    met: &mut Vec<Met>,
    into: &mut Collector,
    segment: &Segment,
) -> bool {
    let mut fitting = Vec::new();
    for (form, table) in tables(context) {
        for (at, block) in table.blocks.iter().enumerate() {
            let has_row = table.rows[block.rows.clone()].iter().any(|row| row.labels.keys.contains(&said.row));
            if !has_row
                || said.block.is_some_and(|code| code != block.code)
                || said.columns.len() != block.columns.len()
            {
                continue;
            }
            let order: Option<Vec<usize>> = said
                .columns
                .iter()
                .map(|label| block.columns.clone().find(|column| table.columns[*column].labels.keys.contains(label)))
                .collect();
            let Some(order) = order else { continue };
            if (1..order.len()).all(|at| !order[..at].contains(&order[at])) {
                fitting.push((form, at, order));
            }
        }
    }
    let [(form, block, order)] = fitting.as_slice() else {
        let message = format!(
            "the column labels {:?} of table {} are not those of one block of one form: compare them with the source",
            said.columns.join(" "),
            context.table.code
        );
        into.problems.push(context.problem(Cause::Ambiguous, &message, segment.run.first().copied()));
        return false;
    };
    // A page break repeats the header of the block that is open.
    if met.last().is_some_and(|open| (open.form, open.block) == (*form, *block)) {
        return true;
    }
    let code = &context.table_in(*form).blocks[*block].code;
    if met.iter().any(|other| &block_code(context, other) == code) {
        let message =
            format!("block {code} of table {} stands on the page twice: keep one of them", context.table.code);
        into.problems.push(context.problem(Cause::Ambiguous, &message, segment.run.first().copied()));
        return false;
    }
    let table = context.table_in(*form);
    let labels: Vec<(usize, &[String])> =
        table.blocks[*block].columns.clone().map(|column| (column, &table.columns[column].labels.keys[..])).collect();
    let titles = &table.blocks[*block].labels.keys[..];
    let grid = columns_above(context.tokens, header_tokens(context, words, said), |texts| {
        explain_above(texts, &[titles], &labels)
    })
    .filter(|above| above.has_all(order.iter().copied()));
    let units = said.columns.iter().map(|label| money_unit(context, label)).collect();
    met.push(Met {
        form: *form,
        block: *block,
        columns: Columns::new(Some(order.clone()), grid),
        units,
        rows: Vec::new(),
        lines: Vec::new(),
    });
    true
}

/// The tokens before the row's label: those that make up the header.
fn header_tokens<'w>(context: &Context<'_, '_, '_>, words: &'w [usize], said: &Words<'_>) -> &'w [usize] {
    let mut rest = said.row.len();
    let mut end = words.len();
    while end > 0 && rest > 0 {
        end -= 1;
        rest = rest.saturating_sub(context.tokens.folded(words[end]).len());
    }
    &words[..end]
}

fn block_code(context: &Context<'_, '_, '_>, met: &Met) -> String {
    context.table_in(met.form).blocks[met.block].code.clone()
}

/// The unit of money that a column label prints.
fn money_unit(context: &Context<'_, '_, '_>, label: &str) -> Option<String> {
    let after = label.rfind('(').map(|at| &label[at..])?;
    let unit = context.config.reading.money_units.iter().find(|(unit, _)| after.contains(&fold(unit)))?;
    Some(unit.0.clone())
}

fn read_row(
    context: &Context<'_, '_, '_>,
    said: &Words<'_>,
    segment: &Segment,
    met: &mut [Met],
    into: &mut Collector,
) -> bool {
    let found = met.last_mut().and_then(|open| {
        let table = context.table_in(open.form);
        let row = table.blocks[open.block].rows.clone().find(|row| table.rows[*row].labels.keys.contains(&said.row))?;
        Some((table, row, open))
    });
    let Some((table, row, open)) = found else {
        let message = format!(
            "row {:?} of table {} stands under no header of its block: compare it with the source",
            said.row, context.table.code
        );
        into.problems.push(context.problem(Cause::Incomplete, &message, segment.run.first().copied()));
        return true;
    };
    if open.rows.last().is_some_and(|last| *last >= row) {
        let message = format!(
            "row {} of table {} stands out of its place or twice: compare it with the source",
            table.rows[row].code, table.code
        );
        into.problems.push(context.problem(Cause::Ambiguous, &message, segment.run.first().copied()));
        return true;
    }
    let (run, rest) = runs::own(context.tokens, &segment.words, &segment.run);
    open.columns.learn(context.tokens, run);
    let ends = segment.words.last().zip(run.iter().find(|at| context.tokens.tokens[**at].kind == Kind::Value));
    if let Some((word, value)) = ends.filter(|(word, value)| context.tokens.are_lines(**word, **value)) {
        open.lines.push((context.tokens.is_same_line(*word, *value), *value));
    }
    // The number of a page, or a digit torn off the last figure: no rule of these blocks tells.
    for token in rest.iter().filter(|at| context.tokens.tokens[**at].kind == Kind::Value) {
        context.leftover(*token, into);
    }
    let fault = match open.columns.place(context.tokens, run) {
        Ok(Placing::Sure(placed)) => {
            open.rows.push(row);
            for (column, token) in placed {
                let is_money = matches!(table.columns[column].value_type, ValueType::Decimal | ValueType::Money);
                let at = open.columns.order.iter().position(|other| *other == column);
                let unit = at.and_then(|at| open.units[at].as_deref()).filter(|_| is_money);
                let key = context.key(open.form, row, column);
                match token {
                    Some(token) => context.cell(key, token, unit, into),
                    None => context.no_cell(key, CellState::Blank, into),
                }
            }
            return true;
        }
        // No rule tells which cells of a block are blank.
        Ok(Placing::Open { ways, .. }) => Fault::of(&ways),
        Err(fault) => fault,
    };
    // A label beside blanks may be part of a header, unless all its cells stand in its row.
    if fault == Fault::Short && segment.is_blank {
        let columns = open.columns.order.clone();
        let is_beside = |at: &&usize| segment.words.last().is_some_and(|word| context.tokens.is_same_row(*word, **at));
        if columns.is_empty() || run.iter().filter(is_beside).count() < columns.len() {
            return false;
        }
        open.rows.push(row);
        for column in columns {
            context.no_cell(context.key(open.form, row, column), CellState::Blank, into);
        }
        return true;
    }
    open.rows.push(row);
    context.unplaced_row(open.form, row, fault, segment.run.first().copied(), into);
    true
}

/// The form of most blocks, the newer one on a tie.
fn main_form(context: &Context<'_, '_, '_>, met: &[Met]) -> usize {
    tables(context)
        .map(|(form, _)| form)
        .max_by_key(|form| (met.iter().filter(|block| block.form == *form).count(), *form))
        .unwrap_or(context.form)
}

fn report_missing(context: &Context<'_, '_, '_>, met: &[Met], into: &mut Collector) {
    let form = main_form(context, met);
    let table = context.table_in(form);
    let mut missing: Vec<String> = Vec::new();
    for block in table.blocks.iter().filter(|block| !block.optional) {
        if met.iter().any(|other| block_code(context, other) == block.code) {
            continue;
        }
        missing.push(block.code.clone());
        for row in block.rows.clone() {
            for column in block.columns.clone() {
                context.no_cell(context.key(form, row, column), CellState::Absent, into);
            }
        }
    }
    for block in met {
        let table = context.table_in(block.form);
        for row in table.blocks[block.block].rows.clone().filter(|row| !block.rows.contains(row)) {
            missing.push(table.rows[row].code.clone());
            for column in table.columns_of(row) {
                context.no_cell(context.key(block.form, row, column), CellState::Absent, into);
            }
        }
    }
    if !missing.is_empty() {
        let message = format!(
            "blocks or rows of table {} were not found ({}): compare with the source, or add the printed label to the form",
            context.table.code,
            missing.join(", ")
        );
        into.problems.push(context.problem(Cause::Incomplete, &message, context.tokens.tokens.first().map(|_| 0)));
    }
}

/// Where labels and numbers share their lines, a number on a line of its own is that of the page.
fn report_lines(context: &Context<'_, '_, '_>, met: &[Met], into: &mut Collector) {
    let lines = || met.iter().flat_map(|block| &block.lines);
    // No page has the number 0, nor one of so many digits; a label broken over lines leaves its number on the next one.
    let may_be_page = |token: usize| {
        runs::is_page_number(context.tokens, token)
            && context.tokens.printed(token).trim().bytes().any(|byte| byte != b'0')
    };
    if lines().any(|(shares, _)| *shares)
        && let Some((_, token)) = lines().find(|(shares, token)| !shares && may_be_page(*token))
    {
        let message = format!(
            "a number of table {} stands on a line of its own although the others stand beside their labels: compare it with the source",
            context.table.code
        );
        into.problems.push(context.problem(Cause::Ambiguous, &message, Some(*token)));
    }
}

/// A block's title or header after the last row: its rows are lost.
fn report_empty_block(context: &Context<'_, '_, '_>, words: &[usize], into: &mut Collector) {
    let is_header = |word: &str| {
        tables(context).any(|(_, table)| {
            table.blocks.iter().any(|block| block.head == word || block.labels.keys.iter().any(|key| key == word))
                || table.columns.iter().any(|column| column.labels.keys.iter().any(|key| key == word))
        })
    };
    if let Some(at) = words.iter().find(|at| is_header(context.tokens.folded(**at))) {
        let message =
            format!("a block of table {} has a header and no row: compare it with the source", context.table.code);
        into.problems.push(context.problem(Cause::Incomplete, &message, Some(*at)));
    }
}
