//! Who may connect, who may call, and certificates that change under running calls.

use crate::{
    echo::{Ask, Echo, echo},
    site::{Site, builder, channel, telemetry},
};
use concord_kit::{
    client::Channel,
    config::{ClientConfig, ServerConfig},
    dev_ca::DevCa,
    serve::ServeError,
    spiffe::SpiffeId,
    status::{Problem, reason},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tonic::{Code, Request, Status};

async fn call(channel: Channel) -> Result<crate::echo::Answer, Status> {
    echo(channel, Request::new(Ask::how("", 0))).await
}

#[tokio::test]
async fn only_verified_and_listed_identities_call() {
    let site = Site::new();
    let server = site.server(Echo::default(), site.server_config()).await;
    let addr = server.addr();

    let answer = call(site.client(addr)).await.unwrap();
    assert_eq!(answer.peer, "spiffe://us.example/agency/bis/client");

    // Verified, not listed.
    for (ca, service) in [(&site.us, "other"), (&site.kr, "client")] {
        let cert = ca.issue("bis", service).unwrap();
        let problem = Problem::from_status(&call(site.client_as(addr, &cert)).await.unwrap_err());
        assert_eq!(problem.code(), Code::PermissionDenied);
        assert_eq!(problem.reason(), reason::CALLER_NOT_ALLOWED);
        assert_eq!(problem.metadata()["identity"], cert.id.to_string());
    }

    // Korea's CA signs a US name: no handshake, whatever the lists say.
    let hour = time::Duration::hours(1);
    let listed = &site.client_cert.id;
    let forged = site.kr.issue_for(listed, "forged", -hour, hour).unwrap();
    let status = call(site.client_as(addr, &forged)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");

    // A domain that has no bundle here.
    let elsewhere = DevCa::create(site.path(), "else.example").unwrap();
    let stranger = elsewhere.issue("bis", "client").unwrap();
    let status = call(site.client_as(addr, &stranger)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");

    // The server is verified just the same.
    let us = site.client_cert.tls([&site.us, &site.kr]);
    for expected in [
        "spiffe://us.example/agency/bis/other",
        "spiffe://kr.example/agency/bis/server",
    ] {
        let status = call(channel(addr, us.clone(), expected)).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{expected}: {status:?}");
    }
    let only_kr = site.client_cert.tls([&site.kr]);
    let status = call(channel(
        addr,
        only_kr,
        "spiffe://us.example/agency/bis/server",
    ))
    .await
    .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(server.shutdown().await.cut, 0);
}

#[tokio::test]
async fn an_expired_certificate_is_refused_by_its_owner_and_by_its_peer() {
    let site = Site::new();
    let id: SpiffeId = "spiffe://us.example/agency/bis/client".parse().unwrap();
    let second = time::Duration::SECOND;
    let gone = site
        .us
        .issue_for(&id, "gone", second * -7200, second * -3600)
        .unwrap();
    let mut config = site.server_config();
    config.tls = Some(gone.tls([&site.us]));
    let error = builder(Echo::default(), config, telemetry("x"))
        .bind()
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ServeError::Config(_)));
    assert!(text.contains("expired on") && text.contains("-gone.pem") && text.contains("tls.cert"));

    // One that expires after its owner has loaded it.
    let server = site.server(Echo::default(), site.server_config()).await;
    let soon = site
        .us
        .issue_for(&id, "soon", second * -3600, second * 2)
        .unwrap();
    let client = site.client_as(server.addr(), &soon);
    tokio::time::sleep(Duration::from_millis(3100)).await;
    let status = call(client).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn plaintext_is_for_loopback_alone() {
    let plain = |listen: &str| ServerConfig {
        listen: listen.parse().unwrap(),
        dev_plaintext: true,
        ..ServerConfig::default()
    };
    let error = builder(Echo::default(), plain("0.0.0.0:0"), telemetry("x"))
        .bind()
        .await;
    assert!(error.unwrap_err().to_string().contains("loopback"));
    let error = builder(Echo::default(), ServerConfig::default(), telemetry("x"))
        .bind()
        .await;
    assert!(error.unwrap_err().to_string().contains("server.tls"));
    let error = Channel::new(
        &ClientConfig::plaintext("http://10.0.0.1:5000"),
        telemetry("x"),
    );
    assert!(error.unwrap_err().to_string().contains("loopback"));

    let bound = builder(Echo::default(), plain("127.0.0.1:0"), telemetry("x"))
        .bind()
        .await;
    let server = bound.unwrap().spawn();
    let uri = format!("http://{}", server.addr());
    let client = Channel::new(&ClientConfig::plaintext(uri), telemetry("x")).unwrap();
    assert_eq!(
        call(client).await.unwrap().peer,
        "spiffe://dev.local/agency/dev/local"
    );
    server.shutdown().await;
}

#[tokio::test]
async fn an_allow_list_for_a_method_that_does_not_exist_is_refused() {
    let site = Site::new();
    let config = site.server_config();
    let built = builder(Echo::default(), config, telemetry("x"))
        .allow_str(
            "/kit.test.v1.Echo/Ecco",
            &["spiffe://us.example/agency/bis/client"],
        )
        .unwrap();
    assert!(
        built
            .bind()
            .await
            .unwrap_err()
            .to_string()
            .contains("Echo/Ecco")
    );
}

/// Calls without pause, on connections that live 50 ms, and counts what went wrong.
async fn load(client: Channel, stop: Arc<AtomicBool>, done: Arc<AtomicUsize>) -> Vec<Status> {
    let mut failed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        match call(client.clone()).await {
            Ok(_) => _ = done.fetch_add(1, Ordering::Relaxed),
            Err(status) => failed.push(status),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    failed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_and_bundles_reload_under_calls_without_a_dropped_one() {
    let site = Site::new();
    let mut config = site.server_config();
    config.max_connection_age_ms = 50;
    config.tls.as_mut().unwrap().reload_interval_ms = 50;
    let server = site.server(Echo::default(), config).await;
    let mut tls = site.client_cert.tls([&site.us]);
    tls.reload_interval_ms = 50;
    let expected = "spiffe://us.example/agency/bis/server";
    let (stop, done) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let client = channel(server.addr(), tls.clone(), expected);
            tokio::spawn(load(client, stop.clone(), done.clone()))
        })
        .collect();
    let pause = || tokio::time::sleep(Duration::from_millis(400));
    pause().await;

    // The same CA renews both certificates.
    site.us.issue("bis", "server").unwrap();
    site.us.issue("bis", "client").unwrap();
    pause().await;

    // Another CA takes over: both trusted, then new certificates, then only the new CA.
    let old_client = site.us.issue("bis", "old").unwrap();
    let other = tempfile::tempdir().unwrap();
    let successor = DevCa::create(other.path(), "us.example").unwrap();
    let new_pem = std::fs::read(successor.bundle()).unwrap();
    let both = [std::fs::read(site.us.bundle()).unwrap(), new_pem.clone()].concat();
    replace(&site.us.bundle(), &both);
    pause().await;
    for service in ["server", "client"] {
        let fresh = successor.issue("bis", service).unwrap();
        let name = |path: &std::path::Path| site.path().join(path.file_name().unwrap());
        replace(&name(&fresh.key), &std::fs::read(&fresh.key).unwrap());
        replace(&name(&fresh.cert), &std::fs::read(&fresh.cert).unwrap());
    }
    pause().await;
    replace(&site.us.bundle(), &new_pem);
    pause().await;
    let before = done.load(Ordering::Relaxed);
    pause().await;

    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        let failed = worker.await.unwrap();
        assert!(
            failed.is_empty(),
            "{} failed, first: {:?}",
            failed.len(),
            failed.first()
        );
    }
    assert!(done.load(Ordering::Relaxed) > before && before > 100);
    // What only the old CA vouches for is now refused.
    let old = site.client_as(server.addr(), &old_client);
    assert_eq!(call(old).await.unwrap_err().code(), Code::Unavailable);
    server.shutdown().await;
}

fn replace(path: &std::path::Path, bytes: &[u8]) {
    let fresh = path.with_extension("tmp");
    std::fs::write(&fresh, bytes).unwrap();
    std::fs::rename(&fresh, path).unwrap();
}
