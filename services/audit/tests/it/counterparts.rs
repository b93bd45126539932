//! Remembering the counterpart's log: what extends it, and what shows that it was rewritten.

use concord_proto::audit as api;
use tonic::Code;

use crate::running::{
    Client, Running, append_many, config, counterpart, problem, start, stored, try_start,
};
use crate::stores::{Stores, both};

both!(only_a_log_that_extends_what_we_remember_is_remembered,);

const THEIRS: &str = "kr.concord.example/audit";

async fn theirs(dir: &std::path::Path) -> Running {
    let mut config = config(dir);
    config.log_origin = THEIRS.to_owned();
    try_start(config).await.unwrap()
}

async fn offer(client: &Client, old_size: u64) -> api::ExchangeCheckpointRequest {
    let mut client = client.clone();
    let latest = client
        .get_checkpoint(api::GetCheckpointRequest {})
        .await
        .unwrap()
        .into_inner();
    let asked = api::GetConsistencyProofRequest {
        from_size: old_size,
        to_size: 0,
    };
    let proof = client
        .get_consistency_proof(asked)
        .await
        .unwrap()
        .into_inner();
    api::ExchangeCheckpointRequest {
        agency: "motir".to_owned(),
        checkpoint: latest.checkpoint,
        consistency: proof.hashes,
        old_size,
    }
}

async fn only_a_log_that_extends_what_we_remember_is_remembered(stores: Stores) {
    let (ours_dir, theirs_dir) = (stores.dir(), stores.dir());
    let other = theirs(theirs_dir.path()).await;
    let mut settings = config(ours_dir.path());
    settings
        .counterparts
        .insert("motir".to_owned(), counterpart(THEIRS, &other.vkey));
    let ours = try_start(settings).await.unwrap();
    let mut client = ours.client.clone();
    append_many(&client, "ours", 1).await;

    append_many(&other.client, "k", 3).await;
    let first = offer(&other.client, 0).await;
    let answer = client
        .exchange_checkpoint(first.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.remembered_size, 3);
    assert!(
        answer
            .checkpoint
            .starts_with("us.concord.example/audit\n1\n")
    );
    // Seen again: nothing changes.
    let again = client
        .exchange_checkpoint(first.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again.remembered_size, 3);

    append_many(&other.client, "l", 4).await;
    let skipped = offer(&other.client, 2).await;
    let refused = problem(client.exchange_checkpoint(skipped).await.unwrap_err());
    assert_eq!(refused.reason(), "OTHER_SIZE_REMEMBERED");
    assert_eq!(refused.metadata()["remembered_size"], "3");
    let grown = offer(&other.client, 3).await;
    let answer = client
        .exchange_checkpoint(grown)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.remembered_size, 7);

    let mut altered = offer(&other.client, 7).await;
    altered.checkpoint = altered.checkpoint.replace("\n7\n", "\n8\n");
    let refused = problem(client.exchange_checkpoint(altered).await.unwrap_err());
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(refused.reason(), "INVALID_CHECKPOINT");
    let mut stranger = offer(&other.client, 7).await;
    stranger.agency = "nobody".to_owned();
    let refused = problem(client.exchange_checkpoint(stranger).await.unwrap_err());
    assert_eq!(refused.reason(), "UNKNOWN_COUNTERPART");

    // The counterpart restores a backup and goes another way with its own key.
    other.stop().await;
    let forked_dir = stores.copy_of(&theirs_dir);
    let other = theirs(theirs_dir.path()).await;
    append_many(&other.client, "m", 2).await;
    let answer = client
        .exchange_checkpoint(offer(&other.client, 7).await)
        .await
        .unwrap();
    assert_eq!(answer.into_inner().remembered_size, 9);
    let forked = theirs(forked_dir.path()).await;
    append_many(&forked.client, "n", 2).await;
    let same_size = offer(&forked.client, 9).await;
    append_many(&forked.client, "o", 2).await;
    let larger = offer(&forked.client, 9).await;
    for (offered, why) in [
        (same_size, "two different roots"),
        (larger, "older root hash"),
    ] {
        let refused = problem(client.exchange_checkpoint(offered).await.unwrap_err());
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert_eq!(refused.reason(), "INCONSISTENT_CHECKPOINT");
        assert!(refused.message().contains(why), "{}", refused.message());
    }
    let evidence = stored(ours_dir.path()).evidence("motir").unwrap();
    assert_eq!(evidence.len(), 2);
    assert!(
        evidence[0]
            .remembered
            .starts_with("kr.concord.example/audit\n9\n")
    );
    assert!(
        evidence[0]
            .offered
            .starts_with("kr.concord.example/audit\n9\n")
    );
    assert_ne!(evidence[0].remembered, evidence[0].offered);

    // What is remembered outlives a restart, and the honest log is still taken.
    ours.stop().await;
    let mut settings = config(ours_dir.path());
    settings
        .counterparts
        .insert("motir".to_owned(), counterpart(THEIRS, &other.vkey));
    let ours = try_start(settings).await.unwrap();
    append_many(&other.client, "p", 1).await;
    let honest = offer(&other.client, 9).await;
    let answer = ours
        .client
        .clone()
        .exchange_checkpoint(honest)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.remembered_size, 10);
    for service in [ours, other, forked] {
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counterpart_key_of_another_name_is_a_wrong_setting() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut settings = config(elsewhere.path());
    settings
        .counterparts
        .insert("motir".to_owned(), counterpart(THEIRS, &service.vkey));
    let error = try_start(settings).await.err().unwrap().to_string();
    assert!(error.contains("counterparts.motir.vkey"), "{error}");
    service.stop().await;
}
