//! XML as a sequence of tags and texts, with every danger of the language switched off.
//!
//! No document type, no entity but the five of the standard, no reference to anything outside; nesting is bounded,
//! attributes are looked at only when asked for.

use std::borrow::Cow;

use compact_str::CompactString;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};

use crate::archive::corrupt;
use crate::config::Limits;
use crate::model::verdict::{Blame, Cause, Problem};

/// The text of an XML part: UTF-8, UTF-16, or what it declares.
///
/// # Errors
/// `decode` when the bytes are not in the encoding that they declare.
pub(super) fn text<'a>(bytes: &'a [u8], part: &str) -> Result<Cow<'a, str>, Problem> {
    let encoding = match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => UTF_16LE,
        [0xfe, 0xff, ..] | [0, b'<', ..] => UTF_16BE,
        _ => declared(bytes).unwrap_or(encoding_rs::UTF_8),
    };
    let (text, _, has_errors) = encoding.decode(bytes);
    if has_errors {
        let message = format!("the part {part} is not sound {}: open the file and save it again", encoding.name());
        return Err(Problem::new(Cause::Decode, Blame::Source, message));
    }
    Ok(text)
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(200))?;
    let head = String::from_utf8_lossy(head);
    let declaration = head.split_once("?>")?.0;
    let name = declaration.split_once("encoding=")?.1.trim_start_matches(['"', '\'']);
    Encoding::for_label(name.split(['"', '\'']).next()?.as_bytes())
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Node<'a> {
    /// An element begins.
    Open(Tag<'a>),
    /// The element that began last ends.
    Close,
    /// Text.
    Text(Cow<'a, str>),
}

/// The beginning of an element.
#[derive(Debug)]
pub(super) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The part of its name behind the colon.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The part of its name before the colon.
    pub(super) fn prefix(&self) -> &str {
        self.0.name().prefix().map_or("", |prefix| prefix.into_inner())
    }

    /// The value of an attribute, by the part of its name behind the colon.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        // Attributes are compared with one another when checked: a hostile tag holds hundreds of thousands.
        let mut attributes = self.0.attributes();
        let found = attributes
            .with_checks(false)
            .filter_map(Result::ok)
            .find(|attribute| attribute.key.local_name().into_inner() == name)?;
        Some(unescape(&found.value).map_or_else(|_| found.value.to_string(), Cow::into_owned))
    }

    /// All attributes but bindings of prefixes, by the parts of their names behind the colon.
    pub(super) fn attributes(&self) -> Vec<(CompactString, CompactString)> {
        let mut attributes = self.0.attributes();
        let all = attributes.with_checks(false).filter_map(Result::ok);
        let plain = all.filter(|attribute| !attribute.key.as_ref().starts_with("xmlns"));
        let pair = |attribute: Attribute<'_>| {
            let value = unescape(&attribute.value).map_or_else(|_| (*attribute.value).into(), CompactString::from);
            (attribute.key.local_name().into_inner().into(), value)
        };
        plain.map(pair).collect()
    }

    /// An attribute that is a count.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        let value = self.attribute(name)?;
        let digits = value.trim();
        // More digits than fit mean "as far as it goes".
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().unwrap_or(usize::MAX))
    }

    /// The prefixes that the element binds to one of these namespaces.
    pub(super) fn prefixes_of(&self, namespaces: &[&str]) -> Vec<String> {
        let mut attributes = self.0.attributes();
        let bindings = attributes.with_checks(false).filter_map(Result::ok);
        let found = bindings
            .filter(|attribute| attribute.key.as_ref().starts_with("xmlns") && namespaces.contains(&&*attribute.value));
        found.map(|binding| binding.key.as_ref().strip_prefix("xmlns:").unwrap_or_default().to_owned()).collect()
    }
}

/// A part, read from front to back.
#[derive(Debug)]
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    part: &'a str,
    depth: usize,
    most: usize,
    /// Its one root element has begun.
    has_root: bool,
}

impl<'a> Xml<'a> {
    /// Begins to read a part of this name.
    pub(super) fn new(text: &'a str, part: &'a str, limits: &Limits) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, part, depth: 0, most: limits.xml_depth, has_root: false }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// What comes next; `None` at the end.
    ///
    /// # Errors
    /// `corrupt` when it is no sound XML or declares a document type, `limit` when it nests too deeply.
    pub(super) fn next(&mut self) -> Result<Option<Node<'a>>, Problem> {
        loop {
            let event = self.reader.read_event().map_err(|error| self.broken(&error.to_string()))?;
            return Ok(Some(match event {
                Event::Start(_) if self.depth == 0 && self.has_root => {
                    return Err(self.broken("it has a second root"));
                }
                Event::Start(tag) => {
                    self.has_root = true;
                    self.depth += 1;
                    if self.depth > self.most {
                        let message = format!(
                            "the part {} nests more than {} elements (limits.xml_depth): check whether it is a real file",
                            self.part, self.most
                        );
                        return Err(Problem::new(Cause::Limit, Blame::Source, message));
                    }
                    Node::Open(Tag(tag))
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Node::Close
                }
                Event::Text(text) => Node::Text(text.into_inner()),
                Event::CData(text) => Node::Text(text.into_inner()),
                Event::GeneralRef(reference) => {
                    let c = match reference.resolve_char_ref() {
                        Ok(Some(c)) => c,
                        Ok(None) => match &*reference {
                            "amp" => '&',
                            "lt" => '<',
                            "gt" => '>',
                            "quot" => '"',
                            "apos" => '\'',
                            other => return Err(self.broken(&format!("the entity {other} is not known"))),
                        },
                        Err(error) => return Err(self.broken(&error.to_string())),
                    };
                    Node::Text(c.to_string().into())
                }
                Event::DocType(_) => {
                    return Err(self.broken("it declares a document type, which no document of this kind does"));
                }
                Event::Eof if self.depth > 0 => return Err(self.broken("it ends inside an element")),
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
            }));
        }
    }

    /// Passes over what is left of the element that began last.
    pub(super) fn skip(&mut self) -> Result<(), Problem> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if self.next()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn broken(&self, what: &str) -> Problem {
        corrupt(format!("the part {} is damaged ({what}): fetch the file again", self.part))
    }
}
