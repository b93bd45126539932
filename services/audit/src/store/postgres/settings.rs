//! Which database, and how it is reached.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use tokio_postgres::config::{Host, SslMode};

use super::PostgresError;

/// Settings of the PostgreSQL store. Its tables are made with `concord log migrate`, by a role of
/// their own; the service's role has only the rights that it needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresConfig {
    /// Where the database is and as whom, without a password, for example
    /// `postgres://concord_audit@db.example:5432/concord_audit`. Several hosts are tried in turn
    /// (`host1:5432,host2:5432`); only one that takes writes is used.
    pub url: String,
    /// The file with the role's password; absent: none is sent.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// PEM file of the CA certificates that may vouch for the server. Required for TCP.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Speak to the server over TCP without TLS: for tests on one machine only.
    #[serde(default)]
    pub dev_plaintext: bool,
    /// Connections for reading and for the intake, besides the sequencer's own; default 12.
    #[serde(default = "connections")]
    pub connections: usize,
    /// Longest time that an append waits for the sequencer, in milliseconds; default 5000.
    #[serde(default = "sequenced_ms")]
    pub sequenced_ms: u64,
    /// Longest time between two looks for records of other replicas, in milliseconds; default 20.
    #[serde(default = "poll_ms")]
    pub poll_ms: u64,
}

fn connections() -> usize {
    12
}

fn sequenced_ms() -> u64 {
    5_000
}

fn poll_ms() -> u64 {
    20
}

impl PostgresConfig {
    /// Settings for a database, all else as by default.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password_file: None,
            ca_file: None,
            dev_plaintext: false,
            connections: connections(),
            sequenced_ms: sequenced_ms(),
            poll_ms: poll_ms(),
        }
    }

    /// Checks the settings and reads the files that they name.
    ///
    /// # Errors
    /// A URL that is none or holds a password, TCP without a CA, a file that cannot be read.
    pub fn read(&self) -> Result<PostgresSettings, PostgresError> {
        let bad = |key, problem: String| PostgresError::Setting { key, problem };
        let url = |problem: &str| bad("url", problem.to_owned());
        let mut driver = tokio_postgres::Config::from_str(&self.url)
            .map_err(|e| url(&format!("is not a PostgreSQL URL: {e}")))?;
        if driver.get_password().is_some() {
            return Err(url(
                "must not hold a password: name its file in `password_file`",
            ));
        }
        if driver.get_hosts().is_empty() || driver.get_dbname().is_none() {
            return Err(url(
                "must name a host and a database, as in `postgres://role@host:5432/database`",
            ));
        }
        if driver.get_user().is_none() {
            return Err(url(
                "must name a role, as in `postgres://role@host:5432/database`",
            ));
        }
        if self.connections < 4 {
            return Err(bad("connections", "must be at least 4".to_owned()));
        }
        let tcp = driver
            .get_hosts()
            .iter()
            .any(|host| matches!(host, Host::Tcp(_)));
        let roots = match &self.ca_file {
            Some(path) => Some(roots(path).map_err(|e| bad("ca_file", e))?),
            None => None,
        };
        if tcp && roots.is_none() && !self.dev_plaintext {
            let text = "must be set for a server that is reached over TCP";
            return Err(bad("ca_file", text.to_owned()));
        }
        if let Some(path) = &self.password_file {
            let password = std::fs::read_to_string(path)
                .map_err(|e| bad("password_file", format!("`{}`: {e}", path.display())))?;
            driver.password(password.trim_end_matches(['\r', '\n']));
        }
        driver
            .ssl_mode(if roots.is_some() {
                SslMode::Require
            } else {
                SslMode::Disable
            })
            .target_session_attrs(tokio_postgres::config::TargetSessionAttrs::ReadWrite)
            .application_name("concord audit")
            .connect_timeout(Duration::from_secs(5))
            .tcp_user_timeout(Duration::from_secs(10))
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            // INVARIANT: COMMIT returns only when the write-ahead log has been flushed to disk.
            .options(
                "-c synchronous_commit=on -c search_path=concord -c statement_timeout=120s \
                 -c idle_in_transaction_session_timeout=60s -c client_min_messages=warning",
            );
        Ok(PostgresSettings {
            place: place(&driver),
            driver,
            roots,
            connections: self.connections,
        })
    }
}

/// Checked settings.
#[derive(Clone)]
pub struct PostgresSettings {
    pub(super) place: String,
    pub(super) driver: tokio_postgres::Config,
    pub(super) roots: Option<RootCertStore>,
    pub(super) connections: usize,
}

impl std::fmt::Debug for PostgresSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PostgresSettings")
            .field(&self.place)
            .finish()
    }
}

impl PostgresSettings {
    /// Server and database, for messages.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// How TLS is spoken; without roots it is never asked for.
    pub(super) fn tls(&self) -> Result<ClientConfig, rustls::Error> {
        let roots = self.roots.clone().unwrap_or_else(RootCertStore::empty);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let config = builder.with_safe_default_protocol_versions()?;
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }
}

fn place(driver: &tokio_postgres::Config) -> String {
    let hosts = driver.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts: Vec<String> = hosts.collect();
    format!(
        "{}/{}",
        hosts.join(","),
        driver.get_dbname().unwrap_or_default()
    )
}

fn roots(path: &Path) -> Result<RootCertStore, String> {
    let failed = |e: &dyn std::fmt::Display| format!("`{}`: {e}", path.display());
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(path).map_err(|e| failed(&e))?;
    for certificate in found {
        let certificate = certificate.map_err(|e| failed(&e))?;
        roots.add(certificate).map_err(|e| failed(&e))?;
    }
    match roots.is_empty() {
        true => Err(failed(&"holds no certificate")),
        false => Ok(roots),
    }
}
