//! Traces, metrics and logs.
//!
//! Each service has its own [`Telemetry`], with its own resource, because several services run in
//! one process in development and in tests. Only the log subscriber is global, once per process.
//! No layer here ever reads a payload.

mod logs;

pub use logs::init_logs;

use crate::config::TelemetryConfig;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter, MeterProvider},
    trace::TracerProvider,
};
use opentelemetry_otlp::{WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::{Sampler, SdkTracer, SdkTracerProvider},
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::{fmt, path::Path, sync::Arc, time::Duration};
use tonic::transport::{Certificate, ClientTlsConfig};

/// Upper bounds of the duration histograms, in seconds.
const BOUNDARIES: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The OTLP endpoint is not usable.
    #[error(
        "telemetry: `otlp_endpoint` `{endpoint}` cannot be used: {problem}; expected a URL such as `http://collector:4317`"
    )]
    Endpoint {
        /// The endpoint as configured.
        endpoint: String,
        /// The exporter's reason.
        problem: String,
    },
    /// The file of the collector's CA is not usable.
    #[error("telemetry: `otlp_ca_file` `{path}` cannot be used: {problem}")]
    CaFile {
        /// The file as configured.
        path: String,
        /// Why.
        problem: String,
    },
    /// The log filter cannot be read.
    #[error(
        "telemetry: `filter` `{filter}` cannot be read: {problem}; expected directives such as `info,concord_kit=debug`"
    )]
    Filter {
        /// The filter as configured.
        filter: String,
        /// The reader's reason.
        problem: String,
    },
    /// The metrics page cannot be set up.
    #[error("telemetry: the metrics page cannot be set up: {problem}")]
    Metrics {
        /// The reason.
        problem: String,
    },
}

/// Whose certificate a collector must have. The system's roots are looked for only where they are needed: an image from
/// scratch has none.
fn collector_trust(
    endpoint: &str,
    ca_file: Option<&Path>,
) -> Result<ClientTlsConfig, TelemetryError> {
    let trust = ClientTlsConfig::new();
    let Some(path) = ca_file else {
        let secure = endpoint
            .get(..6)
            .is_some_and(|s| s.eq_ignore_ascii_case("https:"));
        return Ok(match secure {
            true => trust.with_native_roots(),
            false => trust,
        });
    };
    let unreadable = |problem: String| TelemetryError::CaFile {
        path: path.display().to_string(),
        problem,
    };
    let pem = std::fs::read(path).map_err(|e| unreadable(e.to_string()))?;
    // Without a certificate in it nothing would ever be trusted, and nobody told.
    let mut certificates = CertificateDer::pem_slice_iter(&pem);
    match certificates.next() {
        Some(Ok(_)) => Ok(trust.ca_certificate(Certificate::from_pem(pem))),
        Some(Err(e)) => Err(unreadable(e.to_string())),
        None => Err(unreadable("it holds no certificate in PEM".to_owned())),
    }
}

/// One service's tracer, meters and metrics page. Cloning is cheap.
#[derive(Clone)]
pub struct Telemetry(Arc<Inner>);

struct Inner {
    service: String,
    deployment: String,
    tracer: SdkTracer,
    spans: SdkTracerProvider,
    meters: SdkMeterProvider,
    page: prometheus::Registry,
    instruments: Instruments,
}

pub(crate) struct Instruments {
    pub server_duration: Histogram<f64>,
    pub client_duration: Histogram<f64>,
    pub panics: Counter<u64>,
    pub shed: Counter<u64>,
    pub connections_refused: Counter<u64>,
    pub cache: Counter<u64>,
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("service", &self.0.service)
            .finish_non_exhaustive()
    }
}

impl Telemetry {
    /// Sets up traces and metrics of one service. Must be called inside a Tokio runtime when an
    /// OTLP endpoint is configured. Connecting happens in the background: a collector that is
    /// absent hinders nothing.
    pub fn new(service: &str, config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", service.to_owned()),
                KeyValue::new("service.namespace", config.deployment.clone()),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
                KeyValue::new("deployment.environment.name", config.deployment.clone()),
            ])
            .build();
        let ratio = config.sample_ratio.clamp(0.0, 1.0);
        // Where nothing is exported a new trace is not recorded: its ids still go into logs and to the next service. What a
        // caller records goes on being recorded, because the next service may export; what a caller elsewhere does not record
        // is ours to decide, or a counterpart without a collector would silence us.
        let own = match config.otlp_endpoint {
            Some(_) => Sampler::TraceIdRatioBased(ratio),
            None => Sampler::AlwaysOff,
        };
        let sampler = Sampler::parent_based(own.clone()).with_remote_parent_not_sampled(own);
        let mut spans = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_sampler(sampler);
        let page = prometheus::Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(page.clone())
            .build()
            .map_err(|e| TelemetryError::Metrics {
                problem: e.to_string(),
            })?;
        let mut meters = SdkMeterProvider::builder()
            .with_resource(resource)
            .with_reader(reader);
        if let Some(endpoint) = &config.otlp_endpoint {
            let bad = |e: opentelemetry_otlp::ExporterBuildError| TelemetryError::Endpoint {
                endpoint: endpoint.clone(),
                problem: e.to_string(),
            };
            let timeout = Duration::from_secs(3);
            let trust = collector_trust(endpoint, config.otlp_ca_file.as_deref())?;
            let exporter = opentelemetry_otlp::SpanExporter::builder()
                .with_tonic()
                .with_tls_config(trust.clone())
                .with_endpoint(endpoint.clone())
                .with_timeout(timeout)
                .build()
                .map_err(bad)?;
            spans = spans.with_batch_exporter(exporter);
            let exporter = opentelemetry_otlp::MetricExporter::builder()
                .with_tonic()
                .with_tls_config(trust)
                .with_endpoint(endpoint.clone())
                .with_timeout(timeout)
                .build()
                .map_err(bad)?;
            let interval = Duration::from_millis(config.metric_interval_ms.max(100));
            meters = meters.with_reader(
                PeriodicReader::builder(exporter)
                    .with_interval(interval)
                    .build(),
            );
        }
        let (spans, meters) = (spans.build(), meters.build());
        let tracer = spans.tracer("concord");
        let instruments = Instruments::new(&meters.meter("concord"));
        Ok(Self(Arc::new(Inner {
            service: service.to_owned(),
            deployment: config.deployment.clone(),
            tracer,
            spans,
            meters,
            page,
            instruments,
        })))
    }

    /// The service's name.
    pub fn service(&self) -> &str {
        &self.0.service
    }

    /// The deployment's name.
    pub fn deployment(&self) -> &str {
        &self.0.deployment
    }

    /// A meter for the service's own instruments; they appear on the metrics page and in OTLP.
    pub fn meter(&self) -> Meter {
        self.0.meters.meter("concord")
    }

    /// The metrics in Prometheus' text format.
    pub fn metrics_text(&self) -> String {
        let mut text = String::new();
        let encoder = prometheus::TextEncoder::new();
        if let Err(error) = encoder.encode_utf8(&self.0.page.gather(), &mut text) {
            tracing::error!(%error, "metrics page cannot be written");
        }
        text
    }

    /// Sends what is still queued and stops exporting. The last thing a process does; blocks on a
    /// thread of its own for at most a few seconds.
    pub async fn shutdown(&self) {
        let this = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            let limit = Duration::from_secs(5);
            let spans = this.0.spans.shutdown_with_timeout(limit);
            let meters = this.0.meters.shutdown_with_timeout(limit);
            for error in [spans.err(), meters.err()].into_iter().flatten() {
                tracing::warn!(%error, "telemetry could not be flushed");
            }
        });
        if let Err(error) = work.await {
            tracing::error!(%error, "telemetry shutdown failed");
        }
    }

    /// Sends what is queued now, for tests that look at a collector.
    pub async fn flush(&self) {
        let this = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            let _ = this.0.spans.force_flush();
            let _ = this.0.meters.force_flush();
        });
        if let Err(error) = work.await {
            tracing::error!(%error, "telemetry flush failed");
        }
    }

    pub(crate) fn tracer(&self) -> &SdkTracer {
        &self.0.tracer
    }

    pub(crate) fn instruments(&self) -> &Instruments {
        &self.0.instruments
    }
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        let duration = |name: &'static str, text: &'static str| {
            meter
                .f64_histogram(name)
                .with_unit("s")
                .with_description(text)
                .with_boundaries(BOUNDARIES.to_vec())
                .build()
        };
        let counter = |name: &'static str, text: &'static str| {
            meter.u64_counter(name).with_description(text).build()
        };
        Self {
            server_duration: duration("rpc.server.call.duration", "Duration of incoming calls."),
            client_duration: duration("rpc.client.call.duration", "Duration of outgoing calls."),
            panics: counter("concord.rpc.panics", "Handlers that panicked."),
            shed: counter(
                "concord.rpc.shed",
                "Calls refused because too many were in flight.",
            ),
            connections_refused: counter(
                "concord.connections.refused",
                "Connections whose TLS handshake failed.",
            ),
            cache: counter("concord.cache.lookups", "Cache look-ups by outcome."),
        }
    }
}
