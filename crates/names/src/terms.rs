//! Words that are translated, not transliterated, and where they begin and end in a script
//! without spaces.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::name::Class;
use crate::normal::{bare, words};
use crate::numerals;
use crate::script::{Script, han};
use crate::tables::{GIVEN_NAMES, PLACES};

/// An idea that several languages have a word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Concept(pub u16);

/// A term of a script without spaces, or a place, which has no idea.
type Inside = (Vec<char>, Option<(Concept, Class)>);

struct Terms {
    whole: BTreeMap<String, (Concept, Class)>,
    /// Stems, by their text.
    stems: BTreeMap<String, (Concept, Class)>,
    /// Terms of scripts without spaces by first character, longest first.
    inside: BTreeMap<char, Vec<Inside>>,
}

static TERMS: LazyLock<Terms> = LazyLock::new(|| {
    let mut terms = Terms {
        whole: BTreeMap::new(),
        stems: BTreeMap::new(),
        inside: BTreeMap::new(),
    };
    let lines = include_str!("../data/terms.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    // An idea may have several lines.
    let mut ideas: BTreeMap<&str, u16> = BTreeMap::new();
    for (line, next) in lines.zip(0..) {
        let mut fields = line.split('\t');
        let (Some(idea), Some(class), Some(list)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let n = *ideas.entry(idea).or_insert(next);
        let class = match class {
            "generic" => Class::Generic,
            "stop" => Class::Stop,
            _ => Class::Ordinary,
        };
        for word in list.split_whitespace() {
            let (stem, map) = match word.strip_suffix('*') {
                Some(stem) => (stem, &mut terms.stems),
                None => (word, &mut terms.whole),
            };
            let [word] = words(stem).try_into().unwrap_or_default();
            let entry = (Concept(n), class);
            let word: String = bare(&word).into_owned();
            if word.is_empty() {
                continue;
            }
            map.entry(word.clone()).or_insert(entry);
            terms.add_inside(&word, Some(entry));
        }
    }
    // Behind the terms, far above their numbers.
    for (line, n) in GIVEN_NAMES.lines().zip(10_000..) {
        for name in line.split_whitespace().flat_map(words) {
            terms
                .whole
                .entry(bare(&name).into_owned())
                .or_insert((Concept(n), Class::Ordinary));
        }
    }
    for place in PLACES.split_whitespace() {
        terms.add_inside(place, None);
    }
    for list in terms.inside.values_mut() {
        list.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(&b.0)));
        list.dedup_by(|a, b| a.0 == b.0);
    }
    terms
});

impl Terms {
    fn add_inside(&mut self, word: &str, entry: Option<(Concept, Class)>) {
        let chars: Vec<char> = word.chars().map(han::simplified).collect();
        if let Some(first) = chars.first().copied()
            && Script::of(first).runs_on()
            && chars.len() > 1
        {
            self.inside.entry(first).or_default().push((chars, entry));
        }
    }
}

/// The idea that `word` (normalised) stands for and the class it gives the word.
pub(crate) fn concept(word: &str) -> Option<(Concept, Class)> {
    let terms = &*TERMS;
    let simplified: String = word.chars().map(han::simplified).collect();
    if let Some(found) = terms.whole.get(&simplified).or(terms.whole.get(word)) {
        return Some(*found);
    }
    // The longest stem that the word begins with; stems have at least three letters.
    let mut ends = word
        .char_indices()
        .map(|(i, _)| i)
        .skip(3)
        .collect::<Vec<_>>();
    ends.push(word.len());
    ends.iter()
        .rev()
        .find_map(|end| terms.stems.get(word.get(..*end)?))
        .copied()
}

/// `word`, of a script without spaces, cut at the terms and places in it, with `true` for these.
/// Longest first from left to right.
pub(crate) fn cut(word: &[char]) -> Vec<(Vec<char>, bool)> {
    let simplified: Vec<char> = word.iter().map(|c| han::simplified(*c)).collect();
    let mut pieces: Vec<(Vec<char>, bool)> = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let (Some(rest), Some(c)) = (simplified.get(at..), simplified.get(at)) {
        // A number stands for itself.
        if let Some((digits, length)) = numerals::inside(rest) {
            if !open.is_empty() {
                pieces.push((std::mem::take(&mut open), false));
            }
            pieces.push((digits.chars().collect(), true));
            at += length;
            continue;
        }
        let term = TERMS
            .inside
            .get(c)
            .and_then(|list| list.iter().find(|(term, _)| rest.starts_with(term)))
            .map(|(term, _)| term.len());
        match term {
            Some(length) => {
                if !open.is_empty() {
                    pieces.push((std::mem::take(&mut open), false));
                }
                let piece = word.get(at..at + length).unwrap_or_default();
                pieces.push((piece.to_vec(), true));
                at += length;
                // A city or province may say so: 深圳市.
                if let Some(c) = simplified.get(at)
                    && matches!(c, '市' | '省' | '县' | '시')
                {
                    pieces.push((vec![*c], true));
                    at += 1;
                }
            }
            None => {
                open.extend(word.get(at));
                at += 1;
            }
        }
    }
    if !open.is_empty() {
        pieces.push((open, false));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_languages_are_one_idea() {
        for (a, b) in [
            ("bank", "은행"),
            ("технологии", "技術"),
            ("무역", "trading"),
            ("завод", "plant"),
            ("российская", "russian"),
            ("조선", "korea"),
        ] {
            assert!(concept(a).is_some(), "{a}");
            assert_eq!(concept(a), concept(b), "{a} {b}");
        }
        assert_eq!(concept("neva"), None);
        let text = |word: &str| {
            let word: Vec<char> = word.chars().collect();
            let pieces = cut(&word);
            let pieces: Vec<String> = pieces.iter().map(|(p, _)| p.iter().collect()).collect();
            pieces.join(" ")
        };
        assert_eq!(text("조선무역은행"), "조선 무역 은행");
        assert_eq!(text("厦门林巴贺航空发动机"), "厦门 林巴贺 航空 发动机");
        assert_eq!(text("华为"), "华为");
    }
}
