//! The nodes of an entry: paragraphs, notes, requirement rows, exceptions, pointers.

use std::collections::HashMap;
use std::sync::Arc;

use crate::classify::ListedNote;
use crate::condition::Condition;
use crate::destination::DestinationPredicate;
use crate::entry::{
    Code, EligibilityStatus, ExceptionEligibility, Money, Note, NoteKind, Paragraph, Path, Pointer,
    PointerKind, RequirementRow,
};
use crate::exact::Decimal;
use crate::problem::{Location, ProblemKind, Problems};
use crate::vocabulary::Vocabulary;
use crate::yaml::{Cursor, MapReader};

/// Reads the nodes of one entry.
pub(super) struct Reader<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) code: &'a Arc<str>,
    pub(super) cite: &'a Arc<str>,
}

impl Reader<'_> {
    fn items<'d>(
        map: &MapReader<'d>,
        key: &str,
        allowed: &[&str],
        problems: &mut Problems,
    ) -> Vec<MapReader<'d>> {
        let Some(cursor) = map.optional(key) else {
            return Vec::new();
        };
        cursor
            .items(problems)
            .into_iter()
            .filter_map(|item| MapReader::open(item, allowed, problems))
            .collect()
    }

    fn condition(&self, map: &MapReader<'_>, problems: &mut Problems) -> Option<Condition> {
        Condition::read(map.optional("when")?, self.vocabulary, problems)
    }

    fn scope(map: &MapReader<'_>, problems: &mut Problems) -> Vec<Path> {
        let Some(cursor) = map.optional("scope") else {
            return Vec::new();
        };
        let mut scope = Vec::new();
        for item in cursor.items(problems) {
            let Some(text) = item.text(problems) else {
                continue;
            };
            match Path::parse(text) {
                Some(path) => scope.push(path),
                None => {
                    let what = format!("`{text}` is not a path such as `a.1`");
                    problems.push(item.location(), ProblemKind::Invalid { what });
                }
            }
        }
        scope
    }

    fn destination(map: &MapReader<'_>, problems: &mut Problems) -> Option<DestinationPredicate> {
        DestinationPredicate::read(map.optional("to")?, problems)
    }

    fn cite(&self, map: &MapReader<'_>, problems: &mut Problems) -> Arc<str> {
        map.optional_text("cite", problems)
            .unwrap_or_else(|| Arc::clone(self.cite))
    }

    pub(super) fn paragraphs(
        &self,
        map: &MapReader<'_>,
        problems: &mut Problems,
    ) -> Vec<Paragraph> {
        let keys = ["path", "label", "when", "period", "cite", "gap"];
        let mut paragraphs = Vec::new();
        for map in Self::items(map, "paragraphs", &keys, problems) {
            let path = match map.optional("path") {
                None => Path::parse(""),
                Some(cursor) => {
                    let path = Path::parse(cursor.text(problems).unwrap_or_default());
                    if path.is_none() {
                        let what = "a path is written like `a.1`".to_owned();
                        problems.push(cursor.location(), ProblemKind::Invalid { what });
                    }
                    path
                }
            };
            map.required("when", problems);
            map.flag("gap", problems);
            let when = self.condition(&map, problems);
            let (Some(path), Some(when)) = (path, when) else {
                continue;
            };
            let code = Code {
                entry: Arc::clone(self.code),
                path: path.clone(),
            };
            paragraphs.push(Paragraph {
                code: code.to_string().into(),
                path,
                label: map.optional_label("label", problems),
                when,
                period: map.period(problems),
                cite: self.cite(&map, problems),
                at: map.location(),
                index: 0,
                notes: Vec::new(),
            });
        }
        paragraphs
    }

    pub(super) fn notes(&self, map: &MapReader<'_>, problems: &mut Problems) -> Vec<Note> {
        let keys = ["id", "kind", "scope", "when", "period", "cite", "gap"];
        let mut notes = Vec::new();
        for map in Self::items(map, "notes", &keys, problems) {
            let id = map.text("id", problems);
            let kinds = [
                ("exclude", NoteKind::Exclude),
                ("include", NoteKind::Include),
            ];
            let kind = map
                .required("kind", problems)
                .and_then(|kind| kind.word(&kinds, problems));
            map.required("when", problems);
            let when = self.condition(&map, problems);
            let scope = Self::scope(&map, problems);
            let (Some(id), Some(kind), Some(when)) = (id, kind, when) else {
                continue;
            };
            let cite = self.cite(&map, problems);
            let listed = ListedNote {
                id: Arc::clone(&id),
                kind,
                formula: Arc::clone(when.text()),
                cite: Arc::clone(&cite),
            };
            notes.push(Note {
                id,
                kind,
                scope,
                when,
                period: map.period(problems),
                cite,
                at: map.location(),
                listed: Arc::new(listed),
            });
        }
        notes
    }

    pub(super) fn requirements(
        &self,
        map: &MapReader<'_>,
        problems: &mut Problems,
    ) -> Vec<RequirementRow> {
        let keys = [
            "id", "reason", "scope", "when", "unless", "to", "basis", "column", "period",
            "overlay", "review", "cite",
        ];
        let mut rows: Vec<RequirementRow> = Vec::new();
        let mut seen: HashMap<Arc<str>, Location> = HashMap::new();
        for map in Self::items(map, "requirements", &keys, problems) {
            let (id, reason) = (map.text("id", problems), map.text("reason", problems));
            map.required("to", problems);
            let to = Self::destination(&map, problems);
            let unless = map
                .optional("unless")
                .and_then(|cursor| Condition::read(cursor, self.vocabulary, problems));
            let when = self.condition(&map, problems);
            let scope = Self::scope(&map, problems);
            let column = map.optional_text("column", problems);
            let (Some(id), Some(reason), Some(to)) = (id, reason, to) else {
                continue;
            };
            if let Some(first) = seen.insert(Arc::clone(&id), map.location()) {
                let kind = ProblemKind::DuplicateId {
                    id: id.to_string(),
                    first,
                };
                problems.push(map.location(), kind);
            }
            let column = column.or_else(|| match &to {
                DestinationPredicate::Chart(column) => Some(column.as_str().into()),
                _ => None,
            });
            rows.push(RequirementRow {
                id,
                reason,
                scope,
                when,
                unless,
                to,
                basis: map.optional_text("basis", problems),
                column,
                period: map.period(problems),
                overlay: map.optional_text("overlay", problems),
                review: map.optional_text("review", problems),
                cite: self.cite(&map, problems),
                at: map.location(),
            });
        }
        rows
    }

    pub(super) fn exceptions(
        &self,
        map: &MapReader<'_>,
        problems: &mut Problems,
    ) -> Vec<ExceptionEligibility> {
        let Some(cursor) = map.optional("exceptions") else {
            return Vec::new();
        };
        let mut exceptions = Vec::new();
        for (symbol, _, cursor) in cursor.pairs(problems) {
            let rows = match cursor.kind() {
                crate::yaml::NodeKind::Seq(_) => cursor.items(problems),
                _ => vec![cursor],
            };
            for row in rows {
                exceptions.extend(self.exception(symbol, row, problems));
            }
        }
        exceptions
    }

    fn exception(
        &self,
        symbol: &str,
        cursor: Cursor<'_>,
        problems: &mut Problems,
    ) -> Option<ExceptionEligibility> {
        let keys = [
            "status", "when", "scope", "groups", "value", "period", "cite",
        ];
        let map = MapReader::open(cursor, &keys, problems)?;
        let words = [
            ("no", EligibilityStatus::No),
            ("candidate", EligibilityStatus::Candidate),
        ];
        let status = map.required("status", problems)?.word(&words, problems)?;
        let value = map
            .optional("value")
            .and_then(|value| money(value, problems));
        Some(ExceptionEligibility {
            symbol: symbol.into(),
            status,
            when: self.condition(&map, problems),
            scope: Self::scope(&map, problems),
            groups: map.texts("groups", problems),
            value,
            period: map.period(problems),
            cite: self.cite(&map, problems),
            at: map.location(),
        })
    }

    pub(super) fn pointers(&self, map: &MapReader<'_>, problems: &mut Problems) -> Vec<Pointer> {
        let keys = [
            "id", "kind", "scope", "when", "to", "period", "label", "cite",
        ];
        let mut pointers = Vec::new();
        for map in Self::items(map, "pointers", &keys, problems) {
            let words = [
                ("exemption_to_check", PointerKind::ExemptionToCheck),
                ("other_control", PointerKind::OtherControl),
                ("red_flag", PointerKind::RedFlag),
            ];
            let id = map.text("id", problems);
            let kind = map
                .required("kind", problems)
                .and_then(|kind| kind.word(&words, problems));
            let scope = Self::scope(&map, problems);
            let when = self.condition(&map, problems);
            let to = Self::destination(&map, problems);
            let label = map.optional_label("label", problems);
            let (Some(id), Some(kind)) = (id, kind) else {
                continue;
            };
            pointers.push(Pointer {
                id,
                kind,
                scope,
                when,
                to,
                period: map.period(problems),
                label,
                cite: self.cite(&map, problems),
                at: map.location(),
            });
        }
        pointers
    }
}

/// `1500 USD`.
fn money(cursor: Cursor<'_>, problems: &mut Problems) -> Option<Money> {
    let text = cursor.text(problems)?;
    let parsed = text.split_once(' ').and_then(|(amount, currency)| {
        let amount = Decimal::parse(amount).and_then(Decimal::to_rational).ok()?;
        Money::new(amount, currency)
    });
    if parsed.is_none() {
        let what = format!("`{text}` is not an amount such as `1500 USD`");
        problems.push(cursor.location(), ProblemKind::Invalid { what });
    }
    parsed
}
