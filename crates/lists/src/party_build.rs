//! How readers fill a party: empty fields first, then what the record says.

use crate::country::CountryCode;
use crate::list_id::ListId;
use crate::party::{Address, Identifier, Kind, Party, PartyName, Position, Quality};

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

    /// Adds a name unless it is empty or there already; a name given again as a better one is
    /// raised to that quality.
    pub(crate) fn add_name(&mut self, text: &str, quality: Quality) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match self.names.iter_mut().find(|n| n.text == text) {
            Some(name) => name.quality = name.quality.min(quality),
            None => self.names.push(PartyName::new(text, quality)),
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

    /// Adds an identifier unless it is empty or there already.
    pub(crate) fn add_identifier(&mut self, kind: &str, value: &str, country: Option<CountryCode>) {
        let identifier = Identifier {
            kind: kind.trim().to_owned(),
            value: value.trim().to_owned(),
            country,
        };
        if !identifier.value.is_empty() && !self.identifiers.contains(&identifier) {
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
        if !address.text.is_empty() && !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }

    /// Sets in order what has an order of its own.
    pub(crate) fn finished(mut self) -> Self {
        self.countries.sort_unstable();
        self.countries.dedup();
        self
    }
}
