//! The directory of list snapshots: immutable `<digest>.snapshot` files and `current`, which says which of them counts.
//!
//! A snapshot is written and synced before `current` is replaced by a rename, so that whoever reads sees the old one or
//! the new one and nothing between. Snapshots are never changed and never deleted here.

mod files;
mod merge;
mod pointer;

use std::path::{Path, PathBuf};

use concord_lists::{DecodeError, ListError, Reading, Shrinkage, Snapshot, SnapshotError};
use jiff::Timestamp;

use crate::good_guys::{GoodGuy, GoodGuys};
pub use merge::{LEAST_LOSS, too_much};
pub use pointer::{ListRecord, Pointer};

/// Name of the file that says which snapshot counts.
pub const CURRENT: &str = "current";

/// Name of the file with the good-guy list.
pub const GOOD_GUYS: &str = "good-guys";

/// A store of list snapshots. Opening it touches nothing.
#[derive(Debug, Clone)]
pub struct ListStore {
    dir: PathBuf,
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("`{path}` cannot be {action}: {problem}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried: `read`, `written`, …
        action: &'static str,
        /// The system's reason.
        problem: std::io::Error,
    },
    /// `current` is not what this program writes.
    #[error("`{path}` is damaged: {problem}; delete it and add every list again")]
    Pointer {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The good-guy list is not what this program writes.
    #[error("`{path}` is damaged: {problem}; mend it, or delete it and every hit counts again")]
    GoodGuys {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The current snapshot is damaged or gone.
    #[error("snapshot `{path}` is damaged: {problem}; {advice}", advice = advice(.previous.as_deref()))]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// Digest of the snapshot before it, where that one is intact.
        previous: Option<String>,
    },
    /// Another process is adding lists.
    #[error("another process is adding lists to `{dir}`; wait until it has ended")]
    Busy {
        /// The store.
        dir: PathBuf,
    },
    /// Readings that do not go together.
    #[error(transparent)]
    Lists(#[from] SnapshotError),
    /// The list shipped with the program cannot be read: a defect.
    #[error("the shipped example list is not usable: {0}")]
    Example(#[from] ListError),
    /// A list would lose more than the operator allows.
    #[error("{}", shrunk(.0))]
    Shrunk(Vec<Shrinkage>),
}

fn advice(previous: Option<&str>) -> String {
    match previous {
        Some(digest) => {
            format!(
                "the one before, `{digest}`, is intact: add the lists again, they are then added to it"
            )
        }
        None => "there is no intact one before it: add every list again".to_owned(),
    }
}

fn shrunk(all: &[Shrinkage]) -> String {
    let lists: Vec<String> = all
        .iter()
        .map(|s| {
            format!(
                "`{}` of {} from {} parties to {}",
                s.list, s.source, s.before, s.after
            )
        })
        .collect();
    format!(
        "refused, since lists would become much smaller: {}; fetch the files again, or accept it explicitly if the publisher says so",
        lists.join(", ")
    )
}

/// How lists are added.
#[derive(Debug, Clone)]
pub struct AddOptions {
    /// When the files were fetched or read; recorded beside the snapshot, not in it.
    pub loaded_at: Timestamp,
    /// Share in thousandths that a list may lose.
    pub max_shrink_per_mille: u32,
    /// Take the lists however much smaller they are: a person has looked.
    pub accept_shrink: bool,
}

impl AddOptions {
    /// Read at `loaded_at`; a list may lose a tenth.
    pub fn at(loaded_at: Timestamp) -> Self {
        Self {
            loaded_at,
            max_shrink_per_mille: 100,
            accept_shrink: false,
        }
    }
}

/// What adding did.
#[derive(Debug, Clone)]
pub struct Added {
    /// Digest of the snapshot that is now current.
    pub digest: String,
    /// Digest of the one before, if there was one.
    pub previous: Option<String>,
    /// Every list of the new snapshot.
    pub lists: Vec<AddedList>,
    /// Lists that became smaller, also those within what is allowed.
    pub shrinkages: Vec<Shrinkage>,
    /// The current snapshot was damaged; the new one is based on the intact one before it (or on nothing).
    pub recovered: Option<String>,
}

/// One list of the new snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedList {
    /// Source word.
    pub source: String,
    /// List id.
    pub list: String,
    /// Its title.
    pub title: String,
    /// Parties now.
    pub parties: u64,
    /// Parties before; `None` for a new list.
    pub before: Option<u64>,
    /// It came with this call; the others were kept.
    pub added: bool,
}

/// The current snapshot with what is recorded beside it.
#[derive(Debug, Clone)]
pub struct Current {
    /// The parties.
    pub snapshot: Snapshot,
    /// When each list was loaded, and what it lost then.
    pub pointer: Pointer,
}

impl ListStore {
    /// The store in `dir`, which need not exist yet.
    pub fn open(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What `current` says; `None` for an empty store. Cheap: snapshots are not read.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Pointer`].
    pub fn pointer(&self) -> Result<Option<Pointer>, StoreError> {
        let path = self.dir.join(CURRENT);
        let Some(bytes) = files::read(&path)? else {
            return Ok(None);
        };
        match Pointer::decode(&bytes) {
            Ok(pointer) => Ok(Some(pointer)),
            Err(problem) => Err(StoreError::Pointer { path, problem }),
        }
    }

    /// The good-guy list; empty where there is none.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::GoodGuys`].
    pub fn good_guys(&self) -> Result<GoodGuys, StoreError> {
        let path = self.dir.join(GOOD_GUYS);
        match files::read(&path)? {
            None => Ok(GoodGuys::default()),
            Some(bytes) => {
                GoodGuys::decode(&bytes).map_err(|problem| StoreError::GoodGuys { path, problem })
            }
        }
    }

    /// Replaces the good-guy list by what `change` makes of its entries.
    ///
    /// # Errors
    /// As [`ListStore::good_guys`]; then, as with every other error, nothing changed.
    pub fn change_good_guys(
        &self,
        change: impl FnOnce(&mut Vec<GoodGuy>),
    ) -> Result<GoodGuys, StoreError> {
        let _lock = files::lock(&self.dir)?;
        let mut entries = self.good_guys()?.entries().to_vec();
        change(&mut entries);
        let list = GoodGuys::new(entries);
        files::write(&self.dir.join(GOOD_GUYS), &list.encode())?;
        Ok(list)
    }

    /// The current snapshot; `None` for an empty store.
    ///
    /// # Errors
    /// As [`ListStore::pointer`], and [`StoreError::Snapshot`] for a damaged file.
    pub fn current(&self) -> Result<Option<Current>, StoreError> {
        let Some(pointer) = self.pointer()? else {
            return Ok(None);
        };
        match self.snapshot(&pointer.digest) {
            Ok(snapshot) => Ok(Some(Current { snapshot, pointer })),
            Err(Unusable::Io(error)) => Err(error),
            Err(Unusable::Damaged(problem)) => Err(StoreError::Snapshot {
                path: self.path_of(&pointer.digest),
                problem,
                previous: self
                    .intact_previous(&pointer)
                    .map(|s| s.digest().to_owned()),
            }),
        }
    }

    /// Adds publications. A list replaces the older data of the same source and list; a publication of several lists
    /// replaces all of its source, and a list that it no longer has counts as lost. Everything else is kept.
    ///
    /// # Errors
    /// [`StoreError::Shrunk`] where a list would lose more than allowed; then, as with every other error, nothing changed.
    pub fn add(&self, readings: Vec<Reading>, options: &AddOptions) -> Result<Added, StoreError> {
        let _lock = files::lock(&self.dir)?;
        let pointer = self.pointer()?;
        let (base, recovered) = match self.current() {
            Ok(current) => (current.map(|c| c.snapshot), None),
            Err(error @ StoreError::Snapshot { .. }) => {
                let base = pointer.as_ref().and_then(|p| self.intact_previous(p));
                (base, Some(error.to_string()))
            }
            Err(error) => return Err(error),
        };
        let merged = merge::merge(base.as_ref(), pointer.as_ref(), readings, options)?;
        let snapshot = merged.snapshot;
        files::write(&self.path_of(snapshot.digest()), &snapshot.encode())?;
        let before = pointer.as_ref().map(|p| p.digest.clone());
        let next = Pointer {
            digest: snapshot.digest().to_owned(),
            previous: match pointer {
                // Loading the same files again changes dates only.
                Some(p) if p.digest == snapshot.digest() => p.previous,
                // INVARIANT: `previous` never names a damaged snapshot as the way back.
                _ => base.map(|s| s.digest().to_owned()),
            },
            lists: merged.records,
        };
        files::write(&self.dir.join(CURRENT), &next.encode())?;
        Ok(Added {
            digest: next.digest,
            previous: before,
            lists: merged.lists,
            shrinkages: merged.shrinkages,
            recovered,
        })
    }

    fn intact_previous(&self, pointer: &Pointer) -> Option<Snapshot> {
        self.snapshot(pointer.previous.as_deref()?).ok()
    }

    fn path_of(&self, digest: &str) -> PathBuf {
        self.dir
            .join(format!("{}.snapshot", digest.trim_start_matches("sha256:")))
    }

    fn snapshot(&self, digest: &str) -> Result<Snapshot, Unusable> {
        let bytes = files::read(&self.path_of(digest)).map_err(Unusable::Io)?;
        let bytes = bytes.ok_or_else(|| Unusable::Damaged("the file is gone".to_owned()))?;
        let snapshot =
            Snapshot::decode(&bytes).map_err(|e: DecodeError| Unusable::Damaged(e.to_string()))?;
        if snapshot.digest() != digest {
            let text = format!("it holds another snapshot, `{}`", snapshot.digest());
            return Err(Unusable::Damaged(text));
        }
        Ok(snapshot)
    }
}

enum Unusable {
    Io(StoreError),
    Damaged(String),
}
