//! What happens when something is away: the answer says so, and nothing milder comes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use concord_kit::status::Problem;
use concord_proto::determination::CounterpartStatus;
use concord_proto::types::{Completeness, DivergenceKind};
use concord_tests::cluster::{Cluster, Options};
use concord_tests::redis_server::RedisServer;
use concord_tests::requests::accelerator_to_korea;
use tonic::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_counterpart_the_answer_comes_and_no_pair_is_computed() {
    let mut cluster = Cluster::start(Options::default()).await;
    cluster.kr.stop_all().await;
    let mut us = cluster.determination(&cluster.us);
    let begun = Instant::now();
    let answer = us
        .determine(accelerator_to_korea("alone"))
        .await
        .expect("an answer")
        .into_inner();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "took {:?}",
        begun.elapsed()
    );
    let determination = answer.determination.expect("a determination");
    assert_eq!(
        determination.own.expect("the own law").outcome,
        "no_list_licence"
    );
    assert!(answer.receipt.is_some(), "recorded all the same");

    let [korea] = determination.counterparts.as_slice() else {
        panic!("one counterpart")
    };
    assert_eq!(korea.status(), CounterpartStatus::Unavailable);
    assert!(korea.determination.is_none() && korea.receipt.is_none());
    assert!(!korea.reason.is_empty(), "why");
    assert_eq!(
        determination.completeness,
        i32::from(Completeness::Incomplete)
    );
    let about = determination
        .incomplete
        .iter()
        .find(|i| i.reason == "COUNTERPART_UNAVAILABLE");
    assert_eq!(
        about.map(|i| i.subject.as_str()),
        Some("KR"),
        "{:?}",
        determination.incomplete
    );
    // A burden pair would need what Korea says.
    let pairs = determination.divergences.iter();
    let pairs: Vec<_> = pairs
        .filter(|d| d.kind() == DivergenceKind::LicenceRequirement)
        .collect();
    assert!(pairs.is_empty(), "{pairs:?}");
    assert!(
        determination
            .divergences
            .iter()
            .all(|d| d.stricter.is_empty())
    );
    drop(us);
    cluster.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_service_of_its_own_a_deployment_refuses_and_records_nothing() {
    let mut cluster = Cluster::start(Options::default()).await;
    let mut us = cluster.determination(&cluster.us);
    cluster.us.stop("screening").await;
    let refused = us
        .determine(accelerator_to_korea("no-screening"))
        .await
        .expect_err("a refusal");
    let problem = Problem::from_status(&refused);
    assert_eq!(
        (problem.code(), problem.reason()),
        (Code::Unavailable, "SERVICE_UNAVAILABLE")
    );
    assert_eq!(problem.metadata()["service"], "screening");
    assert!(cluster.records(&cluster.us).await.is_empty());

    cluster.us.stop("audit").await;
    let refused = us
        .determine(accelerator_to_korea("no-audit"))
        .await
        .expect_err("a refusal");
    assert_eq!(Problem::from_status(&refused).code(), Code::Unavailable);
    drop(us);
    cluster.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_may_be_killed_under_load_and_come_back_without_a_failed_call() {
    let mut redis = RedisServer::start();
    let options = Options {
        redis: Some(redis.url()),
        ..Options::default()
    };
    let cluster = Cluster::start(options).await;
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let (mut us, stop, done) = (
                cluster.determination(&cluster.us),
                stop.clone(),
                done.clone(),
            );
            tokio::spawn(async move {
                let mut i = 0;
                while !stop.load(Ordering::Relaxed) {
                    let mut request = accelerator_to_korea(&format!("{caller}-{i}"));
                    // Every question is asked more than once, and new ones keep coming.
                    let item = request.transaction.as_mut().expect("a transaction").lines[0]
                        .item
                        .as_mut();
                    let parameters = &mut item.expect("an item").parameters;
                    let power = parameters.get_mut("tpp").expect("a parameter");
                    power.value = (15_832 + i / 2).to_string();
                    parameters.remove("performance_density");
                    let answer = us
                        .determine(request)
                        .await
                        .map_err(|status| format!("{status:?}"))?;
                    let determination = answer.into_inner().determination.expect("a determination");
                    let status = determination.counterparts[0].status();
                    if status != CounterpartStatus::Answered {
                        return Err(format!("the counterpart is {status:?}"));
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                    i += 1;
                }
                Ok(())
            })
        })
        .collect();
    let more = async |by: usize| {
        let goal = done.load(Ordering::Relaxed) + by;
        let end = Instant::now() + Duration::from_secs(30);
        while done.load(Ordering::Relaxed) < goal {
            assert!(Instant::now() < end, "calls have stopped");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    more(20).await;
    assert!(!redis.keys().is_empty(), "the cache was used");
    redis.kill();
    more(40).await;
    redis.restart();
    more(20).await;
    // The breaker closes again, and answers are kept again.
    let end = Instant::now() + Duration::from_secs(20);
    while redis.keys().is_empty() {
        assert!(Instant::now() < end, "the cache does not come back");
        more(5).await;
    }
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.expect("no panic").expect("no failed call");
    }
    cluster.shutdown().await;
}
