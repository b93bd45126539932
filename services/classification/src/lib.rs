//! The classification service: where items stand in control lists, at a date, under a pinned edition.
//!
//! Handlers decode, call the pure core (`concord-controls`) and encode. The lists of all jurisdictions are loaded; only the
//! deployment's own is OFFICIAL, the others are copies for comparison.

pub mod catalogue;
mod direct;
mod error;
pub mod finder;
pub mod kept;
mod service;
pub mod wire;

use std::path::PathBuf;
use std::sync::Arc;

use concord_kit::config::{ConfigError, ServerConfig, TelemetryConfig};
use concord_kit::serve::{BoundServer, ServeError, ServerBuilder};
use concord_kit::telemetry::Telemetry;
use serde::Deserialize;

pub use error::reason;

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
    /// The deployment's own jurisdiction, for example `US`.
    pub jurisdiction: String,
    /// A directory of regime files; absent: the ones built into the program.
    #[serde(default)]
    pub regimes: Option<PathBuf>,
    /// Official texts and tables that search reads; absent: our own words alone.
    #[serde(default)]
    pub attached: finder::AttachedFiles,
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
    /// The regime files.
    #[error(transparent)]
    Regimes(#[from] catalogue::CatalogueError),
    /// The attached texts.
    #[error(transparent)]
    Attached(#[from] finder::FinderError),
}

/// Loads the lists and binds the listener. Must be called inside a Tokio runtime.
///
/// # Errors
/// A wrong setting, unreadable regime files or attached texts, an address that cannot be bound.
pub async fn build(config: Config, telemetry: Telemetry) -> Result<BoundServer, BuildError> {
    let catalogue = Arc::new(catalogue::Catalogue::load(
        &config.jurisdiction,
        config.regimes.as_deref(),
    )?);
    let finder = finder::LazyFinder::new(catalogue.clone(), config.attached);
    if finder.has_attached() {
        // What is attached must be right before the service answers; without it the index is made when first asked.
        finder.check()?;
    }
    let limits = config.server.limits.clone();
    let builder = ServerBuilder::new("classification", config.server, telemetry)
        .add_service(direct::Direct::new(
            catalogue.clone(),
            service::Service::new(catalogue, finder),
            limits.message_bytes,
            limits.answer_bytes,
        ))
        .descriptor(concord_proto::FILE_DESCRIPTOR_SET);
    let ready = builder.readiness("regimes");
    let bound = builder.bind().await?;
    ready.ready();
    Ok(bound)
}
