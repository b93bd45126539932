//! What a verifier elsewhere can check: proofs over gRPC, and bundles offline.

use concord_audit::offline::verify;
use concord_audit::search::Criteria;
use concord_audit::store::RecordName;
use concord_proto::audit as api;
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::commitment::Field;
use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::leaf::LEAF_V1_BYTES;
use concord_tlog::note::{KnownKeys, VerifierKey};
use concord_tlog::proof::{verify_consistency, verify_inclusion};

use crate::running::{ORIGIN, append_many, start, stored};
use crate::stores::{Stores, both};

both!(
    every_record_is_proved_and_old_checkpoints_stay_consistent_over_restarts,
    a_bundle_made_beside_the_running_service_verifies_offline_and_no_bit_can_change,
);

fn open(note: &str, vkey: &str) -> Checkpoint {
    let keys = KnownKeys::new([VerifierKey::parse(vkey).unwrap()]).unwrap();
    Checkpoint::open(note.as_bytes(), ORIGIN, &keys).unwrap().0
}

fn hashes(bytes: Vec<Vec<u8>>) -> Vec<Hash> {
    bytes
        .iter()
        .map(|hash| Hash::from_slice(hash).unwrap())
        .collect()
}

async fn every_record_is_proved_and_old_checkpoints_stay_consistent_over_restarts(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    // The last of sixteen completes a subtree whose hash is stored.
    let mut receipts = append_many(&service.client, "a", 16).await;
    let vkey = service.vkey.clone();
    service.stop().await;

    let service = start(dir.path()).await;
    assert_eq!(service.vkey, vkey, "the key is kept");
    receipts.extend(append_many(&service.client, "b", 12).await);
    let mut client = service.client.clone();
    let latest = client
        .get_checkpoint(api::GetCheckpointRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(latest.verifier_key, vkey);
    let latest = open(&latest.checkpoint, &vkey);
    assert_eq!(latest.size(), 28);
    for (index, receipt) in (0..).zip(&receipts) {
        assert_eq!(receipt.index, index);
        let asked = api::GetInclusionProofRequest {
            index,
            tree_size: 0,
        };
        let proof = client
            .get_inclusion_proof(asked)
            .await
            .unwrap()
            .into_inner();
        let leaf = Hash::from_slice(&proof.leaf_hash).unwrap();
        assert_eq!(leaf.as_bytes().to_vec(), receipt.leaf_hash);
        let path = hashes(proof.hashes);
        verify_inclusion(&leaf, index, latest.size(), &path, &latest.root()).unwrap();

        let old = open(&receipt.checkpoint, &vkey);
        let asked = api::GetConsistencyProofRequest {
            from_size: old.size(),
            to_size: 0,
        };
        let proof = client
            .get_consistency_proof(asked)
            .await
            .unwrap()
            .into_inner();
        let path = hashes(proof.hashes);
        let (old_root, root) = (old.root(), latest.root());
        verify_consistency(old.size(), latest.size(), &path, &old_root, &root).unwrap();
    }
    let asked = api::GetInclusionProofRequest {
        index: 3,
        tree_size: 16,
    };
    let proof = client
        .get_inclusion_proof(asked)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        open(&proof.checkpoint, &vkey).size(),
        16,
        "the checkpoint of that very size"
    );
    service.stop().await;
}

async fn a_bundle_made_beside_the_running_service_verifies_offline_and_no_bit_can_change(
    stores: Stores,
) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    append_many(&service.client, "r", 5).await;
    let log = stored(dir.path());
    assert_eq!(
        (log.origin(), log.verifier_key()),
        (ORIGIN, service.vkey.as_str())
    );
    let key = VerifierKey::parse(&service.vkey).unwrap();
    for index in 0..5 {
        let bytes = log.prove(index, &[]).unwrap();
        let proved = verify(&bytes, Some(&key)).unwrap();
        assert!(proved.authenticated);
        assert_eq!(
            (proved.index, proved.size, proved.origin.as_str()),
            (index, 5, ORIGIN)
        );
        let shown = |field| proved.disclosure.value(field).map(<[u8]>::to_vec);
        assert_eq!(
            shown(Field::Body),
            Some(format!("body of r-{index}").into_bytes())
        );
        assert_eq!(shown(Field::Outcome), Some(b"licence_required".to_vec()));
        assert_eq!(
            shown(Field::RequestId),
            Some(format!("r-{index}").into_bytes())
        );
        assert_eq!(shown(Field::Route), None);
        let request = String::from_utf8(shown(Field::Request).unwrap()).unwrap();
        let digest = Hash::of(&[format!("r-{index}").as_bytes()]);
        let body = "body concord.determination.v1.DetermineResponse";
        assert_eq!(request, format!("sha256 {digest:x}\n{body}\n"));
    }
    let bytes = log.prove(2, &[Field::Body, Field::Actor]).unwrap();
    let proved = verify(&bytes, None).unwrap();
    assert!(!proved.authenticated);
    assert_eq!(proved.disclosure.value(Field::Body), None);
    assert!(
        !String::from_utf8(bytes.clone())
            .unwrap()
            .contains("officer")
    );
    for place in (0..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        assert!(
            verify(&flipped, Some(&key)).is_err(),
            "bit flipped in byte {place}"
        );
    }
    let error = log.prove(5, &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "record 5 is not in the log, which has 5: indexes begin at 0"
    );

    let listed = log.records(1, 2).unwrap();
    assert_eq!(listed.iter().map(|r| r.index).collect::<Vec<_>>(), [1, 2]);
    assert!(listed.iter().all(|r| r.leaf.len() == LEAF_V1_BYTES));
    let newest = log.search(&Criteria::default(), u64::MAX, 1).unwrap();
    assert_eq!((newest.records.len(), newest.next), (1, Some(4)));
    let newest = &newest.records[0].logged;
    assert_eq!(newest.index, 4);
    let found = log.record(RecordName::Id(newest.record.id)).unwrap();
    assert_eq!(
        leaf_hash(&found.unwrap().logged.leaf),
        leaf_hash(&newest.leaf)
    );
    let report = log.fsck().unwrap();
    assert!(report.is_ok() && report.checkpoint_ok, "{report:?}");
    assert_eq!((report.records, report.tree_size), (5, 5));
    service.stop().await;
}
