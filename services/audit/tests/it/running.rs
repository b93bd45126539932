//! A running service over a data directory, and what tests ask of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use concord_audit::http::HttpConfig;
use concord_audit::offline::Log;
use concord_audit::vault::KekFiles;
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
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

pub const ORIGIN: &str = "us.concord.example/audit";
pub const CALLER: &str = "spiffe://us.concord.example/agency/bis/desk";

pub type Client = AuditServiceClient<Channel>;

pub struct Running {
    pub addr: SocketAddr,
    pub vkey: String,
    pub http: Option<SocketAddr>,
    pub witness_keys: Vec<String>,
    pub client: Client,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

pub fn config(dir: &Path) -> Config {
    let me = SpiffeId::dev().to_string();
    let methods = [
        "Append",
        "BatchAppend",
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
        postgres: crate::stores::settings(dir),
        log_origin: ORIGIN.to_owned(),
        key_file: None,
        next_key_file: None,
        mldsa_key_file: None,
        kek_file: None,
        earlier_kek_files: Vec::new(),
        readers: None,
        http: None,
        witness: None,
        witnessing: None,
        group_commit: GroupCommitConfig::default(),
        counterparts: BTreeMap::new(),
    }
}

pub fn telemetry() -> Telemetry {
    Telemetry::new("audit", &TelemetryConfig::default()).unwrap()
}

pub fn client(addr: SocketAddr) -> Client {
    let config = ClientConfig::plaintext(format!("http://{addr}"));
    let limit = 24 * 1024 * 1024;
    AuditServiceClient::new(Channel::new(&config, telemetry()).unwrap())
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit)
}

pub async fn try_start(config: Config) -> Result<Running, BuildError> {
    let bound = build(config, telemetry()).await?;
    let (addr, vkey) = (bound.server.addr(), bound.verifier_key.clone());
    let (http, witness_keys) = (bound.http_addr(), bound.witness_keys.clone());
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
        http,
        witness_keys,
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

/// The log without its service.
pub fn stored(dir: &Path) -> Log {
    match crate::stores::settings(dir) {
        None => Log::open(dir).unwrap(),
        Some(postgres) => Log::connect(&postgres, &KekFiles::of(dir)).unwrap(),
    }
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
        more_vkeys: Vec::new(),
    }
}

/// HTTP on a free loopback port, plaintext.
pub fn http() -> HttpConfig {
    HttpConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        connections: 64,
        connection_seconds: 60,
    }
}

/// One HTTP request, by hand: status, head and body.
pub async fn ask(
    addr: SocketAddr,
    method: &str,
    path: &str,
    body: &[u8],
) -> (u16, String, Vec<u8>) {
    ask_with(addr, method, path, "", body).await
}

/// One HTTP request with further headers, each with its line end.
pub async fn ask_with(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> (u16, String, Vec<u8>) {
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: log\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head[9..12].parse().unwrap();
    (status, head.to_lowercase(), answer[end + 4..].to_vec())
}

/// `GET`, which must be answered with 200.
pub async fn get(addr: SocketAddr, path: &str) -> Vec<u8> {
    let (status, head, body) = ask(addr, "GET", path, b"").await;
    assert_eq!(status, 200, "{path}: {head}");
    body
}
