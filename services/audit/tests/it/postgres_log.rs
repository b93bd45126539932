//! A log in PostgreSQL: its tables and their versions, what is wrong with them, dumps, TLS.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use concord_audit::offline::{Log, RewrapError, rewrap_cluster};
use concord_audit::store::postgres::{PostgresConfig, migrate};
use concord_audit::vault::KekFiles;
use concord_audit::{BuildError, Config};

use crate::running::{append, append_many, config, start, stored, try_start};
use crate::stores::{LogDir, Server, Stores, URL_FILE};

fn database_of(dir: &LogDir) -> String {
    let url = std::fs::read_to_string(dir.path().join(URL_FILE)).unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

async fn refused(config: Config) -> String {
    match try_start(config).await {
        Ok(_) => panic!("it was started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_as_signed_is_not_served() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let dir = stores.dir();
    let service = try_start(config(dir.path())).await.unwrap();
    append_many(&service.client, "r", 6).await;
    service.stop().await;
    assert!(stored(dir.path()).fsck().unwrap().is_ok());
    let at_start = [
        "UPDATE nodes SET hash = decode(repeat('00', 32), 'hex') WHERE level = 2 AND idx = 0",
        "DELETE FROM nodes WHERE level = 1 AND idx = 2",
        "DELETE FROM checkpoints WHERE size = 6",
        "DELETE FROM leaves WHERE idx = 5",
        "UPDATE checkpoints SET note = replace(note, '6', '7') WHERE size = 6",
        "UPDATE checkpoints SET root = decode(repeat('00', 32), 'hex') WHERE size = 6",
        "UPDATE leaves SET leaf = (SELECT leaf FROM leaves WHERE idx = 4) WHERE idx = 5",
        "INSERT INTO nodes (level, idx, hash) VALUES (0, 6, decode(repeat('00', 32), 'hex'))",
    ];
    // What only fsck looks at.
    let by_fsck = [
        "UPDATE intake SET body = 'other' WHERE request_id = 'r-2'",
        "UPDATE intake SET request_id = 'other' WHERE request_id = 'r-2'",
        "DELETE FROM intake WHERE request_id = 'r-2'",
        "UPDATE leaves SET time = time + 1 WHERE idx = 2",
        "INSERT INTO pending SELECT seq FROM leaves WHERE idx = 3",
        "DELETE FROM leaves WHERE idx = 2",
    ];
    let damages = at_start.map(|sql| (sql, true)).into_iter();
    for (sql, refuses) in damages.chain(by_fsck.map(|sql| (sql, false))) {
        let copy = stores.copy_of(&dir);
        stores.damage(&copy, sql);
        let report = stored(copy.path()).fsck().unwrap();
        assert!(!report.is_ok(), "{sql}: fsck finds nothing");
        if refuses {
            let text = refused(config(copy.path())).await;
            let said = text.contains("not the one that was signed") || text.contains("damaged");
            assert!(said, "{sql}: {text}");
        }
    }
    try_start(config(stores.copy_of(&dir).path()))
        .await
        .unwrap()
        .stop()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_another_version_and_a_server_that_may_lose_are_refused_by_name() {
    if Stores::postgres().is_none() {
        return;
    }
    let server = Arc::new(Server::new().unwrap());
    let stores = Stores::Postgres(server.clone());
    let dir = stores.dir();
    let database = database_of(&dir);
    server.execute(&database, "UPDATE concord.schema_version SET version = 99");
    let text = refused(config(dir.path())).await;
    assert!(
        text.contains("has schema version 99") && text.contains("use the newer program"),
        "{text}"
    );
    let owner = PostgresConfig::new(server.url_as("concord_owner", &database))
        .read()
        .unwrap();
    let text = migrate(&owner, "concord_audit").unwrap_err().to_string();
    assert!(text.contains("has schema version 99"), "{text}");
    server.execute(&database, "UPDATE concord.schema_version SET version = 0");
    let text = refused(config(dir.path())).await;
    assert!(text.contains("`concord log migrate`"), "{text}");
    server.execute("postgres", "CREATE DATABASE empty OWNER concord_owner");
    std::fs::write(dir.path().join(URL_FILE), server.url("empty")).unwrap();
    let text = refused(config(dir.path())).await;
    assert!(text.contains("holds no audit log"), "{text}");
    let empty = PostgresConfig::new(server.url_as("concord_owner", "empty"))
        .read()
        .unwrap();
    let text = migrate(&empty, "concord_owner").unwrap_err().to_string();
    assert!(text.contains("must not be the one that owns"), "{text}");
    let text = migrate(&empty, "nobody").unwrap_err().to_string();
    assert!(text.contains("no role `nobody`"), "{text}");
    assert_eq!(migrate(&empty, "concord_audit").unwrap().0, 0);
    assert_eq!(
        migrate(&empty, "concord_audit").unwrap().0,
        1,
        "again does nothing"
    );
    try_start(config(dir.path())).await.unwrap().stop().await;
    // `fsync` can only be changed at a start, this one while it runs.
    server.execute("postgres", "ALTER SYSTEM SET full_page_writes = off");
    server.execute("postgres", "SELECT pg_reload_conf()");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let error = try_start(config(dir.path())).await.err().unwrap();
    assert!(matches!(error, BuildError::Start(_)));
    assert!(
        error.to_string().contains("`full_page_writes` is `off`"),
        "{error}"
    );
}

#[test]
fn settings_that_would_send_a_password_or_a_record_in_the_clear_are_refused() {
    let text = |config: PostgresConfig| config.read().unwrap_err().to_string();
    let url = |url: &str| text(PostgresConfig::new(url));
    assert!(url("postgres://a:secret@%2Ftmp/b").contains("must not hold a password"));
    assert!(!url("postgres://a:secret@%2Ftmp/b").contains("secret"));
    assert!(url("postgres://a@db.example/b").starts_with("`postgres.ca_file`: must be set"));
    assert!(url("postgres://db.example/b").contains("must name a role"));
    assert!(url("postgres://a@db.example").contains("a database"));
    assert!(url("mysql://a@db.example/b").contains("is not a PostgreSQL URL"));
    let few = PostgresConfig {
        connections: 2,
        ..PostgresConfig::new("postgres://a@%2Ftmp/b")
    };
    assert!(text(few).contains("at least 4"));
    let absent = Path::new("/nowhere/password");
    let absent = PostgresConfig {
        password_file: Some(absent.to_owned()),
        ..PostgresConfig::new("postgres://a@%2Ftmp/b")
    };
    assert!(text(absent).contains("/nowhere/password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_a_served_log_is_restored_whole_and_knows_that_it_is_a_copy() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let Stores::Postgres(server) = &stores else {
        return;
    };
    let dir = stores.dir();
    let service = try_start(config(dir.path())).await.unwrap();
    append_many(&service.client, "before", 20).await;
    let client = service.client.clone();
    let load = tokio::spawn(async move { append_many(&client, "during", 60).await });
    let file = dir.path().join("dump");
    let (from, out) = (server.url_as("postgres", &database_of(&dir)), file.clone());
    let dumped = tokio::task::spawn_blocking(move || {
        run(Command::new("pg_dump")
            .args(["-Fc", "-n", "concord", "-d", &from, "-f"])
            .arg(out));
    });
    dumped.await.unwrap();
    load.await.unwrap();
    service.stop().await;

    server.execute("postgres", "CREATE DATABASE restored OWNER concord_owner");
    run(Command::new("pg_restore")
        .args(["-d", &server.url_as("postgres", "restored")])
        .arg(&file));
    std::fs::write(dir.path().join(URL_FILE), server.url("restored")).unwrap();
    let report = stored(dir.path()).fsck().unwrap();
    assert!(
        report.is_ok() && (20..=80).contains(&report.records),
        "{report:?}"
    );
    let service = try_start(config(dir.path())).await.unwrap();
    let marked = server.ask(
        "restored",
        "SELECT name FROM concord.marks WHERE name = 'restored'",
    );
    assert_eq!(
        marked.unwrap(),
        ["restored"],
        "a witness must speak first, where there are some"
    );
    // Nothing of the rights is lost on the way, and what waited goes on.
    let next = append(&service.client, "after").await;
    assert!(next.index >= report.records);
    service.stop().await;
    assert!(stored(dir.path()).fsck().unwrap().is_ok());
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn a_server_over_tcp_is_reached_with_tls_and_a_password_and_only_with_its_own_ca() {
    if Stores::postgres().is_none() {
        return;
    }
    let server = Server::new().unwrap();
    let database = server.database(None);
    let (port, ca) = server.serve_tls();
    let dir = tempfile::tempdir().unwrap();
    let password = dir.path().join("password");
    std::fs::write(&password, "a password of the test\n").unwrap();
    server.execute(
        "postgres",
        "ALTER ROLE concord_audit PASSWORD 'a password of the test'",
    );
    let secure = PostgresConfig {
        password_file: Some(password.clone()),
        ca_file: Some(ca),
        ..PostgresConfig::new(format!(
            "postgres://concord_audit@localhost:{port}/{database}"
        ))
    };
    let reached = |config: &PostgresConfig| match Log::connect(
        config,
        &KekFiles::of(Path::new("/nowhere")),
    ) {
        Ok(_) => "a log".to_owned(),
        Err(error) => error.to_string(),
    };
    // There are tables and no log yet: it came through, and read.
    assert!(
        reached(&secure).contains("holds no audit log"),
        "{}",
        reached(&secure)
    );
    let other = dir.path().join("other");
    run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=other",
            "-keyout",
        ])
        .arg(dir.path().join("other.key"))
        .arg("-out")
        .arg(&other));
    let stranger = PostgresConfig {
        ca_file: Some(other),
        ..secure.clone()
    };
    assert!(
        reached(&stranger).contains("cannot be used"),
        "{}",
        reached(&stranger)
    );
    let other_name = PostgresConfig {
        url: secure.url.replace("localhost", "127.0.0.1"),
        ..secure.clone()
    };
    assert!(
        reached(&other_name).contains("cannot be used"),
        "{}",
        reached(&other_name)
    );
    std::fs::write(&password, "wrong").unwrap();
    assert!(
        reached(&secure).contains("password authentication failed"),
        "{}",
        reached(&secure)
    );
    let clear = PostgresConfig {
        ca_file: None,
        dev_plaintext: true,
        ..secure
    };
    assert!(
        reached(&clear).contains("no encryption"),
        "{}",
        reached(&clear)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agencys_key_is_changed_while_the_log_is_served() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let dir = stores.dir();
    let service = start(dir.path()).await;
    append_many(&service.client, "old", 3).await;
    let postgres = crate::stores::settings(dir.path()).unwrap();
    let old = KekFiles::of(dir.path());
    let alone = KekFiles {
        current: dir.path().join("keys").join("kek-2.key"),
        earlier: Vec::new(),
    };
    let both = KekFiles {
        earlier: vec![old.current.clone()],
        ..alone.clone()
    };
    both.read_or_create().unwrap();
    // A replica that goes on with the old key is found out, and nothing is forgotten.
    assert!(matches!(
        rewrap_cluster(&postgres, &alone),
        Err(RewrapError::Begin(_))
    ));
    service.stop().await;
    let mut settings = config(dir.path());
    settings.kek_file = Some(both.current.clone());
    settings.earlier_kek_files.clone_from(&both.earlier);
    let service = try_start(settings).await.unwrap();
    append_many(&service.client, "new", 2).await;
    let (given, keys) = (postgres.clone(), both.clone());
    let done = tokio::task::spawn_blocking(move || rewrap_cluster(&given, &keys));
    let done = done.await.unwrap().unwrap();
    assert_eq!((done.encrypted, done.rewrapped), (0, 3));
    append_many(&service.client, "later", 1).await;
    service.stop().await;
    // The old key can be destroyed.
    std::fs::remove_file(&old.current).unwrap();
    let check = move || Log::connect(&postgres, &alone).unwrap().fsck().unwrap();
    let report = tokio::task::spawn_blocking(check).await.unwrap();
    assert!(report.is_ok(), "{report:?}");
    assert_eq!((report.records, report.opened), (6, 6));
}
