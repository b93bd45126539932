//! How the logs of two deployments in this process witness each other.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use concord_kit::dev_ca::DevCert;

use super::jurisdiction::settings;
use super::{Folders, Jurisdiction, Options};

/// What the log of one deployment needs in order to witness that of the other and to be witnessed.
#[derive(Debug)]
pub(super) struct Meeting {
    /// Where our log is served over HTTP, then the counterpart's.
    http: [SocketAddr; 2],
    /// The counterpart's keys: its log's, then its witness's.
    theirs: [String; 2],
}

impl Meeting {
    pub(super) fn new(http: [SocketAddr; 2], theirs: &[String; 2]) -> Self {
        Self {
            http,
            theirs: theirs.clone(),
        }
    }

    /// The verifier keys of a deployment's log and witness, made if there are none.
    pub(super) fn keys(j: Jurisdiction, options: &Options) -> Result<[String; 2]> {
        let mut config: concord_audit::Config = settings(j, "audit")?;
        config.data_dir = Folders::of(&options.data_dir, j).log();
        (config.key_file, config.witness) = (None, Some(Self::cosigner(j)));
        config
            .own_keys()
            .with_context(|| format!("keys of the log {}", j.code()))
    }

    fn cosigner(j: Jurisdiction) -> concord_audit::CosignerConfig {
        concord_audit::CosignerConfig {
            name: format!("{}/witness", j.trust_domain()),
            key_file: None,
            mldsa_key_file: None,
        }
    }

    /// Puts it into the settings of a deployment's log.
    pub(super) fn settle(
        &self,
        j: Jurisdiction,
        c: &mut concord_audit::Config,
        own: &DevCert,
        ca: PathBuf,
    ) {
        let [log, witness] = self.theirs.clone();
        c.http = Some(concord_audit::http::HttpConfig {
            listen: self.http[0],
            tls: Some(concord_audit::http::HttpTlsConfig {
                cert: own.cert.clone(),
                key: own.key.clone(),
            }),
            connections: 64,
            connection_seconds: 60,
        });
        c.witness = Some(Self::cosigner(j));
        let counterpart = concord_audit::CounterpartConfig {
            origin: format!("{}/audit", j.other().trust_domain()),
            vkey: log,
            more_vkeys: Vec::new(),
        };
        c.counterparts
            .insert(j.other().agency().to_owned(), counterpart);
        c.witnessing = Some(concord_audit::witnessing::WitnessingConfig {
            quorum: 1,
            witnesses: vec![concord_audit::witnessing::WitnessConfig {
                url: format!("https://localhost:{}/witness", self.http[1].port()),
                vkeys: vec![witness],
                ca_file: Some(ca),
            }],
            interval_ms: 100,
            timeout_ms: 2_000,
            wait_ms: 5_000,
        });
    }
}
