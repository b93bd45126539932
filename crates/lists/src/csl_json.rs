//! The US Consolidated Screening List as JSON: trade.gov's own (`results`), and a reduced form with
//! tables of repeated texts (`tables`, `entries`).

use std::collections::BTreeMap;

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::error::ListError;
use crate::gather::Gather;
use crate::input::sha256_hex;
use crate::json::Document;
use crate::list_id::{KnownList, ListId, known_csl_marks};
use crate::ofac_xml::day;
use crate::party::{Kind, Party, Quality, US_WORDS};
use crate::read::{Format, Opened, Reading};
use crate::xml::Element;

/// Reads either form.
pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let document = Document::new(&file.name, file.text()?)?;
    if document.member("tables")?.is_some() {
        return read_reduced(file, &document);
    }
    let mut gather = Gather::new(file, Format::UsCslJson);
    document.each("results", |record| {
        let party = party(&gather, &record)?;
        gather.party(party, 1);
        Ok(())
    })?;
    gather.finish("")
}

fn refuse(
    file: &str,
    record: &Element,
    field: &'static str,
    value: &str,
    expected: &str,
) -> ListError {
    ListError::Value {
        place: record.place(file),
        field,
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}

fn kind(file: &str, record: &Element, word: &str) -> Result<Kind, ListError> {
    Kind::of_us_word(word).ok_or_else(|| refuse(file, record, "type", word, US_WORDS))
}

fn list(file: &str, record: &Element, source: &str) -> Result<ListId, ListError> {
    KnownList::of_csl_source(source)
        .map(ListId::of)
        .ok_or_else(|| ListError::UnknownList {
            place: record.place(file),
            name: source.to_owned(),
            known: format!("those marked {}", known_csl_marks()),
        })
}

/// Identifier of a record that has none: follows from its content.
fn content_id(parts: &[&str]) -> String {
    let digest = sha256_hex(parts.join("\n").as_bytes());
    format!("content-{}", digest.get(..24).unwrap_or(&digest))
}

fn country(text: &str) -> Option<CountryCode> {
    CountryCode::new(text).or_else(|| CountryCode::of_name(text))
}

fn texts<'a>(record: &'a Element, name: &'a str) -> impl Iterator<Item = &'a str> {
    record.all(name).map(|e| e.text.as_str())
}

fn party(gather: &Gather, record: &Element) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let member = |name: &str| record.attribute(name);
    let list = list(file, record, member("source"))?;
    if member("name").is_empty() {
        return Err(refuse(file, record, "name", "", "the name of the party"));
    }
    // The same identifier as in the CSV: there it is called `_id`.
    let id = ["_id", "id", "entity_number"]
        .iter()
        .map(|name| member(name))
        .find(|id| !id.is_empty());
    let id = id.map_or_else(
        || content_id(&[member("source"), member("name"), member("start_date")]),
        str::to_owned,
    );
    let kind = kind(file, record, member("type"))?;
    let source = Format::UsCslJson.source();
    let position = gather.position(record.line);
    let mut party = Party::named(source, list, &id, kind, member("name"), position);
    for alias in texts(record, "alt_names") {
        party.add_name(alias, Quality::Strong);
    }
    member("title").clone_into(&mut party.title);
    for address in record.all("addresses") {
        let parts = ["address", "city", "state", "postal_code", "country"];
        let parts = parts.map(|p| address.attribute(p));
        party.add_address(&parts, country(address.attribute("country")));
    }
    party.countries.extend(
        texts(record, "citizenships")
            .chain(texts(record, "nationalities"))
            .chain([member("vessel_flag"), member("country")])
            .filter_map(country),
    );
    for id in record.all("ids") {
        if id.attribute("type") == "Gender" {
            party.add_gender(id.attribute("number"));
        }
        party.add_identifier(
            id.attribute("type").trim_end_matches([':', '-', ' ']),
            id.attribute("number"),
            country(id.attribute("country")),
        );
    }
    party.add_identifier("Call sign", member("call_sign"), None);
    party.births = texts(record, "dates_of_birth")
        .map(BirthDate::parse)
        .collect();
    party.programmes = texts(record, "programs").map(str::to_owned).collect();
    party.citations = Some(member("federal_register_notice"))
        .filter(|c| !c.is_empty())
        .map(str::to_owned)
        .into_iter()
        .collect();
    member("start_date").clone_into(&mut party.listed_from);
    member("end_date").clone_into(&mut party.listed_to);
    member("license_requirement").clone_into(&mut party.licence_requirement);
    member("license_policy").clone_into(&mut party.licence_policy);
    party.add_remark(member("remarks"));
    Ok(party)
}

/// Texts that entries of the reduced form refer to by their place in a table.
struct Tables(BTreeMap<String, Vec<String>>);

impl Tables {
    fn new(tables: Element) -> Self {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in tables.children {
            by_name.entry(item.name).or_default().push(item.text);
        }
        Self(by_name)
    }

    fn text(
        &self,
        file: &str,
        record: &Element,
        table: &'static str,
        index: &str,
    ) -> Result<&str, ListError> {
        if index.is_empty() {
            return Ok("");
        }
        index
            .parse()
            .ok()
            .and_then(|i: usize| self.0.get(table)?.get(i))
            .map(String::as_str)
            .ok_or_else(|| {
                refuse(
                    file,
                    record,
                    table,
                    index,
                    "a place in the table of that name",
                )
            })
    }
}

fn read_reduced(file: &Opened<'_>, document: &Document<'_>) -> Result<Reading, ListError> {
    const KNOWN: [&str; 11] = ["n", "a", "s", "t", "c", "e", "lr", "lp", "pg", "fr", "u"];
    let mut gather = Gather::new(file, Format::UsCslReducedJson);
    let name = file.name.as_str();
    let tables = Tables::new(document.member("tables")?.unwrap_or_default());
    let mut count = 0_u64;
    document.each("entries", |record| {
        count += 1;
        let names = record.attributes.iter().map(|(n, _)| n);
        for unknown in names.chain(record.children.iter().map(|c| &c.name)) {
            if !KNOWN.contains(&unknown.as_str()) {
                let message = format!("member `{unknown}` is not known and was not read");
                gather.problem_once(record.line, &message);
            }
        }
        let text = |table, member| tables.text(name, &record, table, record.attribute(member));
        let source = text("sources", "s")?;
        let list = list(name, &record, source)?;
        let party_name = record.attribute("n");
        if party_name.is_empty() {
            return Err(refuse(name, &record, "n", "", "the name of the party"));
        }
        let citation = record.attribute("fr");
        let number = record.attribute("e");
        let id = if number.is_empty() {
            content_id(&[source, party_name, citation])
        } else {
            number.to_owned()
        };
        let kind = kind(name, &record, record.attribute("t"))?;
        let word = Format::UsCslReducedJson.source();
        let position = gather.position(record.line);
        let mut party = Party::named(word, list, &id, kind, party_name, position);
        texts(&record, "a").for_each(|alias| party.add_name(alias, Quality::Strong));
        party
            .countries
            .extend(texts(&record, "c").filter_map(country));
        party.programmes = text("programmes", "pg")?
            .split(';')
            .map(|p| p.trim().to_owned())
            .filter(|p| !p.is_empty())
            .collect();
        party.licence_requirement = text("licenceRequirements", "lr")?.to_owned();
        party.licence_policy = text("licencePolicies", "lp")?.to_owned();
        if !citation.is_empty() {
            party.citations.push(citation.to_owned());
        }
        gather.party(party, 1);
        Ok(())
    })?;
    let stated = |member: &str| -> Result<String, ListError> {
        Ok(document.scalar(member)?.unwrap_or_default())
    };
    let stated_count = stated("entryCount")?;
    if !stated_count.is_empty() && stated_count != count.to_string() {
        return Err(refuse(
            name,
            &Element {
                line: 1,
                column: 1,
                ..Element::default()
            },
            "entryCount",
            &stated_count,
            &format!("{count}, the number of entries"),
        ));
    }
    gather.finish(&day(&stated("sourceGeneratedAt")?))
}
