//! The atoms of units: symbol, dimension and exact factor to base units.

use super::{BASES, Dimension};

/// One atom of a unit.
pub(super) struct Atom {
    pub(super) symbol: &'static str,
    pub(super) dimension: Dimension,
    /// Numerator and denominator of the factor to base units.
    pub(super) factor: (i128, i128),
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
const FLUX_DENSITY: Dimension = both(both(MASS, base(2, -2)), base(4, -1));

const K: i128 = 1_000;
const M: i128 = 1_000_000;
const G: i128 = 1_000_000_000;
const T: i128 = 1_000_000_000_000;
const P: i128 = 1_000_000_000_000_000;

const fn atom(
    symbol: &'static str,
    dimension: Dimension,
    numerator: i128,
    denominator: i128,
) -> Atom {
    Atom {
        symbol,
        dimension,
        factor: (numerator, denominator),
    }
}

static ATOMS: &[Atom] = &[
    atom("1", NUMBER, 1, 1),
    atom("%", NUMBER, 1, 100),
    atom("ppm", NUMBER, 1, M),
    atom("pm", LENGTH, 1, T),
    atom("nm", LENGTH, 1, G),
    atom("um", LENGTH, 1, M),
    atom("mm", LENGTH, 1, K),
    atom("cm", LENGTH, 1, 100),
    atom("m", LENGTH, 1, 1),
    atom("km", LENGTH, K, 1),
    atom("in", LENGTH, 254, 10_000),
    atom("ft", LENGTH, 3048, 10_000),
    atom("nmi", LENGTH, 1852, 1),
    atom("mL", VOLUME, 1, M),
    atom("L", VOLUME, 1, K),
    atom("l", VOLUME, 1, K),
    atom("ug", MASS, 1, G),
    atom("mg", MASS, 1, M),
    atom("g", MASS, 1, K),
    atom("kg", MASS, 1, 1),
    atom("t", MASS, K, 1),
    atom("lb", MASS, 45_359_237, 100_000_000),
    atom("ps", TIME, 1, T),
    atom("ns", TIME, 1, G),
    atom("us", TIME, 1, M),
    atom("ms", TIME, 1, K),
    atom("s", TIME, 1, 1),
    atom("min", TIME, 60, 1),
    atom("h", TIME, 3600, 1),
    atom("d", TIME, 86_400, 1),
    atom("mHz", FREQUENCY, 1, K),
    atom("Hz", FREQUENCY, 1, 1),
    atom("kHz", FREQUENCY, K, 1),
    atom("MHz", FREQUENCY, M, 1),
    atom("GHz", FREQUENCY, G, 1),
    atom("THz", FREQUENCY, T, 1),
    atom("mK", TEMPERATURE, 1, K),
    atom("K", TEMPERATURE, 1, 1),
    atom("mA", CURRENT, 1, K),
    atom("A", CURRENT, 1, 1),
    atom("kA", CURRENT, K, 1),
    atom("bit", DATA, 1, 1),
    atom("b", DATA, 1, 1),
    atom("kb", DATA, K, 1),
    atom("Mb", DATA, M, 1),
    atom("Gb", DATA, G, 1),
    atom("Tb", DATA, T, 1),
    atom("byte", DATA, 8, 1),
    atom("B", DATA, 8, 1),
    atom("kB", DATA, 8 * K, 1),
    atom("MB", DATA, 8 * M, 1),
    atom("GB", DATA, 8 * G, 1),
    atom("TB", DATA, 8 * T, 1),
    atom("SPS", SAMPLE_RATE, 1, 1),
    atom("kSPS", SAMPLE_RATE, K, 1),
    atom("MSPS", SAMPLE_RATE, M, 1),
    atom("GSPS", SAMPLE_RATE, G, 1),
    atom("TSPS", SAMPLE_RATE, T, 1),
    atom("deg", ANGLE, 1, 1),
    atom("arcmin", ANGLE, 1, 60),
    atom("arcsec", ANGLE, 1, 3600),
    atom("TPP", TPP, 1, 1),
    atom("MOPS", OPERATION_RATE, M, 1),
    atom("GOPS", OPERATION_RATE, G, 1),
    atom("TOPS", OPERATION_RATE, T, 1),
    atom("POPS", OPERATION_RATE, P, 1),
    atom("WT", WEIGHTED_TERAFLOPS, 1, 1),
    atom("VA", APPARENT_POWER, 1, 1),
    atom("kVA", APPARENT_POWER, K, 1),
    atom("MVA", APPARENT_POWER, M, 1),
    atom("u", ATOMIC_MASS, 1, 1),
    atom("Da", ATOMIC_MASS, 1, 1),
    atom("N", FORCE, 1, 1),
    atom("kN", FORCE, K, 1),
    atom("MN", FORCE, M, 1),
    atom("uPa", PRESSURE, 1, M),
    atom("mPa", PRESSURE, 1, K),
    atom("Pa", PRESSURE, 1, 1),
    atom("hPa", PRESSURE, 100, 1),
    atom("kPa", PRESSURE, K, 1),
    atom("MPa", PRESSURE, M, 1),
    atom("GPa", PRESSURE, G, 1),
    atom("mbar", PRESSURE, 100, 1),
    atom("bar", PRESSURE, 100_000, 1),
    atom("Torr", PRESSURE, 101_325, 760),
    atom("mJ", ENERGY, 1, K),
    atom("J", ENERGY, 1, 1),
    atom("kJ", ENERGY, K, 1),
    atom("MJ", ENERGY, M, 1),
    atom("uW", POWER, 1, M),
    atom("mW", POWER, 1, K),
    atom("W", POWER, 1, 1),
    atom("kW", POWER, K, 1),
    atom("MW", POWER, M, 1),
    // 550 ft lbf/s, exact by the definitions of the foot, the pound and standard gravity.
    atom("hp", POWER, 74_569_987_158_227_022, 100_000_000_000_000),
    atom("V", VOLTAGE, 1, 1),
    atom("kV", VOLTAGE, K, 1),
    atom("MV", VOLTAGE, M, 1),
    atom("mT", FLUX_DENSITY, 1, K),
    atom("T", FLUX_DENSITY, 1, 1),
];

/// Factor and offset to kelvin of the affine units.
pub(super) fn affine(symbol: &str) -> Option<((i128, i128), (i128, i128))> {
    match symbol {
        "degC" => Some(((1, 1), (27_315, 100))),
        "degF" => Some(((5, 9), (45_967, 180))),
        _ => None,
    }
}

/// Splits `mm2`, `mm^2` or `h^0.5` into the atom and its exponent in halves.
pub(super) fn atom_and_exponent(part: &str) -> Option<(&'static Atom, i8)> {
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

fn find(symbol: &str) -> Option<&'static Atom> {
    ATOMS.iter().find(|atom| atom.symbol == symbol)
}
