//! What of rich text a reader of the page sees, case by case.

use super::decode;
use crate::config::Config;
use crate::decode::office::{UNKNOWN, pieces};
use crate::model::verdict::{Cause, Problem};

fn read(rtf: &[u8]) -> Result<Vec<String>, Problem> {
    decode(rtf, &Config::embedded().expect("settings").limits).map(|document| pieces(&document))
}

/// Reads what stands in a document behind its tables of fonts.
#[track_caller]
fn check(inside: &str, expected: &[&str]) {
    let fonts = r"{\fonttbl{\f0\fnil\fcharset134 SimSun;}{\f1\fcharset0 Arial;}{\f2\fcharset2 Wingdings;}}";
    let rtf = format!(r"{{\rtf1\ansi\ansicpg936\deff0{fonts}{inside}}}");
    let read = read(rtf.as_bytes()).map_err(|problem| problem.message);
    assert_eq!(read.expect("a document"), expected, "{inside}");
}

#[track_caller]
fn check_cause(rtf: &str, cause: Cause) {
    assert_eq!(read(rtf.as_bytes()).map_err(|problem| problem.cause), Err(cause), "{rtf:.60}");
}

#[test]
fn bytes_are_of_the_code_page_of_their_font() {
    check(r"\'b9\'e6\'d5\'c212\par", &["L:规章12"]);
    check(r"{\f1 \'b9\'e6\'b7 \'b7}\par", &["L:¹æ· ·"]);
    check(r"{\f2 l}1\par", &["L:\u{fffd}1"]);
    check("\\'81@\\par", &["L:丂"]);
    assert_eq!(read(br"{\rtf1\ansi\ansicpg950 \'a4\'a4\par}").expect("read"), ["L:中"]);
    assert_eq!(read(br"{\rtf1 caf\'e9\par}").expect("read"), ["L:café"]);
}

#[test]
fn units_of_unicode_hide_what_stands_for_them() {
    check(r"\uc1\u24180 ?\u25253?1\par", &["L:年报1"]);
    check(r"\uc2\u24180\'c4\'ea1{\uc0\u25253}2\par", &["L:年1报2"]);
    check(r"\u-10179?\u-8704?{\u24180 }9\par", &["L:😀年9"]);
}

#[test]
fn columns_follow_from_the_borders_of_all_rows() {
    let rows = r"\trowd\trleft-108\clvmgf\cellx1000\cellx3000\pard\intbl A\cell B\cell\row
        \trowd\trleft-108\clvmrg\cellx1003\cellx2000\cellx2998\pard\intbl\cell 1\cell 2\cell\row
        \trowd\trleft-108\cellx1000\clmgf\cellx2000\clmrg\cellx3000\pard\intbl C\cell 3\cell\cell\row\pard D\par";
    check(rows, &["#0.0+2x1:A", "#0.1+1x2:B", "#1.1+1x1:1", "#1.2+1x1:2", "#2.0+1x1:C", "#2.1+1x2:3", "L:D"]);
    // Paragraphs of a row need not say that they stand in it.
    check(r"\trowd\cellx900\cellx1800 1\par 2\cell 3\cell\row\pard D\par", &["#0.0+1x1:1 2", "#0.1+1x1:3", "L:D"]);
}

#[test]
fn tables_stand_in_cells_of_others() {
    let inner = r"\pard\intbl\itap2 1\nestcell 2\nestcell{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}{\nonesttables\par}";
    let outer = format!(r"\trowd\cellx1000\cellx2000\pard\intbl A\cell B\par{inner}\pard\intbl\cell\row\pard C\par");
    check(&outer, &["0.0:A", "L:B", "#0.0+1x1:1", "#0.1+1x1:2", "L:C"]);
}

#[test]
fn what_is_not_shown_is_not_read() {
    check(
        r"12{\v 9}{\deleted 3}{\super 4}5{\strike 6}\par",
        &["L:12 ? 5 ?"].map(|line| line.replace('?', UNKNOWN)).each_ref().map(String::as_str),
    );
    check(r"{\*\unknown 9}{\header 8\par}{\info{\title 7}}1{\xe 6}\par", &["L:1"]);
    check(r"{\field{\*\fldinst =SUM(ABOVE)}{\fldrslt 12}}A\par", &["L:12A"]);
    check(r"{\field{\*\fldinst {TOC \\o}}{\fldrslt B 1\par}}A\par", &["L:A"]);
    check(r"1\_2\-3\~4\line 5\tab 6\par", &["L:1-23\u{a0}4", "0.0:5", "0.1:6"]);
    check(r"1{\deleted\par}2\par", &["L:12"]);
    let cells = r"{\v 9}\cell{\pict\wmetafile8 0102}\cell{\*\shppict{\pict 01}}{\nonshppict{\pict 01}}\cell\cell";
    check(
        &format!(r"\trowd\cellx1\cellx2\cellx3\cellx4\pard\intbl{cells}\row\pard"),
        &["#0.0+1x1:\u{fffd}", "#0.1+1x1:\u{fffd}", "#0.2+1x1:\u{fffd}", "#0.3+1x1:"],
    );
}

#[test]
fn lists_are_numbered_as_written_out() {
    check(r"{\listtext\pard\plain\f0 \'d2\'bb\'a1\'a2\tab}A\par", &["L:一、A"]);
    check(r"{\listtext\f2 l\tab}A\par{\pntext\'b7\tab}B\par", &["L:A", "L:B"]);
}

#[test]
fn boxes_and_notes_stand_behind_their_text() {
    let text_box =
        r"{\shp{\*\shpinst\shpleft1{\sp{\sn a}{\sv 9}}{\shptxt B\par}}{\shprslt{\*\do\dptxbx{\dptxbxtext B\par}}}}";
    check(&format!(r"A{text_box}C\par D\par"), &["L:AC", "L:B", "L:D"]);
    check(r"12{\super\chftn}{\*\footnote\chftn N\par}3\par", &["L:12    3", "L:N"]);
}

#[test]
fn what_is_not_sound_is_told() {
    check_cause(r"{\rtf1 A", Cause::Corrupt);
    check_cause(r"{\rtf1 {A\par", Cause::Corrupt);
    check_cause(r"{\rtf1 \trowd\cellx1 1\cell 2\cell\row}", Cause::Corrupt);
    check_cause(r"{\rtf1 \trowd\cellx1 1\cell\pard 2\par}", Cause::Corrupt);
    check_cause(&r"{\rtf1".repeat(100_000), Cause::Limit);
    check_cause(&format!(r"{{\rtf1 \intbl\itap{} 1\par}}", i32::MAX), Cause::Limit);
    // What claims to be binary reaches to the end at most.
    check_cause(r"{\rtf1 A\bin99999999999999 }", Cause::Corrupt);
    check(r"A\bin3 }}}B\par", &["L:AB"]);
    check(r"A\bin-3 B\u99999999999?\uc-9\par", &["L:AB\u{ffff}"]);
    assert_eq!(read(br"{\rtf1 A\par}}}} tail").expect("read"), ["L:A"]);
}

#[test]
fn figures_in_the_colour_of_their_ground_are_unknown() {
    let colours = r"{\colortbl;\red0\green0\blue0;\red255\green255\blue255;\red250\green250\blue250;}";
    let check = |inside: &str, expected: &str| check(&format!(r"{colours}{inside}\par"), &[expected]);
    check(r"{\cf2 4}{\cf3 5}{\cf1 6}{\cf0 7}", "L:\u{fffd}\u{fffd}67");
    check(r"{\cf1\highlight1 4}{\cf1\chcbpat1 5}{\cf1\highlight2 6}", "L:\u{fffd}\u{fffd}6");
    check(r"\pard\cbpat1\cf1 4\plain 5", "L:\u{fffd}5");
    let row = r"\trowd\clcbpat1\cellx900\cellx1800\pard\intbl\cf1 4\cell 5\cell\row\pard";
    self::check(&format!("{colours}{row}"), &["#0.0+1x1:\u{fffd}", "#0.1+1x1:5"]);
}
