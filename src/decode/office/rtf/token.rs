//! What rich text is made of: braces, control words and symbols, bytes of text.

/// What a file is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    Word(&'a [u8], Option<i32>),
    Symbol(u8),
    /// A byte of text as `\'xx`.
    Hex(u8),
    Text(u8),
    /// Bytes that are no text.
    Binary,
}

/// The next token, and what follows it.
pub(super) fn next(bytes: &[u8]) -> Option<(Token<'_>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some(match first {
        b'{' => (Token::Open, rest),
        b'}' => (Token::Close, rest),
        b'\\' => control(rest)?,
        byte => (Token::Text(*byte), rest),
    })
}

/// A control word or symbol behind its backslash.
fn control(bytes: &[u8]) -> Option<(Token<'_>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first == b'\'' {
        let digit = |at: usize| rest.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        return Some(match (digit(0), digit(1)) {
            (Some(high), Some(low)) => (Token::Hex(u8::try_from(high * 16 + low).ok()?), &rest[2..]),
            _ => (Token::Symbol(b'\''), rest),
        });
    }
    if !first.is_ascii_alphabetic() {
        return Some((Token::Symbol(*first), rest));
    }
    let length = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (word, mut rest) = bytes.split_at(length);
    let is_negative = rest.first() == Some(&b'-') && rest.get(1).is_some_and(u8::is_ascii_digit);
    let from = usize::from(is_negative);
    let n_digits = rest[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut number = None;
    if n_digits > 0 {
        let digits = &rest[from..from + n_digits];
        let value =
            digits.iter().fold(0_i32, |value, digit| value.saturating_mul(10).saturating_add(i32::from(*digit - b'0')));
        number = Some(if is_negative { -value } else { value });
        rest = &rest[from + n_digits..];
    }
    // One blank ends a word and is no text.
    rest = rest.strip_prefix(b" ").unwrap_or(rest);
    if word == b"bin" {
        let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0).min(rest.len());
        return Some((Token::Binary, &rest[length..]));
    }
    Some((Token::Word(word, number), rest))
}
