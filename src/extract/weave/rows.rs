//! The rows of a table with the numbers between their labels.
//!
//! A row's label usually stands before its numbers, whole or in pieces. Text taken out of a PDF may print
//! the rest of a label, all of it, or several labels, only after the numbers of their rows. Two things
//! always hold: numbers come in the order of the rows, and every label is printed once. So the numbers
//! of a row are found when the numbers before and after them are, and a label that is still owed in the
//! end is a problem, however well the numbers fit.

use super::MAX_CUTS;
use super::state::{State, States, begin_header, begin_heading, begin_row, price};
use crate::form::label::strip_ordinal;

/// A row that carries numbers, with the labels of the headings it stands under.
pub(in crate::extract) struct RowLabels<'f> {
    /// Folded labels of the row.
    pub(in crate::extract) keys: &'f [String],
    /// Folded labels of its headings.
    pub(in crate::extract) headings: Vec<&'f [String]>,
}

/// What stands in a table, in reading order.
#[derive(Clone, Copy, Debug)]
pub(in crate::extract) enum Event<'a> {
    /// A folded word.
    Word(&'a str),
    /// Numbers and blanks of one row.
    Run {
        /// Blanks only: it may be a blank row or mere padding.
        is_blank: bool,
        /// They stand on the line of the word before them.
        is_beside: bool,
    },
}

/// How the rows were found.
#[derive(Debug, Default, PartialEq)]
pub(in crate::extract) struct Explanation {
    /// For each run, the row its numbers belong to.
    pub(in crate::extract) rows: Vec<Option<usize>>,
    /// Words that no label explains, by their place among the events.
    pub(in crate::extract) unexplained: Vec<usize>,
    /// Rows whose label is not printed to its end, or not at all although their numbers seem to be.
    pub(in crate::extract) cut_labels: Vec<usize>,
    /// Header labels repeated between the rows, in the order in which they begin.
    pub(in crate::extract) repeated: Vec<usize>,
    /// Another explanation is about as good.
    pub(in crate::extract) is_ambiguous: bool,
}

/// Finds the row of every run of numbers.
///
/// `repeated` are header labels that a page break may repeat between rows.
pub(in crate::extract) fn rows<'f>(
    events: &[Event<'_>],
    rows: &[RowLabels<'f>],
    repeated: &[&'f [String]],
) -> Explanation {
    let last_run = events.iter().rposition(|event| matches!(event, Event::Run { is_blank: false, .. }));
    // Most tables never need it.
    let mut weaver: Option<Weaver<'_, 'f>> = None;
    let mut states = vec![State::default()];
    let mut at = 0;
    while at < events.len() {
        if let [state] = states.as_mut_slice()
            && state.is_plain()
            && let Some(run) = plain_row(&events[at..], rows.get(state.labels))
        {
            state.rows.push(Some(state.labels));
            state.labels += 1;
            state.numbers += 1;
            at += run + 1;
            continue;
        }
        let weaver = weaver.get_or_insert_with(|| Weaver::new(rows, repeated));
        let mut next = States::default();
        match events[at] {
            Event::Word(word) => {
                for state in &states {
                    let mut cuts = MAX_CUTS;
                    weaver.word(state, word, &mut cuts, &mut next);
                    let mut skipped = state.clone();
                    // Words after the last numbers and labels lie outside the table.
                    let is_outside = last_run.is_none_or(|last| at > last)
                        && state.open.is_empty()
                        && !state.owed.iter().any(|row| *row < state.numbers);
                    if !is_outside {
                        skipped.cost += price::WORD;
                    }
                    skipped.last = None;
                    skipped.unexplained.push(at);
                    next.push(skipped);
                }
            }
            Event::Run { is_blank, is_beside } => {
                for state in &states {
                    weaver.run(state, is_blank, is_beside, &mut next);
                }
            }
        }
        states = next.best();
        at += 1;
    }
    settle(states, rows.len())
}

/// Chooses among the explanations that are left.
fn settle(mut states: Vec<State<'_>>, n_rows: usize) -> Explanation {
    let is_printed = |state: &State<'_>, row: usize| state.rows.contains(&Some(row));
    for state in &mut states {
        let n_open = state.open.len() + state.header.len();
        state.cost += price::CUT * u32::try_from(n_open).unwrap_or(u32::MAX);
        state.cost += price::HEADING * u32::try_from(state.headings.len()).unwrap_or(u32::MAX);
        let unlabelled = state.owed.iter().filter(|row| is_printed(state, **row)).count();
        state.cost += price::UNLABELLED * u32::try_from(unlabelled).unwrap_or(u32::MAX);
        let missing = (0..n_rows).filter(|row| !is_printed(state, *row)).count();
        state.cost += price::MISSING * u32::try_from(missing).unwrap_or(u32::MAX);
    }
    states.sort_by_key(|state| state.cost);
    let mut states = states.into_iter();
    let Some(best) = states.next() else { return Explanation::default() };
    let is_ambiguous =
        states.take_while(|other| other.cost < best.cost + price::MARGIN).any(|other| other.rows != best.rows);
    let mut cut_labels: Vec<usize> = best.open.iter().map(|(row, _)| *row).collect();
    cut_labels.extend(best.owed.iter().filter(|row| is_printed(&best, **row)));
    cut_labels.sort_unstable();
    Explanation { cut_labels, rows: best.rows, unexplained: best.unexplained, repeated: best.repeated, is_ambiguous }
}

/// The common case: the next words are the label of this row, whole, perhaps after its headings', and its
/// numbers follow. Gives the number of words.
fn plain_row(events: &[Event<'_>], row: Option<&RowLabels<'_>>) -> Option<usize> {
    let row = row?;
    let n_words = events.iter().position(|event| matches!(event, Event::Run { .. }))?;
    if n_words == 0 || matches!(events.get(n_words), Some(Event::Run { is_blank: true, .. })) {
        return None;
    }
    let words = events[..n_words].iter().map(|event| match event {
        Event::Word(word) => *word,
        Event::Run { .. } => "",
    });
    let joined;
    let text = match events {
        [Event::Word(word), Event::Run { .. }, ..] => *word,
        _ => {
            joined = words.collect::<String>();
            &joined
        }
    };
    is_row(text, row).then_some(n_words)
}

/// Whether a text is the label of a row, perhaps after its headings' labels.
pub(in crate::extract) fn is_row(text: &str, row: &RowLabels<'_>) -> bool {
    if row.keys.iter().any(|key| key == text) {
        return true;
    }
    row.headings
        .iter()
        .flat_map(|keys| keys.iter())
        .filter_map(|heading| text.strip_prefix(heading.as_str()))
        .any(|rest| !rest.is_empty() && is_row(rest, row))
}

/// How a word goes on with a rest of a label: what is left of the rest, what is left of the word. Both are
/// left where another label is glued to the middle of this one.
fn step<'f, 'w>(rest: &'f str, word: &'w str) -> Option<(&'f str, &'w str)> {
    let common = rest.chars().zip(word.chars()).take_while(|(one, two)| one == two).map(|(c, _)| c.len_utf8()).sum();
    (common > 0).then(|| (&rest[common..], &word[common..]))
}

/// What a step costs that leaves something of both.
fn glued(rest: &str, word: &str) -> u32 {
    if rest.is_empty() || word.is_empty() { 0 } else { price::GLUED }
}

/// What a printed word may begin.
#[derive(Clone, Copy)]
enum Label {
    /// The label of a row.
    Row(usize),
    /// A heading, up to the last row it stands over.
    Heading(usize),
    /// A label of the header.
    Header(usize),
}

struct Weaver<'r, 'f> {
    rows: &'r [RowLabels<'f>],
    /// Every label by its first character, rows first, with the least that must be printed of it in one word.
    labels: Vec<(char, Label, &'f str, usize)>,
}

impl<'r, 'f> Weaver<'r, 'f> {
    fn new(rows: &'r [RowLabels<'f>], repeated: &[&'f [String]]) -> Self {
        let mut labels: Vec<(char, Label, &'f str, usize)> = Vec::new();
        // An ordinal torn from its label is that of the official wording; in other forms of it, any bracket
        // could begin any label.
        let mut add = |label: Label, keys: &'f [String]| {
            for (at, key) in keys.iter().enumerate() {
                let n_ordinal = if at == 0 { 0 } else { key.len() - strip_ordinal(key).len() };
                labels.extend(key.chars().next().map(|first| (first, label, key.as_str(), n_ordinal)));
            }
        };
        let mut headings: Vec<(&'f [String], usize)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            add(Label::Row(at), row.keys);
            for keys in &row.headings {
                match headings.iter_mut().find(|(known, _)| std::ptr::eq(*known, *keys)) {
                    Some((_, last)) => *last = at,
                    None => headings.push((keys, at)),
                }
            }
        }
        for (keys, last) in headings {
            add(Label::Heading(last), keys);
        }
        for (at, keys) in repeated.iter().enumerate() {
            add(Label::Header(at), keys);
        }
        labels.sort_by_key(|(first, _, _, _)| *first);
        Self { rows, labels }
    }

    /// Every way in which a word goes on from a state.
    fn word(&self, state: &State<'f>, word: &str, cuts: &mut usize, next: &mut States<'f>) {
        let Some(first) = word.chars().next() else {
            next.push(state.clone());
            return;
        };
        if *cuts == 0 {
            return;
        }
        *cuts -= 1;
        for (at, (row, rest)) in state.open.iter().enumerate() {
            if let Some((rest, word)) = step(rest, word) {
                let mut state = state.clone();
                state.cost += glued(rest, word);
                state.last = Some(*row);
                if rest.is_empty() {
                    state.open.remove(at);
                } else {
                    state.open[at] = (*row, rest);
                }
                self.word(&state, word, cuts, next);
            }
        }
        for (at, rest) in state.headings.iter().enumerate() {
            if let Some((rest, word)) = step(rest, word) {
                let mut state = state.clone();
                state.cost += glued(rest, word);
                state.last = None;
                if rest.is_empty() {
                    state.headings.remove(at);
                } else {
                    state.headings[at] = rest;
                }
                self.word(&state, word, cuts, next);
            }
        }
        for (at, rest) in state.header.iter().enumerate() {
            // Of two labels with the same rest, it does not matter which goes on.
            if state.header[..at].contains(rest) {
                continue;
            }
            if let Some((rest, word)) = step(rest, word) {
                let mut state = state.clone();
                state.cost += glued(rest, word);
                state.last = None;
                if rest.is_empty() {
                    state.header.remove(at);
                } else {
                    state.header[at] = rest;
                }
                self.word(&state, word, cuts, next);
            }
        }
        let from = self.labels.partition_point(|(other, _, _, _)| *other < first);
        for (_, label, key, least) in self.labels[from..].iter().take_while(|(other, _, _, _)| *other == first) {
            let Some((rest, word)) = step(key, word).filter(|(rest, _)| key.len() - rest.len() > *least) else {
                continue;
            };
            let begun = match label {
                Label::Row(row) => begin_row(state, *row, key, rest),
                Label::Heading(last) => begin_heading(state, *last, rest),
                Label::Header(label) => begin_header(state, *label, rest),
            };
            if let Some(mut state) = begun {
                state.cost += glued(rest, word);
                self.word(&state, word, cuts, next);
            }
        }
    }

    /// Every row that a run of numbers may belong to.
    fn run(&self, state: &State<'f>, is_blank: bool, is_beside: bool, next: &mut States<'f>) {
        let mut settled: State<'f>;
        let mut state = state;
        if !is_blank && state.n_settled < state.repeated.len() {
            settled = state.clone();
            settled.n_settled = settled.repeated.len();
            state = &settled;
        }
        let row = state.numbers;
        let n_waiting = (row..state.labels).filter(|other| state.is_begun(*other)).count();
        if is_blank {
            let mut padding = state.clone();
            padding.rows.push(None);
            let is_whole = state.is_whole(row);
            // Blanks after a whole label are that row's cells, unless nothing else fits.
            padding.cost += if is_whole { price::PADDING } else { 0 };
            next.push(padding);
            if !is_whole || n_waiting > 1 {
                return;
            }
        }
        let n_open = u32::try_from(state.open.iter().filter(|(open, _)| *open != row).count()).unwrap_or(u32::MAX);
        let open = price::OPEN * (n_open + u32::try_from(state.header.len()).unwrap_or(u32::MAX));
        // Numbers right after labels belong to one of them.
        let beside = state.last.filter(|_| is_beside);
        let is_free = beside.is_none_or(|last| last == row) && (state.fresh.is_empty() || state.fresh.contains(&row));
        if row < self.rows.len() && is_free {
            let mut taken = state.clone();
            taken.cost += open;
            if state.is_begun(row) {
                taken.cost += price::WAITING * u32::try_from(n_waiting - 1).unwrap_or(u32::MAX);
            } else {
                taken.cost += price::EARLY + price::WAITING * u32::try_from(n_waiting).unwrap_or(u32::MAX);
                taken.owed.extend(state.labels..=row);
                taken.labels = taken.labels.max(row + 1);
            }
            taken.numbers = row + 1;
            taken.fresh.clear();
            taken.rows.push(Some(row));
            next.push(taken);
        }
        // Rows before the one whose label is printed are missing.
        let first = match state.fresh.iter().copied().min() {
            Some(first) => Some(first),
            None => (row..state.labels).find(|other| state.is_begun(*other)),
        };
        let first = first.filter(|first| *first > row && beside.is_none_or(|last| last == *first));
        if let Some(first) = first {
            let mut taken = state.clone();
            taken.fresh.clear();
            taken.cost += open + price::WAITING * u32::try_from(n_waiting - 1).unwrap_or(u32::MAX);
            taken.numbers = first + 1;
            taken.rows.push(Some(first));
            next.push(taken);
        }
        let mut left = state.clone();
        left.fresh.clear();
        left.cost += price::RUN + open;
        left.rows.push(None);
        next.push(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(labels: &[&str]) -> Vec<String> {
        labels.iter().map(|label| (*label).to_owned()).collect()
    }

    /// Words and `#` for numbers, `_` for blanks; the rows found and the number of unexplained words.
    fn check_rows(text: &str, expected: &[Option<usize>], n_unexplained: usize) {
        let heading = keys(&["(三)不予公开", "不予公开"]);
        let outer = keys(&["三、本年度办理结果"]);
        let labels = [
            (keys(&["(一)予以公开", "予以公开"]), vec![&outer[..]]),
            (keys(&["1.属于国家秘密", "属于国家秘密"]), vec![&heading[..], &outer[..]]),
            (keys(&["2.其他法律行政法规禁止公开", "其他法律行政法规禁止公开"]), vec![&heading[..], &outer[..]]),
            (keys(&["(七)总计", "总计"]), vec![&outer[..]]),
        ];
        let labels: Vec<RowLabels<'_>> =
            labels.iter().map(|(keys, headings)| RowLabels { keys, headings: headings.clone() }).collect();
        let events: Vec<Event<'_>> = text
            .split(' ')
            .map(|word| match word {
                "#" | "_" => Event::Run { is_blank: word == "_", is_beside: false },
                word => Event::Word(word),
            })
            .collect();
        let found = rows(&events, &labels, &[]);
        assert_eq!((&found.rows[..], found.unexplained.len()), (expected, n_unexplained), "{text}: {found:?}");
    }

    #[test]
    fn rows_are_found_by_their_labels() {
        let all = [Some(0), Some(1), Some(2), Some(3)];
        check_rows("(一)予以公开 # 1.属于国家秘密 # 2.其他法律行政法规禁止公开 # (七)总计 #", &all, 0);
        check_rows(
            "三、本 年度 办理 结果 予以公开 # (三) 不予 公开 1.属于国家秘密 # 2.其他法律 行政法规禁止公开 # 总计 #",
            &all,
            0,
        );
        // Vertical headings beside their rows, a label split around its numbers.
        check_rows(
            "三、本 (一)予以公开 # 年度 (三) 1.属于国家秘密 # 办理 不予 2.其他法律行政 # 结果 公开 法规禁止公开 (七)总计 #",
            &all,
            0,
        );
        check_rows(
            "(一)予以公开 # (三)不予公开1.属于国家秘密 # (三)不予公开 2.其他法律行政法规禁止公开 # (七)总计 #",
            &all,
            0,
        );
    }

    #[test]
    fn a_missing_row_and_foreign_words_show() {
        check_rows("(一)予以公开 # 2.其他法律行政法规禁止公开 # (七)总计 #", &[Some(0), Some(2), Some(3)], 0);
        check_rows(
            "(一)予以公开 # 注释 1.属于国家秘密 # 2.其他法律行政法规禁止公开 # (七)总计 #",
            &[Some(0), Some(1), Some(2), Some(3)],
            1,
        );
        check_rows("(一)予以公开 # # 1.属于国家秘密 #", &[Some(0), None, Some(1)], 0);
        // Rows that changed places: the numbers stay with the label before them, and one row has none.
        check_rows(
            "(一)予以公开 # 2.其他法律行政法规禁止公开 # 1.属于国家秘密 # (七)总计 #",
            &[Some(0), Some(2), None, Some(3)],
            0,
        );
    }

    #[test]
    fn labels_may_come_after_the_numbers_of_their_rows() {
        let all = [Some(0), Some(1), Some(2), Some(3)];
        check_rows("(一)予以公开 # # 2.其他法律行政法规禁止公开 # (三)不 1.属于 国家秘密 予公开 (七)总计 #", &all, 0);
        check_rows("(一)予以公开 1.属于国家秘密 # # 2.其他法律行政法规禁止公开 # (七)总计 #", &all, 0);
        check_rows("(一)予以公开 # # # # 1.属于国家秘密 2.其他法律行政法规禁止公开 (七)总计", &all, 0);
        check_rows("# (一)予以公开 # 1.属于国家秘密 # 2.其他法律行政法规禁止公开 # (七)总计", &all, 0);
    }

    #[test]
    fn numbers_stay_with_the_label_on_their_line() {
        let labels = [keys(&["属于国家秘密"]), keys(&["保护第三方合法权益"])];
        let labels: Vec<RowLabels<'_>> = labels.iter().map(|keys| RowLabels { keys, headings: Vec::new() }).collect();
        let beside = Event::Run { is_blank: false, is_beside: true };
        let apart = Event::Run { is_blank: false, is_beside: false };
        let events =
            |run| [Event::Word("属于国家"), Event::Word("保护第三方合法权益"), run, Event::Word("秘密"), apart];
        assert_eq!(rows(&events(apart), &labels, &[]).rows, [Some(0), Some(1)]);
        assert!(rows(&events(beside), &labels, &[]).rows.contains(&None));
    }

    #[test]
    fn a_label_that_never_comes_is_a_problem() {
        let heading = keys(&["不予公开"]);
        let labels = [keys(&["予以公开"]), keys(&["属于国家秘密"]), keys(&["总计"])];
        let labels: Vec<RowLabels<'_>> =
            labels.iter().map(|keys| RowLabels { keys, headings: vec![&heading[..]] }).collect();
        let run = Event::Run { is_blank: false, is_beside: false };
        let found = rows(&[Event::Word("予以公开"), run, run, Event::Word("总计"), run], &labels, &[]);
        assert!(!found.cut_labels.is_empty() || found.rows.contains(&None), "{found:?}");
    }

    #[test]
    fn blanks_after_a_label_are_its_row_and_others_are_padding() {
        check_rows(
            "(一)予以公开 _ 1.属于国家秘密 # 2.其他法律行政法规禁止公开 _ (七)总计 #",
            &[Some(0), Some(1), Some(2), Some(3)],
            0,
        );
        check_rows("三、本年度办理结果 _ (一)予以公开 #", &[None, Some(0)], 0);
    }
}
