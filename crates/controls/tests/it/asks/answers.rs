//! Answers to questions: for each one every value that formulas tell apart.

use concord_controls::classify::Question;
use concord_controls::item::QuantityInput;
use concord_controls::vocabulary::{Attribute, Vocabulary};

/// Facts that answer questions.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    pub parameters: Vec<(String, Option<QuantityInput>)>,
    pub flags: Vec<(String, Option<bool>)>,
    pub attributes: Vec<(Attribute, String)>,
    pub judgements: Vec<(String, bool)>,
}

/// One answer to one question.
#[derive(Debug, Clone)]
pub enum Answer {
    Parameter(String, QuantityInput),
    Flag(String, bool),
    Attribute(Attribute, String),
    Judgement(String, bool),
}

impl Answered {
    pub fn add(&mut self, answer: Answer) {
        match answer {
            Answer::Parameter(id, value) => self.parameters.push((id, Some(value))),
            Answer::Flag(id, so) => self.flags.push((id, Some(so))),
            Answer::Attribute(attribute, word) => self.attributes.push((attribute, word)),
            Answer::Judgement(id, so) => self.judgements.push((id, so)),
        }
    }
}

/// Every answer that formulas tell apart: at, between and beyond the thresholds, each word, yes and no.
pub fn answer(question: &Question, vocabulary: &Vocabulary) -> Vec<Answer> {
    let id = question.id.to_string();
    match question.kind.word() {
        "parameter" => values(question)
            .into_iter()
            .map(|value| Answer::Parameter(id.clone(), value))
            .collect(),
        "flag" => [true, false].map(|so| Answer::Flag(id.clone(), so)).into(),
        "judgement" => [true, false]
            .map(|so| Answer::Judgement(id.clone(), so))
            .into(),
        "attribute" => {
            let attribute = Attribute::ALL.into_iter().find(|a| a.id() == id).unwrap();
            let mut words: Vec<String> = Vec::new();
            for used in &question.uses {
                let set = used
                    .tested
                    .threshold
                    .trim_start_matches('{')
                    .trim_end_matches('}');
                let parts: Vec<&str> = set.split(", ").collect();
                words.extend(parts.iter().map(|word| (*word).to_owned()));
                // A name may have a comma itself.
                words.extend(parts.windows(2).map(|two| two.join(", ")));
            }
            words.sort();
            words.dedup();
            // And one that is in no set.
            let other = match (vocabulary.words(attribute), attribute) {
                (Some(known), _) => known
                    .iter()
                    .map(ToString::to_string)
                    .find(|w| !words.contains(w)),
                (None, Attribute::Cas) => Some("7732-18-5".to_owned()),
                (None, Attribute::Hs6) => Some("010121".to_owned()),
                (None, _) => Some("something else".to_owned()),
            };
            words.extend(other);
            words
                .into_iter()
                .map(|word| Answer::Attribute(attribute, word))
                .collect()
        }
        kind => panic!("{id} is a {kind}: only a stated code answers that"),
    }
}

/// Nothing where the thresholds are written in several units.
fn values(question: &Question) -> Vec<QuantityInput> {
    let mut bounds: Vec<f64> = Vec::new();
    let mut unit: Option<String> = None;
    for used in &question.uses {
        let text = &*used.tested.threshold;
        let (number, of) = text.split_once(' ').unwrap_or((text, "1"));
        if unit.get_or_insert_with(|| of.to_owned()) != of {
            return Vec::new();
        }
        bounds.push(number.parse().unwrap());
    }
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let mut values = bounds.clone();
    values.extend(bounds.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0));
    // What cannot be (over a hundred per cent, half an axis) is refused when it is read, so there is more than one beyond.
    values.extend(bounds.first().map(|least| least - least.abs() / 2.0));
    values.extend(
        bounds
            .first()
            .map(|least| (least - least.abs() / 2.0).floor()),
    );
    if let Some(most) = bounds.last().copied() {
        values.extend([most.abs() * 2.0 + 1.0, most + 1.0]);
        let limits = [1.0, 100.0].into_iter().filter(|limit| most < *limit);
        values.extend(limits.map(|limit| (most + limit) / 2.0));
    }
    let unit = unit.unwrap_or_default();
    let quantity = |value: f64| QuantityInput {
        value: value.to_string(),
        unit: unit.clone(),
    };
    values.into_iter().map(quantity).collect()
}

/// All combinations of answers; `None` when there are more than `limit`, or some question has no answer that can be written.
pub fn every_answer(
    questions: &[&Question],
    vocabulary: &Vocabulary,
    limit: usize,
) -> Option<Vec<Answered>> {
    let mut all = vec![Answered::default()];
    for question in questions {
        let choices = answer(question, vocabulary);
        if choices.is_empty() || all.len() * choices.len() > limit {
            return None;
        }
        let with = |answered: &Answered| {
            let answered = answered.clone();
            choices.clone().into_iter().map(move |choice| {
                let mut more = answered.clone();
                more.add(choice);
                more
            })
        };
        all = all.iter().flat_map(with).collect();
    }
    Some(all)
}
