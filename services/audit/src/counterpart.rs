//! What we remember of counterparts' logs, and whether a new checkpoint extends it.

use concord_tlog::checkpoint::{Checkpoint, CheckpointError};
use concord_tlog::hash::Hash;
use concord_tlog::note::KnownKeys;
use concord_tlog::proof::verify_consistency;

use crate::record::SignedCheckpoint;
use crate::store::{Evidence, Group, StoreError};

/// A counterpart's log: its origin and the keys it signs with.
#[derive(Clone, Debug)]
pub struct Counterpart {
    /// Origin of its checkpoints.
    pub origin: String,
    /// Its verifier keys.
    pub keys: KnownKeys,
}

/// A checkpoint of a counterpart, its signature verified.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The counterpart's agency.
    pub agency: String,
    /// Its checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// Consistency proof from `old_size`.
    pub proof: Vec<Hash>,
    /// The size that the proof starts from.
    pub old_size: u64,
}

/// What became of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It extends what we remembered; now it is what we remember.
    Remembered(u64),
    /// The proof starts from another size than the one we remember.
    OtherSize {
        /// What we remember.
        remembered: u64,
    },
    /// It does not extend what we remembered; the evidence is kept.
    Inconsistent {
        /// What we remember.
        remembered: u64,
        /// Why.
        why: String,
    },
}

/// Reads a counterpart's signed checkpoint.
pub fn read(signed: &str, from: &Counterpart) -> Result<SignedCheckpoint, CheckpointError> {
    let (checkpoint, _) = Checkpoint::open(signed.as_bytes(), &from.origin, &from.keys)?;
    Ok(SignedCheckpoint {
        size: checkpoint.size(),
        root: checkpoint.root(),
        note: signed.to_owned(),
    })
}

/// Compares the offer with what is remembered, in the writer's transaction, so that two offers at
/// once cannot both start from the same memory.
pub fn weigh(group: &mut dyn Group, offer: &Offer, now: u64) -> Result<Verdict, StoreError> {
    let (agency, new) = (offer.agency.as_str(), &offer.checkpoint);
    let Some(old) = group.counterpart(agency)? else {
        if offer.old_size != 0 {
            return Ok(Verdict::OtherSize { remembered: 0 });
        }
        group.remember(agency, new, now)?;
        return Ok(Verdict::Remembered(new.size));
    };
    let remembered = old.size;
    // Two roots for one size need no proof: they are the evidence.
    let why = if new.size == remembered {
        (new.root != old.root).then(|| "two different roots for the same size".to_owned())
    } else if offer.old_size != remembered || new.size < remembered {
        return Ok(Verdict::OtherSize { remembered });
    } else if remembered == 0 {
        None // every log extends the empty one
    } else {
        verify_consistency(remembered, new.size, &offer.proof, &old.root, &new.root)
            .err()
            .map(|error| error.to_string())
    };
    match why {
        None => {
            group.remember(agency, new, now)?;
            Ok(Verdict::Remembered(new.size))
        }
        Some(why) => {
            let proof = offer
                .proof
                .iter()
                .flat_map(|hash| *hash.as_bytes())
                .collect();
            group.keep_evidence(&Evidence {
                agency: agency.to_owned(),
                remembered: old.note,
                offered: new.note.clone(),
                proof,
                why: why.clone(),
                at: now,
            })?;
            Ok(Verdict::Inconsistent { remembered, why })
        }
    }
}
