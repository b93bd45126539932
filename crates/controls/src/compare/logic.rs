//! Formulas in negation normal form, each kept once: equal formulas have equal numbers.

use std::collections::HashMap;
use std::sync::Arc;

use crate::exact::Rational;
use crate::vocabulary::{Attribute, FlagId, JudgementId, ParameterId};

/// A formula that [`Logic`] keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(u32);

/// What a literal speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Variable {
    Parameter(ParameterId),
    Attribute(Attribute),
    Flag(FlagId),
    Judgement(JudgementId),
    /// A paragraph whose thresholds are not in our data: met or not, whatever else holds.
    Opaque(u32),
}

/// An end of an interval. `open`: the value itself is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct End {
    pub(super) value: Rational,
    pub(super) open: bool,
}

/// An atom or its negation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Literal {
    /// At least (open: more than).
    Low(ParameterId, End),
    /// At most (open: less than).
    High(ParameterId, End),
    /// The word is (or is not) one of these, sorted.
    Words {
        attribute: Attribute,
        words: Arc<[Arc<str>]>,
        inside: bool,
    },
    /// A flag, a judgement or an opaque paragraph.
    Truth(Variable, bool),
}

impl Literal {
    fn negated(&self) -> Self {
        let flip = |end: &End| End {
            open: !end.open,
            ..*end
        };
        match self {
            Self::Low(parameter, end) => Self::High(*parameter, flip(end)),
            Self::High(parameter, end) => Self::Low(*parameter, flip(end)),
            Self::Words {
                attribute,
                words,
                inside,
            } => Self::Words {
                attribute: *attribute,
                words: Arc::clone(words),
                inside: !inside,
            },
            Self::Truth(variable, value) => Self::Truth(*variable, !value),
        }
    }

    pub(super) const fn variable(&self) -> Variable {
        match self {
            Self::Low(parameter, _) | Self::High(parameter, _) => Variable::Parameter(*parameter),
            Self::Words { attribute, .. } => Variable::Attribute(*attribute),
            Self::Truth(variable, _) => *variable,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Constant(bool),
    Literal(Literal),
    All(Arc<[NodeId]>),
    Any(Arc<[NodeId]>),
}

/// How many alternatives within a conjunction are taken one by one.
const WIDE: usize = 4;
/// How many parts a paragraph is taken in at most.
const MOST_SPREAD: usize = 256;

/// Some variables, as bits: two that share a bit are taken for each other, which costs a look and never a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Touched(u64);

impl Touched {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(u64::MAX);

    pub(super) const fn of(variable: Variable) -> Self {
        let number = match variable {
            Variable::Parameter(id) => id.0 as u32,
            // Away from the parameters' numbers, and from one another's.
            Variable::Attribute(attribute) => 17 + attribute as u32,
            Variable::Flag(id) => 31 + id.0 as u32,
            Variable::Judgement(id) => 47 + id.0 as u32,
            Variable::Opaque(position) => position,
        };
        Self(1 << (number % u64::BITS))
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// All formulas of a comparison.
#[derive(Debug)]
pub(super) struct Logic {
    nodes: Vec<Node>,
    /// The variables of each node.
    touched: Vec<Touched>,
    known: HashMap<Node, NodeId>,
    negations: HashMap<NodeId, NodeId>,
    opaque: Vec<Arc<str>>,
    /// Bounds as a formula writes them, for those that no decimal in the canonical unit gives.
    written: HashMap<(ParameterId, Rational), Arc<str>>,
}

impl Logic {
    pub(super) const FALSE: NodeId = NodeId(0);
    pub(super) const TRUE: NodeId = NodeId(1);

    pub(super) fn new() -> Self {
        let mut logic = Self {
            nodes: Vec::new(),
            touched: Vec::new(),
            known: HashMap::new(),
            negations: HashMap::new(),
            opaque: Vec::new(),
            written: HashMap::new(),
        };
        // INVARIANT: the constants are the first two.
        logic.keep(Node::Constant(false));
        logic.keep(Node::Constant(true));
        logic
    }

    pub(super) const fn constant(value: bool) -> NodeId {
        if value { Self::TRUE } else { Self::FALSE }
    }

    fn keep(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let touched = match &node {
            Node::Constant(_) => Touched::NONE,
            Node::Literal(literal) => Touched::of(literal.variable()),
            Node::All(parts) | Node::Any(parts) => {
                (parts.iter()).fold(Touched::NONE, |all, part| all.with(self.touched(*part)))
            }
        };
        self.nodes.push(node.clone());
        self.touched.push(touched);
        self.known.insert(node, id);
        id
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        // INVARIANT: ids come from `keep`.
        self.nodes
            .get(id.0 as usize)
            .unwrap_or(&Node::Constant(false))
    }

    /// The variables of a formula.
    pub(super) fn touched(&self, id: NodeId) -> Touched {
        // INVARIANT: ids come from `keep`.
        self.touched
            .get(id.0 as usize)
            .copied()
            .unwrap_or(Touched::ALL)
    }

    pub(super) fn literal(&mut self, literal: Literal) -> NodeId {
        self.keep(Node::Literal(literal))
    }

    /// All of them; flat, without repetition, in the order in which they were first met.
    pub(super) fn all(&mut self, parts: impl IntoIterator<Item = NodeId>) -> NodeId {
        self.join(parts, true)
    }

    /// Any of them.
    pub(super) fn any(&mut self, parts: impl IntoIterator<Item = NodeId>) -> NodeId {
        self.join(parts, false)
    }

    fn join(&mut self, parts: impl IntoIterator<Item = NodeId>, all: bool) -> NodeId {
        let mut flat: Vec<NodeId> = Vec::new();
        for part in parts {
            match (self.node(part), all) {
                (Node::Constant(value), _) if *value == all => {}
                (Node::Constant(_), _) => return part,
                (Node::All(inner), true) | (Node::Any(inner), false) => flat.extend(&**inner),
                _ => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.as_slice() {
            [] => Self::constant(all),
            [one] => *one,
            _ if all => self.keep(Node::All(flat.into())),
            _ => self.keep(Node::Any(flat.into())),
        }
    }

    pub(super) fn not(&mut self, id: NodeId) -> NodeId {
        if let Some(known) = self.negations.get(&id) {
            return *known;
        }
        let negation = match self.node(id).clone() {
            Node::Constant(value) => Self::constant(!value),
            Node::Literal(literal) => self.literal(literal.negated()),
            Node::All(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.not(*part)).collect();
                self.any(parts)
            }
            Node::Any(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.not(*part)).collect();
                self.all(parts)
            }
        };
        self.negations.insert(id, negation);
        self.negations.insert(negation, id);
        negation
    }

    /// The alternatives of a formula.
    pub(super) fn alternatives(&self, id: NodeId) -> Vec<NodeId> {
        match self.node(id) {
            Node::Constant(false) => Vec::new(),
            Node::Any(parts) => parts.to_vec(),
            _ => vec![id],
        }
    }

    /// The alternatives of a formula, also of those within a conjunction where there are many: `(a or b or …) and c` is
    /// `a and c`, `b and c`, ….
    pub(super) fn spread(&mut self, id: NodeId) -> Vec<NodeId> {
        let mut done = Vec::new();
        let mut open = self.alternatives(id);
        open.reverse();
        while let Some(part) = open.pop() {
            let parts = match self.node(part) {
                Node::All(parts) if done.len() + open.len() < MOST_SPREAD => Arc::clone(parts),
                _ => {
                    done.push(part);
                    continue;
                }
            };
            let widest = parts
                .iter()
                .map(|part| (*part, self.alternatives(*part)))
                .max_by_key(|(_, alternatives)| alternatives.len());
            match widest {
                Some((wide, alternatives)) if alternatives.len() > WIDE => {
                    for alternative in alternatives.into_iter().rev() {
                        let rest = parts.iter().copied().filter(|part| *part != wide);
                        let whole: Vec<NodeId> = rest.chain([alternative]).collect();
                        open.push(self.all(whole));
                    }
                }
                _ => done.push(part),
            }
        }
        done
    }

    /// The variable of a paragraph that our data does not hold.
    pub(super) fn opaque(&mut self, name: &str) -> NodeId {
        let position = self.opaque.iter().position(|known| **known == *name);
        let position = position.unwrap_or_else(|| {
            self.opaque.push(name.into());
            self.opaque.len() - 1
        });
        let variable = Variable::Opaque(u32::try_from(position).unwrap_or(u32::MAX));
        self.literal(Literal::Truth(variable, true))
    }

    /// `US 3A001.a`: jurisdiction and code of an opaque paragraph.
    pub(super) fn opaque_name(&self, position: u32) -> &str {
        self.opaque
            .get(position as usize)
            .map_or("", |name| &**name)
    }

    pub(super) fn write_down(&mut self, parameter: ParameterId, bound: Rational, text: &Arc<str>) {
        self.written
            .entry((parameter, bound))
            .or_insert_with(|| Arc::clone(text));
    }

    pub(super) fn written(&self, parameter: ParameterId, bound: Rational) -> Option<&Arc<str>> {
        self.written.get(&(parameter, bound))
    }

    /// Every variable of some formulas, sorted.
    pub(super) fn variables(&self, roots: &[NodeId]) -> Vec<Variable> {
        let mut found = std::collections::BTreeSet::new();
        self.each_literal(roots, &mut |literal| {
            found.insert(literal.variable());
        });
        found.into_iter().collect()
    }

    /// Every literal of some formulas, once.
    pub(super) fn each_literal(&self, roots: &[NodeId], seen_one: &mut dyn FnMut(&Literal)) {
        let mut seen = std::collections::HashSet::new();
        let mut open = roots.to_vec();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.node(id) {
                Node::Constant(_) => {}
                Node::Literal(literal) => seen_one(literal),
                Node::All(parts) | Node::Any(parts) => open.extend(&**parts),
            }
        }
    }
}
