//! The atoms of units: symbol, prefixes, dimension and exact factor to base units.
//!
//! Only what converts exactly has the same dimension. A degree is an irrational number of radians, so `deg` and `rad`
//! do not convert into one another; nor do `b` and `SPS`, `Bq` and `Hz`, `W` and `VA`, which measure different things.
//! Levels are logarithms: `dB` is a plain ratio, `dBm` and `dBW` are powers, and none of them is a factor of a product
//! except as `dB/km`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{BASES, Dimension};
use crate::exact::{NumberError, Rational};

/// One atom of a unit.
#[derive(Clone, Copy)]
pub(super) struct Atom {
    pub(super) dimension: Dimension,
    /// The factor to base units.
    pub(super) factor: Rational,
}

/// A line of the table: a symbol without and with its prefixes.
struct Line {
    symbol: &'static str,
    /// Prefixes that the symbol takes, a letter each; a space stands for none.
    prefixes: &'static str,
    dimension: Dimension,
    /// Numerator and denominator of the factor to base units.
    factor: (i128, i128),
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which checks the index"
)]
const fn base(index: usize, exponent: i8) -> Dimension {
    let mut exponents = [0; BASES];
    let mut position = 0;
    while position < BASES {
        if position == index {
            exponents[position] = 2 * exponent;
        }
        position += 1;
    }
    Dimension(exponents)
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which checks the index"
)]
const fn both(a: Dimension, b: Dimension) -> Dimension {
    let mut exponents = [0; BASES];
    let mut position = 0;
    while position < BASES {
        exponents[position] = a.0[position] + b.0[position];
        position += 1;
    }
    Dimension(exponents)
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which checks the index"
)]
const fn inverse(a: Dimension) -> Dimension {
    let mut exponents = a.0;
    let mut position = 0;
    while position < BASES {
        exponents[position] = -exponents[position];
        position += 1;
    }
    Dimension(exponents)
}

const NUMBER: Dimension = Dimension([0; BASES]);
const LENGTH: Dimension = base(0, 1);
const VOLUME: Dimension = base(0, 3);
const MASS: Dimension = base(1, 1);
const TIME: Dimension = base(2, 1);
const FREQUENCY: Dimension = base(2, -1);
pub(super) const TEMPERATURE: Dimension = base(3, 1);
const CURRENT: Dimension = base(4, 1);
const DATA: Dimension = base(5, 1);
const SAMPLE_RATE: Dimension = both(base(6, 1), FREQUENCY);
const ANGLE: Dimension = base(7, 1);
const TPP: Dimension = base(8, 1);
const OPERATION_RATE: Dimension = both(base(9, 1), FREQUENCY);
const WEIGHTED_TERAFLOPS: Dimension = base(10, 1);
const APPARENT_POWER: Dimension = base(11, 1);
const ATOMIC_MASS: Dimension = base(12, 1);
const FORCE: Dimension = both(both(MASS, LENGTH), base(2, -2));
const PRESSURE: Dimension = both(both(MASS, base(0, -1)), base(2, -2));
const ENERGY: Dimension = both(both(MASS, base(0, 2)), base(2, -2));
const POWER: Dimension = both(both(MASS, base(0, 2)), base(2, -3));
const VOLTAGE: Dimension = both(POWER, base(4, -1));
const CHARGE: Dimension = both(CURRENT, TIME);
const RESISTANCE: Dimension = both(VOLTAGE, base(4, -1));
const CONDUCTANCE: Dimension = both(CURRENT, inverse(VOLTAGE));
const CAPACITANCE: Dimension = both(CHARGE, inverse(VOLTAGE));
const INDUCTANCE: Dimension = both(both(VOLTAGE, TIME), base(4, -1));
const MAGNETIC_FLUX: Dimension = both(VOLTAGE, TIME);
const SPEED: Dimension = both(LENGTH, FREQUENCY);
const ACCELERATION: Dimension = both(LENGTH, base(2, -2));
const LINEAR_DENSITY: Dimension = both(MASS, base(0, -1));
const DYNAMIC_VISCOSITY: Dimension = both(PRESSURE, TIME);
const KINEMATIC_VISCOSITY: Dimension = both(base(0, 2), FREQUENCY);
const RADIAN: Dimension = base(13, 1);
const SOLID_ANGLE: Dimension = base(14, 1);
pub(super) const LEVEL: Dimension = base(15, 1);
pub(super) const POWER_LEVEL: Dimension = base(16, 1);
pub(super) const POWER_DENSITY_LEVEL: Dimension = base(17, 1);
pub(super) const NOISE_LEVEL: Dimension = base(18, 1);
const AMOUNT: Dimension = base(19, 1);
const LUMINOUS_INTENSITY: Dimension = base(20, 1);
const LUMINOUS_FLUX: Dimension = both(LUMINOUS_INTENSITY, SOLID_ANGLE);
const ACTIVITY: Dimension = both(base(21, 1), FREQUENCY);
const ABSORBED_DOSE: Dimension = base(22, 1);
const FLUX_DENSITY: Dimension = both(both(MASS, base(2, -2)), base(4, -1));

const K: i128 = 1_000;
const M: i128 = 1_000_000;
const G: i128 = 1_000_000_000;
const T: i128 = 1_000_000_000_000;

/// Power of ten of a prefix.
const fn power(prefix: char) -> Option<i32> {
    Some(match prefix {
        ' ' => 0,
        'a' => -18,
        'f' => -15,
        'p' => -12,
        'n' => -9,
        'u' => -6,
        'm' => -3,
        'c' => -2,
        'd' => -1,
        'h' => 2,
        'k' => 3,
        'M' => 6,
        'G' => 9,
        'T' => 12,
        'P' => 15,
        'E' => 18,
        _ => return None,
    })
}

const fn line(
    symbol: &'static str,
    prefixes: &'static str,
    dimension: Dimension,
    numerator: i128,
    denominator: i128,
) -> Line {
    Line {
        symbol,
        prefixes,
        dimension,
        factor: (numerator, denominator),
    }
}

static LINES: &[Line] = &[
    line("1", " ", NUMBER, 1, 1),
    line("%", " ", NUMBER, 1, 100),
    line("ppm", " ", NUMBER, 1, M),
    line("ppb", " ", NUMBER, 1, G),
    // space and time
    line("m", " afpnumcdk", LENGTH, 1, 1),
    line("angstrom", " ", LENGTH, 1, 10 * G),
    line("in", " ", LENGTH, 254, 10_000),
    line("ft", " ", LENGTH, 3048, 10_000),
    line("yd", " ", LENGTH, 9144, 10_000),
    line("mi", " ", LENGTH, 1_609_344, K),
    line("nmi", " ", LENGTH, 1852, 1),
    line("L", " numcdk", VOLUME, 1, K),
    line("l", " numcdk", VOLUME, 1, K),
    line("gal", " ", VOLUME, 3_785_411_784, T),
    line("s", " afpnum", TIME, 1, 1),
    line("min", " ", TIME, 60, 1),
    line("h", " ", TIME, 3600, 1),
    line("d", " ", TIME, 86_400, 1),
    line("Hz", " umkMGTP", FREQUENCY, 1, 1),
    line("kn", " ", SPEED, 1852, 3600),
    line("knot", " ", SPEED, 1852, 3600),
    line("mph", " ", SPEED, 1_609_344, 3_600_000),
    line("gn", " pnumk", ACCELERATION, 980_665, 100_000),
    line("Gal", " um", ACCELERATION, 1, 100),
    // angles: degrees and turns are exact in one another, radians are not
    line("deg", " um", ANGLE, 1, 1),
    line("arcmin", " ", ANGLE, 1, 60),
    line("arcsec", " um", ANGLE, 1, 3600),
    line("rev", " ", ANGLE, 360, 1),
    line("rpm", " k", both(ANGLE, FREQUENCY), 6, 1),
    line("rad", " pnum", RADIAN, 1, 1),
    line("sr", " um", SOLID_ANGLE, 1, 1),
    // matter
    line("g", " pnumk", MASS, 1, K),
    line("t", " ", MASS, K, 1),
    line("lb", " ", MASS, 45_359_237, 100_000_000),
    line("oz", " ", MASS, 28_349_523_125, T),
    line("tex", " md", LINEAR_DENSITY, 1, M),
    line("u", " ", ATOMIC_MASS, 1, 1),
    line("Da", " kM", ATOMIC_MASS, 1, 1),
    line("mol", " pnumk", AMOUNT, 1, 1),
    line("K", " numk", TEMPERATURE, 1, 1),
    // mechanics
    line("N", " numkM", FORCE, 1, 1),
    line("gf", " mk", FORCE, 980_665, 100_000_000),
    line("lbf", " k", FORCE, 44_482_216_152_605, 10 * T),
    line("dyn", " ", FORCE, 1, 100_000),
    line("Pa", " numhkMGT", PRESSURE, 1, 1),
    line("bar", " umk", PRESSURE, 100_000, 1),
    line("Torr", " um", PRESSURE, 101_325, 760),
    line("atm", " ", PRESSURE, 101_325, 1),
    line("psi", " k", PRESSURE, 44_482_216_152_605, 6_451_600_000),
    line("ksi", " ", PRESSURE, 44_482_216_152_605, 6_451_600),
    // conventional millimetre and inch of mercury: 13 595.1 kg/m3 at standard gravity
    line("mmHg", " ", PRESSURE, 133_322_387_415, G),
    line("inHg", " ", PRESSURE, 3_386_388_640_341, G),
    line("P", " c", DYNAMIC_VISCOSITY, 1, 10),
    line("St", " c", KINEMATIC_VISCOSITY, 1, 10_000),
    line("J", " afpnumkMGTP", ENERGY, 1, 1),
    line("Wh", " mkMG", ENERGY, 3600, 1),
    line(
        "eV",
        " mkMGT",
        ENERGY,
        1_602_176_634,
        10_000_000_000_000_000_000_000_000_000,
    ),
    line("cal", " k", ENERGY, 4184, K),
    line("W", " fpnumkMGTP", POWER, 1, 1),
    // 550 ft lbf/s, exact by the definitions of the foot, the pound and standard gravity.
    line(
        "hp",
        " ",
        POWER,
        74_569_987_158_227_022,
        100_000_000_000_000,
    ),
    // electricity and magnetism
    line("A", " fpnumkM", CURRENT, 1, 1),
    line("Ah", " mk", CHARGE, 3600, 1),
    line("C", " pnumk", CHARGE, 1, 1),
    line("V", " pnumkM", VOLTAGE, 1, 1),
    line("VA", " mkMG", APPARENT_POWER, 1, 1),
    line("ohm", " numkMGT", RESISTANCE, 1, 1),
    line("S", " pnumkM", CONDUCTANCE, 1, 1),
    line("F", " afpnumk", CAPACITANCE, 1, 1),
    line("H", " pnum", INDUCTANCE, 1, 1),
    line("Wb", " num", MAGNETIC_FLUX, 1, 1),
    line("T", " afpnumk", FLUX_DENSITY, 1, 1),
    line("gauss", " umk", FLUX_DENSITY, 1, 10_000),
    // light and radiation
    line("cd", " mk", LUMINOUS_INTENSITY, 1, 1),
    line("lm", " mk", LUMINOUS_FLUX, 1, 1),
    line("lx", " umk", both(LUMINOUS_FLUX, base(0, -2)), 1, 1),
    line("Bq", " mkMGTP", ACTIVITY, 1, 1),
    line("Ci", " pnumkM", ACTIVITY, 37 * G, 1),
    line("Gy", " numkM", ABSORBED_DOSE, 1, 1),
    // The rad of absorbed dose has the symbol `rd` where it could be taken for a radian; `krad` and `Mrad` cannot.
    line("rd", " mkM", ABSORBED_DOSE, 1, 100),
    line("rad", "kM", ABSORBED_DOSE, 1, 100),
    // data and computing
    line("bit", " kMGTP", DATA, 1, 1),
    line("b", " kMGTPE", DATA, 1, 1),
    line("byte", " kMGTPE", DATA, 8, 1),
    line("B", " kMGTPE", DATA, 8, 1),
    line("KiB", " ", DATA, 8 * 1024, 1),
    line("MiB", " ", DATA, 8 * 1024 * 1024, 1),
    line("GiB", " ", DATA, 8 * 1024 * 1024 * 1024, 1),
    line("TiB", " ", DATA, 8 * 1024 * 1024 * 1024 * 1024, 1),
    line("bps", " kMGTP", both(DATA, FREQUENCY), 1, 1),
    line("SPS", " kMGT", SAMPLE_RATE, 1, 1),
    line("TPP", " ", TPP, 1, 1),
    line("OPS", "MGTPE", OPERATION_RATE, 1, 1),
    line("WT", " ", WEIGHTED_TERAFLOPS, 1, 1),
    // plain level differences, also those relative to a carrier or to an isotropic antenna
    line("dB", " ", LEVEL, 1, 1),
    line("dBc", " ", LEVEL, 1, 1),
    line("dBi", " ", LEVEL, 1, 1),
];

/// Symbols with their prefixes; the first line of a symbol counts, and a test finds no second one.
static ATOMS: LazyLock<HashMap<String, Atom>> = LazyLock::new(|| {
    let mut atoms = HashMap::new();
    for line in LINES {
        for prefix in line.prefixes.chars() {
            if let (symbol, Some(Ok(atom))) = (spelling(line, prefix), prefixed(line, prefix)) {
                atoms.entry(symbol).or_insert(atom);
            }
        }
    }
    atoms
});

fn spelling(line: &Line, prefix: char) -> String {
    format!("{prefix}{}", line.symbol).trim_start().to_owned()
}

fn prefixed(line: &Line, prefix: char) -> Option<Result<Atom, NumberError>> {
    let power = power(prefix)?;
    let factor = Rational::new(line.factor.0, line.factor.1).and_then(|factor| {
        let scale = Rational::power_of_ten(power.unsigned_abs())?;
        if power < 0 {
            factor.checked_div(scale)
        } else {
            factor.checked_mul(scale)
        }
    });
    Some(factor.map(|factor| Atom {
        dimension: line.dimension,
        factor,
    }))
}

/// A unit that stands alone: its dimension, its factor and its offset to the base unit.
pub(super) struct Alone {
    pub(super) dimension: Dimension,
    pub(super) factor: (i128, i128),
    pub(super) offset: (i128, i128),
}

/// The units with an offset: temperatures to kelvin, levels to the level of one milliwatt (per hertz).
pub(super) fn alone(symbol: &str) -> Option<Alone> {
    let (dimension, factor, offset) = match symbol {
        "degC" => (TEMPERATURE, (1, 1), (27_315, 100)),
        "degF" => (TEMPERATURE, (5, 9), (45_967, 180)),
        "dBm" => (POWER_LEVEL, (1, 1), (0, 1)),
        "dBW" => (POWER_LEVEL, (1, 1), (30, 1)),
        "dBm/Hz" => (POWER_DENSITY_LEVEL, (1, 1), (0, 1)),
        "dBm/MHz" => (POWER_DENSITY_LEVEL, (1, 1), (-60, 1)),
        "dBW/Hz" => (POWER_DENSITY_LEVEL, (1, 1), (30, 1)),
        "dBW/MHz" => (POWER_DENSITY_LEVEL, (1, 1), (-30, 1)),
        "dBc/Hz" => (NOISE_LEVEL, (1, 1), (0, 1)),
        _ => return None,
    };
    Some(Alone {
        dimension,
        factor,
        offset,
    })
}

/// Whether a unit that measures this is a level, which has no smallest value.
pub(super) fn is_level(dimension: Dimension) -> bool {
    [LEVEL, POWER_LEVEL, POWER_DENSITY_LEVEL, NOISE_LEVEL].contains(&dimension)
}

/// Splits `mm2`, `mm^2` or `h^0.5` into the atom and its exponent in halves.
pub(super) fn atom_and_exponent(part: &str) -> Option<(Atom, i8)> {
    if let Some(atom) = find(part) {
        return Some((atom, 2));
    }
    let (symbol, halves) = if let Some((symbol, exponent)) = part.split_once('^') {
        let halves = match exponent {
            "0.5" => 1,
            "2" => 4,
            "3" => 6,
            _ => return None,
        };
        (symbol, halves)
    } else if let Some(symbol) = part.strip_suffix('2') {
        (symbol, 4)
    } else {
        (part.strip_suffix('3')?, 6)
    };
    find(symbol).map(|atom| (atom, halves))
}

fn find(symbol: &str) -> Option<Atom> {
    ATOMS.get(symbol).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{LINES, find, prefixed, spelling};

    #[test]
    fn every_symbol_means_one_thing_and_fits() {
        let mut seen = HashSet::new();
        for line in LINES {
            for prefix in line.prefixes.chars() {
                let symbol = spelling(line, prefix);
                let atom = prefixed(line, prefix).unwrap().unwrap();
                assert!(find(&symbol).is_some_and(|found| found.factor == atom.factor));
                assert!(seen.insert(symbol.clone()), "{symbol} is there twice");
            }
        }
    }
}
