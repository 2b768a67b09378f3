//! Pages to blocks: tables filled, what only belongs to the page left out, tables and paragraphs joined over pages.

use std::mem;

use super::super::UNKNOWN;
use super::super::blocks::{Block, Cell, Table};
use super::columns;
use super::grid::{Grid, Span, grids, joined};
use super::lines::{Line, lines};
use super::{Area, Glyph, Page};

/// Edges of two parts of a table differ by no more than this.
const NEAR: f64 = 4.0;

/// A picture smaller than this may be a figure, a larger one is none.
const SMALLEST_PICTURE: f64 = 40.0;

/// Rows that a table repeats on each page, at most.
const MAX_HEADER_ROWS: usize = 8;

/// What stands on a page, one below the other.
#[derive(Debug)]
enum Element {
    Line(Line),
    Table(PrintedTable),
    Picture(Area),
}

impl Element {
    fn line(&self) -> Option<&Line> {
        match self {
            Self::Line(line) => Some(line),
            Self::Table(_) | Self::Picture(_) => None,
        }
    }

    fn top(&self) -> f64 {
        match self {
            Self::Line(line) => line.top,
            Self::Table(table) => table.area.y0,
            Self::Picture(area) => area.y0,
        }
    }
}

/// A table, maybe of several pages.
#[derive(Debug)]
struct PrintedTable {
    area: Area,
    /// Where its columns begin and end.
    xs: Vec<f64>,
    n_rows: usize,
    cells: Vec<(Span, Vec<Block>)>,
    /// Rows at which a page begins.
    pages: Vec<usize>,
}

/// Lays pages out as blocks, a [`Block::Page`] before each.
pub(in super::super) fn lay_out(pages: Vec<Page>) -> Vec<Block> {
    let heights: Vec<f64> = pages.iter().map(|page| page.height).collect();
    let mut pages: Vec<Vec<Element>> = pages.into_iter().map(elements).collect();
    drop_furniture(&mut pages, &heights);
    drop_repeated_headers(&mut pages);
    let mut blocks = Vec::new();
    let mut flow = Flow::default();
    for elements in pages {
        flow.begin_page(&elements, &mut blocks);
        for element in elements {
            flow.push(element, &mut blocks);
        }
    }
    flow.end(&mut blocks);
    blocks
}

/// What stands on a page, from above.
fn elements(mut page: Page) -> Vec<Element> {
    page.upright();
    strike_out(&mut page);
    let mut grids: Vec<(Grid, Vec<Vec<Glyph>>)> =
        grids(&page.rules).into_iter().map(|grid| (grid.clone(), vec![Vec::new(); grid.cells.len()])).collect();
    part_figures(&mut page.glyphs, &grids);
    let mut rest = Vec::new();
    for glyph in mem::take(&mut page.glyphs) {
        let center = glyph.center();
        match grids.iter_mut().find_map(|(grid, contents)| Some((grid.cell_at(center)?, contents))) {
            Some((cell, contents)) => contents[cell].push(glyph),
            None => rest.push(glyph),
        }
    }
    let mut elements: Vec<Element> = Vec::new();
    let mut tables: Vec<PrintedTable> = Vec::new();
    // What is drawn may be a figure.
    let drawn: Vec<Area> = page.pictures.iter().chain(&page.drawings).filter(|area| is_small(area)).copied().collect();
    for (grid, contents) in grids {
        let mut texts: Vec<Vec<Line>> = contents.iter().cloned().map(lines).collect();
        for area in &drawn {
            if let Some(lines) = grid.cell_at(middle(area)).map(|cell| &mut texts[cell])
                && lines.iter().all(columns::are_figures)
            {
                lines.push(Line::unknown(area));
            }
        }
        if holds_rows(&texts) {
            // Its lines do not part its rows: they stand as they are laid out.
            rest.extend(contents.into_iter().flatten());
            continue;
        }
        // Smaller tables come first: those in this one's cells are known.
        let (inside, outside) = tables.into_iter().partition(|table| grid.area().holds(middle(&table.area)));
        tables = outside;
        tables.push(fill(&grid, texts, inside));
    }
    elements.extend(tables.into_iter().map(Element::Table));
    let mut lines = lines(rest);
    for area in &drawn {
        let (_, y) = middle(area);
        let line = lines.iter_mut().find(|line| (line.top..line.bottom).contains(&y) && columns::has_figures(line));
        if let Some(line) = line {
            line.words.extend(Line::unknown(area).words);
            line.words.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        }
    }
    elements.extend(lines.into_iter().map(Element::Line));
    elements.extend(page.pictures.iter().filter(|area| !is_small(area)).copied().map(Element::Picture));
    elements.sort_by(|a, b| a.top().total_cmp(&b.top()));
    elements
}

fn is_small(area: &Area) -> bool {
    area.height() < SMALLEST_PICTURE
}

fn middle(area: &Area) -> (f64, f64) {
    (f64::midpoint(area.x0, area.x1), f64::midpoint(area.y0, area.y1))
}

/// Takes struck figures for what cannot be known.
fn strike_out(page: &mut Page) {
    let rules = joined(&page.rules, false);
    for glyph in page.glyphs.iter_mut().filter(|glyph| glyph.turn == 0 && glyph.is_digit()) {
        let (x, _) = glyph.center();
        let is_struck = rules.iter().any(|rule| {
            let height = glyph.y - rule.at;
            (0.15 * glyph.size..0.55 * glyph.size).contains(&height) && (rule.from..=rule.to).contains(&x)
        });
        if is_struck {
            glyph.text = UNKNOWN.into();
        }
    }
}

/// Takes figures for unknown that run over a border: nobody knows which cell they belong to.
fn part_figures(glyphs: &mut [Glyph], grids: &[(Grid, Vec<Vec<Glyph>>)]) {
    let place = |glyph: &Glyph| {
        let center = glyph.center();
        grids.iter().enumerate().find_map(|(at, (grid, _))| Some((at, grid.cell_at(center)?)))
    };
    let mut order: Vec<usize> =
        (0..glyphs.len()).filter(|at| glyphs[*at].turn == 0 && glyphs[*at].is_digit()).collect();
    order.sort_by(|a, b| glyphs[*a].y.total_cmp(&glyphs[*b].y).then(glyphs[*a].x.total_cmp(&glyphs[*b].x)));
    let mut unknown = Vec::new();
    for pair in order.windows(2) {
        let (one, other) = (&glyphs[pair[0]], &glyphs[pair[1]]);
        let is_near = (one.y - other.y).abs() < 0.1 * one.size
            && (other.x - one.x - one.advance).abs() < 0.12 * one.size.min(other.size);
        if is_near && place(one) != place(other) {
            unknown.extend([pair[0], pair[1]]);
        }
    }
    for at in unknown {
        glyphs[at].text = UNKNOWN.into();
    }
}

/// Whether a cell holds several figures one below the other, as columns of tables without lines between rows do.
fn holds_rows(texts: &[Vec<Line>]) -> bool {
    let is_figure = |line: &Line| {
        line.words
            .iter()
            .all(|word| word.text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '/')))
    };
    let rows = |lines: &Vec<Line>| lines.iter().filter(|line| is_figure(line)).count();
    texts.iter().filter(|lines| rows(lines) > 1).count() > 1
}

fn fill(grid: &Grid, texts: Vec<Vec<Line>>, inside: Vec<PrintedTable>) -> PrintedTable {
    let mut contents: Vec<Vec<Element>> =
        texts.into_iter().map(|lines| lines.into_iter().map(Element::Line).collect()).collect();
    for table in inside {
        if let Some(cell) = grid.cell_at(middle(&table.area)) {
            contents[cell].push(Element::Table(table));
        }
    }
    let cells = grid.cells.iter().zip(contents).map(|(span, mut elements)| {
        elements.sort_by(|a, b| a.top().total_cmp(&b.top()));
        let mut blocks = Vec::new();
        let mut flow = Flow { body: body(&elements), ..Flow::default() };
        for element in elements {
            flow.push(element, &mut blocks);
        }
        flow.end(&mut blocks);
        (*span, blocks)
    });
    PrintedTable {
        area: grid.area(),
        xs: grid.xs.clone(),
        n_rows: grid.ys.len() - 1,
        cells: cells.collect(),
        pages: Vec::new(),
    }
}

impl PrintedTable {
    /// Takes in the part on the next page, if it is as wide.
    fn join(&mut self, mut part: Self) -> Result<(), Self> {
        let is_as_wide = (self.area.x0 - part.area.x0).abs() < NEAR && (self.area.x1 - part.area.x1).abs() < NEAR;
        if !is_as_wide {
            return Err(part);
        }
        let mut xs = [self.xs.as_slice(), &part.xs].concat();
        xs.sort_by(f64::total_cmp);
        xs.dedup_by(|next, first| *next - *first < NEAR);
        self.use_columns(&xs);
        part.use_columns(&xs);
        part.drop_rows(self.repeated_rows(&part));
        if self.is_row_split(&part) {
            self.take_rest_of_row(&mut part);
        }
        let first = self.n_rows;
        self.pages.push(first);
        for (mut span, blocks) in part.cells {
            span.row += first;
            if span.row == first && blocks.is_empty() && self.reaches_into(&span) {
                continue;
            }
            self.cells.push((span, blocks));
        }
        self.pages.extend(part.pages.iter().map(|row| row + first));
        self.n_rows += part.n_rows;
        Ok(())
    }

    /// Places the cells in these columns.
    fn use_columns(&mut self, xs: &[f64]) {
        let number = |x: f64| xs.partition_point(|column| *column < x - NEAR);
        for (span, _) in &mut self.cells {
            let (from, to) = (self.xs[span.column], self.xs[span.column + span.columns]);
            span.column = number(from);
            span.columns = number(to).saturating_sub(span.column).max(1);
        }
        self.xs = xs.to_vec();
    }

    /// How many rows at the head of a part are those at the head of this table.
    fn repeated_rows(&self, part: &Self) -> usize {
        let head = |table: &Self, n_rows: usize| -> Option<Vec<(Span, String)>> {
            let mut head = Vec::new();
            for (span, blocks) in table.cells.iter().filter(|(span, _)| span.row < n_rows) {
                if span.row + span.rows > n_rows {
                    return None;
                }
                head.push((*span, text(blocks)));
            }
            Some(head)
        };
        let is_label = |text: &str| !is_figure(text);
        (1..=MAX_HEADER_ROWS.min(part.n_rows.saturating_sub(1)))
            .rev()
            .find(|n_rows| {
                let (known, again) = (head(self, *n_rows), head(part, *n_rows));
                known.is_some()
                    && known == again
                    && again.iter().flatten().all(|(_, text)| text.is_empty() || is_label(text))
                    && again.iter().flatten().any(|(_, text)| is_label(text))
            })
            .unwrap_or(0)
    }

    fn drop_rows(&mut self, n_rows: usize) {
        self.cells.retain(|(span, _)| span.row >= n_rows);
        for (span, _) in &mut self.cells {
            span.row -= n_rows;
        }
        self.n_rows -= n_rows;
    }

    /// The cell above one at the head of the next page.
    fn cell_above(&mut self, below: &Span) -> Option<&mut (Span, Vec<Block>)> {
        let n_rows = self.n_rows;
        self.cells.iter_mut().find(|(span, _)| {
            span.row + span.rows == n_rows && span.column == below.column && span.columns == below.columns
        })
    }

    /// Whether the first row of the next page is the rest of the last one: it only goes on with what is said there.
    fn is_row_split(&mut self, part: &Self) -> bool {
        let mut is_shorter = false;
        let mut goes_on = false;
        for (below, blocks) in part.cells.iter().filter(|(span, _)| span.row == 0 && span.rows == 1) {
            let Some((_, above)) = self.cell_above(below) else { return false };
            let (above, rest) = (text(above), text(blocks));
            if !rest.is_empty() && (above.is_empty() || is_figure(&rest) || begins_item(&rest)) {
                return false;
            }
            is_shorter |= rest.is_empty() && !above.is_empty();
            goes_on |= !rest.is_empty();
        }
        is_shorter && goes_on
    }

    /// Adds the first row of the next page to the last one.
    fn take_rest_of_row(&mut self, part: &mut Self) {
        for (span, blocks) in mem::take(&mut part.cells) {
            match (span.row, span.rows) {
                (0, 1) => {
                    let Some((_, above)) = self.cell_above(&span) else { continue };
                    for block in blocks {
                        match (above.last_mut(), block) {
                            (Some(Block::Paragraph(text)), Block::Paragraph(rest)) => text.push_str(&rest),
                            (_, block) => above.push(block),
                        }
                    }
                }
                (0, rows) => part.cells.push((Span { rows: rows - 1, ..span }, blocks)),
                (row, _) => part.cells.push((Span { row: row - 1, ..span }, blocks)),
            }
        }
        part.n_rows -= 1;
    }

    /// Whether an empty cell at the head of the next page is the rest of a label that spans rows: then that grows.
    fn reaches_into(&mut self, below: &Span) -> bool {
        let above = self.cell_above(below);
        let Some((span, blocks)) = above else { return false };
        let is_label = !blocks.is_empty() && !is_figure(&text(blocks));
        if !is_label || span.rows == 1 && below.rows == 1 {
            return false;
        }
        span.rows += below.rows;
        true
    }

    fn block(self) -> Block {
        let mut rows = vec![Vec::new(); self.n_rows];
        for (span, blocks) in self.cells {
            rows[span.row].push(Cell { column: span.column, columns: span.columns, rows: span.rows, blocks });
        }
        for row in &mut rows {
            row.sort_by_key(|cell: &Cell| cell.column);
        }
        Block::Table(Table { rows, pages: self.pages })
    }
}

fn is_figure(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '/'))
}

/// Whether a text begins with the number of an item.
fn begins_item(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || "（(一二三四五六七八九十".contains(c));
    rest.len() < text.len() && rest.starts_with(['.', '．', '、', '）', ')'])
}

/// What stands in a cell, without white space.
fn text(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => text.extend(paragraph.chars().filter(|c| !c.is_whitespace())),
            Block::Picture | Block::Table(_) | Block::Page => text.push('\u{fffc}'),
        }
    }
    text
}

/// Leaves out what belongs to pages and not to the text: numbers of pages, running heads.
fn drop_furniture(pages: &mut [Vec<Element>], heights: &[f64]) {
    for is_head in [true, false] {
        // From the edge inwards, line by line.
        for _ in 0..3 {
            let edges: Vec<Option<Edge>> =
                pages.iter().zip(heights).map(|(page, height)| Edge::of(page, *height, is_head)).collect();
            let drop: Vec<bool> = (0..edges.len()).map(|at| is_furniture(&edges, at)).collect();
            for ((page, edge), _) in pages.iter_mut().zip(&edges).zip(&drop).filter(|(_, drop)| **drop) {
                if let Some(edge) = edge {
                    page.remove(edge.at);
                }
            }
            if !drop.contains(&true) {
                break;
            }
        }
    }
}

/// Leaves out the headers that tables without ruling lines repeat on each page.
fn drop_repeated_headers(pages: &mut [Vec<Element>]) {
    for at in 1..pages.len() {
        let (before, rest) = pages.split_at_mut(at);
        let Some(page) = rest.first_mut() else { break };
        let known: Vec<&Line> = before[at - 1].iter().filter_map(Element::line).collect();
        let head: Vec<&Line> = page.iter().map_while(Element::line).collect();
        let n_lines = columns::repeated_header(&known, &head);
        page.drain(..n_lines);
    }
}

/// The outermost line of a page.
struct Edge {
    at: usize,
    /// Its place, as a share of the height of the page.
    y: f64,
    /// Its text, each number as `#`.
    shape: String,
    /// The numbers in it.
    numbers: Vec<u32>,
}

impl Edge {
    fn of(page: &[Element], height: f64, is_head: bool) -> Option<Self> {
        let at = if is_head { 0 } else { page.len().checked_sub(1)? };
        let Element::Line(line) = page.get(at)? else { return None };
        let y = line.bottom / height;
        // Running heads and feet stand in the margins.
        if if is_head { y > 0.13 } else { y < 0.85 } {
            return None;
        }
        let text: String = line.text().chars().filter(|c| !c.is_whitespace()).collect();
        let mut shape = String::new();
        let mut numbers = Vec::new();
        for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
            let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
            if !digits.is_empty() {
                shape.push('#');
                numbers.push(digits.parse().unwrap_or(u32::MAX));
            }
            shape.push_str(&part[digits.len()..]);
        }
        Some(Self { at, y, shape, numbers })
    }

    /// Whether it is a number between dashes, which only pages have.
    fn is_marked_number(&self) -> bool {
        const DASHES: [char; 6] = ['-', '—', '–', '－', '─', '一'];
        let inner = self.shape.trim_matches(DASHES);
        inner == "#" && self.shape.starts_with(DASHES) && self.shape.ends_with(DASHES)
    }
}

fn is_furniture(edges: &[Option<Edge>], at: usize) -> bool {
    let Some(edge) = &edges[at] else { return false };
    if edge.is_marked_number() {
        return true;
    }
    // The same words in the same place, numbers counting pages.
    let is_alike = |(page, other): (usize, &Option<Edge>)| {
        let Some(other) = other else { return false };
        let steps = |one: u32, two: u32| i64::from(two) - i64::from(one);
        let distance = i64::try_from(page).unwrap_or(i64::MAX) - i64::try_from(at).unwrap_or(0);
        page != at
            && other.shape == edge.shape
            && (other.y - edge.y).abs() < 0.02
            && other.numbers.len() == edge.numbers.len()
            && edge.numbers.iter().zip(&other.numbers).all(|(one, two)| [0, distance].contains(&steps(*one, *two)))
            // A number alone must count.
            && (edge.shape != "#" || steps(edge.numbers[0], other.numbers[0]) == distance)
    };
    edges.iter().enumerate().any(is_alike)
}

/// Where the text of a page begins and ends in its lines.
#[derive(Clone, Copy, Debug, Default)]
struct Body {
    x0: f64,
    x1: f64,
    /// Height of the font of most of its text.
    size: f64,
}

fn body(elements: &[Element]) -> Body {
    let lines = || elements.iter().filter_map(Element::line);
    let mut sizes: Vec<(f64, usize)> =
        lines().map(|line| (line.size, line.words.iter().map(|word| word.text.len()).sum())).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut half = sizes.iter().map(|(_, length)| length).sum::<usize>() / 2;
    let size = sizes.iter().find(|(_, length)| {
        let is_middle = half < *length;
        half = half.saturating_sub(*length);
        is_middle
    });
    Body {
        x0: lines().map(|line| line.x0).fold(f64::MAX, f64::min),
        x1: lines().map(|line| line.x1).fold(0.0, f64::max),
        size: size.map_or(0.0, |(size, _)| *size),
    }
}

/// Blocks as they come, the last paragraph and the last table still open.
#[derive(Default)]
struct Flow {
    body: Body,
    /// The last line, with the end of the body it stood in.
    last: Option<(Line, f64)>,
    paragraph: String,
    table: Option<PrintedTable>,
    /// Pages that began while the table was open.
    n_pages: usize,
    /// Lines laid out in columns.
    columns: Vec<Line>,
}

impl Flow {
    fn begin_page(&mut self, elements: &[Element], blocks: &mut Vec<Block>) {
        self.end_columns(blocks);
        self.body = body(elements);
        if self.table.is_some() {
            self.n_pages += 1;
        } else if !self.paragraph.is_empty() {
            // A paragraph that goes on stands where it begins.
            self.n_pages += 1;
        } else {
            blocks.push(Block::Page);
        }
    }

    fn push(&mut self, element: Element, blocks: &mut Vec<Block>) {
        match element {
            Element::Line(line) => {
                self.end_table(blocks);
                self.line(line, blocks);
            }
            Element::Table(table) => {
                self.end_paragraph(blocks);
                let table = match (&mut self.table, self.n_pages) {
                    (Some(open), 1) => match open.join(table) {
                        Ok(()) => {
                            self.n_pages = 0;
                            return;
                        }
                        Err(table) => table,
                    },
                    _ => table,
                };
                self.end_table(blocks);
                self.table = Some(table);
            }
            Element::Picture(_) => {
                self.end_table(blocks);
                self.end_paragraph(blocks);
                blocks.push(Block::Picture);
            }
        }
    }

    fn end(&mut self, blocks: &mut Vec<Block>) {
        self.end_table(blocks);
        self.end_paragraph(blocks);
    }

    fn end_table(&mut self, blocks: &mut Vec<Block>) {
        if let Some(table) = self.table.take() {
            blocks.push(table.block());
            self.end_pages(blocks);
        }
    }

    fn end_pages(&mut self, blocks: &mut Vec<Block>) {
        blocks.extend((0..mem::take(&mut self.n_pages)).map(|_| Block::Page));
    }

    fn line(&mut self, line: Line, blocks: &mut Vec<Block>) {
        let width = self.body.x1 - self.body.x0;
        let is_beside = |other: &Line| (line.top - other.bottom).abs() < 1.2 * line.size;
        let is_short = line.x1 - line.x0 < 0.6 * width;
        if columns::is_laid_out(&line) || self.columns.last().is_some_and(is_beside) && is_short {
            // The head of a column may stand alone in the line above.
            let head = self.last.take_if(|(last, _)| {
                self.columns.is_empty()
                    && is_beside(last)
                    && last.x0 > self.body.x0 + 0.25 * width
                    && last.text() == self.paragraph
            });
            if let Some((head, _)) = head {
                self.paragraph.clear();
                self.columns.push(head);
            }
            self.end_paragraph_only(blocks);
            self.columns.push(line);
            return;
        }
        self.end_columns(blocks);
        let is_same = self.last.as_ref().is_some_and(|(last, end)| {
            let is_new_page = self.n_pages > 0;
            let is_near = line.top - last.bottom < 1.6 * line.size;
            let is_as_large = (line.size - last.size).abs() < 0.05 * line.size;
            let is_full = last.x1 > end - 2.5 * last.size && line.x0 < self.body.x0 + 0.8 * line.size;
            let is_title =
                is_near && line.size > 1.15 * self.body.size && self.is_centered(last) && self.is_centered(&line);
            // Two figures one below the other may be one that was broken, or two.
            let is_figures = columns::are_figures(last) || columns::are_figures(&line);
            !is_figures && is_as_large && (is_full && (is_new_page || is_near) || is_title && !is_new_page)
        });
        if !is_same {
            self.end_paragraph_only(blocks);
        }
        // A word of letters ends with its line; Chinese knows no space.
        if self.paragraph.ends_with(|c: char| c.is_ascii_alphabetic()) {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(&line.text());
        self.last = Some((line, self.body.x1));
    }

    fn is_centered(&self, line: &Line) -> bool {
        let (left, right) = (line.x0 - self.body.x0, self.body.x1 - line.x1);
        (left - right).abs() < 2.0 * line.size
    }

    fn end_paragraph(&mut self, blocks: &mut Vec<Block>) {
        self.end_columns(blocks);
        self.end_paragraph_only(blocks);
    }

    fn end_paragraph_only(&mut self, blocks: &mut Vec<Block>) {
        self.last = None;
        if !self.paragraph.is_empty() {
            blocks.push(Block::Paragraph(mem::take(&mut self.paragraph)));
            self.end_pages(blocks);
        }
    }

    /// Lines whose columns stand below one another.
    fn end_columns(&mut self, blocks: &mut Vec<Block>) {
        blocks.extend(columns::lay_out(&mem::take(&mut self.columns)).into_iter().map(Block::Paragraph));
    }
}
