//! Which document has which word, and how much a match is worth: BM25 over weighted fields, in integers.

use std::collections::{BTreeMap, HashMap};

/// One of the things that are said about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// Our label of the entry.
    Label,
    /// Our labels of its paragraphs.
    Paragraphs,
    /// What its formulas test: item types, materials, names.
    Tested,
    /// What an alignment record says both sides speak of.
    Aligned,
    /// Names of goods in trade that point to it.
    Products,
    /// First column of the keyword table.
    Keywords1,
    /// Second column.
    Keywords2,
    /// Third column.
    Keywords3,
    /// Heading of the official text.
    Heading,
    /// Paragraphs of the official text.
    Official,
    /// Notes of the official text.
    Notes,
}

impl Field {
    /// What one occurrence weighs, in 1/16, and how much of it a long field loses (`b` of BM25), in 1/16.
    const fn weight(self) -> (u64, u64) {
        match self {
            Self::Label => (48, 3),
            Self::Paragraphs => (18, 8),
            Self::Tested => (12, 8),
            Self::Aligned => (18, 10),
            Self::Products => (32, 4),
            Self::Keywords1 => (44, 6),
            Self::Keywords2 => (24, 6),
            Self::Keywords3 => (12, 6),
            Self::Heading => (40, 4),
            Self::Official => (10, 12),
            Self::Notes => (3, 12),
        }
    }
}

/// The saturation constant (`k1` of BM25), in 1/256.
const K1: u64 = 400;

/// Collects words by field and document.
#[derive(Debug, Default)]
pub(super) struct Collector {
    counts: HashMap<String, BTreeMap<(u32, Field), u64>>,
    lengths: BTreeMap<(Field, u32), u64>,
}

impl Collector {
    /// One occurrence; `share` in 1/16 (a part of a word counts less than the word).
    pub(super) fn add(&mut self, document: u32, field: Field, word: &str, share: u64) {
        let by_place = match self.counts.get_mut(word) {
            Some(known) => known,
            None => self.counts.entry(word.to_owned()).or_default(),
        };
        *by_place.entry((document, field)).or_default() += share;
    }

    /// Counts a word of the field's length.
    pub(super) fn longer(&mut self, document: u32, field: Field) {
        *self.lengths.entry((field, document)).or_default() += 1;
    }

    pub(super) fn finish(self, documents: u64) -> Postings {
        let mut averages: BTreeMap<Field, (u64, u64)> = BTreeMap::new();
        for ((field, _), length) in &self.lengths {
            let sum = averages.entry(*field).or_default();
            *sum = (sum.0 + length, sum.1 + 1);
        }
        let norm = |document: u32, field: Field| {
            let (_, b) = field.weight();
            let length = self.lengths.get(&(field, document)).copied().unwrap_or(0);
            let (sum, count) = averages.get(&field).copied().unwrap_or((1, 1));
            // (1 - b) + b * length / average, in 1/256.
            (16 - b) * 16 + (b * 16 * length * count).checked_div(sum).unwrap_or(0)
        };
        let mut postings = Postings::default();
        for (word, places) in self.counts {
            let mut weights: BTreeMap<u32, u64> = BTreeMap::new();
            for ((document, field), count) in places {
                let (weight, _) = field.weight();
                // In 1/256: count and weight are in 1/16 each.
                let share = (count * weight * 256) / norm(document, field).max(64);
                *weights.entry(document).or_default() += share;
            }
            let idf = rarity(documents, weights.len() as u64);
            let list = weights.into_iter().map(|(document, weight)| Posting {
                document,
                worth: u32::try_from(idf * weight / (weight + K1)).unwrap_or(u32::MAX),
            });
            postings.words.insert(word.into(), list.collect());
        }
        postings
    }
}

/// A document that has a word, and what a match there is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) document: u32,
    pub(super) worth: u32,
}

/// The finished index.
#[derive(Debug, Default)]
pub(super) struct Postings {
    words: HashMap<Box<str>, Vec<Posting>>,
}

impl Postings {
    pub(super) fn of(&self, word: &str) -> &[Posting] {
        self.words.get(word).map_or(&[], Vec::as_slice)
    }

    pub(super) fn words(&self) -> usize {
        self.words.len()
    }

    pub(super) fn each_word(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(|word| &**word)
    }
}

/// `log2((documents + 1) / (having + 1/2))` in 1/256, at least 1/4.
fn rarity(documents: u64, having: u64) -> u64 {
    let ratio = ((documents + 1) << 17) / (2 * having + 1);
    log2(ratio).saturating_sub(16 * 256).max(64)
}

/// Binary logarithm in 1/256, by squaring the mantissa eight times.
fn log2(value: u64) -> u64 {
    let value = value.max(1);
    let whole = u64::from(value.ilog2());
    // The mantissa in [1, 2) with 31 binary places.
    let mut mantissa = if whole <= 31 {
        value << (31 - whole)
    } else {
        value >> (whole - 31)
    };
    let mut log = whole;
    for _ in 0..8 {
        mantissa = (mantissa * mantissa) >> 31;
        log <<= 1;
        if mantissa >> 32 != 0 {
            mantissa >>= 1;
            log += 1;
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::{Collector, Field, log2, rarity};

    #[test]
    fn logarithms_are_exact_to_the_last_place() {
        for value in [1_u64, 2, 3, 10, 1000, 65_537, 1 << 40] {
            let exact = (value as f64).log2() * 256.0;
            assert!((log2(value) as f64 - exact).abs() < 1.01, "{value}");
        }
        assert!(rarity(980, 1) > rarity(980, 2) && rarity(980, 980) == 64);
    }

    #[test]
    fn a_rare_word_in_a_label_is_worth_more_than_a_common_one_in_a_text() {
        let mut collector = Collector::default();
        for document in 0..100 {
            collector.add(document, Field::Official, "system", 16);
            collector.longer(document, Field::Official);
        }
        collector.add(7, Field::Label, "sonar", 16);
        collector.longer(7, Field::Label);
        let postings = collector.finish(100);
        let sonar = postings.of("sonar")[0];
        assert_eq!((sonar.document, postings.of("nothing").len()), (7, 0));
        assert!(sonar.worth > 10 * postings.of("system")[0].worth);
    }
}
