//! Numbers and marks that identify a party: passports, registrations, IMO numbers, tail numbers. They agree exactly or not
//! at all; how they are spaced, hyphenated and labelled does not count.

use std::collections::{BTreeSet, HashMap};

use concord_lists::{Identifier, Party};

/// A part of an identifier after a label must have so many letters and digits to be compared by itself.
const LEAST: usize = 5;

/// What `text` is compared by: its letters and digits, and those without the words before them, so that `IMO 9187629` is
/// the number `9187629`. What stands in parentheses (mostly a country) is left out.
pub fn keys(text: &str) -> BTreeSet<String> {
    let text = text.split('(').next().unwrap_or(text);
    let mut keys = BTreeSet::new();
    let starts = text
        .char_indices()
        .filter(|(_, c)| c.is_whitespace() || matches!(c, ':' | '#' | '='))
        .map(|(at, c)| at + c.len_utf8());
    for start in std::iter::once(0).chain(starts) {
        let key: String = text
            .get(start..)
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect();
        // A word by itself is a label, and a short number is shared by many.
        let tells = key.len() >= LEAST && key.contains(|c: char| c.is_ascii_digit());
        if tells || (start == 0 && !key.is_empty()) {
            keys.insert(key);
        }
    }
    keys
}

/// Listed identifiers by what they are compared by.
#[derive(Debug, Default)]
pub struct Identifiers(HashMap<String, Vec<(usize, usize)>>);

impl Identifiers {
    /// Those of all `parties`.
    pub fn of(parties: &[Party]) -> Self {
        let mut all: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (at, party) in parties.iter().enumerate() {
            for (n, identifier) in party.identifiers.iter().enumerate() {
                for key in keys(&identifier.value) {
                    all.entry(key).or_default().push((at, n));
                }
            }
        }
        Self(all)
    }

    /// Positions of parties and of their identifiers that agree with one of `keys`, by party and without repeats.
    pub fn find(&self, keys: &BTreeSet<String>) -> BTreeSet<(usize, usize)> {
        let found = keys.iter().filter_map(|key| self.0.get(key));
        found.flatten().copied().collect()
    }
}

/// As answers show it: `Passport: A1234567 (KP)`.
pub fn text(identifier: &Identifier) -> String {
    let country = identifier.country.map(|c| format!(" ({c})"));
    let country = country.unwrap_or_default();
    format!("{}: {}{country}", identifier.kind, identifier.value)
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn labels_spaces_and_countries_do_not_count() {
        for (one, other) in [
            ("IMO 9187629", "9187629"),
            ("imo: 9187629", "IMO9187629 9187629"),
            ("ab-123 456", "Passport No. AB123456 (North Korea)"),
            ("EP-MNB", "ep mnb"),
            ("7", "7"),
        ] {
            assert!(!keys(one).is_disjoint(&keys(other)), "{one} / {other}");
        }
        for (one, other) in [
            ("Passport A1234567", "Passport B7654321"),
            ("Tax 12", "Passport 12"),
            ("9187629", "9187628"),
            ("", ""),
            ("(KP)", ""),
        ] {
            assert!(keys(one).is_disjoint(&keys(other)), "{one} / {other}");
        }
    }
}
