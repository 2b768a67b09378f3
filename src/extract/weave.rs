//! Explains printed text by labels.
//!
//! Converters break labels over lines, print them vertically beside other labels, split them around
//! their numbers and glue them to a neighbour; the characters of each label still come in order. So a
//! label is a stream of characters, several streams run at a time, and every printed word must be the
//! next characters of one of them. [`headers`] does this for labels that may come in any order,
//! [`rows`] for the rows of a form with the numbers between them.

/// At most this many explanations are followed at a time.
const MAX_STATES: usize = 48;
/// Labels glued together in one word are cut in at most this many ways; no label of a form comes near.
const MAX_CUTS: usize = 400;
/// More words than this stand in no header.
const MAX_HEADER_WORDS: usize = 400;

/// What the labels of one element of a header look like.
pub(super) struct Element<'f> {
    /// Folded labels.
    pub(super) keys: &'f [String],
    /// How often it may stand in the header.
    pub(super) times: u8,
}

#[derive(Clone, PartialEq)]
struct HeaderState<'f> {
    /// Rest of each label begun and not finished, with its element.
    open: Vec<(usize, &'f str)>,
    /// Elements in the order in which they begin.
    order: Vec<usize>,
    /// How often a label was left for another one before its end.
    cost: u32,
}

/// Explains the words of a header by elements in any order; gives the elements in the order in which
/// they begin, or `None` when no explanation fits, or two that fit equally well disagree. An explanation is
/// the better the less often it leaves a label before its end.
pub(super) fn headers<'f>(words: &[&str], elements: &[Element<'f>]) -> Option<Vec<usize>> {
    if words.len() > MAX_HEADER_WORDS {
        return None;
    }
    if let Some(order) = plain_headers(words, elements) {
        return Some(order);
    }
    let mut states = vec![HeaderState { open: Vec::new(), order: Vec::new(), cost: 0 }];
    for word in words {
        let mut next = Vec::new();
        for state in &states {
            let mut cuts = MAX_CUTS;
            header_word(state, word, elements, &mut cuts, &mut next);
        }
        next.sort_by_key(|state| state.cost);
        next.truncate(MAX_STATES);
        states = next;
    }
    states.retain(|state| state.open.is_empty());
    let best = states.first()?;
    states
        .iter()
        .take_while(|other| other.cost == best.cost)
        .all(|other| other.order == best.order)
        .then(|| best.order.clone())
}

/// The common case: the words, joined, are one label after the other.
fn plain_headers(words: &[&str], elements: &[Element<'_>]) -> Option<Vec<usize>> {
    let text = words.concat();
    let mut rest = text.as_str();
    let mut order: Vec<usize> = Vec::with_capacity(words.len());
    while !rest.is_empty() {
        let keys = elements.iter().enumerate().flat_map(|(at, element)| element.keys.iter().map(move |key| (at, key)));
        let (at, key) = keys.filter(|(_, key)| rest.starts_with(key.as_str())).max_by_key(|(_, key)| key.len())?;
        if order.iter().filter(|other| **other == at).count() >= usize::from(elements[at].times) {
            return None;
        }
        order.push(at);
        rest = &rest[key.len()..];
    }
    Some(order)
}

fn header_word<'f>(
    state: &HeaderState<'f>,
    word: &str,
    elements: &[Element<'f>],
    cuts: &mut usize,
    next: &mut Vec<HeaderState<'f>>,
) {
    if *cuts == 0 {
        return;
    }
    *cuts -= 1;
    if word.is_empty() {
        if !next.contains(state) {
            next.push(state.clone());
        }
        return;
    }
    for (at, (_, rest)) in state.open.iter().enumerate() {
        // Of two labels with the same rest, it does not matter which goes on.
        if state.open[..at].iter().any(|(_, other)| other == rest) {
            continue;
        }
        let cost = state.cost + u32::from(at + 1 < state.open.len());
        if let Some(rest) = rest.strip_prefix(word) {
            let mut state = HeaderState { cost, ..state.clone() };
            let (element, _) = state.open.remove(at);
            if !rest.is_empty() {
                state.open.push((element, rest));
            }
            header_word(&state, "", elements, cuts, next);
        } else if let Some(word) = word.strip_prefix(rest) {
            let mut state = HeaderState { cost, ..state.clone() };
            state.open.remove(at);
            header_word(&state, word, elements, cuts, next);
        }
    }
    for (at, element) in elements.iter().enumerate() {
        let n_begun = state.order.iter().filter(|other| **other == at).count();
        if n_begun >= usize::from(element.times) {
            continue;
        }
        for key in element.keys {
            let (rest, word) = if let Some(rest) = key.strip_prefix(word) {
                (rest, "")
            } else if let Some(word) = word.strip_prefix(key.as_str()) {
                ("", word)
            } else {
                continue;
            };
            let mut state = state.clone();
            state.cost += u32::from(!state.open.is_empty());
            state.order.push(at);
            if !rest.is_empty() {
                state.open.push((at, rest));
            }
            header_word(&state, word, elements, cuts, next);
        }
    }
}

/// A row that carries numbers, with the labels of the headings it stands under.
pub(super) struct RowLabels<'f> {
    /// Folded labels of the row.
    pub(super) keys: &'f [String],
    /// Folded labels of its headings.
    pub(super) headings: Vec<&'f [String]>,
}

/// Words, then the numbers that follow them.
pub(super) struct Segment<'a> {
    /// Folded words before the numbers.
    pub(super) words: Vec<&'a str>,
    /// Whether numbers follow; the last segment may have none.
    pub(super) has_run: bool,
    /// The run holds blanks only: it may be a blank row or mere padding.
    pub(super) is_blank: bool,
}

/// How the rows were found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Explanation {
    /// For each segment, the row its numbers belong to.
    pub(super) rows: Vec<Option<usize>>,
    /// Words that no label explains: segment and word.
    pub(super) unexplained: Vec<(usize, usize)>,
    /// Rows whose label is not printed to its end.
    pub(super) cut_labels: Vec<usize>,
    /// Another explanation is just as good.
    pub(super) is_ambiguous: bool,
}

#[derive(Clone)]
struct RowState<'f> {
    /// The row whose numbers came last, plus one; rows before it are done.
    done: usize,
    /// What is still to come of that row's label.
    tail: &'f str,
    /// Rests of headings begun and not finished.
    headings: Vec<&'f str>,
    /// The row begun, and the rest of its label.
    begun: Option<(usize, &'f str)>,
    cost: u32,
    rows: Vec<Option<usize>>,
    unexplained: Vec<(usize, usize)>,
    cut_labels: Vec<usize>,
}

impl RowState<'_> {
    fn same_as(&self, other: &Self) -> bool {
        self.done == other.done
            && self.tail == other.tail
            && self.begun == other.begun
            && self.headings == other.headings
            && self.rows == other.rows
    }
}

/// A skipped row, an unexplained word, a label cut short, numbers without a label.
const COST_SKIPPED: u32 = 4;
const COST_WORD: u32 = 10;
const COST_CUT: u32 = 10;
const COST_RUN: u32 = 40;
/// A header label repeated between rows, as page breaks do.
const COST_HEADER: u32 = 1;

/// Finds the row of every run of numbers.
///
/// `repeated` are header labels that a page break may repeat between rows.
pub(super) fn rows<'f>(segments: &[Segment<'_>], rows: &[RowLabels<'f>], repeated: &[&'f [String]]) -> Explanation {
    let start = RowState {
        done: 0,
        tail: "",
        headings: Vec::new(),
        begun: None,
        cost: 0,
        rows: Vec::new(),
        unexplained: Vec::new(),
        cut_labels: Vec::new(),
    };
    let mut states = vec![start];
    for (at, segment) in segments.iter().enumerate() {
        if let [state] = states.as_mut_slice()
            && segment.has_run
            && !segment.is_blank
            && step_plainly(state, segment, rows)
        {
            continue;
        }
        for (word_at, word) in segment.words.iter().enumerate() {
            let mut next = Vec::new();
            for state in &states {
                let mut cuts = MAX_CUTS;
                row_word(state, word, rows, repeated, &mut cuts, &mut next);
                let mut skipped = state.clone();
                // Words after the last row lie outside the table.
                if segment.has_run || !state.tail.is_empty() {
                    skipped.cost += COST_WORD;
                }
                skipped.unexplained.push((at, word_at));
                push_state(skipped, &mut next);
            }
            next.sort_by_key(|state| state.cost);
            next.truncate(MAX_STATES);
            states = next;
        }
        let mut next = Vec::new();
        for mut state in states {
            if !segment.has_run {
                end_label(&mut state);
                state.rows.push(None);
                push_state(state, &mut next);
                continue;
            }
            if segment.is_blank {
                let mut padding = state.clone();
                padding.rows.push(None);
                // Blanks after a whole label are that row's cells, unless nothing else fits.
                padding.cost += u32::from(matches!(state.begun, Some((_, ""))));
                push_state(padding, &mut next);
                if !matches!(state.begun, Some((_, ""))) {
                    continue;
                }
            }
            end_label(&mut state);
            match state.begun.take() {
                Some((row, rest)) => {
                    state.cost += COST_SKIPPED * u32::try_from(row - state.done).unwrap_or(u32::MAX);
                    state.done = row + 1;
                    state.tail = rest;
                    state.rows.push(Some(row));
                }
                None => {
                    state.cost += COST_RUN;
                    state.rows.push(None);
                }
            }
            push_state(state, &mut next);
        }
        next.sort_by_key(|state| state.cost);
        next.truncate(MAX_STATES);
        states = next;
    }
    for state in &mut states {
        end_label(state);
    }
    states.sort_by_key(|state| state.cost);
    let mut states = states.into_iter();
    let Some(best) = states.next() else { return Explanation::default() };
    let is_ambiguous = states.take_while(|other| other.cost == best.cost).any(|other| other.rows != best.rows);
    Explanation { rows: best.rows, unexplained: best.unexplained, cut_labels: best.cut_labels, is_ambiguous }
}

/// A label that ends before its last character is noted.
fn end_label(state: &mut RowState<'_>) {
    if !state.tail.is_empty() {
        state.cost += COST_CUT;
        state.cut_labels.push(state.done - 1);
        state.tail = "";
    }
    state.cost += COST_CUT * u32::try_from(state.headings.len()).unwrap_or(u32::MAX);
    // Vertical headings may run on beside later rows, so their rests stay open at no more cost.
    if !state.headings.is_empty() {
        state.cost -= COST_CUT * u32::try_from(state.headings.len()).unwrap_or(0);
    }
}

/// The common case: the words are the next row's label, whole, perhaps after its headings'.
fn step_plainly<'f>(state: &mut RowState<'f>, segment: &Segment<'_>, rows: &[RowLabels<'f>]) -> bool {
    if !state.tail.is_empty() || !state.headings.is_empty() || state.begun.is_some() {
        return false;
    }
    let Some(row) = rows.get(state.done) else { return false };
    let joined;
    let text: &str = match segment.words.as_slice() {
        [] => return false,
        [word] => word,
        words => {
            joined = words.concat();
            &joined
        }
    };
    if !is_row(text, row) {
        return false;
    }
    state.rows.push(Some(state.done));
    state.done += 1;
    true
}

/// Whether a text is the label of a row, perhaps after its headings' labels.
pub(super) fn is_row(text: &str, row: &RowLabels<'_>) -> bool {
    if row.keys.iter().any(|key| key == text) {
        return true;
    }
    row.headings
        .iter()
        .flat_map(|keys| keys.iter())
        .filter_map(|heading| text.strip_prefix(heading.as_str()))
        .any(|rest| !rest.is_empty() && is_row(rest, row))
}

fn push_state<'f>(state: RowState<'f>, states: &mut Vec<RowState<'f>>) {
    match states.iter_mut().find(|other| other.same_as(&state)) {
        Some(other) if other.cost <= state.cost => {}
        Some(other) => *other = state,
        None => states.push(state),
    }
}

fn row_word<'f>(
    state: &RowState<'f>,
    word: &str,
    rows: &[RowLabels<'f>],
    repeated: &[&'f [String]],
    cuts: &mut usize,
    next: &mut Vec<RowState<'f>>,
) {
    if *cuts == 0 {
        return;
    }
    *cuts -= 1;
    if word.is_empty() {
        push_state(state.clone(), next);
        return;
    }
    // The rest of a label that was split around its numbers.
    if !state.tail.is_empty() {
        if let Some(rest) = state.tail.strip_prefix(word) {
            push_state(RowState { tail: rest, ..state.clone() }, next);
        } else if let Some(word) = word.strip_prefix(state.tail) {
            row_word(&RowState { tail: "", ..state.clone() }, word, rows, repeated, cuts, next);
        }
    }
    for (at, rest) in state.headings.iter().enumerate() {
        let (rest, word) = match (rest.strip_prefix(word), word.strip_prefix(rest)) {
            (Some(rest), _) => (rest, ""),
            (None, Some(word)) => ("", word),
            (None, None) => continue,
        };
        let mut state = state.clone();
        if rest.is_empty() {
            state.headings.remove(at);
        } else {
            state.headings[at] = rest;
        }
        row_word(&state, word, rows, repeated, cuts, next);
    }
    match state.begun {
        Some((row, rest)) => {
            if let Some(rest) = rest.strip_prefix(word) {
                push_state(RowState { begun: Some((row, rest)), ..state.clone() }, next);
            }
        }
        None => {
            for (row, labels) in rows.iter().enumerate().skip(state.done) {
                for key in labels.keys {
                    if let Some(rest) = key.strip_prefix(word) {
                        push_state(RowState { begun: Some((row, rest)), ..state.clone() }, next);
                    }
                }
            }
        }
    }
    // Headings of rows still to come; a heading may be repeated, as page breaks and spans do.
    let from = state.begun.map_or(state.done, |(row, _)| row);
    let mut seen: Vec<*const String> = Vec::new();
    for labels in rows.iter().skip(from.saturating_sub(1)) {
        for keys in &labels.headings {
            if seen.contains(&keys.as_ptr()) {
                continue;
            }
            seen.push(keys.as_ptr());
            for key in *keys {
                if let Some(rest) = key.strip_prefix(word) {
                    let mut state = state.clone();
                    if !rest.is_empty() {
                        if state.headings.len() >= 3 {
                            continue;
                        }
                        state.headings.push(rest);
                    }
                    push_state(state, next);
                } else if let Some(word) = word.strip_prefix(key.as_str()) {
                    row_word(state, word, rows, repeated, cuts, next);
                }
            }
        }
    }
    if repeated.iter().any(|keys| keys.iter().any(|key| key == word)) {
        push_state(RowState { cost: state.cost + COST_HEADER, ..state.clone() }, next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(labels: &[&str]) -> Vec<String> {
        labels.iter().map(|label| (*label).to_owned()).collect()
    }

    fn check_header(words: &str, expected: Option<&[usize]>) {
        let labels =
            [keys(&["自然人"]), keys(&["法人或其他组织"]), keys(&["总计"]), keys(&["商业企业"]), keys(&["科研机构"])];
        let elements: Vec<Element<'_>> = labels.iter().map(|keys| Element { keys, times: 1 }).collect();
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(headers(&words, &elements).as_deref(), expected, "{words:?}");
    }

    #[test]
    fn header_labels_may_be_broken_glued_and_interleaved() {
        check_header("自然人 法人或其他组织 总计 商业企业 科研机构", Some(&[0, 1, 2, 3, 4]));
        check_header("自然 人 法人或其他组织 总计商业 企业 科研 机构", Some(&[0, 1, 2, 3, 4]));
        check_header("自然人 商业 科研 企业 机构", Some(&[0, 3, 4]));
        check_header("自然人 商业 企", None);
        check_header("自然人 自然人", None);
        check_header("自然人 注", None);
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
        let mut segments = vec![Segment { words: Vec::new(), has_run: false, is_blank: false }];
        for word in text.split(' ') {
            let last = segments.last_mut().expect("never empty");
            match word {
                "#" | "_" => {
                    (last.has_run, last.is_blank) = (true, word == "_");
                    segments.push(Segment { words: Vec::new(), has_run: false, is_blank: false });
                }
                word => last.words.push(word),
            }
        }
        let found = rows(&segments, &labels, &[]);
        let n_runs = segments.iter().filter(|segment| segment.has_run).count();
        assert_eq!((&found.rows[..n_runs], found.unexplained.len()), (expected, n_unexplained), "{text}: {found:?}");
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
