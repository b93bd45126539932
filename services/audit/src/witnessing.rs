//! Asking witnesses to cosign our checkpoints (C2SP tlog-witness): k of n, in rounds, each with the
//! latest checkpoint; and comparing what they have seen of us with what is stored here.

mod ask;
mod view;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use concord_kit::config::ConfigError;
use concord_tlog::hash::Hash;
use concord_tlog::note::{KnownKeys, Note, VerifierKey};
use concord_tlog::tree::consistency_proof;
use concord_tlog::witness::AddCheckpoint;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use http::{Method, StatusCode};
use serde::Deserialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::counterpart::cosignatures;
use crate::error::read_failed;
use crate::reader::Reader;
use crate::record::SignedCheckpoint;
use crate::start::StartError;
use crate::store::{Reads, Role, StoreError, Trusted, required_node};
use crate::writer::WriterHandle;
use ask::Address;
pub(crate) use view::{Ours, View, compare as view_of};

/// After a round that did not reach the quorum.
const RETRY: Duration = Duration::from_secs(1);

/// Which witnesses are asked, and how many must have cosigned.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessingConfig {
    /// A checkpoint is witnessed when this many of the witnesses have cosigned it.
    pub quorum: usize,
    /// The witnesses.
    pub witnesses: Vec<WitnessConfig>,
    /// Least time between two rounds, in milliseconds; default 100.
    #[serde(default = "interval_ms")]
    pub interval_ms: u64,
    /// Longest time for one request, in milliseconds; default 2000.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Longest time that an append with `wait_for` WITNESSED waits, in milliseconds; default 5000.
    #[serde(default = "wait_ms")]
    pub wait_ms: u64,
}

/// One witness.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Its submission and monitoring prefix, for example `https://audit.kr.example:7106/witness`.
    pub url: String,
    /// Its verifier keys (C2SP vkey); a cosignature of one of them counts.
    pub vkeys: Vec<String>,
    /// PEM file of the CA certificates that may vouch for it; required for `https`.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

fn interval_ms() -> u64 {
    100
}

fn timeout_ms() -> u64 {
    2_000
}

fn wait_ms() -> u64 {
    5_000
}

/// The witnesses of a log.
pub(crate) struct Witnesses {
    all: Vec<Witness>,
    quorum: usize,
    interval: Duration,
    timeout: Duration,
}

struct Witness {
    address: Address,
    name: String,
    keys: KnownKeys,
    /// Size of the last checkpoint that it cosigned, as far as we know.
    old: AtomicU64,
}

impl WitnessingConfig {
    /// Checks the settings.
    pub(crate) fn read(&self) -> Result<Witnesses, ConfigError> {
        let bad = |key: String, text: String| ConfigError::invalid(key, text);
        if self.quorum == 0 || self.quorum > self.witnesses.len() {
            let text = format!(
                "must be 1 to {}, the number of witnesses",
                self.witnesses.len()
            );
            return Err(bad("witnessing.quorum".to_owned(), text));
        }
        let mut all = Vec::new();
        for (i, witness) in self.witnesses.iter().enumerate() {
            let key = |part: &str| format!("witnessing.witnesses[{i}].{part}");
            let vkeys = witness.vkeys.iter().map(|v| VerifierKey::parse(v));
            let vkeys = vkeys.collect::<Result<Vec<_>, _>>();
            let vkeys = vkeys.map_err(|e| bad(key("vkeys"), e.to_string()))?;
            let Some(name) = vkeys.first().map(|k| k.name().to_owned()) else {
                return Err(bad(key("vkeys"), "is empty".to_owned()));
            };
            if all.iter().any(|other: &Witness| other.name == name) {
                // Its one signature would count twice towards the quorum.
                let text = format!("`{name}` is there already: a witness is named once");
                return Err(bad(key("vkeys"), text));
            }
            let keys = KnownKeys::new(vkeys).map_err(|e| bad(key("vkeys"), e.to_string()))?;
            let address = Address::parse(&witness.url, witness.ca_file.as_ref());
            all.push(Witness {
                address: address.map_err(|e| bad(key("url"), e))?,
                name,
                keys,
                old: AtomicU64::new(0),
            });
        }
        Ok(Witnesses {
            all,
            quorum: self.quorum,
            interval: Duration::from_millis(self.interval_ms),
            timeout: Duration::from_millis(self.timeout_ms),
        })
    }

    /// The keys, for what is kept beside the log.
    pub(crate) fn trusted(&self) -> impl Iterator<Item = Trusted> {
        let keys = self.witnesses.iter().flat_map(|w| w.vkeys.iter().cloned());
        keys.map(|vkey| Trusted {
            role: Role::Witness,
            name: vkey.split('+').next().unwrap_or_default().to_owned(),
            vkey,
        })
    }
}

/// What came of asking one witness.
enum Asked {
    /// The checkpoint with its cosignatures.
    Cosigned(Note),
    /// It has seen more of us, or something else, than is stored here.
    Contradicted(View),
    /// Nothing, this time.
    Failed(String),
}

impl Witnesses {
    /// What the witnesses have seen of us, before anything is signed: how many were asked, or what
    /// forbids to go on.
    pub async fn views(&self, ours: &Ours) -> Result<usize, StartError> {
        let views = join_all(self.all.iter().map(|w| self.view(w, ours))).await;
        let mut seen = 0;
        for (witness, view) in self.all.iter().zip(views) {
            match view {
                Ok(View::Agrees { size }) => {
                    witness.old.store(size, Ordering::Relaxed);
                    seen += 1;
                }
                Ok(contradiction) => return Err(contradiction.refusal(ours, &witness.name)),
                Err(problem) => {
                    let witness = &witness.name;
                    tracing::warn!(
                        witness,
                        problem,
                        "a witness could not be asked what it has seen"
                    );
                }
            }
        }
        Ok(seen)
    }

    async fn view(&self, witness: &Witness, ours: &Ours) -> Result<View, String> {
        let origin = Hash::of(&[ours.origin.as_bytes()]);
        let path = format!("{origin:x}/checkpoint");
        let asked = witness.address.ask(Method::GET, &path, String::new());
        let (status, note) = tokio::time::timeout(self.timeout, asked)
            .await
            .map_err(|_| "it does not answer".to_owned())??;
        match status {
            StatusCode::OK => ours.compare(&note).await,
            StatusCode::NOT_FOUND => Ok(View::Agrees { size: 0 }),
            other => Err(format!("it answers with the status {other}")),
        }
    }

    /// Asks in rounds until `stop`. `witnessed` is told the size of every checkpoint that reached the
    /// quorum, after it is stored.
    pub async fn run(
        self,
        ours: Ours,
        reader: Reader,
        writer: WriterHandle,
        witnessed: watch::Sender<u64>,
        stop: CancellationToken,
    ) {
        let mut grown = writer.grown();
        loop {
            if !writer.leads() {
                // Another replica asks; what it has been given counts here, too.
                let kept = reader.run(|reads| reads.witnessed().map_err(read_failed));
                if let Ok(Some(kept)) = kept.await {
                    witnessed
                        .send_if_modified(|size| std::mem::replace(size, kept.size) != kept.size);
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(self.interval) => continue,
                }
            }
            grown.borrow_and_update();
            let pause = match self.round(&ours, &reader, &writer, &witnessed).await {
                Ok(true) => self.interval,
                Ok(false) => RETRY,
                Err(why) => {
                    writer.halt(why).await;
                    return;
                }
            };
            let next = async {
                tokio::time::sleep(pause).await;
                if pause < RETRY {
                    let _ = grown.changed().await; // the writer's end is seen by `stop`
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = next => {}
            }
        }
    }

    /// One round; false if it is to be tried again without news.
    async fn round(
        &self,
        ours: &Ours,
        reader: &Reader,
        writer: &WriterHandle,
        witnessed: &watch::Sender<u64>,
    ) -> Result<bool, String> {
        let latest = reader
            .run(|reads| reads.latest().map_err(read_failed))
            .await;
        let Ok(Some(latest)) = latest else {
            return Ok(false);
        };
        if latest.size == 0 || latest.size <= *witnessed.borrow() {
            return Ok(true);
        }
        let Ok(mut note) = Note::parse(latest.note.as_bytes()) else {
            return Ok(false);
        };
        let (checkpoint, signed) = (&latest, &note);
        let ask = |witness| async move {
            let asked = self.cosign(witness, ours, reader, checkpoint, signed);
            (witness, asked.await)
        };
        let mut asked: FuturesUnordered<_> = self.all.iter().map(ask).collect();
        let (mut cosigned, mut added) = (0, Vec::new());
        loop {
            // Once there are enough, the others have a moment more: one that hangs holds nothing up.
            let next = match cosigned < self.quorum {
                true => asked.next().await,
                false => tokio::time::timeout(self.interval, asked.next())
                    .await
                    .unwrap_or_default(),
            };
            let Some((witness, answer)) = next else {
                break;
            };
            match answer {
                Asked::Cosigned(with) => {
                    cosigned += 1;
                    added.extend(with.only(&witness.keys).signatures().to_vec());
                }
                Asked::Failed(problem) => {
                    let witness = &witness.name;
                    tracing::warn!(witness, problem, "a witness has not cosigned");
                }
                Asked::Contradicted(view) => {
                    return Err(view.refusal(ours, &witness.name).to_string());
                }
            }
        }
        drop(asked);
        if cosigned < self.quorum {
            return Ok(false);
        }
        for signature in added {
            let _ = note.push(signature); // 64 have room
        }
        let size = latest.size;
        let signed = SignedCheckpoint {
            note: note.to_string(),
            ..latest
        };
        match writer.keep_witnessed(signed).await {
            Ok(()) => {
                witnessed.send_replace(size);
                Ok(true)
            }
            Err(error) => {
                tracing::error!(%error, "a cosigned checkpoint could not be kept");
                Ok(false)
            }
        }
    }

    async fn cosign(
        &self,
        witness: &Witness,
        ours: &Ours,
        reader: &Reader,
        latest: &SignedCheckpoint,
        note: &Note,
    ) -> Asked {
        // Once from what we believe, once from what it says.
        for _ in 0..2 {
            let old_size = witness.old.load(Ordering::Relaxed).min(latest.size);
            let body = match request(reader, old_size, latest.size, note).await {
                Ok(request) => request.to_string(),
                Err(problem) => return Asked::Failed(problem),
            };
            let asked = witness.address.ask(Method::POST, "add-checkpoint", body);
            let (status, answer) = match tokio::time::timeout(self.timeout, asked).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(problem)) => return Asked::Failed(problem),
                Err(_) => return Asked::Failed("it does not answer".to_owned()),
            };
            match status {
                StatusCode::OK => {
                    let with = cosignatures(&answer, note, &witness.keys);
                    if with.signatures().len() == note.signatures().len() {
                        return Asked::Failed("it cosigned with no key that is known".to_owned());
                    }
                    witness.old.store(latest.size, Ordering::Relaxed);
                    return Asked::Cosigned(with);
                }
                StatusCode::CONFLICT => match answer.trim_end().parse::<u64>() {
                    Ok(size) if size <= latest.size => witness.old.store(size, Ordering::Relaxed),
                    _ => return self.look(witness, ours, status).await,
                },
                StatusCode::UNPROCESSABLE_ENTITY => return self.look(witness, ours, status).await,
                other => {
                    let text = format!("it answers with the status {other}: {answer:.200}");
                    return Asked::Failed(text);
                }
            }
        }
        Asked::Failed("it goes on cosigning other sizes".to_owned())
    }

    /// Looks at what a witness that does not go along has seen.
    async fn look(&self, witness: &Witness, ours: &Ours, status: StatusCode) -> Asked {
        match self.view(witness, ours).await {
            Ok(View::Agrees { .. }) => {
                Asked::Failed(format!("it answers with the status {status}"))
            }
            Ok(contradiction) => Asked::Contradicted(contradiction),
            Err(problem) => Asked::Failed(problem),
        }
    }
}

/// The add-checkpoint request for our checkpoint `note` of `size`.
async fn request(
    reader: &Reader,
    old_size: u64,
    size: u64,
    note: &Note,
) -> Result<AddCheckpoint, String> {
    let proof = reader
        .run(move |reads| prove(reads, old_size, size).map_err(read_failed))
        .await;
    Ok(AddCheckpoint {
        old_size,
        proof: proof.map_err(|e| e.to_string())?,
        note: note.clone(),
    })
}

/// The consistency proof of a request; from nothing and to the same size it is empty.
pub(crate) fn prove(reads: &dyn Reads, old: u64, new: u64) -> Result<Vec<Hash>, StoreError> {
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let node = |node| required_node(reads, node);
    consistency_proof(old, new, &node).map_err(|e| StoreError::Damaged(e.to_string()))
}

/// The origin and keys of our log, shared by whoever compares.
impl Ours {
    /// Those of the log that `reads` reads.
    pub fn new(origin: String, keys: KnownKeys, data_dir: PathBuf, reads: Arc<dyn Reads>) -> Self {
        Self {
            origin,
            keys,
            data_dir,
            reads,
        }
    }
}
