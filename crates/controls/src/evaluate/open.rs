//! What an undecided condition hangs on: the inputs that are missing, what each will be compared with, and which of them
//! could decide the condition alone.

use std::sync::Arc;

use super::{Evaluator, InputKind, MissingInput, Tested, Truth, words};
use crate::condition::{Reference, Term};
use crate::entry::{Entry, NoteKind, Paragraph};
use crate::regime::references::{leaves_open, reached};
use crate::vocabulary::{Attribute, FlagId, JudgementId, ParameterId};

/// An input that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted<'t> {
    Parameter(ParameterId),
    Flag(FlagId),
    Attribute(Attribute),
    Judgement(JudgementId),
    /// Whether a paragraph is met whose thresholds are not in our data.
    Code(&'t Arc<str>),
}

/// One missing input of an undecided condition.
#[derive(Debug)]
pub(crate) struct OpenInput<'t> {
    pub(crate) wanted: Wanted<'t>,
    /// Some answer to it decides the condition, whatever else stays open.
    pub(crate) decides: bool,
}

/// What an undecided condition hangs on, in the order of the formula.
#[derive(Debug, Default)]
pub(crate) struct Open<'t> {
    pub(crate) inputs: Vec<OpenInput<'t>>,
    /// What each will be compared with: position among the inputs and comparison.
    pub(crate) tested: Vec<(usize, &'t Arc<Tested>)>,
    /// Some input stands twice, or what other paragraphs hang on takes part: an answer to one may spare another.
    pub(crate) entangled: bool,
}

/// The inputs, a bit each, that could alone make a condition met, or alone rule it out. That two comparisons of one input
/// may exclude each other is not looked into: an input is at most taken for more decisive than it is.
#[derive(Clone, Copy)]
struct Alone {
    met: u64,
    ruled_out: u64,
}

impl Alone {
    /// Where all of the conditions must hold.
    const fn and(self, other: Self) -> Self {
        Self {
            met: self.met & other.met,
            ruled_out: self.ruled_out | other.ruled_out,
        }
    }

    /// Where one of the conditions must hold.
    const fn or(self, other: Self) -> Self {
        Self {
            met: self.met | other.met,
            ruled_out: self.ruled_out & other.ruled_out,
        }
    }

    const fn not(self) -> Self {
        Self {
            met: self.ruled_out,
            ruled_out: self.met,
        }
    }
}

/// Holds for sure: the neutral element where all must hold.
const HOLDS: Alone = Alone {
    met: u64::MAX,
    ruled_out: 0,
};

impl<'a> Evaluator<'a> {
    /// What an undecided term hangs on; of its parts only those that are undecided themselves count.
    pub(crate) fn open<'t>(&mut self, term: &'t Term) -> Open<'t>
    where
        'a: 't,
    {
        let mut open = Open::default();
        self.open_into(term, &mut open);
        open
    }

    /// The same in the place of an earlier one, whose room is used again.
    pub(crate) fn open_into<'t>(&mut self, term: &'t Term, open: &mut Open<'t>)
    where
        'a: 't,
    {
        open.inputs.clear();
        open.tested.clear();
        open.entangled = false;
        let alone = self.hangs_on(term, open);
        open.mark(alone);
    }

    /// Enters what another term hangs on beside what is there, where it is undecided.
    pub(crate) fn open_more<'t>(&mut self, term: &'t Term, open: &mut Open<'t>)
    where
        'a: 't,
    {
        if self.term(term) == Truth::Unknown {
            self.hangs_on(term, open);
        }
    }

    /// What keeps a paragraph open: its formula, and where an exclusion takes it out or may yet, the inclusions that would keep
    /// it in.
    pub(crate) fn open_paragraph(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        open: &mut Open<'a>,
    ) {
        let formula = paragraph.when.root();
        if paragraph.notes.is_empty() {
            return self.open_into(formula, open);
        }
        open.inputs.clear();
        open.tested.clear();
        open.entangled = false;
        let mut alone = HOLDS;
        if self.term(formula) == Truth::Unknown {
            alone = self.hangs_on(formula, open);
        }
        let (mut excluded, mut included) = (Truth::NotMet, HOLDS.not());
        let mut includes = false;
        for note in self.notes_of(entry, paragraph) {
            let applies = self.term(note.when.root());
            match note.kind {
                NoteKind::Exclude => excluded = excluded.or(applies),
                NoteKind::Include if applies == Truth::Unknown => {
                    includes = true;
                    included = included.or(self.hangs_on(note.when.root(), open));
                }
                NoteKind::Include => {}
            }
        }
        if includes {
            open.entangled = true;
            if excluded == Truth::Met {
                alone = alone.and(included);
            }
        }
        open.mark(alone);
    }

    fn hangs_on<'t>(&mut self, term: &'t Term, open: &mut Open<'t>) -> Alone
    where
        'a: 't,
    {
        match term {
            Term::Constant(_) => HOLDS,
            Term::All(parts) => {
                let mut alone = HOLDS;
                for part in parts {
                    if self.term(part) == Truth::Unknown {
                        alone = alone.and(self.hangs_on(part, open));
                    }
                }
                alone
            }
            Term::Any(parts) => {
                let mut alone = HOLDS.not();
                for part in parts {
                    if self.term(part) == Truth::Unknown {
                        alone = alone.or(self.hangs_on(part, open));
                    }
                }
                alone
            }
            Term::Not(inner) => self.hangs_on(inner, open).not(),
            Term::Compare(threshold) => open.add(
                Wanted::Parameter(threshold.parameter),
                Some(&threshold.tested),
            ),
            Term::OneOf {
                attribute, tested, ..
            } => open.add(Wanted::Attribute(*attribute), Some(tested)),
            Term::Flag(flag) => open.add(Wanted::Flag(*flag), None),
            Term::Judgement(judgement) => open.add(Wanted::Judgement(*judgement), None),
            Term::Reference(reference) => self.reference_hangs_on(reference, open),
        }
    }

    fn reference_hangs_on<'t>(&mut self, reference: &'t Reference, open: &mut Open<'t>) -> Alone
    where
        'a: 't,
    {
        let mut alone = HOLDS.not();
        open.entangled = true;
        let Some((entry, paragraphs)) = reached(self.at.regime, reference) else {
            return open.add(Wanted::Code(&reference.text), None);
        };
        let mut any = false;
        for paragraph in paragraphs {
            if paragraph.period.contains(self.at.date)
                && self.remembered(entry, paragraph).truth == Truth::Unknown
                && self.term(paragraph.when.root()) == Truth::Unknown
            {
                any = true;
                alone = alone.or(self.hangs_on(paragraph.when.root(), open));
            }
        }
        if !any {
            return open.add(Wanted::Code(&reference.text), None);
        }
        // What our data does not hold of the entry stays open whatever is ruled out of the rest.
        if leaves_open(self.at.regime, reference) {
            alone = alone.or(open.add(Wanted::Code(&reference.text), None));
        }
        alone
    }

    /// A missing input as answers name it.
    pub(crate) fn missing(&self, wanted: Wanted<'_>) -> MissingInput {
        let vocabulary = &self.at.regime.vocabulary;
        let mut derivable_from = Vec::new();
        let (kind, id) = match wanted {
            Wanted::Parameter(id) => {
                let parameter = vocabulary.parameter(id);
                if let Some(derivation) = parameter.and_then(|p| p.derived.as_ref()) {
                    let inputs = derivation
                        .inputs()
                        .filter(|input| self.item.known(*input).is_none())
                        .filter_map(|input| vocabulary.parameter(input))
                        .map(|input| Arc::clone(&input.id));
                    derivable_from.extend(inputs);
                }
                (InputKind::Parameter, parameter.map(|p| &p.id))
            }
            Wanted::Flag(id) => (InputKind::Flag, vocabulary.flag(id).map(|flag| &flag.id)),
            Wanted::Attribute(attribute) => {
                (InputKind::Attribute, Some(words::attribute(attribute)))
            }
            Wanted::Judgement(id) => (
                InputKind::Judgement,
                vocabulary.judgement(id).map(|judgement| &judgement.id),
            ),
            Wanted::Code(code) => (InputKind::StatedCode, Some(code)),
        };
        MissingInput {
            kind,
            id: id.map(Arc::clone).unwrap_or_default(),
            derivable_from,
        }
    }
}

impl<'t> Open<'t> {
    fn mark(&mut self, alone: Alone) {
        for (position, input) in self.inputs.iter_mut().enumerate() {
            input.decides = (alone.met | alone.ruled_out) & bit(position) != 0;
        }
    }

    /// Enters an input on which an atom hangs: it alone decides the atom, either way.
    fn add(&mut self, wanted: Wanted<'t>, tested: Option<&'t Arc<Tested>>) -> Alone {
        let known = self.inputs.iter().position(|open| open.wanted == wanted);
        let position = known.unwrap_or(self.inputs.len());
        self.entangled |= known.is_some();
        if known.is_none() {
            self.inputs.push(OpenInput {
                wanted,
                decides: false,
            });
        }
        self.tested.extend(tested.map(|tested| (position, tested)));
        Alone {
            met: bit(position),
            ruled_out: bit(position),
        }
    }
}

/// The bit of an input; a condition with more than 64 missing inputs has none for the rest, which counts as not decisive.
const fn bit(position: usize) -> u64 {
    if position < 64 { 1 << position } else { 0 }
}
