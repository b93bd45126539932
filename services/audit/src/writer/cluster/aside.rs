//! What is written beside the records: one transaction each, and across replicas one at a time.

use std::sync::mpsc::Receiver;

use concord_tlog::note::CheckpointSigner;

use super::super::edge::now;
use super::super::{Command, WriteError, refuse};
use crate::counterpart;
use crate::store::postgres::PostgresStore;
use crate::store::{Group, GroupError, Store, StoreError};

/// Writes until nobody is left who could ask.
pub(super) fn run(
    mut store: PostgresStore,
    cosigners: &[Box<dyn CheckpointSigner>],
    queue: &Receiver<Command>,
) {
    while let Ok(command) = queue.recv() {
        match command {
            Command::Weigh { offer, reply } => {
                let verdict = group(&mut store, |group| counterpart::weigh(group, &offer, now()));
                let _ = reply.send(verdict); // the caller may have gone; what was written stays
            }
            Command::Cosign { offer, reply } => {
                let cosigned = group(&mut store, |group| {
                    counterpart::cosign(group, &offer, cosigners, now())
                });
                let _ = reply.send(cosigned);
            }
            Command::KeepWitnessed { signed, reply } => {
                let kept = group(&mut store, |group| {
                    group.keep_witnessed(signed.size, &signed.note, now())
                });
                let _ = reply.send(kept);
            }
            Command::Halt { why } => {
                tracing::error!(why, "every replica is kept from signing");
                if let Err(error) = store.halt(Some(&why)) {
                    tracing::error!(%error, "the log could not be halted in the database");
                }
            }
            other => refuse(other, &WriteError::Stopped),
        }
    }
}

/// One transaction with one answer, which is given only after COMMIT.
fn group<T>(
    store: &mut PostgresStore,
    work: impl Fn(&mut dyn Group) -> Result<T, StoreError>,
) -> Result<T, WriteError> {
    let mut answer = None;
    let outcome = store.group(&mut |group| {
        answer = Some(work(group)?);
        Ok(())
    });
    match (outcome, answer) {
        (Ok(()), Some(answer)) => Ok(answer),
        (Ok(()), None) => Err(WriteError::Stopped),
        (Err(GroupError::RolledBack(error) | GroupError::Halted(error)), _) => {
            tracing::error!(%error, "a group was rolled back");
            Err(WriteError::RolledBack)
        }
        (Err(GroupError::Unknown(error)), _) => {
            tracing::error!(%error, "a commit has an unknown fate");
            Err(WriteError::Unknown)
        }
    }
}
