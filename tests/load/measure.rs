//! Targets and what a round of calls to them takes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use concord_kit::client::Channel;
use concord_kit::config::{ClientConfig, TelemetryConfig, TlsConfig};
use concord_kit::telemetry::Telemetry;
use concord_proto::classification as api;
use concord_proto::classification::classification_service_client::ClassificationServiceClient;
use concord_proto::determination::DetermineRequest;
use concord_proto::determination::determination_service_client::DeterminationServiceClient;
use concord_proto::types::{Item, Line, Party, Quantity, RequestContext, Transaction, View};
use concord_tests::process::Process;
use prost::Message;

/// The targets in the order in which they take turns.
pub const NAMES: [&str; 6] = [
    "bare echo",
    "echo behind the kit",
    "echo, mutual TLS",
    "Classify",
    "Determine alone",
    "Determine with Consult",
];

/// One measured round.
#[derive(Debug, Clone)]
pub struct Row {
    /// The target.
    pub name: &'static str,
    /// Streams at the same time.
    pub streams: usize,
    /// Calls a second.
    pub rate: f64,
    /// Median in milliseconds.
    pub p50: f64,
    /// 99th percentile in milliseconds.
    pub p99: f64,
    /// CPU of the server process per call in microseconds.
    pub cpu: f64,
}

/// How many turns each target gets.
const SLICES: u32 = 12;

/// What the slices of one target come to.
#[derive(Default)]
struct Sum {
    elapsed: Duration,
    cpu: Duration,
    times: Vec<Duration>,
}

impl Sum {
    fn row(mut self, name: &'static str, streams: usize) -> Row {
        self.times.sort_unstable();
        let calls = self.times.len().max(1);
        let at = |share: f64| {
            let i = ((calls as f64 * share) as usize).min(calls - 1);
            self.times.get(i).map_or(0.0, |d| d.as_secs_f64() * 1e3)
        };
        Row {
            name,
            streams,
            rate: calls as f64 / self.elapsed.as_secs_f64(),
            p50: at(0.50),
            p99: at(0.99),
            cpu: self.cpu.as_secs_f64() * 1e6 / calls as f64,
        }
    }
}

/// Server processes, killed when dropped.
#[derive(Debug)]
pub struct Targets {
    bare: Process,
    kit: Process,
    tls: Process,
    concord: Process,
    echo_bare: ClassificationServiceClient<tonic::transport::Channel>,
    echo_kit: ClassificationServiceClient<tonic::transport::Channel>,
    echo_tls: ClassificationServiceClient<Channel>,
    classify: ClassificationServiceClient<Channel>,
    determine: DeterminationServiceClient<Channel>,
    next: Arc<AtomicU64>,
    _data: tempfile::TempDir,
}

/// Both deployments in a process, and how to call the one of the United States.
pub struct Deployment {
    /// Its process.
    pub process: Process,
    us: serde_json::Value,
    certs: PathBuf,
    telemetry: Telemetry,
}

impl Deployment {
    /// Starts them on `data`.
    pub fn start(binary: &Path, data: &Path) -> Result<Self> {
        let (process, line) = Process::start(
            Command::new(binary)
                .args(["dev", "--data-dir"])
                .arg(data)
                .stderr(Stdio::null()),
        )?;
        let hello: serde_json::Value = serde_json::from_str(&line)?;
        Ok(Self {
            process,
            us: hello["deployments"][0].clone(),
            certs: data.join("us/certs"),
            telemetry: Telemetry::new("load", &TelemetryConfig::default())?,
        })
    }

    /// A channel to one of its services over mutual TLS, with the certificate of another.
    pub fn channel(&self, service: &str, identity: &str) -> Result<Channel> {
        let addr = self.us["grpc"][service].as_str().context("no address")?;
        self.channel_to(addr, service, identity)
    }

    /// The same to another address whose server shows the certificate of `service`.
    pub fn channel_to(&self, addr: &str, service: &str, identity: &str) -> Result<Channel> {
        let port: u16 = addr.rsplit(':').next().unwrap_or("").parse()?;
        let tls = tls(&self.certs, identity);
        let server = format!("spiffe://us.concord.example/agency/bis/{service}").parse()?;
        let uri = format!("https://localhost:{port}");
        let mut config = ClientConfig::mutual_tls(uri, tls, vec![server]);
        config.deadline_ms = 120_000;
        Ok(Channel::new(&config, self.telemetry.clone())?)
    }
}

impl Targets {
    /// Starts the deployments and the echo servers.
    pub async fn start(binary: &Path) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let deployment = Deployment::start(binary, data.path())?;
        let channel = |service: &str, identity: &str| deployment.channel(service, identity);
        let mut classify =
            ClassificationServiceClient::new(channel("classification", "determination")?);
        let determine = DeterminationServiceClient::new(channel("determination", "client")?);

        let answer = classify.classify(classify_request()).await?.into_inner();
        let file = data.path().join("classify-response.bin");
        std::fs::write(&file, answer.encode_to_vec())?;
        eprintln!(
            "Classify: {} bytes in, {} bytes out",
            classify_request().encoded_len(),
            answer.encoded_len()
        );
        let own = std::env::current_exe()?;
        let (bare, bare_addr) = Process::start(Command::new(&own).arg("echo-bare").arg(&file))?;
        let (kit, kit_addr) = Process::start(Command::new(&own).arg("echo-kit").arg(&file))?;
        let certs = &deployment.certs;
        let (tls, tls_addr) =
            Process::start(Command::new(&own).arg("echo-kit").arg(&file).arg(certs))?;
        let echo_tls = deployment.channel_to(&tls_addr, "classification", "determination")?;
        Ok(Self {
            echo_tls: ClassificationServiceClient::new(echo_tls),
            tls,
            echo_bare: ClassificationServiceClient::new(plain(&bare_addr).await?),
            echo_kit: ClassificationServiceClient::new(plain(&kit_addr).await?),
            bare,
            kit,
            concord: deployment.process,
            classify,
            determine,
            next: Arc::default(),
            _data: data,
        })
    }

    /// Ends every server.
    pub fn stop(self) {}

    /// Calls every target from that many streams. The targets take turns in slices of the time, because a shared machine is
    /// faster in one second than in the next.
    pub async fn measure(&self, streams: usize, time: Duration) -> Result<Vec<Row>> {
        let mut sums: Vec<Sum> = NAMES.iter().map(|_| Sum::default()).collect();
        for slice in 0..=SLICES {
            eprint!("\r{streams} streams: slice {slice} of {SLICES} ");
            for (name, sum) in NAMES.iter().zip(&mut sums) {
                let process = match *name {
                    "bare echo" => &self.bare,
                    "echo behind the kit" => &self.kit,
                    "echo, mutual TLS" => &self.tls,
                    _ => &self.concord,
                };
                let before = process.cpu()?;
                let begun = Instant::now();
                let times = self.round(name, streams, time / SLICES).await?;
                // The first slice warms up.
                if slice > 0 {
                    sum.elapsed += begun.elapsed();
                    sum.cpu += process.cpu()?.saturating_sub(before);
                    sum.times.extend(times);
                }
            }
        }
        eprintln!();
        let rows = NAMES.iter().zip(sums);
        Ok(rows.map(|(name, sum)| sum.row(name, streams)).collect())
    }

    async fn round(
        &self,
        name: &'static str,
        streams: usize,
        time: Duration,
    ) -> Result<Vec<Duration>> {
        let end = Instant::now() + time;
        let mut tasks = Vec::new();
        for _ in 0..streams {
            let (mut bare, mut kit) = (self.echo_bare.clone(), self.echo_kit.clone());
            let mut tls = self.echo_tls.clone();
            let (mut classify, mut determine) = (self.classify.clone(), self.determine.clone());
            let next = self.next.clone();
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::new();
                while Instant::now() < end {
                    let begun = Instant::now();
                    match name {
                        "bare echo" => drop(bare.classify(classify_request()).await?),
                        "echo behind the kit" => drop(kit.classify(classify_request()).await?),
                        "echo, mutual TLS" => drop(tls.classify(classify_request()).await?),
                        "Classify" => drop(classify.classify(classify_request()).await?),
                        other => {
                            let id = next.fetch_add(1, Ordering::Relaxed);
                            let alone = other == "Determine alone";
                            drop(determine.determine(determine_request(id, alone)).await?);
                        }
                    }
                    times.push(begun.elapsed());
                }
                Ok::<_, tonic::Status>(times)
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await?.map_err(|s| anyhow::anyhow!("{name}: {s}"))?);
        }
        Ok(all)
    }
}

/// The mutual TLS of a service of the deployment whose certificates these are.
pub fn tls(certs: &Path, identity: &str) -> TlsConfig {
    let name = format!("us.concord.example-bis-{identity}");
    let bundle: PathBuf = certs.join("us.concord.example-ca.pem");
    TlsConfig::new(
        certs.join(format!("{name}.pem")),
        certs.join(format!("{name}.key")),
        [("us.concord.example".to_owned(), bundle)].into(),
    )
}

fn item() -> Item {
    let quantity = |value: &str, unit: &str| Quantity {
        value: value.into(),
        unit: unit.into(),
    };
    Item {
        name: "data-centre GPU".into(),
        r#type: "integrated_circuit".into(),
        kind: concord_proto::types::ItemKind::Commodity.into(),
        parameters: [
            ("tpp".into(), quantity("15832", "TPP")),
            ("performance_density".into(), quantity("19.45", "TPP/mm2")),
            ("dram_bandwidth".into(), quantity("3350", "GB/s")),
        ]
        .into(),
        flags: [("designed_or_marketed_for_datacenter".into(), true)].into(),
        ..Item::default()
    }
}

fn classify_request() -> api::ClassifyRequest {
    api::ClassifyRequest {
        jurisdiction: "US".into(),
        as_of: "2026-10-01".into(),
        lines: vec![Line {
            line_id: String::new(),
            item: Some(item()),
        }],
        view: View::Basic.into(),
        ..Default::default()
    }
}

fn determine_request(id: u64, alone: bool) -> DetermineRequest {
    DetermineRequest {
        context: Some(RequestContext {
            request_id: format!("load-{id}"),
            ..Default::default()
        }),
        transaction: Some(Transaction {
            origin: "US".into(),
            destination: "KR".into(),
            lines: vec![Line {
                line_id: String::new(),
                item: Some(item()),
            }],
            parties: vec![Party {
                role: "consignee".into(),
                name: "Hangang Data Centre Co Ltd".into(),
                country: "KR".into(),
                ..Default::default()
            }],
            ..Default::default()
        }),
        as_of: "2026-10-01".into(),
        skip_consult: alone,
        ..Default::default()
    }
}

/// A plaintext channel of tonic itself, without anything of the kit.
pub async fn plain(addr: &str) -> Result<tonic::transport::Channel> {
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{addr}"))?;
    Ok(endpoint.connect().await?)
}
