//! Bad input, as data: code, reason and field path, and never the value.

use concord_audit::wire::append::MAX_BODY_BYTES;
use concord_proto::audit as api;
use concord_proto::types as wire;
use tonic::Code;

use crate::running::{append, problem, request, start};
use crate::stores::{Stores, both};

both!(
    every_bad_field_is_named_and_nothing_is_written,
    the_largest_body_is_taken_and_given_back,
    reads_beyond_the_log_are_refused,
);

type Change = fn(&mut api::AppendRequest);

const CANARY: &str = "canary-5f1c";

const BAD: &[(&str, Change)] = &[
    ("caller", |r| r.caller.clear()),
    ("caller", |r| r.caller = format!("{CANARY}\n")),
    ("context.request_id", |r| r.context = None),
    ("context.request_id", |r| {
        context(r).request_id = format!("{CANARY} /")
    }),
    ("context.request_id", |r| {
        context(r).request_id = "a".repeat(129)
    }),
    ("context.case_reference", |r| {
        context(r).case_reference = CANARY.repeat(30)
    }),
    ("context.actor", |r| context(r).actor = CANARY.repeat(30)),
    ("context.actor", |r| {
        context(r).actor = format!("{CANARY}\0")
    }),
    ("context.purpose", |r| {
        context(r).purpose = CANARY.repeat(60)
    }),
    ("kind", |r| r.kind = 0),
    ("kind", |r| r.kind = 99),
    ("request_digest", |r| r.request_digest = vec![1; 31]),
    ("body", |r| r.body = vec![b'x'; MAX_BODY_BYTES + 1]),
    ("body_type", |r| r.body_type.clear()),
    ("body_type", |r| r.body_type = format!("{CANARY}..x")),
    ("fields[2].name", |r| r.fields.push(field("nationality"))),
    ("fields[2].name", |r| r.fields.push(field("caller"))),
    ("fields[2].name", |r| r.fields.push(field("outcome"))),
    ("fields[2].name", |r| r.fields.push(field("reserved_14"))),
    ("content_digests[0]", |r| {
        r.content_digests = vec![CANARY.to_owned()]
    }),
    ("content_digests[0]", |r| {
        r.content_digests = vec![format!("=sha256:{}", "a".repeat(64))]
    }),
    ("content_digests[1]", |r| {
        r.content_digests
            .push(format!("regime/us=sha256:{}", "cd".repeat(32)));
    }),
    ("counterpart_leaf_hash", |r| {
        r.counterpart_leaf_hash = vec![0; 32]
    }),
    ("counterpart_leaf_hash", |r| {
        r.counterpart_leaf_hash = vec![1; 33]
    }),
    ("wait_for", |r| r.wait_for = 77),
    ("about_record_id", |r| r.about_record_id = CANARY.to_owned()),
];

fn context(request: &mut api::AppendRequest) -> &mut wire::RequestContext {
    request.context.as_mut().unwrap()
}

fn field(name: &str) -> api::CommittedField {
    api::CommittedField {
        name: name.to_owned(),
        value: CANARY.to_owned(),
    }
}

async fn every_bad_field_is_named_and_nothing_is_written(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    for (i, (path, change)) in BAD.iter().enumerate() {
        let mut bad = request("bad");
        change(&mut bad);
        let refused = problem(client.append(bad).await.unwrap_err());
        assert_eq!(refused.code(), Code::InvalidArgument, "case {i}");
        assert_eq!(refused.reason(), "INVALID_REQUEST", "case {i}");
        let fields: Vec<_> = refused.violations().iter().map(|v| v.0.as_str()).collect();
        assert_eq!(fields, [*path], "case {i}");
        assert!(
            !format!("{refused:?}").contains("canary"),
            "case {i} repeats a value"
        );
    }
    let mut several = request("bad");
    several.kind = 0;
    several.caller.clear();
    let refused = problem(client.append(several).await.unwrap_err());
    assert_eq!(refused.violations().len(), 2);

    let mut witnessed = request("w");
    witnessed.wait_for = wire::ReceiptLevel::Witnessed.into();
    let refused = problem(client.append(witnessed).await.unwrap_err());
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(refused.reason(), "LEVEL_NOT_AVAILABLE");

    let mut about = request("a");
    about.about_record_id = "0198c0de-0000-7000-8000-000000000000".to_owned();
    let refused = problem(client.append(about).await.unwrap_err());
    assert_eq!(
        (refused.code(), refused.reason()),
        (Code::NotFound, "RECORD_NOT_FOUND")
    );

    assert_eq!(append(&service.client, "good").await.index, 0);
    service.stop().await;
}

async fn the_largest_body_is_taken_and_given_back(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut largest = request("large");
    largest.body = vec![b'x'; MAX_BODY_BYTES];
    let answer = service
        .client
        .clone()
        .append(largest.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.body, largest.body);
    service.stop().await;
}

async fn reads_beyond_the_log_are_refused(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    append(&client, "only").await;
    let inclusion = api::GetInclusionProofRequest {
        index: 0,
        tree_size: 2,
    };
    let refused = problem(client.get_inclusion_proof(inclusion).await.unwrap_err());
    assert_eq!(
        (refused.code(), refused.reason()),
        (Code::OutOfRange, "BEYOND_LOG")
    );
    let inclusion = api::GetInclusionProofRequest {
        index: 1,
        tree_size: 0,
    };
    let refused = problem(client.get_inclusion_proof(inclusion).await.unwrap_err());
    assert_eq!(refused.reason(), "BEYOND_LOG");
    let consistency = api::GetConsistencyProofRequest {
        from_size: 2,
        to_size: 1,
    };
    let refused = problem(client.get_consistency_proof(consistency).await.unwrap_err());
    assert_eq!(refused.reason(), "BEYOND_LOG");
    let export = api::ExportRecordsRequest {
        from_index: 2,
        to_index: 0,
        leaves_only: false,
    };
    let refused = problem(client.export_records(export).await.unwrap_err());
    assert_eq!(refused.violations()[0].0, "from_index");
    service.stop().await;
}
