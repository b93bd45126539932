//! A log changes its key with overlap, and is witnessed by k of n.

use std::time::{Duration, Instant};

use concord_audit::offline::{Log, verify};
use concord_audit::witnessing::WitnessConfig;
use concord_proto::types as wire;
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::note::{KnownKeys, VerifierKey};
use tokio::net::TcpListener;

use crate::running::{Client, ORIGIN, append, append_many, config, get, http, problem, try_start};
use crate::witnessing::{any, asking, witness_of, witnessed};

/// The checkpoint as a verifier sees it who knows these keys alone, or why it refuses it.
fn read(note: &str, keys: &[&str]) -> Result<u64, String> {
    let keys = keys.iter().map(|key| VerifierKey::parse(key).unwrap());
    let keys = KnownKeys::new(keys).unwrap();
    let opened = Checkpoint::open(note.as_bytes(), ORIGIN, &keys);
    opened.map(|(c, _)| c.size()).map_err(|e| e.to_string())
}

async fn append_witnessed(client: &Client, id: &str) -> Result<wire::Receipt, String> {
    let answer = client.clone().append(witnessed(id)).await;
    let answer = answer.map_err(|status| problem(status).reason().to_owned())?;
    Ok(answer.into_inner().receipt.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_with_overlap_and_nothing_signed_before_is_lost() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut settings = config(ours.path());
    settings.http = Some(http());
    let log = try_start(settings.clone()).await.unwrap();
    let old_key = log.vkey.clone();
    append_many(&log.client, "before", 5).await;
    log.stop().await;

    // Overlap: both keys sign. The witness has not heard of the new one and goes on cosigning.
    let next = ours.path().join("keys").join("next.pem");
    settings.next_key_file = Some(next.clone());
    let witness = try_start(witness_of(theirs.path(), &old_key, any()))
        .await
        .unwrap();
    let listen = witness.http.unwrap();
    let mut asked = asking(listen, &witness.witness_keys);
    asked.wait_ms = 1_500;
    settings.witnessing = Some(asked);
    let log = try_start(settings.clone()).await.unwrap();
    assert_eq!(log.vkey, old_key, "the old key is still the one told");
    append_witnessed(&log.client, "overlap").await.unwrap();
    let keys = Log::open(ours.path()).unwrap().verifier_keys();
    assert_eq!((keys.len(), &keys[0]), (2, &old_key));
    let new_key = keys[1].clone();
    let both = String::from_utf8(get(log.http.unwrap(), "/checkpoint").await).unwrap();
    assert_eq!(
        read(&both, &[&old_key]),
        Ok(6),
        "who knows the old key alone"
    );
    assert_eq!(
        read(&both, &[&new_key]),
        Ok(6),
        "who knows the new key alone"
    );
    log.stop().await;

    // The new key alone. A witness that was not told refuses; one that was told cosigns.
    settings.key_file = Some(next);
    settings.next_key_file = None;
    let log = try_start(settings.clone()).await.unwrap();
    assert_eq!(log.vkey, new_key);
    let refused = append_witnessed(&log.client, "after").await;
    assert_eq!(refused, Err("NOT_WITNESSED".to_owned()));
    witness.stop().await;
    let mut told = witness_of(theirs.path(), &old_key, listen);
    let us = told.counterparts.get_mut("bis").unwrap();
    us.more_vkeys.push(new_key.clone());
    let witness = try_start(told).await.unwrap();
    let mut answer = append_witnessed(&log.client, "after").await;
    for _ in 0..10 {
        if answer.is_ok() {
            break;
        }
        answer = append_witnessed(&log.client, "after").await;
    }
    assert_eq!(answer.unwrap().index, 6);
    let alone = String::from_utf8(get(log.http.unwrap(), "/checkpoint").await).unwrap();
    assert_eq!(read(&alone, &[&new_key]), Ok(7));
    assert!(
        read(&alone, &[&old_key]).is_err(),
        "the old key signs no more"
    );
    log.stop().await;
    witness.stop().await;

    // All of it is still proved: records of before, checkpoints of every time.
    let stored = Log::open(ours.path()).unwrap();
    let report = stored.fsck().unwrap();
    assert!(report.is_ok() && report.checkpoints >= 7, "{report:?}");
    let key = VerifierKey::parse(&new_key).unwrap();
    for index in [0, 5, 6] {
        let bundle = stored.prove(index, &[]).unwrap();
        assert!(verify(&bundle, Some(&key)).is_ok(), "record {index}");
    }
    drop(stored);

    // Who has none of its keys is somebody else.
    let stranger = theirs.path().join("keys").join("log.pem");
    settings.key_file = Some(stranger);
    let refused = try_start(settings).await.err().unwrap().to_string();
    assert!(refused.contains("is signed with the key"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_witnesses_are_enough_and_one_that_hangs_holds_nothing_up() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let ours = tempfile::tempdir().unwrap();
    let log = try_start(config(ours.path())).await.unwrap();
    let key = log.vkey.clone();
    append(&log.client, "first").await;
    log.stop().await;
    let mut witnesses = Vec::new();
    for (n, dir) in dirs.iter().enumerate().take(2) {
        let mut settings = witness_of(dir.path(), &key, any());
        settings.witness.as_mut().unwrap().name = format!("witness-{n}.example");
        witnesses.push(try_start(settings).await.unwrap());
    }
    // The third takes connections and never answers.
    let hanging = TcpListener::bind(any()).await.unwrap();
    let mut third = witness_of(dirs[2].path(), &key, any());
    third.witness.as_mut().unwrap().name = "witness-2.example".to_owned();
    let [_, third_key] = third.own_keys().unwrap();
    let one = |url: String, vkeys: &[String]| WitnessConfig {
        url,
        vkeys: vkeys.to_vec(),
        ca_file: None,
    };
    let url = |addr| format!("http://{addr}/witness");
    let mut settings = config(ours.path());
    let mut policy = asking(any(), &[]);
    policy.quorum = 2;
    policy.wait_ms = 1_500;
    policy.witnesses = witnesses
        .iter()
        .map(|w| one(url(w.http.unwrap()), &w.witness_keys))
        .collect();
    policy
        .witnesses
        .push(one(url(hanging.local_addr().unwrap()), &[third_key]));
    settings.witnessing = Some(policy);
    let log = try_start(settings).await.unwrap();
    for n in 0..5 {
        let begun = Instant::now();
        let receipt = append_witnessed(&log.client, &format!("two-{n}"))
            .await
            .unwrap();
        let took = begun.elapsed();
        assert!(
            took < Duration::from_millis(1_000),
            "{took:?} with one that hangs"
        );
        let signatures = receipt.checkpoint.lines().filter(|l| l.starts_with('—'));
        assert_eq!(signatures.count(), 3, "the log's and two");
    }
    // One is not enough, though it has cosigned and nobody keeps the round waiting.
    witnesses.pop().unwrap().stop().await;
    drop(hanging);
    let refused = append_witnessed(&log.client, "one").await;
    assert_eq!(refused, Err("NOT_WITNESSED".to_owned()));
    log.stop().await;
    for witness in witnesses {
        witness.stop().await;
    }
}
