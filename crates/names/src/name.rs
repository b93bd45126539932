//! A name as the engine sees it: tokens with their class.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::normal::{bare, words};
use crate::numerals;
use crate::phrases;
use crate::script::{Script, han, hangul};
use crate::tables::{ATTACHED, GENERIC, HONORIFICS, STOP_WORDS};
use crate::terms;

/// What kind of word a token is; it decides how much the token weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A word that names.
    Ordinary,
    /// A word that many organisations bear (`trading`).
    Generic,
    /// A number: compared exactly.
    Number,
    /// A single letter.
    Initial,
    /// An article, preposition, conjunction or title.
    Stop,
    /// A legal form, in its canonical spelling (`limited` is `ltd`).
    LegalForm,
}

impl Class {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Ordinary,
        Self::Generic,
        Self::Number,
        Self::Initial,
        Self::Stop,
        Self::LegalForm,
    ];

    /// Stable lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Generic => "generic",
            Self::Number => "number",
            Self::Initial => "initial",
            Self::Stop => "stop",
            Self::LegalForm => "legal_form",
        }
    }
}

/// One word of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// Normalised text.
    pub text: String,
    /// Its class.
    pub class: Class,
}

/// A normalised name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Tokens in the order they are written.
    pub tokens: Vec<Token>,
}

/// Which part of a published name was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// All of it.
    Full,
    /// Without what stands in parentheses and after a semicolon (`X Co. (Group); and successors`).
    Core,
    /// A single word in parentheses, usually an acronym. A hit on it says little.
    Parenthesised,
}

impl Form {
    /// The forms of `text` that differ, with their text. The first is [`Form::Full`].
    #[must_use]
    pub fn all(text: &str) -> Vec<(Self, String)> {
        // Most names have nothing to leave out: normalising them again would only cost time.
        if !text.contains(['(', '（', ')', '）', ';']) {
            return vec![(Self::Full, text.to_owned())];
        }
        let mut forms = vec![(Self::Full, text.to_owned())];
        let (mut core, mut depth, mut inside) = (String::new(), 0_u32, String::new());
        for c in text.split(';').next().unwrap_or_default().chars() {
            match c {
                '(' | '（' => {
                    depth += 1;
                    core.push(' ');
                }
                ')' | '）' if depth > 0 => {
                    depth -= 1;
                    let word = std::mem::take(&mut inside);
                    let acronym =
                        word.chars().count() >= 3 && word.chars().all(char::is_alphanumeric);
                    if depth == 0 && acronym && !Name::new(&word).is_unspecific() {
                        forms.push((Self::Parenthesised, word));
                    }
                }
                c if depth > 0 => inside.push(c),
                c => core.push(c),
            }
        }
        let core = core.trim();
        // An unclosed parenthesis is not a parenthesis.
        if depth > 0 {
            forms.truncate(1);
            return forms;
        }
        let name = Name::new(core);
        if !name.is_unspecific() && name != Name::new(text) {
            forms.insert(1, (Self::Core, core.to_owned()));
        }
        forms
    }
}

impl Name {
    /// Normalises `text` and tags its words.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let parts = parts(text);
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(rest) = parts.get(at..).filter(|rest| !rest.is_empty()) {
            let (token, used) = next_token(rest, at == 0);
            tokens.push(token);
            at += used;
        }
        let mut name = Self { tokens };
        name.weaken_eponyms();
        // A name made only of such words (`The Trading Company`) is named by them.
        if name.is_unspecific() {
            for token in &mut name.tokens {
                if token.class != Class::Initial {
                    token.class = Class::Ordinary;
                }
            }
        }
        name
    }

    /// `… named after …`: whose name it bears says less of an organisation than its own name, and
    /// is left out where it is cited.
    fn weaken_eponyms(&mut self) {
        let Some(at) = self.tokens.iter().position(|t| t.text == "named") else {
            return;
        };
        let own = self.tokens.iter().take(at);
        if own.filter(|t| t.class == Class::Ordinary).count() == 0 {
            return;
        }
        for token in self.tokens.iter_mut().skip(at + 1).take(3) {
            if matches!(token.class, Class::Ordinary | Class::Initial) {
                token.class = Class::Stop;
            }
        }
    }

    /// The words of `text` as they are, untagged.
    pub(crate) fn plain(text: &str) -> Self {
        let token = |text| Token {
            text,
            class: Class::Ordinary,
        };
        Self {
            tokens: words(text).into_iter().map(token).collect(),
        }
    }

    /// True when no token identifies: nothing but legal forms, stop words and single letters.
    fn is_unspecific(&self) -> bool {
        self.tokens
            .iter()
            .all(|t| matches!(t.class, Class::LegalForm | Class::Stop | Class::Initial))
    }
}

/// The words of `text`, with what scripts without spaces write together taken apart.
fn parts(text: &str) -> Vec<String> {
    // A company says so in parentheses, and one letter more would be a surname.
    let company = text.contains('주').then(|| text.nfkc().collect::<String>());
    let text = match &company {
        Some(text) if text.contains("(주)") => &text.replace("(주)", " 주식회사 "),
        _ => text,
    };
    let words = words(text);
    let alone = words.len() == 1;
    let mut parts = Vec::new();
    for word in words {
        match word.chars().next().map(Script::of) {
            Some(script) if script.runs_on() => split_run(&word, alone, &mut parts),
            Some(Script::Latin) if word.starts_with("abd") => split_servant(&word, &mut parts),
            Some(Script::Arabic) => match word.strip_prefix("عبد") {
                // The servant of … is written together or apart.
                Some(rest) if rest.chars().count() > 2 => {
                    parts.extend(["عبد".to_owned(), rest.to_owned()]);
                }
                _ => parts.push(word),
            },
            Some(Script::Latin) => parts.push(numerals::as_letters(word)),
            _ => parts.push(word),
        }
    }
    parts
}

/// The servant of …: Abdulrahman, Abdul Rahman, Abdel-Rahman and Abd al-Rahman are one name.
fn split_servant(word: &str, parts: &mut Vec<String>) {
    for prefix in ["abdul", "abdel", "abdal", "abdoul", "abdol", "abdur"] {
        match word.strip_prefix(prefix) {
            // Abdullah keeps its own spelling.
            Some(rest) if rest.starts_with("la") && rest.len() < 5 => {}
            Some("") => {
                parts.extend(["abd".to_owned(), "al".to_owned()]);
                return;
            }
            Some(rest) if rest.len() > 3 => {
                parts.extend(["abd".to_owned(), "al".to_owned(), rest.to_owned()]);
                return;
            }
            _ => {}
        }
    }
    parts.push(word.to_owned());
}

/// Splits `华为技术有限公司` into name, terms and legal form, and a person's name into surname and
/// given name.
fn split_run(word: &str, alone: bool, parts: &mut Vec<String>) {
    let chars: Vec<char> = word.chars().collect();
    let simplified: Vec<char> = chars.iter().map(|c| han::simplified(*c)).collect();
    let (mut from, mut to) = (0, chars.len());
    if ATTACHED.contains(&word) {
        parts.push(word.to_owned());
        return;
    }
    for form in ATTACHED {
        let form: Vec<char> = form.chars().map(han::simplified).collect();
        let open = simplified.get(from..to).unwrap_or_default();
        let before = open.len().checked_sub(form.len() + 1);
        // A general company is cut as one word.
        let general = before.and_then(|at| open.get(at));
        let general = general.is_some_and(|c| matches!(c, '总' | '총'));
        if open.len() > form.len() && open.ends_with(&form) && !general {
            to -= form.len();
        } else if open.len() > form.len() && open.starts_with(&form) {
            from += form.len();
        }
    }
    let text = |range: std::ops::Range<usize>| -> String {
        chars.get(range).unwrap_or_default().iter().collect()
    };
    if from > 0 {
        parts.push(text(0..from));
    }
    let pieces = terms::cut(chars.get(from..to).unwrap_or_default());
    match pieces.as_slice() {
        [(piece, false)] if alone && from == 0 && to == chars.len() => split_person(piece, parts),
        pieces => parts.extend(
            pieces
                .iter()
                .map(|(piece, _)| piece.iter().collect::<String>()),
        ),
    }
    if to < chars.len() {
        parts.push(text(to..chars.len()));
    }
}

/// A Chinese or Korean name is written surname first and without a space.
fn split_person(piece: &[char], parts: &mut Vec<String>) {
    let whole: String = piece.iter().collect();
    let simplified: String = piece.iter().map(|c| han::simplified(*c)).collect();
    let script = piece.first().map_or(Script::Latin, |c| Script::of(*c));
    let long = match script {
        Script::Han => han::LONG_SURNAMES.iter().any(|s| simplified.starts_with(s)),
        _ => hangul::LONG_SURNAMES.iter().any(|s| whole.starts_with(s)),
    };
    let surname = match (script, piece.len()) {
        (Script::Han | Script::Hangul, 3 | 4) if long => 2,
        (Script::Han, 2 | 3) => 1,
        (Script::Hangul, 2..=4) if piece.first().is_some_and(|c| hangul::SURNAMES.contains(*c)) => {
            1
        }
        _ => 0,
    };
    match piece.split_at_checked(surname) {
        Some((surname, given)) if !surname.is_empty() && !given.is_empty() => {
            parts.extend([surname.iter().collect(), given.iter().collect()]);
        }
        _ => parts.push(whole),
    }
}

struct Words {
    stop: HashSet<&'static str>,
    generic: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words {
    stop: STOP_WORDS
        .split_whitespace()
        .chain(HONORIFICS.split_whitespace())
        .collect(),
    generic: GENERIC.split_whitespace().collect(),
});

/// The token that `parts` begin with and how many of them it takes (a phrase may be one).
fn next_token(parts: &[String], first: bool) -> (Token, usize) {
    let one = |text: String, class| (Token { text, class }, 1);
    if let Some((meaning, used)) = phrases::find(parts)
        // Between other words this is a Korean given name, not a Serbian company.
        && (first || parts.len() == 1 || parts.first().is_none_or(|word| word != "doo"))
    {
        let token = Token {
            text: meaning.word.to_owned(),
            class: meaning.class,
        };
        return (token, used);
    }
    if let Some((number, used)) = numerals::find(parts) {
        let token = Token {
            text: number,
            class: Class::Number,
        };
        return (token, used);
    }
    let text = parts.first().cloned().unwrap_or_default();
    if text.chars().all(char::is_numeric) {
        return one(text, Class::Number);
    }
    let plain = bare(&text);
    if WORDS.stop.contains(&*plain) {
        one(text, Class::Stop)
    } else if WORDS.generic.contains(&*plain) {
        one(text, Class::Generic)
    } else if is_initial(&text) {
        one(text, Class::Initial)
    } else if let Some(meaning) = terms::meaning(&plain) {
        one(text, meaning.class)
    } else if let Some(form) = phrases::misspelt(&plain) {
        one(form.word.to_owned(), form.class)
    } else {
        one(text, Class::Ordinary)
    }
}

/// A single letter of a script whose letters are sounds.
fn is_initial(text: &str) -> bool {
    let mut chars = text.chars();
    let letter = |c| {
        matches!(
            Script::of(c),
            Script::Latin | Script::Cyrillic | Script::Greek
        )
    };
    chars.next().is_some_and(letter) && chars.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(text: &str) -> String {
        let tokens = Name::new(text).tokens;
        let tokens: Vec<String> = tokens
            .iter()
            .map(|t| format!("{}:{}", t.text, t.class.as_str()))
            .collect();
        tokens.join(" ")
    }

    #[test]
    fn legal_forms_and_stop_words_are_tagged() {
        assert_eq!(
            tagged("Banco Santander, S.A."),
            "banco:generic santander:ordinary sa:legal_form"
        );
        assert_eq!(tagged("OOO \"Neva\""), tagged("OOO Neva"));
        assert_eq!(
            tagged("Neva Limited Liability Company"),
            "neva:ordinary llc:legal_form"
        );
        assert_eq!(tagged("华为有限公司"), "华为:ordinary co ltd:legal_form");
        assert_eq!(tagged("주식회사 가상"), "co ltd:legal_form 가상:ordinary");
        assert_eq!(
            tagged("558 Plant of N. X"),
            "558:number plant:generic of:stop n:initial x:initial"
        );
        assert_eq!(tagged("Neva Liimted"), "neva:ordinary ltd:legal_form");
        assert_eq!(tagged("The Company"), "the:ordinary co:ordinary");
    }

    #[test]
    fn forms_leave_parentheses_and_successors_out() {
        let forms = |text| {
            let all = Form::all(text);
            all.into_iter()
                .map(|(f, t)| format!("{f:?}={t}"))
                .collect::<Vec<_>>()
                .join(" | ")
        };
        assert_eq!(
            forms("Huawei Co., Ltd. (Huawei)"),
            "Full=Huawei Co., Ltd. (Huawei) | Core=Huawei Co., Ltd. | Parenthesised=Huawei"
        );
        assert_eq!(
            forms("Sino Export; and any successor"),
            "Full=Sino Export; and any successor | Core=Sino Export"
        );
        assert_eq!(forms("(Only)"), "Full=(Only) | Parenthesised=Only");
        assert_eq!(forms("Open (paren"), "Full=Open (paren");
        assert_eq!(forms("Plain"), "Full=Plain");
    }
}
