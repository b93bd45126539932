//! The questions of an answer: answered, whatever the answers are, they leave nothing open; and none of them, nor any smaller
//! set, would do.

mod answers;

use std::cell::Cell;

use concord_controls::classify::{Detail, Question};
use concord_controls::item::{Item, ItemInput, Judgements};
use concord_controls::period::parse_date;
use concord_controls::regime::Regime;
use proptest::prelude::{ProptestConfig, any, prop, proptest};

use self::answers::{Answered, answer, every_answer};
use crate::fixture;
use crate::monotone::{item, regimes};
use crate::public_cases;

/// Most combinations of answers that are tried one by one.
const COMBINATIONS: usize = 600;

/// What was tried, so that a test that tries nothing fails.
#[derive(Default)]
struct Tried {
    sufficient: Cell<usize>,
    smallest: Cell<usize>,
    spared: Cell<usize>,
}

impl Tried {
    fn add(counter: &Cell<usize>, n: usize) {
        counter.set(counter.get() + n);
    }
}

struct Case<'a> {
    regime: &'a Regime,
    input: &'a ItemInput,
    date: &'a str,
}

impl Case<'_> {
    fn read(&self, answered: &Answered) -> Option<(Item, Judgements)> {
        let vocabulary = self.regime.vocabulary();
        let mut input = self.input.clone();
        input.parameters.extend(answered.parameters.iter().cloned());
        input.flags.extend(answered.flags.iter().cloned());
        input.attributes.extend(answered.attributes.iter().cloned());
        // What cannot be (half an axis) or contradicts a derived value is no answer.
        let item = Item::read(&input, vocabulary).ok()?;
        let judged = answered
            .judgements
            .iter()
            .map(|(id, so)| (id.as_str(), *so));
        Some((item, Judgements::read(judged, vocabulary).ok()?))
    }

    /// What is asked about these paragraphs; nothing when they are settled. `None`: such answers cannot be given.
    fn asked(&self, answered: &Answered, codes: &[&str]) -> Option<Vec<Question>> {
        let (item, judgements) = self.read(answered)?;
        let at = self.regime.at(parse_date(self.date).unwrap());
        Some(at.questions_about(&item, &judgements, codes).unwrap())
    }

    /// Whether every combination of answers to `questions` settles the paragraphs; `None` when there are too many to try.
    fn settles(&self, questions: &[&Question], codes: &[&str]) -> Option<Result<(), Answered>> {
        let all = every_answer(questions, self.regime.vocabulary(), COMBINATIONS)?;
        Some(
            all.into_iter()
                .try_for_each(|answered| match self.asked(&answered, codes) {
                    Some(open) if !open.is_empty() => Err(answered),
                    _ => Ok(()),
                }),
        )
    }

    /// Everything that is wrong with what is asked about these open paragraphs.
    fn check(&self, codes: &[&str], tried: &Tried) -> Result<(), String> {
        let Some(asked) = self.asked(&Answered::default(), codes) else {
            return Ok(());
        };
        // Only a stated code tells, and there is one stated code: it cannot be answered with no.
        if asked.is_empty() || asked.iter().any(|q| q.kind.word() == "stated_code") {
            return Ok(());
        }
        let needed: Vec<&Question> = asked.iter().filter(|q| q.needed).collect();
        let ids = |set: &[&Question]| set.iter().map(|q| q.id.to_string()).collect::<Vec<_>>();
        let tell = |what: String| {
            let (of, date, input) = (self.regime.jurisdiction(), self.date, self.input);
            format!(
                "{of} {date} {codes:?} {:?}: {what} ({input:?})",
                ids(&needed)
            )
        };
        if needed.is_empty() {
            return Err(tell("open, but nothing is needed".to_owned()));
        }
        Tried::add(&tried.spared, asked.len() - needed.len());
        match self.settles(&needed, codes) {
            None => return Ok(()),
            Some(Err(answered)) => return Err(tell(format!("still open after {answered:?}"))),
            Some(Ok(())) => Tried::add(&tried.sufficient, 1),
        }
        if asked.len() > 6 {
            return Ok(());
        }
        for subset in 0..1_u32 << asked.len() {
            if subset.count_ones() as usize >= needed.len() {
                continue;
            }
            let smaller: Vec<&Question> = (0..asked.len())
                .filter(|i| subset & (1 << i) != 0)
                .map(|i| &asked[i])
                .collect();
            if let Some(Ok(())) = self.settles(&smaller, codes) {
                return Err(tell(format!("{:?} would do", ids(&smaller))));
            }
        }
        Tried::add(&tried.smallest, 1);
        Ok(())
    }

    /// The open paragraphs of an answer that are asked about one by one.
    fn open(&self) -> Vec<String> {
        let Some((item, judgements)) = self.read(&Answered::default()) else {
            return Vec::new();
        };
        let at = self.regime.at(parse_date(self.date).unwrap());
        let found = at.classify(&item, &judgements, Detail::Basic).unwrap();
        let open = found.unknown.iter().filter(|p| !p.by_type_alone);
        open.map(|p| p.code.to_string()).collect()
    }
}

/// One by one and in neighbouring pairs and triples, where every combination of answers can be tried.
fn check_all(case: &Case<'_>, tried: &Tried) -> Vec<String> {
    let open = case.open();
    let codes: Vec<&str> = open.iter().map(String::as_str).collect();
    let mut wrong = Vec::new();
    for size in 1..=3 {
        wrong.extend(
            codes
                .windows(size)
                .filter_map(|some| case.check(some, tried).err()),
        );
    }
    wrong
}

#[test]
fn the_questions_of_a_public_case_are_enough_and_none_is_too_many() {
    let Some(document) = public_cases::document() else {
        return;
    };
    let (tried, mut wrong) = (Tried::default(), Vec::new());
    for variant in public_cases::variants(&document) {
        for regime in regimes() {
            let case = Case {
                regime,
                input: &variant.input,
                date: &variant.date,
            };
            wrong.extend(check_all(&case, &tried));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (sufficient, smallest) = (tried.sufficient.get(), tried.smallest.get());
    assert!(
        sufficient > 60 && smallest > 60,
        "{sufficient} sets tried, {smallest} of them against every smaller one"
    );
}

/// An input is spared where the answer to another decides the paragraph either way, and kept where it does not; an inclusion
/// that an answer may bring into play is asked for too.
#[test]
fn what_another_answer_decides_is_not_needed() {
    let paragraphs = [
        (
            "a",
            "speed >= 100 MHz and (speed >= 50 MHz or toy)",
            vec!["speed"],
        ),
        (
            "b",
            "speed >= 50 MHz and (speed >= 100 MHz or toy)",
            vec!["speed", "toy"],
        ),
        ("c", "toy and (toy or for_servers)", vec!["toy"]),
        ("d", "[1A009.c] and (toy or for_servers)", vec!["toy"]),
        (
            "e",
            "(toy and warned) or (toy and not warned)",
            vec!["toy", "warned"],
        ),
    ];
    let mut source = fixture::source();
    let mut text = String::from(
        "entries:\n  - code: 1A009\n    label: {en: x, ko: x}\n    cite: X 1A009\n    paragraphs:\n",
    );
    for (path, when, _) in &paragraphs {
        text.push_str(&format!("      - path: {path}\n        when: '{when}'\n"));
    }
    source.insert("xx/entries/more.yaml", text.into_bytes());
    let regime = Regime::load(&source, "xx").unwrap_or_else(|error| panic!("{error}"));
    let (tried, nothing) = (Tried::default(), ItemInput::default());
    let case = Case {
        regime: &regime,
        input: &nothing,
        date: "2024-06-01",
    };
    for (path, when, expected) in paragraphs {
        let code = format!("1A009.{path}");
        let asked = case.asked(&Answered::default(), &[&code]).unwrap();
        let mut needed: Vec<&str> = asked.iter().filter(|q| q.needed).map(|q| &*q.id).collect();
        needed.sort_unstable();
        assert_eq!(needed, expected, "{when}");
        case.check(&[&code], &tried).unwrap();
    }
    assert_eq!(tried.smallest.get(), 5);
    assert_eq!(tried.spared.get(), 3);
}

/// What is asked about a paragraph when nothing is stated, for every `step`-th of both lists.
fn every_paragraph(step: usize) {
    let (tried, mut wrong, empty) = (Tried::default(), Vec::new(), ItemInput::default());
    let mut all = 0;
    for regime in regimes() {
        let case = Case {
            regime,
            input: &empty,
            date: "2026-10-01",
        };
        let date = parse_date(case.date).unwrap();
        let paragraphs = regime.at(date).entries().flat_map(|e| &e.paragraphs);
        for paragraph in paragraphs.step_by(step) {
            all += 1;
            wrong.extend(case.check(&[&*paragraph.code], &tried).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let smallest = tried.smallest.get();
    assert!(
        smallest > all / 3,
        "{smallest} sets of {all} tried against every smaller one"
    );
}

#[test]
fn the_questions_about_a_paragraph_are_enough_and_none_is_too_many() {
    every_paragraph(29);
}

#[test]
#[ignore = "two minutes in a debug build: every paragraph instead of one in 29"]
fn the_questions_about_any_paragraph_are_enough_and_none_is_too_many() {
    every_paragraph(1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// All that is open of an item at once, with answers drawn at random: too many combinations to try them all.
    #[test]
    fn answering_what_is_needed_settles_whatever_is_open(
        (input, date) in item(),
        draws in prop::collection::vec(any::<prop::sample::Index>(), 64),
    ) {
        for regime in regimes() {
            let case = Case { regime, input: &input, date };
            let open = case.open();
            let codes: Vec<&str> = open.iter().map(String::as_str).collect();
            let Some(asked) = case.asked(&Answered::default(), &codes) else {
                continue;
            };
            let codes_only = |code: &&&str| !asked.iter().any(|q| {
                q.kind.word() == "stated_code" && q.codes.iter().any(|known| **known == ***code)
            });
            let codes: Vec<&str> = codes.iter().filter(codes_only).copied().collect();
            let asked = case.asked(&Answered::default(), &codes).unwrap_or_default();
            let needed: Vec<&Question> = asked.iter().filter(|q| q.needed).collect();
            let mut answered = Answered::default();
            for (question, draw) in needed.iter().zip(draws.iter().cycle()) {
                let choices = answer(question, regime.vocabulary());
                proptest::prop_assume!(!choices.is_empty());
                answered.add(draw.get(&choices).clone());
            }
            if let Some(left) = case.asked(&answered, &codes) {
                let left: Vec<_> = left.iter().map(|q| (&q.id, &q.codes)).collect();
                proptest::prop_assert!(left.is_empty(), "{input:?} {answered:?}: {left:?}");
            }
        }
    }
}
