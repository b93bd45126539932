//! An item that lacks a fact never looks free where the fact would have brought a licence: for every paragraph and every licence
//! row of the list, an item made to meet it, with each of its facts left out in turn.

use concord_controls::classify::Detail;
use concord_controls::entry::in_scope;
use concord_controls::item::{Item, ItemInput, Judgements};
use concord_licensing::{Classified, Facts as Situation, LineDecision, Outcome, PartyStep};

use super::load::{date, law, route};
use super::maker::{Facts, Goal, Maker};

const DATE: &str = "2026-10-01";

/// Taken in turn, paragraph by paragraph; the long form takes all of them for each.
const DESTINATIONS: [&str; 4] = ["CN", "KR", "VN", "AE"];
/// Of so many paragraphs the short form takes one.
const SHARE: usize = 13;

/// An item with what persons answered about it.
#[derive(Clone, Debug)]
struct Known {
    input: ItemInput,
    judgements: Vec<(String, bool)>,
}

impl Known {
    fn of(maker: &Maker<'_>, facts: &Facts<'_>) -> Option<Self> {
        let judgements = facts.judgements.iter();
        Some(Self {
            input: maker.input(facts)?,
            judgements: judgements.map(|(id, yes)| (id.clone(), *yes)).collect(),
        })
    }

    /// Without each of the facts in turn, and which one that is.
    fn without_each(&self) -> Vec<(String, Self)> {
        let mut all = Vec::new();
        let mut add = |fact: &str, change: &dyn Fn(&mut Self)| {
            let mut less = self.clone();
            change(&mut less);
            all.push((fact.to_owned(), less));
        };
        for (i, (id, _)) in self.input.parameters.iter().enumerate() {
            add(id, &|less| drop(less.input.parameters.remove(i)));
        }
        for (i, (id, _)) in self.input.flags.iter().enumerate() {
            add(id, &|less| drop(less.input.flags.remove(i)));
        }
        for (i, (attribute, _)) in self.input.attributes.iter().enumerate() {
            add(attribute.id(), &|less| {
                drop(less.input.attributes.remove(i))
            });
        }
        for (i, (id, _)) in self.judgements.iter().enumerate() {
            add(id, &|less| drop(less.judgements.remove(i)));
        }
        all
    }

    fn decide(&self, destination: &str, strict: bool) -> Option<LineDecision> {
        let us = &law().us;
        let (vocabulary, as_of) = (us.regime().vocabulary(), date(DATE));
        let item = Item::read(&self.input, vocabulary).ok()?;
        let answers = self.judgements.iter().map(|(id, yes)| (id.as_str(), *yes));
        let judgements = Judgements::read(answers, vocabulary).unwrap();
        let at = us.regime().at(as_of);
        let found = at.classify(&item, &judgements, Detail::Basic).unwrap();
        Some(us.decide(&Situation {
            item: &item,
            classification: &Classified::from(&found),
            judgements: &judgements,
            transaction: &route("US", destination),
            parties: &PartyStep::clean(),
            as_of,
            strict,
        }))
    }
}

fn needs_licence(decision: &LineDecision) -> bool {
    matches!(
        decision.outcome,
        Outcome::LicenceRequired | Outcome::Prohibited
    )
}

/// What came out over all of them.
#[derive(Default)]
struct Tally {
    compared: usize,
    /// Another paragraph gives the mild answer (rule 2 of the case files), and it says that it could be raised.
    by_another: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Leaves out each fact of an item that needs a licence.
    fn check(&mut self, code: &str, full: &Known, destination: &str) {
        let Some(known) = full.decide(destination, false) else {
            return;
        };
        if !needs_licence(&known) {
            return;
        }
        for (fact, less) in full.without_each() {
            let Some(decision) = less.decide(destination, false) else {
                continue; // a derived value that no longer fits what is left
            };
            self.compared += 1;
            if decision.outcome != Outcome::NoListLicence {
                continue;
            }
            let asks = |q: &concord_licensing::Question| q.could_raise && q.needed;
            let strict = less.decide(destination, true).map(|d| d.outcome);
            let said = decision.open_could_raise
                && !decision.matches.is_empty()
                && decision.questions.iter().any(asks)
                && strict == Some(Outcome::NeedsInformation);
            if said {
                self.by_another += 1;
            } else {
                self.wrong.push(format!(
                    "{code} to {destination} without {fact}: {:?}, {:?}",
                    decision.matches, less.input
                ));
            }
        }
    }
}

/// Makes items for the list of the United States.
fn maker() -> Maker<'static> {
    Maker {
        regime: law().us.regime(),
        date: date(DATE),
        steps: 0,
    }
}

fn every_paragraph(all: bool) -> Tally {
    let mut maker = maker();
    let (regime, day) = (maker.regime, maker.date);
    let mut tally = Tally::default();
    let mut turn = 0;
    for entry in regime.entries().iter().filter(|e| e.period.contains(day)) {
        for paragraph in entry.paragraphs.iter().filter(|p| p.period.contains(day)) {
            turn += 1;
            if !all && turn % SHARE != 0 {
                continue;
            }
            let goals = [Goal::Paragraph(entry, paragraph, true)];
            let made = maker.meeting(entry, &goals, Facts::default());
            let Some(full) = made.and_then(|facts| Known::of(&maker, &facts)) else {
                continue;
            };
            for (place, destination) in DESTINATIONS.iter().enumerate() {
                if all || turn / SHARE % DESTINATIONS.len() == place {
                    tally.check(&paragraph.code, &full, destination);
                }
            }
        }
    }
    tally
}

#[test]
fn a_paragraph_left_open_is_never_passed_over_in_silence() {
    let tally = every_paragraph(false);
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.compared > 150, "{} compared", tally.compared);
}

#[test]
#[ignore = "minutes: every paragraph to every destination"]
#[allow(clippy::print_stdout, reason = "a measurement prints what it found")]
fn a_paragraph_left_open_is_never_passed_over_in_silence_anywhere() {
    let tally = every_paragraph(true);
    println!(
        "{} compared, {} answered by another paragraph and marked",
        tally.compared, tally.by_another
    );
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
}

/// Every row that asks for a fact, each fact left out: how many answers were compared, and what is wrong with them. The long
/// form takes several paragraphs of a row and every destination that it reaches.
fn every_row(all: bool) -> (usize, Vec<String>) {
    let mut maker = maker();
    let (regime, day) = (maker.regime, maker.date);
    let (mut compared, mut wrong) = (0, Vec::new());
    for entry in regime.entries().iter().filter(|e| e.period.contains(day)) {
        let in_force = |row: &&concord_controls::entry::RequirementRow| row.period.contains(day);
        for row in entry.requirements.iter().filter(in_force) {
            let Some(when) = &row.when else { continue };
            let paragraphs = entry.paragraphs.iter();
            let covered = paragraphs
                .filter(|p| p.period.contains(day) && in_scope(&row.scope, &p.path))
                .take(if all { 4 } else { 1 });
            for paragraph in covered {
                let goals = [
                    Goal::Paragraph(entry, paragraph, true),
                    Goal::Term(when.root(), true),
                ];
                let made = maker.meeting(entry, &goals, Facts::default());
                let Some(full) = made.and_then(|facts| Known::of(&maker, &facts)) else {
                    continue;
                };
                for destination in ["KR", "CN", "VN", "AE", "IN", "MX", "IL", "GB"] {
                    let Some(known) = full.decide(destination, false) else {
                        break;
                    };
                    let brings = |d: &LineDecision| {
                        let of_row = |r: &concord_licensing::Requirement| {
                            *r.entry == *entry.code && *r.row == *row.id && r.enforced
                        };
                        d.requirements.iter().any(of_row)
                    };
                    if !brings(&known) {
                        continue;
                    }
                    for (fact, less) in full.without_each() {
                        let Some(decision) = less.decide(destination, false) else {
                            continue;
                        };
                        let still_met = decision.matches.iter().any(|m| **m == *paragraph.code);
                        if !still_met || brings(&decision) {
                            continue;
                        }
                        compared += 1;
                        let asked = decision.questions.iter().any(|q| q.needed && q.could_raise);
                        let mild = decision.outcome == Outcome::NoListLicence
                            || (decision.outcome == Outcome::NeedsInformation && !asked);
                        if mild {
                            let of = format!("{} {}", paragraph.code, row.id);
                            wrong.push(format!("{of} to {destination} without {fact}"));
                        }
                    }
                    if !all {
                        break;
                    }
                }
            }
        }
    }
    (compared, wrong)
}

/// A row of a paragraph that is met may be the very requirement: left open, no licence is never the answer.
#[test]
fn a_row_left_open_is_never_no_licence() {
    let (compared, wrong) = every_row(false);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 20, "{compared} compared");
}

#[test]
#[ignore = "a minute: every row to every destination that it reaches"]
#[allow(clippy::print_stdout, reason = "a measurement prints what it found")]
fn a_row_left_open_is_never_no_licence_anywhere() {
    let (compared, wrong) = every_row(true);
    println!("{compared} compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
