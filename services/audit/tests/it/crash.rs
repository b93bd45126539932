//! kill -9 in the middle of appends, again and again: nothing acknowledged is lost or changed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use concord_audit::offline::Log;
use concord_proto::audit as api;
use concord_proto::audit::get_record_request::Name;
use concord_proto::types as wire;
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::Hash;
use concord_tlog::note::Note;
use concord_tlog::proof::verify_consistency;

use crate::running::{client, config, request, start, try_start};

const CHILD_DIR: &str = "CONCORD_AUDIT_TEST_CHILD_DIR";
/// In CI; a long run says how many in `CONCORD_AUDIT_CRASH_CYCLES`.
const CYCLES: usize = 50;

/// Not a test of its own: the process that the test below kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child process of another test"]
async fn child() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else {
        return;
    };
    let dir = Path::new(&dir);
    let service = start(dir).await;
    std::fs::write(dir.join("addr.new"), service.addr.to_string()).unwrap();
    std::fs::rename(dir.join("addr.new"), dir.join("addr")).unwrap();
    std::future::pending::<()>().await;
}

/// The process, which does not outlive a failed test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill(); // SIGKILL
        let _ = self.0.wait();
    }
}

async fn spawn_child(dir: &Path) -> (Killed, SocketAddr) {
    let _ = std::fs::remove_file(dir.join("addr"));
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored"])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let child = Killed(child);
    for _ in 0..2_000 {
        if let Ok(addr) = std::fs::read_to_string(dir.join("addr")) {
            return (child, addr.parse().unwrap());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the child did not start");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_kill_9_and_the_holder_is_named_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    // Kept by this process, which is not killed: request id -> receipt.
    let mut ledger: BTreeMap<String, wire::Receipt> = BTreeMap::new();
    let cycles = std::env::var("CONCORD_AUDIT_CRASH_CYCLES");
    let cycles = cycles.map_or(CYCLES, |text| text.parse().unwrap());
    for cycle in 0..cycles {
        let (child, addr) = spawn_child(dir.path()).await;
        let text = match try_start(config(dir.path())).await {
            Ok(_) => panic!("two writers"),
            Err(error) => error.to_string(),
        };
        assert!(
            text.contains(&format!("process {}", child.0.id())),
            "{text}"
        );
        let workers: Vec<_> = (0..8)
            .map(|worker| {
                let mut client = client(addr);
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for i in 0.. {
                        let id = format!("c{cycle}-w{worker}-{i}");
                        match client.append(request(&id)).await {
                            Ok(answer) => {
                                acknowledged.push((id, answer.into_inner().receipt.unwrap()));
                            }
                            Err(_) => return (acknowledged, id),
                        }
                    }
                    unreachable!()
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20 + 37 * cycle as u64 % 211)).await;
        drop(child);
        let mut unsure = Vec::new();
        for worker in workers {
            let (acknowledged, last) = worker.await.unwrap();
            ledger.extend(acknowledged);
            unsure.push(last);
        }
        // What was acknowledged in this cycle and the one before; all of it at the end.
        let lately = |id: &str| {
            let of = id
                .split('-')
                .next()
                .and_then(|c| c[1..].parse::<usize>().ok());
            of.is_some_and(|of| of + 1 >= cycle)
        };
        let recent = ledger.iter().filter(|(id, _)| lately(id));
        let recent = recent
            .map(|(id, receipt)| (id.clone(), receipt.clone()))
            .collect();
        check(dir.path(), &recent, &unsure).await;
    }
    check(dir.path(), &ledger, &[]).await;
    assert!(ledger.len() > cycles, "something was acknowledged");
    let lost = 0; // each of them was looked for after the kill, the next one, and the last
    eprintln!("{cycles} kills, {} acknowledged, {lost} lost", ledger.len());
}

async fn check(dir: &Path, ledger: &BTreeMap<String, wire::Receipt>, unsure: &[String]) {
    let service = start(dir).await;
    let mut client = service.client.clone();
    let latest = client
        .get_checkpoint(api::GetCheckpointRequest {})
        .await
        .unwrap()
        .into_inner();
    let latest = checkpoint(&latest.checkpoint);
    for (id, receipt) in ledger {
        let asked = api::GetRecordRequest {
            name: Some(Name::Index(receipt.index)),
        };
        let record = client
            .get_record(asked)
            .await
            .unwrap()
            .into_inner()
            .record
            .unwrap();
        assert_eq!(record.receipt.as_ref(), Some(receipt));
        assert_eq!(record.body, request(id).body);
    }
    if let Some(receipt) = ledger.values().max_by_key(|receipt| receipt.index) {
        let old = checkpoint(&receipt.checkpoint);
        let asked = api::GetConsistencyProofRequest {
            from_size: old.size(),
            to_size: 0,
        };
        let proof = client
            .get_consistency_proof(asked)
            .await
            .unwrap()
            .into_inner()
            .hashes;
        let path: Vec<_> = proof
            .iter()
            .map(|hash| Hash::from_slice(hash).unwrap())
            .collect();
        let (old_root, root) = (old.root(), latest.root());
        verify_consistency(old.size(), latest.size(), &path, &old_root, &root).unwrap();
    }
    // What was not acknowledged is asked again with the same id: there is one record of it.
    for id in unsure {
        let first = client
            .append(request(id))
            .await
            .unwrap()
            .into_inner()
            .receipt
            .unwrap();
        let again = client.append(request(id)).await.unwrap().into_inner();
        assert!(again.existed);
        assert_eq!(again.receipt.unwrap(), first);
    }
    let report = Log::open(dir).unwrap().fsck().unwrap();
    assert!(report.is_ok(), "{report:?}");
    service.stop().await;
}

fn checkpoint(note: &str) -> Checkpoint {
    Checkpoint::parse(Note::parse(note.as_bytes()).unwrap().text()).unwrap()
}
