//! Where deployments keep their things.

use std::path::{Path, PathBuf};

use super::Jurisdiction;

/// Where one deployment keeps its things below the data directory.
#[derive(Debug, Clone)]
pub struct Folders {
    root: PathBuf,
}

impl Folders {
    /// The folders of a jurisdiction below `data_dir`.
    pub fn of(data_dir: &Path, jurisdiction: Jurisdiction) -> Self {
        Self {
            root: data_dir.join(jurisdiction.folder()),
        }
    }

    /// The audit log with its key.
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// Party list snapshots.
    pub fn lists(&self) -> PathBuf {
        self.root.join("lists")
    }

    /// Official texts that the operator attached.
    pub fn texts(&self) -> PathBuf {
        self.root.join("texts")
    }

    /// Test certificates.
    pub fn certs(&self) -> PathBuf {
        self.root.join("certs")
    }
}
