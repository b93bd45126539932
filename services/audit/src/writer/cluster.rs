//! The writer of one replica of a cluster: it takes records in, and it may be the one that sequences.

mod aside;
mod replica;
mod sequencer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc as threads};
use std::thread::{Builder, JoinHandle};

use concord_kit::health::Component;
use tokio::sync::{mpsc, watch};

use super::edge::Edge;
use super::{Command, GroupCommitConfig, Instruments};
use crate::start::{Cluster, OpenLog};
use crate::store::postgres::PostgresStore;
use replica::Replica;
use sequencer::Sequencer;

/// What a cluster's writer tells others.
pub(super) struct Tells {
    /// The size of each new checkpoint that was signed here.
    pub grow: watch::Sender<u64>,
    /// Whether this replica sequences.
    pub lead: watch::Sender<bool>,
    /// Whether this replica can do its work.
    pub health: Component,
    /// Sizes and times of the commits.
    pub instruments: Instruments,
}

/// Starts the threads of a replica; the one that is given ends when all of them have.
pub(super) fn start(
    log: OpenLog,
    cluster: Cluster,
    origin: String,
    config: &GroupCommitConfig,
    tells: Tells,
    queue: mpsc::Receiver<Command>,
) -> std::io::Result<JoinHandle<()>> {
    tells.health.ready();
    let (wake, woken) = threads::sync_channel(1);
    let stop = Arc::new(AtomicBool::new(false));
    let grown = tells.grow.subscribe();
    let replica = Replica::new(&cluster, config.clone(), wake.clone(), grown);
    let sequencer = Sequencer {
        store: PostgresStore::new(cluster.server.clone()),
        edge: Edge::new(origin, log.signers, log.frontier, log.time_micros),
        holder: holder(),
        home: cluster.home.clone(),
        config: config.clone(),
        poll: cluster.poll,
        tells,
        woken,
        stop: stop.clone(),
    };
    let (asides, aside_queue) = threads::channel();
    let (store, cosigners) = (PostgresStore::new(cluster.server.clone()), log.cosigners);
    let spawn = |name: &str| Builder::new().name(name.to_owned());
    let aside = spawn("audit-aside").spawn(move || aside::run(store, &cosigners, &aside_queue))?;
    let sequencing = spawn("audit-sequencer").spawn(move || sequencer.run())?;
    let lock = log.lock;
    spawn("audit-writer").spawn(move || {
        let _lock = lock; // free only when nothing of this replica writes any more
        cluster.server.wait(replica.run(queue, asides));
        stop.store(true, Ordering::Release);
        let _ = wake.try_send(()); // it looks by itself soon, too
        for thread in [sequencing, aside] {
            if thread.join().is_err() {
                tracing::error!("a thread of the log's writer ended with a panic");
            }
        }
    })
}

/// Host and process, for operators who ask who sequences.
fn holder() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{} process {}", host.trim(), std::process::id())
}
