//! Two trust domains, a server, and clients of any identity.

use crate::echo::{COUNT, ECHO, Echo, descriptor};
use concord_kit::{
    client::Channel,
    config::{ClientConfig, ServerConfig, TelemetryConfig, TlsConfig},
    dev_ca::{DevCa, DevCert},
    serve::{RunningServer, ServerBuilder},
    spiffe::IdentityPattern,
    telemetry::Telemetry,
};
use std::{net::SocketAddr, path::Path};
use tempfile::TempDir;

pub struct Site {
    pub dir: TempDir,
    pub us: DevCa,
    pub kr: DevCa,
    pub server_cert: DevCert,
    pub client_cert: DevCert,
}

impl Site {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let us = DevCa::create(dir.path(), "us.example").unwrap();
        let kr = DevCa::create(dir.path(), "kr.example").unwrap();
        let server_cert = us.issue("bis", "server").unwrap();
        let client_cert = us.issue("bis", "client").unwrap();
        Self {
            dir,
            us,
            kr,
            server_cert,
            client_cert,
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The server's settings; it trusts both domains.
    pub fn server_config(&self) -> ServerConfig {
        ServerConfig {
            tls: Some(self.server_cert.tls([&self.us, &self.kr])),
            admin_listen: Some("127.0.0.1:0".parse().unwrap()),
            drain_timeout_ms: 5_000,
            ..ServerConfig::default()
        }
    }

    pub async fn server(&self, echo: Echo, config: ServerConfig) -> RunningServer {
        let server = builder(echo, config, telemetry("server"))
            .bind()
            .await
            .unwrap()
            .spawn();
        server.health().serving().await;
        server
    }

    pub fn client(&self, addr: SocketAddr) -> Channel {
        self.client_as(addr, &self.client_cert)
    }

    pub fn client_as(&self, addr: SocketAddr, cert: &DevCert) -> Channel {
        channel(
            addr,
            cert.tls([&self.us, &self.kr]),
            "spiffe://us.example/agency/bis/server",
        )
    }
}

pub fn builder(echo: Echo, config: ServerConfig, telemetry: Telemetry) -> ServerBuilder {
    let allowed = [
        "spiffe://us.example/agency/*/client",
        "spiffe://dev.local/agency/dev/local",
    ];
    ServerBuilder::new("echo", config, telemetry)
        .add_service(echo)
        .descriptor(&descriptor())
        .allow_str(ECHO, &allowed)
        .unwrap()
        .allow_str(COUNT, &allowed)
        .unwrap()
}

pub fn channel(addr: SocketAddr, tls: TlsConfig, expected: &str) -> Channel {
    let expected: IdentityPattern = expected.parse().unwrap();
    let config = ClientConfig::mutual_tls(format!("https://{addr}"), tls, vec![expected]);
    Channel::new(&config, telemetry("client")).unwrap()
}

pub fn telemetry(service: &str) -> Telemetry {
    Telemetry::new(service, &TelemetryConfig::default()).unwrap()
}

/// A plain GET, for the admin listener.
pub async fn get(addr: SocketAddr, path: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let code = text.split(' ').nth(1).unwrap().parse().unwrap();
    (code, text)
}
