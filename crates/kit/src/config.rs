//! Settings: defaults < TOML file < environment (`CONCORD__SECTION__KEY`).
//!
//! Unknown keys are errors that name the key and its source. Variables of another shape, such as
//! the `CONCORD_SERVICE_HOST` that Kubernetes may inject, are not ours and are not read. Secrets
//! are never settings: settings name the files that hold them.

mod load;
mod sections;
mod validate;

pub use load::{ConfigError, Loader, load};
pub(crate) use sections::ms;
pub use sections::{
    CacheConfig, ClientConfig, LimitsConfig, LogFormat, RedisConfig, ServerConfig, TelemetryConfig,
    TlsConfig,
};
