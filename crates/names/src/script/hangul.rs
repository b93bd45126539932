//! Korean: Hangul in Latin letters, and one key for every usual romanisation of a syllable.

use std::sync::LazyLock;

/// Initial consonants in Revised Romanisation, by jamo number.
const INITIAL: [&str; 19] = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
];

/// Vowels.
const VOWEL: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
];

/// Final consonants.
const FINAL: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
];

/// Revised Romanisation of a word, syllable by syllable and without assimilation, as in personal
/// names (Ministry of Culture notice 2000-8, chapter 3, article 4). `None` when a character is no
/// Hangul syllable.
pub(crate) fn romanised(word: &[char]) -> Option<String> {
    let mut latin = String::new();
    for c in word {
        let code = u32::from(*c).checked_sub(0xac00).filter(|n| *n < 11_172)?;
        let at = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        latin.push_str(INITIAL.get(at(code / 588))?);
        latin.push_str(VOWEL.get(at(code % 588 / 28))?);
        latin.push_str(FINAL.get(at(code % 28))?);
    }
    Some(latin)
}

/// Vowel spellings of all romanisations and passports, longest first, with their class. `O` holds
/// eo, o, u and eu, which McCune-Reischauer without its breves and many passports do not tell
/// apart.
const VOWELS: [(&str, &str); 62] = [
    ("wha", "hwA"),
    ("whe", "hwE"),
    ("whi", "hwI"),
    ("who", "hwO"),
    ("yeou", "yO"),
    ("yeo", "yO"),
    ("you", "yO"),
    ("yoo", "yO"),
    ("yae", "E"),
    ("wae", "wE"),
    ("weo", "wO"),
    ("woo", "O"),
    ("wou", "O"),
    ("eui", "I"),
    ("iye", "E"),
    ("yee", "I"),
    ("uee", "wI"),
    ("wee", "wI"),
    ("aa", "A"),
    ("ae", "E"),
    ("ai", "E"),
    ("ay", "E"),
    ("au", "O"),
    ("aw", "O"),
    ("ea", "E"),
    ("ee", "I"),
    ("ei", "E"),
    ("ey", "E"),
    ("eo", "O"),
    ("eu", "O"),
    ("oa", "wA"),
    ("oe", "wE"),
    ("oi", "wE"),
    ("oo", "O"),
    ("ou", "O"),
    ("ow", "O"),
    ("ue", "wE"),
    ("ui", "I"),
    ("uy", "I"),
    ("ia", "yA"),
    ("ya", "yA"),
    ("ie", "I"),
    ("ye", "E"),
    ("yi", "I"),
    ("io", "yO"),
    ("yo", "yO"),
    ("iu", "yO"),
    ("yu", "yO"),
    ("wa", "wA"),
    ("we", "wE"),
    ("wi", "wI"),
    ("wo", "wO"),
    ("wu", "O"),
    ("wy", "wI"),
    ("yw", "O"),
    ("a", "A"),
    ("e", "E"),
    ("i", "I"),
    ("o", "O"),
    ("u", "O"),
    ("y", "I"),
    ("w", "O"),
];

/// Consonant spellings, longest first. A class holds the plain, tense and aspirated sound, which
/// romanisations exchange.
const CONSONANTS: [(&str, &str); 30] = [
    ("tch", "c"),
    ("ng", "N"),
    ("ch", "c"),
    ("jj", "c"),
    ("kk", "k"),
    ("gg", "k"),
    ("gk", "k"),
    ("ck", "k"),
    ("kh", "k"),
    ("tt", "t"),
    ("dd", "t"),
    ("th", "t"),
    ("pp", "p"),
    ("bb", "p"),
    ("ph", "p"),
    ("sh", "s"),
    ("ss", "s"),
    ("rh", "l"),
    ("g", "k"),
    ("k", "k"),
    ("q", "k"),
    ("d", "t"),
    ("t", "t"),
    ("b", "p"),
    ("p", "p"),
    ("j", "c"),
    ("z", "c"),
    ("s", "s"),
    ("r", "l"),
    ("l", "l"),
];

/// The key that every romanisation of a Korean word shares (Revised, McCune-Reischauer, Yale, the
/// North's, passports): Kim/Gim, Lee/Yi/Rhee/Ri, Park/Bak/Pak, jeong/jong/chung. `None` for a word
/// that no romanisation of Korean yields.
pub(crate) fn key(latin: &str) -> Option<String> {
    let mut key = String::new();
    // Silent in spellings after English words: Nam-june.
    let mut rest = match latin.strip_suffix("une") {
        Some(_) if latin.len() > 3 => latin.strip_suffix('e').unwrap_or(latin),
        _ => latin,
    };
    while let Some(c) = rest.chars().next() {
        let found = spellings(c)
            .iter()
            .find_map(|(spelling, class)| Some((rest.strip_prefix(spelling)?, *spelling, *class)));
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let after_vowel = key.ends_with(['A', 'E', 'I', 'O']);
        let vowel_next = after.starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'w']);
        match found {
            // Written after a vowel and not sounded: Park, Hur, Ahn.
            _ if matches!(c, 'r' | 'h') && after_vowel && !vowel_next => rest = after,
            Some((after, spelling, class)) => {
                push(&mut key, class);
                rest = after;
                // Kim Jong-un and han-geul: after ng a further g or k cannot be told apart.
                if spelling == "ng" {
                    rest = rest.strip_prefix(['g', 'k']).unwrap_or(rest);
                }
            }
            None => {
                match c {
                    'm' | 'n' | 'h' => push(&mut key, c.encode_utf8(&mut [0; 4])),
                    _ => return None,
                }
                rest = after;
            }
        }
    }
    // n before k is written like ng.
    if key.contains('k') {
        key = key.replace("nk", "N").replace("Nk", "N");
    }
    // The initial l and n that the South drops before i and y, and writes n elsewhere.
    if let Some(after) = key.strip_prefix('l') {
        key = match after.starts_with(['I', 'y']) {
            true => after.to_owned(),
            false => format!("n{after}"),
        };
    } else if let Some(after) = key.strip_prefix('n').filter(|a| a.starts_with(['y'])) {
        key = after.to_owned();
    }
    (!key.is_empty()).then_some(key)
}

/// The spellings that begin with `c`, longest first.
fn spellings(c: char) -> &'static [(&'static str, &'static str)] {
    type Spellings = Vec<(&'static str, &'static str)>;
    static BY_LETTER: LazyLock<Vec<Spellings>> = LazyLock::new(|| {
        ('a'..='z')
            .map(|c| {
                VOWELS
                    .iter()
                    .chain(&CONSONANTS)
                    .filter(|(spelling, _)| spelling.starts_with(c))
                    .copied()
                    .collect()
            })
            .collect()
    });
    (u32::from(c))
        .checked_sub(u32::from('a'))
        .and_then(|n| BY_LETTER.get(usize::try_from(n).ok()?))
        .map_or(&[], Vec::as_slice)
}

fn push(key: &mut String, class: &str) {
    for c in class.chars() {
        if !key.ends_with(c) {
            key.push(c);
        }
    }
}

/// Surnames of two syllables.
pub(crate) const LONG_SURNAMES: [&str; 8] = [
    "남궁", "황보", "제갈", "선우", "독고", "사공", "서문", "동방",
];

/// Surnames of one syllable that nine in ten bear and more.
pub(crate) const SURNAMES: &str = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구나민진지엄채원천방공현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용예경봉사부가복태목형피두감음빈동온호범좌팽승간상시갈단견당화류리림로량렴려룡";

#[cfg(test)]
mod tests {
    use super::{key, romanised};

    #[test]
    fn every_romanisation_has_the_key_of_its_hangul() {
        for (hangul, spellings) in [
            ("김", "gim kim"),
            ("이", "i lee yi rhee ri li"),
            ("박", "bak park pak"),
            ("최", "choe choi"),
            ("정은", "jeongeun jongun jungeun chongun"),
            ("노", "no roh noh"),
            ("류", "ryu yu yoo you"),
            ("임", "im lim rim yim"),
            ("안", "an ahn"),
            ("허", "heo huh hur"),
            ("백", "baek paek paik"),
            ("희", "hui hee hi"),
            ("혜", "hye hae"),
            ("우", "u woo wu"),
            ("원", "won weon"),
            ("현대", "hyeondae hyundai"),
            ("영변", "yeongbyeon yongbyon nyongbyon"),
            ("한글", "hangeul hangul"),
            ("욱", "uk wook ook"),
            ("권", "gwon kwon kweon"),
            ("평양", "pyeongyang pyongyang"),
        ] {
            let chars: Vec<char> = hangul.chars().collect();
            let expected = key(&romanised(&chars).unwrap());
            for spelling in spellings.split(' ') {
                assert_eq!(key(spelling), expected, "{hangul} {spelling}");
            }
        }
        assert_ne!(key("jiwon"), key("jieun"));
        assert_ne!(key("jongil"), key("jongun"));
        assert_eq!(key("fox"), None);
        assert_eq!(romanised(&['A']), None);
    }
}
