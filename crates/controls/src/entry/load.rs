//! Reading the entries of one file.

mod rows;

use std::sync::Arc;

use rows::Reader;

use super::{Code, Coverage, Entry, Paragraph, Path, Sensitivity, in_scope, periods};
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
