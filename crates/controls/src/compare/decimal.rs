//! Short decimals inside an interval: what a person would write as an example.

use super::cell::Interval;
use super::logic::End;
use crate::exact::{MAX_POWER, NumberError, Rational};

/// How much wider than its lower end an interval without an upper end is taken to be.
const REACH: Rational = Rational::integer(10);
/// Steps by which a root is closed in on.
const HALVINGS: u32 = 60;

/// The number with the fewest digits in the interval; `None`: it holds none (or none with at most 28 places).
pub(super) fn short(interval: Interval, whole: bool) -> Option<Rational> {
    if interval.is_empty() {
        return None;
    }
    if let Some(point) = interval.point() {
        return (!whole || point.is_integer()).then_some(point);
    }
    let reached = reach(interval)?;
    let places = if whole { 0 } else { MAX_POWER };
    for power in (0..=MAX_POWER).rev() {
        if let Some(found) = multiple(reached, Rational::power_of_ten(power).ok()?) {
            return Some(found);
        }
    }
    for power in 1..=places {
        let step = Rational::new(1, 10_i128.checked_pow(power)?).ok()?;
        if let Some(found) = multiple(reached, step) {
            return Some(found);
        }
    }
    // A count of zero, where nothing else fits.
    interval.contains(Rational::ZERO).then_some(Rational::ZERO)
}

/// The smallest multiple of a step in the interval, other than zero.
fn multiple(interval: Interval, step: Rational) -> Option<Rational> {
    let ratio = interval.low.value.checked_div(step).ok()?;
    let floor = ratio.numerator().div_euclid(ratio.denominator());
    (0..=2)
        .filter_map(|more| {
            Rational::integer(floor.checked_add(more)?)
                .checked_mul(step)
                .ok()
        })
        .find(|value| !value.is_zero() && interval.contains(*value))
}

/// Ends for an interval that has none worth naming.
fn reach(interval: Interval) -> Option<Interval> {
    let Interval { low, high } = interval;
    let far = Rational::power_of_ten(20).ok()?;
    if low.value.is_negative() && low.value.abs() > far {
        let high = high.unwrap_or(End {
            value: REACH,
            open: false,
        });
        let width = high.value.abs().checked_add(REACH).ok()?;
        let low = End {
            value: high.value.checked_sub(width).ok()?,
            open: false,
        };
        return Some(Interval {
            low,
            high: Some(high),
        });
    }
    let high = match high {
        Some(high) => high,
        None => End {
            value: low
                .value
                .abs()
                .checked_mul(REACH)
                .and_then(|wide| {
                    wide.checked_add(if low.value.is_zero() {
                        REACH
                    } else {
                        Rational::ZERO
                    })
                })
                .ok()?,
            open: false,
        },
    };
    Some(Interval {
        low,
        high: Some(high),
    })
}

/// A number near the lower (or upper) end: the end itself where it belongs to the interval.
pub(super) fn near_end(interval: Interval, upper: bool, whole: bool) -> Option<Rational> {
    let end = if upper { interval.high? } else { interval.low };
    if !end.open && (!whole || end.value.is_integer()) {
        return Some(end.value);
    }
    let reached = reach(interval)?;
    let width = reached.high?.value.checked_sub(reached.low.value).ok()?;
    let slice = width.checked_div(Rational::integer(100)).ok()?;
    let near = if upper {
        Interval {
            low: End {
                value: end.value.checked_sub(slice).ok()?,
                open: true,
            },
            ..reached
        }
    } else {
        interval.with_high(End {
            value: end.value.checked_add(slice).ok()?,
            open: true,
        })
    };
    short(near, whole)
}

/// The `degree`-th root of a positive number: twice the same where it is rational, else a number below and one above.
pub(super) fn root(value: Rational, degree: u32) -> Result<(Rational, Rational), NumberError> {
    if degree <= 1 {
        return Ok((value, value));
    }
    if degree == 2
        && let Some(exact) = value.exact_sqrt()
    {
        return Ok((exact, exact));
    }
    let power = i32::try_from(degree).map_err(|_| NumberError::Overflow)?;
    let two = Rational::integer(2);
    // Powers of two around it, then decimals of few digits between them.
    let mut below = Rational::ONE;
    while below.checked_pow(power)? > value {
        below = below.checked_div(two)?;
    }
    let mut above = below.checked_mul(two)?;
    while above.checked_pow(power)? < value {
        (below, above) = (above, above.checked_mul(two)?);
    }
    for _ in 0..HALVINGS {
        let between = Interval {
            low: End {
                value: below,
                open: true,
            },
            high: Some(End {
                value: above,
                open: true,
            }),
        };
        let Some(middle) = short(between, false) else {
            break;
        };
        let Ok(raised) = middle.checked_pow(power) else {
            break;
        };
        match raised.cmp(&value) {
            std::cmp::Ordering::Less => below = middle,
            std::cmp::Ordering::Greater => above = middle,
            std::cmp::Ordering::Equal => return Ok((middle, middle)),
        }
        let width = above
            .checked_sub(below)?
            .checked_mul(Rational::integer(10_000))?;
        if width < below {
            break;
        }
    }
    Ok((below, above))
}
