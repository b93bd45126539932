//! Checking a whole log: every leaf recomputed from what is stored, every hash, every checkpoint.

use std::collections::BTreeMap;

use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::leaf::{Leaf, RecordKind};
use concord_tlog::note::{KnownKeys, VerifierKey};
use concord_tlog::tree::{Frontier, NodeId};

use crate::record::{Contents, Held, Logged};
use crate::start::{known_keys, verify_checkpoint};
use crate::store::{Counts, Filter, LogIdentity, Reads, Role, StoreError};
use crate::vault::Vault;

/// Problems listed at most; the rest is counted.
const MAX_PROBLEMS: usize = 100;
/// Records of one read.
const PAGE: u32 = 512;
/// Bytes of bodies of one read.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

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
    // The database's own checks take as long as ours, on a connection of their own.
    let roots = std::thread::scope(|scope| {
        let database = scope.spawn(|| reads.integrity());
        let erasures = erasures(reads, &mut report);
        let records = Records { vault, erasures };
        let roots = leaves(reads, size, &records, &mut report);
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
    checkpoints(reads, identity, size, &roots, &mut report)?;
    witnessed(reads, identity, size, &roots, &mut report)?;
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
                nodes,
            } = counts;
            if records != size {
                let text = format!("there are {records} records, the last checkpoint has {size}");
                report.problem(text);
            }
            let expected = size.saturating_mul(2) - u64::from(size.count_ones());
            if nodes != expected {
                let text = format!("there are {nodes} subtree hashes instead of {expected}");
                report.problem(text);
            }
        }
        Err(error) => report.problem(format!("database: {error}")),
    }
}

/// The ids of records that an erasure is about.
fn erasures(reads: &dyn Reads, report: &mut FsckReport) -> Vec<uuid::Uuid> {
    let filter = Filter {
        kinds: vec![RecordKind::Erasure],
        ..Filter::default()
    };
    let (mut found, mut before) = (Vec::new(), u64::MAX);
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

/// Every record against its leaf and every stored hash against the leaves. Gives the root at each
/// size of a checkpoint.
fn leaves(
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
    while frontier.size() < size {
        let from = frontier.size();
        let page = match reads.range(from, PAGE, true, PAGE_BYTES) {
            // One by one, to name the record that cannot be read.
            Err(_) => reads.range(from, 1, true, PAGE_BYTES),
            page => page,
        };
        let page = match page {
            Ok(page) if !page.is_empty() => page,
            Ok(_) => {
                report.problem(format!("record {from} and all after it are missing"));
                break;
            }
            Err(error) => {
                report.problem(format!("record {from} cannot be read: {error}"));
                break;
            }
        };
        let mut completed = Vec::new();
        for logged in page.into_iter().take_while(|logged| logged.index < size) {
            if logged.index != frontier.size() {
                report.problem(format!("record {} is missing", frontier.size()));
                report.root = frontier.root().to_string();
                return roots;
            }
            records.check(&logged, report);
            report.records += 1;
            completed.extend(frontier.append(leaf_hash(&logged.leaf)));
            if sizes.binary_search(&frontier.size()).is_ok() {
                roots.insert(frontier.size(), frontier.root());
            }
        }
        nodes(reads, completed, report);
    }
    report.root = frontier.root().to_string();
    roots
}

/// What each record is compared with.
struct Records<'a> {
    /// Decrypts what they say; without it only what is not encrypted is compared.
    vault: Option<&'a Vault>,
    /// The records whose contents were erased.
    erasures: Vec<uuid::Uuid>,
}

impl Records<'_> {
    /// One record: what is stored must be what its leaf commits to.
    fn check(&self, logged: &Logged, report: &mut FsckReport) {
        let (index, record) = (logged.index, &logged.record);
        let stored = match Leaf::decode(&logged.leaf) {
            Ok(leaf) => leaf,
            Err(error) => return report.problem(format!("record {index}: {error}")),
        };
        let plain = (*record.id.as_bytes(), record.kind, logged.time_micros);
        if plain != (stored.record_id, stored.kind, stored.time_micros) {
            let what = "is not what its leaf says: id, kind or time";
            report.problem(format!("record {index} {what}"));
        }
        let held = match (self.vault, &record.sealed) {
            (Some(vault), _) => vault.open(logged),
            (None, Some(_)) => Ok(Held::Locked),
            (None, None) => Ok(Held::Erased),
        };
        match held {
            Ok(Held::Open(contents)) => {
                report.opened += 1;
                compare(logged, &contents, &stored, report);
                let mark = self.vault.map(|v| v.request_mark(&contents.request_digest));
                if mark.is_some_and(|mark| mark != record.request_mark) {
                    report.problem(format!("record {index}: the mark of its request is wrong"));
                }
            }
            Ok(Held::Locked) => report.locked += 1,
            Ok(Held::Erased) if self.erasures.contains(&record.id) => report.erased += 1,
            Ok(Held::Erased) => report.problem(format!(
                "record {index} has no contents, and nothing erased them"
            )),
            Err(error) => report.problem(format!("record {index}: {error}")),
        }
    }
}

/// What a record says against what its leaf commits to.
fn compare(logged: &Logged, contents: &Contents, stored: &Leaf, report: &mut FsckReport) {
    let index = logged.index;
    match logged.record.leaf(contents, logged.time_micros) {
        Ok(made) if made == *stored => {}
        Ok(made) => {
            let mut parts = vec![
                ("request", made.request == stored.request),
                ("body", made.body == stored.body),
                ("editions", made.editions_root == stored.editions_root),
                ("fields", made.fields_root == stored.fields_root),
            ];
            parts.retain(|(_, same)| !same);
            let names: Vec<_> = parts.iter().map(|(name, _)| *name).collect();
            if !names.is_empty() {
                let names = names.join(", ");
                report.problem(format!(
                    "record {index} is not what its leaf commits to: {names}"
                ));
            }
        }
        Err(error) => report.problem(format!("record {index}: {error}")),
    }
}

/// Compares the subtrees that a page of records completes with the stored hashes, level by level; one
/// by one where a level is not as it should be, to name what is wrong.
fn nodes(reads: &dyn Reads, mut completed: Vec<(NodeId, Hash)>, report: &mut FsckReport) {
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

/// Every checkpoint: signed by the log, and of the tree as recomputed.
fn checkpoints(
    reads: &dyn Reads,
    identity: &LogIdentity,
    latest: u64,
    roots: &BTreeMap<u64, Hash>,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let keys = match known_keys(identity) {
        Ok(keys) => keys,
        Err(problem) => {
            report.problem(format!("the log's keys cannot be read: {problem}"));
            return Ok(());
        }
    };
    let mut next = Some(0);
    while let Some(from) = next {
        let stored = match from {
            0 => reads.checkpoint(0),
            size => reads.covering(size - 1),
        };
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                report.problem(format!("the checkpoints after size {from}: {error}"));
                return Ok(());
            }
        };
        let Some(stored) = stored else {
            if from == 0 {
                report.problem("the checkpoint of the empty log is missing");
                next = Some(1);
                continue;
            }
            return Ok(());
        };
        if stored.size > latest {
            return Ok(());
        }
        report.checkpoints += 1;
        let size = stored.size;
        let mut good = true;
        if let Err(problem) = verify_checkpoint(&stored, &identity.origin, &keys) {
            report.problem(format!("the checkpoint of size {size}: {problem}"));
            good = false;
        }
        if roots.get(&size) != Some(&stored.root) {
            report.problem(format!(
                "the checkpoint of size {size} is not of the stored records"
            ));
            good = false;
        }
        if size == latest {
            report.checkpoint_ok = good;
        }
        next = size.checked_add(1);
    }
    Ok(())
}

/// Every cosigned checkpoint must be one of the log, and its signatures those of known keys.
fn witnessed(
    reads: &dyn Reads,
    identity: &LogIdentity,
    latest: u64,
    roots: &BTreeMap<u64, Hash>,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let trusted = reads.trust(Role::Witness)?;
    let witnesses = trusted.iter().flat_map(|t| VerifierKey::parse(&t.vkey));
    let keys = known_keys(identity).and_then(|known| {
        KnownKeys::new(known.iter().cloned().chain(witnesses)).map_err(|e| e.to_string())
    });
    let Ok(keys) = keys else {
        return Ok(()); // said above
    };
    let mut index = 0;
    loop {
        let stored = match reads.witnessed_covering(index) {
            Ok(Some(stored)) if stored.size <= latest => stored,
            Ok(_) => return Ok(()),
            Err(error) => {
                report.problem(format!("the cosigned checkpoints: {error}"));
                return Ok(());
            }
        };
        let size = stored.size;
        report.witnessed += 1;
        if let Err(problem) = verify_checkpoint(&stored, &identity.origin, &keys) {
            report.problem(format!("the cosigned checkpoint of size {size}: {problem}"));
        } else if roots.get(&size) != Some(&stored.root) {
            report.problem(format!(
                "the cosigned checkpoint of size {size} is not of the stored records"
            ));
        }
        index = size;
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
