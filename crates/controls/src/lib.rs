//! Control lists as data: the formula language, the strict loader, exact quantities and three-valued classification.
//!
//! A pure core. It has no clock, does no I/O and is not asynchronous: the same files and the same item give the same
//! answer. The schema of the files is `docs/regimes.md`; the way of one classification is:
//!
//! 1. [`RegimeSource`](regime::RegimeSource) holds the files, [`Regime::load`](regime::Regime::load) reads them and reports every
//!    problem with `file:line:column`;
//! 2. [`Item::read`](item::Item::read) turns what the asker stated into canonical units and refuses what cannot be;
//! 3. [`Regime::at`](regime::Regime::at) reads the list at a civil date, and [`RegimeAt::classify`](regime::RegimeAt::classify) answers.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a core decides for agencies: it answers or reports, it never stops the process"
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

pub mod classify;
pub mod compare;
pub mod condition;
pub mod destination;
pub mod embedded;
pub mod entry;
pub mod evaluate;
pub mod exact;
pub mod formula;
pub mod item;
pub mod period;
pub mod problem;
pub mod regime;
pub mod search;
pub mod table;
pub mod text;
pub mod unit;
pub mod vocabulary;
pub mod yaml;
