//! The proof vectors of transparency-dev/merkle, each accepted or refused as its file says.

use std::path::Path;

use concord_tlog::hash::{Hash, HashError};
use concord_tlog::proof::{verify_consistency, verify_inclusion};
use serde_json::Value;

use crate::data;

/// Hashes of another length are refused when they are read: `Err` counts as a refusal.
fn hash(vector: &Value, key: &str) -> Result<Hash, HashError> {
    Hash::from_base64(vector[key].as_str().unwrap_or_default())
}

fn proof(vector: &Value) -> Result<Vec<Hash>, HashError> {
    let hashes = vector["proof"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    hashes
        .iter()
        .map(|hash| Hash::from_base64(hash.as_str().unwrap_or_default()))
        .collect()
}

fn included(v: &Value) -> Result<(), String> {
    let (leaf, root) = (hash(v, "leafHash"), hash(v, "root"));
    let (leaf, root) = (
        leaf.map_err(|e| e.to_string())?,
        root.map_err(|e| e.to_string())?,
    );
    let proof = proof(v).map_err(|e| e.to_string())?;
    let (index, size) = (data::number(v, "leafIdx"), data::number(v, "treeSize"));
    verify_inclusion(&leaf, index, size, &proof, &root).map_err(|e| e.to_string())
}

fn consistent(v: &Value) -> Result<(), String> {
    let (old, new) = (data::number(v, "size1"), data::number(v, "size2"));
    let old_root = hash(v, "root1").map_err(|e| e.to_string())?;
    let new_root = hash(v, "root2").map_err(|e| e.to_string())?;
    let proof = proof(v).map_err(|e| e.to_string())?;
    verify_consistency(old, new, &proof, &old_root, &new_root).map_err(|e| e.to_string())
}

fn run(folder: &Path, verify: fn(&Value) -> Result<(), String>, seen: &mut [u32; 2]) {
    for entry in std::fs::read_dir(folder).expect("vector folder") {
        let path = entry.expect("folder entry").path();
        if path.is_dir() {
            run(&path, verify, seen);
            continue;
        }
        let vector = data::json(&path);
        let refuse = vector["wantErr"].as_bool().expect("wantErr");
        let answer = verify(&vector);
        assert_eq!(answer.is_err(), refuse, "{}: {answer:?}", path.display());
        seen[usize::from(refuse)] += 1;
    }
}

#[test]
fn every_vector_is_accepted_or_refused_as_published() {
    let Some(folder) = data::shared("the merkle-proofs vectors") else {
        return;
    };
    let folder = folder.join("tlog/merkle-proofs");
    let (mut inclusion, mut consistency) = ([0, 0], [0, 0]);
    run(&folder.join("inclusion"), included, &mut inclusion);
    run(&folder.join("consistency"), consistent, &mut consistency);
    for [accepted, refused] in [inclusion, consistency] {
        assert!(
            accepted >= 2 && refused >= 30,
            "{accepted} accepted, {refused} refused"
        );
    }
}
