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

/// The gender that a source states of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// A civil day as the number YYYYMMDD, so that days are in the order of their numbers. A first or last
/// day that completes a year or a month need not exist (`20230231`).
pub type Day = u32;

/// What is known of a party beside its name. Empty means not known and rules nothing out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Qualifiers {
    /// Kind of party.
    pub subject: Subject,
    /// Countries, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// Possible days of birth, as closed intervals.
    pub births: Vec<(Day, Day)>,
    /// Gender; `None` also where a source states both.
    pub gender: Option<Gender>,
}

/// A fact that contradicts, with what it leaves of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qualifier {
    /// What contradicts, one of [`QUALIFIERS`].
    pub what: &'static str,
    /// Per cent of the score that remain.
    pub per_cent: u32,
}

/// What may contradict, in the order of [`crate::Profile::qualifier_per_cent`].
pub const QUALIFIERS: [&str; 6] = [
    "patronymic_order",
    "country",
    "kind",
    "birth_year",
    "birth_date",
    "gender",
];

impl Qualifiers {
    /// The facts in which `self` and `other` exclude each other. What either does not know
    /// contradicts nothing.
    pub(crate) fn contradictions(&self, other: &Self, per_cent: [u32; 6]) -> Vec<Qualifier> {
        let meets = |of: fn(Day) -> Day| {
            self.births.iter().any(|(a, b)| {
                let mut theirs = other.births.iter();
                theirs.any(|(c, d)| of(*a) <= of(*d) && of(*c) <= of(*b))
            })
        };
        let born = !self.births.is_empty() && !other.births.is_empty();
        let apart = !self.countries.is_empty()
            && !other.countries.is_empty()
            && !self.countries.iter().any(|c| other.countries.contains(c));
        let kinds = self.subject != Subject::Unknown
            && other.subject != Subject::Unknown
            && self.subject != other.subject;
        let genders =
            self.gender.is_some() && other.gender.is_some() && self.gender != other.gender;
        // One date is wrong by a year or more, or within a year by a slip of the pen: never both.
        let years_apart = born && !meets(|day| day / 10_000);
        let days_apart = born && !years_apart && !meets(|day| day);
        // The first is the alignment's to find.
        let holds = [false, apart, kinds, years_apart, days_apart, genders];
        QUALIFIERS
            .into_iter()
            .zip(per_cent)
            .zip(holds)
            .filter_map(|((what, per_cent), holds)| holds.then_some(Qualifier { what, per_cent }))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn born(spans: &[(Day, Day)]) -> Qualifiers {
        Qualifiers {
            births: spans.to_vec(),
            ..Qualifiers::default()
        }
    }

    fn what(a: &Qualifiers, b: &Qualifiers) -> Vec<&'static str> {
        let per_cent = [80, 97, 90, 90, 95, 90];
        let forth = a.contradictions(b, per_cent);
        assert_eq!(forth, b.contradictions(a, per_cent), "symmetric");
        forth.iter().map(|q| q.what).collect()
    }

    #[test]
    fn births_contradict_only_where_no_day_is_possible_for_both() {
        let year = |y: u32| (y * 10_000 + 101, y * 10_000 + 1231);
        let day = |d: Day| (d, d);
        for (a, b, expected) in [
            // Not known on one side, or on both.
            (vec![], vec![day(19_730_325)], vec![]),
            (vec![], vec![], vec![]),
            // The year alone allows every day of it, the last one too.
            (vec![year(1973)], vec![day(19_731_231)], vec![]),
            (vec![year(1973)], vec![day(19_740_101)], vec!["birth_year"]),
            (vec![day(19_730_325)], vec![day(19_730_325)], vec![]),
            // Another day of the same year is a lesser contradiction than another year.
            (
                vec![day(19_730_325)],
                vec![day(19_730_326)],
                vec!["birth_date"],
            ),
            (
                vec![(19_730_401, 19_730_431)],
                vec![day(19_730_430)],
                vec![],
            ),
            (
                vec![(19_730_401, 19_730_431)],
                vec![day(19_730_501)],
                vec!["birth_date"],
            ),
            // Intervals that touch in one day or year.
            (
                vec![(19_510_101, 19_531_231)],
                vec![(19_531_231, 19_550_101)],
                vec![],
            ),
            (
                vec![(19_510_101, 19_530_630)],
                vec![(19_530_701, 19_550_101)],
                vec!["birth_date"],
            ),
            // Of several dates one is enough.
            (vec![year(1960), year(1973)], vec![day(19_730_325)], vec![]),
            (
                vec![year(1960), day(19_730_324)],
                vec![day(19_730_325)],
                vec!["birth_date"],
            ),
        ] {
            assert_eq!(what(&born(&a), &born(&b)), expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn what_is_not_known_contradicts_nothing() {
        let none = Qualifiers::default();
        let full = Qualifiers {
            subject: Subject::Person,
            countries: vec!["KP".to_owned()],
            births: vec![(19_730_325, 19_730_325)],
            gender: Some(Gender::Male),
        };
        assert_eq!(what(&none, &full), Vec::<&str>::new());
        assert_eq!(what(&full, &full), Vec::<&str>::new());
        let other = Qualifiers {
            subject: Subject::Organisation,
            countries: vec!["RU".to_owned(), "BY".to_owned()],
            births: vec![(19_740_325, 19_740_325)],
            gender: Some(Gender::Female),
        };
        assert_eq!(
            what(&full, &other),
            ["country", "kind", "birth_year", "gender"]
        );
        let countries = |codes: &[&str]| Qualifiers {
            countries: codes.iter().map(|c| (*c).to_owned()).collect(),
            ..Qualifiers::default()
        };
        assert_eq!(
            what(&countries(&["KP", "RU"]), &countries(&["RU"])),
            Vec::<&str>::new()
        );
    }
}
