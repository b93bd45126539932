//! Checking a whole log: every leaf recomputed from what is stored, every hash, every checkpoint.

mod checkpoints;
mod records;
mod tree;

use std::collections::BTreeSet;
use std::num::NonZero;

use concord_tlog::leaf::RecordKind;

use crate::store::{Counts, Filter, LogIdentity, Reads, StoreError};
use crate::vault::Vault;
use records::Records;

/// Problems listed at most; the rest is counted.
const MAX_PROBLEMS: usize = 100;
/// Records of one read.
const PAGE: u32 = 512;
/// Threads at most; each has a connection.
const MOST_THREADS: usize = 8;

/// What was found in a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FsckReport {
    /// Origin of the log.
    pub origin: String,
    /// Records found.
    pub records: u64,
    /// Records whose contents were decrypted and compared with their leaves.
    pub opened: u64,
    /// Records whose contents could only be counted, because the key was not given.
    pub locked: u64,
    /// Records whose contents have been erased, with a record of the erasure.
    pub erased: u64,
    /// Size of the latest checkpoint.
    pub tree_size: u64,
    /// Root recomputed from the leaves.
    pub root: String,
    /// Signed checkpoints found.
    pub checkpoints: u64,
    /// Checkpoints found that bear the cosignatures of the policy.
    pub witnessed: u64,
    /// The latest checkpoint is signed by the log's key and states the recomputed size and root.
    pub checkpoint_ok: bool,
    /// What is wrong, at most a hundred.
    pub problems: Vec<String>,
    /// Problems that are not listed.
    pub further_problems: u64,
}

impl FsckReport {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty() && self.further_problems == 0
    }

    fn problem(&mut self, text: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(text.into());
        } else {
            self.further_problems += 1;
        }
    }

    /// Adds what was found in a part of the log.
    fn add(&mut self, part: Self) {
        self.records += part.records;
        self.opened += part.opened;
        self.locked += part.locked;
        self.erased += part.erased;
        self.checkpoints += part.checkpoints;
        self.checkpoint_ok |= part.checkpoint_ok;
        self.further_problems += part.further_problems;
        part.problems
            .into_iter()
            .for_each(|line| self.problem(line));
    }
}

/// A thread for each processor.
fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MOST_THREADS)
}

/// Checks a log; a failed read of a part of it is a problem in the report.
pub(super) fn run(
    reads: &dyn Reads,
    identity: &LogIdentity,
    vault: Option<&Vault>,
) -> Result<FsckReport, StoreError> {
    let mut report = FsckReport {
        origin: identity.origin.clone(),
        ..FsckReport::default()
    };
    // Up to here and no further: the service may be writing.
    let size = reads.latest()?.map_or(0, |latest| latest.size);
    report.tree_size = size;
    counted(reads, &mut report);
    // The database's own checks take long, too, on a connection of their own.
    let roots = std::thread::scope(|scope| {
        let database = scope.spawn(|| reads.integrity());
        let erasures = erasures(reads, &mut report);
        let records = Records { vault, erasures };
        let roots = tree::leaves(reads, size, &records, &mut report);
        let failed = |_| {
            Err(StoreError::Damaged(
                "its checks ended with a panic".to_owned(),
            ))
        };
        match database.join().unwrap_or_else(failed) {
            Ok(found) => found
                .iter()
                .for_each(|line| report.problem(format!("database: {line}"))),
            Err(error) => report.problem(format!("database: {error}")),
        }
        roots
    });
    checkpoints::check(reads, identity, size, &roots, &mut report);
    checkpoints::witnessed(reads, identity, size, &roots, &mut report)?;
    counterparts(reads, &mut report)?;
    Ok(report)
}

/// Whether there is as much of everything as the log's size says.
fn counted(reads: &dyn Reads, report: &mut FsckReport) {
    match reads.counts() {
        Ok(counts) => {
            let Counts {
                size,
                records,
                keys,
                nodes,
            } = counts;
            if records != size {
                let text = format!("there are {records} records, the last checkpoint has {size}");
                report.problem(text);
            }
            if keys != size {
                let text =
                    format!("there are {keys} idempotency keys, the last checkpoint has {size}");
                report.problem(text);
            }
            let lowest = size >> reads.lowest_node();
            let expected = lowest.saturating_mul(2) - u64::from(lowest.count_ones());
            if nodes != expected {
                let text = format!("there are {nodes} subtree hashes instead of {expected}");
                report.problem(text);
            }
        }
        Err(error) => report.problem(format!("database: {error}")),
    }
}

/// The ids of records that an erasure is about.
fn erasures(reads: &dyn Reads, report: &mut FsckReport) -> BTreeSet<uuid::Uuid> {
    let filter = Filter {
        kinds: vec![RecordKind::Erasure],
        ..Filter::default()
    };
    let (mut found, mut before) = (BTreeSet::new(), u64::MAX);
    loop {
        match reads.search(&filter, before, PAGE) {
            Ok(page) => {
                found.extend(page.records.iter().filter_map(|logged| logged.record.about));
                match page.next {
                    Some(next) => before = next,
                    None => return found,
                }
            }
            Err(error) => {
                report.problem(format!("the erasures cannot be read: {error}"));
                return found;
            }
        }
    }
}

/// What is remembered of counterparts must be what their notes say.
fn counterparts(reads: &dyn Reads, report: &mut FsckReport) -> Result<(), StoreError> {
    match reads.counterparts() {
        Ok(all) => {
            for (agency, seen) in all {
                if !seen.note.contains(&format!("\n{}\n", seen.size)) {
                    report.problem(format!("what is remembered of `{agency}` is damaged"));
                }
            }
        }
        Err(error) => report.problem(format!("the counterparts cannot be read: {error}")),
    }
    Ok(())
}
