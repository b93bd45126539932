//! Exact numbers: decimals as people write them and rationals as derived values need them.
//!
//! No float takes part in any decision. A decimal may be written in any common notation (`4800`, `0.25`, `1e26`,
//! `+1.5E-3`); its magnitude is at most 10^28 and it has at most 28 decimal places. Rationals are reduced
//! fractions of `i128`; arithmetic that would overflow is an error, and comparison cannot overflow.

use std::cmp::Ordering;
use std::fmt;

/// The largest power of ten of a decimal, and the largest number of decimal places.
pub const MAX_POWER: u32 = 28;
/// The longest text that is read as a decimal, in bytes.
const MAX_TEXT: usize = 80;

/// Why a number could not be read or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("`{text}` is not a decimal number such as `4800`, `0.25` or `1e26`")]
    NotANumber {
        /// The text, shortened.
        text: String,
    },
    /// The number is beyond 10^28 or finer than 10^-28.
    #[error("`{text}` is out of range: at most 10^28 and 28 decimal places are exact here")]
    OutOfRange {
        /// The text, shortened.
        text: String,
    },
    /// An exact computation does not fit 128 bits.
    #[error("the exact value does not fit 128 bits")]
    Overflow,
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
}

/// A decimal number exactly as written: `mantissa * 10^-places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    places: i32,
}

impl Decimal {
    /// Reads a decimal. Spaces, underscores, thousands separators, `NaN` and `inf` are refused.
    ///
    /// # Errors
    /// [`NumberError::NotANumber`] or [`NumberError::OutOfRange`], with the text.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let not_a_number = || NumberError::NotANumber {
            text: shorten(text),
        };
        let out_of_range = || NumberError::OutOfRange {
            text: shorten(text),
        };
        if text.len() > MAX_TEXT {
            return Err(not_a_number());
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (significand, exponent) = match digits.split_once(['e', 'E']) {
            Some((significand, exponent)) => {
                let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(not_a_number());
                }
                (
                    significand,
                    exponent.parse::<i32>().map_err(|_| out_of_range())?,
                )
            }
            None => (digits, 0),
        };
        let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
        let has_point = significand.len() > whole.len();
        if whole.is_empty()
            || (has_point && fraction.is_empty())
            || !whole
                .bytes()
                .chain(fraction.bytes())
                .all(|b| b.is_ascii_digit())
        {
            return Err(not_a_number());
        }
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i128::from(digit - b'0')))
                .ok_or_else(out_of_range)?;
        }
        let written = i32::try_from(fraction.len()).map_err(|_| out_of_range())?;
        let places = written.checked_sub(exponent).ok_or_else(out_of_range)?;
        let limit = MAX_POWER.cast_signed();
        if mantissa == 0 {
            return Ok(Self {
                mantissa: 0,
                places: places.clamp(-limit, limit),
            });
        }
        if places > limit || places < -limit {
            return Err(out_of_range());
        }
        let decimal = Self {
            mantissa: if negative { -mantissa } else { mantissa },
            places,
        };
        let largest = Rational::power_of_ten(MAX_POWER).map_err(|_| out_of_range())?;
        match decimal.to_rational() {
            Ok(value) if value.abs() <= largest => Ok(decimal),
            _ => Err(out_of_range()),
        }
    }

    /// The same number as a fraction.
    ///
    /// # Errors
    /// [`NumberError::Overflow`] when it does not fit 128 bits (not possible for a parsed decimal).
    pub fn to_rational(self) -> Result<Rational, NumberError> {
        let scale = Rational::power_of_ten(self.places.unsigned_abs())?;
        let mantissa = Rational::integer(self.mantissa);
        if self.places >= 0 {
            mantissa.checked_div(scale)
        } else {
            mantissa.checked_mul(scale)
        }
    }

    /// Half a unit of the last written digit: the most by which a rounded statement may be off.
    ///
    /// # Errors
    /// [`NumberError::Overflow`] when it does not fit 128 bits.
    pub fn half_last_digit(self) -> Result<Rational, NumberError> {
        let last = Self {
            mantissa: 1,
            places: self.places,
        }
        .to_rational()?;
        last.checked_div(Rational::integer(2))
    }
}

/// A reduced fraction with a positive denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rational {
    numerator: i128,
    denominator: i128,
}

impl Rational {
    /// Zero.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    /// One.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// A whole number.
    #[must_use]
    pub const fn integer(value: i128) -> Self {
        Self {
            numerator: value,
            denominator: 1,
        }
    }

    /// `numerator / denominator`, reduced.
    ///
    /// # Errors
    /// [`NumberError::DivisionByZero`], or [`NumberError::Overflow`] for `i128::MIN`.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, NumberError> {
        if denominator == 0 {
            return Err(NumberError::DivisionByZero);
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).map_err(|_| NumberError::Overflow)?;
        let (mut numerator, mut denominator) = (numerator / divisor, denominator / divisor);
        if denominator < 0 {
            numerator = numerator.checked_neg().ok_or(NumberError::Overflow)?;
            denominator = denominator.checked_neg().ok_or(NumberError::Overflow)?;
        }
        if numerator == i128::MIN {
            return Err(NumberError::Overflow);
        }
        Ok(Self {
            numerator,
            denominator,
        })
    }

    /// Ten to the given power.
    ///
    /// # Errors
    /// [`NumberError::Overflow`] from 10^39 on.
    pub fn power_of_ten(power: u32) -> Result<Self, NumberError> {
        10_i128
            .checked_pow(power)
            .map(Self::integer)
            .ok_or(NumberError::Overflow)
    }

    /// The numerator, which carries the sign.
    #[must_use]
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// The denominator, always positive.
    #[must_use]
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// True below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.numerator < 0
    }

    /// True for zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// True for a whole number.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        self.denominator == 1
    }

    /// The absolute value.
    #[must_use]
    pub const fn abs(self) -> Self {
        // INVARIANT: the numerator is never i128::MIN (see `new`).
        Self {
            numerator: self.numerator.wrapping_abs(),
            denominator: self.denominator,
        }
    }

    /// Product.
    ///
    /// # Errors
    /// [`NumberError::Overflow`].
    pub fn checked_mul(self, other: Self) -> Result<Self, NumberError> {
        // Reduce crosswise first, so that only a result that truly does not fit overflows.
        let left = Self::new(self.numerator, other.denominator)?;
        let right = Self::new(other.numerator, self.denominator)?;
        let numerator = left.numerator.checked_mul(right.numerator);
        let denominator = left.denominator.checked_mul(right.denominator);
        match (numerator, denominator) {
            (Some(numerator), Some(denominator)) if numerator != i128::MIN => Ok(Self {
                numerator,
                denominator,
            }),
            _ => Err(NumberError::Overflow),
        }
    }

    /// Quotient.
    ///
    /// # Errors
    /// [`NumberError::DivisionByZero`] or [`NumberError::Overflow`].
    pub fn checked_div(self, other: Self) -> Result<Self, NumberError> {
        self.checked_mul(Self::new(other.denominator, other.numerator)?)
    }

    /// Sum.
    ///
    /// # Errors
    /// [`NumberError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, NumberError> {
        let divisor = gcd(
            self.denominator.unsigned_abs(),
            other.denominator.unsigned_abs(),
        );
        let divisor = i128::try_from(divisor).map_err(|_| NumberError::Overflow)?;
        let left_scale = other.denominator / divisor;
        let right_scale = self.denominator / divisor;
        let numerator = self
            .numerator
            .checked_mul(left_scale)
            .zip(other.numerator.checked_mul(right_scale))
            .and_then(|(left, right)| left.checked_add(right));
        let denominator = self.denominator.checked_mul(left_scale);
        match (numerator, denominator) {
            (Some(numerator), Some(denominator)) => Self::new(numerator, denominator),
            _ => Err(NumberError::Overflow),
        }
    }

    /// Difference.
    ///
    /// # Errors
    /// [`NumberError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, NumberError> {
        self.checked_add(Self {
            numerator: -other.numerator,
            denominator: other.denominator,
        })
    }

    /// Integer power, also negative.
    ///
    /// # Errors
    /// [`NumberError::Overflow`] or [`NumberError::DivisionByZero`].
    pub fn checked_pow(self, power: i32) -> Result<Self, NumberError> {
        let mut result = Self::ONE;
        for _ in 0..power.unsigned_abs() {
            result = result.checked_mul(self)?;
        }
        if power < 0 {
            Self::ONE.checked_div(result)
        } else {
            Ok(result)
        }
    }

    /// The square root, where it is rational.
    #[must_use]
    pub fn exact_sqrt(self) -> Option<Self> {
        let root = |value: i128| {
            let root = value.checked_isqrt()?;
            (root.checked_mul(root) == Some(value)).then_some(root)
        };
        Some(Self {
            numerator: root(self.numerator)?,
            denominator: root(self.denominator)?,
        })
    }

    /// Decimal text: exact where the value has a finite decimal form of at most 28 places, otherwise rounded half
    /// up to `places` places and preceded by `~`.
    #[must_use]
    pub fn to_text(self, places: u32) -> String {
        let (mut scale, mut exact_places) = (self.denominator, 0_u32);
        let (mut twos, mut fives) = (0_u32, 0_u32);
        while scale % 2 == 0 {
            scale /= 2;
            twos += 1;
        }
        while scale % 5 == 0 {
            scale /= 5;
            fives += 1;
        }
        let exact = scale == 1 && twos.max(fives) <= MAX_POWER;
        if exact {
            exact_places = twos.max(fives);
        }
        let places = if exact {
            exact_places
        } else {
            places.min(MAX_POWER)
        };
        self.rounded(places, !exact)
            .unwrap_or_else(|| format!("{}/{}", self.numerator, self.denominator))
    }

    fn rounded(self, places: u32, approximate: bool) -> Option<String> {
        let magnitude = self.numerator.unsigned_abs();
        let denominator = self.denominator.unsigned_abs();
        let whole = magnitude / denominator;
        let scale = 10_u128.checked_pow(places)?;
        let rest = (magnitude % denominator).checked_mul(scale)?;
        let mut fraction = rest / denominator;
        let twice = (rest % denominator).checked_mul(2)?;
        if twice >= denominator {
            fraction += 1;
        }
        let (whole, fraction) = if fraction == scale {
            (whole + 1, 0)
        } else {
            (whole, fraction)
        };
        let sign = if self.numerator < 0 { "-" } else { "" };
        let mark = if approximate { "~" } else { "" };
        Some(if places == 0 {
            format!("{mark}{sign}{whole}")
        } else {
            format!(
                "{mark}{sign}{whole}.{fraction:0width$}",
                width = places as usize
            )
        })
    }
}

impl Ord for Rational {
    /// Cross-multiplication in 256 bits: exact for every pair.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.numerator.signum(), other.numerator.signum()) {
            (a, b) if a != b => a.cmp(&b),
            (0, _) => Ordering::Equal,
            (sign, _) => {
                if self.denominator == other.denominator {
                    return self.numerator.cmp(&other.numerator);
                }
                let left = widening_mul(
                    self.numerator.unsigned_abs(),
                    other.denominator.unsigned_abs(),
                );
                let right = widening_mul(
                    other.numerator.unsigned_abs(),
                    self.denominator.unsigned_abs(),
                );
                if sign > 0 {
                    left.cmp(&right)
                } else {
                    right.cmp(&left)
                }
            }
        }
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(4))
    }
}

/// The 256-bit product as (high, low), which compares in order.
const fn widening_mul(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a_high, a_low) = (a >> 64, a & LOW);
    let (b_high, b_low) = (b >> 64, b & LOW);
    let low = a_low * b_low;
    let middle_1 = a_high * b_low;
    let middle_2 = a_low * b_high;
    let carry = (low >> 64) + (middle_1 & LOW) + (middle_2 & LOW);
    let high = a_high * b_high + (middle_1 >> 64) + (middle_2 >> 64) + (carry >> 64);
    (high, (carry << 64) | (low & LOW))
}

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

/// At most 40 characters of user input, for messages.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
