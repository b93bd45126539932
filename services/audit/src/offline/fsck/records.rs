//! One record against its leaf.

use std::collections::BTreeSet;

use concord_tlog::leaf::Leaf;

use super::FsckReport;
use crate::record::{Contents, Held, Logged};
use crate::vault::Vault;

/// What each record is compared with.
pub(super) struct Records<'a> {
    /// Decrypts what they say; without it only what is not encrypted is compared.
    pub vault: Option<&'a Vault>,
    /// The records whose contents were erased.
    pub erasures: BTreeSet<uuid::Uuid>,
}

impl Records<'_> {
    /// One record: what is stored must be what its leaf commits to.
    pub fn check(&self, logged: &Logged, report: &mut FsckReport) {
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
