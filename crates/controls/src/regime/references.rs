//! What the references of an edition point at, looked up once when it is loaded.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Notice, Regime};
use crate::condition::{Condition, Place, Reference, Term};
use crate::entry::{Coverage, Entry, Paragraph};
use crate::evaluate::Tested;

/// The paragraphs of every version that one reference reaches.
#[derive(Debug, Clone)]
struct Target {
    text: Arc<str>,
    /// Position of the entry.
    entry: usize,
    /// Positions of the paragraphs in the entry.
    paragraphs: Vec<usize>,
    /// As [`leaves_open`] says.
    open: bool,
}

/// What each reference of an edition reaches.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    targets: Vec<Target>,
}

impl References {
    /// Looks up the references of all conditions and notes in each where its answer is. Comparisons that say the same
    /// become one, so that answers can tell them apart by their place in memory.
    pub(super) fn resolve(
        entries: &mut [Entry],
        notices: &mut [Notice],
        by_code: &HashMap<Arc<str>, usize>,
    ) -> Self {
        let mut wanted: Vec<Reference> = Vec::new();
        let mut places: HashMap<Arc<str>, u32> = HashMap::new();
        let mut known: HashSet<Arc<Tested>> = HashSet::new();
        each_condition(entries, notices, &mut |condition| {
            condition.each_atom_mut(&mut |atom| {
                let tested = match atom {
                    Term::Compare(threshold) => &mut threshold.tested,
                    Term::OneOf { tested, .. } => tested,
                    Term::Reference(reference) => {
                        let next = u32::try_from(wanted.len()).ok();
                        let place = places.get(&reference.text).copied().or_else(|| {
                            wanted.push(reference.clone());
                            places.insert(Arc::clone(&reference.text), next?);
                            next
                        });
                        reference.place = Place(place);
                        &mut reference.tested
                    }
                    _ => return,
                };
                match known.get(&*tested) {
                    Some(known) => *tested = Arc::clone(known),
                    None => drop(known.insert(Arc::clone(tested))),
                }
            });
        });
        let targets = wanted
            .into_iter()
            .map(|reference| {
                // One that points at nothing is a problem of the load.
                let entry = by_code.get(&reference.entry).copied().unwrap_or(usize::MAX);
                let (paragraphs, open) = entries.get(entry).map_or((Vec::new(), true), |entry| {
                    let below = (0..)
                        .zip(&entry.paragraphs)
                        .filter(|(_, paragraph)| reference.path.covers(&paragraph.path));
                    let below = below.map(|(position, _)| position).collect();
                    (below, lacks_something(entry, &reference))
                });
                Target {
                    text: reference.text,
                    entry,
                    paragraphs,
                    open,
                }
            })
            .collect();
        Self { targets }
    }

    /// What a reference of this edition points at; `None` for one that was read elsewhere.
    fn target(&self, reference: &Reference) -> Option<&Target> {
        let target = self.targets.get(reference.place.0? as usize)?;
        (target.text == reference.text).then_some(target)
    }
}

/// The entry that a reference names, and the paragraphs of every version that it reaches; `None` when the edition does not
/// have the entry.
pub(crate) fn reached<'r, 't>(
    regime: &'r Regime,
    reference: &'t Reference,
) -> Option<(&'r Entry, impl Iterator<Item = &'r Paragraph> + use<'r, 't>)> {
    let target = regime.references.target(reference);
    let entry = match target {
        Some(target) => regime.entries.get(target.entry),
        None => regime.entry(&reference.entry),
    }?;
    let known = target
        .into_iter()
        .flat_map(|target| &target.paragraphs)
        .filter_map(|position| entry.paragraphs.get(*position));
    // A condition that was read outside of the edition is looked up each time.
    let searched = target
        .is_none()
        .then_some(&entry.paragraphs)
        .into_iter()
        .flatten()
        .filter(|paragraph| reference.path.covers(&paragraph.path));
    Some((entry, known.chain(searched)))
}

/// Whether something that the reference names may be missing from our data, so that ruling out what is stored does not rule out
/// the rest.
pub(crate) fn leaves_open(regime: &Regime, reference: &Reference) -> bool {
    match regime.references.target(reference) {
        Some(target) => target.open,
        None => regime
            .entry(&reference.entry)
            .is_none_or(|entry| lacks_something(entry, reference)),
    }
}

/// An entry that only a stated code reaches; the whole of an entry of which we hold some paragraphs (unless its heading is the
/// control); a paragraph of such an entry that we do not hold.
fn lacks_something(entry: &Entry, reference: &Reference) -> bool {
    let mut below = entry
        .paragraphs
        .iter()
        .filter(|paragraph| reference.path.covers(&paragraph.path));
    match entry.coverage {
        Coverage::Full => false,
        Coverage::StatedOnly => true,
        Coverage::Partial if reference.path.is_empty() => !below.any(|p| p.path.is_empty()),
        Coverage::Partial => below.next().is_none(),
    }
}

fn each_condition(
    entries: &mut [Entry],
    notices: &mut [Notice],
    visit: &mut dyn FnMut(&mut Condition),
) {
    for entry in entries {
        entry.paragraphs.iter_mut().for_each(|p| visit(&mut p.when));
        entry
            .notes
            .iter_mut()
            .for_each(|note| visit(&mut note.when));
        for row in &mut entry.requirements {
            row.when
                .iter_mut()
                .chain(&mut row.unless)
                .for_each(&mut *visit);
        }
        for exception in &mut entry.exceptions {
            exception.when.iter_mut().for_each(&mut *visit);
        }
        for pointer in &mut entry.pointers {
            pointer.when.iter_mut().for_each(&mut *visit);
        }
    }
    notices
        .iter_mut()
        .for_each(|notice| visit(&mut notice.when));
}
