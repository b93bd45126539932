//! An OTLP collector in this process: what services export is kept, and tests look at it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span as WireSpan;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

/// The collector; stop it with [`Collector::shutdown`].
pub struct Collector {
    addr: SocketAddr,
    kept: Arc<Kept>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What was exported so far.
#[derive(Default)]
struct Kept {
    spans: Mutex<Vec<Span>>,
    metrics: Mutex<Vec<Metric>>,
    /// Every request as its debug text: for searching everything that left, also what `Span` leaves out.
    raw: Mutex<Vec<String>>,
}

/// One finished span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// `service.name` of the resource.
    pub service: String,
    /// `service.namespace` of the resource: the deployment.
    pub deployment: String,
    /// Name of the span.
    pub name: String,
    /// `server`, `client`, `internal` or `other`.
    pub kind: &'static str,
    /// Trace id in hexadecimal.
    pub trace_id: String,
    /// Span id in hexadecimal.
    pub span_id: String,
    /// Span id of the parent; empty at the root.
    pub parent_id: String,
    /// Attributes as text.
    pub attributes: BTreeMap<String, String>,
}

impl Collector {
    /// Listens on a free port of the loopback.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let addr = listener.local_addr().expect("a bound address");
        let kept = Arc::new(Kept::default());
        let stop = CancellationToken::new();
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::from_arc(kept.clone()))
            .add_service(MetricsServiceServer::from_arc(kept.clone()))
            .serve_with_incoming_shutdown(
                TcpListenerStream::new(listener),
                stop.clone().cancelled_owned(),
            );
        let task = tokio::spawn(async move { server.await.expect("the collector serves") });
        Self {
            addr,
            kept,
            stop,
            task,
        }
    }

    /// What services put into `otlp_endpoint`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The spans so far.
    pub fn spans(&self) -> Vec<Span> {
        locked(&self.kept.spans).clone()
    }

    /// The metrics so far, each export anew.
    pub fn metrics(&self) -> Vec<Metric> {
        locked(&self.kept.metrics).clone()
    }

    /// Everything received so far, as text.
    pub fn everything(&self) -> String {
        locked(&self.kept.raw).join("\n")
    }

    /// Stops and waits for the end.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.task.await.expect("the collector ends");
    }
}

/// The children of a span, in no order.
pub fn children<'a>(spans: &'a [Span], parent: &'a Span) -> impl Iterator<Item = &'a Span> {
    spans
        .iter()
        .filter(|s| s.trace_id == parent.trace_id && s.parent_id == parent.span_id)
}

/// The tree below a span, one line per span, children sorted: two spaces per level, `deployment/service kind name`.
pub fn tree(spans: &[Span], root: &Span) -> String {
    fn write(spans: &[Span], span: &Span, depth: usize, out: &mut String) {
        let Span {
            deployment,
            service,
            kind,
            name,
            ..
        } = span;
        out.push_str(&format!(
            "{}{deployment}/{service} {kind} {name}\n",
            "  ".repeat(depth)
        ));
        let mut below: Vec<_> = children(spans, span).collect();
        below.sort_by_key(|s| (&s.deployment, &s.service, &s.name));
        for child in below {
            write(spans, child, depth + 1, out);
        }
    }
    let mut out = String::new();
    write(spans, root, 0, &mut out);
    out
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

// === what the services call ===

#[tonic::async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let request = request.into_inner();
        locked(&self.raw).push(format!("{request:?}"));
        for resource_spans in request.resource_spans {
            let resource = attributes_of(resource_spans.resource.as_ref());
            let spans = resource_spans
                .scope_spans
                .into_iter()
                .flat_map(|scope| scope.spans);
            locked(&self.spans).extend(spans.map(|span| read(&resource, &span)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Kept {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let request = request.into_inner();
        locked(&self.raw).push(format!("{request:?}"));
        let scopes = request
            .resource_metrics
            .into_iter()
            .flat_map(|r| r.scope_metrics);
        locked(&self.metrics).extend(scopes.flat_map(|scope| scope.metrics));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

fn read(resource: &BTreeMap<String, String>, span: &WireSpan) -> Span {
    let of = |key: &str| resource.get(key).cloned().unwrap_or_default();
    Span {
        service: of("service.name"),
        deployment: of("service.namespace"),
        name: span.name.clone(),
        kind: match span.kind {
            1 => "internal",
            2 => "server",
            3 => "client",
            _ => "other",
        },
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_id: hex(&span.parent_span_id),
        attributes: texts(&span.attributes),
    }
}

fn attributes_of(resource: Option<&Resource>) -> BTreeMap<String, String> {
    resource.map(|r| texts(&r.attributes)).unwrap_or_default()
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    attributes
        .iter()
        .map(|kv| (kv.key.clone(), text(kv.value.as_ref())))
        .collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|v| v.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(any_value::Value::BoolValue(flag)) => flag.to_string(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
