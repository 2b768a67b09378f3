//! Web pages: lines of text, and tables with their spans resolved.
//!
//! A table that holds another table, or a cell as long as an article, is there for layout: its
//! cells are read as lines. Scripts, styles, comments, form fields and hidden elements are never read.

use std::collections::HashMap;

use dom_query::{Document as Tree, NodeId, NodeRef};

use super::UNKNOWN;
use super::blocks::{self, Block, Cell, LAYOUT_CELL_CHARACTERS, Layout, SHORT_CELL_CHARACTERS, small};
use super::css::{Look, Sheets, Sight};
use crate::config::Limits;
use crate::model::document::{Document, Place};
use crate::model::verdict::{Blame, Cause, Problem};

/// More attributes than any tag has.
const MAX_ATTRIBUTES: usize = 2_000;

/// So many times as much is looked at by a process whose time and memory are bounded: elements that are never closed
/// only seem to nest.
const IN_CHILD: usize = 8;

/// Whether a page is more intricate than a tree is built of here, and not more than one is built of at all.
pub(super) fn needs_child(html: &str, limits: &Limits) -> bool {
    check_nesting(html, limits, 1).is_err() && check_nesting(html, limits, IN_CHILD).is_ok()
}

/// Reads a page; `in_child` where time and memory are bounded.
pub(super) fn decode(html: &str, limits: &Limits, in_child: bool) -> Result<Document, Problem> {
    check_nesting(html, limits, if in_child { IN_CHILD } else { 1 })?;
    let tree = Tree::from(html);
    let mut walker = Walker::new(&tree, Document::default(), 0, limits);
    read_metadata(&tree, &mut walker.document);
    walker.walk(&tree.root(), 0, &Look::default());
    walker.flush();
    walker.document.is_cut = ends_in_table(html);
    walker.finish()
}

/// Whether the last table of a page is never closed: the page was cut.
fn ends_in_table(html: &str) -> bool {
    let html = html.as_bytes();
    let last = |tag: &[u8]| html.windows(tag.len()).rposition(|window| window.eq_ignore_ascii_case(tag));
    last(b"<table").is_some_and(|open| last(b"</table").is_none_or(|close| close < open))
}

/// Reads one table that stands in a text of another kind.
pub(super) fn decode_table(
    html: &str,
    line: u32,
    grids: &mut u32,
    document: &mut Document,
    limits: &Limits,
) -> Result<(), Problem> {
    check_nesting(html, limits, 1)?;
    // A blank line ends a paragraph there.
    let tree = if html.contains("\n\n") { Tree::from(html.replace("\n\n", "<br>\n")) } else { Tree::from(html) };
    let page = std::mem::take(document);
    let n_before = page.pieces.len();
    let mut walker = Walker::new(&tree, page, *grids, limits);
    walker.walk(&tree.root(), 0, &Look::default());
    walker.flush();
    *grids = walker.grids;
    *document = walker.finish()?;
    for piece in &mut document.pieces[n_before..] {
        piece.line = line;
    }
    Ok(())
}

fn limit(message: String) -> Problem {
    Problem::new(Cause::Limit, Blame::Source, message)
}

/// Refuses pages that nest too deeply or hold too many tables, by one pass over the tags: building a
/// tree of a hundred thousand levels takes minutes.
fn check_nesting(html: &str, limits: &Limits, times: usize) -> Result<(), Problem> {
    const NESTING: [&str; 18] = [
        "div",
        "span",
        "table",
        "ul",
        "ol",
        "dl",
        "font",
        "b",
        "i",
        "u",
        "em",
        "strong",
        "a",
        "center",
        "section",
        "article",
        "blockquote",
        "form",
    ];
    // Unclosed inline elements are common and harmless in hundreds.
    let most = limits.html_depth.saturating_mul(4 * times);
    let (most_tables, most_attributes) = (limits.html_tables.saturating_mul(times), MAX_ATTRIBUTES * times);
    let (mut depth, mut tables) = (0_usize, 0_usize);
    for tag in html.split('<').skip(1) {
        // Each attribute of a tag is compared with those before it.
        let n_attributes = || tag.split('>').next().unwrap_or(tag).matches('=').count();
        if tag.len() > 4 * MAX_ATTRIBUTES && n_attributes() > most_attributes {
            return Err(limit(format!(
                "a tag of the page has more than {most_attributes} attributes; check whether it is a real page"
            )));
        }
        let (closes, tag) = match tag.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, tag),
        };
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = &tag[..end.min(10)];
        if !NESTING.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            continue;
        }
        if closes {
            depth = depth.saturating_sub(1);
            continue;
        }
        depth += 1;
        tables += usize::from(name.eq_ignore_ascii_case("table"));
        if depth > most {
            return Err(limit(format!("the page nests more than {most} elements; check whether it is a real page")));
        }
        if tables > most_tables {
            return Err(limit(format!(
                "the page holds more than {most_tables} tables; check whether it is a real page"
            )));
        }
    }
    Ok(())
}

fn read_metadata(tree: &Tree, document: &mut Document) {
    let (mut article, mut heading, mut page) = (Vec::new(), Vec::new(), Vec::new());
    for node in tree.root().descendants_it().filter(NodeRef::is_element) {
        let Some(name) = node.node_name() else { continue };
        match name.as_ref() {
            "meta" => {
                let key = node.attr("name").or_else(|| node.attr("property")).unwrap_or_default().to_ascii_lowercase();
                let Some(content) = node.attr("content").filter(|content| !content.trim().is_empty()) else { continue };
                match key.as_str() {
                    "articletitle" | "og:title" => article.push(collapse(&content)),
                    "pubdate" | "publishdate" | "article:published_time" => {
                        document.metadata.published.get_or_insert_with(|| collapse(&content));
                    }
                    "url" | "og:url" => {
                        document.metadata.url.get_or_insert_with(|| collapse(&content));
                    }
                    _ => {}
                }
            }
            "h1" => heading.push(collapse(&node.text())),
            "title" => page.push(collapse(&node.text())),
            _ => {}
        }
    }
    document.metadata.titles =
        article.into_iter().chain(heading).chain(page).filter(|title| !title.is_empty()).collect();
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Walker<'a> {
    limits: &'a Limits,
    document: Document,
    line: String,
    grids: u32,
    /// Rows of layout tables so far.
    rows: u32,
    sheets: Sheets,
    /// What the tables of the page and their cells hold.
    extents: HashMap<NodeId, Extent>,
    /// The cell that is being read holds a figure that nobody sees.
    hides: bool,
    /// Something lay deeper than the limit and was not read.
    is_cut: bool,
}

impl<'a> Walker<'a> {
    fn new(tree: &Tree, document: Document, grids: u32, limits: &'a Limits) -> Self {
        Self {
            limits,
            document,
            line: String::new(),
            grids,
            rows: 0,
            sheets: Sheets::read(tree),
            extents: extents(tree),
            hides: false,
            is_cut: false,
        }
    }

    fn finish(self) -> Result<Document, Problem> {
        if self.sheets.is_exhausted() {
            let message =
                "the style sheets of the page are too many to tell what it shows; check whether it is a real page";
            return Err(limit(message.to_owned()));
        }
        if self.is_cut {
            return Err(limit(format!(
                "the page nests more than {} elements; check whether it is a real page",
                self.limits.html_depth
            )));
        }
        Ok(self.document)
    }

    fn flush(&mut self) {
        let line = self.line.trim();
        if !line.is_empty() {
            self.document.push(line, 0, Place::Line);
        }
        self.line.clear();
    }

    fn walk(&mut self, node: &NodeRef<'_>, depth: usize, around: &Look) {
        if depth > self.limits.html_depth {
            self.is_cut = true;
            return;
        }
        let mut n_elements = 0;
        for child in node.children_it(false) {
            if child.is_text() {
                append_seen(&child.text(), around, &mut self.line);
                continue;
            }
            if !child.is_element() {
                continue;
            }
            let column = small(n_elements);
            n_elements += 1;
            let name = child.node_name().unwrap_or_default();
            if name.as_ref() == "img" {
                self.document.push_picture();
            }
            let is_cell = matches!(name.as_ref(), "td" | "th");
            let look = self.sheets.look(&child, &name, around, is_cell);
            match kind_of(&name, &child, &look) {
                Kind::Ignored => {}
                Kind::Break => self.flush(),
                Kind::Table => {
                    self.flush();
                    if self.extent(&child).is_layout {
                        self.walk(&child, depth + 1, &look);
                    } else {
                        self.table(&child, depth + 1, &look);
                    }
                    self.flush();
                }
                // The cells of a layout table that hold no more than a figure or a label keep their place,
                // so that an empty one does not vanish and two figures in one do not become two cells.
                Kind::Block if is_cell && self.extent(&child).is_short() => {
                    self.flush();
                    let text = self.cell(&child, depth + 1, &look);
                    if column == 0 {
                        self.rows += 1;
                    }
                    self.document.push(&text, 0, Place::Row { row: self.rows, column });
                }
                Kind::Block => {
                    self.flush();
                    self.walk(&child, depth + 1, &look);
                    self.flush();
                }
                Kind::Apart => {
                    self.line.push(' ');
                    self.walk(&child, depth + 1, &look);
                    self.line.push(' ');
                }
                Kind::Inline => self.walk(&child, depth + 1, &look),
            }
        }
    }

    /// Places the cells of a table as the HTML standard does: each cell takes the first free column of
    /// its row, spans are cut to the table.
    fn table(&mut self, table: &NodeRef<'_>, depth: usize, around: &Look) {
        let mut rows: Vec<(NodeRef<'_>, Look)> = Vec::new();
        for part in table.children_it(false).filter(NodeRef::is_element) {
            let name = part.node_name().unwrap_or_default();
            let look = self.sheets.look(&part, &name, around, false);
            if look.is_gone {
                continue;
            }
            match name.as_ref() {
                "tr" => rows.push((part, look)),
                "thead" | "tbody" | "tfoot" => {
                    for row in part.children_it(false).filter(|row| row.has_name("tr")) {
                        let look = self.sheets.look(&row, "tr", &look, false);
                        if !look.is_gone {
                            rows.push((row, look));
                        }
                    }
                }
                "caption" => {
                    self.walk(&part, depth, &look);
                    self.flush();
                }
                _ => {}
            }
        }
        rows.truncate(self.limits.table_rows);
        let n_rows = rows.len();
        let n_columns = self.limits.table_columns;
        // For each column, the rows below that a cell above still covers.
        let mut covered: Vec<usize> = vec![0; n_columns];
        let mut placed: Vec<Vec<Cell>> = Vec::with_capacity(n_rows);
        for (at, (row, look)) in rows.iter().enumerate() {
            let mut column = 0;
            let mut cells = Vec::new();
            let mut next_covered = covered.iter().map(|rows| rows.saturating_sub(1)).collect::<Vec<_>>();
            for cell in row.children_it(false).filter(NodeRef::is_element) {
                let name = cell.node_name().unwrap_or_default();
                let look = self.sheets.look(&cell, &name, look, true);
                if !matches!(name.as_ref(), "td" | "th") || look.is_gone {
                    continue;
                }
                while column < n_columns && covered[column] > 0 {
                    column += 1;
                }
                if column >= n_columns {
                    break;
                }
                let column_span = span(&cell, "colspan").max(1).min(n_columns - column);
                let row_span = match span(&cell, "rowspan") {
                    0 => n_rows - at,
                    rows => rows.min(n_rows - at),
                };
                let mut text = self.cell(&cell, depth, &look);
                // What shows something that is no text is not blank.
                if text.is_empty() && cell.descendants_it().any(|node| is_shown_otherwise(&node)) {
                    text = UNKNOWN.to_owned();
                }
                let blocks = vec![Block::Paragraph(text)];
                cells.push(Cell { column, columns: column_span, rows: row_span, blocks });
                for below in &mut next_covered[column..column + column_span] {
                    *below = row_span - 1;
                }
                column += column_span;
            }
            covered = next_covered;
            placed.push(cells);
        }
        let blocks = if blocks::is_sheet(&placed) { blocks::sheet(placed) } else { vec![Block::Table(placed.into())] };
        // Rows of layout tables are counted before they are laid out here, and after there.
        self.rows += 1;
        let limits = self.limits;
        Layout { limits, document: &mut self.document, grids: &mut self.grids, rows: &mut self.rows }.blocks(&blocks);
    }

    /// The text of a cell in one line. A figure in it that nobody sees is no blank.
    fn cell(&mut self, cell: &NodeRef<'_>, depth: usize, look: &Look) -> String {
        let mut text = String::new();
        self.hides = false;
        if look.is_added_to {
            text.push_str(UNKNOWN);
        }
        self.cell_text(cell, depth, look, &mut text);
        let text = text.trim();
        if text.is_empty() && self.hides { UNKNOWN.to_owned() } else { text.to_owned() }
    }

    fn cell_text(&mut self, node: &NodeRef<'_>, depth: usize, around: &Look, text: &mut String) {
        if depth > self.limits.html_depth {
            self.is_cut = true;
            return;
        }
        for child in node.children_it(false) {
            if child.is_text() {
                self.hides |= !append_seen(&child.text(), around, text);
            } else if child.is_element() {
                let name = child.node_name().unwrap_or_default();
                let look = self.sheets.look(&child, &name, around, true);
                if look.is_added_to && !look.is_gone {
                    text.push_str(UNKNOWN);
                }
                match kind_of(&name, &child, &look) {
                    Kind::Ignored => self.hides |= look.is_gone && holds_figure(&child.text()),
                    Kind::Break => text.push(' '),
                    Kind::Block | Kind::Table | Kind::Apart => {
                        text.push(' ');
                        self.cell_text(&child, depth + 1, &look, text);
                        text.push(' ');
                    }
                    Kind::Inline => self.cell_text(&child, depth + 1, &look, text),
                }
            }
        }
    }

    fn extent(&self, node: &NodeRef<'_>) -> Extent {
        self.extents.get(&node.id).copied().unwrap_or_default()
    }
}

enum Kind {
    Ignored,
    Break,
    /// Runs on in its line, with a space on either side.
    Apart,
    Table,
    Block,
    Inline,
}

fn kind_of(name: &str, node: &NodeRef<'_>, look: &Look) -> Kind {
    match name {
        "script" | "style" | "noscript" | "template" | "head" | "title" | "iframe" | "object" | "select"
        | "textarea" | "button" | "input" | "svg" | "math" | "audio" | "video" | "canvas" => Kind::Ignored,
        _ if look.is_gone => Kind::Ignored,
        // The mark of a note of Word's, which would run together with the figure before it.
        "a" if node.attr("href").is_some_and(|href| href.contains("#_ftn") || href.contains("#_edn")) => Kind::Ignored,
        "a" if node.attr("href").is_some_and(|href| href.starts_with('#')) => Kind::Apart,
        "br" | "hr" => Kind::Break,
        "table" => Kind::Table,
        // A footnote mark or a struck figure must not run together with the figure beside it.
        "sup" | "sub" | "del" | "s" | "strike" => Kind::Apart,
        "a" | "abbr" | "b" | "bdi" | "bdo" | "big" | "cite" | "code" | "em" | "font" | "i" | "ins" | "kbd"
        | "label" | "mark" | "q" | "samp" | "small" | "span" | "strong" | "tt" | "u" | "var" | "wbr" | "o:p"
        | "st1:chsdate" | "st1:chmetcnv" => {
            if look.is_apart {
                Kind::Apart
            } else {
                Kind::Inline
            }
        }
        // What is not known may hold anything: a break too many harms less than two words run together.
        _ => Kind::Block,
    }
}

/// What a table or a cell holds.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    characters: usize,
    holds_table: bool,
    /// It is a table that holds another, or a cell as long as an article.
    is_layout: bool,
}

impl Extent {
    /// Whether a cell holds no more than a figure or a label: few characters and no table.
    fn is_short(&self) -> bool {
        self.characters <= SHORT_CELL_CHARACTERS && !self.holds_table
    }
}

/// The extents of all tables and cells of a page, from the innermost outwards.
fn extents(tree: &Tree) -> HashMap<NodeId, Extent> {
    let mut extents = HashMap::new();
    // The open elements, each with what was found in it so far.
    let mut open: Vec<(NodeRef<'_>, Extent)> = Vec::new();
    let mut next = Some(tree.root());
    loop {
        if let Some(node) = next {
            let mut extent = Extent::default();
            if node.is_text() {
                extent.characters = node.text().chars().filter(|c| !c.is_whitespace()).count();
            }
            next = node.first_child();
            open.push((node, extent));
            continue;
        }
        let Some((node, mut extent)) = open.pop() else { return extents };
        let (is_table, is_cell) = (node.has_name("table"), node.has_name("td") || node.has_name("th"));
        if is_table || is_cell {
            extent.is_layout |= if is_table { extent.holds_table } else { extent.characters > LAYOUT_CELL_CHARACTERS };
            extents.insert(node.id, extent);
        }
        if let Some((_, around)) = open.last_mut() {
            around.characters += extent.characters;
            around.holds_table |= extent.holds_table || is_table;
            around.is_layout |= extent.is_layout;
        }
        next = node.next_sibling();
    }
}

/// Whether an element may show a figure without holding it as text.
fn is_shown_otherwise(node: &NodeRef<'_>) -> bool {
    let name = node.node_name().unwrap_or_default();
    matches!(name.as_ref(), "img" | "input" | "textarea" | "select" | "svg" | "math" | "object" | "canvas" | "iframe")
}

/// A span attribute; what is not a number counts as 1, as browsers do.
fn span(cell: &NodeRef<'_>, name: &str) -> usize {
    let Some(value) = cell.attr(name) else { return 1 };
    let digits: String = value.trim().chars().take_while(char::is_ascii_digit).collect();
    // More digits than fit mean "as far as the table goes".
    if digits.is_empty() { 1 } else { digits.parse().unwrap_or(usize::MAX) }
}

/// Characters that write numbers in Chinese.
const NUMERALS: &str = "零〇一二三四五六七八九十百千万亿两";

fn holds_figure(text: &str) -> bool {
    text.chars().any(|c| c.is_numeric() || NUMERALS.contains(c))
}

/// Appends what is seen of a text; false where a figure is not. One that is seen otherwise than it stands there is not known.
fn append_seen(text: &str, look: &Look, line: &mut String) -> bool {
    match look.sight() {
        Sight::Shown => append_collapsed(text, line),
        Sight::Hidden => return !holds_figure(text),
        Sight::Odd if text.trim().is_empty() => line.push(' '),
        Sight::Odd if !text.chars().any(|c| c.is_alphabetic() && !NUMERALS.contains(c)) => line.push_str(UNKNOWN),
        Sight::Odd => append_collapsed(&text.replace(char::is_numeric, UNKNOWN), line),
    }
    true
}

/// Appends text with every run of white space as one space.
fn append_collapsed(text: &str, line: &mut String) {
    for c in text.chars() {
        // A hard space is a character of the page, not white space of its source.
        if c.is_ascii_whitespace() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else {
            line.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn limits() -> Limits {
        Config::embedded().expect("settings").limits
    }

    fn pieces(html: &str) -> Vec<String> {
        let document = decode(html, &limits(), false).expect("page decodes");
        let place = |place: Place| match place {
            Place::Grid { row, column, row_span, column_span, .. } => {
                format!("{row}.{column}+{row_span}x{column_span}:")
            }
            _ => "L:".to_owned(),
        };
        document.pieces.iter().map(|piece| place(piece.place) + document.text_of(piece)).collect()
    }

    #[test]
    fn spans_are_resolved_and_cut() {
        assert_eq!(
            pieces("<table><tr><td rowspan=9>甲<td colspan=2>乙<tr><td>1<td>2</table>"),
            ["0.0+2x1:甲", "0.1+1x2:乙", "1.1+1x1:1", "1.2+1x1:2"]
        );
        assert_eq!(pieces("<table><tr><td colspan=99999999999999999999999>甲</table>"), ["0.0+1x64:甲"]);
        assert_eq!(
            pieces("<table><tr><td rowspan=0>甲<td>乙<tr><td>1</table>"),
            ["0.0+2x1:甲", "0.1+1x1:乙", "1.1+1x1:1"]
        );
        assert_eq!(pieces("<table><tr><td colspan=-1>甲<td colspan=x>乙</table>"), ["0.0+1x1:甲", "0.1+1x1:乙"]);
    }

    #[test]
    fn cells_are_joined_from_their_parts() {
        assert_eq!(
            pieces(
                "<table><tr><td><span>（</span><span>一</span>）<b>予以公开</b><o:p></o:p></td><td><p>科研</p><p>机构</p></td><td>&nbsp;</td></tr></table>"
            ),
            ["0.0+1x1:（一）予以公开", "0.1+1x1:科研  机构", "0.2+1x1:"]
        );
    }

    #[test]
    fn layout_tables_are_lines() {
        assert_eq!(
            pieces("<table><tr><td>首页</td><td><p>题</p><table><tr><td>0</td></tr></table></td></tr></table>"),
            ["L:首页", "L:题", "0.0+1x1:0"]
        );
    }

    #[test]
    fn what_nobody_sees_is_not_read() {
        assert_eq!(
            pieces(
                "<p>见<script>9</script><!-- 8 --><span style='display: none'>7</span><select><option>6</select></p><p hidden>5</p>"
            ),
            ["L:见"]
        );
    }

    #[test]
    fn a_cell_that_shows_something_else_than_text_is_not_blank() {
        assert_eq!(
            pieces("<table><tr><td><img src=a><td><input value=15><td> <td>15<a href='#n'>1</a></table>"),
            ["0.0+1x1:\u{fffd}", "0.1+1x1:\u{fffd}", "0.2+1x1:", "0.3+1x1:15 1"]
        );
        assert_eq!(pieces("<p><span style='font-size:0.5em;display:none'>1</span>5</p>"), ["L:5"]);
        assert_eq!(pieces("<p><span style='font-size:0.5em'>1</span>5<i style='font-size:0'>6</i></p>"), ["L:15"]);
    }

    #[test]
    fn deep_and_wide_pages_are_refused_in_time() {
        let config = limits();
        let deep = "<div>".repeat(200_000);
        assert_eq!(decode(&deep, &config, false).map_err(|problem| problem.cause), Err(Cause::Limit));
        let sly = "<x>".repeat(2_000);
        assert_eq!(decode(&sly, &config, false).map_err(|problem| problem.cause), Err(Cause::Limit));
        let attributes: String = (0..5_000).map(|at| format!(" a{at}=1")).collect();
        let crowded = format!("<p{attributes}>年报</p>");
        assert_eq!(decode(&crowded, &config, false).map_err(|problem| problem.cause), Err(Cause::Limit));
        let wide = "<table></table>".repeat(20_000);
        assert_eq!(decode(&wide, &config, false).map_err(|problem| problem.cause), Err(Cause::Limit));
    }

    #[test]
    fn pages_that_only_seem_deep_are_read_by_a_child() {
        let limits = limits();
        let unclosed = format!("<table>{}</table>", "<tr><td><span>1</td></tr>".repeat(3_000));
        assert!(needs_child(&unclosed, &limits));
        assert_eq!(decode(&unclosed, &limits, false).map_err(|problem| problem.cause), Err(Cause::Limit));
        // As many rows as a grid has.
        assert_eq!(
            decode(&unclosed, &limits, true).map(|document| document.pieces.len()).ok(),
            Some(limits.table_rows)
        );
        let deep = "<div>".repeat(600);
        assert!(!needs_child(&deep, &limits));
        assert_eq!(decode(&deep, &limits, true).map_err(|problem| problem.cause), Err(Cause::Limit));
        assert!(!needs_child(&"<div>".repeat(200_000), &limits));
    }
}
