//! XML to a small tree of elements, each with its place. Only what the regulation's files use is accepted.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::MAX_BYTES;
use super::problem::{TextError, TextProblem};
use crate::problem::Location;

/// How deep elements may nest; the eCFR's go to about twelve.
const MAX_DEPTH: usize = 64;

/// What UTF-8 text looks like after it was decoded as Windows-1252 and encoded again, and the replacement character.
const RUINS: [&str; 5] = ["â€", "Â§", "Ã—", "Â°", "\u{fffd}"];

/// One element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
    pub(super) at: Location,
}

/// A piece of content.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }
}

/// Byte offsets to lines and columns.
struct Places<'a> {
    file: Arc<str>,
    text: &'a str,
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(file: &str, text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(position, _)| position + 1);
        Self {
            file: file.into(),
            text,
            lines: std::iter::once(0).chain(breaks).collect(),
        }
    }

    fn at(&self, offset: usize) -> Location {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index));
        let before = self.text.get(start.copied().unwrap_or(0)..offset);
        let column = before.map_or(0, |text| text.chars().count());
        let narrow = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Location {
            file: Arc::clone(&self.file),
            line: narrow(line),
            column: narrow(column).saturating_add(1),
        }
    }

    fn refuse(&self, offset: usize, kind: TextProblem) -> TextError {
        TextError {
            at: self.at(offset),
            kind,
        }
    }
}

/// Reads the whole file; the result is a root without a name whose children are the file's content.
pub(super) fn parse(file: &str, bytes: &[u8]) -> Result<Element, TextError> {
    let text = decode(file, bytes)?;
    let places = Places::new(file, text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut stack = vec![Element {
        name: String::new(),
        attributes: Vec::new(),
        children: Vec::new(),
        at: places.at(0),
    }];
    loop {
        let before = offset(reader.buffer_position());
        let event = reader.read_event();
        let event = event.map_err(|error| {
            let at = offset(reader.error_position());
            let detail = error.to_string();
            places.refuse(at, TextProblem::Xml { detail })
        })?;
        match event {
            Event::Start(start) => {
                if stack.len() >= MAX_DEPTH {
                    return Err(places.refuse(before, TextProblem::TooDeep { limit: MAX_DEPTH }));
                }
                stack.push(element(&start, before, &places)?);
            }
            Event::Empty(start) => {
                let empty = element(&start, before, &places)?;
                push(&mut stack, Node::Element(empty));
            }
            Event::End(_) => {
                // INVARIANT: the reader refuses an end without a start, so the root stays.
                if stack.len() > 1
                    && let Some(done) = stack.pop()
                {
                    push(&mut stack, Node::Element(done));
                }
            }
            Event::Text(content) => push_text(&mut stack, &content),
            Event::CData(content) => push_text(&mut stack, &content),
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) => character.to_string(),
                    Ok(None) => quick_xml::escape::resolve_predefined_entity(name)
                        .map(str::to_owned)
                        .ok_or_else(|| {
                            let name = crate::exact::shorten(name);
                            places.refuse(before, TextProblem::Entity { name })
                        })?,
                    Err(error) => {
                        let detail = error.to_string();
                        return Err(places.refuse(before, TextProblem::Xml { detail }));
                    }
                };
                push_text(&mut stack, &resolved);
            }
            Event::Decl(declaration) => {
                if let Some(Ok(encoding)) = declaration.encoding()
                    && !encoding.eq_ignore_ascii_case("utf-8")
                {
                    let declared = crate::exact::shorten(&encoding);
                    return Err(places.refuse(before, TextProblem::Encoding { declared }));
                }
            }
            Event::DocType(_) => return Err(places.refuse(before, TextProblem::DocumentType)),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(root), true) => Ok(root),
        (open, _) => {
            let element = open.map_or_else(String::new, |open| open.name);
            Err(places.refuse(text.len(), TextProblem::Truncated { element }))
        }
    }
}

fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, TextError> {
    let first = Location {
        file: file.into(),
        line: 1,
        column: 1,
    };
    if bytes.len() > MAX_BYTES {
        let kind = TextProblem::TooLarge { limit: MAX_BYTES };
        return Err(TextError { at: first, kind });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (valid, _) = bytes
            .split_at_checked(error.valid_up_to())
            .unwrap_or_default();
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        Places::new(file, valid).refuse(valid.len(), TextProblem::NotUtf8)
    })?;
    let ruin = RUINS
        .iter()
        .filter_map(|ruin| Some((text.find(ruin)?, *ruin)))
        .min();
    if let Some((position, ruin)) = ruin {
        let found = ruin.to_owned();
        return Err(Places::new(file, text).refuse(position, TextProblem::Reencoded { found }));
    }
    Ok(text)
}

fn element(
    start: &BytesStart<'_>,
    before: usize,
    places: &Places<'_>,
) -> Result<Element, TextError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| {
            let detail = error.to_string();
            places.refuse(before, TextProblem::Xml { detail })
        })?;
        attributes.push((
            attribute.key.as_ref().to_owned(),
            attribute.value.into_owned(),
        ));
    }
    Ok(Element {
        name: start.name().as_ref().to_owned(),
        attributes,
        children: Vec::new(),
        at: places.at(before),
    })
}

fn push(stack: &mut [Element], node: Node) {
    if let Some(open) = stack.last_mut() {
        open.children.push(node);
    }
}

fn push_text(stack: &mut [Element], text: &str) {
    push(stack, Node::Text(text.to_owned()));
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
