//! One group: from the first call that waits to COMMIT.

use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_kit::health::Component;
use concord_tlog::note::CheckpointSigner;
use concord_tlog::witness::Refusal;
use tokio::sync::{mpsc, watch};

use super::edge::{Edge, now};
use super::{Appended, Command, GroupCommitConfig, Instruments, Reply, WriteError, refuse};
use crate::counterpart::{self, Verdict};
use crate::lock::DirLock;
use crate::record::{Entry, Logged, SignedCheckpoint};
use crate::start::OpenLog;
use crate::store::{Group, GroupError, Store, StoreError};

/// The state of the one writer.
pub(super) struct Writer {
    store: Box<dyn Store>,
    edge: Edge,
    cosigners: Vec<Box<dyn CheckpointSigner>>,
    /// Tells the size of each new checkpoint.
    grow: watch::Sender<u64>,
    config: GroupCommitConfig,
    health: Stopping,
    instruments: Instruments,
    last: Last,
    /// After a commit of unknown fate nothing more is written.
    stopped: bool,
    // Dropped last: the directory is free only when the database is closed.
    _lock: DirLock,
}

/// How many calls the last group had: callers that were answered together ask again together, and a
/// commit with all of them costs little more than one with the first.
#[derive(Clone, Copy, Default)]
struct Last(usize);

impl Last {
    /// Between two looks at an empty queue.
    const LOOK: Duration = Duration::from_micros(50);

    /// The next call, if there is one, or if there is one before `until` and `have` are fewer than
    /// last time.
    fn next(
        self,
        queue: &mut mpsc::Receiver<Command>,
        have: usize,
        until: Instant,
    ) -> Option<Command> {
        loop {
            if let Ok(command) = queue.try_recv() {
                return Some(command);
            }
            // A few that do not come again are not waited for.
            if have >= self.0 - self.0 / 8 || Instant::now() >= until {
                return None;
            }
            std::thread::sleep(Self::LOOK);
        }
    }
}

/// Says that the service is not ready when the writer ends, also by a panic.
struct Stopping(Component);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.not_ready("the log's writer has ended");
    }
}

/// A call in a group and its answer, which is not given before COMMIT.
enum Waiting {
    Append(Reply<Appended>, Option<Result<Box<Placed>, WriteError>>),
    Weigh(Reply<Verdict>, Option<Verdict>),
    Cosign(
        Reply<Result<String, Refusal>>,
        Option<Result<String, Refusal>>,
    ),
    KeepWitnessed(Reply<()>),
}

/// A record with the checkpoint that covers it, if that is an earlier one.
struct Placed {
    logged: Logged,
    covering: Option<SignedCheckpoint>,
    existed: bool,
}

impl Placed {
    fn new(logged: Logged) -> Box<Self> {
        Box::new(Self {
            logged,
            covering: None,
            existed: false,
        })
    }

    fn earlier(logged: Logged, covering: Option<SignedCheckpoint>) -> Box<Self> {
        Box::new(Self {
            logged,
            covering,
            existed: true,
        })
    }
}

impl Writer {
    pub(super) fn new(
        log: OpenLog,
        origin: String,
        config: GroupCommitConfig,
        health: Component,
        instruments: Instruments,
        grow: watch::Sender<u64>,
    ) -> Self {
        health.ready();
        Self {
            store: log.store,
            edge: Edge::new(origin, log.signers, log.frontier, log.time_micros),
            cosigners: log.cosigners,
            grow,
            config,
            health: Stopping(health),
            instruments,
            last: Last::default(),
            stopped: false,
            _lock: log.lock,
        }
    }

    /// Writes until it is told to end or nobody is left who could ask.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        while let Some(first) = queue.blocking_recv() {
            match first {
                Command::End => break,
                Command::Halt { why } => self.halt(&why),
                refused if self.stopped => refuse(refused, &WriteError::Stopped),
                first => {
                    if self.group(first, &mut queue) {
                        break;
                    }
                }
            }
        }
        queue.close();
        while let Ok(late) = queue.try_recv() {
            refuse(late, &WriteError::Stopped);
        }
    }

    /// One transaction; true if the writer is to end after it.
    fn group(&mut self, first: Command, queue: &mut mpsc::Receiver<Command>) -> bool {
        let begun = Instant::now();
        let open = Duration::from_millis(self.config.max_open_ms);
        let (config, edge, cosigners) = (&self.config, &mut self.edge, &self.cosigners);
        let before = edge.reached();
        let (mut waiting, mut checkpoint) = (Vec::new(), None);
        let (mut first, mut end, mut halt) = (Some(first), false, None);
        let (last, gather) = (
            self.last,
            begun + Duration::from_micros(config.gather_micros),
        );
        let outcome = self.store.group(&mut |group| {
            let mut bytes = 0;
            let mut next = first.take();
            while let Some(command) = next {
                match command {
                    Command::End => {
                        end = true;
                        break;
                    }
                    Command::Append { entry, reply } => {
                        bytes += entry.record.size();
                        waiting.push(Waiting::Append(reply, None));
                        let placed = append(edge, group, *entry)?;
                        if let Some(Waiting::Append(_, answer)) = waiting.last_mut() {
                            *answer = Some(placed);
                        }
                    }
                    Command::Weigh { offer, reply } => {
                        waiting.push(Waiting::Weigh(reply, None));
                        let verdict = counterpart::weigh(group, &offer, now())?;
                        if let Some(Waiting::Weigh(_, answer)) = waiting.last_mut() {
                            *answer = Some(verdict);
                        }
                    }
                    Command::Cosign { offer, reply } => {
                        waiting.push(Waiting::Cosign(reply, None));
                        let cosigned = counterpart::cosign(group, &offer, cosigners, now())?;
                        if let Some(Waiting::Cosign(_, answer)) = waiting.last_mut() {
                            *answer = Some(cosigned);
                        }
                    }
                    Command::KeepWitnessed { signed, reply } => {
                        waiting.push(Waiting::KeepWitnessed(reply));
                        group.keep_witnessed(signed.size, &signed.note, now())?;
                    }
                    Command::Halt { why } => {
                        halt = Some(why);
                        break;
                    }
                }
                let full = waiting.len() >= config.max_calls || bytes >= config.max_bytes;
                next = if full || begun.elapsed() >= open {
                    None
                } else {
                    last.next(queue, waiting.len(), gather)
                };
            }
            if edge.size() > before.size() {
                let signed = edge.sign()?;
                group.insert_checkpoint(&signed)?;
                checkpoint = Some(Arc::new(signed));
            }
            Ok(())
        });
        let calls = waiting.len();
        self.last = Last(calls);
        let failed = match outcome {
            Ok(()) => {
                self.instruments.calls.record(calls as u64, &[]);
                self.instruments
                    .seconds
                    .record(begun.elapsed().as_secs_f64(), &[]);
                waiting
                    .drain(..)
                    .for_each(|call| call.answer(checkpoint.as_ref()));
                if let Some(checkpoint) = checkpoint {
                    self.grow.send_replace(checkpoint.size);
                }
                None
            }
            Err(GroupError::RolledBack(error)) => {
                self.edge.go_back(before);
                tracing::error!(%error, calls, "a group was rolled back");
                Some(WriteError::RolledBack)
            }
            Err(GroupError::Halted(error)) => {
                self.edge.go_back(before);
                tracing::error!(%error, calls, "the store takes nothing more");
                self.halt("the log cannot be written any more; restart the service");
                Some(WriteError::Stopped)
            }
            Err(GroupError::Unknown(error)) => {
                tracing::error!(%error, calls, "a commit has an unknown fate");
                self.halt("a commit has an unknown fate; restart the service");
                Some(WriteError::Unknown)
            }
        };
        if let Some(error) = failed {
            // The transaction may not even have begun.
            first
                .into_iter()
                .for_each(|command| refuse(command, &error));
            waiting
                .into_iter()
                .for_each(|call| call.fail(error.clone()));
        }
        if let Some(why) = halt {
            self.halt(&why);
        }
        end
    }

    /// Whatever it was that must not go on: nothing more is written or signed until a restart.
    fn halt(&mut self, why: &str) {
        tracing::error!(why, "writing stops");
        self.stopped = true;
        self.health.0.not_ready(why);
    }
}

/// Places one record. A refusal is an answer; only the store's own failure ends the group.
fn append(
    edge: &mut Edge,
    group: &mut dyn Group,
    entry: Entry,
) -> Result<Result<Box<Placed>, WriteError>, StoreError> {
    let record = &entry.record;
    if let Some(logged) = group.by_key(&record.caller, &record.request_id)? {
        if !record.same_request(&logged.record) {
            return Ok(Err(WriteError::KeyReused));
        }
        let covering = group.covering(logged.index)?;
        return Ok(Ok(Placed::earlier(logged, covering)));
    }
    if let Some(about) = record.about
        && !group.exists(about)?
    {
        return Ok(Err(WriteError::AboutUnknown(about)));
    }
    Ok(Ok(Placed::new(edge.place(group, entry)?)))
}

impl Waiting {
    /// After COMMIT: `checkpoint` is the group's own, if it added records.
    fn answer(self, checkpoint: Option<&Arc<SignedCheckpoint>>) {
        match self {
            Self::Append(reply, answer) => {
                let placed = answer.unwrap_or(Err(WriteError::Stopped));
                let answer = placed.and_then(|placed| {
                    let covering = placed
                        .covering
                        .map(Arc::new)
                        .or_else(|| checkpoint.cloned());
                    Ok(Appended {
                        logged: placed.logged,
                        // A record under no checkpoint would have been refused at the start.
                        checkpoint: covering.ok_or(WriteError::Unknown)?,
                        existed: placed.existed,
                    })
                });
                let _ = reply.send(answer); // the caller may have gone; the record stays
            }
            Self::Weigh(reply, answer) => {
                let _ = reply.send(answer.ok_or(WriteError::Stopped));
            }
            Self::Cosign(reply, answer) => {
                let _ = reply.send(answer.ok_or(WriteError::Stopped));
            }
            Self::KeepWitnessed(reply) => {
                let _ = reply.send(Ok(()));
            }
        }
    }

    fn fail(self, error: WriteError) {
        match self {
            Self::Append(reply, _) => drop(reply.send(Err(error))),
            Self::Weigh(reply, _) => drop(reply.send(Err(error))),
            Self::Cosign(reply, _) => drop(reply.send(Err(error))),
            Self::KeepWitnessed(reply) => drop(reply.send(Err(error))),
        }
    }
}
