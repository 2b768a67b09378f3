//! The words, numbers and blanks of a table region, in reading order.

mod instructions;

use std::collections::BTreeMap;
use std::ops::Range;

use super::outline::Outline;
use super::value::{is_dash, is_plain_number, trim};
use crate::config::Config;
use crate::form::label::{distance, fold_into, half_width, is_han, strip_ordinal, tolerance};
use crate::model::document::{Document, Place};
use crate::model::report::{Layout, Origin};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of a label.
    Word,
    /// What stands in a cell: a number, a mark for nothing, or something that tries to be a number.
    Value,
    /// An empty cell.
    Blank,
}

/// A token of a region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Piece it was cut from.
    pub(super) piece: usize,
    /// Byte range of its print in the document.
    start: usize,
    end: usize,
    /// Byte range of its folded text in that of its piece.
    folded: (usize, usize),
    /// Cells to its right that repeat it, as converters print a label once for each column it spans.
    pub(super) repeats: u16,
}

/// Where a token stands in a table whose columns line up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Number of the table on the page.
    pub(super) table: u32,
    /// First column it covers.
    pub(super) first: usize,
    /// Column after the last one it covers.
    pub(super) end: usize,
    /// Its place was laid out, not counted.
    pub(super) is_laid_out: bool,
}

/// The tokens of a region.
pub(super) struct Tokens<'o, 'd> {
    pub(super) outline: &'o Outline<'d>,
    pub(super) tokens: Vec<Token>,
    /// How the region reached us.
    pub(super) layout: Layout,
    /// Rows of separated cells that stand under rows of the same width: first row of each such stretch,
    /// and the row after its last.
    stretches: Vec<(u32, u32)>,
    /// Labels that words are taken for although they are spelt otherwise, by token.
    respelt: BTreeMap<usize, &'o str>,
}

/// Numbers of stretches begin here, those of grids at 0.
const FIRST_STRETCH: u32 = 1 << 31;

impl<'o, 'd> Tokens<'o, 'd> {
    /// Cuts the pieces of a region.
    pub(super) fn new(outline: &'o Outline<'d>, ranges: &[Range<usize>], config: &Config) -> Self {
        let n_pieces: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        let mut tokens = Self {
            outline,
            tokens: Vec::with_capacity(n_pieces + n_pieces / 2),
            layout: Layout::Stream,
            stretches: stretches(outline, ranges),
            respelt: BTreeMap::new(),
        };
        for range in ranges {
            for at in range.clone() {
                tokens.piece(at, config);
            }
        }
        tokens.drop_instructions(config);
        tokens.layout = tokens.find_layout();
        tokens
    }

    /// The print of a token.
    pub(super) fn printed(&self, token: usize) -> &'d str {
        let token = &self.tokens[token];
        self.outline.document.text.get(token.start..token.end).unwrap_or("")
    }

    /// The folded text of a token.
    pub(super) fn folded(&self, token: usize) -> &'o str {
        if !self.respelt.is_empty()
            && let Some(label) = self.respelt.get(&token)
        {
            return label;
        }
        let Token { piece, folded: (start, end), .. } = self.tokens[token];
        &self.outline.folded(piece)[start..end]
    }

    /// Takes words that are no label of this table for the one label that they nearly are; gives those
    /// labels. A word that may be part of a label, is near two of them, or differs in a character that turns
    /// the meaning, stays as it is.
    pub(super) fn respell(&mut self, table: &str, config: &'o Config) -> Vec<&'o str> {
        // Elements by their codes, whatever the form.
        let mut labels: Vec<(&'o str, &'o str)> = Vec::new();
        for (_, table) in config.forms.tables(table) {
            let rows = table.rows.iter().map(|row| (row.code.as_str(), &row.labels.keys));
            let columns = table.columns.iter().map(|column| (column.code.as_str(), &column.labels.keys));
            let groups = table.groups.iter().map(|group| (group.code.as_str(), &group.labels.keys));
            let blocks = table.blocks.iter().map(|block| (block.code.as_str(), &block.labels.keys));
            let elements = rows.chain(columns).chain(groups).chain(blocks).chain([("", &table.corner)]);
            labels.extend(elements.flat_map(|(code, keys)| keys.iter().map(move |key| (code, key.as_str()))));
        }
        for at in 0..self.tokens.len() {
            let text = self.folded(at);
            if self.tokens[at].kind != Kind::Word || labels.iter().any(|(_, label)| label.contains(text)) {
                continue;
            }
            let telling = &config.reading.telling;
            let near = |(code, label): &(&'o str, &'o str)| {
                let distance = distance(text, label, tolerance(label)).filter(|_| !is_telling(text, label, telling))?;
                Some((distance, *code, *label))
            };
            let near: Vec<(usize, &str, &'o str)> = labels.iter().filter_map(near).collect();
            let Some((_, code, label)) = near.iter().min_by_key(|(distance, _, _)| *distance) else { continue };
            let is_one = near.iter().all(|(_, other, _)| other == code);
            // A label glued to others is no slip.
            if is_one && !labels.iter().any(|(_, other)| text.contains(other) && !label.contains(other)) {
                self.respelt.insert(at, label);
            }
        }
        self.respelt.values().copied().collect()
    }

    /// How the piece of a token stands on the page.
    pub(super) fn place(&self, token: usize) -> Place {
        self.outline.document.pieces[self.tokens[token].piece].place
    }

    /// Where a token stands among columns that line up: in a grid, or in rows of equal width.
    pub(super) fn slot(&self, token: usize) -> Option<Slot> {
        let repeats = usize::from(self.tokens[token].repeats);
        match self.place(token) {
            Place::Grid { grid, column, column_span, .. } => {
                let end = usize::from(column) + usize::from(column_span) + repeats;
                Some(Slot { table: grid, first: usize::from(column), end, is_laid_out: true })
            }
            Place::Row { row, column } => {
                let at = self.stretches.iter().position(|(first, end)| (*first..*end).contains(&row))?;
                let first = usize::from(column);
                let table = FIRST_STRETCH + u32::try_from(at).ok()?;
                Some(Slot { table, first, end: first + 1 + repeats, is_laid_out: false })
            }
            Place::Line => None,
        }
    }

    /// Whether a label is printed once for each column it spans.
    pub(super) fn is_repeated(&self, token: usize) -> bool {
        self.tokens[token].repeats > 0
    }

    /// Characters before a token in its line.
    pub(super) fn x(&self, token: usize) -> usize {
        let (indent, before) = self.before(token);
        indent + before.chars().count()
    }

    /// The white space a token's line begins with, in characters, and what stands before the token after that.
    pub(super) fn before(&self, token: usize) -> (usize, &'d str) {
        let Token { piece, start, .. } = self.tokens[token];
        let document = self.outline.document;
        let piece = &document.pieces[piece];
        (piece.indent as usize, document.text.get(piece.start as usize..start).unwrap_or(""))
    }

    /// What stands between two tokens of one line.
    pub(super) fn between(&self, one: usize, two: usize) -> &'d str {
        self.outline.document.text.get(self.tokens[one].end..self.tokens[two].start).unwrap_or("")
    }

    /// Whether the lines of these tokens stand as they do on the page, white space between them kept.
    pub(super) fn is_laid_out_text(&self, tokens: &[usize]) -> bool {
        const GAP: usize = 3;
        let is_line = |at: &usize| matches!(self.place(*at), Place::Line);
        let is_gap = |pair: &[usize]| {
            self.is_same_line(pair[0], pair[1]) && self.tokens[pair[1]].start >= self.tokens[pair[0]].end + GAP
        };
        tokens.iter().all(is_line) && tokens.windows(2).any(is_gap)
    }

    /// Whether both tokens stand on lines of text.
    pub(super) fn are_lines(&self, one: usize, two: usize) -> bool {
        [one, two].iter().all(|at| matches!(self.place(*at), Place::Line))
    }

    /// Whether two tokens stand on one line of text.
    pub(super) fn is_same_line(&self, one: usize, two: usize) -> bool {
        self.tokens[one].piece == self.tokens[two].piece && matches!(self.place(one), Place::Line)
    }

    /// Whether two tokens stand in one row of cells.
    pub(super) fn is_same_row(&self, one: usize, two: usize) -> bool {
        self.place(one).shares_row(self.place(two))
    }

    /// Where a token stands, for people.
    pub(super) fn origin(&self, token: usize) -> Origin {
        self.outline.document.origin(self.tokens[token].piece)
    }

    /// The source around a token, cut to a readable length.
    pub(super) fn excerpt(&self, token: usize) -> String {
        let pieces = &self.outline.document.pieces;
        let at = self.tokens[token].piece;
        let in_row = |other: usize| pieces[at].place.shares_row(pieces[other].place);
        let first = (0..at).rev().take_while(|other| in_row(*other)).last().unwrap_or(at);
        let row = (first..pieces.len()).take_while(|other| *other == at || in_row(*other));
        let text = row.map(|at| trim(self.outline.document.text_of(&pieces[at]))).collect::<Vec<_>>().join(" | ");
        text.chars().take(160).collect()
    }

    fn piece(&mut self, at: usize, config: &Config) {
        let document = self.outline.document;
        let piece = &document.pieces[at];
        let text = document.text_of(piece);
        let start = piece.start as usize;
        let folded = self.outline.folded(at);
        match piece.place {
            Place::Line => {
                if self.is_furniture(folded, config) {
                    return;
                }
                let (mut from, mut at_folded) = (0, 0);
                while let Some(begin) = text[from..].find(|c: char| !c.is_whitespace()).map(|begin| from + begin) {
                    let end = text[begin..].find(char::is_whitespace).map_or(text.len(), |end| begin + end);
                    let n_folded = folded_length(&text[begin..end]);
                    self.atom(at, (start + begin, start + end), (at_folded, at_folded + n_folded), true, config);
                    at_folded += n_folded;
                    from = end;
                }
            }
            Place::Row { .. } | Place::Grid { .. } => {
                // A label printed once for each column it spans is one label.
                if let Some(last) = self.tokens.last_mut()
                    && last.kind == Kind::Word
                    && self.outline.folded(last.piece) == folded
                    && document.pieces[last.piece].place.shares_row(piece.place)
                {
                    let span = match piece.place {
                        Place::Grid { column_span, .. } => column_span,
                        _ => 1,
                    };
                    // All words of it, where white space parts them.
                    let label = last.piece;
                    let words = self.tokens.iter_mut().rev().take_while(|token| token.piece == label);
                    words.for_each(|token| token.repeats = token.repeats.saturating_add(span));
                    return;
                }
                if !folded.is_empty() && self.is_furniture(folded, config) {
                    return;
                }
                let n_before = self.tokens.len();
                self.atom(at, (start, start + text.len()), (0, folded.len()), false, config);
                self.cut_label(n_before, config);
            }
        }
    }

    /// Cuts a label in a cell where it holds white space: converters put parts of several labels in one cell.
    fn cut_label(&mut self, at: usize, config: &Config) {
        let Some(token) = self.tokens.get(at).copied().filter(|token| token.kind == Kind::Word) else { return };
        let Some(print) = self.outline.document.text.get(token.start..token.end) else { return };
        if !print.trim().contains(char::is_whitespace) {
            return;
        }
        self.tokens.truncate(at);
        let mut at_folded = token.folded.0;
        let mut from = 0;
        while let Some(begin) = print[from..].find(|c: char| !c.is_whitespace()).map(|begin| from + begin) {
            let end = print[begin..].find(char::is_whitespace).map_or(print.len(), |end| begin + end);
            let n_folded = folded_length(&print[begin..end]);
            let folded = (at_folded, at_folded + n_folded);
            at_folded += n_folded;
            from = end;
            if n_folded > 0 {
                self.tokens.push(Token { start: token.start + begin, end: token.start + end, folded, ..token });
            }
        }
        self.drop_page_number(at, config);
    }

    /// Drops the marked number of a page between the words of a label (`属于 - 5 - 国家秘密`), from a token on.
    fn drop_page_number(&mut self, at: usize, config: &Config) {
        /// The number and a mark on each side.
        const MOST_WORDS: usize = 3;
        let n = self.tokens.len();
        let is_inside = |range: &Range<usize>| {
            let text: String = range.clone().map(|word| self.folded(word)).collect();
            text.bytes().any(|byte| byte.is_ascii_digit())
                && !is_plain_number(&text)
                && config.reading.furniture.is_match(&text)
        };
        let ranges =
            (at + 1..n).flat_map(|first| (first + 1..n.min(first + MOST_WORDS + 1)).map(move |end| first..end));
        if let Some(range) = ranges.into_iter().find(is_inside) {
            self.tokens.drain(range);
        }
    }

    /// Page numbers, units, continuation marks: text of a region that belongs to no cell. A bare number
    /// never is, nor is the rest of a label that a line break cut.
    fn is_furniture(&self, folded: &str, config: &Config) -> bool {
        if folded.len() > 120
            || is_plain_number(folded)
            || !config.reading.furniture.is_match(folded)
            || is_dash(folded, &config.reading)
        {
            return false;
        }
        // Another label may stand between the two parts.
        const MOST_WORDS: usize = 4;
        let words = self.tokens.iter().enumerate().rev().take_while(|(_, token)| token.kind == Kind::Word);
        let is_rest_of = |(word, _): (usize, &Token)| {
            let joined = format!("{}{folded}", self.folded(word));
            let tables = config.forms.forms.iter().flat_map(|form| &form.tables);
            let columns = tables.flat_map(|table| &table.columns).flat_map(|column| &column.labels.keys);
            columns.into_iter().any(|key| key.ends_with(joined.as_str()))
        };
        !words.take(MOST_WORDS).any(is_rest_of)
    }

    fn atom(&mut self, piece: usize, print: (usize, usize), folded: (usize, usize), in_line: bool, config: &Config) {
        let print = self.without_emphasis(print);
        // `…事务信息0`: the first number of a row, glued to a label that fills its cell.
        if in_line
            && let Some(n_digits) = self.glued_digits(piece, folded, config)
            // Full-width digits are longer in print than folded.
            && let Some((begin, _)) = self.outline.document.text[print.0..print.1].char_indices().rev().nth(n_digits - 1)
        {
            let (label, digits) = ((print.0, print.0 + begin), (print.0 + begin, print.1));
            let cut = folded.1 - n_digits;
            self.atom(piece, label, (folded.0, cut), in_line, config);
            self.atom(piece, digits, (cut, folded.1), in_line, config);
            return;
        }
        let plain = trim(&self.outline.document.text[print.0..print.1]);
        let text = &self.outline.folded(piece)[folded.0..folded.1];
        let kind = if is_plain_number(plain) { Kind::Value } else { kind_of(plain, text, in_line, config) };
        if in_line && kind == Kind::Blank {
            return;
        }
        // `547.7944 万元`, `12 件`: a unit apart from its number.
        if in_line
            && kind == Kind::Word
            && let Some(last) = self.tokens.last_mut()
            && last.kind == Kind::Value
            && is_unit_of(self.outline.document, last, (piece, print.0), plain, config)
        {
            last.end = print.1;
            return;
        }
        // `5` and then `.要求`: an ordinal torn from its label is no number.
        if kind == Kind::Word
            && in_line
            && text.starts_with(['.', '、', ')'])
            && let [rest @ .., last] = self.tokens.as_mut_slice()
            && last.kind == Kind::Value
            && last.end - last.start <= 2
            && rest.last().is_none_or(|before| {
                before.piece != last.piece || is_torn_off(self.outline.document, before, last, print.0)
            })
            && (last.piece == piece || last.piece + 1 == piece)
        {
            last.kind = Kind::Word;
        }
        self.tokens.push(Token { kind, piece, start: print.0, end: print.1, folded, repeats: 0 });
    }

    /// A figure without the marks of emphasis around it (`**0**`).
    fn without_emphasis(&self, (mut start, mut end): (usize, usize)) -> (usize, usize) {
        let text = &self.outline.document.text;
        while let Some(inner) = text.get(start..end).and_then(|print| {
            let inner = print.strip_prefix(['*', '_'])?.strip_suffix(['*', '_'])?;
            (print.starts_with('*') == print.ends_with('*') && inner.contains(|c: char| c.is_ascii_digit()))
                .then_some(inner)
        }) {
            if inner.contains(|c: char| !c.is_ascii()) {
                break;
            }
            (start, end) = (start + 1, end - 1);
        }
        (start, end)
    }

    /// Digits at the end of a word whose rest is the whole label of a row.
    fn glued_digits(&self, piece: usize, folded: (usize, usize), config: &Config) -> Option<usize> {
        let text = &self.outline.folded(piece)[folded.0..folded.1];
        let label = text.trim_end_matches(|c: char| c.is_ascii_digit());
        if label.len() == text.len() || !label.ends_with(is_han) {
            return None;
        }
        // Only where sums tell a figure from the mark of a footnote.
        let rows = config.forms.forms.iter().flat_map(|form| &form.tables).flat_map(|table| &table.rows);
        let mut rows = rows.filter(|row| row.block.is_none());
        let is_label = rows.any(|row| row.labels.keys.iter().any(|key| key == label));
        is_label.then(|| text.len() - label.len())
    }

    fn find_layout(&self) -> Layout {
        let (mut grid, mut row, mut line) = (0_usize, 0_usize, 0_usize);
        let mut last_row = None;
        for at in 0..self.tokens.len() {
            if self.tokens[at].kind != Kind::Value {
                continue;
            }
            match self.place(at) {
                Place::Grid { .. } => grid += 1,
                Place::Row { row: number, .. } => {
                    // Rows of one cell each are a stream.
                    if last_row == Some(number) {
                        row += 1;
                    } else {
                        line += 1;
                    }
                    last_row = Some(number);
                }
                Place::Line => line += 1,
            }
        }
        if grid > row + line {
            Layout::Grid
        } else if row > line {
            Layout::Lines
        } else {
            Layout::Stream
        }
    }
}

/// Stretches of at least two rows of separated cells that follow one another and are equally wide.
fn stretches(outline: &Outline<'_>, ranges: &[Range<usize>]) -> Vec<(u32, u32)> {
    let mut stretches: Vec<(u32, u32, usize)> = Vec::new();
    for at in ranges.iter().flat_map(Clone::clone) {
        let Place::Row { row, column } = outline.document.pieces[at].place else { continue };
        let is_end =
            outline.document.pieces.get(at + 1).is_none_or(|next| !next.place.shares_row(Place::Row { row, column }));
        if !is_end {
            continue;
        }
        let width = usize::from(column) + 1;
        match stretches.last_mut() {
            Some((_, end, of)) if *end == row && *of == width => *end = row + 1,
            _ => stretches.push((row, row + 1, width)),
        }
    }
    stretches.retain(|(first, end, width)| end - first >= 2 && *width >= 2);
    stretches.into_iter().map(|(first, end, _)| (first, end)).collect()
}

/// Whether a figure stands near what follows it, and far behind a label in its line (`（三）不予公开    1 .属于国家秘密`).
fn is_torn_off(document: &Document, before: &Token, figure: &Token, next: usize) -> bool {
    const GAP: usize = 3;
    let is_blank = |from, to| document.text.get(from..to).is_some_and(|gap| gap.trim().is_empty());
    before.kind == Kind::Word
        && figure.start >= before.end + GAP
        && is_blank(before.end, figure.start)
        && next == figure.end + 1
        && is_blank(figure.end, next)
}

/// Whether a word of a line is the unit of the figure before it: one of money on its line, or one of a count right
/// behind it, as the parts of a label that stand apart from it are single characters too.
fn is_unit_of(
    document: &Document,
    figure: &Token,
    (piece, start): (usize, usize),
    word: &str,
    config: &Config,
) -> bool {
    if config.reading.money_units.iter().any(|(unit, _)| unit == word) {
        return figure.piece == piece;
    }
    let between = document.text.get(figure.end..start).unwrap_or("").chars();
    config.reading.count_units.iter().any(|unit| unit == word)
        && document.pieces[figure.piece].line == document.pieces[piece].line
        && between.clone().count() == 1
        && between.clone().all(|c| c.is_whitespace() && c != '\n')
        && document.text[figure.start..figure.end].ends_with(|c: char| half_width(c).is_ascii_digit())
}

/// Whether two texts differ in one of these characters.
fn is_telling(one: &str, two: &str, telling: &str) -> bool {
    let count = |text: &str, c: char| text.chars().filter(|other| *other == c).count();
    telling.chars().any(|c| count(one, c) != count(two, c))
}

/// Bytes of a text once folded.
fn folded_length(text: &str) -> usize {
    if is_plain_number(text) {
        return text.len();
    }
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded.len()
}

/// What a token that is not a plain number is.
///
/// Something that tries to be a number (`5(3)`, `1O`, `约20`) is a value, so that it fills its place
/// and is refused there; a label is a word even when it holds digits.
fn kind_of(printed: &str, folded: &str, in_line: bool, config: &Config) -> Kind {
    if printed.is_empty() {
        return Kind::Blank;
    }
    // One character of a label broken over lines may be 无.
    let is_mark = is_dash(printed, &config.reading);
    if is_mark && !(in_line && folded.chars().any(is_han)) {
        return Kind::Value;
    }
    if folded.is_empty() {
        // Nothing but emphasis marks.
        return if in_line || printed.chars().all(|c| matches!(c, '*' | '#' | '_')) {
            Kind::Blank
        } else {
            Kind::Value
        };
    }
    let rest = strip_ordinal(folded);
    if rest.is_empty() {
        return Kind::Word;
    }
    // Digits of any script; the tables of Unicode are asked only for what is no Chinese character.
    let has_digit = rest.chars().any(|c| c.is_ascii_digit() || (!c.is_ascii() && !is_han(c) && c.is_numeric()));
    let n_han = rest.chars().filter(|c| is_han(*c)).count();
    let first = rest.chars().next().unwrap_or(' ');
    // `1.` and `(1)` may stand apart from their label.
    let is_ordinal_mark = rest.ends_with(['.', '、', ')']) && rest.trim_matches(['(', ')', '.', '、']).len() <= 2;
    if has_digit {
        if is_ordinal_mark || (is_han(first) && n_han >= 2) || first == '(' && n_han >= 4 {
            Kind::Word
        } else {
            Kind::Value
        }
    } else if rest.len() <= 4 && rest.chars().all(|c| c.is_ascii_alphabetic()) {
        Kind::Value
    } else {
        Kind::Word
    }
}
