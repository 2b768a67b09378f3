//! Pages as HTML: plain, of a word processor, of a content management system.

use std::fmt::Write as _;

use super::Work;
use super::dice::Dice;
use super::grid::{Cell, Grid, is_furniture};
use super::layout::Layout;
use super::page::{Block, Page};

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\u{a0}', "&nbsp;")
}

/// Prints a page.
pub(super) fn print(page: &Page, work: &mut Work<'_>) -> String {
    let layout = work.layout;
    let dice = &mut work.dice;
    let mut html = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\n<title>{}</title>\n",
        if layout == Layout::HtmlSite { format!("{}_样例市政府网站", page.title) } else { page.title.clone() }
    );
    if layout == Layout::HtmlSite {
        site_head(&mut html, &page.title);
    } else {
        html.push_str("</head><body>\n");
    }
    for block in &page.blocks {
        match block {
            Block::Title(text) if layout == Layout::Html => writeln!(html, "<h1>{}</h1>", escaped(text)),
            Block::Heading(text) if layout == Layout::Html => writeln!(html, "<h2>{}</h2>", escaped(text)),
            Block::Title(text) | Block::Heading(text) => {
                writeln!(html, "<p align=center>&nbsp;&nbsp;<strong>{}</strong></p>", spans(text, dice))
            }
            Block::Prose(text) if layout == Layout::Html => writeln!(html, "<p>{}</p>", escaped(text)),
            Block::Prose(text) => {
                writeln!(html, "<p style=\"text-indent:2em\">　　{}<o:p></o:p></p>", spans(text, dice))
            }
            Block::Line(text) => writeln!(html, "<div>{}</div>", escaped(text)),
            Block::Table(grid) => {
                table(&mut html, grid, layout, dice);
                Ok(())
            }
        }
        .expect("writing to a string");
    }
    if layout == Layout::HtmlSite {
        html.push_str("</div></td></tr></table>\n<table width=1000><tr><td>主办：样例市人民政府办公室　备案号：虚备0000123号</td></tr></table>\n");
    }
    html.push_str("</body></html>\n");
    html
}

fn site_head(html: &mut String, title: &str) {
    let _ = write!(
        html,
        "<meta name=\"ArticleTitle\" content=\"{title}\">\n<script>var n=1;function f(){{document.write('<table><tr><td>1</td></tr></table>');}}</script>\
         <style>td{{padding:0}}</style></head><body>\n\
         <div><a href=\"/\">网站首页</a> | <a href=\"/wza\">无障碍浏览</a> | 繁體版 <form><input name=q value=\"全部\"></form></div>\n\
         <table width=1000><tr><td width=220><table><tr><td>政府信息公开指南</td></tr><tr><td>往年年报</td></tr></table></td><td>\n\
         <div>【字体：<a>大</a> <a>中</a> <a>小</a>】 <a>打印</a></div><div id=\"zoom\">\n"
    );
}

/// One text over many elements, words cut.
fn spans(text: &str, dice: &mut Dice) -> String {
    let mut html = String::new();
    let glyphs: Vec<char> = text.chars().collect();
    let mut rest = glyphs.as_slice();
    while !rest.is_empty() {
        let (part, after) = rest.split_at((1 + dice.index(8)).min(rest.len()));
        rest = after;
        let part = escaped(&part.iter().collect::<String>());
        let _ = match dice.roll(4) {
            0 => write!(html, "<span style=\"font-family:仿宋_GB2312;font-size:12pt\">{part}</span>"),
            1 => write!(html, "<SPAN lang=EN-US>{part}</SPAN>"),
            2 => write!(html, "<font face=\"宋体\">{part}</font>"),
            _ => write!(html, "{part}"),
        };
    }
    html
}

fn table(html: &mut String, grid: &Grid, layout: Layout, dice: &mut Dice) {
    for line in &grid.before {
        let _ = writeln!(html, "<p>{}</p>", escaped(line));
    }
    let is_plain = layout == Layout::Html;
    // A word processor splits columns so that cells of other rows can begin in between.
    let weights: Vec<usize> = (0..grid.width).map(|_| if is_plain { 1 } else { dice.pick(&[1, 1, 2, 3, 5]) }).collect();
    html.push_str(if is_plain {
        "<table border=\"1\">\n"
    } else {
        "<table class=MsoNormalTable border=1 cellspacing=0><tbody>\n"
    });
    for (row, starts) in grid.rows.iter().zip(grid.places()) {
        html.push_str(if is_plain { "<tr>" } else { "<tr style=\"height:20pt\">" });
        for (cell, start) in row.iter().zip(starts) {
            let columns = if is_furniture(row) { grid.width } else { cell.columns };
            let columns: usize = weights[start..(start + columns).min(grid.width)].iter().sum();
            let tag = if is_plain && cell.is_label() && dice.percent(30) { "th" } else { "td" };
            let _ = write!(html, "<{tag}");
            if columns > 1 {
                let _ = write!(html, " colspan=\"{columns}\"");
            }
            if cell.rows > 1 && !is_furniture(row) {
                let _ = write!(html, " rowspan={}", cell.rows);
            }
            let end = if is_plain || dice.percent(80) { format!("</{tag}>") } else { String::new() };
            let _ = write!(html, ">{}{end}", content(cell, is_plain, dice));
        }
        html.push_str(if is_plain || dice.percent(80) { "</tr>\n" } else { "\n" });
    }
    html.push_str(if is_plain { "</table>\n" } else { "</tbody></table>\n" });
    for line in &grid.after {
        let _ = writeln!(html, "<p>{}</p>", escaped(line));
    }
}

fn content(cell: &Cell, is_plain: bool, dice: &mut Dice) -> String {
    if cell.text.is_empty() {
        return dice
            .pick(if is_plain { &["", "&nbsp;", " "] } else { &["<p><o:p>&nbsp;</o:p></p>", "&nbsp;", "<p></p>"] })
            .to_owned();
    }
    if is_plain {
        return escaped(&cell.text).replace('\n', "<br>");
    }
    if cell.is_figure() {
        let text = escaped(&cell.text).replace('\n', "<br />");
        return match dice.roll(3) {
            0 => format!("<p align=center><span lang=EN-US>{text}</span><o:p></o:p></p>"),
            1 => format!("<span>{text}</span>&nbsp;"),
            _ => format!("<p>{text}</p>"),
        };
    }
    let parts: Vec<String> = cell.text.split('\n').map(|part| spans(part, dice)).collect();
    let between = dice.pick(&["<br />", "</p><p>", "<o:p></o:p></p>\n<p>"]);
    format!("<p>{}</p>", parts.join(between))
}
