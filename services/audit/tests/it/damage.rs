//! Whatever changes in the stored log, fsck says so.

use concord_audit::offline::{FsckReport, Log};
use concord_audit::store::RecordName;

use crate::running::{append_many, copy_of, request, start};
use crate::stores::{Stores, both};

both!(a_log_that_is_being_written_is_not_taken_for_a_damaged_one,);

fn fsck(dir: &std::path::Path) -> Option<FsckReport> {
    match crate::stores::settings(dir) {
        None => Log::open(dir),
        Some(postgres) => Log::connect(&postgres, &concord_audit::vault::KekFiles::of(dir)),
    }
    .and_then(|log| log.fsck())
    .ok()
}

/// Flips one bit of the first place where `needle` stands in the database file.
fn flip(dir: &std::path::Path, needle: &[u8], within: usize) {
    let path = dir.join("audit.sqlite3");
    let mut bytes = std::fs::read(&path).unwrap();
    let places = bytes
        .windows(needle.len())
        .filter(|window| *window == needle)
        .count();
    assert!(places > 0, "the bytes are in the file");
    for place in 0..bytes.len() - needle.len() {
        if &bytes[place..place + needle.len()] == needle {
            bytes[place + within] ^= 0x04;
        }
    }
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_anywhere_in_a_record_or_the_tree_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "r", 17).await;
    service.stop().await;
    assert!(fsck(dir.path()).unwrap().is_ok());
    let log = Log::open(dir.path()).unwrap();
    let record = log.record(RecordName::Index(3)).unwrap().unwrap();
    let record = record.logged;
    let sealed = record.record.sealed.as_ref().unwrap();
    let checkpoint = log.checkpoint().unwrap();
    let subtree = {
        let database = rusqlite::Connection::open(dir.path().join("audit.sqlite3")).unwrap();
        let sql = "SELECT hash FROM nodes WHERE level = 4 AND idx = 0";
        database
            .query_row(sql, [], |row| row.get::<_, Vec<u8>>(0))
            .unwrap()
    };
    let needles: [(&str, Vec<u8>); 10] = [
        ("body", sealed.body.clone().unwrap()),
        ("contents", sealed.head.clone()),
        (
            "tag of the contents",
            sealed.head[sealed.head.len() - 8..].to_vec(),
        ),
        ("wrapped key", sealed.key.clone()),
        ("leaf", record.leaf.clone()),
        ("hash of a subtree", subtree),
        ("root", checkpoint.root.as_bytes().to_vec()),
        (
            "signature",
            checkpoint.note.as_bytes()[checkpoint.note.len() - 40..].to_vec(),
        ),
        ("mark of the request", record.record.request_mark.to_vec()),
        ("record id", record.record.id.as_bytes().to_vec()),
    ];
    drop(log);
    for (what, needle) in needles {
        let copy = copy_of(dir.path());
        flip(copy.path(), &needle, needle.len() / 2);
        // A database that cannot even be opened is found, too.
        let found = fsck(copy.path()).is_none_or(|report| !report.is_ok());
        assert!(found, "a flipped bit in the {what} was not found");
    }
}

async fn a_log_that_is_being_written_is_not_taken_for_a_damaged_one(stores: Stores) {
    let dir = stores.dir();
    let service = start(dir.path()).await;
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let client = service.client.clone();
            tokio::spawn(async move { append_many(&client, &format!("w{worker}"), 150).await })
        })
        .collect();
    let path = dir.path().to_owned();
    let mut checked = 0;
    while workers.iter().any(|worker| !worker.is_finished()) || checked == 0 {
        let path = path.clone();
        let report = tokio::task::spawn_blocking(move || fsck(&path))
            .await
            .unwrap()
            .unwrap();
        assert!(report.is_ok() && report.checkpoint_ok, "{report:?}");
        checked += 1;
    }
    service.stop().await;
    assert_eq!(fsck(dir.path()).unwrap().records, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_record_by_record() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "r", 17).await;
    service.stop().await;
    let cases = [
        (
            "UPDATE contents SET body = x'00' WHERE idx = 4",
            "record 4: its body cannot be decrypted: changed, or taken from another record or log",
        ),
        (
            "UPDATE contents SET body = (SELECT body FROM contents WHERE idx = 3) WHERE idx = 4",
            "record 4: its body cannot be decrypted: changed, or taken from another record or log",
        ),
        (
            "UPDATE contents SET (kek, key, head, body) = \
             (SELECT kek, key, head, body FROM contents WHERE idx = 3) WHERE idx = 4",
            "record 4: its contents cannot be decrypted: changed, or taken from another record or log",
        ),
        (
            "UPDATE contents SET body = NULL WHERE idx = 4",
            "record 4 is not what its leaf commits to: body",
        ),
        (
            "UPDATE contents SET kek = zeroblob(8) WHERE idx = 4",
            "record 4: the key `0000000000000000` is not given",
        ),
        (
            "UPDATE records SET request_digest = zeroblob(32) WHERE idx = 4",
            "record 4: the mark of its request is wrong",
        ),
        (
            "UPDATE records SET time = time + 1 WHERE idx = 2",
            "record 2 is not what its leaf says: id, kind or time",
        ),
        (
            "UPDATE records SET caller = 'spiffe://x.example/agency/y/z' WHERE idx = 0",
            "record 0 is not what its leaf commits to: fields",
        ),
        (
            "DELETE FROM contents WHERE idx = 5",
            "record 5 has no contents, and nothing erased them",
        ),
        (
            "INSERT INTO nodes (level, idx, hash) VALUES (5, 0, zeroblob(32))",
            "there are 2 subtree hashes instead of 1",
        ),
        (
            "UPDATE nodes SET hash = zeroblob(32) WHERE level = 4 AND idx = 0",
            "the hash of subtree 0 at level 4 is wrong",
        ),
        (
            "DELETE FROM nodes WHERE level = 4 AND idx = 0",
            "the hash of subtree 0 at level 4 is missing",
        ),
        (
            "UPDATE keys SET idx = 3 WHERE idx = 4",
            "record 4 is not found by its idempotency key",
        ),
        (
            "DELETE FROM keys WHERE idx = 4",
            "there are 16 idempotency keys, the last checkpoint has 17",
        ),
        (
            "UPDATE checkpoints SET root = zeroblob(32) WHERE size = 3",
            "the checkpoint of size 3 is not of the stored records",
        ),
        (
            "DELETE FROM contents WHERE idx = 6; DELETE FROM records WHERE idx = 6",
            "record 6 is missing",
        ),
    ];
    for (damage, expected) in cases {
        let copy = copy_of(dir.path());
        let database = rusqlite::Connection::open(copy.path().join("audit.sqlite3")).unwrap();
        database.execute_batch(damage).unwrap();
        drop(database);
        let report = fsck(copy.path()).unwrap();
        assert!(
            report.problems.iter().any(|p| p == expected),
            "{damage}: {report:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_contents_are_no_damage_when_a_record_says_who_erased_them() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    let receipts = append_many(&service.client, "r", 3).await;
    let mut erasure = request("erasure");
    erasure.kind = concord_proto::types::RecordKind::Erasure.into();
    erasure.about_record_id = receipts[1].record_id.clone();
    service.client.clone().append(erasure).await.unwrap();
    service.stop().await;
    let database = rusqlite::Connection::open(dir.path().join("audit.sqlite3")).unwrap();
    database
        .execute_batch("DELETE FROM contents WHERE idx = 1")
        .unwrap();
    drop(database);
    let report = fsck(dir.path()).unwrap();
    assert!(report.is_ok(), "{report:?}");
    assert_eq!((report.records, report.erased), (4, 1));
    // The log still starts, proves and continues.
    let service = start(dir.path()).await;
    append_many(&service.client, "later", 1).await;
    let log = Log::open(dir.path()).unwrap();
    assert!(
        log.prove(1, &[])
            .unwrap_err()
            .to_string()
            .contains("have been erased")
    );
    assert!(log.prove(2, &[]).is_ok());
    service.stop().await;
}
