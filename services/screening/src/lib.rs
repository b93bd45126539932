//! The screening service: parties of a transaction against restricted-party lists.
//!
//! Handlers decode, call the pure cores (`concord-lists`, `concord-names`) and encode. The lists are an immutable snapshot
//! below [`Config::lists_dir`]; a new one is taken up while calls run. What is missing, stale, much smaller than before or
//! only the shipped example makes every answer INCOMPLETE.

pub mod answer;
mod batch;
pub mod completeness;
mod error;
pub mod explanation;
pub mod good_guys;
pub mod identifier;
mod live;
pub mod loaded;
mod service;
pub mod store;
pub mod wire;

use std::path::PathBuf;
use std::time::Duration;

use concord_kit::announce::Announcements;
use concord_kit::cache::Cache;
use concord_kit::config::{CacheConfig, ConfigError, ServerConfig, TelemetryConfig};
use concord_kit::serve::{BoundServer, ServeError, ServerBuilder};
use concord_kit::telemetry::Telemetry;
use concord_proto::screening::screening_service_server::ScreeningServiceServer;
use serde::Deserialize;

pub use answer::screen;
pub use completeness::Policy;
pub use error::reason;
pub use good_guys::{GoodGuy, GoodGuys};
pub use loaded::Loaded;
pub use service::SNAPSHOT_METADATA;
pub use store::{AddOptions, Added, ListStore, StoreError};

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
    /// Answers over large lists are kept here for a while.
    #[serde(default)]
    pub cache: CacheConfig,
    /// The deployment's own jurisdiction, for example `US`.
    pub jurisdiction: String,
    /// The store of list snapshots, as `concord lists add` writes it. Where it does not exist or holds nothing, the
    /// fictional list that ships with the program is used and every answer is INCOMPLETE.
    pub lists_dir: PathBuf,
    /// Lists without which an answer is INCOMPLETE; absent: those that the jurisdiction's law names.
    #[serde(default)]
    pub required_lists: Option<Vec<String>>,
    /// Age in days from which on a list is stale.
    #[serde(default = "max_age_days")]
    pub max_age_days: u32,
    /// Share in thousandths that a list may have lost against the one before.
    #[serde(default = "max_shrink_per_mille")]
    pub max_shrink_per_mille: u32,
    /// Names that the search for one party may look at; where that is not enough the answer is INCOMPLETE.
    #[serde(default = "search_limit")]
    pub search_limit: u64,
    /// How often the store is looked at for a new snapshot.
    #[serde(default = "reload_interval_ms")]
    pub reload_interval_ms: u64,
    /// How long an answer is kept. It is keyed by the snapshot, so a new snapshot never meets an old answer.
    #[serde(default = "cache_ttl_s")]
    pub cache_ttl_s: u64,
}

// The lists change weekly; a month without news means that nobody fetches them.
fn max_age_days() -> u32 {
    30
}

fn max_shrink_per_mille() -> u32 {
    100
}

// Every name of five lists as large as all published ones together, several times over; some seconds.
fn search_limit() -> u64 {
    5_000_000
}

fn reload_interval_ms() -> u64 {
    2_000
}

fn cache_ttl_s() -> u64 {
    3_600
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
    /// The lists.
    #[error("party lists: {0}")]
    Lists(#[from] StoreError),
}

impl Config {
    /// Checks the settings that say what a complete answer needs.
    ///
    /// # Errors
    /// The setting that is wrong.
    pub fn policy(&self) -> Result<Policy, ConfigError> {
        let required = self.required_lists.as_deref();
        Policy::new(
            &self.jurisdiction,
            required,
            self.max_age_days,
            self.max_shrink_per_mille,
        )
        .map(|policy| policy.with_search_limit(self.search_limit))
    }
}

/// Loads the current snapshot and binds the listener. Must be called inside a Tokio runtime.
///
/// # Errors
/// A wrong setting, a damaged snapshot, an address that cannot be bound.
pub async fn build(config: Config, telemetry: Telemetry) -> Result<BoundServer, BuildError> {
    let policy = config.policy()?;
    if config.reload_interval_ms == 0 {
        return Err(ConfigError::invalid("reload_interval_ms", "must be at least 1").into());
    }
    let limits = config.server.limits.clone();
    let cache = Cache::new("screening", &config.cache, telemetry.clone())?;
    let store = ListStore::open(config.lists_dir);
    let others = Announcements::new("party lists", &config.cache)?;
    let interval = Duration::from_millis(config.reload_interval_ms);
    let live = live::Live::start(store, interval, others).await?;
    let service =
        service::Service::new(live, policy, cache, Duration::from_secs(config.cache_ttl_s));
    let builder = ServerBuilder::new("screening", config.server, telemetry)
        .add_service(
            ScreeningServiceServer::new(service)
                .max_decoding_message_size(limits.message_bytes)
                .max_encoding_message_size(limits.answer_bytes),
        )
        .descriptor(concord_proto::FILE_DESCRIPTOR_SET);
    let ready = builder.readiness("lists");
    let bound = builder.bind().await?;
    ready.ready();
    Ok(bound)
}
