//! What OFAC writes into the remarks column: weak aliases, births, nationalities, documents.

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::party::{Identifier, Party, PartyName, Quality};

/// Documents and numbers, by the words that begin a remark. Longer words stand before their
/// beginnings.
const DOCUMENTS: &[&str] = &[
    "Vessel Registration Identification IMO",
    "Vessel Registration Identification",
    "Aircraft Construction Number (also called L/N or S/N or F/N)",
    "Aircraft Manufacturer's Serial Number (MSN)",
    "Aircraft Tail Number",
    "Diplomatic Passport",
    "Stateless Person Passport",
    "Passport",
    "Tax ID No.",
    "National ID No.",
    "National Foreign ID Number",
    "Identification Number",
    "Registration Number",
    "Registration ID",
    "Company Number",
    "Commercial Registry Number",
    "Business Registration Number",
    "Business Number",
    "Public Registration Number",
    "Unified Social Credit Code (USCC)",
    "Legal Entity Number",
    "Government Gazette Number",
    "Trade License No.",
    "V.A.T. Number",
    "D-U-N-S Number",
    "Personal ID Card",
    "Driver's License No.",
    "Cedula No.",
    "C.U.R.P.",
    "R.F.C.",
    "NIT #",
    "RUC #",
    "RIF #",
    "Folio Mercantil No.",
    "Matricula Mercantil No",
    "SWIFT/BIC",
    "MMSI",
    "Digital Currency Address -",
];

/// Adds what `party.remarks` tells to the party's fields. The remarks themselves stay.
pub(crate) fn apply(party: &mut Party) {
    let remarks = party.remarks.clone();
    for part in remarks
        .split(';')
        .map(|p| p.trim().trim_end_matches('.').trim())
    {
        let part = part.strip_prefix("alt. ").unwrap_or(part);
        if let Some(name) = quoted_alias(part) {
            if !party.names.iter().any(|n| n.text == name) {
                party.names.push(PartyName::new(name, Quality::Weak));
            }
        } else if let Some(date) = part.strip_prefix("DOB ") {
            party.births.push(BirthDate::parse(date));
        } else if let Some(country) = part
            .strip_prefix("nationality ")
            .or_else(|| part.strip_prefix("citizen "))
        {
            party.countries.extend(CountryCode::of_name(country));
        } else if let Some(identifier) = document(part) {
            party.identifiers.push(identifier);
        }
    }
}

/// `a.k.a. 'NAME'` (OFAC's form for weak aliases), also f.k.a. and n.k.a.
fn quoted_alias(part: &str) -> Option<&str> {
    let rest = ["a.k.a. ", "f.k.a. ", "n.k.a. "]
        .iter()
        .find_map(|p| part.strip_prefix(p))?;
    let name = rest.trim().strip_prefix('\'')?.strip_suffix('\'')?.trim();
    (!name.is_empty()).then_some(name)
}

fn document(part: &str) -> Option<Identifier> {
    let (kind, rest) = DOCUMENTS
        .iter()
        .find_map(|d| Some((*d, part.strip_prefix(*d)?)))?;
    let rest = rest.strip_prefix(' ')?.trim();
    let (value, country) = match rest.split_once(" (") {
        Some((value, note)) => (
            value,
            note.split_once(')')
                .and_then(|(name, _)| CountryCode::of_name(name)),
        ),
        None => (rest, None),
    };
    // "Passport issued …" without a number is a remark, not an identifier.
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    (has_digit || kind == "SWIFT/BIC").then(|| Identifier {
        kind: kind.trim_end_matches(" -").to_owned(),
        value: value.to_owned(),
        country,
    })
}
