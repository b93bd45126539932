//! What can be asked of a log: by kind, time, case, agency, outcome, item and party.

use concord_tlog::commitment::Field;
use concord_tlog::leaf::RecordKind;
use uuid::Uuid;

use crate::record::{Contents, Record, Shown};
use crate::store::{Filter, Reads, StoreError};
use crate::vault::{Vault, VaultError, has, searched};

/// What can be searched for by value, the rarest first: in this order marks are looked up.
pub const BY_VALUE: [Field; 6] = [
    Field::Parties,
    Field::CaseReference,
    Field::Items,
    Field::Caller,
    Field::Outcome,
    Field::Agency,
];

/// Longest value that is searched for, in characters.
const MAX_CHARS: usize = 512;

/// A query. Records match that match all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Of these kinds; empty: all.
    pub kinds: Vec<RecordKind>,
    /// About this record.
    pub about: Option<Uuid>,
    /// Not before this time, microseconds since 1970-01-01 UTC.
    pub from: Option<u64>,
    /// Before this time.
    pub to: Option<u64>,
    /// With these values, normalised, in the order of [`BY_VALUE`].
    values: Vec<(Field, String)>,
}

/// Records of a page and where the next one begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The records, newest first, without bodies.
    pub records: Vec<Shown>,
    /// No record from this index on is left; none at the log's beginning.
    pub next: Option<u64>,
}

/// A search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record that cannot be decrypted.
    #[error("record {index}: {problem}")]
    Record {
        /// Its index.
        index: u64,
        /// What is wrong.
        problem: VaultError,
    },
}

impl Criteria {
    /// Asks for a value of one of [`BY_VALUE`]; an empty one asks for nothing.
    ///
    /// # Errors
    /// A value that no record can have: what it must be.
    pub fn with_value(&mut self, field: Field, value: &str) -> Result<(), &'static str> {
        if value.is_empty() {
            return Ok(());
        }
        if value.chars().count() > MAX_CHARS || value.contains(char::is_control) {
            return Err("must have at most 512 characters and no control characters");
        }
        let value = searched(field, value);
        if value.is_empty() {
            return Err(match field {
                Field::Parties => "must have a letter or a digit",
                _ => "must not be blank",
            });
        }
        self.values.push((field, value));
        let rank = |field: Field| BY_VALUE.iter().position(|known| *known == field);
        self.values.sort_by_key(|(field, _)| rank(*field));
        Ok(())
    }

    /// Whether values are asked for, so that the agency's key is needed.
    pub fn needs_key(&self) -> bool {
        !self.values.is_empty()
    }

    /// Checks the bounds in time.
    ///
    /// # Errors
    /// An end that is not after the beginning: what it must be.
    pub fn check_times(&self) -> Result<(), &'static str> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to <= from => Err("must be later than the beginning"),
            _ => Ok(()),
        }
    }

    /// The bytes that tell this query from others.
    pub fn canonical(&self) -> Vec<u8> {
        let number = |n: Option<u64>| n.map_or([0xff; 8], u64::to_be_bytes);
        let mut bytes = vec![self.kinds.len() as u8]; // there are fewer kinds than a byte counts
        bytes.extend(self.kinds.iter().map(|kind| kind.number()));
        bytes.extend(self.about.unwrap_or_default().as_bytes());
        bytes.extend(number(self.from));
        bytes.extend(number(self.to));
        for (field, value) in &self.values {
            bytes.extend(field.number().to_be_bytes());
            bytes.extend((value.len() as u64).to_be_bytes());
            bytes.extend(value.as_bytes());
        }
        bytes
    }

    /// At most `limit` matching records with an index below `before`.
    ///
    /// # Errors
    /// A store that fails, or a record that cannot be decrypted.
    pub fn page(
        &self,
        reads: &dyn Reads,
        vault: &Vault,
        before: u64,
        limit: u32,
    ) -> Result<Page, SearchError> {
        let term = |(field, value): &(Field, String)| vault.term(*field, value);
        let filter = self.filter(self.values.iter().map(term).collect());
        let found = reads.search(&filter, before, limit)?;
        let mut records = Vec::with_capacity(found.records.len());
        for logged in found.records {
            let index = logged.index;
            let shown = vault.show(logged);
            let shown = shown.map_err(|problem| SearchError::Record { index, problem })?;
            let contents = shown.held.contents();
            if contents.is_none_or(|contents| self.matches(&shown.logged.record, contents)) {
                records.push(shown);
            }
        }
        let next = found.next;
        Ok(Page { records, next })
    }

    /// The same without the agency's key.
    pub fn filter(&self, terms: Vec<crate::vault::Term>) -> Filter {
        Filter {
            kinds: self.kinds.clone(),
            about: self.about,
            terms,
            from: self.from,
            to: self.to,
        }
    }

    /// Two values may share a mark.
    fn matches(&self, record: &Record, contents: &Contents) -> bool {
        let same = |(field, value): &(Field, String)| has(record, contents, *field, value);
        self.values.iter().all(same)
    }
}
