//! OFAC's CSV sets: a primary file, addresses, aliases and remarks that overflow.
//!
//! No file has a header; `-0- ` stands for nothing; a closing 0x1A (DOS end of file) marks a
//! complete file.

use std::collections::BTreeMap;

use crate::country::CountryCode;
use crate::error::{ListError, Place};
use crate::input::sha256_hex;
use crate::list_id::ListId;
use crate::ofac_remarks;
use crate::party::{Kind, Party, Position, Quality};
use crate::read::{Format, Opened, Problem, Reading, sources};
use crate::table::{Record, RecordEnd, parse};

/// Names of one set's files.
#[derive(Debug)]
pub(crate) struct Set {
    format: Format,
    title: &'static str,
    primary: &'static str,
    address: &'static str,
    alias: &'static str,
    comments: &'static str,
}

pub(crate) const SDN: Set = Set {
    format: Format::OfacSdnCsv,
    title: "OFAC SDN",
    primary: "sdn.csv",
    address: "add.csv",
    alias: "alt.csv",
    comments: "sdn_comments.csv",
};

pub(crate) const CONSOLIDATED: Set = Set {
    format: Format::OfacConsolidatedCsv,
    title: "OFAC consolidated",
    primary: "cons_prim.csv",
    address: "cons_add.csv",
    alias: "cons_alt.csv",
    comments: "cons_comments.csv",
};

impl Set {
    fn names(&self) -> [&'static str; 4] {
        [self.primary, self.address, self.alias, self.comments]
    }

    /// The set's format when one of `files` bears one of its names.
    pub fn recognise(&self, files: &[Opened<'_>]) -> Result<Option<Format>, ListError> {
        let ours = |f: &&Opened<'_>| self.names().iter().any(|n| f.name.eq_ignore_ascii_case(n));
        if files.iter().find(ours).is_none() {
            return Ok(None);
        }
        if let Some(other) = files.iter().find(|f| !ours(f)) {
            return Err(ListError::StrayFile {
                set: self.title,
                file: other.name.clone(),
            });
        }
        for file in [self.primary, self.address, self.alias] {
            if !files.iter().any(|f| f.name.eq_ignore_ascii_case(file)) {
                return Err(ListError::MissingFile {
                    set: self.title,
                    file,
                });
            }
        }
        Ok(Some(self.format))
    }

    /// Which publication; its CSV's format stands for it.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The list that a record with these programmes is on.
    pub fn list(&self, programmes: &[String]) -> Option<ListId> {
        if self.format == Format::OfacSdnCsv {
            return ListId::new("sdn");
        }
        // Only where the programme names the sub-list; EO 14024 alone may be CAPTA or menu-based.
        let id = programmes.iter().find_map(|p| match p.as_str() {
            "NS-PLC" => Some("plc"),
            "UKRAINE-EO13662" => Some("ssi"),
            "CMIC-EO13959" => Some("cmic"),
            "CAATSA - RUSSIA" | "BURMA-EO14014" | "ILLICIT-DRUGS-EO14059" => Some("mbs"),
            "561-Related" | "561List" | "561LIST" => Some("cap"),
            p if p.starts_with("FSE-") => Some("fse"),
            _ => None,
        });
        ListId::new(id.unwrap_or("ofac_consolidated"))
    }
}

/// One opened file of the set: its records, checked for width and for a whole end.
struct Rows {
    name: String,
    records: Vec<Record>,
}

impl Rows {
    fn open(
        files: &[Opened<'_>],
        name: &str,
        width: usize,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Self>, ListError> {
        let Some(file) = files.iter().find(|f| f.name.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        let table = parse(&file.name, file.text()?)?;
        table.check_width(&file.name, width)?;
        if let (false, Some(last)) = (table.end_mark, table.records.last()) {
            let mut message =
                "no end mark 0x1A after the last record; the copy may lack its end".to_owned();
            if last.end == RecordEnd::File && last.text(width - 1) == "-0" {
                message.push_str(" (it stops inside the null mark `-0-`)");
            }
            problems.push(Problem {
                file: file.name.clone(),
                line: last.line,
                message,
            });
        }
        Ok(Some(Self {
            name: file.name.clone(),
            records: table.records,
        }))
    }

    fn number(&self, record: &Record) -> Result<u64, ListError> {
        let text = record.text(0);
        text.parse().map_err(|_| ListError::Value {
            place: Place::at(&self.name, record.line, 1),
            field: "entity number",
            value: text.to_owned(),
            expected: "a whole number".to_owned(),
        })
    }
}

impl Rows {
    /// The records by the entity number they belong to; one that belongs to none is refused, since
    /// then the files are of different dates and other records are missing too.
    fn by_number(
        &self,
        primary: &str,
        lines: &BTreeMap<u64, u64>,
    ) -> Result<BTreeMap<u64, Vec<&Record>>, ListError> {
        let mut by_number: BTreeMap<u64, Vec<&Record>> = BTreeMap::new();
        for record in &self.records {
            let number = self.number(record)?;
            if !lines.contains_key(&number) {
                return Err(ListError::Orphan {
                    place: Place::line(&self.name, record.line),
                    value: number.to_string(),
                    primary: primary.to_owned(),
                });
            }
            by_number.entry(number).or_default().push(record);
        }
        Ok(by_number)
    }
}

pub(crate) fn read(set: &Set, files: &[Opened<'_>]) -> Result<Reading, ListError> {
    let mut problems = Vec::new();
    let missing = |file| ListError::MissingFile {
        set: set.title,
        file,
    };
    let mut open = |name, width| Rows::open(files, name, width, &mut problems);
    let primary = open(set.primary, 12)?.ok_or_else(|| missing(set.primary))?;
    let address = open(set.address, 6)?.ok_or_else(|| missing(set.address))?;
    let alias = open(set.alias, 5)?.ok_or_else(|| missing(set.alias))?;
    let comments = open(set.comments, 2)?;
    if primary.records.is_empty() {
        return Err(ListError::Empty {
            place: Place::line(&primary.name, 1),
        });
    }

    let mut lines: BTreeMap<u64, u64> = BTreeMap::new();
    for record in &primary.records {
        let number = primary.number(record)?;
        if let Some(first_line) = lines.insert(number, record.line) {
            return Err(ListError::DuplicateId {
                place: Place::line(&primary.name, record.line),
                field: "entity number",
                value: number.to_string(),
                first_line,
            });
        }
    }
    let address_of = address.by_number(&primary.name, &lines)?;
    let alias_of = alias.by_number(&primary.name, &lines)?;
    let overflow = overflow(set, comments.as_ref(), &lines, &mut problems)?;

    let mut parties = Vec::with_capacity(primary.records.len());
    for record in &primary.records {
        let number = primary.number(record)?;
        let mut party = primary_party(set, &primary, record, number)?;
        if let Some(more) = overflow.get(&number) {
            party.remarks.push_str(more);
        }
        for row in alias_of.get(&number).into_iter().flatten() {
            add_alias(&mut party, &alias, row)?;
        }
        for row in address_of.get(&number).into_iter().flatten() {
            add_address(&mut party, row);
        }
        ofac_remarks::apply(&mut party);
        parties.push(party.finished());
    }
    let digests: String = files
        .iter()
        .map(|f| format!("{} {}\n", f.sha256(), f.name))
        .collect();
    Ok(Reading {
        format: set.format,
        records: primary.records.len() as u64,
        records_by_kind: BTreeMap::new(),
        sources: sources(&parties, &primary.name, &sha256_hex(digests.as_bytes())),
        parties,
        problems,
    })
}

/// What a cell says; the null mark says nothing.
fn cell(record: &Record, index: usize) -> &str {
    match record.text(index) {
        "-0-" | "-0" => "",
        text => text,
    }
}

fn overflow(
    set: &Set,
    comments: Option<&Rows>,
    lines: &BTreeMap<u64, u64>,
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<u64, String>, ListError> {
    let mut overflow: BTreeMap<u64, String> = BTreeMap::new();
    let Some(comments) = comments else {
        problems.push(Problem {
            file: set.comments.to_owned(),
            line: 0,
            message: "absent; remarks longer than 1000 characters end early".to_owned(),
        });
        return Ok(overflow);
    };
    for record in &comments.records {
        let number = comments.number(record)?;
        if lines.contains_key(&number) {
            // Not trimmed: it continues a text that was cut at a fixed length.
            let text = record.fields.get(1).map_or("", |f| f.text.as_str());
            overflow.entry(number).or_default().push_str(text);
        } else {
            problems.push(Problem {
                file: comments.name.clone(),
                line: record.line,
                message: format!(
                    "entity number `{number}` is not in `{}`; remark not used",
                    set.primary
                ),
            });
        }
    }
    Ok(overflow)
}

fn primary_party(set: &Set, rows: &Rows, record: &Record, number: u64) -> Result<Party, ListError> {
    let value = |index: usize, field, expected: &str| ListError::Value {
        place: record.place(&rows.name, index),
        field,
        value: record.text(index).to_owned(),
        expected: expected.to_owned(),
    };
    let kind = match cell(record, 2) {
        "individual" => Kind::Person,
        "vessel" => Kind::Vessel,
        "aircraft" => Kind::Aircraft,
        "" | "entity" => Kind::Organisation,
        _ => return Err(value(2, "type", "individual, vessel, aircraft or -0-")),
    };
    if cell(record, 1).is_empty() {
        return Err(value(1, "name", "the name of the party"));
    }
    let programmes: Vec<String> = cell(record, 3)
        .split("] [")
        .map(|p| p.trim_matches(['[', ']', ' ']))
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .collect();
    let list = set
        .list(&programmes)
        .ok_or_else(|| value(3, "programme", "a known list"))?;
    let source = set.format.source();
    let position = Position {
        file: rows.name.clone(),
        line: record.line,
    };
    let number = number.to_string();
    let mut party = Party::named(source, list, &number, kind, cell(record, 1), position);
    cell(record, 4).clone_into(&mut party.title);
    party
        .countries
        .extend(CountryCode::of_name(cell(record, 9)));
    party.add_identifier("Call sign", cell(record, 5), None);
    party.programmes = programmes;
    cell(record, 11).clone_into(&mut party.remarks);
    Ok(party)
}

fn add_alias(party: &mut Party, rows: &Rows, record: &Record) -> Result<(), ListError> {
    if !matches!(cell(record, 2), "aka" | "fka" | "nka") {
        return Err(ListError::Value {
            place: record.place(&rows.name, 2),
            field: "alias type",
            value: record.text(2).to_owned(),
            expected: "aka, fka or nka".to_owned(),
        });
    }
    party.add_name(cell(record, 3), Quality::Strong);
    Ok(())
}

fn add_address(party: &mut Party, record: &Record) {
    let country = CountryCode::of_name(cell(record, 4));
    party.add_address(&[2, 3, 4].map(|i| cell(record, i)), country);
}
