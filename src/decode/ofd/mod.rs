//! OFD files (GB/T 33190-2016): a zip package of XML parts that say what is drawn where, as pages that the module
//! `print` turns into text and tables.
//!
//! Only what can be seen is read, as in PDF. Seals lie over the page and are no part of it: signatures are not
//! opened, nor are attachments. What a watermark or a note says is no data.

mod draw;
mod glyphs;
mod path;
mod resources;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use std::collections::BTreeMap;

use hayro_interpret::kurbo::{Rect, Size};

use self::draw::{Budget, Painter};
use self::glyphs::Glyphs;
use self::resources::Resources;
use self::tree::{Element, parse, rectangle};
use super::blocks::{self, Block};
use super::office::{beside, stranger};
use super::print::{self, Canvas, Sums};
use crate::archive::{Package, corrupt};
use crate::config::Limits;
use crate::model::document::Document;
use crate::model::verdict::{Blame, Cause, Problem};

/// The part that is read first.
const ROOT: &str = "OFD.xml";

/// The part that says how others are encrypted.
const LOCK: &str = "encryptions.xml";

/// Points of a millimetre.
const POINTS: f64 = 72.0 / 25.4;

/// A4, where a document does not say how large its pages are.
const USUAL_SIZE: Size = Size::new(210.0, 297.0);

/// Lengths that differ by no more than this, in millimetres, are the same: writers round.
const SHIFT: f64 = 0.5;

/// A larger page, in millimetres, is none.
const LARGEST_PAGE: f64 = 10_000.0;

/// Whether a package is an OFD file.
pub(super) fn is_in(package: &Package<'_>) -> bool {
    package.has(ROOT) || package.has(LOCK)
}

/// Reads an OFD file.
pub(super) fn decode(package: &mut Package<'_>, limits: &Limits) -> Result<Document, Problem> {
    if package.names().any(|name| name.rsplit('/').next() == Some(LOCK)) {
        let message = "the OFD file is encrypted: ask for the open file";
        return Err(Problem::new(Cause::Encrypted, Blame::Source, message.to_owned()));
    }
    let mut parts = Parts { package, limits };
    let root = parts.tree(ROOT)?;
    let bodies: Vec<&Element> = root.children("DocBody").collect();
    if bodies.is_empty() {
        return Err(corrupt(
            "the OFD file names no document (its part OFD.xml has no DocBody): fetch it again".to_owned(),
        ));
    }
    let mut file = File { budget: Budget::new(limits), sums: Sums::default(), n_pages: 0, blocks: Vec::new() };
    let mains = bodies.into_iter().map(|body| main_part(&mut parts, body)).collect::<Result<Vec<String>, Problem>>()?;
    let folders: Vec<String> =
        mains.iter().filter_map(|main| Some(main.split_once('/')?.0.to_ascii_lowercase())).collect();
    if let Some(name) = stranger(parts.package, &folders) {
        return Err(beside(name));
    }
    for main in mains {
        file.read(&mut parts, &main)?;
    }
    if let Some(problem) = file.sums.problem("OFD") {
        return Err(problem);
    }
    Ok(blocks::lay_out(&file.blocks, limits))
}

/// The part of a document that lists its pages.
fn main_part(parts: &mut Parts<'_, '_>, body: &Element) -> Result<String, Problem> {
    let mut main = body.child("DocRoot").map(|root| parts.named(ROOT, &root.text)).transpose()?;
    // Of several versions one is current.
    let versions = body.child("Versions").into_iter().flat_map(|versions| versions.children("Version"));
    for version in versions.filter(|version| version.flag("Current") == Some(true)) {
        let Some(place) = version.attribute("BaseLoc") else { continue };
        let part = parts.named(ROOT, place)?;
        let tree = parts.tree(&part)?;
        let Some(root) = tree.child("DocRoot") else { continue };
        let current = parts.named(&part, &root.text)?;
        if main.as_ref().is_some_and(|main| !main.eq_ignore_ascii_case(&current)) {
            let message = "the OFD file holds several versions of its document, and which one counts cannot be told: save the one that counts alone";
            return Err(corrupt(message.to_owned()));
        }
        main = Some(current);
    }
    main.ok_or_else(|| {
        corrupt("the OFD file does not say where its document is (no DocRoot): fetch it again".to_owned())
    })
}

/// The parts of a file, found by the places that other parts name.
struct Parts<'p, 'b> {
    package: &'p mut Package<'b>,
    limits: &'p Limits,
}

impl Parts<'_, '_> {
    /// The name of the part at a place: counted from the root, else from the part that names it, or from one further
    /// out, as some writers count. `from` lists these parts.
    fn find(&self, from: &[&str], place: &str) -> Option<String> {
        let from = from.iter().copied().chain([ROOT]);
        from.map(|part| resolve(part, place)).find(|name| self.package.has(name))
    }

    /// The part at a place that a part names.
    ///
    /// # Errors
    /// `corrupt` where there is none.
    fn named(&self, from: &str, place: &str) -> Result<String, Problem> {
        self.find(&[from], place).ok_or_else(|| missing(&resolve(from, place)))
    }

    fn bytes(&mut self, part: &str) -> Result<Vec<u8>, Problem> {
        self.package.read(part)?.ok_or_else(|| missing(part))
    }

    fn tree(&mut self, part: &str) -> Result<Element, Problem> {
        let bytes = self.bytes(part)?;
        parse(&bytes, part, self.limits)
    }
}

fn missing(part: &str) -> Problem {
    corrupt(format!("the part {part} of the OFD file is missing: fetch the file again"))
}

/// The name of the part at a place that a part names.
fn resolve(part: &str, place: &str) -> String {
    let place = place.trim().replace('\\', "/");
    let folder = if place.starts_with('/') { "" } else { part.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut names: Vec<&str> = Vec::new();
    for name in folder.split('/').chain(place.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

/// A page that others are drawn upon.
struct Template {
    tree: Element,
    part: String,
    order: Option<String>,
}

/// What is read of a file.
struct File {
    budget: Budget,
    sums: Sums,
    n_pages: usize,
    blocks: Vec<Block>,
}

impl File {
    /// Reads a document, and puts what it says behind what is there.
    fn read(&mut self, parts: &mut Parts<'_, '_>, main: &str) -> Result<(), Problem> {
        let document = parts.tree(main)?;
        let common = document.child("CommonData").cloned().unwrap_or_default();
        let mut resources = Resources::with_space(common.child("DefaultCS").map(|space| space.text.trim()));
        for list in common.children.iter().filter(|child| matches!(child.name.as_str(), "PublicRes" | "DocumentRes")) {
            let part = parts.named(main, &list.text)?;
            resources.add(parts, &part)?;
        }
        let mut templates = BTreeMap::new();
        for template in common.children("TemplatePage") {
            let (Some(id), Some(place)) = (template.attribute("ID"), template.attribute("BaseLoc")) else { continue };
            let part = parts.named(main, place)?;
            let order = template.attribute("ZOrder").map(str::to_owned);
            templates.insert(id.to_owned(), Template { tree: parts.tree(&part)?, part, order });
        }
        let notes = notes(parts, main, &document)?;
        let mut printed = Vec::new();
        let mut glyphs = Glyphs::default();
        resources.units().for_each(|unit| glyphs.read(unit));
        for page in document.child("Pages").into_iter().flat_map(|pages| pages.children("Page")) {
            self.n_pages += 1;
            if self.n_pages > parts.limits.pdf_pages {
                let message = format!(
                    "the OFD file has more than {} pages (limits.pdf_pages): check whether it is a report",
                    parts.limits.pdf_pages
                );
                return Err(Problem::new(Cause::Limit, Blame::Source, message));
            }
            let place = page.attribute("BaseLoc").unwrap_or_default();
            let part = parts.named(main, place)?;
            let page_notes = page.attribute("ID").and_then(|id| notes.get(id)).map_or(&[][..], Vec::as_slice);
            let sheet = Sheet { part, common: &common, templates: &templates, notes: page_notes };
            let canvas = sheet.draw(parts, &resources, &mut self.budget, &mut glyphs)?;
            self.sums.add(self.n_pages, &canvas);
            printed.push(canvas.page);
        }
        if let Some(figure) = glyphs.torn {
            let message = format!(
                "glyphs of the OFD file contradict its text: the figure {figure} is drawn by several, or one glyph is several signs; look for the report as a page or as a text document"
            );
            return Err(Problem::new(Cause::NoText, Blame::Source, message));
        }
        self.blocks.extend(print::lay_out(printed));
        Ok(())
    }
}

/// The parts that hold the notes of each page, by the number of the page.
fn notes(parts: &mut Parts<'_, '_>, main: &str, document: &Element) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let mut notes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let lists = document.children.iter().filter(|child| matches!(child.name.as_str(), "Annotations" | "Annots"));
    for list in lists {
        // Writers leave the name of a list that they never wrote: then nothing is drawn by anyone.
        let Some(part) = parts.find(&[main], &list.text) else { continue };
        for page in parts.tree(&part)?.children("Page") {
            let Some(id) = page.attribute("PageID") else { continue };
            for place in page.children("FileLoc") {
                let file =
                    parts.find(&[&part, main], &place.text).ok_or_else(|| missing(&resolve(&part, &place.text)))?;
                notes.entry(id.to_owned()).or_default().push(file);
            }
        }
    }
    Ok(notes)
}

/// A page to be drawn.
struct Sheet<'s> {
    part: String,
    common: &'s Element,
    templates: &'s BTreeMap<String, Template>,
    notes: &'s [String],
}

impl Sheet<'_> {
    fn draw(
        self,
        parts: &mut Parts<'_, '_>,
        resources: &Resources<'_>,
        budget: &mut Budget,
        glyphs: &mut Glyphs,
    ) -> Result<Canvas, Problem> {
        let page = parts.tree(&self.part)?;
        let used: Vec<(&Template, bool)> = page
            .children("Template")
            .filter_map(|used| {
                let template = self.templates.get(used.attribute("TemplateID")?)?;
                let order = used.attribute("ZOrder").or(template.order.as_deref());
                Some((template, order == Some("Foreground")))
            })
            .collect();
        let areas = [
            page.child("Area"),
            used.first().and_then(|(template, _)| template.tree.child("Area")),
            self.common.child("PageArea"),
        ];
        let known = areas.into_iter().find_map(|area| extent(area?).transpose()).transpose()?;
        let Extent { size, shown } = known.unwrap_or(Extent { size: USUAL_SIZE, shown: None });
        let mut canvas = Canvas::new(size.width * POINTS, size.height * POINTS);
        let templates =
            |is_above| used.iter().filter(move |(_, above)| *above == is_above).map(|(template, _)| template);
        let under = templates(false).map(|template| (&template.tree, &template.part));
        let over = templates(true).map(|template| (&template.tree, &template.part));
        for (tree, part) in under.chain([(&page, &self.part)]).chain(over) {
            let mut own = Resources::within(resources);
            for list in tree.children("PageRes") {
                let part = parts.named(part, &list.text)?;
                own.add(parts, &part)?;
            }
            glyphs.read(tree);
            own.units().for_each(|unit| glyphs.read(unit));
            let mut painter = Painter::new(&mut canvas, &own, budget, parts.limits);
            painter.shown = shown;
            painter.page(tree)?;
        }
        for part in self.notes {
            let tree = parts.tree(part)?;
            Painter::new(&mut canvas, resources, budget, parts.limits).notes(&tree)?;
        }
        canvas.finish("OFD")
    }
}

/// How large a page is, in millimetres, and the part of it that is shown where that is less.
struct Extent {
    size: Size,
    shown: Option<Rect>,
}

/// The extent of pages that have this area, if it says.
///
/// # Errors
/// `corrupt` where the page does not begin at the corner of its places: programs differ in what they show of it.
fn extent(area: &Element) -> Result<Option<Extent>, Problem> {
    let is_length = |length: f64| (1.0..=LARGEST_PAGE).contains(&length);
    let whole = area.child("PhysicalBox").and_then(|whole| rectangle(&whole.text));
    let Some(whole) = whole.filter(|whole| is_length(whole.width()) && is_length(whole.height())) else {
        return Ok(None);
    };
    if whole.x0.abs().max(whole.y0.abs()) > SHIFT {
        let message = "a page of the OFD file does not begin at its corner (PhysicalBox): print it to a new file and use that one";
        return Err(corrupt(message.to_owned()));
    }
    let shown = area.child("ApplicationBox").and_then(|shown| rectangle(&shown.text));
    Ok(Some(Extent { size: whole.size(), shown: shown.map(|shown| shown.inflate(SHIFT, SHIFT)) }))
}
