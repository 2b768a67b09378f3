//! What of a document a reader of the page sees, case by case, in documents made here.

use std::io::{Cursor, Write};

use super::parts::Fib;
use crate::config::Config;
use crate::decode::office::{decode_compound, pieces};
use crate::model::document::Document;
use crate::model::file::Format;
use crate::model::verdict::{Cause, Problem};

/// Where the text begins, behind the head.
const TEXT: usize = 2_048;

/// A document on its way into a file.
#[derive(Clone, Default)]
struct Made {
    units: Vec<u16>,
    /// Ends of paragraphs and of runs, with their properties.
    paragraphs: Vec<(usize, Vec<u8>)>,
    runs: Vec<(usize, Vec<u8>)>,
    /// Characters of the parts, where there are others than the main one: place in the head, length.
    parts: Vec<(usize, usize)>,
    flags: u16,
    version: u16,
}

impl Made {
    fn new() -> Self {
        Self { flags: 0x200, version: 0xc1, ..Self::default() }
    }

    /// A run of text with these properties.
    fn run(mut self, text: &str, properties: &[u8]) -> Self {
        self.units.extend(text.encode_utf16());
        self.runs.push((self.units.len(), properties.to_vec()));
        self
    }

    /// The end of a paragraph with these properties.
    fn end(mut self, mark: char, properties: &[u8]) -> Self {
        self = self.run(&mark.to_string(), &[]);
        self.paragraphs.push((self.units.len(), properties.to_vec()));
        self
    }

    fn paragraph(self, text: &str) -> Self {
        self.run(text, &[]).end('\r', &[])
    }

    fn cell(self, text: &str) -> Self {
        self.run(text, &[]).end('\u{7}', &IN_TABLE)
    }

    fn row(self, edges: &[i16], flags: &[u16]) -> Self {
        self.end('\u{7}', &[&IN_TABLE[..], &[0x17, 0x24, 1], &def_table(edges, flags)].concat())
    }

    /// A page of properties, and its table: one stretch from the beginning of the text to each end.
    fn page(ends: &[(usize, Vec<u8>)], is_paragraphs: bool) -> Vec<u8> {
        let mut page = vec![0; 512];
        page[511] = u8::try_from(ends.len()).expect("few");
        let mut top = 510;
        let place = |character: usize| u32::try_from(TEXT + 2 * character).expect("small").to_le_bytes();
        page[..4].copy_from_slice(&place(0));
        for (nth, (end, properties)) in ends.iter().enumerate() {
            page[4 * (nth + 1)..4 * (nth + 2)].copy_from_slice(&place(*end));
            let mut stored = Vec::new();
            if is_paragraphs {
                // The style comes first; the length is counted in words and half of one.
                let style = [0, 0];
                let bytes = [&style[..], properties].concat();
                if bytes.len() % 2 == 0 {
                    stored.extend([0, u8::try_from(bytes.len() / 2).expect("short")]);
                } else {
                    stored.push(u8::try_from(bytes.len().div_ceil(2)).expect("short"));
                }
                stored.extend(bytes);
            } else if !properties.is_empty() {
                stored.push(u8::try_from(properties.len()).expect("short"));
                stored.extend(properties);
            }
            if stored.is_empty() {
                continue;
            }
            top = (top - stored.len()) & !1;
            let entries = 4 * (ends.len() + 1);
            assert!(top > entries + ends.len() * if is_paragraphs { 13 } else { 1 }, "the page is full");
            page[top..top + stored.len()].copy_from_slice(&stored);
            page[entries + nth * if is_paragraphs { 13 } else { 1 }] = u8::try_from(top / 2).expect("small");
        }
        page
    }

    /// The streams of the document: text with pages, and table.
    fn streams(&self) -> (Vec<u8>, Vec<u8>) {
        let length = u32::try_from(self.units.len()).expect("small");
        let mut document = vec![0; TEXT];
        document.extend(self.units.iter().flat_map(|unit| unit.to_le_bytes()));
        let text_end = document.len();
        document.resize(text_end.next_multiple_of(512), 0);
        let first_page = document.len() / 512;
        document.extend(Self::page(&self.paragraphs, true));
        document.extend(Self::page(&self.runs, false));
        let mut put = |at: usize, bytes: &[u8]| document[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &[0xec, 0xa5]);
        put(2, &self.version.to_le_bytes());
        put(10, &self.flags.to_le_bytes());
        put(152, &93_u16.to_le_bytes());
        put(76, &length.to_le_bytes());
        for (at, length) in &self.parts {
            put(*at, &u32::try_from(*length).expect("small").to_le_bytes());
        }
        let mut table = Vec::new();
        let mut structure = |number: usize, bytes: Vec<u8>| {
            put(154 + 8 * number, &u32::try_from(table.len()).expect("small").to_le_bytes());
            put(158 + 8 * number, &u32::try_from(bytes.len()).expect("small").to_le_bytes());
            table.extend(bytes);
        };
        let bounds = [TEXT, text_end].map(|at| u32::try_from(at).expect("small").to_le_bytes()).concat();
        for (number, page) in [(13, first_page), (12, first_page + 1)] {
            let page = u32::try_from(page).expect("small").to_le_bytes();
            structure(number, [&bounds[..], &page].concat());
        }
        let first = u32::try_from(TEXT).expect("small").to_le_bytes();
        let pieces = [&0_u32.to_le_bytes()[..], &length.to_le_bytes(), &[0; 2], &first, &[0; 2]].concat();
        structure(33, [&[2, 16, 0, 0, 0][..], &pieces].concat());
        (document, table)
    }

    fn file(&self) -> Vec<u8> {
        let (document, table) = self.streams();
        compound(&[("WordDocument", &document), ("1Table", &table)])
    }
}

const IN_TABLE: [u8; 3] = [0x16, 0x24, 1];

/// The definition of a row by its borders and the flags of its cells.
fn def_table(edges: &[i16], flags: &[u16]) -> Vec<u8> {
    let mut operand = vec![u8::try_from(edges.len() - 1).expect("few")];
    operand.extend(edges.iter().flat_map(|edge| edge.to_le_bytes()));
    for flags in flags {
        operand.extend(flags.to_le_bytes());
        operand.extend([0; 18]);
    }
    let length = u16::try_from(operand.len() + 1).expect("short").to_le_bytes();
    [&[0x08, 0xd6][..], &length, &operand].concat()
}

fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("creates");
    for (name, bytes) in streams {
        file.create_stream(format!("/{name}")).and_then(|mut stream| stream.write_all(bytes)).expect("writes");
    }
    file.into_inner().into_inner()
}

fn read_file(bytes: &[u8]) -> Result<Document, Problem> {
    let (format, document) = decode_compound(bytes, &Config::embedded().expect("settings").limits);
    assert_eq!(format, Format::Doc);
    document
}

#[track_caller]
fn check(made: &Made, expected: &[&str]) {
    let document = read_file(&made.file()).map_err(|problem| problem.message);
    assert_eq!(pieces(&document.expect("a document")), expected);
}

#[track_caller]
fn check_cause(bytes: &[u8], cause: Cause) {
    assert_eq!(read_file(bytes).map(|document| pieces(&document)).map_err(|problem| problem.cause), Err(cause));
}

#[test]
fn columns_follow_from_the_borders_of_all_rows() {
    let made = Made::new()
        .paragraph("题")
        .cell("甲")
        .cell("乙")
        .row(&[-108, 1000, 3000], &[0x60, 0])
        .cell("")
        .cell("1")
        .cell("2")
        .row(&[-108, 1003, 2000, 2998], &[0x20, 0, 0])
        .cell("丙")
        .cell("3")
        .cell("")
        .row(&[-108, 1000, 2000, 3000], &[0, 1, 2])
        .paragraph("文");
    check(
        &made,
        &["L:题", "#0.0+2x1:甲", "#0.1+1x2:乙", "#1.1+1x1:1", "#1.2+1x1:2", "#2.0+1x1:丙", "#2.1+1x2:3", "L:文"],
    );
}

#[test]
fn long_properties_stand_elsewhere() {
    let shape = def_table(&[0, 1000, 2000], &[]);
    let data = [&[0, 0][..], &u16::try_from(shape.len()).expect("short").to_le_bytes(), &shape].concat();
    for code in [[0x6b, 0x64], [0x46, 0x66]] {
        let end = [&IN_TABLE[..], &[0x17, 0x24, 1], &code, &[2, 0, 0, 0]].concat();
        let (document, table) = Made::new().cell("1").cell("2").end('\u{7}', &end).paragraph("文").streams();
        let file = compound(&[("WordDocument", &document), ("1Table", &table), ("Data", &data)]);
        let read = read_file(&file).map(|document| pieces(&document)).map_err(|problem| problem.message);
        assert_eq!(read.expect("a document"), ["#0.0+1x1:1", "#0.1+1x1:2", "L:文"]);
    }
}

#[test]
fn tables_stand_in_cells_of_others() {
    let inner = [&IN_TABLE[..], &[0x49, 0x66, 2, 0, 0, 0]].concat();
    let ends_cell = [&inner[..], &[0x4b, 0x24, 1]].concat();
    let ends_row = [&ends_cell[..], &[0x4c, 0x24, 1], &def_table(&[0, 500, 900], &[])].concat();
    let made = Made::new()
        .cell("首页")
        .run("题", &[])
        .end('\r', &IN_TABLE)
        .run("1", &[])
        .end('\r', &inner)
        .run("2", &[])
        .end('\r', &ends_cell)
        .run("3", &[])
        .end('\r', &ends_cell)
        .end('\r', &ends_row)
        .cell("")
        .row(&[0, 1000, 2000], &[])
        .paragraph("文");
    check(&made, &["0.0:首页", "L:题", "#0.0+1x1:1 2", "#0.1+1x1:3", "L:文"]);
}

#[test]
fn what_is_not_shown_is_not_read() {
    let (hidden, deleted, raised) = ([0x3c, 0x08, 1], [0, 8, 1], [0x48, 0x2a, 1]);
    let special = [0x55, 0x08, 1];
    let field = |code: &str, result: &str| format!("\u{13}{code}\u{14}{result}\u{15}");
    check(
        &Made::new().run("12", &[]).run("9", &hidden).run("3", &deleted).run("4", &raised).paragraph("5"),
        &["L:12 \u{fffd} 5"],
    );
    check(&Made::new().run(&field(" =SUM(ABOVE) ", "12"), &special).paragraph("件"), &["L:12件"]);
    check(&Made::new().run(&field(" TOC \\o ", "一、概述 1"), &special).paragraph("文"), &["L:文"]);
    check(
        &Made::new().run("12", &[]).run("\u{2}", &special).run("3\u{1e}4\u{1f}5\u{b}6\t7\u{5}", &[]).paragraph(""),
        &["L:12 3-45", "0.0:6", "0.1:7\u{fffd}"],
    );
    check(&Made::new().run("(", &[0x09, 0x6a, 0, 0, 0x31, 0xf0]).paragraph("5"), &["L:\u{fffd}5"]);
    let cells = Made::new().run("9", &hidden).cell("").run("\u{1}", &special).cell("").cell("").row(&[0, 1, 2, 3], &[]);
    check(&cells.paragraph("文"), &["#0.0+1x1:\u{fffd}", "#0.1+1x1:\u{fffd}", "#0.2+1x1:", "L:文"]);
    let mut goes_on = Made::new().run("1", &[]).end('\r', &[]);
    if let Some((_, properties)) = goes_on.runs.last_mut() {
        *properties = deleted.to_vec();
    }
    check(&goes_on.clone().paragraph("2"), &["L:12"]);
    check(&goes_on.cell("2").row(&[0, 9], &[]).paragraph("文"), &["L:1", "#0.0+1x1:2", "L:文"]);
}

#[test]
fn notes_stand_behind_the_text_and_other_parts_are_left_out() {
    let mut made = Made::new().paragraph("文").paragraph("注").paragraph("眉").paragraph("评");
    made.parts = vec![(76, 2), (80, 2), (84, 2), (92, 2)];
    check(&made, &["L:文", "L:注"]);
}

#[test]
fn text_boxes_stand_where_they_hang() {
    let mut made = Made::new().run("前\u{8}", &[0x55, 0x08, 1]).paragraph("后").paragraph("末").paragraph("框");
    made.parts = vec![(76, 6), (100, 2)];
    let (mut document, mut table) = made.streams();
    let mut structure = |number: usize, bytes: &[u8]| {
        let place = u32::try_from(table.len()).expect("small").to_le_bytes();
        document[154 + 8 * number..][..4].copy_from_slice(&place);
        document[158 + 8 * number..][..4].copy_from_slice(&u32::try_from(bytes.len()).expect("small").to_le_bytes());
        table.extend(bytes);
    };
    let mut shape = [1_u32.to_le_bytes(), 6_u32.to_le_bytes(), 77_u32.to_le_bytes()].concat();
    shape.resize(34, 0);
    let mut text_box = [0_u32, 2].map(u32::to_le_bytes).concat();
    text_box.resize(8 + 14, 0);
    text_box.extend(77_u32.to_le_bytes());
    text_box.resize(30, 0);
    structure(56, &text_box);
    let without = compound(&[("WordDocument", &document), ("1Table", &table)]);
    let place = u32::try_from(table.len()).expect("small").to_le_bytes();
    document[154 + 8 * 40..][..4].copy_from_slice(&place);
    document[158 + 8 * 40..][..4].copy_from_slice(&34_u32.to_le_bytes());
    table.extend(&shape);
    let with = compound(&[("WordDocument", &document), ("1Table", &table)]);
    assert_eq!(read_file(&with).map(|document| pieces(&document)).expect("read"), ["L:前后", "L:框", "L:末"]);
    assert_eq!(read_file(&without).map(|document| pieces(&document)).expect("read"), ["L:前后", "L:末", "L:框"]);
}

#[test]
fn pieces_may_be_compressed_and_carry_properties() {
    let (mut document, mut table) = Made::new().paragraph("文1").streams();
    let at = document.len();
    document.extend(b"12\x93\r");
    // Two pieces: one of units, and one of bytes that is hidden but for what its property says.
    let mut pieces_of = |prm: u16| {
        let mut pieces = [0_u32, 3, 7].map(u32::to_le_bytes).concat();
        pieces.extend([&[0; 2][..], &u32::try_from(TEXT).expect("small").to_le_bytes(), &[0; 2]].concat());
        let place = u32::try_from(2 * at).expect("small") | 0x4000_0000;
        pieces.extend([&[0; 2][..], &place.to_le_bytes(), &prm.to_le_bytes()].concat());
        let clx = [&[1, 3, 0, 0x3c, 8, 1, 2, 28, 0, 0, 0][..], &pieces].concat();
        let start = u32::try_from(table.len()).expect("small");
        table.extend(&clx);
        document[154 + 8 * 33..][..4].copy_from_slice(&start.to_le_bytes());
        document[158 + 8 * 33..][..4].copy_from_slice(&u32::try_from(clx.len()).expect("small").to_le_bytes());
        document[76..80].copy_from_slice(&7_u32.to_le_bytes());
        compound(&[("WordDocument", &document), ("1Table", &table)])
    };
    let read = |bytes: &[u8]| read_file(bytes).map(|document| pieces(&document)).map_err(|problem| problem.cause);
    assert_eq!(read(&pieces_of(0)), Ok(vec!["L:文1".to_owned(), "L:12“".to_owned()]));
    assert_eq!(read(&pieces_of(1)), Ok(vec!["L:文1".to_owned()]));
    assert_eq!(read(&pieces_of(0x5c << 1 | 1 << 8)), Ok(vec!["L:文1".to_owned()]));
    assert_eq!(read(&pieces_of(3)), Err(Cause::Corrupt));
}

#[test]
fn what_is_not_sound_is_told() {
    let sound = Made::new().paragraph("文");
    check_cause(&Made { flags: 0x300, ..sound.clone() }.file(), Cause::Encrypted);
    check_cause(&Made { flags: 0x8300, ..sound.clone() }.file(), Cause::Encrypted);
    check_cause(&Made { version: 0x68, ..sound.clone() }.file(), Cause::UnsupportedFormat);
    check_cause(&Made { flags: 0, ..sound.clone() }.file(), Cause::Corrupt);
    check_cause(&Made { parts: vec![(76, 9)], ..sound.clone() }.file(), Cause::Corrupt);
    check_cause(&Made::new().run("1", &[]).end('\u{7}', &[]).file(), Cause::Corrupt);
    check_cause(&Made::new().cell("1").cell("2").row(&[0, 900], &[]).paragraph("").file(), Cause::Corrupt);
    check_cause(&Made::new().cell("1").paragraph("文").file(), Cause::Corrupt);
    check_cause(&Made::new().run("\u{13}1", &[0x55, 8, 1]).paragraph("").file(), Cause::Corrupt);
    let deep = [&IN_TABLE[..], &[0x49, 0x66, 255, 255, 255, 127]].concat();
    check_cause(&Made::new().run("1", &[]).end('\r', &deep).file(), Cause::Limit);
    let (document, table) = sound.streams();
    for end in [0, 30, 100, 500, 2_048] {
        check_cause(&compound(&[("WordDocument", &document[..end]), ("1Table", &table)]), Cause::Corrupt);
    }
    check_cause(&compound(&[("WordDocument", &document), ("1Table", &table[..30])]), Cause::Corrupt);
}

#[test]
fn no_byte_that_changes_breaks_the_reader() {
    let (document, table) = Made::new().cell("1").cell("2").row(&[0, 900, 1800], &[0, 0]).paragraph("文").streams();
    for at in (0..table.len()).chain(TEXT..document.len()).chain(76..104).chain(154..420) {
        for value in [0, 1, 0x7f, 0xff] {
            let (mut document, mut table) = (document.clone(), table.clone());
            if at < table.len() {
                table[at] = value;
            }
            document[at] = value;
            let _ = Fib::read(&document).and_then(|fib| super::read(&fib, &document, &table, &[]));
        }
    }
}

#[test]
fn figures_in_the_colour_of_their_ground_are_unknown() {
    let white = [0x70, 0x68, 255, 255, 255, 0];
    let (named, black, chosen) = ([0x42, 0x2a, 8], [0x70, 0x68, 0, 0, 0, 0], [0x70, 0x68, 255, 255, 255, 255]);
    let marked = [&black[..], &[0x0c, 0x2a, 1]].concat();
    let shaded = [&black[..], &[0x71, 0xca, 10, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0]].concat();
    let made = Made::new().run("1", &white).run("2", &named).run("3", &black).run("4", &chosen);
    check(&made.run("5", &marked).run("6", &shaded).paragraph(""), &["L:\u{fffd}\u{fffd}34\u{fffd}\u{fffd}"]);
    let ground = [0x4d, 0xc6, 10, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0];
    check(&Made::new().run("7", &black).end('\r', &ground), &["L:\u{fffd}"]);
}
