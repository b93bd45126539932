//! The audit service: the transparency log of one deployment. A record is stored once, durably and
//! under a signed checkpoint, before its caller hears of it; nothing stored can be changed unseen.
//!
//! | module | holds |
//! |---|---|
//! | [`record`] | a record, and what its leaf commits to (`docs/log-format.md`) |
//! | [`store`] | where a log is kept: a trait, and SQLite |
//! | [`start`] | beginning a log, and the checks before one is served |
//! | [`writer`] | the one thread that writes, with group commit |
//! | [`counterpart`] | what is remembered of counterparts' logs |
//! | [`wire`] | between the contract and the log |
//! | [`offline`] | the log without the service: list, prove, check |

pub mod counterpart;
mod error;
pub mod key;
pub mod lock;
pub mod offline;
pub mod record;
mod service;
pub mod start;
pub mod store;
pub mod wire;
pub mod writer;

use std::collections::BTreeMap;
use std::path::PathBuf;

use concord_kit::CancellationToken;
use concord_kit::config::{ConfigError, ServerConfig, TelemetryConfig};
use concord_kit::serve::{BoundServer, Drained, ServeError, ServerBuilder};
use concord_kit::telemetry::Telemetry;
use concord_proto::audit::audit_service_server::AuditServiceServer;
use concord_tlog::note::{KnownKeys, VerifierKey};
use serde::Deserialize;

pub use error::reason;
pub use writer::GroupCommitConfig;

use counterpart::Counterpart;
use start::{Location, StartError};
use wire::append::MAX_BODY_BYTES;
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
    pub data_dir: PathBuf,
    /// Origin of the log's checkpoints: a URL without scheme, for example
    /// `us.concord.example/audit`. It never changes.
    pub log_origin: String,
    /// The Ed25519 signing key, PKCS#8 PEM; absent: `keys/log.pem` in the data directory. Made
    /// with mode 0600 when there is neither a key nor a log.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
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
    writer: WriterThread,
}

impl Bound {
    /// Serves until `stop` is cancelled, drains, then ends the writer: after that the data
    /// directory is free.
    pub async fn serve(self, stop: CancellationToken) -> Drained {
        let drained = self.server.serve(stop).await;
        self.writer.end().await;
        drained
    }
}

impl Config {
    /// Where the log is.
    pub fn location(&self) -> Location {
        let key_file = self.key_file.clone();
        Location {
            data_dir: self.data_dir.clone(),
            origin: self.log_origin.clone(),
            key_file: key_file.unwrap_or_else(|| self.data_dir.join("keys").join("log.pem")),
        }
    }

    fn counterparts(&self) -> Result<BTreeMap<String, Counterpart>, ConfigError> {
        let read = |(agency, config): (&String, &CounterpartConfig)| {
            let bad =
                |text: String| ConfigError::invalid(format!("counterparts.{agency}.vkey"), text);
            let key = VerifierKey::parse(&config.vkey).map_err(|e| bad(e.to_string()))?;
            if key.name() != config.origin {
                let text = "a log's key is named as its origin";
                return Err(bad(format!(
                    "{text}: `{}` is not `{}`",
                    key.name(),
                    config.origin
                )));
            }
            let keys = KnownKeys::new([key]).map_err(|e| bad(e.to_string()))?;
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
    let counterparts = config.counterparts()?;
    let location = config.location();
    let log = tokio::task::spawn_blocking(move || start::open(&location));
    let log = log
        .await
        .map_err(|e| BuildError::Thread(std::io::Error::other(e)))??;
    let verifier_key = log.signer.verifier_key().to_string();
    let (reads, origin) = (log.store.reads(), config.log_origin);

    let limit = config
        .server
        .limits
        .message_bytes
        .max(MAX_BODY_BYTES + 1024 * 1024);
    let builder = ServerBuilder::new("audit", config.server, telemetry.clone());
    let health = builder.readiness("log");
    let meter = telemetry.meter();
    let writer = writer::start(log, origin.clone(), &config.group_commit, health, &meter)
        .map_err(BuildError::Thread)?;
    let vkey = verifier_key.clone();
    let service = service::Service::new(origin, vkey, writer.handle(), reads, counterparts);
    let server = builder
        .add_service(
            AuditServiceServer::new(service)
                .max_decoding_message_size(limit)
                .max_encoding_message_size(limit),
        )
        .descriptor(concord_proto::FILE_DESCRIPTOR_SET);
    match server.bind().await {
        Ok(server) => Ok(Bound {
            server,
            verifier_key,
            writer,
        }),
        Err(error) => {
            writer.end().await; // the directory is free again when the error is seen
            Err(error.into())
        }
    }
}
