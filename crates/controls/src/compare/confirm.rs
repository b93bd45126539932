//! Items in a region, each confirmed by the ordinary evaluation of both sides.

use super::logic::{NodeId, Touched, Variable};
use super::search::{Search, State};
use super::settled::Settled;
use super::witness::{self, Place, Witness};
use super::{Found, Side, TRY, roots};
use crate::evaluate::Truth;
use crate::item::{Item, Judgements};
use crate::vocabulary::ParameterId;

impl Search<'_> {
    /// The parameters that a region bounds, by its box or by what keeps it apart.
    pub(super) fn bounded(&self, found: &Found) -> Vec<ParameterId> {
        let clauses: Vec<NodeId> = found.clauses.iter().chain(&found.apart).copied().collect();
        let mut variables = self.logic.variables(&clauses);
        variables.extend(found.cell.domains.iter().map(|(variable, _)| *variable));
        let parameters = variables.into_iter().filter_map(|variable| match variable {
            Variable::Parameter(id) => Some(id),
            _ => None,
        });
        let mut parameters: Vec<ParameterId> = parameters.collect();
        parameters.sort_unstable();
        parameters.dedup();
        parameters
    }

    /// Items in a region that both sides' evaluation confirms.
    pub(super) fn witnesses(
        &mut self,
        found: &Found,
        side: &Side<'_>,
        other: &Side<'_>,
        settled: &Settled,
    ) -> Vec<Witness> {
        // Regions that were found are not left without an item because the search for more of them was long.
        self.steps = self.steps.max(TRY);
        let model = if found.clauses.is_empty() && found.apart.is_empty() {
            Some(found.cell.clone())
        } else {
            let state = State {
                cell: found.cell.clone(),
                wanted: Vec::new(),
                avoided: found.clauses.clone(),
                apart: found.apart.clone(),
                changed: Touched::ALL,
            };
            self.model(state).ok().flatten()
        };
        let mut out: Vec<Witness> = Vec::new();
        let Some(model) = model else {
            return out;
        };
        let roots = roots(side, other);
        let answered_no: Vec<String> = settled
            .answered_no()
            .filter_map(|id| self.vocabulary.judgement(id))
            .map(|judgement| judgement.id.to_string())
            .collect();
        let made = |search: &Self, fill: &[Variable], place| {
            let mut made = witness::witness(&model, fill, place, search.logic, search.vocabulary)?;
            let no = answered_no.iter().map(|id| (id.clone(), false));
            made.judgements.extend(no);
            search.confirms(&made, side, other).then_some(made)
        };
        let mut all = None;
        for place in [Place::Inside, Place::LowEnd, Place::HighEnd] {
            let mut confirmed = made(self, &[], place);
            if confirmed.is_none() && place == Place::Inside {
                let all = all.get_or_insert_with(|| {
                    let mut all = self.logic.variables(&roots);
                    all.retain(|variable| !settled.speaks_of(*variable));
                    all
                });
                confirmed = made(self, all, place);
            }
            if let Some(witness) = confirmed
                && !out.contains(&witness)
            {
                out.push(witness);
            }
        }
        out
    }

    /// Met on one side and not on the other; what rests on paragraphs that our data does not hold may stay open.
    fn confirms(&self, witness: &Witness, side: &Side<'_>, against: &Side<'_>) -> bool {
        let answers = witness
            .judgements
            .iter()
            .map(|(id, value)| (id.as_str(), *value));
        let (Ok(item), Ok(judgements)) = (
            Item::read(&witness.item, self.vocabulary),
            Judgements::read(answers, self.vocabulary),
        ) else {
            return false;
        };
        let (met, other) = (
            side.truth(&item, &judgements),
            against.truth(&item, &judgements),
        );
        if met == Truth::NotMet || other == Truth::Met {
            return false;
        }
        let decided = met == Truth::Met && other == Truth::NotMet;
        decided || self.rests_on_opaque(side, against)
    }

    fn rests_on_opaque(&self, side: &Side<'_>, other: &Side<'_>) -> bool {
        let variables = self.logic.variables(&roots(side, other));
        variables
            .iter()
            .any(|variable| matches!(variable, Variable::Opaque(_)))
    }
}
