//! A log whose settings name where it is, and the tables of one in PostgreSQL.

use std::path::Path;

use concord_audit::offline::Log as AuditLog;
use concord_audit::start::Location;
use concord_audit::store::postgres::{PostgresConfig, PostgresError, migrate as bring};
use concord_kit::config::Loader;
use serde_json::json;

use super::refuse;
use crate::cli::{Global, Migrate};
use crate::failure::Failure;
use crate::output;

/// Where the log is that a service with these settings serves.
pub(super) fn location(settings: &Path) -> Result<Location, Failure> {
    let bad = |e: &dyn std::error::Error| Failure::usage("BAD_CONFIG", e.to_string());
    let loader = Loader::new().ignore_env("DATA_DIR").file(settings);
    let config: concord_audit::Config = loader
        .and_then(|loader| loader.load())
        .map_err(|e| bad(&e))?;
    Ok(config.location())
}

/// Opens that log, as it is at this moment.
pub(super) fn open(settings: &Path) -> Result<AuditLog, Failure> {
    let location = location(settings)?;
    let opened = match &location.postgres {
        Some(postgres) => AuditLog::connect(postgres, &location.kek),
        None => AuditLog::open_with(&location.data_dir, &location.kek),
    };
    opened.map_err(|e| refuse(&e))
}

/// `concord log migrate`.
pub(super) fn migrate(args: &Migrate, global: &Global) -> Result<(), Failure> {
    let config = PostgresConfig {
        password_file: args.password_file.clone(),
        ca_file: args.ca_file.clone(),
        ..PostgresConfig::new(&args.url)
    };
    let done = config
        .read()
        .and_then(|settings| bring(&settings, &args.service_role));
    let (before, now) = done.map_err(|error| match error {
        PostgresError::NewerSchema { .. } => Failure::invalid("NEWER_SCHEMA", error.to_string()),
        _ => Failure::usage("BAD_USAGE", error.to_string()),
    })?;
    let text = match global.json {
        true => json!({"version_before": before, "version": now}).to_string(),
        false if before == now => format!("the tables have version {now}; the rights are renewed"),
        false => format!("the tables had version {before} and have {now} now"),
    };
    output::data(&format!("{text}\n"))
}
