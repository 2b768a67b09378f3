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
    for lead in &config.identity.leads {
        if let Some((_, rest)) = name.rsplit_once(lead.as_str())
            && is_agency(rest, config)
        {
            name = rest;
        }
    }
    for lead in &config.identity.leads_at_start {
        if let Some(rest) = name.strip_prefix(lead.as_str())
            && is_agency(rest, config)
        {
            name = rest;
        }
    }
    is_agency(name, config).then(|| name.to_owned())
}

/// Whether a text ends as names of bodies do and holds more than the kind of body: 街道办事处 alone names none.
fn is_more_than_a_kind(core: &str, config: &Config) -> bool {
    const MIN_CHARACTERS: usize = 2;
    // The longest end comes first.
    let rest = config.identity.agency_ends.iter().find_map(|end| core.strip_suffix(end.as_str()));
    rest.is_some_and(|rest| rest.chars().count() >= MIN_CHARACTERS)
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
        && is_more_than_a_kind(core, config)
        && !config.identity.pronouns.iter().any(|pronoun| core == pronoun || core.starts_with(pronoun.as_str()))
        && !config.identity.placeholders.iter().any(|placeholder| name.contains(placeholder.as_str()))
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
        if let Some(added) = other.strip_suffix(name.as_str())
            && added.ends_with(['省', '市', '区', '县', '旗', '州', '盟', '镇', '乡', '局'])
        {
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

    #[test]
    fn a_longer_print_adds_a_region_and_nothing_else() {
        let check = |title: &str, sentence: &str, expected: &str| {
            let found = longest(Some(&title.to_owned()), Some(&sentence.to_owned()), None);
            assert_eq!(found.as_deref(), Some(expected), "{title} {sentence}");
        };
        check("财政局", "示例县财政局", "示例县财政局");
        check("示例县财政局", "样例市示例县财政局", "样例市示例县财政局");
        check("示例县财政局", "打印分享示例县财政局", "示例县财政局");
        check("示例县税务局", "国家税务总局示例县税务局", "国家税务总局示例县税务局");
        check("示例县财政局", "财政局", "示例县财政局");
    }

    #[test]
    fn words_before_a_name_are_none_of_it() {
        let config = Config::embedded().expect("settings");
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(agency_at_end(text, &config).as_deref(), expected, "{text}");
        };
        check("大中小打印分享示例县财政局", Some("示例县财政局"));
        check("字体打印分享假设省样例市示例县财政局", Some("假设省样例市示例县财政局"));
        check("现将示例县财政局", Some("示例县财政局"));
        check("结合示例县财政局", Some("示例县财政局"));
        check("打印分享", None);
    }
}
