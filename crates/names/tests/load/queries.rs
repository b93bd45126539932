//! Names that are asked for and generated names, the same in every run.

use std::collections::BTreeSet;

use concord_names::Subject;

/// Numbers that look random (SplitMix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    /// Small numbers far more often than great ones, as words are.
    fn rank(&mut self, n: usize) -> usize {
        let [a, b, c] = [self.below(n), self.below(n), self.below(n)];
        a * b / n * c / n
    }
}

/// The word with the number `n`: each number has another, of two to four syllables.
fn word(n: usize) -> String {
    const SYLLABLES: [&str; 48] = [
        "ba", "ren", "ko", "mi", "shar", "tel", "vo", "du", "an", "li", "sor", "gu", "pet", "ha",
        "zim", "ro", "kal", "ne", "tor", "vi", "bu", "mar", "es", "ol", "dan", "fi", "ger", "lo",
        "sha", "ku", "ran", "ti", "vel", "na", "dor", "si", "mo", "ler", "ya", "ber", "ca", "nis",
        "tu", "ga", "ril", "po", "jen", "wa",
    ];
    let mut rest = n * 7_919 + 48;
    let mut word = String::new();
    while rest > 0 {
        word.push_str(SYLLABLES[rest % 48]);
        rest /= 48;
    }
    word
}

/// A generated name: of a person, or of a company in three of ten.
pub fn generated(random: &mut Random) -> (Subject, String) {
    if random.below(10) < 3 {
        let kinds = [
            "Trading",
            "Shipping",
            "Industries",
            "Technology",
            "Energy",
            "Group",
        ];
        let forms = ["Ltd", "LLC", "GmbH", "Co., Ltd.", "JSC", "Inc"];
        let (own, kind) = (word(random.rank(400_000)), kinds[random.below(6)]);
        let form = forms[random.below(6)];
        return match random.below(2) {
            0 => (Subject::Organisation, format!("{own} {kind} {form}")),
            _ => {
                let second = word(random.rank(400_000));
                (
                    Subject::Organisation,
                    format!("{own} {second} {kind} {form}"),
                )
            }
        };
    }
    let (given, surname) = (word(random.rank(8_000)), word(random.rank(300_000)));
    match random.below(3) {
        0 => (Subject::Person, format!("{given} {surname}")),
        _ => {
            let middle = word(random.rank(8_000));
            (Subject::Person, format!("{given} {middle} {surname}"))
        }
    }
}

fn typo(name: &str, n: usize) -> String {
    let mut chars: Vec<char> = name.chars().collect();
    let at = 1 + n % chars.len().max(2).saturating_sub(1);
    match n % 3 {
        0 if at < chars.len() => chars.swap(at, at - 1),
        1 if at < chars.len() => {
            chars.remove(at);
        }
        _ => chars.insert(at.min(chars.len()), 'e'),
    }
    chars.into_iter().collect()
}

pub const KINDS: [&str; 9] = [
    "exact",
    "one typo",
    "a typo in every word",
    "words turned round",
    "joined",
    "split",
    "a word left out or an initial",
    "another script",
    "not listed",
];

/// 2,000 queries with their kind; what is listed of them is drawn from `names`.
pub fn queries(names: &[&str]) -> Vec<(usize, String)> {
    let random = &mut Random(2026);
    let latin: Vec<&str> = names
        .iter()
        .filter(|name| name.is_ascii() && name.contains(' '))
        .copied()
        .collect();
    let foreign = |name: &&&str| name.chars().any(|c| u32::from(c) > 0x250);
    let foreign: Vec<&str> = names.iter().filter(foreign).copied().collect();
    let unlisted = [
        "John", "Maria", "Wei", "Olga", "Ahmed", "Jane", "Pierre", "Min Su", "Ivan",
    ];
    let families = [
        "Smith",
        "Garcia",
        "Wang",
        "Kuznetsova",
        "Hassan",
        "Bennet",
        "Dupont",
        "Kim",
    ];
    let trades = [
        "Bakery",
        "Dental",
        "Foods",
        "Interiors",
        "Laundry",
        "Garments",
        "Trading Company",
    ];
    let forms = ["Ltd", "GmbH", "Inc", "S.A.", "Co., Ltd."];
    let mut queries = BTreeSet::new();
    let mut per_kind = [0; 9];
    while queries.len() < 2_000 {
        let (kind, n) = match random.below(20) {
            0..=2 => (0, 0),
            3..=5 => (1, random.below(1_000)),
            6..=7 => (2, random.below(1_000)),
            8..=9 => (3, 0),
            10 => (4, 0),
            11 => (5, random.below(1_000)),
            12..=13 => (6, random.below(1_000)),
            14..=17 => (7, random.below(1_000)),
            _ => (8, random.below(1_000)),
        };
        let source = if kind == 7 && !foreign.is_empty() {
            &foreign
        } else {
            &latin
        };
        let name = source[random.below(source.len())];
        let words: Vec<&str> = name.split(' ').collect();
        let query = match kind {
            1 => typo(name, n),
            2 => words
                .iter()
                .map(|w| typo(w, n))
                .collect::<Vec<_>>()
                .join(" "),
            3 => words.iter().rev().copied().collect::<Vec<_>>().join(" "),
            4 => name.replacen(' ', "", 1),
            5 => {
                let mut chars: Vec<char> = name.chars().collect();
                chars.insert(1 + n % chars.len(), ' ');
                chars.into_iter().collect()
            }
            6 => {
                let mut words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
                let at = n % words.len();
                if n % 2 == 0 && words.len() > 2 {
                    words.remove(at);
                } else {
                    words[at] = words[at].chars().take(1).collect();
                }
                words.join(" ")
            }
            8 => {
                let (first, family) = (unlisted[n % 9], families[n / 9 % 8]);
                match n % 2 {
                    0 => format!("{first} {family}"),
                    _ => format!("{first} {} {}", trades[n / 9 % 7], forms[n / 63 % 5]),
                }
            }
            _ => name.to_owned(),
        };
        per_kind[kind] += usize::from(queries.insert((kind, query)));
        // There are only so many names that are not listed.
        if per_kind[8] > 150 {
            per_kind[8] = 0;
        }
    }
    queries.into_iter().collect()
}
