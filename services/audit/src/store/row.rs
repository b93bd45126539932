//! Numbers and hashes as databases keep them.

use concord_tlog::hash::Hash;

use super::StoreError;

/// A hash out of a column.
pub(super) fn hash(bytes: &[u8], what: &str) -> Result<Hash, StoreError> {
    Hash::from_slice(bytes).map_err(|_| StoreError::Damaged(format!("{what} is not 32 bytes long")))
}

/// A number as a database's signed integers hold it.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Damaged(format!("{number} is beyond 2^63-1")))
}

/// A number out of a column that is never negative.
pub(super) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Damaged(format!("{number} is negative")))
}
