//! Signed notes (C2SP signed-note v1.0.0): a text, an empty line, and signature lines.
//!
//! Whether a note is well formed ([`Note::parse`]) and whether it is signed by a key one knows
//! ([`Note::verify`]) are two questions; nothing in an unverified note may be believed.

mod key;
mod signer;

pub use key::{KeyError, KnownKeys, SignatureKind, VerifierKey};
pub use signer::{
    CheckpointSigner, CosignatureSigner, Ed25519Signer, MlDsa44Signer, NoteSigner, SignError,
};

use std::fmt;

use crate::encoding;

/// The largest note read, in bytes. Room for [`MAX_SIGNATURES`] ML-DSA-44 lines of 3.3 KB.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;

/// The most signature lines read. C2SP asks verifiers to accept at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// What a signature line begins with: an em dash (U+2014) and one space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// A well-formed note. Its signatures are *not* verified.
///
/// `Display` prints the note; reading and printing gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A signature that verified, and the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignature<'k> {
    /// The known key.
    pub key: &'k VerifierKey,
    /// POSIX seconds stated and signed by a cosigner; none for a plain signature.
    pub timestamp: Option<u64>,
}

/// A note is malformed, or not signed as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Beyond [`MAX_NOTE_BYTES`].
    #[error("the note has {0} bytes, more than the limit of {MAX_NOTE_BYTES}")]
    TooLarge(usize),
    /// Not UTF-8, or a control character other than line feed.
    #[error("the note is not UTF-8 text free of control characters")]
    NotText,
    /// The text of a note ends with a line feed.
    #[error("the text of a note must end with a line feed")]
    UnfinishedText,
    /// No empty line before the signatures, or none after it.
    #[error("the note has no empty line followed by signature lines")]
    NoSignatures,
    /// Beyond [`MAX_SIGNATURES`].
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// A line after the empty line is not a signature line.
    #[error("signature line {line} is not an em dash, a key name and base64, one space between")]
    BadSignatureLine {
        /// Which signature line, from 1.
        line: usize,
    },
    /// A line bears the name and id of a known key, but its signature is not that key's.
    #[error("the signature of the known key `{name}` ({id}) does not verify")]
    BadSignature {
        /// Name of the key.
        name: String,
        /// Id of the key, 8 hex digits.
        id: String,
    },
    /// None of the signatures is from a known key.
    #[error("the note bears no signature of a known key")]
    NoKnownSignature,
}

impl Note {
    /// A note without signatures yet. The text must end with a line feed and hold no other control
    /// character.
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        if text.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge(text.len()));
        }
        if has_control(&text) {
            return Err(NoteError::NotText);
        }
        if !text.ends_with('\n') {
            return Err(NoteError::UnfinishedText);
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Reads a signed note. The *last* empty line separates text and signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge(bytes.len()));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        let (text, lines) = whole.rsplit_once("\n\n").ok_or(NoteError::NoSignatures)?;
        let mut note = Self::new(format!("{text}\n"))?;
        if has_control(lines) {
            return Err(NoteError::NotText);
        }
        if lines.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        for (line, text) in (1..).zip(lines.split_inclusive('\n')) {
            if line > MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            let signature =
                NoteSignature::parse_line(text).ok_or(NoteError::BadSignatureLine { line })?;
            note.signatures.push(signature);
        }
        Ok(note)
    }

    /// The signed text, its final line feed included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Signs the text and adds the signature line.
    pub fn sign(&mut self, signer: &dyn NoteSigner) -> Result<(), SignError> {
        let bytes = signer.sign_text(self.text.as_bytes())?;
        let key = signer.verifier_key();
        self.push(NoteSignature {
            name: key.name().to_owned(),
            id: key.id(),
            bytes,
        })
    }

    /// Signs the text at `seconds` of POSIX time and adds the signature line.
    pub fn sign_at(
        &mut self,
        signer: &dyn CheckpointSigner,
        seconds: u64,
    ) -> Result<(), SignError> {
        let bytes = signer.sign_text_at(self.text.as_bytes(), seconds)?;
        let key = signer.public_key();
        self.push(NoteSignature {
            name: key.name().to_owned(),
            id: key.id(),
            bytes,
        })
    }

    /// The same note with the signatures of these keys alone, the last of each key: what others
    /// have put under a note is not kept or passed on. Nothing is verified.
    pub fn only(&self, keys: &KnownKeys) -> Self {
        let known = |s: &&NoteSignature| keys.get(&s.name, s.id).is_some();
        let mut signatures: Vec<NoteSignature> = Vec::new();
        for signature in self.signatures.iter().filter(known) {
            signatures.retain(|s| (&s.name, s.id) != (&signature.name, signature.id));
            signatures.push(signature.clone());
        }
        Self {
            text: self.text.clone(),
            signatures,
        }
    }

    /// Adds a signature made elsewhere, such as a witness's line.
    pub fn push(&mut self, signature: NoteSignature) -> Result<(), SignError> {
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(SignError::TooManySignatures);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Verifies the note: signatures of unknown keys are ignored, every signature of a known key
    /// must verify, and there must be one. Returns the verified ones in the order of their lines.
    pub fn verify<'k>(&self, keys: &'k KnownKeys) -> Result<Vec<VerifiedSignature<'k>>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let Some(key) = keys.get(&signature.name, signature.id) else {
                continue;
            };
            verified.push(signature.verify(self.text.as_bytes(), key)?);
        }
        if verified.is_empty() {
            Err(NoteError::NoKnownSignature)
        } else {
            Ok(verified)
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| signature.fmt(f))
    }
}

impl NoteSignature {
    /// Reads one signature line, its line feed included: what a witness answers.
    pub fn parse_line(line: &str) -> Option<Self> {
        let line = line.strip_prefix(SIGNATURE_PREFIX)?.strip_suffix('\n')?;
        let (name, encoded) = line.split_once(' ')?;
        let decoded = encoding::from_base64(encoded)?;
        let (id, bytes) = decoded.split_first_chunk::<4>()?;
        if !key::is_key_name(name) || has_control(line) || line.contains('\n') || bytes.is_empty() {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            id: *id,
            bytes: bytes.to_vec(),
        })
    }

    /// Name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Id of the key that is said to have signed.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The bytes after the key id; their meaning depends on the kind of key.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Verifies this signature of `text` with a key that has its name and id.
    pub(crate) fn verify<'k>(
        &self,
        text: &[u8],
        key: &'k VerifierKey,
    ) -> Result<VerifiedSignature<'k>, NoteError> {
        match key.verify(text, &self.bytes) {
            Some(timestamp) => Ok(VerifiedSignature { key, timestamp }),
            None => Err(NoteError::BadSignature {
                name: self.name.clone(),
                id: encoding::hex(&self.id),
            }),
        }
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.bytes].concat();
        writeln!(
            f,
            "{SIGNATURE_PREFIX}{} {}",
            self.name,
            encoding::base64(&bytes)
        )
    }
}

/// Control characters below space are forbidden in a note, except line feed.
fn has_control(text: &str) -> bool {
    text.bytes().any(|b| b < 0x20 && b != b'\n')
}
