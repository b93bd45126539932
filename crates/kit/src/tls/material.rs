//! Certificate, key and bundles as they are on disk at one moment.

use super::{provider, verify::TrustBundles};
use crate::{
    config::{ConfigError, TlsConfig},
    spiffe::{IdentityPattern, SpiffeId},
};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    server::{NoServerSessionStorage, WebPkiClientVerifier},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, path::Path, sync::Arc, time::SystemTime};
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

const ALPN: &[u8] = b"h2";

/// Everything that TLS needs, read and checked together.
pub(super) struct Material {
    pub id: SpiffeId,
    /// Unix seconds.
    pub not_after: i64,
    pub fingerprint: [u8; 32],
    pub server: Arc<ServerConfig>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    bundles: Arc<TrustBundles>,
}

/// The files' contents, so that a change between two reads is seen.
pub(super) struct Files {
    cert: Vec<u8>,
    key: Vec<u8>,
    bundles: Vec<(String, Vec<u8>)>,
}

impl Files {
    pub fn read(config: &TlsConfig) -> Result<Self, ConfigError> {
        let bundles = config.bundles.iter();
        Ok(Self {
            cert: read("tls.cert", &config.cert)?,
            key: read("tls.key", &config.key)?,
            bundles: bundles
                .map(|(td, path)| Ok((td.clone(), read(&format!("tls.bundles.{td}"), path)?)))
                .collect::<Result<_, ConfigError>>()?,
        })
    }

    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [&self.cert, &self.key]
            .into_iter()
            .chain(self.bundles.iter().map(|b| &b.1))
        {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

impl Material {
    /// Checks the files and prepares TLS from them. An expired certificate is an error here,
    /// rather than a mystery at our peers.
    pub fn new(config: &TlsConfig, files: Files, now: SystemTime) -> Result<Self, ConfigError> {
        let fingerprint = files.fingerprint();
        let bad_cert = |problem: String| {
            ConfigError::invalid(
                "tls.cert",
                format!("`{}`: {problem}", config.cert.display()),
            )
        };
        let chain = certificates(&files.cert).map_err(bad_cert)?;
        let leaf = chain
            .first()
            .ok_or_else(|| bad_cert("holds no certificate".to_owned()))?;
        let id = identity(leaf).map_err(bad_cert)?;
        let (_, parsed) =
            X509Certificate::from_der(leaf).map_err(|e| bad_cert(format!("is no X.509: {e}")))?;
        let validity = parsed.validity();
        let now = unix_seconds(now);
        let (from, until) = (validity.not_before, validity.not_after);
        if now > until.timestamp() {
            return Err(bad_cert(format!(
                "expired on {until}; issue a new certificate"
            )));
        }
        if now < from.timestamp() {
            return Err(bad_cert(format!(
                "is not valid before {from}; check the clock"
            )));
        }
        let not_after = until.timestamp();
        let key = PrivateKeyDer::from_pem_slice(&files.key).map_err(|e| {
            let path = config.key.display();
            ConfigError::invalid("tls.key", format!("`{path}` holds no PEM private key: {e}"))
        })?;
        let bundles = Arc::new(trust_bundles(config, &files)?);
        let server = server_config(&chain, &key, &bundles).map_err(|e| {
            bad_cert(format!(
                "cannot be used with the key `{}`: {e}",
                config.key.display()
            ))
        })?;
        Ok(Self {
            id,
            not_after,
            fingerprint,
            server: Arc::new(server),
            chain,
            key,
            bundles,
        })
    }

    /// The client's side, for servers with one of those identities.
    pub fn client(&self, expected: &[IdentityPattern]) -> Result<ClientConfig, rustls::Error> {
        let verifier = self.bundles.server_verifier(expected.to_vec());
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())?;
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(config)
    }
}

fn server_config(
    chain: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
    bundles: &Arc<TrustBundles>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(bundles.clone())
        .with_single_cert(chain.to_vec(), key.clone_key())?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

fn trust_bundles(config: &TlsConfig, files: &Files) -> Result<TrustBundles, ConfigError> {
    let mut domains = HashMap::new();
    for (trust_domain, pem) in &files.bundles {
        let bad = |problem: String| {
            let path = config
                .bundles
                .get(trust_domain)
                .map(|p| p.display().to_string());
            let path = path.unwrap_or_default();
            ConfigError::invalid(
                format!("tls.bundles.{trust_domain}"),
                format!("`{path}`: {problem}"),
            )
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(pem).map_err(bad)? {
            roots
                .add(certificate)
                .map_err(|e| bad(format!("is no CA certificate: {e}")))?;
        }
        if roots.is_empty() {
            return Err(bad("holds no certificate".to_owned()));
        }
        let roots = Arc::new(roots);
        let clients = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider())
            .build()
            .map_err(|e| bad(e.to_string()))?;
        domains.insert(trust_domain.clone(), (roots, clients));
    }
    if domains.is_empty() {
        let text = "names no trust domain; expected at least one `trust domain = \"file\"`";
        return Err(ConfigError::invalid("tls.bundles", text));
    }
    Ok(TrustBundles::new(domains))
}

fn read(key: &str, path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path)
        .map_err(|e| ConfigError::invalid(key, format!("`{}` cannot be read: {e}", path.display())))
}

/// The identity that a PEM certificate file shows, without checking the rest of it.
///
/// # Errors
/// An unreadable file, no certificate in it, or not exactly one SPIFFE URI SAN.
pub fn identity_of(path: &Path) -> Result<SpiffeId, ConfigError> {
    let bad = |problem: String| {
        ConfigError::invalid("tls.cert", format!("`{}`: {problem}", path.display()))
    };
    let pem = std::fs::read(path).map_err(|e| bad(e.to_string()))?;
    let chain = certificates(&pem).map_err(bad)?;
    let leaf = chain
        .first()
        .ok_or_else(|| bad("holds no certificate".to_owned()))?;
    identity(leaf).map_err(bad)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|e| format!("is no PEM certificate file: {e}"))
}

/// The identity in a certificate's exactly one URI SAN.
pub(super) fn identity(certificate: &CertificateDer<'_>) -> Result<SpiffeId, String> {
    let (_, parsed) =
        X509Certificate::from_der(certificate).map_err(|e| format!("is no X.509: {e}"))?;
    let names = parsed
        .subject_alternative_name()
        .map_err(|e| format!("has an unreadable subject alternative name: {e}"))?
        .map(|extension| extension.value.general_names.as_slice())
        .unwrap_or_default();
    let mut uris = names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some(*uri),
        _ => None,
    });
    match (uris.next(), uris.next()) {
        (Some(uri), None) => uri
            .parse()
            .map_err(|e: crate::spiffe::SpiffeError| e.to_string()),
        (None, _) => Err("has no URI SAN; expected exactly one".to_owned()),
        (Some(_), Some(_)) => Err("has more than one URI SAN; expected exactly one".to_owned()),
    }
}

pub(super) fn unix_seconds(time: SystemTime) -> i64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
