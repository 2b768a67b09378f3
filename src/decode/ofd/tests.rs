//! Files written part by part, and what is read from them.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::decode;
use crate::archive::Package;
use crate::config::{Config, Limits};
use crate::decode::office::pieces;
use crate::model::document::Document;
use crate::model::verdict::{Cause, Problem};

const OFD: &str = r#"<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"#;

/// A package of these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).expect("entry");
        writer.write_all(text.as_bytes()).expect("writes");
    }
    writer.finish().expect("finishes").into_inner()
}

/// A document whose pages are 100 millimetres wide and 140 high.
fn document(common: &str, n_pages: usize, after: &str) -> String {
    let pages: String = (0..n_pages)
        .map(|at| format!(r#"<ofd:Page ID="{}" BaseLoc="Pages/Page_{at}/Content.xml"/>"#, at + 1))
        .collect();
    format!(
        r#"<ofd:Document xmlns:ofd="o"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 100 140</ofd:PhysicalBox></ofd:PageArea>{common}</ofd:CommonData><ofd:Pages>{pages}</ofd:Pages>{after}</ofd:Document>"#
    )
}

/// A page with these objects in its body.
fn page(objects: &str) -> String {
    format!(
        r#"<ofd:Page xmlns:ofd="o"><ofd:Content><ofd:Layer Type="Body" ID="9">{objects}</ofd:Layer></ofd:Content></ofd:Page>"#
    )
}

fn text_with(x: f64, y: f64, text: &str, attributes: &str, colour: &str) -> String {
    let width = 4.0 * text.chars().map(|c| if c.is_ascii() { 0.5 } else { 1.0 }).sum::<f64>();
    let steps: String =
        text.chars().map(|c| if c.is_ascii() { "2 " } else { "4 " }).take(text.chars().count() - 1).collect();
    format!(
        r#"<ofd:TextObject Boundary="{x} {} {width} 5" Font="1" Size="4" {attributes}>{colour}<ofd:TextCode X="0" Y="4" DeltaX="{steps}">{text}</ofd:TextCode></ofd:TextObject>"#,
        y - 4.0
    )
}

/// Text on a base line, 4 millimetres high.
fn text(x: f64, y: f64, text: &str) -> String {
    text_with(x, y, text, "", "")
}

/// A line from one place to another.
fn line(x0: f64, y0: f64, x1: f64, y1: f64) -> String {
    let (width, height) = (x1 - x0, y1 - y0);
    format!(
        r#"<ofd:PathObject Boundary="{x0} {y0} {width} {height}" LineWidth="0.2"><ofd:AbbreviatedData>M 0 0 L {width} {height}</ofd:AbbreviatedData></ofd:PathObject>"#
    )
}

/// A filled rectangle.
fn block(x: f64, y: f64, width: f64, height: f64, colour: &str) -> String {
    format!(
        r#"<ofd:PathObject Boundary="{x} {y} {width} {height}" Stroke="false" Fill="true"><ofd:FillColor Value="{colour}"/><ofd:AbbreviatedData>M 0 0 L {width} 0 L {width} {height} L 0 {height} C</ofd:AbbreviatedData></ofd:PathObject>"#
    )
}

/// Two rows of two cells, each 20 wide and 10 high, from (10, 20) to (50, 40).
fn grid() -> String {
    [20.0, 30.0, 40.0].map(|y| line(10.0, y, 50.0, y)).concat()
        + &[10.0, 30.0, 50.0].map(|x| line(x, 20.0, x, 40.0)).concat()
}

fn limits() -> Limits {
    Config::embedded().expect("settings").limits
}

fn read_parts(parts: &[(&str, &str)]) -> Result<Document, Problem> {
    let limits = limits();
    let bytes = package(parts);
    let mut package = Package::open(&bytes, &limits)?;
    decode(&mut package, &limits)
}

fn read(pages: &[&str]) -> Result<Document, Problem> {
    read_with("", "", pages, &[])
}

/// Reads pages with more in the document and other parts beside it.
fn read_with(common: &str, after: &str, pages: &[&str], others: &[(&str, &str)]) -> Result<Document, Problem> {
    let document = document(common, pages.len(), after);
    let names: Vec<String> = (0..pages.len()).map(|at| format!("Doc_0/Pages/Page_{at}/Content.xml")).collect();
    let mut parts = vec![("OFD.xml", OFD), ("Doc_0/Document.xml", document.as_str())];
    parts.extend(names.iter().map(String::as_str).zip(pages.iter().copied()));
    parts.extend(others);
    read_parts(&parts)
}

#[track_caller]
fn check(objects: &str, expected: &[&str]) {
    assert_eq!(pieces(&read(&[&page(objects)]).expect("a document")), expected, "{objects}");
}

#[track_caller]
fn check_refused(document: Result<Document, Problem>, cause: Cause, says: &str) {
    let problem = document.expect_err("refused");
    assert_eq!(problem.cause, cause, "{}", problem.message);
    assert!(problem.message.contains(says), "{}", problem.message);
}

/// The second cell of the grid, with this in it or over it.
#[track_caller]
fn cell(inside: &str) -> String {
    let document = read(&[&page(&(grid() + &text(12.0, 27.0, "规章") + inside))]).expect("a document");
    pieces(&document).swap_remove(1)
}

#[test]
fn ruling_lines_make_cells() {
    let page = grid() + &text(12.0, 27.0, "规章") + &text(32.0, 27.0, "12") + &text(12.0, 37.0, "许可");
    check(&page, &["#0.0+1x1:规章", "#0.1+1x1:12", "#1.0+1x1:许可", "#1.1+1x1:"]);
}

#[test]
fn filled_areas_and_frames_rule_as_well() {
    let across = [20.0, 30.0, 40.0].map(|y| block(10.0, y, 40.0, 0.2, "0 0 0")).concat();
    let down = [10.0, 30.0, 50.0].map(|x| block(x, 20.0, 0.2, 20.0, "0 0 0")).concat();
    let cells = ["#0.0+1x1:", "#0.1+1x1:12", "#1.0+1x1:", "#1.1+1x1:"];
    check(&(across + &down + &text(32.0, 27.0, "12")), &cells);
    let frame = |x: f64, y: f64| {
        format!(
            r#"<ofd:PathObject Boundary="{x} {y} 20 10"><ofd:StrokeColor Value="0 0 0"/><ofd:AbbreviatedData>M 0 0 L 20 0 L 20 10 L 0 10 L 0 0 C</ofd:AbbreviatedData></ofd:PathObject>"#
        )
    };
    let frames = [frame(10.0, 20.0), frame(30.0, 20.0), frame(10.0, 30.0), frame(30.0, 30.0)].concat();
    check(&(frames + &text(32.0, 27.0, "12")), &cells);
}

#[test]
fn characters_stand_where_their_steps_lead() {
    let code =
        |inner: &str| format!(r#"<ofd:TextObject Boundary="10 22 40 6" Font="1" Size="4">{inner}</ofd:TextObject>"#);
    let row = |inner: &str| pieces(&read(&[&page(&(grid() + &code(inner)))]).expect("a document"))[..2].to_vec();
    // One text over the whole row.
    assert_eq!(
        row(r#"<ofd:TextCode X="2" Y="5" DeltaX="4 16 g 1 2 2">规章123</ofd:TextCode>"#),
        ["#0.0+1x1:规章", "#0.1+1x1:123"]
    );
    assert_eq!(
        row(
            r#"<ofd:TextCode X="2" Y="5" DeltaX="g 1 4">规章</ofd:TextCode><ofd:TextCode X="22" DeltaX="g 2 2">123</ofd:TextCode>"#
        ),
        ["#0.0+1x1:规章", "#0.1+1x1:123"]
    );
    // Indented for people.
    assert_eq!(
        row("<ofd:TextCode X=\"22\" Y=\"5\" DeltaX=\"2\">\n      12\n    </ofd:TextCode>"),
        ["#0.0+1x1:", "#0.1+1x1:12"]
    );
    // Without steps a text runs on; where it stands behind a blank cannot be told.
    assert_eq!(row(r#"<ofd:TextCode X="22" Y="5">12</ofd:TextCode>"#), ["#0.0+1x1:", "#0.1+1x1:12"]);
    assert_eq!(row(r#"<ofd:TextCode X="22" Y="5">　12</ofd:TextCode>"#), ["#0.0+1x1:", "#0.1+1x1:12"]);
    assert!(row(r#"<ofd:TextCode X="2" Y="5">          12</ofd:TextCode>"#)[1].contains('\u{fffd}'));
    assert_eq!(row(r#"<ofd:TextCode X="2" Y="5">规章 1</ofd:TextCode>"#), ["#0.0+1x1:规章 \u{fffd}", "#0.1+1x1:"]);
    assert_eq!(
        row(r#"<ofd:TextCode X="22" Y="5" DeltaX="2">123</ofd:TextCode>"#),
        ["#0.0+1x1:", "#0.1+1x1:12\u{fffd}"]
    );
    // All in one place.
    assert!(row(r#"<ofd:TextCode X="22" Y="5" DeltaX="0 0">123</ofd:TextCode>"#)[1].contains('\u{fffd}'));
}

#[test]
fn matrices_scale_and_turn() {
    let scaled = r#"<ofd:TextObject Boundary="32 22 18 6" CTM="0.5 0 0 0.5 0 0" Font="1" Size="8"><ofd:TextCode X="0" Y="10" DeltaX="4">12</ofd:TextCode></ofd:TextObject>"#;
    assert_eq!(cell(scaled), "#0.1+1x1:12");
    let paths = r#"<ofd:PathObject Boundary="0 0 100 140" CTM="10 0 0 10 0 0" LineWidth="0.02"><ofd:AbbreviatedData>M 1 2 L 5 2 M 1 3 L 5 3 M 1 4 L 5 4 M 1 2 L 1 4 M 3 2 L 3 4 M 5 2 L 5 4</ofd:AbbreviatedData></ofd:PathObject>"#;
    check(&(paths.to_owned() + &text(32.0, 27.0, "12")), &["#0.0+1x1:", "#0.1+1x1:12", "#1.0+1x1:", "#1.1+1x1:"]);
    // Characters one below the other, upright and lying.
    let column = |attributes: &str| {
        let label = format!(
            r#"<ofd:TextObject Boundary="14 21 8 9" {attributes} Font="1" Size="4"><ofd:TextCode X="0" Y="1" DeltaY="4.5">规章</ofd:TextCode></ofd:TextObject>"#
        );
        pieces(&read(&[&page(&(grid() + &label + &text(32.0, 27.0, "12")))]).expect("a document")).swap_remove(0)
    };
    assert_eq!(column(r#"ReadDirection="90""#), "#0.0+1x1:规章");
    assert_eq!(column(r#"ReadDirection="90" CharDirection="90""#), "#0.0+1x1:规章");
    // What stands out of its boundary is told in millimetres, whatever the scale.
    let beyond = scaled.replace("32 22 18 6", "32 22 2 6");
    assert_eq!(cell(&beyond), "#0.1+1x1:12");
    assert!(cell(&beyond.replace("32 22 2 6", "32 22 0.5 6")).contains('\u{fffd}'));
    // A page that lies on its side.
    let turned = r#"<ofd:TextObject Boundary="50 20 6 40" CTM="0 1 -1 0 6 0" Font="1" Size="4"><ofd:TextCode X="2" Y="5" DeltaX="4 4 2">规章12</ofd:TextCode></ofd:TextObject>"#;
    check(turned, &["L:规章12"]);
}

#[test]
fn what_cannot_be_seen_is_not_read() {
    let hidden = |attributes: &str, colour: &str| cell(&text_with(32.0, 27.0, "99", attributes, colour));
    assert_eq!(hidden("", ""), "#0.1+1x1:99");
    assert_eq!(hidden(r#"Visible="false""#, ""), "#0.1+1x1:");
    assert_eq!(hidden(r#"Alpha="0""#, ""), "#0.1+1x1:");
    assert_eq!(hidden(r#"Fill="false""#, ""), "#0.1+1x1:");
    assert_eq!(hidden(r#"Fill="false" Stroke="true""#, ""), "#0.1+1x1:99");
    assert_eq!(hidden("", r#"<ofd:FillColor Value="255 255 255"/>"#), "#0.1+1x1:");
    assert_eq!(hidden("", r##"<ofd:FillColor Value="#ff #ff #ff"/>"##), "#0.1+1x1:");
    assert_eq!(hidden("", r#"<ofd:FillColor Value="255"/>"#), "#0.1+1x1:");
    assert_eq!(hidden("", r#"<ofd:FillColor Value="0 0 0 0"/>"#), "#0.1+1x1:");
    assert_eq!(hidden("", r#"<ofd:FillColor Value="0 0 0" Alpha="0"/>"#), "#0.1+1x1:");
    let list = r#"<ofd:Res><ofd:ColorSpaces><ofd:ColorSpace ID="5" Type="RGB" BitsPerComponent="4"/><ofd:ColorSpace ID="6" Type="GRAY" BitsPerComponent="1"/></ofd:ColorSpaces></ofd:Res>"#;
    let shallow = |common: &str, colour: &str| {
        let page = page(&(grid() + &text(12.0, 27.0, "规章") + &text_with(32.0, 27.0, "99", "", colour)));
        let common = format!("<ofd:PublicRes>Res.xml</ofd:PublicRes>{common}");
        pieces(&read_with(&common, "", &[&page], &[("Doc_0/Res.xml", list)]).expect("a document")).swap_remove(1)
    };
    assert_eq!(shallow("", r#"<ofd:FillColor Value="15 15 15" ColorSpace="5"/>"#), "#0.1+1x1:");
    assert_eq!(shallow("", r#"<ofd:FillColor Value="1" ColorSpace="6"/>"#), "#0.1+1x1:");
    assert_eq!(shallow("", r#"<ofd:FillColor Value="0" ColorSpace="6"/>"#), "#0.1+1x1:99");
    assert_eq!(shallow("", r#"<ofd:FillColor Value="1"/>"#), "#0.1+1x1:99");
    assert_eq!(shallow("<ofd:DefaultCS>6</ofd:DefaultCS>", r#"<ofd:FillColor Value="1"/>"#), "#0.1+1x1:");
    // A shading may be white where the figure stands.
    let shaded = r#"<ofd:FillColor><ofd:AxialShd StartPoint="0 0" EndPoint="9 0"><ofd:Segment><ofd:Color Value="255 255 255"/></ofd:Segment></ofd:AxialShd></ofd:FillColor>"#;
    assert_eq!(hidden("", shaded), "#0.1+1x1:\u{fffd}\u{fffd}");
    let cut = text(32.0, 27.0, "99").replace("4 5\"", "4 0\"");
    assert_eq!(cell(&cut), "#0.1+1x1:");
    // White on black is seen.
    let white = text_with(32.0, 27.0, "99", "", r#"<ofd:FillColor Value="255 255 255"/>"#);
    assert_eq!(cell(&(block(30.5, 20.5, 19.0, 9.0, "0 0 0") + &white)), "#0.1+1x1:99");
    // Beside the page, too small, askew.
    assert_eq!(cell(&text(132.0, 27.0, "99")), "#0.1+1x1:");
    assert_eq!(cell(&text_with(32.0, 27.0, "99", r#"CTM="0.05 0 0 0.05 0 0""#, "")), "#0.1+1x1:");
    assert_eq!(cell(&text_with(32.0, 27.0, "99", r#"CTM="0.8 0.6 -0.6 0.8 0 0""#, "")), "#0.1+1x1:");
}

#[test]
fn a_figure_that_is_covered_crossed_or_cut_is_unknown() {
    let figure = text(32.0, 27.0, "12");
    assert_eq!(cell(&(figure.clone() + &block(31.0, 21.0, 18.0, 8.0, "255 255 255"))), "#0.1+1x1:\u{fffd}\u{fffd}");
    assert!(cell(&(figure.clone() + &line(31.0, 25.5, 38.0, 25.5))).contains('\u{fffd}'));
    assert!(cell(&(figure.clone() + &text(32.2, 27.0, "34"))).contains('\u{fffd}'));
    // Readers differ in what they leave of text beyond its boundary.
    let beyond = figure.replace(" 4 5\"", " 1.5 5\"");
    assert_eq!(cell(&beyond), "#0.1+1x1:1\u{fffd}");
    let clip = |x: f64| {
        let clips = format!(
            r#"<ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary="{x} 0 20 5"><ofd:AbbreviatedData>M 0 0 L 20 0 L 20 5 L 0 5 C</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>"#
        );
        cell(&text_with(32.0, 27.0, "12", "", &clips))
    };
    assert_eq!(clip(-1.0), "#0.1+1x1:12");
    assert_eq!(clip(50.0), "#0.1+1x1:\u{fffd}\u{fffd}");
    // A drawing may be a figure.
    let curve = r#"<ofd:PathObject Boundary="32 22 4 5" Fill="true"><ofd:FillColor Value="0 0 0"/><ofd:AbbreviatedData>M 0 5 B 0 0 3 0 4 5 C</ofd:AbbreviatedData></ofd:PathObject>"#;
    assert_eq!(cell(curve), "#0.1+1x1:\u{fffd}");
    let broken = curve.replace("M 0 5", "M NaN");
    assert_eq!(cell(&broken), "#0.1+1x1:\u{fffd}");
}

#[test]
fn a_figure_that_stands_on_its_head_or_lies_is_unknown() {
    let turned = |attributes: &str| cell(&text_with(36.0, 25.0, "6", attributes, ""));
    assert_eq!(turned(""), "#0.1+1x1:6");
    for attributes in [r#"CharDirection="180""#, r#"CTM="-1 0 0 -1 0 6""#, r#"CharDirection="90""#] {
        assert_eq!(turned(attributes), "#0.1+1x1:\u{fffd}", "{attributes}");
    }
}

#[test]
fn one_glyph_is_one_sign() {
    let mapped = |font: u8, text: &str, glyphs: &str| {
        let map = format!(
            r#"<ofd:CGTransform CodePosition="0" CodeCount="2" GlyphCount="2"><ofd:Glyphs>{glyphs}</ofd:Glyphs></ofd:CGTransform>"#
        );
        text_with(32.0, 27.0, text, "", &map).replace(r#"Font="1""#, &format!(r#"Font="{font}""#))
    };
    let with = |other: &str| read(&[&page(&mapped(1, "12", "20 21")), &page(other)]);
    for sound in [mapped(1, "21", "21 20"), mapped(2, "34", "20 21"), mapped(1, "１规", "20 30"), text(9.0, 9.0, "1")]
    {
        assert!(with(&sound).is_ok(), "{sound}");
    }
    for torn in [mapped(1, "34", "20 30"), mapped(1, "1规", "30 31"), mapped(1, "规=", "20 30")] {
        check_refused(with(&torn), Cause::NoText, "contradict its text");
    }
}

#[test]
fn what_lies_outside_of_what_is_shown_is_unknown() {
    let with = |area: &str| {
        let page = page(&(grid() + &text(12.0, 27.0, "规章") + &text(32.0, 27.0, "12") + &text(12.0, 37.0, "许可")));
        read(&[&page.replace("<ofd:Content>", &format!("<ofd:Area>{area}</ofd:Area><ofd:Content>"))])
    };
    let whole = "<ofd:PhysicalBox>0 0 100 140</ofd:PhysicalBox>";
    let shown = |shown: &str| {
        let document = with(&format!("{whole}<ofd:ApplicationBox>{shown}</ofd:ApplicationBox>"));
        pieces(&document.expect("a document"))[..3].to_vec()
    };
    assert_eq!(shown("5 5 90 130"), ["#0.0+1x1:规章", "#0.1+1x1:12", "#1.0+1x1:许可"]);
    assert_eq!(shown("0 30 100 100"), ["#0.0+1x1:", "#0.1+1x1:\u{fffd}\u{fffd}", "#1.0+1x1:许可"]);
    assert!(with("<ofd:PhysicalBox>0.2 0 100 140</ofd:PhysicalBox>").is_ok());
    check_refused(with("<ofd:PhysicalBox>0 190 100 140</ofd:PhysicalBox>"), Cause::Corrupt, "PhysicalBox");
}

#[test]
fn layers_and_templates_lie_over_one_another_in_their_order() {
    let template =
        |order: &str| format!(r#"<ofd:TemplatePage ID="7" ZOrder="{order}" BaseLoc="Tpls/Tpl_0/Content.xml"/>"#);
    let seen = page(&(grid() + &text(32.0, 27.0, "12")));
    let used = seen.replace("<ofd:Content>", r#"<ofd:Template TemplateID="7"/><ofd:Content>"#);
    let over = page(&block(0.0, 0.0, 100.0, 140.0, "255 255 255"));
    let with = |order: &str| read_with(&template(order), "", &[&used], &[("Doc_0/Tpls/Tpl_0/Content.xml", &over)]);
    let cells = ["#0.0+1x1:", "#0.1+1x1:12", "#1.0+1x1:", "#1.1+1x1:"];
    assert_eq!(pieces(&with("Background").expect("a document")), cells);
    check_refused(with("Foreground"), Cause::NoText, "2 characters lie there unseen");
    // Layers of a page, whatever their order in the part.
    let layers = seen.replace(
        r#"<ofd:Layer Type="Body""#,
        &format!(r#"<ofd:Layer Type="Foreground">{}</ofd:Layer><ofd:Layer Visible="false">{}</ofd:Layer><ofd:Layer Type="Background">{}</ofd:Layer><ofd:Layer"#,
            text(12.0, 37.0, "许可"), text(32.0, 37.0, "99"), block(0.0, 0.0, 100.0, 140.0, "255 255 255")),
    );
    assert_eq!(
        pieces(&read(&[&layers]).expect("a document")),
        ["#0.0+1x1:", "#0.1+1x1:12", "#1.0+1x1:许可", "#1.1+1x1:"]
    );
}

#[test]
fn settings_come_from_resources_and_from_one_another() {
    let list = r#"<ofd:Res BaseLoc="Res"><ofd:DrawParams><ofd:DrawParam ID="3" Relative="4"/><ofd:DrawParam ID="4" Relative="3"><ofd:FillColor Index="1" ColorSpace="5"/></ofd:DrawParam></ofd:DrawParams><ofd:ColorSpaces><ofd:ColorSpace ID="5" Type="RGB"><ofd:Palette><ofd:CV>0 0 0</ofd:CV><ofd:CV>255 255 255</ofd:CV></ofd:Palette></ofd:ColorSpace></ofd:ColorSpaces></ofd:Res>"#;
    let with = |objects: &str| {
        let page = page(&(grid() + &text(12.0, 27.0, "规章") + objects));
        let document = read_with(
            "<ofd:PublicRes>/Doc_0/PublicRes.xml</ofd:PublicRes>",
            "",
            &[&page],
            &[("Doc_0/PublicRes.xml", list)],
        );
        pieces(&document.expect("a document")).swap_remove(1)
    };
    assert_eq!(with(&text_with(32.0, 27.0, "99", r#"DrawParam="3""#, "")), "#0.1+1x1:");
    assert_eq!(
        with(&text_with(32.0, 27.0, "99", r#"DrawParam="3""#, r#"<ofd:FillColor Value="0 0 0"/>"#)),
        "#0.1+1x1:99"
    );
    assert_eq!(with(&text_with(32.0, 27.0, "99", r#"DrawParam="8""#, "")), "#0.1+1x1:99");
}

#[test]
fn drawings_used_more_than_once_are_drawn_each_time() {
    let unit = |inside: &str| {
        format!(
            r#"<ofd:Res><ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="6" Width="20" Height="10"><ofd:Content>{inside}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"#
        )
    };
    let uses = r#"<ofd:PageBlock><ofd:CompositeObject Boundary="32 20 18 10" ResourceID="6"/></ofd:PageBlock>"#;
    let with = |inside: &str| {
        let page = page(&(grid() + &text(12.0, 27.0, "规章") + uses));
        read_with("<ofd:DocumentRes>Res.xml</ofd:DocumentRes>", "", &[&page], &[("Doc_0/Res.xml", &unit(inside))])
    };
    assert_eq!(pieces(&with(&text(0.0, 7.0, "12")).expect("a document"))[1], "#0.1+1x1:12");
    check_refused(with(uses), Cause::Corrupt, "drawn within itself");
}

#[test]
fn notes_and_watermarks_are_no_data() {
    let list = r#"<ofd:Annotations><ofd:Page PageID="1"><ofd:FileLoc>Page_0/Annot.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>"#;
    let with = |kind: &str, x: f64, words: &str, inside: &str| {
        let note = format!(
            r#"<ofd:PageAnnot><ofd:Annot Type="{kind}" {words}><ofd:Appearance Boundary="{x} 20 30 10">{inside}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>"#
        );
        let page = page(&(grid() + &text(12.0, 27.0, "规章") + &text(32.0, 27.0, "12")));
        let others = [("Doc_0/Annots/Annotations.xml", list), ("Doc_0/Annots/Page_0/Annot.xml", note.as_str())];
        let document = read_with("", "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>", &[&page], &others);
        pieces(&document.expect("a document"))
    };
    let plain = ["#0.0+1x1:规章", "#0.1+1x1:12", "#1.0+1x1:", "#1.1+1x1:"];
    assert_eq!(with("Watermark", 30.0, "", &text(2.0, 7.0, "9")), plain);
    assert_eq!(with("Stamp", 30.0, r#"Visible="false""#, &text(2.0, 7.0, "9")), plain);
    assert!(with("Stamp", 30.0, "", &text(2.0, 7.0, "9"))[1].contains('\u{fffd}'));
    // What somebody wrote into a blank cell is not known to be a figure, and the cell is not blank.
    assert_eq!(with("Stamp", 30.0, "", &text(2.0, 17.0, "9"))[3], "#1.1+1x1:\u{fffd}");
    // A seal that shines through.
    let seal = r#"<ofd:ImageObject Boundary="0 0 20 10" CTM="20 0 0 10 0 0" ResourceID="99"/>"#;
    assert_eq!(with("Stamp", 30.0, "", seal), plain);
    assert_eq!(
        pieces(
            &read_with("", "<ofd:Annotations>lost.xml</ofd:Annotations>", &[&page(&text(12.0, 27.0, "规章"))], &[])
                .expect("a document")
        ),
        ["L:规章"]
    );
}

#[test]
fn pictures_cover_what_lies_under_them() {
    let res = r#"<ofd:Res BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="8" Type="Image"><ofd:MediaFile>a.jpg</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"#;
    let with = |objects: &str| {
        let others = [("Doc_0/DocumentRes.xml", res), ("Doc_0/Res/a.jpg", "BM")];
        read_with("<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>", "", &[&page(objects)], &others)
    };
    let image = |place: &str| format!(r#"<ofd:ImageObject Boundary="{place}" ResourceID="8"/>"#);
    let page = grid() + &text(12.0, 27.0, "规章") + &text(32.0, 27.0, "12");
    let read = pieces(&with(&(page.clone() + &image("31 21 10 8"))).expect("a document"));
    assert!(read[1].contains('\u{fffd}'), "{read:?}");
    let read = pieces(&with(&(image("0 0 100 140") + &page)).expect("a document"));
    assert_eq!(read[1], "#0.1+1x1:12");
    check_refused(with(&image("0 0 100 140")), Cause::NoText, "the page of the OFD file is a picture");
    check_refused(with(&(page + &image("0 0 100 140"))), Cause::NoText, "characters lie there unseen");
}

#[test]
fn without_text_that_can_be_known_a_file_is_refused() {
    check_refused(read(&[&page("")]), Cause::NoText, "the OFD file shows no text");
    let mapped = |text: &str| {
        page(&format!(
            r#"<ofd:TextObject Boundary="0 0 90 9" Font="1" Size="4"><ofd:CGTransform CodePosition="0" CodeCount="2" GlyphCount="2"><ofd:Glyphs>7 9</ofd:Glyphs></ofd:CGTransform><ofd:TextCode X="1" Y="5" DeltaX="4">{text}</ofd:TextCode></ofd:TextObject>"#
        ))
    };
    check_refused(
        read(&[&mapped("\u{e001}\u{fffd}")]),
        Cause::NoText,
        "do not say which characters 2 of its 2 glyphs are",
    );
    check_refused(read(&[&mapped("¤¤")]), Cause::NoText, "do not say which characters");
    assert_eq!(pieces(&read(&[&mapped("规章")]).expect("a document")), ["L:规章"]);
}

#[test]
fn a_table_goes_on_over_pages() {
    let rows = |upper: [&str; 2], lower: [&str; 2]| {
        page(
            &(grid()
                + &text(12.0, 27.0, upper[0])
                + &text(32.0, 27.0, upper[1])
                + &text(12.0, 37.0, lower[0])
                + &text(32.0, 37.0, lower[1])),
        )
    };
    let document =
        read(&[&rows(["名称", "数量"], ["规章", "1"]), &rows(["名称", "数量"], ["许可", "2"])]).expect("a document");
    assert_eq!(
        pieces(&document),
        ["#0.0+1x1:名称", "#0.1+1x1:数量", "#1.0+1x1:规章", "#1.1+1x1:1", "#2.0+1x1:许可", "#2.1+1x1:2"]
    );
    assert_eq!(document.origin(5).page, Some(2));
}

#[test]
fn all_documents_of_a_file_are_read() {
    let root = r#"<OFD><DocBody><DocRoot>A/Document.xml</DocRoot></DocBody><DocBody><DocRoot>/B/Document.xml</DocRoot><Signatures>B/Signs/Signatures.xml</Signatures></DocBody></OFD>"#;
    let list = r#"<Document><CommonData/><Pages><Page ID="1" BaseLoc="P.xml"/></Pages></Document>"#;
    let (one, other) = (page(&text(12.0, 27.0, "规章")), page(&text(12.0, 27.0, "许可")));
    let parts =
        [("OFD.xml", root), ("A/Document.xml", list), ("A/P.xml", &one), ("B/Document.xml", list), ("B/P.xml", &other)];
    let document = read_parts(&parts).expect("a document");
    assert_eq!(pieces(&document), ["L:规章", "L:许可"]);
    assert_eq!(document.origin(1).page, Some(2));
    // Another file in the package would be passed over, an attachment is no part of the document.
    let with = |name: &'static str| read_parts(&[&parts[..], &[(name, "1")]].concat());
    check_refused(with("C/other.docx"), Cause::Corrupt, "lie in one package");
    assert!(with("B/Attachs/other.docx").is_ok());
}

#[test]
fn damaged_and_locked_files_are_refused() {
    check_refused(
        read_parts(&[("OFD.xml", OFD)]),
        Cause::Corrupt,
        "the part Doc_0/Document.xml of the OFD file is missing",
    );
    check_refused(read_parts(&[("OFD.xml", "<OFD/>")]), Cause::Corrupt, "names no document");
    check_refused(read_parts(&[("OFD.xml", "<OFD><DocBody/></OFD>")]), Cause::Corrupt, "does not say where");
    check_refused(read_parts(&[("OFD.xml", OFD), ("Encryptions.xml", "<a/>")]), Cause::Encrypted, "is encrypted");
    let document = document("", 1, "");
    let parts = [("OFD.xml", OFD), ("Doc_0/Document.xml", document.as_str())];
    check_refused(read_parts(&parts), Cause::Corrupt, "Pages/Page_0/Content.xml of the OFD file is missing");
    let versions = OFD.replace(
        "</ofd:DocBody>",
        r#"<ofd:Versions><ofd:Version ID="1" Current="true" BaseLoc="V.xml"/></ofd:Versions></ofd:DocBody>"#,
    );
    let other = r#"<DocVersion><DocRoot>Doc_1/Document.xml</DocRoot></DocVersion>"#;
    let parts =
        [("OFD.xml", versions.as_str()), ("V.xml", other), ("Doc_0/Document.xml", ""), ("Doc_1/Document.xml", "")];
    check_refused(read_parts(&parts), Cause::Corrupt, "several versions");
}

#[test]
fn more_than_a_report_holds_is_refused() {
    let limits = Limits { pdf_pages: 2, pdf_objects: 20, ..limits() };
    let with = |pages: &[&str]| {
        let document = document("", pages.len(), "");
        let names: Vec<String> = (0..pages.len()).map(|at| format!("Doc_0/Pages/Page_{at}/Content.xml")).collect();
        let mut parts = vec![("OFD.xml", OFD), ("Doc_0/Document.xml", document.as_str())];
        parts.extend(names.iter().map(String::as_str).zip(pages.iter().copied()));
        let bytes = package(&parts);
        decode(&mut Package::open(&bytes, &limits).expect("opens"), &limits)
    };
    let one = page(&text(12.0, 27.0, "规章"));
    assert!(with(&[&one, &one]).is_ok());
    check_refused(with(&[&one, &one, &one]), Cause::Limit, "limits.pdf_pages");
    check_refused(with(&[&page(&text(12.0, 27.0, "规章").repeat(21))]), Cause::Limit, "limits.pdf_objects");
    check_refused(with(&[&page(&"<a/>".repeat(200))]), Cause::Limit, "limits.pdf_objects");
}
