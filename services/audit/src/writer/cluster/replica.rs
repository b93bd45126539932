//! Taking records in, and answering their callers when they have been placed, here or elsewhere.

use std::collections::HashMap;
use std::sync::mpsc::{Sender, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};

use super::super::{Appended, Command, GroupCommitConfig, Reply, WriteError, refuse};
use crate::record::{Entry, Logged, Record};
use crate::start::Cluster;
use crate::store::GroupError;
use crate::store::postgres::{Inserted, Intake, New, Placed};

/// Commits of the intake under way at once.
const BATCHES: u32 = 3;
/// How long it is tried to find out what became of a commit.
const LOOK: Duration = Duration::from_secs(3);
/// After a read that failed.
const AGAIN: Duration = Duration::from_millis(100);

/// The intake of one replica.
pub(super) struct Replica {
    intake: Intake,
    config: GroupCommitConfig,
    /// Longest wait for the sequencer.
    sequenced: Duration,
    poll: Duration,
    /// Calls whose records are durable and not placed yet, by number in the intake.
    waiting: Mutex<HashMap<i64, Vec<Waiting>>>,
    arrived: Notify,
    wake: SyncSender<()>,
    grown: watch::Receiver<u64>,
}

/// A call whose record is durable.
struct Waiting {
    reply: Reply<Appended>,
    /// The record; none if it was there before and has to be read.
    record: Option<Record>,
    since: Instant,
}

impl Replica {
    pub fn new(
        cluster: &Cluster,
        config: GroupCommitConfig,
        wake: SyncSender<()>,
        grown: watch::Receiver<u64>,
    ) -> Arc<Self> {
        Arc::new(Self {
            intake: Intake::new(cluster.server.clone()),
            config,
            sequenced: cluster.sequenced,
            poll: cluster.poll,
            waiting: Mutex::default(),
            arrived: Notify::new(),
            wake,
            grown,
        })
    }

    /// Takes in until it is told to end or nobody is left who could ask.
    pub async fn run(self: Arc<Self>, mut queue: mpsc::Receiver<Command>, asides: Sender<Command>) {
        let answering = tokio::spawn(self.clone().answer());
        let places = Arc::new(Semaphore::new(BATCHES as usize));
        let (mut end, mut halted) = (false, false);
        // A place first: what comes while all are taken goes into one batch.
        while !end && let Ok(place) = places.clone().acquire_owned().await {
            let Some(first) = queue.recv().await else {
                break;
            };
            let (mut batch, mut bytes, mut next) = (Vec::new(), 0, Some(first));
            while let Some(command) = next {
                match command {
                    Command::End => {
                        end = true;
                        break;
                    }
                    refused if halted => refuse(refused, &WriteError::Stopped),
                    Command::Append { entry, reply } => match entry.leaf.encode() {
                        Ok(draft) => {
                            let Entry { record, terms, .. } = *entry;
                            bytes += record.size();
                            let new = New {
                                record,
                                draft,
                                terms,
                            };
                            batch.push((new, reply));
                        }
                        Err(error) => {
                            tracing::error!(%error, "a leaf cannot be encoded");
                            let _ = reply.send(Err(WriteError::RolledBack)); // the caller may have gone
                        }
                    },
                    aside => {
                        halted |= matches!(aside, Command::Halt { .. });
                        let _ = asides.send(aside); // its thread ends after this one
                    }
                }
                let full = batch.len() >= self.config.max_calls || bytes >= self.config.max_bytes;
                next = if full { None } else { queue.try_recv().ok() };
            }
            if !batch.is_empty() {
                tokio::spawn(self.clone().take(batch, place));
            }
        }
        queue.close();
        while let Ok(late) = queue.try_recv() {
            refuse(late, &WriteError::Stopped);
        }
        let _ = places.acquire_many(BATCHES).await; // closed by nobody
        let until = Instant::now() + self.sequenced;
        while !self.waiting().is_empty() && Instant::now() < until {
            tokio::time::sleep(self.poll).await;
        }
        answering.abort();
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<i64, Vec<Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One batch, one commit.
    async fn take(
        self: Arc<Self>,
        batch: Vec<(New, Reply<Appended>)>,
        place: OwnedSemaphorePermit,
    ) {
        let (given, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let outcome = match self.intake.take(&given).await {
            Ok(inserted) => inserted.into_iter().map(Some).collect(),
            Err(GroupError::RolledBack(error) | GroupError::Halted(error)) => {
                tracing::error!(%error, calls = given.len(), "records were not taken in");
                for reply in replies {
                    let _ = reply.send(Err(WriteError::RolledBack));
                }
                return;
            }
            Err(GroupError::Unknown(error)) => {
                tracing::error!(%error, calls = given.len(), "a commit has an unknown fate");
                self.look(&given).await
            }
        };
        drop(place);
        let since = Instant::now();
        for ((new, reply), inserted) in given.into_iter().zip(replies).zip(outcome) {
            let (seq, record) = match inserted {
                Some(Inserted::Added(seq)) => (seq, Some(new.record)),
                Some(Inserted::Known(seq)) => (seq, None),
                Some(Inserted::OtherRequest) => {
                    let _ = reply.send(Err(WriteError::KeyReused));
                    continue;
                }
                Some(Inserted::AboutUnknown) => {
                    let about = new.record.about.unwrap_or_default();
                    let _ = reply.send(Err(WriteError::AboutUnknown(about)));
                    continue;
                }
                // Nothing is tried again here: the caller asks with the same key when it will.
                None => {
                    let _ = reply.send(Err(WriteError::Unknown));
                    continue;
                }
            };
            let call = Waiting {
                reply,
                record,
                since,
            };
            self.waiting().entry(seq).or_default().push(call);
        }
        let _ = self.wake.try_send(()); // full: it is awake already
        self.arrived.notify_one();
    }

    /// What is there under the keys of a commit with an unknown fate. What is not there may still
    /// come, so that says nothing.
    async fn look(&self, given: &[New]) -> Vec<Option<Inserted>> {
        let until = Instant::now() + LOOK;
        loop {
            let found = self.intake.look(given).await;
            let late = Instant::now() >= until;
            match found {
                Ok(found) if late || found.iter().all(Option::is_some) => return found,
                Err(_) if late => return given.iter().map(|_| None).collect(),
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    /// Answers whoever waits, for ever.
    async fn answer(self: Arc<Self>) {
        let mut grown = self.grown.clone();
        loop {
            let numbers: Vec<i64> = self.waiting().keys().copied().collect();
            if numbers.is_empty() {
                self.arrived.notified().await;
                continue;
            }
            grown.borrow_and_update();
            match self.intake.placed(&numbers).await {
                Ok(placed) => {
                    for placed in placed {
                        self.tell(placed).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the database cannot be asked what was placed");
                    tokio::time::sleep(AGAIN).await;
                }
            }
            self.expire();
            let _ = tokio::time::timeout(self.poll, grown.changed()).await;
        }
    }

    /// Answers the calls of one record.
    async fn tell(&self, placed: Placed) {
        let calls = self.waiting().remove(&placed.seq).unwrap_or_default();
        let mut earlier = None;
        for call in calls {
            let existed = call.record.is_none();
            let logged = match call.record {
                Some(record) => Some(Logged {
                    index: placed.index,
                    time_micros: placed.time_micros,
                    leaf: placed.leaf.clone(),
                    record,
                }),
                None => {
                    if earlier.is_none() {
                        earlier = self.intake.record(placed.index).await.ok().flatten();
                    }
                    earlier.clone()
                }
            };
            let answer = logged.map(|logged| Appended {
                logged,
                checkpoint: placed.checkpoint.clone(),
                existed,
            });
            let _ = call.reply.send(answer.ok_or(WriteError::NotSequenced));
        }
    }

    /// Answers those who have waited too long: their records are durable and wait on.
    fn expire(&self) {
        let mut waiting = self.waiting();
        for calls in waiting.values_mut() {
            for call in calls.extract_if(.., |call| call.since.elapsed() >= self.sequenced) {
                let _ = call.reply.send(Err(WriteError::NotSequenced));
            }
        }
        waiting.retain(|_, calls| !calls.is_empty());
    }
}
