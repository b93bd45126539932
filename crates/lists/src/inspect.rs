//! A short account of a publication, as `concord lists inspect` prints it.

use std::collections::{BTreeMap, BTreeSet};

use crate::party::Kind;
use crate::read::{Format, Problem, Reading};

/// What a publication holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Format word.
    pub format: &'static str,
    /// Source records before regrouping.
    pub parties: u64,
    /// Distinct parties: records that share the publisher's entity number, or, without one, list
    /// and exact primary name, are one party with several entries or addresses.
    pub parties_grouped: u64,
    /// Records per kind.
    pub by_type: BTreeMap<&'static str, u64>,
    /// Records per list.
    pub by_list: BTreeMap<String, u64>,
    /// Names of all records, aliases included.
    pub names: u64,
    /// Oddities met.
    pub problems: Vec<Problem>,
}

impl Reading {
    /// Counts what was read.
    #[must_use]
    pub fn inspect(&self) -> Inspection {
        let mut by_type: BTreeMap<&'static str, u64> = BTreeMap::new();
        for kind in [
            Kind::Person,
            Kind::Organisation,
            Kind::Vessel,
            Kind::Aircraft,
            Kind::Unknown,
        ] {
            by_type.insert(kind.as_str(), 0);
        }
        for (kind, count) in &self.records_by_kind {
            by_type.insert(kind.as_str(), *count);
        }
        let mut groups = BTreeSet::new();
        for party in &self.parties {
            if self.records_by_kind.is_empty() {
                *by_type.entry(party.kind.as_str()).or_default() += 1;
            }
            // An entity number is all digits and one across lists; a content digest is not.
            let numbered = party.record_id.bytes().all(|b| b.is_ascii_digit());
            // Read with one identifier for each party, rows already put together.
            let own = !matches!(
                self.format,
                Format::UsCslCsv | Format::UsCslJson | Format::UsCslReducedJson
            );
            groups.insert(if own {
                (party.list.to_string(), party.id.clone())
            } else if numbered {
                (String::new(), party.record_id.clone())
            } else {
                let name = party
                    .names
                    .first()
                    .map(|n| n.text.to_lowercase())
                    .unwrap_or_default();
                (party.list.to_string(), name)
            });
        }
        Inspection {
            format: self.format.as_str(),
            parties: self.records,
            parties_grouped: groups.len() as u64,
            by_type,
            by_list: self
                .sources
                .iter()
                .map(|s| (s.list.to_string(), s.parties))
                .collect(),
            names: self.parties.iter().map(|p| p.names.len() as u64).sum(),
            problems: self.problems.clone(),
        }
    }
}
