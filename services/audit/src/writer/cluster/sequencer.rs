//! Giving records their places, where this replica is the one that does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::super::GroupCommitConfig;
use super::super::edge::Edge;
use super::Tells;
use crate::record::Entry;
use crate::start::{StartError, check};
use crate::store::postgres::{Leading, PostgresStore};
use crate::store::{Store, StoreError};

/// Between two attempts to take over.
const RETRY: Duration = Duration::from_millis(250);
/// After a log was found that must not be signed.
const REFUSED: Duration = Duration::from_secs(5);

/// The sequencer of a replica, which tries to be the only one.
pub(super) struct Sequencer {
    pub store: PostgresStore,
    pub edge: Edge,
    pub holder: String,
    /// The copy of the data that was checked at the start.
    pub home: String,
    pub config: GroupCommitConfig,
    pub poll: Duration,
    pub tells: Tells,
    pub woken: Receiver<()>,
    pub stop: Arc<AtomicBool>,
}

impl Sequencer {
    /// Sequences whenever nobody else does, until it is told to stop.
    pub fn run(mut self) {
        while !self.stopped() {
            let pause = match self.store.lead(&self.holder) {
                Ok(true) => self.lead(),
                Ok(false) => {
                    self.tells.health.ready();
                    RETRY
                }
                Err(error) => {
                    tracing::warn!(%error, "the database cannot be asked who sequences");
                    self.tells.health.not_ready("the database does not answer");
                    RETRY
                }
            };
            self.rest(pause);
        }
        self.store.step_down();
        self.tells.health.not_ready("the log's writer has ended");
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn rest(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while !self.stopped() && Instant::now() < until {
            let _ = self
                .woken
                .recv_timeout(pause.min(Duration::from_millis(50)));
        }
    }

    /// Sequences until something forbids it; then how long to wait before the next attempt.
    fn lead(&mut self) -> Duration {
        let epoch = self.store.leading().map(Leading::epoch);
        let ended = self.sequence(epoch);
        self.tells.lead.send_replace(false);
        self.store.step_down();
        match ended {
            Ok(()) => RETRY,
            Err(error @ StartError::Store(StoreError::Backend(_))) => {
                // What was not committed still waits; whoever leads next reads what was.
                tracing::warn!(%error, epoch, "this replica sequences no longer");
                RETRY
            }
            Err(error) => {
                tracing::error!(%error, epoch, "the log is not as it was signed: nothing is signed");
                self.tells
                    .health
                    .not_ready("the log is not as it was signed; see the service's log");
                REFUSED
            }
        }
    }

    fn sequence(&mut self, epoch: Option<i64>) -> Result<(), StartError> {
        if let Some(why) = self.store.halted()? {
            return Err(StartError::Halted(why));
        }
        if self.store.server().home()? != self.home {
            return Err(StartError::OtherCopy);
        }
        // Nobody else writes from here on, so this is the log's end.
        let (frontier, last) = check(&self.store.reads())?;
        self.edge
            .go_on(frontier, last.map_or(0, |logged| logged.time_micros));
        tracing::info!(epoch, size = self.edge.size(), "this replica sequences");
        self.tells.lead.send_replace(true);
        self.tells.health.ready();
        while !self.stopped() {
            let pending = self.store.pending(self.config.max_calls)?;
            if pending.is_empty() {
                let _ = self.woken.recv_timeout(self.poll); // a call here, or time to look for others
                continue;
            }
            self.place(pending)?;
        }
        Ok(())
    }

    /// One transaction with one checkpoint.
    fn place(&mut self, pending: Vec<Entry>) -> Result<(), StoreError> {
        let (begun, calls) = (Instant::now(), pending.len());
        let (before, edge) = (self.edge.reached(), &mut self.edge);
        let mut pending = Some(pending);
        let outcome = self.store.group(&mut |group| {
            for entry in pending.take().into_iter().flatten() {
                edge.place(group, entry)?;
            }
            group.insert_checkpoint(&edge.sign()?)
        });
        match outcome {
            Ok(()) => {
                self.tells.instruments.calls.record(calls as u64, &[]);
                self.tells
                    .instruments
                    .seconds
                    .record(begun.elapsed().as_secs_f64(), &[]);
                self.tells.grow.send_replace(self.edge.size());
                Ok(())
            }
            // Also when the fate of the commit is not known: the next to raise the epoch waits for
            // it and reads what came of it.
            Err(error) => {
                self.edge.go_back(before);
                Err(error.into())
            }
        }
    }
}
