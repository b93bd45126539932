//! The EU's consolidated list as CSV: a row for each name, address, birth, document or citizenship of
//! an entity, under names that are those of the XML's elements and attributes.

use std::collections::BTreeMap;

use crate::error::ListError;
use crate::eu;
use crate::gather::Gather;
use crate::read::{Format, Opened, Reading};
use crate::sheet::{Layout, Sheet};
use crate::table::Record;
use crate::xml::Element;

/// Elements of an entity, by the beginning of a column's name.
const PARTS: [(&str, &str); 5] = [
    ("namealias", "nameAlias"),
    ("address", "address"),
    ("birthdate", "birthdate"),
    ("identification", "identification"),
    ("citizenship", "citizenship"),
];

/// Attributes of those elements and of a regulation, by the rest of the column's name.
const ATTRIBUTES: [(&str, &str); 28] = [
    ("wholename", "wholeName"),
    ("firstname", "firstName"),
    ("middlename", "middleName"),
    ("lastname", "lastName"),
    ("gender", "gender"),
    ("title", "title"),
    ("function", "function"),
    ("remark", "remark"),
    ("city", "city"),
    ("street", "street"),
    ("pobox", "poBox"),
    ("zipcode", "zipCode"),
    ("region", "region"),
    ("place", "place"),
    ("countryiso2code", "countryIso2Code"),
    ("countrydescription", "countryDescription"),
    ("birthdate", "birthdate"),
    ("year", "year"),
    ("yearrangefrom", "yearRangeFrom"),
    ("yearrangeto", "yearRangeTo"),
    ("circa", "circa"),
    ("number", "number"),
    ("latinnumber", "latinNumber"),
    ("typecode", "identificationTypeCode"),
    ("typedescription", "identificationTypeDescription"),
    ("programme", "programme"),
    ("numbertitle", "numberTitle"),
    ("publicationdate", "publicationDate"),
];

/// Attributes of the entity itself.
const ENTITY: [(&str, &str); 6] = [
    ("logicalid", "logicalId"),
    ("eu_referencenumber", "euReferenceNumber"),
    ("unitednationid", "unitedNationId"),
    ("designationdate", "designationDate"),
    ("designationdetails", "designationDetails"),
    ("remark", "remark"),
];

/// Reads the list.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::EuFsfCsv);
    let layout = Layout {
        separator: ';',
        titles: 0,
        required: &["entity_logicalid", "namealias_wholename"],
        least: usize::MAX,
        name: "entity_logicalid",
    };
    let sheet = Sheet::read(file, &layout, &mut gather)?;
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    let mut entities: Vec<(Element, u64)> = Vec::new();
    for row in &sheet.rows {
        let id = sheet.cell(row, "entity_logicalid");
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
            let expected = "the number of the entity";
            return Err(sheet.refuse(row, "entity_logicalid", "identifier", expected));
        }
        let index = *at.entry(id.to_owned()).or_insert_with(|| {
            entities.push((entity(&sheet, row), 0));
            entities.len() - 1
        });
        if let Some((entity, rows)) = entities.get_mut(index) {
            *rows += 1;
            add(entity, &sheet, row);
        }
    }
    for (entity, rows) in &entities {
        let party = eu::party(&gather, entity)?;
        gather.party(party, *rows);
    }
    let day = sheet.rows.first();
    let day = day.map_or("", |row| sheet.cell(row, "filegenerationdate"));
    gather.finish(&crate::uk::uk_date(day))
}

/// What the first row says of the entity as such.
fn entity(sheet: &Sheet, row: &Record) -> Element {
    let place = row.place(&sheet.file, sheet.column("entity_logicalid"));
    let mut entity = Element {
        name: "sanctionEntity".to_owned(),
        line: place.line,
        column: place.column,
        ..Element::default()
    };
    for (column, name) in ENTITY {
        let text = sheet.cell(row, &format!("entity_{column}"));
        if !text.is_empty() {
            entity.attributes.push((name.to_owned(), text.to_owned()));
        }
    }
    // `P` in one column and `person` in the other; which is which varies.
    let said = [
        "entity_subjecttype",
        "entity_subjecttype_classificationcode",
    ];
    let said = said.map(|column| sheet.cell(row, column).to_ascii_lowercase());
    let code = match said.iter().map(String::as_str).find(|s| !s.is_empty()) {
        Some("p" | "person") => "person",
        Some("e" | "enterprise") => "enterprise",
        Some(other) => other,
        None => "",
    };
    entity.children.push(Element {
        name: "subjectType".to_owned(),
        attributes: vec![("code".to_owned(), code.to_owned())],
        line: place.line,
        column: place.column,
        ..Element::default()
    });
    entity
}

/// What a row adds to its entity.
fn add(entity: &mut Element, sheet: &Sheet, row: &Record) {
    let mut parts: BTreeMap<&str, Element> = BTreeMap::new();
    for (index, column) in sheet.header.iter().enumerate() {
        let text = row.text(index);
        let Some((part, rest)) = column.split_once('_').filter(|_| !text.is_empty()) else {
            continue;
        };
        let (name, rest) = match PARTS.iter().find(|(p, _)| *p == part) {
            Some((_, name)) => (*name, rest),
            None => match rest.strip_prefix("regulation_") {
                Some(rest) if part == "entity" => ("regulation", rest),
                _ => continue,
            },
        };
        if let Some((_, attribute)) = ATTRIBUTES.iter().find(|(a, _)| *a == rest) {
            let element = parts.entry(name).or_insert_with(|| Element {
                name: name.to_owned(),
                line: row.line,
                column: 1,
                ..Element::default()
            });
            element
                .attributes
                .push(((*attribute).to_owned(), text.to_owned()));
        }
    }
    entity.children.extend(parts.into_values());
}
