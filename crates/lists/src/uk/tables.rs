//! The UK Sanctions List taken apart into five tables.

use std::collections::BTreeMap;

use super::{kind, quality, uk_date};
use crate::birth::BirthDate;
use crate::country::CountryCode;
use crate::error::ListError;
use crate::gather::Gather;
use crate::input::sha256_hex;
use crate::list_id::ListId;
use crate::party::Party;
use crate::read::{Format, Opened, Reading};
use crate::sheet::{Layout, Sheet};
use crate::table::Record;

/// Files of the list taken apart.
pub(crate) const TABLES: [&str; 5] = [
    "subjects.csv",
    "subject_names.csv",
    "subject_dobs.csv",
    "subject_identifiers.csv",
    "subject_countries.csv",
];

/// Reads the five tables together.
pub(crate) fn read(files: &[Opened<'_>]) -> Result<Reading, ListError> {
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
    let mut ids: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &base.rows {
        let id = base.cell(row, "unique_id");
        if let Some(first_line) = ids.insert(id, row.line) {
            return Err(ListError::DuplicateId {
                place: row.place(&base.file, base.column("unique_id")),
                field: "unique_id",
                value: id.to_owned(),
                first_line,
            });
        }
    }
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
            party.add_name(&full(r), quality(names.cell(r, "alias_strength")));
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
                place: row.place(&sheet.file, sheet.column("unique_id")),
                value: id.to_owned(),
                primary: primary.to_owned(),
            });
        }
        found.entry(id).or_default().push(row);
    }
    Ok(found)
}
