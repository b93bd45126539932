//! One export through both deployments: what comes back, what is in the logs, and that it is there once.

use concord_kit::status::Problem;
use concord_proto::audit::{
    GetCheckpointRequest, GetInclusionProofRequest, GetRecordRequest, get_record_request,
};
use concord_proto::determination::batch_determine_response::Outcome;
use concord_proto::determination::{
    BatchDetermineRequest, CounterpartStatus, DetermineRequest, GetDeterminationRequest,
};
use concord_proto::types::{
    Authority, Burden, DivergenceKind, Item, Line, Receipt, ReceiptLevel, RecordKind, View,
};
use concord_tests::cluster::{Cluster, Deployment, Options};
use concord_tests::requests::{accelerator_to_korea, quantity};
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::note::{KnownKeys, VerifierKey};
use concord_tlog::proof::verify_inclusion;
use tonic::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_export_is_decided_by_both_laws_and_kept_in_both_logs() {
    let cluster = Cluster::start(Options::default()).await;
    let mut us = cluster.determination(&cluster.us);
    let mut request = accelerator_to_korea("r-1");
    request.set_view(View::Full);
    let answer = us.determine(request).await.expect("an answer").into_inner();
    let determination = answer.determination.as_ref().expect("a determination");

    let own = determination.own.as_ref().expect("the own law");
    assert_eq!(
        (own.jurisdiction.as_str(), own.authority()),
        ("US", Authority::Official)
    );
    assert_eq!(own.outcome, "no_list_licence");
    assert_eq!(own.literal_outcome, "licence_required");
    let line = own.lines.first().expect("a line");
    let codes = &line
        .classification
        .as_ref()
        .expect("a classification")
        .matches;
    assert!(codes.iter().any(|p| p.code == "3A090.a.1"), "{codes:?}");

    let [korea] = determination.counterparts.as_slice() else {
        panic!("one counterpart")
    };
    assert_eq!(
        korea.status(),
        CounterpartStatus::Answered,
        "{}",
        korea.reason
    );
    let theirs = korea.determination.as_ref().expect("their determination");
    assert_eq!(
        (theirs.jurisdiction.as_str(), theirs.authority()),
        ("KR", Authority::Official)
    );
    assert_eq!(korea.disclosure, "NONE");
    // Korean law does not reach what leaves another country.
    assert_eq!(
        (theirs.outcome.as_str(), theirs.burden()),
        ("not_subject", Burden::NotSubject)
    );
    assert_eq!(theirs.lines[0].line_id, "chips");

    let said = determination
        .statements
        .iter()
        .filter(|t| t.text.contains("not legal advice"));
    assert_eq!(said.count(), 1);
    let reasons: Vec<_> = determination
        .incomplete
        .iter()
        .map(|i| i.reason.as_str())
        .collect();
    assert!(reasons.contains(&"EXAMPLE_LIST_ONLY"), "{reasons:?}");

    let receipt = answer.receipt.as_ref().expect("a receipt");
    proves(&cluster, &cluster.us, receipt, RecordKind::Determination).await;
    let theirs = korea
        .receipt
        .as_ref()
        .expect("a receipt of the counterpart");
    proves(&cluster, &cluster.kr, theirs, RecordKind::Determination).await;

    let id = determination.determination_id.clone();
    let stored = us
        .get_determination(GetDeterminationRequest {
            determination_id: id,
        })
        .await;
    let stored = stored.expect("the stored determination").into_inner();
    assert_eq!(stored.determination, answer.determination);
    drop(us);
    cluster.shutdown().await;
}

/// The record is in the deployment's log, and its signed checkpoint covers it.
async fn proves(cluster: &Cluster, at: &Deployment, receipt: &Receipt, kind: RecordKind) {
    let mut audit = cluster.audit(at);
    assert!(receipt.level() >= ReceiptLevel::Sequenced, "{receipt:?}");
    let name = get_record_request::Name::RecordId(receipt.record_id.clone());
    let record = audit
        .get_record(GetRecordRequest { name: Some(name) })
        .await;
    let record = record
        .expect("the record")
        .into_inner()
        .record
        .expect("a record");
    assert_eq!(record.kind(), kind);
    let leaf = leaf_hash(&record.leaf);
    assert_eq!(leaf.as_bytes().as_slice(), receipt.leaf_hash);

    let head = audit
        .get_checkpoint(GetCheckpointRequest {})
        .await
        .expect("a checkpoint");
    let key = VerifierKey::parse(&head.into_inner().verifier_key).expect("a verifier key");
    let keys = KnownKeys::new([key]).expect("one key");
    let request = GetInclusionProofRequest {
        index: receipt.index,
        tree_size: 0,
    };
    let reply = audit
        .get_inclusion_proof(request)
        .await
        .expect("a proof")
        .into_inner();
    let (head, _) = Checkpoint::open(reply.checkpoint.as_bytes(), &receipt.log_origin, &keys)
        .expect("a checkpoint signed by the log");
    let hashes = reply
        .hashes
        .iter()
        .map(|hash| Hash::from_slice(hash).expect("32 bytes"));
    let hashes: Vec<_> = hashes.collect();
    verify_inclusion(&leaf, reply.index, reply.tree_size, &hashes, &head.root())
        .expect("the record is under the checkpoint's root");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_is_one_record_however_often_it_comes() {
    let cluster = Cluster::start(Options::default()).await;
    let client = cluster.determination(&cluster.us);
    let ask = |id: &'static str| {
        let mut client = client.clone();
        async move {
            client
                .determine(accelerator_to_korea(id))
                .await
                .map(tonic::Response::into_inner)
        }
    };
    // At the same time, before any of them can find a record.
    let (a, b, c) = tokio::join!(ask("twice"), ask("twice"), ask("twice"));
    let (a, b, c) = (
        a.expect("an answer"),
        b.expect("an answer"),
        c.expect("an answer"),
    );
    assert_eq!(a, b);
    assert_eq!(a, c);
    // And once more, when it is there.
    assert_eq!(a, ask("twice").await.expect("an answer"));
    let records = cluster.records(&cluster.us).await;
    assert_eq!(records.len(), 1, "{records:?}");

    let mut other = accelerator_to_korea("twice");
    other
        .transaction
        .as_mut()
        .expect("a transaction")
        .destination = "CN".to_owned();
    let refused = client
        .clone()
        .determine(other)
        .await
        .expect_err("another request");
    let problem = Problem::from_status(&refused);
    assert_eq!(
        (problem.code(), problem.reason()),
        (Code::InvalidArgument, "REQUEST_ID_REUSED")
    );
    assert_eq!(problem.violations()[0].0, "context.request_id");

    // Another caller's ids are its own.
    let theirs = cluster
        .us
        .ca()
        .issue("census", "client")
        .expect("a certificate");
    let mut census = cluster.determination_as(&cluster.us, &theirs);
    let own = census
        .determine(accelerator_to_korea("twice"))
        .await
        .expect("an answer");
    assert_ne!(own.into_inner().receipt, a.receipt);
    drop((client, census));
    cluster.shutdown().await;
}

/// Each law reaches only exports of its own, so burdens are compared on those: a Korean export to the United States against
/// the same thing the other way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn burdens_are_compared_on_each_sides_own_export() {
    let cluster = Cluster::start(Options::default()).await;
    let mut kr = cluster.determination(&cluster.kr);
    let mut request = accelerator_to_korea("r-mirror");
    let transaction = request.transaction.as_mut().expect("a transaction");
    (transaction.origin, transaction.destination) = ("KR".to_owned(), "US".to_owned());
    let item = transaction.lines[0].item.as_mut().expect("an item");
    *item = Item {
        name: "frequency changer".to_owned(),
        r#type: "frequency_changer".to_owned(),
        parameters: [
            ("output_power".to_owned(), quantity("10", "kVA")),
            ("max_frequency".to_owned(), quantity("1", "kHz")),
            ("frequency_control".to_owned(), quantity("0.01", "%")),
        ]
        .into(),
        flags: [
            ("multiphase_output".to_owned(), true),
            ("usable_as_motor_drive".to_owned(), true),
        ]
        .into(),
        ..Item::default()
    };
    let answer = kr.determine(request).await.expect("an answer").into_inner();
    let determination = answer.determination.expect("a determination");
    let pair = determination
        .divergences
        .iter()
        .find(|d| d.kind() == DivergenceKind::LicenceRequirement)
        .expect("a pair of burdens");
    assert_eq!(pair.stricter, "KR");
    let sides: Vec<_> = pair
        .sides
        .iter()
        .map(|s| (s.route.as_str(), s.burden()))
        .collect();
    assert_eq!(
        sides,
        [
            ("KR>US", Burden::SimplifiedLicence),
            ("US>KR", Burden::NoListLicence)
        ]
    );
    drop(kr);
    cluster.shutdown().await;
}

/// An answer that no record can hold is refused as that, not as something to ask again, and leaves no record.
/// The accelerator again and again, each on a line of its own.
fn shipment(request_id: &str, lines: usize) -> tonic::Request<DetermineRequest> {
    let mut request = accelerator_to_korea(request_id);
    let transaction = request.transaction.as_mut().expect("a transaction");
    let line = transaction.lines[0].clone();
    let numbered = |i| Line {
        line_id: format!("line-{i}"),
        ..line.clone()
    };
    transaction.lines = (0..lines).map(numbered).collect();
    let mut request = tonic::Request::new(request);
    request.set_timeout(std::time::Duration::from_secs(100));
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shipment_of_sixty_chips_is_decided_by_both_laws_and_read_back() {
    let cluster = Cluster::start(Options::default()).await;
    let us = cluster.determination(&cluster.us);
    let mut us = us.max_decoding_message_size(16 * 1024 * 1024);
    let mut request = shipment("r-long", 60);
    request.get_mut().set_view(View::Full);
    let answer = us.determine(request).await.expect("an answer").into_inner();
    let determination = answer.determination.expect("a determination");
    let size = prost::Message::encoded_len(&determination);
    assert!(size > 5 * 1024 * 1024, "only {size} bytes: send more lines");
    let own = determination.own.as_ref().expect("the own law");
    let korea = &determination.counterparts[0];
    assert_eq!(korea.status(), CounterpartStatus::Answered, "{korea:?}");
    let theirs = korea.determination.as_ref().expect("their determination");
    assert_eq!((own.lines.len(), theirs.lines.len()), (60, 60));
    let request = GetDeterminationRequest {
        determination_id: determination.determination_id.clone(),
    };
    let stored = us.get_determination(request).await.expect("the record");
    assert_eq!(stored.into_inner().determination, Some(determination));
    drop(us);
    cluster.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shipment_whose_answer_fits_no_record_is_refused_and_leaves_none() {
    let options = Options {
        answer_bytes: Some(256 * 1024),
        ..Options::default()
    };
    let cluster = Cluster::start(options).await;
    let mut us = cluster.determination(&cluster.us);
    let mut request = shipment("r-large", 3);
    request.get_mut().skip_consult = true;
    let refused = us.determine(request).await.expect_err("too large");
    let problem = Problem::from_status(&refused);
    assert_eq!(
        (problem.code(), problem.reason()),
        (Code::ResourceExhausted, "ANSWER_TOO_LARGE")
    );
    assert!(cluster.records(&cluster.us).await.is_empty());
    drop(us);
    cluster.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_answers_every_element_and_a_bad_one_harms_no_other() {
    let cluster = Cluster::start(Options::default()).await;
    let mut unknown = accelerator_to_korea("b-2");
    if let Some(transaction) = &mut unknown.transaction {
        transaction.destination = "ZZ".into();
    }
    let elements = [
        Some(accelerator_to_korea("b-1")),
        Some(unknown),
        // The first again: one record, one answer.
        Some(accelerator_to_korea("b-1")),
        None,
        Some(accelerator_to_korea("b-5")),
    ];
    let requests = elements.into_iter().zip(10_u64..);
    let requests = requests.map(|(request, index)| BatchDetermineRequest { index, request });
    let requests: Vec<_> = requests.collect();
    let mut us = cluster.determination(&cluster.us);
    let answers = us.batch_determine(tokio_stream::iter(requests)).await;
    let mut answers = answers.expect("a stream").into_inner();
    let mut by_index = std::collections::BTreeMap::new();
    while let Some(answer) = answers.message().await.expect("the stream goes on") {
        let outcome = answer.outcome.expect("a result or a problem");
        assert!(
            by_index.insert(answer.index, outcome).is_none(),
            "one answer for an index"
        );
    }
    let determination = |index| match by_index.get(&index) {
        Some(Outcome::Result(result)) => result.determination.clone().expect("a determination"),
        other => panic!("{index}: {other:?}"),
    };
    let problem = |index| match by_index.get(&index) {
        Some(Outcome::Problem(problem)) => {
            let violation = problem.violations.first();
            (
                Code::from_i32(problem.code.cast_signed()),
                problem.reason.clone(),
                violation.map(|v| v.field.clone()).unwrap_or_default(),
            )
        }
        other => panic!("{index}: {other:?}"),
    };
    assert_eq!(by_index.len(), 5);
    assert_eq!(determination(10), determination(12));
    assert_ne!(
        determination(10).determination_id,
        determination(14).determination_id
    );
    assert_eq!(
        problem(11),
        (
            Code::InvalidArgument,
            "UNKNOWN_COUNTRY".to_owned(),
            "transaction.destination".to_owned()
        )
    );
    let (code, _, _) = problem(13);
    assert_eq!(code, Code::InvalidArgument);
    assert_eq!(
        cluster.records(&cluster.us).await.len(),
        2,
        "two determinations, no trace of the bad elements"
    );
    drop(us);
    cluster.shutdown().await;
}
