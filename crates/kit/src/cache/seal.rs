//! Keyed names and MACs for what leaves the process.

use crate::config::ConfigError;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{
    path::Path,
    time::{Duration, SystemTime},
};

/// A key after hashing; tells nothing without the secret.
pub(super) type Key = [u8; 32];

const VERSION: u8 = 1;
/// Version, expiry in Unix milliseconds, MAC.
const HEAD: usize = 1 + 8 + 32;

/// The value's MAC is wrong, or it is no value of ours at all.
#[derive(Debug)]
pub(super) struct Forged;

/// Two keys derived from one secret: for names, and for values.
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
            values: derive(b"concord cache values v1"),
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

    /// The value with its head, for `time` from now.
    pub fn seal(&self, key: &Key, value: &[u8], time: Duration) -> Vec<u8> {
        let expires = now_ms().saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let mut sealed = Vec::with_capacity(HEAD + value.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&expires.to_be_bytes());
        sealed.extend_from_slice(&self.tag(key, expires, value).finalize().into_bytes());
        sealed.extend_from_slice(value);
        sealed
    }

    /// The value and the time it has left; `None` when that is over.
    pub fn open(&self, key: &Key, sealed: &Bytes) -> Result<Option<(Bytes, Duration)>, Forged> {
        let (head, value) = sealed.split_at_checked(HEAD).ok_or(Forged)?;
        let (version, rest) = head.split_first().ok_or(Forged)?;
        let (expires, tag) = rest.split_first_chunk::<8>().ok_or(Forged)?;
        if *version != VERSION {
            return Err(Forged);
        }
        let expires = u64::from_be_bytes(*expires);
        self.tag(key, expires, value)
            .verify_slice(tag)
            .map_err(|_| Forged)?;
        let left = expires.saturating_sub(now_ms());
        Ok((left > 0).then(|| (sealed.slice(HEAD..), Duration::from_millis(left))))
    }

    fn tag(&self, key: &Key, expires: u64, value: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.values.clone();
        mac.update(&[VERSION]);
        mac.update(key);
        mac.update(&expires.to_be_bytes());
        mac.update(value);
        mac
    }
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
        let sealed = seal.seal(&key, b"value", minute);
        let (value, left) = seal.open(&key, &sealed.clone().into()).unwrap().unwrap();
        assert_eq!(&value[..], b"value");
        assert!(left <= minute && left > minute / 2);
        assert!(
            seal.open(&other, &sealed.clone().into()).is_err(),
            "moved to another key"
        );
        assert!(
            Seal::new(&[8; 32])
                .open(&key, &sealed.clone().into())
                .is_err()
        );
        for byte in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[byte] ^= 1;
            assert!(seal.open(&key, &flipped.into()).is_err(), "byte {byte}");
        }
        for length in 0..sealed.len() {
            assert!(seal.open(&key, &sealed[..length].to_vec().into()).is_err());
        }
        let over = seal.seal(&key, b"value", Duration::ZERO);
        assert!(seal.open(&key, &over.into()).unwrap().is_none());
    }
}
