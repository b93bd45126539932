//! OpenSanctions' entities as JSON lines: records of the Follow-the-Money model
//! (`{"id", "schema", "properties": {…}}`).

use std::collections::BTreeMap;

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::error::ListError;
use crate::gather::Gather;
use crate::json;
use crate::list_id::ListId;
use crate::ofac_xml::day;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::Element;

/// Schemata of parties. Others (`Address`, `Passport`, `Sanction`, `Ownership`, …) tell something
/// about parties and are put with them.
fn kind(schema: &str) -> Option<Kind> {
    Some(match schema {
        "Person" => Kind::Person,
        "Company" | "Organization" | "PublicBody" => Kind::Organisation,
        "LegalEntity" => Kind::Unknown,
        "Vessel" => Kind::Vessel,
        "Airplane" => Kind::Aircraft,
        _ => return None,
    })
}

/// Properties that identify, and our word for them.
const IDENTIFIERS: &[(&str, &str)] = &[
    ("idNumber", "ID number"),
    ("passportNumber", "Passport"),
    ("nationalId", "National ID"),
    ("socialSecurityNumber", "Social security number"),
    ("taxNumber", "Tax ID"),
    ("innCode", "INN"),
    ("ogrnCode", "OGRN"),
    ("kppCode", "KPP"),
    ("okpoCode", "OKPO"),
    ("bikCode", "BIK"),
    ("vatCode", "VAT number"),
    ("registrationNumber", "Registration number"),
    ("uscCode", "USCC"),
    ("leiCode", "LEI"),
    ("swiftBic", "SWIFT/BIC"),
    ("dunsCode", "D-U-N-S"),
    ("imoNumber", "IMO"),
    ("mmsi", "MMSI"),
    ("callSign", "Call sign"),
    ("serialNumber", "Serial number"),
    ("npiCode", "NPI"),
    ("uniqueEntityId", "UEI"),
    ("publicKey", "Digital currency address"),
];

/// Reads the entities.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::OpenSanctionsJsonl);
    let mut newest = String::new();
    let (mut parties, mut facts) = (Vec::new(), Vec::new());
    json::lines(&file.name, file.text()?, |record| {
        if let Some(kind) = kind(record.attribute("schema")) {
            for stamp in ["last_change", "last_seen"] {
                let day = day(record.attribute(stamp));
                newest = std::mem::take(&mut newest).max(day);
            }
            parties.push(party(&gather, &record, kind)?);
        } else {
            fact(&gather.file, &record)?;
            facts.push(record);
        }
        Ok(())
    })?;
    let places: BTreeMap<String, usize> = parties
        .iter()
        .enumerate()
        .map(|(index, party): (usize, &Party)| (party.record_id.clone(), index))
        .collect();
    for record in &facts {
        let holders: Vec<usize> = ["holder", "entity", "addressEntity"]
            .iter()
            .flat_map(|p| properties(record, p))
            .filter_map(|id| places.get(id).copied())
            .collect();
        if holders.is_empty() {
            let message = format!(
                "records of schema `{}` are no parties and were not read",
                record.attribute("schema")
            );
            gather.problem_once(record.line, &message);
        }
        for holder in holders {
            if let Some(party) = parties.get_mut(holder) {
                apply(party, record);
            }
        }
    }
    for party in parties {
        gather.party(party, 1);
    }
    gather.finish(&newest)
}

/// A record that is no party must at least be an entity: with an identifier and a schema.
fn fact(file: &str, record: &Element) -> Result<(), ListError> {
    for field in ["id", "schema"] {
        if record.attribute(field).is_empty() {
            return Err(ListError::Value {
                place: record.place(file),
                field: if field == "id" { "id" } else { "schema" },
                value: String::new(),
                expected: "an entity with `id`, `schema` and `properties`".to_owned(),
            });
        }
    }
    Ok(())
}

fn properties<'a>(record: &'a Element, name: &'a str) -> impl Iterator<Item = &'a str> {
    record
        .all("properties")
        .flat_map(move |p| p.all(name))
        .map(|e| e.text.as_str())
        .filter(|t| !t.is_empty())
}

fn country(code: &str) -> Option<CountryCode> {
    CountryCode::new(&code.to_ascii_uppercase())
}

fn party(gather: &Gather, record: &Element, kind: Kind) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    fact(file, record)?;
    let refuse = |expected: &str| ListError::Value {
        place: record.place(file),
        field: "name",
        value: String::new(),
        expected: expected.to_owned(),
    };
    let caption = record.attribute("caption");
    let name = properties(record, "name")
        .find(|n| *n == caption)
        .or_else(|| properties(record, "name").next())
        .or_else(|| Some(caption).filter(|c| !c.is_empty()))
        .ok_or_else(|| refuse("a property `name` or a caption"))?;
    let list = ListId::new("opensanctions").ok_or_else(|| refuse("opensanctions"))?;
    let source = Format::OpenSanctionsJsonl.source();
    let id = record.attribute("id");
    let mut party = Party::named(source, list, id, kind, name, gather.position(record.line));
    for (property, quality) in [
        ("name", Quality::Strong),
        ("alias", Quality::Strong),
        ("previousName", Quality::Strong),
        ("weakAlias", Quality::Weak),
        ("abbreviation", Quality::Weak),
    ] {
        for name in properties(record, property) {
            party.add_name(name, quality);
        }
    }
    for address in properties(record, "address") {
        party.add_address(&[address], None);
    }
    for property in [
        "country",
        "nationality",
        "citizenship",
        "jurisdiction",
        "flag",
        "mainCountry",
    ] {
        party
            .countries
            .extend(properties(record, property).filter_map(country));
    }
    for (property, word) in IDENTIFIERS {
        for value in properties(record, property) {
            party.add_identifier(word, value, None);
        }
    }
    party.births = properties(record, "birthDate")
        .map(BirthDate::parse)
        .collect();
    for gender in properties(record, "gender") {
        party.add_gender(gender);
    }
    let titles: Vec<&str> = properties(record, "title")
        .chain(properties(record, "position"))
        .collect();
    party.title = titles.join("; ");
    party.programmes = record
        .all("datasets")
        .map(|d| d.text.clone())
        .chain(properties(record, "program").map(str::to_owned))
        .collect();
    for topic in properties(record, "topics") {
        party.add_labelled("Topic", topic);
    }
    for place in properties(record, "birthPlace") {
        party.add_labelled("Place of birth", place);
    }
    for note in properties(record, "notes") {
        party.add_remark(note);
    }
    // One of OpenSanctions' exports nests what is about a party in the party.
    for nested in record.all("properties").flat_map(|p| &p.children) {
        if !nested.attribute("schema").is_empty() {
            apply(&mut party, nested);
        }
    }
    Ok(party)
}

/// What a record about a party adds to it.
fn apply(party: &mut Party, record: &Element) {
    let place = properties(record, "country").find_map(country);
    match record.attribute("schema") {
        "Address" => {
            for full in properties(record, "full") {
                party.add_address(&[full], place);
            }
        }
        "Passport" | "Identification" => {
            let kind = properties(record, "type")
                .next()
                .unwrap_or(record.attribute("schema"));
            for number in properties(record, "number") {
                party.add_identifier(kind, number, place);
            }
        }
        "Sanction" => {
            for programme in properties(record, "program") {
                party.add_programme(programme);
            }
            for (property, field) in [
                ("startDate", &mut party.listed_from),
                ("endDate", &mut party.listed_to),
            ] {
                if field.is_empty() {
                    properties(record, property)
                        .next()
                        .unwrap_or_default()
                        .clone_into(field);
                }
            }
        }
        schema => {
            let caption = record.attribute("caption").to_owned();
            let schema = schema.to_owned();
            party.add_labelled(&schema, &caption);
        }
    }
}
