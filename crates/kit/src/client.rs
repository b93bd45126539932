//! Channels to other services: trace, deadline, retry of what was never sent, TLS with an expected
//! identity. They connect when first used, so services start in any order.

mod connect;
mod replay;

use crate::{
    config::{ClientConfig, ConfigError, ms},
    deadline, status,
    telemetry::Telemetry,
    tls::Tls,
    trace::ClientCall,
};
use connect::Connector;
use futures_util::future::BoxFuture;
use http::{Request, Response, Uri};
use replay::Replay;
use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tonic::{Code, Status, body::Body, transport::Endpoint};
use tower::{Service, ServiceExt};

/// How often a call that the peer has not seen is sent again.
const RETRIES: usize = 2;

/// A channel for generated clients: `EchoClient::new(channel.clone())`. Cloning is cheap.
#[derive(Clone)]
pub struct Channel {
    inner: tonic::transport::Channel,
    telemetry: Telemetry,
    deadline: Duration,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}

impl Channel {
    /// Checks the settings and prepares a channel; nothing is connected yet. Must be called
    /// inside a Tokio runtime.
    pub fn new(config: &ClientConfig, telemetry: Telemetry) -> Result<Self, ConfigError> {
        let tls = config.tls.as_ref().map(Tls::load).transpose()?;
        Self::with_tls(config, tls, telemetry)
    }

    /// Like [`Self::new`], sharing an identity that is already loaded with other channels.
    pub fn with_tls(
        config: &ClientConfig,
        tls: Option<Arc<Tls>>,
        telemetry: Telemetry,
    ) -> Result<Self, ConfigError> {
        let bad =
            |problem: &str| ConfigError::invalid("uri", format!("`{}` {problem}", config.uri));
        let uri: Uri = config.uri.parse().map_err(|_| bad("is not a URI"))?;
        let host = uri
            .host()
            .ok_or_else(|| bad("has no host; expected `https://host:port`"))?;
        let connector = match (uri.scheme_str(), tls) {
            (Some("https"), Some(tls)) => {
                if config.server_identity.is_empty() {
                    let text = "is empty: name the identities that the server may have";
                    return Err(ConfigError::invalid("server_identity", text));
                }
                Connector::tls(tls, host, config.server_identity.clone())
                    .map_err(|_| bad("has no valid host name"))?
            }
            (Some("https"), None) => {
                let text = format!("is required for `{}`", config.uri);
                return Err(ConfigError::invalid("tls", text));
            }
            (Some("http"), None) => Connector::plaintext(host)
                .ok_or_else(|| bad("is plaintext, which is used only to a loopback host"))?,
            (Some("http"), Some(_)) => {
                return Err(bad("is plaintext although TLS is configured; use `https`"));
            }
            _ => return Err(bad("has another scheme; expected `https://host:port`")),
        };
        // The transport must not add TLS of its own: our connector does it.
        let port = uri.port_u16().unwrap_or(443);
        let plain = format!("http://{}:{port}", uri.host().unwrap_or_default());
        let endpoint = Endpoint::from_shared(plain)
            .map_err(|_| bad("cannot be connected to"))?
            .origin(uri)
            .tcp_nodelay(true)
            .connect_timeout(ms(config.connect_timeout_ms))
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10));
        Ok(Self {
            inner: endpoint.connect_with_connector_lazy(connector),
            telemetry,
            deadline: ms(config.deadline_ms),
        })
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        // Readiness is awaited inside the call, where the deadline counts.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let mut call = ClientCall::start(&self.telemetry, &path, request.headers_mut());
        let deadline = match deadline::pass_on(request.headers_mut(), self.deadline) {
            Ok(deadline) => deadline,
            Err(status) => {
                call.fail(status.code());
                return Box::pin(async move { Err(*status) });
            }
        };
        let inner = self.inner.clone();
        Box::pin(async move {
            let sent = tokio::time::timeout_at(deadline.instant().into(), send(inner, request));
            match sent.await {
                Ok(Ok(response)) => Ok(call.watch(response)),
                Ok(Err(status)) => {
                    call.fail(status.code());
                    Err(status)
                }
                Err(_) => {
                    call.fail(Code::DeadlineExceeded);
                    let text = "the deadline passed while waiting for the reply";
                    Err(status::deadline_exceeded(text))
                }
            }
        })
    }
}

/// Sends, and sends again when the connection went away before the peer saw the call.
async fn send(
    inner: tonic::transport::Channel,
    request: Request<Body>,
) -> Result<Response<Body>, Status> {
    let (parts, body) = request.into_parts();
    let body = Replay::new(body);
    let mut tries = 0;
    loop {
        // By hand: the builder of http would lose the extensions.
        let mut request = Request::new(Body::new(body.player()));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = parts.headers.clone();
        *request.version_mut() = parts.version;
        *request.extensions_mut() = parts.extensions.clone();
        let error = match inner.clone().oneshot(request).await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        if tries < RETRIES && unseen(&error) && body.rewind() {
            tries += 1;
            tracing::debug!(
                tries,
                "connection closed before the call was sent, sending again"
            );
            continue;
        }
        return Err(status::from_transport(Box::new(error)));
    }
}

/// Whether the error is ours and says that the peer has not processed the call: the connection
/// closed before it was sent, the peer was going away, or it refused the stream (RFC 9113 8.7).
/// A CANCELLED that the peer sent is a response, and never comes here.
fn unseen(error: &tonic::transport::Error) -> bool {
    if status::find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled) {
        return true;
    }
    status::find::<h2::Error>(error).is_some_and(|error| {
        error.reason() == Some(h2::Reason::REFUSED_STREAM)
            || (error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR))
    })
}
