//! A snapshot ready to be searched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use concord_lists::{BirthDate, Identifier, Kind, ListId, Party, PartyName, Quality, Snapshot};
use concord_names::{
    Day, Form, Gender, Hit, Index, IndexBuilder, Method, Name, Profile, Qualifiers, Query, Subject,
    explain,
};
use concord_proto::types as wire;

use crate::good_guys::GoodGuys;
use crate::identifier::Identifiers;
use crate::store::{ListRecord, ListStore, StoreError};
use crate::wire::decode::AskedParty;

/// An immutable snapshot with its indexes. Calls hold the one they began with, also when a newer one is taken up.
#[derive(Debug)]
pub struct Loaded {
    content: Arc<Content>,
    records: Vec<ListRecord>,
    /// The lists as every answer names them.
    sources: OnceLock<Vec<wire::ListSource>>,
    good_guys: Arc<GoodGuys>,
}

#[derive(Debug)]
struct Content {
    snapshot: Snapshot,
    /// One for each of [`Profile::ALL`], built when it is first asked for.
    indexes: [OnceLock<Index>; Profile::ALL.len()],
    /// Parties that no name can find, by list: no name of theirs holds a letter or digit.
    unfindable: BTreeMap<ListId, u64>,
    identifiers: Identifiers,
}

/// A listed party that was found.
#[derive(Debug)]
pub struct Found<'a> {
    /// The party.
    pub party: &'a Party,
    /// The name that is most like the one asked for.
    pub name: &'a PartyName,
    /// How alike they are; with an identifier it may be below the threshold.
    pub hit: Hit,
    /// The identifier that was asked for.
    pub identifier: Option<&'a Identifier>,
}

/// What a search found.
#[derive(Debug)]
pub struct Searched<'a> {
    /// Listed parties with an identifier that was asked for, then those with a name that reached the threshold; best
    /// first.
    pub hits: Vec<Found<'a>>,
    /// False when the search was ended at its limit: there may be other hits.
    pub to_the_end: bool,
}

impl Loaded {
    /// What the store holds, or the shipped example where it holds nothing. Reads the snapshot; indexes are built by
    /// [`Loaded::prepare`] or when they are first searched.
    ///
    /// # Errors
    /// A store that cannot be read, or whose current snapshot or good-guy list is damaged.
    pub fn from_store(store: &ListStore) -> Result<Self, StoreError> {
        let loaded = match store.current()? {
            Some(current) => Self::new(current.snapshot, current.pointer.lists),
            None => Self::example()?,
        };
        Ok(loaded.with_good_guys(store.good_guys()?.into()))
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
                identifiers: Identifiers::of(snapshot.parties()),
                snapshot,
                indexes: Default::default(),
                unfindable,
            }),
            records,
            sources: OnceLock::new(),
            good_guys: Arc::default(),
        }
    }

    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.content.snapshot
    }

    /// The good-guy list that is applied.
    pub fn good_guys(&self) -> &Arc<GoodGuys> {
        &self.good_guys
    }

    /// When its lists were loaded; empty for the example.
    pub fn records(&self) -> &[ListRecord] {
        &self.records
    }

    /// The lists as every answer names them; `describe` is asked once.
    pub(crate) fn sources(
        &self,
        describe: impl FnOnce() -> Vec<wire::ListSource>,
    ) -> &[wire::ListSource] {
        self.sources.get_or_init(describe)
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

    /// Marks what the good-guy list says of the hits of one party.
    pub fn cover(&self, asked: &AskedParty, found: &mut wire::PartyScreening, today: Date) {
        self.good_guys.apply(asked, found, self.snapshot(), today);
    }

    /// The profiles that have been searched with.
    pub fn prepared(&self) -> impl Iterator<Item = &'static Profile> {
        let built = Profile::ALL.iter().zip(&self.content.indexes);
        built.filter_map(|(profile, index)| index.get().map(|_| *profile))
    }

    /// Every listed party with one of `identifiers` ([`crate::identifier::keys`]), and every one with a name that reaches
    /// `threshold`; ended where the search for names costs more than `limit` names looked at.
    pub fn search(
        &self,
        query: &Query,
        identifiers: &BTreeSet<String>,
        profile: &Profile,
        threshold: u32,
        limit: u64,
    ) -> Searched<'_> {
        let index = self.index(profile);
        let named = index.search_within(query, threshold, limit);
        let parties = self.snapshot().parties();
        let mut hits: BTreeMap<usize, Hit> = named.hits.into_iter().map(|h| (h.entry, h)).collect();
        let mut identified: BTreeMap<usize, &Identifier> = BTreeMap::new();
        for (at, n) in self.content.identifiers.find(identifiers) {
            let Some(party) = parties.get(at) else {
                continue;
            };
            if let Some(identifier) = party.identifiers.get(n) {
                identified.entry(at).or_insert(identifier);
            }
            if !hits.contains_key(&at)
                && let Some(hit) = nearest(query, party, at, index)
            {
                hits.insert(at, hit);
            }
        }
        let mut hits: Vec<Found<'_>> = hits
            .into_iter()
            .filter_map(|(at, hit)| {
                let party = parties.get(at)?;
                Some(Found {
                    party,
                    name: party.names.get(hit.name)?,
                    hit,
                    identifier: identified.get(&at).copied(),
                })
            })
            .collect();
        hits.sort_by(|a, b| {
            let rank = |f: &Found<'_>| (f.identifier.is_some(), f.hit.score);
            rank(b).cmp(&rank(a)).then(a.hit.entry.cmp(&b.hit.entry))
        });
        Searched {
            hits,
            to_the_end: named.complete,
        }
    }

    /// The same content with other times: the store was loaded again.
    pub(crate) fn with_records(&self, records: Vec<ListRecord>) -> Self {
        Self {
            content: self.content.clone(),
            records,
            sources: OnceLock::new(),
            good_guys: self.good_guys.clone(),
        }
    }

    /// The same content with another good-guy list.
    #[must_use]
    pub fn with_good_guys(&self, good_guys: Arc<GoodGuys>) -> Self {
        Self {
            content: self.content.clone(),
            records: self.records.clone(),
            sources: self.sources.clone(),
            good_guys,
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

/// The name of `party`, entry `at`, that is most like the one asked for, however little.
fn nearest(query: &Query, party: &Party, at: usize, index: &Index) -> Option<Hit> {
    let listed = facts(party);
    let hits = party.names.iter().enumerate().map(|(n, name)| {
        let text = name.text.as_str();
        let (corpus, profile) = (index.corpus(), index.profile());
        let explanation = explain(&query.name, &query.facts, text, &listed, corpus, profile);
        Hit {
            entry: at,
            name: n,
            form: Form::Full,
            weak: name.quality == Quality::Weak,
            score: explanation.score,
            explanation,
        }
    });
    // The first of equals.
    hits.reduce(|best, hit| if hit.score > best.score { hit } else { best })
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
    // A date that is not understood, or none, rules no day out.
    let births: Option<Vec<(Day, Day)>> = party.births.iter().map(possible_days).collect();
    Qualifiers {
        subject: subject(party.kind),
        countries: party
            .countries
            .iter()
            .map(|c| c.as_str().to_owned())
            .collect(),
        births: births.unwrap_or_default(),
        // Two genders say no more than none.
        gender: match party.genders.as_slice() {
            [own] => Some(gender(*own)),
            _ => None,
        },
    }
}

/// The first and the last day on which a birth is possible; `None` where the date is not understood. What is
/// approximate leaves two years either side.
pub fn possible_days(birth: &BirthDate) -> Option<(Day, Day)> {
    let (from, to) = birth.span?;
    let slack = if birth.approximate { 2 } else { 0 };
    let day = |year: u16, date: concord_lists::Date| {
        u32::from(year) * 10_000 + u32::from(date.month) * 100 + u32::from(date.day)
    };
    Some((
        day(from.year.saturating_sub(slack), from),
        day(to.year.saturating_add(slack), to),
    ))
}

/// A gender as the names core knows it.
pub fn gender(gender: concord_lists::Gender) -> Gender {
    match gender {
        concord_lists::Gender::Female => Gender::Female,
        concord_lists::Gender::Male => Gender::Male,
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

#[cfg(test)]
mod tests {
    use concord_lists::{ReadOptions, SourceFile, read};

    use super::*;

    #[test]
    fn what_a_list_says_beside_the_names_becomes_facts() {
        let bytes = "party_id,list,type,name,births,gender\n\
            1,own_test,person,A Person,1961-04,female\n\
            2,own_test,person,B Person,circa 1961,\n\
            3,own_test,person,C Person,1961-04-02|1963,male\n\
            4,own_test,person,D Person,1961,male\n"
            .as_bytes();
        let file = SourceFile {
            name: "own.csv",
            bytes,
        };
        let mut reading = read(&[file], &ReadOptions::default()).unwrap();
        let unclear = BirthDate::parse("not known");
        reading.parties[3].births.push(unclear);
        let all: Vec<_> = reading.parties.iter().map(facts).collect();
        let said: Vec<_> = all
            .iter()
            .map(|f| (f.births.as_slice(), f.gender))
            .collect();
        let (female, male) = (Some(Gender::Female), Some(Gender::Male));
        assert_eq!(said[0], (&[(19_610_401, 19_610_431)][..], female));
        // Two years either side, to the end of the year.
        assert_eq!(said[1], (&[(19_590_101, 19_631_231)][..], None));
        let two = [(19_610_402, 19_610_402), (19_630_101, 19_631_231)];
        assert_eq!(said[2], (&two[..], male));
        // A date that is not understood may be any: then none is ruled out.
        assert_eq!(said[3], (&[][..], male));
        assert_eq!(all[0].subject, Subject::Person);
    }
}
