//! Good-guy lists: hits that a named person has looked at and found to be another party.
//!
//! An entry covers one party that is asked about (its name and what else the entry states of it) and one
//! entry of a list as it was looked at, by digest. A covered hit stays in the answer with who, when and
//! why; where the list's entry has changed or the decision has ended, the hit counts again.

use concord_lists::{Snapshot, sha256_hex};
use concord_proto::types as wire;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::wire::decode::AskedParty;

const FORMAT: &str = "concord-good-guys/1";

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoodGuy {
    /// The name that is asked about; case and spaces do not count.
    pub name: String,
    /// Its country; where empty, only parties without a country are meant.
    #[serde(default)]
    pub country: String,
    /// Its date of birth as it is stated when asked; where empty, it does not matter.
    #[serde(default)]
    pub birth_date: String,
    /// The listed party that it is not, by its id in the snapshot.
    pub party_id: String,
    /// Digest of that listed party as it was looked at ([`concord_lists::Party::digest`]).
    pub party_digest: String,
    /// Who decided.
    pub decided_by: String,
    /// Day of the decision, YYYY-MM-DD.
    pub decided_on: String,
    /// Last day on which it holds, YYYY-MM-DD; empty: no end.
    #[serde(default)]
    pub until: String,
    /// Why.
    pub reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    entries: Vec<GoodGuy>,
}

/// A deployment's good-guy list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoodGuys {
    entries: Vec<GoodGuy>,
    digest: String,
}

impl GoodGuy {
    /// Names the entry: the beginning of the digest of its content.
    pub fn id(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        sha256_hex(&bytes).chars().take(12).collect()
    }

    /// Whether the party asked about is the one that is meant.
    fn means(&self, asked: &AskedParty) -> bool {
        let country = asked.query.facts.countries.first();
        folded(&self.name) == folded(&asked.query.name)
            && self.country == country.map_or("", String::as_str)
            && (self.birth_date.is_empty() || self.birth_date == asked.birth_date)
    }

    fn message(&self) -> wire::GoodGuy {
        wire::GoodGuy {
            entry_id: self.id(),
            decided_by: self.decided_by.clone(),
            decided_on: self.decided_on.clone(),
            until: self.until.clone(),
            reason: self.reason.clone(),
            party_digest: self.party_digest.clone(),
        }
    }
}

/// `YYYY-MM-DD` as a day.
fn day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == 10)
}

fn folded(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

impl GoodGuys {
    /// A list of these entries.
    pub fn new(entries: Vec<GoodGuy>) -> Self {
        let mut list = Self {
            entries,
            digest: String::new(),
        };
        if !list.entries.is_empty() {
            list.digest = format!("sha256:{}", sha256_hex(&list.encode()));
        }
        list
    }

    /// Its entries, in the order in which they were decided.
    pub fn entries(&self) -> &[GoodGuy] {
        &self.entries
    }

    /// `sha256:<hex>` over its bytes; empty without entries.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its bytes as they are stored.
    pub fn encode(&self) -> Vec<u8> {
        let written = Written {
            format: FORMAT.to_owned(),
            entries: self.entries.clone(),
        };
        // Plain strings and dates: there is nothing in it that JSON cannot say.
        let mut bytes = serde_json::to_vec_pretty(&written).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads what [`GoodGuys::encode`] writes.
    ///
    /// # Errors
    /// What is wrong, with line and column where JSON is; a blank name, actor or reason.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if written.format != FORMAT {
            return Err(format!(
                "its format is `{}`; this program reads `{FORMAT}`",
                written.format
            ));
        }
        for (at, entry) in written.entries.iter().enumerate() {
            for (field, text) in [
                ("name", &entry.name),
                ("party_id", &entry.party_id),
                ("party_digest", &entry.party_digest),
                ("decided_by", &entry.decided_by),
                ("reason", &entry.reason),
            ] {
                if text.trim().is_empty() {
                    return Err(format!("entries[{at}].{field} is empty"));
                }
            }
            let until = entry.until.is_empty() || day(&entry.until).is_some();
            if day(&entry.decided_on).is_none() || !until {
                return Err(format!("entries[{at}] has a date that is not YYYY-MM-DD"));
            }
        }
        Ok(Self::new(written.entries))
    }

    /// Marks the hits of one party that are covered, and those that were and are no longer. A hit by an
    /// identifier is never covered: that the name is another's says nothing about the number.
    pub fn apply(
        &self,
        asked: &AskedParty,
        found: &mut wire::PartyScreening,
        snapshot: &Snapshot,
        today: Date,
    ) {
        if self.entries.is_empty() {
            return;
        }
        for hit in &mut found.hits {
            if !hit.matched_identifier.is_empty() {
                continue;
            }
            let about = |e: &&GoodGuy| e.party_id == hit.party_id && e.means(asked);
            let digest = snapshot.party(&hit.party_id).map(|party| party.digest());
            let holds = |e: &&GoodGuy| {
                day(&e.decided_on).is_some_and(|from| from <= today)
                    && (e.until.is_empty() || day(&e.until).is_some_and(|until| today <= until))
                    && digest.as_ref() == Some(&e.party_digest)
            };
            let mut entries = self.entries.iter().filter(about);
            hit.suppressed = entries.clone().find(holds).map(GoodGuy::message);
            hit.lapsed = match hit.suppressed {
                Some(_) => None,
                None => entries.next_back().map(GoodGuy::message),
            };
        }
    }
}
