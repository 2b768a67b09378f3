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

/// A label begun and not finished: which element it is may show only later (结果 begins two of them).
#[derive(Clone, PartialEq)]
struct Open<'f> {
    /// Its place in the order.
    slot: usize,
    /// Elements it may be, each with the rest of its label.
    ways: Vec<(usize, &'f str)>,
}

/// A label that is begun and not told from others yet.
const UNKNOWN: usize = usize::MAX;

#[derive(Clone, PartialEq)]
struct HeaderState<'f> {
    open: Vec<Open<'f>>,
    /// Elements in the order in which they begin.
    order: Vec<usize>,
    /// How often a label was left for another one before its end, and how oddly it goes on.
    cost: u32,
}

/// The explanations of a header that fit best.
#[derive(Debug, Default)]
pub(in crate::extract) struct Explained {
    /// Elements in the order in which they begin, once for each explanation.
    orders: Vec<Vec<usize>>,
    /// Each label is printed whole before the next one begins.
    is_plain: bool,
}

impl Explained {
    /// What the explanations agree on, as far as `read` makes sense of them: it takes the elements in the order
    /// in which they begin, and whether each is printed whole before the next.
    pub(in crate::extract) fn agreed<T: PartialEq>(&self, read: impl Fn(&[usize], bool) -> Option<T>) -> Option<T> {
        let mut found = self.orders.iter().filter_map(|order| read(order, self.is_plain));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }
}

/// Explains the words of a header by elements in any order. An explanation is the better the less often it
/// leaves a label before its end.
pub(in crate::extract) fn headers<'f>(words: &[&str], elements: &[Element<'f>]) -> Explained {
    if words.len() > MAX_HEADER_WORDS {
        return Explained::default();
    }
    if let Some(order) = plain_headers(words, elements) {
        return Explained { orders: vec![order], is_plain: true };
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
    let least = states.iter().map(|state| state.cost).min();
    let mut orders: Vec<Vec<usize>> = Vec::new();
    for state in states.into_iter().filter(|state| Some(state.cost) == least) {
        if !orders.contains(&state.order) {
            orders.push(state.order);
        }
    }
    Explained { orders, is_plain: false }
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
    if word.is_empty() {
        match next.iter_mut().find(|other| other.order == state.order && other.open == state.open) {
            Some(other) => other.cost = other.cost.min(state.cost),
            None => next.push(state.clone()),
        }
        return;
    }
    if *cuts == 0 {
        return;
    }
    *cuts -= 1;
    let is_left = |state: &HeaderState<'f>, element: usize| {
        let n_begun = state.order.iter().filter(|other| **other == element).count();
        n_begun < usize::from(elements[element].times)
    };
    for (at, open) in state.open.iter().enumerate() {
        // Of two labels with the same rest, it does not matter which goes on.
        if state.open[..at].iter().any(|other| other.ways == open.ways) {
            continue;
        }
        // Labels go on in the order in which they begin, as lines beside one another do, or the last one first.
        let distance = at.min(state.open.len() - 1 - at);
        let cost = state.cost + u32::try_from(distance).unwrap_or(u32::MAX);
        let ways = open.ways.iter().filter(|(element, _)| is_left(state, *element));
        let going: Vec<(usize, &'f str)> = ways
            .clone()
            .filter_map(|(element, rest)| Some((*element, rest.strip_prefix(word)?)))
            .filter(|(_, rest)| !rest.is_empty())
            .collect();
        if !going.is_empty() {
            let mut state = HeaderState { cost, ..state.clone() };
            state.open[at].ways = going;
            header_word(&state, "", elements, cuts, next);
        }
        for (element, rest) in ways {
            if let Some(word) = word.strip_prefix(rest) {
                let mut state = HeaderState { cost, ..state.clone() };
                let open = state.open.remove(at);
                state.order[open.slot] = *element;
                header_word(&state, word, elements, cuts, next);
            }
        }
    }
    let cost = state.cost + u32::from(!state.open.is_empty());
    let keys = || {
        let left = elements.iter().enumerate().filter(|(element, _)| is_left(state, *element));
        left.flat_map(|(element, of)| of.keys.iter().map(move |key| (element, key.as_str())))
    };
    let begun: Vec<(usize, &'f str)> = keys()
        .filter_map(|(element, key)| Some((element, key.strip_prefix(word)?)))
        .filter(|(_, rest)| !rest.is_empty())
        .collect();
    if !begun.is_empty() {
        let mut state = HeaderState { cost, ..state.clone() };
        state.open.push(Open { slot: state.order.len(), ways: begun });
        state.order.push(UNKNOWN);
        header_word(&state, "", elements, cuts, next);
    }
    for (element, key) in keys() {
        if let Some(word) = word.strip_prefix(key) {
            let mut state = HeaderState { cost, ..state.clone() };
            state.order.push(element);
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
        assert_eq!(headers(&words, &elements).orders.first().map(Vec::as_slice), expected, "{words:?}");
    }

    #[test]
    fn header_labels_may_be_broken_glued_and_interleaved() {
        check_header("自然人 法人或其他组织 总计 商业企业 科研机构", Some(&[0, 1, 2, 3, 4]));
        check_header("自然 人 法人或其他组织 总计商业 企业 科研 机构", Some(&[0, 1, 2, 3, 4]));
        check_header("自然人 商业 科研 企业 机构", Some(&[0, 3, 4]));
        check_header("商业 科研 企业 机构", Some(&[3, 4]));
        check_header("商 科 业企业 研机构", Some(&[3, 4]));
        check_header("自然人 商业 企", None);
        check_header("自然人 自然人", None);
        check_header("自然人 注", None);
    }

    #[test]
    fn labels_that_begin_alike_are_told_apart_by_their_ends() {
        let labels = [keys(&["结果维持"]), keys(&["结果纠正"]), keys(&["其他结果"]), keys(&["总计"])];
        let elements: Vec<Element<'_>> = labels.iter().map(|keys| Element { keys, times: 2 }).collect();
        let check = |words: &str, expected: Option<&[usize]>| {
            let words: Vec<&str> = words.split(' ').collect();
            let whole = |order: &[usize], _| (order[..4].is_sorted() && order[4..].is_sorted()).then(|| order.to_vec());
            let found = headers(&words, &elements).agreed(whole);
            assert_eq!(found.as_deref(), expected, "{words:?}");
        };
        let twice: &[usize] = &[0, 1, 2, 3, 0, 1, 2, 3];
        check("结果 结果 其他 总计 结果 结果 其他 总计 维持 纠正 结果 维持 纠正 结果", Some(twice));
        check("结果 维持 结果 纠正 其他 结果 总计 结果 维持 结果 纠正 其他 结果 总计", Some(twice));
        check("结果维 结果纠 其他结 总计 持 正 果 结果维 结果纠 其他结 总计 持 正 果", Some(twice));
    }
}
