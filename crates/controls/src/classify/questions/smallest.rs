//! Which questions can be spared.

use std::sync::Arc;

use super::{Asked, Questions};
use crate::evaluate::{Evaluator, InputKind, Wanted};

impl<'a> Questions<'a> {
    /// Marks the questions whose answers, whatever they are, settle every open paragraph, none of which can be left out.
    ///
    /// What no paragraph can do without is in every such set. Of the others those that help least are spared first, each only
    /// if the rest still settles everything. So the set is never larger than that rest allows, and it is the smallest one
    /// wherever the order of sparing makes no difference; two sets of which neither contains the other may differ in size.
    pub(super) fn spare(&mut self, evaluator: &mut Evaluator<'a>) {
        let mut kept: Vec<Wanted<'a>> = self.places.iter().map(|(wanted, _)| *wanted).collect();
        let mut candidates: Vec<usize> = (0..self.asked.len())
            .filter(|position| {
                let asked = self.asked.get(*position);
                asked.is_some_and(|asked| !asked.needed && asked.wanted.is_some())
            })
            .collect();
        candidates.sort_by_key(|position| self.asked.get(*position).map(|asked| asked.codes.len()));
        for position in candidates {
            let Some(asked) = self.asked.get_mut(position) else {
                continue;
            };
            let Some(wanted) = asked.wanted else { continue };
            asked.needed = evaluator.needs(&mut self.entangled, &kept, wanted);
            if !asked.needed {
                kept.retain(|other| *other != wanted);
            }
        }
        self.spare_derived();
    }

    /// A derived parameter follows when all that it derives from is asked for anyway. What a parameter derives from is never
    /// derived itself, so nothing that is left out is relied upon.
    fn spare_derived(&mut self) {
        let follows = |asked: &Asked<'_>| {
            let inputs = &asked.input.derivable_from;
            let answered = |id: &Arc<str>| {
                self.asked.iter().any(|other| {
                    let parameter = other.input.kind == InputKind::Parameter;
                    parameter && other.needed && other.input.id == *id
                })
            };
            !inputs.is_empty() && inputs.iter().all(answered)
        };
        let following: Vec<bool> = self.asked.iter().map(follows).collect();
        for (asked, follows) in self.asked.iter_mut().zip(following) {
            asked.needed &= !follows;
        }
    }
}
