//! The plaintext listener for probes and metrics, and nothing else.

use crate::{health::Health, telemetry::Telemetry};
use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// `/livez`: the process answers. `/readyz`: 200 when serving, else 503 with the components that
/// are not ready. `/metrics`: Prometheus' text format.
pub(super) fn router(health: Health, telemetry: Telemetry) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(move || async move { ready(&health) }))
        .route(
            "/metrics",
            get(move || async move {
                (
                    [(CONTENT_TYPE, "text/plain; version=0.0.4")],
                    telemetry.metrics_text(),
                )
            }),
        )
}

fn ready(health: &Health) -> (StatusCode, String) {
    if health.is_serving() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    let lines = health
        .waiting()
        .into_iter()
        .map(|(name, why)| format!("{name}: {why}\n"));
    (StatusCode::SERVICE_UNAVAILABLE, lines.collect())
}

pub(super) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let served =
        axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    // A prober that keeps its connection open must not hold the process up.
    let limit = async {
        stop.cancelled().await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    tokio::select! {
        result = served => if let Err(error) = result {
            tracing::error!(%error, "admin listener failed");
        },
        () = limit => {}
    }
}
