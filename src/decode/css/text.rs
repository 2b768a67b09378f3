//! The text of a style sheet, cut where its marks are.

pub(super) fn without_comments(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        left.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    left + rest
}

/// Resolves `\` and what stands behind it.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let digits = after.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            plain.extend(after.chars().next());
            rest = after.get(after.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
            continue;
        }
        let code = u32::from_str_radix(&after[..digits], 16).unwrap_or(0);
        plain.push(char::from_u32(code).unwrap_or('\u{fffd}'));
        rest = &after[digits..];
        rest = rest.strip_prefix([' ', '\t', '\n']).unwrap_or(rest);
    }
    plain + rest
}

/// The first of these characters outside quotation marks.
pub(super) fn position_of(text: &str, wanted: &[char]) -> Option<usize> {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            // A quotation that is not closed ends with its line.
            '\n' => quote = None,
            _ if quote == Some(c) => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(c),
            _ if quote.is_none() && wanted.contains(&c) => return Some(at),
            _ => {}
        }
    }
    None
}

/// The declarations of a block without the rules in it.
pub(super) fn without_nested(body: &str) -> String {
    let mut left = String::new();
    let mut rest = body;
    while let Some(at) = position_of(rest, &['{']) {
        let selectors = rest[..at].rfind([';', '}']).map_or(0, |end| end + 1);
        left.push_str(&rest[..selectors]);
        let block = &rest[at + 1..];
        rest = block.get(block_end(block) + 1..).unwrap_or_default();
    }
    left + rest
}

/// Where a block ends that has begun.
pub(super) fn block_end(text: &str) -> usize {
    let (mut from, mut depth) = (0, 0_usize);
    while let Some(at) = position_of(&text[from..], &['{', '}']) {
        let at = from + at;
        if text[at..].starts_with('{') {
            depth += 1;
        } else if depth == 0 {
            return at;
        } else {
            depth -= 1;
        }
        from = at + 1;
    }
    text.len()
}

/// The parts of a text between marks that stand outside quotation marks and brackets.
pub(super) fn split_outside(text: &str, mark: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut from, mut depth) = (0, 0, 0_usize);
    while let Some(at) = position_of(&text[from..], &[mark, '(', ')']) {
        let at = from + at;
        match &text[at..] {
            rest if rest.starts_with('(') => depth += 1,
            rest if rest.starts_with(')') => depth = depth.saturating_sub(1),
            _ if depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
        from = at + 1;
    }
    parts.push(&text[begin..]);
    parts
}
