//! Files of one publication in, one [`Reading`] out.

use std::collections::BTreeMap;

use crate::detect::{detect_format, stray};
use crate::error::{ListError, Place};
pub(crate) use crate::format::Format;
use crate::input::{SourceFile, decompress, sha256_hex, utf8};
use crate::list_id::ListId;
use crate::party::{Kind, Party};
use crate::table::{Record, RecordEnd, Table};
use crate::{
    ca_sema, csl, csl_json, eu, eu_csv, jp_meti, ofac, ofac_xml, opensanctions, own, uk, un_xml,
    us_tables,
};

/// What the caller knows of a publication and its files do not say.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Day the publisher's data is of (`YYYY-MM-DD`); empty when not known.
    pub data_date: String,
    /// Most uncompressed bytes a file may have.
    pub size_limit: u64,
}

impl Default for ReadOptions {
    /// No date; 256 MiB, some forty times the complete Consolidated Screening List.
    fn default() -> Self {
        Self {
            data_date: String::new(),
            size_limit: 256 << 20,
        }
    }
}

/// One list of one publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// Source word of the publication (`us_csl`, …).
    pub source: String,
    /// The list.
    pub list: ListId,
    /// Its title.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Day of the data (`YYYY-MM-DD`); empty when not known.
    pub data_date: String,
    /// Parties on it.
    pub parties: u64,
    /// File it was read from (the primary file of a set).
    pub file: String,
    /// SHA-256 of that file's uncompressed content, hexadecimal; of a set: of the files' digests.
    pub file_sha256: String,
    /// True for the fictional list that ships with the product: answers resting on it alone are
    /// incomplete.
    pub example: bool,
}

/// Something odd that does not make a file unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File name.
    pub file: String,
    /// Line, 0 where the whole file is meant.
    pub line: u64,
    /// What is odd and what follows from it.
    pub message: String,
}

/// A publication, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its format.
    pub format: Format,
    /// Source records (rows of the primary file, elements of a document).
    pub records: u64,
    /// The same by kind of party; empty where every record is a party of its own.
    pub records_by_kind: BTreeMap<Kind, u64>,
    /// Its lists, by identifier.
    pub sources: Vec<SourceInfo>,
    /// Its parties, in file order.
    pub parties: Vec<Party>,
    /// Oddities met.
    pub problems: Vec<Problem>,
}

/// The format of `files`, told from names and headers.
///
/// # Errors
/// [`ListError::UnknownFormat`]; [`ListError::MissingFile`] for an OFAC set without its primary
/// file; damage found on the way (gzip, UTF-8, size).
pub fn detect(files: &[SourceFile<'_>], options: &ReadOptions) -> Result<Format, ListError> {
    detect_format(&Opened::all(files, options)?)
}

/// Reads one publication: a single file, or the files of a set together.
///
/// Formats ([`Format`]) are detected from content, and from names where files of a set have no
/// header. The own-list CSV has a header of these columns, in any order; values
/// within a cell are separated by `|`:
/// `party_id`, `list` (an identifier of [`crate::KNOWN_LISTS`] or `own_…`), `type` (`person`,
/// `organisation`, `vessel`, `aircraft`, `unknown`), `name` are required; `aliases`,
/// `weak_aliases`, `title`, `addresses`, `countries` (ISO 3166-1 alpha-2), `identifiers`
/// (`kind:value` or `kind:value:country`), `births`, `gender` (`female`, `male`), `programmes`, `citations`, `listed_from`,
/// `listed_to`, `licence_requirement`, `licence_policy`, `remarks`, `example` (`true` or `false`)
/// may be left out.
///
/// # Errors
/// Any damage refuses the whole publication; see [`ListError`].
pub fn read(files: &[SourceFile<'_>], options: &ReadOptions) -> Result<Reading, ListError> {
    let opened = Opened::all(files, options)?;
    let format = detect_format(&opened)?;
    let mut reading = match (format, opened.as_slice()) {
        (Format::OfacSdnCsv, files) => ofac::read(&ofac::SDN, files),
        (Format::OfacConsolidatedCsv, files) => ofac::read(&ofac::CONSOLIDATED, files),
        (Format::UkTablesCsv, files) => uk::read_tables(files),
        (format, [file]) => read_file(format, file),
        (_, files) => Err(stray(files)),
    }?;
    for source in &mut reading.sources {
        // What the publisher's own file states counts before what the caller was told.
        if source.data_date.is_empty() {
            source.data_date.clone_from(&options.data_date);
        }
    }
    Ok(reading)
}

fn read_file(format: Format, file: &Opened<'_>) -> Result<Reading, ListError> {
    match format {
        Format::UsCslCsv => csl::read(file),
        Format::UsCslJson | Format::UsCslReducedJson => csl_json::read(file),
        Format::OfacSdnXml | Format::OfacConsolidatedXml => ofac_xml::read_classic(file),
        Format::OfacSdnEnhancedXml | Format::OfacConsolidatedEnhancedXml => {
            ofac_xml::read_enhanced(file)
        }
        Format::BisDplTxt => us_tables::read_dpl(file),
        Format::UsSourceListCsv => us_tables::read_source_list(file),
        Format::BisEntityListCsv | Format::BisMeuCsv | Format::BisUnverifiedCsv => {
            us_tables::read_supplement(file, format)
        }
        Format::StateIsnCsv => us_tables::read_nonproliferation(file),
        Format::StateDebarredCsv => us_tables::read_debarred(file),
        Format::UnScXml => un_xml::read(file),
        Format::EuFsfXml => eu::read_xml(file),
        Format::EuFsfCsv => eu_csv::read(file),
        Format::EuFsfJsonl => eu::read_lines(file),
        Format::UkSanctionsListCsv | Format::UkOfsiCsv => uk::read_csv(file),
        Format::UkSanctionsListOds | Format::UkOfsiOds => uk::read_ods(file),
        Format::UkSanctionsListXml => uk::read_xml(file),
        Format::CaSemaXml => ca_sema::read(file),
        Format::JpMetiXlsx => jp_meti::read(file),
        Format::OpenSanctionsJsonl => opensanctions::read(file),
        Format::OwnCsv => own::read(file),
        // Sets: the caller has them with all their files.
        Format::OfacSdnCsv | Format::OfacConsolidatedCsv | Format::UkTablesCsv => {
            Err(stray(std::slice::from_ref(file)))
        }
    }
}

/// A file, uncompressed and named without `.gz`.
pub(crate) struct Opened<'a> {
    pub name: String,
    pub bytes: std::borrow::Cow<'a, [u8]>,
}

impl<'a> Opened<'a> {
    pub fn all(files: &[SourceFile<'a>], options: &ReadOptions) -> Result<Vec<Self>, ListError> {
        files
            .iter()
            .map(|f| {
                Ok(Self {
                    name: without_gz(f.name).to_owned(),
                    bytes: decompress(f.name, f.bytes, options.size_limit)?,
                })
            })
            .collect()
    }

    pub fn text(&self) -> Result<&str, ListError> {
        utf8(&self.name, &self.bytes)
    }

    pub fn sha256(&self) -> String {
        sha256_hex(&self.bytes)
    }
}

/// The name of a compressed file when it is uncompressed.
fn without_gz(name: &str) -> &str {
    match name
        .len()
        .checked_sub(3)
        .and_then(|at| name.split_at_checked(at))
    {
        Some((plain, end)) if end.eq_ignore_ascii_case(".gz") => plain,
        _ => name,
    }
}

/// A table with a header: columns by name, records of exactly that width.
pub(crate) struct Headed {
    pub file: String,
    pub header: Vec<String>,
    pub records: Vec<Record>,
}

impl Headed {
    /// Checks header, width, repeated headers and a cut-off last record.
    pub fn new(file: &str, table: Table) -> Result<Self, ListError> {
        let Some(first) = table.records.first() else {
            return Err(ListError::Empty {
                place: Place::line(file, 1),
            });
        };
        let mut header: Vec<String> = Vec::new();
        for field in &first.fields {
            let name = field.text.trim().to_lowercase();
            if header.contains(&name) {
                return Err(ListError::DuplicateColumn {
                    place: Place::at(file, field.line, field.column),
                    column: name,
                });
            }
            header.push(name);
        }
        table.check_width(file, header.len())?;
        let records: Vec<Record> = table.records.into_iter().skip(1).collect();
        if records.is_empty() {
            return Err(ListError::Empty {
                place: Place::line(file, 1),
            });
        }
        for record in &records {
            let names = record.fields.iter().map(|f| f.text.trim().to_lowercase());
            if names.eq(header.iter().cloned()) {
                return Err(ListError::RepeatedHeader {
                    place: Place::line(file, record.line),
                });
            }
        }
        Ok(Self {
            file: file.to_owned(),
            header,
            records,
        })
    }

    /// Refuses a file whose last record has neither a line end nor a closing quote: nothing tells
    /// whether more was to come, and everything after it would be cleared in silence.
    pub fn refuse_open_end(&self) -> Result<(), ListError> {
        match self.open_end() {
            Some(r) => Err(ListError::Truncated {
                place: r.end_place(&self.file),
                detail: "no line end after the last column".to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// The last record where it has neither a line end nor a closing quote.
    pub fn open_end(&self) -> Option<&Record> {
        let open =
            |r: &&Record| r.end == RecordEnd::File && r.fields.last().is_some_and(|f| !f.quoted);
        self.records.last().filter(open)
    }

    pub fn require(&self, columns: &[&str]) -> Result<(), ListError> {
        match columns
            .iter()
            .find(|c| !self.header.iter().any(|h| h == *c))
        {
            None => Ok(()),
            Some(column) => Err(ListError::MissingColumn {
                place: Place::line(&self.file, 1),
                column: (*column).to_owned(),
            }),
        }
    }

    /// Index of `column`, or one past the last when the file has no such column.
    pub fn column(&self, column: &str) -> usize {
        self.header
            .iter()
            .position(|h| h == column)
            .unwrap_or(self.header.len())
    }
}

/// [`SourceInfo`] per list of `parties`, all from one file.
pub(crate) fn sources(parties: &[Party], file: &str, file_sha256: &str) -> Vec<SourceInfo> {
    let mut sources: Vec<SourceInfo> = Vec::new();
    for party in parties {
        if let Some(info) = sources.iter_mut().find(|s| s.list == party.list) {
            info.parties += 1;
            info.example &= party.example;
            continue;
        }
        let known = party.list.known();
        sources.push(SourceInfo {
            source: party.source.clone(),
            list: party.list.clone(),
            title: known.map_or_else(|| party.list.to_string(), |l| l.title.to_owned()),
            publisher: known.map_or_else(|| "operator".to_owned(), |l| l.publisher.to_owned()),
            data_date: String::new(),
            parties: 1,
            file: file.to_owned(),
            file_sha256: file_sha256.to_owned(),
            example: party.example,
        });
    }
    sources.sort_by(|a, b| a.list.cmp(&b.list));
    sources
}

/// Makes identifiers unique within a reading: the second record of one identifier becomes `…#2`.
pub(crate) fn number_repeats(parties: &mut [Party], problems: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for party in parties {
        let count: &mut u32 = seen.entry(party.id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            problems.push(Problem {
                file: party.position.file.clone(),
                line: party.position.line,
                message: format!(
                    "identifier `{}` occurs again; kept as a record of its own",
                    party.id
                ),
            });
            party.id = format!("{}#{count}", party.id);
        }
    }
}
