//! How common tokens are among listed names.

use std::collections::HashMap;

use crate::name::{Name, Token};
use crate::normal::bare;
use crate::profile::Profile;

/// Document frequencies. A hit's score depends on the corpus, so a snapshot's corpus is fixed when
/// the snapshot is, and explanations carry the weights it gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corpus {
    names: u64,
    frequency: HashMap<Box<str>, u64>,
}

impl Corpus {
    /// Counts one name.
    pub fn add(&mut self, name: &Name) {
        self.names += 1;
        let mut seen: Vec<&str> = name.tokens.iter().map(|t| t.text.as_str()).collect();
        seen.sort_unstable();
        seen.dedup();
        for text in seen {
            let text = bare(text);
            match self.frequency.get_mut(&*text) {
                Some(count) => *count += 1,
                None => {
                    self.frequency.insert(text.into(), 1);
                }
            }
        }
    }

    /// Weight of `token`: its class factor times an idf between [`Profile::least_idf`] and 1000.
    /// Without names every token is rare.
    #[must_use]
    pub fn weight(&self, token: &Token, profile: &Profile) -> u32 {
        let greatest = u64::from(profile.greatest_weight(token.class));
        let least = u64::from(profile.least_idf);
        let all = log2(self.names + 1);
        if all == 0 {
            return profile.greatest_weight(token.class);
        }
        let frequency = self
            .frequency
            .get(&*bare(&token.text))
            .copied()
            .unwrap_or(0);
        let rarity = all.saturating_sub(log2(frequency + 1));
        let idf = least + 1000_u64.saturating_sub(least) * rarity / all;
        // At least 1, so that a name never weighs nothing.
        u32::try_from((greatest * idf / 1000).max(1)).unwrap_or(u32::MAX)
    }
}

/// Binary logarithm of `n >= 1` in 1/1024, rounded down. The fraction comes bit by bit: squaring a
/// number in [1, 2) doubles its logarithm.
fn log2(n: u64) -> u64 {
    let whole = n.max(1).ilog2();
    // The mantissa as a 32-bit fixed-point number in [1, 2).
    let mut mantissa = (u128::from(n.max(1)) << 32) >> whole;
    let mut log = u64::from(whole);
    for _ in 0..10 {
        mantissa = (mantissa * mantissa) >> 32;
        let bit = u64::from(mantissa >= 2 << 32);
        log = 2 * log + bit;
        mantissa >>= bit;
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_is_exact_enough_and_monotone() {
        assert_eq!((log2(1), log2(2), log2(1024)), (0, 1024, 10_240));
        assert_eq!(log2(3), 1623); // 1.58496 * 1024 = 1622.99…, and the mantissa is exact here
        assert!((1..5000).all(|n| log2(n) <= log2(n + 1)));
    }

    #[test]
    fn common_tokens_weigh_less() {
        let mut corpus = Corpus::default();
        for name in ["mohammed ali", "mohammed omar", "mohammed rare", "other x"] {
            corpus.add(&Name::new(name));
        }
        let weight = |text: &str| corpus.weight(&Name::new(text).tokens[0], &Profile::DEFAULT);
        assert!(weight("mohammed") < weight("omar") && weight("omar") < weight("unseen"));
        assert_eq!(weight("unseen"), 10_000);
        assert_eq!(
            Corpus::default().weight(&Name::new("xyz y").tokens[0], &Profile::DEFAULT),
            10_000
        );
    }
}
