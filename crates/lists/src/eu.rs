//! The consolidated financial sanctions list of the European Union: its XML (`export`), and the
//! same records as JSON lines with snake-case names.

use crate::country::CountryCode;
use crate::error::ListError;
use crate::gather::Gather;
use crate::json;
use crate::list_id::ListId;
use crate::ofac_xml::day;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::{self, Element};

const KNOWN: &[&str] = &[
    "remark",
    "regulation",
    "subjectType",
    "nameAlias",
    "citizenship",
    "birthdate",
    "address",
    "identification",
];

/// Reads the XML.
pub(crate) fn read_xml(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::EuFsfXml);
    let frame = xml::read(&file.name, file.text()?, &["sanctionEntity"], |record| {
        gather.unknown_children(&record, KNOWN);
        let party = party(&gather, &record)?;
        gather.party(party, 1);
        Ok(())
    })?;
    gather.finish(&day(frame.attribute("generationDate")))
}

/// Reads the JSON lines.
pub(crate) fn read_lines(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::EuFsfJsonl);
    json::lines(&file.name, file.text()?, |mut record| {
        as_xml_names(&mut record);
        gather.unknown_children(&record, KNOWN);
        let party = party(&gather, &record)?;
        gather.party(party, 1);
        Ok(())
    })?;
    gather.finish("")
}

/// `name_aliases` as `nameAlias`, `eu_reference_number` as `euReferenceNumber`.
fn as_xml_names(element: &mut Element) {
    for (name, _) in &mut element.attributes {
        *name = camel(name);
    }
    for child in &mut element.children {
        child.name = match child.name.as_str() {
            "regulations" => "regulation".to_owned(),
            "name_aliases" => "nameAlias".to_owned(),
            "citizenships" => "citizenship".to_owned(),
            "birthdates" => "birthdate".to_owned(),
            "addresses" => "address".to_owned(),
            "identifications" => "identification".to_owned(),
            "regulation_summaries" => "regulationSummary".to_owned(),
            "remarks" => "remark".to_owned(),
            other => camel(other),
        };
        as_xml_names(child);
    }
}

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut chars = part.chars();
        camel.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        camel.push_str(chars.as_str());
    }
    camel
}

/// A text that the XML has as a child and the JSON as a member.
fn text<'a>(element: &'a Element, name: &'a str) -> impl Iterator<Item = &'a str> {
    let member = Some(element.attribute(name)).filter(|m| !m.is_empty());
    element.all(name).map(|c| c.text.as_str()).chain(member)
}

pub(crate) fn party(gather: &Gather, record: &Element) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let refuse =
        |element: &Element, field: &'static str, value: &str, expected: &str| ListError::Value {
            place: element.place(file),
            field,
            value: value.to_owned(),
            expected: expected.to_owned(),
        };
    let reference = match record.attribute("euReferenceNumber") {
        "" => record.attribute("logicalId"),
        reference => reference,
    };
    if reference.is_empty() {
        let expected = "a reference such as `EU.27.28`";
        return Err(refuse(record, "euReferenceNumber", "", expected));
    }
    let subject = record.child("subjectType").unwrap_or(record);
    let kind = match (
        subject.attribute("code"),
        subject.attribute("classificationCode"),
    ) {
        ("person", _) | (_, "P") => Kind::Person,
        ("enterprise", _) | (_, "E") => Kind::Organisation,
        (code, _) => return Err(refuse(subject, "subjectType", code, "person or enterprise")),
    };
    let named: Vec<(String, Quality)> = record
        .all("nameAlias")
        .map(|alias| (whole_name(alias), quality(alias)))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    // The list has no principal name; the first strong one stands for it.
    let primary = named
        .iter()
        .find(|(_, q)| *q == Quality::Strong)
        .or(named.first())
        .ok_or_else(|| refuse(record, "nameAlias", "", "at least one name"))?;
    let list = ListId::new("eu_fsf").ok_or_else(|| refuse(record, "list", "", "eu_fsf"))?;
    let mut party = Party::named(
        Format::EuFsfXml.source(),
        list,
        reference,
        kind,
        &primary.0,
        gather.position(record.line),
    );
    for (name, quality) in &named {
        party.add_name(name, *quality);
    }
    party.listed_from = day(record.attribute("designationDate"));
    let mut titles: Vec<&str> = Vec::new();
    for alias in record.all("nameAlias") {
        for field in ["title", "function"] {
            let title = alias.attribute(field);
            if !title.is_empty() && !titles.contains(&title) {
                titles.push(title);
            }
        }
        party.add_gender(alias.attribute("gender"));
        text(alias, "remark").for_each(|r| party.add_remark(r));
    }
    party.title = titles.join("; ");
    for regulation in record.all("regulation") {
        party.add_programme(regulation.attribute("programme"));
        party.add_citation(regulation.attribute("numberTitle"));
    }
    for item in record.all("citizenship") {
        party.countries.extend(country(item));
        party.add_labelled("Citizenship", item.attribute("countryDescription"));
    }
    record
        .all("birthdate")
        .for_each(|b| add_birth(&mut party, b));
    for address in record.all("address") {
        let parts = [
            "street",
            "poBox",
            "place",
            "city",
            "zipCode",
            "region",
            "countryDescription",
        ];
        let parts = parts.map(|p| address.attribute(p));
        let known = parts.map(|p| if p == "UNKNOWN" { "" } else { p });
        party.add_address(&known, country(address));
        text(address, "remark").for_each(|r| party.add_remark(r));
    }
    for id in record.all("identification") {
        let kind = match id.attribute("identificationTypeDescription") {
            "" => id.attribute("identificationTypeCode"),
            kind => kind,
        };
        for field in ["number", "latinNumber"] {
            party.add_identifier(kind, id.attribute(field), country(id));
        }
        text(id, "remark").for_each(|r| party.add_remark(r));
    }
    party.add_labelled("UN reference", record.attribute("unitedNationId"));
    party.add_remark(record.attribute("designationDetails"));
    text(record, "remark").for_each(|r| party.add_remark(r));
    Ok(party)
}

fn whole_name(alias: &Element) -> String {
    let whole = alias.attribute("wholeName");
    if !whole.is_empty() {
        return whole.to_owned();
    }
    let parts = ["firstName", "middleName", "lastName"].map(|p| alias.attribute(p));
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

fn quality(alias: &Element) -> Quality {
    match alias.attribute("strong") {
        "false" => Quality::Weak,
        _ => Quality::Strong,
    }
}

fn country(element: &Element) -> Option<CountryCode> {
    CountryCode::new(element.attribute("countryIso2Code"))
}

fn add_birth(party: &mut Party, birth: &Element) {
    let about = if birth.attribute("circa") == "true" {
        "circa "
    } else {
        ""
    };
    let (from, to) = (
        birth.attribute("yearRangeFrom"),
        birth.attribute("yearRangeTo"),
    );
    let year = birth.attribute("year");
    let date = if !birth.attribute("birthdate").is_empty() {
        birth.attribute("birthdate").to_owned()
    } else if !from.is_empty() && !to.is_empty() {
        format!("{from} to {to}")
    } else if !from.is_empty() || !to.is_empty() {
        format!("{from}{to}")
    } else {
        year.to_owned()
    };
    if !date.is_empty() {
        party.add_birth(&format!("{about}{date}"));
    }
    let parts = ["place", "city", "region", "countryDescription"].map(|p| birth.attribute(p));
    let parts: Vec<&str> = parts
        .into_iter()
        .filter(|p| !p.is_empty() && *p != "UNKNOWN")
        .collect();
    party.add_labelled("Place of birth", &parts.join(", "));
    text(birth, "remark").for_each(|r| party.add_remark(r));
}
