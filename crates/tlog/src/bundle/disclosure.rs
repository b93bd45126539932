//! What a bundle discloses of its record.

use std::collections::BTreeMap;

use super::BundleError;
use crate::commitment::{Field, RecordSecret, SLOT_COUNT, Salt, SlotCommitments, commit};
use crate::hash::Hash;
use crate::leaf::{Leaf, RecordContent};

/// An opened commitment: the salt, and the value unless the record does not have the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenValue {
    /// The salt of the commitment.
    pub salt: Salt,
    /// The value; none if the record does not have the field.
    pub value: Option<Vec<u8>>,
}

/// A field slot in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disclosed {
    /// Only the commitment is given.
    Hidden(Hash),
    /// Salt and value are given.
    Open(OpenValue),
}

/// What is disclosed of a record: each part opened or hidden by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// Editions, snapshots and engine build, by name: always given, they are public.
    pub editions: BTreeMap<String, Hash>,
    /// The request, if disclosed.
    pub request: Option<OpenValue>,
    /// The record body, if disclosed.
    pub body: Option<OpenValue>,
    /// The slots, in the order of [`Field::SLOTS`].
    pub slots: [Disclosed; SLOT_COUNT],
}

impl Disclosure {
    /// Discloses the whole record.
    pub fn whole(content: &RecordContent, secret: &RecordSecret) -> Self {
        let open = |field: Field, value: Option<&Vec<u8>>| OpenValue {
            salt: secret.salt(field),
            value: value.cloned(),
        };
        Self {
            editions: content.editions.clone(),
            request: Some(open(Field::Request, content.request.as_ref())),
            body: Some(open(Field::Body, content.body.as_ref())),
            slots: Field::SLOTS
                .map(|field| Disclosed::Open(open(field, content.fields.get(&field)))),
        }
    }

    /// Hides one field again. The body and the request often repeat what a slot says: who hides a
    /// slot must think of them too.
    pub fn hide(mut self, field: Field) -> Self {
        match field {
            Field::Request => self.request = None,
            Field::Body => self.body = None,
            _ => {
                for (slot, disclosed) in Field::SLOTS.into_iter().zip(&mut self.slots) {
                    if slot == field {
                        *disclosed = Disclosed::Hidden(disclosed.commitment(slot));
                    }
                }
            }
        }
        self
    }

    /// The value of a field, if it is disclosed and the record has it.
    pub fn value(&self, field: Field) -> Option<&[u8]> {
        let open = match field {
            Field::Request => self.request.as_ref(),
            Field::Body => self.body.as_ref(),
            _ => match self.slots.get(usize::from(field.number())) {
                Some(Disclosed::Open(open)) => Some(open),
                _ => None,
            },
        };
        open?.value.as_deref()
    }

    /// Checks that everything disclosed, and every hidden commitment, is what the leaf commits to.
    pub(super) fn check(&self, leaf: &Leaf) -> Result<(), BundleError> {
        if crate::leaf::editions_root(&self.editions) != leaf.editions_root {
            return Err(BundleError::Disclosure("editions"));
        }
        for (field, open, stated) in [
            (Field::Request, &self.request, leaf.request),
            (Field::Body, &self.body, leaf.body),
        ] {
            if open
                .as_ref()
                .is_some_and(|open| open.commitment(field) != stated)
            {
                return Err(BundleError::Disclosure(field.name()));
            }
        }
        let mut hashes = [Hash::empty_root(); SLOT_COUNT];
        for ((hash, field), slot) in hashes.iter_mut().zip(Field::SLOTS).zip(&self.slots) {
            *hash = slot.commitment(field);
        }
        if SlotCommitments::from_hashes(hashes).root() != leaf.fields_root {
            return Err(BundleError::Disclosure("fields"));
        }
        Ok(())
    }
}

impl OpenValue {
    fn commitment(&self, field: Field) -> Hash {
        commit(field, &self.salt, self.value.as_deref())
    }
}

impl Disclosed {
    fn commitment(&self, field: Field) -> Hash {
        match self {
            Self::Hidden(hash) => *hash,
            Self::Open(open) => open.commitment(field),
        }
    }
}
