//! Canada's consolidated list under the Special Economic Measures Act (XML).

use crate::error::ListError;
use crate::gather::Gather;
use crate::list_id::ListId;
use crate::ofac_xml::day;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::xml::{self, Element};

const KNOWN: &[&str] = &[
    "Country",
    "LastName",
    "GivenName",
    "Schedule",
    "Item",
    "DateOfListing",
    "DateOfBirthOrShipBuildDate",
    "Aliases",
    "EntityOrShip",
    "TitleOrShip",
    "ShipIMONumber",
    // Until ships were listed.
    "Entity",
    "DateOfBirth",
    "Title",
];

/// The text of an element under today's name or the one it had before ships were listed.
fn either<'a>(record: &'a Element, today: &str, before: &str) -> &'a str {
    match record.text_of(today) {
        "" => record.text_of(before),
        text => text,
    }
}

/// Reads the list.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::CaSemaXml);
    xml::read(&file.name, file.text()?, &["record"], |record| {
        gather.unknown_children(&record, KNOWN);
        let party = party(&gather, &record)?;
        gather.party(party, 1);
        Ok(())
    })?;
    gather.finish("")
}

fn party(gather: &Gather, record: &Element) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let refuse = |field: &'static str, expected: &str| ListError::Value {
        place: record.place_of(file, field),
        field,
        value: record.text_of(field).to_owned(),
        expected: expected.to_owned(),
    };
    let (last, given) = (record.text_of("LastName"), record.text_of("GivenName"));
    let imo = record.text_of("ShipIMONumber");
    let entity = either(record, "EntityOrShip", "Entity");
    let (kind, name) = match (entity, last, given) {
        ("", "", "") => return Err(refuse("EntityOrShip", "a name here or in LastName")),
        ("", last, "") => (Kind::Person, last.to_owned()),
        ("", "", given) => (Kind::Person, given.to_owned()),
        ("", last, given) => (Kind::Person, format!("{last}, {given}")),
        (entity, _, _) if imo.is_empty() => (Kind::Organisation, entity.to_owned()),
        (entity, _, _) => (Kind::Vessel, entity.to_owned()),
    };
    // The regulation, named by a country or a subject; it says nothing of where the party is.
    let regulation = record.text_of("Country");
    if regulation.is_empty() {
        return Err(refuse("Country", "the regulation that lists the party"));
    }
    let (schedule, item) = (record.text_of("Schedule"), record.text_of("Item"));
    let short = regulation.split(" / ").next().unwrap_or(regulation);
    let id = format!("{short}/{schedule}/{item}");
    let list = ListId::new("ca_sema").ok_or_else(|| refuse("Country", "ca_sema"))?;
    let source = Format::CaSemaXml.source();
    let mut party = Party::named(source, list, &id, kind, &name, gather.position(record.line));
    party.programmes.push(regulation.to_owned());
    party.listed_from = day(record.text_of("DateOfListing"));
    for alias in aliases(record.text_of("Aliases")) {
        party.add_name(&alias, Quality::Strong);
    }
    let date = either(record, "DateOfBirthOrShipBuildDate", "DateOfBirth");
    let title = either(record, "TitleOrShip", "Title");
    if kind == Kind::Person {
        party.add_birth(date);
        title.clone_into(&mut party.title);
    } else {
        party.add_labelled("Built", date);
        party.add_labelled("Type", title);
    }
    if !imo.is_empty() {
        party.add_identifier("IMO", imo, None);
    }
    party.add_labelled("Schedule", schedule);
    party.add_labelled("Item", item);
    // As published, since a comma may separate aliases or stand inside one.
    party.add_labelled("Aliases", record.text_of("Aliases"));
    Ok(party)
}

/// The aliases in one text. Semicolons and ` / ` always separate; commas where a language is named
/// or no part is a legal form; line breaks are where the page was narrow.
fn aliases(text: &str) -> Vec<String> {
    const LANGUAGES: [&str; 5] = [
        "Belarusian:",
        "Belarussian:",
        "Russian:",
        "Ukrainian:",
        "Persian:",
    ];
    let mut found = Vec::new();
    for part in text.split(';').flat_map(|p| p.split(" / ")) {
        let parts: Vec<&str> = if separated_by_commas(part) {
            part.split(',').collect()
        } else {
            vec![part]
        };
        for alias in parts {
            let mut alias = alias.split_whitespace().collect::<Vec<_>>().join(" ");
            for language in LANGUAGES {
                if let Some(rest) = alias.strip_prefix(language) {
                    alias = rest.trim().to_owned();
                }
            }
            if !alias.is_empty() {
                found.push(alias);
            }
        }
    }
    found
}

/// True where every part between commas has several words and none is a legal form or a number:
/// `Acme Trading Co., Ltd.` is one name.
fn separated_by_commas(text: &str) -> bool {
    text.contains(',')
        && text.split(',').all(|part| {
            let words = part.split_whitespace().count();
            let legal = ["Ltd", "Inc", "LLC", "Co.", "S.A", "JSC", "Limited", "OOO"];
            words > 1 && !legal.iter().any(|form| part.trim().starts_with(form))
        })
}
