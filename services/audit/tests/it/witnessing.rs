//! Two logs that witness each other, the witness by the published script, and what a witness's memory
//! forbids.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use concord_audit::offline::Log;
use concord_audit::start::StartError;
use concord_audit::witnessing::{WitnessConfig, WitnessingConfig};
use concord_audit::{BuildError, Config, CosignerConfig};
use concord_proto::types as wire;
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::note::{KnownKeys, VerifierKey};

use crate::running::{
    ORIGIN, Running, append, append_many, ask, config, counterpart, get, http, problem, request,
    stored, try_start,
};
use crate::stores::{LogDir, Stores, both, settings as settings_of};

both!(
    a_receipt_is_witnessed_when_that_is_waited_for,
    without_a_witness_the_record_is_stored_and_the_level_refused,
    a_log_out_of_an_old_backup_refuses_to_sign_and_leaves_evidence,
);

const THEIRS: &str = "kr.concord.example/audit";

fn cosigner(name: &str) -> CosignerConfig {
    CosignerConfig {
        name: name.to_owned(),
        key_file: None,
        mldsa_key_file: None,
    }
}

/// Settings of a witness for the log with that key.
pub fn witness_of(dir: &Path, log_vkey: &str, listen: SocketAddr) -> Config {
    let mut settings = config(dir);
    settings.log_origin = THEIRS.to_owned();
    settings.http = Some(http());
    settings.http.as_mut().unwrap().listen = listen;
    settings.witness = Some(cosigner("kr.concord.example/witness"));
    let us = counterpart(ORIGIN, log_vkey);
    settings.counterparts.insert("bis".to_owned(), us);
    settings
}

pub fn asking(addr: SocketAddr, vkeys: &[String]) -> WitnessingConfig {
    WitnessingConfig {
        quorum: 1,
        witnesses: vec![WitnessConfig {
            url: format!("http://{addr}/witness"),
            vkeys: vkeys.to_vec(),
            ca_file: None,
        }],
        interval_ms: 20,
        timeout_ms: 2_000,
        wait_ms: 5_000,
    }
}

pub fn any() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// A log and its witness, and the settings of the log.
async fn pair(ours: &Path, theirs: &Path, hybrid: bool) -> (Running, Running, Config) {
    // The log's key comes first: its witness must know it.
    let mut settings = config(ours);
    if hybrid {
        settings.mldsa_key_file = Some(ours.join("keys").join("log-mldsa.pem"));
    }
    let first = try_start(settings.clone()).await.unwrap();
    let vkey = first.vkey.clone();
    first.stop().await;
    let mut theirs_settings = witness_of(theirs, &vkey, any());
    if hybrid {
        let keys = Log::open(ours).unwrap().verifier_keys();
        assert_eq!(keys.len(), 2);
        let bis = theirs_settings.counterparts.get_mut("bis").unwrap();
        bis.more_vkeys = keys.into_iter().filter(|key| *key != vkey).collect();
        let file = theirs.join("keys").join("witness-mldsa.pem");
        theirs_settings.witness.as_mut().unwrap().mldsa_key_file = Some(file);
    }
    let witness = try_start(theirs_settings).await.unwrap();
    settings.witnessing = Some(asking(witness.http.unwrap(), &witness.witness_keys));
    settings.http = Some(http());
    let log = try_start(settings.clone()).await.unwrap();
    (log, witness, settings)
}

pub fn witnessed(id: &str) -> concord_proto::audit::AppendRequest {
    let mut asked = request(id);
    asked.wait_for = wire::ReceiptLevel::Witnessed.into();
    asked
}

async fn a_receipt_is_witnessed_when_that_is_waited_for(stores: Stores) {
    let (ours, theirs) = (stores.dir(), stores.dir());
    let (log, witness, _) = pair(ours.path(), theirs.path(), false).await;
    let plain = append(&log.client, "plain").await;
    assert_eq!(plain.level(), wire::ReceiptLevel::Checkpointed);
    let mut client = log.client.clone();
    let answer = client.append(witnessed("w")).await.unwrap().into_inner();
    let receipt = answer.receipt.unwrap();
    assert_eq!(receipt.level(), wire::ReceiptLevel::Witnessed);
    let keys = [&log.vkey, &witness.witness_keys[0]];
    let keys = KnownKeys::new(keys.map(|key| VerifierKey::parse(key).unwrap())).unwrap();
    let opened = Checkpoint::open(receipt.checkpoint.as_bytes(), ORIGIN, &keys);
    let (checkpoint, signatures) = opened.unwrap();
    assert!(checkpoint.size() > receipt.index);
    assert_eq!(signatures.len(), 2);
    assert!(signatures[1].timestamp.unwrap() > 1_700_000_000);
    // The published checkpoint bears the cosignature, and the witness shows what it cosigned.
    let published = String::from_utf8(get(log.http.unwrap(), "/checkpoint").await).unwrap();
    assert!(
        published.contains("— kr.concord.example/witness "),
        "{published}"
    );
    let hash = concord_tlog::hash::Hash::of(&[ORIGIN.as_bytes()]);
    let path = format!("/witness/{hash:x}/checkpoint");
    let monitored = String::from_utf8(get(witness.http.unwrap(), &path).await).unwrap();
    let (monitored, both) = Checkpoint::open(monitored.as_bytes(), ORIGIN, &keys).unwrap();
    assert!(monitored.size() >= checkpoint.size() && both.len() == 2);
    let unknown = format!("/witness/{}/checkpoint", "0".repeat(64));
    assert_eq!(
        ask(witness.http.unwrap(), "GET", &unknown, b"").await.0,
        404
    );

    // A record of earlier is witnessed by asking again, and no second record is made.
    let again = client
        .append(witnessed("plain"))
        .await
        .unwrap()
        .into_inner();
    assert!(again.existed);
    let again = again.receipt.unwrap();
    assert_eq!(again.level(), wire::ReceiptLevel::Witnessed);
    assert_eq!(
        (again.index, &again.leaf_hash),
        (plain.index, &plain.leaf_hash)
    );

    // Offline, the bundle proves both signatures, and fsck has checked them.
    log.stop().await;
    let offline = stored(ours.path());
    let report = offline.fsck().unwrap();
    assert!(report.is_ok() && report.witnessed > 0, "{report:?}");
    let bundle = offline.prove(0, &[]).unwrap();
    let verified = concord_audit::offline::verify(&bundle, None).unwrap();
    assert_eq!(verified.signers.len(), 2);
    assert!(bundle.len() <= 8 * 1024, "{} bytes", bundle.len());
    witness.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hybrid_signatures_of_log_and_witness_fit_into_a_bundle_of_16_kb() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (log, witness, _) = pair(ours.path(), theirs.path(), true).await;
    let mut client = log.client.clone();
    let receipt = client
        .append(witnessed("w"))
        .await
        .unwrap()
        .into_inner()
        .receipt
        .unwrap();
    assert_eq!(
        receipt
            .checkpoint
            .lines()
            .filter(|l| l.starts_with('—'))
            .count(),
        4
    );
    log.stop().await;
    witness.stop().await;
    let stored = Log::open(ours.path()).unwrap();
    assert!(stored.fsck().unwrap().is_ok());
    let bundle = stored.prove(0, &[]).unwrap();
    let verified = concord_audit::offline::verify(&bundle, None).unwrap();
    assert_eq!(verified.signers.len(), 4);
    assert!(bundle.len() <= 16 * 1024, "{} bytes", bundle.len());
    // A bit in each part of it, those of the long signatures too; all of them in a long run.
    let step = match std::env::var_os("CONCORD_AUDIT_EVERY_BIT") {
        Some(_) => 1,
        None => 509,
    };
    let mut refused = 0;
    for bit in (0..bundle.len() * 8).step_by(step) {
        let mut changed = bundle.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            concord_audit::offline::verify(&changed, None).is_err(),
            "bit {bit}"
        );
        refused += 1;
    }
    eprintln!("{} bytes, {refused} flipped bits refused", bundle.len());
}

async fn without_a_witness_the_record_is_stored_and_the_level_refused(stores: Stores) {
    let (ours, theirs) = (stores.dir(), stores.dir());
    let (log, witness, mut settings) = pair(ours.path(), theirs.path(), false).await;
    let listen = witness.http.unwrap();
    log.stop().await;
    witness.stop().await;
    settings.witnessing.as_mut().unwrap().wait_ms = 300;
    let log = try_start(settings).await.unwrap();
    let mut client = log.client.clone();
    let refused = problem(client.append(witnessed("w")).await.unwrap_err());
    assert_eq!(refused.reason(), "NOT_WITNESSED");
    // When the witness is back, the same call is answered, and there is one record.
    let witness = try_start(witness_of(theirs.path(), &log.vkey, listen))
        .await
        .unwrap();
    let mut answer = client.append(witnessed("w")).await;
    for _ in 0..20 {
        if answer.is_ok() {
            break;
        }
        answer = client.append(witnessed("w")).await;
    }
    let answer = answer.unwrap().into_inner();
    assert!(answer.existed);
    assert_eq!(answer.receipt.unwrap().index, 0);
    log.stop().await;
    witness.stop().await;
}

async fn a_log_out_of_an_old_backup_refuses_to_sign_and_leaves_evidence(stores: Stores) {
    let (ours, theirs) = (stores.dir(), stores.dir());
    let (log, witness, settings) = pair(ours.path(), theirs.path(), false).await;
    append_many(&log.client, "before", 3).await;
    log.stop().await;
    let old = stores.copy_of(&ours);
    let log = try_start(settings.clone()).await.unwrap();
    log.client.clone().append(witnessed("later")).await.unwrap();
    let vkey = log.vkey.clone();
    log.stop().await;

    let mut restored = settings.clone();
    restored.data_dir = old.path().to_owned();
    restored.postgres = settings_of(old.path());
    let Err(BuildError::Start(StartError::RolledBack { why, evidence })) =
        try_start(restored.clone()).await
    else {
        panic!("an old log was started");
    };
    assert!(
        why.contains("4 records were signed and seen, 3 are stored"),
        "{why}"
    );
    let evidence = std::fs::read_to_string(evidence).unwrap();
    assert!(evidence.starts_with("concord.evidence/v1\nkind rolled-back\norigin us.concord"));
    assert_eq!(stored(old.path()).checkpoint().unwrap().size, 3);

    // The witness cannot be asked at the start.
    let listen = witness.http.unwrap();
    witness.stop().await;
    let witness = match stores {
        // The old log begins, and stops at the first round.
        Stores::Sqlite => stops_at_the_first_round(&old, restored, theirs.path(), listen).await,
        // The database knows that it is another copy of its data.
        Stores::Postgres(_) => {
            let unseen = try_start(restored).await.err().unwrap().to_string();
            assert!(unseen.contains("no witness could be asked"), "{unseen}");
            try_start(witness_of(theirs.path(), &vkey, listen))
                .await
                .unwrap()
        }
    };
    // The true log goes on.
    let log = try_start(settings).await.unwrap();
    log.client.clone().append(witnessed("true")).await.unwrap();
    log.stop().await;
    witness.stop().await;
}

/// An old log whose witness comes back only after it has begun to fork; gives the witness.
async fn stops_at_the_first_round(
    old: &LogDir,
    restored: Config,
    theirs: &Path,
    listen: SocketAddr,
) -> Running {
    let log = try_start(restored).await.unwrap();
    append(&log.client, "fork").await;
    let witness = try_start(witness_of(theirs, &log.vkey, listen))
        .await
        .unwrap();
    let mut stopped = false;
    for i in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer = log
            .client
            .clone()
            .append(request(&format!("more-{i}")))
            .await;
        if let Err(status) = answer {
            assert_eq!(problem(status).reason(), "WRITES_STOPPED");
            stopped = true;
            break;
        }
    }
    assert!(stopped, "a forked log goes on");
    assert!(old.path().join("evidence").read_dir().unwrap().count() >= 2);
    log.stop().await;
    witness
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_witness_script_over_http() {
    let Some(data) = std::env::var_os("CONCORD_TEST_DATA") else {
        let reason = "the witness script was not run: CONCORD_TEST_DATA does not lead to it";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}");
        eprintln!("{reason}");
        return;
    };
    let path = Path::new(&data).join("../specs/tlog-vectors.json");
    let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let log = vectors["keys"]["us log ed25519"]["vkey"].as_str().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut witness = try_start(witness_of(dir.path(), log, any())).await.unwrap();
    for (at, step) in vectors["witness_script"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        if at == 7 || at == 10 {
            // What was cosigned outlives the process.
            witness.stop().await;
            witness = try_start(witness_of(dir.path(), log, any())).await.unwrap();
        }
        let body = step["request"].as_str().unwrap();
        let addr = witness.http.unwrap();
        let (status, head, answer) =
            ask(addr, "POST", "/witness/add-checkpoint", body.as_bytes()).await;
        assert_eq!(
            u64::from(status),
            step["status"].as_u64().unwrap(),
            "{step}"
        );
        let answer = String::from_utf8(answer).unwrap();
        if status == 409 {
            assert_eq!(answer, step["body"].as_str().unwrap());
            assert!(head.contains("content-type: text/x.tlog.size"), "{head}");
        }
        if status == 200 {
            // The log appends the lines and verifies again.
            let note = format!("{}{answer}", body.split_once("\n\n").unwrap().1);
            let keys = [log, &witness.witness_keys[0]].map(|k| VerifierKey::parse(k).unwrap());
            let keys = KnownKeys::new(keys).unwrap();
            let (_, signed) = Checkpoint::open(note.as_bytes(), ORIGIN, &keys).unwrap();
            assert_eq!(signed.len(), 2);
        }
    }
    let evidence = Log::open(dir.path()).unwrap().evidence("bis").unwrap();
    assert_eq!(evidence.len(), 1, "the fork of the script, once");
    witness.stop().await;
}
