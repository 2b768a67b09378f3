//! Charts as SVG: drawn by a chart library in colours of the page's style sheet, in both languages.
//!
//! The library knows fixed colours and one text at a place. Colours are drawn as stand-ins that become variables of the
//! style sheet, so that a chart follows a dark page; texts as keys that become the text in each language, escaped.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::words::{Pair, count, escaped, same};

/// Width of every chart: that of a narrow screen, so that its letters are never made smaller.
const WIDTH: u32 = 360;
/// Height of a chart with an axis of years.
const HEIGHT: u32 = 220;
/// Height of a bar with its label.
const BAR: u32 = 32;
/// More years than these are labelled upright, and lose the figures over their points.
const MOST_LABELS: usize = 8;
/// Size of letters, and of small ones, in the library's measure: a quarter more than pixels.
const LETTERS: f64 = 14.0;
const SMALL: f64 = 12.5;

/// A colour of the style sheet.
#[derive(Clone, Copy)]
enum Ink {
    Text,
    Muted,
    Grid,
    Series(u8),
}

impl Ink {
    /// The stand-in; no two are alike.
    fn color(self) -> RGBColor {
        match self {
            Self::Text => RGBColor(2, 0, 0),
            Self::Muted => RGBColor(2, 0, 1),
            Self::Grid => RGBColor(2, 0, 2),
            Self::Series(at) => RGBColor(2, 1, at),
        }
    }

    fn variable(self) -> String {
        match self {
            Self::Text => "var(--text)".to_owned(),
            Self::Muted => "var(--muted)".to_owned(),
            Self::Grid => "var(--line)".to_owned(),
            Self::Series(at) => format!("var(--series-{at})"),
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        [Self::Text, Self::Muted, Self::Grid].into_iter().chain((0..SERIES).map(Self::Series))
    }
}

/// Colours of series that the style sheet has.
const SERIES: u8 = 4;

/// A bar, or a column of a year: its label and what it is made of.
pub(super) struct Stack {
    pub(super) label: Pair,
    pub(super) parts: Vec<u64>,
}

impl Stack {
    fn total(&self) -> u64 {
        self.parts.iter().sum()
    }
}

/// A point of a trend: its year and place in its chart, quartiles, and of how many reports.
pub(super) struct Point {
    pub(super) year: i32,
    pub(super) low: f64,
    pub(super) middle: f64,
    pub(super) high: f64,
    pub(super) n: u64,
}

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The texts of a chart by their keys.
#[derive(Default)]
struct Texts(Vec<Pair>);

impl Texts {
    fn key(&mut self, text: Pair) -> String {
        self.0.push(text);
        // The marks stand nowhere else in what the library writes.
        format!("@{}@", self.0.len() - 1)
    }
}

/// Draws a chart and puts colours and texts in the place of their stand-ins.
fn draw(height: u32, drawing: impl FnOnce(&Area<'_>, &mut Texts) -> Drawn) -> String {
    let mut texts = Texts::default();
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        drawing(&area, &mut texts).and_then(|()| area.present()).expect("a drawing in memory meets no fault");
    }
    for ink in Ink::all() {
        let RGBColor(red, green, blue) = ink.color();
        svg = svg.replace(&format!("#{red:02X}{green:02X}{blue:02X}"), &ink.variable());
    }
    // Whitespace beside a text would move it, and what is the default need not be said.
    svg = svg.replace(">\n@", ">@").replace("@\n<", "@<").replace(" opacity=\"1\"", "");
    for (at, text) in texts.0.iter().enumerate() {
        svg = svg.replacen(&format!("@{at}@"), &both(text), 1);
    }
    let body = svg.find('>').map_or("", |end| &svg[end + 1..]);
    format!("viewBox=\"0 0 {WIDTH} {height}\">{body}")
}

/// A text of a drawing in both languages.
fn both(text: &Pair) -> String {
    let (chinese, english) = (escaped(&text.chinese), escaped(&text.english));
    if chinese == english {
        return chinese;
    }
    format!("<tspan class=\"z\">{chinese}</tspan><tspan class=\"e\" lang=\"en\">{english}</tspan>")
}

fn letters(size: f64, ink: Ink, x: HPos, y: VPos) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&ink.color()).pos(Pos::new(x, y))
}

fn write(area: &Area<'_>, text: String, at: (i32, i32), style: TextStyle<'static>) -> Drawn {
    area.draw(&Text::new(text, at, style))
}

/// Horizontal bars, one below the other, each with its label and its sum above it.
pub(super) fn bars(stacks: &[Stack]) -> String {
    let most = stacks.iter().map(Stack::total).max().unwrap_or(0).max(1);
    let n = u32::try_from(stacks.len()).unwrap_or(0).max(1);
    draw(n * BAR, |area, texts| {
        let rows = i32::try_from(n).unwrap_or(1);
        let mut chart = ChartBuilder::on(area).build_cartesian_2d(0..most, 0..rows * 32)?;
        for (row, stack) in (0..).zip(stacks) {
            let top = rows * 32 - row * 32;
            let mut start = 0;
            for (series, part) in (0..).zip(&stack.parts) {
                let bar =
                    Rectangle::new([(start, top - 17), (start + part, top - 26)], Ink::Series(series).color().filled());
                chart.draw_series([bar])?;
                start += part;
            }
            let (_, y) = chart.backend_coord(&(0, top - 2));
            let label = letters(LETTERS, Ink::Text, HPos::Left, VPos::Top);
            write(area, texts.key(stack.label.clone()), (0, y), label)?;
            let sum = letters(LETTERS, Ink::Muted, HPos::Right, VPos::Top);
            write(area, texts.key(same(&count(stack.total()))), (i32::try_from(WIDTH).unwrap_or(0), y), sum)?;
        }
        Ok(())
    })
}

/// Columns by year, each with its sum above it.
pub(super) fn columns(stacks: &[Stack]) -> String {
    let most = stacks.iter().map(Stack::total).max().unwrap_or(0).max(1);
    let is_upright = stacks.len() > MOST_LABELS;
    let n = i32::try_from(stacks.len()).unwrap_or(0).max(1);
    draw(HEIGHT, |area, texts| {
        let mut chart = ChartBuilder::on(area)
            .margin_top(if is_upright { 44 } else { 20 })
            .x_label_area_size(if is_upright { 36 } else { 20 })
            .build_cartesian_2d(0..n * 10, 0..most)?;
        chart.draw_series([PathElement::new([(0, 0), (n * 10, 0)], Ink::Grid.color())])?;
        for (at, stack) in (0..).zip(stacks) {
            let mut start = 0;
            for (series, part) in (0..).zip(&stack.parts) {
                let ink = Ink::Series(series).color().filled();
                chart.draw_series([Rectangle::new([(at * 10 + 2, start), (at * 10 + 8, start + part)], ink)])?;
                start += part;
            }
            let (x, y) = chart.backend_coord(&(at * 10 + 5, start));
            let (_, bottom) = chart.backend_coord(&(0, 0));
            label(area, texts.key(same(&count(stack.total()))), (x, y - 4), is_upright, false)?;
            label(area, texts.key(stack.label.clone()), (x, bottom + 5), is_upright, true)?;
        }
        Ok(())
    })
}

/// Writes a label at a point of the axis: below it, or above.
fn label(area: &Area<'_>, text: String, (x, y): (i32, i32), is_upright: bool, is_below: bool) -> Drawn {
    let size = if is_upright { SMALL } else { LETTERS };
    let ink = if is_below { Ink::Text } else { Ink::Muted };
    let style = match (is_upright, is_below) {
        (false, true) => letters(size, ink, HPos::Center, VPos::Top),
        (false, false) => letters(size, ink, HPos::Center, VPos::Bottom),
        (true, true) => letters(size, ink, HPos::Right, VPos::Center).transform(FontTransform::Rotate270),
        (true, false) => letters(size, ink, HPos::Left, VPos::Center).transform(FontTransform::Rotate270),
    };
    write(area, text, (x, y), style)
}

/// The median over the years, the middle half around it, and under each year the number of reports.
pub(super) fn trend(points: &[Point]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return draw(1, |_, _| Ok(())) };
    let n_years = usize::try_from(last.year.abs_diff(first.year)).unwrap_or(0) + 1;
    let is_upright = n_years > MOST_LABELS;
    let top = scale(points.iter().map(|point| point.high).fold(0.0, f64::max));
    draw(HEIGHT, |area, texts| {
        let years = f64::from(first.year) - 0.5..f64::from(last.year) + 0.5;
        let mut chart = ChartBuilder::on(area)
            .margin_top(18)
            .margin_right(4)
            .x_label_area_size(if is_upright { 74 } else { 40 })
            .y_label_area_size(38)
            .build_cartesian_2d(years, 0.0..top)?;
        for quarter in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let y = top * quarter;
            let line = [(f64::from(first.year) - 0.5, y), (f64::from(last.year) + 0.5, y)];
            chart.draw_series([PathElement::new(line, Ink::Grid.color())])?;
            let (x, y_at) = chart.backend_coord(&line[0]);
            let style = letters(SMALL, Ink::Muted, HPos::Right, VPos::Center);
            write(area, texts.key(same(&per_cent(y))), (x - 5, y_at), style)?;
        }
        let line = Ink::Series(0).color();
        for run in points.chunk_by(|one, two| two.year == one.year + 1) {
            let at = |point: &Point, value: f64| (f64::from(point.year), value);
            let under = run.iter().map(|point| at(point, point.low));
            let over = run.iter().rev().map(|point| at(point, point.high));
            match run {
                [alone] => {
                    let whisker = [at(alone, alone.low), at(alone, alone.high)];
                    let style = line.mix(0.25).stroke_width(8);
                    chart.draw_series([PathElement::new(whisker, style)])?;
                }
                _ => {
                    let band: Vec<_> = under.chain(over).collect();
                    chart.draw_series([Polygon::new(band, line.mix(0.16))])?;
                    let middle: Vec<_> = run.iter().map(|point| at(point, point.middle)).collect();
                    chart.draw_series([PathElement::new(middle, line.stroke_width(2))])?;
                }
            }
        }
        for point in points {
            let at = (f64::from(point.year), point.middle);
            chart.draw_series([Circle::new(at, 3, line.filled())])?;
            let (x, y) = chart.backend_coord(&at);
            if !is_upright {
                let style = letters(SMALL, Ink::Text, HPos::Center, VPos::Bottom);
                write(area, texts.key(same(&per_cent(point.middle))), (x, y - 6), style)?;
            }
            let (_, bottom) = chart.backend_coord(&(at.0, 0.0));
            let n = format!("N={}", count(point.n));
            if is_upright {
                label(area, texts.key(same(&format!("{} {n}", point.year))), (x, bottom + 5), true, true)?;
            } else {
                label(area, texts.key(same(&point.year.to_string())), (x, bottom + 5), false, true)?;
                let style = letters(SMALL, Ink::Muted, HPos::Center, VPos::Top);
                write(area, texts.key(same(&n)), (x, bottom + 22), style)?;
            }
        }
        Ok(())
    })
}

/// The end of an axis that holds a value: a round number above it.
fn scale(most: f64) -> f64 {
    let steps = [0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0, 4.0, 8.0, 20.0, 40.0];
    // Beyond these the axis ends at the value itself.
    steps.into_iter().find(|step| most <= *step).unwrap_or(most)
}

/// A ratio in per cent.
pub(super) fn per_cent(ratio: f64) -> String {
    // One decimal tells points apart; a zero behind it says nothing.
    let text = format!("{:.1}", ratio * 100.0);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_no_colour_of_its_own_and_escapes_its_texts() {
        let stack = Stack { label: super::super::words::pair("市<script>&", "city"), parts: vec![3, 1] };
        for svg in [bars(std::slice::from_ref(&stack)), columns(std::slice::from_ref(&stack))] {
            assert!(svg.contains("var(--series-1)") && svg.contains("var(--muted)"), "{svg}");
            assert!(!svg.contains('#') && !svg.contains('@'), "{svg}");
            assert!(svg.contains("<tspan class=\"z\">市&lt;script&gt;&amp;</tspan>"), "{svg}");
        }
    }

    #[test]
    fn every_point_says_its_number_of_reports() {
        let point = |year, n| Point { year, low: 0.1, middle: 0.25, high: 0.5, n };
        let svg = trend(&[point(2019, 1_234), point(2021, 7), point(2022, 8)]);
        for text in ["N=1,234", "N=7", "N=8", "2019", "25%", ">60%<"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        let many: Vec<Point> = (2008..2026).map(|year| point(year, 9)).collect();
        assert!(trend(&many).contains("2025 N=9"));
    }

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!(scale(0.0), 0.02);
        assert_eq!(scale(0.55), 0.6);
        assert_eq!(scale(99.0), 99.0);
        assert_eq!(per_cent(0.125), "12.5%");
        assert_eq!(per_cent(1.0), "100%");
        assert_eq!(per_cent(0.6 * 0.75), "45%");
    }
}
