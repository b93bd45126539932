//! How readers fill a party: empty fields first, then what the record says.

use std::collections::{BTreeMap, BTreeSet};

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::list_id::ListId;
use crate::party::{Address, Gender, Identifier, Kind, Party, PartyName, Position, Quality};

impl Party {
    /// A party with a primary name and nothing else. Its identifier is
    /// `<source>/<list>/<record id>`.
    pub(crate) fn named(
        source: &str,
        list: ListId,
        record_id: &str,
        kind: Kind,
        name: &str,
        position: Position,
    ) -> Self {
        Self {
            id: format!("{source}/{list}/{record_id}"),
            list,
            source: source.to_owned(),
            record_id: record_id.to_owned(),
            kind,
            names: vec![PartyName::new(name, Quality::Primary)],
            title: String::new(),
            addresses: Vec::new(),
            countries: Vec::new(),
            identifiers: Vec::new(),
            births: Vec::new(),
            genders: Vec::new(),
            programmes: Vec::new(),
            citations: Vec::new(),
            listed_from: String::new(),
            listed_to: String::new(),
            licence_requirement: String::new(),
            licence_policy: String::new(),
            remarks: String::new(),
            example: false,
            position,
        }
    }

    /// Adds a name unless it is empty. [`Party::finished`] leaves each once.
    pub(crate) fn add_name(&mut self, text: &str, quality: Quality) {
        if !text.trim().is_empty() {
            self.names.push(PartyName::new(text, quality));
        }
    }

    /// Makes `text` the primary name; what was primary becomes a strong alias.
    pub(crate) fn make_primary(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.names.retain(|n| n.text != text);
        for name in &mut self.names {
            name.quality = name.quality.max(Quality::Strong);
        }
        self.names.insert(0, PartyName::new(text, Quality::Primary));
    }

    /// Adds a remark, separated from those before it.
    pub(crate) fn add_remark(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if !self.remarks.is_empty() {
            self.remarks.push_str("; ");
        }
        self.remarks.push_str(text);
    }

    /// Adds a remark with a label before it, unless there is nothing to say.
    pub(crate) fn add_labelled(&mut self, label: &str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.add_remark(&format!("{label}: {text}"));
        }
    }

    /// Adds an identifier unless it is empty. [`Party::finished`] leaves each once.
    pub(crate) fn add_identifier(&mut self, kind: &str, value: &str, country: Option<CountryCode>) {
        let identifier = Identifier {
            kind: kind.trim().to_owned(),
            value: value.trim().to_owned(),
            country,
        };
        if !identifier.value.is_empty() {
            self.identifiers.push(identifier);
        }
    }

    /// Adds an address of `parts` (empty ones left out), and its country to the party's.
    pub(crate) fn add_address(&mut self, parts: &[&str], country: Option<CountryCode>) {
        let parts: Vec<&str> = parts
            .iter()
            .map(|p| p.trim())
            .filter(|p| !p.is_empty())
            .collect();
        self.countries.extend(country);
        let address = Address {
            text: parts.join(", "),
            country,
        };
        if !address.text.is_empty() {
            self.addresses.push(address);
        }
    }

    /// Adds a date of birth unless nothing is said.
    pub(crate) fn add_birth(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.births.push(BirthDate::parse(text));
        }
    }

    /// Adds a gender where the word is one.
    pub(crate) fn add_gender(&mut self, word: &str) {
        self.genders.extend(Gender::of_word(word));
    }

    /// Adds a programme unless it is empty.
    pub(crate) fn add_programme(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.programmes.push(text.trim().to_owned());
        }
    }

    /// Adds a citation unless it is empty.
    pub(crate) fn add_citation(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.citations.push(text.trim().to_owned());
        }
    }

    /// Sets in order what has an order of its own, and leaves everything once. A name given again as
    /// a better one has that quality.
    pub(crate) fn finished(mut self) -> Self {
        self.countries.sort_unstable();
        self.countries.dedup();
        self.genders.sort_unstable();
        self.genders.dedup();
        let mut at: BTreeMap<String, usize> = BTreeMap::new();
        let mut names: Vec<PartyName> = Vec::with_capacity(self.names.len());
        for name in self.names {
            match at.get(&name.text).and_then(|at| names.get_mut(*at)) {
                Some(first) => first.quality = first.quality.min(name.quality),
                None => {
                    at.insert(name.text.clone(), names.len());
                    names.push(name);
                }
            }
        }
        self.names = names;
        once(&mut self.identifiers, |i| {
            (i.kind.clone(), i.value.clone(), i.country)
        });
        once(&mut self.addresses, |a| (a.text.clone(), a.country));
        once(&mut self.births, |b| b.text.clone());
        once(&mut self.programmes, Clone::clone);
        once(&mut self.citations, Clone::clone);
        self
    }
}

/// Leaves the first of equals.
fn once<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(key(item)));
}
