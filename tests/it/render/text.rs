//! Oddities of the whole text: script, lines, encoding, damage on the way.

use std::collections::BTreeSet;

use super::dice::Dice;
use super::layout::Layout;
use super::oddity::Oddity;
use super::prose::TRADITIONAL;
use super::{Class, Work, labels};

/// The bytes of a printed page, after what may still happen to it.
pub(super) fn finish(mut text: String, oddities: &[Oddity], work: &mut Work<'_>) -> Vec<u8> {
    for oddity in oddities {
        let new = match oddity {
            // The name of the body stays, so that what must be read is plain.
            Oddity::Traditional => {
                let agency = work.truth.filing.agency.clone();
                let parts: Vec<String> = text.split(&agency).map(traditional).collect();
                Some((parts.join(&agency), Class::Sound))
            }
            Oddity::HalfWidthText => Some((labels::half_width(&text), Class::Sound)),
            Oddity::Glosses => Some((glossed(&text, &mut work.dice), Class::Sound)),
            Oddity::BlankLines => Some((text.replace('\n', "\n\n"), Class::Sound)),
            Oddity::CarriageReturns => Some((format!("\u{feff}{}", text.replace('\n', "\r\n")), Class::Sound)),
            Oddity::Deduplicated => Some(deduplicated(&text)),
            Oddity::LineLost | Oddity::LineDoubled | Oddity::LinesSwapped => line(*oddity, &text, work),
            Oddity::Truncated => {
                let start = text.find("信息内容").unwrap_or(text.len() / 4);
                let mut cut = start + work.dice.index(text.len() - start);
                while !text.is_char_boundary(cut) {
                    cut -= 1;
                }
                Some((text[..cut].to_owned(), Class::Damaged))
            }
            Oddity::Mojibake => {
                work.truth.is_void = true;
                Some((encoding_rs::GBK.decode_without_bom_handling(text.as_bytes()).0.into_owned(), Class::Damaged))
            }
            _ => None,
        };
        if let Some((new, class)) = new
            && new != text
        {
            text = new;
            work.note(*oddity, class);
        }
    }
    if !oddities.contains(&Oddity::Gb18030) {
        return text.into_bytes();
    }
    work.note(Oddity::Gb18030, Class::Sound);
    encoding_rs::GB18030.encode(&text.replace("charset=\"utf-8\"", "charset=\"gb2312\"")).0.into_owned()
}

fn traditional(text: &str) -> String {
    let turn = |c: char| TRADITIONAL.iter().find(|(simple, _)| *simple == c).map_or(c, |(_, turned)| *turned);
    text.chars().map(turn).collect()
}

/// Some glyphs get their sound behind them, as a site for learners adds it.
fn glossed(text: &str, dice: &mut Dice) -> String {
    let sounds = [('数', "shù"), ('类', "lèi"), ('结', "jié"), ('获', "huò"), ('罚', "fá"), ('维', "wéi")];
    let mut new = String::with_capacity(text.len() + 200);
    for c in text.chars() {
        new.push(c);
        if let Some((_, sound)) = sounds.iter().find(|(glyph, _)| *glyph == c)
            && dice.percent(25)
        {
            new.push_str(&format!("({sound})"));
        }
    }
    new
}

/// Whether a line holds a figure that stands alone, or a mark for one.
fn has_figure(line: &str) -> bool {
    line.split(|c: char| c.is_whitespace() || "|│<>,\"".contains(c)).any(|word| {
        let digits = word.trim_end_matches(['件', '元', '万']).trim_start_matches(['+', '-']);
        let is_number =
            digits.chars().all(|c| c.is_ascii_digit() || ('０'..='９').contains(&c) || c == '.' || c == '．');
        (!digits.is_empty() && is_number) || matches!(word, "/" | "-" | "—" | "——" | "无" | "×" | "－")
    })
}

fn deduplicated(text: &str) -> (String, Class) {
    let mut seen = BTreeSet::new();
    let mut lost_figures = false;
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| {
            let is_new = line.trim().is_empty() || seen.insert(*line);
            lost_figures |= !is_new && has_figure(line);
            is_new
        })
        .collect();
    (kept.join("\n") + "\n", if lost_figures { Class::Damaged } else { Class::Ambiguous })
}

/// Loses, doubles or swaps one line within the tables.
fn line(oddity: Oddity, text: &str, work: &mut Work<'_>) -> Option<(String, Class)> {
    let mut lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| line.contains("信息内容")).unwrap_or(0);
    let last = lines.iter().rposition(|line| has_figure(line)).unwrap_or(lines.len() - 1);
    let at = first + work.dice.index((last + 1).saturating_sub(first));
    match oddity {
        Oddity::LineLost => {
            lines.remove(at);
            // A blank in the place of what is gone is right.
            work.truth.lost = work.truth.filing.figures.keys().copied().collect();
        }
        Oddity::LineDoubled => lines.insert(at, lines[at]),
        _ => {
            // Figures in each other's place and heads in each other's place are another page, no damage.
            let other = lines.get(at + 1)?;
            // A unit behind a figure makes no label of it.
            let is_word = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) && !"件项万元".contains(c);
            let is_plain = |line: &str| has_figure(line) && !line.chars().any(is_word);
            let is_silent = !has_figure(lines[at]) && !has_figure(other);
            let is_row = work.layout == Layout::CellPerTabbedLine;
            if (is_plain(lines[at]) && is_plain(other)) || is_silent || (is_row && lines[at].trim().is_empty()) {
                return None;
            }
            lines.swap(at, at + 1);
        }
    }
    Some((lines.join("\n") + "\n", Class::Damaged))
}
