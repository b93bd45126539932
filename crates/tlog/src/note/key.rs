//! Verifier keys and their text form, the vkey (C2SP signed-note, section Verifier keys).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ed25519_dalek::{Signature, VerifyingKey};
use ml_dsa::MlDsa44;

use crate::checkpoint::Checkpoint;
use crate::encoding;
use crate::hash::Hash;

/// What a key signs, from the type byte of its vkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SignatureKind {
    /// 0x01: Ed25519 over the text of the note.
    Ed25519,
    /// 0x04: Ed25519 cosignature, over the text and a timestamp (C2SP tlog-cosignature).
    Ed25519Cosignature,
    /// 0x06: ML-DSA-44 (FIPS 204, empty context) over the cosigner's name, a timestamp and the
    /// checkpoint's origin, size and root (C2SP tlog-cosignature v1.1). Used by witnesses, and by
    /// logs for their own checkpoints.
    MlDsa44,
}

impl SignatureKind {
    /// The type byte in key ids and vkeys.
    pub const fn type_byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Ed25519Cosignature => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }

    fn from_type_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::Ed25519Cosignature, Self::MlDsa44]
            .into_iter()
            .find(|k| k.type_byte() == byte)
    }
}

/// A public key with the name it signs under. `Display` prints the vkey.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    public: PublicKey,
}

/// The public keys we can verify with; a new kind of signature is a new variant here.
#[derive(Clone, PartialEq, Eq)]
enum PublicKey {
    Ed25519(VerifyingKey),
    Ed25519Cosignature(VerifyingKey),
    MlDsa44(MlDsaKey),
}

/// An ML-DSA-44 public key: its bytes, and what is computed from them once.
#[derive(Clone)]
struct MlDsaKey {
    bytes: Vec<u8>,
    key: Arc<ml_dsa::VerifyingKey<MlDsa44>>,
}

impl PartialEq for MlDsaKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for MlDsaKey {}

impl MlDsaKey {
    /// 1312 bytes; every such string is a key.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let encoded = bytes.try_into().ok()?;
        Some(Self {
            bytes: bytes.to_vec(),
            key: Arc::new(ml_dsa::VerifyingKey::decode(encoded)),
        })
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let signature = ml_dsa::Signature::<MlDsa44>::decode(signature.try_into().ok()?)?;
        self.key
            .verify_with_context(message, &[], &signature)
            .then_some(())
    }
}

/// A key or its text is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Key names are not empty and hold no space, `+` or control character.
    #[error("`{0}` is not a key name: it must not be empty nor hold a space or a `+`")]
    Name(String),
    /// Not `name+id+base64`.
    #[error("`{0}` is not a verifier key of the form name+id+base64")]
    Malformed(String),
    /// The id is not the one computed from name and key.
    #[error("the verifier key of `{name}` states the id {stated}, its key has {computed}")]
    IdMismatch {
        /// Name of the key.
        name: String,
        /// Id in the text, as found there.
        stated: String,
        /// Id computed, 8 hex digits.
        computed: String,
    },
    /// A signature type that this program cannot verify.
    #[error(
        "the key of `{name}` has the signature type 0x{kind:02x}; 0x01, 0x04 and 0x06 can be verified"
    )]
    UnsupportedKind {
        /// Name of the key.
        name: String,
        /// Type byte.
        kind: u8,
    },
    /// Not a public key of its kind, or one that everybody can sign for.
    #[error("the key of `{0}` is not a usable public key of its kind")]
    PublicKey(String),
    /// Two different keys share name and id.
    #[error("two different keys are named `{0}` with the same id")]
    Ambiguous(String),
}

impl VerifierKey {
    /// Makes a key from its name, kind and raw public key (32 bytes for both Ed25519 kinds, 1312 for
    /// ML-DSA-44).
    pub fn new(
        name: impl Into<String>,
        kind: SignatureKind,
        public: &[u8],
    ) -> Result<Self, KeyError> {
        let name = name.into();
        if !is_key_name(&name) {
            return Err(KeyError::Name(name));
        }
        let ed25519 = || {
            let key = VerifyingKey::from_bytes(public.try_into().ok()?).ok()?;
            (!key.is_weak()).then_some(key)
        };
        let key = match kind {
            SignatureKind::Ed25519 => ed25519().map(PublicKey::Ed25519),
            SignatureKind::Ed25519Cosignature => ed25519().map(PublicKey::Ed25519Cosignature),
            SignatureKind::MlDsa44 => MlDsaKey::from_bytes(public).map(PublicKey::MlDsa44),
        };
        let Some(public) = key else {
            return Err(KeyError::PublicKey(name));
        };
        let id = key_id(&name, &public.typed_bytes());
        Ok(Self { name, id, public })
    }

    /// Reads a vkey: name, 8 hex digits of the id and base64 of type byte and key, `+` between.
    pub fn parse(vkey: &str) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed(vkey.to_owned());
        // Base64 may itself hold a plus, so only the first two separate.
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed());
        };
        if !is_key_name(name) {
            return Err(KeyError::Name(name.to_owned()));
        }
        let stated = encoding::from_hex(id)
            .filter(|id| id.len() == 4)
            .ok_or_else(malformed)?;
        let typed = encoding::from_base64(key).ok_or_else(malformed)?;
        let computed = key_id(name, &typed);
        if stated != computed {
            return Err(KeyError::IdMismatch {
                name: name.to_owned(),
                stated: id.to_owned(),
                computed: encoding::hex(&computed),
            });
        }
        let (&kind, public) = typed.split_first().ok_or_else(malformed)?;
        let Some(kind) = SignatureKind::from_type_byte(kind) else {
            return Err(KeyError::UnsupportedKind {
                name: name.to_owned(),
                kind,
            });
        };
        Self::new(name, kind, public)
    }

    /// The name; for a log's own key it equals the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First four bytes of SHA-256(name || 0x0A || type byte || public key).
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The id as 8 hex digits, for messages: an ML-DSA key is too long to be printed.
    pub fn id_hex(&self) -> String {
        encoding::hex(&self.id)
    }

    /// What the key signs.
    pub fn kind(&self) -> SignatureKind {
        match self.public {
            PublicKey::Ed25519(_) => SignatureKind::Ed25519,
            PublicKey::Ed25519Cosignature(_) => SignatureKind::Ed25519Cosignature,
            PublicKey::MlDsa44(_) => SignatureKind::MlDsa44,
        }
    }

    /// Verifies the bytes that follow the key id in a signature line: `None` if they are not this
    /// key's signature of `text`, else the timestamp if the kind has one.
    pub(crate) fn verify(&self, text: &[u8], signature: &[u8]) -> Option<Option<u64>> {
        match &self.public {
            PublicKey::Ed25519(key) => {
                let signature = Signature::from_slice(signature).ok()?;
                key.verify_strict(text, &signature).ok()?;
                Some(None)
            }
            PublicKey::Ed25519Cosignature(key) => {
                let (time, signature) = signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let message = cosigned_message(text, time)?;
                let signature = Signature::from_slice(signature).ok()?;
                key.verify_strict(&message, &signature).ok()?;
                Some(Some(time))
            }
            PublicKey::MlDsa44(key) => {
                let (time, signature) = signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let message = subtree_message(&self.name, text, time)?;
                key.verify(&message, signature)?;
                Some(Some(time))
            }
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = encoding::base64(&self.public.typed_bytes());
        write!(f, "{}+{}+{key}", self.name, encoding::hex(&self.id))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl PublicKey {
    fn typed_bytes(&self) -> Vec<u8> {
        let (kind, key) = match self {
            Self::Ed25519(key) => (SignatureKind::Ed25519, key.as_bytes().as_slice()),
            Self::Ed25519Cosignature(key) => {
                (SignatureKind::Ed25519Cosignature, key.as_bytes().as_slice())
            }
            Self::MlDsa44(key) => (SignatureKind::MlDsa44, key.bytes.as_slice()),
        };
        [&[kind.type_byte()], key].concat()
    }
}

/// The keys a verifier knows, by name *and* id: a line that shares only one of them with a known
/// key is from an unknown key.
#[derive(Debug, Clone, Default)]
pub struct KnownKeys(BTreeMap<(String, [u8; 4]), VerifierKey>);

impl KnownKeys {
    /// Collects keys. Two different keys with one name and id are refused; repeats are not.
    pub fn new(keys: impl IntoIterator<Item = VerifierKey>) -> Result<Self, KeyError> {
        let mut known = BTreeMap::new();
        for key in keys {
            if let Some(other) = known.insert((key.name.clone(), key.id), key.clone())
                && other != key
            {
                return Err(KeyError::Ambiguous(key.name));
            }
        }
        Ok(Self(known))
    }

    /// The key with this name and id.
    pub fn get(&self, name: &str, id: [u8; 4]) -> Option<&VerifierKey> {
        self.0.get(&(name.to_owned(), id))
    }

    /// All keys, by name and id.
    pub fn iter(&self) -> impl Iterator<Item = &VerifierKey> {
        self.0.values()
    }
}

/// Not empty, no Unicode space, no `+`, no control character.
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, typed_key: &[u8]) -> [u8; 4] {
    let hash = Hash::of(&[name.as_bytes(), b"\n", typed_key]);
    let [a, b, c, d, ..] = *hash.as_bytes();
    [a, b, c, d]
}

/// What a type 0x04 cosignature signs; `None` for a time beyond 2^63-1 seconds.
pub(super) fn cosigned_message(text: &[u8], seconds: u64) -> Option<Vec<u8>> {
    i64::try_from(seconds).ok()?;
    Some([format!("cosignature/v1\ntime {seconds}\n").as_bytes(), text].concat())
}

/// What a type 0x06 signature of a checkpoint signs; `None` if the text is not a checkpoint of three
/// lines, or a name is longer than the 255 bytes that the format has room for.
pub(super) fn subtree_message(cosigner: &str, text: &[u8], seconds: u64) -> Option<Vec<u8>> {
    let checkpoint = Checkpoint::parse(std::str::from_utf8(text).ok()?).ok()?;
    let origin = checkpoint.origin();
    let mut message = b"subtree/v1\n\0".to_vec();
    message.push(u8::try_from(cosigner.len()).ok()?);
    message.extend_from_slice(cosigner.as_bytes());
    message.extend_from_slice(&seconds.to_be_bytes());
    message.push(u8::try_from(origin.len()).ok()?);
    message.extend_from_slice(origin.as_bytes());
    message.extend_from_slice(&0u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size().to_be_bytes());
    message.extend_from_slice(checkpoint.root().as_bytes());
    Some(message)
}
