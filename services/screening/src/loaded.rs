//! A snapshot ready to be searched.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use concord_lists::{Kind, ListId, Party, PartyName, Quality, Snapshot};
use concord_names::{
    Found, Hit, Index, IndexBuilder, Method, Name, Profile, Qualifiers, Query, Subject,
};

use crate::store::{ListRecord, ListStore, StoreError};

/// An immutable snapshot with its indexes. Calls hold the one they began with, also when a newer one is taken up.
#[derive(Debug)]
pub struct Loaded {
    content: Arc<Content>,
    records: Vec<ListRecord>,
}

#[derive(Debug)]
struct Content {
    snapshot: Snapshot,
    /// One for each of [`Profile::ALL`], built when it is first asked for.
    indexes: [OnceLock<Index>; Profile::ALL.len()],
    /// Parties that no name can find, by list: no name of theirs holds a letter or digit.
    unfindable: BTreeMap<ListId, u64>,
}

/// What a search found.
#[derive(Debug)]
pub struct Searched<'a> {
    /// Listed parties with the name that reached the threshold, best first.
    pub hits: Vec<(&'a Party, &'a PartyName, Hit)>,
    /// False when the search was ended at its limit: there may be other hits.
    pub to_the_end: bool,
}

impl Loaded {
    /// What the store holds, or the shipped example where it holds nothing. Reads the snapshot; indexes are built by
    /// [`Loaded::prepare`] or when they are first searched.
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

    /// A snapshot. `records` say when its lists were loaded.
    pub fn new(snapshot: Snapshot, records: Vec<ListRecord>) -> Self {
        let mut unfindable = BTreeMap::new();
        for party in snapshot.parties() {
            if party.names.iter().all(|name| is_empty(&name.text)) {
                *unfindable.entry(party.list.clone()).or_default() += 1;
            }
        }
        Self {
            content: Arc::new(Content {
                snapshot,
                indexes: Default::default(),
                unfindable,
            }),
            records,
        }
    }

    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.content.snapshot
    }

    /// When its lists were loaded; empty for the example.
    pub fn records(&self) -> &[ListRecord] {
        &self.records
    }

    /// Parties whose names hold neither letter nor digit, by list. No search by name finds them.
    pub fn unfindable(&self) -> &BTreeMap<ListId, u64> {
        &self.content.unfindable
    }

    /// Parties.
    pub fn len(&self) -> usize {
        self.content.snapshot.parties().len()
    }

    /// True without parties.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Builds the index of `profile` unless it is there: seconds for complete lists, so not for an asynchronous thread.
    pub fn prepare(&self, profile: &Profile) {
        self.index(profile);
    }

    /// The profiles that have been searched with.
    pub fn prepared(&self) -> impl Iterator<Item = &'static Profile> {
        let built = Profile::ALL.iter().zip(&self.content.indexes);
        built.filter_map(|(profile, index)| index.get().map(|_| *profile))
    }

    /// Every listed party that reaches `threshold`, with the name that did, best first; ended where the search costs
    /// more than `limit` names looked at.
    pub fn search(
        &self,
        query: &Query,
        profile: &Profile,
        threshold: u32,
        limit: u64,
    ) -> Searched<'_> {
        let Found { hits, complete, .. } =
            self.index(profile).search_within(query, threshold, limit);
        let hits = hits.into_iter().filter_map(|hit| {
            let party = self.snapshot().parties().get(hit.entry)?;
            Some((party, party.names.get(hit.name)?, hit))
        });
        Searched {
            hits: hits.collect(),
            to_the_end: complete,
        }
    }

    /// The same content with other times: the store was loaded again.
    pub(crate) fn with_records(&self, records: Vec<ListRecord>) -> Self {
        Self {
            content: self.content.clone(),
            records,
        }
    }

    fn index(&self, profile: &Profile) -> &Index {
        let at = Profile::ALL.iter().position(|p| p.id == profile.id);
        // INVARIANT: profiles come from `Profile::named`, so each has its place.
        let slots = &self.content.indexes;
        let slot = at.and_then(|at| slots.get(at)).unwrap_or(&slots[0]);
        slot.get_or_init(|| build(self.snapshot(), profile))
    }
}

fn build(snapshot: &Snapshot, profile: &Profile) -> Index {
    let mut builder = IndexBuilder::default();
    // INVARIANT: entry n of the index is party n of the snapshot.
    for party in snapshot.parties() {
        let entry = builder.entry(facts(party));
        for name in &party.names {
            builder.name(entry, &name.text, name.quality == Quality::Weak);
        }
    }
    builder.build(profile)
}

/// Whether nothing of a name is compared: no letter and no digit.
pub fn is_empty(name: &str) -> bool {
    !name.bytes().any(|b| b.is_ascii_alphanumeric()) && Name::new(name).tokens.is_empty()
}

/// Whether `profile` reads every word of `name`. The Treasury's method compares Latin letters; a name in another script
/// would find nothing, which is no answer.
pub fn is_read(name: &str, profile: &Profile) -> bool {
    match profile.method {
        Method::Words => true,
        Method::JaroWinkler => {
            let words = Name::new(name).tokens;
            words.iter().all(|word| word.text.is_ascii())
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
