//! The explanation of a hit as JSON (docs/screening.md) and back, so that whoever holds the message can check it.

use concord_names::{
    Aligned, Alignment, Class, Day, Explanation, Gender, Key, QUALIFIERS, Qualifier, Qualifiers,
    Subject, WeighedToken,
};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "concord-explanation/2";

/// Why a text is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Not JSON, or not of this shape.
    #[error("not an explanation: {0}")]
    Shape(#[from] serde_json::Error),
    /// A word that this release does not know.
    #[error("{field} `{word}` is not known")]
    Word {
        /// The field.
        field: &'static str,
        /// The word.
        word: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    engine: String,
    profile: String,
    profile_digest: String,
    query: Side,
    list: Side,
    alignment: Vec<Pair>,
    name_score: u32,
    qualifiers: Vec<Lowered>,
    score: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    text: String,
    subject: String,
    countries: Vec<String>,
    births: Vec<(Day, Day)>,
    gender: Option<String>,
    tokens: Vec<Word>,
    unmatched: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    text: String,
    class: String,
    weight: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    query: Vec<usize>,
    list: Vec<usize>,
    key: String,
    edits: u32,
    similarity: u32,
    weight: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lowered {
    what: String,
    per_cent: u32,
}

/// The explanation as one line of JSON; same explanation, same bytes.
pub fn to_json(e: &Explanation) -> String {
    let document = Document {
        format: FORMAT.to_owned(),
        engine: e.engine.clone(),
        profile: e.profile.clone(),
        profile_digest: e.profile_digest.clone(),
        query: side(
            &e.query,
            &e.query_facts,
            &e.query_tokens,
            &e.unmatched_query,
        ),
        list: side(&e.list, &e.list_facts, &e.list_tokens, &e.unmatched_list),
        alignment: e
            .alignment
            .aligned
            .iter()
            .map(|a| Pair {
                query: a.query.clone(),
                list: a.list.clone(),
                key: a.key.as_str().to_owned(),
                edits: a.edits,
                similarity: a.similarity,
                weight: a.weight,
            })
            .collect(),
        name_score: e.name_score,
        qualifiers: e
            .qualifiers
            .iter()
            .map(|q| Lowered {
                what: q.what.to_owned(),
                per_cent: q.per_cent,
            })
            .collect(),
        score: e.score,
    };
    // Strings and numbers only: there is nothing in it that JSON cannot say.
    serde_json::to_string(&document).unwrap_or_default()
}

/// The explanation that `json` holds; [`concord_names::verify`] then checks it.
///
/// # Errors
/// [`FormatError`].
pub fn from_json(json: &str) -> Result<Explanation, FormatError> {
    let d: Document = serde_json::from_str(json)?;
    if d.format != FORMAT {
        return Err(FormatError::Word {
            field: "format",
            word: d.format,
        });
    }
    let query_facts = d.query.facts()?;
    let list_facts = d.list.facts()?;
    let aligned = d.alignment.into_iter().map(|p| {
        Ok(Aligned {
            query: p.query,
            list: p.list,
            key: word("key", &p.key, Key::ALL, Key::as_str)?,
            edits: p.edits,
            similarity: p.similarity,
            weight: p.weight,
        })
    });
    let qualifiers = d.qualifiers.into_iter().map(|q| {
        let what = word("what", &q.what, QUALIFIERS, |w| w)?;
        Ok(Qualifier {
            what,
            per_cent: q.per_cent,
        })
    });
    Ok(Explanation {
        engine: d.engine,
        profile: d.profile,
        profile_digest: d.profile_digest,
        query_facts,
        list_facts,
        alignment: Alignment {
            aligned: aligned.collect::<Result<_, FormatError>>()?,
        },
        query_tokens: weighed(d.query.tokens)?,
        list_tokens: weighed(d.list.tokens)?,
        query: d.query.text,
        list: d.list.text,
        unmatched_query: d.query.unmatched,
        unmatched_list: d.list.unmatched,
        name_score: d.name_score,
        qualifiers: qualifiers.collect::<Result<_, FormatError>>()?,
        score: d.score,
    })
}

const SUBJECTS: [(Subject, &str); 4] = [
    (Subject::Unknown, "unknown"),
    (Subject::Person, "person"),
    (Subject::Organisation, "organisation"),
    (Subject::Craft, "craft"),
];

const GENDERS: [(Gender, &str); 2] = [(Gender::Female, "female"), (Gender::Male, "male")];

const CLASSES: [Class; 6] = [
    Class::Ordinary,
    Class::Generic,
    Class::Number,
    Class::Initial,
    Class::Stop,
    Class::LegalForm,
];

fn side(text: &str, facts: &Qualifiers, tokens: &[WeighedToken], unmatched: &[usize]) -> Side {
    let subject = SUBJECTS
        .iter()
        .find(|(s, _)| *s == facts.subject)
        .map_or("unknown", |(_, word)| word);
    let words = tokens.iter().map(|t| Word {
        text: t.text.clone(),
        class: t.class.as_str().to_owned(),
        weight: t.weight,
    });
    Side {
        text: text.to_owned(),
        subject: subject.to_owned(),
        countries: facts.countries.clone(),
        births: facts.births.clone(),
        gender: facts.gender.and_then(gender_word),
        tokens: words.collect(),
        unmatched: unmatched.to_vec(),
    }
}

fn gender_word(gender: Gender) -> Option<String> {
    let found = GENDERS.iter().find(|(own, _)| *own == gender);
    found.map(|(_, word)| (*word).to_owned())
}

impl Side {
    fn facts(&self) -> Result<Qualifiers, FormatError> {
        Ok(Qualifiers {
            subject: word("subject", &self.subject, SUBJECTS, |(_, word)| word)?.0,
            countries: self.countries.clone(),
            births: self.births.clone(),
            gender: match &self.gender {
                Some(gender) => Some(word("gender", gender, GENDERS, |(_, word)| word)?.0),
                None => None,
            },
        })
    }
}

fn weighed(words: Vec<Word>) -> Result<Vec<WeighedToken>, FormatError> {
    let token = |w: Word| {
        let class = word("class", &w.class, CLASSES, Class::as_str)?;
        Ok(WeighedToken {
            text: w.text,
            class,
            weight: w.weight,
        })
    };
    words.into_iter().map(token).collect()
}

fn word<T: Copy, const N: usize>(
    field: &'static str,
    text: &str,
    all: [T; N],
    as_str: impl Fn(T) -> &'static str,
) -> Result<T, FormatError> {
    all.into_iter()
        .find(|t| as_str(*t) == text)
        .ok_or_else(|| FormatError::Word {
            field,
            word: text.to_owned(),
        })
}
