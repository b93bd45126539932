//! Backup while the log is written, restoring, and witnessing by files.

use concord_audit::offline::{
    AirGapError, BackupError, Log, accept_files, ask_cosign, backup, cosign_file, restore,
};

use crate::running::{append_many, config, start, try_start};

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
    let made = tokio::task::spawn_blocking(move || backup(&from, &target));
    let report = made.await.unwrap().unwrap();
    load.await.unwrap();
    assert!(report.records >= 20 && report.is_ok(), "{report:?}");
    assert!(matches!(
        backup(dir.path(), &to),
        Err(BackupError::Exists(_))
    ));
    assert!(matches!(
        restore(&to, dir.path()),
        Err(BackupError::Lock(_))
    ));
    service.stop().await;
    assert!(matches!(
        restore(&to, dir.path()),
        Err(BackupError::Exists(_))
    ));

    let fresh = tempfile::tempdir().unwrap();
    let restored = restore(&to, fresh.path()).unwrap();
    assert_eq!(restored.root, report.root);
    // The key is backed up apart.
    let mut settings = config(fresh.path());
    settings.key_file = Some(dir.path().join("keys").join("log.pem"));
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
    let refused = restore(&to, elsewhere.path()).unwrap_err();
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
    let signer = concord_tlog::note::Ed25519Signer::from_pkcs8_pem(name, &pem).unwrap();
    let signer = concord_tlog::note::CosignatureSigner::new(signer, 0).unwrap();
    let witness = concord_tlog::note::CheckpointSigner::public_key(&signer).to_string();
    let none = accept_files(ours.path(), request.as_bytes(), &answer, &[]).unwrap_err();
    assert!(matches!(none, AirGapError::NoCosignature));
    let keys = [witness];
    let accepted = accept_files(ours.path(), request.as_bytes(), &answer, &keys);
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
    let foreign = accept_files(old.path(), request.as_bytes(), &answer, &keys).unwrap_err();
    assert!(
        matches!(foreign, AirGapError::Refused(_)),
        "not its own: {foreign}"
    );
    assert_eq!(
        accept_files(ours.path(), request.as_bytes(), &answer, &keys).unwrap(),
        5
    );
}
