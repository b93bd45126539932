//! What a decision asks for: the marked questions, however they are answered, leave no paragraph that could raise the outcome
//! open, and each of them belongs to one.

use concord_controls::item::{ItemInput, QuantityInput};
use concord_controls::vocabulary::Attribute;
use concord_licensing::{LineDecision, Question, Transaction};

use super::load::{decide, law, route};
use super::monotone::{items, weaker};

const DATE: &str = "2026-08-01";

/// Answers to one question that its comparisons tell apart: at and beyond each threshold; each word; yes and no.
fn answers(question: &Question) -> Vec<String> {
    let mut all = Vec::new();
    for used in &question.uses {
        if used.comparator == "in" {
            let words = used
                .threshold
                .trim_matches(|c| "{}".contains(c))
                .split(", ");
            all.extend(words.map(|word| word.trim_matches('"').to_owned()));
        } else {
            let (number, unit) = used
                .threshold
                .split_once(' ')
                .unwrap_or((&used.threshold, "1"));
            let at: f64 = number.parse().unwrap();
            all.extend([at, at / 2.0, at.abs() * 2.0 + 1.0].map(|value| format!("{value} {unit}")));
        }
    }
    if all.is_empty() {
        all.extend(["true".to_owned(), "false".to_owned()]);
    }
    all
}

/// The item with one question answered; `None` where facts about items do not answer it.
fn answered(mut input: ItemInput, question: &Question, answer: &str) -> Option<ItemInput> {
    match question.kind.as_str() {
        "parameter" => {
            let (value, unit) = answer.split_once(' ')?;
            let value = QuantityInput {
                value: value.to_owned(),
                unit: unit.to_owned(),
            };
            input.parameters.push((question.input.clone(), Some(value)));
        }
        // The question that stands for many is settled by a yes; a no brings them.
        "flag" if question.input == "other_paragraphs_excluded" => {
            input.flags.push((question.input.clone(), Some(true)));
        }
        "flag" => input
            .flags
            .push((question.input.clone(), Some(answer == "true"))),
        "attribute" => {
            let attribute = Attribute::from_id(&question.input)?;
            input.attributes.push((attribute, answer.to_owned()));
        }
        _ => return None,
    }
    Some(input)
}

/// Draws that look like chance and are the same every time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % n
    }
}

fn reaches(question: &Question, codes: &[String]) -> bool {
    question.codes.iter().any(|code| codes.contains(code))
}

fn check(
    input: &ItemInput,
    jurisdiction: &str,
    route: &Transaction,
    draws: &mut Draws,
) -> [usize; 2] {
    let decided =
        |input: &ItemInput| -> LineDecision { decide(law(), jurisdiction, input, route, DATE) };
    let before = decided(input);
    let of_item = |q: &&Question| matches!(q.kind.as_str(), "parameter" | "flag" | "attribute");
    let marked: Vec<&Question> = before
        .questions
        .iter()
        .filter(|q| q.needed && q.could_raise && !q.codes.is_empty())
        .collect();
    // A judgement or a stated code is answered by a person, not by a fact of the item.
    let by_facts = |code: &&String| marked.iter().all(|q| of_item(q) || !q.codes.contains(code));
    let raising: Vec<String> = before.raising.iter().filter(by_facts).cloned().collect();
    for question in marked
        .iter()
        .filter(|q| q.kind != "transaction" && !q.uses.is_empty())
    {
        // What a licence row asks for is needed for the row, whatever is open of the list.
        let of_row = question.thresholds.len() > question.uses.len();
        let alone = question.input == "other_paragraphs_excluded";
        assert!(
            of_row || alone || reaches(question, &before.raising),
            "{question:?}"
        );
    }
    let mut tried = 0;
    for _ in 0..4 {
        let mut full = Some(input.clone());
        for question in marked.iter().filter(|q| of_item(q)) {
            let choices = answers(question);
            let answer = &choices[draws.below(choices.len())];
            full = full.and_then(|full| answered(full, question, answer));
        }
        let Some(full) = full else { continue };
        let read =
            concord_controls::item::Item::read(&full, law().of(jurisdiction).regime().vocabulary());
        if read.is_err() {
            continue; // such an answer cannot be given
        }
        let after = decided(&full);
        let open: Vec<&String> = raising
            .iter()
            .filter(|code| after.raising.contains(code))
            .collect();
        assert!(
            open.is_empty(),
            "{jurisdiction} {input:?}: {open:?} still raise after {full:?}"
        );
        tried += 1;
    }
    [raising.len(), tried]
}

#[test]
fn the_marked_questions_settle_what_could_raise_the_outcome() {
    let mut draws = Draws(7);
    let (mut raising, mut tried) = (0, 0);
    for full in items() {
        let mut less = weaker(&full);
        less.push(full.clone());
        for (jurisdiction, origin) in [("US", "US"), ("KR", "KR")] {
            for destination in ["CN", "VN", "RU"] {
                let route = route(origin, destination);
                for input in less.iter().step_by(7) {
                    let [of_these, more] = check(input, jurisdiction, &route, &mut draws);
                    raising += of_these;
                    tried += more;
                }
            }
        }
    }
    assert!(
        raising > 30 && tried > 100,
        "{raising} paragraphs, {tried} answers"
    );
}
