//! Zip archives with a spreadsheet in them: how large they may be and how they are refused.

use std::io::{Cursor, Read};

use crate::error::{ListError, Place};

/// Bytes that a workbook may unpack to; Japan's list has two million, the United Kingdom's forty.
const MOST_BYTES: u64 = 128 << 20;

/// Refuses an archive that unpacks to more than a list ever has, by unpacking it: what it says of
/// its own sizes may be wrong. Checks the sums of its parts on the way.
pub(crate) fn check_size(file: &str, bytes: &[u8], what: &str) -> Result<(), ListError> {
    let damaged = |problem: String| unreadable(file, what, &problem);
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(e.to_string()))?;
    let mut left = MOST_BYTES;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|e| damaged(e.to_string()))?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink())
            .map_err(|e| damaged(e.to_string()))?;
        left = left.checked_sub(size).ok_or_else(|| ListError::TooLarge {
            file: file.to_owned(),
            limit: MOST_BYTES,
        })?;
    }
    Ok(())
}

/// Whether an archive has a part of this name; nothing for bytes that are no archive.
pub(crate) fn holds(bytes: &[u8], part: &str) -> Option<bool> {
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    Some(archive.index_for_name(part).is_some())
}

/// Refuses a workbook as a whole.
pub(crate) fn unreadable(file: &str, what: &str, problem: &str) -> ListError {
    ListError::Syntax {
        place: Place::at(file, 1, 1),
        problem: format!("not a readable {what}: {problem}; fetch the file again"),
    }
}
