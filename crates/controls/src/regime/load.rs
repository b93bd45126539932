//! Reading an edition: files, cross-references, and the index of what each entry tests.

use std::collections::HashMap;
use std::sync::Arc;

use super::references::References;
use super::steady::Steady;
use super::traced::Traced;
use super::{Milestone, Notice, Regime, RegimeSource};
use crate::condition::{Condition, Term};
use crate::destination::DestinationPredicate;
use crate::entry::{Code, Entry, read_entry};
use crate::problem::{LoadError, Location, ProblemKind, Problems};
use crate::vocabulary::{Vocabulary, document};
use crate::yaml::{Label, MapReader};

pub(super) use super::index::FactIndex;

pub(super) fn regime(source: &RegimeSource, folder: &str) -> Result<Regime, LoadError> {
    let mut problems = Problems::new();
    let vocabulary = Arc::new(Vocabulary::load(source, &mut problems));
    let head = head(source, folder, &mut problems);
    let mut entries: Vec<Entry> = Vec::new();
    let below = format!("{folder}/entries");
    for (path, _) in source.below(&below) {
        entries_of(source, path, &vocabulary, &mut entries, &mut problems);
    }
    let mut by_code: HashMap<Arc<str>, usize> = HashMap::new();
    let mut paragraph_count = 0;
    for (position, entry) in entries.iter_mut().enumerate() {
        for paragraph in &mut entry.paragraphs {
            paragraph.index = paragraph_count;
            paragraph_count += 1;
        }
        by_code.entry(Arc::clone(&entry.code)).or_insert(position);
    }
    for (position, entry) in entries.iter().enumerate() {
        let first = by_code
            .get(&entry.code)
            .and_then(|first| entries.get(*first));
        if let Some(first) = first.filter(|_| by_code.get(&entry.code) != Some(&position)) {
            let kind = ProblemKind::DuplicateId {
                id: entry.code.to_string(),
                first: first.at.clone(),
            };
            problems.push(entry.at.clone(), kind);
        }
    }
    let mut notices = notices(source, folder, &vocabulary, &mut problems);
    let Some(head) = head else {
        problems.finish()?;
        // INVARIANT: without a head there is a problem, so `finish` returned it.
        return Err(LoadError {
            problems: Vec::new(),
        });
    };
    let traced = Traced::build(&vocabulary, &entries);
    let references = References::resolve(&mut entries, &mut notices, &by_code);
    let index = FactIndex::build(&vocabulary, &entries, &by_code);
    let steady = Steady::build(&entries, paragraph_count);
    let regime = Regime {
        jurisdiction: head.jurisdiction,
        agency: head.agency,
        name: head.name,
        time_zone: head.time_zone,
        list_id: head.list_id,
        list_name: head.list_name,
        residual: head.residual,
        official_until: head.official_until,
        milestones: head.milestones,
        vocabulary,
        entries,
        by_code,
        notices,
        digest: source.digest(folder).into(),
        paragraph_count,
        index,
        references,
        traced,
        steady,
    };
    super::graph::check(&regime, &mut problems);
    problems.finish()?;
    Ok(regime)
}

struct Head {
    jurisdiction: Arc<str>,
    agency: Arc<str>,
    name: Label,
    time_zone: Arc<str>,
    list_id: Arc<str>,
    list_name: Label,
    residual: Option<Arc<str>>,
    official_until: Option<jiff::civil::Date>,
    milestones: Vec<Milestone>,
}

fn head(source: &RegimeSource, folder: &str, problems: &mut Problems) -> Option<Head> {
    let document = document(source, &format!("{folder}/regime.yaml"), true, problems)?;
    let keys = [
        "jurisdiction",
        "agency",
        "name",
        "time_zone",
        "list",
        "residual",
        "official_until",
        "milestones",
    ];
    let map = MapReader::open(document.root(), &keys, problems)?;
    let list = map.required("list", problems);
    let list = list.and_then(|list| MapReader::open(list, &["id", "name"], problems));
    let mut milestones = Vec::new();
    for cursor in map
        .optional("milestones")
        .map_or_else(Vec::new, |cursor| cursor.items(problems))
    {
        let Some(map) = MapReader::open(cursor, &["date", "label", "cite"], problems) else {
            continue;
        };
        let date = map
            .required("date", problems)
            .and_then(|date| date.date(problems));
        let (label, cite) = (map.label("label", problems), map.text("cite", problems));
        if let (Some(date), Some(label), Some(cite)) = (date, label, cite) {
            milestones.push(Milestone { date, label, cite });
        }
    }
    milestones.sort_by_key(|milestone| milestone.date);
    let jurisdiction = map.text("jurisdiction", problems);
    let agency = map.text("agency", problems);
    let name = map.label("name", problems);
    let time_zone = map.text("time_zone", problems);
    let official_until = map
        .optional("official_until")
        .and_then(|date| date.date(problems));
    let list = list?;
    let (list_id, list_name) = (list.text("id", problems), list.label("name", problems));
    Some(Head {
        jurisdiction: jurisdiction?,
        agency: agency?,
        name: name?,
        time_zone: time_zone?,
        list_id: list_id?,
        list_name: list_name?,
        residual: map.optional_text("residual", problems),
        official_until,
        milestones,
    })
}

fn entries_of(
    source: &RegimeSource,
    path: &str,
    vocabulary: &Vocabulary,
    entries: &mut Vec<Entry>,
    problems: &mut Problems,
) {
    if !path.ends_with(".yaml") {
        let at = Location {
            file: path.into(),
            line: 1,
            column: 1,
        };
        let what = "files of entries end in `.yaml`".to_owned();
        problems.push(at, ProblemKind::Invalid { what });
        return;
    }
    let Some(document) = document(source, path, true, problems) else {
        return;
    };
    let Some(map) = MapReader::open(document.root(), &["entries"], problems) else {
        return;
    };
    let Some(list) = map.required("entries", problems) else {
        return;
    };
    for cursor in list.items(problems) {
        entries.extend(read_entry(cursor, vocabulary, problems));
    }
}

fn notices(
    source: &RegimeSource,
    folder: &str,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    let path = format!("{folder}/notices.yaml");
    let Some(document) = document(source, &path, false, problems) else {
        return notices;
    };
    let Some(map) = MapReader::open(document.root(), &["notices"], problems) else {
        return notices;
    };
    let Some(list) = map.required("notices", problems) else {
        return notices;
    };
    let keys = [
        "id", "label", "when", "to", "reason", "basis", "period", "cite",
    ];
    for cursor in list.items(problems) {
        let Some(map) = MapReader::open(cursor, &keys, problems) else {
            continue;
        };
        let id = map.text("id", problems);
        let when = map.required("when", problems);
        let when = when.and_then(|when| Condition::read(when, vocabulary, problems));
        let to = map
            .required("to", problems)
            .and_then(|to| DestinationPredicate::read(to, problems));
        let (reason, basis) = (map.text("reason", problems), map.text("basis", problems));
        let cite = map.text("cite", problems);
        let label = map.optional_label("label", problems);
        let period = map.period(problems);
        let (Some(id), Some(when), Some(to)) = (id, when, to) else {
            continue;
        };
        let (Some(reason), Some(basis), Some(cite)) = (reason, basis, cite) else {
            continue;
        };
        if let Some(first) = notices.iter().find(|notice| notice.id == id) {
            let kind = ProblemKind::DuplicateId {
                id: id.to_string(),
                first: first.at.clone(),
            };
            problems.push(map.location(), kind);
        }
        notices.push(Notice {
            id,
            label,
            when,
            to,
            reason,
            basis,
            period,
            cite,
            at: map.location(),
        });
    }
    notices
}

pub(super) fn check_references(
    regime: &Regime,
    condition: &Condition,
    at: &Location,
    problems: &mut Problems,
) {
    condition.each_term(&mut |term| {
        let Term::Reference(reference) = term else {
            return;
        };
        let code = Code {
            entry: Arc::clone(&reference.entry),
            path: reference.path.clone(),
        };
        if !knows(regime, &code) {
            let kind = ProblemKind::DanglingReference {
                code: code.to_string(),
            };
            problems.push(at.clone(), kind);
        }
    });
}

/// An entry whose paragraphs are not all in our data knows every path below it: a stated code may reach it.
pub(super) fn knows(regime: &Regime, code: &Code) -> bool {
    if regime.residual.as_ref() == Some(&code.entry) {
        return code.path.is_empty();
    }
    let Some(entry) = regime.entry(&code.entry) else {
        return false;
    };
    code.path.is_empty()
        || entry.coverage != crate::entry::Coverage::Full
        || entry
            .paragraphs
            .iter()
            .any(|paragraph| code.path.covers(&paragraph.path) || paragraph.path.covers(&code.path))
}
