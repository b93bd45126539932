//! Every record and every stored hash: pages of records are checked on all processors, and what they give is
//! taken in the order of the log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::tree::{Frontier, NodeId};

use super::records::Records;
use super::{FsckReport, threads};
use crate::record::Logged;
use crate::store::Reads;

/// Records of one page.
const PAGE: u32 = 8 * 1024;
/// Bytes of bodies of one read.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// What a page of records came to.
#[derive(Default)]
struct Page {
    found: FsckReport,
    /// The hashes of its leaves, in order.
    leaves: Vec<Hash>,
    /// A record of it is not there, so nothing after it has its place.
    broken: bool,
}

impl Page {
    fn broken(mut self, problem: String) -> Self {
        self.found.problem(problem);
        self.broken = true;
        self
    }
}

/// Every record against its leaf and every stored hash against the leaves. Gives the root at each
/// size of a checkpoint.
pub(super) fn leaves(
    reads: &dyn Reads,
    size: u64,
    records: &Records<'_>,
    report: &mut FsckReport,
) -> BTreeMap<u64, Hash> {
    let sizes = reads.checkpoint_sizes().unwrap_or_else(|error| {
        report.problem(format!("the checkpoints cannot be read: {error}"));
        Vec::new()
    });
    let mut roots = BTreeMap::from([(0, Hash::empty_root())]);
    let mut frontier = Frontier::new();
    let (threads, next) = (threads(), AtomicU64::new(0));
    // Few pages wait, so that a log of any length is checked in little memory.
    let (done, pages) = sync_channel(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (done, next) = (done.clone(), &next);
            scope.spawn(move || work(reads, size, records, next, &done));
        }
        drop(done);
        let (mut early, mut wanted) = (BTreeMap::new(), 0);
        // Ends with the workers, or ends them.
        for (number, page) in pages {
            early.insert(number, page);
            while let Some(page) = early.remove(&wanted) {
                wanted += 1;
                let Page {
                    found,
                    leaves,
                    broken,
                } = page;
                report.add(found);
                let mut completed = Vec::new();
                for leaf in leaves {
                    completed.extend(frontier.append(leaf));
                    if sizes.binary_search(&frontier.size()).is_ok() {
                        roots.insert(frontier.size(), frontier.root());
                    }
                }
                nodes(reads, completed, report);
                if broken {
                    return;
                }
            }
        }
    });
    report.root = frontier.root().to_string();
    roots
}

/// Checks one page after the other, until there are none or nobody asks for them any more.
fn work(
    reads: &dyn Reads,
    size: u64,
    records: &Records<'_>,
    next: &AtomicU64,
    done: &SyncSender<(u64, Page)>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let from = number.saturating_mul(PAGE.into());
        if from >= size {
            return;
        }
        let to = size.min(from.saturating_add(PAGE.into()));
        if done.send((number, page(reads, from, to, records))).is_err() {
            return;
        }
    }
}

/// Checks the records from `from` up to `to`.
fn page(reads: &dyn Reads, from: u64, to: u64, records: &Records<'_>) -> Page {
    let (mut page, mut next) = (Page::default(), from);
    while next < to {
        let limit = u32::try_from(to - next).unwrap_or(PAGE);
        let read = match reads.range(next, limit, true, PAGE_BYTES) {
            // One by one, to name the record that cannot be read.
            Err(_) => reads.range(next, 1, true, PAGE_BYTES),
            read => read,
        };
        let read = match read {
            Ok(read) if !read.is_empty() => read,
            Ok(_) => return page.broken(format!("record {next} and all after it are missing")),
            Err(error) => return page.broken(format!("record {next} cannot be read: {error}")),
        };
        keys(reads, &read, &mut page.found);
        for logged in read {
            if logged.index != next {
                return page.broken(format!("record {next} is missing"));
            }
            records.check(&logged, &mut page.found);
            page.found.records += 1;
            page.leaves.push(leaf_hash(&logged.leaf));
            next += 1;
        }
    }
    page
}

/// Each record is found by its idempotency key, or the next call with that key would make a second one.
fn keys(reads: &dyn Reads, read: &[Logged], found: &mut FsckReport) {
    match reads.unkeyed(read) {
        Ok(missing) => missing.iter().for_each(|index| {
            found.problem(format!(
                "record {index} is not found by its idempotency key"
            ));
        }),
        Err(error) => found.problem(format!("the idempotency keys cannot be read: {error}")),
    }
}

/// Compares the subtrees that a page of records completes with the stored hashes, level by level; one
/// by one where a level is not as it should be, to name what is wrong.
fn nodes(reads: &dyn Reads, mut completed: Vec<(NodeId, Hash)>, report: &mut FsckReport) {
    completed.retain(|(node, _)| node.level >= reads.lowest_node());
    completed.sort_by_key(|(node, _)| *node);
    for level in completed.chunk_by(|(a, _), (b, _)| a.level == b.level) {
        let first = level.first().map_or(0, |(node, _)| node.index);
        let count = u16::try_from(level.len()).unwrap_or(u16::MAX);
        let height = level.first().map_or(0, |(node, _)| node.level);
        let stored = reads.nodes(height, first, count).unwrap_or_default();
        if level.iter().map(|(_, hash)| hash).ne(&stored) {
            level
                .iter()
                .for_each(|(at, hash)| node(reads, *at, *hash, report));
        }
    }
}

fn node(reads: &dyn Reads, node: NodeId, hash: Hash, report: &mut FsckReport) {
    let (index, level) = (node.index, node.level);
    match reads.node(node) {
        Ok(Some(stored)) if stored == hash => {}
        Ok(Some(_)) => {
            report.problem(format!(
                "the hash of subtree {index} at level {level} is wrong"
            ));
        }
        Ok(None) => {
            report.problem(format!(
                "the hash of subtree {index} at level {level} is missing"
            ));
        }
        Err(error) => report.problem(format!("subtree {index} at level {level}: {error}")),
    }
}
