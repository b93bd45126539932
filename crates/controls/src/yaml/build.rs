//! From parser events to a tree, refusing what two YAML readers could understand differently.

use std::sync::Arc;

use saphyr_parser::{Event, ScalarStyle, Span};

use super::{Key, MAX_DEPTH, Node, NodeKind};
use crate::problem::{Location, Problem, ProblemKind};

pub(super) const fn narrow(value: usize) -> u32 {
    if value > u32::MAX as usize {
        u32::MAX
    } else {
        value as u32
    }
}

/// A mapping or sequence that is still being read.
pub(super) enum Open {
    Map {
        pairs: Vec<(Key, Node)>,
        key: Option<Key>,
        line: u32,
        column: u32,
    },
    Seq {
        items: Vec<Node>,
        line: u32,
        column: u32,
    },
}

pub(super) struct Builder<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) stack: Vec<Open>,
    pub(super) root: Option<Node>,
}

impl Builder<'_> {
    fn location(&self, span: Span) -> Location {
        Location {
            file: Arc::clone(self.file),
            line: narrow(span.start.line()),
            column: narrow(span.start.col()) + 1,
        }
    }

    pub(super) fn refuse(&self, span: Span, what: &'static str) -> Problem {
        Problem {
            at: self.location(span),
            kind: ProblemKind::YamlFeature { what },
        }
    }

    pub(super) fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let (line, column) = (narrow(span.start.line()), narrow(span.start.col()) + 1);
        match event {
            Event::Alias(_) => Err(self.refuse(span, "aliases")),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                Err(self.refuse(span, "anchors"))
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => Err(self.refuse(span, "tags")),
            Event::Scalar(text, style, _, None) => {
                let lead = u32::from(style != ScalarStyle::Plain);
                let width = span.end.col().saturating_sub(span.start.col());
                let one_line = span.start.line() == span.end.line()
                    && width == text.chars().count() + 2 * lead as usize;
                let kind = NodeKind::Scalar {
                    text: text.into_owned(),
                    quoted: style != ScalarStyle::Plain,
                    column_shift: one_line.then_some(lead),
                };
                self.place(Node { kind, line, column }, span)
            }
            Event::SequenceStart(..) => self.open(
                Open::Seq {
                    items: Vec::new(),
                    line,
                    column,
                },
                span,
            ),
            Event::MappingStart(..) => self.open(
                Open::Map {
                    pairs: Vec::new(),
                    key: None,
                    line,
                    column,
                },
                span,
            ),
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.stack.pop() {
                    Some(Open::Map {
                        pairs,
                        line,
                        column,
                        ..
                    }) => Node {
                        kind: NodeKind::Map(pairs),
                        line,
                        column,
                    },
                    Some(Open::Seq {
                        items,
                        line,
                        column,
                    }) => Node {
                        kind: NodeKind::Seq(items),
                        line,
                        column,
                    },
                    None => return Ok(()),
                };
                self.place(node, span)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(&mut self, open: Open, span: Span) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            let kind = ProblemKind::TooDeep { limit: MAX_DEPTH };
            return Err(Problem {
                at: self.location(span),
                kind,
            });
        }
        if matches!(self.stack.last(), Some(Open::Map { key: None, .. })) {
            return Err(self.refuse(span, "mappings and sequences as keys"));
        }
        self.stack.push(open);
        Ok(())
    }

    fn place(&mut self, node: Node, span: Span) -> Result<(), Problem> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::Seq { items, .. }) => items.push(node),
            Some(Open::Map { pairs, key, .. }) => match key.take() {
                Some(key) => pairs.push((key, node)),
                None => {
                    let NodeKind::Scalar { text, .. } = node.kind else {
                        return Err(self.refuse(span, "mappings and sequences as keys"));
                    };
                    if text == "<<" {
                        return Err(self.refuse(span, "merge keys"));
                    }
                    if pairs.iter().any(|(earlier, _)| earlier.text == text) {
                        let kind = ProblemKind::DuplicateKey { key: text };
                        return Err(Problem {
                            at: self.location(span),
                            kind,
                        });
                    }
                    *key = Some(Key {
                        text,
                        line: node.line,
                        column: node.column,
                    });
                }
            },
        }
        Ok(())
    }
}
