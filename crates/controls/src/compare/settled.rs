//! Questions that one side alone asks and that are no difference between the lists: what stands for features that our data
//! lacks, and what leaves an item to another authority of the same country.
//!
//! The first is unknown. Whatever its answer, an item is in a region only if it is controlled by one side and not by the
//! other: in what a side controls, and in what keeps the other side's paragraphs out, it never helps. The second is
//! answered with no: the comparison is about items of the authority whose list it is.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::logic::{Literal, Logic, Node, NodeId, Touched, Variable};
use crate::vocabulary::{JudgementId, StandsFor, Vocabulary};

/// Such questions of one comparison.
#[derive(Debug, Default)]
pub(super) struct Settled {
    unknown: BTreeSet<JudgementId>,
    elsewhere: BTreeSet<JudgementId>,
    touched: Touched,
    known: HashMap<NodeId, NodeId>,
}

/// One side with such questions settled.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// What it controls for certain, each part with the paragraph's code; without parts that the other side has word by word.
    pub(super) controls: Vec<(Option<Arc<str>>, NodeId)>,
    /// What must hold of items that it does not control for certain.
    pub(super) leaves: Vec<NodeId>,
    pub(super) unstored: Vec<Arc<str>>,
    pub(super) left_to_others: Vec<Arc<str>>,
}

impl Settled {
    pub(super) fn between(logic: &Logic, vocabulary: &Vocabulary, sides: [Vec<NodeId>; 2]) -> Self {
        let [left, right] = sides.map(|roots| questions(logic, vocabulary, &roots));
        let mut settled = Self::default();
        for (id, stands_for) in left.symmetric_difference(&right) {
            settled.touched = settled.touched.with(Touched::of(Variable::Judgement(*id)));
            match stands_for {
                StandsFor::Fact => {}
                StandsFor::Unstored => {
                    settled.unknown.insert(*id);
                }
                StandsFor::OtherAuthority => {
                    settled.elsewhere.insert(*id);
                }
            }
        }
        settled
    }

    /// Something that is unknown decides a part of a side.
    pub(super) fn leaves_open(&self) -> bool {
        !self.unknown.is_empty()
    }

    pub(super) fn speaks_of(&self, variable: Variable) -> bool {
        matches!(variable, Variable::Judgement(id) if self.unknown.contains(&id) || self.elsewhere.contains(&id))
    }

    /// Questions whose answer is taken to be no.
    pub(super) fn answered_no(&self) -> impl Iterator<Item = JudgementId> + '_ {
        self.elsewhere.iter().copied()
    }

    pub(super) fn share(
        &mut self,
        logic: &mut Logic,
        parts: &[(Option<Arc<str>>, NodeId)],
        other: &[NodeId],
    ) -> Share {
        let same: HashSet<NodeId> = other.iter().copied().collect();
        let mut certain = HashSet::new();
        for node in other {
            let settled = self.node(logic, *node);
            certain.insert(settled);
            certain.extend(logic.alternatives(settled));
            certain.extend(logic.spread(settled));
        }
        let mut share = Share::default();
        for (code, node) in parts {
            let contrary = logic.not(*node);
            share.leaves.push(self.node(logic, contrary));
            if same.contains(node) {
                continue;
            }
            let settled = self.node(logic, *node);
            if !certain.contains(&settled) {
                let mut spread = logic.spread(settled);
                spread.retain(|part| *part != Logic::FALSE && !certain.contains(part));
                let spread = spread.into_iter().map(|part| (code.clone(), part));
                share.controls.extend(spread);
            }
            let Some(code) = code.as_ref().filter(|_| settled != *node) else {
                continue;
            };
            let mut asked = [false; 2];
            logic.each_literal(&[*node], &mut |literal| {
                if let Variable::Judgement(id) = literal.variable() {
                    asked[0] |= self.unknown.contains(&id);
                    asked[1] |= self.elsewhere.contains(&id);
                }
            });
            for (asked, codes) in asked
                .into_iter()
                .zip([&mut share.unstored, &mut share.left_to_others])
            {
                if asked && !codes.contains(code) {
                    codes.push(Arc::clone(code));
                }
            }
        }
        share
    }

    /// The formula without such questions: false wherever one of the unknown ones decides.
    fn node(&mut self, logic: &mut Logic, id: NodeId) -> NodeId {
        if !logic.touched(id).meets(self.touched) {
            return id;
        }
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let settled = match logic.node(id).clone() {
            Node::Constant(_) => id,
            Node::Literal(Literal::Truth(Variable::Judgement(judgement), value)) => {
                if self.unknown.contains(&judgement) {
                    Logic::FALSE
                } else if self.elsewhere.contains(&judgement) {
                    Logic::constant(!value)
                } else {
                    id
                }
            }
            Node::Literal(_) => id,
            Node::All(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|p| self.node(logic, *p)).collect();
                logic.all(parts)
            }
            Node::Any(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|p| self.node(logic, *p)).collect();
                logic.any(parts)
            }
        };
        self.known.insert(id, settled);
        settled
    }
}

/// The questions of a side that stand for something else than a fact of the item.
fn questions(
    logic: &Logic,
    vocabulary: &Vocabulary,
    roots: &[NodeId],
) -> HashSet<(JudgementId, StandsFor)> {
    let mut asked = HashSet::new();
    logic.each_literal(roots, &mut |literal| {
        if let Variable::Judgement(id) = literal.variable() {
            let stands_for = vocabulary.judgement(id).map(|j| j.stands_for);
            let stands_for = stands_for.unwrap_or_default();
            if stands_for != StandsFor::Fact {
                asked.insert((id, stands_for));
            }
        }
    });
    asked
}
