//! The one bootstrap: a service hands over its router, descriptors, allow lists and readiness, and
//! gets a bound server back. Bind early, serve late: addresses are known before anything is served.
//!
//! A call passes, outermost first: panic guard, trace and metrics, limit and shed, deadline,
//! identity, service.

mod admin;
mod builder;
mod call;
mod connection;

pub use builder::ServerBuilder;
pub use call::OnDenied;

use crate::{
    config::{ConfigError, ServerConfig, ms},
    health::Health,
    telemetry::Telemetry,
    tls::Tls,
};
use call::Calls;
use connection::{Connections, Identify};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Why a server could not be built. The binary prints it and exits 64.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Settings do not go together, or a certificate is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address could not be bound.
    #[error("cannot listen on {addr} ({key}): {problem}")]
    Bind {
        /// The setting that names the address.
        key: &'static str,
        /// The address.
        addr: SocketAddr,
        /// The operating system's reason, with advice where we have some.
        problem: String,
    },
    /// A programming error of the service: a service added twice, descriptors that cannot be read.
    #[error("server `{service}` cannot be built: {problem}")]
    Build {
        /// The server's name.
        service: String,
        /// What is wrong.
        problem: String,
    },
}

/// How draining went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that still had calls in flight when the limit passed, and were cut.
    pub cut: usize,
}

/// A server that listens and does not serve yet.
pub struct BoundServer {
    name: String,
    addr: SocketAddr,
    admin: Option<(SocketAddr, TcpListener)>,
    listener: TcpListener,
    calls: Calls,
    config: ServerConfig,
    tls: Option<Arc<Tls>>,
    health: Health,
    telemetry: Telemetry,
}

/// A server that serves in the background.
#[derive(Debug)]
pub struct RunningServer {
    addr: SocketAddr,
    admin_addr: Option<SocketAddr>,
    health: Health,
    stop: CancellationToken,
    task: JoinHandle<Drained>,
}

impl std::fmt::Debug for BoundServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoundServer")
            .field("name", &self.name)
            .field("addr", &self.addr)
            .finish()
    }
}

// === impl BoundServer ===

impl BoundServer {
    /// Where gRPC is (or will be) served.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where probes and metrics are served, if anywhere.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(|(addr, _)| *addr)
    }

    /// The health that this server shows.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Serves until `stop` is cancelled, then drains: NOT_SERVING, a pause of `drain_delay_ms`,
    /// the door closed, calls in flight finished for at most `drain_timeout_ms`.
    pub async fn serve(self, stop: CancellationToken) -> Drained {
        let (name, addr) = (self.name, self.addr);
        let tls = self.tls.is_some();
        tracing::info!(service = name, %addr, tls, "listening");
        let admin_stop = CancellationToken::new();
        let admin = self.admin.map(|(addr, listener)| {
            tracing::info!(service = name, %addr, "probes and metrics");
            let page = admin::router(self.health.clone(), self.telemetry.clone());
            tokio::spawn(admin::serve(listener, page, admin_stop.clone()))
        });
        let identify = match self.tls {
            Some(tls) => Identify::Tls(tls),
            None => Identify::Dev(self.config.dev_identity.clone()),
        };
        let connections =
            Connections::new(self.calls, identify, self.config.clone(), self.telemetry);
        self.health.start();
        let close = CancellationToken::new();
        let draining = async {
            stop.cancelled().await;
            self.health.drain();
            tokio::time::sleep(ms(self.config.drain_delay_ms)).await;
            close.cancel();
        };
        let (cut, ()) = tokio::join!(connections.run(self.listener, close.clone()), draining);
        if cut > 0 {
            tracing::warn!(
                service = name,
                connections = cut,
                "drain limit passed, calls were cut"
            );
        } else {
            tracing::info!(service = name, "drained");
        }
        admin_stop.cancel();
        if let Some(admin) = admin {
            let _ = admin.await;
        }
        Drained { cut }
    }

    /// Serves in a task.
    pub fn spawn(self) -> RunningServer {
        let stop = CancellationToken::new();
        RunningServer {
            addr: self.addr(),
            admin_addr: self.admin_addr(),
            health: self.health.clone(),
            stop: stop.clone(),
            task: tokio::spawn(self.serve(stop)),
        }
    }
}

// === impl RunningServer ===

impl RunningServer {
    /// Where gRPC is served.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where probes and metrics are served, if anywhere.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin_addr
    }

    /// The server's health.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Begins to drain without waiting for it.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Drains and waits for the end.
    pub async fn shutdown(self) -> Drained {
        self.stop.cancel();
        match self.task.await {
            Ok(drained) => drained,
            // Only a panic of ours: it must not pass for a clean end.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// Resolves on SIGTERM or SIGINT.
pub async fn signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = term.recv() => Ok(()),
            result = tokio::signal::ctrl_c() => result,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
