//! Which entries answer a question, best first.

use super::question::{Group, Question};
use super::{Evidence, Hit, SearchIndex};

/// A code, CAS or customs number outweighs all words.
const BY_CODE: u64 = 1 << 40;
const BY_CAS: u64 = 1 << 38;
const BY_CUSTOMS: u64 = 1 << 34;
/// What a product's pointer is worth; words of labels reach about two thousand.
const POINTER: u64 = 2600;
/// What an entry gets of its counterpart's worth, in 1/16.
const COUNTERPART: u64 = 10;
/// Software or technology that was asked for, or was not, in 1/16.
const ASKED: u64 = 21;
const NOT_ASKED: u64 = 11;
/// Entries worth less than this part of the best are left out.
const LEAST: u64 = 10;

/// What one document got, and from what.
#[derive(Debug, Clone, Copy, Default)]
struct Worth {
    words: u64,
    code: u64,
    cas: u64,
    customs: u64,
}

impl Worth {
    const fn all(&self) -> u64 {
        self.words + self.code + self.cas + self.customs
    }
}

pub(super) fn search(
    index: &SearchIndex,
    question: &Question,
    in_force: &dyn Fn(usize) -> bool,
    wanted: &dyn Fn(usize) -> bool,
) -> Vec<Hit> {
    let count = index.documents.len();
    let by_group: Vec<Vec<u32>> = question
        .groups
        .iter()
        .map(|group| worth_of(index, group, count))
        .collect();
    let mut own: Vec<Worth> = vec![Worth::default(); count];
    for (group, worths) in question.groups.iter().zip(&by_group) {
        for (worth, here) in own.iter_mut().zip(worths) {
            worth.words += u64::from(*here) * group.weight / 16;
        }
    }
    for (worth, document) in own.iter_mut().zip(&index.documents) {
        let factor = match (document.group(), question.software, question.technology) {
            ('D', true, _) | ('E', _, true) => ASKED,
            ('D' | 'E', _, _) => NOT_ASKED,
            _ => 16,
        };
        worth.words = worth.words * factor / 16;
    }
    numbers(index, question, &mut own);
    for (at, worth) in own.iter_mut().enumerate() {
        if !in_force(at) {
            *worth = Worth::default();
        }
    }
    let total = |at: usize| {
        let mine = own.get(at).map_or(0, Worth::all);
        let theirs = index
            .counterparts(at)
            .filter_map(|c| own.get(c))
            .map(Worth::all);
        mine + theirs.max().unwrap_or(0) * COUNTERPART / 16
    };
    let mut totals: Vec<(u64, usize)> = (0..count)
        .filter(|at| in_force(*at) && wanted(*at))
        .map(|at| (total(at), at))
        .collect();
    let best = totals.iter().map(|(worth, _)| *worth).max().unwrap_or(0);
    totals.retain(|(worth, _)| *worth > 0 && worth * LEAST >= best);
    // INVARIANT: documents stand in list order, so equals keep one order everywhere.
    totals.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let possible = possible(question, &by_group, best);
    totals
        .into_iter()
        .filter_map(|(worth, at)| {
            let document = index.documents.get(at)?;
            let score = worth
                .saturating_mul(10_000)
                .checked_div(possible)
                .unwrap_or(0);
            Some(Hit {
                jurisdiction: document.jurisdiction.clone(),
                code: document.code.clone(),
                label: document.label.clone(),
                score: u32::try_from(score.clamp(1, 10_000)).unwrap_or(10_000),
                matched: matched(index, question, &by_group, at),
                evidence: evidence(index, &own, at),
            })
        })
        .collect()
}

/// What the best thinkable document would get: every group at its best, with its counterpart's share.
fn possible(question: &Question, by_group: &[Vec<u32>], best: u64) -> u64 {
    let words: u64 = question
        .groups
        .iter()
        .zip(by_group)
        .map(|(group, worths)| {
            u64::from(worths.iter().copied().max().unwrap_or(0)) * group.weight / 16
        })
        .sum();
    (words + words * COUNTERPART / 16).max(best)
}

/// What a group is worth in each document.
fn worth_of(index: &SearchIndex, group: &Group, count: usize) -> Vec<u32> {
    let mut best: Vec<u32> = vec![0; count];
    for option in &group.options {
        let mut sum: Vec<u32> = vec![0; count];
        for forms in option {
            let mut part: Vec<u32> = vec![0; count];
            for (word, weight) in forms {
                for posting in index.postings.of(word) {
                    let worth = u64::from(posting.worth) * weight / 16;
                    if let Some(known) = part.get_mut(posting.document as usize) {
                        *known = (*known).max(u32::try_from(worth).unwrap_or(u32::MAX));
                    }
                }
            }
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum = sum.saturating_add(part);
            }
        }
        for (best, sum) in best.iter_mut().zip(sum) {
            *best = (*best).max(sum);
        }
    }
    // A name that points to many entries says less about each.
    let pointer = POINTER - 120 * (group.see.len() as u64).min(8);
    for document in &group.see {
        if let Some(best) = best.get_mut(*document as usize) {
            *best = (*best).max(u32::try_from(pointer).unwrap_or(u32::MAX));
        }
    }
    best
}

fn numbers(index: &SearchIndex, question: &Question, own: &mut [Worth]) {
    for code in &question.codes {
        for (document, worth) in index.documents.iter().zip(own.iter_mut()) {
            if document.code == code.entry {
                worth.code = BY_CODE;
            }
        }
    }
    for cas in &question.cas {
        for document in index.with_cas(cas) {
            if let Some(worth) = own.get_mut(*document as usize) {
                worth.cas += BY_CAS;
            }
        }
    }
    for digits in &question.customs {
        for document in index.with_customs_code(digits) {
            if let Some(worth) = own.get_mut(document as usize) {
                // More tariff lines of that code, more likely.
                worth.customs += BY_CUSTOMS;
            }
        }
    }
}

fn matched(
    index: &SearchIndex,
    question: &Question,
    by_group: &[Vec<u32>],
    at: usize,
) -> Vec<String> {
    let worth = |worths: &Vec<u32>| {
        let mine = worths.get(at).copied().unwrap_or(0);
        let theirs = index
            .counterparts(at)
            .filter_map(|c| worths.get(c))
            .copied();
        mine.max(theirs.max().unwrap_or(0))
    };
    let mut found: Vec<(u64, &String)> = question
        .groups
        .iter()
        .zip(by_group)
        .map(|(group, worths)| (u64::from(worth(worths)) * group.weight, &group.written))
        .filter(|(worth, _)| *worth > 0)
        .collect();
    found.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
    let mut words: Vec<String> = Vec::new();
    for (_, word) in found {
        if !words.contains(word) {
            words.push(word.clone());
        }
    }
    let code = |at: usize| index.documents.get(at).map(|d| d.code.to_string());
    let here: Vec<String> = code(at)
        .into_iter()
        .chain(index.counterparts(at).filter_map(code))
        .collect();
    let mut all: Vec<String> = question
        .codes
        .iter()
        .filter(|asked| here.iter().any(|c| **c == *asked.entry))
        .map(ToString::to_string)
        .collect();
    all.extend(words);
    all
}

/// What the entry was found by, strongest first.
fn evidence(index: &SearchIndex, own: &[Worth], at: usize) -> Vec<Evidence> {
    let nothing = Worth::default();
    let mine = own.get(at).unwrap_or(&nothing);
    let theirs = index
        .counterparts(at)
        .filter_map(|c| own.get(c))
        .map(Worth::all)
        .max();
    let found = [
        (mine.code > 0, Evidence::Code),
        (mine.cas > 0, Evidence::Cas),
        (mine.words > 0, Evidence::Words),
        (theirs.unwrap_or(0) > 0, Evidence::Alignment),
        (mine.customs > 0, Evidence::CustomsCode),
    ];
    found
        .into_iter()
        .filter(|(found, _)| *found)
        .map(|(_, evidence)| evidence)
        .collect()
}
