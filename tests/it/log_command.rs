//! `concord log` over a data directory that services wrote: what is found, by what, and what is refused.

use std::path::Path;

use concord_tests::binary::{Ran, run_in};
use concord_tests::cluster::{Cluster, Options};
use concord_tests::requests::accelerator_to_korea;

fn log(folder: &Path, args: &[&str]) -> Ran {
    let folder = folder.to_string_lossy();
    let first = ["--data-dir", &*folder, "--json", "log"];
    run_in(
        Path::new("."),
        first.into_iter().chain(args.iter().copied()),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_found_by_what_they_say_and_only_with_the_key() {
    let cluster = Cluster::start(Options::default()).await;
    let mut us = cluster.determination(&cluster.us);
    for (id, consignee) in [
        ("l-0", "Hangang Data Centre Co Ltd"),
        ("l-1", "Société Générale du Nord"),
    ] {
        let mut request = accelerator_to_korea(id);
        request.skip_consult = true;
        let transaction = request.transaction.as_mut().expect("a transaction");
        consignee.clone_into(&mut transaction.parties[1].name);
        us.determine(request).await.expect("an answer");
    }
    let mut nowhere = accelerator_to_korea("l-2");
    nowhere
        .transaction
        .as_mut()
        .expect("a transaction")
        .destination = "Atlantis".to_owned();
    us.determine(nowhere).await.expect_err("no such place");
    drop(us);

    let folder = cluster.dir().to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        let folder = folder.as_path();
        let found = |args: &[&str]| -> Vec<u64> {
            let ran = log(folder, &[&["search"], args].concat());
            assert_eq!(ran.code, Some(0), "{args:?}: {ran:?}");
            let records = ran.json()["records"].clone();
            let records = records.as_array().expect("a list").iter();
            records
                .map(|record| record["index"].as_u64().expect("an index"))
                .collect()
        };
        assert_eq!(found(&[]), [2, 1, 0]);
        assert_eq!(found(&["--party", "nord, SOCIETE GENERALE du"]), [1]);
        assert_eq!(found(&["--party", "redwood compute llc"]), [1, 0]);
        assert_eq!(found(&["--party", "redwood"]), [0; 0]);
        assert_eq!(
            found(&[
                "--party",
                "redwood compute llc",
                "--item",
                "3A090",
                "--agency",
                "BIS"
            ]),
            [1, 0]
        );
        assert_eq!(found(&["--item", "3A091"]), [0; 0]);
        assert_eq!(found(&["--case", "EX-1", "--limit", "1"]), [1]);
        assert_eq!(found(&["--case", "EX-1", "--before", "1"]), [0]);
        assert_eq!(found(&["--kind", "refusal"]), [2]);
        assert_eq!(found(&["--outcome", "unknown_country"]), [2]);
        assert_eq!(
            found(&["--to", "2026-01-01T00:00:00Z", "--from", "2025-01-01"]),
            [0; 0]
        );

        for (args, text) in [
            (
                ["--from", "2026-02-01", "--to", "2026-01-01"].as_slice(),
                "later",
            ),
            (&["--from", "yesterday"], "2026-01-31"),
            (&["--kind", "decision"], "human_decision"),
            (&["--party", "..."], "a letter or a digit"),
            (&["--about", "7"], "UUID"),
            (&["--kek", "nowhere.key"], "there is no such file"),
        ] {
            let ran = log(folder, &[&["search"], args].concat());
            assert_eq!(ran.code, Some(64), "{args:?}: {ran:?}");
            assert!(
                ran.json()["error"]["message"].to_string().contains(text),
                "{ran:?}"
            );
        }

        // Without the key: a log all the same, and nothing said. Its usual place is beside the log.
        let key = folder.join("us/log/keys/kek.key");
        let elsewhere = folder.join("kek.key");
        std::fs::rename(&key, &elsewhere).expect("the key is there");
        let ran = log(folder, &["search", "--party", "redwood compute llc"]);
        assert_eq!(ran.code, Some(64), "{ran:?}");
        assert_eq!(ran.json()["error"]["reason"], "KEY_MISSING");
        let ran = log(folder, &["show"]);
        assert_eq!(ran.json()["records"][1]["locked"], true, "{ran:?}");
        let ran = log(folder, &["fsck"]);
        assert_eq!(
            (ran.code, ran.json()["locked"].as_u64()),
            (Some(0), Some(3)),
            "{ran:?}"
        );
        let named = elsewhere.to_string_lossy().into_owned();
        let ran = log(folder, &["fsck", "--kek", &named]);
        assert_eq!(
            (ran.code, ran.json()["opened"].as_u64()),
            (Some(0), Some(3)),
            "{ran:?}"
        );
        let ran = log(folder, &["prove", "--index", "1", "--kek", &named]);
        assert!(ran.stdout.contains("concord.bundle/v1"), "{ran:?}");
        let small = folder.join("small.bundle").to_string_lossy().into_owned();
        let prove = ["prove", "--index", "1", "--kek", &named, "--out", &small];
        let hide = ["--hide", "request", "--hide", "body", "--hide", "parties"];
        let ran = log(folder, &[&prove[..], &hide].concat());
        let bytes = ran.json()["bytes"].as_u64().expect("a size");
        assert!(bytes <= 8 << 10, "{bytes} bytes without request and body");
        let ran = log(folder, &["verify", &small]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(!ran.stdout.contains("Redwood"), "{ran:?}");
        let ran = log(folder, &[&prove[..], &["--hide", "names"]].concat());
        let refused = ran.json()["error"]["message"].to_string();
        assert_eq!(ran.code, Some(64), "{ran:?}");
        assert!(refused.contains("must be one of request, body"), "{ran:?}");
        let ran = log(folder, &["rewrap", "--kek", &named]);
        assert_eq!(
            (ran.code, ran.json()["error"]["reason"].as_str()),
            (Some(64), Some("DATA_DIR_IN_USE")),
            "{ran:?}"
        );
        std::fs::rename(&elsewhere, &key).expect("the folder is writable");
    });
    checked.await.expect("every expectation held");
    cluster.shutdown().await;
}
