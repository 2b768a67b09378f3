//! Web pages: lines of text, and tables with their spans resolved.
//!
//! A table that holds another table, or a cell as long as an article, is there for layout: its
//! cells are read as lines. Scripts, styles, comments, form fields and hidden elements are never read.

use dom_query::{Document as Tree, NodeRef};

use super::UNKNOWN;
use super::blocks::{self, Block, Cell, LAYOUT_CELL_CHARACTERS, Layout, SHORT_CELL_CHARACTERS, small};
use crate::config::Config;
use crate::model::document::{Document, Place};
use crate::model::verdict::{Blame, Cause, Problem};

/// More attributes than any tag has.
const MAX_ATTRIBUTES: usize = 2_000;

/// Reads a page.
pub(super) fn decode(html: &str, config: &Config) -> Result<Document, Problem> {
    check_nesting(html, config)?;
    let tree = Tree::from(html);
    let mut walker = Walker {
        config,
        document: Document::default(),
        line: String::new(),
        grids: 0,
        rows: 0,
        hidden_classes: hidden_classes(&tree),
        is_cut: false,
    };
    read_metadata(&tree, &mut walker.document);
    walker.walk(&tree.root(), 0);
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
    config: &Config,
) -> Result<(), Problem> {
    check_nesting(html, config)?;
    // A blank line ends a paragraph there.
    let tree = if html.contains("\n\n") { Tree::from(html.replace("\n\n", "<br>\n")) } else { Tree::from(html) };
    let page = std::mem::take(document);
    let n_before = page.pieces.len();
    let mut walker = Walker {
        config,
        document: page,
        line: String::new(),
        grids: *grids,
        rows: 0,
        hidden_classes: hidden_classes(&tree),
        is_cut: false,
    };
    walker.walk(&tree.root(), 0);
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
fn check_nesting(html: &str, config: &Config) -> Result<(), Problem> {
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
    let most = config.limits.html_depth * 4;
    let (mut depth, mut tables) = (0_usize, 0_usize);
    for tag in html.split('<').skip(1) {
        // Each attribute of a tag is compared with those before it.
        if tag.len() > 4 * MAX_ATTRIBUTES && tag.split('>').next().unwrap_or(tag).matches('=').count() > MAX_ATTRIBUTES
        {
            return Err(limit(format!(
                "a tag of the page has more than {MAX_ATTRIBUTES} attributes; check whether it is a real page"
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
        if tables > config.limits.html_tables {
            return Err(limit(format!(
                "the page holds more than {} tables; check whether it is a real page",
                config.limits.html_tables
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
    config: &'a Config,
    document: Document,
    line: String,
    grids: u32,
    /// Rows of layout tables so far.
    rows: u32,
    /// Classes that the page's style sheets hide.
    hidden_classes: Vec<String>,
    /// Something lay deeper than the limit and was not read.
    is_cut: bool,
}

impl Walker<'_> {
    fn finish(self) -> Result<Document, Problem> {
        if self.is_cut {
            return Err(limit(format!(
                "the page nests more than {} elements; check whether it is a real page",
                self.config.limits.html_depth
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

    fn walk(&mut self, node: &NodeRef<'_>, depth: usize) {
        if depth > self.config.limits.html_depth {
            self.is_cut = true;
            return;
        }
        for child in node.children_it(false) {
            if child.is_text() {
                append_collapsed(&child.text(), &mut self.line);
                continue;
            }
            if !child.is_element() {
                continue;
            }
            let name = child.node_name().unwrap_or_default();
            if name.as_ref() == "img" {
                self.document.push_picture();
            }
            match self.kind_of(&name, &child) {
                Kind::Ignored => {}
                Kind::Break => self.flush(),
                Kind::Table => {
                    self.flush();
                    if is_layout(&child) {
                        self.walk(&child, depth + 1);
                    } else {
                        self.table(&child, depth + 1);
                    }
                    self.flush();
                }
                // The cells of a layout table that hold no more than a figure or a label keep their place,
                // so that an empty one does not vanish and two figures in one do not become two cells.
                Kind::Block if matches!(name.as_ref(), "td" | "th") && is_short_cell(&child) => {
                    self.flush();
                    let mut text = String::new();
                    self.cell_text(&child, depth + 1, &mut text);
                    let column = small(child.parent().map_or(0, |row| {
                        row.children_it(false)
                            .filter(NodeRef::is_element)
                            .take_while(|other| other.id != child.id)
                            .count()
                    }));
                    if column == 0 {
                        self.rows += 1;
                    }
                    self.document.push(text.trim(), 0, Place::Row { row: self.rows, column });
                }
                Kind::Block => {
                    self.flush();
                    self.walk(&child, depth + 1);
                    self.flush();
                }
                Kind::Apart => {
                    self.line.push(' ');
                    self.walk(&child, depth + 1);
                    self.line.push(' ');
                }
                Kind::Inline => self.walk(&child, depth + 1),
            }
        }
    }

    /// Places the cells of a table as the HTML standard does: each cell takes the first free column of
    /// its row, spans are cut to the table.
    fn table(&mut self, table: &NodeRef<'_>, depth: usize) {
        let mut rows: Vec<NodeRef<'_>> = Vec::new();
        let parts: Vec<NodeRef<'_>> =
            table.children_it(false).filter(|part| part.is_element() && !self.is_hidden(part)).collect();
        for part in parts {
            match part.node_name().unwrap_or_default().as_ref() {
                "tr" => rows.push(part),
                "thead" | "tbody" | "tfoot" => {
                    rows.extend(part.children_it(false).filter(|row| {
                        row.node_name().is_some_and(|name| name.as_ref() == "tr") && !self.is_hidden(row)
                    }));
                }
                "caption" => {
                    self.walk(&part, depth);
                    self.flush();
                }
                _ => {}
            }
        }
        rows.truncate(self.config.limits.table_rows);
        let n_rows = rows.len();
        let n_columns = self.config.limits.table_columns;
        // For each column, the rows below that a cell above still covers.
        let mut covered: Vec<usize> = vec![0; n_columns];
        let mut placed: Vec<Vec<Cell>> = Vec::with_capacity(n_rows);
        for (at, row) in rows.iter().enumerate() {
            let mut column = 0;
            let mut cells = Vec::new();
            let mut next_covered = covered.iter().map(|rows| rows.saturating_sub(1)).collect::<Vec<_>>();
            for cell in row.children_it(false).filter(NodeRef::is_element) {
                if !matches!(cell.node_name().unwrap_or_default().as_ref(), "td" | "th") || self.is_hidden(&cell) {
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
                let mut text = String::new();
                self.cell_text(&cell, depth, &mut text);
                // What shows something that is no text is not blank.
                if text.trim().is_empty() && cell.descendants_it().any(|node| is_shown_otherwise(&node)) {
                    text = UNKNOWN.to_owned();
                }
                let blocks = vec![Block::Paragraph(text.trim().to_owned())];
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
        let limits = &self.config.limits;
        Layout { limits, document: &mut self.document, grids: &mut self.grids, rows: &mut self.rows }.blocks(&blocks);
    }

    fn cell_text(&mut self, node: &NodeRef<'_>, depth: usize, text: &mut String) {
        if depth > self.config.limits.html_depth {
            self.is_cut = true;
            return;
        }
        for child in node.children_it(false) {
            if child.is_text() {
                append_collapsed(&child.text(), text);
            } else if child.is_element() {
                let name = child.node_name().unwrap_or_default();
                match self.kind_of(&name, &child) {
                    Kind::Ignored => {}
                    Kind::Break => text.push(' '),
                    Kind::Block | Kind::Table | Kind::Apart => {
                        text.push(' ');
                        self.cell_text(&child, depth + 1, text);
                        text.push(' ');
                    }
                    Kind::Inline => self.cell_text(&child, depth + 1, text),
                }
            }
        }
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

impl Walker<'_> {
    fn kind_of(&self, name: &str, node: &NodeRef<'_>) -> Kind {
        match name {
            "script" | "style" | "noscript" | "template" | "head" | "title" | "iframe" | "object" | "select"
            | "textarea" | "button" | "input" | "svg" | "math" | "audio" | "video" | "canvas" => Kind::Ignored,
            _ if self.is_hidden(node) => Kind::Ignored,
            // The mark of a note of Word's, which would run together with the figure before it.
            "a" if node.attr("href").is_some_and(|href| href.contains("#_ftn") || href.contains("#_edn")) => {
                Kind::Ignored
            }
            "a" if node.attr("href").is_some_and(|href| href.starts_with('#')) => Kind::Apart,
            "br" | "hr" => Kind::Break,
            "table" => Kind::Table,
            // A footnote mark or a struck figure must not run together with the figure beside it.
            "sup" | "sub" | "del" | "s" | "strike" => Kind::Apart,
            "a" | "abbr" | "b" | "bdi" | "bdo" | "big" | "cite" | "code" | "em" | "font" | "i" | "ins" | "kbd"
            | "label" | "mark" | "q" | "samp" | "small" | "span" | "strong" | "tt" | "u" | "var" | "wbr" | "o:p"
            | "st1:chsdate" | "st1:chmetcnv" => {
                let style = compact_style(node);
                let is_apart = ["display:block", "display:inline-block", "vertical-align:", "line-through"];
                if is_apart.iter().any(|rule| style.contains(rule)) { Kind::Apart } else { Kind::Inline }
            }
            // What is not known may hold anything: a break too many harms less than two words run together.
            _ => Kind::Block,
        }
    }

    /// Whether an element is not shown, as far as its own attributes and plain class rules say.
    fn is_hidden(&self, node: &NodeRef<'_>) -> bool {
        const RULES: [&str; 5] =
            ["display:none", "visibility:hidden", "visibility:collapse", "mso-hide:all", "opacity:0;"];
        let style = compact_style(node) + ";";
        node.has_attr("hidden")
            || RULES.iter().any(|rule| style.contains(rule))
            || style.contains("font-size:0") && !style.contains("font-size:0.")
            || node.attr("class").is_some_and(|class| {
                class.split_whitespace().any(|class| self.hidden_classes.iter().any(|hidden| hidden == class))
            })
    }
}

/// An element's style without white space, in lower case.
fn compact_style(node: &NodeRef<'_>) -> String {
    let style = node.attr("style").unwrap_or_default();
    style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

/// Classes that a style sheet in the page hides: `.name{...display:none...}`.
fn hidden_classes(tree: &Tree) -> Vec<String> {
    let mut classes = Vec::new();
    for sheet in
        tree.root().descendants_it().filter(|node| node.node_name().is_some_and(|name| name.as_ref() == "style"))
    {
        for rule in sheet.text().split('}') {
            let Some((selectors, body)) = rule.split_once('{') else { continue };
            let body: String = body.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            if body.contains("display:none") || body.contains("visibility:hidden") {
                let names = selectors.split(',').filter_map(|selector| selector.trim().rsplit(['.', ' ']).next());
                classes.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
            }
        }
    }
    classes
}

fn is_layout(table: &NodeRef<'_>) -> bool {
    table.descendants_it().filter(NodeRef::is_element).any(|node| {
        let name = node.node_name().unwrap_or_default();
        match name.as_ref() {
            "table" => true,
            "td" | "th" => node.text().chars().filter(|c| !c.is_whitespace()).count() > LAYOUT_CELL_CHARACTERS,
            _ => false,
        }
    })
}

/// Whether an element may show a figure without holding it as text.
fn is_shown_otherwise(node: &NodeRef<'_>) -> bool {
    let name = node.node_name().unwrap_or_default();
    matches!(name.as_ref(), "img" | "input" | "textarea" | "select" | "svg" | "math" | "object" | "canvas" | "iframe")
}

/// Whether a cell holds no more than a figure or a label: few characters and no table.
fn is_short_cell(cell: &NodeRef<'_>) -> bool {
    cell.text().chars().filter(|c| !c.is_whitespace()).count() <= SHORT_CELL_CHARACTERS
        && !cell.descendants_it().any(|node| node.node_name().is_some_and(|name| name.as_ref() == "table"))
}

/// A span attribute; what is not a number counts as 1, as browsers do.
fn span(cell: &NodeRef<'_>, name: &str) -> usize {
    let Some(value) = cell.attr(name) else { return 1 };
    let digits: String = value.trim().chars().take_while(char::is_ascii_digit).collect();
    // More digits than fit mean "as far as the table goes".
    if digits.is_empty() { 1 } else { digits.parse().unwrap_or(usize::MAX) }
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

    fn pieces(html: &str) -> Vec<String> {
        let document = decode(html, &Config::embedded().expect("settings")).expect("page decodes");
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
        let config = Config::embedded().expect("settings");
        let deep = "<div>".repeat(200_000);
        assert_eq!(decode(&deep, &config).map_err(|problem| problem.cause), Err(Cause::Limit));
        let sly = "<x>".repeat(2_000);
        assert_eq!(decode(&sly, &config).map_err(|problem| problem.cause), Err(Cause::Limit));
        let attributes: String = (0..5_000).map(|at| format!(" a{at}=1")).collect();
        let crowded = format!("<p{attributes}>年报</p>");
        assert_eq!(decode(&crowded, &config).map_err(|problem| problem.cause), Err(Cause::Limit));
        let wide = "<table></table>".repeat(20_000);
        assert_eq!(decode(&wide, &config).map_err(|problem| problem.cause), Err(Cause::Limit));
    }
}
