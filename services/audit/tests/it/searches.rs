//! Searching with pages, and exporting.

use concord_proto::audit as api;
use concord_proto::types as wire;
use tonic::Code;

use crate::running::{append, append_many, problem, request, start};
use crate::stores::{Stores, both};

both!(
    pages_are_newest_first_and_stable_while_records_come_in,
    an_export_streams_a_range_in_order_across_its_own_pages,
    a_page_of_large_records_is_short_and_says_that_there_is_more,
);

async fn pages_are_newest_first_and_stable_while_records_come_in(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    let receipts = append_many(&client, "r", 7).await;
    let mut decision = request("d-0");
    decision.kind = wire::RecordKind::HumanDecision.into();
    decision.about_record_id = receipts[2].record_id.clone();
    decision.context.as_mut().unwrap().case_reference = "other case".to_owned();
    client.append(decision).await.unwrap();

    let mut query = api::SearchRecordsRequest {
        kinds: vec![wire::RecordKind::Determination.into()],
        page_size: 3,
        ..api::SearchRecordsRequest::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = client
            .search_records(query.clone())
            .await
            .unwrap()
            .into_inner();
        assert!(page.records.iter().all(|record| record.body.is_empty()));
        seen.extend(
            page.records
                .iter()
                .map(|r| r.receipt.as_ref().unwrap().index),
        );
        append(&client, &format!("meanwhile-{}", seen.len())).await;
        if page.next_page_token.is_empty() {
            break;
        }
        query.page_token = page.next_page_token;
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1, 0]);

    query.kinds.clear();
    let refused = problem(client.search_records(query).await.unwrap_err());
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(
        refused.reason(),
        "INVALID_PAGE_TOKEN",
        "a token belongs to its query"
    );

    let found = |query: api::SearchRecordsRequest| {
        let mut client = client.clone();
        async move {
            let page = client.search_records(query).await.unwrap().into_inner();
            page.records
                .iter()
                .map(|r| r.receipt.as_ref().unwrap().index)
                .collect::<Vec<_>>()
        }
    };
    let all = api::SearchRecordsRequest::default;
    let about = receipts[2].record_id.clone();
    assert_eq!(
        found(api::SearchRecordsRequest {
            about_record_id: about,
            ..all()
        })
        .await,
        [7]
    );
    let case_reference = "other case".to_owned();
    assert_eq!(
        found(api::SearchRecordsRequest {
            case_reference,
            ..all()
        })
        .await,
        [7]
    );
    let times = api::SearchRecordsRequest {
        logged_from: receipts[3].logged_at.clone(),
        logged_to: receipts[5].logged_at.clone(),
        ..all()
    };
    assert_eq!(found(times).await, [4, 3]);
    service.stop().await;
}

async fn an_export_streams_a_range_in_order_across_its_own_pages(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    let calls: Vec<_> = (0..600)
        .map(|i| {
            let client = client.clone();
            tokio::spawn(async move { append(&client, &format!("r-{i}")).await.index })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    for leaves_only in [false, true] {
        let asked = api::ExportRecordsRequest {
            from_index: 5,
            to_index: 590,
            leaves_only,
        };
        let mut stream = client.export_records(asked).await.unwrap().into_inner();
        let mut next = 5;
        while let Some(answer) = stream.message().await.unwrap() {
            let record = answer.record.unwrap();
            assert_eq!(record.receipt.unwrap().index, next);
            assert_eq!(record.leaf.len(), 192);
            assert_eq!(record.body.is_empty(), leaves_only);
            assert_eq!(record.fields.is_empty(), leaves_only);
            next += 1;
        }
        assert_eq!(next, 590);
    }
    service.stop().await;
}

async fn a_page_of_large_records_is_short_and_says_that_there_is_more(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    for i in 0..9 {
        let mut large = request(&format!("large-{i}"));
        large.fields[0].value = "x".repeat(256 * 1024);
        client.append(large).await.unwrap();
    }
    let mut query = api::SearchRecordsRequest::default();
    let mut pages = Vec::new();
    loop {
        let page = client
            .search_records(query.clone())
            .await
            .unwrap()
            .into_inner();
        pages.push(page.records.len());
        if page.next_page_token.is_empty() {
            break;
        }
        query.page_token = page.next_page_token;
    }
    assert_eq!(pages, [4, 4, 1]);
    service.stop().await;
}
