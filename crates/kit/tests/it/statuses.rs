//! Deadlines, panics, oversize and shedding: each ends as the status that it is.

use crate::{
    echo::{Ask, Echo, count, echo},
    site::{Site, builder, channel, telemetry},
};
use concord_kit::{
    client::Channel,
    config::{ClientConfig, ServerConfig},
    status::{Problem, reason},
};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use tonic::{Code, Request, Status};

fn asking(how: &str, number: u64, timeout: Option<Duration>) -> Request<Ask> {
    let mut request = Request::new(Ask::how(how, number));
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    request
}

fn check(status: &Status, code: Code, reason: &str) {
    let problem = Problem::from_status(status);
    assert_eq!(
        (problem.code(), problem.reason()),
        (code, reason),
        "{status:?}"
    );
}

#[tokio::test]
async fn deadlines_end_calls_and_say_so_on_both_sides() {
    let mut config = ServerConfig {
        dev_plaintext: true,
        ..ServerConfig::default()
    };
    config.limits.default_deadline_ms = 300;
    config.limits.max_deadline_ms = 400;
    let server = builder(Echo::default(), config, telemetry("x"))
        .bind()
        .await
        .unwrap()
        .spawn();
    let uri = format!("http://{}", server.addr());
    let ours = Channel::new(&ClientConfig::plaintext(uri.clone()), telemetry("x")).unwrap();
    let short = Duration::from_millis(80);

    // Our client: at its own deadline.
    let status = echo(ours.clone(), asking("sleep", 5000, Some(short)))
        .await
        .unwrap_err();
    check(&status, Code::DeadlineExceeded, reason::DEADLINE);

    // A bare client that sends no deadline, and one that asks for too long: the server decides.
    let bare = tonic::transport::Endpoint::from_shared(uri)
        .unwrap()
        .connect_lazy();
    for timeout in [None, Some(Duration::from_secs(60))] {
        let began = Instant::now();
        let status = echo(bare.clone(), asking("sleep", 5000, timeout))
            .await
            .unwrap_err();
        check(&status, Code::DeadlineExceeded, reason::DEADLINE);
        assert!(began.elapsed() < Duration::from_secs(2));
    }
    // Almost nothing left: the handler is not even asked.
    let status = echo(bare, asking("", 0, Some(Duration::from_micros(900))))
        .await
        .unwrap_err();
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
        "{status:?}"
    );
    let status = echo(
        ours.clone(),
        asking("", 0, Some(Duration::from_micros(900))),
    )
    .await
    .unwrap_err();
    check(&status, Code::DeadlineExceeded, reason::DEADLINE);

    // A stream is ended too, after what it had to say.
    let (n, end) = count(ours, asking("hang", 3, None)).await;
    assert_eq!(n, 3);
    check(&end.unwrap_err(), Code::DeadlineExceeded, reason::DEADLINE);
    server.shutdown().await;
}

#[tokio::test]
async fn the_next_hop_gets_less_time() {
    let site = Site::new();
    let second = site.server(Echo::default(), site.server_config()).await;
    let relay = Echo {
        next: Some(site.client(second.addr())),
        ..Echo::default()
    };
    let first = site.server(relay, site.server_config()).await;
    let timeout = Some(Duration::from_millis(1000));
    let answer = echo(site.client(first.addr()), asking("relay", 0, timeout))
        .await
        .unwrap();
    assert!(
        answer.deadline_ms > 500 && answer.deadline_ms <= 980,
        "{}",
        answer.deadline_ms
    );
    first.shutdown().await;
    second.shutdown().await;
}

#[tokio::test]
async fn a_panic_is_internal_without_its_text_and_the_server_lives() {
    let site = Site::new();
    let server = site.server(Echo::default(), site.server_config()).await;
    let client = site.client(server.addr());
    let status = echo(client.clone(), asking("panic", 0, None))
        .await
        .unwrap_err();
    check(&status, Code::Internal, reason::INTERNAL);
    assert!(!format!("{status:?}").contains("handler's text"));
    let (n, end) = count(client.clone(), asking("panic", 2, None)).await;
    let status = end.unwrap_err();
    assert_eq!(n, 2);
    check(&status, Code::Internal, reason::INTERNAL);
    assert!(!format!("{status:?}").contains("stream's text"));
    echo(client, asking("", 0, None)).await.unwrap();
    let (_, page) = crate::site::get(server.admin_addr().unwrap(), "/metrics").await;
    assert!(
        page.contains("concord_rpc_panics_total{otel_scope_name=\"concord\"} 2"),
        "{page}"
    );
    server.shutdown().await;
}

#[tokio::test]
async fn oversize_messages_are_resource_exhausted() {
    let site = Site::new();
    let server = site.server(Echo::default(), site.server_config()).await;
    let client = site.client(server.addr());
    let ask = Ask {
        text: "x".repeat(100 * 1024),
        ..Ask::default()
    };
    let status = echo(client.clone(), Request::new(ask)).await.unwrap_err();
    check(&status, Code::ResourceExhausted, reason::MESSAGE_TOO_LARGE);
    let status = echo(client, asking("size", 2 * 1024 * 1024, None))
        .await
        .unwrap_err();
    check(&status, Code::ResourceExhausted, reason::MESSAGE_TOO_LARGE);
    server.shutdown().await;
}

#[tokio::test]
async fn calls_beyond_the_limit_are_shed_with_retry_info_and_health_is_not() {
    let site = Site::new();
    let mut config = site.server_config();
    config.limits.concurrency = 2;
    config.limits.shed_retry_ms = 123;
    let service = Echo::default();
    let server = site.server(service.clone(), config).await;
    let client = site.client(server.addr());
    let held: Vec<_> = (0..2)
        .map(|_| tokio::spawn(echo(client.clone(), asking("hold", 0, None))))
        .collect();
    while service.seen.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let status = echo(client.clone(), asking("", 0, None)).await.unwrap_err();
    check(&status, Code::ResourceExhausted, reason::OVERLOADED);
    let retry = Problem::from_status(&status).retry_delay();
    assert_eq!(retry, Some(Duration::from_millis(123)));
    assert_eq!(
        service.seen.load(Ordering::SeqCst),
        2,
        "a shed call does nothing"
    );
    let mut health = tonic_health::pb::health_client::HealthClient::new(client.clone());
    health
        .check(tonic_health::pb::HealthCheckRequest::default())
        .await
        .unwrap();

    service.release.notify_waiters();
    for call in held {
        call.await.unwrap().unwrap();
    }
    echo(client, asking("", 0, None)).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn a_cancelled_that_the_peer_sent_is_not_tried_again() {
    let site = Site::new();
    let service = Echo::default();
    let server = site.server(service.clone(), site.server_config()).await;
    let client = site.client(server.addr());
    let status = echo(client, asking("cancel", 0, None)).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Cancelled, "the service gave up")
    );
    assert_eq!(service.seen.load(Ordering::SeqCst), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn an_absent_server_is_unavailable_and_found_when_it_comes() {
    let site = Site::new();
    let place = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = place.local_addr().unwrap();
    drop(place);
    let tls = site.client_cert.tls([&site.us]);
    let client = channel(addr, tls, "spiffe://us.example/agency/bis/server");
    let status = echo(client.clone(), asking("", 0, None)).await.unwrap_err();
    check(&status, Code::Unavailable, reason::PEER_UNREACHABLE);
    assert!(
        !status.message().contains("127.0.0.1"),
        "no addresses: {status:?}"
    );
    let config = ServerConfig {
        listen: addr,
        ..site.server_config()
    };
    let server = site.server(Echo::default(), config).await;
    echo(client, asking("", 0, None)).await.unwrap();
    server.shutdown().await;
}
