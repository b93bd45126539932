//! An agency's system proves its receipts over RPC, with nothing but the log's key; it reads its own records and no
//! others.

use concord_kit::client::Channel;
use concord_kit::dev_ca::DevCert;
use concord_kit::status::Problem;
use concord_proto::audit::audit_service_client::AuditServiceClient;
use concord_proto::audit::get_record_request::Name;
use concord_proto::audit::{
    AppendRequest, ExportRecordsRequest, GetCheckpointRequest, GetConsistencyProofRequest,
    GetInclusionProofRequest, GetRecordRequest, RecordKey, SearchRecordsRequest,
};
use concord_tests::cluster::{Cluster, Deployment, Options};
use concord_tests::requests::accelerator_to_korea;
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::note::{KnownKeys, VerifierKey};
use concord_tlog::proof::{verify_consistency, verify_inclusion};
use tonic::{Code, Status};

fn audit_as(cluster: &Cluster, at: &Deployment, cert: &DevCert) -> AuditServiceClient<Channel> {
    AuditServiceClient::new(cluster.channel(at, "audit", at.addr("audit"), cert))
}

fn hashes(bytes: &[Vec<u8>]) -> Vec<Hash> {
    let hash = |bytes: &Vec<u8>| Hash::from_slice(bytes).expect("32 bytes");
    bytes.iter().map(hash).collect()
}

fn refusal<T>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.err().expect("a refusal");
    (
        status.code(),
        Problem::from_status(&status).reason().to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_proved_to_its_holder_and_bodies_are_shown_to_their_own() {
    let cluster = Cluster::start(Options::default()).await;
    let us = &cluster.us;
    let mut determination = cluster.determination(us);
    let mut receipts = Vec::new();
    for id in ["p-0", "p-1", "p-2"] {
        let mut request = accelerator_to_korea(id);
        request.skip_consult = true;
        let answer = determination.determine(request).await.expect("an answer");
        receipts.push(answer.into_inner().receipt.expect("a receipt"));
    }
    let client = us.cert("client");
    let mut audit = audit_as(&cluster, us, client);
    let signed = audit
        .get_checkpoint(GetCheckpointRequest {})
        .await
        .expect("a checkpoint")
        .into_inner();
    let key = VerifierKey::parse(&signed.verifier_key).expect("a key");
    let keys = KnownKeys::new([key]).expect("one key");
    let open = |note: &str| {
        Checkpoint::open(note.as_bytes(), "us.concord.example/audit", &keys)
            .expect("signed")
            .0
    };
    let latest = open(&signed.checkpoint);
    for receipt in &receipts {
        let asked = GetInclusionProofRequest {
            index: receipt.index,
            tree_size: latest.size(),
        };
        let proof = audit
            .get_inclusion_proof(asked)
            .await
            .expect("a proof")
            .into_inner();
        let leaf = Hash::from_slice(&receipt.leaf_hash).expect("32 bytes");
        verify_inclusion(
            &leaf,
            receipt.index,
            latest.size(),
            &hashes(&proof.hashes),
            &latest.root(),
        )
        .expect("the receipt's leaf is in the log");
        let earlier = open(&receipt.checkpoint);
        let asked = GetConsistencyProofRequest {
            from_size: earlier.size(),
            to_size: latest.size(),
        };
        let proof = audit
            .get_consistency_proof(asked)
            .await
            .expect("a proof")
            .into_inner();
        verify_consistency(
            earlier.size(),
            latest.size(),
            &hashes(&proof.hashes),
            &earlier.root(),
            &latest.root(),
        )
        .expect("the log extends what the receipt was given under");
    }

    // Its own record, by each of its names, with what opens the leaf's commitments.
    let of = |name: Name| GetRecordRequest { name: Some(name) };
    let by_id = of(Name::RecordId(receipts[1].record_id.clone()));
    let by_index = of(Name::Index(receipts[1].index));
    let by_key = of(Name::Key(RecordKey {
        caller: client.id.to_string(),
        request_id: "p-1".to_owned(),
    }));
    for name in [&by_id, &by_index, &by_key] {
        let record = audit
            .get_record(name.clone())
            .await
            .expect("its own")
            .into_inner()
            .record
            .expect("a record");
        assert!(!record.body.is_empty() && !record.fields.is_empty());
        assert_eq!(
            leaf_hash(&record.leaf).as_bytes().as_slice(),
            receipts[1].leaf_hash
        );
    }

    // Another agency's system: the same proofs, and no record but its own.
    let other = us.ca().issue("other", "client").expect("a certificate");
    let mut stranger = audit_as(&cluster, us, &other);
    for name in [by_id, by_index, by_key] {
        let refused = refusal(stranger.get_record(name).await);
        assert_eq!(refused, (Code::NotFound, "RECORD_NOT_FOUND".to_owned()));
    }
    let asked = GetInclusionProofRequest {
        index: 0,
        tree_size: 0,
    };
    stranger
        .get_inclusion_proof(asked)
        .await
        .expect("proofs tell nothing");
    let denied = (Code::PermissionDenied, "CALLER_NOT_ALLOWED".to_owned());
    for audit in [&mut audit, &mut stranger] {
        let append = audit.append(AppendRequest::default()).await;
        assert_eq!(refusal(append), denied);
        let search = audit.search_records(SearchRecordsRequest::default()).await;
        assert_eq!(refusal(search), denied);
        let export = audit.export_records(ExportRecordsRequest::default()).await;
        assert_eq!(refusal(export), denied);
    }
    // Who is no agency's system has nothing to ask.
    let service = us
        .ca()
        .issue(us.agency(), "screening")
        .expect("a certificate");
    let mut nobody = audit_as(&cluster, us, &service);
    assert_eq!(
        refusal(nobody.get_checkpoint(GetCheckpointRequest {}).await),
        denied
    );
    assert_eq!(refusal(nobody.get_inclusion_proof(asked).await), denied);
    drop((determination, audit, stranger, nobody));
    cluster.shutdown().await;
}
