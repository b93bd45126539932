//! What records say is encrypted: which key is needed, what happens without it, and how it is changed.

use std::path::Path;

use concord_audit::offline::{FsckReport, Log, OfflineError, backup, rewrap};
use concord_audit::record::Held;
use concord_audit::search::Criteria;
use concord_audit::start::StartError;
use concord_audit::store::RecordName;
use concord_audit::vault::KekFiles;
use concord_proto::audit as api;
use concord_tlog::commitment::Field;

use crate::running::{append_many, config, start, try_start};

/// Texts of [`crate::running::request`] that say something.
pub const SAID: [&[u8]; 5] = [
    b"officer 12",
    b"licence review",
    b"case-7",
    b"body of r-",
    b"licence_required",
];

pub fn fsck(dir: &Path, keys: &KekFiles) -> FsckReport {
    Log::open_with(dir, keys).unwrap().fsck().unwrap()
}

fn no_keys(dir: &Path) -> KekFiles {
    KekFiles {
        current: dir.join("nowhere"),
        earlier: Vec::new(),
    }
}

/// Whether a file below `dir` has those bytes.
pub fn has(dir: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => has(&path, needle),
            false => {
                let bytes = std::fs::read(&path).unwrap();
                bytes.windows(needle.len()).any(|window| window == needle)
            }
        }
    })
}

async fn refused(settings: concord_audit::Config) -> String {
    let error = try_start(settings).await.err().expect("a refusal");
    let concord_audit::BuildError::Start(StartError::Vault(error)) = error else {
        panic!("{error}");
    };
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_records_say_is_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "r", 5).await;
    let out = tempfile::tempdir().unwrap();
    let copy = out.path().join("copy");
    let report = backup(dir.path(), &copy, &KekFiles::of(dir.path())).unwrap();
    assert_eq!((report.opened, report.locked), (5, 0));
    // While it is served, so that the write-ahead log is there too.
    assert!(
        has(dir.path(), b"spiffe://us.concord.example"),
        "identities are stored as they are"
    );
    for said in SAID {
        let word = String::from_utf8_lossy(said);
        assert!(!has(dir.path(), said), "{word} is in the data directory");
        assert!(!has(&copy, said), "{word} is in the backup");
    }
    service.stop().await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(dir.path().join("keys").join("kek.key")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_its_key_is_not_served_and_still_a_log() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "r", 3).await;
    service.stop().await;
    let keys = KekFiles::of(dir.path());
    let log = Log::open(dir.path()).unwrap();
    let shown = log.record(RecordName::Index(1)).unwrap().unwrap();
    let kek = shown.logged.record.sealed.unwrap().kek.to_string();

    // Gone: named, with the place where it was looked for.
    let aside = dir.path().join("keys").join("aside");
    std::fs::rename(&keys.current, &aside).unwrap();
    let text = refused(config(dir.path())).await;
    assert!(
        text.contains(&kek) && text.contains("kek.key` is not there"),
        "{text}"
    );
    // Another one in its place: both named.
    let other = tempfile::tempdir().unwrap();
    start(other.path()).await.stop().await;
    std::fs::copy(&KekFiles::of(other.path()).current, &keys.current).unwrap();
    let text = refused(config(dir.path())).await;
    assert!(
        text.contains(&kek) && text.contains("has the key"),
        "{text}"
    );
    assert!(matches!(Log::open(dir.path()), Err(OfflineError::Keys(_))));
    // Not a key.
    std::fs::write(&keys.current, "concord.kek/v1 c2hvcnQ=\n").unwrap();
    let text = refused(config(dir.path())).await;
    assert!(text.contains("32 bytes in base64"), "{text}");

    // Without the key the tree is checked, and nothing is shown.
    let log = Log::open_with(dir.path(), &no_keys(dir.path())).unwrap();
    let report = log.fsck().unwrap();
    assert!(report.is_ok() && report.checkpoint_ok, "{report:?}");
    assert_eq!((report.records, report.opened, report.locked), (3, 0, 3));
    let shown = log.record(RecordName::Index(1)).unwrap().unwrap();
    assert_eq!(shown.held, Held::Locked);
    assert!(matches!(log.prove(1, &[]), Err(OfflineError::Locked)));
    let all = log.search(&Criteria::default(), u64::MAX, 10).unwrap();
    assert_eq!(all.records.len(), 3);
    let mut by_case = Criteria::default();
    by_case.with_value(Field::CaseReference, "case-7").unwrap();
    assert!(matches!(
        log.search(&by_case, u64::MAX, 10),
        Err(OfflineError::Locked)
    ));

    std::fs::rename(&aside, &keys.current).unwrap();
    let service = start(dir.path()).await;
    let mut client = service.client.clone();
    let found = client
        .search_records(api::SearchRecordsRequest::default())
        .await
        .unwrap();
    let actors: Vec<_> = found
        .into_inner()
        .records
        .into_iter()
        .map(|r| r.context.unwrap().actor)
        .collect();
    assert_eq!(actors, ["officer 12"; 3]);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_changed_with_overlap() {
    let dir = tempfile::tempdir().unwrap();
    let service = start(dir.path()).await;
    append_many(&service.client, "old", 3).await;
    service.stop().await;
    let old = KekFiles::of(dir.path()).current;
    let new = dir.path().join("keys").join("kek-2.key");
    let both = KekFiles {
        current: new.clone(),
        earlier: vec![old.clone()],
    };
    let alone = KekFiles {
        current: new.clone(),
        earlier: Vec::new(),
    };
    both.read_or_create().unwrap();
    // The new one alone does not do while records need the old one.
    let mut settings = config(dir.path());
    settings.kek_file = Some(new.clone());
    assert!(refused(settings.clone()).await.contains("has the key"));
    settings.earlier_kek_files = vec![old.clone()];
    let service = try_start(settings.clone()).await.unwrap();
    append_many(&service.client, "new", 2).await;
    assert!(matches!(
        rewrap(dir.path(), &both),
        Err(concord_audit::offline::RewrapError::Lock(_))
    ));
    service.stop().await;
    let body = |dir: &Path, keys: &KekFiles, index: u64| {
        let log = Log::open_with(dir, keys).unwrap();
        let shown = log.record(RecordName::Index(index)).unwrap().unwrap();
        shown.held.contents().unwrap().body.clone().unwrap()
    };
    let sealed = |dir: &Path, keys: &KekFiles| {
        let log = Log::open_with(dir, keys).unwrap();
        log.record(RecordName::Index(0))
            .unwrap()
            .unwrap()
            .logged
            .record
            .sealed
            .unwrap()
    };
    let before = sealed(dir.path(), &both);

    let done = rewrap(dir.path(), &both).unwrap();
    assert_eq!((done.rewrapped, done.encrypted), (3, 0));
    let after = sealed(dir.path(), &both);
    assert!(
        (&after.head, &after.body) == (&before.head, &before.body),
        "bodies stay as they are"
    );
    assert!(after.kek != before.kek && after.kek == done.kek);
    assert!(
        !has(dir.path(), &before.key),
        "the replaced key is still there"
    );
    assert_eq!(rewrap(dir.path(), &both).unwrap().rewrapped, 0);

    // The old one is needed no more, also for finding by value, and does not open anything.
    std::fs::remove_file(&old).unwrap();
    assert_eq!(fsck(dir.path(), &alone).opened, 5);
    assert_eq!(body(dir.path(), &alone, 0), b"body of old-0");
    assert_eq!(body(dir.path(), &alone, 4), b"body of new-1");
    settings.earlier_kek_files.clear();
    let service = try_start(settings).await.unwrap();
    let by_case = api::SearchRecordsRequest {
        case_reference: "case-7".to_owned(),
        ..api::SearchRecordsRequest::default()
    };
    let found = service
        .client
        .clone()
        .search_records(by_case)
        .await
        .unwrap();
    assert_eq!(found.into_inner().records.len(), 5);
    service.stop().await;
}
