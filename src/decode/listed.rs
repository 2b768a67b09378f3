//! Rows printed as lists, as programs print their own data: `['规章', '0', None]`, `["规章", 0, null],`.

/// The rows of a line that holds nothing but lists of quoted texts, figures and blanks; none of any other line.
pub(super) fn rows(line: &str) -> Vec<Vec<String>> {
    let mut rest = line.trim();
    let mut rows = Vec::new();
    if !rest.starts_with('[') || !rest.contains(['"', '\'']) {
        return rows;
    }
    // Lists may stand in lists, over one line or several.
    while !rest.is_empty() {
        if let Some((row, after)) = row(rest) {
            rows.push(row);
            rest = after;
        } else if let Some(after) = rest.strip_prefix(['[', ']', ',']) {
            rest = after;
        } else {
            return Vec::new();
        }
        rest = rest.trim_start();
    }
    rows
}

/// The list of cells that a text begins with, and what follows it.
fn row(text: &str) -> Option<(Vec<String>, &str)> {
    let mut rest = text.strip_prefix('[')?.trim_start();
    let mut cells = Vec::new();
    loop {
        let (cell, after) = cell(rest)?;
        cells.push(cell);
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(']') {
            return Some((cells, after));
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

/// The cell that a text begins with, and what follows it.
fn cell(text: &str) -> Option<(String, &str)> {
    for nothing in ["None", "null", "nan", "NaN"] {
        if let Some(after) = text.strip_prefix(nothing) {
            return Some((String::new(), after));
        }
    }
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        return quoted(&text[1..], quote);
    }
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-')).unwrap_or(text.len());
    text[..end].parse::<f64>().ok().map(|_| (text[..end].to_owned(), &text[end..]))
}

/// A text up to its closing quote, its escapes undone.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            _ if c == quote => return Some((cell, &text[at + c.len_utf8()..])),
            '\\' => match characters.next()?.1 {
                'n' | 'r' | 't' => cell.push(' '),
                'x' => cell.push(coded(&mut characters, 2)?),
                'u' => cell.push(coded(&mut characters, 4)?),
                c if c.is_ascii_punctuation() => cell.push(c),
                _ => return None,
            },
            _ => cell.push(c),
        }
    }
    None
}

/// The character of a number of so many hexadecimal digits.
fn coded(characters: &mut std::str::CharIndices<'_>, n_digits: usize) -> Option<char> {
    let mut number = 0;
    for _ in 0..n_digits {
        number = number * 16 + characters.next()?.1.to_digit(16)?;
    }
    char::from_u32(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&[&str]]) {
        assert_eq!(rows(line), expected, "{line}");
    }

    #[test]
    fn lists_are_rows() {
        check("['规章', '0', None, 3]", &[&["规章", "0", "", "3"]]);
        check(r#"["规章", "1,204", null, -8],"#, &[&["规章", "1,204", "", "-8"]]);
        check("['规章'],", &[&["规章"]]);
        check("[['规章', '0'], ['许可', '5']]", &[&["规章", "0"], &["许可", "5"]]);
        check("[[['规章', '0'],", &[&["规章", "0"]]);
        check(r#"['商业\n企业', '\u3000\xa05', "a'b"]"#, &[&["商业 企业", "\u{3000}\u{a0}5", "a'b"]]);
    }

    #[test]
    fn what_is_no_list_of_cells_is_none() {
        for line in ["[1, 2]", "['规章', 0", "[bookmark: OLE_1]", "['规章', 0] 后", "['规章' 0]", "['规章', 1.2.3]"]
        {
            check(line, &[]);
        }
    }
}
