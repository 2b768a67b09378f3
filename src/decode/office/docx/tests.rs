//! What of a document a reader of the page sees, case by case.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::config::Config;
use crate::decode::office::{decode_package, pieces};
use crate::model::document::Document;
use crate::model::file::Format;
use crate::model::verdict::Cause;

const NAMESPACES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#;

/// A document of these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("[Content_Types].xml", "<Types/>")].iter().chain(parts) {
        writer.start_file(*name, SimpleFileOptions::default()).expect("entry");
        writer.write_all(text.as_bytes()).expect("writes");
    }
    writer.finish().expect("finishes").into_inner()
}

fn read(body: &str, more: &[(&str, &str)]) -> Document {
    let document = format!("<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>");
    let mut parts = vec![("word/document.xml", document.as_str())];
    parts.extend(more);
    let (format, document) = decode_package(&package(&parts), &Config::embedded().expect("settings").limits);
    assert_eq!(format, Format::Docx);
    document.expect("a document")
}

#[track_caller]
fn check(body: &str, expected: &[&str]) {
    assert_eq!(pieces(&read(body, &[])), expected, "{body}");
}

/// A run with this text.
fn run(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

/// A paragraph with this inside.
fn paragraph(inside: &str) -> String {
    format!("<w:p>{inside}</w:p>")
}

/// A cell with these properties and this text.
fn cell(properties: &str, text: &str) -> String {
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", paragraph(&run(text)))
}

#[test]
fn merged_cells_cover_what_they_cover() {
    let rows = [
        cell("<w:vMerge w:val='restart'/>", "甲") + &cell("<w:gridSpan w:val='2'/>", "乙"),
        cell("<w:vMerge/>", "") + &cell("", "1") + &cell("", "2"),
        cell("", "丙") + &cell("<w:hMerge w:val='restart'/>", "丁") + &cell("<w:hMerge/>", ""),
    ];
    let table: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
    let late = format!("<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>{}</w:tr>", cell("", "3"));
    check(
        &format!("<w:tbl><w:tblPr/>{table}{late}</w:tbl>"),
        &["#0.0+2x1:甲", "#0.1+1x2:乙", "#1.1+1x1:1", "#1.2+1x1:2", "#2.0+1x1:丙", "#2.1+1x2:丁", "#3.1+1x1:3"],
    );
}

#[test]
fn a_cell_that_goes_on_above_nothing_is_its_own() {
    let row = cell("<w:vMerge/>", "甲");
    check(&format!("<w:tbl><w:tr>{row}</w:tr></w:tbl>"), &["#0.0+1x1:甲"]);
}

#[test]
fn rows_and_cells_are_found_in_controls() {
    let cells = format!("<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>{}", cell("", "1"), cell("", "2"));
    let row = format!("<w:sdt><w:sdtPr/><w:sdtContent><w:tr>{cells}</w:tr></w:sdtContent></w:sdt>");
    check(&format!("<w:tbl>{row}</w:tbl>"), &["#0.0+1x1:1", "#0.1+1x1:2"]);
    let placeholder =
        format!("<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>", run("单击输入"));
    check(&paragraph(&(run("题") + &placeholder + &run("目"))), &["L:题目"]);
}

#[test]
fn inserted_text_counts_and_deleted_text_does_not() {
    let changes = format!(
        "<w:del><w:r><w:delText>3</w:delText></w:r></w:del><w:ins>{}</w:ins><w:moveFrom>{}</w:moveFrom><w:moveTo>{}</w:moveTo>",
        run("5"),
        run("7"),
        run("9")
    );
    check(&paragraph(&changes), &["L:59"]);
    let deleted = format!("<w:tr><w:trPr><w:del/></w:trPr>{}</w:tr>", cell("", "旧"));
    let kept = format!("<w:tr><w:trPr><w:ins/></w:trPr>{}{}</w:tr>", cell("<w:cellDel/>", "去"), cell("", "新"));
    check(&format!("<w:tbl>{deleted}{kept}</w:tbl>"), &["#0.0+1x1:新"]);
}

#[test]
fn a_paragraph_whose_end_was_deleted_goes_on() {
    let first = paragraph(&("<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>".to_owned() + &run("1")));
    check(&(first.clone() + &paragraph(&run("2"))), &["L:12"]);
    check(&(first.clone() + "<w:tbl><w:tr>" + &cell("", "3") + "</w:tr></w:tbl>"), &["L:1", "#0.0+1x1:3"]);
    let was = "<w:pPr><w:rPr/><w:pPrChange><w:pPr><w:rPr><w:del/></w:rPr></w:pPr></w:pPrChange></w:pPr>";
    check(&(paragraph(&(was.to_owned() + &run("1"))) + &paragraph(&run("2"))), &["L:1", "L:2"]);
}

#[test]
fn hidden_text_is_not_read_and_a_hidden_figure_is_no_blank() {
    let hidden = |text: &str| format!("<w:r><w:rPr><w:vanish/></w:rPr><w:t>{text}</w:t></w:r>");
    check(&paragraph(&(hidden("9") + &run("1"))), &["L:1"]);
    check(&paragraph(&hidden("9").replace("<w:vanish/>", "<w:vanish w:val='0'/>")), &["L:9"]);
    let cells = format!("<w:tc>{}</w:tc><w:tc>{}</w:tc>", paragraph(&hidden("9")), paragraph(""));
    check(&format!("<w:tbl><w:tr>{cells}</w:tr></w:tbl>"), &["#0.0+1x1:\u{fffd}", "#0.1+1x1:"]);
    let styles = format!(
        "<w:styles {NAMESPACES}><w:style w:styleId='a'><w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId='b'><w:basedOn w:val='a'/></w:style><w:style w:styleId='c'><w:basedOn w:val='a'/><w:rPr><w:vanish w:val='0'/></w:rPr></w:style></w:styles>"
    );
    let styled = |style: &str| format!("<w:r><w:rPr><w:rStyle w:val='{style}'/></w:rPr><w:t>{style}</w:t></w:r>");
    let document = read(&paragraph(&(styled("a") + &styled("b") + &styled("c"))), &[("word/styles.xml", &styles)]);
    assert_eq!(pieces(&document), ["L:c"]);
}

#[test]
fn of_several_ways_to_show_a_thing_one_is_read() {
    let boxed = |text: &str| format!("<w:drawing><w:txbxContent>{}</w:txbxContent></w:drawing>", paragraph(&run(text)));
    let content = format!(
        "<mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>",
        boxed("框"),
        boxed("框")
    );
    let twice = format!("<w:r>{content}{content}</w:r>");
    check(&paragraph(&(run("前") + &twice + &run("后"))), &["L:前后", "L:框", "L:框"]);
}

#[test]
fn fields_show_their_results() {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>");
    let code = |code: &str| format!("<w:r><w:instrText>{code}</w:instrText></w:r>");
    let field = |inside: &str, result: &str| mark("begin") + inside + &mark("separate") + result + &mark("end");
    check(&paragraph(&field(&code(" =SUM(ABOVE) "), &run("12"))), &["L:12"]);
    check(&paragraph(&field(&(code(" =1 ") + &run("9")), &run("12"))), &["L:12"]);
    let inner = field(&code(" PAGE "), &run("3"));
    check(&paragraph(&(field(&(code(" IF ") + &inner), &run("4")) + &run("件"))), &["L:4件"]);
    check(&paragraph(&format!("<w:fldSimple w:instr='PAGE'>{}</w:fldSimple>", run("5"))), &["L:5"]);
    let contents = paragraph(&(mark("begin") + &code(" TOC \\o ") + &mark("separate") + &run("一、概述 1")))
        + &paragraph(&(run("二、情况 2") + &mark("end")));
    check(&(contents + &paragraph(&run("一、概述"))), &["L:一、概述"]);
}

#[test]
fn signs_breaks_and_raised_marks_keep_figures_apart() {
    let raised = "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>1</w:t></w:r>";
    check(&paragraph(&(run("12") + raised)), &["L:12 \u{fffd}"]);
    check(&paragraph(&(run("12") + "<w:r><w:footnoteReference w:id='2'/></w:r>" + &run("3"))), &["L:12 3"]);
    check(
        &paragraph("<w:r><w:t>12</w:t></w:r><w:r><w:rPr><w:position w:val='6'/></w:rPr><w:t>3</w:t></w:r>"),
        &["L:12 3"],
    );
    let styles =
        format!("<w:styles {NAMESPACES}><w:style w:styleId='a'><w:rPr><w:strike/></w:rPr></w:style></w:styles>");
    let struck = "<w:r><w:rPr><w:rStyle w:val='a'/></w:rPr><w:t>3</w:t></w:r>";
    let document = read(&paragraph(&(struck.to_owned() + &run("12"))), &[("word/styles.xml", &styles)]);
    assert_eq!(pieces(&document), ["L:\u{fffd} 12"]);
    check(&paragraph("<w:r><w:t>1</w:t><w:noBreakHyphen/><w:t>2</w:t><w:br/><w:t>3</w:t></w:r>"), &["L:1-2", "L:3"]);
    check(&paragraph("<w:r><w:t>甲</w:t><w:tab/><w:t>2</w:t></w:r>"), &["0.0:甲", "0.1:2"]);
    check(&paragraph("<w:r><w:sym w:font='Wingdings' w:char='F031'/></w:r>"), &["L:\u{fffd}"]);
    check(&paragraph("<w:r><w:t>4\u{ad}5&amp;&#x36;</w:t><w:footnoteReference w:id='2'/></w:r>"), &["L:45&6"]);
}

#[test]
fn a_cell_that_shows_a_picture_is_not_blank() {
    let shown = ["<w:p><w:r><w:drawing><a:blip xmlns:a='a'/></w:drawing></w:r></w:p>", "<w:altChunk/><w:p/>", "<w:p/>"];
    let cells: String = shown.iter().map(|inside| format!("<w:tc>{inside}</w:tc>")).collect();
    check(&format!("<w:tbl><w:tr>{cells}</w:tr></w:tbl>"), &["#0.0+1x1:\u{fffd}", "#0.1+1x1:\u{fffd}", "#0.2+1x1:"]);
}

#[test]
fn numbers_that_lists_count_stand_before_their_paragraphs() {
    let numbering = format!(
        "<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='chineseCounting'/><w:lvlText w:val='%1、'/></w:lvl></w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num></w:numbering>"
    );
    let listed = |text: &str| {
        paragraph(
            &("<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr>".to_owned() + &run(text)),
        )
    };
    let document = read(&(listed("概述") + &listed("情况")), &[("word/numbering.xml", &numbering)]);
    assert_eq!(pieces(&document), ["L:一、概述", "L:二、情况"]);
}

#[test]
fn notes_stand_behind_the_text() {
    let notes =
        format!("<w:footnotes {NAMESPACES}><w:footnote w:id='2'>{}</w:footnote></w:footnotes>", paragraph(&run("注")));
    let document = read(&paragraph(&run("文")), &[("word/footnotes.xml", &notes), ("word/header1.xml", "<not read/>")]);
    assert_eq!(pieces(&document), ["L:文", "L:注"]);
}

#[test]
fn what_is_not_sound_is_told() {
    let limits = Config::embedded().expect("settings").limits;
    let cause = |document: &str| {
        let (_, document) = decode_package(&package(&[("word/document.xml", document)]), &limits);
        document.map_err(|problem| problem.cause)
    };
    let twice = format!("<w:document {NAMESPACES}/><w:document {NAMESPACES}/>");
    let outside = format!("<w:document {NAMESPACES}>{}</w:document>", paragraph(&run("文")));
    let foreign = "<w:document xmlns:w='elsewhere'><w:body><w:p><w:r><w:t>1</w:t></w:r></w:p></w:body></w:document>";
    assert_eq!(cause(&twice).err(), Some(Cause::Corrupt));
    assert_eq!(cause("<!DOCTYPE a><a/>").err(), Some(Cause::Corrupt));
    assert_eq!(cause("<a><b></a>").err(), Some(Cause::Corrupt));
    assert_eq!(cause("<a>&other;</a>").err(), Some(Cause::Corrupt));
    assert_eq!(cause(&outside).map(|document| document.pieces.len()), Ok(0));
    assert_eq!(cause(foreign).map(|document| document.pieces.len()), Ok(0));
}

#[test]
fn figures_in_the_colour_of_their_ground_are_unknown() {
    let styled = |properties: &str| format!("<w:r><w:rPr>{properties}</w:rPr><w:t>7</w:t></w:r>");
    check(&paragraph(&(styled("<w:color w:val='FAFAFA'/>") + &styled("<w:color w:val='auto'/>"))), &["L:\u{fffd}7"]);
    let black = "<w:color w:val='000000'/>";
    check(&paragraph(&(styled(&format!("{black}<w:highlight w:val='black'/>")) + &styled(black))), &["L:\u{fffd}7"]);
    check(&paragraph(&styled(&format!("{black}<w:shd w:val='clear' w:fill='000000'/>"))), &["L:\u{fffd}"]);
    let styles = format!(
        "<w:styles {NAMESPACES}><w:style w:styleId='a'><w:rPr><w:color w:val='FFFFFF'/></w:rPr></w:style></w:styles>"
    );
    let document = read(&paragraph(&styled("<w:rStyle w:val='a'/>")), &[("word/styles.xml", &styles)]);
    assert_eq!(pieces(&document), ["L:\u{fffd}"]);
}
