//! A strict XML reader that hands over one record element at a time, each with its place.
//!
//! Refused: anything that is not well-formed, a document that ends inside an element, document type
//! definitions and entities of their own (no list has them; they are how XML is abused), text where
//! only elements belong.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::{ListError, Place};
use crate::position::Lines;

/// Nesting beyond this is no list.
const MAX_DEPTH: usize = 32;

/// Most attributes of an element, most elements of a record, and most texts outside records.
const MOST_ATTRIBUTES: usize = 256;
const MOST_ELEMENTS: usize = 100_000;
const MOST_TEXTS: usize = 1 << 20;

/// An element with all that is in it. Names are without prefix.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Its own text, white space at the ends removed.
    pub text: String,
    pub children: Vec<Element>,
    pub line: u64,
    pub column: u64,
    /// Of a record: which element it stands in, counted from 1.
    pub parent: u64,
}

impl Element {
    /// Attribute `name`, or nothing.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.trim())
    }

    /// First child `name`.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    /// Children `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// Grandchildren: `inner` in `outer`, as in `<akaList><aka/></akaList>`.
    pub fn within<'a>(&'a self, outer: &'a str, inner: &'a str) -> impl Iterator<Item = &'a Self> {
        self.all(outer).flat_map(move |o| o.all(inner))
    }

    /// Text of the first child `name`, or nothing.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |c| c.text.as_str())
    }

    pub fn place(&self, file: &str) -> Place {
        Place::at(file, self.line, self.column)
    }

    /// A child's place, or its own where there is no such child.
    pub fn place_of(&self, file: &str, child: &str) -> Place {
        self.child(child).unwrap_or(self).place(file)
    }
}

/// What stands outside the records.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// Name of the root element.
    pub root: String,
    pub attributes: Vec<(String, String)>,
    /// Texts outside records, by path below the root (`publshInformation/Publish_Date`).
    pub texts: Vec<(String, String)>,
}

impl Frame {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.trim())
    }

    /// First text at `path`.
    pub fn text(&self, path: &str) -> &str {
        self.texts
            .iter()
            .find(|(p, _)| p == path)
            .map_or("", |(_, t)| t.as_str())
    }
}

/// Reads `text`, whose records are the elements at `records` (paths below the root), and hands
/// each of them to `each`.
pub(crate) fn read(
    file: &str,
    text: &str,
    records: &[&str],
    each: impl FnMut(Element) -> Result<(), ListError>,
) -> Result<Frame, ListError> {
    read_inline(file, text, records, &[], each)
}

/// The same where elements named in `inline` are parts of a text: it flows into the element around
/// them.
pub(crate) fn read_inline(
    file: &str,
    text: &str,
    records: &[&str],
    inline: &[&str],
    mut each: impl FnMut(Element) -> Result<(), ListError>,
) -> Result<Frame, ListError> {
    let mut walk = Walk {
        inline,
        lines: Lines::new(file, text),
        records,
        path: Vec::new(),
        record: Vec::new(),
        frame: Frame::default(),
        outside: String::new(),
        closed: false,
        elements: 0,
        opened: 0,
    };
    let mut reader = Reader::from_str(text);
    loop {
        let at = offset(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|e| walk.syntax(offset(reader.error_position()), &e.to_string()))?;
        let complete = match event {
            Event::Start(start) => {
                walk.open(&start, at)?;
                None
            }
            Event::Empty(start) => {
                walk.open(&start, at)?;
                walk.close(at)?
            }
            Event::End(_) => walk.close(at)?,
            Event::Text(t) => {
                let content = t.xml10_content();
                walk.text(&content, at)?;
                None
            }
            Event::CData(t) => {
                let content = t.xml10_content();
                walk.text(&content, at)?;
                None
            }
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let c = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    Ok(None) => predefined(&name).ok_or_else(|| {
                        walk.syntax(
                            at,
                            &format!(
                                "entity `&{};` is not one of XML's five",
                                name.escape_debug()
                            ),
                        )
                    })?,
                    Err(e) => return Err(walk.syntax(at, &e.to_string())),
                };
                walk.text(c.encode_utf8(&mut [0; 4]), at)?;
                None
            }
            Event::DocType(_) => {
                return Err(walk.syntax(at, "a document type definition, which no list has"));
            }
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => None,
        };
        if let Some(element) = complete {
            each(element)?;
        }
    }
    walk.finish()
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The local name and the attributes of an opening tag.
type Opened = (String, Vec<(String, String)>);

struct Walk<'a> {
    lines: Lines<'a>,
    records: &'a [&'a str],
    inline: &'a [&'a str],
    /// Names of the open elements outside a record, the root first.
    path: Vec<(String, u64)>,
    /// The open elements of the record being read, outermost first.
    record: Vec<Element>,
    frame: Frame,
    outside: String,
    closed: bool,
    /// Elements of the record so far.
    elements: usize,
    /// Elements outside records so far.
    opened: u64,
}

impl Walk<'_> {
    fn syntax(&mut self, offset: usize, problem: &str) -> ListError {
        let open = match self.record.last() {
            Some(element) => Some((element.name.clone(), element.line)),
            None => self.path.last().cloned(),
        };
        let inside = open.map_or(String::new(), |(name, line)| {
            format!(" (inside `{name}` of line {line})")
        });
        ListError::Syntax {
            place: self.lines.place(offset),
            problem: format!("not well-formed XML: {problem}{inside}; fetch the file again"),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<Opened, ListError> {
        let mut attributes = Vec::new();
        // Checked for repeats one against the other, so their number is limited first.
        if start.attributes().with_checks(false).count() > MOST_ATTRIBUTES {
            return Err(self.syntax(at, "more attributes than any list has"));
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| self.syntax(at, &e.to_string()))?;
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|e| self.syntax(at, &e.to_string()))?;
            attributes.push((
                local(attribute.key.into_inner()).to_owned(),
                value.into_owned(),
            ));
        }
        Ok((local(start.name().into_inner()).to_owned(), attributes))
    }

    fn open(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), ListError> {
        let (name, attributes) = self.start(start, at)?;
        let (line, column) = self.lines.line_and_column(at);
        if self.closed {
            return Err(self.syntax(at, "a second root element"));
        }
        if self.path.len() + self.record.len() >= MAX_DEPTH {
            return Err(self.syntax(at, "elements nested more deeply than any list has"));
        }
        if self.path.is_empty() {
            self.frame.root.clone_from(&name);
            self.frame.attributes = attributes;
            self.path.push((name, line));
            return Ok(());
        }
        let is_record =
            self.record.is_empty() && self.records.contains(&self.below(&name).as_str());
        if is_record || !self.record.is_empty() {
            self.elements = if is_record { 0 } else { self.elements + 1 };
            if self.elements > MOST_ELEMENTS {
                return Err(self.syntax(at, "more elements in a record than any list has"));
            }
            self.record.push(Element {
                name,
                attributes,
                line,
                column,
                parent: if is_record { self.opened } else { 0 },
                ..Element::default()
            });
        } else {
            self.outside.clear();
            self.opened += 1;
            self.path.push((name, line));
        }
        Ok(())
    }

    /// Path below the root of a child `name` of the innermost open element.
    fn below(&self, name: &str) -> String {
        let mut path = String::new();
        for (outer, _) in self.path.iter().skip(1) {
            path.push_str(outer);
            path.push('/');
        }
        path.push_str(name);
        path
    }

    fn close(&mut self, at: usize) -> Result<Option<Element>, ListError> {
        if let Some(mut element) = self.record.pop() {
            let Some(outer) = self.record.last_mut() else {
                element.text = element.text.trim().to_owned();
                return Ok(Some(element));
            };
            if self.inline.contains(&element.name.as_str()) {
                outer.text.push_str(&element.text);
            } else {
                element.text = element.text.trim().to_owned();
                outer.children.push(element);
            }
            return Ok(None);
        }
        let text = self.outside.trim().to_owned();
        if self.frame.texts.len() >= MOST_TEXTS {
            return Err(self.syntax(at, "more texts outside the records than any list has"));
        }
        if !text.is_empty() {
            let path = self.below("");
            self.frame
                .texts
                .push((path.trim_end_matches('/').to_owned(), text));
        }
        self.outside.clear();
        match self.path.pop() {
            None => Err(self.syntax(at, "a closing tag without an opening one")),
            Some(_) => {
                self.closed = self.path.is_empty();
                Ok(None)
            }
        }
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), ListError> {
        if let Some(c) = text
            .chars()
            .find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{80}'..='\u{9f}'))
        {
            return Err(self.syntax(at, &format!("control character U+{:04X}", u32::from(c))));
        }
        match self.record.last_mut() {
            Some(element) => element.text.push_str(text),
            None if self.path.len() > 1 => self.outside.push_str(text),
            None if text.trim().trim_start_matches('\u{feff}').is_empty() => {}
            None => return Err(self.syntax(at, "text outside the elements")),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Frame, ListError> {
        let innermost = match self.record.last() {
            Some(element) => Some((element.name.clone(), element.line)),
            None => self.path.last().cloned(),
        };
        if let Some((name, line)) = innermost {
            return Err(ListError::Truncated {
                place: self.lines.place(usize::MAX),
                detail: format!("element `{name}` of line {line} is never closed"),
            });
        }
        if !self.closed {
            return Err(self.syntax(0, "no element"));
        }
        Ok(std::mem::take(&mut self.frame))
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
