//! The lists of a DOC file ([MS-DOC] 2.9.131, 2.9.132, 2.9.150), whose numbers stand in no text.

use super::{u16_at, u32_at};
use crate::decode::office::numbering::{LEVELS, Level, Numbering};

/// Reads the lists that begin at `lists` in the table stream, and the numbers that paragraphs know them by.
///
/// What is damaged counts nothing: a label without its number is for others to refuse.
pub(super) fn read(table: &[u8], lists: Option<(usize, usize)>, numbers: Option<(usize, usize)>) -> Numbering {
    let mut numbering = Numbering::default();
    if let Some((at, length)) = lists {
        // The levels stand behind the list of lists, outside its length.
        read_lists(table, at, at.saturating_add(length), &mut numbering);
    }
    if let Some((at, _)) = numbers {
        read_numbers(table, at, &mut numbering);
    }
    numbering
}

fn read_lists(table: &[u8], at: usize, levels: usize, numbering: &mut Numbering) -> Option<()> {
    let count = usize::from(u16_at(table, at)?);
    let mut cursor = levels;
    for nth in 0..count {
        let entry = at + 2 + 28 * nth;
        let id = u32_at(table, entry)?;
        let is_simple = table.get(entry + 26)? & 1 != 0;
        let mut all: [Level; LEVELS] = Default::default();
        for level in all.iter_mut().take(if is_simple { 1 } else { LEVELS }) {
            (*level, cursor) = read_level(table, cursor)?;
        }
        numbering.define(id.to_string(), all);
    }
    Some(())
}

fn read_numbers(table: &[u8], at: usize, numbering: &mut Numbering) -> Option<()> {
    let count = usize::try_from(u32_at(table, at)?).ok()?;
    let entries = table.get(at + 4..)?.chunks_exact(16).take(count);
    let mut cursor = count.checked_mul(16)?.checked_add(at + 4)?;
    for (nth, entry) in entries.enumerate() {
        let list = u32_at(entry, 0)?.to_string();
        let mut starts = [None; LEVELS];
        // A place of characters that nobody uses stands before the levels that differ.
        cursor = cursor.checked_add(4)?;
        for _ in 0..entry[12] {
            let (start, flags) = (u32_at(table, cursor)?, u32_at(table, cursor + 4)?);
            cursor += 8;
            let level = usize::try_from(flags & 15).ok()?;
            if flags & 0x20 != 0 {
                let (own, end) = read_level(table, cursor)?;
                cursor = end;
                // Taken as the list's own would be; seldom met.
                if let Some(level) = numbering.level_mut(&list, level) {
                    *level = own;
                }
            }
            if flags & 0x10 != 0
                && let Some(own) = starts.get_mut(level)
            {
                *own = Some(start);
            }
        }
        numbering.add((nth + 1).to_string(), list, starts);
    }
    Some(())
}

/// A level, and where it ends.
fn read_level(table: &[u8], at: usize) -> Option<(Level, usize)> {
    let byte = |offset: usize| table.get(at + offset).copied();
    let text = at + 28 + usize::from(byte(24)?) + usize::from(byte(25)?);
    let n_characters = usize::from(u16_at(table, text)?);
    let end = text + 2 + 2 * n_characters;
    let stored = table.get(text + 2..end)?;
    let mut shown = String::new();
    let units = stored.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    for character in char::decode_utf16(units) {
        match character.unwrap_or(char::REPLACEMENT_CHARACTER) {
            // The number of a level.
            level @ '\0'..='\u{8}' => shown.extend(['%', char::from_digit(u32::from(level) + 1, 10)?]),
            other => shown.push(other),
        }
    }
    Some((Level { start: u32_at(table, at)?, format: format(byte(4)?).to_owned(), text: shown, is_hidden: false }, end))
}

/// The name of a kind of numbers (MSONFC of [MS-OSHARED] 2.2.1.3) in ECMA-376.
fn format(code: u8) -> &'static str {
    match code {
        0x00 => "decimal",
        0x01 => "upperRoman",
        0x02 => "lowerRoman",
        0x03 => "upperLetter",
        0x04 => "lowerLetter",
        0x0a => "ideographDigital",
        0x0b => "japaneseCounting",
        0x0e => "decimalFullWidth",
        0x0f => "decimalHalfWidth",
        0x12 => "decimalEnclosedCircle",
        0x13 => "decimalFullWidth2",
        0x16 => "decimalZero",
        0x17 => "bullet",
        0x1a => "decimalEnclosedFullstop",
        0x1b => "decimalEnclosedParen",
        0x1c => "decimalEnclosedCircleChinese",
        0x1d => "ideographEnclosedCircle",
        0x1e => "ideographTraditional",
        0x1f => "ideographZodiac",
        0x21 => "taiwaneseCounting",
        0x23 => "taiwaneseCountingThousand",
        0x25 => "chineseCounting",
        0x26 => "chineseLegalSimplified",
        0x27 => "chineseCountingThousand",
        0xff => "none",
        _ => "unknown",
    }
}
