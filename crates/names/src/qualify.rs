//! Facts beside the name. They only lower a score, so that the name score bounds it from above.

/// What kind of party a name is said to belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subject {
    /// Nothing is said.
    #[default]
    Unknown,
    /// A natural person.
    Person,
    /// A company, authority or group.
    Organisation,
    /// A vessel or aircraft.
    Craft,
}

/// What is known of a party beside its name. Empty means not known and rules nothing out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Qualifiers {
    /// Kind of party.
    pub subject: Subject,
    /// Countries, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// Possible years of birth, as closed intervals.
    pub birth_years: Vec<(u16, u16)>,
}

/// A fact that contradicts, with what it leaves of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qualifier {
    /// What contradicts: `patronymic_order`, `country`, `kind` or `birth_year`.
    pub what: &'static str,
    /// Per cent of the score that remain.
    pub per_cent: u32,
}

impl Qualifiers {
    /// The facts in which `self` and `other` exclude each other.
    pub(crate) fn contradictions(&self, other: &Self, per_cent: [u32; 4]) -> Vec<Qualifier> {
        let [_, country, kind, birth] = per_cent;
        let apart = !self.countries.is_empty()
            && !other.countries.is_empty()
            && !self.countries.iter().any(|c| other.countries.contains(c));
        let kinds = self.subject != Subject::Unknown
            && other.subject != Subject::Unknown
            && self.subject != other.subject;
        let births = !self.birth_years.is_empty()
            && !other.birth_years.is_empty()
            && !self
                .birth_years
                .iter()
                .any(|(a, b)| other.birth_years.iter().any(|(c, d)| a <= d && c <= b));
        [
            ("country", apart, country),
            ("kind", kinds, kind),
            ("birth_year", births, birth),
        ]
        .into_iter()
        .filter_map(|(what, holds, per_cent)| holds.then_some(Qualifier { what, per_cent }))
        .collect()
    }
}

impl Subject {
    /// All of them.
    pub(crate) const ALL: [Self; 4] =
        [Self::Unknown, Self::Person, Self::Organisation, Self::Craft];

    /// How the names of the two are compared; `translated` when they are in different scripts.
    pub(crate) fn manner(self, other: Self, translated: bool) -> Manner {
        let thing = |s| matches!(s, Self::Organisation | Self::Craft);
        if thing(self) || thing(other) {
            match translated {
                true => Manner::Translated,
                false => Manner::Thing,
            }
        } else if self == Self::Person || other == Self::Person {
            Manner::Person
        } else {
            Manner::Unknown
        }
    }
}

/// How two names are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As names of things: every word counts in full, no initials.
    Thing,
    /// As names of things in different scripts: a translator leaves words out or adds some.
    Translated,
    /// As names of persons.
    Person,
    /// Not known: initials, but every word counts in full.
    Unknown,
}

impl Manner {
    pub fn initials(self) -> bool {
        matches!(self, Self::Person | Self::Unknown)
    }
}
