//! What a workbook of Excel 97 to 2003 says of the look of its cells: hidden rows and columns, formats that show another
//! number, figures of which a part is raised or struck out ([MS-XLS] 2.4).
//!
//! Values are read by the library; this walks over the records once, believes no count, and gives for each sheet, in the
//! order of the workbook, the cells that show something else than they hold.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use super::sheet::{Hidden, ODD_FORMATS, is_figure, is_plain_format, too_large};
use crate::archive::corrupt;
use crate::config::Limits;
use crate::model::verdict::Problem;

/// More cells than a report has, by far.
const MAX_CELLS: u64 = 4_000_000;

/// What is seen of a sheet.
#[derive(Debug, Default)]
pub(super) struct SheetLook {
    pub(super) hidden: Hidden,
    /// Cells that show something else than they hold, by row and column.
    pub(super) odd: BTreeSet<(u32, u32)>,
    /// Cells that hold nothing are shown for those that hold zero.
    pub(super) hides_zeros: bool,
}

/// Reads the looks of all sheets.
///
/// # Errors
/// `corrupt` where the file has no sound stream of records.
pub(super) fn looks(bytes: &[u8], limits: &Limits) -> Result<Vec<SheetLook>, Problem> {
    let stream = stream(bytes, limits)?;
    let globals = Globals::read(&stream)?;
    check_sizes(&stream)?;
    Ok(globals.sheets.iter().map(|begin| globals.look(stream.get(*begin..).unwrap_or_default())).collect())
}

/// Refuses sheets that claim more cells than there can be: the library takes memory for as many.
fn check_sizes(stream: &[u8]) -> Result<(), Problem> {
    let mut rest = stream;
    while let Some(Record { kind, data, after }) = next(rest) {
        rest = after;
        if kind != 0x0200 {
            continue;
        }
        let long = |at| u32_at(data, at).unwrap_or(u32::MAX);
        let short = |at| u16_at(data, at).map_or(u32::MAX, u32::from);
        let (first, last, columns) = match data.len() {
            10 => (short(0), short(2), short(6)),
            _ => (long(0), long(4), short(10)),
        };
        // An empty sheet has no last row.
        if last > 65_536 || columns > 256 || first > last && last > 0 {
            return Err(broken("a sheet claims cells that there cannot be"));
        }
        if u64::from(last.saturating_sub(first)) * u64::from(columns) > MAX_CELLS {
            return Err(too_large(&format!("a sheet claims more than {MAX_CELLS} cells")));
        }
    }
    Ok(())
}

fn broken(what: &str) -> Problem {
    corrupt(format!("the workbook is damaged ({what}): open it and save it again"))
}

fn stream(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|error| broken(&error.to_string()))?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name));
    let stream = file.open_stream(name.unwrap_or("/Workbook")).map_err(|error| broken(&error.to_string()))?;
    let mut all = Vec::new();
    // Sectors in a loop would never end; no stream is longer than its file.
    let most = limits.file_bytes.min(bytes.len() as u64);
    stream.take(most).read_to_end(&mut all).map_err(|error| broken(&error.to_string()))?;
    Ok(all)
}

/// A record: its number and its bytes.
struct Record<'a> {
    kind: u16,
    data: &'a [u8],
    after: &'a [u8],
}

fn next(stream: &[u8]) -> Option<Record<'_>> {
    let length = usize::from(u16_at(stream, 2)?);
    let data = stream.get(4..4 + length)?;
    Some(Record { kind: u16_at(stream, 0)?, data, after: &stream[4 + length..] })
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const CONTINUE: u16 = 0x003c;

/// What the workbook says for all sheets.
#[derive(Debug, Default)]
struct Globals {
    is_biff8: bool,
    /// Where the sheets begin.
    sheets: Vec<usize>,
    /// Whether a font raises, lowers or strikes out.
    fonts: Vec<bool>,
    odd_formats: BTreeSet<u16>,
    /// The number format of each style of cells.
    styles: Vec<u16>,
    /// Numbers of the texts that are figures with an odd part.
    odd_texts: BTreeSet<u32>,
    /// Texts that were read: of one beyond, nothing is known.
    n_texts: u32,
}

impl Globals {
    fn read(stream: &[u8]) -> Result<Self, Problem> {
        let mut globals = Self { odd_formats: ODD_FORMATS.iter().copied().collect(), ..Self::default() };
        let mut texts = Vec::new();
        let mut rest = stream;
        let mut is_first = true;
        while let Some(Record { kind, data, after }) = next(rest) {
            rest = after;
            match kind {
                BOF if is_first => globals.is_biff8 = u16_at(data, 0) == Some(0x0600),
                _ if is_first => return Err(broken("it does not begin with a workbook")),
                EOF => break,
                // Font: strike-out, then super- or subscript.
                0x0031 => globals.fonts.push(
                    u16_at(data, 2).is_some_and(|flags| flags & 8 != 0)
                        || u16_at(data, 8).is_some_and(|raise| raise != 0),
                ),
                0x041e => globals.format(data),
                0x00e0 => globals.styles.push(u16_at(data, 2).unwrap_or(0)),
                0x0085 => globals.sheets.push(u32_at(data, 0).map_or(usize::MAX, |at| at as usize)),
                0x00fc => {
                    texts.push(data);
                    while let Some(Record { kind: CONTINUE, data, after }) = next(rest) {
                        texts.push(data);
                        rest = after;
                    }
                }
                _ => {}
            }
            is_first = false;
        }
        globals.texts(&texts);
        Ok(globals)
    }

    fn format(&mut self, data: &[u8]) {
        let Some(number) = u16_at(data, 0) else { return };
        let code = if self.is_biff8 {
            let is_wide = data.get(4).is_some_and(|flags| flags & 1 != 0);
            characters(data.get(5..).unwrap_or_default(), is_wide)
        } else {
            characters(data.get(3..).unwrap_or_default(), false)
        };
        if is_plain_format(&code) {
            self.odd_formats.remove(&number);
        } else {
            self.odd_formats.insert(number);
        }
    }

    /// Whether a font of this number stands apart: the fifth is never stored.
    fn is_odd_font(&self, number: u16) -> bool {
        let at = usize::from(number);
        self.fonts.get(if at > 4 { at - 1 } else { at }).copied().unwrap_or(false)
    }

    fn is_odd_run(&self, run: &[u8]) -> bool {
        u16_at(run, 2).is_some_and(|font| self.is_odd_font(font))
    }

    /// Reads the shared texts, which go on from record to record.
    fn texts(&mut self, parts: &[&[u8]]) {
        let mut parts = Parts { parts, at: 8 };
        while let Some(count) = parts.u16() {
            let Some(flags) = parts.u8() else { break };
            let n_runs = if flags & 8 != 0 { parts.u16().unwrap_or(0) } else { 0 };
            let extra = if flags & 4 != 0 { parts.u32().unwrap_or(0) } else { 0 };
            let Some(text) = parts.text(usize::from(count), flags & 1 != 0) else { break };
            let mut is_odd = false;
            for _ in 0..n_runs {
                let Some(run) = parts.take(4) else { return };
                is_odd |= self.is_odd_run(&run);
            }
            if is_odd && is_figure(&text) {
                self.odd_texts.insert(self.n_texts);
            }
            if parts.skip(extra as usize).is_none() {
                break;
            }
            self.n_texts += 1;
        }
    }

    fn look(&self, mut stream: &[u8]) -> SheetLook {
        let mut look = SheetLook::default();
        // Charts stand inside sheets with a beginning and an end of their own.
        let mut depth = 0_usize;
        while let Some(Record { kind, data, after }) = next(stream) {
            stream = after;
            match kind {
                BOF => depth += 1,
                EOF if depth <= 1 => break,
                EOF => depth -= 1,
                _ if depth == 1 => self.record(kind, data, &mut look),
                _ => {}
            }
        }
        look
    }

    fn record(&self, kind: u16, data: &[u8], look: &mut SheetLook) {
        let (Some(first), Some(second)) = (u16_at(data, 0), u16_at(data, 2)) else { return };
        let at = (u32::from(first), u32::from(second));
        let is_odd_style = |offset: usize| {
            let format = u16_at(data, offset).and_then(|style| self.styles.get(usize::from(style)));
            format.is_some_and(|format| self.odd_formats.contains(format))
        };
        match kind {
            // A row: its height, and whether it has none.
            0x0208 => {
                let is_flat = u16_at(data, 6).is_some_and(|height| height & 0x7fff == 0);
                if is_flat || u16_at(data, 12).is_some_and(|flags| flags & 0x20 != 0) {
                    look.hidden.rows.insert(at.0);
                }
            }
            // Columns, first and last: their width, and whether they are hidden.
            0x007d if u16_at(data, 4) == Some(0) || u16_at(data, 8).is_some_and(|flags| flags & 1 != 0) => {
                look.hidden.columns.push(at);
            }
            // A window: whether zeros are shown.
            0x023e => look.hides_zeros |= first & 0x10 == 0,
            // A number, short or long, or a formula.
            0x0203 | 0x027e | 0x0006 if is_odd_style(4) => {
                look.odd.insert(at);
            }
            // Several numbers in a row.
            0x00bd => {
                let n_cells = data.len().saturating_sub(6) / 6;
                for (column, cell) in (at.1..).zip(0..n_cells) {
                    if is_odd_style(4 + 6 * cell) {
                        look.odd.insert((at.0, column));
                    }
                }
            }
            // A shared text, and one that carries its own runs.
            0x00fd if u32_at(data, 6).is_some_and(|text| text >= self.n_texts || self.odd_texts.contains(&text)) => {
                look.odd.insert(at);
            }
            0x00d6 => {
                let length = usize::from(u16_at(data, 6).unwrap_or(0));
                if data.get(8..8 + length).is_none_or(|text| is_figure(&characters(text, false))) {
                    look.odd.insert(at);
                }
            }
            _ => {}
        }
    }
}

fn characters(bytes: &[u8], is_wide: bool) -> String {
    if !is_wide {
        return bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
}

/// Bytes that go on from record to record.
struct Parts<'a> {
    parts: &'a [&'a [u8]],
    at: usize,
}

impl Parts<'_> {
    /// What is left of the record; the next where nothing is.
    fn here(&mut self) -> Option<&[u8]> {
        while self.at >= self.parts.first()?.len() {
            self.at -= self.parts[0].len();
            self.parts = &self.parts[1..];
        }
        self.parts[0].get(self.at..)
    }

    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let here = self.here()?;
            let more = here.len().min(count - taken.len());
            taken.extend_from_slice(&here[..more]);
            self.at += more;
        }
        Some(taken)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        let mut left = count;
        while left > 0 {
            let more = self.here()?.len().min(left);
            self.at += more;
            left -= more;
        }
        Some(())
    }

    fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn u16(&mut self) -> Option<u16> {
        u16_at(&self.take(2)?, 0)
    }

    fn u32(&mut self) -> Option<u32> {
        u32_at(&self.take(4)?, 0)
    }

    /// So many characters; in each further record they begin with their width.
    fn text(&mut self, count: usize, mut is_wide: bool) -> Option<String> {
        let mut text = String::new();
        let mut left = count;
        while left > 0 {
            if self.at >= self.parts.first()?.len() {
                self.at -= self.parts[0].len();
                self.parts = &self.parts[1..];
                is_wide = self.u8()? & 1 != 0;
            }
            let width = if is_wide { 2 } else { 1 };
            let here = self.here()?;
            let n_here = (here.len() / width).min(left);
            if n_here == 0 {
                return None;
            }
            text.push_str(&characters(&here[..n_here * width], is_wide));
            self.at += n_here * width;
            left -= n_here;
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).expect("short");
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    fn words(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// The look of the only sheet of a workbook with these records before its sheets, and these in it.
    fn look(globals: &[Vec<u8>], sheet: &[Vec<u8>]) -> SheetLook {
        let bof = record(BOF, &words(&[0x0600, 5]));
        let end = record(EOF, &[]);
        let before = [bof.clone(), globals.concat()].concat();
        let begin = u32::try_from(before.len() + 12 + end.len()).expect("short");
        let bound = record(0x0085, &[&begin.to_le_bytes()[..], &[0, 0, 0, 0]].concat());
        let stream = [before, bound, end.clone(), bof, sheet.concat(), end].concat();
        let globals = Globals::read(&stream).expect("a workbook");
        assert_eq!(globals.sheets, [begin as usize]);
        globals.look(&stream[begin as usize..])
    }

    #[test]
    fn rows_and_columns_without_size_are_hidden() {
        let rows = [
            record(0x0208, &words(&[3, 0, 4, 300, 0, 0, 0x20, 0])),
            record(0x0208, &words(&[4, 0, 4, 300, 0, 0, 0x100, 0])),
            record(0x0208, &words(&[5, 0, 4, 0, 0, 0, 0, 0])),
            record(0x007d, &words(&[1, 2, 2_000, 0, 1, 0])),
            record(0x007d, &words(&[4, 4, 2_000, 0, 0, 0])),
            record(0x023e, &words(&[0x0000, 0])),
        ];
        let look = look(&[], &rows);
        assert_eq!(look.hidden.rows, [3, 5].into());
        assert_eq!(look.hidden.columns, [(1, 2)]);
        assert!(look.hides_zeros);
    }

    #[test]
    fn numbers_in_odd_formats_are_told() {
        let format = |number: u16, code: &str| {
            let length = u16::try_from(code.len()).expect("short");
            record(0x041e, &[&words(&[number, length])[..], &[0], code.as_bytes()].concat())
        };
        let globals = [
            format(164, "0.00,"),
            format(165, "#,##0"),
            record(0x00e0, &words(&[0, 0])),
            record(0x00e0, &words(&[0, 164])),
            record(0x00e0, &words(&[0, 165])),
            record(0x00e0, &words(&[0, 9])),
        ];
        let cells = [
            record(0x0203, &[words(&[0, 0, 0]), vec![0; 8]].concat()),
            record(0x0203, &[words(&[0, 1, 1]), vec![0; 8]].concat()),
            record(0x027e, &words(&[0, 2, 2, 0, 0])),
            record(0x0006, &[words(&[0, 3, 3]), vec![0; 16]].concat()),
            record(0x00bd, &words(&[1, 5, 0, 0, 0, 1, 0, 0, 6])),
        ];
        assert_eq!(look(&globals, &cells).odd, [(0, 1), (0, 3), (1, 6)].into());
    }

    #[test]
    fn figures_with_a_raised_part_are_told_across_records() {
        let font = |flags: u16, raise: u16| record(0x0031, &words(&[200, flags, 0, 400, raise, 0]));
        let rich = |text: &[u8], font: u16| {
            let count = u16::try_from(text.len()).expect("short");
            [&words(&[count])[..], &[8], &words(&[1]), text, &words(&[1, font])].concat()
        };
        let first =
            [&words(&[0; 4])[..], &rich(b"121", 6), &rich(b"A21", 6), &rich(b"15", 0), &rich(b"12", 5)].concat();
        // A text that goes on in the next record, in wide characters there.
        let cut = [&words(&[3])[..], &[8], &words(&[1]), b"1"].concat();
        let rest = [&[1][..], &words(&[u16::from(b'2'), u16::from(b'3')]), &words(&[0, 6])].concat();
        let globals = [
            font(0, 0),
            font(0, 0),
            font(0, 0),
            font(0, 0),
            font(8, 0),
            font(0, 1),
            record(0x00fc, &[first, cut].concat()),
            record(CONTINUE, &rest),
        ];
        let cells: Vec<Vec<u8>> = (0..5).map(|text| record(0x00fd, &words(&[0, text, 0, text, 0]))).collect();
        assert_eq!(look(&globals, &cells).odd, [(0, 0), (0, 3), (0, 4)].into());
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        let size = |first: u16, last: u16, columns: u16| record(0x0200, &words(&[first, 0, last, 0, 0, columns, 0]));
        assert!(check_sizes(&[size(0, 40, 9), size(0, 0, 0), size(3, 0, 0)].concat()).is_ok());
        for lie in [size(9, 3, 9), size(0, 9, 300), record(0x0200, &[0xff; 14]), size(0, 60_000, 256)] {
            assert!(check_sizes(&lie).is_err());
        }
    }

    #[test]
    fn records_that_lie_end_the_reading() {
        let globals = [record(0x00fc, &words(&[0, 0, 0, 0, 0xffff])), vec![0xff; 3]];
        let mut stream = [record(BOF, &words(&[0x0600, 5])), globals.concat()].concat();
        assert!(Globals::read(&stream).is_ok());
        stream[0] = 1;
        assert!(Globals::read(&stream).is_err());
        assert!(Globals::default().look(&[0xff; 40]).odd.is_empty());
    }
}
