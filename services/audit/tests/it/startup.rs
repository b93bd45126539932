//! What may and what may not be started.

use std::os::unix::fs::PermissionsExt;

use concord_audit::BuildError;
use concord_audit::start::StartError;
use concord_audit::store::sqlite::OpenError;

use crate::running::{append, append_many, config, copy_of, start, try_start};
use crate::stores::{Stores, both};

both!(the_key_is_private_and_a_log_is_never_continued_with_another,);

fn database(dir: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(dir.join("audit.sqlite3")).unwrap()
}

async fn refused(config: concord_audit::Config) -> String {
    match try_start(config).await {
        Ok(_) => panic!("it was started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_refused_by_name_and_the_first_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append(&service.client, "before").await;
    let text = refused(config(dir.path())).await;
    let holder = format!("in use by process {} (concord audit)", std::process::id());
    assert!(text.contains(&holder), "{text}");
    assert_eq!(append(&service.client, "after").await.index, 1);
    service.stop().await;
    // The directory is free as soon as the first has ended.
    let service = start(dir.path()).await;
    assert_eq!(append(&service.client, "again").await.index, 2);
    service.stop().await;
}

async fn the_key_is_private_and_a_log_is_never_continued_with_another(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    append(&service.client, "r").await;
    service.stop().await;
    let key = dir.path().join("keys").join("log.pem");
    assert_eq!(
        std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );

    let mut other_name = config(dir.path());
    other_name.log_origin = "kr.concord.example/audit".to_owned();
    assert!(
        refused(other_name)
            .await
            .contains("holds the log `us.concord.example/audit`")
    );

    let moved = dir.path().join("moved.pem");
    std::fs::rename(&key, &moved).unwrap();
    assert!(
        refused(config(dir.path()))
            .await
            .contains("is missing although the log exists")
    );
    assert!(!key.exists(), "no new key is made");

    let elsewhere = stores.dir();
    start(elsewhere.path()).await.stop().await;
    let mut other_key = config(dir.path());
    other_key.key_file = Some(elsewhere.path().join("keys").join("log.pem"));
    assert!(
        refused(other_key)
            .await
            .contains("the log is signed with the key")
    );

    let mut kept_elsewhere = config(dir.path());
    kept_elsewhere.key_file = Some(moved);
    try_start(kept_elsewhere).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_as_signed_is_not_served() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "r", 16).await;
    service.stop().await;
    let of_16 = copy_of(dir.path());
    let service = start(dir.path()).await;
    append_many(&service.client, "s", 6).await;
    service.stop().await;
    let swap = "UPDATE records SET leaf = (SELECT leaf FROM records WHERE idx = 4) WHERE idx = ";
    let damages = [
        (
            &dir,
            "UPDATE nodes SET hash = zeroblob(32) WHERE level = 4 AND idx = 0",
        ),
        (&dir, "DELETE FROM nodes WHERE level = 4 AND idx = 0"),
        (&dir, "DELETE FROM checkpoints WHERE size = 22"),
        (
            &dir,
            "DELETE FROM contents WHERE idx = 21; DELETE FROM records WHERE idx = 21",
        ),
        (
            &dir,
            "UPDATE checkpoints SET note = replace(note, '22', '23') WHERE size = 22",
        ),
        (
            &dir,
            "UPDATE checkpoints SET root = zeroblob(32) WHERE size = 22",
        ),
        (
            &dir,
            "INSERT INTO nodes (level, idx, hash) VALUES (4, 1, zeroblob(32))",
        ),
        (&dir, &format!("{swap}21")),
        // The root of sixteen is stored whole, so the last record is compared with it.
        (&of_16, &format!("{swap}15")),
    ];
    for (log, damage) in damages {
        let copy = copy_of(log.path());
        database(copy.path()).execute_batch(damage).unwrap();
        let text = refused(config(copy.path())).await;
        assert!(
            text.contains("not the one that was signed") || text.contains("damaged"),
            "{text}"
        );
    }
    let copy = copy_of(dir.path());
    start(copy.path()).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_and_another_database_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    start(dir.path()).await.stop().await;
    database(dir.path())
        .pragma_update(None, "user_version", 5)
        .unwrap();
    let before = std::fs::read(dir.path().join("audit.sqlite3")).unwrap();
    let error = try_start(config(dir.path())).await.err().unwrap();
    let BuildError::Start(StartError::Open(OpenError::NewerSchema { found: 5, .. })) = error else {
        panic!("{error}");
    };
    assert_eq!(
        std::fs::read(dir.path().join("audit.sqlite3")).unwrap(),
        before
    );
    assert!(concord_audit::offline::Log::open(dir.path()).is_err());

    let other = tempfile::tempdir().unwrap();
    database(other.path())
        .execute_batch("CREATE TABLE cats (name TEXT)")
        .unwrap();
    assert!(
        refused(config(other.path()))
            .await
            .contains("is not an audit log")
    );
    let empty = tempfile::tempdir().unwrap();
    let absent = concord_audit::offline::Log::open(empty.path())
        .unwrap_err()
        .to_string();
    assert!(absent.starts_with("there is no audit log in"), "{absent}");
}
