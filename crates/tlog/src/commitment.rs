//! Salted commitments to what a record says.
//!
//! The log holds no value of a record, only `SHA-256(tag || salt || field || length || value)` of
//! each. Whoever is given a salt and a value can check them; without the salt not even a guessed
//! value can be tested. All [`Field::SLOTS`] are always committed to, absent ones too, so a
//! leaf does not show which fields a record has. Layout: `docs/log-format.md`.

use std::collections::BTreeMap;
use std::fmt;

use crate::hash::{Hash, leaf_hash};
use crate::proof::{ProofError, verify_inclusion};
use crate::tree::{Frontier, MemoryTree, inclusion_proof};

/// Begins every committed message, so that no other hash of ours can be taken for one.
const COMMITMENT_TAG: &[u8] = b"concord/commitment/v1\0";
/// Begins the derivation of every salt.
const SALT_TAG: &[u8] = b"concord/salt/v1\0";
/// The length that says that the field is absent.
const ABSENT: u64 = u64::MAX;

/// Number of field slots under the commitment root of a version 1 leaf.
pub const SLOT_COUNT: usize = 16;

/// What can be committed to. The numbers are part of the log format and never change meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
#[non_exhaustive]
pub enum Field {
    /// Identity of the caller (its SPIFFE identity).
    Caller = 0,
    /// Agency on whose behalf the record was made.
    Agency = 1,
    /// Request id: with the caller, the idempotency key.
    RequestId = 2,
    /// Case reference of the request context.
    CaseReference = 3,
    /// Person or system acting.
    Actor = 4,
    /// Purpose of the request context.
    Purpose = 5,
    /// Civil date on which the law was read.
    AsOf = 6,
    /// Items of the transaction.
    Items = 7,
    /// Parties of the transaction.
    Parties = 8,
    /// Route and destination.
    Route = 9,
    /// Outcome.
    Outcome = 10,
    /// Burden.
    Burden = 11,
    /// What screening answered.
    Screening = 12,
    /// What the counterpart answered.
    CounterpartAnswer = 13,
    /// Kept for a later version: always absent in version 1.
    Reserved14 = 14,
    /// Kept for a later version: always absent in version 1.
    Reserved15 = 15,
    /// The whole request; it has a place of its own in the leaf.
    Request = 0x100,
    /// The whole record body; it has a place of its own in the leaf.
    Body = 0x101,
}

impl Field {
    /// The fields under the commitment root, in the order of their numbers.
    pub const SLOTS: [Self; SLOT_COUNT] = [
        Self::Caller,
        Self::Agency,
        Self::RequestId,
        Self::CaseReference,
        Self::Actor,
        Self::Purpose,
        Self::AsOf,
        Self::Items,
        Self::Parties,
        Self::Route,
        Self::Outcome,
        Self::Burden,
        Self::Screening,
        Self::CounterpartAnswer,
        Self::Reserved14,
        Self::Reserved15,
    ];

    /// The number in committed messages, and among [`Field::SLOTS`] the place.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The name in bundles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agency => "agency",
            Self::RequestId => "request_id",
            Self::CaseReference => "case_reference",
            Self::Actor => "actor",
            Self::Purpose => "purpose",
            Self::AsOf => "as_of",
            Self::Items => "items",
            Self::Parties => "parties",
            Self::Route => "route",
            Self::Outcome => "outcome",
            Self::Burden => "burden",
            Self::Screening => "screening",
            Self::CounterpartAnswer => "counterpart_answer",
            Self::Reserved14 => "reserved_14",
            Self::Reserved15 => "reserved_15",
            Self::Request => "request",
            Self::Body => "body",
        }
    }

    /// Whether version 1 leaves this slot unused.
    pub const fn is_reserved(self) -> bool {
        matches!(self, Self::Reserved14 | Self::Reserved15)
    }
}

/// The 32 random bytes that blind one commitment. Given away with a value to open it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// Takes 32 bytes; they must be unpredictable.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// The secret of one record, from which the salt of each field is derived. Kept beside the body,
/// never in the log: destroying it (and the body) leaves a leaf that says nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecordSecret([u8; 32]);

impl RecordSecret {
    /// Takes 32 bytes from a cryptographic random generator, fresh for every record.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the store that keeps them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The salt of one field: SHA-256(tag || secret || field number). It tells nothing of the
    /// secret or of the other salts, so fields can be disclosed one by one.
    pub fn salt(&self, field: Field) -> Salt {
        let number = field.number().to_be_bytes();
        Salt(*Hash::of(&[SALT_TAG, &self.0, &number]).as_bytes())
    }
}

impl fmt::Debug for RecordSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordSecret(..)")
    }
}

/// Commits to the value of a field, or to its absence.
///
/// SHA-256 of: `concord/commitment/v1` and a zero byte; the salt (32 bytes); the field number
/// (2 bytes); the length of the value (8 bytes, all ones when absent); the value. Big-endian.
pub fn commit(field: Field, salt: &Salt, value: Option<&[u8]>) -> Hash {
    let length = value.map_or(ABSENT, |value| value.len() as u64);
    Hash::of(&[
        COMMITMENT_TAG,
        &salt.0,
        &field.number().to_be_bytes(),
        &length.to_be_bytes(),
        value.unwrap_or_default(),
    ])
}

/// The commitments to all slots of a record, and the RFC 6962 tree over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotCommitments([Hash; SLOT_COUNT]);

impl SlotCommitments {
    /// Commits to every slot with the record's salts. Fields without a slot are not looked at.
    pub fn commit(values: &BTreeMap<Field, Vec<u8>>, secret: &RecordSecret) -> Self {
        Self(Field::SLOTS.map(|field| {
            commit(
                field,
                &secret.salt(field),
                values.get(&field).map(Vec::as_slice),
            )
        }))
    }

    /// Takes commitments in the order of [`Field::SLOTS`].
    pub const fn from_hashes(hashes: [Hash; SLOT_COUNT]) -> Self {
        Self(hashes)
    }

    /// The commitments in the order of [`Field::SLOTS`].
    pub const fn hashes(&self) -> &[Hash; SLOT_COUNT] {
        &self.0
    }

    /// The root hash over the commitments, which the leaf holds.
    pub fn root(&self) -> Hash {
        let mut tree = Frontier::new();
        for commitment in &self.0 {
            tree.push(leaf_hash(commitment.as_bytes()));
        }
        tree.root()
    }

    /// What proves one slot alone under the root: four hashes. `None` for a field without a slot.
    pub fn path(&self, field: Field) -> Option<Vec<Hash>> {
        inclusion_proof(u64::from(field.number()), SLOT_COUNT as u64, &self.tree()).ok()
    }

    fn tree(&self) -> MemoryTree {
        self.0.iter().map(Hash::as_bytes).collect()
    }
}

/// One field of a record opened alone, the others staying hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Which field; it must be one of [`Field::SLOTS`].
    pub field: Field,
    /// Its salt.
    pub salt: Salt,
    /// Its value; none if the record does not have the field.
    pub value: Option<Vec<u8>>,
    /// The way from the commitment to the root ([`SlotCommitments::path`]).
    pub path: Vec<Hash>,
}

impl Opening {
    /// Checks that the field has this value in the record with this commitment root.
    pub fn verify(&self, root: &Hash) -> Result<(), ProofError> {
        let commitment = commit(self.field, &self.salt, self.value.as_deref());
        let leaf = leaf_hash(commitment.as_bytes());
        let slot = u64::from(self.field.number());
        verify_inclusion(&leaf, slot, SLOT_COUNT as u64, &self.path, root)
    }
}
