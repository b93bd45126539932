//! Numbers written in words: they are compared as numbers.

const ORDINALS: [&str; 19] = [
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

const CARDINALS: [&str; 18] = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// The number that `parts` begin with and how many of them it takes: `44th`, `Forty-Four`, `tenth`.
/// One and first are left: they are names of many things.
pub(crate) fn find(parts: &[String]) -> Option<(String, usize)> {
    let word = parts.first()?;
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let ending = word.strip_prefix(digits)?;
        let ordinal = matches!(ending, "st" | "nd" | "rd" | "th") && word != "1st";
        return (ordinal && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| (digits.to_owned(), 1));
    }
    let named = |list: &[&str], word: &str| list.iter().position(|own| *own == word);
    if let Some(ten) = named(&TENS, word) {
        let ten = 20 + 10 * ten;
        let unit = parts.get(1).and_then(|next| named(&CARDINALS, next));
        return match unit.filter(|unit| *unit < 8) {
            Some(unit) => Some(((ten + unit + 2).to_string(), 2)),
            None => Some((ten.to_string(), 1)),
        };
    }
    let number = named(&CARDINALS, word).or_else(|| named(&ORDINALS, word))? + 2;
    Some((number.to_string(), 1))
}

/// `word` with a 0 or 1 between letters as the letter that it is written for (`Sokol0v`); a word that
/// has other digits, or few letters, is a designation and stays.
pub(crate) fn as_letters(word: String) -> String {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_lowercase).count();
    let ends = word.starts_with(|c: char| c.is_ascii_digit())
        || word.ends_with(|c: char| c.is_ascii_digit());
    let stands_for = |b: u8| matches!(b, b'0' | b'1');
    if digits == 0
        || ends
        || letters < 4
        || digits > 2
        || !word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || stands_for(b))
    {
        return word;
    }
    word.replace('0', "o").replace('1', "i")
}

/// The number that a text without spaces begins with and how many characters it takes: digits,
/// `第` or `제` with what follows (`第九`, `第六二五`, `제2`), and the number of an institute or works
/// (`三十三研究所`, `二院`).
pub(crate) fn inside(text: &[char]) -> Option<(String, usize)> {
    let digits = |from: &[char]| from.iter().take_while(|c| c.is_ascii_digit()).count();
    let number = |from: &[char], length: usize| -> String { from.iter().take(length).collect() };
    let plain = digits(text);
    if plain > 0 {
        return Some((number(text, plain), plain));
    }
    let (first, rest) = text.split_first()?;
    if !matches!(first, '第' | '제') {
        let (value, used) = han(text)?;
        let unit = text
            .get(used)
            .is_some_and(|c| matches!(c, '所' | '院' | '厂' | '研'));
        return unit.then(|| (value.to_string(), used));
    }
    let plain = digits(rest);
    if plain > 0 {
        return Some((number(rest, plain), plain + 1));
    }
    let (value, used) = han(rest)?;
    Some((value.to_string(), used + 1))
}

/// The value of the Han numerals that `text` begins with, and how many they are.
fn han(text: &[char]) -> Option<(u32, usize)> {
    let (mut value, mut last, mut used, mut by_place) = (0_u32, None, 0, false);
    for c in text.iter().take(6) {
        // Lists print the zero as a circle, and a two in kana.
        let own = match c {
            '零' | '○' | '◯' => &'〇',
            'ニ' => &'二',
            c => c,
        };
        let digit = "〇一二三四五六七八九"
            .chars()
            .zip(0_u32..)
            .find(|(digit, _)| digit == own);
        match (digit, c) {
            (Some((_, digit)), _) => {
                // Digits one after the other are read as they stand: 六二五 is 625.
                last = Some(match last {
                    Some(before) if !by_place => before * 10 + digit,
                    _ => digit,
                });
            }
            (None, '十') => (value, last, by_place) = (value + last.unwrap_or(1) * 10, None, true),
            (None, '百') => {
                (value, last, by_place) = (value + last.unwrap_or(1) * 100, None, true)
            }
            _ => break,
        }
        used += 1;
    }
    (used > 0).then(|| (value + last.unwrap_or(0), used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        for (text, expected) in [
            ("forty four", Some(("44", 2))),
            ("forty 4", Some(("40", 1))),
            ("44th brigade", Some(("44", 1))),
            ("three percenters", Some(("3", 1))),
            ("second", Some(("2", 1))),
            ("1st", None),
            ("3m", None),
            ("one", None),
        ] {
            let found = find(&words(text));
            assert_eq!(
                found,
                expected.map(|(n, used)| (n.to_owned(), used)),
                "{text}"
            );
        }
        for (text, expected) in [
            ("sokol0v", "sokolov"),
            ("b737800", "b737800"),
            ("abcd1", "abcd1"),
        ] {
            assert_eq!(as_letters(text.to_owned()), expected);
        }
        for (text, expected) in [
            ("第六二五研究所", Some(("625", 4))),
            ("第三十三研究所", Some(("33", 4))),
            ("第十", Some(("10", 2))),
            ("第771研究所", Some(("771", 4))),
            ("제2경제", Some(("2", 2))),
            ("三十三研究所", Some(("33", 3))),
            ("第七○ニ研究所", Some(("702", 4))),
            ("三一重工", None),
            ("5会社", Some(("5", 1))),
            ("제이", None),
        ] {
            let text: Vec<char> = text.chars().collect();
            assert_eq!(
                inside(&text),
                expected.map(|(n, used)| (n.to_owned(), used)),
                "{text:?}"
            );
        }
    }
}
