//! Accepting connections: limit, handshake, identity, HTTP/2, age, drain.

use super::call::Calls;
use crate::{
    config::{ServerConfig, ms},
    peer::PeerIdentity,
    spiffe::SpiffeId,
    status::chain,
    telemetry::Telemetry,
    tls::Tls,
};
use hyper::{body::Incoming, server::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How a connection gets its identity.
pub(super) enum Identify {
    /// From its certificate.
    Tls(Arc<Tls>),
    /// Plaintext on loopback: everyone is this one.
    Dev(SpiffeId),
}

/// One listener's connections.
pub(super) struct Connections(Arc<Shared>);

struct Shared {
    calls: Calls,
    identify: Identify,
    config: ServerConfig,
    telemetry: Telemetry,
    http: http2::Builder<TokioExecutor>,
}

impl Connections {
    pub fn new(
        calls: Calls,
        identify: Identify,
        config: ServerConfig,
        telemetry: Telemetry,
    ) -> Self {
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .keep_alive_interval(ms(config.keepalive_interval_ms))
            .keep_alive_timeout(ms(config.keepalive_timeout_ms))
            .max_concurrent_streams(config.limits.streams_per_connection)
            .max_header_list_size(32 * 1024);
        Self(Arc::new(Shared {
            calls,
            identify,
            config,
            telemetry,
            http,
        }))
    }

    /// Accepts until `close`, then drains; returns how many connections had to be cut.
    pub async fn run(self, listener: TcpListener, close: CancellationToken) -> usize {
        let tasks = TaskTracker::new();
        let cut = CancellationToken::new();
        let places = Arc::new(Semaphore::new(
            self.0
                .config
                .limits
                .connections
                .clamp(1, Semaphore::MAX_PERMITS),
        ));
        let accepting = async {
            loop {
                let Ok(place) = places.clone().acquire_owned().await else {
                    return;
                };
                match listener.accept().await {
                    Ok((stream, from)) => {
                        let (shared, close, cut) = (self.0.clone(), close.clone(), cut.clone());
                        tasks.spawn(async move {
                            tokio::select! {
                                () = shared.connection(stream, from, close) => {}
                                () = cut.cancelled() => {}
                            }
                            drop(place);
                        });
                    }
                    Err(error) => {
                        // Out of descriptors, most likely: wait for some to come back.
                        tracing::error!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            () = close.cancelled() => {}
        }
        drop(listener);
        tasks.close();
        let limit = ms(self.0.config.drain_timeout_ms);
        if tokio::time::timeout(limit, tasks.wait()).await.is_ok() {
            return 0;
        }
        let open = tasks.len();
        cut.cancel();
        tasks.wait().await;
        open
    }
}

impl Shared {
    async fn connection(&self, stream: TcpStream, from: SocketAddr, close: CancellationToken) {
        // Small replies must not wait for more (Nagle).
        let _ = stream.set_nodelay(true);
        match &self.identify {
            Identify::Dev(id) => {
                self.http(stream, PeerIdentity::new(id.clone()), close)
                    .await;
            }
            Identify::Tls(tls) => {
                let limit = ms(self.config.limits.handshake_ms);
                let handshake = tokio::time::timeout(limit, tls.accept(stream));
                let problem = tokio::select! {
                    biased;
                    () = close.cancelled() => return,
                    result = handshake => match result {
                        Ok(Ok((stream, id))) => {
                            return self.http(stream, PeerIdentity::new(id), close).await;
                        }
                        Ok(Err(error)) => chain(&error),
                        Err(_) => "the TLS handshake took too long".to_owned(),
                    },
                };
                self.telemetry.instruments().connections_refused.add(1, &[]);
                let service = self.telemetry.service();
                tracing::warn!(service, %from, problem, "connection refused");
            }
        }
    }

    async fn http<S>(&self, stream: S, peer: PeerIdentity, close: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let calls = self.calls.clone();
        let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
            calls.answer(&peer, request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let age = tokio::time::sleep(ms(self.config.max_connection_age_ms));
        let mut draining = false;
        tokio::select! {
            result = &mut connection => return log_end(result),
            () = age => {}
            () = close.cancelled() => draining = true,
        }
        connection.as_mut().graceful_shutdown();
        if draining {
            // The drain limit cuts us, if need be.
            return log_end(connection.await);
        }
        let grace = tokio::time::sleep(ms(self.config.max_connection_age_grace_ms));
        tokio::select! {
            result = &mut connection => log_end(result),
            () = grace => tracing::debug!("connection cut, past its age and grace"),
        }
    }
}

fn log_end(result: hyper::Result<()>) {
    if let Err(error) = result {
        // Callers that vanish are everyday.
        tracing::debug!(error = %chain(&error), "connection ended with an error");
    }
}
