//! Instructions of the template left inside labels: text in brackets that tells the filer what to enter.

use super::{Kind, Token, Tokens};
use crate::config::Config;

/// An instruction is broken over no more words, and is no longer than this.
const MOST_WORDS: usize = 12;
const MOST_BYTES: usize = 300;
/// No instruction is shorter: brackets of ordinals and units.
const LEAST_BYTES: usize = 9;

impl Tokens<'_, '_> {
    /// Takes instructions out of the labels, those broken over words too. A number inside one that stands as a
    /// word of its own stays, and so does all of it: nothing that may be a cell is dropped.
    pub(super) fn drop_instructions(&mut self, config: &Config) {
        let mut at = 0;
        while at < self.tokens.len() {
            match self.instruction(at, config) {
                Some((open, last, close)) => {
                    self.cut(at, open, last, close);
                    // What follows the bracket may hold another one.
                    at += usize::from(open > 0);
                }
                None => at += 1,
            }
        }
    }

    /// The instruction that opens in a word: where its bracket opens, in which word it closes, and where the rest
    /// of that word begins.
    fn instruction(&self, at: usize, config: &Config) -> Option<(usize, usize, usize)> {
        if self.tokens[at].kind != Kind::Word {
            return None;
        }
        let word = self.folded(at);
        for (open, _) in word.match_indices('(') {
            let mut text = String::new();
            let mut depth = 0_usize;
            for (last, token) in self.tokens.iter().enumerate().skip(at).take(MOST_WORDS) {
                if token.kind != Kind::Word || text.len() > MOST_BYTES {
                    break;
                }
                let from = if last == at { open } else { 0 };
                let part = &self.folded(last)[from..];
                let close = part.char_indices().find(|(_, c)| {
                    depth += usize::from(*c == '(');
                    depth -= usize::from(*c == ')' && depth > 0);
                    depth == 0
                });
                let Some((close, _)) = close else {
                    text.push_str(part);
                    continue;
                };
                text.push_str(&part[..close]);
                if text.len() >= LEAST_BYTES && config.reading.instructions.is_match(&text) {
                    return Some((open, last, from + close + 1));
                }
                break;
            }
        }
        None
    }

    /// Cuts what lies between a place in one word and a place in another; words with nothing left go.
    fn cut(&mut self, at: usize, open: usize, last: usize, close: usize) {
        let piece = |token: &Token, from: usize, to: usize| Token {
            folded: (token.folded.0 + from, token.folded.0 + to),
            ..*token
        };
        let end = self.folded(last).len();
        let parts = [piece(&self.tokens[at], 0, open), piece(&self.tokens[last], close, end)];
        let parts = parts.into_iter().filter(|part| part.folded.0 < part.folded.1);
        self.tokens.splice(at..=last, parts.collect::<Vec<_>>());
    }
}
