//! The vault of a log: which of the agency's keys it needs, and the key of its index.

use super::{KekError, KekFiles, KekId, KeyKeeper, Vault, VaultError};
use crate::store::{MARK_INDEX_KEY, MARK_KEKS, Reads, Store, StoreError};

/// The vault of a log could not be had.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Reading or writing the log.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KekError> for BeginError {
    fn from(error: KekError) -> Self {
        Self::Vault(error.into())
    }
}

impl Vault {
    /// For writing: a key file is made where no record needs one yet, and the key that wraps is noted in the log
    /// before anything is wrapped with it.
    ///
    /// # Errors
    /// A key that records need and that is not in the files.
    pub fn begin(
        store: &mut dyn Store,
        origin: &str,
        files: &KekFiles,
    ) -> Result<Self, BeginError> {
        let reads = store.reads();
        let noted = noted(&*reads)?;
        let keeper = match noted.first() {
            None => files.read_or_create()?,
            Some(needed) => files.read()?.ok_or_else(|| KekError::Missing {
                missing: *needed,
                path: files.current.clone(),
                found: "is not there".to_owned(),
            })?,
        };
        all_held(&noted, &keeper, files)?;
        let current = keeper.current();
        let kept = reads.marked(MARK_INDEX_KEY)?;
        let index_key = match &kept {
            Some(kept) => kept.clone(),
            None => Self::new_index_key(&keeper)?,
        };
        if kept.is_none() || !noted.contains(&current) {
            let all: Vec<_> = noted
                .iter()
                .chain([&current])
                .map(KekId::to_string)
                .collect();
            let noted = store.group(&mut |group| {
                group.mark(MARK_KEKS, Some(&all.join(" ")))?;
                group.mark(MARK_INDEX_KEY, Some(&index_key))
            });
            noted.map_err(StoreError::from)?;
        }
        Ok(Self::new(origin, Box::new(keeper), &index_key)?)
    }

    /// For reading; none where the key file is not there.
    ///
    /// # Errors
    /// Another key in the file than those that records need.
    pub fn of_log(
        reads: &dyn Reads,
        origin: &str,
        files: &KekFiles,
    ) -> Result<Option<Self>, BeginError> {
        let (Some(keeper), Some(index_key)) = (files.read()?, reads.marked(MARK_INDEX_KEY)?) else {
            return Ok(None);
        };
        all_held(&noted(reads)?, &keeper, files)?;
        Ok(Some(Self::new(origin, Box::new(keeper), &index_key)?))
    }
}

/// The keys under which records are encrypted.
fn noted(reads: &dyn Reads) -> Result<Vec<KekId>, StoreError> {
    let kept = reads.marked(MARK_KEKS)?.unwrap_or_default();
    let ids = kept.split_whitespace().map(KekId::parse);
    let damaged = || StoreError::Damaged("the ids of its keys cannot be read".to_owned());
    ids.collect::<Option<_>>().ok_or_else(damaged)
}

fn all_held(noted: &[KekId], keeper: &dyn KeyKeeper, files: &KekFiles) -> Result<(), KekError> {
    match noted.iter().find(|id| !keeper.holds(**id)) {
        None => Ok(()),
        Some(missing) => Err(KekError::Missing {
            missing: *missing,
            path: files.current.clone(),
            found: format!("has the key `{}`", keeper.current()),
        }),
    }
}
