//! The consolidated list of the United Nations Security Council (XML).

use crate::country::CountryCode;
use crate::error::{ListError, Place};
use crate::gather::Gather;
use crate::list_id::ListId;
use crate::ofac_xml::day;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::{self, Element};

const PERSON: &str = "INDIVIDUAL";

/// Children of a record, without the `INDIVIDUAL_` or `ENTITY_` before some of them.
const KNOWN: &[&str] = &[
    "DATAID",
    "VERSIONNUM",
    "FIRST_NAME",
    "SECOND_NAME",
    "THIRD_NAME",
    "FOURTH_NAME",
    "UN_LIST_TYPE",
    "REFERENCE_NUMBER",
    "LISTED_ON",
    "GENDER",
    "SUBMITTED_BY",
    "COMMENTS1",
    "NAME_ORIGINAL_SCRIPT",
    "NATIONALITY",
    "NATIONALITY2",
    "LIST_TYPE",
    "LAST_DAY_UPDATED",
    "DESIGNATION",
    "TITLE",
    "SORT_KEY",
    "SORT_KEY_LAST_MOD",
    "DELISTED_ON",
    "INDIVIDUAL_ALIAS",
    "INDIVIDUAL_ADDRESS",
    "INDIVIDUAL_DATE_OF_BIRTH",
    "INDIVIDUAL_PLACE_OF_BIRTH",
    "INDIVIDUAL_DOCUMENT",
    "ENTITY_ALIAS",
    "ENTITY_ADDRESS",
];

/// Reads the list.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::UnScXml);
    let paths = ["INDIVIDUALS/INDIVIDUAL", "ENTITIES/ENTITY"];
    let frame = xml::read(&file.name, file.text()?, &paths, |record| {
        gather.unknown_children(&record, KNOWN);
        let party = party(&gather, &record)?;
        gather.party(party, 1);
        Ok(())
    })?;
    gather.finish(&day(frame.attribute("dateGenerated")))
}

fn party(gather: &Gather, record: &Element) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let value = |field: &'static str, place: Place, expected: &str| ListError::Value {
        place,
        field,
        value: record.text_of(field).to_owned(),
        expected: expected.to_owned(),
    };
    let parts: Vec<&str> = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"]
        .iter()
        .map(|part| record.text_of(part))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        return Err(value(
            "FIRST_NAME",
            record.place(file),
            "the name of the party",
        ));
    }
    let reference = match record.text_of("REFERENCE_NUMBER") {
        "" => record.text_of("DATAID"),
        reference => reference,
    };
    if reference.is_empty() {
        let expected = "the reference number, such as `QDi.237`";
        return Err(value("REFERENCE_NUMBER", record.place(file), expected));
    }
    let person = record.name == PERSON;
    let list = ListId::new("un_sc").ok_or_else(|| value("UN_LIST_TYPE", record.place(file), ""))?;
    let kind = if person {
        Kind::Person
    } else {
        Kind::Organisation
    };
    let position = gather.position(record.line);
    let name = parts.join(" ");
    let mut party = Party::named(
        Format::UnScXml.source(),
        list,
        reference,
        kind,
        &name,
        position,
    );
    party.add_gender(record.text_of("GENDER"));
    party.listed_from = day(record.text_of("LISTED_ON"));
    party.programmes = Some(record.text_of("UN_LIST_TYPE"))
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .into_iter()
        .collect();
    let (alias, address) = if person {
        ("INDIVIDUAL_ALIAS", "INDIVIDUAL_ADDRESS")
    } else {
        ("ENTITY_ALIAS", "ENTITY_ADDRESS")
    };
    party.add_name(record.text_of("NAME_ORIGINAL_SCRIPT"), Quality::Strong);
    for alias in record.all(alias) {
        let quality = match alias.text_of("QUALITY") {
            "Low" => Quality::Weak,
            "Good" | "a.k.a." | "f.k.a." | "" => Quality::Strong,
            other => {
                return Err(ListError::Value {
                    place: alias.place_of(file, "QUALITY"),
                    field: "QUALITY",
                    value: other.to_owned(),
                    expected: "Good, Low, a.k.a. or f.k.a.".to_owned(),
                });
            }
        };
        party.add_name(alias.text_of("ALIAS_NAME"), quality);
        add_birth(&mut party, "", alias.text_of("DATE_OF_BIRTH"));
        party.add_labelled("Alias note", alias.text_of("NOTE"));
    }
    let titles: Vec<&str> = record
        .within("TITLE", "VALUE")
        .chain(record.within("DESIGNATION", "VALUE"))
        .map(|v| v.text.as_str())
        .filter(|v| !v.is_empty())
        .collect();
    party.title = titles.join("; ");
    for country in record.within("NATIONALITY", "VALUE") {
        party.countries.extend(CountryCode::of_name(&country.text));
        party.add_labelled("Nationality", &country.text);
    }
    for address in record.all(address) {
        let parts = ["STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY"];
        let parts = parts.map(|p| address.text_of(p));
        party.add_address(&parts, CountryCode::of_name(address.text_of("COUNTRY")));
        party.add_labelled("Address note", address.text_of("NOTE"));
    }
    for birth in record.all("INDIVIDUAL_DATE_OF_BIRTH") {
        let about = match birth.text_of("TYPE_OF_DATE") {
            "APPROXIMATELY" => "circa ",
            _ => "",
        };
        let (from, to) = (birth.text_of("FROM_YEAR"), birth.text_of("TO_YEAR"));
        if !from.is_empty() && !to.is_empty() {
            add_birth(&mut party, about, &format!("{from} to {to}"));
        } else if birth.text_of("DATE").is_empty() {
            add_birth(&mut party, about, birth.text_of("YEAR"));
        } else {
            add_birth(&mut party, about, birth.text_of("DATE"));
        }
        party.add_labelled("Birth note", birth.text_of("NOTE"));
    }
    for place in record.all("INDIVIDUAL_PLACE_OF_BIRTH") {
        let parts = ["STREET", "CITY", "STATE_PROVINCE", "COUNTRY", "NOTE"];
        let parts: Vec<&str> = parts
            .iter()
            .map(|p| place.text_of(p))
            .filter(|p| !p.is_empty())
            .collect();
        party.add_labelled("Place of birth", &parts.join(", "));
    }
    for document in record.all("INDIVIDUAL_DOCUMENT") {
        add_document(&mut party, document);
    }
    party.add_labelled("Gender", record.text_of("GENDER"));
    party.add_remark(record.text_of("COMMENTS1"));
    Ok(party)
}

fn add_birth(party: &mut Party, about: &str, date: &str) {
    if date.is_empty() {
        return;
    }
    party.add_birth(&format!("{about}{date}"));
}

fn add_document(party: &mut Party, document: &Element) {
    let kind: Vec<&str> = ["TYPE_OF_DOCUMENT", "TYPE_OF_DOCUMENT2"]
        .iter()
        .map(|t| document.text_of(t))
        .filter(|t| !t.is_empty())
        .collect();
    let country = ["ISSUING_COUNTRY", "COUNTRY_OF_ISSUE"]
        .iter()
        .find_map(|c| CountryCode::of_name(document.text_of(c)));
    party.add_identifier(&kind.join(", "), document.text_of("NUMBER"), country);
    party.add_labelled("Document note", document.text_of("NOTE"));
}
