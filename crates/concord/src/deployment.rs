//! Deployments in this process: four services each, real gRPC over mutual TLS on loopback, own data directory, log, key
//! and test CA. Two of them meet only in the federation service.
//!
//! Settings are those of `deploy/config`; only addresses, certificates and directories are replaced.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use concord_determination::Disclosure;
use concord_kit::CancellationToken;
use concord_kit::client::Channel;
use concord_kit::config::{ClientConfig, RedisConfig, TelemetryConfig, TlsConfig};
use concord_kit::dev_ca::{DevCa, DevCert};
use concord_kit::telemetry::Telemetry;
use tokio::task::JoinHandle;

mod folders;
mod jurisdiction;
mod meeting;

pub use folders::Folders;
pub use jurisdiction::Jurisdiction;
use jurisdiction::settings;
use meeting::Meeting;

/// What differs between a one-shot command, `concord dev` and a test.
#[derive(Debug, Clone)]
pub struct Options {
    /// Below it each deployment has its own directory.
    pub data_dir: PathBuf,
    /// Where traces and metrics go; absent: nowhere.
    pub otlp_endpoint: Option<String>,
    /// A Redis for both deployments; absent: memory only.
    pub redis: Option<RedisConfig>,
    /// What of the parties crosses the border between the two.
    pub disclosure: Disclosure,
    /// Serve probes and metrics on a free port of each service.
    pub admin: bool,
    /// Official texts and tables that search reads.
    pub attached: concord_classification::finder::AttachedFiles,
    /// The deployments to start; the counterpart of one that is not started is unavailable.
    pub start: Vec<Jurisdiction>,
}

impl Options {
    /// Both deployments below `data_dir`, parties disclosed by name, no telemetry, no Redis.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            otlp_endpoint: None,
            redis: None,
            disclosure: Disclosure::Named,
            admin: false,
            attached: Default::default(),
            start: Jurisdiction::ALL.to_vec(),
        }
    }
}

/// One running deployment.
#[derive(Debug)]
pub struct Deployment {
    jurisdiction: Jurisdiction,
    addresses: Addresses,
    client: DevCert,
    ca: PathBuf,
    client_tls: TlsConfig,
    stop: CancellationToken,
    tasks: Vec<(&'static str, JoinHandle<usize>)>,
    telemetry: Vec<Telemetry>,
    client_telemetry: Telemetry,
}

/// Where its listeners are.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// gRPC by service: classification, screening, audit, determination, federation.
    pub grpc: Vec<(&'static str, SocketAddr)>,
    /// Probes and metrics by service.
    pub admin: Vec<(&'static str, SocketAddr)>,
}

impl Addresses {
    /// The gRPC address of a service.
    pub fn of(&self, service: &str) -> Option<SocketAddr> {
        self.grpc
            .iter()
            .find(|(name, _)| *name == service)
            .map(|(_, addr)| *addr)
    }
}

/// The deployments that run in this process.
#[derive(Debug)]
pub struct Deployments {
    all: Vec<Deployment>,
}

impl Deployments {
    /// Starts the deployments; they answer when this returns.
    ///
    /// # Errors
    /// What keeps a service from being built, with the service's name.
    pub async fn start(options: &Options) -> Result<Self> {
        concord_kit::tls::install_crypto();
        let cas = Jurisdiction::ALL
            .map(|j| DevCa::create(&Folders::of(&options.data_dir, j).certs(), j.trust_domain()));
        let [us, kr] = cas;
        let (us, kr) = (us.context("test CA of US")?, kr.context("test CA of KR")?);
        // Each side must know the other's federation address and witness before either is built.
        let mut taken = Vec::new();
        let mut port = || free_port(&mut taken);
        let federation = [port()?, port()?];
        let witnesses = [port()?, port()?];
        let logs = Jurisdiction::ALL.map(|j| Meeting::keys(j, options));
        let [us_log, kr_log] = logs;
        let (us_log, kr_log) = (us_log?, kr_log?);
        let mut all = Vec::new();
        for &j in &options.start {
            let (own, other) = match j {
                Jurisdiction::Us => (&us, &kr),
                Jurisdiction::Kr => (&kr, &us),
            };
            let addresses = match j {
                Jurisdiction::Us => federation,
                Jurisdiction::Kr => [federation[1], federation[0]],
            };
            let meeting = match j {
                Jurisdiction::Us => Meeting::new(witnesses, &kr_log),
                Jurisdiction::Kr => Meeting::new([witnesses[1], witnesses[0]], &us_log),
            };
            let deployment = Deployment::start(j, options, own, other, addresses, &meeting)
                .await
                .with_context(|| format!("deployment {}", j.code()))?;
            all.push(deployment);
        }
        Ok(Self { all })
    }

    /// A running deployment.
    pub fn get(&self, jurisdiction: Jurisdiction) -> Option<&Deployment> {
        self.all.iter().find(|d| d.jurisdiction == jurisdiction)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Deployment> {
        self.all.iter()
    }

    /// Takes one out, to stop it alone.
    pub fn take(&mut self, jurisdiction: Jurisdiction) -> Option<Deployment> {
        let position = self
            .all
            .iter()
            .position(|d| d.jurisdiction == jurisdiction)?;
        Some(self.all.remove(position))
    }

    /// Drains and stops everything.
    ///
    /// # Errors
    /// A service that had to be cut off or did not end cleanly.
    pub async fn shutdown(self) -> Result<()> {
        let ends = self.all.into_iter().map(Deployment::shutdown);
        for end in futures_util::future::join_all(ends).await {
            end?;
        }
        Ok(())
    }
}

/// A port of the loopback that is free now and was not given to `taken`. It lies below those that the system gives to
/// outgoing connections, or one of them could have it before the service binds it.
fn free_port(taken: &mut Vec<SocketAddr>) -> Result<SocketAddr> {
    const FIRST: u16 = 15_000;
    const COUNT: u32 = 17_000;
    // Programs that start at the same time have neighbouring numbers.
    let own = std::process::id().wrapping_mul(37);
    for next in 0..COUNT {
        let Ok(offset) = u16::try_from(own.wrapping_add(next) % COUNT) else {
            continue;
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, FIRST + offset));
        if !taken.contains(&address) && TcpListener::bind(address).is_ok() {
            taken.push(address);
            return Ok(address);
        }
    }
    anyhow::bail!("no free port on loopback between {FIRST} and 32000")
}

impl Deployment {
    /// `federation`: our own federation address, then the counterpart's.
    async fn start(
        j: Jurisdiction,
        options: &Options,
        ca: &DevCa,
        other: &DevCa,
        federation: [SocketAddr; 2],
        meeting: &Meeting,
    ) -> Result<Self> {
        let folders = Folders::of(&options.data_dir, j);
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let admin = options.admin.then_some(any);
        let telemetry = |service: &str| {
            let config = TelemetryConfig {
                deployment: j.folder().to_owned(),
                otlp_endpoint: options.otlp_endpoint.clone(),
                metric_interval_ms: 1_000,
                ..TelemetryConfig::default()
            };
            Telemetry::new(service, &config).context("telemetry")
        };
        let cert = |service: &str| ca.issue(j.agency(), service).context("test certificate");
        let stop = CancellationToken::new();
        let mut tasks: Vec<(&'static str, JoinHandle<usize>)> = Vec::new();
        let mut grpc = Vec::new();
        let mut admins = Vec::new();
        let mut sinks = Vec::new();

        let mut c: concord_classification::Config = settings(j, "classification")?;
        (
            c.server.listen,
            c.server.admin_listen,
            c.server.drain_delay_ms,
        ) = (any, admin, 0);
        c.server.tls = Some(cert("classification")?.tls([ca]));
        c.attached = options.attached.clone();
        let t = telemetry("classification")?;
        let bound = concord_classification::build(c, t.clone())
            .await
            .context("classification")?;
        grpc.push(("classification", bound.addr()));
        admins.extend(bound.admin_addr().map(|a| ("classification", a)));
        let end = stop.clone();
        tasks.push((
            "classification",
            tokio::spawn(async move { bound.serve(end).await.cut }),
        ));
        sinks.push(t);

        let mut c: concord_screening::Config = settings(j, "screening")?;
        (
            c.server.listen,
            c.server.admin_listen,
            c.server.drain_delay_ms,
        ) = (any, admin, 0);
        c.server.tls = Some(cert("screening")?.tls([ca]));
        c.lists_dir = folders.lists();
        c.cache.redis = options.redis.clone();
        let t = telemetry("screening")?;
        let bound = concord_screening::build(c, t.clone())
            .await
            .context("screening")?;
        grpc.push(("screening", bound.addr()));
        admins.extend(bound.admin_addr().map(|a| ("screening", a)));
        let end = stop.clone();
        tasks.push((
            "screening",
            tokio::spawn(async move { bound.serve(end).await.cut }),
        ));
        sinks.push(t);

        let mut c: concord_audit::Config = settings(j, "audit")?;
        (
            c.server.listen,
            c.server.admin_listen,
            c.server.drain_delay_ms,
        ) = (any, admin, 0);
        let own = cert("audit")?;
        c.server.tls = Some(own.tls([ca]));
        c.data_dir = folders.log();
        (c.key_file, c.kek_file) = (None, None); // made beside the log
        meeting.settle(j, &mut c, &own, other.bundle());
        let t = telemetry("audit")?;
        let bound = concord_audit::build(c, t.clone()).await.context("audit")?;
        grpc.push(("audit", bound.server.addr()));
        admins.extend(bound.server.admin_addr().map(|a| ("audit", a)));
        // The log is closed after those who write to it.
        let audit_stop = CancellationToken::new();
        let end = audit_stop.clone();
        let audit = tokio::spawn(async move { bound.serve(end).await.cut });
        sinks.push(t);

        let mut c: concord_determination::Config = settings(j, "determination")?;
        let own = cert("determination")?;
        let point = |client: &mut ClientConfig, service: &str, tls: TlsConfig| {
            let address = grpc
                .iter()
                .find(|(name, _)| *name == service)
                .map(|(_, a)| *a);
            client.uri = format!("https://localhost:{}", address.map_or(0, |a| a.port()));
            client.tls = Some(tls);
        };
        (
            c.server.listen,
            c.server.admin_listen,
            c.server.drain_delay_ms,
        ) = (any, admin, 0);
        c.server.tls = Some(own.tls([ca]));
        point(&mut c.classification, "classification", own.tls([ca]));
        point(&mut c.screening, "screening", own.tls([ca]));
        point(&mut c.audit, "audit", own.tls([ca]));
        if let Some(f) = &mut c.federation {
            (f.listen, f.admin_listen, f.drain_delay_ms) = (federation[0], None, 0);
            f.tls = Some(own.tls([other]));
        }
        if let Some(counterpart) = c.counterparts.get_mut(j.other().code()) {
            counterpart.client.uri = format!("https://localhost:{}", federation[1].port());
            counterpart.client.tls = Some(own.tls([other]));
            counterpart.disclosure = options.disclosure;
        }
        c.cache.redis = options.redis.clone();
        let t = telemetry("determination")?;
        let bound = concord_determination::build(c, t.clone())
            .await
            .context("determination")?;
        grpc.push(("determination", bound.server.addr()));
        grpc.extend(bound.federation.as_ref().map(|f| ("federation", f.addr())));
        admins.extend(bound.server.admin_addr().map(|a| ("determination", a)));
        let end = stop.clone();
        let determination = tokio::spawn(async move {
            let cut = bound.serve(end).await.cut;
            audit_stop.cancel();
            cut
        });
        tasks.push(("determination", determination));
        tasks.push(("audit", audit));
        sinks.push(t);

        let client = cert("client")?;
        let client_tls = client.tls([ca]);
        Ok(Self {
            jurisdiction: j,
            addresses: Addresses {
                grpc,
                admin: admins,
            },
            client,
            ca: ca.bundle(),
            client_tls,
            stop,
            tasks,
            telemetry: sinks,
            client_telemetry: telemetry("client")?,
        })
    }

    /// Which one it is.
    pub fn jurisdiction(&self) -> Jurisdiction {
        self.jurisdiction
    }

    /// Where its listeners are.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The certificate of an agency system that may call determination.
    pub fn client_cert(&self) -> &DevCert {
        &self.client
    }

    /// The file with the CA certificate of its trust domain.
    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// A channel to one of its services with the agency system's certificate.
    ///
    /// # Errors
    /// A service that does not run here.
    pub fn channel(&self, service: &str) -> Result<Channel> {
        let address = self
            .addresses
            .of(service)
            .with_context(|| format!("no service `{service}` here"))?;
        let identity = format!(
            "spiffe://{}/agency/{}/{}",
            self.jurisdiction.trust_domain(),
            self.jurisdiction.agency(),
            if service == "federation" {
                "determination"
            } else {
                service
            }
        );
        let mut config = ClientConfig::mutual_tls(
            format!("https://localhost:{}", address.port()),
            self.client_tls.clone(),
            vec![identity.parse()?],
        );
        config.deadline_ms = 30_000;
        Ok(Channel::new(&config, self.client_telemetry.clone())?)
    }

    /// Sends what telemetry is still queued, for tests that look at a collector.
    pub async fn flush(&self) {
        for t in self.telemetry.iter().chain([&self.client_telemetry]) {
            t.flush().await;
        }
    }

    /// The metrics page of every service.
    pub fn metrics(&self) -> String {
        self.telemetry.iter().map(Telemetry::metrics_text).collect()
    }

    /// Drains and stops the services, the log last.
    ///
    /// # Errors
    /// A service that panicked.
    pub async fn shutdown(self) -> Result<()> {
        self.stop.cancel();
        for (service, task) in self.tasks {
            let cut = task
                .await
                .with_context(|| format!("{service} did not end cleanly"))?;
            if cut > 0 {
                eprintln!("{service}: {cut} connections were cut while draining");
            }
        }
        for t in self.telemetry.iter().chain([&self.client_telemetry]) {
            t.shutdown().await;
        }
        Ok(())
    }
}
