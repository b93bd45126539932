//! What a witness has seen of our log against what is stored: a log restored from an old backup has
//! signed more than it has.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use concord_kit::files::write_whole;
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::Hash;
use concord_tlog::note::KnownKeys;
use concord_tlog::tree::root_of_size;

use crate::lock::private_dir;
use crate::start::StartError;
use crate::store::{Reads, StoreError, required_node};

/// Our log, for comparing.
pub(crate) struct Ours {
    pub origin: String,
    pub keys: KnownKeys,
    pub data_dir: PathBuf,
    pub reads: Arc<dyn Reads>,
}

/// What a witness's memory of us says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// It is the beginning of what is stored.
    Agrees {
        /// Its size.
        size: u64,
    },
    /// It is signed by us and larger than what is stored.
    Ahead {
        /// The signed checkpoint that it has.
        seen: String,
        /// What is stored.
        stored: String,
        /// In words.
        why: String,
    },
    /// It is signed by us and has another root than what is stored.
    Forked {
        /// The signed checkpoint that it has.
        seen: String,
        /// What is stored.
        stored: String,
        /// In words.
        why: String,
    },
}

impl Ours {
    /// Compares a checkpoint that somebody has of us with what is stored.
    pub async fn compare(&self, seen: &str) -> Result<View, String> {
        let opened = Checkpoint::open(seen.as_bytes(), &self.origin, &self.keys);
        // Not signed by us: it says nothing about us.
        let (checkpoint, _) = opened.map_err(|e| format!("what it has seen: {e}"))?;
        let (reads, seen) = (self.reads.clone(), seen.to_owned());
        let compared = tokio::task::spawn_blocking(move || compare(&*reads, &checkpoint, seen));
        let compared = compared.await.map_err(|e| e.to_string())?;
        compared.map_err(|e| e.to_string())
    }
}

pub(crate) fn compare(
    reads: &dyn Reads,
    checkpoint: &Checkpoint,
    seen: String,
) -> Result<View, StoreError> {
    let latest = reads
        .latest()?
        .ok_or_else(|| StoreError::Damaged("it has no checkpoint".to_owned()))?;
    let (size, stored) = (checkpoint.size(), latest.note);
    if size > latest.size {
        let why = format!(
            "{size} records were signed and seen, {} are stored",
            latest.size
        );
        return Ok(View::Ahead { seen, stored, why });
    }
    let node = |node| required_node(reads, node);
    let root: Hash = root_of_size(size, &node).map_err(|e| StoreError::Damaged(e.to_string()))?;
    if root != checkpoint.root() {
        let why =
            format!("the first {size} records have another root than the one signed and seen");
        return Ok(View::Forked { seen, stored, why });
    }
    Ok(View::Agrees { size })
}

impl View {
    /// The refusal, with its evidence written to the data directory.
    pub fn refusal(&self, ours: &Ours, witness: &str) -> StartError {
        let (kind, seen, stored, why) = match self {
            Self::Agrees { .. } => ("agrees", "", "", ""),
            Self::Ahead { seen, stored, why } => ("rolled-back", &**seen, &**stored, &**why),
            Self::Forked { seen, stored, why } => ("forked", &**seen, &**stored, &**why),
        };
        let keys = ours.keys.iter().map(|key| format!("key {key}\n"));
        let text = format!(
            "concord.evidence/v1\nkind {kind}\norigin {}\n{}witness {witness}\nwhy {why}\n\
             stored {}\nseen {}\n",
            ours.origin,
            keys.collect::<String>(),
            STANDARD.encode(stored),
            STANDARD.encode(seen),
        );
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let dir = ours.data_dir.join("evidence");
        let path = dir.join(format!("{}-{kind}.txt", now.as_micros()));
        let written = private_dir(&dir).and_then(|()| write_whole(&path, text.as_bytes()));
        if let Err(error) = written {
            let path = path.display();
            tracing::error!(%error, %path, evidence = text, "the evidence could not be written");
        }
        StartError::RolledBack {
            why: format!("the witness `{witness}` shows it: {why}"),
            evidence: path,
        }
    }
}
