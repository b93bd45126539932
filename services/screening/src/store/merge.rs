//! Publications beside what is there.

use std::collections::BTreeMap;

use concord_lists::{Format, ListId, Reading, Shrinkage, Snapshot, SourceInfo};

use super::pointer::shrinkage;
use super::{AddOptions, AddedList, ListRecord, Pointer, StoreError};

/// A list that loses fewer parties than this is not called much smaller, whatever the share: of three parties one is a
/// third. A list that is gone altogether always is.
pub const LEAST_LOSS: u64 = 10;

/// The snapshot to be, and what is recorded beside it.
pub struct Merged {
    pub snapshot: Snapshot,
    pub records: Vec<ListRecord>,
    pub lists: Vec<AddedList>,
    pub shrinkages: Vec<Shrinkage>,
}

/// Whether a loss is more than `max_per_mille` allows.
pub fn too_much(loss: &Shrinkage, max_per_mille: u32) -> bool {
    let lost = loss.before.saturating_sub(loss.after);
    loss.lost_per_mille > u64::from(max_per_mille) && (lost >= LEAST_LOSS || loss.after == 0)
}

/// `base` is the snapshot to add to; `recorded` says what the store had, also where its snapshot is damaged.
pub fn merge(
    base: Option<&Snapshot>,
    recorded: Option<&Pointer>,
    readings: Vec<Reading>,
    options: &AddOptions,
) -> Result<Merged, StoreError> {
    let kept = base.map(|base| keep(base, &readings));
    let new: Vec<(String, ListId)> = readings
        .iter()
        .flat_map(|r| r.sources.iter().map(key))
        .collect();
    let snapshot = Snapshot::build(kept.into_iter().chain(readings))?;

    let before: BTreeMap<(String, ListId), &ListRecord> = recorded
        .iter()
        .flat_map(|p| &p.lists)
        .map(|r| ((r.source.clone(), r.list.clone()), r))
        .collect();
    let now: BTreeMap<(String, ListId), u64> = snapshot
        .sources()
        .iter()
        .map(|s| (key(s), s.parties))
        .collect();
    let shrinkages: Vec<Shrinkage> = before
        .iter()
        .filter_map(|((source, list), r)| {
            let after = now
                .get(&(source.clone(), list.clone()))
                .copied()
                .unwrap_or(0);
            shrinkage(source, list, r.parties, after)
        })
        .collect();
    let refused: Vec<Shrinkage> = shrinkages
        .iter()
        .filter(|s| too_much(s, options.max_shrink_per_mille))
        .cloned()
        .collect();
    if !refused.is_empty() && !options.accept_shrink {
        return Err(StoreError::Shrunk(refused));
    }

    let mut records = Vec::new();
    let mut lists = Vec::new();
    for source in snapshot.sources() {
        let key = key(source);
        let earlier = before.get(&key).copied();
        let added = new.contains(&key);
        let unchanged = !added || base.is_some_and(|base| base.sources().contains(source));
        let shrunk = match earlier {
            _ if options.accept_shrink && added => None,
            // The loss is of the content: the same file again does not make it good.
            Some(r) if unchanged => r.shrunk.clone(),
            Some(r) => shrinkage(&key.0, &key.1, r.parties, source.parties),
            None => None,
        };
        let loaded_at = match earlier {
            Some(r) if !added => r.loaded_at,
            _ => options.loaded_at,
        };
        lists.push(AddedList {
            source: source.source.clone(),
            list: source.list.to_string(),
            title: source.title.clone(),
            parties: source.parties,
            before: earlier.map(|r| r.parties),
            added,
        });
        records.push(ListRecord {
            source: key.0,
            list: key.1,
            parties: source.parties,
            loaded_at,
            shrunk,
        });
    }
    Ok(Merged {
        snapshot,
        records,
        lists,
        shrinkages,
    })
}

fn key(source: &SourceInfo) -> (String, ListId) {
    (source.source.clone(), source.list.clone())
}

/// What of `base` the new publications do not replace, as one reading.
fn keep(base: &Snapshot, readings: &[Reading]) -> Reading {
    let replaced = |source: &str, list: &ListId| {
        readings.iter().any(|r| {
            // An official publication is complete: what it no longer has is gone. Own lists stand each for itself.
            (r.format != Format::OwnCsv && r.format.source() == source)
                || r.sources
                    .iter()
                    .any(|s| s.source == source && s.list == *list)
        })
    };
    Reading {
        format: Format::OwnCsv,
        records: 0,
        records_by_kind: BTreeMap::new(),
        sources: base
            .sources()
            .iter()
            .filter(|s| !replaced(&s.source, &s.list))
            .cloned()
            .collect(),
        parties: base
            .parties()
            .iter()
            .filter(|p| !replaced(&p.source, &p.list))
            .cloned()
            .collect(),
        problems: Vec::new(),
    }
}
