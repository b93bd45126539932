//! Numbers as the regulation prints them: `1,000`, `1.5 × 10^-7`, `10 to the 9th`, `two`, `1/2`, with their units.

use super::spelled;
use crate::exact::{Decimal, Rational};
use crate::unit::Unit;

/// One printed number.
#[derive(Debug, Clone)]
pub(super) struct Printed {
    /// The value, without its unit.
    pub(super) value: Rational,
    /// What the unit may be; empty when none is printed or it is none of ours. `g` is a gram and an acceleration.
    pub(super) units: Vec<Unit>,
    /// The unit is that of the next number (`between 500 and 600 nm`); it may be none as well.
    pub(super) shared: bool,
    /// Written as a word (`two`): says less of a threshold than a figure does.
    pub(super) word: bool,
    /// Byte offset of its begin.
    pub(super) at: usize,
    /// Byte offset of its end, with the unit.
    pub(super) end: usize,
}

/// Every number of a text in order. References (`3A001.b`, `§ 742.6`, `22 CFR 121`, `Note 1`, CAS numbers) are left out.
pub(super) fn scan(text: &str) -> Vec<Printed> {
    let mut found: Vec<Printed> = Vec::new();
    let mut position = 0;
    while let Some(rest) = text.get(position..).filter(|rest| !rest.is_empty()) {
        let before = text.get(..position).unwrap_or_default();
        if let Some(length) = reference(before, rest) {
            position += length;
            continue;
        }
        match number(before, rest) {
            Some((value, length, word)) => {
                let after = rest.get(length..).unwrap_or_default();
                if after.starts_with(" CFR") || after.starts_with(" FR ") {
                    position += length;
                    continue;
                }
                let (units, consumed) = spelled::unit(after);
                let glued = after.starts_with(|c: char| c.is_alphabetic());
                let end = position + length + consumed;
                if !(units.is_empty() && glued) {
                    found.push(Printed {
                        value,
                        units,
                        shared: false,
                        word,
                        at: position,
                        end,
                    });
                }
                position = end.max(position + 1);
            }
            None => position += step(rest),
        }
    }
    share_units(text, &mut found);
    found
}

/// Past the first character; past the whole word when it is a letter.
fn step(rest: &str) -> usize {
    let mut characters = rest.chars();
    let first = characters.next().map_or(1, char::len_utf8);
    if rest.starts_with(|c: char| c.is_alphanumeric()) {
        rest.find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len())
    } else {
        first
    }
}

/// `20 kHz to 60 kHz` needs no help, `between 500 and 600 nm` does: a number without a unit takes that of the next one
/// when only a few words without a number stand between them.
fn share_units(text: &str, found: &mut [Printed]) {
    const NEAR: usize = 16;
    let mut next: Option<(Vec<Unit>, usize)> = None;
    for printed in found.iter_mut().rev() {
        if printed.units.is_empty() {
            if let Some((units, begin)) = &next
                && begin.saturating_sub(printed.end) <= NEAR
                && text
                    .get(printed.end..*begin)
                    .is_some_and(|between| !between.contains([';', '(', ')']))
            {
                printed.units.clone_from(units);
                printed.shared = true;
                next = Some((printed.units.clone(), printed.at));
            } else {
                next = None;
            }
        } else {
            next = Some((printed.units.clone(), printed.at));
        }
    }
}

/// The length of what looks like a number and points elsewhere.
fn reference(before: &str, rest: &str) -> Option<usize> {
    let starts_word = !before.ends_with(|c: char| c.is_alphanumeric());
    if !starts_word {
        return None;
    }
    if let Some(length) = super::against::cas_at(rest) {
        return Some(length);
    }
    let bytes = rest.as_bytes();
    // An entry code with its path.
    if let [a, b, c, d, e, ..] = bytes
        && a.is_ascii_digit()
        && (b'A'..=b'E').contains(b)
        && [c, d, e].iter().all(|b| b.is_ascii_digit())
    {
        return Some(until(rest, |c| !(c.is_ascii_alphanumeric() || c == '.')));
    }
    // Words that are followed by a number of a list, a rule or a standard.
    const LEADS: [&str; 34] = [
        "§",
        "CFR",
        "part ",
        "parts ",
        "Part ",
        "Parts ",
        "Note ",
        "Notes ",
        "note ",
        "Column ",
        "Category ",
        "Categories ",
        "paragraph ",
        "paragraphs ",
        "Supp. No.",
        "supplement no.",
        "Supplement No.",
        "Supplement no.",
        "supp. no.",
        "ISO ",
        "ISO/IEC ",
        "IEC ",
        "ANSI ",
        "ASTM ",
        "MIL-",
        "NIJ ",
        "Standard ",
        "AS",
        "DIN ",
        "JIS ",
        "ITU",
        "IEEE ",
        "Cat ",
        "FR ",
    ];
    let lead = LEADS.iter().find(|lead| rest.starts_with(**lead))?;
    let after = rest.get(lead.len()..)?;
    let spaces = after.len() - after.trim_start().len();
    let number = after.get(spaces..)?;
    let numbered = number.starts_with(|c: char| c.is_ascii_digit() || c == '(' || c == '.');
    let standard = ["MIL", "ISO", "ASTM"]
        .iter()
        .any(|name| lead.starts_with(name));
    if !(numbered || standard) {
        return None;
    }
    let length = until(number, |c: char| {
        !(c.is_ascii_alphanumeric() || matches!(c, '.' | '(' | ')' | '-' | ':' | '/' | '–'))
    });
    Some(lead.len() + spaces + length)
}

fn until(text: &str, stop: impl Fn(char) -> bool) -> usize {
    text.find(stop).unwrap_or(text.len())
}

/// A number at the begin of `rest`: its value, its length, and whether it is a word.
fn number(before: &str, rest: &str) -> Option<(Rational, usize, bool)> {
    // Part of a name (`CL-20`, `C-45`), of an exponent or of an index.
    let named = before
        .strip_suffix('-')
        .is_some_and(|name| name.ends_with(|c: char| c.is_alphabetic()));
    if named || before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '^' | '_')) {
        return None;
    }
    if let Some((value, length)) = spelled::number(rest) {
        return Some((value, length, true));
    }
    let negative = before.ends_with(['−', '-', '–', '‑'])
        && !before
            .trim_end_matches(['−', '-', '–', '‑'])
            .ends_with(|c: char| c.is_alphanumeric());
    let (value, length) = figure(rest)?;
    let value = if negative {
        Rational::ZERO.checked_sub(value).ok()?
    } else {
        value
    };
    Some((value, length, false))
}

/// `1,000.5`, `.50`, `1/2`, `10^9`, `5 × 10^3`, `10 to the 9th`, `2 million`.
fn figure(rest: &str) -> Option<(Rational, usize)> {
    let (mut value, mut length) = plain(rest)?;
    let after = |length: usize| rest.get(length..).unwrap_or_default();
    if let Some(exponent) = after(length).strip_prefix('^') {
        if let Some((power, digits)) = exponent_of(exponent) {
            value = value.checked_pow(power).ok()?;
            length += 1 + digits;
        }
    } else if let Some(denominator) = after(length).strip_prefix('/')
        && let Some((below, digits)) = plain(denominator)
        && !below.is_zero()
    {
        value = value.checked_div(below).ok()?;
        length += 1 + digits;
    } else if let Some((fraction, digits)) = mixed(after(length)) {
        value = value.checked_add(fraction).ok()?;
        length += digits;
    }
    if let Some((power, digits)) = times_ten(after(length)) {
        let ten = Rational::integer(10).checked_pow(power).ok()?;
        value = value.checked_mul(ten).ok()?;
        length += digits;
    } else if let Some((power, digits)) = to_the(after(length)) {
        value = value.checked_pow(power).ok()?;
        length += digits;
    } else if let Some((scale, digits)) = spelled::scale(after(length)) {
        value = value.checked_mul(scale).ok()?;
        length += digits;
    }
    Some((value, length))
}

/// Digits with commas every three and a fraction.
fn plain(rest: &str) -> Option<(Rational, usize)> {
    let mut digits = String::new();
    let mut length = until(rest, |c| !c.is_ascii_digit());
    digits.push_str(rest.get(..length)?);
    while let Some(group) = rest.get(length..).and_then(|r| r.strip_prefix(',')) {
        let width = until(group, |c| !c.is_ascii_digit());
        if width != 3 || digits.is_empty() {
            break;
        }
        digits.push_str(group.get(..3)?);
        length += 4;
    }
    if let Some(fraction) = rest.get(length..).and_then(|r| r.strip_prefix('.')) {
        let width = until(fraction, |c| !c.is_ascii_digit());
        if width > 0 {
            if digits.is_empty() {
                digits.push('0');
            }
            digits.push('.');
            digits.push_str(fraction.get(..width)?);
            length += 1 + width;
        }
    }
    let value = Decimal::parse(&digits)
        .and_then(Decimal::to_rational)
        .ok()?;
    Some((value, length))
}

/// ` 1/2` after a whole number.
fn mixed(rest: &str) -> Option<(Rational, usize)> {
    let fraction = rest.strip_prefix([' ', '-'])?;
    let (above, first) = plain(fraction)?;
    let (below, second) = plain(fraction.get(first..)?.strip_prefix('/')?)?;
    let value = above.checked_div(below).ok()?;
    (value < Rational::ONE).then_some((value, 2 + first + second))
}

/// `9`, `-7`, `−4`.
fn exponent_of(text: &str) -> Option<(i32, usize)> {
    let (negative, digits, sign) = match text.strip_prefix(['-', '−', '–']) {
        Some(digits) => (true, digits, text.len() - digits.len()),
        None => (false, text.strip_prefix('+').unwrap_or(text), 0),
    };
    let width = until(digits, |c| !c.is_ascii_digit());
    let power: i32 = digits.get(..width)?.parse().ok()?;
    (power <= 40).then_some((if negative { -power } else { power }, sign + width))
}

/// ` × 10^-7`, ` x 10^3`, ` · 10^3`.
fn times_ten(rest: &str) -> Option<(i32, usize)> {
    let tail = rest.trim_start();
    let tail = tail.strip_prefix(['×', 'x', 'X', '·', '*'])?.trim_start();
    let (power, width) = exponent_of(tail.strip_prefix("10^")?)?;
    let end = rest.len() - tail.len() + 3 + width;
    Some((power, end))
}

/// ` to the 9th`.
fn to_the(rest: &str) -> Option<(i32, usize)> {
    let tail = rest.strip_prefix(" to the ")?;
    let (power, width) = exponent_of(tail)?;
    let ordinal = tail.get(width..)?;
    let suffix = ["st", "nd", "rd", "th"]
        .iter()
        .any(|suffix| ordinal.starts_with(suffix));
    suffix.then_some((power, " to the ".len() + width + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        scan(text)
            .iter()
            .map(|p| {
                let unit = p.units.first().map_or("", |unit| unit.symbol());
                format!("{} {unit}", p.value.to_text(4)).trim().to_owned()
            })
            .collect()
    }

    #[test]
    fn numbers_are_read_as_printed() {
        for (text, expected) in [
            ("more than 1,500 terminals", vec!["1500"]),
            ("5 × 10^3 Gy (Si), or higher", vec!["5000 Gy"]),
            ("1.5 × 10^−7 m", vec!["0.00000015 m"]),
            ("less than 10 to the 9th operations", vec!["1000000000"]),
            ("two or more axes", vec!["2"]),
            ("thirty-five percent by weight", vec!["35 %"]),
            ("more than 25% nickel", vec!["25 %"]),
            ("1/2 inch", vec!["0.5 in"]),
            ("1 1/2 inches", vec!["1.5 in"]),
            (".50 inches (12.7 mm)", vec!["0.5 in", "12.7 mm"]),
            ("1.3 Giga Samples Per Second (GSPS)", vec!["1.3 GSPS"]),
            ("600 Mega Samples Per Second", vec!["600 MSPS"]),
            ("below 218 K (−55 °C)", vec!["218 K", "-55 degC"]),
            ("5 A/cm^2", vec!["5 A/cm2"]),
            ("5 × 10^13 n/cm^2", vec!["50000000000000"]),
            ("at 1,273.15K", vec!["1273.15 K"]),
            ("between 500 and 600 nm", vec!["500 nm", "600 nm"]),
            ("120 mm × 120 mm × 50 mm", vec!["120 mm", "120 mm", "50 mm"]),
            ("10-bit or more", vec!["10 bit"]),
            ("64-bit words", vec!["64 bit"]),
            ("0.1 kg per meter", vec!["0.1 kg/m"]),
            ("5 degrees per hour", vec!["5 deg/h"]),
            ("0.5 degree per square root hour", vec!["0.5 deg/h^0.5"]),
            ("70 kilowatts", vec!["70 kW"]),
            ("100 pounds per square inch", vec!["100 psi"]),
            ("2 million cycles", vec!["2000000"]),
            (
                "see 3A001.b.2 and § 742.6(a)(2), 22 CFR 121, Note 1, CAS 142-84-7",
                vec![],
            ),
            ("“CL 20” of ISO 230-2:2014", vec!["20"]),
            ("3 gigabytes per second", vec!["3 Gbyte/s"]),
            (
                "10^8 Rads (Si)/sec (5 × 10^6 Gy (Si)/sec);",
                vec!["100000000 rad/s", "5000000 Gy/s"],
            ),
            ("37 GBq (1 curie) per kg", vec!["37 GBq/kg"]),
            ("250 g of fluorine per hour", vec!["250 g/h"]),
            ("80 MeV-cm^2/mg", vec!["80 MeV*cm2/mg"]),
            ("2 × 10^-4 ohm cm", vec!["0.0002 ohm*cm"]),
            ("20 seconds of arc", vec!["20 arcsec"]),
            ("25 particles of 200 µm", vec!["25 um", "200 um"]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
