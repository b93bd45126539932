//! The bytes of one log entry, version 1: 192 bytes, fixed slots, one encoding per leaf.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 4 | `CNCD` |
//! | 4 | 1 | version, 1 |
//! | 5 | 1 | record kind |
//! | 6 | 1 | flags: bit 0 counterpart leaf hash present; other bits 0 |
//! | 7 | 1 | 0 |
//! | 8 | 16 | record id |
//! | 24 | 8 | time, microseconds since 1970-01-01 UTC, at most 2^63-1 |
//! | 32 | 32 | commitment to the request |
//! | 64 | 32 | commitment to the record body |
//! | 96 | 32 | root over the editions used |
//! | 128 | 32 | root over the commitments to the fields |
//! | 160 | 32 | counterpart leaf hash, or zeros |
//!
//! Numbers are big-endian. A worked example is in `docs/log-format.md`.

use std::collections::BTreeMap;

use crate::commitment::{Field, RecordSecret, SlotCommitments, commit};
use crate::hash::{Hash, leaf_hash};
use crate::tree::Frontier;

/// The most bytes a leaf of any version has.
pub const MAX_LEAF_BYTES: usize = 512;

/// The bytes of a version 1 leaf.
pub const LEAF_V1_BYTES: usize = 192;

const MAGIC: [u8; 4] = *b"CNCD";
const VERSION: u8 = 1;
const FLAG_COUNTERPART: u8 = 1;
const NO_HASH: [u8; 32] = [0; 32];

/// What a record is. The numbers are part of the log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum RecordKind {
    /// A determination.
    Determination = 1,
    /// A person agreed with a determination or overrode it.
    HumanDecision = 2,
    /// A person answered a question of judgement, such as "specially designed".
    JudgementAnswer = 3,
    /// A call that was refused.
    Refusal = 4,
    /// A record's body was erased.
    Erasure = 5,
    /// A record, or a part of one, was disclosed.
    Disclosure = 6,
}

impl RecordKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::Determination,
        Self::HumanDecision,
        Self::JudgementAnswer,
        Self::Refusal,
        Self::Erasure,
        Self::Disclosure,
    ];

    /// The number in leaves.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The name, as in the contract's enum.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Determination => "DETERMINATION",
            Self::HumanDecision => "HUMAN_DECISION",
            Self::JudgementAnswer => "JUDGEMENT_ANSWER",
            Self::Refusal => "REFUSAL",
            Self::Erasure => "ERASURE",
            Self::Disclosure => "DISCLOSURE",
        }
    }
}

/// One log entry. It names a record and commits to what the record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What the record is.
    pub kind: RecordKind,
    /// Id of the record, a UUID's 16 bytes.
    pub record_id: [u8; 16],
    /// When the record was made: microseconds since 1970-01-01 UTC, at most 2^63-1.
    pub time_micros: u64,
    /// Commitment to the request ([`Field::Request`]).
    pub request: Hash,
    /// Commitment to the record body ([`Field::Body`]).
    pub body: Hash,
    /// Root over the digests of editions, snapshots and engine build ([`editions_root`]).
    pub editions_root: Hash,
    /// Root over the commitments to the fields ([`SlotCommitments::root`]).
    pub fields_root: Hash,
    /// In joint cases, the hash of the twin leaf in the counterpart's log; never all zeros.
    pub counterpart: Option<Hash>,
}

/// What a record says, to be sealed into a [`Leaf`].
#[derive(Debug, Clone)]
pub struct RecordContent {
    /// What the record is.
    pub kind: RecordKind,
    /// Id of the record, a UUID's 16 bytes.
    pub record_id: [u8; 16],
    /// When the record was made: microseconds since 1970-01-01 UTC, at most 2^63-1.
    pub time_micros: u64,
    /// The canonical request; none when nothing of it may be kept, as in a refusal.
    pub request: Option<Vec<u8>>,
    /// The record body; none when the record has none.
    pub body: Option<Vec<u8>>,
    /// Digests of the editions, snapshots and engine build used, by name (`regime/us@2024-01-01`).
    pub editions: BTreeMap<String, Hash>,
    /// Values of [`Field::SLOTS`].
    pub fields: BTreeMap<Field, Vec<u8>>,
    /// In joint cases, the hash of the twin leaf in the counterpart's log.
    pub counterpart: Option<Hash>,
}

/// A leaf cannot be encoded, or its bytes are not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Version 1 has one length.
    #[error("a version 1 leaf has {LEAF_V1_BYTES} bytes, not {0}")]
    Length(usize),
    /// Another magic.
    #[error("the bytes are not a leaf: they do not begin with `CNCD`")]
    Magic,
    /// A version this program does not know.
    #[error("leaf version {0} is not known; this program reads version 1")]
    Version(u8),
    /// A kind this program does not know.
    #[error("record kind {0} is not known")]
    Kind(u8),
    /// An unused bit or byte is set.
    #[error("byte {0} of the leaf has bits set that version 1 does not use")]
    Reserved(u8),
    /// Beyond 2^63-1 microseconds.
    #[error("the time {0} is beyond the limit of 2^63-1 microseconds")]
    Time(u64),
    /// The flag and the bytes of the counterpart leaf hash disagree.
    #[error(
        "a counterpart leaf hash must be present exactly when its flag is set, and not be zero"
    )]
    Counterpart,
    /// The field has no slot in version 1.
    #[error("the field `{0}` cannot be set in the slots of a version 1 leaf")]
    Field(&'static str),
}

impl Leaf {
    /// Seals a record: commits to everything it says with the salts of `secret`.
    pub fn seal(content: &RecordContent, secret: &RecordSecret) -> Result<Self, LeafError> {
        let slots = Field::SLOTS
            .into_iter()
            .filter(|field| !field.is_reserved());
        let allowed: Vec<Field> = slots.collect();
        if let Some(field) = content.fields.keys().find(|field| !allowed.contains(field)) {
            return Err(LeafError::Field(field.name()));
        }
        let sealed =
            |field, value: &Option<Vec<u8>>| commit(field, &secret.salt(field), value.as_deref());
        let leaf = Self {
            kind: content.kind,
            record_id: content.record_id,
            time_micros: content.time_micros,
            request: sealed(Field::Request, &content.request),
            body: sealed(Field::Body, &content.body),
            editions_root: editions_root(&content.editions),
            fields_root: SlotCommitments::commit(&content.fields, secret).root(),
            counterpart: content.counterpart,
        };
        leaf.check()?;
        Ok(leaf)
    }

    /// The 192 bytes that are the log entry.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        self.check()?;
        let flags = if self.counterpart.is_some() {
            FLAG_COUNTERPART
        } else {
            0
        };
        let counterpart = self.counterpart.map_or(NO_HASH, |hash| *hash.as_bytes());
        Ok([
            MAGIC.as_slice(),
            &[VERSION, self.kind.number(), flags, 0],
            &self.record_id,
            &self.time_micros.to_be_bytes(),
            self.request.as_bytes(),
            self.body.as_bytes(),
            self.editions_root.as_bytes(),
            self.fields_root.as_bytes(),
            &counterpart,
        ]
        .concat())
    }

    /// Reads a leaf. Every accepted sequence of bytes is what [`Leaf::encode`] gives back.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let length = LeafError::Length(bytes.len());
        let (magic, rest) = bytes.split_first_chunk::<4>().ok_or(LeafError::Magic)?;
        if *magic != MAGIC {
            return Err(LeafError::Magic);
        }
        let Some(([version, kind, flags, zero], rest)) = rest.split_first_chunk() else {
            return Err(length);
        };
        // The version comes first: another version may have another length.
        if *version != VERSION {
            return Err(LeafError::Version(*version));
        }
        let Some((record_id, rest)) = rest.split_first_chunk() else {
            return Err(length);
        };
        let Some((time, rest)) = rest.split_first_chunk() else {
            return Err(length);
        };
        let (hashes, trailing) = rest.as_chunks::<32>();
        let ([request, body, editions, fields, counterpart], []) = (hashes, trailing) else {
            return Err(length);
        };
        let kind = RecordKind::from_number(*kind).ok_or(LeafError::Kind(*kind))?;
        if *flags & !FLAG_COUNTERPART != 0 {
            return Err(LeafError::Reserved(6));
        }
        if *zero != 0 {
            return Err(LeafError::Reserved(7));
        }
        let flagged = *flags == FLAG_COUNTERPART;
        if !flagged && *counterpart != NO_HASH {
            return Err(LeafError::Counterpart);
        }
        let leaf = Self {
            kind,
            record_id: *record_id,
            time_micros: u64::from_be_bytes(*time),
            request: Hash::from_bytes(*request),
            body: Hash::from_bytes(*body),
            editions_root: Hash::from_bytes(*editions),
            fields_root: Hash::from_bytes(*fields),
            counterpart: flagged.then(|| Hash::from_bytes(*counterpart)),
        };
        leaf.check()?;
        Ok(leaf)
    }

    /// The RFC 6962 hash of the encoded leaf: what the tree holds, and what a counterpart's twin
    /// names.
    pub fn hash(&self) -> Result<Hash, LeafError> {
        Ok(leaf_hash(&self.encode()?))
    }

    fn check(&self) -> Result<(), LeafError> {
        if i64::try_from(self.time_micros).is_err() {
            return Err(LeafError::Time(self.time_micros));
        }
        if self.counterpart == Some(Hash::from_bytes(NO_HASH)) {
            return Err(LeafError::Counterpart);
        }
        Ok(())
    }
}

/// The RFC 6962 root over what a record rests on: editions, list snapshots, the engine build. An
/// entry is the name's length (4 bytes, big-endian), the name and the digest; entries are in the
/// order of their names' bytes. These digests are public, so they are not salted.
pub fn editions_root(editions: &BTreeMap<String, Hash>) -> Hash {
    let mut tree = Frontier::new();
    for (name, digest) in editions {
        // A name of 4 GiB cannot be held; the cast never cuts.
        let length = (name.len() as u32).to_be_bytes();
        let entry = [length.as_slice(), name.as_bytes(), digest.as_bytes()].concat();
        tree.push(leaf_hash(&entry));
    }
    tree.root()
}
