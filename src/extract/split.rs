//! Cuts pages whose lines got lost: a whole article, tables and all, on one line.
//!
//! Where a long line holds headings or the opening labels of tables between white space, it is cut there,
//! and between them every word of a table is a piece of its own. A line of prose holds none and stays.
//! A table inside a table may end in the middle of a row, so that what follows it stands in the cell of its last figure:
//! there a heading in bold ends the cell.

use std::borrow::Cow;

use super::outline::is_title;
use crate::config::Config;
use crate::form::label::{Ordinal, fold_into, split_ordinal};
use crate::model::document::{Document, Piece, Place};

/// A line of fewer characters is a line.
const MIN_BYTES: u32 = 600;
/// A table on one line has no fewer.
const MIN_TABLE_BYTES: u32 = 160;
/// A line with fewer headings and openings stays whole.
const MIN_MARKS: usize = 2;
/// A part of an opening label is no longer.
const MAX_HALF: usize = 24;

/// The document with its overlong lines cut.
pub(super) fn long_lines<'d>(document: &'d Document, config: &Config) -> Cow<'d, Document> {
    let is_long = |piece: &Piece| match piece.place {
        Place::Line => {
            let length = piece.end - piece.start;
            length >= MIN_BYTES || length >= MIN_TABLE_BYTES && is_table(document.text_of(piece), config)
        }
        Place::Row { .. } => document.text_of(piece).contains(BOLD),
        Place::Grid { .. } => false,
    };
    if !document.pieces.iter().any(is_long) {
        return Cow::Borrowed(document);
    }
    let mut pieces: Vec<Piece> = Vec::with_capacity(document.pieces.len());
    let mut is_cut = false;
    for piece in &document.pieces {
        let parts = match piece.place {
            Place::Line => is_long(piece).then(|| cut(document, piece, config)).flatten(),
            _ => is_long(piece).then(|| cut_cell(document, piece, config)).flatten(),
        };
        match parts {
            Some(parts) => {
                is_cut = true;
                pieces.extend(parts);
            }
            None => pieces.push(*piece),
        }
    }
    if !is_cut {
        return Cow::Borrowed(document);
    }
    Cow::Owned(Document { pieces, ..document.clone() })
}

/// Marks bold text.
const BOLD: &str = "**";

/// A figure whose cell goes on with headings in bold: what stands before the first of them is the cell, the rest is lines.
fn cut_cell(document: &Document, piece: &Piece, config: &Config) -> Option<Vec<Piece>> {
    /// Longer than any heading.
    const MAX_BYTES: usize = 240;
    /// No figure with its unit is longer.
    const MAX_FIGURE: usize = 24;
    let text = document.text_of(piece);
    let figure = text.split(BOLD).next()?.trim();
    if figure.len() > MAX_FIGURE || !figure.starts_with(|c: char| c.is_numeric() || matches!(c, '+' | '-' | '/' | '—'))
    {
        return None;
    }
    let mut folded = String::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut is_heading = |inner: &str| {
        folded.clear();
        fold_into(inner, &mut folded);
        let is_first = matches!(split_ordinal(&folded), Some((Ordinal::First, _)));
        inner.len() <= MAX_BYTES && is_first && config.forms.index.section_of(&folded).is_some()
    };
    let mut push = |range: (usize, usize), place: Place| {
        let part = &text[range.0..range.1];
        let start = range.0 + (part.len() - part.trim_start().len());
        let end = range.1 - (part.len() - part.trim_end().len());
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end))
            && start < end
        {
            let is_cell = start == 0;
            let place = if is_cell { place } else { Place::Line };
            pieces.push(Piece { start: piece.start + start, end: piece.start + end, place, ..*piece });
        }
    };
    let mut from = 0;
    let mut at = 0;
    while let Some(open) = text[at..].find(BOLD).map(|open| at + open) {
        let inner = open + BOLD.len();
        let Some(close) = text[inner..].find(BOLD).map(|close| inner + close) else { break };
        let end = close + BOLD.len();
        if is_heading(&text[inner..close]) {
            push((from, open), piece.place);
            push((open, end), piece.place);
            from = end;
            at = end;
        } else {
            at = close;
        }
    }
    if from == 0 {
        return None;
    }
    push((from, text.len()), piece.place);
    Some(pieces)
}

/// What a word is for the cutting of its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// The heading of a section, or a title.
    Heading,
    /// It opens a table.
    Opens,
    Plain,
}

fn cut(document: &Document, piece: &Piece, config: &Config) -> Option<Vec<Piece>> {
    let text = document.text_of(piece);
    let mut words: Vec<(usize, usize, Word)> = Vec::new();
    let mut folded = String::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(|c: char| !c.is_whitespace()).map(|start| from + start) {
        let end = text[start..].find(char::is_whitespace).map_or(text.len(), |end| start + end);
        let now = word(&text[start..end], &mut folded, config);
        // An opening label that was broken over lines in its cell.
        match words.last_mut() {
            Some((before, last, what @ Word::Plain))
                if now == Word::Plain
                    && (end - start).max(*last - *before) <= MAX_HALF
                    && word(&text[*before..end], &mut folded, config) == Word::Opens =>
            {
                (*last, *what) = (end, Word::Opens);
            }
            _ => words.push((start, end, now)),
        }
        from = end;
    }
    let n_marks = words.iter().filter(|(_, _, word)| *word != Word::Plain).count();
    if n_marks < MIN_MARKS && !is_table(text, config) {
        return None;
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut in_table = false;
    let mut is_open = false;
    for (start, end, word) in words {
        match word {
            Word::Heading => in_table = false,
            Word::Opens => in_table = true,
            // Prose after the table of a section.
            Word::Plain if text[start..end].contains('。') => in_table = false,
            Word::Plain => {}
        }
        let (start, end) = (piece.start + u32::try_from(start).ok()?, piece.start + u32::try_from(end).ok()?);
        match pieces.last_mut() {
            Some(last) if is_open && word == Word::Plain && !in_table => last.end = end,
            _ => pieces.push(Piece { start, end, ..*piece }),
        }
        is_open = word == Word::Plain && !in_table;
    }
    Some(pieces)
}

/// Whether a line is a whole table: it begins with the opening label of one, holds many words, and no sentence.
fn is_table(text: &str, config: &Config) -> bool {
    const MIN_WORDS: usize = 16;
    let mut words = text.split_whitespace();
    let is_open = words.next().is_some_and(|first| word(first, &mut String::new(), config) == Word::Opens);
    is_open && words.nth(MIN_WORDS).is_some() && !text.contains('。')
}

fn word(text: &str, folded: &mut String, config: &Config) -> Word {
    /// Longer than any heading, title or opening label.
    const MAX_BYTES: usize = 240;
    if text.len() > MAX_BYTES {
        return Word::Plain;
    }
    folded.clear();
    fold_into(text, folded);
    let index = &config.forms.index;
    let is_first = matches!(split_ordinal(folded), Some((Ordinal::First, _)));
    if (is_first && index.section_of(folded).is_some()) || is_title(folded, config) {
        return Word::Heading;
    }
    if index.opens(folded).is_some() { Word::Opens } else { Word::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let config = Config::embedded().expect("settings");
        let mut document = Document::default();
        document.push(line, 1, Place::Line);
        let cut = long_lines(&document, &config);
        let pieces: Vec<&str> = cut.pieces.iter().map(|piece| cut.text_of(piece)).collect();
        assert_eq!(pieces, expected);
    }

    #[test]
    fn an_article_on_one_line_is_cut_at_its_headings_and_tables() {
        let prose = "全年信息公开工作平稳有序，各项任务按期完成。".repeat(12);
        let line = format!(
            "示例县财政局2023年政府信息公开工作年度报告 一、总体情况 {prose} 另记。 二、主动公开政府信息情况 第二十条第（一）项 信息内容 规章 0 五、存在的主要问题及改进情况 {prose}"
        );
        let overview = format!("{prose} 另记。");
        check(
            &line,
            &[
                "示例县财政局2023年政府信息公开工作年度报告",
                "一、总体情况",
                &overview,
                "二、主动公开政府信息情况",
                "第二十条第（一）项",
                "信息内容",
                "规章",
                "0",
                "五、存在的主要问题及改进情况",
                &prose,
            ],
        );
    }

    #[test]
    fn an_opening_label_may_be_broken() {
        let prose = "全年信息公开工作平稳有序，各项任务按期完成。".repeat(12);
        let line = format!("二、主动公开政府信息情况 第二十条  第（一）项 规章 0 五、存在的主要问题及改进情况 {prose}");
        let pieces =
            ["二、主动公开政府信息情况", "第二十条  第（一）项", "规章", "0", "五、存在的主要问题及改进情况", &prose];
        check(&line, &pieces);
    }

    #[test]
    fn a_table_may_stand_on_one_line() {
        let line = "行政复议 行政诉讼 结果维持 结果纠正 其他结果 尚未审结 总计 未经复议直接起诉 复议后起诉 结果维持 结果纠正 其他结果 0 1 2 3 4 5";
        check(line, &line.split(' ').collect::<Vec<_>>());
    }

    #[test]
    fn prose_stays_whole() {
        let prose = "全年信息公开工作平稳有序， 各项任务按期完成。".repeat(30);
        check(&prose, &[&prose]);
    }
}
