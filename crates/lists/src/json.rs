//! A strict JSON reader that hands over records as [`Element`]s, each with its place.
//!
//! Members that are texts, numbers or truth values become attributes; objects become children; of
//! an array, every item becomes a child with the array's name. A member given twice is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{ListError, Place};
use crate::position::Lines;
use crate::xml::Element;

/// Most bytes of one record; the largest of the published lists has some hundred thousand.
const MOST_BYTES: usize = 4 << 20;

/// Hands over every line of `text` as a record.
pub(crate) fn lines(
    file: &str,
    text: &str,
    mut each: impl FnMut(Element) -> Result<(), ListError>,
) -> Result<(), ListError> {
    let ended = text.ends_with('\n');
    let count = text.lines().count();
    for (index, line) in text.lines().enumerate() {
        let number = index as u64 + 1;
        if line.trim().is_empty() {
            if index + 1 < count {
                return Err(ListError::Syntax {
                    place: Place::line(file, number),
                    problem: "an empty line inside the file; remove it or fetch the file again"
                        .to_owned(),
                });
            }
            continue;
        }
        short(line, Place::line(file, number))?;
        let record = element(line).map_err(|e| {
            if e.is_eof() && index + 1 == count && !ended {
                return ListError::Truncated {
                    place: Place::at(file, number, characters(line, e.column())),
                    detail: "the JSON object is never closed".to_owned(),
                };
            }
            syntax(Place::at(file, number, characters(line, e.column())), &e)
        })?;
        each(Element {
            line: number,
            column: 1,
            ..record
        })?;
    }
    Ok(())
}

/// A JSON document whose members are read one by one.
pub(crate) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Document<'a> {
    /// Checks that `text` is one JSON document: an object, or an array (then the member ``).
    pub fn new(file: &'a str, text: &'a str) -> Result<Self, ListError> {
        let failed = |e: serde_json::Error| {
            let line = text.lines().nth(e.line().saturating_sub(1));
            let column = characters(line.unwrap_or_default(), e.column());
            let place = Place::at(file, e.line() as u64, column);
            if e.is_eof() {
                return ListError::Truncated {
                    place,
                    detail: "the JSON document is never closed".to_owned(),
                };
            }
            syntax(place, &e)
        };
        let members = if text.trim_start().starts_with('[') {
            let all = serde_json::from_str::<&RawValue>(text).map_err(failed)?;
            BTreeMap::from([(String::new(), all)])
        } else {
            serde_json::from_str::<Members<'a>>(text).map_err(failed)?.0
        };
        Ok(Self {
            file,
            text,
            members,
        })
    }

    /// Member `name` as an element; nothing where there is none.
    pub fn member(&self, name: &str) -> Result<Option<Element>, ListError> {
        let Some(raw) = self.members.get(name) else {
            return Ok(None);
        };
        let mut lines = Lines::new(self.file, self.text);
        self.element(&mut lines, raw).map(Some)
    }

    /// Text, number or truth value of member `name`; nothing where there is none.
    pub fn scalar(&self, name: &str) -> Result<Option<String>, ListError> {
        let Some(raw) = self.members.get(name) else {
            return Ok(None);
        };
        match serde_json::from_str(raw.get()) {
            Ok(Node::Text(text)) => Ok(Some(text)),
            Ok(_) => Ok(None),
            Err(e) => Err(syntax(
                self.place(&mut Lines::new(self.file, self.text), raw),
                &e,
            )),
        }
    }

    /// Every item of the array `name`, as a record with its place.
    pub fn each(
        &self,
        name: &str,
        mut each: impl FnMut(Element) -> Result<(), ListError>,
    ) -> Result<(), ListError> {
        let mut lines = Lines::new(self.file, self.text);
        let Some(raw) = self.members.get(name) else {
            return Err(ListError::Syntax {
                place: Place::at(self.file, 1, 1),
                problem: format!("the member `{name}` with the records is missing"),
            });
        };
        let at = self.place(&mut lines, raw);
        let mut refused = None;
        let mut items = serde_json::Deserializer::from_str(raw.get());
        let read = items.deserialize_seq(Items(|item: &'a RawValue| {
            let read = self.element(&mut lines, item).and_then(&mut each);
            read.map_err(|e| refused = Some(e)).is_ok()
        }));
        match (refused, read) {
            (Some(refused), _) => Err(refused),
            (None, read) => read.map_err(|e| syntax(at, &e)),
        }
    }

    fn element(&self, lines: &mut Lines<'_>, raw: &RawValue) -> Result<Element, ListError> {
        let start = self.offset(raw);
        let (line, column) = lines.line_and_column(start);
        short(raw.get(), Place::at(self.file, line, column))?;
        let found = element(raw.get()).map_err(|e| {
            let (at_line, at_column) = (e.line() as u64, e.column() as u64);
            let column = if at_line <= 1 {
                column + at_column.saturating_sub(1)
            } else {
                at_column
            };
            syntax(
                Place::at(self.file, line + at_line.saturating_sub(1), column),
                &e,
            )
        })?;
        Ok(Element {
            line,
            column,
            ..found
        })
    }

    fn place(&self, lines: &mut Lines<'_>, raw: &RawValue) -> Place {
        lines.place(self.offset(raw))
    }

    /// Where `raw`, which borrows from the text, begins in it.
    fn offset(&self, raw: &RawValue) -> usize {
        (raw.get().as_ptr() as usize)
            .checked_sub(self.text.as_ptr() as usize)
            .filter(|at| *at <= self.text.len())
            .unwrap_or_default()
    }
}

/// A column in characters; serde_json counts bytes.
fn characters(line: &str, column: usize) -> u64 {
    let before = line.bytes().take(column.saturating_sub(1));
    before.filter(|b| b & 0xc0 != 0x80).count() as u64 + 1
}

fn syntax(place: Place, error: &serde_json::Error) -> ListError {
    // The place is ours; serde_json's own counts from the start of the record.
    let text = error.to_string();
    let problem = text.split(" at line ").next().unwrap_or_default();
    ListError::Syntax {
        place,
        problem: format!("not a JSON record: {problem}; fetch the file again"),
    }
}

fn element(text: &str) -> Result<Element, serde_json::Error> {
    let Node::Object(element) = serde_json::from_str(text)? else {
        return Err(serde_json::Error::custom("a record is an object"));
    };
    Ok(element)
}

/// Refuses a record that is so long that no list has it: what it unfolds to would not fit in memory.
fn short(record: &str, place: Place) -> Result<(), ListError> {
    if record.len() <= MOST_BYTES {
        return Ok(());
    }
    Err(ListError::Syntax {
        place,
        problem: format!("a record of more than {MOST_BYTES} bytes, which no list has"),
    })
}

/// Hands over the items of an array until one is refused.
struct Items<F>(F);

impl<'de, F: FnMut(&'de RawValue) -> bool> Visitor<'de> for Items<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<&RawValue>()? {
            if !(self.0)(item) {
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

/// The members of an object, without repeats.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the records in one of its members")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: BTreeMap<String, &RawValue> = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if members.insert(name.clone(), value).is_some() {
                        return Err(A::Error::custom(format!("member `{name}` occurs twice")));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

enum Node {
    Nothing,
    Text(String),
    Many(Vec<Node>),
    Object(Element),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadNode)
    }
}

struct ReadNode;

impl<'de> Visitor<'de> for ReadNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        // A whole number that needs a float has lost digits, and identifiers are whole numbers.
        if value.abs() >= 9_007_199_254_740_992.0 {
            return Err(E::custom(
                "a number with more digits than can be kept; it must be written as text",
            ));
        }
        Ok(Node::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::Many(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut element = Element::default();
        let mut names: BTreeSet<String> = BTreeSet::new();
        while let Some((name, value)) = map.next_entry::<String, Node>()? {
            add(&mut element, &name, value);
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format!("member `{name}` occurs twice")));
            }
        }
        Ok(Node::Object(element))
    }
}

fn add(element: &mut Element, name: &str, value: Node) {
    match value {
        Node::Nothing => {}
        Node::Text(text) => element.attributes.push((name.to_owned(), text)),
        Node::Object(object) => element.children.push(Element {
            name: name.to_owned(),
            ..object
        }),
        Node::Many(items) => {
            for item in items {
                match item {
                    Node::Text(text) => element.children.push(Element {
                        name: name.to_owned(),
                        text: text.trim().to_owned(),
                        ..Element::default()
                    }),
                    other => add(element, name, other),
                }
            }
        }
    }
}
