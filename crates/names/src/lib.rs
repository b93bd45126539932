//! Name matching: how alike two names of parties are, and exactly why.
//!
//! Pure and exact: integers only, so the same names give the same score on every machine, and an
//! [`Explanation`] can be checked by [`verify`] without the engine that made it, its index or its
//! lists. Scores run from 0 to [`FULL`] (10 000).
//!
//! - [`Name::new`] normalises and tags the tokens of a name;
//! - [`explain`] scores a pair; [`Index`] searches many names and loses none;
//! - [`Corpus`] tells how common a token is; [`Profile`] holds every constant.
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

mod align;
mod corpus;
mod explain;
mod index;
mod jaro_winkler;
mod name;
mod normal;
mod numerals;
mod phrases;
mod profile;
mod qualify;
mod script;
mod similarity;
mod tables;
mod terms;
mod word;

pub use align::{Aligned, Alignment, Key};
pub use corpus::Corpus;
pub use explain::{Explanation, VerifyError, WeighedToken, explain, verify};
pub use index::{Found, Hit, Index, IndexBuilder, Query};
pub use name::{Class, Form, Name, Token};
pub use profile::{Method, Profile};
pub use qualify::{Day, Gender, QUALIFIERS, Qualifier, Qualifiers, Subject};

/// The score of two names that are the same after normalisation.
pub const FULL: u32 = 10_000;

/// Version of the engine; it changes whenever any pair of names may score otherwise than before.
pub const ENGINE: &str = "concord-names/5";
