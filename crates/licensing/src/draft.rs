//! A decision while it is being made: what the steps have collected so far.

use std::collections::BTreeSet;

use crate::decision::{
    Cite, Finding, NotExamined, Pointer, PointerKind, Question, Requirement, Step, StepStatus, Text,
};

/// What the steps of a flow write into.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub requirements: Vec<Requirement>,
    pub findings: Vec<Finding>,
    pub pointers: Vec<Pointer>,
    pub questions: Vec<Question>,
    pub not_examined: Vec<NotExamined>,
    pub steps: Vec<Step>,
    pub incomplete: Vec<String>,
    /// A table had no answer for this destination, so that the absence of a row says nothing.
    pub undecided: bool,
    /// Something other than an open paragraph could raise the burden (an undecided row, a possible party).
    pub could_raise: bool,
    /// A region of the destination is sanctioned, and the facts do not tell which region it is.
    pub region_open: bool,
    /// Codes of the open paragraphs of which one that is met would raise the outcome, but for those asked about at once.
    pub raising: Vec<String>,
    /// Inputs of undecided licence rows of what is met whose answers could raise the outcome.
    pub raising_inputs: BTreeSet<String>,
    /// No exception but these may be used, with the provision that says so.
    pub party_bars: Vec<Cite>,
}

impl Draft {
    pub(crate) fn find(&mut self, key: &str, value: impl Into<String>, cite: &str, label: Text) {
        let (key, value) = (key.to_owned(), value.into());
        self.findings.push(Finding {
            key,
            value,
            cite: Cite::new(cite),
            label,
        });
    }

    pub(crate) fn point(&mut self, kind: PointerKind, id: impl Into<String>, text: Text) {
        let pointer = Pointer {
            kind,
            id: id.into(),
            text,
        };
        if !self
            .pointers
            .iter()
            .any(|p| p.kind == kind && p.id == pointer.id)
        {
            self.pointers.push(pointer);
        }
    }

    /// Asks something; a question already asked takes the new codes in.
    pub(crate) fn ask(&mut self, question: Question) {
        if let Some(known) = self
            .questions
            .iter_mut()
            .find(|q| q.input == question.input)
        {
            known.could_raise |= question.could_raise;
            known.needed |= question.needed;
            if known.unit.is_empty() {
                known.unit = question.unit;
            }
            for used in question.uses {
                if !known.uses.contains(&used) {
                    known.uses.push(used);
                }
            }
            known.codes.extend(question.codes);
            known.codes.sort();
            known.codes.dedup();
            known.thresholds.extend(question.thresholds);
            known.thresholds.sort();
            known.thresholds.dedup();
        } else {
            self.questions.push(question);
        }
    }

    /// Asks for a fact of the transaction.
    pub(crate) fn ask_transaction(&mut self, input: &str, could_raise: bool, text: Text) {
        self.ask(Question::plain(input, "transaction", could_raise, text));
    }

    /// Nothing that is open could raise the outcome: what was asked is left as it stands, and none of it is needed.
    pub(crate) fn nothing_raises(&mut self) {
        self.could_raise = false;
        self.raising.clear();
        for question in &mut self.questions {
            question.could_raise = false;
            question.needed = false;
        }
    }

    pub(crate) fn skip(&mut self, step: &str, reason: impl Into<String>, text: Text) {
        let skipped = NotExamined {
            step: step.to_owned(),
            reason: reason.into(),
            text,
        };
        if !self.not_examined.contains(&skipped) {
            self.not_examined.push(skipped);
        }
    }

    pub(crate) fn step(&mut self, id: &str, status: StepStatus, summary: Text, cites: Vec<Cite>) {
        self.steps.push(Step {
            id: id.to_owned(),
            status,
            summary,
            cites,
        });
    }
}

/// Joins our own words with commas in both languages.
pub(crate) fn listed(words: &[String]) -> String {
    words.join(", ")
}
