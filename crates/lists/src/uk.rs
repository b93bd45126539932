//! The United Kingdom's lists: the UK Sanctions List (CSV and XML), the former OFSI consolidated
//! list (CSV, the same columns under other names), and the UK list taken apart into five tables.

use std::collections::BTreeMap;

use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::error::{ListError, Place};
use crate::gather::Gather;
use crate::input::sha256_hex;
use crate::list_id::ListId;
use crate::party::{Kind, Party, Quality};
use crate::read::{Format, Opened, Reading};
use crate::sheet::{Layout, Sheet};
use crate::table::Record;
use crate::xml::{self, Element};

/// `28/09/1955`, `00/04/1984` (no day), `00/00/1984` as [`BirthDate`] reads it; anything else as it
/// stands.
fn birth(text: &str) -> BirthDate {
    let parts: Vec<&str> = text.trim().split('/').collect();
    if let [day, month, year] = parts.as_slice()
        && parts.iter().all(|p| p.len() >= 2)
    {
        let unknown = |p: &str| p.bytes().all(|b| !b.is_ascii_digit() || b == b'0');
        let date = match (unknown(day), unknown(month)) {
            (false, false) => format!("{year}-{month}-{day}"),
            (true, false) => format!("{year}-{month}"),
            // `10/00/1983`: a day without its month says no more than the year.
            (_, true) => (*year).to_owned(),
        };
        return BirthDate::parse(&date);
    }
    BirthDate::parse(text)
}

/// `24/03/2007` as `2007-03-24`; anything else as it stands.
fn uk_date(text: &str) -> String {
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [d, m, y] if d.len() == 2 && m.len() == 2 && y.len() == 4 => format!("{y}-{m}-{d}"),
        _ => text.to_owned(),
    }
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word.to_ascii_lowercase().as_str() {
        "individual" => Kind::Person,
        "entity" => Kind::Organisation,
        "ship" | "vessel" => Kind::Vessel,
        _ => return None,
    })
}

fn country(name: &str) -> Option<CountryCode> {
    CountryCode::new(name)
        .or_else(|| CountryCode::of_name(name))
        // `Pakistan (location as at May 2008)`, `Iran (Islamic Republic of)`
        .or_else(|| CountryCode::of_name(name.split_once(" (")?.0))
}

/// Given names first, the surname (`Name 6`) last.
fn joined<'a>(name: impl Fn(&'static str) -> &'a str) -> String {
    let parts = ["1", "2", "3", "4", "5", "6"].map(name);
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

/// Reads a CSV: the list's own or OFSI's. Rows of one party are put together.
pub(crate) fn read_csv(file: &Opened<'_>) -> Result<Reading, ListError> {
    let head =
        String::from_utf8_lossy(file.bytes.get(..4096).unwrap_or(&file.bytes)).to_lowercase();
    let titles = usize::from(!head.lines().next().unwrap_or_default().contains("name 6"));
    let current = head.contains("unique id");
    let format = if current {
        Format::UkSanctionsListCsv
    } else {
        Format::UkOfsiCsv
    };
    let mut gather = Gather::new(file, format);
    let required: &[&str] = if current {
        &["unique id", "name 6", "name 1", "name type"]
    } else {
        &[
            "name 6",
            "name 1",
            "group type",
            "alias type",
            "regime",
            "group id",
        ]
    };
    let layout = Layout {
        separator: ',',
        titles,
        required,
        least: usize::MAX,
        name: "name 6",
    };
    let sheet = Sheet::read(file, &layout, &mut gather)?;
    let stated = sheet
        .titles
        .iter()
        .flat_map(|t| &t.fields)
        .map(|f| uk_date(f.text.trim()))
        .find(|d| d.len() == 10 && BirthDate::parse(d).span.is_some_and(|(a, b)| a == b));
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let mut parties: Vec<(Party, u64)> = Vec::new();
    for row in &sheet.rows {
        let columns = Columns { sheet: &sheet, row };
        let id = columns.any(&["unique id", "group id"]);
        if id.is_empty() {
            return Err(sheet.refuse(
                row,
                if current { "unique id" } else { "group id" },
                "identifier",
                "the number of the party",
            ));
        }
        let at = match index.get(id) {
            Some(at) => *at,
            None => {
                let party = columns.first(&gather, format, id)?;
                parties.push((party, 0));
                index.insert(id.to_owned(), parties.len() - 1);
                parties.len() - 1
            }
        };
        let kind = columns.kind(format)?;
        if let Some((party, rows)) = parties.get_mut(at) {
            if party.kind != kind {
                let expected = "the type that the other rows of this number have";
                return Err(sheet.refuse(row, "group type", "type", expected));
            }
            *rows += 1;
            columns.add_to(party);
        }
    }
    for (party, rows) in parties {
        gather.party(party, rows);
    }
    gather.finish(&stated.unwrap_or_default())
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

    fn kind(&self, format: Format) -> Result<Kind, ListError> {
        let (sheet, row) = (self.sheet, self.row);
        let column = if format == Format::UkOfsiCsv {
            "group type"
        } else {
            "designation type"
        };
        let word = self.any(&["group type", "designation type", "individual, entity, ship"]);
        kind(word).ok_or_else(|| sheet.refuse(row, column, "type", "Individual, Entity or Ship"))
    }

    fn first(&self, gather: &Gather, format: Format, id: &str) -> Result<Party, ListError> {
        let (sheet, row) = (self.sheet, self.row);
        let name = self.name();
        let other = self.any(&["name non-latin script"]);
        let name = if name.is_empty() { other } else { &name };
        if name.is_empty() {
            return Err(sheet.refuse(row, "name 6", "name", "the name of the party"));
        }
        let kind = self.kind(format)?;
        let list = if format == Format::UkOfsiCsv {
            "uk_ofsi"
        } else {
            "uk_sanctions"
        };
        let list =
            ListId::new(list).ok_or_else(|| sheet.refuse(row, "name 6", "list", "a known list"))?;
        let position = gather.position(row.line);
        Ok(Party::named(
            format.source(),
            list,
            id,
            kind,
            name,
            position,
        ))
    }

    fn add_to(&self, party: &mut Party) {
        let name = self.name();
        let word = self.any(&["name type", "alias type"]).to_ascii_lowercase();
        let weak = self
            .any(&["alias strength", "alias quality"])
            .to_ascii_lowercase();
        let primary = word.starts_with("prim");
        if primary && party.names.first().is_none_or(|n| n.text != name) {
            // The row of the principal name may come after those of aliases.
            party.make_primary(&name);
        }
        let quality = if weak.contains("low") || weak.contains("weak") {
            Quality::Weak
        } else {
            Quality::Strong
        };
        party.add_name(&name, quality);
        party.add_name(self.any(&["name non-latin script"]), Quality::Strong);
        let title = self.any(&["title", "position"]);
        if party.title.is_empty() {
            title.clone_into(&mut party.title);
        }
        let dob = self.any(&["dob", "d.o.b"]);
        if !dob.is_empty() {
            let birth = birth(dob);
            if !party.births.contains(&birth) {
                party.births.push(birth);
            }
        }
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
        for name in self.any(&["nationality", "nationality(/ies)"]).split(';') {
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
            ("UN reference", &["un reference number"]),
            ("OFSI group", &["ofsi group id"]),
        ] {
            party.add_identifier(kind, self.any(columns), None);
        }
        let regime = self.any(&["regime", "regime name"]).to_owned();
        if !regime.is_empty() && !party.programmes.contains(&regime) {
            party.programmes.push(regime);
        }
        party.listed_from = uk_date(self.any(&["listed on", "date designated"]));
        for (label, columns) in [
            ("Nationality", &["nationality", "nationality(/ies)"][..]),
            ("Town of birth", &["town of birth"]),
            ("Country of birth", &["country of birth"]),
            ("Gender", &["gender"]),
            ("Position", &["position"]),
            (
                "Passport details",
                &["passport details", "passport additional information"],
            ),
            (
                "National identification details",
                &["ni details", "national identifier additional information"],
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

/// Reads the XML of the UK Sanctions List.
pub(crate) fn read_xml(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::UkSanctionsListXml);
    let frame = xml::read(&file.name, file.text()?, &["Designation"], |record| {
        let party = xml_party(&gather, &record)?;
        gather.party(party, 1);
        Ok(())
    })?;
    gather.finish(&uk_date(frame.text("DateGenerated")))
}

/// Every element `name` at any depth below `element`.
fn below<'a>(element: &'a Element, name: &str, found: &mut Vec<&'a Element>) {
    for child in &element.children {
        if child.name == name {
            found.push(child);
        }
        below(child, name, found);
    }
}

fn all<'a>(element: &'a Element, name: &str) -> Vec<&'a Element> {
    let mut found = Vec::new();
    below(element, name, &mut found);
    found
}

fn xml_party(gather: &Gather, record: &Element) -> Result<Party, ListError> {
    let file = gather.file.as_str();
    let refuse = |field: &'static str, expected: &str| ListError::Value {
        place: record.place_of(file, field),
        field,
        value: record.text_of(field).to_owned(),
        expected: expected.to_owned(),
    };
    let id = record.text_of("UniqueID");
    if id.is_empty() {
        return Err(refuse("UniqueID", "an identifier such as `AFG0001`"));
    }
    let kind = kind(record.text_of("IndividualEntityShip"))
        .ok_or_else(|| refuse("IndividualEntityShip", "Individual, Entity or Ship"))?;
    let names: Vec<(String, bool, Quality)> = record
        .within("Names", "Name")
        .map(|n| {
            let name = joined(|part| match part {
                "1" => n.text_of("Name1"),
                "2" => n.text_of("Name2"),
                "3" => n.text_of("Name3"),
                "4" => n.text_of("Name4"),
                "5" => n.text_of("Name5"),
                _ => n.text_of("Name6"),
            });
            let primary = n.text_of("NameType").starts_with("Primary");
            let strength = n.text_of("AliasStrength").to_ascii_lowercase();
            let weak = strength.contains("low") || strength.contains("weak");
            (
                name,
                primary,
                if weak { Quality::Weak } else { Quality::Strong },
            )
        })
        .filter(|(name, ..)| !name.is_empty())
        .collect();
    let primary = names
        .iter()
        .find(|(_, primary, _)| *primary)
        .or(names.first())
        .ok_or_else(|| refuse("Names", "at least one name"))?;
    let list = ListId::new("uk_sanctions").ok_or_else(|| refuse("Names", "a known list"))?;
    let source = Format::UkSanctionsListXml.source();
    let position = gather.position(record.line);
    let mut party = Party::named(source, list, id, kind, &primary.0, position);
    for (name, _, quality) in &names {
        party.add_name(name, *quality);
    }
    for name in all(record, "NameNonLatinScript") {
        party.add_name(&name.text, Quality::Strong);
    }
    for address in record.within("Addresses", "Address") {
        let place = address.text_of("AddressCountry");
        let parts = [
            "AddressLine1",
            "AddressLine2",
            "AddressLine3",
            "AddressLine4",
            "AddressLine5",
            "AddressLine6",
            "AddressPostalCode",
            "AddressCountry",
        ];
        party.add_address(&parts.map(|p| address.text_of(p)), country(place));
    }
    party.births = all(record, "DOB")
        .into_iter()
        .map(|d| birth(&d.text))
        .collect();
    for nationality in all(record, "Nationality") {
        party.countries.extend(country(&nationality.text));
    }
    for (kind, element) in [
        ("Passport", "PassportNumber"),
        ("National identification number", "NationalIdentifierNumber"),
        ("Business registration number", "BusinessRegistrationNumber"),
        ("IMO", "IMONumber"),
        ("UN reference", "UNReferenceNumber"),
        ("OFSI group", "OFSIGroupID"),
    ] {
        for number in all(record, element) {
            party.add_identifier(kind, &number.text, None);
        }
    }
    let titles: Vec<&str> = all(record, "Title")
        .into_iter()
        .chain(all(record, "Position"))
        .map(|t| t.text.as_str())
        .filter(|t| !t.is_empty())
        .collect();
    party.title = titles.join("; ");
    party.programmes = Some(record.text_of("RegimeName").to_owned())
        .filter(|r| !r.is_empty())
        .into_iter()
        .collect();
    party.listed_from = uk_date(record.text_of("DateDesignated"));
    for (label, element) in [
        ("Town of birth", "TownOfBirth"),
        ("Country of birth", "CountryOfBirth"),
        ("Gender", "Gender"),
        ("Sanctions imposed", "SanctionsImposed"),
        ("Other information", "OtherInformation"),
        ("Statement of reasons", "UKStatementofReasons"),
    ] {
        for e in all(record, element) {
            party.add_labelled(label, &e.text);
        }
    }
    Ok(party)
}

/// Files of the list taken apart.
pub(crate) const TABLES: [&str; 5] = [
    "subjects.csv",
    "subject_names.csv",
    "subject_dobs.csv",
    "subject_identifiers.csv",
    "subject_countries.csv",
];

/// Reads the five tables together.
pub(crate) fn read_tables(files: &[Opened<'_>]) -> Result<Reading, ListError> {
    let open = |name: &'static str| {
        files
            .iter()
            .find(|f| f.name.eq_ignore_ascii_case(name))
            .ok_or(ListError::MissingFile {
                set: "UK sanctions tables",
                file: name,
            })
    };
    let [subjects, names, dobs, identifiers, countries] = TABLES;
    let subjects = open(subjects)?;
    let mut gather = Gather::new(subjects, Format::UkTablesCsv);
    let sheet = |name: &'static str, required: &[&str], gather: &mut Gather| {
        let layout = Layout {
            separator: ',',
            titles: 0,
            required,
            least: usize::MAX,
            name: "unique_id",
        };
        Sheet::read(open(name)?, &layout, gather)
    };
    let base = sheet(
        subjects_name(),
        &["unique_id", "subject_type", "date_designated"],
        &mut gather,
    )?;
    let names = sheet(
        names,
        &["unique_id", "name_type", "alias_strength", "full_name"],
        &mut gather,
    )?;
    let dobs = sheet(
        dobs,
        &["unique_id", "year", "month", "day", "precision"],
        &mut gather,
    )?;
    let identifiers = sheet(
        identifiers,
        &["unique_id", "raw_value", "identifier_type"],
        &mut gather,
    )?;
    let countries = sheet(
        countries,
        &["unique_id", "raw_value", "country_type", "iso"],
        &mut gather,
    )?;
    let ids: BTreeMap<&str, u64> = base
        .rows
        .iter()
        .map(|r| (base.cell(r, "unique_id"), r.line))
        .collect();
    let names_of = by_id(&names, &ids, &base.file)?;
    let dobs_of = by_id(&dobs, &ids, &base.file)?;
    let identifiers_of = by_id(&identifiers, &ids, &base.file)?;
    let countries_of = by_id(&countries, &ids, &base.file)?;
    for row in &base.rows {
        let cell = |name| base.cell(row, name);
        let id = cell("unique_id");
        let kind = kind(cell("subject_type")).ok_or_else(|| {
            base.refuse(row, "subject_type", "type", "individual, entity or ship")
        })?;
        let all = names_of.get(id).map(Vec::as_slice).unwrap_or_default();
        let full = |r: &Record| names.cell(r, "full_name").to_owned();
        let primary = all
            .iter()
            .find(|r| names.cell(r, "name_type") == "primary")
            .or(all.first())
            .map(|r| full(r))
            .filter(|name| !name.is_empty())
            .ok_or_else(|| {
                base.refuse(
                    row,
                    "unique_id",
                    "name",
                    "a subject with a name in subject_names.csv",
                )
            })?;
        let list = ListId::new("uk_sanctions")
            .ok_or_else(|| base.refuse(row, "unique_id", "list", "a known list"))?;
        let source = Format::UkTablesCsv.source();
        let mut party = Party::named(source, list, id, kind, &primary, gather.position(row.line));
        for r in all {
            let weak = names
                .cell(r, "alias_strength")
                .to_ascii_lowercase()
                .contains("low")
                || names.cell(r, "alias_strength").eq_ignore_ascii_case("weak");
            party.add_name(&full(r), if weak { Quality::Weak } else { Quality::Strong });
        }
        for r in dobs_of.get(id).into_iter().flatten() {
            let part = |name| dobs.cell(r, name);
            let date = match (part("year"), part("month"), part("day")) {
                ("", ..) => continue,
                (y, "", _) => y.to_owned(),
                (y, m, "") => format!("{y}-{m}"),
                (y, m, d) => format!("{y}-{m}-{d}"),
            };
            let about = if part("precision").contains("circa") {
                "circa "
            } else {
                ""
            };
            party
                .births
                .push(BirthDate::parse(&format!("{about}{date}")));
        }
        for r in identifiers_of.get(id).into_iter().flatten() {
            party.add_identifier(
                identifiers.cell(r, "identifier_type"),
                identifiers.cell(r, "raw_value"),
                None,
            );
        }
        for r in countries_of.get(id).into_iter().flatten() {
            // The country of birth is not one the party is of today.
            if countries.cell(r, "country_type") != "birth" {
                party
                    .countries
                    .extend(CountryCode::new(countries.cell(r, "iso")));
            }
        }
        party.add_identifier("UN reference", cell("un_reference_number"), None);
        party.add_identifier("OFSI group", cell("ofsi_group_id"), None);
        party.listed_from = uk_date(cell("date_designated"));
        gather.party(party, 1);
    }
    let digests: String = files
        .iter()
        .map(|f| format!("{} {}\n", f.sha256(), f.name))
        .collect();
    let mut reading = gather.finish("")?;
    for source in &mut reading.sources {
        source.file_sha256 = sha256_hex(digests.as_bytes());
    }
    Ok(reading)
}

fn subjects_name() -> &'static str {
    let [subjects, ..] = TABLES;
    subjects
}

/// Rows by the subject they belong to; one that belongs to none is refused, since then the files
/// are of different dates.
fn by_id<'a>(
    sheet: &'a Sheet,
    ids: &BTreeMap<&str, u64>,
    primary: &str,
) -> Result<BTreeMap<&'a str, Vec<&'a Record>>, ListError> {
    let mut found: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for row in &sheet.rows {
        let id = sheet.cell(row, "unique_id");
        if !ids.contains_key(id) {
            return Err(ListError::Orphan {
                place: Place::line(&sheet.file, row.line),
                value: id.to_owned(),
                primary: primary.to_owned(),
            });
        }
        found.entry(id).or_default().push(row);
    }
    Ok(found)
}
