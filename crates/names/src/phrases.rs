//! Phrases that stand for one word of a name: legal forms, and what has an abbreviation or is one
//! word in another language.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::name::Class;
use crate::normal::{bare, words};
use crate::similarity::edits_within;

/// What a phrase stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The word, in its canonical spelling.
    pub word: &'static str,
    pub class: Class,
}

/// The canonical spellings of all legal forms.
pub(crate) fn legal_forms() -> impl Iterator<Item = &'static str> {
    let lines = FILES.iter().flat_map(|file| file.lines());
    lines.filter_map(|line| {
        let mut fields = line.split('\t');
        let word = fields.next()?;
        (fields.next() == Some("legal")).then_some(word)
    })
}

struct Phrase {
    /// Its words; `true` where only their beginning is given.
    words: Vec<(String, bool)>,
    meaning: Meaning,
}

struct Phrases {
    /// By the first two letters, longest phrases first.
    by_start: HashMap<[char; 2], Vec<Phrase>>,
    /// Legal forms that are one long word, for misspelt ones (`copmany`).
    long: Vec<(Vec<char>, Meaning)>,
}

/// Where the same phrase is there twice, the first counts.
const FILES: [&str; 2] = [
    include_str!("../data/phrases.txt"),
    include_str!("../data/phrases-union.txt"),
];

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases {
        by_start: HashMap::new(),
        long: Vec::new(),
    };
    let lines = FILES.iter().flat_map(|file| file.lines());
    for line in lines.filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let (Some(word), Some(class)) = (fields.next(), fields.next()) else {
            continue;
        };
        let class = match class {
            "legal" => Class::LegalForm,
            "generic" => Class::Generic,
            "stop" => Class::Stop,
            _ => Class::Ordinary,
        };
        let meaning = Meaning { word, class };
        let list = fields.next().unwrap_or_default().split('|');
        for text in list.chain([word]).filter(|text| !text.is_empty()) {
            phrases.add(text, meaning);
        }
    }
    for list in phrases.by_start.values_mut() {
        // A stable sort: what is written first counts where the same phrase is there twice.
        list.sort_by_key(|phrase| std::cmp::Reverse(phrase.words.len()));
    }
    phrases
});

impl Phrases {
    fn add(&mut self, text: &str, meaning: Meaning) {
        let mut pattern: Vec<(String, bool)> = Vec::new();
        for piece in text.split_whitespace() {
            let stem = piece.ends_with('*');
            let mut own = words(piece.trim_end_matches('*'));
            // Letters that stand alone are written together when a name is cut into words.
            let last = own.pop().map(|word| (bare(&word).into_owned(), stem));
            pattern.extend(
                own.into_iter()
                    .map(|word| (bare(&word).into_owned(), false)),
            );
            pattern.extend(last);
        }
        if let [(word, false)] = pattern.as_slice()
            && meaning.class == Class::LegalForm
            && word.chars().count() >= 7
        {
            self.long.push((word.chars().collect(), meaning));
        }
        if let Some((first, _)) = pattern.first() {
            let phrase = Phrase {
                meaning,
                words: pattern.clone(),
            };
            self.by_start.entry(start(first)).or_default().push(phrase);
        }
    }
}

fn start(word: &str) -> [char; 2] {
    let mut chars = word.chars();
    [chars.next(), chars.next()].map(|c| c.unwrap_or('\0'))
}

/// What `parts` begin with, and how many of them it takes. `is_last` may rule a phrase out.
pub(crate) fn find(parts: &[String]) -> Option<(Meaning, usize)> {
    let first = bare(parts.first()?);
    let fits = |(own, part): (&(String, bool), &String)| {
        let part = bare(part);
        match own {
            (word, false) => *part == **word,
            (stem, true) => part.starts_with(stem.as_str()),
        }
    };
    let list = PHRASES.by_start.get(&start(&first))?;
    let found = list.iter().find(|phrase| {
        phrase.words.len() <= parts.len() && phrase.words.iter().zip(parts).all(fits)
    })?;
    Some((found.meaning, found.words.len()))
}

/// The legal form that `word` is one edit away from, where the form is a long word.
pub(crate) fn misspelt(word: &str) -> Option<Meaning> {
    let chars: Vec<char> = word.chars().collect();
    if chars.len() < 6 {
        return None;
    }
    let near = |(form, _): &&(Vec<char>, Meaning)| {
        form.len().abs_diff(chars.len()) <= 1 && edits_within(&chars, form, 1).is_some()
    };
    PHRASES.long.iter().find(near).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_stand_for_words() {
        for (text, word, used) in [
            ("общество с ограниченной ответственностью", "llc", 4),
            (
                "Федеральное государственное унитарное предприятие",
                "fsue",
                4,
            ),
            ("научно-исследовательского института", "nii", 3),
            ("научно-исследовательская лаборатория", "", 0),
            ("Akciová společnost", "jsc", 2),
            ("Sp. z o.o.", "spzoo", 3),
            ("Hong Kong", "hongkong", 2),
            ("S.A. de C.V.", "sadecv", 3),
        ] {
            let found = find(&words(text));
            assert_eq!(
                found.map_or(("", 0), |(meaning, used)| (meaning.word, used)),
                (word, used),
                "{text}"
            );
        }
        assert_eq!(misspelt("liimted").map(|m| m.word), Some("ltd"));
        assert_eq!(misspelt("neva"), None);
    }
}
