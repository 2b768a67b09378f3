//! PDF files: what is drawn on each page, as pages that the module `print` turns into text and tables.
//!
//! Only what can be seen is read: not what is drawn without ink, in the colour of its ground, under something else or
//! beside the page. A glyph whose font does not say which character it stands for is no character; text is never
//! guessed.

mod device;
mod ink;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_interpret::kurbo::{Affine, Rect};
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};
use hayro_syntax::object::{Array, Dict, Name, Rect as PdfRect};
use hayro_syntax::page::Page as PdfPage;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use self::device::Recorder;
use super::blocks::lay_out;
use super::print::{self, Canvas, Sums, area};
use crate::config::Limits;
use crate::model::document::Document;
use crate::model::verdict::{Blame, Cause, Problem};

/// Reads a PDF file.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    // The library is made for well-meant files; what panics it is damaged.
    catch_unwind(AssertUnwindSafe(|| read(bytes, limits)))
        .unwrap_or_else(|_| Err(corrupt("the PDF file is damaged (it contradicts itself)")))
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let pdf = Pdf::new(Arc::new(bytes.to_vec())).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            let message = "the PDF file is locked by a password: ask for the open file";
            Problem::new(Cause::Encrypted, Blame::Source, message.to_owned())
        }
        LoadPdfError::Decryption(_) => {
            let message = "the PDF file is encrypted in a way that this program does not know: save it without";
            Problem::new(Cause::Encrypted, Blame::Source, message.to_owned())
        }
        LoadPdfError::Invalid => corrupt("the PDF file is damaged or cut short"),
    })?;
    let refuse = |what: String| Problem::new(Cause::Limit, Blame::Source, what + ": check whether it is a report");
    if pdf.len() > limits.pdf_objects {
        return Err(refuse(format!("the PDF file has more than {} objects (limits.pdf_objects)", limits.pdf_objects)));
    }
    let pages = pdf.pages();
    if pages.len() > limits.pdf_pages {
        return Err(refuse(format!("the PDF file has more than {} pages (limits.pdf_pages)", limits.pdf_pages)));
    }
    let cache = InterpreterCache::new();
    let mut printed = Vec::new();
    let mut sums = Sums::default();
    for (at, page) in pages.iter().enumerate() {
        let canvas = record(page, &pdf, &cache)?;
        sums.add(at + 1, &canvas);
        printed.push(canvas.page);
    }
    if let Some(problem) = sums.problem("PDF") {
        // The end of a PDF file says where everything is.
        let end = &bytes[bytes.len().saturating_sub(2_048)..];
        let is_cut = sums.n_glyphs == 0 && !end.windows(5).any(|window| window == b"%%EOF");
        return Err(if is_cut { corrupt("the PDF file is cut short") } else { problem });
    }
    Ok(lay_out(&print::lay_out(printed), limits))
}

/// Draws a page.
fn record<'a>(page: &PdfPage<'a>, pdf: &'a Pdf, cache: &InterpreterCache<'a>) -> Result<Canvas, Problem> {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let bounds = Rect::new(0.0, 0.0, width, height);
    let transform = Affine::new(page.initial_transform(true).as_coeffs());
    let mut context = Context::new(transform, bounds, cache, pdf.xref(), InterpreterSettings::default());
    let mut recorder = Recorder(Canvas::new(width, height));
    interpret_page(page, &mut context, &mut recorder);
    for note in notes(page, is_drawn_anew(pdf)) {
        recorder.0.note(area(transform.transform_rect_bbox(note)));
    }
    recorder.0.finish("PDF")
}

/// Whether fields are to be drawn by their values, whatever look the file keeps of them.
fn is_drawn_anew(pdf: &Pdf) -> bool {
    let root = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let form = root.and_then(|root| root.get::<Dict<'_>>(b"AcroForm"));
    form.and_then(|form| form.get::<bool>(b"NeedAppearances")).unwrap_or(false)
}

/// Where notes and fields stand that say what they show and not how: each program draws them in its own way. Those of
/// layers count among them, since layers may be off.
fn notes(page: &PdfPage<'_>, is_drawn_anew: bool) -> Vec<Rect> {
    // These show nothing on the page, or leave readable what is under them.
    const OTHER: [&[u8]; 12] = [
        b"Link",
        b"Popup",
        b"Text",
        b"Highlight",
        b"Underline",
        b"Squiggly",
        b"Caret",
        b"FileAttachment",
        b"Sound",
        b"Movie",
        b"Screen",
        b"PrinterMark",
    ];
    const HIDDEN: u32 = 1 << 1 | 1 << 5;
    let is_shown = |note: &Dict<'_>| {
        let kind = note.get::<Name<'_>>(b"Subtype").map(|kind| kind.to_vec()).unwrap_or_default();
        let is_empty = match kind.as_slice() {
            b"Widget" => {
                let field = note.get::<Dict<'_>>(b"Parent");
                !note.contains_key(b"V") && !field.is_some_and(|field| field.contains_key(b"V"))
            }
            // Only their edge is drawn.
            b"Square" | b"Circle" => !note.contains_key(b"IC"),
            kind => OTHER.contains(&kind),
        };
        let has_look = note.contains_key(b"AP") && !note.contains_key(b"OC") && !(is_drawn_anew && kind == b"Widget");
        !is_empty && !has_look && note.get::<u32>(b"F").unwrap_or(0) & HIDDEN == 0
    };
    let all = page.raw().get::<Array<'_>>(b"Annots");
    let shown = all.iter().flat_map(|all| all.iter::<Dict<'_>>()).filter(is_shown);
    let place = |note: Dict<'_>| note.get::<PdfRect>(b"Rect").map(|rect| Rect::new(rect.x0, rect.y0, rect.x1, rect.y1));
    shown.filter_map(place).collect()
}

fn corrupt(what: &str) -> Problem {
    Problem::new(Cause::Corrupt, Blame::Source, format!("{what}: fetch it again"))
}
