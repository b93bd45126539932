//! What OFAC writes into the remarks column: weak aliases, births, nationalities, documents.

use crate::country::CountryCode;
use crate::party::{Identifier, Party, Quality};

/// Documents and numbers, by the words that begin a remark. Longer words stand before their
/// beginnings.
const DOCUMENTS: &[&str] = &[
    "Russian State Individual Business Registration Number Pattern (OGRNIP)",
    "Aircraft Construction Number (also called L/N or S/N or F/N)",
    "Numero Unico de Identificacao Tributaria (NUIT)",
    "United Social Credit Code Certificate (USCCC)",
    "Afghan Money Service Provider License Number",
    "Aircraft Manufacturer's Serial Number (MSN)",
    "Global Intermediary Identification Number",
    "Dubai Chamber of Commerce Membership No.",
    "Registration Certificate Number (Dubai)",
    "Vessel Registration Identification IMO",
    "Cartilla de Servicio Militar Nacional",
    "Paraguayan tax identification number",
    "Certificate of Incorporation Number",
    "Public Security and Immigration No.",
    "British National Overseas Passport",
    "Central Registration System Number",
    "Seafarer's Identification Document",
    "Vessel Registration Identification",
    "Unified Social Credit Code (USCC)",
    "Business Registration Document #",
    "Economic Register Number (CBLS)",
    "Aircraft Serial Identification",
    "CNP (Personal Numerical Code)",
    "Istanbul Chamber of Comm. No.",
    "Turkish Identification Number",
    "Business Registration Number",
    "Military Registration Number",
    "Romanian Permanent Resident",
    "Chamber of Commerce Number",
    "Commercial Registry Number",
    "Digital Currency Address -",
    "National Foreign ID Number",
    "Public Registration Number",
    "Government Gazette Number",
    "Romanian Tax Registration",
    "Stateless Person Passport",
    "Birth Certificate Number",
    "Moroccan Personal ID No.",
    "Stateless Person ID Card",
    "Tazkira National ID Card",
    "Bosnian Personal ID No.",
    "Chinese Commercial Code",
    "MSB Registration Number",
    "Electoral Registry No.",
    "Matricula Mercantil No",
    "Registered Charity No.",
    "Travel Document Number",
    "Citizen's Card Number",
    "Identification Number",
    "Aircraft Tail Number",
    "Credencial electoral",
    "Driver's License No.",
    "Pilot License Number",
    "Diplomatic Passport",
    "Folio Mercantil No.",
    "Italian Fiscal Code",
    "Legal Entity Number",
    "Numero de Identidad",
    "Registration Number",
    "Tourism License No.",
    "Branch Unit Number",
    "UAE Identification",
    "Enterprise Number",
    "Organization Code",
    "Trade License No.",
    "UK Company Number",
    "Personal ID Card",
    "Residency Number",
    "Trademark number",
    "Business Number",
    "Immigration No.",
    "National ID No.",
    "Refugee ID Card",
    "Registration ID",
    "Company Number",
    "D-U-N-S Number",
    "SRE Permit No.",
    "Kenyan ID No.",
    "Permit Number",
    "Romanian C.R.",
    "V.A.T. Number",
    "VisaNumberID",
    "File Number",
    "Fiscal Code",
    "Cedula No.",
    "Serial No.",
    "Tax ID No.",
    "LE Number",
    "SWIFT/BIC",
    "BIK (RU)",
    "C.R. No.",
    "C.U.I.P.",
    "C.U.I.T.",
    "C.U.R.P.",
    "Passport",
    "License",
    "US FEIN",
    "C.I.F.",
    "C.I.N.",
    "C.U.I.",
    "D.N.I.",
    "I.F.E.",
    "N.I.E.",
    "N.I.F.",
    "R.F.C.",
    "NIT #",
    "RIF #",
    "RUC #",
    "ISIN",
    "MMSI",
    "RSIN",
    "RFC",
    "RTN",
    "SSN",
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
            party.add_name(name, Quality::Weak);
        } else if let Some(date) = part.strip_prefix("DOB ") {
            party.add_birth(date);
        } else if let Some(country) = part
            .strip_prefix("nationality ")
            .or_else(|| part.strip_prefix("citizen "))
        {
            party.countries.extend(CountryCode::of_name(country));
        } else if let Some(gender) = part.strip_prefix("Gender ") {
            party.add_gender(gender);
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

pub(crate) fn document(part: &str) -> Option<Identifier> {
    let (kind, rest) = DOCUMENTS
        .iter()
        .find_map(|d| Some((*d, part.strip_prefix(*d)?)))?;
    let rest = rest.strip_prefix(' ')?.trim();
    // `1037739877295 (Russia)`, sometimes without the space; other notes stand after a space too.
    let noted = rest.split_once('(').and_then(|(value, note)| {
        let country = note
            .split_once(')')
            .and_then(|(n, _)| CountryCode::of_name(n));
        (country.is_some() || value.ends_with(' ')).then_some((value.trim_end(), country))
    });
    let (value, country) = noted.unwrap_or((rest, None));
    // "Passport issued …" without a number is a remark, not an identifier.
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    (has_digit || kind == "SWIFT/BIC").then(|| Identifier {
        kind: kind.trim_end_matches(" -").to_owned(),
        value: value.to_owned(),
        country,
    })
}
