//! Backup while the log is written, restoring, and witnessing by files.

use std::path::Path;

use concord_audit::offline::{
    AirGapError, BackupError, Log, accept_files, ask_cosign, backup, cosign_file, restore,
};

use concord_audit::vault::KekFiles;
use concord_audit::witnessing::{WitnessConfig, WitnessingConfig};
use concord_tlog::note::{CheckpointSigner, CosignatureSigner, Ed25519Signer};

use crate::running::{append_many, config, copy_of, start, try_start};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_under_load_is_a_whole_log_and_goes_on_after_a_restore() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "before", 20).await;
    let client = service.client.clone();
    let load = tokio::spawn(async move { append_many(&client, "during", 100).await });
    let out = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().to_owned(), out.path().join("copy"));
    let target = to.clone();
    let made = tokio::task::spawn_blocking(move || backup(&from, &target, &KekFiles::of(&from)));
    let report = made.await.unwrap().unwrap();
    load.await.unwrap();
    assert!(report.records >= 20 && report.is_ok(), "{report:?}");
    assert_eq!((report.opened, report.locked), (report.records, 0));
    let keys = KekFiles::of(dir.path());
    assert!(matches!(
        backup(dir.path(), &to, &keys),
        Err(BackupError::Exists(_))
    ));
    assert!(matches!(
        restore(&to, dir.path(), &keys),
        Err(BackupError::Lock(_))
    ));
    service.stop().await;
    assert!(matches!(
        restore(&to, dir.path(), &keys),
        Err(BackupError::Exists(_))
    ));

    let fresh = tempfile::tempdir().unwrap();
    let restored = restore(&to, fresh.path(), &keys).unwrap();
    assert_eq!(restored.root, report.root);
    // The key is backed up apart.
    let mut settings = config(fresh.path());
    settings.key_file = Some(dir.path().join("keys").join("log.pem"));
    settings.kek_file = Some(keys.current.clone());
    let service = try_start(settings).await.unwrap();
    let next = append_many(&service.client, "after", 1).await;
    assert_eq!(next[0].index, report.records);
    service.stop().await;

    // A damaged backup is not restored.
    let database = rusqlite::Connection::open(to.join("audit.sqlite3")).unwrap();
    let damage = "UPDATE contents SET body = x'00' WHERE idx = 4";
    database.execute_batch(damage).unwrap();
    drop(database);
    let elsewhere = tempfile::tempdir().unwrap();
    let refused = restore(&to, elsewhere.path(), &keys).unwrap_err();
    assert!(refused.to_string().contains("record 4"), "{refused}");
    assert!(Log::open(elsewhere.path()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_witness_each_other_by_files_across_an_air_gap() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let service = start(ours.path()).await;
    append_many(&service.client, "r", 3).await;
    let vkey = service.vkey.clone();
    service.stop().await;
    let mut other = config(theirs.path());
    other.log_origin = "kr.concord.example/audit".to_owned();
    try_start(other).await.unwrap().stop().await;

    let name = "kr.concord.example/witness";
    let known = [("bis".to_owned(), vkey)];
    let request = ask_cosign(ours.path(), 0).unwrap();
    let stranger = cosign_file(theirs.path(), request.as_bytes(), name, &[]).unwrap_err();
    assert!(stranger.to_string().ends_with("(404)"), "{stranger}");
    let answer = cosign_file(theirs.path(), request.as_bytes(), name, &known).unwrap();
    assert!(
        answer.starts_with("— kr.concord.example/witness "),
        "{answer}"
    );
    let pem = std::fs::read_to_string(theirs.path().join("keys").join("witness.pem")).unwrap();
    let signer = Ed25519Signer::from_pkcs8_pem(name, &pem).unwrap();
    let signer = CosignatureSigner::new(signer, 0).unwrap();
    let witness = signer.public_key().to_string();
    let none = accept_files(
        ours.path(),
        request.as_bytes(),
        std::slice::from_ref(&answer),
        &[],
    )
    .unwrap_err();
    assert!(matches!(none, AirGapError::NoCosignature));
    let keys = [witness];
    let accepted = accept_files(
        ours.path(),
        request.as_bytes(),
        std::slice::from_ref(&answer),
        &keys,
    );
    assert_eq!(accepted.unwrap(), 3);

    // The next one starts from there, and what was cosigned is remembered.
    let service = start(ours.path()).await;
    append_many(&service.client, "s", 2).await;
    service.stop().await;
    let wrong = ask_cosign(ours.path(), 2).unwrap();
    let wrong = cosign_file(theirs.path(), wrong.as_bytes(), name, &known).unwrap_err();
    assert!(wrong.to_string().ends_with("(409)"), "{wrong}");
    let request = ask_cosign(ours.path(), 3).unwrap();
    let answer = cosign_file(theirs.path(), request.as_bytes(), name, &known).unwrap();
    // A log out of an old backup learns from the file that it is one.
    let old = tempfile::tempdir().unwrap();
    let service = start(old.path()).await;
    service.stop().await;
    let foreign = accept_files(
        old.path(),
        request.as_bytes(),
        std::slice::from_ref(&answer),
        &keys,
    )
    .unwrap_err();
    assert!(
        matches!(foreign, AirGapError::Refused(_)),
        "not its own: {foreign}"
    );
    assert_eq!(
        accept_files(
            ours.path(),
            request.as_bytes(),
            std::slice::from_ref(&answer),
            &keys
        )
        .unwrap(),
        5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_log_and_a_copied_write_ahead_log_do_not_change_what_is_restored() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "r", 30).await;
    // A copy of the files under the service: most of the log is in its write-ahead log.
    let copied = copy_of(dir.path());
    service.stop().await;
    let fresh = tempfile::tempdir().unwrap();
    let report = restore(copied.path(), fresh.path(), &KekFiles::of(copied.path())).unwrap();
    assert_eq!(report.records, 30);
    let restored = Log::open(fresh.path()).unwrap().fsck().unwrap();
    assert_eq!((restored.records, restored.is_ok()), (30, true));

    let left = tempfile::tempdir().unwrap();
    std::fs::write(left.path().join("audit.sqlite3-wal"), b"of another log").unwrap();
    let refused = restore(copied.path(), left.path(), &KekFiles::of(copied.path())).unwrap_err();
    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
}

/// A witness that cosigns by file: its directory, name and key.
fn file_witness(
    dir: &Path,
    name: &str,
    request: &str,
    known: &(String, String),
) -> (String, String) {
    let known = std::slice::from_ref(known);
    let answer = cosign_file(dir, request.as_bytes(), name, known).unwrap();
    let pem = std::fs::read_to_string(dir.join("keys").join("witness.pem")).unwrap();
    let signer = Ed25519Signer::from_pkcs8_pem(name, &pem).unwrap();
    let signer = CosignatureSigner::new(signer, 0).unwrap();
    (answer, signer.public_key().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn by_file_too_as_many_witnesses_as_the_settings_ask_for_must_have_cosigned() {
    let dirs: [_; 3] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let mut settings = config(dirs[0].path());
    let service = try_start(settings.clone()).await.unwrap();
    append_many(&service.client, "r", 3).await;
    let known = ("bis".to_owned(), service.vkey.clone());
    service.stop().await;
    for (dir, name) in [(&dirs[1], "kr"), (&dirs[2], "jp")] {
        let mut other = config(dir.path());
        other.log_origin = format!("{name}.concord.example/audit");
        try_start(other).await.unwrap().stop().await;
    }
    let request = ask_cosign(dirs[0].path(), 0).unwrap();
    let (kr, kr_key) = file_witness(dirs[1].path(), "kr.example/witness", &request, &known);
    let (jp, jp_key) = file_witness(dirs[2].path(), "jp.example/witness", &request, &known);
    let witness = |key: &String| WitnessConfig {
        url: "http://127.0.0.1:9/witness".to_owned(), // nobody is there
        vkeys: vec![key.clone()],
        ca_file: None,
    };
    let mut witnessing = WitnessingConfig {
        quorum: 2,
        witnesses: vec![witness(&kr_key), witness(&kr_key)],
        interval_ms: 100,
        timeout_ms: 100,
        wait_ms: 100,
    };
    settings.witnessing = Some(witnessing.clone());
    let twice = try_start(settings.clone()).await.err().unwrap().to_string();
    assert!(twice.contains("a witness is named once"), "{twice}");
    witnessing.witnesses[1] = witness(&jp_key);
    settings.witnessing = Some(witnessing);
    try_start(settings.clone()).await.unwrap().stop().await;

    let take = |dir: &Path, answers: &[&String]| {
        let answers: Vec<String> = answers.iter().copied().cloned().collect();
        accept_files(dir, request.as_bytes(), &answers, &[])
    };
    for answers in [vec![&kr], vec![&kr, &kr], vec![&jp]] {
        let refused = take(dirs[0].path(), &answers).unwrap_err();
        let below = matches!(refused, AirGapError::BelowQuorum { have: 1, need: 2 });
        assert!(below, "{refused}");
    }
    assert_eq!(take(dirs[0].path(), &[&kr, &jp]).unwrap(), 3);
    assert!(Log::open(dirs[0].path()).unwrap().fsck().unwrap().is_ok());

    // Restored, it is not served before a witness has spoken; an answer of before the restore is none.
    let (out, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    backup(
        dirs[0].path(),
        &out.path().join("copy"),
        &KekFiles::of(dirs[0].path()),
    )
    .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await; // cosignatures count seconds
    restore(
        &out.path().join("copy"),
        fresh.path(),
        &KekFiles::of(dirs[0].path()),
    )
    .unwrap();
    settings.data_dir = fresh.path().to_owned();
    settings.key_file = Some(dirs[0].path().join("keys").join("log.pem"));
    settings.kek_file = Some(KekFiles::of(dirs[0].path()).current);
    take(fresh.path(), &[&kr, &jp]).unwrap();
    let unseen = try_start(settings.clone()).await.err().unwrap();
    assert!(
        unseen.to_string().contains("no witness could be asked"),
        "{unseen}"
    );
    let again = ask_cosign(fresh.path(), 3).unwrap();
    let (kr, _) = file_witness(dirs[1].path(), "kr.example/witness", &again, &known);
    let (jp, _) = file_witness(dirs[2].path(), "jp.example/witness", &again, &known);
    accept_files(fresh.path(), again.as_bytes(), &[kr, jp], &[]).unwrap();
    try_start(settings).await.unwrap().stop().await;
}
