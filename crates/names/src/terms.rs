//! Words that are translated, not transliterated, and where they begin and end in a script
//! without spaces.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::name::Class;
use crate::normal::{bare, words};
use crate::numerals;
use crate::phrases;
use crate::script::{Script, han};
use crate::tables::{ATTACHED, GIVEN_NAMES, PLACES};

/// An idea that several languages have a word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Concept(pub u16);

/// What a word stands for: its ideas, the usual one first, and the class that this one gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub ideas: Vec<Concept>,
    pub class: Class,
}

struct Terms {
    whole: BTreeMap<String, Meaning>,
    /// Stems, by their text.
    stems: BTreeMap<String, Meaning>,
    /// Terms, places and legal forms of scripts without spaces by first character, longest first.
    inside: BTreeMap<char, Vec<Vec<char>>>,
}

/// One idea a line; an idea may have several lines, and a word several ideas: the first is the usual
/// one.
const FILES: [&str; 6] = [
    include_str!("../data/terms.txt"),
    include_str!("../data/terms-cyrillic.txt"),
    include_str!("../data/terms-union.txt"),
    include_str!("../data/terms-firms.txt"),
    include_str!("../data/terms-han.txt"),
    include_str!("../data/terms-korean.txt"),
];

/// The idea of all legal forms: what one law calls an open company is a corporation in another language.
const LEGAL_FORM: Concept = Concept(9_999);

static TERMS: LazyLock<Terms> = LazyLock::new(|| {
    let mut terms = Terms {
        whole: BTreeMap::new(),
        stems: BTreeMap::new(),
        inside: BTreeMap::new(),
    };
    let lines = FILES.iter().flat_map(|file| file.lines());
    let lines = lines.filter(|line| !line.starts_with('#'));
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
            // The forms of Han characters are told apart nowhere.
            let word: String = bare(&word).chars().map(han::simplified).collect();
            if word.is_empty() {
                continue;
            }
            let meaning = map.entry(word.clone()).or_insert_with(|| Meaning {
                ideas: Vec::new(),
                class,
            });
            if !meaning.ideas.contains(&Concept(n)) {
                meaning.ideas.push(Concept(n));
            }
            terms.add_inside(&word);
        }
    }
    for form in phrases::legal_forms() {
        let meaning = || Meaning {
            ideas: vec![LEGAL_FORM],
            class: Class::LegalForm,
        };
        terms.whole.entry(form.to_owned()).or_insert_with(meaning);
    }
    // Behind the terms, far above their numbers.
    for (line, n) in GIVEN_NAMES.lines().zip(10_000..) {
        for name in line.split_whitespace().flat_map(words) {
            terms
                .whole
                .entry(bare(&name).into_owned())
                .or_insert_with(|| Meaning {
                    ideas: vec![Concept(n)],
                    class: Class::Ordinary,
                });
        }
    }
    for word in PLACES.split_whitespace().chain(ATTACHED.iter().copied()) {
        terms.add_inside(word);
    }
    for list in terms.inside.values_mut() {
        list.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        list.dedup();
    }
    terms
});

impl Terms {
    fn add_inside(&mut self, word: &str) {
        let chars: Vec<char> = word.chars().map(han::simplified).collect();
        if let Some(first) = chars.first().copied()
            && Script::of(first).runs_on()
            && chars.len() > 1
        {
            self.inside.entry(first).or_default().push(chars);
        }
    }
}

/// What `word` (normalised) stands for, where it is translated.
pub(crate) fn meaning(word: &str) -> Option<&'static Meaning> {
    let terms = &*TERMS;
    let found = match word.is_ascii() {
        true => terms.whole.get(word),
        false => {
            let simplified: String = word.chars().map(han::simplified).collect();
            terms.whole.get(&simplified)
        }
    };
    if found.is_some() {
        return found;
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
}

/// `word`, of a script without spaces, cut at the terms, places, numbers and legal forms in it, with
/// `true` for these: so that as few characters as possible are left over, in as few pieces as
/// possible, the longer piece first where both are equal.
pub(crate) fn cut(word: &[char]) -> Vec<(Vec<char>, bool)> {
    let simplified: Vec<char> = word.iter().map(|c| han::simplified(*c)).collect();
    // The best way from each position to the end.
    let mut ways: Vec<Way> = vec![Way::default(); word.len() + 1];
    for at in (0..word.len()).rev() {
        let Some(rest) = simplified.get(at..) else {
            continue;
        };
        let next = |length: usize| ways.get(at + length).copied().unwrap_or_default();
        let after = next(1);
        let mut best = Way {
            left: after.left + 1,
            // What is left over in a row is one piece.
            pieces: after.pieces + usize::from(after.length > 0 || at + 1 == word.len()),
            length: 0,
        };
        for length in known(rest) {
            let after = next(length);
            let way = Way {
                left: after.left,
                pieces: after.pieces + 1,
                length,
            };
            if (way.left, way.pieces) < (best.left, best.pieces)
                || (way.left, way.pieces, best.length) == (best.left, best.pieces, 0)
            {
                best = way;
            }
        }
        if let Some(way) = ways.get_mut(at) {
            *way = best;
        }
    }
    let mut pieces: Vec<(Vec<char>, bool)> = Vec::new();
    let (mut open, mut at) = (Vec::new(), 0);
    while let (Some(way), Some(c)) = (ways.get(at), word.get(at)) {
        if way.length == 0 {
            open.push(*c);
            at += 1;
            continue;
        }
        if !open.is_empty() {
            pieces.push((std::mem::take(&mut open), false));
        }
        let number = simplified.get(at..).and_then(numerals::inside);
        let piece = match number {
            // A number stands for itself.
            Some((digits, length)) if length == way.length => digits.chars().collect(),
            _ => word.get(at..at + way.length).unwrap_or_default().to_vec(),
        };
        pieces.push((piece, true));
        at += way.length;
        // A city or province may say so: 深圳市.
        if let (Some(next), Some(own)) = (simplified.get(at), word.get(at))
            && matches!(next, '市' | '省' | '县' | '시')
            && ways.get(at).is_some_and(|way| way.length == 0)
        {
            pieces.push((vec![*own], true));
            at += 1;
        }
    }
    if !open.is_empty() {
        pieces.push((open, false));
    }
    pieces
}

/// A way to cut the rest of a word: characters left over, pieces, and the length of the first piece,
/// 0 where its first character is left over.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    left: usize,
    pieces: usize,
    length: usize,
}

/// The lengths of what `rest` may begin with, longest first; a number before all.
fn known(rest: &[char]) -> impl Iterator<Item = usize> + '_ {
    let number = numerals::inside(rest).map(|(_, length)| length);
    let terms = rest.first().and_then(|c| TERMS.inside.get(c));
    let terms = terms.into_iter().flatten();
    let terms = terms.filter(|term| rest.starts_with(term)).map(Vec::len);
    number.into_iter().chain(terms)
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
            let first = |word| meaning(word).and_then(|m| m.ideas.first().copied());
            assert!(first(a).is_some(), "{a}");
            assert_eq!(first(a), first(b), "{a} {b}");
        }
        assert_eq!(meaning("kvolla"), None);
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
