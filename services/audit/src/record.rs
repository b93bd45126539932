//! A record as the log keeps it, and the leaf that commits to it (`docs/log-format.md`).

use std::collections::BTreeMap;

use concord_tlog::commitment::{Field, RecordSecret};
use concord_tlog::hash::Hash;
use concord_tlog::leaf::{Leaf, LeafError, RecordContent, RecordKind};
use uuid::Uuid;

use crate::vault::{KekId, Term};

/// The fields that a caller may give by name; the other slots are filled from the call itself.
pub const NAMED_FIELDS: [Field; 9] = [
    Field::Agency,
    Field::AsOf,
    Field::Items,
    Field::Parties,
    Field::Route,
    Field::Outcome,
    Field::Burden,
    Field::Screening,
    Field::CounterpartAnswer,
];

/// A record as it is stored. What it says is encrypted; without that only what the log needs to stay a log
/// is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its id, a UUID of version 7.
    pub id: Uuid,
    /// What it is.
    pub kind: RecordKind,
    /// Identity on whose behalf it was made: with the request id, the idempotency key.
    pub caller: String,
    /// The request id.
    pub request_id: String,
    /// A keyed mark of the request's digest: equal requests have equal marks, and nobody without the agency's key
    /// can try out what was asked.
    pub request_mark: [u8; 32],
    /// The record that this one is about.
    pub about: Option<Uuid>,
    /// In a joint case, the hash of the twin leaf in the counterpart's log.
    pub counterpart: Option<Hash>,
    /// What it says, encrypted; none once erased.
    pub sealed: Option<Sealed>,
}

/// The [`Contents`] of a record, encrypted under a key of their own, which is wrapped by the agency's: where the
/// wrapped key is destroyed the contents are.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which of the agency's keys wraps the key.
    pub kek: KekId,
    /// The wrapped key.
    pub key: Vec<u8>,
    /// Everything but the body, encrypted.
    pub head: Vec<u8>,
    /// The body, encrypted; none when the record has none or it was not read.
    pub body: Option<Vec<u8>>,
}

/// What of a record's contents can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// All of them, or all but the body where that was not read.
    Open(Box<Contents>),
    /// They are there, and the key that opens them was not given.
    Locked,
    /// They have been erased.
    Erased,
}

impl Held {
    /// The contents, if they are open.
    pub fn contents(&self) -> Option<&Contents> {
        match self {
            Self::Open(contents) => Some(contents),
            Self::Locked | Self::Erased => None,
        }
    }
}

/// A stored record with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The record as stored.
    pub logged: Logged,
    /// What it says.
    pub held: Held,
}

/// What a record says: the part that can be destroyed while the leaf stays.
#[derive(Clone, PartialEq, Eq)]
pub struct Contents {
    /// What the salts of the leaf's commitments are derived from.
    pub secret: RecordSecret,
    /// SHA-256 of the canonical request.
    pub request_digest: [u8; 32],
    /// Fully qualified name of the body's message; empty when the record has no body.
    pub body_type: String,
    /// The body; none when the record has none or it was not read.
    pub body: Option<Vec<u8>>,
    /// The agency's case number; may be empty.
    pub case_reference: String,
    /// Who acted; may be empty.
    pub actor: String,
    /// Why; may be empty.
    pub purpose: String,
    /// Values of [`NAMED_FIELDS`].
    pub fields: BTreeMap<Field, String>,
    /// Digests of the editions, snapshots and engine build used, by name.
    pub editions: BTreeMap<String, Hash>,
}

/// A record that is ready for the writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The record, its contents encrypted.
    pub record: Record,
    /// The marks it is found by.
    pub terms: Vec<Term>,
    /// The leaf that commits to it; the writer sets its time.
    pub leaf: Leaf,
}

/// A record with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Index in the log, from 0.
    pub index: u64,
    /// When the log accepted it: microseconds since 1970-01-01 UTC.
    pub time_micros: u64,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// The record.
    pub record: Record,
}

/// A signed checkpoint, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// Number of leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
    /// The signed note.
    pub note: String,
}

impl std::fmt::Debug for Contents {
    /// Nothing of what a record says reaches a log line by accident.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contents(..)")
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl Record {
    /// Whether it answers the same request as `other`, which has its idempotency key.
    pub fn same_request(&self, other: &Self) -> bool {
        (self.request_mark, self.kind) == (other.request_mark, other.kind)
    }

    /// Bytes of what it says, for bounding groups and pages.
    pub fn size(&self) -> usize {
        let sealed = self.sealed.as_ref();
        sealed.map_or(0, |s| s.head.len() + s.body.as_ref().map_or(0, Vec::len))
    }
}

impl Record {
    /// Everything that the leaf commits to, at that time.
    pub fn content(&self, contents: &Contents, time_micros: u64) -> RecordContent {
        RecordContent {
            kind: self.kind,
            record_id: *self.id.as_bytes(),
            time_micros,
            request: Some(self.request_statement(contents).into_bytes()),
            body: contents.body.clone(),
            editions: contents.editions.clone(),
            fields: self.slots(contents),
            counterpart: self.counterpart,
        }
    }

    /// The leaf that commits to the record and its contents.
    ///
    /// # Errors
    /// What no leaf can say, such as a counterpart's hash of zeros.
    pub fn leaf(&self, contents: &Contents, time_micros: u64) -> Result<Leaf, LeafError> {
        Leaf::seal(&self.content(contents, time_micros), &contents.secret)
    }

    /// The value of field 256: what was asked, of what type the body is, and about what. So a
    /// changed digest, type or reference is as visible as a changed body.
    pub fn request_statement(&self, contents: &Contents) -> String {
        let digest = Hash::from_bytes(contents.request_digest);
        let mut text = format!("sha256 {digest:x}\n");
        if !contents.body_type.is_empty() {
            text.push_str(&format!("body {}\n", contents.body_type));
        }
        if let Some(about) = self.about {
            text.push_str(&format!("about {about}\n"));
        }
        text
    }

    /// The values of the leaf's slots; a text of the call that is empty is an absent field.
    pub fn slots(&self, contents: &Contents) -> BTreeMap<Field, Vec<u8>> {
        let of_call = [
            (Field::Caller, &self.caller),
            (Field::RequestId, &self.request_id),
            (Field::CaseReference, &contents.case_reference),
            (Field::Actor, &contents.actor),
            (Field::Purpose, &contents.purpose),
        ];
        let named = contents.fields.iter().map(|(field, value)| (*field, value));
        of_call
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .chain(named)
            .map(|(field, value)| (field, value.clone().into_bytes()))
            .collect()
    }
}

/// The named field called `name`, if a caller may give it.
pub fn named_field(name: &str) -> Option<Field> {
    NAMED_FIELDS.into_iter().find(|field| field.name() == name)
}
