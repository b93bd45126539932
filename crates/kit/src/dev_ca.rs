//! Certificate authorities for development and tests. Their keys lie readable in a folder:
//! nothing that matters may trust them.

use crate::{
    config::TlsConfig,
    spiffe::{SpiffeError, SpiffeId},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
};
use time::{Duration, OffsetDateTime};

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DevCaError {
    /// Making or signing failed.
    #[error("development certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    /// The identity is not one.
    #[error(transparent)]
    Identity(#[from] SpiffeError),
    /// A file could not be written.
    #[error("`{path}` cannot be written: {problem}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        problem: std::io::Error,
    },
}

/// The CA of one trust domain, alive only in this process; its certificate is in the folder.
pub struct DevCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
    trust_domain: String,
    dir: PathBuf,
}

/// The files of one identity.
#[derive(Clone, Debug)]
pub struct DevCert {
    /// The identity in the certificate.
    pub id: SpiffeId,
    /// PEM certificate.
    pub cert: PathBuf,
    /// PEM private key.
    pub key: PathBuf,
}

impl DevCa {
    /// Makes a CA for the trust domain and writes its certificate to `<dir>/<trust domain>-ca.pem`.
    /// Each call makes another CA, so earlier certificates of the folder become worthless.
    pub fn create(dir: &Path, trust_domain: &str) -> Result<Self, DevCaError> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name = name(&format!("development CA of {trust_domain}"));
        (params.not_before, params.not_after) = period(-Duration::hours(1), Duration::days(365));
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        std::fs::create_dir_all(dir).map_err(|problem| DevCaError::Write {
            path: dir.to_owned(),
            problem,
        })?;
        let ca = Self {
            issuer,
            trust_domain: trust_domain.to_owned(),
            dir: dir.to_owned(),
        };
        write(&ca.bundle(), &ca.issuer.pem(), false)?;
        Ok(ca)
    }

    /// The file with the CA's certificate.
    pub fn bundle(&self) -> PathBuf {
        self.dir.join(format!("{}-ca.pem", self.trust_domain))
    }

    /// The trust domain that this CA is meant for.
    pub fn trust_domain(&self) -> &str {
        &self.trust_domain
    }

    /// Issues `spiffe://<trust domain>/agency/<agency>/<service>` for 30 days.
    pub fn issue(&self, agency: &str, service: &str) -> Result<DevCert, DevCaError> {
        let id = SpiffeId::new(&self.trust_domain, agency, service)?;
        let (from, until) = (-Duration::hours(1), Duration::days(30));
        self.issue_for(&id, &format!("{agency}-{service}"), from, until)
    }

    /// Issues any identity, also one of a foreign trust domain, for a period relative to now;
    /// writes `<dir>/<trust domain>-<stem>.pem` and `….key`. For tests of what must be refused.
    pub fn issue_for(
        &self,
        id: &SpiffeId,
        stem: &str,
        from: Duration,
        until: Duration,
    ) -> Result<DevCert, DevCaError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name(id.service());
        // One URI, which is who it is; the rest is for peers that also look at the host name.
        params.subject_alt_names = vec![
            SanType::URI(id.to_string().as_str().try_into()?),
            SanType::DnsName("localhost".try_into()?),
            SanType::IpAddress(Ipv4Addr::LOCALHOST.into()),
            SanType::IpAddress(Ipv6Addr::LOCALHOST.into()),
        ];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        (params.not_before, params.not_after) = period(from, until);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let stem = format!("{}-{stem}", self.trust_domain);
        let cert = self.dir.join(format!("{stem}.pem"));
        let key_path = self.dir.join(format!("{stem}.key"));
        // The key first: a reader that sees the new certificate then finds its key.
        write(&key_path, &key.serialize_pem(), true)?;
        write(&cert, &certificate.pem(), false)?;
        Ok(DevCert {
            id: id.clone(),
            cert,
            key: key_path,
        })
    }
}

impl std::fmt::Debug for DevCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevCa")
            .field("trust_domain", &self.trust_domain)
            .finish_non_exhaustive()
    }
}

impl DevCert {
    /// Settings with this certificate, trusting those CAs, each for its own trust domain.
    pub fn tls<'a>(&self, trusted: impl IntoIterator<Item = &'a DevCa>) -> TlsConfig {
        let bundles: BTreeMap<_, _> = trusted
            .into_iter()
            .map(|ca| (ca.trust_domain.clone(), ca.bundle()))
            .collect();
        TlsConfig::new(self.cert.clone(), self.key.clone(), bundles)
    }
}

fn name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

fn period(from: Duration, until: Duration) -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now + from, now + until)
}

/// Writes beside the file and renames, so that a reader never sees half of it.
fn write(path: &Path, text: &str, secret: bool) -> Result<(), DevCaError> {
    let work = || {
        let fresh = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        if secret {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        std::io::Write::write_all(&mut options.open(&fresh)?, text.as_bytes())?;
        std::fs::rename(&fresh, path)
    };
    work().map_err(|problem| DevCaError::Write {
        path: path.to_owned(),
        problem,
    })
}
