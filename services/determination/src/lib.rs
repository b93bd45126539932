//! The determination service: decides one export under its deployment's own law, asks the counterparts for theirs, and
//! keeps the record.
//!
//! The way of one request: `service` decodes and checks it, asks audit for the key, then `decide` asks classification,
//! screening and the counterparts at the same time, lets the pure core decide, and appends the record before anyone hears
//! the answer. `federation` answers counterparts on its own listener.

mod clients;
pub mod compose;
mod decide;
pub mod engine;
pub mod error;
mod federation;
pub mod law;
pub mod lines;
mod people;
mod refusals;
mod request;
mod service;
pub mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use concord_kit::CancellationToken;
use concord_kit::cache::Cache;
use concord_kit::client::Channel;
use concord_kit::config::{CacheConfig, ClientConfig, ConfigError, ServerConfig, TelemetryConfig};
use concord_kit::serve::{BoundServer, Drained, ServeError, ServerBuilder};
use concord_kit::telemetry::Telemetry;
use concord_proto::determination::determination_service_server::DeterminationServiceServer;
use concord_proto::federation::federation_service_server::FederationServiceServer;
use serde::Deserialize;

pub use error::reason;
pub use refusals::RefusalConfig;

use refusals::Refusals;

/// Version of the decision engine, part of every answer.
pub const ENGINE: &str = concat!("concord-licensing/", env!("CARGO_PKG_VERSION"));

/// Settings of the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The listener for the agency's own systems.
    #[serde(default)]
    pub server: ServerConfig,
    /// The listener for counterparts, with its own trust bundles; absent: no counterpart is answered.
    #[serde(default)]
    pub federation: Option<ServerConfig>,
    /// Traces, metrics, logs.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// Counterpart answers are kept here for a while.
    #[serde(default)]
    pub cache: CacheConfig,
    /// The jurisdiction whose law decides, for example `US`.
    pub jurisdiction: String,
    /// A directory of regime files; absent: the ones built into the program.
    #[serde(default)]
    pub regimes: Option<PathBuf>,
    /// The classification service.
    pub classification: ClientConfig,
    /// The screening service.
    pub screening: ClientConfig,
    /// The audit service.
    pub audit: ClientConfig,
    /// The counterparts by jurisdiction.
    #[serde(default)]
    pub counterparts: BTreeMap<String, CounterpartConfig>,
    /// How many refused calls leave a record of their own.
    #[serde(default)]
    pub refusals: RefusalConfig,
}

/// One counterpart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterpartConfig {
    /// Its federation listener. `deadline_ms` here is the longest wait for its answer.
    pub client: ClientConfig,
    /// The agency that its certificates name; only it may consult us in the name of this jurisdiction.
    pub agency: String,
    /// What of the parties crosses the border.
    #[serde(default)]
    pub disclosure: Disclosure,
    /// How long a complete answer is kept and given again to the same question; 0: not at all.
    #[serde(default = "cache_ttl_s")]
    pub cache_ttl_s: u64,
}

// Long enough for an exporter's retries and batches, short enough for a list update to be seen the same minute.
fn cache_ttl_s() -> u64 {
    30
}

/// What of the parties crosses the border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Disclosure {
    /// Nothing.
    #[default]
    None,
    /// Roles and countries.
    RoleAndCountry,
    /// Names too.
    Named,
}

/// Why the service could not be built. The binary prints it and exits 64.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A listener.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The regime files.
    #[error(transparent)]
    Law(#[from] law::LawError),
}

/// The service with its addresses bound, not serving yet.
#[derive(Debug)]
pub struct Bound {
    /// The listener for the agency's own systems.
    pub server: BoundServer,
    /// The listener for counterparts.
    pub federation: Option<BoundServer>,
    refusals: Arc<Refusals>,
}

impl Bound {
    /// Serves both listeners until `stop` is cancelled, then drains.
    pub async fn serve(self, stop: CancellationToken) -> Drained {
        let counting = tokio::spawn(self.refusals.clone().count_down());
        let own = self.server.serve(stop.clone());
        let other = async {
            match self.federation {
                Some(federation) => federation.serve(stop).await.cut,
                None => 0,
            }
        };
        let (own, other) = tokio::join!(own, other);
        counting.abort();
        let _ = counting.await; // it was cut off
        self.refusals.leave_counts(true).await;
        Drained {
            cut: own.cut + other,
        }
    }
}

/// Reads the law, prepares the channels and binds the listeners. Must be called inside a Tokio runtime.
///
/// # Errors
/// A wrong setting, unreadable regime files, an address that cannot be bound.
pub async fn build(config: Config, telemetry: Telemetry) -> Result<Bound, BuildError> {
    engine::begin();
    let law = Arc::new(law::Law::load(
        &config.jurisdiction,
        config.regimes.as_deref(),
    )?);
    let channel = |client: &ClientConfig| Channel::new(client, telemetry.clone());
    let mut counterparts = BTreeMap::new();
    for (jurisdiction, c) in &config.counterparts {
        counterparts.insert(
            jurisdiction.clone(),
            clients::Counterpart {
                channel: channel(&c.client)?,
                answer_bytes: config.server.limits.answer_bytes,
                agency: c.agency.clone(),
                disclosure: c.disclosure,
                keep: Duration::from_secs(c.cache_ttl_s),
            },
        );
    }
    let answers = Cache::new("counterpart", &config.cache, telemetry.clone())?;
    let clients = clients::Clients {
        answers,
        classification: channel(&config.classification)?,
        screening: channel(&config.screening)?,
        audit: channel(&config.audit)?,
        counterparts,
        answer_bytes: config.server.limits.answer_bytes,
    };
    let meter = telemetry.meter();
    let refusals = Refusals::new(clients.clone(), config.refusals, &meter);
    let decider = Arc::new(decide::Decider::new(law, clients, refusals.clone(), meter));

    let limits = config.server.limits.clone();
    let server = ServerBuilder::new("determination", config.server, telemetry.clone())
        .add_service(
            DeterminationServiceServer::new(service::Service::new(decider.clone()))
                .max_decoding_message_size(limits.message_bytes)
                .max_encoding_message_size(limits.answer_bytes),
        )
        .on_denied(refusals.denied())
        .descriptor(concord_proto::FILE_DESCRIPTOR_SET);
    let ready = server.readiness("regimes");
    let server = server.bind().await?;
    ready.ready();

    let federation = match config.federation {
        None => None,
        Some(config) => {
            let limits = config.limits.clone();
            let builder = ServerBuilder::new("federation", config, telemetry)
                .add_service(
                    FederationServiceServer::new(federation::Federation::new(decider))
                        .max_decoding_message_size(limits.message_bytes)
                        .max_encoding_message_size(limits.answer_bytes),
                )
                .health(server.health())
                .on_denied(refusals.denied())
                .descriptor(concord_proto::FILE_DESCRIPTOR_SET);
            Some(builder.bind().await?)
        }
    };
    Ok(Bound {
        server,
        federation,
        refusals,
    })
}
