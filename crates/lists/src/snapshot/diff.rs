//! What changed between two snapshots, and which lists shrank.

use std::cmp::Ordering;

use super::Snapshot;
use crate::list_id::ListId;
use crate::party::Party;

/// Parties that differ between two snapshots, by identifier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnapshotDiff {
    /// In the new snapshot only.
    pub added: Vec<String>,
    /// In the old snapshot only.
    pub removed: Vec<String>,
    /// In both, with other content. The position in the file is not content.
    pub changed: Vec<Changed>,
}

/// A party whose content changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its identifier.
    pub id: String,
    /// Names of the fields that differ.
    pub fields: Vec<&'static str>,
}

/// A list that has fewer parties than before, or is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shrinkage {
    /// Source word.
    pub source: String,
    /// The list.
    pub list: ListId,
    /// Parties before.
    pub before: u64,
    /// Parties now; 0 when the list is gone.
    pub after: u64,
    /// Share lost, in thousandths, rounded up.
    pub lost_per_mille: u64,
}

impl Snapshot {
    /// What changes from `self` to `newer`.
    #[must_use]
    pub fn diff(&self, newer: &Self) -> SnapshotDiff {
        let mut diff = SnapshotDiff::default();
        let (mut old, mut new) = (
            self.parties.iter().peekable(),
            newer.parties.iter().peekable(),
        );
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return diff,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => a.id.cmp(&b.id),
            };
            match order {
                Ordering::Less => diff.removed.extend(old.next().map(|p| p.id.clone())),
                Ordering::Greater => diff.added.extend(new.next().map(|p| p.id.clone())),
                Ordering::Equal => {
                    if let (Some(a), Some(b)) = (old.next(), new.next()) {
                        let fields = changed_fields(a, b);
                        if !fields.is_empty() {
                            diff.changed.push(Changed {
                                id: b.id.clone(),
                                fields,
                            });
                        }
                    }
                }
            }
        }
    }

    /// The lists of `previous` that have fewer parties in `self`. Which share is too much is the
    /// operator's to say; a publisher rarely removes more than a few per cent at once.
    #[must_use]
    pub fn shrinkage(&self, previous: &Self) -> Vec<Shrinkage> {
        previous
            .sources
            .iter()
            .filter_map(|was| {
                let now = self
                    .sources
                    .iter()
                    .find(|s| (&s.source, &s.list) == (&was.source, &was.list));
                let after = now.map_or(0, |s| s.parties);
                let lost = was.parties.checked_sub(after).filter(|lost| *lost > 0)?;
                Some(Shrinkage {
                    source: was.source.clone(),
                    list: was.list.clone(),
                    before: was.parties,
                    after,
                    lost_per_mille: lost.saturating_mul(1000).div_ceil(was.parties),
                })
            })
            .collect()
    }
}

fn changed_fields(a: &Party, b: &Party) -> Vec<&'static str> {
    [
        ("kind", a.kind == b.kind),
        ("names", a.names == b.names),
        ("title", a.title == b.title),
        ("addresses", a.addresses == b.addresses),
        ("countries", a.countries == b.countries),
        ("identifiers", a.identifiers == b.identifiers),
        ("births", a.births == b.births),
        ("programmes", a.programmes == b.programmes),
        ("citations", a.citations == b.citations),
        ("listed_from", a.listed_from == b.listed_from),
        ("listed_to", a.listed_to == b.listed_to),
        (
            "licence_requirement",
            a.licence_requirement == b.licence_requirement,
        ),
        ("licence_policy", a.licence_policy == b.licence_policy),
        ("remarks", a.remarks == b.remarks),
    ]
    .into_iter()
    .filter_map(|(field, same)| (!same).then_some(field))
    .collect()
}
