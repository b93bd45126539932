//! What we remember of counterparts' logs, whether a new checkpoint extends it, and cosigning it.

use concord_tlog::checkpoint::{Checkpoint, CheckpointError};
use concord_tlog::hash::Hash;
use concord_tlog::note::{CheckpointSigner, KnownKeys, Note};
use concord_tlog::proof::verify_consistency;
use concord_tlog::witness::{AddCheckpoint, Cosigned, Inconsistency, Refusal};

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

/// A request to cosign, its log's signature verified.
#[derive(Clone, Debug)]
pub struct CosignOffer {
    /// The counterpart's agency.
    pub agency: String,
    /// The request; its note bears the signatures of the log's own keys alone.
    pub request: AddCheckpoint,
    /// The checkpoint in it.
    pub checkpoint: Checkpoint,
}

impl CosignOffer {
    /// Reads an `add-checkpoint` body: which counterpart it is from and whether its log signed.
    pub fn read<'c>(
        body: &[u8],
        counterparts: impl IntoIterator<Item = (&'c String, &'c Counterpart)>,
    ) -> Result<Self, Refusal> {
        let mut request = AddCheckpoint::parse(body)?;
        let origin = request.checkpoint()?.origin().to_owned();
        let found = counterparts.into_iter().find(|(_, c)| c.origin == origin);
        let checkpoint = request.open(found.map(|(_, c)| &c.keys))?;
        let (agency, from) = found.ok_or(Refusal::UnknownLog(origin))?;
        request.note = request.note.only(&from.keys);
        Ok(Self {
            agency: agency.clone(),
            request,
            checkpoint,
        })
    }
}

/// Cosigns a counterpart's checkpoint if it extends what is remembered, in the writer's transaction:
/// the answer may leave only after it is committed. Gives the cosignature lines.
pub fn cosign(
    group: &mut dyn Group,
    offer: &CosignOffer,
    cosigners: &[Box<dyn CheckpointSigner>],
    now: u64,
) -> Result<Result<String, Refusal>, StoreError> {
    let (agency, new) = (offer.agency.as_str(), &offer.checkpoint);
    let old = group.counterpart(agency)?;
    let last = old.as_ref().map_or_else(Cosigned::default, |old| Cosigned {
        size: old.size,
        root: old.root,
    });
    if let Err(refusal) = offer.request.extends(new, &last) {
        // Two signed roots for one size are evidence, with whatever proof they came. A wrong proof
        // alone is none: anybody can put one beside a checkpoint that the log published.
        if let Some(old) = old
            && (old.size, old.root) != (new.size(), new.root())
            && old.size == new.size()
        {
            group.keep_evidence(&Evidence {
                agency: agency.to_owned(),
                remembered: old.note,
                offered: offer.request.note.to_string(),
                proof: Vec::new(),
                why: Inconsistency::Fork.to_string(),
                at: now,
            })?;
        }
        return Ok(Err(refusal));
    }
    let mut note = offer.request.note.clone();
    let before = note.signatures().len();
    for cosigner in cosigners {
        let failed = |e: concord_tlog::note::SignError| StoreError::Backend(Box::new(e));
        note.sign_at(&**cosigner, now / 1_000_000).map_err(failed)?;
    }
    let added = note.signatures().iter().skip(before);
    let lines: String = added.map(ToString::to_string).collect();
    let seen = SignedCheckpoint {
        size: new.size(),
        root: new.root(),
        note: note.to_string(),
    };
    group.remember(agency, &seen, now)?;
    Ok(Ok(lines))
}

/// The cosignatures of `keys` in a witness's answer that verify under our checkpoint `note`; lines of
/// other keys are ignored, as the specification asks.
pub fn cosignatures(lines: &str, note: &Note, keys: &KnownKeys) -> Note {
    let mut bare = note.clone();
    for line in lines.split_inclusive('\n') {
        let Some(signature) = concord_tlog::note::NoteSignature::parse_line(line) else {
            continue;
        };
        let mut with = bare.clone();
        let known = keys.get(signature.name(), signature.id()).is_some();
        if known && with.push(signature).is_ok() && with.verify(keys).is_ok() {
            bare = with;
        }
    }
    bare
}
