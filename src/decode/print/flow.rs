//! Pages to blocks: tables filled, what only belongs to the page left out, tables and paragraphs joined over pages.

use std::mem;

use super::super::UNKNOWN;
use super::super::blocks::Block;
use super::broken;
use super::columns;
use super::furniture::{drop_furniture, drop_repeated_headers};
use super::grid::{Grid, grids, joined};
use super::lines::{Line, lines};
use super::table::{NEAR, PrintedTable, is_figure};
use super::{Area, Glyph, Page, Rule};

/// A picture smaller than this may be a figure, a larger one is none.
const SMALLEST_PICTURE: f64 = 40.0;

/// What stands on a page, one below the other.
#[derive(Debug)]
pub(super) enum Element {
    Line(Line),
    Table(PrintedTable),
    Picture(Area),
}

impl Element {
    pub(super) fn line(&self) -> Option<&Line> {
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
    let mut grids: Vec<(Grid, Vec<Vec<Glyph>>)> = grids(&page.rules)
        .into_iter()
        .map(|grid| {
            let contents = vec![Vec::new(); grid.cells.len()];
            (grid, contents)
        })
        .collect();
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
        let mut texts: Vec<Vec<Line>> = contents.iter().map(|glyphs| lines(glyphs)).collect();
        broken::join_figures(&grid, &mut texts);
        let strokes = page.rules.iter().filter_map(|rule| stroke(rule, &grid));
        for area in drawn.iter().copied().chain(strokes) {
            if let Some(lines) = grid.cell_at(area.middle()).map(|cell| &mut texts[cell])
                && lines.iter().all(columns::are_figures)
                && !lines.iter().any(|line| is_underline(&area, line))
            {
                lines.push(Line::unknown(&area));
            }
        }
        if holds_rows(&texts) {
            // Its lines do not part its rows: they stand as they are laid out.
            rest.extend(contents.into_iter().flatten());
            continue;
        }
        // Smaller tables come first: those in this one's cells are known.
        let (inside, outside) = tables.into_iter().partition(|table| grid.area().holds(table.area.middle()));
        tables = outside;
        tables.push(fill(&grid, texts, inside));
    }
    elements.extend(tables.into_iter().map(Element::Table));
    let mut lines = lines(&rest);
    for area in &drawn {
        let (_, y) = area.middle();
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

/// A short line inside a cell, which may be a sign: a minus, a dot, a slash. Lines near borders are their parts.
fn stroke(rule: &Rule, grid: &Grid) -> Option<Area> {
    const LONGEST: f64 = 20.0;
    let area = if rule.is_vertical {
        Area { x0: rule.at, x1: rule.at, y0: rule.from, y1: rule.to }
    } else {
        Area { x0: rule.from, x1: rule.to, y0: rule.at, y1: rule.at }
    };
    let (x, y) = area.middle();
    let is_apart = |lines: &[f64], at: f64| lines.iter().all(|line| (line - at).abs() > NEAR);
    let is_inside = is_apart(&grid.xs, x) && is_apart(&grid.ys, y);
    (rule.to - rule.from <= LONGEST && is_inside && grid.cell_at((x, y)).is_some()).then_some(area)
}

/// Whether what is drawn stands under the figures of a line.
fn is_underline(area: &Area, line: &Line) -> bool {
    let shared = area.x1.min(line.x1) - area.x0.max(line.x0);
    area.height() <= 1.5 && area.y0 > line.bottom - 0.2 * line.size && shared > 0.5 * area.width() && shared > 1.0
}

fn is_small(area: &Area) -> bool {
    area.height() < SMALLEST_PICTURE
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
    let is_figures = |line: &&Line| line.words.iter().all(|word| is_figure(&word.text));
    let rows = |lines: &Vec<Line>| lines.iter().filter(is_figures).count();
    texts.iter().filter(|lines| rows(lines) > 1).count() > 1
}

fn fill(grid: &Grid, texts: Vec<Vec<Line>>, inside: Vec<PrintedTable>) -> PrintedTable {
    let mut contents: Vec<Vec<Element>> =
        texts.into_iter().map(|lines| lines.into_iter().map(Element::Line).collect()).collect();
    for table in inside {
        if let Some(cell) = grid.cell_at(table.area.middle()) {
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
        if self.table.is_some() || !self.paragraph.is_empty() {
            // What goes on stands where it begins.
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
