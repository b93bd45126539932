//! Words for numbers and units: `two`, `million`, `kilograms`, `samples per second`, `°C`.

use crate::exact::Rational;
use crate::unit::Unit;

const SMALL: [(&str, i128); 30] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1000),
];

/// A number in words at the begin of a text, with its length.
pub(super) fn number(rest: &str) -> Option<(Rational, usize)> {
    let (first, length) = word(rest);
    let lower = first.to_ascii_lowercase();
    if lower == "half" {
        return Some((Rational::new(1, 2).ok()?, length));
    }
    if matches!(lower.as_str(), "hundred" | "thousand") {
        return None;
    }
    let value = small(&lower)?;
    // `thirty-five`, `one hundred`, `one-half`.
    let tail = rest.get(length..).unwrap_or_default();
    if let Some(second) = tail.strip_prefix(['-', ' ']) {
        let (next, width) = word(second);
        let next = next.to_ascii_lowercase();
        let more = match (small(&next), next.as_str()) {
            (_, "half") if value == 1 => Rational::new(1, 2).ok(),
            (_, "third") if value < 3 => Rational::new(value, 3).ok(),
            (Some(scale @ (100 | 1000)), _) => value.checked_mul(scale).map(Rational::integer),
            (Some(ones @ 1..=9), _) if value >= 20 && tail.starts_with('-') => {
                Some(Rational::integer(value + ones))
            }
            _ => None,
        };
        if let Some(value) = more {
            return Some((value, length + 1 + width));
        }
    }
    Some((Rational::integer(value), length))
}

fn small(word: &str) -> Option<i128> {
    SMALL
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, value)| *value)
}

/// ` million` after a figure.
pub(super) fn scale(rest: &str) -> Option<(Rational, usize)> {
    let tail = rest.strip_prefix(' ')?;
    let (name, length) = word(tail);
    let power = match name {
        "hundred" => 2,
        "thousand" => 3,
        "million" => 6,
        "billion" => 9,
        "trillion" => 12,
        _ => return None,
    };
    Some((Rational::power_of_ten(power).ok()?, 1 + length))
}

/// The letters at the begin of a text.
fn word(text: &str) -> (&str, usize) {
    let end = text
        .find(|c: char| !(c.is_alphabetic() || matches!(c, '%' | '°' | '′' | '″' | '√')))
        .unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), end)
}

/// The unit at the begin of a text (after a space or hyphen): what it may be, and the length of what was read.
pub(super) fn unit(text: &str) -> (Vec<Unit>, usize) {
    let trimmed = text.trim_start_matches([' ', '-', '‑']);
    let lead = text.len() - trimmed.len();
    if lead > 1 {
        return (Vec::new(), 0);
    }
    let Some((mut symbols, mut length)) = factor(trimmed) else {
        return (Vec::new(), 0);
    };
    if let Some((second, width)) = second_factor(trimmed.get(length..).unwrap_or_default()) {
        for symbol in &mut symbols {
            *symbol = format!("{symbol}*{second}");
        }
        length += width;
    }
    loop {
        let rest = trimmed.get(length..).unwrap_or_default();
        let Some((below, width)) = quotient(rest) else {
            break;
        };
        for symbol in &mut symbols {
            *symbol = format!("{symbol}/{below}");
        }
        length += width;
    }
    let units: Vec<Unit> = symbols
        .iter()
        .filter_map(|symbol| Unit::parse(symbol).ok())
        .collect();
    if units.is_empty() {
        // The first factor alone may be one of ours: `5 V per turn` is still a voltage to nobody, so nothing is said.
        return (Vec::new(), 0);
    }
    (units, lead + length)
}

/// `/s`, ` per second`, `·s^-1`: what divides.
fn quotient(rest: &str) -> Option<(String, usize)> {
    let skipped = between(rest);
    let lead = rest.len() - skipped.len();
    let tail = ["/", " / ", " per ", " Per ", "-per-", " a ", " an "]
        .iter()
        .find_map(|between| skipped.strip_prefix(between));
    if let Some(tail) = tail {
        let (symbols, width) = factor(tail)?;
        let below = symbols.into_iter().next()?;
        return Some((below, lead + skipped.len() - tail.len() + width));
    }
    // `s^-1` after another factor.
    let tail = skipped.strip_prefix([' ', '·', '-'])?;
    let (name, width) = word(tail);
    let exponent = tail.get(width..)?.strip_prefix(['^', '_'])?;
    let digits = exponent.strip_prefix(['-', '−'])?;
    let count = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let power = digits.get(..count)?;
    let symbol = atoms(name).into_iter().next()?;
    let below = if power == "1" {
        symbol
    } else {
        format!("{symbol}{power}")
    };
    let read = rest.len() - digits.len() + count;
    Some((below, read))
}

/// What may stand between a unit and what divides it: `Gy (Si)/s`, `GBq (1 curie) per kg`, `g of a gas per hour`.
fn between(rest: &str) -> &str {
    const FAR: usize = 28;
    let tail = rest.trim_start();
    if let Some(inside) = tail.strip_prefix('(')
        && let Some((inside, after)) = inside.split_once(')')
        && inside.len() <= FAR
        && !inside.contains('(')
    {
        return after;
    }
    if let Some(inside) = tail.strip_prefix("of ")
        && let Some(position) = inside.find(" per ").filter(|position| *position <= FAR)
        && let Some((_, after)) = inside.split_at_checked(position)
    {
        return after;
    }
    rest
}

/// `ohm cm`, `N·m`, `MeV-cm^2`: a second factor.
fn second_factor(rest: &str) -> Option<(String, usize)> {
    let tail = rest.strip_prefix([' ', '·', '•', '-'])?;
    let (name, mut length) = word(tail);
    if !["m", "cm", "mm", "s"].contains(&name) {
        return None;
    }
    let mut symbol = name.to_owned();
    if let Some(exponent) = tail.get(length..).and_then(|t| t.strip_prefix('^')) {
        let digits = exponent
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(exponent.len());
        if digits == 0 {
            return None;
        }
        symbol.push_str(exponent.get(..digits)?);
        length += 1 + digits;
    }
    Some((symbol, rest.len() - tail.len() + length))
}

/// One factor: a unit name with its exponent. Several symbols where the print does not tell them apart.
fn factor(text: &str) -> Option<(Vec<String>, usize)> {
    if let Some((length, symbol)) = phrase(text) {
        return Some((vec![symbol.to_owned()], length));
    }
    let (mut name, mut length) = word(text);
    if name == "√" || name.starts_with('√') {
        // `°/√hr`
        let (root, width) = word(text.get('√'.len_utf8()..)?);
        let symbol = atoms(root).into_iter().next()?;
        return Some((vec![format!("{symbol}^0.5")], '√'.len_utf8() + width));
    }
    // `square meter`, `Giga Samples`.
    let mut power = "";
    let mut prefix = None;
    let next = |length: usize| {
        let rest = text.get(length..)?;
        let tail = rest.strip_prefix([' ', '-'])?;
        let (name, width) = word(tail);
        Some((name, length + 1 + width))
    };
    match name.to_ascii_lowercase().as_str() {
        "square" => {
            power = "2";
            (name, length) = next(length)?;
            if name == "root" {
                power = "^0.5";
                (name, length) = next(length)?;
            }
        }
        "cubic" => {
            power = "3";
            (name, length) = next(length)?;
        }
        other => {
            if let Some(symbol) = prefix_symbol(other) {
                let rest = text.get(length..)?.strip_prefix([' ', '-'])?;
                if let Some((phrase, unit)) = phrase(rest) {
                    return Some((vec![format!("{symbol}{unit}")], length + 1 + phrase));
                }
                prefix = Some(symbol);
                (name, length) = next(length)?;
            }
        }
    }
    let mut symbols = atoms(name);
    if let Some(prefix) = prefix {
        for symbol in &mut symbols {
            *symbol = format!("{prefix}{symbol}");
        }
    }
    if symbols.is_empty() || (name == "in" && !inch(text, length)) {
        return None;
    }
    let rest = text.get(length..).unwrap_or_default();
    if power.is_empty()
        && let Some(exponent) = rest.strip_prefix(['^', '_'])
    {
        let (negative, digits) = match exponent.strip_prefix(['-', '−']) {
            Some(digits) => (true, digits),
            None => (false, exponent),
        };
        let count = digits
            .find(|c: char| !(c.is_ascii_digit() || c == '/'))
            .unwrap_or(digits.len());
        let power = digits.get(..count)?;
        if power.is_empty() || negative {
            return None;
        }
        let power = if power == "1/2" { "^0.5" } else { power };
        for symbol in &mut symbols {
            symbol.push_str(power);
        }
        length += rest.len() - digits.len() + count;
    } else if let Some(mark) = rest.chars().next().filter(|c| matches!(c, '²' | '³')) {
        for symbol in &mut symbols {
            symbol.push(if mark == '²' { '2' } else { '3' });
        }
        length += mark.len_utf8();
    } else {
        for symbol in &mut symbols {
            symbol.push_str(power);
        }
    }
    Some((symbols, length))
}

/// A unit of several words: its length and symbol.
fn phrase(text: &str) -> Option<(usize, &'static str)> {
    let (words, symbol) = PHRASES.iter().find(|(words, _)| {
        let head = text.get(..words.len());
        let rest = text.get(words.len()..).unwrap_or_default();
        head.is_some_and(|head| head.eq_ignore_ascii_case(words))
            && !rest.starts_with(|c: char| c.is_alphabetic())
    })?;
    Some((words.len(), symbol))
}

/// `in` is an inch only where no word follows.
fn inch(text: &str, length: usize) -> bool {
    let rest = text.get(length..).unwrap_or_default();
    rest.starts_with(['.', ')', '^', ';', ','])
}

const PHRASES: &[(&str, &str)] = &[
    ("samples per second", "SPS"),
    ("newton seconds", "N*s"),
    ("words per second", "SPS"),
    ("bits per second", "b/s"),
    ("bit per second", "b/s"),
    ("revolutions per minute", "rpm"),
    ("r.p.m.", "rpm"),
    ("parts per million", "ppm"),
    ("pounds per square inch", "psi"),
    ("per cent", "%"),
    ("percent", "%"),
    ("degrees Celsius", "degC"),
    ("degrees C", "degC"),
    ("degrees centigrade", "degC"),
    ("degrees Fahrenheit", "degF"),
    ("° C", "degC"),
    ("°C", "degC"),
    ("°F", "degF"),
    ("seconds of arc", "arcsec"),
    ("minutes of arc", "arcmin"),
    ("arc seconds", "arcsec"),
    ("arc-seconds", "arcsec"),
    ("arc second", "arcsec"),
    ("arc minutes", "arcmin"),
    ("arc minute", "arcmin"),
    ("nautical miles", "nmi"),
    ("mm Hg", "mmHg"),
    ("in. Hg", "inHg"),
    ("Weighted TeraFLOPS", "WT"),
    ("Gbits", "Gb"),
    ("Mbits", "Mb"),
];

/// Symbols for one word.
fn atoms(name: &str) -> Vec<String> {
    let fixed: &[&str] = match name {
        "%" => &["%"],
        "°" => &["deg"],
        "g" | "g's" => &["g", "gn"],
        "a" | "A" if name == "a" => &[],
        "d" | "u" | "t" | "b" => &[],
        "kbps" | "Mbps" | "Gbps" => return vec![name.to_owned()],
        "hr" | "hrs" => &["h"],
        "cc" => &["cm3"],
        "sec" => &["s"],
        "lbs" => &["lb"],
        "rads" | "Rads" | "rad" | "Rad" => &["rad", "rd"],
        "B" => &["B"],
        "Å" => &["angstrom"],
        "Ω" => &["ohm"],
        "″" => &["arcsec"],
        "′" => &["arcmin"],
        _ => &[],
    };
    if !fixed.is_empty() {
        return fixed.iter().map(|&symbol| symbol.to_owned()).collect();
    }
    if matches!(name, "a" | "d" | "u" | "t" | "b" | "") {
        return Vec::new();
    }
    let micro = name.replace(['µ', 'μ'], "u");
    if Unit::parse(&micro).is_ok() && !micro.bytes().any(|b| b.is_ascii_digit()) {
        return vec![micro];
    }
    let lower = name.to_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    for word in [lower.as_str(), singular] {
        if let Some(symbol) = base(word) {
            return vec![symbol.to_owned()];
        }
        let prefixed = PREFIXES.iter().find_map(|(prefix, symbol)| {
            let rest = word.strip_prefix(prefix)?;
            Some(format!("{symbol}{}", base(rest)?))
        });
        if let Some(symbol) = prefixed {
            return vec![symbol];
        }
    }
    Vec::new()
}

const PREFIXES: [(&str, &str); 12] = [
    ("femto", "f"),
    ("pico", "p"),
    ("nano", "n"),
    ("micro", "u"),
    ("milli", "m"),
    ("centi", "c"),
    ("deci", "d"),
    ("hecto", "h"),
    ("kilo", "k"),
    ("mega", "M"),
    ("giga", "G"),
    ("tera", "T"),
];

fn prefix_symbol(word: &str) -> Option<&'static str> {
    PREFIXES
        .iter()
        .find(|(prefix, _)| *prefix == word)
        .map(|(_, symbol)| *symbol)
}

fn base(word: &str) -> Option<&'static str> {
    Some(match word {
        "meter" | "metre" => "m",
        "micron" => "um",
        "gram" => "g",
        "second" => "s",
        "minute" => "min",
        "hour" => "h",
        "day" => "d",
        "watt" => "W",
        "volt" => "V",
        "ampere" | "amp" => "A",
        "farad" => "F",
        "henry" => "H",
        "hertz" => "Hz",
        "kelvin" => "K",
        "newton" => "N",
        "pascal" => "Pa",
        "bar" => "bar",
        "torr" => "Torr",
        "atmosphere" => "atm",
        "liter" | "litre" => "L",
        "gallon" => "gal",
        "inch" | "inche" => "in",
        "foot" | "feet" => "ft",
        "yard" => "yd",
        "mile" => "mi",
        "knot" => "kn",
        "pound" => "lb",
        "ounce" => "oz",
        "ton" | "tonne" => "t",
        "degree" => "deg",
        "radian" => "rad",
        "steradian" => "sr",
        "decibel" => "dB",
        "tesla" => "T",
        "gauss" => "gauss",
        "joule" => "J",
        "calorie" => "cal",
        "curie" => "Ci",
        "becquerel" => "Bq",
        "gray" => "Gy",
        "bit" => "bit",
        "byte" => "byte",
        "angstrom" => "angstrom",
        "ohm" => "ohm",
        "mole" => "mol",
        _ => return None,
    })
}
