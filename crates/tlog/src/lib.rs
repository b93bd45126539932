//! The core of a transparency log: what an auditor of either country can recompute alone.
//!
//! | module | holds | source |
//! |---|---|---|
//! | [`hash`] | leaf and node hashes | RFC 6962 section 2.1 |
//! | [`tree`] | appending, roots, making proofs from stored subtree hashes | RFC 6962 section 2.1 |
//! | [`proof`] | checking inclusion and consistency proofs | RFC 9162 sections 2.1.3.2, 2.1.4.2 |
//! | [`note`] | signed notes, verifier keys, signers | C2SP signed-note v1.0.0, tlog-cosignature |
//! | [`checkpoint`] | the signed head of a log | C2SP tlog-checkpoint v1.0.0 |
//! | [`commitment`] | salted commitments to a record's fields | `docs/log-format.md` |
//! | [`leaf`] | the bytes of one log entry | `docs/log-format.md` |
//! | [`tlog_proof`] | the offline proof text | C2SP tlog-proof (untagged) |
//! | [`tiles`] | a log as static files: tiles and entry bundles | C2SP tlog-tiles v0.1.0 |
//! | [`witness`] | what a witness is asked and how it judges | C2SP tlog-witness v1.0.0 |
//! | [`bundle`] | one file that proves one record offline | `docs/log-format.md` |
//!
//! The crate has no clock, no randomness and no input or output: time and salts come in as
//! arguments, stored hashes through [`tree::HashReader`]. The same input gives the same bytes.
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

pub mod bundle;
pub mod checkpoint;
pub mod commitment;
pub mod hash;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod tiles;
pub mod tlog_proof;
pub mod tree;
pub mod witness;

mod encoding;
