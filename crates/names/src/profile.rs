//! Every constant of the score, as data with a digest.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::name::Class;

/// How names are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Word by word, with weights, readings and an alignment.
    Words,
    /// As the Treasury describes its own search: Jaro-Winkler over whole names and over their parts.
    JaroWinkler,
}

/// A set of constants. Scores of different profiles are not comparable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub id: &'static str,
    /// How names are compared.
    pub method: Method,
    /// A score from which on a pair is a hit, of [`crate::FULL`].
    pub threshold: u32,
    /// Weight factors in tenths: ordinary, generic, number, initial, stop, legal form.
    pub class_tenths: [u32; 6],
    /// Least factor for a token that every listed name has, in thousandths.
    pub least_idf: u32,
    /// Edits allowed up to these token lengths (0, 1 and 2 edits; 3 beyond).
    pub edit_lengths: [usize; 3],
    /// Cost of an ordinary edit, of one between letters often confused (or a doubled letter), of
    /// two letters exchanged, and of an edit that touches a digit, in hundredths of a letter.
    pub edit_costs: [u32; 4],
    /// Similarity of an initial to a word it may stand for, of [`crate::FULL`].
    pub initial_similarity: u32,
    /// Share of its weight that a word of a person's name costs when it is merely left out, per
    /// cent. A word that the other name contradicts always costs all of it.
    pub omission_per_cent: u32,
    /// Shares for the names of organisations in different scripts: of the weight by which one side
    /// has more left over than the other, and of what is left over on both, per cent.
    pub translation_per_cent: [u32; 2],
    /// Similarity of words that agree otherwise than by spelling, of [`crate::FULL`]: by meaning,
    /// by sound, by a Chinese reading, by a Korean reading, by consonants; and what each vowel that
    /// contradicts the consonants' takes off.
    pub likeness_of_readings: [u32; 6],
    /// Per cent that remain after a contradiction, in the order of [`crate::qualify::QUALIFIERS`]:
    /// patronymic order, country, kind, birth in another year, on another day of a year, gender.
    pub qualifier_per_cent: [u32; 6],
}

impl Profile {
    /// The profile in use where nothing else is said.
    pub const DEFAULT: Self = Self {
        id: "default",
        method: Method::Words,
        threshold: 8_500,
        class_tenths: [10, 4, 13, 5, 1, 1],
        least_idf: 250,
        edit_lengths: [3, 6, 11],
        edit_costs: [100, 50, 70, 300],
        initial_similarity: 7_000,
        omission_per_cent: 50,
        translation_per_cent: [40, 48],
        likeness_of_readings: [9_700, 9_700, 9_700, 9_600, 9_600, 1_300],
        qualifier_per_cent: [80, 97, 90, 90, 95, 90],
    };

    /// Fewer hits: a higher threshold, and words left out count nearly in full.
    pub const STRICT: Self = Self {
        id: "strict",
        threshold: 9_200,
        omission_per_cent: 80,
        translation_per_cent: [80, 90],
        ..Self::DEFAULT
    };

    /// As the Treasury describes its own search. Facts beside the name lower nothing there, and the
    /// score is of the query against the list: the other way round it may differ.
    pub const OFAC: Self = Self {
        id: "ofac",
        method: Method::JaroWinkler,
        qualifier_per_cent: [100; 6],
        ..Self::DEFAULT
    };

    /// The built-in profiles.
    pub const ALL: [&'static Self; 3] = [&Self::DEFAULT, &Self::STRICT, &Self::OFAC];

    /// The built-in profile `id`.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|profile| profile.id == id)
    }

    /// `sha256:<hex>` over all constants and the engine's version.
    #[must_use]
    pub fn digest(&self) -> String {
        // Every answer names it.
        static KNOWN: LazyLock<Vec<String>> =
            LazyLock::new(|| Profile::ALL.iter().map(|p| p.work_out_digest()).collect());
        let at = Self::ALL.iter().position(|profile| *profile == self);
        let known = at.and_then(|at| KNOWN.get(at).cloned());
        known.unwrap_or_else(|| self.work_out_digest())
    }

    fn work_out_digest(&self) -> String {
        let text = format!("{}\n{self:?}", crate::ENGINE);
        let hex: String = Sha256::digest(text.as_bytes())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        format!("sha256:{hex}")
    }

    /// Greatest weight of a token of `class`: tenths times 1000 thousandths of idf.
    #[must_use]
    pub fn greatest_weight(&self, class: Class) -> u32 {
        let [ordinary, generic, number, initial, stop, legal] = self.class_tenths;
        1000 * match class {
            Class::Ordinary => ordinary,
            Class::Generic => generic,
            Class::Number => number,
            Class::Initial => initial,
            Class::Stop => stop,
            Class::LegalForm => legal,
        }
    }
}
