//! One HTTP/1.1 request to a witness.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::header::HOST;
use http::{Method, Request, StatusCode, Uri};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The longest answer read: a checkpoint with its signatures.
const MAX_ANSWER_BYTES: usize = concord_tlog::note::MAX_NOTE_BYTES;

/// Where a witness is.
#[derive(Clone)]
pub(super) struct Address {
    host: String,
    port: u16,
    prefix: String,
    tls: Option<Arc<ClientConfig>>,
}

impl Address {
    /// Reads `http://host:port/prefix` or `https://…` with the CA certificates that may vouch for it.
    pub fn parse(url: &str, ca_file: Option<&PathBuf>) -> Result<Self, String> {
        let wrong = || format!("`{url}` is not `https://host:port/prefix` or `http://…`");
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let host = uri.host().ok_or_else(wrong)?.to_owned();
        let (tls, port) = match (uri.scheme_str(), ca_file) {
            (Some("https"), Some(path)) => (Some(trust(path)?), 443),
            (Some("https"), None) => return Err("`ca_file` is required for `https`".to_owned()),
            (Some("http"), None) => (None, 80),
            (Some("http"), Some(_)) => return Err("`ca_file` has no use for `http`".to_owned()),
            _ => return Err(wrong()),
        };
        Ok(Self {
            host,
            port: uri.port_u16().unwrap_or(port),
            prefix: uri.path().trim_end_matches('/').to_owned(),
            tls,
        })
    }

    /// Sends a request and reads the whole answer.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<(StatusCode, String), String> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|e| format!("cannot be reached: {e}"))?;
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.send(stream, method, path, body).await;
        };
        let name = ServerName::try_from(self.host.clone()).map_err(|e| e.to_string())?;
        let stream = TlsConnector::from(tls.clone()).connect(name, stream).await;
        let stream = stream.map_err(|e| format!("TLS: {e}"))?;
        self.send(stream, method, path, body).await
    }

    async fn send<S>(
        &self,
        stream: S,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<(StatusCode, String), String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.prefix))
            .header(HOST, format!("{}:{}", self.host, self.port))
            .body(Body::from(body))
            .map_err(|e| e.to_string())?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| e.to_string())?;
        let exchange = async {
            let response = sender
                .send_request(request)
                .await
                .map_err(|e| e.to_string())?;
            let status = response.status();
            let body = to_bytes(Body::new(response.into_body()), MAX_ANSWER_BYTES).await;
            let body = body.map_err(|e| e.to_string())?;
            let text = String::from_utf8(body.to_vec());
            Ok((
                status,
                text.map_err(|_| "the answer is not UTF-8".to_owned())?,
            ))
        };
        let mut connection = std::pin::pin!(connection);
        let mut exchange = std::pin::pin!(exchange);
        tokio::select! {
            answer = &mut exchange => return answer,
            _ = &mut connection => {}
        }
        // The connection has ended; what it delivered is still there.
        exchange.await
    }
}

fn trust(path: &Path) -> Result<Arc<ClientConfig>, String> {
    let bad = |e: String| format!("`{}` cannot be used: {e}", path.display());
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| bad(e.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|e| bad(e.to_string()))?;
        roots.add(certificate).map_err(|e| bad(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(bad("it holds no certificate".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| bad(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
