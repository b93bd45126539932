//! Signers of notes. A key in a hardware module or a key service implements [`NoteSigner`].

use std::fmt;

use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem};
use ed25519_dalek::{Signer as _, SigningKey};
use ml_dsa::MlDsa44;
use ml_dsa::signature::Keypair as _;

use super::key::{KeyError, SignatureKind, VerifierKey, cosigned_message, subtree_message};

/// Signs the text of notes under one name with one key.
pub trait NoteSigner {
    /// The key that verifies the signatures made here.
    fn verifier_key(&self) -> &VerifierKey;

    /// The bytes that follow the key id in the signature line for `text`.
    fn sign_text(&self, text: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Signs checkpoints at a stated time: a log's own key or a witness's. Whoever keeps a key in a
/// hardware module or a key service implements this.
pub trait CheckpointSigner: Send {
    /// The key that verifies the signatures made here.
    fn public_key(&self) -> &VerifierKey;

    /// The bytes that follow the key id in the signature line for `text` at `seconds` of POSIX
    /// time. A kind that states no time ignores it.
    fn sign_text_at(&self, text: &[u8], seconds: u64) -> Result<Vec<u8>, SignError>;
}

/// A signature could not be made or added. Never says anything about the key itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The private key could not be read.
    #[error("the signing key of `{0}` is not a private key of its kind in PKCS#8 PEM")]
    PrivateKey(String),
    /// The text to be signed is not a checkpoint, or a name is too long for the format.
    #[error("`{0}` can sign checkpoints of three lines only, with names of at most 255 bytes")]
    NotACheckpoint(String),
    /// The name or public key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The time of a cosignature is beyond what the format can say.
    #[error("a cosignature cannot bear the time {0}: the limit is 2^63-1 seconds")]
    Time(u64),
    /// The note is full.
    #[error("the note already has {max} signatures", max = super::MAX_SIGNATURES)]
    TooManySignatures,
    /// A signer outside this program failed.
    #[error("the signer failed: {0}")]
    Failed(String),
}

/// An Ed25519 key held in memory, signing with type 0x01.
pub struct Ed25519Signer {
    signing: SigningKey,
    key: VerifierKey,
}

impl Ed25519Signer {
    /// A signer from the 32-byte secret seed of RFC 8032.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self, SignError> {
        Self::new(name.into(), SigningKey::from_bytes(seed))
    }

    /// A signer from a private key in PKCS#8 PEM (RFC 8410), as OpenSSL writes it.
    pub fn from_pkcs8_pem(name: impl Into<String>, pem: &str) -> Result<Self, SignError> {
        let name = name.into();
        match SigningKey::from_pkcs8_pem(pem) {
            Ok(signing) => Self::new(name, signing),
            Err(_) => Err(SignError::PrivateKey(name)),
        }
    }

    fn new(name: String, signing: SigningKey) -> Result<Self, SignError> {
        let public = signing.verifying_key();
        let key = VerifierKey::new(name, SignatureKind::Ed25519, public.as_bytes())?;
        Ok(Self { signing, key })
    }

    /// The private key as PKCS#8 PEM, to be kept in a file that only the log can read.
    pub fn to_pkcs8_pem(&self) -> Result<String, SignError> {
        match self.signing.to_pkcs8_pem(pem::LineEnding::LF) {
            Ok(text) => Ok(text.as_str().to_owned()),
            Err(_) => Err(SignError::PrivateKey(self.key.name().to_owned())),
        }
    }
}

impl NoteSigner for Ed25519Signer {
    fn verifier_key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign_text(&self, text: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.signing.sign(text).to_bytes().to_vec())
    }
}

impl CheckpointSigner for Ed25519Signer {
    fn public_key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign_text_at(&self, text: &[u8], _seconds: u64) -> Result<Vec<u8>, SignError> {
        self.sign_text(text)
    }
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519Signer({})", self.key)
    }
}

/// A witness's Ed25519 key, signing with type 0x04 at one stated time.
///
/// The signed message does not name the cosigner: one key must never serve two names.
#[derive(Debug)]
pub struct CosignatureSigner {
    inner: Ed25519Signer,
    key: VerifierKey,
    seconds: u64,
}

impl CosignatureSigner {
    /// Turns an Ed25519 signer into the cosigner of the same name, at `seconds` of POSIX time.
    pub fn new(signer: Ed25519Signer, seconds: u64) -> Result<Self, SignError> {
        let key = VerifierKey::new(
            signer.key.name(),
            SignatureKind::Ed25519Cosignature,
            signer.signing.verifying_key().as_bytes(),
        )?;
        Ok(Self {
            inner: signer,
            key,
            seconds,
        })
    }

    /// The same cosigner at another time.
    pub fn at(self, seconds: u64) -> Self {
        Self { seconds, ..self }
    }
}

impl NoteSigner for CosignatureSigner {
    fn verifier_key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign_text(&self, text: &[u8]) -> Result<Vec<u8>, SignError> {
        let message = cosigned_message(text, self.seconds).ok_or(SignError::Time(self.seconds))?;
        let signature = self.inner.sign_text(&message)?;
        Ok([self.seconds.to_be_bytes().as_slice(), &signature].concat())
    }
}

impl CheckpointSigner for CosignatureSigner {
    fn public_key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign_text_at(&self, text: &[u8], seconds: u64) -> Result<Vec<u8>, SignError> {
        let message = cosigned_message(text, seconds).ok_or(SignError::Time(seconds))?;
        let signature = self.inner.sign_text(&message)?;
        Ok([seconds.to_be_bytes().as_slice(), &signature].concat())
    }
}

/// An ML-DSA-44 key held in memory, signing checkpoints with type 0x06, for a log or a witness.
///
/// Signing is deterministic (FIPS 204, the variant without fresh randomness), so the same input
/// gives the same bytes.
pub struct MlDsa44Signer {
    signing: ml_dsa::SigningKey<MlDsa44>,
    key: VerifierKey,
}

impl MlDsa44Signer {
    /// A signer from the 32-byte seed of FIPS 204.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self, SignError> {
        let signing = ml_dsa::SigningKey::from_seed(seed.into());
        Self::new(name.into(), signing)
    }

    /// A signer from a private key in PKCS#8 PEM that holds the seed (RFC 9881).
    pub fn from_pkcs8_pem(name: impl Into<String>, pem: &str) -> Result<Self, SignError> {
        let name = name.into();
        match ml_dsa::SigningKey::from_pkcs8_pem(pem) {
            Ok(signing) => Self::new(name, signing),
            Err(_) => Err(SignError::PrivateKey(name)),
        }
    }

    fn new(name: String, signing: ml_dsa::SigningKey<MlDsa44>) -> Result<Self, SignError> {
        let public = signing.verifying_key().encode();
        let key = VerifierKey::new(name, SignatureKind::MlDsa44, &public)?;
        Ok(Self { signing, key })
    }

    /// The private key as PKCS#8 PEM, to be kept in a file that only the log can read.
    pub fn to_pkcs8_pem(&self) -> Result<String, SignError> {
        match self.signing.to_pkcs8_pem(pem::LineEnding::LF) {
            Ok(text) => Ok(text.as_str().to_owned()),
            Err(_) => Err(SignError::PrivateKey(self.key.name().to_owned())),
        }
    }
}

impl CheckpointSigner for MlDsa44Signer {
    fn public_key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign_text_at(&self, text: &[u8], seconds: u64) -> Result<Vec<u8>, SignError> {
        let name = self.key.name();
        let refused = || SignError::NotACheckpoint(name.to_owned());
        let message = subtree_message(name, text, seconds).ok_or_else(refused)?;
        let key = self.signing.expanded_key();
        let signature = key
            .sign_deterministic(&message, &[])
            .map_err(|_| SignError::Failed("ML-DSA-44 refused to sign".to_owned()))?;
        Ok([seconds.to_be_bytes().as_slice(), &signature.encode()].concat())
    }
}

impl fmt::Debug for MlDsa44Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "MlDsa44Signer({} {})",
            self.key.name(),
            self.key.id_hex()
        )
    }
}
