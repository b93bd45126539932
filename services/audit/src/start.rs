//! Beginning a log, and the checks before an existing one is served.

mod refused;
mod signed;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use concord_tlog::note::{CheckpointSigner, SignatureKind, VerifierKey};
use concord_tlog::tree::Frontier;

use crate::key::{KeyKind, load_or_create};
use crate::lock::DirLock;
use crate::store::postgres::{PostgresConfig, PostgresReads, PostgresStore, Server};
use crate::store::sqlite::SqliteStore;
use crate::store::{
    Group, LogIdentity, MARK_HOME, MARK_QUORUM, MARK_RESTORED, Reads, Restored, Role, Store,
    StoreError, Trusted,
};
use crate::vault::{KekFiles, Vault};

pub use refused::StartError;
pub(crate) use signed::{check, known_keys, sign, verify_checkpoint};

/// Where a log is and under which name.
#[derive(Clone, Debug)]
pub struct Location {
    /// The data directory.
    pub data_dir: PathBuf,
    /// The database of a cluster; none: the log is in the data directory.
    pub postgres: Option<PostgresConfig>,
    /// Origin of the log's checkpoints.
    pub origin: String,
    /// The signing key's file, Ed25519.
    pub key_file: PathBuf,
    /// The file of the Ed25519 key that takes over: both sign until it is the only one.
    pub next_key_file: Option<PathBuf>,
    /// The file of an ML-DSA-44 key that signs beside it.
    pub mldsa_key_file: Option<PathBuf>,
    /// The files of the agency's keys that records are encrypted under.
    pub kek: KekFiles,
    /// The keys with which counterparts' checkpoints are cosigned.
    pub witness: Option<WitnessKeys>,
    /// Whom the settings name.
    pub trust: Vec<Trusted>,
    /// How many witnesses must have cosigned; none: there are no witnesses.
    pub quorum: Option<usize>,
}

/// Under which name and with which keys we cosign.
#[derive(Clone, Debug)]
pub struct WitnessKeys {
    /// Name of the cosigner.
    pub name: String,
    /// Its Ed25519 key.
    pub key_file: PathBuf,
    /// Its ML-DSA-44 key, if it has one.
    pub mldsa_key_file: Option<PathBuf>,
}

/// A log that was found to be as signed, ready for its writer.
pub struct OpenLog {
    /// Held as long as anything is written.
    pub lock: DirLock,
    /// The store.
    pub store: Box<dyn Store>,
    /// Encrypts and decrypts what records say.
    pub vault: Arc<Vault>,
    /// What the writer of a cluster needs; none: the log is in the data directory.
    pub cluster: Option<Cluster>,
    /// Sign the checkpoints, each of them.
    pub signers: Vec<Box<dyn CheckpointSigner>>,
    /// Cosign counterparts' checkpoints, each of them; empty: we are no witness.
    pub cosigners: Vec<Box<dyn CheckpointSigner>>,
    /// The tree's right edge.
    pub frontier: Frontier,
    /// Time of the last record, microseconds since 1970-01-01 UTC.
    pub time_micros: u64,
}

/// The database of a cluster, and how long is waited for others.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The database.
    pub server: Arc<Server>,
    /// Longest time that an append waits for the sequencer.
    pub sequenced: Duration,
    /// Longest time between two looks for what other replicas have done.
    pub poll: Duration,
    /// The copy of the data that was checked.
    pub home: String,
}

impl Cluster {
    fn connect(config: &PostgresConfig) -> Result<Self, StartError> {
        let server = Arc::new(Server::connect(&config.read()?)?);
        Ok(Self {
            home: server.home()?,
            server,
            sequenced: Duration::from_millis(config.sequenced_ms),
            poll: Duration::from_millis(config.poll_ms.max(1)),
        })
    }
}

impl Cluster {
    /// Refuses a log that a replica has halted, unless `agreed`: every witness agrees with what is
    /// stored. Blocks.
    ///
    /// # Errors
    /// [`StartError::Halted`], or a database that does not answer.
    pub(crate) fn go_on(&self, agreed: bool) -> Result<(), StartError> {
        let store = PostgresStore::new(self.server.clone());
        match store.halted()? {
            None => Ok(()),
            Some(_) if agreed => Ok(store.halt(None)?),
            Some(why) => Err(StartError::Halted(why)),
        }
    }
}

/// A store before its log is checked.
enum Opened {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

impl Opened {
    fn store(&mut self) -> &mut dyn Store {
        match self {
            Self::Sqlite(store) => store,
            Self::Postgres(store) => store,
        }
    }

    fn into_box(self) -> Box<dyn Store> {
        match self {
            Self::Sqlite(store) => Box::new(store),
            Self::Postgres(store) => Box::new(store),
        }
    }

    /// Encrypts what a program before encryption left: only directories can have that.
    fn encrypt_plain(&mut self, vault: &Vault) -> Result<(), StoreError> {
        let encrypted = match self {
            Self::Sqlite(store) => store.encrypt_plain(vault)?,
            Self::Postgres(_) => 0,
        };
        if encrypted > 0 {
            tracing::info!(encrypted, "records of an earlier version are encrypted now");
        }
        Ok(())
    }
}

/// Takes the lock, opens or begins the log and checks it. Blocks.
///
/// # Errors
/// Whatever makes it unsafe to sign: see [`StartError`].
pub fn open(location: &Location) -> Result<OpenLog, StartError> {
    let lock = DirLock::take(&location.data_dir, "audit")?;
    let cluster = location.postgres.as_ref().map(Cluster::connect);
    let cluster = cluster.transpose()?;
    // One replica after the other begins a log, its keys and its marks.
    let _turn = cluster.as_ref().map(|cluster| cluster.server.turn());
    let _turn = _turn.transpose()?;
    let mut store = match &cluster {
        None => Opened::Sqlite(SqliteStore::open(&location.data_dir)?),
        Some(cluster) => Opened::Postgres(PostgresStore::new(cluster.server.clone())),
    };
    let reads = store.store().reads();
    let identity = reads.identity()?;
    if let Some(found) = identity
        .as_ref()
        .filter(|found| found.origin != location.origin)
    {
        let (expected, found) = (location.origin.clone(), found.origin.clone());
        return Err(StartError::OtherLog { expected, found });
    }
    let signers = signers(location, identity.as_ref())?;
    let cosigners = cosigners(location)?;
    let vkeys: Vec<String> = signers.iter().map(|s| s.public_key().to_string()).collect();
    let main = vkeys.first().cloned().unwrap_or_default();
    if identity.is_none() {
        let first = sign(&location.origin, &Frontier::new(), &signers, seconds())?;
        let identity = LogIdentity {
            origin: location.origin.clone(),
            vkey: main.clone(),
            keys: vkeys.clone(),
        };
        store.store().create(&identity, &first)?;
    }
    // Read again: in a cluster another replica may have begun the log first. Who has none of its keys
    // is somebody else.
    if let Some(found) = reads.identity()?
        && !found.keys.iter().any(|known| vkeys.contains(known))
    {
        return Err(StartError::OtherKey {
            expected: main,
            found: found.vkey,
        });
    }
    let vault = Arc::new(Vault::begin(
        store.store(),
        &location.origin,
        &location.kek,
    )?);
    store.encrypt_plain(&vault)?;
    // Other replicas may be writing: what is checked is the log at one moment.
    let checked = match &cluster {
        None => reads.clone(),
        Some(cluster) => Arc::new(PostgresReads::at_one_moment(cluster.server.clone())?),
    };
    let (frontier, last) = check(&checked)?;
    if let Some(cluster) = &cluster {
        note_home(store.store(), &*reads, &cluster.home, frontier.size())?;
    }
    note_settings(store.store(), &*reads, location, &vkeys, frontier.size())?;
    let time_micros = last.map_or(0, |logged| logged.time_micros);
    Ok(OpenLog {
        lock,
        store: store.into_box(),
        cluster,
        vault,
        signers,
        cosigners,
        frontier,
        time_micros,
    })
}

/// Notes from which copy of its data the log is served. Another one than last time may lack what was
/// acknowledged: it counts as restored.
fn note_home(
    store: &mut dyn Store,
    reads: &dyn Reads,
    home: &str,
    size: u64,
) -> Result<(), StartError> {
    let before = reads.marked(MARK_HOME)?;
    if before.as_deref() == Some(home) {
        return Ok(());
    }
    let restored = before.is_some().then(|| Restored {
        size,
        at_seconds: seconds(),
    });
    if restored.is_some() {
        tracing::warn!(home, before, "the database is another copy than last time");
    }
    store.group(&mut |group: &mut dyn Group| {
        group.mark(MARK_HOME, Some(home))?;
        match restored {
            Some(restored) => group.mark(MARK_RESTORED, Some(&restored.mark())),
            None => Ok(()),
        }
    })?;
    Ok(())
}

/// The log's own signers, the main one first.
fn signers(
    location: &Location,
    identity: Option<&LogIdentity>,
) -> Result<Vec<Box<dyn CheckpointSigner>>, StartError> {
    let origin = location.origin.as_str();
    let new_log = identity.is_none();
    let ed25519 = KeyKind::LogEd25519;
    let mut signers = vec![load_or_create(
        &location.key_file,
        origin,
        ed25519,
        new_log,
    )?];
    if let Some(path) = &location.next_key_file {
        signers.push(load_or_create(path, origin, ed25519, true)?);
    }
    if let Some(path) = &location.mldsa_key_file {
        // Made once; a lost one is not silently replaced.
        let known = identity.is_some_and(|identity| {
            let kinds = identity.keys.iter().flat_map(|key| VerifierKey::parse(key));
            kinds
                .into_iter()
                .any(|k| k.kind() == SignatureKind::MlDsa44)
        });
        signers.push(load_or_create(path, origin, KeyKind::MlDsa44, !known)?);
    }
    Ok(signers)
}

fn cosigners(location: &Location) -> Result<Vec<Box<dyn CheckpointSigner>>, StartError> {
    let Some(keys) = &location.witness else {
        return Ok(Vec::new());
    };
    let kind = KeyKind::CosignerEd25519;
    let mut signers = vec![load_or_create(&keys.key_file, &keys.name, kind, true)?];
    if let Some(path) = &keys.mldsa_key_file {
        signers.push(load_or_create(path, &keys.name, KeyKind::MlDsa44, true)?);
    }
    Ok(signers)
}

/// Notes the keys that sign from here on, and whom the settings name, before anything is signed.
fn note_settings(
    store: &mut dyn Store,
    reads: &dyn Reads,
    location: &Location,
    vkeys: &[String],
    size: u64,
) -> Result<(), StartError> {
    let identity = reads.identity()?;
    let mut stored = reads.trust(Role::Log)?;
    stored.extend(reads.trust(Role::Witness)?);
    let mut trust = location.trust.clone();
    trust.sort();
    stored.sort();
    let main = vkeys.first();
    let same_keys = identity.is_some_and(|identity| {
        Some(&identity.vkey) == main && vkeys.iter().all(|key| identity.keys.contains(key))
    });
    let quorum = location.quorum.map(|quorum| quorum.to_string());
    if same_keys && trust == stored && reads.marked(MARK_QUORUM)? == quorum {
        return Ok(());
    }
    store.group(&mut |group: &mut dyn Group| {
        for vkey in vkeys {
            group.add_log_key(vkey, size)?;
        }
        if let Some(main) = main {
            group.set_main_key(main)?;
        }
        group.mark(MARK_QUORUM, quorum.as_deref())?;
        group.set_trust(&trust)
    })?;
    Ok(())
}

/// POSIX seconds now.
pub(crate) fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
