//! Immutable snapshots: what was screened against, named by digest.

mod codec;
mod diff;

pub use codec::DecodeError;
pub use diff::{Changed, Shrinkage, SnapshotDiff};

use crate::list_id::ListId;
use crate::party::Party;
use crate::read::{Reading, SourceInfo};

/// The parties of some publications, frozen. Two snapshots with one digest hold the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    // INVARIANT: sorted by (source, list), no repeats; counts agree with `parties`.
    sources: Vec<SourceInfo>,
    // INVARIANT: sorted by id, no repeats; every (source, list) is in `sources`.
    parties: Vec<Party>,
    digest: String,
}

/// Why readings do not make a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// One list of one source came twice.
    #[error(
        "list `{list}` of source `{source_word}` comes from `{first}` and from `{second}`; give one of them"
    )]
    ListTwice {
        /// Source word.
        source_word: String,
        /// The list.
        list: ListId,
        /// The file it came from first.
        first: String,
        /// The file it came from again.
        second: String,
    },
    /// Two parties with one identifier.
    #[error("party `{id}` occurs twice")]
    PartyTwice {
        /// The identifier.
        id: String,
    },
}

impl Party {
    /// `sha256:<hex>` over everything that its list says of it; where it stands in the file does not count.
    #[must_use]
    pub fn digest(&self) -> String {
        codec::party_digest(self)
    }
}

impl Snapshot {
    /// Freezes `readings`. The order they come in does not matter.
    ///
    /// # Errors
    /// [`SnapshotError`] when two readings claim the same list of the same source.
    pub fn build(readings: impl IntoIterator<Item = Reading>) -> Result<Self, SnapshotError> {
        let (mut sources, mut parties) = (Vec::new(), Vec::new());
        for reading in readings {
            sources.extend(reading.sources);
            parties.extend(reading.parties);
        }
        let mut snapshot = Self::of(sources, parties)?;
        snapshot.digest = codec::digest_of(&codec::body(&snapshot));
        Ok(snapshot)
    }

    /// Everything but the digest.
    fn of(mut sources: Vec<SourceInfo>, mut parties: Vec<Party>) -> Result<Self, SnapshotError> {
        sources.sort_by(|a, b| (&a.source, &a.list, &a.file).cmp(&(&b.source, &b.list, &b.file)));
        parties.sort_by(|a, b| a.id.cmp(&b.id));
        for (a, b) in sources.iter().zip(sources.iter().skip(1)) {
            if (&a.source, &a.list) == (&b.source, &b.list) {
                return Err(SnapshotError::ListTwice {
                    source_word: a.source.clone(),
                    list: a.list.clone(),
                    first: a.file.clone(),
                    second: b.file.clone(),
                });
            }
        }
        if let Some((a, _)) = parties
            .iter()
            .zip(parties.iter().skip(1))
            .find(|(a, b)| a.id == b.id)
        {
            return Err(SnapshotError::PartyTwice { id: a.id.clone() });
        }
        Ok(Self {
            sources,
            parties,
            digest: String::new(),
        })
    }

    /// Its lists, sorted by source and list.
    #[must_use]
    pub fn sources(&self) -> &[SourceInfo] {
        &self.sources
    }

    /// Its parties, sorted by identifier.
    #[must_use]
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// The party `id`.
    #[must_use]
    pub fn party(&self, id: &str) -> Option<&Party> {
        let index = self
            .parties
            .binary_search_by(|p| p.id.as_str().cmp(id))
            .ok()?;
        self.parties.get(index)
    }

    /// `sha256:<hex>` over the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// True when every party is a fictional example (also when there is none): an answer that
    /// rests on this snapshot alone is incomplete.
    #[must_use]
    pub fn only_examples(&self) -> bool {
        self.parties.iter().all(|p| p.example)
    }

    /// The canonical bytes: a versioned body and its SHA-256. Same content, same bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads canonical bytes back, checking digest, order and every field.
    ///
    /// # Errors
    /// [`DecodeError`] for any byte that [`Snapshot::encode`] would not have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes)
    }
}
