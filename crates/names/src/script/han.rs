//! Han characters: pinyin, Wade-Giles, Cantonese and Korean readings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::tables::SHINJITAI;

/// Readings of one character.
#[derive(Debug, Clone, Default)]
pub(crate) struct Character {
    /// Pinyin without tones, `ü` as `v`; the usual one first.
    pub pinyin: Vec<&'static str>,
    /// Korean readings in Hangul.
    pub korean: Vec<char>,
    /// Cantonese in Jyutping, without tones.
    pub cantonese: Option<&'static str>,
    /// Its simplified form, where it has one.
    pub simplified: Option<char>,
}

/// Readings that characters have as surnames and places only (`曾` is Zeng, otherwise ceng).
const SURNAMES: [(char, &str); 18] = [
    ('厦', "xia"),
    ('廈', "xia"),
    ('曾', "zeng"),
    ('单', "shan"),
    ('單', "shan"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('查', "zha"),
    ('盖', "ge"),
    ('乐', "yue"),
    ('任', "ren"),
    ('朴', "piao"),
    ('翟', "zhai"),
    ('覃', "qin"),
    ('区', "ou"),
    ('缪', "miao"),
    ('尉', "yu"),
    ('重', "chong"),
];

static TABLE: LazyLock<BTreeMap<char, Character>> = LazyLock::new(|| {
    let mut table: BTreeMap<char, Character> = BTreeMap::new();
    for line in include_str!("../../data/han.tsv").lines() {
        let mut fields = line.split('\t');
        let (Some(c), Some(pinyin), Some(korean), Some(cantonese), Some(simplified)) = (
            fields.next().and_then(|f| f.chars().next()),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
        ) else {
            continue;
        };
        let mut character = Character {
            pinyin: pinyin.split('/').filter(|p| !p.is_empty()).collect(),
            korean: korean.split('/').filter_map(|s| s.chars().next()).collect(),
            cantonese: Some(cantonese).filter(|c| !c.is_empty()),
            simplified: simplified.chars().next(),
        };
        for (_, reading) in SURNAMES.iter().filter(|(s, _)| *s == c) {
            if !character.pinyin.contains(reading) {
                character.pinyin.push(reading);
            }
        }
        table.insert(c, character);
    }
    for pair in SHINJITAI.split_whitespace() {
        let mut pair = pair.chars();
        if let (Some(own), Some(other)) = (pair.next(), pair.next())
            && own != other
        {
            table.entry(own).or_default().simplified = Some(other);
        }
    }
    // Unihan gives Korean readings to traditional forms; the others of one character are read alike.
    let read: BTreeMap<char, Vec<char>> = table
        .iter()
        .filter(|(_, character)| !character.korean.is_empty())
        .map(|(c, character)| (character.simplified.unwrap_or(*c), character.korean.clone()))
        .collect();
    for (c, character) in &mut table {
        if let Some(korean) = read.get(&character.simplified.unwrap_or(*c))
            && character.korean.is_empty()
        {
            character.korean.clone_from(korean);
        }
    }
    table
});

/// The readings of `c`, if the table has any.
pub(crate) fn character(c: char) -> Option<&'static Character> {
    TABLE.get(&c)
}

/// `c` in simplified form.
pub(crate) fn simplified(c: char) -> char {
    character(c).and_then(|c| c.simplified).unwrap_or(c)
}

/// Most readings of one word: characters with several multiply.
const MOST: usize = 8;

/// Every way to read `word`, one piece per character; empty when a character has no reading.
pub(crate) fn ways<'a, T: Clone + 'a>(
    word: &[char],
    of: impl Fn(&'static Character) -> Vec<T>,
    simplify: bool,
) -> Vec<Vec<T>> {
    let mut ways: Vec<Vec<T>> = vec![Vec::new()];
    for c in word {
        let own = character(*c).map(&of).unwrap_or_default();
        let readings = match character(simplified(*c)) {
            Some(other) if simplify && own.is_empty() => of(other),
            _ => own,
        };
        if readings.is_empty() {
            return Vec::new();
        }
        ways = readings
            .iter()
            .flat_map(|reading| {
                ways.iter().map(move |way| {
                    let mut way = way.clone();
                    way.push(reading.clone());
                    way
                })
            })
            .take(MOST)
            .collect();
    }
    ways
}

/// Initials of pinyin with those of Wade-Giles without apostrophes, longest first.
const WADE_GILES: [(&str, &str); 21] = [
    ("zh", "ch"),
    ("ch", "ch"),
    ("sh", "sh"),
    ("b", "p"),
    ("p", "p"),
    ("m", "m"),
    ("f", "f"),
    ("d", "t"),
    ("t", "t"),
    ("n", "n"),
    ("l", "l"),
    ("g", "k"),
    ("k", "k"),
    ("h", "h"),
    ("j", "ch"),
    ("q", "ch"),
    ("x", "hs"),
    ("z", "ts"),
    ("c", "ts"),
    ("s", "s"),
    ("r", "j"),
];

/// A pinyin syllable in Wade-Giles as names print it: no apostrophes, no diaeresis.
pub(crate) fn wade_giles(pinyin: &str) -> String {
    let (initial, letters, rest) = WADE_GILES
        .iter()
        .find_map(|(p, w)| Some((*p, *w, pinyin.strip_prefix(p)?)))
        .unwrap_or(("", "", pinyin));
    let spelt = match (initial, rest) {
        ("zh" | "ch" | "sh" | "r", "i") => "ih",
        ("z" | "c", "i") => return "tzu".to_owned(),
        ("s", "i") => return "ssu".to_owned(),
        ("", "yi") => "i",
        ("", "you") => "yu",
        ("", "ye") => "yeh",
        ("", "yan") => "yen",
        ("", "yong") => "yung",
        ("", "er") => "erh",
        (_, "ian") => "ien",
        (_, "ie") => "ieh",
        (_, "ong") => "ung",
        (_, "iong") => "iung",
        ("g" | "k" | "h", "e") => "o",
        (_, "ve" | "ue") => "ueh",
        ("g" | "k", "ui") => "uei",
        ("d" | "t" | "n" | "l" | "zh" | "ch" | "r" | "z" | "c" | "s", "uo") => "o",
        (_, "v") => "u",
        ("j" | "q" | "x" | "", other) => other,
        (_, other) => other,
    };
    format!("{letters}{spelt}")
}

/// Finals of Jyutping as Hong Kong spells names.
const HONG_KONG: [(&str, &str); 22] = [
    ("aang", "ang"),
    ("aai", "ai"),
    ("aau", "au"),
    ("aam", "am"),
    ("aan", "an"),
    ("aap", "ap"),
    ("aat", "at"),
    ("aak", "ak"),
    ("oeng", "eung"),
    ("oek", "euk"),
    ("eoi", "ui"),
    ("eon", "un"),
    ("eot", "ut"),
    ("yun", "uen"),
    ("yut", "uet"),
    ("aa", "a"),
    ("yu", "u"),
    ("ou", "o"),
    ("iu", "iu"),
    ("oe", "eu"),
    ("ang", "ang"),
    ("au", "au"),
];

/// A Jyutping syllable as the Hong Kong government spells names: 陳 can/chan, 黃 wong, 張 cheung.
pub(crate) fn hong_kong(jyutping: &str) -> String {
    if let Some(rest) = jyutping.strip_prefix('s').filter(|r| *r == "ing") {
        return format!("sh{rest}");
    }
    let (initial, rest) = [
        ("ng", "ng"),
        ("gw", "kw"),
        ("kw", "kw"),
        ("g", "k"),
        ("z", "ch"),
        ("c", "ch"),
        ("j", "y"),
        ("s", "s"),
    ]
    .iter()
    .find_map(|(j, h)| Some((*h, jyutping.strip_prefix(j)?)))
    .unwrap_or_else(|| {
        let cut = jyutping
            .char_indices()
            .nth(1)
            .map_or(jyutping.len(), |(i, _)| i);
        match jyutping.chars().next() {
            Some('a' | 'e' | 'i' | 'o' | 'u' | 'm') | None => ("", jyutping),
            Some(_) => jyutping.split_at(cut),
        }
    });
    let spelt = HONG_KONG
        .iter()
        .find(|(j, _)| rest == *j)
        .map_or(rest, |(_, h)| h);
    if initial == "y" && rest.starts_with("yu") {
        return rest.replace("yun", "yuen");
    }
    format!("{initial}{spelt}")
}

/// Chinese surnames of two characters.
pub(crate) const LONG_SURNAMES: [&str; 20] = [
    "欧阳", "司马", "诸葛", "上官", "夏侯", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒",
    "端木", "南宫", "独孤", "长孙", "宇文", "轩辕", "淳于", "南宮",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings() {
        let pinyin = |word: &str| {
            let word: Vec<char> = word.chars().collect();
            ways(&word, |c| c.pinyin.clone(), true)
                .first()
                .map(|w| w.concat())
                .unwrap_or_default()
        };
        assert_eq!(pinyin("华为"), "huawei");
        assert_eq!(pinyin("習近平"), "xijinping");
        assert_eq!(simplified('劉'), '刘');
        let korean = ways(&['金', '正', '恩'], |c| c.korean.clone(), false);
        let korean: Vec<String> = korean.iter().map(|w| w.iter().collect()).collect();
        assert!(korean.contains(&"김정은".to_owned()), "{korean:?}");
        for (p, w) in [
            ("xi", "hsi"),
            ("jin", "chin"),
            ("ping", "ping"),
            ("zhou", "chou"),
            ("en", "en"),
            ("lai", "lai"),
            ("mao", "mao"),
            ("ze", "tse"),
            ("dong", "tung"),
            ("xue", "hsueh"),
            ("guo", "kuo"),
            ("zhi", "chih"),
        ] {
            assert_eq!(wade_giles(p), w);
        }
        for (j, h) in [
            ("can", "chan"),
            ("zoeng", "cheung"),
            ("wong", "wong"),
            ("lei", "lei"),
            ("gam", "kam"),
            ("ng", "ng"),
            ("hou", "ho"),
        ] {
            assert_eq!(hong_kong(j), h);
        }
        assert!(ways(&['𠀀'], |c| c.pinyin.clone(), true).is_empty());
    }
}
