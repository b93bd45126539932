//! The signed head of a log (C2SP tlog-checkpoint v1.0.0).

use std::fmt;

use crate::encoding;
use crate::hash::{Hash, HashError};
use crate::note::{
    CheckpointSigner, KnownKeys, Note, NoteError, NoteSigner, SignError, VerifiedSignature,
};

/// What a checkpoint states: the log, its size and its root. `Display` prints the signed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
}

/// A checkpoint is malformed, or not signed by the log it is said to be from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The first line names the log.
    #[error("`{0}` is not an origin: it must be one line, not empty, without control characters")]
    Origin(String),
    /// Second line.
    #[error("`{0}` is not a tree size: it must be a decimal number without leading zero")]
    Size(String),
    /// Third line.
    #[error("line 3 of the checkpoint is not a root hash")]
    Root(#[source] HashError),
    /// A line is missing or unfinished.
    #[error("a checkpoint has three lines, origin, size and root, each ending with a line feed")]
    Lines,
    /// Extension lines are not covered by all kinds of cosignature, so they are refused.
    #[error("the checkpoint has extension lines, which are not supported")]
    Extensions,
    /// Another log's checkpoint.
    #[error("the checkpoint is of the log `{found}`, not of `{expected}`")]
    OtherOrigin {
        /// The origin asked for.
        expected: String,
        /// The origin in the checkpoint.
        found: String,
    },
    /// Signed by known keys, but none bears the log's name.
    #[error("the checkpoint of `{0}` is not signed by a known key of that name")]
    NotSignedByLog(String),
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl Checkpoint {
    /// A checkpoint of `size` leaves with `root`. The origin is a URL without scheme and trailing
    /// slash, such as `us.concord.example/audit`, and equals the name of the log's key.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        let origin = origin.into();
        if origin.is_empty() || origin.contains(char::is_control) {
            return Err(CheckpointError::Origin(origin));
        }
        Ok(Self { origin, size, root })
    }

    /// Reads the text of a checkpoint note: exactly three lines.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.splitn(4, '\n');
        let (Some(origin), Some(size), Some(root), Some(rest)) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        if !rest.is_empty() {
            return Err(CheckpointError::Extensions);
        }
        let size =
            encoding::from_decimal(size).ok_or_else(|| CheckpointError::Size(size.to_owned()))?;
        let root = Hash::from_base64(root).map_err(CheckpointError::Root)?;
        Self::new(origin, size, root)
    }

    /// Reads a signed checkpoint of the log `origin`. At least one verified signature must be from
    /// a key named as the log; cosignatures of other known keys are returned beside it.
    ///
    /// With several keys of that name in `keys`, a log can change its key with overlap.
    pub fn open<'k>(
        signed: &[u8],
        origin: &str,
        keys: &'k KnownKeys,
    ) -> Result<(Self, Vec<VerifiedSignature<'k>>), CheckpointError> {
        let note = Note::parse(signed)?;
        let checkpoint = Self::parse(note.text())?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::OtherOrigin {
                expected: origin.to_owned(),
                found: checkpoint.origin,
            });
        }
        let verified = note.verify(keys)?;
        if !verified
            .iter()
            .any(|signature| signature.key.name() == origin)
        {
            return Err(CheckpointError::NotSignedByLog(checkpoint.origin));
        }
        Ok((checkpoint, verified))
    }

    /// Signs the checkpoint with each signer in turn.
    pub fn sign(&self, signers: &[&dyn NoteSigner]) -> Result<Note, CheckpointSignError> {
        let mut note = Note::new(self.to_string())?;
        for signer in signers {
            note.sign(*signer)?;
        }
        Ok(note)
    }

    /// Signs the checkpoint with each signer in turn, at `seconds` of POSIX time.
    pub fn sign_at(
        &self,
        signers: &[Box<dyn CheckpointSigner>],
        seconds: u64,
    ) -> Result<Note, CheckpointSignError> {
        let mut note = Note::new(self.to_string())?;
        for signer in signers {
            note.sign_at(&**signer, seconds)?;
        }
        Ok(note)
    }

    /// The log: a URL without scheme.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root hash of the first `size` leaves.
    pub fn root(&self) -> Hash {
        self.root
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}

/// A checkpoint could not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointSignError {
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The text is not a note, which happens only for an origin beyond the note's size limit.
    #[error(transparent)]
    Note(#[from] NoteError),
}
