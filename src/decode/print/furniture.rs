//! What belongs to pages and not to the text: numbers of pages, running heads, headers that tables repeat.

use super::columns;
use super::flow::Element;
use super::lines::Line;

/// Leaves out what belongs to pages and not to the text: numbers of pages, running heads.
pub(super) fn drop_furniture(pages: &mut [Vec<Element>], heights: &[f64]) {
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
pub(super) fn drop_repeated_headers(pages: &mut [Vec<Element>]) {
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
