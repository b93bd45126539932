//! One call through two services, as a collector sees it.

use crate::{
    echo::{Ask, Echo, echo},
    site::{Site, builder},
};
use concord_kit::{
    client::Channel,
    config::{ClientConfig, TelemetryConfig},
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
use std::sync::{Arc, Mutex};
use tonic::{Request, Response, Status};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relayed_call_is_one_tree_across_services() {
    let collector = Collector::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()))
            .add_service(MetricsServiceServer::new(collector.clone()))
            .serve_with_incoming(incoming),
    );
    let telemetry = |service: &str, deployment: &str| {
        let config = TelemetryConfig {
            otlp_endpoint: Some(endpoint.clone()),
            deployment: deployment.to_owned(),
            ..TelemetryConfig::default()
        };
        Telemetry::new(service, &config).unwrap()
    };
    let (first, second) = (telemetry("first", "us"), telemetry("second", "kr"));
    let site = Site::new();
    let config = site.server_config();
    let last = builder(Echo::default(), config.clone(), second.clone())
        .bind()
        .await
        .unwrap();
    let next = ClientConfig::mutual_tls(
        format!("https://{}", last.addr()),
        site.client_cert.tls([&site.us]),
        vec!["spiffe://us.example/agency/bis/server".parse().unwrap()],
    );
    let last = last.spawn();
    let next = Channel::new(&next, first.clone()).unwrap();
    let relay = Echo {
        next: Some(next),
        ..Echo::default()
    };
    let relay = builder(relay, config, first.clone())
        .bind()
        .await
        .unwrap()
        .spawn();

    // From outside comes a trace of someone else.
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let parent = "b7ad6b7169203331";
    let uri = format!("https://{}", relay.addr());
    let outside = ClientConfig::mutual_tls(
        uri,
        site.client_cert.tls([&site.us]),
        vec!["spiffe://us.example/agency/bis/server".parse().unwrap()],
    );
    let outside = Channel::new(&outside, telemetry("outside", "us")).unwrap();
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

    let exports = collector.traces.lock().unwrap().clone();
    assert!(
        !format!("{exports:?}").contains("canary"),
        "no payload in telemetry"
    );
    let spans: Vec<(String, String, Span)> = exports
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
        .collect();
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
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
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
