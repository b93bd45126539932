//! References between formulas, precedence between entries: nothing dangles, nothing leads back to itself.

use super::Regime;
use crate::condition::{Condition, Reference, Term};
use crate::entry::{Entry, Paragraph};
use crate::problem::{ProblemKind, Problems};

pub(super) fn check(regime: &Regime, problems: &mut Problems) {
    for entry in regime.entries() {
        for paragraph in &entry.paragraphs {
            regime.check_references(&paragraph.when, &paragraph.at, problems);
        }
        for note in &entry.notes {
            regime.check_references(&note.when, &note.at, problems);
        }
        for row in &entry.requirements {
            for condition in row.when.iter().chain(&row.unless) {
                regime.check_references(condition, &row.at, problems);
            }
        }
        for exception in &entry.exceptions {
            if let Some(condition) = &exception.when {
                regime.check_references(condition, &exception.at, problems);
            }
        }
        for pointer in &entry.pointers {
            if let Some(condition) = &pointer.when {
                regime.check_references(condition, &pointer.at, problems);
            }
        }
        for code in &entry.yields_to {
            if regime.entry(code).is_none() {
                let kind = ProblemKind::DanglingReference {
                    code: code.to_string(),
                };
                problems.push(entry.at.clone(), kind);
            }
        }
    }
    for notice in regime.notices() {
        regime.check_references(&notice.when, &notice.at, problems);
    }
    reference_cycles(regime, problems);
    precedence_cycles(regime, problems);
}

/// The paragraphs that a reference reaches, of any version.
pub(crate) fn targets<'r>(
    regime: &'r Regime,
    reference: &'r Reference,
) -> impl Iterator<Item = (&'r Entry, &'r Paragraph)> + 'r {
    regime
        .entry(&reference.entry)
        .into_iter()
        .flat_map(move |entry| {
            entry
                .paragraphs
                .iter()
                .filter(move |paragraph| reference.path.covers(&paragraph.path))
                .map(move |paragraph| (entry, paragraph))
        })
}

/// The references of a paragraph and of the notes in whose scope it is.
fn references<'r>(entry: &'r Entry, paragraph: &'r Paragraph) -> Vec<&'r Reference> {
    let mut found = Vec::new();
    let mut collect = |condition: &'r Condition| {
        condition.each_term(&mut |term| {
            if let Term::Reference(reference) = term {
                found.push(reference);
            }
        });
    };
    collect(&paragraph.when);
    for note in paragraph
        .notes
        .iter()
        .filter_map(|position| entry.notes.get(*position))
    {
        collect(&note.when);
    }
    found
}

/// Depth-first search with an explicit stack: a long chain of references must not exhaust the program's own.
fn reference_cycles(regime: &Regime, problems: &mut Problems) {
    let mut nodes: Vec<(&Entry, &Paragraph, Vec<usize>)> = Vec::new();
    for entry in regime.entries() {
        for paragraph in &entry.paragraphs {
            let mut next: Vec<usize> = references(entry, paragraph)
                .into_iter()
                .flat_map(|reference| targets(regime, reference))
                .map(|(_, target)| target.index)
                .collect();
            next.sort_unstable();
            next.dedup();
            nodes.push((entry, paragraph, next));
        }
    }
    let edges: Vec<&[usize]> = nodes.iter().map(|(_, _, next)| next.as_slice()).collect();
    for cycle in cycles(&edges) {
        let at = cycle.first().and_then(|first| nodes.get(*first));
        let codes: Vec<&str> = cycle
            .iter()
            .filter_map(|node| nodes.get(*node))
            .map(|(_, p, _)| &*p.code)
            .collect();
        if let Some((_, paragraph, _)) = at {
            let path = codes.join(" -> ");
            problems.push(paragraph.at.clone(), ProblemKind::Cycle { path });
        }
    }
}

fn precedence_cycles(regime: &Regime, problems: &mut Problems) {
    let next: Vec<Vec<usize>> = regime
        .entries()
        .iter()
        .map(|entry| {
            entry
                .yields_to
                .iter()
                .filter_map(|code| regime.by_code.get(code).copied())
                .collect()
        })
        .collect();
    let edges: Vec<&[usize]> = next.iter().map(Vec::as_slice).collect();
    for cycle in cycles(&edges) {
        let entries: Vec<&Entry> = cycle
            .iter()
            .filter_map(|node| regime.entries().get(*node))
            .collect();
        if let Some(first) = entries.first() {
            let codes: Vec<&str> = entries.iter().map(|entry| &*entry.code).collect();
            let path = format!("{} (yields_to)", codes.join(" -> "));
            problems.push(first.at.clone(), ProblemKind::Cycle { path });
        }
    }
}

/// One cycle per strongly connected knot, each beginning and ending with the same node.
fn cycles(edges: &[&[usize]]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        if states.get(start) != Some(&State::New) {
            continue;
        }
        let mut stack: Vec<(usize, usize)> = vec![(start, 0)];
        if let Some(state) = states.get_mut(start) {
            *state = State::Open;
        }
        while let Some((node, position)) = stack.last_mut() {
            let node = *node;
            let next = edges
                .get(node)
                .and_then(|next| next.get(*position))
                .copied();
            *position += 1;
            let Some(next) = next else {
                if let Some(state) = states.get_mut(node) {
                    *state = State::Done;
                }
                stack.pop();
                continue;
            };
            match states.get(next) {
                Some(State::New) => {
                    if let Some(state) = states.get_mut(next) {
                        *state = State::Open;
                    }
                    stack.push((next, 0));
                }
                Some(State::Open) => {
                    let mut cycle: Vec<usize> = stack
                        .iter()
                        .map(|(n, _)| *n)
                        .skip_while(|n| *n != next)
                        .collect();
                    cycle.push(next);
                    found.push(cycle);
                }
                _ => {}
            }
        }
    }
    found
}
