//! The screening service over real gRPC, and its store on a real file system.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod good_guys;
mod identifiers;
mod lists;
mod profiles;
mod published;
mod redis;
mod rpc;
mod server;
mod settings;
mod store;
mod swap;
