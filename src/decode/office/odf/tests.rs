//! What of a document a reader of the page sees, case by case.

use super::decode_flat;
use crate::config::Config;
use crate::decode::office::pieces;
use crate::model::document::Document;
use crate::model::verdict::Cause;

const NAMESPACES: &str =
    "xmlns:office='o' xmlns:text='x' xmlns:table='t' xmlns:style='s' xmlns:draw='d' xmlns:fo='f' xmlns:number='n'";

fn read(kind: &str, styles: &str, body: &str) -> Result<Document, Cause> {
    let text = format!(
        "<office:document {NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    );
    decode_flat(&text, &Config::embedded().expect("settings").limits).map_err(|problem| problem.cause)
}

#[track_caller]
fn check(kind: &str, styles: &str, body: &str, expected: &[&str]) {
    let document = read(kind, styles, body).expect("a document");
    assert_eq!(pieces(&document), expected, "{body}");
}

/// A cell with these attributes and this text.
fn cell(attributes: &str, text: &str) -> String {
    format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
}

fn row(attributes: &str, cells: &str) -> String {
    format!("<table:table-row {attributes}>{cells}</table:table-row>")
}

#[test]
fn spans_are_explicit_and_covered_cells_are_passed_over() {
    let rows = row(
        "",
        &(cell("table:number-rows-spanned='2'", "甲")
            + &cell("table:number-columns-spanned='2'", "乙")
            + "<table:covered-table-cell/>"),
    ) + &row("", &("<table:covered-table-cell/>".to_owned() + &cell("", "1") + &cell("", "")));
    check(
        "text",
        "",
        &format!("<table:table>{rows}</table:table>"),
        &["#0.0+2x1:甲", "#0.1+1x2:乙", "#1.1+1x1:1", "#1.2+1x1:"],
    );
}

#[test]
fn what_is_not_shown_is_not_read() {
    let body = "<text:tracked-changes><text:p>旧</text:p></text:tracked-changes><text:table-of-content><text:p>目录</text:p></text:table-of-content>\
        <text:p>甲<office:annotation><text:p>批注</text:p></office:annotation><text:span text:style-name='h'>藏</text:span>\n  乙<text:s text:c='2'/>丙<text:line-break/>丁\
        <text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>注</text:p></text:note-body></text:note></text:p><text:p>戊</text:p>";
    let styles = "<style:style style:name='p' style:family='text'><style:text-properties text:display='none'/></style:style>\
        <style:style style:name='h' style:family='text' style:parent-style-name='p'/>";
    check("text", styles, body, &["L:甲 乙  丙", "L:丁", "L:戊", "L:注"]);
    let hidden = cell("", "<text:span text:style-name='h'>7</text:span>");
    let table = format!("<table:table>{}</table:table>", row("", &(hidden + &cell("", ""))));
    check("text", styles, &table, &["#0.0+1x1:\u{fffd}", "#0.1+1x1:"]);
}

#[test]
fn what_the_style_of_a_cell_hides_is_no_blank() {
    let styles = "<style:style style:name='h' style:family='table-cell'><style:text-properties text:display='none'/></style:style>";
    let rows = row("", &(cell("", "甲") + &cell("table:style-name='h' office:value='15'", "15") + &cell("", "2")));
    let table = format!("<table:table table:name='a'>{rows}</table:table>");
    check("spreadsheet", styles, &table, &["#0.0+1x1:甲", "#0.1+1x1:\u{fffd}", "#0.2+1x1:2"]);
    let section =
        "<table:table-cell><text:section text:display='none'><text:p>15</text:p></text:section></table:table-cell>";
    let table = format!("<table:table>{}</table:table>", row("", &(cell("", "甲") + section)));
    check("text", "", &table, &["#0.0+1x1:甲", "#0.1+1x1:\u{fffd}"]);
}

#[test]
fn raised_and_struck_figures_stand_apart() {
    let styles = "<style:style style:name='r' style:family='text'><style:text-properties style:text-position='super 58%'/></style:style>\
        <style:style style:name='t' style:family='text'><style:text-properties style:text-line-through-style='solid'/></style:style>";
    check("text", styles, "<text:p>15<text:span text:style-name='r'>1</text:span></text:p>", &["L:15 \u{fffd}"]);
    check(
        "text",
        styles,
        "<text:p><text:span text:style-name='t'>12</text:span>15</text:p>",
        &["L:\u{fffd}\u{fffd} 15"],
    );
    check(
        "text",
        "",
        "<text:section text:display='none'><text:p>藏</text:p></text:section><text:p>见</text:p>",
        &["L:见"],
    );
}

#[test]
fn sheets_are_read_as_shown() {
    let styles = "<style:style style:name='h' style:family='table'><style:table-properties table:display='false'/></style:style>";
    let rows = row(
        "",
        &(cell("", "甲")
            + &cell("table:number-columns-repeated='2'", "1")
            + "<table:table-cell table:number-columns-repeated='9999'/>"),
    ) + &row("table:visibility='collapse'", &cell("table:number-columns-repeated='3'", "9"))
        + &row("", &(cell("", "乙") + &cell("office:value='3'", "") + &cell("table:formula='of:=A1'", "")))
        + &row("table:number-rows-repeated='1048573'", "<table:table-cell table:number-columns-repeated='9999'/>");
    let shown = format!("<table:table table:name='a'>{rows}</table:table>");
    let hidden = format!("<table:table table:name='b' table:style-name='h'>{rows}</table:table>");
    check(
        "spreadsheet",
        styles,
        &(shown + &hidden),
        &["#0.0+1x1:甲", "#0.1+1x1:1", "#0.2+1x1:1", "#1.0+1x1:乙", "#1.1+1x1:3", "#1.2+1x1:\u{fffd}"],
    );
    let columns = "<table:table-column/><table:table-column table:visibility='collapse'/>";
    let table = format!(
        "<table:table table:name='a'>{columns}{}</table:table>",
        row("", &(cell("", "甲") + &cell("", "9") + &cell("", "1")))
    );
    check("spreadsheet", "", &table, &["#0.0+1x1:甲", "#0.2+1x1:1"]);
}

#[test]
fn sheets_of_any_size_are_refused_in_time() {
    let rows = format!(
        "<table:table table:name='a'>{}</table:table>",
        row("table:number-rows-repeated='2147483648'", &cell("", "1"))
    );
    assert_eq!(read("spreadsheet", "", &rows).err(), Some(Cause::Limit));
    let columns = format!(
        "<table:table table:name='a'>{}</table:table>",
        row("", &cell("table:number-columns-repeated='2147483648'", "1"))
    );
    assert_eq!(read("spreadsheet", "", &columns).err(), Some(Cause::Limit));
}

#[test]
fn figures_in_the_colour_of_their_ground_are_unknown() {
    let styles = "<style:style style:name='w' style:family='text'><style:text-properties fo:color='#ffffff'/></style:style>\
        <style:style style:name='v' style:family='text' style:parent-style-name='w'/>\
        <style:style style:name='b' style:family='text'><style:text-properties fo:color='#000000'/></style:style>\
        <style:style style:name='p' style:family='paragraph'><style:paragraph-properties fo:background-color='#000000'/></style:style>\
        <style:style style:name='c' style:family='table-cell'><style:table-cell-properties fo:background-color='#000000'/></style:style>\
        <number:number-style style:name='n'><style:text-properties fo:color='#ffffff'/></number:number-style>";
    let span = |style: &str| format!("<text:span text:style-name='{style}'>7</text:span>");
    let body = format!("<text:p>{}{}{}</text:p>", span("w"), span("v"), span("b"));
    check("text", styles, &body, &["L:\u{fffd}\u{fffd}7"]);
    check("text", styles, &format!("<text:p text:style-name='p'>{}</text:p>", span("b")), &["L:\u{fffd}"]);
    let cells = cell("table:style-name='c'", &span("b")) + &cell("", &span("b"));
    check(
        "text",
        styles,
        &format!("<table:table>{}</table:table>", row("", &cells)),
        &["#0.0+1x1:\u{fffd}", "#0.1+1x1:7"],
    );
}

#[test]
fn what_a_condition_hides_is_no_blank_and_no_figure() {
    let hidden = cell("", "<text:hidden-text text:string-value='7'>7</text:hidden-text>");
    let cells = hidden + &cell("", "<text:hidden-paragraph text:is-hidden='true'/>8");
    let cells =
        cells + &cell("", "<text:hidden-text text:string-value='7' text:is-hidden='true'>7</text:hidden-text>8");
    let table = format!("<table:table>{}</table:table>", row("", &cells));
    check("text", "", &table, &["#0.0+1x1:\u{fffd}", "#0.1+1x1:\u{fffd}8", "#0.2+1x1:8"]);
}
