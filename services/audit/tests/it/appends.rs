//! Once: the idempotency key, and what concurrent identical calls do.

use concord_proto::audit as api;
use concord_proto::audit::get_record_request::Name;
use concord_proto::types as wire;
use concord_tlog::hash::leaf_hash;
use tonic::Code;

use crate::running::{CALLER, ORIGIN, append, problem, request, start};
use crate::stores::{Stores, both};

both!(
    a_record_is_read_back_by_id_index_and_key_as_it_was_given,
    sixty_four_identical_calls_at_once_make_one_record,
    a_request_id_used_for_another_request_is_refused_and_changes_nothing,
);

async fn a_record_is_read_back_by_id_index_and_key_as_it_was_given(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    let first = append(&client, "r-0").await;
    let mut decision = request("r-1");
    decision.kind = wire::RecordKind::HumanDecision.into();
    decision.about_record_id = first.record_id.clone();
    decision.wait_for = wire::ReceiptLevel::Checkpointed.into();
    let answer = client.append(decision.clone()).await.unwrap().into_inner();
    let receipt = answer.receipt.unwrap();
    assert_eq!((first.index, receipt.index), (0, 1));
    assert_eq!(receipt.level(), wire::ReceiptLevel::Checkpointed);
    assert_eq!(receipt.log_origin, ORIGIN);
    assert!(receipt.checkpoint.starts_with(&format!("{ORIGIN}\n2\n")));
    assert_eq!(answer.body, decision.body);

    let key = api::RecordKey {
        caller: CALLER.to_owned(),
        request_id: "r-1".to_owned(),
    };
    let names = [
        Name::RecordId(receipt.record_id.clone()),
        Name::Index(1),
        Name::Key(key),
    ];
    for name in names {
        let asked = api::GetRecordRequest { name: Some(name) };
        let record = client
            .get_record(asked)
            .await
            .unwrap()
            .into_inner()
            .record
            .unwrap();
        assert_eq!(record.receipt.as_ref(), Some(&receipt));
        assert_eq!(record.body, decision.body);
        assert_eq!(record.body_type, decision.body_type);
        assert_eq!(record.context, decision.context);
        assert_eq!(record.request_digest, decision.request_digest);
        assert_eq!(record.kind(), wire::RecordKind::HumanDecision);
        assert_eq!(record.about_record_id, first.record_id);
        assert_eq!(
            leaf_hash(&record.leaf).as_bytes().to_vec(),
            receipt.leaf_hash
        );
        let names: Vec<_> = record
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        let expected = [
            "caller",
            "agency",
            "request_id",
            "case_reference",
            "actor",
            "purpose",
            "as_of",
            "outcome",
            "request",
            "body",
        ];
        assert_eq!(names, expected);
        assert!(record.fields.iter().all(|field| field.salt.len() == 32));
        assert_eq!(
            record.fields[1].value, "bis",
            "the agency of the caller's identity"
        );
    }
    let absent = api::GetRecordRequest {
        name: Some(Name::Index(2)),
    };
    let refused = problem(client.get_record(absent).await.unwrap_err());
    assert_eq!(
        (refused.code(), refused.reason()),
        (Code::NotFound, "RECORD_NOT_FOUND")
    );
    service.stop().await;
}

async fn sixty_four_identical_calls_at_once_make_one_record(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    // As many come as came before, so that they are waited for and share a commit.
    let before: Vec<_> = (0..64)
        .map(|i| {
            let client = service.client.clone();
            tokio::spawn(async move { append(&client, &format!("before-{i}")).await })
        })
        .collect();
    for call in before {
        call.await.unwrap();
    }
    let calls: Vec<_> = (0..64)
        .map(|i| {
            let mut client = service.client.clone();
            tokio::spawn(async move {
                // Each call would make other bytes: the first one's are everyone's.
                let mut request = request("same");
                request.body = format!("answer {i}").into_bytes();
                client.append(request).await.unwrap().into_inner()
            })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| !answer.existed).count(), 1);
    assert!(
        answers
            .iter()
            .all(|a| a.receipt == answers[0].receipt && a.body == answers[0].body)
    );
    let next = append(&service.client, "next").await;
    assert_eq!(next.index, 65, "there is one record, and no hole after it");

    // Later, and after a restart, the same call still gives the same answer.
    service.stop().await;
    let service = start(dir.path()).await;
    let again = service
        .client
        .clone()
        .append(request("same"))
        .await
        .unwrap()
        .into_inner();
    assert!(again.existed);
    assert_eq!(
        (again.receipt, again.body),
        (answers[0].receipt.clone(), answers[0].body.clone())
    );
    service.stop().await;
}

async fn a_request_id_used_for_another_request_is_refused_and_changes_nothing(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    append(&client, "r-0").await;
    let mut other_digest = request("r-0");
    other_digest.request_digest = vec![7; 32];
    let mut other_kind = request("r-0");
    other_kind.kind = wire::RecordKind::Refusal.into();
    for reuse in [other_digest, other_kind] {
        let refused = problem(client.append(reuse).await.unwrap_err());
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(refused.reason(), "REQUEST_ID_REUSED");
        assert_eq!(refused.violations()[0].0, "context.request_id");
    }
    // Another caller has request ids of its own.
    let mut other_caller = request("r-0");
    other_caller.caller = "spiffe://us.concord.example/agency/bis/other".to_owned();
    let answer = client.append(other_caller).await.unwrap().into_inner();
    assert_eq!((answer.existed, answer.receipt.unwrap().index), (false, 1));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_every_element_and_a_bad_one_ends_nothing() {
    use api::batch_append_response::Outcome;
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    let before = append(&client, "b-0").await;
    let mut elements: Vec<_> = (0..600)
        .map(|index| api::BatchAppendRequest {
            index,
            request: Some(request(&format!("b-{}", index % 500))),
            without_body: index >= 300,
        })
        .collect();
    elements[7].request.as_mut().unwrap().kind = 99;
    elements[8].request = None;
    elements[9].request.as_mut().unwrap().request_digest = vec![9; 32];
    let mut other = request("b-10");
    other.request_digest = vec![9; 32];
    elements[510].request = Some(other);
    let mut answers = client
        .batch_append(futures_util::stream::iter(elements))
        .await
        .unwrap()
        .into_inner();
    let (mut receipts, mut problems) = (vec![None; 600], Vec::new());
    while let Some(answer) = answers.message().await.unwrap() {
        match answer.outcome.unwrap() {
            Outcome::Result(result) => {
                let body = match answer.index >= 300 && !result.existed {
                    true => Vec::new(),
                    false => request(&format!("b-{}", answer.index % 500)).body,
                };
                assert_eq!(result.body, body, "{}", answer.index);
                let place = &mut receipts[answer.index as usize];
                assert!(place.is_none(), "{} is answered once", answer.index);
                *place = Some(result.receipt.unwrap());
            }
            Outcome::Problem(problem) => problems.push((answer.index, problem.reason)),
        }
    }
    problems.sort();
    // Which of the two with one key comes first is open; the other one is refused.
    assert_eq!(problems.len(), 4, "{problems:?}");
    let refused = |at: u64| problems.iter().find(|(index, _)| *index == at);
    assert_eq!(refused(7).unwrap().1, "INVALID_REQUEST");
    assert_eq!(refused(8).unwrap().1, "INVALID_REQUEST");
    let reused = problems
        .iter()
        .filter(|(_, reason)| reason == "REQUEST_ID_REUSED");
    assert_eq!(reused.count(), 2, "{problems:?}");
    assert_eq!(receipts[0].as_ref(), Some(&before));
    for index in (0..100).filter(|i| ![7, 8, 9, 10].contains(i)) {
        assert_eq!(receipts[index], receipts[index + 500], "once: {index}");
    }
    let mut places: Vec<_> = receipts.iter().flatten().map(|r| r.index).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(
        places,
        (0..places.len() as u64).collect::<Vec<_>>(),
        "dense"
    );
    service.stop().await;
}
