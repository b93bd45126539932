//! The order of what is met: which paragraph stands for the item.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::sync::Arc;

use super::ParagraphResult;
use crate::regime::Regime;

/// Sorts met paragraphs: entries that yield to another met entry come after it; then the entry with the most specific
/// paragraph; then by code; within an entry as the list prints them, the specific before the general.
pub(super) fn rank(
    regime: &Regime,
    stated: Option<&Arc<str>>,
    matches: &mut [Arc<ParagraphResult>],
) {
    let mut standing: HashMap<Arc<str>, (usize, Reverse<usize>)> = HashMap::new();
    let mut met: Vec<Arc<str>> = Vec::new();
    for result in matches.iter() {
        let depth = Reverse(result.path.depth());
        if let Some((_, deepest)) = standing.get_mut(&result.entry) {
            *deepest = (*deepest).min(depth);
        } else {
            standing.insert(Arc::clone(&result.entry), (0, depth));
            met.push(Arc::clone(&result.entry));
        }
    }
    if let Some(stated) = stated
        && !met.contains(stated)
    {
        met.push(Arc::clone(stated));
    }
    // Longest chain of precedence; loading refuses cycles, so it settles within as many rounds as entries are met.
    let mut levels: Vec<usize> = vec![0; met.len()];
    for _ in 0..met.len() {
        for position in 0..met.len() {
            let yields = met.get(position).and_then(|code| regime.entry(code));
            let Some(yields) = yields.map(|entry| &entry.yields_to) else {
                continue;
            };
            let level = met
                .iter()
                .zip(&levels)
                .filter(|(code, _)| yields.contains(code))
                .map(|(_, level)| level + 1)
                .max()
                .unwrap_or(0);
            if let Some(slot) = levels.get_mut(position) {
                *slot = level;
            }
        }
    }
    for (code, level) in met.iter().zip(&levels) {
        if let Some((slot, _)) = standing.get_mut(code) {
            *slot = *level;
        }
    }
    matches.sort_by(|a, b| {
        if a.entry == b.entry {
            return a.path.report_order(&b.path);
        }
        match standing.get(&a.entry).cmp(&standing.get(&b.entry)) {
            Ordering::Equal => a.entry.cmp(&b.entry),
            different => different,
        }
    });
}

/// True when `lower` gives way to `upper`, directly or through others.
pub(super) fn yields(regime: &Regime, lower: &Arc<str>, upper: &Arc<str>) -> bool {
    let mut pending = vec![lower];
    let mut seen: Vec<&Arc<str>> = Vec::new();
    while let Some(code) = pending.pop() {
        let Some(entry) = regime.entry(code) else {
            continue;
        };
        for next in &entry.yields_to {
            if next == upper {
                return true;
            }
            if !seen.contains(&next) {
                seen.push(next);
                pending.push(next);
            }
        }
    }
    false
}
