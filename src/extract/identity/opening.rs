//! The sentence that publishes the report.

use std::sync::LazyLock;

use regex::Regex;

use super::name::agency_at_end;
use super::pattern;
use crate::config::Config;

static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([\p{Han}()·]{0,60}?)(20[0-9]{2})年度?([\p{Han}()]{0,30}?)(?:政府信息公开|政务信息公开|信息公开|政务公开)[\p{Han}]{0,8}?(?:年度报告|年报|报告)",
    )
});

/// The sentence that publishes the report: its year, and the body it names. Titles of notices on how to
/// report (《…关于做好2023年…年度报告编制工作的通知》) are passed over.
pub(super) fn opening(text: &str, config: &Config) -> Option<(i32, Option<String>)> {
    const NOTICES: [&str; 6] = ["编制", "通知", "格式", "要求", "指南", "办法"];
    let found = |found: regex::Captures<'_>| {
        let end = found.get(0)?.end();
        let after: String = text[end..].chars().take_while(|c| !matches!(c, '。' | ',' | ';' | ')')).take(12).collect();
        if NOTICES.iter().any(|notice| after.contains(notice)) {
            return None;
        }
        let year = found[2].parse::<i32>().ok()?;
        let name = agency_at_end(&found[1], config).or_else(|| agency_at_end(&found[3], config));
        Some((year, name))
    };
    let sentences: Vec<(i32, Option<String>)> = SENTENCE.captures_iter(text).filter_map(found).collect();
    sentences.iter().find(|(_, name)| name.is_some()).or_else(|| sentences.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::label::fold;

    #[test]
    fn the_opening_names_the_body_and_notices_do_not() {
        let config = Config::embedded().expect("settings");
        let opening = |text: &str| opening(&fold(text), &config);
        let body = |year: i32, name: &str| Some((year, Some(name.to_owned())));
        assert_eq!(opening("现将示例县财政局2022年政府信息公开工作年度报告予以公布。"), body(2022, "示例县财政局"));
        assert_eq!(
            opening(
                "按《样例市人民政府办公室关于做好2023年度政府信息公开工作年度报告编制和发布工作的通知》要求,现发布《示例区审计局2023年政府信息公开工作年度报告》。"
            ),
            body(2023, "示例区审计局")
        );
        assert_eq!(opening("根据样例市人民政府办公室2023年政府信息公开工作年度报告格式要求编写。"), None);
    }
}
