//! OFAC's XML: the classic layout (`sdnList`) and the enhanced one (`sanctionsData`), SDN and
//! consolidated, in the old and the new namespace.
//!
//! The same party comes out as from the CSV set: one identifier, one list, the same names.

use std::collections::BTreeMap;

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::error::{ListError, Place};
use crate::gather::Gather;
use crate::ofac::{CONSOLIDATED, SDN, Set};
use crate::ofac_remarks::document;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::{self, Element, Frame};

/// Programmes that only the consolidated (non-SDN) list has.
fn only_consolidated(programme: &str) -> bool {
    matches!(
        programme,
        "NS-PLC" | "CMIC-EO13959" | "561-Related" | "561List" | "561LIST"
    ) || programme.starts_with("FSE-")
}

fn kind(file: &str, element: &Element, word: &str) -> Result<Kind, ListError> {
    Ok(match word {
        "Individual" => Kind::Person,
        "Entity" => Kind::Organisation,
        "Vessel" => Kind::Vessel,
        "Aircraft" => Kind::Aircraft,
        other => {
            return Err(ListError::Value {
                place: element.place(file),
                field: "type",
                value: other.to_owned(),
                expected: "Individual, Entity, Vessel or Aircraft".to_owned(),
            });
        }
    })
}

/// The list number of a record, checked to be a number that no record before it has.
fn number(
    file: &str,
    place: Place,
    text: &str,
    seen: &mut BTreeMap<u64, u64>,
) -> Result<u64, ListError> {
    let number = text.parse().map_err(|_| ListError::Value {
        place: place.clone(),
        field: "entity number",
        value: text.to_owned(),
        expected: "a whole number".to_owned(),
    })?;
    match seen.insert(number, place.line) {
        None => Ok(number),
        Some(first_line) => Err(ListError::DuplicateId {
            place: Place::line(file, place.line),
            field: "entity number",
            value: text.to_owned(),
            first_line,
        }),
    }
}

fn missing(file: &str, element: &Element, field: &'static str) -> ListError {
    ListError::Value {
        place: element.place(file),
        field,
        value: String::new(),
        expected: format!("an element `{field}` with text"),
    }
}

/// `12/31/2025` or `2025-12-31T…` as `2025-12-31`; nothing for anything else.
pub(crate) fn day(text: &str) -> String {
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [m, d, y] if digits(m, 2) && digits(d, 2) && digits(y, 4) => return format!("{y}-{m}-{d}"),
        _ => {}
    }
    match text.get(..10) {
        Some(day) if BirthDate::parse(day).span.is_some_and(|(a, b)| a == b) => day.to_owned(),
        _ => String::new(),
    }
}

fn full_name(element: &Element) -> String {
    match (element.text_of("lastName"), element.text_of("firstName")) {
        (last, "") => last.to_owned(),
        ("", first) => first.to_owned(),
        (last, first) => format!("{last}, {first}"),
    }
}

/// City, region and postal code as OFAC's CSV joins them: `Moscow 117420`, `Hebron, West Bank`.
fn town(city: &str, region: &str, postal: &str) -> String {
    let mut town: Vec<&str> = vec![city, region];
    town.retain(|p| !p.is_empty());
    let mut town = town.join(", ");
    if !postal.is_empty() {
        if !town.is_empty() {
            town.push(' ');
        }
        town.push_str(postal);
    }
    town
}

/// Which of the two publications: told by programmes that only one has, else by the file's name.
fn publication(
    file: &str,
    records: &[Element],
    programmes: impl Fn(&Element) -> Vec<String>,
) -> &'static Set {
    let named = file.to_ascii_lowercase().starts_with("cons");
    let tell = |r: &Element| programmes(r).iter().any(|p| only_consolidated(p));
    if named || records.iter().any(tell) {
        &CONSOLIDATED
    } else {
        &SDN
    }
}

/// Reads the classic layout.
pub(crate) fn read_classic(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut records = Vec::new();
    let frame = xml::read(&file.name, file.text()?, &["sdnEntry"], |e| {
        records.push(e);
        Ok(())
    })?;
    let programmes = |e: &Element| -> Vec<String> {
        e.within("programList", "program")
            .map(|p| p.text.clone())
            .collect()
    };
    let set = publication(&file.name, &records, programmes);
    let format = match set.format() {
        Format::OfacConsolidatedCsv => Format::OfacConsolidatedXml,
        _ => Format::OfacSdnXml,
    };
    let mut gather = Gather::new(file, format);
    let mut seen = BTreeMap::new();
    for record in &records {
        gather.unknown_children(
            record,
            &[
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
            ],
        );
        let party = classic_party(&gather, set, record, programmes(record), &mut seen)?;
        gather.party(party, 1);
    }
    check_count(&mut gather, &frame, records.len());
    gather.finish(&day(frame.text("publshInformation/Publish_Date")))
}

/// OFAC states how many records a file has. A complete document with another count has been edited
/// by someone: it is read, and said.
fn check_count(gather: &mut Gather, frame: &Frame, found: usize) {
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

fn classic_party(
    gather: &Gather,
    set: &Set,
    record: &Element,
    programmes: Vec<String>,
    seen: &mut BTreeMap<u64, u64>,
) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let place = record.place_of(file, "uid");
    let number = number(file, place.clone(), record.text_of("uid"), seen)?;
    let name = full_name(record);
    if name.is_empty() {
        return Err(missing(file, record, "lastName"));
    }
    // Before the lists were joined, each had a word of its own: `nspType`, `fseType`, `ssiType`.
    let kind_element = record.children.iter().find(|c| c.name.ends_with("Type"));
    let kind_element = kind_element.unwrap_or(record);
    let list = set
        .list(&programmes)
        .ok_or_else(|| missing(file, record, "programList"))?;
    let mut party = Party::named(
        set.format().source(),
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

fn add_words(party: &mut Party, label: &str, words: &str) {
    if !words.is_empty() {
        party.add_remark(&format!("{label} {words}"));
    }
}

fn add_birth(party: &mut Party, text: &str) {
    if !text.is_empty() {
        let birth = BirthDate::parse(text);
        if !party.births.contains(&birth) {
            party.births.push(birth);
        }
        add_words(party, "DOB", text);
    }
}

/// A document or another fact, as the CSV's remarks have it; documents become identifiers.
fn add_fact(party: &mut Party, word: &str, value: &str) {
    let words = format!("{word} {value}");
    if let Some(id) = document(&words) {
        party.add_identifier(&id.kind, &id.value, id.country);
    }
    party.add_remark(&words);
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

/// Reads the enhanced layout.
pub(crate) fn read_enhanced(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut records = Vec::new();
    let frame = xml::read(&file.name, file.text()?, &["entities/entity"], |e| {
        records.push(e);
        Ok(())
    })?;
    let stated = frame.text("publicationInfo/filters/sanctionsLists/sanctionsList");
    let programmes = |e: &Element| -> Vec<String> {
        e.within("sanctionsPrograms", "sanctionsProgram")
            .map(|p| p.text.clone())
            .collect()
    };
    let set = match stated {
        "SDN List" => &SDN,
        "Consolidated List" => &CONSOLIDATED,
        _ => publication(&file.name, &records, programmes),
    };
    let format = match set.format() {
        Format::OfacConsolidatedCsv => Format::OfacConsolidatedEnhancedXml,
        _ => Format::OfacSdnEnhancedXml,
    };
    let mut gather = Gather::new(file, format);
    let mut seen = BTreeMap::new();
    for record in &records {
        gather.unknown_children(
            record,
            &[
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
            ],
        );
        let party = enhanced_party(&gather, set, record, programmes(record), &mut seen)?;
        gather.party(party, 1);
    }
    gather.finish(&day(frame.text("publicationInfo/dataAsOf")))
}

fn enhanced_party(
    gather: &Gather,
    set: &Set,
    record: &Element,
    programmes: Vec<String>,
    seen: &mut BTreeMap<u64, u64>,
) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let number = number(file, record.place(file), record.attribute("id"), seen)?;
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
    let list = set
        .list(&programmes)
        .ok_or_else(|| missing(file, record, "sanctionsPrograms"))?;
    let mut party = Party::named(
        set.format().source(),
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
        enhanced_address(&mut party, address);
    }
    for feature in record.within("features", "feature") {
        let (word, value) = (feature.text_of("type"), feature.text_of("value"));
        match word {
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

fn enhanced_address(party: &mut Party, address: &Element) {
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
