//! Refused calls leave a record of who called what and why it was refused, of nothing that was sent, and not more of
//! them than a log can bear.

use concord_kit::status::Problem;
use concord_proto::determination::{DetermineRequest, HumanVerdict, RecordDecisionRequest};
use concord_proto::types::RequestContext;
use concord_tests::cluster::{Cluster, Options};
use concord_tests::requests::accelerator_to_korea;

fn to_nowhere(id: &str) -> DetermineRequest {
    let mut request = accelerator_to_korea(id);
    let transaction = request.transaction.as_mut().expect("a transaction");
    transaction.destination = "Atlantis".to_owned();
    request.skip_consult = true;
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_call_leaves_a_record_and_takes_no_request_id() {
    let cluster = Cluster::start(Options::default()).await;
    let mut us = cluster.determination(&cluster.us);
    us.determine(to_nowhere("r-1"))
        .await
        .expect_err("no such place");
    // The same id, put right: the refusal did not take it.
    let mut right = accelerator_to_korea("r-1");
    right.skip_consult = true;
    us.determine(right.clone()).await.expect("an answer");
    // And now it is taken.
    right.strict = !right.strict;
    us.determine(right).await.expect_err("another request");
    let mut no_id = to_nowhere("not an id, but a name");
    no_id.skip_consult = true;
    us.determine(no_id).await.expect_err("no id");
    let decision = RecordDecisionRequest {
        determination_id: "0190a000-0000-7000-8000-000000000000".to_owned(),
        verdict: HumanVerdict::Agree.into(),
        reason: "seen".to_owned(),
        context: Some(RequestContext {
            request_id: "d-1".to_owned(),
            actor: "officer 9".to_owned(),
            ..RequestContext::default()
        }),
        ..RecordDecisionRequest::default()
    };
    us.record_decision(decision)
        .await
        .expect_err("no such determination");
    assert_eq!(cluster.records(&cluster.us).await.len(), 1);

    let caller = cluster.us.cert("client").id.to_string();
    let mut refusals = cluster.refusals(&cluster.us).await;
    refusals.reverse();
    let short: Vec<_> = refusals
        .iter()
        .map(|(by, refusal)| {
            assert_eq!((by, refusal.calls), (&caller, 1), "{refusal:?}");
            assert_eq!(refusal.request_digest.len(), 32);
            assert!(refusal.first_at == refusal.last_at && refusal.first_at.ends_with('Z'));
            let method = refusal.rpc.rsplit('/').next().unwrap_or_default();
            (
                method,
                refusal.code.as_str(),
                refusal.reason.as_str(),
                refusal.request_id.as_str(),
            )
        })
        .collect();
    let expected = [
        ("Determine", "INVALID_ARGUMENT", "UNKNOWN_COUNTRY", "r-1"),
        ("Determine", "INVALID_ARGUMENT", "REQUEST_ID_REUSED", "r-1"),
        ("Determine", "INVALID_ARGUMENT", "INVALID_REQUEST", ""),
        (
            "RecordDecision",
            "NOT_FOUND",
            "DETERMINATION_NOT_FOUND",
            "d-1",
        ),
    ];
    assert_eq!(short, expected);
    assert_ne!(refusals[0].1.request_digest, refusals[1].1.request_digest);
    drop(us);
    cluster.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_a_number_refusals_are_counted() {
    let mut cluster = Cluster::start(Options::default()).await;
    let mut us = cluster.determination(&cluster.us);
    let other = cluster
        .us
        .ca()
        .issue("other", "client")
        .expect("a certificate");
    let mut others = cluster.determination_as(&cluster.us, &other);
    for i in 0..33 {
        let refused = us
            .determine(to_nowhere(&format!("r-{i}")))
            .await
            .expect_err("no such place");
        assert_eq!(Problem::from_status(&refused).reason(), "UNKNOWN_COUNTRY");
    }
    // One caller's flood leaves the records of another alone.
    others
        .determine(to_nowhere("r-0"))
        .await
        .expect_err("no such place");
    drop((us, others));
    // The window is not over: the counts are left when the service ends.
    cluster.us.stop("determination").await;
    let caller = cluster.us.cert("client").id.to_string();
    let refusals = cluster.refusals(&cluster.us).await;
    let of = |name: &str| -> Vec<_> {
        let own = refusals.iter().filter(|(by, _)| by == name);
        own.map(|(_, refusal)| refusal).collect()
    };
    let (flood, other) = (of(&caller), of(&other.id.to_string()));
    assert_eq!((flood.len(), other.len()), (21, 1));
    let count = flood.first().expect("the newest");
    assert_eq!(
        (count.calls, count.rpc.as_str(), count.reason.as_str()),
        (13, "", "")
    );
    assert!(count.first_at <= count.last_at);
    assert!(flood.iter().skip(1).all(|refusal| refusal.calls == 1));
    cluster.shutdown().await;
}
