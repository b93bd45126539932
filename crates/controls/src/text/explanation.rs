//! Explanations of findings: `<jurisdiction>/text-findings.yaml`.

use std::sync::Arc;

use super::against::FindingKind;
use crate::entry::Code;
use crate::problem::{LoadError, Location, ProblemKind, Problems};
use crate::regime::RegimeSource;
use crate::yaml::{Document, MapReader};

/// Why a finding is right as it is, in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Entry code.
    pub code: Arc<str>,
    /// The finding's path: a paragraph, the id of a note or row, or empty.
    pub path: Arc<str>,
    /// The finding's kind.
    pub kind: FindingKind,
    /// What the finding quotes (a threshold, a CAS number); absent: every finding of that kind at that path.
    pub what: Option<Arc<str>>,
    /// The reason.
    pub reason: Arc<str>,
    /// Where it can be checked.
    pub cite: Arc<str>,
    /// Where it stands.
    pub at: Location,
}

/// All explanations of one jurisdiction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanations {
    /// In file order.
    pub all: Vec<Explanation>,
}

impl Explanations {
    /// Reads `<folder>/text-findings.yaml`; a jurisdiction without that file explains nothing.
    ///
    /// # Errors
    /// [`LoadError`] with every problem and its place: an unknown key or kind, a missing reason, the same finding
    /// explained twice, a kind that explains itself.
    pub fn load(source: &RegimeSource, folder: &str) -> Result<Self, LoadError> {
        let file = format!("{folder}/text-findings.yaml");
        let Some(bytes) = source.get(&file) else {
            return Ok(Self::default());
        };
        let document = Document::parse(&file, bytes).map_err(|problem| LoadError {
            problems: vec![problem],
        })?;
        let mut problems = Problems::new();
        let all = read(&document, &mut problems);
        problems.finish()?;
        Ok(Self { all })
    }
}

fn read(document: &Document, problems: &mut Problems) -> Vec<Explanation> {
    let mut all: Vec<Explanation> = Vec::new();
    let Some(map) = MapReader::open(document.root(), &["explanations"], problems) else {
        return all;
    };
    let Some(list) = map.required("explanations", problems) else {
        return all;
    };
    let words: Vec<(&'static str, FindingKind)> = FindingKind::EXPLAINABLE
        .iter()
        .map(|kind| (kind.word(), *kind))
        .collect();
    for cursor in list.items(problems) {
        let keys = ["code", "path", "kind", "what", "reason", "cite"];
        let Some(map) = MapReader::open(cursor, &keys, problems) else {
            continue;
        };
        let code = map.text("code", problems);
        let path = map.optional_text("path", problems).unwrap_or_default();
        let kind = map
            .required("kind", problems)
            .and_then(|kind| kind.word(&words, problems));
        let what = map.optional_text("what", problems);
        let (reason, cite) = (map.text("reason", problems), map.text("cite", problems));
        let at = map.location();
        let (Some(code), Some(kind), Some(reason), Some(cite)) = (code, kind, reason, cite) else {
            continue;
        };
        if !matches!(Code::parse(&code), Some(code) if code.path.is_empty()) {
            let what = format!("`{code}` is not an entry code such as `3A001`");
            problems.push(at, ProblemKind::Invalid { what });
            continue;
        }
        let same = all.iter().find(|earlier| {
            earlier.code == code
                && earlier.path == path
                && earlier.kind == kind
                && earlier.what == what
        });
        if let Some(first) = same {
            let kind = ProblemKind::DuplicateId {
                id: format!("{code} {path} {}", kind.word()),
                first: first.at.clone(),
            };
            problems.push(at.clone(), kind);
        }
        all.push(Explanation {
            code,
            path,
            kind,
            what,
            reason,
            cite,
            at,
        });
    }
    all
}
