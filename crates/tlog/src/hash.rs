//! SHA-256 hashes of leaves and nodes (RFC 6962 section 2.1).

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::encoding;

/// A SHA-256 hash: always exactly 32 bytes, so no verifier can be handed a short one.
///
/// `Display` prints base64 as checkpoints and proofs do; `{:x}` prints lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

/// The text or bytes offered as a hash are not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Not canonical base64 of 32 bytes.
    #[error("`{0}` is not the base64 of a 32-byte hash")]
    Base64(String),
    /// Not lower-case hex of 32 bytes.
    #[error("`{0}` is not 64 lower-case hex digits")]
    Hex(String),
    /// Not 32 bytes.
    #[error("a hash has 32 bytes, not {0}")]
    Length(usize),
}

impl Hash {
    /// The root of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1).
    pub fn empty_root() -> Self {
        Self::of(&[])
    }

    /// SHA-256 of the parts joined.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Takes 32 bytes as they are.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Takes a slice, for hashes that come out of a store; anything but 32 bytes is refused.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, HashError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| HashError::Length(bytes.len()))
    }

    /// Reads canonical base64 (44 characters).
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        encoding::from_base64(text)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| HashError::Base64(text.to_owned()))
    }

    /// Reads 64 lower-case hex digits.
    pub fn from_hex(text: &str) -> Result<Self, HashError> {
        encoding::from_hex(text)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| HashError::Hex(text.to_owned()))
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::base64(&self.0))
    }
}

impl fmt::LowerHex for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self:x})")
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The hash of one entry: SHA-256(0x00 || entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash::of(&[&[0], entry])
}

/// The hash of an inner node: SHA-256(0x01 || left || right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], &left.0, &right.0])
}
