//! One deployment: audit, classification, screening and determination.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use concord_kit::CancellationToken;
use concord_kit::config::Loader;
use concord_kit::dev_ca::{DevCa, DevCert};
use concord_kit::health::Health;
use concord_kit::serve::{BoundServer, Drained};
use concord_kit::telemetry::Telemetry;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::Options;
use super::settings::Settings;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ANY: SocketAddr = SocketAddr::new(LOOPBACK, 0);

/// What both deployments of a cluster have from it.
pub(super) struct Shared<'a> {
    pub dir: &'a Path,
    pub options: &'a Options,
    pub secret: &'a Path,
    pub collector: Option<&'a str>,
}

/// One running deployment.
pub struct Deployment {
    name: &'static str,
    ca: DevCa,
    certs: BTreeMap<&'static str, DevCert>,
    services: BTreeMap<&'static str, Service>,
    federation: SocketAddr,
}

/// One running service.
struct Service {
    addr: SocketAddr,
    admin: SocketAddr,
    health: Health,
    telemetry: Telemetry,
    stop: CancellationToken,
    task: JoinHandle<Drained>,
}

impl Deployment {
    /// Builds the four services in the order in which they need one another's addresses.
    pub(super) async fn start(
        shared: &Shared<'_>,
        name: &'static str,
        ca: DevCa,
        federation_port: u16,
        (counterpart, counterpart_port): (&DevCa, u16),
    ) -> Self {
        let agency = agency(name);
        let names = [
            "audit",
            "classification",
            "screening",
            "determination",
            "client",
        ];
        let issue = |service| (service, ca.issue(agency, service).expect("a certificate"));
        let certs: BTreeMap<_, _> = names.into_iter().map(issue).collect();
        let data = shared.dir.join(name);
        std::fs::create_dir_all(&data).expect("the folder is writable");
        let mut services = BTreeMap::new();
        let settings = |service: &str| {
            let mut settings = Settings::deployed(name, service);
            settings
                .listener("server", ANY, &certs[service], &ca)
                .telemetry(name, shared.collector);
            settings
        };

        let mut audit = settings("audit");
        audit
            .set(&["data_dir"], data.join("log").display().to_string())
            .remove("key_file")
            .remove("kek_file");
        let (config, telemetry): (concord_audit::Config, _) = load("audit", &audit);
        let bound = concord_audit::build(config, telemetry.clone())
            .await
            .expect("audit starts");
        let mut service = Service::of(&bound.server, telemetry);
        service.run(|stop| bound.serve(stop));
        services.insert("audit", service);

        let (config, telemetry) = load("classification", &settings("classification"));
        let bound = concord_classification::build(config, telemetry.clone()).await;
        let bound = bound.expect("classification starts");
        services.insert("classification", Service::spawn(bound, telemetry));

        let mut screening = settings("screening");
        let lists = shared
            .options
            .lists
            .clone()
            .unwrap_or_else(|| data.join("lists"));
        screening.set(&["lists_dir"], lists.display().to_string());
        cache(&mut screening, shared);
        let (config, telemetry) = load("screening", &screening);
        let bound = concord_screening::build(config, telemetry.clone()).await;
        services.insert(
            "screening",
            Service::spawn(bound.expect("screening starts"), telemetry),
        );

        let mut determination = settings("determination");
        let own = &certs["determination"];
        for service in ["audit", "classification", "screening"] {
            determination.channel(&[service], services[service].addr, own, &ca);
        }
        let federation = SocketAddr::new(LOOPBACK, federation_port);
        let other = if name == "us" { "KR" } else { "US" };
        let other_addr = SocketAddr::new(LOOPBACK, counterpart_port);
        determination
            .listener("federation", federation, own, counterpart)
            .channel(
                &["counterparts", other, "client"],
                other_addr,
                own,
                counterpart,
            );
        cache(&mut determination, shared);
        if let Some(bytes) = shared.options.answer_bytes.filter(|_| name == "us") {
            determination.set(&["server", "limits", "answer_bytes"], i64::from(bytes));
        }
        if let Some(disclosure) = shared.options.disclosure.filter(|_| name == "us") {
            determination.set(&["counterparts", other, "disclosure"], disclosure);
        }
        let (config, telemetry) = load("determination", &determination);
        let bound = concord_determination::build(config, telemetry.clone()).await;
        let bound = bound.expect("determination starts");
        let mut service = Service::of(&bound.server, telemetry);
        service.run(|stop| bound.serve(stop));
        services.insert("determination", service);
        Self {
            name,
            ca,
            certs,
            services,
            federation,
        }
    }

    /// `us` or `kr`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The agency in its identities.
    pub fn agency(&self) -> &'static str {
        agency(self.name)
    }

    /// Its certificate authority.
    pub fn ca(&self) -> &DevCa {
        &self.ca
    }

    /// The certificate of a service, or of `client`, an agency's own system.
    pub fn cert(&self, service: &str) -> &DevCert {
        &self.certs[service]
    }

    /// Where a service listens.
    pub fn addr(&self, service: &str) -> SocketAddr {
        self.services[service].addr
    }

    /// Where counterparts call.
    pub fn federation(&self) -> SocketAddr {
        self.federation
    }

    /// Every address on which it listens.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        let own = self
            .services
            .values()
            .flat_map(|service| [service.addr, service.admin]);
        own.chain([self.federation])
    }

    /// Waits until every service says SERVING.
    pub(super) async fn serving(&self) {
        for (name, service) in &self.services {
            let serving = service.health.serving();
            let limit = std::time::Duration::from_secs(60);
            let waited = tokio::time::timeout(limit, serving).await;
            assert!(
                waited.is_ok(),
                "{name} waits for {:?}",
                service.health.waiting()
            );
        }
    }

    /// The metrics page of every service, as a scraper reads it.
    pub async fn metrics_pages(&self) -> String {
        let mut pages = String::new();
        for service in self.services.values() {
            let mut stream = tokio::net::TcpStream::connect(service.admin)
                .await
                .expect("the page");
            let request = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
            stream.write_all(request).await.expect("the page reads");
            stream
                .read_to_string(&mut pages)
                .await
                .expect("the page is text");
        }
        pages
    }

    /// Makes every service export what it has.
    pub(super) async fn flush(&self) {
        for service in self.services.values() {
            service.telemetry.flush().await;
        }
    }

    /// Stops one service, as when its pod goes; its port stays free.
    pub async fn stop(&mut self, service: &str) {
        let service = self.services.remove(service).expect("a running service");
        service.shutdown().await;
    }

    /// Stops all of them, callers before those they call.
    pub async fn stop_all(&mut self) {
        for name in ["determination", "screening", "classification", "audit"] {
            if let Some(service) = self.services.remove(name) {
                service.shutdown().await;
            }
        }
    }

    pub(super) async fn shutdown(mut self) {
        self.stop_all().await;
    }
}

impl Service {
    /// The service behind that listener, not running yet.
    fn of(bound: &BoundServer, telemetry: Telemetry) -> Self {
        Self {
            addr: bound.addr(),
            admin: bound.admin_addr().expect("an admin listener"),
            health: bound.health().clone(),
            telemetry,
            stop: CancellationToken::new(),
            task: tokio::spawn(async { Drained { cut: 0 } }),
        }
    }

    fn run<F>(&mut self, serve: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = Drained> + Send + 'static,
    {
        self.task = tokio::spawn(serve(self.stop.clone()));
    }

    fn spawn(bound: BoundServer, telemetry: Telemetry) -> Self {
        let mut service = Self::of(&bound, telemetry);
        service.run(|stop| bound.serve(stop));
        service
    }

    async fn shutdown(self) {
        self.stop.cancel();
        let drained = self.task.await.expect("a service ends without a panic");
        assert_eq!(
            drained.cut, 0,
            "a connection of {:?} had to be cut",
            self.telemetry
        );
        self.telemetry.shutdown().await;
    }
}

/// The cache as the options ask for it: the deployed settings name a Redis with a password and TLS.
fn cache(settings: &mut Settings, shared: &Shared<'_>) {
    settings.remove("cache");
    if let Some(url) = &shared.options.redis {
        let secret = shared.secret.display().to_string();
        settings.set(&["cache", "redis", "url"], url.clone());
        settings.set(&["cache", "redis", "secret_file"], secret);
    }
}

fn agency(deployment: &str) -> &'static str {
    if deployment == "us" { "bis" } else { "motir" }
}

/// Reads settings as the program does and sets up the telemetry they ask for.
fn load<C: DeserializeOwned + AsTelemetry>(service: &str, settings: &Settings) -> (C, Telemetry) {
    let loader = Loader::new().text(service, &settings.text()).env([]);
    let config: C = loader
        .load()
        .unwrap_or_else(|error| panic!("{service}: {error}"));
    let telemetry = Telemetry::new(service, config.telemetry()).expect("telemetry");
    (config, telemetry)
}

/// Every service's settings have this section.
trait AsTelemetry {
    fn telemetry(&self) -> &concord_kit::config::TelemetryConfig;
}

macro_rules! as_telemetry {
    ($($config:ty),*) => {$(
        impl AsTelemetry for $config {
            fn telemetry(&self) -> &concord_kit::config::TelemetryConfig {
                &self.telemetry
            }
        }
    )*};
}

as_telemetry!(
    concord_audit::Config,
    concord_classification::Config,
    concord_screening::Config,
    concord_determination::Config
);
