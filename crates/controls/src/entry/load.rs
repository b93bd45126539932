//! Reading the entries of one file.

use std::collections::HashMap;
use std::sync::Arc;

use super::{
    Code, Coverage, EligibilityStatus, Entry, ExceptionEligibility, Money, Note, NoteKind,
    Paragraph, Path, Pointer, PointerKind, RequirementRow, Sensitivity, in_scope, periods,
};
use crate::condition::Condition;
use crate::destination::DestinationPredicate;
use crate::exact::Decimal;
use crate::problem::{Location, ProblemKind, Problems};
use crate::vocabulary::{Attribute, Vocabulary};
use crate::yaml::{Cursor, MapReader};

const ENTRY_KEYS: [&str; 17] = [
    "code",
    "label",
    "subject",
    "reasons",
    "cite",
    "period",
    "yields_to",
    "coverage",
    "basis",
    "sensitivity",
    "authority",
    "annex",
    "paragraphs",
    "notes",
    "requirements",
    "exceptions",
    "pointers",
];

/// Reads one entry; `None` when it is too damaged to go on with (the problems say why).
pub(crate) fn read_entry(
    cursor: Cursor<'_>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<Entry> {
    let map = MapReader::open(cursor, &ENTRY_KEYS, problems)?;
    let code = map.text("code", problems);
    let label = map.label("label", problems);
    let cite = map.text("cite", problems);
    let (code, label, cite) = (code?, label?, cite?);
    if !matches!(Code::parse(&code), Some(parsed) if parsed.path.is_empty()) {
        let what = format!("`{code}` is not an entry code such as `3A090`");
        problems.push(map.location(), ProblemKind::Invalid { what });
        return None;
    }
    let subjects = subjects(&map, vocabulary, problems);
    let coverage = map
        .optional("coverage")
        .and_then(|word| {
            word.word(
                &[
                    ("full", Coverage::Full),
                    ("partial", Coverage::Partial),
                    ("stated_only", Coverage::StatedOnly),
                ],
                problems,
            )
        })
        .unwrap_or(Coverage::Full);
    let basis = map.optional_text("basis", problems);
    if coverage != Coverage::Full && basis.is_none() {
        let what = format!("`{code}` is not covered in full: `basis` must say why");
        problems.push(map.location(), ProblemKind::Invalid { what });
    }
    let sensitivity = map.optional("sensitivity").and_then(|word| {
        let words = [
            ("normal", Sensitivity::Normal),
            ("sensitive", Sensitivity::Sensitive),
            ("very_sensitive", Sensitivity::VerySensitive),
        ];
        word.word(&words, problems)
    });
    let reader = Reader {
        vocabulary,
        code: &code,
        cite: &cite,
    };
    let before = problems.len();
    let mut paragraphs = reader.paragraphs(&map, problems);
    // What failed to read is already told; what would follow from its absence is noise.
    let paragraphs_read = problems.len() == before;
    let notes = reader.notes(&map, problems);
    for paragraph in &mut paragraphs {
        paragraph.notes = notes
            .iter()
            .enumerate()
            .filter(|(_, note)| in_scope(&note.scope, &paragraph.path))
            .map(|(position, _)| position)
            .collect();
    }
    if coverage == Coverage::StatedOnly && !paragraphs.is_empty() {
        let what = format!("`{code}` is reached by a stated code only, so it has no paragraphs");
        problems.push(map.location(), ProblemKind::Invalid { what });
    }
    if coverage != Coverage::StatedOnly && paragraphs.is_empty() && paragraphs_read {
        let what = format!("`{code}` has no paragraphs: `coverage: stated_only` would say so");
        problems.push(map.location(), ProblemKind::Invalid { what });
    }
    periods::check_versions(
        paragraphs.iter().map(|p| (&*p.code, p.period, &p.at)),
        &gaps(&map, "paragraphs"),
        problems,
    );
    periods::check_versions(
        notes.iter().map(|note| (&*note.id, note.period, &note.at)),
        &gaps(&map, "notes"),
        problems,
    );
    let requirements = reader.requirements(&map, problems);
    let exceptions = reader.exceptions(&map, problems);
    let pointers = reader.pointers(&map, problems);
    if !paragraphs.is_empty() && paragraphs_read {
        // Where there are no paragraphs, a scope speaks of paths that only a stated code reaches.
        let scopes = notes.iter().map(|note| (&note.scope, &note.at));
        check_scopes(&code, coverage, &paragraphs, scopes, problems);
        let scopes = requirements.iter().map(|row| (&row.scope, &row.at));
        check_scopes(&code, coverage, &paragraphs, scopes, problems);
        let scopes = exceptions
            .iter()
            .map(|exception| (&exception.scope, &exception.at));
        check_scopes(&code, coverage, &paragraphs, scopes, problems);
        let scopes = pointers.iter().map(|pointer| (&pointer.scope, &pointer.at));
        check_scopes(&code, coverage, &paragraphs, scopes, problems);
    }
    Some(Entry {
        subjects,
        reasons: map.texts("reasons", problems),
        period: map.period(problems),
        yields_to: map.texts("yields_to", problems),
        coverage,
        basis,
        sensitivity,
        authority: map.optional_text("authority", problems),
        annex: map.optional_text("annex", problems),
        paragraphs,
        notes,
        requirements,
        exceptions,
        pointers,
        at: map.location(),
        code,
        label,
        cite,
    })
}

fn subjects(
    map: &MapReader<'_>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Vec<Arc<str>> {
    let Some(cursor) = map.optional("subject") else {
        return Vec::new();
    };
    let mut subjects = Vec::new();
    for item in cursor.items(problems) {
        let Some(word) = item.text(problems) else {
            continue;
        };
        if let Some(known) = vocabulary.words(Attribute::Type)
            && !known.iter().any(|known| **known == *word)
        {
            let kind = ProblemKind::UnknownWord {
                word: word.to_owned(),
                allowed: known.join(", "),
            };
            problems.push(item.location(), kind);
        }
        subjects.push(word.into());
    }
    subjects
}

/// Where `gap: true` is given.
fn gaps(map: &MapReader<'_>, key: &str) -> Vec<Location> {
    let mut ignored = Problems::new();
    let Some(cursor) = map.optional(key) else {
        return Vec::new();
    };
    cursor
        .items(&mut ignored)
        .into_iter()
        .filter(|item| {
            let pairs = item.pairs(&mut Problems::new());
            pairs.iter().any(|(key, _, value)| {
                *key == "gap" && value.boolean(&mut Problems::new()) == Some(true)
            })
        })
        .map(Cursor::location)
        .collect()
}

/// A scope must cover a paragraph; where our data is partial it may speak of paths that only a stated code reaches.
fn check_scopes<'a>(
    code: &str,
    coverage: Coverage,
    paragraphs: &[Paragraph],
    scopes: impl Iterator<Item = (&'a Vec<Path>, &'a Location)>,
    problems: &mut Problems,
) {
    if coverage != Coverage::Full {
        return;
    }
    for (scope, at) in scopes {
        for prefix in scope {
            let touches = paragraphs
                .iter()
                .any(|paragraph| prefix.covers(&paragraph.path) || paragraph.path.covers(prefix));
            if !touches {
                let kind = ProblemKind::EmptyScope {
                    scope: prefix.to_string(),
                    entry: code.to_owned(),
                };
                problems.push(at.clone(), kind);
            }
        }
    }
}

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    code: &'a Arc<str>,
    cite: &'a Arc<str>,
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

    fn paragraphs(&self, map: &MapReader<'_>, problems: &mut Problems) -> Vec<Paragraph> {
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

    fn notes(&self, map: &MapReader<'_>, problems: &mut Problems) -> Vec<Note> {
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
            notes.push(Note {
                id,
                kind,
                scope,
                when,
                period: map.period(problems),
                cite: self.cite(&map, problems),
                at: map.location(),
            });
        }
        notes
    }

    fn requirements(&self, map: &MapReader<'_>, problems: &mut Problems) -> Vec<RequirementRow> {
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

    fn exceptions(
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

    fn pointers(&self, map: &MapReader<'_>, problems: &mut Problems) -> Vec<Pointer> {
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
