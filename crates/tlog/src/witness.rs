//! The witness's side of C2SP tlog-witness v1.0.0: what `add-checkpoint` carries and how it is
//! judged. Pure: who calls keeps what was cosigned, and must store the new state durably, compared
//! and set in one step, before the cosignature leaves.

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::encoding;
use crate::hash::Hash;
use crate::note::{KnownKeys, Note, NoteError};
use crate::proof::{ProofError, verify_consistency};

/// The most lines of a consistency proof in a request.
pub const MAX_PROOF_LINES: usize = 63;

/// The body of an `add-checkpoint` request. `Display` prints it; the file for an air gap has the
/// same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the last checkpoint that the witness cosigned, as the log believes.
    pub old_size: u64,
    /// Consistency proof from that size.
    pub proof: Vec<Hash>,
    /// The signed checkpoint. Its signatures are *not* verified.
    pub note: Note,
}

/// Why a witness does not cosign; each is one status of the specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400: the body is not an add-checkpoint request.
    #[error("{0}")]
    Malformed(String),
    /// 404: no key of that origin is known here.
    #[error("the log `{0}` is not known here")]
    UnknownLog(String),
    /// 403: no known key of the log signed, or the signature of one does not verify.
    #[error("{0}")]
    NotSigned(CheckpointError),
    /// 400: a proof leads from a smaller tree to a larger one.
    #[error("the old size {old} is larger than the checkpoint's {new}")]
    OldBeyondNew {
        /// Old size of the request.
        old: u64,
        /// Size of the checkpoint.
        new: u64,
    },
    /// 409: the request does not start from what was cosigned last; the body says from where.
    #[error("the last checkpoint cosigned has the size {cosigned}")]
    OtherSize {
        /// Size of the last checkpoint cosigned, 0 if none.
        cosigned: u64,
    },
    /// 422: the checkpoint does not extend what was cosigned.
    #[error("the checkpoint does not extend the one cosigned last: {0}")]
    Inconsistent(Inconsistency),
}

/// How a checkpoint fails to extend another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// The empty tree has one root.
    #[error("a log of size 0 must have the root of the empty tree")]
    EmptyRoot,
    /// From nothing, nothing has to be proved.
    #[error("a proof from size 0 must be empty")]
    NeedlessProof,
    /// The same size with two roots: the log has forked.
    #[error("two different roots for the same size")]
    Fork,
    /// The proof.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// What a witness cosigned last of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigned {
    /// Size.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

impl Default for Cosigned {
    /// Nothing yet.
    fn default() -> Self {
        Self {
            size: 0,
            root: Hash::empty_root(),
        }
    }
}

impl AddCheckpoint {
    /// Reads a request body; only its form is checked.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let malformed = |text: &str| Refusal::Malformed(text.to_owned());
        let text = std::str::from_utf8(body).map_err(|_| malformed("the body is not UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| malformed("the body has no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(encoding::from_decimal)
            .ok_or_else(|| malformed("line 1 must be `old` and a decimal size"))?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF_LINES {
                return Err(malformed("the proof has more than 63 lines"));
            }
            let hash = Hash::from_base64(line).map_err(|e| Refusal::Malformed(e.to_string()))?;
            proof.push(hash);
        }
        let note = Note::parse(note.as_bytes())
            .map_err(|e: NoteError| Refusal::Malformed(e.to_string()))?;
        Ok(Self {
            old_size,
            proof,
            note,
        })
    }

    /// The checkpoint, not verified.
    pub fn checkpoint(&self) -> Result<Checkpoint, Refusal> {
        Checkpoint::parse(self.note.text()).map_err(|e| Refusal::Malformed(e.to_string()))
    }

    /// Verifies who signed: the keys are those known for the checkpoint's origin. Without any the
    /// log is unknown.
    pub fn open(&self, keys: Option<&KnownKeys>) -> Result<Checkpoint, Refusal> {
        let checkpoint = self.checkpoint()?;
        let origin = checkpoint.origin();
        let keys = keys.ok_or_else(|| Refusal::UnknownLog(origin.to_owned()))?;
        let refused = |error: CheckpointError| Refusal::NotSigned(error);
        let verified = self.note.verify(keys).map_err(|e| refused(e.into()))?;
        if !verified.iter().any(|s| s.key.name() == origin) {
            let error = CheckpointError::NotSignedByLog(origin.to_owned());
            return Err(refused(error));
        }
        Ok(checkpoint)
    }

    /// Whether the checkpoint, verified by [`Self::open`], extends what was cosigned last, in the
    /// specification's order of checks.
    pub fn extends(&self, checkpoint: &Checkpoint, last: &Cosigned) -> Result<(), Refusal> {
        let (old, new) = (self.old_size, checkpoint.size());
        if old > new {
            return Err(Refusal::OldBeyondNew { old, new });
        }
        if old != last.size {
            let cosigned = last.size;
            return Err(Refusal::OtherSize { cosigned });
        }
        let wrong = |why| Err(Refusal::Inconsistent(why));
        if new == 0 && checkpoint.root() != Hash::empty_root() {
            return wrong(Inconsistency::EmptyRoot);
        }
        if old == 0 {
            return match self.proof.is_empty() {
                true => Ok(()),
                false => wrong(Inconsistency::NeedlessProof),
            };
        }
        if old == new && checkpoint.root() != last.root {
            return wrong(Inconsistency::Fork);
        }
        verify_consistency(old, new, &self.proof, &last.root, &checkpoint.root())
            .map_err(|e| Refusal::Inconsistent(e.into()))
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

impl Refusal {
    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::OldBeyondNew { .. } => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::OtherSize { .. } => 409,
            Self::Inconsistent(_) => 422,
        }
    }
}
