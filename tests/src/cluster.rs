//! Two deployments of four services each in this process: real sockets on free ports, mutual TLS, the settings of
//! `deploy/config`, logs on disk. Only the machine differs from what is deployed.

mod deployment;
mod settings;

use std::path::Path;

use concord_kit::config::{ClientConfig, TelemetryConfig};
use concord_kit::dev_ca::{DevCa, DevCert};
use concord_kit::telemetry::Telemetry;
use concord_kit::{client::Channel, spiffe::SpiffeId};
use concord_proto::audit::audit_service_client::AuditServiceClient;
use concord_proto::audit::{
    GetRecordRequest, Record, Refusal, SearchRecordsRequest, get_record_request,
};
use concord_proto::determination::determination_service_client::DeterminationServiceClient;
use concord_proto::types::RecordKind;
use prost::Message;
use tempfile::TempDir;

pub use deployment::Deployment;
use deployment::Shared;

use crate::collector::Collector;
use crate::network::free_port;

/// What clients of the tests read, like the servers.
const MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// What a cluster needs besides the defaults.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Export traces and metrics to a collector of this process.
    pub collector: bool,
    /// `redis://…` that both deployments use as cache.
    pub redis: Option<String>,
    /// The folder made by `concord lists add`, for both deployments; absent: the shipped example list.
    pub lists: Option<std::path::PathBuf>,
    /// What of the parties the US deployment discloses: `NONE`, `ROLE_AND_COUNTRY` or `NAMED`.
    pub disclosure: Option<&'static str>,
    /// Largest answer of the US deployment's determination service; absent: as deployed.
    pub answer_bytes: Option<u32>,
}

/// The two deployments, their CAs and what they share on this machine.
pub struct Cluster {
    /// The United States.
    pub us: Deployment,
    /// Korea.
    pub kr: Deployment,
    /// Telemetry of the caller: the root of every trace.
    pub caller: Telemetry,
    collector: Option<Collector>,
    tasks_before: usize,
    dir: TempDir,
}

impl Cluster {
    /// Starts both and waits until all eight services say SERVING.
    ///
    /// # Panics
    /// When a service does not start: the test cannot go on.
    pub async fn start(options: Options) -> Self {
        concord_kit::tls::install_crypto();
        let tasks_before = tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let collector = if options.collector {
            Some(Collector::start().await)
        } else {
            None
        };
        let endpoint = collector.as_ref().map(Collector::endpoint);
        let ca = |domain: &str| DevCa::create(&dir.path().join("certs"), domain).expect("a CA");
        let (us_ca, kr_ca) = (ca("us.concord.example"), ca("kr.concord.example"));
        let (us_port, kr_port) = (free_port(), free_port());
        let secret = dir.path().join("mac.key");
        std::fs::write(&secret, [7; 32]).expect("the folder is writable");
        let shared = Shared {
            dir: dir.path(),
            options: &options,
            secret: &secret,
            collector: endpoint.as_deref(),
        };
        let us = Deployment::start(&shared, "us", us_ca, us_port, (&kr_ca, kr_port)).await;
        let kr = Deployment::start(&shared, "kr", kr_ca, kr_port, (us.ca(), us_port)).await;
        let caller = TelemetryConfig {
            otlp_endpoint: endpoint.clone(),
            deployment: "agency".to_owned(),
            ..TelemetryConfig::default()
        };
        let caller = Telemetry::new("caller", &caller).expect("telemetry of the caller");
        for deployment in [&us, &kr] {
            deployment.serving().await;
        }
        Self {
            us,
            kr,
            caller,
            collector,
            tasks_before,
            dir,
        }
    }

    /// A folder that ends with the cluster.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The collector.
    ///
    /// # Panics
    /// Without [`Options::collector`].
    pub fn collector(&self) -> &Collector {
        self.collector
            .as_ref()
            .expect("the cluster was started with a collector")
    }

    /// Makes every service export what it has.
    pub async fn flush(&self) {
        self.caller.flush().await;
        for deployment in [&self.us, &self.kr] {
            deployment.flush().await;
        }
    }

    /// A channel for that certificate to a server of `deployment` with that address and service name.
    pub fn channel(
        &self,
        deployment: &Deployment,
        service: &str,
        addr: std::net::SocketAddr,
        cert: &DevCert,
    ) -> Channel {
        let identity = SpiffeId::new(deployment.ca().trust_domain(), deployment.agency(), service);
        let identity = identity.expect("an identity").to_string();
        let mut tls = cert.tls([deployment.ca()]);
        tls.reload_interval_ms = settings::RELOAD_MS;
        let mut config = ClientConfig::mutual_tls(
            format!("https://{addr}"),
            tls,
            vec![identity.parse().expect("an identity is a pattern")],
        );
        // Tests say themselves how long a call may take.
        config.deadline_ms = 60_000;
        Channel::new(&config, self.caller.clone()).expect("a channel")
    }

    /// Stops everything and fails when anything of it is left: a connection that had to be cut, a port that still
    /// listens, a task that still lives. Drop the clients first: they have tasks of their own.
    pub async fn shutdown(self) {
        let Self {
            us,
            kr,
            caller,
            collector,
            tasks_before,
            dir,
        } = self;
        let ports: Vec<_> = us.addresses().chain(kr.addresses()).collect();
        us.shutdown().await;
        kr.shutdown().await;
        caller.shutdown().await;
        if let Some(collector) = collector {
            collector.shutdown().await;
        }
        for addr in ports {
            let reached = tokio::net::TcpStream::connect(addr).await;
            assert!(reached.is_err(), "{addr} still listens after the shutdown");
        }
        let alive = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        let most = std::time::Duration::from_secs(5);
        let ended = crate::network::until(most, || (alive() <= tasks_before).then_some(())).await;
        assert!(
            ended.is_some(),
            "{} tasks live, {tasks_before} did before",
            alive()
        );
        dir.close().expect("nothing holds the folder");
    }
}

// === clients ===

impl Cluster {
    /// An agency's own system, allowed to ask the deployment.
    pub fn determination(&self, deployment: &Deployment) -> DeterminationServiceClient<Channel> {
        self.determination_as(deployment, deployment.cert("client"))
    }

    /// Somebody who asks the deployment with that certificate.
    pub fn determination_as(
        &self,
        deployment: &Deployment,
        cert: &DevCert,
    ) -> DeterminationServiceClient<Channel> {
        let addr = deployment.addr("determination");
        let channel = self.channel(deployment, "determination", addr, cert);
        DeterminationServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES)
    }

    /// The deployment's log, asked as its determination service may.
    pub fn audit(&self, deployment: &Deployment) -> AuditServiceClient<Channel> {
        let cert = deployment.cert("determination");
        let channel = self.channel(deployment, "audit", deployment.addr("audit"), cert);
        AuditServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES)
    }

    /// Every record in the deployment's log but those of refused calls, newest first, without bodies.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn records(&self, deployment: &Deployment) -> Vec<Record> {
        let mut records = self.search(deployment, Vec::new()).await;
        records.retain(|record| record.kind() != RecordKind::Refusal);
        records
    }

    /// The records of refused calls, newest first, each with its caller.
    ///
    /// # Panics
    /// When the log or a record cannot be read.
    pub async fn refusals(&self, deployment: &Deployment) -> Vec<(String, Refusal)> {
        let kinds = vec![RecordKind::Refusal.into()];
        let mut refusals = Vec::new();
        for found in self.search(deployment, kinds).await {
            let name = Some(get_record_request::Name::RecordId(found.record_id));
            let mut audit = self.audit(deployment);
            let record = audit.get_record(GetRecordRequest { name }).await;
            let record = record.expect("the record").into_inner().record;
            let record = record.expect("the record");
            let refusal = Refusal::decode(record.body.as_slice()).expect("a refusal");
            refusals.push((record.caller, refusal));
        }
        refusals
    }

    async fn search(&self, deployment: &Deployment, kinds: Vec<i32>) -> Vec<Record> {
        let request = SearchRecordsRequest {
            kinds,
            page_size: 1_000,
            ..Default::default()
        };
        let reply = self.audit(deployment).search_records(request).await;
        reply.expect("the log can be searched").into_inner().records
    }
}
