//! Units: a symbol becomes a dimension and an exact factor, so that compatible units convert exactly and
//! incompatible ones are refused by name.
//!
//! A unit is a product of atoms: `GB/s/mm2`, `m3/h`, `deg/h^0.5`, `ohm*cm`, `g*mm/kg`. Atoms carry SI prefixes as listed
//! in the table. Temperatures (`degC`, `degF`) and levels (`dBm`, `dBW`, `dBm/MHz`, `dBc/Hz`) have an offset and stand alone.
//! `VA`, `TPP`, `TOPS`, `WT`, `rad`, `Bq` and `Gy` are dimensions of their own: apparent power is not power, the computing
//! measures are defined differently from one another, and a degree is an irrational number of radians.

mod table;

use std::fmt;
use std::sync::Arc;

use crate::exact::{NumberError, Rational, shorten};

/// Number of base dimensions.
const BASES: usize = 23;
const BASE_NAMES: [&str; BASES] = [
    "length",
    "mass",
    "time",
    "temperature",
    "current",
    "data",
    "samples",
    "angle",
    "TPP",
    "operations",
    "WT",
    "apparent power",
    "atomic mass",
    "angle in radians",
    "solid angle",
    "level",
    "power level",
    "power density level",
    "noise level",
    "amount of substance",
    "luminous intensity",
    "decays",
    "absorbed dose",
];

/// Exponents of the base dimensions, in halves (the angle random walk of a gyro has the dimension `deg/h^0.5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Dimension([i8; BASES]);

impl Dimension {
    /// Adds an atom raised to `halves` half powers.
    fn with_power(self, atom: Self, halves: i8) -> Option<Self> {
        let mut sum = self;
        for (left, right) in sum.0.iter_mut().zip(atom.0) {
            // Exponents of atoms are whole, so `right` is even.
            *left = left.checked_add((right / 2).checked_mul(halves)?)?;
        }
        Some(sum)
    }

    /// The dimension of a product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let mut sum = self;
        for (left, right) in sum.0.iter_mut().zip(other.0) {
            *left = left.saturating_add(right);
        }
        sum
    }

    /// The dimension of a quotient.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        let mut difference = self;
        for (left, right) in difference.0.iter_mut().zip(other.0) {
            *left = left.saturating_sub(right);
        }
        difference
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (name, halves) in BASE_NAMES.iter().zip(self.0) {
            if halves == 0 {
                continue;
            }
            if !first {
                f.write_str(" ")?;
            }
            first = false;
            match halves {
                2 => f.write_str(name)?,
                even if even % 2 == 0 => write!(f, "{name}^{}", even / 2)?,
                odd => write!(f, "{name}^({odd}/2)")?,
            }
        }
        if first {
            f.write_str("plain number")
        } else {
            Ok(())
        }
    }
}

/// Why a unit could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// The symbol is not in the table.
    #[error("unknown unit `{symbol}`; units are written as `MHz`, `mm2`, `GB/s`, `TPP/mm2`")]
    Unknown {
        /// The symbol, shortened.
        symbol: String,
    },
    /// The unit measures something else.
    #[error("`{found}` ({found_dimension}) does not fit `{expected}` ({expected_dimension})")]
    WrongDimension {
        /// The unit given.
        found: String,
        /// What it measures.
        found_dimension: Dimension,
        /// The unit expected.
        expected: String,
        /// What that measures.
        expected_dimension: Dimension,
    },
    /// The converted value is not exact in 128 bits.
    #[error(transparent)]
    Number(#[from] NumberError),
}

/// A unit: symbol, dimension, exact factor to base units, and an offset for temperatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    symbol: Arc<str>,
    dimension: Dimension,
    factor: Rational,
    offset: Rational,
}

impl Unit {
    /// Reads a unit symbol. `µ`, `°C`, `Ω`, `Å`, `·`, `²`, `³` and `mm^2` are accepted as other ways to write `u`, `degC`,
    /// `ohm`, `angstrom`, `*`, `2`, `3`, `mm2`.
    ///
    /// # Errors
    /// [`UnitError::Unknown`] naming the symbol.
    pub fn parse(symbol: &str) -> Result<Self, UnitError> {
        let unknown = || UnitError::Unknown {
            symbol: shorten(symbol),
        };
        if symbol.is_empty() || symbol.len() > 32 {
            return Err(unknown());
        }
        let plain = plain_spelling(symbol);
        if let Some(alone) = table::alone(&plain) {
            return Ok(Self {
                symbol: symbol.into(),
                dimension: alone.dimension,
                factor: Rational::new(alone.factor.0, alone.factor.1)?,
                offset: Rational::new(alone.offset.0, alone.offset.1)?,
            });
        }
        let mut dimension = Dimension::default();
        let mut factor = Rational::ONE;
        for (position, product) in plain.split('/').enumerate() {
            for part in product.split('*') {
                let (atom, halves) = table::atom_and_exponent(part).ok_or_else(unknown)?;
                let signed = if position == 0 { halves } else { -halves };
                let scaled = if signed % 2 == 0 {
                    atom.factor.checked_pow(i32::from(signed / 2))?
                } else {
                    atom.factor
                        .exact_sqrt()
                        .ok_or_else(unknown)?
                        .checked_pow(i32::from(signed))?
                };
                factor = factor.checked_mul(scaled)?;
                dimension = dimension
                    .with_power(atom.dimension, signed)
                    .ok_or_else(unknown)?;
            }
        }
        Ok(Self {
            symbol: symbol.into(),
            dimension,
            factor,
            offset: Rational::ZERO,
        })
    }

    /// The symbol as written.
    #[must_use]
    pub fn symbol(&self) -> &Arc<str> {
        &self.symbol
    }

    /// What the unit measures.
    #[must_use]
    pub const fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// True for a level such as `dB` or `dBm`: a logarithm, for which no value is the smallest.
    #[must_use]
    pub fn is_level(&self) -> bool {
        table::is_level(self.dimension)
    }

    /// The factor to base units.
    #[must_use]
    pub const fn factor(&self) -> Rational {
        self.factor
    }

    /// Converts a value in this unit into `target`, exactly.
    ///
    /// # Errors
    /// [`UnitError::WrongDimension`] naming both units, or an overflow.
    pub fn convert(&self, value: Rational, target: &Self) -> Result<Rational, UnitError> {
        self.same_dimension(target)?;
        let difference = self.offset.checked_sub(target.offset)?;
        let base = value.checked_mul(self.factor)?.checked_add(difference)?;
        Ok(base.checked_div(target.factor)?)
    }

    /// Converts a difference (no offset): for rounding tolerances.
    ///
    /// # Errors
    /// As [`Unit::convert`].
    pub fn convert_difference(
        &self,
        value: Rational,
        target: &Self,
    ) -> Result<Rational, UnitError> {
        self.same_dimension(target)?;
        Ok(value.checked_mul(self.factor)?.checked_div(target.factor)?)
    }

    fn same_dimension(&self, target: &Self) -> Result<(), UnitError> {
        if self.dimension == target.dimension {
            return Ok(());
        }
        Err(UnitError::WrongDimension {
            found: self.symbol.to_string(),
            found_dimension: self.dimension,
            expected: target.symbol.to_string(),
            expected_dimension: target.dimension,
        })
    }
}

fn plain_spelling(symbol: &str) -> String {
    let mut plain = String::with_capacity(symbol.len());
    for character in symbol.chars() {
        match character {
            'µ' | 'μ' => plain.push('u'),
            '²' => plain.push('2'),
            '³' => plain.push('3'),
            '°' => plain.push_str("deg"),
            '\u{3a9}' | '\u{2126}' => plain.push_str("ohm"),
            '\u{c5}' | '\u{212b}' => plain.push_str("angstrom"),
            '·' | '⋅' => plain.push('*'),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Decimal;

    fn convert(value: &str, from: &str, to: &str) -> Result<String, String> {
        let value = Decimal::parse(value).unwrap().to_rational().unwrap();
        let from = Unit::parse(from).map_err(|e| e.to_string())?;
        let to = Unit::parse(to).map_err(|e| e.to_string())?;
        from.convert(value, &to)
            .map(|v| v.to_text(6))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn compatible_units_convert_exactly() {
        for (value, from, to, expected) in [
            ("1.41", "GHz", "MHz", "1410"),
            ("0.001", "MHz", "Hz", "1000"),
            ("250", "g", "kg", "0.25"),
            ("2.4", "um", "nm", "2400"),
            ("1.5", "µm", "nm", "1500"),
            ("4.8", "TB/s", "GB/s", "4800"),
            ("8", "Gb/s", "GB/s", "1"),
            ("25", "degC", "K", "298.15"),
            ("4.5", "K", "degC", "-268.65"),
            ("32", "degF", "degC", "0"),
            ("1", "h", "min", "60"),
            ("600", "L/h", "m3/h", "0.6"),
            ("10", "L/min", "m3/h", "0.6"),
            ("1", "hp", "W", "745.69987158227022"),
            ("13.3", "mPa", "Pa", "0.0133"),
            ("1", "bar", "kPa", "100"),
            ("60", "deg/h^0.5", "deg/s^0.5", "1"),
            ("1", "deg/s", "deg/h", "3600"),
            ("592", "TPP/cm2", "TPP/mm2", "5.92"),
            ("2", "TB/s/mm^2", "GB/s/mm2", "2000"),
            ("4", "GSPS", "MSPS", "4000"),
            ("10", "kVA", "VA", "10000"),
            ("0.2", "%", "1", "0.002"),
            ("36", "km/h", "m/s", "10"),
            ("1000", "GOPS", "TOPS", "1"),
            ("20000", "cm3", "L", "20"),
            ("10", "kohm*cm", "ohm*m", "100"),
            ("1", "ohm", "V/A", "1"),
            ("2", "MΩ", "kohm", "2000"),
            ("1", "uF", "nF", "1000"),
            ("1", "mWb/s", "mV", "1"),
            ("1", "H", "V*s/A", "1"),
            ("1", "A/V", "S", "1"),
            ("1", "S/m", "mS/cm", "10"),
            ("3.6", "kC", "Ah", "1"),
            ("350", "Wh/kg", "kJ/kg", "1260"),
            ("1", "keV", "J", "0.0000000000000001602176634"),
            ("1", "GeV", "MeV", "1000"),
            ("0.1", "Ci", "GBq", "3.7"),
            ("500", "krad", "Gy", "5000"),
            ("500000", "rd", "kGy", "5"),
            ("3", "gn", "m/s2", "29.41995"),
            ("10", "ugn/Hz^0.5", "mgn/Hz^0.5", "0.01"),
            ("1", "kgf", "N", "9.80665"),
            ("1", "psi", "lbf/in2", "1"),
            ("1", "inHg", "mmHg", "25.4"),
            ("760", "Torr", "atm", "1"),
            ("60000", "rev/min", "deg/s", "360000"),
            ("1", "rpm", "rev/min", "1"),
            ("18", "nm/h", "pm/s", "5"),
            ("1", "urad", "nrad", "1000"),
            ("4", "lm", "cd*sr", "4"),
            ("1", "lx", "lm/m2", "1"),
            ("1", "pT/Hz^0.5", "fT/Hz^0.5", "1000"),
            ("40", "tex", "g/km", "40"),
            ("1", "g/mol", "kg/mmol", "0.000001"),
            ("100", "kn", "km/h", "185.2"),
            ("10", "dBW", "dBm", "40"),
            ("-100", "dBm/MHz", "dBm/Hz", "-160"),
            ("6", "dB/km", "dB/m", "0.006"),
            ("1", "Mbyte/s", "Mbps", "8"),
            ("0.5", "g*mm/kg", "um", "0.5"),
            ("1", "cSt", "mm2/s", "1"),
            ("1", "mPa*s", "cP", "1"),
        ] {
            assert_eq!(
                convert(value, from, to).as_deref(),
                Ok(expected),
                "{value} {from} in {to}"
            );
        }
    }

    #[test]
    fn incompatible_units_name_both() {
        assert_eq!(
            convert("1", "kW", "VA").unwrap_err(),
            "`kW` (length^2 mass time^-3) does not fit `VA` (apparent power)"
        );
        for (from, to) in [
            ("TOPS", "TPP"),
            ("MHz", "MSPS"),
            ("kg", "m"),
            ("mm", "mm2"),
            ("TPP", "TPP/mm2"),
            ("rad", "deg"),
            ("dB", "dBm"),
            ("dBc/Hz", "dBc"),
            ("Bq", "Hz"),
            ("Gy", "J/kg"),
            ("rad", "krad"),
            ("ohm", "S"),
            ("kN", "kn"),
        ] {
            assert!(
                convert("1", from, to).unwrap_err().contains("does not fit"),
                "{from} {to}"
            );
        }
        for symbol in [
            "", "furlong", "m//s", "/s", "mm99", "m^0.5^2", "s^-1", "TFLOPS", "degC/s", "m^0.25",
            "m*", "dBm/kHz", "kdeg",
        ] {
            assert!(
                matches!(Unit::parse(symbol), Err(UnitError::Unknown { .. })),
                "{symbol}"
            );
        }
    }
}
