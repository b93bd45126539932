//! What records say, encrypted: a fresh key for each record, wrapped by the agency's key. And the blind index:
//! keyed marks of what can be searched for, which tell nothing without the agency's key.

mod begin;
mod kek;
mod terms;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use concord_tlog::commitment::{Field, RecordSecret};
use concord_tlog::hash::Hash;
use concord_tlog::leaf::Leaf;
use prost::Message;

use crate::key::random;
use crate::record::{Contents, Held, Logged, NAMED_FIELDS, Sealed, Shown};

pub use begin::BeginError;
pub use kek::{FileKeeper, KekError, KekFiles, KekId, KeyKeeper};
pub use terms::{Term, has, normalised_party, searched};

/// Begins what is authenticated with every part.
const TAG: &[u8] = b"concord/sealed/v1\0";

/// A record's contents could not be encrypted or decrypted. The text holds nothing of them.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The wrapping key.
    #[error(transparent)]
    Kek(#[from] KekError),
    /// The operating system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(std::io::Error),
    /// The leaf cannot be read.
    #[error("its leaf cannot be read: {0}")]
    Leaf(#[from] concord_tlog::leaf::LeafError),
    /// The cipher refuses: a bit was changed, or these are the contents of another record.
    #[error("its {0} cannot be decrypted: changed, or taken from another record or log")]
    Refused(&'static str),
    /// Decrypted, and not what this program writes.
    #[error("its contents cannot be read")]
    Encoding,
    /// The key of the index.
    #[error("the stored key of the index cannot be read")]
    IndexKey,
}

/// Encrypts and decrypts what records say, for one log.
pub struct Vault {
    origin: String,
    keeper: Box<dyn KeyKeeper>,
    index: hmac::Key,
}

/// Everything but the body, as it is encrypted. Numbers of fields are those of the leaf.
#[derive(Clone, PartialEq, Message)]
struct Head {
    #[prost(bytes = "vec", tag = "1")]
    secret: Vec<u8>,
    #[prost(string, tag = "2")]
    body_type: String,
    #[prost(string, tag = "3")]
    case_reference: String,
    #[prost(string, tag = "4")]
    actor: String,
    #[prost(string, tag = "5")]
    purpose: String,
    #[prost(message, repeated, tag = "6")]
    fields: Vec<HeadField>,
    #[prost(message, repeated, tag = "7")]
    editions: Vec<HeadEdition>,
    #[prost(bytes = "vec", tag = "8")]
    request_digest: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct HeadField {
    #[prost(uint32, tag = "1")]
    number: u32,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct HeadEdition {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bytes = "vec", tag = "2")]
    digest: Vec<u8>,
}

/// The two parts; each has its own nonce, and no key is used for another record.
#[derive(Clone, Copy)]
enum Part {
    Head = 0,
    Body = 1,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Head => "contents",
            Self::Body => "body",
        }
    }

    fn nonce(self) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[0] = self as u8;
        Nonce::assume_unique_for_key(nonce)
    }
}

impl Vault {
    /// With the agency's keys and the key of the index as it is kept with the log ([`Vault::new_index_key`]).
    ///
    /// # Errors
    /// A kept key that these keys do not unwrap.
    pub fn new(
        origin: &str,
        keeper: Box<dyn KeyKeeper>,
        index_key: &str,
    ) -> Result<Self, VaultError> {
        let (id, wrapped) = read_index_key(index_key).ok_or(VaultError::IndexKey)?;
        let index = keeper.unwrap(id, &wrapped)?;
        Ok(Self {
            origin: origin.to_owned(),
            keeper,
            index: hmac::Key::new(hmac::HMAC_SHA256, &index),
        })
    }

    /// A new key for the index, wrapped, as it is kept with the log.
    ///
    /// # Errors
    /// No random bytes, or a keeper that cannot be used.
    pub fn new_index_key(keeper: &dyn KeyKeeper) -> Result<String, VaultError> {
        let wrapped = keeper.wrap(&random().map_err(VaultError::Random)?)?;
        Ok(index_key(keeper.current(), &wrapped))
    }

    /// The kept key of the index under the current key; none if it is so already.
    ///
    /// # Errors
    /// As [`Vault::new`].
    pub fn rewrapped_index_key(&self, kept: &str) -> Result<Option<String>, VaultError> {
        let (id, wrapped) = read_index_key(kept).ok_or(VaultError::IndexKey)?;
        let current = self.keeper.current();
        if id == current {
            return Ok(None);
        }
        let wrapped = self.keeper.wrap(&self.keeper.unwrap(id, &wrapped)?)?;
        Ok(Some(index_key(current, &wrapped)))
    }

    /// The key that wraps the keys of new records.
    pub fn current(&self) -> KekId {
        self.keeper.current()
    }

    /// Encrypts the contents of the record that `leaf` commits to. Decrypting needs the same leaf but for its
    /// time, so that contents cannot be put under another record.
    ///
    /// # Errors
    /// No random bytes, or a keeper that cannot be used.
    pub fn seal(&self, leaf: &Leaf, contents: &Contents) -> Result<Sealed, VaultError> {
        let key = random().map_err(VaultError::Random)?;
        let bound = self.bound(leaf.clone())?;
        let cipher = cipher(&key)?;
        let seal = |part: Part, mut bytes: Vec<u8>| {
            let aad = Aad::from([&bound[..], &[part as u8]].concat());
            let sealed = cipher.seal_in_place_append_tag(part.nonce(), aad, &mut bytes);
            let sealed = sealed.map_err(|_| VaultError::Refused(part.name()));
            sealed.map(|()| bytes)
        };
        Ok(Sealed {
            kek: self.keeper.current(),
            key: self.keeper.wrap(&key)?,
            head: seal(Part::Head, with_room(&head(contents).encode_to_vec()))?,
            body: contents
                .body
                .as_ref()
                .map(|body| seal(Part::Body, with_room(body)))
                .transpose()?,
        })
    }

    /// What a stored record says.
    ///
    /// # Errors
    /// Contents that were changed, or put under another record; a key that is not held.
    pub fn open(&self, logged: &Logged) -> Result<Held, VaultError> {
        let Some(sealed) = &logged.record.sealed else {
            return Ok(Held::Erased);
        };
        let key = self.keeper.unwrap(sealed.kek, &sealed.key)?;
        let bound = self.bound(Leaf::decode(&logged.leaf)?)?;
        let cipher = cipher(&key)?;
        let open = |part: Part, bytes: &[u8]| {
            let aad = Aad::from([&bound[..], &[part as u8]].concat());
            let mut bytes = bytes.to_vec();
            let plain = cipher.open_in_place(part.nonce(), aad, &mut bytes);
            let length = plain.map_err(|_| VaultError::Refused(part.name()))?.len();
            bytes.truncate(length);
            Ok::<_, VaultError>(bytes)
        };
        let head = open(Part::Head, &sealed.head)?;
        let head = Head::decode(head.as_slice()).map_err(|_| VaultError::Encoding)?;
        let body = sealed.body.as_ref();
        let body = body.map(|body| open(Part::Body, body)).transpose()?;
        contents(head, body)
            .map(|contents| Held::Open(Box::new(contents)))
            .ok_or(VaultError::Encoding)
    }

    /// A stored record with what it says.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn show(&self, logged: Logged) -> Result<Shown, VaultError> {
        let held = self.open(&logged)?;
        Ok(Shown { logged, held })
    }

    /// The same contents with their key under the current one; none if it is so already.
    ///
    /// # Errors
    /// A key that is not held, or a wrapped key that was changed.
    pub fn rewrap(&self, sealed: &Sealed) -> Result<Option<Sealed>, VaultError> {
        let current = self.keeper.current();
        if sealed.kek == current {
            return Ok(None);
        }
        let key = self.keeper.unwrap(sealed.kek, &sealed.key)?;
        Ok(Some(Sealed {
            kek: current,
            key: self.keeper.wrap(&key)?,
            ..sealed.clone()
        }))
    }

    /// What is authenticated with the parts: the log, and the leaf with its time left out, which only the writer
    /// knows. The leaf names the record and commits to everything it says.
    fn bound(&self, mut leaf: Leaf) -> Result<Vec<u8>, VaultError> {
        leaf.time_micros = 0;
        let leaf = leaf.encode()?;
        let origin = self.origin.as_bytes();
        let length = (origin.len() as u64).to_be_bytes();
        Ok([TAG, &length, origin, &leaf].concat())
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Vault").field(&self.origin).finish()
    }
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, VaultError> {
    let key = UnboundKey::new(&AES_256_GCM, key);
    key.map(LessSafeKey::new)
        .map_err(|_| VaultError::Refused("key"))
}

/// A copy with room for the tag, so that it is made once.
fn with_room(bytes: &[u8]) -> Vec<u8> {
    let mut copy = Vec::with_capacity(bytes.len() + AES_256_GCM.tag_len());
    copy.extend_from_slice(bytes);
    copy
}

fn head(contents: &Contents) -> Head {
    let field = |(field, value): (&Field, &String)| HeadField {
        number: field.number().into(),
        value: value.clone(),
    };
    let edition = |(name, digest): (&String, &Hash)| HeadEdition {
        name: name.clone(),
        digest: digest.as_bytes().to_vec(),
    };
    Head {
        secret: contents.secret.as_bytes().to_vec(),
        body_type: contents.body_type.clone(),
        case_reference: contents.case_reference.clone(),
        actor: contents.actor.clone(),
        purpose: contents.purpose.clone(),
        fields: contents.fields.iter().map(field).collect(),
        editions: contents.editions.iter().map(edition).collect(),
        request_digest: contents.request_digest.to_vec(),
    }
}

fn contents(head: Head, body: Option<Vec<u8>>) -> Option<Contents> {
    let field = |given: HeadField| {
        let number = |field: &Field| u32::from(field.number()) == given.number;
        Some((NAMED_FIELDS.into_iter().find(number)?, given.value))
    };
    let edition = |given: HeadEdition| Some((given.name, Hash::from_slice(&given.digest).ok()?));
    Some(Contents {
        secret: RecordSecret::from_bytes(head.secret.try_into().ok()?),
        request_digest: head.request_digest.try_into().ok()?,
        body_type: head.body_type,
        body,
        case_reference: head.case_reference,
        actor: head.actor,
        purpose: head.purpose,
        fields: head.fields.into_iter().map(field).collect::<Option<_>>()?,
        editions: head
            .editions
            .into_iter()
            .map(edition)
            .collect::<Option<_>>()?,
    })
}

fn index_key(id: KekId, wrapped: &[u8]) -> String {
    format!("{id} {}", STANDARD.encode(wrapped))
}

fn read_index_key(kept: &str) -> Option<(KekId, Vec<u8>)> {
    let (id, wrapped) = kept.split_once(' ')?;
    Some((KekId::parse(id)?, STANDARD.decode(wrapped).ok()?))
}
