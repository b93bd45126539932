//! Callers of the audit service: many calls at once, or streams of elements, timed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use concord_proto::audit as api;
use concord_proto::audit::audit_service_client::AuditServiceClient;
use concord_proto::types as wire;
use concord_tests::process::Process;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

pub type Client = AuditServiceClient<Channel>;

/// What the slices of one target come to.
#[derive(Debug, Default)]
pub struct Sum {
    /// Time measured.
    pub elapsed: Duration,
    /// Processor time of the server.
    pub cpu: Duration,
    /// Of each call or element.
    pub times: Vec<Duration>,
}

impl Sum {
    /// Calls a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Milliseconds within which this share of the calls was answered.
    pub fn within(&mut self, share: f64) -> f64 {
        self.times.sort_unstable();
        let last = self.times.len().saturating_sub(1);
        let at = ((self.times.len() as f64 * share) as usize).min(last);
        self.times.get(at).map_or(0.0, |d| d.as_secs_f64() * 1e3)
    }

    /// Microseconds of the server's processor time a call.
    pub fn cpu_per_call(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.times.len().max(1) as f64
    }

    /// Runs a slice and adds it.
    pub async fn slice(
        &mut self,
        process: &Process,
        work: impl Future<Output = Result<Vec<Duration>>>,
    ) -> Result<()> {
        let (before, begun) = (process.cpu()?, Instant::now());
        let times = work.await?;
        self.elapsed += begun.elapsed();
        self.cpu += process.cpu()?.saturating_sub(before);
        self.times.extend(times);
        Ok(())
    }
}

/// A plaintext connection.
pub async fn connect(addr: &str) -> Result<Client> {
    let endpoint = Endpoint::from_shared(format!("http://{addr}"))?;
    Ok(AuditServiceClient::new(endpoint.connect().await?))
}

/// Case reference of the `n`th record: twenty records to a case.
pub fn case(n: u64) -> String {
    format!("case-{}", n / 20)
}

/// A record as a determination makes it, with a random request id and a body of that many bytes.
pub fn request(n: u64, body: usize) -> api::AppendRequest {
    let field = |name: &str, value: String| api::CommittedField {
        name: name.to_owned(),
        value,
    };
    let id = Uuid::new_v4();
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(id.as_bytes());
    api::AppendRequest {
        caller: "spiffe://us.concord.example/agency/bis/desk".to_owned(),
        context: Some(wire::RequestContext {
            request_id: id.to_string(),
            case_reference: case(n),
            actor: format!("officer {}", n % 40),
            purpose: "licence review".to_owned(),
        }),
        kind: wire::RecordKind::Determination.into(),
        request_digest: digest.to_vec(),
        body: vec![b'x'; body],
        body_type: "concord.determination.v1.DetermineResponse".to_owned(),
        fields: vec![
            field("as_of", "2026-10-01".to_owned()),
            field("items", format!("item {}", n % 500)),
            field("parties", format!("party {}", n % 1_000)),
            field("route", "US KR".to_owned()),
            field("outcome", "licence_required".to_owned()),
            field("burden", "licence".to_owned()),
        ],
        content_digests: vec![
            format!("regime/us@2026-10-01=sha256:{}", "ab".repeat(32)),
            format!("lists=sha256:{}", "cd".repeat(32)),
        ],
        ..Default::default()
    }
}

/// `clients` callers, each with one call at a time, until `time` is over.
pub async fn unary(
    client: &Client,
    clients: usize,
    body: usize,
    time: Duration,
    wait_for: wire::ReceiptLevel,
) -> Result<Vec<Duration>> {
    let end = Instant::now() + time;
    let calls = (0..clients).map(|c| {
        let mut client = client.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let mut request = request((c + times.len() * clients) as u64, body);
                request.set_wait_for(wait_for);
                let asked = Instant::now();
                client.append(request).await?;
                times.push(asked.elapsed());
            }
            Ok::<_, tonic::Status>(times)
        })
    });
    let mut all = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        all.extend(call.await??);
    }
    Ok(all)
}

/// What ends a batch.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// The time is over.
    Time(Duration),
    /// This many elements are sent, the first of them with this number.
    Count(u64, u64),
}

/// One stream of elements, `window` of them unanswered at a time.
pub async fn batch(
    client: &Client,
    window: usize,
    body: usize,
    until: Until,
) -> Result<Vec<Duration>> {
    let (sender, receiver) = mpsc::channel(window);
    let mut client = client.clone();
    let answers = client.batch_append(ReceiverStream::new(receiver));
    let begun = Instant::now();
    let more = |sent: u64| match until {
        Until::Time(time) => begun.elapsed() < time,
        Until::Count(count, _) => sent < count,
    };
    let first = match until {
        Until::Count(_, first) => first,
        Until::Time(_) => 0,
    };
    let element = |index: u64| api::BatchAppendRequest {
        index,
        request: Some(request(first + index, body)),
        without_body: true,
    };
    let (mut sent, mut asked, mut times) = (0, Vec::new(), Vec::new());
    while sent < window as u64 && more(sent) {
        asked.push(Instant::now());
        sender.send(element(sent)).await?;
        sent += 1;
    }
    let mut answers = answers.await?.into_inner();
    let mut sender = Some(sender);
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        let Some(api::batch_append_response::Outcome::Result(_)) = answer.outcome else {
            bail!("element {} was refused", answer.index);
        };
        let at = asked
            .get(answer.index as usize)
            .context("no such element")?;
        times.push(at.elapsed());
        match &sender {
            Some(open) if more(sent) => {
                asked.push(Instant::now());
                open.send(element(sent)).await?;
                sent += 1;
            }
            _ => sender = None, // no more elements: the stream ends with the last answer
        }
    }
    Ok(times)
}
