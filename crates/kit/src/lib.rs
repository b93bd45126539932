//! What every gRPC server here shares, and nothing about what the servers decide.
//!
//! A service hands [`serve::ServerBuilder`] its router, its descriptor set, its allow lists and
//! its readiness components; the kit does settings, telemetry, mutual TLS, identities, deadlines,
//! limits, health, reflection, rich errors, outgoing channels and the cache. Services never build
//! servers, exporters or TLS themselves.
//!
//! ```ignore
//! #[derive(Debug, Default, Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! pub struct Config {
//!     pub server: ServerConfig,
//!     pub telemetry: TelemetryConfig,
//!     pub data: PathBuf,
//! }
//!
//! impl Config {
//!     pub async fn build(self, telemetry: Telemetry) -> Result<BoundServer, BuildError> {
//!         let limit = self.server.limits.message_bytes;
//!         let server = ServerBuilder::new("echo", self.server, telemetry.clone());
//!         let data = server.readiness("data");
//!         let service = EchoServer::new(Echo::open(&self.data)?).max_decoding_message_size(limit);
//!         data.ready();
//!         Ok(server.add_service(service).descriptor(DESCRIPTORS).bind().await?)
//!     }
//! }
//!
//! // in main: tls::install_crypto(), load::<Config>(path), init_logs, Telemetry::new, then
//! let server = config.build(telemetry.clone()).await?;
//! let running = server.spawn();
//! serve::signal().await?;
//! running.shutdown().await;
//! telemetry.shutdown().await;
//! ```

pub mod announce;
pub mod cache;
pub mod client;
pub mod config;
pub mod deadline;
pub mod dev_ca;
pub mod files;
pub mod health;
mod limit;
mod panic;
pub mod peer;
pub mod serve;
pub mod spiffe;
pub mod status;
pub mod telemetry;
pub mod tls;
pub mod trace;
pub mod violations;

/// Re-exported so that a service names one version of it: stops servers and background tasks.
pub use tokio_util::sync::CancellationToken;
