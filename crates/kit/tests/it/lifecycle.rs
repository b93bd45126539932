//! Health, reflection, the admin listener, draining.

use crate::{
    echo::{Ask, Echo, echo},
    site::{Site, builder, get, telemetry},
};
use concord_kit::{client::Channel, config::ServerConfig};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use tonic::{Code, Request};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

#[tokio::test]
async fn health_follows_its_components_and_says_so_before_draining() {
    let site = Site::new();
    let config = ServerConfig {
        drain_delay_ms: 300,
        ..site.server_config()
    };
    let builder = builder(Echo::default(), config, telemetry("x"));
    let lists = builder.readiness("lists");
    let log = builder.readiness("log");
    let server = builder.bind().await.unwrap().spawn();
    let admin = server.admin_addr().unwrap();
    let mut client = HealthClient::new(site.client(server.addr()));

    let mut watch = client.watch(of("")).await.unwrap().into_inner();
    let mut next = async || watch.message().await.unwrap().map(|reply| reply.status());
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    let (code, text) = get(admin, "/readyz").await;
    assert_eq!(code, 503);
    assert!(text.contains("lists: starting"), "{text}");
    assert_eq!(get(admin, "/livez").await.0, 200);

    lists.ready();
    log.ready();
    assert_eq!(next().await, Some(ServingStatus::Serving));
    assert_eq!(get(admin, "/readyz").await.0, 200);
    let reply = client
        .check(of("kit.test.v1.Echo"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(reply.status(), ServingStatus::Serving);
    let status = client.check(of("kit.test.v1.Other")).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);

    lists.not_ready("stale");
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    assert!(get(admin, "/readyz").await.1.contains("lists: stale"));
    lists.ready();
    assert_eq!(next().await, Some(ServingStatus::Serving));

    server.stop();
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    // The door is still open: balancers need the time to look.
    assert!(get(admin, "/readyz").await.1.contains("draining"));
    echo(site.client(server.addr()), Request::new(Ask::default()))
        .await
        .unwrap();
    let addr = server.addr();
    // The open watch does not hold the drain up.
    let began = Instant::now();
    assert_eq!(server.shutdown().await.cut, 0);
    assert!(began.elapsed() < Duration::from_secs(3));
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn draining_finishes_calls_in_flight_and_has_a_limit() {
    let site = Site::new();
    let service = Echo::default();
    let server = site.server(service.clone(), site.server_config()).await;
    let client = site.client(server.addr());
    let call = |how, ms| tokio::spawn(echo(client.clone(), Request::new(Ask::how(how, ms))));
    let (slow, other) = (call("sleep", 600), call("sleep", 600));
    while service.seen.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(server.shutdown().await.cut, 0);
    slow.await.unwrap().unwrap();
    other.await.unwrap().unwrap();

    let config = ServerConfig {
        drain_timeout_ms: 200,
        ..site.server_config()
    };
    let service = Echo::default();
    let server = site.server(service.clone(), config).await;
    let client = site.client(server.addr());
    let stuck = tokio::spawn(echo(client, Request::new(Ask::how("hold", 0))));
    while service.seen.load(Ordering::SeqCst) < 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = Instant::now();
    assert_eq!(server.shutdown().await.cut, 1);
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(stuck.await.unwrap().unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let site = Site::new();
    let server = site.server(Echo::default(), site.server_config()).await;
    let config = ServerConfig {
        listen: server.addr(),
        ..site.server_config()
    };
    let error = builder(Echo::default(), config, telemetry("x"))
        .bind()
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&server.addr().to_string()) && text.contains("in use"),
        "{text}"
    );
    assert!(text.contains("server.listen"), "{text}");
    server.shutdown().await;
}

#[tokio::test]
async fn two_listeners_share_one_health_and_each_has_its_own_trust() {
    let site = Site::new();
    let inner = builder(Echo::default(), site.server_config(), telemetry("x"));
    let ready = inner.readiness("state");
    let inner = inner.bind().await.unwrap();
    let border = ServerConfig {
        tls: Some(site.server_cert.tls([&site.kr])),
        admin_listen: None,
        ..site.server_config()
    };
    let border = builder(Echo::default(), border, telemetry("x"))
        .health(inner.health())
        .allow_str(crate::echo::ECHO, &["spiffe://kr.example/agency/*/client"])
        .unwrap();
    let border = border.bind().await.unwrap();
    let (inner, border) = (inner.spawn(), border.spawn());
    assert!(!border.health().is_serving());
    ready.ready();
    inner.health().serving().await;
    assert!(border.health().is_serving() && border.admin_addr().is_none());

    let call = |channel| echo(channel, Request::new(Ask::default()));
    let korean = site.kr.issue("motie", "client").unwrap();
    let answer = call(site.client_as(border.addr(), &korean)).await.unwrap();
    assert_eq!(answer.peer, "spiffe://kr.example/agency/motie/client");
    let status = call(site.client(border.addr())).await.unwrap_err();
    assert_eq!(
        status.code(),
        Code::Unavailable,
        "the border has no bundle for us.example"
    );
    call(site.client(inner.addr())).await.unwrap();
    let status = call(site.client_as(inner.addr(), &korean))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    border.shutdown().await;
    inner.shutdown().await;
}

#[tokio::test]
async fn a_service_added_twice_is_refused() {
    let site = Site::new();
    let built = builder(Echo::default(), site.server_config(), telemetry("x"));
    let error = built.add_service(Echo::default()).bind().await.unwrap_err();
    assert!(error.to_string().contains("twice"), "{error}");
}

#[tokio::test]
async fn both_reflections_list_the_service_and_the_admin_pages_are_all_there_is() {
    let site = Site::new();
    let server = site.server(Echo::default(), site.server_config()).await;
    let client = site.client(server.addr());
    let v1 = v1_services(client.clone()).await;
    let v1alpha = v1alpha_services(client.clone()).await;
    for names in [v1, v1alpha] {
        for wanted in ["kit.test.v1.Echo", "grpc.health.v1.Health"] {
            assert!(
                names.iter().any(|name| name == wanted),
                "{wanted} is not in {names:?}"
            );
        }
    }
    echo(client, Request::new(Ask::how("", 0))).await.unwrap();
    let admin = server.admin_addr().unwrap();
    let (code, page) = get(admin, "/metrics").await;
    assert_eq!(code, 200);
    for wanted in [
        "rpc_server_call_duration_seconds_bucket{",
        "rpc_method=\"kit.test.v1.Echo/Echo\"",
        "rpc_response_status_code=\"OK\"",
        "target_info",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in {page}");
    }
    assert!(!page.contains("canary"), "{page}");
    for path in ["/", "/debug", "/metrics/x"] {
        assert_eq!(get(admin, path).await.0, 404);
    }
    server.shutdown().await;
}

async fn v1_services(channel: Channel) -> Vec<String> {
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let ask = ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let mut client = ServerReflectionClient::new(channel);
    let mut replies = client
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .unwrap()
        .into_inner();
    match replies.message().await.unwrap().unwrap().message_response {
        Some(MessageResponse::ListServicesResponse(list)) => list
            .service
            .into_iter()
            .map(|service| service.name)
            .collect(),
        other => panic!("{other:?}"),
    }
}

async fn v1alpha_services(channel: Channel) -> Vec<String> {
    use tonic_reflection::pb::v1alpha::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let ask = ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let mut client = ServerReflectionClient::new(channel);
    let mut replies = client
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .unwrap()
        .into_inner();
    match replies.message().await.unwrap().unwrap().message_response {
        Some(MessageResponse::ListServicesResponse(list)) => list
            .service
            .into_iter()
            .map(|service| service.name)
            .collect(),
        other => panic!("{other:?}"),
    }
}
