//! A complete published list.

use std::path::PathBuf;

use concord_lists::{ReadOptions, SourceFile, read};
use concord_proto::types::Completeness;
use concord_screening::{AddOptions, Config, ListStore};
use jiff::Timestamp;

use crate::server::{Server, config, party};

/// A path below the folder that `CONCORD_TEST_DATA` names; without it the test says that it is not run, and with
/// `CI=true` it fails.
fn shared_data(path: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("CONCORD_TEST_DATA") else {
        let text =
            format!("CONCORD_TEST_DATA is not set, so the test that reads `{path}` is not run");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{text}");
        eprintln!("{text}");
        return None;
    };
    Some(PathBuf::from(folder).join(path))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_complete_consolidated_list_is_screened() {
    let Some(path) = shared_data("lists/us-csl/csl-2022-05-16.csv.gz") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let file = SourceFile {
        name: "csl.csv.gz",
        bytes: &bytes,
    };
    let options = ReadOptions {
        data_date: "2022-05-16".to_owned(),
        ..ReadOptions::default()
    };
    let mut reading = read(&[file], &options).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    // All of it goes into the store; what is searched here are three lists, since indexing all of them without
    // optimisation takes half a minute.
    let added = store
        .add(vec![reading.clone()], &AddOptions::at(Timestamp::now()))
        .unwrap();
    let parties: u64 = added.lists.iter().map(|l| l.parties).sum();
    assert_eq!(
        (parties, added.lists.len()),
        (14_160, 13),
        "{:?}",
        added.lists
    );
    let searched = ["entity_list", "meu_list", "unverified"];
    reading
        .sources
        .retain(|s| searched.contains(&s.list.as_str()));
    reading
        .parties
        .retain(|p| searched.contains(&p.list.as_str()));
    let options = AddOptions {
        accept_shrink: true,
        ..AddOptions::at(Timestamp::now())
    };
    assert_eq!(store.add(vec![reading], &options).unwrap().lists.len(), 3);

    let old = Config {
        max_age_days: 36_500,
        ..config(dir.path(), Some(&searched))
    };
    let server = Server::start(old).await;
    let asked = [
        "Huawei Technologies Co., Ltd.",
        "Huawei Tecnologies Co Ltd",
        "Hangzhou Hikvision Robot Technology Co., Ltd.",
        "Blue Heron Bakery of Portland",
    ];
    let summary = server.screen(asked.map(party).into()).await;
    assert_eq!(
        summary.completeness(),
        Completeness::Complete,
        "{:?}",
        summary.incomplete
    );
    let entity = |i: usize| {
        let hits = &summary.parties[i].hits;
        hits.iter()
            .find(|h| h.list_id == "entity_list" && h.name.contains("Huawei Technologies Co"))
    };
    let exact = entity(0).expect("listed since 2019");
    assert_eq!(exact.score, 10_000);
    assert!(!exact.licence_requirement.is_empty() && exact.countries.contains(&"CN".to_owned()));
    let typo = entity(1).expect("one letter is missing");
    assert!(typo.score < 10_000 && typo.score >= summary.threshold);
    assert!(
        typo.alignment
            .iter()
            .any(|a| a.key == "edit" && a.edits == 100)
    );
    assert!(
        summary.parties[2].hits.is_empty(),
        "{:?}",
        names(&summary.parties[2].hits)
    );
    assert!(
        summary.parties[3].hits.is_empty(),
        "{:?}",
        names(&summary.parties[3].hits)
    );
    // The same question again comes from the cache and is the same to the byte.
    assert_eq!(server.screen(asked.map(party).into()).await, summary);
    server.end().await;
}

fn names(hits: &[concord_proto::types::Hit]) -> Vec<String> {
    hits.iter()
        .map(|h| format!("{} {}", h.name, h.score))
        .collect()
}
