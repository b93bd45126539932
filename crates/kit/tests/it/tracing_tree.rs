//! One call through two services, as a collector sees it.

use crate::{
    echo::{Ask, Echo, echo},
    site::{Site, builder},
};
use concord_kit::{
    client::Channel,
    config::{ClientConfig, TelemetryConfig},
    dev_ca::DevCert,
    serve::RunningServer,
    telemetry::Telemetry,
};
use opentelemetry_proto::tonic::{
    collector::{
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind},
};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tonic::{
    Request, Response, Status,
    transport::{Identity, Server, ServerTlsConfig},
};

#[derive(Clone, Default)]
struct Collector {
    traces: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    metrics: Arc<Mutex<Vec<ExportMetricsServiceRequest>>>,
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.metrics.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.traces.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|a| a.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

impl Collector {
    /// Serves on a free port; returns the endpoint.
    async fn serve(&self) -> String {
        format!("http://{}", self.serve_on(Server::builder()).await)
    }

    /// Serves with that certificate; returns the endpoint.
    async fn serve_tls(&self, cert: &DevCert) -> String {
        let [certificate, key] = [&cert.cert, &cert.key].map(|path| std::fs::read(path).unwrap());
        let tls = ServerTlsConfig::new().identity(Identity::from_pem(certificate, key));
        let server = Server::builder().tls_config(tls).unwrap();
        format!("https://{}", self.serve_on(server).await)
    }

    async fn serve_on(&self, mut server: Server) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        tokio::spawn(
            server
                .add_service(TraceServiceServer::new(self.clone()))
                .add_service(MetricsServiceServer::new(self.clone()))
                .serve_with_incoming(incoming),
        );
        addr
    }

    /// Every span with its service and deployment; nothing that a caller sent may be in one.
    fn spans(&self) -> Vec<(String, String, Span)> {
        let exports = self.traces.lock().unwrap().clone();
        assert!(
            !format!("{exports:?}").contains("canary"),
            "no payload in telemetry"
        );
        exports
            .iter()
            .flat_map(|export| &export.resource_spans)
            .flat_map(|resource| {
                let attributes = &resource.resource.as_ref().unwrap().attributes;
                let service = attribute(attributes, "service.name").unwrap();
                let deployment = attribute(attributes, "service.namespace").unwrap();
                resource
                    .scope_spans
                    .iter()
                    .flat_map(|scope| scope.spans.clone())
                    .map(move |span| (service.clone(), deployment.clone(), span))
            })
            .collect()
    }
}

fn telemetry(service: &str, deployment: &str, endpoint: Option<&str>) -> Telemetry {
    let config = TelemetryConfig {
        otlp_endpoint: endpoint.map(str::to_owned),
        deployment: deployment.to_owned(),
        ..TelemetryConfig::default()
    };
    Telemetry::new(service, &config).unwrap()
}

/// A channel to a server of the site.
fn channel(site: &Site, addr: SocketAddr, telemetry: &Telemetry) -> Channel {
    let config = ClientConfig::mutual_tls(
        format!("https://{addr}"),
        site.client_cert.tls([&site.us]),
        vec!["spiffe://us.example/agency/bis/server".parse().unwrap()],
    );
    Channel::new(&config, telemetry.clone()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `first`, which relays to `second`, and `second`.
async fn relayed(
    site: &Site,
    first: &Telemetry,
    second: &Telemetry,
) -> (RunningServer, RunningServer) {
    let config = site.server_config();
    let last = builder(Echo::default(), config.clone(), second.clone())
        .bind()
        .await
        .unwrap()
        .spawn();
    let relay = Echo {
        next: Some(channel(site, last.addr(), first)),
        ..Echo::default()
    };
    let relay = builder(relay, config, first.clone()).bind().await.unwrap();
    (relay.spawn(), last)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_exports_nothing_neither_records_nor_silences() {
    let collector = Collector::default();
    let endpoint = collector.serve().await;
    let (first, second) = (
        telemetry("first", "us", None),
        telemetry("second", "kr", Some(&endpoint)),
    );
    let site = Site::new();
    let (relay, last) = relayed(&site, &first, &second).await;
    let outside = channel(&site, relay.addr(), &telemetry("outside", "us", None));
    let answer = echo(outside, Request::new(Ask::how("relay", 0)))
        .await
        .unwrap();
    let page = first.metrics_text();
    relay.shutdown().await;
    last.shutdown().await;
    first.shutdown().await;
    second.shutdown().await;

    let spans = collector.spans();
    let [(service, deployment, span)] = &spans[..] else {
        panic!("one span, of the service that exports: {spans:?}");
    };
    assert_eq!((service.as_str(), deployment.as_str()), ("second", "kr"));
    assert_eq!(span.kind(), SpanKind::Server);
    assert_eq!(
        hex(&span.trace_id),
        answer.trace_id,
        "logs of all services name one trace"
    );
    assert!(!span.parent_span_id.is_empty());
    assert!(
        page.contains("kit.test.v1.Echo/Echo"),
        "metrics do not depend on traces: {page}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relayed_call_is_one_tree_across_services() {
    let collector = Collector::default();
    let endpoint = collector.serve().await;
    let telemetry =
        |service: &str, deployment: &str| telemetry(service, deployment, Some(&endpoint));
    let (first, second) = (telemetry("first", "us"), telemetry("second", "kr"));
    let site = Site::new();
    let (relay, last) = relayed(&site, &first, &second).await;

    // From outside comes a trace of someone else.
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let parent = "b7ad6b7169203331";
    let outside = channel(&site, relay.addr(), &telemetry("outside", "us"));
    let cx = {
        use opentelemetry::trace::{
            SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
        };
        opentelemetry::Context::new().with_remote_span_context(SpanContext::new(
            TraceId::from_hex(trace_id).unwrap(),
            SpanId::from_hex(parent).unwrap(),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        ))
    };
    let answer = {
        use opentelemetry::context::FutureExt;
        echo(outside, Request::new(Ask::how("relay", 0)))
            .with_context(cx)
            .await
            .unwrap()
    };
    assert_eq!(answer.trace_id, trace_id);
    relay.shutdown().await;
    last.shutdown().await;
    first.shutdown().await;
    second.shutdown().await;

    let spans = collector.spans();
    let find = |service: &str, kind: SpanKind| {
        let mut found = spans
            .iter()
            .filter(|(s, _, span)| s == service && span.kind() == kind);
        let (_, deployment, span) = found.next().unwrap_or_else(|| panic!("{service} {kind:?}"));
        assert!(found.next().is_none(), "one {kind:?} span of {service}");
        (deployment.clone(), span.clone())
    };
    let (deployment, server) = find("first", SpanKind::Server);
    assert_eq!(deployment, "us");
    let (_, work) = find("first", SpanKind::Internal);
    let (_, client) = find("first", SpanKind::Client);
    let (deployment, far) = find("second", SpanKind::Server);
    assert_eq!(deployment, "kr");
    assert_eq!(work.parent_span_id, server.span_id);
    assert_eq!(client.parent_span_id, work.span_id);
    assert_eq!(far.parent_span_id, client.span_id);
    for span in [&server, &work, &client, &far] {
        assert_eq!(hex(&span.trace_id), trace_id);
    }
    for span in [&server, &client, &far] {
        assert_eq!(span.name, "kit.test.v1.Echo/Echo");
        let value = |key| attribute(&span.attributes, key);
        assert_eq!(value("rpc.system.name").as_deref(), Some("grpc"));
        assert_eq!(
            value("rpc.method").as_deref(),
            Some("kit.test.v1.Echo/Echo")
        );
        assert_eq!(value("rpc.response.status_code").as_deref(), Some("OK"));
    }
    let peer = attribute(&server.attributes, "concord.peer");
    assert_eq!(
        peer.as_deref(),
        Some("spiffe://us.example/agency/bis/client")
    );

    let metrics = collector.metrics.lock().unwrap().clone();
    assert!(
        !format!("{metrics:?}").contains("canary"),
        "no payload in telemetry"
    );
    let found: Vec<_> = metrics
        .iter()
        .flat_map(|export| &export.resource_metrics)
        .flat_map(|resource| &resource.scope_metrics)
        .flat_map(|scope| &scope.metrics)
        .map(|metric| (metric.name.as_str(), metric.unit.as_str()))
        .collect();
    for name in ["rpc.server.call.duration", "rpc.client.call.duration"] {
        assert!(found.contains(&(name, "s")), "{name} is not in {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_is_trusted_only_under_its_own_ca() {
    let site = Site::new();
    let collector = Collector::default();
    let endpoint = collector.serve_tls(&site.server_cert).await;
    let export = async |ca_file| {
        let config = TelemetryConfig {
            otlp_endpoint: Some(endpoint.clone()),
            otlp_ca_file: ca_file,
            ..TelemetryConfig::default()
        };
        let telemetry = Telemetry::new("server", &config).unwrap();
        let server = builder(Echo::default(), site.server_config(), telemetry.clone());
        let server = server.bind().await.unwrap().spawn();
        let outside = channel(&site, server.addr(), &telemetry);
        echo(outside, Request::new(Ask::how("", 0))).await.unwrap();
        server.shutdown().await;
        telemetry.shutdown().await;
        collector.spans().len()
    };
    // A counterpart's CA and the system's roots did not sign this collector: calls go on, nothing leaves.
    assert_eq!(export(Some(site.kr.bundle())).await, 0);
    assert_eq!(export(None).await, 0);
    assert_eq!(export(Some(site.us.bundle())).await, 2);

    let empty = site.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    for path in [empty, site.path().join("absent.pem")] {
        let config = TelemetryConfig {
            otlp_endpoint: Some(endpoint.clone()),
            otlp_ca_file: Some(path.clone()),
            ..TelemetryConfig::default()
        };
        let error = Telemetry::new("server", &config).unwrap_err().to_string();
        let named = format!("`otlp_ca_file` `{}`", path.display());
        assert!(error.contains(&named), "{error}");
    }
}
