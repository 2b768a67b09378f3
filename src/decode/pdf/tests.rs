//! Pages drawn command by command, and what is read from them.

use std::fmt::Write as _;

use super::decode;
use crate::config::Config;
use crate::decode::office::pieces;
use crate::model::document::Document;
use crate::model::verdict::{Cause, Problem};

/// A PDF file with these content streams as its pages, 300 points wide and 400 high; `/F` is a Chinese font that is not
/// embedded, `/N` one that does not say which characters its glyphs are, `/G` a state without ink, `/I` a picture.
fn file(pages: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        String::new(),
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>".to_owned(),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) \
         /Ordering (GB1) /Supplement 4 >> /DW 1000 /W [1 [500] 17 26 500] /FontDescriptor 5 0 R >>"
            .to_owned(),
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 880 \
         /Descent -120 /CapHeight 880 /StemV 90 >>"
            .to_owned(),
        "<< /Type /Font /Subtype /Type0 /BaseFont /Lost /Encoding /Identity-H /DescendantFonts [7 0 R] >>".to_owned(),
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Lost /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) \
         /Supplement 0 >> /DW 1000 /FontDescriptor 5 0 R >>"
            .to_owned(),
        "<< /Type /ExtGState /ca 0 >>".to_owned(),
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\n\
         stream\n\u{7f}\nendstream"
            .to_owned(),
    ];
    let mut kids = String::new();
    for page in pages {
        let number = objects.len() + 1;
        write!(kids, "{number} 0 R ").expect("writes");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents {} 0 R /Resources << /Font << /F 3 0 R /N 6 0 R \
             >> /ExtGState << /G 8 0 R >> /XObject << /I 9 0 R >> >> >>",
            number + 1
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len() + 1));
    }
    objects[1] = format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len());
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (at, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).expect("writes");
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).as_bytes());
    }
    let start = file.len();
    let size = objects.len() + 1;
    let end = format!(
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    file.extend(end.as_bytes());
    file
}

/// Text that begins at this place, counted from the lower left corner.
fn text(x: f64, y: f64, text: &str) -> String {
    sized(10.0, x, y, text)
}

fn sized(size: f64, x: f64, y: f64, text: &str) -> String {
    let code: String = text.encode_utf16().fold(String::new(), |code, unit| code + &format!("{unit:04x}"));
    format!("BT /F {size} Tf {x} {y} Td <{code}> Tj ET\n")
}

/// A line from one place to another.
fn line(x0: f64, y0: f64, x1: f64, y1: f64) -> String {
    format!("{x0} {y0} m {x1} {y1} l S\n")
}

/// Two rows of two cells, each 50 wide and 20 high, from (20, 300) to (120, 340).
fn grid() -> String {
    let across = [300.0, 320.0, 340.0].map(|y| line(20.0, y, 120.0, y));
    across.concat() + &[20.0, 70.0, 120.0].map(|x| line(x, 300.0, x, 340.0)).concat()
}

fn read(pages: &[&str]) -> Result<Document, Problem> {
    decode(&file(pages), &Config::embedded().expect("settings").limits)
}

#[track_caller]
fn check(page: &str, expected: &[&str]) {
    assert_eq!(pieces(&read(&[page]).expect("a document")), expected, "{page}");
}

#[track_caller]
fn check_refused(page: &str, cause: Cause, says: &str) {
    let problem = read(&[page]).expect_err("refused");
    assert_eq!(problem.cause, cause);
    assert!(problem.message.contains(says), "{}", problem.message);
}

#[test]
fn ruling_lines_make_cells() {
    let page = grid() + &text(25.0, 325.0, "规章") + &text(75.0, 325.0, "12") + &text(25.0, 305.0, "许可");
    check(&page, &["#0.0+1x1:规章", "#0.1+1x1:12", "#1.0+1x1:许可", "#1.1+1x1:"]);
}

#[test]
fn a_missing_border_is_a_merged_cell() {
    let rules = [300.0, 320.0, 340.0].map(|y| line(20.0, y, 120.0, y)).concat()
        + &line(20.0, 300.0, 20.0, 340.0)
        + &line(70.0, 300.0, 70.0, 320.0);
    check(
        &(rules + &text(50.0, 325.0, "合计") + &text(75.0, 305.0, "3")),
        &["#0.0+1x2:合计", "#1.0+1x1:", "#1.1+1x1:3"],
    );
}

#[test]
fn text_around_a_table_keeps_its_order() {
    let page = text(20.0, 290.0, "说明") + &grid() + &text(20.0, 350.0, "标题") + &text(25.0, 325.0, "1");
    check(&page, &["L:标题", "#0.0+1x1:1", "#0.1+1x1:", "#1.0+1x1:", "#1.1+1x1:", "L:说明"]);
}

#[test]
fn what_cannot_be_seen_is_not_read() {
    let seen = grid() + &text(25.0, 325.0, "规章") + &text(75.0, 325.0, "12");
    let cells = ["#0.0+1x1:规章", "#0.1+1x1:12", "#1.0+1x1:", "#1.1+1x1:"];
    let hidden = text(75.0, 305.0, "99");
    check(&format!("{seen} 3 Tr {hidden} 0 Tr"), &cells);
    check(&format!("{seen} 1 g {hidden} 0 g"), &cells);
    check(&format!("{seen} q /G gs {hidden} Q"), &cells);
    check(&format!("{seen} q 0 0 10 10 re W n {hidden} Q"), &cells);
    check(&format!("{seen}{}", text(375.0, 305.0, "99")), &cells);
    check(&format!("{seen}{}", sized(0.5, 75.0, 305.0, "99")), &cells);
    // White on black is seen; black under a white page is not.
    check(&format!("0 g 71 301 48 18 re f 1 g {hidden} 0 g {seen}"), &[cells[0], cells[1], cells[2], "#1.1+1x1:99"]);
    check(&format!("{hidden} 1 g 0 0 300 400 re f 0 g {seen}"), &cells);
    // Written askew, as a stamp.
    check(&format!("{seen} q 0.8 0.6 -0.6 0.8 60 -20 cm {hidden} Q"), &cells);
}

#[test]
fn a_figure_under_a_patch_or_a_stroke_is_unknown() {
    let page = grid() + &text(75.0, 325.0, "12");
    let cells = |figure| ["#0.0+1x1:", figure, "#1.0+1x1:", "#1.1+1x1:"].map(str::to_owned);
    let read = |page: &str| pieces(&read(&[page]).expect("a document"));
    assert_eq!(read(&format!("{page} 1 g 72 322 46 16 re f")), cells("#0.1+1x1:\u{fffd}\u{fffd}"));
    // What is written on the patch counts.
    assert_eq!(read(&format!("{page} 1 g 72 322 46 16 re f 0 g {}", text(75.0, 325.0, "34"))), cells("#0.1+1x1:34"));
    assert_eq!(read(&format!("{page}{}", line(74.0, 328.5, 90.0, 328.5))), cells("#0.1+1x1:\u{fffd}\u{fffd} \u{fffd}"));
    assert_eq!(read(&format!("{page}{}", line(74.0, 324.0, 84.0, 324.0))), cells("#0.1+1x1:12"));
    assert_eq!(read(&format!("{page}{}", text(75.5, 325.0, "34"))), cells("#0.1+1x1:1\u{fffd}2\u{fffd}"));
    // The same drawn twice is bold.
    assert_eq!(read(&format!("{page}{}", text(75.3, 325.0, "12"))), cells("#0.1+1x1:12"));
}

#[test]
fn marks_and_neighbours_do_not_run_into_figures() {
    check(
        &(grid() + &text(75.0, 325.0, "12") + &sized(6.0, 85.2, 329.0, "1")),
        &["#0.0+1x1:", "#0.1+1x1:12 1", "#1.0+1x1:", "#1.1+1x1:"],
    );
    check(&(grid() + &text(65.0, 325.0, "12")), &["#0.0+1x1:\u{fffd}", "#0.1+1x1:\u{fffd}", "#1.0+1x1:", "#1.1+1x1:"]);
}

#[test]
fn lines_of_a_paragraph_are_joined_and_titles_are_not() {
    let page = sized(16.0, 110.0, 380.0, "年度报告")
        + &text(40.0, 350.0, "本报告按照规定编制，所列数据自一月一日起至十二月")
        + &text(20.0, 335.0, "三十一日止。")
        + &text(40.0, 320.0, "一、总体情况");
    check(&page, &["L:年度报告", "L:本报告按照规定编制，所列数据自一月一日起至十二月三十一日止。", "L:一、总体情况"]);
}

#[test]
fn columns_without_lines_keep_their_blanks() {
    let row = |y: f64, label: &str, figures: [&str; 3]| {
        let places = [100.0, 150.0, 200.0].into_iter().zip(figures);
        text(20.0, y, label) + &places.map(|(x, figure)| text(x, y, figure)).collect::<String>()
    };
    let page = row(350.0, "名称", ["甲", "乙", "丙"])
        + &row(330.0, "规章", ["1", "2", "3"])
        + &row(310.0, "文件", ["4", "", "6"]);
    check(
        &page,
        &[
            "L:名称              甲         乙         丙",
            "0.0:规章",
            "0.1:1",
            "0.2:2",
            "0.3:3",
            "1.0:文件",
            "1.1:4",
            "1.2:",
            "1.3:6",
        ],
    );
}

#[test]
fn a_table_goes_on_over_pages_without_what_belongs_to_the_page() {
    let head = sized(10.0, 110.0, 385.0, "政府年报");
    let foot = |number: u32| text(140.0, 15.0, &format!("- {number} -"));
    let rows = |upper: [&str; 2], lower: [&str; 2]| {
        grid()
            + &text(25.0, 325.0, upper[0])
            + &text(75.0, 325.0, upper[1])
            + &text(25.0, 305.0, lower[0])
            + &text(75.0, 305.0, lower[1])
    };
    let pages = [
        head.clone() + &text(20.0, 360.0, "题") + &rows(["名称", "数量"], ["规章", "1"]) + &foot(1),
        head + &rows(["名称", "数量"], ["许可", "2"]) + &foot(2),
    ];
    let document = read(&[&pages[0], &pages[1]]).expect("a document");
    assert_eq!(
        pieces(&document),
        ["L:题", "#0.0+1x1:名称", "#0.1+1x1:数量", "#1.0+1x1:规章", "#1.1+1x1:1", "#2.0+1x1:许可", "#2.1+1x1:2"]
    );
    assert_eq!(document.origin(6).page, Some(2));
    assert_eq!(document.origin(4).page, Some(1));
}

#[test]
fn figures_below_one_another_and_raised_ones_are_not_joined() {
    let cell = |inside: &str| pieces(&read(&[&(grid() + inside)]).expect("a document")).swap_remove(1);
    assert_eq!(cell(&(text(75.0, 330.0, "85") + &text(75.0, 321.0, "58"))), "#0.1+1x1:85 58");
    assert_eq!(cell(&(text(75.0, 325.0, "12") + &text(85.0, 328.0, "3"))), "#0.1+1x1:12 3");
}

#[test]
fn what_is_drawn_in_a_cell_may_be_a_figure() {
    let page = |inside: &str| grid() + &text(25.0, 325.0, "规章") + inside;
    let cell = |inside: &str| pieces(&read(&[&page(inside)]).expect("a document")).swap_remove(1);
    assert_eq!(cell("q 12 0 0 10 80 324 cm /I Do Q"), "#0.1+1x1:\u{fffd}");
    assert_eq!(cell("80 324 m 84 335 88 335 90 324 c f"), "#0.1+1x1:\u{fffd}");
    let figure = text(75.0, 325.0, "12");
    // Crossed out, covered by a round patch, by a thick stroke, by a mask that may hide it.
    for over in
        ["74 322 m 90 336 l S", "1 g 70 320 m 80 345 90 345 100 320 c f 0 g", "1 G 14 w 70 329 m 100 329 l S 0 G"]
    {
        assert!(cell(&format!("{figure}{over}")).contains('\u{fffd}'), "{over}");
    }
    // A drawing beside a label is an ornament.
    let document = read(&[&page("26 305 m 30 310 34 310 36 305 c f")]).expect("a document");
    assert_eq!(pieces(&document)[0], "#0.0+1x1:规章");
}

#[test]
fn a_row_cut_by_the_end_of_a_page_is_one_row() {
    let cells = |texts: [&str; 4]| {
        let places = [(25.0, 325.0), (75.0, 325.0), (25.0, 305.0), (75.0, 305.0)].into_iter().zip(texts);
        grid() + &places.map(|((x, y), cell)| text(x, y, cell)).collect::<String>()
    };
    let read = |upper, lower| pieces(&read(&[&cells(upper), &cells(lower)]).expect("a document"));
    let whole = ["#0.0+1x1:名称", "#0.1+1x1:数量", "#1.0+1x1:行政许可", "#1.1+1x1:1", "#2.0+1x1:处罚", "#2.1+1x1:2"];
    assert_eq!(read(["名称", "数量", "行政", "1"], ["许可", "", "处罚", "2"]), whole);
    // A row of its own, though blank.
    let apart = ["#2.0+1x1:2.许可", "#2.1+1x1:", "#3.0+1x1:处罚", "#3.1+1x1:2"];
    assert_eq!(read(["名称", "数量", "1.行政", "1"], ["2.许可", "", "处罚", "2"])[4..], apart);
}

#[test]
fn a_turned_page_and_a_turned_label_are_read() {
    // The page is drawn lying on its side: x and y change places.
    check(&format!("0 1 -1 0 300 0 cm {}", text(25.0, 225.0, "规章12")), &["L:规章12"]);
    let label = "BT /F 10 Tf 0 1 -1 0 45 302 Tm <89c4> Tj ET";
    let page = grid() + &text(25.0, 325.0, "名称") + &text(75.0, 325.0, "12") + &text(75.0, 305.0, "34");
    check(&(page + label), &["#0.0+1x1:名称", "#0.1+1x1:12", "#1.0+1x1:规", "#1.1+1x1:34"]);
}

#[test]
fn without_text_that_can_be_known_a_file_is_refused() {
    check_refused("", Cause::NoText, "shows no text");
    check_refused("300 0 0 400 0 0 cm /I Do", Cause::NoText, "the page of the PDF file is a picture");
    let layer = format!("q 300 0 0 400 0 0 cm /I Do Q 3 Tr {}", text(25.0, 325.0, "12"));
    check_refused(&layer, Cause::NoText, "2 characters lie there unseen");
    check_refused(
        "BT /N 10 Tf 20 300 Td <00010002> Tj ET",
        Cause::NoText,
        "do not say which characters 2 of its 2 glyphs are",
    );
}

#[test]
fn a_damaged_file_is_refused() {
    let whole = file(&[&text(25.0, 325.0, "规章")]);
    let limits = Config::embedded().expect("settings").limits;
    assert_eq!(decode(&whole[..whole.len() / 3], &limits).expect_err("cut").cause, Cause::Corrupt);
    assert_eq!(decode(b"%PDF-1.7", &limits).expect_err("empty").cause, Cause::Corrupt);
}

#[test]
fn more_pages_than_a_report_has_are_refused() {
    let mut limits = Config::embedded().expect("settings").limits;
    limits.pdf_pages = 2;
    let page = text(25.0, 325.0, "规章");
    let problem = decode(&file(&[&page, &page, &page]), &limits).expect_err("refused");
    assert_eq!(problem.cause, Cause::Limit);
}
