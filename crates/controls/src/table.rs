//! Tables about control numbers that Korea's agencies publish: search words by number, and which customs code belongs to
//! which number. They are read at run time as they are published and are no part of this repository.
//!
//! [`KeywordTable`] is KOSTI's table of search words, [`HskTable`] the linkage of the Korean tariff (HSK) to control
//! numbers. A customs code gives candidates: the tariff and the control list cut goods differently, so nothing is classified by it.

mod hsk;
mod keyword;
mod problem;
mod sheet;

use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use hsk::{HskRow, HskTable};
pub use keyword::{KeywordRow, KeywordTable};
pub use problem::{TableError, TableProblem};
pub use sheet::Encoding;

/// Largest file that is read, in bytes. The linkage table has less than 1 MB.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// `sha256:…` of a file's bytes.
pub(crate) fn digest(bytes: &[u8]) -> Arc<str> {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text.into()
}
