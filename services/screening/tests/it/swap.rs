//! New lists while calls run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use concord_proto::types::Completeness;
use concord_screening::ListStore;

use crate::lists::add;
use crate::server::{Server, config, party};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_replaced_under_load_without_a_failed_call() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    let add = |n: usize| add(&store, n);
    // Above and below the size from which on answers are kept, so that both ways are walked.
    let mut digests = vec![add(990)];
    let server = Arc::new(Server::start(config(dir.path(), Some(&["sdn"]))).await);
    let done = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (server, done) = (server.clone(), done.clone());
            tokio::spawn(async move {
                let mut seen = BTreeSet::new();
                let mut calls = 0_u32;
                while !done.load(Ordering::Relaxed) {
                    let summary = server
                        .screen(vec![party("Alpha Works vor"), party("Nobody Else")])
                        .await;
                    assert_eq!(summary.completeness(), Completeness::Complete);
                    assert_eq!(summary.parties[0].hits.len(), 1);
                    assert_eq!(summary.parties[1].hits.len(), 0);
                    seen.insert(summary.snapshot.unwrap().digest);
                    calls += 1;
                }
                (seen, calls)
            })
        })
        .collect();
    for n in [1_005, 1_010, 1_015] {
        digests.push(add(n));
        let wanted = digests.last().unwrap();
        let taken = async {
            loop {
                let now = server.screen(vec![party("x")]).await.snapshot.unwrap();
                if now.digest == *wanted {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), taken)
            .await
            .expect("the new lists are taken up");
    }
    // Damage does not take the loaded lists away.
    std::fs::write(dir.path().join("current"), "damaged").unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let summary = server.screen(vec![party("x")]).await;
    assert_eq!(summary.snapshot.unwrap().digest, digests[3]);
    std::fs::remove_file(dir.path().join("current")).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let summary = server.screen(vec![party("x")]).await;
    assert_eq!(summary.snapshot.unwrap().digest, digests[3]);

    done.store(true, Ordering::Relaxed);
    let mut seen = BTreeSet::new();
    for caller in callers {
        let (digests, calls) = caller.await.unwrap();
        assert!(calls > 0);
        seen.extend(digests);
    }
    assert_eq!(seen, digests.into_iter().collect());
    Arc::into_inner(server).unwrap().end().await;
}
