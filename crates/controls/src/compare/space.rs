//! The items that are compared: what the vocabulary lets an item state, with divisors above zero.

use std::ops::Deref;

use super::logic::Variable;
use crate::vocabulary::{ParameterId, Vocabulary};

/// The vocabulary as one comparison sees it.
pub(super) struct Space<'v> {
    vocabulary: &'v Vocabulary,
    /// Divisors of the derived parameters that a side tests: at zero there would be nothing to test.
    divisors: Vec<ParameterId>,
}

impl<'v> Space<'v> {
    pub(super) fn new(vocabulary: &'v Vocabulary, tested: &[Variable]) -> Self {
        let mut divisors = Vec::new();
        for variable in tested {
            if let Variable::Parameter(id) = variable
                && let Some(derivation) = vocabulary.parameter(*id).and_then(|p| p.derived.as_ref())
            {
                divisors.extend(&derivation.denominator);
            }
        }
        Self {
            vocabulary,
            divisors,
        }
    }

    pub(super) fn divides(&self, parameter: ParameterId) -> bool {
        self.divisors.contains(&parameter)
    }
}

impl Deref for Space<'_> {
    type Target = Vocabulary;

    fn deref(&self) -> &Vocabulary {
        self.vocabulary
    }
}
