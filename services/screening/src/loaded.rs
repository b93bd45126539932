//! A snapshot ready to be searched.

use std::sync::Arc;

use concord_lists::{Kind, Party, PartyName, Quality, Snapshot};
use concord_names::{Hit, Index, IndexBuilder, Profile, Qualifiers, Query, Subject};

use crate::store::{ListRecord, ListStore, StoreError};

/// An immutable snapshot with its index. Calls hold the one they began with, also when a newer one is taken up.
#[derive(Debug)]
pub struct Loaded {
    snapshot: Arc<Snapshot>,
    index: Arc<Index>,
    records: Vec<ListRecord>,
}

impl Loaded {
    /// What the store holds, or the shipped example where it holds nothing. Reads and indexes: tens of milliseconds for
    /// a complete list, so not for an asynchronous thread.
    ///
    /// # Errors
    /// A store that cannot be read, or whose current snapshot is damaged.
    pub fn from_store(store: &ListStore) -> Result<Self, StoreError> {
        match store.current()? {
            Some(current) => Ok(Self::new(current.snapshot, current.pointer.lists)),
            None => Self::example(),
        }
    }

    /// The fictional list that ships with the program.
    ///
    /// # Errors
    /// None in a tested build.
    pub fn example() -> Result<Self, StoreError> {
        let snapshot = Snapshot::build([concord_lists::example_reading()?])?;
        Ok(Self::new(snapshot, Vec::new()))
    }

    /// Indexes a snapshot. `records` say when its lists were loaded.
    pub fn new(snapshot: Snapshot, records: Vec<ListRecord>) -> Self {
        let mut builder = IndexBuilder::default();
        // INVARIANT: entry n of the index is party n of the snapshot.
        for party in snapshot.parties() {
            let entry = builder.entry(facts(party));
            for name in &party.names {
                builder.name(entry, &name.text, name.quality == Quality::Weak);
            }
        }
        let index = Arc::new(builder.build(&Profile::DEFAULT));
        Self {
            snapshot: Arc::new(snapshot),
            index,
            records,
        }
    }

    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// When its lists were loaded; empty for the example.
    pub fn records(&self) -> &[ListRecord] {
        &self.records
    }

    /// The profile that scores are made with.
    pub fn profile(&self) -> &Profile {
        self.index.profile()
    }

    /// Parties.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// True without parties.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Every listed party that reaches `threshold`, with the name that did, best first.
    pub fn search<'a>(
        &'a self,
        query: &Query,
        threshold: u32,
    ) -> impl Iterator<Item = (&'a Party, &'a PartyName, Hit)> + use<'a> {
        self.index
            .search(query, threshold)
            .into_iter()
            .filter_map(|hit| {
                let party = self.snapshot.parties().get(hit.entry)?;
                Some((party, party.names.get(hit.name)?, hit))
            })
    }

    /// The same records with other times: the store was loaded again with the same content.
    pub(crate) fn with_records(&self, records: Vec<ListRecord>) -> Self {
        Self {
            snapshot: self.snapshot.clone(),
            index: self.index.clone(),
            records,
        }
    }
}

/// What a listing says beside the names.
fn facts(party: &Party) -> Qualifiers {
    // A date that is not understood, or none, rules no year out.
    let spans: Option<Vec<(u16, u16)>> = party
        .births
        .iter()
        .map(|birth| {
            let (from, to) = birth.span?;
            let slack = if birth.approximate { 2 } else { 0 };
            Some((
                from.year.saturating_sub(slack),
                to.year.saturating_add(slack),
            ))
        })
        .collect();
    Qualifiers {
        subject: subject(party.kind),
        countries: party
            .countries
            .iter()
            .map(|c| c.as_str().to_owned())
            .collect(),
        birth_years: spans.unwrap_or_default(),
    }
}

/// The kind of party as the names core knows it.
pub fn subject(kind: Kind) -> Subject {
    match kind {
        Kind::Person => Subject::Person,
        Kind::Organisation => Subject::Organisation,
        Kind::Vessel | Kind::Aircraft => Subject::Craft,
        Kind::Unknown => Subject::Unknown,
    }
}
