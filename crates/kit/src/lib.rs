//! What every gRPC server here shares, and nothing about what the servers decide.
//!
//! A service hands [`serve::ServerBuilder`] its router, its descriptor set, its allow lists and
//! its readiness components; the kit does settings, telemetry, mutual TLS, identities, deadlines,
//! limits, health, reflection, rich errors, outgoing channels and the cache. Services never build
//! servers, exporters or TLS themselves.

pub mod cache;
pub mod client;
pub mod config;
pub mod deadline;
pub mod dev_ca;
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

/// Re-exported so that a service names one version of it: stops servers and background tasks.
pub use tokio_util::sync::CancellationToken;
