//! A running service over a data directory, and what tests ask of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use concord_audit::{BuildError, Config, CounterpartConfig, GroupCommitConfig, build};
use concord_kit::CancellationToken;
use concord_kit::client::Channel;
use concord_kit::config::{ClientConfig, ServerConfig, TelemetryConfig};
use concord_kit::spiffe::SpiffeId;
use concord_kit::status::Problem;
use concord_kit::telemetry::Telemetry;
use concord_proto::audit as api;
use concord_proto::audit::audit_service_client::AuditServiceClient;
use concord_proto::types as wire;
use tokio::task::JoinHandle;

pub const ORIGIN: &str = "us.concord.example/audit";
pub const CALLER: &str = "spiffe://us.concord.example/agency/bis/desk";

pub type Client = AuditServiceClient<Channel>;

pub struct Running {
    pub addr: std::net::SocketAddr,
    pub vkey: String,
    pub client: Client,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

pub fn config(dir: &Path) -> Config {
    let me = SpiffeId::dev().to_string();
    let methods = [
        "Append",
        "GetRecord",
        "SearchRecords",
        "GetCheckpoint",
        "GetInclusionProof",
        "GetConsistencyProof",
        "ExportRecords",
        "ExchangeCheckpoint",
    ];
    let allow = |method: &str| {
        let path = format!("/concord.audit.v1.AuditService/{method}");
        (path, vec![me.parse().unwrap()])
    };
    Config {
        server: ServerConfig {
            dev_plaintext: true,
            allow: methods.into_iter().map(allow).collect(),
            ..ServerConfig::default()
        },
        telemetry: TelemetryConfig::default(),
        data_dir: dir.to_owned(),
        log_origin: ORIGIN.to_owned(),
        key_file: None,
        group_commit: GroupCommitConfig::default(),
        counterparts: BTreeMap::new(),
    }
}

pub fn telemetry() -> Telemetry {
    Telemetry::new("audit", &TelemetryConfig::default()).unwrap()
}

pub fn client(addr: std::net::SocketAddr) -> Client {
    let config = ClientConfig::plaintext(format!("http://{addr}"));
    let limit = 16 * 1024 * 1024;
    AuditServiceClient::new(Channel::new(&config, telemetry()).unwrap())
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit)
}

pub async fn try_start(config: Config) -> Result<Running, BuildError> {
    let bound = build(config, telemetry()).await?;
    let (addr, vkey) = (bound.server.addr(), bound.verifier_key.clone());
    let health = bound.server.health().clone();
    let stop = CancellationToken::new();
    let until = stop.clone();
    let task = tokio::spawn(async move {
        bound.serve(until).await;
    });
    health.serving().await;
    Ok(Running {
        addr,
        vkey,
        client: client(addr),
        stop,
        task,
    })
}

pub async fn start(dir: &Path) -> Running {
    try_start(config(dir)).await.unwrap()
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// The SHA-256 of the canonical request stands in for the request itself.
pub fn digest(text: &str) -> Vec<u8> {
    concord_tlog::hash::Hash::of(&[text.as_bytes()])
        .as_bytes()
        .to_vec()
}

/// A whole and valid request; its request id decides its body and digest.
pub fn request(id: &str) -> api::AppendRequest {
    let field = |name: &str, value: &str| api::CommittedField {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    api::AppendRequest {
        caller: CALLER.to_owned(),
        context: Some(wire::RequestContext {
            request_id: id.to_owned(),
            case_reference: "case-7".to_owned(),
            actor: "officer 12".to_owned(),
            purpose: "licence review".to_owned(),
        }),
        kind: wire::RecordKind::Determination.into(),
        request_digest: digest(id),
        body: format!("body of {id}").into_bytes(),
        body_type: "concord.determination.v1.DetermineResponse".to_owned(),
        fields: vec![
            field("outcome", "licence_required"),
            field("as_of", "2026-01-31"),
        ],
        content_digests: vec![format!("regime/us=sha256:{}", "ab".repeat(32))],
        counterpart_leaf_hash: Vec::new(),
        wait_for: wire::ReceiptLevel::Unspecified.into(),
        about_record_id: String::new(),
    }
}

pub async fn append(client: &Client, id: &str) -> wire::Receipt {
    let answer = client
        .clone()
        .append(request(id))
        .await
        .unwrap()
        .into_inner();
    assert!(!answer.existed, "{id} was there before");
    answer.receipt.unwrap()
}

pub async fn append_many(client: &Client, prefix: &str, count: usize) -> Vec<wire::Receipt> {
    let mut receipts = Vec::new();
    for i in 0..count {
        receipts.push(append(client, &format!("{prefix}-{i}")).await);
    }
    receipts
}

pub fn problem(status: tonic::Status) -> Problem {
    Problem::from_status(&status)
}

/// A copy of a data directory whose service is stopped.
pub fn copy_of(dir: &Path) -> tempfile::TempDir {
    fn copy(from: &Path, to: PathBuf) {
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), target);
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let target = tempfile::tempdir().unwrap();
    copy(dir, target.path().to_owned());
    target
}

pub fn counterpart(origin: &str, vkey: &str) -> CounterpartConfig {
    CounterpartConfig {
        origin: origin.to_owned(),
        vkey: vkey.to_owned(),
    }
}
