//! Which missing inputs settle open paragraphs, whatever the answers turn out to be.
//!
//! An input can be spared when no answers to the others leave a paragraph open. Where each input stands once in a formula
//! none can; elsewhere the answers are tried, cell by cell: between two neighbouring thresholds a formula does not change.

mod cells;
mod reach;

use std::ops::Not;

use self::cells::Pinned;
use self::reach::Reach;
use super::{Evaluator, Truth, Wanted};
use crate::condition::{Reference, Term};
use crate::entry::{Entry, Note, NoteKind, Paragraph};
use crate::regime::references::{leaves_open, reached};

/// Most combinations of cells that are tried for one paragraph and one input; beyond it the input is kept.
const COMBINATIONS: usize = 4_096;

/// An open paragraph in whose formula some input stands twice, or that hangs on other paragraphs or on notes.
#[derive(Debug, Clone)]
pub(crate) struct Entangled<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) paragraph: &'a Paragraph,
    /// What it hangs on.
    pub(crate) inputs: Vec<Wanted<'a>>,
}

/// The answers that are taken to be there: anything for what is asked, a given cell for what is pinned.
struct Answers<'s, 'a> {
    /// Sorted.
    asked: &'s [Wanted<'a>],
    spared: Wanted<'a>,
    pinned: &'s [Pinned<'a>],
}

impl<'a> Evaluator<'a> {
    /// Whether some paragraph may stay open without an answer to `spared`, if all others of `asked` (sorted) are answered.
    pub(crate) fn needs(
        &mut self,
        cases: &[Entangled<'a>],
        asked: &[Wanted<'a>],
        spared: Wanted<'a>,
    ) -> bool {
        cases
            .iter()
            .filter(|case| case.inputs.contains(&spared))
            .any(|case| self.may_stay_open(case, asked, spared))
    }

    fn may_stay_open(
        &mut self,
        case: &Entangled<'a>,
        asked: &[Wanted<'a>],
        spared: Wanted<'a>,
    ) -> bool {
        let mut pinned: Vec<Pinned<'a>> = Vec::new();
        self.each_open(case.entry, case.paragraph, true, &mut |wanted, term| {
            if wanted != spared && asked.binary_search(&wanted).is_ok() {
                cells::enter(&mut pinned, wanted, term);
            }
        });
        // What stands once takes either truth by itself.
        pinned.retain(|pin| pin.atoms > 1);
        let combinations = pinned
            .iter()
            .try_fold(1_usize, |all, pin| all.checked_mul(pin.count()))
            .filter(|all| *all <= COMBINATIONS);
        let Some(combinations) = combinations else {
            return true;
        };
        for _ in 0..combinations {
            let answers = Answers {
                asked,
                spared,
                pinned: &pinned,
            };
            if self
                .reach_paragraph(case.entry, case.paragraph, &answers)
                .has(Truth::Unknown)
            {
                return true;
            }
            cells::next(&mut pinned);
        }
        false
    }

    fn reach_paragraph(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        answers: &Answers<'_, 'a>,
    ) -> Reach {
        let formula = self.reach(paragraph.when.root(), answers);
        let (mut excluded, mut included) = (Reach::only(Truth::NotMet), Reach::only(Truth::NotMet));
        for note in self.notes_of(entry, paragraph) {
            let applies = self.reach(note.when.root(), answers);
            match note.kind {
                NoteKind::Exclude => excluded = excluded.with(applies, Truth::or),
                NoteKind::Include => included = included.with(applies, Truth::or),
            }
        }
        let stands = excluded.with(included, |excluded, included| match (excluded, included) {
            (Truth::NotMet | Truth::Unknown, _) | (_, Truth::Met) => Truth::Met,
            (Truth::Met, included) => included,
        });
        let reach = formula.with(stands, Truth::and);
        if self.is_stated(entry, paragraph) {
            reach.stated()
        } else {
            reach
        }
    }

    fn reach(&mut self, term: &'a Term, answers: &Answers<'_, 'a>) -> Reach {
        match term {
            Term::Constant(value) => Reach::only(Truth::known(*value)),
            Term::All(parts) => {
                let mut reach = Reach::only(Truth::Met);
                for part in parts {
                    reach = reach.with(self.reach(part, answers), Truth::and);
                }
                reach
            }
            Term::Any(parts) => {
                let mut reach = Reach::only(Truth::NotMet);
                for part in parts {
                    reach = reach.with(self.reach(part, answers), Truth::or);
                }
                reach
            }
            Term::Not(inner) => self.reach(inner, answers).not(),
            Term::Reference(reference) => self.reach_reference(reference, answers),
            atom => match self.open_atom(atom) {
                Err(truth) => Reach::only(truth),
                Ok(wanted) => answers.reach(wanted, atom),
            },
        }
    }

    fn reach_reference(&mut self, reference: &'a Reference, answers: &Answers<'_, 'a>) -> Reach {
        let code = Wanted::Code(&reference.text);
        let Some((entry, paragraphs)) = reached(self.at.regime, reference) else {
            return answers.reach(code, &Term::Constant(true));
        };
        if !entry.period.contains(self.at.date) {
            return Reach::only(Truth::NotMet);
        }
        let mut reach = Reach::only(Truth::NotMet);
        for paragraph in paragraphs {
            if paragraph.period.contains(self.at.date) {
                let of = self.reach_paragraph(entry, paragraph, answers);
                reach = reach.with(of, Truth::or);
            }
        }
        if leaves_open(self.at.regime, reference) {
            let of = answers.reach(code, &Term::Constant(true));
            reach = reach.with(of, Truth::or);
        }
        if self.states(reference) {
            reach.stated()
        } else {
            reach
        }
    }

    /// What is undecided of a paragraph: every atom with the input that it lacks. Notes of the `outermost` one matter only
    /// where an inclusion is among them: an exclusion that stays open does not keep its paragraph open.
    fn each_open(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        outermost: bool,
        visit: &mut dyn FnMut(Wanted<'a>, &'a Term),
    ) {
        self.each_open_atom(paragraph.when.root(), visit);
        let includes = |this: &Self| {
            this.notes_of(entry, paragraph)
                .any(|note| note.kind == NoteKind::Include)
        };
        if outermost && !includes(self) {
            return;
        }
        for note in self.notes_of(entry, paragraph) {
            self.each_open_atom(note.when.root(), visit);
        }
    }

    fn each_open_atom(&mut self, term: &'a Term, visit: &mut dyn FnMut(Wanted<'a>, &'a Term)) {
        match term {
            Term::Constant(_) => {}
            Term::All(parts) | Term::Any(parts) => {
                for part in parts {
                    self.each_open_atom(part, visit);
                }
            }
            Term::Not(inner) => self.each_open_atom(inner, visit),
            Term::Reference(reference) => {
                let code = Wanted::Code(&reference.text);
                let Some((entry, paragraphs)) = reached(self.at.regime, reference) else {
                    return visit(code, term);
                };
                if !entry.period.contains(self.at.date) {
                    return;
                }
                for paragraph in paragraphs {
                    if paragraph.period.contains(self.at.date) {
                        self.each_open(entry, paragraph, false, visit);
                    }
                }
                if leaves_open(self.at.regime, reference) {
                    visit(code, term);
                }
            }
            atom => {
                if let Ok(wanted) = self.open_atom(atom) {
                    visit(wanted, atom);
                }
            }
        }
    }

    /// The notes in force in whose scope a paragraph is.
    pub(crate) fn notes_of<'n>(
        &self,
        entry: &'n Entry,
        paragraph: &'n Paragraph,
    ) -> impl Iterator<Item = &'n Note> + use<'n> {
        let date = self.at.date;
        let notes = paragraph.notes.iter();
        notes
            .filter_map(|position| entry.notes.get(*position))
            .filter(move |note| note.period.contains(date))
    }

    /// What an atom other than a reference lacks, or else its truth.
    fn open_atom(&self, atom: &'a Term) -> Result<Wanted<'a>, Truth> {
        let (truth, wanted) = match atom {
            Term::Compare(threshold) => (
                self.compare(threshold),
                Wanted::Parameter(threshold.parameter),
            ),
            Term::OneOf {
                attribute, words, ..
            } => (
                self.one_of(*attribute, words),
                Wanted::Attribute(*attribute),
            ),
            Term::Flag(flag) => (Truth::of(self.item.flag(*flag)), Wanted::Flag(*flag)),
            Term::Judgement(judgement) => (
                Truth::of(self.judgements.answer(*judgement)),
                Wanted::Judgement(*judgement),
            ),
            _ => return Err(Truth::Unknown),
        };
        match truth {
            Truth::Unknown => Ok(wanted),
            known => Err(known),
        }
    }
}

impl<'a> Answers<'_, 'a> {
    fn reach(&self, wanted: Wanted<'a>, atom: &Term) -> Reach {
        if wanted == self.spared || self.asked.binary_search(&wanted).is_err() {
            return Reach::only(Truth::Unknown);
        }
        let pinned = self.pinned.iter().find(|pin| pin.wanted == wanted);
        pinned.map_or(Reach::EITHER, |pin| {
            Reach::only(Truth::known(pin.holds(atom)))
        })
    }
}
