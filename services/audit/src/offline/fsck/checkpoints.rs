//! Every signed checkpoint, and those that bear cosignatures.

use std::collections::BTreeMap;

use concord_tlog::hash::Hash;
use concord_tlog::note::{KnownKeys, VerifierKey};

use super::{FsckReport, threads};
use crate::start::{known_keys, verify_checkpoint};
use crate::store::{LogIdentity, Reads, Role, StoreError};

/// Every checkpoint: signed by the log, and of the tree as recomputed. Signatures take long, so all processors
/// verify them.
pub(super) fn check(
    reads: &dyn Reads,
    identity: &LogIdentity,
    latest: u64,
    roots: &BTreeMap<u64, Hash>,
    report: &mut FsckReport,
) {
    let keys = match known_keys(identity) {
        Ok(keys) => keys,
        Err(problem) => return report.problem(format!("the log's keys cannot be read: {problem}")),
    };
    let mut sizes = match reads.checkpoint_sizes() {
        Ok(sizes) => sizes,
        Err(error) => return report.problem(format!("the checkpoints cannot be read: {error}")),
    };
    sizes.retain(|size| *size <= latest);
    if sizes.first() != Some(&0) {
        report.problem("the checkpoint of the empty log is missing");
    }
    let each = sizes.len().div_ceil(threads()).max(1);
    let parts = std::thread::scope(|scope| {
        let keys = &keys;
        let mut parts = Vec::new();
        for sizes in sizes.chunks(each) {
            parts.push(scope.spawn(move || {
                let mut found = FsckReport::default();
                for size in sizes {
                    one(reads, identity, *size, keys, roots, &mut found);
                }
                found.checkpoint_ok &= sizes.last() == Some(&latest);
                found
            }));
        }
        parts
            .into_iter()
            .map(|part| part.join())
            .collect::<Vec<_>>()
    });
    for part in parts {
        match part {
            Ok(part) => report.add(part),
            Err(_) => report.problem("the check of the checkpoints ended with a panic"),
        }
    }
}

/// One checkpoint; `checkpoint_ok` says afterwards whether it was good.
fn one(
    reads: &dyn Reads,
    identity: &LogIdentity,
    size: u64,
    keys: &KnownKeys,
    roots: &BTreeMap<u64, Hash>,
    found: &mut FsckReport,
) {
    found.checkpoint_ok = false;
    let stored = match reads.checkpoint(size) {
        Ok(Some(stored)) => stored,
        Ok(None) => return found.problem(format!("the checkpoint of size {size} is missing")),
        Err(error) => return found.problem(format!("the checkpoint of size {size}: {error}")),
    };
    found.checkpoints += 1;
    let mut good = true;
    if let Err(problem) = verify_checkpoint(&stored, &identity.origin, keys) {
        found.problem(format!("the checkpoint of size {size}: {problem}"));
        good = false;
    }
    if roots.get(&size) != Some(&stored.root) {
        let what = "is not of the stored records";
        found.problem(format!("the checkpoint of size {size} {what}"));
        good = false;
    }
    found.checkpoint_ok = good;
}

/// Every cosigned checkpoint must be one of the log, and its signatures those of known keys.
pub(super) fn witnessed(
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
