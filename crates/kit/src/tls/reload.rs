//! The current material, and the task that keeps it current.

use super::material::{Files, Material, identity, unix_seconds};
use crate::{
    config::{ConfigError, TlsConfig, ms},
    spiffe::{IdentityPattern, SpiffeId},
};
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls_pki_types::ServerName;
use std::{
    fmt, io,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};
use tokio::{io::AsyncRead, io::AsyncWrite, net::TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// A certificate that lives shorter than this is complained about, in seconds.
const EXPIRES_SOON: i64 = 24 * 3600;

/// One identity with its trust bundles, always as they are on disk. Connections that are open
/// keep what they were opened with; new ones use what is newest.
pub struct Tls {
    config: TlsConfig,
    current: ArcSwap<Material>,
    complained: AtomicBool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads and checks the files, and watches them while the result lives. Must be called inside
    /// a Tokio runtime.
    pub fn load(config: &TlsConfig) -> Result<Arc<Self>, ConfigError> {
        let material = Material::new(config, Files::read(config)?, SystemTime::now())?;
        let tls = Arc::new(Self {
            config: config.clone(),
            current: ArcSwap::from_pointee(material),
            complained: AtomicBool::new(false),
        });
        tokio::spawn(watch(
            Arc::downgrade(&tls),
            config.reload_interval_ms.max(50),
        ));
        Ok(tls)
    }

    /// Reads and checks the files, and forgets them: for checking a configuration.
    pub fn check(config: &TlsConfig) -> Result<SpiffeId, ConfigError> {
        Ok(Material::new(config, Files::read(config)?, SystemTime::now())?.id)
    }

    /// Our identity.
    pub fn id(&self) -> SpiffeId {
        self.current.load().id.clone()
    }

    /// Reads the files again if they have changed; says whether they had. What is in use stays
    /// in use when the new files are not usable.
    pub fn reload(&self) -> Result<bool, ConfigError> {
        let files = Files::read(&self.config)?;
        let current = self.current.load();
        if files.fingerprint() == current.fingerprint {
            return Ok(false);
        }
        let material = Material::new(&self.config, files, SystemTime::now())?;
        tracing::info!(identity = %material.id, "certificate or trust bundles reloaded");
        self.current.store(Arc::new(material));
        self.complained.store(false, Ordering::Relaxed);
        Ok(true)
    }

    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(server::TlsStream<TcpStream>, SpiffeId)> {
        let config: Arc<ServerConfig> = self.current.load().server.clone();
        let stream = TlsAcceptor::from(config).accept(stream).await?;
        let certificate = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(<[_]>::first);
        let certificate =
            certificate.ok_or_else(|| io::Error::other("the caller showed no certificate"))?;
        let id = identity(certificate).map_err(io::Error::other)?;
        Ok((stream, id))
    }

    pub(crate) async fn connect<S>(
        &self,
        stream: S,
        host: ServerName<'static>,
        expected: &[IdentityPattern],
    ) -> io::Result<client::TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = self
            .current
            .load()
            .client(expected)
            .map_err(io::Error::other)?;
        TlsConnector::from(Arc::new(config))
            .connect(host, stream)
            .await
    }

    /// Complains once, when our certificate is about to expire or has expired.
    fn check_expiry(&self) {
        let current = self.current.load();
        let left = current.not_after - unix_seconds(SystemTime::now());
        if left > EXPIRES_SOON || self.complained.swap(true, Ordering::Relaxed) {
            return;
        }
        let (identity, path) = (&current.id, self.config.cert.display());
        tracing::error!(%identity, %path, seconds_left = left, "our certificate expires: replace the file");
    }
}

async fn watch(tls: Weak<Tls>, interval_ms: u64) {
    let mut last_error = String::new();
    loop {
        tokio::time::sleep(ms(interval_ms)).await;
        let Some(tls) = tls.upgrade() else { return };
        let outcome = tokio::task::spawn_blocking(move || {
            let outcome = tls.reload();
            tls.check_expiry();
            outcome
        });
        match outcome.await {
            Ok(Ok(_)) => last_error.clear(),
            Ok(Err(error)) => {
                // A file half written is normal; the same complaint twice is noise.
                let error = error.to_string();
                if error != last_error {
                    tracing::error!(%error, "new certificate or bundles refused, the old stay in use");
                    last_error = error;
                }
            }
            Err(_) => return,
        }
    }
}
