//! Tests of the controls core from outside: one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod classification;
mod fixture;
mod folder;
mod loader;
mod logic;
mod monotone;
mod public_cases;
mod regimes;
mod text;
