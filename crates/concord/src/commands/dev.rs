//! `concord dev`: both deployments in this process until it is told to stop.

use std::path::Path;

use concord_kit::config::{LogFormat, TelemetryConfig};
use concord_kit::serve::signal;
use concord_kit::telemetry::init_logs;
use serde_json::json;

use crate::cli::{Dev, Global};
use crate::data_dir;
use crate::deployment::{Deployment, Deployments, Options};
use crate::failure::Failure;
use crate::output;

/// Runs the command: prints one JSON line with every address when both answer, then serves until SIGTERM or SIGINT.
///
/// # Errors
/// What keeps a deployment from starting.
pub async fn run(args: &Dev, global: &Global) -> Result<(), Failure> {
    let logs = TelemetryConfig {
        log_format: if global.json {
            LogFormat::Json
        } else {
            LogFormat::Text
        },
        filter: std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned()),
        ..TelemetryConfig::default()
    };
    init_logs(&logs).map_err(|e| Failure::usage("BAD_CONFIG", e.to_string()))?;
    let mut options = Options::new(data_dir::resolve(global)?);
    options.attached = super::regimes::attach::attached_files(&options.data_dir);
    options.admin = true;
    options.otlp_endpoint = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT")
        .ok()
        .filter(|e| !e.is_empty());
    let deployments = Deployments::start(&options)
        .await
        .map_err(|e| super::determine::start_failure(&e))?;
    if let Some(dir) = &args.write_certs {
        for d in deployments.iter() {
            copy_certs(d, dir)?;
        }
    }
    let all: Vec<_> = deployments.iter().map(describe).collect();
    output::data(&format!("{}\n", json!({ "deployments": all })))?;
    eprintln!("both deployments answer; stop them with Ctrl-C");
    signal()
        .await
        .map_err(|e| Failure::local(&anyhow::Error::new(e).context("cannot wait for signals")))?;
    eprintln!("stopping");
    deployments.shutdown().await?;
    Ok(())
}

fn describe(d: &Deployment) -> serde_json::Value {
    let list = |all: &[(&'static str, std::net::SocketAddr)]| {
        all.iter()
            .map(|(name, addr)| ((*name).to_owned(), json!(addr.to_string())))
            .collect::<serde_json::Map<_, _>>()
    };
    json!({
        "jurisdiction": d.jurisdiction().code(),
        "grpc": list(&d.addresses().grpc),
        "admin": list(&d.addresses().admin),
        "client_cert": d.client_cert().cert,
        "client_key": d.client_cert().key,
        "ca": d.ca(),
    })
}

/// Copies the client certificate, its key and the CA to `dir`: `us-client.pem`, `us-client.key`, `us-ca.pem`.
fn copy_certs(d: &Deployment, dir: &Path) -> Result<(), Failure> {
    let at = |what: &str, e: std::io::Error| {
        Failure::usage(
            "CANNOT_WRITE",
            format!("`{}` cannot be written: {e}", dir.join(what).display()),
        )
    };
    std::fs::create_dir_all(dir).map_err(|e| at("", e))?;
    let folder = d.jurisdiction().folder();
    let files = [
        (&d.client_cert().cert, format!("{folder}-client.pem")),
        (&d.client_cert().key, format!("{folder}-client.key")),
        (&d.ca().to_owned(), format!("{folder}-ca.pem")),
    ];
    for (from, name) in files {
        std::fs::copy(from, dir.join(&name)).map_err(|e| at(&name, e))?;
    }
    Ok(())
}
