//! A log written by Tessera: every checkpoint it signed, recomputed from its entries.

use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::note::{Ed25519Signer, KnownKeys, NoteSigner as _, VerifierKey};
use concord_tlog::proof::verify_consistency;
use concord_tlog::tree::{MemoryTree, consistency_proof, root_of_size};

use crate::data;

/// Splits an entry bundle: each entry is preceded by its length in two bytes.
fn entries(mut bundle: &[u8]) -> Vec<&[u8]> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.push(entry);
        bundle = rest;
    }
    entries
}

#[test]
fn every_checkpoint_of_a_real_log_is_recomputed() {
    let Some(folder) = data::shared("the Tessera log") else {
        return;
    };
    let folder = folder.join("tlog/tessera-log");
    let vkey = std::fs::read_to_string(folder.join("log.vkey")).expect("vkey");
    let key = VerifierKey::parse(vkey.trim_end()).expect("vkey");
    let origin = key.name().to_owned();
    let keys = KnownKeys::new([key]).expect("keys");
    let bundle = std::fs::read(folder.join("tile/entries/000.p/15")).expect("entries");
    let tree: MemoryTree = entries(&bundle).into_iter().collect();
    assert_eq!(tree.size(), 15);

    let mut last: Option<Checkpoint> = None;
    for size in 0..=15 {
        let signed = std::fs::read(folder.join(format!("checkpoint.{size}"))).expect("checkpoint");
        let (checkpoint, _) = Checkpoint::open(&signed, &origin, &keys).expect("opens");
        assert_eq!(checkpoint.size(), size);
        assert_eq!(checkpoint.root(), root_of_size(size, &tree).expect("root"));
        if let Some(old) = last.filter(|old| old.size() > 0) {
            let proof = consistency_proof(old.size(), size, &tree).expect("proof");
            let (old_size, old_root) = (old.size(), old.root());
            let answer = verify_consistency(old_size, size, &proof, &old_root, &checkpoint.root());
            assert_eq!(answer, Ok(()));
        }
        // Another key cannot open it, even under the log's name.
        let other = Ed25519Signer::from_seed(&origin, &[7; 32]).expect("signer");
        let others = KnownKeys::new([other.verifier_key().clone()]).expect("keys");
        assert!(Checkpoint::open(&signed, &origin, &others).is_err());
        last = Some(checkpoint);
    }
}
