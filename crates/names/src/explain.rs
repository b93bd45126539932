//! Why a pair of names has its score, and the check that needs nothing but that account.

use crate::align::{Agreed, Aligned, Alignment, Weighed, align, score};
use crate::corpus::Corpus;
use crate::jaro_winkler;
use crate::name::{Class, Name, Token};
use crate::profile::{Method, Profile};
use crate::qualify::{Manner, Qualifier, Qualifiers};
use crate::script::Script;
use crate::tables::PATRONYMIC;
use crate::word::agreement;

/// Everything that made a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// [`crate::ENGINE`].
    pub engine: String,
    /// Profile name.
    pub profile: String,
    /// Profile digest.
    pub profile_digest: String,
    /// The query as compared (one of its forms).
    pub query: String,
    /// The listed name as compared (one of its forms).
    pub list: String,
    /// What is known beside the query.
    pub query_facts: Qualifiers,
    /// What is known beside the listed name.
    pub list_facts: Qualifiers,
    /// The query's tokens with their weights.
    pub query_tokens: Vec<WeighedToken>,
    /// The listed name's tokens with their weights.
    pub list_tokens: Vec<WeighedToken>,
    /// Which stands for which.
    pub alignment: Alignment,
    /// Positions of the query's tokens that stand for nothing.
    pub unmatched_query: Vec<usize>,
    /// Positions of the listed name's tokens that nothing stands for.
    pub unmatched_list: Vec<usize>,
    /// Score of the names alone, of 10 000.
    pub name_score: u32,
    /// Facts that contradict.
    pub qualifiers: Vec<Qualifier>,
    /// The score: the name score, lowered by each qualifier in turn.
    pub score: u32,
}

/// A token as it was weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeighedToken {
    /// Normalised text.
    pub text: String,
    /// Class.
    pub class: Class,
    /// Weight: class factor in tenths times idf in thousandths.
    pub weight: u32,
}

/// Why an explanation does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Made by another engine.
    #[error("explanation was made by engine `{0}`; this one checks `{engine}`", engine = crate::ENGINE)]
    Engine(String),
    /// Made with a profile this build does not have, or has otherwise.
    #[error("profile `{0}` with this digest is not known")]
    Profile(String),
    /// A field does not follow from the others.
    #[error("`{field}` does not follow from the rest of the explanation")]
    Field {
        /// Its name.
        field: &'static str,
    },
}

/// Scores `query` against `list` and says why. Symmetric in the two.
#[must_use]
pub fn explain(
    query: &str,
    query_facts: &Qualifiers,
    list: &str,
    list_facts: &Qualifiers,
    corpus: &Corpus,
    profile: &Profile,
) -> Explanation {
    let q = weigh(&name_for(query, profile), corpus, profile);
    let l = weigh(&name_for(list, profile), corpus, profile);
    Pair {
        query,
        list,
        query_facts,
        list_facts,
        q: &q,
        l: &l,
        profile,
        digest: &profile.digest(),
    }
    .explanation()
}

/// The tokens of `text` as the method of `profile` needs them.
pub(crate) fn name_for(text: &str, profile: &Profile) -> Name {
    match profile.method {
        Method::Words => Name::new(text),
        Method::JaroWinkler => Name::plain(text),
    }
}

/// Weighs the tokens of `name`.
pub(crate) fn weigh(name: &Name, corpus: &Corpus, profile: &Profile) -> Vec<Weighed> {
    name.tokens
        .iter()
        .map(|token| Weighed::new(token, corpus.weight(token, profile)))
        .collect()
}

/// Checks `explanation` from its own content and returns the recomputed score. Names are
/// normalised, tokens compared, alignment and score computed again; only the weights, which come
/// from a corpus, are taken as given, within what the profile allows.
///
/// # Errors
/// [`VerifyError`] naming the first field that does not follow.
pub fn verify(explanation: &Explanation) -> Result<u32, VerifyError> {
    let e = explanation;
    if e.engine != crate::ENGINE {
        return Err(VerifyError::Engine(e.engine.clone()));
    }
    let profile = Profile::named(&e.profile)
        .filter(|p| p.digest() == e.profile_digest)
        .ok_or_else(|| VerifyError::Profile(e.profile.clone()))?;
    let field = |field| VerifyError::Field { field };
    let q = reweigh(&e.query, &e.query_tokens, profile).ok_or_else(|| field("query_tokens"))?;
    let l = reweigh(&e.list, &e.list_tokens, profile).ok_or_else(|| field("list_tokens"))?;
    let pair = Pair {
        query: &e.query,
        list: &e.list,
        query_facts: &e.query_facts,
        list_facts: &e.list_facts,
        q: &q,
        l: &l,
        profile,
        digest: &e.profile_digest,
    };
    let again = pair.explanation();
    for (name, same) in [
        ("alignment", again.alignment == e.alignment),
        (
            "unmatched_query",
            again.unmatched_query == e.unmatched_query,
        ),
        ("unmatched_list", again.unmatched_list == e.unmatched_list),
        ("name_score", again.name_score == e.name_score),
        ("qualifiers", again.qualifiers == e.qualifiers),
        ("score", again.score == e.score),
    ] {
        if !same {
            return Err(field(name));
        }
    }
    Ok(again.score)
}

fn reweigh(text: &str, tokens: &[WeighedToken], profile: &Profile) -> Option<Vec<Weighed>> {
    let name = name_for(text, profile);
    let same = name.tokens.len() == tokens.len()
        && name.tokens.iter().zip(tokens).all(|(n, t)| {
            n.text == t.text
                && n.class == t.class
                && (1..=profile.greatest_weight(t.class)).contains(&t.weight)
        });
    same.then(|| {
        tokens
            .iter()
            .map(|t| {
                Weighed::new(
                    &Token {
                        text: t.text.clone(),
                        class: t.class,
                    },
                    t.weight,
                )
            })
            .collect()
    })
}

/// Two weighed names with what is known beside them.
pub(crate) struct Pair<'a> {
    pub query: &'a str,
    pub list: &'a str,
    pub query_facts: &'a Qualifiers,
    pub list_facts: &'a Qualifiers,
    pub q: &'a [Weighed],
    pub l: &'a [Weighed],
    pub profile: &'a Profile,
    /// The profile's.
    pub digest: &'a str,
}

impl Pair<'_> {
    fn manner(&self) -> Manner {
        let translated = is_foreign(self.q) != is_foreign(self.l);
        self.query_facts
            .subject
            .manner(self.list_facts.subject, translated)
    }

    fn name_score(&self) -> (Alignment, u32) {
        if self.profile.method == Method::JaroWinkler {
            return jaro_winkler::compare(self.q, self.l);
        }
        let manner = self.manner();
        let alignment = align(self.q, self.l, manner, self.profile);
        let score = score(
            alignment.aligned.iter().map(Agreed::from),
            self.q.iter().map(|t| t.weight),
            self.l.iter().map(|t| t.weight),
            manner,
            self.profile,
        );
        (alignment, score)
    }

    fn qualifiers(&self, alignment: &Alignment) -> Vec<Qualifier> {
        let [patronymic, ..] = self.profile.qualifier_per_cent;
        let mut qualifiers = Vec::new();
        if patronymic_turned(self.q, self.l, alignment, self.profile) {
            qualifiers.push(Qualifier {
                what: "patronymic_order",
                per_cent: patronymic,
            });
        }
        let facts = self
            .query_facts
            .contradictions(self.list_facts, self.profile.qualifier_per_cent);
        qualifiers.extend(facts);
        qualifiers
    }

    /// The score alone, with early exit below `least`.
    pub fn score_from(&self, least: u32) -> Option<u32> {
        let (alignment, name_score) = self.name_score();
        if name_score < least {
            return None;
        }
        let score = lowered(name_score, &self.qualifiers(&alignment));
        (score >= least).then_some(score)
    }

    pub fn explanation(&self) -> Explanation {
        let (alignment, name_score) = self.name_score();
        self.explanation_of(alignment, name_score, accounts(self.l))
    }

    /// The score that remains of `name_score`.
    pub fn lowered(&self, alignment: &Alignment, name_score: u32) -> u32 {
        lowered(name_score, &self.qualifiers(alignment))
    }

    /// The account of an alignment that is known, with the listed tokens. Where the query has no
    /// father in it, `l` is not looked at.
    pub fn explanation_of(
        &self,
        alignment: Alignment,
        name_score: u32,
        list_tokens: Vec<WeighedToken>,
    ) -> Explanation {
        let qualifiers = self.qualifiers(&alignment);
        let unmatched = |len: usize, side: fn(&Aligned) -> &Vec<usize>| {
            (0..len)
                .filter(|i| !alignment.aligned.iter().any(|a| side(a).contains(i)))
                .collect()
        };
        Explanation {
            engine: crate::ENGINE.to_owned(),
            profile: self.profile.id.to_owned(),
            profile_digest: self.digest.to_owned(),
            query: self.query.to_owned(),
            list: self.list.to_owned(),
            query_facts: self.query_facts.clone(),
            list_facts: self.list_facts.clone(),
            query_tokens: accounts(self.q),
            unmatched_query: unmatched(self.q.len(), |a| &a.query),
            unmatched_list: unmatched(list_tokens.len(), |a| &a.list),
            list_tokens,
            alignment,
            name_score,
            score: lowered(name_score, &qualifiers),
            qualifiers,
        }
    }
}

/// Tokens as they are told of.
fn accounts(side: &[Weighed]) -> Vec<WeighedToken> {
    side.iter()
        .map(|t| WeighedToken {
            text: t.token.text.clone(),
            class: t.token.class,
            weight: t.weight,
        })
        .collect()
}

fn lowered(score: u32, qualifiers: &[Qualifier]) -> u32 {
    qualifiers
        .iter()
        .fold(score, |score, q| score * q.per_cent.min(100) / 100)
}

/// Whether a name has words in another script than the Latin one.
pub(crate) fn is_foreign(name: &[Weighed]) -> bool {
    name.iter().any(|t| t.word.script != Script::Latin)
}

/// Whether a word stands between a person and a father in the name.
pub(crate) fn has_patronymic(name: &[Weighed]) -> bool {
    name.iter()
        .any(|t| PATRONYMIC.contains(&t.token.text.as_str()))
}

/// True when `A bin B` was aligned with `B bin A`: a father's name against a given name.
fn patronymic_turned(
    q: &[Weighed],
    l: &[Weighed],
    alignment: &Alignment,
    profile: &Profile,
) -> bool {
    let particle = |side: &[Weighed]| {
        side.iter()
            .position(|t| PATRONYMIC.contains(&t.token.text.as_str()))
    };
    let (Some(p), Some(r)) = (particle(q), particle(l)) else {
        return false;
    };
    // Fathers that agree settle it, also where the same word stands before the particle.
    if let (Some(father), Some(other)) = (q.get(p + 1), l.get(r + 1))
        && agreement(&father.word, &other.word, profile).is_some()
    {
        return false;
    }
    let side = |at: usize, particle: usize| at > particle;
    alignment.aligned.iter().any(|a| {
        let father_of = |list: &[usize], particle: usize| list.contains(&(particle + 1));
        let crosses = a
            .query
            .iter()
            .any(|i| a.list.iter().any(|j| side(*i, p) != side(*j, r)));
        crosses && (father_of(&a.query, p) || father_of(&a.list, r))
    })
}
