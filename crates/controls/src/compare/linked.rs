//! Derived parameters tie their inputs together: a box in which no inputs give the wanted results holds no item.
//!
//! Over positive values every restriction is a product of powers against a constant, so that eliminating one input after
//! the other (Fourier and Motzkin's method, in logarithms) decides exactly whether a box is empty, and going back the same
//! way gives values. Inputs that may be zero are tried as zero too. An item counts as having a derived parameter when its
//! definition gives it: no divisor is zero.

use super::cell::{Cell, Interval};
use super::decimal::{self, root};
use super::logic::{End, Variable};
use super::space::Space;
use crate::exact::{NumberError, Rational};
use crate::vocabulary::{Derivation, ParameterId};

/// How many numerators are tried as zero; no derivation has as many.
const MOST_ZEROS: usize = 4;
/// How many restrictions an elimination may make before it gives up.
const MOST_RESTRICTIONS: usize = 400;

/// What the derived parameters of a box ask of their inputs.
#[derive(Debug)]
pub(super) enum Solved {
    /// No derived parameter is restricted.
    Free,
    /// These inputs give the wanted results.
    Values(Vec<(ParameterId, Rational)>),
    /// No inputs do.
    Infeasible,
    /// Not decided: numbers beyond 128 bits.
    Undecided,
}

/// The product of `powers` is at least (strict: more than) `bound`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Restriction {
    powers: Vec<i32>,
    bound: Rational,
    strict: bool,
}

/// False when no item can be in the box.
pub(super) fn feasible(cell: &Cell, vocabulary: &Space<'_>) -> bool {
    let mut ordered = ordered(cell, vocabulary).into_iter();
    let in_order = ordered.all(|(lesser, greater)| {
        let [lesser, greater] = [lesser, greater].map(|id| cell.interval(vocabulary, id));
        greater
            .high
            .is_none_or(|high| !lesser.with_high(high).is_empty())
    });
    in_order && !matches!(solve(cell, vocabulary), Solved::Infeasible)
}

/// Parameters of a box of which the first cannot exceed the second.
pub(super) fn ordered(cell: &Cell, vocabulary: &Space<'_>) -> Vec<(ParameterId, ParameterId)> {
    let pairs = cell.domains.iter().filter_map(|(variable, _)| {
        let Variable::Parameter(id) = variable else {
            return None;
        };
        let greater = vocabulary.parameter(*id)?.at_most?;
        cell.domain(Variable::Parameter(greater))?;
        Some((*id, greater))
    });
    pairs.collect()
}

/// Values of the inputs of every derived parameter that the box restricts.
pub(super) fn solve(cell: &Cell, vocabulary: &Space<'_>) -> Solved {
    let mut derived: Vec<(ParameterId, &Derivation)> = Vec::new();
    for (variable, _) in &cell.domains {
        if let Variable::Parameter(id) = variable
            && let Some(derivation) = vocabulary.parameter(*id).and_then(|p| p.derived.as_ref())
        {
            derived.push((*id, derivation));
        }
    }
    if derived.is_empty() {
        return Solved::Free;
    }
    // Those with the lowest powers last to be chosen, so that roots are needed only where a value is free.
    let power = |id: ParameterId| {
        let powers = derived
            .iter()
            .map(|(_, d)| d.numerator.iter().filter(|input| **input == id).count());
        powers.max().unwrap_or(0)
    };
    let mut inputs: Vec<ParameterId> = derived.iter().flat_map(|(_, d)| d.inputs()).collect();
    inputs.sort_unstable();
    inputs.dedup();
    inputs.sort_by_key(|id| match power(*id) {
        0 => usize::MAX,
        power => power,
    });
    let zeros: Vec<ParameterId> = inputs
        .iter()
        .copied()
        .filter(|id| power(*id) > 0 && cell.interval(vocabulary, *id).contains(Rational::ZERO))
        .take(MOST_ZEROS)
        .collect();
    let mut undecided = false;
    for mask in 0..1_u32 << zeros.len() {
        let zero: Vec<ParameterId> = (0..)
            .zip(&zeros)
            .filter(|(bit, _)| mask & (1 << bit) != 0)
            .map(|(_, id)| *id)
            .collect();
        match with_zeros(cell, vocabulary, &derived, &inputs, &zero) {
            Ok(Some(values)) => return Solved::Values(values),
            Ok(None) => {}
            Err(_) => undecided = true,
        }
    }
    if undecided {
        Solved::Undecided
    } else {
        Solved::Infeasible
    }
}

fn with_zeros(
    cell: &Cell,
    vocabulary: &Space<'_>,
    derived: &[(ParameterId, &Derivation)],
    inputs: &[ParameterId],
    zero: &[ParameterId],
) -> Result<Option<Vec<(ParameterId, Rational)>>, NumberError> {
    if derived
        .iter()
        .any(|(_, d)| d.denominator.iter().any(|id| zero.contains(id)))
    {
        return Ok(None);
    }
    let positive: Vec<ParameterId> = inputs
        .iter()
        .copied()
        .filter(|id| !zero.contains(id))
        .collect();
    let mut restrictions = Vec::new();
    for (id, derivation) in derived {
        let interval = cell.interval(vocabulary, *id);
        if derivation.numerator.iter().any(|id| zero.contains(id)) {
            if !interval.contains(Rational::ZERO) {
                return Ok(None);
            }
            continue;
        }
        let powers: Vec<i32> = positive
            .iter()
            .map(|input| {
                let count = |list: &[ParameterId]| {
                    i32::try_from(list.iter().filter(|id| *id == input).count()).unwrap_or(0)
                };
                count(&derivation.numerator) - count(&derivation.denominator)
            })
            .collect();
        if !restrict(&mut restrictions, &powers, derivation.scale, interval)? {
            return Ok(None);
        }
    }
    for (position, id) in positive.iter().enumerate() {
        let mut powers = vec![0; positive.len()];
        if let Some(power) = powers.get_mut(position) {
            *power = 1;
        }
        let interval = cell.interval(vocabulary, *id);
        if !restrict(&mut restrictions, &powers, Rational::ONE, interval)? {
            return Ok(None);
        }
    }
    let whole = |position: usize| {
        let id = positive.get(position).copied();
        id.and_then(|id| vocabulary.parameter(id))
            .is_some_and(|p| p.whole)
    };
    let Some(values) = eliminate(restrictions, positive.len(), &whole)? else {
        return Ok(None);
    };
    let zeros = zero.iter().map(|id| (*id, Rational::ZERO));
    Ok(Some(
        positive.into_iter().zip(values).chain(zeros).collect(),
    ))
}

/// `scale * product` lies in the interval; false when no positive value does.
fn restrict(
    into: &mut Vec<Restriction>,
    powers: &[i32],
    scale: Rational,
    interval: Interval,
) -> Result<bool, NumberError> {
    let Interval { low, high } = interval;
    if low.value > Rational::ZERO {
        into.push(Restriction {
            powers: powers.to_vec(),
            bound: low.value.checked_div(scale)?,
            strict: low.open,
        });
    }
    if let Some(high) = high {
        if high.value <= Rational::ZERO {
            return Ok(false);
        }
        into.push(Restriction {
            powers: powers.iter().map(|power| -power).collect(),
            bound: scale.checked_div(high.value)?,
            strict: high.open,
        });
    }
    Ok(true)
}

/// Eliminates the variables in order and chooses values on the way back.
fn eliminate(
    restrictions: Vec<Restriction>,
    variables: usize,
    whole: &dyn Fn(usize) -> bool,
) -> Result<Option<Vec<Rational>>, NumberError> {
    let mut levels: Vec<Vec<Restriction>> = Vec::with_capacity(variables);
    let mut current = restrictions;
    for variable in 0..variables {
        let power = |r: &Restriction| r.powers.get(variable).copied().unwrap_or(0);
        let mut next: Vec<Restriction> =
            current.iter().filter(|r| power(r) == 0).cloned().collect();
        for low in current.iter().filter(|r| power(r) > 0) {
            for high in current.iter().filter(|r| power(r) < 0) {
                let (a, b) = (power(low), -power(high));
                let powers = low
                    .powers
                    .iter()
                    .zip(&high.powers)
                    .map(|(l, h)| l * b + h * a)
                    .collect();
                let bound = low
                    .bound
                    .checked_pow(b)?
                    .checked_mul(high.bound.checked_pow(a)?)?;
                let combined = Restriction {
                    powers,
                    bound,
                    strict: low.strict || high.strict,
                };
                if !next.contains(&combined) {
                    next.push(combined);
                }
            }
        }
        if next.len() > MOST_RESTRICTIONS {
            return Err(NumberError::Overflow);
        }
        levels.push(current);
        current = next;
    }
    // No variable is left: one against the bound.
    let fails = |r: &Restriction| r.bound > Rational::ONE || (r.strict && r.bound == Rational::ONE);
    if current.iter().any(fails) {
        return Ok(None);
    }
    let mut values: Vec<Option<Rational>> = vec![None; variables];
    for (variable, level) in levels.iter().enumerate().rev() {
        let mut interval = Interval {
            low: End {
                value: Rational::ZERO,
                open: true,
            },
            high: None,
        };
        for restriction in level {
            let power = restriction.powers.get(variable).copied().unwrap_or(0);
            if power == 0 {
                continue;
            }
            let mut bound = restriction.bound;
            for (known, power) in values.iter().zip(&restriction.powers) {
                if let Some(known) = known {
                    bound = bound.checked_div(known.checked_pow(*power)?)?;
                }
            }
            let (below, above) = if power > 0 {
                root(bound, power.unsigned_abs())?
            } else {
                root(Rational::ONE.checked_div(bound)?, power.unsigned_abs())?
            };
            let open = restriction.strict;
            interval = if power > 0 {
                interval.with_low(End { value: above, open })
            } else {
                interval.with_high(End { value: below, open })
            };
        }
        let value = decimal::short(interval, whole(variable)).ok_or(NumberError::Overflow)?;
        if let Some(slot) = values.get_mut(variable) {
            *slot = Some(value);
        }
    }
    Ok(values.into_iter().collect())
}
