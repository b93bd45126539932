//! What the integration tests stand on: fakes that we serve ourselves, real processes with a guard, and the places
//! where fixtures and shared data lie.

pub mod binary;
pub mod cluster;
pub mod collector;
pub mod data;
pub mod logs;
pub mod network;
pub mod process;
pub mod redis_server;
pub mod requests;

use std::path::PathBuf;

/// Root of the repository.
pub fn repository() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize()
        .expect("the repository is where it was compiled")
}

/// A file of `tests/corpus`.
pub fn corpus(path: &str) -> PathBuf {
    repository().join("tests/corpus").join(path)
}
