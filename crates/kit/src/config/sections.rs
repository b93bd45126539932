//! The sections that every service's settings are made of. All times are in milliseconds.

use crate::spiffe::{IdentityPattern, SpiffeId};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// One listener of a server.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Where gRPC is served; port 0 takes a free port. Default `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// Where probes and metrics are served in plaintext; absent: nowhere.
    pub admin_listen: Option<SocketAddr>,
    /// Mutual TLS. Required unless `dev_plaintext`.
    pub tls: Option<TlsConfig>,
    /// Serve plaintext; refused unless `listen` is a loopback address.
    pub dev_plaintext: bool,
    /// Who every caller is when `dev_plaintext`.
    pub dev_identity: SpiffeId,
    /// Full method path (`/package.Service/Method`) -> accepted identities. Added to what the
    /// service itself allows. A method named nowhere is denied to everyone.
    pub allow: BTreeMap<String, Vec<IdentityPattern>>,
    /// Limits on what callers may take.
    pub limits: LimitsConfig,
    /// How often an idle connection is pinged.
    pub keepalive_interval_ms: u64,
    /// How long a ping may stay unanswered before the connection is closed.
    pub keepalive_timeout_ms: u64,
    /// After this time a connection is asked to go, so that callers find new replicas.
    pub max_connection_age_ms: u64,
    /// How long calls on such a connection may still run.
    pub max_connection_age_grace_ms: u64,
    /// Between NOT_SERVING and closing the door, so that balancers see it first.
    pub drain_delay_ms: u64,
    /// How long calls in flight may run after the door is closed.
    pub drain_timeout_ms: u64,
}

/// Limits on what callers may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Calls in flight; one more is shed with RESOURCE_EXHAUSTED and RetryInfo.
    pub concurrency: usize,
    /// What RetryInfo tells a shed caller to wait.
    pub shed_retry_ms: u64,
    /// Size of one message from a caller, in bytes. Services pass it to their generated server
    /// (`max_decoding_message_size`).
    pub message_bytes: usize,
    /// Size of one answer, in bytes: what the service sends (`max_encoding_message_size`) and what
    /// its own clients take. Larger than `message_bytes`, because an answer holds the trace of what
    /// was asked.
    pub answer_bytes: usize,
    /// Open connections; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Concurrent calls on one connection.
    pub streams_per_connection: u32,
    /// Deadline of a call whose caller sent none.
    pub default_deadline_ms: u64,
    /// The longest deadline that is honoured.
    pub max_deadline_ms: u64,
    /// How long a TLS handshake may take.
    pub handshake_ms: u64,
}

/// Our certificate and whom we trust.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file: our certificate, then intermediates.
    pub cert: PathBuf,
    /// PEM file: our private key.
    pub key: PathBuf,
    /// Trust domain -> PEM file of the CA certificates that may sign its names, and no others.
    pub bundles: BTreeMap<String, PathBuf>,
    /// How often the files are looked at for changes; default 5000.
    #[serde(default = "reload_interval_ms")]
    pub reload_interval_ms: u64,
}

/// A channel to another service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// `https://host:port`, or `http://` on loopback in development.
    pub uri: String,
    /// Our certificate and whom we trust; required for `https`.
    #[serde(default)]
    pub tls: Option<TlsConfig>,
    /// Which identities the server may have; required for `https`.
    #[serde(default)]
    pub server_identity: Vec<IdentityPattern>,
    /// Longest time for one call; the caller's own deadline, shaved, wins when shorter. Default 5000.
    #[serde(default = "client_deadline_ms")]
    pub deadline_ms: u64,
    /// Longest time for connecting, TLS included; default 2000.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
}

/// Traces, metrics and logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// OTLP/gRPC collector such as `http://collector:4317` or `https://…`; absent: nothing is exported.
    pub otlp_endpoint: Option<String>,
    /// PEM file of the CA that signs the collector's certificate, for `https`; absent: the system's.
    pub otlp_ca_file: Option<PathBuf>,
    /// Name of the deployment, reported with every span and metric.
    pub deployment: String,
    /// Log lines as JSON or as text; both go to stderr.
    pub log_format: LogFormat,
    /// Which log lines, in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// Share of new traces that are recorded, 0 to 1; a caller's decision is kept.
    pub sample_ratio: f64,
    /// How often metrics are pushed.
    pub metric_interval_ms: u64,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// For people.
    Text,
}

/// The cache: always in memory, and in Redis if configured.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// Most bytes kept in memory.
    pub memory_bytes: u64,
    /// Longest time one load may take, whoever waits for it.
    pub load_ms: u64,
    /// Redis; absent: memory only.
    pub redis: Option<RedisConfig>,
}

/// A Redis server that is trusted with nothing: neither to answer, nor to tell the truth.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://host:port/db` or `rediss://…`, without a password.
    pub url: String,
    /// User name, if the server wants one.
    #[serde(default)]
    pub username: Option<String>,
    /// File that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// PEM file of the CA that signs the server's certificate, for `rediss`.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// File with at least 32 random bytes, from which the keys of names and values are derived.
    pub secret_file: PathBuf,
    /// Longest wait for one Redis operation; default 50.
    #[serde(default = "redis_budget_ms")]
    pub budget_ms: u64,
    /// How long Redis is left alone after repeated failures; default 1000.
    #[serde(default = "redis_open_ms")]
    pub breaker_open_ms: u64,
}

fn reload_interval_ms() -> u64 {
    5_000
}

fn client_deadline_ms() -> u64 {
    5_000
}

fn connect_timeout_ms() -> u64 {
    2_000
}

fn redis_budget_ms() -> u64 {
    50
}

fn redis_open_ms() -> u64 {
    1_000
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            admin_listen: None,
            tls: None,
            dev_plaintext: false,
            dev_identity: SpiffeId::dev(),
            allow: BTreeMap::new(),
            limits: LimitsConfig::default(),
            keepalive_interval_ms: 20_000,
            keepalive_timeout_ms: 10_000,
            max_connection_age_ms: 300_000,
            max_connection_age_grace_ms: 30_000,
            drain_delay_ms: 0,
            drain_timeout_ms: 20_000,
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            concurrency: 512,
            shed_retry_ms: 250,
            message_bytes: 4 * 1024 * 1024,
            answer_bytes: 16 * 1024 * 1024,
            connections: 4_096,
            streams_per_connection: 256,
            default_deadline_ms: 30_000,
            max_deadline_ms: 300_000,
            handshake_ms: 5_000,
        }
    }
}

impl ClientConfig {
    /// Plaintext to a loopback server in development, with every default.
    pub fn plaintext(uri: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            tls: None,
            server_identity: Vec::new(),
            deadline_ms: client_deadline_ms(),
            connect_timeout_ms: connect_timeout_ms(),
        }
    }

    /// Mutual TLS to a server with one of those identities, with every default.
    pub fn mutual_tls(
        uri: impl Into<String>,
        tls: TlsConfig,
        server_identity: Vec<IdentityPattern>,
    ) -> Self {
        Self {
            tls: Some(tls),
            server_identity,
            ..Self::plaintext(uri)
        }
    }
}

impl TlsConfig {
    /// Those files, with the default reload interval.
    pub fn new(cert: PathBuf, key: PathBuf, bundles: BTreeMap<String, PathBuf>) -> Self {
        Self {
            cert,
            key,
            bundles,
            reload_interval_ms: reload_interval_ms(),
        }
    }
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            otlp_ca_file: None,
            deployment: "local".to_owned(),
            log_format: LogFormat::Json,
            filter: "info".to_owned(),
            sample_ratio: 1.0,
            metric_interval_ms: 15_000,
        }
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            memory_bytes: 64 * 1024 * 1024,
            load_ms: 30_000,
            redis: None,
        }
    }
}

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
