//! Workbooks: values by calamine, laid out as a person sees the sheet.
//!
//! Prose in a cell becomes lines, an empty row parts two tables, hidden sheets, rows and columns are not read. A formula
//! that was never worked out is not blank and not zero: nobody knows its value.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Dimensions, Reader as _, SheetVisible, Xls, XlsError, Xlsx};

use super::UNKNOWN;
use super::biff::{self, SheetLook};
use super::xml::{Node, Tag, Xml, text};
use crate::archive::{Package, corrupt};
use crate::config::Limits;
use crate::decode::blocks::{self, Block, Cell, lay_out};
use crate::model::document::Document;
use crate::model::verdict::{Blame, Cause, Problem};

/// A sheet: texts by row and column, and the merged ranges.
#[derive(Default)]
struct Sheet {
    cells: BTreeMap<(u32, u32), String>,
    merged: Vec<Dimensions>,
    hidden: Hidden,
}

/// Rows and columns that are not shown.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    pub(super) rows: BTreeSet<u32>,
    /// First and last columns.
    pub(super) columns: Vec<(u32, u32)>,
}

impl Hidden {
    fn has(&self, (row, column): (u32, u32)) -> bool {
        self.rows.contains(&row) || self.columns.iter().any(|(first, last)| (*first..=*last).contains(&column))
    }
}

/// More sheets than any report has.
const MAX_SHEETS: usize = 256;

/// The formats that need no definition and show a number otherwise: as a share, as a fraction, as a power.
pub(super) const ODD_FORMATS: [u16; 6] = [9, 10, 11, 12, 13, 48];

/// Runs the library's reader. It trusts what a workbook says of itself; where that lies it panics, which is a damaged
/// file here.
fn guarded(read: impl FnOnce() -> Result<Document, Problem>) -> Result<Document, Problem> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(corrupt("the workbook is damaged (it contradicts itself): open it and save it again".to_owned()))
    })
}

/// Reads a workbook in Office Open XML.
pub(super) fn decode_xlsx(
    bytes: &[u8],
    package: &mut Package<'_>,
    main: &str,
    limits: &Limits,
) -> Result<Document, Problem> {
    guarded(|| read_xlsx(bytes, package, main, limits))
}

fn read_xlsx(bytes: &[u8], package: &mut Package<'_>, main: &str, limits: &Limits) -> Result<Document, Problem> {
    // What parts say of looks is found under their usual names only, as the library finds texts.
    if !main.eq_ignore_ascii_case(WORKBOOK) {
        return Err(elsewhere("contents", main));
    }
    let mut parsed = BTreeSet::new();
    let mut prints = prints(package, &mut parsed, limits)?;
    // The library inflates without a bound: each part is inflated within the limits once before. Those that were
    // parsed declare no document type.
    let names: Vec<String> = package
        .names()
        .filter(|name| (name.ends_with(".xml") || name.ends_with(".rels")) && !parsed.contains(*name))
        .map(str::to_owned)
        .collect();
    for name in &names {
        let bytes = package.read(name)?.unwrap_or_default();
        if bytes.windows(9).any(|window| window == b"<!DOCTYPE") {
            return Err(corrupt(format!("the part {name} declares a document type, which no office file does")));
        }
    }
    let broken = |error: calamine::XlsxError| corrupt(format!("the workbook is damaged ({error}): save it again"));
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut blocks = Vec::new();
    for name in shown(workbook.sheets_metadata()) {
        let merged = workbook.merge_cells_by_sheet_name(&name).map_err(broken)?;
        let mut prints = prints.remove(&name).unwrap_or_default();
        let hidden = std::mem::take(&mut prints.hidden);
        let mut sheet = Sheet { merged, hidden, ..Sheet::default() };
        read_cells(&mut workbook, &name, &prints, &mut sheet, limits)?;
        blocks.extend(caption(&name));
        blocks.extend(blocks::sheet(sheet.rows(limits)));
    }
    Ok(lay_out(&blocks, limits))
}

fn read_cells<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    name: &str,
    Prints { valued, odd, hides_zeros, .. }: &Prints,
    sheet: &mut Sheet,
    limits: &Limits,
) -> Result<(), Problem> {
    let broken = |error: calamine::XlsxError| corrupt(format!("the sheet {name} is damaged ({error}): save it again"));
    let mut cells = match workbook.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // A sheet that is a chart has no cells.
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(broken(error)),
    };
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(broken)? {
        let text = match &record.value {
            // Never worked out.
            DataRef::Empty if record.formula.is_some() => UNKNOWN.to_owned(),
            DataRef::Empty if valued.contains(&cell_name(record.pos)) => {
                let cell = cell_name(record.pos);
                return Err(corrupt(format!(
                    "the cell {cell} of sheet {name} names a text that there is not: save it again"
                )));
            }
            DataRef::Empty => continue,
            // What the cell shows is not what it holds.
            _ if odd.contains(&cell_name(record.pos)) => UNKNOWN.to_owned(),
            DataRef::Int(value) => value.to_string(),
            DataRef::Float(value) => number(*value),
            DataRef::String(value) => value.clone(),
            DataRef::SharedString(value) => (*value).to_owned(),
            DataRef::Bool(value) => value.to_string(),
            DataRef::DateTime(value) => date(value),
            DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => value.clone(),
            DataRef::Error(error) => error.to_string(),
        };
        sheet.push(record.pos, if *hides_zeros { shown_zero(text) } else { text }, limits)?;
    }
    Ok(())
}

/// A zero in a sheet that shows none: blank to a reader and no blank.
fn shown_zero(text: String) -> String {
    if text == "0" { UNKNOWN.to_owned() } else { text }
}

/// Reads a workbook of Excel 97 to 2003.
pub(super) fn decode_xls(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    guarded(|| read_xls(bytes, limits))
}

fn read_xls(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let broken = |error: XlsError| match error {
        XlsError::Password => {
            let message = "the workbook is locked by a password: ask for the open file";
            Problem::new(Cause::Encrypted, Blame::Source, message.to_owned())
        }
        error => corrupt(format!("the workbook is damaged ({error}): save it again")),
    };
    let offset = |start: u32, by: usize| start.saturating_add(u32::try_from(by).unwrap_or(u32::MAX));
    // Before the library, which follows chains of sectors in a loop until memory ends.
    let sheet_looks = biff::looks(bytes, limits)?;
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(broken)?;
    let mut looks: BTreeMap<String, SheetLook> = BTreeMap::new();
    for (sheet, look) in workbook.sheets_metadata().iter().zip(sheet_looks) {
        looks.insert(sheet.name.clone(), look);
    }
    let mut blocks = Vec::new();
    for name in shown(workbook.sheets_metadata()) {
        let merged = workbook.merge_cells_by_sheet_name(&name).map_err(broken)?;
        let SheetLook { hidden, odd, hides_zeros } = looks.remove(&name).unwrap_or_default();
        let mut sheet = Sheet { merged, hidden, ..Sheet::default() };
        blocks.extend(caption(&name));
        let range = workbook.worksheet_range(&name).map_err(broken)?;
        let (row, column) = range.start().unwrap_or_default();
        for (below, right, value) in range.used_cells() {
            let text = match value {
                Data::Empty => continue,
                // What the cell shows is not what it holds.
                _ if odd.contains(&(offset(row, below), offset(column, right))) => UNKNOWN.to_owned(),
                Data::Int(value) => value.to_string(),
                Data::Float(value) => number(*value),
                Data::String(value) => value.clone(),
                Data::Bool(value) => value.to_string(),
                Data::DateTime(value) => date(value),
                Data::DateTimeIso(value) | Data::DurationIso(value) => value.clone(),
                Data::Error(error) => error.to_string(),
            };
            let text = if hides_zeros { shown_zero(text) } else { text };
            sheet.push((offset(row, below), offset(column, right)), text, limits)?;
        }
        let formulas = workbook.worksheet_formula(&name).map_err(broken)?;
        let (row, column) = formulas.start().unwrap_or_default();
        for (below, right, _) in formulas.used_cells().filter(|(.., formula)| !formula.is_empty()) {
            let at = (offset(row, below), offset(column, right));
            if !sheet.cells.contains_key(&at) {
                sheet.push(at, UNKNOWN.to_owned(), limits)?;
            }
        }
        blocks.extend(blocks::sheet(sheet.rows(limits)));
    }
    Ok(lay_out(&blocks, limits))
}

/// The name of a sheet where it names a year: it may be last year's.
fn caption(name: &str) -> Option<Block> {
    let names_year =
        name.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 4 && digits.starts_with("20"));
    names_year.then(|| Block::Paragraph(name.to_owned()))
}

/// Names of the sheets that are shown.
fn shown(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets.iter().filter(|sheet| sheet.visible == SheetVisible::Visible).map(|sheet| sheet.name.clone()).collect()
}

/// What the parts of the sheets say themselves, by the sheets' names.
///
/// Names of the parts that were read whole are added to `parsed`, in lower case.
fn prints(
    package: &mut Package<'_>,
    parsed: &mut BTreeSet<String>,
    limits: &Limits,
) -> Result<BTreeMap<String, Prints>, Problem> {
    let mut found = BTreeMap::new();
    let Some(workbook) = package.read(WORKBOOK)? else { return Ok(found) };
    let looks = Looks::read(package, limits)?;
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    parsed.extend([WORKBOOK, RELATIONS, TEXTS, STYLES].map(str::to_ascii_lowercase));
    if let Some(relations) = package.read(RELATIONS)? {
        let relations = text(&relations, "workbook.xml.rels")?;
        let mut xml = Xml::new(&relations, "workbook.xml.rels", limits);
        while let Some(node) = xml.next()? {
            if let Node::Open(tag) = node
                && let (Some(id), Some(target)) = (tag.attribute("Id"), tag.attribute("Target"))
            {
                let kind = tag.attribute("Type").unwrap_or_default();
                for (end, what, part) in [("/sharedStrings", "texts", TEXTS), ("/styles", "styles", STYLES)] {
                    if kind.ends_with(end) && !part_of(&target).eq_ignore_ascii_case(part) {
                        return Err(elsewhere(what, &target));
                    }
                }
                targets.insert(id, target);
            }
        }
    }
    let workbook = text(&workbook, "workbook.xml")?;
    let mut n_sheets = 0;
    let mut xml = Xml::new(&workbook, "workbook.xml", limits);
    while let Some(node) = xml.next()? {
        let Node::Open(tag) = node else { continue };
        if tag.name() != "sheet" {
            continue;
        }
        n_sheets += 1;
        if n_sheets > MAX_SHEETS {
            return Err(too_large(&format!("the workbook has more than {MAX_SHEETS} sheets")));
        }
        let target = tag.attribute("id").and_then(|id| targets.get(&id));
        let (Some(name), Some(target)) = (tag.attribute("name"), target) else { continue };
        let part = part_of(target);
        parsed.insert(part.to_ascii_lowercase());
        let Some(bytes) = package.read(&part)? else { return Err(elsewhere("sheets", target)) };
        found.insert(name, Prints::read(&text(&bytes, &part)?, &part, &looks, limits)?);
    }
    Ok(found)
}

/// The parts of a workbook under their usual names.
const WORKBOOK: &str = "xl/workbook.xml";
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";
const TEXTS: &str = "xl/sharedStrings.xml";
const STYLES: &str = "xl/styles.xml";

/// The name of the part that a relation of the workbook points to.
fn part_of(target: &str) -> String {
    let target = target.trim_start_matches("./");
    target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned)
}

fn elsewhere(what: &str, part: &str) -> Problem {
    let message = format!("the workbook has its {what} in the part {part}, where no program puts them: save it again");
    Problem::new(Cause::UnsupportedFormat, Blame::Source, message)
}

/// Looks that make a cell show something else than it holds.
#[derive(Default)]
struct Looks {
    /// Texts of digits of which a part is raised, lowered or struck out.
    odd_texts: BTreeSet<usize>,
    /// Styles whose format shows a number otherwise than by its digits: scaled, as a share, with a unit, or not at all.
    odd_styles: BTreeSet<usize>,
}

impl Looks {
    fn read(package: &mut Package<'_>, limits: &Limits) -> Result<Self, Problem> {
        let mut looks = Self::default();
        if let Some(bytes) = package.read(TEXTS)? {
            let text = text(&bytes, "sharedStrings.xml")?;
            let mut xml = Xml::new(&text, "sharedStrings.xml", limits);
            let (mut n_texts, mut all, mut is_odd) = (0_usize, String::new(), false);
            let mut end = |n_texts: usize, all: &mut String, is_odd: &mut bool| {
                if std::mem::take(is_odd) && is_figure(all) && n_texts > 0 {
                    looks.odd_texts.insert(n_texts - 1);
                }
                all.clear();
            };
            while let Some(node) = xml.next()? {
                match node {
                    Node::Open(tag) => match tag.name() {
                        "si" => {
                            end(n_texts, &mut all, &mut is_odd);
                            n_texts += 1;
                        }
                        "strike" | "vertAlign" => is_odd |= is_odd_run(&tag),
                        _ => {}
                    },
                    Node::Text(text) => all.push_str(&text),
                    Node::Close => {}
                }
            }
            end(n_texts, &mut all, &mut is_odd);
        }
        if let Some(bytes) = package.read(STYLES)? {
            let text = text(&bytes, "styles.xml")?;
            let mut xml = Xml::new(&text, "styles.xml", limits);
            let mut odd_formats: BTreeSet<usize> = ODD_FORMATS.map(usize::from).into();
            let (mut in_cells, mut n_styles) = (false, 0);
            while let Some(node) = xml.next()? {
                let Node::Open(tag) = node else { continue };
                match tag.name() {
                    "numFmt" => {
                        let code = tag.attribute("formatCode").unwrap_or_default();
                        odd_formats.extend(tag.number("numFmtId").filter(|_| !is_plain_format(&code)));
                    }
                    "cellXfs" => in_cells = true,
                    "cellStyles" | "dxfs" => in_cells = false,
                    "xf" if in_cells => {
                        if tag.number("numFmtId").is_some_and(|format| odd_formats.contains(&format)) {
                            looks.odd_styles.insert(n_styles);
                        }
                        n_styles += 1;
                    }
                    _ => {}
                }
            }
        }
        Ok(looks)
    }
}

/// Whether a property of a run raises, lowers or strikes it out.
fn is_odd_run(tag: &Tag<'_>) -> bool {
    match tag.name() {
        "strike" => tag.attribute("val").is_none_or(|value| value != "0" && value != "false"),
        _ => tag.attribute("val").is_some_and(|value| value != "baseline"),
    }
}

/// A text that stands in its cell.
struct Inline {
    /// Where it began.
    depth: usize,
    text: String,
    is_odd: bool,
}

/// Whether a text is a figure and nothing else.
pub(super) fn is_figure(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || " .,+-".contains(c))
}

/// Whether a number format shows the digits of a number and nothing else but signs, groups, spaces and the unit of a
/// count (ECMA-376 part 1, 18.8.31); dates are told by the library.
pub(super) fn is_plain_format(code: &str) -> bool {
    let mut code = code.to_owned();
    // Conditions, colours and locales; spaces as wide as a character; units of counts.
    while let (Some(from), Some(to)) = (code.find('['), code.find(']')) {
        if to < from {
            return false;
        }
        code.replace_range(from..=to, "");
    }
    for unit in [
        "\"件\"", "\"条\"", "\"项\"", "\"宗\"", "\"个\"", "\"起\"", "\" \"", "\"\"", "\\ ", "_ ", "_)", "_(", "_-",
        "* ", "General", "@",
    ] {
        code = code.replace(unit, "");
    }
    let is_date = code.contains(['y', 'Y', 'd', 'D', 'h', 'H']);
    let sections_show = code.split(';').all(|section| !section.is_empty()) || !code.contains(';');
    let is_scaled = code.split(';').any(|section| section.trim_end().ends_with(','));
    is_date || (code.chars().all(|c| "0#?.,-+() ;".contains(c)) && sections_show && !is_scaled)
}

/// What the part of a sheet says itself: what is hidden, and which cells hold a value.
#[derive(Default)]
struct Prints {
    hidden: Hidden,
    /// Names of the cells that hold a value, as `B7`.
    valued: BTreeSet<String>,
    /// Names of those that show something else than they hold.
    odd: BTreeSet<String>,
    /// Zeros are not shown.
    hides_zeros: bool,
}

impl Prints {
    fn read(text: &str, part: &str, looks: &Looks, limits: &Limits) -> Result<Self, Problem> {
        let mut prints = Self::default();
        let mut is_odd_number = false;
        let mut inline: Option<Inline> = None;
        let (mut row, mut cell, mut in_value, mut is_shared) = (0, None, false, false);
        let mut xml = Xml::new(text, part, limits);
        while let Some(node) = xml.next()? {
            let tag = match node {
                Node::Open(tag) => tag,
                Node::Text(text) if in_value && !text.trim().is_empty() => {
                    if is_shared && text.trim().parse::<u32>().is_err() {
                        let cell = cell.unwrap_or_default();
                        return Err(corrupt(format!(
                            "the cell {cell} in {part} names a text that there is not: save the workbook again"
                        )));
                    }
                    let number = text.trim().parse::<usize>().ok();
                    let is_odd_text = is_shared && number.is_some_and(|at| looks.odd_texts.contains(&at));
                    if is_odd_text || !is_shared && is_odd_number {
                        prints.odd.extend(cell.clone());
                    }
                    prints.valued.extend(cell.take());
                    continue;
                }
                Node::Text(text) => {
                    if let Some(inline) = &mut inline {
                        inline.text.push_str(&text);
                    }
                    continue;
                }
                Node::Close => {
                    in_value = false;
                    if let Some(ended) = inline.take_if(|inline| inline.depth > xml.depth())
                        && ended.is_odd
                        && is_figure(&ended.text)
                    {
                        prints.odd.extend(cell.clone());
                    }
                    continue;
                }
            };
            let index = |name: &str| tag.number(name).and_then(|at| u32::try_from(at.checked_sub(1)?).ok());
            let is_hidden = || tag.attribute("hidden").is_some_and(|value| value == "1" || value == "true");
            match tag.name() {
                "col" if is_hidden() => prints.hidden.columns.extend(index("min").zip(index("max"))),
                "row" => {
                    let at = index("r").unwrap_or(row);
                    if is_hidden() {
                        prints.hidden.rows.insert(at);
                    }
                    row = at.saturating_add(1);
                }
                "c" => {
                    cell = tag.attribute("r");
                    is_shared = tag.attribute("t").as_deref() == Some("s");
                    is_odd_number = tag.number("s").is_some_and(|style| looks.odd_styles.contains(&style));
                    if cell.as_ref().is_some_and(|cell| !is_cell_name(cell)) {
                        let name = cell.unwrap_or_default();
                        return Err(corrupt(format!(
                            "{name:?} in {part} is no cell of a sheet: save the workbook again"
                        )));
                    }
                    if cell.as_ref().is_some_and(|cell| prints.valued.contains(cell)) {
                        let name = cell.unwrap_or_default();
                        return Err(corrupt(format!(
                            "the cell {name} stands twice in {part}: which counts cannot be told"
                        )));
                    }
                }
                "v" => in_value = true,
                "is" => inline = Some(Inline { depth: xml.depth(), text: String::new(), is_odd: false }),
                "strike" | "vertAlign" => {
                    if let Some(inline) = &mut inline {
                        inline.is_odd |= is_odd_run(&tag);
                    }
                }
                "sheetView" => {
                    prints.hides_zeros |=
                        tag.attribute("showZeros").is_some_and(|value| value == "0" || value == "false");
                }
                _ => {}
            }
        }
        Ok(prints)
    }
}

/// Whether a name is that of a cell: letters for its column, digits for its row, not beyond `XFD1048576`.
fn is_cell_name(name: &str) -> bool {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = name.split_at(letters);
    let is_column = (1..=3).contains(&letters) && (letters < 3 || column.to_ascii_uppercase().as_str() <= "XFD");
    let is_row = row.bytes().all(|byte| byte.is_ascii_digit())
        && row.parse::<u32>().is_ok_and(|row| (1..=1_048_576).contains(&row));
    is_column && is_row
}

/// The name of a cell, as `B7`.
fn cell_name((row, column): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or(0));
        rest /= 26;
    }
    letters.reverse();
    format!("{}{}", String::from_utf8_lossy(&letters), u64::from(row) + 1)
}

impl Sheet {
    fn push(&mut self, at: (u32, u32), text: String, limits: &Limits) -> Result<(), Problem> {
        if text.trim().is_empty() || self.hidden.has(at) {
            return Ok(());
        }
        let beyond = |index: u32, most: usize| usize::try_from(index).unwrap_or(usize::MAX) >= most;
        if beyond(at.0, limits.table_rows) {
            return Err(too_large(&format!("a sheet has more than {} rows (limits.table_rows)", limits.table_rows)));
        }
        if beyond(at.1, limits.table_columns) {
            return Err(too_large(&format!(
                "a sheet has more than {} columns (limits.table_columns)",
                limits.table_columns
            )));
        }
        self.cells.insert(at, text);
        Ok(())
    }

    /// The rows of the sheet; hidden ones are left out, merged cells stand where they begin.
    fn rows(mut self, limits: &Limits) -> Vec<Vec<Cell>> {
        let bound = |most: usize| u32::try_from(most).unwrap_or(u32::MAX).saturating_sub(1);
        let (last_row, last_column) = (bound(limits.table_rows), bound(limits.table_columns));
        let merged: Vec<Dimensions> = self
            .merged
            .iter()
            .filter(|range| range.start.0 <= last_row && range.start.1 <= last_column && range.start <= range.end)
            .copied()
            .collect();
        let n_rows = self.cells.keys().map(|at| at.0 + 1).max().unwrap_or(0);
        let mut covered: BTreeSet<(u32, u32)> = BTreeSet::new();
        let mut spans: BTreeMap<(u32, u32), (u32, u32)> = BTreeMap::new();
        for range in merged {
            let end = (range.end.0.min(n_rows.saturating_sub(1)), range.end.1.min(last_column));
            let shown = |row: bool| match row {
                true => (range.start.0..=end.0).filter(|at| !self.hidden.rows.contains(at)).count(),
                false => (range.start.1..=end.1).filter(|at| !self.hidden.has((u32::MAX, *at))).count(),
            };
            let size = |count: usize| u32::try_from(count).unwrap_or(1).max(1);
            spans.insert(range.start, (size(shown(true)), size(shown(false))));
            for row in range.start.0..=end.0 {
                covered.extend((range.start.1..=end.1).map(|column| (row, column)).filter(|at| *at != range.start));
            }
        }
        let mut rows = Vec::new();
        for row in (0..n_rows).filter(|row| !self.hidden.rows.contains(row)) {
            let mut cells = Vec::new();
            let columns = (0..=last_column).filter(|column| !self.hidden.has((u32::MAX, *column)));
            for (column, at) in columns.map(|column| (row, column)).enumerate() {
                if covered.contains(&at) {
                    continue;
                }
                let (rows, columns) = spans.get(&at).copied().unwrap_or((1, 1));
                let blocks = self.cells.remove(&at).map(Block::Paragraph).into_iter().collect();
                cells.push(Cell { column, columns: columns as usize, rows: rows as usize, blocks });
            }
            rows.push(cells);
        }
        rows
    }
}

/// A value as a sheet shows it: fifteen digits, none behind the point that is not needed.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    rounded.to_string()
}

fn date(value: &calamine::ExcelDateTime) -> String {
    let (year, month, day, ..) = value.to_ymd_hms_milli();
    format!("{year}-{month:02}-{day:02}")
}

/// Refuses a workbook that no report is in; `what` says what it has.
pub(super) fn too_large(what: &str) -> Problem {
    Problem::new(Cause::Limit, Blame::Source, format!("{what}: check whether it is a report"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_show_other_numbers_are_told() {
        for code in ["0", "0.00", "#,##0", "0_ ", "General", "0\"件\"", "#,##0.00_);(#,##0.00)", "yyyy-mm-dd", "[Red]0"]
        {
            assert!(is_plain_format(code), "{code}");
        }
        for code in ["0\"元\"", "0%", "0!.0000", "0.00,", ";;;", "\"-\"0", "\"约\"0", "# ?/?", "0.0E+0"] {
            assert!(!is_plain_format(code), "{code}");
        }
    }

    #[test]
    fn sheets_say_what_their_cells_do_not_show() {
        let limits = crate::config::Config::embedded().expect("settings").limits;
        let run = |look: &str, text: &str| format!("<r><rPr>{look}</rPr><t>{text}</t></r>");
        let cell = |name: &str, runs: &str| format!("<c r='{name}' t='inlineStr'><is>{runs}</is></c>");
        let cells = [
            cell("A1", &(run("", "15") + &run("<vertAlign val='superscript'/>", "1"))),
            cell("B1", &(run("<strike/>", "12") + &run("", "15"))),
            cell("C1", &(run("", "件") + &run("<vertAlign val='superscript'/>", "1"))),
            cell("D1", &(run("<strike val='0'/>", "1") + &run("<vertAlign val='baseline'/>", "5"))),
            "<c r='E1' s='1'><v>7</v></c><c r='F1' t='s'><v>0</v></c><c r='G1'><v>7</v></c>".to_owned(),
        ];
        let looks = Looks { odd_texts: [0].into(), odd_styles: [1].into() };
        let sheet = format!("<s><sheetView showZeros='0'/><row r='1'>{}</row></s>", cells.concat());
        let prints = Prints::read(&sheet, "sheet1.xml", &looks, &limits).expect("a sheet");
        assert_eq!(prints.odd, ["A1", "B1", "E1", "F1"].map(str::to_owned).into());
        assert!(prints.hides_zeros);
    }

    #[test]
    fn cells_have_names() {
        assert_eq!(
            [cell_name((6, 1)), cell_name((0, 26)), cell_name((1_048_575, 16_383))],
            ["B7", "AA1", "XFD1048576"]
        );
    }

    #[test]
    fn numbers_print_as_a_sheet_shows_them() {
        assert_eq!([number(12.0), number(0.1 + 0.2), number(-3.5), number(1234.56)], ["12", "0.3", "-3.5", "1234.56"]);
        assert_eq!(number(1e300), format!("{}", 1e300));
    }
}
