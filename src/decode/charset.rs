//! Bytes to text: which encoding, decided by content.
//!
//! Order: byte order mark, the pattern of zero bytes that UTF-16 leaves, valid UTF-8, UTF-8 with a few
//! broken bytes, what the page declares, what statistics say. `gb2312` and `gbk` are read as GB18030,
//! their superset. Characters that cannot be decoded become U+FFFD and are counted; a text full of
//! them is refused, never guessed.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Decoded text.
pub(super) struct Text {
    pub(super) text: String,
    pub(super) encoding: &'static str,
    pub(super) n_replaced: usize,
}

/// Whether the bytes hold nothing but blanks and a byte order mark.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    // Longer files of blanks are read like any other and found to have no text.
    bytes.len() < 4096
        && std::str::from_utf8(bytes).map_or_else(
            |_| matches!(bytes, b"\xff\xfe" | b"\xfe\xff"),
            |text| text.chars().all(|c| c.is_whitespace() || c == '\u{feff}'),
        )
}

/// Whether the zero bytes of a file are those of UTF-16 text.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    wide(bytes).is_some()
}

fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.starts_with(b"\xff\xfe") {
        return Some(UTF_16LE);
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Some(UTF_16BE);
    }
    // Digits, spaces and line ends have a zero byte on one side, and Chinese characters on none.
    let head = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // A few characters (一 is U+4E00) have it on the other side.
    let encoding = if odd > 3 * even {
        UTF_16LE
    } else if even > 3 * odd {
        UTF_16BE
    } else {
        return None;
    };
    let (text, _) = encoding.decode_without_bom_handling(head);
    let n_plain = text.chars().filter(|c| is_plain(*c)).count();
    (n_plain * 10 >= text.chars().count() * 9).then_some(encoding)
}

/// Characters that reports are written with; noise read as UTF-16 has few of them.
fn is_plain(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// Decodes text, or says why not; `told` is the encoding that something outside of the text says it has.
pub(super) fn decode(bytes: &[u8], told: Option<&'static Encoding>) -> Result<Text, &'static str> {
    if let Some(encoding) = wide(bytes) {
        return accept(encoding, bytes);
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(body) {
        // What was lost before the file reached us counts like what is lost here.
        let n_replaced = if text.contains('\u{fffd}') { text.matches('\u{fffd}').count() } else { 0 };
        return Ok(Text { text: text.to_owned(), encoding: UTF_8.name(), n_replaced });
    }
    // A cut or a few broken bytes do not make a UTF-8 text anything else.
    let n_characters = body.len() / 3;
    if let Ok(text) = accept(UTF_8, body)
        && text.n_replaced <= 3.max(n_characters / 1000)
        && body.iter().any(|byte| *byte >= 0xc0)
    {
        return Ok(text);
    }
    if is_mixed(body) {
        return Err("the text changes its encoding half-way; fetch the file again or convert its parts to UTF-8");
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let sample = &body[..body.len().min(8192)];
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let candidates =
        declared(body).into_iter().chain(told).chain([guess, GB18030, BIG5]).filter(|encoding| *encoding != UTF_8);
    candidates
        .filter_map(|encoding| accept(encoding, body).ok())
        .min_by_key(|text| text.n_replaced)
        .ok_or("the text is in no encoding that can be told; fetch the file again or convert it to UTF-8")
}

/// Whether a text that is not UTF-8 holds stretches that are: in other encodings hardly any three bytes
/// make a Chinese character of UTF-8 by chance.
fn is_mixed(bytes: &[u8]) -> bool {
    let n_high = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let ideographs = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    let n_utf8 = 3 * ideographs.filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}')).count();
    n_utf8 * 5 > n_high
}

/// Decodes in one encoding; refuses when more than one character in a hundred is lost.
fn accept(encoding: &'static Encoding, bytes: &[u8]) -> Result<Text, &'static str> {
    // GB18030 reads every GBK and GB2312 text.
    let encoding = if encoding.name() == "GBK" { GB18030 } else { encoding };
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    let text = text.into_owned();
    let n_replaced = text.matches('\u{fffd}').count();
    if n_replaced > 3.max(text.chars().count() / 100) {
        return Err(
            "more than one character in a hundred cannot be decoded; fetch the file again or convert it to UTF-8",
        );
    }
    Ok(Text { text, encoding: encoding.name(), n_replaced })
}

/// The encoding a page declares in its first kilobyte.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let after = ["charset=", "encoding="].iter().find_map(|key| head.split_once(key))?.1;
    let name = after.trim_start_matches(['"', '\'', ' ']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | ':'));
    Encoding::for_label(name.get(..end.unwrap_or(name.len()))?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINT: &str = "二、主动公开政府信息情况\n规章 12 0 3\n";

    fn check(bytes: &[u8], encoding: &str) {
        let text = decode(bytes, None).map_err(str::to_owned).expect("decodes");
        assert_eq!((text.encoding, text.text.as_str(), text.n_replaced), (encoding, PRINT, 0));
    }

    fn wide_bytes(to_bytes: fn(u16) -> [u8; 2], mark: &[u8]) -> Vec<u8> {
        mark.iter().copied().chain(PRINT.encode_utf16().flat_map(to_bytes)).collect()
    }

    #[test]
    fn encodings_are_found_by_content() {
        check(PRINT.as_bytes(), "UTF-8");
        check(&[b"\xef\xbb\xbf", PRINT.as_bytes()].concat(), "UTF-8");
        check(&GB18030.encode(PRINT).0, "gb18030");
        check(&wide_bytes(u16::to_le_bytes, b"\xff\xfe"), "UTF-16LE");
        check(&wide_bytes(u16::to_le_bytes, b""), "UTF-16LE");
        check(&wide_bytes(u16::to_be_bytes, b"\xfe\xff"), "UTF-16BE");
        check(&wide_bytes(u16::to_be_bytes, b""), "UTF-16BE");
    }

    #[test]
    fn big5_is_told_from_gb18030() {
        let print = "政府資訊公開年度報告總體情況主動公開政府資訊情況依申請公開辦理情況";
        let text = decode(&BIG5.encode(print).0, None).map_err(str::to_owned).expect("decodes");
        assert_eq!((text.encoding, text.text.as_str()), ("Big5", print));
    }

    #[test]
    fn a_wrong_declaration_does_not_win() {
        let page = format!("<meta charset=\"gb2312\">{PRINT}");
        assert_eq!(decode(page.as_bytes(), None).map(|text| text.encoding), Ok("UTF-8"));
        let page = format!("<meta charset=\"utf-8\">{PRINT}");
        assert_eq!(decode(&GB18030.encode(&page).0, None).map(|text| text.encoding), Ok("gb18030"));
    }

    #[test]
    fn a_cut_character_is_counted_and_half_a_text_is_refused() {
        let text = decode(&PRINT.as_bytes()[..PRINT.len() - 7], None).map_err(str::to_owned).expect("decodes");
        assert_eq!((text.encoding, text.n_replaced), ("UTF-8", 0));
        let cut = "二、主动公开".as_bytes();
        assert_eq!(decode(&cut[..cut.len() - 1], None).map(|text| text.n_replaced), Ok(1));
        let mixed = [PRINT.repeat(20).as_bytes(), &GB18030.encode(&PRINT.repeat(20)).0].concat();
        assert!(decode(&mixed, None).is_err(), "a mixture is never read as clean");
    }
}
