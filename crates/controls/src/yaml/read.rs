//! Typed reading of nodes: mappings with a closed set of keys, labels, periods.

use std::sync::Arc;

use super::Cursor;
use crate::period::Period;
use crate::problem::{Location, ProblemKind, Problems};

/// A mapping whose keys are given by the schema.
#[derive(Debug)]
pub struct MapReader<'a> {
    pairs: Vec<(&'a str, Cursor<'a>)>,
    at: Location,
}

impl<'a> MapReader<'a> {
    /// Opens a mapping. Every key outside `allowed` is a problem that names the allowed ones. `None` when the node is
    /// not a mapping.
    pub fn open(cursor: Cursor<'a>, allowed: &[&str], problems: &mut Problems) -> Option<Self> {
        if !matches!(cursor.kind(), super::NodeKind::Map(_)) {
            cursor.wrong_shape("a mapping", problems);
            return None;
        }
        let mut pairs = Vec::new();
        for (key, at, value) in cursor.pairs(problems) {
            if allowed.contains(&key) {
                pairs.push((key, value));
            } else {
                let kind = ProblemKind::UnknownKey {
                    key: key.to_owned(),
                    allowed: allowed.join(", "),
                };
                problems.push(at, kind);
            }
        }
        Some(Self {
            pairs,
            at: cursor.location(),
        })
    }

    /// Where the mapping begins.
    #[must_use]
    pub fn location(&self) -> Location {
        self.at.clone()
    }

    /// The value of a key; `None` when absent or null.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<Cursor<'a>> {
        self.pairs
            .iter()
            .find(|(name, value)| *name == key && !value.is_null())
            .map(|(_, value)| *value)
    }

    /// The value of a key that must be there.
    pub fn required(&self, key: &str, problems: &mut Problems) -> Option<Cursor<'a>> {
        let found = self.optional(key);
        if found.is_none() {
            problems.push(
                self.at.clone(),
                ProblemKind::MissingKey {
                    key: key.to_owned(),
                },
            );
        }
        found
    }

    /// Required text.
    pub fn text(&self, key: &str, problems: &mut Problems) -> Option<Arc<str>> {
        self.required(key, problems)?.text(problems).map(Arc::from)
    }

    /// Optional text.
    pub fn optional_text(&self, key: &str, problems: &mut Problems) -> Option<Arc<str>> {
        self.optional(key)?.text(problems).map(Arc::from)
    }

    /// An optional sequence of texts; absent: empty.
    pub fn texts(&self, key: &str, problems: &mut Problems) -> Vec<Arc<str>> {
        self.optional(key).map_or_else(Vec::new, |cursor| {
            cursor.texts(problems).into_iter().map(Arc::from).collect()
        })
    }

    /// `true` or `false`; absent: false.
    pub fn flag(&self, key: &str, problems: &mut Problems) -> bool {
        self.optional(key)
            .and_then(|cursor| cursor.boolean(problems))
            .unwrap_or(false)
    }

    /// An optional period under `period`; absent: without bounds.
    pub fn period(&self, problems: &mut Problems) -> Period {
        let Some(cursor) = self.optional("period") else {
            return Period::ALWAYS;
        };
        let Some(map) = Self::open(cursor, &["from", "to"], problems) else {
            return Period::ALWAYS;
        };
        let from = map.optional("from").and_then(|date| date.date(problems));
        let to = map.optional("to").and_then(|date| date.date(problems));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            problems.push(cursor.location(), ProblemKind::EmptyPeriod);
        }
        Period { from, to }
    }

    /// A required label.
    pub fn label(&self, key: &str, problems: &mut Problems) -> Option<Label> {
        Label::read(self.required(key, problems)?, problems)
    }

    /// An optional label.
    pub fn optional_label(&self, key: &str, problems: &mut Problems) -> Option<Label> {
        Label::read(self.optional(key)?, problems)
    }
}

/// Our own words for a node, in English and Korean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// English.
    pub en: Arc<str>,
    /// Korean.
    pub ko: Arc<str>,
}

impl Label {
    /// Reads `{en: …, ko: …}`; both are required.
    pub fn read(cursor: Cursor<'_>, problems: &mut Problems) -> Option<Self> {
        let map = MapReader::open(cursor, &["en", "ko"], problems)?;
        let (en, ko) = (map.text("en", problems), map.text("ko", problems));
        Some(Self { en: en?, ko: ko? })
    }
}
