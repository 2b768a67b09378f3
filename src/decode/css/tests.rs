//! What of a page with style sheets is seen, case by case.

use crate::config::Config;
use crate::model::document::Place;

/// The cells of a one-row table on a page with this sheet, and its lines.
fn read(sheet: &str, body: &str) -> Vec<String> {
    let html = format!("<html><head><style>{sheet}</style></head><body>{body}</body></html>");
    let document =
        crate::decode::html::decode(&html, &Config::embedded().expect("settings").limits, false).expect("page decodes");
    let of_cell = |place: Place| !matches!(place, Place::Line);
    document
        .pieces
        .iter()
        .map(|piece| format!("{}{}", if of_cell(piece.place) { "#" } else { "" }, document.text_of(piece)))
        .collect()
}

#[track_caller]
fn check(sheet: &str, cell: &str, expected: &str) {
    let found = read(sheet, &format!("<table><tr><td>甲</td><td>{cell}</td></tr></table>"));
    assert_eq!(found, ["#甲".to_owned(), format!("#{expected}")], "{sheet} {cell}");
}

#[test]
fn what_a_sheet_hides_is_not_read() {
    for sheet in [
        "#q{display:none}",
        ".c{display:none}",
        "i{display:none}",
        "i.c{visibility:hidden}",
        "td .c{opacity:0}",
        "table > tbody > tr > td > i#q.c{font-size:0}",
        "/* x{ */ .b, .c { DISPLAY : none !important }",
        "@media screen{.c{display:none}}",
        "@media (min-width:300px){.c{display:none}}",
        ".\\63 {d\\69splay:none}",
        "<!-- .c{display:none} -->",
        "i{display:none!important} i.c{display:inline}",
    ] {
        check(sheet, "<i id=q class='b c'>1</i>5", "5");
    }
    check(".c{display:none}", "<i class=c>15</i>", "\u{fffd}");
    check(".c{display:none}", "<i class=c>件</i>", "");
    check(".c{visibility:hidden}", "<i class=c>1<b style='visibility:visible'>7</b></i>5", "75");
    check(".c{font-size:0}", "<i class=c>1<b style='font-size:14px'>7</b></i>5", "75");
}

#[test]
fn what_is_shown_is_read() {
    for sheet in [
        ".c .x{display:none}",
        "div.c{display:none}",
        "p > .c{display:none}",
        ".c:hover{display:none}",
        "@media print{.c{display:none}}",
        "@media (max-width:768px){.c{display:none}}",
        ".c{display:none} #q{display:inline}",
        ".c{color:#fff;background:#369}",
        ".c{color:white} .c{color:#333}",
        "@font-face{font-family:c} @keyframes c{from{opacity:0}}",
        ".c{font-size:.8em;vertical-align:baseline;position:relative}",
        "body{position:absolute;left:50%;margin-left:-500px;transform:translate(-50%,0)}",
        "* html .c{display:none} *{margin:0}",
    ] {
        check(sheet, "<i id=q class=c>1</i>5", "15");
    }
    check(".c{display:none}", "<i class=c style='display:inline'>1</i>5", "15");
}

#[test]
fn what_is_in_doubt_is_no_figure() {
    for sheet in [
        ".c:not(.x){display:none}",
        "i[class]{display:none}",
        "b + .c{display:none}",
        "@media (orientation:landscape){.c{display:none}}",
        "@supports (color:red){.c{display:none}}",
        ".C{display:none}",
        "td{ .c{display:none} }",
        ".c{color:#fff}",
        ".c{color:transparent}",
        ".c{color:#000;background:#000}",
        ".c{position:absolute;left:-9999px}",
        ".c{text-indent:-9999px}",
        ".c{position:absolute;clip:rect(0,0,0,0)}",
        ".c{width:0;height:0;overflow:hidden}",
        ".c{font-size:1px}",
        ".c{direction:rtl;unicode-bidi:bidi-override}",
        ".c{transform:scaleX(-1)}",
        ".c{transform:translateX(-200%)}",
        ".c{margin-left:-60px}",
    ] {
        check(sheet, "<i class=c>1</i>5", "\u{fffd}5");
    }
    check(".c:before{content:'3'}", "<i class=c>1</i>5", "\u{fffd}15");
    check(".c:after{content:'15'}", "<i class=c></i>", "\u{fffd}");
    check(".c:after{content:'\\e600'} i:after{content:'.';display:none}", "<i class=c>1</i>5", "15");
    check("", "<bdo dir=rtl>15</bdo>", "\u{fffd}");
    check("", "<i style='display:inline;width:0;height:0;overflow:hidden'>1</i>5", "\u{fffd}5");
    check("", "<i style='position:absolute;left:-9999px'>1</i>5", "\u{fffd}5");
    check("", "<font color=white>1</font>5", "\u{fffd}5");
    assert_eq!(read(".c:nth-child(1){display:none}", "<p class=c>受理15件</p>"), ["受理\u{fffd}\u{fffd}件"]);
}

#[test]
fn what_is_raised_or_struck_stands_apart() {
    for style in
        ["vertical-align:super", "vertical-align:3px", "position:relative;top:-.4em", "text-decoration:line-through"]
    {
        check(&format!(".sup{{{style}}}"), "12<span class=sup>1</span>", "12 1");
        check("", &format!("12<span style='{style}'>1</span>"), "12 1");
    }
}

#[test]
fn rows_and_cells_that_take_no_place_are_none() {
    let table = "<table><tr><td>1<td class=c>2<td>3<tr class=c><td>4<td>5<td>6</table>";
    assert_eq!(read(".c{display:none}", table), ["#1", "#3"]);
    // What is there and not seen keeps its place, and no figure is a blank.
    assert_eq!(read(".c{visibility:hidden}", table), ["#1", "#\u{fffd}", "#3", "#\u{fffd}", "#\u{fffd}", "#\u{fffd}"]);
}

#[test]
fn sheets_without_end_are_refused_in_time() {
    let rules = ".c .d{display:none}".repeat(20_000);
    let html = format!("<style>{rules}</style>{}", "<p class=d>1</p>".repeat(20_000));
    let problem =
        crate::decode::html::decode(&html, &Config::embedded().expect("settings").limits, false).expect_err("too many");
    assert_eq!(problem.cause, crate::model::verdict::Cause::Limit);
    assert_eq!(read("{}}{\"\\", "见"), ["见"]);
}
