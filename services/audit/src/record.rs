//! A record as the log keeps it, and the leaf that commits to it (`docs/log-format.md`).

use std::collections::BTreeMap;

use concord_tlog::commitment::{Field, RecordSecret};
use concord_tlog::hash::Hash;
use concord_tlog::leaf::{Leaf, LeafError, RecordContent, RecordKind};
use uuid::Uuid;

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

/// A record. Without its [`Contents`] only what the log needs to stay a log is left.
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
    /// SHA-256 of the canonical request.
    pub request_digest: [u8; 32],
    /// The record that this one is about.
    pub about: Option<Uuid>,
    /// In a joint case, the hash of the twin leaf in the counterpart's log.
    pub counterpart: Option<Hash>,
    /// What it says; none once erased.
    pub contents: Option<Contents>,
}

/// What a record says: the part that can be destroyed while the leaf stays.
#[derive(Clone, PartialEq, Eq)]
pub struct Contents {
    /// What the salts of the leaf's commitments are derived from.
    pub secret: RecordSecret,
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

impl Contents {
    /// About how many bytes it takes, for bounding groups and pages.
    pub fn size(&self) -> usize {
        let texts = [&self.case_reference, &self.actor, &self.purpose];
        let texts: usize = texts.iter().map(|text| text.len()).sum();
        let fields: usize = self.fields.values().map(String::len).sum();
        let editions: usize = self.editions.keys().map(|name| name.len() + 32).sum();
        texts + fields + editions + self.body.as_ref().map_or(0, Vec::len)
    }
}

impl Record {
    /// Everything that the leaf commits to, at that time; none when the contents are gone.
    pub fn content(&self, time_micros: u64) -> Option<RecordContent> {
        let contents = self.contents.as_ref()?;
        Some(RecordContent {
            kind: self.kind,
            record_id: *self.id.as_bytes(),
            time_micros,
            request: Some(self.request_statement(&contents.body_type).into_bytes()),
            body: contents.body.clone(),
            editions: contents.editions.clone(),
            fields: self.slots(contents),
            counterpart: self.counterpart,
        })
    }

    /// Seals the record with its secret; none when the contents are gone.
    pub fn seal(&self, time_micros: u64) -> Option<Result<Leaf, LeafError>> {
        let content = self.content(time_micros)?;
        let secret = &self.contents.as_ref()?.secret;
        Some(Leaf::seal(&content, secret))
    }

    /// The value of field 256: what was asked, of what type the body is, and about what. So a
    /// changed digest, type or reference is as visible as a changed body.
    pub fn request_statement(&self, body_type: &str) -> String {
        let mut text = format!("sha256 {:x}\n", Hash::from_bytes(self.request_digest));
        if !body_type.is_empty() {
            text.push_str(&format!("body {body_type}\n"));
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
