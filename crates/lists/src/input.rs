//! Bytes at the reading edge: gzip, UTF-8, SHA-256.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::error::{ListError, Place};

/// One file as published, by name and content. `.gz` content is recognised by its first two bytes.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// File name (no folder): errors and positions show it.
    pub name: &'a str,
    /// Content, compressed or not.
    pub bytes: &'a [u8],
}

/// Uncompressed content of `bytes`, at most `limit` bytes of it.
///
/// # Errors
/// [`ListError::Gzip`] for a damaged or cut-off gzip stream, [`ListError::TooLarge`] beyond `limit`.
pub fn decompress<'a>(name: &str, bytes: &'a [u8], limit: u64) -> Result<Cow<'a, [u8]>, ListError> {
    let too_large = || ListError::TooLarge {
        file: name.to_owned(),
        limit,
    };
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        return if size > limit {
            Err(too_large())
        } else {
            Ok(Cow::Borrowed(bytes))
        };
    }
    let mut plain = Vec::new();
    // One byte more than allowed tells "exactly at the limit" from "beyond it".
    let mut decoder = MultiGzDecoder::new(bytes).take(limit.saturating_add(1));
    if let Err(e) = decoder.read_to_end(&mut plain) {
        return Err(ListError::Gzip {
            place: place(name, &plain, plain.len()),
            reason: e.to_string(),
        });
    }
    if u64::try_from(plain.len()).unwrap_or(u64::MAX) > limit {
        return Err(too_large());
    }
    Ok(Cow::Owned(plain))
}

/// Line and column, in characters, of byte `offset`.
fn place(file: &str, bytes: &[u8], offset: usize) -> Place {
    let before = bytes.get(..offset).unwrap_or_default();
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before
        .iter()
        .rev()
        .take_while(|b| **b != b'\n')
        .filter(|b| **b & 0xc0 != 0x80)
        .count()
        + 1;
    Place::at(file, line as u64, column as u64)
}

/// `bytes` as text without byte-order mark.
pub(crate) fn utf8<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, ListError> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let offset = e.valid_up_to();
        ListError::InvalidUtf8 {
            place: place(file, bytes, offset),
            offset,
            byte: bytes.get(offset).copied().unwrap_or_default(),
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// `bytes` as text, and whether they had to be read as Windows-1252 (some publishers of tables still
/// write it). A byte that Windows-1252 does not have is refused, and so is a file that has letters in
/// UTF-8 beside such bytes: it is UTF-8 and damaged, and read otherwise its other letters were wrong.
pub(crate) fn utf8_or_windows_1252<'a>(
    file: &str,
    bytes: &'a [u8],
) -> Result<(Cow<'a, str>, bool), ListError> {
    let refused = match utf8(file, bytes) {
        Ok(text) => return Ok((Cow::Borrowed(text), false)),
        Err(refused) => refused,
    };
    // UTF-16 and binary files have zero bytes; Windows-1252 text has none.
    let letters = bytes
        .utf8_chunks()
        .any(|chunk| chunk.valid().bytes().any(|b| b >= 0x80));
    if bytes.contains(&0) || letters {
        return Err(refused);
    }
    let decoded: Option<String> = bytes.iter().map(|b| windows_1252(*b)).collect();
    match decoded {
        Some(text) => Ok((Cow::Owned(text), true)),
        None => Err(refused),
    }
}

/// The character of one byte of Windows-1252; `None` for its five unassigned bytes.
pub(crate) fn windows_1252(byte: u8) -> Option<char> {
    // 0x80 to 0x9f, where it differs from Latin-1; `\0` is unassigned.
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte.checked_sub(0x80) {
        Some(index) if index < 32 => HIGH.get(usize::from(index)).copied().filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .filter_map(|nibble| DIGITS.get(usize::from(nibble)))
        .collect()
}
