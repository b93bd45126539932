//! What a list holds of some codes at its date: how much can be said, and the paragraphs in force.

use crate::condition::{Reference, Term};
use crate::entry::{Code, Coverage, Entry, Paragraph};
use crate::regime::RegimeAt;
use crate::regime::references::reached;
use crate::vocabulary::{Attribute, StandsFor};

/// How much of a side our data can say at its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The list does not know the code.
    Unknown,
    /// It knows it, but nothing of it is in force.
    NotInForce,
    /// It is in force, but its thresholds are not in our data.
    NoThresholds,
    /// Of every paragraph in force our data has what it is about and one question for all that it asks.
    Named,
    /// Thresholds unverified or incomplete.
    Partial,
    /// Every paragraph with its thresholds.
    Full,
}

/// How much of some codes a list can say at its date.
#[must_use]
pub fn standing(at: RegimeAt<'_>, codes: &[Code]) -> Standing {
    let mut best = Standing::Unknown;
    for code in codes {
        let Some(entry) = at.regime.entry(&code.entry) else {
            continue;
        };
        let paragraphs = entry
            .paragraphs
            .iter()
            .filter(|p| code.path.covers(&p.path))
            .collect::<Vec<_>>();
        let now = paragraphs.iter().any(|p| p.period.contains(at.date));
        let standing = if !entry.period.contains(at.date) || (!paragraphs.is_empty() && !now) {
            Standing::NotInForce
        } else if paragraphs.is_empty() || entry.coverage == Coverage::StatedOnly {
            Standing::NoThresholds
        } else if entry.coverage == Coverage::Partial
            && only_named(at, paragraphs.iter().filter(|p| p.period.contains(at.date)))
        {
            Standing::Named
        } else if entry.coverage == Coverage::Partial {
            Standing::Partial
        } else {
            Standing::Full
        };
        best = best.max(standing);
    }
    best
}

/// Every paragraph asks a question that stands for features which are not in our data, and beside it at most what the item is
/// called or of which type it is; or it is met by such paragraphs alone.
fn only_named<'p>(
    at: RegimeAt<'_>,
    mut paragraphs: impl Iterator<Item = &'p &'p Paragraph>,
) -> bool {
    paragraphs.all(|paragraph| is_named(at, paragraph))
}

fn is_named(at: RegimeAt<'_>, paragraph: &Paragraph) -> bool {
    let mut asked = false;
    only_words(at, paragraph.when.root(), &mut asked) && asked
}

fn only_words(at: RegimeAt<'_>, term: &Term, asked: &mut bool) -> bool {
    match term {
        Term::All(parts) | Term::Any(parts) => {
            let mut named = true;
            for part in parts {
                // Every part is looked at, so that no question is missed.
                named &= only_words(at, part, asked);
            }
            named
        }
        Term::Not(part) => only_words(at, part, asked),
        Term::Judgement(judgement) => {
            let judgement = at.regime.vocabulary.judgement(*judgement);
            *asked |= judgement.is_some_and(|j| j.stands_for == StandsFor::Unstored);
            true
        }
        Term::OneOf { attribute, .. } => matches!(
            attribute,
            Attribute::Name | Attribute::Type | Attribute::Kind
        ),
        Term::Constant(_) => true,
        Term::Reference(reference) => {
            let named = refers_to_named(at, reference);
            *asked |= named;
            named
        }
        Term::Compare(_) | Term::Flag(_) => false,
    }
}

fn refers_to_named(at: RegimeAt<'_>, reference: &Reference) -> bool {
    reached(at.regime, reference).is_some_and(|(_, paragraphs)| {
        let mut some = false;
        for paragraph in paragraphs.filter(|p| p.period.contains(at.date)) {
            if !is_named(at, paragraph) {
                return false;
            }
            some = true;
        }
        some
    })
}

/// The paragraphs in force at and below some codes, each once.
pub(super) fn in_force<'a>(at: RegimeAt<'a>, codes: &[Code]) -> Vec<(&'a Entry, &'a Paragraph)> {
    let mut out: Vec<(&Entry, &Paragraph)> = Vec::new();
    for code in codes {
        let Some(entry) = at.regime.entry(&code.entry) else {
            continue;
        };
        if !entry.period.contains(at.date) {
            continue;
        }
        for paragraph in &entry.paragraphs {
            let wanted = code.path.covers(&paragraph.path) && paragraph.period.contains(at.date);
            if wanted && !out.iter().any(|(_, known)| known.index == paragraph.index) {
                out.push((entry, paragraph));
            }
        }
    }
    out
}
