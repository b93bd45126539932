//! The comparison that the Treasury describes for its own search (OFAC, frequently asked question
//! 249), with the details that its published scores show: Jaro-Winkler over the whole names written
//! without spaces, and over the parts of the name asked for, each against the listed part that is
//! most like it; the higher of the two counts. Parts are compared where they begin with the same
//! letter and fewer than half of the letters differ, or where their Soundex codes are the same.
//! Integers throughout; scores of 10 000.

use crate::align::{Aligned, Alignment, Key, Weighed};
use crate::similarity::edits_within;

/// Letters of a common beginning that count: of whole names (their scores show five), of parts.
const WHOLE: usize = 5;
const PART: usize = 4;

/// Parts of the name asked for with this many letters or fewer are passed over, unless all are.
const SHORT: usize = 2;

/// Alignment of parts and score.
pub(crate) fn compare(query: &[Weighed], list: &[Weighed]) -> (Alignment, u32) {
    let whole = similarity(&joined(query), &joined(list), WHOLE);
    let long = |t: &&Weighed| t.word.chars.len() > SHORT;
    let all_short = !query.iter().any(|t| long(&t));
    let mut aligned = Vec::new();
    let (mut sum, mut parts) = (0_u64, 0_u64);
    for (i, x) in query.iter().enumerate() {
        if !all_short && !long(&x) {
            continue;
        }
        parts += 1;
        let best = list
            .iter()
            .enumerate()
            .filter_map(|(j, y)| {
                let alike = part(&x.word.chars, &y.word.chars)?;
                // The first of equals.
                Some((alike, usize::MAX - j))
            })
            .max();
        if let Some((alike, turned)) = best {
            sum += u64::from(alike);
            aligned.push(Aligned {
                query: vec![i],
                list: vec![usize::MAX - turned],
                key: Key::Literal,
                edits: 0,
                similarity: alike,
                weight: 1,
            });
        }
    }
    let parts = sum.checked_div(parts).unwrap_or(0);
    let parts = u32::try_from(parts).unwrap_or(0);
    (Alignment { aligned }, whole.max(parts))
}

fn joined(tokens: &[Weighed]) -> Vec<char> {
    tokens
        .iter()
        .flat_map(|t| t.word.chars.iter().copied())
        .collect()
}

/// How alike two parts are, where they are compared at all.
fn part(a: &[char], b: &[char]) -> Option<u32> {
    let longer = a.len().max(b.len());
    let fewer_than_half = u32::try_from(longer.saturating_sub(1) / 2).unwrap_or(u32::MAX);
    let near = a.first() == b.first() && edits_within(a, b, fewer_than_half).is_some();
    (near || soundex(a).is_some_and(|code| soundex(b) == Some(code)))
        .then(|| similarity(a, b, PART))
}

/// Jaro similarity raised by a common beginning of up to `most` letters (Winkler 1990: a tenth each,
/// here however unlike the rest is).
pub(crate) fn similarity(a: &[char], b: &[char], most: usize) -> u32 {
    let full = u64::from(crate::FULL);
    let jaro = jaro(a, b);
    let prefix = a
        .iter()
        .zip(b)
        .take(most)
        .take_while(|(x, y)| x == y)
        .count() as u64;
    u32::try_from(jaro + prefix * (full - jaro) / 10).unwrap_or(0)
}

fn jaro(a: &[char], b: &[char]) -> u64 {
    let full = u64::from(crate::FULL);
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut first = Vec::new();
    for (i, x) in a.iter().enumerate() {
        let window = i.saturating_sub(reach)..b.len().min(i + reach + 1);
        let found = window
            .clone()
            .find(|j| b.get(*j) == Some(x) && taken.get(*j) == Some(&false));
        if let Some(slot) = found.and_then(|j| taken.get_mut(j)) {
            *slot = true;
            first.push(*x);
        }
    }
    let second = b.iter().zip(&taken).filter(|(_, t)| **t).map(|(y, _)| *y);
    let turned = first.iter().zip(second).filter(|(x, y)| **x != *y).count() as u64;
    let (m, la, lb) = (first.len() as u64, a.len() as u64, b.len() as u64);
    // (m / la + m / lb + (m - turned / 2) / m) / 3, over one denominator.
    let sum = 2 * m * m * (la + lb) + (2 * m - turned) * la * lb;
    (full * sum).checked_div(6 * la * lb * m).unwrap_or(0)
}

/// The American Soundex code: a letter and three digits. `None` for what begins with no Latin
/// letter.
fn soundex(word: &[char]) -> Option<[u8; 4]> {
    let class = |c: char| match c {
        'b' | 'f' | 'p' | 'v' => b'1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => b'2',
        'd' | 't' => b'3',
        'l' => b'4',
        'm' | 'n' => b'5',
        'r' => b'6',
        _ => b'0',
    };
    let first = *word.first().filter(|c| c.is_ascii_lowercase())?;
    let mut code = [u8::try_from(first).ok()?, b'0', b'0', b'0'];
    let mut slots = code.iter_mut().skip(1);
    let mut last = class(first);
    for c in word.iter().skip(1) {
        let own = class(*c);
        if own != b'0' && own != last {
            match slots.next() {
                Some(slot) => *slot = own,
                None => break,
            }
        }
        // h and w do not part equal letters; vowels do.
        if !matches!(c, 'h' | 'w') {
            last = own;
        }
    }
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn published_examples() {
        // Winkler's own examples, to four places.
        for (a, b, expected) in [
            ("martha", "marhta", 9_611),
            ("dwayne", "duane", 8_400),
            ("dixon", "dicksonx", 8_133),
            ("abc", "abc", 10_000),
            ("abc", "xyz", 0),
            ("", "abc", 0),
        ] {
            let found = similarity(&chars(a), &chars(b), PART);
            assert!(found.abs_diff(expected) <= 1, "{a} {b}: {found}");
            assert_eq!(found, similarity(&chars(b), &chars(a), PART));
        }
        for (word, code) in [
            ("robert", "r163"),
            ("rupert", "r163"),
            ("ashcraft", "a261"),
            ("tymczak", "t522"),
            ("pfister", "p236"),
            ("honeyman", "h555"),
        ] {
            let found = soundex(&chars(word)).map(|c| String::from_utf8(c.to_vec()).unwrap());
            assert_eq!(found.as_deref(), Some(code));
        }
        assert_eq!(soundex(&chars("김")), None);
    }

    /// Scores of the Treasury's own page, in hundredths, as others have published them.
    #[test]
    fn scores_of_the_treasury() {
        use crate::{Corpus, Profile, Qualifiers, explain};
        let none = Qualifiers::default();
        let corpus = Corpus::default();
        for (query, list, expected) in [
            ("VLADIMIR PUTIN", "PUTIN, Vladimir Vladimirovich", 100_u32),
            ("VLADIMIR PUTIN", "VLADIMIR ARSENYEV", 88),
            ("PUTIN VLADIMIR", "TURIN, Vladimir", 92),
            ("GEORGE BUSH", "JAMIL GEORGES, Fahd", 77),
            ("GEORGE BUSH", "OBEID, Boutros Georges", 57),
            ("GEORGE BUSH", "HASWANI, George", 50),
            ("GEORGE BUSH", "GORGE LIMITED", 63),
            ("OSAMA BIN LADEN", "USAMA BIN LADEN NETWORK", 84),
            ("KIM JONG UN", "KIM, Yo Jong", 100),
            ("PUTINPUTIN", "PUTIN, Vladimir", 84),
            ("Z", "ALBARRAQ Z", 100),
        ] {
            let found = explain(query, &none, list, &none, &corpus, &Profile::OFAC).score / 100;
            assert!(
                found.abs_diff(expected) <= 5,
                "{query} / {list}: {found}, not {expected}"
            );
        }
    }
}
