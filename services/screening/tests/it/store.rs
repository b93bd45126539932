//! The store on a real file system.

use std::fs;
use std::path::{Path, PathBuf};

use concord_proto::types::Completeness;
use concord_screening::store::CURRENT;
use concord_screening::{AddOptions, Added, ListStore, Loaded, Policy, StoreError, answer};
use jiff::{SignedDuration, Timestamp};

use crate::lists::own;
use crate::server::{Server, config};

fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn options() -> AddOptions {
    AddOptions::at(noon())
}

fn counts(added: &Added) -> Vec<(&str, u64, bool)> {
    added
        .lists
        .iter()
        .map(|l| (l.list.as_str(), l.parties, l.added))
        .collect()
}

fn file_of(store: &ListStore, digest: &str) -> PathBuf {
    store
        .dir()
        .join(format!("{}.snapshot", digest.trim_start_matches("sha256:")))
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn lists_replace_their_own_and_keep_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path().join("lists"));
    assert!(store.current().unwrap().is_none());
    let first = store.add(
        vec![
            own("sdn", "Alpha", 20, ""),
            own("unverified", "Beta", 5, ""),
        ],
        &options(),
    );
    let first = first.unwrap();
    assert_eq!(counts(&first), [("sdn", 20, true), ("unverified", 5, true)]);

    let later = AddOptions::at(noon() + SignedDuration::from_hours(24));
    let second = store
        .add(vec![own("sdn", "Alpha", 22, "2026-11-21")], &later)
        .unwrap();
    assert_eq!(
        counts(&second),
        [("sdn", 22, true), ("unverified", 5, false)]
    );
    assert_eq!(second.previous.as_deref(), Some(first.digest.as_str()));
    let current = store.current().unwrap().unwrap();
    assert_eq!(current.snapshot.digest(), second.digest);
    let times: Vec<Timestamp> = current.pointer.lists.iter().map(|r| r.loaded_at).collect();
    assert_eq!(times, [later.loaded_at, noon()]);

    // The same content again: same digest, same way back, newer date.
    let again = AddOptions::at(noon() + SignedDuration::from_hours(48));
    let third = store
        .add(vec![own("sdn", "Alpha", 22, "2026-11-21")], &again)
        .unwrap();
    assert_eq!(third.digest, second.digest);
    let pointer = store.pointer().unwrap().unwrap();
    assert_eq!(pointer.previous.as_deref(), Some(first.digest.as_str()));
    assert_eq!(pointer.lists[0].loaded_at, again.loaded_at);
    // Nothing temporary is left, and both snapshots are.
    assert_eq!(names(store.dir()).len(), 4, "{:?}", names(store.dir()));
}

#[test]
fn a_list_that_is_suddenly_smaller_is_refused_until_a_person_accepts_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    let before = store
        .add(vec![own("sdn", "Alpha", 100, "")], &options())
        .unwrap();
    let smaller = || vec![own("sdn", "Alpha", 80, "")];
    let StoreError::Shrunk(shrunk) = store.add(smaller(), &options()).unwrap_err() else {
        panic!("a fifth was lost without a word")
    };
    assert_eq!(
        (shrunk[0].before, shrunk[0].after, shrunk[0].lost_per_mille),
        (100, 80, 200)
    );
    assert_eq!(
        store.pointer().unwrap().unwrap().digest,
        before.digest,
        "nothing changed"
    );

    // Allowed by looser rules than the service has: taken, remembered, and the answer says so, also when the same file
    // is loaded again.
    let loose = AddOptions {
        max_shrink_per_mille: 500,
        ..options()
    };
    store.add(smaller(), &loose).unwrap();
    store.add(smaller(), &options()).unwrap();
    let policy = Policy::new("US", Some(&["sdn".to_owned()]), 30, 100).unwrap();
    let reasons = |store: &ListStore| -> Vec<(String, String)> {
        let loaded = Loaded::from_store(store).unwrap();
        let missing = policy.missing(&loaded, noon());
        missing.into_iter().map(|r| (r.reason, r.subject)).collect()
    };
    assert_eq!(
        reasons(&store),
        [("LIST_SHRUNK".to_owned(), "sdn".to_owned())]
    );
    let accepted = AddOptions {
        accept_shrink: true,
        ..options()
    };
    store.add(smaller(), &accepted).unwrap();
    assert_eq!(reasons(&store), []);

    // Of three parties one may go; all of them may not.
    store
        .add(vec![own("fse", "Gamma", 3, "")], &options())
        .unwrap();
    let added = store
        .add(vec![own("fse", "Gamma", 2, "")], &options())
        .unwrap();
    assert_eq!(added.shrinkages.len(), 1);
    assert_eq!(reasons(&store), []);
}

#[test]
fn what_is_missing_or_old_makes_the_answer_incomplete() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    let readings = vec![
        own("sdn", "Alpha", 3, "2026-10-21"),
        own("unverified", "Beta", 3, "2026-10-20"),
    ];
    store.add(readings, &options()).unwrap();
    let required = ["sdn", "unverified", "entity_list"].map(str::to_owned);
    let policy = Policy::new("US", Some(&required), 30, 100).unwrap();
    let loaded = Loaded::from_store(&store).unwrap();
    let at = |now: Timestamp| {
        let answer = answer::sources(&loaded, &policy, now);
        assert_eq!(answer.completeness(), Completeness::Incomplete);
        let reasons = answer
            .incomplete
            .into_iter()
            .map(|r| format!("{} {}", r.reason, r.subject));
        reasons.collect::<Vec<_>>()
    };
    // Thirty days are allowed, thirty-one are not; the publisher's date counts and not the loading.
    assert_eq!(
        at(noon()),
        ["LIST_MISSING entity_list", "LIST_STALE unverified"]
    );
    let tomorrow = noon() + SignedDuration::from_hours(24);
    assert_eq!(
        at(tomorrow),
        [
            "LIST_MISSING entity_list",
            "LIST_STALE sdn",
            "LIST_STALE unverified"
        ]
    );
    let policy = Policy::new("US", Some(&["sdn".to_owned()]), 30, 100).unwrap();
    assert_eq!(
        answer::sources(&loaded, &policy, noon()).completeness(),
        Completeness::Complete
    );
}

#[tokio::test]
async fn damage_is_said_with_the_way_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    let first = store
        .add(vec![own("sdn", "Alpha", 20, "")], &options())
        .unwrap();
    let second = store
        .add(vec![own("unverified", "Beta", 20, "")], &options())
        .unwrap();
    let path = file_of(&store, &second.digest);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();

    let error = store.current().unwrap_err();
    let StoreError::Snapshot {
        previous: Some(previous),
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(*previous, first.digest);
    assert!(error.to_string().contains(&first.digest) && error.to_string().contains("damaged"));
    // A service does not start on a guess.
    let telemetry =
        concord_kit::telemetry::Telemetry::new("screening", &Default::default()).unwrap();
    let error = concord_screening::build(config(dir.path(), None), telemetry)
        .await
        .unwrap_err();
    assert!(error.to_string().contains(&first.digest), "{error}");
    // Adding goes on from the intact one, and what only the damaged one held is missed.
    let refused = store
        .add(vec![own("fse", "Gamma", 2, "")], &options())
        .unwrap_err();
    assert!(
        matches!(&refused, StoreError::Shrunk(lost) if lost[0].list.as_str() == "unverified"),
        "{refused}"
    );
    let readings = vec![own("unverified", "Beta", 20, "")];
    let healed = store.add(readings, &options()).unwrap();
    assert!(healed.recovered.is_some());
    assert_eq!(healed.digest, second.digest);
    store.current().unwrap().unwrap();

    fs::write(dir.path().join(CURRENT), "{\"format\":").unwrap();
    let error = store.current().unwrap_err();
    assert!(
        matches!(error, StoreError::Pointer { .. }) && error.to_string().contains(CURRENT),
        "{error}"
    );
}

#[tokio::test]
async fn a_crash_before_the_rename_leaves_the_old_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path());
    let first = store
        .add(vec![own("sdn", "Alpha", 20, "")], &options())
        .unwrap();
    // What a process leaves that dies while it writes: half a snapshot, then half a pointer, beside the real ones.
    fs::write(
        dir.path().join(format!("{}.snapshot.new", "a".repeat(64))),
        b"concord-list-snap",
    )
    .unwrap();
    fs::write(dir.path().join("current.new"), b"{\"format\":\"conc").unwrap();
    assert_eq!(
        store.current().unwrap().unwrap().snapshot.digest(),
        first.digest
    );
    let server = Server::start(config(dir.path(), Some(&["sdn"]))).await;
    let summary = server.screen(vec![crate::server::party("Alpha vor")]).await;
    assert_eq!(summary.snapshot.unwrap().digest, first.digest);
    let second = store
        .add(vec![own("sdn", "Alpha", 21, "")], &options())
        .unwrap();
    assert_eq!(
        store.current().unwrap().unwrap().snapshot.digest(),
        second.digest
    );
    assert!(!names(dir.path()).contains(&"current.new".to_owned()));
    server.end().await;

    // One writer at a time.
    let lock = fs::File::open(dir.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let error = store
        .add(vec![own("sdn", "Alpha", 21, "")], &options())
        .unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error}");
}
