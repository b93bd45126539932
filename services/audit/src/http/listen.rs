//! Connections of the HTTP listener: limit, TLS with a certificate that is read again when its file
//! changes, HTTP/1.1, drain.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{HttpConfig, HttpTlsConfig, Site};

/// For the handshake, and for the head of a request.
const PATIENCE: Duration = Duration::from_secs(5);
/// For requests in flight when the listener closes.
const DRAIN: Duration = Duration::from_secs(5);

/// The listener could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address.
    #[error("http.listen: cannot listen on {addr}: {problem}")]
    Bind {
        /// The address.
        addr: SocketAddr,
        /// The operating system's reason.
        problem: io::Error,
    },
    /// Certificate or key.
    #[error("http.tls: `{path}` cannot be used: {problem}")]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// A listener with its address bound, not serving yet.
#[derive(Debug)]
pub(crate) struct BoundHttp {
    pub addr: SocketAddr,
    listener: TcpListener,
    tls: Option<Certificate>,
    connections: usize,
    life: Duration,
}

/// The certificate in use and when its files were last changed.
#[derive(Debug)]
struct Certificate {
    config: HttpTlsConfig,
    changed: [Option<SystemTime>; 2],
    server: Arc<ServerConfig>,
}

impl Certificate {
    fn load(config: &HttpTlsConfig) -> Result<Self, ListenError> {
        let bad = |path: &Path, problem: String| ListenError::Tls {
            path: path.to_owned(),
            problem,
        };
        let changed = changed(config);
        let chain = CertificateDer::pem_file_iter(&config.cert)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|e| bad(&config.cert, e.to_string()))?;
        let key = PrivateKeyDer::from_pem_file(&config.key)
            .map_err(|e| bad(&config.key, e.to_string()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|e| bad(&config.cert, e.to_string()))?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: config.clone(),
            changed,
            server: Arc::new(server),
        })
    }

    /// Reads the files again if they have changed; what cannot be used leaves the old in use.
    fn refresh(&mut self) {
        let changed = changed(&self.config);
        if changed == self.changed {
            return;
        }
        match Self::load(&self.config) {
            Ok(newer) => *self = newer,
            Err(error) => {
                tracing::error!(%error, "the new certificate is refused, the old stays in use");
                self.changed = changed;
            }
        }
    }
}

fn changed(config: &HttpTlsConfig) -> [Option<SystemTime>; 2] {
    [&config.cert, &config.key].map(|path| {
        let metadata = std::fs::metadata(path);
        metadata.and_then(|metadata| metadata.modified()).ok()
    })
}

impl BoundHttp {
    /// Reads the certificate and binds the address.
    pub async fn bind(config: &HttpConfig) -> Result<Self, ListenError> {
        let tls = config.tls.as_ref().map(Certificate::load).transpose()?;
        let failed = |problem| ListenError::Bind {
            addr: config.listen,
            problem,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        Ok(Self {
            addr,
            listener,
            tls,
            connections: config.connections.clamp(1, Semaphore::MAX_PERMITS),
            life: Duration::from_secs(config.connection_seconds.max(1)),
        })
    }

    /// Serves until `stop`, then lets requests in flight end.
    pub async fn serve(mut self, site: Arc<Site>, stop: CancellationToken) {
        tracing::info!(addr = %self.addr, tls = self.tls.is_some(), "serving the log over HTTP");
        let places = Arc::new(Semaphore::new(self.connections));
        let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
        loop {
            let next = async {
                let place = places.clone().acquire_owned().await;
                (place, self.listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = stop.cancelled() => break,
                next = next => next,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::error!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let tls = self.tls.as_mut().map(|tls| {
                tls.refresh();
                TlsAcceptor::from(tls.server.clone())
            });
            let (site, stop, cut) = (site.clone(), stop.clone(), cut.clone());
            let life = self.life;
            tasks.spawn(async move {
                tokio::select! {
                    () = connection(stream, tls, site, stop) => {}
                    () = cut.cancelled() => {}
                    // Also one that trickles, or never reads its answers.
                    () = tokio::time::sleep(life) => tracing::debug!("a connection was cut off"),
                }
                drop(place);
            });
        }
        drop(self.listener);
        tasks.close();
        if tokio::time::timeout(DRAIN, tasks.wait()).await.is_err() {
            cut.cancel();
            tasks.wait().await;
        }
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    site: Arc<Site>,
    stop: CancellationToken,
) {
    let _ = stream.set_nodelay(true); // small answers must not wait for more
    let Some(tls) = tls else {
        return http(stream, site, stop).await;
    };
    match tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
        Ok(Ok(stream)) => http(stream, site, stop).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn http<S>(stream: S, site: Arc<Site>, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let site = site.clone();
        async move { Ok::<_, std::convert::Infallible>(site.handle(request.map(Body::new)).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended with an error");
    }
}
