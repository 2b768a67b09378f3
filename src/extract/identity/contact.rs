//! The contact sentence: whose office answers, and how to reach it.
//!
//! It stands in the opening or at the end, often in brackets, often broken over lines: `如有疑问,请与…联系(地址:…;电话:…)`.
//! The footer of a site has the same key words and speaks of somebody else, so keys count only after words that
//! say what to ask about. Values are given as printed, white space taken out and full width made half.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::name::{agency_at_end, is_agency};
use super::pattern;
use crate::agency::ContactWords;
use crate::config::Config;
use crate::extract::outline::{Outline, Role};
use crate::form::label::{fold_into, half_width, is_invisible};
use crate::model::document::Place;
use crate::model::report::Contact;

static CONTACT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:请与|请联系|与|联系|咨询|致电|由)([\p{Han}]{4,40}?)(?:联系|反映|咨询|编制|\()"));
static PLACES: LazyLock<Regex> = LazyLock::new(|| pattern("联系|编制"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\(0[0-9]{2,3}\)-?[0-9]{7,8}|0[0-9]{2,3}-{0,2}[0-9]{7,8}|1[3-9][0-9]{9}|[2-9][0-9]{6,7})(?:转[0-9]{1,6})?",
    )
});
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
});

/// Characters of a contact sentence from its first key on; more than any has.
const MAX_BLOCK: usize = 500;
/// Sentences looked at before giving up.
const MAX_BLOCKS: usize = 8;
/// Bytes before the first key in which it is said what to ask about.
const REACH: usize = 360;

/// The agency in the contact sentence, its office taken off.
pub(super) fn contact_agency(outline: &Outline<'_>, pieces: &Range<usize>, config: &Config) -> Option<String> {
    let text = outline.folded_of(pieces);
    // The pattern may begin anywhere, so it is tried only where a contact can be. Who answers is told
    // before who compiled.
    let mut places: Vec<(bool, usize)> =
        PLACES.find_iter(text).map(|found| (found.as_str() != "联系", found.start())).collect();
    places.sort_unstable();
    places.into_iter().find_map(|(_, at)| {
        let window = window(outline, pieces, at.saturating_sub(180), at + 30);
        CONTACT.captures_iter(&window).find_map(|contact| agency_of(contact.get(1)?.as_str(), config))
    })
}

/// The body whose office a contact names.
fn agency_of(name: &str, config: &Config) -> Option<String> {
    // …局政府信息公开申请受理机构: what the office does is glued to the name.
    let subject = config.titles.subject.iter().filter_map(|word| name.find(word.as_str())).min();
    let name = &name[..subject.unwrap_or(name.len())];
    let office = ["办公室", "办公厅", "综合科", "综合股", "党政办"].iter().find_map(|office| name.strip_suffix(office));
    let name = match office {
        // 人民政府办公室 is a body of its own.
        Some(rest) if is_agency(rest, config) && !rest.ends_with("政府") => rest,
        _ => name,
    };
    agency_at_end(name, config)
}

/// The folded text of some bytes of a report; titles, headings and cells end a sentence.
fn window(outline: &Outline<'_>, pieces: &Range<usize>, start: usize, end: usize) -> String {
    let mut text = String::new();
    for (at, slice) in outline.slices(pieces, start..end) {
        let is_line = matches!(outline.document.pieces[at].place, Place::Line);
        match outline.roles[at] {
            Role::Empty | Role::Continued => {}
            Role::Short | Role::Prose if is_line => text.push_str(slice),
            _ => text.push('。'),
        }
    }
    text
}

/// What a key word opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Address,
    Postcode,
    Phone,
    Fax,
    Email,
    Other,
}

/// Address, postcode, telephone, fax and e-mail address of the contact sentence.
pub(super) fn contact(outline: &Outline<'_>, pieces: &Range<usize>, config: &Config) -> Contact {
    let words = &config.agencies.contact;
    let text = outline.folded_of(pieces);
    let mut end = 0;
    let mut n_blocks = 0;
    for key in config.agencies.contact_keys().find_iter(text) {
        let at = key.start();
        if at < end || !is_announced(&window(outline, pieces, at.saturating_sub(REACH), at), words) {
            continue;
        }
        n_blocks += 1;
        if n_blocks > MAX_BLOCKS {
            break;
        }
        end = at + MAX_BLOCK;
        let contact = read_block(&block(outline, pieces, at), words);
        if contact != Contact::default() {
            return contact;
        }
    }
    Contact::default()
}

/// Whether the words before the first key say whom to ask about what.
fn is_announced(before: &str, words: &ContactWords) -> bool {
    // The sentence that the key stands in, and brackets it opens.
    let sentence = before.rsplit('。').next().unwrap_or(before);
    let has = |words: &[String]| words.iter().any(|word| sentence.contains(word.as_str()));
    has(&words.triggers) && has(&words.about) && !has(&words.footers)
}

/// The text from a byte of a report on, white space taken out, up to the next heading.
///
/// Unlike folded text it keeps the marks that addresses on the net are written with. A line break is kept as one.
fn block(outline: &Outline<'_>, pieces: &Range<usize>, start: usize) -> String {
    let mut text = String::new();
    let mut n = 0;
    let Some((first, rest)) = outline.slices(pieces, start..usize::MAX >> 1).next() else { return text };
    let skipped = outline.folded(first).len() - rest.len();
    for at in first..pieces.end {
        let print = match outline.roles[at] {
            Role::Empty | Role::Continued => continue,
            Role::Short | Role::Prose => outline.document.text_of(&outline.document.pieces[at]),
            Role::Heading(_) | Role::Title | Role::Opens(_) | Role::List(_) => break,
        };
        let print = if at == first { unfolded_from(print, skipped) } else { print };
        for c in print.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).take(MAX_BLOCK) {
            text.push(plain(c));
            n += 1;
        }
        if n >= MAX_BLOCK {
            break;
        }
        text.push('\n');
    }
    text.chars().take(MAX_BLOCK).collect()
}

/// A character as values are given: half-width, one kind of dash and bracket.
fn plain(c: char) -> char {
    match half_width(c) {
        '—' | '–' | '－' | '―' => '-',
        '【' | '〔' => '(',
        '】' | '〕' => ')',
        c => c,
    }
}

/// What follows the print of so many folded bytes.
fn unfolded_from(print: &str, n_folded: usize) -> &str {
    let mut folded = String::new();
    let mut n = 0;
    for (at, c) in print.char_indices() {
        if n >= n_folded {
            return &print[at..];
        }
        folded.clear();
        fold_into(c.encode_utf8(&mut [0; 4]), &mut folded);
        n += folded.len();
    }
    ""
}

/// Reads the values of a block that begins at, or a little before, its first key.
fn read_block(text: &str, words: &ContactWords) -> Contact {
    let keys = keys_of(text, words);
    let mut contact = Contact::default();
    // 电话、传真:0512-… is one number for both.
    let mut waiting: Vec<Field> = Vec::new();
    let mut depth = 1_i32;
    for (number, (range, field)) in keys.iter().enumerate() {
        let next = keys.get(number + 1).map(|(next, _)| next.start);
        let value = &text[range.end..next.unwrap_or(text.len())];
        // The bracket or sentence that holds the contact ends: what follows is somebody else's.
        let lead = value.trim_start_matches([':', ',', ')', '、', ';', '/', '\n', '和', '及', '.']);
        if lead.trim_start_matches('(').is_empty() && next.is_some() && value.len() <= 4 {
            waiting.push(*field);
            continue;
        }
        waiting.push(*field);
        for field in waiting.drain(..) {
            read_value(lead, field, next.is_none(), &mut contact);
        }
        let (closes, ends) = (value.matches(')').count(), value.contains('。'));
        depth += i32::try_from(value.matches('(').count()).unwrap_or(0) - i32::try_from(closes).unwrap_or(0);
        if ends || depth < 0 {
            break;
        }
    }
    contact
}

fn read_value(value: &str, field: Field, is_last: bool, contact: &mut Contact) {
    // 邮箱:(a@b), but (0512)…
    let is_area = matches!(field, Field::Phone | Field::Fax) && value.starts_with("(0");
    let value = if is_area { value } else { value.trim_start_matches('(') };
    let joined: String = value.chars().filter(|c| *c != '\n').collect();
    match field {
        Field::Postcode if contact.postcode.is_none() => {
            let digits = joined.bytes().take_while(u8::is_ascii_digit).count();
            contact.postcode = (digits == 6).then(|| joined[..6].into());
        }
        Field::Phone if contact.phone.is_none() => contact.phone = phone(&joined).map(Into::into),
        Field::Fax if contact.fax.is_none() => contact.fax = phone(&joined).map(Into::into),
        Field::Email if contact.email.is_none() => {
            contact.email = EMAIL.find(&joined).map(|found| found.as_str().into());
        }
        Field::Address if contact.address.is_none() => contact.address = address(value, is_last),
        _ => {}
    }
}

/// The telephone at the beginning of a text, when no digit follows it.
fn phone(text: &str) -> Option<&str> {
    let found = PHONE.find(text)?.as_str();
    let rest = &text[found.len()..];
    let goes_on = rest.starts_with(|c: char| c.is_ascii_digit()) || rest.starts_with('-') && found.len() < 7;
    (!goes_on).then_some(found)
}

/// The postal address at the beginning of a text: up to the mark before the next key, or to the end of its
/// bracket, sentence or line.
fn address(text: &str, is_last: bool) -> Option<String> {
    const CHARACTERS: Range<usize> = 4..81;
    let mut depth = 0_usize;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => {
                end = at;
                break;
            }
            ')' => depth -= 1,
            '。' | ';' => {
                end = at;
                break;
            }
            // Nothing says where a value without a key after it ends but its own line.
            '\n' if is_last => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let address: String = text[..end].chars().filter(|c| *c != '\n').collect();
    let address = address.trim_end_matches([',', ';', '、', '.', '(', ':']);
    let is_place = address.chars().filter(|c| matches!(c, '\u{3400}'..='\u{9fff}')).count() >= 4;
    (CHARACTERS.contains(&address.chars().count()) && is_place && !address.contains([':', '@']))
        .then(|| address.to_owned())
}

/// The keys of a text in order; of two at one place the longer one.
fn keys_of(text: &str, words: &ContactWords) -> Vec<(Range<usize>, Field)> {
    let fields = [
        (&words.address, Field::Address),
        (&words.postcode, Field::Postcode),
        (&words.phone, Field::Phone),
        (&words.fax, Field::Fax),
        (&words.email, Field::Email),
        (&words.other, Field::Other),
    ];
    // A line break may stand inside a key; positions stay those of the text.
    let mut keys: Vec<(Range<usize>, Field)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let found = fields
            .iter()
            .flat_map(|(words, field)| words.iter().filter_map(|word| Some((broken_prefix(rest, word)?, *field))));
        if let Some((length, field)) = found.max_by_key(|(length, _)| *length) {
            keys.push((at..at + length, field));
            at += length;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    keys
}

/// The bytes of a word at the beginning of a text, line breaks inside it counted; letters in any case.
fn broken_prefix(text: &str, word: &str) -> Option<usize> {
    let mut characters = text.char_indices().filter(|(_, c)| *c != '\n');
    let mut end = 0;
    for wanted in word.chars() {
        let (at, c) = characters.next()?;
        if !c.eq_ignore_ascii_case(&wanted) {
            return None;
        }
        end = at + c.len_utf8();
    }
    text.starts_with(|c: char| c != '\n').then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: [&str; 5]) {
        let config = Config::embedded().expect("settings");
        let text: String = text.chars().filter(|c| *c != ' ').map(plain).collect();
        let contact = read_block(&text, &config.agencies.contact);
        let found = [
            contact.address.as_deref(),
            contact.postcode.as_deref(),
            contact.phone.as_deref(),
            contact.fax.as_deref(),
            contact.email.as_deref(),
        ];
        assert_eq!(found.map(Option::unwrap_or_default), expected, "{text}");
    }

    #[test]
    fn values_are_read_as_printed() {
        check(
            "地址：示例市样板区文化南路9号市政大楼4楼；邮编：755009；电话：0955-8500906；传真：0955-8500907；电子邮箱：slyb_85@163.com）。",
            ["示例市样板区文化南路9号市政大楼4楼", "755009", "0955-8500906", "0955-8500907", "slyb_85@163.com"],
        );
        check(
            "地址：示例市样板区朝阳东路1号政府大院3号楼二楼，\n邮 编 ： 751109 ， 电 话 ： 0953-2905000 ， 电 子 邮 箱 ：\n\nslqylbzj2019@163.com）。",
            ["示例市样板区朝阳东路1号政府大院3号楼二楼", "751109", "0953-2905000", "", "slqylbzj2019@163.com"],
        );
        check(
            "联系电话：0533-3200791；地址：示例县样板路61号样板银行九楼办公室；电子邮箱：slfj@zb.example.cn）。\n一些别的话",
            ["示例县样板路61号样板银行九楼办公室", "", "0533-3200791", "", "slfj@zb.example.cn"],
        );
    }

    #[test]
    fn odd_prints_are_read_or_left() {
        check("电话、传真：0512-65001234", ["", "", "0512-65001234", "0512-65001234", ""]);
        check("电话（传真）：0512-65001234", ["", "", "0512-65001234", "0512-65001234", ""]);
        check("电话：07974500010", ["", "", "07974500010", "", ""]);
        check("电话：0531—85613000", ["", "", "0531-85613000", "", ""]);
        check("电话：0531——85613000", ["", "", "0531--85613000", "", ""]);
        check("电话：88670059", ["", "", "88670059", "", ""]);
        check("电话：（0527）83593059", ["", "", "(0527)83593059", "", ""]);
        check("电话：13800001111", ["", "", "13800001111", "", ""]);
        check("电话：138000011112", ["", "", "", "", ""]);
        check("邮编：7551004，电话：8598906", ["", "", "8598906", "", ""]);
        check("邮箱:(a.b@c-d.gov.cn)", ["", "", "", "", "a.b@c-d.gov.cn"]);
        check("邮编：，电话：", ["", "", "", "", ""]);
        check(
            "地址：示例县人民路1号（县政府大院内），邮编：100000",
            ["示例县人民路1号(县政府大院内)", "100000", "", "", ""],
        );
        check("地址：示例县人民路1号，2号楼）。电话：88670059", ["示例县人民路1号,2号楼", "", "", "", ""]);
        check("地址：示例县人民路1号\n示例县财政局\n2024年1月5日", ["示例县人民路1号", "", "", "", ""]);
        check("", ["", "", "", "", ""]);
    }
}
