//! `concord serve` and `concord check-config`: one service with its settings.

use concord_kit::CancellationToken;
use concord_kit::config::{ConfigError, Loader, TelemetryConfig};
use concord_kit::serve::signal;
use concord_kit::telemetry::{Telemetry, init_logs};
use serde::de::DeserializeOwned;

use crate::cli::{Global, Serve, ServiceName};
use crate::failure::{Failure, exit};
use crate::output;

/// The settings of one service.
enum Settings {
    Classification(concord_classification::Config),
    Screening(concord_screening::Config),
    Audit(Box<concord_audit::Config>),
    Determination(Box<concord_determination::Config>),
}

impl Settings {
    fn load(args: &Serve) -> Result<Self, Failure> {
        Ok(match args.service {
            ServiceName::Classification => Self::Classification(load(args)?),
            ServiceName::Screening => Self::Screening(load(args)?),
            ServiceName::Audit => Self::Audit(Box::new(load(args)?)),
            ServiceName::Determination => Self::Determination(Box::new(load(args)?)),
        })
    }

    fn telemetry(&self) -> (&'static str, &TelemetryConfig) {
        match self {
            Self::Classification(c) => ("classification", &c.telemetry),
            Self::Screening(c) => ("screening", &c.telemetry),
            Self::Audit(c) => ("audit", &c.telemetry),
            Self::Determination(c) => ("determination", &c.telemetry),
        }
    }

    /// What the settings alone can tell; files and sockets are not touched.
    fn validate(&self) -> Result<(), ConfigError> {
        match self {
            Self::Classification(c) => c.server.validate(),
            Self::Screening(c) => c.server.validate(),
            Self::Audit(c) => c.server.validate(),
            Self::Determination(c) => {
                c.server.validate()?;
                c.federation.as_ref().map_or(Ok(()), |f| f.validate())
            }
        }
    }
}

fn load<T: DeserializeOwned>(args: &Serve) -> Result<T, Failure> {
    let mut loader = Loader::new();
    if args.service != ServiceName::Audit {
        // The command line's own variable; the audit service has a setting of that name.
        loader = loader.ignore_env("DATA_DIR");
    }
    if let Some(path) = &args.config {
        loader = loader.file(path).map_err(|e| bad_config(&e))?;
    }
    loader.load().map_err(|e| bad_config(&e))
}

fn bad_config(error: &dyn std::error::Error) -> Failure {
    Failure::usage("BAD_CONFIG", error.to_string())
}

/// Runs the service until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// Wrong settings, an address in use, an occupied data directory: exit 64.
pub async fn run(args: &Serve, _global: &Global) -> Result<(), Failure> {
    let settings = Settings::load(args)?;
    let (name, config) = settings.telemetry();
    init_logs(config).map_err(|e| bad_config(&e))?;
    let telemetry = Telemetry::new(name, config).map_err(|e| bad_config(&e))?;
    let t = telemetry.clone();
    let stop = CancellationToken::new();
    let end = stop.clone();
    let served = match settings {
        Settings::Classification(c) => {
            let bound = concord_classification::build(c, t)
                .await
                .map_err(|e| bad_config(&e))?;
            tokio::spawn(bound.serve(end))
        }
        Settings::Screening(c) => {
            let bound = concord_screening::build(c, t)
                .await
                .map_err(|e| bad_config(&e))?;
            tokio::spawn(bound.serve(end))
        }
        Settings::Audit(c) => {
            let bound = concord_audit::build(*c, t)
                .await
                .map_err(|e| bad_config(&e))?;
            tokio::spawn(bound.serve(end))
        }
        Settings::Determination(c) => {
            let bound = concord_determination::build(*c, t)
                .await
                .map_err(|e| bad_config(&e))?;
            tokio::spawn(bound.serve(end))
        }
    };
    let signalled = signal().await;
    stop.cancel();
    let drained = served.await;
    telemetry.shutdown().await; // last of all: it blocks until what is queued is sent
    signalled
        .map_err(|e| Failure::local(&anyhow::Error::new(e).context("cannot wait for signals")))?;
    match drained {
        Ok(_) => Ok(()),
        Err(e) => Err(Failure {
            exit: exit::INVALID,
            ..Failure::local(&anyhow::Error::new(e).context("the service did not end cleanly"))
        }),
    }
}

/// Reads the settings and says whether they are right.
///
/// # Errors
/// The first wrong key with its source: exit 64.
pub fn check(args: &Serve, _global: &Global) -> Result<(), Failure> {
    let settings = Settings::load(args)?;
    settings.validate().map_err(|e| bad_config(&e))?;
    output::data(&format!(
        "{}: the configuration is right\n",
        settings.telemetry().0
    ))
}
