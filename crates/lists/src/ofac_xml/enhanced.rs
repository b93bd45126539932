//! The enhanced layout.

use std::collections::BTreeMap;

use super::{
    add_birth, add_fact, add_words, day, kind, missing, number, provisional, publication, settle,
    town,
};
use crate::country::CountryCode;
use crate::error::ListError;
use crate::gather::Gather;
use crate::ofac::{CONSOLIDATED, SDN};
use crate::party::{Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::{self, Element};

const KNOWN: &[&str] = &[
    "generalInfo",
    "sanctionsLists",
    "sanctionsPrograms",
    "sanctionsTypes",
    "legalAuthorities",
    "names",
    "addresses",
    "features",
    "identityDocuments",
    "relationships",
];

/// Reads the layout.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::OfacSdnEnhancedXml);
    let mut seen = BTreeMap::new();
    let frame = xml::read(&file.name, file.text()?, &["entities/entity"], |record| {
        gather.unknown_children(&record, KNOWN);
        let party = party(&gather, &record, &mut seen)?;
        gather.party(party, 1);
        Ok(())
    })?;
    let set = match frame.text("publicationInfo/filters/sanctionsLists/sanctionsList") {
        "SDN List" => &SDN,
        "Consolidated List" => &CONSOLIDATED,
        _ => publication(&gather),
    };
    let formats = [
        Format::OfacSdnEnhancedXml,
        Format::OfacConsolidatedEnhancedXml,
    ];
    settle(&mut gather, set, formats);
    gather.finish(&day(frame.text("publicationInfo/dataAsOf")))
}

fn party(
    gather: &Gather,
    record: &Element,
    seen: &mut BTreeMap<u64, u64>,
) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let action = record.attribute("action");
    if !action.is_empty() {
        return Err(ListError::Value {
            place: record.place(file),
            field: "action",
            value: action.to_owned(),
            expected: "an entity of the complete list, not of a file of changes".to_owned(),
        });
    }
    let number = number(file, record.place(file), record.attribute("id"), seen)?;
    let programmes: Vec<String> = record
        .within("sanctionsPrograms", "sanctionsProgram")
        .map(|p| p.text.clone())
        .collect();
    let general = record
        .child("generalInfo")
        .ok_or_else(|| missing(file, record, "generalInfo"))?;
    let primary = record
        .within("names", "name")
        .find(|n| n.text_of("isPrimary") == "true")
        .ok_or_else(|| missing(file, record, "name"))?;
    let name = primary
        .within("translations", "translation")
        .find(|t| t.text_of("isPrimary") == "true")
        .map(|t| t.text_of("formattedFullName"))
        .filter(|name| !name.is_empty())
        .ok_or_else(|| missing(file, primary, "formattedFullName"))?;
    let kind_element = general.child("entityType").unwrap_or(general);
    let list =
        provisional(&programmes).ok_or_else(|| missing(file, record, "sanctionsPrograms"))?;
    let mut party = Party::named(
        Format::OfacSdnEnhancedXml.source(),
        list,
        &number.to_string(),
        kind(file, kind_element, general.text_of("entityType"))?,
        name,
        gather.position(record.line),
    );
    party.programmes = programmes;
    general.text_of("title").clone_into(&mut party.title);
    party.citations = record
        .within("legalAuthorities", "legalAuthority")
        .map(|a| a.text.clone())
        .collect();
    // The day on this publication's own list; others that the party is on too come as remarks.
    for list in record.within("sanctionsLists", "sanctionsList") {
        add_words(
            &mut party,
            "List:",
            &format!("{} {}", list.text, list.attribute("datePublished")),
        );
    }
    party.listed_from = record
        .within("sanctionsLists", "sanctionsList")
        .map(|l| day(l.attribute("datePublished")))
        .filter(|day| !day.is_empty())
        .min()
        .unwrap_or_default();
    for name in record.within("names", "name") {
        let quality = match name.text_of("isLowQuality") {
            "true" => Quality::Weak,
            _ => Quality::Strong,
        };
        for translation in name.within("translations", "translation") {
            party.add_name(translation.text_of("formattedFullName"), quality);
        }
    }
    for address in record.within("addresses", "address") {
        add_address(&mut party, address);
    }
    for feature in record.within("features", "feature") {
        let (word, value) = (feature.text_of("type"), feature.text_of("value"));
        match word {
            "Gender" => {
                party.add_gender(value);
                add_words(&mut party, word, value);
            }
            "Birthdate" => add_birth(&mut party, value),
            "Place of Birth" => add_words(&mut party, "POB", value),
            "Nationality Country" | "Citizenship Country" => {
                party.countries.extend(CountryCode::of_name(value));
                let word = if word.starts_with('N') {
                    "nationality"
                } else {
                    "citizen"
                };
                add_words(&mut party, word, value);
            }
            "VESSEL FLAG" | "Vessel Flag" => {
                party.countries.extend(CountryCode::of_name(value));
                party.add_labelled("Vessel flag", value);
            }
            "VESSEL CALL SIGN" | "Vessel Call Sign" => {
                party.add_identifier("Call sign", value, None);
            }
            _ => add_fact(&mut party, word, value),
        }
        party.add_remark(feature.text_of("comments"));
    }
    for id in record.within("identityDocuments", "identityDocument") {
        let country = id.text_of("issuingCountry");
        let mut value = id.text_of("documentNumber").to_owned();
        if !country.is_empty() && !value.ends_with(')') {
            value.push_str(&format!(" ({country})"));
        }
        add_fact(&mut party, id.text_of("type"), &value);
    }
    for relation in record.within("relationships", "relationship") {
        add_words(
            &mut party,
            "Linked To:",
            &format!(
                "{} ({})",
                relation.text_of("relatedEntity"),
                relation.text_of("type")
            ),
        );
    }
    party.add_remark(general.text_of("remarks"));
    Ok(party)
}

fn add_address(party: &mut Party, address: &Element) {
    let country = address.text_of("country");
    for translation in address.within("translations", "translation") {
        let part = |wanted: &str| {
            translation
                .within("addressParts", "addressPart")
                .find(|p| p.text_of("type") == wanted)
                .map_or("", |p| p.text_of("value"))
        };
        // Where there is no country there may be a region; the other formats write `Region: Gaza`.
        let region = part("REGION");
        let country = match (country, region) {
            ("", region) if !region.is_empty() => format!("Region: {region}"),
            (country, _) => country.to_owned(),
        };
        let town = town(part("CITY"), part("STATE/PROVINCE"), part("POSTAL CODE"));
        party.add_address(
            &[
                part("ADDRESS1"),
                part("ADDRESS2"),
                part("ADDRESS3"),
                &town,
                &country,
            ],
            CountryCode::of_name(&country),
        );
    }
}
