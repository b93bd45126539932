//! The vectors made by an independent implementation from the C2SP specifications.

use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::note::{
    CheckpointSigner, CosignatureSigner, Ed25519Signer, KnownKeys, MlDsa44Signer, Note, NoteSigner,
    VerifierKey,
};
use concord_tlog::proof::{verify_consistency, verify_inclusion};
use concord_tlog::tlog_proof::TlogProof;
use concord_tlog::tree::{MemoryTree, consistency_proof, inclusion_proof, root_of_size};
use serde_json::Value;

use crate::data::{self, number, text};

fn seed(key: &Value) -> [u8; 32] {
    // A seed has the form of a hash: 64 hex digits.
    *Hash::from_hex(text(key, "seed_hex"))
        .expect("seed")
        .as_bytes()
}

fn signer(vectors: &Value, key: &str) -> Ed25519Signer {
    let key = &vectors["keys"][key];
    Ed25519Signer::from_seed(text(key, "name"), &seed(key)).expect("signer")
}

fn concord_leaves(size: u64) -> MemoryTree {
    (0..size).map(|i| format!("concord leaf {i}")).collect()
}

fn hashes(value: &Value) -> Vec<Hash> {
    let hashes = value.as_array().expect("proof");
    hashes
        .iter()
        .map(|h| Hash::from_base64(h.as_str().expect("text")).expect("hash"))
        .collect()
}

#[test]
fn leaves_roots_and_proofs() {
    let Some(vectors) = data::vectors("the tree vectors") else {
        return;
    };
    for (index, hash) in vectors["leaf_hashes"].as_object().expect("leaf hashes") {
        let computed = leaf_hash(format!("concord leaf {index}").as_bytes());
        assert_eq!(format!("{computed:x}"), hash.as_str().expect("hex"));
    }
    let tree = concord_leaves(300);
    for (size, root) in vectors["roots"].as_object().expect("roots") {
        let computed = root_of_size(size.parse().expect("size"), &tree).expect("root");
        assert_eq!(computed.to_string(), text(root, "base64"));
        assert_eq!(format!("{computed:x}"), text(root, "hex"));
    }
    for v in vectors["inclusion"].as_array().expect("inclusion") {
        let (index, size) = (number(v, "index"), number(v, "size"));
        let leaf = Hash::from_hex(text(v, "leaf_hash_hex")).expect("leaf");
        let root = Hash::from_hex(text(v, "root_hex")).expect("root");
        let proof = hashes(&v["proof_b64"]);
        assert_eq!(inclusion_proof(index, size, &tree).expect("proof"), proof);
        assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
    }
    for v in vectors["consistency"].as_array().expect("consistency") {
        let (old, new) = (number(v, "old"), number(v, "new"));
        let old_root = Hash::from_hex(text(v, "old_root_hex")).expect("root");
        let new_root = Hash::from_hex(text(v, "new_root_hex")).expect("root");
        let proof = hashes(&v["proof_b64"]);
        assert_eq!(consistency_proof(old, new, &tree).expect("proof"), proof);
        assert_eq!(
            verify_consistency(old, new, &proof, &old_root, &new_root),
            Ok(())
        );
    }
}

#[test]
fn keys() {
    let Some(vectors) = data::vectors("the key vectors") else {
        return;
    };
    for key in vectors["keys"].as_object().expect("keys").values() {
        let vkey = text(key, "vkey");
        let parsed = VerifierKey::parse(vkey).expect("vkey");
        assert_eq!(parsed.to_string(), vkey);
        if key["type"] == 6 {
            let signer = MlDsa44Signer::from_seed(text(key, "name"), &seed(key)).expect("signer");
            assert_eq!(signer.public_key(), &parsed);
            continue;
        }
        let signer = Ed25519Signer::from_seed(text(key, "name"), &seed(key)).expect("signer");
        let made = if key["type"] == 4 {
            CosignatureSigner::new(signer, 0)
                .expect("cosigner")
                .verifier_key()
                .clone()
        } else {
            signer.verifier_key().clone()
        };
        assert_eq!(made, parsed);
    }
}

#[test]
fn checkpoints_are_signed_and_cosigned_to_the_byte() {
    let Some(vectors) = data::vectors("the note vectors") else {
        return;
    };
    let log = signer(&vectors, "us log ed25519");
    let origin = log.verifier_key().name().to_owned();
    let tree = concord_leaves(300);
    for size in [0, 5, 8, 300] {
        let v = &vectors["notes"][format!("checkpoint_{size}")];
        let root = root_of_size(size, &tree).expect("root");
        let checkpoint = Checkpoint::new(&origin, size, root).expect("checkpoint");
        assert_eq!(checkpoint.to_string(), text(v, "text"));
        let mut note = checkpoint.sign(&[&log]).expect("signed");
        assert_eq!(note.to_string(), text(v, "signed_note"));

        let time = number(v, "timestamp");
        let witness = CosignatureSigner::new(signer(&vectors, "kr witness ed25519"), time);
        let witness = witness.expect("cosigner");
        note.sign(&witness).expect("cosigned");
        let both = format!(
            "{}{}",
            text(v, "signed_note"),
            text(v, "cosignature_line_kr_witness")
        );
        assert_eq!(note.to_string(), both);

        let keys = [log.verifier_key().clone(), witness.verifier_key().clone()];
        let keys = KnownKeys::new(keys).expect("keys");
        let (opened, verified) = Checkpoint::open(both.as_bytes(), &origin, &keys).expect("opens");
        assert_eq!(opened, checkpoint);
        let times: Vec<_> = verified
            .iter()
            .map(|signature| signature.timestamp)
            .collect();
        assert_eq!(times, [None, Some(time)]);
    }
    // A fork is validly signed: only its root tells.
    let keys = KnownKeys::new([log.verifier_key().clone()]).expect("keys");
    let fork = text(&vectors["notes"]["forked_checkpoint_8"], "signed_note");
    let (fork, _) = Checkpoint::open(fork.as_bytes(), &origin, &keys).expect("opens");
    assert_ne!(fork.root(), root_of_size(8, &tree).expect("root"));
}

#[test]
fn every_request_of_the_witness_script_holds_a_readable_note() {
    let Some(vectors) = data::vectors("the witness script") else {
        return;
    };
    let log = signer(&vectors, "us log ed25519").verifier_key().clone();
    let keys = KnownKeys::new([log.clone()]).expect("keys");
    let mut opened = 0;
    for step in vectors["witness_script"].as_array().expect("script") {
        let status = number(step, "status");
        let (_, note) = text(step, "request").split_once("\n\n").unwrap_or_default();
        let answer = Checkpoint::open(note.as_bytes(), log.name(), &keys);
        match status {
            200 | 409 | 422 => {
                assert!(answer.is_ok(), "{step}: {answer:?}");
                opened += 1;
            }
            403 | 404 => assert!(answer.is_err(), "{step}"),
            _ => {}
        }
    }
    assert!(opened >= 5);
}

#[test]
fn the_offline_proof_file() {
    let Some(vectors) = data::vectors("the tlog-proof vector") else {
        return;
    };
    let file = text(&vectors, "tlog_proof_255_of_300");
    let proof = TlogProof::parse(file.as_bytes()).expect("proof");
    assert_eq!(proof.to_string(), file);
    let leaf = leaf_hash(b"concord leaf 255");
    let checkpoint = proof.verify_entry(&leaf).expect("included");
    assert_eq!((checkpoint.size(), proof.index), (300, 255));
    assert!(proof.verify_entry(&leaf_hash(b"concord leaf 254")).is_err());
    // Made anew from our own tree it is the same file.
    let tree = concord_leaves(300);
    let note = Note::parse(file.split_once("\n\n").expect("note").1.as_bytes()).expect("note");
    let hashes = inclusion_proof(255, 300, &tree).expect("proof");
    let made = TlogProof {
        extra: None,
        index: 255,
        hashes,
        checkpoint: note,
    };
    assert_eq!(made.to_string(), file);
}

#[test]
fn the_ml_dsa_44_signature_of_the_vectors_verifies_and_ours_is_made_of_the_same_message() {
    let Some(vectors) = data::vectors("the ML-DSA-44 vector") else {
        return;
    };
    let key = &vectors["keys"]["kr witness ml-dsa-44"];
    let signer = MlDsa44Signer::from_seed(text(key, "name"), &seed(key)).expect("signer");
    let v = &vectors["notes"]["mldsa44_subtree_v1_checkpoint_300"];
    let signed = text(&vectors["notes"]["checkpoint_300"], "signed_note");
    let both = format!("{signed}{}", text(v, "signature_line"));
    let keys = KnownKeys::new([signer.public_key().clone()]).expect("keys");
    let note = Note::parse(both.as_bytes()).expect("note");
    let verified = note.verify(&keys).expect("verifies");
    assert_eq!(verified.len(), 1);
    assert_eq!(verified[0].timestamp, Some(number(v, "timestamp")));

    // Ours is another signature of the same message, and verifies with the same key.
    let mut ours = Note::parse(signed.as_bytes()).expect("note");
    ours.sign_at(&signer, number(v, "timestamp"))
        .expect("signed");
    assert_eq!(ours.verify(&keys).map(|v| v.len()), Ok(1));
    // It commits to name, time, origin, size and root.
    let changed = [
        both.replace("\n300\n", "\n299\n"),
        both.replacen("us.concord", "uk.concord", 1),
        both.replace("GB55ml", "HB55ml"),
    ];
    for changed in changed {
        let note = Note::parse(changed.as_bytes()).expect("note");
        assert!(note.verify(&keys).is_err(), "{changed:.120}");
    }
    // A text that is not a checkpoint has no such signature.
    let mut other = Note::new("text\n").expect("note");
    assert!(other.sign_at(&signer, 1).is_err());
}
