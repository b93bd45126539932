//! The XML of the UK Sanctions List.

use super::{birth, country, is_primary, joined, kind, quality, uk_date};
use crate::error::ListError;
use crate::gather::Gather;
use crate::list_id::ListId;
use crate::party::{Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::{self, Element};

const KNOWN: &[&str] = &[
    "LastUpdated",
    "DateDesignated",
    "UniqueID",
    "OFSIGroupID",
    "UNReferenceNumber",
    "Names",
    "NonLatinNames",
    "Titles",
    "RegimeName",
    "IndividualEntityShip",
    "DesignationSource",
    "SanctionsImposed",
    "SanctionsImposedIndicators",
    "OtherInformation",
    "UKStatementofReasons",
    "Addresses",
    "PhoneNumbers",
    "EmailAddresses",
    "Websites",
    "IndividualDetails",
    "EntityDetails",
    "ShipDetails",
];

/// Reads the list.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::UkSanctionsListXml);
    let frame = xml::read(&file.name, file.text()?, &["Designation"], |record| {
        gather.unknown_children(&record, KNOWN);
        let party = party(&gather, &record)?;
        gather.party(party, 1);
        Ok(())
    })?;
    gather.finish(&uk_date(frame.text("DateGenerated")))
}

/// Every element `name` at any depth below `element`.
fn below<'a>(element: &'a Element, name: &str, found: &mut Vec<&'a Element>) {
    for child in &element.children {
        if child.name == name {
            found.push(child);
        }
        below(child, name, found);
    }
}

fn all<'a>(element: &'a Element, name: &str) -> Vec<&'a Element> {
    let mut found = Vec::new();
    below(element, name, &mut found);
    found
}

fn party(gather: &Gather, record: &Element) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let refuse = |field: &'static str, expected: &str| ListError::Value {
        place: record.place_of(file, field),
        field,
        value: record.text_of(field).to_owned(),
        expected: expected.to_owned(),
    };
    let id = record.text_of("UniqueID");
    if id.is_empty() {
        return Err(refuse("UniqueID", "an identifier such as `AFG0001`"));
    }
    let kind = kind(record.text_of("IndividualEntityShip"))
        .ok_or_else(|| refuse("IndividualEntityShip", "Individual, Entity or Ship"))?;
    let names: Vec<(String, bool, Quality)> = record
        .within("Names", "Name")
        .map(|n| {
            let name = joined(|part| match part {
                "1" => n.text_of("Name1"),
                "2" => n.text_of("Name2"),
                "3" => n.text_of("Name3"),
                "4" => n.text_of("Name4"),
                "5" => n.text_of("Name5"),
                _ => n.text_of("Name6"),
            });
            let primary = is_primary(n.text_of("NameType"));
            (name, primary, quality(n.text_of("AliasStrength")))
        })
        .filter(|(name, ..)| !name.is_empty())
        .collect();
    let primary = names
        .iter()
        .find(|(_, primary, _)| *primary)
        .or(names.first())
        .ok_or_else(|| refuse("Names", "at least one name"))?;
    let list = ListId::new("uk_sanctions").ok_or_else(|| refuse("Names", "a known list"))?;
    let source = Format::UkSanctionsListXml.source();
    let position = gather.position(record.line);
    let mut party = Party::named(source, list, id, kind, &primary.0, position);
    for (name, _, quality) in &names {
        party.add_name(name, *quality);
    }
    for name in all(record, "NameNonLatinScript") {
        party.add_name(&name.text, Quality::Strong);
    }
    for address in record.within("Addresses", "Address") {
        let place = address.text_of("AddressCountry");
        let parts = [
            "AddressLine1",
            "AddressLine2",
            "AddressLine3",
            "AddressLine4",
            "AddressLine5",
            "AddressLine6",
            "AddressPostalCode",
            "AddressCountry",
        ];
        party.add_address(&parts.map(|p| address.text_of(p)), country(place));
    }
    party.births = all(record, "DOB")
        .into_iter()
        .map(|d| birth(&d.text))
        .collect();
    for name in ["Nationality", "CurrentBelievedFlagOfShip"] {
        for place in all(record, name) {
            party.countries.extend(country(&place.text));
        }
    }
    for gender in all(record, "Gender") {
        party.add_gender(&gender.text);
    }
    for (kind, element) in [
        ("Passport", "PassportNumber"),
        ("National identification number", "NationalIdentifierNumber"),
        ("Business registration number", "BusinessRegistrationNumber"),
        ("IMO", "IMONumber"),
        ("UN reference", "UNReferenceNumber"),
        ("OFSI group", "OFSIGroupID"),
    ] {
        for number in all(record, element) {
            party.add_identifier(kind, &number.text, None);
        }
    }
    let titles: Vec<&str> = all(record, "Title")
        .into_iter()
        .chain(all(record, "Position"))
        .map(|t| t.text.as_str())
        .filter(|t| !t.is_empty())
        .collect();
    party.title = titles.join("; ");
    party.programmes = Some(record.text_of("RegimeName").to_owned())
        .filter(|r| !r.is_empty())
        .into_iter()
        .collect();
    party.listed_from = uk_date(record.text_of("DateDesignated"));
    for (label, element) in [
        ("Town of birth", "TownOfBirth"),
        ("Country of birth", "CountryOfBirth"),
        ("Gender", "Gender"),
        ("Flag", "CurrentBelievedFlagOfShip"),
        ("Type of ship", "TypeOfShip"),
        ("Owner", "CurrentOwnerOperator"),
        ("Sanctions imposed", "SanctionsImposed"),
        ("Other information", "OtherInformation"),
        ("Statement of reasons", "UKStatementofReasons"),
    ] {
        for e in all(record, element) {
            party.add_labelled(label, &e.text);
        }
    }
    Ok(party)
}
