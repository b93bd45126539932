//! Text to bare words: compatibility forms, case, marks and punctuation.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::script::Script;

/// The words of `text`: NFKC, lower case, marks stripped where they are spelling and not letters,
/// punctuation gone. `S.A.` is one word, `N. Name` two, `AGAT-SYSTEM` two, `O'Neil` one.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for chunk in fold(text).split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '&')) {
        split_chunk(chunk, &mut words);
    }
    if words.iter().all(|word| word.is_ascii()) {
        return words;
    }
    let words = words.into_iter().map(in_one_alphabet);
    words.flat_map(split_scripts).collect()
}

/// Cyrillic letters with the Latin ones that look alike, in capitals or in small letters.
const LOOK_ALIKE: [(char, char); 18] = [
    ('а', 'a'),
    ('в', 'b'),
    ('с', 'c'),
    ('е', 'e'),
    ('н', 'h'),
    ('к', 'k'),
    ('м', 'm'),
    ('о', 'o'),
    ('р', 'p'),
    ('т', 't'),
    ('х', 'x'),
    ('у', 'y'),
    ('і', 'i'),
    ('ї', 'ï'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('ԁ', 'd'),
    ('һ', 'h'),
];

/// A word typed in two alphabets whose letters look alike (`Oбщество` with a Latin O), in the one that
/// has letters which the other has not, or else in the one that has more of them.
fn in_one_alphabet(word: String) -> String {
    let of = |script| {
        word.chars()
            .filter(move |c| c.is_alphabetic() && Script::of(*c) == script)
    };
    let (latin, cyrillic) = (of(Script::Latin).count(), of(Script::Cyrillic).count());
    if latin == 0 || cyrillic == 0 {
        return word;
    }
    let other = |c: char| {
        let mut pairs = LOOK_ALIKE.iter();
        match Script::of(c) {
            Script::Cyrillic => pairs.find(|(own, _)| *own == c).map(|(_, latin)| *latin),
            _ => pairs
                .find(|(_, own)| *own == c)
                .map(|(cyrillic, _)| *cyrillic),
        }
    };
    let wrong = match (
        of(Script::Latin).all(|c| other(c).is_some()),
        of(Script::Cyrillic).all(|c| other(c).is_some()),
    ) {
        (true, true) if latin > cyrillic => Script::Cyrillic,
        (true, _) => Script::Latin,
        (false, true) => Script::Cyrillic,
        (false, false) => return word,
    };
    let turn = |c: char| match c.is_alphabetic() && Script::of(c) == wrong {
        true => other(c).unwrap_or(c),
        false => c,
    };
    word.chars().map(turn).collect()
}

/// `Москва北京` is two words; a digit goes with the letters before it.
fn split_scripts(word: String) -> Vec<String> {
    if word.is_ascii() {
        return vec![word];
    }
    let mut pieces: Vec<String> = Vec::new();
    let mut script = None;
    for c in word.chars() {
        let own = if c.is_numeric() || !c.is_alphabetic() {
            None
        } else {
            Some(Script::of(c))
        };
        match pieces.last_mut() {
            Some(piece) if own.is_none() || script.is_none() || own == script => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        script = own.or(script);
    }
    pieces
}

/// A chunk holds letters, digits, full stops and ampersands.
fn split_chunk(chunk: &str, words: &mut Vec<String>) {
    for (n, part) in chunk.split('&').enumerate() {
        if n > 0 {
            words.push("and".to_owned());
        }
        let mut letters = String::new();
        for piece in part.split('.') {
            let mut chars = piece.chars();
            match (chars.next(), chars.next()) {
                (None, _) => {}
                (Some(single), None) => letters.push(single),
                _ => {
                    flush(&mut letters, words);
                    words.push(piece.to_owned());
                }
            }
        }
        flush(&mut letters, words);
    }
}

fn flush(letters: &mut String, words: &mut Vec<String>) {
    if !letters.is_empty() {
        words.push(std::mem::take(letters));
    }
}

/// Compatibility-composed, lower-cased text without apostrophes and without the marks of alphabets
/// where a mark is spelling (Latin, Greek, Cyrillic, Hebrew, Arabic). Kana and Indic marks are
/// part of the letter and stay.
fn fold(text: &str) -> String {
    // None of it concerns ASCII but letter case and apostrophes.
    if text.is_ascii() {
        let kept = text.chars().filter(|c| !matches!(c, '\'' | '`'));
        return kept.map(|c| c.to_ascii_lowercase()).collect();
    }
    let mut folded = String::new();
    let mut base_takes_marks = false;
    for c in text.nfkc().flat_map(char::to_lowercase).nfd() {
        if is_combining_mark(c) {
            if base_takes_marks {
                keep_sounding_mark(c, &mut folded);
                continue;
            }
        } else {
            base_takes_marks = matches!(c, '\0'..='\u{74f}' | '\u{1e00}'..='\u{1fff}');
        }
        match c {
            // Apostrophes and the signs that transliterations use for ayn and hamza.
            '\''
            | '`'
            | '\u{b4}'
            | '\u{2b9}'..='\u{2bf}'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{201b}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            // Signs that stand for the letter delta in published names.
            '\u{2206}' => folded.push('δ'),
            // Persian and Urdu forms of Arabic letters; the sign that only stretches a word.
            'ک' => folded.push('ك'),
            'ی' | 'ے' => folded.push('ي'),
            'ہ' | 'ھ' => folded.push('ه'),
            '\u{640}' | '\u{200c}'..='\u{200f}' => {}
            c => folded.push(c),
        }
    }
    folded.nfc().collect()
}

/// A mark that makes another sound of s, c or z stays, as the caron whatever it was; and the short
/// u of Belarusian is a v.
fn keep_sounding_mark(mark: char, folded: &mut String) {
    let last = folded.chars().next_back();
    let sounding = match (last, mark) {
        (Some('s'), '\u{301}' | '\u{30c}' | '\u{326}' | '\u{327}') => 'š',
        (Some('c'), '\u{301}' | '\u{30c}' | '\u{327}') => 'č',
        (Some('z'), '\u{301}' | '\u{307}' | '\u{30c}') => 'ž',
        (Some('у'), '\u{306}') => 'в',
        _ => return,
    };
    folded.pop();
    folded.push(sounding);
}

/// `word`, which is normalised, without the marks that stayed.
pub(crate) fn bare(word: &str) -> Cow<'_, str> {
    if word.is_ascii() || !word.contains(['š', 'č', 'ž']) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.replace('š', "s").replace('č', "c").replace('ž', "z"))
}

#[cfg(test)]
mod tests {
    use super::{bare, words};

    #[test]
    fn words_of_names_as_lists_write_them() {
        for (text, expected) in [
            ("Société Générale, S.A.", "societe generale sa"),
            ("'ABD AL-RAZZIQ, Abu", "abd al razziq abu"),
            ("N. Nazarbayev", "n nazarbayev"),
            ("J.K.Rowling & Co.", "jk rowling and co"),
            ("Łódź Straße ÇİÇEK", "lodž strasse čiček"),
            ("ＨＵＡＷＥＩ（华为）", "huawei 华为"),
            ("김정은 / КИМ ЧЕН ЫН", "김정은 ким чен ын"),
            ("ガス", "ガス"),
            ("A&C", "a and c"),
            ("Москва北京2 Smith-Петров", "москва 北京2 smith петров"),
            ("بِنْت کریم", "بنت كريم"),
            ("Oбщество OАО ааb", "общество оао аав"),
            ("Мoskva", "moskva"),
            ("...", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
        assert_eq!(bare("lukaševič"), "lukasevic");
    }
}
