//! Which missing inputs settle open paragraphs, whatever the answers turn out to be.
//!
//! An input can be spared when no answers to the others leave a paragraph open. Where each input stands once in a formula
//! none can; elsewhere such answers are searched for in the tree of what is undecided, cell by cell: between two neighbouring
//! thresholds a formula does not change.

mod cells;
mod tree;

use self::cells::Inputs;
use self::tree::{Node, Tree};
use super::{Evaluator, Truth, Wanted};
use crate::condition::{Reference, Term};
use crate::entry::{Entry, Note, NoteKind, Paragraph};
use crate::regime::references::{leaves_open, reached};

/// An open paragraph in whose formula some input stands twice, or that hangs on other paragraphs or on notes.
#[derive(Debug)]
pub(crate) struct Entangled<'a> {
    entry: &'a Entry,
    paragraph: &'a Paragraph,
    /// What it hangs on.
    inputs: Vec<Wanted<'a>>,
    /// What is undecided of it, once some input is tried.
    tree: Option<Tree<'a>>,
}

impl<'a> Entangled<'a> {
    pub(crate) const fn new(
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        inputs: Vec<Wanted<'a>>,
    ) -> Self {
        Self {
            entry,
            paragraph,
            inputs,
            tree: None,
        }
    }
}

impl<'a> Evaluator<'a> {
    /// Whether some paragraph may stay open without an answer to `spared`, if all others of `asked` (sorted) are answered.
    pub(crate) fn needs(
        &mut self,
        cases: &mut [Entangled<'a>],
        asked: &[Wanted<'a>],
        spared: Wanted<'a>,
    ) -> bool {
        let answered = |wanted| wanted != spared && asked.binary_search(&wanted).is_ok();
        cases
            .iter_mut()
            .filter(|case| case.inputs.contains(&spared))
            .any(|case| {
                let (entry, paragraph) = (case.entry, case.paragraph);
                let tree = case.tree.get_or_insert_with(|| {
                    let mut inputs = Inputs::default();
                    let root = self.paragraph_node(entry, paragraph, &mut inputs);
                    Tree::new(root, inputs)
                });
                tree.may_stay_open(answered)
            })
    }

    /// What is undecided of a paragraph with its notes.
    fn paragraph_node(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        inputs: &mut Inputs<'a>,
    ) -> Node<'a> {
        let mut parts = vec![self.node(paragraph.when.root(), inputs)];
        let (mut excluded, mut included) = (Vec::new(), Vec::new());
        for note in self.notes_of(entry, paragraph) {
            let applies = self.node(note.when.root(), inputs);
            match note.kind {
                NoteKind::Exclude => excluded.push(applies),
                NoteKind::Include => included.push(applies),
            }
        }
        if !excluded.is_empty() {
            // Only an exclusion that holds for sure takes the paragraph out, and then an inclusion keeps it in.
            let takes_out = Node::any(excluded).sure().negated();
            included.push(takes_out);
            parts.push(Node::any(included));
        }
        let node = Node::all(parts);
        if self.is_stated(entry, paragraph) {
            node.stated()
        } else {
            node
        }
    }

    fn node(&mut self, term: &'a Term, inputs: &mut Inputs<'a>) -> Node<'a> {
        match term {
            Term::Constant(value) => Node::Known(Truth::known(*value)),
            Term::All(parts) => Node::all(parts.iter().map(|p| self.node(p, inputs)).collect()),
            Term::Any(parts) => Node::any(parts.iter().map(|p| self.node(p, inputs)).collect()),
            Term::Not(inner) => self.node(inner, inputs).negated(),
            Term::Reference(reference) => self.reference_node(reference, term, inputs),
            atom => match self.open_atom(atom) {
                Err(truth) => Node::Known(truth),
                Ok(wanted) => inputs.atom(wanted, atom),
            },
        }
    }

    fn reference_node(
        &mut self,
        reference: &'a Reference,
        term: &'a Term,
        inputs: &mut Inputs<'a>,
    ) -> Node<'a> {
        let code = Wanted::Code(&reference.text);
        let Some((entry, paragraphs)) = reached(self.at.regime, reference) else {
            return inputs.atom(code, term);
        };
        if !entry.period.contains(self.at.date) {
            return Node::Known(Truth::NotMet);
        }
        let mut parts = Vec::new();
        for paragraph in paragraphs {
            if paragraph.period.contains(self.at.date) {
                parts.push(self.paragraph_node(entry, paragraph, inputs));
            }
        }
        if leaves_open(self.at.regime, reference) {
            parts.push(inputs.atom(code, term));
        }
        let node = Node::any(parts);
        if self.states(reference) {
            node.stated()
        } else {
            node
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
