//! A list of one's own as CSV: how Korean parties of concern and an operator's list come in.

use std::collections::BTreeMap;

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::error::{ListError, Place};
use crate::list_id::{ListId, known_ids};
use crate::party::{Address, Gender, Identifier, Kind, Party, PartyName, Position, Quality};
use crate::read::{Format, Headed, Opened, Problem, Reading, sources};
use crate::table::{Record, parse};

const REQUIRED: [&str; 4] = ["party_id", "list", "type", "name"];

/// All columns; the format is described at [`crate::read`].
const COLUMNS: [&str; 20] = [
    "party_id",
    "list",
    "type",
    "name",
    "aliases",
    "weak_aliases",
    "title",
    "addresses",
    "countries",
    "identifiers",
    "births",
    "gender",
    "programmes",
    "citations",
    "listed_from",
    "listed_to",
    "licence_requirement",
    "licence_policy",
    "remarks",
    "example",
];

pub(crate) fn read(file: &Opened<'_>) -> Result<Reading, ListError> {
    let table = Headed::new(&file.name, parse(&file.name, file.text()?)?)?;
    table.require(&REQUIRED)?;
    if let Some(column) = table.header.iter().find(|h| !COLUMNS.contains(&h.as_str())) {
        return Err(ListError::UnknownColumn {
            place: Place::line(&file.name, 1),
            column: column.clone(),
            known: COLUMNS.join(", "),
        });
    }
    let mut first_lines: BTreeMap<String, u64> = BTreeMap::new();
    let mut parties = Vec::with_capacity(table.records.len());
    for record in &table.records {
        let party = Row {
            table: &table,
            record,
        }
        .party()?;
        if let Some(first_line) = first_lines.insert(party.id.clone(), record.line) {
            return Err(ListError::DuplicateId {
                place: Place::line(&file.name, record.line),
                field: "party_id",
                value: party.record_id,
                first_line,
            });
        }
        parties.push(party);
    }
    Ok(Reading {
        format: Format::OwnCsv,
        records: table.records.len() as u64,
        records_by_kind: BTreeMap::new(),
        sources: sources(&parties, &file.name, &file.sha256()),
        parties,
        // Written by hand, so that it may be whole.
        problems: table
            .open_end()
            .into_iter()
            .map(|last| no_end(&file.name, last))
            .collect(),
    })
}

fn no_end(file: &str, last: &Record) -> Problem {
    Problem {
        file: file.to_owned(),
        line: last.line,
        message: "no line end after the last row; the copy may lack its end".to_owned(),
    }
}

struct Row<'a> {
    table: &'a Headed,
    record: &'a Record,
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.record.text(self.table.column(column))
    }

    fn many(&self, column: &str) -> impl Iterator<Item = &str> {
        self.text(column)
            .split('|')
            .map(str::trim)
            .filter(|s| !s.is_empty())
    }

    fn place(&self, column: &str) -> Place {
        self.record
            .place(&self.table.file, self.table.column(column))
    }

    fn value(&self, field: &'static str, value: &str, expected: &str) -> ListError {
        ListError::Value {
            place: self.place(field),
            field,
            value: value.to_owned(),
            expected: expected.to_owned(),
        }
    }

    fn country(&self, field: &'static str, code: &str) -> Result<CountryCode, ListError> {
        CountryCode::new(code)
            .ok_or_else(|| self.value(field, code, "an ISO 3166-1 alpha-2 code such as `KR`"))
    }

    fn date(&self, field: &'static str) -> Result<String, ListError> {
        let text = self.text(field);
        let whole_day = text.len() == 10
            && BirthDate::parse(text)
                .span
                .is_some_and(|(from, to)| from == to);
        if text.is_empty() || whole_day {
            Ok(text.to_owned())
        } else {
            Err(self.value(field, text, "a date YYYY-MM-DD or nothing"))
        }
    }

    fn party(&self) -> Result<Party, ListError> {
        let id = self.text("party_id");
        if id.is_empty() {
            return Err(self.value("party_id", id, "an identifier that no other row has"));
        }
        let list = ListId::new(self.text("list")).ok_or_else(|| ListError::UnknownList {
            place: self.place("list"),
            name: self.text("list").to_owned(),
            known: known_ids(),
        })?;
        let kind = match self.text("type") {
            "person" => Kind::Person,
            "organisation" => Kind::Organisation,
            "vessel" => Kind::Vessel,
            "aircraft" => Kind::Aircraft,
            "unknown" => Kind::Unknown,
            other => {
                let expected = "person, organisation, vessel, aircraft or unknown";
                return Err(self.value("type", other, expected));
            }
        };
        let example = match self.text("example") {
            "true" => true,
            "false" | "" => false,
            other => return Err(self.value("example", other, "true or false")),
        };
        let countries = self
            .many("countries")
            .map(|code| self.country("countries", code))
            .collect::<Result<Vec<_>, _>>()?;
        let source = Format::OwnCsv.source();
        let owned = |column| self.text(column).to_owned();
        Ok(Party {
            id: format!("{source}/{list}/{id}"),
            list,
            source: source.to_owned(),
            record_id: id.to_owned(),
            kind,
            names: self.names()?,
            title: owned("title"),
            addresses: self
                .many("addresses")
                .map(|text| Address {
                    text: text.to_owned(),
                    country: None,
                })
                .collect(),
            countries,
            identifiers: self
                .many("identifiers")
                .map(|text| self.identifier(text))
                .collect::<Result<_, _>>()?,
            births: self.births()?,
            genders: self.gender()?.into_iter().collect(),
            programmes: self.many("programmes").map(str::to_owned).collect(),
            citations: self.many("citations").map(str::to_owned).collect(),
            listed_from: self.date("listed_from")?,
            listed_to: self.date("listed_to")?,
            licence_requirement: owned("licence_requirement"),
            licence_policy: owned("licence_policy"),
            remarks: owned("remarks"),
            example,
            position: Position {
                file: self.table.file.clone(),
                line: self.record.line,
            },
        }
        .finished())
    }

    fn names(&self) -> Result<Vec<PartyName>, ListError> {
        let primary = self.text("name");
        if primary.is_empty() {
            return Err(self.value("name", primary, "the name of the party"));
        }
        let mut names = vec![PartyName::new(primary, Quality::Primary)];
        names.extend(
            self.many("aliases")
                .map(|n| PartyName::new(n, Quality::Strong)),
        );
        names.extend(
            self.many("weak_aliases")
                .map(|n| PartyName::new(n, Quality::Weak)),
        );
        Ok(names)
    }

    fn identifier(&self, text: &str) -> Result<Identifier, ListError> {
        let (kind, value, country) = match text.split(':').collect::<Vec<_>>().as_slice() {
            [kind, value] => (*kind, *value, None),
            [kind, value, code] => (
                *kind,
                *value,
                Some(self.country("identifiers", code.trim())?),
            ),
            _ => {
                return Err(self.value(
                    "identifiers",
                    text,
                    "`kind:value` or `kind:value:country`",
                ));
            }
        };
        Ok(Identifier {
            kind: kind.trim().to_owned(),
            value: value.trim().to_owned(),
            country,
        })
    }

    fn gender(&self) -> Result<Option<Gender>, ListError> {
        let word = self.text("gender");
        match Gender::of_word(word) {
            None if !word.is_empty() => Err(self.value("gender", word, "female, male or nothing")),
            gender => Ok(gender),
        }
    }

    fn births(&self) -> Result<Vec<BirthDate>, ListError> {
        self.many("births")
            .map(|text| {
                let birth = BirthDate::parse(text);
                match birth.span {
                    Some(_) => Ok(birth),
                    None => Err(self.value("births", text, "1970-01-31, 1970 or 1970 to 1972")),
                }
            })
            .collect()
    }
}
