//! Connecting: TCP, then TLS to an expected identity.

use crate::{spiffe::IdentityPattern, status::chain, tls::Tls};
use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls_pki_types::{InvalidDnsNameError, ServerName};
use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tower::Service;

/// Opens connections for a channel.
#[derive(Clone)]
pub(super) struct Connector(Option<Arc<Secure>>);

struct Secure {
    tls: Arc<Tls>,
    host: ServerName<'static>,
    expected: Vec<IdentityPattern>,
}

impl Connector {
    pub fn tls(
        tls: Arc<Tls>,
        host: &str,
        expected: Vec<IdentityPattern>,
    ) -> Result<Self, InvalidDnsNameError> {
        let host = ServerName::try_from(unbracketed(host))?.to_owned();
        Ok(Self(Some(Arc::new(Secure {
            tls,
            host,
            expected,
        }))))
    }

    /// Plaintext, to a loopback host only.
    pub fn plaintext(host: &str) -> Option<Self> {
        let loopback = host == "localhost"
            || unbracketed(host)
                .parse::<IpAddr>()
                .is_ok_and(|ip| ip.is_loopback());
        loopback.then_some(Self(None))
    }
}

fn unbracketed(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<TokioIo<Stream>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let secure = self.0.clone();
        Box::pin(async move {
            let host = unbracketed(uri.host().unwrap_or_default());
            let port = uri.port_u16().unwrap_or(443);
            let tcp = TcpStream::connect((host, port)).await?;
            tcp.set_nodelay(true)?;
            let Some(secure) = secure else {
                return Ok(TokioIo::new(Stream::Plain(tcp)));
            };
            match secure
                .tls
                .connect(tcp, secure.host.clone(), &secure.expected)
                .await
            {
                Ok(stream) => Ok(TokioIo::new(Stream::Tls(Box::new(stream)))),
                Err(error) => {
                    tracing::warn!(%uri, problem = chain(&error), "TLS connection failed");
                    Err(error)
                }
            }
        })
    }
}

/// A connection to another service.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
