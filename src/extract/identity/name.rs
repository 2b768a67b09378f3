//! Names of bodies: where they begin and end, and which prints may name one body.

use crate::config::Config;

/// A line that is nothing but the name of a body.
pub(super) fn whole_agency(line: &str, config: &Config) -> Option<String> {
    agency_at_end(line, config).filter(|name| name == line)
}

/// The name of a body at the end of a text, words that lead up to it taken off.
pub(super) fn agency_at_end(text: &str, config: &Config) -> Option<String> {
    // The name is the last run of characters that names are written with.
    let is_name = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}' | '(' | ')' | '·' | '〇');
    let start = text.char_indices().rev().take_while(|(_, c)| is_name(*c)).last().map(|(at, _)| at)?;
    // Cut out of a longer word, it is not the whole name.
    if text[..start].ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut name = text[start..].trim_end_matches(['的', '(']);
    // Words that lead up to a name; none of them stands inside one.
    const LEADS: [&str; 9] = ["现将", "现公布", "现发布", "现予公布", "公布", "发布", "现就", "关于印发", "关于"];
    for lead in LEADS {
        if let Some((_, rest)) = name.rsplit_once(lead)
            && is_agency(rest, config)
        {
            name = rest;
        }
    }
    // These may stand inside a name, so they are cut at its beginning only.
    for lead in ["编制", "结合", "形成", "印发", "按照", "根据", "标题", "名称"] {
        if let Some(rest) = name.strip_prefix(lead)
            && is_agency(rest, config)
        {
            name = rest;
        }
    }
    is_agency(name, config).then(|| name.to_owned())
}

pub(super) fn is_agency(name: &str, config: &Config) -> bool {
    let n = name.chars().count();
    // 司法局(区行政复议局)
    let core = match name.rfind('(') {
        Some(at) if name.ends_with(')') && at > 0 => &name[..at],
        _ => name,
    };
    let balanced = name.matches('(').count() == name.matches(')').count();
    (3..=45).contains(&n)
        && balanced
        && config.identity.agency_ends.iter().any(|end| core.ends_with(end.as_str()) && core.len() > end.len())
        && !config.identity.pronouns.iter().any(|pronoun| core == pronoun || core.starts_with(pronoun.as_str()))
        && !core.contains("年度")
        && !core.ends_with('年')
        && !config.titles.subject.iter().any(|word| core.contains(word.as_str()))
        && !config.titles.kind.iter().any(|word| core.contains(word.as_str()))
}

/// Whether two prints may name one body: the same, or one a short form of the other. One character is enough
/// to tell 财政局 from 民政局, so no slip is forgiven.
pub(super) fn agree(one: &str, two: &str) -> bool {
    let is_short_form = |short: &str, long: &str| {
        let mut long = long.chars();
        short.chars().all(|c| long.any(|other| other == c))
    };
    is_short_form(one, two) || is_short_form(two, one)
}

/// The longest form of a name: one that ends with the shorter form adds a region in front of it.
pub(super) fn longest(title: Option<&String>, sentence: Option<&String>, contact: Option<&String>) -> Option<String> {
    let mut name = title.or(sentence)?.clone();
    for other in sentence.into_iter().chain(contact) {
        if other.len() > name.len() && other.ends_with(name.as_str()) {
            name.clone_from(other);
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_agree_and_strangers_do_not() {
        assert!(agree("示例县发改局", "示例县发展和改革局"));
        assert!(agree("示例医疗保障局", "示例市医疗保障局"));
        assert!(!agree("示例县民政局", "示例县财政局"));
        assert!(!agree("示例县交通运输局", "示例县应急管理局"));
        assert!(!agree("示例县样板镇人民政府", "另一县别处镇人民政府"));
    }
}
