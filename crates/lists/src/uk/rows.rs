//! The UK Sanctions List and OFSI's consolidated list as rows: CSV and ODS.

use std::collections::BTreeMap;

use super::{birth, country, is_primary, joined, kind, quality, uk_date};
use crate::birth::BirthDate;
use crate::error::ListError;
use crate::gather::Gather;
use crate::list_id::ListId;
use crate::ods;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::sheet::{Layout, Sheet, text};
use crate::table::{Record, parse};

/// Rows above the header: a title, the day of the report.
const TITLES: usize = 5;

/// Most rows of one party; on the list each combination of its names, addresses and documents is one.
const MOST_ROWS: u64 = 20_000;

/// What tells the two publications apart.
struct Which {
    /// As CSV and as ODS.
    formats: [Format; 2],
    list: &'static str,
    required: &'static [&'static str],
    id: &'static str,
    kind: &'static str,
}

const SANCTIONS_LIST: Which = Which {
    formats: [Format::UkSanctionsListCsv, Format::UkSanctionsListOds],
    list: "uk_sanctions",
    required: &["name 6", "name 1", "name type", "unique id"],
    id: "unique id",
    kind: "designation type",
};

const OFSI: Which = Which {
    formats: [Format::UkOfsiCsv, Format::UkOfsiOds],
    list: "uk_ofsi",
    required: &[
        "name 6",
        "name 1",
        "group type",
        "alias type",
        "regime",
        "group id",
    ],
    id: "group id",
    kind: "group type",
};

/// Columns of either publication that are read, or that say nothing of a party.
const KNOWN: &str = "last updated|unique id|ofsi group id|un reference number|name 1|name 2|name 3|name 4|name 5|name 6|name type|alias strength|title|name non-latin script|non-latin script type|non-latin script language|regime name|designation type|designation source|sanctions imposed|other information|uk statement of reasons|address line 1|address line 2|address line 3|address line 4|address line 5|address line 6|address postal code|address country|phone number|website|email address|date designated|d.o.b|nationality(/ies)|national identifier number|national identifier additional information|passport number|passport additional information|position|gender|town of birth|country of birth|type of entity|subsidiaries|parent company|business registration number (s)|business registration number(s)|imo number|current owner/operator (s)|previous owner/operator (s)|current believed flag of ship|previous flags|type of ship|tonnage of ship|length of ship|year built|hull identification number (hin)|individual, entity, ship|dob|nationality|passport details|national identification number|ni details|national identification details|address 1|address 2|address 3|address 4|address 5|address 6|post/zip code|country|group type|alias type|alias quality|regime|listed on|uk sanctions list date designated|group id";

/// Reads a CSV: the list's own or OFSI's. Rows of one party are put together.
pub(crate) fn read_csv(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::UkSanctionsListCsv);
    let text = text(file, &mut gather)?;
    let table = parse(&file.name, &text)?;
    read_records(table.records, gather, 0)
}

/// Reads the first sheet of an OpenDocument spreadsheet with the same columns.
pub(crate) fn read_ods(file: &Opened<'_>) -> Result<Reading, ListError> {
    let records = ods::rows(&file.name, &file.bytes)?;
    let gather = Gather::new(file, Format::UkSanctionsListOds);
    read_records(records, gather, 1)
}

/// `kind_of_file`: 0 for CSV, 1 for ODS.
fn read_records(
    records: Vec<Record>,
    mut gather: Gather,
    kind_of_file: usize,
) -> Result<Reading, ListError> {
    let current = records.iter().take(TITLES + 1).any(|r| {
        let mut cells = r.fields.iter().map(|f| f.text.trim());
        cells.any(|c| c.eq_ignore_ascii_case(SANCTIONS_LIST.id))
    });
    let which = if current { &SANCTIONS_LIST } else { &OFSI };
    if let Some(format) = which.formats.get(kind_of_file) {
        gather.rename(*format, |_| None);
    }
    let layout = Layout {
        separator: ',',
        titles: TITLES,
        required: which.required,
        least: usize::MAX,
        name: "name 6",
    };
    let sheet = Sheet::of(records, &layout, &mut gather)?;
    let stated = sheet.titles.iter().flat_map(|t| &t.fields);
    let stated = stated.filter_map(|f| report_day(&f.text)).next();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let mut parties: Vec<(Party, u64)> = Vec::new();
    for row in &sheet.rows {
        let columns = Columns { sheet: &sheet, row };
        let id = columns.any(&[which.id]);
        if id.is_empty() {
            return Err(sheet.refuse(row, which.id, "identifier", "the number of the party"));
        }
        let at = match index.get(id) {
            Some(at) => *at,
            None => {
                let party = columns.first(&gather, which, id)?;
                parties.push((party, 0));
                index.insert(id.to_owned(), parties.len() - 1);
                parties.len() - 1
            }
        };
        let kind = columns.kind(which)?;
        if let Some((party, rows)) = parties.get_mut(at) {
            if party.kind != kind {
                let expected = "the type that the other rows of this number have";
                return Err(sheet.refuse(row, which.kind, "type", expected));
            }
            *rows += 1;
            if *rows > MOST_ROWS {
                let expected = "a number that fewer rows have";
                return Err(sheet.refuse(row, which.id, "identifier", expected));
            }
            columns.add_to(party);
        }
    }
    sheet.tell_unknown(KNOWN, &mut gather);
    for (party, rows) in parties {
        gather.party(party, rows);
    }
    gather.finish(&stated.unwrap_or_default())
}

/// The day in `27/04/2020` or `Report Date: 13-Feb-2026`, as `2020-04-27`.
fn report_day(text: &str) -> Option<String> {
    let day = text.rsplit_once(": ").map_or(text, |(_, day)| day).trim();
    let day = BirthDate::parse(&uk_date(day).replace('-', " "));
    let (from, to) = day.span?;
    (from == to).then(|| format!("{:04}-{:02}-{:02}", from.year, from.month, from.day))
}

/// One row's cells, under the names that either CSV has for them.
struct Columns<'a> {
    sheet: &'a Sheet,
    row: &'a Record,
}

impl Columns<'_> {
    /// The first of `names` that the table has and the row fills.
    fn any(&self, names: &[&str]) -> &str {
        names
            .iter()
            .map(|n| self.sheet.cell(self.row, n))
            .find(|c| !c.is_empty())
            .unwrap_or_default()
    }

    fn name(&self) -> String {
        joined(|part| match part {
            "1" => self.any(&["name 1"]),
            "2" => self.any(&["name 2"]),
            "3" => self.any(&["name 3"]),
            "4" => self.any(&["name 4"]),
            "5" => self.any(&["name 5"]),
            _ => self.any(&["name 6"]),
        })
    }

    fn kind(&self, which: &Which) -> Result<Kind, ListError> {
        let (sheet, row) = (self.sheet, self.row);
        let column = which.kind;
        let word = self.any(&["group type", "designation type", "individual, entity, ship"]);
        kind(word).ok_or_else(|| sheet.refuse(row, column, "type", "Individual, Entity or Ship"))
    }

    fn first(&self, gather: &Gather, which: &Which, id: &str) -> Result<Party, ListError> {
        let (sheet, row) = (self.sheet, self.row);
        let name = self.name();
        let other = self.any(&["name non-latin script"]);
        let name = if name.is_empty() { other } else { &name };
        if name.is_empty() {
            return Err(sheet.refuse(row, "name 6", "name", "the name of the party"));
        }
        let kind = self.kind(which)?;
        let list = ListId::new(which.list)
            .ok_or_else(|| sheet.refuse(row, "name 6", "list", "a known list"))?;
        let position = gather.position(row.line);
        let source = which.formats[0].source();
        Ok(Party::named(source, list, id, kind, name, position))
    }

    fn add_to(&self, party: &mut Party) {
        let name = self.name();
        let primary = is_primary(self.any(&["name type", "alias type"]));
        if primary && party.names.first().is_none_or(|n| n.text != name) {
            // The row of the principal name may come after those of aliases.
            party.make_primary(&name);
        }
        let strength = self.any(&["alias strength", "alias quality"]);
        party.add_name(&name, quality(strength));
        party.add_name(self.any(&["name non-latin script"]), Quality::Strong);
        let title = self.any(&["title", "position"]);
        if party.title.is_empty() {
            title.clone_into(&mut party.title);
        }
        let dob = self.any(&["dob", "d.o.b"]);
        if !dob.is_empty() {
            party.births.push(birth(dob));
        }
        party.add_gender(self.any(&["gender"]));
        let place = self.any(&["country", "address country"]);
        let parts = [
            self.any(&["address 1", "address line 1"]),
            self.any(&["address 2", "address line 2"]),
            self.any(&["address 3", "address line 3"]),
            self.any(&["address 4", "address line 4"]),
            self.any(&["address 5", "address line 5"]),
            self.any(&["address 6", "address line 6"]),
            self.any(&["post/zip code", "address postal code"]),
            place,
        ];
        party.add_address(&parts, country(place));
        let nationalities = self.any(&["nationality", "nationality(/ies)"]);
        let flag = self.any(&["current believed flag of ship"]);
        for name in nationalities.split(';').chain([flag]) {
            party.countries.extend(country(name.trim()));
        }
        for (kind, columns) in [
            ("Passport", &["passport number"][..]),
            (
                "National identification number",
                &[
                    "national identification number",
                    "national identifier number",
                ],
            ),
            (
                "Business registration number",
                &[
                    "business registration number (s)",
                    "business registration number(s)",
                ],
            ),
            ("IMO", &["imo number"]),
            (
                "Hull identification number",
                &["hull identification number (hin)"],
            ),
            ("UN reference", &["un reference number"]),
            ("OFSI group", &["ofsi group id"]),
        ] {
            party.add_identifier(kind, self.any(columns), None);
        }
        party.add_programme(self.any(&["regime", "regime name"]));
        party.listed_from = uk_date(self.any(&["listed on", "date designated"]));
        for (label, columns) in [
            ("Nationality", &["nationality", "nationality(/ies)"][..]),
            ("Town of birth", &["town of birth"]),
            ("Country of birth", &["country of birth"]),
            ("Gender", &["gender"]),
            ("Flag", &["current believed flag of ship"]),
            ("Previous flags", &["previous flags"]),
            ("Owner", &["current owner/operator (s)"]),
            ("Previous owner", &["previous owner/operator (s)"]),
            ("Type of ship", &["type of ship"]),
            ("Tonnage", &["tonnage of ship"]),
            ("Length", &["length of ship"]),
            ("Year built", &["year built"]),
            ("Type of entity", &["type of entity"]),
            ("Parent company", &["parent company"]),
            ("Subsidiaries", &["subsidiaries"]),
            ("Phone", &["phone number"]),
            ("Email", &["email address"]),
            ("Website", &["website"]),
            ("Designation source", &["designation source"]),
            ("Position", &["position"]),
            (
                "Passport details",
                &["passport details", "passport additional information"],
            ),
            (
                "National identification details",
                &[
                    "ni details",
                    "national identification details",
                    "national identifier additional information",
                ],
            ),
            ("Sanctions imposed", &["sanctions imposed"]),
            ("Other information", &["other information"]),
            ("Statement of reasons", &["uk statement of reasons"]),
        ] {
            let text = self.any(columns);
            let remark = format!("{label}: {text}");
            if !text.is_empty() && !party.remarks.contains(&remark) {
                party.add_remark(&remark);
            }
        }
    }
}
