//! Files of one publication in, one [`Reading`] out.

use crate::error::{ListError, Place};
use crate::input::{SourceFile, decompress, sha256_hex, utf8};
use crate::list_id::ListId;
use crate::party::Party;
use crate::table::{Record, RecordEnd, Table};
use crate::{csl, ofac, own};

/// A format of party lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The US Consolidated Screening List as CSV (28 columns in 2019, 29 with `_id` since).
    UsCslCsv,
    /// OFAC's SDN list: sdn.csv, add.csv, alt.csv and sdn_comments.csv.
    OfacSdnCsv,
    /// OFAC's consolidated non-SDN list: cons_prim.csv, cons_add.csv, cons_alt.csv, cons_comments.csv.
    OfacConsolidatedCsv,
    /// The concord own-list CSV (see docs of [`read`]).
    OwnCsv,
}

impl Format {
    /// Stable word for the format, as `concord lists inspect` prints it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UsCslCsv => "us_csl_csv",
            Self::OfacSdnCsv => "ofac_sdn_csv",
            Self::OfacConsolidatedCsv => "ofac_consolidated_csv",
            Self::OwnCsv => "own_csv",
        }
    }

    /// The source word that party identifiers of this format begin with.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::UsCslCsv => "us_csl",
            Self::OfacSdnCsv => "us_ofac_sdn",
            Self::OfacConsolidatedCsv => "us_ofac_cons",
            Self::OwnCsv => "own",
        }
    }
}

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
    /// Source records (rows of the primary file).
    pub records: u64,
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

/// Reads one publication: a single CSV, or the files of an OFAC set together.
///
/// Formats are detected. The own-list CSV has a header of these columns, in any order; values
/// within a cell are separated by `|`:
/// `party_id`, `list` (an identifier of [`crate::KNOWN_LISTS`] or `own_…`), `type` (`person`,
/// `organisation`, `vessel`, `aircraft`, `unknown`), `name` are required; `aliases`,
/// `weak_aliases`, `title`, `addresses`, `countries` (ISO 3166-1 alpha-2), `identifiers`
/// (`kind:value` or `kind:value:country`), `births`, `programmes`, `citations`, `listed_from`,
/// `listed_to`, `licence_requirement`, `licence_policy`, `remarks`, `example` (`true` or `false`)
/// may be left out.
///
/// # Errors
/// Any damage refuses the whole publication; see [`ListError`].
pub fn read(files: &[SourceFile<'_>], options: &ReadOptions) -> Result<Reading, ListError> {
    let opened = Opened::all(files, options)?;
    let format = detect_format(&opened)?;
    let mut reading = match (format, opened.as_slice()) {
        (Format::UsCslCsv, [file]) => csl::read(file),
        (Format::OwnCsv, [file]) => own::read(file),
        (Format::OfacSdnCsv, files) => ofac::read(&ofac::SDN, files),
        (Format::OfacConsolidatedCsv, files) => ofac::read(&ofac::CONSOLIDATED, files),
        (Format::UsCslCsv | Format::OwnCsv, files) => Err(stray(files)),
    }?;
    for source in &mut reading.sources {
        source.data_date.clone_from(&options.data_date);
    }
    Ok(reading)
}

/// A file, uncompressed and named without `.gz`.
pub(crate) struct Opened<'a> {
    pub name: String,
    pub bytes: std::borrow::Cow<'a, [u8]>,
}

impl<'a> Opened<'a> {
    fn all(files: &[SourceFile<'a>], options: &ReadOptions) -> Result<Vec<Self>, ListError> {
        files
            .iter()
            .map(|f| {
                Ok(Self {
                    name: f.name.strip_suffix(".gz").unwrap_or(f.name).to_owned(),
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

fn detect_format(files: &[Opened<'_>]) -> Result<Format, ListError> {
    for set in [&ofac::SDN, &ofac::CONSOLIDATED] {
        if let Some(format) = set.recognise(files)? {
            return Ok(format);
        }
    }
    let Some(first) = files.first() else {
        return Err(ListError::UnknownFormat {
            file: String::new(),
        });
    };
    if files.len() > 1 {
        return Err(stray(files));
    }
    // Only the header: a damaged body is the reader's to report.
    let head = first
        .bytes
        .split(|b| *b == b'\n')
        .next()
        .unwrap_or_default();
    let head = String::from_utf8_lossy(head).replace('"', "");
    let names: Vec<&str> = head
        .trim_start_matches('\u{feff}')
        .trim()
        .split(',')
        .collect();
    let has = |name: &str| names.contains(&name);
    if has("party_id") && has("list") {
        Ok(Format::OwnCsv)
    } else if csl::COLUMNS.iter().filter(|c| has(c)).count() * 2 > csl::COLUMNS.len() {
        Ok(Format::UsCslCsv)
    } else {
        Err(ListError::UnknownFormat {
            file: first.name.clone(),
        })
    }
}

fn stray(files: &[Opened<'_>]) -> ListError {
    let file = files
        .get(1)
        .or(files.first())
        .map(|f| f.name.clone())
        .unwrap_or_default();
    ListError::StrayFile {
        set: "single-file list",
        file,
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
                file: file.to_owned(),
            });
        };
        let mut header: Vec<String> = Vec::new();
        for field in &first.fields {
            if header.contains(&field.text) {
                return Err(ListError::DuplicateColumn {
                    place: Place::at(file, first.line, field.column),
                    column: field.text.clone(),
                });
            }
            header.push(field.text.clone());
        }
        table.check_width(file, header.len())?;
        let records: Vec<Record> = table.records.into_iter().skip(1).collect();
        if records.is_empty() {
            return Err(ListError::Empty {
                file: file.to_owned(),
            });
        }
        for record in &records {
            if record.fields.iter().map(|f| &f.text).eq(&header) {
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
        match self.records.last() {
            Some(r) if r.end == RecordEnd::File && r.fields.last().is_some_and(|f| !f.quoted) => {
                Err(ListError::Truncated {
                    place: Place::line(&self.file, r.line),
                    detail: "no line end after the last column".to_owned(),
                })
            }
            _ => Ok(()),
        }
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

impl Record {
    /// Text of column `index` without white space at its ends; empty for a column that is absent.
    pub fn text(&self, index: usize) -> &str {
        self.fields.get(index).map_or("", |f| f.text.trim())
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
    let mut seen = std::collections::BTreeMap::new();
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
