//! Putting the keys of all records under the agency's current key, so that earlier ones can be destroyed.

use std::path::Path;
use std::sync::Arc;

use crate::lock::{DirLock, LockError};
use crate::store::postgres::{PostgresConfig, PostgresError, PostgresStore, Server};
use crate::store::sqlite::{OpenError, SqliteReads, SqliteStore};
use crate::store::{MARK_INDEX_KEY, MARK_KEKS, Store, StoreError};
use crate::vault::{BeginError, KekFiles, KekId, Vault, VaultError};

/// Records of one transaction.
const PAGE: u32 = 512;

/// The keys could not be put under another one. What was done stays done, and the command can be run again.
#[derive(Debug, thiserror::Error)]
pub enum RewrapError {
    /// The service is running, or the directory cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database of a cluster.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// A replica still wraps with an earlier key, or its records have no place yet.
    #[error(
        "{0} records were taken in meanwhile under an earlier key: see that every replica has the new one as `kek_file`, and run this again"
    )]
    UnderEarlier(u64),
    /// The keys.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// One record's key.
    #[error("record {index}: {problem}")]
    Record {
        /// Its index.
        index: u64,
        /// What is wrong.
        problem: VaultError,
    },
    /// Reading or writing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewrapped {
    /// The key under which every record is now.
    pub kek: KekId,
    /// Records that an earlier version had stored without encryption.
    pub encrypted: u64,
    /// Records whose key was under an earlier one.
    pub rewrapped: u64,
}

/// Encrypts what is not encrypted, and puts every record's key under the current one; the bodies stay as they
/// are. The service is stopped meanwhile.
///
/// # Errors
/// A directory in use, no log, a key that is not given.
pub fn rewrap(data_dir: &Path, files: &KekFiles) -> Result<Rewrapped, RewrapError> {
    if !data_dir.join(crate::store::sqlite::FILE_NAME).is_file() {
        SqliteReads::open(data_dir)?; // says that there is no log, and makes none
    }
    let _lock = DirLock::take(data_dir, "log rewrap")?;
    let mut store = SqliteStore::open(data_dir)?;
    let reads = store.reads();
    let absent = || OpenError::Absent(data_dir.to_owned());
    let origin = reads.identity()?.ok_or_else(absent)?.origin;
    let vault = Vault::begin(&mut store, &origin, files)?;
    let encrypted = store.encrypt_plain(&vault)?;
    let rewrapped = rewrap_all(&mut store, &vault)?;
    forget_earlier(&mut store, &vault)?;
    Ok(Rewrapped {
        kek: vault.current(),
        encrypted,
        rewrapped,
    })
}

/// The same for a log in PostgreSQL, also while it is served: by replicas that have the new key as `kek_file` and the
/// earlier ones in `earlier_kek_files`.
///
/// # Errors
/// A database that does not answer, no log, a key that is not given, records that came under an earlier key meanwhile.
pub fn rewrap_cluster(
    postgres: &PostgresConfig,
    files: &KekFiles,
) -> Result<Rewrapped, RewrapError> {
    let settings = postgres.read()?;
    let mut store = PostgresStore::new(Arc::new(Server::connect(&settings)?));
    let absent = || PostgresError::Absent(settings.place().to_owned());
    let origin = store.reads().identity()?.ok_or_else(absent)?.origin;
    let vault = Vault::begin(&mut store, &origin, files)?;
    let rewrapped = rewrap_all(&mut store, &vault)?;
    match store.not_under(vault.current())? {
        0 => forget_earlier(&mut store, &vault)?,
        left => return Err(RewrapError::UnderEarlier(left)),
    }
    Ok(Rewrapped {
        kek: vault.current(),
        encrypted: 0,
        rewrapped,
    })
}

/// Puts the key of every record under the current one, page by page; how many were under another.
fn rewrap_all(store: &mut dyn Store, vault: &Vault) -> Result<u64, RewrapError> {
    let reads = store.reads();
    let (mut from, mut rewrapped) = (0, 0);
    loop {
        let page = reads.range(from, PAGE, false, usize::MAX)?;
        let Some(last) = page.last() else { break };
        from = last.index + 1;
        let mut changed = Vec::new();
        for logged in &page {
            let Some(sealed) = &logged.record.sealed else {
                continue;
            };
            let index = logged.index;
            let new = vault.rewrap(sealed);
            let new = new.map_err(|problem| RewrapError::Record { index, problem })?;
            changed.extend(new.map(|sealed| (index, sealed)));
        }
        rewrapped += changed.len() as u64;
        let put = store.group(&mut |group| {
            let mut all = changed.iter();
            all.try_for_each(|(index, sealed)| group.rewrap(*index, sealed))
        });
        put.map_err(StoreError::from)?;
    }
    Ok(rewrapped)
}

/// Puts the key of the index under the current key, too. From here on the earlier keys are needed no more.
fn forget_earlier(store: &mut dyn Store, vault: &Vault) -> Result<(), RewrapError> {
    let reads = store.reads();
    let kept = reads.marked(MARK_INDEX_KEY)?.unwrap_or_default();
    let index_key = vault.rewrapped_index_key(&kept);
    let index_key = index_key.map_err(BeginError::from)?.unwrap_or(kept);
    let kek = vault.current();
    let noted = store.group(&mut |group| {
        group.mark(MARK_INDEX_KEY, Some(&index_key))?;
        group.mark(MARK_KEKS, Some(&kek.to_string()))
    });
    noted.map_err(StoreError::from)?;
    Ok(())
}
