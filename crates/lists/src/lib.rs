//! Party lists: the lists of denied, restricted and sanctioned parties as their publishers issue
//! them, read strictly into one party model, and frozen into immutable snapshots named by digest.
//!
//! Pure: bytes in, values out. No clock, no files, no network; the caller brings the bytes and the
//! date it claims for them. A file that is damaged is refused as a whole, with the place: a list
//! that silently lost its second half would clear the parties in it.
//!
//! - [`read`] turns the files of one publication into a [`Reading`];
//! - [`Snapshot::build`] freezes readings, [`Snapshot::encode`] gives its canonical bytes;
//! - [`Snapshot::diff`] and [`Snapshot::shrinkage`] compare two snapshots.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

mod birth;
mod ca_sema;
mod country;
mod csl;
mod csl_json;
mod detect;
mod error;
mod eu;
mod eu_csv;
mod example;
mod format;
mod gather;
mod input;
mod inspect;
mod jp_meti;
mod json;
mod list_id;
mod ods;
mod ofac;
mod ofac_remarks;
mod ofac_xml;
mod opensanctions;
mod own;
mod party;
mod party_build;
mod position;
mod read;
mod sheet;
mod snapshot;
mod table;
mod uk;
mod un_xml;
mod us_tables;
mod workbook;
mod xml;

pub use birth::{BirthDate, Date};
pub use country::CountryCode;
pub use error::{ListError, Place};
pub use example::{EXAMPLE_SOURCE, example_reading};
pub use format::Format;
pub use input::{SourceFile, decompress, sha256_hex};
pub use inspect::Inspection;
pub use list_id::{KNOWN_LISTS, KnownList, ListId};
pub use party::{Address, Gender, Identifier, Kind, Party, PartyName, Position, Quality, Script};
pub use read::{Problem, ReadOptions, Reading, SourceInfo, detect, read};
pub use snapshot::{Changed, DecodeError, Shrinkage, Snapshot, SnapshotDiff, SnapshotError};
