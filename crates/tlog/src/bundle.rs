//! One self-contained file that proves one record: the leaf, what is disclosed of the record, and
//! the C2SP proof that the leaf is in the log. Checked without network or configuration.
//!
//! The file is text in exactly one form (`docs/log-format.md`): reading it and writing it again
//! must give the same bytes, so any changed bit is refused. It ends with a `tlog-proof` that
//! foreign verifiers read as it is.

mod disclosure;
mod text;

pub use disclosure::{Disclosed, Disclosure, OpenValue};

use crate::hash::Hash;
use crate::leaf::{Leaf, LeafError};
use crate::note::{KeyError, KnownKeys, NoteError, VerifierKey};
use crate::tlog_proof::{TlogProof, TlogProofError};

/// The largest bundle read or written, in bytes.
pub const MAX_BUNDLE_BYTES: usize = 8 * 1024 * 1024;

/// The parts of a bundle. Nothing in it is checked before [`verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The key of each signature of the checkpoint, in the order of the signatures. One is the
    /// log's own: its name is the checkpoint's origin.
    pub keys: Vec<VerifierKey>,
    /// The log entry.
    pub leaf: Leaf,
    /// What is disclosed of the record.
    pub disclosure: Disclosure,
    /// Where the entry is in the log.
    pub proof: TlogProof,
}

/// What a verified bundle proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedBundle {
    /// The log that holds the record.
    pub origin: String,
    /// Index of the entry, from 0.
    pub index: u64,
    /// Size of the log at the checkpoint.
    pub size: u64,
    /// Root hash at the checkpoint.
    pub root: Hash,
    /// The log entry.
    pub leaf: Leaf,
    /// Hash of the log entry.
    pub leaf_hash: Hash,
    /// What is disclosed of the record; it is what the leaf commits to.
    pub disclosure: Disclosure,
    /// Who signed the checkpoint: the log and its cosigners, in the order of the signatures.
    pub signers: Vec<BundleSigner>,
    /// Whether the log's signature is by the key that the *reader* gave. When false, the file
    /// agrees with itself, but anybody could have made it.
    pub authenticated: bool,
}

/// A key that signed the checkpoint in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleSigner {
    /// The key, as the bundle states it.
    pub key: VerifierKey,
    /// POSIX seconds, if the signature states a time.
    pub timestamp: Option<u64>,
}

/// A bundle is malformed or proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Beyond [`MAX_BUNDLE_BYTES`].
    #[error("the bundle has {0} bytes, more than the limit of {MAX_BUNDLE_BYTES}")]
    TooLarge(usize),
    /// A line is not what it must be.
    #[error("line {line} of the bundle must be {expected}")]
    Line {
        /// Line of the file, from 1.
        line: usize,
        /// What belongs there.
        expected: String,
    },
    /// The bundle is readable, but not the one way of writing it.
    #[error("the bundle is not in its canonical form: it was changed after it was made")]
    NotCanonical,
    /// A key in the bundle.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The leaf in the bundle.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The proof in the bundle.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
    /// A signature in the bundle.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Bytes that nothing authenticates.
    #[error("the proof in a bundle must not have an `extra` line, which nothing authenticates")]
    UnauthenticatedExtra,
    /// Keys and signatures do not correspond.
    #[error(
        "the bundle must have the key of every signature, once, in the order of the signatures"
    )]
    KeysDoNotMatch,
    /// None of the signatures is by a key with the name of the log.
    #[error("the checkpoint is of the log `{0}`, and no key of that name has signed it")]
    NotSignedByLog(String),
    /// The reader's key is not the one that signed.
    #[error("the log signed with the key `{found}`, not with the given key `{expected}`")]
    OtherKey {
        /// The key given by the reader.
        expected: String,
        /// The key of the log in the bundle.
        found: String,
    },
    /// A disclosed value is not the one committed to.
    #[error("the disclosed `{0}` is not what the leaf commits to")]
    Disclosure(&'static str),
}

impl Bundle {
    /// Reads a bundle; only its form is checked.
    pub fn decode(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge(bytes.len()));
        }
        let bundle = text::parse(bytes)?;
        if text::write(&bundle)?.as_bytes() != bytes {
            return Err(BundleError::NotCanonical);
        }
        Ok(bundle)
    }

    /// Writes the bundle, having checked it: a bundle that does not verify is not written.
    pub fn encode(&self) -> Result<Vec<u8>, BundleError> {
        self.check(None)?;
        let bytes = text::write(self)?.into_bytes();
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge(bytes.len()));
        }
        Ok(bytes)
    }

    fn check(&self, log_key: Option<&VerifierKey>) -> Result<VerifiedBundle, BundleError> {
        if self.proof.extra.is_some() {
            return Err(BundleError::UnauthenticatedExtra);
        }
        let leaf_hash = self.leaf.hash()?;
        let checkpoint = self.proof.verify_entry(&leaf_hash)?;
        self.disclosure.check(&self.leaf)?;
        let signers = self.check_signatures()?;
        let origin = checkpoint.origin();
        let log_signers: Vec<_> = signers.iter().filter(|s| s.key.name() == origin).collect();
        let Some(found) = log_signers.first() else {
            return Err(BundleError::NotSignedByLog(origin.to_owned()));
        };
        if let Some(expected) = log_key
            && !log_signers.iter().any(|signer| signer.key == *expected)
        {
            return Err(BundleError::OtherKey {
                expected: expected.to_string(),
                found: found.key.to_string(),
            });
        }
        Ok(VerifiedBundle {
            origin: origin.to_owned(),
            index: self.proof.index,
            size: checkpoint.size(),
            root: checkpoint.root(),
            leaf: self.leaf.clone(),
            leaf_hash,
            disclosure: self.disclosure.clone(),
            signers,
            authenticated: log_key.is_some(),
        })
    }

    /// Every signature must have its key and verify: an unchecked one could be altered unseen.
    fn check_signatures(&self) -> Result<Vec<BundleSigner>, BundleError> {
        let note = &self.proof.checkpoint;
        let known = KnownKeys::new(self.keys.iter().cloned())?;
        let signed = note.signatures().iter().map(|s| (s.name(), s.id()));
        let stated = self.keys.iter().map(|key| (key.name(), key.id()));
        if known.iter().count() != self.keys.len() || !signed.eq(stated) {
            return Err(BundleError::KeysDoNotMatch);
        }
        let verified = note.verify(&known)?;
        Ok(verified
            .into_iter()
            .map(|s| BundleSigner {
                key: s.key.clone(),
                timestamp: s.timestamp,
            })
            .collect())
    }
}

/// Verifies a bundle: the leaf is in the log, the log signed, and all that is disclosed is what the
/// leaf commits to.
///
/// `log_key` is the log's key as the reader has it from elsewhere. Without it, the signatures are
/// checked with the keys in the bundle and the answer is not `authenticated`.
pub fn verify(bytes: &[u8], log_key: Option<&VerifierKey>) -> Result<VerifiedBundle, BundleError> {
    Bundle::decode(bytes)?.check(log_key)
}
