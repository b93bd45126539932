//! Logs that earlier programs wrote: brought up to date whole, and never read in part.

use std::path::Path;

use concord_audit::offline::{FsckReport, Log, backup, restore, rewrap};
use concord_audit::store::RecordName;
use concord_audit::vault::KekFiles;
use concord_proto::audit as api;
use concord_tlog::hash::leaf_hash;
use concord_tlog::tree::Frontier;

use crate::running::{append, copy_of, start};
use crate::vault::{SAID, fsck, has};

/// Makes of a log what version 3 would have stored: an index of times, all hashes, a row for each mark.
fn as_version_3(dir: &Path) {
    let database = rusqlite::Connection::open(dir.join("audit.sqlite3")).unwrap();
    database.pragma_update(None, "foreign_keys", false).unwrap();
    let mut marks: Vec<(i64, i64)> = Vec::new();
    {
        let mut open = database
            .prepare("SELECT idx, marks FROM open_terms")
            .unwrap();
        let mut rows = open.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let (first, bytes): (i64, Vec<u8>) = (row.get(0).unwrap(), row.get(1).unwrap());
            for mark in bytes.chunks(10) {
                let term = i64::from_be_bytes(mark[..8].try_into().unwrap());
                let place = u16::from_be_bytes(mark[8..].try_into().unwrap());
                marks.push((first / 1024 * 1024 + i64::from(place), term));
            }
        }
        let mut packed = database
            .prepare("SELECT block, term, places FROM terms")
            .unwrap();
        let mut rows = packed.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let (block, term): (i64, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
            for place in row.get::<_, Vec<u8>>(2).unwrap().chunks(2) {
                let place = u16::from_be_bytes(place.try_into().unwrap());
                marks.push((block * 1024 + i64::from(place), term));
            }
        }
    }
    let schema = "BEGIN;
        CREATE TABLE records_3 (idx INTEGER PRIMARY KEY CHECK (idx >= 0), id BLOB NOT NULL UNIQUE,
            kind INTEGER NOT NULL, time INTEGER NOT NULL, caller TEXT NOT NULL, request_id TEXT NOT NULL,
            request_digest BLOB NOT NULL, about BLOB REFERENCES records_3 (id), leaf BLOB NOT NULL,
            UNIQUE (caller, request_id)) STRICT;
        INSERT INTO records_3 SELECT * FROM records;
        DROP TABLE records; ALTER TABLE records_3 RENAME TO records;
        CREATE INDEX records_by_time ON records (time);
        CREATE INDEX records_by_kind ON records (kind);
        CREATE INDEX records_by_about ON records (about) WHERE about IS NOT NULL;
        DROP TABLE keys; DROP TABLE terms; DROP TABLE open_terms; DROP TABLE nodes;
        CREATE TABLE terms (block INTEGER NOT NULL, term INTEGER NOT NULL, idx INTEGER NOT NULL,
            PRIMARY KEY (block, term, idx)) STRICT, WITHOUT ROWID;
        CREATE TABLE nodes (level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,
            PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID;
        PRAGMA user_version = 3;";
    database.execute_batch(schema).unwrap();
    for (index, term) in marks {
        let sql = "INSERT INTO terms (block, term, idx) VALUES (?1, ?2, ?3)";
        database.execute(sql, (index / 1024, term, index)).unwrap();
    }
    let mut leaves = database
        .prepare("SELECT leaf FROM records ORDER BY idx")
        .unwrap();
    let mut frontier = Frontier::new();
    for leaf in leaves
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .unwrap()
    {
        for (node, hash) in frontier.append(leaf_hash(&leaf.unwrap())) {
            let row = (node.level, node.index as i64, hash.as_bytes().as_slice());
            let sql = "INSERT INTO nodes (level, idx, hash) VALUES (?1, ?2, ?3)";
            database.execute(sql, row).unwrap();
        }
    }
    drop(leaves);
    database.execute_batch("COMMIT").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_version_3_is_brought_up_to_date_and_nothing_is_lost() {
    const RECORDS: u64 = 1_100;
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    let calls: Vec<_> = (0..RECORDS)
        .map(|i| {
            let client = service.client.clone();
            tokio::spawn(async move { append(&client, &format!("r-{i}")).await })
        })
        .collect();
    let mut receipts = Vec::new();
    for call in calls {
        receipts.push(call.await.unwrap());
    }
    service.stop().await;
    as_version_3(dir.path());
    let keys = KekFiles::of(dir.path());
    let refused = Log::open(dir.path()).unwrap_err().to_string();
    assert!(
        refused.contains("schema version 3") && refused.contains("to version 4"),
        "{refused}"
    );
    let out = tempfile::tempdir().unwrap();
    assert!(backup(dir.path(), &out.path().join("copy"), &keys).is_err());
    let whole = |dir: &Path, keys: &KekFiles, records: u64| {
        let report = fsck(dir, keys);
        assert!(report.is_ok() && report.checkpoint_ok, "{report:?}");
        assert_eq!((report.records, report.opened), (records, records));
    };
    // Out of a backup, by the command, and by a start.
    let restored = tempfile::tempdir().unwrap();
    restore(dir.path(), restored.path(), &keys).unwrap();
    whole(restored.path(), &keys, RECORDS);
    let by_command = copy_of(dir.path());
    let done = rewrap(by_command.path(), &KekFiles::of(by_command.path())).unwrap();
    assert_eq!((done.encrypted, done.rewrapped), (0, 0));
    whole(by_command.path(), &keys, RECORDS);

    let service = start(dir.path()).await;
    whole(dir.path(), &keys, RECORDS);
    let mut client = service.client.clone();
    for receipt in receipts.iter().step_by(97).chain(receipts.last()) {
        let record = client
            .get_record(api::GetRecordRequest {
                name: Some(api::get_record_request::Name::RecordId(
                    receipt.record_id.clone(),
                )),
            })
            .await
            .unwrap()
            .into_inner()
            .record
            .unwrap();
        assert_eq!(record.receipt.unwrap().leaf_hash, receipt.leaf_hash);
        let id = record.context.unwrap().request_id;
        let again = client.append(crate::running::request(&id)).await.unwrap();
        let again = again.into_inner();
        assert!(again.existed, "{id} is found by its key");
        assert_eq!(again.receipt.unwrap().index, receipt.index);
    }
    append(&service.client, "later").await;
    let (mut found, mut token) = (0, String::new());
    loop {
        let by_outcome = api::SearchRecordsRequest {
            outcome: "licence_required".to_owned(),
            page_size: 1000,
            page_token: token,
            ..api::SearchRecordsRequest::default()
        };
        let page = client
            .search_records(by_outcome)
            .await
            .unwrap()
            .into_inner();
        found += page.records.len() as u64;
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(found, RECORDS + 1);
    service.stop().await;
    whole(dir.path(), &keys, RECORDS + 1);
}

/// Makes of a log what the version before encryption would have stored.
fn as_version_2(dir: &Path) {
    let log = Log::open(dir).unwrap();
    let size = log.checkpoint().unwrap().size;
    let database = rusqlite::Connection::open(dir.join("audit.sqlite3")).unwrap();
    let schema = "DROP TABLE terms; DROP TABLE contents; DELETE FROM marks; PRAGMA user_version = 2;
        CREATE TABLE contents (idx INTEGER PRIMARY KEY REFERENCES records (idx), secret BLOB NOT NULL,
            body_type TEXT NOT NULL, body BLOB, case_reference TEXT NOT NULL, actor TEXT NOT NULL,
            purpose TEXT NOT NULL, fields TEXT NOT NULL, editions TEXT NOT NULL) STRICT;
        CREATE INDEX contents_by_case ON contents (case_reference) WHERE case_reference <> '';";
    let records: Vec<_> = (0..size)
        .map(|index| log.record(RecordName::Index(index)).unwrap().unwrap())
        .collect();
    drop(log);
    drop(database);
    as_version_3(dir);
    let database = rusqlite::Connection::open(dir.join("audit.sqlite3")).unwrap();
    database.execute_batch(schema).unwrap();
    for (index, shown) in records.iter().enumerate() {
        let contents = shown.held.contents().unwrap();
        let fields: std::collections::BTreeMap<_, _> = contents
            .fields
            .iter()
            .map(|(field, value)| (field.name(), value))
            .collect();
        let editions: std::collections::BTreeMap<_, _> = contents
            .editions
            .iter()
            .map(|(name, hash)| (name, format!("{hash:x}")))
            .collect();
        let sql = "INSERT INTO contents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let row = (
            index as i64,
            contents.secret.as_bytes().as_slice(),
            &contents.body_type,
            &contents.body,
            &contents.case_reference,
            &contents.actor,
            &contents.purpose,
            serde_json::to_string(&fields).unwrap(),
            serde_json::to_string(&editions).unwrap(),
        );
        database.execute(sql, row).unwrap();
        let sql = "UPDATE records SET request_digest = ?2 WHERE idx = ?1";
        let row = (index as i64, contents.request_digest.as_slice());
        database.execute(sql, row).unwrap();
    }
    drop(database);
    std::fs::remove_file(KekFiles::of(dir).current).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_from_before_encryption_is_encrypted_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    let calls: Vec<_> = (0..300)
        .map(|i| {
            let client = service.client.clone();
            tokio::spawn(async move { append(&client, &format!("r-{i}")).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    service.stop().await;
    as_version_2(dir.path());
    assert!(SAID.iter().all(|said| has(dir.path(), said)));
    let plain = Log::open(dir.path()).unwrap_err().to_string();
    assert!(
        plain.contains("not encrypted yet") && plain.contains("rewrap"),
        "{plain}"
    );

    let whole = |report: FsckReport| {
        assert!(report.is_ok(), "{report:?}");
        assert_eq!((report.records, report.opened), (300, 300));
    };
    // By the command, by a start, and out of a backup.
    let by_command = copy_of(dir.path());
    let done = rewrap(by_command.path(), &KekFiles::of(by_command.path())).unwrap();
    assert_eq!((done.encrypted, done.rewrapped), (300, 0));
    whole(fsck(by_command.path(), &KekFiles::of(by_command.path())));
    let restored = tempfile::tempdir().unwrap();
    whole(restore(dir.path(), restored.path(), &KekFiles::of(restored.path())).unwrap());
    let service = start(dir.path()).await;
    whole(fsck(dir.path(), &KekFiles::of(dir.path())));
    let mut client = service.client.clone();
    let again = client
        .append(crate::running::request("r-7"))
        .await
        .unwrap()
        .into_inner();
    assert!(again.existed);
    assert_eq!(again.body, b"body of r-7");
    let by_outcome = api::SearchRecordsRequest {
        outcome: "licence_required".to_owned(),
        page_size: 1000,
        ..api::SearchRecordsRequest::default()
    };
    let found = client
        .search_records(by_outcome)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found.records.len(), 300);
    for dir in [by_command.path(), restored.path(), dir.path()] {
        for said in SAID {
            let word = String::from_utf8_lossy(said);
            assert!(!has(dir, said), "{word} is still in {}", dir.display());
        }
    }
    service.stop().await;
}
