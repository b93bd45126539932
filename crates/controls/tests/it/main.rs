//! Tests of the controls core from outside: one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails"
)]

use mimalloc::MiMalloc;

/// The allocator of the program, so that measurements speak of it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

mod asks;
mod benchmark;
mod boundaries;
mod classification;
mod comparison;
mod fixture;
mod folder;
mod fuzz;
mod loader;
mod logic;
mod maker;
mod monotone;
mod public_cases;
mod references;
mod regimes;
mod steady;
mod tables;
mod text;
