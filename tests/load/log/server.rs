//! The audit service as a process of its own, and its settings.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use concord_audit::Config;
use concord_kit::CancellationToken;
use concord_kit::spiffe::SpiffeId;
use concord_kit::telemetry::Telemetry;
use concord_tests::process::Process;
use serde::{Deserialize, Serialize};

/// Methods that the load calls.
const METHODS: [&str; 5] = [
    "Append",
    "BatchAppend",
    "GetRecord",
    "SearchRecords",
    "GetCheckpoint",
];

/// Where a server is, as it says itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Where {
    /// Address for gRPC.
    pub grpc: String,
    /// Address for HTTP, if there is one.
    pub http: Option<String>,
    /// The log's verifier key.
    pub vkey: String,
    /// The keys with which it cosigns.
    pub witness_keys: Vec<String>,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// The process.
    pub process: Process,
    /// Where it is.
    pub at: Where,
}

/// Settings over one data directory: plaintext on loopback, ports that the kernel chooses. `more` are further lines.
pub fn settings(data_dir: &Path, origin: &str, more: &str) -> Result<PathBuf> {
    let me = SpiffeId::dev();
    let allowed: String = METHODS
        .iter()
        .map(|method| format!("\"/concord.audit.v1.AuditService/{method}\" = [\"{me}\"]\n"))
        .collect();
    let text = format!(
        "data_dir = \"{}\"\nlog_origin = \"{origin}\"\n{more}\n\
         [server]\nlisten = \"127.0.0.1:0\"\ndev_plaintext = true\n[server.allow]\n{allowed}",
        data_dir.display()
    );
    let path = data_dir.with_extension("toml");
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Starts a server with these settings and waits until it says where it is.
pub fn start(settings: &Path) -> Result<Server> {
    let own = std::env::current_exe()?;
    let (process, line) = Process::start(Command::new(own).arg("serve").arg(settings))?;
    let at = serde_json::from_str(&line).context("the server's first line")?;
    Ok(Server { process, at })
}

/// Serves until it is killed.
pub async fn serve(settings: &Path) -> Result<()> {
    let config: Config = toml::from_str(&std::fs::read_to_string(settings)?)?;
    let telemetry = Telemetry::new("audit", &config.telemetry)?;
    let bound = concord_audit::build(config, telemetry).await?;
    let at = Where {
        grpc: bound.server.addr().to_string(),
        http: bound.http_addr().map(|addr| addr.to_string()),
        vkey: bound.verifier_key.clone(),
        witness_keys: bound.witness_keys.clone(),
    };
    println!("{}", serde_json::to_string(&at)?);
    bound.serve(CancellationToken::new()).await;
    Ok(())
}
