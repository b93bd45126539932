//! The trace of one determination: every hop, in the right place, across the border.

use std::time::Duration;

use concord_tests::cluster::{Cluster, Options};
use concord_tests::collector::{Span, tree};
use concord_tests::network::until;
use concord_tests::requests::accelerator_to_korea;

/// Calls of one trace; spans inside a service are left out, and their children hang where they hung.
const CALLS: &str = "\
agency/caller client concord.determination.v1.DeterminationService/Determine
  us/determination server concord.determination.v1.DeterminationService/Determine
    us/determination client concord.audit.v1.AuditService/Append
      us/audit server concord.audit.v1.AuditService/Append
    us/determination client concord.audit.v1.AuditService/GetRecord
      us/audit server concord.audit.v1.AuditService/GetRecord
    us/determination client concord.audit.v1.AuditService/SearchRecords
      us/audit server concord.audit.v1.AuditService/SearchRecords
    us/determination client concord.classification.v1.ClassificationService/Classify
      us/classification server concord.classification.v1.ClassificationService/Classify
    us/determination client concord.federation.v1.FederationService/Consult
      kr/determination server concord.federation.v1.FederationService/Consult
        kr/determination client concord.audit.v1.AuditService/Append
          kr/audit server concord.audit.v1.AuditService/Append
        kr/determination client concord.audit.v1.AuditService/GetRecord
          kr/audit server concord.audit.v1.AuditService/GetRecord
        kr/determination client concord.classification.v1.ClassificationService/Classify
          kr/classification server concord.classification.v1.ClassificationService/Classify
    us/determination client concord.screening.v1.ScreeningService/Screen
      us/screening server concord.screening.v1.ScreeningService/Screen
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_determination_is_one_tree_across_both_deployments() {
    let cluster = Cluster::start(Options {
        collector: true,
        ..Options::default()
    })
    .await;
    let mut us = cluster.determination(&cluster.us);
    us.determine(accelerator_to_korea("r-1"))
        .await
        .expect("an answer");
    drop(us);
    cluster.flush().await;

    let root = |spans: &[Span]| {
        spans
            .iter()
            .find(|s| s.service == "caller" && s.parent_id.is_empty())
            .cloned()
    };
    let calls = || {
        let spans = without_internal(cluster.collector().spans());
        root(&spans).map(|root| tree(&spans, &root))
    };
    until(Duration::from_secs(5), || {
        calls().filter(|tree| tree.lines().count() >= CALLS.lines().count())
    })
    .await;
    let found = calls().expect("the caller's span");
    assert_eq!(found, CALLS, "the trace is\n{found}");

    let spans = cluster.collector().spans();
    let root = root(&spans).expect("the caller's span");
    assert!(
        spans.iter().all(|s| s.trace_id == root.trace_id),
        "one call, one trace"
    );
    for span in spans.iter().filter(|s| s.kind == "server") {
        assert_eq!(span.attributes["rpc.system.name"], "grpc", "{span:?}");
        assert_eq!(span.attributes["rpc.method"], span.name, "{span:?}");
        assert_eq!(
            span.attributes["rpc.response.status_code"],
            expected_status(span),
            "{span:?}"
        );
        assert!(
            span.attributes["concord.peer"].starts_with("spiffe://"),
            "{span:?}"
        );
    }
    let metrics = cluster.collector().metrics();
    assert!(
        metrics
            .iter()
            .any(|m| m.name == "rpc.server.call.duration" && m.unit == "s")
    );
    cluster.shutdown().await;
}

/// The first look for a record finds none; everything else goes well.
fn expected_status(span: &Span) -> &'static str {
    if span.name.ends_with("/GetRecord") {
        "NOT_FOUND"
    } else {
        "OK"
    }
}

/// Takes spans inside a service away; their children become those of the nearest call.
fn without_internal(mut spans: Vec<Span>) -> Vec<Span> {
    while let Some(i) = spans.iter().position(|s| s.kind == "internal") {
        let gone = spans.remove(i);
        for span in &mut spans {
            if span.parent_id == gone.span_id {
                span.parent_id.clone_from(&gone.parent_id);
            }
        }
    }
    spans
}
