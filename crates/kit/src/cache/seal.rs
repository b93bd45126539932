//! Keyed names for what leaves the process, and values that only we can read or make.
//!
//! A value is encrypted with AES-256-GCM under a key of its own, derived from the secret and the
//! cache key, with a random nonce; version and expiry are authenticated with it. So nobody reads
//! an answer in Redis, plants one, moves one to another key, or lengthens its life.

use crate::config::ConfigError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{
    path::Path,
    time::{Duration, SystemTime},
};

/// A key after hashing; tells nothing without the secret.
pub(super) type Key = [u8; 32];

const VERSION: u8 = 2;
/// Version, expiry in Unix milliseconds: readable, and authenticated.
const HEAD: usize = 1 + 8;

/// The value was not sealed by us for this key, or was changed.
#[derive(Debug)]
pub(super) struct Forged;

/// Two keys derived from one secret: for names, and for the keys of values.
pub(super) struct Seal {
    names: Hmac<Sha256>,
    values: Hmac<Sha256>,
}

impl Seal {
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let bad = |problem: String| {
            let key = "cache.redis.secret_file";
            ConfigError::invalid(key, format!("`{}` {problem}", path.display()))
        };
        let secret = std::fs::read(path).map_err(|e| bad(format!("cannot be read: {e}")))?;
        if secret.len() < 32 {
            return Err(bad("holds fewer than 32 bytes".to_owned()));
        }
        Ok(Self::new(&secret))
    }

    pub fn random() -> Result<Self, ConfigError> {
        let mut secret = [0; 32];
        rustls::crypto::aws_lc_rs::default_provider()
            .secure_random
            .fill(&mut secret)
            .map_err(|_| ConfigError::invalid("cache", "the system has no random numbers"))?;
        Ok(Self::new(&secret))
    }

    pub fn new(secret: &[u8]) -> Self {
        let derive = |label: &[u8]| {
            let key = mac(secret).chain_update(label).finalize().into_bytes();
            mac(&key)
        };
        Self {
            names: derive(b"concord cache names v1"),
            values: derive(b"concord cache values v2"),
        }
    }

    /// The key for a cache's name and the parts, each with its length, so that no two lists of
    /// parts can meet.
    pub fn key(&self, cache: &str, parts: &[&[u8]]) -> Key {
        let mut mac = self.names.clone();
        for part in std::iter::once(&cache.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The value sealed for `time` from now; `None` when the system has no random numbers.
    pub fn seal(&self, key: &Key, value: &[u8], time: Duration) -> Option<Vec<u8>> {
        let expires = now_ms().saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).ok()?;
        let head = head(expires);
        let mut body = value.to_vec();
        let cipher = self.cipher(key)?;
        let nonce_in = Nonce::assume_unique_for_key(nonce);
        cipher
            .seal_in_place_append_tag(nonce_in, Aad::from(head), &mut body)
            .ok()?;
        let mut sealed = Vec::with_capacity(HEAD + NONCE_LEN + body.len());
        sealed.extend_from_slice(&head);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        Some(sealed)
    }

    /// The value and the time it has left; `None` when that is over.
    pub fn open(&self, key: &Key, sealed: &[u8]) -> Result<Option<(Bytes, Duration)>, Forged> {
        let (start, rest) = sealed.split_first_chunk::<HEAD>().ok_or(Forged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Forged)?;
        let (version, expires) = start.split_first().ok_or(Forged)?;
        let expires = u64::from_be_bytes(expires.try_into().map_err(|_| Forged)?);
        if *version != VERSION {
            return Err(Forged);
        }
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self
            .cipher(key)
            .ok_or(Forged)?
            .open_in_place(nonce, Aad::from(head(expires)), &mut body)
            .map_err(|_| Forged)?
            .len();
        body.truncate(length);
        let left = expires.saturating_sub(now_ms());
        Ok((left > 0).then(|| (body.into(), Duration::from_millis(left))))
    }

    /// The cipher of one cache key. Nonces are random, so no key may seal without end: each entry
    /// has its own.
    fn cipher(&self, key: &Key) -> Option<LessSafeKey> {
        let own = self
            .values
            .clone()
            .chain_update(key)
            .finalize()
            .into_bytes();
        UnboundKey::new(&AES_256_GCM, &own)
            .ok()
            .map(LessSafeKey::new)
    }
}

fn head(expires: u64) -> [u8; HEAD] {
    let mut head = [VERSION; HEAD];
    head[1..].copy_from_slice(&expires.to_be_bytes());
    head
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    match Hmac::new_from_slice(key) {
        Ok(mac) => mac,
        // HMAC takes keys of any length (RFC 2104 section 2).
        Err(_) => unreachable!("HMAC refused a key for its length"),
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_under_its_key_unchanged_and_in_time() {
        let seal = Seal::new(&[7; 32]);
        let minute = Duration::from_secs(60);
        let (key, other) = (seal.key("c", &[b"a", b"bc"]), seal.key("c", &[b"ab", b"c"]));
        assert_ne!(key, other);
        assert_ne!(key, seal.key("d", &[b"a", b"bc"]));
        let sealed = seal.seal(&key, b"value", minute).unwrap();
        let (value, left) = seal.open(&key, &sealed).unwrap().unwrap();
        assert_eq!(&value[..], b"value");
        assert!(left <= minute && left > minute / 2);
        let readable = sealed.windows(5).any(|part| part == b"value");
        assert!(!readable, "the value can be read without the secret");
        assert_ne!(sealed, seal.seal(&key, b"value", minute).unwrap());
        assert!(seal.open(&other, &sealed).is_err(), "moved to another key");
        assert!(Seal::new(&[8; 32]).open(&key, &sealed).is_err());
        for byte in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[byte] ^= 1;
            assert!(seal.open(&key, &flipped).is_err(), "byte {byte}");
        }
        for length in 0..sealed.len() {
            assert!(seal.open(&key, &sealed[..length]).is_err());
        }
        let over = seal.seal(&key, b"value", Duration::ZERO).unwrap();
        assert!(seal.open(&key, &over).unwrap().is_none());
    }
}
