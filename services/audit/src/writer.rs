//! What writes. Embedded, one thread with group commit: whatever waits goes into one transaction with
//! one checkpoint and one flush to disk, and nobody hears of it before COMMIT has returned. In a
//! cluster, the intake of this replica, and the sequencer of all of them where this one is it.

mod cluster;
mod edge;
mod group;

use std::sync::Arc;
use std::thread::JoinHandle;

use concord_kit::health::Component;
use concord_tlog::witness::Refusal;
use opentelemetry::metrics::{Histogram, Meter};
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot, watch};

use crate::counterpart::{CosignOffer, Offer, Verdict};
use crate::record::{Entry, Logged, SignedCheckpoint};
use crate::start::OpenLog;
use group::Writer;

/// How much goes into one transaction.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupCommitConfig {
    /// At most this many calls.
    pub max_calls: usize,
    /// No further call once the records have this many bytes.
    pub max_bytes: usize,
    /// No further call once the transaction has been open this long, in milliseconds.
    pub max_open_ms: u64,
    /// As many calls as came last time are waited for this long at most, in microseconds; 0: not at all.
    pub gather_micros: u64,
    /// Calls that wait for the writer; further ones wait outside for room.
    pub queue: usize,
}

impl Default for GroupCommitConfig {
    fn default() -> Self {
        Self {
            max_calls: 512,
            max_bytes: 16 * 1024 * 1024,
            max_open_ms: 20,
            gather_micros: 2_000,
            queue: 1024,
        }
    }
}

/// A record that is durable and under a signed checkpoint.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The record: the given one, or the earlier one with its key.
    pub logged: Logged,
    /// The smallest checkpoint that covers it.
    pub checkpoint: Arc<SignedCheckpoint>,
    /// It was there before.
    pub existed: bool,
}

/// Why nothing was written, or that it is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The idempotency key belongs to another request.
    #[error("the request id was used before for another request of this caller")]
    KeyReused,
    /// The record that this one is about is not in the log.
    #[error("the log has no record `{0}`")]
    AboutUnknown(uuid::Uuid),
    /// The transaction was rolled back.
    #[error("the log could not store the record; nothing was written")]
    RolledBack,
    /// COMMIT failed in a way that leaves its outcome open.
    #[error("the log does not know whether the record was stored; it has stopped writing")]
    Unknown,
    /// The record is durable, and the sequencer of the cluster has not placed it in time.
    #[error(
        "the record is stored and has no place in the log yet: ask again with the same request id"
    )]
    NotSequenced,
    /// The writer has ended or has stopped writing.
    #[error("the log does not take records: its writer has stopped")]
    Stopped,
}

type Reply<T> = oneshot::Sender<Result<T, WriteError>>;

enum Command {
    Append {
        entry: Box<Entry>,
        reply: Reply<Appended>,
    },
    Weigh {
        offer: Box<Offer>,
        reply: Reply<Verdict>,
    },
    Cosign {
        offer: Box<CosignOffer>,
        reply: Reply<Result<String, Refusal>>,
    },
    KeepWitnessed {
        signed: Box<SignedCheckpoint>,
        reply: Reply<()>,
    },
    /// Nothing more is signed or written.
    Halt {
        why: String,
    },
    End,
}

/// The way to the writer. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct WriterHandle {
    sender: mpsc::Sender<Command>,
    grown: watch::Receiver<u64>,
    leads: watch::Receiver<bool>,
}

/// The writer's thread.
#[derive(Debug)]
pub struct WriterThread {
    handle: WriterHandle,
    thread: JoinHandle<()>,
}

/// What the writer measures.
struct Instruments {
    calls: Histogram<u64>,
    seconds: Histogram<f64>,
}

/// Starts the writer. `health` is ready from here on until the writer stops.
///
/// # Errors
/// The operating system gives no thread.
pub fn start(
    log: OpenLog,
    origin: String,
    config: &GroupCommitConfig,
    health: Component,
    meter: &Meter,
) -> std::io::Result<WriterThread> {
    let (sender, queue) = mpsc::channel(config.queue.max(1));
    let instruments = Instruments {
        calls: meter
            .u64_histogram("concord.audit.group.calls")
            .with_description("Calls in one commit of the log")
            .build(),
        seconds: meter
            .f64_histogram("concord.audit.group.duration")
            .with_unit("s")
            .with_description("From the first call of a commit to its return")
            .with_boundaries(vec![
                0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0,
            ])
            .build(),
    };
    let (grow, grown) = watch::channel(log.frontier.size());
    let (lead, leads) = watch::channel(log.cluster.is_none());
    let thread = match log.cluster.clone() {
        Some(cluster) => {
            let tells = cluster::Tells {
                grow,
                lead,
                health,
                instruments,
            };
            cluster::start(log, cluster, origin, config, tells, queue)?
        }
        None => {
            let writer = Writer::new(log, origin, config.clone(), health, instruments, grow);
            std::thread::Builder::new()
                .name("audit-writer".to_owned())
                .spawn(move || {
                    let _lead = lead; // told until the end
                    writer.run(queue);
                })?
        }
    };
    let handle = WriterHandle {
        sender,
        grown,
        leads,
    };
    Ok(WriterThread { handle, thread })
}

impl WriterThread {
    /// The way to it.
    pub fn handle(&self) -> WriterHandle {
        self.handle.clone()
    }

    /// Lets it finish what waits, and waits for its end: then the lock is free.
    pub async fn end(self) {
        let _ = self.handle.sender.send(Command::End).await; // it may have ended by itself
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the log's writer ended with a panic");
        }
    }
}

impl WriterHandle {
    /// Appends a record; its leaf's time is set by the writer.
    pub async fn append(&self, entry: Entry) -> Result<Appended, WriteError> {
        let entry = Box::new(entry);
        self.ask(|reply| Command::Append { entry, reply }).await
    }

    /// Compares a counterpart's checkpoint with what is remembered.
    pub async fn weigh(&self, offer: Offer) -> Result<Verdict, WriteError> {
        let offer = Box::new(offer);
        self.ask(|reply| Command::Weigh { offer, reply }).await
    }

    /// Cosigns a counterpart's checkpoint; the answer comes after the new state is durable.
    pub async fn cosign(&self, offer: CosignOffer) -> Result<Result<String, Refusal>, WriteError> {
        let offer = Box::new(offer);
        self.ask(|reply| Command::Cosign { offer, reply }).await
    }

    /// Keeps a checkpoint of ours with its cosignatures.
    pub async fn keep_witnessed(&self, signed: SignedCheckpoint) -> Result<(), WriteError> {
        let signed = Box::new(signed);
        self.ask(|reply| Command::KeepWitnessed { signed, reply })
            .await
    }

    /// Stops writing and signing until a restart, because the log must not go on.
    pub async fn halt(&self, why: String) {
        let _ = self.sender.send(Command::Halt { why }).await; // it may have ended by itself
    }

    /// Told the size of every new checkpoint, after its commit.
    pub fn grown(&self) -> watch::Receiver<u64> {
        self.grown.clone()
    }

    /// Whether checkpoints are signed here: always, but in a cluster only where the sequencer is.
    pub fn leads(&self) -> bool {
        *self.leads.borrow()
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, WriteError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.sender.send(command(reply)).await;
        sent.map_err(|_| WriteError::Stopped)?;
        // Taken and never answered: the writer died with it, and nobody knows how far it came.
        answer.await.unwrap_or(Err(WriteError::Unknown))
    }
}

/// Answers a command that is not carried out.
fn refuse(command: Command, error: &WriteError) {
    let error = error.clone();
    match command {
        Command::Append { reply, .. } => drop(reply.send(Err(error))),
        Command::Weigh { reply, .. } => drop(reply.send(Err(error))),
        Command::Cosign { reply, .. } => drop(reply.send(Err(error))),
        Command::KeepWitnessed { reply, .. } => drop(reply.send(Err(error))),
        Command::Halt { .. } | Command::End => {}
    }
}
