//! The fictional list that ships with the product, so that it shows something before real lists
//! are loaded. Every answer that rests on it alone is incomplete.

use crate::error::ListError;
use crate::input::SourceFile;
use crate::read::{ReadOptions, Reading, read};

/// File name that positions in the example list show.
pub const EXAMPLE_SOURCE: &str = "example_parties.csv";

/// The embedded fictional list, read like any own-list CSV. Every party has `example` set.
///
/// # Errors
/// None in a tested build; the type is that of [`read`].
pub fn example_reading() -> Result<Reading, ListError> {
    let bytes = include_bytes!("../fixtures/example_parties.csv");
    read(
        &[SourceFile {
            name: EXAMPLE_SOURCE,
            bytes,
        }],
        &ReadOptions::default(),
    )
}
