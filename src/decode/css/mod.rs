//! What style sheets and styles of a page do to its text: hide it, part it from its neighbours, or show it otherwise
//! than it reads.
//!
//! Only that is asked, of the few properties that can do it. Selectors of tags, classes, identifiers, ancestors and
//! parents are matched as browsers do; where a rule cannot be decided (other selectors, most media queries) and would
//! change what is seen, the text is in doubt, and its figures are not read.

#[cfg(test)]
mod tests;
mod text;
mod value;

use std::cell::Cell;
use std::collections::HashMap;

use dom_query::{Document as Tree, NodeRef};

use text::{block_end, position_of, split_outside, unescape, without_comments, without_nested};
pub(super) use value::{Colour, colour_of};
use value::{Declaration, PROPERTIES, Property, Size, Value, declarations, length, pixels};

/// Comparisons of an element with a part of a selector: far more than any page of a public body takes.
const MAX_STEPS: usize = 20_000_000;

/// Rules in one another, as media queries are.
const MAX_DEPTH: usize = 8;

/// How much of a text is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sight {
    Shown,
    /// Nobody sees it.
    Hidden,
    /// What is seen is not what it says, or nobody can tell.
    Odd,
}

/// What holds for an element and what it hands down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// It takes no place.
    pub(super) is_gone: bool,
    /// It stands apart from what is beside it: raised, struck out, a block.
    pub(super) is_apart: bool,
    /// A style sheet puts something before or behind its text.
    pub(super) is_added_to: bool,
    is_invisible: bool,
    size: Size,
    colour: Colour,
    ground: Colour,
    is_odd: bool,
}

impl Default for Look {
    fn default() -> Self {
        let (colour, ground) = (Colour::Known([0; 3]), Colour::Known([255; 3]));
        Self {
            is_gone: false,
            is_added_to: false,
            is_apart: false,
            is_invisible: false,
            size: Size::Plain,
            colour,
            ground,
            is_odd: false,
        }
    }
}

impl Look {
    /// How much of the text right inside is seen.
    pub(super) fn sight(&self) -> Sight {
        match () {
            () if self.is_gone || self.is_invisible || self.size == Size::Zero => Sight::Hidden,
            () if self.is_odd || self.size == Size::Tiny || self.colour.is_lost_on(self.ground) => Sight::Odd,
            () => Sight::Shown,
        }
    }
}

/// A part of a selector that speaks of one element.
#[derive(Debug, Default)]
struct Compound {
    tag: Option<String>,
    ids: Vec<String>,
    classes: Vec<String>,
    /// The element must be the parent of the next, not only around it.
    is_parent: bool,
}

#[derive(Debug)]
struct Rule {
    /// From the element outwards.
    compounds: Vec<Compound>,
    /// Whether matching it is all there is to it.
    is_certain: bool,
    /// It speaks of what is put before or behind the element.
    is_beside: bool,
    specificity: (usize, usize, usize),
    declarations: Vec<Declaration>,
}

/// The style sheets of a page.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    rules: Vec<Rule>,
    /// Numbers of the rules by the identifier, class or tag of their element, in lower case: `#a`, `.a`, `a`.
    by_key: HashMap<String, Vec<usize>>,
    /// Those that have none.
    others: Vec<usize>,
    n_steps: Cell<usize>,
}

impl Sheets {
    /// Reads the style sheets in a page.
    pub(super) fn read(tree: &Tree) -> Self {
        let mut sheets = Self::default();
        let is_style = |node: &NodeRef<'_>| node.has_name("style");
        for node in tree.root().descendants_it().filter(is_style) {
            if node.ancestors_it(None).any(|around| around.has_name("noscript") || around.has_name("template")) {
                continue;
            }
            let media = node.attr("media").unwrap_or_default();
            if let Some(is_certain) = media_holds(&media) {
                let text = without_comments(&node.text());
                sheets.rules_of(&text, is_certain, 0);
            }
        }
        sheets
    }

    /// Whether the sheets were too many to be matched: what is seen is not known.
    pub(super) fn is_exhausted(&self) -> bool {
        self.n_steps.get() > MAX_STEPS
    }

    fn rules_of(&mut self, text: &str, is_certain: bool, depth: usize) {
        let mut rest = text;
        while let Some(at) = position_of(rest, &['{', ';', '}']) {
            let (prelude, after) = (rest[..at].trim(), &rest[at + 1..]);
            if !rest[at..].starts_with('{') {
                rest = after;
                continue;
            }
            let end = block_end(after);
            let body = &after[..end];
            rest = after.get(end + 1..).unwrap_or_default();
            if let Some(rule) = prelude.strip_prefix('@') {
                let (name, query) =
                    rule.split_at(rule.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(rule.len()));
                let holds = match name.to_ascii_lowercase().as_str() {
                    "media" => media_holds(query),
                    "keyframes" | "-webkit-keyframes" | "-moz-keyframes" | "-o-keyframes" | "font-face" | "page"
                    | "counter-style" | "property" => None,
                    _ => Some(false),
                };
                if let Some(holds) = holds {
                    self.nested(body, is_certain && holds, depth);
                }
                continue;
            }
            let declarations = declarations(&without_nested(body));
            if !declarations.is_empty() {
                let selectors = unescape(prelude.trim_start_matches("<!--").trim_start_matches("-->").trim_start());
                for selector in split_outside(&selectors, ',') {
                    self.add(selector, is_certain, &declarations);
                }
            }
            if body.contains('{') {
                self.nested(body, false, depth);
            }
        }
    }

    fn nested(&mut self, body: &str, is_certain: bool, depth: usize) {
        if depth < MAX_DEPTH {
            self.rules_of(body, is_certain, depth + 1);
        } else {
            self.n_steps.set(MAX_STEPS + 1);
        }
    }

    fn add(&mut self, selector: &str, is_certain: bool, declarations: &[Declaration]) {
        let Some(selector) = Selector::read(selector) else { return };
        // A rule for what is beside an element counts only for what it puts there.
        let is_content = |declaration: &Declaration| declaration.property == Property::Content;
        let declarations: Vec<Declaration> =
            declarations.iter().filter(|declaration| is_content(declaration) == selector.is_beside).copied().collect();
        let Some(last) = selector.compounds.first().filter(|_| !declarations.is_empty()) else { return };
        let key = match (last.ids.first(), last.classes.first(), &last.tag) {
            (Some(id), ..) => Some(format!("#{}", id.to_ascii_lowercase())),
            (None, Some(class), _) => Some(format!(".{}", class.to_ascii_lowercase())),
            (None, None, tag) => tag.clone(),
        };
        match key {
            Some(key) => self.by_key.entry(key).or_default().push(self.rules.len()),
            None => self.others.push(self.rules.len()),
        }
        self.rules.push(Rule {
            specificity: selector.specificity(),
            is_certain: is_certain && selector.is_certain,
            is_beside: selector.is_beside,
            compounds: selector.compounds,
            declarations,
        });
    }

    /// The look of an element inside another; `in_cell` where its text is that of a cell.
    pub(super) fn look(&self, node: &NodeRef<'_>, name: &str, around: &Look, in_cell: bool) -> Look {
        if self.is_exhausted() {
            return *around;
        }
        let mut said = Said::default();
        let mut is_beside = false;
        if !self.rules.is_empty() {
            let matched = |at: &usize, said: &mut Said, is_beside: &mut bool| {
                let rule = &self.rules[*at];
                let Some(is_match) = self.matches(rule, node) else { return };
                *is_beside |= rule.is_beside;
                let is_certain = is_match && rule.is_certain;
                for declaration in &rule.declarations {
                    let rank = Rank(declaration.is_important, false, rule.specificity, *at);
                    said.hear(*declaration, rank, is_certain);
                }
            };
            let mut key = String::new();
            let mut look_up = |prefix: &str, name: &str, said: &mut Said| {
                key.clear();
                key.push_str(prefix);
                key.push_str(name);
                key.make_ascii_lowercase();
                self.n_steps.set(self.n_steps.get() + 1);
                self.by_key.get(&key).into_iter().flatten().for_each(|at| matched(at, said, &mut is_beside));
            };
            look_up("", name, &mut said);
            if let Some(id) = node.id_attr() {
                look_up("#", id.trim(), &mut said);
            }
            if let Some(classes) = node.class() {
                for class in classes.split_ascii_whitespace() {
                    look_up(".", class, &mut said);
                }
            }
            self.others.iter().for_each(|at| matched(at, &mut said, &mut is_beside));
        }
        if let Some(style) = node.attr("style") {
            for (at, declaration) in declarations(&without_comments(&style)).into_iter().enumerate() {
                said.hear(declaration, Rank(declaration.is_important, true, (0, 0, 0), at), true);
            }
        }
        attributes(node, name, &mut said);
        // Each doubt is looked into.
        self.n_steps.set(self.n_steps.get() + 100 * said.doubts.len());
        let mut look = said.look(name, around, in_cell);
        look.is_gone |= node.has_attr("hidden");
        look.is_added_to = is_beside;
        look
    }

    /// Whether a rule is one for this element: `None` when not, `Some(false)` when nobody can tell.
    fn matches(&self, rule: &Rule, node: &NodeRef<'_>) -> Option<bool> {
        let mut compounds = rule.compounds.iter();
        let mut is_certain = compounds.next()?.fits(node, &self.n_steps)?;
        if self.is_exhausted() {
            return None;
        }
        let (mut at, mut n_descents) = (node.parent(), 0);
        for compound in compounds {
            n_descents += usize::from(!compound.is_parent);
            loop {
                match (at, at.and_then(|at| compound.fits(&at, &self.n_steps))) {
                    (Some(around), Some(fits)) => {
                        is_certain &= fits;
                        at = around.parent();
                        break;
                    }
                    // The nearest that fits was taken for an ancestor: another might have the parent that is asked for.
                    (None, _) if n_descents > 0 && rule.compounds.iter().any(|of| of.is_parent) => return Some(false),
                    (None, _) => return None,
                    (Some(_), None) if compound.is_parent && n_descents > 0 => return Some(false),
                    (Some(_), None) if compound.is_parent => return None,
                    (Some(around), None) => at = around.parent(),
                }
            }
        }
        Some(is_certain)
    }
}

impl Compound {
    /// Whether an element is meant: `None` when not, `Some(false)` when only letters of another case speak against it,
    /// which old pages overlook.
    fn fits(&self, node: &NodeRef<'_>, n_steps: &Cell<usize>) -> Option<bool> {
        n_steps.set(n_steps.get() + 1);
        if !node.is_element() {
            return None;
        }
        if let Some(tag) = &self.tag
            && !node.has_name(tag)
        {
            return None;
        }
        let mut is_certain = true;
        let mut compare = |one: &str, two: &str| {
            let is_like = one.eq_ignore_ascii_case(two);
            is_certain &= !is_like || one == two;
            is_like
        };
        if !self.ids.is_empty() {
            let id = node.id_attr()?;
            if !self.ids.iter().all(|wanted| compare(wanted, id.trim())) {
                return None;
            }
        }
        if !self.classes.is_empty() {
            let classes = node.class()?;
            n_steps.set(n_steps.get() + self.classes.len() * classes.len() / 32);
            if !self.classes.iter().all(|wanted| classes.split_ascii_whitespace().any(|class| compare(wanted, class))) {
                return None;
            }
        }
        Some(is_certain)
    }
}

struct Selector {
    compounds: Vec<Compound>,
    is_certain: bool,
    is_beside: bool,
}

impl Selector {
    /// Reads a selector; `None` for one that no text at rest fits.
    fn read(text: &str) -> Option<Self> {
        let mut selector = Self { compounds: vec![Compound::default()], is_certain: true, is_beside: false };
        let text = text.trim();
        let name_end = |from: usize| {
            let is_end = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
            text[from..].find(is_end).map_or(text.len(), |at| from + at)
        };
        let mut next = 0;
        for (at, c) in text.char_indices() {
            if at < next {
                continue;
            }
            let compound = selector.compounds.last_mut()?;
            match c {
                '.' | '#' => {
                    next = name_end(at + 1);
                    let name = text[at + 1..next].to_owned();
                    if c == '.' { compound.classes.push(name) } else { compound.ids.push(name) }
                }
                '*' => {}
                '[' | '(' => {
                    selector.is_certain = false;
                    let close = if c == '[' { ']' } else { ')' };
                    next = text[at..].find(close).map_or(text.len(), |end| at + end + 1);
                }
                ':' => {
                    let from = if text[at + 1..].starts_with(':') { at + 2 } else { at + 1 };
                    next = name_end(from);
                    match text[from..next].to_ascii_lowercase().as_str() {
                        "hover" | "active" | "focus" | "focus-within" | "focus-visible" | "target" | "selection"
                        | "placeholder" | "marker" | "backdrop" => return None,
                        other if other.starts_with("-webkit-") || other.starts_with("-moz-") => return None,
                        "before" | "after" => selector.is_beside = true,
                        "link" => {}
                        _ => selector.is_certain = false,
                    }
                }
                '>' | '+' | '~' | ' ' | '\t' | '\n' | '\r' | '\u{c}' => {
                    let is_mark = |c: char| c.is_whitespace() || matches!(c, '>' | '+' | '~');
                    next = text[at..].find(|c| !is_mark(c)).map_or(text.len(), |end| at + end);
                    let marks = &text[at..next];
                    if marks.contains(['+', '~']) {
                        // What stands beside is not looked at.
                        selector.is_certain = false;
                        selector.compounds = vec![Compound::default()];
                    } else {
                        compound.is_parent = marks.contains('>');
                        selector.compounds.push(Compound::default());
                    }
                }
                _ => {
                    next = name_end(at).max(at + c.len_utf8());
                    compound.tag = Some(text[at..next].to_ascii_lowercase());
                }
            }
        }
        selector.compounds.reverse();
        Some(selector)
    }

    fn specificity(&self) -> (usize, usize, usize) {
        let sum = |count: &dyn Fn(&Compound) -> usize| self.compounds.iter().map(count).sum();
        let tags = sum(&|compound| usize::from(compound.tag.is_some()));
        (sum(&|compound| compound.ids.len()), sum(&|compound| compound.classes.len()), tags)
    }
}

/// What weighs a declaration: its importance, whether it stands in the element, its selector, its order.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Rank(bool, bool, (usize, usize, usize), usize);

/// What is said of an element: for each property what counts, and what might count instead.
#[derive(Default)]
struct Said {
    counts: [Option<(Rank, Value)>; PROPERTIES],
    doubts: Vec<(Property, Rank, Value)>,
}

impl Said {
    fn hear(&mut self, declaration: Declaration, rank: Rank, is_certain: bool) {
        let Declaration { property, value, .. } = declaration;
        if !is_certain {
            self.doubts.push((property, rank, value));
            return;
        }
        let counts = &mut self.counts[property as usize];
        if counts.is_none_or(|(known, _)| known <= rank) {
            *counts = Some((rank, value));
        }
    }

    /// An attribute of old that any declaration overrules.
    fn presume(&mut self, property: Property, value: Value) {
        self.counts[property as usize].get_or_insert((Rank(false, false, (0, 0, 0), 0), value));
    }

    fn value(&self, property: Property) -> Value {
        self.counts[property as usize].map_or(Value::Plain, |(_, value)| value)
    }

    fn look(&self, name: &str, around: &Look, in_cell: bool) -> Look {
        let mut look = self.resolve(name, around, in_cell);
        for (property, rank, value) in &self.doubts {
            let counts = self.counts[*property as usize];
            if counts.is_some_and(|(known, counts)| known > *rank || counts == *value) {
                continue;
            }
            let mut other = Self { counts: self.counts, doubts: Vec::new() };
            other.counts[*property as usize] = Some((*rank, *value));
            let other = other.resolve(name, around, in_cell);
            let is_same = (look.sight(), look.is_gone) == (other.sight(), other.is_gone);
            if !is_same || other.is_odd {
                // Neither to be read nor to be passed over.
                look = Look { is_gone: false, is_invisible: false, size: Size::Plain, is_odd: true, ..look };
            }
            look.is_apart |= other.is_apart;
        }
        look
    }

    fn resolve(&self, name: &str, around: &Look, in_cell: bool) -> Look {
        let is = |property, value| self.value(property) == value;
        let is_cell = matches!(name, "td" | "th" | "tr" | "tbody" | "table");
        let mut look = Look { is_apart: false, is_added_to: false, ..*around };
        look.is_gone |= is(Property::Display, Value::Hides) || is(Property::Opacity, Value::Hides);
        match self.value(Property::Visibility) {
            Value::Hides => look.is_invisible = true,
            Value::Plain if self.counts[Property::Visibility as usize].is_some() => look.is_invisible = false,
            _ => {}
        }
        if let Value::Size(size) = self.value(Property::Size) {
            look.size = size;
        }
        if let Value::Colour(colour) = self.value(Property::Colour) {
            look.colour = colour;
        }
        if let Value::Colour(ground) = self.value(Property::Ground)
            && ground != Colour::Transparent
        {
            look.ground = ground;
        }
        let apart = [Property::Display, Property::Raised, Property::Struck, Property::Float];
        look.is_apart |= apart.iter().any(|property| is(*property, Value::Apart));
        let (position, offset) = (self.value(Property::Position), self.value(Property::Offset));
        look.is_apart |= position != Value::Plain && offset == Value::Moves;
        let is_small = is(Property::Extent, Value::Odd);
        let is_cut = is(Property::Overflow, Value::Hides) && !is_cell;
        look.is_odd |= position == Value::Odd && in_cell && !is_cell
            || position != Value::Plain && offset == Value::Odd
            || is(Property::Indent, Value::Odd)
            || is(Property::Indent, Value::Hides) && in_cell && !is_cell
            || is_cut && (is_small || in_cell && is(Property::Extent, Value::Moves))
            || is(Property::Direction, Value::Odd)
            || is(Property::Other, Value::Odd);
        look
    }
}

/// What attributes say that are no styles.
fn attributes(node: &NodeRef<'_>, name: &str, said: &mut Said) {
    if node.attr("dir").is_some_and(|dir| dir.trim().eq_ignore_ascii_case("rtl")) {
        said.presume(Property::Direction, Value::Odd);
    }
    let colour = match name {
        "font" => node.attr("color"),
        "body" => node.attr("text"),
        _ => None,
    };
    if let Some(colour) = colour {
        said.presume(Property::Colour, Value::Colour(colour_of(&colour.trim().to_ascii_lowercase())));
    }
    if matches!(name, "table" | "tr" | "td" | "th" | "body" | "tbody" | "thead") {
        if let Some(ground) = node.attr("bgcolor") {
            said.presume(Property::Ground, Value::Colour(colour_of(&ground.trim().to_ascii_lowercase())));
        }
        if node.has_attr("background") {
            said.presume(Property::Ground, Value::Colour(Colour::Other));
        }
    }
}

/// Whether a media query holds for a page as a screen shows it: `None` when not, `Some(false)` when nobody can tell.
fn media_holds(query: &str) -> Option<bool> {
    let query: String = query.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let width = |name: &str| {
        let after = query.split_once(name)?.1.trim_start();
        let value = after.strip_prefix(':')?.trim_start().split(')').next()?;
        length(value.trim()).map(|(number, unit)| pixels(number, unit))
    };
    if query.contains([',', '<', '=']) || query.starts_with("not ") {
        return Some(false);
    }
    match query.as_str() {
        "" | "all" | "screen" => return Some(true),
        "print" | "speech" | "aural" | "handheld" => return None,
        _ => {}
    }
    // Screens of computers are wider than this, and narrower than that.
    if width("max-width").is_some_and(|most| most <= 1_100.0) || width("min-width").is_some_and(|least| least > 8_000.0)
    {
        return None;
    }
    let is_simple = query.matches('(').count() == 1 && !query.contains("not");
    Some(is_simple && width("min-width").is_some_and(|least| least <= 1_280.0))
}
