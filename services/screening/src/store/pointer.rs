//! The file `current`: which snapshot counts, and what is recorded beside it.

use concord_lists::{ListId, Shrinkage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const FORMAT: &str = "concord-list-store/1";

/// What `current` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// Digest of the current snapshot, `sha256:<hex>`.
    pub digest: String,
    /// Digest of the one that it was made from.
    pub previous: Option<String>,
    /// Its lists.
    pub lists: Vec<ListRecord>,
}

/// What is recorded of one list beside its snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRecord {
    /// Source word (`us_csl`, …).
    pub source: String,
    /// The list.
    pub list: ListId,
    /// Parties in it.
    pub parties: u64,
    /// When it was loaded; loading the same content again moves it.
    pub loaded_at: Timestamp,
    /// What it had lost when its content last changed, unless a person accepted that.
    pub shrunk: Option<Shrinkage>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    digest: String,
    previous: Option<String>,
    lists: Vec<WrittenList>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenList {
    source: String,
    list: String,
    parties: u64,
    loaded_at: String,
    /// Parties before it shrank.
    shrunk_from: Option<u64>,
}

impl Pointer {
    /// The record of one list.
    pub fn record(&self, source: &str, list: &ListId) -> Option<&ListRecord> {
        self.lists
            .iter()
            .find(|r| r.source == source && r.list == *list)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let lists = self.lists.iter().map(|r| WrittenList {
            source: r.source.clone(),
            list: r.list.to_string(),
            parties: r.parties,
            loaded_at: r.loaded_at.to_string(),
            shrunk_from: r.shrunk.as_ref().map(|s| s.before),
        });
        let written = Written {
            format: FORMAT.to_owned(),
            digest: self.digest.clone(),
            previous: self.previous.clone(),
            lists: lists.collect(),
        };
        // Plain strings and numbers: there is nothing in it that JSON cannot say.
        let mut bytes = serde_json::to_vec_pretty(&written).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if written.format != FORMAT {
            return Err(format!(
                "its format is `{}`; this program reads `{FORMAT}`",
                written.format
            ));
        }
        for digest in [Some(&written.digest), written.previous.as_ref()]
            .into_iter()
            .flatten()
        {
            let hex = digest.strip_prefix("sha256:").unwrap_or_default();
            if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(format!("`{digest}` is not a digest"));
            }
        }
        let lists = written
            .lists
            .into_iter()
            .map(WrittenList::record)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            digest: written.digest,
            previous: written.previous,
            lists,
        })
    }
}

impl WrittenList {
    fn record(self) -> Result<ListRecord, String> {
        let list =
            ListId::new(&self.list).ok_or_else(|| format!("list `{}` is not known", self.list))?;
        let loaded_at = self
            .loaded_at
            .parse()
            .map_err(|_| format!("`{}` is not an RFC 3339 time", self.loaded_at))?;
        let shrunk = self
            .shrunk_from
            .and_then(|before| shrinkage(&self.source, &list, before, self.parties));
        Ok(ListRecord {
            source: self.source,
            list,
            parties: self.parties,
            loaded_at,
            shrunk,
        })
    }
}

/// What a list lost between two counts, if anything.
pub(super) fn shrinkage(source: &str, list: &ListId, before: u64, after: u64) -> Option<Shrinkage> {
    let lost = before.checked_sub(after).filter(|lost| *lost > 0)?;
    Some(Shrinkage {
        source: source.to_owned(),
        list: list.clone(),
        before,
        after,
        lost_per_mille: lost.saturating_mul(1000).div_ceil(before),
    })
}
