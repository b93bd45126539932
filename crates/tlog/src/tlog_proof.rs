//! The offline proof text of C2SP tlog-proof (untagged): an inclusion proof and its checkpoint.

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::encoding;
use crate::hash::{Hash, HashError};
use crate::note::{Note, NoteError};
use crate::proof::{ProofError, verify_inclusion};

/// The first line.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// No tree of up to 2^64 leaves has a longer inclusion proof.
const MAX_PROOF_HASHES: usize = 64;

/// A proof that one entry is in a log. `Display` prints the text. Its note is *not* verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Bytes for the application. Nothing authenticates them.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry, from 0.
    pub index: u64,
    /// Inclusion proof, the leaf's sibling first.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint that the proof leads to.
    pub checkpoint: Note,
}

/// A proof text is malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not text in the form of the specification.
    #[error("line {line} of the proof must be {expected}")]
    Line {
        /// Line of the proof text, from 1.
        line: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// A proof hash.
    #[error("line {line} of the proof is not a hash")]
    Hash {
        /// Line of the proof text, from 1.
        line: usize,
        /// What is wrong with it.
        source: HashError,
    },
    /// More hashes than any tree needs.
    #[error("the proof has more than {MAX_PROOF_HASHES} hashes")]
    TooManyHashes,
    /// The checkpoint's note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint in the note.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not lead from the entry to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl TlogProof {
    /// Reads a proof text. Only its form is checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        let wrong = |line, expected| TlogProofError::Line { line, expected };
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| wrong(text.lines().count(), "followed by an empty line"))?;
        let mut lines = (1..).zip(head.split('\n')).peekable();
        if lines.next().map(|(_, header)| header) != Some(HEADER) {
            return Err(wrong(1, "`c2sp.org/tlog-proof@v1`"));
        }
        let extra = match lines.next_if(|(_, text)| text.starts_with("extra ")) {
            None => None,
            Some((line, text)) => Some(
                text.strip_prefix("extra ")
                    .and_then(encoding::from_base64)
                    .ok_or_else(|| wrong(line, "`extra` and base64"))?,
            ),
        };
        let (line, index) = lines.next().unwrap_or((2, ""));
        let index = index
            .strip_prefix("index ")
            .and_then(encoding::from_decimal)
            .ok_or_else(|| wrong(line, "`index` and a decimal number"))?;
        let mut hashes = Vec::new();
        for (line, text) in lines {
            if hashes.len() == MAX_PROOF_HASHES {
                return Err(TlogProofError::TooManyHashes);
            }
            let hash =
                Hash::from_base64(text).map_err(|source| TlogProofError::Hash { line, source })?;
            hashes.push(hash);
        }
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: Note::parse(note.as_bytes())?,
        })
    }

    /// Checks that the entry with this leaf hash is where the proof says, under the checkpoint's
    /// root. Who signed the checkpoint is another question, for [`Note::verify`].
    pub fn verify_entry(&self, leaf: &Hash) -> Result<Checkpoint, TlogProofError> {
        let checkpoint = Checkpoint::parse(self.checkpoint.text())?;
        verify_inclusion(
            leaf,
            self.index,
            checkpoint.size(),
            &self.hashes,
            &checkpoint.root(),
        )?;
        Ok(checkpoint)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", encoding::base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
