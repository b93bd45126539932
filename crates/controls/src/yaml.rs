//! A small, strict view of YAML: every scalar is text, every node knows its place, and what two YAML readers could
//! understand differently (anchors, aliases, tags, merge keys, duplicate keys, several documents) is refused.
//!
//! Files of `regimes/` are read through [`MapReader`], which refuses unknown keys and names the allowed ones.

mod build;
mod read;

use std::sync::Arc;

use build::{Builder, narrow};
use jiff::civil::Date;
use saphyr_parser::{Event, Parser};

pub use read::{Label, MapReader};

use crate::problem::{Location, Problem, ProblemKind, Problems};

/// How deep mappings and sequences may nest.
pub const MAX_DEPTH: usize = 32;

/// One YAML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    file: Arc<str>,
    root: Node,
}

/// One node and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    kind: NodeKind,
    line: u32,
    column: u32,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// Text; `quoted` tells `"null"` from `null`, `column_shift` is where the text begins on a single line.
    Scalar {
        /// The text, never interpreted.
        text: String,
        /// Written in quotes or as a block.
        quoted: bool,
        /// Columns between the node and its first character; absent when the text spans lines or has escapes.
        column_shift: Option<u32>,
    },
    /// Key and value pairs in file order.
    Map(Vec<(Key, Node)>),
    /// Items in file order.
    Seq(Vec<Node>),
}

/// A key of a mapping and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub text: String,
    line: u32,
    column: u32,
}

impl Document {
    /// Reads one file.
    ///
    /// # Errors
    /// The first [`Problem`] that keeps the text from being read at all.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let file: Arc<str> = file.into();
        let at = |line, column| Location {
            file: Arc::clone(&file),
            line,
            column,
        };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Problem {
                at: at(u32::try_from(line).unwrap_or(u32::MAX), 1),
                kind: ProblemKind::NotUtf8,
            }
        })?;
        let mut builder = Builder {
            file: &file,
            stack: Vec::new(),
            root: None,
        };
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| Problem {
                at: at(
                    narrow(error.marker().line()),
                    narrow(error.marker().col()) + 1,
                ),
                kind: ProblemKind::Yaml {
                    detail: error.info().to_owned(),
                },
            })?;
            if matches!(event, Event::DocumentStart(_)) {
                documents += 1;
                if documents > 1 {
                    return Err(builder.refuse(span, "several documents"));
                }
            }
            builder.take(event, span)?;
        }
        let root = builder.root.unwrap_or(Node {
            kind: NodeKind::Scalar {
                text: String::new(),
                quoted: false,
                column_shift: None,
            },
            line: 1,
            column: 1,
        });
        Ok(Self { file, root })
    }

    /// The top node.
    #[must_use]
    pub const fn root(&self) -> Cursor<'_> {
        Cursor {
            file: &self.file,
            node: &self.root,
        }
    }

    /// The file this was read from.
    #[must_use]
    pub const fn file(&self) -> &Arc<str> {
        &self.file
    }
}

/// A node together with its file: what readers pass around.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    file: &'a Arc<str>,
    node: &'a Node,
}

impl<'a> Cursor<'a> {
    /// Where the node begins.
    #[must_use]
    pub fn location(self) -> Location {
        Location {
            file: Arc::clone(self.file),
            line: self.node.line,
            column: self.node.column,
        }
    }

    /// The place of the `offset`-th character (from 0) of a scalar written on one line; otherwise the node's place.
    #[must_use]
    pub fn location_in_text(self, offset: u32) -> Location {
        let mut at = self.location();
        if let NodeKind::Scalar {
            column_shift: Some(shift),
            ..
        } = self.node.kind
        {
            at.column = at.column.saturating_add(shift).saturating_add(offset);
        }
        at
    }

    /// The node itself.
    #[must_use]
    pub const fn kind(self) -> &'a NodeKind {
        &self.node.kind
    }

    /// True for an empty value, `null` or `~` without quotes: the same as leaving the key out.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(&self.node.kind, NodeKind::Scalar { text, quoted: false, .. }
            if matches!(text.as_str(), "" | "null" | "~"))
    }

    const fn found(self) -> &'static str {
        match self.node.kind {
            NodeKind::Scalar { .. } => "text",
            NodeKind::Map(_) => "a mapping",
            NodeKind::Seq(_) => "a sequence",
        }
    }

    fn wrong_shape(self, expected: &'static str, problems: &mut Problems) {
        let kind = ProblemKind::WrongShape {
            expected,
            found: self.found(),
        };
        problems.push(self.location(), kind);
    }

    /// The text of a scalar that is not empty.
    pub fn text(self, problems: &mut Problems) -> Option<&'a str> {
        match &self.node.kind {
            NodeKind::Scalar { text, .. } if !text.is_empty() => Some(text),
            NodeKind::Scalar { .. } => {
                let kind = ProblemKind::WrongShape {
                    expected: "text",
                    found: "nothing",
                };
                problems.push(self.location(), kind);
                None
            }
            _ => {
                self.wrong_shape("text", problems);
                None
            }
        }
    }

    /// The items of a sequence; a problem and none otherwise.
    pub fn items(self, problems: &mut Problems) -> Vec<Cursor<'a>> {
        match &self.node.kind {
            NodeKind::Seq(items) => items
                .iter()
                .map(|node| Cursor {
                    file: self.file,
                    node,
                })
                .collect(),
            _ => {
                self.wrong_shape("a sequence", problems);
                Vec::new()
            }
        }
    }

    /// A sequence of texts.
    pub fn texts(self, problems: &mut Problems) -> Vec<&'a str> {
        self.items(problems)
            .into_iter()
            .filter_map(|item| item.text(problems))
            .collect()
    }

    /// The pairs of a mapping whose keys are data (not schema), with the place of each key.
    pub fn pairs(self, problems: &mut Problems) -> Vec<(&'a str, Location, Cursor<'a>)> {
        match &self.node.kind {
            NodeKind::Map(pairs) => pairs
                .iter()
                .map(|(key, node)| {
                    let at = Location {
                        file: Arc::clone(self.file),
                        line: key.line,
                        column: key.column,
                    };
                    (
                        key.text.as_str(),
                        at,
                        Cursor {
                            file: self.file,
                            node,
                        },
                    )
                })
                .collect(),
            _ => {
                self.wrong_shape("a mapping", problems);
                Vec::new()
            }
        }
    }

    /// One of a closed set of words.
    pub fn word<T: Copy>(self, words: &[(&'static str, T)], problems: &mut Problems) -> Option<T> {
        let text = self.text(problems)?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let allowed = words
                .iter()
                .map(|(word, _)| *word)
                .collect::<Vec<_>>()
                .join(", ");
            let kind = ProblemKind::UnknownWord {
                word: text.to_owned(),
                allowed,
            };
            problems.push(self.location(), kind);
        }
        found
    }

    /// `true` or `false`.
    pub fn boolean(self, problems: &mut Problems) -> Option<bool> {
        self.word(&[("true", true), ("false", false)], problems)
    }

    /// A civil date, `YYYY-MM-DD`.
    pub fn date(self, problems: &mut Problems) -> Option<Date> {
        let text = self.text(problems)?;
        let date = crate::period::parse_date(text);
        if date.is_none() {
            let kind = ProblemKind::NotADate {
                text: crate::exact::shorten(text),
            };
            problems.push(self.location(), kind);
        }
        date
    }
}
