//! Labels that may come in any order: the header of a table.

use super::{MAX_CUTS, MAX_STATES};

/// More words than this stand in no header.
const MAX_HEADER_WORDS: usize = 400;

/// What the labels of one element of a header look like.
pub(in crate::extract) struct Element<'f> {
    /// Folded labels.
    pub(in crate::extract) keys: &'f [String],
    /// How often it may stand in the header.
    pub(in crate::extract) times: u8,
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
pub(in crate::extract) fn headers<'f>(words: &[&str], elements: &[Element<'f>]) -> Option<Vec<usize>> {
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
}
