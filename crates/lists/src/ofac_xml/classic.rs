//! The classic layout.

use std::collections::BTreeMap;

use super::{
    add_birth, add_fact, add_words, day, kind, missing, number, provisional, publication, settle,
    town,
};
use crate::country::CountryCode;
use crate::error::ListError;
use crate::gather::Gather;
use crate::party::{Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::{self, Element, Frame};

const KNOWN: &[&str] = &[
    "uid",
    "firstName",
    "lastName",
    "title",
    "sdnType",
    "remarks",
    "programList",
    "idList",
    "akaList",
    "addressList",
    "nationalityList",
    "citizenshipList",
    "dateOfBirthList",
    "placeOfBirthList",
    "vesselInfo",
    "nspType",
    "fseType",
    "ssiType",
    "cisType",
    "plcType",
];

/// Reads the layout.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::OfacSdnXml);
    let mut seen = BTreeMap::new();
    let frame = xml::read(&file.name, file.text()?, &["sdnEntry"], |record| {
        gather.unknown_children(&record, KNOWN);
        let party = party(&gather, &record, &mut seen)?;
        gather.party(party, 1);
        Ok(())
    })?;
    check_count(&mut gather, &frame);
    let set = publication(&gather);
    let formats = [Format::OfacSdnXml, Format::OfacConsolidatedXml];
    settle(&mut gather, set, formats);
    gather.finish(&day(frame.text("publshInformation/Publish_Date")))
}

/// OFAC states how many records a file has. A complete document with another count has been edited
/// by someone: it is read, and said.
fn check_count(gather: &mut Gather, frame: &Frame) {
    let found = gather.records();
    let stated = frame.text("publshInformation/Record_Count");
    if !stated.is_empty() && stated != found.to_string() {
        gather.problem(
            0,
            format!(
                "the file states {stated} records and has {found}; it is not the complete list"
            ),
        );
    }
}

fn full_name(element: &Element) -> String {
    match (element.text_of("lastName"), element.text_of("firstName")) {
        (last, "") => last.to_owned(),
        ("", first) => first.to_owned(),
        (last, first) => format!("{last}, {first}"),
    }
}

fn party(
    gather: &Gather,
    record: &Element,
    seen: &mut BTreeMap<u64, u64>,
) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let place = record.place_of(file, "uid");
    let number = number(file, place.clone(), record.text_of("uid"), seen)?;
    let programmes: Vec<String> = record
        .within("programList", "program")
        .map(|p| p.text.clone())
        .collect();
    let name = full_name(record);
    if name.is_empty() {
        return Err(missing(file, record, "lastName"));
    }
    // Before the lists were joined, each had a word of its own: `nspType`, `fseType`, `ssiType`.
    let kind_element = record.children.iter().find(|c| c.name.ends_with("Type"));
    let kind_element = kind_element.unwrap_or(record);
    let list = provisional(&programmes).ok_or_else(|| missing(file, record, "programList"))?;
    let mut party = Party::named(
        Format::OfacSdnXml.source(),
        list,
        &number.to_string(),
        kind(file, kind_element, &kind_element.text)?,
        &name,
        gather.position(record.line),
    );
    party.programmes = programmes;
    record.text_of("title").clone_into(&mut party.title);
    for alias in record.within("akaList", "aka") {
        let quality = match alias.text_of("category") {
            "weak" => Quality::Weak,
            "strong" => Quality::Strong,
            other => {
                return Err(ListError::Value {
                    place: alias.place_of(file, "category"),
                    field: "alias category",
                    value: other.to_owned(),
                    expected: "strong or weak".to_owned(),
                });
            }
        };
        party.add_name(&full_name(alias), quality);
    }
    for address in record.within("addressList", "address") {
        let country = address.text_of("country");
        let town = town(
            address.text_of("city"),
            address.text_of("stateOrProvince"),
            address.text_of("postalCode"),
        );
        party.add_address(
            &[
                address.text_of("address1"),
                address.text_of("address2"),
                address.text_of("address3"),
                &town,
                country,
            ],
            CountryCode::of_name(country),
        );
    }
    for item in record.within("dateOfBirthList", "dateOfBirthItem") {
        add_birth(&mut party, item.text_of("dateOfBirth"));
    }
    for item in record.within("placeOfBirthList", "placeOfBirthItem") {
        add_words(&mut party, "POB", item.text_of("placeOfBirth"));
    }
    for (outer, inner, word) in [
        ("nationalityList", "nationality", "nationality"),
        ("citizenshipList", "citizenship", "citizen"),
    ] {
        for item in record.within(outer, inner) {
            let country = item.text_of("country");
            party.countries.extend(CountryCode::of_name(country));
            add_words(&mut party, word, country);
        }
    }
    for id in record.within("idList", "id") {
        let country = id.text_of("idCountry");
        let mut words = id.text_of("idNumber").to_owned();
        if !country.is_empty() {
            words.push_str(&format!(" ({country})"));
        }
        for (label, field) in [("issued", "issueDate"), ("expires", "expirationDate")] {
            if !id.text_of(field).is_empty() {
                words.push_str(&format!(" {label} {}", id.text_of(field)));
            }
        }
        add_fact(&mut party, id.text_of("idType"), &words);
    }
    if let Some(vessel) = record.child("vesselInfo") {
        add_vessel(&mut party, vessel);
    }
    party.add_remark(record.text_of("remarks"));
    Ok(party)
}

fn add_vessel(party: &mut Party, vessel: &Element) {
    party.add_identifier("Call sign", vessel.text_of("callSign"), None);
    party
        .countries
        .extend(CountryCode::of_name(vessel.text_of("vesselFlag")));
    for (label, field) in [
        ("Vessel type", "vesselType"),
        ("Vessel flag", "vesselFlag"),
        ("Vessel owner", "vesselOwner"),
        ("Tonnage", "tonnage"),
        ("Gross registered tonnage", "grossRegisteredTonnage"),
    ] {
        party.add_labelled(label, vessel.text_of(field));
    }
}
