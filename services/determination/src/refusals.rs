//! Refused calls leave a record: who called what and why it was refused, nothing of what was sent. So that nobody
//! fills the log with refusals, a caller has few records in a while; what is beyond is counted, and the count is a
//! record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use concord_kit::peer::PeerIdentity;
use concord_kit::serve::OnDenied;
use concord_kit::status::{Problem, code_name, reason};
use concord_proto::audit::{AppendRequest, Refusal};
use concord_proto::types as wire;
use jiff::Timestamp;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use prost::Message;
use serde::Deserialize;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::clients::Clients;
use crate::compose;
use crate::request::{is_request_id, message_digest};

/// Full name of the message that a refusal's record holds.
const BODY: &str = "concord.audit.v1.Refusal";
/// Callers that are counted each by themselves; identities come from certificates, so there are few.
const MOST_CALLERS: usize = 1024;
/// Longest time that a refusal waits for its record.
const LONGEST: Duration = Duration::from_secs(1);
/// How often counts whose time has come are looked for.
const LOOK: Duration = Duration::from_millis(500);

/// Full paths of the methods whose calls leave records, refused ones too.
pub mod rpc {
    /// One determination.
    pub const DETERMINE: &str = "/concord.determination.v1.DeterminationService/Determine";
    /// Many.
    pub const BATCH_DETERMINE: &str =
        "/concord.determination.v1.DeterminationService/BatchDetermine";
    /// An officer's decision.
    pub const RECORD_DECISION: &str =
        "/concord.determination.v1.DeterminationService/RecordDecision";
    /// A person's answer to a judgement question.
    pub const RECORD_JUDGEMENT: &str =
        "/concord.determination.v1.DeterminationService/RecordJudgement";
    /// A counterpart's question.
    pub const CONSULT: &str = "/concord.federation.v1.FederationService/Consult";
    /// All of them.
    pub const ALL: [&str; 5] = [
        DETERMINE,
        BATCH_DETERMINE,
        RECORD_DECISION,
        RECORD_JUDGEMENT,
        CONSULT,
    ];
}

/// How many refused calls leave a record of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefusalConfig {
    /// Records of one caller in one window; those beyond are counted.
    pub records: u32,
    /// Length of a window, in seconds.
    pub window_s: u64,
}

impl Default for RefusalConfig {
    fn default() -> Self {
        Self {
            records: 20,
            window_s: 60,
        }
    }
}

/// A call that was refused.
#[derive(Debug)]
pub struct Refused {
    rpc: &'static str,
    caller: String,
    request_id: String,
    digest: Option<[u8; 32]>,
}

impl Refused {
    /// A call whose request was read.
    pub fn read(rpc: &'static str, caller: &str, request_id: &str, digest: [u8; 32]) -> Self {
        let request_id = match is_request_id(request_id) {
            true => request_id.to_owned(),
            false => String::new(),
        };
        Self {
            rpc,
            caller: caller.to_owned(),
            request_id,
            digest: Some(digest),
        }
    }
}

/// Keeps records of refused calls.
#[derive(Debug)]
pub struct Refusals {
    clients: Clients,
    config: RefusalConfig,
    windows: Mutex<HashMap<String, Window>>,
    noted: Counter<u64>,
}

/// The refusals of one caller since its window began.
#[derive(Debug)]
struct Window {
    begun: Instant,
    records: u32,
    beyond: Option<Beyond>,
}

/// Calls that were only counted.
#[derive(Clone, Copy, Debug)]
struct Beyond {
    calls: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Window {
    fn begin() -> Self {
        Self {
            begun: Instant::now(),
            records: 0,
            beyond: None,
        }
    }
}

impl Refusals {
    /// With nothing counted yet.
    pub fn new(clients: Clients, config: RefusalConfig, meter: &Meter) -> Arc<Self> {
        let noted = meter
            .u64_counter("concord.refusals")
            .with_description("refused calls that leave a record, by how: recorded, counted, lost")
            .build();
        Arc::new(Self {
            clients,
            config,
            windows: Mutex::default(),
            noted,
        })
    }

    /// Leaves a record of a refusal, or counts it. Failures that are not the caller's leave none: nothing was
    /// refused, and the same call may be made again.
    pub async fn note(&self, refused: &Refused, status: &Status) {
        if !is_refusal(status.code()) || !self.has_place(&refused.caller) {
            return;
        }
        let problem = Problem::from_status(status);
        let now = Timestamp::now().to_string();
        let body = Refusal {
            rpc: refused.rpc.to_owned(),
            code: code_name(status.code()).to_owned(),
            reason: problem.reason().to_owned(),
            request_id: refused.request_id.clone(),
            request_digest: refused.digest.map(Vec::from).unwrap_or_default(),
            calls: 1,
            first_at: now.clone(),
            last_at: now,
        };
        self.append(&refused.caller, problem.reason(), &body).await;
    }

    /// What a listener tells of callers that are on no list.
    pub fn denied(self: &Arc<Self>) -> OnDenied {
        let refusals = self.clone();
        Arc::new(move |peer: &PeerIdentity, path: &str| {
            let Some(rpc) = rpc::ALL.into_iter().find(|known| *known == path) else {
                return;
            };
            let refused = Refused {
                rpc,
                caller: peer.id().to_string(),
                request_id: String::new(),
                digest: None,
            };
            let refusals = refusals.clone();
            tokio::spawn(async move {
                let problem = Problem::new(Code::PermissionDenied, reason::CALLER_NOT_ALLOWED, "");
                refusals.note(&refused, &problem.into()).await;
            });
        })
    }

    /// Leaves the counts of windows that are over, again and again.
    pub async fn count_down(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            self.leave_counts(false).await;
        }
    }

    /// Leaves the counts of windows that are over, or of `all`.
    pub async fn leave_counts(&self, all: bool) {
        let over = Duration::from_secs(self.config.window_s);
        let mut left = Vec::new();
        self.lock().retain(|caller, window| {
            let ended = all || window.begun.elapsed() >= over;
            if ended && let Some(beyond) = window.beyond {
                left.push((caller.clone(), beyond));
            }
            !ended
        });
        for (caller, beyond) in left {
            let body = Refusal {
                calls: beyond.calls,
                first_at: beyond.first.to_string(),
                last_at: beyond.last.to_string(),
                ..Refusal::default()
            };
            self.append(&caller, "COUNTED", &body).await;
        }
    }

    /// Whether this refusal has a record of its own; else it is counted.
    fn has_place(&self, caller: &str) -> bool {
        let mut windows = self.lock();
        let known = windows.contains_key(caller) || windows.len() < MOST_CALLERS;
        let caller = if known { caller } else { "others" };
        let window = windows
            .entry(caller.to_owned())
            .or_insert_with(Window::begin);
        if known && window.records < self.config.records {
            window.records += 1;
            return true;
        }
        let now = Timestamp::now();
        let beyond = window.beyond.get_or_insert(Beyond {
            calls: 0,
            first: now,
            last: now,
        });
        (beyond.calls, beyond.last) = (beyond.calls + 1, now);
        self.noted.add(1, &[KeyValue::new("how", "counted")]);
        false
    }

    async fn append(&self, caller: &str, reason: &str, refusal: &Refusal) {
        let digest = match <[u8; 32]>::try_from(refusal.request_digest.as_slice()) {
            Ok(digest) => digest,
            Err(_) => message_digest(BODY, refusal),
        };
        // Never the id of the refused call: the same id may be used again for a call that is in order.
        let context = wire::RequestContext {
            request_id: format!("refusal:{}", Uuid::now_v7()),
            ..wire::RequestContext::default()
        };
        let request = AppendRequest {
            caller: caller.to_owned(),
            context: Some(context),
            kind: wire::RecordKind::Refusal.into(),
            request_digest: digest.to_vec(),
            body: refusal.encode_to_vec(),
            body_type: BODY.to_owned(),
            fields: vec![compose::field("outcome", reason)],
            ..AppendRequest::default()
        };
        let appended = tokio::time::timeout(LONGEST, self.clients.audit().append(request)).await;
        let how = match appended {
            Ok(Ok(_)) => "recorded",
            Ok(Err(status)) => {
                tracing::warn!(code = ?status.code(), "a refusal left no record");
                "lost"
            }
            Err(_) => {
                tracing::warn!("a refusal left no record in time");
                "lost"
            }
        };
        self.noted.add(1, &[KeyValue::new("how", how)]);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the caller was refused, as against a failure on our side.
fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::Unauthenticated
    )
}
