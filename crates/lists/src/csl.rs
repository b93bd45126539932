//! The US Consolidated Screening List as CSV (trade.gov): one row per record of thirteen lists.

use std::collections::BTreeMap;

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::error::{ListError, Place};
use crate::input::sha256_hex;
use crate::list_id::{KnownList, ListId, known_csl_marks};
use crate::party::{
    Address, Gender, Identifier, Kind, Party, PartyName, Position, Quality, US_WORDS,
};
use crate::read::{Format, Headed, Opened, Problem, Reading, number_repeats, sources};
use crate::table::{Record, parse_separated};

/// Columns since 2019; `_id` came later and is optional.
pub(crate) const COLUMNS: [&str; 28] = [
    "source",
    "entity_number",
    "type",
    "programs",
    "name",
    "title",
    "addresses",
    "federal_register_notice",
    "start_date",
    "end_date",
    "standard_order",
    "license_requirement",
    "license_policy",
    "call_sign",
    "vessel_type",
    "gross_tonnage",
    "gross_registered_tonnage",
    "vessel_flag",
    "vessel_owner",
    "remarks",
    "source_list_url",
    "alt_names",
    "citizenships",
    "dates_of_birth",
    "nationalities",
    "places_of_birth",
    "source_information_url",
    "ids",
];

pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let text = file.text()?;
    // Trade.gov has published it separated by tabs, too.
    let separator = if text.lines().next().unwrap_or_default().contains('\t') {
        '\t'
    } else {
        ','
    };
    let table = Headed::new(&file.name, parse_separated(&file.name, text, separator)?)?;
    table.require(&COLUMNS)?;
    table.refuse_open_end()?;
    let mut problems = Vec::new();
    for column in table
        .header
        .iter()
        .filter(|h| *h != "_id" && !COLUMNS.contains(&h.as_str()))
    {
        problems.push(Problem {
            file: file.name.clone(),
            line: 1,
            message: format!("column `{column}` is not known and was not read"),
        });
    }
    let order = IdOrder::of(&table);
    let mut parties = Vec::with_capacity(table.records.len());
    for record in &table.records {
        parties.push(
            Row {
                table: &table,
                record,
            }
            .party(order)?,
        );
    }
    number_repeats(&mut parties, &mut problems);
    Ok(Reading {
        format: Format::UsCslCsv,
        records: table.records.len() as u64,
        records_by_kind: BTreeMap::new(),
        sources: sources(&parties, &file.name, &file.sha256()),
        parties,
        problems,
    })
}

struct Row<'a> {
    table: &'a Headed,
    record: &'a Record,
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.record.text(self.table.column(column))
    }

    fn place(&self, column: &str) -> Place {
        let index = self.table.column(column);
        self.record.place(&self.table.file, index)
    }

    fn party(&self, order: IdOrder) -> Result<Party, ListError> {
        let known = KnownList::of_csl_source(self.text("source")).ok_or_else(|| {
            ListError::UnknownList {
                place: self.place("source"),
                name: self.text("source").to_owned(),
                known: format!("those marked {}", known_csl_marks()),
            }
        })?;
        let kind = Kind::of_us_word(self.text("type")).ok_or_else(|| ListError::Value {
            place: self.place("type"),
            field: "type",
            value: self.text("type").to_owned(),
            expected: US_WORDS.to_owned(),
        })?;
        let names = self.names()?;
        let addresses: Vec<Address> = split(self.text("addresses")).map(address).collect();
        let list = ListId::of(known);
        let record_id = self.record_id();
        let source = Format::UsCslCsv.source();
        Ok(Party {
            id: format!("{source}/{list}/{record_id}"),
            source: source.to_owned(),
            record_id,
            kind,
            names,
            title: self.text("title").to_owned(),
            countries: self.countries(&addresses),
            addresses,
            identifiers: self.identifiers(order),
            births: split(self.text("dates_of_birth"))
                .map(BirthDate::parse)
                .collect(),
            genders: split(self.text("ids"))
                .filter_map(|id| match id.split_once(", ") {
                    Some(("Gender", word)) | Some((word, "Gender")) => Gender::of_word(word),
                    _ => None,
                })
                .collect(),
            programmes: split(self.text("programs")).map(str::to_owned).collect(),
            citations: Some(self.text("federal_register_notice"))
                .filter(|c| !c.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect(),
            listed_from: self.text("start_date").to_owned(),
            listed_to: self.text("end_date").to_owned(),
            licence_requirement: self.text("license_requirement").to_owned(),
            licence_policy: self.text("license_policy").to_owned(),
            remarks: self.text("remarks").to_owned(),
            example: false,
            position: Position {
                file: self.table.file.clone(),
                line: self.record.line,
            },
            list,
        }
        .finished())
    }

    fn names(&self) -> Result<Vec<PartyName>, ListError> {
        let primary = self.text("name");
        if primary.is_empty() {
            return Err(ListError::Value {
                place: self.place("name"),
                field: "name",
                value: String::new(),
                expected: "the name of the party".to_owned(),
            });
        }
        let mut names = vec![PartyName::new(primary, Quality::Primary)];
        for alias in split(self.text("alt_names")) {
            // BIS writes "A; B; and C" in this column.
            let alias = alias.strip_prefix("and ").unwrap_or(alias);
            names.push(PartyName::new(alias, Quality::Strong));
        }
        Ok(names)
    }

    /// `_id`, else the entity number, else a digest of what identifies the record.
    fn record_id(&self) -> String {
        for column in ["_id", "entity_number"] {
            if !self.text(column).is_empty() {
                return self.text(column).to_owned();
            }
        }
        let mut key = String::new();
        for column in ["name", "addresses", "start_date"] {
            key.push_str(self.text(column));
            key.push('\n');
        }
        let digest = sha256_hex(key.as_bytes());
        format!("content-{}", digest.get(..24).unwrap_or(&digest))
    }

    fn countries(&self, addresses: &[Address]) -> Vec<CountryCode> {
        let mut countries: Vec<CountryCode> = addresses.iter().filter_map(|a| a.country).collect();
        for column in ["citizenships", "nationalities"] {
            countries.extend(split(self.text(column)).filter_map(CountryCode::new));
        }
        countries.extend(CountryCode::of_name(self.text("vessel_flag")));
        countries
    }

    fn identifiers(&self, order: IdOrder) -> Vec<Identifier> {
        let mut identifiers: Vec<Identifier> = split(self.text("ids"))
            .filter_map(|id| identifier(id, order))
            .collect();
        let call_sign = self.text("call_sign");
        if !call_sign.is_empty() {
            identifiers.push(Identifier {
                kind: "Call sign".to_owned(),
                value: call_sign.to_owned(),
                country: None,
            });
        }
        identifiers
    }
}

fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';').map(str::trim).filter(|s| !s.is_empty())
}

/// An address ends in its country's code; without one (older denied-person rows end in a postal
/// code) the country is not known.
fn address(text: &str) -> Address {
    let last = text.rsplit(',').next().unwrap_or_default().trim();
    Address {
        text: text.to_owned(),
        country: CountryCode::new(last),
    }
}

/// Which way round an `ids` cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IdOrder {
    /// Until 2022 at least: `IR, A0010, Passport`.
    KindLast,
    /// By 2025: `Passport, A0010, IR`.
    KindFirst,
}

impl IdOrder {
    /// Told by where the country codes of three-part identifiers stand, over the whole file.
    fn of(table: &Headed) -> Self {
        let (mut last, mut first) = (0_u32, 0_u32);
        let ids = table.column("ids");
        for id in table.records.iter().flat_map(|r| split(r.text(ids))) {
            match id.split(", ").collect::<Vec<_>>().as_slice() {
                [a, .., b] if CountryCode::new(a).is_some() && CountryCode::new(b).is_none() => {
                    last += 1
                }
                [a, .., b] if CountryCode::new(b).is_some() && CountryCode::new(a).is_none() => {
                    first += 1
                }
                ["Gender", _] => first += 1,
                [_, "Gender"] => last += 1,
                _ => {}
            }
        }
        if first > last {
            Self::KindFirst
        } else {
            Self::KindLast
        }
    }
}

fn identifier(text: &str, order: IdOrder) -> Option<Identifier> {
    let (kind, rest) = match order {
        IdOrder::KindLast => text.rsplit_once(", ").map(|(rest, kind)| (kind, rest)),
        IdOrder::KindFirst => text.split_once(", "),
    }
    .unwrap_or(("", text));
    let at_end = match order {
        IdOrder::KindLast => rest
            .split_once(", ")
            .map(|(country, value)| (value, country)),
        IdOrder::KindFirst => rest.rsplit_once(", "),
    };
    let (value, country) = match at_end.map(|(value, code)| (value, CountryCode::new(code))) {
        Some((value, Some(country))) => (value, Some(country)),
        _ => (rest, None),
    };
    let kind = kind.trim_end_matches([':', '-', ' ']).to_owned();
    (!value.is_empty()).then(|| Identifier {
        kind,
        value: value.to_owned(),
        country,
    })
}
