//! Lists of the Bureau of Industry and Security and of the Department of State as tables: the
//! Denied Persons List (dpl.txt), the Entity, Military End-User and Unverified Lists, the
//! nonproliferation sanctions and the parties debarred under the AECA.
//!
//! These have a row for each address or alias; rows of one party are put together.

use std::collections::BTreeMap;

use crate::country::CountryCode;
use crate::error::ListError;
use crate::gather::Gather;
use crate::input::sha256_hex;
use crate::list_id::{KNOWN_LISTS, ListId, known_csl_marks};
use crate::party::{Kind, Party, Quality, US_WORDS};
use crate::read::{Format, Opened, Reading};
use crate::sheet::{Layout, Sheet};
use crate::table::Record;

/// Parties in the order of their first rows, found again by what makes rows one party.
struct Regroup {
    by_key: BTreeMap<String, usize>,
    parties: Vec<(Party, u64)>,
}

impl Regroup {
    fn new() -> Self {
        Self {
            by_key: BTreeMap::new(),
            parties: Vec::new(),
        }
    }

    /// The party of `key`; the first time `make` makes it from an identifier that follows from the
    /// key.
    fn party(&mut self, key: &[&str], make: impl FnOnce(&str) -> Party) -> Option<&mut Party> {
        let key = key.join("\n");
        let index = *self.by_key.entry(key).or_insert_with_key(|key| {
            let digest = sha256_hex(key.as_bytes());
            let id = format!("content-{}", digest.get(..24).unwrap_or(&digest));
            self.parties.push((make(&id), 0));
            self.parties.len() - 1
        });
        let (party, rows) = self.parties.get_mut(index)?;
        *rows += 1;
        Some(party)
    }

    fn finish(self, mut gather: Gather) -> Result<Reading, ListError> {
        for (party, rows) in self.parties {
            gather.party(party, rows);
        }
        gather.finish("")
    }
}

/// `6/5/1995` as `1995-06-05`; anything else as it stands.
pub(crate) fn us_date(text: &str) -> String {
    let parts: Vec<&str> = text.split('/').collect();
    if let [month, day, year] = parts.as_slice() {
        let number = |s: &str| s.parse::<u16>().ok();
        if let (Some(m), Some(d), Some(y)) = (number(month), number(day), number(year))
            && year.len() == 4
        {
            return format!("{y:04}-{m:02}-{d:02}");
        }
    }
    text.to_owned()
}

fn country(text: &str) -> Option<CountryCode> {
    CountryCode::new(text).or_else(|| CountryCode::of_name(text))
}

fn list(sheet: &Sheet, row: &Record, id: &str) -> Result<ListId, ListError> {
    ListId::new(id).ok_or_else(|| sheet.refuse(row, "name", "list", "a known list"))
}

/// Reads dpl.txt.
pub(crate) fn read_dpl(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::BisDplTxt);
    let layout = Layout {
        separator: '\t',
        titles: 0,
        required: &[
            "name",
            "street_address",
            "city",
            "state",
            "country",
            "postal_code",
            "effective_date",
            "expiration_date",
            "standard_order",
            "last_update",
            "action",
            "fr_citation",
        ],
        least: 10,
        name: "name",
    };
    let sheet = Sheet::read(file, &layout, &mut gather)?;
    let mut regroup = Regroup::new();
    for row in &sheet.rows {
        let cell = |name| sheet.cell(row, name);
        if cell("name").is_empty() {
            return Err(sheet.refuse(row, "name", "name", "the name of the party"));
        }
        let list = list(&sheet, row, "denied_persons")?;
        let key = [cell("name"), cell("effective_date"), cell("fr_citation")];
        let party = regroup.party(&key, |id| {
            let source = Format::BisDplTxt.source();
            let position = gather.position(row.line);
            Party::named(source, list, id, Kind::Unknown, cell("name"), position)
        });
        let Some(party) = party else { continue };
        party.listed_from = us_date(cell("effective_date"));
        party.listed_to = us_date(cell("expiration_date"));
        party.add_citation(cell("fr_citation"));
        let parts = ["street_address", "city", "state", "postal_code", "country"].map(cell);
        party.add_address(&parts, country(cell("country")));
        add_new_remark(party, "Standard order", cell("standard_order"));
        add_new_remark(party, "Action", cell("action"));
        add_new_remark(party, "Last update", cell("last_update"));
    }
    regroup.finish(gather)
}

/// Adds a labelled remark that the rows before did not have.
fn add_new_remark(party: &mut Party, label: &str, text: &str) {
    let remark = format!("{label}: {text}");
    if !text.is_empty() && !party.remarks.split("; ").any(|r| r == remark) {
        party.add_remark(&remark);
    }
}

/// Reads a table of trade.gov's layout with a row for each pair of address and alias (31 columns).
pub(crate) fn read_source_list(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::UsSourceListCsv);
    let layout = Layout {
        separator: ',',
        titles: 0,
        required: &[
            "source list",
            "entity number",
            "sdn type",
            "programs",
            "name",
            "address",
            "city",
            "country",
            "federal register notice",
            "effective date",
            "license requirement",
            "license policy",
            "alternate name",
            "web link",
        ],
        least: usize::MAX,
        name: "name",
    };
    let sheet = Sheet::read(file, &layout, &mut gather)?;
    let mut regroup = Regroup::new();
    for row in &sheet.rows {
        let cell = |name| sheet.cell(row, name);
        if cell("name").is_empty() {
            return Err(sheet.refuse(row, "name", "name", "the name of the party"));
        }
        let mark = cell("source list");
        let known = KNOWN_LISTS
            .iter()
            .find(|l| !l.csl.is_empty() && l.csl == mark);
        let known = known.ok_or_else(|| {
            let expected = format!("one of {}", known_csl_marks());
            sheet.refuse(row, "source list", "source list", &expected)
        })?;
        let kind = Kind::of_us_word(cell("sdn type"))
            .ok_or_else(|| sheet.refuse(row, "sdn type", "type", US_WORDS))?;
        let key = [
            mark,
            cell("entity number"),
            cell("name"),
            cell("federal register notice"),
            cell("effective date"),
        ];
        let party = regroup.party(&key, |id| {
            let source = Format::UsSourceListCsv.source();
            let position = gather.position(row.line);
            Party::named(source, ListId::of(known), id, kind, cell("name"), position)
        });
        let Some(party) = party else { continue };
        source_list_row(party, &cell);
    }
    regroup.finish(gather)
}

fn source_list_row<'a>(party: &mut Party, cell: &impl Fn(&'static str) -> &'a str) {
    party.listed_from = us_date(cell("effective date"));
    party.listed_to = us_date(cell("date lifted/waived/expired"));
    cell("license requirement").clone_into(&mut party.licence_requirement);
    cell("license policy").clone_into(&mut party.licence_policy);
    party.add_citation(cell("federal register notice"));
    if party.title.is_empty() {
        cell("title").clone_into(&mut party.title);
    }
    for programme in cell("programs").split(';') {
        party.add_programme(programme);
    }
    let place = cell("country");
    let parts = [
        "address",
        "city",
        "state/province",
        "postal code",
        "country",
    ]
    .map(cell);
    party.add_address(&parts, country(place));
    let quality = if cell("alternate remarks")
        .to_ascii_lowercase()
        .contains("weak")
    {
        Quality::Weak
    } else {
        Quality::Strong
    };
    party.add_name(cell("alternate name"), quality);
    party.add_identifier("Call sign", cell("call sign"), None);
    party.countries.extend(country(cell("vessel flag")));
    for (label, column) in [
        ("Vessel type", "vessel type"),
        ("Gross tonnage", "gross tonnage"),
        ("Gross registered tonnage", "gross register tonnage"),
        ("Vessel owner", "vessel owner"),
        ("Standard order", "standard order"),
        ("Remarks", "remarks/notes"),
        ("Address remarks", "address remarks"),
    ] {
        add_new_remark(party, label, cell(column));
    }
}

/// Reads a table as the supplements to 15 CFR part 744 are published: country, name, address,
/// citation. Which list it is follows from its columns, else from the file's name.
pub(crate) fn read_supplement(file: &Opened<'_>, format: Format) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, format);
    let layout = Layout {
        separator: ',',
        titles: 0,
        required: &["country"],
        least: 3,
        name: "name",
    };
    let mut sheet = Sheet::read(file, &layout, &mut gather)?;
    for (column, name) in [
        ("entity", "name"),
        ("listed person", "name"),
        ("addresses", "address"),
    ] {
        if sheet.column(name) == sheet.header.len()
            && let Some(header) = sheet.header.iter_mut().find(|h| *h == column)
        {
            name.clone_into(header);
        }
    }
    let id = match format {
        Format::BisEntityListCsv => "entity_list",
        Format::BisMeuCsv => "meu_list",
        _ => "unverified",
    };
    let mut regroup = Regroup::new();
    for row in &sheet.rows {
        let cell = |name| sheet.cell(row, name);
        let list = list(&sheet, row, id)?;
        let mut names = cell("name").split(", a.k.a.").map(str::trim);
        let primary = names.next().unwrap_or_default().trim_end_matches(',');
        if primary.is_empty() {
            return Err(sheet.refuse(row, "name", "name", "the name of the party"));
        }
        let place = cell("country");
        if place.is_empty() {
            return Err(sheet.refuse(row, "country", "country", "the name of a country"));
        }
        // The Entity List has sections for regions that no code stands for.
        let code = country(place);
        if code.is_none() {
            let message =
                format!("`{place}` is not the name of a country; it stands in the address");
            gather.problem_once(row.line, &message);
        }
        let party = regroup.party(&[place, cell("name")], |record| {
            let position = gather.position(row.line);
            Party::named(
                format.source(),
                list,
                record,
                Kind::Unknown,
                primary,
                position,
            )
        });
        let Some(party) = party else { continue };
        for name in names {
            party.add_name(name.trim_matches([',', ' ']), Quality::Strong);
        }
        party.countries.extend(code);
        // Some addresses end in the country's name, some do not.
        let address = cell("address");
        let parts = if address.ends_with(place) {
            [address, ""]
        } else {
            [address, place]
        };
        if !address.is_empty() || code.is_none() {
            party.add_address(&parts, code);
        }
        for (column, label) in sheet.header.iter().map(|h| (h.as_str(), h.as_str())) {
            match column {
                "country" | "name" | "address" => {}
                "license requirement" => {
                    cell("license requirement").clone_into(&mut party.licence_requirement)
                }
                "license review policy" | "license policy" => {
                    row.text(sheet.column(column))
                        .clone_into(&mut party.licence_policy);
                }
                _ if column.starts_with("federal register") => {
                    party.add_citation(row.text(sheet.column(column)));
                }
                _ => add_new_remark(party, label, row.text(sheet.column(column))),
            }
        }
    }
    regroup.finish(gather)
}

/// Reads State's nonproliferation sanctions (9 columns).
pub(crate) fn read_nonproliferation(file: &Opened<'_>) -> Result<Reading, ListError> {
    let mut gather = Gather::new(file, Format::StateIsnCsv);
    let layout = Layout {
        separator: ',',
        titles: 0,
        required: &[
            "source list",
            "programs",
            "name",
            "alternative names",
            "country",
            "federal register notice",
            "effective date",
            "remarks/notes",
            "web link",
        ],
        least: usize::MAX,
        name: "name",
    };
    let sheet = Sheet::read(file, &layout, &mut gather)?;
    let mut regroup = Regroup::new();
    for row in &sheet.rows {
        let cell = |name| sheet.cell(row, name);
        if cell("name").is_empty() {
            return Err(sheet.refuse(row, "name", "name", "the name of the party"));
        }
        let list = list(&sheet, row, "nonproliferation")?;
        // A party is sanctioned under several laws, each a row.
        let party = regroup.party(&[cell("name"), cell("country")], |id| {
            let source = Format::StateIsnCsv.source();
            Party::named(
                source,
                list,
                id,
                Kind::Unknown,
                cell("name"),
                gather.position(row.line),
            )
        });
        let Some(party) = party else { continue };
        let separator = if cell("alternative names").contains(';') {
            ';'
        } else {
            ','
        };
        for name in cell("alternative names").split(separator) {
            party.add_name(name, Quality::Strong);
        }
        party.add_programme(cell("programs"));
        party.countries.extend(country(cell("country")));
        party.add_citation(cell("federal register notice"));
        let from = us_date(cell("effective date"));
        if party.listed_from.is_empty() || from < party.listed_from {
            party.listed_from = from;
        }
        add_new_remark(party, "Remarks", cell("remarks/notes"));
    }
    regroup.finish(gather)
}

/// Reads State's parties debarred under section 38 of the AECA.
pub(crate) fn read_debarred(file: &Opened<'_>) -> Result<Reading, ListError> {
    const NAME: &str = "debarred party full name and alias";
    let mut gather = Gather::new(file, Format::StateDebarredCsv);
    let layout = Layout {
        separator: ',',
        titles: 0,
        required: &[NAME, "date of birth", "notice", "notice date"],
        least: usize::MAX,
        name: NAME,
    };
    let sheet = Sheet::read(file, &layout, &mut gather)?;
    let mut regroup = Regroup::new();
    for row in &sheet.rows {
        let cell = |name| sheet.cell(row, name);
        let (name, aliases) = match cell(NAME).split_once("(a.k.a.") {
            Some((name, rest)) => (name.trim(), rest.trim_end_matches(')')),
            None => (cell(NAME), ""),
        };
        if name.is_empty() {
            return Err(sheet.refuse(row, NAME, "name", "the name of the party"));
        }
        let list = list(&sheet, row, "dtc_debarred")?;
        let key = [cell(NAME), cell("date of birth"), cell("notice")];
        let party = regroup.party(&key, |id| {
            let source = Format::StateDebarredCsv.source();
            Party::named(
                source,
                list,
                id,
                Kind::Unknown,
                name,
                gather.position(row.line),
            )
        });
        let Some(party) = party else { continue };
        for alias in aliases.split(';') {
            party.add_name(alias, Quality::Strong);
        }
        party.add_birth(cell("date of birth"));
        party.listed_from = us_date(cell("notice date"));
        party.add_citation(cell("notice"));
        party.add_citation(cell("corrected notice"));
        add_new_remark(
            party,
            "Corrected notice date",
            cell("corrected notice date"),
        );
    }
    regroup.finish(gather)
}
