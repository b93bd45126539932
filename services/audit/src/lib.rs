//! The audit service: the transparency log of one deployment. A record is stored once, durably and
//! under a signed checkpoint, before its caller hears of it; nothing stored can be changed unseen.
//!
//! | module | holds |
//! |---|---|
//! | [`record`] | a record, and what its leaf commits to (`docs/log-format.md`) |
//! | [`store`] | where a log is kept: a trait, and SQLite |
//! | [`vault`] | what records say, encrypted, and the blind index |
//! | [`search`] | what can be asked of a log |
//! | [`start`] | beginning a log, and the checks before one is served |
//! | [`writer`] | the one thread that writes, with group commit |
//! | [`counterpart`] | what is remembered of counterparts' logs, and cosigning them |
//! | [`http`] | the log as static files, and the witness (C2SP tlog-tiles, tlog-witness) |
//! | [`witnessing`] | asking witnesses, and what they have seen of us |
//! | [`wire`] | between the contract and the log |
//! | [`offline`] | the log without the service: list, prove, check |

mod appends;
pub mod counterpart;
mod error;
pub mod http;
pub mod key;
pub mod lock;
pub mod offline;
mod reader;
mod readers;
pub mod record;
pub mod search;
mod service;
pub mod start;
pub mod store;
pub mod vault;
pub mod wire;
pub mod witnessing;
pub mod writer;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use concord_kit::CancellationToken;
use concord_kit::config::{ConfigError, ServerConfig, TelemetryConfig};
use concord_kit::serve::{BoundServer, Drained, ServeError, ServerBuilder};
use concord_kit::spiffe::IdentityPattern;
use concord_kit::telemetry::Telemetry;
use concord_proto::audit::audit_service_server::AuditServiceServer;
use concord_tlog::note::{CheckpointSigner, KnownKeys, VerifierKey};
use serde::Deserialize;

pub use error::reason;
pub use writer::GroupCommitConfig;

use appends::{Appends, Witnessed};
use counterpart::Counterpart;
use http::{BoundHttp, HttpConfig, ListenError, Site};
use key::{KeyKind, load_or_create};
use reader::Reader;
use readers::{APPEND, Readers};
use start::{Location, StartError, WitnessKeys};
use store::postgres::PostgresConfig;
use store::{MARK_RESTORED, Role, Trusted};
use tokio::sync::watch;
use vault::KekFiles;
use wire::append::MAX_BODY_BYTES;
use witnessing::{Ours, Witnesses, WitnessingConfig};
use writer::WriterThread;

/// Settings of the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The listener.
    #[serde(default)]
    pub server: ServerConfig,
    /// Traces, metrics, logs.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// Where the log, its lock and by default its key are; made if absent. One log, one directory.
    /// With `postgres`, each replica has one of its own, for evidence.
    pub data_dir: PathBuf,
    /// The database of a cluster, which keeps the log in place of the data directory; the replicas
    /// then share `log_origin` and the key files.
    #[serde(default)]
    pub postgres: Option<PostgresConfig>,
    /// Origin of the log's checkpoints: a URL without scheme, for example
    /// `us.concord.example/audit`. It never changes.
    pub log_origin: String,
    /// The Ed25519 signing key, PKCS#8 PEM; absent: `keys/log.pem` in the data directory. Made
    /// with mode 0600 when there is neither a key nor a log.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// The Ed25519 key that takes over: while it is named here both keys sign, and when verifiers
    /// know it, it becomes `key_file`. Made if absent.
    #[serde(default)]
    pub next_key_file: Option<PathBuf>,
    /// The key that wraps the keys of records; absent: `keys/kek.key` in the data directory. Made with mode 0600
    /// when no record is encrypted yet.
    #[serde(default)]
    pub kek_file: Option<PathBuf>,
    /// Keys that wrapped before; needed until `concord log rewrap` has put every record under `kek_file`.
    #[serde(default)]
    pub earlier_kek_files: Vec<PathBuf>,
    /// An ML-DSA-44 key (PKCS#8 PEM with its seed) that signs beside the Ed25519 key; made if absent.
    #[serde(default)]
    pub mldsa_key_file: Option<PathBuf>,
    /// The HTTP listener for readers of the log and for the logs that we witness; absent: none.
    #[serde(default)]
    pub http: Option<HttpConfig>,
    /// Cosign the counterparts' checkpoints; absent: we are no witness.
    #[serde(default)]
    pub witness: Option<CosignerConfig>,
    /// Have our checkpoints cosigned; absent: the highest level is CHECKPOINTED.
    #[serde(default)]
    pub witnessing: Option<WitnessingConfig>,
    /// The identities that read every record; others that may call the service read only records made on their own
    /// behalf. Absent: those that may append.
    #[serde(default)]
    pub readers: Option<Vec<IdentityPattern>>,
    /// How much goes into one transaction.
    #[serde(default)]
    pub group_commit: GroupCommitConfig,
    /// The counterparts whose checkpoints are taken, by agency.
    #[serde(default)]
    pub counterparts: BTreeMap<String, CounterpartConfig>,
}

/// A counterpart's log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterpartConfig {
    /// Origin of its checkpoints.
    pub origin: String,
    /// Its verifier key (C2SP vkey); the name in it is the origin.
    pub vkey: String,
    /// Further keys of it, while it changes its key or signs with two kinds.
    #[serde(default)]
    pub more_vkeys: Vec<String>,
}

/// Under which name and with which keys we cosign.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosignerConfig {
    /// Name of the cosigner, for example `us.concord.example/witness`; not the log's.
    pub name: String,
    /// Its Ed25519 key, PKCS#8 PEM; absent: `keys/witness.pem` in the data directory. Made if
    /// absent. It must not be the log's key.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Its ML-DSA-44 key, if it is to cosign with one too; made if absent.
    #[serde(default)]
    pub mldsa_key_file: Option<PathBuf>,
}

/// Why the service could not be built. The binary prints it and exits 64.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The listener.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The log.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The HTTP listener.
    #[error(transparent)]
    Http(#[from] ListenError),
    /// The operating system gives no thread.
    #[error("the log's writer cannot be started: {0}")]
    Thread(std::io::Error),
}

/// The service with its address bound, not serving yet. Its log is open and locked.
#[derive(Debug)]
pub struct Bound {
    /// The listener.
    pub server: BoundServer,
    /// The log's verifier key (C2SP vkey), for counterparts and verifiers.
    pub verifier_key: String,
    /// The keys with which we cosign (C2SP vkey), for counterparts; empty: we are no witness.
    pub witness_keys: Vec<String>,
    writer: WriterThread,
    http: Option<(BoundHttp, Arc<Site>)>,
    witnessing: Option<Rounds>,
}

/// The rounds with the witnesses, not begun yet.
struct Rounds {
    witnesses: Witnesses,
    ours: Ours,
    reader: Reader,
    witnessed: watch::Sender<u64>,
}

impl std::fmt::Debug for Rounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rounds(..)")
    }
}

impl Bound {
    /// Serves until `stop` is cancelled, drains, then ends the writer: after that the data
    /// directory is free.
    pub async fn serve(self, stop: CancellationToken) -> Drained {
        let mut tasks = Vec::new();
        let ended = CancellationToken::new();
        if let Some((http, site)) = self.http {
            tasks.push(tokio::spawn(http.serve(site, ended.clone())));
        }
        if let Some(rounds) = self.witnessing {
            let (writer, until) = (self.writer.handle(), ended.clone());
            let run =
                rounds
                    .witnesses
                    .run(rounds.ours, rounds.reader, writer, rounds.witnessed, until);
            tasks.push(tokio::spawn(run));
        }
        let drained = self.server.serve(stop).await;
        ended.cancel();
        for task in tasks {
            let _ = task.await; // a panic in it is on stderr
        }
        self.writer.end().await;
        drained
    }

    /// Where HTTP is served, if anywhere.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http.as_ref().map(|(http, _)| http.addr)
    }
}

impl Config {
    /// Where the log is.
    pub fn location(&self) -> Location {
        let keys = self.data_dir.join("keys");
        let or =
            |file: &Option<PathBuf>, name: &str| file.clone().unwrap_or_else(|| keys.join(name));
        let mut trust: Vec<Trusted> = Vec::new();
        for (agency, counterpart) in &self.counterparts {
            for vkey in std::iter::once(&counterpart.vkey).chain(&counterpart.more_vkeys) {
                trust.push(Trusted {
                    role: Role::Log,
                    name: agency.clone(),
                    vkey: vkey.clone(),
                });
            }
        }
        trust.extend(self.witnessing.iter().flat_map(WitnessingConfig::trusted));
        Location {
            data_dir: self.data_dir.clone(),
            postgres: self.postgres.clone(),
            origin: self.log_origin.clone(),
            key_file: or(&self.key_file, "log.pem"),
            next_key_file: self.next_key_file.clone(),
            mldsa_key_file: self.mldsa_key_file.clone(),
            kek: KekFiles {
                current: or(&self.kek_file, "kek.key"),
                earlier: self.earlier_kek_files.clone(),
            },
            witness: self.witness.as_ref().map(|witness| WitnessKeys {
                name: witness.name.clone(),
                key_file: or(&witness.key_file, "witness.pem"),
                mldsa_key_file: witness.mldsa_key_file.clone(),
            }),
            trust,
            quorum: self.witnessing.as_ref().map(|w| w.quorum),
        }
    }

    /// The verifier keys of our log and of our witness (the log's own again if there is none), made
    /// if there are none and no log: for telling counterparts before either side is started. Blocks.
    ///
    /// # Errors
    /// A key file that cannot be used, or is missing although the log exists.
    pub fn own_keys(&self) -> Result<[String; 2], StartError> {
        let location = self.location();
        let new_log = !location.data_dir.join(store::sqlite::FILE_NAME).exists();
        let (path, kind) = (&location.key_file, KeyKind::LogEd25519);
        let log = load_or_create(path, &location.origin, kind, new_log)?;
        let log = log.public_key().to_string();
        let witness = match &location.witness {
            None => log.clone(),
            Some(keys) => {
                let kind = KeyKind::CosignerEd25519;
                let signer = load_or_create(&keys.key_file, &keys.name, kind, true)?;
                signer.public_key().to_string()
            }
        };
        Ok([log, witness])
    }

    fn counterparts(&self) -> Result<BTreeMap<String, Counterpart>, ConfigError> {
        let read = |(agency, config): (&String, &CounterpartConfig)| {
            let bad =
                |text: String| ConfigError::invalid(format!("counterparts.{agency}.vkey"), text);
            let vkeys = std::iter::once(&config.vkey).chain(&config.more_vkeys);
            let keys = vkeys.map(|vkey| VerifierKey::parse(vkey));
            let keys = keys.collect::<Result<Vec<_>, _>>();
            let keys = keys.map_err(|e| bad(e.to_string()))?;
            if let Some(key) = keys.iter().find(|key| key.name() != config.origin) {
                let text = "a log's key is named as its origin";
                return Err(bad(format!(
                    "{text}: `{}` is not `{}`",
                    key.name(),
                    config.origin
                )));
            }
            let keys = KnownKeys::new(keys).map_err(|e| bad(e.to_string()))?;
            Ok((
                agency.clone(),
                Counterpart {
                    origin: config.origin.clone(),
                    keys,
                },
            ))
        };
        self.counterparts.iter().map(read).collect()
    }
}

/// Opens or begins the log, checks it, starts its writer and binds the listener. Must be called
/// inside a Tokio runtime.
///
/// # Errors
/// A wrong setting, a data directory in use, a log that is not as it was signed, an address that
/// cannot be bound.
pub async fn build(config: Config, telemetry: Telemetry) -> Result<Bound, BuildError> {
    let counterparts = Arc::new(config.counterparts()?);
    if let Some(witness) = config
        .witness
        .as_ref()
        .filter(|w| w.name == config.log_origin)
    {
        let text = format!("must not be the log's own name `{}`", witness.name);
        return Err(ConfigError::invalid("witness.name", text).into());
    }
    let witnesses = config.witnessing.as_ref().map(WitnessingConfig::read);
    let witnesses = witnesses.transpose()?;
    let location = config.location();
    let log = tokio::task::spawn_blocking(move || start::open(&location));
    let mut log = log
        .await
        .map_err(|e| BuildError::Thread(std::io::Error::other(e)))??;
    let vkeys = |signers: &[Box<dyn CheckpointSigner>]| -> Vec<String> {
        signers.iter().map(|s| s.public_key().to_string()).collect()
    };
    let verifier_key = vkeys(&log.signers).swap_remove(0);
    let witness_keys = vkeys(&log.cosigners);
    let (reads, origin) = (log.store.reads(), config.log_origin.clone());
    let (reader, vault) = (Reader::new(reads.clone()), log.vault.clone());
    let restored = reads.marked(MARK_RESTORED).map_err(StartError::from)?;
    let witnessing = match witnesses {
        None => {
            if let Some(cluster) = &log.cluster {
                cluster.go_on(false)?;
            }
            None
        }
        Some(witnesses) => {
            let identity = reads.identity().map_err(StartError::from)?;
            let identity =
                identity.ok_or_else(|| StartError::NotAsSigned("it has no identity".to_owned()))?;
            let keys = start::known_keys(&identity).map_err(StartError::NotAsSigned)?;
            let data_dir = config.data_dir.clone();
            let ours = Ours::new(origin.clone(), keys, data_dir, reads.clone());
            let seen = witnesses.views(&ours).await?;
            if restored.is_some() {
                if seen == 0 {
                    let text = "none of the witnesses answers".to_owned();
                    return Err(StartError::RestoredUnseen(text).into());
                }
                let cleared = log
                    .store
                    .group(&mut |group| group.mark(MARK_RESTORED, None));
                cleared.map_err(StartError::from)?;
            }
            if let Some(cluster) = &log.cluster {
                let whole = config.witnessing.as_ref().map(|w| w.witnesses.len());
                cluster.go_on(whole == Some(seen))?;
            }
            let size = reads.witnessed().map_err(StartError::from)?;
            let (witnessed, _) = watch::channel(size.map_or(0, |signed| signed.size));
            Some(Rounds {
                witnesses,
                ours,
                reader: reader.clone(),
                witnessed,
            })
        }
    };
    let http = match &config.http {
        Some(http) => Some(BoundHttp::bind(http).await?),
        None => None,
    };

    let whole_record = MAX_BODY_BYTES + 1024 * 1024;
    let taken = config.server.limits.message_bytes.max(whole_record);
    let sent = config.server.limits.answer_bytes.max(whole_record);
    let appenders = config.server.allow.get(APPEND).cloned();
    let readers = Readers(config.readers.or(appenders).unwrap_or_default());
    let builder = ServerBuilder::new("audit", config.server, telemetry.clone());
    let health = builder.readiness("log");
    let meter = telemetry.meter();
    let writer = writer::start(log, origin.clone(), &config.group_commit, health, &meter)
        .map_err(BuildError::Thread)?;
    let vkey = verifier_key.clone();
    let witnessed = config.witnessing.as_ref().zip(witnessing.as_ref());
    let witnessed = witnessed.map(|(config, rounds)| Witnessed {
        size: rounds.witnessed.subscribe(),
        wait: Duration::from_millis(config.wait_ms),
    });
    let site = Arc::new(Site {
        reader: reader.clone(),
        writer: writer.handle(),
        counterparts: counterparts.clone(),
        witness: !witness_keys.is_empty(),
    });
    let origin: Arc<str> = origin.into();
    let service = service::Service {
        origin: origin.clone(),
        vkey,
        writer: writer.handle(),
        reader: reader.clone(),
        vault: vault.clone(),
        readers,
        counterparts,
        appends: Appends {
            origin,
            writer: writer.handle(),
            reader,
            vault,
            witnessed: witnessed.map(Arc::new),
        },
    };
    let server = builder
        .add_service(
            AuditServiceServer::new(service)
                .max_decoding_message_size(taken)
                .max_encoding_message_size(sent),
        )
        .descriptor(concord_proto::FILE_DESCRIPTOR_SET);
    match server.bind().await {
        Ok(server) => Ok(Bound {
            server,
            verifier_key,
            witness_keys,
            writer,
            http: http.map(|http| (http, site)),
            witnessing,
        }),
        Err(error) => {
            writer.end().await; // the directory is free again when the error is seen
            Err(error.into())
        }
    }
}
