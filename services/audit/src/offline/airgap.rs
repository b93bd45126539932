//! Witnessing by files, for an air gap: the same bytes as over HTTP. The service must be stopped where
//! something is written; while it runs, its HTTP listener takes the same request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::note::{KnownKeys, Note, VerifierKey};
use concord_tlog::witness::{AddCheckpoint, Refusal};

use super::{Log, OfflineError};
use crate::counterpart::{CosignOffer, Counterpart, cosign, cosignatures};
use crate::key::{KeyFileError, KeyKind, load_or_create};
use crate::lock::{DirLock, LockError};
use crate::start::{StartError, known_keys, seconds};
use crate::store::sqlite::{OpenError, SqliteStore};
use crate::store::{
    Group, GroupError, MARK_QUORUM, MARK_RESTORED, Reads, Restored, Role, Store, StoreError,
};
use crate::witnessing::{Ours, View, prove, view_of};

/// Something that cannot be witnessed or accepted.
#[derive(Debug, thiserror::Error)]
pub enum AirGapError {
    /// The witness refuses; over HTTP this is the status in brackets.
    #[error("{0} ({status})", status = .0.status())]
    Refused(Refusal),
    /// The answer bears no cosignature of a known witness.
    #[error("no cosignature of a witness of this log verifies: name its key with --witness")]
    NoCosignature,
    /// Fewer witnesses have cosigned than the policy asks for.
    #[error(
        "{have} of the {need} witnesses that the settings ask for have cosigned this checkpoint: give their answers together"
    )]
    BelowQuorum {
        /// Witnesses whose cosignature verifies.
        have: usize,
        /// Witnesses that must have cosigned.
        need: usize,
    },
    /// A key on the command line.
    #[error("{0}")]
    Key(String),
    /// The data directory is in use.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The cosigner's key.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The log that was asked about has signed more than is stored.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The log.
    #[error(transparent)]
    Offline(#[from] OfflineError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for AirGapError {
    fn from(error: OpenError) -> Self {
        Self::Offline(error.into())
    }
}

impl From<GroupError> for AirGapError {
    fn from(error: GroupError) -> Self {
        Self::Store(error.into())
    }
}

/// The `add-checkpoint` request for the latest checkpoint of the log in `data_dir`, from `old_size`,
/// the size that the witness cosigned last (0 if it never did).
///
/// # Errors
/// No log, or an `old_size` that it does not have.
pub fn ask_cosign(data_dir: &Path, old_size: u64) -> Result<String, AirGapError> {
    let log = Log::open(data_dir)?;
    let latest = log.checkpoint()?;
    if old_size > latest.size {
        let (old, new) = (old_size, latest.size);
        return Err(AirGapError::Refused(Refusal::OldBeyondNew { old, new }));
    }
    let note = Note::parse(latest.note.as_bytes()).map_err(OfflineError::from)?;
    let request = AddCheckpoint {
        old_size,
        proof: prove(&*log.reads, old_size, latest.size)?,
        note,
    };
    Ok(request.to_string())
}

/// Cosigns a request as the witness `name` with the key in `data_dir`, if it extends what is
/// remembered; gives the lines of the answer, after the new state is durable. The keys of the log that
/// asks are those that the settings named at the last start, or `keys`, by agency.
///
/// # Errors
/// The refusals of the specification, or a directory in use.
pub fn cosign_file(
    data_dir: &Path,
    request: &[u8],
    name: &str,
    keys: &[(String, String)],
) -> Result<String, AirGapError> {
    let _lock = DirLock::take(data_dir, "log cosign")?;
    let mut store = SqliteStore::open(data_dir)?;
    let trusted = store.reads().trust(Role::Log)?;
    let trusted = trusted.into_iter().map(|t| (t.name, t.vkey));
    let mut known: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
    for (agency, vkey) in trusted.chain(keys.iter().cloned()) {
        let key = VerifierKey::parse(&vkey).map_err(|e| AirGapError::Key(e.to_string()))?;
        known.entry(agency).or_default().push(key);
    }
    let mut counterparts = BTreeMap::new();
    for (agency, keys) in known {
        let origin = keys.first().map(|key| key.name().to_owned());
        let keys = KnownKeys::new(keys).map_err(|e| AirGapError::Key(e.to_string()))?;
        let origin = origin.unwrap_or_default();
        counterparts.insert(agency, Counterpart { origin, keys });
    }
    let offer = CosignOffer::read(request, &counterparts).map_err(AirGapError::Refused)?;
    let path = data_dir.join("keys").join("witness.pem");
    let cosigners = vec![load_or_create(&path, name, KeyKind::CosignerEd25519, true)?];
    let mut answer = Ok(String::new());
    store.group(&mut |group: &mut dyn Group| {
        answer = cosign(group, &offer, &cosigners, seconds() * 1_000_000)?;
        Ok(())
    })?;
    answer.map_err(AirGapError::Refused)
}

/// Takes the witnesses' answers to `request` into the log in `data_dir`. The keys are those of the
/// witnesses that the settings named at the last start, and `witnesses`; as many of them must have
/// cosigned as the settings asked for (one where they named none). A log out of a backup may be served
/// again when its latest checkpoint was cosigned after the restore. Gives the size that is witnessed now.
///
/// # Errors
/// Answers without a good cosignature or with too few, or a request for more than is stored: then the
/// log comes out of an old backup, and evidence is left.
pub fn accept_files(
    data_dir: &Path,
    request: &[u8],
    answers: &[String],
    witnesses: &[String],
) -> Result<u64, AirGapError> {
    let _lock = DirLock::take(data_dir, "log accept")?;
    let mut store = SqliteStore::open(data_dir)?;
    let reads = store.reads();
    let identity = reads.identity()?;
    let identity = identity.ok_or_else(|| OpenError::Absent(data_dir.to_owned()))?;
    let ours = known_keys(&identity).map_err(StartError::NotAsSigned)?;
    let request = AddCheckpoint::parse(request).map_err(AirGapError::Refused)?;
    let checkpoint: Checkpoint = request.open(Some(&ours)).map_err(AirGapError::Refused)?;
    let ours = Ours::new(identity.origin, ours, data_dir.to_owned(), reads.clone());
    let view = view_of(&*reads, &checkpoint, request.note.to_string())?;
    if !matches!(view, View::Agrees { .. }) {
        return Err(view.refusal(&ours, "by file").into());
    }
    let trusted = reads.trust(Role::Witness)?;
    let trusted = trusted.into_iter().map(|t| t.vkey);
    let keys = trusted.chain(witnesses.iter().cloned());
    let keys = keys.map(|vkey| VerifierKey::parse(&vkey));
    let keys = keys.collect::<Result<Vec<_>, _>>().and_then(KnownKeys::new);
    let keys = keys.map_err(|e| AirGapError::Key(e.to_string()))?;
    let with = answers.iter().fold(request.note.clone(), |note, answer| {
        cosignatures(answer, &note, &keys)
    });
    let verified = with.verify(&keys).map_err(|_| AirGapError::NoCosignature)?;
    // A witness with two keys is one witness.
    let names = verified.iter().map(|signed| signed.key.name());
    let names: BTreeSet<&str> = names.filter(|name| *name != ours.origin).collect();
    let need = quorum(&*reads)?;
    if names.len() < need {
        let have = names.len();
        return Err(AirGapError::BelowQuorum { have, need });
    }
    let size = checkpoint.size();
    let latest = reads.latest()?.map_or(0, |latest| latest.size);
    let restored = Restored::read(reads.marked(MARK_RESTORED)?);
    let after = |at: u64| verified.iter().any(|signed| signed.timestamp >= Some(at));
    let cleared = restored.is_some_and(|restored| size == latest && after(restored.at_seconds));
    let note = with.to_string();
    store.group(&mut |group| {
        if cleared {
            group.mark(MARK_RESTORED, None)?;
        }
        group.keep_witnessed(size, &note, seconds() * 1_000_000)
    })?;
    Ok(size)
}

/// How many witnesses the settings asked for at the last start.
fn quorum(reads: &dyn Reads) -> Result<usize, StoreError> {
    let stored = reads.marked(MARK_QUORUM)?;
    let damaged = || StoreError::Damaged("the stored quorum is not a number".to_owned());
    stored.map_or(Ok(1), |text| text.parse().map_err(|_| damaged()))
}
