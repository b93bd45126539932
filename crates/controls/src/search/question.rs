//! A question taken apart: codes, CAS and customs numbers, and groups of words with what each may be found by.

use super::SearchIndex;
use super::documents::PAIR;
use super::korean::{Part, pairs, particle};
use super::products::{Name, squeezed};
use super::words::{Script, Word, common_form, words};
use crate::entry::Code;

/// Longest question, in characters.
pub const MAX_QUESTION: usize = 512;

/// Why a question cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// Nothing to look for.
    #[error(
        "the question has no words; write what the goods are, in English or Korean, or a code such as `3A001`"
    )]
    Empty,
    /// Too long.
    #[error("the question has {length} characters; at most {MAX_QUESTION} are accepted")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// A control character, or another that is never part of a sentence.
    #[error(
        "the question has the control character U+{code:04X} at character {at}; write plain text"
    )]
    Control {
        /// Its code point.
        code: u32,
        /// Its place, from 1.
        at: usize,
    },
}

/// What a word of the question may be found by.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// As the question writes it.
    pub(super) written: String,
    /// How much it counts, in 1/16.
    pub(super) weight: u64,
    /// The best of these counts; within one, the parts add up, and of each part the best form counts.
    pub(super) options: Vec<Vec<Forms>>,
    /// Entries that the goods' name points to.
    pub(super) see: Vec<u32>,
}

/// Forms of one word with their weights in 1/16.
pub(super) type Forms = Vec<(String, u64)>;

/// A question that can be asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) codes: Vec<Code>,
    pub(super) cas: Vec<String>,
    pub(super) customs: Vec<String>,
    pub(super) groups: Vec<Group>,
    pub(super) software: bool,
    pub(super) technology: bool,
}

/// Weights of words by their part in the sentence.
const OBJECT: u64 = 22;
const PLAIN: u64 = 16;
const PLACE: u64 = 8;

/// Prepositions after which stands whither, for whom or where, and those after which stands what the goods are.
const TOWARDS: [&str; 8] = ["to", "for", "in", "at", "from", "by", "into", "via"];
const ABOUT: [&str; 5] = ["of", "with", "using", "contain", "and"];

/// Refuses what is no question.
pub(super) fn check(text: &str) -> Result<(), QuestionError> {
    let length = text.chars().count();
    if length > MAX_QUESTION {
        return Err(QuestionError::TooLong { length });
    }
    let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if let Some((at, c)) = text
        .chars()
        .zip(1..)
        .map(|(c, n)| (n, c))
        .find(|(_, c)| odd(c))
    {
        let code = u32::from(c);
        return Err(QuestionError::Control { code, at });
    }
    if text.chars().any(char::is_alphanumeric) {
        Ok(())
    } else {
        Err(QuestionError::Empty)
    }
}

impl Question {
    pub(super) fn read(index: &SearchIndex, text: &str) -> Self {
        let text = common_form(text);
        let mut question = Self {
            codes: Vec::new(),
            cas: Vec::new(),
            customs: Vec::new(),
            groups: Vec::new(),
            software: false,
            technology: false,
        };
        let mut rest = question.numbers(index, &text);
        let mut words = words(&rest);
        corrected(index, &mut words, &mut rest);
        let weights = weights(index, &words);
        question.products(index, &rest, &words, &weights);
        for (word, weight) in words.iter().zip(&weights) {
            if *weight > 0 {
                question.word(index, word, *weight);
            }
        }
        question
    }

    /// Takes codes, CAS and customs numbers out of the text.
    fn numbers(&mut self, index: &SearchIndex, text: &str) -> String {
        let mut rest = String::with_capacity(text.len());
        for part in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';')) {
            let number = part.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            // Korean particles follow without a space.
            let number = number.split(|c: char| !c.is_ascii()).next().unwrap_or("");
            if let Some(code) = control_code(number) {
                self.codes.push(code);
            } else if index.has_cas(number) {
                self.cas.push(number.to_owned());
            } else if let Some(digits) = customs(number) {
                self.customs.push(digits);
            } else {
                rest.push_str(part);
                rest.push(' ');
            }
        }
        rest
    }

    fn word(&mut self, index: &SearchIndex, word: &Word, weight: u64) {
        let (bare, options) = match word.script {
            Script::Latin => (
                word.text.as_str(),
                vec![vec![vec![(word.text.clone(), 16)]]],
            ),
            Script::Number => (word.text.as_str(), vec![vec![vec![(word.text.clone(), 8)]]]),
            Script::Hangul => {
                let (bare, _) = index.lexicon.bare(&word.text);
                (bare, korean(index, bare))
            }
        };
        let asks = |list: &[String]| {
            list.iter()
                .any(|w| bare == w || (word.script == Script::Hangul && bare.ends_with(w.as_str())))
        };
        self.software |= asks(&index.words.software);
        self.technology |= asks(&index.words.technology);
        let written = match word.script {
            Script::Hangul => bare.to_owned(),
            _ => word.written.clone(),
        };
        self.groups.push(Group {
            written,
            weight,
            options,
            see: Vec::new(),
        });
    }

    /// Names of goods that the question contains. A name within a longer one that is there too counts less.
    fn products(&mut self, index: &SearchIndex, text: &str, words: &[Word], weights: &[u64]) {
        let run = squeezed(text);
        let plain: Vec<&Word> = words.iter().filter(|w| !w.compound).collect();
        let mut found: Vec<(usize, &Name, String)> = Vec::new();
        for (number, product) in index.products.iter().enumerate() {
            let names = product.names.iter();
            let longest = names
                .filter(|name| occurs(index, name, &run, &plain))
                .map(|name| (name, letters(name)))
                .max_by_key(|(_, letters)| letters.len());
            if let Some((name, letters)) = longest {
                found.push((number, name, letters));
            }
        }
        for (number, name, letters) in &found {
            let Some(product) = index.products.get(*number) else {
                continue;
            };
            let within = found.iter().any(|(other, _, longer)| {
                other != number && longer.len() > letters.len() && longer.contains(letters.as_str())
            });
            let touched = words.iter().zip(weights).filter(|(word, _)| {
                let bare = match word.script {
                    Script::Hangul => index.lexicon.bare(&word.text).0,
                    _ => &word.text,
                };
                letters.contains(bare) || bare.contains(letters.as_str())
            });
            let weight = match touched.map(|(_, weight)| *weight).max() {
                // `ship` is goods in `a ship`, and nothing in `we ship`.
                Some(0) => continue,
                Some(weight) => weight,
                None => PLAIN,
            };
            let others = product.names.iter().filter(|other| other != name);
            self.groups.push(Group {
                written: as_asked(name, &plain),
                weight: if within { weight * 5 / 16 } else { weight },
                options: others.map(|other| forms(index, other)).collect(),
                see: product.see.clone(),
            });
        }
    }
}

/// Puts known words for those that nothing knows and that are one slip away from them.
fn corrected(index: &SearchIndex, words: &mut [Word], rest: &mut String) {
    for word in words {
        let wrong = match word.script {
            Script::Number => continue,
            Script::Latin => word.text.clone(),
            Script::Hangul => {
                let (bare, _) = index.lexicon.bare(&word.text);
                if !index.lexicon.apart(bare).0.is_empty() {
                    continue;
                }
                bare.to_owned()
            }
        };
        let known = !index.postings.of(&wrong).is_empty() || index.words.passes_over(&wrong);
        let Some(right) = (!known).then(|| index.spelling.nearest(&wrong)).flatten() else {
            continue;
        };
        if word.script == Script::Hangul {
            *rest = rest.replace(&wrong, right);
        }
        word.text = word.text.replacen(&wrong, right, 1);
    }
}

/// How much each word counts; nothing for words about the doing, not the goods.
fn weights(index: &SearchIndex, words: &[Word]) -> Vec<u64> {
    let mut weights: Vec<u64> = Vec::with_capacity(words.len());
    // Where the noun phrase at hand began.
    let mut phrase = 0;
    let mut english = PLAIN;
    for (at, word) in words.iter().enumerate() {
        if word.script != Script::Hangul {
            if TOWARDS.contains(&word.text.as_str()) {
                english = PLACE;
                weights.push(0);
            } else if ABOUT.contains(&word.text.as_str()) || index.words.passes_over(&word.text) {
                english = PLAIN;
                weights.push(0);
            } else {
                weights.push(english);
            }
            continue;
        }
        let alone = word.joined.then(|| particle(&word.text)).flatten();
        let (bare, part) = alone.map_or_else(|| index.lexicon.bare(&word.text), |part| ("", part));
        weights.push(
            if bare.is_empty()
                || index.words.passes_over(bare)
                || index.words.passes_over(&word.text)
            {
                0
            } else {
                PLAIN
            },
        );
        let weight = match part {
            Part::Object => OBJECT,
            Part::Place => PLACE,
            Part::Plain => PLAIN,
            Part::Open => continue,
        };
        for known in weights.iter_mut().skip(phrase) {
            *known = if *known == 0 { 0 } else { weight };
        }
        phrase = at + 1;
    }
    weights
}

/// How a Korean word may be found: as it is, by its parts, or by pairs of its syllables.
fn korean(index: &SearchIndex, bare: &str) -> Vec<Vec<Forms>> {
    let (known, left) = index.lexicon.apart(bare);
    let mut parts: Vec<Forms> = Vec::new();
    for part in known {
        if index.words.passes_over(part) {
            continue;
        }
        let mut forms = vec![(part.to_owned(), 14)];
        forms.extend(
            index
                .lexicon
                .within(part)
                .into_iter()
                .map(|w| (w.to_owned(), 7)),
        );
        parts.push(forms);
    }
    let pair = |pair: &str, weight| vec![(format!("{PAIR}{pair}"), weight)];
    for rest in left {
        parts.extend(pairs(rest).map(|p| pair(p, 5)));
    }
    let all = pairs(bare).map(|p| pair(p, 3)).collect();
    vec![vec![vec![(bare.to_owned(), 16)]], parts, all]
}

/// How another name of the same goods may be found.
fn forms(index: &SearchIndex, name: &Name) -> Vec<Forms> {
    match name {
        Name::Latin(words) => words.iter().map(|w| vec![(w.clone(), 10)]).collect(),
        Name::Run { text, .. } => {
            let (known, _) = index.lexicon.apart(text);
            let mut parts: Vec<Forms> = known
                .into_iter()
                .map(|p| vec![(p.to_owned(), 10)])
                .collect();
            if parts.is_empty() {
                parts.push(vec![(text.clone(), 12)]);
            }
            parts
        }
    }
}

fn letters(name: &Name) -> String {
    match name {
        Name::Latin(words) => words.concat(),
        Name::Run { text, .. } => text.clone(),
    }
}

/// The words of a name as the question writes them.
fn as_asked(name: &Name, plain: &[&Word]) -> String {
    let here = match name {
        Name::Latin(wanted) => stretch(wanted, plain),
        Name::Run { .. } => None,
    };
    match here {
        Some(words) => {
            let words: Vec<&str> = words.iter().map(|word| word.written.as_str()).collect();
            words.join(" ")
        }
        None => letters(name),
    }
}

/// Where these words stand side by side.
fn stretch<'a>(wanted: &[String], plain: &'a [&'a Word]) -> Option<&'a [&'a Word]> {
    plain
        .windows(wanted.len())
        .find(|here| here.iter().zip(wanted).all(|(word, w)| word.text == *w))
}

fn occurs(index: &SearchIndex, name: &Name, run: &str, plain: &[&Word]) -> bool {
    match name {
        Name::Latin(wanted) => stretch(wanted, plain).is_some(),
        Name::Run { text, whole: false } => run.contains(text.as_str()),
        Name::Run { text, whole: true } => plain.iter().any(|word| {
            if word.script != Script::Hangul {
                return false;
            }
            let (bare, _) = index.lexicon.bare(&word.text);
            bare == text || index.lexicon.apart(bare).0.contains(&text.as_str())
        }),
    }
}

/// `3a001.b.2` in any case.
fn control_code(text: &str) -> Option<Code> {
    let (entry, path) = text.split_once('.').unwrap_or((text, ""));
    let right = matches!(entry.as_bytes(), [c, g, rest @ ..]
        if c.is_ascii_digit() && matches!(g, b'a'..=b'e') && rest.len() == 3 && rest.iter().all(u8::is_ascii_digit));
    if !right {
        return None;
    }
    let entry = entry.to_ascii_uppercase();
    let path = path.trim_end_matches('.');
    Code::parse(&if path.is_empty() {
        entry
    } else {
        format!("{entry}.{path}")
    })
}

/// `8542.31`, `8542.31-1000`, `8542311000`: the digits of a customs code.
fn customs(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let written = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let parted = text.contains(['.', '-']);
    let right = matches!((digits.len(), parted), (6 | 10, false) | (6..=10, true));
    // A chapter is 01 to 97.
    let chapter = digits.get(..2).is_some_and(|c| ("01"..="97").contains(&c));
    (written && right && chapter).then_some(digits)
}
